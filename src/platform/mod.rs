//! What only the operating system can tell: time, memory, the container's limit, processor time.
//!
//! The core is pure and gets all of this as plain numbers. Files are opened once and read again by
//! position into stack buffers, because a sample must neither allocate nor look up paths.
//! Cost: one system call for a figure, 0.2 to 20 us; what cannot be read is 0, never an error.
//! Source: `proc(5)`, the kernel's `cgroup-v2.rst` and `cgroup-v1/memory.rst`.

pub mod cgroup;
pub mod clock;
pub mod cpu;
pub mod memory;

/// Reads `file` from its beginning into `buffer`; none when unreadable or empty.
#[cfg(target_os = "linux")]
fn again<'a>(file: &std::fs::File, buffer: &'a mut [u8]) -> Option<&'a [u8]> {
  use std::os::unix::fs::FileExt;

  let length = file.read_at(buffer, 0).ok()?;
  buffer.get(..length).filter(|text| !text.is_empty())
}

/// A decimal number of digits only, exact below 2^53; none for anything else.
#[cfg(target_os = "linux")]
fn number(word: &[u8]) -> Option<f64> {
  if word.is_empty() || word.len() > 20 {
    return None;
  }
  word.iter().try_fold(0.0, |sum, digit| {
    digit.is_ascii_digit().then(|| sum * 10.0 + f64::from(digit - b'0'))
  })
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
  use super::number;

  #[test]
  fn numbers_are_digits_only() {
    assert_eq!(number(b"0"), Some(0.0));
    assert_eq!(number(b"9007199254740991"), Some(9_007_199_254_740_991.0));
    for bad in [&b""[..], b"max", b"-1", b"1.5", b"12\n", b" 1", b"123456789012345678901"] {
      assert_eq!(number(bad), None);
    }
  }
}
