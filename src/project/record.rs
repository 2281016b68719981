//! What was baked, written down on the object itself: one annotation for the object, one for each Plug, and a label.
//!
//! Compact ASCII JSON, keys in a fixed order, members sorted, one line each: a review shows one line per coupling.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::digest;
use crate::manifest::emit;
use crate::manifest::{Kind, NodeId, Span, Tree};

/// The label and the object's own annotation.
pub const COUPLED: &str = "integration.rock8s.com/coupled";
/// What a Plug's annotation begins with.
pub const PLUG_PREFIX: &str = "coupled.integration.rock8s.com/";
/// The format that this coupler writes and reads.
const VERSION: u32 = 1;
/// Kubernetes allows 63 characters after the slash of an annotation's name.
const NAME: usize = 63;

/// Everything that coupler knows about what it did to one object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// Whether the sources left the output on purpose (`"sources":"omitted"`).
    pub omitted: bool,
    /// Mapping keys that coupler created, in order: `env/<container>`, `metadata.labels`, `metadata.annotations`.
    pub made: Vec<String>,
    /// Place → bytes between the colon and the end of a token that was emptied or replaced.
    pub was: BTreeMap<String, String>,
    /// By annotation, without its prefix: see [`plug_key`].
    pub plugs: BTreeMap<String, PlugRecord>,
}

/// What one Plug brought.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlugRecord {
    /// `namespace/name` of the Socket.
    pub socket: String,
    /// `name@version`.
    pub interface: String,
    /// Container → variable → digest.
    #[serde(default)]
    pub env: BTreeMap<String, BTreeMap<String, String>>,
    /// `env/<container>/<variable>` → the member that stood there, continuation lines relative to its column.
    #[serde(default)]
    pub was: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ObjectRecord {
    v: u32,
    #[serde(default)]
    sources: Option<String>,
    #[serde(default)]
    made: Vec<String>,
    #[serde(default)]
    was: BTreeMap<String, String>,
}

/// Why a record cannot be used, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// The annotation, relative to the document.
    pub span: Span,
    /// The fact.
    pub message: String,
}

/// The name of a Plug's annotation, without its prefix: the Plug's own name, or as much of it as fits and a hash.
pub fn plug_key(plug: &str) -> String {
    let fits = plug.len() <= NAME && plug.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b));
    let ends = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
    if fits && ends(plug.as_bytes().first()) && ends(plug.as_bytes().last()) {
        return plug.to_owned();
    }
    let head: String = plug
        .chars()
        .take(46)
        .map(|c| if c.is_ascii_alphanumeric() || c == '-' || c == '.' { c } else { 'x' })
        .collect();
    format!("{head}-{}", digest::hash(plug, 16))
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
            let message = format!("the annotation `{COUPLED}`, which belongs to this one, is missing");
            Some(Err(Invalid { span: tree.span(member), message }))
        }
        (Some(own), _) => Some(read(tree, own, &plugs)),
    }
}

