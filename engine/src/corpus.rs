//! The corpora of the fuzz targets, replayed whole and damaged.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use proptest::prelude::*;
use proptest::sample::Index;

/// A fuzz target with the name of its corpus.
pub(crate) type Target = (&'static str, fn(&[u8]));

/// What is done to a file: where, how many octets go, which come.
pub(crate) type Edit = (Index, usize, Vec<u8>);

fn files(name: &str) -> Vec<Vec<u8>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/corpus/");
    let mut paths: Vec<_> = std::fs::read_dir(format!("{folder}{name}"))
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    paths.sort();
    let files = paths.iter().map(|path| std::fs::read(path).unwrap());
    files.collect()
}

/// Every file of every corpus, each of which has at least so many.
pub(crate) fn replay(targets: &[Target], at_least: usize) {
    for (name, target) in targets {
        let files = files(name);
        assert!(files.len() >= at_least, "{name} has {} files", files.len());
        files.iter().for_each(|file| target(file));
    }
}

/// One file of each corpus with these edits.
pub(crate) fn replay_damaged(targets: &[Target], file: Index, edits: &[Edit]) {
    for (name, target) in targets {
        let files = files(name);
        let mut data = file.get(&files).clone();
        for (at, removed, inserted) in edits {
            let at = at.index(data.len() + 1);
            let end = (at + removed).min(data.len());
            data.splice(at..end, inserted.iter().copied());
        }
        target(&data);
    }
}

/// A few edits that insert such octets.
pub(crate) fn edits(octets: impl Strategy<Value = u8>) -> impl Strategy<Value = Vec<Edit>> {
    let inserted = prop::collection::vec(octets, 0..4);
    prop::collection::vec((any::<Index>(), 0usize..4, inserted), 1..6)
}
