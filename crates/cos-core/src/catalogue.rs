//! The table of operations: a new operation is one row.
//!
//! A row says how parameters become a request and how the answer becomes a result. Lists of names are
//! one text with spaces, which weighs less in the module than a pointer for each. The few things a row
//! cannot say are functions of `document.rs` and `result.rs`. Names of parameters and results
//! are those of cos-wx-sdk-v5; the requests are those of Tencent's API documents (436/7751).

use crate::document::{self, Document};
use crate::request::Draft;
use crate::response::Reply;
use crate::result;
use crate::value::Value;

/// What an operation acts on, which decides the parameters it cannot do without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The account: no parameter is needed.
    Service,
    /// `Bucket` and `Region`.
    Bucket,
    /// `Bucket`, `Region` and `Key`.
    Object,
    /// Whatever is given; `Url` may name the address.
    Any,
}

/// What the request body is.
#[derive(Clone, Copy, Debug)]
pub enum BodyShape {
    /// None.
    None,
    /// The parameter `Body`.
    Caller,
    /// A form upload of the file at `FilePath`.
    Form,
    /// An XML document.
    Xml(&'static Document),
    /// The JSON text in this parameter, empty when the caller gave something else.
    Json(&'static str),
}

/// What the caller receives, next to `statusCode` and `headers`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResultShape {
    /// Nothing more.
    Status,
    /// The members of the body.
    Whole,
    /// The members of the root element, those named being lists even when they occur once or never.
    Members {
        /// Root element of the answer.
        root: &'static str,
        /// Members that are always lists, with spaces between them.
        lists: &'static str,
    },
    /// One element of the answer as one member of the result.
    Element {
        /// The element: names from the root with dots between them.
        path: &'static str,
        /// The member.
        member: &'static str,
        /// What an absent or empty element becomes, and a single one among others.
        form: Form,
    },
    /// The body as it came, as `Body`.
    Raw,
    /// The members of the body, and `ETag` from the header.
    ETag,
    /// [`ResultShape::ETag`] and `Location`, the object's URL without the protocol.
    Stored,
}

/// How an element of an answer is handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As it is.
    Plain,
    /// As a list.
    List,
    /// As a map.
    Map,
}

/// What the key must be allowed to do: upstream's scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// The action of the row, on the bucket.
    Bucket,
    /// The same on what `Prefix` begins.
    Prefix,
    /// The same on `Key`.
    Key,
    /// To read what `CopySource` names, and the action of the row on `Key`.
    Copy,
    /// To delete each of `Objects`.
    DeleteEach,
}

/// How a call is carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Course {
    /// One request.
    Request,
    /// A queued upload of one request.
    SimpleUpload,
    /// A queued upload in parts.
    PartUpload,
    /// `uploadFile`: one of the two, by size.
    AnyUpload,
    /// `sliceCopyFile`: in one request or in parts, by size.
    Copy,
    /// `abortUploadTask`: as many requests as there are uploads.
    Abort,
    /// `uploadFiles`: a call for each file.
    Batch,
    /// `downloadFile`: queued, in one request or in ranges, by size.
    Download,
    /// `getObjectUrl`: a credential, no request.
    Presign,
}

/// What a second request does when the first one was carried out and its answer got lost. Requests
/// with GET, HEAD, OPTIONS, PUT and DELETE do the same again (RFC 9110, 9.2.2), and so do most of COS's
/// with POST: a batch is deleted, an upload completed or restored once however often that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// No harm: it is sent again. A second `multipartInit` leaves an upload id without parts behind, a
    /// second `deleteObject` in a bucket with versions one more delete marker.
    Harmless,
    /// No harm, but it may be refused with this code because the first one was carried out: that is a
    /// success.
    Done(&'static str),
    /// With POST, something twice. It is not sent again unless it is known that it was not carried out:
    /// `appendObject` and uploads in parts look, other calls end in an error that says so.
    Once,
}

/// Completes a result from the answer, where the shape is not enough.
pub type Finish = fn(&mut Value, &Draft, &Reply);

