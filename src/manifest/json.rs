//! Converts a part of a document to JSON, as Kubernetes would read it.

use serde_json::{Map, Number, Value};

use super::scalar::{Scalar, resolve};
use super::{Kind, NodeId, Span, Tree};

impl Tree<'_> {
    /// A node as JSON. Keys are the text that is written, whatever type Kubernetes would see in
    /// them (`on:`).
    ///
    /// # Errors
    /// The place of what has no value of its own here: an alias, a merge key, a tagged value, a
    /// number JSON lacks.
    pub fn json(&self, id: NodeId) -> Result<Value, Span> {
        let node = self.node(id);
        if node.tagged {
            return Err(node.span);
        }
        match node.kind {
            Kind::Alias => Err(node.span),
            Kind::Sequence => self
                .children(id)
                .map(|item| self.json(item))
                .collect::<Result<_, _>>()
                .map(Value::Array),
            Kind::Mapping => {
                let mut members = Map::new();
                for member in self.children(id) {
                    if self.is_merge(member) {
                        return Err(self.node(member).key.unwrap_or(node.span));
                    }
                    members.insert(
                        self.key(member).unwrap_or_default().to_owned(),
                        self.json(member)?,
                    );
                }
                Ok(Value::Object(members))
            }
            Kind::Scalar => match resolve(self.str(id).unwrap_or_default(), node.style) {
                Scalar::Null => Ok(Value::Null),
                Scalar::Bool(value) => Ok(Value::Bool(value)),
                Scalar::Int(value) => Ok(value.into()),
                Scalar::Big(text) => number(big(text)).ok_or(node.span),
                Scalar::Float(value) => number(value).ok_or(node.span),
                Scalar::Str(text) => Ok(text.into()),
            },
        }
    }

    /// Whether a member of a mapping is under the merge key `<<` (a quoted one is only a key).
    pub(crate) fn is_merge(&self, member: NodeId) -> bool {
        self.node(member)
            .key
            .is_some_and(|key| self.slice(key) == "<<")
    }
}

/// Go writes a whole number without a point, and Kubernetes then reads an integer if 64 bits hold
/// it.
fn number(value: f64) -> Option<Value> {
    let whole = value.fract() == 0.0 && (i64::MIN as f64..-(i64::MIN as f64)).contains(&value);
    if whole {
        Some((value as i64).into())
    } else {
        Number::from_f64(value).map(Value::Number)
    }
}

/// An integer beyond 64 bits, rounded.
fn big(text: &str) -> f64 {
    let text = text.replace('_', "");
    let (radix, digits) = match text.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &text[2..]),
        [b'0', b'o' | b'O', ..] => (8, &text[2..]),
        [b'0', b'b' | b'B', ..] => (2, &text[2..]),
        [b'0', ..] => (8, &text[1..]),
        _ => return text.parse().unwrap_or(f64::INFINITY),
    };
    match u128::from_str_radix(digits, radix) {
        Ok(value) => value as f64,
        Err(_) => f64::INFINITY,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> Result<Value, Span> {
        let tree = Tree::read(text).unwrap();
        tree.json(tree.root().unwrap())
    }

    #[test]
    fn every_kind_of_value() {
        let text = "a: 1\nb: [x, 'on', on, ~]\nc: {d: 1e3, e: 1.5}\nf: |\n  text\ng:\nh: 0777\n";
        let wanted = json!({"a": 1, "b": ["x", "on", true, null], "c": {"d": 1000, "e": 1.5}, "f": "text\n", "g": null,
            "h": 511});
        assert_eq!(read(text), Ok(wanted));
    }

    #[test]
    fn numbers_as_kubernetes_passes_them_on() {
        let text = "[12345678901234567890, 0xFFFFFFFFFFFFFFFFFF, 1e18, 1e19, -0.0, 123456789012345678901234]";
        assert_eq!(
            read(text),
            Ok(json!([
                12_345_678_901_234_567_890_f64,
                4_722_366_482_869_645_213_695_f64,
                1_000_000_000_000_000_000_i64,
                1e19,
                0,
                1.234_567_890_123_456_8e23
            ]))
        );
    }

    #[test]
    fn what_has_no_value_here_is_an_error_at_its_place() {
        for (text, at) in [
            ("a: &x 1\nb: *x\n", 11..13),
            ("a: &x {}\nb:\n  <<: *x\n", 14..16),
            ("a: !!str 1\n", 9..10),
            ("a: .inf\n", 3..7),
        ] {
            assert_eq!(read(text), Err(Span::new(at.start, at.end)), "{text}");
        }
        assert_eq!(read("'<<': 1\n"), Ok(json!({"<<": 1})));
    }
}
