//! The step of the message.

use axum::response::Response;
use pushcast_engine::model::alert::{Message, Severity};
use pushcast_engine::model::{AlertContent, AlertId, Language};

use super::{FIRST_LANGUAGE, load, store, wanted};
use crate::count;
use crate::http::fields::encode;
use crate::http::{Call, Failure, Problem, see_other};
use crate::pages::compose as pages;

pub(crate) async fn message_page(call: Call) -> Result<Response, Failure> {
    let draft = load(&call, &call.part("id")?).await?;
    let asked = call.query.text("language");
    let first = draft
        .content
        .messages
        .first()
        .map(|message| message.language.to_string());
    let language = match asked.parse::<Language>() {
        Ok(language) => language.to_string(),
        Err(_) => first.unwrap_or_else(|| FIRST_LANGUAGE.to_owned()),
    };
    Ok(pages::message(&call, &draft, &language))
}

pub(crate) async fn message(call: Call) -> Result<Response, Failure> {
    let id: AlertId = call.part("id")?;
    let mut draft = load(&call, &id).await?;
    let form = &call.form;
    let language: Language = form
        .text("language")
        .parse()
        .map_err(|_| Failure::Malformed("the language is missing".to_owned()))?;
    let mut found = Vec::new();
    let mut next = language.to_string();
    // The form that only removes a file has no text in it.
    if form.has("text") {
        draft.content.title = form.text("title").to_owned();
        draft.content.severity = Severity::from_stored(form.text("severity")).unwrap_or_default();
        draft.content.kind = form.text("kind").to_owned();
        let text = form.raw("text").replace("\r\n", "\n");
        match find(&mut draft.content, &language) {
            Some(message) => message.text = text,
            None if text.trim().is_empty() && wanted(&call) != "save" => {}
            None => draft.content.messages.push(blank(&language, text)),
        }
    }
    match wanted(&call) {
        "add-language" => match form.text("new_language").parse::<Language>() {
            Ok(new) => {
                if find(&mut draft.content, &new).is_none() {
                    draft.content.messages.push(blank(&new, String::new()));
                }
                next = new.to_string();
            }
            Err(_) => found.push(Problem::new(
                "new_language",
                "Type a language tag such as en or pt-BR.",
            )),
        },
        "remove-language" => {
            draft
                .content
                .messages
                .retain(|message| message.language != language);
            next = draft.content.messages.first().map_or_else(
                || FIRST_LANGUAGE.to_owned(),
                |message| message.language.to_string(),
            );
        }
        "remove-attachment" => {
            if let Some(message) = find(&mut draft.content, &language) {
                message.attachment = None;
            }
        }
        "plain" => {
            if let Some(message) = find(&mut draft.content, &language)
                && let Some(plain) = count::plain(&message.text, language.as_str())
            {
                message.text = plain;
            }
        }
        _ => {}
    }
    let path = call.path_to(&format!("/alerts/{id}"));
    let there = match wanted(&call) {
        "next" => format!("{path}/audience?saved"),
        _ => format!("{path}/message?language={}&saved", encode(&next)),
    };
    match store(&call, draft, found).await? {
        None => Ok(see_other(&there)),
        Some(draft) => Ok(pages::message(&call, &draft, language.as_str())),
    }
}

fn blank(language: &Language, text: String) -> Message {
    Message {
        language: language.clone(),
        text,
        attachment: None,
    }
}

pub(crate) fn find<'a>(
    content: &'a mut AlertContent,
    language: &Language,
) -> Option<&'a mut Message> {
    content
        .messages
        .iter_mut()
        .find(|message| message.language == *language)
}
