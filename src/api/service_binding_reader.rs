//! Decodes a `ServiceBinding` of servicebinding.io, in any of its versions.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::decode::{Defaults, ObjectParts};
use super::reader::ObjectReader;
use super::rules::{
    ANY, BINDING_ENTRY, BINDING_NAME, CONTAINER_NAME, ENV_NAME, LABEL_VALUE, NAME, SHORT_NAME,
};
use super::{
    LabelExpression, LabelOperator, LabelSelector, Meta, ObjectRef, ServiceBinding,
    ServiceBindingVariable, Spanned, WorkloadRef, WorkloadSelector,
};
use crate::diagnostic::{Code, Diagnostic, Findings};
use crate::manifest::scalar::Scalar;
use crate::manifest::{NodeId, Place, Tree};

/// Reads the ServiceBinding at `root`; `at` is where the document's first byte is.
///
/// `None` means that it cannot be used. What could be read of a broken one is returned with
/// [`Meta::broken`].
pub fn decode_service_binding(
    tree: &Tree<'_>,
    root: NodeId,
    at: Place,
    defaults: &Defaults<'_>,
    out: &mut Findings,
) -> Option<ServiceBinding> {
    let mut reader = ObjectReader::new(tree, root, at);
    let mut object = reader.service_binding(defaults);
    if let Some(binding) = &mut object {
        binding.meta.broken = !reader.errors.is_empty();
    }
    let warnings = reader.warnings();
    out.extend(reader.errors);
    out.extend(warnings);
    object
}

