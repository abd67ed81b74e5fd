//! Cloud Infinite, the data processing of COS: media, documents, moderation, recognition. It needs
//! the cloud, so buckets here are as those that nobody has switched it on for. Document 1045/33700
//! has the codes; that of documents is named after them.

use hyper::{Method, StatusCode};

use crate::call::{Call, Reply, text};
use crate::error::{Code, Error};
use crate::service::Service;

/// One of its services.
struct Kind {
    name: &'static str,
    /// How the paths of its jobs, queues and templates begin on the hosts of Cloud Infinite.
    paths: &'static [&'static str],
    /// Values of the query parameter `ci-process`.
    processes: &'static [&'static str],
    /// What a bucket answers that the service is not switched on for.
    code: Code,
}

/// The first that fits counts; the last fits everything.
static KINDS: [Kind; 5] = [
    Kind {
        name: "media processing",
        paths: &["jobs", "queue", "template", "workflow", "triggerworkflow", "media"],
        processes: &["snapshot", "videoinfo", "pm3u8", "getplaylist"],
        code: Code::MediaBucketUnBinded,
    },
    Kind {
        name: "document processing",
        paths: &["doc_", "docqueue", "docbucket"],
        processes: &["doc-preview", "createDocPreview", "getDocPreview"],
        code: Code::DocBucketUnBinded,
    },
    Kind {
        name: "asynchronous image processing",
        paths: &["pic_", "picqueue", "picbucket"],
        processes: &[],
        code: Code::PicBucketUnBinded,
    },
    Kind {
        name: "content moderation",
        paths: &["image/", "video/", "audio/", "text/", "document/", "webpage/", "livevideo/"],
        processes: &["sensitive-content-recognition"],
        code: Code::AccessDenied,
    },
    Kind {
        name: "content recognition",
        paths: &[""],
        processes: &[],
        code: Code::AIBucketUnBinded,
    },
];

/// Lists of buckets that a service is switched on for, by path and element.
const LISTS: [(&str, &str); 5] = [
    ("mediabucket", "MediaBucketList"),
    ("docbucket", "DocBucketList"),
    ("picbucket", "PicBucketList"),
    ("ai_bucket", "AiBucketList"),
    ("asrbucket", "AsrBucketList"),
];

/// Whether a request is for Cloud Infinite rather than for COS.
pub(crate) fn concerns(call: &Call) -> bool {
    call.target.infinite || call.query.has("ci-process")
}

/// Says that the service which a request asks for is not switched on, or lists the buckets that it
/// is switched on for: none.
pub(crate) async fn refuse(_: &Service, call: &mut Call) -> Result<Reply, Error> {
    let process = call.query.get("ci-process");
    let list = LISTS.iter().find(|(path, _)| process.is_none() && *path == call.key());
    if let (&Method::GET, Some((_, element))) = (&call.method, list) {
        let body = format!(
            "<?xml version='1.0' encoding='utf-8' ?>\n<Response><TotalCount>0</TotalCount>\
             <PageNumber>1</PageNumber><PageSize>10</PageSize><{element}/></Response>"
        );
        return Ok(text(StatusCode::OK, "application/xml", body));
    }
    let fits = |kind: &&Kind| match process {
        Some(process) => kind.processes.contains(&process),
        None => kind.paths.iter().any(|path| call.key().starts_with(path)),
    };
    let [.., recognition] = &KINDS;
    let kind = KINDS.iter().find(fits).unwrap_or(recognition);
    let message = format!(
        "The bucket is not bound to Cloud Infinite's {}, which needs the cloud: use a real bucket \
         that it is switched on for.",
        kind.name
    );
    Err(Error::new(kind.code, message))
}
