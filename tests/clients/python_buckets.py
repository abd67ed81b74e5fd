"""Operations on buckets, versions, tags and access control lists by Tencent's own SDK for Python,
unchanged, against cos-local.

Run with the server's port; keys come from COS_SECRET_ID and COS_SECRET_KEY. Ends with an exception
unless everything works, and otherwise prints what it did, one line for each step.
"""

import os
import sys

from qcloud_cos import CosConfig, CosS3Client, CosServiceError

BUCKET = "settings-1250000000"
REGION = "ap-guangzhou"
OWNER = "qcs::cam::uin/100000000001:uin/100000000001"
FRIEND = "qcs::cam::uin/100000000002:uin/100000000002"

INVENTORY = {
    "IsEnabled": "true",
    "Destination": {
        "COSBucketDestination": {
            "Format": "CSV",
            "AccountId": "100000000001",
            "Bucket": f"qcs::cos:{REGION}::{BUCKET}",
        }
    },
    "Schedule": {"Frequency": "Weekly"},
    "IncludedObjectVersions": "All",
    "OptionalFields": {"Field": ["Size", "ETag"]},
}

# What can be configured of a bucket: the end of the methods' names, the name of the parameter, the
# value, the code that get fails with where nothing is configured (unless it returns an
# element without content), and whether there is a method to delete it.
CONFIGURATIONS = [
    (
        "cors",
        "CORSConfiguration",
        {
            "CORSRule": [
                {
                    "AllowedOrigin": ["https://*.example.com"],
                    "AllowedMethod": ["GET", "PUT"],
                    "AllowedHeader": ["*"],
                    "ExposeHeader": ["ETag"],
                    "MaxAgeSeconds": "300",
                }
            ]
        },
        "NoSuchCORSConfiguration",
        True,
    ),
    (
        "tagging",
        "Tagging",
        {"TagSet": {"Tag": [{"Key": "部门", "Value": "a & b"}]}},
        "NoSuchTagSet",
        True,
    ),
    (
        "lifecycle",
        "LifecycleConfiguration",
        {
            "Rule": [
                {
                    "ID": "1",
                    "Filter": {"Prefix": "logs/"},
                    "Status": "Enabled",
                    "Expiration": {"Days": "30"},
                }
            ]
        },
        "NoSuchLifecycleConfiguration",
        True,
    ),
    (
        "replication",
        "ReplicationConfiguration",
        {
            "Role": OWNER,
            "Rule": [
                {
                    "ID": "1",
                    "Status": "Enabled",
                    "Prefix": "a",
                    "Destination": {"Bucket": "qcs::cos:ap-shanghai::copy-1250000000"},
                }
            ],
        },
        "ReplicationConfigurationNotFoundError",
        True,
    ),
    (
        "website",
        "WebsiteConfiguration",
        {"IndexDocument": {"Suffix": "index.html"}, "ErrorDocument": {"Key": "error.html"}},
        "NoSuchWebsiteConfiguration",
        True,
    ),
    (
        "referer",
        "RefererConfiguration",
        {
            "Status": "Enabled",
            "RefererType": "White-List",
            "DomainList": {"Domain": ["*.example.com"]},
            "EmptyReferConfiguration": "Allow",
        },
        "NoSuchRefererConfiguration",
        True,
    ),
    (
        "domain",
        "DomainConfiguration",
        {"DomainRule": [{"Name": "www.example.com", "Type": "REST", "Status": "DISABLED"}]},
        None,
        True,
    ),
    (
        "origin",
        "OriginConfiguration",
        {"OriginRule": [{"OriginType": "Mirror", "OriginCondition": {"HTTPStatusCode": "404"}}]},
        "OriginConfigurationNotFoundError",
        True,
    ),
    (
        "logging",
        "BucketLoggingStatus",
        {"LoggingEnabled": {"TargetBucket": BUCKET, "TargetPrefix": "log/"}},
        None,
        False,
    ),
    (
        "encryption",
        "ServerSideEncryptionConfiguration",
        {"Rule": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]},
        "NoSuchEncryptionConfiguration",
        True,
    ),
    (
        "intelligenttiering",
        "IntelligentTieringConfiguration",
        {"Status": "Enabled", "Transition": {"Days": "30", "RequestFrequent": "1"}},
        None,
        False,
    ),
]


def connect(port):
    """A client that sends COS's host names through cos-local, as through a proxy."""
    return CosS3Client(
        CosConfig(
            Region=REGION,
            SecretId=os.environ["COS_SECRET_ID"],
            SecretKey=os.environ["COS_SECRET_KEY"],
            Scheme="http",
            Proxies={"http": f"http://127.0.0.1:{port}"},
        ),
        retry=0,
    )


