//! Who holds memory: V8's sampled allocations that are still live, summed by site; two of them
//! subtracted.
//!
//! *Why sites.* A site is the innermost frame of the user's own code, because that is the line its
//! reader can change; a package's innermost frame where no user code is on the stack. The profile
//! of a heap that grew, less the one before, names who keeps; a heap that is merely busy gives
//! nothing.
//! *Cost.* Reading 1 MB of profile some 10 ms; at most 20,000 sites of 16 frames are kept (about 3
//! MB).

mod place;
mod scan;
#[cfg(test)]
mod tests;
mod tree;

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use self::place::Place;
use self::tree::{Callee, Node, Tree};
use crate::core::error::Result;
use crate::core::frame::Frame;

/// Sites kept.
const MOST_SITES: usize = 20_000;
/// Frames kept of a stack.
const DEEPEST: usize = 16;
/// Frames that are looked at for a site.
const FARTHEST: usize = 256;
/// Growth by fewer samples than this is noise.
const FEWEST: f64 = 3.0;

/// A site's sum, as it is kept.
#[derive(Debug)]
struct Site {
  callee: u32,
  package: Option<u32>,
  leaf: u32,
  /// Innermost first, of the stack with most bytes.
  stack: Vec<u32>,
  best: f64,
  bytes: f64,
  count: f64,
}

/// Live sampled allocations by site.
#[derive(Debug, Default)]
pub struct Profile {
  callees: Vec<Callee>,
  sites: Vec<Site>,
  rest: f64,
}

/// What one site gained between two profiles.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Growth {
  /// The innermost frame of the user's own code, else of a package.
  pub site: Frame,
  /// The innermost frame of all, which allocated.
  pub leaf: Frame,
  /// The package that allocated, when it was not the user's own code that did.
  pub package: Option<String>,
  /// The stack with most bytes, innermost first, without Node's own frames.
  pub frames: Vec<Frame>,
  /// Bytes gained, as V8 estimates them.
  pub bytes: f64,
  /// Samples gained.
  pub count: f64,
}

type Key<'a> = (&'a str, &'a str, u32, u32);

impl Profile {
  /// Reads V8's JSON (`{ head, samples }`). Stacks whose innermost frame outside of Node is below
  /// `own_root` are left out.
  ///
  /// # Errors
  /// `Malformed` with the byte where the text stops to be a sampling profile.
  pub fn parse(json: &str, own_root: &str) -> Result<Self> {
    let Tree { nodes, callees } = tree::parse(json, own_root)?;
    let mut profile = Self { callees, ..Self::default() };
    let mut known = HashMap::new();
    for node in nodes.iter().filter(|node| node.bytes > 0.0) {
      profile.add(&nodes, node, &mut known);
    }
    Ok(profile)
  }

  /// Sites that are known.
  #[must_use]
  pub fn len(&self) -> usize {
    self.sites.len()
  }

  /// Whether nothing was sampled.
  #[must_use]
  pub fn is_empty(&self) -> bool {
    self.sites.is_empty()
  }

  /// Bytes held by Node and V8 without any user's or package's code on the stack.
  #[must_use]
  pub fn unattributed(&self) -> f64 {
    self.rest
  }

  /// Own memory, bytes (about).
  #[must_use]
  pub fn bytes_owned(&self) -> usize {
    let stacks: usize = self.sites.iter().map(|site| site.stack.capacity() * 4).sum();
    let names: usize = self.callees.iter().map(|callee| callee.function.len()).sum();
    self.sites.capacity() * size_of::<Site>()
      + stacks
      + self.callees.capacity() * (size_of::<Callee>() + 32)
      + names
  }

