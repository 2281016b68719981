//! Reports findings that need all workloads of a Plug or a Socket: variables that replace nothing,
//! and containers that seem to be forgotten.

use std::collections::BTreeMap;

use crate::api::{Binder, EnvBinding, EnvValue, OverwriteRule};
use crate::couple::CouplingInput;
use crate::diagnostic::{Code, Diagnostic, Findings, list};
use crate::manifest::Place;
use crate::project::{AskedReplacement, FoundVariable, LeftOutContainer, LeftOutReason, Remarks};

/// What was remarked in the workloads of a run.
#[derive(Default)]
pub(super) struct RunRemarks {
    /// What was found of each variable that is to replace another, by what asks for it.
    replacements: BTreeMap<Place, FoundVariable>,
    /// The first container of each name, of each Plug and Socket, and in how many more workloads it is.
    left_out: BTreeMap<LeftOutKey, LeftOutOnce>,
}

/// Where the Plug or the Socket has its name, the container, and why.
type LeftOutKey = (Place, String, LeftOutReason);

struct LeftOutOnce {
    first: LeftOutContainer,
    more: usize,
}

impl RunRemarks {
    /// Adds what was remarked in one document.
    pub(super) fn add(&mut self, remarks: Remarks) {
        let Remarks {
            asked_replacements,
            left_out,
        } = remarks;
        for AskedReplacement { at, found, .. } in asked_replacements {
            let known = self.replacements.entry(at).or_insert(found.clone());
            match (&*known, found) {
                (_, FoundVariable::Perhaps) => *known = FoundVariable::Perhaps,
                (FoundVariable::Nothing(None), near) => *known = near,
                (FoundVariable::Nothing(Some(_)) | FoundVariable::Perhaps, _) => {}
            }
        }
        for container in left_out {
            let key = (
                container.owner_at,
                container.container.clone(),
                container.why.clone(),
            );
            self.left_out
                .entry(key)
                .and_modify(|once| once.more += 1)
                .or_insert(LeftOutOnce {
                    first: container,
                    more: 0,
                });
        }
    }

    /// Reports what is left once all are known.
    pub(super) fn report(&self, integrations: &CouplingInput, out: &mut Findings) {
        for (_, binder) in integrations.binders() {
            for binding in binder
                .env
                .iter()
                .filter(|binding| binding.overwrite == OverwriteRule::Always)
            {
                if let Some(FoundVariable::Nothing(near)) =
                    self.replacements.get(&asked_at(binding))
                {
                    out.report(nothing_replaced(binder, binding, near.as_deref()));
                }
            }
        }
        let binders: BTreeMap<Place, Binder<'_>> = integrations
            .binders()
            .map(|(_, binder)| (binder.meta.name.at, binder))
            .collect();
        for once in self.left_out.values() {
            if let Some(binder) = binders.get(&once.first.owner_at) {
                out.report(container_left_out(once, *binder).on(binder.subject()));
            }
        }
    }
}

/// Where a variable is asked for.
fn asked_at(binding: &EnvBinding) -> Place {
    match &binding.value {
        EnvValue::Key(text) | EnvValue::Template(text) | EnvValue::File(text) => text.at,
    }
}

fn nothing_replaced(binder: Binder<'_>, binding: &EnvBinding, near: Option<&str>) -> Diagnostic {
    let name = &binding.name.value;
    let message = format!(
        "`{name}` replaces nothing: no workload of {} has a variable of this name",
        binder.called()
    );
    Diagnostic::warning(Code::NothingReplaced, message)
        .with_topic([name.clone()])
        .at_unknown(binding.name.at, near, "is added as a new variable")
        .help("if it is new, remove `replace: true`")
        .on(binder.subject())
}

fn container_left_out(once: &LeftOutOnce, binder: Binder<'_>) -> Diagnostic {
    let LeftOutOnce { first, more } = once;
    let LeftOutContainer {
        owner_at,
        container,
        at,
        workload,
        chosen,
        why,
    } = first;
    let owner = binder.called();
    let whose = format!("container `{container}` of {workload}");
    let message = match why {
        LeftOutReason::HasVariable(variable) => format!(
            "{whose} keeps its own `{variable}`, which {owner} replaces in {}",
            list(chosen.iter())
        ),
        LeftOutReason::HasValueOf(variable) => format!(
            "{whose} keeps the value that `{variable}` had before {owner} replaced it in {}",
            list(chosen.iter())
        ),
        LeftOutReason::RunsImageOf(other) => format!(
            "init {whose} runs the same image as `{other}`, before it, and gets nothing from \
             {owner}"
        ),
    };
    let message = match more {
        0 => message,
        1 => format!("{message}; the same in 1 more workload"),
        more => format!("{message}; the same in {more} more workloads"),
    };
    let named: Vec<&str> = std::iter::once(container)
        .chain(chosen)
        .map(String::as_str)
        .collect();
    let help = format!(
        "if it needs them too, name it in {}, below the workload's name: `containers: [{}]`",
        binder.kind.the(),
        named.join(", ")
    );
    let help = match why {
        LeftOutReason::HasValueOf(variable) => {
            format!("{help}; and write `$({variable})` in place of the value")
        }
        LeftOutReason::HasVariable(_) | LeftOutReason::RunsImageOf(_) => help,
    };
    let reason = match why {
        LeftOutReason::HasVariable(name)
        | LeftOutReason::HasValueOf(name)
        | LeftOutReason::RunsImageOf(name) => name.clone(),
    };
    Diagnostic::info(Code::ContainerLeftOut, message)
        .with_topic([container.clone(), reason])
        .at(*at, "gets nothing")
        .at(*owner_at, format!("of this {}", binder.kind.word()))
        .help(help)
}
