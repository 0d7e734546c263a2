//! Lists: rows under a header, as `list` commands print them.

use std::fmt::Write as _;
use std::ops::Range;

use comfy_table::{Table, presets};

/// Rows under a header, for lists: one line a row in a pipe, since lists are searched and cut. On a terminal that is too
/// narrow, the last columns stand below the first ones: values get copied, and none is broken in two.
#[must_use]
pub fn text<const N: usize>(
    header: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
    width: Option<u16>,
) -> String {
    let rows: Vec<[String; N]> = std::iter::once(header.map(str::to_owned)).chain(rows).collect();
    let tiers = tiers(&rows, width.map_or(usize::MAX, usize::from));
    let drawn: Vec<Vec<String>> = tiers.iter().map(|columns| drawn(&rows, columns)).collect();
    let mut out = String::new();
    for row in 0..rows.len() {
        for (tier, lines) in drawn.iter().enumerate() {
            let line = lines.get(row).map_or("", String::as_str);
            if tier == 0 || !line.is_empty() {
                let _ = writeln!(out, "{}{line}", if tier == 0 { "" } else { BELOW });
            }
        }
    }
    out
}

/// What stands before columns that stand below others.
const BELOW: &str = "    ";

/// Which columns stand beside each other: as many as there is room for on a terminal of `width`, and always one.
fn tiers<const N: usize>(rows: &[[String; N]], width: usize) -> Vec<Range<usize>> {
    let widest = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        // One blank on either side.
        cells.map(|cell| console::measure_text_width(cell) + 2).max().unwrap_or_default()
    };
    let mut tiers: Vec<Range<usize>> = Vec::new();
    let mut taken = 0;
    for column in 0..N {
        let wide = widest(column);
        match tiers.last_mut() {
            // The blank behind the last one is not drawn.
            Some(tier) if taken + wide - 1 <= width => tier.end = column + 1,
            Some(_) => {
                tiers.push(column..column + 1);
                taken = BELOW.len();
            }
            None => tiers.push(column..column + 1),
        }
        taken += wide;
    }
    tiers
}

/// These columns of every row, a line each.
fn drawn<const N: usize>(rows: &[[String; N]], columns: &Range<usize>) -> Vec<String> {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).force_no_tty();
    table.add_rows(rows.iter().map(|row| row.get(columns.clone()).unwrap_or_default()));
    table.to_string().lines().map(|line| line.trim_end().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(width: Option<u16>) -> String {
        let row = |id: &str, team: &str, provider: &str| [id, team, provider].map(str::to_owned);
        let rows = [row("019ab-1", "Acme", "https://acme.okta.com"), row("019ab-22", "Bèta", "")];
        text(["ID", "TEAM", "PROVIDER"], rows, width)
    }

    #[test]
    fn a_row_is_a_line_where_there_is_room_or_nobody_looks() {
        let wide = " ID        TEAM  PROVIDER\n 019ab-1   Acme  https://acme.okta.com\n 019ab-22  Bèta\n";
        for width in [None, Some(80), Some(38)] {
            assert_eq!(list(width), wide, "{width:?}");
        }
    }

    #[test]
    fn columns_without_room_stand_below_and_nothing_is_broken() {
        let narrow = " ID        TEAM\n     PROVIDER\n 019ab-1   Acme\n     https://acme.okta.com\n 019ab-22  Bèta\n";
        for width in [37, 26, 20] {
            assert_eq!(list(Some(width)), narrow, "{width}");
        }
        assert_eq!(list(Some(5)).lines().count(), 8, "one column a line, and none that is empty");
    }
}
