//! Copies of objects that are at COS already.

use cos_core::value::Value;
use cos_tests::answer::{self, Answer, completed, initiated, parts, status, uploads, xml};
use cos_tests::client::{MIB, START, object, with_callback, with_key};
use cos_tests::dialogue::Dialogue;

use crate::client;

/// Another bucket's object, in a version.
const SOURCE: &str = "source-1250000000.cos.ap-beijing.myqcloud.com/%E4%B8%AD/a.bin";

fn copy() -> Value {
    object("b.bin").with("CopySource", SOURCE)
}

#[test]
fn one_request_copies_an_object() {
    let mut d = client();
    d.call("putObjectCopy", copy().with("MetadataDirective", "Copy")).are(&[&format!(
        "send s1 PUT /b.bin x-cos-copy-source={SOURCE} x-cos-metadata-directive=Copy"
    )]);
    let answered = "<CopyObjectResult><ETag>\"e\"</ETag><CRC64>1</CRC64></CopyObjectResult>";
    d.answer("s1", xml(answered)).are(&["settle c1 200 ETag=\"e\" CRC64=1", "forget c1"]);
}

#[test]
fn one_request_copies_a_part() {
    let mut d = client();
    let params = copy()
        .with("UploadId", "U1")
        .with("PartNumber", 2.0)
        .with("CopySourceRange", "bytes=0-9")
        .with("VersionId", "v");
    d.call("uploadPartCopy", params)
        .are(&[&format!("send s1 PUT /b.bin?partNumber=2&uploadId=U1&versionId=v x-cos-copy-source={SOURCE} x-cos-copy-source-Range=bytes=0-9")]);
    d.answer("s1", xml("<CopyPartResult><ETag>\"e\"</ETag></CopyPartResult>"))
        .are(&["settle c1 200 ETag=\"e\"", "forget c1"]);
}

#[test]
fn a_copy_that_fails_after_it_has_begun_is_no_success() {
    let mut d = client();
    d.call("putObjectCopy", copy()).as_before();
    d.answer("s1", answer::error(200, "NoSuchKey", "no such source"))
        .are(&["settle c1 NotFound NoSuchKey 200: no such source", "forget c1"]);
    d.call("putObjectCopy", copy()).as_before();
    d.answer("s2", answer::error(200, "InternalError", "again")).are(&["timer t1 0"]);
    d.wait("t1").as_before();
    d.answer("s3", xml("")).as_before();
    d.wait("t2").as_before();
    d.answer("s4", xml("<CopyObjectResult></CopyObjectResult>"))
        .are(&["settle c2 200", "forget c2"]);
}

#[test]
fn the_application_is_asked_to_allow_both_objects() {
    let mut d = Dialogue::new(&with_callback());
    d.call("putObjectCopy", copy().with("CopySource", format!("{SOURCE}?versionId=1")))
        .are(&["ask a1 name/cos:GetObject 中/a.bin name/cos:PutObject b.bin", "timer t1 60000"]);
    d.refuses("a1", "no").as_before();
}

#[test]
fn a_source_of_no_known_form_is_refused() {
    for operation in ["putObjectCopy", "uploadPartCopy", "sliceCopyFile"] {
        let mut d = client();
        for (params, text) in [
            (object("b"), "CopySource format error"),
            (object("b").with("CopySource", "a/b"), "CopySource format error"),
            (object("").with("CopySource", "a/b"), "missing param Key"),
        ] {
            let lines = d.call(operation, params);
            assert!(lines.texts()[0].ends_with(&format!(" Usage COS_USAGE: {operation}: {text}")));
        }
    }
}

/// 25 MiB, which are three parts.
const SIZE: usize = 25 * MIB;

/// What COS says of the source.
fn source(size: usize) -> Answer {
    status(200)
        .header("Content-Length", &size.to_string())
        .header("ETag", "\"source\"")
        .header("Last-Modified", "Tue, 14 Nov 2023 22:13:20 GMT")
        .header("Content-Type", "image/x-a")
        .header("x-cos-meta-a", "1")
        .header("x-cos-hash-crc64ecma", "77")
}

fn copied_part(name: &str) -> Answer {
    xml(&format!("<CopyPartResult><ETag>{name}</ETag></CopyPartResult>"))
}

