//! Reads the lists and mappings of coupler's own objects, each within its limits.

use std::collections::BTreeMap;

use super::Spanned;
use super::reader::{ObjectReader, short};
use super::rules::Rule;
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::{Kind, NodeId};

impl ObjectReader<'_> {
    /// The items of a list that has `least` to `most` of them.
    fn items(&mut self, id: NodeId, least: usize, most: usize) -> Vec<NodeId> {
        let must = if least == 0 {
            format!("a list of at most {most}")
        } else {
            format!("a list of {least} to {most}")
        };
        if self.tree.kind(id) != Kind::Sequence {
            self.misshapen(id, &must);
            return Vec::new();
        }
        let items: Vec<_> = self.tree.children(id).collect();
        if (least..=most).contains(&items.len()) {
            return items;
        }
        if !self.full() {
            let found = match items.len() {
                0 => "an empty list".to_owned(),
                number => format!("a list of {number}"),
            };
            self.invalid_as(id, &must, found, None);
        }
        Vec::new()
    }

    /// What can be read of such a list. There may be very many of them, so it takes no more space
    /// than it needs.
    pub(super) fn each<T>(
        &mut self,
        list: NodeId,
        least: usize,
        most: usize,
        read: impl Fn(&mut Self, NodeId) -> Option<T>,
    ) -> Vec<T> {
        let items = self.items(list, least, most);
        let mut all = Vec::with_capacity(items.len());
        for item in items {
            all.extend(read(self, item));
        }
        all
    }

    /// A list of texts, each of them once.
    pub(super) fn texts(
        &mut self,
        id: NodeId,
        least: usize,
        most: usize,
        rule: &Rule,
    ) -> Vec<Spanned<String>> {
        let texts = self.each(id, least, most, |reader, item| reader.text(item, rule));
        self.once(&texts);
        texts
    }

    /// Each text once.
    pub(super) fn once(&mut self, texts: &[Spanned<String>]) {
        let mut sorted: Vec<_> = texts.iter().collect();
        sorted.sort_by(|a, b| a.value.cmp(&b.value).then(a.at.cmp(&b.at)));
        for pair in sorted.windows(2) {
            if let [first, again] = pair
                && first.value == again.value
            {
                let message = format!("`{}` is listed twice", short(&first.value));
                let diagnostic = Diagnostic::error(Code::InvalidField, message)
                    .at(again.at, "again")
                    .at(first.at, "first");
                self.report(diagnostic.help("keep one of them"));
            }
        }
    }

    /// A map of text to text, sorted by key.
    pub(super) fn map(
        &mut self,
        id: NodeId,
        least: usize,
        most: usize,
        rule: &Rule,
    ) -> Vec<(Spanned<String>, Spanned<String>)> {
        let must = if least == 0 {
            "an object".to_owned()
        } else {
            format!("an object of {least} to {most} entries")
        };
        if self.tree.kind(id) != Kind::Mapping {
            self.misshapen(id, &must);
            return Vec::new();
        }
        let members: Vec<_> = self
            .tree
            .children(id)
            .take(most.saturating_add(1))
            .collect();
        if members.len() < least || members.len() > most {
            self.invalid(id, &must, None);
            return Vec::new();
        }
        let mut map = Vec::with_capacity(members.len());
        for member in members {
            if let Some(value) = self.text(member, rule) {
                map.push((self.key(member), value));
            }
        }
        map.sort();
        map
    }

    /// The member's own key, and where it is.
    pub(super) fn key(&self, member: NodeId) -> Spanned<String> {
        let key = self.tree.key(member).unwrap_or_default().to_owned();
        Spanned {
            value: key,
            at: self.place(self.first_line(self.tree.node(member).key.unwrap_or_default())),
        }
    }

    /// Labels that select: at least one.
    pub(super) fn match_labels(&mut self, id: NodeId) -> BTreeMap<String, String> {
        self.map(id, 1, 16, &super::rules::LABEL_VALUE)
            .into_iter()
            .map(|(k, v)| (k.value, v.value))
            .collect()
    }
}
