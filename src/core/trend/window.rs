//! A window: how far back it looks, in how many points, and how sure it must be.
//!
//! *Why.* A fast leak needs a verdict in minutes, a request log of 5 MB a day shows in a week. One
//! piece of code serves all horizons: time is cut into slots, each slot gives its lowest floor (the
//! trough: what stays when load is least), and the last two dozen are judged. The shortest window
//! takes every floor as it comes. Slots without a floor are left out; nothing is interpolated.
//! *Cost.* 24 points of 72 bytes, and the past of `Seen`.

use super::load::READINGS;
use super::seen::Seen;
use super::types::Config;
use crate::core::error::Result;
use crate::core::ring::Ring;

const MINUTE: f64 = 60_000.0;
const HOUR: f64 = 60.0 * MINUTE;
const DAY: f64 = 24.0 * HOUR;

/// A floor as a window keeps it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
  /// Monotonic ms.
  pub at: f64,
  /// Heap and external.
  pub bytes: f64,
  /// External alone.
  pub external: f64,
  /// Units of work, never falling.
  pub work: f64,
  /// Load now, and its means.
  pub loads: [f64; READINGS],
}

/// What makes a window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plan {
  /// As in `Verdict::window`.
  pub name: &'static str,
  /// Length of a slot, ms; 0: every floor is a point.
  pub slot: f64,
  /// Points when full.
  pub points: usize,
  /// Points without which it does not judge.
  pub least: usize,
  /// Consecutive positive judgements before it counts.
  pub confirmations: u32,
  /// Growth of less than this share of the floor is no growth.
  pub share: f64,
  /// It speaks when the budget would be used up within this, ms.
  pub horizon: f64,
  /// Or when the growth is at least this, bytes per ms.
  pub pace: f64,
  /// Slots in a day that are compared only with their like; 0 for none.
  pub seasons: u32,
}

const PLANS: [(&str, f64, usize, u32, f64, f64, u32); 6] = [
  // name, slot, points, confirmations, share, horizon, seasons
  ("1m", 2_500.0, 24, 3, 0.05, 2.0 * DAY, 0),
  ("10m", 25_000.0, 24, 3, 0.05, 2.0 * DAY, 0),
  ("2h", 5.0 * MINUTE, 24, 3, 0.05, 7.0 * DAY, 0),
  ("12h", 30.0 * MINUTE, 24, 3, 0.02, 14.0 * DAY, 0),
  ("48h", 2.0 * HOUR, 24, 2, 0.02, 14.0 * DAY, 0),
  ("7d", 8.0 * HOUR, 21, 2, 0.02, 14.0 * DAY, 3),
];
const SHORT_HORIZON: f64 = 2.0 * DAY;
const FULL_HORIZON: f64 = 14.0 * DAY;
/// 0.1 MB an hour: what a log of a few megabytes a day makes.
const SLOW: f64 = 0.1 * 1_048_576.0 / HOUR;

impl Plan {
  /// All windows of a configuration, shortest first.
  pub fn all(config: &Config) -> impl Iterator<Item = Self> + '_ {
    let horizon = |own: f64| if config.eager { FULL_HORIZON } else { own };
    let short = Self {
      name: "short",
      slot: 0.0,
      points: config.points,
      least: config.min_points,
      confirmations: config.confirmations,
      share: 0.05,
      horizon: horizon(SHORT_HORIZON),
      pace: f64::INFINITY,
      seasons: 0,
    };
    let longer =
      PLANS.into_iter().map(move |(name, slot, points, confirmations, share, own, seasons)| {
        let pace = if slot >= 2.0 * HOUR { SLOW } else { f64::INFINITY };
        let least = points * 5 / 6;
        let horizon = horizon(own);
        Self { name, slot, points, least, confirmations, share, horizon, pace, seasons }
      });
    std::iter::once(short).chain(longer)
  }
}

/// The points of one plan, and what came before them.
#[derive(Clone, Debug)]
pub struct Window {
  /// What makes it.
  pub plan: Plan,
  points: Ring<Point>,
  open: Option<Point>,
  seen: Seen,
}

impl Window {
  /// Takes all memory that it will ever use.
  pub fn try_new(plan: Plan) -> Result<Self> {
    Ok(Self { plan, points: Ring::try_new(plan.points)?, open: None, seen: Seen::try_new()? })
  }