/// A completion of an object with this CRC64.
fn joined(crc64: &str) -> Answer {
    let mut answer = completed(b"");
    answer.headers.clear();
    answer.header("x-cos-hash-crc64ecma", crc64)
}

/// A copy in parts that has begun: `s3` to `s5` are its parts, its id is `U1`.
fn begun() -> Dialogue {
    let mut d = client();
    d.call("sliceCopyFile", copy()).as_before();
    d.answer("s1", source(SIZE)).as_before();
    d.answer("s2", initiated("U1")).as_before();
    d
}

#[test]
fn a_small_object_is_copied_in_one_request() {
    let mut d = client();
    d.call("sliceCopyFile", copy().with("ACL", "private")).are(&[
        "send s1 HEAD https://source-1250000000.cos.ap-beijing.myqcloud.com/%E4%B8%AD/a.bin",
    ]);
    d.answer("s1", source(10 * MIB)).are(&[&format!(
        "send s2 PUT /b.bin x-cos-copy-source={SOURCE} x-cos-acl=private x-cos-metadata-directive=Copy"
    )]);
    d.after(1000.0)
        .answer("s2", xml("<CopyObjectResult><ETag>e</ETag></CopyObjectResult>"))
        .are(&["progress c1 10485760/10485760 1 10485760/s", "settle c1 200 ETag=e", "forget c1"]);
    d.call("sliceCopyFile", copy().with("MetadataDirective", "Replaced")).as_before();
    d.answer("s3", source(0)).are(&[&format!(
        "send s4 PUT /b.bin x-cos-copy-source={SOURCE} x-cos-metadata-directive=Replaced"
    )]);
    d.answer("s4", answer::error(403, "AccessDenied", "no")).are(&[
        "progress c2 0/0 1",
        "settle c2 Denied AccessDenied 403: no",
        "forget c2",
    ]);
}

#[test]
fn a_large_object_is_copied_in_parts() {
    let mut d = Dialogue::new(&with_key().with("CopyChunkParallelLimit", 2.0));
    d.call("sliceCopyFile", copy().with("StorageClass", "STANDARD_IA")).as_before();
    d.answer("s1", source(SIZE)).are(&[
        "load l1 record",
        "send s2 POST /b.bin?uploads Content-Type=image/x-a x-cos-meta-a=1 x-cos-storage-class=STANDARD_IA Cache-Control=",
    ]);
    d.answer("s2", initiated("U1")).are(&[
        "save record U1",
        "load l2 index",
        &format!("send s3 PUT /b.bin?partNumber=1&uploadId=U1 x-cos-copy-source={SOURCE} x-cos-copy-source-Range=bytes=0-10485759"),
        &format!("send s4 PUT /b.bin?partNumber=2&uploadId=U1 x-cos-copy-source={SOURCE} x-cos-copy-source-Range=bytes=10485760-20971519"),
        "save index 1",
    ]);
    d.after(500.0).answer("s4", copied_part("b")).are(&[
        "timer t1 1000",
        &format!("send s5 PUT /b.bin?partNumber=3&uploadId=U1 x-cos-copy-source={SOURCE} x-cos-copy-source-Range=bytes=20971520-26214399"),
    ]);
    d.wait("t1").are(&["progress c1 10485760/26214400 0.4 6990506.67/s"]);
    d.answer("s5", copied_part("c")).are(&["timer t2 1000", "save record U1"]);
    d.answer("s3", copied_part("a")).are(&[
        "save record U1 completing",
        "send s6 POST /b.bin?uploadId=U1 Content-Type=application/xml Content-MD5=md5(text) text=<CompleteMultipartUpload><Part>1 \"a\"</Part><Part>2 \"b\"</Part><Part>3 \"c\"</Part></CompleteMultipartUpload>",
    ]);
    d.answer("s6", joined("77")).are(&[
        "remove record",
        "abort t2",
        "progress c1 26214400/26214400 1",
        "settle c1 200 Location=HOST/b.bin ETag=\"e-3\"",
        "forget c1",
    ]);
    assert!(d.device.records.keys().eq(["cos-uploads"]));
}