fn read(tree: &Tree<'_>, own: NodeId, plugs: &[(&str, NodeId)]) -> Result<Record, Invalid> {
    let invalid = |member, message: &str| Invalid { span: tree.span(member), message: message.to_owned() };
    let text = |member| tree.str(member).ok_or_else(|| invalid(member, "this record is not a text"));
    let unreadable = |member, error: &serde_json::Error| {
        let message =
            if error.is_data() { "this record is not what coupler writes" } else { "this record is not JSON" };
        invalid(member, message)
    };
    let object = match serde_json::from_str(text(own)?) {
        Ok(object @ ObjectRecord { v: VERSION, .. }) => object,
        // why not; the version first: a later format may have other keys
        _ => {
            let json: serde_json::Value = serde_json::from_str(text(own)?).map_err(|e| unreadable(own, &e))?;
            match json.get("v").and_then(serde_json::Value::as_u64) {
                Some(v) if v == u64::from(VERSION) => {}
                Some(v) => {
                    let message = format!("this record is of format {v}; this coupler knows format {VERSION}");
                    return Err(invalid(own, &message));
                }
                None => return Err(invalid(own, "this record has no format version `v`")),
            }
            serde_json::from_value(json).map_err(|e| unreadable(own, &e))?
        }
    };
    let omitted = match object.sources.as_deref() {
        None => false,
        Some("omitted") => true,
        Some(_) => return Err(invalid(own, "`sources` of this record is not `omitted`")),
    };
    if !object.was.values().all(|token| is_null(token)) {
        return Err(invalid(own, "`was` of this record holds something else than nothing"));
    }
    let mut record = Record { omitted, made: object.made, was: object.was, plugs: BTreeMap::new() };
    for &(plug, member) in plugs {
        let read: PlugRecord = serde_json::from_str(text(member)?).map_err(|e| unreadable(member, &e))?;
        if !read.was.values().all(|member| is_content(member)) {
            return Err(invalid(member, "`was` of this record holds something else than a variable's value"));
        }
        record.plugs.insert(plug.to_owned(), read);
    }
    Ok(record)
}

/// Whether a token can have stood where coupler put a collection.
fn is_null(token: &str) -> bool {
    matches!(token.trim(), "" | "~" | "null" | "Null" | "NULL") || is_true(token)
}

/// The label itself may have stood there before.
fn is_true(token: &str) -> bool {
    matches!(token.trim(), "\"true\"" | "'true'")
}

/// Whether a text is one member that says what a variable holds, or nothing.
pub(super) fn is_content(member: &str) -> bool {
    let is_one = |mapping: &str| {
        let Ok(tree) = Tree::read(mapping) else { return false };
        let Some(root) = tree.root() else { return false };
        let keys: Vec<_> = tree.children(root).map(|c| tree.key(c)).collect();
        matches!(keys[..], [Some("value" | "valueFrom")])
    };
    // `"value":"x"`, without a blank, is a member in braces only
    member.is_empty() || is_one(member) || is_one(&format!("{{{member}}}"))
}

impl Record {
    /// The annotations as written, names whole, in order.
    pub(super) fn write(&self) -> Vec<(String, String)> {
        let mut object = format!("{{\"v\":{VERSION}");
        if self.omitted {
            object.push_str(",\"sources\":\"omitted\"");
        }
        if !self.made.is_empty() {
            let made = serde_json::Value::from(self.made.as_slice());
            object.push_str(",\"made\":");
            object.push_str(&emit::ascii_json(&made));
        }
        map(&mut object, "was", &self.was);
        object.push('}');
        let mut out = vec![(COUPLED.to_owned(), object)];
        // `coupled.…` sorts before `integration.…`, but the object's own line comes first: it says the format
        out.extend(self.plugs.iter().map(|(plug, record)| (format!("{PLUG_PREFIX}{plug}"), record.write())));
        out
    }
}

impl PlugRecord {
    fn write(&self) -> String {
        let mut out = String::with_capacity(256);
        out.push_str("{\"socket\":");
        quoted(&mut out, &self.socket);
        out.push_str(",\"interface\":");
        quoted(&mut out, &self.interface);
        let mut first = true;
        for (container, variables) in &self.env {
            out.push_str(if std::mem::take(&mut first) { ",\"env\":{" } else { "," });
            quoted(&mut out, container);
            out.push(':');
            object(&mut out, variables);
        }
        if !first {
            out.push('}');
        }
        map(&mut out, "was", &self.was);
        out.push('}');
        out
    }
}

/// `,"key":{…}`, unless there is nothing in it.
fn map(out: &mut String, key: &str, members: &BTreeMap<String, String>) {
    if !members.is_empty() {
        out.push_str(",\"");
        out.push_str(key);
        out.push_str("\":");
        object(out, members);
    }
}

