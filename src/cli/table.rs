//! Rows and columns: aligned for people, or as CSV for programs.
//!
//! CSV is that of RFC 4180: a header, a comma between values, CRLF at the end of each line, UTF-8 without a mark in front.
//! A value is written as it is, also one that a spreadsheet would take for a formula: what a record says is evidence, and a
//! quotation mark before it would change the words. That there are such values is said on standard error instead.

use terminal_size::{Width, terminal_size_of};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::CannotRun;
use super::terminal::say;
use crate::text;

/// What stands between two columns.
const GAP: &str = "  ";

/// The least width that the last column is cut to.
const LEAST: usize = 16;

/// How many columns the terminal has on which results are printed; none when they go elsewhere.
pub(super) fn terminal_width() -> Option<usize> {
    terminal_size_of(std::io::stdout()).map(|(Width(width), _)| usize::from(width))
}

/// A table whose columns are as wide as what stands in them, and together at most as wide as is said: the last one is cut, and
/// those before it for which there is no room are left out, from the right; the first always stands. One with nothing in it is
/// left out too. Numbers stand at the right.
pub(super) fn table(header: &[&str], rows: &[Vec<String>], width: Option<usize>) -> String {
    let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|cell| printable(cell)).collect()).collect();
    let has_something = |column: &usize| rows.is_empty() || rows.iter().any(|row| !row[*column].is_empty());
    let mut columns: Vec<usize> = (0..header.len()).filter(has_something).collect();
    let wide = |column: &usize| {
        let cells = rows.iter().map(|row| row[*column].width());
        cells.chain([header[*column].width()]).max().unwrap_or(0)
    };
    let mut widths: Vec<usize> = columns.iter().map(wide).collect();
    if let Some(width) = width {
        narrow(&mut columns, &mut widths, width);
    }
    let is_digits = |cell: &str| cell.bytes().all(|byte| byte.is_ascii_digit());
    let at_right: Vec<bool> =
        columns.iter().map(|column| !rows.is_empty() && rows.iter().all(|row| is_digits(&row[*column]))).collect();
    let line = |cell_of: &dyn Fn(usize) -> String| {
        let cells = columns.iter().zip(&widths).zip(&at_right).map(|((column, width), at_right)| {
            let cell = cut(&cell_of(*column), *width);
            let padding = " ".repeat(width.saturating_sub(cell.width()));
            if *at_right { padding + &cell } else { cell + &padding }
        });
        cells.collect::<Vec<_>>().join(GAP).trim_end().to_owned()
    };
    let head = line(&|column| header[column].to_owned());
    let body = rows.iter().map(|row| line(&|column| row[column].clone()));
    std::iter::once(head).chain(body).collect::<Vec<_>>().join("\n")
}

/// Leaves out columns and cuts the last one until all fit, as far as that goes.
fn narrow(columns: &mut Vec<usize>, widths: &mut Vec<usize>, width: usize) {
    let Some(last) = widths.pop() else { return };
    // The last column stands behind a gap after each of the others.
    let before = |widths: &[usize]| widths.iter().map(|width| width + GAP.len()).sum::<usize>();
    while widths.len() > 1 && before(widths) + last.min(LEAST) > width {
        widths.pop();
        columns.remove(widths.len());
    }
    let room = width.saturating_sub(before(widths)).max(LEAST);
    widths.push(last.min(room));
}

/// A text that is at most so wide on a terminal, with a sign where something was cut off.
pub(super) fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut short = String::new();
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        used += grapheme.width();
        if used >= width {
            break;
        }
        short.push_str(grapheme);
    }
    short.truncate(short.trim_end().len());
    short.push('…');
    short
}

/// A text for a terminal: nothing in it moves, hides or reorders what stands around it. Joiners stay, without which some
/// scripts cannot be read.
pub(super) fn printable(text: &str) -> String {
    let is_joiner = |c: char| matches!(c, '\u{200c}' | '\u{200d}');
    text.chars().map(|c| if text::is_unsafe_in_messages(c) && !is_joiner(c) { '\u{fffd}' } else { c }).collect()
}

/// Rows as CSV.
pub(super) fn csv(header: &[&str], rows: &[Vec<String>]) -> Result<String, CannotRun> {
    let failed = |error: &dyn std::fmt::Display| CannotRun::new(format!("cannot write CSV: {error}"));
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(header).map_err(|error| failed(&error))?;
    for row in rows {
        writer.write_record(row).map_err(|error| failed(&error))?;
    }
    let bytes = writer.into_inner().map_err(|error| failed(&error))?;
    match rows.iter().flatten().filter(|value| value.starts_with(['=', '+', '-', '@', '\t', '\r'])).count() {
        0 => {}
        1 => say("note: 1 value begins like a formula; tell a spreadsheet to take all columns for text"),
        many => {
            say(&format!("note: {many} values begin like formulas; tell a spreadsheet to take all columns for text"));
        }
    }
    String::from_utf8(bytes).map_err(|error| failed(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(header: &[&str], rows: &[&[&str]], width: Option<usize>, expected: &str) {
        let rows: Vec<Vec<String>> =
            rows.iter().map(|row| row.iter().map(|cell| (*cell).to_owned()).collect()).collect();
        assert_eq!(table(header, &rows, width), expected);
    }

    #[test]
    fn columns_are_aligned_by_what_is_seen() {
        check(
            &["id", "name", "n"],
            &[&["a", "日本", "1"], &["bb", "e\u{301}t\u{e9}", "10"], &["c", "नमस्ते", ""]],
            None,
            "id  name   n\na   日本   1\nbb  e\u{301}té   10\nc   नमस्ते",
        );
    }

    #[test]
    fn a_column_with_nothing_in_it_is_left_out() {
        check(&["id", "none", "name"], &[&["a", "", "A"]], None, "id  name\na   A");
        check(&["id", "none"], &[], None, "id  none");
    }

    #[test]
    fn a_table_is_cut_to_its_width_but_for_the_ids() {
        let rows: &[&[&str]] =
            &[&["a-long-id-of-a-record", "a-speaker-of-words", "2023-06-21", "日本語 日本語 日本語 日本語"]];
        let header = &["id", "speaker", "date", "words"];
        check(
            header,
            rows,
            Some(74),
            "id                     speaker             date        words\n\
             a-long-id-of-a-record  a-speaker-of-words  2023-06-21  日本語 日本語 日本…",
        );
        check(
            header,
            rows,
            Some(66),
            "id                     speaker             words\n\
             a-long-id-of-a-record  a-speaker-of-words  日本語 日本語 日本語…",
        );
        check(header, rows, Some(20), "id                     words\na-long-id-of-a-record  日本語 日本語…");
    }

    #[test]
    fn what_could_move_the_text_around_it_is_made_visible() {
        check(&["id"], &[&["a\u{202e}b\u{1b}[2Jक्\u{200d}ष"]], None, "id\na\u{fffd}b\u{fffd}[2Jक्\u{200d}ष");
    }
}
