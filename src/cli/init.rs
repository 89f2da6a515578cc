//! `dossier init`.

mod ci;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;

use super::terminal::{result, say};
use super::{CannotRun, Outcome, schema};
use crate::read::in_words;
use ci::CiArgs;

/// Make a dossier that builds, with one record of each kind, explained in comments
#[derive(Debug, Args)]
pub(super) struct InitArgs {
    /// The folder; it is made when it is not there
    #[arg(required_unless_present = "ci")]
    dir: Option<PathBuf>,
    #[command(flatten)]
    ci: CiArgs,
}

/// The name of the settings, by which a dossier is known.
const SETTINGS: &str = "dossier.yaml";

/// The files of a new dossier. Its incident and its people are made up.
const FILES: [(&str, &str); 11] = [
    (SETTINGS, include_str!("init/dossier.yaml")),
    (".gitignore", include_str!("init/gitignore")),
    ("content/actors/jane-doe.md", include_str!("init/jane-doe.md")),
    ("content/actors/harbour-authority.md", include_str!("init/harbour-authority.md")),
    ("content/events/gate-opened.md", include_str!("init/gate-opened.md")),
    ("content/quotes/not-before-six.md", include_str!("init/not-before-six.md")),
    ("content/sources/daily-2023-06-22.md", include_str!("init/daily-2023-06-22.md")),
    ("content/places/east-harbour.md", include_str!("init/east-harbour.md")),
    ("content/pages/methodology.md", include_str!("init/methodology.md")),
    ("content/pages/corrections-policy.md", include_str!("init/corrections-policy.md")),
    ("content/pages/contact.md", include_str!("init/contact.md")),
];

/// Where the schemas lie for editors; `dossier.yaml` and the settings below name them.
const SCHEMAS: &str = ".dossier/schemas";

/// What tells an editor of the schemas. Whoever has settings of their own keeps them.
const EDITOR_FILES: [(&str, &str); 2] = [
    (".vscode/settings.json", include_str!("init/vscode-settings.json")),
    (".vscode/extensions.json", include_str!("init/vscode-extensions.json")),
];

pub(super) fn run(args: &InitArgs) -> Result<Outcome, CannotRun> {
    let dir = args.dir.as_deref().unwrap_or(Path::new(""));
    let workflow = args.ci.files(dir)?;
    if !workflow.is_empty() && dir.join(SETTINGS).exists() {
        return add_workflow(args, dir, &workflow);
    }
    if args.dir.is_none() {
        return Err(CannotRun::new(format!("there is no `{SETTINGS}` here, to which a workflow could be added"))
            .hint("name the folder: `dossier init DIR --ci HOST` makes a dossier with its workflow"));
    }
    let mut files: Vec<(String, String)> =
        FILES.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    files.extend(schema::files()?.into_iter().map(|(name, text)| (format!("{SCHEMAS}/{name}"), text)));
    files.extend(workflow);
    refuse_taken(dir, &files, "choose an empty folder; nothing was written")?;
    for (path, text) in &files {
        write_new(&dir.join(path), text)?;
    }
    for (path, text) in EDITOR_FILES {
        let path = dir.join(path);
        if path.exists() {
            say(&format!("`{}` is there and stays as it is; docs/editors.md says what may be added", path.display()));
        } else {
            write_new(&path, text)?;
        }
    }
    args.ci.say_what_is_left(dir);
    result(&format!(
        "a dossier is in `{}`; build it with `dossier build --config {} --open`",
        dir.display(),
        dir.join(SETTINGS).display()
    ));
    Ok(Outcome::Fine)
}

/// Adds the files of a workflow to a dossier that is there. A script of steps that another host's workflow has brought stays as it is.
fn add_workflow(args: &InitArgs, dir: &Path, files: &[(String, String)]) -> Result<Outcome, CannotRun> {
    let (script, workflow) = files.split_at(1);
    let has_script = script.iter().any(|(path, _)| dir.join(path).exists());
    let new = if has_script { workflow } else { files };
    refuse_taken(dir, new, "put it somewhere else first, and take over from it what you want; nothing was written")?;
    for (path, text) in new {
        write_new(&dir.join(path), text)?;
    }
    match script {
        [(path, _)] if has_script => say(&format!("`{}` is there and stays as it is", dir.join(path).display())),
        _ => args.ci.say_what_is_left(dir),
    }
    let paths: Vec<String> = new.iter().map(|(path, _)| format!("`{}`", dir.join(path).display())).collect();
    result(&format!("the workflow is in {}; docs/ci.md says what to tell the host", paths.join(" and ")));
    Ok(Outcome::Fine)
}

/// Refuses to go on when one of the files is there.
fn refuse_taken(dir: &Path, files: &[(String, String)], hint: &str) -> Result<(), CannotRun> {
    let mut paths = files.iter().map(|(path, _)| dir.join(path));
    match paths.find(|path| path.exists()) {
        Some(taken) => Err(CannotRun::new(format!("there is already `{}`", taken.display())).hint(hint)),
        None => Ok(()),
    }
}

fn write_new(path: &Path, text: &str) -> Result<(), CannotRun> {
    let write = || -> io::Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        io::Write::write_all(&mut fs::File::create_new(path)?, text.as_bytes())
    };
    write().map_err(|error| CannotRun::new(format!("cannot write `{}`: {}", path.display(), in_words(&error))))
}
