//! Message identifiers: what kind of message this is (TS 23.041 9.4.1.2.2).

use std::fmt;

/// A message identifier, any 16 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId(pub u16);

/// What family a message identifier belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// Child abduction: EU-Amber, WEA AMBER.
    Amber,
    /// Public warnings for devices without a user interface.
    EPws,
    /// Earthquake and Tsunami Warning System.
    Etws,
    /// EU-Info.
    EuInfo,
    /// Exercise: EU-Exercise, WEA exercise.
    Exercise,
    /// Geo-fencing trigger, without a text.
    GeoFencing,
    /// Given out by the GSMA.
    Gsma,
    /// EU-Alert level 1, WEA presidential.
    Level1,
    /// EU-Alert level 2.
    Level2,
    /// EU-Alert level 3.
    Level3,
    /// EU-Alert level 4, WEA public safety.
    Level4,
    /// Location services data.
    Location,
    /// Required monthly test.
    MonthlyTest,
    /// WEA defined by the operator.
    OperatorDefined,
    /// Operators' own range.
    OperatorRange,
    /// Not given out, public warnings to come included.
    Reserved,
    /// Data for the SIM.
    SimDownload,
    /// State or local test, EU-Test.
    StateLocalTest,
}

/// Whether people are meant to act on a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Nature {
    /// Not settled by the standard: by agreement with the operator.
    Agreed,
    /// For the device, never shown.
    Data,
    /// An exercise.
    Exercise,
    /// A real warning or information.
    Live,
    /// A test.
    Test,
}

/// How two identifiers carry one alert in two languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Languages {
    /// The alert in an additional language; the local one is this much lower.
    Additional(u16),
    /// The alert in the local language; an additional one is this much higher.
    Local(u16),
    One,
}

struct Row {
    first: u16,
    last: u16,
    name: &'static str,
    class: Class,
    nature: Nature,
    languages: Languages,
}

const fn row(first: u16, last: u16, name: &'static str, class: Class, nature: Nature) -> Row {
    Row {
        first,
        last,
        name,
        class,
        nature,
        languages: Languages::One,
    }
}

const fn local(id: u16, by: u16, name: &'static str, class: Class, nature: Nature) -> Row {
    Row {
        languages: Languages::Local(by),
        ..row(id, id, name, class, nature)
    }
}

const fn other(id: u16, by: u16, name: &'static str, class: Class, nature: Nature) -> Row {
    Row {
        languages: Languages::Additional(by),
        ..row(id, id, name, class, nature)
    }
}

use Class::{
    Amber, EPws, Etws, EuInfo, Exercise, GeoFencing, Gsma, Level1, Level2, Level3, Level4,
    Location, MonthlyTest, OperatorDefined, OperatorRange, Reserved, SimDownload, StateLocalTest,
};
use Nature::{Agreed, Data, Live, Test};

