//! Uploads in parts.

use cos_core::value::Value;
use cos_tests::answer::{self, completed, initiated, status, stored, uploads, xml};
use cos_tests::client::{MIB, with_key};
use cos_tests::dialogue::Dialogue;

use crate::{begun, client, client_with, content, file};

#[test]
fn a_file_in_parts() {
    let mut d = client_with(&with_key().with("ChunkParallelLimit", 2.0));
    d.call("sliceUploadFile", file()).are(&[
        "task c1",
        "stat f1 /f.bin",
        "start c1",
        "load l1 record",
        "send s1 GET /?uploads&prefix=f.bin",
    ]);
    d.answer("s1", uploads("f.bin", &[]))
        .are(&["send s2 POST /f.bin?uploads Cache-Control= Content-Type=application/octet-stream"]);
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
    d.after(500.0).stored("s4").are(&[
        "release r2",
        "timer t1 1000",
        "read r3 /f.bin 2097152+524288",
        "send s5 PUT /f.bin?partNumber=3&uploadId=U1 Content-MD5=md5(r3) body=r3",
    ]);
    d.wait("t1").are(&["progress c1 1048576/2621440 0.4 699050.67/s"]);
    d.after(1500.0).stored("s3").are(&["release r1", "timer t2 1000", "save record U1 1,2"]);
    d.stored("s5").are(&[
        "release r3",
        "stat f2 /f.bin",
        "save record U1 1,2,3 completing",
        "send s6 POST /f.bin?uploadId=U1 Content-Type=application/xml Content-MD5=md5(text) text=<CompleteMultipartUpload><Part>1 etag(s3)</Part><Part>2 etag(s4)</Part><Part>3 etag(s5)</Part></CompleteMultipartUpload>",
    ]);
    assert_eq!(d.tasks(), "uploading 1048576/2621440");
    let whole = content(&d);
    d.after(500.0).answer("s6", completed(&whole)).are(&[
        "remove record",
        "abort t2",
        "progress c1 2621440/2621440 1 786432/s",
        "settle c1 200 Location=HOST/f.bin ETag=\"e-3\" UploadId=U1",
        "forget c1",
    ]);
    assert_eq!(d.tasks(), "success 2621440/2621440");
    assert!(d.device.records.keys().eq(["cos-uploads"]));
}

#[test]
fn what_of_the_call_travels_with_which_request() {
    let params = file()
        .with("StorageClass", "STANDARD_IA")
        .with("ContentType", "application/x-thing")
        .with("TrafficLimit", 819_200.0)
        .with("SSECustomerKey", "key")
        .with("ForbidOverwrite", "true")
        .with("Headers", Value::map().with("x-cos-meta-a", "1").with("Pic-Operations", "{}"));
    let mut d = client();
    d.call("sliceUploadFile", params).as_before();
    d.answer("s1", uploads("f.bin", &[])).are(&[
        "send s2 POST /f.bin?uploads x-cos-meta-a=1 Pic-Operations={} Content-Type=application/x-thing x-cos-storage-class=STANDARD_IA x-cos-traffic-limit=819200 x-cos-forbid-overwrite=true x-cos-server-side-encryption-customer-key=key Cache-Control=",
    ]);
    d.answer("s2", initiated("U1")).are(&[
        "save record U1",
        "load l2 index",
        "progress c1 0/2621440 0",
        "read r1 /f.bin 0+1048576",
        "read r2 /f.bin 1048576+1048576",
        "read r3 /f.bin 2097152+524288",
        "save index 1",
        "send s3 PUT /f.bin?partNumber=1&uploadId=U1 Content-MD5=md5(r1) x-cos-traffic-limit=819200 x-cos-server-side-encryption-customer-key=key body=r1",
        "send s4 PUT /f.bin?partNumber=2&uploadId=U1 Content-MD5=md5(r2) x-cos-traffic-limit=819200 x-cos-server-side-encryption-customer-key=key body=r2",
        "send s5 PUT /f.bin?partNumber=3&uploadId=U1 Content-MD5=md5(r3) x-cos-traffic-limit=819200 x-cos-server-side-encryption-customer-key=key body=r3",
    ]);
    d.stored("s3").as_before();
    d.stored("s4").as_before();
    d.stored("s5").are(&[
        "release r3",
        "stat f2 /f.bin",
        "save record U1 1,2,3 completing",
        "send s6 POST /f.bin?uploadId=U1 Content-Type=application/xml Content-MD5=md5(text) x-cos-meta-a=1 Pic-Operations={} x-cos-forbid-overwrite=true text=<CompleteMultipartUpload><Part>1 etag(s3)</Part><Part>2 etag(s4)</Part><Part>3 etag(s5)</Part></CompleteMultipartUpload>",
    ]);
    // Image processing answers with the sum of something else.
    d.answer("s6", completed(b"an image")).are(&[
        "remove record",
        "abort t1",
        "progress c1 2621440/2621440 1",
        "settle c1 200 Location=HOST/f.bin ETag=\"e-3\" UploadId=U1",
        "forget c1",
    ]);
}

