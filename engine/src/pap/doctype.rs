//! What the document type declaration says: the version of PAP, and the versions that the sender
//! supports (PAP 9).
//!
//! ```text
//! pap PUBLIC "-//WAPFORUM//DTD PAP 2.0//EN" "http://www.wapforum.org/DTD/pap_2.0.dtd"
//!     [<?wap-pap-ver supported-versions="2.0,1.*"?>]
//! ```
//!
//! Clients in use write many public identifiers, so the version is looked for, not compared.
//! Nothing is fetched, and an internal subset that declares anything is refused: there is no
//! entity to expand.

use crate::model::submission::PapVersion;

use super::error::PapError;
use super::version::{MAX_VERSIONS, VersionPattern};

const INSTRUCTION: &str = "<?wap-pap-ver";

/// What is known of a document before its first element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Declared {
    /// Version of the document.
    pub(super) version: PapVersion,
    /// Versions of its sender.
    pub(super) versions: Option<Vec<VersionPattern>>,
}

impl Default for Declared {
    /// Of a document without a declaration.
    fn default() -> Self {
        Self {
            version: PapVersion::V1_0,
            versions: None,
        }
    }
}

impl Declared {
    /// Reads what stands between `<!DOCTYPE` and `>`.
    pub(super) fn read(text: &str) -> Result<Self, PapError> {
        let rest = text
            .trim_start()
            .strip_prefix("pap")
            .ok_or(PapError::Doctype)?;
        let (public, system, rest) = external_identifier(rest)?;
        let versions = match rest.trim().strip_prefix('[') {
            Some(subset) => internal_subset(subset.strip_suffix(']').ok_or(PapError::Doctype)?)?,
            None if rest.trim().is_empty() => None,
            None => return Err(PapError::Doctype),
        };
        let version = version_after(public, "DTD PAP ", "")
            .or_else(|| version_after(system, "pap_", ".dtd"))
            .unwrap_or(PapVersion::V1_0);
        Ok(Self { version, versions })
    }
}

/// Public and system identifier, empty where absent, and what follows.
fn external_identifier(text: &str) -> Result<(&str, &str, &str), PapError> {
    let after_name = text.trim_start();
    if let Some(rest) = after_name.strip_prefix("PUBLIC") {
        let (public, rest) = literal(rest)?;
        let (system, rest) = if rest.trim_start().starts_with(['"', '\'']) {
            literal(rest)?
        } else {
            ("", rest)
        };
        return Ok((public, system, rest));
    }
    match after_name.strip_prefix("SYSTEM") {
        Some(rest) => literal(rest).map(|(system, rest)| ("", system, rest)),
        None if after_name.is_empty() || after_name.len() < text.len() => Ok(("", "", text)),
        None if after_name.starts_with('[') => Ok(("", "", text)),
        None => Err(PapError::Doctype),
    }
}

/// A quoted text and what follows.
fn literal(text: &str) -> Result<(&str, &str), PapError> {
    let text = text.trim_start();
    let quote = text
        .chars()
        .next()
        .filter(|quote| matches!(quote, '"' | '\''))
        .ok_or(PapError::Doctype)?;
    text[1..].split_once(quote).ok_or(PapError::Doctype)
}

fn internal_subset(subset: &str) -> Result<Option<Vec<VersionPattern>>, PapError> {
    let mut versions = None;
    let mut rest = subset.trim_start();
    while !rest.is_empty() {
        let instruction = rest
            .strip_prefix(INSTRUCTION)
            .filter(|after| after.starts_with(|next: char| next.is_ascii_whitespace()))
            .ok_or(PapError::Declaration)?;
        let (content, after) = instruction.split_once("?>").ok_or(PapError::Doctype)?;
        versions = versions.or_else(|| supported_versions(content));
        rest = after.trim_start();
    }
    Ok(versions)
}

/// The list of the instruction. One that cannot be read is no list: the sender is then assumed to
/// know the version that it used.
fn supported_versions(content: &str) -> Option<Vec<VersionPattern>> {
    let value = content
        .trim()
        .strip_prefix("supported-versions")?
        .trim_start()
        .strip_prefix('=')?;
    let (list, rest) = literal(value).ok()?;
    if !rest.is_empty() {
        return None;
    }
    list.split(',')
        .take(MAX_VERSIONS)
        .map(|entry| {
            let (major, minor) = entry.trim().split_once('.')?;
            let minor = match minor {
                "*" => None,
                _ => Some(number(minor)?),
            };
            Some(VersionPattern {
                major: number(major)?,
                minor,
            })
        })
        .collect()
}

/// Digits alone; beyond 16 bits every number is as unsupported as the largest.
fn number(digits: &str) -> Option<u16> {
    let digits_only = !digits.is_empty() && digits.bytes().all(|octet| octet.is_ascii_digit());
    digits_only.then(|| digits.parse().unwrap_or(u16::MAX))
}

/// The first `MAJOR.MINOR` between those two texts.
fn version_after(identifier: &str, before: &str, after: &str) -> Option<PapVersion> {
    identifier.match_indices(before).find_map(|(at, _)| {
        let (major, rest) = leading_number(&identifier[at + before.len()..])?;
        let (minor, rest) = leading_number(rest.strip_prefix('.')?)?;
        rest.starts_with(after)
            .then_some(PapVersion { major, minor })
    })
}

