//! Judges one window: is there growth that lasts, and is it large, new and near enough to be told?
//!
//! *Why.* A significant slope alone is no leak: caches fill, code is compiled, mornings are busy.
//! So six questions are asked in turn and the first "no" is kept, because people want to know it:
//! enough points? significant after serial correlation? large? not slowing down? beyond what was
//! seen before? and does the budget end soon? Time and work done are both tried as the axis: a leak
//! by request pauses when nobody asks.
//! *Cost.* Some 50 us for 24 points.

use super::load::explain;
use super::robust::{
  Line, Obs, kendall, lag_one, median, quantile, real, sign_of_steps, theil_sen, theil_sen_interval,
};
use super::window::{Point, Window};

const MB: f64 = 1_048_576.0;
/// Growth below this is no growth, whatever the floor, bytes.
const LEAST_GROWTH: f64 = 0.5 * MB;
/// The last third must be at least this fast, against the whole: a filling cache or code that is
/// being compiled is not. (The slope of an exponential approach falls below it within one time
/// constant.)
const TAIL: f64 = 0.6;
/// Points without which a tail has no slope.
const TAIL_POINTS: usize = 5;
/// Level of the budget above which growth counts even where the process has been before.
const NEARLY_FULL: f64 = 0.7;
/// Work below this share of the usual is idling.
const IDLE: f64 = 0.1;

/// Why a window is not positive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Objection {
  /// None: it is positive.
  None,
  /// Too few points for a judgement.
  #[default]
  TooFew,
  /// A rise that chance explains.
  Chance,
  /// A rise that goes with the load.
  Load,
  /// Too small to matter.
  Small,
  /// Slowing down.
  Slowing,
  /// The process was at this level before.
  SeenBefore,
  /// At this rate the budget lasts longer than the window can foresee.
  FarOff,
}

/// What one window says.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Judgement {
  /// Points judged.
  pub points: usize,
  /// Monotonic ms of the first one.
  pub from: f64,
  /// From first to last, ms.
  pub span: f64,
  /// Test statistic.
  pub z: f64,
  /// Bytes per ms.
  pub line: Line,
  /// Rise over the span, bytes.
  pub growth: f64,
  /// Typical level of the first third.
  pub start: f64,
  /// Bytes per unit of work, where work was done.
  pub per_unit: Option<f64>,
  /// Median slope over work, bytes per unit, significant or not; 0 without work.
  pub unit: f64,
  /// Units done in the span.
  pub work: f64,
  /// Share of the growth that is external, 0..1.
  pub external: f64,
  /// Little work was done.
  pub idle: bool,
  /// Significant and large.
  pub rising: bool,
  /// The first "no".
  pub objection: Objection,
}

/// What a judgement needs beside the points.
#[derive(Clone, Copy, Debug, Default)]
pub struct Frame {
  /// z to pass.
  pub z: f64,
  /// Bytes left in the nearer budget; 0: unknown.
  pub room: f64,
  /// Usual units of work per ms.
  pub usual: f64,
}

/// What is known along one axis.
#[derive(Clone, Copy, Default)]
struct Along {
  z: f64,
  /// Standard deviation of Kendall's S.
  deviation: f64,
  slope: f64,
  growth: f64,
  tail: f64,
}

impl Along {
  fn passes(&self, z: f64, least: f64) -> bool {
    self.z >= z && self.growth > least && self.tail >= TAIL * self.slope
  }
}

