//! `downloadFile`: ranges into a partial file, which takes its place once its bytes are proven.

use cos_core::digest::{crc64, crc64_text};
use cos_core::value::Value;
use cos_tests::answer::{Answer, error, etag, status};
use cos_tests::client::{MIB, object, with_key};
use cos_tests::device::bytes;
use cos_tests::dialogue::Dialogue;

use crate::SIZE;

const PARTIAL: &str = "/g.bin.46e3c2cf.cos-download";

fn wanted() -> Value {
    object("f.bin").with("FilePath", "/g.bin")
}

/// The answer to one range of an object.
fn range(object: &[u8], from: usize, to: usize) -> Answer {
    status(206)
        .header("Content-Range", &format!("bytes {from}-{}/{}", to - 1, object.len()))
        .header("ETag", &etag(object))
        .header("x-cos-hash-crc64ecma", &crc64_text(crc64(object)))
}

/// The answer to the nth range of an object, from 0.
fn deliver(d: &mut Dialogue, send: &str, object: &[u8], nth: usize) -> Vec<String> {
    let (from, to) = (nth * MIB, object.len().min((nth + 1) * MIB));
    let lines = d.delivers(send, range(object, from, to), &object[from..to]);
    lines.texts().to_vec()
}

/// A download of [`SIZE`] bytes whose first range is there: `s2` and `s3` are under way.
fn begun() -> (Dialogue, Vec<u8>) {
    let content = bytes(SIZE, 1);
    let mut d = Dialogue::new(&with_key());
    d.call("downloadFile", wanted()).as_before();
    deliver(&mut d, "s1", &content, 0);
    (d, content)
}

#[test]
fn ranges_are_written_where_they_belong_and_the_file_appears_at_the_end() {
    let content = bytes(SIZE, 1);
    let mut d = Dialogue::new(&with_key());
    d.call("downloadFile", wanted()).are(&[
        "task c1",
        "start c1",
        "send s1 GET /f.bin Range=bytes=0-1048575 as=arraybuffer",
    ]);
    assert_eq!(d.tasks(), "checking 0/0");
    d.delivers("s1", range(&content, 0, MIB), &content[..MIB]).are(&[
        "progress c1 0/2621440 0",
        "read r1 s1 0+1048576",
        "load l1 record",
        "write w1 r1 /g.bin.46e3c2cf.cos-download of 2621440 at 0",
        "release r1",
        "timer t1 1000",
        "save record etag(s1) 1",
        "send s2 GET /f.bin Range=bytes=1048576-2097151 If-Match=etag(s1) as=arraybuffer",
        "send s3 GET /f.bin Range=bytes=2097152-2621439 If-Match=etag(s1) as=arraybuffer",
    ]);
    // In any order.
    d.delivers("s3", range(&content, 2 * MIB, SIZE), &content[2 * MIB..]).are(&[
        "read r2 s3 0+524288",
        "write w2 r2 /g.bin.46e3c2cf.cos-download at 2097152",
        "release r2",
    ]);
    assert!(!d.device.files.contains_key("/g.bin"));
    let lines = deliver(&mut d, "s2", &content, 1);
    assert_eq!(
        lines,
        [
            "read r3 s2 0+1048576".to_owned(),
            format!("write w3 r3 {PARTIAL} at 1048576"),
            "release r3".to_owned(),
            format!("rename w4 {PARTIAL} /g.bin"),
            "remove record".to_owned(),
            "abort t1".to_owned(),
            "progress c1 2621440/2621440 1".to_owned(),
            format!(
                "settle c1 206 ETag=etag(s1) FilePath=/g.bin size=2621440 crc64={} verified=true",
                crc64_text(crc64(&content))
            ),
            "forget c1".to_owned(),
        ]
    );
    assert_eq!(*d.device.files["/g.bin"].bytes, content);
    assert_eq!(d.device.files.len(), 1);
    assert_eq!(d.device.records.len(), 0);
}

#[test]
fn a_small_object_takes_one_request() {
    let mut d = Dialogue::new(&with_key());
    d.call("downloadFile", wanted()).as_before();
    d.delivers("s1", range(b"abc", 0, 3), b"abc").end_in(&[
        "settle c1 206 ETag=etag(s1) FilePath=/g.bin size=3 crc64=3231342946509354535 verified=true",
        "forget c1",
    ]);
    assert_eq!(**d.device.files["/g.bin"].bytes, *b"abc");
}

#[test]
fn an_empty_object_has_no_ranges() {
    let mut d = Dialogue::new(&with_key());
    d.call("downloadFile", wanted()).as_before();
    d.answer("s1", error(416, "InvalidRange", "outside"))
        .are(&["send s2 GET /f.bin as=arraybuffer"]);
    let empty = status(200).header("x-cos-hash-crc64ecma", "0").header("Content-Length", "0");
    d.delivers("s2", empty, b"")
        .end_in(&["settle c1 200 ETag= FilePath=/g.bin size=0 crc64=0 verified=true", "forget c1"]);
    assert_eq!(d.device.files["/g.bin"].bytes.len(), 0);
}

