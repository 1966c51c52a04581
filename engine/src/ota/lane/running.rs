//! The lane on its own thread.

use super::*;

pub(super) struct Setup {
    pub(super) config: LaneConfig,
    pub(super) clock: Clock,
    pub(super) workers: Workers,
    pub(super) events: mpsc::Sender<Event>,
    pub(super) inbox: Receiver<Inbox>,
    pub(super) own: Sender<Inbox>,
    pub(super) stats: Arc<Mutex<Vec<ChannelStats>>>,
}

/// The lane on its thread.
pub(super) struct Running {
    pub(super) backend: Backend,
    transmitter: Box<dyn Transmitter>,
    channels: Vec<LaneChannel>,
    send_failures: Vec<u64>,
    /// The objects of the bursts of this turn, one entry for each burst.
    bursts: Vec<ObjectKey>,
    /// Events of bursts that are perhaps still on their way to the kernel.
    fresh: VecDeque<Event>,
    pending: VecDeque<Event>,
    stats_due_ns: u64,
    urgency: Urgency,
    setup: Setup,
}

impl Running {
    pub(super) fn open(setup: Setup) -> Result<Self, LaneError> {
        let config = &setup.config;
        let (backend, mut transmitter) =
            transmitter::open(config.backend).map_err(|source| LaneError::Backend {
                lane: config.name.clone(),
                source,
            })?;
        let mut channels = Vec::new();
        for (index, channel) in config.channels.iter().enumerate() {
            let interface = &channel.egress.interface;
            let failed = |source| LaneError::Socket {
                channel: channel.name.clone(),
                interface: interface.name.clone(),
                source,
            };
            let socket = socket::sender(&channel.egress).map_err(failed)?;
            let socket = transmitter
                .add_socket(socket, channel.group)
                .map_err(failed)?;
            let reply = Delivered::new(setup.own.clone(), index);
            channels.push(LaneChannel::new(
                channel.name.clone(),
                socket,
                channel.session,
                reply,
            ));
        }
        let send_failures = vec![0; channels.len()];
        let paced = config
            .channels
            .iter()
            .all(|channel| channel.session.rate.is_some());
        let urgency = Urgency::new(paced);
        if paced && !urgency.granted() {
            tracing::info!(lane.name = %config.name, "lane {} shares its core like any thread: packets may be some milliseconds late under load; CAP_SYS_NICE or LimitRTPRIO=1 makes it punctual", config.name);
        }
        Ok(Self {
            backend,
            transmitter,
            channels,
            send_failures,
            bursts: Vec::new(),
            fresh: VecDeque::new(),
            pending: VecDeque::new(),
            stats_due_ns: 0,
            urgency,
            setup,
        })
    }

    pub(super) fn run(mut self) {
        loop {
            while let Ok(message) = self.setup.inbox.try_recv() {
                if !self.handle(message) {
                    return;
                }
            }
            if self.turn() {
                self.urgency.busy(self.setup.clock.mono_ns());
                continue;
            }
            self.urgency.idle();
            let message = match self.wake_ns() {
                Some(at_ns) => self
                    .setup
                    .inbox
                    .recv_deadline(self.setup.clock.instant(at_ns))
                    .ok(),
                None => self.setup.inbox.recv_timeout(MAX_SLEEP).ok(),
            };
            if message.is_some_and(|message| !self.handle(message)) {
                return;
            }
        }
    }

    /// A few bursts of every channel; false once none has anything to send now.
    fn turn(&mut self) -> bool {
        let mut sent = false;
        for _ in 0..BURSTS_PER_TURN {
            let now = self.setup.clock.now();
            let mut sent_now = false;
            for channel in &mut self.channels {
                let burst = channel.advance(now, &self.setup.workers, self.transmitter.as_mut());
                sent_now |= burst.is_some();
                self.bursts.extend(burst.flatten());
                channel.events(now.unix_ms, &self.setup.workers, &mut self.fresh);
            }
            if !sent_now {
                break;
            }
            sent = true;
        }
        // Nothing is reported before the kernel has taken it.
        self.transmitter.flush();
        self.failures();
        self.pending.append(&mut self.fresh);
        self.report();
        sent
    }

    fn wake_ns(&self) -> Option<u64> {
        let limit = self.setup.clock.mono_ns() + MAX_SLEEP.as_nanos() as u64;
        self.channels
            .iter()
            .filter_map(LaneChannel::next_ns)
            .min()
            .map(|at_ns| at_ns.min(limit))
    }

    /// False when the lane is to end.
    fn handle(&mut self, message: Inbox) -> bool {
        match message {
            Inbox::Command(command) => self.command(command),
            Inbox::Encoded { channel, encoded } => {
                if let Some(channel) = self.channels.get_mut(channel) {
                    channel.session_mut().handle_encoded(encoded);
                }
            }
            Inbox::Shutdown => return false,
        }
        true
    }

