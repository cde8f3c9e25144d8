//! What to set and what to do, from facts alone.
//!
//! *Why.* A limit of the heap above what the container gives means that the kernel kills the
//! process before V8 ever tries hard to collect; the owner learns that best from a line to paste.
//! *Cost.* A few strings when somebody asks.
//! *Source.* <https://nodejs.org/api/cli.html#--max-old-space-sizesize-in-mib>, mallopt(3) for
//! arenas.

use serde::Serialize;

use crate::core::words::{MB, bytes_words, minutes_words};

/// Share of the container for the old generation, and what Node needs besides, MB.
const HEAP_SHARE: f64 = 0.7;
const BESIDES: f64 = 128.0;
/// The least that is ever advised, MB.
const LEAST: f64 = 64.0;
/// Part of the ETA that is used up before the advised restart.
const MARGIN: f64 = 0.75;

/// One piece of advice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Advice {
  /// For programs.
  pub code: &'static str,
  /// For people.
  pub message: String,
}

/// What advice is given on. Bytes; 0 where unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Facts {
  /// The old generation's limit.
  pub old_limit: f64,
  /// Whether the owner chose it.
  pub limit_chosen: bool,
  /// RSS outside of the V8 heap: code, stacks, Buffers.
  pub non_heap: f64,
  /// The container's limit, else the machine's memory.
  pub container_limit: f64,
  /// 'cgroup2', 'cgroup1' or 'machine'.
  pub source: &'static str,
  /// Suspect or leaking.
  pub growing: bool,
  /// Until the nearer budget is used up.
  pub eta_seconds: Option<f64>,
  /// Growth of RSS outside of heap and external memory, bytes per minute, if it is significant.
  pub native_per_minute: Option<f64>,
  /// A profile was wanted, and would have stopped the process for longer than `max_pause`.
  pub profile_refused: bool,
  /// ms.
  pub max_pause: f64,
  /// What the read was expected to take, ms; 0 when unknown.
  pub expected_pause: f64,
}

/// All that applies, the most urgent first.
#[must_use]
pub fn advice(facts: &Facts) -> Vec<Advice> {
  [
    restart_margin(facts),
    heap_above_container(facts).or_else(|| heap_default(facts)),
    native_growth(facts),
    profile_refused(facts),
  ]
  .into_iter()
  .flatten()
  .collect()
}

/// The `--max-old-space-size` for a container, MB.
fn fitting(container: f64) -> f64 {
  (HEAP_SHARE * container / MB - BESIDES).floor().max(LEAST)
}

fn in_container(facts: &Facts) -> bool {
  facts.source.starts_with("cgroup")
}

fn place(facts: &Facts) -> &'static str {
  if in_container(facts) { "container" } else { "machine" }
}

fn restart_margin(facts: &Facts) -> Option<Advice> {
  let eta = facts.eta_seconds.filter(|eta| facts.growing && eta.is_finite())?;
  let message = if eta > 0.0 {
    format!(
      "restart within {} to stay ahead of the limit, which is reached in about {}",
      minutes_words(eta * MARGIN / 60.0),
      minutes_words(eta / 60.0)
    )
  } else {
    "restart now: the limit is reached".to_owned()
  };
  Some(Advice { code: "RESTART_MARGIN", message })
}

fn heap_above_container(facts: &Facts) -> Option<Advice> {
  let Facts { old_limit, container_limit, non_heap, .. } = *facts;
  let known = old_limit > 0.0 && container_limit > 0.0;
  // On a machine others share the memory: only a limit above all of it is wrong beyond doubt.
  let besides = if in_container(facts) { non_heap.max(0.0) } else { 0.0 };
  if !known || old_limit + besides <= container_limit {
    return None;
  }
  let place = place(facts);
  let size = fitting(container_limit);
  let beside = if besides > 0.0 {
    format!(" with {} outside of the heap", bytes_words(besides))
  } else {
    String::new()
  };
  let what = format!(
    "the heap may grow to {}, and{beside} that is above the {place}'s {}: the process is killed \
     before V8 reaches its limit",
    bytes_words(old_limit),
    bytes_words(container_limit)
  );
  let todo = if size * MB < old_limit {
    format!("set --max-old-space-size={size:.0}")
  } else {
    format!("give the {place} at least {}", bytes_words(old_limit + besides))
  };
  Some(Advice { code: "HEAP_LIMIT_ABOVE_CONTAINER", message: format!("{what}; {todo}") })
}

fn heap_default(facts: &Facts) -> Option<Advice> {
  let applies = in_container(facts)
    && !facts.limit_chosen
    && facts.old_limit > 0.0
    && facts.container_limit > 0.0;
  applies.then(|| Advice {
    code: "HEAP_LIMIT_DEFAULT",
    message: format!(
      "the heap's limit is V8's default ({}); in a container of {} set --max-old-space-size={:.0}",
      bytes_words(facts.old_limit),
      bytes_words(facts.container_limit),
      fitting(facts.container_limit)
    ),
  })
}

fn native_growth(facts: &Facts) -> Option<Advice> {
  let rate = facts.native_per_minute.filter(|rate| *rate > 0.0 && rate.is_finite())?;
  Some(Advice {
    code: "NATIVE_GROWTH",
    message: format!(
      "RSS outside of heap and external memory grows by {}/min: fragmentation or a native leak; try \
       MALLOC_ARENA_MAX=2 or jemalloc, and if it goes on look at native addons",
      bytes_words(rate)
    ),
  })
}

