//! Finds the record of an object, and writes it: one annotation for the object, and one for each
//! Plug and Socket.

use super::owner::OwnerKey;
use super::record::{COUPLED, Invalid, Record};
use super::record_text;
use crate::manifest::{Kind, NodeId, Reading, Tree};

/// Whether an annotation of this name is coupler's own.
pub(super) fn is_own(annotation: &str) -> bool {
    annotation == COUPLED || OwnerKey::of_annotation(annotation).is_some()
}

/// The record of the object at `root`; `None` if it has none.
///
/// # Errors
/// A record that is torn, of another version, or not what coupler writes.
pub fn record(tree: &Tree<'_>, root: NodeId) -> Option<Result<Record, Invalid>> {
    let annotations = match tree.read_at(root, &["metadata", "annotations"]) {
        Reading::Value(annotations) => annotations,
        // nothing can be baked there either: an edit is refused
        Reading::Absent | Reading::NotReadable(_) => return None,
    };
    if tree.kind(annotations) != Kind::Mapping {
        return None;
    }
    let mut own = None;
    let mut owners = Vec::new();
    for member in tree.children(annotations) {
        match tree.key(member) {
            Some(COUPLED) => own = Some(member),
            Some(key) => owners.extend(OwnerKey::of_annotation(key).map(|owner| (owner, member))),
            None => {}
        }
    }
    match (own, owners.first()) {
        (None, None) => None,
        (None, Some(&(_, member))) => {
            let message =
                format!("the annotation `{COUPLED}`, which must be there too, is missing");
            Some(Err(Invalid {
                span: tree.span(member),
                message,
            }))
        }
        (Some(own), _) => Some(read(tree, own, owners)),
    }
}

fn read(tree: &Tree<'_>, own: NodeId, owners: Vec<(OwnerKey, NodeId)>) -> Result<Record, Invalid> {
    let text = |member| {
        let message = "this record is not text".to_owned();
        tree.str(member).ok_or(Invalid {
            span: tree.span(member),
            message,
        })
    };
    let at = |member| {
        move |message: String| Invalid {
            span: tree.span(member),
            message,
        }
    };
    let mut record = record_text::object(text(own)?).map_err(at(own))?;
    for (owner, member) in owners {
        let read = record_text::owner(text(member)?).map_err(at(member))?;
        record.owners.insert(owner, read);
    }
    Ok(record)
}

