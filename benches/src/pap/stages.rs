//! P12 by stage: where the time of a submission goes. Each stage alone on one core, then the store
//! with many submissions at a time, then the whole gateway by its processor time.

use std::hint::black_box;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use pushcast_engine::config::Config;
use pushcast_engine::content::{self, Source};
use pushcast_engine::model::{Address, StatusCode, Transform};
use pushcast_engine::pap::response::PushResponse;
use pushcast_engine::pap::{Envelope, Message, Operation, Request, Response};
use pushcast_engine::routing::Directory;

use super::gateway::{self, Gateway};
use super::load::{self, Target as Asked, find, on_this_thread};
use super::request::Form;
use super::stored;
use crate::figures::{Row, Samples, Unit};
use crate::{Extent, cpu, namespace};

/// Connections of the whole gateway.
const CONNECTIONS: usize = 64;
/// Content type of the request.
const RELATED: &str = "multipart/related; boundary=part; type=\"application/xml\"";

/// A stage, and how long one submission takes there, us.
type Stage = (&'static str, Box<dyn FnMut() -> anyhow::Result<f64>>);

pub(crate) fn measure(extent: Extent) -> anyhow::Result<Vec<Row>> {
    let submissions = extent.choose(500, 20_000);
    let duration = Duration::from_millis(extent.choose(300, 4000));
    let mut stages = read(extent.choose(200, 20_000))?;
    stages.push((
        "store, SQLite included",
        Box::new(move || in_store(submissions)),
    ));
    stages.push((
        "all of it in the gateway, HTTP included",
        Box::new(move || namespace::alone(|| whole(duration))),
    ));
    let mut rows = Vec::new();
    for (work, mut side) in stages {
        let mut samples = Samples::default();
        for _ in 0..extent.rounds() {
            samples.push(side()?);
        }
        let work = format!("processor time of a submission: {work}");
        rows.push(Row::new("P12", work, Unit::Microseconds).ours(samples));
    }
    Ok(rows)
}

/// The stages that compute and nothing else.
fn read(times: u32) -> anyhow::Result<Vec<Stage>> {
    let body = body()?;
    let message = Message::read(RELATED, &body)?;
    let control = message.control.clone();
    let content = message.content.context("the content is not there")?;
    let config = Config::lab();
    let initiator = config.initiators().first().context("nobody is let in")?;
    let initiator = initiator.clone();
    let directory = Directory::new(
        config.channels().to_vec(),
        config.alias_groups().to_vec(),
        config.areas().to_vec(),
    );
    let multipart = move || {
        black_box(Message::read(RELATED, black_box(&body))?);
        Ok(())
    };
    let document = move || {
        let request = Request::read(black_box(&control))?;
        ensure!(matches!(request.operation, Operation::Push(_)), "no push");
        Ok(())
    };
    let content = move || {
        let source = Source {
            content_type: &content.content_type,
            headers: &content.headers,
            octets: Some(&content.body),
            bytes: content.body.len() as u64,
        };
        Ok(content::check(black_box(&source), Transform::Binary)?)
    };
    let address = move || {
        let address: Address = "WAPPUSH=group%2Flab/TYPE=USER@pushcast".parse()?;
        black_box(directory.route(black_box(&address), &initiator, None)?);
        Ok(())
    };
    let answer = || {
        let answer = PushResponse::new("push@bench".parse()?, StatusCode::Accepted, "taken");
        black_box(Response::Push(answer).to_xml(Envelope::OWN));
        Ok(())
    };
    Ok(vec![
        ("multipart", alone(times, multipart)),
        ("PAP document", alone(times, document)),
        ("content encoded on trial", alone(times, content)),
        ("address and group", alone(times, address)),
        ("answer", alone(times, answer)),
    ])
}

fn body() -> anyhow::Result<Vec<u8>> {
    let request = Form::si("lab").request("stage@bench", 0);
    let head = find(&request, b"\r\n\r\n").context("a request has a head")?;
    Ok(request[head + 4..].to_vec())
}

/// Processor time of one run of many, us.
fn alone(
    times: u32,
    run: impl Fn() -> anyhow::Result<()> + 'static,
) -> Box<dyn FnMut() -> anyhow::Result<f64>> {
    Box::new(move || {
        let ((), seconds) = cpu::of(|| (0..times).try_for_each(|_| run()))?;
        Ok(seconds * 1e6 / f64::from(times))
    })
}

fn in_store(submissions: u32) -> anyhow::Result<f64> {
    let folder = gateway::folder()?;
    let fill = || on_this_thread(stored::fill(folder.path(), submissions))?;
    let ((), seconds) = cpu::of(fill)?;
    Ok(seconds * 1e6 / f64::from(submissions))
}

fn whole(duration: Duration) -> anyhow::Result<f64> {
    let gateway = Gateway::start("")?;
    let asked = |prefix: &str| Asked {
        port: gateway::PORT,
        form: Form::later("all"),
        prefix: prefix.to_owned(),
    };
    let (first, then) = (asked("first"), asked("then"));
    let (outcome, seconds) = on_this_thread(async {
        load::closed(&first, CONNECTIONS, duration / 8).await?;
        let before = gateway.cpu_seconds()?;
        let outcome = load::closed(&then, CONNECTIONS, duration).await?;
        anyhow::Ok((outcome, gateway.cpu_seconds()? - before))
    })??;
    gateway.stop()?;
    Ok(seconds * 1e6 / outcome.waits.len() as f64)
}
