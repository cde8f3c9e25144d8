//! Levels that a process has shown before: growth back to one of them is no news.
//!
//! *Why.* A sawtooth and a daily rhythm climb again and again, each climb a perfect trend. What
//! tells a leak is that it goes where the process never was. Kept is a thinned sample of the points
//! that have left a window (so the judged growth never vouches for itself), and asked for is its
//! 95th percentile: a spike of a few floors must not hide the leak that starts below it.
//! *Cost.* 128 points of 16 bytes for each window; a percentile is one pass.

use super::robust::quantile;
use crate::core::error::Result;
use crate::core::ring::Ring;

const POINTS: usize = 128;
const SHARE: f64 = 0.95;
/// Fewer points than this are no past.
const LEAST: usize = 5;
/// Points older than this are forgotten, ms.
const MEMORY: f64 = 14.0 * 86_400_000.0;

/// A sample of the past, evenly thinned: when full, every second point goes and from then on only
/// every second one is taken.
#[derive(Clone, Debug)]
pub struct Seen {
  points: Ring<(f64, f64)>,
  stride: u32,
  skipped: u32,
}

impl Seen {
  /// Takes all memory that it will ever use.
  pub fn try_new() -> Result<Self> {
    Ok(Self { points: Ring::try_new(POINTS)?, stride: 1, skipped: 0 })
  }

  /// A point left the window.
  pub fn push(&mut self, at: f64, bytes: f64) {
    self.skipped += 1;
    if self.skipped < self.stride {
      return;
    }
    self.skipped = 0;
    if self.points.len() == self.points.capacity() {
      self.thin(at - MEMORY);
    }
    self.points.push((at, bytes));
  }

  fn thin(&mut self, oldest: f64) {
    let kept: Vec<(f64, f64)> = self.points.iter().filter(|p| p.0 >= oldest).copied().collect();
    let step = if kept.len() > POINTS / 2 { 2 } else { 1 };
    if step == 2 {
      self.stride = self.stride.saturating_mul(2);
    }
    self.points.clear();
    for point in kept.iter().step_by(step) {
      self.points.push(*point);
    }
  }

  /// The level that the process exceeded for no more than a twentieth of the time; none without a
  /// past.
  pub fn level(&self) -> Option<f64> {
    if self.points.len() < LEAST {
      return None;
    }
    let mut values: Vec<f64> = self.points.iter().map(|p| p.1).collect();
    Some(quantile(&mut values, SHARE))
  }

  /// Own memory.
  pub fn bytes_owned(&self) -> usize {
    self.points.capacity() * size_of::<(f64, f64)>()
  }
}

#[cfg(test)]
mod tests {
  use super::*;

  #[test]
  fn a_long_past_is_thinned_evenly_and_stays_small() {
    let mut seen = Seen::try_new().unwrap();
    for i in 0..100_000_u32 {
      seen.push(f64::from(i), f64::from(i));
    }
    assert!(seen.points.len() <= POINTS);
    let level = seen.level().unwrap();
    assert!((90_000.0..98_000.0).contains(&level), "{level}");
  }

  #[test]
  fn a_short_spike_is_no_level_that_was_held() {
    let mut seen = Seen::try_new().unwrap();
    assert_eq!(seen.level(), None);
    for i in 0..100_u32 {
      seen.push(f64::from(i), if (50..53).contains(&i) { 900.0 } else { 100.0 });
    }
    assert_eq!(seen.level(), Some(100.0));
  }
}