/// One operation.
#[derive(Debug)]
pub struct Operation {
    /// Name of the method.
    pub name: &'static str,
    /// How it is carried out.
    pub course: Course,
    /// What it acts on.
    pub target: Target,
    /// HTTP method.
    pub method: &'static str,
    /// The action a policy must allow, without `name/cos:`, where it is not called like the method.
    pub action: &'static str,
    /// What the action is asked for on.
    pub permission: Permission,
    /// Sub-resource: `uploads` in `?uploads`; empty for none.
    pub sub_resource: &'static str,
    /// Query parameters, as [`parameters`](crate::request::parameters) reads them. `prefix` is sent even
    /// when it is not given.
    pub query: &'static str,
    /// Whether the parameter `Query` adds to the query.
    pub takes_query: bool,
    /// Headers that are parameters of this operation alone, written likewise.
    pub headers: &'static str,
    /// Request body.
    pub body: BodyShape,
    /// Result.
    pub result: ResultShape,
    /// The code of the 404 that says that nothing has been set, which is no error.
    pub unset: &'static str,
    /// Whether Content-Type and Cache-Control are filled in, since they become the object's.
    pub stores: bool,
    /// What becomes of it when an answer is lost.
    pub repeat: Repeat,
    /// What the shape of the result cannot say.
    pub finish: Option<Finish>,
}

/// The row that those of objects are variations of.
const OBJECT: Operation = Operation {
    name: "",
    course: Course::Request,
    target: Target::Object,
    method: "GET",
    action: "",
    permission: Permission::Key,
    sub_resource: "",
    query: "",
    takes_query: false,
    headers: "",
    body: BodyShape::None,
    result: ResultShape::Status,
    unset: "",
    stores: false,
    repeat: Repeat::Harmless,
    finish: None,
};

/// The row that those of buckets are variations of.
const BUCKET: Operation =
    Operation { target: Target::Bucket, permission: Permission::Bucket, ..OBJECT };

/// GET service: the buckets of the account (436/8291).
pub static GET_SERVICE: Operation = Operation {
    name: "getService",
    target: Target::Service,
    result: ResultShape::Status,
    finish: Some(result::buckets),
    ..BUCKET
};

/// PUT bucket (436/7738).
pub static PUT_BUCKET: Operation = Operation {
    name: "putBucket",
    method: "PUT",
    body: BodyShape::Xml(&document::BUCKET),
    repeat: Repeat::Done("BucketAlreadyOwnedByYou"),
    ..BUCKET
};

/// HEAD bucket (436/7735).
pub static HEAD_BUCKET: Operation =
    Operation { name: "headBucket", method: "HEAD", result: ResultShape::Whole, ..BUCKET };

/// GET bucket, the listing of objects (436/7734).
pub static GET_BUCKET: Operation = Operation {
    name: "getBucket",
    permission: Permission::Prefix,
    query: "prefix delimiter marker max-keys encoding-type",
    result: ResultShape::Members { root: "ListBucketResult", lists: "Contents CommonPrefixes" },
    ..BUCKET
};

/// DELETE bucket (436/7732).
pub static DELETE_BUCKET: Operation = Operation {
    name: "deleteBucket",
    method: "DELETE",
    action: "DeleteBucket",
    repeat: Repeat::Done("NoSuchBucket"),
    ..BUCKET
};

/// PUT bucket acl (436/7737).
pub static PUT_BUCKET_ACL: Operation = Operation {
    name: "putBucketAcl",
    method: "PUT",
    action: "PutBucketACL",
    sub_resource: "acl",
    body: BodyShape::Xml(&document::ACL),
    ..BUCKET
};

/// GET bucket acl (436/7733).
pub static GET_BUCKET_ACL: Operation = Operation {
    name: "getBucketAcl",
    action: "GetBucketACL",
    sub_resource: "acl",
    result: ResultShape::Status,
    finish: Some(result::acl),
    ..BUCKET
};

/// PUT bucket cors (436/8279).
pub static PUT_BUCKET_CORS: Operation = Operation {
    name: "putBucketCors",
    method: "PUT",
    action: "PutBucketCORS",
    sub_resource: "cors",
    body: BodyShape::Xml(&document::CORS),
    ..BUCKET
};

