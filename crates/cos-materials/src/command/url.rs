//! `cos-materials url`.

use clap::Args;
use cos_core::endpoint::Endpoint;
use cos_core::value::Value;
use cos_materials::failure::Failure;
use cos_materials::manifest::Manifest;
use cos_materials::project::Project;
use cos_materials::settings::Domain;
use serde::Serialize;

use super::{Scene, now};
use crate::output::warn;

/// Prints the URL of a material, signed where its domain needs that.
#[derive(Args)]
pub(crate) struct Url {
    /// The material as the code of the mini program calls it, such as img/hero.png
    #[arg(value_name = "PATH")]
    path: String,

    /// The domain; instead of domain.use
    #[arg(long, value_enum)]
    domain: Option<Domain>,

    /// Seconds that a temporary URL is good for; instead of domain.expires
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..))]
    expires: Option<u32>,
}

#[derive(Serialize)]
struct Document<'a> {
    path: &'a str,
    key: &'a str,
    domain: Domain,
    url: String,
    /// Milliseconds since 1970; nothing for URLs that are good for ever.
    expires: Option<u64>,
}

impl Url {
    pub(super) async fn run(self, scene: &Scene) -> Result<(), Failure> {
        let project = scene.project()?;
        let key = self.key(scene, &project)?;
        let domain = self.domain.unwrap_or(project.settings.domain.choice);
        if self.expires.is_some() && domain != Domain::Temporary {
            return Err(Failure::Usage(format!(
                "--expires is for temporary URLs, and this is a {} URL: add --domain temporary",
                domain.name()
            )));
        }
        let now = now()?;
        let (url, life) = self.make(scene, &project, domain, &key, now).await?;
        let expires = life.map(|seconds| now + u64::from(seconds) * 1000);
        let document = Document { path: &self.path, key: &key, domain, url, expires };
        scene.output.result(&document, &document.url);
        Ok(())
    }

    /// The object of the last push, else the one that a push would make.
    fn key(&self, scene: &Scene, project: &Project) -> Result<String, Failure> {
        let entries = Manifest::load(project)?.entries;
        if let Some(entry) = entries.into_iter().find(|entry| entry.path == self.path) {
            return Ok(entry.key);
        }
        let materials = scene.materials(project)?;
        let material = materials.into_iter().find(|material| material.path == self.path);
        let material = material.ok_or_else(|| {
            Failure::Usage(format!(
                "there is no material {}: `cos-materials list` shows what there is",
                self.path
            ))
        })?;
        warn(&format!("{} has not been pushed yet: the URL leads nowhere until then", self.path));
        Ok(material.key)
    }

    /// The URL and the seconds it is good for.
    async fn make(
        &self,
        scene: &Scene,
        project: &Project,
        domain: Domain,
        key: &str,
        now: u64,
    ) -> Result<(String, Option<u32>), Failure> {
        let settings = &project.settings;
        match domain {
            Domain::Temporary => {
                let expires = self.expires.unwrap_or(settings.domain.expires);
                let bucket = scene.bucket(project)?;
                let url = bucket.presigned(key, expires).await?;
                bucket.close().await;
                Ok((url, Some(expires)))
            }
            Domain::Cos => {
                let place = &settings.bucket;
                Ok((Endpoint::default().object_url(&place.name, &place.region, key), None))
            }
            Domain::Cdn => {
                let cdn = settings.domain.cdn.as_deref().ok_or_else(|| {
                    Failure::Usage(
                        "there is no CDN domain: write domain.cdn into materials.toml".to_owned(),
                    )
                })?;
                let mut params = Value::map().with("Domain", cdn).with("Key", key);
                let mut life = None;
                if let Some(authentication) = &settings.domain.authentication {
                    let key = scene.keys(project)?.cdn_key.as_ref().ok_or_else(|| {
                        Failure::Usage(
                            "the CDN domain authenticates URLs: set its key as COS_CDN_KEY"
                                .to_owned(),
                        )
                    })?;
                    for (name, value) in [
                        ("Type", authentication.kind.name()),
                        ("SignKey", key.reveal()),
                        ("SignParam", &authentication.sign_param),
                        ("TimeParam", &authentication.time_param),
                        ("TimeFormat", authentication.time_format.name()),
                    ] {
                        params.set(name, value);
                    }
                    life = Some(authentication.valid);
                }
                let random = getrandom::u32()
                    .map_err(|error| Failure::Failed(format!("there is no randomness: {error}")))?;
                Ok((cos_core::cdn::url(&params, random, now as f64)?, life))
            }
        }
    }
}