/// A JSON string of ASCII characters.
fn quoted(out: &mut String, text: &str) {
    if text.bytes().all(|b| matches!(b, b' '..=b'~') && b != b'"' && b != b'\\') {
        out.push('"');
        out.push_str(text);
        out.push('"');
    } else {
        out.push_str(&emit::ascii_json(&serde_json::Value::from(text)));
    }
}

fn object(out: &mut String, members: &BTreeMap<String, String>) {
    out.push('{');
    for (index, (key, value)) in members.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        quoted(out, key);
        out.push(':');
        quoted(out, value);
    }
    out.push('}');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(annotations: &str) -> Option<Result<Record, Invalid>> {
        let text = format!("metadata:\n  annotations:\n{annotations}");
        let tree = Tree::read(&text).unwrap();
        record(&tree, tree.root().unwrap())
    }

    fn full() -> Record {
        let digests = |names: &[&str]| names.iter().map(|n| ((*n).to_owned(), "0b34ea7644".to_owned())).collect();
        let plug = PlugRecord {
            socket: "data/mongo".into(),
            interface: "mongodb@1.0.0".into(),
            env: [("web".to_owned(), digests(&["B", "A"]))].into(),
            was: [("env/web/A".to_owned(), "value: 'é\n  y'".to_owned())].into(),
        };
        Record {
            omitted: true,
            made: vec!["env/web".into(), "metadata.annotations".into()],
            was: [("metadata.labels".to_owned(), " null".to_owned())].into(),
            plugs: [("mongo".to_owned(), plug)].into(),
        }
    }

    #[test]
    fn written_in_a_fixed_order_and_read_again() {
        let written = full().write();
        let object = r#"{"v":1,"sources":"omitted","made":["env/web","metadata.annotations"],"was":{"metadata.labels":" null"}}"#;
        assert_eq!(written[0], (COUPLED.to_owned(), object.to_owned()));
        let plug = r#"{"socket":"data/mongo","interface":"mongodb@1.0.0","env":{"web":{"A":"0b34ea7644","B":"0b34ea7644"}},"was":{"env/web/A":"value: '\u00E9\n  y'"}}"#;
        assert_eq!(written[1], (format!("{PLUG_PREFIX}mongo"), plug.to_owned()));
        let lines: String = written.iter().map(|(k, v)| format!("    {k}: {}\n", emit::single(v))).collect();
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
        for (annotations, why) in [
            (format!("    {COUPLED}: '{{\"v\":2}}'\n"), "format 2"),
            (format!("    {COUPLED}: '{{}}'\n"), "no format version"),
            (format!("    {COUPLED}: '{{'\n"), "not JSON"),
            (format!("    {COUPLED}: '{{\"v\":1,\"volumes\":[]}}'\n"), "not what coupler writes"),
            (format!("    {COUPLED}: [1]\n"), "not a text"),
            (format!("    {COUPLED}: '{{\"v\":1,\"sources\":\"here\"}}'\n"), "not `omitted`"),
            (format!("    {COUPLED}: '{{\"v\":1,\"was\":{{\"env/a\":\" 1\"}}}}'\n"), "something else"),
            (format!("    {PLUG_PREFIX}p: '{{}}'\n"), "is missing"),
            (format!("    {COUPLED}: '{{\"v\":1}}'\n    {PLUG_PREFIX}p: '{{}}'\n"), "not what coupler writes"),
            (
                format!(
                    "    {COUPLED}: '{{\"v\":1}}'\n    {PLUG_PREFIX}p: '{{\"socket\":\"\",\"interface\":\"\",\
                     \"was\":{{\"env/a/B\":\"value: a\\nimage: b\"}}}}'\n"
                ),
                "something else",
            ),
        ] {
            let invalid = read(&annotations).unwrap().unwrap_err();
            assert!(invalid.message.contains(why), "{annotations}: {}", invalid.message);
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
        assert!(plug_key("a b: c").bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
    }
}
