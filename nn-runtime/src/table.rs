//! Tables of text.

use core::fmt::{self, Formatter};

/// Right-aligned columns, each as wide as its widest cell. A row may be shorter than the first.
pub(crate) fn write(f: &mut Formatter<'_>, table: &[Vec<String>]) -> fmt::Result {
    let cell = |row: &Vec<String>, column: usize| row.get(column).map_or(0, |cell| cell.chars().count());
    let width = |column: usize| table.iter().map(|row| cell(row, column)).max().unwrap_or(0);
    let widths: Vec<_> = (0..table.first().map_or(0, Vec::len)).map(width).collect();
    for row in table {
        let cells = row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:>width$}"));
        writeln!(f, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
    }
    Ok(())
}
