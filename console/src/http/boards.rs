//! What the gateway says of what is going on, as boards in the reader's words and zone.

use pushcast_engine::model::detail::{
    DeliveryDetail, SubmissionDetail, SubmissionProgress, TransmissionDetail,
};
use pushcast_engine::model::listing::EntryState;
use pushcast_engine::model::overview::{LiveAlert, Overview};
use pushcast_engine::model::{Action, AlertState, TransmissionState};

use super::call::Call;
use crate::board::{Board, BoardRow, Card, Counter, Mark, Part};
use crate::components::{
    Clock, bytes, channel_mark, delivery_mark, duration, entry_mark, severity_mark,
    transmission_mark,
};
use crate::tag::Shape;

/// Pushes of one alert that its page shows: others are in the list.
pub(crate) const MAX_PUSHES_SHOWN: usize = 8;

/// Makes boards for one reader.
pub(crate) struct Boards {
    clock: Clock,
    base: String,
    may_stop: bool,
}

impl Boards {
    pub(crate) fn new(call: &Call) -> Self {
        Self {
            clock: Clock::new(call.zone(), call.app.now_ms()),
            base: call.path_to(""),
            may_stop: call.may(Action::Stop),
        }
    }

    /// The first page.
    pub(crate) fn overview(&self, overview: &Overview) -> Board {
        let counter = |number, name: &str, path: &str, tint: &str| Counter {
            number,
            name: name.to_owned(),
            path: format!("{}{path}", self.base),
            tint: tint.to_owned(),
        };
        let alerts = overview
            .alerts
            .iter()
            .map(|alert| self.alert(alert, overview.at_ms));
        let channels = overview.channels.iter().map(|channel| Card {
            title: format!("{} ({})", channel.name, channel.bearer.as_str()),
            path: format!("{}/channels/{}", self.base, channel.name),
            marks: vec![channel_mark(channel)],
            ..Card::default()
        });
        Board {
            lead: format!("{} As of {}.", overview.sentence(), self.clock.second(overview.at_ms)),
            counters: vec![
                counter(overview.live, "on the air", "/submissions?tab=live", ""),
                counter(overview.waiting, "waiting for approval", "/approvals", "waiting"),
                counter(overview.scheduled, "scheduled", "/submissions?tab=scheduled", ""),
                counter(overview.failed_day, "failed in 24 h", "/submissions?tab=finished", "bad"),
            ],
            parts: vec![
                Part {
                    heading: "On the air and scheduled".to_owned(),
                    empty: "Nothing is on the air and nothing is scheduled. An alert that is approved shows here while it is sent.".to_owned(),
                    cards: alerts.collect(),
                },
                Part {
                    heading: "Channels".to_owned(),
                    empty: "This workspace owns no channel: nothing can be sent from it.".to_owned(),
                    cards: channels.collect(),
                },
            ],
        }
    }

    fn alert(&self, alert: &LiveAlert, now_ms: u64) -> Card {
        let path = format!("{}/alerts/{}", self.base, alert.id);
        let mut marks = vec![
            severity_mark(alert.severity),
            entry_mark(EntryState::Alert(alert.state)),
        ];
        if alert.stopping {
            marks.push(Mark::new("severe", Shape::TriangleFilled, "Stopping"));
        }
        if alert.update_waiting {
            marks.push(Mark::new(
                "moderate",
                Shape::TriangleHollow,
                "Update waits for approval",
            ));
        }
        let left = |until_ms: u64| duration(until_ms.saturating_sub(now_ms).div_ceil(60_000) * 60);
        let when = if alert.start_ms > now_ms {
            format!(
                "Starts in {} ({}), ends {}",
                left(alert.start_ms),
                self.clock.local(alert.start_ms),
                self.clock.local(alert.end_ms)
            )
        } else {
            format!(
                "{} left, ends {}",
                left(alert.end_ms),
                self.clock.local(alert.end_ms)
            )
        };
        let counts = &alert.deliveries;
        let mut lines = vec![alert.targets.join(", "), when];
        if counts.failed > 0 {
            lines.push(format!("{} deliveries have failed", counts.failed));
        }
        if let Some(until_ms) = alert.undo_until_ms.filter(|until_ms| *until_ms > now_ms) {
            lines.push(format!(
                "Nothing has left yet: can be undone until {}",
                self.clock.second(until_ms)
            ));
        }
        let stop = self.may_stop && !alert.stopping;
        Card {
            edge: alert.severity.as_str().to_owned(),
            title: alert.title.clone(),
            stop_path: if stop {
                format!("{path}/stop")
            } else {
                String::new()
            },
            stop_words: match (alert.state, alert.undo_until_ms) {
                (AlertState::Scheduled, Some(until_ms)) if until_ms > now_ms => {
                    "Cancel before it is sent".to_owned()
                }
                _ => "Stop broadcasting".to_owned(),
            },
            path,
            marks,
            lines,
            done: counts.delivered,
            all: counts.all(),
            rows: Vec::new(),
        }
    }

