//! The fields of a form or a query string.

use percent_encoding::percent_decode_str;

/// Most fields of a form: an alert to as many groups and areas as one may have, and some.
pub const MAX_FIELDS: usize = 2_000;

/// Names and values in their order; a name may stand there several times.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, String)>);

/// A form with more fields than anything here has, or with octets that are no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FieldsError {
    /// More than [`MAX_FIELDS`].
    #[error("more than {MAX_FIELDS} fields")]
    TooMany,
    /// Not UTF-8.
    #[error("a field is not UTF-8")]
    Encoding,
}

impl Fields {
    /// Reads `application/x-www-form-urlencoded`, which query strings are too.
    pub fn read(text: &str) -> Result<Self, FieldsError> {
        let mut fields = Vec::new();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            if fields.len() == MAX_FIELDS {
                return Err(FieldsError::TooMany);
            }
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            fields.push((decode(name)?, decode(value)?));
        }
        Ok(Self(fields))
    }

    /// Adds a field.
    pub fn push(&mut self, name: &str, value: &str) {
        self.0.push((name.to_owned(), value.to_owned()));
    }

    /// The first value under a name, without spaces around; empty if there is none.
    pub fn text(&self, name: &str) -> &str {
        self.raw(name).trim()
    }

    /// The first value under a name as it came; empty if there is none.
    pub fn raw(&self, name: &str) -> &str {
        let named = self.0.iter().find(|(known, _)| known == name);
        named.map_or("", |(_, value)| value.as_str())
    }

    /// All values under a name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = self.0.iter().filter(move |(known, _)| known == name);
        named.map(|(_, value)| value.as_str())
    }

    /// Whether a box was ticked or a button pressed.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }

    /// The first value under a name, read; `None` where it is empty or cannot be read.
    pub fn read_as<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.text(name).parse().ok()
    }

    /// Everything in its order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The query string with one field set, dropped where the value is empty.
    pub fn with(&self, name: &str, value: &str) -> String {
        let kept = self
            .iter()
            .filter(|(known, value)| *known != name && !value.is_empty());
        let changed = Some((name, value)).filter(|(_, value)| !value.is_empty());
        query(kept.chain(changed))
    }
}

/// A query string with its question mark, or nothing.
pub fn query<'a>(fields: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let pairs: Vec<String> = fields
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
        .collect();
    if pairs.is_empty() {
        String::new()
    } else {
        format!("?{}", pairs.join("&"))
    }
}

/// A text as part of a path or a query.
pub fn encode(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

fn decode(text: &str) -> Result<String, FieldsError> {
    let spaced = text.replace('+', " ");
    let decoded = percent_decode_str(&spaced)
        .decode_utf8()
        .map_err(|_| FieldsError::Encoding)?;
    Ok(decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_read() {
        let fields = Fields::read("a=1&b=x+y%26z&a=2&c").unwrap();
        assert_eq!(fields.text("b"), "x y&z");
        assert_eq!(fields.all("a").collect::<Vec<_>>(), ["1", "2"]);
        assert!(fields.has("c") && !fields.has("d"));
        assert_eq!(Fields::read("a=%ff"), Err(FieldsError::Encoding));
        let flood = "a&".repeat(MAX_FIELDS + 1);
        assert_eq!(Fields::read(&flood), Err(FieldsError::TooMany));
    }

    #[test]
    fn a_query_keeps_what_it_is_not_asked_to_change() {
        let fields = Fields::read("tab=live&text=a%20b&after=").unwrap();
        assert_eq!(fields.with("tab", "all"), "?text=a%20b&tab=all");
        assert_eq!(fields.with("text", ""), "?tab=live");
    }
}
