//! Runs a world under the detector at the pace that ships, and counts what it says.

use crate::world::{DAY, MB, MINUTE, Running, World};
use leakguard::core::trend::{Config, Floor, State, Trend};

/// How floors come.
#[derive(Clone, Copy)]
pub struct Pace {
  pub steady: f64,
  pub suspect: f64,
}

/// `floorInterval` of the production preset: two minutes, a quarter of it under suspicion.
pub const PRODUCTION: Pace = Pace { steady: 2.0 * MINUTE, suspect: 0.5 * MINUTE };
/// A busy server whose own collections are frequent.
pub const BUSY: Pace = Pace { steady: 5_000.0, suspect: 5_000.0 };
/// Free budget of a process that may grow to 2 GB.
pub const LIMIT: f64 = 2048.0 * MB;

/// What was said.
#[derive(Debug, Default)]
pub struct Outcome {
  pub alarms: u32,
  pub suspected: f64,
  pub first: Option<f64>,
  pub window: &'static str,
  pub end: State,
  pub said: Vec<String>,
}

/// Runs `world` for `days`; ends early at the first alarm when `once`.
pub fn run(config: Config, pace: Pace, world: World, seed: u64, days: f64, once: bool) -> Outcome {
  let mut running = Running::new(world, seed);
  let mut trend = Trend::try_new(config).unwrap();
  let mut out = Outcome::default();
  let mut at = 0.0;
  while at < days * DAY {
    let wait = match trend.state() {
      State::Suspect | State::Leaking => pace.suspect,
      _ => pace.steady,
    };
    at += wait;
    let shown = running.look(at);
    trend.set_room((LIMIT - shown.bytes).max(1.0));
    let floor = Floor {
      at,
      heap: shown.bytes,
      external: 0.0,
      load: shown.load,
      work: shown.work,
      natural: false,
    };
    if trend.state() == State::Suspect {
      out.suspected += wait;
    }
    if let Some(change) = trend.push(floor) {
      out.said.push(format!("{:.2} h {:?}: {}", at / 3.6e6, change.to, change.reasons.join("; ")));
      if change.to == State::Suspect {
        out.alarms += 1;
        if out.first.is_none() {
          out.first = Some(at);
          out.window = trend.verdict().window;
        }
        if once {
          break;
        }
      }
    }
  }
  out.end = trend.state();
  out
}
