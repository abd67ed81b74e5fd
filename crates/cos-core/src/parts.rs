//! A file in parts: their ranges, which are confirmed, and what they sum up to.

use crate::digest::{PartSums, crc64_combine};
use crate::options::MIB;
use crate::value::Value;

/// The largest part COS accepts, 5 GiB (436/14112).
const LARGEST_PART: f64 = 5.0 * 1024.0 * MIB;

/// The largest file that goes up in parts: 10000 of them.
pub const LARGEST_FILE: f64 = 10_000.0 * LARGEST_PART;

/// A part that COS says it has.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Its number.
    pub number: u32,
    /// Its ETag.
    pub etag: String,
    /// Its bytes; negative when COS does not tell.
    pub size: f64,
}

/// The part size for a file: at least what is wanted and 1 MiB, and as large as the limit on the
/// number of parts makes necessary, in steps of a factor of two.
pub fn part_size(file_size: f64, wanted: f64, most_parts: f64) -> f64 {
    let mut automatic = MIB;
    while file_size / automatic > most_parts && automatic < LARGEST_PART {
        automatic = (automatic * 2.0).min(LARGEST_PART);
    }
    wanted.max(automatic).min(LARGEST_PART).floor()
}

/// Whether a file of this many bytes may have been cut into parts of that many.
pub fn may_be_part_size(part_size: f64, file_size: f64) -> bool {
    (MIB..=LARGEST_PART).contains(&part_size)
        && part_size == part_size.floor()
        && file_size / part_size <= 10_000.0
}

/// How far a part is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    Pending,
    /// Being read, or sent from this buffer.
    Busy(Option<(u32, PartSums)>),
    Confirmed {
        etag: String,
        crc64: Option<u64>,
    },
}

/// The parts of one file.
#[derive(Clone, Debug)]
pub struct Parts {
    file_size: f64,
    part_size: f64,
    states: Vec<State>,
    busy: usize,
    confirmed: f64,
    /// All parts before this one are busy or confirmed.
    cursor: usize,
}

impl Parts {
    /// The plan for a file of `file_size` bytes, at least one.
    pub fn new(file_size: f64, part_size: f64) -> Parts {
        let count = (file_size / part_size).ceil().clamp(1.0, 10_000.0) as usize;
        Parts {
            file_size,
            part_size,
            states: vec![State::Pending; count],
            busy: 0,
            confirmed: 0.0,
            cursor: 0,
        }
    }

    /// Bytes in all.
    pub fn size(&self) -> f64 {
        self.file_size
    }

    /// How many parts there are.
    pub fn count(&self) -> u32 {
        self.states.len() as u32
    }

    /// First byte and length of a part, numbered from 1.
    pub fn range(&self, number: u32) -> (f64, f64) {
        let offset = self.part_size * f64::from(number.saturating_sub(1));
        (offset, (self.file_size - offset).min(self.part_size).max(0.0))
    }

    /// Bytes confirmed by COS.
    pub fn confirmed(&self) -> f64 {
        self.confirmed
    }

    /// Parts under way.
    pub fn busy(&self) -> usize {
        self.busy
    }

    /// Whether every part is confirmed.
    pub fn complete(&self) -> bool {
        self.confirmed >= self.file_size && self.busy == 0
    }

    /// Takes the next part to send.
    pub fn start_next(&mut self) -> Option<u32> {
        let found = self
            .states
            .iter()
            .enumerate()
            .skip(self.cursor)
            .find(|(_, state)| **state == State::Pending)
            .map(|(at, _)| at)?;
        self.cursor = found + 1;
        if let Some(state) = self.states.get_mut(found) {
            *state = State::Busy(None);
            self.busy += 1;
        }
        Some(found as u32 + 1)
    }

    /// A part is read: its buffer and sums wait for the answer.
    pub fn note(&mut self, number: u32, read: u32, sums: PartSums) {
        if let Some(State::Busy(noted)) = self.states.get_mut((number as usize).wrapping_sub(1)) {
            *noted = Some((read, sums));
        }
    }

    /// What was noted of a part.
    pub fn noted(&self, number: u32) -> Option<(u32, PartSums)> {
        match self.states.get((number as usize).wrapping_sub(1)) {
            Some(State::Busy(noted)) => *noted,
            Some(State::Pending | State::Confirmed { .. }) | None => None,
        }
    }

    /// COS has the part.
    pub fn confirm(&mut self, number: u32, etag: String, crc64: Option<u64>) {
        self.set(number, State::Confirmed { etag, crc64 });
    }

    /// The part at COS is not what it should be: send it again.
    pub fn reject(&mut self, number: u32) {
        self.set(number, State::Pending);
        self.cursor = self.cursor.min((number as usize).wrapping_sub(1));
    }

    fn set(&mut self, number: u32, new: State) {
        let (_, length) = self.range(number);
        if let Some(state) = self.states.get_mut((number as usize).wrapping_sub(1)) {
            match std::mem::replace(state, new) {
                State::Busy(_) => self.busy -= 1,
                State::Pending => {}
                State::Confirmed { .. } => self.confirmed -= length,
            }
            if matches!(state, State::Confirmed { .. }) {
                self.confirmed += length;
            }
        }
    }

