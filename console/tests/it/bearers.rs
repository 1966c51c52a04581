//! Channels that cannot send: a network namespace with two interfaces, one for each bearer, and
//! what the kernel offers to spoil them.
//!
//! Needs root and the programs of iproute2 and nftables; where they are missing a test says so and
//! passes.

use std::net::{IpAddr, Ipv4Addr};

use pushcast_engine::client::pap::PapClient;
use pushcast_engine::model::{MessageState, QualityOfService};
use pushcast_engine::pap::message::PushMessage;
use pushcast_engine::pap::response::StatusResult;

use crate::air::Air;
use crate::initiator::{accept, group, push, submit, to};
use crate::lab::{LONG, Lab, PATIENCE, SLOW, ended, on_air, reaches, status};
use crate::network::Namespace;
use crate::notified::Notified;
use crate::process::wait_for;

const PORT: u16 = 5078;
const QUICK: &str = "fec = \"none\"\ncarousel = { passes = 1 }";

/// Two bearers, each on an interface of its own, and a slow third one on loopback.
struct Bearers {
    lab: Lab,
    near: Air,
    far: Air,
    slow: Air,
    // Dropped last: the others are inside.
    namespace: Namespace,
}

fn channel(name: &str, lane: &str, bearer: &str, last: u8, more: &str) -> String {
    format!(
        "[[channel]]\nname = \"{name}\"\nkind = \"flute\"\nlane = \"{lane}\"\nbearer = \"{bearer}\"\n\
         group = \"239.255.56.{last}\"\nport = {PORT}\nttl = 1\ntsi = {last}\n{more}\n"
    )
}

fn alias(name: &str, channels: &[&str], policy: &str) -> String {
    format!("[[alias_group]]\nname = \"{name}\"\nchannels = {channels:?}\n{policy}\n")
}

impl Bearers {
    /// Moves the calling thread into a namespace of its own. `far` are more lines of the channel
    /// of that name. `None`, after saying why, where this machine cannot.
    fn open(far: &str) -> Option<Self> {
        match Self::namespace() {
            Ok(namespace) => Some(Self::in_namespace(namespace, far)),
            Err(reason) => {
                println!("SKIPPED bearers that fail: {reason}");
                None
            }
        }
    }

    fn namespace() -> Result<Namespace, String> {
        let namespace = Namespace::make("bearers")?;
        namespace.run("ip link set lo up")?;
        for (name, net) in [("near", 1), ("far", 2)] {
            namespace.run(&format!("ip link add {name}0 type veth peer name {name}1"))?;
            namespace.run(&format!("ip address add 10.78.{net}.1/24 dev {name}0"))?;
            namespace.run(&format!("ip link set {name}0 up"))?;
            namespace.run(&format!("ip link set {name}1 up"))?;
        }
        namespace.run("nft list tables")?;
        Ok(namespace)
    }

    fn in_namespace(namespace: Namespace, far: &str) -> Self {
        namespace.move_thread();
        let rest = [
            "[[lane]]\nname = \"near\"\ninterface = \"near0\"\n".to_owned(),
            "[[lane]]\nname = \"far\"\ninterface = \"far0\"\n".to_owned(),
            channel("near", "near", "MBMS", 1, QUICK),
            channel("far", "far", "BCAST", 2, far),
            channel("slow", "main", "BCAST", 3, SLOW),
            alias("either", &["near", "far"], ""),
            alias("both", &["near", "far"], "deliver = \"all\""),
            alias(
                "mostly",
                &["near", "far"],
                "deliver = \"all\"\nrequired = [\"far\"]",
            ),
            alias("near", &["near"], ""),
            alias("slow", &["slow"], ""),
        ];
        let listen = |interface, last| {
            let group = Ipv4Addr::new(239, 255, 56, last);
            Air::listen_on(interface, IpAddr::V4(group), PORT)
        };
        Self {
            lab: Lab::new(&rest.concat()),
            near: listen("near0", 1),
            far: listen("far0", 2),
            slow: listen("lo", 3),
            namespace,
        }
    }

