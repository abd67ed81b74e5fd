//! The command line of cos-local; the library's documentation describes the server.

use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use cos_local::{CdnConfig, Config, Credential, Faults, Server};
use tokio::signal::unix::{SignalKind, signal};
use tracing::level_filters::LevelFilter;

/// A COS-compatible object store on this machine.
///
/// Prints `listening on http://ADDRESS` on standard output once it accepts connections, and a log
/// without secrets on standard error. SIGINT and SIGTERM let requests under way finish, for up to
/// ten seconds.
#[derive(Parser)]
#[command(version)]
struct Options {
    /// Folder for objects and metadata; made if missing
    #[arg(long, value_name = "DIR", default_value = "cos-local-data")]
    data: PathBuf,

    /// Address to listen on; port 0 takes any free port
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9000")]
    listen: SocketAddr,

    /// Bucket to create unless it exists, such as demo-1250000000; may be repeated
    #[arg(long = "bucket", value_name = "NAME-APPID")]
    buckets: Vec<String>,

    /// Region of the buckets
    #[arg(long, default_value = "ap-guangzhou")]
    region: String,

    /// Permanent secret id; without one, keys are generated at the first start, printed once and
    /// kept
    #[arg(
        long,
        value_name = "ID",
        env = "COS_SECRET_ID",
        requires = "secret_key",
        hide_env_values = true
    )]
    secret_id: Option<String>,

    /// Permanent secret key; better given in the environment, which other users cannot see
    #[arg(
        long,
        value_name = "KEY",
        env = "COS_SECRET_KEY",
        requires = "secret_id",
        hide_env_values = true
    )]
    secret_key: Option<String>,

    /// How far the server's clock runs ahead of the machine's
    #[arg(long, value_name = "SECONDS", default_value_t = 0, allow_negative_numbers = true)]
    clock_offset_seconds: i64,

    /// How long restoring an archived object takes
    #[arg(long, value_name = "SECONDS", default_value_t = 2)]
    restore_seconds: u32,

    /// File that puts a CDN before buckets: in TOML, a table [[domain]] with name, bucket and ttl for
    /// each domain, and in it [domain.authentication] with type (A, B, C or D), key and valid
    #[arg(long, value_name = "FILE")]
    cdn_config: Option<PathBuf>,

    /// Faults to inject into requests, such as seed=7,drop=5,delay=10:300
    ///
    /// After each name, the share of the requests for buckets and objects that meet the fault, in
    /// percent: drop (the connection closes before the request is carried out), lost (it is carried
    /// out, but the connection closes in place of the answer), 5xx and 429 (it is refused), truncate
    /// (the connection closes within the answer), corrupt (bits of content change on their way), delay
    /// (it waits, up to as many milliseconds as follow a colon; 1000 unless told otherwise), slow (it
    /// trickles, at as many KiB per second as follow a colon; 256 unless told otherwise). any spreads
    /// a share over all of them. Which requests meet one follows from seed and their order. `PUT
    /// /faults?drop=5` on this server's address changes them while it runs, and `GET /faults` counts
    #[arg(long, value_name = "SPEC", default_value_t, hide_default_value = true)]
    faults: Faults,

    /// File to write `listening on http://ADDRESS` to, besides standard output
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,

    /// How much to log
    #[arg(long, value_enum, default_value_t = Log::Info)]
    log: Log,
}

#[derive(Clone, Copy, ValueEnum)]
enum Log {
    Off,
    Error,
    Warn,
    Info,
    Debug,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let level = match options.log {
        Log::Off => LevelFilter::OFF,
        Log::Error => LevelFilter::ERROR,
        Log::Warn => LevelFilter::WARN,
        Log::Info => LevelFilter::INFO,
        Log::Debug => LevelFilter::DEBUG,
    };
    tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .init();
    let served = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime.block_on(run(options)),
        Err(error) => Err(error.into()),
    };
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cos-local: {error}");
            ExitCode::from(2)
        }
    }
}

async fn run(options: Options) -> Result<(), Box<dyn std::error::Error>> {
    // Registered before the server says that it is ready, so that no signal after that goes amiss.
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let credential = options
        .secret_id
        .zip(options.secret_key)
        .map(|(secret_id, secret_key)| Credential { secret_id, secret_key });
    let cdn = options.cdn_config.as_deref().map_or(Ok(CdnConfig::default()), read_cdn)?;
    let server = Server::bind(Config {
        data: options.data,
        listen: options.listen,
        buckets: options.buckets,
        region: options.region,
        credential,
        clock_offset: options.clock_offset_seconds,
        restore_seconds: options.restore_seconds,
        cdn,
        faults: options.faults,
    })
    .await?;
    announce(&server, options.ready_file)?;
    server
        .serve(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            tracing::info!("stopping");
        })
        .await;
    Ok(())
}

fn read_cdn(file: &Path) -> Result<CdnConfig, Box<dyn std::error::Error>> {
    let refused = |error: &dyn std::fmt::Display| {
        format!("cannot use the CDN configuration {}: {error}", file.display())
    };
    let text = std::fs::read_to_string(file).map_err(|error| refused(&error))?;
    Ok(CdnConfig::parse(&text).map_err(|error| refused(&error))?)
}

/// Says where the server is, and new keys.
fn announce(
    server: &Server,
    ready_file: Option<PathBuf>,
) -> Result<(), Box<dyn std::error::Error>> {
    let ready = format!("listening on http://{}\n", server.local_addr());
    let mut output = std::io::stdout().lock();
    output.write_all(ready.as_bytes())?;
    if server.credential_is_new() {
        let Credential { secret_id, secret_key } = server.credential();
        writeln!(
            output,
            "generated keys, not shown again:\n  COS_SECRET_ID={secret_id}\n  \
             COS_SECRET_KEY={secret_key}"
        )?;
    }
    output.flush()?;
    if let Some(file) = ready_file {
        std::fs::write(&file, ready)
            .map_err(|error| format!("cannot write the ready file {}: {error}", file.display()))?;
    }
    Ok(())
}
