//! What was asked of the cache by the API: URLs and directories to purge, URLs to preheat.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use jiff::civil::DateTime;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use crate::usage::CHINA;

/// How many tasks are remembered.
const REMEMBERED: usize = 10_000;

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Job {
    PurgeUrl,
    /// A directory: all of it, or with `true` only what has changed.
    PurgePath(bool),
    Push,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Status {
    Process,
    Done,
    Fail,
    /// The bucket refuses the object to be preheated.
    Invalid,
}

/// One URL or directory. Those of one request share their id.
#[derive(Clone, Debug)]
pub(super) struct Task {
    id: String,
    url: String,
    job: Job,
    status: Status,
    /// In seconds since 1970.
    created: i64,
    updated: i64,
}

impl Serialize for Task {
    /// As `PurgeTask` or `PushTask` of the API.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_map(None)?;
        fields.serialize_entry("TaskId", &self.id)?;
        fields.serialize_entry("Url", &self.url)?;
        fields.serialize_entry("Status", &self.status)?;
        fields.serialize_entry("CreateTime", &time_text(self.created))?;
        match self.job {
            Job::PurgeUrl | Job::PurgePath(_) => {
                let is_path = self.job != Job::PurgeUrl;
                fields.serialize_entry("PurgeType", if is_path { "path" } else { "url" })?;
                let flush = self.job == Job::PurgePath(true);
                fields.serialize_entry("FlushType", if flush { "flush" } else { "delete" })?;
            }
            Job::Push => {
                let percent = if self.status == Status::Process { 0 } else { 100 };
                fields.serialize_entry("Percent", &percent)?;
                fields.serialize_entry("Area", "mainland")?;
                fields.serialize_entry("UpdateTime", &time_text(self.updated))?;
            }
        }
        fields.end()
    }
}

/// `2026-11-30 23:59:59`, in China.
fn time_text(seconds: i64) -> String {
    let time = Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH);
    CHINA.to_datetime(time).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// Seconds since 1970 of such a time.
pub(super) fn parse_time(text: &str) -> Option<i64> {
    let time: DateTime = text.parse().ok()?;
    Some(CHINA.to_timestamp(time).ok()?.as_second())
}

/// Which tasks to tell of.
#[derive(Default)]
pub(super) struct Filter<'a> {
    pub(super) id: Option<&'a str>,
    /// In seconds since 1970.
    pub(super) from: Option<i64>,
    pub(super) to: Option<i64>,
    /// A domain or a whole URL.
    pub(super) keyword: Option<&'a str>,
    pub(super) status: Option<&'a str>,
    /// `url` or `path`, of a purge.
    pub(super) purge_type: Option<&'a str>,
}

impl Filter<'_> {
    fn admits(&self, task: &Task) -> bool {
        let host = task.url.split_once("://").map_or("", |(_, rest)| rest);
        let host = host.split('/').next().unwrap_or_default();
        let kind = if task.job == Job::PurgeUrl { "url" } else { "path" };
        let status = match task.status {
            Status::Process => "process",
            Status::Done => "done",
            Status::Fail => "fail",
            Status::Invalid => "invalid",
        };
        self.id.is_none_or(|id| id == task.id)
            && self.from.is_none_or(|from| from <= task.created)
            && self.to.is_none_or(|to| task.created <= to)
            && self.keyword.is_none_or(|keyword| keyword == host || keyword == task.url)
            && self.status.is_none_or(|wanted| wanted == status)
            && self.purge_type.is_none_or(|wanted| wanted == kind)
    }
}

/// The latest tasks, the oldest first. A restart forgets them, as it does the cache.
#[derive(Default)]
pub(super) struct Tasks(Mutex<VecDeque<Task>>);

impl Tasks {
    /// Remembers new tasks.
    pub(super) fn add(&self, id: &str, urls: &[String], job: Job, status: Status, now: i64) {
        let mut tasks = self.tasks();
        tasks.extend(urls.iter().map(|url| Task {
            id: id.to_owned(),
            url: url.clone(),
            job,
            status,
            created: now,
            updated: now,
        }));
        let excess = tasks.len().saturating_sub(REMEMBERED);
        tasks.drain(..excess);
    }

    /// One of a request's tasks has come to its end.
    pub(super) fn end(&self, id: &str, url: &str, status: Status, now: i64) {
        let mut tasks = self.tasks();
        let open =
            |task: &&mut Task| task.id == id && task.url == url && task.status == Status::Process;
        if let Some(task) = tasks.iter_mut().find(open) {
            task.status = status;
            task.updated = now;
        }
    }

    /// How many tasks a filter admits, and a page of them, the latest first.
    pub(super) fn page(
        &self,
        push: bool,
        filter: &Filter<'_>,
        offset: usize,
        limit: usize,
    ) -> (usize, Vec<Task>) {
        let tasks = self.tasks();
        let admitted = || {
            let fits = |task: &&Task| (task.job == Job::Push) == push && filter.admits(task);
            tasks.iter().rev().filter(fits)
        };
        (admitted().count(), admitted().skip(offset).take(limit).cloned().collect())
    }

    fn tasks(&self) -> MutexGuard<'_, VecDeque<Task>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
