//! Changing the authors' own files: whole or not at all, or as a diff that shows what would change.

use std::fs;
use std::io::Write as _;
use std::ops::Range;
use std::path::{MAIN_SEPARATOR, Path, PathBuf};

use similar::ChangeTag;

use super::CannotRun;
use super::terminal::{color, result};
use crate::diagnostic::Color;
use crate::read::{SourceFile, in_words};

/// Where a file lies in truth. A link stays one; what it leads to is written.
pub(super) fn real(root: &Path, file: &SourceFile) -> PathBuf {
    let path = root.join(&*file.path);
    path.canonicalize().unwrap_or(path)
}

/// What came of writing a file.
pub(super) enum Rewritten {
    /// It holds the new text.
    Whole,
    /// It is as it was, since nobody may write to it.
    MayOnlyBeRead(PathBuf),
}

/// Puts a text in the place of that of a file, whole or not at all. A file that is not any more what was read is left alone.
pub(super) fn write(root: &Path, file: &SourceFile, text: &str) -> Result<Rewritten, CannotRun> {
    let path = real(root, file);
    if fs::metadata(&path).is_ok_and(|metadata| metadata.permissions().readonly()) {
        return Ok(Rewritten::MayOnlyBeRead(path));
    }
    replace(&path, file, text)?;
    Ok(Rewritten::Whole)
}

fn replace(path: &Path, file: &SourceFile, text: &str) -> Result<(), CannotRun> {
    let failed =
        |error: std::io::Error| CannotRun::new(format!("cannot write `{}`: {}", path.display(), in_words(&error)));
    let now = fs::read(path).map_err(failed)?;
    let mark: &[u8] = if now.starts_with("\u{feff}".as_bytes()) { "\u{feff}".as_bytes() } else { b"" };
    if now[mark.len()..] != *file.text.as_bytes() {
        return Err(CannotRun::new(format!("`{}` has changed since it was read", path.display()))
            .hint("run the command again; this file was left as it is"));
    }
    let temporary = temporary(path);
    let mut new = fs::File::create_new(&temporary).map_err(failed)?;
    let mut fill = || {
        new.set_permissions(fs::metadata(path)?.permissions())?;
        new.write_all(mark)?;
        new.write_all(text.as_bytes())?;
        new.sync_all()
    };
    fill().and_then(|()| fs::rename(&temporary, path)).map_err(|error| {
        // What could not be finished is nobody's work.
        drop(fs::remove_file(&temporary));
        failed(error)
    })
}

/// Writes a file that is not there yet, whole or not at all.
pub(super) fn create(path: &Path, text: &str) -> Result<(), CannotRun> {
    let failed =
        |error: std::io::Error| CannotRun::new(format!("cannot write `{}`: {}", path.display(), in_words(&error)));
    let temporary = temporary(path);
    let mut new = fs::File::create_new(&temporary).map_err(failed)?;
    let fill = new.write_all(text.as_bytes()).and_then(|()| new.sync_all());
    // A link fails where somebody made the file meanwhile.
    let done = fill.and_then(|()| fs::hard_link(&temporary, path).or_else(|_| move_to_free(&temporary, path)));
    drop(fs::remove_file(&temporary));
    done.map_err(failed)
}

/// The same where the disk knows no second names of a file.
fn move_to_free(temporary: &Path, path: &Path) -> std::io::Result<()> {
    if path.exists() {
        return Err(std::io::ErrorKind::AlreadyExists.into());
    }
    fs::rename(temporary, path)
}

/// A name beside a file, under which its next version is written. The dot keeps it from being read as a record.
fn temporary(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}.dossier-tmp", std::process::id()))
}

/// Shows what would change in a file.
pub(super) fn print_diff(root: &Path, file: &SourceFile, after: &str) {
    let diff = diff(root, file, after);
    let diff = match color(&std::io::stdout()) {
        Color::Never => diff,
        Color::Always => diff.split_inclusive('\n').map(painted).collect(),
    };
    result(diff.strip_suffix('\n').unwrap_or(&diff));
}

/// What changes in a file, in the form that `patch` and `git apply` take.
pub(super) fn diff(root: &Path, file: &SourceFile, after: &str) -> String {
    // Lines end where `git` sees their end: a lone `\r` is a letter of a line.
    let lines = |text| str::split_inclusive(text, '\n').collect::<Vec<_>>();
    let (old, new) = (lines(&file.text), lines(after));
    let diff = similar::TextDiff::from_slices(&old, &new);
    let path = patch_path(root, &file.path);
    let mut text = format!("--- {}\n+++ {}\n", patch_name("a", &path), patch_name("b", &path));
    for hunk in diff.grouped_ops(3) {
        let (Some(first), Some(last)) = (hunk.first(), hunk.last()) else { continue };
        let old = range(first.old_range().start..last.old_range().end);
        let new = range(first.new_range().start..last.new_range().end);
        text.push_str(&format!("@@ -{old} +{new} @@\n"));
        for change in hunk.iter().flat_map(|part| diff.iter_changes(part)) {
            let sign = match change.tag() {
                ChangeTag::Equal => ' ',
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
            };
            text.push(sign);
            text.push_str(change.value());
            if !change.value().ends_with('\n') {
                text.push_str("\n\\ No newline at end of file\n");
            }
        }
    }
    text
}

/// Some lines as a diff names them; before the first one when there are none.
fn range(lines: Range<usize>) -> String {
    format!("{},{}", if lines.is_empty() { lines.start } else { lines.start + 1 }, lines.len())
}

/// The path of a file itself, not of a link to it: a patch goes through no links.
fn patch_path(root: &Path, path: &str) -> String {
    let own = root.join(path).canonicalize().ok().zip(root.canonicalize().ok());
    let inner = own.and_then(|(own, root)| Some(own.strip_prefix(root).ok()?.to_str()?.replace(MAIN_SEPARATOR, "/")));
    inner.unwrap_or_else(|| path.trim_start_matches("./").to_owned())
}

/// The name of a file in the head of a diff, in quotation marks where it could be misread.
fn patch_name(side: &str, path: &str) -> String {
    let name = format!("{side}/{path}");
    if !name.contains(|c: char| c.is_control() || matches!(c, '"' | '\\')) {
        return name;
    }
    let escaped = name.bytes().map(|byte| match byte {
        b'"' | b'\\' => format!("\\{}", char::from(byte)),
        b' '..=b'~' => char::from(byte).to_string(),
        _ => format!("\\{byte:03o}"),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

fn painted(line: &str) -> String {
    let code = match line.as_bytes().first() {
        Some(b'+') => "32",
        Some(b'-') => "31",
        Some(b'@') => "36",
        _ => return line.to_owned(),
    };
    format!("\u{1b}[{code}m{}\u{1b}[0m\n", line.trim_end_matches('\n'))
}
