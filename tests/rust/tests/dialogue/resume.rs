//! Continuing what an earlier attempt left behind.

use cos_core::value::Value;
use cos_tests::answer::{self, completed, etag, initiated, parts, status, stored, uploads, xml};
use cos_tests::client::{MIB, with_key};
use cos_tests::device::bytes;
use cos_tests::dialogue::Dialogue;

use crate::{SIZE, begun, client, client_with, content, file};

/// The same device after the app was killed, its clock two seconds on.
fn reborn(d: Dialogue) -> Dialogue {
    let now = d.now + 2000.0;
    Dialogue::on(d.kill(), &with_key(), now)
}

/// The parts of the file: ETag and size.
fn of_file(d: &Dialogue) -> [(String, u64); 3] {
    let whole = content(d);
    let part = |from: usize, to: usize| (etag(&whole[from..to]), (to - from) as u64);
    [part(0, MIB), part(MIB, 2 * MIB), part(2 * MIB, SIZE)]
}

#[test]
fn confirmed_parts_are_neither_sent_nor_read_again() {
    let mut d = begun();
    d.after(2000.0).stored("s3").as_before();
    d.after(2000.0).stored("s5").as_before();
    let [one, _, three] = of_file(&d);
    let mut d = reborn(d);
    d.call("sliceUploadFile", file()).are(&[
        "task c1",
        "stat f1 /f.bin",
        "start c1",
        "load l1 record",
        "send s1 GET /f.bin?uploadId=U1",
    ]);
    let listed = parts([(1, &*one.0, one.1), (3, &*three.0, three.1)]);
    d.answer("s1", listed).are(&[
        "save record U1 1,3",
        "load l2 index",
        "progress c1 1572864/2621440 0.6",
        "read r1 /f.bin 1048576+1048576",
        "save index 1",
        "send s2 PUT /f.bin?partNumber=2&uploadId=U1 Content-MD5=md5(r1) body=r1",
    ]);
    d.stored("s2").are(&[
        "release r1",
        "timer t1 1000",
        "stat f2 /f.bin",
        "save record U1 1,2,3 completing",
        "send s3 POST /f.bin?uploadId=U1 Content-Type=application/xml Content-MD5=md5(text) text=<CompleteMultipartUpload><Part>1 \"b08742be29d1a5b8226a0dfb66420302\"</Part><Part>2 etag(s2)</Part><Part>3 \"fb942deb2c9b6c922807036a68f50b7d\"</Part></CompleteMultipartUpload>",
    ]);
    let whole = content(&d);
    d.answer("s3", completed(&whole)).are(&[
        "remove record",
        "abort t1",
        "progress c1 2621440/2621440 1",
        "settle c1 200 Location=HOST/f.bin ETag=\"e-3\" UploadId=U1",
        "forget c1",
    ]);
}

#[test]
fn parts_without_a_sum_are_read_and_those_of_other_bytes_sent() {
    let mut d = begun();
    let [one, two, _] = of_file(&d);
    // Part 1 had arrived, and part 2 with other bytes, before the record could be saved again.
    d.stored("s3").as_before();
    let mut d = reborn(d);
    d.call("sliceUploadFile", file()).as_before();
    let listed = parts([(1, &*one.0, one.1), (2, "\"0123\"", two.1)]);
    d.answer("s1", listed).are(&[
        "read r1 /f.bin 0+1048576",
        "release r1",
        "timer t1 1000",
        "read r2 /f.bin 1048576+1048576",
        "release r2",
        "abort t1",
        "hashed c1 2097152/2621440 0.8",
        "save record U1 1",
        "load l2 index",
        "progress c1 1048576/2621440 0.4",
        "read r3 /f.bin 1048576+1048576",
        "read r4 /f.bin 2097152+524288",
        "save index 1",
        "send s2 PUT /f.bin?partNumber=2&uploadId=U1 Content-MD5=md5(r2) body=r3",
        "send s3 PUT /f.bin?partNumber=3&uploadId=U1 Content-MD5=md5(r4) body=r4",
    ]);
    d.cancel(1).as_before();
}

