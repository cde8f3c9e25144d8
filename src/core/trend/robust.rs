//! Order statistics that one wild value cannot move: Kendall's test, the Theil-Sen slope, medians.
//!
//! *Why.* Floors are skewed, tied and spiky; least squares would follow the spike. These need no
//! distribution. *Cost.* O(n^2) for n <= 24 points: some microseconds; scratch memory is the
//! caller's.
//!
//! Sources: H. B. Mann, Econometrica 13 (1945) 245; M. G. Kendall, Rank Correlation Methods (1975),
//! for the variance under ties in both variables; H. Theil (1950); P. K. Sen, JASA 63 (1968) 1379,
//! for the interval; R. M. Hirsch, J. R. Slack, R. A. Smith, Water Resour. Res. 18 (1982) 107, for
//! seasons; S. Yue, C. Y. Wang, Water Resour. Manag. 18 (2004) 201, for serial correlation.

/// One observation: where on the axis, what was seen, and which season it belongs to.
///
/// Only observations of the same season are compared with each other.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Obs {
  /// Time or work.
  pub x: f64,
  /// Bytes.
  pub y: f64,
  /// 0 where there are no seasons.
  pub season: u32,
}

/// Kendall's S and its variance, summed over the seasons.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Kendall {
  /// Concordant minus discordant pairs.
  pub s: f64,
  /// Variance of S without a trend, corrected for ties in both variables.
  pub variance: f64,
}

impl Kendall {
  /// Standard score with continuity correction; `inflation` >= 1 widens the variance.
  #[must_use]
  pub fn z(self, inflation: f64) -> f64 {
    if self.variance <= 0.0 || self.s == 0.0 {
      return 0.0;
    }
    (self.s - self.s.signum()) / (self.variance * inflation.max(1.0)).sqrt()
  }
}

/// A median slope with its interval.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Line {
  /// Median of the slopes of all pairs.
  pub slope: f64,
  /// Lower end of the interval.
  pub low: f64,
  /// Upper end of the interval.
  pub high: f64,
}

/// A count as a real number.
#[must_use]
pub fn real(count: usize) -> f64 {
  u32::try_from(count).map_or(f64::MAX, f64::from)
}

/// The rank that lies at `share` (0..1) of `len` sorted values.
#[must_use]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..len")]
pub fn rank(len: usize, share: f64) -> usize {
  let last = len.saturating_sub(1);
  ((real(last) * share).round().clamp(0.0, real(last)) as usize).min(last)
}

/// The value at `share` of the sorted values (0.5: the upper median); 0 for none. Reorders
/// `values`.
#[must_use]
pub fn quantile(values: &mut [f64], share: f64) -> f64 {
  if values.is_empty() {
    return 0.0;
  }
  let at = rank(values.len(), share);
  *values.select_nth_unstable_by(at, f64::total_cmp).1
}

/// The median; of an even count the mean of the middle two. 0 for none. Reorders `values`.
#[must_use]
pub fn median(values: &mut [f64]) -> f64 {
  if values.is_empty() {
    return 0.0;
  }
  let (half, odd) = (values.len() / 2, values.len() % 2 == 1);
  let (below, middle, _) = values.select_nth_unstable_by(half, f64::total_cmp);
  let upper = *middle;
  if odd {
    return upper;
  }
  below.iter().copied().reduce(f64::max).map_or(upper, |lower| f64::midpoint(lower, upper))
}

/// Kendall's S between x and y within each season, and its variance.
#[must_use]
pub fn kendall(points: &[Obs]) -> Kendall {
  let mut total = Kendall::default();
  let seasons = points.iter().map(|p| p.season).max().unwrap_or(0);
  for season in 0..=seasons {
    let mut ties_x = Ties::default();
    let mut ties_y = Ties::default();
    let mut n = 0;
    for (i, a) in points.iter().enumerate().filter(|(_, p)| p.season == season) {
      n += 1;
      let (mut same_x, mut same_y) = (1_usize, 1_usize);
      let (mut seen_x, mut seen_y) = (false, false);
      for (j, b) in points.iter().enumerate().filter(|(_, p)| p.season == season) {
        if i == j {
          continue;
        }
        let (dx, dy) = (b.x - a.x, b.y - a.y);
        if j > i {
          total.s += sign(dx) * sign(dy);
        }
        if dx == 0.0 {
          same_x += 1;
          seen_x |= j < i;
        }
        if dy == 0.0 {
          same_y += 1;
          seen_y |= j < i;
        }
      }
      // A group of ties counts once, at its first member.
      if !seen_x {
        ties_x.add(same_x);
      }
      if !seen_y {
        ties_y.add(same_y);
      }
    }
    total.variance += variance(real(n), ties_x, ties_y);
  }
  total
}

