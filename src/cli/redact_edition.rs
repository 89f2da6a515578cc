//! `dossier redact-edition`.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use clap::Args;

use super::archive::pending::Pending;
use super::session::day;
use super::takedown::reasons;
use super::terminal::{plural, result, say};
use super::{CannotRun, Outcome};
use crate::archive::{Asked, NotRemoved, Removing, TakenOut, remove, verify};
use crate::edition::Form;
use crate::model::TakedownReason;
use crate::packet::{Checked, Held, shown};
use crate::read::in_words;
use crate::text::excerpt;

/// How many files are named.
const SHOWN: usize = 20;

/// Take records out of a sealed edition, as a law or a court may demand
///
/// What a record says of itself is looked for in every field and in every file of the edition, in many forms. Each field and each file that
/// says something of it is taken out as a whole and leaves a number, by which nobody can tell what it was; nothing is rewritten. Where
/// a page stood, a notice stands, unless its address would tell. The seal, its signatures and its timestamps stay as they are, and
/// what is left still verifies.
///
/// Lists and indexes name many records, and so they go too. Build the site again without the record, and make a new edition of it.
///
/// Ends with 0 when the records were taken out, and with 2 when nothing was.
#[derive(Debug, Args)]
pub(super) struct RedactEditionArgs {
    /// The edition: a zip or a `.tar.zst`, as `dossier archive` writes it
    #[arg(value_name = "ARCHIVE")]
    archive: PathBuf,
    /// The id of a record; can be given more than once
    #[arg(long = "record", value_name = "ID", required_unless_present = "words", num_args = 1..)]
    records: Vec<String>,
    /// Words that are to stand nowhere, such as a name that somebody is also known by; can be given more than once
    #[arg(long = "word", value_name = "TEXT")]
    words: Vec<String>,
    /// The day on which it is taken out
    #[arg(long, value_name = "YYYY-MM-DD")]
    on: String,
    /// The class of reason, which everybody is told
    #[arg(long, value_name = "CLASS", value_parser = reasons())]
    reason: TakedownReason,
    /// Write this file; it ends in `.zip` or `.tar.zst`
    #[arg(long, short, value_name = "FILE")]
    out: PathBuf,
}

pub(super) fn run(args: &RedactEditionArgs) -> Result<Outcome, CannotRun> {
    let shown = args.archive.display();
    let on = day(&args.on)
        .ok_or_else(|| CannotRun::new(format!("`{}` is no day", args.on)).hint("write it as in `--on 2025-07-01`"))?;
    let form = form(&args.out)?;
    if let Some(words) = args.words.iter().find(|words| words.chars().filter(|c| c.is_alphanumeric()).count() < 2) {
        return Err(CannotRun::new(format!("`--word`: `{}` is too short to look for", excerpt(words, 40))));
    }
    if args.out.exists() {
        return Err(CannotRun::new(format!("`{}` is there already", args.out.display()))
            .hint("name another file; what was sealed is kept until you delete it yourself"));
    }
    let open = || File::open(&args.archive);
    let checked = check(&args.archive)?.filter(|checked| checked.kind == "edition");
    let Some(checked) = checked else {
        return Err(CannotRun::new(format!("`{shown}` is no edition")).hint("name what `dossier archive` has written"));
    };
    if let Some(check) = checked.checks.iter().find(|check| check.held == Held::No) {
        let file = check.file.as_ref().map(|file| format!("`{file}`: ")).unwrap_or_default();
        return Err(CannotRun::new(format!("`{shown}` does not verify: {file}{}", check.says))
            .hint("only a whole edition can be told to be as it was sealed; `dossier verify` says all that differs"));
    }
    let removing = Removing { records: &args.records, words: &args.words, on, reason: args.reason };
    let cannot =
        |error: io::Error| CannotRun::new(format!("cannot write `{}`: {}", args.out.display(), in_words(&error)));
    let mut pending = Pending::new(&args.out);
    let to = BufWriter::with_capacity(1 << 18, pending.file("").map_err(cannot)?);
    let mut scratch = |suffix| pending.file(suffix).map_err(cannot);
    let scratch = [scratch("-directory")?, scratch("-manifest")?, scratch("-sums")?];
    let (to, taken) = match remove(&open, &removing, form, to, scratch) {
        Ok(done) => done,
        Err(NotRemoved::Io(error)) => return Err(cannot(error)),
        Err(NotRemoved::Unfit(why)) => {
            return Err(CannotRun::new(format!("nothing was taken out of `{shown}`: {why}")));
        }
    };
    to.into_inner().map_err(io::IntoInnerError::into_error).and_then(|file| file.sync_all()).map_err(cannot)?;
    let again = check(&pending.path(""))?;
    if !again.as_ref().is_some_and(Checked::holds) {
        return Err(CannotRun::new(format!("what is left of `{shown}` does not verify, and was not kept")));
    }
    pending.finish().map_err(cannot)?;
    tell(args, &taken);
    Ok(Outcome::Fine)
}

