//! Screen 10: who did what.

use axum::response::Response;
use leptos::prelude::*;
use pushcast_engine::model::audit::{AuditView, Who};
use pushcast_engine::model::listing::{Cursor, Page};
use pushcast_engine::store::AuditVerdict;

use crate::board::Mark;
use crate::components::{
    CheckBox, Clock, Empty, Field, Head, Hidden, Notice, Pager, Row, Section, SummaryList, Table,
    Tone, count, page,
};
use crate::http::Call;
use crate::tag::Shape;

fn who(who: &Who) -> String {
    match who {
        Who::CommandLine => "the command line".to_owned(),
        Who::Gateway => "the gateway".to_owned(),
        Who::Initiator(name) => format!("{name} (initiator)"),
        Who::User(name) => name.clone(),
        Who::Nobody => "nobody known".to_owned(),
    }
}

fn result(row: &AuditView) -> AnyView {
    let mark = if row.refused {
        Mark::new("severe", Shape::Cross, "Refused")
    } else {
        Mark::new("good", Shape::Tick, "Done")
    };
    let more = (!row.result.is_empty() && row.result != "done")
        .then(|| view! { " " <bdi>{row.result.clone()}</bdi> });
    view! { {mark.view()} {more} }.into_any()
}

pub(crate) fn list(call: &Call, rows: Page<AuditView>, verdict: Option<AuditVerdict>) -> Response {
    let head = Head::new(Section::Audit, "Audit");
    let token = call
        .person
        .as_ref()
        .map_or_else(String::new, |person| person.form_token.clone());
    page(call, head, || {
        let clock = Clock::new(call.zone(), call.app.now_ms());
        let path = call.path_to("/audit");
        let next = rows.next.as_ref().map(Cursor::to_string);
        let csv = format!(
            "{}{}",
            call.path_to("/audit.csv"),
            call.query.with("after", "")
        );
        let query = &call.query;
        let verdict = verdict.map(|verdict| {
            let (tone, title) = match verdict.broken_at {
                None => (Tone::Success, format!("The chain of hashes is whole: {} rows are as they were written. The last hash is {}.", count(verdict.sound), verdict.head.to_hex())),
                Some(at) => (Tone::Warning, format!("Row {at} is not as it was written, or one before it is missing. {} rows before it are sound.", count(verdict.sound))),
            };
            view! { <Notice tone=tone title=title /> }
        });
        view! {
            {verdict}
            <p>"Rows are only ever added, refused attempts too. Each carries a hash over the one before."</p>
            <form class="filters" method="get" action=path.clone() role="search" aria-label="Filter the audit">
                <div class="fields-row">
                    <Field name="who" label="Person or initiator" value=query.text("who") />
                    <Field name="action" label="Action" value=query.text("action") />
                    <Field name="object" label="Done to" value=query.text("object") />
                    <Field name="from" label="Since" kind="datetime-local" short=true value=query.text("from") />
                    <Field name="to" label="Until" kind="datetime-local" short=true value=query.text("to") />
                    <CheckBox name="refused" label="Refused only" checked=query.has("refused") />
                    <div class="field"><button class="button-secondary">"Filter"</button></div>
                </div>
            </form>
            {days(call, &clock, rows.rows)}
            <Pager path=path.clone() query=query.clone() next=next />
            <p><a href=csv>"Download as CSV"</a></p>
            <form method="post" action=format!("{path}/verify")>
                <Hidden name="token" value=token />
                <p><button class="button-secondary">"Check the chain of hashes"</button></p>
            </form>
        }
        .into_any()
    })
}

/// A table for each day, the newest first.
fn days(call: &Call, clock: &Clock, rows: Vec<AuditView>) -> AnyView {
    if rows.is_empty() {
        return view! { <Empty text="No row of the audit matches." /> }.into_any();
    }
    let mut days: Vec<(String, Vec<Row>)> = Vec::new();
    for row in rows {
        let day = clock.day(row.at_ms);
        let shown = shown(call, clock, row);
        match days.last_mut() {
            Some((last, rows)) if *last == day => rows.push(shown),
            _ => days.push((day, vec![shown])),
        }
    }
    days.into_iter()
        .map(|(day, rows)| {
            view! {
                <h2>{day.clone()}</h2>
                <Table caption=format!("Audit of {day}") columns=vec!["Time", "Who", "Action", "Done to", "Result", "From", "#Times"] rows=rows />
            }
        })
        .collect::<Vec<_>>()
        .into_any()
}

fn shown(call: &Call, clock: &Clock, row: AuditView) -> Row {
    let path = call.path_to(&format!("/audit/{}", row.seq));
    let cells = vec![
        view! { <bdi>{who(&row.who)}</bdi> }.into_any(),
        row.action.replace('_', " ").into_any(),
        object(call, row.object.as_deref()),
        result(&row),
        row.from.clone().unwrap_or_default().into_any(),
        count(row.count).into_any(),
    ];
    Row::new(view! { <a href=path>{clock.exact(row.at_ms)}</a> }, cells)
}

/// What it was done to, with a link where it has a page.
fn object(call: &Call, object: Option<&str>) -> AnyView {
    let Some(object) = object else {
        return "–".into_any();
    };
    let path = object.split_once(' ').and_then(|(kind, name)| {
        let name = crate::http::fields::encode(name);
        Some(match kind {
            "alert" => call.path_to(&format!("/alerts/{name}")),
            "area" => call.path_to(&format!("/areas/named/{name}")),
            "channel" => call.path_to(&format!("/channels/{name}")),
            "group" => call.path_to(&format!("/groups/named/{name}")),
            "push" | "submission" => call.path_to(&format!("/submissions/{name}")),
            "template" => call.path_to(&format!("/templates/{name}")),
            "user" => call.path_to(&format!("/users/{name}")),
            _ => return None,
        })
    });
    let object = object.to_owned();
    match path {
        Some(path) => view! { <a href=path><bdi>{object}</bdi></a> }.into_any(),
        None => view! { <bdi>{object}</bdi> }.into_any(),
    }
}

pub(crate) fn show(call: &Call, row: AuditView) -> Response {
    let head = Head::new(Section::Audit, format!("Row {}", row.seq))
        .under("Audit", call.path_to("/audit"));
    page(call, head, || {
        let clock = Clock::new(call.zone(), call.app.now_ms());
        let pretty = |json: &Option<String>| {
            let text = json.clone().unwrap_or_else(|| "nothing".to_owned());
            let value: Option<serde_json::Value> = serde_json::from_str(&text).ok();
            value
                .and_then(|value| serde_json::to_string_pretty(&value).ok())
                .unwrap_or(text)
        };
        let pairs = vec![
            ("Time", clock.long(row.at_ms), None),
            ("Who", who(&row.who).into_any(), None),
            ("Action", row.action.replace('_', " ").into_any(), None),
            ("Done to", object(call, row.object.as_deref()), None),
            ("Result", result(&row), None),
            (
                "Workspace",
                row.workspace
                    .as_ref()
                    .map_or_else(|| "–".to_owned(), ToString::to_string)
                    .into_any(),
                None,
            ),
            (
                "From",
                row.from.clone().unwrap_or_default().into_any(),
                None,
            ),
            ("Times", count(row.count).into_any(), None),
            (
                "Hash",
                view! { <code>{row.hash.clone()}</code> }.into_any(),
                None,
            ),
        ];
        view! {
            <SummaryList pairs=pairs />
            <h2>"Before"</h2>
            <pre>{pretty(&row.before)}</pre>
            <h2>"After"</h2>
            <pre>{pretty(&row.after)}</pre>
        }
        .into_any()
    })
}
