//! The XML form that is sent.
//!
//! Element and attribute order follow the schema of TS 26.346 7.2.10, with the delimiters and the
//! schemaVersion that validating clients need. FDT-Instance and File carry no prefix because some
//! receivers compare the literal names.

use super::model::{CacheControl, File, Instance, OtiAttributes, Profile};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt::{self, Display, Write as _};

/// Every octet before the first File when no optional namespace is used.
const HEADER: &str = concat!(
    r#"<?xml version="1.0" encoding="UTF-8"?>"#,
    "\n",
    r#"<FDT-Instance xmlns="urn:IETF:metadata:2005:FLUTE:FDT""#,
    r#" xmlns:mbms2007="urn:3GPP:metadata:2007:MBMS:FLUTE:FDT""#,
    r#" xmlns:sv="urn:3gpp:metadata:2009:MBMS:schemaVersion""#,
);
const FULL_FDT_NAMESPACE: &str = r#" xmlns:mbms2008="urn:3GPP:metadata:2008:MBMS:FLUTE:FDT_ext""#;
const ETAG_NAMESPACE: &str = r#" xmlns:mbms2012="urn:3GPP:metadata:2012:MBMS:FLUTE:FDT""#;
const DELIMITER: &str = "<sv:delimiter>0</sv:delimiter>";

/// A File element of usual length, octets; saves growing the text.
const TYPICAL_FILE_BYTES: usize = 640;

impl Instance {
    /// The XML document, in the form of `profile`. Equal instances give equal octets.
    ///
    /// Characters that XML 1.0 cannot express become U+FFFD.
    pub fn write(&self, profile: Profile) -> String {
        match profile {
            Profile::GeneralV1 => self.write_general_v1(),
        }
    }

    fn write_general_v1(&self) -> String {
        let mut xml = String::with_capacity(
            HEADER.len() + 256 + self.files.len().saturating_mul(TYPICAL_FILE_BYTES),
        );
        xml.push_str(HEADER);
        if self.full_fdt {
            xml.push_str(FULL_FDT_NAMESPACE);
        }
        if self.files.iter().any(|file| file.etag.is_some()) {
            xml.push_str(ETAG_NAMESPACE);
        }
        attribute(&mut xml, "Expires", self.expires.0);
        if self.complete {
            attribute(&mut xml, "Complete", "true");
        }
        if self.full_fdt {
            attribute(&mut xml, "mbms2008:FullFDT", "true");
        }
        xml.push_str(">\n");
        for file in &self.files {
            write_file(&mut xml, file);
        }
        xml.push_str("<sv:schemaVersion>4</sv:schemaVersion>");
        xml.push_str(DELIMITER);
        write_groups(&mut xml, &self.groups);
        xml.push_str("\n</FDT-Instance>\n");
        xml
    }
}

fn write_file(xml: &mut String, file: &File) {
    xml.push_str("<File");
    attribute(xml, "TOI", file.toi);
    attribute(xml, "Content-Location", Escaped(&file.content_location));
    optional(
        xml,
        "Content-Type",
        file.content_type.as_deref().map(Escaped),
    );
    optional(
        xml,
        "Content-Encoding",
        file.content_encoding.as_deref().map(Escaped),
    );
    optional(xml, "Content-Length", file.content_length);
    optional(xml, "Transfer-Length", file.transfer_length);
    optional(
        xml,
        "Content-MD5",
        file.content_md5.map(|digest| STANDARD.encode(digest)),
    );
    write_oti(xml, &file.oti);
    optional(xml, "mbms2012:File-ETag", file.etag.as_deref().map(Escaped));
    xml.push('>');
    if let Some(directive) = file.cache_control {
        write_cache_control(xml, directive);
    }
    xml.push_str(DELIMITER);
    xml.push_str(DELIMITER);
    write_groups(xml, &file.groups);
    xml.push_str("</File>\n");
}

fn write_oti(xml: &mut String, oti: &OtiAttributes) {
    optional(xml, "FEC-OTI-FEC-Encoding-ID", oti.encoding_id);
    optional(xml, "FEC-OTI-FEC-Instance-ID", oti.instance_id);
    optional(
        xml,
        "FEC-OTI-Maximum-Source-Block-Length",
        oti.max_source_block_length,
    );
    optional(
        xml,
        "FEC-OTI-Encoding-Symbol-Length",
        oti.encoding_symbol_length,
    );
    optional(
        xml,
        "FEC-OTI-Max-Number-of-Encoding-Symbols",
        oti.max_number_of_encoding_symbols,
    );
    optional(
        xml,
        "FEC-OTI-Scheme-Specific-Info",
        oti.scheme_specific
            .as_ref()
            .map(|info| STANDARD.encode(info)),
    );
}

fn write_cache_control(xml: &mut String, directive: CacheControl) {
    xml.push_str("<mbms2007:Cache-Control>");
    match directive {
        CacheControl::NoCache => xml.push_str("<mbms2007:no-cache>true</mbms2007:no-cache>"),
        CacheControl::MaxStale => xml.push_str("<mbms2007:max-stale>true</mbms2007:max-stale>"),
        CacheControl::Expires(at) => {
            append(
                xml,
                format_args!("<mbms2007:Expires>{}</mbms2007:Expires>", at.0),
            );
        }
    }
    xml.push_str("</mbms2007:Cache-Control>");
}

fn write_groups(xml: &mut String, groups: &[String]) {
    for group in groups {
        append(xml, format_args!("<Group>{}</Group>", Escaped(group)));
    }
}

fn attribute(xml: &mut String, name: &str, value: impl Display) {
    append(xml, format_args!(" {name}=\"{value}\""));
}

fn optional(xml: &mut String, name: &str, value: Option<impl Display>) {
    if let Some(value) = value {
        attribute(xml, name, value);
    }
}

fn append(xml: &mut String, text: fmt::Arguments<'_>) {
    xml.write_fmt(text)
        .expect("a String takes any text and Escaped never fails by itself");
}

/// Character data that survives as an attribute value and as element content alike.
struct Escaped<'a>(&'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some(at) = rest.find(is_special) {
            let (plain, tail) = rest.split_at(at);
            f.write_str(plain)?;
            let mut characters = tail.chars();
            match characters.next() {
                Some('&') => f.write_str("&amp;")?,
                Some('<') => f.write_str("&lt;")?,
                Some('>') => f.write_str("&gt;")?,
                Some('"') => f.write_str("&quot;")?,
                // As they are, these three would be read back as spaces.
                Some(white @ ('\t' | '\n' | '\r')) => write!(f, "&#{};", u32::from(white))?,
                _ => f.write_char(char::REPLACEMENT_CHARACTER)?,
            }
            rest = characters.as_str();
        }
        f.write_str(rest)
    }
}

fn is_special(character: char) -> bool {
    matches!(
        character,
        '&' | '<' | '>' | '"' | '\0'..='\x1F' | '\u{FFFE}' | '\u{FFFF}'
    )
}
