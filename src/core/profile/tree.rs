//! V8's sampling profile as a flat list of nodes, each knowing its parent.
//!
//! *Why flat.* The tree is as deep as the app's stacks; with parents known, a stack is a walk
//! outwards and nothing recurses.
//! *Cost.* One pass over the text; 40 bytes for a node, one entry for each distinct function.
//! *Source.* The protocol's `HeapProfiler.SamplingHeapProfile`; lines and columns count from 0
//! there.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::place::Place;
use super::scan::Scan;
use crate::core::error::{Error, Result};

/// More text than this is refused.
const LONGEST: usize = 16 << 20;

/// A distinct function.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Callee {
  pub function: Arc<str>,
  pub file: Arc<str>,
  pub line: u32,
  pub column: u32,
  pub place: Place,
}

/// A node of the call tree.
#[derive(Clone, Copy, Debug)]
pub struct Node {
  pub parent: Option<u32>,
  pub callee: u32,
  pub bytes: f64,
  pub count: f64,
  id: f64,
}

/// The whole profile.
#[derive(Debug, Default)]
pub struct Tree {
  pub nodes: Vec<Node>,
  pub callees: Vec<Callee>,
}

#[derive(Default)]
struct Interner {
  texts: HashSet<Arc<str>>,
  known: HashMap<(Arc<str>, Arc<str>, u32, u32), u32>,
  callees: Vec<Callee>,
}

impl Interner {
  fn text(&mut self, text: &str) -> Arc<str> {
    if let Some(known) = self.texts.get(text) {
      return Arc::clone(known);
    }
    let new: Arc<str> = Arc::from(text);
    self.texts.insert(Arc::clone(&new));
    new
  }

  fn callee(&mut self, function: &str, url: &str, at: (u32, u32), own_root: &str) -> u32 {
    let key = (self.text(function), self.text(url), at.0, at.1);
    if let Some(known) = self.known.get(&key) {
      return *known;
    }
    let index = u32::try_from(self.callees.len()).unwrap_or(u32::MAX);
    let path = super::place::path(url);
    let place = Place::of(&path, own_root);
    let file = self.text(&path);
    self.callees.push(Callee {
      function: Arc::clone(&key.0),
      file,
      line: at.0,
      column: at.1,
      place,
    });
    self.known.insert(key, index);
    index
  }
}

/// Reads `{ head, samples }`.
pub fn parse(text: &str, own_root: &str) -> Result<Tree> {
  if text.len() > LONGEST {
    return Err(Error::Malformed { what: "sampling profile (more than 16 MB)", at: LONGEST });
  }
  let mut scan = Scan::new(text);
  let mut names = Interner::default();
  let (mut nodes, mut counts, mut has_samples) = (Vec::new(), HashMap::new(), false);
  scan.eat(b'{')?;
  while !scan.maybe(b'}') {
    match scan.key()?.as_ref() {
      "head" => nodes = tree(&mut scan, &mut names, own_root)?,
      "samples" => {
        counts = samples(&mut scan)?;
        has_samples = true;
      }
      _ => scan.skip()?,
    }
    scan.next_or(b'}')?;
  }
  if scan.peek().is_some() || nodes.is_empty() {
    return scan.malformed();
  }
  for node in &mut nodes {
    // Without samples each node that holds bytes counts as enough of them.
    let missing = if has_samples { 0.0 } else { 3.0 };
    node.count = counts.get(&node.id.to_bits()).copied().unwrap_or(missing);
  }
  Ok(Tree { nodes, callees: names.callees })
}

/// The nodes in the order of the text: a parent before its children.
fn tree(scan: &mut Scan<'_>, names: &mut Interner, own_root: &str) -> Result<Vec<Node>> {
  let root = names.callee("", "", (0, 0), own_root);
  let new = |parent| Node { parent, callee: root, bytes: 0.0, count: 0.0, id: -1.0 };
  let mut nodes = vec![new(None)];
  let mut open: Vec<u32> = vec![0];
  scan.eat(b'{')?;
  while let Some(top) = open.last().copied() {
    if scan.maybe(b'}') {
      open.pop();
      if open.is_empty() {
        break;
      }
      if scan.maybe(b',') {
        scan.eat(b'{')?;
        let index = u32::try_from(nodes.len()).unwrap_or(u32::MAX);
        nodes.push(new(open.last().copied()));
        open.push(index);
      } else {
        scan.eat(b']')?;
        scan.next_or(b'}')?;
      }
      continue;
    }
    let key = scan.key()?;
    if key == "children" {
      scan.eat(b'[')?;
      if !scan.maybe(b']') {
        scan.eat(b'{')?;
        let index = u32::try_from(nodes.len()).unwrap_or(u32::MAX);
        nodes.push(new(Some(top)));
        open.push(index);
        continue;
      }
    } else {
      let Some(node) = usize::try_from(top).ok().and_then(|top| nodes.get_mut(top)) else {
        return scan.malformed();
      };
      match key.as_ref() {
        "callFrame" => node.callee = call_frame(scan, names, own_root)?,
        "selfSize" => node.bytes = scan.number()?.max(0.0),
        "id" => node.id = scan.number()?,
        _ => scan.skip()?,
      }
    }
    scan.next_or(b'}')?;
  }
  Ok(nodes)
}

fn call_frame(scan: &mut Scan<'_>, names: &mut Interner, own_root: &str) -> Result<u32> {
  let (mut function, mut url) = (String::new(), String::new());
  let (mut line, mut column) = (-1.0, -1.0);
  scan.eat(b'{')?;
  while !scan.maybe(b'}') {
    match scan.key()?.as_ref() {
      "functionName" => function = scan.string()?.into_owned(),
      "url" => url = scan.string()?.into_owned(),
      "lineNumber" => line = scan.number()?,
      "columnNumber" => column = scan.number()?,
      _ => scan.skip()?,
    }
    scan.next_or(b'}')?;
  }
  Ok(names.callee(&function, &url, (from_one(line), from_one(column)), own_root))
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped just before")]
fn from_one(zero_based: f64) -> u32 {
  (zero_based + 1.0).clamp(0.0, f64::from(u32::MAX)) as u32
}

/// Samples by node.
fn samples(scan: &mut Scan<'_>) -> Result<HashMap<u64, f64>> {
  let mut counts = HashMap::new();
  scan.eat(b'[')?;
  while !scan.maybe(b']') {
    let mut node = None;
    scan.eat(b'{')?;
    while !scan.maybe(b'}') {
      match scan.key()?.as_ref() {
        "nodeId" => node = Some(scan.number()?),
        _ => scan.skip()?,
      }
      scan.next_or(b'}')?;
    }
    scan.next_or(b']')?;
    if let Some(id) = node {
      *counts.entry(id.to_bits()).or_insert(0.0) += 1.0;
    }
  }
  Ok(counts)
}
