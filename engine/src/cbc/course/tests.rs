use pushcast_cbs::cbep::ecbe::vty::Shown;
use pushcast_cbs::cbep::{Capabilities, Certainty, Doubt, Outcome, Refusal, RefusalKind};
use pushcast_cbs::message_id::MessageId;
use pushcast_cbs::serial::SerialNumber;

use super::answers::MAX_FIRST_LOOKS;
use super::*;
use crate::cbc::Centre;

const MINUTE_MS: u64 = 60_000;
const UNTIL_MS: u64 = 60 * MINUTE_MS;
const TAKEN: Outcome = Outcome::Accepted {
    certainty: Certainty::Taken,
};
const SILENCE: Outcome = Outcome::Unknown {
    doubt: Doubt::NoAnswer,
};

/// A course with simulated time.
struct Run {
    course: Course,
    now_ms: u64,
    steps: Vec<Step>,
}

fn nature(capabilities: &'static Capabilities, has_command_port: bool) -> Nature {
    Nature {
        capabilities,
        has_command_port,
        message_id: MessageId(921),
        serial: SerialNumber(0x4030),
    }
}

fn run_of(nature: Nature, has_earlier: bool, state: CbsState) -> Run {
    let times = Times {
        until_ms: UNTIL_MS,
        on_air: Duration::from_secs(600),
        period: Duration::from_secs(60),
    };
    Run {
        course: Course::new(nature, times, has_earlier, state, None),
        now_ms: 0,
        steps: Vec::new(),
    }
}

fn ecbe() -> Run {
    run_of(nature(Centre::ECBE, false), false, CbsState::Asked)
}

fn watched() -> Run {
    run_of(nature(Centre::ECBE, true), false, CbsState::Asked)
}

impl Run {
    /// Lets time pass until there is something to do; `None` if nothing is left.
    fn next(&mut self) -> Option<Step> {
        for _ in 0..10_000 {
            if let Some(step) = self.course.next(self.now_ms) {
                self.steps.push(step);
                return Some(step);
            }
            self.now_ms = self.now_ms.max(self.course.wake_ms()?);
        }
        panic!("a course that never ends: {:?}", self.course);
    }

    /// Expects a step and says what came of it.
    fn step(&mut self, expected: Step, came: Came) -> &mut Self {
        assert_eq!(self.next(), Some(expected), "{:?}", self.course);
        self.course.came(expected, came, self.now_ms);
        self
    }

    fn answer(&mut self, expected: Step, outcome: Outcome) -> &mut Self {
        self.step(expected, Came::Answer(outcome))
    }

    fn shown(&mut self, text: &str) -> &mut Self {
        let shown = Shown::read(text).unwrap();
        self.step(Step::Look, Came::Shown(Some(shown)))
    }

    fn ends(&mut self, how: Ending) {
        assert_eq!(self.next(), None);
        assert_eq!(self.course.ending(), Some(&how));
    }
}

const NOBODY: &str = "Unknown Messsage ID 921\n";
const WAITING: &str =
    "Message ID 0399, Serial Number 4030, State: ACTIVE\n Peer: 'bsc1', State: ACTIVE\n";
const INSTALLED: &str = "Message ID 0399, Serial Number 4030, State: ACTIVE\n Peer: 'bsc1', State: ACTIVE\n  Cells Installed:\n   CGI 001-01-1-6969\n  Cells Failed:\n   CGI 001-01-1-7 (cause=6)\n  Number of Broadcasts Completed:\n   CGI 001-01-1-6969 (12/0)\n";
const REFUSED: &str = "Message ID 0399, Serial Number 4030, State: ACTIVE\n Peer: 'bsc1', State: ACTIVE\n  Cells Installed:\n  Cells Failed:\n   CGI 001-01-1-7 (cause=6)\n  Number of Broadcasts Completed:\n";
const FOREIGN: &str = "Message ID 0399, Serial Number 4990, State: ACTIVE\n";

