//! Content-Type values, as far as content needs them.

use mediatype::{MediaType, Name, ReadParams};

/// Type and subtype as written, without parameters.
pub fn essence(text: &str) -> &str {
    text.split(';').next().unwrap_or_default().trim()
}

/// A parameter's value without its quotation marks.
pub fn parameter(text: &str, name: &'static str) -> Option<String> {
    let media_type = MediaType::parse(text).ok()?;
    let value = media_type.get_param(Name::new(name)?)?;
    Some(value.unquoted_str().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_found_in_any_case_and_quoted_or_not() {
        for text in [
            "text/vnd.wap.si; charset=utf-8",
            "Text/Vnd.Wap.Si;Charset=\"utf-8\"",
            "text/vnd.wap.si ; a=b ; charset=utf-8",
        ] {
            assert_eq!(
                parameter(text, "charset").as_deref(),
                Some("utf-8"),
                "{text}"
            );
            assert!(
                essence(text).eq_ignore_ascii_case("text/vnd.wap.si"),
                "{text}"
            );
        }
        for text in ["", "text/plain", "text/plain; charset", "nonsense"] {
            assert_eq!(parameter(text, "charset"), None, "{text}");
        }
    }
}