#[test]
fn the_upload_id_of_the_record_is_gone() {
    let mut d = reborn(begun());
    d.call("sliceUploadFile", file()).as_before();
    d.answer("s1", answer::error(404, "NoSuchUpload", "aborted"))
        .are(&["remove record", "send s2 GET /?uploads&prefix=f.bin"]);
    d.answer("s2", uploads("f.bin", &[])).as_before();
    d.cancel(1).as_before();
}

#[test]
fn whether_an_encrypted_object_is_there_is_asked_with_its_key() {
    let customer = "secret of a customer";
    let mut d = client();
    let mut encrypted = file();
    encrypted.set("SSECustomerKey", customer);
    d.call("sliceUploadFile", encrypted).as_before();
    d.answer("s1", uploads("f.bin", &[])).as_before();
    d.answer("s2", initiated("U1")).as_before();
    for part in ["s3", "s4", "s5"] {
        d.stored(part).as_before();
    }
    d.answer("s6", answer::error(404, "NoSuchUpload", "completed")).are(&[
        "send s7 HEAD /f.bin x-cos-server-side-encryption-customer-key=secret of a customer",
    ]);
    d.cancel(1).as_before();
}

#[test]
fn the_app_was_killed_before_the_answer_to_the_completion() {
    let mut d = begun();
    for part in ["s3", "s4", "s5"] {
        d.stored(part).as_before();
    }
    let mut d = reborn(d);
    d.call("sliceUploadFile", file()).as_before();
    d.answer("s1", answer::error(404, "NoSuchUpload", "completed")).are(&["send s2 HEAD /f.bin"]);
    let whole = content(&d);
    d.answer("s2", stored(&whole)).are(&[
        "remove record",
        "progress c1 2621440/2621440 1",
        "settle c1 200 Location=HOST/f.bin Bucket=examplebucket-1250000000 Key=f.bin ETag=etag(s2) UploadId=U1",
        "forget c1",
    ]);
}

#[test]
fn the_record_is_of_another_version_of_the_file() {
    let mut d = begun();
    d.device.write("/f.bin", bytes(SIZE, 2), 2.0);
    let mut d = reborn(d);
    d.call("sliceUploadFile", file()).are(&[
        "task c1",
        "stat f1 /f.bin",
        "start c1",
        "load l1 record",
        "send s1 GET /?uploads&prefix=f.bin",
    ]);
    // COS has a part of the former version, and of the right size.
    d.answer("s1", uploads("f.bin", &["U1"])).are(&["send s2 GET /f.bin?uploadId=U1"]);
    d.answer("s2", parts([(1, "\"0123\"", MIB as u64)])).are(&[
        "read r1 /f.bin 0+1048576",
        "release r1",
        "timer t1 1000",
        "send s3 POST /f.bin?uploads Cache-Control= Content-Type=application/octet-stream",
    ]);
    d.cancel(1).as_before();
}

#[test]
fn records_that_are_too_old_or_too_many_are_dropped() {
    let mut d = reborn(begun());
    d.now += 31.0 * 86_400_000.0;
    d.call("sliceUploadFile", file()).are(&[
        "task c1",
        "stat f1 /f.bin",
        "start c1",
        "load l1 record",
        "send s1 GET /?uploads&prefix=f.bin",
    ]);
    d.cancel(1).as_before();

    let mut d = client_with(&with_key().with("UploadIdCacheLimit", 1.0));
    d.device.write("/g.bin", bytes(MIB + 1, 3), 1.0);
    d.call("sliceUploadFile", file()).as_before();
    d.answer("s1", uploads("f.bin", &[])).as_before();
    d.answer("s2", initiated("U1")).as_before();
    let other = || file().with("FilePath", "/g.bin");
    d.call("sliceUploadFile", other()).as_before();
    d.answer("s6", uploads("f.bin", &[])).as_before();
    // The other one is being worked on.
    d.answer("s7", initiated("U2")).end_in(&[
        "save index 2",
        "send s8 PUT /f.bin?partNumber=1&uploadId=U2 Content-MD5=md5(r4) body=r4",
        "send s9 PUT /f.bin?partNumber=2&uploadId=U2 Content-MD5=md5(r5) body=r5",
    ]);
    d.cancel(1).as_before();
    d.cancel(2).as_before();
    d.call("sliceUploadFile", other()).as_before();
    d.answer("s10", parts([])).are(&[
        "save record2 U2",
        "load l6 index",
        "progress c3 0/1048577 0",
        "read r6 /g.bin 0+1048576",
        "read r7 /g.bin 1048576+1",
        "remove record",
        "save index 1",
        "send s11 PUT /f.bin?partNumber=1&uploadId=U2 Content-MD5=md5(r4) body=r6",
        "send s12 PUT /f.bin?partNumber=2&uploadId=U2 Content-MD5=md5(r5) body=r7",
    ]);
    d.cancel(3).as_before();
}