#[test]
fn what_of_the_call_travels_with_which_request() {
    let params = copy()
        .with("ContentType", "text/x")
        .with("ACL", "private")
        .with("ForbidOverwrite", "true")
        .with("SSECustomerKey", "key")
        .with("CopySourceIfMatch", "\"source\"")
        .with("Headers", Value::map().with("x-cos-meta-b", "2"));
    for (directive, class, expected) in [
        (
            "Copy",
            None,
            "Content-Type=image/x-a x-cos-meta-a=1 x-cos-acl=private x-cos-forbid-overwrite=true x-cos-server-side-encryption-customer-key=key Cache-Control=",
        ),
        (
            "Replaced",
            Some("MAZ_STANDARD"),
            "x-cos-storage-class=MAZ_STANDARD x-cos-meta-b=2 Content-Type=text/x x-cos-acl=private x-cos-forbid-overwrite=true x-cos-server-side-encryption-customer-key=key Cache-Control=",
        ),
    ] {
        let mut d = client();
        d.call("sliceCopyFile", params.clone().with("MetadataDirective", directive)).as_before();
        let found = match class {
            Some(class) => source(SIZE).header("x-cos-storage-class", class),
            None => source(SIZE),
        };
        d.answer("s1", found)
            .are(&["load l1 record", &format!("send s2 POST /b.bin?uploads {expected}")]);
        let lines = d.answer("s2", initiated("U1"));
        assert_eq!(
            lines.texts()[2],
            format!(
                "send s3 PUT /b.bin?partNumber=1&uploadId=U1 x-cos-copy-source={SOURCE} x-cos-copy-source-Range=bytes=0-10485759 x-cos-copy-source-If-Match=etag(s1) x-cos-server-side-encryption-customer-key=key"
            ),
        );
        for part in ["s3", "s4", "s5"] {
            d.answer(part, copied_part("p")).as_before();
        }
        let completion = &d.sent("s6").request;
        assert!(completion.headers.contains(&("x-cos-forbid-overwrite".into(), "true".into())));
        d.answer("s6", joined("77")).as_before();
    }
}

#[test]
fn sizes_of_parts_and_of_what_is_copied_in_parts() {
    let first_part = |options: Value, params: Value| {
        let mut d = Dialogue::new(&options);
        d.call("sliceCopyFile", params).as_before();
        d.answer("s1", source(3 * MIB)).as_before();
        if d.sent("s2").request.method == "PUT" {
            d.answer("s2", xml("<CopyObjectResult><ETag>e</ETag></CopyObjectResult>")).as_before();
            return "all".to_owned();
        }
        d.answer("s2", initiated("U1")).as_before();
        let range = d.sent("s3").request.headers[1].1.clone();
        d.answer("s3", answer::error(400, "InvalidRequest", "no")).as_before();
        range
    };
    let options = with_key().with("CopySliceSize", MIB as f64).with("CopyChunkSize", 1.0);
    assert_eq!(first_part(with_key(), copy()), "all");
    assert_eq!(first_part(options.clone(), copy()), "bytes=0-1048575");
    assert_eq!(first_part(options.clone(), copy().with("CopySliceSize", 3e6)), "bytes=0-1048575");
    assert_eq!(first_part(options.clone(), copy().with("CopySliceSize", 4e6)), "all");
    let given = copy().with("CopyChunkSize", 2.0 * MIB as f64).with("CopySliceSize", -5.0);
    assert_eq!(first_part(options, given), "bytes=0-2097151");
}

#[test]
fn a_mini_program_has_ten_connections() {
    for (limit, expected) in
        [(Value::Null, 10), (20.0.into(), 10), (0.0.into(), 1), (4.0.into(), 4)]
    {
        let mut d = Dialogue::new(&with_key().with("CopyChunkParallelLimit", limit));
        d.call("sliceCopyFile", copy()).as_before();
        d.answer("s1", source(200 * MIB)).as_before();
        let lines = d.answer("s2", initiated("U1"));
        let sent = lines.texts().iter().filter(|line| line.contains("partNumber")).count();
        assert_eq!(sent, expected);
        d.answer("s3", answer::error(400, "InvalidRequest", "no")).as_before();
    }
}

