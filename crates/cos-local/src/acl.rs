//! Access control lists of buckets and objects: canned, by header and in XML (documents 436/7733,
//! 436/7737, 436/7744 and 436/7748).

use serde::{Deserialize, Serialize};

use crate::call::{Call, Reply, empty, set, xml};
use crate::error::{Code, Error};
use crate::object::tell_version;
use crate::record::{Acl, Grant, Permission};
use crate::service::{Access, Service};
use crate::xml::{self as xml_body, Owner};

/// The grantee that stands for everyone, as an id and as the group that answers name.
const ANYONE: &str = "qcs::cam::anyone:anyone";
const ALL_USERS: &str = "http://cam.qcloud.com/groups/global/AllUsers";

/// Headers that grant something, and what.
const HEADERS: [(&str, Permission); 5] = [
    ("x-cos-grant-read", Permission::Read),
    ("x-cos-grant-write", Permission::Write),
    ("x-cos-grant-read-acp", Permission::ReadAcp),
    ("x-cos-grant-write-acp", Permission::WriteAcp),
    ("x-cos-grant-full-control", Permission::FullControl),
];

impl Acl {
    /// Reads `x-cos-acl`; `None` for `default` or nothing, which mean that of the bucket.
    pub(crate) fn parse(text: &str) -> Result<Option<Self>, Error> {
        match text {
            "" | "default" => Ok(None),
            "private" => Ok(Some(Self::Private)),
            "public-read" => Ok(Some(Self::PublicRead)),
            "public-read-write" => Ok(Some(Self::PublicReadWrite)),
            _ => Err(Error::invalid(
                "x-cos-acl has to be private, public-read, public-read-write or default.",
            )),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::PublicRead => "public-read",
            Self::PublicReadWrite => "public-read-write",
        }
    }

    /// What everyone may do.
    fn permissions(self) -> &'static [Permission] {
        match self {
            Self::Private => &[],
            Self::PublicRead => &[Permission::Read],
            Self::PublicReadWrite => &[Permission::Read, Permission::Write],
        }
    }
}

/// Whether a list lets everyone do something.
pub(crate) fn admits_everyone(acl: Acl, grants: &[Grant], access: Access) -> bool {
    let needed = match access {
        Access::List | Access::Read => Permission::Read,
        Access::Write => Permission::Write,
        Access::Account | Access::Owner => return false,
    };
    let everyones = grants.iter().filter(|grant| grant.grantee == ANYONE);
    let granted = everyones.map(|grant| &grant.permission).chain(acl.permissions());
    granted.into_iter().any(|given| *given == needed || *given == Permission::FullControl)
}

/// Reads one of the headers that grant something; `None` for other headers.
///
/// # Errors
/// `InvalidArgument` for a value that names no grantees.
pub(crate) fn parse_header(name: &str, value: &str) -> Result<Option<Vec<Grant>>, Error> {
    let Some((_, permission)) = HEADERS.iter().find(|(header, _)| *header == name) else {
        return Ok(None);
    };
    let grants = value.split(',').filter(|grantee| !grantee.trim().is_empty()).map(|grantee| {
        let (kind, quoted) = grantee.trim().split_once('=')?;
        let id = quoted.trim().strip_prefix('"')?.strip_suffix('"')?;
        let grantee = match kind.trim() {
            "id" | "uin" => account(id)?,
            "uri" if id == ALL_USERS => ANYONE.to_owned(),
            _ => return None,
        };
        Some(Grant { grantee, permission: *permission })
    });
    let message = "has to be a list such as id=\"100000000001\",id=\"100000000001/100000000011\".";
    let grants = grants.collect::<Option<_>>();
    grants.map(Some).ok_or_else(|| Error::invalid(format!("{name} {message}")))
}

