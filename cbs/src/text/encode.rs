//! Filling pages, each as full as its last character allows.

use super::characters::{self, Characters, is_forbidden};
use super::{CharsetChoice, Encoded, Folding, MAX_TEXT_BYTES, Options, Supplementary, TextError};
use super::{fold, page_units};
use crate::alphabet::{CARRIAGE_RETURN, ESCAPE, Septets};
use crate::dcs::{Charset, Dcs, Group};
use crate::language::Language;
use crate::page::{Contents, MAX_PAGES, PAGE_OCTETS, PageContent, PageError};
use crate::septets::{self, PAGE_SEPTETS};

/// Padding of UCS2 pages.
const UCS2_FILL: [u8; 2] = [0x00, 0x0D];

/// Codes a text.
///
/// Takes some 15 to 30 microseconds for fifteen pages. The last page is filled up with carriage
/// returns, and so is a page that a pair of septets or surrogates would not fit on.
pub fn encode(text: &str, options: &Options) -> Result<Encoded, TextError> {
    let coding = Plan::new(text, options)?;
    let characters = Characters::new(text, coding.folding);
    let pages = match coding.charset {
        Charset::Ucs2 => fill(Ucs2Page::new(coding.preamble), characters),
        Charset::Gsm7 | Charset::EightBit => fill(Gsm7Page::new(coding.preamble), characters),
    };
    let contents = Contents::new(pages.contents).map_err(|error| match error {
        PageError::Pages { .. } if pages.count > 0 => {
            TextError::TooManyPages { pages: pages.count }
        }
        _ => TextError::Empty,
    })?;
    Ok(Encoded {
        charset: coding.charset,
        contents,
        dcs: coding.dcs,
        folded: match coding.folding {
            Folding::Keep => 0,
            Folding::Typography => folds(text).count(),
        },
    })
}

/// How a text will be coded; found before the first page is filled.
pub(super) struct Plan {
    pub charset: Charset,
    pub dcs: Dcs,
    pub folding: Folding,
    /// Language that starts every page.
    pub preamble: Option<Language>,
}

impl Plan {
    pub(super) fn new(text: &str, options: &Options) -> Result<Self, TextError> {
        if text.len() > MAX_TEXT_BYTES {
            return Err(TextError::TooLong { bytes: text.len() });
        }
        let (charset, folding) = charset(text, options)?;
        let dcs = Dcs::new(charset, options.language, options.class)?;
        let has_preamble = dcs.coding().group == Group::LanguagePreamble;
        Ok(Self {
            charset,
            dcs,
            folding,
            preamble: options.language.filter(|_| has_preamble),
        })
    }

    /// Characters of a page, in septets or 16-bit units.
    pub(super) const fn page_units(&self) -> usize {
        page_units(self.charset, self.preamble.is_some())
    }
}

/// The charset, and whether folding is what makes it possible.
fn charset(text: &str, options: &Options) -> Result<(Charset, Folding), TextError> {
    if options.charset != CharsetChoice::Ucs2 {
        if outside(text, Folding::Keep).next().is_none() {
            return Ok((Charset::Gsm7, Folding::Keep));
        }
        if options.folding == Folding::Typography
            && outside(text, Folding::Typography).next().is_none()
        {
            return Ok((Charset::Gsm7, Folding::Typography));
        }
    }
    let first = |is_wanted: fn(char) -> bool| {
        let mut found = Characters::new(text, Folding::Keep);
        let found = found.find(|sent| is_wanted(sent.character));
        characters::places(text, found.map(|sent| sent.offset).into_iter()).next()
    };
    if let Some(place) = first(is_forbidden) {
        return Err(TextError::Control { place });
    }
    if options.charset == CharsetChoice::Gsm7 {
        let folding = options.folding;
        let lacking = characters::places(text, outside(text, folding)).next();
        return lacking.map_or(Ok((Charset::Gsm7, folding)), |place| {
            Err(TextError::NotGsm7 { place })
        });
    }
    match first(|character| character.len_utf16() > 1) {
        Some(place) if options.supplementary == Supplementary::Refuse => {
            Err(TextError::Supplementary { place })
        }
        _ => Ok((Charset::Ucs2, Folding::Keep)),
    }
}

