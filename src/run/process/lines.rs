//! Bytes of a child become text: whole lines, in bounded memory.

/// A line longer than this is handed on in pieces of at most so many bytes.
pub(super) const LINE_BYTES: usize = 256 * 1024;

/// Bytes that have come and make no whole line yet; never more than [`LINE_BYTES`].
#[derive(Debug, Default)]
pub(super) struct Lines {
    begun: Vec<u8>,
}

impl Lines {
    /// Takes bytes in and hands on the whole lines among them as one text, which ends without a line
    /// end. What is no UTF-8 becomes U+FFFD; everything else stays, escape sequences too.
    pub fn take(&mut self, mut bytes: &[u8], mut give: impl FnMut(&str)) {
        while !bytes.is_empty() {
            let room = LINE_BYTES - self.begun.len();
            let (now, later) = bytes.split_at(bytes.len().min(room));
            bytes = later;
            if let Some(end) = now.iter().rposition(|byte| *byte == b'\n') {
                if self.begun.is_empty() {
                    give(&text(&now[..end]));
                } else {
                    self.begun.extend_from_slice(&now[..end]);
                    give(&text(&self.begun));
                    self.begun.clear();
                }
                self.begun.extend_from_slice(&now[end + 1..]);
            } else {
                self.begun.extend_from_slice(now);
            }
            if self.begun.len() == LINE_BYTES {
                let whole = LINE_BYTES - cut_character(&self.begun);
                give(&text(&self.begun[..whole]));
                self.begun.drain(..whole);
            }
        }
    }

    /// Hands on what was begun and never ended.
    pub fn finish(&mut self, give: impl FnOnce(&str)) {
        if !self.begun.is_empty() {
            give(&text(&self.begun));
            self.begun.clear();
        }
    }
}

fn text(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    match text.strip_suffix('\r').unwrap_or(&text) {
        plain if plain.contains("\r\n") => plain.replace("\r\n", "\n"),
        plain => plain.to_owned(),
    }
}

/// How many bytes at the end are a character's beginning.
fn cut_character(bytes: &[u8]) -> usize {
    for back in 1..=bytes.len().min(3) {
        let byte = bytes[bytes.len() - back];
        let length = match byte {
            0x80..=0xBF => continue,
            0xC0..=0xDF => 2,
            0xE0..=0xEF => 3,
            0xF0..=0xF7 => 4,
            _ => 1,
        };
        return if length > back { back } else { 0 };
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(pieces: &[&[u8]]) -> Vec<String> {
        let mut lines = Lines::default();
        let mut texts = Vec::new();
        for piece in pieces {
            lines.take(piece, |text| texts.push(text.to_owned()));
        }
        lines.finish(|text| texts.push(text.to_owned()));
        texts
    }

    #[test]
    fn lines_are_handed_on_when_they_are_whole() {
        assert_eq!(taken(&[b"one\ntwo\nthr", b"ee\n", b"\n", b"rest"]), ["one\ntwo", "three", "", "rest"]);
        assert_eq!(taken(&[b"a\r\nb\r\nc\r", b"\nd"]), ["a\nb", "c", "d"]);
    }

    #[test]
    fn what_is_no_utf8_is_replaced_and_escape_sequences_stay() {
        assert_eq!(taken(&[b"\x1b[31mred\x1b[0m \xff\xfe ok\n"]), ["\x1b[31mred\x1b[0m \u{fffd}\u{fffd} ok"]);
        assert_eq!(
            taken(&[b"gr\xc3", b"\xbcn\n"]),
            ["gr\u{fc}n"],
            "a character cut by a read is whole again"
        );
    }

    #[test]
    fn a_line_without_end_comes_in_pieces_and_no_character_is_cut() {
        let whole = "ä".repeat(LINE_BYTES);
        let odd = format!("x{whole}");
        let pieces: Vec<&[u8]> = odd.as_bytes().chunks(1_000).collect();
        let mut lines = Lines::default();
        let mut found = String::new();
        let mut longest = 0;
        for piece in pieces {
            lines.take(piece, |text| {
                longest = longest.max(text.len());
                found.push_str(text);
            });
            assert!(lines.begun.capacity() <= 2 * LINE_BYTES, "{} bytes are kept", lines.begun.capacity());
        }
        lines.finish(|text| found.push_str(text));
        assert!(found == odd, "nothing is lost or replaced");
        assert!(longest <= LINE_BYTES);
    }
}
