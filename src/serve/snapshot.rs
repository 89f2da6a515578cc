//! The dossier at one moment, as the preview answers from it: the last good site, and what is wrong now.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use super::rules::{HeaderRules, RedirectRules};
use crate::compile::{Compiled, Stages};
use crate::diagnostic::{Color, Diagnostic, Severity, SourceText, summary_line, to_text};
use crate::leak::{Leak, Reader, Scan};
use crate::output::stage;
use crate::plan::Route;
use crate::read::{Changes, Failure, SourceFile, Sources};
use crate::render::{Page, Renderer};

/// How many findings the overlay shows in full.
const SHOWN: usize = 30;

/// The dossier at one moment.
pub(super) struct Snapshot {
    /// How many times something has changed since the start.
    pub(super) revision: u64,
    /// The last site without errors; `None` when there was none yet.
    pub(super) site: Option<Arc<Good>>,
    /// What each stage came to the last time; `None` when the dossier could not be read yet.
    pub(super) stages: Option<Arc<Stages>>,
    /// The settings file of now.
    pub(super) settings: Option<Arc<SourceFile>>,
    /// All findings of now.
    pub(super) findings: Vec<Diagnostic>,
    /// The errors of now as the command line prints them; empty when nothing stands in the way of a site.
    pub(super) trouble: Vec<String>,
    /// How many errors there are.
    pub(super) errors: usize,
    /// Why the dossier could not be read; a failure of the machine.
    pub(super) failure: Option<String>,
    /// The revision at which each static file or attachment changed last, by its path in the site; those that have not
    /// changed since the start are not in it.
    pub(super) files: BTreeMap<String, u64>,
}

/// A site that can be shown, with the rules for hosts that it holds.
pub(super) struct Good {
    pub(super) renderer: Arc<Renderer>,
    /// What finds all that is withheld from those whom the site is for.
    pub(super) scan: Scan,
    pub(super) headers: HeaderRules,
    pub(super) redirects: RedirectRules,
}

impl Good {
    fn new(renderer: Arc<Renderer>, scan: Scan) -> Self {
        let text = |path: &str| {
            // What a build writes for the host would ask for TLS, which a preview does not speak.
            let route = renderer.site().plan.routes.get(path).filter(|route| matches!(route, Route::Asset(_)))?;
            match renderer.render(path, route) {
                Ok(Page::Bytes(bytes)) if scan.bytes(path, stage(route), &bytes).is_empty() => {
                    Some(String::from_utf8_lossy(&bytes).into_owned())
                }
                Ok(Page::Bytes(_) | Page::Copy(_)) | Err(_) => None,
            }
        };
        let headers = HeaderRules::parse(&text("_headers").unwrap_or_default());
        let redirects = RedirectRules::parse(&text("_redirects").unwrap_or_default());
        Good { renderer, scan, headers, redirects }
    }

    /// What a file of the site and its path give away, as a build would say it; none when they may be shown.
    pub(super) fn leak(
        &self,
        path: &str,
        route: &Route,
        bytes: &[u8],
        sources: &impl SourceText,
    ) -> Option<Box<Diagnostic>> {
        let mut leaks = self.scan.paths(std::iter::once(path));
        leaks.extend(self.scan.bytes(path, stage(route), &self.renderer.looked_through(route, bytes)));
        self.told(&leaks, sources)
    }

    /// The first finding of some leaks.
    pub(super) fn told(&self, leaks: &[Leak], sources: &impl SourceText) -> Option<Box<Diagnostic>> {
        self.scan.findings(leaks, Reader::Author, sources).into_iter().next().map(Box::new)
    }
}

impl Snapshot {
    /// The moment before anything was looked at.
    pub(super) fn nothing() -> Self {
        Snapshot {
            revision: 0,
            site: None,
            stages: None,
            settings: None,
            findings: Vec::new(),
            trouble: Vec::new(),
            errors: 0,
            failure: None,
            files: BTreeMap::new(),
        }
    }

    /// The moment after a dossier was compiled.
    pub(super) fn of(
        compiled: Compiled,
        settings: Option<Arc<SourceFile>>,
        before: &Snapshot,
        changes: &Changes,
    ) -> Self {
        let Compiled { renderer, findings, stages } = compiled;
        let revision = before.revision + 1;
        let mut files = before.files.clone();
        let old = before.site.as_ref().map(|site| &site.renderer);
        if let (Some(old), Some(new)) = (old, &renderer) {
            files.extend(old.assets_that_differ(new).into_iter().map(|path| (path, revision)));
        }
        files.extend(changes.attachments.iter().map(|attachment| (format!("files/{}", attachment.inner), revision)));
        if let Some(renderer) = &renderer {
            // What has gone is no longer told of; pages that showed it differ.
            files.retain(|path, _| renderer.site().plan.routes.contains_key(path));
        }
        Snapshot {
            revision,
            site: renderer.map(|renderer| Arc::new(Good::new(renderer, stages.scan()))).or_else(|| before.site.clone()),
            trouble: trouble(&findings, &stages),
            stages: Some(Arc::new(stages)),
            settings,
            errors: errors(&findings),
            findings,
            failure: None,
            files,
        }
    }

    /// The moment after the settings could not be used.
    pub(super) fn unreadable(findings: Vec<Diagnostic>, sources: &Sources, before: &Snapshot) -> Self {
        let trouble = trouble(&findings, sources);
        Snapshot { findings, trouble, settings: sources.settings.clone(), ..before.after() }.with_errors()
    }

    /// The moment after the machine failed to read the dossier.
    pub(super) fn failed(failure: &Failure, before: &Snapshot) -> Self {
        let hint = failure.hint.as_ref().map(|hint| format!("\n= hint: {hint}")).unwrap_or_default();
        let trouble = vec![format!("error: {failure}{hint}")];
        Snapshot { findings: Vec::new(), trouble, failure: Some(failure.to_string()), ..before.after() }.with_errors()
    }

    fn after(&self) -> Self {
        Snapshot {
            revision: self.revision + 1,
            site: self.site.clone(),
            stages: self.stages.clone(),
            settings: self.settings.clone(),
            files: self.files.clone(),
            ..Snapshot::nothing()
        }
    }

    fn with_errors(self) -> Self {
        Snapshot { errors: errors(&self.findings).max(1), ..self }
    }
}

impl SourceText for Snapshot {
    fn text(&self, file: &str) -> Option<&str> {
        match &self.settings {
            Some(settings) if *settings.path == *file => Some(&settings.text),
            _ => self.stages.as_ref().and_then(|stages| stages.text(file)),
        }
    }
}

/// The errors among some findings, as the command line prints them.
fn trouble(findings: &[Diagnostic], sources: &impl SourceText) -> Vec<String> {
    let all: Vec<Diagnostic> = findings.iter().filter(|finding| finding.severity == Severity::Error).cloned().collect();
    let mut trouble: Vec<String> = all.iter().take(SHOWN).map(|finding| printed(finding, sources)).collect();
    if all.len() > SHOWN {
        trouble.push(format!("{} in all\n= hint: `dossier build` prints every one of them", summary_line(&all)));
    }
    trouble
}

/// A finding as the command line prints it.
pub(super) fn printed(finding: &Diagnostic, sources: &impl SourceText) -> String {
    to_text(std::slice::from_ref(finding), sources, Color::Never, 1).trim_end().to_owned()
}

fn errors(findings: &[Diagnostic]) -> usize {
    findings.iter().filter(|finding| finding.severity == Severity::Error).count()
}

/// A name for some content that differs when the content does; not meant to hold against malice.
pub(super) fn short_hash(content: &(impl Hash + ?Sized)) -> String {
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}
