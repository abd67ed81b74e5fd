//! What an unfinished upload leaves in storage, so that a later one can continue it.

use crate::context::{Context, Stat};
use crate::digest::{crc64_text, hex, md5, parse_crc64, parse_decimal};
use crate::effect::Effect;
use crate::idmap::IdMap;
use crate::parts::{Parts, may_be_part_size};
use crate::value::{Value, number_text};

/// Key of the list of all records: `[[key, milliseconds], ..]`, the youngest first.
pub const INDEX: &str = "cos-uploads";

/// Before the name of a file's way to an object: the key of its record.
pub const PREFIX: &str = "cos-upload-";

/// What is older than this many milliseconds is dropped: COS may have dropped the parts.
pub const LIFETIME: f64 = 30.0 * 86_400_000.0;

/// At most one save in this many milliseconds while parts arrive.
const SAVE_INTERVAL: f64 = 1000.0;

/// The name of a file's way to an object: its path and where it goes.
pub fn name(identity: &[&str]) -> String {
    hex(&md5(identity.join("\n").as_bytes()))
}

/// The [`name`] of the upload that these parameters ask for.
pub fn name_of(params: &Value) -> String {
    let text = |name| params.get(name).to_text();
    name(&[&text("FilePath"), &text("Bucket"), &text("Region"), &text("Key")])
}

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
    /// The record of this [`name`].
    pub fn new(name: &str, stat: Stat, part_size: f64) -> Record {
        Record {
            key: [PREFIX, name].concat(),
            stat,
            part_size,
            upload_id: String::new(),
            begun_at: 0.0,
            saved_at: 0.0,
            completing: false,
            sums: IdMap::default(),
        }
    }

    /// What the record is of, where that is learned later than its key.
    pub fn of(&mut self, stat: Stat, part_size: f64) {
        self.stat = stat;
        self.part_size = part_size;
    }

    /// Reads a stored record. The upload id, when the record is of the same file; the parts are those
    /// of the record from now on, so that none of them is sent again.
    pub fn recall(&mut self, stored: &Value, now: f64) -> Option<String> {
        let number = |name: &str| stored.get(name).as_number();
        let (begun_at, part_size) = (number("begun")?, number("partSize")?);
        let same = number("size") == Some(self.stat.size)
            && number("modified") == Some(self.stat.modified)
            && may_be_part_size(part_size, self.stat.size)
            && (now - begun_at).abs() < LIFETIME;
        let upload_id = stored.get("uploadId").to_text();
        if !same || upload_id.is_empty() {
            return None;
        }
        self.begun_at = begun_at;
        self.part_size = part_size;
        self.completing = stored.get("completing").is_truthy();
        self.sums.clear();
        for (number, sum) in stored.get("sums").members() {
            if let (Some(number), Some(sum)) =
                (parse_decimal(number), sum.as_str().and_then(parse_crc64))
            {
                self.sums.insert(number as u32, sum);
            }
        }
        Some(upload_id)
    }

    /// The parts that the file is cut into.
    pub fn parts(&self) -> Parts {
        Parts::new(self.stat.size, self.part_size)
    }

    /// Bytes in parts that were confirmed, as recalled.
    pub fn confirmed(&self) -> f64 {
        let parts = self.parts();
        self.sums.iter().fold(0.0, |sum, (number, _)| sum + parts.range(*number).1)
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
        if cx.options.upload_id_cache_limit == 0 {
            return;
        }
        let sums: Value = parts
            .sums()
            .map(|(number, sum)| (number_text(number.into()), Value::from(crc64_text(sum))))
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

    /// Enters the record into the index and drops what is too old or too much, unless an upload is
    /// working on it.
    pub fn enter(&self, cx: &mut Context, index: &Value) {
        let limit = cx.options.upload_id_cache_limit;
        let mut kept = vec![entry(&self.key, cx.now)];
        for (key, time) in entries(index) {
            if key == self.key {
                continue;
            }
            if cx.now - time < LIFETIME && kept.len() < limit
                || cx.uploads_in_use.iter().any(|used| used == key)
            {
                kept.push(entry(key, time));
            } else {
                cx.emit(Effect::Remove { key: key.to_owned() });
            }
        }
        if limit > 0 {
            cx.emit(Effect::Save { key: INDEX.to_owned(), record: Value::List(kept) });
        }
    }
}

/// An entry of an index: a key and when it was entered, milliseconds since 1970.
pub fn entry(key: &str, time: f64) -> Value {
    Value::List(vec![key.into(), time.into()])
}

/// The entries of a stored index that can be read.
pub fn entries(index: &Value) -> impl Iterator<Item = (&str, f64)> {
    index.items().iter().filter_map(|entry| match entry.items() {
        [key, time] => Some((key.as_str()?, time.as_number().unwrap_or(0.0))),
        _ => None,
    })
}
