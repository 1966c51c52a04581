//! What of a history a report asks for, counted push by push.

use super::*;

impl Push {
    pub(super) fn is_asked_for(&self, query: &ReportQuery) -> bool {
        let source = match query.source {
            Some(Source::Console) => self.console,
            Some(Source::Pap) => !self.console,
            None => true,
        };
        let initiator = query.initiator.as_ref();
        source
            && initiator.is_none_or(|initiator| initiator.as_str() == self.initiator)
            && (query.from_ms..query.to_ms).contains(&self.received_ms)
    }

    pub(super) fn count(
        &self,
        query: &ReportQuery,
        by: Option<Dimension>,
        parts: &mut BTreeMap<String, ReportPart>,
    ) {
        // Rows of deliveries, and of those with each of their transmissions.
        let of_transmissions = query.channel.is_some()
            || query.bearer.is_some()
            || matches!(by, Some(Dimension::Channel | Dimension::Bearer));
        let mut deliveries = BTreeSet::new();
        let mut transmissions = BTreeSet::new();
        for (place, delivery) in self.deliveries.iter().enumerate() {
            if !delivery.is_asked_for(query, by) {
                continue;
            }
            if !of_transmissions {
                deliveries.insert((self.key(by, delivery, None), place));
            }
            for (number, sent) in delivery.sent.iter().enumerate() {
                if sent.is_asked_for(query) {
                    let key = self.key(by, delivery, Some(sent));
                    deliveries.insert((key.clone(), place));
                    transmissions.insert((key, place, number));
                }
            }
        }
        let keys: BTreeSet<&String> = deliveries.iter().map(|(key, _)| key).collect();
        for key in keys {
            parts.entry(key.clone()).or_default().submissions += 1;
        }
        for (key, place) in &deliveries {
            let part = parts.entry(key.clone()).or_default();
            self.deliveries[*place].count(part);
        }
        let mut objects: BTreeMap<(String, &str, u64), (u64, u64)> = BTreeMap::new();
        for (key, place, number) in transmissions {
            let sent = &self.deliveries[place].sent[number];
            let part = parts.entry(key.clone()).or_default();
            part.transmissions += 1;
            part.transmissions_failed += u64::from(sent.failed);
            if let Some(first_ms) = sent.first_packet_ms {
                let from_ms = self.due_ms.max(self.received_ms);
                *part.air_times.entry(step(first_ms - from_ms)).or_default() += 1;
            }
            let object = objects.entry((key, sent.channel, sent.toi)).or_default();
            *object = (object.0.max(sent.passes), object.1.max(sent.bytes));
        }
        for ((key, channel, toi), (passes, bytes)) in objects {
            let part = parts.entry(key).or_default();
            part.passes += passes;
            part.bytes += passes * bytes;
            let of_it = |one: &&(&str, u64, String, _)| one.0 == channel && one.1 == toi;
            let told: Vec<(u32, u32)> = self
                .cells
                .iter()
                .filter(of_it)
                .filter_map(|one| one.3)
                .collect();
            part.cells += told
                .iter()
                .map(|cells| u64::from(cells.0))
                .min()
                .unwrap_or(0);
            let asked = told.iter().map(|cells| u64::from(cells.0 + cells.1));
            part.cells_asked += asked.max().unwrap_or(0);
        }
    }

    pub(super) fn key(
        &self,
        by: Option<Dimension>,
        delivery: &Delivery,
        sent: Option<&Sent>,
    ) -> String {
        match by {
            None => String::new(),
            Some(Dimension::Area | Dimension::Group) => delivery.key.clone(),
            Some(Dimension::Bearer) => sent.unwrap().bearer.to_owned(),
            Some(Dimension::Channel) => sent.unwrap().channel.to_owned(),
            Some(Dimension::Day) => (self.received_ms / 86_400_000).to_string(),
            Some(Dimension::Initiator) => self.initiator.clone(),
            Some(Dimension::Submission) => self.id.clone(),
        }
    }
}

/// Steps of a percent, as reports have them.
fn step(wait_ms: u64) -> u64 {
    let digits = wait_ms.max(1).ilog10();
    let step = 10_u64.pow(digits.saturating_sub(2));
    wait_ms / step * step
}

impl Delivery {
    pub(super) fn is_asked_for(&self, query: &ReportQuery, by: Option<Dimension>) -> bool {
        let address: Address = self.key.parse().unwrap();
        let (group, area) = match address.target() {
            Target::Group(name) => (Some(name.as_str()), None),
            Target::Area(name) => (None, Some(name.as_str())),
            other => panic!("{other:?}"),
        };
        (by != Some(Dimension::Group) || group.is_some())
            && (by != Some(Dimension::Area) || area.is_some())
            && query
                .group
                .as_deref()
                .is_none_or(|name| group == Some(name))
            && query.area.as_deref().is_none_or(|name| area == Some(name))
    }

    pub(super) fn count(&self, part: &mut ReportPart) {
        let totals = &mut part.deliveries;
        *match self.state {
            "pending" => &mut totals.pending,
            "delivered" => &mut totals.delivered,
            "cancelled" => &mut totals.cancelled,
            "expired" => &mut totals.expired,
            _ => &mut totals.failed,
        } += 1;
        match self.outbox {
            Some("waiting") => part.notifications.waiting += 1,
            Some("done") => part.notifications.sent += 1,
            Some(_) => part.notifications.undeliverable += 1,
            None => {}
        }
    }
}

impl Sent {
    pub(super) fn is_asked_for(&self, query: &ReportQuery) -> bool {
        let channel = query.channel.as_ref();
        channel.is_none_or(|channel| channel.as_str() == self.channel)
            && query
                .bearer
                .is_none_or(|bearer| bearer.as_str() == self.bearer)
    }
}
