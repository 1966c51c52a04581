//! The attributes of FDT-Instance and File: both elements take mostly the same ones, and those
//! of the former are defaults for the latter.

use super::model::{File, OtiAttributes};
use super::xml_read::{FdtError, MAX_ATTRIBUTES, MAX_LOCATION_BYTES, MAX_TOKEN_BYTES, within};
use crate::ids::Toi;
use crate::time::NtpSeconds;
use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use quick_xml::XmlVersion;
use quick_xml::events::BytesStart;
use quick_xml::events::attributes::Attribute;
use std::str::FromStr;

/// Senders forget the padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Attributes of one element. Where a name comes twice, the first counts.
#[derive(Default)]
pub(super) struct Attributes {
    pub(super) expires: Option<NtpSeconds>,
    pub(super) complete: Option<bool>,
    pub(super) full_fdt: Option<bool>,
    toi: Option<Toi>,
    content_location: Option<String>,
    content_length: Option<u64>,
    transfer_length: Option<u64>,
    content_type: Option<String>,
    content_encoding: Option<String>,
    content_md5: Option<[u8; 16]>,
    etag: Option<String>,
    oti: OtiAttributes,
}

impl Attributes {
    /// Reads what an element carries; `offset` is where it ends.
    ///
    /// The FDT's own attributes stand in no namespace. Those of the 3GPP extensions are taken by
    /// local name, with or without a prefix.
    pub(super) fn read(element: &BytesStart<'_>, offset: u64) -> Result<Self, FdtError> {
        let mut read = Self::default();
        // The duplicate check is quadratic, and a second value does no harm here.
        for (at, attribute) in element.attributes().with_checks(false).enumerate() {
            within("attributes of an element", at + 1, MAX_ATTRIBUTES)?;
            let attribute = attribute.map_err(|_| FdtError::Malformed { offset })?;
            match attribute.key.prefix() {
                None if attribute.key.as_ref().starts_with("FEC-OTI-") => {
                    read.set_oti(&attribute)?;
                }
                None => read.set(&attribute)?,
                Some(prefix) if prefix.as_ref() != "xmlns" => read.set_extension(&attribute)?,
                Some(_) => {}
            }
        }
        Ok(read)
    }

    fn set(&mut self, attribute: &Attribute<'_>) -> Result<(), FdtError> {
        match attribute.key.as_ref() {
            "Expires" => {
                let value = value(attribute, "Expires", ntp_seconds)?;
                self.expires.get_or_insert(value);
            }
            "Complete" => {
                self.complete.get_or_insert(boolean(attribute, "Complete")?);
            }
            "TOI" => {
                let value = value(attribute, "TOI", |text| Toi::new(text.parse().ok()?).ok())?;
                self.toi.get_or_insert(value);
            }
            "Content-Location" => {
                let text = text(attribute, "Content-Location", MAX_LOCATION_BYTES)?;
                self.content_location.get_or_insert(text);
            }
            "Content-Length" => {
                let length = number(attribute, "Content-Length")?;
                self.content_length.get_or_insert(length);
            }
            "Transfer-Length" => {
                let length = number(attribute, "Transfer-Length")?;
                self.transfer_length.get_or_insert(length);
            }
            "Content-Type" => {
                let text = text(attribute, "Content-Type", MAX_TOKEN_BYTES)?;
                self.content_type.get_or_insert(text);
            }
            "Content-Encoding" => {
                let text = text(attribute, "Content-Encoding", MAX_TOKEN_BYTES)?;
                self.content_encoding.get_or_insert(text);
            }
            // A digest of another shape protects nothing, and the file may still be good.
            "Content-MD5" => {
                let digest = base64(attribute, "Content-MD5").ok();
                self.content_md5 = self.content_md5.or(digest.and_then(|d| d.try_into().ok()));
            }
            _ => self.set_extension(attribute)?,
        }
        Ok(())
    }

