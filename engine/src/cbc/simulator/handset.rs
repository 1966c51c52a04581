//! What a handset would show of the pages that it hears.

use pushcast_cbs::dcs::Charset;
use pushcast_cbs::message::Message;
use pushcast_cbs::page::{Contents, Page, PageContent};
use pushcast_cbs::push::{self, Form};
use pushcast_cbs::reassembly::{Reassembler, Reception};
use pushcast_cbs::text;
use serde::Serialize;

/// A message as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// Message identifier.
    pub message_id: u16,
    /// What the standard calls it.
    pub name: &'static str,
    /// Serial number, four hexadecimal digits.
    pub serial: String,
    /// Data coding scheme.
    pub dcs: u8,
    /// `gsm7`, `ucs2` or `8bit`.
    pub charset: &'static str,
    /// Number of pages.
    pub pages: u8,
    /// Language, where it says one.
    pub language: Option<String>,
    /// The text; absent of binary content.
    pub text: Option<String>,
    /// The text of each page by itself, as handsets show it that read page by page.
    pub text_by_page: Vec<String>,
    /// A WSP push: its content type and length.
    pub push: Option<ShownPush>,
}

/// A push that came in pages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ShownPush {
    /// Its content type.
    pub content_type: String,
    /// Octets of its content.
    pub bytes: usize,
    /// The content, hexadecimal.
    pub data: String,
}

/// Listens to pages. What it has shown it does not show again.
#[derive(Debug, Default)]
pub struct Handset {
    reassembler: Reassembler,
}

impl Handset {
    /// Takes a page; gives the message that it completes, once.
    pub fn hears(&mut self, page: &Page) -> Option<Shown> {
        match self.reassembler.handle_page(page) {
            Ok(Reception::Complete(message)) => Some(Shown::of(&message)),
            Ok(Reception::Incomplete { .. } | Reception::Repeat) | Err(_) => None,
        }
    }
}

impl Shown {
    /// A message as a handset that knows everything shows it.
    pub fn of(message: &Message) -> Self {
        let coding = message.dcs.coding();
        let decoded = text::decode(message.dcs, &message.contents).ok();
        let page_text = |page: &PageContent| {
            let alone = Contents::new(vec![*page]).ok()?;
            Some(text::decode(message.dcs, &alone).ok()?.text)
        };
        let pages = message.contents.pages();
        Self {
            message_id: message.message_id.0,
            name: message.message_id.name(),
            serial: message.serial.to_string(),
            dcs: message.dcs.0,
            charset: match coding.charset {
                Charset::EightBit => "8bit",
                Charset::Gsm7 => "gsm7",
                Charset::Ucs2 => "ucs2",
            },
            pages: message.contents.count(),
            language: decoded
                .as_ref()
                .and_then(|decoded| Some(decoded.language?.to_string())),
            text_by_page: pages.iter().filter_map(page_text).collect(),
            push: match decoded {
                Some(_) => None,
                None => shown_push(message),
            },
            text: decoded.map(|decoded| decoded.text),
        }
    }
}

fn shown_push(message: &Message) -> Option<ShownPush> {
    let forms = [Form::Ports, Form::Wap, Form::Raw];
    let form = forms.into_iter().find(|form| form.accepts(message.dcs))?;
    let received = push::decode(form, message.dcs, &message.contents).ok()?;
    Some(ShownPush {
        content_type: received.push.content_type.to_string(),
        bytes: received.push.data.len(),
        data: crate::cbc::record::hex(&received.push.data),
    })
}
