//! How far uploads and downloads are: bars on a terminal, a line for each finished file elsewhere.

use std::time::Duration;

use cos_core::effect::Progress;
use cos_materials::failure::Failure;
use cos_materials::material::Material;
use futures_util::{StreamExt, stream};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::output::{count, size, tell};

/// Files that are under way at the same time; the client queues what is more than it asks for at once.
const PARALLEL: usize = 8;

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

    /// Moves files, several at a time, each with its bar; `advice` is for whoever interrupts that. Those
    /// that are where they were to go, and why the others are not, both in order.
    pub(crate) async fn move_each<'a, Rest: 'a, Moving: Future<Output = Result<(), Failure>>>(
        &self,
        rows: impl Iterator<Item = &'a (Material, Rest)>,
        start: impl Fn(&'a Material, FileBar) -> Moving,
        advice: &'static str,
    ) -> Result<(Vec<&'a (Material, Rest)>, Vec<String>), Failure> {
        let start = &start;
        let one = |row: &'a (Material, Rest)| async move {
            let file = self.begin(&row.0);
            let outcome = start(&row.0, file.clone()).await;
            match &outcome {
                Ok(()) => self.finish(&row.0, &file),
                Err(_) => self.fail(&file),
            }
            (row, outcome)
        };
        let mut under_way = stream::iter(rows.map(one)).buffer_unordered(PARALLEL);
        let interrupted = tokio::signal::ctrl_c();
        tokio::pin!(interrupted);
        let (mut moved, mut failed) = (Vec::new(), Vec::new());
        loop {
            let finished = tokio::select! {
                finished = under_way.next() => finished,
                _ = &mut interrupted => {
                    self.clear();
                    return Err(Failure::Interrupted(advice));
                }
            };
            match finished {
                Some((row, Ok(()))) => moved.push(row),
                Some((_, Err(failure))) => failed.push(failure.to_string()),
                None => break,
            }
        }
        self.clear();
        moved.sort_by(|one, other| one.0.path.cmp(&other.0.path));
        failed.sort();
        Ok((moved, failed))
    }

    /// One for a file that begins.
    fn begin(&self, material: &Material) -> FileBar {
        let bar = self.all.insert_before(&self.total, ProgressBar::new(material.size));
        bar.set_style(style("{prefix:NAME} {wide_bar} {bytes}/{total_bytes}"));
        bar.set_prefix(shortened(&material.path));
        FileBar { bar, total: self.total.clone() }
    }

    /// A file is where it was to go.
    fn finish(&self, material: &Material, file: &FileBar) {
        file.advance(material.size);
        self.all.remove(&file.bar);
        if self.all.is_hidden() && !self.quiet {
            tell(&format!("{} {} ({})", self.done, material.path, size(material.size)));
        }
    }

    /// A file is not: its bar goes, and what it had counted for.
    fn fail(&self, file: &FileBar) {
        self.total.set_position(self.total.position().saturating_sub(file.bar.position()));
        self.all.remove(&file.bar);
    }

    /// All are over.
    fn clear(&self) {
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
