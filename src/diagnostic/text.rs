//! The face for a person: as rustc prints, with a few lines around each place and never more.

use std::collections::BTreeMap;
use std::ops::Range;

use annotate_snippets::{
    AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet, normalize_untrusted_str as clean,
};

use super::group::group;
use super::source::Index;
use super::{Diagnostic, Label, Severity, SourceText, Subject, origin, redact};
use crate::limits;

/// How the text is to look.
#[derive(Clone, Copy, Debug, Default)]
pub struct TextOptions<'a> {
    /// With colours.
    pub colour: bool,
    /// Whether infos are shown.
    pub infos: bool,
    /// What the errors mean for the run, for the last line: `nothing was written`.
    pub consequence: &'a str,
}

/// Bytes of a line that is still shown (cut to the width of a terminal around the place); of a longer one only the position.
const LINE: usize = 4 << 10;
/// Labels of one diagnostic that are shown.
const LABELS: usize = 12;
/// Labels of one document this close are shown together, with the lines between them.
const NEAR: usize = 6;

/// All diagnostics of a run, sorted as they come, one cause shown once, with a last line that counts them; empty where there
/// is nothing to say.
///
/// `sources` are what the labels' places count.
pub fn text(diagnostics: &[Diagnostic], sources: &[SourceText<'_>], options: &TextOptions<'_>) -> String {
    let renderer = if options.colour { Renderer::styled() } else { Renderer::plain() };
    let mut face = Face { sources, indices: BTreeMap::new(), quotable: BTreeMap::new() };
    let shown = group(diagnostics.iter().filter(|d| options.infos || d.severity != Severity::Info));
    let mut out = String::new();
    for (first, others) in &shown.groups {
        out.push_str(&renderer.render(&[face.report(first, others)]));
        out.push_str("\n\n");
    }
    if shown.more > 0 {
        let rest = format!("{} more, not shown", shown.more);
        out.push_str(&renderer.render(&[Group::with_title(Level::NOTE.primary_title(rest))]));
        out.push('\n');
    }
    if let Some((level, line)) = summary(diagnostics, options.consequence) {
        out.push_str(&renderer.render(&[Group::with_title(level.primary_title(line))]));
        out.push('\n');
    }
    out
}

/// `3 errors, 1 warning; nothing was written`
fn summary(diagnostics: &[Diagnostic], consequence: &str) -> Option<(Level<'static>, String)> {
    let count = |severity| diagnostics.iter().filter(|d| d.severity == severity).count();
    let plural = |n: usize, noun: &str| format!("{n} {noun}{}", if n == 1 { "" } else { "s" });
    match (count(Severity::Error), count(Severity::Warning)) {
        (0, 0) => None,
        (0, warnings) => Some((Level::WARNING, plural(warnings, "warning"))),
        (errors, warnings) => {
            let mut line = plural(errors, "error");
            if warnings > 0 {
                line += &format!(", {}", plural(warnings, "warning"));
            }
            if !consequence.is_empty() {
                line += &format!("; {consequence}");
            }
            Some((Level::ERROR, line))
        }
    }
}

struct Face<'a> {
    sources: &'a [SourceText<'a>],
    indices: BTreeMap<u32, Index<'a>>,
    /// By source and first line of the document.
    quotable: BTreeMap<(u32, usize), bool>,
}

/// A label in its line.
struct Spot {
    line: usize,
    /// The document's lines.
    document: Range<usize>,
    /// The label's bytes, no further than its first line.
    span: Range<usize>,
    quotable: bool,
}

impl<'a> Face<'a> {
    fn report<'d>(&mut self, first: &'d Diagnostic, others: &[&'d Diagnostic]) -> Group<'d>
    where
        'a: 'd,
    {
        let level = match first.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Info => Level::INFO,
        };
        let title = level.primary_title(clean(&first.message)).id(first.code.as_str());
        let mut group = Group::with_title(title);
        let mut notes = Vec::new();
        let mut rest: Vec<&Label> = first.labels.iter().take(LABELS).collect();
        while !rest.is_empty() {
            let primary = rest.len() == first.labels.len().min(LABELS);
            let (elements, left) = self.snippet(&rest, primary, &mut notes);
            group = group.elements(elements);
            rest = left;
        }
        for note in notes {
            group = group.element(Level::NOTE.message(note));
        }
        if !others.is_empty() {
            group = group.element(Level::NOTE.message(self.others(others)));
        }
        if let Some(help) = &first.help {
            group = group.element(Level::HELP.message(clean(help)));
        }
        group
    }

