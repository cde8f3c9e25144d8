//! The room as its users see it: readiness, bad input, counters, own memory.

use super::*;

fn floor(at: f64, heap: f64) -> Floor {
  Floor { at, heap, ..Floor::default() }
}

#[test]
fn it_says_when_a_verdict_can_be_expected() {
  let mut trend = Trend::try_new(Config::production()).unwrap();
  assert_eq!(trend.ready_in(0.0), Some(600_000.0 + 20.0 * 120_000.0));
  let mut at = 0.0;
  while trend.state() == State::Warming {
    at += 60_000.0;
    trend.push(floor(at, 5e7));
  }
  assert_eq!(trend.ready_in(at), None);
  assert_eq!((at, trend.state()), (29.0 * 60_000.0, State::Steady));
}

#[test]
fn floors_that_cannot_be_are_passed_over() {
  let mut trend = Trend::try_new(Config { warmup: 0.0, ..Config::production() }).unwrap();
  for at in 0..30_u32 {
    trend.push(floor(f64::from(at) * 1000.0, 5e7));
  }
  let before = trend.verdict().clone();
  for bad in [floor(f64::NAN, 1.0), floor(31_000.0, f64::INFINITY), floor(3.0, 9e9)] {
    assert_eq!(trend.push(bad), None);
  }
  assert_eq!(trend.tick(f64::NAN), None);
  assert_eq!(trend.verdict(), &before);
}

#[test]
fn a_counter_that_is_reset_goes_on_counting() {
  let mut trend = Trend::try_new(Config::dev()).unwrap();
  for (at, work) in [(1.0, 10.0), (2.0, 30.0), (3.0, 5.0), (4.0, 9.0), (5.0, f64::NAN)] {
    trend.push(Floor { at, work, ..Floor::default() });
  }
  assert!((trend.work - 29.0).abs() < 1e-9);
}

#[test]
fn its_own_memory_is_small_and_stays() {
  let mut trend = Trend::try_new(Config::production()).unwrap();
  for i in 0..20_000_u32 {
    trend.push(floor(f64::from(i) * 120_000.0, 1e8 + f64::from(i) * 1e4));
  }
  assert!(trend.bytes_owned() < 64 * 1024, "{}", trend.bytes_owned());
}

#[test]
fn a_configuration_that_cannot_judge_is_refused() {
  let good = Config::production();
  for bad in [
    Config { points: 3, ..good },
    Config { min_points: 25, ..good },
    Config { confirmations: 0, ..good },
    Config { warmup: f64::NAN, ..good },
    Config { z: 0.0, ..good },
  ] {
    assert!(matches!(Trend::try_new(bad), Err(Error::OutOfRange { .. })));
  }
  assert!(Trend::try_new(Config::dev()).is_ok());
}
