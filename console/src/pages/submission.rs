//! Screen 5: one push with everything that is known of it.

use axum::response::Response;
use leptos::prelude::*;
use pushcast_engine::model::Action;
use pushcast_engine::model::detail::{
    DeliveryDetail, MAX_DELIVERIES_SHOWN, RawAir, RawParts, SubmissionDetail,
};
use pushcast_engine::model::listing::{EntryState, Source};

use crate::components::{
    Clock, Confirm, Head, Notice, Row, Section, SummaryList, Tab, Table, Tabs, Timeline,
    TimelineItem, Tone, bytes, delivery_tag, entry_tag, page, severity_tag,
};
use crate::handset::HandsetPreview;
use crate::http::boards::Boards;
use crate::http::{Call, Problem};
use crate::islands::LiveBoard;

/// Part of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum View {
    Message,
    Progress,
    Recipients,
}

impl View {
    pub(crate) fn of(text: &str) -> Self {
        match text {
            "message" => Self::Message,
            "recipients" => Self::Recipients,
            _ => Self::Progress,
        }
    }
}

pub(crate) fn show(
    call: &Call,
    view: View,
    detail: SubmissionDetail,
    raw: Option<(RawParts, RawAir)>,
) -> Response {
    let path = call.path_to(&format!("/submissions/{}", detail.id));
    let mut head = Head::new(Section::Submissions, title(&detail))
        .under("Submissions", call.path_to("/submissions"))
        .tag(entry_tag(detail.entry.state));
    if let Some(severity) = detail.entry.severity {
        head = head.tag(severity_tag(severity));
    }
    let stoppable = matches!(
        detail.entry.state,
        EntryState::Scheduled | EntryState::OnAir
    );
    if stoppable && call.may(Action::Stop) {
        let stop = match &detail.entry.alert {
            Some((alert, _)) => call.path_to(&format!("/alerts/{alert}/stop")),
            None => format!("{path}/stop"),
        };
        let words = stop_words(&detail);
        head = head.action(view! { <a class="button-danger" href=stop>{words}</a> });
    }
    if let Some((alert, version)) = &detail.entry.alert {
        let alert = call.path_to(&format!("/alerts/{alert}"));
        head = head.action(view! { <a class="button-secondary" href=alert>{format!("The alert (version {version})")}</a> });
    }
    if detail.closed_ms.is_none() {
        head = head.live();
    }
    page(call, head, || {
        let clock = Clock::new(call.zone(), call.app.now_ms());
        let tab = |name, query: &str, of| Tab {
            name,
            path: format!("{path}{query}"),
            current: view == of,
        };
        let tabs = vec![
            tab("Progress", "", View::Progress),
            tab("Message", "?view=message", View::Message),
            tab("Recipients", "?view=recipients", View::Recipients),
        ];
        let held = (detail.entry.state == EntryState::Held).then(|| decide(call, &detail));
        let content = match view {
            View::Message => message(&path, &detail, raw),
            View::Progress => progress(call, &clock, detail),
            View::Recipients => recipients(&clock, &detail),
        };
        view! {
            {held}
            <Tabs label="Views of this push" tabs=tabs />
            {content}
        }
        .into_any()
    })
}

fn title(detail: &SubmissionDetail) -> String {
    match detail.entry.title.trim() {
        "" => detail.push_id.clone(),
        title => title.to_owned(),
    }
}

fn progress(call: &Call, clock: &Clock, detail: SubmissionDetail) -> AnyView {
    let facts = facts(call, clock, &detail);
    let events = timeline(clock, &detail);
    let board = Boards::new(call).submission(&detail);
    let live = match detail.closed_ms {
        Some(_) => String::new(),
        None => call.path_to(&format!("/live?submission={}", detail.id)),
    };
    view! {
        {facts}
        <h2>"Deliveries"</h2>
        <LiveBoard board=board path=live />
        <h2>"What happened"</h2>
        <Timeline items=events />
    }
    .into_any()
}

