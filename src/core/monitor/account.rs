//! leakguard's account of itself: what it did, what it cost, what it refused and why.

use std::collections::BTreeMap;

use serde::Serialize;

/// Where a floor came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
  /// V8 collected by itself.
  Natural,
  /// It was nudged.
  Nudged,
  /// A profile was read, which collects.
  Read,
}

/// Floors by origin, and those that were not asked for.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Floors {
  /// From V8's own collections.
  pub natural: u64,
  /// Nudged by us.
  pub nudged: u64,
  /// Not asked for.
  pub refused: u64,
  /// Nudges that did not end in a collection.
  pub unfinished: u64,
  /// Refusals by reason; four words at most.
  pub reasons: BTreeMap<&'static str, u64>,
}

/// What nudging cost.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Nudges {
  /// CPU of all threads, ms.
  pub cpu: f64,
  /// The same as a share of one core since the start.
  pub share: f64,
  /// The longest single stop, ms.
  pub longest_stop: f64,
  /// External bytes on loan at this moment.
  pub lift: f64,
}

/// What sampling allocations cost.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Profiles {
  /// Sampling now.
  pub armed: bool,
  /// The sampler belongs to somebody else.
  pub foreign: bool,
  /// Profiles read.
  pub reads: u64,
  /// The longest read, ms.
  pub longest_pause: f64,
  /// Reads refused, because the expected stop was above `maxPause`.
  pub refused: u64,
  /// Profiles lost, because somebody stopped the sampler or the answer could not be read.
  pub lost: u64,
}

/// Stops that leakguard caused.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Pauses {
  /// How many were longer than `maxPause`.
  pub over: u64,
  /// The longest, ms.
  pub longest: f64,
}

/// Something that is switched off, and why.
#[derive(Clone, Debug, Serialize, serde::Deserialize)]
pub struct Off {
  /// What.
  pub what: String,
  /// Why, in words.
  pub why: String,
}

/// The account.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
  /// Samples taken.
  pub samples: u64,
  /// Floors.
  pub floors: Floors,
  /// Cost of nudging.
  pub nudge: Nudges,
  /// Cost of sampling.
  pub profile: Profiles,
  /// Stops.
  pub pauses: Pauses,
  /// CPU that leakguard is known to have used, floors and profile reads, ms.
  pub cpu: f64,
  /// Bytes of its own native tables.
  pub bytes: f64,
  /// What is off.
  pub off: Vec<Off>,
}

impl Account {
  /// Counts a floor.
  pub fn floored(&mut self, origin: Origin) {
    match origin {
      Origin::Natural => self.floors.natural += 1,
      Origin::Nudged => self.floors.nudged += 1,
      Origin::Read => {}
    }
  }

  /// Counts a stop of the main thread that leakguard caused.
  pub fn stopped(&mut self, ms: f64, allowed: f64) {
    self.pauses.longest = self.pauses.longest.max(ms);
    if ms > allowed {
      self.pauses.over += 1;
    }
  }
}
