//! [`IdMap`]: a map kept as a sorted list, for keys that mostly grow.
//!
//! Ids are handed out in order, so inserting is appending. Each of the standard library's maps
//! costs ten kilobytes of the module; this one costs some hundred bytes. Values are in boxes, so that
//! searching and moving is the same code for all kinds of them.

/// A sorted list of keys and values.
#[derive(Clone, Debug)]
pub(crate) struct IdMap<K, V>(Vec<(K, Box<V>)>);

impl<K, V> Default for IdMap<K, V> {
    fn default() -> Self {
        IdMap(Vec::new())
    }
}

impl<K: Ord, V> IdMap<K, V> {
    fn find<Q: Ord + ?Sized>(&self, key: &Q) -> Result<usize, usize>
    where
        K: std::borrow::Borrow<Q>,
    {
        self.0.binary_search_by(|(other, _)| other.borrow().cmp(key))
    }

    /// Sets the value of a key.
    pub(crate) fn insert(&mut self, key: K, value: V) {
        match self.find(&key) {
            Ok(at) => {
                if let Some(entry) = self.0.get_mut(at) {
                    *entry.1 = value;
                }
            }
            Err(at) => self.0.insert(at, (key, Box::new(value))),
        }
    }

    /// The value of a key.
    pub(crate) fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: std::borrow::Borrow<Q>,
    {
        self.0.get(self.find(key).ok()?).map(|(_, value)| &**value)
    }

    /// The value of a key, to be changed.
    pub(crate) fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: std::borrow::Borrow<Q>,
    {
        let at = self.find(key).ok()?;
        self.0.get_mut(at).map(|(_, value)| &mut **value)
    }

    /// Takes a key out.
    pub(crate) fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: std::borrow::Borrow<Q>,
    {
        self.find(key).ok().map(|at| *self.0.remove(at).1)
    }

    /// Keys and values in the order of the keys.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.0.iter().map(|(key, value)| (key, &**value))
    }

    /// The first key that is not less than this one.
    pub(crate) fn at_or_after(&self, key: &K) -> Option<&K> {
        let (Ok(at) | Err(at)) = self.find(key);
        self.0.get(at).map(|(key, _)| key)
    }

    /// Changes each value.
    pub(crate) fn each(&mut self, mut change: impl FnMut(&mut V)) {
        self.0.iter_mut().for_each(|(_, value)| change(value));
    }

    /// Keeps what `keep` says.
    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&K, &V) -> bool) {
        self.0.retain(|(key, value)| keep(key, value));
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Empties the map.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_in_whatever_order_they_came() {
        let mut map = IdMap::default();
        for key in [5u32, 1, 9, 3] {
            map.insert(key, key * 10);
        }
        map.insert(3, 33);
        assert_eq!(map.get(&3), Some(&33));
        assert_eq!(map.remove(&5), Some(50));
        assert_eq!((map.remove(&5), map.get(&4)), (None, None));
        assert_eq!(map.iter().map(|(key, _)| *key).collect::<Vec<_>>(), [1, 3, 9]);
        map.retain(|key, _| *key != 3);
        assert_eq!(map.len(), 2);
    }
}
