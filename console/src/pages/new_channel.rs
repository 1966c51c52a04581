//! A new channel: the fields that most channels differ in. All other keys have their defaults and
//! can be changed in the definition afterwards.

use axum::response::Response;
use leptos::prelude::*;
use pushcast_engine::gateway::console::ChannelChoices;

use crate::components::{
    ErrorSummary, Field, Head, Hidden, Notice, Option_, Section, Select, Tab, Tabs, Tone, page,
};
use crate::http::{Call, Fields, Problem};

/// Kinds of channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Cbs,
    Flute,
}

/// A field by its key in the configuration file; a point stands between a table and its key.
pub(crate) struct Key {
    pub name: &'static str,
    label: &'static str,
    hint: &'static str,
    pub required: bool,
    pub is_number: bool,
    /// Values to choose from and what they are called; empty where it is typed.
    options: &'static [(&'static str, &'static str)],
}

const fn key(name: &'static str, label: &'static str, hint: &'static str) -> Key {
    Key {
        name,
        label,
        hint,
        required: false,
        is_number: false,
        options: &[],
    }
}

const fn number(name: &'static str, label: &'static str, hint: &'static str) -> Key {
    Key {
        is_number: true,
        ..key(name, label, hint)
    }
}

impl Key {
    const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    const fn options(mut self, options: &'static [(&'static str, &'static str)]) -> Self {
        self.options = options;
        self
    }
}

const NAME: Key = key(
    "name",
    "Name",
    "Letters, digits, “.”, “_” and “-”. It stands in groups, areas and reports and is never changed.",
)
.required();

const FLUTE: &[Key] = &[
    NAME,
    key("bearer", "Bearer", "As initiators are told.")
        .required()
        .options(&[("MBMS", "MBMS"), ("BCAST", "OMA BCAST")]),
    key(
        "group",
        "Multicast group",
        "Such as 239.255.42.7 or ff3e::4207.",
    )
    .required(),
    number("port", "UDP port", "1 to 65535.").required(),
    number("tsi", "TSI", "Transport session identifier, 1 to 65535.").required(),
    key(
        "source",
        "Source address",
        "Receivers join for it (source-specific multicast). Empty: the address of the interface.",
    ),
    key("lane", "Lane", ""),
    number(
        "ttl",
        "TTL or hop limit",
        "Empty: 1, which stays in this network.",
    ),
    number(
        "rate_bps",
        "Rate, bit/s",
        "With IP and UDP headers. Empty: 10 million.",
    ),
    key("fec", "Forward error correction", "").options(&[("raptorq", "RaptorQ"), ("none", "none")]),
    number(
        "repair_percent",
        "Repair, percent",
        "Of the source symbols, each pass. Empty: 20.",
    ),
    number(
        "symbol_bytes",
        "Symbol length, octets",
        "In fours; it has to fit the path. Empty: 1400.",
    ),
    number(
        "carousel.passes",
        "Passes",
        "Empty: 2 with RaptorQ, 3 without.",
    ),
];

const CBS: &[Key] = &[
    NAME,
    key("link", "CBC link", "The centre that broadcasts.").required(),
    key(
        "message_ids",
        "Message identifiers",
        "Numbers and ranges in the order in which they are used, such as 919, 40960-40999.",
    )
    .required(),
    key(
        "scope",
        "Geographical scope",
        "Within what area phones count a message as the same.",
    )
    .options(&[
        ("plmn", "the whole network"),
        ("location-area", "location or tracking area"),
        ("cell", "cell"),
        ("cell-immediate", "cell, shown at once"),
    ]),
    key("charset", "Charset", "").options(&[
        ("auto", "the GSM alphabet where it suffices, else UCS2"),
        ("gsm7", "the GSM alphabet alone"),
        ("ucs2", "UCS2"),
    ]),
    key(
        "language",
        "Language",
        "Two letters, for texts that name none.",
    ),
    number("repetition_s", "Repeated every, seconds", "Empty: 60."),
    number(
        "broadcasts",
        "Broadcasts of a message",
        "Empty: as many as there is time for.",
    ),
    key("air_time", "Cells", "").options(&[
        ("gsm", "GSM too: no more pages than fit one every 1.883 s"),
        ("lte", "LTE and NR alone: air time is not counted"),
    ]),
];

impl Kind {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Cbs => "cbs",
            Self::Flute => "flute",
        }
    }

    pub(crate) const fn fields(self) -> &'static [Key] {
        match self {
            Self::Cbs => CBS,
            Self::Flute => FLUTE,
        }
    }
}

pub(crate) fn show(
    call: &Call,
    kind: Kind,
    choices: &ChannelChoices,
    fields: &Fields,
    problems: &[Problem],
) -> Response {
    let head = Head::new(Section::Channels, "Add a channel")
        .under("Channels", call.path_to("/channels"))
        .wrong(!problems.is_empty());
    page(call, head, || {
        let here = call.path_to("/new-channel");
        let tab = |of: Kind, name: &'static str| Tab {
            name,
            path: format!("{here}?kind={}", of.as_str()),
            current: of == kind,
        };
        let tabs = vec![
            tab(Kind::Flute, "FLUTE over multicast"),
            tab(Kind::Cbs, "Cell Broadcast"),
        ];
        let without = (kind == Kind::Cbs && choices.links.is_empty()).then(|| {
            view! { <Notice tone=Tone::Warning title="No CBC link is configured. Links have secrets, so they stand in the configuration file alone, as [[cbc]]." /> }
        });
        let inputs: Vec<AnyView> = kind
            .fields()
            .iter()
            .map(|key| input(key, choices, fields, problems))
            .collect();
        view! {
            <ErrorSummary problems=problems.to_vec() />
            <Tabs label="Kinds of channels" tabs=tabs />
            {without}
            <p>"The channel belongs to this workspace. It counts from the next start on: until then nothing can be sent over it, no group and no area can name it, and what is on the air elsewhere is not disturbed."</p>
            <form method="post" action=call.path_to("/new-channel")>
                <Hidden name="token" value=call.form_token() />
                <Hidden name="kind" value=kind.as_str() />
                {inputs}
                <p><button class="button">"Store the channel"</button></p>
            </form>
        }
        .into_any()
    })
}

fn input(key: &Key, choices: &ChannelChoices, fields: &Fields, problems: &[Problem]) -> AnyView {
    let typed = fields.text(key.name).to_owned();
    let named = |names: Vec<String>| -> Vec<Option_> {
        names
            .into_iter()
            .map(|name| Option_::new(name.clone(), name))
            .collect()
    };
    let mut options = match key.name {
        "lane" => named(choices.lanes.iter().map(ToString::to_string).collect()),
        "link" => named(choices.links.iter().map(ToString::to_string).collect()),
        _ => key
            .options
            .iter()
            .map(|(value, label)| Option_::new(*value, *label))
            .collect(),
    };
    if key.name == "lane" {
        options.insert(0, Option_::new("", "the first one"));
    }
    if options.is_empty() {
        let problems = problems.to_vec();
        // A number that is none is told in words; the browser would swallow it.
        return view! { <Field name=key.name label=key.label hint=key.hint value=typed required=key.required short=key.is_number problems=problems /> }
            .into_any();
    }
    view! { <Select name=key.name label=key.label hint=key.hint options=options value=typed problems=problems.to_vec() /> }
        .into_any()
}
