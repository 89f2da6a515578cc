//! `dossier check`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use clap::{Args, ValueEnum};

use super::rewriting::{Rewritten, create, print_diff, real, write};
use super::session::{DossierArgs, RuleArgs, Session, Typed, policy};
use super::terminal::{SHOWN, Shown, color, is_watched, plural, print_findings, result, say};
use super::{CannotRun, Outcome, drift};
use crate::check::settle_asked;
use crate::compile::{Compiled, Inputs, compile};
use crate::diagnostic::{
    Code, Diagnostic, apply, has_errors, summary_line, to_github, to_gitlab, to_json, to_junit, to_sarif, to_text,
};
use crate::evidence::lock::FILE;
use crate::external::{self, Cache, Networks, Options};
use crate::parse::parse_settings;
use crate::read::{Form, SourceFile, Sources};
use crate::redact::{Audience, Policy, for_shared_log, for_shared_log_without_settings};
use crate::text;

/// Where it is kept what hosts said of external links.
const LINKS: &str = ".dossier/links.json";

/// How long answers of hosts may be known and not yet kept.
const KEPT_EVERY: Duration = Duration::from_secs(2);

/// How many times fixes are looked for; one may make room for another.
const ROUNDS: usize = 10;

/// Find what is wrong, or likely to be, in all records
///
/// Nothing is written, unless `--fix` is given. Ends with 1 when there are errors, and with 0 when there are none; `dossier
/// explain CODE` says what a finding means and what to do.
#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    #[command(flatten)]
    dossier: DossierArgs,
    /// The form in which findings are printed
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    rules: RuleArgs,
    /// Print all findings, not only the first hundred
    #[arg(long)]
    all: bool,
    /// Mend what has only one right answer, in the files themselves
    #[arg(long)]
    fix: bool,
    /// With `--fix`: show what would change, and write nothing
    #[arg(long, requires = "fix")]
    dry_run: bool,
    /// Also ask the hosts of external links whether their pages are still there; docs/external-links.md says how
    #[arg(long, group = "asking", conflicts_with = "fix")]
    external: bool,
    /// Also ask for the live pages of quoted sources, and compare them with the captured copies; docs/drift.md says how
    #[arg(long, group = "asking", conflicts_with = "fix")]
    drift: bool,
    /// With `--drift`: write the report into this file
    #[arg(long, value_name = "FILE", requires = "drift")]
    report: Option<PathBuf>,
    /// Write anew what comes of looking for quotations in the copies of their sources: `evidence.lock`
    #[arg(long, conflicts_with_all = ["fix", "asking"])]
    update_lock: bool,
    /// With `--external` or `--drift`: ask hosts of the own network too
    #[arg(long, requires = "asking")]
    own_network: bool,
    /// The day for embargoes and reviews; else SOURCE_DATE_EPOCH, else today in universal time
    #[arg(long, value_name = "YYYY-MM-DD")]
    date: Option<String>,
}

/// The form in which findings are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people, with the lines that they are about
    Text,
    /// For scripts: an array with an object for each finding
    Json,
    /// For code hosts and editors: SARIF 2.1.0
    Sarif,
    /// For GitHub Actions: workflow commands
    Github,
    /// For GitLab: a code quality report
    Gitlab,
    /// For continuous-integration servers: JUnit XML
    Junit,
}

