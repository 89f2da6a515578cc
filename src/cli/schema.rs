//! `dossier schema`.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::terminal::result;
use super::{CannotRun, Outcome};
use crate::read::in_words;
use crate::schema::{Subject, reference};

/// Print the JSON Schema of a kind of record or of the settings, for editors and validators
#[derive(Debug, Args)]
pub(super) struct SchemaArgs {
    /// actor, event, quote, source, place, page, record (of any kind) or settings
    #[arg(default_value = "record")]
    subject: Subject,
    /// JSON Schema, or a page of all fields for people
    #[arg(long, value_enum, default_value_t = Format::Json, conflicts_with_all = ["out"])]
    format: Format,
    /// Write the schemas of everything into this folder, in place of those that are there
    #[arg(long, value_name = "DIR", conflicts_with = "subject")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// JSON Schema of draft 2020-12.
    Json,
    /// All fields of all kinds and settings, in Markdown.
    Markdown,
}

pub(super) fn run(args: &SchemaArgs) -> Result<Outcome, CannotRun> {
    match (&args.out, args.format) {
        (Some(folder), _) => write_all(folder)?,
        (None, Format::Json) => result(text_of(args.subject)?.trim_end()),
        (None, Format::Markdown) => result(reference().trim_end()),
    }
    Ok(Outcome::Fine)
}

/// The files of all schemas by their names.
pub(super) fn files() -> Result<Vec<(String, String)>, CannotRun> {
    Subject::ALL.into_iter().map(|subject| Ok((subject.file_name(), text_of(subject)?))).collect()
}

fn text_of(subject: Subject) -> Result<String, CannotRun> {
    let text = serde_json::to_string_pretty(&subject.schema());
    text.map(|text| text + "\n").map_err(|error| CannotRun::new(format!("cannot write JSON: {error}")))
}

fn write_all(folder: &Path) -> Result<(), CannotRun> {
    fs::create_dir_all(folder).map_err(|error| {
        CannotRun::new(format!("cannot make the folder `{}`: {}", folder.display(), in_words(&error)))
    })?;
    for (name, text) in files()? {
        let path = folder.join(name);
        fs::write(&path, text)
            .map_err(|error| CannotRun::new(format!("cannot write `{}`: {}", path.display(), in_words(&error))))?;
        result(&path.display().to_string());
    }
    Ok(())
}
