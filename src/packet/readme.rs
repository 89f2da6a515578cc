//! The page that tells a person what a packet is and how to check it without this program, and the passages of copies that are not in it.

use super::statement::{Capture, Cited, For, Passed, Quotation, Statement};
use super::{CAPTURES, EXCERPTS, README, RECORD, RECORD_DATA, STATEMENT, SUMS};
use crate::evidence::{Comparison, Place, Verdict};
use crate::text::page::Page;

/// How many words lead a search to a passage.
const WORDS: usize = 5;

/// What a packet that is not for everybody says on each of its pages.
pub(super) fn warning(statement: &Statement) -> Option<&'static str> {
    let is_passed_by_author = statement.captures.iter().any(|capture| capture.passed == Passed::ByAuthor);
    match (statement.audience, is_passed_by_author) {
        (For::Internal, _) => Some(
            "INTERNAL: this packet holds what readers of the dossier do not see. It must not be passed on or published.",
        ),
        (For::Readers, true) => Some(
            "NOT FOR PUBLICATION: this packet holds copies that are somebody else's work, for those alone to whom it was given.",
        ),
        (For::Readers, false) => None,
    }
}

/// The page. `paths` are all files beside it and the list of fingerprints.
pub(super) fn page(statement: &Statement, paths: &[&str]) -> String {
    let mut page = Page::default();
    let Statement { subject, dossier, program, .. } = statement;
    page.heading(&format!("EVIDENCE PACKET: {}", subject.title), '=');
    if let Some(warning) = warning(statement) {
        page.paragraph(&format!("*** {warning} ***"));
    }
    page.paragraph(&format!(
        "This packet shows on what the {} `{}` of the dossier “{dossier}” rests. Everything in it can be checked with ordinary tools, \
         offline, without the program that made it ({program}) and without trusting whoever gave it to you.",
        noun(&subject.kind),
        subject.id,
    ));
    page.heading("What is in it", '-');
    let mut paths: Vec<&str> = paths.iter().copied().chain([README, SUMS]).collect();
    paths.sort_unstable();
    for path in &paths {
        page.line(&format!("  {path}"));
        page.indented(what(statement, path), 6);
    }
    page.blank();
    page.heading("1. Is it as it was made?", '-');
    page.paragraph("Unpack the zip into an empty folder and open a terminal there. On Linux:");
    page.line("    sha256sum -c SHA256SUMS");
    page.paragraph("on macOS:");
    page.line("    shasum -a 256 -c SHA256SUMS");
    page.paragraph("on Windows, in PowerShell, for each file; compare with its line in SHA256SUMS:");
    page.line("    Get-FileHash -Algorithm SHA256 README.txt");
    page.paragraph(
        "Each file must be OK, and no file may lie there that SHA256SUMS does not list, but SHA256SUMS itself. `unzip -t` on the zip tells \
         whether it came over whole. Whoever changes a file can write a new SHA256SUMS as well: to know that the packet is the one that was \
         made, get the SHA-256 of the zip from its maker by another way, and compare.",
    );
    page.heading("2. Do the words stand in the source?", '-');
    if statement.quotations.is_empty() {
        page.paragraph("No quotation belongs to this record. Its sources are listed below.");
    }
    if statement.captures.iter().any(|capture| capture.file.is_some()) {
        page.paragraph(
            "Open the copy and search for the words: text and HTML in LibreOffice or a browser, a PDF in any reader, WARC and WACZ on \
             ReplayWeb.page. In a terminal `less FILE` shows a text, and `/` searches in it; `grep -n -F 'words' FILE` prints the line. The \
             commands below lead to the very place. What a server sent packed (`Content-Encoding`) is packed in a web archive too: look at it on \
             ReplayWeb.page.",
        );
    }
    for quotation in &statement.quotations {
        write_quotation(&mut page, statement, quotation);
    }
    page.heading("3. The copies of the sources", '-');
    if statement.captures.is_empty() {
        page.paragraph("No copy of a source was kept.");
    }
    for capture in &statement.captures {
        write_capture(&mut page, capture);
    }
    page.heading("What this proves, and what it does not", '-');
    page.paragraph(
        "If all of the above agrees, the copy has not changed since its SHA-256 was recorded, and the quoted words stand in it as is said \
         above. That is integrity, and integrity is not truth. It does not prove that the source printed what its speaker said, that what \
         was said is true, that the copy is what the publisher showed at the time (for that, compare with an archive that somebody else \
         keeps), or that what stands around the words does not change their meaning: read it.",
    );
    page.finish()
}

