//! `dossier timestamp`.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use zeroize::Zeroizing;

use super::sign::{Edition, OutArgs, read};
use super::terminal::{result, say};
use super::trust::{TrustArgs, bytes, told};
use super::verify::print_checks;
use super::{CannotRun, Outcome};
use crate::archive::{Trusted, beside_path, check_beside};
use crate::edition::timestamp::ots::{self, Proof, Standing};
use crate::edition::timestamp::tsp;
use crate::packet::{Check, Held};
use crate::read::in_words;
use crate::text::{from_hexadecimal, hexadecimal};

/// What a proof of OpenTimestamps begins with.
const PROOF: &[u8] = b"\x00OpenTimestamps";

/// What an answer of an authority begins with; no answer of a calendar does.
const DER: u8 = 0x30;

/// The files of a request, beside the seal itself.
const SEAL: &str = "seal.txt";
const QUERY: &str = "seal.txt.tsq";
const DIGEST: &str = "seal.txt.ots-digest";
const NONCE: &str = "seal.txt.ots-nonce";

/// Have it confirmed since when an edition is there
///
/// Nothing here asks anybody: a request is written, a person sends it from where they like, and the answer is checked and stored in the
/// edition. Authorities for timestamps (RFC 3161) and calendars of OpenTimestamps are understood.
#[derive(Debug, Args)]
pub(super) struct TimestampArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Request(RequestArgs),
    Add(AddArgs),
    Show(ShowArgs),
}

