//! XML bodies: read into and written from plain structures by serde.

use quick_xml::Reader;
use quick_xml::escape::partial_escape;
use quick_xml::events::Event;
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
    Ok(declared(&body))
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

/// The document of a request body without its declaration, once it is clear that it is well-formed
/// and that `root` is its root element.
///
/// # Errors
/// `MalformedXML`.
pub(crate) fn document(body: &[u8], root: &str) -> Result<String, Error> {
    let malformed = || {
        let message = format!("The request body has to be XML with the root element {root}.");
        Error::new(Code::MalformedXML, message)
    };
    let text = std::str::from_utf8(body).map_err(|_| malformed())?;
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    reader.config_mut().check_comments = true;
    let mut start = 0;
    let (mut depth, mut roots) = (0_usize, 0);
    loop {
        let event = reader.read_event().map_err(|_| malformed())?;
        match &event {
            Event::Start(tag) | Event::Empty(tag) => {
                if depth == 0 && (tag.local_name().as_ref() != root || roots > 0) {
                    return Err(malformed());
                }
                if tag.attributes().any(|attribute| attribute.is_err()) {
                    return Err(malformed());
                }
                roots += usize::from(depth == 0);
                depth += usize::from(matches!(event, Event::Start(_)));
            }
            Event::End(_) => depth -= 1,
            Event::Text(outside) if depth == 0 && !outside.trim_ascii().is_empty() => {
                return Err(malformed());
            }
            Event::GeneralRef(reference)
                if depth == 0
                    || !(reference.is_char_ref() || PREDEFINED.contains(&reference.as_ref())) =>
            {
                return Err(malformed());
            }
            Event::CData(_) if depth == 0 => return Err(malformed()),
            Event::DocType(_) => return Err(malformed()),
            Event::Decl(_) => start = reader.buffer_position(),
            Event::Eof => break,
            _ => {}
        }
    }
    if depth > 0 || roots == 0 {
        return Err(malformed());
    }
    let start = usize::try_from(start).map_err(Error::internal)?;
    Ok(text.trim_start_matches('\u{feff}').get(start..).unwrap_or_default().trim().to_owned())
}

/// The entities that need no declaration.
const PREDEFINED: [&str; 5] = ["lt", "gt", "amp", "quot", "apos"];

/// A document around `body`.
pub(crate) fn declared(body: &str) -> String {
    format!("<?xml version='1.0' encoding='utf-8' ?>\n{body}")
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
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Owner {
    #[serde(rename = "ID")]
    pub(crate) id: &'static str,
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
    fn documents_are_kept_without_their_declaration() {
        let kept = |body: &str| document(body.as_bytes(), "A").ok();
        let body = "<A x=\"1\"> <b>&lt;&#20013;</b><!-- c --><c/></A>";
        assert_eq!(kept(body).as_deref(), Some(body));
        assert_eq!(kept(&format!("<?xml version=\"1.0\" ?>\n{body}\n")).as_deref(), Some(body));
        assert_eq!(kept("<A/>").as_deref(), Some("<A/>"));
    }

    #[test]
    fn what_is_not_a_document_of_its_root_is_refused() {
        for body in [
            "",
            "x",
            "<A>",
            "<A></B>",
            "<B/>",
            "<A/><A/>",
            "<A/>x",
            "<A>&x;</A>",
            "<A x/>",
            "{}",
            "<!DOCTYPE A><A/>",
            "</A>",
        ] {
            assert!(document(body.as_bytes(), "A").is_err(), "{body}");
        }
        assert!(document(b"<A>\xff</A>", "A").is_err());
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
