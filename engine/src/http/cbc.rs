//! The HTTP side of the simulated Cell Broadcast Centre: ECBE as osmo-cbc serves it, and beside it
//! `/simulator/..`, where whoever runs it sees and changes what it does.
//!
//! | request | |
//! |---|---|
//! | `POST /api/ecbe/v1/message`, `DELETE /api/ecbe/v1/message/ID` | ECBE |
//! | `GET /simulator/state` | what is on the air, what was asked for, what the handset has shown |
//! | `PUT /simulator/quirks` | switches quirks, JSON; what is left out is as it should be |
//! | `POST /simulator/restart` | the centre forgets everything |

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, State};
use axum::http::header::CONTENT_LENGTH;
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use pushcast_cbs::cbep;
use pushcast_cbs::cbep::ecbe::server::{Call, Content, Create, MAX_BODY_BYTES, Reply};
use pushcast_cbs::text;
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::cbc::simulator::{Answering, Centre, Quirks, Sent, Shown, Verdict, port};
use crate::clock::Clock;
use crate::model::initiator::Network;

/// Messages shown that are remembered.
const MAX_SHOWN: usize = 1000;
/// Between two looks at the air, at most and at least.
const LOOK_INTERVAL: Duration = Duration::from_millis(20);

/// What happens at a simulated centre.
#[derive(Debug, Clone)]
pub enum Happening {
    /// A page has been on the air, and with it a message may be complete.
    Heard(Box<Sent>, Option<Box<Shown>>),
    /// A request was answered, or left without an answer.
    Request {
        /// Method and path.
        what: String,
        /// Status; `None` where nothing was answered.
        status: Option<u16>,
        /// When it had arrived.
        at: SystemTime,
        /// The text that it asked for, where it did.
        text: Option<String>,
    },
}

/// How a centre is to be run.
#[derive(Debug)]
pub struct Setup {
    /// The centre.
    pub centre: Centre,
    /// What goes wrong from the start.
    pub quirks: Quirks,
    /// Networks whose requests are looked at; empty is every one.
    pub allow: Vec<Network>,
    /// The time.
    pub clock: Clock,
}

/// A simulated centre that runs. It ends with the runtime.
#[derive(Clone)]
pub struct Simulated {
    inner: Arc<Inner>,
}

struct Inner {
    centre: Arc<Mutex<Centre>>,
    quirks: Mutex<Quirks>,
    allow: Vec<Network>,
    clock: Clock,
    happenings: mpsc::Sender<Happening>,
    requests: Mutex<u64>,
    shown: Mutex<Vec<Shown>>,
}

#[derive(Serialize)]
struct Conditions {
    on_air: Vec<(u16, u16)>,
    asked_for: Vec<(u16, u16)>,
    conflicts: Vec<(u16, u16)>,
    requests: u64,
    shown: Vec<Shown>,
    quirks: Quirks,
}

