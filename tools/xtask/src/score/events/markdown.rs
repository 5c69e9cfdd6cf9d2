//! Tables in Markdown.

use std::{fmt::Write, fs, path::Path};

use anyhow::Context;
use jounce_score::Share;

const BEGINS: &str = "<!-- score-events: begin -->";
const ENDS: &str = "<!-- score-events: end -->";

/// What is told, from top to bottom.
#[derive(Debug, Default)]
pub(super) struct Page(String);

impl Page {
    pub(super) fn heading(&mut self, text: &str) {
        self.block(&format!("## {text}"));
    }

    pub(super) fn paragraph(&mut self, text: &str) {
        self.block(text);
    }

    /// The first column is text, the others are figures.
    pub(super) fn table(&mut self, columns: &[&str], rows: &[Vec<String>]) {
        let mut text = format!("| {} |\n|---", columns.join(" | "));
        for _ in columns.iter().skip(1) {
            text.push_str("|--:");
        }
        text.push('|');
        for row in rows {
            // Writing to a string does not fail.
            let _ = write!(text, "\n| {} |", row.join(" | "));
        }
        self.block(&text);
    }

    fn block(&mut self, text: &str) {
        if !self.0.is_empty() {
            self.0.push_str("\n\n");
        }
        self.0.push_str(text);
    }

    pub(super) fn text(&self) -> &str {
        &self.0
    }

    /// Puts itself in its place in a document.
    pub(super) fn paste(&self, path: &Path) -> anyhow::Result<()> {
        let name = path.display();
        let document = fs::read_to_string(path).with_context(|| format!("{name}: cannot be read"))?;
        let pasted = pasted(&document, &self.0).with_context(|| format!("{name}: expected {BEGINS} and {ENDS}"))?;
        Ok(fs::write(path, pasted)?)
    }
}

fn pasted(document: &str, text: &str) -> Option<String> {
    let (before, rest) = document.split_once(BEGINS)?;
    let (_, after) = rest.split_once(ENDS)?;
    Some(format!("{before}{BEGINS}\n\n{text}\n\n{ENDS}{after}"))
}

/// A number with so many decimals; a dash where there is none.
pub(super) fn figure(value: Option<f64>, decimals: usize) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.decimals$}"))
}

/// A proportion.
pub(super) fn share(share: Share) -> String {
    figure(share.value(), 3)
}

/// A proportion with its 95 % interval.
pub(super) fn sure(sure: Share) -> String {
    match sure.interval() {
        Some((low, high)) => format!("{} ({low:.2}–{high:.2})", share(sure)),
        None => share(sure),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_takes_the_place_of_the_one_before() {
        let mut page = Page::default();
        page.heading("Drives");
        page.table(&["kind", "found"], &[vec!["swerve".to_owned(), figure(None, 2)]]);
        assert_eq!(page.text(), "## Drives\n\n| kind | found |\n|---|--:|\n| swerve | – |");
        let document = format!("# Title\n{BEGINS}\nold\n{ENDS}\nend\n");
        let once = pasted(&document, page.text()).expect("has a place");
        assert!(once.starts_with("# Title\n") && once.ends_with("\nend\n") && !once.contains("old"));
        assert_eq!(pasted(&once, page.text()), Some(once.clone()));
        assert_eq!(pasted("# Title", "x"), None);
    }
}