/// Judges what a window holds now.
pub fn judge(window: &Window, frame: Frame, slopes: &mut Vec<f64>) -> Judgement {
  let plan = window.plan;
  let points: Vec<Point> = window.points().copied().collect();
  let (Some(first), Some(last)) = (points.first(), points.last()) else {
    return Judgement::default();
  };
  let mut out = Judgement {
    points: points.len(),
    from: first.at,
    span: last.at - first.at,
    work: last.work - first.work,
    ..Judgement::default()
  };
  if out.points < plan.least || out.span <= 0.0 {
    return out;
  }
  let third = out.points / 3;
  out.start = level(points.iter().take(third));
  out.idle = frame.usual > 0.0 && out.work / out.span < IDLE * frame.usual;

  let season = |p: &Point| window.season(p.at);
  let mut residuals: Vec<Obs> =
    points.iter().map(|p| Obs { x: p.at - first.at, y: p.bytes, season: season(p) }).collect();
  let loads: Vec<_> = points.iter().map(|p| p.loads).collect();
  let unadjusted = theil_sen(&residuals, slopes);
  explain(&mut residuals, &loads, slopes);
  let by_time = along(&residuals, slopes);
  let by_load = (unadjusted - by_time.slope) * out.span;
  let by_work = if out.work > 0.0 {
    let on_work = residuals.iter().zip(&points).map(|(r, p)| Obs { x: p.work - first.work, ..*r });
    along(&on_work.collect::<Vec<_>>(), slopes)
  } else {
    Along::default()
  };
  out.line = theil_sen_interval(&residuals, frame.z * by_time.deviation, slopes);

  let all: Vec<f64> = points.iter().map(|p| p.bytes).collect();
  let floor = median(&mut all.clone());
  let enough = LEAST_GROWTH.max(plan.share * floor);
  let works = by_work.passes(frame.z, enough);
  let best = if works && !by_time.passes(frame.z, enough) { by_work } else { by_time };
  out.unit = by_work.slope;
  if works {
    out.per_unit = Some(by_work.slope);
  }
  out.z = best.z;
  out.growth = best.growth;
  out.rising = best.z >= frame.z && best.growth > enough;
  let externals: Vec<Obs> =
    points.iter().map(|p| Obs { x: p.at, y: p.external, season: season(p) }).collect();
  let external = theil_sen(&externals, slopes) * out.span;
  out.external = if best.growth > 0.0 { (external / best.growth).clamp(0.0, 1.0) } else { 0.0 };

  let top = quantile(&mut all.clone(), 0.95);
  let pace = best.growth / out.span;
  let near = frame.room > 0.0 && floor / (floor + frame.room) > NEARLY_FULL;
  let is_news = near || window.seen().is_none_or(|seen| top - seen > enough);
  let is_soon = frame.room <= 0.0 || frame.room <= pace * plan.horizon || pace >= plan.pace;
  out.objection = if best.z < frame.z || best.growth <= 0.0 {
    if by_load > enough { Objection::Load } else { Objection::Chance }
  } else if best.growth <= enough {
    if by_load > enough { Objection::Load } else { Objection::Small }
  } else if best.tail < TAIL * best.slope {
    Objection::Slowing
  } else if !is_news {
    Objection::SeenBefore
  } else if !is_soon {
    Objection::FarOff
  } else {
    Objection::None
  };
  out
}

/// The typical level of some points.
pub fn level<'a>(points: impl Iterator<Item = &'a Point>) -> f64 {
  median(&mut points.map(|p| p.bytes).collect::<Vec<_>>())
}

/// Judges along one axis what is left after load.
fn along(left: &[Obs], slopes: &mut Vec<f64>) -> Along {
  let reach = left.last().map_or(0.0, |p| p.x) - left.first().map_or(0.0, |p| p.x);
  let slope = theil_sen(left, slopes);
  let (z, deviation) = significance(left, slope);
  Along { z, deviation, slope, growth: slope * reach, tail: tail(left, reach, slopes) }
}

/// Kendall's z, widened for serial correlation; or, where that asks too much of a smooth curve, the
/// smaller of the plain z and the sign test of the steps.
///
/// Both roads end in the same null hypotheses: noise with memory (the first), a walk without drift
/// (the second).
fn significance(left: &[Obs], slope: f64) -> (f64, f64) {
  let mut around: Vec<Obs> = left.to_vec();
  for p in &mut around {
    p.y -= slope * p.x;
  }
  let seasons = left.iter().map(|p| p.season).max().unwrap_or(0);
  for season in 0..=seasons {
    let of = |p: &&Obs| p.season == season;
    let middle = median(&mut around.iter().filter(of).map(|p| p.y).collect::<Vec<_>>());
    around.iter_mut().filter(|p| p.season == season).for_each(|p| p.y -= middle);
  }
  let r = memory(&around.iter().map(|p| p.y).collect::<Vec<_>>());
  let test = kendall(left);
  let inflation = (1.0 + r) / (1.0 - r);
  let widened = test.z(inflation);
  let deviation = (test.variance * inflation).sqrt();
  if seasons > 0 {
    return (widened, deviation);
  }
  let steps = sign_of_steps(&left.iter().map(|p| p.y).collect::<Vec<_>>());
  (widened.max(test.z(1.0).min(steps)), deviation)
}

