use super::*;
use crate::cbep::Cells;

fn sample() -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/samples/ecbe/");
    std::fs::read_to_string(format!("{folder}vty-show-messages.txt")).unwrap()
}

fn cell() -> Cell {
    Cell::Cgi("001-01-1-6969".parse().unwrap())
}

#[test]
fn the_recorded_text() {
    let shown = Shown::read(&sample()).unwrap();
    assert_eq!(shown.rows.len(), 11);
    let active = shown.rows.iter().filter(|row| row.is_active == Some(true));
    assert_eq!(active.count(), 10);
    assert_eq!(shown.rows[7].serial, SerialNumber(0x7010));
    assert_eq!(shown.rows[9].period_slots, 2);

    let installed = shown
        .details_of(MessageId(921), SerialNumber(0x4030))
        .unwrap();
    assert_eq!(installed.state, "ACTIVE");
    assert_eq!(installed.broadcasts, Some(2));
    let [peer] = &installed.peers[..] else {
        panic!()
    };
    assert_eq!(
        (peer.name.as_str(), peer.state.as_str()),
        ("bsc1", "ACTIVE")
    );
    assert_eq!(peer.installed, [cell()]);
    assert!(peer.failed.is_empty());

    let failed = shown
        .details_of(MessageId(940), SerialNumber(0x40B0))
        .unwrap();
    let [peer] = &failed.peers[..] else { panic!() };
    assert!(peer.installed.is_empty());
    let expected = Failed {
        cause: Cause::CAPACITY_EXCEEDED,
        cell: cell(),
    };
    assert_eq!(peer.failed, [expected]);
    assert_eq!(
        peer.failed[0].cause.to_string(),
        "BSC capacity exceeded (cause 6)"
    );
    assert_eq!(shown.details_of(MessageId(940), SerialNumber(0x40B1)), None);
    let cells = Cells::from(failed);
    assert_eq!((cells.installed, cells.total()), (0, 1));
    assert_eq!(cells.failed, [(cell(), Cause::CAPACITY_EXCEEDED)]);
    assert_eq!(Cells::from(installed).total(), 1);
}

#[test]
fn what_is_written_is_what_the_server_wrote() {
    let shown = Shown::read(&sample()).unwrap();
    let written: String = shown.details.iter().map(ToString::to_string).collect();
    assert_eq!(Shown::read(&written).unwrap().details, shown.details);
    let recorded = sample().replace('\r', "");
    for line in written.lines() {
        assert!(recorded.contains(line), "{line}");
    }
}

#[test]
fn other_lines_of_the_server() {
    let text = "Unknown Messsage ID 7\r\nMessage ID 0399, Serial Number 4030, State: DELETED\r\n \
        Peer: 'mme', State: ACTIVE\r\n  Cells Installed:\r\n   LAC 1 CI 2\r\n   BSS\r\n  \
        Number of Broadcasts Completed:\r\n   CGI 001-01-1-6969 (12/0)\r\n   BSS (32767/1)\r\nOsmoCBC> \r\n";
    let shown = Shown::read(text).unwrap();
    assert_eq!(shown.unknown, [MessageId(7)]);
    let peer = &shown.details[0].peers[0];
    assert_eq!(peer.installed[0], Cell::Other("LAC 1 CI 2".to_owned()));
    let expected = Completed {
        cell: cell(),
        count: 12,
        validity: Validity::Valid,
    };
    assert_eq!(peer.completed[0], expected);
    assert_eq!(peer.completed[1].validity, Validity::Overflown);
    assert_eq!(Shown::read(""), Ok(Shown::default()));
}

#[test]
fn lines_in_another_form_are_errors() {
    let invalid = "Message ID 1, Serial Number 1, State: A\n Peer: 'b', State: A\n  \
        Cells Installed:\n   <invalid>\n   BSS\n";
    let shown = Shown::read(invalid).unwrap();
    assert_eq!(shown.details[0].peers[0].installed.len(), 2);
    let broken = sample().replace("(cause=6)", "(cause=six)");
    let line = 1 + broken
        .lines()
        .position(|line| line.contains("six"))
        .unwrap();
    assert_eq!(Shown::read(&broken), Err(VtyError::Line { line }));
    assert!(Shown::read("Message ID 0399").is_err());
    let head = "Message ID 0399, Serial Number 4030, State: ACTIVE\n Peer: 'b', State: A\n";
    let cells = "   CGI 001-01-1-6969\n".repeat(65_537);
    let many = format!("{head}  Cells Installed:\n{cells}");
    assert!(matches!(Shown::read(&many), Err(VtyError::Limit { .. })));
}