#[test]
fn the_answer_to_a_completion_is_lost() {
    let mut d = begun();
    for part in ["s3", "s4", "s5"] {
        d.stored(part).as_before();
    }
    d.fails("s6", "request:fail timeout").are(&["timer t2 223"]);
    d.wait("t2").are(&[
        "send s7 POST /f.bin?uploadId=U1 Content-Type=application/xml Content-MD5=md5(text) x-cos-sdk-retry=true text=<CompleteMultipartUpload><Part>1 etag(s3)</Part><Part>2 etag(s4)</Part><Part>3 etag(s5)</Part></CompleteMultipartUpload>",
    ]);
    d.answer("s7", answer::error(404, "NoSuchUpload", "no such upload"))
        .are(&["send s8 HEAD /f.bin"]);
    let whole = content(&d);
    d.answer("s8", stored(&whole)).are(&[
        "remove record",
        "abort t1",
        "progress c1 2621440/2621440 1 11755336.32/s",
        "settle c1 200 Location=HOST/f.bin Bucket=examplebucket-1250000000 Key=f.bin ETag=etag(s8) UploadId=U1",
        "forget c1",
    ]);
}

#[test]
fn an_object_of_other_bytes_is_no_completion() {
    let mut d = begun();
    for part in ["s3", "s4", "s5"] {
        d.stored(part).as_before();
    }
    d.answer("s6", answer::error(404, "NoSuchUpload", "no such upload"))
        .are(&["send s7 HEAD /f.bin"]);
    d.answer("s7", stored(b"an older object")).are(&[
        "abort t1",
        "remove record",
        "send s8 POST /f.bin?uploads Cache-Control= Content-Type=application/octet-stream",
    ]);
    d.answer("s8", initiated("U2")).are(&[
        "save record U2",
        "load l3 index",
        "progress c1 0/2621440 0",
        "read r4 /f.bin 0+1048576",
        "read r5 /f.bin 1048576+1048576",
        "read r6 /f.bin 2097152+524288",
        "save index 1",
        "send s9 PUT /f.bin?partNumber=1&uploadId=U2 Content-MD5=md5(r1) body=r4",
        "send s10 PUT /f.bin?partNumber=2&uploadId=U2 Content-MD5=md5(r2) body=r5",
        "send s11 PUT /f.bin?partNumber=3&uploadId=U2 Content-MD5=md5(r3) body=r6",
    ]);
    for part in ["s9", "s10", "s11"] {
        d.stored(part).as_before();
    }
    let whole = content(&d);
    d.answer("s12", completed(&whole)).are(&[
        "remove record",
        "abort t2",
        "progress c1 2621440/2621440 1",
        "settle c1 200 Location=HOST/f.bin ETag=\"e-3\" UploadId=U2",
        "forget c1",
    ]);
}

#[test]
fn without_leave_to_head_the_file_is_sent_again() {
    let mut d = begun();
    for part in ["s3", "s4", "s5"] {
        d.stored(part).as_before();
    }
    d.answer("s6", answer::error(404, "NoSuchUpload", "no such upload")).as_before();
    d.answer("s7", status(403)).are(&[
        "abort t1",
        "remove record",
        "send s8 POST /f.bin?uploads Cache-Control= Content-Type=application/octet-stream",
    ]);
    d.answer("s8", initiated("U2")).as_before();
    d.cancel(1).are(&[
        "abort s9",
        "abort s10",
        "abort s11",
        "release r4",
        "release r5",
        "release r6",
        "settle c1 Canceled COS_CANCELED: the task was canceled (upload U2)",
        "forget c1",
    ]);
}

#[test]
fn an_answer_that_began_before_the_outcome_was_known() {
    let mut d = begun();
    for part in ["s3", "s4", "s5"] {
        d.stored(part).as_before();
    }
    d.answer("s6", xml("  \n  \n")).are(&["timer t2 223"]);
    d.wait("t2").are(&[
        "send s7 POST /f.bin?uploadId=U1 Content-Type=application/xml Content-MD5=md5(text) x-cos-sdk-retry=true text=<CompleteMultipartUpload><Part>1 etag(s3)</Part><Part>2 etag(s4)</Part><Part>3 etag(s5)</Part></CompleteMultipartUpload>",
    ]);
    d.answer("s7", xml("  <Error><Code>InternalError</Code><Message>m</Message></Error>"))
        .are(&["timer t3 139"]);
    d.wait("t3").are(&[
        "send s8 POST /f.bin?uploadId=U1 Content-Type=application/xml Content-MD5=md5(text) x-cos-sdk-retry=true text=<CompleteMultipartUpload><Part>1 etag(s3)</Part><Part>2 etag(s4)</Part><Part>3 etag(s5)</Part></CompleteMultipartUpload>",
    ]);
    d.answer("s8", xml("  <Error><Code>InvalidPart</Code><Message>no part 2</Message></Error>"))
        .are(&[
            "abort t1",
            "save record U1 1,2,3 completing",
            "progress c1 2621440/2621440 1 7241546.96/s",
            "settle c1 Usage InvalidPart 200: no part 2 (upload U1)",
        ]);
}

