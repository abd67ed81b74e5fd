//! Bytes in buffers, and how much work a long queue is.

use cos_core::digest::{crc64, crc64_text};
use cos_tests::answer::{etag, initiated, status, uploads};
use cos_tests::client::{MIB, object, with_key};
use cos_tests::device::bytes;
use cos_tests::dialogue::Dialogue;

use crate::{client_with, file};

/// A client that holds this many bytes.
fn with_memory(bytes: usize) -> Dialogue {
    client_with(&with_key().with("MemoryLimit", bytes as f64))
}

#[test]
fn parts_are_read_when_there_is_room() {
    let mut d = with_memory(2 * MIB);
    d.call("sliceUploadFile", file()).as_before();
    d.answer("s1", uploads("f.bin", &[])).as_before();
    d.answer("s2", initiated("U1")).are(&[
        "save record U1",
        "load l2 index",
        "progress c1 0/2621440 0",
        "read r1 /f.bin 0+1048576",
        "read r2 /f.bin 1048576+1048576",
        "save index 1",
        "send s3 PUT /f.bin?partNumber=1&uploadId=U1 Content-MD5=md5(r1) body=r1",
        "send s4 PUT /f.bin?partNumber=2&uploadId=U1 Content-MD5=md5(r2) body=r2",
    ]);
    d.stored("s4").are(&[
        "release r2",
        "timer t1 1000",
        "read r3 /f.bin 2097152+524288",
        "send s5 PUT /f.bin?partNumber=3&uploadId=U1 Content-MD5=md5(r3) body=r3",
    ]);
    d.cancel(1).as_before();
}

#[test]
fn whole_files_count_and_what_is_too_large_is_alone() {
    let mut d = with_memory(MIB);
    for (name, size) in [("a", MIB / 2), ("b", 3 * MIB), ("c", MIB / 2), ("d", MIB / 2)] {
        d.device.write(&format!("/{name}"), bytes(size, 1), 1.0);
    }
    let put = |name: &str| object(name).with("FilePath", format!("/{name}"));
    let sent = |at: u32, name: &str| {
        format!("send s{at} PUT /{name} Cache-Control= Content-Type=application/octet-stream")
    };
    let begins = |lines: &[String], wanted: &[String]| {
        let sends: Vec<_> = lines.iter().filter(|line| line.starts_with("send")).collect();
        assert_eq!(sends.len(), wanted.len(), "{lines:#?}");
        assert!(sends.iter().zip(wanted).all(|(line, wanted)| line.starts_with(wanted.as_str())));
    };
    begins(d.call("putObject", put("a")).texts(), &[sent(1, "a")]);
    begins(d.call("putObject", put("b")).texts(), &[]);
    // Those behind the large one do not overtake it.
    begins(d.call("putObject", put("d")).texts(), &[]);
    begins(d.stored("s1").texts(), &[sent(2, "b")]);
    begins(d.stored("s2").texts(), &[sent(3, "d")]);
    // A pause and a cancel make room, and take those away that wait.
    begins(d.call("putObject", put("b")).texts(), &[]);
    begins(d.call("putObject", put("a")).texts(), &[]);
    begins(d.cancel(4).texts(), &[sent(4, "a")]);
    d.pause(5).as_before();
    d.stored("s3").as_before();
    begins(d.restart(5).texts(), &[sent(5, "a")]);
    d.stored("s5").as_before();
}

/// The answer to the nth MiB of an object of three, from 0.
fn delivers(d: &mut Dialogue, send: &str, object: &[u8], nth: usize) -> Vec<String> {
    let (from, to) = (nth * MIB, (nth + 1) * MIB);
    let range = status(206)
        .header("Content-Range", &format!("bytes {from}-{}/{}", to - 1, object.len()))
        .header("ETag", &etag(object))
        .header("x-cos-hash-crc64ecma", &crc64_text(crc64(object)));
    let lines = d.delivers(send, range, &object[from..to]);
    let is_sent = |line: &&String| line.starts_with("send") || line.starts_with("read r");
    lines.texts().iter().filter(is_sent).cloned().collect()
}

