//! HTML as lines: table cells, list items and line breaks kept apart, hidden text kept away, nothing fetched.
//!
//! Not a renderer: style sheets are not applied, so what a class hides is taken for visible.

use std::convert::Infallible;

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, Tokenizer};

use super::drawn::Drawing;
use super::element::{Tag, Within, field_value, is_block, is_hidden, is_signature, is_silent, is_struck};
use super::html_table::Table;
use super::line::{Line, Mismatch, Page, Room};
use super::links::{self, Link};

/// Tables within tables that are told apart.
const TABLES: usize = 32;

/// Misleading links that are kept.
const MISMATCHES: usize = 100;

/// Longest address of a link that is kept, in bytes.
const TARGET_BYTES: usize = 2048;

/// Reads HTML. Nothing is read that `room` has no place for.
pub(super) fn page(html: &str, room: &mut Room) -> Page {
    let mut reader = Reader::new(room);
    let mut tag = None;
    let mut emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: Span<()>| -> Option<Infallible> {
        match event {
            CallbackEvent::OpenStartTag { name } => tag = Some(Tag::new(name)),
            CallbackEvent::AttributeName { name } => {
                if let Some(tag) = &mut tag {
                    tag.attribute_named(name);
                }
            }
            CallbackEvent::AttributeValue { value } => {
                if let Some(tag) = &mut tag {
                    tag.attribute_value(value);
                }
            }
            CallbackEvent::CloseStartTag { self_closing } => {
                if let Some(mut tag) = tag.take() {
                    tag.self_closing = self_closing;
                    reader.start(&tag);
                }
            }
            CallbackEvent::EndTag { name } => reader.end(name),
            CallbackEvent::String { value } => reader.text(&String::from_utf8_lossy(value)),
            CallbackEvent::Comment { .. } | CallbackEvent::Doctype { .. } | CallbackEvent::Error(_) => {}
        }
        None
    });
    emitter.naively_switch_states(true);
    let Ok(()) = Tokenizer::new_with_emitter(html, emitter).finish();
    reader.finish()
}

struct Reader<'r> {
    page: Page,
    room: &'r mut Room,
    tables: Vec<Table>,
    drawing: Drawing,
    /// The line that is being read.
    current: String,
    /// Blanks seen that a word has yet to follow.
    gap: bool,
    preformatted: usize,
    depth: usize,
    silent: Option<Within>,
    hidden: Option<Within>,
    struck: Option<Within>,
    signature: Option<Within>,
    /// The line of hidden text that is being read.
    hidden_line: String,
    /// The address behind the link that is being read, and its text so far.
    link: Option<(String, String)>,
}

impl<'r> Reader<'r> {
    fn new(room: &'r mut Room) -> Self {
        Self {
            page: Page::default(),
            room,
            tables: Vec::new(),
            drawing: Drawing::default(),
            current: String::new(),
            gap: false,
            preformatted: 0,
            depth: 0,
            silent: None,
            hidden: None,
            struck: None,
            signature: None,
            hidden_line: String::new(),
            link: None,
        }
    }

    fn start(&mut self, tag: &Tag) {
        let name: &[u8] = &tag.name;
        for within in [&mut self.silent, &mut self.hidden, &mut self.struck, &mut self.signature] {
            Within::start(within, name);
        }
        if self.silent.is_some() {
            return;
        }
        if is_silent(name) {
            self.silent = Within::of(tag);
            return;
        }
        if self.hidden.is_none() && is_hidden(tag) {
            self.flush_word();
            self.hidden = Within::of(tag);
        }
        if self.hidden.is_some() {
            if name == b"br" || is_block(name) || name == b"td" || name == b"tr" {
                self.flush_hidden();
            }
            return;
        }
        if self.struck.is_none() && is_struck(tag) {
            self.struck = Within::of(tag);
        }
        if self.signature.is_none() && is_signature(tag) {
            self.flush_line();
            self.signature = Within::of(tag);
        }
        match name {
            b"br" => self.flush_line(),
            b"img" => self.page.images += 1,
            b"input" => self.field(tag),
            b"a" => {
                self.end_link();
                if let Some(target) =
                    tag.attribute(b"href").filter(|target| target.len() <= TARGET_BYTES && self.struck.is_none())
                {
                    self.link = Some((target.trim().to_owned(), String::new()));
                }
            }
            b"table" => {
                self.flush_line();
                if self.tables.len() < TABLES {
                    self.tables.push(Table::default());
                }
            }
            b"tr" => self.end_row(),
            b"td" | b"th" => {
                self.end_cell();
                self.tables.last_mut().into_iter().for_each(Table::begin_cell);
            }
            b"blockquote" => {
                self.flush_line();
                self.depth += 1;
            }
            b"pre" => {
                self.flush_line();
                self.preformatted += 1;
            }
            _ if is_block(name) => self.flush_line(),
            _ => {}
        }
    }

