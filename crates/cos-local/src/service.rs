//! What operations work with: the store, the keys, the clock; and who may do what.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::acl;
use crate::blob::Blobs;
use crate::call::Call;
use crate::canonical::Signed;
use crate::cdn::Cdn;
use crate::clock::Clock;
use crate::credential::{Caller, Keyring};
use crate::digest::random_hex;
use crate::disturbance::{Faults, Injector};
use crate::error::{Code, Error};
use crate::record::Bucket;
use crate::signature::Authorization;
use crate::store::Store;
use crate::usage::{Flow, Meter};

pub(crate) struct Service {
    store: Arc<Store>,
    pub(crate) keyring: Keyring,
    pub(crate) cdn: Cdn,
    pub(crate) clock: Clock,
    /// Where buckets are created when the host names no region.
    pub(crate) region: String,
    pub(crate) address: SocketAddr,
    /// How long restoring an archived object takes, in seconds.
    pub(crate) restore_seconds: u32,
    pub(crate) injector: Injector,
    /// How many requests there have been.
    requests: AtomicU64,
}

/// What an operation does to a bucket, as access control lists see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Concerns the account rather than one bucket: only keys that are good for all buckets.
    Account,
    /// Changes a bucket itself: only signed requests.
    Owner,
    /// Reads the list of a bucket.
    List,
    /// Reads an object.
    Read,
    /// Changes what is in a bucket.
    Write,
}

impl Service {
    pub(crate) fn new(
        store: Store,
        keyring: Keyring,
        cdn: Cdn,
        clock: Clock,
        region: String,
        address: SocketAddr,
        restore_seconds: u32,
    ) -> Self {
        let (store, requests) = (Arc::new(store), AtomicU64::new(0));
        let injector = Injector::default();
        Self { store, keyring, cdn, clock, region, address, restore_seconds, injector, requests }
    }

    /// The same, with these faults injected into requests.
    pub(crate) fn with_faults(self, faults: Faults) -> Self {
        Self { injector: Injector::new(faults), ..self }
    }

    /// A new id for a request.
    pub(crate) fn request_id(&self) -> String {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        let random = random_hex(4).unwrap_or_default();
        STANDARD.encode(format!("{:x}_{random}_{number:x}", self.clock.now()))
    }

