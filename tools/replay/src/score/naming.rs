//! Which trace a label means.

use std::path::{Path, PathBuf};

use crate::source::Source;

/// The traces by what they may be called.
#[derive(Debug)]
pub(super) struct Names(Vec<Name>);

#[derive(Debug)]
struct Name {
    /// As typed.
    typed: String,
    /// The whole path; none: standard input.
    path: Option<PathBuf>,
}

impl Names {
    pub(super) fn new(sources: &[Source]) -> Self {
        let name = |source: &Source| Name {
            typed: source.name(),
            path: match source {
                Source::Stdin => None,
                // What cannot be found is told when it is read.
                Source::Path(path) => Some(path.canonicalize().unwrap_or_else(|_| path.clone())),
            },
        };
        Self(sources.iter().map(name).collect())
    }

    /// The position of the one trace whose path ends in `trace`; otherwise what was expected.
    pub(super) fn find(&self, trace: &str) -> Result<usize, String> {
        let all = self.0.iter().enumerate();
        let mut meant = all.filter(|(_, name)| name.is(trace));
        match (meant.next(), meant.next()) {
            (Some((at, _)), None) => Ok(at),
            (Some((_, first)), Some((_, second))) => {
                Err(format!("more of the path, since both {} and {} end so", first.typed, second.typed))
            }
            (None, _) => Err(format!("the name of a trace given, or the end of its path: {}", self.shown())),
        }
    }

    fn shown(&self) -> String {
        /// More only fill the screen.
        const SHOWN: usize = 5;
        let names: Vec<&str> = self.0.iter().take(SHOWN).map(|name| name.typed.as_str()).collect();
        let more = self.0.len().saturating_sub(SHOWN);
        if more == 0 { names.join(", ") } else { format!("{} and {more} more", names.join(", ")) }
    }
}

impl Name {
    fn is(&self, trace: &str) -> bool {
        match &self.path {
            None => trace == "-" || trace == self.typed,
            Some(path) => path.ends_with(trace.trim_start_matches("./")) || Path::new(&self.typed) == Path::new(trace),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(paths: &[&str]) -> Names {
        Names::new(&paths.iter().map(|path| Source::new(Path::new(path))).collect::<Vec<_>>())
    }

    #[test]
    fn a_trace_is_meant_by_the_end_of_its_path() {
        let names = names(&["/no/a/trace.csv", "/no/b/trace.csv", "/no/17", "-"]);
        for (trace, expected) in [
            ("a/trace.csv", 0),
            ("b/trace.csv", 1),
            ("./b/trace.csv", 1),
            ("17", 2),
            ("17/", 2),
            ("-", 3),
            ("stdin", 3),
        ] {
            assert_eq!(names.find(trace), Ok(expected), "{trace}");
        }
        assert!(names.find("trace.csv").expect_err("two").starts_with("more of the path, since both /no/a/trace.csv"));
        for trace in ["race.csv", "7", "c/trace.csv"] {
            let error = names.find(trace).expect_err("none");
            assert!(error.ends_with("/no/a/trace.csv, /no/b/trace.csv, /no/17, stdin"), "{error}");
        }
    }
}
