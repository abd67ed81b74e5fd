//! The table of operations: a new operation is one row.
//!
//! A row says how parameters become a request and how the answer becomes a result. The few things
//! a row cannot say are `fix` functions of `response.rs`. Names of parameters and results are those of
//! cos-wx-sdk-v5; the requests are those of Tencent's API documents (436/7751).

/// What an operation acts on, which decides the parameters it cannot do without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// `Bucket` and `Region`.
    Bucket,
    /// `Bucket`, `Region` and `Key`.
    Object,
}

/// What the request body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyShape {
    /// None.
    None,
    /// The parameter `Body`.
    Caller,
    /// A form upload of the file at `FilePath`.
    Form,
    /// `<root>` around repeated elements of the list parameter of the same name as the element.
    Xml {
        /// Root element.
        root: &'static str,
        /// Element, repeated once an item.
        element: &'static str,
        /// List parameter.
        parameter: &'static str,
    },
}

/// What the caller receives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResultShape {
    /// `statusCode` and `headers` only.
    Status,
    /// The members of the root element, those named being lists even when they occur once or never.
    Members {
        /// Root element of the answer.
        root: &'static str,
        /// Members that are always lists.
        lists: &'static [&'static str],
    },
    /// The body as it came, as `Body`.
    Raw,
    /// `ETag` from the header.
    ETag,
    /// `ETag` from the header and `Location`, the object's URL without the protocol.
    Stored,
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
    /// `getObjectUrl`: a credential, no request.
    Presign,
}

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
    /// The action a policy must allow, without `name/cos:`.
    pub action: &'static str,
    /// The parameter that holds the resource of the scope handed to `getAuthorization`.
    pub resource: &'static str,
    /// Sub-resource: `uploads` in `?uploads`; empty for none.
    pub sub_resource: &'static str,
    /// Query parameters: name in the URL and parameter.
    pub query: &'static [(&'static str, &'static str)],
    /// Query parameters sent even when empty.
    pub always: &'static [&'static str],
    /// Request body.
    pub body: BodyShape,
    /// Result.
    pub result: ResultShape,
    /// Whether Content-Type and Cache-Control are filled in, since they become the object's.
    pub stores: bool,
}

/// The row that the others are variations of.
const OBJECT: Operation = Operation {
    name: "",
    course: Course::Request,
    target: Target::Object,
    method: "GET",
    action: "",
    resource: "Key",
    sub_resource: "",
    query: &[],
    always: &[],
    body: BodyShape::None,
    result: ResultShape::Status,
    stores: false,
};

const VERSION: (&str, &str) = ("versionId", "VersionId");
const UPLOAD_ID: (&str, &str) = ("uploadId", "UploadId");

/// GET object (436/7753).
pub static GET_OBJECT: Operation = Operation {
    name: "getObject",
    action: "GetObject",
    query: &[
        VERSION,
        ("response-content-type", "ResponseContentType"),
        ("response-content-language", "ResponseContentLanguage"),
        ("response-expires", "ResponseExpires"),
        ("response-cache-control", "ResponseCacheControl"),
        ("response-content-disposition", "ResponseContentDisposition"),
        ("response-content-encoding", "ResponseContentEncoding"),
    ],
    result: ResultShape::Raw,
    ..OBJECT
};

/// HEAD object (436/7745).
pub static HEAD_OBJECT: Operation = Operation {
    name: "headObject",
    method: "HEAD",
    action: "HeadObject",
    query: &[VERSION],
    result: ResultShape::ETag,
    ..OBJECT
};

/// PUT object (436/7749).
pub static PUT_OBJECT: Operation = Operation {
    name: "putObject",
    course: Course::SimpleUpload,
    method: "PUT",
    action: "PutObject",
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
    action: "PostObject",
    body: BodyShape::Form,
    result: ResultShape::Stored,
    ..OBJECT
};

/// DELETE object (436/7743).
pub static DELETE_OBJECT: Operation = Operation {
    name: "deleteObject",
    method: "DELETE",
    action: "DeleteObject",
    query: &[VERSION],
    ..OBJECT
};