#[test]
fn an_empty_file_has_no_parts() {
    let mut d = client();
    d.device.write("/f.bin", Vec::new(), 1.0);
    d.call("sliceUploadFile", file()).are(&[
        "task c1",
        "stat f1 /f.bin",
        "start c1",
        "read r1 /f.bin",
        "progress c1 0/0 1",
        "send s1 PUT /f.bin Cache-Control= Content-Type=application/octet-stream body=r1",
    ]);
    d.stored("s1").are(&[
        "release r1",
        "progress c1 0/0 1",
        "settle c1 200 ETag=etag(s1) Location=HOST/f.bin",
        "forget c1",
    ]);
}

#[test]
fn which_files_go_up_in_parts() {
    // Three requests a file: the first tells which way it goes.
    let first = |options: &Value, size: usize, slice_size: Option<f64>| {
        let mut d = Dialogue::new(options);
        d.device.write("/f.bin", vec![1; size], 1.0);
        let params = slice_size.map_or(file(), |size| file().with("SliceSize", size));
        let lines = d.call("uploadFile", params);
        let send = lines.texts().last().unwrap().clone();
        d.cancel(1).as_before();
        send.split(' ').nth(2).unwrap().to_owned()
    };
    let key = with_key();
    assert_eq!(first(&key, MIB, None), "POST");
    assert_eq!(first(&key, MIB + 1, None), "GET");
    assert_eq!(first(&key, 1, Some(0.0)), "GET");
    assert_eq!(first(&key, 0, Some(0.0)), "POST");
    assert_eq!(first(&key, MIB + 1, Some(f64::NAN)), "GET");
    assert_eq!(first(&key, MIB + 1, Some(f64::INFINITY)), "POST");
    assert_eq!(first(&key.clone().with("SliceSize", 5.0), 6, None), "GET");
    assert_eq!(first(&key.clone().with("SliceSize", f64::NAN), MIB, None), "POST");
    assert_eq!(first(&key.with("SimpleUploadMethod", "putObject"), 5, None), "PUT");
}

#[test]
fn two_uploads_of_one_file_have_an_upload_id_each() {
    let mut d = begun();
    d.call("sliceUploadFile", file()).are(&[
        "task c2",
        "stat f2 /f.bin",
        "start c2",
        "load l3 record",
        "send s6 GET /?uploads&prefix=f.bin",
    ]);
    d.answer("s6", uploads("f.bin", &["U1"]))
        .are(&["send s7 POST /f.bin?uploads Cache-Control= Content-Type=application/octet-stream"]);
    d.answer("s7", initiated("U2")).as_before();
    d.cancel(1).as_before();
    d.cancel(2).as_before();
}

#[test]
fn a_file_that_cos_cannot_hold_is_refused() {
    const TIB: f64 = 1024.0 * 1024.0 * MIB as f64;
    for (size, refused) in [(48.8 * TIB, false), (48.9 * TIB, true)] {
        let mut d = client();
        d.hold().call("sliceUploadFile", file()).as_before();
        let lines = d.measures("f1", size);
        if refused {
            lines.are(&[
                "start c1",
                "settle c1 Usage COS_USAGE: FilePath is larger than the 48.8 TiB that COS stores",
            ]);
        } else {
            lines.are(&["start c1", "load l1 record"]);
            d.cancel(1).as_before();
        }
    }
}

#[test]
fn an_upload_id_that_another_call_found_first_is_theirs() {
    let mut d = client();
    d.call("sliceUploadFile", file()).as_before();
    d.answer("s1", uploads("f.bin", &[])).as_before();
    d.call("sliceUploadFile", file()).as_before();
    // COS has made U1 for the first call; the second hears of it earlier.
    d.answer("s3", uploads("f.bin", &["U1"])).are(&["send s4 GET /f.bin?uploadId=U1"]);
    d.answer("s2", initiated("U1"))
        .are(&["send s5 POST /f.bin?uploads Cache-Control= Content-Type=application/octet-stream"]);
    d.answer("s5", initiated("U2")).as_before();
    d.cancel(1).as_before();
    d.cancel(2).as_before();
}
