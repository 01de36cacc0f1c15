//! What a reader of a table has to know.

use std::fmt::Write as _;

use super::numbers::duration;
use super::{Row, Table};

/// Where another engine is faster than the first. One that was not measured on so many threads is compared by what it did on
/// as many as the first table has.
pub fn faster(tables: &[Table], index: usize) -> String {
    let (table, single) = (&tables[index], &tables[0]);
    let name = table.names()[0];
    let own: Vec<_> = table.rows.iter().filter_map(|row| note(table, row, row.first()?)).collect();
    let mut text = if own.is_empty() {
        format!("Faster than {name}, where it was measured: none.\n")
    } else {
        format!("Faster than {name}:\n\n{}\n", own.join("\n"))
    };
    let pairs = table.rows.iter().zip(&single.rows).filter(|(row, _)| row.first().is_none());
    let others: Vec<_> = pairs.filter_map(|(row, single)| note(table, row, single.first()?)).collect();
    if index > 0 && !others.is_empty() {
        let threads = single.title().to_lowercase();
        _ = writeln!(text, "\nFaster than {name} on {threads}, where it has no more:\n\n{}", others.join("\n"));
    }
    text
}

/// Who is faster than `reference`, and how many times as fast.
fn note(table: &Table, row: &Row, reference: f64) -> Option<String> {
    let names = table.names();
    let mut faster: Vec<_> = row.ratios(reference).filter(|(_, ratio)| *ratio < 1.0).collect();
    faster.sort_by(|(_, a), (_, b)| a.total_cmp(b));
    let parts = faster.iter().map(|&(engine, ratio)| format!("{} {:.2} ×", names[engine], 1.0 / ratio));
    let parts: Vec<_> = parts.collect();
    let reference = duration(reference);
    (!parts.is_empty()).then(|| format!("- {} ({reference}): {} as fast.", row.workload, parts.join(", ")))
}

/// Why an engine has no figure in a row.
pub fn dashes(table: &Table) -> String {
    let mut reasons: Vec<(&str, &str, Vec<String>)> = Vec::new();
    for (engine, name) in table.names().into_iter().enumerate() {
        for row in &table.rows {
            let Err(reason) = &row.outcomes[engine] else { continue };
            match reasons.iter_mut().find(|(other, found, _)| *other == name && found == reason) {
                Some((_, _, titles)) => titles.push(row.workload.to_string()),
                None => reasons.push((name, reason, vec![row.workload.to_string()])),
            }
        }
    }
    let line = |(name, reason, titles): &(&str, &str, Vec<String>)| match titles.as_slice() {
        [title] => format!("- {name}: {reason} ({title}).\n"),
        titles => format!("- {name}: {reason} ({} rows).\n", titles.len()),
    };
    if reasons.is_empty() {
        return String::new();
    }
    format!("Dashes:\n\n{}", reasons.iter().map(line).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::super::table::tests::table;
    use super::*;

    const TITLES: [&str; 3] = ["monograd 0.1.0", "burn 1", "JAX 2"];

    #[test]
    fn every_faster_engine_is_named_the_fastest_first() {
        let tables = [table(1, &TITLES, &[&[Some(4.0), Some(3.2), Some(2.0)], &[Some(1.0), Some(2.0), None]])];
        let expected = "Faster than monograd:\n\n- 2-4-2-1, 1 sample (4.00 µs): JAX 2.00 ×, burn 1.25 × as fast.\n";
        assert_eq!(faster(&tables, 0), expected);
    }

    #[test]
    fn where_the_first_has_one_thread_only_it_is_compared_by_that() {
        let one = table(1, &TITLES, &[&[Some(4.0), Some(8.0), None]]);
        let two = table(2, &TITLES, &[&[None, Some(2.0), Some(5.0)]]);
        let text = faster(&[one, two], 1);
        assert!(text.starts_with("Faster than monograd, where it was measured: none.\n\nFaster than monograd on one"));
        assert!(text.ends_with("- 2-4-2-1, 1 sample (4.00 µs): burn 2.00 × as fast.\n"), "{text}");
    }

    #[test]
    fn dashes_have_reasons() {
        let table = table(1, &TITLES, &[&[Some(1.0), None, None], &[Some(1.0), None, Some(1.0)]]);
        let expected = "Dashes:\n\n- burn: does not train (2 rows).\n- JAX: does not train (2-4-2-1, 1 sample).\n";
        assert_eq!(dashes(&table), expected);
    }
}
