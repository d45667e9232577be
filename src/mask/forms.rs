//! The forms in which a secret may stand in a text.

use super::{is_too_short, SHORTEST};
use base64::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use percent_encoding::{utf8_percent_encode, AsciiSet, NON_ALPHANUMERIC};

/// A piece of base64 of fewer characters would be found in any text.
const SHORTEST_PIECE: usize = 5;

/// What [RFC 3986](https://www.rfc-editor.org/rfc/rfc3986#section-2.3) leaves as it is.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Every form of a secret; none of one that is empty or too short.
pub(super) fn of(secret: &str) -> Vec<String> {
    let secret = secret.trim();
    if secret.is_empty() || is_too_short(secret) {
        return Vec::new();
    }
    let lines = secret.lines().map(str::trim).filter(|line| line.chars().count() >= SHORTEST);
    let mut forms: Vec<String> = lines.flat_map(of_text).collect();
    if secret.contains('\n') {
        forms.extend(of_text(secret));
    }
    forms.sort_unstable();
    forms.dedup();
    forms
}

fn of_text(text: &str) -> Vec<String> {
    let mut forms = vec![text.to_owned(), json(text), json_for_the_web(text)];
    for set in [UNRESERVED, NON_ALPHANUMERIC] {
        let encoded = utf8_percent_encode(text, set).to_string();
        forms.extend([encoded.replace("%20", "+"), lower_case_escapes(&encoded), encoded]);
    }
    forms.extend(base64_of(text.as_bytes()));
    // What PowerShell's -EncodedCommand and many a script of Windows make of it.
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    forms.extend(base64_of(&utf16));
    forms
}

/// As it stands between the quotes of a JSON text.
fn json(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// The same by writers that keep to ASCII and take care of HTML, .NET's own among them.
fn json_for_the_web(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for unit in text.encode_utf16() {
        match char::from_u32(u32::from(unit)) {
            Some('\n') => escaped.push_str("\\n"),
            Some('\r') => escaped.push_str("\\r"),
            Some('\t') => escaped.push_str("\\t"),
            Some('\\') => escaped.push_str("\\\\"),
            Some(plain) if (' '..='~').contains(&plain) && !"\"'&<>+`".contains(plain) => escaped.push(plain),
            _ => escaped.push_str(&format!("\\u{unit:04X}")),
        }
    }
    escaped
}

fn lower_case_escapes(encoded: &str) -> String {
    let mut parts = encoded.split('%');
    let mut lower = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        // Two digits follow every sign, by the encoder's word.
        let (digits, rest) = part.split_at(part.len().min(2));
        lower.extend(['%'].into_iter().chain(digits.chars().map(|digit| digit.to_ascii_lowercase())));
        lower.push_str(rest);
    }
    lower
}

/// Base64 of these bytes alone, and what is sure of them where others stand around them: three bytes
/// make four characters, so there are three ways to lie in them.
fn base64_of(bytes: &[u8]) -> Vec<String> {
    let mut forms = Vec::new();
    for alphabet in [STANDARD, URL_SAFE] {
        forms.push(base64::encode_config(bytes, alphabet));
    }
    for alphabet in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
        for before in 0..3 {
            let mut shifted = vec![0; before];
            shifted.extend_from_slice(bytes);
            let encoded = base64::encode_config(&shifted, alphabet);
            // A character holds six bits; those that share bits with a neighbour are not sure.
            let (from, to) = ((before * 8).div_ceil(6), shifted.len() * 8 / 6);
            let piece = &encoded[from..to.max(from)];
            if piece.len() >= SHORTEST_PIECE {
                forms.push(piece.to_owned());
            }
        }
    }
    forms
}