/// GET bucket cors (436/8274).
pub static GET_BUCKET_CORS: Operation = Operation {
    name: "getBucketCors",
    action: "GetBucketCORS",
    sub_resource: "cors",
    result: ResultShape::Element {
        path: "CORSConfiguration.CORSRule",
        member: "CORSRules",
        form: Form::List,
    },
    unset: "NoSuchCORSConfiguration",
    finish: Some(result::cors),
    ..BUCKET
};

/// DELETE bucket cors (436/8283).
pub static DELETE_BUCKET_CORS: Operation = Operation {
    name: "deleteBucketCors",
    method: "DELETE",
    action: "DeleteBucketCORS",
    sub_resource: "cors",
    ..BUCKET
};

/// GET bucket location (436/8275).
pub static GET_BUCKET_LOCATION: Operation = Operation {
    name: "getBucketLocation",
    sub_resource: "location",
    result: ResultShape::Whole,
    ..BUCKET
};

/// PUT bucket policy (436/8282).
pub static PUT_BUCKET_POLICY: Operation = Operation {
    name: "putBucketPolicy",
    method: "PUT",
    sub_resource: "policy",
    body: BodyShape::Json("Policy"),
    ..BUCKET
};

/// GET bucket policy (436/8276).
pub static GET_BUCKET_POLICY: Operation = Operation {
    name: "getBucketPolicy",
    sub_resource: "policy",
    result: ResultShape::Status,
    finish: Some(result::policy),
    ..BUCKET
};

/// DELETE bucket policy (436/8285).
pub static DELETE_BUCKET_POLICY: Operation =
    Operation { name: "deleteBucketPolicy", method: "DELETE", sub_resource: "policy", ..BUCKET };

/// PUT bucket tagging (436/34838).
pub static PUT_BUCKET_TAGGING: Operation = Operation {
    name: "putBucketTagging",
    method: "PUT",
    sub_resource: "tagging",
    body: BodyShape::Xml(&document::TAGGING),
    ..BUCKET
};

/// GET bucket tagging (436/34837).
pub static GET_BUCKET_TAGGING: Operation = Operation {
    name: "getBucketTagging",
    sub_resource: "tagging",
    result: ResultShape::Element { path: "Tagging.TagSet.Tag", member: "Tags", form: Form::List },
    unset: "NoSuchTagSet",
    ..BUCKET
};

/// DELETE bucket tagging (436/34836).
pub static DELETE_BUCKET_TAGGING: Operation =
    Operation { name: "deleteBucketTagging", method: "DELETE", sub_resource: "tagging", ..BUCKET };

/// PUT bucket lifecycle (436/8280).
pub static PUT_BUCKET_LIFECYCLE: Operation = Operation {
    name: "putBucketLifecycle",
    method: "PUT",
    sub_resource: "lifecycle",
    body: BodyShape::Xml(&document::LIFECYCLE),
    ..BUCKET
};

/// GET bucket lifecycle (436/8278).
pub static GET_BUCKET_LIFECYCLE: Operation = Operation {
    name: "getBucketLifecycle",
    sub_resource: "lifecycle",
    result: ResultShape::Element {
        path: "LifecycleConfiguration.Rule",
        member: "Rules",
        form: Form::List,
    },
    unset: "NoSuchLifecycleConfiguration",
    ..BUCKET
};

/// DELETE bucket lifecycle (436/8284).
pub static DELETE_BUCKET_LIFECYCLE: Operation = Operation {
    name: "deleteBucketLifecycle",
    method: "DELETE",
    sub_resource: "lifecycle",
    ..BUCKET
};

/// PUT bucket versioning (436/19889).
pub static PUT_BUCKET_VERSIONING: Operation = Operation {
    name: "putBucketVersioning",
    method: "PUT",
    sub_resource: "versioning",
    body: BodyShape::Xml(&document::VERSIONING),
    ..BUCKET
};

/// GET bucket versioning (436/19888).
pub static GET_BUCKET_VERSIONING: Operation = Operation {
    name: "getBucketVersioning",
    sub_resource: "versioning",
    result: ResultShape::Element {
        path: "VersioningConfiguration",
        member: "VersioningConfiguration",
        form: Form::Map,
    },
    ..BUCKET
};