    /// A field of a form, on a line of its own below its label, or in its cell.
    fn field(&mut self, tag: &Tag) {
        let Some(value) = field_value(tag).filter(|value| !value.trim().is_empty() && !is_hidden(tag)) else { return };
        let has_label = !self.current.trim().is_empty();
        if has_label {
            self.flush_line();
        }
        self.text(value);
        if has_label || self.tables.is_empty() {
            self.flush_line();
        }
    }

    fn end(&mut self, name: &[u8]) {
        Within::end(&mut self.struck, name);
        if self.silent.is_some() {
            Within::end(&mut self.silent, name);
            return;
        }
        if self.hidden.is_some() {
            Within::end(&mut self.hidden, name);
            if self.hidden.is_none() {
                self.flush_hidden();
            }
            return;
        }
        match name {
            b"a" => self.end_link(),
            b"table" => self.end_table(),
            b"tr" => self.end_row(),
            b"td" | b"th" => self.end_cell(),
            b"blockquote" => {
                self.flush_line();
                self.depth = self.depth.saturating_sub(1);
            }
            b"pre" => {
                self.flush_line();
                self.preformatted = self.preformatted.saturating_sub(1);
            }
            _ if is_block(name) => self.flush_line(),
            _ => {}
        }
        if self.signature.is_some() {
            let before = self.signature.as_ref().map(|one| one.open);
            if before == Some(1) && self.signature.as_ref().is_some_and(|one| one.name == name) {
                self.flush_line();
            }
            Within::end(&mut self.signature, name);
        }
    }

    fn text(&mut self, text: &str) {
        if self.silent.is_some() {
            return;
        }
        if self.hidden.is_some() {
            for (position, line) in text.split('\n').enumerate() {
                if position > 0 {
                    self.flush_hidden();
                }
                if self.hidden_line.len() + line.len() <= self.room.hidden_bytes() {
                    self.hidden_line.push_str(line);
                }
            }
            return;
        }
        if self.struck.is_some() {
            return;
        }
        for character in text.chars() {
            if self.current.len() > self.room.bytes() {
                break;
            }
            if character == '\n' && self.preformatted > 0 {
                self.flush_line();
            } else if character.is_ascii_whitespace() {
                self.gap = true;
            } else {
                if self.gap && !self.current.is_empty() {
                    self.current.push(' ');
                    if let Some((_, shown)) = &mut self.link {
                        shown.push(' ');
                    }
                }
                self.gap = false;
                // A non-breaking space parts words as well; intake would only have to take it off again.
                let character = if character == '\u{a0}' { ' ' } else { character };
                self.current.push(character);
                if let Some((_, shown)) = &mut self.link {
                    shown.push(character);
                }
            }
        }
    }

    fn flush_word(&mut self) {
        self.gap = true;
    }

    fn flush_line(&mut self) {
        let text = std::mem::take(&mut self.current);
        self.gap = false;
        if text.trim().is_empty() {
            // A blank line keeps what is above from what is below.
            if self.tables.is_empty() && self.page.lines.last().is_some_and(|line| !line.is_blank()) {
                self.page.lines.push(Line::text("", self.depth));
            }
            return;
        }
        let line = if self.tables.is_empty() {
            self.drawing.line(text.trim(), self.depth, &mut self.page.lines)
        } else {
            Line::text(text.trim(), self.depth)
        };
        if self.room.takes(line.cells.len() + line.rule, text.len()) {
            self.put(vec![Line { signature: self.signature.is_some(), ..line }]);
        }
    }

