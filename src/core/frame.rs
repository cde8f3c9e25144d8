//! One place in the code, as people read it: function, file, line and column counted from 1.
//!
//! *Why here.* Profiles, listener stacks and suspects all speak of places; names come from the app
//! and are shown on terminals and pages, so they are cleaned and cut in this one place.

use serde::{Deserialize, Serialize};

/// The longest name that is shown, in characters.
const LONGEST: usize = 160;

/// A function in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Frame {
  /// The function; empty when it has no name.
  pub function: String,
  /// The file's path.
  pub file: String,
  /// From 1; 0 when unknown.
  pub line: u32,
  /// From 1; 0 when unknown.
  pub column: u32,
}

impl Frame {
  /// `logMiddleware (app.js:14)`, without control characters.
  #[must_use]
  pub fn brief(&self) -> String {
    let function = if self.function.is_empty() { "an anonymous function" } else { &self.function };
    let file = self.file.rsplit(['/', '\\']).next().unwrap_or_default();
    if file.is_empty() {
      return clean(function);
    }
    clean(&format!("{function} ({file}:{})", self.line))
  }
}

/// The text without control and direction characters, cut to a length that a line can take.
#[must_use]
pub fn clean(text: &str) -> String {
  let plain = |c: char| {
    let hidden =
      matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if c.is_control() || hidden { ' ' } else { c }
  };
  let mut cut: String = text.chars().take(LONGEST).map(plain).collect();
  if text.chars().nth(LONGEST).is_some() {
    cut.push('…');
  }
  cut
}

#[cfg(test)]
mod tests {
  use super::*;

  #[test]
  fn a_place_reads_as_function_file_and_line() {
    let frame = |function: &str, file: &str| Frame {
      function: function.into(),
      file: file.into(),
      line: 14,
      column: 3,
    };
    assert_eq!(frame("logMiddleware", "/srv/app.js").brief(), "logMiddleware (app.js:14)");
    assert_eq!(frame("", "C:\\srv\\app.js").brief(), "an anonymous function (app.js:14)");
    assert_eq!(frame("push", "").brief(), "push");
  }

  #[test]
  fn names_cannot_drive_a_terminal_or_fill_a_page() {
    assert_eq!(clean("a\u{1b}[31m\nb\u{202e}c"), "a [31m b c");
    assert_eq!(clean(&"x".repeat(1000)).chars().count(), LONGEST + 1);
  }
}
