//! How long a message takes to encode. Prints and does not judge: run it in a release build,
//! `cargo test --release -p pushcast-cbs --test it -- --ignored speed --nocapture`.

use std::hint::black_box;
use std::time::{Duration, Instant};

use pushcast_cbs::text::{self, Options};

const RUNS: usize = 20_000;

#[test]
#[ignore = "measures"]
fn fifteen_pages() {
    let texts = [
        ("GSM7, 1395 septets", "0123456789abcde".repeat(93)),
        ("GSM7, 690 characters of two septets", "€".repeat(690)),
        ("UCS2, 615 units", "яж".repeat(307)),
    ];
    for (name, text) in texts {
        let mut times: Vec<Duration> = (0..RUNS)
            .map(|_| {
                let start = time();
                let encoded = text::encode(black_box(&text), &Options::default()).unwrap();
                let elapsed = start.elapsed();
                assert_eq!(black_box(encoded).contents.count(), 15);
                elapsed
            })
            .collect();
        times.sort_unstable();
        let at = |share: usize| times[RUNS * share / 100];
        println!(
            "{name}: n {RUNS}, median {:?}, p1 {:?}, p99 {:?}",
            at(50),
            at(1),
            at(99)
        );
    }
}

#[allow(clippy::disallowed_methods, reason = "a measurement reads the clock")]
fn time() -> Instant {
    Instant::now()
}
