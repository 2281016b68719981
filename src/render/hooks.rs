//! Finds workloads that hooks and sync waves create before a Secret or a ConfigMap that the
//! coupling refers to.

use std::collections::BTreeSet;

use super::authors::AuthorsObject;
use super::lookup::Finder;
use super::names::Names;
use crate::couple::{ReferredObject, Target};
use crate::diagnostic::{Code, Diagnostic, Findings, Help, Paste, Severity, Subject, lines};
use crate::manifest::stream::{Object, metadata};
use crate::manifest::{NotReadable, Tree};

const HELM_HOOK: &str = "helm.sh/hook";
const HELM_WEIGHT: &str = "helm.sh/hook-weight";
const ARGO_HOOK: &str = "argocd.argoproj.io/hook";
const ARGO_WAVE: &str = "argocd.argoproj.io/sync-wave";

/// What an object declares about its place in the order of creation.
///
/// <https://helm.sh/docs/topics/charts_hooks/>,
/// <https://argo-cd.readthedocs.io/en/stable/user-guide/sync-waves/>
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Marks<'t> {
    helm: Option<&'t str>,
    helm_weight: i64,
    argo: Option<&'t str>,
    argo_wave: Option<i64>,
}

/// The same, kept.
#[derive(Clone, Debug, PartialEq, Eq)]
struct WrittenMarks {
    helm: Option<String>,
    helm_weight: i64,
    argo: Option<String>,
    argo_wave: Option<i64>,
}

impl WrittenMarks {
    fn as_ref(&self) -> Marks<'_> {
        Marks {
            helm: self.helm.as_deref(),
            helm_weight: self.helm_weight,
            argo: self.argo.as_deref(),
            argo_wave: self.argo_wave,
        }
    }
}

/// A part of an installation or a sync: all of one part is there before the next begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Before,
    Main,
    After,
}

/// When an object is created.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Moment {
    phase: Phase,
    /// The weight or the wave.
    order: i64,
}

/// A workload that is created too early.
#[derive(Clone, Debug, PartialEq, Eq)]
struct TooEarly {
    severity: Severity,
    /// What the workload is: `` a `pre-install` hook ``.
    workload: String,
    /// The annotations that have the Secret created first.
    lines: Vec<String>,
}

/// The workload that is judged.
#[derive(Clone, Copy)]
pub(super) struct HookRef<'t> {
    pub(super) tree: &'t Tree<'t>,
    pub(super) object: Object,
    pub(super) namespace: Option<&'t str>,
    /// `` Job `migrate` ``
    pub(super) called: &'t str,
}

/// Reports each Secret and ConfigMap of the stream that a workload refers to and that is created
/// after it.
pub(super) fn judge<'r>(
    finder: &Finder<'_, '_, '_>,
    names: &Names<'_, '_>,
    workload: HookRef<'_>,
    referred: impl Iterator<Item = ReferredObject<'r>>,
    out: &mut Findings,
) {
    if !names.has_order() {
        return;
    }
    // where its annotations cannot be read, they cannot be edited, and projecting reports it
    let own = names.as_written(workload.tree, workload.object, marks);
    let Ok(own) = own else {
        return;
    };
    let mut judged = BTreeSet::new();
    for object @ ReferredObject { kind, name } in referred {
        if !judged.insert(object) {
            continue;
        }
        let target = Target {
            api_version: "v1",
            kind: kind.object(),
            namespace: workload.namespace,
            name,
        };
        let Some((tree, object)) = finder.of_stream(&target) else {
            continue;
        };
        match names.as_written(tree, object, marks) {
            Ok(needed) => out.extend(too_early(own.as_ref(), needed.as_ref()).map(|found| {
                report(
                    names,
                    workload,
                    &format!("{} `{name}`", kind.object()),
                    written(tree, object, target),
                    object,
                    &found,
                )
            })),
            Err(why) => {
                let what = format!("when {} `{name}` is created", kind.object());
                let at = |span| names.stream.place(object.document, span);
                out.report(Diagnostic {
                    severity: Severity::Warning,
                    ..Diagnostic::not_readable(&what, &why, at)
                });
            }
        }
    }
}

/// The object that is looked for, under the name that is written on it.
fn written(tree: &Tree<'_>, object: Object, target: Target<'_>) -> Subject {
    let text = |key| metadata(tree, object.node, key).known().ok().flatten();
    Subject {
        api_version: target.api_version.to_owned(),
        kind: target.kind.to_owned(),
        namespace: text("namespace").map(str::to_owned),
        name: text("name").unwrap_or(target.name).to_owned(),
    }
}

