//! Where in a JSON text a path of a message stands.

/// The line and column, both from 1, of the value that a path such as
/// `orchestration.stages[2].timeout` names; `None` when the text has no such place.
///
/// It reads the text up to that place, so it is for showing messages, not for every load.
pub fn locate(text: &str, path: &str) -> Option<(usize, usize)> {
    let mut scanner = Scanner { text: text.as_bytes(), at: 0 };
    if text.starts_with('\u{feff}') {
        scanner.at = 3;
    }
    scanner.blank();
    for segment in segments(path)? {
        match segment {
            Segment::Key(key) => scanner.enter_key(&key)?,
            Segment::Index(index) => scanner.enter_index(index)?,
        }
    }
    let before = text.get(..scanner.at)?;
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Some((line, column))
}

enum Segment {
    Key(String),
    Index(usize),
}

/// `a.b[2]["c.d"]` as keys and indices.
fn segments(path: &str) -> Option<Vec<Segment>> {
    let mut segments = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(quoted) = rest.strip_prefix("[\"") {
            let mut scanner = Scanner { text: rest.as_bytes(), at: 1 };
            let key = scanner.string()?;
            segments.push(Segment::Key(key));
            rest = rest.get(scanner.at..)?.strip_prefix(']')?;
            debug_assert!(rest.len() < quoted.len());
        } else if let Some(index) = rest.strip_prefix('[') {
            let (digits, after) = index.split_once(']')?;
            segments.push(Segment::Index(digits.parse().ok()?));
            rest = after;
        } else {
            rest = rest.strip_prefix('.').unwrap_or(rest);
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            segments.push(Segment::Key(rest.get(..end)?.to_owned()));
            rest = rest.get(end..).filter(|_| end > 0)?;
        }
    }
    Some(segments)
}

/// A position in well-formed JSON.
struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
}

impl Scanner<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn blank(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace() || byte == b',' || byte == b':') {
            self.at += 1;
        }
    }

    /// Moves to the value of a key of the object here.
    fn enter_key(&mut self, wanted: &str) -> Option<()> {
        self.open(b'{')?;
        while self.peek()? == b'"' {
            let key = self.string()?;
            self.blank();
            if key == wanted {
                return Some(());
            }
            self.value()?;
            self.blank();
        }
        None
    }

    /// Moves to an element of the list here.
    fn enter_index(&mut self, wanted: usize) -> Option<()> {
        self.open(b'[')?;
        for _ in 0..wanted {
            self.value()?;
            self.blank();
        }
        (self.peek()? != b']').then_some(())
    }

    fn open(&mut self, bracket: u8) -> Option<()> {
        (self.peek()? == bracket).then(|| self.at += 1)?;
        self.blank();
        Some(())
    }

    /// Passes over a string and returns it.
    fn string(&mut self) -> Option<String> {
        let start = self.at;
        self.at += 1;
        while self.peek()? != b'"' {
            self.at += if self.peek()? == b'\\' { 2 } else { 1 };
        }
        self.at += 1;
        serde_json::from_slice(self.text.get(start..self.at)?).ok()
    }

    /// Passes over a value.
    fn value(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            match self.peek()? {
                b'"' => {
                    self.string()?;
                }
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' => {
                    depth = depth.checked_sub(1)?;
                    self.at += 1;
                }
                _ => {
                    let plain = |byte: u8| !byte.is_ascii_whitespace() && !b",:{}[]\"".contains(&byte);
                    let start = self.at;
                    while self.peek().is_some_and(plain) {
                        self.at += 1;
                    }
                    if start == self.at {
                        return None;
                    }
                }
            }
            if depth == 0 {
                return Some(());
            }
            self.blank();
        }
    }
}
