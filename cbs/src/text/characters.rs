//! The characters of a text as they are sent, each with its place in the text as it was given.

use std::str::Chars;

use super::fold;
use super::{Folding, Place};

const BYTE_ORDER_MARK: char = '\u{FEFF}';

/// Leaves out a leading byte order mark, makes CR LF and lone CR one LF and a tab a space,
/// folds if told.
pub(super) struct Characters<'a> {
    text: &'a str,
    input: Chars<'a>,
    folding: Folding,
    replacement: Chars<'static>,
    /// Offset of the character that was taken last.
    offset: usize,
}

/// A character to send.
#[derive(Clone, Copy)]
pub(super) struct Sent {
    pub character: char,
    /// Offset of the character that it comes from, octets of UTF-8.
    pub offset: usize,
}

impl<'a> Characters<'a> {
    pub(super) fn new(text: &'a str, folding: Folding) -> Self {
        let sent = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
        Self {
            text,
            input: sent.chars(),
            folding,
            replacement: "".chars(),
            offset: 0,
        }
    }

    fn sent(&self, character: char) -> Option<Sent> {
        Some(Sent {
            character,
            offset: self.offset,
        })
    }
}

impl Iterator for Characters<'_> {
    type Item = Sent;

    fn next(&mut self) -> Option<Sent> {
        loop {
            if let Some(character) = self.replacement.next() {
                return self.sent(character);
            }
            self.offset = self.text.len() - self.input.as_str().len();
            let character = match self.input.next()? {
                '\r' => {
                    if self.input.as_str().starts_with('\n') {
                        self.input.next();
                    }
                    '\n'
                }
                '\t' => ' ',
                other => other,
            };
            match self.folding {
                Folding::Keep => return self.sent(character),
                Folding::Typography => match fold::plain(character) {
                    Some(replacement) => self.replacement = replacement.chars(),
                    None => return self.sent(character),
                },
            }
        }
    }
}

/// The places of the characters at these ascending offsets.
pub(super) fn places(
    text: &str,
    offsets: impl Iterator<Item = usize>,
) -> impl Iterator<Item = Place> {
    let mut known = (0, 0);
    offsets.filter_map(move |offset| {
        let (index, from) = known;
        let index = index + text.get(from..offset)?.chars().count();
        known = (index, offset);
        Some(Place {
            character: text.get(offset..)?.chars().next()?,
            index,
            offset,
        })
    })
}

/// Whether a character must not be sent in any charset.
pub(super) fn is_forbidden(character: char) -> bool {
    character.is_control() && !matches!(character, '\n' | '\u{0C}')
}
