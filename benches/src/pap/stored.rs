//! P12 again: does a submission get slower when much is stored? A gateway that has nothing stored
//! and one group takes turns with one that has 1,000,000 submissions and 100,000 groups.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use anyhow::ensure;
use pushcast_engine::model::submission::{Authentication, PapVersion};
use pushcast_engine::model::{
    Address, Body, Content, Delivery, Lineage, MessageState, PushId, Sha256, StatusCode, Submission,
};
use pushcast_engine::store::{Store, Submitted};
use tokio::task::JoinSet;

use super::gateway::{self, Gateway};
use super::load::{self, Target as Asked, on_this_thread};
use super::request::{ACCOUNT, Form, SI};
use crate::figures::{Row, Samples, Target, Unit};
use crate::{Extent, namespace};

/// Connections at a time.
const CONNECTIONS: usize = 64;
/// Submissions on their way to the store while it is filled.
const FILLING: usize = 512;
/// When the stored submissions were taken in, and when they are due: long ago and far ahead.
const RECEIVED_MS: u64 = 1_700_000_000_000;
const DUE_MS: u64 = 4_000_000_000_000;
/// What a submission may lose, percent.
const LOSS_PERCENT: f64 = 20.0;

pub(crate) fn measure(extent: Extent) -> anyhow::Result<Vec<Row>> {
    let (groups, submissions) = extent.choose((100, 1000), (100_000, 1_000_000));
    let duration = Duration::from_millis(extent.choose(300, 4000));
    namespace::alone(|| {
        let folder = gateway::folder()?;
        on_this_thread(fill(folder.path(), submissions))??;
        let definitions = definitions(groups);
        let (mut full, mut empty) = (Samples::default(), Samples::default());
        for round in 0..extent.rounds().min(3) {
            let gateway = Gateway::start("")?;
            empty.push(rate(Form::later("all"), 1, round, duration)?);
            gateway.stop()?;
            let gateway = Gateway::start_over(folder.path(), &definitions)?;
            full.push(rate(Form::later("g#"), groups, round, duration)?);
            gateway.stop()?;
        }
        let work = "taken in for tomorrow, 1,000,000 submissions and 100,000 groups stored";
        let least = empty.median() * (1.0 - LOSS_PERCENT / 100.0);
        let row = Row::new("P12", work, Unit::SubmissionsPerSecond)
            .target(Target::AtLeast(least))
            .ours(full)
            .ceiling("nothing stored", empty);
        Ok(vec![row])
    })
}

fn definitions(groups: u32) -> String {
    let mut text = String::new();
    for number in 0..groups {
        // Writing to a String does not fail.
        let _ = writeln!(
            text,
            "[[alias_group]]\nname = \"g{number}\"\nchannels = [\"air\"]"
        );
    }
    text
}

fn rate(form: Form, groups: u32, round: usize, duration: Duration) -> anyhow::Result<f64> {
    let asked = |part: &str| Asked {
        port: gateway::PORT,
        form: form.clone().over(groups),
        prefix: format!("round-{round}-{part}"),
    };
    let (warm_up, target) = (asked("first"), asked("then"));
    let outcome = on_this_thread(async {
        load::closed(&warm_up, CONNECTIONS, duration / 8).await?;
        load::closed(&target, CONNECTIONS, duration).await
    })??;
    Ok(outcome.rate())
}

/// Stores submissions that are due far ahead.
pub(super) async fn fill(folder: &Path, submissions: u32) -> anyhow::Result<()> {
    let data = folder.join("data");
    std::fs::create_dir_all(&data)?;
    let url = format!("sqlite:{}", data.join("pushcast.db").display());
    let store = Store::open(&url, "filling").await?;
    let mut tasks = JoinSet::new();
    for number in 0..submissions {
        if tasks.len() >= FILLING
            && let Some(stored) = tasks.join_next().await
        {
            let stored: anyhow::Result<()> = stored?;
            stored?;
        }
        let store = store.clone();
        tasks.spawn(async move {
            let submission = submission(number)?;
            let delivery = Delivery {
                id: format!("stored-delivery-{number}").parse()?,
                submission_id: submission.id.clone(),
                address: submission.addresses[0].clone(),
                state: MessageState::Pending,
                code: StatusCode::Ok,
                desc: String::new(),
                event_ms: RECEIVED_MS,
                bearer: None,
            };
            let submitted = store.submit(submission, vec![delivery]).await?;
            ensure!(submitted == Submitted::Stored, "stored before");
            Ok(())
        });
    }
    while let Some(stored) = tasks.join_next().await {
        stored??;
    }
    store.close().await?;
    Ok(())
}

fn submission(number: u32) -> anyhow::Result<Submission> {
    let push_id: PushId = format!("stored-{number}@bench").parse()?;
    let address: Address = "WAPPUSH=group%2Fall/TYPE=USER@pushcast".parse()?;
    Ok(Submission {
        id: format!("stored-{number}").parse()?,
        initiator: ACCOUNT.parse()?,
        authentication: Authentication::Basic,
        lineage: Lineage::first(&push_id),
        push_id,
        request_sha256: Sha256([0; 32]),
        pap_version: PapVersion { major: 2, minor: 0 },
        pi_lists_versions: false,
        received_ms: RECEIVED_MS,
        deliver_after_ms: Some(DUE_MS),
        deliver_before_ms: DUE_MS + 3_600_000,
        deliver_before_given: false,
        source_reference: None,
        notify_url: None,
        progress_notes: false,
        quality_of_service: None,
        addresses: vec![address],
        content: Content {
            content_type: "text/vnd.wap.si".to_owned(),
            headers: Vec::new(),
            body: Body::Inline(SI.as_bytes().to_vec()),
        },
    })
}
