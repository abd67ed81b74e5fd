"""Tencent's own SDK for Python, unchanged, against cos-local.

Run with the server's port; keys come from COS_SECRET_ID and COS_SECRET_KEY. Ends with an exception
unless everything works, and otherwise prints what it did, one line for each step.
"""

import hashlib
import os
import sys
import tempfile

from qcloud_cos import CosConfig, CosS3Client, CosServiceError

BUCKET = "clients-1250000000"
REGION = "ap-guangzhou"


def connect(port, secret_key):
    """A client that sends COS's host names through cos-local, as through a proxy."""
    return CosS3Client(
        CosConfig(
            Region=REGION,
            SecretId=os.environ["COS_SECRET_ID"],
            SecretKey=secret_key,
            Scheme="http",
            Proxies={"http": f"http://127.0.0.1:{port}"},
        ),
        retry=0,
    )


def round_trip(client, folder, size, part_megabytes):
    """Uploads a file of `size` bytes, downloads it in both ways and compares."""
    source = os.path.join(folder, f"{size}.bin")
    with open(source, "wb") as file:
        file.write(os.urandom(size))
    key = f"目录/a b+c {size}.bin"
    client.upload_file(BUCKET, key, source, PartSize=part_megabytes, MAXThread=3, EnableMD5=True)

    target = source + ".downloaded"
    client.download_file(BUCKET, key, target, PartSize=part_megabytes, EnableCRC=True)
    whole = client.get_object(BUCKET, key)
    assert whole["Content-Length"] == str(size), whole
    content = whole["Body"].get_raw_stream().read()
    with open(source, "rb") as sent, open(target, "rb") as received:
        expected = hashlib.md5(sent.read()).hexdigest()
        assert hashlib.md5(received.read()).hexdigest() == expected
    assert hashlib.md5(content).hexdigest() == expected

    part = client.get_object(BUCKET, key, Range="bytes=5-14")["Body"].get_raw_stream().read()
    assert part == content[5:15], part
    client.delete_object(BUCKET, key)
    assert not client.object_exists(BUCKET, key)


def listing(client):
    for key in ["list/1", "list/2 a/b"]:
        client.put_object(BUCKET, Body=b"x", Key=key)
    found = client.list_objects(BUCKET, Prefix="list/", Delimiter="/")
    assert [entry["Key"] for entry in found["Contents"]] == ["list/1"], found
    assert [entry["Prefix"] for entry in found["CommonPrefixes"]] == ["list/2 a/"], found
    buckets = client.list_buckets()["Buckets"]["Bucket"]
    assert [bucket["Name"] for bucket in buckets] == [BUCKET], buckets


def refusal(stranger):
    try:
        stranger.get_object(BUCKET, "list/1")
    except CosServiceError as error:
        assert error.get_error_code() == "SignatureDoesNotMatch", error
        assert error.get_request_id(), error
    else:
        raise AssertionError("a wrong key was accepted")


def main():
    port = sys.argv[1]
    client = connect(port, os.environ["COS_SECRET_KEY"])
    with tempfile.TemporaryDirectory() as folder:
        round_trip(client, folder, 300_000, part_megabytes=1)
        print("simple upload")
        round_trip(client, folder, 5_000_000, part_megabytes=2)
        print("upload by parts")
    listing(client)
    print("lists")
    refusal(connect(port, "wrong"))
    print("refusal")


if __name__ == "__main__":
    main()
