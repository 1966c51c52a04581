//! Screen 6: alias groups, what initiators address.

use axum::response::Response;
use leptos::prelude::*;
use pushcast_engine::gateway::console::{GroupDetail, GroupRow};
use pushcast_engine::model::listing::{Cursor, Page};
use pushcast_engine::model::upload::UploadReport;
use pushcast_engine::model::{Action, Deliver};

use crate::components::{
    Clock, Empty, ErrorSummary, Field, FileField, Head, Hidden, Notice, Option_, Pager, Radios,
    Row, Section, SummaryList, Table, TextArea, Tone, UploadCheck, count, page,
};
use crate::http::fields::encode;
use crate::http::{Call, Fields, Problem};
use crate::islands::CopyButton;

pub(crate) fn list(call: &Call, groups: Page<GroupRow>) -> Response {
    let mut head = Head::new(Section::Groups, "Alias groups");
    let may = call.may(Action::EditGroups);
    if may {
        let path = call.path_to("/groups/new");
        head = head.action(view! { <a class="button" href=path>"Add a group"</a> });
    }
    page(call, head, || {
        let clock = Clock::new(call.zone(), call.app.now_ms());
        let next = groups.next.as_ref().map(Cursor::to_string);
        let path = call.path_to("/groups");
        let text = call.query.text("text");
        let table = if groups.rows.is_empty() {
            let words = if text.is_empty() {
                "There is no alias group yet. A group is a name that initiators address, and the channels it leads to."
            } else {
                "No group has that in its name."
            };
            view! { <Empty text=words /> }.into_any()
        } else {
            let rows = groups
                .rows
                .iter()
                .map(|row| group_row(call, &clock, row))
                .collect();
            let columns = vec![
                "Group",
                "Channels",
                "#Areas",
                "#Receivers expected",
                "Last push",
                "Address",
            ];
            view! { <Table caption="Alias groups" columns=columns rows=rows /> }.into_any()
        };
        let csv = call.path_to("/groups.csv");
        view! {
            <form class="filters" method="get" action=path.clone() role="search">
                <div class="fields-row">
                    <Field name="text" label="Name contains" kind="search" value=text />
                    <div class="field"><button class="button-secondary">"Search"</button></div>
                </div>
            </form>
            {table}
            <Pager path=path query=call.query.clone() next=next />
            <p><a href=csv>"Download all groups as CSV"</a></p>
            {may.then(|| upload_form(call))}
        }
        .into_any()
    })
}

fn group_row(call: &Call, clock: &Clock, row: &GroupRow) -> Row {
    let group = &row.group;
    let path = path(call, group.name.as_str());
    let channels: Vec<&str> = group
        .channels
        .iter()
        .map(|channel| channel.as_str())
        .collect();
    let cells = vec![
        format!("{} ({})", channels.join(", "), deliver(group.deliver)).into_any(),
        count(group.areas.len() as u64).into_any(),
        group
            .receivers_expected
            .map_or_else(|| "unknown".to_owned(), count)
            .into_any(),
        row.last_push_ms
            .map_or_else(|| "never".into_any(), |last_ms| clock.short(last_ms)),
        view! { <code>{row.address.clone()}</code> }.into_any(),
    ];
    Row::new(
        view! { <a href=path><bdi>{group.name.to_string()}</bdi></a> },
        cells,
    )
}

pub(crate) fn path(call: &Call, name: &str) -> String {
    call.path_to(&format!("/groups/named/{}", encode(name)))
}

const fn deliver(deliver: Deliver) -> &'static str {
    match deliver {
        Deliver::All => "all of them",
        Deliver::First => "the first that is up",
    }
}

