use super::*;
use proptest::prelude::*;
use serde_json::json;

const SECRET: &str = "s3cr&t \"pä\\ss\"<word>";

fn masked(text: &str) -> String {
    Mask::new([SECRET]).text(text).into_owned()
}

#[test]
fn a_secret_is_masked_as_it_is() {
    assert_eq!(masked(&format!("a {SECRET} b {SECRET}")), "a *** b ***");
    assert_eq!(masked("nothing here"), "nothing here");
}

#[test]
fn a_secret_is_masked_in_json_and_urls() {
    assert_eq!(masked(&json!({"a": SECRET}).to_string()), "{\"a\":\"***\"}");
    assert_eq!(masked("x=s3cr%26t%20%22p%C3%A4%5Css%22%3Cword%3E&y"), "x=***&y");
    assert_eq!(masked("x=s3cr%26t+%22p%C3%A4%5Css%22%3Cword%3E&y"), "x=***&y");
    assert_eq!(masked("x=s3cr%26t%20%22p%c3%a4%5css%22%3cword%3e&y"), "x=***&y");
    let web = "s3cr\\u0026t \\u0022p\\u00E4\\\\ss\\u0022\\u003Cword\\u003E";
    assert_eq!(masked(web), "***");
}

#[test]
fn a_secret_is_masked_in_base64_wherever_it_lies() {
    for before in ["", "u", "us", "use", "user:"] {
        for after in ["", "x", "xy", "xyz"] {
            for config in [base64::STANDARD, base64::URL_SAFE, base64::STANDARD_NO_PAD] {
                let text = base64::encode_config(format!("{before}{SECRET}{after}"), config);
                let masked = masked(&text);
                assert!(masked.contains(MASKED), "{text} became {masked}");
                assert!(masked.len() <= MASKED.len() + 16, "{text} became {masked}");
            }
        }
    }
    let utf16: Vec<u8> = SECRET.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(masked(&base64::encode(utf16)), MASKED);
}

#[test]
fn a_secret_of_several_lines_is_masked_line_by_line() {
    let mask = Mask::new(["-----BEGIN-----\r\nline one\nab\nline two\n"]);
    assert_eq!(mask.text("x line one y\nab\nline two"), "x *** y\nab\n***");
    assert_eq!(mask.text(r"-----BEGIN-----\r\nline one\nab\nline two"), "***");
}

#[test]
fn secrets_that_overlap_leave_nothing_between_them() {
    let mask = Mask::new(["abcdef", "defghi", "cde"]);
    assert_eq!(mask.text("xabcdefghix"), "x***x");
    assert_eq!(mask.text("abcdefabcdef"), "***");
}

#[test]
fn short_secrets_are_told_and_not_masked() {
    assert!(is_too_short("ab") && is_too_short(" a\n") && !is_too_short("abc") && !is_too_short(""));
    let mask = Mask::new(["ab", "", "  "]);
    assert!(mask.is_empty());
    assert_eq!(mask.text("ab"), "ab");
}

#[test]
fn values_are_masked_whole() {
    let mask = Mask::new(["12345", "hidden"]);
    let value = json!({"a hidden name": ["hidden", 12345, 1, null, true, {"x": "un-hidden"}]});
    assert_eq!(mask.value(&value), json!({"a *** name": ["***", "***", 1, null, true, {"x": "un-***"}]}));
}

#[test]
fn a_mask_grows_and_shows_nothing_of_itself() {
    let mask = Mask::new(["first-one"]);
    mask.add(["second-one"]);
    assert_eq!(mask.text("first-one second-one"), "*** ***");
    assert!(!format!("{mask:?}").contains("one"));
}

proptest! {
    /// A text in two pieces is masked as the whole is, wherever it was cut.
    #[test]
    fn what_is_settled_can_go(before in "[ab]{0,9}", after in "[ab]{0,9}", cut in 0_usize..30) {
        let mask = Mask::new(["abba", "babab", "aab"]);
        let whole = format!("{before}abba{after}");
        let cut = cut.min(whole.len());
        let end = mask.settled(&whole[..cut]);
        let pieces = format!("{}{}", mask.text(&whole[..end]), mask.text(&whole[end..]));
        // Touching secrets are one in the whole and may be two in the pieces.
        let plain = |text: &str| text.replace("******", "***").replace("******", "***");
        prop_assert_eq!(plain(&pieces), plain(&mask.text(&whole)));
    }

    #[test]
    fn no_secret_is_left(secret in "[a-zA-Z0-9+/ä\"\\\\]{3,20}", around in "\\PC{0,20}") {
        let mask = Mask::new([secret.as_str()]);
        let masked = mask.text(&format!("{around}{secret}{around}")).into_owned();
        prop_assert!(!masked.contains(secret.as_str()) || around.contains(secret.as_str()) || MASKED.contains(&secret));
    }
}