#[test]
fn a_version_is_looked_at_and_copied() {
    let mut d = client();
    let versioned = format!("{SOURCE}?versionId=v%2B1");
    d.call("sliceCopyFile", copy().with("CopySource", versioned.as_str())).are(&[
        "send s1 HEAD https://source-1250000000.cos.ap-beijing.myqcloud.com/%E4%B8%AD/a.bin?versionId=v%2B1",
    ]);
    d.answer("s1", source(1)).are(&[&format!(
        "send s2 PUT /b.bin x-cos-copy-source={versioned} x-cos-metadata-directive=Copy"
    )]);
    d.answer("s2", xml("<CopyObjectResult><ETag>e</ETag></CopyObjectResult>")).as_before();
}

#[test]
fn a_source_that_cannot_be_copied() {
    let mut d = client();
    d.call("sliceCopyFile", copy()).as_before();
    d.answer("s1", status(404))
        .are(&["settle c1 NotFound HTTP_404 404: 中/a.bin Not Exist", "forget c1"]);
    d.call("sliceCopyFile", copy()).as_before();
    d.answer("s2", status(403))
        .are(&["settle c2 Denied HTTP_403 403: COS answered 403", "forget c2"]);
    d.call("sliceCopyFile", copy()).as_before();
    d.answer("s3", status(200)).are(&[
        "settle c3 Server COS_INCOMPLETE_ANSWER: get Content-Length error, please add \"Content-Length\" to CORS ExposeHeader setting.",
        "forget c3",
    ]);
    for restore in ["", "ongoing-request=\"true\""] {
        let mut d = client();
        d.call("sliceCopyFile", copy()).as_before();
        let archived = source(SIZE)
            .header("x-cos-storage-class", "DEEP_ARCHIVE")
            .header("x-cos-restore", restore);
        d.answer("s1", archived).are(&[
            "settle c1 Conflict InvalidObjectState: Unrestored archive object is not allowed to be copied",
            "forget c1",
        ]);
    }
    d.call("sliceCopyFile", copy()).as_before();
    let restored = source(SIZE)
        .header("x-cos-storage-class", "ARCHIVE")
        .header("x-cos-restore", "ongoing-request=\"false\", expiry-date=\"soon\"");
    d.answer("s4", restored).end_in(&[
        "send s5 POST /b.bin?uploads Content-Type=image/x-a x-cos-storage-class=ARCHIVE x-cos-meta-a=1 Cache-Control=",
    ]);
    d.answer("s5", answer::error(403, "AccessDenied", "no"))
        .are(&["settle c4 Denied AccessDenied 403: no", "forget c4"]);
}

#[test]
fn a_part_that_fails_ends_the_copy_and_the_next_one_goes_on() {
    let mut d = begun();
    d.answer("s4", copied_part("b")).as_before();
    d.answer("s3", answer::error(403, "AccessDenied", "no")).are(&[
        "abort s5",
        "abort t1",
        "save record U1",
        "progress c1 10485760/26214400 0.4",
        "settle c1 Denied AccessDenied 403: no",
        "forget c1",
    ]);
    let mut d = Dialogue::on(d.kill(), &with_key(), START + 1000.0);
    d.call("sliceCopyFile", copy()).as_before();
    d.answer("s1", source(SIZE)).are(&["load l1 record", "send s2 GET /b.bin?uploadId=U1"]);
    d.answer("s2", parts([(2, "\"b\"", 10 * MIB as u64)])).are(&[
        "save record U1",
        "load l2 index",
        &format!("send s3 PUT /b.bin?partNumber=1&uploadId=U1 x-cos-copy-source={SOURCE} x-cos-copy-source-Range=bytes=0-10485759"),
        &format!("send s4 PUT /b.bin?partNumber=3&uploadId=U1 x-cos-copy-source={SOURCE} x-cos-copy-source-Range=bytes=20971520-26214399"),
        "save index 1",
    ]);
    d.answer("s3", copied_part("a")).as_before();
    d.answer("s4", copied_part("c")).as_before();
    d.answer("s5", joined("77"))
        .end_in(&["settle c1 200 Location=HOST/b.bin ETag=\"e-3\"", "forget c1"]);
}