#[test]
fn ranges_are_asked_for_when_there_is_room_for_them() {
    let content = bytes(3 * MIB, 1);
    let load = object("f.bin").with("FilePath", "/g");
    for (limit, after_first) in [(MIB, 1), (2 * MIB, 2)] {
        let mut d = with_memory(limit);
        d.call("downloadFile", load.clone()).as_before();
        let lines = delivers(&mut d, "s1", &content, 0);
        assert_eq!(lines.len(), 1 + after_first, "{lines:#?}");
        // An upload waits behind the ranges.
        d.device.write("/a", bytes(MIB, 1), 1.0);
        d.call("putObject", object("a").with("FilePath", "/a")).end_in(&["start c2"]);
        delivers(&mut d, "s2", &content, 1);
        delivers(&mut d, "s3", &content, 2);
        assert_eq!(*d.device.files["/g"].bytes, content);
        d.stored("s4").end_in(&["forget c2"]);
    }
}

#[test]
fn what_is_left_of_a_download_is_digested_without_more_room_than_a_range_has() {
    let content = bytes(3 * MIB, 1);
    let load = object("f.bin").with("FilePath", "/g");
    let mut d = with_memory(MIB);
    d.call("downloadFile", load.clone()).as_before();
    delivers(&mut d, "s1", &content, 0);
    d.after(2000.0);
    delivers(&mut d, "s2", &content, 1);
    let options = with_key().with("MemoryLimit", MIB as f64);
    let mut d = Dialogue::on(d.kill(), &options, 1_700_000_100_000.0);
    d.call("downloadFile", load).as_before();
    delivers(&mut d, "s1", &content, 0);
    delivers(&mut d, "s2", &content, 2);
    assert_eq!(*d.device.files["/g"].bytes, content);
}

#[test]
fn a_pause_and_a_cancel_give_the_room_of_ranges_back() {
    let content = bytes(3 * MIB, 1);
    let mut d = with_memory(MIB);
    let load = |path: &str| object("f.bin").with("FilePath", path);
    d.call("downloadFile", load("/g")).as_before();
    d.call("downloadFile", load("/h")).end_in(&["start c2"]);
    d.call("downloadFile", load("/i")).end_in(&["start c3"]);
    // One that waits leaves the queue, one that is under way makes room.
    d.cancel(2).as_before();
    d.pause(1).end_in(&["send s2 GET /f.bin Range=bytes=0-1048575 as=arraybuffer"]);
    for (send, nth) in [("s2", 0), ("s3", 1), ("s4", 2)] {
        delivers(&mut d, send, &content, nth);
    }
    assert_eq!(*d.device.files["/i"].bytes, content);
    d.cancel(1).as_before();
}

#[test]
fn bytes_of_the_caller_do_not_count() {
    let mut d = with_memory(1);
    for at in 1..=3 {
        d.call_with("putObject", object("k"), &bytes(100, at)).as_before();
    }
    for send in ["s1", "s2", "s3"] {
        d.stored(send).as_before();
    }
}

#[test]
fn what_is_read_for_nobody_counts_until_it_is_here() {
    let mut d = with_memory(MIB);
    d.device.write("/a", bytes(MIB, 1), 1.0);
    let put = || object("a").with("FilePath", "/a");
    d.call("putObject", put()).as_before();
    d.cancel(1).as_before();
    d.hold().call("putObject", put()).as_before();
    d.serve("f2").end_in(&["read r2 /a"]);
    d.cancel(2).as_before();
    d.call("putObject", put()).as_before();
    d.serve("f3").end_in(&["start c3"]);
    d.serve("r2").are(&["release r2", "read r3 /a"]);
    d.cancel(3).as_before();
    d.release().as_before();
}

/// Queues so many files, sends all of them, and counts what that took.
fn effects_of(files: usize) -> (usize, usize) {
    let mut d = client_with(&with_key().with("FileParallelLimit", 1.0));
    d.device.write("/a", b"a".to_vec(), 1.0);
    d.hold();
    let (mut effects, mut asked) = (0, 0);
    for _ in 0..files {
        let lines = d.call("putObject", object("a").with("FilePath", "/a"));
        asked += lines.texts().iter().filter(|line| line.starts_with("stat")).count();
        effects += lines.texts().len();
    }
    effects += d.release().texts().len();
    effects += d.keep(files).texts().len();
    for send in 1..=files {
        effects += d.stored(&format!("s{send}")).texts().len();
    }
    (effects, asked)
}

#[test]
fn a_file_of_a_long_queue_is_no_more_work_than_one_of_a_short_queue() {
    let [few, some, many] = [40, 80, 120].map(effects_of);
    assert_eq!(many.0 - some.0, some.0 - few.0);
    assert_eq!(many.1, 16, "of the others the size is asked for in their turn");
}
