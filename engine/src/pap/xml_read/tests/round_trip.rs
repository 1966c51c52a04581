//! What is written is read back, and nothing that is read panics.

use proptest::prelude::*;

use super::*;
use crate::pap::message::Recipient;

fn text() -> impl Strategy<Value = String> {
    "[^\\p{Cc}\u{FFFE}\u{FFFF}]{0,20}"
}

fn some_push_id() -> impl Strategy<Value = PushId> {
    "[^\\p{Cc}\u{FFFE}\u{FFFF}]{1,20}".prop_map(|text| text.parse().unwrap())
}

fn qos() -> impl Strategy<Value = QualityOfService> {
    use DeliveryMethod::{Confirmed, NotSpecified, PreferConfirmed, Unconfirmed};
    (
        prop::sample::select(vec![Priority::Low, Priority::Medium, Priority::High]),
        prop::sample::select(vec![Confirmed, NotSpecified, PreferConfirmed, Unconfirmed]),
        (prop::option::of(text()), any::<bool>()),
        (prop::option::of(text()), any::<bool>()),
    )
        .prop_map(
            |(priority, delivery_method, network, bearer)| QualityOfService {
                priority,
                delivery_method,
                network: network.0,
                network_required: network.1,
                bearer: bearer.0,
                bearer_required: bearer.1,
            },
        )
}

fn any_push() -> impl Strategy<Value = PushMessage> {
    let seconds = || prop::option::of((0u64..253_402_300_800).prop_map(|seconds| seconds * 1000));
    let method = prop::sample::select(vec![ReplaceMethod::All, ReplaceMethod::PendingOnly]);
    let replaces =
        (some_push_id(), method).prop_map(|(push_id, method)| Replacement { push_id, method });
    (
        (some_push_id(), prop::option::of(replaces)),
        (seconds(), seconds()),
        (
            prop::option::of(text()),
            prop::option::of(text()),
            any::<bool>(),
        ),
        prop::collection::vec(text().prop_map(|raw| Recipient::from(raw.as_str())), 1..5),
        prop::option::of(qos()),
    )
        .prop_map(
            |(ids, window, wishes, addresses, quality_of_service)| PushMessage {
                push_id: ids.0,
                replaces: ids.1,
                deliver_before_ms: window.0,
                deliver_after_ms: window.1,
                source_reference: wishes.0,
                notify_url: wishes.1,
                progress_notes: wishes.2,
                addresses,
                quality_of_service,
            },
        )
}

proptest! {
    #[test]
    fn a_push_survives(push in any_push()) {
        let written = Operation::Push(push.clone()).to_xml(Envelope::OWN);
        let request = request(&written);
        prop_assert_eq!(request.envelope(), Envelope::OWN);
        prop_assert_eq!(push_of(request), push);
    }

    #[test]
    fn no_octets_panic(octets in prop::collection::vec(any::<u8>(), 0..200)) {
        crate::pap::fuzzing::pap_xml(&octets);
    }

    #[test]
    fn no_markup_panics(
        text in "(<\\?xml( encoding=\"[a-zA-Z0-9-]{1,6}\")?\\?>)?(<!DOCTYPE pap [\\[\\]<>?A-Z\"' ]{0,12}>)?(</?(pap|push-message|address|quality-of-service)( [a-z-]{1,9}=[\"'][ -~]{0,9}[\"'])*/?>|[&;# a-z]{0,3}){0,8}",
    ) {
        crate::pap::fuzzing::pap_xml(text.as_bytes());
    }
}