#[test]
fn nothing_is_stored_where_no_records_are_wanted() {
    let mut d = client_with(&with_key().with("UploadIdCacheLimit", 0.0));
    d.call("sliceUploadFile", file()).as_before();
    d.answer("s1", uploads("f.bin", &[])).as_before();
    d.answer("s2", initiated("U1")).as_before();
    d.stored("s3").as_before();
    d.pause(1).as_before();
    d.keep(9).are_none();
    assert_eq!(d.device.records.len(), 0);
    d.cancel(1).as_before();
}

#[test]
fn uploads_that_cos_knows_are_recognized_by_their_bytes() {
    let mut d = client();
    let [one, two, _] = of_file(&d);
    d.call("sliceUploadFile", file()).as_before();
    // The youngest is of another file; the older one is of this file.
    d.answer("s1", uploads("f.bin", &["OLD", "NEW"])).are(&["send s2 GET /f.bin?uploadId=NEW"]);
    d.answer("s2", parts([(2, "\"0123\"", MIB as u64)])).are(&[
        "read r1 /f.bin 1048576+1048576",
        "release r1",
        "timer t1 1000",
        "send s3 GET /f.bin?uploadId=OLD",
    ]);
    d.answer("s3", parts([(1, &*one.0, one.1), (2, &*two.0, two.1)])).are(&[
        "read r2 /f.bin 0+1048576",
        "release r2",
        "read r3 /f.bin 1048576+1048576",
        "release r3",
        "abort t1",
        "hashed c1 2621440/2621440 1",
        "save record OLD 1,2",
        "load l2 index",
        "progress c1 2097152/2621440 0.8",
        "read r4 /f.bin 2097152+524288",
        "save index 1",
        "send s4 PUT /f.bin?partNumber=3&uploadId=OLD Content-MD5=md5(r4) body=r4",
    ]);
    d.stored("s4").as_before();
    let whole = content(&d);
    d.answer("s5", completed(&whole)).are(&[
        "remove record",
        "abort t2",
        "progress c1 2621440/2621440 1",
        "settle c1 200 Location=HOST/f.bin ETag=\"e-3\" UploadId=OLD",
        "forget c1",
    ]);
}

#[test]
fn uploads_in_other_parts_and_of_other_keys_are_left_alone() {
    let mut d = client();
    d.call("sliceUploadFile", file()).as_before();
    let body = "<ListMultipartUploadsResult><IsTruncated>true</IsTruncated>\
                <NextKeyMarker>f.bin</NextKeyMarker><NextUploadIdMarker>U1</NextUploadIdMarker>\
                <Upload><Key>f.bin</Key><UploadId>U1</UploadId></Upload>\
                </ListMultipartUploadsResult>";
    d.answer("s1", xml(body))
        .are(&["send s2 GET /?uploads&key-marker=f.bin&prefix=f.bin&upload-id-marker=U1"]);
    d.answer("s2", uploads("f.bin.bak", &["U2"])).are(&["send s3 GET /f.bin?uploadId=U1"]);
    d.answer("s3", parts([(1, "\"0123\"", 5 * MIB as u64)]))
        .are(&["send s4 POST /f.bin?uploads Cache-Control= Content-Type=application/octet-stream"]);
    d.cancel(1).as_before();
}

