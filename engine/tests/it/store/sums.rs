//! Reports over random histories say what counting each push by hand says, whatever part of the
//! history is in the sums.

mod by_hand;

use pushcast_engine::model::listing::Source;
use pushcast_engine::model::report::{Dimension, ReportQuery};
use pushcast_engine::model::{Bearer, CbsProgress, CbsState, CellCount};
use pushcast_engine::store::{Change, Purge, Store};

use super::fixtures::{HOUR, NOW};
use super::place::Place;
use by_hand::{DAYS, History};

super::stories!(
    sums_are_what_counting_by_hand_gives,
    pages_of_pushes_and_groups_hold_each_once
);

/// Questions of every kind: plain, narrowed once and twice, over odd periods.
fn questions() -> Vec<ReportQuery> {
    let begin = NOW - DAYS * 24 * HOUR;
    let mut questions = Vec::new();
    for by in Dimension::ALL {
        // A whole period, one with edges, one within an hour.
        for (from_ms, to_ms) in [
            (begin - HOUR, NOW + HOUR),
            (begin + 3 * HOUR + 1_234_567, NOW - 5 * HOUR - 1_000_001),
            (begin + 40 * HOUR + 10, begin + 40 * HOUR + 1_800_000),
        ] {
            questions.push(ReportQuery::of(*by, from_ms, to_ms));
        }
        let odd = ReportQuery::of(*by, begin + 7 * HOUR + 77, NOW - 3 * HOUR - 3_333_333);
        questions.push(ReportQuery {
            group: Some("g 1".to_owned()),
            ..odd.clone()
        });
        questions.push(ReportQuery {
            area: Some("a2".to_owned()),
            source: Some(Source::Pap),
            ..odd.clone()
        });
        questions.push(ReportQuery {
            channel: Some("air".parse().unwrap()),
            ..odd.clone()
        });
        questions.push(ReportQuery {
            bearer: Some(Bearer::Cbs),
            initiator: Some("pi1".parse().unwrap()),
            ..odd.clone()
        });
        questions.push(ReportQuery {
            group: Some("g0".to_owned()),
            channel: Some("cells".parse().unwrap()),
            ..odd.clone()
        });
        questions.push(ReportQuery {
            source: Some(Source::Console),
            ..odd
        });
    }
    questions
}

/// Asks everything, as a whole and divided.
async fn check(store: &Store, history: &History, when: &str) {
    let workspace = "live".parse().unwrap();
    for query in questions() {
        let whole = (query.by == Dimension::Day).then_some(None);
        for by in whole.into_iter().chain([Some(query.by)]) {
            let told = store.report(&workspace, &query, by).await.unwrap();
            let counted = history.report(&query, by);
            assert_eq!(told, counted, "{when}, seed {}: {query:?}", history.seed);
        }
    }
}

async fn sums_are_what_counting_by_hand_gives(place: &Place) {
    for seed in 1..3 {
        let store = place.open("sums").await;
        let mut history = History::random(seed);
        history.store(place).await;
        check(&store, &history, "before").await;
        assert_eq!(store.sum_up(NOW, 50).await.unwrap(), 50);
        check(&store, &history, "in between").await;
        while store.sum_up(NOW, 50).await.unwrap() > 0 {}
        check(&store, &history, "summed").await;
        // A centre tells of its cells late.
        let (message, cells) = history.more_cells();
        let progress = CbsProgress {
            id: message,
            state: CbsState::Done,
            at_ms: NOW,
            cells: Some(CellCount {
                installed: cells.0,
                failed: cells.1,
                broadcasts: 7,
            }),
            desc: None,
        };
        store.conclude(vec![Change::Cbs(progress)]).await.unwrap();
        check(&store, &history, "after more of a cell").await;
        assert_eq!(store.sum_up(NOW, 50).await.unwrap(), 1);
        check(&store, &history, "summed again").await;
        let before_ms = NOW - DAYS * 24 * HOUR + 30 * HOUR;
        let forgotten = history.forget(before_ms);
        let purge = Purge {
            now_ms: NOW,
            finished_before_ms: before_ms,
            remember_until_ms: NOW + HOUR,
            limit: 1_000,
        };
        let purged = store.purge(purge).await.unwrap();
        assert_eq!(purged.submissions, forgotten, "seed {seed}");
        check(&store, &history, "some forgotten").await;
        store.close().await.unwrap();
        history.clear(place).await;
    }
}

async fn pages_of_pushes_and_groups_hold_each_once(place: &Place) {
    let store = place.open("sums").await;
    let history = History::random(9);
    history.store(place).await;
    store.sum_up(NOW, 120).await.unwrap();
    let workspace = "live".parse().unwrap();
    for (by, group) in [
        (Dimension::Submission, None),
        (Dimension::Submission, Some("g 1")),
        (Dimension::Group, None),
    ] {
        let mut query = ReportQuery {
            rows: 7,
            group: group.map(str::to_owned),
            ..ReportQuery::of(by, 0, NOW + HOUR)
        };
        let all = history.report(&query, Some(by));
        let mut seen = std::collections::BTreeMap::new();
        loop {
            let mut page = store.report(&workspace, &query, Some(by)).await.unwrap();
            let more = page.len() > 7;
            assert!(page.len() <= 8);
            if more {
                match by {
                    Dimension::Submission => page.pop_first(),
                    _ => page.pop_last(),
                };
            }
            let last = match by {
                Dimension::Submission => page.keys().next(),
                _ => page.keys().next_back(),
            };
            query.after = last.map(|key| pushcast_engine::model::listing::Cursor {
                at: 0,
                key: key.clone(),
            });
            let rows = seen.len() + page.len();
            seen.append(&mut page);
            assert_eq!(seen.len(), rows, "no row is on two pages");
            if !more {
                break;
            }
        }
        assert_eq!(seen, all, "{by:?} {group:?}");
    }
}
