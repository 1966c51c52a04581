//! Files that came gzipped.

use super::*;

fn gzip_file(attributes: &str, transport: &[u8]) -> (String, Vec<Vec<u8>>) {
    let attributes = format!(r#"Content-Encoding="gzip" {NO_CODE} {attributes}"#);
    let oti = no_code(transport.len(), E, 64);
    let packets = source_packets(&lct(), &oti, transport);
    (fdt_xml("", &file(&attributes)), packets)
}

fn md5(octets: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(content::md5(octets))
}

#[test]
fn gzip_with_both_lengths() {
    let (text, transport) = (text(), content::gzip(&text()));
    let lengths = format!(
        r#"Content-Length="{LEN}" Transfer-Length="{}""#,
        transport.len()
    );
    let (xml, packets) = gzip_file(&lengths, &transport);
    succeeds(&xml, &packets, &text);
}

#[test]
fn a_digest_over_either_form() {
    let (text, transport) = (text(), content::gzip(&text()));
    for digest in [md5(&text), md5(&transport)] {
        let attributes = format!(
            r#"Content-MD5="{digest}" Content-Length="{LEN}" Transfer-Length="{}""#,
            transport.len()
        );
        let (xml, packets) = gzip_file(&attributes, &transport);
        succeeds(&xml, &packets, &text);
    }
}

/// The length of the transport object comes with the packets then.
#[test]
fn gzip_with_content_length_only_and_ext_fti() {
    let (text, transport) = (text(), content::gzip(&text()));
    let (xml, _) = gzip_file(&format!(r#"Content-Length="{LEN}""#), &transport);
    let oti = no_code(transport.len(), E, 64);
    let packets = source_packets(&lct().with(&ext_fti(&oti)), &oti, &transport);
    succeeds(&xml, &packets, &text);
}

/// Nothing tells the length of the transport object: it is refused and counted, never truncated.
#[test]
fn gzip_with_content_length_only() {
    let transport = content::gzip(&text());
    for length in [LEN, transport.len()] {
        let (xml, packets) = gzip_file(&format!(r#"Content-Length="{length}""#), &transport);
        let fdt = fdt(1, &xml);
        let listener = heard(std::iter::once(&fdt).chain(&packets));
        assert_eq!(listener.events, []);
        let refused = listener.session.stats().entries_refused;
        assert_eq!(refused, packets.len() as u64);
    }
}
