//! One request, with everything that a handler needs to answer it.

use std::net::IpAddr;
use std::str::FromStr;
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::{Extensions, HeaderMap};
use jiff::tz::TimeZone;
use pushcast_engine::gateway::Gateway;
use pushcast_engine::gateway::console::Actor;
use pushcast_engine::model::Action;
use pushcast_engine::model::user::Theme;

use super::assets::Assets;
use super::cookies::{self, Channel};
use super::failure::Failure;
use super::fields::{Fields, encode};
use super::shared::SharedBoards;

/// Name of the cookie with the time zone that somebody chose.
pub const ZONE_COOKIE: &str = "zone";

/// What all requests share. Clones are cheap.
#[derive(Clone)]
pub struct App {
    inner: Arc<Parts>,
}

struct Parts {
    gateway: Gateway,
    assets: Assets,
    boards: SharedBoards,
}

impl App {
    /// Loads what the browser needs and keeps it.
    pub fn new(gateway: Gateway) -> Self {
        Self {
            inner: Arc::new(Parts {
                gateway,
                assets: Assets::load(),
                boards: SharedBoards::default(),
            }),
        }
    }

    /// The one door to change anything.
    pub fn gateway(&self) -> &Gateway {
        &self.inner.gateway
    }

    /// Files for the browser.
    pub fn assets(&self) -> &Assets {
        &self.inner.assets
    }

    /// Boards of live views.
    pub(crate) fn boards(&self) -> &SharedBoards {
        &self.inner.boards
    }

    /// Unix ms.
    pub fn now_ms(&self) -> u64 {
        self.gateway().clock().unix_ms()
    }
}

/// A person who is signed in, somewhere.
pub type Person = Actor;

/// One request.
pub struct Call {
    /// What all requests share.
    pub app: App,
    /// Who asks, if anybody is signed in.
    pub person: Option<Person>,
    /// Named parts of the path, decoded.
    pub parts: Vec<(String, String)>,
    /// Path as it was asked for.
    pub path: String,
    /// Query string.
    pub query: Fields,
    /// Form, of a POST that is no upload.
    pub form: Fields,
    /// Headers.
    pub headers: HeaderMap,
    /// Body of an upload, to be taken once. In a lock, since a body may not be looked at from two
    /// threads, and a call may.
    pub body: Mutex<Option<Body>>,
    /// What layers before have noted.
    pub extensions: Extensions,
    /// Address of the browser.
    pub from: IpAddr,
    /// Nobody on the way can read a password.
    pub private: bool,
    /// Whether TLS is spoken.
    pub channel: Channel,
    /// The page's nonce.
    pub nonce: String,
}

impl Call {
    /// The one door to change anything.
    pub fn gateway(&self) -> &Gateway {
        self.app.gateway()
    }

    /// Who asks; routes that need a person have one.
    pub fn actor(&self) -> Result<&Person, Failure> {
        self.person.as_ref().ok_or(Failure::SignedOut)
    }

    /// What every form has to carry; empty where nobody is signed in.
    pub fn form_token(&self) -> String {
        let person = self.person.as_ref();
        person.map_or_else(String::new, |person| person.form_token.clone())
    }

    /// Whether who asks may do something here.
    pub fn may(&self, action: Action) -> bool {
        self.person
            .as_ref()
            .is_some_and(|person| person.may(action))
    }

    /// A named part of the path; what cannot be read is not there.
    pub fn part<T: FromStr>(&self, name: &str) -> Result<T, Failure> {
        let found = self.parts.iter().find(|(known, _)| known == name);
        let (_, text) = found.ok_or(Failure::NotFound)?;
        text.parse().map_err(|_| Failure::NotFound)
    }

    /// A path inside the workspace.
    pub fn path_to(&self, rest: &str) -> String {
        match &self.person {
            Some(person) => format!("/w/{}{rest}", encode(person.workspace.name.as_str())),
            None => "/".to_owned(),
        }
    }

    /// Name of the zone that the person has chosen, if there is such a zone.
    pub fn chosen_zone(&self) -> Option<String> {
        let chosen = cookies::get(&self.headers, ZONE_COOKIE)?;
        let name = chosen.replace(':', "/");
        TimeZone::get(&name).is_ok().then_some(name)
    }

    /// The zone that times are shown in: the person's choice, else this machine's.
    pub fn zone(&self) -> TimeZone {
        let chosen = self.chosen_zone();
        let chosen = chosen.and_then(|name| TimeZone::get(&name).ok());
        chosen.unwrap_or_else(TimeZone::system)
    }

    /// How pages look.
    pub fn theme(&self) -> Theme {
        self.person
            .as_ref()
            .map_or(Theme::Automatic, |person| person.user.theme)
    }
}
