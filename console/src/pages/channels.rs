//! Screen 8: channels, how they are and what operators ask of them.

use axum::response::Response;
use leptos::prelude::*;
use pushcast_engine::gateway::console::ChannelDetail;
use pushcast_engine::model::channel_status::{ChannelMode, ChannelStatus};
use pushcast_engine::model::link_status::LinkStatus;
use pushcast_engine::model::{Action, Mode};

use crate::components::{
    Clock, Empty, ErrorSummary, Head, Hidden, Notice, Row, Section, SummaryList, Table, TextArea,
    Tone, bytes, channel_mark, count, page,
};
use crate::http::fields::encode;
use crate::http::{Call, Problem};

pub(crate) fn list(
    call: &Call,
    channels: Vec<ChannelStatus>,
    links: &[LinkStatus],
    differences: usize,
) -> Response {
    let mut head = Head::new(Section::Channels, "Channels").live();
    if call.may(Action::EditChannels) {
        let new = call.path_to("/new-channel");
        head = head.action(view! { <a class="button" href=new>"Add a channel"</a> });
    }
    page(call, head, || {
        let clock = Clock::new(call.zone(), call.app.now_ms());
        let file = (differences > 0).then(|| {
            let path = call.path_to("/file");
            let text = view! { <p><a href=path>"Look at them"</a></p> };
            let title = format!("{differences} definitions differ between the configuration file and the store; the store's count.");
            view! { <Notice tone=Tone::Warning title=title text=text.into_any() /> }
        });
        let deleted = call.query.has("deleted").then(|| {
            view! { <Notice tone=Tone::Success title="The channel is deleted. The process that runs still listens to it; from the next start on nothing knows it." /> }
        });
        if channels.is_empty() {
            return view! { {deleted} {file} <Empty text="This workspace owns no channel. An administrator gives it some under Workspaces." /> }.into_any();
        }
        let rows = channels
            .iter()
            .map(|channel| {
                let path = call.path_to(&format!("/channels/{}", encode(channel.name.as_str())));
                let since = channel
                    .mode_since_ms
                    .map_or_else(|| "start".into_any(), |since_ms| clock.short(since_ms));
                let rate = channel.rate_bps.map_or_else(|| "–".to_owned(), rate);
                let cells = vec![
                    channel_mark(channel).view().into_any(),
                    channel.bearer.as_str().into_any(),
                    since,
                    count(channel.on_air).into_any(),
                    rate.into_any(),
                    count(channel.packets).into_any(),
                    bytes(channel.bytes).into_any(),
                    count(channel.send_failures).into_any(),
                ];
                Row::new(view! { <a href=path>{channel.name.to_string()}</a> }, cells)
            })
            .collect();
        let columns = vec![
            "Channel",
            "State",
            "Bearer",
            "Since",
            "#On the air",
            "#Rate",
            "#Packets",
            "#Sent",
            "#Refused bursts",
        ];
        view! {
            {deleted}
            {file}
            <Table caption="Channels" columns=columns rows=rows />
            <p class="hint">"Packets and octets are counted since the process began."</p>
            {super::links::section(call, &clock, links)}
        }
        .into_any()
    })
}

fn rate(bps: u64) -> String {
    match bps {
        bps if bps >= 1_000_000 => format!("{}.{} Mbit/s", bps / 1_000_000, bps / 100_000 % 10),
        bps => format!("{} kbit/s", bps / 1_000),
    }
}

/// What the page shows besides the channel.
#[derive(Default)]
pub(crate) struct Around {
    /// What was typed as definition, where it was not taken.
    pub definition: Option<String>,
    pub problems: Vec<Problem>,
    /// What the last act came to.
    pub done: Option<String>,
}

pub(crate) fn show(call: &Call, detail: &ChannelDetail, around: Around) -> Response {
    let status = &detail.status;
    let path = call.path_to(&format!("/channels/{}", encode(status.name.as_str())));
    let head = Head::new(Section::Channels, status.name.to_string())
        .under("Channels", call.path_to("/channels"))
        .tag(channel_mark(status).view().into_any())
        .wrong(!around.problems.is_empty());
    let token = call
        .person
        .as_ref()
        .map_or_else(String::new, |person| person.form_token.clone());
    page(call, head, || {
        let clock = Clock::new(call.zone(), call.app.now_ms());
        let definition = serde_json::to_string_pretty(&detail.channel).unwrap_or_default();
        let done = around
            .done
            .clone()
            .map(|done| view! { <Notice tone=Tone::Success title=done /> });
        let restart = status.needs_restart.then(|| {
            view! { <Notice tone=Tone::Warning title="Its definition was changed: it is used from the next start on." /> }
        });
        let sdp = format!("/sessions/{}.sdp", encode(status.name.as_str()));
        view! {
            <ErrorSummary problems=around.problems.clone() />
            {done}
            {restart}
            {facts(&clock, detail)}
            <p><a href=sdp>"Session description (SDP)"</a></p>
            {operate(call, status, &path, &token, &around.problems)}
            <h2>"Definition"</h2>
            {edit(call, detail, around.definition.clone().unwrap_or(definition), &around.problems)}
            {delete(call, detail, &path)}
        }
        .into_any()
    })
}

