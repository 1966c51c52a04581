//! What an alert says, shown: to whoever checks it, approves it, or looks at it later.

use leptos::prelude::*;
use pushcast_engine::gateway::console::{Preview, TargetView};
use pushcast_engine::model::alert::{Change, Changed, Reach, Start};
use pushcast_engine::model::{AlertContent, Bearer};

use crate::components::{
    Clock, Notice, Row, SummaryList, Table, Tone, bytes, count, duration, severity_tag,
};
use crate::count::Count;
use crate::handset::HandsetPreview;
use crate::http::Call;

/// Links to the steps where each part can be changed.
pub(crate) struct Links {
    pub message: Option<String>,
    pub audience: Option<String>,
    pub delivery: Option<String>,
}

impl Links {
    pub(crate) const NONE: Self = Self {
        message: None,
        audience: None,
        delivery: None,
    };
}

/// Everything of it as pairs.
pub(crate) fn summary(
    clock: &Clock,
    content: &AlertContent,
    preview: Option<&Preview>,
    links: &Links,
) -> AnyView {
    let title = match content.title.trim() {
        "" => "(none yet)".to_owned(),
        title => title.to_owned(),
    };
    let bearers = content.bearers.iter().map(|bearer| bearer.as_str());
    let starts = match content.start {
        Start::At(at_ms) => clock.long(at_ms),
        Start::Now => "as soon as it is approved".into_any(),
    };
    let repetition = content.repetition_s.map_or_else(
        || "as each channel has it".to_owned(),
        |seconds| {
            let times = content.duration_s / seconds.max(1) + 1;
            format!("every {}: {} broadcasts", duration(seconds), count(times))
        },
    );
    let languages = content.messages.iter().map(|message| &message.language);
    let mut pairs = vec![
        (
            "Title",
            view! { <bdi>{title}</bdi> }.into_any(),
            links.message.clone(),
        ),
        (
            "Severity",
            severity_tag(content.severity),
            links.message.clone(),
        ),
    ];
    if !content.kind.is_empty() {
        pairs.push((
            "What it is about",
            content.kind.clone().into_any(),
            links.message.clone(),
        ));
    }
    pairs.extend([
        (
            "Languages",
            named(languages, "none yet").into_any(),
            links.message.clone(),
        ),
        ("To", targets(content).into_any(), links.audience.clone()),
    ]);
    if let Some(preview) = preview {
        pairs.push((
            "Reach",
            reach(&preview.reach).into_any(),
            links.audience.clone(),
        ));
    }
    pairs.extend([
        (
            "Bearers",
            named(bearers, "all that the groups and areas have").into_any(),
            links.delivery.clone(),
        ),
        ("Starts", starts, links.delivery.clone()),
        (
            "Lasts",
            duration(content.duration_s).into_any(),
            links.delivery.clone(),
        ),
        ("Repeated", repetition.into_any(), links.delivery.clone()),
    ]);
    view! { <SummaryList pairs=pairs /> }.into_any()
}

/// Names in a row, or what stands where there are none.
fn named(names: impl Iterator<Item = impl ToString>, none: &str) -> String {
    let names: Vec<String> = names.map(|name| name.to_string()).collect();
    if names.is_empty() {
        none.to_owned()
    } else {
        names.join(", ")
    }
}

fn targets(content: &AlertContent) -> String {
    let groups = content.groups.iter().map(|name| format!("group {name}"));
    let areas = content.areas.iter().map(|name| format!("area {name}"));
    named(groups.chain(areas), "nobody yet")
}

/// Whom it reaches, in words, and that it is an estimate.
pub(crate) fn reach(reach: &Reach) -> String {
    let figure = match reach.receivers {
        Some(receivers) => format!(
            "about {} receivers (an estimate: {} receivers)",
            count(receivers),
            reach.words()
        ),
        None => return "unknown: nobody has typed a figure".to_owned(),
    };
    match reach.without_figure {
        0 => figure,
        1 => format!("{figure}; one group or area has no figure and is not counted"),
        without => {
            format!("{figure}; {without} groups or areas have no figure and are not counted")
        }
    }
}

/// Each language as a phone shows it, with what it takes on the air.
pub(crate) fn handsets(call: &Call, content: &AlertContent) -> AnyView {
    let shown: Vec<_> = content
        .messages
        .iter()
        .map(|message| {
            let language = message.language.as_str().to_owned();
            let measured = Count::of(&message.text, &language);
            let cells = match &measured.problem {
                Some(problem) => format!("Not possible over Cell Broadcast: {problem}"),
                None => measured.summary(),
            };
            let attachment = message.attachment.as_ref().map(|attachment| {
                let path = call.path_to(&format!("/attachments/{}", attachment.sha256.to_hex()));
                view! {
                    <p>
                        "With " <a href=path>{attachment.name.clone()}</a> ", "
                        {bytes(attachment.bytes)} ", " <code>{attachment.content_type.clone()}</code>
                    </p>
                }
            });
            let pages: Vec<_> = measured
                .shown
                .iter()
                .enumerate()
                .map(|(index, page)| {
                    view! { <li><span class="muted">{format!("Page {}: ", index + 1)}</span> <bdi class="pre-wrap">{page.clone()}</bdi></li> }
                })
                .collect();
            let pages = (!pages.is_empty()).then(|| {
                view! { <details><summary>"Cell Broadcast pages"</summary><ol class="checklist">{pages}</ol></details> }
            });
            let text = message.text.clone();
            view! {
                <div class="handset-of">
                    <h3>{language.clone()}</h3>
                    <HandsetPreview
                        title=content.title.clone()
                        text=Signal::derive(move || text.clone())
                        language=language
                        empty="Nothing written yet"
                    />
                    <p class="count">{cells}</p>
                    {attachment}
                    {pages}
                </div>
            }
        })
        .collect();
    if shown.is_empty() {
        return view! { <p>"Nothing is written yet."</p> }.into_any();
    }
    view! { <div class="handsets">{shown}</div> }.into_any()
}

