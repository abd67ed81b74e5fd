//! What reporters (`BeaconReporter`, `ClsReporter`) are told of a call: the fields of cos-wx-sdk-v5.
//!
//! An upload or a copy in parts is told of as a whole and, where somebody wants that, request by
//! request. Times are seconds with three decimals, as texts; the number 0 where nothing was measured.

use crate::context::Context;
use crate::effect::Effect;
use crate::endpoint::host_of;
use crate::error::Error;
use crate::options::Options;
use crate::response::Reply;
use crate::task::task_id;
use crate::text::{contains, cut_last, split};
use crate::value::{Value, number_text};

/// A finished request.
pub(crate) struct Trace<'a> {
    /// Name of the operation.
    pub operation: &'static str,
    /// Its method.
    pub method: &'a str,
    /// Its URL without `query`; empty when nothing was sent.
    pub url: String,
    /// Query parameters, not encoded.
    pub query: &'a [(String, String)],
    /// Repetitions.
    pub retries: u32,
    /// Milliseconds that getting the last signature took.
    pub signing: f64,
    /// Milliseconds from then to the answer.
    pub sending: f64,
    /// How it ended.
    pub outcome: &'a Result<Reply, Error>,
}

/// One call, or one request of it.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    operation: &'static str,
    /// What it turned out to be; empty for one request of a call.
    real: &'static str,
    began: f64,
    fields: Value,
    size: Value,
    /// Milliseconds: in all, signing, sending, sending parts, and digesting, which is not told apart.
    times: [f64; 5],
    /// Whether requests have been added up.
    summed: bool,
    failed: &'static str,
}

/// Operations that are told of as a whole.
const IN_PARTS: [&str; 2] = ["sliceUploadFile", "sliceCopyFile"];

impl Context {
    /// Reporters, if there are any, will be told of this call.
    pub fn report_on(&mut self, call: u32, operation: &'static str, params: &Value) {
        if self.options.reports {
            let random = std::array::from_fn(|_| self.random());
            let report = Report::new(operation, params, &self.options, random, self.now);
            self.reports_of.insert(call, report);
        }
    }

    /// The host need not keep anything of a call any more.
    pub fn forget(&mut self, call: u32) {
        self.reports_of.remove(&call);
        self.emit(Effect::Forget { call });
    }
}

impl Report {
    /// A call that begins at `now`; `random` makes the id that its reports share.
    pub fn new(
        operation: &'static str,
        params: &Value,
        options: &Options,
        random: [u32; 4],
        now: f64,
    ) -> Report {
        let bucket = params.get("Bucket").to_text();
        let app_id = cut_last(&bucket, b'-').map_or(bucket.as_str(), |(_, app_id)| app_id);
        let accelerate =
            options.endpoint.use_accelerate || is_accelerated(&options.endpoint.domain);
        let mut fields = Value::map();
        put(&mut fields, "bucket", params.get("Bucket").clone());
        put(&mut fields, "region", params.get("Region").clone());
        put(&mut fields, "accelerate", Value::Bool(accelerate));
        put(&mut fields, "http_method", Value::Null);
        put(&mut fields, "url", text(""));
        put(&mut fields, "request_path", text(&params.get("Key").to_text()));
        put(&mut fields, "trace_id", text(&task_id(random)));
        put(&mut fields, "appid", text(app_id));
        put(&mut fields, "part_number", ZERO);
        put(&mut fields, "http_retry_times", ZERO);
        put(&mut fields, "custom_id", text(&options.custom_id));
        Report {
            operation,
            // That of `uploadFile` depends on the size of the file.
            real: if operation.starts_with("uploadFile") { "" } else { operation },
            began: now,
            size: match params.get("Body").get("size") {
                Value::Null => ZERO,
                size => size.clone(),
            },
            fields,
            times: [0.0; 5],
            summed: false,
            failed: "",
        }
    }

