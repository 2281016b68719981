//! Keeps one side of one Interface version: its keys, and validators that are built on first use.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use jsonschema::{Draft, PatternOptions, Validator};
use serde_json::Value as Json;

use super::json_schema::{SchemaError, members, pointer_step, target};
use super::key_facts::{KeyFacts, text_of};
use super::key_text;
use super::relax;
use super::template::Side;
use crate::api::Schema;
use crate::limits;
use crate::manifest::Place;

/// The schema of one side, taken apart.
pub(super) struct SideSchema<'a> {
    /// As written.
    pub schema: &'a Schema,
    /// Every declared key.
    pub keys: BTreeMap<String, KeyFacts>,
    /// The keys that must be given, sorted.
    pub required: Vec<String>,
    /// `x-type`: what kind of service it is, for applications that read files.
    pub binding_type: Option<String>,
    /// Whether keys that are not declared may be given.
    pub open: bool,
    /// Why the schema cannot be used at all.
    pub refused: Option<SchemaError>,
    /// How many patterns a validator compiles.
    patterns: usize,
    /// By the set of unknown keys; the oldest goes first.
    validators: RefCell<Vec<(Vec<String>, BuiltValidator)>>,
}

/// A validator, or why there is none.
type BuiltValidator = Result<Rc<Validator>, SchemaError>;

impl<'a> SideSchema<'a> {
    /// Takes a schema apart; builds no validator yet.
    pub(super) fn new(schema: &'a Schema, side: Side) -> Self {
        let mut side_schema = Self {
            schema,
            keys: BTreeMap::new(),
            required: Vec::new(),
            binding_type: text_of(&schema.value, "x-type"),
            open: false,
            refused: None,
            patterns: 0,
            validators: RefCell::new(Vec::new()),
        };
        match measure(&schema.value) {
            Ok(patterns) => {
                side_schema.patterns = patterns;
                side_schema.walk(&schema.value, true);
                side_schema.required.sort_unstable();
                side_schema.required.dedup();
                side_schema.refused = key_text::read(side, &mut side_schema.keys).err();
            }
            Err(problem) => side_schema.refused = Some(problem),
        }
        side_schema
    }

    fn walk(&mut self, node: &Json, firm: bool) {
        let Some(object) = node.as_object() else {
            return;
        };
        for (name, sub) in members(object, "properties") {
            let key = self.keys.entry(name.clone()).or_default();
            key.learn(sub, &self.schema.value);
        }
        if firm {
            let names = object
                .get("required")
                .and_then(Json::as_array)
                .into_iter()
                .flatten();
            self.required
                .extend(names.filter_map(Json::as_str).map(str::to_owned));
        }
        self.open |= object
            .get("additionalProperties")
            .is_some_and(|a| *a != Json::Bool(false));
        self.open |= members(object, "patternProperties").next().is_some();
        let root = &self.schema.value;
        if let Some(target) = target(object, root) {
            self.walk(target, firm);
        }
        for (keyword, firm) in [("allOf", firm), ("anyOf", false), ("oneOf", false)] {
            for sub in object
                .get(keyword)
                .and_then(Json::as_array)
                .into_iter()
                .flatten()
            {
                self.walk(sub, firm);
            }
        }
        for sub in ["if", "then", "else"].iter().filter_map(|k| object.get(*k)) {
            self.walk(sub, false);
        }
        for (_, sub) in members(object, "dependentSchemas") {
            self.walk(sub, false);
        }
    }

    /// Whether a key is bound by a Plug that lists none: it is required, or `x-default` marks it.
    pub(super) fn is_by_default(&self, key: &str) -> bool {
        self.is_required(key) || self.keys.get(key).is_some_and(|facts| facts.by_default)
    }

    /// The keys that a Plug binds that lists none, where they are given.
    pub(super) fn default_keys(&self) -> BTreeSet<&str> {
        let marked = self.keys.iter().filter(|(_, facts)| facts.by_default);
        let required = self.required.iter().map(String::as_str);
        marked
            .map(|(key, _)| key.as_str())
            .chain(required)
            .collect()
    }

