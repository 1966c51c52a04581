//! P14: how soon after its acceptance is an alert with the Cell Broadcast Centres, thirty a second,
//! while one of three centres never answers?
//!
//! Each alert goes to a group of three channels, one for each centre, of which the one that hangs does
//! not decide: LTE cells, identifiers of the operator's own range, one broadcast each, after which the
//! gateway takes the message off. One round of 1,500 alerts, long enough for the queue of the centre
//! that hangs to fill up. The simulated centres run in this process and note when each
//! request had arrived; its text names the alert.

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, ensure};
use pushcast_engine::cbc::simulator::{Answering, Centre, Network, Quirks};
use pushcast_engine::client::pap::{Credentials, PapClient};
use pushcast_engine::clock::Clock;
use pushcast_engine::http::cbc::{Happening, Setup, Simulated};
use pushcast_engine::model::{Address, Priority, QualityOfService};
use pushcast_engine::pap::Response;
use pushcast_engine::pap::message::PushMessage;
use pushcast_engine::pap::mime::Entity;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout};

use super::gateway::{self, Gateway};
use super::load::on_this_thread;
use super::request::{ACCOUNT, PASSWORD};
use crate::figures::{Row, Samples, Target, Unit};
use crate::{Extent, namespace};

/// Alerts in a second.
const PER_SECOND: u32 = 30;
/// Names of the centres; the last one never answers.
const CENTRES: [&str; 3] = ["north", "south", "hangs"];
/// Every request must have come by then.
const PATIENCE: Duration = Duration::from_secs(30);
/// Alerts submitted at the same time at most.
const AT_A_TIME: usize = 64;

/// When an alert was submitted and when its answer was there, since 1970.
type Submitted = HashMap<String, (Duration, Duration)>;

/// What a round came to.
struct Round {
    /// From acceptance to the request, ms, of every alert and every centre that answers.
    from_acceptance: Samples,
    from_request: Samples,
    per_second: f64,
}

pub(crate) fn measure(extent: Extent) -> anyhow::Result<Vec<Row>> {
    namespace::alone(|| rows(extent))
}

fn rows(extent: Extent) -> anyhow::Result<Vec<Row>> {
    let duration = Duration::from_secs(extent.choose(4, 50));
    let round = on_this_thread(round(duration))??;
    let once = |figure: f64| {
        let mut samples = Samples::default();
        samples.push(figure);
        samples
    };
    let p99 = once(round.from_acceptance.percentile(99.0));
    let median = once(round.from_acceptance.median());
    let request = once(round.from_request.percentile(99.0));
    let rate = once(round.per_second);
    let ms = |work: &str| Row::new("P14", work, Unit::Milliseconds);
    Ok(vec![
        ms("acceptance of an alert to the request at each of two CBCs, 30 alerts a second, a third CBC hanging, p99")
            .target(Target::AtMost(100.0))
            .ours(p99),
        ms("the same, median").ours(median),
        ms("request of the alert to the request at the CBC, p99").ours(request),
        Row::new("P14", "alerts that went through", Unit::SubmissionsPerSecond)
            .target(Target::AtLeast(f64::from(PER_SECOND) * 0.99))
            .ours(rate),
    ])
}

