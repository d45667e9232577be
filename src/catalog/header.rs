use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

/// How many lines from the top may hold header fields (AitherZero's later versions read 30).
const HEADER_LINES: usize = 30;

/// A header ends long before this; a file with one endless line is not read whole.
const HEADER_BYTES: u64 = 64 * 1024;

/// The fields of a script's header: comment lines `# Key: value`, keys without case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Header {
    /// `Stage:`, none where the script names no stage.
    pub stage: Option<String>,
    /// `Dependencies:`, a list at commas; `None` means none.
    pub dependencies: Vec<String>,
    /// `Description:`
    pub description: Option<String>,
    /// `Condition:`, as written.
    pub condition: Option<String>,
    /// `Tags:`, a list at commas.
    pub tags: Vec<String>,
    /// `Inputs:`, patterns of the files that it reads, a list at commas; empty where it names none.
    pub inputs: Vec<String>,
    /// `Outputs:`, patterns of the files that it writes, a list at commas.
    pub outputs: Vec<String>,
}

impl Header {
    /// Reads the header of the script at `path`.
    ///
    /// # Errors
    /// What the system says when the file cannot be read.
    pub fn read(path: &Path) -> io::Result<Self> {
        let mut bytes = Vec::new();
        File::open(path)?.take(HEADER_BYTES).read_to_end(&mut bytes)?;
        Ok(Self::parse(&text(&bytes)))
    }

    /// Reads the fields out of a script's text. The first of several equal keys counts.
    pub fn parse(text: &str) -> Self {
        let mut header = Self::default();
        for (key, value) in text.lines().take(HEADER_LINES).filter_map(field) {
            match key.to_ascii_lowercase().as_str() {
                "stage" => set_once(&mut header.stage, value),
                "description" => set_once(&mut header.description, value),
                "condition" => set_once(&mut header.condition, value),
                "dependencies" if header.dependencies.is_empty() => header.dependencies = dependencies(value),
                "tags" if header.tags.is_empty() => header.tags = list(value),
                "inputs" if header.inputs.is_empty() => header.inputs = patterns(value),
                "outputs" if header.outputs.is_empty() => header.outputs = patterns(value),
                _ => {}
            }
        }
        header
    }
}

/// A script's text: UTF-8, with or without a mark, or UTF-16 with one, as PowerShell reads it.
pub(crate) fn text(bytes: &[u8]) -> String {
    let units = |decode: fn([u8; 2]) -> u16| -> String {
        let units: Vec<u16> = bytes[2..].chunks_exact(2).map(|pair| decode([pair[0], pair[1]])).collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xFF, 0xFE, ..] => units(u16::from_le_bytes),
        [0xFE, 0xFF, ..] => units(u16::from_be_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// `# Key: value`, the key one word.
fn field(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.strip_prefix('#')?.split_once(':')?;
    let (key, value) = (key.trim(), value.trim());
    let word = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (word && !value.is_empty()).then_some((key, value))
}

fn set_once(field: &mut Option<String>, value: &str) {
    field.get_or_insert_with(|| value.to_owned());
}

fn list(value: &str) -> Vec<String> {
    value.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// As [`list`], but a comma inside of braces belongs to the pattern: `src/*.{ps1,psm1}`, `{{Name}}`.
fn patterns(value: &str) -> Vec<String> {
    let (mut patterns, mut depth) = (vec![String::new()], 0_usize);
    for letter in value.chars() {
        match letter {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        match patterns.last_mut() {
            Some(last) if letter != ',' || depth > 0 => last.push(letter),
            _ => patterns.push(String::new()),
        }
    }
    patterns.iter().map(|pattern| pattern.trim().to_owned()).filter(|pattern| !pattern.is_empty()).collect()
}

fn dependencies(value: &str) -> Vec<String> {
    let mut entries = list(value);
    entries.retain(|entry| !entry.eq_ignore_ascii_case("none"));
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_fields_of_the_original() {
        let header = Header::parse(
            "#Requires -Version 7.0\n# Stage: Infrastructure\r\n# Dependencies: OpenTofu, HyperV\n\
             # Description: Deploys: everything\n# Condition: Features -contains 'OpenTofu'\n#tags:a,  b ,,c\n",
        );
        assert_eq!(header.stage.as_deref(), Some("Infrastructure"));
        assert_eq!(header.dependencies, ["OpenTofu", "HyperV"]);
        assert_eq!(header.description.as_deref(), Some("Deploys: everything"));
        assert_eq!(header.condition.as_deref(), Some("Features -contains 'OpenTofu'"));
        assert_eq!(header.tags, ["a", "b", "c"]);
    }

    #[test]
    fn patterns_keep_the_commas_in_their_braces() {
        let header = Header::parse("# Inputs: src/*.{ps1,psm1}, {{Name}}/**,!x\n# Outputs: out/{{a}}.json");
        assert_eq!(header.inputs, ["src/*.{ps1,psm1}", "{{Name}}/**", "!x"]);
        assert_eq!(header.outputs, ["out/{{a}}.json"]);
    }

    #[test]
    fn none_means_no_dependencies() {
        assert!(Header::parse("# Dependencies: None").dependencies.is_empty());
    }

    #[test]
    fn ignores_what_is_no_header() {
        let text = format!("{}# Stage: Late\n", "\n".repeat(HEADER_LINES));
        assert_eq!(Header::parse(&text), Header::default());
        assert_eq!(
            Header::parse(" # Stage: Indented\nStage: Bare\n# Stage:\n# The Stage: two words"),
            Header::default()
        );
        assert_eq!(Header::parse("# Stage: A\n# Stage: B").stage.as_deref(), Some("A"));
    }

    #[test]
    fn reads_marked_text() {
        let utf16: Vec<u8> = "# Stage: Ü".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(Header::parse(&text(&[&[0xFF, 0xFE][..], &utf16].concat())).stage.as_deref(), Some("Ü"));
        assert_eq!(Header::parse(&text(b"\xEF\xBB\xBF# Stage: A")).stage.as_deref(), Some("A"));
        assert_eq!(text(&[0xFF]), "\u{FFFD}");
    }
}
