use super::super::tree::Node;
use super::*;

fn root(text: &str) -> Result<Element, XmlError> {
    read(text.as_bytes(), None)
}

fn line(line: usize) -> Place {
    Place::Line(line)
}

#[test]
fn elements_texts_and_lines_are_kept() {
    let text = "<?xml version=\"1.0\"?>\n<!-- c --><a b=\"1&#38;\n2\">x &lt;<![CDATA[&y]]>\n<c/>&#x41;</a>\n";
    let a = root(text).unwrap();
    assert_eq!((a.name.as_str(), a.place), ("a", line(2)));
    assert_eq!(a.attributes, [("b".to_owned(), "1& 2".to_owned())]);
    assert_eq!(a.text(), "x <&y\nA");
    let [Node::Text(_), Node::Element(c), Node::Text(_)] = a.children.as_slice() else {
        panic!("{a:?}");
    };
    assert_eq!(c.place, line(4));
}

#[test]
fn character_sets_are_told_in_order_of_trust() {
    let latin = b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xDC</a>";
    assert_eq!(read(latin, None).unwrap().text(), "Ü");
    assert!(matches!(read(latin, Some("utf-8")), Err(XmlError::Text(_))));
    assert_eq!(read(b"<a>\xDC</a>", Some("Latin1")).unwrap().text(), "Ü");
    let marked = "\u{FEFF}<a>Ü</a>";
    let text = read(marked.as_bytes(), Some("iso-8859-1")).unwrap().text();
    assert_eq!(text, "Ü");
    for order in [u16::to_be_bytes, u16::to_le_bytes] {
        let wide: Vec<u8> = marked.encode_utf16().flat_map(order).collect();
        assert_eq!(read(&wide, Some("utf-8")).unwrap().text(), "Ü");
    }
    let unknown = read(b"<a/>", Some("koi8-r"));
    assert_eq!(
        unknown.unwrap_err().to_string(),
        "character set \"koi8-r\" is not known; use UTF-8"
    );
}

#[test]
fn document_type_declarations_are_not_followed() {
    for doctype in [
        "<!DOCTYPE a PUBLIC \"-//X[//\" 'file:///etc/passwd'>",
        "<!DOCTYPE other SYSTEM \"http://127.0.0.1:1/x.dtd\" [ <!-- [ --> <?x ]?> ]>",
        "<!DOCTYPE a [ ]>",
    ] {
        assert!(root(&format!("{doctype}<a/>")).is_ok(), "{doctype}");
    }
    for doctype in [
        "<!DOCTYPE a [<!ENTITY b \"c\">]>",
        "<!DOCTYPE a [<!-- --> %b;]>",
        "<!DOCTYPE a SYSTEM 'x' [<!ATTLIST a b CDATA 'c'>]>",
    ] {
        let error = root(&format!("\n{doctype}<a/>")).unwrap_err();
        assert_eq!(error, XmlError::Declaration { place: line(2) }, "{doctype}");
    }
}

#[test]
fn nothing_but_xml_s_own_entities_expands() {
    let bomb = "<!DOCTYPE a [<!ENTITY b \"bbbb\"><!ENTITY c \"&b;&b;&b;\">]><a>&c;</a>";
    assert!(matches!(root(bomb), Err(XmlError::Declaration { .. })));
    for text in ["<a>\n&b;</a>", "<a>\n<b c=\"&b;\"/></a>"] {
        assert_eq!(
            root(text),
            Err(XmlError::Entity { place: line(2) }),
            "{text}"
        );
    }
    for text in ["<a>&#1;</a>", "<a b=\"&#x1F;\"/>", "<a>\u{1}</a>"] {
        assert!(
            matches!(root(text), Err(XmlError::Character { .. })),
            "{text}"
        );
    }
}

#[test]
fn what_is_not_well_formed_is_refused_with_its_line() {
    for (text, at) in [
        ("", 1),
        ("<a>\n\n", 3),
        ("<a>\n</b>", 2),
        ("<a/>\n<b/>", 2),
        ("<a/>text\n", 1),
        ("<a/>\n&amp;", 2),
        ("<a/>\n<![CDATA[x]]>", 2),
        ("<a\n b='1' b='2'/>", 1),
        ("<a b='<'/>", 1),
        ("<a/>\n<?xml version='1.0'?>", 2),
        ("<a/>\n<!DOCTYPE a>", 2),
        ("\n<!-- -- --><a/>", 2),
    ] {
        match root(text) {
            Err(XmlError::Syntax { place, .. }) => assert_eq!(place, line(at), "{text:?}"),
            other => panic!("{text:?}: {other:?}"),
        }
    }
}

#[test]
fn limits_hold() {
    let deep = |depth| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
    assert!(root(&deep(MAX_DEPTH)).is_ok());
    assert_eq!(
        root(&deep(MAX_DEPTH + 1)),
        Err(XmlError::Depth { place: line(1) })
    );
    let wide = |count: usize| {
        let attributes: String = (0..count).map(|n| format!(" a{n}=''")).collect();
        format!("<a{attributes}/>")
    };
    assert!(root(&wide(MAX_ATTRIBUTES)).is_ok());
    assert_eq!(
        root(&wide(MAX_ATTRIBUTES + 1)),
        Err(XmlError::Attributes { place: line(1) })
    );
    let long = format!("<a>{}</a>", "x".repeat(MAX_XML_BYTES));
    assert_eq!(root(&long), Err(XmlError::TooLong));
    // Two octets of ISO 8859-1 are four of UTF-8.
    let wide = [b"<a>".as_slice(), &[0xDC; 40_000], b"</a>"].concat();
    assert_eq!(read(&wide, Some("iso-8859-1")), Err(XmlError::TooLong));
}