/// The lines that the page of a packet must have when it agrees with what the packet states.
pub(super) fn facts(statement: &Statement) -> Vec<String> {
    let mut facts = Vec::new();
    for cited in statement.quotations.iter().flat_map(|quotation| &quotation.sources) {
        facts.push(result(cited));
        let comparison = cited.comparison.as_ref().filter(|comparison| comparison.result.holds());
        let capture = comparison.and_then(|comparison| Some((statement.capture(comparison)?, comparison)));
        facts.extend(capture.into_iter().flat_map(|(capture, comparison)| commands(capture, &comparison.place)));
    }
    for capture in &statement.captures {
        facts.extend(capture.sha256.as_ref().map(|sha256| format!("SHA-256: {sha256}")));
        facts.extend(capture.file.as_ref().map(|file| format!("In this packet: {file}")));
    }
    facts
}

/// The passages of a source of which no copy is in the packet; `None` when there is none.
pub(super) fn excerpt(statement: &Statement, source: &str, title: &str) -> Option<String> {
    let mut page = Page::default();
    for quotation in &statement.quotations {
        for cited in quotation.sources.iter().filter(|cited| cited.source == source) {
            let Some(comparison) = cited.comparison.as_ref().filter(|comparison| comparison.result.holds()) else {
                continue;
            };
            let Some(capture) = statement.capture(comparison).filter(|capture| capture.file.is_none()) else {
                continue;
            };
            if page.is_empty() {
                page.heading(&format!("EXCERPT: {title}"), '=');
                page.paragraph("The quoted words, marked by »…«, with the few words that stand around them in the copy of the source.");
            }
            page.line(&format!("Quotation `{}`:", quotation.id));
            page.blank();
            page.indented(&passage(quotation, comparison), 4);
            page.blank();
            page.line(&result(cited));
            page.line(&format!("Where: {}", place(&comparison.place)));
            page.line(&format!("SHA-256 of the copy: {}", capture.sha256.as_deref().unwrap_or_default()));
            page.blank();
        }
    }
    (!page.is_empty()).then(|| page.finish())
}

