//! A text as phones show it: drawn, page by page for Cell Broadcast, on the server and in the
//! browser alike.

use leptos::prelude::*;

/// Whether a language is written from right to left.
pub fn direction(language: &str) -> &'static str {
    match language.get(..2) {
        Some("ar" | "fa" | "he" | "ps" | "ur" | "yi") => "rtl",
        _ => "auto",
    }
}

/// The frame of a phone with a title and a text in it.
#[component]
pub fn HandsetPreview(
    /// What stands above the text, such as the alert's class.
    #[prop(into)]
    title: String,
    /// The text; it may change.
    #[prop(into)]
    text: Signal<String>,
    /// Two letters of ISO 639.
    #[prop(into)]
    language: String,
    /// What stands where there is no text.
    #[prop(into)]
    empty: String,
) -> impl IntoView {
    let dir = direction(&language);
    view! {
        <figure class="handset" aria-label="Preview on a handset">
            <div class="handset-screen">
                <p class="handset-title">{title}</p>
                <p class="handset-text" dir=dir lang=language>
                    {move || {
                        let text = text.get();
                        if text.is_empty() { empty.clone() } else { text }
                    }}
                </p>
            </div>
        </figure>
    }
}
