//! P15: how long do pages take when much is stored?

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::ensure;
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, Executor as _};

use super::browser::Browser;
use super::fill::{Database, Filled, fill};
use super::history::Extents;
use crate::figures::{Row, Samples, Target, Unit};
use crate::pap::gateway::{self, Gateway};
use crate::pap::load::on_this_thread;
use crate::{Extent, namespace};

/// The server that a PostgreSQL row is measured on, with a database of its own on it.
pub(super) const POSTGRES: &str = "PUSHCAST_TEST_POSTGRES";
/// What a page may take, ms.
const MOST_MS: f64 = 50.0;
/// A channel whose carousel goes on until the push expires.
pub(super) const ROUND: &str = r#"
[[channel]]
name = "round"
kind = "flute"
bearer = "MBMS"
group = "239.255.66.10"
port = 5067
source = "127.0.0.1"
ttl = 0
tsi = 10
rate_bps = 10_000_000
carousel = { until = "expiry", delay_ms = 1000 }
"#;

/// A page, what has to stand in it, and how long it took.
struct Page {
    name: &'static str,
    path: String,
    holds: String,
    p50: Samples,
    p99: Samples,
}

/// Extents of what is stored.
pub(super) fn extents(extent: Extent) -> Extents {
    extent.choose(
        Extents {
            submissions: 2_000,
            groups: 200,
            areas: 100,
            audit: 200,
        },
        Extents {
            submissions: 100_000,
            groups: 10_000,
            areas: 1_000,
            audit: 20_000,
        },
    )
}

/// Unix ms.
pub(super) fn now_ms() -> anyhow::Result<u64> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH)?;
    Ok(u64::try_from(since.as_millis())?)
}

pub(crate) fn measure(extent: Extent) -> anyhow::Result<Vec<Row>> {
    namespace::alone(|| {
        let folder = gateway::folder()?;
        std::fs::create_dir_all(folder.path().join("data"))?;
        let file = folder.path().join("data/pushcast.db");
        let sqlite = Database {
            url: format!("sqlite:{}", file.display()),
        };
        let mut rows = rows(extent, folder.path(), &sqlite, "")?;
        if let Ok(server) = std::env::var(POSTGRES) {
            let folder = gateway::folder()?;
            let name = format!("bench_{}", uuid::Uuid::now_v7().simple());
            let create = format!("CREATE DATABASE {name}");
            on_this_thread(execute(&server, &create))??;
            let mut url = url::Url::parse(&server)?;
            url.set_path(&name);
            let database = Database { url: url.into() };
            let on_postgres = self::rows(extent, folder.path(), &database, ", on PostgreSQL");
            let drop = format!("DROP DATABASE {name} WITH (FORCE)");
            on_this_thread(execute(&server, &drop))??;
            rows.extend(on_postgres?);
        }
        Ok(rows)
    })
}

async fn execute(server: &str, sql: &str) -> anyhow::Result<()> {
    sqlx::any::install_default_drivers();
    let mut connection = AnyConnection::connect(server).await?;
    connection.execute(AssertSqlSafe(sql)).await?;
    connection.close().await?;
    Ok(())
}

fn rows(
    extent: Extent,
    folder: &std::path::Path,
    database: &Database,
    on: &str,
) -> anyhow::Result<Vec<Row>> {
    let filled = on_this_thread(fill(database, &extents(extent), now_ms()?))??;
    let server = format!("database_url = \"{}\"", database.url);
    let gateway = Gateway::start_on(folder, &server, ROUND)?;
    let mut browser = Browser::open()?;
    let mut pages = pages(&filled);
    wait_for_alerts(&mut browser)?;
    let times = extent.choose(3, 100);
    for _ in 0..extent.rounds().min(3) {
        for page in &mut pages {
            let mut round = Samples::default();
            for _ in 0..times {
                let began = Instant::now();
                let text = browser.get(&page.path)?;
                round.push(began.elapsed().as_secs_f64() * 1e3);
                ensure!(
                    text.contains(&page.holds),
                    "{} does not hold {:?}",
                    page.path,
                    page.holds
                );
            }
            page.p50.push(round.percentile(50.0));
            page.p99.push(round.percentile(99.0));
        }
    }
    gateway.stop()?;
    let row = |page: Page| {
        let work = format!("page: {}, p99{on}", page.name);
        Row::new("P15", work, Unit::Milliseconds)
            .target(Target::AtMost(MOST_MS))
            .ours(page.p99)
            .ceiling("p50", page.p50)
    };
    Ok(pages.into_iter().map(row).collect())
}

/// Waits until the alerts that are due are on the air, so that each page has them.
fn wait_for_alerts(browser: &mut Browser) -> anyhow::Result<()> {
    let began = Instant::now();
    while !browser.get("/w/live")?.contains("Where alerts are live") {
        ensure!(
            began.elapsed() < Duration::from_secs(60),
            "no alert goes on the air"
        );
        std::thread::sleep(Duration::from_millis(200));
    }
    Ok(())
}

/// The heaviest pages of the console.
fn pages(filled: &Filled) -> Vec<Page> {
    let Filled { push, alert, draft } = filled;
    let (alert, draft) = (&alert.id, &draft.id);
    let of = |name, path: String, holds: &str| Page {
        name,
        path: format!("/w/live{path}"),
        holds: holds.to_owned(),
        p50: Samples::default(),
        p99: Samples::default(),
    };
    let at = |name, path: &str, holds| of(name, path.to_owned(), holds);
    vec![
        at("overview, ten alerts on the air", "", "Flood on the Aln"),
        at("all submissions", "/submissions?tab=all", "push-"),
        at(
            "submissions by state and bearer, oldest first",
            "/submissions?tab=all&state=delivered&bearer=CBS&order=oldest",
            "push-",
        ),
        at(
            "submissions by the beginning of their id",
            "/submissions?tab=all&text=push-9",
            "push-9",
        ),
        at(
            "submissions that are over",
            "/submissions?tab=finished",
            "push-",
        ),
        at(
            "submissions that wait for their time",
            "/submissions?tab=scheduled",
            "push-",
        ),
        of("submission", format!("/submissions/{push}"), "area a"),
        of(
            "alert on the air",
            format!("/alerts/{alert}"),
            "Flood on the Aln",
        ),
        of(
            "audience of a draft",
            format!("/alerts/{draft}/audience"),
            "receivers expected",
        ),
        at("approvals", "/approvals", "Flood on the Aln"),
        at("groups", "/groups", "g1"),
        at("groups by name", "/groups?text=99", "99"),
        at("group", "/groups/named/g77", "g77"),
        at("areas with map", "/areas", "map-shape"),
        at("area", "/areas/named/a77", "map-spill"),
        at(
            "reports by day over all",
            "/reports?from=2020-01-01T00:00",
            "Figures",
        ),
        at("reports by group", "/reports?by=group", "g1"),
        at("reports by area", "/reports?by=area", "a1"),
        at("reports by channel", "/reports?by=channel", "cells"),
        at("reports by submission", "/reports?by=submission", "push-"),
        at("audit", "/audit", "change group"),
        at("audit of one thing", "/audit?object=group+g77", "group g77"),
        at("people", "/users", "u1"),
    ]
}