    /// `uploadFile` goes on with a file of so many bytes.
    pub fn chosen(&mut self, in_parts: bool, size: f64) {
        self.real = if in_parts { IN_PARTS[0] } else { "putObject" };
        self.size = Value::from(size);
    }

    fn in_parts(&self) -> bool {
        IN_PARTS.contains(&self.real)
    }

    /// A request of the call is over. The report of this request alone, where `each` asks for it.
    pub fn add(&mut self, trace: &Trace<'_>, each: bool, now: f64) -> Option<Value> {
        if !self.in_parts() {
            self.note(trace);
            return None;
        }
        if self.fields.get("url").to_text().is_empty() && trace.operation != "multipartList" {
            put(
                &mut self.fields,
                "url",
                Value::from(split(&trace.url, b'?').next().unwrap_or_default()),
            );
            put(&mut self.fields, "accelerate", Value::from(is_accelerated(&trace.url)));
        }
        if let (Ok(reply), "headObject") = (trace.outcome, trace.operation) {
            self.size = reply.header("content-length").map_or(Value::Null, Value::from);
        }
        if trace.outcome.is_err()
            && trace.operation.starts_with("multipart")
            && trace.operation != "multipartAbort"
        {
            self.failed = trace.operation;
        }
        if !each {
            return None;
        }
        let mut part = Report { operation: trace.operation, real: "", ..self.clone() };
        part.began = now - trace.signing - trace.sending;
        (part.times, part.summed, part.failed) = ([0.0; 5], false, "");
        part.note(trace);
        let told = part.tell(trace.outcome.as_ref().map(|_| &Value::Null), now);
        self.summed = true;
        for (sum, time) in self.times.iter_mut().zip(part.times) {
            *sum += time;
        }
        if matches!(trace.operation, "multipartUpload" | "uploadPartCopy" | "putObjectCopy") {
            self.times[3] += trace.sending;
        }
        Some(told)
    }

    fn note(&mut self, trace: &Trace<'_>) {
        if trace.url.is_empty() {
            return;
        }
        let mut url = trace.url.clone();
        for (at, (name, value)) in trace.query.iter().enumerate() {
            url += if at == 0 { "?" } else { "&" };
            url += &[name, "=", value].concat();
            if name == "partNumber" && trace.operation == "multipartUpload" {
                self.fields
                    .set("part_number", Value::from(value.as_str()).as_number().unwrap_or(0.0));
            }
        }
        put(&mut self.fields, "url", Value::from(url));
        put(&mut self.fields, "accelerate", Value::from(is_accelerated(&trace.url)));
        put(&mut self.fields, "http_method", Value::from(trace.method));
        put(&mut self.fields, "http_retry_times", Value::from(trace.retries));
        self.size = ZERO;
        self.times = [0.0, trace.signing, trace.sending, 0.0, 0.0];
    }

    /// The call is over: what is told of it; `None` of an `uploadFile` that had no file.
    pub fn finish(&mut self, outcome: Result<&Value, &Error>, now: f64) -> Option<Value> {
        if self.operation == "getObject" {
            self.size = match outcome {
                Ok(data) => data.get("headers").get("content-length").clone(),
                Err(_) => ZERO,
            };
        }
        (!self.real.is_empty()).then(|| self.tell(outcome, now))
    }

