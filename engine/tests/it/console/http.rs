//! `GET /api/reports`, through the handler itself.

use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, COOKIE};
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Router};
use http_body_util::BodyExt as _;
use pushcast_engine::http::peer::{Peer, Transport};
use pushcast_engine::http::reports::reports;
use pushcast_engine::model::Role;
use pushcast_engine::model::report::Report;
use tower::ServiceExt as _;

use super::desk::{Desk, PASSWORD};
use crate::store::place::Place;

crate::store::stories!(reports_are_for_those_who_have_a_session);

async fn asked(desk: &Desk, query: &str, token: Option<&str>) -> Response {
    let peer = Peer {
        address: "127.0.0.1:9".parse().unwrap(),
        transport: Transport::Cleartext,
    };
    let router = Router::new()
        .route("/api/reports", get(reports))
        .with_state(desk.gateway.clone())
        .layer(Extension(peer));
    let mut request = Request::get(format!("/api/reports{query}"));
    if let Some(token) = token {
        request = request.header(COOKIE, format!("theme=dark; pushcast={token}"));
    }
    let request = request.body(Body::empty()).unwrap();
    router.oneshot(request).await.unwrap()
}

async fn text(response: Response) -> String {
    let octets = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(octets.to_vec()).unwrap()
}

async fn reports_are_for_those_who_have_a_session(place: &Place) {
    let desk = Desk::open(place).await;
    desk.add("vera", &[Role::Viewer], "live").await;
    let token = desk.sign_in("vera", PASSWORD).await.unwrap();
    let token = Some(token.as_str());
    let table = [
        ("", None, StatusCode::UNAUTHORIZED),
        ("", Some("stolen"), StatusCode::UNAUTHORIZED),
        ("?by=mood", token, StatusCode::BAD_REQUEST),
        ("?colour=red", token, StatusCode::BAD_REQUEST),
        ("?format=pdf", token, StatusCode::BAD_REQUEST),
        ("?workspace=lab", token, StatusCode::NOT_FOUND),
        (
            "?from=2026-02-01&to=2026-01-01",
            token,
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        ("?by=channel", token, StatusCode::OK),
    ];
    for (query, token, status) in table {
        let response = asked(&desk, query, token).await;
        assert_eq!(response.status(), status, "{query}");
    }
    let response = asked(&desk, "?by=group&from=2026-01-01", token).await;
    assert_eq!(response.headers()[CACHE_CONTROL], "no-store");
    let report: Report = serde_json::from_str(&text(response).await).unwrap();
    assert_eq!(report.total.submissions, 0);
    let response = asked(&desk, "?by=day&format=csv", token).await;
    assert_eq!(response.headers()[CONTENT_TYPE], "text/csv; charset=utf-8");
    let csv = text(response).await;
    assert!(csv.starts_with("day,label,submissions"), "{csv}");
}
