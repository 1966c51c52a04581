//! Well-known codes (WSP appendix A, tables 38 to 42, as far as push needs them).

/// Content types by code.
pub const CONTENT_TYPES: [(u8, &str); 18] = [
    (0x02, "text/html"),
    (0x03, "text/plain"),
    (0x1D, "image/gif"),
    (0x1E, "image/jpeg"),
    (0x20, "image/png"),
    (0x23, "application/vnd.wap.multipart.mixed"),
    (0x27, "application/xml"),
    (0x28, "text/xml"),
    (0x29, "application/vnd.wap.wbxml"),
    (0x2D, "text/vnd.wap.si"),
    (0x2E, "application/vnd.wap.sic"),
    (0x2F, "text/vnd.wap.sl"),
    (0x30, "application/vnd.wap.slc"),
    (0x31, "text/vnd.wap.co"),
    (0x32, "application/vnd.wap.coc"),
    (0x33, "application/vnd.wap.multipart.related"),
    (0x34, "application/vnd.wap.sia"),
    (0x3E, "application/vnd.wap.mms-message"),
];

/// Codes of header field names, of encoding version 1.2 or lower but for Encoding-Version.
pub(super) mod field {
    pub const AGE: u8 = 0x05;
    pub const CACHE_CONTROL: u8 = 0x08;
    pub const CONTENT_ENCODING: u8 = 0x0B;
    pub const CONTENT_LANGUAGE: u8 = 0x0C;
    pub const CONTENT_LENGTH: u8 = 0x0D;
    pub const CONTENT_LOCATION: u8 = 0x0E;
    pub const CONTENT_MD5: u8 = 0x0F;
    pub const DATE: u8 = 0x12;
    pub const ETAG: u8 = 0x13;
    pub const EXPIRES: u8 = 0x14;
    pub const LAST_MODIFIED: u8 = 0x1D;
    pub const APPLICATION_ID: u8 = 0x2F;
    pub const CONTENT_URI: u8 = 0x30;
    pub const INITIATOR_URI: u8 = 0x31;
    pub const ACCEPT_APPLICATION: u8 = 0x32;
    pub const BEARER_INDICATION: u8 = 0x33;
    pub const PUSH_FLAG: u8 = 0x34;
    pub const ENCODING_VERSION: u8 = 0x43;
}

/// Header field names by code.
pub const FIELD_NAMES: [(u8, &str); 18] = [
    (field::AGE, "Age"),
    (field::CACHE_CONTROL, "Cache-Control"),
    (field::CONTENT_ENCODING, "Content-Encoding"),
    (field::CONTENT_LANGUAGE, "Content-Language"),
    (field::CONTENT_LENGTH, "Content-Length"),
    (field::CONTENT_LOCATION, "Content-Location"),
    (field::CONTENT_MD5, "Content-MD5"),
    (field::DATE, "Date"),
    (field::ETAG, "Etag"),
    (field::EXPIRES, "Expires"),
    (field::LAST_MODIFIED, "Last-Modified"),
    (field::APPLICATION_ID, "X-Wap-Application-Id"),
    (field::CONTENT_URI, "X-Wap-Content-URI"),
    (field::INITIATOR_URI, "X-Wap-Initiator-URI"),
    (field::ACCEPT_APPLICATION, "Accept-Application"),
    (field::BEARER_INDICATION, "Bearer-Indication"),
    (field::PUSH_FLAG, "Push-Flag"),
    (field::ENCODING_VERSION, "Encoding-Version"),
];

/// Languages by code; others are sent as text.
pub const LANGUAGES: [(u8, &str); 7] = [
    (0x14, "de"),
    (0x19, "en"),
    (0x1B, "es"),
    (0x1F, "fi"),
    (0x22, "fr"),
    (0x34, "it"),
    (0x70, "sv"),
];

/// Content encodings by octet, the short-integer bit set.
pub(super) const ENCODINGS: [(u8, &str); 3] =
    [(0x80, "gzip"), (0x81, "compress"), (0x82, "deflate")];

/// The code of a name, of any case.
pub(super) fn code(table: &[(u8, &str)], name: &str) -> Option<u8> {
    table
        .iter()
        .find(|(_, known)| known.eq_ignore_ascii_case(name))
        .map(|(code, _)| *code)
}

/// The name of a code.
pub(super) fn name(table: &[(u8, &'static str)], code: u8) -> Option<&'static str> {
    table
        .iter()
        .find(|(known, _)| *known == code)
        .map(|(_, name)| *name)
}

/// A word in the spelling of its table, which is compared without case; any other word as it is.
pub(super) fn spelled(table: &[(u8, &'static str)], word: &str) -> String {
    let known = code(table, word).and_then(|code| name(table, code));
    known.unwrap_or(word).to_owned()
}