#[test]
fn a_record_is_of_one_state_of_the_source() {
    for (change, etag, size) in [("bytes", "\"other\"", SIZE), ("length", "\"source\"", SIZE + 1)] {
        let mut d = begun();
        d.answer("s3", answer::error(400, "InvalidRequest", "no")).as_before();
        d.call("sliceCopyFile", copy()).as_before();
        let mut changed = source(size);
        changed.headers[1].1 = etag.to_owned();
        let lines = d.answer("s6", changed);
        assert!(lines.texts()[1].starts_with("send s7 POST /b.bin?uploads"), "{change}");
        d.answer("s7", answer::error(400, "InvalidRequest", "no")).as_before();
    }
}

#[test]
fn an_upload_id_that_is_gone_or_holds_other_parts_is_replaced() {
    let init = |send: &str| {
        format!(
            "send {send} POST /b.bin?uploads Content-Type=image/x-a x-cos-meta-a=1 Cache-Control="
        )
    };
    for listed in [answer::error(404, "NoSuchUpload", "gone"), parts([(1, "\"b\"", 5)])] {
        let mut d = begun();
        d.answer("s3", answer::error(400, "InvalidRequest", "no")).as_before();
        d.call("sliceCopyFile", copy()).as_before();
        d.answer("s6", source(SIZE)).end_in(&["send s7 GET /b.bin?uploadId=U1"]);
        d.answer("s7", listed).are(&["remove record", &init("s8")]);
        d.answer("s8", answer::error(400, "InvalidRequest", "no")).as_before();
    }
    let mut d = begun();
    for (part, next) in [("s3", "s6"), ("s7", "s10")] {
        d.answer(part, answer::error(404, "NoSuchUpload", "gone"))
            .end_in(&["remove record", &init(next)]);
        d.answer(next, initiated("U2")).as_before();
    }
    d.answer("s11", answer::error(404, "NoSuchUpload", "gone")).end_in(&[
        "progress c1 0/26214400 0",
        "settle c1 NotFound NoSuchUpload 404: gone",
        "forget c1",
    ]);
}

#[test]
fn an_upload_id_that_an_upload_found_first_is_theirs() {
    let mut d = client();
    d.call("sliceCopyFile", copy()).as_before();
    d.answer("s1", source(SIZE)).as_before();
    d.call("sliceUploadFile", object("b.bin").with("FilePath", "/f.bin")).as_before();
    d.answer("s3", uploads("b.bin", &["U1"])).end_in(&["send s4 GET /b.bin?uploadId=U1"]);
    d.answer("s2", initiated("U1"))
        .are(&["send s5 POST /b.bin?uploads Content-Type=image/x-a x-cos-meta-a=1 Cache-Control="]);
    d.answer("s5", answer::error(400, "InvalidRequest", "no")).as_before();
    d.cancel(1).as_before();
}

#[test]
fn the_answer_to_a_completion_is_lost() {
    for (crc64, ends) in [("77", true), ("78", false)] {
        let mut d = begun();
        for part in ["s3", "s4", "s5"] {
            d.answer(part, copied_part("p")).as_before();
        }
        d.answer("s6", answer::error(404, "NoSuchUpload", "gone")).are(&["send s7 HEAD /b.bin"]);
        let there = status(200).header("x-cos-hash-crc64ecma", crc64).header("ETag", "\"whole\"");
        let lines = d.answer("s7", there);
        if ends {
            lines.end_in(&[
                "settle c1 200 Location=HOST/b.bin Bucket=examplebucket-1250000000 Key=b.bin ETag=etag(s7)",
                "forget c1",
            ]);
        } else {
            lines.end_in(&[
                "remove record",
                "send s8 POST /b.bin?uploads Content-Type=image/x-a x-cos-meta-a=1 Cache-Control=",
            ]);
            d.answer("s8", answer::error(400, "InvalidRequest", "no")).as_before();
        }
    }
}

#[test]
fn a_copy_of_other_bytes_is_no_success() {
    let mut d = begun();
    for part in ["s3", "s4", "s5"] {
        d.answer(part, copied_part("p")).as_before();
    }
    d.answer("s6", joined("78")).end_in(&[
        "remove record",
        "abort t1",
        "progress c1 26214400/26214400 1",
        "settle c1 Integrity COS_INTEGRITY: the copy has CRC64 78, the source had 77: copy again",
        "forget c1",
    ]);
}
