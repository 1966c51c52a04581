//! Says in time that a session is about to end.

use leptos::prelude::*;

/// How long before the end it is said: WCAG 2.2.1 asks for 20 s at least; a text wants more.
#[cfg(feature = "hydrate")]
const WARNING_S: u64 = 120;

/// Shown shortly before the session ends, with a button that keeps it.
#[island]
pub fn SessionClock(
    /// Seconds until the session ends if nothing is asked for.
    left_s: u64,
    /// The token of the page's forms.
    token: String,
) -> impl IntoView {
    let (warned, set_warned) = signal(false);
    let (kept, set_kept) = signal(false);
    #[cfg(feature = "hydrate")]
    start(left_s, set_warned);
    #[cfg(not(feature = "hydrate"))]
    let _ = (left_s, set_warned);
    let keep = move |_| {
        set_kept.set(true);
        keep_session(token.clone());
        set_warned.set(false);
        #[cfg(feature = "hydrate")]
        start(left_s, set_warned);
    };
    view! {
        <div class="session-clock" role="alert" class:hidden=move || !warned.get()>
            <p>
                "You will be signed out in two minutes. What you have written is kept: sign in again and it is still there."
            </p>
            <button type="button" class="button" on:click=keep>
                "Stay signed in"
            </button>
        </div>
        <p class="visually-hidden" role="status">
            {move || kept.get().then_some("You stay signed in.")}
        </p>
    }
}

#[cfg(feature = "hydrate")]
fn start(left_s: u64, warned: WriteSignal<bool>) {
    let wait = std::time::Duration::from_secs(left_s.saturating_sub(WARNING_S));
    set_timeout(move || warned.set(true), wait);
}

#[cfg(feature = "hydrate")]
fn keep_session(token: String) {
    let options = web_sys::RequestInit::new();
    options.set_method("POST");
    let body = wasm_bindgen::JsValue::from_str(&format!("token={token}"));
    options.set_body(&body);
    if let (Some(window), Ok(headers)) = (web_sys::window(), web_sys::Headers::new()) {
        let form = "application/x-www-form-urlencoded";
        let _ = headers.set("Content-Type", form);
        options.set_headers(&headers);
        let _ = window.fetch_with_str_and_init("/session/keep", &options);
    }
}

#[cfg(not(feature = "hydrate"))]
fn keep_session(_token: String) {}