#[test]
fn a_message_is_taken_broadcast_and_let_go() {
    let mut run = ecbe();
    run.answer(Step::Ask, TAKEN);
    assert!(run.course.is_taken());
    assert_eq!(run.course.state(), CbsState::OnAir);
    run.answer(Step::Cancel, TAKEN);
    assert_eq!(run.now_ms, 600_000);
    run.ends(Ending::Done);
    let mut cap = run_of(nature(Centre::CAP, false), false, CbsState::Asked);
    cap.answer(Step::Ask, TAKEN);
    // CAP alerts expire by themselves.
    cap.ends(Ending::Done);
    assert_eq!(cap.now_ms, 600_000);
}

#[test]
fn an_end_that_the_centre_knew_already_is_as_good() {
    let mut run = ecbe();
    run.answer(Step::Ask, TAKEN)
        .answer(Step::Cancel, Outcome::NotFound);
    run.ends(Ending::Done);
}

#[test]
fn silence_is_answered_by_the_same_again() {
    let mut run = ecbe();
    run.answer(Step::Ask, SILENCE);
    assert!(run.course.is_doubtful());
    assert_eq!(run.course.state(), CbsState::Unknown);
    run.answer(Step::Ask, SILENCE)
        .answer(Step::Ask, Outcome::AlreadyThere);
    assert!(run.course.is_taken() && !run.course.is_doubtful());
    assert!(run.now_ms < 30_000, "resolved within 30 s");
}

#[test]
fn a_doubt_that_nothing_resolves_ends_as_unknown() {
    let mut run = ecbe();
    while run.next().is_some() {
        assert_eq!(run.steps.last(), Some(&Step::Ask));
        run.course
            .came(Step::Ask, Came::Answer(SILENCE), run.now_ms);
    }
    run.ends(Ending::Unknown);
    assert_eq!(run.now_ms, UNTIL_MS);
    assert!((60..200).contains(&run.steps.len()), "{}", run.steps.len());
}

#[test]
fn a_centre_away_for_hours_gets_nothing_that_has_expired() {
    let mut run = ecbe();
    while run.next().is_some() {
        run.course.came(Step::Ask, Came::NotSent, run.now_ms);
    }
    run.ends(Ending::Expired);
    assert_eq!(run.now_ms, UNTIL_MS);
    let mut late = ecbe();
    late.now_ms = UNTIL_MS;
    late.ends(Ending::Expired);
    assert_eq!(late.steps, [], "it is not asked for late");
    let mut back = ecbe();
    for _ in 0..8 {
        back.step(Step::Ask, Came::NotSent);
    }
    back.answer(Step::Ask, TAKEN);
    assert!(back.course.is_taken());
}

#[test]
fn an_identifier_of_somebody_else_is_no_success() {
    let mut run = ecbe();
    run.answer(Step::Ask, Outcome::AlreadyThere);
    run.ends(Ending::Occupied(921));
    let mut watched = watched();
    watched
        .answer(Step::Ask, Outcome::AlreadyThere)
        .shown(FOREIGN);
    watched.ends(Ending::Occupied(921));
}

#[test]
fn refusals_are_told_and_busy_centres_asked_again() {
    let refusal = |kind| Outcome::Refused {
        reason: Refusal {
            kind,
            text: "no".to_owned(),
        },
    };
    let mut run = ecbe();
    run.answer(Step::Ask, refusal(RefusalKind::Busy))
        .answer(Step::Ask, refusal(RefusalKind::Content));
    run.ends(Ending::Refused("the centre refused it: no".to_owned()));
}

#[test]
fn a_centre_without_a_network_is_told_to_forget_it() {
    let mut run = ecbe();
    let nobody = Outcome::Accepted {
        certainty: Certainty::NoPeer,
    };
    run.answer(Step::Ask, nobody.clone());
    assert!(!run.course.is_taken());
    assert!(matches!(run.course.failing(), Some(Ending::Refused(_))));
    run.answer(Step::Cancel, nobody);
    assert!(matches!(run.course.ending(), Some(Ending::Refused(why)) if why.contains("connected")));
}

