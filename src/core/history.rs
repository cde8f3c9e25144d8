//! What the process looked like: every second for ten minutes, then coarser for two days.
//!
//! *Why several resolutions.* A spike is told from a leak within minutes, a slow leak over days;
//! nobody needs a second's figure from yesterday. Each row of a coarse tier keeps the least, the
//! greatest and the last of what is a level and the sum of what is a count, so a spike of one
//! second is still seen in the row of its minute.
//! *Cost.* Fixed: 600 rows of 1 s, 720 of 10 s, 2,880 of 1 min: 1.1 MB when full, grown as they
//! fill.

use std::collections::VecDeque;

use serde::Serialize;

use super::error::{Error, Result};

/// Figures in a [`Sample`] besides its time.
const FIELDS: usize = 20;
/// The first so many are levels (least, greatest, last are kept); the rest are counts (summed).
const LEVELS: usize = 15;
/// Width of a row in ms, rows.
const TIERS: [(f64, usize); 3] = [(1_000.0, 600), (10_000.0, 720), (60_000.0, 2_880)];
/// Rows that a tier grows by.
const BLOCK: usize = 120;

/// One look at the process. Bytes, ms and counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sample {
  /// Monotonic time, ms.
  pub at: f64,
  /// Heap in use, live and dead.
  #[serde(rename = "heapUsed")]
  pub used_heap: f64,
  /// Heap taken from the system.
  #[serde(rename = "heapTotal")]
  pub total_heap: f64,
  /// V8's limit for young and old together.
  pub heap_size_limit: f64,
  /// External memory, without leakguard's own lift.
  pub external: f64,
  /// The part of it in array buffers.
  pub array_buffers: f64,
  /// Resident set.
  pub rss: f64,
  /// In use in the container, without reclaimable page cache.
  pub container_used: f64,
  /// The container's limit, else the machine's memory.
  pub container_limit: f64,
  /// In use in the young generation.
  pub new_space: f64,
  /// In use in the old space.
  pub old_space: f64,
  /// In use for code.
  pub code_space: f64,
  /// In use by large objects.
  pub large_space: f64,
  /// Event-loop utilization of the interval, 0..1.
  pub utilization: f64,
  /// Taken by V8 through malloc.
  pub malloced: f64,
  /// Minor collections since the last sample.
  pub gc_minor: f64,
  /// Major collections since the last sample.
  pub gc_major: f64,
  /// Their pauses together, ms.
  pub gc_pause: f64,
  /// The longest of them, ms.
  pub gc_longest: f64,
  /// HTTP requests since the last sample.
  pub requests: f64,
  /// CPU of the process since the last sample, ms.
  pub cpu: f64,
}

impl Sample {
  fn fields(&self) -> [f64; FIELDS] {
    [
      self.used_heap,
      self.total_heap,
      self.heap_size_limit,
      self.external,
      self.array_buffers,
      self.rss,
      self.container_used,
      self.container_limit,
      self.new_space,
      self.old_space,
      self.code_space,
      self.large_space,
      self.utilization,
      self.malloced,
      self.gc_longest,
      self.gc_minor,
      self.gc_major,
      self.gc_pause,
      self.requests,
      self.cpu,
    ]
  }

  fn from_fields(at: f64, f: &[f32; FIELDS]) -> Self {
    let [
      used_heap,
      total_heap,
      heap_size_limit,
      external,
      array_buffers,
      rss,
      container_used,
      container_limit,
      new_space,
      old_space,
      code_space,
      large_space,
      utilization,
      malloced,
      gc_longest,
      gc_minor,
      gc_major,
      gc_pause,
      requests,
      cpu,
    ] = f.map(f64::from);
    Self {
      at,
      used_heap,
      total_heap,
      heap_size_limit,
      external,
      array_buffers,
      rss,
      container_used,
      container_limit,
      new_space,
      old_space,
      code_space,
      large_space,
      utilization,
      malloced,
      gc_minor,
      gc_major,
      gc_pause,
      gc_longest,
      requests,
      cpu,
    }
  }

  fn is_sound(&self) -> bool {
    self.at.is_finite() && self.fields().iter().all(|x| x.is_finite())
  }
}

/// One row of history: the last sample in it, and the least and the greatest of each level.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
  /// The last sample of the row; its counts are sums over the row, its longest pause is the row's.
  #[serde(flatten)]
  pub last: Sample,
  /// Least heap in use.
  #[serde(rename = "heapUsedMin")]
  pub used_heap_min: f64,
  /// Greatest heap in use.
  #[serde(rename = "heapUsedMax")]
  pub used_heap_max: f64,
  /// Least external memory.
  pub external_min: f64,
  /// Greatest external memory.
  pub external_max: f64,
  /// Least resident set.
  pub rss_min: f64,
  /// Greatest resident set.
  pub rss_max: f64,
}

/// A row as it is kept. Single precision: 7 digits, so 100 bytes in 1 GB.
#[derive(Clone, Copy, Debug)]
struct Kept {
  at: f64,
  last: [f32; FIELDS],
  least: [f32; LEVELS],
  greatest: [f32; LEVELS],
}

