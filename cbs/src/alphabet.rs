//! The GSM 7-bit default alphabet and its extension table (TS 23.038 6.2.1).
//!
//! A character takes one septet, or two when it stands in the extension table. National language
//! tables are not used: they need a User Data Header, and phones discard such pages.

/// Septet of the escape to the extension table.
pub const ESCAPE: u8 = 0x1B;
/// Septet of carriage return, which fills up a page (TS 23.038 5).
pub const CARRIAGE_RETURN: u8 = 0x0D;
/// What stands for an escape that leads nowhere (TS 23.038 6.2.1).
const ESCAPE_SHOWN: char = ' ';

/// The default alphabet in the order of its codes; the escape shows as a space.
const BASIC: [char; 128] = [
    '@', '£', '$', '¥', 'è', 'é', 'ù', 'ì', 'ò', 'Ç', '\n', 'Ø', 'ø', '\r', 'Å', 'å', // 0x00
    'Δ', '_', 'Φ', 'Γ', 'Λ', 'Ω', 'Π', 'Ψ', 'Σ', 'Θ', 'Ξ', ' ', 'Æ', 'æ', 'ß', 'É', // 0x10
    ' ', '!', '"', '#', '¤', '%', '&', '\'', '(', ')', '*', '+', ',', '-', '.', '/', // 0x20
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', ':', ';', '<', '=', '>', '?', // 0x30
    '¡', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O', // 0x40
    'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', 'Ä', 'Ö', 'Ñ', 'Ü', '§', // 0x50
    '¿', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', // 0x60
    'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', 'ä', 'ö', 'ñ', 'ü', 'à', // 0x70
];

/// The extension table: code after the escape, character.
const EXTENSION: [(u8, char); 10] = [
    (0x0A, '\u{0C}'),
    (0x14, '^'),
    (0x28, '{'),
    (0x29, '}'),
    (0x2F, '\\'),
    (0x3C, '['),
    (0x3D, '~'),
    (0x3E, ']'),
    (0x40, '|'),
    (0x65, '€'),
];

/// Set in [`LATIN`] for characters of the extension table.
const EXTENDED: u8 = 0x80;
/// In [`LATIN`]: not in the alphabet.
const ABSENT: u8 = 0xFF;

/// Codes of U+0000 to U+00FF.
const LATIN: [u8; 256] = latin();

const fn latin() -> [u8; 256] {
    let mut table = [ABSENT; 256];
    let mut code = 0;
    while code < BASIC.len() {
        let character = BASIC[code] as usize;
        if character < table.len() && code != ESCAPE as usize {
            table[character] = code as u8;
        }
        code += 1;
    }
    let mut row = 0;
    while row < EXTENSION.len() {
        let (code, character) = EXTENSION[row];
        if (character as usize) < table.len() {
            table[character as usize] = code | EXTENDED;
        }
        row += 1;
    }
    // It fills up pages: as a character of the text it would be lost at the end of one.
    table['\r' as usize] = ABSENT;
    table
}

/// The septets of one character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Septets {
    /// A code of the default alphabet, below 0x80.
    Basic(u8),
    /// A code of the extension table, below 0x80; [`ESCAPE`] goes before it.
    Extended(u8),
}

impl Septets {
    /// The septets of `character`; `None` if the alphabet lacks it. Carriage return and escape
    /// count as lacking.
    pub fn of(character: char) -> Option<Self> {
        let code = match character {
            '\0'..='\u{FF}' => LATIN[character as usize],
            'Δ' => 0x10,
            'Φ' => 0x12,
            'Γ' => 0x13,
            'Λ' => 0x14,
            'Ω' => 0x15,
            'Π' => 0x16,
            'Ψ' => 0x17,
            'Σ' => 0x18,
            'Θ' => 0x19,
            'Ξ' => 0x1A,
            '€' => 0x65 | EXTENDED,
            _ => ABSENT,
        };
        match code {
            ABSENT => None,
            EXTENDED.. => Some(Self::Extended(code & !EXTENDED)),
            _ => Some(Self::Basic(code)),
        }
    }

    /// How many septets, 1 or 2.
    pub const fn count(self) -> usize {
        match self {
            Self::Basic(_) => 1,
            Self::Extended(_) => 2,
        }
    }
}

/// Appends the text of septets (values below 0x80; higher bits are ignored).
///
/// Codes that the extension table leaves free stand for the character of the default alphabet
/// (TS 23.038 6.2.1.1); an escape after an escape, or at the end, is a space.
pub fn decode(septets: &[u8], text: &mut String) {
    let mut septets = septets.iter().map(|septet| septet & 0x7F);
    while let Some(code) = septets.next() {
        text.push(match code {
            ESCAPE => septets.next().map_or(ESCAPE_SHOWN, extended),
            _ => BASIC[usize::from(code)],
        });
    }
}

fn extended(code: u8) -> char {
    EXTENSION
        .iter()
        .find(|(known, _)| *known == code)
        .map_or(BASIC[usize::from(code)], |(_, character)| *character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_both_tables_comes_back() {
        for code in 0..128 {
            let mut text = String::new();
            decode(&[code], &mut text);
            let character = text.chars().next().unwrap();
            match code {
                CARRIAGE_RETURN => assert_eq!(Septets::of(character), None),
                ESCAPE => assert_eq!(character, ' '),
                _ => assert_eq!(Septets::of(character), Some(Septets::Basic(code))),
            }
        }
        for (code, character) in EXTENSION {
            assert_eq!(Septets::of(character), Some(Septets::Extended(code)));
            let mut text = String::new();
            decode(&[ESCAPE, code], &mut text);
            assert_eq!(text, character.to_string());
        }
    }

    #[test]
    fn characters_outside_are_absent() {
        for character in "áçÁĞя“\u{1B}\r\t\0中😀\u{7F}\u{A0}".chars() {
            assert_eq!(Septets::of(character), None, "{character:?}");
        }
    }

    #[test]
    fn escapes_that_lead_nowhere_show() {
        let mut text = String::new();
        decode(&[ESCAPE, 0x41, ESCAPE, ESCAPE, 0x42, ESCAPE], &mut text);
        assert_eq!(text, "A B ");
    }
}