#[test]
fn a_server_that_ignores_ranges_is_believed_for_the_whole() {
    let mut d = Dialogue::new(&with_key());
    d.call("downloadFile", wanted()).as_before();
    let content = bytes(SIZE, 1);
    d.delivers("s1", status(200).header("ETag", "\"x\""), &content).end_in(&[
        &format!(
            "settle c1 200 ETag=etag(s1) FilePath=/g.bin size={SIZE} crc64={} verified=false",
            crc64_text(crc64(&content))
        ),
        "forget c1",
    ]);
    assert_eq!(*d.device.files["/g.bin"].bytes, content);
}

#[test]
fn processed_images_and_decoded_objects_come_whole_and_unproven() {
    let mut d = Dialogue::new(&with_key());
    let query = Value::map().with("imageMogr2/thumbnail/9x9", "");
    d.call("downloadFile", wanted().with("Query", query))
        .end_in(&["send s1 GET /f.bin?imageMogr2%2Fthumbnail%2F9x9= as=arraybuffer"]);
    let other = status(200).header("x-cos-hash-crc64ecma", "1").header("Content-Length", "3");
    d.delivers("s1", other.clone(), b"abc").end_in(&[
        "settle c1 200 ETag= FilePath=/g.bin size=3 crc64=3231342946509354535 verified=false",
        "forget c1",
    ]);

    d.call("downloadFile", wanted()).as_before();
    let gzip = |answer: Answer| answer.header("Content-Encoding", "gzip");
    d.delivers("s2", gzip(range(&bytes(SIZE, 1), 0, MIB)), b"ab")
        .are(&["release s2", "send s3 GET /f.bin as=arraybuffer"]);
    d.delivers("s3", gzip(other), b"abcd").end_in(&[
        "settle c2 200 ETag= FilePath=/g.bin size=4 crc64=4367691578187800762 verified=false",
        "forget c2",
    ]);
}

#[test]
fn an_object_that_changes_meanwhile_is_never_mixed() {
    let (mut d, content) = begun();
    let changed = bytes(SIZE + MIB, 2);
    d.answer("s2", error(412, "PreconditionFailed", "changed")).are_none();
    // The other range was answered before the change, and is of no use.
    d.delivers("s3", range(&content, 2 * MIB, SIZE), &content[2 * MIB..]).are(&[
        "read r2 s3 0+524288",
        "release r2",
        "abort t1",
        "remove record",
        "send s4 GET /f.bin Range=bytes=0-1048575 as=arraybuffer",
    ]);
    for (send, nth) in [("s4", 0), ("s5", 1), ("s6", 2), ("s7", 3)] {
        deliver(&mut d, send, &changed, nth);
    }
    assert_eq!(*d.device.files["/g.bin"].bytes, changed);

    // A server that does not know If-Match says it by the ETag.
    let (mut d, _) = begun();
    d.answer("s3", error(404, "NoSuchKey", "gone"))
        .end_in(&["settle c1 NotFound NoSuchKey 404: gone"]);
    let (mut d, content) = begun();
    deliver(&mut d, "s3", &changed, 2);
    let lines = deliver(&mut d, "s2", &content, 1);
    assert_eq!(lines.last().unwrap(), "send s4 GET /f.bin Range=bytes=0-1048575 as=arraybuffer");
    d.cancel(1).as_before();
}

#[test]
fn an_object_that_keeps_changing_is_given_up() {
    let (mut d, content) = begun();
    for (first, others) in [("s4", ["s2", "s3"]), ("s7", ["s5", "s6"])] {
        for other in others {
            d.answer(other, error(412, "PreconditionFailed", "changed")).as_before();
        }
        deliver(&mut d, first, &content, 0);
    }
    d.answer("s8", error(412, "PreconditionFailed", "changed")).as_before();
    let told = "settle c1 Conflict COS_OBJECT_CHANGED: the object keeps changing while it is \
                downloaded: try again later";
    d.answer("s9", error(412, "PreconditionFailed", "changed")).are(&[
        "abort t3",
        "remove record",
        &format!("unlink {PARTIAL}"),
        "progress c1 1048576/2621440 0.4",
        told,
    ]);
}

#[test]
fn other_bytes_are_fetched_again_and_then_reported() {
    let (mut d, content) = begun();
    let mut wrong = content.clone();
    wrong[SIZE - 1] ^= 1;
    let damaged = range(&content, 2 * MIB, SIZE);
    for round in 0..3 {
        let sends = [2, 3].map(|n| format!("s{}", n + 3 * round));
        deliver(&mut d, &sends[0], &content, 1);
        let lines = d.delivers(&sends[1], damaged.clone(), &wrong[2 * MIB..]);
        if round < 2 {
            let next = format!("s{}", 4 + 3 * round);
            assert!(lines.texts().last().unwrap().starts_with(&format!("send {next} ")));
            deliver(&mut d, &next, &content, 0);
        } else {
            let told = lines.texts().last().unwrap();
            assert!(told.starts_with("settle c1 Integrity COS_INTEGRITY: the object has CRC64 "));
        }
    }
    assert_eq!(d.device.files.len(), 0);
    assert_eq!(d.device.records.len(), 0);
}

