//! A gateway with everything but HTTP: store, scheduler, a lane on loopback, the console's door.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use pushcast_engine::access::Access;
use pushcast_engine::audit::Audit;
use pushcast_engine::cbc::{LinkSpec, Links};
use pushcast_engine::clock::Clock;
use pushcast_engine::config::ConsoleSettings;
use pushcast_engine::gateway::console::{
    Actor, Console, ConsoleError, Credentials, FileDefinitions, NewAlert, SetUp, Starting, Token,
};
use pushcast_engine::gateway::{Approvals, Gateway, Identity, Parts};
use pushcast_engine::metrics::Metrics;
use pushcast_engine::model::alert::{Message, Seen};
use pushcast_engine::model::user::Scope;
use pushcast_engine::model::{
    Alert, AlertContent, AlertId, AlertState, AliasGroup, ApprovalRules, Channel, Deliver,
    FluteChannel, Initiator, Mode, Role, ServiceArea, Workspace, WorkspaceName,
};
use pushcast_engine::ota::{Event, Fleet, LaneSpec};
use pushcast_engine::routing::Directory;
use pushcast_engine::scheduler::{self, Scheduler, Signals};
use pushcast_engine::store::{Files, Store};
use tempfile::TempDir;
use tokio::sync::{mpsc, oneshot};

use crate::store::place::Place;

pub(crate) const PASSWORD: &str = "correct horse battery";
pub(crate) const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// The gateway.
pub(crate) struct Desk {
    pub(crate) gateway: Gateway,
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    _folder: TempDir,
    _stop: oneshot::Sender<()>,
}

fn channel(name: &str, last: u8, port: u16) -> Channel {
    Channel::Flute(FluteChannel {
        group: IpAddr::V4(Ipv4Addr::new(239, 255, 77, last)),
        port,
        tsi: u16::from(last),
        rate_bps: 20_000_000,
        ..FluteChannel::lab(name.parse().unwrap())
    })
}

fn group(name: &str, channels: &[&str], receivers: Option<u64>) -> AliasGroup {
    AliasGroup {
        name: name.parse().unwrap(),
        channels: channels.iter().map(|name| name.parse().unwrap()).collect(),
        deliver: Deliver::First,
        required: Vec::new(),
        areas: Vec::new(),
        application_id: None,
        receivers_expected: receivers,
    }
}

fn workspace(name: &str, mode: Mode, channels: &[&str], approval: ApprovalRules) -> Workspace {
    Workspace {
        name: name.parse().unwrap(),
        title: String::new(),
        mode,
        channels: channels.iter().map(|name| name.parse().unwrap()).collect(),
        approval,
        languages: Vec::new(),
        second_factor: false,
        rest_after_months: None,
    }
}

/// A channel of Cell Broadcast over the link `cbc`, without a count of air time.
fn cells(name: &str, message_ids: &str) -> Channel {
    let value = serde_json::json!({
        "name": name,
        "link": "cbc",
        "message_ids": [message_ids],
        "air_time": "lte",
    });
    Channel::Cbs(serde_json::from_value(value).unwrap())
}

/// Stores the names, and one initiator that may address every group.
async fn seeded(store: &Store, now_ms: u64, has_cells: bool) -> (Directory, Initiator) {
    let mut channels = vec![channel("air", 1, 5177), channel("lab", 2, 5178)];
    let mut groups = vec![
        group("flood", &["air"], Some(2_000)),
        group("lab", &["lab"], None),
        group("both", &["air", "lab"], None),
    ];
    let mut of_live = vec!["air"];
    if has_cells {
        channels.push(cells("cells", "40960-40975"));
        groups.push(group("sirens", &["cells"], None));
        of_live.push("cells");
    }
    let air = vec!["air".parse().unwrap()];
    let areas = [ServiceArea::covered_by("valley".parse().unwrap(), air)];
    store.seed_channels(&channels, now_ms).await.unwrap();
    store.seed_groups(&groups, now_ms).await.unwrap();
    store.seed_areas(&areas, now_ms).await.unwrap();
    let pi = Initiator {
        groups: vec!["*".to_owned()],
        ..Initiator::named("pi".parse().unwrap())
    };
    store
        .seed_initiators(std::slice::from_ref(&pi), now_ms)
        .await
        .unwrap();
    let two = ApprovalRules {
        second_person: false,
        two_above: Some(1_000_000),
        two_for_all_areas: false,
    };
    let workspaces = [
        workspace("live", Mode::Live, &of_live, two),
        workspace("lab", Mode::Test, &["lab"], ApprovalRules::default()),
    ];
    let starting = Starting {
        workspaces: &workspaces,
        channels: &channels,
        groups: &groups,
        areas: &areas,
    };
    starting.seed(store, now_ms).await.unwrap();
    let directory = Directory::new(channels, groups, areas.to_vec());
    (directory, pi)
}

