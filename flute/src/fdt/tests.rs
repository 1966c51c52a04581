use super::*;
use crate::content::{Encoding, gzip, md5};
use crate::fec::{self, OtiError, no_code, raptorq};
use crate::ids::Toi;
use crate::time::NtpSeconds;
use proptest::prelude::*;

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
fn a_digest_of_another_shape_is_no_digest() {
    let file = |digest: &str| {
        with_file(&format!(
            "TOI='1' Content-Location='a' Content-MD5='{digest}'"
        ))
    };
    let hex = file("00112233445566778899aabbccddeeff");
    assert_eq!(hex.files[0].content_md5, None);
    for digest in ["MDEyMzQ1Njc4OWFiY2RlZg==", " MDEyMzQ1Njc4 OWFiY2RlZg "] {
        let md5 = file(digest).files[0].content_md5;
        assert_eq!(md5, Some(*b"0123456789abcdef"));
    }
}

#[test]
fn documents_beyond_repair_are_refused() {
    let deep = format!("<FDT-Instance Expires='1'>{}", "<a>".repeat(100_000));
    let wide: String = (0..100_000).map(|at| format!(" a{at}=''")).collect();
    let wide_root = format!("<FDT-Instance{wide} Expires='1'/>");
    let files = "<File/>".repeat(MAX_FILES + 1);
    let groups = "<Group/>".repeat(MAX_GROUPS + 1);
    let malformed = |offset| Err(FdtError::Malformed { offset });
    let limit = |of, max| Err(FdtError::Limit { of, max });
    let missing = FdtError::Missing {
        attribute: "Expires",
    };
    let table: &[(&str, Result<Instance, FdtError>)] = &[
        ("", Err(FdtError::Truncated)),
        ("no XML", Err(FdtError::Truncated)),
        ("<FDT-Instance Expires='1'><File", Err(FdtError::Truncated)),
        ("<FDT-Instance Expires='1'>&am", Err(FdtError::Truncated)),
        ("<FDT-Instance Expires='1'>", Err(FdtError::Truncated)),
        ("<FDT-Instance Expires='1'></File>", malformed(26)),
        ("</FDT-Instance>", malformed(0)),
        ("<FDT/>", Err(FdtError::Root)),
        ("<FDT-Instance/>", Err(missing)),
        (
            "<FDT-Instance Expires='soon'/>",
            Err(FdtError::Value {
                attribute: "Expires",
            }),
        ),
        (
            "<FDT-Instance Expires='8589934592'/>",
            Err(FdtError::Value {
                attribute: "Expires",
            }),
        ),
        (
            "<!DOCTYPE FDT-Instance [<!ENTITY a 'b'>]><FDT-Instance Expires='1'/>",
            Err(FdtError::Dtd),
        ),
        ("<!DOCTYPE FDT-Instance [", Err(FdtError::Dtd)),
        (&deep, limit("nested elements", MAX_DEPTH)),
        (
            &wide_root,
            limit("attributes of an element", MAX_ATTRIBUTES),
        ),
        (
            &format!("<FDT-Instance Expires='1'>{files}"),
            limit("files", MAX_FILES),
        ),
        (
            &format!("<FDT-Instance Expires='1'>{groups}"),
            limit("groups", MAX_GROUPS),
        ),
        (
            &" ".repeat(MAX_FDT_BYTES + 1),
            limit("octets", MAX_FDT_BYTES),
        ),
    ];
    for (xml, expected) in table {
        let shown = &xml[..xml.len().min(80)];
        assert_eq!(&read(xml), expected, "{shown}");
    }
    // Attributes of a File beyond the limit cost that File alone.
    let many = format!(
        "<FDT-Instance Expires='1'><File TOI='1' Content-Location='a'{wide}/></FDT-Instance>"
    );
    assert_eq!(read(&many).map(|instance| instance.skipped_files), Ok(1));
}