/// PUT bucket replication (436/19223).
pub static PUT_BUCKET_REPLICATION: Operation = Operation {
    name: "putBucketReplication",
    method: "PUT",
    sub_resource: "replication",
    body: BodyShape::Xml(&document::REPLICATION),
    ..BUCKET
};

/// GET bucket replication (436/19222).
pub static GET_BUCKET_REPLICATION: Operation = Operation {
    name: "getBucketReplication",
    sub_resource: "replication",
    result: ResultShape::Element {
        path: "ReplicationConfiguration",
        member: "ReplicationConfiguration",
        form: Form::Map,
    },
    unset: "ReplicationConfigurationNotFoundError",
    finish: Some(result::replication),
    ..BUCKET
};

/// DELETE bucket replication (436/19221).
pub static DELETE_BUCKET_REPLICATION: Operation = Operation {
    name: "deleteBucketReplication",
    method: "DELETE",
    sub_resource: "replication",
    ..BUCKET
};

/// PUT bucket website (436/31930).
pub static PUT_BUCKET_WEBSITE: Operation = Operation {
    name: "putBucketWebsite",
    method: "PUT",
    sub_resource: "website",
    body: BodyShape::Xml(&document::WEBSITE),
    ..BUCKET
};

/// GET bucket website (436/31929).
pub static GET_BUCKET_WEBSITE: Operation = Operation {
    name: "getBucketWebsite",
    permission: Permission::Key,
    sub_resource: "website",
    result: ResultShape::Element {
        path: "WebsiteConfiguration",
        member: "WebsiteConfiguration",
        form: Form::Map,
    },
    unset: "NoSuchWebsiteConfiguration",
    finish: Some(result::website),
    ..BUCKET
};

/// DELETE bucket website (436/31928).
pub static DELETE_BUCKET_WEBSITE: Operation =
    Operation { name: "deleteBucketWebsite", method: "DELETE", sub_resource: "website", ..BUCKET };

/// PUT bucket referer (436/32492).
pub static PUT_BUCKET_REFERER: Operation = Operation {
    name: "putBucketReferer",
    method: "PUT",
    sub_resource: "referer",
    body: BodyShape::Xml(&document::REFERER),
    ..BUCKET
};

/// GET bucket referer (436/32493).
pub static GET_BUCKET_REFERER: Operation = Operation {
    name: "getBucketReferer",
    permission: Permission::Key,
    sub_resource: "referer",
    result: ResultShape::Element {
        path: "RefererConfiguration",
        member: "RefererConfiguration",
        form: Form::Map,
    },
    unset: "NoSuchRefererConfiguration",
    finish: Some(result::referer),
    ..BUCKET
};

/// PUT bucket domain.
pub static PUT_BUCKET_DOMAIN: Operation = Operation {
    name: "putBucketDomain",
    method: "PUT",
    sub_resource: "domain",
    body: BodyShape::Xml(&document::DOMAIN),
    ..BUCKET
};

/// GET bucket domain.
pub static GET_BUCKET_DOMAIN: Operation = Operation {
    name: "getBucketDomain",
    sub_resource: "domain",
    result: ResultShape::Element {
        path: "DomainConfiguration.DomainRule",
        member: "DomainRule",
        form: Form::List,
    },
    ..BUCKET
};

/// DELETE bucket domain.
pub static DELETE_BUCKET_DOMAIN: Operation =
    Operation { name: "deleteBucketDomain", method: "DELETE", sub_resource: "domain", ..BUCKET };

/// PUT bucket origin.
pub static PUT_BUCKET_ORIGIN: Operation = Operation {
    name: "putBucketOrigin",
    method: "PUT",
    sub_resource: "origin",
    body: BodyShape::Xml(&document::ORIGIN),
    ..BUCKET
};

/// GET bucket origin.
pub static GET_BUCKET_ORIGIN: Operation = Operation {
    name: "getBucketOrigin",
    sub_resource: "origin",
    result: ResultShape::Element {
        path: "OriginConfiguration.OriginRule",
        member: "OriginRule",
        form: Form::List,
    },
    ..BUCKET
};

/// DELETE bucket origin.
pub static DELETE_BUCKET_ORIGIN: Operation =
    Operation { name: "deleteBucketOrigin", method: "DELETE", sub_resource: "origin", ..BUCKET };

