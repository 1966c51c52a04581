//! The parameters of the Authorization header (RFC 9110 11.4, RFC 7616 3.4).

use axum::http::HeaderValue;
use percent_encoding::percent_decode_str;

use super::{Algorithm, REALM};

/// Longest header value, octets.
const MAX_HEADER_BYTES: usize = 4096;
/// Most parameters: more than the RFC has.
const MAX_PARAMETERS: usize = 16;

/// A header that holds nothing that could be checked. Which part is wrong is not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no Digest credentials")]
pub(in crate::http::auth) struct NotDigest;

/// An answer to a challenge, as sent.
#[derive(Clone)]
pub(in crate::http::auth) struct Answer {
    pub(in crate::http::auth) username: String,
    pub(in crate::http::auth) nonce: String,
    /// Requests with this nonce so far, this one included.
    pub(in crate::http::auth) count: u32,
    pub(super) algorithm: Algorithm,
    pub(super) uri: String,
    pub(super) cnonce: String,
    /// Hexadecimal in lower case.
    pub(super) response: String,
}

impl TryFrom<&HeaderValue> for Answer {
    type Error = NotDigest;

    fn try_from(value: &HeaderValue) -> Result<Self, NotDigest> {
        if value.len() > MAX_HEADER_BYTES {
            return Err(NotDigest);
        }
        let text = std::str::from_utf8(value.as_bytes()).map_err(|_| NotDigest)?;
        let (scheme, parameters) = text.split_once(' ').ok_or(NotDigest)?;
        if !scheme.eq_ignore_ascii_case("Digest") {
            return Err(NotDigest);
        }
        let parameters = Parameters::read(parameters)?;
        let algorithm = match parameters.optional("algorithm") {
            None => Algorithm::Md5,
            Some(name) => Algorithm::ALL
                .into_iter()
                .find(|algorithm| algorithm.as_str().eq_ignore_ascii_case(name))
                .ok_or(NotDigest)?,
        };
        if parameters.get("realm")? != REALM
            || !parameters.get("qop")?.eq_ignore_ascii_case("auth")
            || parameters
                .optional("userhash")
                .is_some_and(|value| value.eq_ignore_ascii_case("true"))
        {
            return Err(NotDigest);
        }
        Ok(Self {
            username: parameters.username()?,
            nonce: parameters.get("nonce")?.to_owned(),
            count: count(parameters.get("nc")?)?,
            algorithm,
            uri: parameters.get("uri")?.to_owned(),
            cnonce: parameters.get("cnonce")?.to_owned(),
            response: parameters.get("response")?.to_ascii_lowercase(),
        })
    }
}

/// Eight hexadecimal digits, more than none.
fn count(text: &str) -> Result<u32, NotDigest> {
    let is_count = text.len() == 8 && text.bytes().all(|octet| octet.is_ascii_hexdigit());
    let count = is_count.then(|| u32::from_str_radix(text, 16));
    count
        .and_then(Result::ok)
        .filter(|count| *count > 0)
        .ok_or(NotDigest)
}

/// Names and values, each name once.
struct Parameters(Vec<(String, String)>);

impl Parameters {
    fn read(mut text: &str) -> Result<Self, NotDigest> {
        let mut found = Self(Vec::new());
        loop {
            text = text.trim_start_matches([' ', '\t', ',']);
            if text.is_empty() {
                return Ok(found);
            }
            let (name, rest) = text.split_once('=').ok_or(NotDigest)?;
            let name = name.trim().to_ascii_lowercase();
            let (value, rest) = value(rest.trim_start())?;
            if found.optional(&name).is_some() || found.0.len() == MAX_PARAMETERS {
                return Err(NotDigest);
            }
            found.0.push((name, value));
            text = rest.trim_start_matches([' ', '\t']);
            if !text.is_empty() && !text.starts_with(',') {
                return Err(NotDigest);
            }
        }
    }