pub(super) fn run(args: &CheckArgs) -> Result<Outcome, CannotRun> {
    if args.dry_run && args.format != Format::Text {
        return Err(CannotRun::new("`--dry-run` shows a diff, which has no other format").hint("leave `--format` out"));
    }
    // Drafts and what is embargoed are checked too: it is authors who ask.
    let policy = policy(args.date.as_deref(), Audience::Readers)?;
    let typed = Typed { rules: Some(&args.rules), ..Typed::default() };
    let mut session = Session::read(&args.dossier, &typed)?;
    let mut written = Tally::default();
    let mut before = 0;
    if args.fix
        && let Some((old, new, count)) = mend_settings(session.sources())
    {
        before = count;
        if args.dry_run {
            print_diff(session.workspace.root(), &old, &new);
            written.files += 1;
        } else {
            written.take(session.workspace.root(), &old, &new)?;
            before = if written.left > 0 { 0 } else { count };
            session = Session::read(&args.dossier, &typed)?;
        }
    }
    let Some(inputs) = session.inputs() else {
        if before > 0 {
            say(&mended_line(before, written.files, if args.dry_run { "would mend" } else { "mended" }));
        }
        let findings = session.findings();
        let told = match args.format {
            Format::Sarif | Format::Github | Format::Gitlab => for_shared_log_without_settings(&findings),
            Format::Text | Format::Json | Format::Junit => findings,
        };
        if args.dry_run {
            // Nothing but a diff belongs where one is looked for.
            print_findings(&told, session.sources(), Shown::Notes);
            return Ok(if has_errors(&told) { Outcome::Findings } else { Outcome::Fine });
        }
        return print(args, &told, session.sources());
    };
    if args.update_lock {
        return update_lock(args, &session, inputs, policy);
    }
    if !args.fix {
        let mut compiled = compile(inputs, session.findings(), policy, None, &mut |_| {});
        if args.external {
            let found = ask_hosts(args, &session, &compiled)?;
            compiled.findings.extend(settle_asked(found, &compiled.stages.dossier));
            compiled.findings.sort();
        }
        if args.drift {
            // Pages are longer than answers without them.
            let options = Options { whole: Duration::from_secs(60), ..options(args) };
            let found = drift::ask(args.report.as_deref(), &options, &session, inputs, &compiled)?;
            compiled.findings.extend(settle_asked(found, &compiled.stages.dossier));
            compiled.findings.sort();
        }
        return print(args, &told(args, &compiled, policy), session.sources());
    }
    let mut inputs = inputs.clone();
    let (compiled, mended) = mend(&mut inputs, &session, policy);
    let mended = before + mended;
    let findings = told(args, &compiled, policy);
    let changed = changed(session.workspace.root(), session.sources(), &inputs.sources);
    if args.dry_run {
        for (before, after) in &changed {
            print_diff(session.workspace.root(), before, &after.text);
        }
        say(&mended_line(mended, written.files + changed.len(), "would mend"));
        return Ok(if mended > 0 || has_errors(&findings) { Outcome::Findings } else { Outcome::Fine });
    }
    let tried = changed.iter().map(|(before, after)| written.take(session.workspace.root(), before, &after.text));
    let failed: Vec<CannotRun> = tried.filter_map(Result::err).collect();
    if let Some(first) = failed.into_iter().next() {
        return Err(CannotRun {
            message: format!("{}; {} mended", first.message, plural(written.files, "other file")),
            ..first
        });
    }
    if written.left > 0 {
        say(&format!("{} mended, {} left as they are", plural(written.files, "file"), written.left));
        print(args, &findings, &inputs.sources)?;
        return Ok(Outcome::Findings);
    }
    say(&mended_line(mended, written.files, "mended"));
    print(args, &findings, &inputs.sources)
}

/// Writes what is to be locked, and tells what is found then.
fn update_lock(args: &CheckArgs, session: &Session, inputs: &Inputs, policy: Policy) -> Result<Outcome, CannotRun> {
    let compiled = compile(inputs, session.findings(), policy, None, &mut |_| {});
    let (before, lock) = (compiled.stages.locked(), compiled.stages.lock());
    let root = session.workspace.root();
    // What was locked of copies that are not here cannot be found again, so a damaged file is mended by hand and not overwritten.
    if compiled.findings.iter().any(|finding| finding.code == Code::BadLock) && compiled.stages.evidence.needs_lock() {
        return Err(CannotRun::new(format!("`{FILE}` is damaged, and not all copies are here to write it anew"))
            .hint("take the last good one back, or run this where all copies are"));
    }
    let same = |id: &String| before.quotes.get(id) == lock.quotes.get(id);
    let differing =
        before.quotes.keys().chain(lock.quotes.keys()).filter(|id| !same(id)).collect::<BTreeSet<_>>().len();
    let mut inputs = inputs.clone();
    if inputs.sources.lock.is_some() || !lock.quotes.is_empty() {
        let text = lock.to_text();
        match &inputs.sources.lock {
            Some(file) if file.text == text => {}
            Some(file) => match write(root, file, &text)? {
                Rewritten::Whole => {}
                Rewritten::MayOnlyBeRead(path) => {
                    return Err(CannotRun::new(format!("`{}` may only be read", path.display()))
                        .hint("let yourself write to it, or take it away to have it made anew"));
                }
            },
            None => create(&root.join(FILE), &text)?,
        }
        let file = SourceFile { path: FILE.into(), inner: FILE.to_owned(), form: Form::Yaml, text, usable: true };
        inputs.sources.lock = Some(Arc::new(file));
    }
    say(&format!("`{FILE}` has {}, {differing} of them changed", plural(lock.quotes.len(), "quotation")));
    let findings = session
        .findings()
        .into_iter()
        .filter(|finding| finding.place.as_ref().is_none_or(|place| *place.file != *FILE));
    let compiled = compile(&inputs, findings.collect(), policy, None, &mut |_| {});
    print(args, &told(args, &compiled, policy), &inputs.sources)
}