/// The full form of an account's id, which may be given as the owner's number alone, or with the
/// number of one of its users.
fn account(id: &str) -> Option<String> {
    if id == ANYONE {
        return Some(id.to_owned());
    }
    let numbers = match id.strip_prefix("qcs::cam::") {
        Some(full) => {
            let (owner, user) = full.split_once(':')?;
            (owner.strip_prefix("uin/")?, user.strip_prefix("uin/")?)
        }
        None => id.split_once('/').unwrap_or((id, id)),
    };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (owner, user) = numbers;
    (is_number(owner) && is_number(user)).then(|| format!("qcs::cam::uin/{owner}:uin/{user}"))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SentPolicy {
    access_control_list: SentList,
}

#[derive(Deserialize)]
struct SentList {
    #[serde(rename = "Grant", default)]
    grants: Vec<SentGrant>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SentGrant {
    grantee: SentGrantee,
    permission: Permission,
}

#[derive(Deserialize)]
struct SentGrantee {
    #[serde(rename = "ID")]
    id: Option<String>,
    #[serde(rename = "URI")]
    uri: Option<String>,
}

/// The list that a request to change one asks for, in its headers or its body.
///
/// # Errors
/// `InvalidArgument`, `MalformedXML`, `MissingRequestBodyError` for a request that asks for none.
async fn asked(call: &mut Call) -> Result<(Option<Acl>, Vec<Grant>), Error> {
    let canned = call.header("x-cos-acl").map(Acl::parse).transpose()?;
    let mut grants = Vec::new();
    for (name, _) in HEADERS {
        let value = call.header(name).unwrap_or_default();
        grants.extend(parse_header(name, value)?.unwrap_or_default());
    }
    if let Some(canned) = canned {
        let implied = (!grants.is_empty()).then_some(Acl::Private);
        return Ok((canned.or(implied), grants));
    }
    if !grants.is_empty() {
        return Ok((Some(Acl::Private), grants));
    }
    let policy: SentPolicy = xml_body::read(&call.xml_body().await?)?;
    for SentGrant { grantee, permission } in policy.access_control_list.grants {
        let id = match grantee {
            SentGrantee { uri: Some(uri), .. } if uri == ALL_USERS => Some(ANYONE.to_owned()),
            SentGrantee { id: Some(id), .. } => account(&id),
            _ => None,
        };
        let grantee = id.ok_or_else(|| {
            Error::new(Code::MalformedXML, "Each Grantee needs the ID of an account.")
        })?;
        grants.push(Grant { grantee, permission });
    }
    grants.retain(|grant| grant.grantee != Owner::ONLY.id);
    Ok((Some(take_canned(&mut grants)), grants))
}

/// Takes what everyone may do out of `grants`, where there is a canned list that says the same.
fn take_canned(grants: &mut Vec<Grant>) -> Acl {
    let everyones = |grants: &[Grant], permission| {
        let wanted = [permission, Permission::FullControl];
        grants.iter().any(|grant| grant.grantee == ANYONE && wanted.contains(&grant.permission))
    };
    let acl = match (everyones(grants, Permission::Read), everyones(grants, Permission::Write)) {
        (true, true) => Acl::PublicReadWrite,
        (true, false) => Acl::PublicRead,
        (false, _) => Acl::Private,
    };
    grants
        .retain(|grant| grant.grantee != ANYONE || !acl.permissions().contains(&grant.permission));
    acl
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct AccessControlPolicy<'a> {
    owner: Owner,
    access_control_list: List<'a>,
}

#[derive(Serialize)]
struct List<'a> {
    #[serde(rename = "Grant")]
    grants: Vec<Entry<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Entry<'a> {
    grantee: Grantee<'a>,
    permission: Permission,
}

#[derive(Serialize)]
struct Grantee<'a> {
    #[serde(rename = "@xmlns:xsi")]
    namespace: &'static str,
    #[serde(rename = "@xsi:type")]
    kind: &'static str,
    #[serde(rename = "URI", skip_serializing_if = "Option::is_none")]
    uri: Option<&'static str>,
    #[serde(rename = "ID", skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(rename = "DisplayName", skip_serializing_if = "Option::is_none")]
    display_name: Option<&'a str>,
}

impl<'a> Grantee<'a> {
    fn new(id: &'a str) -> Self {
        let is_anyone = id == ANYONE;
        let account = (!is_anyone).then_some(id);
        Self {
            namespace: "http://www.w3.org/2001/XMLSchema-instance",
            kind: if is_anyone { "Group" } else { "CanonicalUser" },
            uri: is_anyone.then_some(ALL_USERS),
            id: account,
            display_name: account.and_then(|id| id.rsplit('/').next()),
        }
    }
}