#[test]
fn octets_that_are_not_utf_8_matter_only_inside_the_document() {
    let xml = |inside: &[u8], behind: &[u8]| {
        let parts: [&[u8]; 4] = [
            b"<FDT-Instance Expires='1'>",
            inside,
            b"</FDT-Instance>",
            behind,
        ];
        Instance::read(&parts.concat())
    };
    assert_eq!(xml(b"", b"\xFF\xFE"), Ok(Instance::new(NtpSeconds(1))));
    assert_eq!(xml(b"\xFF", b""), Err(FdtError::Encoding { offset: 26 }));
    let cut = b"<FDT-Instance Expires='1'>\xC3";
    assert_eq!(Instance::read(cut), Err(FdtError::Truncated));
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

/// What the published FLUTE crate says about one gzip file over RaptorQ.
fn fdt_of_peer(profile: flute::sender::FdtXmlProfile) -> Instance {
    use flute::core::{Oti, UDPEndpoint, lct::Cenc};
    use flute::sender::{Config, ObjectDesc, Sender, TransferConfig};
    let config = Config {
        fdt_xml_profile: profile,
        groups: Some(vec!["all".to_owned()]),
        ..Config::default()
    };
    let endpoint = UDPEndpoint::new(None, "233.252.0.7".to_owned(), 5000);
    let oti = Oti::new_raptorq(1400, 64, 10, 1, 4).unwrap();
    let transfer = TransferConfig {
        cenc: Cenc::Gzip,
        ..TransferConfig::default()
    };
    let content = "content ".repeat(1000).into_bytes();
    let location = "file:///a%20b?c&d".parse().unwrap();
    let object =
        ObjectDesc::create_from_buffer(content, "text/plain", &location, true, transfer).unwrap();
    let mut sender = Sender::new(endpoint, 7, &oti, &config);
    sender.add_object(0, object).unwrap();
    let now = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_788_264_000);
    sender.publish(now).unwrap();
    Instance::read(&sender.fdt_xml_data(now).unwrap()).unwrap()
}

#[test]
fn an_fdt_of_the_published_crate_is_read() {
    use flute::sender::FdtXmlProfile::{Extended, Ts26346L6};
    for profile in [Extended, Ts26346L6] {
        let instance = fdt_of_peer(profile);
        assert_eq!(instance.expires, NtpSeconds(3_997_256_400));
        let [file] = &instance.files[..] else {
            panic!("one file")
        };
        assert_eq!(file.content_location, "file:///a%20b?c&d");
        assert_eq!(file.encoding(), Ok(Encoding::Gzip));
        assert_eq!(file.content_length, Some(8000));
        let content = "content ".repeat(1000);
        assert_eq!(file.content_md5, Some(md5(content.as_bytes())));
        let length = file.transport_length().unwrap();
        let oti = raptorq::Oti::new(length, 1400, 1, 1, 4).unwrap();
        assert_eq!(file.oti(None), Ok(fec::Oti::RaptorQ(oti)));
        if profile == Extended {
            assert!(instance.full_fdt);
            assert_eq!(instance.groups, ["all"]);
        }
    }
}

/// Text as the reader keeps it: without surrounding white space, with characters XML can carry.
fn any_text() -> impl Strategy<Value = String> {
    "[ -~\t\n\r\u{A0}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]{0,30}"
        .prop_map(|text| text.trim().to_owned())
}

fn any_oti() -> impl Strategy<Value = OtiAttributes> {
    (
        any::<Option<u8>>(),
        any::<[Option<u64>; 4]>(),
        proptest::option::of(proptest::collection::vec(any::<u8>(), 0..20)),
    )
        .prop_map(
            |(encoding_id, [a, b, c, d], scheme_specific)| OtiAttributes {
                encoding_id,
                instance_id: a,
                max_source_block_length: b,
                encoding_symbol_length: c,
                max_number_of_encoding_symbols: d,
                scheme_specific,
            },
        )
}

