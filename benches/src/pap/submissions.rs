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
            let taken = taken(kannel::PORT, kannel::form(), "bench", duration)?;
            peer.push(taken.measured.rate());
        }
    }
    let [at_once, on_air, later, median, p99] = ours;
    let row = |work, unit| Row::new("P12", work, unit);
    let beside = |work, ours| {
        let row = row(work, Unit::SubmissionsPerSecond).ours(ours);
        if peer.count() == 0 {
            return row;
        }
        row.target(Target::AtLeast(3.0 * peer.median()))
            .peer(kannel::NAME, peer.clone())
    };
    let work = "submissions taken in over 64 connections, durable, authenticated, due tomorrow";
    let first = beside(work, later);
    let second = beside("the same, due at once, in four seconds", at_once);
    let work = "the same, until the last one was on the air";
    let third = row(work, Unit::SubmissionsPerSecond).ours(on_air);
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
    let later = ours(Form::later("all"), "later")?.measured;
    let began = Instant::now();
    let Taken {
        warm_up,
        measured: at_once,
    } = ours(Form::si("all"), "now")?;
    // What warmed up as well: the next question is asked of a gateway that has nothing to do.
    let sent = warm_up.waits.len() + at_once.waits.len();
    gateway.admin().wait_for_done(sent)?;
    let on_air = sent as f64 / began.elapsed().as_secs_f64();
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

/// A load, and the one before it that pays for what happens once.
struct Taken {
    warm_up: Outcome,
    measured: Outcome,
}

/// A load in which each connection waits for its answer.
fn taken(port: u16, form: Form, prefix: &str, duration: Duration) -> anyhow::Result<Taken> {
    let first = asked(port, form.clone(), &format!("{prefix}-first"));
    let target = asked(port, form, prefix);
    on_this_thread(async {
        anyhow::Ok(Taken {
            warm_up: load::closed(&first, CONNECTIONS, WARM_UP).await?,
            measured: load::closed(&target, CONNECTIONS, duration).await?,
        })
    })?
}
