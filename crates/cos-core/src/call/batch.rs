//! `uploadFiles`: a call for each file, and what they sum up to.

use super::{Call, Phase};
use crate::catalogue;
use crate::context::{Context, Event, Owner, Tag};
use crate::effect::Effect;
use crate::engine::Engine;
use crate::error::Error;
use crate::machine::Machine;
use crate::progress::{Measure, Meter};
use crate::value::Value;

/// One of the files.
#[derive(Debug)]
struct File {
    call: u32,
    /// Bytes; `None` until they are known.
    size: Option<f64>,
    loaded: f64,
    settled: bool,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Batch {
    files: Vec<File>,
    meter: Meter,
}

impl Batch {
    fn file(&mut self, call: u32) -> Option<&mut File> {
        self.files.iter_mut().find(|file| file.call == call)
    }

    /// An answer arrived.
    pub(crate) fn handle(&mut self, cx: &mut Context, owner: Owner, event: Event) {
        if let (Tag::Progress, Event::Timer) = (owner.tag, event) {
            self.meter.handle_timer(cx);
        }
    }
}

impl Engine {
    /// Begins a call for each of `files`. All of them are measured before the first one becomes a
    /// task, so that the total is known from the start.
    pub(super) fn admit_batch(&mut self, call: u32, mut params: Value) -> Result<(), Error> {
        let Value::List(files) = params.take("files") else {
            return Err(Error::missing("files"));
        };
        let slice_size = params.take("SliceSize");
        let entry =
            |_: &Value| File { call: self.cx.next_id(), size: None, loaded: 0.0, settled: false };
        let batch = Batch {
            files: files.iter().map(entry).collect(),
            meter: Meter::new(call, Measure::Upload, 0.0, self.cx.now),
        };
        let ids: Vec<u32> = batch.files.iter().map(|file| file.call).collect();
        let mut whole = Call::queued(&catalogue::UPLOAD_FILES, params);
        whole.phase = Phase::Running(Box::new(Machine::Batch(batch)));
        self.calls.insert(call, whole);
        if ids.is_empty() {
            self.settle(call, Ok(Value::map()), None);
        }
        for (file, mut params) in ids.into_iter().zip(files) {
            self.cx.report_on(file, catalogue::UPLOAD_FILES.name, &params);
            params.set("SliceSize", slice_size.clone());
            let refused = self.admit(file, "uploadFile", params).err();
            if refused.is_some() {
                self.calls.insert(file, Call::queued(&catalogue::UPLOAD_FILE, Value::Null));
            }
            if let Some(admitted) = self.calls.get_mut(&file) {
                admitted.batch = call;
            }
            if let Some(error) = refused {
                self.settle(file, Err(error.of_operation("uploadFile")), None);
            }
        }
        Ok(())
    }

    fn batch(&mut self, call: u32) -> Option<(&mut Context, &mut Batch)> {
        match &mut self.calls.get_mut(&call)?.phase {
            Phase::Running(machine) => match &mut **machine {
                Machine::Batch(batch) => Some((&mut self.cx, batch)),
                _ => None,
            },
            _ => None,
        }
    }

    /// The size of a file is known.
    pub(super) fn file_measured(&mut self, batch: u32, call: u32, size: f64) {
        let Some((_, batch)) = self.batch(batch) else { return };
        if let Some(file) = batch.file(call) {
            file.size = Some(size);
        }
        if batch.files.iter().any(|file| file.size.is_none()) {
            return;
        }
        let measured: Vec<(u32, f64)> =
            batch.files.iter().map(|file| (file.call, file.size.unwrap_or(0.0))).collect();
        for (call, size) in measured {
            self.enqueue(call, size);
        }
    }

    /// So many bytes of a file are at COS.
    pub(super) fn file_advanced(&mut self, call: u32, loaded: f64) {
        let batch = self.calls.get(&call).map_or(0, |found| found.batch);
        let Some((cx, batch)) = self.batch(batch) else { return };
        if let Some(file) = batch.file(call) {
            // Of a form, more bytes than the file's are told.
            file.loaded = loaded.min(file.size.unwrap_or(0.0));
        }
        let (mut loaded, mut total) = (0.0, 0.0);
        for file in &batch.files {
            loaded += file.loaded;
            total += file.size.unwrap_or(0.0);
        }
        batch.meter.advance(cx, loaded, total);
    }

    /// A file has come to an end; whether it was the last one.
    pub(super) fn file_settled(&mut self, whole: u32, call: u32) -> bool {
        let Some((cx, batch)) = self.batch(whole) else { return false };
        let Some(at) = batch.files.iter().position(|file| file.call == call) else { return false };
        if let Some(file) = batch.files.get_mut(at) {
            file.settled = true;
            // One that was refused is never measured.
            file.size = file.size.or(Some(0.0));
        }
        batch.meter.tell_now(cx);
        cx.emit(Effect::FileFinish { call: whole, file: at as u32 });
        batch.files.iter().all(|file| file.settled)
    }

    /// A file that failed is tried again, under another call. The batch waits for it, unless it is
    /// over already.
    pub(crate) fn file_restarted(&mut self, from: u32, to: u32) {
        let batches: Vec<u32> = self
            .calls
            .iter()
            .filter(|(_, call)| call.operation.course == catalogue::Course::Batch)
            .map(|(id, _)| *id)
            .collect();
        for id in batches {
            if let Some((_, batch)) = self.batch(id)
                && let Some(file) = batch.file(from)
            {
                file.call = to;
                file.settled = false;
                if let Some(call) = self.calls.get_mut(&to) {
                    call.batch = id;
                }
            }
        }
    }
}
