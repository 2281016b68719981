//! Aligns cells in columns, as kubectl prints tables.

use crate::diagnostic::printable;

/// A table with a heading.
#[derive(Debug)]
pub(super) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table without rows.
    pub(super) fn new(heading: &[&str]) -> Self {
        let mut table = Self { rows: Vec::new() };
        table.push(heading.iter().map(|cell| (*cell).to_owned()).collect());
        table
    }

    /// Adds a row; a cell with nothing in it is shown as `-`.
    pub(super) fn push(&mut self, cells: Vec<String>) {
        let shown = |cell: String| match cell.is_empty() {
            true => "-".to_owned(),
            false => printable::line(&cell),
        };
        self.rows.push(cells.into_iter().map(shown).collect());
    }

    /// The lines, each behind an indent.
    pub(super) fn text(&self, indent: &str) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let mut out = String::new();
        for row in &self.rows {
            let mut line = indent.to_owned();
            for (cell, width) in row.iter().zip(&widths) {
                line.push_str(&format!("{cell:width$}   "));
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut table = Table::new(&["NAME", "TYPE"]);
        table.push(vec!["readOnlyHost".to_owned(), "string".to_owned()]);
        table.push(vec![String::new(), "a\nb".to_owned()]);
        let expected = "NAME           TYPE\nreadOnlyHost   string\n-              a\\nb\n";
        assert_eq!(table.text(""), expected);
    }
}
