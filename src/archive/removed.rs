//! What an edition tells of what was taken out of it: when, how much, and for which class of reason. It names nobody.
//!
//! No seal holds any of this, so a notice says nothing but what [`notice`] writes. Where its words change, those that were written before
//! have to be known as well, since editions with them are around.

use std::fmt;

use serde_json::json;

use crate::edition::{About, CAPTURES, CONTENT, LOCK, Part, SETTINGS, SITE, ro_crate};
use crate::edtf::Day;
use crate::model::TakedownReason;

/// Its path in the bag.
pub(super) const FILE: &str = "edition/removed.txt";

/// The first lines of the text.
const HEAD: &str = "Something was taken out of this edition\n\
                    =======================================\n\
                    \n\
                    Each entry that was taken out of edition/manifest.jsonl has left a number there, by\n\
                    which nobody can tell what it was. All other entries are as they were sealed.\n\
                    Where a page stood, a notice stands in its place, unless its address would tell.\n";

/// One time that something was taken out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Removal {
    /// The day.
    pub(super) on: String,
    /// The class of reason.
    pub(super) reason: TakedownReason,
    /// How many files, and how many fields of records.
    pub(super) files: u64,
    pub(super) fields: u64,
}

impl fmt::Display for Removal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Removal { on, reason, files, fields } = self;
        write!(f, "On {on}, for the reason `{}`: {files} files and {fields} fields of records", reason.word())
    }
}

/// What stands before the words of a notice that is a page, which has no other file to rest on.
const PAGE: &str = "<!doctype html>
<html lang=\"en\">
<meta charset=\"utf-8\">
<meta name=\"robots\" content=\"noindex\">
<meta name=\"viewport\" content=\"width=device-width\">
<title>Taken out</title>
<style>
:root { color-scheme: light dark }
body { max-width: 34rem; margin: 12vh auto; padding: 0 1.25rem; font: 1.125rem/1.6 Georgia, serif }
h1 { font-size: 1.5rem; line-height: 1.25 }
time { white-space: nowrap }
</style>
<h1>Taken out</h1>
";

/// What stands where a file was; `None` of files that are no text.
pub(super) fn notice(path: &str, on: impl fmt::Display, reason: TakedownReason) -> Option<String> {
    let says = |day: &str| {
        format!("What stood here was taken out of this edition on {day}. The class of reason is: {}.", reason.word())
    };
    let day = on.to_string();
    match path.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => Some(format!("{PAGE}<p>{}</p>\n</html>\n", says(&format!("<time>{day}</time>")))),
        "txt" | "md" => Some(says(&day) + "\n"),
        "json" | "jsonl" => Some(format!("{}\n", json!({ "notice": says(&day) }))),
        _ => None,
    }
}

/// What an edition says of itself without publisher and licence, which may tell; the rest stands in its seal as well.
pub(super) fn without_names(about: About) -> About {
    About { publisher: None, licence: None, base_url: None, ..about }
}

/// What stands in place of what an edition said to catalogues.
pub(super) fn metadata(about: &About, before: &str) -> String {
    let all = [CAPTURES, CONTENT, SETTINGS, LOCK].into_iter().chain(SITE);
    let parts: Vec<Part> = all.filter(|part| before.contains(&format!("\"{}\"", part.path))).collect();
    ro_crate(about, &parts)
}

/// The text of the file.
pub(super) fn to_text(removals: &[Removal]) -> String {
    let lines: String = removals.iter().map(|removal| format!("\n{removal}\n")).collect();
    format!("{HEAD}{lines}")
}

/// What a text tells; `None` when it is not written as this program writes it.
pub(super) fn read(text: &str) -> Option<Vec<Removal>> {
    let lines = text.strip_prefix(HEAD)?.lines().filter(|line| !line.is_empty());
    let removals: Vec<Removal> = lines.map(removal).collect::<Option<_>>()?;
    (!removals.is_empty() && to_text(&removals) == text).then_some(removals)
}

fn removal(line: &str) -> Option<Removal> {
    let (on, rest) = line.strip_prefix("On ")?.split_once(", for the reason `")?;
    let (word, rest) = rest.split_once("`: ")?;
    let (files, rest) = rest.split_once(" files and ")?;
    let fields = rest.strip_suffix(" fields of records")?;
    day(on)?;
    let reason = TakedownReason::ALL.iter().find(|reason| reason.word() == word).copied()?;
    Some(Removal { on: on.to_owned(), reason, files: files.parse().ok()?, fields: fields.parse().ok()? })
}

/// A day as editions write it.
pub(super) fn day(text: &str) -> Option<Day> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    Day::new(year, month, day).filter(|day| parts.next().is_none() && day.to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_taken_out_is_told_and_read_again() {
        let removal = |on: &str| Removal { on: on.to_owned(), reason: TakedownReason::Legal, files: 2, fields: 10 };
        let removals = [removal("2025-07-01"), removal("2025-07-02")];
        let text = to_text(&removals);
        assert!(
            text.ends_with("\n\nOn 2025-07-02, for the reason `legal`: 2 files and 10 fields of records\n"),
            "{text}"
        );
        assert_eq!(read(&text).as_deref(), Some(&removals[..]));
        for wrong in ["2025-13-01", "2025-7-01", "`law`", "x files"] {
            let text = text.replace("2025-07-01", wrong);
            assert_eq!(read(&text), None, "{wrong}");
        }
        assert_eq!(read(&(text + "More.\n")), None);
    }
}