fn upload_form(call: &Call) -> AnyView {
    let token = call
        .person
        .as_ref()
        .map_or_else(String::new, |person| person.form_token.clone());
    view! {
        <section>
            <h2>"Upload groups"</h2>
            <p class="hint">"CSV with a line of column names: name and channels, and if wanted deliver, required, areas, application_id, receivers_expected. Groups that exist stay as they are. At most 16 MiB."</p>
            <form method="post" action=call.path_to("/groups/upload") enctype="multipart/form-data">
                <Hidden name="token" value=token />
                <div class="choice field">
                    <input type="checkbox" id="store" name="store" value="yes" />
                    <label for="store">"Store what is new; without this it is only checked"</label>
                </div>
                <FileField id="file" label="File" accept=".csv,text/csv" />
                <p><button class="button-secondary">"Upload"</button></p>
            </form>
        </section>
    }
    .into_any()
}

pub(crate) fn uploaded(call: &Call, report: UploadReport) -> Response {
    let head = Head::new(Section::Groups, "Check of the upload")
        .under("Alias groups", call.path_to("/groups"));
    page(call, head, || {
        view! {
            <UploadCheck report=report.clone() />
            <p><a href=call.path_to("/groups")>"Back to the groups"</a></p>
        }
        .into_any()
    })
}

/// What a form shows: a stored group, or what was typed.
pub(crate) struct Shown {
    pub fields: Fields,
    /// Names of channels that there are.
    pub channels: Vec<String>,
    pub problems: Vec<Problem>,
}

pub(crate) fn new(call: &Call, shown: &Shown) -> Response {
    let head = Head::new(Section::Groups, "Add a group")
        .under("Alias groups", call.path_to("/groups"))
        .wrong(!shown.problems.is_empty());
    page(call, head, || {
        view! {
            <ErrorSummary problems=shown.problems.clone() />
            {form(call, &call.path_to("/groups"), shown, None)}
        }
        .into_any()
    })
}

pub(crate) fn show(call: &Call, detail: &GroupDetail, shown: &Shown) -> Response {
    let group = &detail.row.group;
    let path = path(call, group.name.as_str());
    let head = Head::new(Section::Groups, group.name.to_string())
        .under("Alias groups", call.path_to("/groups"))
        .wrong(!shown.problems.is_empty());
    let token = call
        .person
        .as_ref()
        .map_or_else(String::new, |person| person.form_token.clone());
    page(call, head, || {
        let clock = Clock::new(call.zone(), call.app.now_ms());
        let saved = call.query.has("saved").then(|| view! { <Notice tone=Tone::Success title="Stored. It can be addressed as it is now." /> });
        let address = detail.row.address.clone();
        let here: Vec<&str> = detail
            .channels_here
            .iter()
            .map(|channel| channel.as_str())
            .collect();
        let here = if here.is_empty() {
            "none: nothing sent from this workspace reaches it".to_owned()
        } else {
            here.join(", ")
        };
        let used = if detail.used_by.is_empty() {
            "nothing".to_owned()
        } else {
            detail.used_by.join(", ")
        };
        let pairs = vec![
            (
                "PAP address",
                view! { <code>{address.clone()}</code> " " <CopyButton text=address what="the PAP address".to_owned() /> }.into_any(),
                None,
            ),
            ("Channels of this workspace", here.into_any(), None),
            ("Used by", used.into_any(), None),
            ("Last push", detail.row.last_push_ms.map_or_else(|| "never".into_any(), |last_ms| clock.long(last_ms)), None),
            ("Changed last", clock.long(detail.row.changed_ms), None),
        ];
        let entries = entries(detail);
        let edit = if call.may(Action::EditGroups) {
            view! {
                <h2>"Change"</h2>
                {form(call, &path, shown, Some(detail.row.changed_ms))}
                {rename_and_delete(&path, &token, detail)}
            }
            .into_any()
        } else {
            ().into_any()
        };
        view! {
            <ErrorSummary problems=shown.problems.clone() />
            {saved}
            <SummaryList pairs=pairs />
            {entries}
            {edit}
        }
        .into_any()
    })
}

