//! Lists with many pushes behind them. Times are printed and fail nothing.

use std::time::Instant;

use pushcast_engine::model::Role;
use pushcast_engine::model::listing::{ListQuery, Tab};
use pushcast_engine::model::report::{Dimension, ReportQuery};

use super::desk::Desk;
use crate::store::place::Place;

/// Pushes stored.
const PUSHES: u32 = 100_000;

/// Pushes over the last 100,000 seconds: of ten nine are over and one waits for its time.
const FILL: &[&str] = &[
    "INSERT INTO submission (id, initiator, push_id, origin_push_id, revision, request_sha256, \
     pap_version, pi_lists_versions, received_ms, due_ms, deliver_before_ms, \
     deliver_before_given, progress_notes, priority, content_type, headers, body, body_bytes, \
     state, attempts, next_ms, closed_at_ms) \
     WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 99999) \
     SELECT printf('%08x-%04x-7000-8000-%012x', (1790000000000 + i * 1000) / 65536, \
     (1790000000000 + i * 1000) % 65536, i), 'pi', 'push ' || i, 'push ' || i, 1, \
     printf('%064x', i), '2.0', 0, 1790000000000 + i * 1000, \
     CASE WHEN i % 10 = 0 THEN 4000000000000 + i ELSE 1790000000000 + i * 1000 END, \
     5000000000000, 0, 0, 1, 'text/plain', '[]', x'00', 1, \
     CASE WHEN i % 10 = 0 THEN 'queued' ELSE 'done' END, 1, 4000000000000 + i, \
     CASE WHEN i % 10 = 0 THEN NULL ELSE 1790000000000 + i * 1000 + 500 END FROM n",
    "INSERT INTO delivery (id, submission_id, position, address_raw, address_key, state, code, \
     description, event_ms) SELECT 'd' || id, id, 0, 'WAPPUSH=group%2Fflood/TYPE=USER@ppg', \
     'WAPPUSH=group%2Fflood/TYPE=USER@ppg', \
     CASE WHEN state = 'done' THEN 'delivered' ELSE 'pending' END, 1000, '', received_ms \
     FROM submission",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_over_a_hundred_thousand_pushes() {
    let place = Place::sqlite();
    let desk = Desk::open(&place).await;
    let vera = desk.person("vera", &[Role::Viewer], "live").await;
    for statement in FILL {
        place.execute(statement).await;
    }
    let query = |tab, text: Option<&str>| ListQuery {
        tab,
        text: text.map(str::to_owned),
        ..ListQuery::default()
    };
    let cases = [
        ("all", query(Tab::All, None), 50),
        ("scheduled", query(Tab::Scheduled, None), 50),
        ("finished", query(Tab::Finished, None), 50),
        ("live", query(Tab::Live, None), 0),
        ("waiting", query(Tab::Waiting, None), 0),
        ("text", query(Tab::All, Some("push 9999")), 11),
        ("no such text", query(Tab::All, Some("nowhere")), 0),
    ];
    for (name, query, rows) in cases {
        let mut times = Vec::new();
        for _ in 0..20 {
            let begun = Instant::now();
            let page = desk.gateway.list(&vera, &query).await.unwrap();
            times.push(begun.elapsed());
            assert_eq!(page.rows.len(), rows, "{name}");
        }
        times.sort();
        eprintln!("{name}: median {:?}, longest {:?}", times[10], times[19]);
    }
    // Deep in the list a page costs no more than the first.
    let mut deep = query(Tab::All, None);
    deep.rows = 200;
    let mut seen = 0;
    let begun = Instant::now();
    loop {
        let page = desk.gateway.list(&vera, &deep).await.unwrap();
        seen += page.rows.len();
        match page.next {
            Some(next) if seen < 20_000 => deep.after = Some(next),
            _ => break,
        }
    }
    eprintln!("100 pages of 200 rows: {:?}", begun.elapsed());
    let begun = Instant::now();
    desk.gateway.overview(&vera).await.unwrap();
    eprintln!("overview: {:?}", begun.elapsed());
    let of = ReportQuery::of(Dimension::Day, 1_790_000_000_000, 1_791_000_000_000);
    let begun = Instant::now();
    let report = desk.gateway.report(&vera, of).await.unwrap();
    eprintln!("report over all by day: {:?}", begun.elapsed());
    assert_eq!(report.total.submissions, u64::from(PUSHES));
    assert_eq!(report.total.deliveries.delivered, 90_000);
}
