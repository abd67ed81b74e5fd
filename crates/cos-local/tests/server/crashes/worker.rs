//! A client that sends one request after the other, and compares what came of the last one.

use std::collections::{BTreeMap, BTreeSet};

use super::Link;
use super::dice::Dice;
use super::holdings::{Content, Holdings, UNTOLD};
use crate::client::*;
use crate::{forms, versions};

/// Keys of a worker in the bucket without versions. The first is also that of its uploads in parts.
const KEYS: u64 = 3;
/// Versions that a worker keeps of its one key in the other bucket.
const VERSIONS: usize = 4;
const PARTS: u32 = 3;
pub(super) const VERSIONED_HOST: &str = "versions-1250000000.cos.ap-guangzhou.myqcloud.com";

pub(super) struct Worker {
    name: String,
    dice: Dice,
    pub(super) certain: Holdings,
    /// What there is if the request under way was carried out.
    perhaps: Option<Holdings>,
}

impl Worker {
    /// One that has nothing yet, with keys that begin with its name.
    pub(super) fn new(name: String, seed: u64) -> Self {
        Self { name, dice: Dice(seed), certain: Holdings::default(), perhaps: None }
    }

    /// Sends requests until there is no answer.
    pub(super) fn work(&mut self, link: &Link) {
        loop {
            let (ask, mut next) = self.choose();
            self.perhaps = Some(next.clone());
            let Some(answer) = link.send(&ask) else { return };
            let (status, text) = (answer.status, answer.text());
            assert!((200..300).contains(&status), "{} {}: {text}", ask.method, ask.path);
            let version = answer.header("x-cos-version-id").map(str::to_owned);
            if let Some(told) = answer.element("UploadId").or(version) {
                next.tell(&told);
            }
            assert!(next.ids().all(|id| id != UNTOLD), "{} {}: no id", ask.method, ask.path);
            (self.certain, self.perhaps) = (next, None);
        }
    }

    fn key(&mut self) -> String {
        format!("{}/{}", self.name, self.dice.below(KEYS))
    }

    /// The key of its uploads.
    fn first_key(&self) -> String {
        format!("{}/0", self.name)
    }

    fn content(&mut self) -> Vec<u8> {
        let most = [1, 1000, 200_000, 200_000][self.dice.below(4) as usize];
        let length = self.dice.below(most);
        self.dice.bytes(length)
    }

    /// A request, and what there is once it has been carried out.
    fn choose(&mut self) -> (Ask, Holdings) {
        match self.dice.below(16) {
            0..3 => self.put(),
            3 => self.post(),
            4 | 5 => self.append(),
            6 => self.copy(),
            7 => self.delete(),
            8 => self.delete_batch(),
            9..13 => self.upload(),
            _ => self.version(),
        }
    }

    fn put(&mut self) -> (Ask, Holdings) {
        let (key, bytes) = (self.key(), self.content());
        let ask = Ask::new("PUT", &format!("/{key}")).body(bytes.clone());
        (ask, self.with_object(key, Content::of(bytes)))
    }

    fn post(&mut self) -> (Ask, Holdings) {
        let (key, bytes) = (self.key(), self.content());
        let signature = forms::legacy(SECRET_KEY);
        let ask = forms::post(&[("key", &key), ("Signature", &signature)], &bytes);
        (ask, self.with_object(key, Content::of(bytes)))
    }

    fn append(&mut self) -> (Ask, Holdings) {
        let (key, piece) = (self.key(), self.content());
        let mut bytes = match self.certain.objects.get(&key) {
            Some(Content { appendable: false, .. }) => return self.put(),
            Some(content) => content.bytes.clone(),
            None => Vec::new(),
        };
        let path = format!("/{key}?append&position={}", bytes.len());
        let ask = Ask::new("POST", &path).body(piece.clone());
        bytes.extend(piece);
        (ask, self.with_object(key, Content { appendable: true, ..Content::of(bytes) }))
    }

    fn copy(&mut self) -> (Ask, Holdings) {
        let (from, to) = (self.key(), self.key());
        let Some(source) = self.certain.objects.get(&from).filter(|_| from != to) else {
            return self.put();
        };
        let content = Content { appendable: false, ..source.clone() };
        let ask = Ask::new("PUT", &format!("/{to}"))
            .header("x-cos-copy-source", &format!("{HOST}/{from}"));
        (ask, self.with_object(to, content))
    }