/// The answer that tells a list; `acl` is `None` for that of the bucket.
fn answer(acl: Option<Acl>, grants: &[Grant]) -> Result<Reply, Error> {
    let everyones = acl.map_or(&[][..], Acl::permissions).iter();
    let everyones = everyones
        .map(|permission| Entry { grantee: Grantee::new(ANYONE), permission: *permission });
    let others = grants
        .iter()
        .map(|grant| Entry { grantee: Grantee::new(&grant.grantee), permission: grant.permission });
    let owners =
        Entry { grantee: Grantee::new(Owner::ONLY.id), permission: Permission::FullControl };
    let mut reply = xml(&AccessControlPolicy {
        owner: Owner::ONLY,
        access_control_list: List { grants: everyones.chain(others).chain([owners]).collect() },
    })?;
    set(&mut reply, "x-cos-acl", acl.map_or("default", Acl::name))?;
    Ok(reply)
}

/// PUT Bucket acl (document 436/7737).
pub(crate) async fn put_of_bucket(service: &Service, call: &mut Call) -> Result<Reply, Error> {
    let (acl, grants) = asked(call).await?;
    let name = call.bucket().to_owned();
    service
        .store(move |store| {
            store.change_bucket(&name, |bucket| {
                bucket.acl = acl.unwrap_or(Acl::Private);
                bucket.grants = grants;
            })
        })
        .await?;
    Ok(empty(hyper::StatusCode::OK))
}

/// GET Bucket acl (document 436/7733).
pub(crate) async fn get_of_bucket(service: &Service, call: &mut Call) -> Result<Reply, Error> {
    let bucket = service.require_bucket(call.bucket(), None)?;
    answer(Some(bucket.acl), &bucket.grants)
}

/// PUT Object acl (document 436/7748).
pub(crate) async fn put_of_object(service: &Service, call: &mut Call) -> Result<Reply, Error> {
    let (acl, grants) = asked(call).await?;
    let (bucket, key, version) = call.object_version();
    let shown = service
        .store(move |store| {
            store.change_object(&bucket, &key, version.as_deref(), |object| {
                object.attributes.acl = acl;
                object.attributes.grants = grants;
                Ok(())
            })
        })
        .await?;
    let mut reply = empty(hyper::StatusCode::OK);
    tell_version(&mut reply, shown)?;
    Ok(reply)
}

/// GET Object acl (document 436/7744).
pub(crate) async fn get_of_object(service: &Service, call: &mut Call) -> Result<Reply, Error> {
    let (bucket, key, version) = call.object_version();
    let object =
        service.store(move |store| store.object_version(&bucket, &key, version.as_deref())).await?;
    answer(object.attributes.acl, &object.attributes.grants)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_named_in_three_ways() {
        let full = "qcs::cam::uin/100000000002:uin/100000000011";
        assert_eq!(account(full).as_deref(), Some(full));
        assert_eq!(account("100000000002/100000000011").as_deref(), Some(full));
        assert_eq!(
            account("100000000002").as_deref(),
            Some("qcs::cam::uin/100000000002:uin/100000000002")
        );
        for id in ["", "x", "1/", "qcs::cam::uin/1", "qcs::cam::uin/1:x/2"] {
            assert_eq!(account(id), None, "{id}");
        }
    }

    #[test]
    fn what_everyone_may_do_is_a_canned_list_where_there_is_one() {
        let canned = |permissions: &[Permission]| {
            let everyone = |permission: &Permission| Grant {
                grantee: ANYONE.to_owned(),
                permission: *permission,
            };
            let mut grants: Vec<_> = permissions.iter().map(everyone).collect();
            (take_canned(&mut grants), grants.len())
        };
        assert_eq!(canned(&[]), (Acl::Private, 0));
        assert_eq!(canned(&[Permission::Read]), (Acl::PublicRead, 0));
        assert_eq!(canned(&[Permission::Read, Permission::Write]), (Acl::PublicReadWrite, 0));
        assert_eq!(canned(&[Permission::FullControl]), (Acl::PublicReadWrite, 1));
        assert_eq!(canned(&[Permission::Write]), (Acl::Private, 1));
    }
}
