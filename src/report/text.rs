//! Numbers, times and lengths as people read them.

use chrono::{Duration, NaiveDateTime};

/// `2025-11-05 14:30:15` on the reader's clock.
pub fn moment(milliseconds: u64, utc_offset_minutes: i32) -> String {
    let utc = NaiveDateTime::from_timestamp_opt((milliseconds / 1_000) as i64, 0);
    let local = utc.and_then(|utc| utc.checked_add_signed(Duration::minutes(utc_offset_minutes.into())));
    local.map_or_else(String::new, |local| local.format("%Y-%m-%d %H:%M:%S").to_string())
}

/// `2025-11-05T14:30:15Z`.
pub fn moment_utc(milliseconds: u64) -> String {
    let utc = NaiveDateTime::from_timestamp_opt((milliseconds / 1_000) as i64, 0);
    utc.map_or_else(String::new, |utc| utc.format("%Y-%m-%dT%H:%M:%SZ").to_string())
}

/// `00:05:27`; with thousandths below a minute, where whole seconds say little.
pub fn clock(milliseconds: f64) -> String {
    let whole = milliseconds.max(0.0).round() as u64;
    let (hours, minutes, seconds) = (whole / 3_600_000, whole / 60_000 % 60, whole / 1_000 % 60);
    if whole < 60_000 {
        format!("{hours:02}:{minutes:02}:{seconds:02}.{:03}", whole % 1_000)
    } else {
        format!("{hours:02}:{minutes:02}:{seconds:02}")
    }
}

/// `0.012 s`, `3.4 s`, `5 min 27 s`, `2 h 5 min`.
pub fn span(milliseconds: f64) -> String {
    let seconds = milliseconds.max(0.0) / 1_000.0;
    let whole = seconds.round() as u64;
    if seconds < 1.0 {
        format!("{seconds:.3} s")
    } else if seconds < 60.0 {
        format!("{seconds:.1} s")
    } else if whole < 3_600 {
        format!("{} min {} s", whole / 60, whole % 60)
    } else {
        format!("{} h {} min", whole / 3_600, whole / 60 % 60)
    }
}

/// Seconds with thousandths, as JUnit has them.
pub fn seconds(milliseconds: f64) -> String {
    format!("{:.3}", milliseconds.max(0.0) / 1_000.0)
}

/// Two decimals at most: `100%`, `66.67%`.
pub fn percent(part: usize, whole: usize) -> String {
    if whole == 0 {
        return "0%".to_owned();
    }
    let text = format!("{:.2}", part as f64 * 100.0 / whole as f64);
    format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
}

/// The beginning of a text that is longer than so many characters, and how much is missing.
pub fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((end, _)) => {
            let missing = text[end..].chars().count();
            format!("{}… ({missing} more characters)", text[..end].trim_end())
        }
    }
}

/// The parts of a count with its noun: `1 script`, `2 scripts`.
pub fn counted(count: usize, noun: &str) -> String {
    if count == 1 {
        format!("1 {noun}")
    } else {
        format!("{count} {noun}s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_as_people_write_them() {
        assert_eq!(moment(1_762_353_015_999, 0), "2025-11-05 14:30:15");
        assert_eq!(moment(1_762_353_015_999, -330), "2025-11-05 09:00:15");
        assert_eq!(moment_utc(1_762_353_015_999), "2025-11-05T14:30:15Z");
        assert_eq!(clock(327_000.0), "00:05:27");
        assert_eq!(clock(7_312.4), "00:00:07.312");
        assert_eq!(clock(-1.0), "00:00:00.000");
        assert_eq!(span(12.4), "0.012 s");
        assert_eq!(span(3_449.0), "3.4 s");
        assert_eq!(span(327_000.0), "5 min 27 s");
        assert_eq!(span(7_530_000.0), "2 h 5 min");
    }

    #[test]
    fn parts_of_nothing_are_nothing() {
        assert_eq!(percent(9, 9), "100%");
        assert_eq!(percent(2, 3), "66.67%");
        assert_eq!(percent(1, 2), "50%");
        assert_eq!(percent(0, 0), "0%");
    }

    #[test]
    fn a_cut_falls_between_characters_and_is_told() {
        assert_eq!(shortened("äöü", 3), "äöü");
        assert_eq!(shortened("äöü!", 2), "äö… (2 more characters)");
    }
}
