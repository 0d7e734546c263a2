//! Cells that spreadsheets show and do not calculate.

use std::borrow::Cow;

/// `text` as a cell that no spreadsheet takes for a formula: one that begins like a formula gets an apostrophe in front,
/// which spreadsheets do not show (CWE-1236, rule C-07). White space, invisible characters and quotation marks in front are
/// looked through, since programs strip them; the wide forms of East Asian input count as well.
#[must_use]
pub fn harmless_cell(text: &str) -> Cow<'_, str> {
    let looks_through =
        |one: char| one.is_whitespace() || one.is_control() || crate::foreign::is_invisible(one) || one == '"';
    let is_formula = |one: char| matches!(one, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠');
    let begins = text.trim_start_matches(looks_through).starts_with(is_formula) || text.starts_with(['\t', '\r']);
    if begins { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_like_a_formula_gets_an_apostrophe() {
        for text in
            ["=1", "+49 30", "-1", "@a", "\t1", "\r1", " =1", "\n=1", "\u{feff}=1", "\"=1\"", "＝1", "\u{200b}+1"]
        {
            assert_eq!(harmless_cell(text), format!("'{text}"), "{text:?}");
        }
    }

    #[test]
    fn everything_else_stays() {
        for text in ["", "jane@acme.example", "a=b", "https://a.example", "Hello Jane,\n\n- one", "5-3"] {
            assert_eq!(harmless_cell(text), text);
        }
    }
}
