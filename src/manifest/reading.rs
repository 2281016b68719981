//! Reads a document for a decision: the result is a value, absent, or not readable in its place.

use super::{Kind, NodeId, Span, Tree};

/// What a document has in a place that a decision depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "what cannot be read is not absent"]
pub enum Reading<T> {
    /// It is written there.
    Value(T),
    /// It is surely not there.
    Absent,
    /// An alias or a merge key is there instead: it may be there or not.
    NotReadable(NotReadable),
}

/// What is in the way of reading, relative to the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotReadable {
    /// The alias, or the value of the merge key.
    pub span: Span,
    /// As it is written: `*name`, `<<: *name`.
    pub token: String,
    /// What the alias repeats.
    pub anchor: Option<Span>,
}

impl<T> Reading<T> {
    /// The same with another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Reading<U> {
        match self {
            Self::Value(value) => Reading::Value(change(value)),
            Self::Absent => Reading::Absent,
            Self::NotReadable(why) => Reading::NotReadable(why),
        }
    }

    /// What is read from the value.
    pub fn then<U>(self, read: impl FnOnce(T) -> Reading<U>) -> Reading<U> {
        match self {
            Self::Value(value) => read(value),
            Self::Absent => Reading::Absent,
            Self::NotReadable(why) => Reading::NotReadable(why),
        }
    }

    /// The value for a message or a place; nothing may be decided by it.
    pub fn shown(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::NotReadable(_) => None,
        }
    }

    /// The value, where one is there.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn known(self) -> Result<Option<T>, NotReadable> {
        match self {
            Self::Value(value) => Ok(Some(value)),
            Self::Absent => Ok(None),
            Self::NotReadable(why) => Err(why),
        }
    }
}

