//! What a person wants to know while typing.

use std::time::Duration;

use super::characters::{Characters, places};
use super::encode::{Plan, folds, outside};
use super::{Folding, MAX_NAMED, Options, Place, TextError};
use crate::alphabet::Septets;
use crate::capacity::PAGE_AIR_TIME;
use crate::dcs::{Charset, Dcs};
use crate::page::MAX_PAGES;

/// How a text would be sent. Also of texts that are too long to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measure {
    /// Time that one broadcast of all pages takes on GSM.
    pub air_time: Duration,
    /// Charset.
    pub charset: Charset,
    /// Data coding scheme.
    pub dcs: Dcs,
    /// Characters that are replaced, at most [`MAX_NAMED`].
    pub folded: Vec<Place>,
    /// Characters that the default alphabet lacks and folding, if it is wished for, does not
    /// replace; at most [`MAX_NAMED`]. With an automatic choice: why it is UCS2.
    pub forcing_ucs2: Vec<Place>,
    /// How many such characters there are.
    pub forcing_ucs2_count: usize,
    /// Pages; more than 15 cannot be sent.
    pub pages: usize,
    /// Units of one page: 93 or 90 septets, 41 or 40 16-bit units.
    pub page_units: usize,
    /// Units left on the last page.
    pub room_on_page: usize,
    /// Units left up to the fifteenth page.
    pub room: usize,
    /// Septets or 16-bit units of the text, fill left out.
    pub units: usize,
}

impl Measure {
    /// Whether it can be sent in one message.
    pub const fn fits(&self) -> bool {
        self.pages >= 1 && self.pages <= MAX_PAGES
    }
}

/// Measures a text as [`super::encode`] would code it. An empty text has no pages.
pub fn measure(text: &str, options: &Options) -> Result<Measure, TextError> {
    let plan = Plan::new(text, options)?;
    let page_units = plan.page_units();
    let filled = Filled::of(text, &plan, page_units);
    let room_on_page = match filled.pages {
        0 => 0,
        _ => page_units - filled.last,
    };
    Ok(Measure {
        air_time: PAGE_AIR_TIME * u32::try_from(filled.pages).unwrap_or(u32::MAX),
        charset: plan.charset,
        dcs: plan.dcs,
        folded: match plan.folding {
            Folding::Keep => Vec::new(),
            Folding::Typography => places(text, folds(text).take(MAX_NAMED)).collect(),
        },
        forcing_ucs2: places(text, outside(text, options.folding).take(MAX_NAMED)).collect(),
        forcing_ucs2_count: outside(text, options.folding).count(),
        pages: filled.pages,
        page_units,
        room_on_page,
        room: match MAX_PAGES.checked_sub(filled.pages) {
            Some(pages) => pages * page_units + room_on_page,
            None => 0,
        },
        units: filled.units,
    })
}

struct Filled {
    pages: usize,
    /// Units on the last page.
    last: usize,
    units: usize,
}

impl Filled {
    fn of(text: &str, plan: &Plan, page_units: usize) -> Self {
        let mut filled = Self {
            pages: 0,
            last: page_units,
            units: 0,
        };
        for sent in Characters::new(text, plan.folding) {
            let units = match plan.charset {
                Charset::Gsm7 => Septets::of(sent.character).map_or(1, Septets::count),
                Charset::Ucs2 | Charset::EightBit => sent.character.len_utf16(),
            };
            filled.units += units;
            filled.last += units;
            if filled.last > page_units {
                filled.pages += 1;
                filled.last = units;
            }
        }
        filled
    }
}
