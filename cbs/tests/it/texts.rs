//! Edges of texts.

use std::time::Duration;

use proptest::prelude::*;
use pushcast_cbs::dcs::{Charset, Dcs, DcsError, MessageClass};
use pushcast_cbs::page::{Contents, PageContent};
use pushcast_cbs::text::{
    self, CharsetChoice, DecodeError, Encoded, Folding, MAX_TEXT_BYTES, Options, Supplementary,
    TextError,
};

fn language(letters: &str) -> Options {
    Options {
        language: Some(letters.parse().unwrap()),
        ..Options::default()
    }
}

fn encode(text: &str) -> Result<Encoded, TextError> {
    text::encode(text, &Options::default())
}

fn decoded(encoded: &Encoded) -> String {
    let decoded = text::decode(encoded.dcs, &encoded.contents).unwrap();
    assert!(!decoded.lossy);
    decoded.text
}

fn pages(encoded: Result<Encoded, TextError>) -> u8 {
    encoded.unwrap().contents.count()
}

#[test]
fn an_empty_text_is_refused() {
    assert_eq!(encode(""), Err(TextError::Empty));
    assert_eq!(encode("\u{FEFF}"), Err(TextError::Empty));
    let measure = text::measure("", &Options::default()).unwrap();
    assert_eq!((measure.pages, measure.room), (0, 1395));
    assert!(!measure.fits());
}

#[test]
fn limits_of_septets() {
    assert_eq!(pages(encode(&"x".repeat(93))), 1);
    assert_eq!(pages(encode(&"x".repeat(94))), 2);
    assert_eq!(pages(encode(&"x".repeat(1395))), 15);
    assert_eq!(
        encode(&"x".repeat(1396)),
        Err(TextError::TooManyPages { pages: 16 })
    );
    // With the language on every page there is room for 90.
    let slovene = language("sl");
    assert_eq!(pages(text::encode(&"x".repeat(1350), &slovene)), 15);
    assert_eq!(
        text::encode(&"x".repeat(1351), &slovene),
        Err(TextError::TooManyPages { pages: 16 })
    );
    assert_eq!(pages(text::encode(&"x".repeat(1395), &language("de"))), 15);
}

#[test]
fn limits_of_ucs2() {
    assert_eq!(pages(encode(&"я".repeat(41))), 1);
    assert_eq!(pages(encode(&"я".repeat(42))), 2);
    assert_eq!(pages(encode(&"я".repeat(615))), 15);
    assert_eq!(
        encode(&"я".repeat(616)),
        Err(TextError::TooManyPages { pages: 16 })
    );
    assert_eq!(pages(text::encode(&"я".repeat(600), &language("ru"))), 15);
    assert!(text::encode(&"я".repeat(601), &language("ru")).is_err());
}

#[test]
fn a_pair_of_septets_moves_to_the_next_page() {
    for before in 90..=93 {
        let text = format!("{}€{}", "q".repeat(before), "z".repeat(92));
        let encoded = encode(&text).unwrap();
        assert_eq!(decoded(&encoded), text);
        let first = Contents::new(encoded.contents.pages()[..1].to_vec()).unwrap();
        let first = text::decode(encoded.dcs, &first).unwrap().text;
        assert_eq!(first.contains('€'), before <= 91, "{before}");
        assert!(!first.ends_with(' '));
    }
    // Fifteen pages of pairs lose one septet each.
    assert_eq!(pages(encode(&"€".repeat(46 * 15))), 15);
    assert_eq!(
        encode(&"€".repeat(46 * 15 + 1)),
        Err(TextError::TooManyPages { pages: 16 })
    );
}

#[test]
fn line_ends_and_tabs_become_what_the_alphabet_has() {
    let encoded = encode("a\r\nb\rc\nd\n\re\tf").unwrap();
    assert_eq!(decoded(&encoded), "a\nb\nc\nd\n\ne f");
    assert_eq!(encoded.charset, Charset::Gsm7);
    assert_eq!(decoded(&encode("\u{FEFF}abc").unwrap()), "abc");
}

#[test]
fn control_characters_are_named_with_their_place() {
    for (text, index) in [("ab\u{1B}", 2), ("я\0", 1), ("\u{7F}", 0), ("é\u{85}", 1)] {
        let Err(TextError::Control { place }) = encode(text) else {
            panic!("{text:?}");
        };
        assert_eq!(place.index, index);
        assert_eq!(text[place.offset..].chars().next(), Some(place.character));
    }
}