/// The quoted words among those around them.
fn passage(quotation: &Quotation, comparison: &Comparison) -> String {
    let dots = |words: &str| if words.is_empty() { String::new() } else { "…".to_owned() };
    let Comparison { before, after, .. } = comparison;
    let passage = format!("{}{before} »{}« {after}{}", dots(before), quotation.words.join("« … »"), dots(after));
    passage.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The result, in one line.
fn result(cited: &Cited) -> String {
    let said = match (cited.result, &cited.comparison) {
        (Verdict::Exact, _) => "every letter and mark stands in the copy as it is quoted".to_owned(),
        (Verdict::Normalised, Some(comparison)) => {
            let words: Vec<String> = comparison.normalisations.iter().map(word).collect();
            format!("every word stands in the copy as it is quoted; what differs: {}", words.join(", "))
        }
        (Verdict::Normalised, None) => "every word stands in the copy as it is quoted".to_owned(),
        (Verdict::Altered, _) => "words much like these stand in the copy, and not these".to_owned(),
        (Verdict::NotFound, _) => "the words do not stand in the copy".to_owned(),
        (Verdict::NoCapture, _) => "there is no copy in which the words could be looked for".to_owned(),
        (Verdict::NotCheckable, _) => {
            "the words were not compared with a copy: they are not its words as they stand here, or no text is at hand"
                .to_owned()
        }
    };
    format!("Result: {}: {said}", cited.result.word())
}

/// A value as it is called in `evidence.json`.
fn word(value: &impl serde::Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

/// Where words stand, for people.
fn place(place: &Place) -> String {
    let mut said = Vec::new();
    if !place.part.is_empty() {
        said.push(format!("in its file `{}`", place.part));
    }
    said.extend(place.record.map(|record| format!("in the record that begins at byte {record}, counted from 0")));
    said.extend(place.page.map(|page| format!("page {page}")));
    said.extend(place.paragraph.map(|paragraph| format!("paragraph {paragraph} of its text")));
    if let Some((start, end)) = place.bytes {
        let of =
            if place.record.is_some() { " of what the record holds, unpacked and without its headers" } else { "" };
        said.push(format!("bytes {start} to {}{of}, counted from 0", end.saturating_sub(1)));
    }
    said.extend(place.time.map(|(from, until)| format!("from {} to {}", clock(from), clock(until))));
    if said.is_empty() { "the format does not tell".to_owned() } else { said.join(", ") }
}

fn clock(milliseconds: u64) -> String {
    let seconds = milliseconds / 1000;
    format!("{:02}:{:02}:{:02}.{:03}", seconds / 3600, seconds / 60 % 60, seconds % 60, milliseconds % 1000)
}

/// Commands that show the place of words in a copy that is in the packet.
fn commands(capture: &Capture, place: &Place) -> Vec<String> {
    let Some(file) = capture.file.as_deref() else { return Vec::new() };
    let (file, part) = (quoted(file), quoted(&place.part));
    let bytes = place
        .bytes
        .map(|(start, end)| format!("tail -c +{} | head -c {}", start.saturating_add(1), end.saturating_sub(start)));
    let in_file = |start: u64| format!("tail -c +{} {file}", start.saturating_add(1));
    let unpack = |name: &str| if name.trim_end_matches('\'').ends_with(".gz") { " | gzip -dc" } else { "" };
    let command = match (place.record, place.bytes, place.page) {
        (Some(record), ..) if place.part.is_empty() => format!("{}{} | less", in_file(record), unpack(&file)),
        (Some(record), ..) => {
            format!("unzip -p {file} {part} | tail -c +{}{} | less", record.saturating_add(1), unpack(&part))
        }
        (None, Some((start, end)), _) if place.part.is_empty() => {
            format!("{} | head -c {}", in_file(start), end.saturating_sub(start))
        }
        (None, Some(_), _) => format!("unzip -p {file} {part} | {}", bytes.unwrap_or_default()),
        (None, None, Some(page)) => format!("pdftotext -f {page} -l {page} {file} - | less"),
        (None, None, None) => format!("less {file}"),
    };
    vec![command]
}

/// A word of a shell.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

fn noun(kind: &str) -> &str {
    if kind == "quote" { "quotation" } else { kind }
}

/// What a file of the packet is.
fn what(statement: &Statement, path: &str) -> &'static str {
    match path {
        README => "this page",
        RECORD => "the record, with the quotations and sources that belong to it",
        RECORD_DATA => "the same for programs",
        STATEMENT => "what was looked for, what came of it, where; for programs",
        SUMS => "the SHA-256 of every other file",
        path if path.starts_with(EXCERPTS) => "the passages of a source of which no copy is in this packet",
        path if path.starts_with(CAPTURES) => {
            let capture = statement.captures.iter().find(|capture| capture.file.as_deref() == Some(path));
            match capture.map(|capture| capture.passed) {
                Some(Passed::ByAuthor) => "the copy of a source, not for publication",
                _ => "the copy of a source, which its licence lets everybody pass on",
            }
        }
        _ => "",
    }
}

fn write_quotation(page: &mut Page, statement: &Statement, quotation: &Quotation) {
    page.blank();
    page.line(&format!("Quotation `{}`:", quotation.id));
    page.blank();
    page.indented(&quotation.words.join(" … "), 4);
    page.blank();
    for cited in &quotation.sources {
        let of = |locator: &String| format!(", cited as {locator}");
        page.line(&format!("Source: `{}`{}", cited.source, cited.locator.as_ref().map(of).unwrap_or_default()));
        page.line(&result(cited));
        if let Some(comparison) = &cited.comparison {
            write_found(page, statement, quotation, comparison);
        }
        page.blank();
    }
    if quotation.sources.is_empty() {
        page.paragraph("It names no source that readers see.");
    }
}

fn write_found(page: &mut Page, statement: &Statement, quotation: &Quotation, comparison: &Comparison) {
    page.line(&format!("In the copy with the SHA-256 {}", comparison.capture));
    if comparison.result.holds() {
        page.line(&format!("Where: {}", place(&comparison.place)));
        if comparison.places > 1 {
            let which = if comparison.ambiguous { ", and nothing says which of them is meant" } else { "" };
            page.line(&format!("They stand there {} times{which}", comparison.places));
        }
        for omitted in &comparison.omissions {
            let tells = [
                (omitted.negation, "a negation"),
                (omitted.condition, "a condition"),
                (omitted.attribution, "words that say who said it"),
                (omitted.paragraph, "the border of a paragraph"),
                (omitted.speaker, "somebody else's words"),
            ];
            let tells: Vec<&str> = tells.into_iter().filter(|(is_told, _)| *is_told).map(|(_, what)| what).collect();
            let tells = if tells.is_empty() { String::new() } else { format!(", among them {}", tells.join(", ")) };
            let unit = if omitted.words == 1 { "word" } else { "words" };
            let what = if omitted.brackets { "What stands in brackets stands for" } else { "An omission leaves out" };
            page.line(&format!("{what} {} {unit}{tells}", omitted.words));
        }
        page.line("Among the words around them:");
        page.indented(&passage(quotation, comparison), 4);
    }
    match statement.capture(comparison) {
        Some(capture @ Capture { file: Some(file), .. }) => {
            let is_whole = comparison.place.part.is_empty() && comparison.place.record.is_none();
            if comparison.result.holds() {
                let prints = comparison.place.bytes.is_some() && is_whole;
                let has_gaps = !comparison.omissions.is_empty();
                page.line(match (prints, has_gaps) {
                    (true, false) => "This prints exactly these bytes:",
                    (true, true) => "This prints exactly these bytes, with what was left out:",
                    (false, _) => "This leads to them:",
                });
                commands(capture, &comparison.place).iter().for_each(|command| page.line(&format!("    {command}")));
            }
            let first: Vec<&str> =
                quotation.words.iter().flat_map(|part| part.split_whitespace()).take(WORDS).collect();
            page.line(&format!("Or open {file} and search for: {}", first.join(" ")));
        }
        _ => page.line("That copy is not in this packet; see the excerpt, and below how to tell a copy that you find."),
    }
}

fn write_capture(page: &mut Page, capture: &Capture) {
    page.blank();
    page.line(&format!("Source `{}`: {}", capture.source, capture.title));
    let told = [("Address", &capture.url), ("Licence", &capture.licence), ("SHA-256", &capture.sha256)];
    for (label, value) in told {
        if let Some(value) = value {
            page.line(&format!("{label}: {value}"));
        }
    }
    let bytes = capture.bytes.map(|bytes| format!("{bytes} bytes"));
    let kind = [bytes, capture.media_type.clone()].into_iter().flatten().collect::<Vec<_>>();
    if !kind.is_empty() {
        page.line(&format!("Length and type: {}", kind.join(", ")));
    }
    let made = [("on", &capture.at), ("by", &capture.by), ("as", &capture.method)];
    let made: Vec<String> =
        made.into_iter().filter_map(|(label, value)| Some(format!("{label} {}", value.as_ref()?))).collect();
    let made =
        if made.is_empty() { "nothing is recorded of when, by whom and how".to_owned() } else { made.join(", ") };
    page.line(&format!("Made: {made}"));
    match (&capture.file, capture.passed) {
        (Some(file), passed) => {
            page.line(&format!("In this packet: {file}"));
            page.indented(
                match passed {
                    Passed::ByAuthor => "passed on to you alone; it is somebody else's work and must not be published",
                    Passed::ByLicence | Passed::No => "passed on as its licence lets everybody",
                },
                4,
            );
        }
        (None, _) => {
            page.line("Not in this packet, since no licence says that it may be passed on.");
            if capture.sha256.is_some() {
                page.indented("`sha256sum FILE` tells whether a copy that you have or find is the same: it prints the SHA-256 above.", 4);
            }
        }
    }
    page.blank();
}
