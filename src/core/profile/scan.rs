//! A JSON reader that pulls: no tree of values, no recursion, an error that says at which byte.
//!
//! *Why not serde.* A call tree nests two levels for each frame, and its depth is the app's: a
//! recursive reader either refuses deep stacks or overflows its own.
//! *Cost.* One pass; text without escapes is borrowed.

use std::borrow::Cow;

use crate::core::error::{Error, Result};

/// A place in a text.
pub struct Scan<'a> {
  text: &'a str,
  at: usize,
}

impl<'a> Scan<'a> {
  pub fn new(text: &'a str) -> Self {
    Self { text, at: 0 }
  }

  pub fn malformed<T>(&self) -> Result<T> {
    Err(Error::Malformed { what: "sampling profile", at: self.at })
  }

  /// The next byte that is no blank.
  pub fn peek(&mut self) -> Option<u8> {
    let rest = self.text.as_bytes().get(self.at..)?;
    let blanks =
      rest.iter().take_while(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t')).count();
    self.at += blanks;
    rest.get(blanks).copied()
  }

  /// Steps over `byte` if it comes next.
  pub fn maybe(&mut self, byte: u8) -> bool {
    let found = self.peek() == Some(byte);
    self.at += usize::from(found);
    found
  }

  /// Steps over `byte`, which must come next.
  pub fn eat(&mut self, byte: u8) -> Result<()> {
    if self.maybe(byte) { Ok(()) } else { self.malformed() }
  }

  /// After a value: steps over the comma, or sees that `end` comes next.
  pub fn next_or(&mut self, end: u8) -> Result<()> {
    if self.maybe(b',') || self.peek() == Some(end) { Ok(()) } else { self.malformed() }
  }

  /// A key and its colon.
  pub fn key(&mut self) -> Result<Cow<'a, str>> {
    let key = self.string()?;
    self.eat(b':')?;
    Ok(key)
  }

  /// A string, unescaped.
  pub fn string(&mut self) -> Result<Cow<'a, str>> {
    self.eat(b'"')?;
    let start = self.at;
    let rest = self.text.as_bytes().get(start..).unwrap_or_default();
    let (mut end, mut after_slash, mut slashes) = (None, false, false);
    for (i, byte) in rest.iter().enumerate() {
      match byte {
        _ if after_slash => after_slash = false,
        b'\\' => (after_slash, slashes) = (true, true),
        b'"' => {
          end = Some(i);
          break;
        }
        _ => {}
      }
    }
    let Some(end) = end else { return self.malformed() };
    let Some(raw) = self.text.get(start..start + end) else { return self.malformed() };
    self.at = start + end + 1;
    if !slashes {
      return Ok(Cow::Borrowed(raw));
    }
    // Half of a pair of surrogates is no text; such a name is shown as it was written.
    let quoted = self.text.get(start - 1..self.at).unwrap_or_default();
    Ok(Cow::Owned(serde_json::from_str(quoted).unwrap_or_else(|_| raw.to_owned())))
  }

  /// A number.
  pub fn number(&mut self) -> Result<f64> {
    self.peek();
    let rest = self.text.get(self.at..).unwrap_or_default();
    let end = rest
      .bytes()
      .take_while(|byte| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'))
      .count();
    let parsed = rest.get(..end).and_then(|text| text.parse::<f64>().ok());
    let Some(number) = parsed.filter(|x| x.is_finite()) else { return self.malformed() };
    self.at += end;
    Ok(number)
  }

  /// Steps over any value.
  pub fn skip(&mut self) -> Result<()> {
    let mut depth = 0_usize;
    loop {
      match self.peek() {
        Some(b'"') => {
          self.string()?;
        }
        Some(b'{' | b'[') => {
          depth += 1;
          self.at += 1;
          continue;
        }
        Some(b'}' | b']') if depth > 0 => {
          depth -= 1;
          self.at += 1;
        }
        Some(b',' | b':') if depth > 0 => {
          self.at += 1;
          continue;
        }
        Some(b'0'..=b'9' | b'-') => {
          self.number()?;
        }
        Some(b't' | b'f' | b'n') => {
          let rest = self.text.get(self.at..).unwrap_or_default();
          let word = ["true", "false", "null"].into_iter().find(|word| rest.starts_with(word));
          let Some(word) = word else { return self.malformed() };
          self.at += word.len();
        }
        _ => return self.malformed(),
      }
      if depth == 0 {
        return Ok(());
      }
    }
  }
}