/// PUT bucket logging (436/17054).
pub static PUT_BUCKET_LOGGING: Operation = Operation {
    name: "putBucketLogging",
    method: "PUT",
    sub_resource: "logging",
    body: BodyShape::Xml(&document::LOGGING),
    ..BUCKET
};

/// GET bucket logging (436/17053).
pub static GET_BUCKET_LOGGING: Operation = Operation {
    name: "getBucketLogging",
    sub_resource: "logging",
    result: ResultShape::Element {
        path: "BucketLoggingStatus",
        member: "BucketLoggingStatus",
        form: Form::Plain,
    },
    ..BUCKET
};

/// PUT bucket inventory (436/33707).
pub static PUT_BUCKET_INVENTORY: Operation = Operation {
    name: "putBucketInventory",
    method: "PUT",
    sub_resource: "inventory",
    query: "id",
    body: BodyShape::Xml(&document::INVENTORY),
    ..BUCKET
};

/// GET bucket inventory (436/33705).
pub static GET_BUCKET_INVENTORY: Operation = Operation {
    name: "getBucketInventory",
    sub_resource: "inventory",
    query: "id",
    result: ResultShape::Element {
        path: "InventoryConfiguration",
        member: "InventoryConfiguration",
        form: Form::Plain,
    },
    finish: Some(result::inventory),
    ..BUCKET
};

/// DELETE bucket inventory (436/33704).
pub static DELETE_BUCKET_INVENTORY: Operation = Operation {
    name: "deleteBucketInventory",
    method: "DELETE",
    sub_resource: "inventory",
    query: "id",
    repeat: Repeat::Done("InventoryConfigurationNotFoundError"),
    ..BUCKET
};

/// List bucket inventory (436/33706).
pub static LIST_BUCKET_INVENTORY: Operation = Operation {
    name: "listBucketInventory",
    sub_resource: "inventory",
    query: "continuation-token",
    result: ResultShape::Members {
        root: "ListInventoryConfigurationResult",
        lists: "InventoryConfiguration",
    },
    finish: Some(result::inventories),
    ..BUCKET
};

/// PUT bucket accelerate (436/38869).
pub static PUT_BUCKET_ACCELERATE: Operation = Operation {
    name: "putBucketAccelerate",
    method: "PUT",
    sub_resource: "accelerate",
    body: BodyShape::Xml(&document::ACCELERATE),
    ..BUCKET
};

/// GET bucket accelerate (436/38868).
pub static GET_BUCKET_ACCELERATE: Operation = Operation {
    name: "getBucketAccelerate",
    sub_resource: "accelerate",
    result: ResultShape::Element {
        path: "AccelerateConfiguration",
        member: "AccelerateConfiguration",
        form: Form::Map,
    },
    ..BUCKET
};

/// GET bucket object versions (436/35521).
pub static LIST_OBJECT_VERSIONS: Operation = Operation {
    name: "listObjectVersions",
    action: "GetBucketObjectVersions",
    permission: Permission::Prefix,
    sub_resource: "versions",
    query: "prefix delimiter key-marker version-id-marker max-keys encoding-type",
    result: ResultShape::Members { root: "ListVersionsResult", lists: "DeleteMarker Version" },
    finish: Some(result::versions),
    ..BUCKET
};

/// Delete multiple objects (436/8289).
pub static DELETE_OBJECTS: Operation = Operation {
    name: "deleteMultipleObject",
    method: "POST",
    action: "DeleteObject",
    permission: Permission::DeleteEach,
    sub_resource: "delete",
    body: BodyShape::Xml(&document::DELETE),
    result: ResultShape::Members { root: "DeleteResult", lists: "Deleted Error" },
    ..BUCKET
};

/// GET object (436/7753).
pub static GET_OBJECT: Operation = Operation {
    name: "getObject",
    query: "versionId response-content-type response-content-language response-expires response-cache-control response-content-disposition response-content-encoding",
    takes_query: true,
    result: ResultShape::Raw,
    ..OBJECT
};

/// HEAD object (436/7745).
pub static HEAD_OBJECT: Operation = Operation {
    name: "headObject",
    method: "HEAD",
    query: "versionId",
    result: ResultShape::ETag,
    ..OBJECT
};

