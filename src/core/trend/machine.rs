//! The state machine: warming, steady, suspect, leaking, recovered.
//!
//! *Why.* One judgement is an opinion, a state is what people act upon: it is entered after several
//! judgements in a row and left only on evidence of the opposite. A suspicion is dropped when
//! a window as long as the one that raised it, filled since with comparable work, is flat; or when what grew was given back.
//! A shorter one could not have seen such growth and proves nothing.
//! *Cost.* One window more while there is growth.

use super::robust::{median, real};
use super::types::{Config, State};
use super::verdict::{Frame, Judgement, Objection, judge};
use super::window::{Plan, Point, Window};
use crate::core::error::Result;
use crate::core::ring::Ring;

/// A slope below this share of the confirmed one is flat.
const FLAT: f64 = 0.2;
/// A calm window counts when it is this full, of the length of the window that raised suspicion.
const LONG_ENOUGH: f64 = 0.8;
/// Work in a calm window, against the work done when the floor grew, without which calm says nothing.
const COMPARABLE: f64 = 0.5;
/// Floors whose median must have come down.
const FALLEN: usize = 5;
/// Longer windows hold a day's trough already: there a low level is the night, not a release, ms.
const A_MORNING: f64 = 6.0 * 3_600_000.0;
/// Differences in a row in which somebody explains half.
const NAMINGS: u32 = 2;

/// A window with its last judgement.
#[derive(Clone, Debug)]
pub struct Watch {
  /// The points.
  pub window: Window,
  /// What they said last.
  pub judged: Judgement,
  /// How many times in a row there was no objection.
  pub streak: u32,
}

impl Watch {
  /// Judges anew.
  pub fn judge(&mut self, frame: Frame, slopes: &mut Vec<f64>) {
    self.judged = judge(&self.window, frame, slopes);
    self.streak = match self.judged.objection {
      Objection::None => self.streak.saturating_add(1),
      _ => 0,
    };
  }

  /// Whether it speaks.
  pub fn is_sure(&self) -> bool {
    self.streak >= self.window.plan.confirmations
  }
}

/// Growth that was confirmed.
#[derive(Clone, Copy, Debug)]
pub struct Growth {
  /// The window that carries it.
  pub plan: Plan,
  /// Its last judgement without objection.
  pub judged: Judgement,
  /// When it began, ms.
  pub since: f64,
}

/// State, and what it rests on.
#[derive(Clone, Debug)]
pub struct Machine {
  /// Where the process stands.
  pub state: State,
  /// Since when, ms.
  pub since: f64,
  /// The growth that made it suspect; kept until it is steady again.
  pub growth: Option<Growth>,
  /// Flat, but hardly any work was done.
  pub waits_for_work: bool,
  calm: Option<Window>,
  recent: Ring<f64>,
  namings: u32,
}

impl Machine {
  /// Starts warming up.
  pub fn try_new() -> Result<Self> {
    Ok(Self {
      state: State::Warming,
      since: 0.0,
      growth: None,
      waits_for_work: false,
      calm: None,
      recent: Ring::try_new(FALLEN)?,
      namings: 0,
    })
  }

  /// Takes the floor into the window that waits for calm.
  pub fn push(&mut self, point: Point) {
    if let Some(calm) = &mut self.calm {
      calm.push(point);
      self.recent.push(point.bytes);
    }
  }

  /// Moves on after new judgements; true when the state changed.
  pub fn advance(&mut self, now: f64, watches: &[Watch], frame: Frame, slopes: &mut Vec<f64>) -> bool {
    let sure = watches.iter().find(|w| w.is_sure());
    match (self.state, sure) {
      (State::Warming | State::Steady | State::Recovered, Some(watch)) => {
        self.follow(watch);
        self.namings = 0;
        self.enter(State::Suspect, now)
      }
      (State::Warming, None) => {
        let judged = watches.iter().any(|w| w.judged.objection != Objection::TooFew);
        judged && self.enter(State::Steady, now)
      }
      (State::Steady, None) => false,
      (State::Suspect | State::Leaking, Some(watch)) => {
        let carrier = self.growth.map(|g| g.plan.name);
        let carrier = watches.iter().find(|w| w.is_sure() && Some(w.window.plan.name) == carrier);
        self.follow(carrier.unwrap_or(watch));
        false
      }
      (State::Suspect | State::Leaking, None) => {
        if self.has_fallen() || self.is_calm(frame, slopes) {
          self.rest();
          return self.enter(State::Recovered, now);
        }
        false
      }
      (State::Recovered, None) => {
        if self.is_calm(frame, slopes) {
          self.growth = None;
          self.calm = None;
          return self.enter(State::Steady, now);
        }
        false
      }
    }
  }

