//! Screen 4: alerts and pushes in one table.

use axum::response::Response;
use leptos::prelude::*;
use pushcast_engine::model::listing::{
    Cursor, DeliveryCounts, Entry, EntryKey, Order, Page, Source, Tab as List,
};
use pushcast_engine::model::{Action, Bearer, MessageState};

use crate::components::{
    Clock, Empty, Field, Head, Option_, Pager, Row, Section, Select, Tab, Table, Tabs, entry_tag,
    page, severity_tag,
};
use crate::http::Call;

const fn name(list: List) -> &'static str {
    match list {
        List::Live => "Live",
        List::Scheduled => "Scheduled",
        List::Waiting => "Waiting",
        List::Finished => "Finished",
        List::Drafts => "Drafts",
        List::All => "All pushes",
    }
}

pub(crate) fn show(call: &Call, list: List, rows: Page<Entry>) -> Response {
    let mut head = Head::new(Section::Submissions, "Submissions");
    if call.may(Action::Compose) {
        let path = call.path_to("/alerts/new");
        head = head.action(view! { <a class="button" href=path>"Compose an alert"</a> });
    }
    page(call, head, || {
        let clock = Clock::new(call.zone(), call.app.now_ms());
        let path = call.path_to("/submissions");
        let tabs = List::ALL
            .iter()
            .map(|tab| Tab {
                name: name(*tab),
                path: format!("{path}{}", tab_query(call, *tab)),
                current: *tab == list,
            })
            .collect();
        let csv = format!(
            "{}{}",
            call.path_to("/submissions.csv"),
            call.query.with("after", "")
        );
        let next = rows.next.as_ref().map(Cursor::to_string);
        let table = if rows.rows.is_empty() {
            nothing(call, list)
        } else {
            entries(call, &clock, name(list), rows.rows)
        };
        view! {
            <Tabs label="Lists" tabs=tabs />
            {filters(call, list)}
            {table}
            <Pager path=path query=call.query.clone() next=next />
            <p><a href=csv>"Download this list as CSV"</a></p>
        }
        .into_any()
    })
}

fn tab_query(call: &Call, list: List) -> String {
    let kept = call
        .query
        .iter()
        .filter(|(name, value)| !matches!(*name, "after" | "tab") && !value.is_empty());
    crate::http::fields::query(kept.chain([("tab", list.as_str())]))
}

fn nothing(call: &Call, list: List) -> AnyView {
    let filtered = ["source", "state", "bearer", "text", "from", "to"]
        .iter()
        .any(|name| !call.query.text(name).is_empty());
    let text = match list {
        _ if filtered => "Nothing here matches the filters.",
        List::Live => "Nothing is on the air.",
        List::Scheduled => "Nothing waits for its time.",
        List::Waiting => "Nothing waits for approval.",
        List::Finished => "Nothing has finished yet.",
        List::Drafts => "Nobody is writing an alert.",
        List::All => "No push has come in yet.",
    };
    let next = if filtered {
        let all = format!("{}?tab={}", call.path_to("/submissions"), list.as_str());
        view! { <p><a href=all>"Show the list without filters"</a></p> }.into_any()
    } else if call.may(Action::Compose) {
        let path = call.path_to("/alerts/new");
        view! { <p><a href=path>"Compose an alert"</a></p> }.into_any()
    } else {
        ().into_any()
    };
    view! { <Empty text=text next=next /> }.into_any()
}