/// How each group and area is reached.
pub(crate) fn routes(preview: &Preview) -> AnyView {
    let row = |target: &TargetView| {
        let routes: Vec<String> = target
            .routes
            .iter()
            .map(|route| {
                let state = match (route.owned, route.up) {
                    (false, _) => "not of this workspace: does not carry it",
                    (true, true) => "ready",
                    (true, false) => "down",
                };
                let optional = if route.required { "" } else { ", optional" };
                format!(
                    "{} ({}, {state}{optional})",
                    route.channel,
                    route.bearer.as_str()
                )
            })
            .collect();
        let routes = match (target.known, routes.is_empty()) {
            (false, _) => "does not exist".to_owned(),
            (true, true) => "no channel".to_owned(),
            (true, false) => routes.join("; "),
        };
        let receivers = target.receivers.map_or_else(|| "unknown".to_owned(), count);
        Row::new(
            target.target.clone(),
            vec![routes.into_any(), receivers.into_any()],
        )
    };
    let rows = preview.targets.iter().map(row).collect();
    let passes: Vec<_> = preview
        .pass_ms
        .iter()
        .map(|(language, channel, ms)| {
            let octets = preview.content_bytes.iter().find(|(of, _)| of == language);
            let octets = octets.map(|(_, octets)| bytes(*octets)).unwrap_or_default();
            view! { <li>{format!("{language} on {channel}: {octets}, at most {} ms for each pass (an estimate)", count(*ms))}</li> }
        })
        .collect();
    let passes = (!passes.is_empty()).then(|| view! { <h3>"Air time"</h3> <ul>{passes}</ul> });
    view! {
        <Table caption="How each group and area is reached" columns=vec!["Group or area", "Channels", "#Receivers expected"] rows=rows />
        {passes}
    }
    .into_any()
}

/// Says plainly what will not carry it, before anybody approves it.
pub(crate) fn warnings(content: &AlertContent, preview: &Preview) -> Vec<AnyView> {
    let mut found = Vec::new();
    let mut warn = |title: String| {
        found.push(view! { <Notice tone=Tone::Warning title=title /> }.into_any());
    };
    if !preview.missing_languages.is_empty() {
        let missing: Vec<&str> = preview
            .missing_languages
            .iter()
            .map(|language| language.as_str())
            .collect();
        warn(format!(
            "This workspace wants every alert in more languages than it has: {} is missing.",
            missing.join(", ")
        ));
    }
    for target in &preview.targets {
        let usable = target.routes.iter().any(|route| route.owned && route.up);
        if !target.known {
            warn(format!("{} does not exist any more.", target.target));
        } else if !usable {
            warn(format!(
                "{} has no channel of this workspace that is ready: nothing would be sent there.",
                target.target
            ));
        }
    }
    let carries = |bearer: Bearer| {
        let mut routes = preview.targets.iter().flat_map(|target| &target.routes);
        routes.any(|route| route.bearer == bearer && route.owned)
    };
    if carries(Bearer::Cbs) {
        for message in &content.messages {
            if let Some(problem) = Count::of(&message.text, message.language.as_str()).problem {
                warn(format!(
                    "Cell Broadcast cannot carry the message in {}: {problem}.",
                    message.language
                ));
            }
        }
        warn(
            "Phones outside the areas may show it too: cells reach beyond the outline.".to_owned(),
        );
    }
    found
}

/// What differs from what was there before.
pub(crate) fn changes(changes: &[Change]) -> AnyView {
    let rows = changes
        .iter()
        .map(|change| {
            let before = change
                .before
                .clone()
                .unwrap_or_else(|| "nothing".to_owned());
            let after = change.after.clone().unwrap_or_else(|| "nothing".to_owned());
            Row::new(
                changed(&change.what),
                vec![
                    view! { <bdi class="diff-before pre-wrap">{before}</bdi> }.into_any(),
                    view! { <bdi class="diff-after pre-wrap">{after}</bdi> }.into_any(),
                ],
            )
        })
        .collect();
    view! { <Table caption="What has changed" columns=vec!["Part", "Before", "Now"] rows=rows /> }
        .into_any()
}

fn changed(what: &Changed) -> String {
    match what {
        Changed::Attachment(language) => format!("File ({language})"),
        Changed::Audience => "Groups and areas".to_owned(),
        Changed::Bearers => "Bearers".to_owned(),
        Changed::Duration => "Duration".to_owned(),
        Changed::Kind => "What it is about".to_owned(),
        Changed::Repetition => "Repetition".to_owned(),
        Changed::Severity => "Severity".to_owned(),
        Changed::Start => "Start".to_owned(),
        Changed::Text(language) => format!("Message ({language})"),
        Changed::Title => "Title".to_owned(),
    }
}