  /// Takes a floor; true when a point was completed, so that a new judgement is due.
  pub fn push(&mut self, point: Point) -> bool {
    if self.plan.slot <= 0.0 {
      self.keep(point);
      return true;
    }
    let closed = self.close(point.at);
    match &mut self.open {
      Some(lowest) if lowest.bytes <= point.bytes => {}
      open => *open = Some(point),
    }
    closed
  }

  /// Completes the slot that ended before `now`, if one did.
  pub fn close(&mut self, now: f64) -> bool {
    let ended = |p: &Point| self.slot_of(p.at) < self.slot_of(now);
    if !self.open.as_ref().is_some_and(ended) {
      return false;
    }
    if let Some(point) = self.open.take() {
      self.keep(point);
    }
    true
  }

  /// The completed points, oldest first. Those that lie further back than twice the window's length
  /// (a gap, or floors that come too seldom for it) are left out.
  pub fn points(&self) -> impl Iterator<Item = &Point> {
    let newest = self.points.last().map_or(0.0, |p| p.at);
    let reach = if self.plan.slot > 0.0 {
      newest - 2.0 * self.plan.slot * super::robust::real(self.plan.points)
    } else {
      f64::MIN
    };
    self.points.iter().filter(move |p| p.at >= reach)
  }

  /// The season of a time.
  pub fn season(&self, at: f64) -> u32 {
    if self.plan.seasons == 0 {
      return 0;
    }
    let slot = self.slot_of(at).rem_euclid(f64::from(self.plan.seasons));
    (1..self.plan.seasons).rev().find(|season| slot >= f64::from(*season)).unwrap_or(0)
  }

  /// The level that was held before this window began.
  pub fn seen(&self) -> Option<f64> {
    self.seen.level()
  }

  /// Own memory.
  pub fn bytes_owned(&self) -> usize {
    size_of::<Self>() + self.points.capacity() * size_of::<Point>() + self.seen.bytes_owned()
  }

  fn keep(&mut self, point: Point) {
    if let Some(old) = self.points.push(point) {
      self.seen.push(old.at, old.bytes);
    }
  }

  fn slot_of(&self, at: f64) -> f64 {
    (at / self.plan.slot).floor()
  }
}

#[cfg(test)]
mod tests {
  use super::*;
  use crate::core::trend::types::Config;

  fn point(at: f64, bytes: f64) -> Point {
    Point { at, bytes, ..Point::default() }
  }

  fn named(name: &str) -> Window {
    let plan = Plan::all(&Config::production()).find(|p| p.name == name).unwrap();
    Window::try_new(plan).unwrap()
  }

  #[test]
  fn each_slot_gives_its_lowest_floor() {
    let mut window = named("2h");
    for (minute, bytes) in [(0.0, 9.0), (2.0, 4.0), (4.0, 7.0), (6.0, 8.0), (20.0, 5.0)] {
      window.push(point(minute * MINUTE, bytes));
    }
    assert_eq!(window.points().map(|p| p.bytes).collect::<Vec<_>>(), [4.0, 8.0]);
    assert!(window.close(26.0 * MINUTE));
    assert!(!window.close(40.0 * MINUTE));
    assert_eq!(window.points().last().map(|p| p.at), Some(20.0 * MINUTE));
  }

  #[test]
  fn the_short_window_takes_every_floor() {
    let mut window = named("short");
    for i in 0..30_u32 {
      assert!(window.push(point(f64::from(i), 1.0)));
    }
    assert_eq!(window.points().count(), 24);
    assert_eq!(window.points().next().map(|p| p.at), Some(6.0));
  }

  #[test]
  fn points_from_before_a_long_gap_are_left_out() {
    let mut window = named("2h");
    for minute in 0..60_u32 {
      window.push(point(f64::from(minute) * MINUTE, 1.0));
    }
    window.push(point(1000.0 * MINUTE, 1.0));
    window.push(point(1006.0 * MINUTE, 1.0));
    assert_eq!(window.points().count(), 1);
  }

  #[test]
  fn a_day_has_three_seasons_in_the_longest_window() {
    let window = named("7d");
    let seasons: Vec<u32> =
      (0..7_u32).map(|i| window.season(f64::from(i) * 8.0 * HOUR + 1.0)).collect();
    assert_eq!(seasons, [0, 1, 2, 0, 1, 2, 0]);
    assert_eq!(named("2h").season(1e12), 0);
  }
}
