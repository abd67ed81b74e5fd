//! [`Bucket`]: the objects of a project's bucket.

use std::collections::BTreeMap;

use cos_core::effect::Progress;
use cos_core::error::{Error, ErrorKind};
use cos_core::value::Value;

use crate::client::{Client, Settings};
use crate::failure::{Failure, sentence};
use crate::material::Material;
use crate::settings::BucketSettings;

/// Bytes in a part, and the size from which files go up in parts: large enough that a line with some
/// delay is used well, small enough that little is sent twice after an interruption.
const PART: f64 = 4.0 * 1024.0 * 1024.0;

/// Files and parts of one file that are sent at the same time.
const PARALLEL: f64 = 4.0;

/// Milliseconds between two reports of progress.
const REPORTS: f64 = 100.0;

/// The most objects that one request lists or deletes.
const BATCH: usize = 1000;

/// An object as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Bytes.
    pub size: u64,
    /// What changes whenever the object is written: its ETag and time.
    pub version: String,
}

/// An upload in parts that was begun and has not ended. Its parts take up storage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfinished {
    /// The object that it would become.
    pub key: String,
    /// Its id.
    pub upload_id: String,
}

/// What an object is served as.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Served {
    /// Decimal; empty where COS has none.
    pub crc64: String,
    /// `Content-Type`.
    pub content_type: String,
    /// `Cache-Control`.
    pub cache_control: String,
}

/// A bucket and a client for it.
#[derive(Clone, Debug)]
pub struct Bucket {
    client: Client,
    name: String,
    region: String,
}

impl Bucket {
    /// The bucket that settings name, reached as `connection` says.
    ///
    /// # Errors
    /// As [`Client::new`].
    pub fn open(bucket: &BucketSettings, connection: Settings) -> Result<Bucket, Failure> {
        let options = Value::map()
            .with("SliceSize", PART)
            .with("ChunkSize", PART)
            .with("FileParallelLimit", PARALLEL)
            .with("ChunkParallelLimit", PARALLEL)
            .with("ProgressInterval", REPORTS);
        let client = Client::new(&options, connection)?;
        Ok(Bucket { client, name: bucket.name.clone(), region: bucket.region.clone() })
    }

    /// The bucket's full name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Lets what is under way end; see [`Client::close`].
    pub async fn close(&self) {
        self.client.close().await;
    }

    fn place(&self) -> Value {
        Value::map().with("Bucket", self.name.as_str()).with("Region", self.region.as_str())
    }

    /// All objects whose keys begin with the prefix, by key.
    ///
    /// # Errors
    /// The bucket cannot be listed.
    pub async fn list(&self, prefix: &str) -> Result<BTreeMap<String, Listed>, Error> {
        let mut objects = BTreeMap::new();
        let mut marker = String::new();
        loop {
            let page = self
                .place()
                .with("Prefix", prefix)
                .with("Marker", marker.as_str())
                .with("MaxKeys", BATCH as f64);
            let mut page = self.client.call("getBucket", page).await?;
            for object in page.take("Contents").into_items() {
                marker = object.get("Key").to_text();
                let size = object.get("Size").as_number().unwrap_or(0.0) as u64;
                let version = format!(
                    "{} {}",
                    object.get("ETag").to_text(),
                    object.get("LastModified").to_text()
                );
                objects.insert(marker.clone(), Listed { size, version });
            }
            if page.get("IsTruncated").as_str() != Some("true") {
                return Ok(objects);
            }
            let next = page.get("NextMarker").to_text();
            if !next.is_empty() {
                marker = next;
            }
        }
    }

