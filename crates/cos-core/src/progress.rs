//! Progress reports at upstream's pace: at once when a stage begins or ends, else at most one per
//! interval.

use crate::context::{Context, Owner, Tag};
use crate::effect::Progress;

/// What is being measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Bytes sent and confirmed.
    Upload,
    /// Bytes digested to recognize an earlier upload.
    Hash,
}

/// How far a call is, and when that was last told.
#[derive(Clone, Debug)]
pub struct Meter {
    call: u32,
    measure: Measure,
    loaded: f64,
    total: f64,
    told_loaded: f64,
    told_at: f64,
    timer: Option<u32>,
}

/// How much of it is done: 0 to 1, two decimals.
pub fn share(loaded: f64, total: f64) -> f64 {
    if total > 0.0 { (loaded / total * 100.0).floor() / 100.0 } else { 1.0 }
}

impl Meter {
    /// A meter that has told nothing yet; `total` bytes are to be expected.
    pub fn new(call: u32, measure: Measure, total: f64, now: f64) -> Meter {
        Meter { call, measure, loaded: 0.0, total, told_loaded: 0.0, told_at: now, timer: None }
    }

    /// Notes progress; it is told when the interval is over.
    pub fn advance(&mut self, cx: &mut Context, loaded: f64, total: f64) {
        self.loaded = loaded;
        self.total = total;
        if self.timer.is_none() {
            let tag = match self.measure {
                Measure::Upload => Tag::Progress,
                Measure::Hash => Tag::HashProgress,
            };
            let interval = cx.options.progress_interval;
            self.timer = Some(cx.timer(Owner { call: self.call, tag }, interval));
        }
    }

    /// The interval is over.
    pub fn handle_timer(&mut self, cx: &mut Context) {
        self.timer = None;
        self.tell(cx);
    }

    /// Tells the state at once.
    pub fn tell_now(&mut self, cx: &mut Context) {
        if let Some(timer) = self.timer.take() {
            cx.stop(timer);
        }
        self.tell(cx);
    }

    /// Tells completion at once.
    pub fn complete(&mut self, cx: &mut Context) {
        self.loaded = self.total;
        self.tell_now(cx);
    }

    /// The call was abandoned and its timers with it.
    pub fn forget_timer(&mut self) {
        self.timer = None;
    }

    fn tell(&mut self, cx: &mut Context) {
        let seconds = (cx.now - self.told_at) / 1000.0;
        let speed = (self.loaded - self.told_loaded) / seconds;
        let progress = Progress {
            loaded: self.loaded,
            total: self.total,
            speed: if speed.is_finite() { (speed * 100.0).round().max(0.0) / 100.0 } else { 0.0 },
            percent: share(self.loaded, self.total),
        };
        self.told_at = cx.now;
        self.told_loaded = self.loaded;
        cx.report(self.call, self.measure, progress);
    }
}
