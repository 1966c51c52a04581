//! Views to answers.

use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use leptos::prelude::*;

/// A whole page. The view is made here, inside an owner that ends with the page.
pub fn html<V: IntoView>(status: StatusCode, view: impl FnOnce() -> V) -> Response {
    let owner = Owner::new();
    let text = owner.with(|| view().into_view().to_html());
    owner.cleanup();
    let media_type = HeaderValue::from_static("text/html; charset=utf-8");
    let page = format!("<!DOCTYPE html>{text}");
    (status, [(CONTENT_TYPE, media_type)], page).into_response()
}

/// Sends the browser on after a form, with GET.
pub fn see_other(path: &str) -> Response {
    // Everything from outside is percent-encoded before it gets into a path.
    let location = HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response()
}

/// A file to keep under a name.
pub fn download(name: &str, media_type: &str, content: Vec<u8>) -> Response {
    let plain = |character: char| match character {
        c if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') => c,
        _ => '_',
    };
    let name: String = name.chars().map(plain).take(100).collect();
    let media_type = HeaderValue::from_str(media_type)
        .unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let disposition = format!("attachment; filename=\"{name}\"");
    let mut answer = (StatusCode::OK, content).into_response();
    answer.headers_mut().insert(CONTENT_TYPE, media_type);
    if let Ok(disposition) = HeaderValue::from_str(&disposition) {
        let header = axum::http::header::CONTENT_DISPOSITION;
        answer.headers_mut().insert(header, disposition);
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_wrote_is_text() {
        let name = "<script>alert(1)</script>\" onload=\"x".to_owned();
        let owner = Owner::new();
        let title = name.clone();
        let text = owner.with(|| view! { <p title=title>{name}</p> }.to_html());
        assert!(!text.contains("<script>"), "{text}");
        assert!(text.contains("&lt;script&gt;"), "{text}");
        assert!(!text.contains("\" onload=\"x\""), "{text}");
    }

    #[test]
    fn file_names_cannot_break_out_of_their_header() {
        let answer = download("a\"\r\nb/../c.csv", "text/csv", Vec::new());
        let disposition = &answer.headers()[axum::http::header::CONTENT_DISPOSITION];
        assert_eq!(disposition, "attachment; filename=\"a___b_.._c.csv\"");
    }
}
