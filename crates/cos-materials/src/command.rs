//! The commands, and what they share.

mod init;
mod inspect;
mod pull;
mod push;
mod rm;
mod status;
mod url;

use std::cell::OnceCell;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::{Args, Parser, Subcommand};
use cos_materials::bucket::Bucket;
use cos_materials::client::Settings as Connection;
use cos_materials::comparison::{Comparison, Inspections, compare};
use cos_materials::credential::{Found as Keys, Sources};
use cos_materials::failure::Failure;
use cos_materials::material::{self, Material};
use cos_materials::project::Project;

use crate::output::{Output, tell, warn};

/// Materials of a mini program - pictures, audio, video, fonts, data - in Tencent Cloud COS.
///
/// Keys come from --credentials, --sts, the environment (COS_SECRET_ID, COS_SECRET_KEY and
/// COS_SESSION_TOKEN, or Tencent's TENCENTCLOUD_SECRET_ID and so on) or the user's own credentials
/// file, in this order. The key of a CDN domain comes from COS_CDN_KEY or a credentials file.
///
/// Exit codes: 0 done; 1 the bucket or a file failed, or a question was answered with no; 2 the
/// command line, materials.toml or a material is wrong; 3 push --strict found files in the package
/// that would be better as materials; 130 interrupted.
#[derive(Parser)]
#[command(version)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) shared: Shared,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Args)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct Shared {
    /// Folder of the mini program's project, with materials.toml
    #[arg(long, global = true, value_name = "DIR", default_value = ".")]
    pub(crate) project: PathBuf,

    /// Print one JSON document on standard output instead of text
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// Print warnings and errors only
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,

    /// File with secret-id and secret-key, or sts-url
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) credentials: Option<PathBuf>,

    /// Server that hands out temporary keys; instead of servers.sts
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) sts: Option<String>,

    /// COS-compatible server to connect to; instead of servers.endpoint
    #[arg(long, global = true, value_name = "URL", env = "COS_MATERIALS_ENDPOINT")]
    pub(crate) endpoint: Option<String>,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Write a materials.toml to start from, and show how to push from the developer tools
    Init,
    /// Upload what is new or has changed, and write the manifest
    Push(push::Push),
    /// Download materials of the manifest that are not in the project
    Pull(pull::Pull),
    /// List materials and what the bucket has of earlier pushes
    List,
    /// Show what a push would do
    Diff,
    /// Remove materials from the bucket and the manifest
    Rm(rm::Rm),
    /// Print the URL of a material
    Url(url::Url),
    /// Show bucket, materials and the free quota
    Status,
}

/// Runs a command.
pub(crate) async fn run(command: Command, scene: &Scene) -> Result<(), Failure> {
    match command {
        Command::Init => init::run(scene),
        Command::Push(push) => push.run(scene).await,
        Command::Pull(pull) => pull.run(scene).await,
        Command::List => inspect::list(scene).await,
        Command::Diff => inspect::diff(scene).await,
        Command::Rm(rm) => rm.run(scene).await,
        Command::Url(url) => url.run(scene).await,
        Command::Status => status::run(scene).await,
    }
}

/// Where a command runs.
pub(crate) struct Scene {
    pub(crate) shared: Shared,
    pub(crate) output: Output,
    keys: OnceCell<Keys>,
}

impl Scene {
    pub(crate) fn new(shared: Shared, output: Output) -> Scene {
        Scene { shared, output, keys: OnceCell::new() }
    }

    pub(crate) fn project(&self) -> Result<Project, Failure> {
        Project::open(&self.shared.project)
    }

    /// The keys there are; warnings about them are told once.
    pub(crate) fn keys(&self, project: &Project) -> Result<&Keys, Failure> {
        if let Some(keys) = self.keys.get() {
            return Ok(keys);
        }
        let sts = self.shared.sts.clone().or_else(|| project.settings.servers.sts.clone());
        let file = self.shared.credentials.clone();
        let sources = Sources { file, sts, ..Sources::default() };
        let keys = sources.find(|name| std::env::var_os(name))?;
        keys.warnings.iter().for_each(|warning| warn(warning));
        Ok(self.keys.get_or_init(|| keys))
    }

    pub(crate) fn endpoint(&self, project: &Project) -> Option<String> {
        self.shared.endpoint.clone().or_else(|| project.settings.servers.endpoint.clone())
    }

    /// The project's bucket, with keys.
    pub(crate) fn bucket(&self, project: &Project) -> Result<Bucket, Failure> {
        let Some((credential, _)) = self.keys(project)?.credential.clone() else {
            let file = Sources::usual_file();
            let file = file.map_or(String::new(), |file| {
                format!(", write secret-id and secret-key into {}", file.display())
            });
            return Err(Failure::Usage(format!(
                "there are no keys: set COS_SECRET_ID and COS_SECRET_KEY{file}, or name an STS server as servers.sts in materials.toml"
            )));
        };
        let connection = Connection {
            credential: Some(credential),
            endpoint: self.endpoint(project),
            state: state_folder().map(|folder| folder.join("uploads")),
            warn: Arc::new(warn),
        };
        Bucket::open(&project.settings.bucket, connection)
    }

    /// The project's materials; what was left out is told.
    pub(crate) fn materials(&self, project: &Project) -> Result<Vec<Material>, Failure> {
        let found = material::find(project)?;
        found.warnings.iter().for_each(|warning| warn(warning));
        Ok(found.materials)
    }

    /// The project's materials beside the objects of its bucket.
    pub(crate) async fn compare(
        &self,
        project: &Project,
        bucket: &Bucket,
        materials: Vec<Material>,
    ) -> Result<Comparison, Failure> {
        let file = state_folder().map(|folder| folder.join(format!("{}.json", bucket.name())));
        let mut inspections = Inspections::load(file);
        let prefix = &project.settings.bucket.prefix;
        let comparison = compare(bucket, prefix, materials, &mut inspections).await?;
        inspections.store();
        Ok(comparison)
    }

    /// Asks before something is lost.
    pub(crate) async fn confirm(&self, question: &str, yes: bool) -> Result<(), Failure> {
        if yes {
            return Ok(());
        }
        if !std::io::stdin().is_terminal() {
            return Err(Failure::Usage(format!("{question} Pass --yes to say so.")));
        }
        {
            let mut errors = std::io::stderr().lock();
            let _ = write!(errors, "{question} [y/N] ").and_then(|()| errors.flush());
        }
        let read = tokio::task::spawn_blocking(|| {
            let mut answer = String::new();
            let _ = std::io::stdin().read_line(&mut answer);
            answer
        });
        // Once uploads have listened to Ctrl-C it does not end the program by itself any more.
        let answer = tokio::select! {
            answer = read => answer.unwrap_or_default(),
            _ = tokio::signal::ctrl_c() => {
                tell("");
                return Err(Failure::Interrupted("nothing was removed"));
            }
        };
        match answer.trim() {
            "y" | "Y" | "yes" => Ok(()),
            _ => Err(Failure::Declined),
        }
    }
}

/// Where records of interrupted uploads and of objects are kept: in the user's folder for the state
/// of programs, such as `~/.local/state`.
fn state_folder() -> Option<PathBuf> {
    use etcetera::BaseStrategy as _;
    let folders = etcetera::choose_base_strategy().ok()?;
    Some(folders.state_dir().unwrap_or_else(|| folders.cache_dir()).join("cos-materials"))
}

/// Milliseconds since 1970.
fn now() -> Result<u64, Failure> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let since = since
        .map_err(|_| Failure::Failed("the clock of this machine is wrong: set it".to_owned()))?;
    Ok(since.as_millis() as u64)
}
