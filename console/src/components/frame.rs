//! The frame of every page: mode banner, navigation, breadcrumb, heading, footer.

use axum::http::StatusCode;
use axum::response::Response;
use leptos::prelude::*;
use pushcast_engine::model::{Action, Mode};

use crate::http::fields::encode;
use crate::http::{Call, html};
use crate::islands::SessionClock;

/// Pages whose state changes by itself load again so often where no script runs, s.
const REFRESH_S: u32 = 15;

/// Part of the console that a page belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    Account,
    Approvals,
    Areas,
    Audit,
    Channels,
    Groups,
    Overview,
    Reports,
    Submissions,
    Templates,
    Users,
    Workspaces,
}

/// In the order of the navigation: path, name, and what somebody must be allowed to see it.
const NAVIGATION: &[(Section, &str, &str, Action)] = &[
    (Section::Overview, "", "Overview", Action::See),
    (
        Section::Submissions,
        "/submissions",
        "Submissions",
        Action::See,
    ),
    (Section::Approvals, "/approvals", "Approvals", Action::See),
    (
        Section::Reports,
        "/reports",
        "Delivery reports",
        Action::See,
    ),
    (Section::Groups, "/groups", "Alias groups", Action::See),
    (Section::Areas, "/areas", "Service areas", Action::See),
    (Section::Templates, "/templates", "Templates", Action::See),
    (Section::Channels, "/channels", "Channels", Action::See),
    (Section::Audit, "/audit", "Audit", Action::SeeAudit),
    (Section::Users, "/users", "Users", Action::ManageUsers),
    (
        Section::Workspaces,
        "/workspaces",
        "Workspaces",
        Action::ManageWorkspaces,
    ),
];

/// What stands above the content of a page.
pub(crate) struct Head {
    section: Section,
    title: String,
    crumbs: Vec<(String, String)>,
    tags: Vec<AnyView>,
    actions: Vec<AnyView>,
    live: bool,
    wrong: bool,
    status: StatusCode,
}

impl Head {
    pub(crate) fn new(section: Section, title: impl Into<String>) -> Self {
        Self {
            section,
            title: title.into(),
            crumbs: Vec::new(),
            tags: Vec::new(),
            actions: Vec::new(),
            live: false,
            wrong: false,
            status: StatusCode::OK,
        }
    }

    /// A page above this one.
    pub(crate) fn under(mut self, name: impl Into<String>, path: String) -> Self {
        self.crumbs.push((name.into(), path));
        self
    }

    pub(crate) fn tag(mut self, tag: AnyView) -> Self {
        self.tags.push(tag);
        self
    }

    /// What can be done from here, at the right.
    pub(crate) fn action(mut self, action: impl IntoView + 'static) -> Self {
        self.actions.push(action.into_any());
        self
    }

    /// Its content changes by itself.
    pub(crate) fn live(mut self) -> Self {
        self.live = true;
        self
    }

    /// A form on it was not taken; said in the title, which is what a screen reader says first.
    pub(crate) fn wrong(mut self, wrong: bool) -> Self {
        self.wrong = wrong;
        if wrong {
            self.status = StatusCode::UNPROCESSABLE_ENTITY;
        }
        self
    }

    pub(crate) fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }
}

/// A page of somebody who is signed in.
pub(crate) fn page(call: &Call, head: Head, body: impl FnOnce() -> AnyView) -> Response {
    let status = head.status;
    html(status, || {
        let title = if head.wrong {
            format!("Error: {} – pushcast", head.title)
        } else {
            format!("{} – pushcast", head.title)
        };
        let content = body();
        let refresh = head.live.then_some(REFRESH_S);
        let clock = session_clock(call);
        view! {
            <html lang="en" data-theme=call.theme().as_str()>
                {document_head(call, title, refresh)}
                <body>
                    <a class="skip" href="#main">"Skip to the content"</a>
                    {banner(call)}
                    <div class="layout">
                        {navigation(call, head.section)}
                        <main id="main" tabindex="-1">
                            {breadcrumb(head.crumbs, &head.title)}
                            <div class="page-head">
                                <h1>{head.title}</h1>
                                <div class="tags">{head.tags}</div>
                                <div class="page-actions">{head.actions}</div>
                            </div>
                            {content}
                            {footer(call)}
                        </main>
                    </div>
                    {clock}
                </body>
            </html>
        }
    })
}

/// A page of nobody: sign-in, set-up, errors before that.
pub(crate) fn plain_page(
    call: &Call,
    status: StatusCode,
    title: &str,
    body: impl FnOnce() -> AnyView,
) -> Response {
    let title = title.to_owned();
    html(status, || {
        let content = body();
        view! {
            <html lang="en" data-theme=call.theme().as_str()>
                {document_head(call, format!("{title} – pushcast"), None)}
                <body>
                    <main id="main" class="plain-page">
                        <h1>{title}</h1>
                        {content}
                    </main>
                </body>
            </html>
        }
    })
}

