//! Which serial numbers may be used next: never two texts under one message identifier and serial
//! number.
//!
//! Phones remember what they have shown for about a day, so a serial number rests after its
//! message ended before another text may have it. This is a model without a clock and without a
//! disk: the caller passes the time in and stores [`Allocator::uses`] and
//! [`Allocator::next_code`] before it sends anything.
//!
//! ```text
//!   free ──allocate──▶ active ──update, release──▶ resting ──rest time──▶ free
//! ```

use std::collections::BTreeMap;
use std::time::Duration;

use crate::message_id::MessageId;
use crate::serial::{
    ETWS_FLAGS, GeographicalScope, MAX_ETWS_MESSAGE_CODE, MAX_MESSAGE_CODE, MessageCode,
    SerialNumber, UpdateNumber,
};

/// How long a serial number rests unless told otherwise: as long as phones remember.
pub const DEFAULT_REST: Duration = Duration::from_hours(24);

/// What is known about a serial number that is not free.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UseState {
    /// A message on the air, or about to be.
    Active,
    /// Its message ended.
    Resting {
        /// Free again from then on, unix milliseconds.
        until_ms: u64,
    },
}

/// A serial number that is not free.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Use {
    /// Serial number.
    pub serial: SerialNumber,
    /// Since when and until when.
    pub state: UseState,
}

/// A serial number that cannot be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AllocateError {
    /// Every message code is active or rests.
    #[error("every message code of message identifier {message_id} is taken")]
    CodesExhausted {
        /// When the first one becomes free, unix milliseconds; `None` if all are active.
        free_at_ms: Option<u64>,
        /// Message identifier.
        message_id: MessageId,
    },
    /// No message is active under it.
    #[error("no message is active under serial number {serial}")]
    NotActive {
        /// Serial number.
        serial: SerialNumber,
    },
    /// Already active or resting.
    #[error("serial number {serial} is already taken")]
    Taken {
        /// Serial number.
        serial: SerialNumber,
    },
    /// All sixteen update numbers were used within the rest time: phones would take the next
    /// version for one that they have shown. End the message and start one with a new code.
    #[error("every update number after {serial} was used too recently")]
    UpdatesExhausted {
        /// When the next update number becomes free, unix milliseconds.
        free_at_ms: u64,
        /// Serial number of the present version.
        serial: SerialNumber,
    },
}

/// The serial numbers of one message identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allocator {
    message_id: MessageId,
    rest: Duration,
    next_code: u16,
    /// By serial number without ETWS flags. At most one use for each of 65536 serial numbers.
    uses: BTreeMap<u16, Use>,
}

impl Allocator {
    /// All serial numbers are free, as of a message identifier that was never used.
    pub const fn new(message_id: MessageId, rest: Duration) -> Self {
        Self {
            message_id,
            rest,
            next_code: 0,
            uses: BTreeMap::new(),
        }
    }

    /// Goes on where another one stopped. Two uses of one serial number are an error.
    pub fn restore(
        message_id: MessageId,
        rest: Duration,
        next_code: MessageCode,
        uses: impl IntoIterator<Item = Use>,
    ) -> Result<Self, AllocateError> {
        let mut allocator = Self::new(message_id, rest);
        allocator.next_code = next_code.value() % (allocator.max_code() + 1);
        for one in uses {
            allocator.insert(one)?;
        }
        Ok(allocator)
    }

    /// Message identifier.
    pub const fn message_id(&self) -> MessageId {
        self.message_id
    }

    /// Where the search for a free code goes on; part of what is to be stored.
    pub const fn next_code(&self) -> MessageCode {
        SerialNumber(self.next_code << 4).code()
    }

    /// Everything that is not free; part of what is to be stored.
    pub fn uses(&self) -> impl Iterator<Item = Use> {
        self.uses.values().copied()
    }

