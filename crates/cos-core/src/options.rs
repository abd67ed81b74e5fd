//! [`Options`]: what `new COS(options)` was given, with upstream's defaults and limits.

use crate::endpoint::Endpoint;
use crate::value::Value;

/// One mebibyte in bytes: the smallest part and upstream's default part size.
pub const MIB: f64 = 1024.0 * 1024.0;

/// How small files travel inside `uploadFile`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SimpleUpload {
    /// `wx.uploadFile`, a POST form.
    Post,
    /// `wx.request`, a PUT.
    Put,
}

/// The constructor's options. A missing, `undefined` or non-numeric value takes the default.
#[derive(Clone)]
pub struct Options {
    /// Permanent key id; empty when credentials come from the application.
    pub secret_id: String,
    /// Permanent key. Never leaves the core except inside a signature.
    pub secret_key: String,
    /// Token that goes with a fixed temporary key.
    pub security_token: String,
    /// Start of the validity of a fixed temporary key, unix seconds; 0 when not given.
    pub start_time: f64,
    /// End of its validity, unix seconds; 0 when not given.
    pub expired_time: f64,
    /// Whether the application answers `Authorize` effects.
    pub asks_application: bool,
    /// Files uploaded at the same time.
    pub file_parallel_limit: usize,
    /// Parts of one file sent at the same time.
    pub chunk_parallel_limit: usize,
    /// Times a part is tried again after its own retries are used up.
    pub chunk_retry_times: u32,
    /// Part size in bytes, at least 1 MiB.
    pub chunk_size: f64,
    /// Files larger than this many bytes go up in parts.
    pub slice_size: f64,
    /// The most parts an upload is planned with, 1024 to 10000.
    pub max_part_number: f64,
    /// Milliseconds between two progress reports.
    pub progress_interval: f64,
    /// Finished tasks are dropped from the list once it is longer than this.
    pub upload_queue_size: usize,
    /// Milliseconds a request may take; 0 leaves it to the host.
    pub timeout: f64,
    /// Whether the clock is corrected by the server's.
    pub correct_clock_skew: bool,
    /// Milliseconds to add to the host's clock.
    pub clock_offset: f64,
    /// Send Content-MD5 with simple uploads too.
    pub check_content_md5: bool,
    /// Store the MD5 as `x-cos-meta-md5`.
    pub add_meta_md5: bool,
    /// Resume records kept.
    pub upload_id_cache_limit: usize,
    /// Whether the host is part of the signature.
    pub force_sign_host: bool,
    /// How `uploadFile` sends small files.
    pub simple_upload: SimpleUpload,
    /// Whether an unreachable `myqcloud.com` host is replaced by its `tencentcos.cn` twin.
    pub auto_switch_host: bool,
    /// Whether `getObject` refuses keys that lead to the bucket itself.
    pub key_simplify_check: bool,
    /// Whether an unusual region is accepted without a warning.
    pub compatibility_mode: bool,
    /// Appended to buckets given without it; deprecated.
    pub app_id: String,
    /// Where requests go.
    pub endpoint: Endpoint,
}

impl Options {
    /// Reads the options as the application gave them. Functions arrive as flags:
    /// `getAuthorization: true` says that there is a callback.
    pub fn from_value(given: &Value) -> Options {
        let text = |name: &str| given.get(name).to_text();
        let number = |name: &str, default: f64| match given.get(name).as_number() {
            Some(number) if number.is_finite() => number,
            _ => default,
        };
        let flag = |name: &str, default: bool| match given.get(name) {
            Value::Null => default,
            value => value.is_truthy(),
        };
        Options {
            secret_id: text("SecretId"),
            secret_key: text("SecretKey"),
            security_token: match text("SecurityToken") {
                token if token.is_empty() => text("XCosSecurityToken"),
                token => token,
            },
            start_time: number("StartTime", 0.0),
            expired_time: number("ExpiredTime", 0.0),
            asks_application: flag("getAuthorization", false) || flag("getSTS", false),
            file_parallel_limit: number("FileParallelLimit", 3.0).max(1.0) as usize,
            chunk_parallel_limit: number("ChunkParallelLimit", 3.0).max(1.0) as usize,
            chunk_retry_times: number("ChunkRetryTimes", 2.0).max(0.0) as u32,
            chunk_size: number("ChunkSize", MIB).max(MIB),
            slice_size: number("SliceSize", MIB),
            max_part_number: number("MaxPartNumber", 10000.0).clamp(1024.0, 10000.0),
            progress_interval: number("ProgressInterval", 1000.0).max(0.0),
            upload_queue_size: number("UploadQueueSize", 10000.0).max(0.0) as usize,
            timeout: number("Timeout", 0.0).max(0.0),
            correct_clock_skew: flag("CorrectClockSkew", true),
            clock_offset: number("SystemClockOffset", 0.0),
            check_content_md5: flag("UploadCheckContentMd5", false),
            add_meta_md5: flag("UploadAddMetaMd5", false),
            upload_id_cache_limit: number("UploadIdCacheLimit", 50.0).max(0.0) as usize,
            force_sign_host: flag("ForceSignHost", true),
            simple_upload: match given.get("SimpleUploadMethod").as_str() {
                None | Some("postObject") => SimpleUpload::Post,
                Some(_) => SimpleUpload::Put,
            },
            auto_switch_host: flag("AutoSwitchHost", false),
            key_simplify_check: flag("ObjectKeySimplifyCheck", true),
            compatibility_mode: flag("CompatibilityMode", false),
            app_id: text("AppId"),
            endpoint: Endpoint {
                protocol: text("Protocol"),
                domain: text("Domain"),
                service_domain: text("ServiceDomain"),
                force_path_style: flag("ForcePathStyle", false),
                use_accelerate: flag("UseAccelerate", false),
            },
        }
    }
}