/// How many files were written, and how many could not be since nobody may write to them.
#[derive(Default)]
struct Tally {
    files: usize,
    left: usize,
}

impl Tally {
    /// Writes a file, or says why it is left as it is.
    fn take(&mut self, root: &Path, file: &SourceFile, text: &str) -> Result<(), CannotRun> {
        match write(root, file, text)? {
            Rewritten::Whole => self.files += 1,
            Rewritten::MayOnlyBeRead(path) => {
                say(&format!("`{}` may only be read, and was left as it is", path.display()));
                self.left += 1;
            }
        }
        Ok(())
    }
}

/// The settings file with its mistakes mended that have one right answer, and how many these are; none when there is nothing
/// to mend.
fn mend_settings(sources: &Sources) -> Option<(Arc<SourceFile>, String, usize)> {
    let before = sources.settings.as_ref()?;
    let mut file = (**before).clone();
    let mut mended = 0;
    for _ in 0..ROUNDS {
        let (_, findings) = parse_settings(&file);
        let (text, count) = apply(&file.text, findings.iter().map(|finding| finding.fix.as_slice()));
        if count == 0 {
            break;
        }
        mended += count;
        file.text = text;
    }
    (mended > 0).then(|| (Arc::clone(before), file.text, mended))
}

/// What hosts say of external links. What they said is kept beside the dossier, so that they are not asked again too soon.
fn ask_hosts(args: &CheckArgs, session: &Session, compiled: &Compiled) -> Result<Vec<Diagnostic>, CannotRun> {
    let path = session.workspace.root().join(LINKS);
    let (mut cache, word) = Cache::read(&path);
    word.iter().for_each(|word| say(word));
    let options = options(args);
    let links = external::links(&compiled.stages.dossier, session.sources());
    let now = SystemTime::now();
    let watched = is_watched();
    let mut keeping = Keeping::default();
    let checked = external::check(links, &options, &mut cache, now, &mut |progress, known| {
        if progress.last.is_some() && keeping.is_due(Instant::now()) {
            // Whether it can be written is told at the end, when it is written once more.
            drop(known.write(&path, now));
        }
        if let (true, Some(last)) = (watched, &progress.last) {
            say(&format!("{} of {}: {}", progress.done, progress.of, text::excerpt(last, 100)));
        }
    });
    cache.write(&path, now)?;
    say(&plural(checked.len(), "external link"));
    Ok(external::findings(&checked))
}

/// How hosts are asked.
fn options(args: &CheckArgs) -> Options {
    let networks = if args.own_network { Networks::Any } else { Networks::Public };
    Options { networks, ..Options::default() }
}

/// When answers of hosts are kept while others are still awaited: the first at once, later ones every few seconds, so that
/// who ends the program early need not ask again.
#[derive(Default)]
struct Keeping {
    last: Option<Instant>,
}

