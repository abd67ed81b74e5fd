//! What outlives the program: offers to continue uploads.

use cos_core::value::Value;
use cos_tests::answer::{self, completed, etag, parts, stored};
use cos_tests::client::{MIB, object, with_key};
use cos_tests::device::{Device, bytes};
use cos_tests::dialogue::{Dialogue, Lines};

use crate::{SIZE, begun, begun_with, client, content, file, one_by_one, small};

/// The same device after the app was killed, its clock two seconds on.
fn reborn(d: Dialogue) -> Dialogue {
    let now = d.now + 2000.0;
    Dialogue::on(d.kill(), &with_key(), now)
}

/// What is offered.
fn offers(d: &mut Dialogue) -> Vec<Value> {
    d.restore().as_before();
    d.result().get("uploads").items().to_vec()
}

/// What is offered, in words: operation, key, what is confirmed of how many bytes.
fn spelled(d: &mut Dialogue) -> Vec<String> {
    let spell = |upload: Value| {
        let text = |name: &str| upload.get(name).to_text();
        let lost = if upload.get("lost").is_truthy() { " lost" } else { "" };
        let (operation, key) = (text("operation"), upload.get("params").get("Key").to_text());
        format!("{operation} {key} {}/{}{lost}", text("loaded"), text("size"))
    };
    let mut spelled: Vec<_> = offers(d).into_iter().map(spell).collect();
    spelled.sort();
    spelled
}

/// Continues the only upload that is offered.
fn resume(d: &mut Dialogue) -> Lines {
    let offered = offers(d);
    let [upload] = &offered[..] else { panic!("{offered:?}") };
    let params = upload.get("params").clone().with("Restored", upload.get("name").clone());
    d.call(&upload.get("operation").to_text(), params)
}

/// Keys of offers that the device has.
fn kept(device: &Device) -> Vec<&str> {
    let keys = device.records.keys().filter(|key| key.starts_with("cos-task-"));
    keys.map(String::as_str).collect()
}

#[test]
fn what_is_canceled_before_its_file_was_looked_at_is_offered_no_more() {
    let mut d = one_by_one();
    let a = small(&mut d, "a");
    d.call("uploadFile", a.clone()).as_before();
    d.keep(9).are(&["save offer postObject a"]);
    let mut d = reborn(d);
    assert_eq!(spelled(&mut d), ["postObject a 0/1"]);
    d.hold().call("uploadFile", a).as_before();
    d.cancel_call("c2")
        .end_in(&["settle c2 Canceled COS_CANCELED: the task was canceled", "forget c2"]);
    assert!(kept(&d.kill()).is_empty());
}

#[test]
fn what_waits_runs_pauses_or_has_failed_is_offered() {
    let mut d = one_by_one();
    let (a, b, c) = (small(&mut d, "a"), small(&mut d, "b"), small(&mut d, "c"));
    d.call("uploadFile", a).as_before();
    d.call("putObject", b).as_before();
    d.call("postObject", c).as_before();
    d.answer("s1", answer::error(403, "AccessDenied", "no")).as_before();
    d.pause(2).as_before();
    d.call("sliceUploadFile", file()).as_before();
    assert_eq!(d.tasks(), "error 0/1, paused 0/1, checking 0/1, waiting 0/2621440");
    d.keep(9).are(&[
        "save offer postObject a",
        "save offer2 putObject b",
        "save offer3 postObject c",
        "save offer4 sliceUploadFile f.bin",
    ]);
    d.keep(9).are_none();
    // Those that run are no offers.
    assert_eq!(spelled(&mut d), ["postObject a 0/1"]);
    let mut d = reborn(d);
    assert_eq!(
        spelled(&mut d),
        [
            "postObject a 0/1",
            "postObject c 0/1",
            "putObject b 0/1",
            "sliceUploadFile f.bin 0/2621440",
        ]
    );
}

#[test]
fn it_is_stored_some_at_a_time() {
    let mut d = one_by_one();
    for name in ["a", "b", "c"] {
        let params = small(&mut d, name);
        d.call("putObject", params).as_before();
    }
    d.keep(2).are(&["save offer putObject a", "save offer2 putObject b"]);
    assert!(d.engine.keep(0, d.now));
    d.keep(2).are(&["save offer3 putObject c"]);
    assert!(!d.engine.keep(2, d.now));
    d.kill();
}

