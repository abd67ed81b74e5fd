//! What a careless or hostile world may say.

use std::fmt::Debug;

use cos_core::value::Value;
use cos_tests::client::{START, object, with_callback, with_key};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// One input. Ids are positions among what is awaited, or any number.
#[derive(Clone, Debug)]
pub enum Input {
    Submit(&'static str, Value),
    Pause(usize),
    Cancel(usize),
    Restart(usize),
    Stat(Id, Result<(f64, f64), String>),
    Window(Id, Vec<u8>),
    Read(Id, Result<(), String>),
    Record(Id, Value),
    Credential(Id, Result<Value, String>),
    Response(Id, u16, Vec<(String, String)>, Value),
    Failure(Id, String),
    Timer(Id),
    Progress(Id, f64, f64),
    /// A sensible answer to what is awaited, so that garbage reaches every state.
    Sensible(usize),
    Later(f64),
}

#[derive(Clone, Copy, Debug)]
pub enum Id {
    Awaited(usize),
    Any(u32),
}

const NAMES: [&str; 54] = [
    "Bucket",
    "Region",
    "Key",
    "FilePath",
    "Body",
    "kind",
    "size",
    "SliceSize",
    "ChunkSize",
    "AsyncLimit",
    "files",
    "Level",
    "CopySource",
    "CopySourceParts",
    "CopySliceSize",
    "CopyChunkSize",
    "VersionId",
    "Headers",
    "Query",
    "Method",
    "Sign",
    "Expires",
    "Prefix",
    "UploadId",
    "PartNumber",
    "Parts",
    "Part",
    "ETag",
    "Size",
    "Upload",
    "IsTruncated",
    "NextPartNumberMarker",
    "NextKeyMarker",
    "Error",
    "Code",
    "Message",
    "ServerTime",
    "ListPartsResult",
    "ListMultipartUploadsResult",
    "InitiateMultipartUploadResult",
    "CopyObjectResult",
    "CopyPartResult",
    "NextUploadIdMarker",
    "uploadId",
    "modified",
    "partSize",
    "begun",
    "sums",
    "completing",
    "1",
    "TmpSecretId",
    "TmpSecretKey",
    "SecurityToken",
    "ExpiredTime",
];

const TEXTS: [&str; 30] = [
    "",
    "/",
    "a",
    "true",
    "false",
    "0",
    "-1",
    "1",
    "1700003600",
    "18446744073709551615",
    "NaN",
    "buffer",
    "text",
    "/f",
    "/missing",
    "post",
    "NoSuchUpload",
    "InternalError",
    "RequestTimeTooSkewed",
    "InvalidAccessKeyId",
    "AccessDenied",
    "Request has expired",
    "2023-11-14T22:43:20Z",
    "Tue, 14 Nov 2023 23:13:20 GMT",
    "Tue, 99 Nov 99999999999999 :: GMT",
    "2023-9223372036854775807-99T1:2:3Z",
    "q-sign-algorithm=q-ak=q-sign-time=q-key-time=q-url-param-list=",
    "../..",
    "a b\u{1F600}\u{0}",
    "\"0\"",
];

const HEADER_VALUES: [&str; 12] = [
    "0",
    "120",
    "-1",
    "1e9",
    "99999999999999999999",
    "Wed, 15 Nov 2023 22:13:20 GMT",
    "bytes 0-8/9",
    "bytes 5-4/9",
    "bytes 0-18446744073709551615/*",
    "bytes */9",
    "ARCHIVE",
    "ongoing-request=\"true\"",
];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => select(TEXTS.as_slice()).prop_map(str::to_owned),
        1 => any::<String>(),
    ]
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        select(vec![0.0, 1.0, -1.0, 5.0, 1e6, 1e7, 1e15, 1e300, f64::NAN, f64::INFINITY]),
        any::<f64>(),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        number().prop_map(Value::Number),
        text().prop_map(Value::String),
    ];
    leaf.prop_recursive(4, 24, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::List),
            vec((select(NAMES.as_slice()), inner), 0..6).prop_map(|members| {
                members.into_iter().fold(Value::map(), |map, (name, value)| map.with(name, value))
            }),
        ]
    })
}

/// Mostly what a call needs, with some members replaced.
pub fn params() -> impl Strategy<Value = Value> {
    let changes = vec((select(NAMES.as_slice()), value()), 0..4);
    let body = proptest::bool::weighted(0.3);
    (changes, body).prop_map(|(changes, body)| {
        let file = object("a").with("FilePath", "/f");
        let mut params = file
            .clone()
            .with("CopySource", "a-1.cos.r.myqcloud.com/a")
            .with("CopySliceSize", 4.0)
            .with("Level", "file")
            .with("files", vec![file, object("b"), Value::Null]);
        if body {
            params.set("Body", Value::map().with("kind", "buffer").with("size", 5.0));
        }
        changes.into_iter().fold(params, |params, (name, value)| params.with(name, value))
    })
}

/// A response body: documents that COS sends, with anything in them, whole or broken off.
fn body() -> impl Strategy<Value = Value> {
    let document = (select(NAMES.as_slice()), value(), any::<prop::sample::Index>()).prop_map(
        |(root, value, cut)| {
            let document = cos_core::xml::build(&Value::map().with(root, value));
            let at = cut.index(document.len() * 2 + 1);
            let end =
                (0..=document.len().min(at)).rev().find(|end| document.is_char_boundary(*end));
            Value::String(document[..end.unwrap_or(0)].to_owned())
        },
    );
    prop_oneof![3 => document, 1 => value()]
}

