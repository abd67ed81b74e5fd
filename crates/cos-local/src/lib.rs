//! A COS-compatible object store on one machine: the server that tests, demos and first steps talk
//! to instead of Tencent Cloud.
//!
//! # What it does
//! Objects (PUT, POST form, GET, HEAD, DELETE, batches, append, copy, restore), their versions, tags
//! and access control lists, multipart uploads, lists, buckets and what is configured of them, and
//! temporary keys, with COS's signatures, error codes, headers and XML. Content is encrypted with a
//! client's key (SSE-C) and paced by `x-cos-traffic-limit`; images are processed by `imageMogr2`,
//! `imageView2`, `imageInfo`, `imageAve` and `Pic-Operations`. Operations it lacks are refused as
//! `NotImplemented`, see the table in `operation.rs`; those that need the cloud answer as for a bucket
//! that they are not switched on for. It verifies signatures with code of its own, so that a client's
//! mistake is not mirrored here.
//!
//! The bucket `cos-sdk-err-retry-1253960454` is always there: its keys name faults, as in Tencent's
//! own tests (`500`, `403r`, `shutdown`, `timeout` and so on).
//!
//! # How clients reach it
//! - By COS's own host names: through an HTTP proxy setting (`http://127.0.0.1:9000`), by
//!   connecting to the address with a `Host` of `<bucket>.cos.<region>.myqcloud.com`, or by any
//!   name resolution that leads here.
//! - Path-style: `http://127.0.0.1:9000/<bucket>/<key>`, signed with or without the bucket.
//! - `http://127.0.0.1:9000/sts?bucket=<bucket>&durationSeconds=1800` gives temporary keys as JSON
//!   (`credentials.tmpSecretId`, `.tmpSecretKey`, `.sessionToken`, `startTime`, `expiredTime`,
//!   `requestId`) to programs and pages of this machine. They are derived from the permanent secret
//!   key and survive a restart.
//!
//! - By the domains of [`CdnConfig`] and `<bucket>.file.myqcloud.com`, as `Host` or through the proxy
//!   setting: the bucket by way of a CDN that keeps what it reads, and checks URLs signed by type A,
//!   B, C or D. `http://127.0.0.1:9000/cdn?bucket=<bucket>` tells programs and pages of this machine
//!   the domain and how to sign for it.
//! - Tencent Cloud's API 3.0, `POST http://127.0.0.1:9000/` signed with the permanent keys, has the
//!   actions `PurgeUrlsCache`, `PurgePathCache`, `PushUrlsCache`, `DescribePurgeTasks` and
//!   `DescribePushTasks` of the CDN.
//! - `http://127.0.0.1:9000/usage?bucket=<bucket>[&month=2026-11]` gives what a bucket stores, sends
//!   and was asked in a month of China, as COS bills it: `storageBytes`, `peakStorageBytes`,
//!   `downstreamBytes`, `cdnOriginBytes`, `readRequests`, `writeRequests`, `cdnBytes`, and since when
//!   it is on the CDN (`cdnActivated`, `domainBound`), times in milliseconds since 1970 or null.
//!
//! - `PUT http://127.0.0.1:9000/faults?drop=5&delay=10:300` lets requests for buckets and objects meet
//!   [`Faults`] from then on, and `PUT /faults` ends it; `GET /faults` tells programs and pages of
//!   this machine which are set (`faults`), and how many requests (`requests`) met which (`injected`).
//!
//! # What it keeps, and how
//! In the data folder, readable by its owner only: `metadata.redb` (an embedded database of
//! buckets, objects, uploads, usage and generated keys), `blobs/` (content, one file for each PUT or part)
//! and `drafts/` (content on its way in). Content is written to a draft, synced and renamed before
//! a transaction refers to it; usage is written every five seconds, so a crash may lose so much of
//! what flowed, and the CDN's cache is in memory alone. Completing a multipart upload makes the object
//! refer to the parts' files and copies nothing. So a crash loses nothing that was acknowledged and
//! leaves nothing half done; what it leaves behind is removed at the next start. One server at a time
//! may use a folder.
//!
//! # What it is not
//! It has one account, keeps what a bucket is configured to do but acts on versioning, access control
//! lists and CORS rules alone, does not evaluate CAM policies, and speaks plain HTTP/1.1. It is made
//! for 127.0.0.1, not for the open network.
//!
//! # Embedding
//! ```no_run
//! # async fn example() -> Result<(), cos_local::StartError> {
//! let mut config = cos_local::Config::new("/tmp/cos".as_ref());
//! config.buckets.push("demo-1250000000".to_owned());
//! let server = cos_local::Server::bind(config).await?;
//! println!("{}", server.local_addr());
//! server.serve(std::future::pending()).await;
//! # Ok(())
//! # }
//! ```

mod acl;
mod append;
mod attributes;
mod blob;
mod bucket;
mod call;
mod canonical;
mod cdn;
mod clock;
mod configuration;
mod copy;
mod cors;
mod credential;
mod deletion;
mod digest;
mod disturbance;
mod encryption;
mod error;
mod fault;
mod host;
mod image;
mod infinite;
mod listing;
mod local;
mod multipart;
mod object;
mod operation;
mod pace;
mod policy;
mod post;
mod processing;
mod range;
mod reader;
mod record;
mod restore;
mod server;
mod service;
mod signature;
mod store;
mod sts;
mod tagging;
mod usage;
mod versions;
mod xml;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use tokio::net::TcpListener;

use crate::cdn::Cdn;
use crate::cdn::domain::Domain;
pub use crate::cdn::{CdnConfig, CdnConfigError};
pub use crate::clock::Clock;
pub use crate::credential::Credential;
use crate::credential::Keyring;
pub use crate::disturbance::{Faults, FaultsError};
use crate::record::{Acl, Bucket};
use crate::service::Service;
use crate::store::{OpenError, Store};

