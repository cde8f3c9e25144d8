//! The plain values of a judgement: what goes in (floors), what comes out (a verdict), and the
//! numbers that steer it.

use serde::Serialize;

/// The live size right after a full collection, and what the process had done by then.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Floor {
  /// Monotonic time, ms.
  pub at: f64,
  /// Live bytes of the V8 heap after the collection.
  pub heap: f64,
  /// External bytes (Buffers, wasm), without leakguard's own lift.
  pub external: f64,
  /// How busy the process was just before: requests per minute; 0 where none are counted.
  pub load: f64,
  /// Units of work done since the process began to be watched (requests); 0 where none are counted.
  pub work: f64,
  /// Whether V8 collected by itself (true) or was nudged (false).
  pub natural: bool,
}

impl Floor {
  /// The judged size: heap and external together, bytes.
  #[must_use]
  pub fn bytes(&self) -> f64 {
    self.heap + self.external
  }
}

/// Where a process stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
  /// Too early for a verdict.
  #[default]
  Warming,
  /// No growth that lasts.
  Steady,
  /// Growth that lasts, nobody named yet.
  Suspect,
  /// Growth that lasts and somebody who explains half of it.
  Leaking,
  /// Was suspect or leaking; flat for a whole window since.
  Recovered,
}

impl State {
  /// The word that is shown.
  #[must_use]
  pub fn word(self) -> &'static str {
    match self {
      Self::Warming => "warming",
      Self::Steady => "steady",
      Self::Suspect => "suspect",
      Self::Leaking => "leaking",
      Self::Recovered => "recovered",
    }
  }
}

/// A rate with its interval, bytes per minute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Slope {
  /// Median slope (Theil-Sen), bytes per minute.
  pub per_minute: f64,
  /// Lower end of the interval.
  pub low: f64,
  /// Upper end of the interval.
  pub high: f64,
}

/// What steers a judgement. `Config::production()` and `Config::dev()` are what ships.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Config {
  /// No verdict before this much time, ms.
  pub warmup: f64,
  /// Points that a window holds when full.
  pub points: usize,
  /// Points without which a window does not judge.
  pub min_points: usize,
  /// Consecutive positive judgements of the short window before it counts.
  pub confirmations: u32,
  /// z above which a rise is significant (one-sided).
  pub z: f64,
  /// Bytes left in the nearer budget, for the limits that are ETAs; 0 when unknown. Updated with
  /// `Trend::room`.
  pub room: f64,
  /// Dev preset: every window may extrapolate to the full horizon.
  pub eager: bool,
}

/// What the windows say now.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
  /// The state after the last floor.
  pub state: State,
  /// Monotonic ms at which this state was entered.
  pub since: f64,
  /// Monotonic ms at which the growth began (start of the first positive window), if there is
  /// growth.
  pub growth_since: Option<f64>,
  /// Name of the window that carries the verdict ("short", "2h", "12h", "48h", "7d").
  pub window: &'static str,
  /// Its length in ms.
  pub window_ms: f64,
  /// Points in it.
  pub points: usize,
  /// Its test statistic, after correction for serial correlation.
  pub z: f64,
  /// Growth by time.
  pub slope: Slope,
  /// Growth by unit of work, bytes, when work is counted and the growth goes with it.
  pub per_unit: Option<f64>,
  /// Whether the rise is significant (an ETA may be given).
  pub rising: bool,
  /// Share of the slope that is external bytes, 0..1.
  pub external_share: f64,
  /// Why, in words, for people.
  pub reasons: Vec<String>,
}

/// A change of state, for events.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Transition {
  /// State left.
  pub from: State,
  /// State entered.
  pub to: State,
  /// Monotonic ms.
  pub at: f64,
  /// Why, in words.
  pub reasons: Vec<String>,
}
