//! An alert in a link: its messages, and what was told of them.

use std::cmp::Reverse;
use std::sync::Arc;

use pushcast_cbs::cbep::Capabilities;
use pushcast_flute::sender::ObjectKey;

use crate::cbc::course::{Came, Course, Nature, Stage, Step, Times, Trouble};
use crate::cbc::event::{Ending, Event};
use crate::model::{CbsProgress, CbsState, CellCount, Priority};

use super::{Alert, Back, Message};

/// What becomes of a message whose place a newer one takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// The newer one failed before the centre let go of this one: it goes on.
    GoesOn,
    /// The centre has let go of it.
    Replaced,
}

struct Running {
    message: Arc<Message>,
    course: Course,
    told_state: CbsState,
    told_cells: Option<CellCount>,
    /// A newer message is about to take its place; it decides.
    is_frozen: bool,
    /// What becomes of the earlier one was said.
    fate_told: bool,
}

impl Running {
    fn new(
        message: Message,
        capabilities: &'static Capabilities,
        has_command_port: bool,
        is_resumed: bool,
    ) -> Self {
        let nature = Nature {
            capabilities,
            has_command_port,
            message_id: message.broadcast.message_id,
            serial: message.broadcast.serial,
        };
        let times = Times {
            until_ms: message.until_ms,
            on_air: message.on_air,
            period: message.broadcast.period.duration(),
        };
        let has_earlier = message.earlier.is_some();
        let mut course = Course::new(nature, times, has_earlier, message.state, message.taken_ms);
        if is_resumed {
            course.resume();
        }
        Self {
            told_state: message.state,
            message: Arc::new(message),
            course,
            told_cells: None,
            is_frozen: false,
            fate_told: false,
        }
    }

    /// What becomes of the earlier one, once that is told for the first time.
    fn fate(&mut self) -> Option<(String, Fate)> {
        let (earlier, _) = self.message.earlier.as_ref().filter(|_| !self.fate_told)?;
        let fate = self.decided()?;
        self.fate_told = true;
        Some((earlier.clone(), fate))
    }

    /// What becomes of the earlier one, once that is decided.
    fn decided(&self) -> Option<Fate> {
        if self.course.is_taken() || self.course.has_let_go() {
            Some(Fate::Replaced)
        } else {
            (self.course.stage() == Stage::Over).then_some(Fate::GoesOn)
        }
    }

    fn progress(&mut self, now_ms: u64) -> Option<CbsProgress> {
        let (state, cells) = (self.course.state(), self.course.cells());
        if (state, cells) == (self.told_state, self.told_cells) {
            return None;
        }
        self.told_state = state;
        self.told_cells = cells;
        let desc = match self.course.ending() {
            Some(Ending::Refused(why)) => Some(why.clone()),
            Some(Ending::Occupied(message_id)) => Some(occupied(*message_id)),
            Some(Ending::Unknown) => Some("nobody knows what the centre did".to_owned()),
            _ => None,
        };
        Some(CbsProgress {
            id: self.message.id.clone(),
            state,
            at_ms: now_ms,
            cells,
            desc,
        })
    }
}

/// An alert that a link keeps.
pub(super) struct Tracked {
    key: ObjectKey,
    priority: Priority,
    number: u64,
    messages: Vec<Running>,
    was_asked: bool,
    was_taken: bool,
    ended: bool,
    told: Option<String>,
    /// How often it was broadcast, as was told.
    told_times: u32,
    /// What keeps it from the air, as was told.
    told_trouble: Option<Trouble>,
}

impl Tracked {
    pub(super) fn new(
        alert: Alert,
        capabilities: &'static Capabilities,
        has_command_port: bool,
        number: u64,
    ) -> Self {
        let is_resumed = alert.is_resumed;
        let running = |message| Running::new(message, capabilities, has_command_port, is_resumed);
        let messages: Vec<Running> = alert.messages.into_iter().map(running).collect();
        let was_taken = messages.iter().all(|one| one.message.taken_ms.is_some());
        Self {
            key: alert.key,
            priority: alert.priority,
            number,
            messages,
            was_asked: is_resumed,
            was_taken: was_taken && is_resumed,
            ended: false,
            told: None,
            told_times: 1,
            told_trouble: None,
        }
    }

