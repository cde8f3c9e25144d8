//! How busy the process is, for comparing like with like.
//!
//! *Why requests alone.* What explains growth away must not be caused by it. Requests come from
//! outside; the activity of the event loop does not: a leak makes collections longer and lists
//! slower to walk, so utilization rises with the leak and would excuse it. Where no request is
//! counted (queues, cron) the load is unknown, and a rhythm of it has to be outlasted instead.
//! *Why weighted.* A mean that starts at nothing climbs towards a constant load, as a leak does
//! towards nothing; divided by the weight it has gathered so far, it is right from the first
//! sample.

use crate::core::history::Sample;

/// Smoothing of requests and CPU, ms: long for floors that come every 100 ms, short for every
/// window.
const TAU: f64 = 30_000.0;
/// Smoothing of collections, ms: answered to sooner, since the GC profiler rests while they are
/// frequent.
const TAU_COLLECTIONS: f64 = 5_000.0;
const MINUTE: f64 = 60_000.0;

/// A mean that forgets, by time.
#[derive(Clone, Copy, Debug, Default)]
struct Mean {
  sum: f64,
  weight: f64,
}

impl Mean {
  fn push(&mut self, value: f64, elapsed: f64, tau: f64) {
    let keep = (-elapsed / tau).exp();
    self.sum = keep * self.sum + (1.0 - keep) * value;
    self.weight = keep * self.weight + (1.0 - keep);
  }

  fn value(self) -> f64 {
    if self.weight > 0.0 { self.sum / self.weight } else { 0.0 }
  }
}

/// Smoothed rates.
#[derive(Clone, Copy, Debug, Default)]
pub struct Load {
  at: Option<f64>,
  requests: Mean,
  cpu: Mean,
  collections: Mean,
}

impl Load {
  /// Takes a sample in.
  pub fn push(&mut self, sample: &Sample) {
    let elapsed = self.at.map_or(0.0, |at| sample.at - at);
    self.at = Some(sample.at);
    if elapsed <= 0.0 {
      return;
    }
    self.requests.push(sample.requests / elapsed * MINUTE, elapsed, TAU);
    self.cpu.push(sample.cpu / elapsed, elapsed, TAU);
    let collections = (sample.gc_minor + sample.gc_major) / elapsed * 1_000.0;
    self.collections.push(collections, elapsed, TAU_COLLECTIONS);
  }

  /// Requests per minute.
  #[must_use]
  pub fn requests(&self) -> f64 {
    self.requests.value()
  }

  /// CPU of the process, ms in each ms.
  #[must_use]
  pub fn cpu(&self) -> f64 {
    self.cpu.value()
  }

  /// Collections per second.
  #[must_use]
  pub fn collections(&self) -> f64 {
    self.collections.value()
  }
}

#[cfg(test)]
mod tests {
  use super::*;

  #[test]
  fn a_constant_load_is_constant_from_the_first_second() {
    let mut load = Load::default();
    for second in 0..600 {
      let at = f64::from(second) * 1_000.0;
      load.push(&Sample { at, requests: 50.0, gc_minor: 3.0, cpu: 200.0, ..Sample::default() });
      if second > 0 {
        assert!((load.requests() - 3_000.0).abs() < 1e-6, "{second}: {}", load.requests());
        assert!((load.collections() - 3.0).abs() < 1e-9);
        assert!((load.cpu() - 0.2).abs() < 1e-9);
      }
    }
  }

  #[test]
  fn a_load_that_ends_is_forgotten_within_minutes() {
    let mut load = Load::default();
    for second in 0..300 {
      let requests = if second < 100 { 50.0 } else { 0.0 };
      load.push(&Sample { at: f64::from(second) * 1_000.0, requests, ..Sample::default() });
    }
    assert!(load.requests() < 10.0, "{}", load.requests());
  }
}