/// Offsets of characters that the default alphabet lacks.
pub(super) fn outside(text: &str, folding: Folding) -> impl Iterator<Item = usize> {
    Characters::new(text, folding)
        .filter(|sent| Septets::of(sent.character).is_none())
        .map(|sent| sent.offset)
}

/// Offsets of characters that folding replaces.
pub(super) fn folds(text: &str) -> impl Iterator<Item = usize> {
    Characters::new(text, Folding::Keep)
        .filter(|sent| fold::plain(sent.character).is_some())
        .map(|sent| sent.offset)
}

/// A page under construction.
trait Page {
    /// Adds a character; `false` if it needs the next page.
    fn add(&mut self, character: char) -> bool;
    /// The page, and room for the next one; `None` if nothing was added.
    fn finish(&mut self) -> Option<PageContent>;
}

#[derive(Default)]
struct Pages {
    /// At most one more than a message may have.
    contents: Vec<PageContent>,
    count: usize,
}

impl Pages {
    fn add(&mut self, content: Option<PageContent>) {
        self.count += usize::from(content.is_some());
        if self.contents.len() <= MAX_PAGES {
            self.contents.extend(content);
        }
    }
}

fn fill(mut page: impl Page, characters: Characters<'_>) -> Pages {
    let mut pages = Pages {
        contents: Vec::with_capacity(MAX_PAGES + 1),
        count: 0,
    };
    for sent in characters {
        if !page.add(sent.character) {
            pages.add(page.finish());
            // An empty page has room for every character.
            page.add(sent.character);
        }
    }
    pages.add(page.finish());
    pages
}

struct Gsm7Page {
    septets: [u8; PAGE_SEPTETS],
    start: usize,
    len: usize,
}

impl Gsm7Page {
    fn new(language: Option<Language>) -> Self {
        let mut septets = [CARRIAGE_RETURN; PAGE_SEPTETS];
        let mut start = 0;
        if let Some(language) = language {
            // The third one is the carriage return that ends the preamble.
            septets[..2].copy_from_slice(&language.letters());
            start = 3;
        }
        Self {
            septets,
            start,
            len: start,
        }
    }
}

impl Page for Gsm7Page {
    fn add(&mut self, character: char) -> bool {
        match (Septets::of(character), self.septets.get_mut(self.len..)) {
            (Some(Septets::Basic(code)), Some([next, ..])) => {
                *next = code;
                self.len += 1;
                true
            }
            (Some(Septets::Extended(code)), Some([escape, next, ..])) => {
                (*escape, *next) = (ESCAPE, code);
                self.len += 2;
                true
            }
            _ => false,
        }
    }

    fn finish(&mut self) -> Option<PageContent> {
        let used = (self.len > self.start).then(|| septets::octets(self.len))?;
        let content = PageContent::new(septets::pack(&self.septets), used).ok()?;
        self.septets[self.start..].fill(CARRIAGE_RETURN);
        self.len = self.start;
        Some(content)
    }
}

struct Ucs2Page {
    octets: [u8; PAGE_OCTETS],
    start: usize,
    len: usize,
}

impl Ucs2Page {
    fn new(language: Option<Language>) -> Self {
        let mut octets = [0; PAGE_OCTETS];
        for unit in octets.chunks_exact_mut(2) {
            unit.copy_from_slice(&UCS2_FILL);
        }
        let mut start = 0;
        if let Some(language) = language {
            octets[..2].copy_from_slice(&language.ucs2_preamble());
            start = 2;
        }
        Self {
            octets,
            start,
            len: start,
        }
    }
}

impl Page for Ucs2Page {
    fn add(&mut self, character: char) -> bool {
        let mut units = [0; 2];
        let units = character.encode_utf16(&mut units);
        let end = self.len + units.len() * 2;
        let Some(place) = self.octets.get_mut(self.len..end) else {
            return false;
        };
        for (place, unit) in place.chunks_exact_mut(2).zip(units) {
            place.copy_from_slice(&unit.to_be_bytes());
        }
        self.len = end;
        true
    }

    fn finish(&mut self) -> Option<PageContent> {
        let used = (self.len > self.start).then_some(self.len)?;
        let content = PageContent::new(self.octets, used).ok()?;
        for unit in self.octets[self.start..].chunks_exact_mut(2) {
            unit.copy_from_slice(&UCS2_FILL);
        }
        self.len = self.start;
        Some(content)
    }
}
