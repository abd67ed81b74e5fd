"""What Tencent's own SDK for Python can do with objects, against cos-local.

Run with the server's port; keys come from COS_SECRET_ID and COS_SECRET_KEY. The server has to
restore archived objects at once. Ends with an exception unless everything works, and otherwise
prints what it did, one line for each step.
"""

import base64
import hashlib
import json
import os
import struct
import sys
import tempfile

import requests
from qcloud_cos import CosConfig, CosS3Client, CosServiceError

BUCKET = "clients-1250000000"
REGION = "ap-guangzhou"


def configure(port):
    """A client that sends COS's host names through cos-local, as through a proxy."""
    return CosConfig(
        Region=REGION,
        SecretId=os.environ["COS_SECRET_ID"],
        SecretKey=os.environ["COS_SECRET_KEY"],
        Scheme="http",
        Proxies={"http": f"http://127.0.0.1:{port}"},
    )


def source(key):
    return {"Bucket": BUCKET, "Key": key, "Region": REGION}


def read(client, key, **more):
    return client.get_object(BUCKET, key, **more)["Body"].get_raw_stream().read()


def refused(code, operation, *arguments, **more):
    """Asserts that an operation is refused with an error code."""
    try:
        operation(*arguments, **more)
    except CosServiceError as error:
        # What has no body, such as the answer to HEAD, has its status for a code.
        assert error.get_error_code() == code, (code, error)
    else:
        raise AssertionError(f"{operation.__name__} was not refused with {code}")


def headers(client, _):
    sent = {
        "CacheControl": "max-age=60",
        "ContentDisposition": 'attachment; filename="a.txt"',
        "ContentEncoding": "identity",
        "ContentLanguage": "zh-CN",
        "ContentType": "text/x-test",
        "Expires": "Wed, 21 Oct 2065 07:28:00 GMT",
        "StorageClass": "STANDARD_IA",
        "ServerSideEncryption": "AES256",
    }
    client.put_object(BUCKET, b"content", "headers", Metadata={"x-cos-meta-a": "b"}, **sent)
    found = client.head_object(BUCKET, "headers")
    for name, value in {
        "Cache-Control": sent["CacheControl"],
        "Content-Disposition": sent["ContentDisposition"],
        "Content-Encoding": sent["ContentEncoding"],
        "Content-Language": sent["ContentLanguage"],
        "Content-Type": sent["ContentType"],
        "Expires": sent["Expires"],
        "x-cos-storage-class": sent["StorageClass"],
        "x-cos-server-side-encryption": sent["ServerSideEncryption"],
        "x-cos-meta-a": "b",
    }.items():
        assert found[name] == value, (name, found)
    overridden = client.get_object(BUCKET, "headers", ResponseContentType="text/html")
    assert overridden["Content-Type"] == "text/html", overridden


def conditions(client, _):
    etag = client.put_object(BUCKET, b"0123456789", "conditions")["ETag"]
    assert read(client, "conditions", Range="bytes=-3") == b"789"
    assert read(client, "conditions", IfMatch=etag) == b"0123456789"
    refused("PreconditionFailed", client.get_object, BUCKET, "conditions", IfMatch='"other"')
    refused("InvalidRange", client.get_object, BUCKET, "conditions", Range="bytes=10-")
    refused("NoSuchKey", client.get_object, BUCKET, "absent")
    assert not client.object_exists(BUCKET, "absent")


def copies(client, _):
    key = "copies/源 a+b"
    sent = client.put_object(BUCKET, b"content", key, Metadata={"x-cos-meta-a": "1"})
    copied = client.copy_object(BUCKET, "copies/copy", source(key))
    assert copied["ETag"] == sent["ETag"], copied
    assert copied["CRC64"] == sent["x-cos-hash-crc64ecma"], copied
    assert client.head_object(BUCKET, "copies/copy")["x-cos-meta-a"] == "1"
    replaced = {"CopyStatus": "Replaced", "Metadata": {"x-cos-meta-b": "2"}}
    client.copy_object(BUCKET, "copies/replaced", source(key), **replaced)
    found = client.head_object(BUCKET, "copies/replaced")
    assert "x-cos-meta-a" not in found and found["x-cos-meta-b"] == "2", found
    missing = source("copies/absent")
    refused("NoSuchKey", client.copy_object, BUCKET, "copies/copy", missing)
    condition = {"CopySourceIfMatch": '"other"'}
    refused("PreconditionFailed", client.copy_object, BUCKET, "x", source(key), **condition)


