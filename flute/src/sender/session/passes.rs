//! Passes: which object sends next, and what follows when its pass is over.

use crate::lct;
use crate::time::Now;

use super::super::describe::period_ms;
use super::super::instance::Burst;
use super::super::object::Sending;
use super::super::timers::Timer;
use super::super::{EndReason, Event, Priority, Transmit};
use super::{MAX_ACTIVE, MIN_FDT_PER_OBJECT, Session};

impl Session {
    /// Datagrams of this length, overhead included, that fit one burst.
    fn burst_segments(&self, datagram_bytes: usize, max_segments: usize) -> usize {
        let with_overhead = datagram_bytes + usize::from(self.config.overhead_bytes);
        (self.pacer.burst_bytes() / with_overhead).clamp(1, max_segments.max(1))
    }

    /// Repetitions that are paid for, then class by class what objects need and what they have,
    /// then whatever repetitions wait.
    pub(super) fn next_burst(
        &mut self,
        now: Now,
        max_segments: usize,
        buf: &mut Vec<u8>,
    ) -> Option<Transmit> {
        if self.fdts.may_repeat()
            && let Some(transmit) = self.repetition_burst(now, max_segments, buf)
        {
            return Some(transmit);
        }
        for priority in Priority::DESCENDING {
            let class = priority as usize;
            let transmit = if self.fdts.is_needed(class) {
                self.needed_burst(class, now, max_segments, buf)
            } else {
                self.object_burst(class, now, max_segments, buf)
            };
            if transmit.is_some() {
                self.fdts.paid(buf.len());
                return transmit;
            }
        }
        self.repetition_burst(now, max_segments, buf)
    }

    fn fdt_segments(&self, max_segments: usize) -> usize {
        self.burst_segments(usize::from(self.config.fdt_symbol_bytes), max_segments)
    }

    fn repetition_burst(
        &mut self,
        now: Now,
        max_segments: usize,
        buf: &mut Vec<u8>,
    ) -> Option<Transmit> {
        let max_segments = self.fdt_segments(max_segments);
        let burst = Burst { max_segments, buf };
        self.fdts.write_repetition(now, &mut self.timers, burst)
    }

    fn needed_burst(
        &mut self,
        class: usize,
        now: Now,
        max_segments: usize,
        buf: &mut Vec<u8>,
    ) -> Option<Transmit> {
        let max_segments = self.fdt_segments(max_segments);
        let burst = Burst { max_segments, buf };
        self.fdts.write_needed(class, now, &mut self.timers, burst)
    }

    fn object_burst(
        &mut self,
        class: usize,
        now: Now,
        max_segments: usize,
        buf: &mut Vec<u8>,
    ) -> Option<Transmit> {
        while let Some(slot) = self.next_turn(class) {
            let Some(sending) = self.objects[slot].as_ref() else {
                continue;
            };
            if sending.object.carousel.until_unix_ms <= now.unix_ms {
                self.end(slot, EndReason::Expired);
                continue;
            }
            let segments = self.burst_segments(sending.packet_bytes(), max_segments);
            let segments = sending.next_burst_len(segments);
            if sending.would_end_pass(segments)
                && sending.is_last_pass()
                && let Some(instance) = self.instance_owed(sending)
            {
                self.fdts.need(instance);
                return self.needed_burst(class, now, max_segments, buf);
            }
            return self.write_object(slot, segments, now, buf);
        }
        None
    }

    /// The next object of a class with symbols ready, round robin.
    fn next_turn(&mut self, class: usize) -> Option<usize> {
        let class = &mut self.classes[class];
        let count = class.active.len();
        let position = (0..count)
            .map(|step| (class.turn + step) % count)
            .find(|at| {
                self.objects[class.active[*at]]
                    .as_ref()
                    .is_some_and(Sending::is_ready)
            })?;
        class.turn = position + 1;
        Some(class.active[position])
    }

    /// The instance that must be sent again before the object's last packet.
    fn instance_owed(&self, sending: &Sending) -> Option<usize> {
        let slot = sending.instance?;
        let sent = self.fdts.sent(slot) - sending.instance_sent_before;
        (sent < MIN_FDT_PER_OBJECT).then_some(slot)
    }

    fn write_object(
        &mut self,
        slot: usize,
        segments: usize,
        now: Now,
        buf: &mut Vec<u8>,
    ) -> Option<Transmit> {
        let sending = self.objects[slot].as_mut()?;
        let object = sending.object.key;
        let (transmit, pass_over) = sending.write_burst(segments, buf)?;
        if self.closing && pass_over {
            buf[lct::FLAGS_OFFSET] |= lct::CLOSE_SESSION_FLAG;
        }
        if !sending.first_packet_sent {
            sending.first_packet_sent = true;
            self.events.push_back(Event::FirstPacket { object });
        }
        if pass_over {
            self.pass_over(slot, now);
        }
        Some(transmit)
    }

    fn pass_over(&mut self, slot: usize, now: Now) {
        let Some(sending) = self.objects[slot].as_mut() else {
            return;
        };
        let object = sending.object.key;
        let carousel = sending.object.carousel;
        let passes_done = sending.passes_done;
        let class = &mut self.classes[sending.object.priority as usize];
        class.active.retain(|active| *active != slot);
        if sending.stopping {
            self.end(slot, EndReason::Stopped);
            return;
        }
        self.events.push_back(Event::PassDone {
            object,
            passes_done,
        });
        if carousel.passes.is_some_and(|passes| passes_done >= passes) {
            self.end(slot, EndReason::Complete);
            return;
        }
        let after_pause = now
            .mono_ns
            .saturating_add(carousel.delay_ms.saturating_mul(1_000_000));
        let after_interval = carousel.interval_ms.unwrap_or(0).saturating_mul(1_000_000);
        let at_ns = after_pause.max(sending.pass_started_ns.saturating_add(after_interval));
        let wait_ms = (at_ns - now.mono_ns) / 1_000_000;
        if sending.last_by_time || now.unix_ms.saturating_add(wait_ms) >= carousel.until_unix_ms {
            self.end(slot, EndReason::Complete);
            return;
        }
        sending.pass_at_ns = Some(at_ns);
        self.timers.set(at_ns, Timer::Pass(slot));
    }

    pub(super) fn begin_passes(&mut self, now: Now) {
        for class in 0..Priority::COUNT {
            while self.classes[class].active.len() < MAX_ACTIVE {
                let Some(slot) = self.classes[class].waiting.pop_front() else {
                    break;
                };
                let Some(sending) = self.objects[slot].as_mut() else {
                    continue;
                };
                self.classes[class].active.push(slot);
                let period_ms = period_ms(&self.config, sending);
                let next_unix_ms = now.unix_ms.saturating_add(period_ms);
                sending.last_by_time = next_unix_ms >= sending.object.carousel.until_unix_ms;
                sending.begin_pass(now.mono_ns);
                if let Some(instance) = sending.instance {
                    self.fdts.need_unless_fresh(instance, now);
                }
            }
        }
    }
}