    /// What an object is served as; nothing when it is not there.
    ///
    /// # Errors
    /// The object cannot be read.
    pub async fn served(&self, key: &str) -> Result<Option<Served>, Error> {
        match self.client.call("headObject", self.place().with("Key", key)).await {
            Ok(head) => Ok(Some(Served::of(head.get("headers")))),
            Err(error) if error.kind == ErrorKind::NotFound && error.code != "NoSuchBucket" => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Uploads a material and makes sure that COS has the bytes that were digested before.
    ///
    /// # Errors
    /// The upload failed, or the file has changed meanwhile; then the object is removed, for its key
    /// promises other bytes.
    pub async fn upload(
        &self,
        material: &Material,
        on_progress: impl FnMut(Progress) + Send + 'static,
    ) -> Result<(), Failure> {
        let file = material.file.to_str().ok_or_else(|| {
            Failure::Usage(format!(
                "{}: the path of the project is not UTF-8, move the project",
                material.path
            ))
        })?;
        let params = self
            .place()
            .with("Key", material.key.as_str())
            .with("FilePath", file)
            .with("ContentType", material.content_type.as_str())
            .with("CacheControl", material.cache_control.as_str());
        let failed =
            |error: &Error| Failure::Failed(format!("{}: {}", material.path, sentence(error)));
        let result =
            self.client.upload(params, on_progress).await.map_err(|error| failed(&error))?;
        let mut stored = Served::of(result.get("headers")).crc64;
        if stored.is_empty() {
            let served = self.served(&material.key).await.map_err(|error| failed(&error))?;
            stored = served.unwrap_or_default().crc64;
        }
        if stored.is_empty() || stored == material.crc64 {
            return Ok(());
        }
        let removed = self.remove(std::slice::from_ref(&material.key)).await;
        let left =
            if removed.is_ok() { "" } else { ", and the object with its new bytes is still there" };
        Err(Failure::Failed(format!(
            "{} changed while it was uploaded{left}: push again",
            material.path
        )))
    }

    /// Downloads a material to its file and makes sure that it has the bytes that were digested when
    /// it was uploaded.
    ///
    /// # Errors
    /// The download failed, or the object has other bytes; then the file is as it was.
    pub async fn download(
        &self,
        material: &Material,
        on_progress: impl FnMut(Progress) + Send + 'static,
    ) -> Result<(), Failure> {
        let failed = |why: &str| Failure::Failed(format!("{}: {why}", material.path));
        let told = |error: Error| failed(&sentence(&error));
        // Before a file is replaced: what is at the key may be something else.
        let served = self.served(&material.key).await.map_err(told)?;
        let served = served.ok_or_else(|| failed("the bucket does not have it: push it again"))?;
        if !served.crc64.is_empty() && served.crc64 != material.crc64 {
            return Err(failed("the object is not the one of the manifest: push it again"));
        }
        let file = material
            .file
            .to_str()
            .ok_or_else(|| failed("the path of the project is not UTF-8, move the project"))?;
        let params = self.place().with("Key", material.key.as_str()).with("FilePath", file);
        let result = self.client.download(params, on_progress).await.map_err(told)?;
        match result.get("crc64").to_text() == material.crc64 {
            true => Ok(()),
            false => Err(failed("the object changed while it was downloaded: pull again")),
        }
    }

    /// Removes objects.
    ///
    /// # Errors
    /// Some could not be removed: the first of them is named.
    pub async fn remove(&self, keys: &[String]) -> Result<(), Failure> {
        for batch in keys.chunks(BATCH) {
            let objects: Vec<_> =
                batch.iter().map(|key| Value::map().with("Key", key.as_str())).collect();
            let params = self.place().with("Objects", objects);
            let mut result = self.client.call("deleteMultipleObject", params).await?;
            if let Some(refused) = result.take("Error").into_items().first() {
                return Err(Failure::Failed(format!(
                    "{} was not removed: {}",
                    refused.get("Key").to_text(),
                    refused.get("Message").to_text()
                )));
            }
        }
        Ok(())
    }

    /// The uploads in parts whose keys begin with the prefix and that have not ended.
    ///
    /// # Errors
    /// They cannot be listed.
    pub async fn unfinished(&self, prefix: &str) -> Result<Vec<Unfinished>, Error> {
        let mut found = Vec::new();
        let mut page = self.place().with("Prefix", prefix);
        loop {
            let mut listed = self.client.call("multipartList", page).await?;
            found.extend(listed.take("Upload").into_items().iter().map(|upload| Unfinished {
                key: upload.get("Key").to_text(),
                upload_id: upload.get("UploadId").to_text(),
            }));
            if listed.get("IsTruncated").as_str() != Some("true") {
                return Ok(found);
            }
            page = self
                .place()
                .with("Prefix", prefix)
                .with("KeyMarker", listed.take("NextKeyMarker"))
                .with("UploadIdMarker", listed.take("NextUploadIdMarker"));
        }
    }

    /// Drops the parts of an upload that has not ended.
    ///
    /// # Errors
    /// It is still there.
    pub async fn abort(&self, upload: &Unfinished) -> Result<(), Error> {
        let params = self
            .place()
            .with("Key", upload.key.as_str())
            .with("UploadId", upload.upload_id.as_str());
        match self.client.call("multipartAbort", params).await {
            Err(error) if error.kind != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// A URL that lets everyone read an object for so many seconds.
    ///
    /// # Errors
    /// There are no keys to sign with.
    pub async fn presigned(&self, key: &str, expires: u32) -> Result<String, Error> {
        let params = self.place().with("Key", key).with("Expires", f64::from(expires));
        Ok(self.client.call("getObjectUrl", params).await?.get("Url").to_text())
    }
}

impl Served {
    /// From the headers of an answer.
    fn of(headers: &Value) -> Served {
        Served {
            crc64: headers.get("x-cos-hash-crc64ecma").to_text(),
            content_type: headers.get("content-type").to_text(),
            cache_control: headers.get("cache-control").to_text(),
        }
    }
}