def copies_in_parts(client, _):
    body = os.urandom((2 << 20) + 1000)
    client.put_object(BUCKET, body, "copies/source")
    key = "copies/parts"
    upload = client.create_multipart_upload(BUCKET, key)["UploadId"]
    parts = []
    for number, part in enumerate(["bytes=0-1048575", f"bytes=1048576-{len(body) - 1}"], 1):
        copied = client.upload_part_copy(
            BUCKET, key, number, upload, source("copies/source"), CopySourceRange=part
        )
        assert copied["CRC64"] == copied["x-cos-hash-crc64ecma"], copied
        parts.append({"PartNumber": number, "ETag": copied["ETag"]})
    client.complete_multipart_upload(BUCKET, key, upload, {"Part": parts})
    assert read(client, key) == body
    # A threshold of its own makes the composite operation take parts of 1 MB.
    client.get_conf().set_copy_part_threshold_size(1 << 20)
    more = {"PartSize": 1, "StorageClass": "STANDARD_IA"}
    client.copy(BUCKET, "copies/large", source("copies/source"), **more)
    found = client.head_object(BUCKET, "copies/large")
    assert found["ETag"].endswith('-3"'), found
    assert found["x-cos-storage-class"] == "STANDARD_IA", found


def changes_in_place(client, _):
    client.put_object(BUCKET, b"content", "changed")
    client.change_object_storage_class(BUCKET, "changed", "STANDARD_IA")
    assert client.head_object(BUCKET, "changed")["x-cos-storage-class"] == "STANDARD_IA"
    client.update_object_meta(BUCKET, "changed", ContentType="text/html")
    assert client.head_object(BUCKET, "changed")["Content-Type"] == "text/html"
    assert read(client, "changed") == b"content"


def uploads_in_parts(client, folder):
    key = "parts/a"
    upload = client.create_multipart_upload(BUCKET, key)["UploadId"]
    pending = client.list_multipart_uploads(BUCKET, Prefix="parts/")["Upload"]
    assert [entry["UploadId"] for entry in pending] == [upload], pending
    body = os.urandom((1 << 20) + 10)
    tags = [
        client.upload_part(BUCKET, key, body[: 1 << 20], 1, upload, EnableMD5=True)["ETag"],
        client.upload_part(BUCKET, key, body[1 << 20 :], 2, upload)["ETag"],
    ]
    listed = client.list_parts(BUCKET, key, upload)["Part"]
    assert [part["ETag"] for part in listed] == tags, listed
    parts = [{"PartNumber": number, "ETag": tag} for number, tag in enumerate(tags, 1)]
    gap = [parts[0], {**parts[1], "PartNumber": 3}]
    refused("InvalidPart", client.complete_multipart_upload, BUCKET, key, upload, {"Part": gap})
    client.complete_multipart_upload(BUCKET, key, upload, {"Part": parts})
    assert read(client, key) == body
    other = client.create_multipart_upload(BUCKET, key)["UploadId"]
    client.abort_multipart_upload(BUCKET, key, other)
    refused("NoSuchUpload", client.list_parts, BUCKET, key, other)
    path = os.path.join(folder, "local")
    with open(path, "wb") as file:
        file.write(body)
    client.put_object_from_local_file(BUCKET, path, "parts/local", EnableMD5=True)
    with open(path, "rb") as file:
        client.upload_file_from_buffer(BUCKET, "parts/buffer", file, PartSize=1)
    assert read(client, "parts/local") == read(client, "parts/buffer") == body


def appending(client, _):
    first = client.append_object(BUCKET, "log", 0, b"hello ")
    assert first["x-cos-next-append-position"] == "6", first
    client.append_object(BUCKET, "log", 6, b"world!")
    assert read(client, "log") == b"hello world!"
    assert client.head_object(BUCKET, "log")["x-cos-object-type"] == "appendable"
    refused("AppendPositionErr", client.append_object, BUCKET, "log", 3, b"x")
    client.put_object(BUCKET, b"x", "fixed")
    refused("ObjectNotAppendable", client.append_object, BUCKET, "fixed", 1, b"y")


def archives(client, _):
    client.put_object(BUCKET, b"cold", "cold", StorageClass="DEEP_ARCHIVE")
    refused("InvalidObjectState", client.get_object, BUCKET, "cold")
    request = {"Days": 1, "CASJobParameters": {"Tier": "Bulk"}}
    client.restore_object(BUCKET, "cold", RestoreRequest=request)
    state = client.head_object(BUCKET, "cold")["x-cos-restore"]
    assert state.startswith('ongoing-request="false", expiry-date="'), state
    assert read(client, "cold") == b"cold"
    client.put_object(BUCKET, b"warm", "warm")
    refused("RestoreNonArchiveObject", client.restore_object, BUCKET, "warm", request)


