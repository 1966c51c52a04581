//! Documents and parts of them that are not believed.

use super::*;

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
