//! XML bodies: read into and written from plain structures by serde.

use quick_xml::escape::partial_escape;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Code, Error};

/// `text` fit to stand between two tags.
pub(crate) fn escape(text: &str) -> String {
    partial_escape(text).into_owned()
}

/// The document whose root element is `value`.
pub(crate) fn write(value: &impl Serialize) -> Result<String, Error> {
    let body = quick_xml::se::to_string(value).map_err(Error::internal)?;
    Ok(format!("<?xml version='1.0' encoding='utf-8' ?>\n{body}"))
}

/// Reads a request body.
///
/// # Errors
/// `MalformedXML` where it is not UTF-8, not well-formed or lacks a needed element.
pub(crate) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Error> {
    let malformed =
        || Error::new(Code::MalformedXML, "The request body is not the XML this operation takes.");
    let text = std::str::from_utf8(body).map_err(|_| malformed())?;
    quick_xml::de::from_str(text).map_err(|_| malformed())
}

/// How the answer to a list request writes keys.
#[derive(Clone, Copy)]
pub(crate) enum KeyEncoding {
    Plain,
    Url,
}

impl KeyEncoding {
    /// Reads the query parameter `encoding-type`.
    pub(crate) fn parse(parameter: Option<&str>) -> Result<Self, Error> {
        match parameter {
            None | Some("") => Ok(Self::Plain),
            Some(name) if name.eq_ignore_ascii_case("url") => Ok(Self::Url),
            Some(_) => Err(Error::invalid("encoding-type has to be url, or absent.")),
        }
    }

    /// The value of the answer's element that names the encoding.
    pub(crate) fn name(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Url => Some("url"),
        }
    }

    pub(crate) fn apply(self, key: &str) -> String {
        match self {
            Self::Plain => key.to_owned(),
            Self::Url => crate::host::encode_path(key),
        }
    }
}

/// The account that owns everything here.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Owner {
    #[serde(rename = "ID")]
    id: &'static str,
    display_name: &'static str,
}

impl Owner {
    pub(crate) const ONLY: Self =
        Self { id: "qcs::cam::uin/100000000001:uin/100000000001", display_name: "100000000001" };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_end_its_element() {
        assert_eq!(escape("a<b>&\"'"), "a&lt;b&gt;&amp;\"'");
    }

    #[test]
    fn keys_are_encoded_only_when_asked() {
        let encode =
            |parameter| KeyEncoding::parse(parameter).map(|encoding| encoding.apply("a b/中"));
        assert_eq!(encode(None).ok().as_deref(), Some("a b/中"));
        assert_eq!(encode(Some("url")).ok().as_deref(), Some("a%20b/%E4%B8%AD"));
        assert!(encode(Some("base64")).is_err());
    }
}
