//! Listeners that only ever get more: counts by emitter and event, and whether they grow.
//!
//! *Why.* A listener added for each request and never removed is the commonest leak of all, and its
//! count shows it long before bytes do. A count that rose once and stays is no leak, and one that
//! goes up and down with connections is none; so growth must go on, without a fall on the way.
//! *Cost.* 256 keys with 48 points of 24 bytes: 300 KB when all are full, grown as they fill.
//! Points are merged in pairs when there are too many, so the past gets coarser before it is
//! forgotten. A census of 200 rows takes 50 us.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::error::{Error, Result};
use super::frame::Frame;

/// Events of emitters that are followed.
const KEYS: usize = 256;
/// Points of each.
const POINTS: usize = 48;
/// Without so many there is no last third.
const LEAST_POINTS: usize = 3;
/// Width of a point at first, ms, and at the most: 48 minutes are seen then.
const FINEST: f64 = 500.0;
const COARSEST: f64 = 60_000.0;
/// Gone from the census for so long is gone, ms.
const GONE: f64 = 60_000.0;
/// A fall deeper than this share of the peak is a sign that somebody removes.
const FALL: f32 = 0.1;
/// Frames kept of each, characters kept of a name, rows in a report.
const FRAMES: usize = 8;
const NAME: usize = 200;
const ROWS: usize = 50;

/// How an emitter was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
  /// `process` itself.
  Process,
  /// One that is known to live long.
  Census,
  /// Node warned of it.
  Warning,
  /// The patched `addListener` saw it.
  Armed,
}

/// Who an emitter is, as JavaScript numbers or names it.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Id {
  Number(f64),
  Name(String),
}

/// A row of the census.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
  id: Id,
  class_name: String,
  event: String,
  count: f64,
  #[serde(default)]
  threshold: Option<f64>,
  origin: Source,
  #[serde(default)]
  frames: Option<Vec<Frame>>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
  id: String,
  class_name: String,
  event: String,
}

/// A stretch of time: the last count in it, the extremes, and the deepest fall as a share of the
/// peak.
#[derive(Clone, Copy, Debug)]
struct Point {
  at: f64,
  count: f32,
  low: f32,
  high: f32,
  fall: f32,
}

impl Point {
  #[allow(clippy::cast_possible_truncation, reason = "counts need no more than 7 digits")]
  fn new(at: f64, count: f64) -> Self {
    let count = count as f32;
    Self { at, count, low: count, high: count, fall: 0.0 }
  }

  /// This stretch and the next one together.
  fn join(self, later: &Self) -> Self {
    let between = if self.high > 0.0 { (self.high - later.low) / self.high } else { 0.0 };
    Self {
      at: later.at,
      count: later.count,
      low: self.low.min(later.low),
      high: self.high.max(later.high),
      fall: self.fall.max(later.fall).max(between),
    }
  }
}

#[derive(Debug)]
struct Entry {
  points: Vec<Point>,
  width: f64,
  seen: f64,
  count: f64,
  threshold: Option<f64>,
  origin: Source,
  frames: Vec<Frame>,
}

impl Entry {
  fn new(origin: Source) -> Self {
    Self {
      points: Vec::new(),
      width: FINEST,
      seen: 0.0,
      count: 0.0,
      threshold: None,
      origin,
      frames: Vec::new(),
    }
  }

  fn push(&mut self, now: f64, row: &mut Row) {
    self.seen = now;
    self.count = row.count;
    self.threshold = row.threshold.filter(|threshold| *threshold > 0.0);
    self.origin = row.origin;
    if let Some(mut frames) = row.frames.take().filter(|frames| !frames.is_empty()) {
      frames.truncate(FRAMES);
      self.frames = frames;
    }
    let point = Point::new(now, row.count);
    let (width, open) = (self.width, self.points.last_mut());
    if let Some(open) = open.filter(|open| (open.at / width).floor() >= (now / width).floor()) {
      *open = open.join(&point);
      return;
    }
    if self.points.len() >= POINTS {
      self.make_room();
    }
    self.points.push(point);
  }

  /// Neighbours become one, or, at the coarsest, the oldest goes.
  fn make_room(&mut self) {
    if self.width >= COARSEST {
      self.points.remove(0);
      return;
    }
    self.width *= 2.0;
    let pair = |pair: &[Point]| {
      let (first, rest) = pair.split_first()?;
      Some(rest.iter().fold(*first, Point::join))
    };
    self.points = self.points.chunks(2).filter_map(pair).collect();
  }

  /// Median of the last third less that of the first, by the time between.
  fn per_minute(&self) -> f64 {
    let third = self.points.len().div_ceil(3);
    let middle = |of: Option<&[Point]>| {
      let of = of.unwrap_or_default();
      let mut counts: Vec<f32> = of.iter().map(|point| point.count).collect();
      let mut times: Vec<f64> = of.iter().map(|point| point.at).collect();
      counts.sort_unstable_by(f32::total_cmp);
      times.sort_unstable_by(f64::total_cmp);
      let median = of.len() / 2;
      Some((times.get(median).copied()?, f64::from(counts.get(median).copied()?)))
    };
    let first = middle(self.points.get(..third));
    let last = middle(self.points.get(self.points.len().saturating_sub(third)..));
    match (first, last) {
      (Some((from, before)), Some((to, after))) if to > from => {
        (after - before) / (to - from) * 60_000.0
      }
      _ => 0.0,
    }
  }

