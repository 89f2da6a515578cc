//! The workflow that `dossier init --ci` writes: one script of steps, and for each host the file that calls them.

use std::path::Path;

use clap::{Args, ValueEnum};
use url::Url;

use super::super::CannotRun;
use super::super::terminal::say;
use crate::workspace::SettingsAlone;

/// The steps, which are the same on every host and on the machine of an author.
const SCRIPT: (&str, &str) = (".dossier/ci.sh", include_str!("ci/ci.sh"));

/// For whom the workflow is, and where it gets the program from.
#[derive(Debug, Args)]
pub(in crate::cli) struct CiArgs {
    /// Write a workflow for this host; into a dossier that is there already, only that
    #[arg(long, value_name = "HOST", value_enum)]
    pub(super) ci: Option<Host>,
    /// With `--ci`: the address of the release archive of this program for Linux on x86-64, which the workflow fetches
    #[arg(long, value_name = "URL", requires_all = ["ci", "program_sha256"])]
    program: Option<String>,
    /// With `--program`: the SHA-256 of that archive, from the list of checksums of the release
    #[arg(long, value_name = "HEX", requires = "program")]
    program_sha256: Option<String>,
}

/// A host of repositories that runs workflows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Host {
    /// GitHub Actions and GitHub Pages
    Github,
    /// GitLab CI and GitLab Pages
    Gitlab,
    /// Forgejo Actions, as on Codeberg, and a branch of pages
    Forgejo,
}

impl Host {
    /// The file that this host reads, and what stands in it.
    fn workflow(self) -> (&'static str, &'static str) {
        match self {
            Host::Github => (".github/workflows/dossier.yml", include_str!("ci/github.yml")),
            Host::Gitlab => (".gitlab-ci.yml", include_str!("ci/gitlab.yml")),
            Host::Forgejo => (".forgejo/workflows/dossier.yml", include_str!("ci/forgejo.yml")),
        }
    }
}

impl CiArgs {
    /// The files of the workflow that is asked for, for a dossier in a folder that may not be there yet; none when none is asked for.
    pub(super) fn files(&self, dir: &Path) -> Result<Vec<(String, String)>, CannotRun> {
        let Some(host) = self.ci else { return Ok(Vec::new()) };
        let address = self.program.as_deref().map(checked_address).transpose()?.unwrap_or_default();
        let sha256 = self.program_sha256.as_deref().map(checked_sha256).transpose()?.unwrap_or_default();
        let site = site_folder(dir)?;
        let fill = |(path, text): (&str, &str)| {
            let text = text.replace("@ADDRESS@", &address).replace("@SHA256@", &sha256).replace("@SITE@", &site);
            (path.to_owned(), text)
        };
        Ok([SCRIPT, host.workflow()].map(fill).into())
    }

    /// Says what is left to do before the workflow can run.
    pub(super) fn say_what_is_left(&self, dir: &Path) {
        if self.ci.is_some() && self.program.is_none() {
            say(&format!(
                "the workflow does not know yet where to get this program: write the address of its release archive and the SHA-256 of that into `{}`",
                dir.join(SCRIPT.0).display()
            ));
        }
        if self.ci.is_some() && is_inside_of_a_repository(dir) {
            say(&format!(
                "hosts look for workflows at the top of a repository, which `{}` is not; make it a repository of its own",
                dir.display()
            ));
        }
    }
}

/// An address that can stand between quotes in the script.
fn checked_address(text: &str) -> Result<String, CannotRun> {
    let wrong = || {
        CannotRun::new(format!("`{text}` is no address that the workflow could fetch the program from"))
            .hint("name one that begins with `https://`")
    };
    let url = Url::parse(text).map_err(|_| wrong())?;
    let is_known = matches!(url.scheme(), "https" | "file") && url.password().is_none() && url.username().is_empty();
    // A quote is the one sign that would end the text there.
    if is_known && !url.as_str().contains('\'') { Ok(url.into()) } else { Err(wrong()) }
}

fn checked_sha256(text: &str) -> Result<String, CannotRun> {
    if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(text.to_ascii_lowercase());
    }
    Err(CannotRun::new(format!("`{text}` is no SHA-256")).hint("it has 64 hexadecimal digits"))
}

/// The folder into which the dossier is built, so far as a workflow can name it.
fn site_folder(dir: &Path) -> Result<String, CannotRun> {
    let settings = dir.join("dossier.yaml");
    let found = if settings.exists() { SettingsAlone::read(&settings, &Default::default())?.settings } else { None };
    let folder = found.as_ref().map_or("public", |settings| settings.out());
    if folder.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-/".contains(&byte)) {
        return Ok(folder.to_owned());
    }
    Err(CannotRun::new(format!("`out` in `{}` is `{folder}`, which a workflow cannot name", settings.display()))
        .hint("name a folder of letters, digits, `.`, `_`, `-` and `/`"))
}

/// Whether a folder lies somewhere in a repository of which it is not the top.
fn is_inside_of_a_repository(dir: &Path) -> bool {
    let Ok(dir) = dir.join(".").canonicalize() else { return false };
    dir.ancestors().find(|folder| folder.join(".git").exists()).is_some_and(|top| top != dir)
}
