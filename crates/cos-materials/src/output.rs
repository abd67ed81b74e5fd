//! What a command prints: results on standard output, everything else on standard error.

use std::cell::Cell;
use std::io::Write;

use cos_materials::failure::Failure;
use serde::Serialize;

/// Where results go.
pub(crate) struct Output {
    json: bool,
    quiet: bool,
    /// Whether the one document has been printed.
    printed: Cell<bool>,
}

impl Output {
    pub(crate) fn new(json: bool, quiet: bool) -> Output {
        Output { json, quiet, printed: Cell::new(false) }
    }

    /// Whether nobody wants to read about progress.
    pub(crate) fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// The result: one document for programs, or the text for people.
    pub(crate) fn result(&self, document: &impl Serialize, text: &str) {
        if self.json {
            self.printed.set(true);
            print(&serde_json::to_string_pretty(document).unwrap_or_default());
        } else if !self.quiet && !text.is_empty() {
            print(text.trim_end());
        }
    }

    /// Why there is no result, or not a whole one.
    pub(crate) fn failure(&self, failure: &Failure) {
        #[derive(Serialize)]
        struct Document {
            error: Reason,
        }
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Reason {
            message: String,
            exit_code: u8,
        }
        tell(&format!("error: {failure}"));
        if self.json && !self.printed.get() {
            let (message, exit_code) = (failure.to_string(), failure.exit_code());
            self.result(&Document { error: Reason { message, exit_code } }, "");
        }
    }
}

fn print(text: &str) {
    // Nobody is there to be told that nobody reads.
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// Tells people something that is not the result.
pub(crate) fn tell(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Tells people something they should look at.
pub(crate) fn warn(text: &str) {
    tell(&format!("warning: {text}"));
}

/// Bytes as people read them, in units of 1024 as WeChat counts packages.
pub(crate) fn size(bytes: u64) -> String {
    amount(bytes, 1024.0)
}

/// Bytes in units of 1000, as Tencent counts traffic.
pub(crate) fn traffic(bytes: u64) -> String {
    amount(bytes, 1000.0)
}

fn amount(bytes: u64, step: f64) -> String {
    const UNITS: [&str; 4] = ["KB", "MB", "GB", "TB"];
    let mut number = bytes as f64;
    let mut unit = "B";
    for larger in UNITS {
        if number < step {
            break;
        }
        number /= step;
        unit = larger;
    }
    if unit == "B" { format!("{number} B") } else { format!("{number:.1} {unit}") }
}

/// A number in groups of three digits.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `one` or `many`, with the number before it.
pub(crate) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// Rows in columns; the columns of `right` are aligned at their right.
pub(crate) fn table(rows: &[Vec<String>], right: &[usize]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| console::measure_text_width(cell)).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let gap = widths.get(column).copied().unwrap_or(0) - console::measure_text_width(cell);
            let (before, after) = if right.contains(&column) { (gap, 0) } else { (0, gap) };
            line += &format!("{}{cell}{}  ", " ".repeat(before), " ".repeat(after));
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short() {
        for (bytes, text) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KB"),
            (10_687, "10.4 KB"),
            (5 << 20, "5.0 MB"),
            (50 << 30, "50.0 GB"),
            (2048 << 40, "2048.0 TB"),
        ] {
            assert_eq!(size(bytes), text);
        }
        assert_eq!(traffic(10_000_000_000), "10.0 GB");
    }

    #[test]
    fn large_numbers_are_grouped() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), text);
        }
    }

    #[test]
    fn columns_are_aligned_by_what_is_seen() {
        let row = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
        let text = table(&[row(["图片", "1"]), row(["a", "100"])], &[1]);
        assert_eq!(text, "图片    1\na     100\n");
    }
}
