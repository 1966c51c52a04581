//! Capabilities to the RDF of a profile.
//!
//! ```text
//!  rdf:RDF ─ rdf:Description ─┬─ prf:component ─ SoftwarePlatform     CcppAccept*
//!                             ├─ prf:component ─ WapCharacteristics   WapVersion
//!                             └─ prf:component ─ PushCharacteristics  Push-Accept*, Push-MsgSize
//! ```
//!
//! Components without properties are left out.

use std::fmt::Write as _;

use super::Capabilities;

const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
/// Vocabulary of UAProf 2.0.
const PRF: &str = "http://www.openmobilealliance.org/tech/profiles/UAPROF/ccppschema-20021212#";

/// Writes a profile as UTF-8.
pub fn write(capabilities: &Capabilities) -> String {
    let mut software = String::new();
    list(&mut software, "CcppAccept", &capabilities.accept);
    list(
        &mut software,
        "CcppAccept-Charset",
        &capabilities.accept_charset,
    );
    list(
        &mut software,
        "CcppAccept-Encoding",
        &capabilities.accept_encoding,
    );
    list(
        &mut software,
        "CcppAccept-Language",
        &capabilities.accept_language,
    );
    let mut wap = String::new();
    if let Some(version) = &capabilities.wap_version {
        value(&mut wap, "WapVersion", version);
    }
    let mut push = String::new();
    list(&mut push, "Push-Accept", &capabilities.push_accept);
    list(
        &mut push,
        "Push-Accept-Charset",
        &capabilities.push_accept_charset,
    );
    list(
        &mut push,
        "Push-Accept-Encoding",
        &capabilities.push_accept_encoding,
    );
    list(
        &mut push,
        "Push-Accept-Language",
        &capabilities.push_accept_language,
    );
    list(&mut push, "Push-Accept-AppID", &capabilities.applications);
    if let Some(bytes) = capabilities.message_bytes {
        value(&mut push, "Push-MsgSize", &bytes.to_string());
    }
    let mut text = format!(
        "<?xml version=\"1.0\"?>\n<rdf:RDF xmlns:rdf=\"{RDF}\" xmlns:prf=\"{PRF}\">\
         <rdf:Description rdf:ID=\"Profile\">"
    );
    component(&mut text, "SoftwarePlatform", &software);
    component(&mut text, "WapCharacteristics", &wap);
    component(&mut text, "PushCharacteristics", &push);
    text.push_str("</rdf:Description></rdf:RDF>\n");
    text
}

// Writing to a string cannot fail.

fn component(text: &mut String, name: &str, properties: &str) {
    if !properties.is_empty() {
        let _ = write!(
            text,
            "\n<prf:component><rdf:Description rdf:ID=\"{name}\">\
             <rdf:type rdf:resource=\"{PRF}{name}\"/>{properties}\
             </rdf:Description></prf:component>"
        );
    }
}

fn list(text: &mut String, property: &str, values: &[String]) {
    if values.is_empty() {
        return;
    }
    let _ = write!(text, "<prf:{property}><rdf:Bag>");
    for value in values {
        let _ = write!(text, "<rdf:li>{}</rdf:li>", escaped(value));
    }
    let _ = write!(text, "</rdf:Bag></prf:{property}>");
}

fn value(text: &mut String, property: &str, value: &str) {
    let value = escaped(value);
    let _ = write!(text, "<prf:{property}>{value}</prf:{property}>");
}

fn escaped(value: &str) -> String {
    value
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
