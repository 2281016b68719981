//! Reads chosen paths of a JSON object and skips all else of it while it is read.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// The step of a path that means every item of a list.
pub(super) const ITEM: &str = "[*]";

/// What is kept.
pub(super) struct Kept {
    /// Keys, and [`ITEM`], from the outermost; what stands at the end of one is kept whole.
    pub(super) paths: Vec<Vec<&'static str>>,
}

impl Kept {
    /// What is kept below a step; `None`: nothing.
    fn below(&self, step: &str) -> Option<Self> {
        let paths: Vec<_> = self
            .paths
            .iter()
            .filter(|path| path.first() == Some(&step))
            .map(|path| path[1..].to_vec())
            .collect();
        (!paths.is_empty()).then_some(Self { paths })
    }
}

impl<'de> DeserializeSeed<'de> for Kept {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        if self.paths.iter().any(Vec::is_empty) {
            return Value::deserialize(deserializer);
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Kept {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object or a list")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut kept = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            match self.below(&key) {
                Some(below) => {
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
        loop {
            let below = self.below(ITEM).unwrap_or(Self { paths: Vec::new() });
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
        let kept = Kept {
            paths: vec![vec!["a", ITEM, "n"], vec!["a", ITEM, "e"], vec!["b", "c"]],
        };
        let json = r#"{"x": [1, {"n": 2}], "a": [{"n": 1, "e": [{"z": 1}], "i": 5}, {"i": 6}], "b": null, "c": 1}"#;
        let read = kept
            .deserialize(&mut serde_json::Deserializer::from_str(json))
            .unwrap();
        assert_eq!(
            read,
            serde_json::json!({"a": [{"n": 1, "e": [{"z": 1}]}, {}], "b": null})
        );
    }
}
