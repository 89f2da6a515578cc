//! The stages in a row: from what was read to a site that can render any of its pages.
//!
//! Captures are read on the way, as their folder is given; all else is pure: the same inputs and the same policy give the same renderer and the same findings, whatever was compiled before. What
//! came of the last time may be given; then each stage takes over what is the same, which is nearly all of it after an edit.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::check::{Checked, check, check_evidence, settle};
use crate::config::Settings;
use crate::diagnostic::{Diagnostic, SourceText, has_errors};
use crate::evidence::lock::Lock;
use crate::evidence::{Evidence, examine};
use crate::hosting;
use crate::kept::{self, Kept};
use crate::leak::Scan;
use crate::link::{Dossier, link};
use crate::parse::{Parsed, Records, parse};
use crate::plan::{Site, plan};
use crate::read::{Captures, Editions, SourceFile, Sources};
use crate::redact::{Audience, Policy, Redaction, redact, secrets};
use crate::render::{Renderer, Theme};
use crate::theme::{ThemeFiles, ThemeManifest};

/// All that a build depends on beside the policy.
#[derive(Clone, Debug)]
pub struct Inputs {
    /// The settings, with what the command line says over what the file says.
    pub settings: Arc<Settings>,
    /// The records and the files beside them.
    pub sources: Sources,
    /// The theme and what a dossier has of its own beside it.
    pub look: Arc<Look>,
    /// Where captures lie. The same pointer as before means that none of them has changed.
    pub captures: Arc<Captures>,
}

/// The files that decide what pages look like.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Look {
    /// The theme, followed by those that it extends.
    pub themes: Vec<(ThemeFiles, ThemeManifest)>,
    /// The dossier's own templates and static files.
    pub overrides: ThemeFiles,
}

/// What came of compiling.
#[derive(Debug)]
pub struct Compiled {
    /// The site, ready to render; `None` when an error stands.
    pub renderer: Option<Arc<Renderer>>,
    /// All findings, sorted by file and place.
    pub findings: Vec<Diagnostic>,
    /// What each stage came to.
    pub stages: Stages,
}

/// What each stage came to, for the next time and for reports to authors.
#[derive(Debug)]
pub struct Stages {
    /// The settings file.
    settings: Option<Arc<SourceFile>>,
    /// The records, file by file.
    parsed: Parsed,
    /// The dossier with all that is withheld.
    pub dossier: Dossier,
    /// The dossier as if single values that are withheld had never been there, when there are any.
    open: Option<Dossier>,
    /// What came of looking for quotations in captures.
    pub evidence: Evidence,
    locked: Locked,
    checked: Checked,
    redaction: Redaction,
    site: Site,
    /// What is kept of past editions.
    editions: Arc<Editions>,
    kept: Kept,
    /// The theme with the files and settings that it was made from.
    theme: ThemeMade,
}

impl Stages {
    /// What finds all that is withheld from the readers of this site.
    pub fn scan(&self) -> Scan {
        Scan::new(secrets(&self.dossier, &self.redaction))
    }
}

impl Stages {
    /// What is locked.
    pub fn locked(&self) -> &Lock {
        &self.locked.lock
    }

    /// What is to be locked now.
    pub fn lock(&self) -> Lock {
        self.evidence.lock(&self.dossier, &self.locked.lock)
    }
}

impl SourceText for Stages {
    fn text(&self, file: &str) -> Option<&str> {
        let alone = [&self.settings, &self.locked.file].into_iter().flatten();
        match alone.into_iter().find(|alone| *alone.path == *file) {
            Some(alone) => Some(&alone.text),
            None => self.editions.text(file).or_else(|| self.parsed.text(file)),
        }
    }
}

/// What is locked, with the file that it was read from.
#[derive(Debug, Default)]
struct Locked {
    file: Option<Arc<SourceFile>>,
    lock: Arc<Lock>,
    finding: Option<Diagnostic>,
}

#[derive(Debug)]
struct ThemeMade {
    look: Arc<Look>,
    settings: Arc<Settings>,
    theme: Option<Arc<Theme>>,
    findings: Vec<Diagnostic>,
}

