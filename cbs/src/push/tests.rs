use super::*;
use crate::wsp::ContentType;
use proptest::prelude::*;

fn push(octets: usize) -> Push {
    Push {
        tid: 1,
        content_type: ContentType::new("application/vnd.wap.sic"),
        headers: Vec::new(),
        data: (0..octets).map(|index| index as u8).collect(),
    }
}

fn as_gsm(contents: &Contents) -> Contents {
    let full = |page: &PageContent| PageContent::full(*page.octets());
    Contents::new(contents.pages().iter().map(full).collect()).unwrap()
}

const FORMS: [Form; 3] = [Form::Ports, Form::Raw, Form::Wap];

proptest! {
    #[test]
    fn pushes_come_back(octets in 0_usize..1100) {
        for form in FORMS {
            let sent = push(octets);
            let contents = encode(form, &sent).unwrap();
            for contents in [&contents, &as_gsm(&contents)] {
                let received = decode(form, form.dcs(), contents).unwrap();
                prop_assert_eq!(received.ending, Ending::Exact);
                prop_assert_eq!(received.push, sent.clone().with_content_length());
            }
        }
    }

    #[test]
    fn any_pages_are_read_or_refused(octets in proptest::collection::vec(any::<u8>(), 82..=82), dcs in any::<u8>()) {
        let page = PageContent::full(octets.try_into().unwrap());
        let contents = Contents::new(vec![page; 2]).unwrap();
        for form in FORMS {
            let _ = decode(form, Dcs(dcs), &contents);
            let _ = decode(form, form.dcs(), &contents);
        }
    }
}

#[test]
fn the_worked_example_takes_two_pages() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/samples/wsp/");
    let pdu = std::fs::read(format!("{folder}kannel-wsp-push-si.bin")).unwrap();
    let contents = pack(Form::Ports, &pdu).unwrap();
    let [first, second] = contents.pages() else {
        panic!();
    };
    let header = [0x06, 0x05, 0x04, 0x0B, 0x84, 0x23, 0xF0];
    assert_eq!(first.octets()[..], [&header[..], &pdu[..75]].concat());
    assert_eq!(
        second.octets()[..],
        [&header[..], &pdu[75..], &[0; 40]].concat()
    );
    assert_eq!(second.used(), 42);
    let received = decode(Form::Ports, Dcs(0x94), &as_gsm(&contents)).unwrap();
    assert_eq!(received.push.encode(), pdu);
}

#[test]
fn capacities() {
    for (form, capacity) in [(Form::Ports, 1125), (Form::Raw, 1228), (Form::Wap, 1125)] {
        assert_eq!(form.capacity(), capacity);
        assert_eq!(pack(form, &vec![1; capacity]).unwrap().count(), 15);
        assert_eq!(
            pack(form, &vec![1; capacity + 1]),
            Err(PushError::TooLong {
                capacity,
                octets: capacity + 1
            })
        );
    }
    // One octet more of headers than fits.
    assert!(matches!(
        encode(Form::Ports, &push(1120)),
        Err(PushError::TooLong { .. })
    ));
}

#[test]
fn content_without_a_length_keeps_its_fill() {
    let pdu = push(10).encode();
    let decoded = |form: Form| {
        let contents = as_gsm(&pack(form, &pdu).unwrap());
        decode(form, form.dcs(), &contents).unwrap()
    };
    let ports = decoded(Form::Ports);
    assert_eq!((ports.ending, ports.push.data.len()), (Ending::Filled, 71));
    let raw = decoded(Form::Raw);
    assert_eq!((raw.ending, raw.push.data.len()), (Ending::Exact, 10));
}

#[test]
fn pages_that_must_be_ignored() {
    let decode_page = |page: &[u8]| {
        let contents = Contents::new(vec![PageContent::zero_filled(page).unwrap()]).unwrap();
        decode(Form::Ports, Dcs(0x95), &contents)
    };
    let udh = |source| Err(PushError::Udh { number: 1, source });
    assert_eq!(
        decode_page(&[5, 0, 3, 1, 1, 1, 0]),
        udh(UdhError::Concatenation)
    );
    assert_eq!(
        decode_page(&[6, 8, 4, 1, 1, 1, 1, 0]),
        udh(UdhError::Concatenation)
    );
    assert_eq!(
        decode_page(&[6, 5, 4, 0x0B, 0x85, 0x23, 0xF0, 0]),
        udh(UdhError::Port { port: Some(2949) })
    );
    assert_eq!(decode_page(&[0, 1]), udh(UdhError::Port { port: None }));
    assert_eq!(
        decode_page(&[5, 5, 3, 0, 0, 0]),
        udh(UdhError::ElementLength { id: 5, octets: 3 })
    );
    assert!(matches!(
        decode_page(&[81, 5]),
        Err(PushError::Udh {
            source: UdhError::Truncated(_),
            ..
        })
    ));
    assert!(matches!(
        decode(Form::Ports, Dcs(0x44), &pack(Form::Ports, &[1]).unwrap()),
        Err(PushError::Dcs { .. })
    ));
    let raw = Contents::new(vec![PageContent::zero_filled(&[0xFF, 0xFF, 1]).unwrap()]).unwrap();
    assert_eq!(
        decode(Form::Raw, Dcs(0x44), &raw),
        Err(PushError::Length {
            available: 1,
            octets: 65535
        })
    );
}
