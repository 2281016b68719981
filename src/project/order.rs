//! Where new variables stand: after the author's own, unless one of those uses one of ours as `$(NAME)`; then before
//! the first that does. Parts always stand before the text that is made of them.

use std::collections::BTreeMap;

use super::plan::{Placed, Spot};
use crate::couple::EnvSource;

/// The names that the kubelet expands in a text: `$(NAME)`; `$$` is an escape.
///
/// <https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/>
pub(super) fn references(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let after = &rest[rest.find('$')? + 1..];
            match after.as_bytes().first()? {
                b'(' => match after.find(')') {
                    Some(end) => {
                        rest = &after[end + 1..];
                        return Some(&after[1..end]);
                    }
                    None => rest = &after[1..],
                },
                b'$' => rest = &after[1..],
                _ => rest = after,
            }
        }
    })
}

/// Positions of new variables by name: each has its own.
pub(super) type ByName<'p> = BTreeMap<&'p str, usize>;

/// The positions among the author's variables before which new ones must stand; `last` where nothing asks for more.
///
/// `users` are the author's texts with their positions, in order.
pub(super) fn positions(new: &[Placed<'_>], by_name: &ByName<'_>, users: &[(usize, &str)], last: usize) -> Vec<usize> {
    let mut positions: Vec<usize> = new.iter().map(|placed| placed.own().unwrap_or(last)).collect();
    for &(index, text) in users {
        for name in references(text) {
            if let Some(&used) = by_name.get(name) {
                lower(new, &mut positions, used, index);
            }
        }
    }
    // parts stand before their texts in the list, so one pass from the end carries every position through
    for index in (0..new.len()).rev() {
        for part in parts(new, by_name, index) {
            let position = positions[index];
            lower(new, &mut positions, part, position);
        }
    }
    positions
}

/// The new variables that the text of one uses.
fn parts<'p>(new: &'p [Placed<'_>], by_name: &'p ByName<'_>, index: usize) -> impl Iterator<Item = usize> + 'p {
    let text = match &new[index].entry.source {
        EnvSource::Value(text) => text.as_str(),
        EnvSource::Reference(_) => "",
    };
    references(text).filter_map(|name| by_name.get(name).copied()).filter(move |&p| p != index)
}

fn lower(new: &[Placed<'_>], positions: &mut [usize], index: usize, position: usize) {
    if !matches!(new[index].spot, Spot::Swap { .. }) {
        positions[index] = positions[index].min(position);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_what_the_kubelet_expands() {
        let names = |text| references(text).collect::<Vec<_>>();
        assert_eq!(names("a$(B)c$(D)"), ["B", "D"]);
        assert_eq!(names("$$(B)$$$(C)"), ["C"]);
        assert_eq!(names("$x$(B) $( $("), ["B"]);
        assert_eq!(names("$(A$(B)"), ["A$(B"]);
        assert!(names("$").is_empty() && names("$$").is_empty() && names("").is_empty());
    }
}
