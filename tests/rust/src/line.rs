//! An effect in one line, with names instead of ids: `send s1 PUT /a.txt body=r1`.

use std::collections::BTreeMap;

use cos_core::digest::base64;
use cos_core::effect::{Body, Effect, HttpRequest, Progress, Source};
use cos_core::error::Error;
use cos_core::value::Value;

use crate::signature::{Signed, header, split_url};

/// The host that requests go to unless a line names another.
pub const HOST: &str = "examplebucket-1250000000.cos.ap-guangzhou.myqcloud.com";

/// The key id that signs unless a line names another.
pub const KEY: &str = "AKIDexample";

/// Names for ids and digests, given in the order in which they turn up.
#[derive(Debug, Default)]
pub struct Names {
    by_id: BTreeMap<u32, String>,
    ids: BTreeMap<String, u32>,
    counts: BTreeMap<char, u32>,
    records: Vec<String>,
    offers: Vec<String>,
    known: Vec<(String, String)>,
}

impl Names {
    /// The name of an id, `<letter><n>` when it is new.
    pub fn name(&mut self, letter: char, id: u32) -> String {
        if let Some(name) = self.by_id.get(&id) {
            return name.clone();
        }
        let count = self.counts.entry(letter).or_default();
        *count += 1;
        let name = format!("{letter}{count}");
        self.by_id.insert(id, name.clone());
        self.ids.insert(name.clone(), id);
        name
    }

    /// The id behind a name.
    pub fn id(&self, name: &str) -> u32 {
        *self.ids.get(name).unwrap_or_else(|| panic!("nothing is called {name} yet"))
    }

    /// From now on lines say `name` where there is `text`.
    pub fn know(&mut self, text: &str, name: String) {
        if !self.known.iter().any(|(known, _)| known == text) {
            self.known.push((text.to_owned(), name));
        }
    }

    fn shorten(&self, text: &str) -> String {
        let mut text = text.replace(HOST, "HOST");
        for (known, name) in &self.known {
            text = text.replace(known, name);
        }
        text
    }

    fn record(&mut self, key: &str) -> String {
        let (name, keys) = match key {
            "cos-uploads" => return "index".to_owned(),
            key if key.starts_with("cos-task-") => ("offer", &mut self.offers),
            _ => ("record", &mut self.records),
        };
        let at = keys.iter().position(|known| known == key).unwrap_or_else(|| {
            keys.push(key.to_owned());
            keys.len() - 1
        });
        if at == 0 { name.to_owned() } else { format!("{name}{}", at + 1) }
    }

    /// The line of an effect that is no request.
    pub fn line(&mut self, effect: &Effect) -> String {
        match effect {
            Effect::Stat { id, path } => format!("stat {} {path}", self.name('f', *id)),
            Effect::Read { id, source, offset, length, .. } => {
                let source = match source {
                    Source::File(path) => path.clone(),
                    Source::Caller => "body".to_owned(),
                    Source::Answer(send) => self.name('s', *send),
                };
                let range =
                    if *length < 0.0 { String::new() } else { format!(" {offset}+{length}") };
                format!("read {} {source}{range}", self.name('r', *id))
            }
            Effect::Release { id } => format!("release {}", self.name('r', *id)),
            Effect::Write { id, read, path, offset, size } => {
                let made = if *size < 0.0 { String::new() } else { format!(" of {size}") };
                let (id, read) = (self.name('w', *id), self.name('r', *read));
                format!("write {id} {read} {path}{made} at {offset}")
            }
            Effect::Rename { id, path, to } => {
                format!("rename {} {path} {to}", self.name('w', *id))
            }
            Effect::Unlink { path } => format!("unlink {path}"),
            Effect::Abort { id } => format!("abort {}", self.name('?', *id)),
            Effect::Authorize { id, request } => {
                let mut line = format!("ask {}", self.name('a', *id));
                for entry in request.get("Scope").items() {
                    for member in ["action", "prefix"].map(|name| entry.get(name).to_text()) {
                        line = format!("{line} {member}").trim_end().to_owned();
                    }
                }
                line
            }
            Effect::Load { id, key } => {
                format!("load {} {}", self.name('l', *id), self.record(key))
            }
            Effect::Save { key, record } => {
                let key = self.record(key);
                format!("save {key} {}", self.shorten(&stored(record)))
            }
            Effect::Remove { key } => format!("remove {}", self.record(key)),
            Effect::Timer { id, delay } => format!("timer {} {delay}", self.name('t', *id)),
            Effect::TaskReady { call, .. } => format!("task {}", self.name('c', *call)),
            Effect::TaskStart { call, .. } => format!("start {}", self.name('c', *call)),
            Effect::TasksChanged => "tasks".to_owned(),
            Effect::Progress { call, progress: told } => {
                format!("progress {} {}", self.name('c', *call), progress(told))
            }
            Effect::HashProgress { call, progress: told } => {
                format!("hashed {} {}", self.name('c', *call), progress(told))
            }
            Effect::Warn { message } => format!("warn {message}"),
            Effect::Report { fields } => {
                let field = |name: &str| fields.get(name).to_text();
                let [name, result] = ["request_name", "request_result"].map(field);
                let [took, node] = ["http_took_time", "error_node"].map(field);
                format!("report {name} {result} {took} {node}").trim_end().to_owned()
            }
            Effect::Settle { call, outcome, body } => {
                let name = self.name('c', *call);
                let kept = body.map(|send| format!(" body={}", self.name('s', send)));
                match outcome {
                    Ok(data) => {
                        format!("settle {name} {}{}", self.result(data), kept.unwrap_or_default())
                    }
                    Err(error) => format!("settle {name} {}", refusal(error)),
                }
            }
            Effect::FileFinish { call, file } => {
                format!("finish {} {file}", self.name('c', *call))
            }
            Effect::Forget { call } => format!("forget {}", self.name('c', *call)),
            Effect::Send { id, .. } => format!("send {}", self.name('s', *id)),
        }
    }