  /// Past the threshold, more than at first, never a real fall, and still at it.
  fn rising(&self, threshold: f64) -> bool {
    let (Some(first), Some(last)) = (self.points.first(), self.points.last()) else { return false };
    let whole = self.points.iter().skip(1).fold(*first, Point::join);
    let late = first.at + (last.at - first.at) * 2.0 / 3.0;
    let before = self.points.iter().rev().find(|point| point.at <= late);
    self.points.len() >= LEAST_POINTS
      && self.count >= threshold
      && last.count > first.count
      && whole.fall <= FALL
      && before.is_some_and(|before| last.count > before.count)
  }

  fn bytes_owned(&self) -> usize {
    let words: usize = self.frames.iter().map(|f| f.function.capacity() + f.file.capacity()).sum();
    self.points.capacity() * size_of::<Point>()
      + self.frames.capacity() * size_of::<Frame>()
      + words
  }
}

/// One row of the report.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListenerReport {
  /// The emitter's class, or `process`.
  pub class_name: String,
  /// The event's name.
  pub event: String,
  /// Listeners now.
  pub count: f64,
  /// More in each minute.
  pub per_minute: f64,
  /// Past which it is reported.
  pub threshold: f64,
  /// The lines that add, if they were seen.
  #[serde(skip_serializing_if = "Vec::is_empty")]
  pub frames: Vec<Frame>,
  /// How it was found.
  pub origin: Source,
  /// Whether it only ever gets more.
  pub rising: bool,
}

/// All that are followed.
#[derive(Debug)]
pub struct Listeners {
  threshold: f64,
  kept: BTreeMap<Key, Entry>,
}

impl Listeners {
  /// Follows none yet. `threshold` is for rows that bring none of their own.
  #[must_use]
  pub fn new(threshold: f64) -> Self {
    Self { threshold, kept: BTreeMap::new() }
  }

  /// Takes another threshold over, for rows that bring none of their own.
  pub fn set_threshold(&mut self, threshold: f64) {
    self.threshold = threshold;
  }

  /// Takes a census in: `[{ id, className, event, count, threshold, origin, frames? }]`. Nothing of
  /// it is kept when a part is malformed.
  ///
  /// # Errors
  /// `Malformed` when the text is something else.
  pub fn push_json(&mut self, now_ms: f64, json: &str) -> Result<()> {
    let rows: Vec<Row> = serde_json::from_str(json).map_err(|error| Error::Malformed {
      what: "census of listeners",
      at: offset(json, &error),
    })?;
    if !now_ms.is_finite() {
      return Err(Error::OutOfRange { name: "now", expected: "a finite time", received: now_ms });
    }
    self.kept.retain(|_, entry| now_ms - entry.seen < GONE);
    for row in rows {
      self.push(now_ms, row);
    }
    Ok(())
  }

  fn push(&mut self, now: f64, mut row: Row) {
    let id = match &row.id {
      Id::Number(number) => number.to_string(),
      Id::Name(name) => format!("'{}", cut(name.clone())),
    };
    let class_name = cut(std::mem::take(&mut row.class_name));
    let event = cut(std::mem::take(&mut row.event));
    let key = Key { id, class_name, event };
    if self.kept.len() >= KEYS && !self.kept.contains_key(&key) {
      let least = self.kept.iter().min_by(|(_, a), (_, b)| a.count.total_cmp(&b.count));
      let Some(least) =
        least.filter(|(_, least)| least.count < row.count).map(|(key, _)| key.clone())
      else {
        return;
      };
      self.kept.remove(&least);
    }
    self.kept.entry(key).or_insert_with(|| Entry::new(row.origin)).push(now, &mut row);
  }

  /// Those past their threshold and those that rise, the fullest first, at most 50.
  #[must_use]
  pub fn report(&self) -> Vec<ListenerReport> {
    let mut hot: Vec<(&Key, &Entry, f64, bool)> = self
      .kept
      .iter()
      .filter_map(|(key, entry)| {
        let threshold = entry.threshold.unwrap_or(self.threshold);
        let rising = entry.rising(threshold);
        (rising || entry.count > threshold).then_some((key, entry, threshold, rising))
      })
      .collect();
    hot.sort_by(|(_, a, ..), (_, b, ..)| b.count.total_cmp(&a.count));
    hot
      .into_iter()
      .take(ROWS)
      .map(|(key, entry, threshold, rising)| ListenerReport {
        class_name: key.class_name.clone(),
        event: key.event.clone(),
        count: entry.count,
        per_minute: entry.per_minute(),
        threshold,
        frames: entry.frames.clone(),
        origin: entry.origin,
        rising,
      })
      .collect()
  }

  /// Own memory, bytes.
  #[must_use]
  pub fn bytes_owned(&self) -> usize {
    let words = |key: &Key| key.id.capacity() + key.class_name.capacity() + key.event.capacity();
    let each = size_of::<Key>() + size_of::<Entry>();
    let kept: usize = self.kept.iter().map(|(key, e)| each + words(key) + e.bytes_owned()).sum();
    size_of::<Self>() + kept
  }
}

/// A name of bounded length.
fn cut(mut name: String) -> String {
  if let Some((end, _)) = name.char_indices().nth(NAME) {
    name.truncate(end);
    name.shrink_to_fit();
  }
  name
}

/// Where in the text, bytes: serde counts lines and columns.
fn offset(json: &str, error: &serde_json::Error) -> usize {
  let lines = json.split_inclusive('\n').take(error.line().saturating_sub(1));
  lines.map(str::len).sum::<usize>() + error.column().saturating_sub(1)
}

#[cfg(test)]
mod tests;
