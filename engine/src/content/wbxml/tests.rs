mod hostile;
mod peer;
mod round_trip;

use super::*;

/// Our own sources and what two other encoders make of them.
const SAMPLES: [(Dialect, &[u8], &[u8]); 3] = [
    (
        Dialect::Si,
        include_bytes!("../../../tests/samples/content/si.xml"),
        include_bytes!("../../../tests/samples/content/si.wbxml"),
    ),
    (
        Dialect::Sl,
        include_bytes!("../../../tests/samples/content/sl.xml"),
        include_bytes!("../../../tests/samples/content/sl.wbxml"),
    ),
    (
        Dialect::Co,
        include_bytes!("../../../tests/samples/content/co.xml"),
        include_bytes!("../../../tests/samples/content/co.wbxml"),
    ),
];

fn read(dialect: Dialect, text: &str) -> Result<Document, ReadError> {
    Document::read_xml(dialect, text.as_bytes(), None)
}

fn si(text: &str) -> Result<Document, ReadError> {
    read(Dialect::Si, text)
}

/// The body of a WBXML document that is encoded as usual.
fn body(document: &Document) -> Vec<u8> {
    document.encode().split_off(HEADER_BYTES)
}

#[test]
fn the_samples_become_exactly_the_octets_of_other_encoders() {
    for (dialect, text, binary) in SAMPLES {
        let document = Document::read_xml(dialect, text, None).unwrap();
        assert_eq!(document.encode(), binary, "{dialect:?}");
        assert_eq!(Document::decode(dialect, binary), Ok(document));
    }
}

#[test]
fn the_text_form_is_written_with_its_doctype() {
    for (dialect, text, binary) in SAMPLES {
        let document = Document::decode(dialect, binary).unwrap();
        let written = document.to_xml();
        assert_eq!(written.trim(), std::str::from_utf8(text).unwrap().trim());
    }
}

#[test]
fn white_space_is_trimmed_and_collapsed() {
    let document = si(
        "<si>\n  <indication action=' delete '\n si-id='a  b'>\n Flood \t warning:\r\n river&#32;&#10;Aln </indication>\n</si>",
    )
    .unwrap();
    let indication = &document.root().children()[0];
    assert_eq!(indication.text(), "Flood warning: river Aln");
    assert_eq!(indication.attribute("action"), Some("delete"));
    assert_eq!(indication.attribute("si-id"), Some("a  b"));
}

#[test]
fn defaults_are_known_and_never_added() {
    let document = si("<si><indication/></si>").unwrap();
    let indication = &document.root().children()[0];
    assert_eq!(indication.attribute("action"), Some("signal-medium"));
    assert_eq!(indication.attribute("href"), None);
    assert_eq!(body(&document), [0x45, 0x06, 0x01]);
    let given = si("<si><indication action='signal-medium'/></si>").unwrap();
    assert_eq!(body(&given), [0x45, 0x86, 0x07, 0x01, 0x01]);
}

#[test]
fn addresses_take_the_longest_start_and_every_value_token() {
    for (href, octets) in [
        ("", &b"\x08"[..]),
        ("http://", b"\x09"),
        ("https://www.", b"\x0C"),
        ("HTTP://www.a", b"\x08\x03HTTP://www.a\0"),
        (".com/.org/", b"\x08\x85\x88"),
        ("https://a.com/b.net/", b"\x0B\x03a\0\x85\x03b\0\x87"),
        ("x.edu/.comx.com", b"\x08\x03x\0\x86\x03.comx.com\0"),
        (" http://\u{fc} ", b"\x09\x03\xC3\xBC\0"),
    ] {
        let document = read(Dialect::Sl, &format!("<sl href='{href}'/>")).unwrap();
        let expected = [b"\x85", octets, b"\x01"].concat();
        assert_eq!(body(&document), expected, "{href}");
    }
}

/// Texts that do not follow their DTD, and why.
const INVALID: &[(Dialect, &str, &str)] = &[
    (
        Dialect::Si,
        "<sl href='x'/>",
        "line 1: the root element is \"sl\", not si",
    ),
    (
        Dialect::Si,
        "<indication/>",
        "line 1: the root element is \"indication\", not si",
    ),
    (Dialect::Si, "\n<si/>", "line 2: si needs indication"),
    (Dialect::Si, "<si>\n<info/></si>", "line 2: info needs item"),
    (
        Dialect::Si,
        "<si>\n<indication/>\n<indication/></si>",
        "line 1: \"indication\" has no place in si",
    ),
    (
        Dialect::Si,
        "<si><info><item class='a'/></info><indication/></si>",
        "line 1: si needs indication",
    ),
    (
        Dialect::Si,
        "<si>\n<indication><b>x</b></indication></si>",
        "line 2: \"b\" has no place in indication",
    ),
    (
        Dialect::Si,
        "<si>x<indication/></si>",
        "line 1: text has no place in si",
    ),
    (
        Dialect::Sl,
        "<sl href='a'>x</sl>",
        "line 1: text has no place in sl",
    ),
    (
        Dialect::Si,
        "<si><indication/><info><item/></info></si>",
        "line 1: attribute class of item is required",
    ),
    (
        Dialect::Si,
        "<si><indication/><info><item class='a b'/></info></si>",
        "line 1: \"a b\" is not possible for attribute class of item; a name token is expected",
    ),
    (
        Dialect::Si,
        "<si>\n<indication\nHREF='a'/></si>",
        "line 2: indication has no attribute \"HREF\"",
    ),
    (
        Dialect::Si,
        "<si><indication created='2026-11-31T00:00:00Z'/></si>",
        "line 1: \"2026-11-31T00:00:00Z\" is not possible for attribute created of indication; \
             a time in UTC has the form YYYY-MM-DDThh:mm:ssZ",
    ),
    (
        Dialect::Si,
        "<si><indication action='delete'/></si>",
        "line 1: action \"delete\" needs attribute si-id",
    ),
    (
        Dialect::Sl,
        "<sl/>",
        "line 1: attribute href of sl is required",
    ),
    (
        Dialect::Sl,
        "<sl href='a' action='signal-low'/>",
        "line 1: \"signal-low\" is not possible for attribute action of sl; \
             one of execute-low, execute-high, cache is",
    ),
    (Dialect::Co, "<co/>", "line 1: co needs invalidate-object"),
    (
        Dialect::Co,
        "<co><invalidate-service/></co>",
        "line 1: attribute uri of invalidate-service is required",
    ),
];

#[test]
fn a_document_outside_its_dtd_is_refused_with_its_line() {
    for (dialect, text, error) in INVALID {
        let refused = read(*dialect, text).unwrap_err();
        assert!(matches!(refused, ReadError::Invalid(_)), "{text}");
        assert_eq!(refused.to_string(), *error, "{text}");
    }
}

#[test]
fn other_document_types_are_taken_by_their_media_type() {
    let doctype = "<!DOCTYPE wml PUBLIC \"-//OTHER//DTD X//EN\" \"file:///dev/zero\">";
    assert!(si(&format!("{doctype}<si><indication/></si>")).is_ok());
    let declaring = "<!DOCTYPE si [<!ENTITY a 'b'>]><si><indication>&a;</indication></si>";
    assert!(matches!(si(declaring), Err(ReadError::Xml(_))));
}
