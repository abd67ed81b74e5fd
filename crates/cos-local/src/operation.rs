//! The table of operations, and the way of a request to its row.

use std::future::Future;
use std::pin::Pin;

use hyper::Method;

use crate::call::{Call, Reply};
use crate::error::{Code, Error};
use crate::service::Access::{self, Account, List, Owner, Read, Write};
use crate::service::Service;
use crate::{bucket, multipart, object, post};

type Answer<'a> = Pin<Box<dyn Future<Output = Result<Reply, Error>> + Send + 'a>>;

/// What a path means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Resource {
    Service,
    Bucket,
    Object,
}

/// One operation. The first row that fits a request serves it.
pub(crate) struct Operation {
    /// As the documentation calls it.
    pub(crate) name: &'static str,
    resource: Resource,
    method: Method,
    /// The query parameter that tells the operation from others; empty for none.
    parameter: &'static str,
    /// `None` for an operation that finds out by itself who asks.
    access: Option<Access>,
    run: for<'a> fn(&'a Service, &'a mut Call) -> Answer<'a>,
}

macro_rules! operations {
    ($($name:ident: $resource:ident $method:ident $parameter:literal $access:expr => $run:path;)*) => {
        static OPERATIONS: &[Operation] = &[$(Operation {
            name: stringify!($name),
            resource: Resource::$resource,
            method: Method::$method,
            parameter: $parameter,
            access: $access,
            run: |service, call| Box::pin($run(service, call)),
        }),*];
    };
}

operations! {
    GetService:              Service GET    ""         Some(Account) => bucket::list_buckets;
    PostObject:              Service POST   ""         None          => post::post_object;
    ListMultipartUploads:    Bucket  GET    "uploads"  Some(List)    => multipart::list_uploads;
    GetBucket:               Bucket  GET    ""         Some(List)    => bucket::list;
    HeadBucket:              Bucket  HEAD   ""         Some(List)    => bucket::head;
    PutBucket:               Bucket  PUT    ""         Some(Account) => bucket::put;
    DeleteBucket:            Bucket  DELETE ""         Some(Owner)   => bucket::delete;
    PostObject:              Bucket  POST   ""         None          => post::post_object;
    InitiateMultipartUpload: Object  POST   "uploads"  Some(Write)   => multipart::initiate;
    CompleteMultipartUpload: Object  POST   "uploadId" Some(Write)   => multipart::complete;
    UploadPart:              Object  PUT    "uploadId" Some(Write)   => multipart::upload_part;
    ListParts:               Object  GET    "uploadId" Some(Write)   => multipart::list_parts;
    AbortMultipartUpload:    Object  DELETE "uploadId" Some(Write)   => multipart::abort;
    GetObject:               Object  GET    ""         Some(Read)    => object::get;
    HeadObject:              Object  HEAD   ""         Some(Read)    => object::head;
    PutObject:               Object  PUT    ""         Some(Write)   => object::put;
    DeleteObject:            Object  DELETE ""         Some(Write)   => object::delete;
}

/// Query parameters that turn a request into another operation; one without a row must not be taken
/// for a plain one.
const SUB_RESOURCES: &[&str] = &[
    "accelerate",
    "acl",
    "append",
    "asyncfetch",
    "cors",
    "delete",
    "domain",
    "encryption",
    "image_process",
    "intelligenttiering",
    "inventory",
    "lifecycle",
    "location",
    "logging",
    "notification",
    "object-lock",
    "origin",
    "policy",
    "referer",
    "replication",
    "restore",
    "select",
    "tagging",
    "uploadId",
    "uploads",
    "versioning",
    "versions",
    "website",
];

impl Operation {
    /// The operation that a request asks for.
    ///
    /// # Errors
    /// `NotImplemented` or `MethodNotAllowed`.
    pub(crate) fn find(call: &Call) -> Result<&'static Self, Error> {
        let resource = match (&call.target.bucket, call.target.key.is_empty()) {
            (None, _) => Resource::Service,
            (Some(_), true) => Resource::Bucket,
            (Some(_), false) => Resource::Object,
        };
        let mut rows =
            OPERATIONS.iter().filter(|row| row.resource == resource && row.method == call.method);
        let found = rows.find(|row| row.parameter.is_empty() || call.query.has(row.parameter));
        let sub_resource = SUB_RESOURCES.iter().find(|name| call.query.has(name));
        match (found, sub_resource) {
            (Some(row), Some(name)) if row.parameter.is_empty() => Err(not_implemented(call, name)),
            (Some(row), _) => Ok(row),
            (None, Some(name)) => Err(not_implemented(call, name)),
            (None, None) => {
                let message = format!("There is no operation {} for this resource.", call.method);
                Err(Error::new(Code::MethodNotAllowed, message))
            }
        }
    }

    /// Serves a request, once it is clear who asks and that they may.
    pub(crate) async fn serve(&self, service: &Service, call: &mut Call) -> Result<Reply, Error> {
        if let Some(access) = self.access {
            call.caller = service.identify(call)?;
            self.admit(service, call, access).await?;
        }
        (self.run)(service, call).await
    }

    async fn admit(&self, service: &Service, call: &Call, access: Access) -> Result<(), Error> {
        let region = call.target.region.as_deref();
        let bucket = match call.target.bucket.as_deref().filter(|_| access != Access::Account) {
            Some(name) => Some((name, service.require_bucket(name, region)?)),
            None => None,
        };
        let bucket = bucket.as_ref().map(|(name, bucket)| (*name, bucket));
        service.authorize(&call.caller, access, bucket, call.key()).await
    }
}

fn not_implemented(call: &Call, name: &str) -> Error {
    let message = format!("This server does not offer {} with the parameter {name}.", call.method);
    Error::new(Code::NotImplemented, message)
}
