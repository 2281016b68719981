//! Defines what is written down on the object itself about what was baked: one annotation for the
//! object, one for each Plug, and a label.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::digest;
use super::entry::Sources;
use super::record_text;
use super::slot::Slot;
use crate::edit::Emptiness;
use crate::manifest::{Kind, NodeId, Span, Tree};

/// The label and the object's own annotation.
pub const COUPLED: &str = "integration.rock8s.com/coupled";
/// What a Plug's annotation begins with.
pub const PLUG_PREFIX: &str = "coupled.integration.rock8s.com/";
/// Kubernetes allows 63 characters after the slash of an annotation's name.
const NAME: usize = 63;

/// Entries by collection and key, and what is known of each.
pub type Entries<T> = BTreeMap<Slot, BTreeMap<String, T>>;

/// Everything that coupler knows about what it did to one object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// Where the Plugs were after the run.
    pub sources: Sources,
    /// Collections that coupler created.
    pub created: BTreeSet<Slot>,
    /// Collections that stood there with nothing in them.
    pub filled: BTreeMap<Slot, Emptiness>,
    /// Whether the label stood there before.
    pub labelled: bool,
    /// By annotation, without its prefix: see [`plug_key`].
    pub plugs: BTreeMap<String, PlugRecord>,
}

/// A side of a coupling that a catalogue supplied: it never was in the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Supplied {
    /// The Interface.
    Interface,
    /// The Socket.
    Socket,
}

impl Supplied {
    /// As the record has it.
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Interface => "interface",
            Self::Socket => "socket",
        }
    }
}

/// What one Plug brought. An entry is made, replaced or kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlugRecord {
    /// `namespace/name` of the Socket.
    pub socket: String,
    /// `name@version`.
    pub interface: String,
    /// What a catalogue supplied.
    pub catalogue: Vec<Supplied>,
    /// The entries that coupler wrote, each with the digest of its content.
    pub entries: Entries<String>,
    /// The author's own entries that have the content that would be written, each with its digest.
    pub kept: Entries<String>,
    /// Of entries that took the place of the author's: what stood there.
    pub originals: Entries<Original>,
}

/// What stood in the place of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Original {
    /// Its content: of an item of a list, all members but the key.
    pub content: serde_json::Value,
    /// The bytes of it, where coupler would write it otherwise: the first line, the others relative
    /// to its column.
    pub bytes: Option<String>,
}

/// Why a record cannot be used, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// The annotation, relative to the document.
    pub span: Span,
    /// The fact.
    pub message: String,
}

/// The name of a Plug's annotation, without its prefix: the Plug's own name, or as much of it as
/// fits and a hash.
pub fn plug_key(plug: &str) -> String {
    annotation_key(plug).into_owned()
}

/// The same, borrowed where the Plug's own name fits.
pub(super) fn annotation_key(plug: &str) -> Cow<'_, str> {
    let fits = plug.len() <= NAME
        && plug
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b));
    let ends = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
    if fits && ends(plug.as_bytes().first()) && ends(plug.as_bytes().last()) {
        return plug.into();
    }
    let head: String = plug
        .chars()
        .take(46)
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '-' || c == '.' {
                c
            } else {
                'x'
            }
        })
        .collect();
    format!("{head}-{}", digest::hash(plug, 16)).into()
}

/// Whether an annotation of this name is coupler's own.
pub(super) fn is_own(annotation: &str) -> bool {
    annotation == COUPLED || annotation.starts_with(PLUG_PREFIX)
}

/// The record of the object at `root`; `None` if it has none.
///
/// # Errors
/// A record that is torn, of another version, or not what coupler writes.
pub fn record(tree: &Tree<'_>, root: NodeId) -> Option<Result<Record, Invalid>> {
    let annotations = tree.at(root, &["metadata", "annotations"])?;
    if tree.kind(annotations) != Kind::Mapping {
        return None;
    }
    let mut own = None;
    let mut plugs = Vec::new();
    for member in tree.children(annotations) {
        match tree.key(member) {
            Some(COUPLED) => own = Some(member),
            Some(key) => plugs.extend(key.strip_prefix(PLUG_PREFIX).map(|plug| (plug, member))),
            None => {}
        }
    }
    match (own, plugs.first()) {
        (None, None) => None,
        (None, Some(&(_, member))) => {
            let message =
                format!("the annotation `{COUPLED}`, which belongs to this one, is missing");
            Some(Err(Invalid {
                span: tree.span(member),
                message,
            }))
        }
        (Some(own), _) => Some(read(tree, own, &plugs)),
    }
}