#[derive(Clone, Copy, Default)]
struct Ties {
  pairs: f64,
  triples: f64,
  weighted: f64,
}

impl Ties {
  fn add(&mut self, size: usize) {
    let t = real(size);
    self.pairs += t * (t - 1.0);
    self.triples += t * (t - 1.0) * (t - 2.0);
    self.weighted += t * (t - 1.0) * (2.0 * t + 5.0);
  }
}

fn variance(n: f64, x: Ties, y: Ties) -> f64 {
  if n < 3.0 {
    return 0.0;
  }
  let free = n * (n - 1.0) * (2.0 * n + 5.0);
  (free - x.weighted - y.weighted) / 18.0
    + x.triples * y.triples / (9.0 * n * (n - 1.0) * (n - 2.0))
    + x.pairs * y.pairs / (2.0 * n * (n - 1.0))
}

fn sign(value: f64) -> f64 {
  if value > 0.0 {
    1.0
  } else if value < 0.0 {
    -1.0
  } else {
    0.0
  }
}

/// The slopes of all pairs of one season whose x differ, into `slopes`.
fn pair_slopes(points: &[Obs], slopes: &mut Vec<f64>) {
  slopes.clear();
  for (i, a) in points.iter().enumerate() {
    for b in points.iter().skip(i + 1) {
      let dx = b.x - a.x;
      if dx != 0.0 && a.season == b.season {
        slopes.push((b.y - a.y) / dx);
      }
    }
  }
}

/// The Theil-Sen slope of y over x; 0 where x never differs.
pub fn theil_sen(points: &[Obs], slopes: &mut Vec<f64>) -> f64 {
  pair_slopes(points, slopes);
  median(slopes)
}

/// The same with Sen's interval: the ranks `(N -+ z * sqrt(variance)) / 2` of the sorted slopes.
pub fn theil_sen_interval(points: &[Obs], deviation: f64, slopes: &mut Vec<f64>) -> Line {
  pair_slopes(points, slopes);
  slopes.sort_unstable_by(f64::total_cmp);
  let count = real(slopes.len());
  if slopes.is_empty() {
    return Line::default();
  }
  let share = if count > 0.0 { (deviation / count).min(1.0) } else { 1.0 };
  let at = |share: f64| slopes.get(rank(slopes.len(), share)).copied().unwrap_or(0.0);
  let (low, high) = (at((1.0 - share) / 2.0), at(f64::midpoint(1.0, share)));
  Line { slope: median(slopes), low, high }
}

/// Correlation of each value with the one before; 0 for constants and fewer than 4 values.
#[must_use]
pub fn lag_one(values: &[f64]) -> f64 {
  if values.len() < 4 {
    return 0.0;
  }
  let mean = values.iter().sum::<f64>() / real(values.len());
  let square = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>();
  if square <= 0.0 {
    return 0.0;
  }
  let product = values.iter().zip(values.iter().skip(1)).map(|(a, b)| (a - mean) * (b - mean));
  product.sum::<f64>() / square
}

/// Standard score of the rises among the steps that are not zero: 0 is expected of any walk without
/// drift, however long its memory.
#[must_use]
pub fn sign_of_steps(values: &[f64]) -> f64 {
  let steps = values.iter().zip(values.iter().skip(1)).map(|(a, b)| sign(b - a));
  let (sum, count) =
    steps.filter(|s| *s != 0.0).fold((0.0, 0.0), |(s, n), step| (s + step, n + 1.0));
  if count == 0.0 { 0.0 } else { sum / f64::sqrt(count) }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "small whole numbers are exact")]
