//! Purging and preheating by Tencent Cloud's API 3.0: `POST /` on the server's own address, or with
//! the `Host` `cdn.tencentcloudapi.com`, in the version 2018-06-06 of the CDN's actions.

use std::borrow::Cow;
use std::sync::Arc;

use hyper::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::domain::Domain;
use super::task::{Filter, Job, Status, parse_time};
use super::{Outcome, Wanted, fetch, tc3};
use crate::call::{Call, Reply, text};
use crate::digest::random_hex;
use crate::error::Error;
use crate::host::encode_path;
use crate::service::Service;

/// The only version of the actions.
const VERSION: &str = "2018-06-06";

/// The most URLs or directories of one request (documents 228/37870 to 228/37872).
const MOST_URLS: usize = 1000;
const MOST_PATHS: usize = 500;
const MOST_PUSHES: usize = 500;

/// The most tasks of one page, and how many it usually has.
const LONGEST_PAGE: usize = 1000;
const USUAL_PAGE: usize = 20;

/// The most bytes of a request.
const LARGEST_BODY: usize = 10 << 20;

/// Why a request is refused, in the form of the API.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) code: &'static str,
    message: Cow<'static, str>,
}

impl Refusal {
    pub(super) fn new(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into() }
    }
}

/// The parameters of all actions.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Parameters {
    urls: Option<Vec<String>>,
    paths: Option<Vec<String>>,
    flush_type: Option<String>,
    task_id: Option<String>,
    start_time: Option<String>,
    end_time: Option<String>,
    keyword: Option<String>,
    status: Option<String>,
    purge_type: Option<String>,
    offset: Option<usize>,
    limit: Option<usize>,
}

/// Whether a request is one of the API.
pub(crate) fn concerns(call: &Call, path: &str) -> bool {
    !call.target.cos_host
        && path == "/"
        && call.method == Method::POST
        && call.headers.contains_key("x-tc-action")
}

/// Answers a request of the API. Refusals have the status 200, too.
pub(crate) async fn serve(service: &Arc<Service>, call: &mut Call) -> Result<Reply, Error> {
    let mut body = Vec::new();
    let mut fits = true;
    while let Some(chunk) = call.body.chunk().await? {
        fits = fits && body.len() + chunk.len() <= LARGEST_BODY;
        if fits {
            body.extend_from_slice(&chunk);
        }
    }
    let done = match fits {
        true => act(service, call, &body),
        false => Err(Refusal::new("RequestSizeLimitExceeded", "A request has at most 10 MiB.")),
    };
    let mut response = done.unwrap_or_else(
        |Refusal { code, message }| json!({ "Error": { "Code": code, "Message": message } }),
    );
    let random = random_hex(16)?;
    let (a, rest) = random.split_at(8);
    let id = format!("{a}-{}-{}-{}-{}", &rest[..4], &rest[4..8], &rest[8..12], &rest[12..]);
    response["RequestId"] = Value::String(id);
    let answer = serde_json::to_vec(&json!({ "Response": response }))?;
    Ok(text(StatusCode::OK, "application/json", answer))
}

fn act(service: &Arc<Service>, call: &Call, body: &[u8]) -> Result<Value, Refusal> {
    let now = service.clock.now();
    tc3::verify(call, body, &service.keyring, now)?;
    if call.header("x-tc-version") != Some(VERSION) {
        return Err(Refusal::new("NoSuchVersion", format!("X-TC-Version has to be {VERSION}.")));
    }
    let parameters: Parameters = serde_json::from_slice(body).map_err(|error| {
        Refusal::new("InvalidParameter", format!("The body has to be JSON: {error}."))
    })?;
    match call.header("x-tc-action").unwrap_or_default() {
        "PurgeUrlsCache" => purge_urls(service, &parameters, now),
        "PurgePathCache" => purge_paths(service, &parameters, now),
        "PushUrlsCache" => push(service, &parameters, now),
        "DescribePurgeTasks" => describe(service, &parameters, false, "PurgeLogs"),
        "DescribePushTasks" => describe(service, &parameters, true, "PushLogs"),
        action => {
            Err(Refusal::new("InvalidAction", format!("This server has no action {action}.")))
        }
    }
}

fn purge_urls(service: &Service, parameters: &Parameters, now: i64) -> Result<Value, Refusal> {
    let code = "LimitExceeded.CdnPurgeUrlExceedBatchLimit";
    let urls = needed("Urls", parameters.urls.as_deref(), MOST_URLS, code)?;
    let wanted = urls.iter().map(|url| find(service, url)).collect::<Result<Vec<_>, _>>()?;
    for wanted in wanted {
        service.cdn.cache.purge(&wanted.name());
    }
    remember(service, urls, Job::PurgeUrl, Status::Done, now)
}

fn purge_paths(service: &Service, parameters: &Parameters, now: i64) -> Result<Value, Refusal> {
    let code = "LimitExceeded.CdnPurgePathExceedBatchLimit";
    let paths = needed("Paths", parameters.paths.as_deref(), MOST_PATHS, code)?;
    let changed_only = match parameters.flush_type.as_deref() {
        Some("flush") => true,
        Some("delete") => false,
        _ => return Err(Refusal::new("MissingParameter", "FlushType has to be flush or delete.")),
    };
    let wanted = paths.iter().map(|path| find(service, path)).collect::<Result<Vec<_>, _>>()?;
    for Wanted { domain, path, .. } in wanted {
        let slash = if path.ends_with('/') { "" } else { "/" };
        let beginning = format!("{}{}{slash}", domain.name, encode_path(&path));
        service.cdn.cache.purge_all(&beginning, changed_only);
    }
    remember(service, paths, Job::PurgePath(changed_only), Status::Done, now)
}