    /// How a push gets on.
    pub(crate) fn submission(&self, detail: &SubmissionDetail) -> Board {
        let cards = detail
            .deliveries
            .iter()
            .map(|delivery| self.delivery(delivery));
        Board {
            lead: String::new(),
            counters: Vec::new(),
            parts: vec![Part {
                heading: String::new(),
                empty: "It names nobody.".to_owned(),
                cards: cards.collect(),
            }],
        }
    }

    /// How the pushes of an alert get on, one for each language; each card leads to its push.
    pub(crate) fn pushes(&self, details: &[SubmissionDetail]) -> Board {
        let many = details.len() > 1;
        let cards = details.iter().flat_map(|detail| {
            let path = format!("{}/submissions/{}", self.base, detail.id);
            let language = detail.entry.language.as_ref().filter(|_| many);
            detail.deliveries.iter().map(move |delivery| {
                let card = self.delivery(delivery);
                Card {
                    title: match language {
                        Some(language) => format!("{} [{language}]", card.title),
                        None => card.title,
                    },
                    path: path.clone(),
                    ..card
                }
            })
        });
        Board {
            lead: String::new(),
            counters: Vec::new(),
            parts: vec![Part {
                heading: String::new(),
                empty: "Nothing of it has been handed over yet.".to_owned(),
                cards: cards.collect(),
            }],
        }
    }

    fn delivery(&self, delivery: &DeliveryDetail) -> Card {
        let mut transmissions: Vec<&TransmissionDetail> = delivery.transmissions.iter().collect();
        // What has failed stands on top.
        transmissions.sort_by_key(|one| one.state != TransmissionState::Failed);
        let since = self.clock.second(delivery.event_ms);
        // A code says how it ended.
        let since = match delivery.state.is_final() {
            true => format!("Code {}, since {since}", delivery.code),
            false => format!("Since {since}"),
        };
        let mut lines = vec![delivery.desc.clone(), since];
        lines.retain(|line| !line.is_empty());
        if let Some(notification) = &delivery.notification {
            let error = notification.last_error.as_ref();
            let error = error.map(|error| format!(": {error}")).unwrap_or_default();
            lines.push(format!(
                "Result notification {}, {} attempts{error}",
                notification.state, notification.attempts
            ));
        }
        Card {
            title: delivery.target.clone(),
            marks: vec![delivery_mark(delivery.state)],
            lines,
            rows: transmissions
                .into_iter()
                .map(|one| self.transmission(one))
                .collect(),
            ..Card::default()
        }
    }

    fn transmission(&self, one: &TransmissionDetail) -> BoardRow {
        let optional = if one.required { "" } else { ", optional" };
        let first = one
            .first_packet_ms
            .map_or_else(|| "–".to_owned(), |at_ms| self.clock.second(at_ms));
        BoardRow {
            name: format!("{} ({}{optional})", one.channel, one.bearer.as_str()),
            mark: transmission_mark(one.state),
            done: one.passes_done,
            all: one.passes_planned.unwrap_or_default(),
            cells: vec![first, bytes(one.object_bytes), one.wire_id.clone()],
            more: one.desc.clone(),
        }
    }
}

/// Brings a push up to date. Says in a sentence which deliveries have come to something else.
pub(crate) fn advance(detail: &mut SubmissionDetail, progress: &SubmissionProgress) -> String {
    let mut changed = Vec::new();
    for delivery in &mut detail.deliveries {
        if let Some(news) = progress
            .deliveries
            .iter()
            .find(|news| news.id == delivery.id)
        {
            if news.state != delivery.state {
                changed.push(format!("{}: {}", delivery.target, news.state.as_str()));
            }
            delivery.state = news.state;
            delivery.desc.clone_from(&news.desc);
            delivery.event_ms = news.event_ms;
        }
        for one in &mut delivery.transmissions {
            let mut news = progress.transmissions.iter();
            if let Some(news) = news.find(|news| news.id == one.id) {
                one.state = news.state;
                one.passes_done = news.passes_done;
                one.first_packet_ms = news.first_packet_ms;
                one.desc.clone_from(&news.desc);
            }
        }
    }
    detail.closed_ms = progress.closed_ms;
    changed.join(". ")
}

/// Whether the progress names a transmission that is not shown yet: the push has to be read again.
pub(crate) fn is_news(detail: &SubmissionDetail, progress: &SubmissionProgress) -> bool {
    let all = || {
        detail
            .deliveries
            .iter()
            .flat_map(|delivery| &delivery.transmissions)
    };
    let mut news = progress.transmissions.iter();
    news.any(|news| !all().any(|one| one.id == news.id))
}
