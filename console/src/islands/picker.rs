//! A list of tick boxes that can be searched.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// Lists that are shorter need no search.
const SEARCHED_FROM: usize = 8;

/// One box.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// What the form sends.
    pub value: String,
    /// What people read.
    pub label: String,
    /// What they may want to know before they tick it.
    pub hint: String,
    /// Whether it is ticked.
    pub ticked: bool,
}

/// Tick boxes under one name, narrowed down while a word is typed. Ticked ones stay in sight.
#[island]
pub fn Picker(
    /// The form's field; each ticked box sends it once.
    name: String,
    /// What is picked, in the plural.
    what: String,
    /// The boxes.
    choices: Vec<Choice>,
) -> impl IntoView {
    let (word, set_word) = signal(String::new());
    let (able, set_able) = signal(false);
    let many = choices.len() >= SEARCHED_FROM;
    Effect::new(move |_| set_able.set(many));
    let search = format!("{name}-search");
    let boxes: Vec<_> = choices
        .into_iter()
        .enumerate()
        .map(|(index, choice)| {
            let id = format!("{name}-{index}");
            let hint_id = format!("{id}-hint");
            let searched = lower(&choice.label);
            let hidden = move || {
                let word = lower(word.get().trim());
                !choice.ticked && !searched.contains(&word)
            };
            view! {
                <li class="choice" class:hidden=hidden>
                    <input
                        type="checkbox"
                        id=id.clone()
                        name=name.clone()
                        value=choice.value
                        checked=choice.ticked
                        aria-describedby=hint_id.clone()
                    />
                    <label for=id>{choice.label}</label>
                    <span id=hint_id class="hint">{choice.hint}</span>
                </li>
            }
        })
        .collect();
    view! {
        <div class="picker">
            <p class="picker-search" class:hidden=move || !able.get()>
                <label for=search.clone()>{format!("Search {what}")}</label>
                <input
                    id=search
                    type="search"
                    autocomplete="off"
                    on:input=move |event| set_word.set(event_target_value(&event))
                />
            </p>
            <ul class="choices">{boxes}</ul>
        </div>
    }
}

/// Lower case of every script. The browser knows it already.
#[cfg(feature = "hydrate")]
fn lower(text: &str) -> String {
    js_sys::JsString::from(text).to_lower_case().into()
}

#[cfg(not(feature = "hydrate"))]
fn lower(text: &str) -> String {
    text.to_lowercase()
}
