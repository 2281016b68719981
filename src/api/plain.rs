//! Finds YAML that prevents reading an object as it is written, and values that other readers read
//! differently.

use super::SERVICE_BINDING;
use super::reader::{ObjectReader, Rewritten, short, with_article};
use crate::diagnostic::{Code, Diagnostic, Help};
use crate::limits;
use crate::manifest::scalar::{Scalar, ambiguous};
use crate::manifest::{Kind, NodeId, Span, Style, emit};

impl ObjectReader<'_> {
    /// Refuses aliases, merge keys and tags, wherever they are in the object; takes note of
    /// ambiguous texts.
    pub(super) fn plain(&mut self) {
        let mut odd = Vec::new();
        let mut open = vec![self.root];
        while let Some(id) = open.pop() {
            let node = self.tree.node(id);
            if node.kind == Kind::Alias {
                odd.push((node.span, "an alias"));
            } else if node.tagged {
                odd.push((self.first_line(node.span), "a tag"));
            }
            if let Some(span) = node.key.filter(|_| self.tree.is_merge(id)) {
                odd.push((span, "a merge key"));
            } else if let Some(span) = node.key.filter(|_| self.tree.has_doubtful_key(id)) {
                odd.push((span, "a tag"));
            } else if let Some(span) = node.key
                && self.doubts.len() < limits::DIAGNOSTICS
                && let Some(reason) = ambiguous(self.tree.slice(span))
            {
                let quoted = emit::json_string(self.tree.slice(span));
                let help = Help::from(format!("if it is text, quote the key: `{quoted}`"));
                self.doubts.push((span, reason, help));
            }
            if node.kind == Kind::Scalar && node.style == Style::Plain {
                self.judge_scalar(id, node.span);
            }
            open.extend(self.tree.children(id));
        }
        odd.sort_unstable();
        for (span, what) in odd.into_iter().take(limits::DIAGNOSTICS) {
            let owner = with_article(&self.kind);
            let message = match self.kind == SERVICE_BINDING {
                true => {
                    format!("{what} in {owner}: coupler reads it without aliases, `<<` and tags")
                }
                false => {
                    format!(
                        "{what} in {owner}: coupler's own objects may not have aliases, `<<` or tags"
                    )
                }
            };
            let help = "write the value itself here";
            self.report(
                Diagnostic::error(Code::InvalidField, message)
                    .at(self.place(span), what)
                    .help(help),
            );
        }
        self.muted = !self.errors.is_empty();
    }

    /// Takes note of a plain text that readers disagree on, or that is passed on otherwise.
    fn judge_scalar(&mut self, id: NodeId, span: Span) {
        if let Some(reason) = ambiguous(self.tree.slice(span)) {
            if self.doubts.len() < limits::DIAGNOSTICS {
                self.doubts.push((span, reason, self.clearly(id)));
            }
        } else if self.rewritten.len() < limits::DIAGNOSTICS
            && let Some(seen) = self.rewritten(id)
        {
            self.rewritten.push(Rewritten { node: id, seen });
        }
    }

    /// The lines for both meanings of the value.
    fn clearly(&self, id: NodeId) -> Help {
        let text = self.tree.slice(self.tree.span(id));
        let quoted = self.token_help("if it is text, quote it:", id, &emit::json_string(text));
        let value = match self.scalar(id) {
            Some(Scalar::Bool(value)) => value.to_string(),
            Some(Scalar::Int(value)) if value.to_string() != text => value.to_string(),
            _ => return quoted,
        };
        self.token_help(
            quoted.and("if it is not, write what Kubernetes reads:"),
            id,
            &value,
        )
    }

    /// A warning for each ambiguous text that is no error anyway.
    pub(super) fn warnings(&mut self) -> Vec<Diagnostic> {
        let mut doubts = std::mem::take(&mut self.doubts);
        doubts.sort_unstable();
        let reported = |place| {
            self.errors
                .iter()
                .any(|error| error.labels.iter().any(|label| label.place == place))
        };
        let warning = |(span, reason, help)| {
            let message = format!(
                "YAML readers read `{}` differently",
                short(self.tree.slice(span))
            );
            let place = self.place(span);
            let warning = Diagnostic::warning(Code::AmbiguousScalar, message)
                .at(place, reason)
                .help(help);
            (!reported(place)).then(|| warning.on(self.subject()))
        };
        let mut found: Vec<Diagnostic> = doubts.into_iter().filter_map(warning).collect();
        let rewritten = std::mem::take(&mut self.rewritten);
        for Rewritten { node, seen } in rewritten {
            let warning = self.rewritten_warning(node, &seen);
            let is_reported = warning.labels.iter().any(|label| reported(label.place));
            found.extend((!is_reported).then_some(warning));
        }
        found
    }
}