def keys_of_clients(client, _):
    def keyed(key, prefix=""):
        return {
            f"{prefix}SSECustomerAlgorithm": "AES256",
            f"{prefix}SSECustomerKey": base64.b64encode(key).decode(),
            f"{prefix}SSECustomerKeyMD5": base64.b64encode(hashlib.md5(key).digest()).decode(),
        }

    key, other = os.urandom(32), os.urandom(32)
    client.put_object(BUCKET, b"secret", "secret", **keyed(key))
    refused("InvalidArgument", client.get_object, BUCKET, "secret")
    refused("AccessDenied", client.get_object, BUCKET, "secret", **keyed(other))
    assert read(client, "secret", **keyed(key)) == b"secret"
    both = {**keyed(key, "CopySource"), **keyed(other)}
    client.copy_object(BUCKET, "secret copy", source("secret"), **both)
    assert read(client, "secret copy", **keyed(other)) == b"secret"


def traffic_limits(client, _):
    body = os.urandom(150_000)
    client.put_object(BUCKET, body, "paced", TrafficLimit="8192000")
    assert read(client, "paced", TrafficLimit="8192000") == body
    refused("InvalidArgument", client.put_object, BUCKET, body, "paced", TrafficLimit="1000")


def presigned_urls(client, _):
    key = "presigned/目录 a.txt"
    proxies = client.get_conf()._proxies
    url = client.get_presigned_url(BUCKET, key, "PUT")
    assert requests.put(url, data=b"presigned", proxies=proxies, timeout=10).status_code == 200
    parameters = {"response-content-type": "text/x-mine"}
    url = client.get_presigned_url(BUCKET, key, "GET", Params=parameters)
    found = requests.get(url, proxies=proxies, timeout=10)
    assert (found.content, found.headers["Content-Type"]) == (b"presigned", "text/x-mine"), found
    assert requests.delete(url, proxies=proxies, timeout=10).status_code == 403


def images(client, folder):
    def picture(width, height):
        """A BMP of one colour."""
        pixels = b"\x7f" * ((width * 3 + 3) // 4 * 4 * height)
        header = struct.pack("<2sIII", b"BM", 54 + len(pixels), 0, 54)
        return header + struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, *[0] * 6) + pixels

    rule = "imageMogr2/thumbnail/!50p/format/png"
    rules = json.dumps({"is_pic_info": 1, "rules": [{"fileid": "small.png", "rule": rule}]})
    _, result = client.ci_put_object(BUCKET, picture(80, 40), "images/a.bmp", PicOperations=rules)
    assert result["OriginalInfo"]["ImageInfo"]["Width"] == "80", result
    copy = result["ProcessResults"]["Object"]
    assert (copy["Key"], copy["Width"]) == ("images/small.png", "40"), copy
    assert len(read(client, "images/small.png")) == int(copy["Size"])
    target = os.path.join(folder, "processed.png")
    client.ci_get_object(BUCKET, "images/a.bmp", target, "imageView2/1/w/20/h/20/format/png")
    with open(target, "rb") as file:
        assert file.read(24)[16:] == struct.pack(">II", 20, 20)
    _, info = client.ci_get_image_info(BUCKET, "images/a.bmp")
    info = json.loads(info)
    assert (info["format"], info["height"]) == ("bmp", "40"), info
    _, average = client.ci_get_image_ave_info(BUCKET, "images/a.bmp")
    assert json.loads(average) == {"RGB": "0x7f7f7f"}, average
    _, result = client.ci_image_process(BUCKET, "images/a.bmp", PicOperations=rules)
    assert result["ProcessResults"]["Object"]["Height"] == "20", result
    client.put_object(BUCKET, b"just text", "images/text")
    refused("InvalidImageFormat", client.ci_get_image_info, BUCKET, "images/text")


def the_cloud(client, _):
    client.put_object(BUCKET, b"x", "media")
    refused("MediaBucketUnBinded", client.ci_get_media_jobs, BUCKET, "j1")
    refused("MediaBucketUnBinded", client.get_media_info, BUCKET, "media")
    recognize = client.get_object_sensitive_content_recognition
    refused("AccessDenied", recognize, BUCKET, "media", DetectType=1)
    assert client.ci_get_media_bucket(BucketName=BUCKET)["TotalCount"] == "0"


def faults(client, _):
    bucket = "cos-sdk-err-retry-1253960454"
    patient = CosS3Client(client.get_conf(), retry=1)
    for key in ["500", "shutdown"]:
        assert patient.get_object(bucket, key)["Content-Length"] == "0", key
    refused("AccessDenied", patient.get_object, bucket, "403r")
    refused("InternalError", client.get_object, bucket, "500r")


STEPS = [
    headers,
    conditions,
    copies,
    copies_in_parts,
    changes_in_place,
    uploads_in_parts,
    appending,
    archives,
    keys_of_clients,
    traffic_limits,
    presigned_urls,
    images,
    the_cloud,
    faults,
]


def main():
    client = CosS3Client(configure(sys.argv[1]), retry=0)
    with tempfile.TemporaryDirectory() as folder:
        for step in STEPS:
            step(client, folder)
            print(step.__name__.replace("_", " ").replace("urls", "URLs"))


if __name__ == "__main__":
    main()
