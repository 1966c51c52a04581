//! What a page says about itself before its content.

use leptos::prelude::*;

/// How a notice is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Something to know.
    Neutral,
    /// Something went well.
    Success,
    /// Something to look out for.
    Warning,
}

/// A box that stands out.
#[component]
pub(crate) fn Notice(
    /// How it is meant.
    tone: Tone,
    /// One line.
    #[prop(into)]
    title: String,
    /// More about it.
    #[prop(optional)]
    text: Option<AnyView>,
) -> impl IntoView {
    let class = match tone {
        Tone::Neutral => "notice",
        Tone::Success => "success",
        Tone::Warning => "warning",
    };
    let role = (tone == Tone::Success).then_some("status");
    view! {
        <div class=class role=role>
            <p><strong>{title}</strong></p>
            {text}
        </div>
    }
}
