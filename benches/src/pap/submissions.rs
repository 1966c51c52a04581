//! P12: how many submissions are taken in, durably, each authenticated and its group looked up?

use std::time::{Duration, Instant};

use super::gateway::{self, Gateway};
use super::kannel::{self, Kannel};
use super::load::{self, Outcome, Target as Asked, on_this_thread};
use super::request::Form;
use crate::figures::{Row, Samples, Target, Unit};
use crate::{Extent, namespace};

/// Connections at a time.
const CONNECTIONS: usize = 64;
/// The open load of the second question, submissions in a second.
const PER_SECOND: u32 = 1000;
/// Submissions that pay for what happens once: argon2, the first pages, the statements.
const WARM_UP: Duration = Duration::from_millis(500);

/// One round of ours.
struct Ours {
    at_once: f64,
    on_air: f64,
    later: f64,
    median_ms: f64,
    p99_ms: f64,
}

pub(crate) fn measure(extent: Extent) -> anyhow::Result<Vec<Row>> {
    namespace::alone(|| rows(extent))
}

fn rows(extent: Extent) -> anyhow::Result<Vec<Row>> {
    let duration = Duration::from_millis(extent.choose(300, 4000));
    let mut ours: [Samples; 5] = Default::default();
    let mut peer = Samples::default();
    for _ in 0..extent.rounds() {
        let Ours {
            at_once,
            on_air,
            later,
            median_ms,
            p99_ms,
        } = our_round(duration)?;
        let figures = [at_once, on_air, later, median_ms, p99_ms];
        for (samples, figure) in ours.iter_mut().zip(figures) {
            samples.push(figure);
        }
        if kannel::is_installed() {
            let _boxes = Kannel::start()?;
            peer.push(taken(kannel::PORT, kannel::form(), "bench", duration)?.rate());
        }
    }
    let [at_once, on_air, later, median, p99] = ours;
    let row = |work, unit| Row::new("P12", work, unit);
    let work = "submissions taken in over 64 connections, durable, authenticated, sent at once";
    let mut first = row(work, Unit::SubmissionsPerSecond).ours(at_once);
    if peer.count() > 0 {
        first = first
            .target(Target::AtLeast(3.0 * peer.median()))
            .peer(kannel::NAME, peer);
    }
    let work = "the same, until the last one was on the air";
    let second = row(work, Unit::SubmissionsPerSecond).ours(on_air);
    let work = "taken in for tomorrow";
    let third = row(work, Unit::SubmissionsPerSecond).ours(later);
    let work = "answer to a submission at 1,000/s, median";
    let fourth = row(work, Unit::Milliseconds).ours(median);
    let work = "answer to a submission at 1,000/s, p99";
    let fifth = row(work, Unit::Milliseconds)
        .target(Target::AtMost(10.0))
        .ours(p99);
    Ok(vec![first, second, third, fourth, fifth])
}

fn our_round(duration: Duration) -> anyhow::Result<Ours> {
    let gateway = Gateway::start("")?;
    let ours = |form, prefix| taken(gateway::PORT, form, prefix, duration);
    let later = ours(Form::later("all"), "later")?;
    let began = Instant::now();
    let at_once = ours(Form::si("all"), "now")?;
    gateway.admin().wait_for_done(at_once.waits.len())?;
    let on_air = at_once.waits.len() as f64 / (began.elapsed() - WARM_UP).as_secs_f64();
    let steady = on_this_thread(load::open(
        &asked(gateway::PORT, Form::si("all"), "steady"),
        CONNECTIONS,
        PER_SECOND,
        duration,
    ))??;
    gateway.stop()?;
    Ok(Ours {
        at_once: at_once.rate(),
        on_air,
        later: later.rate(),
        median_ms: steady.percentile(50.0),
        p99_ms: steady.percentile(99.0),
    })
}

fn asked(port: u16, form: Form, prefix: &str) -> Asked {
    Asked {
        port,
        form,
        prefix: prefix.to_owned(),
    }
}

/// A load in which each connection waits for its answer.
fn taken(port: u16, form: Form, prefix: &str, duration: Duration) -> anyhow::Result<Outcome> {
    let warm_up = asked(port, form.clone(), &format!("{prefix}-first"));
    let target = asked(port, form, prefix);
    on_this_thread(async {
        load::closed(&warm_up, CONNECTIONS, WARM_UP).await?;
        load::closed(&target, CONNECTIONS, duration).await
    })?
}
