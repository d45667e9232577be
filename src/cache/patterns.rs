//! Patterns of files, as inputs and outputs are declared: `src/**`, `*.md`, `docs`, `!src/drafts/**`.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use std::path::{Component, Path, PathBuf};
use thiserror::Error;

/// Why a pattern is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PatternError {
    /// It is absolute or goes up.
    #[error("the pattern '{0}' leaves the project: write it relative to the project's root, without '..'")]
    Leaves(String),
    /// It is no glob.
    #[error("the pattern '{pattern}' cannot be read: {reason}")]
    Unreadable {
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// A list of patterns; one that begins with `!` takes away.
#[derive(Debug, Clone)]
pub(super) struct Patterns {
    wanted: Vec<Wanted>,
    taken: Vec<Matcher>,
}

/// One pattern that adds files.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    /// As written.
    pub text: String,
    /// The folder, below the root, that everything it matches is in; a file where it has no wildcard.
    pub base: PathBuf,
    matcher: Matcher,
}

impl Wanted {
    pub fn matches(&self, path: &str) -> bool {
        self.matcher.matches(path)
    }
}

/// What one pattern matches.
#[derive(Debug, Clone)]
enum Matcher {
    /// Everything in the folder of this name, and itself: the name has no wildcard.
    Whole(String),
    /// Everything in the folder of this name.
    Inside(String),
    /// A glob.
    Glob(GlobSet),
}

impl Matcher {
    fn new(text: &str, written: &str) -> Result<Self, PatternError> {
        // Where case does not count the glob has to be asked.
        if !cfg!(windows) {
            match text.strip_suffix("/**") {
                None if !has_wildcard(text) => return Ok(Self::Whole(text.to_owned())),
                Some(folder) if !has_wildcard(folder) => return Ok(Self::Inside(folder.to_owned())),
                _ => {}
            }
        }
        let mut globs = GlobSetBuilder::new();
        // A folder's name means everything in it.
        for form in [text.to_owned(), format!("{text}/**")] {
            let glob =
                GlobBuilder::new(&form).literal_separator(true).case_insensitive(cfg!(windows)).build();
            globs.add(glob.map_err(|error| unreadable(written, error.kind()))?);
        }
        globs.build().map(Self::Glob).map_err(|error| unreadable(written, error))
    }

    fn matches(&self, path: &str) -> bool {
        let inside = |folder: &str| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        match self {
            Self::Whole(name) => path == name || inside(name),
            Self::Inside(folder) => inside(folder),
            Self::Glob(globs) => globs.is_match(path),
        }
    }
}

impl Patterns {
    pub fn new(patterns: &[String]) -> Result<Self, PatternError> {
        let (mut wanted, mut taken) = (Vec::new(), Vec::new());
        for written in patterns {
            let (takes, text) = match written.trim().strip_prefix('!') {
                Some(rest) => (true, rest.trim()),
                None => (false, written.trim()),
            };
            let text = text.replace('\\', "/");
            let text = text.strip_prefix("./").unwrap_or(&text).trim_end_matches('/');
            if text.is_empty() {
                continue;
            }
            let inside = |part| matches!(part, Component::Normal(_) | Component::CurDir);
            let drive = text.as_bytes().get(1) == Some(&b':');
            if drive || !Path::new(text).components().all(inside) {
                return Err(PatternError::Leaves(written.clone()));
            }
            let matcher = Matcher::new(text, written)?;
            if takes {
                taken.push(matcher);
            } else {
                wanted.push(Wanted { text: text.to_owned(), base: literal_base(text), matcher });
            }
        }
        Ok(Self { wanted, taken })
    }

    pub fn matches(&self, path: &str) -> bool {
        self.wanted.iter().any(|wanted| wanted.matches(path))
            && !self.taken.iter().any(|taken| taken.matches(path))
    }

    pub fn wanted(&self) -> &[Wanted] {
        &self.wanted
    }
}

fn unreadable(pattern: &str, reason: impl ToString) -> PatternError {
    PatternError::Unreadable { pattern: pattern.to_owned(), reason: reason.to_string() }
}

fn literal_base(text: &str) -> PathBuf {
    text.split('/').take_while(|part| !has_wildcard(part)).collect()
}

fn has_wildcard(text: &str) -> bool {
    text.contains(['*', '?', '[', ']', '{', '}', '\\'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patterns(list: &[&str]) -> Patterns {
        let list: Vec<String> = list.iter().map(|text| text.to_string()).collect();
        Patterns::new(&list).expect("patterns")
    }

    #[test]
    fn patterns_match_below_the_root() {
        let set = patterns(&["src/**", "*.md", "docs", "!src/drafts/**"]);
        for path in ["src/a", "src/b/c.ps1", "read.md", "docs/x/y"] {
            assert!(set.matches(path), "{path}");
        }
        for path in ["lib/a", "sub/read.md", "src/drafts/a", "docsx"] {
            assert!(!set.matches(path), "{path}");
        }
        assert_eq!(set.wanted()[0].base, Path::new("src"));
        assert_eq!(set.wanted()[1].base, Path::new(""));
    }

    #[test]
    fn a_pattern_that_leaves_the_project_is_refused() {
        for pattern in ["../x", "src/../../x", "/etc/*", "C:/x", "C:x", "!../x", "..\\x"] {
            let refused = Patterns::new(&[pattern.to_owned()]);
            assert_eq!(refused.err(), Some(PatternError::Leaves(pattern.to_owned())), "{pattern}");
        }
    }

    #[test]
    fn a_pattern_that_is_no_glob_is_refused() {
        assert!(matches!(Patterns::new(&["a[".to_owned()]), Err(PatternError::Unreadable { .. })));
    }
}