    fn delete(&mut self) -> (Ask, Holdings) {
        let key = self.key();
        let mut next = self.certain.clone();
        next.objects.remove(&key);
        (Ask::new("DELETE", &format!("/{key}")), next)
    }

    fn delete_batch(&mut self) -> (Ask, Holdings) {
        let keys = [self.key(), self.key()];
        let mut next = self.certain.clone();
        next.objects.retain(|key, _| !keys.contains(key));
        let objects = keys.map(|key| format!("<Object><Key>{key}</Key></Object>")).concat();
        let body = format!("<Delete>{objects}</Delete>");
        let ask = Ask::new("POST", "/?delete").header("Content-MD5", &content_md5(body.as_bytes()));
        (ask.body(body), next)
    }

    /// Begins an upload in parts, adds a part, or ends it.
    fn upload(&mut self) -> (Ask, Holdings) {
        let (key, mut next) = (self.first_key(), self.certain.clone());
        let Some((id, parts)) = &mut next.upload else {
            next.upload = Some((UNTOLD.to_owned(), BTreeMap::new()));
            return (Ask::new("POST", &format!("/{key}?uploads")), next);
        };
        let path = format!("/{key}?uploadId={id}");
        match self.dice.below(8) {
            0 => {
                next.upload = None;
                (Ask::new("DELETE", &path), next)
            }
            1..3 if parts.contains_key(&1) => {
                let ask = complete(&path, parts);
                let whole = joined(parts);
                next.upload = None;
                next.objects.insert(key, Content::of(whole));
                (ask, next)
            }
            _ => {
                let number = u32::try_from(self.dice.below(PARTS.into())).expect("a number") + 1;
                let length = (1 << 20) + self.dice.below(1000);
                let bytes = self.dice.bytes(length);
                let ask = Ask::new("PUT", &format!("{path}&partNumber={number}"));
                let ask = ask.body(bytes.clone());
                parts.insert(number, Content::of(bytes));
                (ask, next)
            }
        }
    }

    /// Changes the key in the bucket that keeps versions.
    fn version(&mut self) -> (Ask, Holdings) {
        let path = format!("/{}", self.name);
        let mut next = self.certain.clone();
        let ask = if next.versions.len() == VERSIONS {
            let place = self.dice.below(VERSIONS as u64) as usize;
            let (id, _) = next.versions.remove(place);
            Ask::new("DELETE", &format!("{path}?versionId={id}"))
        } else if self.dice.below(3) == 0 {
            next.versions.insert(0, (UNTOLD.to_owned(), None));
            Ask::new("DELETE", &path)
        } else {
            let bytes = self.content();
            next.versions.insert(0, (UNTOLD.to_owned(), Some(Content::of(bytes.clone()))));
            Ask::new("PUT", &path).body(bytes)
        };
        (ask.host(VERSIONED_HOST), next)
    }

    fn with_object(&self, key: String, content: Content) -> Holdings {
        let mut next = self.certain.clone();
        next.objects.insert(key, content);
        next
    }

    /// Compares what there is with what has to be; whether the last request was carried out.
    pub(super) fn settle(&mut self, port: u16) -> Option<bool> {
        let mut found = self.look(port);
        let known: BTreeSet<String> = self.certain.ids().map(|id| id.clone()).collect();
        let mut untold = None;
        for id in found.ids().filter(|id| !known.contains(*id)) {
            assert!(untold.replace(std::mem::replace(id, UNTOLD.to_owned())).is_none());
        }
        let perhaps = self.perhaps.take();
        if found == self.certain {
            return perhaps.map(|_| false);
        }
        let Some(mut carried_out) = perhaps.clone().filter(|perhaps| *perhaps == found) else {
            let perhaps =
                perhaps.map_or("nothing under way".to_owned(), |perhaps| perhaps.describe());
            let (found, certain) = (found.describe(), self.certain.describe());
            panic!("{}: there is\n{found}\nand not\n{certain}\nor\n{perhaps}", self.name);
        };
        if let Some(told) = &untold {
            carried_out.tell(told);
        }
        self.certain = carried_out;
        Some(true)
    }