fn report(
    names: &Names<'_, '_>,
    workload: HookRef<'_>,
    needed: &str,
    into: Subject,
    object: Object,
    found: &TooEarly,
) -> Diagnostic {
    let message = format!(
        "{needed} is created after {}, which needs it",
        workload.called
    );
    let lines = found.lines.iter().map(|line| format!("    {line}"));
    let lines = lines![("metadata:"), ("  annotations:")].and(Help::of_lines(lines));
    let help = Help::from(format!("write on {needed}, so that it is created first:"));
    let help = help.paste(Paste::merge(into, lines));
    let warning = Diagnostic::warning(Code::CreatedTooLate, message)
        .with_topic([needed.to_owned()])
        .at(
            names.place_in(workload.tree, workload.object),
            format!("{}, created first", found.workload),
        )
        .at(names.place(object), "created later")
        .help(help);
    Diagnostic {
        severity: found.severity,
        ..warning
    }
}

/// The annotations of an object that give its order.
fn marks(object: &AuthorsObject<'_>) -> Result<WrittenMarks, NotReadable> {
    let tree = object.tree();
    let text = |key| {
        tree.read_text(object.node, &["metadata", "annotations", key])
            .known()
    };
    let number = |text: Option<&str>| text.and_then(|text| text.trim().parse().ok());
    Ok(WrittenMarks {
        helm: text(HELM_HOOK)?.map(str::to_owned),
        helm_weight: number(text(HELM_WEIGHT)?).unwrap_or_default(),
        argo: text(ARGO_HOOK)?.map(str::to_owned),
        argo_wave: number(text(ARGO_WAVE)?),
    })
}

/// Why an object is created before another one that it needs, if it is.
fn too_early(own: Marks<'_>, needed: Marks<'_>) -> Option<TooEarly> {
    helm(own, needed).or_else(|| argo(own, needed))
}

/// The same by Helm, whose hooks of one weight are created by kind: Secrets and ConfigMaps first.
fn helm(own: Marks<'_>, needed: Marks<'_>) -> Option<TooEarly> {
    let is_word = |hook: &&str| hook.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let hooks: Vec<&str> = own
        .helm?
        .split(',')
        .map(str::trim)
        .filter(is_word)
        .collect();
    let hooks = hooks.join(",");
    let is_late = |event: &&str| {
        let moment = Marks::in_helm(own, event).filter(|_| own.has_hook(event));
        moment.is_some_and(|moment| match Marks::in_helm(needed, event) {
            Some(needed) => needed > moment,
            None => true, // a hook of other events
        })
    };
    let late: Vec<&str> = ["install", "upgrade"].into_iter().filter(is_late).collect();
    let severity = match late[..] {
        [] => return None,
        // what is no hook is there since the installation, or the upgrade that adds it
        ["upgrade"] if needed.helm.is_none() => Severity::Info,
        _ => Severity::Warning,
    };
    let order = own.helm_weight.saturating_sub(1);
    Some(TooEarly {
        severity,
        workload: format!("a `{hooks}` hook"),
        lines: vec![
            format!("{HELM_HOOK}: {hooks}"),
            format!("{HELM_WEIGHT}: \"{order}\""),
            "helm.sh/hook-delete-policy: before-hook-creation".to_owned(),
        ],
    })
}

/// The same by Argo CD.
fn argo(own: Marks<'_>, needed: Marks<'_>) -> Option<TooEarly> {
    let is_ordered = |marks: Marks<'_>| marks.argo.is_some() || marks.argo_wave.is_some();
    if !is_ordered(own) && !is_ordered(needed) {
        return None;
    }
    let moment = own.in_argo()?;
    if needed.in_argo()? <= moment {
        return None;
    }
    let hook = match moment.phase {
        Phase::Before => Some("PreSync"),
        Phase::Main => None,
        Phase::After => Some("PostSync"),
    };
    let wave = moment.order.saturating_sub(1);
    let mut lines: Vec<String> = hook
        .map(|hook| format!("{ARGO_HOOK}: {hook}"))
        .into_iter()
        .collect();
    lines.push(format!("{ARGO_WAVE}: \"{wave}\""));
    Some(TooEarly {
        severity: Severity::Warning,
        workload: match hook {
            Some(hook) => format!("a `{hook}` hook"),
            None => format!("of sync wave {}", moment.order),
        },
        lines,
    })
}

