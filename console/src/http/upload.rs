//! Forms with a file in them: the fields first, the file last, read as it arrives.

use axum::extract::{FromRequest as _, Multipart};
use axum::http::Request;
use axum::http::header::CONTENT_TYPE;

use super::call::Call;
use super::failure::Failure;
use super::fields::{Fields, MAX_FIELDS};
use super::guard;

/// Longest field beside the file, octets.
const MAX_FIELD_BYTES: usize = 64 << 10;

/// A form whose file is about to be read.
pub struct Upload {
    /// The fields that came before the file.
    pub fields: Fields,
    multipart: Multipart,
}

/// What is known of a file before its octets.
pub struct Named {
    /// Name that the browser gave, without folders; empty if none was chosen.
    pub name: String,
    /// Media type that the browser gave.
    pub media_type: String,
}

/// Takes octets of a file as they come.
pub trait Sink {
    /// Takes some.
    fn take(
        &mut self,
        octets: &[u8],
    ) -> impl std::future::Future<Output = Result<(), Failure>> + Send;
}

/// Keeps them, up to a limit.
pub struct Kept {
    /// What has come.
    pub octets: Vec<u8>,
    /// Most that is kept.
    pub max_bytes: usize,
}

impl Sink for Kept {
    async fn take(&mut self, octets: &[u8]) -> Result<(), Failure> {
        if self.octets.len() + octets.len() > self.max_bytes {
            let max = format!("{} MiB", self.max_bytes >> 20);
            return Err(Failure::TooLarge(max));
        }
        self.octets.extend_from_slice(octets);
        Ok(())
    }
}

impl Upload {
    /// Reads the call's body up to nothing yet.
    pub async fn begin(call: &mut Call) -> Result<Self, Failure> {
        let body = call.body.get_mut().ok().and_then(Option::take);
        let body = body.unwrap_or_default();
        let media_type = call.headers.get(CONTENT_TYPE).cloned();
        let mut request = Request::new(body);
        *request.extensions_mut() = std::mem::take(&mut call.extensions);
        if let Some(media_type) = media_type {
            request.headers_mut().insert(CONTENT_TYPE, media_type);
        }
        let multipart = Multipart::from_request(request, &())
            .await
            .map_err(|error| Failure::Malformed(error.to_string()))?;
        Ok(Self {
            fields: Fields::default(),
            multipart,
        })
    }

    /// Reads fields up to the file called `file`, checks the session's token before anything else
    /// is looked at, and gives the file to the sink that `open` makes. `None` where no file came.
    pub async fn file<S: Sink>(
        &mut self,
        token: &str,
        open: impl FnOnce(&Fields, &Named) -> Result<S, Failure>,
    ) -> Result<Option<(Named, S)>, Failure> {
        let malformed =
            |error: axum::extract::multipart::MultipartError| Failure::Malformed(error.to_string());
        let mut count = 0;
        while let Some(mut field) = self.multipart.next_field().await.map_err(malformed)? {
            let name = field.name().unwrap_or_default().to_owned();
            count += 1;
            if count > MAX_FIELDS {
                return Err(Failure::Malformed("too many fields".to_owned()));
            }
            if name != "file" {
                let mut value = Vec::new();
                while let Some(octets) = field.chunk().await.map_err(malformed)? {
                    if value.len() + octets.len() > MAX_FIELD_BYTES {
                        return Err(Failure::TooLarge("64 KiB a field".to_owned()));
                    }
                    value.extend_from_slice(&octets);
                }
                let value = String::from_utf8(value)
                    .map_err(|_| Failure::Malformed("a field is not UTF-8".to_owned()))?;
                self.fields.push(&name, &value);
                continue;
            }
            guard::check_token(self.fields.raw("token"), token)?;
            let named = Named {
                name: plain_name(field.file_name().unwrap_or_default()),
                media_type: field.content_type().unwrap_or_default().to_owned(),
            };
            if named.name.is_empty() {
                return Ok(None);
            }
            let mut sink = open(&self.fields, &named)?;
            while let Some(octets) = field.chunk().await.map_err(malformed)? {
                sink.take(&octets).await?;
            }
            return Ok(Some((named, sink)));
        }
        guard::check_token(self.fields.raw("token"), token)?;
        Ok(None)
    }

    /// The octets of a file of so many at most; see [`Upload::file`].
    pub async fn kept(
        &mut self,
        token: &str,
        max_bytes: usize,
    ) -> Result<Option<Vec<u8>>, Failure> {
        let open = |_: &Fields, _: &Named| {
            Ok(Kept {
                octets: Vec::new(),
                max_bytes,
            })
        };
        let taken = self.file(token, open).await?;
        Ok(taken.map(|(_, kept)| kept.octets))
    }
}

/// The last part of a path of any system.
fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    last.chars().filter(|c| !c.is_control()).take(100).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_left_out_of_names() {
        assert_eq!(plain_name("../../etc/passwd"), "passwd");
        assert_eq!(plain_name("C:\\maps\\a.png"), "a.png");
        assert_eq!(plain_name("a\r\nb"), "ab");
        assert_eq!(plain_name(".."), "..");
    }

    #[tokio::test]
    async fn a_file_beyond_the_limit_is_refused_while_it_arrives() {
        let mut kept = Kept {
            octets: Vec::new(),
            max_bytes: 8,
        };
        kept.take(&[0; 8]).await.unwrap();
        assert!(matches!(kept.take(&[0]).await, Err(Failure::TooLarge(_))));
        assert_eq!(kept.octets.len(), 8);
    }
}
