//! The body of an answer on its way to a file.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use cos_core::digest::{Crc64, parse_crc64};
use cos_core::effect::{HttpRequest, Progress};
use cos_core::error::{Error, ErrorKind};
use tempfile::{Builder, TempPath};
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;

use super::transport::Failure;

/// Between two reports of progress.
const INTERVAL: Duration = Duration::from_millis(100);

/// A file that is being written beside the one it is to become; dropped, it is removed.
pub(super) struct Download {
    file: File,
    draft: TempPath,
    path: PathBuf,
    crc64: Crc64,
    expected: Option<u64>,
    total: Option<u64>,
    loaded: u64,
    reported: (Instant, u64),
}

impl Download {
    /// Begins a file that is to become `path`.
    pub(super) async fn new(
        path: &Path,
        request: &HttpRequest,
        total: Option<u64>,
        headers: &[(String, String)],
    ) -> Result<Download, Failure> {
        let place = path.to_owned();
        let made = tokio::task::spawn_blocking(move || draft(&place)).await;
        let (file, draft) = made
            .unwrap_or_else(|error| Err(error.into()))
            .map_err(|error| Failure::Final(unwritten(path, &error)))?;
        let is_part = request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("range"));
        // What is processed on its way has another sum than the object.
        let is_plain = request
            .query
            .iter()
            .all(|(name, _)| name == "versionId" || name.starts_with("response-"));
        let sum = headers.iter().find(|(name, _)| name == "x-cos-hash-crc64ecma");
        Ok(Download {
            file: File::from_std(file),
            draft,
            path: path.to_owned(),
            crc64: Crc64::new(),
            expected: sum.filter(|_| is_plain && !is_part).and_then(|(_, sum)| parse_crc64(sum)),
            total,
            loaded: 0,
            reported: (Instant::now(), 0),
        })
    }

    /// Takes the next bytes.
    pub(super) async fn write(
        &mut self,
        bytes: &[u8],
        on_progress: &impl Fn(Progress),
    ) -> Result<(), Failure> {
        self.file
            .write_all(bytes)
            .await
            .map_err(|error| Failure::Final(unwritten(&self.path, &error)))?;
        self.crc64.update(bytes);
        self.loaded += bytes.len() as u64;
        if self.reported.0.elapsed() >= INTERVAL {
            self.report(on_progress);
        }
        Ok(())
    }

    /// All bytes have come: compares them with what COS has.
    pub(super) async fn finish(mut self, on_progress: &impl Fn(Progress)) -> Result<Self, Failure> {
        self.file.flush().await.map_err(|error| Failure::Final(unwritten(&self.path, &error)))?;
        let sum = self.crc64.value();
        if let Some(expected) = self.expected.filter(|expected| *expected != sum) {
            let message = format!("CRC64 {sum} arrived, COS has {expected}: download again");
            return Err(Failure::Damaged(message));
        }
        self.report(on_progress);
        Ok(self)
    }

    /// Puts the file in its place.
    pub(super) fn keep(self) -> Result<(), Error> {
        self.draft.persist(&self.path).map_err(|failed| unwritten(&self.path, &failed.error))
    }

    fn report(&mut self, on_progress: &impl Fn(Progress)) {
        let (when, before) = self.reported;
        self.reported = (Instant::now(), self.loaded);
        let seconds = when.elapsed().as_secs_f64().max(0.001);
        let hundredths = |number: f64| (number * 100.0).round() / 100.0;
        let (loaded, total) = (self.loaded as f64, self.total.unwrap_or(self.loaded) as f64);
        on_progress(Progress {
            loaded,
            total,
            speed: hundredths((self.loaded - before) as f64 / seconds),
            percent: if total > 0.0 { hundredths(loaded / total) } else { 1.0 },
        });
    }
}

fn unwritten(path: &Path, error: &io::Error) -> Error {
    Error::new(
        ErrorKind::Usage,
        "COS_FILE",
        format!("{} cannot be written: {error}", path.display()),
    )
}

/// A file in the folder of the one it is to become, with the permissions that new files have.
fn draft(path: &Path) -> io::Result<(std::fs::File, TempPath)> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut builder = Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.prefix(".cos-materials-").tempfile_in(folder).map(|file| file.into_parts())
}
