//! The PI's side of result notifications.

use std::net::Ipv4Addr;

use axum::Router;
use axum::routing::post;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::pap::Response;
use crate::pap::message::{Operation, Request, ResultNotification};
use crate::pap::response::ResultNotificationResponse;

/// A PI's server for result notifications.
pub(super) async fn notified() -> anyhow::Result<(String, mpsc::Receiver<ResultNotification>)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let url = format!("http://{}/results", listener.local_addr()?);
    let (found, notifications) = mpsc::channel(16);
    let take = move |body: axum::body::Bytes| {
        let found = found.clone();
        async move { acknowledged(&body, &found).await }
    };
    let router = Router::new().route("/results", post(take));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok((url, notifications))
}

async fn acknowledged(
    body: &[u8],
    found: &mpsc::Sender<ResultNotification>,
) -> (axum::http::StatusCode, String) {
    let Ok(request) = Request::read(body) else {
        return (axum::http::StatusCode::BAD_REQUEST, String::new());
    };
    let envelope = request.envelope();
    let Operation::ResultNotification(notification) = request.operation else {
        return (axum::http::StatusCode::BAD_REQUEST, String::new());
    };
    let answer = Response::ResultNotification(ResultNotificationResponse {
        push_id: notification.push_id.clone(),
        code: crate::model::StatusCode::Ok.into(),
        desc: None,
        address: notification.address.clone(),
    });
    let _ = found.send(notification).await;
    (axum::http::StatusCode::ACCEPTED, answer.to_xml(envelope))
}
