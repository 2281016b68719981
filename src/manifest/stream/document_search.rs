//! Searches the texts of documents for words, before they are parsed.

use memchr::memmem::Finder;

use super::Stream;

/// A search for words. The objects of one document, which follow each other, are answered by one
/// look at its text.
#[derive(Debug)]
pub struct DocumentSearch<'w> {
    words: Vec<Finder<'w>>,
    last: Option<Searched>,
}

/// A document that was searched, and whether it has one of the words.
#[derive(Clone, Copy, Debug)]
struct Searched {
    document: usize,
    has: bool,
}

impl<'w> DocumentSearch<'w> {
    /// A search for any of these words.
    pub fn new(words: &[&'w str]) -> Self {
        Self {
            words: words.iter().map(|&word| Finder::new(word)).collect(),
            last: None,
        }
    }

    /// Whether a document has one of the words.
    pub fn has(&mut self, stream: &Stream<'_>, document: usize) -> bool {
        if let Some(last) = self.last.filter(|last| last.document == document) {
            return last.has;
        }
        let text = stream.document(document).text.as_bytes();
        let has = self.words.iter().any(|word| word.find(text).is_some());
        self.last = Some(Searched { document, has });
        has
    }

    /// Whether some document has one of the words.
    pub fn has_any(mut self, stream: &Stream<'_>) -> bool {
        (0..stream.len()).any(|document| self.has(stream, document))
    }
}