async fn round(duration: Duration) -> anyhow::Result<Round> {
    let mut links = String::new();
    let mut heard = Vec::new();
    for name in CENTRES {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        links.push_str(&format!(
            "[[cbc]]\nname = \"{name}\"\nadapter = \"ecbe\"\nurl = \"http://127.0.0.1:{port}\"\n\
             [[channel]]\nname = \"{name}\"\nkind = \"cbs\"\nlink = \"{name}\"\n\
             message_ids = [\"40960-45055\"]\nair_time = \"lte\"\nbroadcasts = 1\n"
        ));
        let setup = Setup {
            centre: Centre::new(Network::new(3, 1)),
            quirks: Quirks {
                answering: match name {
                    "hangs" => Answering::Never,
                    _ => Answering::Promptly,
                },
                ..Quirks::default()
            },
            allow: Vec::new(),
            clock: Clock::system(),
        };
        let (_, happenings) = Simulated::start(setup, listener, None);
        if name != "hangs" {
            heard.push(happenings);
        }
    }
    links.push_str(
        "[[alias_group]]\nname = \"cells\"\ndeliver = \"all\"\nrequired = [\"north\", \"south\"]\n\
         channels = [\"north\", \"south\", \"hangs\"]\n",
    );
    let gateway = tokio::task::spawn_blocking(move || Gateway::start(&links)).await??;
    let listening: Vec<_> = heard
        .into_iter()
        .map(|happenings| tokio::spawn(arrivals(happenings, count(duration))))
        .collect();
    let began = Instant::now();
    let submitted = submit(duration).await?;
    let took = began.elapsed();
    let mut round = Round {
        from_acceptance: Samples::default(),
        from_request: Samples::default(),
        per_second: submitted.len() as f64 / took.as_secs_f64(),
    };
    for listening in listening {
        let arrived = listening.await?;
        for (text, (sent, accepted)) in &submitted {
            let at = arrived.get(text).context("an alert never reached a CBC")?;
            let since = |from: &Duration| (at.as_secs_f64() - from.as_secs_f64()) * 1e3;
            round.from_request.push(since(sent));
            // A request may leave before the answer has reached the PI.
            round.from_acceptance.push(since(accepted).max(0.0));
        }
    }
    tokio::task::spawn_blocking(move || gateway.stop()).await??;
    Ok(round)
}

fn count(duration: Duration) -> usize {
    (duration.as_secs() * u64::from(PER_SECOND)) as usize
}

/// When the first request for each text had arrived.
async fn arrivals(
    mut happenings: mpsc::Receiver<Happening>,
    count: usize,
) -> HashMap<String, Duration> {
    let mut arrived = HashMap::new();
    while arrived.len() < count {
        let Ok(Some(happening)) = timeout(PATIENCE, happenings.recv()).await else {
            break;
        };
        if let Happening::Request {
            at,
            text: Some(text),
            ..
        } = happening
        {
            let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
            arrived.entry(text).or_insert(since);
        }
    }
    arrived
}

/// Submits alerts at an even pace, whether those before were answered or not.
async fn submit(duration: Duration) -> anyhow::Result<Submitted> {
    let url = format!("http://127.0.0.1:{}/pap", gateway::PORT);
    let credentials = Credentials {
        user: ACCOUNT.to_owned(),
        password: PASSWORD.to_owned(),
    };
    let client = PapClient::new(&url, Some(credentials))?;
    let began = Instant::now();
    let mut under_way = tokio::task::JoinSet::new();
    let mut submitted = Submitted::new();
    for number in 0..count(duration) {
        sleep_until(began + Duration::from_secs(1) * number as u32 / PER_SECOND).await;
        while under_way.len() >= AT_A_TIME {
            let done = under_way
                .join_next()
                .await
                .context("nothing is under way")?;
            let (text, times) = done??;
            submitted.insert(text, times);
        }
        under_way.spawn(alert(client.clone(), number));
    }
    while let Some(done) = under_way.join_next().await {
        let (text, times) = done??;
        submitted.insert(text, times);
    }
    Ok(submitted)
}

async fn alert(client: PapClient, number: usize) -> anyhow::Result<(String, (Duration, Duration))> {
    let text = format!("Alert {number}: leave low ground now");
    let push = PushMessage {
        push_id: format!("alert-{number}@bench").parse()?,
        replaces: None,
        deliver_before_ms: None,
        deliver_after_ms: None,
        source_reference: None,
        notify_url: None,
        progress_notes: false,
        addresses: vec![Address::group(&"cells".parse()?, "ppg")?.into()],
        quality_of_service: Some(QualityOfService {
            priority: Priority::High,
            ..QualityOfService::default()
        }),
    };
    let entity = Entity {
        content_type: "text/plain; charset=utf-8".to_owned(),
        headers: Vec::new(),
        body: text.clone().into_bytes(),
    };
    let sent = wall()?;
    let answer = client.submit(push, &entity).await?;
    let accepted = wall()?;
    let is_accepted = matches!(&answer, Response::Push(answer) if answer.code.is_success());
    ensure!(is_accepted, "an alert was refused: {answer:?}");
    Ok((text, (sent, accepted)))
}

fn wall() -> anyhow::Result<Duration> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?)
}
