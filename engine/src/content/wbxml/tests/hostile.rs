use super::*;

fn sl(octets: &[u8]) -> Result<Document, DecodeError> {
    Document::decode(Dialect::Sl, octets)
}

/// An SL with this header and these octets for its address.
fn sl_with(header: &[u8], href: &[u8]) -> Result<String, DecodeError> {
    let document = sl(&[header, b"\x85", href, b"\x01"].concat())?;
    Ok(document.root().attribute("href").unwrap().to_owned())
}

const HEADER: &[u8] = b"\x02\x06\x6A\x00";

#[test]
fn what_other_encoders_write_is_read() {
    for (header, href, expected) in [
        (&b"\x01\x06\x6A\x00"[..], &b"\x09\x03a\0"[..], "http://a"),
        (
            b"\x03\x06\x03\x00",
            b"\x08\x03a\0\x87\x03b\0\x85",
            "a.net/b.com/",
        ),
        (b"\x02\x01\x6A\x00", b"\x08\x03a\0", "a"),
        // The public identifier and the address are in the string table.
        (
            b"\x02\x00\x00\x6A\x05id\0b\0",
            b"\x08\x03a\0\x83\x03\x03c\0",
            "abc",
        ),
        (b"\x02\x06\x6A\x05href\0", b"\x04\x00\x03a\0", "a"),
        (b"\x02\x06\x04\x00", b"\x08\x03\xFC\0", "ü"),
        (
            b"\x02\x06\x87\x68\x02\0\0",
            b"\x08\x03\0a\x20\xAC\0\0\x02\x81\x00",
            "a€\u{80}",
        ),
        (HEADER, b"\x08\x02\x41\x02\x81\xFB\x00", "A\u{7D80}"),
        // A switch to the page that there is.
        (HEADER, b"\x00\x00\x08\x03a\0", "a"),
    ] {
        assert_eq!(
            sl_with(header, href).as_deref(),
            Ok(expected),
            "{header:x?}"
        );
    }
    let literal = b"\x02\x06\x6A\x03sl\0\x84\x00\x08\x03a\0\x01";
    assert_eq!(sl(literal).unwrap().root().attribute("href"), Some("a"));
    let text = b"\x02\x05\x6A\x02x\0\x45\x46\x03a \0\x83\x00\x02\x41\x01\x01";
    let si = Document::decode(Dialect::Si, text).unwrap();
    assert_eq!(si.root().children()[0].text(), "a xA");
    let time = b"\x02\x05\x6A\x00\x45\x86\x0A\x032026-11-22T00:00:00Z\0\x01\x01";
    let si = Document::decode(Dialect::Si, time).unwrap();
    assert_eq!(
        si.root().children()[0].attribute("created"),
        Some("2026-11-22T00:00:00Z")
    );
}

