//! The two clocks: one that only goes forward, one that people read.
//!
//! Trends need a clock that no time server can set back; reports need dates. All else in the crate
//! gets its time from here as a number of ms. Cost: about 30 ns each (vDSO).
//! Source: `std::time`, which is `CLOCK_MONOTONIC` on Linux: it stands still while the machine
//! sleeps.

use std::sync::OnceLock;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

static START: OnceLock<Instant> = OnceLock::new();

/// Milliseconds since this was first called, in any thread; never falls.
#[must_use]
pub fn monotonic() -> f64 {
  START.get_or_init(Instant::now).elapsed().as_secs_f64() * 1000.0
}

/// Milliseconds since 1970 (UTC); 0 when the machine's clock stands before that.
#[must_use]
pub fn wall() -> f64 {
  SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64() * 1000.0)
}

#[cfg(test)]
mod tests {
  use super::{monotonic, wall};
  use std::time::Duration;

  #[test]
  fn monotonic_rises_by_what_passed() {
    let before = monotonic();
    std::thread::sleep(Duration::from_millis(20));
    let passed = monotonic() - before;
    assert!(before >= 0.0);
    assert!((20.0..10_000.0).contains(&passed), "{passed}");
  }

  #[test]
  fn monotonic_is_one_clock_for_all_threads() {
    let before = monotonic();
    let there = std::thread::spawn(monotonic).join().unwrap();
    assert!(before <= there && there <= monotonic());
  }

  #[test]
  fn wall_is_epoch_milliseconds() {
    // Between 2020 and 2100.
    assert!((1.577e12..4.102e12).contains(&wall()));
  }
}
