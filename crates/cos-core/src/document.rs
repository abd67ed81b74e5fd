//! XML documents that requests carry, from the forms in which cos-wx-sdk-v5 accepts them.

use crate::text::split;
use crate::value::Value;
use crate::xml;

/// What to do when the caller gives nothing to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absent {
    /// Refuse the call.
    Refuse,
    /// Send no document.
    Omit,
    /// Send an empty one.
    Empty,
}

/// An XML document: where its content comes from and what surrounds it.
#[derive(Debug)]
pub struct Document {
    /// Where the caller may put the content, with spaces between, the first that is given counting. A
    /// dot leads into an object: `Tagging.TagSet`.
    pub from: &'static str,
    /// The elements around the content, outermost first, with spaces between.
    pub into: &'static str,
    /// Nothing given.
    pub absent: Absent,
    /// Whether Content-Type and Content-MD5 are sent with it.
    pub described: bool,
    /// Rewrites the content of the root element; the caller's parameters are at hand.
    pub rewrite: Option<fn(&mut Value, &Value)>,
}

const PLAIN: Document =
    Document { from: "", into: "", absent: Absent::Empty, described: true, rewrite: None };

/// `<CreateBucketConfiguration>` (436/7738).
pub static BUCKET: Document = Document {
    from: "BucketAZConfig",
    into: "CreateBucketConfiguration BucketAZConfig",
    absent: Absent::Omit,
    described: false,
    ..PLAIN
};

/// `<AccessControlPolicy>` (436/7737).
pub static ACL: Document = Document {
    from: "AccessControlPolicy",
    into: "AccessControlPolicy",
    absent: Absent::Omit,
    rewrite: Some(|policy, _| {
        let (many, one) = (policy.take("Grants"), policy.take("Grant"));
        let grants = many.or(one).into_items();
        policy.set("AccessControlList", Value::map().with("Grant", grants));
    }),
    ..PLAIN
};

/// `<CORSConfiguration>` (436/8279).
pub static CORS: Document = Document {
    from: "CORSConfiguration.CORSRules CORSRules",
    into: "CORSConfiguration CORSRule",
    rewrite: Some(|configuration, params| {
        let mut rules = configuration.take("CORSRule").into_list();
        for rule in &mut rules {
            for name in CORS_LISTS {
                let many = rule.take(&[name, "s"].concat());
                let values = many.or(rule.get(name).clone()).into_items();
                rule.set(name, values);
            }
        }
        configuration.set("CORSRule", rules);
        let vary = params.get("ResponseVary");
        if vary.is_truthy() {
            configuration.set("ResponseVary", vary.clone());
        }
    }),
    ..PLAIN
};

/// Members of a CORS rule that repeat; results name them with an `s`.
pub const CORS_LISTS: [&str; 4] =
    ["AllowedOrigin", "AllowedHeader", "AllowedMethod", "ExposeHeader"];

/// `<Tagging>` of buckets and objects (436/34838, 436/42997).
pub static TAGGING: Document =
    Document { from: "Tagging.TagSet Tagging.Tags Tags", into: "Tagging TagSet Tag", ..PLAIN };

/// `<LifecycleConfiguration>` (436/8280).
pub static LIFECYCLE: Document = Document {
    from: "LifecycleConfiguration.Rules Rules",
    into: "LifecycleConfiguration Rule",
    ..PLAIN
};

/// `<VersioningConfiguration>` (436/19889).
pub static VERSIONING: Document = Document {
    from: "VersioningConfiguration",
    into: "VersioningConfiguration",
    absent: Absent::Refuse,
    ..PLAIN
};

/// `<ReplicationConfiguration>` (436/19223). `Rules` and `Tags` stand for repeated elements.
pub static REPLICATION: Document = Document {
    from: "ReplicationConfiguration",
    into: "ReplicationConfiguration",
    rewrite: Some(|configuration, _| name_singly(configuration)),
    ..PLAIN
};

