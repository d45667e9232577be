//! A job's log as it is on disk: lines of a sign, a blank and the text.
//!
//! The sign is the stream as PowerShell numbers them, 1 to 6, or `#` for a word of the engine's, such
//! as the begin of another attempt. `cut -c3-` shows the text alone.

use serde::Serialize;
use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom},
    path::Path,
};

/// One line of a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogLine {
    /// 1 output, 2 error, 3 warning, 4 verbose, 5 debug, 6 information; 0 is the engine's own word.
    pub stream: u8,
    /// The text, without its line end.
    pub text: String,
}

/// Some lines of a log, and where to go on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct LogPart {
    /// The lines.
    pub lines: Vec<LogLine>,
    /// The position, in bytes, behind the last of them.
    pub next: u64,
}

/// The sign of the engine's own words.
const MARK: u8 = b'#';

/// Appends whole lines as the file has them.
pub(super) fn encode(stream: u8, text: &str, out: &mut Vec<u8>) {
    let sign = if stream == 0 { MARK } else { b'0' + stream.min(9) };
    for line in text.lines() {
        out.extend_from_slice(&[sign, b' ']);
        out.extend_from_slice(line.as_bytes());
        out.push(b'\n');
    }
}

/// Reads complete lines of a log from a position on, about `most` bytes of them. A log that is not
/// there is empty; of what is not a line the text is kept.
///
/// # Errors
/// What the system says.
pub fn read_log(path: &Path, from: u64, most: usize) -> io::Result<LogPart> {
    let mut part = LogPart { lines: Vec::new(), next: from };
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(part),
        Err(error) => return Err(error),
    };
    file.seek(SeekFrom::Start(from))?;
    let mut reader = BufReader::new(file);
    let mut line = Vec::new();
    while part.next - from < most as u64 {
        line.clear();
        let bytes = reader.by_ref().read_until(b'\n', &mut line)?;
        if line.pop() != Some(b'\n') {
            break;
        }
        part.next += bytes as u64;
        part.lines.push(decode(&line));
    }
    Ok(part)
}

fn decode(line: &[u8]) -> LogLine {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match line {
        [MARK, b' ', rest @ ..] => LogLine { stream: 0, text: text(rest) },
        [sign @ b'1'..=b'9', b' ', rest @ ..] => LogLine { stream: sign - b'0', text: text(rest) },
        other => LogLine { stream: 1, text: text(other) },
    }
}
