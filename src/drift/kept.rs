//! Reads chosen paths of a JSON object, and skips everything else while it reads.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// The step of a path that means every item of a list.
pub(super) const ITEM: &str = "[*]";

/// Keys, and [`ITEM`], from the outermost; what is at the end of one is kept whole.
pub(super) type Paths = Vec<Vec<&'static str>>;

/// What is kept below a place.
#[derive(Clone, Copy)]
pub(super) struct Kept<'p> {
    paths: &'p Paths,
    /// The paths that lead to that place, a bit each.
    on: u64,
    depth: usize,
}

impl<'p> Kept<'p> {
    /// What these paths lead to: 64 of them at most.
    pub(super) fn of(paths: &'p Paths) -> Self {
        Self {
            paths,
            on: u64::MAX,
            depth: 0,
        }
    }

    /// What is kept below a step; `None`: nothing.
    fn below(self, step: &str) -> Option<Self> {
        let mut on = 0;
        for (bit, path) in self.paths.iter().enumerate() {
            if self.is_on(bit) && path.get(self.depth) == Some(&step) {
                on |= 1 << bit;
            }
        }
        (on != 0).then_some(Self {
            on,
            depth: self.depth + 1,
            ..self
        })
    }

    fn is_on(self, bit: usize) -> bool {
        self.on & (1 << bit) != 0
    }

    /// Whether a path ends here.
    fn is_whole(self) -> bool {
        let mut paths = self.paths.iter().enumerate();
        paths.any(|(bit, path)| self.is_on(bit) && path.len() == self.depth)
    }
}

/// A key, and what is kept below it.
struct KeptKey<'p>(Kept<'p>);

/// A key that leads on.
struct KeptStep<'p> {
    key: String,
    below: Kept<'p>,
}

impl<'de, 'p> DeserializeSeed<'de> for KeptKey<'p> {
    type Value = Option<KeptStep<'p>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'p> Visitor<'_> for KeptKey<'p> {
    type Value = Option<KeptStep<'p>>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a key")
    }

    // most keys lead nowhere: those are not copied
    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.0.below(key).map(|below| KeptStep {
            key: key.to_owned(),
            below,
        }))
    }
}

impl<'de> DeserializeSeed<'de> for Kept<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        if self.is_whole() {
            return Value::deserialize(deserializer);
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Kept<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object or a list")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut kept = Map::new();
        while let Some(step) = map.next_key_seed(KeptKey(self))? {
            match step {
                Some(KeptStep { key, below }) => {
                    let value = map.next_value_seed(below)?;
                    kept.insert(key, value);
                }
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(Value::Object(kept))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut kept = Vec::new();
        let below = self.below(ITEM).unwrap_or(Self { on: 0, ..self });
        loop {
            match list.next_element_seed(below)? {
                Some(item) => kept.push(item),
                None => return Ok(Value::Array(kept)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_on_a_path_is_kept() {
        let paths = vec![vec!["a", ITEM, "n"], vec!["a", ITEM, "e"], vec!["b", "c"]];
        let json = r#"{"x": [1, {"n": 2}], "a": [{"n": 1, "e": [{"z": 1}], "i": 5}, {"i": 6}], "b": null, "c": 1}"#;
        let read = Kept::of(&paths)
            .deserialize(&mut serde_json::Deserializer::from_str(json))
            .unwrap();
        assert_eq!(
            read,
            serde_json::json!({"a": [{"n": 1, "e": [{"z": 1}]}, {}], "b": null})
        );
    }
}