  /// Somebody explains `share` of the growth in one difference; true when that makes it a leak.
  pub fn attributed(&mut self, now: f64, share: f64) -> bool {
    if self.state != State::Suspect {
      return false;
    }
    self.namings = if share >= 0.5 { self.namings + 1 } else { 0 };
    self.namings >= NAMINGS && self.enter(State::Leaking, now)
  }

  /// Own memory beside the struct.
  pub fn bytes_owned(&self) -> usize {
    self.calm.as_ref().map_or(0, Window::bytes_owned) + FALLEN * size_of::<f64>()
  }

  fn enter(&mut self, state: State, now: f64) -> bool {
    self.state = state;
    self.since = now;
    self.waits_for_work = false;
    true
  }

  /// Takes a window's judgement as the growth; the calm window gets its length.
  fn follow(&mut self, watch: &Watch) {
    let began = watch.judged.from;
    let fresh = matches!(self.state, State::Suspect | State::Leaking);
    let before = self.growth.filter(|_| fresh);
    let longer = before.is_none_or(|g| watch.judged.span > 1.5 * g.judged.span);
    let start = before.map_or(watch.judged.start, |g| g.judged.start);
    self.growth = Some(Growth {
      plan: watch.window.plan,
      judged: Judgement { start, ..watch.judged },
      since: before.map_or(began, |g| g.since.min(began)),
    });
    if longer || self.calm.is_none() {
      self.rest();
    }
  }

  /// Begins to wait for calm, from now on.
  fn rest(&mut self) {
    self.recent.clear();
    self.calm = self.growth.and_then(|growth| {
      let points = growth.plan.points;
      let slot = if growth.plan.seasons > 0 {
        growth.plan.slot
      } else {
        growth.judged.span / real(points.saturating_sub(1).max(1))
      };
      let plan = Plan { slot, least: points * 2 / 3, ..growth.plan };
      Window::try_new(plan).ok()
    });
  }

  fn has_fallen(&self) -> bool {
    let Some(growth) = self.growth else { return false };
    if self.recent.len() < FALLEN || growth.judged.span >= A_MORNING {
      return false;
    }
    let now = median(&mut self.recent.iter().copied().collect::<Vec<_>>());
    now <= growth.judged.start
  }

  fn is_calm(&mut self, frame: Frame, slopes: &mut Vec<f64>) -> bool {
    let (Some(growth), Some(calm)) = (self.growth, &self.calm) else { return false };
    let told = growth.judged;
    let seen = judge(calm, frame, slopes);
    let pace = told.growth / told.span;
    if seen.objection == Objection::TooFew
      || seen.span < LONG_ENOUGH * told.span
      || seen.rising
      || seen.line.slope >= FLAT * pace
    {
      return false;
    }
    let usual = told.work / told.span * seen.span;
    self.waits_for_work = seen.work < COMPARABLE * usual;
    !self.waits_for_work
  }
}

impl Config {
  /// What ships: floors every two minutes, a verdict that may be believed.
  #[must_use]
  pub fn production() -> Self {
    Self {
      warmup: 600_000.0,
      points: 24,
      min_points: 20,
      confirmations: 5,
      z: 2.58,
      room: 0.0,
      eager: false,
    }
  }

  /// At the desk: floors every two seconds, a first verdict within a minute.
  #[must_use]
  pub fn dev() -> Self {
    Self {
      warmup: 8_000.0,
      points: 20,
      min_points: 16,
      confirmations: 3,
      z: 2.58,
      room: 0.0,
      eager: true,
    }
  }
}
