//! How things are, as tags.

use leptos::prelude::{AnyView, IntoAny as _};
use pushcast_engine::model::alert::Severity;
use pushcast_engine::model::channel_status::{ChannelMode, ChannelStatus};
use pushcast_engine::model::link_status::{LinkMode, LinkStatus};
use pushcast_engine::model::listing::EntryState;
use pushcast_engine::model::{AlertState, MessageState, Mode, TransmissionState};

use crate::board::Mark;
use crate::tag::Shape;

pub(crate) fn severity_mark(severity: Severity) -> Mark {
    let (tint, shape) = match severity {
        Severity::Extreme => ("extreme", Shape::Octagon),
        Severity::Severe => ("severe", Shape::TriangleFilled),
        Severity::Moderate => ("moderate", Shape::TriangleHollow),
        Severity::Minor => ("minor", Shape::Circle),
        Severity::Unknown => ("", Shape::Dash),
    };
    Mark::new(tint, shape, severity.label())
}

fn alert_mark(state: AlertState) -> Mark {
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
    Mark::new(tint, shape, state.label())
}

pub(crate) fn entry_mark(state: EntryState) -> Mark {
    match state {
        EntryState::Alert(state) => alert_mark(state),
        EntryState::Held => Mark::new("moderate", Shape::TriangleHollow, "Waiting for release"),
        EntryState::Scheduled => Mark::new("minor", Shape::Circle, "Scheduled"),
        EntryState::OnAir => Mark::new("minor", Shape::Waves, "On the air"),
        EntryState::Delivered => Mark::new("good", Shape::Tick, "Delivered"),
        EntryState::Partial => Mark::new("severe", Shape::TriangleFilled, "Partly delivered"),
        EntryState::Failed => Mark::new("extreme", Shape::Octagon, "Failed"),
        EntryState::Cancelled => Mark::new("", Shape::Cross, "Cancelled"),
    }
}

pub(crate) fn delivery_mark(state: MessageState) -> Mark {
    match state {
        MessageState::Delivered => Mark::new("good", Shape::Tick, "Delivered"),
        MessageState::Pending => Mark::new("minor", Shape::Waves, "Pending"),
        MessageState::Cancelled => Mark::new("", Shape::Cross, "Cancelled"),
        MessageState::Unknown => Mark::new("", Shape::Dash, "Unknown"),
        MessageState::Rejected => Mark::new("extreme", Shape::Octagon, "Rejected"),
        MessageState::Undeliverable => Mark::new("extreme", Shape::Octagon, "Undeliverable"),
        MessageState::Expired => Mark::new("severe", Shape::TriangleFilled, "Expired"),
        MessageState::Aborted => Mark::new("severe", Shape::TriangleFilled, "Aborted"),
        MessageState::Timeout => Mark::new("severe", Shape::TriangleFilled, "Timed out"),
    }
}

pub(crate) fn transmission_mark(state: TransmissionState) -> Mark {
    match state {
        TransmissionState::OnAir => Mark::new("minor", Shape::Waves, "First pass on the air"),
        TransmissionState::Transmitted => Mark::new("good", Shape::Tick, "Transmitted, repeating"),
        TransmissionState::Ended => Mark::new("good", Shape::Tick, "Transmitted, over"),
        TransmissionState::Failed => Mark::new("extreme", Shape::Octagon, "Failed"),
        TransmissionState::Withdrawn => Mark::new("", Shape::Cross, "Withdrawn"),
    }
}

/// What a workspace's mode means, for forms and lists.
pub(crate) const fn mode_words(mode: Mode) -> &'static str {
    match mode {
        Mode::Live => "Live",
        Mode::Test => "Test",
    }
}

/// How a channel is.
pub(crate) fn channel_mark(channel: &ChannelStatus) -> Mark {
    match (channel.mode, channel.up) {
        (ChannelMode::Paused, _) => Mark::new("severe", Shape::TriangleFilled, "Paused"),
        (ChannelMode::Draining, _) => Mark::new("moderate", Shape::TriangleHollow, "Draining"),
        (ChannelMode::Open, true) => Mark::new("good", Shape::Tick, "Ready"),
        (ChannelMode::Open, false) => Mark::new("extreme", Shape::Octagon, "Down"),
    }
}

/// How a link to a Cell Broadcast Centre is.
pub(crate) fn link_mark(link: &LinkStatus) -> Mark {
    match (link.mode, link.up) {
        (LinkMode::Paused, _) => Mark::new("severe", Shape::TriangleFilled, "Paused"),
        (LinkMode::Open, true) => Mark::new("good", Shape::Tick, "Ready"),
        (LinkMode::Open, false) => Mark::new("extreme", Shape::Octagon, "Down"),
    }
}

pub(crate) fn severity_tag(severity: Severity) -> AnyView {
    severity_mark(severity).view().into_any()
}

pub(crate) fn entry_tag(state: EntryState) -> AnyView {
    entry_mark(state).view().into_any()
}

pub(crate) fn delivery_tag(state: MessageState) -> AnyView {
    delivery_mark(state).view().into_any()
}
