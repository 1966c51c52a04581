//! What goes on the air besides symbols, octet for octet: pages of Cell Broadcast, FDT Instances.

use axum::response::Response;
use leptos::prelude::*;
use pushcast_engine::gateway::console::AlertView;
use pushcast_engine::model::detail::{RawAir, RawForm, RawInstance, RawMessage, Stage};

use super::alert::name;
use crate::components::{Head, Row, Section, Table, page};
use crate::http::Call;

/// Octets of a page before its content (TS 23.041 9.4.1.2): serial number, message identifier, data
/// coding scheme, page parameter.
const HEADER_BYTES: usize = 6;

/// Name of a file with the pages of a message, the one of that place.
pub(crate) fn pages_name(place: usize, message: &RawMessage) -> String {
    format!("pages-{}-{}.bin", place + 1, message.channel)
}

/// Name of a file with an FDT Instance, the one of that place.
pub(crate) fn instance_name(place: usize, instance: &RawInstance) -> String {
    format!("fdt-{}-{}.xml", place + 1, instance.channel)
}

/// The raw form of an alert: each push that it becomes.
pub(crate) fn alert(call: &Call, alert: &AlertView, forms: Vec<RawForm>) -> Response {
    let path = call.path_to(&format!("/alerts/{}", alert.alert.id));
    let head = Head::new(Section::Submissions, "Raw form")
        .under("Submissions", call.path_to("/submissions"))
        .under(name(alert), path);
    page(call, head, || {
        let forms: Vec<_> = forms
            .into_iter()
            .map(|form| {
                view! {
                    <h2><code>{form.push_id.clone()}</code></h2>
                    {control(&form.control, None)}
                    {air(&form.air, None)}
                }
            })
            .collect();
        let none = forms
            .is_empty()
            .then(|| view! { <p>"Nothing is written yet."</p> });
        view! {
            <p>"What would be sent if it was approved now, made by the code that sends it. Numbers are given when it is planned and are 0 until then; pushes already sent show theirs under Message."</p>
            {none}
            {forms}
        }
        .into_any()
    })
}

/// The PAP control entity, with where it can be had as a file.
pub(crate) fn control(control: &str, download: Option<String>) -> AnyView {
    view! {
        <details>
            <summary>"PAP control entity"</summary>
            {link(download)}
            <pre>{control.to_owned()}</pre>
        </details>
    }
    .into_any()
}

/// Pages and instances; `folder` is where they can be had as files.
pub(crate) fn air(air: &RawAir, folder: Option<&str>) -> AnyView {
    let file = |name: String| folder.map(|folder| format!("{folder}/{name}"));
    let messages = air.messages.iter().enumerate();
    let messages: Vec<_> = messages
        .map(|(place, one)| message(one, file(pages_name(place, one))))
        .collect();
    let instances = air.instances.iter().enumerate();
    let instances: Vec<_> = instances
        .map(|(place, one)| instance(one, file(instance_name(place, one))))
        .collect();
    let notes: Vec<_> = (air.notes.iter())
        .map(|note| view! { <p class="muted">{note.clone()}</p> })
        .collect();
    view! { {messages} {instances} {notes} }.into_any()
}

fn message(message: &RawMessage, download: Option<String>) -> AnyView {
    let numbers = match message.stage {
        Stage::Planned => "numbered when it is planned".to_owned(),
        Stage::OnAir | Stage::Sent => format!(
            "identifier {}, serial number {:04X}",
            message.message_id, message.serial
        ),
    };
    let rows = message.pages.iter().enumerate();
    let rows: Vec<Row> = rows
        .map(|(place, (octets, used))| {
            let (header, content) = octets.split_at(octets.len().min(HEADER_BYTES));
            let cells = vec![
                view! { <code class="hex">{hex(header)}</code> }.into_any(),
                view! { <code class="hex">{hex(content)}</code> }.into_any(),
                used.to_string().into_any(),
            ];
            Row::new((place + 1).to_string(), cells)
        })
        .collect();
    let caption = format!("Pages on {}", message.channel);
    let table = match rows.is_empty() {
        true => view! { <p>"The warning has no pages: its identifier says it."</p> }.into_any(),
        false => view! { <Table caption=caption columns=vec!["#Page", "Header", "Content", "#Octets used"] rows=rows /> }.into_any(),
    };
    let summary = format!(
        "Cell Broadcast pages on {}: {numbers}, data coding scheme 0x{:02X}",
        message.channel, message.dcs
    );
    view! {
        <details>
            <summary>{summary}</summary>
            <p class="muted">"Header: serial number, message identifier, data coding scheme, page parameter (TS 23.041 9.4.1)."</p>
            {link(download.filter(|_| !message.pages.is_empty()))}
            {table}
        </details>
    }
    .into_any()
}

fn instance(instance: &RawInstance, download: Option<String>) -> AnyView {
    let which = match (instance.stage, instance.id) {
        (Stage::OnAir, Some(id)) => format!("on the air now, Instance ID {id}"),
        (Stage::Planned, _) => {
            "as it will be written; the TOI is given when it is planned".to_owned()
        }
        _ => "as written for this push alone".to_owned(),
    };
    let summary = format!("FDT Instance on {}: {which}", instance.channel);
    let document = String::from_utf8_lossy(&instance.document).into_owned();
    view! {
        <details>
            <summary>{summary}</summary>
            {link(download)}
            <pre>{document}</pre>
        </details>
    }
    .into_any()
}

fn link(path: Option<String>) -> Option<impl IntoView> {
    path.map(|path| view! { <p><a href=path>"Download, octet for octet"</a></p> })
}

/// Octets in pairs of digits, two octets in a group.
fn hex(octets: &[u8]) -> String {
    let groups = octets.chunks(2).map(|pair| {
        let digits = pair.iter().map(|octet| format!("{octet:02x}"));
        digits.collect::<String>()
    });
    groups.collect::<Vec<_>>().join(" ")
}
