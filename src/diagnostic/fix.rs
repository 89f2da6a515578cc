//! Changes that mend findings: some bytes of a file, and what is to stand in their place.
//!
//! All other bytes stay as they are: comments, order, line ends. Only what has one right answer is ever offered.

use super::Place;

/// A change of some bytes of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edit {
    /// The bytes that go; empty where something is put in.
    pub place: Place,
    /// What comes in their place.
    pub text: String,
}

/// The text after the changes of several findings to its file. The changes of one finding are made together or not at all;
/// those that meet an earlier one are left for the next time. Also how many findings were mended.
pub fn apply<'a>(text: &str, fixes: impl IntoIterator<Item = &'a [Edit]>) -> (String, usize) {
    let mut taken: Vec<&Edit> = Vec::new();
    let mut mended = 0;
    for fix in fixes {
        let is_whole = |edit: &Edit| text.get(edit.place.span.start..edit.place.span.end).is_some();
        let meets = |edit: &Edit| {
            let (mine, next) = (edit.place.span, taken.partition_point(|other| other.place.span < edit.place.span));
            let before = next.checked_sub(1).and_then(|at| taken.get(at));
            // Two that only touch could each rely on what the other takes away.
            before.is_some_and(|other| other.place.span.end >= mine.start)
                || taken.get(next).is_some_and(|other| other.place.span.start <= mine.end)
        };
        let mut own: Vec<_> = fix.iter().map(|edit| edit.place.span).collect();
        own.sort_unstable();
        let overlaps = own.windows(2).any(|pair| pair[0].end > pair[1].start);
        if fix.is_empty() || overlaps || !fix.iter().all(is_whole) || fix.iter().any(meets) {
            continue;
        }
        mended += 1;
        for edit in fix {
            let at = taken.partition_point(|other| other.place.span < edit.place.span);
            taken.insert(at, edit);
        }
    }
    let mut changed = String::with_capacity(text.len());
    let mut at = 0;
    for edit in taken {
        changed.push_str(&text[at..edit.place.span.start]);
        changed.push_str(&edit.text);
        at = edit.place.span.end;
    }
    changed.push_str(&text[at..]);
    (changed, mended)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(start: usize, end: usize, text: &str) -> Edit {
        Edit { place: Place::new(&"a.md".into(), start..end), text: text.to_owned() }
    }

    #[test]
    fn only_the_named_bytes_change() {
        let text = "speeker: jane # she\r\ndate: 2023\r\n";
        let fixes = [vec![edit(0, 7, "speaker")], vec![edit(27, 31, "\"2023\"")]];
        let (changed, mended) = apply(text, fixes.iter().map(Vec::as_slice));
        assert_eq!((changed.as_str(), mended), ("speaker: jane # she\r\ndate: \"2023\"\r\n", 2));
    }

    #[test]
    fn changes_that_meet_others_wait() {
        let fixes = [
            vec![edit(0, 3, "x"), edit(6, 9, "y")],
            vec![edit(4, 7, "z")],
            vec![edit(3, 4, "w")],
            vec![edit(5, 5, "+")],
        ];
        let (changed, mended) = apply("abc def ghi", fixes.iter().map(Vec::as_slice));
        assert_eq!((changed.as_str(), mended), ("x d+eyhi", 2));
    }

    #[test]
    fn places_beyond_the_text_or_within_a_letter_change_nothing() {
        let fixes = [vec![edit(1, 2, "x")], vec![edit(90, 99, "x")], Vec::new()];
        assert_eq!(apply("\u{e9}", fixes.iter().map(Vec::as_slice)), ("\u{e9}".to_owned(), 0));
    }
}
