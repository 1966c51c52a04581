//! A button that copies what stands beside it.

use leptos::prelude::*;

/// Copies `text` to the clipboard and says so. Shown only where it can work.
#[island]
pub fn CopyButton(
    /// What is copied.
    text: String,
    /// What it is, for people who do not see where the button stands.
    what: String,
) -> impl IntoView {
    let (able, set_able) = signal(false);
    let (done, set_done) = signal(false);
    Effect::new(move |_| set_able.set(true));
    let copy = move |_| {
        put(&text);
        set_done.set(true);
    };
    view! {
        <button
            type="button"
            class="button-secondary copy"
            class:hidden=move || !able.get()
            aria-label=format!("Copy {what}")
            on:click=copy
        >
            {move || if done.get() { "Copied" } else { "Copy" }}
        </button>
    }
}

#[cfg(feature = "hydrate")]
fn put(text: &str) {
    if let Some(window) = web_sys::window() {
        let _ = window.navigator().clipboard().write_text(text);
    }
}

#[cfg(not(feature = "hydrate"))]
fn put(_text: &str) {}
