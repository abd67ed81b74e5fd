//! How far uploads and downloads are: bars on a terminal, a line for each finished file elsewhere.

use std::time::Duration;

use cos_core::effect::Progress;
use cos_materials::material::Material;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::output::{count, size, tell};

/// How wide the name of a file is shown.
const NAME: usize = 36;

/// The bars of one push or pull.
pub(crate) struct Bars {
    all: MultiProgress,
    total: ProgressBar,
    /// What has been done to a file that is finished: `uploaded`.
    done: &'static str,
    quiet: bool,
}

impl Bars {
    /// For so many files with so many bytes together, and what has been done to one in the end.
    pub(crate) fn new(files: usize, bytes: u64, done: &'static str, quiet: bool) -> Bars {
        let target =
            if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let all = MultiProgress::with_draw_target(target);
        let total = all.add(ProgressBar::new(bytes));
        total.set_style(style(
            "{prefix:NAME} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}",
        ));
        total.set_prefix(count(files, "file", "files"));
        if !all.is_hidden() {
            total.enable_steady_tick(Duration::from_millis(200));
        }
        Bars { all, total, done, quiet }
    }

    /// One for a file that begins.
    pub(crate) fn begin(&self, material: &Material) -> FileBar {
        let bar = self.all.insert_before(&self.total, ProgressBar::new(material.size));
        bar.set_style(style("{prefix:NAME} {wide_bar} {bytes}/{total_bytes}"));
        bar.set_prefix(shortened(&material.path));
        FileBar { bar, total: self.total.clone() }
    }

    /// A file is where it was to go.
    pub(crate) fn finish(&self, material: &Material, file: &FileBar) {
        file.advance(material.size);
        self.all.remove(&file.bar);
        if self.all.is_hidden() && !self.quiet {
            tell(&format!("{} {} ({})", self.done, material.path, size(material.size)));
        }
    }

    /// A file is not: its bar goes, and what it had counted for.
    pub(crate) fn fail(&self, file: &FileBar) {
        self.total.set_position(self.total.position().saturating_sub(file.bar.position()));
        self.all.remove(&file.bar);
    }

    /// All are over.
    pub(crate) fn clear(&self) {
        self.total.finish_and_clear();
    }
}

/// The bar of one file.
#[derive(Clone)]
pub(crate) struct FileBar {
    bar: ProgressBar,
    total: ProgressBar,
}

impl FileBar {
    /// So much of the file is there, as the client says now.
    pub(crate) fn report(&self, progress: Progress) {
        self.advance(progress.loaded as u64);
    }

    fn advance(&self, loaded: u64) {
        let before = self.bar.position();
        self.bar.set_position(loaded);
        self.total.inc(loaded.saturating_sub(before));
    }
}

fn style(template: &str) -> ProgressStyle {
    let template = template.replace("NAME", &NAME.to_string());
    ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// The end of a path, which tells files apart.
fn shortened(path: &str) -> String {
    let letters = path.chars().count();
    if letters <= NAME {
        return path.to_owned();
    }
    let end: String = path.chars().skip(letters - NAME + 1).collect();
    format!("…{end}")
}
