//! What commands about a dossier share: where it is, what is typed over its settings, and reading it whole.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Args;

use super::CannotRun;
use crate::compile::{Compiled, Inputs, compile};
use crate::config::{self, Settings};
use crate::diagnostic::{Code, Diagnostic};
use crate::edtf::{Day, Edtf, Precision};
use crate::model::{Line, Url, Word};
use crate::parse::{parse_mapping, parse_settings};
use crate::read::{self, Sources};
use crate::redact::{Drafts, Policy};
use crate::text;
use crate::theme::{ThemeFiles, ThemeManifest};

/// Which dossier is meant.
#[derive(Debug, Clone, Args)]
pub(super) struct DossierArgs {
    /// The settings file; the dossier is the folder that it lies in
    #[arg(long, value_name = "FILE", default_value = config::FILE)]
    pub(super) config: PathBuf,
}

/// What is typed over the settings of the dossier.
#[derive(Debug, Clone, Default)]
pub(super) struct Overrides {
    pub(super) base_url: Option<String>,
    pub(super) out: Option<PathBuf>,
    pub(super) theme: Option<String>,
}

/// A dossier that was read, or what is wrong with its settings.
pub(super) struct Session {
    /// The folder of the dossier.
    pub(super) root: PathBuf,
    /// All that the stages need; `None` when the settings cannot be used.
    pub(super) inputs: Option<Inputs>,
    /// What reading found.
    pub(super) findings: Vec<Diagnostic>,
    /// The settings file by itself, for findings when there is nothing else.
    pub(super) settings_file: Sources,
    /// How long each stage took.
    pub(super) times: Times,
}

/// How long each stage took, in their order.
pub(super) struct Times {
    last: Instant,
    pub(super) stages: Vec<(&'static str, Duration)>,
}

impl Times {
    fn start() -> Self {
        Times { last: Instant::now(), stages: Vec::new() }
    }

    pub(super) fn lap(&mut self, stage: &'static str) {
        let now = Instant::now();
        self.stages.push((stage, now - self.last));
        self.last = now;
    }
}

impl Session {
    /// Reads a dossier from the disk.
    pub(super) fn read(dossier: &DossierArgs, overrides: &Overrides) -> Result<Session, CannotRun> {
        let mut times = Times::start();
        let file = &dossier.config;
        let root = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned();
        let name = file.file_name().map_or_else(|| config::FILE.to_owned(), |name| name.to_string_lossy().into_owned());
        let (settings_file, mut findings) = read::read_settings(file, &name)?;
        let Some(settings_file) = settings_file else {
            if findings.is_empty() {
                return Err(CannotRun::new(format!("there is no dossier here: `{}` does not exist", file.display()))
                    .hint("go to the folder of a dossier, name its settings with `--config`, or make one with `dossier init DIR`"));
            }
            return Ok(Session { root, inputs: None, findings, settings_file: Sources::default(), times });
        };
        let (settings, found) = parse_settings(&settings_file);
        findings.extend(found);
        let only_settings = Sources { settings: Some(settings_file.clone()), ..Sources::default() };
        let Some(mut settings) = settings else {
            return Ok(Session { root, inputs: None, findings, settings_file: only_settings, times });
        };
        apply(overrides, &mut settings)?;
        if let Some(url) = settings.base_url().filter(|url| !is_site_address(url)) {
            findings.push(
                Diagnostic::new(
                    Code::BadSetting,
                    format!("`{}` cannot be the address of a site", text::excerpt(&url, 80)),
                )
                .hint("write it as `https://example.org/` or `https://example.org/dossier/`, without `?` and `#`"),
            );
        }
        let content = root.join(settings.content());
        let (mut sources, found) = read::read(&content, settings.content()).map_err(|failure| {
            CannotRun::from(failure)
                .hint("`content:` in the settings names the folder of records, which is `content` when it is not set")
        })?;
        findings.extend(found);
        sources.settings = Some(settings_file);
        let themes = themes(&root, &settings, &mut findings)?;
        let overrides = read::read_overrides(&root)?;
        times.lap("read");
        let inputs = Inputs { settings, sources, themes, overrides };
        Ok(Session { root, inputs: Some(inputs), findings, settings_file: only_settings, times })
    }

    /// Runs the stages up to a site that can render; `None` when the settings cannot be used.
    pub(super) fn compile(&mut self, policy: Policy) -> Option<Compiled> {
        let inputs = self.inputs.as_ref()?;
        let times = &mut self.times;
        Some(compile(inputs, std::mem::take(&mut self.findings), policy, &mut |stage| times.lap(stage)))
    }

