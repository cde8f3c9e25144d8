//! What is left: the two budgets, how long they last, and how hard the process is pressed.
//!
//! *Why not `heap_size_limit`.* It counts the young generation three times over; V8 gives up at the
//! old generation's limit, which under `--max-old-space-size=64` was half of that figure on Node 24
//! (measured: 112, 256 and 160 MiB reported by Node 20, 24 and 26). *Why a hold.* One sample above
//! a limit is a spike; three over half a minute are pressure.
//! *Cost.* A few comparisons.

use serde::Serialize;

use crate::core::trend::Slope;

/// An ETA is never said to be longer, seconds (ten years): beyond it nobody can know.
const FARTHEST: f64 = 315_360_000.0;

/// Time until a budget is full.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Eta {
  /// At the median rate.
  pub seconds: f64,
  /// At the highest and at the lowest likely rate.
  pub interval: Option<(f64, f64)>,
}

/// When `level` reaches `limit` at `slope`; none when it does not rise or the limit is unknown.
#[must_use]
pub fn eta(level: f64, limit: f64, slope: Slope, rising: bool) -> Option<Eta> {
  if !rising || limit <= 0.0 || slope.per_minute <= 0.0 {
    return None;
  }
  let left = (limit - level).max(0.0);
  let at = |per_minute: f64| {
    if per_minute > 0.0 { (left / per_minute * 60.0).min(FARTHEST) } else { FARTHEST }
  };
  let seconds = at(slope.per_minute);
  let interval = Some((at(slope.high).min(seconds), at(slope.low).max(seconds)));
  Some(Eta { seconds, interval })
}

/// How hard the process is pressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
  /// Room enough.
  #[default]
  Ok,
  /// Above the first limit.
  Warn,
  /// Above the second.
  Critical,
}

impl Level {
  /// The word for reports.
  #[must_use]
  pub fn word(self) -> &'static str {
    match self {
      Self::Ok => "ok",
      Self::Warn => "warn",
      Self::Critical => "critical",
    }
  }
}

/// Samples and ms that a level must last before it counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hold {
  /// Samples.
  pub samples: u32,
  /// ms.
  pub ms: f64,
}

impl Default for Hold {
  fn default() -> Self {
    Self { samples: 3, ms: 30_000.0 }
  }
}

/// Samples that all lie on one side of the level in force.
#[derive(Clone, Copy, Debug)]
struct Pending {
  up: bool,
  /// The level nearest to the one in force.
  level: Level,
  since: f64,
  samples: u32,
}

/// The level in force, which follows the shares with a hold.
#[derive(Clone, Debug)]
pub struct Pressure {
  warn: f64,
  critical: f64,
  hold: Hold,
  level: Level,
  pending: Option<Pending>,
}

impl Pressure {
  /// With the shares at which each level begins, and the hold that ships.
  #[must_use]
  pub fn new(warn: f64, critical: f64) -> Self {
    Self::with_hold(warn, critical, Hold::default())
  }

  /// With another hold.
  #[must_use]
  pub fn with_hold(warn: f64, critical: f64, hold: Hold) -> Self {
    Self { warn, critical, hold, level: Level::Ok, pending: None }
  }

  /// Changes the limits; the level in force stays until samples say otherwise.
  pub fn set_limits(&mut self, warn: f64, critical: f64) {
    (self.warn, self.critical) = (warn, critical);
  }

  /// The level in force.
  #[must_use]
  pub fn level(&self) -> Level {
    self.level
  }

  /// Takes the shares of both budgets in (0 where nothing is known: the heap's only after a floor).
  /// Answers the level when it changed.
  pub fn push(&mut self, now: f64, heap: f64, container: f64) -> Option<Level> {
    let seen = self.seen(heap.max(container));
    if seen == self.level {
      self.pending = None;
      return None;
    }
    let up = seen > self.level;
    let fresh = Pending { up, level: seen, since: now, samples: 0 };
    let mut pending = self.pending.filter(|old| old.up == up && old.since <= now).unwrap_or(fresh);
    pending.level = if up { pending.level.min(seen) } else { pending.level.max(seen) };
    pending.samples = pending.samples.saturating_add(1);
    if pending.samples < self.hold.samples || now - pending.since < self.hold.ms {
      self.pending = Some(pending);
      return None;
    }
    self.pending = None;
    self.level = pending.level;
    Some(self.level)
  }

  fn seen(&self, share: f64) -> Level {
    if share >= self.critical {
      Level::Critical
    } else if share >= self.warn {
      Level::Warn
    } else {
      Level::Ok
    }
  }
}

#[cfg(test)]
mod tests {
  use super::*;

  #[test]
  fn an_eta_has_an_interval_that_holds_it() {
    let slope = Slope { per_minute: 2.0, low: 1.0, high: 4.0 };
    let found = eta(60.0, 100.0, slope, true).unwrap();
    assert_eq!(found, Eta { seconds: 1200.0, interval: Some((600.0, 2400.0)) });
    let unsure = eta(60.0, 100.0, Slope { low: -1.0, ..slope }, true).unwrap();
    assert_eq!(unsure.interval, Some((600.0, FARTHEST)));
    assert_eq!(eta(120.0, 100.0, slope, true).unwrap().seconds.to_bits(), 0);
  }

  #[test]
  fn there_is_no_eta_without_a_rise_or_a_limit() {
    let slope = Slope { per_minute: 2.0, low: 1.0, high: 4.0 };
    assert_eq!(eta(1.0, 100.0, slope, false), None);
    assert_eq!(eta(1.0, 0.0, slope, true), None);
    assert_eq!(eta(1.0, 100.0, Slope::default(), true), None);
  }

  fn run(pressure: &mut Pressure, from: u32, to: u32, share: f64) -> Vec<(u32, Level)> {
    let push = |second| Some((second, pressure.push(f64::from(second) * 1e3, share, 0.0)?));
    (from..to).filter_map(push).collect()
  }

  #[test]
  fn pressure_rises_and_clears_only_after_half_a_minute() {
    let mut pressure = Pressure::new(0.7, 0.9);
    assert_eq!(run(&mut pressure, 0, 100, 0.5), []);
    assert_eq!(run(&mut pressure, 100, 200, 0.95), [(130, Level::Critical)]);
    assert_eq!(run(&mut pressure, 200, 229, 0.5), [], "a short relief");
    assert_eq!(run(&mut pressure, 229, 300, 0.95), []);
    assert_eq!(run(&mut pressure, 300, 400, 0.5), [(330, Level::Ok)]);
  }

  #[test]
  fn a_spike_is_no_pressure_and_slow_samples_need_three() {
    let mut pressure = Pressure::new(0.7, 0.9);
    assert_eq!(run(&mut pressure, 0, 25, 0.99), []);
    assert_eq!(run(&mut pressure, 25, 26, 0.1), []);
    let mut seen = Vec::new();
    for minute in 1..6 {
      seen.push(pressure.push(f64::from(minute) * 60_000.0, 0.0, 0.8));
    }
    assert_eq!(seen, [None, None, Some(Level::Warn), None, None]);
  }

  #[test]
  fn swinging_between_warn_and_critical_is_warn() {
    let mut pressure = Pressure::new(0.7, 0.9);
    for second in 0..60 {
      let share = if second % 2 == 0 { 0.75 } else { 0.95 };
      pressure.push(f64::from(second) * 1e3, share, f64::NAN);
    }
    assert_eq!(pressure.level(), Level::Warn);
  }
}
