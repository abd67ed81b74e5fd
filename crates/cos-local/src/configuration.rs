//! What is configured of a bucket: documents that are checked, kept and given back as they came.

use hyper::StatusCode;
use serde_json::{Map, Value};

use crate::call::{Call, Reply, empty, text};
use crate::cors;
use crate::error::{Code, Error};
use crate::service::Service;
use crate::tagging;
use crate::xml;

/// One kind of document.
struct Kind {
    /// The query parameter that names it.
    parameter: &'static str,
    format: Format,
    /// The answer to a document that was taken.
    taken: StatusCode,
    /// The answer where nothing is configured.
    absent: Absent,
}

/// What a body has to be.
enum Format {
    /// XML with this root element.
    Xml(&'static str),
    /// XML with this root element and a content that matters to the server.
    Checked(&'static str, fn(&str) -> Result<(), Error>),
    /// XML, of which a bucket has several by the query parameter `id`; the second is the root
    /// element of a list.
    Several(&'static str, &'static str),
    /// A policy in JSON.
    Policy,
}

enum Absent {
    /// 404.
    Refused(Code),
    /// A root element without content.
    Empty,
}

use Absent::{Empty, Refused};
use Code::{
    IntelligentTieringConfigurationNotFoundError, InventoryConfigurationNotFoundError,
    NoSuchBucketPolicy, NoSuchCORSConfiguration, NoSuchEncryptionConfiguration,
    NoSuchLifecycleConfiguration, NoSuchRefererConfiguration, NoSuchTagSet,
    NoSuchWebsiteConfiguration, OriginConfigurationNotFoundError,
    ReplicationConfigurationNotFoundError,
};
use Format::{Checked, Policy, Several, Xml};

macro_rules! kinds {
    ($($parameter:literal $format:expr, $taken:ident, $absent:expr;)*) => {
        static KINDS: &[Kind] = &[$(Kind {
            parameter: $parameter,
            format: $format,
            taken: StatusCode::$taken,
            absent: $absent,
        }),*];
    };
}

// The codes are those of document 436/7730; answers without content are in the documents of each GET.
kinds! {
    "accelerate" Xml("AccelerateConfiguration"), OK, Empty;
    "cors" Checked("CORSConfiguration", cors::check), OK, Refused(NoSuchCORSConfiguration);
    "domain" Xml("DomainConfiguration"), OK, Empty;
    "encryption" Xml("ServerSideEncryptionConfiguration"), OK, Refused(NoSuchEncryptionConfiguration);
    "intelligenttiering" Xml("IntelligentTieringConfiguration"), OK, Empty;
    "intelligent-tiering"
        Several("IntelligentTieringConfiguration", "ListBucketIntelligentTieringConfigurationsResult"),
        OK, Refused(IntelligentTieringConfigurationNotFoundError);
    "inventory" Several("InventoryConfiguration", "ListInventoryConfigurationResult"),
        OK, Refused(InventoryConfigurationNotFoundError);
    "lifecycle" Xml("LifecycleConfiguration"), OK, Refused(NoSuchLifecycleConfiguration);
    "logging" Xml("BucketLoggingStatus"), OK, Empty;
    "origin" Xml("OriginConfiguration"), OK, Refused(OriginConfigurationNotFoundError);
    "policy" Policy, NO_CONTENT, Refused(NoSuchBucketPolicy);
    "referer" Xml("RefererConfiguration"), OK, Refused(NoSuchRefererConfiguration);
    "replication" Xml("ReplicationConfiguration"), OK, Refused(ReplicationConfigurationNotFoundError);
    "tagging" Checked("Tagging", tagging::check_bucket), NO_CONTENT, Refused(NoSuchTagSet);
    "website" Xml("WebsiteConfiguration"), OK, Refused(NoSuchWebsiteConfiguration);
}

impl Kind {
    /// The kind that a request is about, and the id of the document among its kind.
    fn asked(call: &Call) -> Result<(&'static Self, String), Error> {
        let asked = KINDS.iter().find(|kind| call.query.has(kind.parameter));
        let message = "This server does not offer what the parameter asks for.";
        let kind = asked.ok_or_else(|| Error::new(Code::NotImplemented, message))?;
        let id = match kind.format {
            Several(..) => call.query.get("id").unwrap_or_default().to_owned(),
            _ => String::new(),
        };
        Ok((kind, id))
    }

    /// The text to keep of a request body.
    fn read(&self, body: &[u8]) -> Result<String, Error> {
        match self.format {
            Xml(root) | Several(root, _) => xml::document(body, root),
            Checked(root, check) => {
                let document = xml::document(body, root)?;
                check(&document)?;
                Ok(document)
            }
            Policy => read_policy(body),
        }
    }

    fn answer(&self, kept: Option<String>) -> Result<Reply, Error> {
        let document = match (kept, &self.absent, &self.format) {
            (Some(document), ..) => document,
            (None, Empty, Xml(root) | Checked(root, _) | Several(root, _)) => format!("<{root}/>"),
            (None, Refused(code), _) => {
                let message = format!("Nothing is configured of the bucket as {}.", self.parameter);
                return Err(Error::new(*code, message));
            }
            (None, Empty, Policy) => "{}".to_owned(),
        };
        Ok(match self.format {
            Policy => text(StatusCode::OK, "application/json", document),
            _ => text(StatusCode::OK, "application/xml", xml::declared(&document)),
        })
    }
}

/// PUT of a document. A referer list has no DELETE: an empty body takes it away.
///
/// # Errors
/// `MalformedXML` or `MalformedPolicy`, `BadDigest`, and what the kind itself minds.
pub(crate) async fn put(service: &Service, call: &mut Call) -> Result<Reply, Error> {
    let (kind, id) = Kind::asked(call)?;
    if matches!(kind.format, Several(..)) && id.is_empty() {
        return Err(Error::invalid("The request needs the parameter id."));
    }
    let document = match kind.parameter == "referer" && call.body.is_empty() {
        true => None,
        false => Some(kind.read(&call.xml_body().await?)?),
    };
    let bucket = call.bucket().to_owned();
    service
        .store(move |store| store.configure(&bucket, kind.parameter, &id, document.as_deref()))
        .await?;
    Ok(empty(kind.taken))
}

/// GET of a document, or of the list of all of its kind.
///
/// # Errors
/// That of the kind where nothing is configured.
pub(crate) async fn get(service: &Service, call: &mut Call) -> Result<Reply, Error> {
    let (kind, id) = Kind::asked(call)?;
    let bucket = call.bucket().to_owned();
    if let Several(_, list) = kind.format
        && id.is_empty()
    {
        let all = service.store(move |store| store.configurations(&bucket, kind.parameter)).await?;
        let all = format!("<{list}>{}<IsTruncated>false</IsTruncated></{list}>", all.concat());
        return Ok(text(StatusCode::OK, "application/xml", xml::declared(&all)));
    }
    kind.answer(
        service.store(move |store| store.configuration(&bucket, kind.parameter, &id)).await?,
    )
}

/// DELETE of a document; it is no error that there is none.
pub(crate) async fn delete(service: &Service, call: &mut Call) -> Result<Reply, Error> {
    let (kind, id) = Kind::asked(call)?;
    let bucket = call.bucket().to_owned();
    service.store(move |store| store.configure(&bucket, kind.parameter, &id, None)).await?;
    Ok(empty(StatusCode::NO_CONTENT))
}

/// The policy, with `Statement` in the case in which COS gives it back.
fn read_policy(body: &[u8]) -> Result<String, Error> {
    let malformed = || {
        let message = "The request body has to be a policy in JSON, with a list of \
                       statements.";
        Error::new(Code::MalformedPolicy, message)
    };
    let mut policy: Map<String, Value> = serde_json::from_slice(body).map_err(|_| malformed())?;
    if let Some(statement) = policy.remove("statement") {
        policy.insert("Statement".to_owned(), statement);
    }
    if !policy.get("Statement").is_some_and(Value::is_array) {
        return Err(malformed());
    }
    Ok(serde_json::to_string(&policy)?)
}