impl ObjectReader<'_> {
    fn service_binding(&mut self, defaults: &Defaults<'_>) -> Option<ServiceBinding> {
        self.plain();
        let members = ["apiVersion", "kind", "metadata", "spec", "status"];
        let [_, _, metadata, spec, _] = self.fields(self.root, members)?;
        let ObjectParts { meta, spec } = self.parts(metadata, spec, defaults)?;
        let [name, binding_type, provider, service, workload, env] = self.fields(
            spec,
            ["name", "type", "provider", "service", "workload", "env"],
        )?;
        let is_given = |id: &NodeId| self.scalar(*id) != Some(Scalar::Str(""));
        let [name, binding_type, provider] =
            [name, binding_type, provider].map(|id| id.filter(is_given));
        let name = name.and_then(|id| self.text(id, &BINDING_NAME));
        let binding_type = binding_type.and_then(|id| self.text(id, &ANY));
        let provider = provider.and_then(|id| self.text(id, &ANY));
        let service = self.required(spec, "service", service);
        let service = service.and_then(|id| self.bound_service(id));
        let workload = self.required(spec, "workload", workload);
        let workload = workload.and_then(|id| self.bound_workload(id));
        let env = env.map(|list| self.each(list, 0, 256, Self::binding_variable));
        let env = env.unwrap_or_default();
        let names: Vec<Spanned<String>> =
            env.iter().map(|variable| variable.name.clone()).collect();
        self.once(&names);
        let meta: Meta = meta?;
        Some(ServiceBinding {
            name: name.unwrap_or_else(|| meta.name.clone()),
            meta,
            api_version: self.api_version.clone(),
            binding_type,
            provider,
            service: service?,
            workloads: Rc::from([workload?]),
            env,
        })
    }

    /// A member that must be there.
    fn required(
        &mut self,
        holder: NodeId,
        name: &'static str,
        member: Option<NodeId>,
    ) -> Option<NodeId> {
        if member.is_none() {
            self.missing(holder, name);
        }
        member
    }

    fn bound_service(&mut self, id: NodeId) -> Option<ObjectRef> {
        let [api_version, kind, name] = self.fields(id, ["apiVersion", "kind", "name"])?;
        let api_version = self.required(id, "apiVersion", api_version);
        let api_version = api_version.and_then(|id| self.text(id, &NAME));
        let kind = self.required(id, "kind", kind);
        let kind = kind.and_then(|id| self.text(id, &SHORT_NAME));
        let name = self.required(id, "name", name);
        let name = name.and_then(|id| self.text(id, &NAME));
        Some(ObjectRef {
            api_version: api_version?.value,
            kind: kind?.value,
            name: name?,
            at: self.at(id),
        })
    }

    fn bound_workload(&mut self, id: NodeId) -> Option<WorkloadRef> {
        let members = ["apiVersion", "kind", "name", "selector", "containers"];
        let [api_version, kind, name, selector, containers] = self.fields(id, members)?;
        let name = name.filter(|id| self.scalar(*id) != Some(Scalar::Str("")));
        let one = self.exactly_one(id, &[("name", name), ("selector", selector)]);
        let api_version = self.required(id, "apiVersion", api_version);
        let api_version = api_version.and_then(|id| self.text(id, &NAME));
        let kind = self.required(id, "kind", kind);
        let kind = kind.and_then(|id| self.text(id, &SHORT_NAME));
        let name = name.and_then(|id| self.text(id, &NAME));
        let selector = selector.and_then(|id| self.label_selector(id));
        let mut containers = containers
            .map(|list| self.texts(list, 0, 256, &CONTAINER_NAME))
            .unwrap_or_default();
        if containers.is_empty() {
            containers.push(Spanned {
                value: "*".to_owned(),
                at: self.at(id),
            });
        }
        let selector = match (name, selector) {
            (Some(name), _) => WorkloadSelector::Name(name),
            (None, Some(selector))
                if selector.expressions.is_empty() && !selector.labels.is_empty() =>
            {
                WorkloadSelector::Labels(selector.labels)
            }
            (None, Some(selector)) => WorkloadSelector::Matching(selector),
            (None, None) => return None,
        };
        let (api_version, kind) = (api_version?, kind?);
        one.then(|| WorkloadRef {
            api_version: Some(api_version.value),
            kind: kind.value,
            selector,
            containers,
            position: 0,
            at: self.at(id),
        })
    }

    /// `None` where it has a mistake: what is left of it would select others.
    fn label_selector(&mut self, id: NodeId) -> Option<LabelSelector> {
        let before = self.errors.len();
        let [labels, expressions] = self.fields(id, ["matchLabels", "matchExpressions"])?;
        let labels = labels.map(|id| self.map(id, 0, 64, &LABEL_VALUE));
        let labels = labels.unwrap_or_default().into_iter();
        let expressions = expressions.map(|list| self.each(list, 0, 64, Self::label_expression));
        let selector = LabelSelector {
            labels: labels
                .map(|(key, value)| (key.value, value.value))
                .collect(),
            expressions: expressions.unwrap_or_default(),
        };
        (self.errors.len() == before).then_some(selector)
    }

    fn label_expression(&mut self, item: NodeId) -> Option<LabelExpression> {
        let [key, operator, values] = self.fields(item, ["key", "operator", "values"])?;
        let key = self.required(item, "key", key);
        let key = key.and_then(|id| self.text(id, &NAME));
        let operator = self.required(item, "operator", operator)?;
        let before = self.errors.len();
        let operator = self.choice(Some(operator), &LabelOperator::WORDS);
        let given: Vec<_> = values
            .map(|list| self.texts(list, 0, 256, &LABEL_VALUE))
            .unwrap_or_default();
        let is_known = self.errors.len() == before;
        if is_known && operator.takes_values() == given.is_empty() {
            let message = match operator.takes_values() {
                true => format!("`{}` compares with `values`, and has none", self.path(item)),
                false => format!("`{}` compares with no `values`", self.path(item)),
            };
            let at = self.at(values.unwrap_or(item));
            self.report(Diagnostic::error(Code::InvalidField, message).at(at, "of this operator"));
        }
        let values: BTreeSet<String> = given.into_iter().map(|text| text.value).collect();
        Some(LabelExpression {
            key: key?.value,
            operator,
            values,
        })
    }

    fn binding_variable(&mut self, item: NodeId) -> Option<ServiceBindingVariable> {
        let [name, key] = self.fields(item, ["name", "key"])?;
        let name = self.required(item, "name", name);
        let name = name.and_then(|id| self.text(id, &ENV_NAME));
        let key = self.required(item, "key", key);
        let key = key.and_then(|id| self.text(id, &BINDING_ENTRY));
        Some(ServiceBindingVariable {
            name: name?,
            key: key?,
        })
    }
}

#[cfg(test)]
mod tests;
