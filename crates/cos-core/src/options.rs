//! [`Options`]: what `new COS(options)` was given, with upstream's defaults and limits.

use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::value::{Value, number_text};

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
    /// Parts of one copy requested at the same time; a mini program has ten connections.
    pub copy_parallel_limit: usize,
    /// Part size of copies in bytes, at least 1 MiB.
    pub copy_chunk_size: f64,
    /// Objects larger than this many bytes are copied in parts.
    pub copy_slice_size: f64,
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
    /// Bytes of files in buffers, at most; a single larger one is alone.
    pub memory_limit: f64,
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
    /// Whether reporters are told of calls.
    pub reports: bool,
    /// Whether they are told of every request of uploads and copies in parts too.
    pub reports_parts: bool,
    /// The application's own id in reports.
    pub custom_id: String,
    /// Where requests go.
    pub endpoint: Endpoint,
    /// The options as they were understood, under the application's names for them.
    pub complete: Value,
}

impl Options {
    /// Checks the validity of a fixed temporary key, where a signature takes it over. The texts are
    /// upstream's.
    ///
    /// # Errors
    /// A time is not in seconds. `expires` is the validity that the call asks for.
    pub fn check_times(&self, expires: Option<f64>) -> Result<(), Error> {
        let times = [("StartTime", self.start_time), ("ExpiredTime", self.expired_time)];
        let ends = expires.is_some_and(|expires| expires != 0.0);
        let used = if self.start_time == 0.0 {
            0
        } else if ends {
            1
        } else {
            2
        };
        for (name, time) in times.into_iter().take(used) {
            if self.expired_time == 0.0 && !ends {
                break;
            }
            if number_text(time).len() != 10 {
                return Err(Error::usage(["params \"", name, "\" should be 10 digits"].concat()));
            }
        }
        Ok(())
    }

    /// Reads the options as the application gave them. Functions arrive as flags:
    /// `getAuthorization: true` says that there is a callback.
    pub fn from_value(given: &Value) -> Options {
        let mut read = Reader { given, complete: Value::map() };
        let token = match given.get("XCosSecurityToken").to_text() {
            old if given.get("SecurityToken").is_truthy() || old.is_empty() => None,
            old => Some(old),
        };
        let is_set = |name: &str| given.get(name).is_truthy();
        let mut options = Options {
            secret_id: read.text("SecretId"),
            secret_key: read.text("SecretKey"),
            security_token: token.unwrap_or_else(|| read.text("SecurityToken")),
            start_time: read.number("StartTime", 0.0, ANY),
            expired_time: read.number("ExpiredTime", 0.0, ANY),
            asks_application: is_set("getAuthorization") || is_set("getSTS"),
            file_parallel_limit: read.number("FileParallelLimit", 3.0, [1.0, MOST]) as usize,
            chunk_parallel_limit: read.number("ChunkParallelLimit", 3.0, [1.0, MOST]) as usize,
            chunk_retry_times: read.number("ChunkRetryTimes", 2.0, [0.0, MOST]) as u32,
            chunk_size: read.number("ChunkSize", MIB, [MIB, MOST]),
            copy_parallel_limit: read.number("CopyChunkParallelLimit", 10.0, [1.0, 10.0]) as usize,
            copy_chunk_size: read.number("CopyChunkSize", 10.0 * MIB, [MIB, MOST]),
            copy_slice_size: read.number("CopySliceSize", 10.0 * MIB, [0.0, MOST]),
            slice_size: read.number("SliceSize", MIB, ANY),
            max_part_number: read.number("MaxPartNumber", 10000.0, [1024.0, 10000.0]),
            progress_interval: read.number("ProgressInterval", 1000.0, [0.0, MOST]),
            upload_queue_size: read.number("UploadQueueSize", 10000.0, [0.0, MOST]) as usize,
            timeout: read.number("Timeout", 0.0, [0.0, MOST]),
            correct_clock_skew: read.flag("CorrectClockSkew", true),
            clock_offset: read.number("SystemClockOffset", 0.0, ANY),
            check_content_md5: read.flag("UploadCheckContentMd5", false),
            add_meta_md5: read.flag("UploadAddMetaMd5", false),
            upload_id_cache_limit: read.number("UploadIdCacheLimit", 50.0, [0.0, MOST]) as usize,
            memory_limit: read.number("MemoryLimit", 32.0 * MIB, [0.0, MOST]),
            force_sign_host: read.flag("ForceSignHost", true),
            simple_upload: match given.get("SimpleUploadMethod").as_str() {
                None | Some("postObject") => SimpleUpload::Post,
                Some(_) => SimpleUpload::Put,
            },
            auto_switch_host: read.flag("AutoSwitchHost", false),
            key_simplify_check: read.flag("ObjectKeySimplifyCheck", true),
            compatibility_mode: read.flag("CompatibilityMode", false),
            app_id: given.get("AppId").to_text(),
            reports: is_set("EnableReporter"),
            reports_parts: is_set("ClsReporter"),
            custom_id: read.text("CustomId"),
            endpoint: Endpoint {
                protocol: read.text("Protocol"),
                domain: read.text("Domain"),
                service_domain: read.text("ServiceDomain"),
                force_path_style: read.flag("ForcePathStyle", false),
                use_accelerate: read.flag("UseAccelerate", false),
            },
            complete: Value::Null,
        };
        if options.simple_upload == SimpleUpload::Post {
            read.complete.set("SimpleUploadMethod", "postObject");
        }
        read.text("HttpDNSServiceId");
        read.flag("DeepTracker", false);
        read.number("TrackerDelay", 5000.0, ANY);
        options.complete = read.complete;
        options
    }
}

/// The largest number that options are limited to: what is larger is as good as no limit.
const MOST: f64 = 4_294_967_295.0;

/// No limits.
const ANY: [f64; 2] = [f64::MIN, f64::MAX];

/// Reads options, and notes what was understood.
struct Reader<'a> {
    given: &'a Value,
    complete: Value,
}

impl Reader<'_> {
    fn note(&mut self, name: &str, value: Value) {
        self.complete.set(name, value);
    }

    fn text(&mut self, name: &str) -> String {
        let text = self.given.get(name).to_text();
        self.note(name, Value::String(text.clone()));
        text
    }

    fn number(&mut self, name: &str, default: f64, [least, most]: [f64; 2]) -> f64 {
        let number = match self.given.get(name).as_number() {
            Some(number) if number.is_finite() => number.max(least).min(most),
            _ => default,
        };
        self.note(name, Value::Number(number));
        number
    }

    fn flag(&mut self, name: &str, default: bool) -> bool {
        let flag = match self.given.get(name) {
            Value::Null => default,
            value => value.is_truthy(),
        };
        self.note(name, Value::Bool(flag));
        flag
    }
}
