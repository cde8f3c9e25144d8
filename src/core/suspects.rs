//! Who may be guilty, in one shape for every kind of evidence, ranked by how much each explains.
//!
//! *Why one ranking.* A leak leaves traces in several places: the site that allocates, the listener
//! that ties. Evidence about one culprit is joined, not listed twice, and the reader sees first
//! what explains most of the growth of the floor in the same time.
//! *Cost.* Linear in sites and listeners; at most [`MOST`] suspects.

use serde::Serialize;

use super::frame::Frame;
use super::listeners::ListenerReport;
use super::profile::Growth;
use super::words::bytes_words as size;

/// Suspects that are told.
pub const MOST: usize = 10;
/// Growth of fewer samples than this is chance: the count is Poisson, so 3 stand against a spread
/// of 2.
const LEAST_SAMPLES: f64 = 3.0;
/// What Node itself allocates is a suspect of its own when it is this much of the growth.
const UNATTRIBUTED_SHARE: f64 = 0.5;
/// External memory is a suspect of its own when it is this much of the growth.
const EXTERNAL_SHARE: f64 = 0.25;

/// What kind of thing leaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
  /// A function that allocates what stays.
  Site,
  /// A constructor whose instances stay.
  Class,
  /// Listeners that are never removed.
  Listener,
  /// A collection that only grows.
  Collection,
  /// Buffers and other memory outside the V8 heap that V8 knows of.
  External,
  /// Timers.
  Timer,
  /// Sockets, servers, watchers.
  Handle,
  /// Promises that never settle.
  Promise,
  /// Memory that V8 does not know of.
  Native,
}

/// Somebody who may be guilty.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Suspect {
  /// What kind.
  pub kind: Kind,
  /// One line that a person can act on.
  pub title: String,
  /// The npm package on the stack.
  #[serde(skip_serializing_if = "Option::is_none")]
  pub package: Option<String>,
  /// The class of the emitter or of the instances.
  #[serde(skip_serializing_if = "Option::is_none")]
  pub class_name: Option<String>,
  /// The emitter, for listeners.
  #[serde(skip_serializing_if = "Option::is_none")]
  pub emitter: Option<String>,
  /// The event, for listeners.
  #[serde(skip_serializing_if = "Option::is_none")]
  pub event: Option<String>,
  /// The stack, innermost first; the first frame is the one to look at.
  #[serde(skip_serializing_if = "Vec::is_empty")]
  pub frames: Vec<Frame>,
  /// Retention path from a GC root, outermost first.
  #[serde(skip_serializing_if = "Option::is_none")]
  pub path: Option<Vec<String>>,
  /// What to do.
  pub fix: String,
  /// Where to read on.
  #[serde(skip_serializing_if = "Option::is_none")]
  pub docs: Option<String>,
  /// Bytes gained in the period that was looked at.
  pub bytes: f64,
  /// How many: samples, listeners.
  #[serde(skip_serializing_if = "Option::is_none")]
  pub count: Option<f64>,
  /// Bytes per minute.
  #[serde(skip_serializing_if = "Option::is_none")]
  pub per_minute: Option<f64>,
  /// Bytes per unit of work (request).
  #[serde(skip_serializing_if = "Option::is_none")]
  pub per_iteration: Option<f64>,
  /// Share of the growth that it explains, 0..1.
  pub share: f64,
}

/// The growth of one period, and what was seen of it.
#[derive(Debug)]
pub struct Evidence<'a> {
  /// Sites that grew, most bytes first.
  pub sites: &'a [Growth],
  /// Growth of what was allocated without any code of the app's or a package's on the stack, bytes.
  pub unattributed: f64,
  /// Listeners past the threshold or rising.
  pub listeners: &'a [ListenerReport],
  /// Growth of the live heap, bytes.
  pub heap: f64,
  /// Growth of external memory, bytes.
  pub external: f64,
  /// Length of the period, minutes.
  pub minutes: f64,
  /// Units of work done in it; 0 when none were counted.
  pub work: f64,
}

