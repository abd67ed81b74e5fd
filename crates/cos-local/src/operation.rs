//! The table of operations, and the way of a request to its row.

use std::future::Future;
use std::pin::Pin;

use hyper::Method;

use crate::call::{Call, Reply};
use crate::error::{Code, Error};
use crate::service::Access::{self, Account, List, Owner, Read, Write};
use crate::service::Service;
use crate::{
    acl, append, bucket, configuration, deletion, infinite, multipart, object, post, processing,
    restore, tagging, versions,
};

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
    GetService:                  Service GET    ""                    Some(Account) => bucket::list_buckets;
    PostObject:                  Service POST   ""                    None          => post::post_object;
    ListMultipartUploads:        Bucket  GET    "uploads"             Some(List)    => multipart::list_uploads;
    GetBucketObjectVersions:     Bucket  GET    "versions"            Some(List)    => versions::list;
    GetBucketLocation:           Bucket  GET    "location"            Some(Owner)   => bucket::location;
    PutBucketACL:                Bucket  PUT    "acl"                 Some(Owner)   => acl::put_of_bucket;
    GetBucketACL:                Bucket  GET    "acl"                 Some(Owner)   => acl::get_of_bucket;
    PutBucketVersioning:         Bucket  PUT    "versioning"          Some(Owner)   => versions::put;
    GetBucketVersioning:         Bucket  GET    "versioning"          Some(Owner)   => versions::get;
    PutBucketCORS:               Bucket  PUT    "cors"                Some(Owner)   => configuration::put;
    GetBucketCORS:               Bucket  GET    "cors"                Some(Owner)   => configuration::get;
    DeleteBucketCORS:            Bucket  DELETE "cors"                Some(Owner)   => configuration::delete;
    PutBucketPolicy:             Bucket  PUT    "policy"              Some(Owner)   => configuration::put;
    GetBucketPolicy:             Bucket  GET    "policy"              Some(Owner)   => configuration::get;
    DeleteBucketPolicy:          Bucket  DELETE "policy"              Some(Owner)   => configuration::delete;
    PutBucketTagging:            Bucket  PUT    "tagging"             Some(Owner)   => configuration::put;
    GetBucketTagging:            Bucket  GET    "tagging"             Some(Owner)   => configuration::get;
    DeleteBucketTagging:         Bucket  DELETE "tagging"             Some(Owner)   => configuration::delete;
    PutBucketLifecycle:          Bucket  PUT    "lifecycle"           Some(Owner)   => configuration::put;
    GetBucketLifecycle:          Bucket  GET    "lifecycle"           Some(Owner)   => configuration::get;
    DeleteBucketLifecycle:       Bucket  DELETE "lifecycle"           Some(Owner)   => configuration::delete;
    PutBucketReplication:        Bucket  PUT    "replication"         Some(Owner)   => configuration::put;
    GetBucketReplication:        Bucket  GET    "replication"         Some(Owner)   => configuration::get;
    DeleteBucketReplication:     Bucket  DELETE "replication"         Some(Owner)   => configuration::delete;
    PutBucketWebsite:            Bucket  PUT    "website"             Some(Owner)   => configuration::put;
    GetBucketWebsite:            Bucket  GET    "website"             Some(Owner)   => configuration::get;
    DeleteBucketWebsite:         Bucket  DELETE "website"             Some(Owner)   => configuration::delete;
    PutBucketReferer:            Bucket  PUT    "referer"             Some(Owner)   => configuration::put;
    GetBucketReferer:            Bucket  GET    "referer"             Some(Owner)   => configuration::get;
    PutBucketDomain:             Bucket  PUT    "domain"              Some(Owner)   => configuration::put;
    GetBucketDomain:             Bucket  GET    "domain"              Some(Owner)   => configuration::get;
    DeleteBucketDomain:          Bucket  DELETE "domain"              Some(Owner)   => configuration::delete;
    PutBucketOrigin:             Bucket  PUT    "origin"              Some(Owner)   => configuration::put;
    GetBucketOrigin:             Bucket  GET    "origin"              Some(Owner)   => configuration::get;
    DeleteBucketOrigin:          Bucket  DELETE "origin"              Some(Owner)   => configuration::delete;
    PutBucketLogging:            Bucket  PUT    "logging"             Some(Owner)   => configuration::put;
    GetBucketLogging:            Bucket  GET    "logging"             Some(Owner)   => configuration::get;
    PutBucketInventory:          Bucket  PUT    "inventory"           Some(Owner)   => configuration::put;
    PostBucketInventory:         Bucket  POST   "inventory"           Some(Owner)   => configuration::put;
    GetBucketInventory:          Bucket  GET    "inventory"           Some(Owner)   => configuration::get;
    DeleteBucketInventory:       Bucket  DELETE "inventory"           Some(Owner)   => configuration::delete;
    PutBucketAccelerate:         Bucket  PUT    "accelerate"          Some(Owner)   => configuration::put;
    GetBucketAccelerate:         Bucket  GET    "accelerate"          Some(Owner)   => configuration::get;
    PutBucketEncryption:         Bucket  PUT    "encryption"          Some(Owner)   => configuration::put;
    GetBucketEncryption:         Bucket  GET    "encryption"          Some(Owner)   => configuration::get;
    DeleteBucketEncryption:      Bucket  DELETE "encryption"          Some(Owner)   => configuration::delete;
    PutBucketIntelligentTiering: Bucket  PUT    "intelligenttiering"  Some(Owner)   => configuration::put;
    GetBucketIntelligentTiering: Bucket  GET    "intelligenttiering"  Some(Owner)   => configuration::get;
    PutBucketIntelligentTiering: Bucket  PUT    "intelligent-tiering" Some(Owner)   => configuration::put;
    GetBucketIntelligentTiering: Bucket  GET    "intelligent-tiering" Some(Owner)   => configuration::get;
    DeleteMultipleObjects:       Bucket  POST   "delete"              Some(Write)   => deletion::delete_batch;
    GetBucket:                   Bucket  GET    ""                    Some(List)    => bucket::list;
    HeadBucket:                  Bucket  HEAD   ""                    Some(List)    => bucket::head;
    PutBucket:                   Bucket  PUT    ""                    Some(Account) => bucket::put;
    DeleteBucket:                Bucket  DELETE ""                    Some(Owner)   => bucket::delete;
    PostObject:                  Bucket  POST   ""                    None          => post::post_object;
    PutObjectACL:                Object  PUT    "acl"                 Some(Owner)   => acl::put_of_object;
    GetObjectACL:                Object  GET    "acl"                 Some(Owner)   => acl::get_of_object;
    PutObjectTagging:            Object  PUT    "tagging"             Some(Owner)   => tagging::put;
    GetObjectTagging:            Object  GET    "tagging"             Some(Owner)   => tagging::get;
    DeleteObjectTagging:         Object  DELETE "tagging"             Some(Owner)   => tagging::delete;
    AppendObject:                Object  POST   "append"              Some(Write)   => append::append;
    PostObjectRestore:           Object  POST   "restore"             Some(Write)   => restore::restore;
    ProcessImage:                Object  POST   "image_process"       Some(Write)   => processing::post;
    InitiateMultipartUpload:     Object  POST   "uploads"             Some(Write)   => multipart::initiate;
    CompleteMultipartUpload:     Object  POST   "uploadId"            Some(Write)   => multipart::complete;
    UploadPart:                  Object  PUT    "uploadId"            Some(Write)   => multipart::upload_part;
    ListParts:                   Object  GET    "uploadId"            Some(Write)   => multipart::list_parts;
    AbortMultipartUpload:        Object  DELETE "uploadId"            Some(Write)   => multipart::abort;
    GetObject:                   Object  GET    ""                    Some(Read)    => object::get;
    HeadObject:                  Object  HEAD   ""                    Some(Read)    => object::head;
    PutObject:                   Object  PUT    ""                    Some(Write)   => object::put;
    DeleteObject:                Object  DELETE ""                    Some(Write)   => deletion::delete;
}

/// Whatever is asked of Cloud Infinite. It is recognized by host or parameter, not by the columns
/// that the other rows are found by.
static INFINITE: Operation = Operation {
    name: "CloudInfinite",
    resource: Resource::Bucket,
    method: Method::POST,
    parameter: "",
    access: Some(Owner),
    run: |service, call| Box::pin(infinite::refuse(service, call)),
};

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
    "intelligent-tiering",
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
        if infinite::concerns(call) {
            return Ok(&INFINITE);
        }
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

    /// Whether an object's content is in the request, or in the answer to it.
    pub(crate) fn carries_content(&self) -> bool {
        ["PostObject", "AppendObject", "UploadPart", "GetObject", "PutObject"].contains(&self.name)
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
        let version = call.query.get("versionId").filter(|id| !id.is_empty());
        service.authorize(&call.caller, access, bucket, call.key(), version).await
    }
}

fn not_implemented(call: &Call, name: &str) -> Error {
    let message = format!("This server does not offer {} with the parameter {name}.", call.method);
    Error::new(Code::NotImplemented, message)
}