/// PUT object (436/7749).
pub static PUT_OBJECT: Operation = Operation {
    name: "putObject",
    course: Course::SimpleUpload,
    method: "PUT",
    takes_query: true,
    body: BodyShape::Caller,
    result: ResultShape::Stored,
    stores: true,
    ..OBJECT
};

/// POST object (436/14690), with upstream's legacy `Signature` field.
pub static POST_OBJECT: Operation = Operation {
    name: "postObject",
    course: Course::SimpleUpload,
    method: "POST",
    takes_query: true,
    body: BodyShape::Form,
    result: ResultShape::Stored,
    ..OBJECT
};

/// DELETE object (436/7743).
pub static DELETE_OBJECT: Operation =
    Operation { name: "deleteObject", method: "DELETE", query: "versionId", ..OBJECT };

/// PUT object - copy (436/10881).
pub static PUT_OBJECT_COPY: Operation = Operation {
    name: "putObjectCopy",
    method: "PUT",
    action: "PutObject",
    permission: Permission::Copy,
    query: "versionId",
    result: ResultShape::Members { root: "CopyObjectResult", lists: "" },
    ..OBJECT
};

/// Upload part - copy (436/8287).
pub static UPLOAD_PART_COPY: Operation = Operation {
    name: "uploadPartCopy",
    method: "PUT",
    action: "PutObject",
    permission: Permission::Copy,
    query: "partNumber uploadId versionId",
    result: ResultShape::Members { root: "CopyPartResult", lists: "" },
    ..OBJECT
};

/// PUT object acl (436/7748).
pub static PUT_OBJECT_ACL: Operation = Operation {
    name: "putObjectAcl",
    method: "PUT",
    action: "PutObjectACL",
    sub_resource: "acl",
    body: BodyShape::Xml(&document::ACL),
    ..OBJECT
};

/// GET object acl (436/7744).
pub static GET_OBJECT_ACL: Operation = Operation {
    name: "getObjectAcl",
    action: "GetObjectACL",
    sub_resource: "acl",
    query: "versionId",
    finish: Some(result::acl),
    ..OBJECT
};

/// OPTIONS object, the preflight of CORS (436/8288).
pub static OPTIONS_OBJECT: Operation = Operation {
    name: "optionsObject",
    method: "OPTIONS",
    headers: "Origin Access-Control-Request-Method Access-Control-Request-Headers",
    finish: Some(result::preflight),
    ..OBJECT
};

/// POST object restore (436/12633).
pub static RESTORE_OBJECT: Operation = Operation {
    name: "restoreObject",
    method: "POST",
    sub_resource: "restore",
    query: "versionId",
    body: BodyShape::Xml(&document::RESTORE),
    result: ResultShape::Whole,
    repeat: Repeat::Done("RestoreAlreadyInProgress"),
    ..OBJECT
};

/// PUT object tagging (436/42997).
pub static PUT_OBJECT_TAGGING: Operation = Operation {
    name: "putObjectTagging",
    method: "PUT",
    sub_resource: "tagging",
    query: "versionId",
    body: BodyShape::Xml(&document::TAGGING),
    ..OBJECT
};

/// GET object tagging (436/42998).
pub static GET_OBJECT_TAGGING: Operation = Operation {
    name: "getObjectTagging",
    sub_resource: "tagging",
    query: "versionId",
    result: ResultShape::Element { path: "Tagging.TagSet.Tag", member: "Tags", form: Form::List },
    unset: "NoSuchTagSet",
    ..OBJECT
};

/// DELETE object tagging (436/42999).
pub static DELETE_OBJECT_TAGGING: Operation = Operation {
    name: "deleteObjectTagging",
    method: "DELETE",
    sub_resource: "tagging",
    query: "versionId",
    ..OBJECT
};

/// APPEND object (436/7741).
pub static APPEND_OBJECT: Operation = Operation {
    name: "appendObject",
    method: "POST",
    sub_resource: "append",
    query: "position",
    body: BodyShape::Caller,
    result: ResultShape::Whole,
    repeat: Repeat::Once,
    ..OBJECT
};

