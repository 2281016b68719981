//! One cause that hits many is said once: diagnostics that differ only in whom they are about.

use std::collections::BTreeMap;

use super::{Diagnostic, Severity, Subject};
use crate::limits;

/// What a face shows of a run.
pub(super) struct ShownDiagnostics<'a> {
    /// The first of each group and the others of it, in the order of the first.
    pub(super) groups: Vec<(&'a Diagnostic, Vec<&'a Diagnostic>)>,
    /// How many were left out at the limit.
    pub(super) more: usize,
}

/// Groups, and keeps at most [`limits::DIAGNOSTICS`] groups: errors before warnings before infos.
pub(super) fn group<'a>(diagnostics: impl Iterator<Item = &'a Diagnostic>) -> ShownDiagnostics<'a> {
    let mut groups: Vec<(&Diagnostic, Vec<&Diagnostic>)> = Vec::new();
    let mut by_cause = BTreeMap::new();
    for diagnostic in diagnostics {
        let next = groups.len();
        let at = *by_cause.entry(cause(diagnostic)).or_insert(next);
        match groups.get_mut(at) {
            Some((_, others)) => others.push(diagnostic),
            None => groups.push((diagnostic, Vec::new())),
        }
    }
    let mut order: Vec<usize> = (0..groups.len()).collect();
    order.sort_by_key(|&i| (groups[i].0.severity, i));
    let mut kept = vec![false; groups.len()];
    for &i in order.iter().take(limits::DIAGNOSTICS) {
        kept[i] = true;
    }
    let mut more = 0;
    let mut keep = kept.into_iter();
    groups.retain(|(_, others)| {
        let kept = keep.next().unwrap_or(true);
        more += if kept { 0 } else { 1 + others.len() };
        kept
    });
    ShownDiagnostics { groups, more }
}

/// What a format for programs lists: the first of them, errors before warnings before infos, in the
/// order given.
pub(super) struct ListedDiagnostics<'a> {
    pub(super) listed: Vec<&'a Diagnostic>,
    /// The weight of the heaviest that was left out, and how many were.
    pub(super) more: Option<(Severity, usize)>,
}

/// Lists at most so many.
pub(super) fn listed(diagnostics: &[Diagnostic], most: usize) -> ListedDiagnostics<'_> {
    let mut order: Vec<usize> = (0..diagnostics.len()).collect();
    order.sort_by_key(|&i| (diagnostics[i].severity, i));
    let left = order.split_off(most.min(order.len()));
    order.sort_unstable();
    let more = left
        .first()
        .map(|&first| (diagnostics[first].severity, left.len()));
    ListedDiagnostics {
        listed: order.into_iter().map(|i| &diagnostics[i]).collect(),
        more,
    }
}

/// Everything of a diagnostic but whom it is about and where.
fn cause(diagnostic: &Diagnostic) -> (&'static str, Severity, &str, String, Option<String>) {
    let subject = diagnostic.subject.as_ref();
    let kind = subject.map_or("", |s| &s.kind);
    let help = diagnostic.help.as_ref().map(|help| nameless(help, subject));
    (
        diagnostic.code.as_str(),
        diagnostic.severity,
        kind,
        nameless(&diagnostic.message, subject),
        help,
    )
}

/// A text without its subject's names.
fn nameless(text: &str, subject: Option<&Subject>) -> String {
    let Some(Subject {
        namespace, name, ..
    }) = subject
    else {
        return text.to_owned();
    };
    let qualified = namespace
        .as_ref()
        .map_or_else(|| name.clone(), |namespace| format!("{namespace}/{name}"));
    text.replace(&format!("`{qualified}`"), "``")
        .replace(&format!("`{name}`"), "``")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;

    fn missing(plug: &str) -> Diagnostic {
        let subject = Subject {
            api_version: "integration.rock8s.com/v1".into(),
            kind: "Plug".into(),
            namespace: Some("shop".into()),
            name: plug.into(),
        };
        Diagnostic::error(
            Code::SocketNotFound,
            format!("no Socket `db` for the Plug `shop/{plug}`"),
        )
        .on(subject)
    }

    #[test]
    fn plugs_with_one_cause_are_one_group() {
        let all = [
            missing("a"),
            Diagnostic::error(Code::YamlSyntax, "x"),
            missing("b"),
            missing("c"),
        ];
        let shown = group(all.iter());
        let sizes: Vec<_> = shown
            .groups
            .iter()
            .map(|(first, others)| (first.code, others.len()))
            .collect();
        assert_eq!(sizes, [(Code::SocketNotFound, 2), (Code::YamlSyntax, 0)]);
    }

    #[test]
    fn other_words_are_another_cause() {
        let all = [missing("a"), missing("b").help("ask the owner")];
        assert_eq!(group(all.iter()).groups.len(), 2);
    }

    #[test]
    fn a_list_is_cut_behind_the_errors() {
        let all = [
            Diagnostic::warning(Code::SecretInUrl, "a"),
            Diagnostic::error(Code::UnknownField, "b"),
            Diagnostic::info(Code::NotChecked, "c"),
            Diagnostic::error(Code::UnknownField, "d"),
        ];
        let words = |most| {
            let ListedDiagnostics { listed, more } = listed(&all, most);
            (
                listed
                    .iter()
                    .map(|d| d.message.as_str())
                    .collect::<String>(),
                more,
            )
        };
        assert_eq!(words(4), ("abcd".to_owned(), None));
        assert_eq!(words(3), ("abd".to_owned(), Some((Severity::Info, 1))));
        assert_eq!(words(1), ("b".to_owned(), Some((Severity::Error, 3))));
    }

    #[test]
    fn errors_are_kept_before_warnings_and_the_order_stays() {
        let mut all = vec![Diagnostic::warning(Code::SecretInUrl, "first")];
        all.extend(
            (0..limits::DIAGNOSTICS).map(|i| Diagnostic::error(Code::UnknownField, format!("{i}"))),
        );
        let shown = group(all.iter());
        assert_eq!((shown.groups.len(), shown.more), (limits::DIAGNOSTICS, 1));
        assert_eq!(shown.groups[0].0.message, "0");
    }
}
