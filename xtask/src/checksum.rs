//! SHA-256 sums, by whichever tool the machine has.

use crate::error::Error;
use crate::process::{self, NO_LIMIT};
use std::path::Path;
use std::process::Command;

/// A program that computes SHA-256 sums.
#[derive(Clone, Copy, Debug)]
pub struct Summer {
    program: &'static str,
    before: &'static [&'static str],
    after: &'static [&'static str],
}

const SUMMERS: [Summer; 3] = [
    Summer { program: "sha256sum", before: &["--"], after: &[] },
    Summer { program: "shasum", before: &["-a", "256", "--"], after: &[] },
    Summer { program: "certutil", before: &["-hashfile"], after: &["SHA256"] },
];

impl Summer {
    pub fn find() -> Result<Self, Error> {
        SUMMERS.into_iter().find(|summer| process::find(summer.program).is_some()).ok_or_else(|| {
            Error::missing("a program for SHA-256 sums", "install sha256sum (coreutils) or shasum (Perl)")
        })
    }

    /// The sum of a file in hexadecimal digits.
    pub fn sum(self, file: &Path) -> Result<String, Error> {
        let mut command: Command = process::command(self.program);
        command.args(self.before).arg(file).args(self.after);
        let finished = process::capture(&mut command, NO_LIMIT)?.success(self.program)?;
        digits(&finished.stdout)
            .ok_or_else(|| Error::failed(format!("{}: no sum in its answer", self.program), finished.stdout))
    }
}

/// The first word of 64 hexadecimal digits; sha256sum puts a backslash before it where it has
/// escaped the file's name.
fn digits(answer: &str) -> Option<String> {
    answer
        .split_whitespace()
        .map(|word| word.trim_start_matches('\\'))
        .find(|word| is_sum(word))
        .map(str::to_ascii_lowercase)
}

/// Whether this is a SHA-256 sum in hexadecimal digits.
pub fn is_sum(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::digits;

    const SUM: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn the_sum_is_found_in_every_tools_answer() {
        assert_eq!(digits(&format!("{SUM}  file\n")).as_deref(), Some(SUM));
        assert_eq!(digits(&format!("\\{SUM} *fi\\\\le\n")).as_deref(), Some(SUM));
        let certutil = format!("SHA256 hash of file:\r\n{}\r\nCertUtil: done.\r\n", SUM.to_uppercase());
        assert_eq!(digits(&certutil).as_deref(), Some(SUM));
        assert_eq!(digits("no such file"), None);
    }
}