#[test]
fn an_answer_that_is_cut_short_is_asked_for_again() {
    let (mut d, content) = begun();
    d.delivers("s2", range(&content, MIB, 2 * MIB), &content[MIB..MIB + 9]).are(&[
        "read r2 s2 0+1048576",
        "release r2",
        "send s4 GET /f.bin Range=bytes=1048576-2097151 If-Match=etag(s1) as=arraybuffer",
    ]);
    for send in 4..=10 {
        let send = format!("s{send}");
        d.delivers(&send, range(&content, MIB, 2 * MIB), b"").as_before();
    }
    d.delivers("s11", range(&content, MIB, 2 * MIB), b"").end_in(&[
        "settle c1 Network COS_INCOMPLETE_ANSWER: answers end after 0 bytes, again and again",
    ]);
    assert!(d.device.files.contains_key(PARTIAL));
}

#[test]
fn a_pause_keeps_what_is_there() {
    let (mut d, content) = begun();
    deliver(&mut d, "s2", &content, 1);
    d.pause(1).are(&["abort t1", "abort s3", "save record etag(s1) 1,2"]);
    assert_eq!(d.tasks(), "paused 0/2621440");
    d.restart(1).are(&[
        "start c1",
        &format!("stat f1 {PARTIAL}"),
        "send s4 GET /f.bin Range=bytes=2097152-2621439 If-Match=etag(s1) as=arraybuffer",
    ]);
    deliver(&mut d, "s4", &content, 2);
    assert_eq!(*d.device.files["/g.bin"].bytes, content);
}

#[test]
fn after_a_kill_only_what_is_missing_is_fetched() {
    let (mut d, content) = begun();
    d.after(2000.0);
    deliver(&mut d, "s2", &content, 1);
    let mut device = d.kill();
    assert_eq!(device.files[PARTIAL].bytes.len(), SIZE);

    let mut d = Dialogue::on(device.clone(), &with_key(), 1_700_000_100_000.0);
    d.call("downloadFile", wanted()).as_before();
    let lines = deliver(&mut d, "s1", &content, 0);
    assert_eq!(
        lines[2..],
        [
            "load l1 record".to_owned(),
            format!("stat f1 {PARTIAL}"),
            "release r1".to_owned(),
            format!("read r2 {PARTIAL} 0+1048576"),
            "release r2".to_owned(),
            format!("read r3 {PARTIAL} 1048576+1048576"),
            "release r3".to_owned(),
            "send s2 GET /f.bin Range=bytes=2097152-2621439 If-Match=etag(s1) as=arraybuffer"
                .to_owned(),
        ]
    );
    deliver(&mut d, "s2", &content, 2);
    assert_eq!(*d.device.files["/g.bin"].bytes, content);

    // What is in the file counts, not what the record says of it.
    device.change(PARTIAL, &[0; 9], MIB as f64, -1.0, 9.0).unwrap();
    let mut d = Dialogue::on(device.clone(), &with_key(), 1_700_000_100_000.0);
    d.call("downloadFile", wanted()).as_before();
    deliver(&mut d, "s1", &content, 0);
    deliver(&mut d, "s2", &content, 1);
    deliver(&mut d, "s3", &content, 2);
    assert_eq!(*d.device.files["/g.bin"].bytes, content);

    // Another object under the key begins anew.
    let other = bytes(SIZE, 3);
    let mut d = Dialogue::on(device, &with_key(), 1_700_000_100_000.0);
    d.call("downloadFile", wanted()).as_before();
    for (send, nth) in [("s1", 0), ("s2", 1), ("s3", 2)] {
        deliver(&mut d, send, &other, nth);
    }
    assert_eq!(*d.device.files["/g.bin"].bytes, other);
}

#[test]
fn conditions_and_keys_of_the_caller_go_with_every_range() {
    let mut d = Dialogue::new(&with_key());
    let headers = Value::map().with("If-Modified-Since", "Thu, 01 Jan 1970 00:00:00 GMT");
    let params = wanted().with("Headers", headers).with("SSECustomerKeyMD5", "x");
    d.call("downloadFile", params).as_before();
    d.answer("s1", status(304)).end_in(&["settle c1 304 NotModified=true", "forget c1"]);
    assert_eq!(d.device.files.len(), 0);
}

#[test]
fn two_calls_never_write_into_one_file() {
    let (mut d, content) = begun();
    d.call("downloadFile", wanted()).end_in(&[
        "settle c2 Conflict COS_IN_USE: this object is on its way to FilePath already: wait for that \
         task",
    ]);
    deliver(&mut d, "s2", &content, 1);
    deliver(&mut d, "s3", &content, 2);
    d.call("downloadFile", object("f.bin"))
        .are(&["settle c3 Usage COS_USAGE: downloadFile: missing param FilePath", "forget c3"]);
}