impl Keeping {
    /// Whether what is known now is to be kept; then it is taken to be.
    fn is_due(&mut self, now: Instant) -> bool {
        let is_due = self.last.is_none_or(|last| now.duration_since(last) >= KEPT_EVERY);
        if is_due {
            self.last = Some(now);
        }
        is_due
    }
}

/// The findings, as the form in which they are printed may tell them.
fn told(args: &CheckArgs, compiled: &Compiled, policy: Policy) -> Vec<Diagnostic> {
    let dossier = &compiled.stages.dossier;
    match args.format {
        Format::Sarif | Format::Github | Format::Gitlab => for_shared_log(&compiled.findings, dossier, policy),
        Format::Text | Format::Json | Format::Junit => compiled.findings.clone(),
    }
}

fn print(args: &CheckArgs, findings: &[Diagnostic], sources: &Sources) -> Result<Outcome, CannotRun> {
    match args.format {
        Format::Text => {
            let limit = if args.all { usize::MAX } else { SHOWN };
            let text = to_text(findings, sources, color(&std::io::stdout()), limit);
            if !text.is_empty() {
                result(&format!("{}\n", text.trim_end()));
            }
            result(&summary_line(findings));
        }
        Format::Json => result(to_json(findings, sources).trim_end()),
        Format::Sarif => result(to_sarif(findings, sources).trim_end()),
        Format::Github => result(to_github(findings, sources).trim_end()),
        Format::Gitlab => result(to_gitlab(findings, sources).trim_end()),
        Format::Junit => result(to_junit(findings, sources).trim_end()),
    }
    Ok(if has_errors(findings) { Outcome::Findings } else { Outcome::Fine })
}

/// Changes the text of the files until nothing is left that has one right answer; what is still found then, and how much was
/// mended.
fn mend(inputs: &mut Inputs, session: &Session, policy: Policy) -> (Compiled, usize) {
    let mut mended = 0;
    for _ in 0..ROUNDS {
        let compiled = compile(inputs, session.findings(), policy, None, &mut |_| {});
        let findings = &compiled.findings;
        let mut by_file: BTreeMap<Arc<str>, Vec<&Diagnostic>> = BTreeMap::new();
        for finding in findings {
            if let Some(edit) = finding.fix.first() {
                by_file.entry(Arc::clone(&edit.place.file)).or_default().push(finding);
            }
        }
        let mut round = 0;
        let mut seen = BTreeSet::new();
        for file in inputs.sources.files.iter_mut().filter(|file| file.usable) {
            let Some(findings) = by_file.get(&file.path) else { continue };
            let fixes = findings.iter().map(|finding| finding.fix.as_slice());
            let (text, count) = apply(&file.text, fixes);
            // What says the same afterwards was not mended, and would be found for ever.
            if count > 0 && text != file.text {
                // One file may lie at two paths, and is mended once.
                round += if seen.insert(real(session.workspace.root(), file)) { count } else { 0 };
                *file = Arc::new(SourceFile { text, ..(**file).clone() });
            }
        }
        if round == 0 {
            return (compiled, mended);
        }
        mended += round;
    }
    (compile(inputs, session.findings(), policy, None, &mut |_| {}), mended)
}

/// The files whose text differs, before and after; one that lies at two paths stands here once.
fn changed(root: &Path, before: &Sources, after: &Sources) -> Vec<(Arc<SourceFile>, Arc<SourceFile>)> {
    let mut seen = BTreeSet::new();
    let pairs = before.files.iter().zip(&after.files).filter(|(old, new)| old.text != new.text);
    let pairs = pairs.filter(|(old, _)| seen.insert(real(root, old)));
    pairs.map(|(old, new)| (Arc::clone(old), Arc::clone(new))).collect()
}

fn mended_line(findings: usize, files: usize, verb: &str) -> String {
    format!("{verb} {} in {}", plural(findings, "finding"), plural(files, "file"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_answer_is_kept_at_once_and_later_ones_every_few_seconds() {
        let (mut keeping, start) = (Keeping::default(), Instant::now());
        let due: Vec<u64> =
            (0..=4500).step_by(500).filter(|ms| keeping.is_due(start + Duration::from_millis(*ms))).collect();
        assert_eq!(due, [0, 2000, 4000]);
    }
}