fn any_file() -> impl Strategy<Value = File> {
    let cache_control = prop_oneof![
        Just(CacheControl::NoCache),
        Just(CacheControl::MaxStale),
        any::<u32>().prop_map(|at| CacheControl::Expires(NtpSeconds(at))),
    ];
    (
        (1u128..1 << 112, any_text(), any::<[Option<u64>; 2]>()),
        proptest::option::of(any_text()),
        proptest::option::of(any_text()),
        (any::<Option<[u8; 16]>>(), any_oti()),
        proptest::option::of(cache_control),
        proptest::option::of(any_text()),
        proptest::collection::vec(any_text(), 0..3),
    )
        .prop_map(
            |(
                (toi, location, [content_length, transfer_length]),
                content_type,
                content_encoding,
                (content_md5, oti),
                cache_control,
                etag,
                groups,
            )| File {
                content_length,
                transfer_length,
                content_type,
                content_encoding,
                content_md5,
                oti,
                cache_control,
                etag,
                groups,
                ..File::new(Toi::new(toi).unwrap(), format!("x{location}"))
            },
        )
}

proptest! {
    #[test]
    fn what_was_written_is_read(
        files in proptest::collection::vec(any_file(), 0..8),
        expires in any::<u32>(),
        (complete, full_fdt) in any::<(bool, bool)>(),
        groups in proptest::collection::vec(any_text(), 0..3),
    ) {
        let mut instance = Instance {
            complete, full_fdt, files, groups, ..Instance::new(NtpSeconds(expires))
        };
        instance.files.sort_by_key(|file| file.toi);
        instance.files.dedup_by_key(|file| file.toi);
        let xml = instance.write(Profile::GeneralV1);
        prop_assert_eq!(read(&xml), Ok(instance));
    }

    #[test]
    fn octets_of_an_object_are_described_and_found_again(
        length in 0u64..1 << 40, quarter in 1u16..4000, target in 1u32..60_000,
    ) {
        let symbol = quarter * 4;
        let raptorq = raptorq::Oti::for_object(length, symbol, target).map(fec::Oti::RaptorQ);
        let no_code = no_code::Oti::new(length, symbol, target).map(fec::Oti::NoCode);
        for oti in [raptorq, no_code].into_iter().flatten() {
            let mut file = File {
                transfer_length: Some(length),
                oti: OtiAttributes::from(&oti),
                ..File::new(Toi::from(1), "a")
            };
            prop_assert_eq!(file.oti(None), Ok(oti));
            // The sender's choice of Z makes the block length alone sufficient.
            file.oti.scheme_specific = None;
            prop_assert_eq!(file.oti(None), Ok(oti));
        }
    }

    #[test]
    fn any_octets_are_read_or_refused(octets in proptest::collection::vec(any::<u8>(), 0..500)) {
        let _ = Instance::read(&octets);
        for code in 0..=4 {
            let _ = decode_cenc(code, &octets);
        }
    }

    #[test]
    fn any_damage_is_read_or_refused(
        edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut xml = example().write(Profile::GeneralV1).into_bytes();
        for (at, octet) in edits {
            let at = at.index(xml.len());
            xml[at] = octet;
        }
        let _ = Instance::read(&xml);
        let _ = Instance::read(&xml[..cut.index(xml.len())]);
    }

    #[test]
    fn any_markup_is_read_or_refused(
        parts in proptest::collection::vec(
            "<FDT-Instance Expires='1'>|<File TOI='1' Content-Location='a'>|</File>|<Group>|</Group>\
             |<Cache-Control>|<!\\[CDATA\\[|\\]\\]>|<!--|-->|&#x[0-9A-F]{1,6};|&[a-z]{0,4};|<[?!/]|[ -~]{0,4}",
            0..40,
        ),
    ) {
        let _ = read(&parts.concat());
        let _ = read(&format!("<FDT-Instance Expires='1'>{}", parts.concat()));
    }
}
