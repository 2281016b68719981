//! How fast new Events may be made: a bucket for all, a minute for each Plug. The API server limits nobody in this group.

use std::collections::BTreeMap;
use std::time::Duration;

/// New Events a second, for all Plugs together.
pub const EVENTS_PER_SECOND: u32 = 5;
/// New Events at once, after a quiet time.
pub const EVENTS_AT_ONCE: u32 = 25;
/// How long after a new Event the same Plug gets no other.
pub const PLUG_INTERVAL: Duration = Duration::from_secs(60);

/// The two limits. Whoever is not allowed yet asks again.
#[derive(Debug)]
pub(super) struct Limit {
    /// When the bucket would be full, were nothing more taken out of it.
    full: Duration,
    /// By Plug or workload: when it may have its next one.
    next: BTreeMap<String, Duration>,
}

const EACH: Duration = Duration::from_millis(1000 / EVENTS_PER_SECOND as u64);

impl Limit {
    pub(super) fn new() -> Self {
        Self { full: Duration::ZERO, next: BTreeMap::new() }
    }

    /// When this one may have an Event: now, or later.
    pub(super) fn at(&self, whose: &str, now: Duration) -> Duration {
        let bucket = (self.full + EACH).saturating_sub(EACH * EVENTS_AT_ONCE);
        let own = self.next.get(whose).copied().unwrap_or_default();
        now.max(bucket).max(own)
    }

    /// It has one now.
    pub(super) fn take(&mut self, whose: &str, now: Duration) {
        self.full = self.full.max(now) + EACH;
        self.next.retain(|_, next| *next > now);
        self.next.insert(whose.to_owned(), now + PLUG_INTERVAL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_then_a_steady_rate() {
        let mut limit = Limit::new();
        let start = Duration::from_secs(100);
        let mut now = start;
        for plug in 0..100 {
            let whose = plug.to_string();
            now = limit.at(&whose, now);
            limit.take(&whose, now);
            if plug == EVENTS_AT_ONCE - 1 {
                assert_eq!(now, start, "the burst waits for nothing");
            }
        }
        assert_eq!(now - start, EACH * (100 - EVENTS_AT_ONCE));
    }

    #[test]
    fn a_plug_waits_for_its_minute_and_others_do_not() {
        let mut limit = Limit::new();
        let now = Duration::from_secs(1);
        limit.take("a", now);
        assert_eq!(limit.at("a", now), now + PLUG_INTERVAL);
        assert_eq!(limit.at("b", now), now);
        limit.take("b", now + PLUG_INTERVAL);
        assert_eq!(limit.next.len(), 1, "what is over is forgotten");
    }
}