    /// The keys that must be given.
    pub(super) fn required_keys(&self) -> impl Iterator<Item = &str> {
        self.required.iter().map(String::as_str)
    }

    /// Whether a key must be given.
    pub(super) fn is_required(&self, key: &str) -> bool {
        let position = self
            .required
            .binary_search_by(|known| known.as_str().cmp(key));
        position.is_ok()
    }

    /// The validator for bags in which these keys (sorted) cannot be seen.
    pub(super) fn validator(&self, unknown: &[String]) -> BuiltValidator {
        if let Some(problem) = &self.refused {
            return Err(problem.clone());
        }
        if let Some((_, known)) = self.validators.borrow().iter().find(|(h, _)| h == unknown) {
            return known.clone();
        }
        let built = if unknown.is_empty() {
            compile(&self.schema.value, self.patterns)
        } else {
            compile(&relax::relax(&self.schema.value, unknown), self.patterns)
        };
        let mut validators = self.validators.borrow_mut();
        if validators.len() >= limits::VALIDATORS {
            drop(validators.remove(0));
        }
        validators.push((unknown.to_vec(), built.clone()));
        built
    }

    /// The place of the deepest part of a JSON pointer that the schema was read with.
    pub(super) fn place(&self, pointer: &str) -> Place {
        let mut pointer = pointer;
        loop {
            if let Some(place) = self.schema.places.get(pointer) {
                return *place;
            }
            match pointer.rfind('/') {
                Some(cut) => pointer = &pointer[..cut],
                None => return self.schema.at,
            }
        }
    }
}

fn compile(schema: &Json, patterns: usize) -> BuiltValidator {
    let size = limits::PATTERN_BYTES.min(limits::PATTERNS_BYTES / patterns.max(1));
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(true)
        .with_pattern_options(
            PatternOptions::regex()
                .size_limit(size)
                .dfa_size_limit(size),
        )
        .offline()
        .build(schema)
        .map(Rc::new)
        .map_err(|e| SchemaError {
            pointer: e.instance_path().as_str().to_owned(),
            message: e.masked_with("the value").to_string(),
        })
}

/// Goes through the schema with every `$ref` unfolded, and refuses what would cost too much; the
/// number of its patterns.
fn measure(root: &Json) -> Result<usize, SchemaError> {
    let mut walk = Unfold {
        root,
        known: BTreeMap::new(),
        patterns: BTreeSet::new(),
    };
    let total = walk.schema(root, &mut Vec::new(), 0)?;
    if total > limits::SCHEMA_COST {
        let message = format!(
            "the schema expands to more than {} subschemas",
            limits::SCHEMA_COST
        );
        return Err(SchemaError {
            pointer: String::new(),
            message,
        });
    }
    Ok(walk.patterns.len())
}

struct Unfold<'a> {
    root: &'a Json,
    /// `None`: being unfolded right now.
    known: BTreeMap<String, Option<u64>>,
    /// Each is compiled once, however often it is there.
    patterns: BTreeSet<&'a str>,
}

