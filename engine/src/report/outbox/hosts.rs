//! Who may be posted to now. Pure: times go in, notifications come out.
//!
//! Every host has two slots and a short queue; beyond it notifications go back to the store for a
//! while. A host that cannot be reached rests, longer each time, and what waits for it goes back
//! too: the circuit breaker. So a hanging host holds two slots and some of the time not even those.

use std::collections::{HashMap, VecDeque};

use crate::store::Notification;

/// Posts at once to one host.
pub(super) const MAX_PER_HOST: usize = 2;
/// Posts at once.
pub(super) const MAX_POSTS: usize = 32;
/// Notifications claimed and waiting per host: five rounds of time-outs, well within the claim.
pub(super) const MAX_WAITING_PER_HOST: usize = 8;
/// Notifications claimed, posts included.
pub(super) const MAX_HELD: usize = 512;
/// Hosts remembered as unreachable; beyond it all those that rest no more are forgotten.
const MAX_HOSTS: usize = 4096;
/// How long notifications for a busy host go back.
const BUSY_MS: u64 = 10_000;
/// Rest after the first failure; it doubles with each one.
const FIRST_REST_MS: u64 = 10_000;
/// Longest rest.
const MAX_REST_MS: u64 = 300_000;

/// A claimed notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Job {
    pub(super) notification: Notification,
    /// Normal form of the host.
    pub(super) host: String,
    /// When the claim ends.
    pub(super) claimed_until_ms: u64,
}

/// A notification that waits in the store until then.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PutBack {
    pub(super) job: Job,
    pub(super) until_ms: u64,
}

/// Whether a host answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Contact {
    /// It did, whatever it said, or it was not even asked.
    Fine,
    /// No connection, or no answer in time.
    Unreachable,
}

#[derive(Debug, Default)]
struct Host {
    posts: usize,
    waiting: VecDeque<Job>,
    failures: u32,
    rests_until_ms: u64,
}

impl Host {
    fn is_forgettable(&self) -> bool {
        self.posts == 0 && self.waiting.is_empty() && self.failures == 0
    }
}

#[derive(Debug, Default)]
pub(super) struct Hosts {
    hosts: HashMap<String, Host>,
    /// Hosts with waiting notifications, each once, in the order of their turns.
    turns: VecDeque<String>,
    posts: usize,
    waiting: usize,
}

impl Hosts {
    /// How many more may be claimed.
    pub(super) fn room(&self) -> usize {
        MAX_HELD.saturating_sub(self.posts + self.waiting)
    }

    /// Takes a notification, or says until when it has to go back.
    pub(super) fn offer(&mut self, job: Job, now_ms: u64) -> Option<PutBack> {
        if self.hosts.len() >= MAX_HOSTS {
            self.hosts.retain(|_, host| {
                host.posts > 0 || !host.waiting.is_empty() || host.rests_until_ms > now_ms
            });
        }
        let host = self.hosts.entry(job.host.clone()).or_default();
        let until_ms = if host.rests_until_ms > now_ms {
            host.rests_until_ms
        } else if host.waiting.len() >= MAX_WAITING_PER_HOST {
            now_ms + BUSY_MS
        } else {
            if host.waiting.is_empty() {
                self.turns.push_back(job.host.clone());
            }
            host.waiting.push_back(job);
            self.waiting += 1;
            return None;
        };
        Some(PutBack { job, until_ms })
    }

    /// The next notification to post, if there is one and a slot for it.
    pub(super) fn start(&mut self) -> Option<Job> {
        if self.posts >= MAX_POSTS {
            return None;
        }
        for _ in 0..self.turns.len() {
            let name = self.turns.pop_front()?;
            let Some(host) = self.hosts.get_mut(&name) else {
                continue;
            };
            let job = if host.posts < MAX_PER_HOST {
                host.waiting.pop_front()
            } else {
                None
            };
            if !host.waiting.is_empty() {
                self.turns.push_back(name);
            }
            if let Some(job) = job {
                host.posts += 1;
                self.posts += 1;
                self.waiting -= 1;
                return Some(job);
            }
        }
        None
    }

    /// A post is over. Returns what has to go back because its host rests now.
    pub(super) fn finished(&mut self, name: &str, contact: Contact, now_ms: u64) -> Vec<PutBack> {
        let Some(host) = self.hosts.get_mut(name) else {
            return Vec::new();
        };
        self.posts = self.posts.saturating_sub(1);
        host.posts = host.posts.saturating_sub(1);
        let mut back = Vec::new();
        match contact {
            Contact::Fine => {
                host.failures = 0;
                host.rests_until_ms = 0;
            }
            // Posts that were under way together count once.
            Contact::Unreachable if host.rests_until_ms > now_ms => {}
            Contact::Unreachable => {
                let rest_ms = FIRST_REST_MS << host.failures.min(8);
                host.failures = host.failures.saturating_add(1);
                host.rests_until_ms = now_ms + rest_ms.min(MAX_REST_MS);
                let until_ms = host.rests_until_ms;
                back = host
                    .waiting
                    .drain(..)
                    .map(|job| PutBack { job, until_ms })
                    .collect();
                self.waiting -= back.len();
                self.turns.retain(|turn| turn != name);
            }
        }
        if host.is_forgettable() {
            self.hosts.remove(name);
        }
        back
    }

