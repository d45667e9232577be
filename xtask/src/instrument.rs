//! What the commands that build with instrumentation have in common.

use crate::error::Error;
use crate::process::{self, NO_LIMIT};
use crate::usage::Topic;
use std::env;
use std::ffi::OsString;
use std::process::Command;

/// The triple of this machine. Naming it keeps the flags from build scripts and macros.
pub fn host() -> Result<String, Error> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| OsString::from("rustc"));
    let told = process::capture(process::command(rustc).arg("-vV"), NO_LIMIT)?.success("rustc -vV")?;
    let host = told.stdout.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| Error::Invalid("rustc -vV names no host".into()))
}

/// Fast enough for many rounds, with every assertion and every check of arithmetic.
pub fn optimized(command: &mut Command) {
    command.env("CARGO_PROFILE_DEV_OPT_LEVEL", "1").env("CARGO_PROFILE_TEST_OPT_LEVEL", "1");
}

/// The same with the lines that a report of a sanitizer names.
pub fn optimized_with_lines(command: &mut Command) {
    optimized(command);
    command.env("CARGO_PROFILE_DEV_DEBUG", "line-tables-only");
    command.env("CARGO_PROFILE_TEST_DEBUG", "line-tables-only");
}

/// The one argument, a number of at least 1, or else the usual one.
pub fn number(topic: Topic, arguments: &[OsString], usual: u64) -> Result<u64, Error> {
    match arguments {
        [] => Ok(usual),
        [one] => {
            let text = one.to_string_lossy();
            text.parse()
                .ok()
                .filter(|number| *number > 0)
                .ok_or_else(|| Error::misuse(topic, format!("'{text}' is no number of at least 1")))
        }
        [_, extra, ..] => {
            Err(Error::misuse(topic, format!("there is no option '{}'", extra.to_string_lossy())))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_one_word_of_digits() {
        let number = |words: &[&str]| {
            number(Topic::Fuzz, &words.iter().map(OsString::from).collect::<Vec<_>>(), 20).ok()
        };
        assert_eq!(number(&[]), Some(20));
        assert_eq!(number(&["3"]), Some(3));
        for wrong in [&["0"][..], &["-1"], &["x"], &["1", "2"]] {
            assert_eq!(number(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn the_host_is_a_triple() {
        assert!(host().expect("rustc").split('-').count() >= 3);
    }
}