/// Write what is to be sent to an authority or a calendar, and say how
///
/// What is sent is a fingerprint of the seal and says nothing of the edition. Keep the folder until the answers are added.
#[derive(Debug, Args)]
struct RequestArgs {
    /// The edition: a zip or a tar.zst
    archive: PathBuf,
    /// Write the requests into this folder
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// Check what an authority or a calendar has answered, and store it in the edition
///
/// Ends with 0 when it was stored, with 1 when the edition or an answer is wrong, and with 2 when it could not be done. What is pending or
/// could not be verified is stored as well, and told.
#[derive(Debug, Args)]
struct AddArgs {
    /// The edition: a zip or a tar.zst
    archive: PathBuf,
    /// An answer of an authority (`.tsr`), answers of calendars, or a whole proof (`.ots`)
    #[arg(required = true)]
    answer: Vec<PathBuf>,
    /// The folder of the request; else that of the first answer
    #[arg(long, value_name = "DIR")]
    request: Option<PathBuf>,
    /// Name the timestamp, `seal.txt.NAME.tsr`, where there is one already
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    #[command(flatten)]
    trust: TrustArgs,
    #[command(flatten)]
    out: OutArgs,
}

/// Tell what the timestamps and signatures of an edition show
///
/// The edition itself is not checked; `dossier verify` does that.
///
/// Ends with 1 when one of them is wrong, or when nothing holds by what was given.
#[derive(Debug, Args)]
struct ShowArgs {
    /// The edition: a zip or a tar.zst
    archive: PathBuf,
    #[command(flatten)]
    trust: TrustArgs,
}

pub(super) fn run(args: &TimestampArgs) -> Result<Outcome, CannotRun> {
    match &args.command {
        Command::Request(args) => request(args),
        Command::Add(args) => add(args),
        Command::Show(args) => show(args),
    }
}

fn request(args: &RequestArgs) -> Result<Outcome, CannotRun> {
    let seal = read(&args.archive)?.text;
    let folder = &args.out;
    let cannot = |path: &Path, error: std::io::Error| {
        CannotRun::new(format!("cannot write `{}`: {}", path.display(), in_words(&error)))
    };
    fs::create_dir_all(folder).map_err(|error| cannot(folder, error))?;
    let names = [SEAL, QUERY, DIGEST, NONCE];
    if let Some(there) = names.iter().map(|name| folder.join(name)).find(|path| fs::symlink_metadata(path).is_ok()) {
        return Err(CannotRun::new(format!(
            "`{}` is there already, and its answer may be on its way",
            there.display()
        ))
        .hint("name another folder with `--out DIR`"));
    }
    let mut chance = Zeroizing::new([0; 24]);
    getrandom::fill(&mut *chance)
        .map_err(|error| CannotRun::new(format!("this machine gives no random number: {error}")))?;
    let (query, nonce) = chance.split_at_mut(8);
    // A number in DER is positive and has no zero in front.
    query[0] = query[0] & 0x7f | 0x40;
    let nonce: [u8; 16] = nonce.try_into().expect("24 bytes are 8 and 16");
    let contents = [
        seal.clone(),
        tsp::request(&seal, query),
        ots::Request::new(&seal, nonce).to_send(),
        format!("{}\n", hexadecimal(&nonce)).into_bytes(),
    ];
    for (name, content) in names.iter().zip(contents) {
        let path = folder.join(name);
        let file = File::options().write(true).create_new(true).open(&path);
        file.and_then(|mut file| file.write_all(&content)).map_err(|error| cannot(&path, error))?;
    }
    let at = |name: &str| quoted(&folder.join(name).display().to_string());
    say(
        "nothing was sent; send one of these, or both, from a machine that is online, with the address that you choose:",
    );
    result(&format!(
        "curl --fail -H 'Content-Type: application/timestamp-query' --data-binary @{} -o {} https://AUTHORITY.example/",
        at(QUERY),
        at("seal.txt.tsr")
    ));
    result(&format!(
        "curl --fail -H 'Accept: application/vnd.opentimestamps.v1' --data-binary @{} -o {} https://CALENDAR.example/digest",
        at(DIGEST),
        at("calendar-answer")
    ));
    let archive = quoted(&args.archive.display().to_string());
    say(&format!("then: dossier timestamp add {archive} {} {}", at("seal.txt.tsr"), at("calendar-answer")));
    Ok(Outcome::Fine)
}

/// A word as a shell reads it.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '-' | '_' | '+' | ':');
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// Why an answer is not stored.
enum Unfit {
    /// It is wrong.
    Wrong(String),
    /// It could not be looked at.
    CannotRun(CannotRun),
}

impl From<CannotRun> for Unfit {
    fn from(error: CannotRun) -> Self {
        Unfit::CannotRun(error)
    }
}

fn add(args: &AddArgs) -> Result<Outcome, CannotRun> {
    let mut edition = Edition::open(&args.archive, args.name.as_deref(), &args.out)?;
    let trusted = args.trust.read()?;
    let first = args.answer.first().and_then(|answer| answer.parent()).unwrap_or(Path::new(""));
    let folder = args.request.as_deref().unwrap_or(first);
    if !edition.is_whole()? {
        return Ok(Outcome::Findings);
    }
    let mut calendars = Vec::new();
    for path in &args.answer {
        let answer = bytes(path)?;
        let stored = if answer.starts_with(PROOF) {
            of_proof(&mut edition, args, &answer, &trusted)
        } else if answer.first() == Some(&DER) {
            of_authority(&mut edition, args, &answer, folder, &trusted)
        } else {
            calendars.push((path.as_path(), answer));
            Ok(())
        };
        if let Err(unfit) = stored {
            return refused(path, unfit);
        }
    }
    if let Some((path, _)) = calendars.first()
        && let Err(unfit) = of_calendars(&mut edition, args, &calendars, folder, &trusted)
    {
        return refused(path, unfit);
    }
    edition.write()?;
    let now = read(edition.written())?;
    let added = now.files.into_iter().filter(|(path, _)| edition.is_added(path)).collect();
    // What is asked of all was not asked of these alone.
    let checks: Vec<Check> =
        check_beside(&now.text, &added, &trusted).into_iter().filter(|check| check.file.is_some()).collect();
    print_checks(&checks);
    Ok(Outcome::Fine)
}

fn refused(path: &Path, unfit: Unfit) -> Result<Outcome, CannotRun> {
    match unfit {
        Unfit::CannotRun(error) => Err(error),
        Unfit::Wrong(why) => {
            say(&format!("`{}`: {why}", path.display()));
            say("nothing was added");
            Ok(Outcome::Findings)
        }
    }
}

/// Takes in an answer of an authority, with the request where that is at hand.
fn of_authority(
    edition: &mut Edition,
    args: &AddArgs,
    answer: &[u8],
    folder: &Path,
    trusted: &Trusted,
) -> Result<(), Unfit> {
    let query = folder.join(QUERY);
    let query = query.is_file().then(|| bytes(&query)).transpose()?;
    let seal = &edition.beside.text;
    match tsp::verify(answer, seal, query.as_deref(), &trusted.roots) {
        tsp::Outcome::Confirmed { .. } | tsp::Outcome::Unverifiable { .. } => {}
        other => return Err(Unfit::Wrong(other.to_string())),
    }
    edition.add(beside_path(args.name.as_deref(), "tsr"), answer.to_vec())?;
    if let Some(query) = query {
        edition.add(beside_path(args.name.as_deref(), "tsq"), query)?;
    }
    Ok(())
}

/// Takes in a whole proof; in the place of one that is there, when it has all that this one has.
fn of_proof(edition: &mut Edition, args: &AddArgs, answer: &[u8], trusted: &Trusted) -> Result<(), Unfit> {
    let wrong = |why: String| Unfit::Wrong(format!("the timestamp cannot be read: {why}"));
    let proof = Proof::read(answer).map_err(wrong)?;
    let standings = checked(&proof, &edition.beside.text, trusted)?;
    let path = beside_path(args.name.as_deref(), "ots");
    let Some(there) = edition.beside.files.get(&path) else { return Ok(edition.add(path, answer.to_vec())?) };
    let there = Proof::read(there).map(|there| there.check(&edition.beside.text, &trusted.headers)).unwrap_or_default();
    let is_lost = |standing: &&Standing| !matches!(standing, Standing::Pending { .. }) && !standings.contains(standing);
    if there.iter().any(|standing| is_lost(&standing)) || standings == there {
        return Ok(edition.add(path, answer.to_vec())?);
    }
    edition.replace(path, answer.to_vec());
    Ok(())
}

/// Takes in answers of calendars: to the request, or, later, to what was pending.
fn of_calendars(
    edition: &mut Edition,
    args: &AddArgs,
    answers: &[(&Path, Vec<u8>)],
    folder: &Path,
    trusted: &Trusted,
) -> Result<(), Unfit> {
    let path = beside_path(args.name.as_deref(), "ots");
    let seal = &edition.beside.text;
    if let Some(there) = edition.beside.files.get(&path) {
        let mut proof =
            Proof::read(there).map_err(|why| told(&format!("`{path}` in the edition cannot be read: {why}")))?;
        for (file, answer) in answers {
            upgrade(&mut proof, seal, file, answer, trusted)?;
        }
        edition.replace(path, proof.to_bytes());
        return Ok(());
    }
    let file = folder.join(NONCE);
    if !file.is_file() {
        let named: Vec<String> = answers.iter().map(|(path, _)| format!("`{}`", path.display())).collect();
        return Err(CannotRun::new(format!(
            "{} is no timestamp by itself, and for the answer of a calendar there is no `{}`",
            named.join(", "),
            file.display()
        ))
        .hint("`--request DIR` names the folder that `dossier timestamp request` has written")
        .into());
    }
    let nonce = nonce(&bytes(&file)?).ok_or_else(|| {
        CannotRun::new(format!("`{}` is not as `dossier timestamp request` has written it", file.display()))
    })?;
    let answers: Vec<&[u8]> = answers.iter().map(|(_, answer)| answer.as_slice()).collect();
    let proof = ots::Request::new(seal, nonce).answered(&answers).map_err(Unfit::Wrong)?;
    checked(&proof, seal, trusted)?;
    Ok(edition.add(path, proof.to_bytes())?)
}

/// Takes in what a calendar has answered to what was pending.
fn upgrade(proof: &mut Proof, seal: &[u8], file: &Path, answer: &[u8], trusted: &Trusted) -> Result<(), Unfit> {
    let before = proof.check(seal, &trusted.headers);
    let pending: Vec<&str> = before
        .iter()
        .filter_map(|standing| match standing {
            Standing::Pending { commitment, .. } => Some(commitment.as_str()),
            _ => None,
        })
        .collect();
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let asked = match pending.as_slice() {
        [] => return Err(CannotRun::new("nothing is pending in the timestamp that the edition has").into()),
        [only] => only,
        more => more.iter().find(|commitment| name.starts_with(**commitment)).ok_or_else(|| {
            CannotRun::new(format!("several calendars are pending, and `{}` does not tell which has answered", file.display()))
                .hint("let the name of the file begin with what the calendar was asked for, as `dossier timestamp show` tells it")
        })?,
    };
    let mut upgraded = proof.clone();
    upgraded.upgrade(asked, answer).map_err(Unfit::Wrong)?;
    let after = checked(&upgraded, seal, trusted)?;
    let is_new = |standing: &Standing| {
        matches!(standing, Standing::Confirmed { .. } | Standing::Unverifiable { .. }) && !before.contains(standing)
    };
    if !after.iter().any(is_new) {
        return Err(Unfit::Wrong(
            "it leads to no block that was not known; the calendar may need more time".to_owned(),
        ));
    }
    *proof = upgraded;
    Ok(())
}

/// All that a proof leads to; it must hold nothing that is wrong.
fn checked(proof: &Proof, seal: &[u8], trusted: &Trusted) -> Result<Vec<Standing>, Unfit> {
    let standings = proof.check(seal, &trusted.headers);
    match standings.iter().find(|standing| matches!(standing, Standing::Wrong { .. })) {
        Some(wrong) => Err(Unfit::Wrong(wrong.to_string())),
        None if standings.is_empty() => Err(Unfit::Wrong("it leads to nothing".to_owned())),
        None => Ok(standings),
    }
}

fn nonce(text: &[u8]) -> Option<[u8; 16]> {
    let digits = std::str::from_utf8(text).ok()?.trim();
    from_hexadecimal(digits)
}

fn show(args: &ShowArgs) -> Result<Outcome, CannotRun> {
    let trusted = args.trust.read()?;
    let beside = read(&args.archive)?;
    let checks = check_beside(&beside.text, &beside.files, &trusted);
    print_checks(&checks);
    if beside.files.is_empty() {
        say("it has neither a signature nor a timestamp");
    }
    let is_wrong = checks.iter().any(|check| check.held == Held::No);
    Ok(if is_wrong { Outcome::Findings } else { Outcome::Fine })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_can_be_copied_into_a_shell() {
        assert_eq!(quoted("out/seal.txt"), "out/seal.txt");
        assert_eq!(quoted("my dir/it's"), r"'my dir/it'\''s'");
    }
}
