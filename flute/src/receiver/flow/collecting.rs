//! Collecting the symbols of described objects.

use super::*;

impl Flow {
    pub(super) fn data_packet(
        &mut self,
        context: &mut Context<'_>,
        packet: &Packet<'_>,
        data: &Data<'_>,
        datagram: &[u8],
    ) {
        let Some(entry) = self.entries.get_mut(&data.toi) else {
            let max_bytes = context.config.limits.early_bytes;
            context.stats.early_dropped += self.early.push(data.toi, datagram, max_bytes);
            return;
        };
        match &entry.state {
            State::Collecting(_) => {}
            State::Completed(_) => {
                context.stats.of_completed += 1;
                return;
            }
            State::Announced => {
                // Without a verdict on the entry: the next packet may be a better one.
                let oti = parameters(&entry.file, packet, data)
                    .filter(|oti| is_acceptable(oti, data, &context.config.limits))
                    .filter(|_| entry.expires_unix_ms > context.now.unix_ms);
                let Some(oti) = oti else {
                    context.stats.entries_refused += 1;
                    return;
                };
                if !self.start(context, data.toi, oti) {
                    return;
                }
            }
        }
        self.symbols(context, data);
    }

    /// Begins to collect; false where there is no room.
    pub(super) fn start(&mut self, context: &mut Context<'_>, toi: Toi, oti: Oti) -> bool {
        if self.collecting >= context.config.limits.objects {
            let Some(oldest) = self.oldest_collecting(Some(toi)) else {
                context.stats.objects_refused += 1;
                return false;
            };
            self.abandon(context, oldest, AbandonReason::Displaced);
        }
        let Some(entry) = self.entries.get_mut(&toi) else {
            return false;
        };
        let id = ObjectId(*context.next_object);
        *context.next_object += 1;
        entry.state = State::Collecting(Box::new(Collecting {
            id,
            oti,
            collector: Collector::new(oti),
            received: 0,
            last_unix_ms: context.now.unix_ms,
            closed: false,
        }));
        self.collecting += 1;
        let description = Description {
            source: self.source,
            tsi: self.tsi,
            toi,
            file: entry.file.clone(),
            oti,
        };
        context.events.push_back(Event::Started {
            object: id,
            description: Box::new(description),
        });
        true
    }

    pub(super) fn oldest_collecting(&self, except: Option<Toi>) -> Option<Toi> {
        let collecting = self
            .entries
            .iter()
            .filter_map(|(toi, entry)| match &entry.state {
                State::Collecting(collecting) if Some(*toi) != except => {
                    Some((collecting.last_unix_ms, *toi))
                }
                _ => None,
            });
        collecting.min().map(|(_, toi)| toi)
    }

    fn symbols(&mut self, context: &mut Context<'_>, data: &Data<'_>) {
        let Some(entry) = self.entries.get_mut(&data.toi) else {
            return;
        };
        let State::Collecting(collecting) = &mut entry.state else {
            return;
        };
        if collecting.oti.scheme() != data.scheme {
            context.stats.entries_refused += 1;
            return;
        }
        collecting.last_unix_ms = context.now.unix_ms;
        let mut output = Vec::new();
        let mut payload_id = data.payload_id;
        let held_before = collecting.collector.held_bytes();
        for symbol in data
            .symbols
            .chunks(usize::from(collecting.oti.symbol_bytes()))
        {
            match collecting.collector.symbol(payload_id, symbol, &mut output) {
                Taken::New => {
                    collecting.received += 1;
                    context.stats.symbols += 1;
                }
                Taken::Duplicate => context.stats.duplicates += 1,
                Taken::OutOfRange => context.stats.out_of_range += 1,
                Taken::WrongLength => context.stats.wrong_length += 1,
            }
            payload_id.esi.0 = payload_id.esi.0.saturating_add(1);
        }
        self.held_bytes = self.held_bytes - held_before + collecting.collector.held_bytes();
        if collecting.collector.is_complete() {
            self.complete(context, data.toi, output);
            return;
        }
        let object = collecting.id;
        context
            .events
            .extend(output.into_iter().map(|(offset, octets)| Event::Data {
                object,
                offset,
                octets,
            }));
        if self.held_bytes > context.config.limits.symbol_bytes {
            self.drop_held(context, data.toi);
        }
    }

    /// Frees the symbols of the object that was quiet for longest.
    fn drop_held(&mut self, context: &mut Context<'_>, latest: Toi) {
        let holders = self
            .entries
            .iter_mut()
            .filter_map(|(toi, entry)| match &mut entry.state {
                State::Collecting(collecting) if collecting.collector.held_bytes() > 0 => {
                    Some((*toi == latest, collecting))
                }
                _ => None,
            });
        if let Some((_, victim)) =
            holders.min_by_key(|(is_latest, victim)| (*is_latest, victim.last_unix_ms))
        {
            self.held_bytes -= victim.collector.held_bytes();
            context.stats.blocks_dropped += victim.collector.drop_held();
        }
    }

    pub(super) fn complete(&mut self, context: &mut Context<'_>, toi: Toi, mut output: Output) {
        let Some(entry) = self.entries.get_mut(&toi) else {
            return;
        };
        let State::Collecting(collecting) = &mut entry.state else {
            return;
        };
        collecting.collector.flush(&mut output);
        self.held_bytes -= collecting.collector.held_bytes();
        let (object, reception) = (collecting.id, collecting.reception());
        entry.state = State::Completed(object);
        self.collecting -= 1;
        context
            .events
            .extend(output.into_iter().map(|(offset, octets)| Event::Data {
                object,
                offset,
                octets,
            }));
        context
            .events
            .push_back(Event::Completed { object, reception });
    }
}

/// Whether the parameters fit the limits and the packet that came.
fn is_acceptable(oti: &Oti, data: &Data<'_>, limits: &Limits) -> bool {
    oti.scheme() == data.scheme
        && oti.transfer_length() <= limits.object_bytes
        && oti.source_symbols() <= limits.object_symbols
        && u64::from(oti.max_block_symbols()) * held_symbol_bytes(oti) as u64
            <= block_limit(oti, limits)
}

/// A block that could never be held could never be decoded.
fn block_limit(oti: &Oti, limits: &Limits) -> u64 {
    if oti.scheme().has_repair() {
        limits.symbol_bytes as u64
    } else {
        u64::MAX
    }
}
