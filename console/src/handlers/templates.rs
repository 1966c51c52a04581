//! Templates of a workspace.

use axum::response::Response;
use pushcast_engine::model::alert::{Message, Severity, Use};
use pushcast_engine::model::{AlertContent, Language, Template, TemplateId};

use super::entry::first_upper;
use super::groups::lines;
use crate::http::failure::problems;
use crate::http::fields::encode;
use crate::http::{Call, Failure, Fields, Problem, see_other};
use crate::pages::templates as pages;
use crate::pages::templates::Shown;

/// How long an alert made from a template lasts where the template does not say, s.
const DURATION_S: u64 = 3_600;

fn shown(fields: Fields, mut found: Vec<Problem>) -> Shown {
    for problem in &mut found {
        problem.message = first_upper(&problem.message);
    }
    Shown {
        fields,
        problems: found,
    }
}

pub(crate) async fn list(call: Call) -> Result<Response, Failure> {
    let templates = call.gateway().templates(call.actor()?).await?;
    Ok(pages::list(
        &call,
        &templates,
        &shown(Fields::default(), Vec::new()),
    ))
}

/// A stored template as the fields of its form.
fn fields(template: &Template) -> Fields {
    let content = &template.content;
    let mut fields = Fields::default();
    fields.push("name", &template.name);
    fields.push("purpose", template.purpose.as_str());
    fields.push("severity", content.severity.as_str());
    fields.push("kind", &content.kind);
    fields.push("title", &content.title);
    for message in &content.messages {
        fields.push("language", message.language.as_str());
        fields.push("text", &message.text);
    }
    let groups: Vec<&str> = content.groups.iter().map(|group| group.as_str()).collect();
    fields.push("groups", &groups.join("\n"));
    fields
}

/// What alerts made from it begin with; what the form has no fields for stays as it was.
fn read(fields: &Fields, before: AlertContent) -> Result<AlertContent, Vec<Problem>> {
    let mut found = Vec::new();
    let mut messages: Vec<Message> = Vec::new();
    for (language, text) in fields.all("language").zip(fields.all("text")) {
        if language.trim().is_empty() {
            continue;
        }
        let Ok(parsed) = language.trim().parse::<Language>() else {
            found.push(Problem::new(
                "text",
                format!("“{language}” is no language: type a tag such as en or pt-BR."),
            ));
            continue;
        };
        let attachment = before
            .messages
            .iter()
            .find(|message| message.language == parsed);
        messages.push(Message {
            attachment: attachment.and_then(|message| message.attachment.clone()),
            language: parsed,
            text: text.replace("\r\n", "\n"),
        });
    }
    let groups = lines(fields.raw("groups"), "groups", &mut found);
    if !found.is_empty() {
        return Err(found);
    }
    Ok(AlertContent {
        title: fields.text("title").to_owned(),
        severity: Severity::from_stored(fields.text("severity")).unwrap_or_default(),
        kind: fields.text("kind").to_owned(),
        messages,
        groups,
        duration_s: if before.duration_s == 0 {
            DURATION_S
        } else {
            before.duration_s
        },
        ..before
    })
}

pub(crate) async fn create(call: Call) -> Result<Response, Failure> {
    let form = &call.form;
    let purpose = Use::from_stored(form.text("purpose")).unwrap_or(Use::Alert);
    let found = match read(form, AlertContent::default()) {
        Ok(content) => match call
            .gateway()
            .create_template(call.actor()?, form.text("name"), purpose, content)
            .await
        {
            Ok(id) => return Ok(see_other(&path(&call, &id))),
            Err(error) => problems(error)?,
        },
        Err(found) => found,
    };
    let templates = call.gateway().templates(call.actor()?).await?;
    Ok(pages::list(
        &call,
        &templates,
        &shown(call.form.clone(), found),
    ))
}

fn path(call: &Call, id: &TemplateId) -> String {
    call.path_to(&format!("/templates/{}?saved", encode(id.as_str())))
}

pub(crate) async fn show(call: Call) -> Result<Response, Failure> {
    let id: TemplateId = call.part("id")?;
    let template = call.gateway().template(call.actor()?, &id).await?;
    let fields = fields(&template);
    Ok(pages::show(&call, &template, &shown(fields, Vec::new())))
}

pub(crate) async fn change(call: Call) -> Result<Response, Failure> {
    let id: TemplateId = call.part("id")?;
    let form = &call.form;
    let stored = call.gateway().template(call.actor()?, &id).await?;
    let found = match read(form, stored.content.clone()) {
        Ok(content) => {
            let template = Template {
                name: form.text("name").to_owned(),
                purpose: Use::from_stored(form.text("purpose")).unwrap_or(stored.purpose),
                revision: form.read_as("revision").unwrap_or_default(),
                content,
                ..stored.clone()
            };
            match call
                .gateway()
                .change_template(call.actor()?, template)
                .await
            {
                Ok(()) => return Ok(see_other(&path(&call, &id))),
                Err(error) => problems(error)?,
            }
        }
        Err(found) => found,
    };
    Ok(pages::show(
        &call,
        &stored,
        &shown(call.form.clone(), found),
    ))
}

pub(crate) async fn delete(call: Call) -> Result<Response, Failure> {
    let id: TemplateId = call.part("id")?;
    call.gateway().delete_template(call.actor()?, &id).await?;
    Ok(see_other(&call.path_to("/templates")))
}