fn facts(clock: &Clock, detail: &ChannelDetail) -> AnyView {
    let status = &detail.status;
    let mut pairs = vec![
        ("Bearer", status.bearer.as_str().into_any(), None),
        (
            "On the air",
            format!("{} objects or messages", count(status.on_air)).into_any(),
            None,
        ),
        (
            "Sent since the process began",
            format!("{} packets, {}", count(status.packets), bytes(status.bytes)).into_any(),
            None,
        ),
        (
            "Bursts that the kernel refused",
            count(status.send_failures).into_any(),
            None,
        ),
    ];
    if let Some(bps) = status.rate_bps {
        pairs.push(("Rate", rate(bps).into_any(), None));
    }
    if let Some(since_ms) = status.mode_since_ms {
        let by = status
            .mode_by
            .as_ref()
            .map(|by| format!(" by {by}"))
            .unwrap_or_default();
        pairs.push((
            "Asked",
            view! { {clock.long(since_ms)} {by} ": " <bdi>{status.mode_reason.clone()}</bdi> }
                .into_any(),
            None,
        ));
    }
    let used = if detail.used_by.is_empty() {
        "nothing".to_owned()
    } else {
        detail.used_by.join(", ")
    };
    pairs.push(("Used by", used.into_any(), None));
    pairs.push(("Changed last", clock.long(detail.changed_ms), None));
    view! { <SummaryList pairs=pairs /> }.into_any()
}

fn operate(
    call: &Call,
    status: &ChannelStatus,
    path: &str,
    token: &str,
    problems: &[Problem],
) -> AnyView {
    if !call.may(Action::OperateChannels) {
        return ().into_any();
    }
    let on_air = status.on_air;
    let button = |mode: ChannelMode, words: &'static str, class: &'static str| {
        (status.mode != mode)
            .then(|| view! { <button class=class name="mode" value=mode.as_str()>{words}</button> })
    };
    let live = call
        .person
        .as_ref()
        .is_some_and(|person| person.workspace.mode == Mode::Live);
    let test = (!live).then(|| {
        view! { <button class="button-secondary" formaction=format!("{path}/test")>"Send a test"</button> }
    });
    view! {
        <h2>"Operate"</h2>
        <p>{format!("Pausing stops {on_air} objects on the air at their next packet; draining lets them run to their end. Neither takes anything new.")}</p>
        <form method="post" action=format!("{path}/mode")>
            <Hidden name="token" value=token.to_owned() />
            <TextArea name="reason" label="Reason" hint="It stands in the audit." rows=2 required=true problems=problems.to_vec() />
            <p class="buttons">
                {button(ChannelMode::Open, "Resume", "button")}
                {button(ChannelMode::Draining, "Drain", "button-secondary")}
                {button(ChannelMode::Paused, "Pause now", "button-danger")}
                {test}
            </p>
        </form>
    }
    .into_any()
}

fn delete(call: &Call, detail: &ChannelDetail, path: &str) -> AnyView {
    if !call.may(Action::EditChannels) {
        return ().into_any();
    }
    let form = if detail.used_by.is_empty() {
        view! {
            <form method="post" action=format!("{path}/delete")>
                <Hidden name="token" value=call.form_token() />
                <p>"Nothing uses it. It is gone from the next start on; until then the process keeps its session."</p>
                <p><button class="button-danger">"Delete the channel"</button></p>
            </form>
        }
        .into_any()
    } else {
        let used = detail.used_by.join(", ");
        view! { <p class="muted">"It cannot be deleted while it is used: " <bdi>{used}</bdi> "."</p> }.into_any()
    };
    view! { <h2>"Delete"</h2> {form} }.into_any()
}

fn edit(call: &Call, detail: &ChannelDetail, text: String, problems: &[Problem]) -> AnyView {
    if !call.may(Action::EditChannels) {
        return view! { <pre>{text}</pre> }.into_any();
    }
    let on_air = detail.status.on_air;
    let token = call.person.as_ref();
    let token = token.map_or_else(String::new, |person| person.form_token.clone());
    let name = encode(detail.status.name.as_str());
    let path = call.path_to(&format!("/channels/{name}"));
    view! {
        <p>{format!("A change is used from the next start on. What is on the air ({on_air} now) is not disturbed.")}</p>
        <form method="post" action=format!("{path}/edit")>
            <Hidden name="token" value=token.to_owned() />
            <Hidden name="seen" value=detail.changed_ms.to_string() />
            <TextArea name="definition" label="Definition" hint="JSON with the keys of the configuration file; secrets are not in it." value=text rows=16 problems=problems.to_vec() />
            <p><button class="button">"Store the definition"</button></p>
        </form>
    }
    .into_any()
}