fn filters(call: &Call, list: List) -> AnyView {
    let query = &call.query;
    let any = || Option_::new("", "Any");
    let sources = vec![
        any(),
        Option_::new(Source::Console.as_str(), "Console"),
        Option_::new(Source::Pap.as_str(), "Initiators"),
    ];
    let states = MessageState::ALL
        .iter()
        .map(|state| Option_::new(state.as_str(), state.as_str()));
    let bearers = Bearer::ALL
        .iter()
        .map(|bearer| Option_::new(bearer.as_str(), bearer.as_str()));
    let orders = vec![
        Option_::new("newest", "Newest first"),
        Option_::new("oldest", "Oldest first"),
    ];
    let order = if query.text("order") == "oldest" {
        Order::Oldest
    } else {
        Order::Newest
    };
    let order = if order == Order::Oldest {
        "oldest"
    } else {
        "newest"
    };
    view! {
        <form class="filters" method="get" action=call.path_to("/submissions") role="search" aria-label="Filter the list">
            <input type="hidden" name="tab" value=list.as_str() />
            <div class="fields-row">
                <Field name="text" label="Title or push-id" value=query.text("text") />
                <Select name="source" label="Sent by" options=sources value=query.text("source") />
                <Select
                    name="state"
                    label="Delivery"
                    options=Some(any()).into_iter().chain(states).collect()
                    value=query.text("state")
                />
                <Select
                    name="bearer"
                    label="Bearer"
                    options=Some(any()).into_iter().chain(bearers).collect()
                    value=query.text("bearer")
                />
                <Field name="from" label="Since" kind="datetime-local" short=true value=query.text("from") />
                <Field name="to" label="Until" kind="datetime-local" short=true value=query.text("to") />
                <Select name="order" label="Order" options=orders value=order />
                <div class="field">
                    <button class="button-secondary">"Filter"</button>
                </div>
            </div>
        </form>
    }
    .into_any()
}

/// The table itself, which other pages show too.
pub(crate) fn entries(call: &Call, clock: &Clock, caption: &str, entries: Vec<Entry>) -> AnyView {
    let rows = entries
        .into_iter()
        .map(|entry| row(call, clock, entry))
        .collect();
    let columns = vec![
        "Title or push-id",
        "State",
        "From",
        "To",
        "Bearers",
        "Came in",
        "Ends",
        "Delivered",
    ];
    view! { <Table caption=caption.to_owned() columns=columns rows=rows /> }.into_any()
}

fn row(call: &Call, clock: &Clock, entry: Entry) -> Row {
    let path = entry_path(call, &entry);
    let more = entry
        .target_count
        .saturating_sub(u32::try_from(entry.targets.len()).unwrap_or(u32::MAX));
    let more = (more > 0).then(|| format!(" and {more} more"));
    let source = match entry.source {
        Source::Console => format!("{} (console)", entry.sender),
        Source::Pap => format!("{} (PAP)", entry.sender),
    };
    let language = entry
        .language
        .as_ref()
        .map(|language| format!(" [{language}]"));
    let bearers: Vec<&str> = entry.bearers.iter().map(|bearer| bearer.as_str()).collect();
    let title = if entry.title.trim().is_empty() {
        "(without a title)".to_owned()
    } else {
        entry.title.clone()
    };
    let severity = entry
        .severity
        .map(|severity| view! { <br /> {severity_tag(severity)} });
    let cells = vec![
        entry_tag(entry.state),
        source.into_any(),
        view! { {entry.targets.join(", ")} {more} }.into_any(),
        bearers.join(", ").into_any(),
        clock.short(entry.at_ms),
        entry
            .end_ms
            .map_or_else(|| "–".into_any(), |end_ms| clock.short(end_ms)),
        progress(&entry.deliveries),
    ];
    Row::new(
        view! { <a href=path><bdi>{title}</bdi></a> {language} {severity} },
        cells,
    )
}

fn progress(counts: &DeliveryCounts) -> AnyView {
    if counts.all() == 0 {
        return "–".into_any();
    }
    let failed = (counts.failed > 0).then(|| format!(", {} failed", counts.failed));
    view! { <span class="nowrap">{counts.delivered} " of " {counts.all()} {failed}</span> }
        .into_any()
}

/// The page of what a row stands for.
pub(crate) fn entry_path(call: &Call, entry: &Entry) -> String {
    match &entry.key {
        EntryKey::Alert(id) => call.path_to(&format!("/alerts/{id}")),
        EntryKey::Submission(id) => call.path_to(&format!("/submissions/{id}")),
    }
}
