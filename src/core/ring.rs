//! A list of fixed capacity that forgets its oldest entry: the only container of histories.
//!
//! *Why.* A watcher that grows is a leak of its own. All memory is taken once, in `try_new`, and a
//! refusal of the allocator is an error there, never an abort later.
//! *Cost.* `capacity * size_of::<T>()` bytes; push and get are O(1).

use super::error::{Error, Result};

/// The newest `capacity` values, oldest first.
#[derive(Clone, Debug)]
pub struct Ring<T> {
  slots: Vec<T>,
  head: usize,
  capacity: usize,
}

impl<T: Copy> Ring<T> {
  /// Takes all memory that it will ever use.
  ///
  /// # Errors
  /// `OutOfRange` for a capacity of 0, `NoMemory` when the allocator refuses.
  pub fn try_new(capacity: usize) -> Result<Self> {
    if capacity == 0 {
      return Err(Error::OutOfRange { name: "capacity", expected: "at least 1", received: 0.0 });
    }
    let mut slots = Vec::new();
    slots
      .try_reserve_exact(capacity)
      .map_err(|_| Error::NoMemory { bytes: capacity.saturating_mul(size_of::<T>()) })?;
    Ok(Self { slots, head: 0, capacity })
  }

  /// Appends; when full, the oldest goes and is returned.
  pub fn push(&mut self, value: T) -> Option<T> {
    if self.slots.len() < self.capacity {
      self.slots.push(value);
      return None;
    }
    let evicted = self.slots.get_mut(self.head).map(|slot| std::mem::replace(slot, value));
    self.head = if self.head + 1 >= self.capacity { 0 } else { self.head + 1 };
    evicted
  }

  /// How many are held.
  #[must_use]
  pub fn len(&self) -> usize {
    self.slots.len()
  }

  /// Whether none is held.
  #[must_use]
  pub fn is_empty(&self) -> bool {
    self.slots.is_empty()
  }

  /// How many can be held.
  #[must_use]
  pub fn capacity(&self) -> usize {
    self.capacity
  }

  /// Oldest first.
  #[must_use]
  pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> + '_ {
    let (newer, older) = self.slots.split_at_checked(self.head).unwrap_or((&[], &self.slots));
    older.iter().chain(newer)
  }

  /// The newest.
  #[must_use]
  pub fn last(&self) -> Option<&T> {
    self.len().checked_sub(1).and_then(|newest| self.get(newest))
  }

  /// The oldest.
  #[must_use]
  pub fn first(&self) -> Option<&T> {
    self.get(0)
  }

  /// The `index`-th, counted from the oldest.
  #[must_use]
  pub fn get(&self, index: usize) -> Option<&T> {
    if index >= self.slots.len() {
      return None;
    }
    let straight = self.head + index;
    self.slots.get(if straight >= self.slots.len() {
      straight - self.slots.len()
    } else {
      straight
    })
  }

  /// Forgets everything; the memory stays.
  pub fn clear(&mut self) {
    self.slots.clear();
    self.head = 0;
  }
}

#[cfg(test)]
mod tests {
  use super::*;

  #[test]
  fn it_keeps_the_newest_and_hands_back_the_oldest() {
    let mut ring = Ring::try_new(3).unwrap();
    assert!(ring.is_empty() && ring.last().is_none() && ring.first().is_none());
    assert_eq!((ring.push(1), ring.push(2), ring.push(3)), (None, None, None));
    assert_eq!((ring.push(4), ring.push(5)), (Some(1), Some(2)));
    assert_eq!(ring.iter().copied().collect::<Vec<_>>(), [3, 4, 5]);
    assert_eq!(ring.iter().rev().copied().collect::<Vec<_>>(), [5, 4, 3]);
    assert_eq!(
      (ring.first(), ring.get(1), ring.last(), ring.get(3)),
      (Some(&3), Some(&4), Some(&5), None)
    );
    assert_eq!((ring.len(), ring.capacity()), (3, 3));
  }

  #[test]
  fn clear_starts_anew_without_new_memory() {
    let mut ring = Ring::try_new(2).unwrap();
    for value in 0..5 {
      ring.push(value);
    }
    ring.clear();
    assert!(ring.is_empty());
    ring.push(9);
    ring.push(10);
    assert_eq!(ring.push(11), Some(9));
    assert_eq!(ring.iter().copied().collect::<Vec<_>>(), [10, 11]);
  }

  #[test]
  fn impossible_capacities_are_errors() {
    assert!(matches!(Ring::<f64>::try_new(0), Err(Error::OutOfRange { .. })));
    assert!(matches!(Ring::<f64>::try_new(usize::MAX / 2), Err(Error::NoMemory { .. })));
  }
}