/// In ascending order, without gaps.
#[rustfmt::skip]
const ROWS: [Row; 54] = [
    row(0, 999, "GSMA", Gsma, Agreed),
    row(1000, 1003, "location services", Location, Data),
    row(1004, 4095, "reserved", Reserved, Agreed),
    row(4096, 4223, "SIM data, clear", SimDownload, Data),
    row(4224, 4351, "SIM data, secured", SimDownload, Data),
    row(4352, 4352, "ETWS earthquake", Etws, Live),
    row(4353, 4353, "ETWS tsunami", Etws, Live),
    row(4354, 4354, "ETWS earthquake and tsunami", Etws, Live),
    row(4355, 4355, "ETWS test", Etws, Test),
    row(4356, 4356, "ETWS other", Etws, Live),
    row(4357, 4359, "ETWS, future", Etws, Live),
    row(4360, 4369, "reserved for public warnings", Reserved, Live),
    local(4370, 13, "level 1, presidential", Level1, Live),
    local(4371, 13, "level 2: extreme, immediate, observed", Level2, Live),
    local(4372, 13, "level 2: extreme, immediate, likely", Level2, Live),
    local(4373, 13, "level 3: extreme, expected, observed", Level3, Live),
    local(4374, 13, "level 3: extreme, expected, likely", Level3, Live),
    local(4375, 13, "level 3: severe, immediate, observed", Level3, Live),
    local(4376, 13, "level 3: severe, immediate, likely", Level3, Live),
    local(4377, 13, "level 3: severe, expected, observed", Level3, Live),
    local(4378, 13, "level 3: severe, expected, likely", Level3, Live),
    local(4379, 13, "child abduction", Amber, Live),
    local(4380, 13, "required monthly test", MonthlyTest, Test),
    local(4381, 13, "exercise", Exercise, Nature::Exercise),
    local(4382, 13, "operator defined", OperatorDefined, Agreed),
    other(4383, 13, "level 1, presidential, additional language", Level1, Live),
    other(4384, 13, "level 2: extreme, immediate, observed, additional language", Level2, Live),
    other(4385, 13, "level 2: extreme, immediate, likely, additional language", Level2, Live),
    other(4386, 13, "level 3: extreme, expected, observed, additional language", Level3, Live),
    other(4387, 13, "level 3: extreme, expected, likely, additional language", Level3, Live),
    other(4388, 13, "level 3: severe, immediate, observed, additional language", Level3, Live),
    other(4389, 13, "level 3: severe, immediate, likely, additional language", Level3, Live),
    other(4390, 13, "level 3: severe, expected, observed, additional language", Level3, Live),
    other(4391, 13, "level 3: severe, expected, likely, additional language", Level3, Live),
    other(4392, 13, "child abduction, additional language", Amber, Live),
    other(4393, 13, "required monthly test, additional language", MonthlyTest, Test),
    other(4394, 13, "exercise, additional language", Exercise, Nature::Exercise),
    other(4395, 13, "operator defined, additional language", OperatorDefined, Agreed),
    local(4396, 1, "level 4, public safety", Level4, Live),
    other(4397, 1, "level 4, public safety, additional language", Level4, Live),
    local(4398, 1, "state or local test", StateLocalTest, Test),
    other(4399, 1, "state or local test, additional language", StateLocalTest, Test),
    row(4400, 4400, "geo-fencing trigger", GeoFencing, Data),
    row(4401, 4410, "warning without user interface", EPws, Live),
    row(4411, 4411, "test without user interface", EPws, Test),
    row(4412, 4421, "ETWS warning without user interface", EPws, Live),
    row(4422, 4422, "ETWS test without user interface", EPws, Test),
    row(4423, 6399, "reserved for public warnings", Reserved, Live),
    row(6400, 6400, "EU-Info", EuInfo, Live),
    row(6401, 40_959, "reserved", Reserved, Agreed),
    row(40_960, 45_055, "PLMN operator", OperatorRange, Agreed),
    row(45_056, 61_439, "operator, future", OperatorRange, Agreed),
    row(61_440, 65_534, "operator", OperatorRange, Agreed),
    row(65_535, 65_535, "reserved, not settable", Reserved, Agreed),
];

/// Identifiers that a test has a right to use (apart from those that are tests by nature).
const TEST_CHANNEL: MessageId = MessageId(919);

impl MessageId {
    /// ETWS test.
    pub const ETWS_TEST: Self = Self(4355);
    /// EU-Info, local language.
    pub const EU_INFO: Self = Self(6400);
    /// Exercise, local language.
    pub const EXERCISE: Self = Self(4381);
    /// Geo-fencing trigger.
    pub const GEO_FENCING: Self = Self(4400);
    /// EU-Alert level 4, local language.
    pub const LEVEL_4: Self = Self(4396);
    /// Required monthly test, local language.
    pub const MONTHLY_TEST: Self = Self(4380);
    /// State or local test, local language.
    pub const STATE_LOCAL_TEST: Self = Self(4398);

