//! `dossier check --drift`: the live pages of quoted sources, and the report that is kept of them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use jiff::Timestamp;

use super::CannotRun;
use super::rewriting::create;
use super::session::Session;
use super::terminal::{is_watched, plural, say};
use crate::compile::{Compiled, Inputs};
use crate::diagnostic::Diagnostic;
use crate::external::Options;
use crate::external::drift::{self, Drift, Looked, Paragraphs, Target};
use crate::read::in_words;
use crate::text;

/// Where reports are kept when nothing else is said.
const REPORTS: &str = ".dossier/drift";

/// How many pages are told of that have changed elsewhere than in quoted words.
const TOLD: usize = 20;

/// Asks for the pages, keeps a report of what came, and gives what was found.
pub(super) fn ask(
    report: Option<&Path>,
    options: &Options,
    session: &Session,
    inputs: &Inputs,
    compiled: &Compiled,
) -> Result<Vec<Diagnostic>, CannotRun> {
    let made = Timestamp::now();
    // Whether it can be written is better known before hosts are asked for an hour.
    let path = match report {
        Some(path) => path.to_owned(),
        None => own_report(session.workspace.root(), made)?,
    };
    if path.exists() {
        return Err(CannotRun::new(format!("`{}` is there already", path.display()))
            .hint("a report is never overwritten; name another file"));
    }
    let targets = drift::targets(&compiled.stages.dossier, &compiled.stages.evidence, session.sources());
    let watched = is_watched();
    let looked = drift::look(&targets, &inputs.captures, options, SystemTime::now(), &mut |done, address| {
        if watched {
            say(&format!("{done} of {}: {}", targets.len(), text::excerpt(address, 100)));
        }
    });
    create(&path, &drift::report(&targets, &looked, made))?;
    summary(&targets, &looked).iter().for_each(|line| say(line));
    let shown = path.strip_prefix(".").unwrap_or(&path).display();
    say(&format!("what came is in `{shown}`; it is for authors, do not publish it"));
    Ok(drift::findings(&targets, &looked))
}

/// The path of the report of a moment. The folder in which it lies keeps itself out of version control.
fn own_report(root: &Path, made: Timestamp) -> Result<PathBuf, CannotRun> {
    let folder = root.join(REPORTS);
    let failed = |error: std::io::Error| {
        CannotRun::new(format!("cannot write into `{}`: {}", folder.display(), in_words(&error)))
    };
    fs::create_dir_all(&folder).map_err(failed)?;
    let ignored = folder.join(".gitignore");
    if !ignored.exists() {
        fs::write(&ignored, "# Reports hold words of withheld records.\n*\n").map_err(failed)?;
    }
    let name = made.strftime("%Y-%m-%dT%H%M%SZ").to_string();
    let mut names = (1..).map(|nth| if nth == 1 { format!("{name}.json") } else { format!("{name}-{nth}.json") });
    let free = names.find(|name| !folder.join(name).exists());
    Ok(folder.join(free.expect("some number is free")))
}

/// How many quotations stand how, and which pages have changed elsewhere.
fn summary(targets: &[Target], looked: &[Looked]) -> Vec<String> {
    let mut counts: BTreeMap<usize, (&str, usize)> = BTreeMap::new();
    for standing in looked.iter().flat_map(|looked| &looked.passages) {
        let (order, word) = match standing.drift {
            Drift::Same => (0, "as captured"),
            Drift::Edited { .. } => (1, "edited"),
            Drift::Gone { .. } => (2, "gone"),
            Drift::Paywalled { .. } => (3, "behind a paywall"),
            Drift::Unknown { .. } => (4, "not known"),
        };
        counts.entry(order).or_insert((word, 0)).1 += 1;
    }
    let all = counts.values().map(|(_, count)| count).sum::<usize>();
    if all == 0 {
        return vec!["no source with an address has words of a quotation in its copy, so nobody was asked".to_owned()];
    }
    let counts: Vec<String> = counts.values().map(|(word, count)| format!("{count} {word}")).collect();
    let mut lines =
        vec![format!("{} of {}: {}", plural(all, "quotation"), plural(targets.len(), "page"), counts.join(", "))];
    let changed = targets.iter().zip(looked).filter_map(|(target, looked)| {
        let of = looked.paragraphs.as_ref().filter(|of| of.same < of.captured || of.new > 0)?;
        Some(changed_line(&target.source, of))
    });
    let changed: Vec<String> = changed.collect();
    let left = changed.len().saturating_sub(TOLD);
    lines.extend(changed.into_iter().take(TOLD));
    if left > 0 {
        lines.push(format!("{left} more pages have changed; the report names them"));
    }
    lines
}

fn changed_line(source: &str, Paragraphs { captured, same, new, .. }: &Paragraphs) -> String {
    let new = if *new > 0 { format!(", {new} new") } else { String::new() };
    format!("`{source}`: {same} of {} as captured{new}", plural(*captured, "paragraph"))
}
