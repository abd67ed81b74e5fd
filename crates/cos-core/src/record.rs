//! What an unfinished upload leaves in storage, so that a later one can continue it.

use crate::context::{Context, Stat};
use crate::digest::{crc64_text, hex, md5, parse_crc64};
use crate::effect::Effect;
use crate::idmap::IdMap;
use crate::parts::Parts;
use crate::value::Value;

/// Key of the list of all records: `[[key, milliseconds], ..]`, the youngest first.
pub const INDEX: &str = "cos-uploads";

/// Records older than this many milliseconds are dropped: COS may have dropped the parts.
const LIFETIME: f64 = 30.0 * 86_400_000.0;

/// At most one save in this many milliseconds while parts arrive.
const SAVE_INTERVAL: f64 = 1000.0;

/// The record of one file on its way to one object.
#[derive(Debug)]
pub struct Record {
    /// Its key in storage.
    pub key: String,
    stat: Stat,
    part_size: f64,
    upload_id: String,
    begun_at: f64,
    saved_at: f64,
    completing: bool,
    /// CRC64 by part number, as recalled.
    sums: IdMap<u32, u64>,
}

impl Record {
    /// The record for a file, named by its path and where it goes.
    pub fn new(identity: &[&str], stat: Stat, part_size: f64) -> Record {
        Record {
            key: ["cos-upload-", &hex(&md5(identity.join("\n").as_bytes()))].concat(),
            stat,
            part_size,
            upload_id: String::new(),
            begun_at: 0.0,
            saved_at: 0.0,
            completing: false,
            sums: IdMap::default(),
        }
    }

    /// Reads a stored record. The upload id, when the record is of the same file in the same parts.
    pub fn recall(&mut self, stored: &Value, now: f64) -> Option<String> {
        let number = |name: &str| stored.get(name).as_number();
        let begun_at = number("begun")?;
        let same = number("size") == Some(self.stat.size)
            && number("modified") == Some(self.stat.modified)
            && number("partSize") == Some(self.part_size)
            && (now - begun_at).abs() < LIFETIME;
        let upload_id = stored.get("uploadId").to_text();
        if !same || upload_id.is_empty() {
            return None;
        }
        self.begun_at = begun_at;
        self.completing = stored.get("completing").is_truthy();
        self.sums.clear();
        for (number, sum) in stored.get("sums").members() {
            if let (Ok(number), Some(sum)) = (number.parse(), sum.as_str().and_then(parse_crc64)) {
                self.sums.insert(number, sum);
            }
        }
        Some(upload_id)
    }

    /// The upload continues, or begins, with this id.
    pub fn begin(&mut self, upload_id: &str, now: f64) {
        if self.upload_id != upload_id {
            self.upload_id = upload_id.to_owned();
            self.begun_at = now;
        }
        self.completing = false;
    }

    /// The CRC64 of a part, as recalled.
    pub fn sum(&self, number: u32) -> Option<u64> {
        self.sums.get(&number).copied()
    }

    /// What was recalled does not fit.
    pub fn forget_sums(&mut self) {
        self.sums.clear();
        self.completing = false;
    }

    /// Whether the completion had been sent when the record was saved.
    pub fn was_completing(&self) -> bool {
        self.completing
    }

    /// From now on the answer to a completion may be missing.
    pub fn note_completing(&mut self) {
        self.completing = true;
    }

    /// The CRC64 of the whole file from what was recalled.
    pub fn whole_sum(&self, parts: &Parts) -> Option<u64> {
        parts.combined(|number| self.sum(number))
    }

    /// Stores the record.
    pub fn save(&mut self, cx: &mut Context, parts: &Parts) {
        self.saved_at = cx.now;
        let sums: Value = parts
            .sums()
            .map(|(number, sum)| (number.to_string(), Value::from(crc64_text(sum))))
            .collect();
        let record = Value::map()
            .with("uploadId", self.upload_id.as_str())
            .with("size", self.stat.size)
            .with("modified", self.stat.modified)
            .with("partSize", self.part_size)
            .with("begun", self.begun_at)
            .with("completing", self.completing)
            .with("sums", sums);
        cx.emit(Effect::Save { key: self.key.clone(), record });
    }

    /// Stores the record unless that happened a moment ago. What is not stored is digested again.
    pub fn save_sometimes(&mut self, cx: &mut Context, parts: &Parts) {
        if (cx.now - self.saved_at).abs() >= SAVE_INTERVAL {
            self.save(cx, parts);
        }
    }

    /// Removes the record.
    pub fn remove(&mut self, cx: &mut Context) {
        cx.emit(Effect::Remove { key: self.key.clone() });
    }

    /// Enters the record into the index and drops what is too old or too much.
    pub fn enter(&self, cx: &mut Context, index: &Value) {
        let mut kept = vec![Value::List(vec![self.key.as_str().into(), cx.now.into()])];
        for entry in index.items() {
            let [key, time] = entry.items() else { continue };
            if key.as_str() == Some(&self.key) {
                continue;
            }
            let age = cx.now - time.as_number().unwrap_or(0.0);
            if age < LIFETIME && kept.len() < cx.options.upload_id_cache_limit {
                kept.push(entry.clone());
            } else if let Some(key) = key.as_str() {
                cx.emit(Effect::Remove { key: key.to_owned() });
            }
        }
        cx.emit(Effect::Save { key: INDEX.to_owned(), record: Value::List(kept) });
    }
}
