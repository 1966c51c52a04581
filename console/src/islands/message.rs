//! The text box of a message with its count beside it.

use leptos::html::Textarea;
use leptos::prelude::*;

use crate::count::{Count, MAX_SHOWN, plain};
use crate::handset::{HandsetPreview, direction};

/// The text of one language; counts while it is typed. The form's field is `text`.
#[island]
pub fn MessageEditor(
    /// The text so far.
    text: String,
    /// Two letters of ISO 639.
    language: String,
    /// What stands above the text on a phone.
    title: String,
    /// Describes what is wrong with the field: `text-error`, or nothing.
    described_by: String,
) -> impl IntoView {
    let area = NodeRef::<Textarea>::new();
    let (typed, set_typed) = signal(text.clone());
    // What was typed before this ran is in the element, not in the props.
    Effect::new(move |_| {
        if let Some(area) = area.get() {
            set_typed.set(area.value());
        }
    });
    let measured = language.clone();
    let count = Memo::new(move |_| Count::of(&typed.get(), &measured));
    let folded = language.clone();
    let better = Memo::new(move |_| plain(&typed.get(), &folded));
    let replace = move |_| {
        if let (Some(text), Some(area)) = (better.get(), area.get()) {
            area.set_value(&text);
            set_typed.set(text);
        }
    };
    let described_by = format!("{described_by} text-count").trim().to_owned();
    view! {
        <div class="editor">
            <div>
                <textarea
                    id="text"
                    name="text"
                    rows="9"
                    required=true
                    dir=direction(&language)
                    lang=language.clone()
                    aria-describedby=described_by
                    node_ref=area
                    on:input=move |event| set_typed.set(event_target_value(&event))
                >
                    {text}
                </textarea>
                <p id="text-count" class="count" class:too-long=move || count.get().problem.is_some()>
                    {move || count.get().summary()}
                    <span class="muted">{move || remaining(&count.get())}</span>
                </p>
                <p class="field-error" role="status">{move || count.get().problem}</p>
                <div class="offending" class:hidden=move || count.get().offending.is_empty()>
                    <p>{move || offending(&count.get())}</p>
                    <button
                        type="button"
                        class="button-secondary"
                        class:hidden=move || better.get().is_none()
                        on:click=replace
                    >
                        "Replace by plain characters"
                    </button>
                </div>
            </div>
            <HandsetPreview
                title=title
                text=Signal::derive(move || typed.get())
                language=language
                empty="Nothing written yet"
            />
        </div>
    }
}

fn remaining(count: &Count) -> String {
    match count.pages {
        0 => String::new(),
        _ => format!(
            " · room for {} more · {} s on the air each time",
            count.room, count.air_seconds
        ),
    }
}

/// Names the characters that make pages shorter; of a text in another script only that it is one.
fn offending(count: &Count) -> String {
    if count.offending_count > count.characters / 2 {
        return "This script is not in the GSM alphabet: a page holds 41 characters instead of 93."
            .to_owned();
    }
    let named: Vec<String> = count
        .offending
        .iter()
        .map(|offender| format!("{} (position {})", offender.character, offender.position))
        .collect();
    let more = count.offending_count.saturating_sub(MAX_SHOWN);
    let more = match more {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!(
        "Not in the GSM alphabet, so that a page holds 41 characters instead of 93: {}{more}",
        named.join(", ")
    )
}