fn facts(call: &Call, clock: &Clock, detail: &SubmissionDetail) -> AnyView {
    let entry = &detail.entry;
    let link = |id: &pushcast_engine::model::SubmissionId| {
        let path = call.path_to(&format!("/submissions/{id}"));
        view! { <a href=path>{id.to_string()}</a> " " }
    };
    let mut pairs = vec![
        (
            "Push-id",
            view! { <code>{detail.push_id.clone()}</code> }.into_any(),
            None,
        ),
        (
            "From",
            format!(
                "{} ({})",
                entry.sender,
                match entry.source {
                    Source::Console => "console",
                    Source::Pap => "initiator, over PAP",
                }
            )
            .into_any(),
            None,
        ),
        ("Came in", clock.long(entry.at_ms), None),
    ];
    if let Some(start_ms) = entry.start_ms {
        pairs.push(("May be sent from", clock.long(start_ms), None));
    }
    if let Some(end_ms) = entry.end_ms {
        pairs.push(("Ends", clock.long(end_ms), None));
    }
    if let Some(closed_ms) = detail.closed_ms {
        pairs.push(("Was over", clock.long(closed_ms), None));
    }
    if let Some(reference) = &detail.source_reference {
        pairs.push(("Source reference", reference.clone().into_any(), None));
    }
    if let Some(replaces) = &detail.replaces {
        pairs.push(("Takes the place of", link(replaces).into_any(), None));
    }
    if !detail.replaced_by.is_empty() {
        let by: Vec<_> = detail.replaced_by.iter().map(link).collect();
        pairs.push(("Was replaced by", by.into_any(), None));
    }
    view! { <SummaryList pairs=pairs /> }.into_any()
}

fn timeline(clock: &Clock, detail: &SubmissionDetail) -> Vec<TimelineItem> {
    let mut found: Vec<(u64, String, bool)> =
        vec![(detail.entry.at_ms, "Came in".to_owned(), false)];
    for delivery in &detail.deliveries {
        for transmission in &delivery.transmissions {
            let on = format!("{} on {}", delivery.target, transmission.channel);
            found.push((
                transmission.planned_ms,
                format!("{on}: handed to the lane"),
                false,
            ));
            if let Some(at_ms) = transmission.first_packet_ms {
                found.push((at_ms, format!("{on}: first packet left"), false));
            }
            if let Some(at_ms) = transmission.transmitted_ms {
                found.push((at_ms, format!("{on}: first complete pass left"), false));
            }
            if let Some(at_ms) = transmission.ended_ms {
                let wrong = !transmission.desc.is_empty();
                let how = if wrong {
                    transmission.desc.clone()
                } else {
                    "over".to_owned()
                };
                found.push((at_ms, format!("{on}: {how}"), wrong));
            }
        }
        if delivery.state.is_final() {
            let wrong = !matches!(delivery.state.as_str(), "delivered" | "cancelled");
            found.push((
                delivery.event_ms,
                format!("{}: {}", delivery.target, delivery.desc),
                wrong,
            ));
        }
    }
    if let Some(closed_ms) = detail.closed_ms {
        found.push((closed_ms, "Over".to_owned(), false));
    }
    found.sort_by_key(|(at_ms, _, _)| *at_ms);
    found
        .into_iter()
        .map(|(at_ms, text, wrong)| TimelineItem {
            time: clock.exact(at_ms),
            text: text.into_any(),
            wrong,
        })
        .collect()
}

fn message(path: &str, detail: &SubmissionDetail, raw: Option<(RawParts, RawAir)>) -> AnyView {
    let Some((raw, air)) = raw else {
        return ().into_any();
    };
    let language = detail
        .entry
        .language
        .as_ref()
        .map_or("en", |language| language.as_str())
        .to_owned();
    let preview = match &raw.preview {
        Some(text) => {
            let text = text.clone();
            view! {
                <HandsetPreview title=title(detail) text=Signal::derive(move || text.clone()) language=language empty="The message is empty" />
            }
            .into_any()
        }
        None => view! { <p>"The content is no text; a handset shows it by its media type."</p> }
            .into_any(),
    };
    let headers: Vec<_> = raw
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\n"))
        .collect();
    let mut pairs = vec![
        (
            "Media type",
            view! { <code>{raw.content_type.clone()}</code> }.into_any(),
            None,
        ),
        ("Length", bytes(raw.body_bytes).into_any(), None),
    ];
    if let Some(sha256) = raw.body_sha256.clone() {
        pairs.push(("SHA-256", view! { <code>{sha256}</code> }.into_any(), None));
    }
    view! {
        {preview}
        <h2>"Raw form"</h2>
        <SummaryList pairs=pairs />
        <p><a href=format!("{path}/content")>"Download the content, octet for octet"</a></p>
        <details>
            <summary>"Headers of the content"</summary>
            <pre>{headers.concat()}</pre>
        </details>
        {super::raw::control(&raw.control, Some(format!("{path}/raw/control.xml")))}
        {super::raw::air(&air, Some(&format!("{path}/raw")))}
    }
    .into_any()
}

