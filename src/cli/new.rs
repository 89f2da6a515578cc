//! `dossier new`.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::str::FromStr;

use clap::Args;
use serde_json::Value;

use super::session::{DossierArgs, Session, Typed};
use super::terminal::result;
use super::{CannotRun, Outcome};
use crate::config::Settings;
use crate::model::{Id, Kind};
use crate::parse::{parse, schema};
use crate::read::in_words;

/// Write a new record with its fields and what they mean
///
/// The record starts as a draft with its required fields empty; optional ones stand there as comments.
#[derive(Debug, Args)]
pub(super) struct NewArgs {
    #[command(flatten)]
    dossier: DossierArgs,
    /// actor, event, quote, source, place or page
    kind: Kind,
    /// The record's id: lower-case words joined by `-`
    id: String,
}

pub(super) fn run(args: &NewArgs) -> Result<Outcome, CannotRun> {
    let id = Id::from_str(&args.id).map_err(|error| {
        let cannot = CannotRun::new(error.to_string());
        match error.way_out() {
            Some(hint) => cannot.hint(hint),
            None => cannot,
        }
    })?;
    let session = Session::read(&args.dossier, &Typed::default())?;
    let content = session.inputs().map_or("content", |inputs| Settings::content(&inputs.settings));
    if let Some(inputs) = session.inputs()
        && let Some(taken) = parse(&inputs.sources, None).records().whole.into_iter().find(|record| record.id == id)
    {
        return Err(CannotRun::new(format!("`{id}` is already the id of `{}`", taken.origin.file))
            .hint("choose another id; an id is unique in the whole dossier"));
    }
    let folder = session.workspace.root().join(content).join(args.kind.folder());
    let path = folder.join(format!("{id}.md"));
    fs::create_dir_all(&folder).map_err(|error| {
        CannotRun::new(format!("cannot make the folder `{}`: {}", folder.display(), in_words(&error)))
    })?;
    let cannot_write =
        |error: std::io::Error| CannotRun::new(format!("cannot write `{}`: {}", path.display(), in_words(&error)));
    // A file that is there is somebody's work.
    let mut file = fs::File::create_new(&path).map_err(cannot_write)?;
    file.write_all(skeleton(args.kind).as_bytes()).map_err(cannot_write)?;
    result(&path.display().to_string());
    Ok(Outcome::Fine)
}

/// A record with its required fields empty and the others as comments, from the schema of its kind.
fn skeleton(kind: Kind) -> String {
    let schema = schema(kind);
    let properties = schema.get("properties").and_then(Value::as_object);
    let required: Vec<&str> =
        schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let mut text = String::from("---\n");
    let described = |key: &str| {
        let field = properties.and_then(|properties| properties.get(key));
        let text = field.and_then(|field| field.get("description")).and_then(Value::as_str).unwrap_or_default();
        let mut text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut words = Vec::new();
        field.into_iter().for_each(|field| collect_words(field, schema, &mut words));
        if !words.is_empty() {
            let _ = write!(text, " One of: {}.", words.join(", "));
        }
        text
    };
    for key in &required {
        let _ = write!(text, "# {}\n{key}:\n", described(key));
    }
    text.push_str("# Take this line out when the record may be published.\ndraft: true\n\n");
    let optional = properties.into_iter().flatten().map(|(key, _)| key.as_str());
    for key in optional.filter(|key| !required.contains(key) && !["draft", "id", "type", "body"].contains(key)) {
        let _ = write!(text, "# {}\n# {key}:\n", described(key));
    }
    text.push_str(
        "---\n\nWhat a reader should know, in Markdown. Link to other records by their ids in double brackets.\n",
    );
    text
}

/// The words that a field of a closed vocabulary may hold.
fn collect_words<'a>(field: &'a Value, schema: &'a Value, words: &mut Vec<&'a str>) {
    if let Some(reference) = field.get("$ref").and_then(Value::as_str) {
        let target = reference.strip_prefix('#').and_then(|pointer| schema.pointer(pointer));
        target.into_iter().for_each(|target| collect_words(target, schema, words));
    }
    words.extend(field.get("const").and_then(Value::as_str));
    words.extend(field.get("enum").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str));
    for key in ["oneOf", "anyOf"] {
        let branches = field.get(key).and_then(Value::as_array);
        branches.into_iter().flatten().for_each(|branch| collect_words(branch, schema, words));
    }
}