/// Octets that are no SL, and why.
const BROKEN: &[(&[u8], &str)] = &[
    (b"", "the document ends too early, after 0 octets"),
    (
        b"\x00\x06\x6A\x00\x05",
        "WBXML version octet 00 is not one of 01, 02 and 03",
    ),
    (
        b"\x02\x05\x6A\x00\x05",
        "public identifier 5 is not that of sl",
    ),
    (
        b"\x02\x06\x89\x24\x00\x05",
        "character set 1188 (MIBenum) is not known",
    ),
    (
        b"\x02\x06\x6A\x09abc",
        "the document ends too early, after 7 octets",
    ),
    (
        b"\x02\x06\x6A\x00\x06",
        "octet 4: token 06 is not known here",
    ),
    (
        b"\x02\x06\x6A\x00\x43\x01",
        "octet 4: token 43 is not known here",
    ),
    (
        b"\x02\x06\x6A\x00\x00\x01\x05",
        "octet 4: token 00 is not known here",
    ),
    (
        b"\x02\x06\x6A\x00\x85\x20\x01",
        "octet 5: token 20 is not known here",
    ),
    (
        b"\x02\x06\x6A\x00\x85\x08\x90\x01",
        "octet 6: token 90 is not known here",
    ),
    (
        b"\x02\x06\x6A\x00\x85\x08\x80\x00\x01",
        "octet 6: token 80 is not known here",
    ),
    (
        b"\x02\x06\x6A\x00\x85\x08\x03a",
        "the document ends too early, after 8 octets",
    ),
    (
        b"\x02\x06\x6A\x00\x85\x08\x83\x00\x01",
        "octet 7: no string at 0 in the string table",
    ),
    (
        b"\x02\x06\x6A\x01a\x85\x08\x83\x00\x01",
        "octet 8: no string at 0 in the string table",
    ),
    (
        b"\x02\x06\x6A\x00\x85\x08\x03\xFF\0\x01",
        "octet 6: the octets are not text in UTF-8",
    ),
    (
        b"\x02\x06\x6A\x00\x85\x08\x03\x07\0\x01",
        "octet 6: character U+0007 is not allowed in XML",
    ),
    (
        b"\x02\x06\x6A\x00\x85\x08\x02\x00\x01",
        "octet 6: character U+0000 is not allowed in XML",
    ),
    (
        b"\x02\x06\x6A\x00\x85\x08\x02\x83\xB0\x00\x01",
        "octet 6: character U+D800 is not allowed in XML",
    ),
    (
        b"\x02\x06\x6A\x00\x85\x08\xC3\x01\x20\x01",
        "octet 6: opaque data that is no time of an attribute",
    ),
    (
        b"\x02\x06\x6A\x90\x80\x80\x80\x00",
        "octet 3: a number that does not fit 32 bits",
    ),
    (
        b"\x02\x06\x6A\x80\x80\x80\x80\x80\x00",
        "octet 3: a number that does not fit 32 bits",
    ),
    (
        b"\x02\x06\x6A\x00\x85\x08\x01\x00",
        "octet 7: something follows the end of the document",
    ),
    (
        b"\x02\x06\x6A\x00\x05",
        "octet 4: attribute href of sl is required",
    ),
    (
        b"\x02\x06\x6A\x00\x85\x08\x09\x01",
        "octet 4: attribute href of sl stands there twice",
    ),
    (
        b"\x02\x06\x6A\x02x\0\x04\x00",
        "octet 6: the root element is \"x\", not sl",
    ),
];

#[test]
fn broken_documents_are_refused_with_their_offset() {
    for (octets, error) in BROKEN {
        let refused = sl(octets).unwrap_err();
        assert_eq!(refused.to_string(), *error, "{octets:x?}");
    }
    for created in [
        &b"\x0A\xC3\x02\x20\x26"[..],
        b"\x0A\xC3\x04\x20\x26\x11\x22\x03a\0",
        b"\x0A\x03a\0\xC3\x04\x20\x26\x11\x22",
    ] {
        let octets = [b"\x02\x05\x6A\x00\x45\x86", created, b"\x01\x01"].concat();
        let refused = Document::decode(Dialect::Si, &octets);
        assert!(
            matches!(refused, Err(DecodeError::Opaque { .. })),
            "{refused:?}"
        );
    }
}

#[test]
fn nothing_grows_beyond_the_limits() {
    // A long string that is repeated by reference, three octets a time.
    let strings = vec![b'a'; 16_000];
    let header = b"\x02\x06\x6A\xFD\x01".as_slice();
    let href = [b"\x08".to_vec(), b"\x83\x00".repeat(10_000)].concat();
    let bomb = [header, &strings, b"\0", b"\x85", &href, b"\x01"].concat();
    assert_eq!(sl(&bomb), Err(DecodeError::TooLong));
    let deep = [b"\x02\x07\x6A\x00".to_vec(), vec![0x45; 60_000]].concat();
    assert!(matches!(
        Document::decode(Dialect::Co, &deep),
        Err(DecodeError::Depth { .. })
    ));
    let wide = [HEADER, b"\x85", &[0x08; 60_000], b"\x01"].concat();
    assert!(matches!(sl(&wide), Err(DecodeError::Attributes { .. })));
    assert_eq!(sl(&vec![2; MAX_WBXML_BYTES + 1]), Err(DecodeError::TooLong));
}

#[test]
fn the_longest_text_has_a_binary_form_that_is_read() {
    let frame = "<sl href=''/>".len();
    let longest = format!("<sl href='{}'/>", "a".repeat(MAX_XML_BYTES - frame));
    let document = read(Dialect::Sl, &longest).unwrap();
    assert_eq!(sl(&document.encode()), Ok(document));
    let item = "<item class='a'>b</item>";
    let frame = "<si><indication/><info></info></si>".len();
    let items = item.repeat((MAX_XML_BYTES - frame) / item.len());
    let many = si(&format!("<si><indication/><info>{items}</info></si>")).unwrap();
    assert_eq!(Document::decode(Dialect::Si, &many.encode()), Ok(many));
}
