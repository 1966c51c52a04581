//! Tags: a shape, a word, a tint. The word alone is enough. On the server and in the browser alike.

use leptos::prelude::*;
use pushcast_engine::model::alert::Severity;
use pushcast_engine::model::listing::EntryState;
use pushcast_engine::model::{AlertState, MessageState, Mode, TransmissionState};

/// What stands before the word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Circle,
    Cross,
    Dash,
    Octagon,
    Tick,
    TriangleFilled,
    TriangleHollow,
    Waves,
}

impl Shape {
    fn path(self) -> (&'static str, bool) {
        match self {
            Self::Circle => ("M8 2a6 6 0 1 0 0 12A6 6 0 1 0 8 2Z", false),
            Self::Cross => ("M3 3 13 13M13 3 3 13", false),
            Self::Dash => ("M2 8H14", false),
            Self::Octagon => ("M5 1h6l4 4v6l-4 4H5l-4-4V5Z", true),
            Self::Tick => ("M2 9l4 4 8-10", false),
            Self::TriangleFilled => ("M8 1 15 14H1Z", true),
            Self::TriangleHollow => ("M8 2.5 13.7 13H2.3Z", false),
            Self::Waves => ("M8 8v7M4.5 11a5 5 0 1 1 7 0M2 13.5a8 8 0 1 1 12 0", false),
        }
    }
}

/// A tag of a tint: `extreme`, `severe`, `moderate`, `minor`, `good`, `test`, or none.
pub(crate) fn tag(tint: &str, shape: Shape, word: impl Into<String>) -> AnyView {
    let class = if tint.is_empty() {
        "tag".to_owned()
    } else {
        format!("tag tag-{tint}")
    };
    let (path, filled) = shape.path();
    let fill = if filled { "currentColor" } else { "none" };
    view! {
        <span class=class>
            <svg viewBox="0 0 16 16" aria-hidden="true" focusable="false">
                <path d=path fill=fill stroke="currentColor" stroke-width="2" />
            </svg>
            {word.into()}
        </span>
    }
    .into_any()
}

pub(crate) fn severity_tag(severity: Severity) -> AnyView {
    let (tint, shape) = match severity {
        Severity::Extreme => ("extreme", Shape::Octagon),
        Severity::Severe => ("severe", Shape::TriangleFilled),
        Severity::Moderate => ("moderate", Shape::TriangleHollow),
        Severity::Minor => ("minor", Shape::Circle),
        Severity::Unknown => ("", Shape::Dash),
    };
    tag(tint, shape, severity.label())
}

fn alert_tag(state: AlertState) -> AnyView {
    let (tint, shape) = match state {
        AlertState::Draft => ("", Shape::Dash),
        AlertState::PendingApproval => ("moderate", Shape::TriangleHollow),
        AlertState::Returned => ("moderate", Shape::TriangleHollow),
        AlertState::Rejected | AlertState::Cancelled => ("", Shape::Cross),
        AlertState::Scheduled => ("minor", Shape::Circle),
        AlertState::Broadcasting => ("minor", Shape::Waves),
        AlertState::Completed => ("good", Shape::Tick),
        AlertState::Failed => ("extreme", Shape::Octagon),
    };
    tag(tint, shape, state.label())
}

pub(crate) fn entry_tag(state: EntryState) -> AnyView {
    match state {
        EntryState::Alert(state) => alert_tag(state),
        EntryState::Held => tag("moderate", Shape::TriangleHollow, "Waiting for release"),
        EntryState::Scheduled => tag("minor", Shape::Circle, "Scheduled"),
        EntryState::OnAir => tag("minor", Shape::Waves, "On the air"),
        EntryState::Delivered => tag("good", Shape::Tick, "Delivered"),
        EntryState::Partial => tag("severe", Shape::TriangleFilled, "Partly delivered"),
        EntryState::Failed => tag("extreme", Shape::Octagon, "Failed"),
        EntryState::Cancelled => tag("", Shape::Cross, "Cancelled"),
    }
}

pub(crate) fn delivery_tag(state: MessageState) -> AnyView {
    match state {
        MessageState::Delivered => tag("good", Shape::Tick, "Delivered"),
        MessageState::Pending => tag("minor", Shape::Waves, "Pending"),
        MessageState::Cancelled => tag("", Shape::Cross, "Cancelled"),
        MessageState::Unknown => tag("", Shape::Dash, "Unknown"),
        MessageState::Rejected => tag("extreme", Shape::Octagon, "Rejected"),
        MessageState::Undeliverable => tag("extreme", Shape::Octagon, "Undeliverable"),
        MessageState::Expired => tag("severe", Shape::TriangleFilled, "Expired"),
        MessageState::Aborted => tag("severe", Shape::TriangleFilled, "Aborted"),
        MessageState::Timeout => tag("severe", Shape::TriangleFilled, "Timed out"),
    }
}

pub(crate) fn transmission_tag(state: TransmissionState) -> AnyView {
    match state {
        TransmissionState::OnAir => tag("minor", Shape::Waves, "First pass on the air"),
        TransmissionState::Transmitted => tag("good", Shape::Tick, "Transmitted, repeating"),
        TransmissionState::Ended => tag("good", Shape::Tick, "Transmitted, over"),
        TransmissionState::Failed => tag("extreme", Shape::Octagon, "Failed"),
        TransmissionState::Withdrawn => tag("", Shape::Cross, "Withdrawn"),
    }
}

/// What a workspace's mode means, for forms and lists.
pub(crate) const fn mode_words(mode: Mode) -> &'static str {
    match mode {
        Mode::Live => "Live",
        Mode::Test => "Test",
    }
}
