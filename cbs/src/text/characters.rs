//! The characters of a text as they are sent, each with its place in the text as it was given.

use std::iter::Peekable;
use std::str::{CharIndices, Chars};

use super::fold;
use super::{Folding, Place};

const BYTE_ORDER_MARK: char = '\u{FEFF}';

/// Leaves out a leading byte order mark, makes CR LF and lone CR one LF and a tab a space,
/// folds if told.
pub(super) struct Characters<'a> {
    input: Peekable<std::iter::Enumerate<CharIndices<'a>>>,
    folding: Folding,
    replacement: Chars<'static>,
    place: Place,
}

/// A character to send.
#[derive(Clone, Copy)]
pub(super) struct Sent {
    pub character: char,
    /// The character that it comes from.
    pub place: Place,
}

impl<'a> Characters<'a> {
    pub(super) fn new(text: &'a str, folding: Folding) -> Self {
        let mut input = text.char_indices().enumerate().peekable();
        input.next_if(|(_, (_, character))| *character == BYTE_ORDER_MARK);
        Self {
            input,
            folding,
            replacement: "".chars(),
            place: Place {
                character: '\0',
                index: 0,
                offset: 0,
            },
        }
    }
}

impl Iterator for Characters<'_> {
    type Item = Sent;

    fn next(&mut self) -> Option<Sent> {
        loop {
            if let Some(character) = self.replacement.next() {
                return Some(Sent {
                    character,
                    place: self.place,
                });
            }
            let (index, (offset, character)) = self.input.next()?;
            let place = Place {
                character,
                index,
                offset,
            };
            let character = match character {
                '\r' => {
                    self.input.next_if(|(_, (_, next))| *next == '\n');
                    '\n'
                }
                '\t' => ' ',
                other => other,
            };
            let folded = match self.folding {
                Folding::Keep => None,
                Folding::Typography => fold::plain(character),
            };
            match folded {
                Some(replacement) => {
                    self.replacement = replacement.chars();
                    self.place = place;
                }
                None => return Some(Sent { character, place }),
            }
        }
    }
}

/// Whether a character must not be sent in any charset.
pub(super) fn is_forbidden(character: char) -> bool {
    character.is_control() && !matches!(character, '\n' | '\u{0C}')
}
