//! Groups diagnostics that differ only in whom they are about: a format shows the first of a group.

use std::collections::BTreeMap;

use super::{Code, Diagnostic, Severity, Topic};
use crate::limits;

/// What a format shows of a run.
pub(super) struct ShownDiagnostics<'a> {
    /// The first of each group and the others of it, in the order of the first.
    pub(super) groups: Vec<(&'a Diagnostic, Vec<&'a Diagnostic>)>,
    /// How many were left out at the limit.
    pub(super) more: usize,
}

/// Groups, and keeps at most [`limits::DIAGNOSTICS`] groups: errors before warnings before infos.
pub(super) fn group<'a>(diagnostics: impl Iterator<Item = &'a Diagnostic>) -> ShownDiagnostics<'a> {
    let mut groups: Vec<(&Diagnostic, Vec<&Diagnostic>)> = Vec::new();
    let mut by_fact = BTreeMap::new();
    for diagnostic in diagnostics {
        let next = groups.len();
        let at = *by_fact.entry(Alike::of(diagnostic)).or_insert(next);
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
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Alike<'a> {
    code: Code,
    severity: Severity,
    kind: &'a str,
    fact: Fact<'a>,
    help: Option<&'a str>,
}

/// What a diagnostic reports.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Fact<'a> {
    /// Of an object that the message names: this.
    Topic(&'a Topic),
    /// Of whatever object: the message.
    Message(&'a str),
}

impl<'a> Alike<'a> {
    fn of(diagnostic: &'a Diagnostic) -> Self {
        let subject = diagnostic.subject.as_ref();
        Self {
            code: diagnostic.code,
            severity: diagnostic.severity,
            kind: subject.map_or("", |subject| &subject.kind),
            fact: match &diagnostic.topic {
                Some(topic) => Fact::Topic(topic),
                None => Fact::Message(&diagnostic.message),
            },
            help: diagnostic.help.as_deref(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Subject;

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
        .with_topic(["db".to_owned()])
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
        let other = missing("c").with_topic(["cache".to_owned()]);
        let all = [missing("a"), missing("b").help("ask the owner"), other];
        assert_eq!(group(all.iter()).groups.len(), 3);
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
