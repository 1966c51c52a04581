//! Files for the browser: styles, and the bundle if there is one.
//!
//! Every name carries a hash of what is in the file, so that a browser may keep it for ever; one
//! that asks all the same is told that nothing has changed. Whoever takes gzip gets what was
//! compressed once. The bundle is inside the binary where it was built so; else in the folder that `PUSHCAST_SITE`
//! names. Without it pages are whole and nothing on them is live.

use std::collections::HashMap;
use std::io::Write as _;
#[cfg(not(feature = "embed"))]
use std::path::Path;
use std::sync::Arc;

use axum::body::Bytes;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};

/// Where the bundle is, if not inside.
#[cfg(not(feature = "embed"))]
const SITE: &str = "PUSHCAST_SITE";
const STYLES: [&str; 3] = [
    include_str!("../../assets/tokens.css"),
    include_str!("../../assets/base.css"),
    include_str!("../../assets/parts.css"),
];

#[cfg(feature = "embed")]
#[derive(rust_embed::RustEmbed)]
#[folder = "$PUSHCAST_SITE"]
struct Site;

struct Asset {
    content: Bytes,
    gzip: Option<Bytes>,
    media_type: &'static str,
}

/// All of them, by path. Clones share them.
#[derive(Clone)]
pub struct Assets {
    inner: Arc<Inner>,
}

struct Inner {
    files: HashMap<String, Asset>,
    style: String,
    bundle: Option<Bundle>,
}

/// Paths of the browser's half.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// The script.
    pub script: String,
    /// The module.
    pub module: String,
}

impl Assets {
    /// Those inside, else those of the folder in `PUSHCAST_SITE`. Says once if there is no bundle.
    pub fn load() -> Self {
        #[cfg(feature = "embed")]
        let read = |name: &str| Site::get(name).map(|file| file.data.into_owned());
        #[cfg(not(feature = "embed"))]
        let read = |name: &str| {
            let site = std::env::var_os(SITE)?;
            std::fs::read(Path::new(&site).join(name)).ok()
        };
        let assets = Self::with(read);
        if assets.bundle().is_none() {
            tracing::info!("the console runs without its browser half: no page is live");
        }
        assets
    }

    fn with(read: impl Fn(&str) -> Option<Vec<u8>>) -> Self {
        let mut files = HashMap::new();
        let style = STYLES.concat();
        let name = format!("/assets/console-{}.css", hash(style.as_bytes()));
        let asset = Asset {
            gzip: gzip(style.as_bytes()),
            content: style.into(),
            media_type: "text/css; charset=utf-8",
        };
        files.insert(name.clone(), asset);
        let bundle = bundle(&read, &mut files);
        Self {
            inner: Arc::new(Inner {
                files,
                style: name,
                bundle,
            }),
        }
    }

    /// Path of the styles.
    pub fn style(&self) -> &str {
        &self.inner.style
    }

    /// Paths of the browser's half, if there is one.
    pub fn bundle(&self) -> Option<&Bundle> {
        self.inner.bundle.as_ref()
    }

    /// The file at a path.
    pub fn answer(&self, path: &str, headers: &HeaderMap) -> Response {
        let Some(asset) = self.inner.files.get(path) else {
            return (StatusCode::NOT_FOUND, "no such file\n").into_response();
        };
        let accepts = headers
            .get(ACCEPT_ENCODING)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.contains("gzip"));
        let mut answer = HeaderMap::new();
        answer.insert(CONTENT_TYPE, HeaderValue::from_static(asset.media_type));
        let forever = HeaderValue::from_static("public, max-age=31536000, immutable");
        answer.insert(CACHE_CONTROL, forever);
        answer.insert(VARY, HeaderValue::from_static("accept-encoding"));
        let (content, tag) = match &asset.gzip {
            Some(gzip) if accepts => {
                answer.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
                (gzip, format!("\"{path}-gzip\""))
            }
            _ => (&asset.content, format!("\"{path}\"")),
        };
        if let Ok(tag) = HeaderValue::from_str(&tag) {
            answer.insert(ETAG, tag);
        }
        if is_known(headers, &tag) {
            answer.remove(CONTENT_ENCODING);
            return (StatusCode::NOT_MODIFIED, answer).into_response();
        }
        (answer, content.clone()).into_response()
    }
}