    /// The first label's lines with all labels near it, and the labels that are still to be shown.
    fn snippet<'d>(
        &mut self,
        labels: &[&'d Label],
        primary: bool,
        notes: &mut Vec<String>,
    ) -> (Vec<Element<'d>>, Vec<&'d Label>)
    where
        'a: 'd,
    {
        let (first, others) = (labels[0], &labels[1..]);
        let Some(spot) = self.spot(first) else { return (Vec::new(), others.to_vec()) };
        let index = &self.indices[&first.place.source];
        let position = index.position(spot.span.start);
        if let Some(from) = origin::of(index, spot.document.clone(), spot.quotable) {
            let from = clean(&from);
            let note = if primary { format!("from {from}") } else { format!("line {} is from {from}", position.line) };
            if !notes.contains(&note) && !notes.contains(&format!("from {from}")) {
                notes.push(note);
            }
        }
        let kind = if primary { AnnotationKind::Primary } else { AnnotationKind::Context };
        let bare = || {
            let origin = Origin::path(clean(index.name)).line(position.line).char_column(position.column);
            let note = (!first.text.is_empty()).then(|| format!("line {}: {}", position.line, clean(&first.text)));
            (vec![Element::from(origin)], note)
        };
        if index.line_range(spot.line).len() > LINE {
            let (elements, note) = bare();
            notes.extend(note);
            return (elements, others.to_vec());
        }
        if !spot.quotable {
            let Some(key) = redact::key(index, spot.line) else {
                let (elements, note) = bare();
                notes.extend(note);
                return (elements, others.to_vec());
            };
            let start = key.len() - key.trim_start_matches([' ', '-']).len();
            let mark = kind.span(start..key.len() - 1).label(label_text(first));
            let snippet = Snippet::source(key).path(clean(index.name)).line_start(spot.line + 1).annotation(mark);
            return (vec![snippet.into()], others.to_vec());
        }
        let mut lines = spot.line..spot.line + 1;
        let mut marks = vec![(spot.span, kind, first)];
        let mut left = Vec::new();
        for &label in others {
            let other = (label.place.source == first.place.source).then(|| self.spot(label)).flatten();
            let index = &self.indices[&first.place.source];
            match other {
                Some(other) if other.document == spot.document => {
                    let wider = lines.start.min(other.line)..lines.end.max(other.line + 1);
                    let near = wider.len() <= lines.len() + NEAR;
                    if near && wider.clone().all(|l| index.line_range(l).len() <= LINE) {
                        lines = wider;
                        marks.push((other.span, AnnotationKind::Context, label));
                        continue;
                    }
                    left.push(label);
                }
                _ => left.push(label),
            }
        }
        let index = &self.indices[&first.place.source];
        let window = index.line_range(lines.start).start..index.line_range(lines.end - 1).end;
        let source = &self.sources[first.place.source as usize].text[window.clone()];
        let marks = marks.into_iter().map(|(span, kind, label)| {
            kind.span(span.start - window.start..span.end - window.start).label(label_text(label))
        });
        let snippet = Snippet::source(source).path(clean(index.name)).line_start(lines.start + 1).annotations(marks);
        (vec![snippet.into()], left)
    }

    /// `None` where the source is not known.
    fn spot(&mut self, label: &Label) -> Option<Spot> {
        let id = label.place.source;
        let source = *self.sources.get(id as usize)?;
        let index = self.indices.entry(id).or_insert_with(|| Index::new(source));
        let span = index.clamp(label.place.span);
        let line = index.line_of(span.start);
        let text = index.line_range(line);
        let document = index.document(line);
        let quotable =
            *self.quotable.entry((id, document.start)).or_insert_with(|| redact::quotable(index, document.clone()));
        let start = span.start.min(text.end);
        Some(Spot { line, document, span: start..span.end.clamp(start, text.end), quotable })
    }

    /// ``2 more Plugs have this error: `shop/b` (b.yaml:3), `shop/c` (c.yaml:3)``
    fn others(&mut self, others: &[&Diagnostic]) -> String {
        let kind = others[0].subject.as_ref().map_or("place", |s| &s.kind);
        let (plural, verb) = if others.len() == 1 { ("", "has") } else { ("s", "have") };
        let what = match others[0].severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "note",
        };
        let mut list: Vec<String> = others.iter().take(limits::CANDIDATES).map(|d| self.whom(d)).collect();
        if others.len() > list.len() {
            list.push("…".to_owned());
        }
        format!("{} more {}{plural} {verb} this {what}: {}", others.len(), clean(kind), list.join(", "))
    }

    fn whom(&mut self, diagnostic: &Diagnostic) -> String {
        let name = diagnostic.subject.as_ref().map(|Subject { namespace, name, .. }| match namespace {
            Some(namespace) => format!("`{}/{}`", clean(namespace), clean(name)),
            None => format!("`{}`", clean(name)),
        });
        let place = diagnostic.labels.first().and_then(|label| {
            let spot = self.spot(label)?;
            Some(format!("{}:{}", clean(self.indices[&label.place.source].name), spot.line + 1))
        });
        match (name, place) {
            (Some(name), Some(place)) => format!("{name} ({place})"),
            (name, place) => name.or(place).unwrap_or_else(|| "somewhere".to_owned()),
        }
    }
}

fn label_text(label: &Label) -> Option<String> {
    (!label.text.is_empty()).then(|| clean(&label.text))
}

#[cfg(test)]
#[path = "text/tests.rs"]
mod tests;
