//! CAP 1.2 over HTTPS, as commercial CBCs take it: POST of an alert, answered by 200 or 202 with an
//! Ack or Error in the body, or by 202 with nothing.
//!
//! The centre makes the pages itself, so the text travels as a parameter, word for word, with the
//! rest of what plain CAP cannot say. Update and Cancel name all earlier alerts. Codes in an Error
//! tell what is already there or not found; they are ours (see [`crate::cap::NOT_FOUND`]), and
//! without them an Error is a refusal.

use std::time::Duration;

use super::{
    Adapter, Answer, Broadcast, Capabilities, CbepError, Certainty, Doubt, Key, Method, Operation,
    Outcome, Payload, Reference, Refusal, RefusalKind, Request, Stamp, StatusSource, Step,
    UpdateMode,
};
use crate::area::{Area, AreaKind};
use crate::cap::{
    self, AffectedArea, Alert, CharsetHint, DEFAULT_PREFIX, Hints, Info, MEDIA_TYPE, MsgType, Name,
    Notice,
};
use crate::dcs::Charset;
use crate::page::MAX_PAGES;
use crate::text;

/// What such a centre can do.
pub const CAPABILITIES: Capabilities = Capabilities {
    answer_timeout: Duration::from_secs(16),
    areas: &[
        AreaKind::Circle,
        AreaKind::Geocode,
        AreaKind::PlmnWide,
        AreaKind::Polygon,
    ],
    charsets: &[Charset::Gsm7, Charset::Ucs2],
    etws_primary: false,
    key: Key::Stamp,
    max_pages: MAX_PAGES as u8,
    name: "CAP",
    status: StatusSource::None,
    update: UpdateMode::InPlace,
};

/// The client side. The server side is [`Alert::read`], [`Alert::ack`] and [`Alert::error`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Cap {
    path: String,
    prefix: String,
    sender: Name,
}

impl Cap {
    /// A client that sends as `sender` to `path`, with parameters under the usual prefix.
    pub fn new(sender: Name, path: &str) -> Self {
        Self {
            path: path.to_owned(),
            prefix: DEFAULT_PREFIX.to_owned(),
            sender,
        }
    }

    /// The same client with another prefix of parameters.
    #[must_use]
    pub fn with_prefix(mut self, prefix: &str) -> Self {
        prefix.clone_into(&mut self.prefix);
        self
    }

    fn alert(
        &self,
        msg_type: MsgType,
        broadcast: &Broadcast,
        stamp: &Stamp,
    ) -> Result<Alert, CbepError> {
        broadcast.fits(&CAPABILITIES)?;
        let notice = broadcast.notice.as_ref().ok_or(CbepError::NoNotice {
            adapter: CAPABILITIES.name,
        })?;
        let (status, message_id) = (notice.status, broadcast.message_id);
        if !status.goes_with(message_id) {
            return Err(CbepError::Mixed { message_id, status });
        }
        let alert = Alert::new(
            stamp.identifier.clone(),
            self.sender.clone(),
            stamp.sent,
            msg_type,
        );
        Ok(Alert {
            status,
            infos: vec![self.info(broadcast, notice)?],
            ..alert
        })
    }

    fn info(&self, broadcast: &Broadcast, notice: &Notice) -> Result<Info, CbepError> {
        let hints = hints(broadcast)?;
        Ok(Info {
            language: notice.language.clone(),
            categories: notice.categories.clone(),
            event: notice.event.clone(),
            response_types: Vec::new(),
            urgency: notice.urgency,
            severity: notice.severity,
            certainty: notice.certainty,
            audience: None,
            event_codes: Vec::new(),
            effective: None,
            onset: notice.onset,
            expires: notice.expires,
            sender_name: notice.sender_name.clone(),
            headline: notice.headline.clone(),
            description: hints.text.clone(),
            instruction: None,
            web: None,
            contact: None,
            parameters: hints.write(&self.prefix),
            resources: Vec::new(),
            areas: vec![area(&notice.area_description, &broadcast.areas)],
        })
    }

    fn references(&self, earlier: &Reference) -> Result<Vec<cap::Reference>, CbepError> {
        if earlier.stamps.is_empty() {
            return Err(CbepError::NoStamp);
        }
        let reference = |stamp: &Stamp| cap::Reference {
            sender: self.sender.clone(),
            identifier: stamp.identifier.clone(),
            sent: stamp.sent,
        };
        Ok(earlier.stamps.iter().map(reference).collect())
    }

