//! The threads of the store, together on one processor: the writer, the one that SQLite runs on, and
//! the one that syncs the log.
//!
//! Each sleeps while another works, many times in every transaction. To wake a thread on another
//! processor, which sleeps by then, takes longer than most statements; on the same one it is a change
//! of threads. Whatever else runs there moves away.
//!
//! A sync ends with an interrupt. Disks with one queue, those of most virtual machines, send all of
//! theirs to one processor, and from there it would have to wake another one. So the store sits where
//! its disk's interrupts arrive, if they arrive in one place.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

use super::log_sync::Log;

/// What the system has counted since it started: a line for each interrupt, a column for each processor.
const INTERRUPTS: &str = "/proc/interrupts";
/// Syncs that tell where the disk's interrupts arrive, and how long they may take together.
const TRIALS: u64 = 8;
const TRIAL_TIME: Duration = Duration::from_millis(50);

/// The processor for the store whose log that is, among those that this thread may use; none where the
/// system does not say which these are.
pub(super) fn choose(log: &Log) -> Option<usize> {
    let allowed = sched_getaffinity(None).ok()?;
    let interrupted = log.folder().map(of_disk).transpose();
    let interrupted = interrupted.unwrap_or_else(|error| {
        tracing::debug!(%error, "where the disk's interrupts arrive is not known");
        None
    });
    match interrupted.flatten() {
        Some(processor) if processor < CpuSet::MAX_CPU && allowed.is_set(processor) => {
            Some(processor)
        }
        Some(_) | None => one_of(&allowed, std::process::id() as usize),
    }
}

/// Keeps the calling thread, and all that it starts, on a processor. Where the system refuses, it
/// stays as it is.
pub(super) fn stay_on(processor: usize) {
    let mut chosen = CpuSet::new();
    chosen.set(processor);
    if let Err(error) = sched_setaffinity(None, &chosen) {
        tracing::debug!(%error, "a thread of the store stays on all processors");
    }
}

/// By `number`, so that processes which do the same seldom meet.
fn one_of(allowed: &CpuSet, number: usize) -> Option<usize> {
    let count = usize::try_from(allowed.count()).ok()?;
    let turn = number.checked_rem(count)?;
    let mut set = (0..CpuSet::MAX_CPU).filter(|cpu| allowed.is_set(*cpu));
    set.nth(turn)
}

/// Where the interrupts of the disk that a folder lies on arrive, if in one place.
fn of_disk(folder: &Path) -> io::Result<Option<usize>> {
    let file: File = tempfile::tempfile_in(folder)?;
    let before = fs::read_to_string(INTERRUPTS)?;
    let (mut syncs, began) = (0, Instant::now());
    while syncs < TRIALS && began.elapsed() < TRIAL_TIME {
        file.write_all_at(&syncs.to_ne_bytes(), 0)?;
        file.sync_data()?;
        syncs += 1;
    }
    let after = fs::read_to_string(INTERRUPTS)?;
    Ok(interrupted(&before, &after, syncs))
}

/// The processor that nearly all of the interrupts of the busiest device have come to in between, if
/// there were `least` of them.
fn interrupted(before: &str, after: &str, least: u64) -> Option<usize> {
    let processors: Vec<usize> = after
        .lines()
        .next()?
        .split_whitespace()
        .map_while(|name| name.strip_prefix("CPU")?.parse().ok())
        .collect();
    // Interrupts of devices have numbers, those among processors have names.
    let counts = |line: &str| -> Option<(u32, Vec<u64>)> {
        let (number, rest) = line.split_once(':')?;
        let rest = rest.split_whitespace().take(processors.len());
        let counts: Option<_> = rest.map(|count| count.parse().ok()).collect();
        Some((number.trim().parse().ok()?, counts?))
    };
    let before: HashMap<u32, Vec<u64>> = before.lines().filter_map(counts).collect();
    let grown = |(number, counts): (u32, Vec<u64>)| {
        let old = before.get(&number);
        let old = |place: usize| old.and_then(|old| old.get(place)).copied().unwrap_or(0);
        let new = (0..)
            .zip(counts)
            .map(|(place, new)| new.saturating_sub(old(place)));
        new.collect::<Vec<u64>>()
    };
    let busiest = after
        .lines()
        .filter_map(counts)
        .map(grown)
        .max_by_key(|grown| grown.iter().sum::<u64>())?;
    let all: u64 = busiest.iter().sum();
    let (most, processor) = busiest.into_iter().zip(processors).max()?;
    (all >= least && least > 0 && most * 10 >= all * 9).then_some(processor)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(cpus: &[usize]) -> CpuSet {
        let mut set = CpuSet::new();
        cpus.iter().for_each(|cpu| set.set(*cpu));
        set
    }

    #[test]
    fn one_of_those_that_are_allowed_is_chosen() {
        assert_eq!(one_of(&set(&[]), 7), None);
        assert_eq!(one_of(&set(&[5]), 7), Some(5));
        assert_eq!(one_of(&set(&[1, 4, 6]), 7), Some(4));
        assert_eq!(one_of(&set(&[1, 4, 6]), 8), Some(6));
    }

    /// Counts of the disk's and the network's interrupts by processor, and of the timer's.
    fn table(disk: [u64; 2], network: [u64; 2], timer: u64) -> String {
        format!(
            "           CPU0       CPU3       \n\
             \x20 36: {:10} {:10} PCI-MSIX-0000:00:02.0   1-edge      virtio1-req.0\n\
             \x20 40: {:10} {:10} PCI-MSIX-0000:00:04.0   1-edge      virtio3-rx\n\
             LOC: {timer:10} {timer:10} Local timer interrupts\n\
             ERR:          0\n",
            disk[0], disk[1], network[0], network[1]
        )
    }

    #[test]
    fn interrupts_that_arrive_in_one_place_say_where() {
        let before = table([5, 100], [70, 0], 1000);
        let after = |disk, network| interrupted(&before, &table(disk, network, 9000), 8);
        assert_eq!(after([5, 108], [72, 0]), Some(3));
        assert_eq!(after([25, 102], [70, 0]), Some(0));
        assert_eq!(after([9, 104], [70, 0]), None, "in both places");
        assert_eq!(after([5, 107], [70, 0]), None, "too few");
        assert_eq!(interrupted(&before, &before, 0), None);
        assert_eq!(interrupted("", "nothing of the kind\n1: x", 8), None);
    }

    #[test]
    fn threads_that_are_started_there_stay_there() {
        let processors = || sched_getaffinity(None).unwrap();
        let before = processors();
        let chosen = one_of(&before, 1).unwrap();
        let (own, started) = std::thread::spawn(move || {
            stay_on(chosen);
            (processors(), std::thread::spawn(processors).join().unwrap())
        })
        .join()
        .unwrap();
        assert_eq!((own, started), (set(&[chosen]), own));
        assert_eq!(processors(), before, "others are where they were");
    }
}
