//! What the preview adds to a page: a banner, what stands in the way of a build, and a bar about this page. It is HTML that
//! reads without scripts; how it looks and how it keeps up with changes is in `client/`.

use std::fmt::Write;
use std::path::PathBuf;
use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::snapshot::{Snapshot, printed, short_hash};
use crate::check::unmet_in_public;
use crate::config::Level;
use crate::diagnostic::{Code, Diagnostic, Severity, SourceText};
use crate::link::{Dossier, Number};
use crate::plan::Route;
use crate::redact::{Audience, Policy, Withheld, withheld_from_readers};
use crate::text::escape_html;

/// How many findings of one page are shown in full.
const SHOWN: usize = 20;

/// What is left as it is in the path of a file within an address.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// How a file is opened in an editor.
pub(super) struct Editor {
    /// The address, with `{file}`, `{line}` and `{column}` in it.
    pub(super) template: String,
    /// The folder of the dossier.
    pub(super) root: PathBuf,
}

/// The page that a block is about.
#[derive(Clone, Copy)]
pub(super) struct About<'a> {
    /// Its path in the site.
    pub(super) path: &'a str,
    /// What it holds; `None` when there is no such page.
    pub(super) route: Option<&'a Route>,
    /// A name for its bytes; empty when there is no such page.
    pub(super) page: &'a str,
    /// Why it cannot be rendered.
    pub(super) broken: Option<&'a Diagnostic>,
}

/// Who looks, and from where.
pub(super) struct Viewer<'a> {
    pub(super) audience: Audience,
    pub(super) policy: Policy,
    pub(super) editor: &'a Editor,
    /// The address of the site in this preview, with a slash at its end.
    pub(super) base: &'a str,
    /// The name of this run of the preview.
    pub(super) run: &'a str,
}

/// The block of a page, in parts, so that the time it took has no part in its name.
pub(super) struct Block {
    top: String,
    findings: String,
    summary: Vec<String>,
    facts: String,
    trouble: String,
}

impl Block {
    pub(super) fn new(snapshot: &Snapshot, about: About<'_>, viewer: &Viewer<'_>) -> Self {
        let trouble = all_trouble(snapshot, about);
        let mut top = String::new();
        if viewer.audience == Audience::Authors {
            top.push_str("<div class=\"_dossier-banner\" role=\"note\"><strong>Internal view</strong> This is not the public site. It shows drafts, embargoed and internal records.</div>\n");
        }
        if !trouble.is_empty() {
            overlay(&mut top, snapshot, &trouble, viewer);
        }
        let record = record_of(snapshot, about);
        let mut findings = findings_of_page(snapshot, about, record);
        if viewer.audience != Audience::Authors {
            // What readers do not see is named in the view of its authors; that there is something is said below.
            findings.retain(|finding| finding.code != Code::WithheldReference);
        }
        let mut shown = String::new();
        let mut summary = vec![match viewer.audience {
            Audience::Authors => "internal view".to_owned(),
            Audience::Readers => "public view".to_owned(),
            Audience::ReadersOfDrafts => "public view with drafts".to_owned(),
        }];
        summary.push(match findings.len() {
            0 => "no findings on this page".to_owned(),
            1 => "1 finding on this page".to_owned(),
            many => format!("{many} findings on this page"),
        });
        for finding in findings.iter().take(SHOWN) {
            let _ = writeln!(shown, "<dd>{}</dd>", pre(&printed(finding, snapshot), viewer.editor));
        }
        if findings.len() > SHOWN {
            let _ = writeln!(shown, "<dd>and {} more</dd>", findings.len() - SHOWN);
        }
        let mut facts = String::new();
        if let Some((dossier, number)) = record {
            about_record(&mut facts, &mut summary, snapshot, dossier, number, viewer);
        }
        Block {
            top,
            findings: shown,
            summary,
            facts,
            trouble: if trouble.is_empty() { String::new() } else { short_hash(&trouble) },
        }
    }

    /// A name for what stands in the way of a build or of this page; empty when nothing does.
    pub(super) fn trouble(&self) -> &str {
        &self.trouble
    }

    /// A name for what the block says.
    pub(super) fn hash(&self) -> String {
        short_hash(&(&self.top, &self.findings, &self.summary, &self.facts))
    }

