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
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Batch {
    files: Vec<File>,
    /// How many of them have no size yet, and how many have not come to an end.
    unmeasured: usize,
    unsettled: usize,
    loaded: f64,
    total: f64,
    canceled: bool,
    meter: Meter,
}

impl Batch {
    /// Notes the size of a file, once; whether it was the last one without.
    fn measure(&mut self, at: usize, size: f64) -> bool {
        match self.files.get_mut(at) {
            Some(file) if file.size.is_none() => {
                file.size = Some(size);
                self.total += size;
                self.unmeasured -= 1;
                self.unmeasured == 0
            }
            _ => false,
        }
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
        let entry = |_: &Value| File { call: self.cx.next_id(), size: None, loaded: 0.0 };
        let batch = Batch {
            files: files.iter().map(entry).collect(),
            unmeasured: files.len(),
            unsettled: files.len(),
            loaded: 0.0,
            total: 0.0,
            canceled: false,
            meter: Meter::new(call, Measure::Upload, 0.0, self.cx.now),
        };
        let ids: Vec<u32> = batch.files.iter().map(|file| file.call).collect();
        let mut whole = Call::queued(&catalogue::UPLOAD_FILES, params);
        whole.phase = Phase::Running(Box::new(Machine::Batch(batch)));
        self.calls.insert(call, Box::new(whole));
        if ids.is_empty() {
            self.settle(call, Ok(Value::map()), None);
        }
        for (at, (file, mut params)) in ids.into_iter().zip(files).enumerate() {
            self.cx.report_on(file, catalogue::UPLOAD_FILES.name, &params);
            params.set("SliceSize", slice_size.clone());
            let refused = self.admit(file, "uploadFile", params).err();
            if refused.is_some() {
                let refused = Call::queued(&catalogue::UPLOAD_FILE, Value::Null);
                self.calls.insert(file, Box::new(refused));
            }
            if let Some(admitted) = self.calls.get_mut(&file) {
                admitted.batch = (call, at);
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
    pub(super) fn file_measured(&mut self, (whole, at): (u32, usize), size: f64) {
        let Some((_, batch)) = self.batch(whole) else { return };
        if batch.measure(at, size) {
            let measured: Vec<(u32, f64)> =
                batch.files.iter().map(|file| (file.call, file.size.unwrap_or(0.0))).collect();
            for (call, size) in measured {
                self.enqueue(call, size);
            }
        }
    }

    /// So many bytes of a file are at COS.
    pub(super) fn file_advanced(&mut self, call: u32, loaded: f64) {
        let (whole, at) = self.calls.get(&call).map_or((0, 0), |found| found.batch);
        let Some((cx, batch)) = self.batch(whole) else { return };
        if let Some(file) = batch.files.get_mut(at) {
            // Of a form, more bytes than the file's are told.
            let loaded = loaded.min(file.size.unwrap_or(0.0));
            batch.loaded += loaded - file.loaded;
            file.loaded = loaded;
        }
        batch.meter.advance(cx, batch.loaded, batch.total);
    }

    /// A file has come to an end; if it was the last one, the end of all.
    pub(super) fn file_settled(
        &mut self,
        (whole, at): (u32, usize),
    ) -> Option<Result<Value, Error>> {
        // One that was refused is never measured.
        self.file_measured((whole, at), 0.0);
        let (cx, batch) = self.batch(whole)?;
        batch.unsettled -= 1;
        batch.meter.advance(cx, batch.loaded, batch.total);
        batch.meter.tell_now(cx);
        cx.emit(Effect::FileFinish { call: whole, file: at as u32 });
        let outcome = if batch.canceled { Err(Error::canceled()) } else { Ok(Value::map()) };
        (batch.unsettled == 0).then_some(outcome)
    }

    /// The files of `uploadFiles`, which is going to be canceled; nothing of any other call.
    pub(crate) fn cancel_batch(&mut self, whole: u32) -> Vec<u32> {
        let Some((_, batch)) = self.batch(whole) else { return Vec::new() };
        batch.canceled = true;
        batch.files.iter().map(|file| file.call).collect()
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
        for whole in batches {
            if let Some((_, batch)) = self.batch(whole)
                && let Some(at) = batch.files.iter().position(|file| file.call == from)
                && let Some(file) = batch.files.get_mut(at)
            {
                file.call = to;
                batch.unsettled += 1;
                if let Some(call) = self.calls.get_mut(&to) {
                    call.batch = (whole, at);
                }
            }
        }
    }
}