fn read(tree: &Tree<'_>, own: NodeId, plugs: &[(&str, NodeId)]) -> Result<Record, Invalid> {
    let text = |member| {
        let message = "this record is not a text".to_owned();
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
    for &(plug, member) in plugs {
        let read = record_text::plug(text(member)?).map_err(at(member))?;
        record.plugs.insert(plug.to_owned(), read);
    }
    Ok(record)
}

impl Record {
    /// The annotations as written, names whole, in order.
    pub(super) fn write(&self) -> Vec<(String, String)> {
        let mut out = vec![(COUPLED.to_owned(), record_text::write_object(self))];
        // `coupled.…` sorts before `integration.…`, but the object's own line comes first: it says
        // the format
        let plugs = self.plugs.iter();
        out.extend(plugs.map(|(plug, record)| {
            (
                format!("{PLUG_PREFIX}{plug}"),
                record_text::write_plug(record),
            )
        }));
        out
    }

    /// Whether another one says the same about what was baked, whatever had stood there before.
    pub(super) fn agrees(&self, other: &Self) -> bool {
        let same = |((one, a), (other, b)): ((&String, &PlugRecord), (&String, &PlugRecord))| {
            let socket =
                (&a.socket, &a.interface, &a.catalogue) == (&b.socket, &b.interface, &b.catalogue);
            one == other && socket && a.entries == b.entries && a.kept == b.kept
        };
        self.sources == other.sources
            && self.plugs.len() == other.plugs.len()
            && self.plugs.iter().zip(&other.plugs).all(same)
    }
}

impl PlugRecord {
    /// What stood in the place of an entry.
    pub(super) fn original(&self, slot: &Slot, key: &str) -> Option<&Original> {
        self.originals.get(slot)?.get(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::emit;

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
        let plug = PlugRecord {
            socket: "data/mongo".into(),
            interface: "mongodb@1.0.0".into(),
            catalogue: vec![Supplied::Interface, Supplied::Socket],
            entries: [(env(), digests(&["B", "A"]))].into(),
            kept: [(env(), digests(&["K"]))].into(),
            originals: [(env(), [("A".to_owned(), original)].into())].into(),
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
            plugs: [("mongo".to_owned(), plug)].into(),
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
                "not what coupler writes",
            ),
            (format!("    {COUPLED}: [1]\n"), "not a text"),
            (
                format!("    {COUPLED}: '{{\"v\":1,\"sources\":\"here\"}}'\n"),
                "not `omitted`",
            ),
            (
                format!("    {COUPLED}: '{{\"v\":1,\"created\":[\"spec\"]}}'\n"),
                "not what coupler writes",
            ),
            (
                format!("    {COUPLED}: '{{\"v\":1,\"filled\":{{\"env/a\":\" 1\"}}}}'\n"),
                "something else",
            ),
            (
                format!("    {COUPLED}: '{{\"v\":1,\"filled\":{{\"env/a\":\"{{}}\"}}}}'\n"),
                "something else",
            ),
            (format!("    {PLUG_PREFIX}p: '{{}}'\n"), "is missing"),
            (
                format!("    {COUPLED}: '{{\"v\":1}}'\n    {PLUG_PREFIX}p: '{{}}'\n"),
                "not what coupler writes",
            ),
            (
                plug("\"entries\":{\"image\":{}}"),
                "not what coupler writes",
            ),
            (
                plug(
                    "\"originals\":{\"env/a\":{\"B\":{\"content\":{\"value\":\"a\",\"image\":\"b\"}}}}",
                ),
                "something else",
            ),
            (
                plug("\"originals\":{\"metadata.labels\":{\"B\":{\"content\":\"x\"}}}"),
                "something else",
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

    #[test]
    fn a_long_or_odd_name_is_cut_and_hashed() {
        assert_eq!(plug_key("mongo"), "mongo");
        assert_eq!(plug_key(&"a".repeat(63)), "a".repeat(63));
        let long = plug_key(&"a".repeat(64));
        assert_eq!(long.len(), NAME);
        assert!(long.starts_with(&format!("{}-", "a".repeat(46))));
        assert_ne!(long, plug_key(&"a".repeat(65)));
        assert!(
            plug_key("a b: c")
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
        );
    }
}
