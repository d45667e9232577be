//! Text of others inside Markdown (CommonMark, and the tables and alerts that GitHub adds).

use super::text::shortened;
use serde_json::Value;

/// A value or message in running text is cut to so many characters.
const LONGEST_INLINE: usize = 2_000;

/// A cell of a table is cut to so many characters.
const LONGEST_CELL: usize = 200;

/// Text that shows as written, on one line of Markdown; its line ends become `<br>`.
pub fn inline(text: &str) -> String {
    escaped(&shortened(text.trim_matches('\n'), LONGEST_INLINE))
}

/// Text that shows as written, in a cell of a table.
pub fn cell(text: &str) -> String {
    escaped(&shortened(text.trim(), LONGEST_CELL))
}

/// A value in a cell of a table: text as it is, everything else as JSON.
pub fn value_cell(value: &Value) -> String {
    match value {
        Value::String(text) => cell(text),
        other => cell(&other.to_string()),
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for character in text.chars() {
        match character {
            '\n' => out.push_str("<br>"),
            '\t' => out.push(' '),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // `$` begins mathematics on GitHub, `|` ends a cell, `:` may begin an emoji or a link.
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '$' | '#' => {
                out.push('\\');
                out.push(character);
            }
            other => out.push(other),
        }
    }
    out
}

/// A fenced code block that nothing in the text can close.
pub fn fenced(language: &str, text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}\n", text.trim_end_matches('\n'))
}

/// Every line behind so many blanks; empty lines stay empty.
pub fn indented(text: &str, by: usize) -> String {
    let blanks = " ".repeat(by);
    let lines =
        text.lines().map(|line| if line.is_empty() { String::new() } else { format!("{blanks}{line}") });
    lines.map(|line| line + "\n").collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_markdown_would_take_for_its_own_is_escaped() {
        assert_eq!(inline("a|b `c` </details>\n*d*"), "a\\|b \\`c\\` &lt;/details&gt;<br>\\*d\\*");
        assert_eq!(cell("\n x \n"), "x");
        assert_eq!(value_cell(&serde_json::json!({ "a": "|" })), "{\"a\":\"\\|\"}");
    }

    #[test]
    fn a_fence_is_longer_than_any_in_the_text() {
        assert_eq!(fenced("json", "{}"), "```json\n{}\n```\n");
        assert_eq!(fenced("", "````\nx\n"), "`````\n````\nx\n`````\n");
    }
}
