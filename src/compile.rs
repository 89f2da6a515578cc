//! The stages in a row: from what was read to a site that can render any of its pages.
//!
//! Pure: the same inputs and the same policy give the same renderer and the same findings.

use crate::check::check;
use crate::config::Settings;
use crate::diagnostic::{Diagnostic, has_errors};
use crate::link::link;
use crate::parse::parse;
use crate::plan::plan;
use crate::read::Sources;
use crate::redact::{Policy, redact};
use crate::render::{Renderer, Theme};
use crate::theme::{ThemeFiles, ThemeManifest};

/// All that a build depends on beside the policy.
#[derive(Clone, Debug)]
pub struct Inputs {
    /// The settings, with what the command line says over what the file says.
    pub settings: Settings,
    /// The records and the files beside them.
    pub sources: Sources,
    /// The theme, followed by those that it extends.
    pub themes: Vec<(ThemeFiles, ThemeManifest)>,
    /// The dossier's own templates and static files.
    pub overrides: ThemeFiles,
}

/// What came of compiling.
#[derive(Debug)]
pub struct Compiled {
    /// The site, ready to render; `None` when an error stands.
    pub renderer: Option<Renderer>,
    /// All findings, sorted by file and place.
    pub findings: Vec<Diagnostic>,
}

/// Runs the stages from parsing to planning; `done` is told the name of each stage when it ends.
pub fn compile(
    inputs: &Inputs,
    mut findings: Vec<Diagnostic>,
    policy: Policy,
    done: &mut dyn FnMut(&'static str),
) -> Compiled {
    let (records, found) = parse(&inputs.sources);
    findings.extend(found);
    done("parse");
    let (dossier, found) = link(inputs.settings.clone(), records, &inputs.sources);
    findings.extend(found);
    done("link");
    findings.extend(check(&dossier, &inputs.sources));
    done("check");
    let public = redact(&dossier, &inputs.sources, policy);
    // What is public is shared with it; the rest is needed no more, and pages need the room.
    drop(dossier);
    done("redact");
    let (theme, found) = Theme::new(&inputs.themes, &inputs.overrides, &inputs.settings);
    findings.extend(found);
    let assets = theme.as_ref().map(Theme::asset_paths).unwrap_or_default();
    let (site, found) = plan(public, &assets);
    findings.extend(found);
    done("plan");
    findings.sort();
    findings.dedup();
    let renderer = theme.filter(|_| !has_errors(&findings)).map(|theme| Renderer::new(site, theme));
    done("prepare");
    Compiled { renderer, findings }
}