/// Initiate multipart upload (436/7746).
pub static INIT: Operation = Operation {
    name: "multipartInit",
    method: "POST",
    action: "InitiateMultipartUpload",
    sub_resource: "uploads",
    takes_query: true,
    result: ResultShape::Members { root: "InitiateMultipartUploadResult", lists: "" },
    stores: true,
    ..OBJECT
};

/// The request for an upload id within an upload in parts, which finds the id that a lost answer told.
pub static INIT_ONCE: Operation = Operation { repeat: Repeat::Once, ..INIT };

/// Upload part (436/7750).
pub static UPLOAD_PART: Operation = Operation {
    name: "multipartUpload",
    method: "PUT",
    action: "UploadPart",
    query: "partNumber uploadId",
    body: BodyShape::Caller,
    finish: Some(result::etag),
    ..OBJECT
};

/// Complete multipart upload (436/7742).
pub static COMPLETE: Operation = Operation {
    name: "multipartComplete",
    method: "POST",
    action: "CompleteMultipartUpload",
    query: "uploadId",
    body: BodyShape::Xml(&document::COMPLETE),
    result: ResultShape::Members { root: "CompleteMultipartUploadResult", lists: "" },
    ..OBJECT
};

/// List multipart uploads (436/7736).
pub static LIST_UPLOADS: Operation = Operation {
    name: "multipartList",
    action: "ListMultipartUploads",
    permission: Permission::Prefix,
    sub_resource: "uploads",
    query: "delimiter encoding-type prefix max-uploads key-marker upload-id-marker",
    result: ResultShape::Members {
        root: "ListMultipartUploadsResult",
        lists: "Upload CommonPrefixes",
    },
    ..BUCKET
};

/// List parts (436/7747).
pub static LIST_PARTS: Operation = Operation {
    name: "multipartListPart",
    action: "ListParts",
    query: "uploadId encoding-type max-parts part-number-marker",
    result: ResultShape::Members { root: "ListPartsResult", lists: "Part" },
    ..OBJECT
};

/// Abort multipart upload (436/7740).
pub static ABORT: Operation = Operation {
    name: "multipartAbort",
    method: "DELETE",
    action: "AbortMultipartUpload",
    query: "uploadId",
    repeat: Repeat::Done("NoSuchUpload"),
    ..OBJECT
};

/// Any request to COS or Cloud Infinite (460): `Method`, `Action`, `Query`, `Body` and `Url` are as given.
pub static REQUEST: Operation = Operation {
    name: "request",
    target: Target::Any,
    takes_query: true,
    body: BodyShape::Caller,
    result: ResultShape::Whole,
    finish: Some(result::text),
    repeat: Repeat::Once,
    ..OBJECT
};

/// `uploadFile`: simple or in parts, by size.
pub static UPLOAD_FILE: Operation =
    Operation { name: "uploadFile", course: Course::AnyUpload, ..OBJECT };

/// What `uploadFile` becomes for a large file.
pub static UPLOAD_IN_PARTS: Operation =
    Operation { name: "uploadFile", course: Course::PartUpload, ..OBJECT };

/// `sliceUploadFile`: in parts.
pub static SLICE_UPLOAD_FILE: Operation =
    Operation { name: "sliceUploadFile", course: Course::PartUpload, ..OBJECT };

/// `sliceCopyFile`: in one request or in parts, by size.
pub static SLICE_COPY_FILE: Operation = Operation {
    name: "sliceCopyFile",
    course: Course::Copy,
    permission: Permission::Copy,
    ..OBJECT
};

/// `abortUploadTask`: of an upload, of an object, or of a bucket.
pub static ABORT_UPLOAD_TASK: Operation =
    Operation { name: "abortUploadTask", course: Course::Abort, target: Target::Bucket, ..OBJECT };

/// `uploadFiles`: `uploadFile` for each.
pub static UPLOAD_FILES: Operation =
    Operation { name: "uploadFiles", course: Course::Batch, ..OBJECT };

/// `downloadFile`: an object into a file.
pub static DOWNLOAD_FILE: Operation =
    Operation { name: "downloadFile", course: Course::Download, ..OBJECT };

/// `getObjectUrl`: a presigned URL (436/14114).
pub static GET_OBJECT_URL: Operation = Operation {
    name: "getObjectUrl",
    course: Course::Presign,
    action: "GetObject",
    takes_query: true,
    ..OBJECT
};