    /// The kernel refuses what is to leave by the near interface, which stays up.
    fn refuse_near(&self) {
        let run = |line: &str| self.namespace.run(line).unwrap();
        run("nft add table inet spoil");
        run("nft add chain inet spoil out { type filter hook output priority 0 ; }");
        run("nft add rule inet spoil out oifname near0 drop");
    }

    fn wait_for_log(&self, text: &str) {
        wait_for(text, PATIENCE, || {
            self.lab.log().contains(text).then_some(())
        });
    }
}

/// To groups, and whoever notifies hears of it.
fn push_to(push_id: &str, groups: &[&str], notified: &Notified) -> PushMessage {
    let groups: Vec<_> = groups.iter().map(|name| group(name)).collect();
    to(push(push_id, Some(&notified.url)), &groups)
}

fn on(push: PushMessage, bearer: &str) -> PushMessage {
    PushMessage {
        quality_of_service: Some(QualityOfService {
            bearer: Some(bearer.to_owned()),
            bearer_required: true,
            ..QualityOfService::default()
        }),
        ..push
    }
}

fn bearer(result: &StatusResult) -> Option<&str> {
    result.quality_of_service.as_ref()?.bearer.as_deref()
}

/// State, code and desc of a push to one address once it is over.
async fn outcome(client: &PapClient, push_id: &str) -> (MessageState, u16, String) {
    let asked = async {
        loop {
            let result = status(client, push_id).await.remove(0);
            if result.state.is_final() {
                return result;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    let result = tokio::time::timeout(PATIENCE, asked).await.unwrap();
    let desc = result.desc.unwrap_or_default();
    (result.state, result.code.number(), desc)
}

fn failures(lab: &Lab, channel: &str) -> u64 {
    let name = format!(
        "pushcast_lane_send_failures_total{{lane=\"{channel}\",channel=\"{channel}\",kind=\"all\"}}"
    );
    lab.admin().metrics().value(&name)
}

#[tokio::test]
async fn a_channel_that_fails_before_its_first_octet_hands_over() {
    let Some(bearers) = Bearers::open(QUICK) else {
        return;
    };
    let Bearers {
        lab,
        near,
        far,
        slow,
        ..
    } = &bearers;
    bearers.refuse_near();
    let _gateway = lab.start();
    let client = lab.client();
    let notified = Notified::start();
    // The second address is on the air while the first one is planned again.
    let two = push_to("two@pi", &["either", "slow"], &notified);
    accept(&client, two, LONG).await;
    on_air(slow, 0).await;
    reaches(&client, "two@pi", MessageState::Delivered).await;
    assert!(failures(lab, "near") > 0, "the first channel was not tried");
    let results = status(&client, "two@pi").await;
    assert_eq!(results.len(), 2, "{results:?}");
    for result in &results {
        assert_eq!(bearer(result), Some("BCAST"), "{result:?}");
        assert_eq!(result.desc.as_deref(), Some("Transmitted on BCAST"));
    }
    wait_for("two notifications", PATIENCE, || {
        (notified.documents().len() == 2).then_some(())
    });
    for document in notified.documents() {
        assert!(document.contains("bearer=\"BCAST\""), "{document}");
    }
    near.with(|heard| assert_eq!(heard.packets, 0));
    for air in [far, slow] {
        air.with(|heard| {
            assert!(heard.bodies.contains_key("two@pi"));
            assert!(heard.conflicts.is_empty(), "{:?}", heard.conflicts);
        });
    }
    let planned_once = r#"pushcast_flute_objects{lane="main",channel="slow",kind="all"}"#;
    wait_for("the slow lane", PATIENCE, || {
        (lab.admin().metrics().value(planned_once) == 0).then_some(())
    });
    slow.with(|heard| assert_eq!(heard.objects, 1, "sent twice"));
}

#[tokio::test]
async fn what_another_channel_has_taken_over_is_delivered_after_a_restart() {
    let Some(bearers) = Bearers::open(SLOW) else {
        return;
    };
    let lab = &bearers.lab;
    bearers.refuse_near();
    let gateway = lab.start();
    let client = lab.client();
    let notified = Notified::start();
    accept(&client, push_to("one@pi", &["either"], &notified), LONG).await;
    on_air(&bearers.far, 0).await;
    drop(gateway);
    let _gateway = lab.start();
    let client = lab.client();
    reaches(&client, "one@pi", MessageState::Delivered).await;
    assert_eq!(bearer(&status(&client, "one@pi").await[0]), Some("BCAST"));
    bearers.far.with(|heard| {
        assert!(heard.bodies.contains_key("one@pi"));
        assert!(heard.conflicts.is_empty(), "{:?}", heard.conflicts);
    });
}

#[tokio::test]
async fn a_required_channel_that_fails_is_told_with_those_that_send() {
    let Some(bearers) = Bearers::open(QUICK) else {
        return;
    };
    let lab = &bearers.lab;
    bearers.refuse_near();
    let _gateway = lab.start();
    let client = lab.client();
    let notified = Notified::start();
    accept(&client, push_to("both@pi", &["both"], &notified), 5000).await;
    let (state, code, desc) = outcome(&client, "both@pi").await;
    assert_eq!((state, code), (MessageState::Undeliverable, 4000), "{desc}");
    assert!(
        desc.starts_with("near: the channel could not send it; "),
        "{desc}"
    );
    assert!(
        desc.contains(" on far; ") && desc.ends_with("not sent on near"),
        "{desc}"
    );
    accept(
        &client,
        push_to("mostly@pi", &["mostly"], &notified),
        50_000,
    )
    .await;
    let (state, _, desc) = outcome(&client, "mostly@pi").await;
    assert_eq!(state, MessageState::Delivered);
    assert_eq!(desc, "Transmitted on BCAST; not on near");
    // Nothing else carries it.
    accept(&client, push_to("near@pi", &["near"], &notified), 50).await;
    let (state, code, desc) = outcome(&client, "near@pi").await;
    assert_eq!((state, code), (MessageState::Undeliverable, 4000), "{desc}");
    assert_eq!(desc, "near could not send it");
}

#[tokio::test]
async fn channels_that_are_down_are_passed_over_or_told() {
    let Some(bearers) = Bearers::open(QUICK) else {
        return;
    };
    let lab = &bearers.lab;
    let _gateway = lab.start();
    let client = lab.client();
    let notified = Notified::start();
    bearers.namespace.run("ip link set near0 down").unwrap();
    bearers.wait_for_log("channel near is down");
    assert!(lab.admin().is_ready(), "one channel is enough");

    let submitted = PushMessage {
        progress_notes: true,
        ..push_to("first@pi", &["either"], &notified)
    };
    let answer = submit(&client, submitted, 5000).await;
    assert_eq!(answer.code.number(), 1001, "{answer:?}");
    let mut notes = answer.progress_notes.iter();
    let note = notes.find(|note| note.stage == "bearer-selection");
    let note = note.and_then(|note| note.note.as_deref()).unwrap();
    assert!(
        note.ends_with(": near (MBMS, not up), else far (BCAST)"),
        "{note}"
    );
    let (_, _, desc) = outcome(&client, "first@pi").await;
    assert_eq!(desc, "Transmitted on BCAST");
    assert_eq!(failures(lab, "near"), 0, "it was tried all the same");

    accept(&client, push_to("all@pi", &["both"], &notified), 5000).await;
    let (state, code, desc) = outcome(&client, "all@pi").await;
    assert_eq!((state, code), (MessageState::Undeliverable, 3010));
    assert_eq!(
        desc,
        "required channel not up: near; sent on far; not sent on near"
    );
    assert_eq!(bearer(&status(&client, "all@pi").await[0]), Some("BCAST"));

    accept(&client, push_to("mostly@pi", &["mostly"], &notified), 5000).await;
    let (state, _, desc) = outcome(&client, "mostly@pi").await;
    assert_eq!(state, MessageState::Delivered);
    assert_eq!(desc, "Transmitted on BCAST; not on near");

    bearers.far.with(|heard| {
        for push_id in ["first@pi", "all@pi", "mostly@pi"] {
            assert!(heard.bodies.contains_key(push_id), "{push_id}");
        }
    });
    // Back again, it carries pushes as before.
    bearers.namespace.run("ip link set near0 up").unwrap();
    bearers.wait_for_log("channel near is up again");
    accept(&client, push_to("again@pi", &["both"], &notified), 50).await;
    reaches(&client, "again@pi", MessageState::Delivered).await;
    // Without its address it is down as well.
    bearers.namespace.run("ip address flush dev near0").unwrap();
    wait_for("near to be down again", PATIENCE, || {
        (lab.log().matches("channel near is down").count() == 2).then_some(())
    });
}

#[tokio::test]
async fn each_address_of_a_push_has_its_own_outcome() {
    let Some(bearers) = Bearers::open(QUICK) else {
        return;
    };
    let lab = &bearers.lab;
    let _gateway = lab.start();
    let client = lab.client();
    let notified = Notified::start();
    bearers.namespace.run("ip link set near0 down").unwrap();
    bearers.wait_for_log("channel near is down");
    accept(
        &client,
        push_to("two@pi", &["near", "either"], &notified),
        50,
    )
    .await;
    let found = ended(&client, "two@pi").await;
    assert_eq!(found, [("delivered", 1000), ("undeliverable", 3010)]);
    wait_for("two notifications", PATIENCE, || {
        (notified.documents().len() == 2).then_some(())
    });
    for (name, code) in [("near", "3010"), ("either", "1000")] {
        let documents = notified.documents();
        let about = |document: &&String| document.contains(&format!("group%2F{name}/"));
        let told: Vec<&String> = documents.iter().filter(about).collect();
        assert_eq!(told.len(), 1, "{name} in {documents:?}");
        assert!(told[0].contains(&format!("code=\"{code}\"")), "{told:?}");
    }
}

#[tokio::test]
async fn a_required_bearer_that_is_missing_is_told_when_that_is_known() {
    let Some(bearers) = Bearers::open(QUICK) else {
        return;
    };
    let lab = &bearers.lab;
    let _gateway = lab.start();
    let client = lab.client();
    let notified = Notified::start();
    // No channel of the group has such a bearer: known at once.
    for unknown in ["CBS", "GPRS", "pigeon"] {
        let refused = on(push_to("never@pi", &["either"], &notified), unknown);
        let answer = submit(&client, refused, 50).await;
        assert_eq!(answer.code.number(), 3010, "{answer:?}");
        assert_eq!(status(&client, "never@pi").await[0].code.number(), 2004);
    }
    let taken = on(push_to("up@pi", &["either"], &notified), "mbms");
    accept(&client, taken, 50).await;
    reaches(&client, "up@pi", MessageState::Delivered).await;
    assert_eq!(bearer(&status(&client, "up@pi").await[0]), Some("MBMS"));
    // One has, and it is not up: known when the push is due. The other bearer is not used.
    bearers.namespace.run("ip link set near0 down").unwrap();
    bearers.wait_for_log("channel near is down");
    let taken = on(push_to("down@pi", &["either"], &notified), "MBMS");
    accept(&client, taken, 50).await;
    let (state, code, desc) = outcome(&client, "down@pi").await;
    assert_eq!((state, code), (MessageState::Undeliverable, 3010));
    assert_eq!(desc, "no channel is up: near");
    wait_for("two outcomes", PATIENCE, || {
        (notified.told().len() == 2).then_some(())
    });
    let about = |document: &String| document.contains("push-id=\"down@pi\"");
    let document = notified.documents().into_iter().find(about).unwrap();
    assert!(
        document.contains("message-state=\"undeliverable\" code=\"3010\""),
        "{document}"
    );
    bearers
        .far
        .with(|heard| assert!(!heard.bodies.contains_key("down@pi")));
}
