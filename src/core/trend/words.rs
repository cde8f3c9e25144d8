//! Reasons in words: short English sentences with figures and units.
//!
//! *Why.* A state without its reason is not believed, and should not be. *Cost.* A few strings for
//! each floor.

use super::verdict::{Judgement, Objection};
use super::window::Plan;
use crate::core::words::{MB, bytes_words as size};

const MINUTE: f64 = 60_000.0;

/// "12 min", "3.5 h".
pub fn duration(ms: f64) -> String {
  if ms >= 48.0 * 60.0 * MINUTE {
    format!("{:.1} days", ms / (1440.0 * MINUTE))
  } else if ms >= 120.0 * MINUTE {
    format!("{:.1} h", ms / (60.0 * MINUTE))
  } else if ms >= 2.0 * MINUTE {
    format!("{:.0} min", ms / MINUTE)
  } else {
    format!("{:.1} s", ms / 1000.0)
  }
}

/// "3.2 MB/min", "20.0 MB/day": the unit in which the figure can be read.
pub fn rate(per_ms: f64) -> String {
  if per_ms.abs() * MINUTE >= 0.1 * MB {
    format!("{}/min", size(per_ms * MINUTE))
  } else if per_ms.abs() * 60.0 * MINUTE >= MB {
    format!("{}/h", size(per_ms * 60.0 * MINUTE))
  } else {
    format!("{}/day", size(per_ms * 1440.0 * MINUTE))
  }
}

fn extent(plan: &Plan, judged: &Judgement) -> String {
  if plan.slot > 0.0 {
    format!("{} troughs of {}, z {:.1}", judged.points, duration(plan.slot), judged.z)
  } else {
    format!("{} floors, z {:.1}", judged.points, judged.z)
  }
}

/// Why there is growth that lasts.
pub fn growing(plan: &Plan, judged: &Judgement) -> Vec<String> {
  let pace = if judged.span > 0.0 { judged.growth / judged.span } else { 0.0 };
  let mut reasons = vec![format!(
    "the floor rose {} over {} ({})",
    rate(pace),
    duration(judged.span),
    extent(plan, judged)
  )];
  if judged.idle {
    reasons.push("it goes on while the process is idle".to_owned());
  } else if let Some(bytes) = judged.per_unit {
    reasons.push(format!("that is {} for each request", size(bytes)));
  }
  if judged.external >= 0.5 {
    reasons.push(format!(
      "{:.0} % of it is external memory (Buffers), not the V8 heap",
      judged.external * 100.0
    ));
  }
  reasons
}

/// Why there is none.
pub fn calm(plan: &Plan, judged: &Judgement) -> String {
  let moved = format!(
    "the floor moved {} in {} ({})",
    size(judged.line.slope * judged.span),
    duration(judged.span),
    extent(plan, judged)
  );
  match judged.objection {
    Objection::TooFew => {
      format!("too few floors for a verdict ({} of {})", judged.points, plan.least)
    }
    Objection::Chance => format!("no growth that lasts: {moved}"),
    Objection::Load => format!("no growth beyond what the load explains: {moved}"),
    Objection::Small => format!("too little growth to matter: {moved}"),
    Objection::Slowing => format!("growth that is slowing down: {moved}"),
    Objection::SeenBefore => format!("the process was at this level before: {moved}"),
    Objection::FarOff => format!("growth too slow to fill the memory there is for days: {moved}"),
    Objection::None => format!("growth that is not confirmed yet: {moved}"),
  }
}

#[cfg(test)]
mod tests {
  use super::*;

  #[test]
  fn figures_come_in_units_that_can_be_read() {
    assert_eq!(size(3.25 * MB), "3.2 MB");
    assert_eq!(size(-640.0 * 1024.0), "-640 KB");
    assert_eq!(duration(12.0 * MINUTE), "12 min");
    assert_eq!(duration(2400.0), "2.4 s");
    assert_eq!(rate(20.0 * MB / (1440.0 * MINUTE)), "20.0 MB/day");
    assert_eq!(rate(3.2 * MB / MINUTE), "3.2 MB/min");
  }
}