    fn post(&self, alert: &Alert) -> Result<Request, CbepError> {
        Ok(Request {
            body: alert.write()?.into_bytes(),
            headers: vec![("Accept", MEDIA_TYPE), ("Content-Type", MEDIA_TYPE)],
            method: Method::Post,
            path: self.path.clone(),
        })
    }
}

/// What plain CAP cannot say. The text is read back from the pages: it is what phones would show.
fn hints(broadcast: &Broadcast) -> Result<Hints, CbepError> {
    let Payload::Pages { contents, dcs } = &broadcast.payload else {
        return Err(CbepError::EtwsPrimary {
            adapter: CAPABILITIES.name,
        });
    };
    let is_etws = broadcast.message_id.is_etws();
    let flags = broadcast.serial.etws_flags();
    let is_everywhere = broadcast.areas.contains(&Area::PlmnWide);
    Ok(Hints {
        broadcasts: Some(broadcast.broadcasts),
        category: Some(broadcast.category),
        charset: match dcs.coding().charset {
            Charset::Gsm7 => Some(CharsetHint::Gsm7),
            Charset::Ucs2 => Some(CharsetHint::Ucs2),
            Charset::EightBit => None,
        },
        emergency_user_alert: is_etws.then_some(flags.emergency_user_alert),
        message_id: Some(broadcast.message_id),
        popup: is_etws.then_some(flags.popup),
        repetition: Some(Duration::from_secs(
            broadcast.period.duration().as_secs().max(1),
        )),
        scope: Some(broadcast.serial.scope()),
        service_area: is_everywhere.then(|| AreaKind::PlmnWide.prefix().to_owned()),
        text: Some(text::decode(*dcs, contents)?.text),
    })
}

fn area(description: &str, areas: &[Area]) -> AffectedArea {
    let mut affected = AffectedArea {
        description: description.to_owned(),
        polygons: Vec::new(),
        circles: Vec::new(),
        geocodes: Vec::new(),
        altitude: None,
    };
    for area in areas {
        match area {
            Area::Circle(circle) => affected.circles.push(*circle),
            Area::Geocode(geocode) => affected.geocodes.push(geocode.clone()),
            Area::Polygon(polygon) => affected.polygons.push(polygon.clone()),
            // Everywhere is a parameter; `fits` has refused the rest.
            _ => {}
        }
    }
    affected
}

impl Adapter for Cap {
    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    fn submit(&self, broadcast: &Broadcast, stamp: &Stamp) -> Result<Request, CbepError> {
        self.post(&self.alert(MsgType::Alert, broadcast, stamp)?)
    }

    fn update(
        &self,
        earlier: &Reference,
        broadcast: &Broadcast,
        stamp: &Stamp,
    ) -> Result<Vec<Step>, CbepError> {
        let alert = Alert {
            references: self.references(earlier)?,
            ..self.alert(MsgType::Update, broadcast, stamp)?
        };
        Ok(vec![Step {
            operation: Operation::Update,
            request: self.post(&alert)?,
        }])
    }

    fn cancel(&self, earlier: &Reference, stamp: &Stamp) -> Result<Request, CbepError> {
        let alert = Alert::new(
            stamp.identifier.clone(),
            self.sender.clone(),
            stamp.sent,
            MsgType::Cancel,
        );
        self.post(&Alert {
            status: earlier.status,
            references: self.references(earlier)?,
            ..alert
        })
    }

    fn status_command(&self, _earlier: &Reference) -> Option<String> {
        None
    }

    fn outcome(&self, _operation: Operation, stamp: &Stamp, answer: Answer<'_>) -> Outcome {
        let taken = Outcome::Accepted {
            certainty: Certainty::Taken,
        };
        let doubt = Outcome::Unknown {
            doubt: Doubt::Answer,
        };
        let body = Alert::read(answer.body);
        let about_us = body
            .ok()
            .filter(|alert| alert.answers(&self.sender, &stamp.identifier));
        match (answer.status, about_us) {
            (200..=299, Some(alert)) if alert.msg_type == MsgType::Ack => taken,
            (_, Some(alert)) if alert.msg_type == MsgType::Error => error(&alert),
            (202, None) if answer.body.trim_ascii().is_empty() => taken,
            (409, _) => Outcome::AlreadyThere,
            (200..=299, _) => doubt,
            _ => Outcome::of_status(answer),
        }
    }
}

fn error(alert: &Alert) -> Outcome {
    if alert.says_already_there() {
        return Outcome::AlreadyThere;
    }
    if alert.says_not_found() {
        return Outcome::NotFound;
    }
    let note = alert.note.as_deref().unwrap_or_default();
    Outcome::Refused {
        reason: Refusal::new(RefusalKind::Content, note.as_bytes()),
    }
}

#[cfg(test)]
mod tests;
