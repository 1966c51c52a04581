use proptest::prelude::*;

use super::*;

fn characters() -> impl Strategy<Value = String> {
    "[ -~\u{a0}-\u{17f}\u{20ac}\u{1F680}\t\n\r]{0,40}"
}

fn address() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        "[a-z0-9/?&=.]{0,8}",
        Just(".com/".to_owned()),
        Just(".org/".to_owned()),
        Just("http://www.".to_owned()),
        Just("https://".to_owned()),
        characters(),
    ];
    prop::collection::vec(part, 0..5).prop_map(|parts| parts.concat())
}

fn datetime() -> impl Strategy<Value = String> {
    (
        0..10_000u32,
        1..13u32,
        1..29u32,
        0..24u32,
        0..60u32,
        0..60u32,
    )
        .prop_map(|(year, month, day, hour, minute, second)| {
            format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
        })
}

/// `name="value"`, or nothing.
fn attribute(
    name: &'static str,
    value: impl Strategy<Value = String> + 'static,
) -> BoxedStrategy<String> {
    let given = value.prop_map(move |value| format!(" {name}=\"{}\"", escaped(&value)));
    prop::option::of(given)
        .prop_map(Option::unwrap_or_default)
        .boxed()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}

fn one_of(values: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::sample::select(values).prop_map(str::to_owned)
}

fn si_text() -> impl Strategy<Value = String> {
    let action = one_of(&["signal-none", "signal-low", "signal-medium", "signal-high"]);
    let attributes = [
        attribute("href", address()),
        attribute("si-id", characters()),
        attribute("created", datetime()),
        attribute("si-expires", datetime()),
        attribute("action", action),
    ];
    let item = ("[a-zA-Z0-9._:-]{1,8}", characters())
        .prop_map(|(class, text)| format!("<item class=\"{class}\">{}</item>", escaped(&text)));
    let info = prop::collection::vec(item, 0..4).prop_map(|items| match items.len() {
        0 => String::new(),
        _ => format!("\n<info> {} </info>", items.join("\n ")),
    });
    let attributes = Just(())
        .prop_flat_map(move |()| attributes.clone())
        .prop_map(Vec::from)
        .prop_shuffle();
    (attributes, characters(), info).prop_map(|(attributes, text, info)| {
        let attributes = attributes.concat();
        format!(
            "<si><indication{attributes}>{}</indication>{info}</si>",
            escaped(&text)
        )
    })
}

fn sl_text() -> impl Strategy<Value = String> {
    let action = attribute("action", one_of(&["execute-low", "execute-high", "cache"]));
    (address(), action)
        .prop_map(|(href, action)| format!("<sl{action} href=\"{}\"/>", escaped(&href)))
}

fn co_text() -> impl Strategy<Value = String> {
    let operation = (
        one_of(&["invalidate-object", "invalidate-service"]),
        address(),
    )
        .prop_map(|(name, uri)| format!("<{name} uri=\"{}\"></{name}>", escaped(&uri)));
    prop::collection::vec(operation, 1..5)
        .prop_map(|operations| format!("<co>{}</co>", operations.join(" ")))
}

fn text() -> impl Strategy<Value = (Dialect, String)> {
    prop_oneof![
        si_text().prop_map(|text| (Dialect::Si, text)),
        sl_text().prop_map(|text| (Dialect::Sl, text)),
        co_text().prop_map(|text| (Dialect::Co, text)),
    ]
}

proptest! {
    #[test]
    fn both_forms_say_the_same((dialect, text) in text()) {
        let document = read(dialect, &text).unwrap();
        let octets = document.encode();
        prop_assert_eq!(Document::decode(dialect, &octets), Ok(document.clone()));
        prop_assert_eq!(read(dialect, &document.to_xml()), Ok(document));
    }

    #[test]
    fn any_octets_are_survived(octets in prop::collection::vec(any::<u8>(), 0..200)) {
        for dialect in Dialect::ALL {
            let public_id = dialect.public_id_token() as u8;
            for octets in [octets.clone(), [&[2, public_id, 0x6A, 0], octets.as_slice()].concat()] {
                if let Ok(document) = Document::decode(dialect, &octets) {
                    prop_assert_eq!(Document::decode(dialect, &document.encode()), Ok(document));
                }
            }
        }
    }
}
