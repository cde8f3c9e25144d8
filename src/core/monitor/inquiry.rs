//! The inquiry: when allocations are sampled, when a profile is read, and what two of them say.
//!
//! *Why two differences.* One difference of two profiles names whoever kept what was allocated in
//! between; a cache that is turning over looks the same once. Only a site that explains half of the
//! growth twice in a row is called guilty (`trend::Trend::attributed`).
//! *Why so rarely.* Reading in-process is a full collection: about 1 ms for each live MB on the
//! main thread. It is asked for under suspicion only, never where it is expected to last longer
//! than `maxPause`, and it is paid from the same purse as floors.

use crate::core::monitor::settings::ProfileMode;
use crate::core::profile::Profile;
use crate::core::suspects::Suspect;
use crate::core::trend::State;

/// Floors between two reads under suspicion: enough for the growth to stand out of the noise of a
/// floor.
const FLOORS_BETWEEN: u32 = 5;
/// Time between two reads, in floor intervals of the steady state: natural floors may come faster,
/// and a growth of seconds is mostly chance.
const INTERVALS_BETWEEN: f64 = 2.5;
/// Floors between two reads once the guilty are named, and while calm with `profile: 'always'`.
const FLOORS_BETWEEN_CALM: u32 = 24;
/// Reads that may fail in a row before the next one waits for its turn.
const MISSES: u32 = 4;
/// Calm floors after which the instruments are put away.
const CALM: u32 = 12;
/// Samples that the growth between two reads should hold, so that half of it stands out of the
/// chance.
const SAMPLES_WANTED: f64 = 200.0;
/// The sampling distance: at 512 KB sampling costs nothing that could be measured, at 16 KB some 20
/// % of an allocation-heavy main thread (research: detection, 2b).
const NEAREST: f64 = 16.0 * 1024.0;
const FARTHEST: f64 = 512.0 * 1024.0;
/// Without a slope to fit it to, because sampling is on from the start: V8's own default where
/// somebody watches, and what is lost in the noise in production.
const UNFITTED_DEV: f64 = 32.0 * 1024.0;
const UNFITTED: f64 = 128.0 * 1024.0;

/// What JavaScript is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
  /// Sample allocations, take stacks of who adds listeners.
  Arm,
  /// Read the profile.
  Read,
  /// Put the instruments away.
  Disarm,
}

/// A profile that was read, and the live size at that moment.
#[derive(Debug)]
pub struct Reading {
  /// Live sampled allocations by site.
  pub profile: Profile,
  /// Monotonic ms.
  pub at: f64,
  /// Live heap bytes.
  pub heap: f64,
  /// External bytes.
  pub external: f64,
  /// Units of work so far.
  pub work: f64,
}

/// The state of the inquiry.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "four facts that do not exclude each other")]
pub struct Inquiry {
  armed: bool,
  asked: bool,
  failed: bool,
  floors: u32,
  calm: u32,
  last: Option<Reading>,
  /// Who was named by the last difference.
  pub suspects: Vec<Suspect>,
  refused: bool,
  misses: u32,
}

impl Inquiry {
  /// A floor came while the process was in `state`.
  pub fn floored(&mut self, state: State) {
    self.floors = self.floors.saturating_add(1);
    self.calm = if alarmed(state) { 0 } else { self.calm.saturating_add(1) };
  }

  /// What is wished for at `now`. `interval` is the one wanted between floors while steady;
  /// `affordable` says whether a read is expected to stay within `maxPause`.
  pub fn wish(
    &mut self,
    now: f64,
    interval: f64,
    mode: ProfileMode,
    state: State,
    affordable: bool,
  ) -> Option<Wish> {
    if !self.armed && !self.asked && !self.failed && alarmed(state) {
      self.asked = true;
      return Some(Wish::Arm);
    }
    if (self.armed || self.asked) && mode != ProfileMode::Always && self.calm >= CALM {
      self.put_away();
      return Some(Wish::Disarm);
    }
    let soonest = self.last.as_ref().map_or(now, |last| last.at + INTERVALS_BETWEEN * interval);
    if !self.armed || self.floors < self.between(state) || now < soonest {
      return None;
    }
    self.refused = !affordable;
    self.floors = 0;
    affordable.then_some(Wish::Read)
  }

  /// Whether the last read that was due was refused for its expected length.
  #[must_use]
  pub fn refused(&self) -> bool {
    self.refused
  }

  /// Sampling began: the first reading comes after the next floor.
  pub fn armed(&mut self) {
    self.armed = true;
    self.asked = false;
    self.floors = FLOORS_BETWEEN_CALM;
  }