fn profile_refused(facts: &Facts) -> Option<Advice> {
  let expected = if facts.expected_pause > 0.0 {
    format!(" for about {:.0} ms", facts.expected_pause)
  } else {
    String::new()
  };
  facts.profile_refused.then(|| Advice {
    code: "PROFILE_REFUSED",
    message: format!(
      "nobody can be named: reading a profile would stop the process{expected}, longer than maxPause \
       ({:.0} ms) allows; raise maxPause, or call profile() when a stop does no harm",
      facts.max_pause
    ),
  })
}

#[cfg(test)]
mod tests {
  use super::*;

  fn facts() -> Facts {
    Facts {
      old_limit: 300.0 * MB,
      limit_chosen: true,
      non_heap: 80.0 * MB,
      container_limit: 512.0 * MB,
      source: "cgroup2",
      max_pause: 100.0,
      ..Facts::default()
    }
  }

  fn told(facts: &Facts) -> Vec<(&'static str, String)> {
    advice(facts).into_iter().map(|one| (one.code, one.message)).collect()
  }

  fn only(facts: &Facts, code: &str) -> String {
    let told = told(facts);
    assert_eq!(told.iter().map(|one| one.0).collect::<Vec<_>>(), [code]);
    told.into_iter().map(|one| one.1).collect()
  }

  #[test]
  fn a_sound_configuration_gets_no_advice() {
    assert_eq!(advice(&facts()), []);
    assert_eq!(advice(&Facts::default()), []);
  }

  #[test]
  fn a_heap_that_may_outgrow_its_container_gets_the_flag_to_set() {
    let message = only(&Facts { old_limit: 450.0 * MB, ..facts() }, "HEAP_LIMIT_ABOVE_CONTAINER");
    assert!(message.ends_with("set --max-old-space-size=230"), "{message}");
    assert!(message.contains("450.0 MB") && message.contains("512.0 MB"), "{message}");
    let tiny = Facts { container_limit: 128.0 * MB, ..facts() };
    let message = only(&tiny, "HEAP_LIMIT_ABOVE_CONTAINER");
    assert!(message.ends_with("set --max-old-space-size=64"), "{message}");
  }

  #[test]
  fn a_default_limit_above_the_container_is_told_once() {
    let default = Facts { old_limit: 2_048.0 * MB, limit_chosen: false, ..facts() };
    only(&default, "HEAP_LIMIT_ABOVE_CONTAINER");
  }

  #[test]
  fn when_what_is_beside_the_heap_fills_the_container_a_larger_container_is_advised() {
    let crowded = Facts { old_limit: 200.0 * MB, non_heap: 400.0 * MB, ..facts() };
    let message = only(&crowded, "HEAP_LIMIT_ABOVE_CONTAINER");
    assert!(message.ends_with("give the container at least 600.0 MB"), "{message}");
  }

  #[test]
  fn on_a_machine_only_a_limit_above_all_of_its_memory_is_wrong() {
    let machine =
      Facts { old_limit: 450.0 * MB, source: "machine", limit_chosen: false, ..facts() };
    assert_eq!(advice(&machine), []);
    let message = only(&Facts { old_limit: 600.0 * MB, ..machine }, "HEAP_LIMIT_ABOVE_CONTAINER");
    assert!(message.contains("machine's 512.0 MB"), "{message}");
  }

  #[test]
  fn a_limit_that_nobody_chose_in_a_container_is_named() {
    let message = only(&Facts { limit_chosen: false, ..facts() }, "HEAP_LIMIT_DEFAULT");
    assert!(message.ends_with("set --max-old-space-size=230"), "{message}");
  }

  #[test]
  fn a_growing_process_is_restarted_a_quarter_before_the_limit() {
    let growing = Facts { growing: true, eta_seconds: Some(3_600.0), ..facts() };
    let message = only(&growing, "RESTART_MARGIN");
    assert!(
      message.starts_with("restart within 45 minutes to stay ahead of the limit"),
      "{message}"
    );
    assert_eq!(advice(&Facts { growing: false, ..growing }), []);
    assert_eq!(advice(&Facts { eta_seconds: None, ..growing }), []);
    let over = only(&Facts { eta_seconds: Some(0.0), ..growing }, "RESTART_MARGIN");
    assert!(over.starts_with("restart now"), "{over}");
  }

  #[test]
  fn native_growth_names_its_rate_and_the_allocator() {
    let native = Facts { native_per_minute: Some(2.0 * MB), ..facts() };
    let message = only(&native, "NATIVE_GROWTH");
    assert!(message.contains("grows by 2.0 MB/min") && message.contains("MALLOC_ARENA_MAX=2"));
    assert!(message.contains("jemalloc"));
    assert_eq!(advice(&Facts { native_per_minute: Some(-5.0), ..native }), []);
  }

  #[test]
  fn a_refused_profile_says_which_option_to_raise() {
    let refused = Facts { profile_refused: true, expected_pause: 340.0, ..facts() };
    let message = only(&refused, "PROFILE_REFUSED");
    assert!(message.contains("about 340 ms") && message.contains("maxPause (100 ms)"), "{message}");
  }

  #[test]
  fn the_most_urgent_comes_first() {
    let all = Facts {
      old_limit: 450.0 * MB,
      growing: true,
      eta_seconds: Some(60.0),
      native_per_minute: Some(1.0),
      profile_refused: true,
      ..facts()
    };
    let codes: Vec<_> = told(&all).into_iter().map(|one| one.0).collect();
    let order =
      ["RESTART_MARGIN", "HEAP_LIMIT_ABOVE_CONTAINER", "NATIVE_GROWTH", "PROFILE_REFUSED"];
    assert_eq!(codes, order);
  }
}