fn push(service: &Arc<Service>, parameters: &Parameters, now: i64) -> Result<Value, Refusal> {
    let code = "LimitExceeded.CdnPushExceedBatchLimit";
    let urls = needed("Urls", parameters.urls.as_deref(), MOST_PUSHES, code)?;
    let wanted = urls.iter().map(|url| find(service, url)).collect::<Result<Vec<_>, _>>()?;
    let answer = remember(service, urls, Job::Push, Status::Process, now)?;
    let id = answer["TaskId"].as_str().unwrap_or_default().to_owned();
    let (service, urls) = (Arc::clone(service), urls.to_vec());
    tokio::spawn(async move {
        for (wanted, url) in wanted.into_iter().zip(urls) {
            let status = match fetch(&service, &wanted, Default::default()).await {
                Ok(Outcome::Kept(entry, _)) if entry.status.is_success() => Status::Done,
                Ok(Outcome::Kept(..)) => Status::Invalid,
                Ok(Outcome::Passed(reply)) if !reply.status().is_success() => Status::Invalid,
                // The object may not be kept, or is too large.
                Ok(Outcome::Passed(_)) | Err(_) => Status::Fail,
            };
            service.cdn.tasks.end(&id, &url, status, service.clock.now());
        }
    });
    Ok(answer)
}

fn describe(
    service: &Service,
    parameters: &Parameters,
    push: bool,
    name: &'static str,
) -> Result<Value, Refusal> {
    let given = |text: &'_ Option<String>| text.clone().filter(|text| !text.is_empty());
    let time = |name: &str, text: &Option<String>| {
        let wrong = || {
            let message = format!("{name} has to be a time in China like 2026-11-30 23:59:59.");
            Refusal::new("InvalidParameter", message)
        };
        given(text).map(|text| parse_time(&text).ok_or_else(wrong)).transpose()
    };
    let (id, keyword) = (given(&parameters.task_id), given(&parameters.keyword));
    let (status, purge_type) = (given(&parameters.status), given(&parameters.purge_type));
    let filter = Filter {
        id: id.as_deref(),
        from: time("StartTime", &parameters.start_time)?,
        to: time("EndTime", &parameters.end_time)?,
        keyword: keyword.as_deref(),
        status: status.as_deref(),
        purge_type: purge_type.as_deref(),
    };
    if filter.id.is_none() && filter.from.is_none() {
        return Err(Refusal::new("MissingParameter", "TaskId or StartTime has to be given."));
    }
    let limit = parameters.limit.unwrap_or(USUAL_PAGE).min(LONGEST_PAGE);
    let offset = parameters.offset.unwrap_or_default();
    let (total, page) = service.cdn.tasks.page(push, &filter, offset, limit);
    Ok(json!({ name: page, "TotalCount": total }))
}

/// A list that has to be there.
fn needed<'a>(
    name: &str,
    list: Option<&'a [String]>,
    most: usize,
    too_many: &'static str,
) -> Result<&'a [String], Refusal> {
    match list {
        None | Some([]) => {
            Err(Refusal::new("MissingParameter", format!("{name} has to be a list of URLs.")))
        }
        Some(list) if list.len() > most => {
            Err(Refusal::new(too_many, format!("{name} has at most {most} entries.")))
        }
        Some(list) => Ok(list),
    }
}

/// What a URL means; it need not be signed.
fn find(service: &Service, url: &str) -> Result<Wanted, Refusal> {
    let wrong = || {
        let message = format!("{url} has to be a URL that begins with http:// or https://.");
        Refusal::new("InvalidParameter.CdnParamError", message)
    };
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
    let rest = rest.ok_or_else(wrong)?;
    let (address, query) = rest.split_once('?').unwrap_or((rest, ""));
    let slash = address.find('/').unwrap_or(address.len());
    let (host, path) = address.split_at(slash);
    let domain: &Arc<Domain> = service.cdn.find(host).ok_or_else(|| {
        let message = format!("{host} is no domain of this CDN; give it one by --cdn-config.");
        Refusal::new("ResourceNotFound.CdnHostNotExists", message)
    })?;
    let path = if path.is_empty() { "/" } else { path };
    Wanted::of_url(domain, path, query).map_err(|_| wrong())
}

/// Makes tasks of a request, and its answer.
fn remember(
    service: &Service,
    urls: &[String],
    job: Job,
    status: Status,
    now: i64,
) -> Result<Value, Refusal> {
    let random = random_hex(4).map_err(|error| {
        tracing::error!(%error, "there is no randomness");
        Refusal::new("InternalError", "The server failed to serve the request; its log says why.")
    })?;
    let id = format!("{now}-{random}");
    service.cdn.tasks.add(&id, urls, job, status, now);
    Ok(json!({ "TaskId": id }))
}
