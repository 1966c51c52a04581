//! Boards that many readers are told of one event: made once for all who read the same words.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use pushcast_engine::model::event::EventId;

/// What a board of the overview depends on besides the event.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Reading {
    /// The zone that was chosen; `None` for this machine's.
    pub zone: Option<String>,
    /// Path of the workspace.
    pub base: String,
    /// Whether there are buttons to stop alerts.
    pub may_stop: bool,
}

/// Boards of the latest event that anybody was told.
#[derive(Debug, Default)]
pub(crate) struct SharedBoards {
    latest: Mutex<Latest>,
}

#[derive(Debug, Default)]
struct Latest {
    event: Option<EventId>,
    boards: HashMap<Reading, Arc<str>>,
}

impl SharedBoards {
    /// The board of an event, made by `make` where nobody has asked for it before. A reader that is
    /// behind the others makes its own.
    pub(crate) fn of(
        &self,
        event: EventId,
        reading: &Reading,
        make: impl FnOnce() -> String,
    ) -> Arc<str> {
        let latest = self.latest.lock();
        let mut latest = latest.unwrap_or_else(PoisonError::into_inner);
        if latest.event < Some(event) {
            latest.event = Some(event);
            latest.boards.clear();
        }
        if latest.event != Some(event) {
            drop(latest);
            return make().into();
        }
        if let Some(board) = latest.boards.get(reading) {
            return Arc::clone(board);
        }
        let board: Arc<str> = make().into();
        latest.boards.insert(reading.clone(), Arc::clone(&board));
        board
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(number: u64) -> EventId {
        EventId { epoch: 7, number }
    }

    fn reading(base: &str) -> Reading {
        Reading {
            zone: None,
            base: base.to_owned(),
            may_stop: false,
        }
    }

    #[test]
    fn a_board_is_made_once_for_all_who_read_alike() {
        let boards = SharedBoards::default();
        let made = |word: &'static str| move || word.to_owned();
        let unasked = || -> String { panic!("made twice") };
        assert_eq!(&*boards.of(event(1), &reading("/a"), made("one")), "one");
        assert_eq!(&*boards.of(event(1), &reading("/a"), unasked), "one");
        assert_eq!(
            &*boards.of(event(1), &reading("/b"), made("other")),
            "other"
        );
        assert_eq!(&*boards.of(event(2), &reading("/a"), made("two")), "two");
        // Somebody who is behind hears what was then.
        assert_eq!(&*boards.of(event(1), &reading("/a"), made("late")), "late");
        assert_eq!(&*boards.of(event(2), &reading("/a"), unasked), "two");
    }
}
