//! Parses flow collections on one line: `[a, "b", {c: d}]`.

use super::{FastParser, Holder, begins_plain};
use crate::limits;
use crate::manifest::Span;
use crate::manifest::tree::{Kind, Style};

impl FastParser<'_> {
    pub(super) fn flow(&mut self, holder: Holder) -> Option<()> {
        let list = self.bytes[self.at] == b'[';
        let (kind, closing) = if list {
            (Kind::Sequence, b']')
        } else {
            (Kind::Mapping, b'}')
        };
        let id = self.open(kind, Style::Flow, self.at, holder)?;
        let base = self.keys.len();
        self.at += 1;
        self.skip_blanks();
        if self.peek(self.at) != closing {
            loop {
                let key = if list {
                    None
                } else {
                    Some(self.flow_key(base)?)
                };
                self.flow_value(Holder { id, key })?;
                self.skip_blanks();
                match self.peek(self.at) {
                    b',' => self.at += 1,
                    b if b == closing => break,
                    _ => return None,
                }
                self.skip_blanks();
            }
        }
        self.at += 1;
        self.leaf_end = self.at;
        self.close_mapping(id, base)
    }

    fn flow_value(&mut self, holder: Holder) -> Option<()> {
        match self.peek(self.at) {
            b'"' | b'\'' => self.quoted(holder),
            b'[' | b'{' => self.flow(holder),
            _ => {
                let (end, colon) = self.flow_plain()?;
                if colon {
                    return None;
                }
                self.leaf(Style::Plain, Span::new(self.at, end), holder)?;
                self.at = end;
                Some(())
            }
        }
    }

    /// A key, and over its colon to the value.
    fn flow_key(&mut self, base: usize) -> Option<Span> {
        let start = self.at;
        let end = match self.peek(start) {
            quote @ (b'"' | b'\'') => self.simply_quoted(quote)?,
            _ => self.flow_plain()?.0,
        };
        if (self.peek(end), self.peek(end + 1)) != (b':', b' ') || end - start > limits::KEY_BYTES {
            return None;
        }
        let key = Span::new(start, end);
        self.unique(base, key)?;
        self.at = end + 1;
        self.skip_blanks();
        Some(key)
    }

    /// The end of a plain text inside brackets, without the blanks after it, and whether a colon
    /// ends it.
    fn flow_plain(&self) -> Option<(usize, bool)> {
        let (first, second) = (self.peek(self.at), self.peek(self.at + 1));
        if !begins_plain(first, second)
            || first == b'-' && matches!(second, b',' | b'[' | b']' | b'{' | b'}')
        {
            return None;
        }
        let mut at = self.at;
        let colon = loop {
            match self.peek(at) {
                b',' | b']' | b'}' => break false,
                b'\n' | b'\t' | b'#' | b'[' | b'{' | b'"' | b'\'' => return None,
                b':' => match self.peek(at + 1) {
                    b' ' => break true,
                    b'\n' | b',' | b'[' | b']' | b'{' | b'}' => return None,
                    _ => at += 1,
                },
                _ => at += 1,
            }
        };
        while self.bytes[at - 1] == b' ' {
            at -= 1;
        }
        Some((at, colon))
    }

    fn skip_blanks(&mut self) {
        while self.peek(self.at) == b' ' {
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::manifest::Tree;

    #[test]
    fn what_breaks_off_is_read_alike_or_not_at_all() {
        for token in [
            r#""\"#, r#"["\"#, r#"{"a\"#, "'", "''", "'''", "[", "{", "{b", "{b:", "{b: ", "[b,",
            "\"", "|", ">-", "-", "x:",
        ] {
            for text in [
                token.to_owned(),
                format!("a: {token}"),
                format!("- {token}"),
            ] {
                let full = Tree::read_full(&text).ok();
                assert!(
                    Tree::read_fast(&text).is_none_or(|fast| Some(fast) == full),
                    "{text}"
                );
            }
        }
    }

    #[test]
    fn a_dash_alone_is_no_item() {
        for text in [
            "a: [-]\n",
            "a: [x, -]\n",
            "a: {k: -}\n",
            "a: {-, k: v}\n",
            "a: [-[x]]\n",
            "a: [- x]\n",
        ] {
            assert!(Tree::read_fast(text).is_none(), "{text}");
        }
        assert!(Tree::read_fast("a: [-x, --]\n").is_some());
    }
}
