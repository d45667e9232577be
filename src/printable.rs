//! Texts that others have written, as our own messages show them.

use std::borrow::Cow;

/// The text with nothing in it that a terminal would obey: a control character is shown as the picture that
/// Unicode has of it (`␛` for an escape), or as `�` where it has none. Line ends and tabs stay.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_obeyed) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|letter| if is_obeyed(letter) { picture(letter) } else { letter }).collect())
}

/// [`printable`] in place.
pub(crate) fn make_printable(text: &mut String) {
    if let Cow::Owned(shown) = printable(text) {
        *text = shown;
    }
}

fn is_obeyed(letter: char) -> bool {
    letter.is_control() && !matches!(letter, '\n' | '\t')
}

fn picture(letter: char) -> char {
    match u32::from(letter) {
        code @ 0..=0x1f => char::from_u32(0x2400 + code).unwrap_or(char::REPLACEMENT_CHARACTER),
        0x7f => '\u{2421}',
        _ => char::REPLACEMENT_CHARACTER,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_a_terminal_obeys_is_shown_as_a_picture() {
        assert_eq!(printable("\u{1b}[31mred\u{1b}]0;title\u{7}"), "␛[31mred␛]0;title␇");
        assert_eq!(printable("a\r\nb\u{8}\u{7f}\u{9b}2J\tc"), "a␍\nb␈␡\u{fffd}2J\tc");
        assert!(matches!(printable("plain ä 🎯\n"), Cow::Borrowed(_)));
    }

    proptest! {
        #[test]
        fn nothing_else_changes(text in "\\PC{0,20}[\\x00-\\x1f\\x7f-\\x9f]{0,3}\\PC{0,20}") {
            let shown = printable(&text);
            prop_assert!(!shown.chars().any(|letter| letter.is_control() && letter != '\n' && letter != '\t'));
            prop_assert_eq!(shown.chars().count(), text.chars().count());
            for (before, after) in text.chars().zip(shown.chars()) {
                prop_assert!(before == after || before.is_control());
            }
            let again = printable(&shown).into_owned();
            prop_assert_eq!(again, shown);
        }
    }
}