/// Whether the browser has what the tag stands for (RFC 9110 13.1.2).
fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let mut known = headers.get_all(IF_NONE_MATCH).iter();
    known.any(|value| {
        let value = value.to_str().unwrap_or_default();
        let mut tags = value
            .split(',')
            .map(|tag| tag.trim().trim_start_matches("W/"));
        tags.any(|known| known == tag || known == "*")
    })
}

/// Compressed, where that is possible.
fn gzip(content: &[u8]) -> Option<Bytes> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(content).ok()?;
    Some(gzip.finish().ok()?.into())
}

fn bundle(
    read: &impl Fn(&str) -> Option<Vec<u8>>,
    files: &mut HashMap<String, Asset>,
) -> Option<Bundle> {
    let manifest = String::from_utf8(read("manifest.txt")?).ok()?;
    let named = |key: &str| {
        let line = manifest.lines().find_map(|line| line.strip_prefix(key))?;
        Some(line.strip_prefix('=')?.to_owned())
    };
    let mut add = |name: String, media_type| {
        let content = read(&format!("pkg/{name}"))?;
        let gzip = read(&format!("pkg/{name}.gz"));
        let path = format!("/assets/{name}");
        let asset = Asset {
            content: content.into(),
            gzip: gzip.map(Bytes::from),
            media_type,
        };
        files.insert(path.clone(), asset);
        Some(path)
    };
    Some(Bundle {
        script: add(named("script")?, "text/javascript; charset=utf-8")?,
        module: add(named("module")?, "application/wasm")?,
    })
}

fn hash(content: &[u8]) -> String {
    let digest = Sha256::digest(content);
    digest
        .iter()
        .take(8)
        .map(|octet| format!("{octet:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_manifest_there_is_no_bundle_and_there_are_styles() {
        let assets = Assets::with(|_| None);
        assert_eq!(assets.bundle(), None);
        let answer = assets.answer(assets.style(), &HeaderMap::new());
        assert_eq!(answer.status(), StatusCode::OK);
        let other = assets.answer("/assets/../Cargo.toml", &HeaderMap::new());
        assert_eq!(other.status(), StatusCode::NOT_FOUND);
    }

    #[test]
    fn a_bundle_is_served_compressed_to_those_who_take_it() {
        let assets = Assets::with(|name| match name {
            "manifest.txt" => Some(b"script=a.js\nmodule=b.wasm\n".to_vec()),
            "pkg/a.js" | "pkg/b.wasm" => Some(b"long".to_vec()),
            "pkg/b.wasm.gz" => Some(b"short".to_vec()),
            _ => None,
        });
        let bundle = assets.bundle().unwrap();
        assert_eq!(bundle.module, "/assets/b.wasm");
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip, br"));
        let answer = assets.answer("/assets/b.wasm", &headers);
        assert_eq!(answer.headers()[CONTENT_ENCODING], "gzip");
        let plain = assets.answer("/assets/b.wasm", &HeaderMap::new());
        assert!(plain.headers().get(CONTENT_ENCODING).is_none());
        assert_ne!(plain.headers()[ETAG], answer.headers()[ETAG]);
    }

    #[test]
    fn what_the_browser_has_is_not_sent_again() {
        let assets = Assets::with(|_| None);
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        let answer = assets.answer(assets.style(), &headers);
        assert_eq!(answer.headers()[CONTENT_ENCODING], "gzip");
        let tag = answer.headers()[ETAG].clone();
        headers.insert(IF_NONE_MATCH, tag);
        let again = assets.answer(assets.style(), &headers);
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        headers.insert(IF_NONE_MATCH, HeaderValue::from_static("\"other\""));
        let other = assets.answer(assets.style(), &headers);
        assert_eq!(other.status(), StatusCode::OK);
    }
}
