//! Numbers that begin on a cache line, so that rows of whole lines do not straddle them.

use std::fmt;
use std::ops::Deref;

/// A cache line, in bytes.
const LINE: usize = 64;

/// A fixed array on a cache line boundary.
pub(crate) struct Aligned<T> {
    /// Never grows, so that its elements never move to another address.
    data: Vec<T>,
    start: usize,
    length: usize,
}

impl<T: Copy + Default> FromIterator<T> for Aligned<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Aligned<T> {
        let values: Vec<T> = values.into_iter().collect();
        let mut data: Vec<T> = Vec::with_capacity(values.len() + LINE / size_of::<T>());
        let start = data.as_ptr().align_offset(LINE).min(LINE / size_of::<T>());
        data.resize(start, T::default());
        data.extend_from_slice(&values);
        Aligned { data, start, length: values.len() }
    }
}

impl<T: Copy + Default> Clone for Aligned<T> {
    fn clone(&self) -> Aligned<T> {
        self.iter().copied().collect()
    }
}

impl<T: fmt::Debug> fmt::Debug for Aligned<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<T> Deref for Aligned<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        &self.data[self.start..self.start + self.length]
    }
}

impl<T: PartialEq> PartialEq for Aligned<T> {
    fn eq(&self, other: &Aligned<T>) -> bool {
        **self == **other
    }
}

impl<T: Eq> Eq for Aligned<T> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_begin_on_a_line() {
        for length in [1, 31, 32, 1000] {
            let values: Aligned<i16> = (0..length).collect();
            for values in [&values, &values.clone()] {
                assert_eq!(values.as_ptr() as usize % LINE, 0);
                assert!(values.iter().copied().eq(0..length));
            }
        }
    }
}