impl<'a> Unfold<'a> {
    /// The number of subschemas.
    fn schema(
        &mut self,
        node: &'a Json,
        at: &mut Vec<&'a str>,
        depth: usize,
    ) -> Result<u64, SchemaError> {
        let Some(object) = node.as_object() else {
            return Ok(1);
        };
        if depth > limits::DEPTH {
            return Err(problem(
                at,
                format!("schemas nest deeper than {}", limits::DEPTH),
            ));
        }
        let mut total = 1_u64;
        for (keyword, value) in object {
            at.push(keyword);
            let part = match (keyword.as_str(), value) {
                ("$ref", Json::String(to)) => self.reference(to, at, depth)?,
                ("$dynamicRef" | "$recursiveRef", _) => {
                    return Err(problem(
                        at,
                        format!("`{keyword}` is not supported; write `$ref`"),
                    ));
                }
                ("enum" | "const" | "default" | "examples" | "x-value", _) => 0,
                ("pattern", Json::String(pattern)) => self.pattern(pattern, at)?,
                (
                    "properties" | "patternProperties" | "dependentSchemas" | "dependencies",
                    Json::Object(map),
                ) => {
                    let mut sum = 0_u64;
                    for (name, sub) in map {
                        at.push(name);
                        if keyword == "patternProperties" {
                            self.pattern(name, at)?;
                        }
                        sum = sum.saturating_add(self.schema(sub, at, depth + 1)?);
                        at.pop();
                    }
                    sum
                }
                ("$defs" | "definitions", _) => 0,
                (_, Json::Array(items)) => {
                    let mut sum = 0_u64;
                    for item in items {
                        sum = sum.saturating_add(self.schema(item, at, depth + 1)?);
                    }
                    sum
                }
                (_, Json::Object(_)) => self.schema(value, at, depth + 1)?,
                _ => 0,
            };
            total = total.saturating_add(part);
            at.pop();
        }
        Ok(total)
    }

    fn pattern(&mut self, pattern: &'a str, at: &[&str]) -> Result<u64, SchemaError> {
        if pattern.len() > limits::PATTERN_TEXT {
            return Err(problem(
                at,
                format!("a pattern has more than {} bytes", limits::PATTERN_TEXT),
            ));
        }
        self.patterns.insert(pattern);
        Ok(0)
    }

    fn reference(
        &mut self,
        to: &str,
        at: &mut Vec<&'a str>,
        depth: usize,
    ) -> Result<u64, SchemaError> {
        match self.known.get(to) {
            Some(Some(cost)) => return Ok(*cost),
            Some(None) => return Err(problem(at, format!("`{to}` refers to itself"))),
            None => {}
        }
        let Some(target) = to
            .strip_prefix('#')
            .and_then(|pointer| self.root.pointer(pointer))
        else {
            return Err(problem(
                at,
                format!(
                    "`{to}` refers to nothing: a `$ref` is a JSON pointer into this schema, `#/…`"
                ),
            ));
        };
        self.known.insert(to.to_owned(), None);
        let cost = self.schema(target, at, depth + 1)?;
        self.known.insert(to.to_owned(), Some(cost));
        Ok(cost)
    }
}