impl Record {
    /// The annotations as written, names whole, in order.
    pub(super) fn write(&self) -> Vec<(String, String)> {
        let mut out = vec![(COUPLED.to_owned(), record_text::write_object(self))];
        // `coupled.…` sorts before `integration.…`, but the object's own line comes first: it has
        // the format
        let owners = self.owners.iter();
        out.extend(
            owners.map(|(owner, record)| (owner.annotation(), record_text::write_owner(record))),
        );
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::Emptiness;
    use crate::manifest::emit;
    use crate::project::record::{Entries, Original, OwnerRecord, Sources, Supplied};
    const PLUG_PREFIX: &str = "coupled.integration.rock8s.com/";
    use crate::project::slot::Slot;

    fn read(annotations: &str) -> Option<Result<Record, Invalid>> {
        let text = format!("metadata:\n  annotations:\n{annotations}");
        let tree = Tree::read(&text).unwrap();
        record(&tree, tree.root().unwrap())
    }

    fn env() -> Slot {
        Slot::Env("web".to_owned())
    }

    fn full() -> Record {
        let digests = |names: &[&str]| {
            names
                .iter()
                .map(|n| ((*n).to_owned(), "0b34ea7644".to_owned()))
                .collect()
        };
        let content = serde_json::json!({"value": "é\ny"});
        let original = Original {
            content,
            bytes: Some("value: 'é\n  y'".to_owned()),
        };
        let plug = OwnerRecord {
            socket: "data/mongo".into(),
            interface: "mongodb@1.0.0".into(),
            catalogue: vec![Supplied::Interface, Supplied::Socket],
            entries: [(env(), digests(&["B", "A"]))].into(),
            kept: [(env(), digests(&["K"]))].into(),
            originals: [(env(), [("A".to_owned(), original)].into())].into(),
            found: Entries::new(),
        };
        Record {
            sources: Sources::Omitted,
            created: [Slot::Annotations].into(),
            filled: [
                (env(), Emptiness::Collection),
                (Slot::Labels, Emptiness::Null(" null".to_owned())),
            ]
            .into(),
            labelled: true,
            owners: [(OwnerKey::plug("mongo"), plug)].into(),
        }
    }

    #[test]
    fn written_in_a_fixed_order_and_read_again() {
        let written = full().write();
        let object = r#"{"v":1,"sources":"omitted","created":["metadata.annotations"],"filled":{"env/web":"[]","metadata.labels":" null"},"labelled":true}"#;
        assert_eq!(written[0], (COUPLED.to_owned(), object.to_owned()));
        let plug = r#"{"socket":"data/mongo","interface":"mongodb@1.0.0","catalogue":["interface","socket"],"entries":{"env/web":{"A":"0b34ea7644","B":"0b34ea7644"}},"kept":{"env/web":{"K":"0b34ea7644"}},"originals":{"env/web":{"A":{"content":{"value":"\u00E9\ny"},"bytes":"value: '\u00E9\n  y'"}}}}"#;
        assert_eq!(written[1], (format!("{PLUG_PREFIX}mongo"), plug.to_owned()));
        let lines: String = written
            .iter()
            .map(|(k, v)| format!("    {k}: {}\n", emit::single(v)))
            .collect();
        assert_eq!(read(&lines).unwrap().unwrap(), full());
    }

    #[test]
    fn no_record_is_no_error() {
        assert_eq!(read("    a: b\n"), None);
        let tree = Tree::read("metadata: {name: x, annotations: null}\n").unwrap();
        assert_eq!(record(&tree, tree.root().unwrap()), None);
    }

    #[test]
    fn what_cannot_be_used_says_why() {
        let plug = |members: &str| {
            format!(
                "    {COUPLED}: '{{\"v\":1}}'\n    {PLUG_PREFIX}p: '{{\"socket\":\"\",\"interface\":\"\",{members}}}'\n"
            )
        };
        for (annotations, why) in [
            (format!("    {COUPLED}: '{{\"v\":2}}'\n"), "format 2"),
            (format!("    {COUPLED}: '{{}}'\n"), "no format version"),
            (format!("    {COUPLED}: '{{'\n"), "not JSON"),
            (
                format!("    {COUPLED}: '{{\"v\":1,\"volumes\":[]}}'\n"),
                "not in the form",
            ),
            (format!("    {COUPLED}: [1]\n"), "not text"),
            (
                format!("    {COUPLED}: '{{\"v\":1,\"sources\":\"here\"}}'\n"),
                "not `omitted`",
            ),
            (
                format!("    {COUPLED}: '{{\"v\":1,\"created\":[\"spec\"]}}'\n"),
                "not in the form",
            ),
            (
                format!("    {COUPLED}: '{{\"v\":1,\"filled\":{{\"env/a\":\" 1\"}}}}'\n"),
                "not empty",
            ),
            (
                format!("    {COUPLED}: '{{\"v\":1,\"filled\":{{\"env/a\":\"{{}}\"}}}}'\n"),
                "not empty",
            ),
            (format!("    {PLUG_PREFIX}p: '{{}}'\n"), "is missing"),
            (
                format!("    {COUPLED}: '{{\"v\":1}}'\n    {PLUG_PREFIX}p: '{{}}'\n"),
                "not in the form",
            ),
            (plug("\"entries\":{\"image\":{}}"), "not in the form"),
            (
                plug(
                    "\"originals\":{\"env/a\":{\"B\":{\"content\":{\"value\":\"a\",\"image\":\"b\"}}}}",
                ),
                "cannot have",
            ),
            (
                plug("\"originals\":{\"metadata.labels\":{\"B\":{\"content\":1}}}"),
                "cannot have",
            ),
        ] {
            let invalid = read(&annotations).unwrap().unwrap_err();
            assert!(
                invalid.message.contains(why),
                "{annotations}: {}",
                invalid.message
            );
        }
    }
}