    fn command(&mut self, command: Command) {
        match command {
            Command::Add {
                channel,
                object,
                source,
                reply,
            } => {
                let now = self.setup.clock.now();
                let result = match self.channel(&channel) {
                    Some(channel) => channel.add(now, *object, source).map_err(Refusal::Add),
                    None => Err(Refusal::Channel(channel)),
                };
                // Whoever asked may have gone; the object is sent all the same.
                let _ = reply.send(result);
            }
            Command::Describe {
                channel,
                toi,
                reply,
            } => {
                let channel = self.channel(&channel);
                let instance = channel.and_then(|channel| {
                    let (id, document) = channel.session_mut().instance_of(toi)?;
                    Some((id, document.to_vec()))
                });
                let _ = reply.send(instance);
            }
            Command::GrantFdtIds {
                channel,
                first,
                count,
            } => {
                if let Some(channel) = self.channel(&channel) {
                    channel.session_mut().grant_fdt_ids(first, count);
                }
            }
            Command::Stop { channel, object } => {
                if let Some(channel) = self.channel(&channel) {
                    channel.session_mut().stop(object);
                }
            }
            Command::Withdraw {
                channel,
                object,
                reply,
            } => {
                let workers = self.setup.workers.clone();
                let answer = self
                    .channel(&channel)
                    .and_then(|channel| channel.withdraw(object, &workers));
                let _ = reply.send(answer);
            }
        }
    }

    fn channel(&mut self, name: &ChannelName) -> Option<&mut LaneChannel> {
        self.channels
            .iter_mut()
            .find(|channel| channel.name == *name)
    }

    /// What could not be sent was not transmitted: its object is given up.
    fn failures(&mut self) {
        while let Some(failure) = self.transmitter.poll_failure() {
            let channel = &mut self.channels[failure.socket];
            self.send_failures[failure.socket] += 1;
            tracing::error!(channel.name = %channel.name, error = %failure.error, "channel {} cannot send", channel.name);
            let Some(object) = failure.object else {
                continue;
            };
            channel.session_mut().fail(object);
            if !failure.partly
                && let Some(burst) = self.bursts.iter().position(|of| *of == object)
            {
                self.bursts.swap_remove(burst);
            }
            retract(&mut self.fresh, object);
            if !self.bursts.contains(&object) {
                retract_first_packet(&mut self.fresh, object);
            }
        }
        self.bursts.clear();
        let at_ms = self.setup.clock.unix_ms();
        for channel in &mut self.channels {
            channel.events(at_ms, &self.setup.workers, &mut self.fresh);
        }
    }

    /// Hands events to the engine without ever waiting for it, and refreshes the statistics.
    fn report(&mut self) {
        if self.pending.len() > MAX_EVENTS {
            self.pending.retain(|event| {
                !matches!(
                    event,
                    Event::PassDone {
                        passes_done: 2..,
                        ..
                    }
                )
            });
        }
        while let Some(event) = self.pending.pop_front() {
            if let Err(mpsc::error::TrySendError::Full(event)) = self.setup.events.try_send(event) {
                self.pending.push_front(event);
                break;
            }
        }
        let now_ns = self.setup.clock.mono_ns();
        if now_ns >= self.stats_due_ns {
            self.stats_due_ns = now_ns + MAX_SLEEP.as_nanos() as u64;
            let stats = self
                .channels
                .iter()
                .zip(&self.send_failures)
                .map(|(channel, failures)| ChannelStats {
                    channel: channel.name.clone(),
                    session: channel.stats(),
                    objects: channel.objects(),
                    send_failures: *failures,
                });
            *self
                .setup
                .stats
                .lock()
                .unwrap_or_else(PoisonError::into_inner) = stats.collect();
        }
    }
}

/// A burst did not leave: the pass that it belonged to is not done, and its object has failed.
fn retract(events: &mut VecDeque<Event>, failed: ObjectKey) {
    events.retain(|event| !matches!(event, Event::PassDone { object, .. } if *object == failed));
    for event in events {
        if let Event::Ended { object, reason, .. } = event
            && *object == failed
        {
            *reason = EndReason::Failed;
        }
    }
}

/// Of the bursts of this turn none has left: the first packet, if it was among them, did not.
fn retract_first_packet(events: &mut VecDeque<Event>, failed: ObjectKey) {
    events.retain(|event| !matches!(event, Event::FirstPacket { object, .. } if *object == failed));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_refused_is_not_reported_as_sent() {
        let (failed, other) = (ObjectKey(1), ObjectKey(2));
        let done = |object| Event::PassDone {
            object,
            passes_done: 1,
            at_ms: 5,
        };
        let ended = |object, reason| Event::Ended {
            object,
            reason,
            at_ms: 5,
        };
        let mut events = VecDeque::from([
            done(failed),
            done(other),
            ended(failed, EndReason::Complete),
            ended(other, EndReason::Complete),
        ]);
        retract(&mut events, failed);
        let expected = [
            done(other),
            ended(failed, EndReason::Failed),
            ended(other, EndReason::Complete),
        ];
        assert_eq!(events, expected);
    }
}
