//! Drives a target by its seed and its budget, and checks what holds for every output.

use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use coupler::diagnostic::printable;

use crate::mutate::{Budget, Random};

/// A mark for a Secret's value and for the text of a file outside: no output may contain it.
pub(crate) const POISON: &str = "hunter2poison";

/// Makes an input and checks what comes of it, until the budget is spent. A failure prints its
/// input.
pub(crate) fn drive<T: Debug>(
    target: &str,
    cases: u64,
    make: impl Fn(&mut Random) -> T,
    mut check: impl FnMut(&T),
) {
    let seed = target.bytes().fold(7, |seed: u64, byte| {
        seed.wrapping_mul(31).wrapping_add(byte.into())
    });
    let (mut random, mut budget) = (Random::new(seed), Budget::new(cases));
    while budget.more() {
        let input = make(&mut random);
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| check(&input))) {
            eprintln!("{target}, case {}, fails with\n{input:#?}", budget.done());
            resume_unwind(panic);
        }
    }
    eprintln!("{target}: {} cases", budget.done());
}

/// The same as [`assert_printable`], for what is not a command to a CI log: no line is one.
#[track_caller]
pub(crate) fn assert_clean(output: &str) {
    assert_printable(output);
    let names_command = |rest: &str| rest.starts_with(|c: char| c.is_ascii_alphabetic());
    let is_command = |line: &&str| {
        line.trim_start()
            .strip_prefix("::")
            .is_some_and(names_command)
            || line.contains("##[")
    };
    let command = output.lines().find(is_command);
    assert!(command.is_none(), "{command:?} is printed:\n{output}");
}

/// Fails where an output shows a Secret, or a character that a terminal obeys or hides.
#[track_caller]
pub(crate) fn assert_printable(output: &str) {
    assert!(!output.contains(POISON), "a secret is shown:\n{output}");
    let found = output
        .chars()
        .find(|&c| printable::is_hidden(c) && c != '\n' && c != '\t');
    assert!(found.is_none(), "{found:?} is printed:\n{output:?}");
}

/// Fails where twice the input takes more than about twice the work, counted in allocations.
#[track_caller]
pub(crate) fn assert_linear(what: &str, run: impl Fn(usize)) {
    let count = |size| allocation_counter::measure(|| run(size)).count_total;
    let (one, two) = (count(200), count(400));
    assert!(
        two <= 2 * one + one / 2,
        "{what}: {one} allocations become {two}"
    );
}