  /// Sampling could not begin (`for_good`) or somebody ended it.
  pub fn lost(&mut self) {
    self.failed = !self.armed;
    self.armed = false;
    self.asked = false;
    self.last = None;
  }

  /// The read did not come about: it is wished for again at once, a few times.
  pub fn missed(&mut self) {
    self.misses += 1;
    if self.misses.is_multiple_of(MISSES) {
      return;
    }
    self.floors = FLOORS_BETWEEN_CALM;
  }

  /// A new reading; answers the one before.
  pub fn read(&mut self, reading: Reading) -> Option<Reading> {
    self.refused = false;
    self.misses = 0;
    self.last.replace(reading)
  }

  /// The reading that was taken last.
  #[must_use]
  pub fn last(&self) -> Option<&Reading> {
    self.last.as_ref()
  }

  /// Own memory, bytes.
  #[must_use]
  pub fn bytes_owned(&self) -> usize {
    self.last.as_ref().map_or(0, |reading| reading.profile.bytes_owned())
      + self.suspects.capacity() * size_of::<Suspect>()
  }

  fn between(&self, state: State) -> u32 {
    match (state, self.last.is_some()) {
      (State::Suspect, true) => FLOORS_BETWEEN,
      (State::Suspect | State::Leaking, false) => 1,
      _ => FLOORS_BETWEEN_CALM,
    }
  }

  fn put_away(&mut self) {
    *self = Self { failed: self.failed, ..Self::default() };
  }
}

/// Bytes between two samples: so that a growth of `per_minute` leaves enough of them between two
/// reads that are `interval` ms x [`FLOORS_BETWEEN`] apart.
#[must_use]
pub fn distance(per_minute: f64, interval: f64, dev: bool) -> f64 {
  if per_minute <= 0.0 {
    return if dev { UNFITTED_DEV } else { UNFITTED };
  }
  let between = per_minute / 60_000.0 * interval * f64::from(FLOORS_BETWEEN);
  (between / SAMPLES_WANTED).clamp(NEAREST, FARTHEST).floor()
}

fn alarmed(state: State) -> bool {
  matches!(state, State::Suspect | State::Leaking)
}

#[cfg(test)]
mod tests {
  use super::*;

  #[test]
  fn a_healthy_process_is_never_armed_and_never_read() {
    let mut inquiry = Inquiry::default();
    for _ in 0..1000 {
      inquiry.floored(State::Steady);
      assert_eq!(inquiry.wish(0.0, 1.0, ProfileMode::Auto, State::Steady, true), None);
    }
  }

  #[test]
  fn suspicion_arms_once_reads_and_calm_puts_away() {
    let mut inquiry = Inquiry::default();
    inquiry.floored(State::Suspect);
    assert_eq!(inquiry.wish(0.0, 1.0, ProfileMode::Auto, State::Suspect, true), Some(Wish::Arm));
    assert_eq!(inquiry.wish(0.0, 1.0, ProfileMode::Auto, State::Suspect, true), None);
    inquiry.armed();
    inquiry.floored(State::Suspect);
    assert_eq!(inquiry.wish(0.0, 1.0, ProfileMode::Auto, State::Suspect, true), Some(Wish::Read));
    for _ in 0..CALM {
      inquiry.floored(State::Recovered);
    }
    assert_eq!(
      inquiry.wish(0.0, 1.0, ProfileMode::Auto, State::Recovered, true),
      Some(Wish::Disarm)
    );
    assert_eq!(inquiry.wish(0.0, 1.0, ProfileMode::Auto, State::Recovered, true), None);
  }

  #[test]
  fn a_read_that_would_stop_the_server_too_long_is_refused_and_tried_again_later() {
    let mut inquiry = Inquiry::default();
    inquiry.armed();
    inquiry.floored(State::Suspect);
    assert_eq!(inquiry.wish(0.0, 1.0, ProfileMode::Auto, State::Suspect, false), None);
    assert!(inquiry.refused());
    assert_eq!(
      inquiry.wish(0.0, 1.0, ProfileMode::Auto, State::Suspect, true),
      None,
      "not at once"
    );
    inquiry.floored(State::Suspect);
    assert_eq!(inquiry.wish(0.0, 1.0, ProfileMode::Auto, State::Suspect, true), Some(Wish::Read));
  }

  #[test]
  fn the_sampling_distance_follows_the_rate_within_its_bounds() {
    assert!((distance(1e3, 30_000.0, false) - NEAREST).abs() < 1.0);
    assert!((distance(1e12, 30_000.0, false) - FARTHEST).abs() < 1.0);
    let middle = distance(8e6, 30_000.0, false);
    assert!(middle > NEAREST && middle < FARTHEST, "{middle}");
  }
}
