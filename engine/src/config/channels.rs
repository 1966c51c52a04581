//! `[[channel]]`: ways out, of either kind.

use std::collections::BTreeMap;

use crate::cbc::{self, LinkSpec};
use crate::model::channel::ChannelError;
use crate::model::{CbsChannel, Channel, FluteChannel};

use super::document::Section;
use super::error::Problem;
use super::reader::{ONLY_LANE, Reader};

impl Reader<'_> {
    pub(super) fn ways(&mut self, sections: &[Section<'_>], cbcs: &[LinkSpec]) -> Vec<Channel> {
        if sections.is_empty() {
            self.findings.add(None, Problem::NoChannel);
        }
        let mut channels = Vec::new();
        let mut taken = BTreeMap::new();
        for section in sections {
            let body = section.without("kind");
            match section.text("kind") {
                Some("cbs") => {
                    let channel = self.cbs_channel(section, &body, cbcs);
                    channels.extend(channel.map(Channel::Cbs));
                    continue;
                }
                Some("flute") => {}
                // The rest is looked at as if it were of the usual kind.
                Some(kind) => {
                    let kind = kind.to_owned();
                    self.findings
                        .add(section.line_of("kind"), Problem::Kind { kind });
                }
                None => self
                    .findings
                    .add(section.line_of("kind"), Problem::Missing { key: "kind" }),
            }
            let Some(channel) = self.flute_channel(section, &body) else {
                continue;
            };
            let session = (channel.group, channel.port, channel.tsi);
            let mine = (channel.name.clone(), section.line());
            if let Some((channel, line)) = taken.insert(session, mine) {
                let what = Problem::Session { channel, line };
                self.findings.add(section.line_of("group"), what);
            }
            channels.push(channel.into());
        }
        channels
    }

    fn flute_channel(&mut self, section: &Section<'_>, body: &Section<'_>) -> Option<FluteChannel> {
        const REQUIRED: &[&str] = &["name", "bearer", "group", "port", "tsi"];
        let channel: FluteChannel = body.read(REQUIRED, &mut self.findings)?;
        match &channel.lane {
            // A file without lanes has the one of that name.
            Some(lane) if !self.lanes.is_empty() || lane.as_str() != ONLY_LANE => {
                let line = section.line_of("lane");
                self.lanes.check(lane.as_str(), line, &mut self.findings);
            }
            _ => {}
        }
        let validated = channel.validated();
        self.sound(section, validated)
    }

    fn cbs_channel(
        &mut self,
        section: &Section<'_>,
        body: &Section<'_>,
        cbcs: &[LinkSpec],
    ) -> Option<CbsChannel> {
        const REQUIRED: &[&str] = &["name", "link", "message_ids"];
        let channel: CbsChannel = body.read(REQUIRED, &mut self.findings)?;
        let line = section.line_of("link");
        self.links
            .check(channel.link.as_str(), line, &mut self.findings);
        if let Some(cbc) = cbcs.iter().find(|cbc| cbc.name == channel.link)
            && let Some(what) = cbc::not_carried(&channel, cbc.capabilities())
        {
            let channel = channel.name.clone();
            let line = section.line_of("payload");
            self.findings
                .add(line, Problem::NotCarried { channel, what });
        }
        if let Some((key, word)) = cbc::wrong_word(&channel.cap) {
            let message = format!("{word:?} is no word of CAP 1.2 for {key}");
            self.findings
                .add(section.line_of(key), Problem::Text { message });
        }
        let validated = channel.validated();
        self.sound(section, validated)
    }

    fn sound<T>(&mut self, section: &Section<'_>, channel: Result<T, ChannelError>) -> Option<T> {
        channel
            .map_err(|error| {
                let key = match &error {
                    ChannelError::Capability { error, .. } => error.key(),
                    ChannelError::Family { .. } => "source",
                    ChannelError::Group { .. } => "group",
                    ChannelError::Language { .. } => "language",
                    ChannelError::Range { key, .. } => key,
                };
                self.findings.add(section.line_of(key), error);
            })
            .ok()
    }
}