    /// The text of all files, for findings.
    pub(super) fn sources(&self) -> &Sources {
        self.inputs.as_ref().map_or(&self.settings_file, |inputs| &inputs.sources)
    }
}

/// Whether pages could stand below an address.
fn is_site_address(url: &str) -> bool {
    (url.starts_with("https://") || url.starts_with("http://")) && !url.contains(['?', '#', '"', '<', '>'])
}

fn apply(overrides: &Overrides, settings: &mut Settings) -> Result<(), CannotRun> {
    if let Some(url) = &overrides.base_url {
        let url = Url::from_str(url).map_err(|error| CannotRun::new(format!("`--base-url`: {error}")))?;
        settings.base_url = Some(url);
    }
    if let Some(theme) = &overrides.theme {
        let theme = Word::from_str(theme).map_err(|error| CannotRun::new(format!("`--theme`: {error}")))?;
        settings.theme = Some(theme);
    }
    if let Some(out) = &overrides.out {
        let out = out.to_string_lossy();
        let out = Line::from_str(&out).map_err(|error| CannotRun::new(format!("`--out`: {error}")))?;
        settings.out = Some(out);
    }
    Ok(())
}

/// The theme and those that it extends.
fn themes(
    root: &Path,
    settings: &Settings,
    findings: &mut Vec<Diagnostic>,
) -> Result<Vec<(ThemeFiles, ThemeManifest)>, CannotRun> {
    let mut chain = Vec::new();
    let mut seen = BTreeSet::new();
    let mut wanted = Some(settings.theme().to_owned());
    while let Some(name) = wanted.take() {
        if !seen.insert(name.clone()) {
            findings.push(Diagnostic::new(Code::BadTheme, format!("the theme `{name}` extends itself")));
            break;
        }
        let Some(files) = read::read_theme(root, &name)? else {
            let known = read::embedded_theme_names();
            let near = text::nearest(&name, known.iter().copied());
            let hint = match near.first() {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!(
                    "there are {}, and what lies in `themes/`",
                    text::alternatives(&known).replace(" or ", " and ")
                ),
            };
            findings.push(
                Diagnostic::new(Code::BadTheme, format!("there is no theme `{}`", text::excerpt(&name, 60))).hint(hint),
            );
            break;
        };
        let path: Arc<str> = format!("themes/{name}/theme.yaml").into();
        let yaml =
            files.files.get("theme.yaml").map(|bytes| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default();
        let (manifest, found) = parse_mapping::<ThemeManifest>(&path, &yaml);
        findings.extend(found);
        let Some(manifest) = manifest else { break };
        wanted.clone_from(&manifest.extends);
        chain.push((files, manifest));
    }
    Ok(chain)
}

/// The day of a build, which decides embargoes.
pub(super) fn policy(date: Option<&str>, drafts: Drafts) -> Result<Policy, CannotRun> {
    let today = match date {
        Some(date) => day(date).ok_or_else(|| {
            CannotRun::new(format!("`--date`: `{}` is not a day", text::excerpt(date, 40)))
                .hint("write it as `2025-05-11`")
        })?,
        None => match std::env::var("SOURCE_DATE_EPOCH") {
            Ok(seconds) => seconds.trim().parse().ok().and_then(day_of_epoch).ok_or_else(|| {
                CannotRun::new(format!(
                    "SOURCE_DATE_EPOCH `{}` is not a number of seconds",
                    text::excerpt(&seconds, 40)
                ))
            })?,
            Err(_) => {
                let now = jiff::Timestamp::now().as_second();
                day_of_epoch(now).ok_or_else(|| {
                    CannotRun::new("the clock of this machine shows no year that can be")
                        .hint("give the day with `--date 2025-05-11`")
                })?
            }
        },
    };
    Ok(Policy { today, drafts })
}

fn day(written: &str) -> Option<Day> {
    let date = Edtf::from_str(written).ok()?;
    (date.precision() == Precision::Day && !date.is_uncertain() && !date.is_approximate()).then(|| date.earliest())?
}

/// The day in universal time, so that the zone of the machine makes no difference.
fn day_of_epoch(seconds: i64) -> Option<Day> {
    let date = jiff::Timestamp::from_second(seconds).ok()?.to_zoned(jiff::tz::TimeZone::UTC).date();
    Day::new(date.year(), u8::try_from(date.month()).ok()?, u8::try_from(date.day()).ok()?)
}
