//! Tags: a shape, a word, a tint. The word alone is enough. On the server and in the browser alike.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// What stands before the word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Shape {
    /// A ring.
    Circle,
    /// A cross.
    Cross,
    /// A dash.
    Dash,
    /// A filled octagon.
    Octagon,
    /// A tick.
    Tick,
    /// A filled triangle.
    TriangleFilled,
    /// A hollow triangle.
    TriangleHollow,
    /// A mast that sends.
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
pub fn tag(tint: &str, shape: Shape, word: String) -> impl IntoView + use<> {
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
            {word}
        </span>
    }
}
