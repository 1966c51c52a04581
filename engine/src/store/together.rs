//! The writer and the thread that SQLite runs on, together on one processor.
//!
//! Each of the two sleeps while the other works, many times in every transaction. To wake a thread on
//! another processor, which sleeps by then, takes longer than most statements; on the same one it
//! is a change of threads. Whatever else runs there moves away.

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// Keeps the calling thread, and all that it starts, on one of the processors that it may use. Where
/// the system refuses, it stays as it is.
pub(super) fn on_one_processor() {
    let confined = sched_getaffinity(None).and_then(|allowed| {
        let chosen = one_of(&allowed, std::process::id() as usize);
        chosen.map_or(Ok(()), |chosen| sched_setaffinity(None, &chosen))
    });
    if let Err(error) = confined {
        tracing::debug!(%error, "the store's threads stay on all processors");
    }
}

/// By `number`, so that processes which do the same seldom meet.
fn one_of(allowed: &CpuSet, number: usize) -> Option<CpuSet> {
    let count = usize::try_from(allowed.count()).ok()?;
    let turn = number.checked_rem(count)?;
    let mut set = (0..CpuSet::MAX_CPU).filter(|cpu| allowed.is_set(*cpu));
    let mut chosen = CpuSet::new();
    chosen.set(set.nth(turn)?);
    Some(chosen)
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
        assert_eq!(one_of(&set(&[5]), 7), Some(set(&[5])));
        assert_eq!(one_of(&set(&[1, 4, 6]), 7), Some(set(&[4])));
        assert_eq!(one_of(&set(&[1, 4, 6]), 8), Some(set(&[6])));
    }

    #[test]
    fn threads_that_are_started_there_stay_there() {
        let processors = || sched_getaffinity(None).unwrap();
        let before = processors();
        let (own, started) = std::thread::spawn(move || {
            on_one_processor();
            (processors(), std::thread::spawn(processors).join().unwrap())
        })
        .join()
        .unwrap();
        assert_eq!((own.count(), started), (1, own));
        assert_eq!(processors(), before, "others are where they were");
    }
}