#[test]
fn characters_that_force_ucs2_are_named() {
    let measure = text::measure("Água até às 5 h — fim", &Options::default()).unwrap();
    assert_eq!(measure.charset, Charset::Ucs2);
    let named: Vec<_> = measure
        .forcing_ucs2
        .iter()
        .map(|place| (place.index, place.offset, place.character))
        .collect();
    assert_eq!(named, [(0, 0, 'Á'), (16, 19, '—')]);
    let many = text::measure(&"ç".repeat(500), &Options::default()).unwrap();
    assert_eq!(many.forcing_ucs2.len(), text::MAX_NAMED);
    assert_eq!(many.forcing_ucs2_count, 500);
    let demanded = Options {
        charset: CharsetChoice::Gsm7,
        ..Options::default()
    };
    let Err(TextError::NotGsm7 { place }) = text::encode("à ç", &demanded) else {
        panic!();
    };
    assert_eq!((place.index, place.character), (2, 'ç'));
}

#[test]
fn folding_is_told_and_only_done_when_it_helps() {
    let folding = Options {
        folding: Folding::Typography,
        ..Options::default()
    };
    let quoted = "“Stay in”… – it\u{A0}is ‘over’";
    let encoded = text::encode(quoted, &folding).unwrap();
    assert_eq!(encoded.charset, Charset::Gsm7);
    assert_eq!(decoded(&encoded), "\"Stay in\"... - it is 'over'");
    assert_eq!(encoded.folded, 7);
    let measure = text::measure(quoted, &folding).unwrap();
    assert_eq!(measure.folded.len(), 7);
    assert_eq!(measure.folded[2].character, '…');
    assert!(measure.forcing_ucs2.is_empty());
    assert_eq!(measure.units, 27);

    let russian = "«Внимание» — угроза";
    let encoded = text::encode(russian, &folding).unwrap();
    assert_eq!((decoded(&encoded).as_str(), encoded.folded), (russian, 0));
    let measure = text::measure("“ç”", &folding).unwrap();
    assert_eq!(measure.forcing_ucs2_count, 1);
    assert_eq!(measure.forcing_ucs2[0].index, 1);
    assert!(measure.folded.is_empty());
    // Letters are never replaced.
    assert_eq!(
        text::encode("maçã", &folding).unwrap().charset,
        Charset::Ucs2
    );
}

#[test]
fn characters_above_ucs2_need_leave_and_stay_whole() {
    let text = format!("{}😀", "я".repeat(40));
    let Err(TextError::Supplementary { place }) = encode(&text) else {
        panic!();
    };
    assert_eq!(place.index, 40);
    let allowed = Options {
        supplementary: Supplementary::Allow,
        ..Options::default()
    };
    let encoded = text::encode(&text, &allowed).unwrap();
    assert_eq!(encoded.contents.count(), 2);
    assert_eq!(encoded.contents.pages()[0].used(), 80);
    assert_eq!(decoded(&encoded), text);
}

#[test]
fn counting_tells_the_room_left() {
    let measure = text::measure("a{", &Options::default()).unwrap();
    assert_eq!((measure.units, measure.pages), (3, 1));
    assert_eq!((measure.room_on_page, measure.room), (90, 1392));
    assert_eq!(measure.air_time, Duration::from_millis(1883));
    let long = text::measure(&"x".repeat(3000), &Options::default()).unwrap();
    assert_eq!((long.pages, long.room), (33, 0));
    assert!(!long.fits());
    let endless = "x".repeat(MAX_TEXT_BYTES + 1);
    assert!(matches!(
        text::measure(&endless, &Options::default()),
        Err(TextError::TooLong { .. })
    ));
    assert!(matches!(encode(&endless), Err(TextError::TooLong { .. })));
}

#[test]
fn language_and_class_exclude_each_other() {
    let both = Options {
        class: Some(MessageClass::Class1),
        ..language("de")
    };
    assert_eq!(
        text::encode("x", &both),
        Err(TextError::Dcs(DcsError::LanguageAndClass))
    );
}

fn contents(pages: &[&[u8]]) -> Contents {
    let pages = pages
        .iter()
        .map(|page| PageContent::zero_filled(page).unwrap());
    let full = pages.map(|page| PageContent::full(*page.octets()));
    Contents::new(full.collect()).unwrap()
}

#[test]
fn fill_of_other_senders_is_removed() {
    // Twenty octets that end in carriage returns, then zeros.
    let short = crate::samples::hex("73f45b4e07c1c3e772a3d168341a8d46a3d16834");
    let decode = |dcs, pages: &[&[u8]]| text::decode(Dcs(dcs), &contents(pages)).unwrap();
    assert_eq!(decode(0x01, &[&short]).text, "short page");
    assert_eq!(decode(0x48, &[&[0x04, 0x1F]]).text, "П");
    assert_eq!(
        decode(0x48, &[&[0xFE, 0xFF, 0x04, 0x1F, 0, 0x0D]]).text,
        "П"
    );
    // An at sign is a character where no carriage return stands before it.
    let at = encode(&"@".repeat(93)).unwrap();
    assert_eq!(decoded(&at), "@".repeat(93));
}

