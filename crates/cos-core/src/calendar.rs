//! Months in China time (UTC+8), in which Tencent Cloud bills and stamps URLs.

/// Milliseconds of a day.
pub const DAY: f64 = 86_400_000.0;

/// How far China is ahead of UTC, in milliseconds.
const CHINA: f64 = 8.0 * 3_600_000.0;

/// The last day that JavaScript has a date for, counted from 1970.
const LAST_DAY: u64 = 100_000_000;

/// When the month begins that is `month` months after January 1970, in China; in milliseconds since
/// 1970 in UTC.
pub fn month_start(month: i32) -> f64 {
    // Years that begin in March end with the leap day.
    let month = month + 1970 * 12 - 2;
    let (year, month) = (month / 12, month % 12);
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5;
    f64::from(days - 719_468) * DAY - CHINA
}

/// The month in China at a time in milliseconds since 1970, counted from January 1970; that one for
/// earlier times.
pub fn month_of(time: f64) -> i32 {
    let days = ((time + CHINA) / DAY) as u64;
    // Months have more than 30 days, so that this one begins later.
    let mut month = days.min(LAST_DAY) as i32 / 30 + 1;
    while month > 0 && month_start(month) > time {
        month -= 1;
    }
    month
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_begin_at_midnight_in_china() {
        for (month, start) in [
            (0, -28_800_000.0),
            (1, 2_649_600_000.0),
            // 2000-03-01, after a leap day; 2024-02-01; 2024-03-01; 2025-01-01; 2100-03-01, after none.
            (362, 951_840_000_000.0),
            (649, 1_706_716_800_000.0),
            (650, 1_709_222_400_000.0),
            (660, 1_735_660_800_000.0),
            (1562, 4_107_513_600_000.0),
        ] {
            assert_eq!(month_start(month), start, "{month}");
        }
    }

    #[test]
    fn every_month_of_four_centuries_begins_and_ends_in_itself() {
        for month in 0..4800 {
            let (start, end) = (month_start(month), month_start(month + 1));
            assert!((28.0..=31.0).contains(&((end - start) / DAY)), "{month}");
            assert_eq!(month_of(start.max(0.0)), month);
            assert_eq!(month_of(end - 1.0), month);
        }
        for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, 1e300] {
            assert!(month_of(odd) >= 0, "{odd}");
        }
    }
}