fn name_singly(value: &mut Value) {
    match value {
        Value::List(items) => items.iter_mut().for_each(name_singly),
        Value::Map(members) => {
            for (name, member) in members {
                if name.eq_ignore_ascii_case("Rules") || name.eq_ignore_ascii_case("Tags") {
                    name.pop();
                }
                name_singly(member);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// `<WebsiteConfiguration>` (436/31930).
pub static WEBSITE: Document = Document {
    from: "WebsiteConfiguration",
    into: "WebsiteConfiguration",
    absent: Absent::Refuse,
    rewrite: Some(|configuration, _| {
        let (many, one) = (configuration.take("RoutingRules"), configuration.take("RoutingRule"));
        let rules = many.or(one).into_items();
        if !rules.is_empty() {
            configuration.set("RoutingRules", Value::map().with("RoutingRule", rules));
        }
    }),
    ..PLAIN
};

/// `<RefererConfiguration>` (436/32492).
pub static REFERER: Document = Document {
    from: "RefererConfiguration",
    into: "RefererConfiguration",
    absent: Absent::Refuse,
    rewrite: Some(|configuration, _| {
        let list = configuration.get("DomainList");
        let domains = list.get("Domains").clone().or(list.get("Domain").clone()).into_items();
        if !domains.is_empty() {
            configuration.set("DomainList", Value::map().with("Domain", domains));
        }
    }),
    ..PLAIN
};

/// `<DomainConfiguration>`.
pub static DOMAIN: Document = Document {
    from: "DomainConfiguration.DomainRule DomainRule",
    into: "DomainConfiguration DomainRule",
    ..PLAIN
};

/// `<OriginConfiguration>`.
pub static ORIGIN: Document = Document {
    from: "OriginConfiguration.OriginRule OriginRule",
    into: "OriginConfiguration OriginRule",
    ..PLAIN
};

/// `<BucketLoggingStatus>` (436/17054); an empty one turns logging off.
pub static LOGGING: Document =
    Document { from: "BucketLoggingStatus", into: "BucketLoggingStatus", ..PLAIN };

/// `<InventoryConfiguration>` (436/33707).
pub static INVENTORY: Document = Document {
    from: "InventoryConfiguration",
    into: "InventoryConfiguration",
    rewrite: Some(|configuration, _| {
        let fields = configuration.get("OptionalFields").clone();
        if fields.is_truthy() {
            configuration.set("OptionalFields", Value::map().with("Field", fields));
        }
        rename_encryption(configuration, "SSECOS", "SSE-COS");
    }),
    ..PLAIN
};

/// Renames the member of an inventory's encryption that JavaScript spells without the hyphen.
pub fn rename_encryption(inventory: &mut Value, from: &str, to: &str) {
    let encryption = ["Destination", "COSBucketDestination", "Encryption"]
        .iter()
        .try_fold(inventory, |value, name| value.member_mut(name));
    if let Some(encryption) = encryption
        && encryption.members().iter().any(|(name, _)| name == from)
    {
        let value = encryption.take(from);
        encryption.set(to, value);
    }
}

/// `<AccelerateConfiguration>` (436/38869).
pub static ACCELERATE: Document = Document {
    from: "AccelerateConfiguration",
    into: "AccelerateConfiguration",
    absent: Absent::Refuse,
    ..PLAIN
};

/// `<Delete>` (436/8289).
pub static DELETE: Document = Document {
    from: "Objects",
    into: "Delete Object",
    rewrite: Some(|content, params| {
        let quiet = params.get("Quiet");
        let quiet = if quiet.is_truthy() { quiet.clone() } else { Value::from(false) };
        content.set("Quiet", quiet);
    }),
    ..PLAIN
};

/// `<RestoreRequest>` (436/12633).
pub static RESTORE: Document =
    Document { from: "RestoreRequest", into: "RestoreRequest", absent: Absent::Refuse, ..PLAIN };

/// `<CompleteMultipartUpload>` (436/7742). COS wants the ETags quoted.
pub static COMPLETE: Document = Document {
    from: "Parts",
    into: "CompleteMultipartUpload Part",
    absent: Absent::Refuse,
    rewrite: Some(|content, _| {
        let mut parts = content.take("Part").into_list();
        for part in &mut parts {
            if let Some(etag) = part.get("ETag").as_str()
                && !etag.starts_with('"')
            {
                let quoted = ["\"", etag, "\""].concat();
                part.set("ETag", quoted);
            }
        }
        content.set("Part", parts);
    }),
    ..PLAIN
};

impl Document {
    /// The content that the caller gave.
    fn given<'a>(&self, params: &'a Value) -> Option<&'a Value> {
        split(self.from, b' ').map(|path| params.at(path)).find(|value| value.is_truthy())
    }

    /// The parameter without which the call is refused, when it is missing.
    pub fn missing(&self, params: &Value) -> Option<&'static str> {
        match self.absent {
            Absent::Refuse if self.given(params).is_none() => split(self.from, b' ').next(),
            Absent::Refuse | Absent::Omit | Absent::Empty => None,
        }
    }

    /// The document; `None` when the caller asks for none.
    pub fn write(&self, params: &Value) -> Option<String> {
        let given = self.given(params);
        if given.is_none() && self.absent == Absent::Omit {
            return None;
        }
        let names: Vec<&str> = split(self.into, b' ').collect();
        let (root, inner) = names.split_first()?;
        // A list without items writes nothing, which leaves the element around it empty.
        let mut content = match given {
            Some(given) => given.clone(),
            None if inner.is_empty() => Value::from(""),
            None => Value::List(Vec::new()),
        };
        for name in inner.iter().rev() {
            content = Value::map().with(name, content);
        }
        if let Some(rewrite) = self.rewrite {
            rewrite(&mut content, params);
        }
        Some(xml::build(&Value::map().with(root, content)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(items: &[Value]) -> Value {
        Value::List(items.to_vec())
    }

    #[test]
    fn content_is_found_where_callers_put_it() {
        let tag = Value::map().with("Key", "k").with("Value", "v");
        let expected =
            "<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>";
        for params in [
            Value::map().with("Tags", list(std::slice::from_ref(&tag))),
            Value::map().with("Tags", tag.clone()),
            Value::map()
                .with("Tagging", Value::map().with("TagSet", list(std::slice::from_ref(&tag)))),
            Value::map().with("Tagging", Value::map().with("Tags", list(&[tag]))),
        ] {
            assert_eq!(TAGGING.write(&params).unwrap(), expected);
        }
        let empty = "<Tagging><TagSet></TagSet></Tagging>";
        assert_eq!(TAGGING.write(&Value::map()).unwrap(), empty);
    }

    #[test]
    fn rules_of_cors_take_lists_and_single_values() {
        let rule = Value::map()
            .with("AllowedOrigins", list(&["a".into(), "b".into()]))
            .with("AllowedMethod", "GET")
            .with("MaxAgeSeconds", 5.0);
        let params = Value::map().with("CORSRules", rule).with("ResponseVary", "true");
        assert_eq!(
            CORS.write(&params).unwrap(),
            "<CORSConfiguration><CORSRule><AllowedMethod>GET</AllowedMethod>\
             <MaxAgeSeconds>5</MaxAgeSeconds><AllowedOrigin>a</AllowedOrigin>\
             <AllowedOrigin>b</AllowedOrigin></CORSRule>\
             <ResponseVary>true</ResponseVary></CORSConfiguration>"
        );
    }

    #[test]
    fn what_nobody_gave() {
        let nothing = Value::map();
        assert_eq!(VERSIONING.missing(&nothing), Some("VersioningConfiguration"));
        assert_eq!(ACL.write(&nothing), None);
        assert_eq!(LOGGING.write(&nothing).unwrap(), "<BucketLoggingStatus></BucketLoggingStatus>");
        assert_eq!(DELETE.write(&nothing).unwrap(), "<Delete><Quiet>false</Quiet></Delete>");
    }

    #[test]
    fn plural_names_become_repeated_elements() {
        let tags = Value::map().with("Tags", list(&[Value::map().with("Key", "a")]));
        let rules = list(&[Value::map().with("Filter", tags)]);
        let params = Value::map()
            .with("ReplicationConfiguration", Value::map().with("Role", "r").with("Rules", rules));
        assert_eq!(
            REPLICATION.write(&params).unwrap(),
            "<ReplicationConfiguration><Role>r</Role><Rule><Filter><Tag><Key>a</Key></Tag></Filter>\
             </Rule></ReplicationConfiguration>"
        );
    }
}
