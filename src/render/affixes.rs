//! Distinguishes objects that had one name before kustomize renamed them: a Plug names the one that
//! got the same prefix and suffix as the Plug.

use std::collections::BTreeMap;

use crate::api::{LookRoom, TooManyLooks};
use crate::manifest::stream::Object;

/// Bytes of two lists that are compared at the cost of one look.
const BYTES_OF_A_LOOK: usize = 8;

/// What kustomize added to the name of an object, innermost first: two lists with commas.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Affixes<'r> {
    pub(super) prefixes: &'r str,
    pub(super) suffixes: &'r str,
}

/// Positions of the first two of some objects, in order: whether there is one, and whether there is
/// another, is all that is needed.
type FirstTwo = Vec<usize>;

/// Objects of one former name, by what was added to it.
#[derive(Debug, Default)]
pub(super) struct AffixIndex<'r> {
    objects: Vec<(Object, Option<Affixes<'r>>)>,
    /// All, by their prefixes; and those without a suffix.
    prefixes: Axis<'r>,
    prefixes_alone: Axis<'r>,
    /// The same of suffixes.
    suffixes: Axis<'r>,
    suffixes_alone: Axis<'r>,
}

impl<'r> AffixIndex<'r> {
    /// Adds an object; of one that cannot be read it is not known what was added.
    pub(super) fn push(&mut self, object: Object, affixes: Option<Affixes<'r>>) {
        let position = self.objects.len();
        self.objects.push((object, affixes));
        let Some(Affixes { prefixes, suffixes }) = affixes else {
            return;
        };
        self.prefixes.push(prefixes, position);
        self.suffixes.push(suffixes, position);
        if suffixes.is_empty() {
            self.prefixes_alone.push(prefixes, position);
        }
        if prefixes.is_empty() {
            self.suffixes_alone.push(suffixes, position);
        }
    }

    /// The first two of those that a Plug with these affixes means: those that were renamed alike;
    /// without one, those of which no part was renamed otherwise; without one, any.
    ///
    /// # Errors
    /// The run has looked at too many objects.
    pub(super) fn meant(
        &self,
        own: Affixes<'_>,
        room: &LookRoom,
    ) -> Result<Vec<Object>, TooManyLooks> {
        room.take(own.looks())?;
        let alike = self.renamed_alike(own, room)?;
        let mut found = if alike.is_empty() {
            self.not_otherwise(own)
        } else {
            alike
        };
        if found.is_empty() {
            found = (0..self.objects.len().min(2)).collect();
        }
        Ok(found
            .into_iter()
            .map(|position| self.objects[position].0)
            .collect())
    }

    fn renamed_alike(&self, own: Affixes<'_>, room: &LookRoom) -> Result<FirstTwo, TooManyLooks> {
        Ok(match (own.prefixes, own.suffixes) {
            ("", "") => self.prefixes_alone.without.clone(),
            (prefixes, "") => self.prefixes_alone.related(prefixes),
            ("", suffixes) => self.suffixes_alone.related(suffixes),
            _ => return self.both_alike(own, room),
        })
    }

    /// Those of which prefixes and suffixes are alike: of the two kinds of candidates the fewer are
    /// looked at.
    fn both_alike(&self, own: Affixes<'_>, room: &LookRoom) -> Result<FirstTwo, TooManyLooks> {
        let by_prefix = self.prefixes.lists.branch(own.prefixes);
        let by_suffix = self.suffixes.lists.branch(own.suffixes);
        let candidates = if by_prefix.size() <= by_suffix.size() {
            by_prefix
        } else {
            by_suffix
        };
        let mut found = Vec::new();
        for position in candidates.positions(room)? {
            let Some(other) = self.objects[position].1 else {
                continue;
            };
            room.take(own.looks().min(other.looks()))?;
            if own.is_like(other) {
                found.push(position);
            }
        }
        Ok(first_two(found))
    }

    /// Those of which a part was not renamed at all, where none is alike in both.
    fn not_otherwise(&self, own: Affixes<'_>) -> FirstTwo {
        let pieces = match (own.prefixes, own.suffixes) {
            ("", "") => vec![self.prefixes.with().clone(), self.prefixes.without.clone()],
            (prefixes, "") => vec![
                self.prefixes.related(prefixes),
                self.prefixes.without.clone(),
            ],
            ("", suffixes) => vec![
                self.suffixes.related(suffixes),
                self.suffixes.without.clone(),
            ],
            (prefixes, suffixes) => vec![
                self.prefixes_alone.related(prefixes),
                self.suffixes_alone.related(suffixes),
                self.prefixes_alone.without.clone(),
            ],
        };
        first_two(pieces.concat())
    }
}

