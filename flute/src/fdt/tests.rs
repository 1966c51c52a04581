mod properties;
mod refused;

use super::*;
use crate::content::{Encoding, gzip, md5};
use crate::fec::{self, OtiError, no_code, raptorq};
use crate::ids::Toi;
use crate::time::NtpSeconds;

fn example() -> Instance {
    let oti = raptorq::Oti::for_object(98_765, 1400, 1024).unwrap();
    let mut instance = Instance::new(NtpSeconds(3_997_252_800));
    instance.files.push(File {
        content_type: Some("text/xml".to_owned()),
        content_encoding: Some("gzip".to_owned()),
        content_length: Some(200_003),
        transfer_length: Some(98_765),
        oti: OtiAttributes::from(&fec::Oti::RaptorQ(oti)),
        cache_control: Some(CacheControl::Expires(NtpSeconds(3_997_260_000))),
        ..File::new(Toi::from(1), "http://alerts.example/a/2026-0917.xml")
    });
    instance
}

fn read(xml: &str) -> Result<Instance, FdtError> {
    Instance::read(xml.as_bytes())
}

/// An instance of one File with these attributes.
fn with_file(attributes: &str) -> Instance {
    read(&format!(
        "<FDT-Instance Expires='1'><File {attributes}/></FDT-Instance>"
    ))
    .unwrap()
}