#[test]
fn cells_decide_where_the_centre_tells() {
    let mut run = watched();
    run.answer(Step::Ask, TAKEN);
    assert!(!run.course.is_taken(), "201 is no proof");
    run.shown(WAITING).shown(INSTALLED);
    assert!(run.course.is_taken());
    let cells = run.course.cells().unwrap();
    assert_eq!(
        (cells.installed, cells.failed, cells.broadcasts),
        (1, 1, 12)
    );
    let mut silent = watched();
    silent.answer(Step::Ask, TAKEN).shown(REFUSED);
    assert!(matches!(
        silent.course.failing(),
        Some(Ending::Refused(why)) if why.contains("BSC capacity exceeded")
    ));
    silent.answer(Step::Cancel, TAKEN);
    let mut quiet = watched();
    quiet.answer(Step::Ask, TAKEN);
    for _ in 0..MAX_FIRST_LOOKS {
        quiet.shown(WAITING);
    }
    assert!(
        quiet.course.is_taken(),
        "no cell says anything: the centre's word is what there is"
    );
}

#[test]
fn the_command_port_resolves_doubts() {
    let mut run = watched();
    run.answer(Step::Ask, SILENCE).shown(INSTALLED);
    assert!(run.course.is_taken() && !run.course.is_doubtful());
    let mut lost = watched();
    lost.answer(Step::Ask, SILENCE).shown(NOBODY);
    assert!(!lost.course.is_doubtful());
    lost.answer(Step::Ask, TAKEN).shown(INSTALLED);
    assert!(lost.course.is_taken());
    let mut deaf = watched();
    deaf.answer(Step::Ask, SILENCE);
    for _ in 0..MAX_FAILED_LOOKS {
        deaf.step(Step::Look, Came::Shown(None));
    }
    deaf.answer(Step::Ask, Outcome::AlreadyThere);
    assert!(
        deaf.course.is_taken(),
        "without the port as if there were none"
    );
}

#[test]
fn after_a_crash_the_same_is_asked_again() {
    let mut run = ecbe();
    run.course.resume();
    assert_eq!(run.course.state(), CbsState::Unknown);
    run.answer(Step::Ask, Outcome::AlreadyThere);
    assert!(run.course.is_taken());
    let mut watched = watched();
    watched.course.resume();
    watched.shown(INSTALLED);
    assert!(watched.course.is_taken());
    assert_eq!(watched.steps, [Step::Look]);
    let mut killed = run_of(nature(Centre::ECBE, false), false, CbsState::Killing);
    killed.course.resume();
    killed.answer(Step::Cancel, TAKEN);
    killed.ends(Ending::Killed);
}

#[test]
fn what_was_never_asked_for_is_withdrawn_and_the_rest_is_killed() {
    let mut run = ecbe();
    assert!(run.course.can_be_withdrawn());
    assert!(run.course.kill(0));
    run.ends(Ending::Killed);
    assert_eq!(run.steps, []);
    let mut asked = ecbe();
    assert_eq!(asked.next(), Some(Step::Ask));
    assert!(!asked.course.can_be_withdrawn());
    assert!(!asked.course.kill(0));
    asked.course.came(Step::Ask, Came::Answer(TAKEN), 5);
    asked
        .answer(Step::Cancel, SILENCE)
        .answer(Step::Cancel, TAKEN);
    asked.ends(Ending::Killed);
    let mut unreached = ecbe();
    assert_eq!(unreached.next(), Some(Step::Ask));
    unreached.course.kill(0);
    unreached.course.came(Step::Ask, Came::NotSent, 5);
    unreached.answer(Step::Cancel, Outcome::NotFound);
    unreached.ends(Ending::Killed);
}

#[test]
fn a_centre_that_never_lets_go_is_given_up() {
    let mut run = ecbe();
    run.answer(Step::Ask, TAKEN);
    run.course.kill(run.now_ms);
    while run.next().is_some() {
        run.course
            .came(Step::Cancel, Came::Answer(SILENCE), run.now_ms);
    }
    run.ends(Ending::Killed);
    assert!(run.now_ms >= 600_000 + MAX_CANCEL_MS);
}