    /// Runs `work`, which waits for the disk, where it holds nobody up. It ends even if the client
    /// goes away.
    pub(crate) async fn store<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let store = Arc::clone(&self.store);
        tokio::task::spawn_blocking(move || work(&store)).await?
    }

    pub(crate) fn blobs(&self) -> &Arc<Blobs> {
        &self.store.blobs
    }

    pub(crate) fn meter(&self) -> &Meter {
        &self.store.meter
    }

    /// Where a bucket is metered, if there is such a bucket.
    pub(crate) fn flow(&self, bucket: Option<&str>) -> Option<Arc<Flow>> {
        let name = bucket.filter(|name| self.bucket(name).is_some())?;
        Some(self.meter().flow(name))
    }

    /// Writes down what was metered; a failure is told to the log, and made up for the next time.
    pub(crate) async fn write_usage(&self) {
        if let Err(error) = self.store(Store::write_usage).await {
            tracing::error!(%error, cause = error.cause, "the usage could not be written down");
        }
    }

    /// The bucket that the query of a request to the server itself names.
    ///
    /// # Errors
    /// `NoSuchBucket`, or `InvalidArgument` where it names none.
    pub(crate) fn named_bucket<'a>(&self, call: &'a Call) -> Result<&'a str, Error> {
        let name = call.query.get("bucket").filter(|name| !name.is_empty());
        let name =
            name.ok_or_else(|| Error::invalid("The parameter bucket has to name a bucket."))?;
        match self.bucket(name) {
            Some(_) => Ok(name),
            None => {
                let message = format!("There is no bucket {name}; create it, or correct its name.");
                Err(Error::new(Code::NoSuchBucket, message))
            }
        }
    }

    pub(crate) fn bucket(&self, name: &str) -> Option<Bucket> {
        self.store.bucket(name)
    }

    pub(crate) fn buckets(&self) -> BTreeMap<String, Bucket> {
        self.store.buckets()
    }

    /// Who signed the request, in its headers or its query.
    pub(crate) fn identify(&self, call: &Call) -> Result<Caller, Error> {
        let authorization = match call.header("authorization").filter(|header| !header.is_empty()) {
            Some(header) => Authorization::parse(header)?,
            None => match Authorization::from_query(&call.query) {
                Some(authorization) => authorization?,
                None => return Ok(Caller::Anonymous),
            },
        };
        self.verify(&authorization, call, security_token(call))
    }

    /// Checks a signature over the request's line and headers.
    pub(crate) fn verify(
        &self,
        authorization: &Authorization,
        call: &Call,
        token: Option<&str>,
    ) -> Result<Caller, Error> {
        authorization.check_time(&self.clock)?;
        let (secret_key, caller) = self.keyring.find(&authorization.secret_id, token)?;
        let signed = Signed {
            method: call.method.as_str(),
            paths: &call.target.sign_paths,
            hosts: &call.target.sign_hosts,
            query: &call.query,
            headers: &call.headers,
        };
        authorization.verify(&signed, &secret_key)?;
        Ok(caller)
    }

    /// # Errors
    /// `NoSuchBucket` for a bucket that is not there, or is in another region than the host says.
    pub(crate) fn require_bucket(&self, name: &str, region: Option<&str>) -> Result<Bucket, Error> {
        let found =
            self.bucket(name).filter(|bucket| region.is_none_or(|region| region == bucket.region));
        found.ok_or_else(|| {
            Error::new(Code::NoSuchBucket, "There is no such bucket in this region.")
        })
    }

    /// `version` is the id of the version of `key` to read, where that is not the newest.
    ///
    /// # Errors
    /// `AccessDenied` for whom neither the keys nor the access control lists let in.
    pub(crate) async fn authorize(
        &self,
        caller: &Caller,
        access: Access,
        bucket: Option<(&str, &Bucket)>,
        key: &str,
        version: Option<&str>,
    ) -> Result<(), Error> {
        let denied = |message: &'static str| Err(Error::new(Code::AccessDenied, message));
        if let Caller::Owner { bucket: scope } = caller {
            return match scope.as_deref() {
                Some(only) if bucket.map(|(name, _)| name) != Some(only) => {
                    denied("The temporary keys are for one other bucket only.")
                }
                _ => Ok(()),
            };
        }
        let Some((name, record)) = bucket else {
            return denied("The request has to be signed.");
        };
        let of_object = match access {
            Access::Account | Access::Owner => return denied("The request has to be signed."),
            Access::List | Access::Write => None,
            Access::Read => {
                let (name, key) = (name.to_owned(), key.to_owned());
                let version = version.map(str::to_owned);
                let found = self
                    .store(move |store| store.object_version(&name, &key, version.as_deref()))
                    .await;
                match found {
                    Err(error) if error.code == Code::InternalError => return Err(error),
                    found => found.ok(),
                }
            }
        };
        let of_object = of_object
            .and_then(|object| object.attributes.acl.map(|acl| (acl, object.attributes.grants)));
        let admitted = match &of_object {
            Some((acl, grants)) => acl::admits_everyone(*acl, grants, access),
            None => acl::admits_everyone(record.acl, &record.grants, access),
        };
        match admitted {
            true => Ok(()),
            false => denied(
                "The request is not signed, and the access control list does not let everyone in.",
            ),
        }
    }
}

/// The token that comes with temporary keys, from the headers or the query.
pub(crate) fn security_token(call: &Call) -> Option<&str> {
    ["x-cos-security-token", "x-ci-security-token"]
        .into_iter()
        .find_map(|name| call.header(name).or_else(|| call.query.get(name)))
}
