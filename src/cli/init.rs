//! `dossier init`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;

use super::terminal::{result, say};
use super::{CannotRun, Outcome, schema};
use crate::read::in_words;

/// Make a dossier that builds, with one record of each kind, explained in comments
#[derive(Debug, Args)]
pub(super) struct InitArgs {
    /// The folder; it is made when it is not there
    dir: PathBuf,
}

/// The files of a new dossier. Its incident and its people are made up.
const FILES: [(&str, &str); 11] = [
    ("dossier.yaml", include_str!("init/dossier.yaml")),
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
    let mut files: Vec<(String, String)> =
        FILES.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    files.extend(schema::files()?.into_iter().map(|(name, text)| (format!("{SCHEMAS}/{name}"), text)));
    let taken: Vec<String> = files
        .iter()
        .map(|(path, _)| args.dir.join(path))
        .filter(|path| path.exists())
        .map(|path| format!("`{}`", path.display()))
        .collect();
    if let Some(first) = taken.first() {
        return Err(
            CannotRun::new(format!("there is already {first}")).hint("choose an empty folder; nothing was written")
        );
    }
    for (path, text) in &files {
        write_new(&args.dir.join(path), text)?;
    }
    for (path, text) in EDITOR_FILES {
        let path = args.dir.join(path);
        if path.exists() {
            say(&format!("`{}` is there and stays as it is; docs/editors.md says what may be added", path.display()));
        } else {
            write_new(&path, text)?;
        }
    }
    let dir = args.dir.display();
    result(&format!(
        "a dossier is in `{dir}`; build it with `dossier build --config {} --open`",
        args.dir.join("dossier.yaml").display()
    ));
    Ok(Outcome::Fine)
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