impl Simulated {
    /// Serves ECBE and, where there is a listener for it, the command port. What happens is sent to
    /// the receiver, which may be dropped.
    pub fn start(
        setup: Setup,
        ecbe: TcpListener,
        command_port: Option<TcpListener>,
    ) -> (Self, mpsc::Receiver<Happening>) {
        let (happenings, receiver) = mpsc::channel(1024);
        let inner = Arc::new(Inner {
            centre: Arc::new(Mutex::new(setup.centre)),
            quirks: Mutex::new(setup.quirks),
            allow: setup.allow,
            clock: setup.clock,
            happenings,
            requests: Mutex::new(0),
            shown: Mutex::default(),
        });
        let simulated = Self { inner };
        let router = Router::new()
            .route("/simulator/state", get(state))
            .route("/simulator/quirks", put(switch))
            .route("/simulator/restart", post(restart))
            .fallback(request)
            .layer(axum::extract::DefaultBodyLimit::max(MAX_BODY_BYTES))
            .with_state(simulated.clone());
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move {
            if let Err(error) = axum::serve(ecbe, service).await {
                tracing::error!(%error, "the simulated centre cannot listen any more");
            }
        });
        if let Some(listener) = command_port {
            let centre = Arc::clone(&simulated.inner.centre);
            tokio::spawn(port::serve(listener, centre));
        }
        tokio::spawn(simulated.clone().listen());
        (simulated, receiver)
    }

    /// What the handset has shown so far.
    pub fn shown(&self) -> Vec<Shown> {
        lock(&self.inner.shown).clone()
    }

    /// Switches quirks.
    pub fn switch(&self, quirks: Quirks) {
        *lock(&self.inner.quirks) = quirks;
    }

    /// The centre.
    pub fn centre(&self) -> MutexGuard<'_, Centre> {
        lock(&self.inner.centre)
    }

    /// Listens to the air as a handset does.
    async fn listen(self) {
        let mut looks = tokio::time::interval(LOOK_INTERVAL);
        loop {
            looks.tick().await;
            let heard = self.centre().hear(self.inner.clock.unix_ms());
            for (sent, shown) in heard {
                if let Some(shown) = &shown {
                    let mut all = lock(&self.inner.shown);
                    if all.len() < MAX_SHOWN {
                        all.push(shown.clone());
                    }
                }
                self.tell(Happening::Heard(Box::new(sent), shown.map(Box::new)));
            }
        }
    }

    /// Nobody has to listen, and one that does not keep up misses something.
    fn tell(&self, happening: Happening) {
        let _ = self.inner.happenings.try_send(happening);
    }

    fn is_allowed(&self, from: IpAddr) -> bool {
        let mut allow = self.inner.allow.iter();
        self.inner.allow.is_empty() || allow.any(|network| network.contains(from))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn request(
    State(simulated): State<Simulated>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    method: Method,
    uri: Uri,
    body: Bytes,
) -> Response {
    let asked = Asked {
        what: format!("{method} {}", uri.path()),
        at: SystemTime::now(),
        text: Create::read(&body).ok().and_then(text_of),
    };
    if !simulated.is_allowed(from.ip()) {
        simulated.tell(asked.answered(Some(StatusCode::FORBIDDEN)));
        return StatusCode::FORBIDDEN.into_response();
    }
    let number = {
        let mut requests = lock(&simulated.inner.requests);
        *requests += 1;
        *requests
    };
    let quirks = lock(&simulated.inner.quirks).clone();
    if quirks.answering == Answering::Deaf {
        return unanswered(&simulated, asked).await;
    }
    if quirks.answering == Answering::Broken {
        simulated.tell(asked.answered(Some(StatusCode::SERVICE_UNAVAILABLE)));
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let method = match method {
        Method::POST => Some(cbep::Method::Post),
        Method::DELETE => Some(cbep::Method::Delete),
        _ => None,
    };
    let reply = match Call::read(method, uri.path(), &body) {
        Err(refused) => refused.answer(),
        Ok(call) => {
            let now_ms = simulated.inner.clock.unix_ms();
            let verdict = simulated.centre().call(call, &quirks, now_ms);
            match verdict {
                Verdict::Now(reply) => reply,
                Verdict::Killed => {
                    tokio::time::sleep(quirks.delete_delay()).await;
                    Reply::DELETED
                }
            }
        }
    };
    if reply == Reply::NO_PEER {
        let wait_ms = quirks.no_peer_ms.unwrap_or(0);
        tokio::time::sleep(Duration::from_millis(wait_ms)).await;
    }
    let hangs = quirks.hang_every > 0 && number.is_multiple_of(quirks.hang_every.into());
    if hangs || quirks.answering == Answering::Never {
        return unanswered(&simulated, asked).await;
    }
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    simulated.tell(asked.answered(Some(status)));
    match quirks.answering {
        Answering::Garbage => (StatusCode::OK, "\u{0}\u{1}garbage").into_response(),
        Answering::Half => {
            let length = [(CONTENT_LENGTH, "1000")];
            (status, length, Body::from(reply.body)).into_response()
        }
        _ => (status, reply.body).into_response(),
    }
}

/// A request that has arrived.
struct Asked {
    what: String,
    at: SystemTime,
    text: Option<String>,
}

impl Asked {
    fn answered(self, status: Option<StatusCode>) -> Happening {
        Happening::Request {
            what: self.what,
            status: status.map(|status| status.as_u16()),
            at: self.at,
            text: self.text,
        }
    }
}

fn text_of(create: Create) -> Option<String> {
    match create.payload {
        Content::Pages { contents, dcs } => Some(text::decode(dcs, &contents).ok()?.text),
        Content::EtwsPrimary { .. } | Content::Text { .. } => None,
    }
}

/// Leaves a request without an answer, for as long as its sender waits.
async fn unanswered(simulated: &Simulated, asked: Asked) -> Response {
    simulated.tell(asked.answered(None));
    std::future::pending().await
}

async fn state(State(simulated): State<Simulated>) -> Json<Conditions> {
    let centre = simulated.centre();
    Json(Conditions {
        on_air: centre.on_air(),
        asked_for: centre.asked_for(),
        conflicts: centre.conflicts().to_vec(),
        requests: *lock(&simulated.inner.requests),
        shown: simulated.shown(),
        quirks: lock(&simulated.inner.quirks).clone(),
    })
}

async fn switch(State(simulated): State<Simulated>, Json(quirks): Json<Quirks>) -> StatusCode {
    simulated.switch(quirks);
    StatusCode::NO_CONTENT
}

async fn restart(State(simulated): State<Simulated>) -> StatusCode {
    simulated.centre().restart();
    StatusCode::NO_CONTENT
}