    /// Smaller goes first.
    pub(super) fn order(&self) -> (Reverse<Priority>, u64) {
        (Reverse(self.priority), self.number)
    }

    /// Keys of the messages whose place its own take.
    pub(super) fn earlier(&self) -> Vec<String> {
        let messages = self.messages.iter();
        let earlier = messages.filter_map(|one| one.message.earlier.as_ref());
        earlier.map(|(key, _)| key.clone()).collect()
    }

    /// Holds a message back whose place a newer one takes.
    pub(super) fn freeze(&mut self, id: &str) {
        for one in &mut self.messages {
            if one.message.id == id {
                one.is_frozen = true;
            }
        }
    }

    /// Waits for what a newer alert does, or takes it in where that is done already.
    pub(super) fn yield_to(&mut self, newer: &Self) {
        for one in &newer.messages {
            let Some((earlier, _)) = &one.message.earlier else {
                continue;
            };
            match one.decided() {
                Some(fate) => _ = self.meets(earlier, fate),
                None => self.freeze(earlier),
            }
        }
    }

    /// Takes in what became of one of its messages; false if it is none of them.
    pub(super) fn meets(&mut self, id: &str, fate: Fate) -> bool {
        let Some(one) = self.messages.iter_mut().find(|one| one.message.id == id) else {
            return false;
        };
        one.is_frozen = false;
        if fate == Fate::Replaced {
            one.course.replaced();
        }
        true
    }

    /// When it has something to do.
    pub(super) fn wake_ms(&self) -> Option<u64> {
        let free = self.messages.iter().filter(|one| !one.is_frozen);
        free.filter_map(|one| one.course.wake_ms()).min()
    }

    /// Its next steps, at most `room`. What time ends is ended in any case.
    pub(super) fn next(&mut self, now_ms: u64, room: usize) -> Vec<(usize, Step, Arc<Message>)> {
        let mut steps = Vec::new();
        for (index, one) in self.messages.iter_mut().enumerate() {
            if one.is_frozen {
                continue;
            }
            one.course.pass_time(now_ms);
            if steps.len() >= room {
                continue;
            }
            if let Some(step) = one.course.next(now_ms) {
                steps.push((index, step, Arc::clone(&one.message)));
            }
        }
        steps
    }

    pub(super) fn came(&mut self, index: usize, step: Step, came: Came, now_ms: u64) {
        if let Some(one) = self.messages.get_mut(index) {
            one.course.came(step, came, now_ms);
        }
    }

    /// Gives it back if nothing was asked for; otherwise nothing changes.
    pub(super) fn back(&mut self, now_ms: u64) -> Back {
        let mut messages = self.messages.iter();
        let is_untouched = messages.all(|one| one.course.can_be_withdrawn() && !one.is_frozen);
        if !is_untouched {
            return Back::MayBeOnAir;
        }
        self.kill(now_ms);
        Back::Withdrawn
    }

    /// Takes it off the air, but for messages whose place a newer one takes.
    pub(super) fn kill(&mut self, now_ms: u64) {
        for one in self.messages.iter_mut().filter(|one| !one.is_frozen) {
            one.course.kill(now_ms);
        }
    }

    pub(super) fn fates(&mut self) -> Vec<(String, Fate)> {
        self.messages.iter_mut().filter_map(Running::fate).collect()
    }

    /// Messages of which nobody knows whether they are on the air.
    pub(super) fn unknown(&self) -> usize {
        let messages = self.messages.iter();
        messages.filter(|one| one.course.is_doubtful()).count()
    }

    /// Nothing is left to do, and it was told.
    pub(super) fn is_over(&self) -> bool {
        let mut messages = self.messages.iter();
        self.ended && messages.all(|one| one.course.stage() == Stage::Over)
    }

