//! What is printed: results on standard output, talk on standard error, colour only where it is wanted.

#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::io::{ErrorKind, IsTerminal, Write};
use std::path::Path;
use std::sync::OnceLock;

use anstream::AutoStream;
use anstream::stream::RawStream;
use zeroize::Zeroizing;

use crate::diagnostic::{Color, Diagnostic, Severity, SourceText, summary_line, to_text};

/// How many findings are printed in full, unless all are asked for.
pub(super) const SHOWN: usize = 100;

/// Why a part of the result could not be printed.
static LOST: OnceLock<String> = OnceLock::new();

/// Prints a line of a result. A reader that has gone away, as `head` does, is no error; any other is kept for the end of
/// the command, which then has not done its work.
pub(super) fn result(line: &str) {
    let mut stdout = std::io::stdout();
    match writeln!(stdout, "{line}").and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => drop(LOST.set(error.to_string())),
        _ => {}
    }
}

/// Why a part of the result could not be printed, if it could not.
pub(super) fn lost() -> Option<&'static str> {
    LOST.get().map(String::as_str)
}

/// Says something beside the result.
pub(super) fn say(line: &str) {
    drop(writeln!(std::io::stderr(), "{line}"));
}

/// Says why a command could not run.
pub(super) fn fail(message: &str, hint: Option<&str>) {
    say(&format!("error: {message}"));
    if let Some(hint) = hint {
        say(&format!("hint: {hint}"));
    }
}

/// Which findings are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// Errors only.
    Errors,
    /// Errors and warnings.
    Warnings,
    /// All.
    Notes,
}

/// Prints findings, and how many there are.
pub(super) fn print_findings(findings: &[Diagnostic], sources: &impl SourceText, shown: Shown) {
    if let Some(text) = findings_text(findings, sources, shown) {
        say(&text);
    }
}

/// Findings as they are printed, and how many there are; none when none of them is shown.
pub(super) fn findings_text(findings: &[Diagnostic], sources: &impl SourceText, shown: Shown) -> Option<String> {
    let least = match shown {
        Shown::Errors => Severity::Error,
        Shown::Warnings => Severity::Warning,
        Shown::Notes => Severity::Note,
    };
    let findings: Vec<Diagnostic> = findings.iter().filter(|finding| finding.severity <= least).cloned().collect();
    if findings.is_empty() {
        return None;
    }
    Some(format!(
        "{}\n\n{}",
        to_text(&findings, sources, color(&std::io::stderr()), SHOWN).trim_end(),
        summary_line(&findings)
    ))
}

/// Whether what is printed there may have colours.
pub(super) fn color(stream: &impl RawStream) -> Color {
    match AutoStream::choice(stream) {
        anstream::ColorChoice::Never => Color::Never,
        _ => Color::Always,
    }
}

/// Opens a page in the browser of whoever sits here.
pub(super) fn open_in_browser(page: &Path) {
    if open::that_detached(page).is_err() {
        say(&format!("no browser could be started; open `{}` yourself", page.display()));
    }
}

/// Asks for a secret, which is not shown while it is typed; `None` when there is no terminal.
pub(super) fn ask_secret(question: &str) -> Option<Zeroizing<String>> {
    let terminal = console::Term::stderr();
    if !terminal.is_term() {
        return None;
    }
    terminal.write_str(question).ok()?;
    terminal.read_secure_line().ok().map(Zeroizing::new)
}

/// Whether a person watches standard error.
pub(super) fn is_watched() -> bool {
    std::io::stderr().is_terminal()
}

/// Whether results go into a file that lies in a folder, by whatever way it was named.
#[cfg(unix)]
pub(super) fn is_result_in(folder: &Path) -> bool {
    use std::os::fd::AsFd;
    use std::os::unix::fs::MetadataExt;
    let Ok(stdout) = std::io::stdout().as_fd().try_clone_to_owned() else { return false };
    let Ok(metadata) = std::fs::File::from(stdout).metadata() else { return false };
    if !metadata.is_file() {
        return false;
    }
    for entry in walkdir::WalkDir::new(folder) {
        // What cannot be looked at is nothing that could be written to either.
        let Ok(other) = entry.and_then(|entry| entry.metadata()) else { continue };
        if (other.dev(), other.ino()) == (metadata.dev(), metadata.ino()) {
            return true;
        }
    }
    false
}

/// Whether results go into a file that lies in a folder; this system does not tell.
#[cfg(not(unix))]
pub(super) fn is_result_in(_folder: &Path) -> bool {
    false
}

/// A number of things, such as `3 files`.
pub(super) fn plural(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}