impl Affixes<'_> {
    /// Whether both lists of one are the last of the other's, or the other way round.
    fn is_like(self, other: Affixes<'_>) -> bool {
        let is_like = |one: &str, other: &str| {
            one.is_empty() == other.is_empty() && (ends_alike(one, other) || ends_alike(other, one))
        };
        is_like(self.prefixes, other.prefixes) && is_like(self.suffixes, other.suffixes)
    }

    /// What a comparison with these costs at most.
    fn looks(self) -> usize {
        1 + (self.prefixes.len() + self.suffixes.len()) / BYTES_OF_A_LOOK
    }
}

/// Whether the entries of one list are the last of another.
fn ends_alike(list: &str, end: &str) -> bool {
    list.strip_suffix(end)
        .is_some_and(|head| head.is_empty() || head.ends_with(','))
}

fn first_two(mut positions: Vec<usize>) -> FirstTwo {
    positions.sort_unstable();
    positions.truncate(2);
    positions
}

/// Objects by their lists of one kind.
#[derive(Debug, Default)]
struct Axis<'r> {
    lists: Lists<'r>,
    /// Those that have none.
    without: FirstTwo,
}

impl<'r> Axis<'r> {
    fn push(&mut self, list: &'r str, position: usize) {
        if !list.is_empty() {
            self.lists.push(list, position);
        } else if self.without.len() < 2 {
            self.without.push(position);
        }
    }

    /// The first two of those that have one.
    fn with(&self) -> &FirstTwo {
        &self.lists.nodes[0].first
    }

    /// The first two of those whose list ends as this one does.
    fn related(&self, list: &str) -> FirstTwo {
        let Branch {
            lists,
            above,
            below,
        } = self.lists.branch(list);
        let mut found = Vec::new();
        for node in above {
            found.extend(lists.nodes[node].here.iter().take(2));
        }
        if let Some(below) = below {
            found.extend(&lists.nodes[below].first);
        }
        first_two(found)
    }
}

/// Lists with commas as a tree, from the last entry to the first.
#[derive(Debug)]
struct Lists<'r> {
    nodes: Vec<AffixNode<'r>>,
}

#[derive(Debug, Default)]
struct AffixNode<'r> {
    next: BTreeMap<&'r str, usize>,
    /// The objects whose lists begin here.
    here: Vec<usize>,
    /// The first two of those whose lists end in what leads here, and how many there are.
    first: FirstTwo,
    size: usize,
}

impl Default for Lists<'_> {
    fn default() -> Self {
        Self {
            nodes: vec![AffixNode::default()],
        }
    }
}

/// The lists that are the end of one, and those that it is the end of.
struct Branch<'l, 'r> {
    lists: &'l Lists<'r>,
    above: Vec<usize>,
    below: Option<usize>,
}

impl<'r> Lists<'r> {
    fn push(&mut self, list: &'r str, position: usize) {
        let mut at = 0;
        self.nodes[at].count(position);
        for entry in list.rsplit(',') {
            let new = self.nodes.len();
            at = *self.nodes[at].next.entry(entry).or_insert(new);
            if at == new {
                self.nodes.push(AffixNode::default());
            }
            self.nodes[at].count(position);
        }
        self.nodes[at].here.push(position);
    }

    fn branch(&self, list: &str) -> Branch<'_, 'r> {
        let (mut at, mut above) = (0, Vec::new());
        for entry in list.rsplit(',') {
            above.push(at);
            match self.nodes[at].next.get(entry) {
                Some(&next) => at = next,
                None => {
                    return Branch {
                        lists: self,
                        above,
                        below: None,
                    };
                }
            }
        }
        Branch {
            lists: self,
            above,
            below: Some(at),
        }
    }
}

impl AffixNode<'_> {
    fn count(&mut self, position: usize) {
        self.size += 1;
        if self.first.len() < 2 {
            self.first.push(position);
        }
    }
}

impl Branch<'_, '_> {
    /// How many objects have these lists.
    fn size(&self) -> usize {
        let above: usize = self
            .above
            .iter()
            .map(|&node| self.lists.nodes[node].here.len())
            .sum();
        above + self.below.map_or(0, |below| self.lists.nodes[below].size)
    }

    /// All of them.
    fn positions(&self, room: &LookRoom) -> Result<Vec<usize>, TooManyLooks> {
        let mut found = Vec::new();
        for &node in &self.above {
            found.extend(&self.lists.nodes[node].here);
        }
        let mut open: Vec<usize> = self.below.into_iter().collect();
        while let Some(node) = open.pop() {
            room.take(1)?;
            found.extend(&self.lists.nodes[node].here);
            open.extend(self.lists.nodes[node].next.values());
        }
        Ok(found)
    }
}

#[cfg(test)]
#[path = "affixes/tests.rs"]
mod tests;
