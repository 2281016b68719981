//! Writes names into a sentence: the first few, and how many more there are.

use std::fmt::{Display, Write};

use crate::limits;

/// `` `a`, `b` and 3 more ``: at most [`limits::CANDIDATES`] names, whatever their number; no other
/// name is formatted.
pub fn list(names: impl ExactSizeIterator<Item = impl Display>) -> String {
    written(names, "`")
}

/// The same without quotes, for versions and numbers.
pub fn list_plain(names: impl ExactSizeIterator<Item = impl Display>) -> String {
    written(names, "")
}

/// `a, b and c`: all of them, for lists that only coupler makes.
pub fn list_all(words: &[String]) -> String {
    match words.split_last() {
        Some((last, first)) if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        _ => words.concat(),
    }
}

fn written(mut names: impl ExactSizeIterator<Item = impl Display>, quote: &str) -> String {
    let mut out = String::new();
    for (at, name) in names.by_ref().take(limits::CANDIDATES).enumerate() {
        let comma = if at > 0 { ", " } else { "" };
        let _ = write!(out, "{comma}{quote}{name}{quote}"); // writing to a String cannot fail
    }
    if names.len() > 0 {
        let _ = write!(out, " and {} more", names.len());
    }
    out
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn a_few_names_are_all_written() {
        assert_eq!(list(["a"].iter()), "`a`");
        assert_eq!(list(["a", "b"].iter()), "`a`, `b`");
        assert_eq!(list_plain([1, 2].iter()), "1, 2");
        assert_eq!(list(std::iter::empty::<&str>()), "");
    }

    #[test]
    fn of_many_names_only_the_first_are_formatted() {
        let formatted = Cell::new(0);
        let names = (0..100_000).inspect(|_| formatted.set(formatted.get() + 1));
        assert_eq!(list_plain(names), "0, 1, 2, 3, 4, 5, 6, 7 and 99992 more");
        assert_eq!(formatted.get(), limits::CANDIDATES);
    }
}
