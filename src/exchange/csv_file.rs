//! A CSV file for whoever opens it in a spreadsheet: the one place that writes such a file, so that no cell of any is a formula,
//! and none that could not be written looks like an empty one.

use std::io::Write;

use crate::exchange::roster::cells::neutral;

/// How the lines of a file end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineEnd {
    /// As RFC 4180 has it, for files that go back and forth between spreadsheets.
    Crlf,
    /// As the console's tables always ended them: scripts read them line by line.
    Lf,
}

/// A CSV file that is being written.
pub struct CsvFile<W: Write>(csv::Writer<W>);

impl<W: Write> CsvFile<W> {
    /// A file that nothing stands in yet.
    #[must_use]
    pub fn new(out: W, ends: LineEnd) -> Self {
        let ends = match ends {
            LineEnd::Crlf => csv::Terminator::CRLF,
            LineEnd::Lf => csv::Terminator::Any(b'\n'),
        };
        Self(csv::WriterBuilder::new().terminator(ends).from_writer(out))
    }

    /// Writes a row; what would begin a formula gets an apostrophe before it.
    ///
    /// # Errors
    /// The system's.
    pub fn row<T: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = T>) -> std::io::Result<()> {
        let cells = cells.into_iter().map(|cell| neutral(cell.as_ref()).into_owned());
        self.0.write_record(cells).map_err(std::io::Error::from)
    }

    /// Ends the file and gives back what it was written to.
    ///
    /// # Errors
    /// The system's; then not all of it is written.
    pub fn end(self) -> std::io::Result<W> {
        self.0.into_inner().map_err(|fault| std::io::Error::new(fault.error().kind(), fault.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A disk that is full.
    struct Full;

    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn no_cell_is_a_formula_and_what_could_not_be_written_is_no_empty_file() {
        let mut file = CsvFile::new(Vec::new(), LineEnd::Crlf);
        file.row(["=1+1", "-", "12", "a,b"]).unwrap();
        assert_eq!(file.end().unwrap(), b"'=1+1,'-,12,\"a,b\"\r\n");
        let mut file = CsvFile::new(Full, LineEnd::Crlf);
        file.row(["a"]).unwrap();
        assert_eq!(file.end().err().unwrap().kind(), std::io::ErrorKind::StorageFull);
    }
}
