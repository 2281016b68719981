//! Finds the most similar of a few names, for *did you mean*.

use crate::limits;

/// Edits (insert, delete, replace, swap of neighbours) up to which two names are near.
const NEAR: usize = 2;

/// The candidate nearest to `name`, if one is near enough to be what was meant. Order-free: ties go
/// by name.
pub fn suggest<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    if name.is_empty() || name.len() > limits::SUGGESTION_BYTES {
        return None;
    }
    let letters = letters(name);
    let within = NEAR.min(name.len().div_ceil(3));
    candidates
        .into_iter()
        .filter(|candidate| {
            candidate.len() <= limits::SUGGESTION_BYTES
                && candidate.len().abs_diff(name.len()) <= NEAR
        })
        // one edit adds a letter, takes one away, or does both
        .filter(|candidate| {
            (self::letters(candidate) ^ letters).count_ones() as usize <= 2 * within
        })
        .filter_map(|candidate| {
            Some((
                distance(name, candidate).filter(|&d| d <= within)?,
                candidate,
            ))
        })
        .min()
        .map(|(_, candidate)| candidate)
}

/// The set of a name's letters; upper and lower case are one.
fn letters(name: &str) -> u64 {
    name.bytes()
        .fold(0, |set, byte| set | 1 << (byte.to_ascii_lowercase() & 63))
}

/// The edits between two names (optimal string alignment), case aside; `None` where they are
/// certainly more than [`NEAR`].
fn distance(a: &str, b: &str) -> Option<usize> {
    let (a, b) = (
        a.to_ascii_lowercase().into_bytes(),
        b.to_ascii_lowercase().into_bytes(),
    );
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, &from) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, &to) in b.iter().enumerate() {
            let mut cost = (last[j] + usize::from(from != to))
                .min(last[j + 1] + 1)
                .min(row[j] + 1);
            if i > 0 && j > 0 && from == b[j - 1] && to == a[i - 1] {
                cost = cost.min(before[j - 1] + 1);
            }
            row.push(cost);
        }
        if row.iter().all(|&cost| cost > NEAR) {
            return None;
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name() {
        let fields = [
            "interface",
            "socket",
            "workloads",
            "config",
            "configFrom",
            "bind",
            "name",
            "allow",
        ];
        for (typed, meant) in [
            ("interfce", Some("interface")),
            ("interfaces", Some("interface")),
            ("workload", Some("workloads")),
            ("wrokloads", Some("workloads")),
            ("configfrom", Some("configFrom")),
            ("confg", Some("config")),
            ("nmae", Some("name")),
            ("sokcets", Some("socket")),
            ("selector", None),
            ("bnd", Some("bind")),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(suggest(typed, fields), meant, "{typed}");
        }
    }

    #[test]
    fn ties_do_not_depend_on_order() {
        assert_eq!(suggest("mongo-c", ["mongo-b", "mongo-a"]), Some("mongo-a"));
        assert_eq!(suggest("mongo-c", ["mongo-a", "mongo-b"]), Some("mongo-a"));
    }

    #[test]
    fn short_names_need_to_be_nearer() {
        assert_eq!(suggest("db", ["dc", "ab", "xy"]), Some("ab"));
        assert_eq!(suggest("db", ["xy", "mq"]), None);
    }

    #[test]
    fn long_names_get_none() {
        let long = "a".repeat(limits::SUGGESTION_BYTES + 1);
        assert_eq!(suggest(&long, [long.as_str()]), None);
    }
}
