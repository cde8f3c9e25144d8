//! What a file looks like, whatever it says: size, width, head, leftovers.

use super::files::File;

const RUST_WIDTH: usize = 100;
const SCRIPT_WIDTH: usize = 120;

/// Rust at most 400 lines, a noun of lib/ at most 200, the public face at most 60, the loader 60.
pub fn size(file: &File) -> Vec<String> {
  let most = match file.path.as_str() {
    "index.js" | "lib/native.js" => 60,
    _ if file.is(".rs") => 400,
    _ if file.is(".js") && file.within("lib/") => 200,
    _ => return Vec::new(),
  };
  let lines = file.text.lines().count();
  if lines <= most {
    Vec::new()
  } else {
    vec![file.fault(lines, &format!("more than {most} lines"))]
  }
}

/// Rust at most 100 characters wide, JavaScript 120. (Test programs inside of strings may be
/// wider.)
pub fn width(file: &File) -> Vec<String> {
  let most = if file.is(".rs") { RUST_WIDTH } else { SCRIPT_WIDTH };
  if !(file.is(".rs") || file.is(".js")) || file.within("__test__/") {
    return Vec::new();
  }
  // No formatter breaks a sentence that stands in quotes, and neither should a person.
  let long = |line: &str| line.chars().count() > most && !line.contains(['"', '`']);
  let wide = file.text.lines().enumerate().filter(|(_, line)| long(line));
  wide.map(|(at, _)| file.fault(at + 1, &format!("wider than {most} characters"))).collect()
}

/// Rust files open with `//!`.
pub fn head(file: &File) -> Vec<String> {
  let bare = file.is(".rs") && !file.text.starts_with("//! ");
  if bare { vec![file.fault(1, "does not open with //!")] } else { Vec::new() }
}

/// No paths of somebody's machine, no marks of unfinished work, no download addresses.
pub fn clean(file: &File) -> Vec<String> {
  // Put together here, so that this file does not find itself.
  let never: [(&str, &str); 8] = [
    (concat!("/ho", "me/"), "a path of a machine"),
    (concat!("/ro", "ot/"), "a path of a machine"),
    (concat!("/Us", "ers/"), "a path of a machine"),
    (concat!("/wo", "rk/"), "a path of a machine"),
    (concat!("TO", "DO"), "unfinished work"),
    (concat!("FIX", "ME"), "unfinished work"),
    (concat!("todo", "!("), "unfinished work"),
    (concat!("\"res", "olved\":"), "a download address"),
  ];
  let lines = file.text.lines().enumerate();
  lines
    .flat_map(|(at, line)| {
      let hits = never.iter().filter(move |(sign, _)| line.contains(sign));
      hits.map(move |(sign, what)| file.fault(at + 1, &format!("{what}: {sign}")))
    })
    .collect()
}

/// What stands between two marks, the first time they occur.
pub fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
  let (_, rest) = text.split_once(before)?;
  rest.split_once(after).map(|(found, _)| found.trim())
}
