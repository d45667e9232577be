//! The functions and constants that the C header declares and the library exports.

use std::collections::BTreeSet;

/// What every symbol of the C interface starts with.
const PREFIX: &str = "aither_";

/// What a header defines as the number of its interface.
pub const INTERFACE: &str = "AITHER_ABI_VERSION";

/// The number of a header's interface.
pub fn interface(header: &str) -> Option<u32> {
    header.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        (words.next() == Some("#define") && words.next() == Some(INTERFACE))
            .then(|| words.next()?.parse().ok())?
    })
}

/// What a header declares: names with our prefix before an opening parenthesis, or at the end of a line
/// that begins with `extern`, outside comments and preprocessor lines.
pub fn declared(header: &str) -> BTreeSet<String> {
    let text = without_comments(header);
    let text: String = text.lines().filter(|line| !line.trim_start().starts_with('#')).fold(
        String::new(),
        |mut text, line| {
            text.push_str(line);
            text.push('\n');
            text
        },
    );
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut names: BTreeSet<String> = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("extern ")?.strip_suffix(';')?.split_whitespace().last())
        .filter(|name| name.starts_with(PREFIX))
        .map(str::to_string)
        .collect();
    let mut rest = text.as_str();
    while let Some(start) = rest.find(is_word) {
        let word = &rest[start..];
        let end = word.find(|c| !is_word(c)).unwrap_or(word.len());
        let (name, after) = word.split_at(end);
        if name.starts_with(PREFIX) && after.trim_start().starts_with('(') {
            names.insert(name.to_string());
        }
        rest = after;
    }
    names
}

/// The names with our prefix in the output of `nm` or `objdump -p`, whose lines end with the symbol's name
/// (macOS puts an underscore before it, and a DLL's own name has a dot).
pub fn exported(nm: &str) -> BTreeSet<String> {
    nm.lines()
        .filter_map(|line| line.split_whitespace().last())
        .map(|symbol| symbol.strip_prefix('_').unwrap_or(symbol))
        .filter(|symbol| symbol.starts_with(PREFIX) && !symbol.contains('.'))
        .map(str::to_string)
        .collect()
}

fn without_comments(source: &str) -> String {
    let mut text = String::with_capacity(source.len());
    let mut rest = source;
    loop {
        let (before, comment) = match (rest.find("/*"), rest.find("//")) {
            (Some(block), line) if line.map_or(true, |line| block < line) => {
                (&rest[..block], rest[block + 2..].split_once("*/").map(|(_, after)| after))
            }
            (_, Some(line)) => (&rest[..line], rest[line..].find('\n').map(|end| &rest[line + end..])),
            _ => (rest, None),
        };
        text.push_str(before);
        text.push(' ');
        match comment {
            Some(after) => rest = after,
            None => return text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interface_has_a_number() {
        let header = "/* AITHER_ABI_VERSION */\n#define AITHER_OK 0\n#define AITHER_ABI_VERSION 7\n";
        assert_eq!(interface(header), Some(7));
        assert_eq!(interface("#define AITHER_ABI_VERSION\n"), None);
        assert_eq!(interface(""), None);
    }

    #[test]
    fn functions_and_constants_are_declared_types_and_comments_are_not() {
        let header = r"
#define aither_macro(x) x
/* See aither_in_comment(). */
// aither_in_line(x)
typedef struct aither_text { const uint8_t *data; } aither_text;
extern const uint32_t aither_abi;
uint32_t aither_abi_version(void);
aither_status aither_plan
    (const uint8_t *request, size_t length, aither_text *out); // trailing
int other_function(void);
/** last */
void aither_text_free(aither_text text);
/* never closed aither_ghost(";
        let expected: BTreeSet<String> =
            ["aither_abi", "aither_abi_version", "aither_plan", "aither_text_free"].map(String::from).into();
        assert_eq!(declared(header), expected);
    }

    #[test]
    fn exports_are_the_prefixed_symbols() {
        let nm = "0000 T aither_plan\n0010 T _aither_run_start\n0020 T rust_eh_personality\n";
        let expected: BTreeSet<String> = ["aither_plan", "aither_run_start"].map(String::from).into();
        assert_eq!(exported(nm), expected);
        let objdump = "Name 00f3 aither_orchestration.dll\n\t[   0] +base[   1]  0000 aither_plan\n\t[   1] 1 aither_run_start\n";
        assert_eq!(exported(objdump), expected);
    }
}