    fn flush_hidden(&mut self) {
        let line = self.hidden_line.trim();
        if !line.is_empty() && self.room.takes_hidden(line.len()) {
            self.page.hidden.push(Line::text(line, 0));
        }
        self.hidden_line.clear();
    }

    /// Adds lines to the innermost table, else to the page.
    fn put(&mut self, lines: Vec<Line>) {
        match self.tables.last_mut() {
            Some(table) => table.put(lines),
            None => self.page.lines.extend(lines),
        }
    }

    fn end_cell(&mut self) {
        self.flush_line();
        self.tables.last_mut().into_iter().for_each(Table::end_cell);
    }

    fn end_row(&mut self) {
        self.flush_line();
        self.tables.last_mut().into_iter().for_each(Table::end_row);
    }

    fn end_table(&mut self) {
        self.flush_line();
        if let Some(table) = self.tables.pop() {
            self.put(table.into_lines());
        }
    }

    /// Compares what a link shows with where it leads. What shows no address has it written behind.
    fn end_link(&mut self) {
        let Some((target, shown)) = self.link.take() else { return };
        match links::judge(&target, &shown) {
            Link::Plain => {}
            Link::Unsaid(address) => self.append(&address),
            Link::Misleading(mismatch) => self.mismatch(mismatch),
        }
    }

    fn mismatch(&mut self, mismatch: Mismatch) {
        if self.page.mismatches.len() < MISMATCHES {
            self.page.mismatches.push(mismatch);
        }
    }

    fn append(&mut self, address: &str) {
        if !address.is_empty() {
            self.current.push_str(" <");
            self.current.push_str(address);
            self.current.push('>');
        }
    }