/// GET bucket, the listing of objects (436/7734).
pub static GET_BUCKET: Operation = Operation {
    name: "getBucket",
    target: Target::Bucket,
    action: "GetBucket",
    resource: "Prefix",
    query: &[
        ("prefix", "Prefix"),
        ("delimiter", "Delimiter"),
        ("marker", "Marker"),
        ("max-keys", "MaxKeys"),
        ("encoding-type", "EncodingType"),
    ],
    always: &["prefix"],
    result: ResultShape::Members {
        root: "ListBucketResult",
        lists: &["Contents", "CommonPrefixes"],
    },
    ..OBJECT
};

/// Initiate multipart upload (436/7746).
pub static INIT: Operation = Operation {
    name: "multipartInit",
    method: "POST",
    action: "InitiateMultipartUpload",
    sub_resource: "uploads",
    result: ResultShape::Members { root: "InitiateMultipartUploadResult", lists: &[] },
    stores: true,
    ..OBJECT
};

/// Upload part (436/7750).
pub static UPLOAD_PART: Operation = Operation {
    name: "multipartUpload",
    method: "PUT",
    action: "UploadPart",
    query: &[("partNumber", "PartNumber"), UPLOAD_ID],
    body: BodyShape::Caller,
    result: ResultShape::ETag,
    ..OBJECT
};

/// Complete multipart upload (436/7742).
pub static COMPLETE: Operation = Operation {
    name: "multipartComplete",
    method: "POST",
    action: "CompleteMultipartUpload",
    query: &[UPLOAD_ID],
    body: BodyShape::Xml { root: "CompleteMultipartUpload", element: "Part", parameter: "Parts" },
    result: ResultShape::Members { root: "CompleteMultipartUploadResult", lists: &[] },
    ..OBJECT
};

/// List multipart uploads (436/7736).
pub static LIST_UPLOADS: Operation = Operation {
    name: "multipartList",
    target: Target::Bucket,
    action: "ListMultipartUploads",
    resource: "Prefix",
    sub_resource: "uploads",
    query: &[
        ("delimiter", "Delimiter"),
        ("encoding-type", "EncodingType"),
        ("prefix", "Prefix"),
        ("max-uploads", "MaxUploads"),
        ("key-marker", "KeyMarker"),
        ("upload-id-marker", "UploadIdMarker"),
    ],
    always: &["prefix"],
    result: ResultShape::Members {
        root: "ListMultipartUploadsResult",
        lists: &["Upload", "CommonPrefixes"],
    },
    ..OBJECT
};

/// List parts (436/7747).
pub static LIST_PARTS: Operation = Operation {
    name: "multipartListPart",
    action: "ListParts",
    query: &[
        UPLOAD_ID,
        ("encoding-type", "EncodingType"),
        ("max-parts", "MaxParts"),
        ("part-number-marker", "PartNumberMarker"),
    ],
    result: ResultShape::Members { root: "ListPartsResult", lists: &["Part"] },
    ..OBJECT
};

/// Abort multipart upload (436/7740).
pub static ABORT: Operation = Operation {
    name: "multipartAbort",
    method: "DELETE",
    action: "AbortMultipartUpload",
    query: &[UPLOAD_ID],
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

/// `getObjectUrl`: a presigned URL (436/14114).
pub static GET_OBJECT_URL: Operation =
    Operation { name: "getObjectUrl", course: Course::Presign, action: "GetObject", ..OBJECT };

static OPERATIONS: [&Operation; 15] = [
    &GET_OBJECT,
    &HEAD_OBJECT,
    &PUT_OBJECT,
    &POST_OBJECT,
    &DELETE_OBJECT,
    &GET_BUCKET,
    &INIT,
    &UPLOAD_PART,
    &COMPLETE,
    &LIST_UPLOADS,
    &LIST_PARTS,
    &ABORT,
    &UPLOAD_FILE,
    &SLICE_UPLOAD_FILE,
    &GET_OBJECT_URL,
];

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