def assert_refused(code, call, *arguments, **named):
    try:
        call(*arguments, **named)
    except CosServiceError as error:
        assert error.get_error_code() == code, error
    else:
        raise AssertionError(f"{call.__name__} did not fail with {code}")


def configurations(client):
    for name, parameter, value, absent, deletes in CONFIGURATIONS:
        get = getattr(client, f"get_bucket_{name}")

        def assert_absent():
            if absent:
                assert_refused(absent, get, BUCKET)
            else:
                assert get(BUCKET) == {parameter: None}, (name, get(BUCKET))

        assert_absent()
        getattr(client, f"put_bucket_{name}")(BUCKET, **{parameter: value})
        got = get(BUCKET)
        assert got == value, (name, got)
        if deletes:
            getattr(client, f"delete_bucket_{name}")(BUCKET)
            assert_absent()
        print(name)


def policy(client):
    statement = [{"effect": "allow", "action": ["name/cos:GetObject"], "resource": ["*"]}]
    assert_refused("NoSuchBucketPolicy", client.get_bucket_policy, BUCKET)
    client.put_bucket_policy(BUCKET, {"version": "2.0", "statement": statement})
    got = client.get_bucket_policy(BUCKET)
    assert '"Statement"' in got["Policy"], got
    client.delete_bucket_policy(BUCKET)
    assert_refused("NoSuchBucketPolicy", client.get_bucket_policy, BUCKET)


def inventories(client):
    for id in ["b", "a"]:
        client.put_bucket_inventory(BUCKET, id, dict(INVENTORY))
    client.post_bucket_inventory(BUCKET, "once", dict(INVENTORY))
    got = client.get_bucket_inventory(BUCKET, "a")
    assert got["Id"] == "a" and got["OptionalFields"]["Field"] == ["Size", "ETag"], got
    found = client.list_bucket_inventory_configurations(BUCKET)
    assert [entry["Id"] for entry in found["InventoryConfiguration"]] == ["a", "b", "once"], found
    for id in ["a", "b", "once"]:
        client.delete_bucket_inventory(BUCKET, id)
    assert_refused(
        "InventoryConfigurationNotFoundError", client.get_bucket_inventory, BUCKET, "a"
    )


def tiering(client):
    value = {"Id": "default", "Status": "Enabled"}
    client.put_bucket_intelligenttiering_v2(BUCKET, value, "default")
    assert client.get_bucket_intelligenttiering_v2(BUCKET, "default") == value
    found = client.list_bucket_intelligenttiering_configurations(BUCKET)
    assert found["IntelligentTieringConfiguration"] == value, found


def bucket(client):
    name = "other-1250000000"
    assert not client.bucket_exists(name)
    client.create_bucket(name, BucketAZConfig="MAZ", ACL="public-read-write")
    assert_refused("BucketAlreadyOwnedByYou", client.create_bucket, name)
    head = client.head_bucket(name)
    assert head["x-cos-bucket-az-type"] == "MAZ", head
    assert head["x-cos-bucket-region"] == REGION, head
    assert client.get_bucket_location(name) == {"LocationConstraint": REGION}
    assert client.get_bucket_acl(name)["CannedACL"] == "public-read-write"
    meta = client.get_bucket_meta(name)
    assert meta["MAZ"] is True and meta["Location"] == REGION, meta
    names = [entry["Name"] for entry in client.list_buckets()["Buckets"]["Bucket"]]
    assert names == [name, BUCKET], names
    client.put_object(name, Body=b"x", Key="k")
    assert_refused("BucketNotEmpty", client.delete_bucket, name)
    client.delete_object(name, "k")
    client.delete_bucket(name)
    assert not client.bucket_exists(name)


def access(client):
    client.put_object(BUCKET, Body=b"x", Key="listed")
    for what, names, canned in [
        ("bucket", [BUCKET], "private"),
        ("object", [BUCKET, "listed"], "default"),
    ]:
        put = getattr(client, f"put_{what}_acl")
        get = getattr(client, f"get_{what}_acl")
        assert get(*names)["CannedACL"] == canned, get(*names)
        put(*names, ACL="public-read")
        assert get(*names)["CannedACL"] == "public-read", get(*names)
        put(*names, GrantRead=f'id="{FRIEND}"')
        grants = get(*names)["AccessControlList"]["Grant"]
        named = [(grant["Grantee"]["ID"], grant["Permission"]) for grant in grants]
        assert named == [(FRIEND, "READ"), (OWNER, "FULL_CONTROL")], named
        grant = {"Grantee": {"ID": FRIEND}, "Permission": "WRITE"}
        put(
            *names,
            AccessControlPolicy={
                "Owner": {"ID": OWNER},
                "AccessControlList": {"Grant": [grant]},
            },
        )
        grants = get(*names)["AccessControlList"]["Grant"]
        assert [grant["Permission"] for grant in grants] == ["WRITE", "FULL_CONTROL"], grants
        put(*names, ACL="private")


