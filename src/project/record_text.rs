//! Reads and writes the texts of a record: compact ASCII JSON, keys in a fixed order, members
//! sorted, one line each, so that a review shows one line for each coupling.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use super::record::{Entries, FoundText, Original, OwnerRecord, Record, Sources, Supplied};
use super::slot::Slot;
use crate::edit::Emptiness;
use crate::manifest::{Kind, emit};

/// The format that this coupler writes and reads.
const VERSION: u32 = 1;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ObjectText {
    v: u32,
    #[serde(default)]
    sources: Option<String>,
    #[serde(default)]
    created: BTreeSet<Slot>,
    #[serde(default)]
    filled: BTreeMap<Slot, String>,
    #[serde(default)]
    labelled: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnerText {
    socket: String,
    interface: String,
    #[serde(default)]
    catalogue: Vec<Supplied>,
    #[serde(default)]
    entries: Entries<String>,
    #[serde(default)]
    kept: Entries<String>,
    #[serde(default)]
    originals: Entries<OriginalText>,
    #[serde(default)]
    found: Entries<FoundText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OriginalText {
    content: Value,
    #[serde(default)]
    bytes: Option<String>,
}

const UNKNOWN: &str = "this record is not in the form that coupler writes";

/// The record of an object, without what was written for each owner.
pub(super) fn object(text: &str) -> Result<Record, String> {
    let read = match serde_json::from_str(text) {
        Ok(read @ ObjectText { v: VERSION, .. }) => read,
        // why not; the version first: a later format may have other keys
        _ => {
            let json: Value = serde_json::from_str(text).map_err(|error| unreadable(&error))?;
            match json.get("v").and_then(Value::as_u64) {
                Some(v) if v == u64::from(VERSION) => {}
                Some(v) => {
                    return Err(format!(
                        "this record is of format {v}; this coupler knows format {VERSION}"
                    ));
                }
                None => return Err("this record has no format version `v`".to_owned()),
            }
            serde_json::from_value(json).map_err(|error| unreadable(&error))?
        }
    };
    let sources = match read.sources.as_deref() {
        None => Sources::Kept,
        Some("omitted") => Sources::Omitted,
        Some(_) => return Err("`sources` of this record is not `omitted`".to_owned()),
    };
    let mut filled = BTreeMap::new();
    for (slot, token) in read.filled {
        let emptiness = match token.trim() {
            "" | "~" | "null" | "Null" | "NULL" => Emptiness::Null(token),
            brackets if brackets == self::brackets(&slot) => Emptiness::Collection,
            _ => return Err("`filled` of this record has an entry that is not empty".to_owned()),
        };
        filled.insert(slot, emptiness);
    }
    Ok(Record {
        sources,
        created: read.created,
        filled,
        labelled: read.labelled,
        owners: BTreeMap::new(),
    })
}

/// The record of one Plug or Socket.
pub(super) fn owner(text: &str) -> Result<OwnerRecord, String> {
    let read: OwnerText = serde_json::from_str(text).map_err(|error| unreadable(&error))?;
    let admitted = read.originals.iter().all(|(slot, entries)| {
        entries
            .values()
            .all(|original| slot.admits(&original.content))
    });
    let is_text = |slot: &Slot| matches!(slot, Slot::Found(_));
    let texts = read.entries.iter().filter(|(slot, _)| is_text(slot));
    let listed = texts.map(|(slot, entries)| (slot, entries.keys().collect::<Vec<_>>()));
    let found = read.found.iter();
    let found = found.map(|(slot, entries)| (slot, entries.keys().collect::<Vec<_>>()));
    let admitted = admitted && listed.eq(found);
    if !admitted {
        return Err(
            "`originals` of this record contains a value that an entry cannot have".to_owned(),
        );
    }
    let original = |text: OriginalText| Original {
        content: text.content,
        bytes: text.bytes,
    };
    let originals = read.originals.into_iter().map(|(slot, entries)| {
        (
            slot,
            entries
                .into_iter()
                .map(|(key, text)| (key, original(text)))
                .collect(),
        )
    });
    Ok(OwnerRecord {
        socket: read.socket,
        interface: read.interface,
        catalogue: read.catalogue,
        entries: read.entries,
        kept: read.kept,
        originals: originals.collect(),
        found: read.found,
    })
}

fn unreadable(error: &serde_json::Error) -> String {
    if error.is_data() {
        UNKNOWN.to_owned()
    } else {
        "this record is not JSON".to_owned()
    }
}

fn brackets(slot: &Slot) -> &'static str {
    if slot.kind() == Kind::Sequence {
        "[]"
    } else {
        "{}"
    }
}

/// The text of an object's own annotation.
pub(super) fn write_object(record: &Record) -> String {
    let mut out = format!("{{\"v\":{VERSION}");
    if record.sources == Sources::Omitted {
        out.push_str(",\"sources\":\"omitted\"");
    }
    write_list(
        &mut out,
        "created",
        record.created.iter().map(Slot::to_string),
    );
    if !record.filled.is_empty() {
        out.push_str(",\"filled\":");
        object_of(
            &mut out,
            &record.filled,
            Slot::to_string,
            |out, slot, emptiness| match emptiness {
                Emptiness::Null(token) => quoted(out, token),
                Emptiness::Collection => quoted(out, brackets(slot)),
            },
        );
    }
    if record.labelled {
        out.push_str(",\"labelled\":true");
    }
    out.push('}');
    out
}

/// The text of the annotation of a Plug or a Socket.
pub(super) fn write_owner(record: &OwnerRecord) -> String {
    let mut out = String::with_capacity(256);
    out.push_str("{\"socket\":");
    quoted(&mut out, &record.socket);
    out.push_str(",\"interface\":");
    quoted(&mut out, &record.interface);
    write_list(
        &mut out,
        "catalogue",
        record
            .catalogue
            .iter()
            .map(|supplied| supplied.text().to_owned()),
    );
    write_entries(&mut out, "entries", &record.entries, |out, digest| {
        quoted(out, digest);
    });
    write_entries(&mut out, "kept", &record.kept, |out, digest| {
        quoted(out, digest);
    });
    write_entries(&mut out, "originals", &record.originals, |out, original| {
        out.push_str("{\"content\":");
        out.push_str(&emit::ascii_json(&original.content));
        if let Some(bytes) = &original.bytes {
            out.push_str(",\"bytes\":");
            quoted(out, bytes);
        }
        out.push('}');
    });
    write_entries(&mut out, "found", &record.found, |out, found| {
        out.push_str("{\"at\":");
        out.push_str(&found.at.to_string());
        out.push_str(",\"behind\":");
        out.push_str(&found.behind.to_string());
        out.push_str(",\"with\":");
        quoted(out, &found.with);
        out.push('}');
    });
    out.push('}');
    out
}

/// `,"name":[…]`, unless there is nothing in it.
fn write_list(out: &mut String, name: &str, items: impl Iterator<Item = String>) {
    let mut items = items.peekable();
    if items.peek().is_none() {
        return;
    }
    out.push_str(",\"");
    out.push_str(name);
    out.push_str("\":[");
    for (index, item) in items.enumerate() {
        if index > 0 {
            out.push(',');
        }
        quoted(out, &item);
    }
    out.push(']');
}

/// `,"name":{slot:{key:…}}`, unless there is nothing in it.
fn write_entries<T>(
    out: &mut String,
    name: &str,
    entries: &Entries<T>,
    write: impl Fn(&mut String, &T),
) {
    if entries.is_empty() {
        return;
    }
    out.push_str(",\"");
    out.push_str(name);
    out.push_str("\":");
    object_of(out, entries, Slot::to_string, |out, _, keys| {
        object_of(out, keys, String::clone, |out, _, value| write(out, value));
    });
}

fn object_of<K, T>(
    out: &mut String,
    members: &BTreeMap<K, T>,
    name: impl Fn(&K) -> String,
    write: impl Fn(&mut String, &K, &T),
) {
    out.push('{');
    for (index, (key, value)) in members.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        quoted(out, &name(key));
        out.push(':');
        write(out, key, value);
    }
    out.push('}');
}

/// A JSON string of ASCII characters.
fn quoted(out: &mut String, text: &str) {
    if text
        .bytes()
        .all(|b| matches!(b, b' '..=b'~') && b != b'"' && b != b'\\')
    {
        out.push('"');
        out.push_str(text);
        out.push('"');
    } else {
        out.push_str(&emit::ascii_json(&Value::from(text)));
    }
}
