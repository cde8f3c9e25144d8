//! What can go wrong in the core: one small enum, no strings that are built before somebody asks.
//!
//! *Why.* The binding turns each variant into a JavaScript error with a code and Node's wording;
//! for that it needs the parts (name, expectation, what was received), not a finished sentence.
//! *Cost.* Three words; nothing is allocated.

use std::fmt;

/// The core's result.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a call was refused.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Error {
  /// A number outside of what is allowed.
  OutOfRange {
    /// What the number is called.
    name: &'static str,
    /// What is allowed, in words that follow "must be".
    expected: &'static str,
    /// What came.
    received: f64,
  },
  /// Bytes that are not what they claim to be.
  Malformed {
    /// What they claim to be.
    what: &'static str,
    /// Offset of the first wrong byte.
    at: usize,
  },
  /// The allocator refused.
  NoMemory {
    /// How much was asked for.
    bytes: usize,
  },
}

impl fmt::Display for Error {
  fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match self {
      Self::OutOfRange { name, expected, received } => {
        write!(f, "The value of \"{name}\" must be {expected}. Received {received}")
      }
      Self::Malformed { what, at } => write!(f, "Malformed {what} at byte {at}"),
      Self::NoMemory { bytes } => write!(f, "Could not allocate {bytes} bytes"),
    }
  }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
  use super::*;

  #[test]
  fn each_error_reads_as_a_sentence() {
    let range = Error::OutOfRange { name: "points", expected: "at least 8", received: 2.0 };
    assert_eq!(range.to_string(), "The value of \"points\" must be at least 8. Received 2");
    assert_eq!(
      Error::Malformed { what: "profile", at: 7 }.to_string(),
      "Malformed profile at byte 7"
    );
    assert_eq!(Error::NoMemory { bytes: 64 }.to_string(), "Could not allocate 64 bytes");
  }
}