def tags(client):
    expected = {"TagSet": {"Tag": [{"Key": "a", "Value": "1"}, {"Key": "名", "Value": "x=y&z"}]}}
    client.put_object(BUCKET, Body=b"x", Key="tagged", Tagging="a=1&b=2")
    head = client.head_object(BUCKET, "tagged")
    assert head["x-cos-tagging-count"] == "2", head
    client.put_object_tagging(BUCKET, "tagged", Tagging=expected)
    assert client.get_object_tagging(BUCKET, "tagged") == expected
    client.delete_object_tagging(BUCKET, "tagged")
    assert_refused("NoSuchTagSet", client.get_object_tagging, BUCKET, "tagged")


def batches(client):
    keys = ["page/a b", "page/中/1", "page/中/2", "page/'()*&"]
    for key in keys:
        client.put_object(BUCKET, Body=b"x", Key=key)
    seen, marker = [], ""
    while marker is not None:
        page = client.list_objects(
            BUCKET, Prefix="page/", Delimiter="/", MaxKeys=1, Marker=marker
        )
        seen += [entry["Key"] for entry in page.get("Contents", [])]
        seen += [entry["Prefix"] for entry in page.get("CommonPrefixes", [])]
        marker = page["NextMarker"] if page["IsTruncated"] == "true" else None
    assert seen == ["page/'()*&", "page/a b", "page/中/"], seen
    objects = [{"Key": key} for key in keys]
    done = client.delete_objects(BUCKET, {"Quiet": "false", "Object": objects})
    assert done["Deleted"] == objects, done
    assert "Contents" not in client.list_objects(BUCKET, Prefix="page/")


def versions(client):
    key = "versioned/中 1"
    assert client.get_bucket_versioning(BUCKET) == {"VersioningConfiguration": None}
    client.put_object(BUCKET, Body=b"null", Key=key)
    client.put_bucket_versioning(BUCKET, "Enabled")
    assert client.get_bucket_versioning(BUCKET) == {"Status": "Enabled"}
    first = client.put_object(BUCKET, Body=b"first", Key=key)["x-cos-version-id"]
    client.put_object(BUCKET, Body=b"second", Key=key)
    marker = client.delete_object(BUCKET, key)["x-cos-version-id"]
    assert_refused("NoSuchKey", client.get_object, BUCKET, key)
    got = client.get_object(BUCKET, key, VersionId=first)["Body"].get_raw_stream().read()
    assert got == b"first", got
    assert client.head_object(BUCKET, key, VersionId="null")["Content-Length"] == "4"

    seen, places = [], {"KeyMarker": "", "VersionIdMarker": ""}
    while places:
        page = client.list_objects_versions(BUCKET, Prefix="versioned/", MaxKeys=1, **places)
        for kind in ["Version", "DeleteMarker"]:
            seen += [(kind, one["VersionId"], one["IsLatest"]) for one in page.get(kind, [])]
            assert all(one["Key"] == key for one in page.get(kind, [])), page
        truncated = page["IsTruncated"] == "true"
        places = {name: page["Next" + name] for name in places} if truncated else {}
    assert [kind for kind, _, _ in seen] == ["DeleteMarker"] + ["Version"] * 3, seen
    assert [newest for _, _, newest in seen] == ["true"] + ["false"] * 3, seen
    assert (seen[0][1], seen[2][1], seen[3][1]) == (marker, first, "null"), seen

    source = {"Bucket": BUCKET, "Key": key, "Region": REGION, "VersionId": first}
    client.copy_object(BUCKET, "copy of the first", source)
    copied = client.get_object(BUCKET, "copy of the first")["Body"].get_raw_stream().read()
    assert copied == b"first", copied

    client.delete_object(BUCKET, key, VersionId=marker)
    assert client.get_object(BUCKET, key)["Body"].get_raw_stream().read() == b"second"
    objects = [{"Key": key, "VersionId": id} for _, id, _ in seen[1:]]
    done = client.delete_objects(BUCKET, {"Object": objects})
    assert len(done["Deleted"]) == 3, done
    assert "Version" not in client.list_objects_versions(BUCKET, Prefix="versioned/")
    client.put_bucket_versioning(BUCKET, "Suspended")
    assert client.put_object(BUCKET, Body=b"x", Key=key)["x-cos-version-id"] == "null"


def main():
    client = connect(sys.argv[1])
    configurations(client)
    # Versions come last, since a bucket that keeps them goes on keeping them.
    for step in [policy, inventories, tiering, bucket, access, tags, batches, versions]:
        step(client)
        print(step.__name__)


if __name__ == "__main__":
    main()
