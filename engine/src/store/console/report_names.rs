//! Names as reports are narrowed to them: addresses of groups and areas, channels, bearers.

use crate::model::Address;
use crate::model::report::{Dimension, ReportQuery};
use crate::store::definitions::escaped;

/// What the address of one group or area is before the gateway's name.
fn prefix(address: &Address) -> Option<String> {
    let (client, _) = address.key().rsplit_once('@')?;
    Some(format!("{client}@"))
}

/// What the address of a group is before the gateway's name.
pub(super) fn group_prefix(name: &str) -> Option<String> {
    group_address(name).as_ref().and_then(prefix)
}

/// What the address of an area is before the gateway's name.
pub(super) fn area_prefix(name: &str) -> Option<String> {
    area_address(name).as_ref().and_then(prefix)
}

/// The pattern of the addresses that begin with a text.
pub(super) fn pattern(prefix: String) -> String {
    escaped(&prefix) + "%"
}

/// Any gateway will do to write an address of which only what stands before is looked at.
const ANY_PPG: &str = "ppg";

fn group_address(name: &str) -> Option<Address> {
    Address::group(&name.parse().ok()?, ANY_PPG).ok()
}

fn area_address(name: &str) -> Option<Address> {
    Address::area(&name.parse().ok()?, ANY_PPG).ok()
}

/// Addresses of groups and of areas begin so; `beyond` is the first text after all of these.
const GROUPS: (&str, &str) = ("WAPPUSH=group%2F", "WAPPUSH=group%2G");
const AREAS: (&str, &str) = ("WAPPUSH=area%2F", "WAPPUSH=area%2G");

/// Which names of a kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Names {
    /// From one text on, before another.
    From(String, String),
    /// From one to another, both included.
    Through(String, String),
    /// One.
    One(String),
    /// All.
    All,
}

/// The sums that a report is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Summed {
    pub(super) kind: &'static str,
    pub(super) names: Names,
}

/// The addresses that begin with a text.
fn beginning(text: String) -> Names {
    // Addresses end with the gateway's name after `@`; `A` comes next.
    let beyond = format!("{}A", text.trim_end_matches('@'));
    Names::From(text, beyond)
}

impl Summed {
    /// The sums of a name that a report is narrowed to; of several, of one.
    pub(super) fn filter(query: &ReportQuery) -> Option<Self> {
        let to = |names| Self { kind: "to", names };
        let group = query.group.as_deref().and_then(group_prefix);
        let area = query.area.as_deref().and_then(area_prefix);
        let channel = query.channel.as_ref().map(|channel| Self {
            kind: "channel",
            names: Names::One(channel.to_string()),
        });
        let bearer = query.bearer.map(|bearer| Self {
            kind: "bearer",
            names: Names::One(bearer.as_str().to_owned()),
        });
        (group.or(area).map(|prefix| to(beginning(prefix))))
            .or(channel)
            .or(bearer)
    }

    /// The sums that answer a report, if there are such.
    pub(super) fn of(query: &ReportQuery, by: Option<Dimension>) -> Option<Self> {
        let filters = [
            query.group.is_some(),
            query.area.is_some(),
            query.channel.is_some(),
            query.bearer.is_some(),
        ];
        let of = |kind, names| Some(Self { kind, names });
        let all = |(first, beyond): (&str, &str)| Names::From(first.to_owned(), beyond.to_owned());
        match (by, filters) {
            (Some(Dimension::Submission), _) => None,
            (None | Some(Dimension::Day | Dimension::Initiator), [false, false, false, false]) => {
                of("all", Names::One(String::new()))
            }
            (Some(Dimension::Group), [false, false, false, false]) => of("to", all(GROUPS)),
            (Some(Dimension::Area), [false, false, false, false]) => of("to", all(AREAS)),
            (Some(Dimension::Channel), [false, false, false, false]) => of("channel", Names::All),
            (Some(Dimension::Bearer), [false, false, false, false]) => of("bearer", Names::All),
            (
                None | Some(Dimension::Day | Dimension::Initiator | Dimension::Group),
                [true, false, false, false],
            )
            | (
                None | Some(Dimension::Day | Dimension::Initiator | Dimension::Area),
                [false, true, false, false],
            )
            | (
                None | Some(Dimension::Day | Dimension::Initiator | Dimension::Channel),
                [false, false, true, false],
            )
            | (
                None | Some(Dimension::Day | Dimension::Initiator | Dimension::Bearer),
                [false, false, false, true],
            ) => Self::filter(query),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Bearer;

    fn query(by: Dimension) -> ReportQuery {
        ReportQuery::of(by, 0, 1)
    }

    #[test]
    fn sums_answer_what_names_one_thing() {
        let of = |by, query: &ReportQuery| Summed::of(query, by).map(|summed| summed.kind);
        let plain = query(Dimension::Day);
        assert_eq!(of(None, &plain), Some("all"));
        assert_eq!(of(Some(Dimension::Group), &plain), Some("to"));
        assert_eq!(of(Some(Dimension::Submission), &plain), None);
        let narrowed = ReportQuery {
            group: Some("flood".to_owned()),
            ..plain
        };
        assert_eq!(of(Some(Dimension::Day), &narrowed), Some("to"));
        assert_eq!(of(Some(Dimension::Channel), &narrowed), None);
        let twice = ReportQuery {
            bearer: Some(Bearer::Cbs),
            ..narrowed
        };
        assert_eq!(of(None, &twice), None);
        assert_eq!(Summed::filter(&twice).map(|summed| summed.kind), Some("to"));
    }

    #[test]
    fn addresses_of_a_name_lie_between_two_texts() {
        let narrowed = ReportQuery {
            group: Some("a b".to_owned()),
            ..query(Dimension::Day)
        };
        let summed = Summed::filter(&narrowed).map(|summed| summed.names);
        let Some(Names::From(first, beyond)) = summed else {
            panic!("no names");
        };
        let address = "WAPPUSH=group%2Fa%20b/TYPE=USER@ppg";
        assert!(first.as_str() <= address && address < beyond.as_str());
        let other = "WAPPUSH=group%2Fa%20bc/TYPE=USER@ppg";
        assert!(!(first.as_str() <= other && other < beyond.as_str()));
    }

    #[test]
    fn a_name_in_a_pattern_stands_for_itself() {
        let pattern = group_prefix("a_b c%").map(pattern).unwrap();
        assert_eq!(pattern, "WAPPUSH=group!%2Fa!%5Fb!%20c!%25/TYPE=USER@%");
    }
}
