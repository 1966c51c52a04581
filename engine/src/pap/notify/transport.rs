//! HTTP as all our requests use it: nothing happens that was not asked for.

use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Response};
use rustls::crypto::CryptoProvider;
use tracing::warn;

use crate::pap::xml_write::PRODUCT_NAME;

/// A client that follows no redirect, repeats nothing by itself and uses no proxy, whatever the
/// environment says.
///
/// On a machine without trusted certificates it still speaks http; every https peer is then
/// unknown.
pub(crate) fn client(
    options: impl Fn(ClientBuilder) -> ClientBuilder,
) -> Result<Client, reqwest::Error> {
    if CryptoProvider::get_default().is_none() {
        // An error means that another thread was faster, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
    let builder = || {
        options(
            Client::builder()
                .redirect(Policy::none())
                .retry(reqwest::retry::never())
                .no_proxy()
                .http1_only()
                .user_agent(PRODUCT_NAME),
        )
    };
    builder().build().or_else(|error| {
        warn!(
            error = &error as &dyn std::error::Error,
            "no certificates to trust, https peers cannot be reached"
        );
        builder().tls_certs_only([]).build()
    })
}

/// Reads a body up to `max_bytes` octets and leaves the rest.
pub(crate) async fn read_up_to(
    mut response: Response,
    max_bytes: usize,
) -> Result<Vec<u8>, reqwest::Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        let room = max_bytes - body.len();
        if chunk.len() >= room {
            body.extend(&chunk[..room]);
            break;
        }
        body.extend(chunk);
    }
    Ok(body)
}
