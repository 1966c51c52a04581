use super::*;
use crate::serial::EtwsFlags;
use proptest::prelude::*;
use std::collections::HashMap;

const PLMN: GeographicalScope = GeographicalScope::Plmn;
const REST_MS: u64 = 1000;

fn allocator(id: u16) -> Allocator {
    Allocator::new(MessageId(id), Duration::from_millis(REST_MS))
}

#[test]
fn all_codes_are_given_once_and_then_none() {
    let mut allocator = allocator(919);
    let mut codes: Vec<_> = (0..1024)
        .map(|_| allocator.allocate(PLMN, 0).unwrap().code().value())
        .collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), 1024);
    let exhausted = |free_at_ms| AllocateError::CodesExhausted {
        free_at_ms,
        message_id: MessageId(919),
    };
    assert_eq!(allocator.allocate(PLMN, 0), Err(exhausted(None)));
    let serial = SerialNumber(0x4000 | 7 << 4);
    allocator.release(serial, 5).unwrap();
    assert_eq!(allocator.allocate(PLMN, 6), Err(exhausted(Some(1005))));
    assert_eq!(allocator.allocate(PLMN, 1005), Ok(serial));
}

#[test]
fn a_code_is_taken_in_every_scope() {
    let mut allocator = allocator(919);
    let first = allocator.allocate(PLMN, 0).unwrap();
    let second = allocator.allocate(GeographicalScope::Cell, 0).unwrap();
    assert_ne!(first.code(), second.code());
}

#[test]
fn updates_wrap_only_after_the_rest() {
    let mut allocator = allocator(919);
    let first = allocator.allocate(PLMN, 0).unwrap();
    let mut serial = first;
    for update in 1..16 {
        serial = allocator.update(serial, 10).unwrap();
        assert_eq!(serial.update().value(), update);
        assert_eq!(serial.code(), first.code());
    }
    assert_eq!(
        allocator.update(serial, 11),
        Err(AllocateError::UpdatesExhausted {
            free_at_ms: 1010,
            serial
        })
    );
    assert_eq!(allocator.update(serial, 1010), Ok(first));
    assert_eq!(
        allocator.update(serial, 1010),
        Err(AllocateError::NotActive { serial })
    );
}

#[test]
fn etws_has_256_codes_and_flags_do_not_count() {
    let mut allocator = allocator(4352);
    let serial = allocator.allocate(PLMN, 0).unwrap();
    let flags = EtwsFlags {
        emergency_user_alert: true,
        popup: true,
    };
    let flagged = serial.with_etws_flags(flags).unwrap();
    assert_eq!(
        allocator.adopt(flagged),
        Err(AllocateError::Taken { serial: flagged })
    );
    let next = allocator.update(flagged, 0).unwrap();
    assert_eq!(next.etws_flags(), flags);
    for _ in 1..256 {
        allocator.allocate(PLMN, 0).unwrap();
    }
    assert!(allocator.allocate(PLMN, 0).is_err());
}

#[test]
fn a_clock_that_jumps_back_frees_nothing() {
    let mut allocator = allocator(919);
    let serial = allocator.allocate(PLMN, 1_000_000).unwrap();
    allocator.release(serial, 1_000_000).unwrap();
    allocator.forget_rested(0);
    assert_eq!(allocator.uses().count(), 1);
    assert_eq!(
        allocator.adopt(serial),
        Err(AllocateError::Taken { serial })
    );
    allocator.release(serial, 0).unwrap_err();
}

proptest! {
    /// Whatever happens, also restarts: within the rest time no serial number has two texts.
    #[test]
    fn no_serial_number_has_two_texts(operations in proptest::collection::vec((0_u8..4, any::<prop::sample::Index>(), 0_u64..400), 1..300)) {
        let mut allocator = allocator(919);
        let (mut active, mut ended) = (Vec::new(), HashMap::new());
        let mut now = 0;
        for (operation, which, later) in operations {
            now += later;
            let given = match operation {
                0 => allocator.allocate(PLMN, now).ok(),
                1 if !active.is_empty() => {
                    let index = which.index(active.len());
                    let next = allocator.update(active[index], now).ok();
                    if next.is_some() {
                        ended.insert(active.swap_remove(index), now);
                    }
                    next
                }
                2 if !active.is_empty() => {
                    let serial = active.swap_remove(which.index(active.len()));
                    allocator.release(serial, now).unwrap();
                    ended.insert(serial, now);
                    None
                }
                _ => {
                    let uses: Vec<_> = allocator.uses().collect();
                    let next = allocator.next_code();
                    let rest = Duration::from_millis(REST_MS);
                    let restored = Allocator::restore(MessageId(919), rest, next, uses).unwrap();
                    prop_assert_eq!(&restored, &allocator);
                    allocator = restored;
                    None
                }
            };
            if let Some(serial) = given {
                prop_assert!(!active.contains(&serial));
                prop_assert!(ended.get(&serial).is_none_or(|end| now - end >= REST_MS));
                active.push(serial);
            }
        }
    }
}
