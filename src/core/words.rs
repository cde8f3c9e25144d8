//! Figures in units that can be read.
//!
//! *Why.* "3355443.2" is not advice. *Cost.* One string.

const KB: f64 = 1024.0;
/// Bytes in a megabyte, as V8 and cgroups count it.
pub const MB: f64 = KB * 1024.0;
const GB: f64 = MB * 1024.0;

/// "3.2 MB", "640 KB".
#[must_use]
pub fn bytes_words(bytes: f64) -> String {
  let amount = bytes.abs();
  if amount >= GB {
    format!("{:.1} GB", bytes / GB)
  } else if amount >= MB {
    format!("{:.1} MB", bytes / MB)
  } else if amount >= KB {
    format!("{:.0} KB", bytes / KB)
  } else {
    format!("{bytes:.0} bytes")
  }
}

/// "45 seconds", "12 minutes", "3.5 hours", "4.0 days".
#[must_use]
pub fn minutes_words(minutes: f64) -> String {
  if minutes >= 2_880.0 {
    format!("{:.1} days", minutes / 1_440.0)
  } else if minutes >= 120.0 {
    format!("{:.1} hours", minutes / 60.0)
  } else if minutes >= 2.0 {
    format!("{minutes:.0} minutes")
  } else {
    format!("{:.0} seconds", minutes * 60.0)
  }
}

#[cfg(test)]
mod tests {
  use super::*;

  #[test]
  fn sizes_and_times_come_in_units_that_can_be_read() {
    assert_eq!(bytes_words(3.25 * MB), "3.2 MB");
    assert_eq!(bytes_words(-640.0 * KB), "-640 KB");
    assert_eq!(bytes_words(12.0), "12 bytes");
    assert_eq!(bytes_words(2.5 * GB), "2.5 GB");
    assert_eq!(minutes_words(0.75), "45 seconds");
    assert_eq!(minutes_words(12.0), "12 minutes");
    assert_eq!(minutes_words(210.0), "3.5 hours");
    assert_eq!(minutes_words(5_760.0), "4.0 days");
  }
}
