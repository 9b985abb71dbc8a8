//! A page of a list. One row more than it holds is read, which tells whether another page follows; a row that cannot be read
//! counts like any other, so that it hides none of those behind it.

use std::cell::Cell;

/// The rows of one page of a list, and whether another page follows.
#[derive(Debug, Clone)]
pub struct RowPage<T> {
    /// In the order of the list.
    pub rows: Vec<T>,
    has_next: bool,
}

impl<T> RowPage<T> {
    /// A page with nothing on it.
    pub const fn empty() -> Self {
        Self { rows: Vec::new(), has_next: false }
    }

    /// The row after which the next page begins; `None` on the last page.
    pub fn next(&self) -> Option<&T> {
        self.rows.last().filter(|_| self.has_next)
    }
}

/// Counts the rows of a page while they are read.
pub(in crate::store) struct RowPageReader {
    limit: u32,
    seen: Cell<u32>,
}

impl RowPageReader {
    pub(in crate::store) const fn new(limit: u32) -> Self {
        Self { limit, seen: Cell::new(0) }
    }

    /// So many rows are asked for.
    pub(in crate::store) const fn asked(&self) -> u32 {
        self.limit.saturating_add(1)
    }

    /// So many rows were read.
    pub(in crate::store) const fn seen(&self) -> u32 {
        self.seen.get()
    }

    /// So many rows are still asked for, where a page is read in several stretches.
    pub(in crate::store) const fn left(&self) -> u32 {
        self.asked().saturating_sub(self.seen.get())
    }

    /// What was read of a row, with its place on the page.
    pub(in crate::store) fn row<T, E>(&self, read: Result<T, E>) -> Result<(u32, T), E> {
        self.seen.set(self.seen.get().saturating_add(1));
        Ok((self.seen.get(), read?))
    }

    /// The page, once all was read.
    pub(in crate::store) fn page<T>(&self, rows: Vec<(u32, T)>) -> RowPage<T> {
        let held = rows.into_iter().filter(|(place, _)| *place <= self.limit);
        RowPage { rows: held.map(|(_, row)| row).collect(), has_next: self.seen.get() > self.limit }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(limit: u32, list: &[Result<char, ()>]) -> RowPage<char> {
        let reader = RowPageReader::new(limit);
        let asked = list.iter().take(reader.asked() as usize);
        reader.page(asked.filter_map(|row| reader.row(*row).ok()).collect())
    }

    #[test]
    fn another_page_follows_only_where_there_is_something_on_it() {
        let list = ['a', 'b', 'c', 'd'].map(Ok);
        for (limit, rows, next) in
            [(5, "abcd", None), (4, "abcd", None), (3, "abc", Some('c')), (1, "a", Some('a'))]
        {
            let page = page(limit, &list);
            assert_eq!((page.rows.iter().collect::<String>().as_str(), page.next().copied()), (rows, next));
        }
        assert_eq!(page(2, &[]).next(), None);
    }

    #[test]
    fn a_row_that_cannot_be_read_hides_none_behind_it() {
        let list = [Ok('a'), Err(()), Ok('c'), Ok('d')];
        let first = page(3, &list);
        assert_eq!((first.rows.as_slice(), first.next()), (&['a', 'c'][..], Some(&'c')));
        let last_is_lost = page(2, &list);
        assert_eq!((last_is_lost.rows.as_slice(), last_is_lost.next()), (&['a'][..], Some(&'a')));
        let none_behind = page(3, &list[..3]);
        assert_eq!(none_behind.next(), None);
    }
}
