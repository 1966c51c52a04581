//! RDF of a profile to capabilities.

use crate::content::tree::{Element, collapsed};
use crate::content::xml_read;

use super::{Capabilities, MAX_VALUES, ProfileError};

/// Most characters of a value or name that an error repeats.
const MAX_QUOTED_CHARS: usize = 64;

/// A list of values, and the property that it is.
type List = (&'static str, fn(&mut Capabilities) -> &mut Vec<String>);

const LISTS: [List; 9] = [
    ("CcppAccept", |to| &mut to.accept),
    ("CcppAccept-Charset", |to| &mut to.accept_charset),
    ("CcppAccept-Encoding", |to| &mut to.accept_encoding),
    ("CcppAccept-Language", |to| &mut to.accept_language),
    ("Push-Accept", |to| &mut to.push_accept),
    ("Push-Accept-AppID", |to| &mut to.applications),
    ("Push-Accept-Charset", |to| &mut to.push_accept_charset),
    ("Push-Accept-Encoding", |to| &mut to.push_accept_encoding),
    ("Push-Accept-Language", |to| &mut to.push_accept_language),
];

const MESSAGE_SIZE: &str = "Push-MsgSize";
const WAP_VERSION: &str = "WapVersion";

/// What a profile says, and what it says in its defaults.
#[derive(Default)]
struct Said {
    defaults: Capabilities,
    plainly: Capabilities,
}

/// Reads a profile.
pub fn read(octets: &[u8]) -> Result<Capabilities, ProfileError> {
    let root = xml_read::read(octets, None)?;
    if local(&root.name) != "RDF" {
        return Err(ProfileError::Root {
            found: quoted(local(&root.name)),
        });
    }
    let mut said = Said::default();
    said.element(&root, false)?;
    Ok(said.together())
}

impl Said {
    fn element(&mut self, element: &Element, is_default: bool) -> Result<(), ProfileError> {
        let name = local(&element.name);
        let is_default = is_default || name.eq_ignore_ascii_case("defaults");
        let to = if is_default {
            &mut self.defaults
        } else {
            &mut self.plainly
        };
        for (name, value) in &element.attributes {
            to.add(local(name), vec![collapsed(value)])?;
        }
        if to.add(name, values(element))? {
            return Ok(());
        }
        for child in element.elements() {
            self.element(child, is_default)?;
        }
        Ok(())
    }

    /// Defaults count where nothing else is said.
    fn together(self) -> Capabilities {
        let Self {
            mut defaults,
            mut plainly,
        } = self;
        for (_, list) in LISTS {
            if list(&mut plainly).is_empty() {
                *list(&mut plainly) = std::mem::take(list(&mut defaults));
            }
        }
        plainly.message_bytes = plainly.message_bytes.or(defaults.message_bytes);
        plainly.wap_version = plainly.wap_version.or(defaults.wap_version);
        plainly
    }
}

impl Capabilities {
    /// Takes the values of a property; whether it is one that is kept.
    fn add(&mut self, property: &str, values: Vec<String>) -> Result<bool, ProfileError> {
        let values = values.into_iter().filter(|value| !value.is_empty());
        if let Some((property, list)) = LISTS.iter().find(|(known, _)| *known == property) {
            let list = list(self);
            list.extend(values.take(MAX_VALUES + 1));
            return match list.len() > MAX_VALUES {
                true => Err(ProfileError::Values { property }),
                false => Ok(true),
            };
        }
        let mut values = values;
        match property {
            MESSAGE_SIZE => {
                if let Some(value) = values.next() {
                    let bytes = value.parse().map_err(|_| ProfileError::Number {
                        property: MESSAGE_SIZE,
                        value: quoted(&value),
                    })?;
                    self.message_bytes = Some(bytes);
                }
                Ok(true)
            }
            WAP_VERSION => {
                self.wap_version = values.next().or(self.wap_version.take());
                Ok(true)
            }
            _ => Ok(false),
        }
    }
}

/// The values of a property: items of a container, or its text.
fn values(property: &Element) -> Vec<String> {
    let containers = property
        .elements()
        .filter(|child| matches!(local(&child.name), "Alt" | "Bag" | "Seq"));
    let items: Vec<String> = containers
        .flat_map(Element::elements)
        .map(|item| collapsed(&item.text()))
        .collect();
    match items.is_empty() {
        true => vec![collapsed(&property.text())],
        false => items,
    }
}

/// A name without its prefix.
fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

fn quoted(text: &str) -> String {
    text.chars().take(MAX_QUOTED_CHARS).collect()
}
