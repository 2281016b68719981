//! Keeps the Events that wait to be published, and gives each namespace its turn, so a long queue
//! of one namespace delays no other.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound::{Excluded, Included, Unbounded};
use std::time::Duration;

use super::event::Identity;
use super::limit::Limit;

/// What is to be done with an Event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Turn {
    /// It is made; this goes first.
    New,
    /// It is refreshed.
    Refresh,
}

/// One Event that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Waiting {
    pub(super) turn: Turn,
    /// When it is due.
    pub(super) due: Duration,
    pub(super) identity: Identity,
}

/// All that wait, by namespace.
#[derive(Debug, Default)]
pub(super) struct Queue {
    namespaces: BTreeMap<Box<str>, BTreeSet<Waiting>>,
    /// The namespace that was served last.
    served: Box<str>,
}

impl Queue {
    /// Adds one.
    pub(super) fn push(&mut self, namespace: &str, waiting: Waiting) {
        match self.namespaces.get_mut(namespace) {
            Some(queue) => _ = queue.insert(waiting),
            None => {
                _ = self
                    .namespaces
                    .insert(namespace.into(), BTreeSet::from([waiting]));
            }
        }
    }

    /// Removes one that need not be published any more.
    pub(super) fn remove(&mut self, namespace: &str, waiting: &Waiting) {
        let Some(queue) = self.namespaces.get_mut(namespace) else {
            return;
        };
        queue.remove(waiting);
        if queue.is_empty() {
            self.namespaces.remove(namespace);
        }
    }

    /// Takes out the next one that is due, of the namespace whose turn it is.
    pub(super) fn take(&mut self, now: Duration, limit: &Limit) -> Option<Waiting> {
        if limit.all() > now {
            return None;
        }
        let after = self
            .namespaces
            .range::<str, _>((Excluded(&*self.served), Unbounded));
        let before = self
            .namespaces
            .range::<str, _>((Unbounded, Included(&*self.served)));
        let (namespace, waiting) = after.chain(before).find_map(|(namespace, queue)| {
            let waiting = next(queue, now)?;
            (limit.namespace(namespace) <= now).then(|| (namespace.clone(), waiting))
        })?;
        self.remove(&namespace, &waiting);
        self.served = namespace;
        Some(waiting)
    }

    /// When there may be something to take.
    pub(super) fn wake(&self, limit: &Limit) -> Option<Duration> {
        let first = |queue: &BTreeSet<Waiting>| {
            [Turn::New, Turn::Refresh]
                .iter()
                .filter_map(|turn| Some(first(queue, *turn)?.due))
                .min()
        };
        let each = self.namespaces.iter();
        let first = each
            .filter_map(|(namespace, queue)| Some(first(queue)?.max(limit.namespace(namespace))))
            .min()?;
        Some(first.max(limit.all()))
    }
}

/// The earliest of a queue.
fn first(queue: &BTreeSet<Waiting>, turn: Turn) -> Option<&Waiting> {
    let least = Waiting {
        turn,
        due: Duration::ZERO,
        identity: Identity::default(),
    };
    queue
        .range(least..)
        .next()
        .filter(|waiting| waiting.turn == turn)
}

/// The one that is due now: a new one, or else a refresh.
fn next(queue: &BTreeSet<Waiting>, now: Duration) -> Option<Waiting> {
    let due = |turn: &Turn| first(queue, *turn).filter(|waiting| waiting.due <= now);
    [Turn::New, Turn::Refresh].iter().find_map(due).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watch::limit::NAMESPACE_EVENTS_AT_ONCE;

    fn waiting(turn: Turn, due: u64, number: u8) -> Waiting {
        Waiting {
            turn,
            due: Duration::from_secs(due),
            identity: Identity([number; 16]),
        }
    }

    #[test]
    fn namespaces_take_turns_and_new_events_go_before_refreshes() {
        let mut queue = Queue::default();
        let limit = Limit::new();
        for number in 1..=3 {
            queue.push("evil", waiting(Turn::New, 1, number));
        }
        queue.push("evil", waiting(Turn::Refresh, 0, 4));
        queue.push("shop", waiting(Turn::New, 1, 5));
        queue.push("shop", waiting(Turn::New, 9, 6));
        assert_eq!(queue.wake(&limit), Some(Duration::ZERO));
        let now = Duration::from_secs(1);
        let taken: Vec<u8> = std::iter::from_fn(|| queue.take(now, &limit))
            .map(|one| one.identity.0[0])
            .collect();
        assert_eq!(taken, [1, 5, 2, 3, 4]);
        assert_eq!(queue.wake(&limit), Some(Duration::from_secs(9)));
    }

    #[test]
    fn a_namespace_beyond_its_limit_is_passed_over() {
        let mut queue = Queue::default();
        let mut limit = Limit::new();
        let now = Duration::from_secs(1);
        for _ in 0..NAMESPACE_EVENTS_AT_ONCE {
            limit.take("evil", now);
        }
        queue.push("evil", waiting(Turn::New, 0, 1));
        queue.push("shop", waiting(Turn::New, 0, 2));
        assert_eq!(queue.take(now, &limit), Some(waiting(Turn::New, 0, 2)));
        assert_eq!(queue.take(now, &limit), None);
        assert_eq!(queue.wake(&limit), Some(limit.namespace("evil")));
    }
}