    /// Nothing is under way any more; confirmed parts stay.
    pub fn stop(&mut self) {
        for state in &mut self.states {
            if matches!(state, State::Busy(_)) {
                *state = State::Pending;
            }
        }
        self.busy = 0;
        self.cursor = 0;
    }

    /// COS has none of the parts.
    pub fn reset(&mut self) {
        *self = Parts::new(self.file_size, self.part_size);
    }

    /// Takes in a page of what COS has; where the next one begins, when there may be more.
    pub fn read_page(&self, page: &Value, listed: &mut Vec<Listed>) -> Option<Value> {
        let found = page.get("Part").items();
        for part in found {
            listed.push(Listed {
                number: part.get("PartNumber").as_number().unwrap_or(0.0) as u32,
                etag: part.get("ETag").to_text(),
                size: part.get("Size").as_number().unwrap_or(-1.0),
            });
        }
        let marker = page.get("NextPartNumberMarker");
        let goes_on = page.get("IsTruncated").to_text() == "true"
            && marker.is_truthy()
            && !found.is_empty()
            && listed.len() < self.states.len();
        goes_on.then(|| marker.clone())
    }

    /// Whether these are parts of this plan.
    pub fn fit(&self, listed: &[Listed]) -> bool {
        listed.iter().all(|part| {
            (1..=self.count()).contains(&part.number) && self.range(part.number).1 == part.size
        })
    }

    /// Number and ETag of the confirmed parts, in order, as the completion lists them.
    pub fn completion(&self) -> Value {
        let entry = |(state, number): (&State, u32)| match state {
            State::Confirmed { etag, .. } => {
                Some(Value::map().with("PartNumber", number).with("ETag", etag.as_str()))
            }
            State::Pending | State::Busy(_) => None,
        };
        Value::List(self.states.iter().zip(1u32..).filter_map(entry).collect())
    }

    /// Number and CRC64 of the confirmed parts whose bytes were digested here.
    pub fn sums(&self) -> impl Iterator<Item = (u32, u64)> {
        self.states.iter().zip(1u32..).filter_map(|(state, number)| match state {
            State::Confirmed { crc64: Some(crc64), .. } => Some((number, *crc64)),
            State::Confirmed { crc64: None, .. } | State::Pending | State::Busy(_) => None,
        })
    }

    /// The CRC64 of the whole file; `None` while that of a part is unknown.
    pub fn crc64(&self) -> Option<u64> {
        let mut sums = self.states.iter().map(|state| match state {
            State::Confirmed { crc64, .. } => *crc64,
            State::Pending | State::Busy(_) => None,
        });
        self.combined(|_| sums.next().flatten())
    }

    /// The CRC64 of the whole file from those of its parts, asked for in order; `None` when one of
    /// them is unknown.
    pub fn combined(&self, mut sum: impl FnMut(u32) -> Option<u64>) -> Option<u64> {
        let mut whole = sum(1)?;
        for number in 2..=self.count() {
            let (_, length) = self.range(number);
            whole = crc64_combine(whole, sum(number)?, length as u64);
        }
        Some(whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn part_sizes_grow_with_the_file() {
        assert_eq!(part_size(1.0, MIB, 10_000.0), MIB);
        assert_eq!(part_size(10_000.0 * MIB, MIB, 10_000.0), MIB);
        assert_eq!(part_size(10_000.0 * MIB + 1.0, MIB, 10_000.0), 2.0 * MIB);
        assert_eq!(part_size(5.0 * MIB, 5.0 * MIB, 10_000.0), 5.0 * MIB);
        assert_eq!(part_size(48.0 * 1024.0 * 1024.0 * MIB, MIB, 10_000.0), LARGEST_PART);
    }

    #[test]
    fn parts_are_sent_once_and_rejected_ones_again() {
        let mut parts = Parts::new(2.5 * MIB, MIB);
        assert_eq!(parts.count(), 3);
        assert_eq!(parts.range(3), (2.0 * MIB, 0.5 * MIB));
        assert_eq!((parts.start_next(), parts.start_next()), (Some(1), Some(2)));
        parts.confirm(2, "b".into(), Some(2));
        parts.reject(1);
        assert_eq!((parts.start_next(), parts.start_next()), (Some(1), Some(3)));
        assert_eq!(parts.start_next(), None);
        parts.confirm(1, "a".into(), Some(1));
        assert!(!parts.complete());
        parts.stop();
        assert_eq!(parts.start_next(), Some(3));
        parts.confirm(3, "c".into(), None);
        assert!(parts.complete());
        assert_eq!(parts.crc64(), None);
        let listed = parts.completion();
        let numbers: Vec<_> =
            listed.items().iter().map(|part| part.get("PartNumber").to_text()).collect();
        assert_eq!(numbers, ["1", "2", "3"]);
    }

    #[test]
    fn the_sum_of_the_parts_is_that_of_the_file() {
        let bytes: Vec<u8> = (0..2_500u32).map(|n| (n * 7) as u8).collect();
        let mut parts = Parts::new(2_500.0, 1_000.0);
        while let Some(number) = parts.start_next() {
            let (offset, length) = parts.range(number);
            let part = &bytes[offset as usize..(offset + length) as usize];
            parts.confirm(number, String::new(), Some(crate::digest::crc64(part)));
        }
        assert_eq!(parts.crc64(), Some(crate::digest::crc64(&bytes)));
    }
}
