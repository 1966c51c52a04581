//! How much of an SQLite file the writer keeps in memory.
//!
//! A larger cache is not a faster one. After most commits of many rows SQLite looks at every page of
//! its cache for those behind the end of the file: a cache of 32 MB costs a gateway with little
//! behind it more than all its reads. With much behind it, places in the indexes are all over the
//! file, and a small cache reads most of them from outside. So the cache grows with the file.

/// SQLite's own page, as this store leaves it, KiB.
const PAGE_KIB: u64 = 4;
/// The part of the file that is kept.
const SHARE: u64 = 16;
/// A day of a quiet gateway, KiB.
const LEAST_KIB: u64 = 8 << 10;
/// KiB.
const MOST_KIB: u64 = 64 << 10;

/// A cache for a file of so many pages, KiB: a power of two, so that it seldom changes.
pub(super) fn kib(pages: u64) -> u64 {
    let share = pages.saturating_mul(PAGE_KIB) / SHARE;
    share.clamp(LEAST_KIB, MOST_KIB).next_power_of_two()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_grows_with_the_file_within_bounds() {
        let mib = |mib: u64| mib << 10;
        let file = |mib: u64| kib((mib << 10) / PAGE_KIB);
        assert_eq!(file(0), mib(8));
        assert_eq!(file(128), mib(8));
        assert_eq!(file(129), mib(16));
        assert_eq!(file(512), mib(32));
        assert_eq!(file(1 << 20), mib(64));
        assert_eq!(kib(u64::MAX), mib(64));
    }
}