fn document_head(call: &Call, title: String, refresh: Option<u32>) -> AnyView {
    let assets = call.app.assets();
    let bundle = assets.bundle().map(|bundle| {
        let start = format!(
            "import init, * as client from {:?};\n\
             init({{ module_or_path: {:?} }}).then(async () => {{\n\
             client.hydrate();\n\
             for (const island of document.querySelectorAll('leptos-island')) {{\n\
             const start = client[island.dataset.component];\n\
             if (start) await start(island);\n\
             else console.warn('the bundle is of another build: no', island.dataset.component);\n\
             }}\n\
             document.documentElement.dataset.live = 'yes';\n\
             }});",
            bundle.script, bundle.module
        );
        view! {
            <link rel="modulepreload" href=bundle.script.clone() />
            <link rel="preload" href=bundle.module.clone() r#as="fetch" r#type="application/wasm" crossorigin="anonymous" />
            <script type="module" nonce=call.nonce.clone()>
                {start}
            </script>
        }
    });
    // Where scripts run and there is none of ours, nothing else would bring the page up to date.
    let is_alone = call.app.assets().bundle().is_none();
    let refresh = refresh.map(|seconds| {
        let meta = || view! { <meta http-equiv="refresh" content=seconds.to_string() /> };
        match is_alone {
            true => meta().into_any(),
            false => view! { <noscript>{meta()}</noscript> }.into_any(),
        }
    });
    view! {
        <head>
            <meta charset="utf-8" />
            <meta name="viewport" content="width=device-width, initial-scale=1" />
            <meta name="color-scheme" content="light dark" />
            <title>{title}</title>
            <link rel="icon" href="data:," />
            <link rel="stylesheet" href=assets.style().to_owned() />
            {bundle}
            {refresh}
        </head>
    }
    .into_any()
}

/// Says in colour, shape and words whether it is meant.
fn banner(call: &Call) -> AnyView {
    let Some(person) = &call.person else {
        return ().into_any();
    };
    let workspace = &person.workspace;
    let (class, mark, words) = match workspace.mode {
        Mode::Live => (
            "mode-banner mode-live",
            "LIVE",
            "What is sent from here reaches the public.",
        ),
        Mode::Test => (
            "mode-banner mode-test",
            "TEST",
            "Nothing sent from here reaches the public.",
        ),
    };
    let account = call.path_to("/account");
    let title = workspace.title().to_owned();
    view! {
        <header class=class>
            <p>
                <span class="mode-banner-mark">{mark}</span>
                " "
                {title}
                ". "
                {words}
            </p>
            <div class="mode-banner-links">
                <a href=account>{person.user.full_name().to_owned()}</a>
                <form class="inline-form" method="post" action="/sign-out">
                    <input type="hidden" name="token" value=person.form_token.clone() />
                    <button class="button-secondary button-small">"Sign out"</button>
                </form>
            </div>
        </header>
    }
    .into_any()
}

fn navigation(call: &Call, here: Section) -> AnyView {
    let items = || {
        NAVIGATION
            .iter()
            .filter(|(_, _, _, action)| call.may(*action))
            .map(|(section, path, name, _)| {
                let current = (*section == here).then_some("true");
                view! {
                    <li>
                        <a href=call.path_to(path) aria-current=current>
                            {*name}
                        </a>
                    </li>
                }
            })
            .collect::<Vec<_>>()
    };
    view! {
        <nav class="nav" aria-label="Console">
            <ul class="nav-wide">{items()}</ul>
            <details class="nav-small">
                <summary class="nav-summary">"Menu"</summary>
                <ul>{items()}</ul>
            </details>
        </nav>
    }
    .into_any()
}

fn breadcrumb(crumbs: Vec<(String, String)>, title: &str) -> AnyView {
    if crumbs.is_empty() {
        return ().into_any();
    }
    let items: Vec<_> = crumbs
        .into_iter()
        .map(|(name, path)| view! { <li><a href=path>{name}</a></li> })
        .collect();
    let title = title.to_owned();
    view! {
        <nav class="breadcrumb" aria-label="Breadcrumb">
            <ol>
                {items}
                <li aria-current="page">{title}</li>
            </ol>
        </nav>
    }
    .into_any()
}

fn footer(call: &Call) -> AnyView {
    let zone = call.zone();
    let zone = zone.iana_name().unwrap_or("UTC").to_owned();
    let account = call.path_to("/account");
    view! {
        <p class="footer">
            "Times are in " {zone} ", with UTC beside them or on hover ("
            <a href=format!("{account}#zone")>"change"</a> ")."
        </p>
    }
    .into_any()
}

fn session_clock(call: &Call) -> AnyView {
    let Some(person) = &call.person else {
        return ().into_any();
    };
    let ends_ms = person.idle_until_ms.min(person.ends_ms);
    let left_s = ends_ms.saturating_sub(call.app.now_ms()) / 1000;
    let token = encode(&person.form_token);
    view! { <SessionClock left_s=left_s token=token /> }.into_any()
}
