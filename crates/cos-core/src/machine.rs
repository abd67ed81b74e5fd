//! What carries out a call: one request, an upload in parts, a download, a copy, a URL.

use crate::abort::Abort;
use crate::call::Batch;
use crate::catalogue::{self, Course, Operation};
use crate::context::{Context, Event, Owner, Stat};
use crate::copy::ObjectCopy;
use crate::download::Download;
use crate::error::Error;
use crate::parts::LARGEST_FILE;
use crate::presign::Presign;
use crate::request::Draft;
use crate::restore::Restore;
use crate::single::Single;
use crate::upload::PartUpload;
use crate::value::Value;

/// What a call does after an answer.
#[derive(Debug)]
pub(crate) enum Step {
    /// It waits for more.
    Wait,
    /// It is over.
    Done(Result<Value, Error>),
    /// It is over, and the response body that the host kept under this send is part of it.
    DoneWith(Value, Option<u32>),
}

/// See the module.
#[derive(Debug)]
pub(crate) enum Machine {
    Single(Single),
    Parts(PartUpload),
    Download(Download),
    Copy(ObjectCopy),
    Abort(Abort),
    Batch(Batch),
    Restore(Restore),
    Presign(Presign),
}

impl Machine {
    /// The machine for a call; `stat` is its file, where it has one that can be looked at.
    pub(crate) fn new(
        cx: &Context,
        operation: &'static Operation,
        call: u32,
        task: &str,
        params: &Value,
        stat: Option<Stat>,
    ) -> Result<Machine, Error> {
        let single = |operation: &'static Operation| {
            let draft = Draft::new(operation, params);
            Single::new(cx, call, task, draft, params, stat).map(Machine::Single)
        };
        match (operation.course, stat) {
            (Course::Presign, _) => Ok(Machine::Presign(Presign::new(params, &cx.options))),
            (Course::PartUpload | Course::AnyUpload, Some(stat)) if stat.size > LARGEST_FILE => {
                Err(Error::usage("FilePath is larger than the 48.8 TiB that COS stores"))
            }
            (Course::PartUpload | Course::AnyUpload, Some(stat)) if stat.size > 0.0 => {
                Ok(Machine::Parts(PartUpload::new(cx, operation, call, task, params, stat)))
            }
            // Nothing to cut into parts.
            (Course::PartUpload | Course::AnyUpload, _) => single(&catalogue::PUT_OBJECT),
            (Course::Copy, _) => ObjectCopy::new(cx, call, params).map(Machine::Copy),
            (Course::Download, _) => Ok(Machine::Download(Download::new(cx, call, task, params))),
            (Course::Abort, _) => Abort::new(call, params).map(Machine::Abort),
            // A batch is made where it is admitted.
            (Course::Request | Course::SimpleUpload | Course::Batch, _) => single(operation),
        }
    }

    /// This machine, if what it has achieved is still good for the file as it is now.
    pub(crate) fn still_good_for(
        mut self: Box<Self>,
        cx: &mut Context,
        stat: Option<Stat>,
    ) -> Option<Box<Self>> {
        match &mut *self {
            Machine::Parts(upload) if stat == Some(upload.file()) => Some(self),
            Machine::Parts(upload) => {
                upload.leave(cx);
                None
            }
            Machine::Download(_) => Some(self),
            _ => None,
        }
    }

    /// Begins.
    pub(crate) fn start(&mut self, cx: &mut Context, call: u32) -> Step {
        match self {
            Machine::Single(single) => single.start(cx),
            Machine::Parts(upload) => upload.start(cx),
            Machine::Download(download) => return download.start(cx),
            Machine::Copy(copy) => copy.start(cx),
            Machine::Abort(abort) => return abort.start(cx),
            Machine::Presign(presign) => return presign.start(cx, call),
            // Begun by whoever makes them.
            Machine::Batch(_) | Machine::Restore(_) => {}
        }
        Step::Wait
    }

    /// Goes on after a pause.
    pub(crate) fn resume(&mut self, cx: &mut Context, call: u32) -> Step {
        match self {
            Machine::Parts(upload) => {
                upload.resume(cx);
                Step::Wait
            }
            Machine::Download(download) => download.resume(cx),
            _ => self.start(cx, call),
        }
    }

    /// Stops, so that it can go on; what it waited for has been abandoned.
    pub(crate) fn stop(&mut self, cx: &mut Context) {
        match self {
            Machine::Single(single) => single.stop(),
            Machine::Parts(upload) => upload.stop(cx),
            Machine::Download(download) => download.stop(cx),
            // No tasks, so nobody can pause them.
            Machine::Copy(_)
            | Machine::Abort(_)
            | Machine::Batch(_)
            | Machine::Restore(_)
            | Machine::Presign(_) => {}
        }
    }

    /// Takes an answer.
    pub(crate) fn handle(&mut self, cx: &mut Context, owner: Owner, event: Event) -> Step {
        match self {
            Machine::Single(single) => single.handle(cx, owner, event),
            Machine::Parts(upload) => upload.handle(cx, owner, event),
            Machine::Download(download) => download.handle(cx, owner, event),
            Machine::Copy(copy) => copy.handle(cx, owner, event),
            Machine::Abort(abort) => abort.handle(cx, owner, event),
            Machine::Batch(batch) => {
                batch.handle(cx, owner, event);
                Step::Wait
            }
            Machine::Restore(restore) => restore.handle(cx, event),
            Machine::Presign(presign) => presign.handle(event),
        }
    }

    /// Ends, by the caller's wish if `canceled`; the upload that it leaves unfinished, if any.
    pub(crate) fn end(&mut self, cx: &mut Context, canceled: bool) -> Option<&str> {
        match self {
            Machine::Parts(upload) => Some(upload.leave(cx)),
            Machine::Copy(copy) => {
                copy.leave(cx);
                None
            }
            Machine::Download(download) => {
                download.leave(cx, canceled);
                None
            }
            _ => None,
        }
    }
}