fn recipients(clock: &Clock, detail: &SubmissionDetail) -> AnyView {
    let row = |delivery: &DeliveryDetail| {
        let cells = vec![
            delivery_tag(delivery.state),
            delivery.code.to_string().into_any(),
            delivery.desc.clone().into_any(),
            clock.short(delivery.event_ms),
            view! { <code>{delivery.address.clone()}</code> }.into_any(),
        ];
        Row::new(delivery.target.clone(), cells)
    };
    let rows = detail.deliveries.iter().map(row).collect();
    let cut = (detail.deliveries.len() >= MAX_DELIVERIES_SHOWN)
        .then(|| view! { <p class="muted">{format!("The first {MAX_DELIVERIES_SHOWN} are shown; the delivery reports have all.")}</p> });
    view! {
        <p>"Groups, areas and addresses that the push names. A broadcast knows no people: what is said here is said of transmissions."</p>
        <Table caption="Recipients" columns=vec!["Recipient", "State", "Code", "What it means", "Since", "Address"] rows=rows />
        {cut}
    }
    .into_any()
}

/// A push that waits for somebody to let it go.
fn decide(call: &Call, detail: &SubmissionDetail) -> AnyView {
    let path = call.path_to(&format!("/submissions/{}", detail.id));
    let forms = match (&call.person, call.may(Action::Approve)) {
        (Some(person), true) => {
            let token = person.form_token.clone();
            view! {
                <form method="post" action=format!("{path}/release")>
                    <input type="hidden" name="token" value=token.clone() />
                    <p><button class="button">"Let it go"</button></p>
                </form>
                <details>
                    <summary>"Refuse it"</summary>
                    <form method="post" action=format!("{path}/refuse")>
                        <input type="hidden" name="token" value=token />
                        <div class="field">
                            <label for="reason">"Reason, which the initiator is told"</label>
                            <textarea id="reason" name="reason" rows="2" required=true></textarea>
                        </div>
                        <p><button class="button-danger">"Refuse the push"</button></p>
                    </form>
                </details>
            }
            .into_any()
        }
        _ => view! { <p>"An approver can let it go."</p> }.into_any(),
    };
    view! { <Notice tone=Tone::Warning title="This push waits: its initiator's pushes have to be let go by a person." text=forms /> }.into_any()
}

/// What stopping it comes to.
fn stop_words(detail: &SubmissionDetail) -> &'static str {
    match detail.entry.state {
        EntryState::Scheduled => "Cancel before it is sent",
        _ => "Stop broadcasting",
    }
}

pub(crate) fn stop(call: &Call, detail: &SubmissionDetail, problems: Vec<Problem>) -> Response {
    let path = call.path_to(&format!("/submissions/{}", detail.id));
    let words = stop_words(detail);
    let head = Head::new(Section::Submissions, words)
        .under("Submissions", call.path_to("/submissions"))
        .under(title(detail), path.clone())
        .wrong(!problems.is_empty());
    let token = call
        .person
        .as_ref()
        .map_or_else(String::new, |person| person.form_token.clone());
    page(call, head, || {
        let (what, more) = match detail.entry.state {
            EntryState::Scheduled => (
                format!("“{}” will not be sent.", title(detail)),
                "The initiator is told. This cannot be undone.",
            ),
            _ => (
                format!("“{}” will be taken off the air at once.", title(detail)),
                "What has arrived at receivers stays there. The initiator is told. This cannot be undone.",
            ),
        };
        let text = view! { <p>{more}</p> };
        view! {
            <Confirm
                action=format!("{path}/stop")
                token=token
                what=what
                text=text.into_any()
                button=words
                back=path
                problems=problems
            />
        }
        .into_any()
    })
}
