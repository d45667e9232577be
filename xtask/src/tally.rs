//! Counting tests, and reading the counts of other runners.

use std::fmt;
use std::ops::{AddAssign, Sub};

/// How many tests passed, failed and were skipped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub passed: u64,
    pub failed: u64,
    pub skipped: u64,
}

impl Tally {
    pub const PASSED: Self = Self { passed: 1, failed: 0, skipped: 0 };
    pub const FAILED: Self = Self { passed: 0, failed: 1, skipped: 0 };
    pub const SKIPPED: Self = Self { passed: 0, failed: 0, skipped: 1 };

    /// The sum of `cargo test`'s lines `test result: ok. N passed; N failed; N ignored; …`;
    /// `None` where there is no such line.
    pub fn of_cargo_test(output: &str) -> Option<Self> {
        let mut sum = None;
        for line in output.lines() {
            let Some((_, counts)) = line.split_once("test result: ") else { continue };
            let Some((_, counts)) = counts.split_once(". ") else { continue };
            let sum = sum.get_or_insert_with(Self::default);
            *sum += Self {
                passed: count(counts, ';', "passed").unwrap_or(0),
                failed: count(counts, ';', "failed").unwrap_or(0),
                skipped: count(counts, ';', "ignored").unwrap_or(0),
            };
        }
        sum
    }

    /// The counts in a last line `N passed, N failed, N skipped`; `None` where it is none.
    pub fn of_last_line(output: &str) -> Option<Self> {
        let line = output.lines().rev().map(str::trim).find(|line| !line.is_empty())?;
        Some(Self {
            passed: count(line, ',', "passed")?,
            failed: count(line, ',', "failed")?,
            skipped: count(line, ',', "skipped")?,
        })
    }

    /// These counts, with one failure where the program failed and no test says so (it crashed).
    pub fn with_exit(mut self, succeeded: bool) -> Self {
        if !succeeded && self.failed == 0 {
            self.failed = 1;
        }
        self
    }

    pub fn is_empty(self) -> bool {
        self == Self::default()
    }
}

/// The number before `word` in `N word; N word`.
fn count(line: &str, separator: char, word: &str) -> Option<u64> {
    line.split(separator).find_map(|part| part.trim().strip_suffix(word)?.trim_end().parse().ok())
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl Sub for Tally {
    type Output = Self;

    /// What has been added since `earlier`.
    fn sub(self, earlier: Self) -> Self {
        Self {
            passed: self.passed - earlier.passed,
            failed: self.failed - earlier.failed,
            skipped: self.skipped - earlier.skipped,
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_tests_lines_are_summed() {
        let output = "\
running 3 tests
test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s

test result: FAILED. 10 passed; 2 failed; 0 ignored; 0 measured; 5 filtered out; finished in 1.20s
";
        assert_eq!(Tally::of_cargo_test(output), Some(Tally { passed: 13, failed: 2, skipped: 1 }));
        assert_eq!(Tally::of_cargo_test("error: could not compile"), None);
    }

    #[test]
    fn only_the_last_line_counts() {
        let output = "1 passed, 1 failed, 1 skipped\nnoise\n12 passed, 0 failed, 3 skipped\r\n\n";
        assert_eq!(Tally::of_last_line(output), Some(Tally { passed: 12, failed: 0, skipped: 3 }));
        assert_eq!(Tally::of_last_line("1 passed, 0 failed, 0 skipped\nboom"), None);
        assert_eq!(Tally::of_last_line(""), None);
    }

    #[test]
    fn a_crash_counts_as_a_failure() {
        assert_eq!(Tally::PASSED.with_exit(false), Tally { passed: 1, failed: 1, skipped: 0 });
        assert_eq!(Tally::FAILED.with_exit(false), Tally::FAILED);
        assert_eq!(Tally::PASSED.with_exit(true), Tally::PASSED);
    }

    #[test]
    fn the_line_reads_back() {
        let tally = Tally { passed: 1, failed: 2, skipped: 3 };
        assert_eq!(Tally::of_last_line(&tally.to_string()), Some(tally));
    }
}
