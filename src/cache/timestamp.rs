//! Times as AitherZero writes them.

use chrono::NaiveDateTime;
use std::time::{SystemTime, UNIX_EPOCH};

/// Now, as ISO 8601 with offset and seven decimals.
pub(super) fn now() -> String {
    of(SystemTime::now())
}

/// A time as ISO 8601 with offset and seven decimals.
pub fn of(time: SystemTime) -> String {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let moment = NaiveDateTime::from_timestamp_opt(since.as_secs() as i64, 0).unwrap_or_default();
    format!("{}.{:07}+00:00", moment.format("%Y-%m-%dT%H:%M:%S"), since.subsec_nanos() / 100)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn seven_decimals_and_an_offset() {
        let time = UNIX_EPOCH + Duration::new(1_762_300_800, 123_456_789);
        assert_eq!(of(time), "2025-11-05T00:00:00.1234567+00:00");
    }
}
