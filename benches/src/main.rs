//! What pushcast promises of speed, measured beside the best peer and the raw ceiling.
//!
//! One program, one module for each question. Every figure of a question comes from the same run:
//! its sides take turns, round after round, so that whatever else the machine does hits them
//! alike. Work is divided by the processor time of the whole process, worker threads and kernel
//! included, because a lane that needs two cores is not twice as fast. That is also why this is
//! no suite of wall-clock benches. Where speed is measured the object must first arrive octet for
//! octet; silence and pacing (P7, P8) are read off the kernel's stamps of what arrived. No question
//! fails for being slow.

mod console;
mod content;
mod cpu;
mod fallback;
mod figures;
mod idle;
mod listen;
mod multicast;
mod namespace;
mod ours;
mod pacing;
mod packetize;
mod pap;
mod peer;
mod raw;
mod reception;
mod repair;
mod silence;
mod software;
mod table;

use std::process::ExitCode;

use clap::Parser;

use figures::Row;

/// The allocator of the `pushcast` program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How much is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Objects of a few megabytes, one round: does it still work?
    Smoke,
    /// What the table in the README is made of.
    Full,
}

impl Extent {
    /// Rounds in which the sides take turns.
    pub(crate) const fn rounds(self) -> usize {
        match self {
            Self::Smoke => 1,
            Self::Full => 7,
        }
    }

    /// One of two.
    pub(crate) const fn choose<T: Copy>(self, smoke: T, full: T) -> T {
        match self {
            Self::Smoke => smoke,
            Self::Full => full,
        }
    }
}

/// Measures what pushcast promises of speed.
#[derive(Debug, Parser)]
struct Arguments {
    /// Questions to be answered, P1 to P16; all of them if none is named.
    questions: Vec<String>,
    /// Small objects and one round: checks results, says nothing about speed.
    #[arg(long)]
    smoke: bool,
    /// One JSON object for each figure instead of a table.
    #[arg(long)]
    json: bool,
}

/// A question, and how it is answered.
type Question = (&'static str, fn(Extent) -> anyhow::Result<Vec<Row>>);

const QUESTIONS: [Question; 16] = [
    ("P1", packetize::measure),
    ("P2", multicast::measure),
    ("P3", software::measure),
    ("P4", repair::first_pass),
    ("P5", repair::later_passes),
    ("P6", repair::repair_only),
    ("P7", silence::measure),
    ("P8", pacing::measure),
    ("P9", reception::measure),
    ("P10", idle::measure),
    ("P11", fallback::measure),
    ("P12", pap::submissions),
    ("P13", pap::urgent),
    ("P14", pap::cells),
    ("P15", console::pages),
    ("P16", console::live),
];

fn main() -> ExitCode {
    // Questions about the gateway start it as a process: this program is that process too.
    if std::env::args()
        .nth(1)
        .is_some_and(|first| first == "serve")
    {
        return pushcast_engine::cli::main(pushcast_console::http::routes::routes);
    }
    let arguments = Arguments::parse();
    let unknown = arguments
        .questions
        .iter()
        .find(|asked| !QUESTIONS.iter().any(|(id, _)| id == asked));
    if let Some(unknown) = unknown {
        table::say(&format!("{unknown:?} is no question: P1 to P16"));
        return ExitCode::from(2);
    }
    match answer(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            table::say(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn answer(arguments: &Arguments) -> anyhow::Result<()> {
    let extent = if arguments.smoke {
        Extent::Smoke
    } else {
        Extent::Full
    };
    let asked = |id: &str| {
        arguments.questions.is_empty() || arguments.questions.iter().any(|asked| asked == id)
    };
    let mut answers = Vec::new();
    // Memory comes first: what other questions have freed would hide what it needs.
    let (memory, others): (Vec<_>, Vec<_>) = (QUESTIONS.iter().enumerate())
        .filter(|(_, (id, _))| asked(id))
        .partition(|(_, (id, _))| *id == "P10");
    for (place, (id, measure)) in memory.into_iter().chain(others) {
        table::progress(id);
        let rows = measure(extent).map_err(|error| error.context(*id))?;
        answers.push((place, rows));
    }
    answers.sort_by_key(|(place, _)| *place);
    let rows: Vec<Row> = answers.into_iter().flat_map(|(_, rows)| rows).collect();
    if arguments.json {
        rows.iter().for_each(table::json);
    } else {
        table::print(&rows, extent);
    }
    Ok(())
}
