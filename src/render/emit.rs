//! Writes the stream: unchanged documents as the slices that they were, coupler's own kinds left
//! out, kept, or marked `local-config`, and resources after their owners.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::Rendered;
use super::own_objects::OwnObjects;
use super::resources::{DocumentResources, ResourceEdits};
use crate::api::{Integrations, Settings};
use crate::diagnostic::{Code, Diagnostic, Findings, Help};
use crate::manifest::stream::Stream;
use crate::manifest::{NodeId, Span};

mod documents;
mod items;

/// Puts the sources of the stream together again.
pub(super) fn emit<'a>(
    stream: &Stream<'a>,
    ours: &OwnObjects,
    mut texts: BTreeMap<usize, String>,
    mut resources: ResourceEdits,
    settings: &Settings,
    out: &mut Findings,
) -> Vec<Rendered<'a>> {
    let mut mine: BTreeMap<usize, Vec<NodeId>> = BTreeMap::new();
    for object in &ours.objects {
        mine.entry(object.document).or_default().push(object.node);
    }
    let mut rendered: Vec<Rendered<'a>> = Vec::new();
    let mut takes_mark = false;
    for index in (0..stream.len()).filter(|&index| !stream.is_catalogue(index)) {
        let document = stream.document(index);
        if rendered
            .last()
            .is_none_or(|last| last.source != document.source)
        {
            rendered.push(Rendered {
                source: document.source,
                pieces: Vec::new(),
                changed: Vec::new(),
            });
            takes_mark = false;
        }
        let Some(last) = rendered.last_mut() else {
            continue;
        };
        let edits = DocumentEdits {
            stream,
            index,
            ours: mine.get(&index).map_or(&[][..], Vec::as_slice),
            resources: resources.remove(&index).unwrap_or_default(),
            integrations: settings.integrations,
        };
        let is_followed = edits.is_followed();
        let text = texts
            .remove(&index)
            .map_or(Cow::Borrowed(document.text), Cow::Owned);
        let text = match takes_mark {
            true => without_mark(text),
            false => text,
        };
        takes_mark = edits.takes_mark(takes_mark);
        let text = match edits.text(text) {
            Ok(text) => text,
            Err(obstacle) => {
                out.report(edits.refused(obstacle));
                continue;
            }
        };
        if matches!(text, Cow::Owned(_)) || is_followed {
            last.changed
                .push(stream.place(index, Span::new(0, document.text.len())));
        }
        match text.is_empty() {
            true => edits.shorten(&mut last.pieces),
            false => last.pieces.push(text),
        }
        if let Err(obstacle) = edits.follow(&mut last.pieces) {
            out.report(edits.refused(obstacle));
        }
    }
    rendered
}

/// A document without the mark that it begins with.
fn without_mark(text: Cow<'_, str>) -> Cow<'_, str> {
    let mark = ["---\n", "---\r\n"]
        .into_iter()
        .find(|mark| text.starts_with(mark));
    let length = mark.map_or(0, str::len);
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(&text[length..]),
        Cow::Owned(mut text) => {
            text.drain(..length);
            Cow::Owned(text)
        }
    }
}

/// What forbids an edit: the fact, where to look, the way out.
struct EditObstacle {
    message: String,
    label: &'static str,
    help: Help,
}

/// What is to be done with one document beside what was projected onto it.
struct DocumentEdits<'s, 'a> {
    stream: &'s Stream<'a>,
    index: usize,
    /// Our objects, in order.
    ours: &'s [NodeId],
    resources: DocumentResources,
    integrations: Integrations,
}

impl<'a> DocumentEdits<'_, 'a> {
    /// The document's text with all that is done within it.
    fn text(&self, text: Cow<'a, str>) -> Result<Cow<'a, str>, EditObstacle> {
        let DocumentResources { gone, changed, .. } = &self.resources;
        if let [(NodeId::ROOT, value)] = &changed[..] {
            return self.rewritten(value).map(Cow::Owned);
        }
        if gone[..] == [NodeId::ROOT] {
            return Ok(Cow::Owned(String::new()));
        }
        let is_ours = self.ours == [NodeId::ROOT];
        if is_ours && self.integrations == Integrations::Drop {
            return Ok(Cow::Owned(String::new()));
        }
        let has_items = !gone.is_empty() || !changed.is_empty() || self.inserts_items();
        if self.ours.is_empty() && !has_items {
            return Ok(text);
        }
        let edited = self.edited_items(&text)?;
        Ok(edited.map_or(text, Cow::Owned))
    }

    fn refused(
        &self,
        EditObstacle {
            message,
            label,
            help,
        }: EditObstacle,
    ) -> Diagnostic {
        let DocumentResources {
            gone, changed, new, ..
        } = &self.resources;
        let resources = gone.iter().chain(changed.iter().map(|(node, _)| node));
        let owners = new.iter().map(|new| &new.owner);
        let first = self.ours.iter().chain(resources).chain(owners).next();
        let span = self
            .stream
            .once(self.index, |tree| first.map(|&node| tree.span(node)));
        let place = self
            .stream
            .place(self.index, span.ok().flatten().unwrap_or_default());
        Diagnostic::error(Code::CannotEdit, message)
            .at(place, label)
            .help(help)
    }
}
