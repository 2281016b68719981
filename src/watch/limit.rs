//! Limits how fast Events are created: for each namespace, for all together, and for each Plug. The
//! API server does not limit this group.

use std::collections::BTreeMap;
use std::time::Duration;

/// Events a second, for all namespaces together.
pub const EVENTS_PER_SECOND: u32 = 20;
/// Events at once, after a quiet time.
pub const EVENTS_AT_ONCE: u32 = 100;
/// Events a second of one namespace.
pub const NAMESPACE_EVENTS_PER_SECOND: u32 = 5;
/// Events of one namespace at once, after a quiet time.
pub const NAMESPACE_EVENTS_AT_ONCE: u32 = 25;
/// How long after a new Event the same Plug gets no other.
pub const PLUG_INTERVAL: Duration = Duration::from_secs(60);

/// A bucket of Events: full after a quiet time, and filled at a steady rate.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    size: u32,
    /// How long one Event takes to come back.
    each: Duration,
    /// When it would be full, were nothing more taken out of it.
    full: Duration,
}

impl Bucket {
    fn new(size: u32, per_second: u32) -> Self {
        Self {
            size,
            each: Duration::from_secs(1) / per_second,
            full: Duration::ZERO,
        }
    }

    /// When there is an Event in it.
    fn at(&self) -> Duration {
        (self.full + self.each).saturating_sub(self.each * self.size)
    }

    fn take(&mut self, now: Duration) {
        self.full = self.full.max(now) + self.each;
    }

    fn give_back(&mut self) {
        self.full = self.full.saturating_sub(self.each);
    }
}

/// All limits. A caller that is not allowed yet tries again.
#[derive(Debug)]
pub(super) struct Limit {
    all: Bucket,
    /// By namespace; one that is full again is not kept.
    namespaces: BTreeMap<Box<str>, Bucket>,
    /// By Plug or workload: when it may have its next one.
    next: BTreeMap<String, Duration>,
}

impl Limit {
    /// Nothing was made yet.
    pub(super) fn new() -> Self {
        let all = Bucket::new(EVENTS_AT_ONCE, EVENTS_PER_SECOND);
        Self {
            all,
            namespaces: BTreeMap::new(),
            next: BTreeMap::new(),
        }
    }

    /// When any Event may be made.
    pub(super) fn all(&self) -> Duration {
        self.all.at()
    }

    /// When this namespace may have an Event, as far as its own limit goes.
    pub(super) fn namespace(&self, namespace: &str) -> Duration {
        self.namespaces
            .get(namespace)
            .map_or(Duration::ZERO, Bucket::at)
    }

    /// When this Plug or workload may have an Event, as far as its own limit goes.
    pub(super) fn own(&self, whose: &str) -> Duration {
        self.next.get(whose).copied().unwrap_or_default()
    }

    /// An Event of this namespace is made now.
    pub(super) fn take(&mut self, namespace: &str, now: Duration) {
        self.all.take(now);
        self.namespaces.retain(|_, bucket| bucket.full > now);
        let empty = Bucket::new(NAMESPACE_EVENTS_AT_ONCE, NAMESPACE_EVENTS_PER_SECOND);
        self.namespaces
            .entry(namespace.into())
            .or_insert(empty)
            .take(now);
    }

    /// A new Event of this Plug or workload is made now.
    pub(super) fn take_own(&mut self, whose: &str, now: Duration) {
        self.next.retain(|_, next| *next > now);
        self.next.insert(whose.to_owned(), now + PLUG_INTERVAL);
    }

    /// No Event was made after all: another replica's is there, or nobody can read it.
    pub(super) fn give_back(&mut self, namespace: &str, whose: &str) {
        self.all.give_back();
        if let Some(bucket) = self.namespaces.get_mut(namespace) {
            bucket.give_back();
        }
        self.next.remove(whose);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_then_a_steady_rate_and_what_is_given_back_can_be_taken_again() {
        let mut bucket = Bucket::new(3, 5);
        let start = Duration::from_secs(100);
        for _ in 0..3 {
            assert!(bucket.at() <= start, "the burst waits for nothing");
            bucket.take(start);
        }
        assert_eq!(bucket.at(), start + bucket.each);
        bucket.give_back();
        assert!(bucket.at() <= start);
    }

    #[test]
    fn one_namespace_does_not_use_up_what_is_there_for_all() {
        let mut limit = Limit::new();
        let now = Duration::from_secs(1);
        for _ in 0..NAMESPACE_EVENTS_AT_ONCE {
            assert!(limit.namespace("evil") <= now);
            limit.take("evil", now);
        }
        assert!(limit.namespace("evil") > now);
        assert!(limit.namespace("shop") <= now && limit.all() <= now);
        limit.take("shop", now + Duration::from_secs(60));
        assert_eq!(limit.namespaces.len(), 1, "what is over is forgotten");
    }

    #[test]
    fn a_plug_waits_for_its_minute_and_others_do_not() {
        let mut limit = Limit::new();
        let now = Duration::from_secs(1);
        limit.take_own("a", now);
        assert_eq!(limit.own("a"), now + PLUG_INTERVAL);
        assert!(limit.own("b") <= now);
        limit.take_own("b", now + PLUG_INTERVAL);
        assert_eq!(limit.next.len(), 1, "what is over is forgotten");
        limit.give_back("shop", "b");
        assert!(limit.own("b") <= now);
    }
}