impl Tree<'_> {
    /// The member under a key. One that is written wins over one that a merge key inserts.
    pub fn read_member(&self, id: NodeId, key: &str) -> Reading<NodeId> {
        match self.kind(id) {
            Kind::Mapping => match self.written_member(id, key) {
                Some(member) => Reading::Value(member),
                None => self.merge_of(id).map_or(Reading::Absent, |merge| {
                    Reading::NotReadable(self.behind(merge))
                }),
            },
            Kind::Alias if self.scalar(id).is_none() => Reading::NotReadable(self.behind(id)),
            Kind::Alias | Kind::Scalar | Kind::Sequence => Reading::Absent,
        }
    }

    /// The node at a path of keys.
    pub fn read_at(&self, id: NodeId, path: &[&str]) -> Reading<NodeId> {
        path.iter().fold(Reading::Value(id), |found, key| {
            found.then(|node| self.read_member(node, key))
        })
    }

    /// The text of the scalar at a path of keys, whatever type it resolves to; a collection is no
    /// text.
    pub fn read_text(&self, id: NodeId, path: &[&str]) -> Reading<&str> {
        self.read_at(id, path).then(|node| match self.str(node) {
            Some(text) => Reading::Value(text),
            None if self.kind(node) == Kind::Alias => Reading::NotReadable(self.behind(node)),
            None => Reading::Absent,
        })
    }

    /// The items of the list at a path of keys.
    pub fn read_items(&self, id: NodeId, path: &[&str]) -> Reading<Vec<NodeId>> {
        self.read_at(id, path).then(|list| match self.kind(list) {
            Kind::Sequence => Reading::Value(self.children(list).collect()),
            Kind::Alias if self.scalar(list).is_none() => Reading::NotReadable(self.behind(list)),
            Kind::Alias | Kind::Scalar | Kind::Mapping => Reading::Absent,
        })
    }

    /// The members of the mapping at a path of keys.
    pub fn read_members(&self, id: NodeId, path: &[&str]) -> Reading<Vec<NodeId>> {
        self.read_at(id, path).then(|map| match self.kind(map) {
            Kind::Mapping => match self.merge_of(map) {
                Some(merge) => Reading::NotReadable(self.behind(merge)),
                None => Reading::Value(self.children(map).collect()),
            },
            Kind::Alias if self.scalar(map).is_none() => Reading::NotReadable(self.behind(map)),
            Kind::Alias | Kind::Scalar | Kind::Sequence => Reading::Absent,
        })
    }

    /// What is in the way of reading a node, or a member of it that is not written.
    pub fn opaque(&self, id: NodeId) -> Option<NotReadable> {
        match self.kind(id) {
            Kind::Alias if self.scalar(id).is_none() => Some(self.behind(id)),
            Kind::Mapping => self.merge_of(id).map(|merge| self.behind(merge)),
            Kind::Alias | Kind::Scalar | Kind::Sequence => None,
        }
    }

    fn merge_of(&self, map: NodeId) -> Option<NodeId> {
        self.children(map).find(|&member| self.is_merge(member))
    }

    /// What is behind an alias, or a merge key's member.
    fn behind(&self, node: NodeId) -> NotReadable {
        let alias = std::iter::once(node)
            .chain(self.children(node))
            .find(|&id| self.kind(id) == Kind::Alias);
        let token = self.slice(self.span(alias.unwrap_or(node)));
        NotReadable {
            span: self.span(alias.unwrap_or(node)),
            token: match (self.is_merge(node), alias) {
                (true, Some(_)) => format!("<<: {token}"),
                (true, None) => "<<".to_owned(),
                (false, _) => token.to_owned(),
            },
            anchor: alias
                .and_then(|alias| self.repeated(alias))
                .map(|target| self.first_line(target)),
        }
    }

    /// The first line of a node.
    fn first_line(&self, id: NodeId) -> Span {
        let span = self.span(id);
        let text = self.slice(span);
        let length = text.find(['\r', '\n']).unwrap_or(text.len());
        Span {
            start: span.start,
            end: span.start + length as u32,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "t: &t text\nm: &m {a: 1, b: *t}\nu: *t\nv: *m\nw:\n  <<: *m\n  own: x\nl: [*t, *m]\n'<<': no\n";

    fn text(path: &[&str]) -> Result<Option<String>, String> {
        let tree = Tree::read(TEXT).unwrap();
        let found = tree.read_text(NodeId::ROOT, path).map(str::to_owned);
        found.known().map_err(|why| why.token)
    }

    #[test]
    fn an_alias_of_a_scalar_is_read_through() {
        assert_eq!(text(&["u"]), Ok(Some("text".to_owned())));
        assert_eq!(text(&["m", "b"]), Ok(Some("text".to_owned())));
        assert_eq!(text(&["w", "own"]), Ok(Some("x".to_owned())));
    }

    #[test]
    fn what_is_surely_not_there_is_absent() {
        for path in [
            &["z"][..],
            &["m", "z"],
            &["u", "z"],
            &["m"],
            &["l", "a"],
            &["t", "a"],
        ] {
            assert_eq!(text(path), Ok(None), "{path:?}");
        }
    }

    #[test]
    fn what_is_made_elsewhere_is_not_readable() {
        assert_eq!(text(&["v"]), Err("*m".to_owned()));
        assert_eq!(text(&["v", "a"]), Err("*m".to_owned()));
        assert_eq!(text(&["w", "a"]), Err("<<: *m".to_owned()));
    }

    #[test]
    fn the_anchor_is_named() {
        let tree = Tree::read(TEXT).unwrap();
        let why = tree.read_at(NodeId::ROOT, &["v", "a"]).known().unwrap_err();
        assert_eq!(tree.slice(why.anchor.unwrap()), "{a: 1, b: *t}");
        assert_eq!(tree.slice(why.span), "*m");
    }

    #[test]
    fn lists_and_mappings_are_read_whole_or_not() {
        let tree = Tree::read(TEXT).unwrap();
        let count = |reading: Reading<Vec<NodeId>>| {
            reading
                .map(|nodes| nodes.len())
                .known()
                .map_err(|why| why.token)
        };
        assert_eq!(count(tree.read_items(NodeId::ROOT, &["l"])), Ok(Some(2)));
        assert_eq!(
            count(tree.read_items(NodeId::ROOT, &["v"])),
            Err("*m".to_owned())
        );
        assert_eq!(count(tree.read_items(NodeId::ROOT, &["u"])), Ok(None));
        assert_eq!(count(tree.read_members(NodeId::ROOT, &["m"])), Ok(Some(2)));
        assert_eq!(
            count(tree.read_members(NodeId::ROOT, &["w"])),
            Err("<<: *m".to_owned())
        );
        assert_eq!(count(tree.read_members(NodeId::ROOT, &["z"])), Ok(None));
    }
}