    /// The inner HTML: banner, overlay and bar.
    pub(super) fn html(&self, took: Option<Duration>) -> String {
        let mut html = self.top.clone();
        let time = took.map(|took| format!("{:.1}\u{a0}ms", took.as_secs_f64() * 1e3));
        html.push_str("<details class=\"_dossier-panel\" id=\"_dossier-panel\">\n<summary id=\"_dossier-summary\"><span class=\"_dossier-line\">");
        for (at, part) in self.summary.iter().chain(&time).enumerate() {
            let _ = match at {
                0 => write!(html, "<b>{}</b>", escape_html(part)),
                _ => write!(html, " · {}", escape_html(part)),
            };
        }
        html.push_str("</span></summary>\n<div class=\"_dossier-scroll\" tabindex=\"0\" role=\"group\" aria-label=\"About this page\">\n<dl>\n");
        if !self.findings.is_empty() {
            let _ = write!(html, "<dt>Findings</dt>\n{}", self.findings);
        }
        html.push_str(&self.facts);
        let _ = writeln!(html, "<dt>View</dt>\n<dd>{}</dd>", escape_html(&self.summary[0]));
        if let Some(time) = time {
            let _ = writeln!(html, "<dt>Rendered in</dt>\n<dd>{time}</dd>");
        }
        html.push_str("</dl>\n</div>\n</details>\n");
        html
    }

    /// All that is put into a page.
    pub(super) fn whole(&self, snapshot: &Snapshot, about: About<'_>, viewer: &Viewer<'_>, took: Duration) -> String {
        let own = format!("{}_dossier/", escape_html(viewer.base));
        format!(
            "<link rel=\"stylesheet\" href=\"{own}preview.css\"><div id=\"_dossier\" lang=\"en\" dir=\"ltr\" data-base=\"{}\" data-path=\"{}\" data-page=\"{}\" data-run=\"{}\" data-revision=\"{}\" data-panel=\"{}\" data-findings=\"{}\">\n{}</div><script src=\"{own}preview.js\" defer></script>",
            escape_html(viewer.base),
            escape_html(about.path),
            about.page,
            viewer.run,
            snapshot.revision,
            self.hash(),
            self.trouble,
            self.html(Some(took)),
        )
    }
}

/// What stands in the way of a build, or of this page alone.
fn all_trouble(snapshot: &Snapshot, about: About<'_>) -> Vec<String> {
    let own = about.broken.map(|finding| printed(finding, snapshot));
    snapshot.trouble.iter().cloned().chain(own).collect()
}

fn overlay(html: &mut String, snapshot: &Snapshot, trouble: &[String], viewer: &Viewer<'_>) {
    let heading = match (snapshot.trouble.is_empty(), snapshot.errors) {
        (true, _) => "This page cannot be rendered".to_owned(),
        (false, 1) => "The dossier has 1 error".to_owned(),
        (false, errors) => format!("The dossier has {errors} errors"),
    };
    let behind = match &snapshot.site {
        Some(_) => "Behind this is the last good page.",
        None => "There is no page to show yet.",
    };
    let _ = write!(
        html,
        "<div class=\"_dossier-overlay\" role=\"alertdialog\" aria-labelledby=\"_dossier-heading\" aria-describedby=\"_dossier-behind\">\n<div class=\"_dossier-head\"><div><h2 id=\"_dossier-heading\">{heading}</h2><p id=\"_dossier-behind\">{behind}</p></div></div>\n<div class=\"_dossier-scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Errors\">\n"
    );
    for text in trouble {
        let _ = writeln!(html, "{}", pre(text, viewer.editor));
    }
    html.push_str("</div>\n</div>\n");
}

/// A finding as it is printed, with the message in bold and the place as a link into the editor. The message and the hint may be
/// broken into lines; what is underlined may not.
fn pre(text: &str, editor: &Editor) -> String {
    let mut html = String::from("<pre tabindex=\"0\">");
    for (number, line) in text.lines().enumerate() {
        if number > 0 {
            html.push('\n');
        }
        let arrow = line.find("--> ").filter(|at| line[..*at].trim().is_empty());
        let place = arrow.and_then(|at| place(&line[at + 4..]).map(|place| (at + 4, place)));
        match place {
            _ if number == 0 => {
                let _ = write!(html, "<b>{}</b>", escape_html(line));
            }
            Some((at, (file, row, column))) => {
                html.push_str(&escape_html(&line[..at]));
                html.push_str(&editor.link(file, row, column, &line[at..]));
            }
            None if line.trim_start().starts_with("= ") => {
                let _ = write!(html, "<span>{}</span>", escape_html(line));
            }
            None => html.push_str(&escape_html(line)),
        }
    }
    html.push_str("</pre>");
    html
}

