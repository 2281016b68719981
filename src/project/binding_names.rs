//! Makes the names of what a directory of files needs in a pod template: its volume, and the
//! annotations that hold its literals. They are hashed where Kubernetes would refuse them.

use super::digest;
use super::service_binding::ANNOTATION_SUFFIX;
use crate::api::is_object_name;

/// Kubernetes allows a volume's name 63 characters.
const VOLUME_NAME: usize = 63;
/// And what is before the slash of an annotation's name 253.
const ANNOTATION_PREFIX: usize = 253;
/// The digits of a hash, and the `-` before them.
const HASH: usize = 17;

/// The name of a binding's volume.
pub(super) fn volume_name(name: &str) -> String {
    let whole = format!("binding-{name}");
    let is_label = whole.len() <= VOLUME_NAME && !whole.contains('.') && !whole.ends_with('-');
    match is_label {
        true => whole,
        false => hashed(&whole, name, VOLUME_NAME - HASH),
    }
}

/// What is before the slash in the names of a binding's annotations.
pub(super) fn annotation_prefix(name: &str) -> String {
    let suffix = ANNOTATION_SUFFIX.trim_end_matches('/');
    let most = ANNOTATION_PREFIX - suffix.len();
    let head = match name.len() <= most && is_object_name(name) {
        true => name.to_owned(),
        false => hashed(&format!("binding-{name}"), name, VOLUME_NAME - HASH),
    };
    format!("{head}{suffix}")
}

/// The beginning of a text as a DNS label, and a hash of the whole name.
fn hashed(text: &str, name: &str, length: usize) -> String {
    let head: String = text.chars().take(length).collect();
    format!("{}-{}", head.replace('.', "-"), digest::hash(name, 16))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names that the specification of ServiceBindings allows.
    fn names() -> Vec<String> {
        let short = ["db", "a.b", "-db", "db-", "db.", ".db", "a..b", "-", "0"];
        let long = [55, 56, 63, 222, 223, 253].map(|length| "d".repeat(length));
        short.into_iter().map(str::to_owned).chain(long).collect()
    }

    #[test]
    fn each_name_that_a_binding_can_have_makes_names_that_kubernetes_accepts() {
        let is_label = |text: &str| text.len() <= 63 && !text.contains('.') && is_object_name(text);
        for name in names() {
            let volume = volume_name(&name);
            assert!(is_label(&volume), "{volume}");
            let prefix = annotation_prefix(&name);
            assert!(is_object_name(&prefix), "{prefix}");
        }
    }

    #[test]
    fn names_that_differ_make_names_that_differ() {
        for make in [volume_name, annotation_prefix] {
            let mut made: Vec<_> = names().iter().map(|name| make(name)).collect();
            made.sort();
            made.dedup();
            assert_eq!(made.len(), names().len());
        }
        assert_eq!(volume_name("db"), "binding-db");
        assert_eq!(annotation_prefix("db"), "db.binding.integration.rock8s.com");
    }
}
