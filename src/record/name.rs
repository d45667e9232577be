//! Names of files, from names that anybody may have chosen.

use chrono::NaiveDateTime;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A name gets no longer than this; a hash of the whole stands for what is cut off.
const LONGEST: usize = 120;

/// The file of a job's log: its number where that is plain, else with `%XX` for what is not, so that
/// no number leads out of the folder or means a device.
///
/// Upper-case letters are escaped too, as a file system may not tell them apart.
pub fn log_name(number: &str) -> String {
    let mut name = String::with_capacity(number.len() + 4);
    for (at, byte) in number.bytes().enumerate() {
        let plain = byte.is_ascii_lowercase()
            || byte.is_ascii_digit()
            || (at > 0 && matches!(byte, b'-' | b'_' | b'.'));
        if plain {
            name.push(char::from(byte));
        } else {
            name.push_str(&format!("%{byte:02X}"));
        }
    }
    if name.len() > LONGEST {
        let hash = blake3::hash(number.as_bytes()).to_hex();
        name.truncate(LONGEST);
        name = format!("{}~{}", name.trim_end_matches(['%', '.']), &hash[..16]);
    }
    if is_device(&name) {
        name.insert(0, '~');
    }
    name + ".log"
}

/// Names that Windows keeps for devices, whatever follows a point.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default();
    let numbered = |device: &str| {
        stem.strip_prefix(device)
            .is_some_and(|rest| rest.len() == 1 && rest.bytes().all(|byte| byte.is_ascii_digit()))
    };
    matches!(stem, "con" | "prn" | "aux" | "nul") || numbered("com") || numbered("lpt")
}

/// Whether a text is a run's id: `yyyyMMdd-HHmmss-` and eight hexadecimal digits. Only such a text
/// may become part of a path.
pub fn is_run_id(text: &str) -> bool {
    let is = |part: &str, digits: usize, valid: fn(&u8) -> bool| {
        part.len() == digits && part.as_bytes().iter().all(valid)
    };
    let decimal = u8::is_ascii_digit;
    let hexadecimal = |byte: &u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte);
    let parts: Vec<&str> = text.split('-').collect();
    matches!(parts[..], [date, time, rest] if is(date, 8, decimal) && is(time, 6, decimal) && is(rest, 8, hexadecimal))
}

/// The second that a run's id names, in UTC.
pub fn started(id: &str) -> Option<SystemTime> {
    let second = NaiveDateTime::parse_from_str(id.get(..15)?, "%Y%m%d-%H%M%S").ok()?;
    Some(UNIX_EPOCH + Duration::from_secs(u64::try_from(second.timestamp()).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn numbers_of_scripts_are_names() {
        assert_eq!(log_name("0402"), "0402.log");
        assert_eq!(log_name("0402-matrix-3"), "0402-matrix-3.log");
        assert_eq!(log_name("build.setup"), "build.setup.log");
    }

    #[test]
    fn no_number_leads_elsewhere() {
        assert_eq!(log_name("../a/b"), "%2E.%2Fa%2Fb.log");
        assert_eq!(log_name(r"c:\x"), "c%3A%5Cx.log");
        assert_eq!(log_name("con"), "~con.log");
        assert_eq!(log_name("com1.2"), "~com1.2.log");
        assert_eq!(log_name(""), ".log");
        let numbers = ["a", "A", "a%", "a%25", "ä", ".a", "-a", "con", "~con", "%7econ"];
        let names: HashSet<String> = numbers.iter().map(|number| log_name(number)).collect();
        assert_eq!(names.len(), numbers.len());
    }

    #[test]
    fn long_numbers_are_cut_and_stay_apart() {
        let (one, other) = (format!("{}1", "x".repeat(4_000)), format!("{}2", "x".repeat(4_000)));
        assert!(log_name(&one).len() < 160);
        assert_ne!(log_name(&one), log_name(&other));
    }

    #[test]
    fn only_an_id_is_an_id() {
        assert!(is_run_id("20261125-143022-1f3a61c2"));
        for text in ["", "Last", "..", "20261125-143022-1F3A61C2", "20261125-143022-1f3a61c2/x", "a-b-c"] {
            assert!(!is_run_id(text), "{text}");
        }
    }
}
