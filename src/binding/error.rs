//! How a fault crosses the border: a code that JavaScript can test, and words for people.

use crate::core::error::Error as CoreError;

/// Codes of the native side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
  /// A number is not what it must be.
  OutOfRange,
  /// Text that could not be read.
  Malformed,
  /// Memory was refused.
  NoMemory,
  /// A fault of leakguard's own.
  Internal,
}

impl AsRef<str> for Code {
  fn as_ref(&self) -> &str {
    match self {
      Self::OutOfRange => "ERR_LEAKGUARD_OUT_OF_RANGE",
      Self::Malformed => "ERR_LEAKGUARD_INPUT_MALFORMED",
      Self::NoMemory => "ERR_LEAKGUARD_MEMORY_REFUSED",
      Self::Internal => "ERR_LEAKGUARD_INTERNAL",
    }
  }
}

/// The result of every export. (napi's macro recognises the type by this very name.)
pub type Result<T> = napi::Result<T, Code>;

/// A core error as a JavaScript one.
pub fn from_core(error: &CoreError) -> napi::Error<Code> {
  let code = match error {
    CoreError::OutOfRange { .. } => Code::OutOfRange,
    CoreError::Malformed { .. } => Code::Malformed,
    CoreError::NoMemory { .. } => Code::NoMemory,
    #[allow(unreachable_patterns, reason = "the enum is non_exhaustive for other crates")]
    _ => Code::Internal,
  };
  napi::Error::new(code, error.to_string())
}

/// A number that must be finite and within `[low, high]`.
pub fn number(name: &'static str, value: f64, low: f64, high: f64) -> Result<f64> {
  if value.is_finite() && (low..=high).contains(&value) {
    return Ok(value);
  }
  Err(napi::Error::new(
    Code::OutOfRange,
    format!("The \"{name}\" argument must be a number from {low} to {high}. Received {value}"),
  ))
}

/// A fault inside leakguard, in words.
pub fn internal(what: impl std::fmt::Display) -> napi::Error<Code> {
  napi::Error::new(Code::Internal, what.to_string())
}