/// Ranks everybody, the one who explains most first.
#[must_use]
pub fn rank(evidence: &Evidence<'_>) -> Vec<Suspect> {
  let growth = evidence.heap.max(0.0) + evidence.external.max(0.0);
  let mut suspects: Vec<Suspect> = Vec::new();
  let mut told: Vec<&Frame> = Vec::new();
  for listener in evidence.listeners.iter().filter(|listener| listener.rising) {
    let site = evidence.sites.iter().find(|site| adds(listener, site));
    told.extend(site.map(|site| &site.site));
    suspects.push(of_listener(listener, site, evidence, growth));
  }
  suspects.extend(of_external(evidence, growth));
  suspects.extend(of_node(evidence, growth));
  for site in evidence.sites.iter().filter(|site| site.count >= LEAST_SAMPLES).take(2 * MOST) {
    if site.bytes > 0.0 && !told.contains(&&site.site) {
      suspects.push(of_site(site, evidence, growth));
    }
  }
  suspects.sort_by(|a, b| b.share.total_cmp(&a.share).then(b.bytes.total_cmp(&a.bytes)));
  suspects.truncate(MOST);
  suspects
}

/// Memory outside of what V8 counts grows by `per_minute` bytes.
#[must_use]
pub fn native(per_minute: f64, minutes: f64) -> Suspect {
  Suspect {
    title: format!("native memory {}/min: RSS grows outside the heap and the Buffers", gain(per_minute)),
    fix: "try MALLOC_ARENA_MAX=2 or jemalloc first (fragmentation); if it goes on, look at native addons"
      .to_owned(),
    bytes: per_minute * minutes,
    per_minute: Some(per_minute),
    ..Suspect::new(Kind::Native)
  }
}

impl Suspect {
  fn new(kind: Kind) -> Self {
    Self {
      kind,
      title: String::new(),
      package: None,
      class_name: None,
      emitter: None,
      event: None,
      frames: Vec::new(),
      path: None,
      fix: String::new(),
      docs: None,
      bytes: 0.0,
      count: None,
      per_minute: None,
      per_iteration: None,
      share: 0.0,
    }
  }

  fn weighed(self, bytes: f64, evidence: &Evidence<'_>, growth: f64) -> Self {
    let per = |units: f64| (units > 0.0).then_some(bytes / units);
    Self {
      bytes,
      per_minute: per(evidence.minutes),
      per_iteration: per(evidence.work),
      share: if growth > 0.0 { (bytes / growth).clamp(0.0, 1.0) } else { 0.0 },
      ..self
    }
  }
}

fn of_site(site: &Growth, evidence: &Evidence<'_>, growth: f64) -> Suspect {
  let rate = rate(site.bytes, evidence);
  // No frame is the user's own: the package itself keeps it.
  let package = site.package.as_deref().filter(|_| site.site.file.contains("node_modules"));
  let owner = package.map_or(String::new(), |name| format!(" of package {name}"));
  let fix = if let Some(name) = package {
    format!("look for what {name} keeps: an option that bounds its cache, or its issue tracker")
  } else {
    "cap the collection that it fills, or delete entries when they are done with".to_owned()
  };
  Suspect {
    title: clean(&format!("{}{owner} keeps {rate}", site.site.brief())),
    package: site.package.clone(),
    frames: led_by(site),
    fix,
    count: Some(site.count),
    ..Suspect::new(Kind::Site).weighed(site.bytes, evidence, growth)
  }
}