    fn tell(&mut self, outcome: Result<&Value, &Error>, now: f64) -> Value {
        let in_parts = self.in_parts();
        if !in_parts {
            self.times[0] = now - self.began;
        }
        let time = |at: usize| match self.times.get(at) {
            Some(time) if in_parts && self.summed || *time > 0.0 => Value::from(fixed(time / 1e3)),
            _ => ZERO,
        };
        let [_, _, sending, sending_parts, _] = self.times;
        let sending = if in_parts { sending_parts } else { sending } / 1e3;
        let rate = self.size.as_number().unwrap_or(f64::NAN) / 1024.0 / sending;
        let url = self.fields.get("url").to_text();
        let host = host_of(&url);
        let mut told = self.fields.clone();
        put(&mut told, "request_name", text(self.name()));
        put(&mut told, "request_result", text(if outcome.is_ok() { "Success" } else { "Failure" }));
        put(
            &mut told,
            "real_api",
            if self.real.is_empty() { Value::Null } else { text(self.real) },
        );
        put(&mut told, "host", text(host));
        put(&mut told, "http_domain", text(host));
        put(&mut told, "http_full_time", time(0));
        put(&mut told, "http_sign", time(1));
        put(&mut told, "http_took_time", time(2));
        put(&mut told, "http_md5", time(4));
        put(&mut told, "http_size", self.size.clone());
        put(&mut told, "http_speed", Value::String(fixed(rate)));
        if let Err(error) = outcome {
            describe(&mut told, error, in_parts);
            put(&mut told, "error_node", text(self.failed));
        }
        told
    }

    /// `request_name`.
    fn name(&self) -> &'static str {
        match self.real {
            "" => self.operation,
            "putObject" | "sliceUploadFile" => "UploadTask",
            "putObjectCopy" | "sliceCopyFile" => "CopyTask",
            "getObject" => "DownloadTask",
            other => other,
        }
    }
}

/// Adds the fields of a failure. Upstream looks for them one level deeper than the error of a single
/// request has them, so that the code and the status of those are never told.
fn describe(told: &mut Value, error: &Error, in_parts: bool) {
    let detail = &error.detail;
    let inner = match detail.get("error") {
        Value::Null if in_parts => detail,
        inner => inner,
    };
    let (request_id, status) = if in_parts {
        (error.answer.request_id.clone(), Value::from(f64::from(error.answer.status)))
    } else {
        (detail.get("RequestId").to_text(), Value::Null)
    };
    let message =
        [inner.get("Message"), inner, detail].into_iter().find(|message| message.is_truthy());
    let message = message.cloned().unwrap_or_else(|| text(""));
    let code = match inner.get("Code").to_text() {
        code if code.is_empty() => "Error".to_owned(),
        code => code,
    };
    put(told, "error_type", text(if request_id.is_empty() { "Client" } else { "Server" }));
    put(told, "error_code", Value::String(code));
    put(told, "error_name", message.clone());
    put(told, "error_message", message);
    put(told, "error_request_id", Value::String(request_id));
    put(told, "error_http_code", if status.is_truthy() { status } else { Value::Null });
    put(told, "error_service_name", inner.get("Resource").clone());
}

/// The number that stands for what was not measured.
const ZERO: Value = Value::Number(0.0);

#[inline(never)]
fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

/// Sets a field; one function for all, since there are many of them.
#[inline(never)]
fn put(fields: &mut Value, name: &str, value: Value) {
    fields.set(name, value);
}

fn is_accelerated(url: &str) -> bool {
    contains(url, "accelerate.")
}

/// A number with three decimals, as JavaScript's `toFixed(3)`; 0 for a negative one.
fn fixed(number: f64) -> String {
    if number.is_infinite() {
        return "Infinity".to_owned();
    }
    let thousandths = (number * 1e3).round();
    let whole = (thousandths / 1e3).floor();
    let mut text = number_text(whole);
    if !number.is_nan() {
        // The leading digit keeps the zeros after it.
        let decimals = number_text(1e3 + thousandths - whole * 1e3);
        text.push('.');
        text.push_str(decimals.get(1..).unwrap_or_default());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::fixed;

    #[test]
    fn three_decimals() {
        for (number, text) in
            [(0.0, "0.000"), (1.2345, "1.235"), (0.9996, "1.000"), (12.05, "12.050")]
        {
            assert_eq!(fixed(number), text);
        }
        assert_eq!(fixed(f64::NAN), "NaN");
        assert_eq!(fixed(f64::INFINITY), "Infinity");
    }
}
