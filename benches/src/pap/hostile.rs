//! What does an initiator notice of another one that sends far more than it may?

use std::time::Duration;

use super::gateway::{self, Gateway};
use super::load::{self, Target as Asked, on_this_thread};
use super::request::{Form, OTHER_ACCOUNT};
use crate::Extent;
use crate::figures::{Row, Samples, Target, Unit};

/// Submissions in a second of the one that keeps to its limits, and its connections.
const PER_SECOND: u32 = 200;
const CONNECTIONS: usize = 8;
/// Connections of the one that does not, each of which asks again as soon as it is refused.
const HOSTILE: usize = 64;

pub(crate) fn measure(extent: Extent) -> anyhow::Result<Vec<Row>> {
    let duration = Duration::from_millis(extent.choose(1000, 8000));
    let (mut alone, mut beside) = (Samples::default(), Samples::default());
    for round in 0..extent.rounds() {
        let gateway = Gateway::start(&format!(
            "[[initiator]]\nname = \"{OTHER_ACCOUNT}\"\npassword_hash_file = \"account.phc\"\n\
             groups = [\"*\"]\nrate = {{ per_second = 50, burst = 50 }}\n"
        ))?;
        let steady = |prefix: &str| Asked {
            port: gateway::PORT,
            form: Form::si("all"),
            prefix: format!("{prefix}{round}"),
        };
        let (first, second) = (steady("alone"), steady("beside"));
        let hostile = Asked {
            form: Form::si("all").of_other(),
            ..steady("hostile")
        };
        on_this_thread(async {
            load::open(&steady("warm"), CONNECTIONS, PER_SECOND, duration / 8).await?;
            let of_first = load::open(&first, CONNECTIONS, PER_SECOND, duration).await?;
            alone.push(of_first.percentile(99.0));
            let flood = load::flood(&hostile, HOSTILE).await?;
            let of_second = load::open(&second, CONNECTIONS, PER_SECOND, duration).await?;
            flood.end()?;
            beside.push(of_second.percentile(99.0));
            anyhow::Ok(())
        })??;
        gateway.stop()?;
    }
    let work = "answer at 200/s, p99, while another initiator floods over 64 connections";
    let row = Row::new("P12", work, Unit::Milliseconds)
        .target(Target::AtMost(1.2 * alone.median()))
        .ours(beside)
        .peer("without the other", alone);
    Ok(vec![row])
}