#[test]
fn a_newer_version_takes_the_place_as_the_centre_can() {
    let mut run = run_of(nature(Centre::ECBE, false), true, CbsState::Asked);
    run.answer(Step::Clear, SILENCE);
    assert!(!run.course.has_let_go());
    run.answer(Step::Clear, Outcome::NotFound);
    assert!(run.course.has_let_go());
    run.answer(Step::Ask, TAKEN);
    assert!(run.course.is_taken());
    let mut cap = run_of(nature(Centre::CAP, false), true, CbsState::Asked);
    cap.answer(Step::Change, SILENCE)
        .answer(Step::Change, Outcome::AlreadyThere);
    assert!(cap.course.is_taken());
    let mut gone = run_of(nature(Centre::CAP, false), true, CbsState::Asked);
    gone.answer(Step::Change, Outcome::NotFound)
        .answer(Step::Ask, TAKEN);
    assert!(gone.course.is_taken());
}

mod any_answers {
    use proptest::prelude::*;

    use super::*;

    fn came() -> impl Strategy<Value = Came> {
        let outcome = prop_oneof![
            Just(TAKEN),
            Just(SILENCE),
            Just(Outcome::AlreadyThere),
            Just(Outcome::NotFound),
            Just(Outcome::Accepted {
                certainty: Certainty::NoPeer
            }),
            Just(Outcome::Refused {
                reason: Refusal {
                    kind: RefusalKind::Busy,
                    text: String::new()
                }
            }),
        ];
        prop_oneof![
            4 => outcome.prop_map(Came::Answer),
            1 => Just(Came::NotSent),
        ]
    }

    proptest! {
        /// Whatever comes back, a course ends, is never left once over, and an alert that is known
        /// to be on the air is taken off before it is forgotten.
        #[test]
        fn every_course_ends(
            answers in proptest::collection::vec(came(), 1..40),
            watched: bool, has_earlier: bool, kill_at in 0_usize..50,
        ) {
            let mut run = run_of(nature(Centre::ECBE, watched), has_earlier, CbsState::Asked);
            let mut answers = answers.into_iter().cycle();
            let mut was_taken = false;
            for count in 0..5_000 {
                if count == kill_at {
                    run.course.kill(run.now_ms);
                }
                let Some(step) = run.next() else { break };
                let came = match step {
                    Step::Look => Came::Shown(Some(Shown::read(INSTALLED).unwrap())),
                    _ => answers.next().unwrap(),
                };
                run.course.came(step, came, run.now_ms);
                was_taken |= run.course.is_taken();
            }
            prop_assert!(run.course.ending().is_some(), "{:?}", run.course);
            if was_taken {
                let ending = run.course.ending().unwrap();
                let is_known = matches!(ending, Ending::Done | Ending::Killed | Ending::Refused(_));
                prop_assert!(is_known, "{:?}", ending);
                prop_assert!(run.steps.contains(&Step::Cancel));
            }
        }
    }
}

#[test]
fn cells_are_asked_once_more_before_the_centre_lets_go() {
    let mut run = watched();
    run.answer(Step::Ask, TAKEN).shown(INSTALLED);
    while run.now_ms < 540_000 {
        run.shown(INSTALLED);
    }
    // Time may pass more than once before there is room for a step.
    run.course.pass_time(600_000);
    run.course.pass_time(600_000);
    run.shown(INSTALLED);
    run.answer(Step::Cancel, TAKEN);
    run.ends(Ending::Done);
    let [.., look, cancel] = run.steps[..] else {
        panic!("{:?}", run.steps)
    };
    assert_eq!((look, cancel), (Step::Look, Step::Cancel));
}

#[test]
fn what_is_in_the_way_is_told_until_it_is_not() {
    let mut run = ecbe();
    assert_eq!(run.course.trouble(), None);
    run.step(Step::Ask, Came::NotSent);
    assert_eq!(run.course.trouble(), Some(&Trouble::Unreached));
    run.answer(Step::Ask, SILENCE);
    assert_eq!(run.course.trouble(), Some(&Trouble::Silent));
    run.answer(Step::Ask, TAKEN);
    assert_eq!(run.course.trouble(), None);
}
