use super::Digest;
use std::collections::BTreeMap;

/// Files and what is in them: the inputs of a job at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    bytes: Vec<u8>,
    digest: Digest,
    count: usize,
}

/// A line a file: its digest, two spaces, its name; names in ordinal order. A backslash or a line
/// end in a name is written `\\`, `\n` or `\r`.
impl Manifest {
    /// A manifest of these files; each name once.
    pub fn new<'a>(files: impl IntoIterator<Item = (&'a str, Digest)>) -> Self {
        let mut files: Vec<(&str, Digest)> = files.into_iter().collect();
        files.sort_unstable();
        files.dedup_by(|one, other| one.0 == other.0);
        let mut bytes = Vec::with_capacity(files.iter().map(|(name, _)| name.len() + 68).sum());
        for (name, digest) in &files {
            for byte in digest.as_bytes() {
                bytes.push(DIGITS[usize::from(byte >> 4)]);
                bytes.push(DIGITS[usize::from(byte & 15)]);
            }
            bytes.extend_from_slice(b"  ");
            for byte in name.bytes() {
                match byte {
                    b'\\' => bytes.extend_from_slice(b"\\\\"),
                    b'\n' => bytes.extend_from_slice(b"\\n"),
                    b'\r' => bytes.extend_from_slice(b"\\r"),
                    other => bytes.push(other),
                }
            }
            bytes.push(b'\n');
        }
        Self { digest: Digest::of(&bytes), count: files.len(), bytes }
    }

    /// The manifest's own digest: equal where all files are.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The manifest as text.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How many files there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The files of a manifest's text, none where it is not one.
    pub fn files(bytes: &[u8]) -> Option<BTreeMap<String, Digest>> {
        let text = std::str::from_utf8(bytes).ok()?;
        text.lines()
            .map(|line| {
                let (digest, name) = line.split_once("  ")?;
                let mut plain = String::with_capacity(name.len());
                let mut letters = name.chars();
                while let Some(letter) = letters.next() {
                    plain.push(match letter {
                        '\\' => match letters.next()? {
                            'n' => '\n',
                            'r' => '\r',
                            other => other,
                        },
                        other => other,
                    });
                }
                Some((plain, digest.parse().ok()?))
            })
            .collect()
    }
}

const DIGITS: &[u8; 16] = b"0123456789abcdef";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_reads_back_whatever_names_there_are() {
        let names = ["a", "b\n0", "c\\n", "d\r", "  e", "f  g"];
        let manifest = Manifest::new(names.iter().map(|name| (*name, Digest::of(name.as_bytes()))));
        let files = Manifest::files(manifest.bytes()).expect("a manifest");
        assert_eq!(files.len(), names.len());
        assert!(names.iter().all(|name| files[*name] == Digest::of(name.as_bytes())));
        assert_eq!(manifest.count(), names.len());
    }

    #[test]
    fn the_order_of_finding_does_not_count() {
        let (a, b) = (("a", Digest::of(b"1")), ("b", Digest::of(b"2")));
        assert_eq!(Manifest::new([a, b]).digest(), Manifest::new([b, a]).digest());
        assert_ne!(Manifest::new([a, b]).digest(), Manifest::new([a]).digest());
        assert_eq!(Manifest::files(b"no manifest"), None);
    }
}