#[test]
fn lone_surrogates_show_and_are_told() {
    let decoded =
        text::decode(Dcs(0x48), &contents(&[&[0xD8, 0x3D, 0, 0x41, 0xDE, 0x00]])).unwrap();
    assert_eq!(decoded.text, "\u{FFFD}A\u{FFFD}");
    assert!(decoded.lossy);
}

#[test]
fn a_language_on_the_first_page_only_is_understood() {
    let two = text::encode(&"x".repeat(100), &language("sl")).unwrap();
    let other = encode("yes").unwrap();
    let pages = [two.contents.pages()[0], other.contents.pages()[0]];
    let mixed = Contents::new(pages.to_vec()).unwrap();
    let decoded = text::decode(Dcs(0x10), &mixed).unwrap();
    assert_eq!(decoded.text, format!("{}yes", "x".repeat(90)));
    assert_eq!(decoded.language, "sl".parse().ok());
    let cut = text::decode(Dcs(0x11), &contents(&[&[0x04, 0x1F, 0x00, 0x41]])).unwrap();
    assert_eq!((cut.text.as_str(), cut.language), ("ПA", None));
}

#[test]
fn content_that_is_no_text() {
    let page = contents(&[&[0xFF; 82]]);
    let decode = |dcs| text::decode(Dcs(dcs), &page);
    assert!(matches!(decode(0x44), Err(DecodeError::NotText { .. })));
    assert!(matches!(decode(0x60), Err(DecodeError::Compressed { .. })));
    assert_eq!(decode(0x91), Err(DecodeError::UserDataHeader { number: 1 }));
    // Text behind a header starts at the next septet: seven octets are eight septets.
    let mut octets = *encode("ABCDEFGHtext").unwrap().contents.pages()[0].octets();
    octets[..7].copy_from_slice(&[6, 5, 4, 0x0B, 0x84, 0x23, 0xF0]);
    let page = Contents::new(vec![PageContent::full(octets)]).unwrap();
    assert_eq!(text::decode(Dcs(0x91), &page).unwrap().text, "text");
}

fn any_options() -> impl Strategy<Value = Options> {
    let language = prop_oneof![
        Just(None),
        Just("de".parse().ok()),
        Just("sl".parse().ok()),
        Just("ru".parse().ok())
    ];
    let charset = prop_oneof![
        Just(CharsetChoice::Automatic),
        Just(CharsetChoice::Ucs2),
        Just(CharsetChoice::Gsm7)
    ];
    (language, charset).prop_map(|(language, charset)| Options {
        charset,
        language,
        supplementary: Supplementary::Allow,
        ..Options::default()
    })
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~€£äöüàèéìòù\n]{1,900}",
        "[a-z{}€|\\^]{1,700}",
        "[а-яa-z😀🌊]{1,400}",
        "\\PC{1,300}",
    ]
}

proptest! {
    #[test]
    fn any_text_comes_back(text in any_text(), options in any_options()) {
        let measure = text::measure(&text, &options);
        match text::encode(&text, &options) {
            Ok(encoded) => {
                let measure = measure.unwrap();
                prop_assert_eq!(measure.pages, usize::from(encoded.contents.count()));
                prop_assert!(measure.fits());
                prop_assert_eq!(measure.dcs, encoded.dcs);
                prop_assert_eq!(decoded(&encoded), text.strip_prefix('\u{FEFF}').unwrap_or(&text));
                // Pages read alone give the same.
                let alone: String = encoded.contents.pages().iter().map(|page| {
                    let one = Contents::new(vec![*page]).unwrap();
                    text::decode(encoded.dcs, &one).unwrap().text
                }).collect();
                prop_assert_eq!(alone, decoded(&encoded));
            }
            Err(TextError::TooManyPages { pages }) => prop_assert_eq!(measure.unwrap().pages, pages),
            Err(TextError::Empty) => prop_assert_eq!(measure.unwrap().pages, 0),
            Err(error) => prop_assert_eq!(measure, Err(error)),
        }
    }

    #[test]
    fn any_octets_decode(dcs in any::<u8>(), octets in proptest::collection::vec(any::<u8>(), 82..=82), used in 1_usize..=82) {
        let page = PageContent::new(octets.try_into().unwrap(), used).unwrap();
        let contents = Contents::new(vec![page, page]).unwrap();
        if let Ok(decoded) = text::decode(Dcs(dcs), &contents) {
            prop_assert!(decoded.text.chars().count() <= 2 * 93);
        }
    }
}
