//! `cos-materials status`.

use std::fmt::Write as _;

use cos_core::quota::NEAR;
use cos_core::value::Value;
use cos_materials::comparison::State;
use cos_materials::failure::Failure;
use cos_materials::settings::Domain;
use cos_materials::usage::{self, Row};
use serde::Serialize;

use super::{Scene, now};
use crate::output::{count, grouped, size, table, traffic, warn};

/// Milliseconds.
const DAY: f64 = 86_400_000.0;

#[derive(Serialize)]
struct Document {
    bucket: String,
    region: String,
    prefix: String,
    domain: Domain,
    materials: Counted,
    uploaded: Counted,
    pending: Counted,
    stale: Counted,
    /// Objects below the prefix that no push made.
    foreign: usize,
    /// Rows of the free quota, as the core computes them.
    quota: serde_json::Value,
    warnings: Vec<String>,
}

#[derive(Default, Serialize)]
struct Counted {
    count: usize,
    bytes: u64,
}

impl FromIterator<u64> for Counted {
    fn from_iter<T: IntoIterator<Item = u64>>(sizes: T) -> Self {
        sizes.into_iter().fold(Self::default(), |counted, bytes| Self {
            count: counted.count + 1,
            bytes: counted.bytes + bytes,
        })
    }
}

impl Counted {
    fn text(&self, one: &str, many: &str) -> String {
        format!("{} ({})", count(self.count, one, many), size(self.bytes))
    }
}

pub(super) async fn run(scene: &Scene) -> Result<(), Failure> {
    let project = scene.project()?;
    let materials = scene.materials(&project)?;
    let bucket = scene.bucket(&project)?;
    let comparison = scene.compare(&project, &bucket, materials).await?;
    let sizes = |of: fn(&State) -> bool| {
        comparison
            .rows
            .iter()
            .filter(move |(_, state)| of(state))
            .map(|(one, _)| one.size)
            .collect()
    };
    let settings = &project.settings;
    let now = now()? as f64;
    let mut notices = Vec::new();
    let mut usage = None;
    if let Some(server) = &settings.servers.usage {
        match usage::ask(server, bucket.name()).await {
            Ok(told) => usage = Some(told),
            // What the bucket itself tells is worth having all the same.
            Err(Failure::Failed(why)) => notices.push(format!("{why}: most usage is not known")),
            Err(failure) => return Err(failure),
        }
    }
    let usage = match usage {
        Some(usage) => usage,
        None => usage::estimate(&bucket).await?.unwrap_or_else(Value::map),
    };
    bucket.close().await;
    let (rows, quota) = usage::rows(&usage, now);
    notices.extend(rows.iter().flat_map(|row| warnings(row, now)));
    let document = Document {
        bucket: settings.bucket.name.clone(),
        region: settings.bucket.region.clone(),
        prefix: settings.bucket.prefix.clone(),
        domain: settings.domain.choice,
        materials: sizes(|_| true),
        uploaded: sizes(|state| *state == State::Uploaded),
        pending: sizes(|state| *state != State::Uploaded),
        stale: comparison.stale.iter().map(|stale| stale.size).collect(),
        foreign: comparison.foreign,
        quota,
        warnings: notices,
    };
    document.warnings.iter().for_each(|warning| warn(warning));
    let mut text = describe(&document);
    text += &quota_table(&rows);
    text.extend(rows.iter().filter_map(|row| advice(row, now)));
    if settings.servers.usage.is_none() {
        text += "Only storage can be found out by listing the bucket. For the rest, name a server that \
                 tells the usage as servers.usage in materials.toml; cos-local does under /usage.\n";
    }
    scene.output.result(&document, &text);
    Ok(())
}

fn describe(document: &Document) -> String {
    let domain = match document.domain {
        Domain::Temporary => "temporary URLs of the bucket's domain",
        Domain::Cos => "the bucket's domain",
        Domain::Cdn => "the CDN domain",
    };
    let mut text = format!(
        "Bucket     {} in {}, prefix \"{}\"\nDomain     {}: {domain}\n",
        document.bucket,
        document.region,
        document.prefix,
        document.domain.name()
    );
    let Document { materials, uploaded, pending, stale, .. } = document;
    let _ = writeln!(text, "Materials  {}", materials.text("file", "files"));
    let _ = writeln!(text, "Uploaded   {}", uploaded.text("file", "files"));
    let _ = writeln!(text, "To push    {}", pending.text("file", "files"));
    let _ = writeln!(text, "Stale      {}", stale.text("object", "objects"));
    if document.foreign > 0 {
        let _ = writeln!(
            text,
            "Others     {} below the prefix that no push made",
            count(document.foreign, "object", "objects")
        );
    }
    text.push('\n');
    text
}

/// Used, free, forecast and granted of each row.
fn quota_table(rows: &[Row]) -> String {
    let heads = ["FREE QUOTA", "USED", "FREE", "FORECAST", "GRANTED", "LEVEL"];
    let mut lines = vec![heads.map(str::to_owned).to_vec()];
    for row in rows {
        let amount =
            |number: Option<f64>| number.map_or("unknown".to_owned(), |number| amount(row, number));
        let cells = [
            label(row).to_owned(),
            amount(row.used),
            amount(row.free),
            amount(row.forecast),
            // What CDN grants depends on dates that are not known either.
            amount(Some(row.granted).filter(|granted| row.used.is_some() || *granted > 0.0)),
            row.level.clone(),
        ];
        lines.push(cells.to_vec());
    }
    table(&lines, &[1, 2, 3, 4])
}

