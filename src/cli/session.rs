//! What commands about a dossier share: where it is, what is typed over its settings, and reading it whole.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};

use super::CannotRun;
use crate::compile::{Compiled, Inputs, compile};
use crate::config::{self, Level};
use crate::diagnostic::{Code, Diagnostic};
use crate::edtf::{Day, Edtf, Precision};
use crate::model::{Line, ScalarError, Url, Word};
use crate::read::Sources;
use crate::redact::{Audience, Policy};
use crate::text;
use crate::workspace::{Overrides, Workspace};

/// Which dossier is meant.
#[derive(Debug, Clone, Args)]
pub(super) struct DossierArgs {
    /// The settings file; the dossier is the folder that it lies in
    #[arg(long, value_name = "FILE", default_value = config::FILE)]
    pub(super) config: PathBuf,
    /// The folder of what readers never see, outside of the dossier
    #[arg(long, value_name = "DIR")]
    pub(super) overlay: Option<PathBuf>,
    /// The folder of captured sources, outside of the dossier
    #[arg(long, value_name = "DIR")]
    pub(super) captures: Option<PathBuf>,
}

impl DossierArgs {
    /// Reads the dossier, with what is typed over its settings.
    pub(super) fn open(&self, typed: &Typed<'_>) -> Result<Workspace, CannotRun> {
        let overrides =
            Overrides { overlay: self.overlay.clone(), captures: self.captures.clone(), ..typed.overrides()? };
        Ok(Workspace::open(&self.config, overrides)?)
    }
}

/// What is typed over the settings of the dossier.
#[derive(Debug, Clone, Default)]
pub(super) struct Typed<'a> {
    pub(super) base_url: Option<&'a str>,
    pub(super) out: Option<&'a Path>,
    pub(super) theme: Option<&'a str>,
    pub(super) rules: Option<&'a RuleArgs>,
    /// The edition that is being made.
    pub(super) edition: Option<&'a str>,
}

/// Which findings are looked for and how grave they are; typed over the settings.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct RuleArgs {
    /// Take findings of this code for errors
    #[arg(long, value_name = "CODE")]
    deny: Vec<String>,
    /// Leave findings of this code out
    #[arg(long, value_name = "CODE")]
    allow: Vec<String>,
    /// How strict to be: `internal` while the dossier is being made, `public` when it is ready
    #[arg(long, value_name = "LEVEL", value_enum)]
    level: Option<LevelArg>,
}

/// A level, as it is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum LevelArg {
    /// While the dossier is being made
    Internal,
    /// When it is ready for readers
    Public,
}

impl Typed<'_> {
    pub(super) fn overrides(&self) -> Result<Overrides, CannotRun> {
        fn read<T: FromStr<Err = ScalarError>>(option: &str, typed: Option<&str>) -> Result<Option<T>, CannotRun> {
            typed.map(T::from_str).transpose().map_err(|error| {
                let message = format!("`{option}`: {error}");
                CannotRun { message, hint: error.way_out().map(str::to_owned) }
            })
        }
        let codes = |option: &str, typed: &[String]| -> Result<Vec<Code>, CannotRun> {
            let code = |typed: &String| {
                Code::from_str(typed).map_err(|error| CannotRun::new(format!("`{option}`: {error}")).hint(error.hint()))
            };
            typed.iter().flat_map(|typed| typed.split(',')).map(|typed| code(&typed.trim().to_owned())).collect()
        };
        let out = self.out.map(Path::to_string_lossy);
        let none = RuleArgs::default();
        let rules = self.rules.unwrap_or(&none);
        let allow = codes("--allow", &rules.allow)?;
        if let Some(code) = allow.iter().find(|code| !code.can_be_allowed()) {
            return Err(CannotRun::new(format!("`--allow`: `{code}` cannot be allowed"))
                .hint(format!("mend what it says; `dossier explain {code}` tells how")));
        }
        let deny = codes("--deny", &rules.deny)?;
        if let Some(code) = allow.iter().find(|code| deny.contains(code)) {
            return Err(CannotRun::new(format!("`--allow` and `--deny` both name `{code}`"))
                .hint("leave one of them out; it can only be one of the two"));
        }
        Ok(Overrides {
            level: rules.level.map(|level| match level {
                LevelArg::Internal => Level::Internal,
                LevelArg::Public => Level::Public,
            }),
            allow,
            deny,
            base_url: read::<Url>("--base-url", self.base_url)?,
            out: read::<Line>("--out", out.as_deref())?,
            theme: read::<Word>("--theme", self.theme)?,
            overlay: None,
            captures: None,
            edition: self.edition.map(str::to_owned),
        })
    }
}

/// A dossier that was read, and how long that took.
pub(super) struct Session {
    pub(super) workspace: Workspace,
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
    pub(super) fn read(dossier: &DossierArgs, typed: &Typed<'_>) -> Result<Session, CannotRun> {
        let mut times = Times::start();
        let workspace = dossier.open(typed)?;
        times.lap("read");
        Ok(Session { workspace, times })
    }

    /// All that the stages need; `None` when the settings cannot be used.
    pub(super) fn inputs(&self) -> Option<&Inputs> {
        self.workspace.inputs()
    }

    /// What reading found.
    pub(super) fn findings(&self) -> Vec<Diagnostic> {
        self.workspace.findings()
    }

    /// Runs the stages up to a site that can render; `None` when the settings cannot be used.
    pub(super) fn compile(&mut self, policy: Policy) -> Option<Compiled> {
        let inputs = self.workspace.inputs()?;
        let times = &mut self.times;
        Some(compile(inputs, self.workspace.findings(), policy, None, &mut |stage| times.lap(stage)))
    }

    /// The text of all files, for findings.
    pub(super) fn sources(&self) -> &Sources {
        self.workspace.sources()
    }
}

/// The day of a build, which decides embargoes.
pub(super) fn policy(date: Option<&str>, audience: Audience) -> Result<Policy, CannotRun> {
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
    Ok(Policy { today, audience })
}

pub(super) fn day(written: &str) -> Option<Day> {
    let date = Edtf::from_str(written).ok()?;
    (date.precision() == Precision::Day && !date.is_uncertain() && !date.is_approximate()).then(|| date.earliest())?
}

/// The day in universal time, so that the zone of the machine makes no difference.
fn day_of_epoch(seconds: i64) -> Option<Day> {
    let date = jiff::Timestamp::from_second(seconds).ok()?.to_zoned(jiff::tz::TimeZone::UTC).date();
    Day::new(date.year(), u8::try_from(date.month()).ok()?, u8::try_from(date.day()).ok()?)
}
