//! Describing objects in FDT Instances.

use crate::fdt;
use crate::fec::Oti;
use crate::ids::{FdtInstanceId, Toi};
use crate::time::{Now, NtpSeconds};

use super::fdt_table::Repetition;
use super::instance::{self, Instance};
use super::object::Sending;
use super::session::Session;
use super::{Config, EndReason, Event, Priority};

/// No instance is planned to live longer, ms: a longer life is better renewed than promised, and
/// a TOI that was named by an instance cannot be used again before that expires.
pub const MAX_PLANNED_MS: u64 = 300_000;

/// The entry of an object in the FDT: what the object says of itself, and its object transmission
/// information.
pub fn entry(file: &fdt::File, toi: Toi, oti: &Oti) -> fdt::File {
    fdt::File {
        toi,
        transfer_length: Some(oti.transfer_length()),
        oti: fdt::OtiAttributes::from(oti),
        ..file.clone()
    }
}

impl Session {
    /// The FDT Instance that describes an object of the session: its ID and the document as it is
    /// sent, octet for octet. `None` for objects that are not here or not described yet.
    pub fn instance_of(&self, toi: Toi) -> Option<(FdtInstanceId, &[u8])> {
        let mut objects = self.objects.iter().flatten();
        let sending = objects.find(|sending| sending.object.toi == toi)?;
        self.fdts.document(sending.instance?)
    }

    pub(super) fn repeat_instance(&mut self, slot: usize, now: Now) {
        if self.fdts.repeat(slot, now) == Repetition::Queued {
            return;
        }
        for (index, object) in self.objects.iter_mut().enumerate() {
            if let Some(sending) = object
                .as_mut()
                .filter(|sending| sending.instance == Some(slot))
            {
                sending.instance = None;
                self.renewed[sending.object.priority as usize].push_back(index);
            }
        }
    }

    /// Describes objects, the urgent ones first, up to [`instance::MAX_FILES`] at a time. New ones
    /// are described when their first pass is near: an instance whose objects all wait would be
    /// repeated in vain.
    pub(super) fn describe(&mut self, now: Now) {
        for class in Priority::DESCENDING.map(|priority| priority as usize) {
            while self.wants_description(class) {
                let (id, low) = self.fdts.next_id();
                self.events
                    .extend(low.map(|remaining| Event::FdtIdsLow { remaining }));
                let Some(id) = id else { return };
                let queue = if self.renewed[class].is_empty() {
                    &mut self.undescribed[class]
                } else {
                    &mut self.renewed[class]
                };
                let count = queue.len().min(instance::MAX_FILES);
                let slots: Vec<usize> = queue.drain(..count).collect();
                self.describe_batch((id, class), &slots, now);
            }
        }
    }

    fn describe_batch(&mut self, name: (FdtInstanceId, usize), slots: &[usize], now: Now) {
        let members = || slots.iter().filter_map(|slot| self.objects[*slot].as_ref());
        let planned_ms = members()
            .map(|sending| planned_ms(&self.config, sending))
            .max()
            .unwrap_or(0);
        let until_ms = members()
            .map(|sending| sending.object.carousel.until_unix_ms)
            .max()
            .unwrap_or(0);
        let guard_ms = self.config.expiry_guard_ms;
        let expires_unix_ms = now
            .unix_ms
            .saturating_add(planned_ms)
            .min(until_ms)
            .saturating_add(guard_ms);
        let expires = NtpSeconds::from_unix_ms(expires_unix_ms);
        let files = members().map(|sending| {
            let object = &sending.object;
            entry(&object.file, object.toi, &object.oti)
        });
        let files = files.collect();
        let fdt = fdt::Instance {
            files,
            ..fdt::Instance::new(expires)
        };
        let Ok(instance) = Instance::new(&self.config, name, &fdt, expires_unix_ms) else {
            for slot in slots {
                self.end(*slot, EndReason::Failed);
            }
            return;
        };
        let position = self.fdts.insert(instance);
        for &slot in slots {
            let Some(sending) = self.objects[slot].as_mut() else {
                continue;
            };
            sending.instance = Some(position);
            sending.instance_sent_before = 0;
            if !sending.in_pass() && sending.pass_at_ns.is_none() {
                self.classes[sending.object.priority as usize]
                    .waiting
                    .push_back(slot);
            }
        }
    }
}

/// Time from the start of a pass to the start of the next if nothing else is sent, ms.
pub(super) fn period_ms(config: &Config, sending: &Sending) -> u64 {
    let carousel = sending.object.carousel;
    let packet_bytes = sending.packet_bytes() + usize::from(config.overhead_bytes);
    let pass_bytes = sending
        .packets_per_pass()
        .saturating_mul(packet_bytes as u64);
    let pass_ms = config
        .rate
        .map_or(0, |rate| rate.nanos(pass_bytes) / 1_000_000);
    pass_ms
        .saturating_add(carousel.delay_ms)
        .max(carousel.interval_ms.unwrap_or(0))
}

/// How long an object will be sent if nothing else is, ms.
fn planned_ms(config: &Config, sending: &Sending) -> u64 {
    let passes = sending
        .object
        .carousel
        .passes
        .unwrap_or(u32::MAX)
        .saturating_sub(sending.passes_done);
    period_ms(config, sending)
        .saturating_mul(u64::from(passes))
        .min(MAX_PLANNED_MS)
}
