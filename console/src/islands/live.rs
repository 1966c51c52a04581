//! A board that is kept up to date by the page's one stream of events.

use leptos::prelude::*;

use crate::board::{Board, drawn};

/// Whether the page is live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stream {
    /// No script has run.
    None,
    /// Changes come in.
    Open,
    /// The connection broke; the browser tries again by itself.
    Lost,
}

/// What a page shows of what is going on. Without script it says how to see what is new.
#[island]
pub fn LiveBoard(
    /// As of when the page was made.
    board: Board,
    /// Where changes come from; empty where nothing changes any more.
    path: String,
) -> impl IntoView {
    let (state, set_state) = signal(Stream::None);
    let (now, set_now) = signal(board);
    let (said, set_said) = signal(String::new());
    let over = path.is_empty();
    #[cfg(feature = "hydrate")]
    if !over {
        listen(&path, set_state, set_now, set_said);
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (set_state, set_now, set_said);
    view! {
        <p class="sentence">{move || now.get().lead}</p>
        <p class="live-state" class:stream-lost=move || state.get() == Stream::Lost class:hidden=over role="status">
            {move || match state.get() {
                Stream::None => "",
                Stream::Open => "Live: changes show by themselves.",
                Stream::Lost => "Connection lost: trying again. What you see may be old. ",
            }}
            <a class="refresh" class:hidden=move || state.get() == Stream::Open href="">
                "Refresh"
            </a>
        </p>
        <p class="visually-hidden" role="status">{move || said.get()}</p>
        {move || drawn(&now.get())}
    }
}

/// Where news goes.
#[cfg(feature = "hydrate")]
#[derive(Clone, Copy)]
struct Shown {
    state: WriteSignal<Stream>,
    board: WriteSignal<Board>,
    said: WriteSignal<String>,
    /// Somebody is about to leave the page.
    leaving: ReadSignal<bool>,
}

/// Opens the stream and keeps it open as long as the page lives.
#[cfg(feature = "hydrate")]
fn listen(
    path: &str,
    state: WriteSignal<Stream>,
    board: WriteSignal<Board>,
    said: WriteSignal<String>,
) {
    use leptos::wasm_bindgen::JsCast as _;
    use leptos::wasm_bindgen::closure::Closure;

    let (leaving, set_leaving) = signal(false);
    let leave = Closure::<dyn Fn()>::new(move || set_leaving.set(true));
    if let Some(window) = web_sys::window() {
        let leave = leave.as_ref().unchecked_ref();
        let _ = window.add_event_listener_with_callback("beforeunload", leave);
    }
    leave.forget();
    let shown = Shown {
        state,
        board,
        said,
        leaving,
    };
    connect(path.to_owned(), shown);
}

/// Takes what comes. The browser itself tries again where a connection breaks, but not where it is
/// refused, as by a gateway that is just starting.
#[cfg(feature = "hydrate")]
fn connect(path: String, shown: Shown) {
    use leptos::wasm_bindgen::JsCast as _;
    use leptos::wasm_bindgen::closure::Closure;
    use web_sys::{EventSource, MessageEvent};

    let Ok(source) = EventSource::new(&path) else {
        return;
    };
    let take = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        let data = event.data().as_string().unwrap_or_default();
        match event.type_().as_str() {
            "board" => {
                if let Ok(news) = serde_json::from_str(&data) {
                    shown.board.set(news);
                }
            }
            "reload" => reload(shown.leaving.get_untracked()),
            _ => shown.said.set(data),
        }
    });
    for name in ["board", "said", "reload"] {
        let _ = source.add_event_listener_with_callback(name, take.as_ref().unchecked_ref());
    }
    let open = Closure::<dyn Fn()>::new(move || shown.state.set(Stream::Open));
    let broken = source.clone();
    let lost = Closure::<dyn Fn()>::new(move || {
        shown.state.set(Stream::Lost);
        if broken.ready_state() == EventSource::CLOSED {
            let path = path.clone();
            let again = move || connect(path.clone(), shown);
            set_timeout(again, std::time::Duration::from_secs(3));
        }
    });
    source.set_onopen(Some(open.as_ref().unchecked_ref()));
    source.set_onerror(Some(lost.as_ref().unchecked_ref()));
    // The page keeps them: it ends with them.
    take.forget();
    open.forget();
    lost.forget();
}

/// Loads the page again. Somebody who is about to leave it is not held back; if they are still here
/// after a while, what they have asked for was a file.
#[cfg(feature = "hydrate")]
fn reload(leaving: bool) {
    let now = || {
        if let Some(window) = web_sys::window() {
            let _ = window.location().reload();
        }
    };
    if leaving {
        set_timeout(now, std::time::Duration::from_secs(5));
    } else {
        now();
    }
}