    fn row(self) -> &'static Row {
        let after = ROWS.partition_point(|row| row.last < self.0);
        // The last row ends at the highest identifier.
        &ROWS[after]
    }

    /// What the standard calls it, in few words.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// All identifiers that the standard gives the same meaning, this one among them.
    pub fn range(self) -> std::ops::RangeInclusive<u16> {
        self.row().first..=self.row().last
    }

    /// The family it belongs to.
    pub fn class(self) -> Class {
        self.row().class
    }

    /// Whether people are meant to act on such a message.
    pub fn nature(self) -> Nature {
        self.row().nature
    }

    /// The EU-Alert level, 1 to 4 (TS 102 900).
    pub fn eu_alert_level(self) -> Option<u8> {
        match self.class() {
            Class::Level1 => Some(1),
            Class::Level2 => Some(2),
            Class::Level3 => Some(3),
            Class::Level4 => Some(4),
            _ => None,
        }
    }

    /// The identifier of the same alert in an additional language.
    pub fn additional_language(self) -> Option<Self> {
        match self.row().languages {
            Languages::Local(by) => Some(Self(self.0 + by)),
            Languages::Additional(_) | Languages::One => None,
        }
    }

    /// The identifier of the same alert in the local language, if this is one of an additional
    /// language.
    pub fn local_language(self) -> Option<Self> {
        match self.row().languages {
            Languages::Additional(by) => Some(Self(self.0 - by)),
            Languages::Local(_) | Languages::One => None,
        }
    }

    /// Whether a message may be sent under it at all: 65535 is reserved.
    pub const fn is_settable(self) -> bool {
        self.0 != u16::MAX
    }

    /// Whether its serial numbers carry ETWS flags (TS 23.041 9.4.1.2.1).
    pub fn is_etws(self) -> bool {
        self.class() == Class::Etws
    }

    /// Whether it is of the public warning system, 4352 to 6399.
    pub const fn is_public_warning(self) -> bool {
        matches!(self.0, 4352..=6399)
    }

    /// Whether a person has to confirm twice before it is used: phones sound.
    pub const fn needs_confirmation(self) -> bool {
        matches!(self.0, 4352..=4379 | 4383..=4392 | 4396..=4397)
    }

    /// Whether trials and exercises may be sent under it.
    pub fn is_for_trials(self) -> bool {
        matches!(
            self.class(),
            Class::Exercise | Class::OperatorDefined | Class::OperatorRange
        ) || self == TEST_CHANNEL
    }
}

/// The decimal number.
impl fmt::Display for MessageId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_no_gaps() {
        let mut next = 0;
        for row in &ROWS {
            assert_eq!(u32::from(row.first), next);
            next = u32::from(row.last) + 1;
        }
        assert_eq!(next, 1 << 16);
    }

    #[test]
    fn languages_come_in_pairs_of_one_class() {
        for id in (0..=u16::MAX).map(MessageId) {
            if let Some(additional) = id.additional_language() {
                assert_eq!(additional.local_language(), Some(id));
                assert_eq!(additional.class(), id.class());
                assert_eq!(additional.nature(), id.nature());
            }
            if let Some(local) = id.local_language() {
                assert_eq!(local.additional_language(), Some(id));
            }
        }
        let additional = |id| MessageId(id).additional_language();
        assert_eq!(additional(4370), Some(MessageId(4383)));
        assert_eq!(additional(4396), Some(MessageId(4397)));
        assert_eq!(additional(6400), None);
    }

    #[test]
    fn levels_and_natures() {
        assert_eq!(MessageId(0x1112).eu_alert_level(), Some(1));
        assert_eq!(MessageId(0x1114).eu_alert_level(), Some(2));
        assert_eq!(MessageId(0x1127).eu_alert_level(), Some(3));
        assert_eq!(MessageId(0x112D).eu_alert_level(), Some(4));
        assert_eq!(MessageId::EXERCISE.nature(), Nature::Exercise);
        assert_eq!(MessageId::ETWS_TEST.nature(), Nature::Test);
        assert_eq!(MessageId(0x1130).class(), Class::GeoFencing);
        assert!(!MessageId(u16::MAX).is_settable());
    }

    #[test]
    fn no_identifier_is_both_for_trials_and_for_confirmation() {
        for id in (0..=u16::MAX).map(MessageId) {
            assert!(!(id.is_for_trials() && id.needs_confirmation()), "{id}");
        }
        assert!(MessageId(919).is_for_trials());
        assert!(MessageId(4395).is_for_trials());
        assert!(MessageId(4352).needs_confirmation());
    }
}
