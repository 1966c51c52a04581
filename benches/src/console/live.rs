//! P16: what do live views cost while something happens every second?
//!
//! Each view is a stream of the overview. A push a second goes on a channel whose carousel goes on,
//! so that the figures differ every second and every view is told. The cost is the processor time
//! of the gateway, taking in and sending these pushes included.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::ensure;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::browser::request;
use super::fill::{Database, fill};
use super::pages::{ROUND, extents, now_ms};
use crate::figures::{Row, Samples, Target, Unit};
use crate::pap::gateway::{self, Gateway, PORT};
use crate::pap::load::{Connection, on_this_thread};
use crate::pap::request::Form;
use crate::{Extent, namespace};

/// What they may cost, percent of a core.
const MOST_PERCENT: f64 = 10.0;
/// Longest wait for the first event.
const PATIENCE: Duration = Duration::from_secs(60);
/// Where the pushes go.
const GROUP: &str = "\n[[alias_group]]\nname = \"round\"\nchannels = [\"round\"]\n\
     [limits]\nconnections = 4000\nconnections_per_address = 4000\n";

pub(crate) fn measure(extent: Extent) -> anyhow::Result<Vec<Row>> {
    let (views, seconds) = extent.choose((20, 3), (1_000, 10));
    namespace::alone(|| {
        let folder = gateway::folder()?;
        std::fs::create_dir_all(folder.path().join("data"))?;
        let database = Database {
            url: format!(
                "sqlite:{}",
                folder.path().join("data/pushcast.db").display()
            ),
        };
        on_this_thread(fill(&database, &extents(extent), now_ms()?))??;
        let gateway = Gateway::start_on(folder.path(), "", &format!("{ROUND}{GROUP}"))?;
        let (mut cost, mut alone) = (Samples::default(), Samples::default());
        for round in 0..extent.rounds().min(3) {
            alone.push(on_this_thread(watched(&gateway, round * 2, 0, seconds))??);
            cost.push(on_this_thread(watched(
                &gateway,
                round * 2 + 1,
                views,
                seconds,
            ))??);
        }
        gateway.stop()?;
        let row = Row::new(
            "P16",
            "1,000 live views, an event a second each",
            Unit::PercentOfCore,
        )
        .target(Target::AtMost(MOST_PERCENT))
        .ours(cost)
        .ceiling("nobody looks", alone);
        Ok(vec![row])
    })
}

/// Counts the events that a view is told, until it is aborted.
async fn look(view: usize, told: Rc<RefCell<Vec<u32>>>) -> anyhow::Result<()> {
    const BEGIN: &[u8] = b"event: board";
    let mut stream = TcpStream::connect(("127.0.0.1", PORT)).await?;
    stream.write_all(request("/w/live/live").as_bytes()).await?;
    let mut piece = vec![0; 64 << 10];
    loop {
        let read = stream.read(&mut piece).await?;
        ensure!(read > 0, "a live view was ended");
        let begun = piece[..read].windows(BEGIN.len());
        let begun = begun.filter(|window| *window == BEGIN).count();
        told.borrow_mut()[view] += u32::try_from(begun)?;
    }
}

/// Percent of a core that the gateway takes while so many look.
async fn watched(
    gateway: &Gateway,
    round: usize,
    views: usize,
    seconds: u32,
) -> anyhow::Result<f64> {
    let told = Rc::new(RefCell::new(vec![0; views]));
    let mut tasks = JoinSet::new();
    for view in 0..views {
        tasks.spawn_local(look(view, Rc::clone(&told)));
    }
    let mut push = Connection::open(PORT).await?;
    let form = Form::si("round");
    // Each hears first how things are.
    let patience = Instant::now() + PATIENCE;
    while told.borrow().contains(&0) {
        ensure!(Instant::now() < patience, "a live view hears nothing");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    told.borrow_mut().fill(0);
    let (began, before) = (Instant::now(), gateway.cpu_seconds()?);
    for second in 0..seconds {
        let request = form.request(&format!("live-{round}-{second}@bench"), 0);
        push.submit(&request).await?;
        tokio::time::sleep_until((began + Duration::from_secs(1) * (second + 1)).into()).await;
    }
    let percent = (gateway.cpu_seconds()? - before) / began.elapsed().as_secs_f64() * 100.0;
    let least = told.borrow().iter().copied().min().unwrap_or(seconds);
    ensure!(
        least + 2 >= seconds,
        "a live view heard {least} events in {seconds} s"
    );
    while let Some(ended) = tasks.try_join_next() {
        ended??;
    }
    tasks.abort_all();
    Ok(percent)
}
