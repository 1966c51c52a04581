use super::*;
use proptest::prelude::*;

fn sample(len: usize) -> Vec<u8> {
    (0..len).map(|i| (i * 31 + i / 251) as u8).collect()
}

#[test]
fn no_symbol_is_longer_than_its_object() {
    let symbol_bytes = |length| {
        let oti = Oti::for_object(length, 1400, 1024).unwrap();
        assert!(oti.transfer_length() == length && oti.blocks() == u32::from(length > 0));
        oti.symbol_bytes()
    };
    let lengths = [0, 1, 300, 301, 1399, 1400, 1401, 5_000];
    assert_eq!(
        lengths.map(symbol_bytes),
        [4, 4, 300, 304, 1400, 1400, 1400, 1400]
    );
}

#[test]
fn partition_equals_the_published_values() {
    let oti = Oti::new(200_003, 1400, 2, 1, 4).unwrap();
    assert_eq!(oti.block(Sbn(0)).unwrap().symbols, 72);
    assert_eq!(oti.block(Sbn(1)).unwrap().symbols, 71);
    assert_eq!(oti.max_block_symbols(), 72);
    assert_eq!(oti.scheme_specific(), [2, 0, 1, 4]);
}

#[test]
fn hostile_parameters_are_refused() {
    for (f, t, z, n, al) in [
        (1 << 40, 1400, 1, 1, 4),
        (1000, 0, 1, 1, 4),
        (1000, 1400, 0, 1, 4),
        (1000, 1400, 2, 1, 4),
        (1000, 1400, 1, 0, 4),
        (1000, 1400, 1, 351, 4),
        (1000, 1400, 1, 1, 0),
        (1000, 1401, 1, 1, 4),
        (56_404 * 4, 4, 1, 1, 4),
    ] {
        assert!(Oti::new(f, t, z, n, al).is_err(), "{f} {t} {z} {n} {al}");
    }
}

#[test]
fn any_k_symbols_and_two_give_the_block_back() {
    let data = sample(20_003);
    let oti = Oti::for_object(data.len() as u64, 400, 1024).unwrap();
    let symbols = oti.block(Sbn(0)).unwrap().symbols;
    let encoder = Encoder::new(&oti, Sbn(0), &data).unwrap();
    let mut repair = Vec::new();
    encoder
        .repair(Esi(symbols), symbols + 2, &mut repair)
        .unwrap();
    let mut decoder = Decoder::new(&oti, Sbn(0)).unwrap();
    let only_repair = repair
        .chunks(400)
        .zip(symbols..)
        .map(|(symbol, esi)| (Esi(esi), symbol.to_vec()));
    assert_eq!(
        decoder.decode(only_repair).unwrap().as_deref(),
        Some(data.as_slice())
    );
}

#[test]
fn the_codec_is_never_reached_with_wrong_input() {
    let data = sample(5_000);
    let oti = Oti::for_object(5_000, 400, 1024).unwrap();
    assert!(Encoder::new(&oti, Sbn(1), &data).is_err());
    assert!(Encoder::new(&oti, Sbn(0), &data[1..]).is_err());
    let encoder = Encoder::new(&oti, Sbn(0), &data).unwrap();
    assert!(encoder.repair(Esi(0), 1, &mut Vec::new()).is_err());
    assert!(
        encoder
            .repair(Esi(ESI_END - 1), 2, &mut Vec::new())
            .is_err()
    );
    let mut decoder = Decoder::new(&oti, Sbn(0)).unwrap();
    assert!(decoder.decode([(Esi(0), vec![0; 399])]).is_err());
    assert!(decoder.decode([(Esi(ESI_END), vec![0; 400])]).is_err());
}

proptest! {
    #[test]
    fn receivers_that_partition_by_the_longest_block_agree(
        length in 1u64..50_000_000, symbol in (1u16..400).prop_map(|n| n * 4), target in 1u32..9000,
    ) {
        let Ok(oti) = Oti::for_object(length, symbol, target) else { return Ok(()) };
        let symbols = length.div_ceil(u64::from(symbol));
        prop_assert_eq!(symbols.div_ceil(u64::from(oti.max_block_symbols())), u64::from(oti.blocks()));
    }

    #[test]
    fn blocks_cover_the_object(length in 1u64..5_000_000, target in 1u32..2000) {
        let Ok(oti) = Oti::for_object(length, 1400, target) else { return Ok(()) };
        let mut next = 0;
        for sbn in 0..oti.blocks() {
            let block = oti.block(Sbn(sbn)).unwrap();
            prop_assert_eq!(block.range.start, next);
            next = block.range.end;
        }
        prop_assert_eq!(next, length);
    }
}