mod tests {
  use super::*;

  fn series(values: &[f64]) -> Vec<Obs> {
    values.iter().zip(0_u32..).map(|(&y, i)| Obs { x: f64::from(i), y, season: 0 }).collect()
  }

  #[test]
  fn s_and_its_variance_agree_with_the_textbook() {
    // Ten rising values: S = 45, variance = 10 * 9 * 25 / 18 = 125.
    let rising: Vec<f64> = (0..10).map(f64::from).collect();
    let k = kendall(&series(&rising));
    assert_eq!((k.s, k.variance), (45.0, 125.0));
    assert!((k.z(1.0) - 44.0 / 125.0_f64.sqrt()).abs() < 1e-12);
    assert!((k.z(4.0) - k.z(1.0) / 2.0).abs() < 1e-12);
    // Counted by hand: 23 pairs rise, 2 fall, 3 are tied.
    let tied = kendall(&series(&[10.0, 22.0, 21.0, 30.0, 22.0, 30.0, 40.0, 40.0]));
    assert_eq!(tied.s, 21.0);
    assert!((tied.variance - (8.0 * 7.0 * 21.0 - 3.0 * 18.0) / 18.0).abs() < 1e-9);
  }

  #[test]
  fn a_constant_and_a_single_point_have_no_trend() {
    for values in [&[5.0; 12][..], &[1.0][..], &[][..]] {
      let mut slopes = Vec::new();
      assert_eq!(kendall(&series(values)).z(1.0), 0.0);
      assert_eq!(theil_sen(&series(values), &mut slopes), 0.0);
      assert_eq!(lag_one(values), 0.0);
      assert_eq!(sign_of_steps(values), 0.0);
    }
  }

  #[test]
  fn one_wild_value_does_not_move_the_slope() {
    let mut values: Vec<f64> = (0..24).map(|i| 3.0 * f64::from(i)).collect();
    values[11] = 1e9;
    let points = series(&values);
    let mut slopes = Vec::new();
    assert!((theil_sen(&points, &mut slopes) - 3.0).abs() < 1e-9);
    let line = theil_sen_interval(&points, 2.58 * kendall(&points).variance.sqrt(), &mut slopes);
    assert!(line.low <= 3.0 && line.high >= 3.0 && (line.slope - 3.0).abs() < 1e-9);
  }

  #[test]
  fn only_points_of_one_season_are_compared() {
    // A rhythm of three that climbs by 1 a round: across seasons it looks like noise.
    let points: Vec<Obs> = (0..21_u32)
      .map(|i| Obs {
        x: f64::from(i),
        y: [0.0, 90.0, 40.0][(i % 3) as usize] + f64::from(i / 3),
        season: i % 3,
      })
      .collect();
    let k = kendall(&points);
    assert_eq!(k.s, 63.0);
    assert!(k.z(1.0) > 5.0);
    let mut slopes = Vec::new();
    assert!((theil_sen(&points, &mut slopes) - 1.0 / 3.0).abs() < 1e-9);
  }

  #[test]
  fn quantiles_and_medians_are_those_of_the_sorted_values() {
    assert_eq!(median(&mut [4.0, 1.0, 3.0, 2.0]), 2.5);
    assert_eq!(median(&mut [4.0, 1.0, 3.0]), 3.0);
    assert_eq!(quantile(&mut [5.0, 1.0, 4.0, 2.0, 3.0], 0.75), 4.0);
    assert_eq!(quantile(&mut [], 0.5), 0.0);
  }

  #[test]
  fn memory_of_a_series_is_measured_and_steps_are_counted() {
    let alternating: Vec<f64> = (0..20).map(|i| f64::from(i % 2)).collect();
    assert!(lag_one(&alternating) < -0.9);
    let smooth: Vec<f64> = (0..20).map(|i| f64::from((i - 10) * (i - 10))).collect();
    assert!(lag_one(&smooth) > 0.7);
    let rising: Vec<f64> = (0..24).map(f64::from).collect();
    assert!((sign_of_steps(&rising) - 23.0_f64.sqrt()).abs() < 1e-12);
  }
}