fn headers() -> impl Strategy<Value = Vec<(String, String)>> {
    let names = select(vec![
        "ETag",
        "Date",
        "x-cos-hash-crc64ecma",
        "x-cos-request-id",
        "x-cos-version-id",
        "Content-Length",
        "Content-Range",
        "Retry-After",
        "x-cos-next-append-position",
        "x-cos-object-type",
        "x-cos-storage-class",
        "x-cos-restore",
        "",
        "é",
    ]);
    let values =
        prop_oneof![3 => text(), 1 => select(HEADER_VALUES.as_slice()).prop_map(str::to_owned)];
    vec((names.prop_map(str::to_owned), values), 0..4)
}

/// What is stored of an upload, a download or a task, with anything in it; or a list of such.
fn record() -> impl Strategy<Value = Value> {
    let names = select(vec![
        "uploadId",
        "size",
        "modified",
        "partSize",
        "begun",
        "completing",
        "sums",
        "operation",
        "params",
        "etag",
    ]);
    let member = prop_oneof![
        value(),
        select(vec![0.0, 1.0, 9.0, START, f64::NAN, 1e300, -1.0]).prop_map(Value::Number),
    ];
    let record = vec((names, member), 0..8).prop_map(|members| {
        members.into_iter().fold(Value::map(), |map, (name, value)| map.with(name, value))
    });
    let entry =
        (text(), number()).prop_map(|(key, time)| Value::List(vec![key.into(), time.into()]));
    prop_oneof![
        3 => record,
        1 => vec(prop_oneof![entry, value()], 0..6).prop_map(Value::List),
        1 => value(),
    ]
}

fn id() -> impl Strategy<Value = Id> {
    prop_oneof![
        6 => (0usize..8).prop_map(Id::Awaited),
        1 => (0u32..60).prop_map(Id::Any),
        1 => any::<u32>().prop_map(Id::Any),
    ]
}

/// Mostly an answer, else a failure's text.
fn or_text<T: Debug>(answer: impl Strategy<Value = T>) -> impl Strategy<Value = Result<T, String>> {
    (proptest::bool::weighted(0.7), answer, text())
        .prop_map(|(fine, answer, text)| if fine { Ok(answer) } else { Err(text) })
}

pub fn input() -> impl Strategy<Value = Input> {
    let operation = select(cos_core::catalogue::names().chain(["no such"]).collect::<Vec<_>>());
    prop_oneof![
        4 => (operation, params()).prop_map(|(name, params)| Input::Submit(name, params)),
        1 => (0usize..4).prop_map(Input::Pause),
        1 => (0usize..4).prop_map(Input::Cancel),
        1 => (0usize..4).prop_map(Input::Restart),
        2 => (id(), or_text((number(), number()))).prop_map(|(id, answer)| Input::Stat(id, answer)),
        1 => (id(), vec(any::<u8>(), 0..20)).prop_map(|(id, bytes)| Input::Window(id, bytes)),
        2 => (id(), or_text(Just(()))).prop_map(|(id, answer)| Input::Read(id, answer)),
        2 => (id(), record()).prop_map(|(id, record)| Input::Record(id, record)),
        2 => (id(), or_text(value())).prop_map(|(id, answer)| Input::Credential(id, answer)),
        4 => (id(), any::<u16>(), headers(), body())
            .prop_map(|(id, status, headers, body)| Input::Response(id, status, headers, body)),
        4 => (id(), headers(), body())
            .prop_map(|(id, headers, body)| Input::Response(id, 200, headers, body)),
        1 => (id(), text()).prop_map(|(id, message)| Input::Failure(id, message)),
        2 => id().prop_map(Input::Timer),
        1 => (id(), number(), number())
            .prop_map(|(id, sent, total)| Input::Progress(id, sent, total)),
        12 => (0usize..8).prop_map(Input::Sensible),
        1 => number().prop_map(Input::Later),
    ]
}

pub fn options() -> impl Strategy<Value = Value> {
    let wild = vec(
        (
            select(vec![
                "FileParallelLimit",
                "ChunkSize",
                "SliceSize",
                "ProgressInterval",
                "UploadQueueSize",
                "MaxPartNumber",
                "ChunkRetryTimes",
                "Timeout",
                "SystemClockOffset",
                "UploadIdCacheLimit",
                "AutoSwitchHost",
                "SimpleUploadMethod",
                "Domain",
                "Protocol",
                "StartTime",
                "ExpiredTime",
                "MemoryLimit",
                "SecretKey",
                "SecurityToken",
                "ServiceDomain",
                "CorrectClockSkew",
                "ChunkParallelLimit",
                "CopyChunkSize",
                "CopySliceSize",
                "EnableReporter",
                "ClsReporter",
            ]),
            value(),
        ),
        0..4,
    );
    (any::<bool>(), wild).prop_map(|(asks, wild)| {
        let options = if asks { with_callback() } else { with_key() };
        wild.into_iter().fold(options, |options, (name, value)| options.with(name, value))
    })
}
