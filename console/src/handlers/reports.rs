//! Delivery reports.

use axum::response::Response;
use pushcast_engine::model::Bearer;
use pushcast_engine::model::listing::Source;
use pushcast_engine::model::report::{Dimension, MAX_PERIOD_MS, ReportQuery};

use crate::components::Clock;
use crate::http::{Call, Failure, download};
use crate::pages::reports as pages;

/// Period where none is asked for, ms: two weeks.
const PERIOD_MS: u64 = 14 * 86_400_000;
/// Rows of the page; the download has all.
const ROWS: u32 = 100;

fn query(call: &Call, rows: u32) -> ReportQuery {
    let query = &call.query;
    let clock = Clock::new(call.zone(), call.app.now_ms());
    // The form's times have no seconds: what came in in this minute is in.
    let asked_ms = clock.read(query.text("to"));
    let to_ms = asked_ms.unwrap_or_else(|| call.app.now_ms()) + 60_000;
    let from_ms = clock
        .read(query.text("from"))
        .unwrap_or_else(|| to_ms.saturating_sub(PERIOD_MS));
    let from_ms = from_ms.clamp(to_ms.saturating_sub(MAX_PERIOD_MS), to_ms);
    let named = |name: &str| Some(query.text(name).to_owned()).filter(|text| !text.is_empty());
    ReportQuery {
        source: Source::from_query(query.text("source")),
        initiator: query.read_as("initiator"),
        group: named("group"),
        area: named("area"),
        channel: query.read_as("channel"),
        bearer: Bearer::from_pap(query.text("bearer")),
        after: query.read_as("after"),
        rows,
        ..ReportQuery::of(
            Dimension::from_query(query.text("by")).unwrap_or_default(),
            from_ms,
            to_ms,
        )
    }
}

pub(crate) async fn show(call: Call) -> Result<Response, Failure> {
    let query = query(&call, ROWS);
    let actor = call.actor()?;
    let (report, days) = call.gateway().report_with_days(actor, query).await?;
    Ok(pages::show(&call, &days, &report))
}

pub(crate) async fn csv(call: Call) -> Result<Response, Failure> {
    let query = query(&call, 0);
    let csv = call.gateway().report_csv(call.actor()?, query).await?;
    Ok(download(
        "report.csv",
        "text/csv; charset=utf-8",
        csv.into_bytes(),
    ))
}
