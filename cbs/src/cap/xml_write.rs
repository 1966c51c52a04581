//! The XML form, in the order of the schema.

use std::fmt::Display;

use super::model::{AffectedArea, Alert, Info, NamedValue, Resource, Scope};
use super::xml_tree::within;
use super::{CapError, MAX_ALERT_BYTES, NAMESPACE};

impl Alert {
    /// The XML document, which [`Alert::read`] reads back the same but for extensions and white
    /// space around texts. Fails for what the schema or XML does not allow.
    pub fn write(&self) -> Result<String, CapError> {
        let mut writer = Writer::default();
        writer
            .xml
            .push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        writer
            .xml
            .push_str(&format!("<alert xmlns=\"{NAMESPACE}\">"));
        writer.value("identifier", &self.identifier)?;
        writer.value("sender", &self.sender)?;
        writer.value("sent", self.sent)?;
        writer.value("status", self.status.as_str())?;
        writer.value("msgType", self.msg_type.as_str())?;
        writer.optional("source", self.source.as_deref())?;
        writer.scope(&self.scope)?;
        for code in &self.codes {
            writer.required("code", code)?;
        }
        writer.optional("note", self.note.as_deref())?;
        if !self.references.is_empty() {
            let references: Vec<_> = self.references.iter().map(ToString::to_string).collect();
            writer.value("references", references.join(" "))?;
        }
        writer.optional("incidents", self.incidents.as_deref())?;
        for info in &self.infos {
            writer.info(info)?;
        }
        writer.xml.push_str("</alert>\n");
        within("octets", writer.xml.len(), MAX_ALERT_BYTES)?;
        Ok(writer.xml)
    }
}

#[derive(Default)]
struct Writer {
    xml: String,
}

impl Writer {
    fn value(&mut self, name: &'static str, value: impl Display) -> Result<(), CapError> {
        self.open(name);
        for character in value.to_string().chars() {
            match character {
                '<' => self.xml.push_str("&lt;"),
                '>' => self.xml.push_str("&gt;"),
                '&' => self.xml.push_str("&amp;"),
                // As it stands it would be read as a line feed.
                '\r' => self.xml.push_str("&#13;"),
                '\t' | '\n' => self.xml.push(character),
                '\0'..'\u{20}' | '\u{FFFE}' | '\u{FFFF}' => {
                    return Err(CapError::Character {
                        character,
                        element: name,
                    });
                }
                _ => self.xml.push(character),
            }
        }
        self.close(name);
        Ok(())
    }

    fn open(&mut self, name: &str) {
        self.xml.push_str("\n<");
        self.xml.push_str(name);
        self.xml.push('>');
    }

    fn close(&mut self, name: &str) {
        self.xml.push_str("</");
        self.xml.push_str(name);
        self.xml.push('>');
    }

    fn required(&mut self, name: &'static str, text: &str) -> Result<(), CapError> {
        if text.trim().is_empty() {
            return Err(CapError::Value { element: name });
        }
        self.value(name, text)
    }

    /// An empty text is left out, as it is read.
    fn optional(&mut self, name: &'static str, text: Option<&str>) -> Result<(), CapError> {
        match text.filter(|text| !text.trim().is_empty()) {
            Some(text) => self.value(name, text),
            None => Ok(()),
        }
    }

    fn values<T: Display>(
        &mut self,
        name: &'static str,
        values: impl IntoIterator<Item = T>,
    ) -> Result<(), CapError> {
        values
            .into_iter()
            .try_for_each(|value| self.value(name, value))
    }

    fn scope(&mut self, scope: &Scope) -> Result<(), CapError> {
        match scope {
            Scope::Public => self.value("scope", "Public"),
            Scope::Restricted { restriction } => {
                self.value("scope", "Restricted")?;
                self.required("restriction", restriction)
            }
            Scope::Private { addresses } => {
                self.value("scope", "Private")?;
                let quoted = addresses.iter().map(|address| {
                    if address.contains('"') || address.is_empty() {
                        Err(CapError::Value {
                            element: "addresses",
                        })
                    } else if address.contains(char::is_whitespace) {
                        Ok(format!("\"{address}\""))
                    } else {
                        Ok(address.clone())
                    }
                });
                let quoted: Vec<_> = quoted.collect::<Result<_, _>>()?;
                self.required("addresses", &quoted.join(" "))
            }
        }
    }

    fn info(&mut self, info: &Info) -> Result<(), CapError> {
        if info.categories.is_empty() {
            return Err(CapError::Missing {
                element: "category",
                parent: "info",
            });
        }
        self.open("info");
        self.required("language", &info.language)?;
        self.values("category", info.categories.iter().map(|word| word.as_str()))?;
        self.required("event", &info.event)?;
        let response_types = info.response_types.iter().map(|word| word.as_str());
        self.values("responseType", response_types)?;
        self.value("urgency", info.urgency.as_str())?;
        self.value("severity", info.severity.as_str())?;
        self.value("certainty", info.certainty.as_str())?;
        self.optional("audience", info.audience.as_deref())?;
        self.named_values("eventCode", &info.event_codes)?;
        self.values("effective", info.effective)?;
        self.values("onset", info.onset)?;
        self.values("expires", info.expires)?;
        self.optional("senderName", info.sender_name.as_deref())?;
        self.optional("headline", info.headline.as_deref())?;
        self.optional("description", info.description.as_deref())?;
        self.optional("instruction", info.instruction.as_deref())?;
        self.optional("web", info.web.as_deref())?;
        self.optional("contact", info.contact.as_deref())?;
        self.named_values("parameter", &info.parameters)?;
        for resource in &info.resources {
            self.resource(resource)?;
        }
        for area in &info.areas {
            self.area(area)?;
        }
        self.close("info");
        Ok(())
    }

    fn named_values(
        &mut self,
        element: &'static str,
        values: &[NamedValue],
    ) -> Result<(), CapError> {
        for NamedValue { name, value } in values {
            self.named_value(element, name, value)?;
        }
        Ok(())
    }

    fn named_value(
        &mut self,
        element: &'static str,
        name: &str,
        value: &str,
    ) -> Result<(), CapError> {
        self.open(element);
        self.required("valueName", name)?;
        self.value("value", value)?;
        self.close(element);
        Ok(())
    }

    fn resource(&mut self, resource: &Resource) -> Result<(), CapError> {
        self.open("resource");
        self.required("resourceDesc", &resource.description)?;
        self.required("mimeType", &resource.mime_type)?;
        self.values("size", resource.size)?;
        self.optional("uri", resource.uri.as_deref())?;
        self.optional("derefUri", resource.deref_uri.as_deref())?;
        self.optional("digest", resource.digest.as_deref())?;
        self.close("resource");
        Ok(())
    }

    fn area(&mut self, area: &AffectedArea) -> Result<(), CapError> {
        self.open("area");
        self.required("areaDesc", &area.description)?;
        self.values("polygon", &area.polygons)?;
        self.values("circle", &area.circles)?;
        for geocode in &area.geocodes {
            self.named_value("geocode", geocode.name(), geocode.value())?;
        }
        if let Some(altitude) = area.altitude {
            self.values("altitude", [altitude.feet])?;
            self.values("ceiling", altitude.ceiling_feet)?;
        }
        self.close("area");
        Ok(())
    }
}