    /// Everything that waits, for the end.
    pub(super) fn drain(&mut self) -> Vec<Job> {
        self.turns.clear();
        self.waiting = 0;
        self.hosts
            .values_mut()
            .flat_map(|host| host.waiting.drain(..))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_800_000_000_000;

    fn job(host: &str, number: usize) -> Job {
        Job {
            notification: Notification {
                delivery: format!("d-{host}-{number}").parse().unwrap(),
                url: format!("http://{host}/"),
                created_ms: NOW,
                attempt: 1,
            },
            host: host.to_owned(),
            claimed_until_ms: NOW + 60_000,
        }
    }

    fn started(hosts: &mut Hosts) -> Vec<Job> {
        std::iter::from_fn(|| hosts.start()).collect()
    }

    fn fill(hosts: &mut Hosts, host: &str, count: usize) -> Vec<PutBack> {
        (0..count)
            .filter_map(|number| hosts.offer(job(host, number), NOW))
            .collect()
    }

    #[test]
    fn a_host_has_two_slots_and_a_short_queue() {
        let mut hosts = Hosts::default();
        let back = fill(&mut hosts, "slow", MAX_WAITING_PER_HOST + 3);
        assert_eq!(back.len(), 3);
        assert_eq!(back[0].until_ms, NOW + BUSY_MS);
        assert!(fill(&mut hosts, "fast", 1).is_empty());
        let jobs = started(&mut hosts);
        assert_eq!(jobs, [job("slow", 0), job("fast", 0), job("slow", 1)]);
        assert_eq!(hosts.finished("slow", Contact::Fine, NOW), []);
        assert_eq!(started(&mut hosts), [job("slow", 2)]);
        assert_eq!(hosts.room(), MAX_HELD - 8);
        assert_eq!(hosts.drain().len(), MAX_WAITING_PER_HOST - 3);
        assert_eq!(hosts.room(), MAX_HELD - 3);
    }

    #[test]
    fn there_is_a_bound_on_all_posts_and_turns_are_fair() {
        let mut hosts = Hosts::default();
        for number in 0..MAX_POSTS {
            fill(&mut hosts, &format!("h{number}"), 2);
        }
        let jobs = started(&mut hosts);
        assert_eq!(jobs.len(), MAX_POSTS);
        let names: std::collections::HashSet<_> = jobs.iter().map(|job| &job.host).collect();
        assert_eq!(names.len(), MAX_POSTS, "every host has its turn");
    }

    #[test]
    fn a_host_that_cannot_be_reached_rests_longer_and_longer() {
        let mut hosts = Hosts::default();
        fill(&mut hosts, "dead", 5);
        let jobs = started(&mut hosts);
        assert_eq!(jobs.len(), 2);
        let back = hosts.finished("dead", Contact::Unreachable, NOW);
        assert_eq!(back.len(), 3);
        assert_eq!(back[0].until_ms, NOW + FIRST_REST_MS);
        assert_eq!(hosts.finished("dead", Contact::Unreachable, NOW + 1), []);
        assert_eq!(hosts.room(), MAX_HELD);
        let mut now_ms = NOW;
        for rest_ms in [10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000] {
            let back = hosts.offer(job("dead", 9), now_ms).unwrap();
            assert_eq!(back.until_ms, now_ms + rest_ms);
            now_ms = back.until_ms;
            assert_eq!(hosts.offer(job("dead", 9), now_ms), None);
            assert_eq!(started(&mut hosts).len(), 1);
            hosts.finished("dead", Contact::Unreachable, now_ms);
        }
        now_ms += MAX_REST_MS;
        assert_eq!(hosts.offer(job("dead", 9), now_ms), None);
        started(&mut hosts);
        hosts.finished("dead", Contact::Fine, now_ms);
        assert!(hosts.hosts.is_empty(), "nothing to remember");
    }

    #[test]
    fn the_memory_of_dead_hosts_is_bounded() {
        let mut hosts = Hosts::default();
        for number in 0..2 * MAX_HOSTS {
            let name = format!("h{number}");
            let now_ms = NOW + 1000 * u64::try_from(number).unwrap();
            assert_eq!(hosts.offer(job(&name, 0), now_ms), None);
            started(&mut hosts);
            hosts.finished(&name, Contact::Unreachable, now_ms);
        }
        assert!(hosts.hosts.len() <= MAX_HOSTS);
    }
}