#[test]
fn one_gzip_file_with_raptorq() {
    let xml = example().write(Profile::GeneralV1);
    insta::assert_snapshot!(xml, @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <FDT-Instance xmlns="urn:IETF:metadata:2005:FLUTE:FDT" xmlns:mbms2007="urn:3GPP:metadata:2007:MBMS:FLUTE:FDT" xmlns:sv="urn:3gpp:metadata:2009:MBMS:schemaVersion" Expires="3997252800">
    <File TOI="1" Content-Location="http://alerts.example/a/2026-0917.xml" Content-Type="text/xml" Content-Encoding="gzip" Content-Length="200003" Transfer-Length="98765" FEC-OTI-FEC-Encoding-ID="6" FEC-OTI-Maximum-Source-Block-Length="71" FEC-OTI-Encoding-Symbol-Length="1400" FEC-OTI-Scheme-Specific-Info="AQABBA=="><mbms2007:Cache-Control><mbms2007:Expires>3997260000</mbms2007:Expires></mbms2007:Cache-Control><sv:delimiter>0</sv:delimiter><sv:delimiter>0</sv:delimiter></File>
    <sv:schemaVersion>4</sv:schemaVersion><sv:delimiter>0</sv:delimiter>
    </FDT-Instance>
    "#);
    assert_eq!(read(&xml), Ok(example()));
}

#[test]
fn every_optional_part() {
    let mut instance = Instance {
        complete: true,
        full_fdt: true,
        groups: vec!["all & any".to_owned()],
        ..Instance::new(NtpSeconds(7))
    };
    for (toi, directive) in [(1, CacheControl::NoCache), (2, CacheControl::MaxStale)] {
        instance.files.push(File {
            content_md5: Some(*b"0123456789abcdef"),
            oti: OtiAttributes {
                encoding_id: Some(129),
                instance_id: Some(3),
                max_source_block_length: Some(64),
                encoding_symbol_length: Some(1400),
                max_number_of_encoding_symbols: Some(80),
                scheme_specific: None,
            },
            cache_control: Some(directive),
            etag: Some("\"tag\"".to_owned()),
            groups: vec!["a".to_owned(), "b<c".to_owned()],
            ..File::new(Toi::from(toi), "a?b=\"c\"&d='e'\u{1}<f>")
        });
    }
    let xml = instance.write(Profile::default());
    insta::assert_snapshot!(xml, @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <FDT-Instance xmlns="urn:IETF:metadata:2005:FLUTE:FDT" xmlns:mbms2007="urn:3GPP:metadata:2007:MBMS:FLUTE:FDT" xmlns:sv="urn:3gpp:metadata:2009:MBMS:schemaVersion" xmlns:mbms2008="urn:3GPP:metadata:2008:MBMS:FLUTE:FDT_ext" xmlns:mbms2012="urn:3GPP:metadata:2012:MBMS:FLUTE:FDT" Expires="7" Complete="true" mbms2008:FullFDT="true">
    <File TOI="1" Content-Location="a?b=&quot;c&quot;&amp;d='e'�&lt;f&gt;" Content-MD5="MDEyMzQ1Njc4OWFiY2RlZg==" FEC-OTI-FEC-Encoding-ID="129" FEC-OTI-FEC-Instance-ID="3" FEC-OTI-Maximum-Source-Block-Length="64" FEC-OTI-Encoding-Symbol-Length="1400" FEC-OTI-Max-Number-of-Encoding-Symbols="80" mbms2012:File-ETag="&quot;tag&quot;"><mbms2007:Cache-Control><mbms2007:no-cache>true</mbms2007:no-cache></mbms2007:Cache-Control><sv:delimiter>0</sv:delimiter><sv:delimiter>0</sv:delimiter><Group>a</Group><Group>b&lt;c</Group></File>
    <File TOI="2" Content-Location="a?b=&quot;c&quot;&amp;d='e'�&lt;f&gt;" Content-MD5="MDEyMzQ1Njc4OWFiY2RlZg==" FEC-OTI-FEC-Encoding-ID="129" FEC-OTI-FEC-Instance-ID="3" FEC-OTI-Maximum-Source-Block-Length="64" FEC-OTI-Encoding-Symbol-Length="1400" FEC-OTI-Max-Number-of-Encoding-Symbols="80" mbms2012:File-ETag="&quot;tag&quot;"><mbms2007:Cache-Control><mbms2007:max-stale>true</mbms2007:max-stale></mbms2007:Cache-Control><sv:delimiter>0</sv:delimiter><sv:delimiter>0</sv:delimiter><Group>a</Group><Group>b&lt;c</Group></File>
    <sv:schemaVersion>4</sv:schemaVersion><sv:delimiter>0</sv:delimiter><Group>all &amp; any</Group>
    </FDT-Instance>
    "#);
    for file in &mut instance.files {
        file.content_location = "a?b=\"c\"&d='e'\u{FFFD}<f>".to_owned();
    }
    assert_eq!(read(&xml), Ok(instance));
}

#[test]
fn the_forms_of_other_senders_are_read() {
    let file = r#"TOI="7" Content-Location="urn:a" Content-Length="10""#;
    let forms = [
        format!(r#"<FDT-Instance Expires="5"><File {file}/></FDT-Instance>"#),
        format!(
            "<?xml version='1.0'?><!-- c --><f:FDT-Instance xmlns:f='http://www.example.com/flute' \
             Expires=' 5 '><f:File {file}></f:File ></f:FDT-Instance >"
        ),
        format!(
            "<FDT-Instance xmlns='urn:ietf:params:xml:ns:fdt' Expires='5'><File {file}/>\
             </FDT-Instance>"
        ),
        format!(
            "\u{FEFF}<FDT-Instance xmlns='urn:3GPP:metadata:2022:FLUTE:FDT' Expires='5'>\
             <File {file}/><schemaVersion>2</schemaVersion></FDT-Instance>"
        ),
        format!(
            "<FDT-Instance xmlns:Expires='urn:9' x:Expires='9' Other='1' Expires='5.75'>\
             <?pi?><other><File {file}/></other><File {file}><a><b/>text<Group>no</Group></a>\
             </File></FDT-Instance>\0\0\0"
        ),
        "<FDT-Instance Expires=\"0000000005\"><File Content-Length=\"1&#48;\" Content-Location=\"urn&#x3a;a\"\
         \n\tTOI=\"07\" ></File></FDT-Instance>trailing"
            .to_owned(),
    ];
    let mut expected = Instance::new(NtpSeconds(5));
    expected.files.push(File {
        content_length: Some(10),
        ..File::new(Toi::from(7), "urn:a")
    });
    for form in forms {
        assert_eq!(read(&form), Ok(expected.clone()), "{form}");
    }
}

#[test]
fn the_form_of_2022_has_its_own_expiry_and_caching() {
    let instance = read(
        "<FDT-Instance xmlns='urn:3GPP:metadata:2022:FLUTE:FDT' Expires='5'>\
         <File TOI='1' Content-Location='a' Expires='9'>\
         <Cache-Control><max-stale>true</max-stale></Cache-Control></File>\
         <File TOI='2' Content-Location='b'><Cache-Control><Expires>77</Expires></Cache-Control>\
         </File></FDT-Instance>",
    )
    .unwrap();
    let [first, second] = &instance.files[..] else {
        panic!("two files")
    };
    assert_eq!(instance.expires_of(first), NtpSeconds(9));
    assert_eq!(instance.expires_of(second), NtpSeconds(5));
    assert_eq!(first.cache_control, Some(CacheControl::MaxStale));
    assert_eq!(
        second.cache_control,
        Some(CacheControl::Expires(NtpSeconds(77)))
    );
}

#[test]
fn groups_of_either_namespace_are_collected_where_they_stand() {
    let instance = read(
        "<FDT-Instance xmlns='urn:IETF:metadata:2005:FLUTE:FDT' Expires='5' \
         xmlns:mbms2005='urn:3GPP:metadata:2005:MBMS:FLUTE:FDT'>\
         <File TOI='1' Content-Location='a'><mbms2005:Group> one </mbms2005:Group>\
         <Group>t&amp;<![CDATA[<w>]]>&#111;<x>no</x></Group><Group>&own;</Group></File>\
         <Group>all</Group></FDT-Instance>",
    )
    .unwrap();
    assert_eq!(instance.groups, ["all"]);
    assert_eq!(instance.files[0].groups, ["one", "t&<w>o"]);
}

#[test]
fn defaults_of_the_instance_reach_every_file() {
    let instance = read(
        "<FDT-Instance Expires='5' Complete='1' mbms2008:FullFDT='true' Content-Type='text/plain' \
         Content-Encoding='gzip' FEC-OTI-FEC-Encoding-ID='6' FEC-OTI-Encoding-Symbol-Length='1400' \
         FEC-OTI-Scheme-Specific-Info='AgABBA=='>\
         <File TOI='1' Content-Location='a' Transfer-Length='200003'/>\
         <File TOI='2' Content-Location='b' Content-Type='b/b' Content-Encoding='' \
         Content-Length='1234' FEC-OTI-FEC-Encoding-ID='0' \
         FEC-OTI-Maximum-Source-Block-Length='64'/></FDT-Instance>",
    )
    .unwrap();
    assert!(instance.complete && instance.full_fdt);
    let [first, second] = &instance.files[..] else {
        panic!("two files")
    };
    assert_eq!(first.content_type.as_deref(), Some("text/plain"));
    assert_eq!(second.content_type.as_deref(), Some("b/b"));
    let raptorq = raptorq::Oti::new(200_003, 1400, 2, 1, 4).unwrap();
    assert_eq!(first.oti(None), Ok(fec::Oti::RaptorQ(raptorq)));
    let no_code = no_code::Oti::new(1234, 1400, 64).unwrap();
    assert_eq!(second.oti(None), Ok(fec::Oti::NoCode(no_code)));
}

#[test]
fn an_entry_that_cannot_be_used_costs_only_itself() {
    let long = "x".repeat(MAX_LOCATION_BYTES + 1);
    let many: String = (0..=MAX_ATTRIBUTES)
        .map(|at| format!("a{at}='' "))
        .collect();
    let entries = [
        "TOI='0' Content-Location='a'",
        "Content-Location='a'",
        "TOI='9'",
        "TOI='9' Content-Location=''",
        "TOI='-9' Content-Location='a'",
        "TOI='5192296858534827628530496329220096' Content-Location='a'",
        "TOI='9' Content-Location='a' Content-Length='ten'",
        "TOI='9' Content-Location='a' Transfer-Length='18446744073709551616'",
        "TOI='9' Content-Location='a' FEC-OTI-FEC-Encoding-ID='256'",
        "TOI='9' Content-Location='a' FEC-OTI-Scheme-Specific-Info='?'",
        "TOI='9' Content-Location='&own;'",
        "TOI='9' Content-Location='a' Expires='tomorrow'",
        "TOI='9' Content-Location='a' broken",
        "TOI='1' Content-Location='second of this TOI'",
        &format!("TOI='9' Content-Location='{long}'"),
        &format!("TOI='9' Content-Location='a' {many}"),
    ];
    for entry in entries {
        let instance = read(&format!(
            "<FDT-Instance Expires='1'><File TOI='1' Content-Location='first'/><File {entry}>\
             <Group>g</Group></File><File TOI='2' Content-Location='last'/></FDT-Instance>"
        ))
        .unwrap();
        let locations: Vec<_> = instance
            .files
            .iter()
            .map(|f| &*f.content_location)
            .collect();
        assert_eq!(locations, ["first", "last"], "{entry}");
        assert_eq!(instance.skipped_files, 1, "{entry}");
    }
}

#[test]
fn an_expiry_beyond_the_era_wraps_as_the_counter_does() {
    let instance = read("<FDT-Instance Expires='4294967301'/>").unwrap();
    assert_eq!(instance.expires, NtpSeconds(5));
}

#[test]
fn the_transport_length_is_the_content_length_only_without_encoding() {
    let length = |attributes: &str| {
        let attributes = format!("TOI='1' Content-Location='a' Content-Length='10' {attributes}");
        with_file(&attributes).files[0].transport_length()
    };
    assert_eq!(length(""), Some(10));
    assert_eq!(length("Content-Encoding='identity'"), Some(10));
    assert_eq!(length("Content-Encoding='gzip'"), None);
    assert_eq!(length("Content-Encoding='br'"), None);
    assert_eq!(
        length("Content-Encoding='gzip' Transfer-Length='5'"),
        Some(5)
    );
}

#[test]
fn fec_parameters_follow_from_what_there_is() {
    let oti = |attributes: &str, codepoint| {
        let common = "TOI='1' Content-Location='a' Transfer-Length='200003'";
        with_file(&format!("{common} {attributes}")).files[0].oti(codepoint)
    };
    let missing = |field| Err(OtiError::Missing { field });
    let symbol = "FEC-OTI-Encoding-Symbol-Length='1400'";
    let block = |symbols| format!("{symbol} FEC-OTI-Maximum-Source-Block-Length='{symbols}'");
    let raptorq = |z| raptorq::Oti::new(200_003, 1400, z, 1, 4).map(fec::Oti::RaptorQ);
    assert_eq!(oti(&block(72), None), missing("FEC-OTI-FEC-Encoding-ID"));
    assert_eq!(oti("", Some(0)), missing("FEC-OTI-Encoding-Symbol-Length"));
    assert_eq!(
        oti(symbol, Some(0)),
        missing("FEC-OTI-Maximum-Source-Block-Length")
    );
    assert_eq!(
        oti(symbol, Some(6)),
        missing("FEC-OTI-Scheme-Specific-Info")
    );
    assert_eq!(
        oti(symbol, Some(1)),
        Err(OtiError::Scheme { encoding_id: 1 })
    );
    assert_eq!(oti(&block(72), Some(6)), raptorq(2));
    assert_eq!(oti(&block(56_403), Some(6)), raptorq(1));
    // Z counts, whatever the longest block is said to be.
    let both = format!("{} FEC-OTI-Scheme-Specific-Info='AgABBA'", block(9));
    assert_eq!(oti(&both, Some(6)), raptorq(2));
    for (attributes, codepoint) in [(block(0), 6), (block(0), 0)] {
        assert!(matches!(
            oti(&attributes, Some(codepoint)),
            Err(OtiError::BlockLength { symbols: 0, .. })
        ));
    }
    for octets in ["0", "65536"] {
        let attributes = block(1).replace("1400", octets);
        assert_eq!(oti(&attributes, Some(6)), Err(OtiError::SymbolLength));
        assert_eq!(oti(&attributes, Some(0)), Err(OtiError::SymbolLength));
    }
    let tiny = "FEC-OTI-Encoding-Symbol-Length='4' FEC-OTI-Maximum-Source-Block-Length='1'";
    assert!(matches!(
        oti(tiny, Some(6)),
        Err(OtiError::Blocks { blocks: 50_001, .. })
    ));
}

#[test]
fn an_empty_object_is_described_by_attributes_that_give_it_back() {
    let empty = fec::Oti::RaptorQ(raptorq::Oti::for_object(0, 1400, 1024).unwrap());
    let file = File {
        content_length: Some(0),
        oti: OtiAttributes::from(&empty),
        ..File::new(Toi::from(1), "a")
    };
    assert_eq!(file.oti.max_source_block_length, Some(1));
    assert_eq!(file.oti(None), Ok(empty));
}

#[test]
fn an_encoded_document_is_decoded_by_its_code() {
    let xml = example().write(Profile::GeneralV1);
    let encoded = gzip(xml.as_bytes());
    assert_eq!(decode_cenc(0, xml.as_bytes()).unwrap(), xml.as_bytes());
    assert_eq!(decode_cenc(3, &encoded).unwrap(), xml.as_bytes());
    assert_eq!(decode_cenc(4, &encoded), Err(CencError::Code { code: 4 }));
    let bomb = gzip(&vec![b' '; MAX_FDT_BYTES + 1]);
    assert!(matches!(decode_cenc(3, &bomb), Err(CencError::Content(_))));
    assert!(decode_cenc(1, &encoded[..20]).is_err());
}

#[test]
fn a_large_instance_is_written_and_read_whole() {
    let mut instance = Instance::new(NtpSeconds(1));
    instance.files = (1..=1500)
        .map(|toi| File {
            toi: Toi::from(toi),
            ..example().files[0].clone()
        })
        .collect();
    let xml = instance.write(Profile::GeneralV1);
    assert!(xml.len() < MAX_FDT_BYTES);
    assert_eq!(read(&xml), Ok(instance));
}
