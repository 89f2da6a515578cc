//! What changed, as a page in one file: in the look of the default theme, without a script, for any screen and for paper.

use super::{Became, Diff, Piece, RecordChange, parts, shortened, summary};
use crate::cli::terminal::plural;
use crate::edition::{FileChanges, Snapshot};
use crate::text::escape_html;

/// The look, in the colours and letters of the default theme.
const STYLE: &str = include_str!("page.css");

/// How many files are named of those that came, of those that changed, and of those that went.
const NAMED: usize = 200;

/// The fields that are in the language of a record.
const PROSE: [&str; 4] = ["body", "summary", "text", "title"];

/// The page. Words of this program are English; those of the records are in their own languages and directions.
pub(super) fn page(diff: &Diff, (before, after): (&Snapshot, &Snapshot)) -> String {
    let dossier = [after, before].into_iter().find_map(|snapshot| Some(snapshot.header.as_ref()?.title.as_str()));
    let title = match dossier {
        Some(dossier) => format!("What changed – {}", escape_html(dossier)),
        None => "What changed".to_owned(),
    };
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\" dir=\"ltr\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n"
    );
    if let Some(dossier) = dossier {
        page.push_str(&format!("<p class=\"over\"><bdi>{}</bdi></p>\n", escape_html(dossier)));
    }
    page.push_str(&format!("<h1>What changed</h1>\n<p class=\"lead\">{}.</p>\n", capital(&summary(diff))));
    page.push_str("<dl class=\"facts\">\n");
    for (word, snapshot, removed) in [("Before", before, diff.removed_before), ("After", after, diff.removed_after)] {
        page.push_str(&format!("<dt>{word}</dt><dd>{}</dd>\n", edition(snapshot, removed)));
    }
    page.push_str("</dl>\n");
    let parts = parts(diff);
    if parts.len() > 1 {
        let link = |(became, title, records): &(Became, &str, Vec<&RecordChange>)| {
            format!("<li><a href=\"#{}\">{title}</a> {}</li>\n", anchor(*became), records.len())
        };
        page.push_str(&format!(
            "<nav aria-label=\"Parts\"><ul>\n{}</ul></nav>\n",
            parts.iter().map(link).collect::<String>()
        ));
    }
    for (became, title, records) in &parts {
        let anchor = anchor(*became);
        page.push_str(&format!("<section aria-labelledby=\"{anchor}\">\n<h2 id=\"{anchor}\">{title}</h2>\n"));
        for change in records {
            record(&mut page, change, *became);
        }
        page.push_str("</section>\n");
    }
    if let Some(files) = diff.files.as_ref().filter(|files| **files != FileChanges::default()) {
        of_files(&mut page, files);
    }
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

fn capital(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map(|first| first.to_uppercase().collect::<String>() + letters.as_str()).unwrap_or_default()
}

fn anchor(became: Became) -> &'static str {
    became.word().split(' ').next().unwrap_or_default()
}

/// Which edition it is, and what it is known by.
fn edition(snapshot: &Snapshot, removed: u64) -> String {
    let Some(header) = &snapshot.header else { return "a built site".to_owned() };
    let mut told = format!("<bdi>{}</bdi>", escape_html(&header.edition));
    if header.date != header.edition {
        told.push_str(&format!(" of <time>{}</time>", escape_html(&header.date)));
    }
    if let Some(seal) = &header.seal {
        told.push_str(&format!("<br>SHA-256 of its seal: <code>{}</code>", escape_html(seal)));
    }
    if removed > 0 {
        let entries = plural(removed as usize, "entry").replace("entrys", "entries");
        told.push_str(&format!("<br>{entries} taken out by law could not be compared"));
    }
    told
}

fn record(page: &mut String, change: &RecordChange, part: Became) {
    page.push_str("<article>\n");
    page.push_str(&format!("<h3 dir=\"auto\">{}</h3>\n", escape_html(&change.title)));
    let mut facts = format!("{} <code>{}</code>", escape_html(&change.kind), escape_html(&change.id));
    if let Some(was) = &change.was_id {
        facts.push_str(&format!(", before <code>{}</code>", escape_html(was)));
    }
    for became in change.became.iter().filter(|became| **became != part && **became != Became::Renamed) {
        facts.push_str(&format!("; {}", became.word()));
    }
    page.push_str(&format!("<p class=\"label\">{facts}</p>\n"));
    let lang = change.lang.as_ref().map(|lang| format!(" lang=\"{}\"", escape_html(lang))).unwrap_or_default();
    let mut whys: Vec<&str> = Vec::new();
    let mut fields = String::new();
    for field in &change.fields {
        if field.key == "corrections" || field.key == "aliases" {
            continue;
        }
        let lang = if PROSE.contains(&field.key.as_str()) { lang.as_str() } else { "" };
        let words: String = shortened(&field.words).iter().map(shown).collect();
        let key = escape_html(&field.key.replace('_', " "));
        fields.push_str(&format!("<dt>{key}</dt><dd dir=\"auto\"{lang}>{}</dd>\n", words.replace('\n', "<br>")));
        whys.extend(field.why.as_deref().filter(|why| !whys.contains(why)));
    }
    if !fields.is_empty() {
        page.push_str(&format!("<dl>\n{fields}</dl>\n"));
    }
    for why in whys {
        page.push_str(&format!("<p class=\"why\" dir=\"auto\">{}</p>\n", escape_html(why)));
    }
    page.push_str("</article>\n");
}

fn shown(piece: &Piece) -> String {
    match piece {
        Piece::Same(text) => escape_html(text),
        Piece::Gone(text) => format!("<del>{}</del>", escape_html(text)),
        Piece::New(text) => format!("<ins>{}</ins>", escape_html(text)),
    }
}

fn of_files(page: &mut String, files: &FileChanges) {
    page.push_str("<section aria-labelledby=\"files\">\n<h2 id=\"files\">Files of the site</h2>\n");
    for (word, paths) in [("Gone", &files.gone), ("New", &files.new), ("Changed", &files.changed)] {
        if paths.is_empty() {
            continue;
        }
        page.push_str(&format!("<details><summary>{word}: {}</summary>\n<ul>\n", paths.len()));
        for path in paths.iter().take(NAMED) {
            page.push_str(&format!("<li><code>{}</code></li>\n", escape_html(path)));
        }
        if paths.len() > NAMED {
            page.push_str(&format!("<li>and {} more</li>\n", paths.len() - NAMED));
        }
        page.push_str("</ul></details>\n");
    }
    page.push_str("</section>\n");
}