    fn set_oti(&mut self, attribute: &Attribute<'_>) -> Result<(), FdtError> {
        const ENCODING_ID: &str = "FEC-OTI-FEC-Encoding-ID";
        const INSTANCE_ID: &str = "FEC-OTI-FEC-Instance-ID";
        const MAX_BLOCK: &str = "FEC-OTI-Maximum-Source-Block-Length";
        const SYMBOL: &str = "FEC-OTI-Encoding-Symbol-Length";
        const MAX_SYMBOLS: &str = "FEC-OTI-Max-Number-of-Encoding-Symbols";
        const SPECIFIC: &str = "FEC-OTI-Scheme-Specific-Info";
        let oti = &mut self.oti;
        match attribute.key.as_ref() {
            ENCODING_ID => {
                let id = number(attribute, ENCODING_ID)?;
                oti.encoding_id.get_or_insert(id);
            }
            INSTANCE_ID => {
                let id = number(attribute, INSTANCE_ID)?;
                oti.instance_id.get_or_insert(id);
            }
            MAX_BLOCK => {
                let symbols = number(attribute, MAX_BLOCK)?;
                oti.max_source_block_length.get_or_insert(symbols);
            }
            SYMBOL => {
                let octets = number(attribute, SYMBOL)?;
                oti.encoding_symbol_length.get_or_insert(octets);
            }
            MAX_SYMBOLS => {
                let symbols = number(attribute, MAX_SYMBOLS)?;
                oti.max_number_of_encoding_symbols.get_or_insert(symbols);
            }
            SPECIFIC => {
                let info = base64(attribute, SPECIFIC)?;
                oti.scheme_specific.get_or_insert(info);
            }
            _ => {}
        }
        Ok(())
    }

    fn set_extension(&mut self, attribute: &Attribute<'_>) -> Result<(), FdtError> {
        match attribute.key.local_name().as_ref() {
            "FullFDT" => {
                self.full_fdt.get_or_insert(boolean(attribute, "FullFDT")?);
            }
            "File-ETag" => {
                let text = text(attribute, "File-ETag", MAX_TOKEN_BYTES)?;
                self.etag.get_or_insert(text);
            }
            _ => {}
        }
        Ok(())
    }

    /// The file these attributes describe together with the defaults of its instance.
    pub(super) fn into_file(self, defaults: &Self) -> Result<File, FdtError> {
        let missing = |attribute| FdtError::Missing { attribute };
        let toi = self.toi.ok_or(missing("TOI"))?;
        if toi == Toi::FDT {
            return Err(FdtError::Value { attribute: "TOI" });
        }
        let content_location = self
            .content_location
            .filter(|location| !location.is_empty())
            .ok_or(missing("Content-Location"))?;
        Ok(File {
            content_length: self.content_length,
            transfer_length: self.transfer_length,
            content_type: self.content_type.or_else(|| defaults.content_type.clone()),
            content_encoding: self
                .content_encoding
                .or_else(|| defaults.content_encoding.clone()),
            content_md5: self.content_md5,
            oti: self.oti.or_defaults(&defaults.oti),
            expires: self.expires,
            etag: self.etag,
            ..File::new(toi, content_location)
        })
    }
}

/// NTP seconds in decimal. A part of a second is dropped, and a number that counts on beyond the
/// first era keeps its low 32 bits, from which the era is found again.
pub(super) fn ntp_seconds(text: &str) -> Option<NtpSeconds> {
    const MAX_ERAS: u64 = 2;
    let whole = text.trim().split('.').next()?;
    let seconds: u64 = whole.parse().ok()?;
    (seconds >> 32 < MAX_ERAS).then_some(NtpSeconds(seconds as u32))
}

fn text(
    attribute: &Attribute<'_>,
    name: &'static str,
    max_bytes: usize,
) -> Result<String, FdtError> {
    attribute
        .normalized_value(XmlVersion::Implicit1_0)
        .ok()
        .filter(|text| text.len() <= max_bytes)
        .map(|text| text.trim().to_owned())
        .ok_or(FdtError::Value { attribute: name })
}

fn value<T>(
    attribute: &Attribute<'_>,
    name: &'static str,
    convert: impl FnOnce(&str) -> Option<T>,
) -> Result<T, FdtError> {
    let text = attribute.normalized_value(XmlVersion::Implicit1_0).ok();
    text.and_then(|text| convert(text.trim()))
        .ok_or(FdtError::Value { attribute: name })
}

fn number<T: FromStr>(attribute: &Attribute<'_>, name: &'static str) -> Result<T, FdtError> {
    value(attribute, name, |text| text.parse().ok())
}

fn boolean(attribute: &Attribute<'_>, name: &'static str) -> Result<bool, FdtError> {
    value(attribute, name, |text| {
        Some(text == "1" || text.eq_ignore_ascii_case("true"))
    })
}

fn base64(attribute: &Attribute<'_>, name: &'static str) -> Result<Vec<u8>, FdtError> {
    let mut text = text(attribute, name, MAX_TOKEN_BYTES)?;
    text.retain(|character| !character.is_ascii_whitespace());
    BASE64
        .decode(text)
        .map_err(|_| FdtError::Value { attribute: name })
}