    fn optional(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    fn get(&self, name: &str) -> Result<&str, NotDigest> {
        self.optional(name).ok_or(NotDigest)
    }

    /// Names that are not ASCII come in the form of RFC 5987.
    fn username(&self) -> Result<String, NotDigest> {
        match (self.optional("username"), self.optional("username*")) {
            (Some(name), None) => Ok(name.to_owned()),
            (None, Some(extended)) => {
                let (charset, rest) = extended.split_once('\'').ok_or(NotDigest)?;
                let (_, name) = rest.split_once('\'').ok_or(NotDigest)?;
                if !charset.eq_ignore_ascii_case("UTF-8") {
                    return Err(NotDigest);
                }
                let name = percent_decode_str(name).decode_utf8();
                name.map(Into::into).map_err(|_| NotDigest)
            }
            _ => Err(NotDigest),
        }
    }
}

/// A token or a quoted string, and what follows it.
fn value(text: &str) -> Result<(String, &str), NotDigest> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([',', ' ', '\t']).unwrap_or(text.len());
        let (token, rest) = text.split_at(end);
        return match token {
            "" => Err(NotDigest),
            _ => Ok((token.to_owned(), rest)),
        };
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((position, character)) = characters.next() {
        match character {
            '"' => return Ok((value, &quoted[position + 1..])),
            '\\' => value.push(characters.next().ok_or(NotDigest)?.1),
            character if character.is_control() => return Err(NotDigest),
            character => value.push(character),
        }
    }
    Err(NotDigest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = "Digest username=\"Mufasa\", realm=\"pushcast\", uri=\"/dir/index.html\", \
         algorithm=MD5, nonce=\"7yp\", nc=00000001, cnonce=\"f2/\", qop=auth, \
         response=\"8CA523\", opaque=\"FQh\"";

    fn read(text: &str) -> Result<Answer, NotDigest> {
        Answer::try_from(&HeaderValue::from_bytes(text.as_bytes()).unwrap())
    }

    #[test]
    fn parameters_are_read_in_any_order_and_spacing() {
        let answer = read(WHOLE).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((&*answer.username, answer.count), ("Mufasa", 1));
        assert_eq!(answer.algorithm, Algorithm::Md5);
        assert_eq!(answer.response, "8ca523");
        let other = "digest  nc=0000000a,,response=\"a\" ,qop=\"auth\",cnonce=\"a,b=\\\"c\\\"\",\
             nonce=x,uri=\"*\",REALM=\"pushcast\",algorithm=sha-256,username*=UTF-8''J%C3%A4s";
        let answer = read(other).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((&*answer.username, answer.count), ("Jäs", 10));
        assert_eq!(answer.cnonce, "a,b=\"c\"");
        assert_eq!(answer.algorithm, Algorithm::Sha256);
    }

    #[test]
    fn everything_else_is_refused() {
        for (from, to) in [
            ("Digest ", "Basic "),
            ("username=\"Mufasa\"", "user=\"Mufasa\""),
            ("username=\"Mufasa\"", "username=\"Mufasa\", username=\"x\""),
            (
                "username=\"Mufasa\"",
                "username=\"Mufasa\", username*=UTF-8''x",
            ),
            ("username=\"Mufasa\"", "username*=latin1''x"),
            ("\"pushcast\"", "\"other\""),
            ("=MD5", "=MD5-sess"),
            ("=MD5", "=SHA-512-256"),
            ("nc=00000001", "nc=00000000"),
            ("nc=00000001", "nc=+0000001"),
            ("nc=00000001", "nc=1"),
            ("qop=auth", "qop=auth-int"),
            ("qop=auth, ", ""),
            ("opaque=\"FQh\"", "opaque=\"FQh"),
            ("opaque=\"FQh\"", "opaque=\"FQh\" x"),
            ("opaque=\"FQh\"", "opaque"),
            ("opaque=\"FQh\"", "userhash=true"),
        ] {
            assert!(read(&WHOLE.replace(from, to)).is_err(), "{to}");
        }
        let many: String = (0..20).map(|number| format!(",x{number}=1")).collect();
        assert!(read(&format!("{WHOLE}{many}")).is_err());
        assert!(read(&format!("{WHOLE},x={}", "x".repeat(5000))).is_err());
    }
}
