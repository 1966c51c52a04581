//! What a text is as Cell Broadcast pages, for a person who types it. Computed by the same code on
//! the server and in the browser.

use pushcast_cbs::dcs::Charset;
use pushcast_cbs::language::Language;
use pushcast_cbs::page::{Contents, MAX_PAGES};
use pushcast_cbs::text::{self, Folding, Measure, Options, Place, Supplementary};

/// Characters outside the default alphabet that are shown one by one: beyond, a person would
/// rather see how many there are.
pub const MAX_SHOWN: usize = 12;

/// A text, measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// Characters as a person counts them.
    pub characters: usize,
    /// Name of the alphabet.
    pub alphabet: &'static str,
    /// Septets or 16-bit units.
    pub units: usize,
    /// Units that a page holds.
    pub page_units: usize,
    /// Pages that the text takes.
    pub pages: usize,
    /// Units left up to the fifteenth page; 0 where the text is too long.
    pub room: usize,
    /// Characters that force UCS2, at most [`MAX_SHOWN`].
    pub offending: Vec<Offender>,
    /// How many there are.
    pub offending_count: usize,
    /// Seconds that one broadcast of all pages takes on GSM, rounded up.
    pub air_seconds: u64,
    /// The text as pages, where it can be sent.
    pub shown: Vec<String>,
    /// Why it cannot be sent.
    pub problem: Option<String>,
}

/// A character that the default alphabet lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offender {
    /// The character.
    pub character: char,
    /// Its position, from 1.
    pub position: usize,
}

impl From<&Place> for Offender {
    fn from(place: &Place) -> Self {
        Self {
            character: place.character,
            position: place.index + 1,
        }
    }
}

impl Count {
    /// Measures a text in a language: two letters of ISO 639, anything else is none.
    pub fn of(text: &str, language: &str) -> Self {
        let options = options(language);
        match text::measure(text, &options) {
            Ok(measure) => Self::measured(text, &options, &measure),
            Err(error) => Self::refused(text, error.to_string()),
        }
    }

    fn measured(text: &str, options: &Options, measure: &Measure) -> Self {
        let (shown, problem) = match text::encode(text, options) {
            Ok(encoded) => (pages(encoded.dcs, &encoded.contents), None),
            Err(text::TextError::Empty) => (Vec::new(), None),
            Err(error) => (Vec::new(), Some(error.to_string())),
        };
        Self {
            characters: text.chars().count(),
            alphabet: match measure.charset {
                Charset::Gsm7 => "GSM 7-bit",
                Charset::Ucs2 => "UCS2",
                Charset::EightBit => "8-bit",
            },
            units: measure.units,
            page_units: measure.page_units,
            pages: measure.pages,
            room: measure.room,
            offending: measure
                .forcing_ucs2
                .iter()
                .take(MAX_SHOWN)
                .map(Offender::from)
                .collect(),
            offending_count: measure.forcing_ucs2_count,
            air_seconds: measure.air_time.as_millis().div_ceil(1000) as u64,
            shown,
            problem,
        }
    }

    fn refused(text: &str, problem: String) -> Self {
        Self {
            characters: text.chars().count(),
            alphabet: "none",
            units: 0,
            page_units: 0,
            pages: 0,
            room: 0,
            offending: Vec::new(),
            offending_count: 0,
            air_seconds: 0,
            shown: Vec::new(),
            problem: Some(problem),
        }
    }

    /// One line: characters, alphabet, pages.
    pub fn summary(&self) -> String {
        format!(
            "{} characters · {} · {} of {MAX_PAGES} pages",
            self.characters, self.alphabet, self.pages
        )
    }
}

/// The text with typographic punctuation made plain, where that makes it fit the default alphabet.
pub fn plain(text: &str, language: &str) -> Option<String> {
    let options = Options {
        folding: Folding::Typography,
        ..options(language)
    };
    let encoded = text::encode(text, &options).ok()?;
    if encoded.folded == 0 {
        return None;
    }
    let decoded = text::decode(encoded.dcs, &encoded.contents).ok()?;
    Some(decoded.text)
}

fn options(language: &str) -> Options {
    Options {
        language: language.parse::<Language>().ok(),
        supplementary: Supplementary::Allow,
        ..Options::default()
    }
}

/// Each page as a phone would show it alone.
fn pages(dcs: pushcast_cbs::dcs::Dcs, contents: &Contents) -> Vec<String> {
    let page = |page: &pushcast_cbs::page::PageContent| {
        let alone = Contents::new(vec![*page]).ok()?;
        Some(text::decode(dcs, &alone).ok()?.text)
    };
    contents.pages().iter().filter_map(page).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curly_quote_is_named_and_can_be_made_plain() {
        let text = "Don\u{2019}t drive";
        let count = Count::of(text, "en");
        assert_eq!(count.alphabet, "UCS2");
        assert_eq!(
            count.offending,
            vec![Offender {
                character: '\u{2019}',
                position: 4
            }]
        );
        assert_eq!(plain(text, "en").as_deref(), Some("Don't drive"));
        assert_eq!(Count::of("Don't drive", "en").alphabet, "GSM 7-bit");
        assert_eq!(plain("Don't drive", "en"), None);
    }

    #[test]
    fn pages_are_those_of_the_codec() {
        let text = "a".repeat(94);
        let count = Count::of(&text, "en");
        assert_eq!((count.pages, count.page_units), (2, 93));
        assert_eq!(count.shown, vec!["a".repeat(93), "a".to_owned()]);
        assert_eq!(count.room, 13 * 93 + 92);
    }

    #[test]
    fn a_text_over_fifteen_pages_says_so() {
        let count = Count::of(&"a".repeat(1396), "en");
        assert_eq!(count.pages, 16);
        assert!(count.problem.is_some());
        assert_eq!(count.room, 0);
    }
}
