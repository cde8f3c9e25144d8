//! How busy the process is, for comparing like with like.
//!
//! *Why requests alone.* What explains growth away must not be caused by it. Requests come from outside;
//! the activity of the event loop does not: a leak makes collections longer and lists slower to walk, so
//! utilization rises with the leak and would excuse it. Where no request is counted (queues, cron) the
//! load is unknown, and a rhythm of it has to be outlasted instead.

use crate::core::history::Sample;

/// Smoothing of the rates, ms: long enough for floors that come every 100 ms, short against any window.
const TAU: f64 = 30_000.0;
const MINUTE: f64 = 60_000.0;

/// Smoothed rates.
#[derive(Clone, Copy, Debug, Default)]
pub struct Load {
  at: Option<f64>,
  requests: f64,
  cpu: f64,
  collections: f64,
}

impl Load {
  /// Takes a sample in.
  pub fn push(&mut self, sample: &Sample) {
    let elapsed = self.at.map_or(0.0, |at| sample.at - at);
    self.at = Some(sample.at);
    if elapsed <= 0.0 {
      return;
    }
    let keep = (-elapsed / TAU).exp();
    let blend = |old: f64, new: f64| keep * old + (1.0 - keep) * new;
    self.requests = blend(self.requests, sample.requests / elapsed * MINUTE);
    self.cpu = blend(self.cpu, sample.cpu / elapsed);
    // Collections are answered to sooner: the GC profiler rests while they are frequent.
    let keep = (-elapsed / 5_000.0).exp();
    let collections = (sample.gc_minor + sample.gc_major) / elapsed * 1_000.0;
    self.collections = keep * self.collections + (1.0 - keep) * collections;
  }

  /// Requests per minute.
  #[must_use]
  pub fn requests(&self) -> f64 {
    self.requests
  }

  /// CPU of the process, ms in each ms.
  #[must_use]
  pub fn cpu(&self) -> f64 {
    self.cpu
  }

  /// Collections per second.
  #[must_use]
  pub fn collections(&self) -> f64 {
    self.collections
  }
}