fn leading_number(text: &str) -> Option<(u16, &str)> {
    let end = text
        .find(|character: char| !character.is_ascii_digit())
        .unwrap_or(text.len());
    Some((number(&text[..end])?, &text[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> (u16, u16) {
        let declared = Declared::read(text).unwrap();
        (declared.version.major, declared.version.minor)
    }

    #[test]
    fn versions_are_found_in_the_identifiers_in_use() {
        for (text, expected) in [
            (
                "pap PUBLIC \"-//WAPFORUM//DTD PAP 1.0//EN\" \"http://www.wapforum.org/DTD/pap_1.0.dtd\"",
                (1, 0),
            ),
            (
                "pap  PUBLIC '-//WAPFORUM//DTD PAP 2.1//EN'  'http://www.openmobilealliance.org/tech/DTD/pap_2.1.dtd'",
                (2, 1),
            ),
            ("pap PUBLIC \"-//OMA//DTD PAP 2.1//EN\" \"x\"", (2, 1)),
            ("pap PUBLIC \"//WAPFORUM//DTD PAP 2.0//EN\" \"x\"", (2, 0)),
            (
                "pap PUBLIC \"-//WAPFORUM/DTD PAP 2.0//EN\" \"wml_1.1.xml\"",
                (2, 0),
            ),
            ("pap PUBLIC \"-//WAPFORUM//DTD PAP 2.10//EN\"", (2, 10)),
            (
                "pap PUBLIC \"-//WAPFORUM//DTD PAP//EN\" \"http://www.wapforum.org/DTD/pap_2.2.dtd\"",
                (2, 2),
            ),
            (
                "pap PUBLIC \"-//WAPFORUM//DTD PAP//EN\" \"http://www.wapforum.org/DTD/pap_1.0.dtd\"",
                (1, 0),
            ),
            (
                "pap PUBLIC \"-//WAPFORUM//DTD PAP//EN\" \"wml_1.1.xml\"",
                (1, 0),
            ),
            (
                "pap PUBLIC \"DTD PAP x DTD PAP 3.0\" \"pap_2.0.dtd\"",
                (3, 0),
            ),
            (
                "pap SYSTEM \"http://www.wapforum.org/DTD/pap_2.0.dtd\"",
                (2, 0),
            ),
            ("pap SYSTEM \"pap_2.0.xml\"", (1, 0)),
            ("pap SYSTEM 'pap_2.0.dtd' [ ]", (2, 0)),
            (
                "pap PUBLIC \"DTD PAP 99999.70000\" \"\"",
                (u16::MAX, u16::MAX),
            ),
            ("pap", (1, 0)),
            ("pap [ ]", (1, 0)),
            ("pap[]", (1, 0)),
        ] {
            assert_eq!(version(text), expected, "{text}");
        }
    }

    #[test]
    fn supported_versions_are_read() {
        let versions = |subset: &str| {
            Declared::read(&format!("pap [{subset}]"))
                .unwrap()
                .versions
                .map(|list| {
                    list.iter()
                        .map(ToString::to_string)
                        .collect::<Vec<_>>()
                        .join(" ")
                })
        };
        let read = |subset: &str, expected: Option<&str>| {
            assert_eq!(versions(subset).as_deref(), expected, "{subset}");
        };
        read(
            "<?wap-pap-ver supported-versions=\"2.0,1.*\"?>",
            Some("2.0 1.*"),
        );
        read(
            " <?wap-pap-ver  supported-versions = '2.10, 2.4' ?>\n",
            Some("2.10 2.4"),
        );
        read("", None);
        read("<?wap-pap-ver supported-versions=\"\"?>", None);
        read("<?wap-pap-ver supported-versions=\"2\"?>", None);
        read("<?wap-pap-ver supported-versions=\"2.x\"?>", None);
        read("<?wap-pap-ver versions=\"2.0\"?>", None);
        let many = format!(
            "<?wap-pap-ver supported-versions=\"1.0{}\"?>",
            ",2.0".repeat(10_000)
        );
        assert_eq!(
            Declared::read(&format!("pap [{many}]"))
                .unwrap()
                .versions
                .unwrap()
                .len(),
            MAX_VERSIONS
        );
    }

    #[test]
    fn declarations_are_refused() {
        for subset in [
            "<!ENTITY a \"b\">",
            "<!ENTITY % a SYSTEM \"file:///etc/passwd\"> %a;",
            "%a;",
            "<!ELEMENT pap ANY>",
            "<!ATTLIST pap x CDATA #IMPLIED>",
            "<!NOTATION n SYSTEM \"n\">",
            "<!-- comment -->",
            "<?other x?>",
            "<?wap-pap-version?>",
            "<?wap-pap-ver supported-versions=\"2.0\"?><!ENTITY a \"b\">",
            "text",
        ] {
            assert_eq!(
                Declared::read(&format!("pap [{subset}]")),
                Err(PapError::Declaration),
                "{subset}"
            );
        }
        for text in [
            "",
            "html",
            "papa",
            "pap PUBLIC",
            "pap PUBLIC \"x",
            "pap PUBLIC x",
            "pap SYSTEM",
            "pap x",
            "pap [",
            "pap ] [",
            "pap [<?wap-pap-ver supported-versions=\"2.0\"]",
        ] {
            assert_eq!(Declared::read(text), Err(PapError::Doctype), "{text}");
        }
    }
}
