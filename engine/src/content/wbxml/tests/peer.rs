//! The same documents through `xml2wbxml` and `wbxml2xml` of libwbxml. Tools may choose tokens
//! differently, so what is compared is what the octets say.

use std::process::Command;

use super::*;

const TEXTS: [(Dialect, &str); 9] = [
    (Dialect::Si, "<si><indication/></si>"),
    (
        Dialect::Si,
        "<si><indication href='https://www.a.com/b.org/?c=1&amp;d=2' created='2026-11-20T00:00:00Z' \
         si-expires='2030-10-30T20:50:10Z' action='signal-none'>\u{dc}berlauf &lt;jetzt&gt;</indication>\
         <info><item class='river'>Aln</item><item class='level'>4.2</item></info></si>",
    ),
    (
        Dialect::Si,
        "<si><indication si-id='a@b.example' action='delete'/></si>",
    ),
    (
        Dialect::Si,
        "<si><indication href='http://a.edu/'>a</indication></si>",
    ),
    (Dialect::Sl, "<sl href='http://www.a.net/x.edu/y'/>"),
    (Dialect::Sl, "<sl href='/relative' action='cache'/>"),
    (
        Dialect::Sl,
        "<sl action='execute-low' href='https://b.example'/>",
    ),
    (
        Dialect::Co,
        "<co><invalidate-service uri='https://a.com/'/><invalidate-object uri='x'/></co>",
    ),
    (
        Dialect::Co,
        "<co><invalidate-object uri='http://www.a.org/b?c=d&amp;e'/></co>",
    ),
];

/// Runs a tool on octets; `None` where it is not installed.
fn run(tool: &str, options: &[&str], input: &[u8]) -> Option<Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let [from, to] = ["in", "out"].map(|name| folder.path().join(name));
    std::fs::write(&from, input).unwrap();
    let output = Command::new(tool)
        .args(options)
        .arg("-o")
        .arg(&to)
        .arg(&from)
        .output();
    let output = match output {
        Ok(output) => output,
        Err(error) => {
            println!("SKIPPED comparison with libwbxml: {tool}: {error}");
            return None;
        }
    };
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{tool}: {said}");
    Some(std::fs::read(&to).unwrap())
}

#[test]
fn another_encoder_s_octets_say_the_same() {
    for (dialect, text) in TEXTS {
        let document = read(dialect, text).unwrap();
        for version in ["1.1", "1.2", "1.3"] {
            for table in [&["-v", version, "-n"][..], &["-v", version]] {
                let Some(octets) = run("xml2wbxml", table, document.to_xml().as_bytes()) else {
                    return;
                };
                let decoded = Document::decode(dialect, &octets);
                assert_eq!(
                    decoded.as_ref(),
                    Ok(&document),
                    "{text} {table:?} {octets:x?}"
                );
            }
        }
    }
}

#[test]
fn another_decoder_reads_the_same() {
    for (dialect, text) in TEXTS {
        let document = read(dialect, text).unwrap();
        let Some(written) = run("wbxml2xml", &["-m", "0"], &document.encode()) else {
            return;
        };
        let read = Document::read_xml(dialect, &written, None);
        let written = String::from_utf8_lossy(&written);
        assert_eq!(read.as_ref(), Ok(&document), "{text} {written}");
    }
}
