//! The page between a button and what cannot be undone.

use leptos::prelude::*;

use super::field::{ErrorSummary, Hidden, TextArea};
use super::message::{Notice, Tone};
use crate::http::Problem;

/// Asks once more, in the words of the act. The way back comes first in the order of keys only by
/// being a link: Enter in the reason does not press the button.
#[component]
pub(crate) fn Confirm(
    /// Where the form goes.
    action: String,
    /// The session's token.
    token: String,
    /// What will happen, in one line.
    #[prop(into)]
    what: String,
    /// More about it.
    text: AnyView,
    /// The act, on the button.
    #[prop(into)]
    button: String,
    /// Where to go instead.
    back: String,
    /// A reason has to be given.
    #[prop(optional)]
    reason_required: bool,
    /// What is wrong with the form.
    #[prop(optional)]
    problems: Vec<Problem>,
) -> impl IntoView {
    let label = if reason_required {
        "Reason"
    } else {
        "Reason (may be left empty)"
    };
    view! {
        <ErrorSummary problems=problems.clone() />
        <Notice tone=Tone::Warning title=what text=text />
        <form method="post" action=action>
            <Hidden name="token" value=token />
            <TextArea
                name="reason"
                label=label
                hint="It stands in the audit and in the history."
                required=reason_required
                problems=problems
            />
            <p class="buttons">
                <button class="button-danger">{button}</button>
                <a class="button-secondary" href=back>
                    "Go back, change nothing"
                </a>
            </p>
        </form>
    }
}
