//! Finds directories inside of other directories, and paths below other paths.

/// Each element that is in an earlier one, behind the nearest such: pairs of outer and inner.
///
/// The elements are sorted, so that all that is in one comes right behind it.
pub(super) fn nested<T>(sorted: &[T], is_in: impl Fn(&T, &T) -> bool) -> Vec<[&T; 2]> {
    let mut pairs = Vec::new();
    let mut above: Vec<&T> = Vec::new();
    for element in sorted {
        while above.last().is_some_and(|last| !is_in(element, last)) {
            above.pop();
        }
        if let Some(last) = above.last() {
            pairs.push([*last, element]);
        }
        above.push(element);
    }
    pairs
}