#[test]
fn what_has_ended_is_not_offered() {
    let mut d = one_by_one();
    for name in ["a", "b", "e", "f"] {
        let params = small(&mut d, name);
        d.call("putObject", params).as_before();
    }
    d.stored("s1").as_before();
    d.keep(9).are(&[
        "save offer putObject b",
        "save offer2 putObject e",
        "save offer3 putObject f",
    ]);
    d.stored("s2").are(&[
        "release r2",
        "progress c2 1/1 1",
        "remove offer",
        "settle c2 200 ETag=etag(s2) Location=HOST/b",
        "forget c2",
        "start c3",
        "read r3 /e",
        "progress c3 0/1 0",
        "send s3 PUT /e Cache-Control= Content-Type=application/octet-stream body=r3",
    ]);
    d.cancel(4).are(&[
        "remove offer3",
        "settle c4 Canceled COS_CANCELED: the task was canceled",
        "forget c4",
    ]);
    d.stored("s3").as_before();
    assert_eq!(kept(&d.kill()), [""; 0]);
}

#[test]
fn an_upload_in_parts_goes_on_with_the_parts_it_had() {
    // Whatever parts the next life would choose.
    for options in [with_key(), with_key().with("ChunkSize", 2.0 * MIB as f64)] {
        let mut d = begun();
        d.keep(9).are(&["save offer sliceUploadFile f.bin"]);
        d.after(2000.0).stored("s3").as_before();
        d.after(2000.0).stored("s4").as_before();
        let whole = content(&d);
        let now = d.now + 2000.0;
        let mut d = Dialogue::on(d.kill(), &options, now);
        assert_eq!(spelled(&mut d), [format!("sliceUploadFile f.bin {}/{SIZE}", 2 * MIB)]);
        resume(&mut d).end_in(&["load l5 record", "send s1 GET /f.bin?uploadId=U1"]);
        let [one, two] = [&whole[..MIB], &whole[MIB..2 * MIB]].map(etag);
        let listed = parts([(1, &*one, MIB as u64), (2, &*two, MIB as u64)]);
        d.answer("s1", listed).end_in(&[
            "read r1 /f.bin 2097152+524288",
            "save index 1",
            "send s2 PUT /f.bin?partNumber=3&uploadId=U1 Content-MD5=md5(r1) body=r1",
        ]);
        d.stored("s2").as_before();
        d.answer("s3", completed(&whole)).are(&[
            "remove record",
            "abort t1",
            "progress c3 2621440/2621440 1",
            "remove offer",
            "settle c3 200 Location=HOST/f.bin ETag=\"e-3\" UploadId=U1",
            "forget c3",
        ]);
        assert_eq!(spelled(&mut d), [""; 0]);
    }
}

#[test]
fn a_small_file_is_sent_again_until_it_was_answered() {
    let mut d = client();
    let a = small(&mut d, "a");
    d.call("uploadFile", a).as_before();
    d.keep(9).as_before();
    let mut d = reborn(d);
    resume(&mut d)
        .end_in(&["send s1 POST / form=/a key:a success_action_status:200 Content-Type:"]);
    // Gone at once, though this life has stored nothing.
    d.stored("s1").are(&[
        "progress c2 1/1 1",
        "remove offer",
        "settle c2 200 ETag=etag(s1) Location=HOST/a",
        "forget c2",
    ]);
    assert_eq!(kept(&reborn(d).device), [""; 0]);
}

#[test]
fn the_program_was_killed_before_the_answer_to_the_completion() {
    let mut d = begun();
    d.keep(9).as_before();
    for part in ["s3", "s4", "s5"] {
        d.stored(part).as_before();
    }
    let mut d = reborn(d);
    assert_eq!(spelled(&mut d), [format!("sliceUploadFile f.bin {SIZE}/{SIZE}")]);
    resume(&mut d).as_before();
    d.answer("s1", answer::error(404, "NoSuchUpload", "completed")).are(&["send s2 HEAD /f.bin"]);
    let whole = content(&d);
    d.answer("s2", stored(&whole)).end_in(&["forget c3"]);
    assert_eq!(kept(&d.kill()), [""; 0]);
}

#[test]
fn a_file_that_is_gone_or_another_is_lost() {
    for change in ["gone", "other bytes", "touched"] {
        let mut d = begun();
        d.keep(9).as_before();
        let whole = content(&d);
        match change {
            "gone" => drop(d.device.files.remove("/f.bin")),
            "touched" => d.device.write("/f.bin", whole, 2.0),
            _ => d.device.write("/f.bin", bytes(SIZE + 1, 1), 1.0),
        }
        let mut d = reborn(d);
        let lost = offers(&mut d).remove(0);
        assert_eq!(lost.get("lost"), &Value::Bool(true), "{change}");
        // Whoever wants to can drop what COS has of it.
        assert_eq!(lost.get("uploadId").to_text(), "U1");
        assert_eq!(spelled(&mut d), [""; 0]);
        let left: Vec<_> = d.device.records.keys().collect();
        assert_eq!(left, ["cos-uploads"]);
    }
}

