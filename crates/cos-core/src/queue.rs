//! [`Queue`]: first in, first out, of two vectors; the standard library's ring costs a kilobyte more
//! of the module.

/// What went in first comes out first, each in constant time on average.
pub(crate) struct Queue<T> {
    /// What came since `leaving` was filled, the newest last.
    arriving: Vec<T>,
    /// What comes out next, the oldest last.
    leaving: Vec<T>,
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Queue { arriving: Vec::new(), leaving: Vec::new() }
    }
}

impl<T> Queue<T> {
    /// Adds an item behind all others.
    pub(crate) fn push(&mut self, item: T) {
        self.arriving.push(item);
    }

    /// Takes the item out that has been here longest.
    pub(crate) fn pop(&mut self) -> Option<T> {
        self.front();
        self.leaving.pop()
    }

    /// The item that has been here longest.
    pub(crate) fn front(&mut self) -> Option<&T> {
        if self.leaving.is_empty() {
            std::mem::swap(&mut self.arriving, &mut self.leaving);
            self.leaving.reverse();
        }
        self.leaving.last()
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.arriving.is_empty() && self.leaving.is_empty()
    }

    /// Keeps what `keep` says, and tells whether something went.
    pub(crate) fn retain(&mut self, keep: impl Fn(&T) -> bool) -> bool {
        let before = self.arriving.len() + self.leaving.len();
        for items in [&mut self.arriving, &mut self.leaving] {
            items.retain(&keep);
        }
        self.arriving.len() + self.leaving.len() < before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_in_first_out() {
        let mut queue = Queue::default();
        for item in 0..4 {
            queue.push(item);
        }
        assert_eq!(queue.pop(), Some(0));
        queue.push(4);
        queue.push(5);
        assert!(queue.retain(|item| ![2, 4].contains(item)));
        assert!(!queue.retain(|item| *item != 2));
        assert_eq!(std::iter::from_fn(|| queue.pop()).collect::<Vec<_>>(), [1, 3, 5]);
    }
}