    /// What has not been told yet.
    pub(super) fn news(&mut self, now_ms: u64) -> Vec<Event> {
        let (alert, at_ms) = (self.key, now_ms);
        let mut events = Vec::new();
        if !self.was_asked && self.messages.iter().any(|one| one.course.may_be_on_air()) {
            self.was_asked = true;
            events.push(Event::Asked { alert, at_ms });
        }
        if let Some(why) = self.waits() {
            events.push(Event::Waits { alert, why, at_ms });
        }
        let what = self.cells();
        if what.is_some() && what != self.told {
            self.told.clone_from(&what);
            let what = what.unwrap_or_default();
            events.push(Event::Told { alert, what, at_ms });
        }
        if !self.was_taken && self.messages.iter().all(|one| one.course.is_taken()) {
            self.was_taken = true;
            events.push(Event::Taken { alert, at_ms });
        }
        if let Some(times) = self.times().filter(|times| *times > self.told_times)
            && self.was_taken
        {
            self.told_times = times;
            events.push(Event::Repeated {
                alert,
                times,
                at_ms,
            });
        }
        if let Some(how) = self.lost().filter(|_| !self.ended) {
            // A language that fails takes the others with it: half an alert is none.
            self.kill(now_ms);
            self.ended = true;
            events.push(Event::Ended { alert, how, at_ms });
        }
        let messages = self.messages.iter_mut();
        events.extend(
            messages
                .filter_map(|one| one.progress(now_ms))
                .map(Event::Progress),
        );
        let is_over = |one: &Running| one.course.stage() == Stage::Over;
        if !self.ended && self.messages.iter().all(is_over) {
            self.ended = true;
            let how = self.ending();
            events.push(Event::Ended { alert, how, at_ms });
        }
        events
    }

    /// What keeps it from the air, where that is news.
    fn waits(&mut self) -> Option<String> {
        let mut messages = self.messages.iter();
        let trouble = messages.find_map(|one| one.course.trouble());
        let trouble = trouble.filter(|_| !self.was_taken).cloned();
        if trouble == self.told_trouble {
            return None;
        }
        self.told_trouble = trouble;
        let told = self.told_trouble.as_ref().map(Trouble::to_string);
        Some(told.unwrap_or_default())
    }

    /// Why it cannot be broadcast as a whole, before it was.
    fn lost(&self) -> Option<Ending> {
        if self.was_taken {
            return None;
        }
        let is_loss = |how: &&Ending| {
            matches!(
                how,
                Ending::Expired | Ending::Occupied(_) | Ending::Refused(_) | Ending::Unknown
            )
        };
        let messages = self.messages.iter();
        let mut failing = messages.filter_map(|one| one.course.failing());
        let how = failing.find(is_loss).cloned()?;
        Some(self.as_a_whole(how))
    }

    /// Another identifier may be tried only where no phone can have shown another language: it
    /// would be shown again.
    fn as_a_whole(&self, how: Ending) -> Ending {
        match how {
            Ending::Occupied(message_id) if self.messages.len() > 1 => {
                Ending::Refused(occupied(message_id))
            }
            how => how,
        }
    }

    fn ending(&self) -> Ending {
        let mut endings = self.messages.iter().filter_map(|one| one.course.ending());
        let worst = endings.find(|how| **how != Ending::Done);
        self.as_a_whole(worst.cloned().unwrap_or(Ending::Done))
    }

    /// How often every message was broadcast, as far as all of them are known.
    fn times(&self) -> Option<u32> {
        let times = self.messages.iter();
        let times: Option<Vec<u32>> = times
            .map(|one| one.course.cells().as_ref().map(times_of))
            .collect();
        times?.into_iter().min()
    }

    /// What cells said, of all messages together.
    fn cells(&self) -> Option<String> {
        let mut told = self.messages.iter().filter_map(|one| one.course.cells());
        let first = told.next()?;
        // Every language goes to the same cells.
        let (installed, failed) = (first.installed, first.failed);
        let total = installed.saturating_add(failed);
        if total == 0 {
            return None;
        }
        let times = match times_of(&first) {
            0 => String::new(),
            1 => ", once".to_owned(),
            times => format!(", {times} times"),
        };
        Some(format!("broadcast in {installed} of {total} cells{times}"))
    }
}

/// What is said of an identifier that somebody else uses.
fn occupied(message_id: u16) -> String {
    format!("message identifier {message_id} is in use at the centre by somebody else")
}

/// Broadcasts of a cell, on average.
fn times_of(cells: &CellCount) -> u32 {
    let times = cells.broadcasts / u64::from(cells.installed.max(1));
    u32::try_from(times).unwrap_or(u32::MAX)
}