fn of_listener(
  listener: &ListenerReport,
  site: Option<&Growth>,
  evidence: &Evidence<'_>,
  growth: f64,
) -> Suspect {
  let frames = listener.frames.clone();
  let added = frames.first().map_or(String::new(), |frame| format!(", added in {}", frame.brief()));
  let bytes = site.map_or(0.0, |site| site.bytes);
  Suspect {
    title: clean(&format!(
      "{} '{}' has {} listeners and rising (+{:.0}/min){added}",
      listener.class_name, listener.event, listener.count, listener.per_minute
    )),
    class_name: Some(clean(&listener.class_name)),
    emitter: Some(clean(&listener.class_name)),
    event: Some(clean(&listener.event)),
    package: site.and_then(|site| site.package.clone()),
    frames,
    fix:
      "add it once, or remove it when its owner closes (removeListener, { once: true }, { signal })"
        .to_owned(),
    count: Some(listener.count),
    ..Suspect::new(Kind::Listener).weighed(bytes, evidence, growth)
  }
}

/// Buffers: V8's sampler sees their small wrappers alone, so bytes come from the floor and the
/// place from the site that gained most samples.
fn of_external(evidence: &Evidence<'_>, growth: f64) -> Option<Suspect> {
  if evidence.external <= 0.0 || evidence.external < EXTERNAL_SHARE * growth {
    return None;
  }
  let site = evidence
    .sites
    .iter()
    .filter(|site| site.count >= LEAST_SAMPLES)
    .max_by(|a, b| a.count.total_cmp(&b.count));
  let likely =
    site.map_or(String::new(), |site| format!(", most likely from {}", site.site.brief()));
  Some(Suspect {
    title: clean(&format!(
      "external memory (Buffers) {}{likely}",
      rate(evidence.external, evidence)
    )),
    package: site.and_then(|site| site.package.clone()),
    frames: site.map_or(Vec::new(), led_by),
    fix: "let go of the Buffer when it is done with; keep a copy of the part that is needed \
          (Buffer.from(part)), since a subarray or slice keeps the whole store"
      .to_owned(),
    ..Suspect::new(Kind::External).weighed(evidence.external, evidence, growth)
  })
}

/// Objects that Node makes (requests, sockets, promises) have no line of the app on their stack.
/// Whoever keeps them allocates something as well, if only the array's next slot: that place is
/// named as likely.
fn of_node(evidence: &Evidence<'_>, growth: f64) -> Option<Suspect> {
  if evidence.unattributed <= 0.0 || evidence.unattributed < UNATTRIBUTED_SHARE * growth {
    return None;
  }
  let site = evidence.sites.iter().find(|site| site.count >= LEAST_SAMPLES)?;
  Some(Suspect {
    title: clean(&format!(
      "objects that Node makes (requests, sockets, promises) {}, most likely kept by {}",
      rate(evidence.unattributed, evidence),
      site.site.brief()
    )),
    package: site.package.clone(),
    frames: led_by(site),
    fix: "keep the few fields that are needed, not the request or socket itself, and cap what keeps them"
      .to_owned(),
    ..Suspect::new(Kind::Site).weighed(evidence.unattributed, evidence, growth)
  })
}

/// Whether this site is where the listener is added: V8 tells the line of the function, a stack the
/// line of the call, so file and function are compared.
fn adds(listener: &ListenerReport, site: &Growth) -> bool {
  listener
    .frames
    .iter()
    .take(4)
    .any(|frame| frame.file == site.site.file && last(&frame.function) == last(&site.site.function))
}

/// 'Server.onSocket' and 'onSocket' are one function.
fn last(function: &str) -> &str {
  function.rsplit('.').next().unwrap_or(function)
}

/// The stack with the frame to look at in front.
fn led_by(site: &Growth) -> Vec<Frame> {
  let rest = site.frames.iter().skip_while(|frame| **frame != site.site).skip(1);
  std::iter::once(&site.site).chain(rest).cloned().collect()
}

fn rate(bytes: f64, evidence: &Evidence<'_>) -> String {
  if evidence.minutes > 0.0 {
    format!("{}/min", gain(bytes / evidence.minutes))
  } else {
    gain(bytes)
  }
}

fn gain(bytes: f64) -> String {
  format!("+{}", size(bytes))
}

/// Names come from strange code: no control characters reach a terminal or a log, and no line is
/// endless.
fn clean(text: &str) -> String {
  text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect()
}

#[cfg(test)]
mod tests;