#[test]
fn a_candidate_that_vanishes_costs_nothing() {
    let mut d = client();
    d.call("sliceUploadFile", file()).as_before();
    d.answer("s1", uploads("f.bin", &["U1"])).as_before();
    d.answer("s2", answer::error(404, "NoSuchUpload", "aborted"))
        .are(&["send s3 POST /f.bin?uploads Cache-Control= Content-Type=application/octet-stream"]);
    d.cancel(1).as_before();
}

#[test]
fn not_being_allowed_to_list_costs_nothing() {
    let mut d = client();
    d.call("sliceUploadFile", file()).as_before();
    d.answer("s1", answer::error(403, "AccessDenied", "Access Denied."))
        .are(&["send s2 POST /f.bin?uploads Cache-Control= Content-Type=application/octet-stream"]);
    d.cancel(1).as_before();
}

#[test]
fn parts_come_in_pages() {
    let mut d = reborn(begun());
    d.call("sliceUploadFile", file()).as_before();
    let page = |number: u32| {
        xml(&format!(
            "<ListPartsResult><IsTruncated>true</IsTruncated>\
             <NextPartNumberMarker>{number}</NextPartNumberMarker>\
             <Part><PartNumber>{number}</PartNumber><ETag>\"0\"</ETag><Size>{MIB}</Size></Part>\
             </ListPartsResult>"
        ))
    };
    d.answer("s1", page(1)).are(&["send s2 GET /f.bin?part-number-marker=1&uploadId=U1"]);
    // A page that is empty and says that there is more would be asked for without end.
    let empty = "<ListPartsResult><IsTruncated>true</IsTruncated>\
                 <NextPartNumberMarker>1</NextPartNumberMarker></ListPartsResult>";
    d.answer("s2", xml(empty)).are(&[
        "read r1 /f.bin 0+1048576",
        "release r1",
        "hashed c1 1048576/2621440 0.4",
        "save record U1",
        "load l2 index",
        "progress c1 0/2621440 0",
        "read r2 /f.bin 0+1048576",
        "read r3 /f.bin 1048576+1048576",
        "read r4 /f.bin 2097152+524288",
        "save index 1",
        "send s3 PUT /f.bin?partNumber=1&uploadId=U1 Content-MD5=md5(r1) body=r2",
        "send s4 PUT /f.bin?partNumber=2&uploadId=U1 Content-MD5=md5(r3) body=r3",
        "send s5 PUT /f.bin?partNumber=3&uploadId=U1 Content-MD5=md5(r4) body=r4",
    ]);
    d.cancel(1).as_before();
}

#[test]
fn a_record_of_nonsense_is_no_record() {
    let text: Value = "x".into();
    for nonsense in [text.clone(), 5.0.into(), vec![text.clone()].into(), vec![Value::Null].into()]
    {
        let mut d = reborn(begun());
        assert_eq!(d.device.records.len(), 2);
        for record in d.device.records.values_mut() {
            *record = nonsense.clone();
        }
        d.call("sliceUploadFile", file()).end_in(&["send s1 GET /?uploads&prefix=f.bin"]);
        d.answer("s1", status(403)).as_before();
        d.answer("s2", initiated("U2")).as_before();
        let index = d.device.records["cos-uploads"].items();
        assert_eq!(index.len(), 1, "{nonsense:?}");
        d.cancel(1).as_before();
    }
    // Each member counts.
    for (member, wrong) in [
        ("uploadId", Value::Null),
        ("size", text.clone()),
        ("modified", 9.0.into()),
        ("partSize", 1.0.into()),
        ("begun", Value::Null),
    ] {
        let mut d = reborn(begun());
        for record in d.device.records.values_mut().filter(|record| record.items().is_empty()) {
            record.set(member, wrong.clone());
        }
        d.call("sliceUploadFile", file()).end_in(&["send s1 GET /?uploads&prefix=f.bin"]);
        d.cancel(1).as_before();
    }
}