/// Channels in order, then areas: no people, a broadcast has none.
fn entries(detail: &GroupDetail) -> AnyView {
    let group = &detail.row.group;
    let channels = group.channels.iter().enumerate().map(|(index, channel)| {
        let required = match group.deliver {
            Deliver::All if group.required.is_empty() || group.required.contains(channel) => {
                "decides the outcome"
            }
            Deliver::All => "optional",
            Deliver::First if index == 0 => "first choice",
            Deliver::First => "where those before are down",
        };
        Row::new(
            channel.to_string(),
            vec![
                "channel".into_any(),
                (index + 1).to_string().into_any(),
                required.into_any(),
            ],
        )
    });
    let areas = group.areas.iter().map(|area| {
        Row::new(
            area.to_string(),
            vec![
                "service area".into_any(),
                "–".into_any(),
                "where it is scoped to".into_any(),
            ],
        )
    });
    let rows = channels.chain(areas).collect();
    view! { <Table caption="Entries" columns=vec!["Entry", "Kind", "Order", "Role"] rows=rows /> }
        .into_any()
}

fn form(call: &Call, action: &str, shown: &Shown, seen_ms: Option<u64>) -> AnyView {
    let fields = &shown.fields;
    let problems = &shown.problems;
    let token = call
        .person
        .as_ref()
        .map_or_else(String::new, |person| person.form_token.clone());
    let name = seen_ms.is_none().then(|| {
        view! { <Field name="name" label="Name" value=fields.raw("name") hint="It stands in the PAP address." required=true problems=problems.clone() /> }
    });
    let seen = seen_ms.map(|seen_ms| view! { <Hidden name="seen" value=seen_ms.to_string() /> });
    let policies = vec![
        Option_::new("first", "The first that is up")
            .with_hint("The next one only where those before are down."),
        Option_::new("all", "All of them").with_hint("Each carries every push."),
    ];
    let known = format!(
        "One a line, the first choice first. There are: {}.",
        shown.channels.join(", ")
    );
    view! {
        <form method="post" action=action.to_owned()>
            <Hidden name="token" value=token />
            {seen}
            {name}
            <TextArea name="channels" label="Channels in order" hint=known value=fields.raw("channels") required=true problems=problems.clone() />
            <Radios name="deliver" legend="Which of them carry a push" options=policies value=fields.text("deliver") problems=problems.clone() />
            <TextArea name="required" label="Channels that decide the outcome" hint="One a line; empty: all of them." rows=2 value=fields.raw("required") problems=problems.clone() />
            <TextArea name="areas" label="Service areas" hint="One a line; empty: everywhere that the channels reach." rows=2 value=fields.raw("areas") problems=problems.clone() />
            <Field name="application_id" label="Application" hint="For pushes that bring none, such as x-wap-application:push.ua." value=fields.raw("application_id") problems=problems.clone() />
            <Field name="receivers_expected" label="Receivers expected" kind="number" short=true hint="Your estimate; shown as one. Empty if nobody knows." value=fields.raw("receivers_expected") problems=problems.clone() />
            <p><button class="button">"Store the group"</button></p>
        </form>
    }
    .into_any()
}

fn rename_and_delete(path: &str, token: &str, detail: &GroupDetail) -> AnyView {
    let name = detail.row.group.name.to_string();
    if !detail.used_by.is_empty() {
        return view! { <p class="muted">"It cannot be renamed or deleted while it is used."</p> }
            .into_any();
    }
    view! {
        <details>
            <summary>"Rename or delete"</summary>
            <p>"Initiators that use the old address are refused from then on."</p>
            <form method="post" action=format!("{path}/rename")>
                <Hidden name="token" value=token.to_owned() />
                <Field name="new_name" label="New name" value=name required=true />
                <p><button class="button-secondary">"Rename"</button></p>
            </form>
            <form method="post" action=format!("{path}/delete")>
                <Hidden name="token" value=token.to_owned() />
                <p><button class="button-danger">"Delete the group"</button></p>
            </form>
        </details>
    }
    .into_any()
}