/// Runs the stages from parsing to planning; `done` is told the name of each stage when it ends.
pub fn compile(
    inputs: &Inputs,
    mut findings: Vec<Diagnostic>,
    policy: Policy,
    before: Option<&Stages>,
    done: &mut dyn FnMut(&'static str),
) -> Compiled {
    let parsed = parse(&inputs.sources, before.map(|before| &before.parsed));
    findings.extend(parsed.findings().cloned());
    done("parse");
    let (dossier, found) =
        link(Arc::clone(&inputs.settings), parsed.records(), &inputs.sources, before.map(|before| &before.dossier));
    let (open, found_in_open) = match policy.audience {
        Audience::Authors => (None, Vec::new()),
        Audience::Readers | Audience::ReadersOfDrafts => {
            link_open(&dossier, &inputs.sources, before.and_then(|before| before.open.as_ref()))
        }
    };
    let linked: BTreeSet<&Diagnostic> = found.iter().filter(|_| open.is_some()).collect();
    let only_there = found_in_open.into_iter().filter(|finding| !linked.contains(finding));
    findings.extend(only_there.map(only_in_private));
    findings.extend(found);
    done("link");
    let locked = read_lock(inputs, before);
    findings.extend(locked.finding.clone());
    let known = before.map(|before| (&before.dossier, &before.evidence));
    let evidence = examine(&dossier, &inputs.captures, &locked.lock, known);
    done("evidence");
    let known = before.map(|before| (&before.dossier, &before.checked));
    let checked = check(&dossier, &inputs.sources, policy.today, known);
    findings.extend(checked.findings().cloned());
    findings.extend(check_evidence(&dossier, &inputs.sources, &evidence, policy.today));
    done("check");
    let known = before.map(|before| (before.open.as_ref().unwrap_or(&before.dossier), &before.redaction));
    let redaction = redact(open.as_ref().unwrap_or(&dossier), &inputs.sources, &evidence, policy, known);
    done("redact");
    let theme = make_theme(inputs, before);
    findings.extend(theme.findings.iter().cloned());
    let assets = theme.theme.as_ref().map(|theme| theme.asset_paths()).unwrap_or_default();
    let editions = Arc::clone(&inputs.sources.editions);
    let (site, found) = plan(Arc::clone(&redaction.public), assets, &editions.past, before.map(|before| &before.site));
    findings.extend(found);
    findings.extend(theme.theme.iter().flat_map(|theme| hosting::check(&site, theme.assets())));
    done("plan");
    findings.extend(editions.findings.iter().cloned());
    let known = before.map(|before| &before.kept);
    let scan = || Scan::new(secrets(&dossier, &redaction));
    let kept = kept::check(&dossier, &inputs.sources, &redaction, &site, &scan, known);
    findings.extend(kept.findings().cloned());
    done("editions");
    let mut findings = settle(findings, &dossier, &inputs.sources);
    findings.sort();
    findings.dedup();
    let usable = theme.theme.clone().filter(|_| !has_errors(&findings));
    let renderer = usable.map(|theme| Arc::new(Renderer::new(site.clone(), theme)));
    done("prepare");
    Compiled {
        renderer,
        findings,
        stages: Stages {
            settings: inputs.sources.settings.clone(),
            parsed,
            dossier,
            open,
            evidence,
            locked,
            checked,
            redaction,
            site,
            editions,
            kept,
            theme,
        },
    }
}

fn read_lock(inputs: &Inputs, before: Option<&Stages>) -> Locked {
    let file = &inputs.sources.lock;
    let is_same = |locked: &&Locked| match (&locked.file, file) {
        (Some(one), Some(other)) => Arc::ptr_eq(one, other),
        (None, None) => true,
        _ => false,
    };
    if let Some(Locked { file, lock, finding }) = before.map(|before| &before.locked).filter(is_same) {
        return Locked { file: file.clone(), lock: Arc::clone(lock), finding: finding.clone() };
    }
    let (lock, finding) = file.as_ref().map(Lock::read).unwrap_or_default();
    Locked { file: file.clone(), lock: Arc::new(lock), finding }
}

/// The dossier of which readers see what is not withheld of it: linked from the open forms of its records, so that nothing can
/// come from a value that they do not have. `None` when there is no such value.
fn link_open(dossier: &Dossier, sources: &Sources, before: Option<&Dossier>) -> (Option<Dossier>, Vec<Diagnostic>) {
    let mut guarded = dossier.guarded.iter().map(|number| &dossier.records[*number as usize]);
    if guarded.all(|record| record.closed.is_none() && !record.origin.is_outside) {
        return (None, Vec::new());
    }
    let inside = dossier.records.iter().filter(|record| !record.origin.is_outside);
    let whole = inside.map(|record| Arc::clone(record.open())).collect();
    let broken = dossier.index.broken().clone();
    let (open, findings) = link(Arc::clone(&dossier.settings), Records { whole, broken }, sources, before);
    (Some(open), findings)
}

/// A reference that leads somewhere for the authors and nowhere for readers.
fn only_in_private(finding: Diagnostic) -> Diagnostic {
    finding.hint("it is known only where readers do not look, in a value that is withheld or in the overlay; refer to what they see, or withhold the reference too")
}

fn make_theme(inputs: &Inputs, before: Option<&Stages>) -> ThemeMade {
    let (look, settings) = (Arc::clone(&inputs.look), Arc::clone(&inputs.settings));
    let known = before.map(|before| &before.theme);
    if let Some(known) =
        known.filter(|known| Arc::ptr_eq(&known.look, &look) && Arc::ptr_eq(&known.settings, &settings))
    {
        return ThemeMade { look, settings, theme: known.theme.clone(), findings: known.findings.clone() };
    }
    let (theme, findings) = Theme::new(&look.themes, &look.overrides, &settings);
    ThemeMade { look, settings, theme: theme.map(Arc::new), findings }
}