/// As Tencent counts: storage in units of 1024, traffic in units of 1000.
fn amount(row: &Row, number: f64) -> String {
    match row.name.as_str() {
        "storage" => size(number as u64),
        _ if row.in_bytes => traffic(number as u64),
        _ => grouped(number as u64),
    }
}

fn label(row: &Row) -> &str {
    match row.name.as_str() {
        "storage" => "Storage",
        "downstream" => "Downstream traffic",
        "cdnOrigin" => "Traffic to the CDN",
        "reads" => "Read requests",
        "writes" => "Write requests",
        "cdn" => "CDN traffic",
        other => other,
    }
}

/// What is about to cost money.
fn warnings(row: &Row, now: f64) -> Vec<String> {
    let mut warnings = Vec::new();
    let (used, granted) = (row.used.unwrap_or(0.0), amount(row, row.granted));
    let name = label(row);
    match row.level.as_str() {
        "over" if row.granted == 0.0 => {
            warnings.push(format!("{name}: {} are used, and none of it is free", amount(row, used)));
        }
        "over" => warnings.push(format!(
            "{name}: {} of the free {granted} are used up, and what is more costs money",
            amount(row, used)
        )),
        "near" if used >= NEAR * row.granted => warnings.push(format!(
            "{name}: {} of the free {granted} are used, which is 80 % or more",
            amount(row, used)
        )),
        "near" => warnings.push(format!(
            "{name}: {} of the free {granted} are used, and as it goes it will be {} by the end of the month",
            amount(row, used),
            amount(row, row.forecast.unwrap_or(used))
        )),
        _ => {}
    }
    if let Some(lapses) = row.lapses.filter(|_| row.lapsing && row.granted > 0.0) {
        warnings.push(format!("{name}: the 50 GB a month lapse in {}", days(lapses - now)));
    }
    warnings
}

/// What would be free, if it were not for a domain.
fn advice(row: &Row, now: f64) -> Option<String> {
    let lapses = row.lapses.filter(|_| row.granted == 0.0)?;
    Some(format!(
        "{}: bind a domain of your own to the CDN, and 50 GB a month are free for the {} to come.\n",
        label(row),
        days(lapses - now)
    ))
}

fn days(milliseconds: f64) -> String {
    count((milliseconds / DAY).ceil() as usize, "day", "days")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-16 00:00 in China: half of the month is over.
    const NOW: f64 = 1_794_758_400_000.0;

    fn warnings_of(usage: &Value) -> Vec<String> {
        let (rows, _) = usage::rows(usage, NOW);
        rows.iter().flat_map(|row| warnings(row, NOW)).collect()
    }

    #[test]
    fn warnings_come_before_anything_costs_money() {
        for (used, words) in
            [(100_000.0, None), (850_000.0, Some("80 %")), (1_200_000.0, Some("used up"))]
        {
            let warnings = warnings_of(&Value::map().with("readRequests", used));
            assert_eq!(warnings.len(), usize::from(words.is_some()), "{warnings:?}");
            assert!(
                warnings.iter().all(|text| text.contains(words.unwrap_or_default())),
                "{warnings:?}"
            );
        }
        let warnings = warnings_of(&Value::map().with("cdnBytes", 5e6));
        assert_eq!(warnings, ["CDN traffic: 5.0 MB are used, and none of it is free"]);
        let warnings = warnings_of(&Value::map().with("writeRequests", 600_000.0));
        assert!(warnings.iter().any(|text| text.contains("end of the month")), "{warnings:?}");
    }

    #[test]
    fn a_grant_that_lapses_is_told_in_time() {
        let months = 184.0 * DAY;
        let usage = Value::map()
            .with("cdnBytes", 1.0)
            .with("cdnActivated", NOW - months + 10.0 * DAY)
            .with("domainBound", NOW - months + 20.0 * DAY);
        let warnings = warnings_of(&usage);
        assert!(warnings.iter().any(|text| text.contains("lapse in 1")), "{warnings:?}");
        let near = usage.with("cdnBytes", 49e9);
        assert_eq!(warnings_of(&near).len(), 2, "{:?}", warnings_of(&near));
    }

    #[test]
    fn a_grant_that_waits_for_a_domain_is_told() {
        let usage = Value::map().with("cdnBytes", 0.0).with("cdnActivated", NOW);
        let (rows, _) = usage::rows(&usage, NOW);
        let advice: Vec<_> = rows.iter().filter_map(|row| advice(row, NOW)).collect();
        assert_eq!(advice.len(), 1);
        assert!(advice.concat().contains("for the 181 days to come"), "{advice:?}");
        assert!(warnings_of(&usage).is_empty());
    }

    #[test]
    fn what_is_not_known_is_called_so() {
        let (rows, _) = usage::rows(&Value::map().with("storageBytes", 1024.0), NOW);
        let table = quota_table(&rows);
        assert!(table.contains("Storage              1.0 KB"), "{table}");
        assert_eq!(table.matches(" unknown\n").count(), 5, "{table}");
    }
}
