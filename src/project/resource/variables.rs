//! Lowers the variables of a resource's container: references as `valueFrom`, and the parts of a
//! text as variables before it.

use std::collections::BTreeMap;

use super::{Lowering, ResourceNode, step_of, written_text};
use crate::api::{ManifestMember, ManifestValue, ReferencePresence};
use crate::couple::{
    Part, Reference, ReferenceKind, ResourceLeaf, VariableText, expanded_text, helper_name,
};
use crate::diagnostic::{Code, Diagnostic};
use crate::edit::Value;
use crate::manifest::Place;
use crate::project::env_content::option;

/// What two references have in common that are one.
type KeyPointer = (ReferenceKind, String, String, ReferencePresence);

fn pointer(reference: &Reference) -> KeyPointer {
    let Reference {
        kind,
        name,
        key,
        presence,
        ..
    } = reference;
    (*kind, name.clone(), key.clone(), *presence)
}

/// The variables of one container while they are lowered.
#[derive(Default)]
struct Variables {
    items: Vec<Value<'static>>,
    /// The names of those that hold a reference.
    holders: BTreeMap<KeyPointer, String>,
    /// Where the names that are taken are written.
    taken: BTreeMap<String, Place>,
}

impl Lowering<'_> {
    pub(super) fn variables(&mut self, items: &[ResourceNode]) -> Value<'static> {
        let mut variables = Variables::default();
        for item in items {
            let name = item.member("name").and_then(written_text);
            variables.taken.extend(name.map(|name| (name, item.at)));
        }
        for (index, item) in items.iter().enumerate() {
            self.path.push(step_of(item, index));
            let lowered = self.variable(item, &mut variables);
            self.path.pop();
            variables.items.push(lowered);
        }
        Value::List(variables.items)
    }

    fn variable(&mut self, item: &ResourceNode, variables: &mut Variables) -> Value<'static> {
        let ManifestValue::Map(members) = &item.value else {
            return self.value(item);
        };
        let name = item.member("name").and_then(written_text);
        let lowered = members.iter().map(|member| match self.text(member) {
            Some(Ok(text)) => self.content(text, name.as_deref(), member.node.at, variables),
            Some(Err(why)) => {
                let message = format!(
                    "a variable of resource `{}` cannot be written as text: {why}",
                    self.resource.name
                );
                let error = Diagnostic::error(Code::ValueHasNoText, message);
                self.errors.push(error.at(member.node.at, "this value"));
                ("value".into(), Value::Text("".into()))
            }
            None => self.member(member),
        });
        Value::Map(lowered.collect())
    }

    /// The text of a variable's `value`, where a template gives it.
    fn text(
        &self,
        member: &ManifestMember<ResourceLeaf>,
    ) -> Option<Result<VariableText, &'static str>> {
        match &member.node.value {
            ManifestValue::Leaf(ResourceLeaf::Evaluated(value)) if member.key == "value" => {
                Some(VariableText::of(value))
            }
            _ => None,
        }
    }

    fn content(
        &mut self,
        text: VariableText,
        name: Option<&str>,
        at: Place,
        variables: &mut Variables,
    ) -> crate::edit::Member<'static> {
        match text {
            VariableText::Plain(text) => ("value".into(), Value::Text(text.into())),
            VariableText::Reference(reference) => {
                if let Some(name) = name {
                    let holder = variables.holders.entry(pointer(&reference));
                    holder.or_insert_with(|| name.to_owned());
                }
                ("valueFrom".into(), value_from(&reference))
            }
            VariableText::Joined(parts) => {
                self.helpers(&parts, at, variables);
                let holder = |reference: &Reference| {
                    let holder = variables.holders.get(&pointer(reference));
                    holder.cloned().unwrap_or_default()
                };
                let text = expanded_text(&parts, holder);
                ("value".into(), Value::Text(text.into()))
            }
        }
    }

    /// Sees to it that every reference of a text is a variable before it.
    fn helpers(&mut self, parts: &[Part], at: Place, variables: &mut Variables) {
        let mut missing = BTreeMap::new();
        for part in parts {
            if let Part::Reference(reference) = part
                && !variables.holders.contains_key(&pointer(reference))
            {
                missing.insert(helper_name(&self.resource.prefix, reference), reference);
            }
        }
        for (name, reference) in missing {
            if let Some(&other) = variables.taken.get(&name) {
                let message = format!(
                    "`{name}` is needed for a part of a text of resource `{}`, and is already another variable",
                    self.resource.name
                );
                let error = Diagnostic::error(Code::EnvCollision, message)
                    .at(at, "this text needs it")
                    .at(other, "this variable has the name")
                    .help(
                        "rename the variable; or define it before the text, with only this part \
                     as its value",
                    );
                self.errors.push(error);
                continue;
            }
            variables.taken.insert(name.clone(), at);
            let item = vec![
                ("name".into(), Value::Text(name.clone().into())),
                ("valueFrom".into(), value_from(reference)),
            ];
            variables.items.push(Value::Map(item));
            variables.holders.insert(pointer(reference), name);
        }
    }
}

fn value_from(reference: &Reference) -> Value<'static> {
    let mut target = vec![
        ("name".into(), Value::Text(reference.name.clone().into())),
        ("key".into(), Value::Text(reference.key.clone().into())),
    ];
    target.extend(option(reference));
    Value::Map(vec![(reference.kind.field().into(), Value::Map(target))])
}
