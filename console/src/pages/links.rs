//! Links to Cell Broadcast Centres, under the channels that use them.

use axum::response::Response;
use leptos::prelude::*;
use pushcast_engine::model::Action;
use pushcast_engine::model::link_status::{LinkMode, LinkStatus};

use crate::components::{
    Clock, ErrorSummary, Head, Hidden, Notice, Row, Section, SummaryList, Table, TextArea, Tone,
    count, link_mark, page,
};
use crate::http::fields::encode;
use crate::http::{Call, Problem};

fn path(call: &Call, link: &LinkStatus) -> String {
    call.path_to(&format!("/links/{}", encode(link.name.as_str())))
}

/// The links that channels of the workspace use.
pub(crate) fn section(call: &Call, clock: &Clock, links: &[LinkStatus]) -> AnyView {
    if links.is_empty() {
        return ().into_any();
    }
    let rows = links
        .iter()
        .map(|link| {
            let cells = vec![
                link_mark(link).view().into_any(),
                link.speaks.clone().into_any(),
                answered(clock, link),
                format!("{} of {}", count(link.alerts), count(link.queue)).into_any(),
                count(link.asked()).into_any(),
                count(link.failed()).into_any(),
                count(link.unknown).into_any(),
            ];
            let path = path(call, link);
            Row::new(view! { <a href=path>{link.name.to_string()}</a> }, cells)
        })
        .collect();
    let columns = vec![
        "Link",
        "State",
        "Speaks",
        "Last answer",
        "#Alerts held",
        "#Requests",
        "#Failed",
        "#Unknown",
    ];
    view! {
        <h2>"Links to Cell Broadcast Centres"</h2>
        <Table caption="Links to Cell Broadcast Centres" columns=columns rows=rows />
        <p class="hint">"Requests are counted since the process began. Unknown are messages of which nobody knows whether the centre took them."</p>
    }
    .into_any()
}

fn answered(clock: &Clock, link: &LinkStatus) -> AnyView {
    let never = || "none yet".into_any();
    link.answered_ms
        .map_or_else(never, |at_ms| clock.short(at_ms))
}

pub(crate) fn show(call: &Call, link: &LinkStatus, problems: Vec<Problem>) -> Response {
    let head = Head::new(Section::Channels, link.name.to_string())
        .under("Channels", call.path_to("/channels"))
        .tag(link_mark(link).view().into_any())
        .wrong(!problems.is_empty());
    page(call, head, || {
        let clock = Clock::new(call.zone(), call.app.now_ms());
        let done = call.query.has("done").then(|| {
            let title = match link.mode {
                LinkMode::Open => "Done. The centre is asked what there is to ask.",
                LinkMode::Paused => {
                    "Done. Nothing is asked of the centre until the link is resumed."
                }
            };
            view! { <Notice tone=Tone::Success title=title /> }
        });
        view! {
            <ErrorSummary problems=problems.clone() />
            {done}
            {facts(&clock, link)}
            {operate(call, link, &problems)}
        }
        .into_any()
    })
}

fn facts(clock: &Clock, link: &LinkStatus) -> AnyView {
    let channels: Vec<&str> = link.channels.iter().map(|name| name.as_str()).collect();
    let requests: Vec<String> = link
        .requests
        .iter()
        .filter(|(_, number)| *number > 0)
        .map(|(outcome, number)| format!("{} {}", count(*number), outcome.replace('_', " ")))
        .collect();
    let requests = match requests.is_empty() {
        true => "none".to_owned(),
        false => requests.join(", "),
    };
    let held = format!("{} of at most {}", count(link.alerts), count(link.queue));
    let mut pairs = vec![
        (
            "Centre",
            view! { <code>{link.url.clone()}</code> }.into_any(),
            None,
        ),
        ("Speaks", link.speaks.clone().into_any(), None),
        ("Channels", channels.join(", ").into_any(), None),
        ("Last answer", answered(clock, link), None),
        ("Alerts that it holds", held.into_any(), None),
        (
            "Requests since the process began",
            requests.into_any(),
            None,
        ),
        (
            "Messages that nobody knows the fate of",
            count(link.unknown).into_any(),
            None,
        ),
    ];
    if let Some(since_ms) = link.mode_since_ms {
        let by = link.mode_by.as_ref().map(|by| format!(" by {by}"));
        let reason = link.mode_reason.clone();
        let asked = view! { {clock.long(since_ms)} {by} ": " <bdi>{reason}</bdi> };
        pairs.push(("Asked", asked.into_any(), None));
    }
    view! { <SummaryList pairs=pairs /> }.into_any()
}

fn operate(call: &Call, link: &LinkStatus, problems: &[Problem]) -> AnyView {
    if !call.may(Action::OperateChannels) {
        return ().into_any();
    }
    let (mode, words, class) = match link.mode {
        LinkMode::Open => (LinkMode::Paused, "Pause the link", "button-danger"),
        LinkMode::Paused => (LinkMode::Open, "Resume the link", "button"),
    };
    view! {
        <h2>"Operate"</h2>
        <p>"A pause is for work at the centre: nothing is asked of it, neither to begin nor to end. What is on the air there goes on, and cannot be taken off through this link meanwhile; what needs the link waits. To silence the air, pause the channel."</p>
        <form method="post" action=format!("{}/mode", path(call, link))>
            <Hidden name="token" value=call.form_token() />
            <TextArea name="reason" label="Reason" hint="It stands in the audit." rows=2 required=true problems=problems.to_vec() />
            <p><button class=class name="mode" value=mode.as_str()>{words}</button></p>
        </form>
    }
    .into_any()
}