#[test]
fn a_file_that_changed_during_a_pause_is_offered_as_it_is() {
    let mut d = begun();
    d.keep(9).as_before();
    d.pause(1).as_before();
    d.device.write("/f.bin", bytes(SIZE, 9), 2.0);
    d.restart(1).as_before();
    d.keep(9).are(&["save offer sliceUploadFile f.bin"]);
    assert_eq!(spelled(&mut reborn(d)), [format!("sliceUploadFile f.bin 0/{SIZE}")]);
}

#[test]
fn a_canceled_upload_is_not_offered_but_its_parts_are_found_again() {
    let mut d = begun();
    d.keep(9).as_before();
    d.stored("s3").as_before();
    d.pause(1).as_before();
    d.cancel(1).are(&[
        "remove offer",
        "settle c1 Canceled COS_CANCELED: the task was canceled (upload U1)",
        "forget c1",
    ]);
    let mut d = reborn(d);
    assert_eq!(spelled(&mut d), [""; 0]);
    d.call("sliceUploadFile", file()).end_in(&["send s1 GET /f.bin?uploadId=U1"]);
    d.cancel(1).as_before();
}

#[test]
fn nothing_secret_is_stored() {
    let secret = Value::map().with("x-cos-server-side-encryption-customer-key", "c2VjcmV0");
    for params in [
        file().with("SSECustomerKey", "c2VjcmV0"),
        file().with("x-cos-server-side-encryption-customer-key", "c2VjcmV0"),
        file().with("Headers", secret),
        file().with("Headers", Value::map().with("X-App-Token", "c2VjcmV0")),
        file().with("Query", Value::map().with("Authorization", "c2VjcmV0")),
    ] {
        let mut d = begun_with(&with_key(), params);
        d.keep(9).are_none();
        d.after(2000.0).stored("s3").as_before();
        assert!(!format!("{:?}", d.device.records).contains("c2VjcmV0"));
        assert_eq!(spelled(&mut reborn(d)), [""; 0]);
    }
}

#[test]
fn bytes_without_a_file_are_not_offered() {
    let mut d = client();
    d.call_with("putObject", object("k"), b"bytes").as_before();
    d.keep(9).are_none();
    d.stored("s1").as_before();
    d.keep(9).are_none();
}

#[test]
fn offers_of_nonsense_and_old_ones_are_dropped() {
    let prepared = || {
        let mut d = client();
        let a = small(&mut d, "a");
        d.call("putObject", a).as_before();
        d.keep(9).as_before();
        let mut d = reborn(d);
        assert_eq!(spelled(&mut d), ["putObject a 0/1"]);
        d
    };
    let of = |d: &Dialogue| kept(&d.device)[0].to_owned();
    for (member, wrong) in [
        ("operation", Value::from("headObject")),
        ("operation", "restoreTasks".into()),
        ("operation", Value::Null),
        ("params", Value::Null),
        ("params", object("a")),
        ("params", object("b").with("FilePath", "/a")),
        ("begun", Value::Null),
        ("begun", (cos_tests::client::START - 31.0 * 86_400_000.0).into()),
    ] {
        let mut d = prepared();
        let key = of(&d);
        d.device.records.get_mut(&key).unwrap().set(member, wrong.clone());
        assert_eq!(spelled(&mut d), [""; 0], "{member} {wrong:?}");
        assert_eq!(kept(&d.device), [""; 0], "{member} {wrong:?}");
    }
    for nonsense in [Value::Null, 5.0.into(), "x".into(), vec![Value::Null, 1.0.into()].into()] {
        let mut d = prepared();
        let key = of(&d);
        d.device.records.insert(key, nonsense);
        assert_eq!(spelled(&mut d), [""; 0]);
    }
}

#[test]
fn all_of_it_is_stored_when_the_program_goes_to_the_background() {
    let mut d = one_by_one();
    let (a, b) = (small(&mut d, "a"), small(&mut d, "b"));
    d.call("uploadFile", a).as_before();
    d.call("uploadFile", b).as_before();
    d.engine.handle_hide(d.now);
    d.heard().are(&["save offer postObject a", "save offer2 postObject b"]);
    d.kill();
}
