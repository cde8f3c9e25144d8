//! Who may import whom in Rust, and where unsafe code may stand.

use super::files::File;

/// The rooms of core with their rank: a room imports lower ranks only. A new room needs a line
/// here.
const RANKS: [(&str, u32); 15] = [
  ("error", 0),
  ("words", 0),
  ("ring", 1),
  ("frame", 1),
  ("history", 2),
  ("bounded", 2),
  ("listeners", 2),
  ("profile", 2),
  ("trend", 3),
  ("snapshot", 3),
  ("budget", 4),
  ("pace", 4),
  ("suspects", 5),
  ("report", 6),
  ("monitor", 7),
];

/// What would make core impure; `\` keeps the names from being found in this file.
const IMPURE: [&str; 8] =
  ["napi", "unsafe", "std::time", "std::fs", "std::env", "std::thread", "parking_lot", "libc::"];

/// An import in core never goes up.
pub fn layers(file: &File) -> Vec<String> {
  let Some(inner) = file.path.strip_prefix("src/core/").filter(|_| file.is(".rs")) else {
    return Vec::new();
  };
  let room = inner.split(['/', '.']).next().unwrap_or_default();
  if room == "mod" {
    return Vec::new();
  }
  let Some(own) = rank(room) else {
    return vec![file.fault(1, &format!("the room {room} has no rank in tests/tidy/imports.rs"))];
  };
  // `super` is core only in the file that is the room itself.
  let top = inner == format!("{room}.rs") || inner == format!("{room}/mod.rs");
  let mut faults = Vec::new();
  for (at, line) in file.code() {
    for other in named(line, "crate::core::").chain(named(line, "super::").filter(|_| top)) {
      if other != room && rank(other).is_some_and(|theirs| theirs >= own) {
        faults.push(file.fault(at, &format!("{room} imports {other}, which is not below it")));
      }
    }
  }
  faults
}

/// Core knows no Node, no system and no clock; napi is named by the binding alone; unsafe stands in
/// the platform alone.
pub fn pure(file: &File) -> Vec<String> {
  let banned: &[&str] = match file.path.as_str() {
    path if path.starts_with("src/core/") => &IMPURE,
    path if path.starts_with("src/platform/") => &["napi"],
    path if path.starts_with("src/binding/") => &["unsafe"],
    _ => return Vec::new(),
  };
  let hit = |line: &str| banned.iter().find(|word| has_word(line, word)).copied();
  let found = file.code().filter_map(|(at, line)| Some((at, hit(line)?)));
  found.map(|(at, word)| file.fault(at, &format!("{word} has no place here"))).collect()
}

/// Every `unsafe` has a SAFETY comment within the eight lines before it, or in its own.
pub fn argued(file: &File) -> Vec<String> {
  if !file.within("src/") {
    return Vec::new();
  }
  let lines: Vec<&str> = file.text.lines().collect();
  let mut faults = Vec::new();
  for (at, line) in file.code().filter(|(_, line)| has_word(line, "unsafe")) {
    let near = lines.iter().take(at).skip(at.saturating_sub(9));
    let opens = line.contains("unsafe {") || line.contains("unsafe impl");
    if opens && !near.into_iter().any(|line| line.contains("SAFETY")) {
      faults.push(file.fault(at, "unsafe without a SAFETY argument"));
    }
  }
  faults
}

fn rank(room: &str) -> Option<u32> {
  RANKS.iter().find(|(name, _)| *name == room).map(|(_, rank)| *rank)
}

/// The identifiers that follow `prefix` in a line.
fn named<'a>(line: &'a str, prefix: &str) -> impl Iterator<Item = &'a str> {
  line.split(prefix).skip(1).filter_map(|rest| rest.split(|c: char| !is_name(c)).next())
}

/// Whether `word` stands in the line by itself, not as part of a longer name.
fn has_word(line: &str, word: &str) -> bool {
  line.match_indices(word).any(|(at, _)| {
    let before = line.get(..at).and_then(|text| text.chars().next_back());
    let after = line.get(at + word.len()..).and_then(|text| text.chars().next());
    !before.is_some_and(is_name) && (word.ends_with(':') || !after.is_some_and(is_name))
  })
}

fn is_name(c: char) -> bool {
  c.is_alphanumeric() || c == '_'
}
