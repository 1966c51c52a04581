//! A new channel out of a form, and taking one away.

use axum::response::Response;
use pushcast_engine::gateway::console::ConsoleError;
use pushcast_engine::model::{Channel, ChannelName};
use serde_json::{Map, Value, json};

use super::entry::first_upper;
use crate::http::failure::problems;
use crate::http::fields::encode;
use crate::http::{Call, Failure, Fields, Problem, see_other};
use crate::pages::new_channel as pages;
use crate::pages::new_channel::Kind;

fn kind(fields: &Fields) -> Kind {
    match fields.text("kind") {
        "cbs" => Kind::Cbs,
        _ => Kind::Flute,
    }
}

pub(crate) async fn page(call: Call) -> Result<Response, Failure> {
    let kind = kind(&call.query);
    shown(&call, kind, Fields::default(), Vec::new()).await
}

async fn shown(
    call: &Call,
    kind: Kind,
    fields: Fields,
    mut found: Vec<Problem>,
) -> Result<Response, Failure> {
    for problem in &mut found {
        problem.message = first_upper(&problem.message);
    }
    let choices = call.gateway().channel_choices(call.actor()?).await?;
    Ok(pages::show(call, kind, &choices, &fields, &found))
}

/// The form by the names that its fields have in the configuration file, so that it is read as it
/// is there; what is left empty has its default.
fn definition(kind: Kind, fields: &Fields) -> Value {
    let mut definition = Map::new();
    definition.insert("kind".to_owned(), json!(kind.as_str()));
    for field in kind.fields() {
        let text = fields.text(field.name);
        if text.is_empty() {
            continue;
        }
        let value = match (field.name, text.parse::<u64>()) {
            ("message_ids", _) => {
                let words = text.split([',', ' ', '\n']).map(str::trim);
                json!(words.filter(|word| !word.is_empty()).collect::<Vec<_>>())
            }
            (_, Ok(number)) if field.is_number => json!(number),
            _ => json!(text),
        };
        match field.name.split_once('.') {
            Some((table, key)) => definition
                .entry(table)
                .or_insert_with(|| json!({}))
                .as_object_mut()
                .and_then(|table| table.insert(key.to_owned(), value)),
            None => definition.insert(field.name.to_owned(), value),
        };
    }
    Value::Object(definition)
}

/// A channel out of a form. Types say what is wrong with a value, not where it stands: each value
/// of its own is tried to find out.
fn read(kind: Kind, fields: &Fields) -> Result<Channel, Vec<Problem>> {
    let missing: Vec<Problem> = kind
        .fields()
        .iter()
        .filter(|field| field.required && fields.text(field.name).is_empty())
        .map(|field| Problem::new(field.name, "This is needed."))
        .collect();
    if !missing.is_empty() {
        return Err(missing);
    }
    let error = match serde_json::from_value(definition(kind, fields)) {
        Ok(channel) => return Ok(channel),
        Err(error) => error,
    };
    let mut others = fields.clone();
    for field in kind.fields().iter().filter(|field| !field.required) {
        others = without(&others, field.name);
        if serde_json::from_value::<Channel>(definition(kind, &others)).is_ok() {
            return Err(vec![Problem::new(field.name, error)]);
        }
    }
    Err(vec![Problem::new("form", error)])
}

fn without(fields: &Fields, name: &str) -> Fields {
    let mut others = Fields::default();
    for (known, value) in fields.iter().filter(|(known, _)| *known != name) {
        others.push(known, value);
    }
    others
}

pub(crate) async fn create(call: Call) -> Result<Response, Failure> {
    let kind = kind(&call.form);
    let found = match read(kind, &call.form) {
        Ok(channel) => {
            let name = encode(channel.name().as_str());
            match call.gateway().create_channel(call.actor()?, channel).await {
                Ok(()) => {
                    let path = call.path_to(&format!("/channels/{name}?done=created"));
                    return Ok(see_other(&path));
                }
                Err(error) => problems(error)?,
            }
        }
        Err(found) => found,
    };
    shown(&call, kind, call.form.clone(), found).await
}

pub(crate) async fn delete(call: Call) -> Result<Response, Failure> {
    let name: ChannelName = call.part("name")?;
    match call.gateway().delete_channel(call.actor()?, &name).await {
        Ok(()) => Ok(see_other(&call.path_to("/channels?deleted"))),
        Err(error @ (ConsoleError::InUse { .. } | ConsoleError::Conflict { .. })) => {
            super::channels::refused(&call, error).await
        }
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        let mut fields = Fields::default();
        for (name, value) in pairs {
            fields.push(name, value);
        }
        fields
    }

    #[test]
    fn a_form_is_read_as_the_configuration_file_is() {
        let flute = fields(&[
            ("name", "east"),
            ("bearer", "MBMS"),
            ("group", "239.1.2.3"),
            ("port", "5000"),
            ("tsi", "7"),
            ("fec", "none"),
            ("carousel.passes", "4"),
        ]);
        let channel = read(Kind::Flute, &flute).unwrap();
        let flute = channel.as_flute().unwrap();
        assert_eq!((flute.tsi, flute.passes()), (7, Some(4)));
        let cbs = fields(&[
            ("name", "cells"),
            ("link", "centre"),
            ("message_ids", "919, 40960-40999"),
        ]);
        let channel = read(Kind::Cbs, &cbs).unwrap();
        assert!(channel.as_cbs().unwrap().message_ids.contains(40_970));
    }

    #[test]
    fn what_is_wrong_stands_at_its_field() {
        let mut wrong = vec![
            ("name", "east"),
            ("bearer", "MBMS"),
            ("group", "239.1.2.3"),
            ("port", "5000"),
            ("tsi", "7"),
        ];
        wrong.push(("rate_bps", "fast"));
        let found = read(Kind::Flute, &fields(&wrong)).unwrap_err();
        assert_eq!(found[0].field, "rate_bps", "{}", found[0].message);
        let found = read(Kind::Flute, &fields(&wrong[..2])).unwrap_err();
        let missing: Vec<&str> = found.iter().map(|problem| problem.field.as_str()).collect();
        assert_eq!(missing, ["group", "port", "tsi"]);
        wrong[3].1 = "none";
        wrong.pop();
        let found = read(Kind::Flute, &fields(&wrong)).unwrap_err();
        assert_eq!(found[0].field, "form");
    }
}