fn check(file: &Path) -> Result<Option<Checked>, CannotRun> {
    verify(&|| File::open(file), &Asked::default())
        .map_err(|error| CannotRun::new(format!("cannot read `{}`: {}", file.display(), in_words(&error))))
}

/// What is written, by the name of the file.
fn form(out: &Path) -> Result<Form, CannotRun> {
    let name = out.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    let forms = [(".zip", Form::Zip), (".tar.zst", Form::TarZst)];
    let found = forms.into_iter().find(|(ending, _)| name.ends_with(ending) && name.len() > ending.len());
    found.map(|(_, form)| form).ok_or_else(|| {
        CannotRun::new(format!("the ending of `{}` does not tell what to make", out.display()))
            .hint("name a file that ends in `.zip` or `.tar.zst`")
    })
}

fn tell(args: &RedactEditionArgs, taken: &TakenOut) {
    let fields = taken.own_fields + taken.other_fields;
    result(&format!(
        "{}: {} of records and {} were taken out; the seal is the same",
        args.out.display(),
        plural(usize::try_from(fields).unwrap_or(usize::MAX), "field"),
        plural(usize::try_from(taken.files()).unwrap_or(usize::MAX), "file"),
    ));
    result(&format!(
        "fields: {} of the records themselves, and {} of others that say something of them",
        taken.own_fields, taken.other_fields
    ));
    for (id, names) in &taken.by_page {
        result(&format!(
            "`{id}` stands in no list, and is known here by its page alone, which is called {}; name what else tells of it with `--word`",
            names.iter().map(|name| format!("`{}`", excerpt(name, 100))).collect::<Vec<_>>().join(" and ")
        ));
    }
    if !taken.with_them.is_empty() {
        let others = taken.with_them.iter().map(|(kind, id)| format!("{kind} `{}`", excerpt(id, 100)));
        result(&format!("of other records nothing is left: {}", shortened(others)));
    }
    result(&format!(
        "files: {} whose path tells of them, where nothing stands now; {} that say something of them, where a notice stands; {} such, where \
         nothing stands, since they are no pages or other texts of the site",
        taken.telling_paths,
        taken.replaced.len(),
        taken.dropped.len()
    ));
    let others = || taken.replaced.iter().chain(&taken.dropped);
    for path in others().take(SHOWN) {
        result(&format!("  {path}"));
    }
    if others().count() > SHOWN {
        result(&format!("  and {} more", others().count() - SHOWN));
    }
    if !taken.parts_of_names.is_empty() || taken.parts_in_fields > 0 {
        let files = taken.parts_of_names.iter().map(|path| format!("`{}`", shown(path)));
        let fields = plural(usize::try_from(taken.parts_in_fields).unwrap_or(usize::MAX), "field");
        say(&format!(
            "LOOK AT THESE: a part of the name is left in {fields} of records and in the files {}; it may be of somebody else. `--word` takes \
             out what says a word, such as `--word Doe`",
            shortened(files)
        ));
    }
    if !taken.closed.is_empty() {
        let files = taken.closed.iter().map(|(path, why)| match why {
            Some(why) => format!("`{}` ({why})", shown(path)),
            None => format!("`{}`", shown(path)),
        });
        say(&format!(
            "LOOK AT THESE YOURSELF, since a picture or another file without words cannot be looked into: {}",
            shortened(files)
        ));
    }
    say("files and fields go as a whole, and none was rewritten; lists and indexes go too where they name the records");
    say(
        "what was published before still has it: the other archive, copies of it, and what `editions/` keeps of this edition",
    );
}

/// The first of many.
fn shortened(all: impl Iterator<Item = String>) -> String {
    let all: Vec<String> = all.collect();
    let more = all.len().saturating_sub(SHOWN);
    let first = all[..all.len() - more].join(", ");
    if more == 0 { first } else { format!("{first} and {more} more") }
}