    fn finish(mut self) -> Page {
        self.end_link();
        self.flush_line();
        while !self.tables.is_empty() {
            self.end_table();
        }
        self.flush_hidden();
        self.page
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ticket::line::ROW_CELLS;

    fn read(html: &str) -> Page {
        page(html, &mut Room::default())
    }

    fn rows(html: &str) -> Vec<Vec<String>> {
        read(html).lines.into_iter().filter(|line| !line.is_blank()).map(|line| line.cells).collect()
    }

    #[test]
    fn breaks_paragraphs_and_list_items_are_lines() {
        assert_eq!(rows("a<br>b<p>c <b>d</b></p><ul><li>e<li>f</ul>g"), [["a"], ["b"], ["c d"], ["e"], ["f"], ["g"]]);
    }

    #[test]
    fn a_row_keeps_its_cells_and_a_layout_table_its_lines() {
        assert_eq!(rows("<table><tr><td>a</td><td><p>b</p></td></tr></table>"), [["a", "b"]]);
        assert_eq!(rows("<table><tr><td>a<br>b</td></tr></table>"), [["a"], ["b"]]);
        assert_eq!(rows("<table><tr><td>a<br>b</td><td>c<br>d</td></tr></table>"), [["a", "c"], ["b", "d"]]);
        assert_eq!(
            rows("<table><tr><td>x<table><tr><td>a</td><td>b</td></tr></table></td></tr></table>"),
            [["x"].as_slice(), &["a", "b"]]
        );
    }

    #[test]
    fn what_is_hidden_is_kept_apart() {
        for style in [
            "display:none",
            "DISPLAY: none !important",
            "font-size:0px",
            "visibility:hidden",
            "opacity:0",
            "mso-hide:all",
            "font-size: 1px; line-height: 1px",
            "max-height:0; overflow:hidden",
            "height:0px;overflow:hidden",
            "font:0/0 a",
            "text-indent:-9999px",
            "position:absolute; left:-9999px",
            "color:#FFF; background-color:#ffffff",
            "color: white; background: rgb(255, 255, 255)",
            "color: transparent",
        ] {
            let page = read(&format!("a<div style=\"{style}\">b<div>c</div></div>d"));
            let seen: String = page.lines.iter().map(Line::joined).collect();
            assert!(!seen.contains(['b', 'c']) && seen.contains('d'), "{style}: {seen}");
            assert_eq!(page.hidden.len(), 2, "{style}");
        }
        assert_eq!(
            read("<table><tr><td bgcolor=white><font bgcolor=#fff color=white>b</font></table>").hidden.len(),
            1
        );
        for shown in [
            "font-size:0.9em; opacity:0.5",
            "color:#fff; background:#000",
            "color:#fff",
            "height:0",
            "left:-9999px",
            "text-indent:-2em",
            "font:10px Arial",
        ] {
            assert!(read(&format!("<p style=\"{shown}\">a</p>")).hidden.is_empty(), "{shown}");
        }
    }

    #[test]
    fn a_link_that_shows_no_address_has_it_written_behind() {
        assert_eq!(rows("see <a href=\"https://a.example/m\">here</a>."), [["see here <https://a.example/m>."]]);
        assert_eq!(rows("<a href=\"https://a.example/m\">https://a.example/m</a>"), [["https://a.example/m"]]);
        assert_eq!(rows("<a href=\"mailto:j@a.example?subject=x\">Jane</a>"), [["Jane <j@a.example>"]]);
    }

    #[test]
    fn a_link_that_leads_elsewhere_is_noticed() {
        let mismatch = |html: &str| read(html).mismatches.len();
        assert_eq!(mismatch("<a href=\"//b.example\">https://a.example</a>"), 1);
        assert_eq!(mismatch("<a href=\"https://A.example/\">https://a.example</a>"), 0);
        let safe = "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fa.example%2F&amp;data=1";
        assert_eq!(mismatch(&format!("<a href=\"{safe}\">https://a.example/</a>")), 0);
    }

    #[test]
    fn what_is_struck_through_is_not_read_and_joins_nothing() {
        assert_eq!(rows("a: <del>old</del><ins>new</ins>"), [["a: new"]]);
        assert_eq!(rows("a: <s>old </s><strike>older</strike> new"), [["a: new"]]);
        let styled = "<span style=\"color:red; Text-Decoration: Line-Through\">old<br>older</span>";
        assert_eq!(rows(&format!("a<br>{styled}<br>b")), [["a"], ["b"]]);
        assert_eq!(rows("a: <s><a href=\"https://old.example\">https://old.example</a></s> <b>new</b>"), [["a: new"]]);
        assert_eq!(rows("<s>a<i hidden><s>b</s></i></s>c"), [["c"]]);
        assert_eq!(rows("<s>a: <s>b</s> c</s>d<p style=\"text-decoration:none\">e</p>"), [["d"], ["e"]]);
    }

    #[test]
    fn scripts_styles_and_comments_are_not_text() {
        assert_eq!(
            rows("<head><style>p{}</style><title>t</title></head><script>var a='<p>b';</script><!-- c -->d"),
            [["d"]]
        );
    }

    #[test]
    fn tables_without_end_do_not_end_the_program() {
        let page = read(&"<table><tr><td>a".repeat(5_000));
        assert!(!page.lines.is_empty());
    }

    #[test]
    fn a_row_of_very_many_cells_is_lines() {
        let cells = |many: usize| rows(&format!("<table><tr>{}</table>", "<td>a".repeat(many)));
        assert_eq!(cells(ROW_CELLS).len(), 1);
        assert_eq!(cells(ROW_CELLS + 6).len(), ROW_CELLS + 6);
    }

    #[test]
    fn attributes_without_end_hide_nothing_behind_them() {
        let many: String = (0..20_000).map(|number| format!(" a{number}=b")).collect();
        let page = read(&format!("<p{many} hidden style=x style=\"display:none\">a</p><p{many}>b</p>"));
        let seen = page.lines.iter().filter(|line| !line.is_blank()).map(Line::joined);
        assert_eq!((seen.collect::<Vec<_>>(), page.hidden.len()), (vec!["b".to_owned()], 1));
        assert!(read("<p style=x style=\"display:none\">a</p>").hidden.is_empty(), "the first of a name counts");
    }
}