fn problem(at: &[&str], message: String) -> SchemaError {
    let pointer = at.iter().map(|step| pointer_step(step)).collect();
    SchemaError { pointer, message }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Map;
    use serde_json::json;

    fn schema(value: Json) -> Schema {
        Schema {
            value,
            at: Place::default(),
            places: BTreeMap::new(),
        }
    }

    #[test]
    fn a_face_knows_its_keys_through_refs_and_branches() {
        let schema = schema(json!({
            "$defs": {"port": {"type": "integer", "default": 5432}},
            "required": ["host"],
            "properties": {"host": {"type": "string"}, "port": {"$ref": "#/$defs/port"}},
            "allOf": [{"required": ["password"], "properties": {
                "password": {"type": "string", "writeOnly": true, "format": "url-safe", "pattern": "x"}}}],
            "anyOf": [{"required": ["uri"], "properties": {"uri": {"const": "x"}}}, true]
        }));
        let side_schema = SideSchema::new(&schema, Side::Socket);
        assert_eq!(side_schema.refused, None);
        assert_eq!(side_schema.required, ["host", "password"]);
        assert_eq!(
            side_schema.keys.keys().collect::<Vec<_>>(),
            ["host", "password", "port", "uri"]
        );
        assert_eq!(side_schema.keys["port"].default, Some(json!(5432)));
        assert!(side_schema.keys["password"].secret && side_schema.keys["password"].url_safe);
        assert_eq!(side_schema.keys["password"].judged_by, ["pattern"]);
        assert!(side_schema.keys["uri"].fixed && !side_schema.open);
    }

    #[test]
    fn schemas_that_cannot_be_unfolded_are_refused() {
        let mut bomb = json!({"$defs": {"d0": {"type": "string"}}, "$ref": "#/$defs/d30"});
        for i in 1..=30 {
            let below = format!("#/$defs/d{}", i - 1);
            bomb["$defs"][format!("d{i}")] = json!({"allOf": [{"$ref": below}, {"$ref": below}]});
        }
        let mut chain = json!({"$defs": {"d0": true}, "$ref": "#/$defs/d999"});
        for i in 1..1000 {
            chain["$defs"][format!("d{i}")] = json!({"$ref": format!("#/$defs/d{}", i - 1)});
        }
        for (value, words) in [
            (json!({"$ref": "#"}), "itself"),
            (
                json!({"properties": {"a": {"$ref": "#/properties/a"}}}),
                "itself",
            ),
            (
                json!({"$ref": "https://example.com/x.json"}),
                "refers to nothing",
            ),
            (json!({"$ref": "#/$defs/none"}), "refers to nothing"),
            (json!({"$dynamicRef": "#x"}), "not supported"),
            (bomb, "expands"),
            (chain, "deeper"),
        ] {
            let schema = schema(value);
            let side_schema = SideSchema::new(&schema, Side::Socket);
            let problem = side_schema.refused.as_ref().unwrap();
            assert!(problem.message.contains(words), "{problem:?}");
            assert!(side_schema.validator(&[]).is_err());
        }
    }

    #[test]
    fn patterns_are_bounded() {
        let usable = |value: Json| {
            SideSchema::new(&schema(value), Side::Socket)
                .validator(&[])
                .is_ok()
        };
        assert!(!usable(
            json!({"properties": {"a": {"pattern": "(((a{99}){99}){99}){99}"}}})
        ));
        // as written, wherever it is
        let text = |length| "a".repeat(length);
        assert!(usable(
            json!({"properties": {"a": {"pattern": text(limits::PATTERN_TEXT)}}})
        ));
        assert!(!usable(
            json!({"properties": {"a": {"pattern": text(limits::PATTERN_TEXT + 1)}}})
        ));
        assert!(!usable(
            json!({"patternProperties": {text(limits::PATTERN_TEXT + 1): true}})
        ));
        assert!(usable(
            json!({"properties": {"pattern": {"const": text(limits::PATTERN_TEXT + 1)}}})
        ));
        // the limit is for all together: a few are allowed, many are not, and one that is repeated
        // is one
        let some = |n: usize, of: usize| {
            let key = |i: usize| {
                (
                    format!("k{i}"),
                    json!({"pattern": format!("^\\pL{{9}}{}$", i % of)}),
                )
            };
            json!({"properties": (0..n).map(key).collect::<Map<_, _>>()})
        };
        assert!(usable(some(4, 4)));
        assert!(usable(some(100, 4)));
        assert!(!usable(some(100, 100)));
    }

    #[test]
    fn validators_are_kept_for_a_few_sets_of_holes() {
        let schema = schema(json!({"properties": {"a": {"type": "string"}}}));
        let side_schema = SideSchema::new(&schema, Side::Socket);
        for n in 0..limits::VALIDATORS + 5 {
            assert!(side_schema.validator(&[format!("k{n}")]).is_ok());
        }
        assert_eq!(side_schema.validators.borrow().len(), limits::VALIDATORS);
    }

    #[test]
    fn properties_may_be_named_like_keywords() {
        let schema =
            schema(json!({"properties": {"$ref": {"type": "string"}, "enum": {"type": "string"}}}));
        let side_schema = SideSchema::new(&schema, Side::Socket);
        assert_eq!(side_schema.refused, None);
        assert!(side_schema.validator(&[]).is_ok());
    }
}