  /// What each site gained from `earlier` to `later`, the most first; noise is left out.
  #[must_use]
  pub fn subtract(later: &Self, earlier: &Self) -> Vec<Growth> {
    let before: HashMap<Key<'_>, (f64, f64)> = earlier
      .sites
      .iter()
      .filter_map(|site| Some((key(earlier.callee(site.callee)?), (site.bytes, site.count))))
      .collect();
    let mut grown: Vec<Growth> = later
      .sites
      .iter()
      .filter_map(|site| {
        let (bytes, count) =
          before.get(&key(later.callee(site.callee)?)).copied().unwrap_or_default();
        let (bytes, count) = (site.bytes - bytes, site.count - count);
        (bytes > 0.0 && count >= FEWEST).then(|| later.grown(site, bytes, count))
      })
      .collect();
    grown.sort_by(|a, b| b.bytes.total_cmp(&a.bytes));
    grown
  }

  fn callee(&self, index: u32) -> Option<&Callee> {
    self.callees.get(usize::try_from(index).ok()?)
  }

  fn frame(&self, index: u32) -> Frame {
    self.callee(index).map_or_else(Frame::default, |callee| Frame {
      function: if callee.function.is_empty() { "(anonymous)" } else { &callee.function }
        .to_owned(),
      file: callee.file.to_string(),
      line: callee.line,
      column: callee.column,
    })
  }

  fn grown(&self, site: &Site, bytes: f64, count: f64) -> Growth {
    let package = site.package.and_then(|index| match &self.callee(index)?.place {
      Place::Package(name) => Some(name.to_string()),
      _ => None,
    });
    Growth {
      site: self.frame(site.callee),
      leaf: self.frame(site.leaf),
      package,
      frames: site.stack.iter().map(|index| self.frame(*index)).collect(),
      bytes,
      count,
    }
  }

  fn add(&mut self, nodes: &[Node], node: &Node, known: &mut HashMap<u32, usize>) {
    let (mut stack, mut site, mut package) = (Vec::new(), None, None);
    let mut next = Some(node);
    for _ in 0..FARTHEST {
      let Some(node) = next else { break };
      let place = self.callee(node.callee).map_or(&Place::Native, |callee| &callee.place);
      let native = *place == Place::Native;
      match place {
        // Ours, unless code of others was called by us.
        Place::Own if site.is_none() && package.is_none() => return,
        Place::Package(_) if site.is_none() && package.is_none() => package = Some(node.callee),
        Place::User if site.is_none() => site = Some(node.callee),
        _ => {}
      }
      if stack.len() < DEEPEST && !native {
        stack.push(node.callee);
      }
      if site.is_some() && stack.len() >= DEEPEST {
        break;
      }
      next = node.parent.and_then(|parent| nodes.get(usize::try_from(parent).ok()?));
    }
    let Some(callee) = site.or(package) else {
      self.rest += node.bytes;
      return;
    };
    let full = self.sites.len() >= MOST_SITES;
    match known.entry(callee) {
      Entry::Occupied(entry) => {
        let Some(known) = self.sites.get_mut(*entry.get()) else { return };
        known.bytes += node.bytes;
        known.count += node.count;
        if node.bytes > known.best {
          (known.best, known.stack) = (node.bytes, stack);
          (known.package, known.leaf) = (package, node.callee);
        }
      }
      Entry::Vacant(_) if full => self.rest += node.bytes,
      Entry::Vacant(entry) => {
        entry.insert(self.sites.len());
        let (leaf, bytes, count) = (node.callee, node.bytes, node.count);
        self.sites.push(Site { callee, package, leaf, stack, best: bytes, bytes, count });
      }
    }
  }
}

fn key(callee: &Callee) -> Key<'_> {
  (&callee.function, &callee.file, callee.line, callee.column)
}

/// The same growth by package, the most first; the user's own code is not among them.
#[must_use]
pub fn by_package(growths: &[Growth]) -> Vec<(String, f64)> {
  let mut sums: HashMap<&str, f64> = HashMap::new();
  for growth in growths {
    if let Some(package) = &growth.package {
      *sums.entry(package).or_default() += growth.bytes;
    }
  }
  let mut all: Vec<_> = sums.into_iter().map(|(name, bytes)| (name.to_owned(), bytes)).collect();
  all.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
  all
}
