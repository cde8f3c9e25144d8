//! What load explains of a floor: the covariate that keeps a busy morning from looking like a leak.
//!
//! *Why.* Sessions, connections and queues hold memory in proportion to load, and follow it with a
//! delay. So three readings of load stand by (now, its mean over 30 minutes, over 2 hours) and the
//! one that leaves the least spread is taken. The share that it may explain is bounded: memory that
//! a load holds grows at most in proportion to it, so a load that rose by a tenth explains a tenth
//! of the floor at most, and an idle wobble of the load can never explain a leak away. Where load
//! and time rose together the load gets the credit first (an abstention, not an acquittal: the
//! night will tell them apart).
//! *Cost.* 40 bytes, and a few Theil-Sen passes for each judgement.
//!
//! Source: C. Libiseller, A. Grimvall, Environmetrics 13 (2002) 71, for the idea of testing a trend
//! beside a covariate; the alternating fit is backfitting (Hastie, Tibshirani 1990) with median
//! slopes.

use super::robust::{self, Obs, median, theil_sen};

/// Readings of load that stand beside each floor.
pub const READINGS: usize = 3;
const SPANS: [f64; 2] = [1_800_000.0, 7_200_000.0];
const ROUNDS: usize = 3;

/// Load now and its exponential means.
#[derive(Clone, Copy, Debug, Default)]
pub struct Load {
  at: Option<f64>,
  sums: [f64; 2],
  weights: [f64; 2],
}

impl Load {
  /// Takes the load of one floor and returns its readings.
  ///
  /// The means are divided by the weight seen so far (as in Adam, Kingma & Ba 2015): without that
  /// they would climb from 0 for hours and be collinear with every young leak.
  pub fn read(&mut self, at: f64, load: f64) -> [f64; READINGS] {
    let elapsed = self.at.map_or(0.0, |before| (at - before).max(0.0));
    let first = self.at.is_none();
    self.at = Some(at);
    let mut readings = [load; READINGS];
    let slots = self.sums.iter_mut().zip(self.weights.iter_mut()).zip(SPANS);
    for (((sum, weight), span), reading) in slots.zip(readings.iter_mut().skip(1)) {
      let keep = if first { 0.0 } else { (-elapsed / span).exp() };
      let fresh = if first { 1e-9 } else { 1.0 - keep };
      *sum = *sum * keep + load * fresh;
      *weight = *weight * keep + fresh;
      if *weight > 0.0 {
        *reading = *sum / *weight;
      }
    }
    readings
  }
}

/// Subtracts from every `y` what load explains of it. Returns the bytes per unit of load, 0 for
/// none.
///
/// `loads` runs along with `points`.
pub fn explain(points: &mut [Obs], loads: &[[f64; READINGS]], slopes: &mut Vec<f64>) -> f64 {
  let mut ys: Vec<f64> = points.iter().map(|p| p.y).collect();
  let level = median(&mut ys);
  let mut best: Option<(f64, usize, f64)> = None;
  for which in 0..READINGS {
    let of = |row: &[f64; READINGS]| row.get(which).copied().unwrap_or(0.0);
    let mut column: Vec<f64> = loads.iter().map(of).collect();
    let (low, high) =
      column.iter().fold((f64::MAX, f64::MIN), |(low, high), v| (low.min(*v), high.max(*v)));
    if high <= low {
      continue;
    }
    let typical = robust::quantile(&mut column, 0.5);
    let most = if typical > 0.0 { level / typical } else { level / high };
    let (b, c) = fit(points, loads, which, most, 1, slopes);
    if b <= 0.0 {
      continue;
    }
    let mut rest: Vec<f64> =
      points.iter().zip(loads).map(|(p, row)| p.y - b * of(row) - c * p.x).collect();
    let middle = median(&mut rest);
    for r in &mut rest {
      *r = (*r - middle).abs();
    }
    let spread = median(&mut rest);
    if best.is_none_or(|(least, _, _)| spread < least) {
      best = Some((spread, which, most));
    }
  }
  let Some((_, which, most)) = best else {
    return 0.0;
  };
  let (b, _) = fit(points, loads, which, most, ROUNDS, slopes);
  for (point, row) in points.iter_mut().zip(loads) {
    point.y -= b * row.get(which).copied().unwrap_or(0.0);
  }
  b
}

/// `y = a + b * load + c * x` by turns, load first; `0 <= b <= most`.
fn fit(
  points: &[Obs],
  loads: &[[f64; READINGS]],
  which: usize,
  most: f64,
  rounds: usize,
  slopes: &mut Vec<f64>,
) -> (f64, f64) {
  let (mut b, mut c) = (0.0, 0.0);
  let mut work: Vec<Obs> = points.to_vec();
  let load = |row: &[f64; READINGS]| row.get(which).copied().unwrap_or(0.0);
  for _ in 0..rounds {
    for ((w, p), row) in work.iter_mut().zip(points).zip(loads) {
      *w = Obs { x: load(row), y: p.y - c * p.x, season: 0 };
    }
    b = theil_sen(&work, slopes).clamp(0.0, most.max(0.0));
    for ((w, p), row) in work.iter_mut().zip(points).zip(loads) {
      *w = Obs { x: p.x, y: p.y - b * load(row), season: p.season };
    }
    c = theil_sen(&work, slopes);
  }
  (b, c)
}

#[cfg(test)]
mod tests {
  use super::*;

  #[test]
  fn the_means_of_a_constant_load_are_that_load_from_the_first_floor_on() {
    let mut load = Load::default();
    for minute in 0..300 {
      let readings = load.read(f64::from(minute) * 60_000.0, 120.0);
      assert!(readings.iter().all(|r| (r - 120.0).abs() < 1e-6), "{readings:?}");
    }
  }

  #[test]
  fn a_floor_in_step_with_load_keeps_no_trend() {
    let loads: Vec<[f64; 3]> = (0..24).map(|i| [100.0 + 10.0 * f64::from(i); 3]).collect();
    let mut points: Vec<Obs> = loads
      .iter()
      .zip(0_u32..)
      .map(|(l, i)| Obs { x: f64::from(i), y: 1000.0 + 2.0 * l[0], season: 0 })
      .collect();
    let b = explain(&mut points, &loads, &mut Vec::new());
    assert!((b - 2.0).abs() < 1e-9);
    assert!(points.iter().all(|p| (p.y - 1000.0).abs() < 1e-6));
  }

  #[test]
  fn a_load_that_hardly_moved_cannot_explain_growth() {
    // Load up by 2 %, floor up by 100 %: at most some 3 % of the floor are the load's.
    let loads: Vec<[f64; 3]> = (0..24).map(|i| [100.0 + f64::from(i) / 12.0; 3]).collect();
    let mut points: Vec<Obs> = (0..24_u32)
      .map(|i| Obs { x: f64::from(i), y: 1000.0 + 40.0 * f64::from(i), season: 0 })
      .collect();
    explain(&mut points, &loads, &mut Vec::new());
    assert!(points[23].y - points[0].y > 850.0);
  }
}