/// Lag-one correlation, freed of its bias: where a line was fitted to n values it comes out too low
/// by about (2 + 4r) / n (Kendall, Biometrika 41 (1954) 403; Marriott & Pope, the same issue, 390).
fn memory(around: &[f64]) -> f64 {
  let n = real(around.len());
  ((n * lag_one(around) + 2.0) / (n - 4.0).max(1.0)).clamp(0.0, 0.95)
}

/// Slope of the last third of the axis, of five points at least.
fn tail(left: &[Obs], reach: f64, slopes: &mut Vec<f64>) -> f64 {
  let end = left.last().map_or(0.0, |p| p.x);
  let inside = left.iter().filter(|p| p.x >= end - reach / 3.0).count();
  let count = inside.max(TAIL_POINTS).min(left.len());
  left.get(left.len() - count..).map_or(0.0, |last| theil_sen(last, slopes))
}

#[cfg(test)]
mod tests {
  use super::*;
  use crate::core::trend::types::Config;
  use crate::core::trend::window::Plan;

  const MINUTE: f64 = 60_000.0;

  /// The short window with a floor each minute: (bytes in MB, load).
  fn judged(floors: impl Iterator<Item = (f64, f64)>, room: f64) -> Judgement {
    let plan = Plan::all(&Config::production()).next().unwrap();
    let mut window = Window::try_new(plan).unwrap();
    for (i, (mb, load)) in (0_u32..).zip(floors) {
      let at = f64::from(i) * MINUTE;
      window.push(Point {
        at,
        bytes: mb * MB,
        work: f64::from(i),
        loads: [load; 3],
        external: 0.0,
      });
    }
    judge(&window, Frame { z: 2.58, room, usual: 0.0 }, &mut Vec::new())
  }

  fn objection(floors: impl Iterator<Item = (f64, f64)>) -> Objection {
    judged(floors, 0.0).objection
  }

  #[test]
  fn each_no_has_its_own_name() {
    let i = || (0..24).map(f64::from);
    assert_eq!(objection(i().map(|i| (50.0 + i, 1.0)).take(19)), Objection::TooFew);
    assert_eq!(objection(i().map(|i| (50.0 + i % 2.0, 1.0))), Objection::Chance);
    assert_eq!(objection(i().map(|i| (50.0 + i / 100.0, 1.0))), Objection::Small);
    assert_eq!(objection(i().map(|i| (50.0 + i, 50.0 + i))), Objection::Load);
    assert_eq!(
      objection(i().map(|i| (50.0 + 30.0 * (1.0 - (-i / 6.0).exp()), 1.0))),
      Objection::Slowing
    );
    assert_eq!(objection(i().chain(i()).map(|i| (50.0 + i, 1.0))), Objection::SeenBefore);
    assert_eq!(objection(i().map(|i| (50.0 + i, 1.0))), Objection::None);
    let far = judged(i().map(|i| (50.0 + i, 1.0)), 1e6 * MB);
    assert_eq!((far.objection, far.rising), (Objection::FarOff, true));
  }

  #[test]
  fn growth_that_speeds_up_is_found_although_its_residuals_have_memory() {
    let curve = (0..24).map(|i| (50.0 + f64::from(i * i) / 20.0, 1.0));
    assert_eq!(objection(curve), Objection::None);
  }

  #[test]
  fn the_interval_holds_the_slope() {
    let told = judged((0..24).map(|i| (50.0 + f64::from(i) + f64::from(i % 3), 1.0)), 0.0);
    let per_minute = told.line.slope * MINUTE / MB;
    assert!((0.9..1.1).contains(&per_minute), "{per_minute}");
    assert!(told.line.low <= told.line.slope && told.line.slope <= told.line.high);
  }
}