#[allow(clippy::cast_possible_truncation, reason = "a level needs no more than 7 digits")]
fn single(x: f64) -> f32 {
  x as f32
}

impl Kept {
  fn new(sample: &Sample) -> Self {
    let last = sample.fields().map(single);
    let mut levels = [0.0; LEVELS];
    for (level, value) in levels.iter_mut().zip(last) {
      *level = value;
    }
    Self { at: sample.at, last, least: levels, greatest: levels }
  }

  /// Joins a later row.
  fn join(&mut self, later: &Self) {
    self.at = later.at;
    for (i, (mine, new)) in self.last.iter_mut().zip(later.last).enumerate() {
      *mine = if i < LEVELS { new } else { *mine + new };
    }
    for (mine, new) in self.least.iter_mut().zip(later.least) {
      *mine = mine.min(new);
    }
    for (mine, new) in self.greatest.iter_mut().zip(later.greatest) {
      *mine = mine.max(new);
    }
  }

  fn row(&self) -> Row {
    let level = |from: &[f32; LEVELS], i: usize| from.get(i).copied().map_or(0.0, f64::from);
    let mut last = Sample::from_fields(self.at, &self.last);
    last.gc_longest = level(&self.greatest, 14);
    Row {
      last,
      used_heap_min: level(&self.least, 0),
      used_heap_max: level(&self.greatest, 0),
      external_min: level(&self.least, 3),
      external_max: level(&self.greatest, 3),
      rss_min: level(&self.least, 5),
      rss_max: level(&self.greatest, 5),
    }
  }
}

#[derive(Debug)]
struct Tier {
  width: f64,
  rows: usize,
  kept: VecDeque<Kept>,
}

impl Tier {
  fn push(&mut self, sample: &Sample) {
    let new = Kept::new(sample);
    let slot = (sample.at / self.width).floor();
    let open = self.kept.back_mut();
    if let Some(open) = open.filter(|open| (open.at / self.width).floor() >= slot) {
      open.join(&new);
      return;
    }
    if self.kept.len() == self.rows {
      self.kept.pop_front();
    } else if self.kept.len() == self.kept.capacity() {
      let more = BLOCK.min(self.rows - self.kept.len());
      if self.kept.try_reserve_exact(more).is_err() {
        // No memory for a longer past: the oldest row makes room.
        self.kept.pop_front();
        if self.kept.capacity() == 0 {
          return;
        }
      }
    }
    self.kept.push_back(new);
  }
}

/// The past, in three resolutions.
#[derive(Debug)]
pub struct History {
  tiers: [Tier; 3],
  last: Option<Sample>,
  ignored: u64,
}

impl History {
  /// Takes the first block of each tier.
  ///
  /// # Errors
  /// `NoMemory` when the allocator refuses.
  pub fn try_new() -> Result<Self> {
    let mut tiers = TIERS.map(|(width, rows)| Tier { width, rows, kept: VecDeque::new() });
    for tier in &mut tiers {
      let bytes = BLOCK * size_of::<Kept>();
      tier.kept.try_reserve_exact(BLOCK).map_err(|_| Error::NoMemory { bytes })?;
    }
    Ok(Self { tiers, last: None, ignored: 0 })
  }

  /// Takes a sample in; one that is older than the last, or holds what is no number, is counted and
  /// left out.
  pub fn push(&mut self, sample: Sample) {
    if !sample.is_sound() || self.last.is_some_and(|last| sample.at < last.at) {
      self.ignored += 1;
      return;
    }
    self.last = Some(sample);
    for tier in &mut self.tiers {
      tier.push(&sample);
    }
  }

  /// The newest sample.
  #[must_use]
  pub fn last(&self) -> Option<&Sample> {
    self.last.as_ref()
  }

  /// Samples that were left out.
  #[must_use]
  pub fn ignored(&self) -> u64 {
    self.ignored
  }

  /// Rows from `from` to `to` (monotonic ms), at most `points`, from the finest tier that still
  /// reaches back to `from`; neighbours are joined where there are more.
  #[must_use]
  pub fn range(&self, from: f64, to: f64, points: usize) -> Vec<Row> {
    let reaches = |tier: &&Tier| {
      tier.kept.len() < tier.rows || tier.kept.front().is_some_and(|row| row.at <= from)
    };
    let Some(tier) = self.tiers.iter().find(reaches).or(self.tiers.last()) else {
      return Vec::new();
    };
    let kept: Vec<&Kept> = tier.kept.iter().filter(|row| row.at >= from && row.at <= to).collect();
    let each = kept.len().div_ceil(points.max(1)).max(1);
    kept
      .chunks(each)
      .filter_map(|chunk| {
        let (first, rest) = chunk.split_first()?;
        let mut joined = **first;
        for later in rest {
          joined.join(later);
        }
        Some(joined.row())
      })
      .collect()
  }

  /// Own memory, bytes.
  #[must_use]
  pub fn bytes_owned(&self) -> usize {
    let kept: usize = self.tiers.iter().map(|tier| tier.kept.capacity()).sum();
    size_of::<Self>() + kept * size_of::<Kept>()
  }
}

#[cfg(test)]
mod tests;