impl Marks<'_> {
    /// Whether it is a hook of a Helm event.
    fn has_hook(&self, event: &str) -> bool {
        self.helm_phase(event)
            .is_some_and(|phase| phase != Phase::Main)
    }

    /// In which phase of an event Helm creates it; `None`: in none.
    fn helm_phase(&self, event: &str) -> Option<Phase> {
        let Some(hooks) = self.helm else {
            return Some(Phase::Main);
        };
        hooks
            .split(',')
            .find_map(|hook| match hook.trim().split_once('-') {
                Some(("pre", of)) if of == event => Some(Phase::Before),
                Some(("post", of)) if of == event => Some(Phase::After),
                _ => None,
            })
    }

    /// When Helm creates it at an event; `None`: not at this one.
    fn in_helm(self, event: &str) -> Option<Moment> {
        let phase = self.helm_phase(event)?;
        let order = match phase {
            Phase::Main => 0,
            Phase::Before | Phase::After => self.helm_weight,
        };
        Some(Moment { phase, order })
    }

    /// When Argo CD creates it in a sync; `None`: not in every one. It takes Helm's hooks for its
    /// own.
    fn in_argo(self) -> Option<Moment> {
        let phase = match (self.argo, self.helm) {
            (Some(hooks), _) => hooks.split(',').find_map(|hook| match hook.trim() {
                "PreSync" => Some(Phase::Before),
                "Sync" => Some(Phase::Main),
                "PostSync" => Some(Phase::After),
                _ => None,
            })?,
            (None, Some(_)) => self
                .helm_phase("install")
                .or_else(|| self.helm_phase("upgrade"))?,
            (None, None) => Phase::Main,
        };
        Some(Moment {
            phase,
            order: self.argo_wave.unwrap_or(self.helm_weight),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn helm(hook: &str, helm_weight: i64) -> Marks<'_> {
        Marks {
            helm: Some(hook),
            helm_weight,
            ..Marks::default()
        }
    }

    fn argo(hook: Option<&str>, wave: Option<i64>) -> Marks<'_> {
        Marks {
            argo: hook,
            argo_wave: wave,
            ..Marks::default()
        }
    }

    fn severity(own: Marks<'_>, needed: Marks<'_>) -> Option<Severity> {
        too_early(own, needed).map(|found| found.severity)
    }

    #[test]
    fn helm_creates_hooks_by_event_and_weight() {
        let plain = Marks::default();
        let warning = Some(Severity::Warning);
        for (own, needed, found) in [
            (helm("pre-install", 0), plain, warning),
            (helm("pre-install, pre-upgrade", 0), plain, warning),
            (helm("pre-upgrade", 0), plain, Some(Severity::Info)),
            (helm("pre-upgrade", 0), helm("pre-install", 0), warning),
            (helm("post-install", 0), plain, None),
            (helm("post-install", 0), helm("post-install", 1), warning),
            (helm("pre-delete", 0), plain, None),
            (helm("test", 0), plain, None),
            (helm("pre-install", 0), helm("pre-install", 0), None),
            (helm("pre-install", 0), helm("pre-install", -5), None),
            (helm("pre-install", 0), helm("pre-install", 5), warning),
            (
                helm("pre-install,pre-upgrade", 0),
                helm("pre-install", -1),
                warning,
            ),
            (plain, helm("pre-install", 0), None),
        ] {
            assert_eq!(severity(own, needed), found, "{own:?} {needed:?}");
        }
    }

    #[test]
    fn argo_cd_creates_phases_and_waves() {
        let plain = Marks::default();
        let warning = Some(Severity::Warning);
        for (own, needed, found) in [
            (argo(Some("PreSync"), None), plain, warning),
            (argo(Some("PostSync"), None), plain, None),
            (argo(Some("Skip"), None), plain, None),
            (
                argo(Some("PreSync"), None),
                argo(Some("PreSync"), None),
                None,
            ),
            (
                argo(Some("PreSync"), Some(1)),
                argo(Some("PreSync"), Some(2)),
                warning,
            ),
            (argo(None, Some(-1)), plain, warning),
            (argo(None, Some(1)), plain, None),
            (plain, argo(None, Some(1)), warning),
            (plain, argo(None, Some(-1)), None),
            (plain, argo(Some("PostSync"), None), warning),
            (argo(None, Some(1)), helm("pre-install", 0), None),
        ] {
            assert_eq!(severity(own, needed), found, "{own:?} {needed:?}");
        }
    }

    #[test]
    fn the_lines_that_are_proposed_help() {
        let moved = too_early(helm("pre-install,pre-upgrade", 3), Marks::default()).unwrap();
        assert!(
            moved
                .lines
                .contains(&"helm.sh/hook-weight: \"2\"".to_owned())
        );
        let proposed = helm("pre-install,pre-upgrade", 2);
        assert_eq!(severity(helm("pre-install,pre-upgrade", 3), proposed), None);
    }
}
