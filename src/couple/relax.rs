//! Relaxes a schema where values are unknown: it never refuses an instance that some value of its
//! unknown keys would make valid.
//!
//! An unknown key is a top-level key whose value is known only in the cluster. In the instance it
//! is `null`: its presence counts, its value does not. What would look at the value, or at the
//! whole instance, is relaxed; the rest stays exact.

use serde_json::{Map, Value as Json, json};

use super::json_schema::{members, target};

/// The schema, relaxed at these keys.
pub(super) fn relax(schema: &Json, unknown: &[String]) -> Json {
    Relaxation {
        root: schema,
        unknown,
    }
    .instance(schema)
}

struct Relaxation<'a> {
    root: &'a Json,
    unknown: &'a [String],
}

impl Relaxation<'_> {
    /// A schema that judges the instance itself.
    fn instance(&self, schema: &Json) -> Json {
        let Some(old) = schema.as_object() else {
            return schema.clone();
        };
        let mut new = old.clone();
        let mut all = Vec::new();
        // these see the instance as a whole, or what other keywords have seen of it
        for keyword in ["const", "enum", "unevaluatedProperties"] {
            new.remove(keyword);
        }
        self.properties(old, &mut new);
        if let Some(target) = target(old, self.root) {
            new.remove("$ref");
            all.push(self.instance(target));
        }
        for keyword in ["allOf", "anyOf"] {
            if let Some(Json::Array(subs)) = old.get(keyword) {
                new.insert(
                    keyword.to_owned(),
                    subs.iter().map(|sub| self.instance(sub)).collect(),
                );
            }
        }
        for keyword in ["dependentSchemas", "dependencies"] {
            if let Some(Json::Object(subs)) = old.get(keyword) {
                let subs: Map<_, _> = subs
                    .iter()
                    .map(|(key, sub)| (key.clone(), self.instance(sub)))
                    .collect();
                new.insert(keyword.to_owned(), Json::Object(subs));
            }
        }
        if let Some(Json::Array(subs)) = old.get("oneOf")
            && subs.iter().any(|sub| self.looks(sub))
        {
            new.remove("oneOf");
            all.push(
                json!({ "anyOf": subs.iter().map(|sub| self.instance(sub)).collect::<Vec<_>>() }),
            );
        }
        if old.get("not").is_some_and(|sub| self.looks(sub)) {
            new.remove("not");
        }
        if let Some(condition) = old.get("if") {
            let branch = |keyword| {
                old.get(keyword)
                    .map_or(Json::Bool(true), |sub| self.instance(sub))
            };
            let (then, other) = (branch("then"), branch("else"));
            if self.looks(condition) {
                new.retain(|keyword, _| !matches!(keyword.as_str(), "if" | "then" | "else"));
                all.push(json!({ "anyOf": [then, other] }));
            } else {
                new.insert("then".to_owned(), then);
                new.insert("else".to_owned(), other);
            }
        }
        if !all.is_empty() {
            match new.entry("allOf").or_insert_with(|| json!([])) {
                Json::Array(existing) => existing.extend(all),
                other => *other = Json::Array(all),
            }
        }
        Json::Object(new)
    }

    fn properties(&self, old: &Map<String, Json>, new: &mut Map<String, Json>) {
        let open = old.get("additionalProperties").is_some_and(Json::is_object);
        for hole in self.unknown {
            let declared = old.get("properties").and_then(|p| p.get(hole));
            // `false` forbids the key itself, and that it is there is known
            if declared.map_or(open, |sub| *sub != Json::Bool(false)) {
                let properties = new.entry("properties").or_insert_with(|| json!({}));
                if let Some(properties) = properties.as_object_mut() {
                    properties.insert(hole.clone(), Json::Bool(true));
                }
            }
        }
        // a pattern may meet an unknown value, and only an unknown value is null
        if let Some(Json::Object(patterns)) = new.get_mut("patternProperties") {
            for sub in patterns.values_mut().filter(|sub| !sub.is_boolean()) {
                *sub = json!({ "anyOf": [sub.take(), { "type": "null" }] });
            }
        }
    }

    /// Whether the verdict of a schema on the instance may depend on the value of an unknown key.
    fn looks(&self, schema: &Json) -> bool {
        let Some(object) = schema.as_object() else {
            return false;
        };
        let declares = |hole: &String| {
            object
                .get("properties")
                .is_some_and(|p| p.get(hole).is_some())
        };
        let rest = ["additionalProperties", "unevaluatedProperties"];
        object.contains_key("const")
            || object.contains_key("enum")
            || object.contains_key("unevaluatedProperties")
            || members(object, "patternProperties").next().is_some()
            || self.unknown.iter().any(declares)
            || rest
                .iter()
                .any(|k| object.get(*k).is_some_and(Json::is_object))
            || target(object, self.root).is_some_and(|target| self.looks(target))
            || ["allOf", "anyOf", "oneOf"].iter().any(|k| {
                object
                    .get(*k)
                    .and_then(Json::as_array)
                    .is_some_and(|s| s.iter().any(|sub| self.looks(sub)))
            })
            || ["not", "if", "then", "else"]
                .iter()
                .any(|k| object.get(*k).is_some_and(|sub| self.looks(sub)))
            || ["dependentSchemas", "dependencies"]
                .iter()
                .any(|k| members(object, k).any(|(_, sub)| self.looks(sub)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn valid(schema: &Json, instance: &Json) -> bool {
        let options = jsonschema::options().with_draft(jsonschema::Draft::Draft202012);
        options.build(schema).unwrap().is_valid(instance)
    }

    fn accepts(schema: &Json, instance: &Json) -> bool {
        valid(&relax(schema, &["s".to_owned()]), instance)
    }

    #[test]
    fn what_does_not_look_at_the_hole_stays_exact() {
        let instance = json!({"a": 1, "s": null});
        assert!(!accepts(&json!({"required": ["b"]}), &instance));
        assert!(!accepts(
            &json!({"properties": {"a": {"type": "string"}, "s": {"type": "string"}}}),
            &instance
        ));
        assert!(!accepts(
            &json!({"properties": {"a": true}, "additionalProperties": false}),
            &instance
        ));
        assert!(!accepts(&json!({"properties": {"s": false}}), &instance));
        assert!(!accepts(&json!({"not": {"required": ["s"]}}), &instance));
        assert!(!accepts(
            &json!({"oneOf": [{"required": ["s"]}, {"required": ["a"]}]}),
            &instance
        ));
        assert!(!accepts(
            &json!({"if": {"required": ["s"]}, "then": {"required": ["b"]}}),
            &instance
        ));
        assert!(!accepts(
            &json!({"dependentRequired": {"s": ["b"]}}),
            &instance
        ));
        assert!(!accepts(
            &json!({"$ref": "#/$defs/x", "$defs": {"x": {"properties": {"a": {"type": "null"}}}}}),
            &instance
        ));
        assert!(!accepts(
            &json!({"patternProperties": {"a": {"type": "string"}}}),
            &instance
        ));
    }

    #[test]
    fn what_looks_at_the_hole_is_loosened() {
        let instance = json!({"a": 1, "s": null});
        let s = json!({"properties": {"s": {"const": "x"}}});
        assert!(accepts(&s, &instance));
        assert!(accepts(&json!({"not": s}), &instance));
        assert!(accepts(
            &json!({"oneOf": [s, {"properties": {"s": {"minLength": 1}}}]}),
            &instance
        ));
        assert!(accepts(
            &json!({"if": s, "then": {"required": ["b"]}}),
            &instance
        ));
        assert!(!accepts(
            &json!({"if": s, "then": {"required": ["b"]}, "else": {"required": ["c"]}}),
            &instance
        ));
        assert!(accepts(&json!({"enum": [{"a": 1, "s": "x"}]}), &instance));
        assert!(accepts(
            &json!({"additionalProperties": {"type": "integer"}}),
            &instance
        ));
        assert!(accepts(
            &json!({"patternProperties": {"^s": {"type": "string"}}}),
            &instance
        ));
        assert!(accepts(
            &json!({"$ref": "#/$defs/x", "$defs": {"x": s}}),
            &instance
        ));
    }

    fn scalar() -> impl Strategy<Value = Json> {
        prop::sample::select(vec![json!("x"), json!("y"), json!(1), json!(true)])
    }

    fn leaf() -> impl Strategy<Value = Json> {
        let kinds = prop::sample::select(vec!["string", "integer", "boolean"]);
        prop_oneof![
            scalar().prop_map(|v| json!({ "const": v })),
            prop::collection::vec(scalar(), 1..3).prop_map(|v| json!({ "enum": v })),
            kinds.prop_map(|t| json!({ "type": t })),
            any::<bool>().prop_map(Json::Bool),
            Just(json!({"minLength": 1})),
        ]
    }

    fn key() -> impl Strategy<Value = &'static str> {
        prop::sample::select(vec!["a", "s", "t"])
    }

    fn bag_schema() -> impl Strategy<Value = Json> {
        let simple = prop_oneof![
            prop::collection::btree_map(key(), leaf(), 1..3)
                .prop_map(|p| json!({ "properties": p })),
            prop::collection::btree_set(key(), 1..3).prop_map(|r| json!({ "required": r })),
            (key(), leaf()).prop_map(|(k, l)| json!({"patternProperties": {(k): l}})),
            (key(), leaf(), leaf())
                .prop_map(|(k, l, m)| json!({"properties": {(k): l}, "additionalProperties": m})),
            (key(), leaf())
                .prop_map(|(k, l)| json!({"properties": {(k): l}, "unevaluatedProperties": false})),
            (0_u8..4).prop_map(|n| json!({ "maxProperties": n })),
            (key(), key()).prop_map(|(k, l)| json!({"dependentRequired": {(k): [l]}})),
            instance().prop_map(|b| json!({ "const": b })),
            Just(json!({"$ref": "#/$defs/d"})),
        ];
        simple.prop_recursive(3, 12, 3, |inner| {
            let some = prop::collection::vec(inner.clone(), 1..4);
            prop_oneof![
                some.clone().prop_map(|s| json!({ "allOf": s })),
                some.clone().prop_map(|s| json!({ "anyOf": s })),
                some.prop_map(|s| json!({ "oneOf": s })),
                inner.clone().prop_map(|s| json!({ "not": s })),
                (inner.clone(), inner.clone(), inner.clone())
                    .prop_map(|(i, t, e)| json!({"if": i, "then": t, "else": e})),
                (inner.clone(), inner.clone(), leaf()).prop_map(
                    |(i, t, l)| json!({"if": i, "then": t, "properties": {"a": l}, "unevaluatedProperties": l})
                ),
                (key(), inner).prop_map(|(k, s)| json!({"dependentSchemas": {(k): s}})),
            ]
        })
    }

    fn instance() -> impl Strategy<Value = Json> {
        prop::collection::btree_map(key(), scalar(), 0..4).prop_map(|b| json!(b))
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn a_bag_that_is_valid_is_never_refused(schema in bag_schema(), d in bag_schema(), instance in instance(), t in any::<bool>()) {
            let mut schema = schema;
            let inner = if d.to_string().contains("$ref") { json!({"required": ["a"]}) } else { d };
            schema["$defs"] = json!({ "d": inner });
            if valid(&schema, &instance) {
                let mut unknown = vec!["s".to_owned()];
                unknown.extend(t.then(|| "t".to_owned()));
                let mut seen = instance.clone();
                for hole in &unknown {
                    if let Some(value) = seen.get_mut(hole) {
                        *value = Json::Null;
                    }
                }
                let unknown: Vec<_> = unknown.into_iter().filter(|h| instance.get(h).is_some()).collect();
                prop_assert!(valid(&relax(&schema, &unknown), &seen), "{schema} {instance}");
            }
        }
    }
}
