//! Recognises the hashes that kustomize appends to the names of generated objects.
//!
//! <https://github.com/kubernetes-sigs/kustomize/blob/master/api/hasher/hasher.go>

/// The characters of a hash, and how many of them.
const HASH: &str = "2456789bcdfghkmt";
const HASH_DIGITS: usize = 10;

/// A name without the hash at its end, if it has one.
pub(crate) fn without_hash(name: &str) -> &str {
    let is_hash = |text: &str| text.len() == HASH_DIGITS && text.chars().all(|c| HASH.contains(c));
    match name.rsplit_once('-') {
        Some((rest, hash)) if is_hash(hash) => rest,
        _ => name,
    }
}
