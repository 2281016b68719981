//! Decides which connection is closed when there are too many: the oldest one of the address that
//! has the most.
//!
//! Whoever opens connections without end closes his own: a probe, which comes from another address,
//! keeps its place.

use std::collections::BTreeMap;
use std::net::IpAddr;

/// The connections that are open, oldest first.
#[derive(Debug)]
pub(super) struct ConnectionPlaces {
    limit: usize,
    open: BTreeMap<u64, IpAddr>,
    next: u64,
}

/// A connection that was let in.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Admitted {
    /// Its number.
    pub(super) id: u64,
    /// The connection that must be closed for it.
    pub(super) closed: Option<u64>,
}

impl ConnectionPlaces {
    /// No connection yet, and at most so many at once.
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            open: BTreeMap::new(),
            next: 0,
        }
    }

    /// Lets a connection in.
    pub(super) fn admit(&mut self, peer: IpAddr) -> Admitted {
        let closed = if self.open.len() < self.limit {
            None
        } else {
            self.oldest_of_the_busiest()
        };
        if let Some(closed) = closed {
            self.open.remove(&closed);
        }
        let id = self.next;
        self.next += 1;
        self.open.insert(id, peer);
        Admitted { id, closed }
    }

    /// A connection has ended.
    pub(super) fn leave(&mut self, id: u64) {
        self.open.remove(&id);
    }

    fn oldest_of_the_busiest(&self) -> Option<u64> {
        let mut held: BTreeMap<IpAddr, usize> = BTreeMap::new();
        for peer in self.open.values() {
            *held.entry(*peer).or_default() += 1;
        }
        let most = held.values().max()?;
        let busiest = |(_, peer): &(&u64, &IpAddr)| held.get(peer) == Some(most);
        self.open.iter().find(busiest).map(|(id, _)| *id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KUBELET: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1));
    const HOSTILE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 2));

    #[test]
    fn a_flood_closes_its_own_connections() {
        let mut places = ConnectionPlaces::new(4);
        let probe = places.admit(KUBELET);
        for _ in 0..1_000 {
            assert_ne!(places.admit(HOSTILE).closed, Some(probe.id));
        }
        assert_eq!(places.open.len(), 4);
    }

    #[test]
    fn the_oldest_is_closed_where_all_come_from_one_address() {
        let mut places = ConnectionPlaces::new(2);
        let first = places.admit(HOSTILE);
        let second = places.admit(HOSTILE);
        assert_eq!((first.closed, second.closed), (None, None));
        assert_eq!(places.admit(HOSTILE).closed, Some(first.id));
        places.leave(second.id);
        assert_eq!(places.admit(HOSTILE).closed, None, "a place is free again");
    }
}