/// Seconds to think again are none, so that tests need not wait.
pub(crate) fn hasty() -> ConsoleSettings {
    ConsoleSettings {
        undo: Duration::ZERO,
        ..ConsoleSettings::default()
    }
}

/// One lane on loopback.
fn fleet(directory: &Directory, clock: &Clock) -> (Fleet, mpsc::Receiver<Event>) {
    let (sender, events) = mpsc::channel(1_024);
    let lane = LaneSpec {
        name: "main".parse().unwrap(),
        interface: "127.0.0.1".to_owned(),
        backend: None,
    };
    let fleet = Fleet::start(&[lane], directory.flute_channels(), clock, &sender);
    (fleet.unwrap(), events)
}

impl Desk {
    pub(crate) async fn open(place: &Place) -> Self {
        Self::with(place, hasty()).await
    }

    /// Channels `air` of workspace `live` and `lab` of workspace `lab`; groups `flood` on `air`,
    /// `lab` on `lab`, `both` on both; area `valley` on `air`.
    pub(crate) async fn with(place: &Place, settings: ConsoleSettings) -> Self {
        Self::linked(place, settings, &[]).await
    }

    /// The same, and channel `cells` of workspace `live` over the link `cbc` to this centre, with
    /// the group `sirens` on it.
    pub(crate) async fn with_cells(place: &Place, url: &str) -> Self {
        let link = LinkSpec::ecbe("cbc".parse().unwrap(), url, None);
        Self::linked(place, hasty(), &[link]).await
    }

    async fn linked(place: &Place, settings: ConsoleSettings, specs: &[LinkSpec]) -> Self {
        let store = place.open("desk").await;
        let folder = tempfile::tempdir().unwrap();
        let files = Files::open(folder.path()).unwrap();
        let clock = Clock::system();
        let now_ms = clock.unix_ms();
        let (directory, pi) = seeded(&store, now_ms, !specs.is_empty()).await;
        let directory = Arc::new(directory);
        let signals = Arc::new(Signals::default());
        let (fleet, events) = fleet(&directory, &clock);
        let (cbc_sender, cbc_events) = mpsc::channel(16);
        let links = Links::start(specs, directory.cbs_channels(), &clock, &cbc_sender).unwrap();
        let scheduler = Scheduler::start(scheduler::Parts {
            store: store.clone(),
            files: files.clone(),
            clock: clock.clone(),
            directory: Arc::clone(&directory),
            initiators: vec![pi, Initiator::console()],
            fleet,
            events,
            links,
            cbc_events,
            ppg_name: "ppg".to_owned(),
            signals: Arc::clone(&signals),
            finished_ms: 10 * 365 * 86_400_000,
        })
        .await
        .unwrap();
        let file = FileDefinitions {
            groups: vec![group("flood", &["air"], Some(7))],
            ..FileDefinitions::default()
        };
        let gateway = Gateway::new(Parts {
            store: store.clone(),
            files,
            clock: clock.clone(),
            directory,
            access: Access::new(Audit::new(clock.clone()), Metrics::new()),
            signals,
            core: scheduler.core(),
            identity: Identity {
                name: "ppg".to_owned(),
                url: "http://127.0.0.1/pap".to_owned(),
            },
            lifetime_ms: 3_600_000,
            console: Console::new(settings, file, now_ms).unwrap(),
            approvals: Approvals::default(),
        });
        let (stop, stopped) = oneshot::channel::<()>();
        let follower = gateway.clone();
        tokio::spawn(async move {
            tokio::select! {
                fatal = scheduler.run() => panic!("{fatal}"),
                () = follower.follow(std::future::pending()) => {}
                _ = stopped => {}
            }
        });
        Self {
            gateway,
            store,
            clock,
            _folder: folder,
            _stop: stop,
        }
    }

    /// Somebody with these roles in a workspace, at work there. Added as the command line would.
    pub(crate) async fn person(&self, name: &str, roles: &[Role], workspace: &str) -> Actor {
        self.add(name, roles, workspace).await;
        self.at_work(name, workspace).await
    }