/// `COS.restoreTasks`: what former lives of the program left; no method of clients.
pub static RESTORE_TASKS: Operation = Operation { name: "restoreTasks", ..OBJECT };

static OPERATIONS: [&Operation; 75] = [
    &GET_SERVICE,
    &PUT_BUCKET,
    &HEAD_BUCKET,
    &GET_BUCKET,
    &DELETE_BUCKET,
    &PUT_BUCKET_ACL,
    &GET_BUCKET_ACL,
    &PUT_BUCKET_CORS,
    &GET_BUCKET_CORS,
    &DELETE_BUCKET_CORS,
    &GET_BUCKET_LOCATION,
    &PUT_BUCKET_POLICY,
    &GET_BUCKET_POLICY,
    &DELETE_BUCKET_POLICY,
    &PUT_BUCKET_TAGGING,
    &GET_BUCKET_TAGGING,
    &DELETE_BUCKET_TAGGING,
    &PUT_BUCKET_LIFECYCLE,
    &GET_BUCKET_LIFECYCLE,
    &DELETE_BUCKET_LIFECYCLE,
    &PUT_BUCKET_VERSIONING,
    &GET_BUCKET_VERSIONING,
    &PUT_BUCKET_REPLICATION,
    &GET_BUCKET_REPLICATION,
    &DELETE_BUCKET_REPLICATION,
    &PUT_BUCKET_WEBSITE,
    &GET_BUCKET_WEBSITE,
    &DELETE_BUCKET_WEBSITE,
    &PUT_BUCKET_REFERER,
    &GET_BUCKET_REFERER,
    &PUT_BUCKET_DOMAIN,
    &GET_BUCKET_DOMAIN,
    &DELETE_BUCKET_DOMAIN,
    &PUT_BUCKET_ORIGIN,
    &GET_BUCKET_ORIGIN,
    &DELETE_BUCKET_ORIGIN,
    &PUT_BUCKET_LOGGING,
    &GET_BUCKET_LOGGING,
    &PUT_BUCKET_INVENTORY,
    &GET_BUCKET_INVENTORY,
    &DELETE_BUCKET_INVENTORY,
    &LIST_BUCKET_INVENTORY,
    &PUT_BUCKET_ACCELERATE,
    &GET_BUCKET_ACCELERATE,
    &LIST_OBJECT_VERSIONS,
    &DELETE_OBJECTS,
    &GET_OBJECT,
    &HEAD_OBJECT,
    &PUT_OBJECT,
    &POST_OBJECT,
    &DELETE_OBJECT,
    &PUT_OBJECT_COPY,
    &UPLOAD_PART_COPY,
    &PUT_OBJECT_ACL,
    &GET_OBJECT_ACL,
    &OPTIONS_OBJECT,
    &RESTORE_OBJECT,
    &PUT_OBJECT_TAGGING,
    &GET_OBJECT_TAGGING,
    &DELETE_OBJECT_TAGGING,
    &APPEND_OBJECT,
    &INIT,
    &UPLOAD_PART,
    &COMPLETE,
    &LIST_UPLOADS,
    &LIST_PARTS,
    &ABORT,
    &REQUEST,
    &UPLOAD_FILE,
    &SLICE_UPLOAD_FILE,
    &SLICE_COPY_FILE,
    &ABORT_UPLOAD_TASK,
    &UPLOAD_FILES,
    &DOWNLOAD_FILE,
    &GET_OBJECT_URL,
];

impl Operation {
    /// Whether it is queued as a task: an upload or a download of a file.
    pub fn is_task(&self) -> bool {
        matches!(
            self.course,
            Course::SimpleUpload | Course::PartUpload | Course::AnyUpload | Course::Download
        )
    }
}

/// The operation of this name.
pub fn find(name: &str) -> Option<&'static Operation> {
    OPERATIONS.iter().copied().find(|operation| operation.name == name)
}

/// The names of the operations that are called in the common way, with a callback or for a promise:
/// the shim's methods are made from this list.
pub fn names() -> impl Iterator<Item = &'static str> {
    OPERATIONS
        .iter()
        .filter(|operation| operation.course != Course::Presign)
        .map(|operation| operation.name)
}