    /// A serial number for a new message: a code that nothing active or resting has, in any
    /// scope, and update number 0.
    pub fn allocate(
        &mut self,
        scope: GeographicalScope,
        now_ms: u64,
    ) -> Result<SerialNumber, AllocateError> {
        self.forget_rested(now_ms);
        let mut taken = vec![false; usize::from(self.max_code()) + 1];
        for serial in self.uses.keys() {
            if let Some(taken) = taken.get_mut(self.code_of(*serial)) {
                *taken = true;
            }
        }
        let codes = taken.len();
        let start = usize::from(self.next_code);
        let free = (0..codes)
            .map(|step| (start + step) % codes)
            .find(|code| taken.get(*code) == Some(&false))
            .ok_or_else(|| self.exhausted())?;
        self.next_code = ((free + 1) % codes) as u16;
        let code = SerialNumber((free as u16) << 4).code();
        let serial = SerialNumber::new(scope, code, UpdateNumber::default());
        self.insert(Use {
            serial,
            state: UseState::Active,
        })?;
        Ok(serial)
    }

    /// A serial number for the next version of an active message, with the same ETWS flags. The
    /// version before it rests from now on.
    pub fn update(
        &mut self,
        serial: SerialNumber,
        now_ms: u64,
    ) -> Result<SerialNumber, AllocateError> {
        self.active(serial)?;
        self.forget_rested(now_ms);
        let next = serial.next_version();
        if let Some(Use { state, .. }) = self.uses.get(&self.key(next)) {
            return Err(match state {
                UseState::Active => AllocateError::Taken { serial: next },
                UseState::Resting { until_ms } => AllocateError::UpdatesExhausted {
                    free_at_ms: *until_ms,
                    serial,
                },
            });
        }
        self.release(serial, now_ms)?;
        self.insert(Use {
            serial: next,
            state: UseState::Active,
        })?;
        Ok(next)
    }

    /// Ends an active message; its serial number rests from now on.
    pub fn release(&mut self, serial: SerialNumber, now_ms: u64) -> Result<(), AllocateError> {
        let rest_ms = u64::try_from(self.rest.as_millis()).unwrap_or(u64::MAX);
        self.active(serial)?.state = UseState::Resting {
            until_ms: now_ms.saturating_add(rest_ms),
        };
        Ok(())
    }

    /// Takes over a serial number that was found on the air.
    pub fn adopt(&mut self, serial: SerialNumber) -> Result<(), AllocateError> {
        self.insert(Use {
            serial,
            state: UseState::Active,
        })
    }

    /// Frees what has rested long enough; also done before every allocation.
    pub fn forget_rested(&mut self, now_ms: u64) {
        self.uses.retain(|_, one| match one.state {
            UseState::Active => true,
            UseState::Resting { until_ms } => until_ms > now_ms,
        });
    }

    fn insert(&mut self, one: Use) -> Result<(), AllocateError> {
        let key = self.key(one.serial);
        if self.uses.contains_key(&key) {
            return Err(AllocateError::Taken { serial: one.serial });
        }
        self.uses.insert(key, one);
        Ok(())
    }

    fn active(&mut self, serial: SerialNumber) -> Result<&mut Use, AllocateError> {
        let key = self.key(serial);
        self.uses
            .get_mut(&key)
            .filter(|one| one.state == UseState::Active)
            .ok_or(AllocateError::NotActive { serial })
    }

    fn exhausted(&self) -> AllocateError {
        let mut free_at_ms: BTreeMap<usize, Option<u64>> = BTreeMap::new();
        for (key, one) in &self.uses {
            let until = match one.state {
                UseState::Active => None,
                UseState::Resting { until_ms } => Some(until_ms),
            };
            // A code is free when the last of its serial numbers is.
            free_at_ms
                .entry(self.code_of(*key))
                .and_modify(|known| *known = known.zip(until).map(|(a, b)| a.max(b)))
                .or_insert(until);
        }
        AllocateError::CodesExhausted {
            free_at_ms: free_at_ms.values().flatten().min().copied(),
            message_id: self.message_id,
        }
    }

    fn max_code(&self) -> u16 {
        if self.message_id.is_etws() {
            MAX_ETWS_MESSAGE_CODE
        } else {
            MAX_MESSAGE_CODE
        }
    }

    fn code_of(&self, key: u16) -> usize {
        usize::from(key >> 4 & self.max_code())
    }

    /// ETWS flags do not tell messages apart.
    fn key(&self, serial: SerialNumber) -> u16 {
        if self.message_id.is_etws() {
            serial.0 & !ETWS_FLAGS
        } else {
            serial.0
        }
    }
}

#[cfg(test)]
mod tests;