    /// The line of a request: what is signed into it comes as `by=`, when it is not [`KEY`].
    pub fn request(&mut self, id: u32, request: &HttpRequest, signed: Option<&Signed>) -> String {
        let (scheme, host, path, query) = split_url(&request.url);
        let mut line = format!("send {} {} ", self.name('s', id), request.method);
        if host != HOST || scheme != "https" {
            line += &format!("{scheme}://{host}");
        }
        line += path;
        if !query.is_empty() {
            line += &format!("?{query}");
        }
        match signed {
            None if header(request, "Authorization").is_none() => line += " by=nobody",
            None => line += " by=application",
            Some(signed) if signed.secret_id != KEY => line += &format!(" by={}", signed.secret_id),
            Some(_) => {}
        }
        if let Body::Text(text) = &request.body {
            let digest = base64(&cos_core::digest::md5(text.as_bytes()));
            self.know(&digest, "md5(text)".to_owned());
        }
        for (name, value) in &request.headers {
            if !matches!(name.as_str(), "Authorization" | "x-cos-security-token") {
                line += &format!(" {name}={}", self.shorten(value));
            }
        }
        match &request.body {
            Body::None => {}
            Body::Text(text) => {
                let mut text = text.replace("&quot;", "\"");
                for (tag, short) in
                    [("<PartNumber>", ""), ("</PartNumber>", " "), ("<ETag>", ""), ("</ETag>", "")]
                {
                    text = text.replace(tag, short);
                }
                let text = self.shorten(&text);
                line += &format!(" text={text}");
            }
            Body::Caller => line += " body",
            Body::Read(read) => line += &format!(" body={}", self.name('r', *read)),
            Body::Form { path, fields } => {
                line += &format!(" form={path}");
                for (name, value) in fields.iter().filter(|(name, _)| name != "Signature") {
                    line += &format!(" {name}:{value}");
                }
            }
        }
        if request.response_type != "text" {
            line += &format!(" as={}", request.response_type);
        }
        if request.timeout > 0.0 {
            line += &format!(" timeout={}", request.timeout);
        }
        line
    }

    fn result(&self, data: &Value) -> String {
        let mut text = data.get("statusCode").to_text();
        for (name, value) in data.members() {
            if !matches!(name.as_str(), "statusCode" | "headers") {
                text += &format!(" {name}={}", spell(value));
            }
        }
        self.shorten(&text)
    }
}

/// A value, short.
fn spell(value: &Value) -> String {
    match value {
        Value::Map(members) => {
            let members: Vec<_> =
                members.iter().map(|(name, value)| format!("{name}:{}", spell(value))).collect();
            format!("{{{}}}", members.join(" "))
        }
        Value::List(items) => {
            format!("[{}]", items.iter().map(spell).collect::<Vec<_>>().join(" "))
        }
        other => other.to_text(),
    }
}

fn refusal(error: &Error) -> String {
    let mut text = format!("{} {}", error.kind.name(), error.code);
    if error.answer.status > 0 {
        text += &format!(" {}", error.answer.status);
    }
    text += &format!(": {}", error.message);
    if let Some(id) = error.upload_id.as_deref().filter(|id| !id.is_empty()) {
        text += &format!(" (upload {id})");
    }
    text
}

/// A resume record: the upload id, the parts whose sums are known, and whether it is completing. Of
/// an offer the operation and the key.
fn stored(record: &Value) -> String {
    if let Value::List(items) = record {
        return items.len().to_string();
    }
    if let Some(operation) = record.get("operation").as_str() {
        return format!("{operation} {}", record.get("params").get("Key").to_text());
    }
    let sums: Vec<_> =
        record.get("sums").members().iter().map(|(number, _)| number.as_str()).collect();
    let mut text = record.get("uploadId").to_text();
    if !sums.is_empty() {
        text += &format!(" {}", sums.join(","));
    }
    if record.get("completing").is_truthy() {
        text += " completing";
    }
    text
}

fn progress(progress: &Progress) -> String {
    let mut text = format!("{}/{} {}", progress.loaded, progress.total, progress.percent);
    if progress.speed > 0.0 {
        text += &format!(" {}/s", progress.speed);
    }
    text
}