    /// What the server says that the worker has: in lists, and for each object in an answer of its
    /// own.
    fn look(&self, port: u16) -> Holdings {
        let mut found = Holdings::default();
        let listed = get(port, HOST, &format!("/?prefix={}/", self.name));
        let sizes = listed.elements("Size");
        for (key, size) in listed.elements("Key").into_iter().zip(sizes) {
            let content = fetch(port, HOST, &format!("/{key}"));
            assert_eq!(content.bytes.len().to_string(), size, "{key}");
            found.objects.insert(key, content);
        }
        for key in (0..KEYS).map(|number| format!("{}/{number}", self.name)) {
            if !found.objects.contains_key(&key) {
                let answer = Ask::new("GET", &format!("/{key}")).send(port);
                assert_refused(&answer, 404, "NoSuchKey");
            }
        }
        let listed = get(port, VERSIONED_HOST, &format!("/?versions&prefix={}", self.name));
        for entry in versions::entries(&listed) {
            let (_, entry) = entry.split_once('=').expect("an id");
            let (id, is_object) = (entry.trim_end_matches(['*', '-']), !entry.ends_with('-'));
            let path = format!("/{}?versionId={id}", self.name);
            let content = is_object.then(|| fetch(port, VERSIONED_HOST, &path));
            found.versions.push((id.to_owned(), content));
        }
        let listed = get(port, HOST, &format!("/?uploads&prefix={}/", self.name));
        let ids = listed.elements("UploadId");
        assert!(ids.len() <= 1, "{ids:?}");
        found.upload = ids.into_iter().next().map(|id| {
            let listed = get(port, HOST, &format!("/{}?uploadId={id}", self.first_key()));
            let numbers = listed.elements("PartNumber");
            let tags = listed.elements("ETag");
            let part = |(number, tag): (String, String)| {
                let md5 = tag.replace("&quot;", "").replace('"', "");
                let content = Content { md5, bytes: Vec::new(), appendable: false };
                (number.parse().expect("a number"), content)
            };
            (id, numbers.into_iter().zip(tags).map(part).collect())
        });
        found
    }

    /// Completes the upload with the parts that were acknowledged before kills.
    pub(super) fn complete(&mut self, port: u16) {
        let key = self.first_key();
        let Some((id, parts)) = self.certain.upload.take_if(|(_, parts)| parts.contains_key(&1))
        else {
            return;
        };
        let answer = complete(&format!("/{key}?uploadId={id}"), &parts).send(port);
        assert_eq!(answer.status, 200, "{}", answer.text());
        self.certain.objects.insert(key, Content::of(joined(&parts)));
        self.settle(port);
    }
}

/// The parts without a gap before them.
fn continuous(parts: &BTreeMap<u32, Content>) -> impl Iterator<Item = (u32, &Content)> {
    parts
        .iter()
        .zip(1..)
        .map_while(|((number, part), next)| (*number == next).then_some((next, part)))
}

fn joined(parts: &BTreeMap<u32, Content>) -> Vec<u8> {
    continuous(parts).flat_map(|(_, part)| part.bytes.iter().copied()).collect()
}

fn complete(path: &str, parts: &BTreeMap<u32, Content>) -> Ask {
    let part = |(number, part): (u32, &Content)| {
        format!("<Part><PartNumber>{number}</PartNumber><ETag>{}</ETag></Part>", part.md5)
    };
    let list: String = continuous(parts).map(part).collect();
    let body = format!("<CompleteMultipartUpload>{list}</CompleteMultipartUpload>");
    Ask::new("POST", path).body(body)
}

fn get(port: u16, host: &str, path: &str) -> Answer {
    let answer = Ask::new("GET", path).host(host).send(port);
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer
}

/// An object that is what its CRC64 says.
fn fetch(port: u16, host: &str, path: &str) -> Content {
    let answer = get(port, host, path);
    let crc64 = crc_fast::checksum(crc_fast::CrcAlgorithm::Crc64Xz, &answer.body);
    assert_eq!(answer.header("x-cos-hash-crc64ecma"), Some(crc64.to_string().as_str()), "{path}");
    let appendable = answer.header("x-cos-object-type") == Some("appendable");
    Content { appendable, ..Content::of(answer.body) }
}