/// How to run a server.
#[derive(Clone, Debug)]
pub struct Config {
    /// The data folder; made where there is none.
    pub data: PathBuf,
    /// Where to listen; port 0 for any free one.
    pub listen: SocketAddr,
    /// Buckets (`name-appid`) to create in `region` unless they exist.
    pub buckets: Vec<String>,
    /// The region of new buckets, such as `ap-guangzhou`.
    pub region: String,
    /// The permanent keys; `None` for those generated at the first start with this data folder.
    pub credential: Option<Credential>,
    /// How far the server's clock is ahead of the machine's, in seconds; to try out clients with a
    /// wrong clock.
    pub clock_offset: i64,
    /// How long restoring an archived object takes, in seconds.
    pub restore_seconds: u32,
    /// The domains of the CDN.
    pub cdn: CdnConfig,
    /// The faults to inject into requests, until others are set.
    pub faults: Faults,
}

impl Config {
    /// A server on any free port of 127.0.0.1, in `ap-guangzhou`, with generated keys and no
    /// buckets.
    pub fn new(data: &Path) -> Self {
        Self {
            data: data.to_owned(),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            buckets: Vec::new(),
            region: "ap-guangzhou".to_owned(),
            credential: None,
            clock_offset: 0,
            restore_seconds: 2,
            cdn: CdnConfig::default(),
            faults: Faults::default(),
        }
    }
}

/// Why a server did not start, in a sentence that says what to change.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address cannot be listened on.
    #[error(
        "cannot listen on {address}: {reason}; choose another address, or port 0 for any free port"
    )]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What is wrong with it.
        reason: String,
    },
    /// The data folder cannot be used.
    #[error("cannot use the data folder {}: {reason}", folder.display())]
    Data {
        /// The folder asked for.
        folder: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A bucket's name is not one that COS would take.
    #[error("cannot create the bucket {name}: {reason}")]
    Bucket {
        /// The name asked for.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// A server that listens, and serves once it is told to.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    service: Service,
    credential: Credential,
    generated: bool,
}

impl Server {
    /// Opens the data folder, creates the buckets and begins to listen.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn bind(config: Config) -> Result<Self, StartError> {
        let listen = |error: io::Error| StartError::Listen {
            address: config.listen,
            reason: match error.kind() {
                io::ErrorKind::AddrInUse => "another program uses this port".to_owned(),
                _ => error.to_string(),
            },
        };
        let data = |reason: String| StartError::Data { folder: config.data.clone(), reason };
        // The port comes first: a second server is told about the port, not about the folder it
        // shares.
        let listener = TcpListener::bind(config.listen).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let clock = Clock::new(config.clock_offset);
        let store = Store::open(&config.data, clock.clone())
            .map_err(|error: OpenError| data(error.to_string()))?;
        let (credential, generated) = choose_credential(&store, config.credential.clone())
            .map_err(|error| data(error.to_string()))?;
        for name in &config.buckets {
            create_bucket(&store, name, &config.region, &clock).map_err(|error| {
                StartError::Bucket { name: name.clone(), reason: error.message.into_owned() }
            })?;
        }
        let keyring = Keyring::new(credential.clone(), clock.clone());
        let cdn = Cdn::new(config.cdn);
        for domain in cdn.domains() {
            if domain.is_own() && store.bucket(&domain.bucket).is_none() {
                let Domain { name, bucket, .. } = domain.as_ref();
                tracing::warn!(domain = name, bucket, "the bucket of the domain does not exist");
            }
            store
                .accelerate(&domain.bucket, domain.is_own(), clock.now())
                .map_err(|error| data(error.to_string()))?;
        }
        let service = Service::new(
            store,
            keyring,
            cdn,
            clock,
            config.region,
            address,
            config.restore_seconds,
        );
        let service = service.with_faults(config.faults);
        Ok(Self { listener, address, service, credential, generated })
    }

    /// The address that the server listens on.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// The server's clock, which a test can put forward while the server runs.
    pub fn clock(&self) -> Clock {
        self.service.clock.clone()
    }

    /// The permanent keys.
    pub fn credential(&self) -> &Credential {
        &self.credential
    }

    /// Whether the keys were generated by this start, so that nobody knows them yet.
    pub fn credential_is_new(&self) -> bool {
        self.generated
    }

    /// Serves requests until `shutdown` is done, then lets those under way finish for up to ten
    /// seconds.
    pub async fn serve(self, shutdown: impl Future<Output = ()>) {
        server::serve(self.listener, self.service, shutdown).await;
    }
}

/// The keys to use, and whether they are new: those of the configuration, of an earlier start, or
/// generated.
fn choose_credential(
    store: &Store,
    given: Option<Credential>,
) -> Result<(Credential, bool), error::Error> {
    if let Some(credential) = given {
        return Ok((credential, false));
    }
    if let Some(credential) = store.credential()? {
        return Ok((credential, false));
    }
    let credential = Credential::generate()?;
    store.remember_credential(&credential)?;
    Ok((credential, true))
}

/// Creates a bucket, or moves an existing one to the region.
fn create_bucket(
    store: &Store,
    name: &str,
    region: &str,
    clock: &Clock,
) -> Result<(), error::Error> {
    bucket::check_name(name)?;
    let bucket = match store.bucket(name) {
        Some(bucket) if bucket.region == region => return Ok(()),
        Some(bucket) => Bucket { region: region.to_owned(), ..bucket },
        None => Bucket::new(region.to_owned(), clock.now(), Acl::Private),
    };
    store.put_bucket(name, &bucket, true)
}
