//! GitHub Actions' file commands: what a step writes into the files it is given.
//!
//! Rules: `name=value`, or `name<<DELIMITER` and lines up to the delimiter, whichever sign comes first
//! on the line; empty lines mean nothing (actions/runner, FileCommandManager).

use thiserror::Error;

/// A file may have so many bytes.
pub(super) const FILE_BYTES: u64 = 1024 * 1024;

/// Why a file of commands cannot be read.
#[derive(Debug, Error, PartialEq, Eq)]
#[allow(missing_docs, reason = "the messages say what the fields are")]
pub enum CommandError {
    /// A line that is no command.
    #[error("line {line}: '{text}' is neither name=value nor name<<DELIMITER")]
    NoCommand { line: usize, text: String },
    /// A command without a name.
    #[error("line {line}: there is no name before the {sign}")]
    NoName { line: usize, sign: &'static str },
    /// A block without a word for its end.
    #[error("line {line}: there is no delimiter behind {name}<<")]
    NoDelimiter { line: usize, name: String },
    /// A block without an end.
    #[error("line {line}: the value of {name} has no closing line '{delimiter}'")]
    Unclosed { line: usize, name: String, delimiter: String },
    /// More than is read.
    #[error("it has {bytes} bytes; the limit is {FILE_BYTES}")]
    TooLarge { bytes: u64 },
}

/// Names and values, in the order written.
///
/// # Errors
/// [`CommandError`], for the first line that is wrong.
pub fn pairs(text: &str) -> Result<Vec<(String, String)>, CommandError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)).zip(1..);
    let mut pairs = Vec::new();
    while let Some((line, number)) = lines.next() {
        if line.is_empty() {
            continue;
        }
        let block = line.find("<<").filter(|block| line.find('=').is_none_or(|equals| *block < equals));
        let (name, value) = match (block, line.split_once('=')) {
            (Some(block), _) => {
                let (name, delimiter) = (&line[..block], &line[block + 2..]);
                if delimiter.is_empty() && !name.is_empty() {
                    return Err(CommandError::NoDelimiter { line: number, name: name.to_owned() });
                }
                if name.is_empty() {
                    return Err(CommandError::NoName { line: number, sign: "<<" });
                }
                let mut value = Vec::new();
                loop {
                    match lines.next() {
                        Some((line, _)) if line == delimiter => break,
                        Some((line, _)) => value.push(line),
                        None => {
                            let (name, delimiter) = (name.to_owned(), delimiter.to_owned());
                            return Err(CommandError::Unclosed { line: number, name, delimiter });
                        }
                    }
                }
                (name, value.join("\n"))
            }
            (None, Some(("", _))) => return Err(CommandError::NoName { line: number, sign: "=" }),
            (None, Some((name, value))) => (name, value.to_owned()),
            (None, None) => {
                let text = line.chars().take(80).collect();
                return Err(CommandError::NoCommand { line: number, text });
            }
        };
        pairs.push((name.to_owned(), value));
    }
    Ok(pairs)
}

/// Folders, one a line, in the order written.
pub(super) fn folders(text: &str) -> Vec<String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.lines().map(str::trim_end).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, String)> {
        pairs(text).expect("pairs")
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn values_stand_on_a_line_or_in_a_block() {
        assert_eq!(
            read("a=1\n\nb=x=y<<z\r\nempty=\n"),
            [pair("a", "1"), pair("b", "x=y<<z"), pair("empty", "")]
        );
        assert_eq!(
            read("\u{feff}text<<END\none = 1\n\n END\nEND\nlast=2"),
            [pair("text", "one = 1\n\n END"), pair("last", "2")]
        );
        assert_eq!(read("none<<X\nX\n"), [pair("none", "")]);
        assert_eq!(read(""), []);
        assert_eq!(folders("/a\n\n/b c \r\n"), ["/a", "/b c"]);
    }

    #[test]
    fn what_is_not_a_command_is_refused_with_its_line() {
        assert_eq!(pairs("=1"), Err(CommandError::NoName { line: 1, sign: "=" }));
        assert_eq!(pairs("a=1\n<<X\nX"), Err(CommandError::NoName { line: 2, sign: "<<" }));
        assert_eq!(pairs("a<<\nx\n"), Err(CommandError::NoDelimiter { line: 1, name: "a".into() }));
        assert_eq!(pairs("a=1\nplain"), Err(CommandError::NoCommand { line: 2, text: "plain".into() }));
        assert_eq!(
            pairs("a=1\nb<<END\nx\nEND \n"),
            Err(CommandError::Unclosed { line: 2, name: "b".into(), delimiter: "END".into() })
        );
    }
}