    pub(crate) async fn add(&self, name: &str, roles: &[Role], workspace: &str) {
        let scope = |role: Role| match role {
            Role::Administrator => Scope::Everywhere,
            _ => Scope::from_stored(workspace).unwrap(),
        };
        let roles = roles.iter().map(|role| (*role, scope(*role)));
        let link = self
            .gateway
            .add_from_command_line(name, "", roles.collect())
            .await
            .unwrap();
        let set_up = SetUp {
            link,
            name: String::new(),
            full_name: String::new(),
            password: PASSWORD.to_owned(),
            from: HERE,
            agent: "test".to_owned(),
        };
        self.gateway.set_up(set_up).await.unwrap();
    }

    pub(crate) async fn sign_in(&self, name: &str, password: &str) -> Result<Token, ConsoleError> {
        let credentials = Credentials {
            name: name.to_owned(),
            password: password.to_owned(),
            from: HERE,
            agent: "test".to_owned(),
        };
        let signed_in = self.gateway.sign_in(credentials).await?;
        Ok(signed_in.begun().expect("no second factor").token)
    }

    pub(crate) async fn at_work(&self, name: &str, workspace: &str) -> Actor {
        let token = self.sign_in(name, PASSWORD).await.unwrap();
        self.actor(&token, Some(workspace)).await.unwrap()
    }

    pub(crate) async fn actor(
        &self,
        token: &Token,
        workspace: Option<&str>,
    ) -> Result<Actor, ConsoleError> {
        let workspace: Option<WorkspaceName> = workspace.map(|name| name.parse().unwrap());
        self.gateway.session(token, workspace.as_ref(), HERE).await
    }

    /// A draft that could be sent to a group.
    pub(crate) async fn draft(&self, author: &Actor, group: &str) -> (AlertId, Seen) {
        let id = self
            .gateway
            .create_alert(author, NewAlert::Blank)
            .await
            .unwrap();
        let first = Seen {
            version: 1,
            revision: 1,
        };
        let edited = self
            .gateway
            .edit_alert(author, &id, first, content(group))
            .await;
        (id, edited.unwrap())
    }

    /// A draft that waits for approval.
    pub(crate) async fn submitted(&self, author: &Actor, group: &str) -> (AlertId, Seen) {
        let (id, seen) = self.draft(author, group).await;
        self.gateway.submit_alert(author, &id, seen).await.unwrap();
        (id, seen)
    }

    /// An alert to `flood` that is repeated every second until it is over, on the air.
    pub(crate) async fn on_air(
        &self,
        author: &Actor,
        approver: &Actor,
        change: impl FnOnce(&mut AlertContent),
    ) -> AlertId {
        let (id, seen) = self.draft(author, "flood").await;
        let mut repeated = content("flood");
        repeated.repetition_s = Some(1);
        change(&mut repeated);
        let gateway = &self.gateway;
        let edited = gateway.edit_alert(author, &id, seen, repeated).await;
        let seen = edited.unwrap();
        gateway.submit_alert(author, &id, seen).await.unwrap();
        let approved = gateway.approve_alert(approver, &id, seen, true).await;
        approved.unwrap();
        self.until(author, &id, AlertState::Broadcasting).await;
        id
    }

    pub(crate) async fn alert(&self, actor: &Actor, id: &AlertId) -> Alert {
        self.gateway.alert(actor, id).await.unwrap().alert
    }

    /// Waits until an alert is in a state.
    pub(crate) async fn until(&self, actor: &Actor, id: &AlertId, state: AlertState) -> Alert {
        let reached = async {
            loop {
                let alert = self.alert(actor, id).await;
                if alert.state() == state {
                    return alert;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(20), reached).await;
        match waited {
            Ok(alert) => alert,
            Err(_) => panic!("still {:?}", self.alert(actor, id).await),
        }
    }

    /// What the audit says, the newest first: who, what, to what, and what came of it.
    pub(crate) async fn audit(&self) -> Vec<(String, String, String, String)> {
        let mut rows = self.store.audit_log().rows_after(0).await.unwrap();
        rows.reverse();
        rows.into_iter()
            .map(|row| {
                let entry = row.entry;
                let object = entry.details.object.unwrap_or_default();
                (
                    entry.who.unwrap_or_default(),
                    entry.action,
                    object,
                    entry.reason,
                )
            })
            .collect()
    }
}

/// An alert in one language that could be sent.
pub(crate) fn content(group: &str) -> AlertContent {
    AlertContent {
        title: "Flood at the weir".to_owned(),
        messages: vec![message("en", "Leave the river bank.")],
        groups: vec![group.parse().unwrap()],
        duration_s: 600,
        ..AlertContent::default()
    }
}

pub(crate) fn message(language: &str, text: &str) -> Message {
    Message {
        language: language.parse().unwrap(),
        text: text.to_owned(),
        attachment: None,
    }
}