/// A file, a line and a column, as they are printed.
fn place(text: &str) -> Option<(&str, usize, usize)> {
    let (rest, column) = text.trim_end().rsplit_once(':')?;
    let (file, line) = rest.rsplit_once(':')?;
    Some((file, line.parse().ok()?, column.parse().ok()?))
}

impl Editor {
    fn link(&self, file: &str, line: usize, column: usize, label: &str) -> String {
        let path = self.root.join(file);
        let path = utf8_percent_encode(&path.to_string_lossy(), PATH).to_string();
        let address = self
            .template
            .replace("{line}", &line.to_string())
            .replace("{column}", &column.to_string())
            .replace("{file}", &path);
        format!("<a href=\"{}\">{}</a>", escape_html(&address), escape_html(label))
    }
}

/// The record of a page in the full dossier.
fn record_of<'a>(snapshot: &'a Snapshot, about: About<'_>) -> Option<(&'a Dossier, Number)> {
    let (Some(Route::Record(number) | Route::Redirect(number)), Some(site)) = (about.route, &snapshot.site) else {
        return None;
    };
    let dossier = &snapshot.stages.as_ref()?.dossier;
    let id = &site.renderer.site().record(*number).id;
    Some((dossier, dossier.index.ids.find(id.as_str())?))
}

/// What is wrong with the file of a page's record; on the home page, with the settings and with the dossier as a whole.
fn findings_of_page<'a>(
    snapshot: &'a Snapshot,
    about: About<'_>,
    record: Option<(&Dossier, Number)>,
) -> Vec<&'a Diagnostic> {
    let is_here = |finding: &&Diagnostic| match (record, about.route, &finding.place) {
        (Some((dossier, number)), _, Some(place)) => dossier.records[number as usize].origin.holds(place),
        (None, Some(Route::Home), Some(place)) => {
            snapshot.settings.as_ref().is_some_and(|settings| settings.path == place.file)
        }
        (None, Some(Route::Home), None) => true,
        _ => false,
    };
    snapshot.findings.iter().filter(is_here).collect()
}

fn about_record(
    facts: &mut String,
    summary: &mut Vec<String>,
    snapshot: &Snapshot,
    dossier: &Dossier,
    number: Number,
    viewer: &Viewer<'_>,
) {
    let record = &dossier.records[number as usize];
    let file = &*record.origin.file;
    let text = snapshot.text(file);
    let line = text.map_or(1, |text| crate::diagnostic::line_column(text, record.origin.start(text).start).0);
    let _ = writeln!(facts, "<dt>File</dt>\n<dd>{}</dd>", viewer.editor.link(file, line, 1, file));
    let is_error = |finding: &&Diagnostic| {
        finding.severity == Severity::Error && finding.place.as_ref().is_some_and(|place| record.origin.holds(place))
    };
    let standing = snapshot.findings.iter().filter(is_error).count();
    let level = dossier.settings.level;
    let words = |errors: usize| match errors {
        0 => "nothing stands in the way of a build".to_owned(),
        1 => "1 error stands in the way of a build".to_owned(),
        many => format!("{many} errors stand in the way of a build"),
    };
    let unmet = unmet_in_public(dossier, snapshot, viewer.policy.today, number);
    for asked in [Level::Internal, Level::Public] {
        let (errors, more) = match (level, asked) {
            (Level::Internal, Level::Public) => (standing + unmet.len(), unmet.as_slice()),
            (Level::Public, Level::Internal) => (standing.saturating_sub(unmet.len()), [].as_slice()),
            _ => (standing, [].as_slice()),
        };
        let _ = writeln!(facts, "<dt>At level {}</dt>\n<dd>{}</dd>", asked.word(), words(errors));
        for message in more {
            let _ = writeln!(facts, "<dd>{}</dd>", escape_html(message));
        }
    }
    let withheld = withheld_from_readers(dossier, number, viewer.policy);
    if withheld.is_empty() {
        facts.push_str("<dt>Withheld in public</dt>\n<dd>nothing</dd>\n");
        return;
    }
    facts.push_str("<dt>Withheld in public</dt>\n<dd><ul>\n");
    for withheld in withheld {
        let words = match withheld {
            Withheld::Record(reason) => {
                summary.push(reason.word().to_owned());
                format!("this whole page: {}", reason.word())
            }
            Withheld::Notes => "its internal notes".to_owned(),
            Withheld::Reference(Some(id), reason) => format!("what it refers to as {id}: {}", reason.word()),
            Withheld::Reference(None, reason) => format!("something that it refers to: {}", reason.word()),
        };
        let _ = writeln!(facts, "<li>{}</li>", escape_html(&words));
    }
    facts.push_str("</ul></dd>\n");
}
