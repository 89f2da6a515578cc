//! Cases that are folders: a dossier, what the program says about it, and the pages worth reading.
//!
//! `tests/cases/NAME/` holds `dossier.yaml`, `content/`, maybe `args` (what is typed after `dossier build --verbose`),
//! `diagnostics.txt` (what is said, and the exit code) and maybe `expected/PATH`, the inside of `<main>` of that page.
//! `UPDATE_EXPECT=1 cargo test --test it cases` writes the expectations.

use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use tempfile::TempDir;

use crate::html::{broken_links, faults, main_of};
use crate::input::{Files, Run, files_in, program};

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases")
}

/// All cases, by name.
pub(crate) fn all() -> Vec<PathBuf> {
    let mut cases: Vec<PathBuf> = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(!cases.is_empty(), "there are no cases in `{}`", folder().display());
    cases
}

#[test]
fn each_case_says_and_shows_what_is_expected() {
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let differences: Vec<String> = all().par_iter().flat_map(|case| compare(case, update)).collect();
    assert!(
        differences.is_empty(),
        "{}\n{} differences; `UPDATE_EXPECT=1 cargo test --test it cases` takes them as they are",
        differences.join("\n"),
        differences.len()
    );
}

fn compare(case: &Path, update: bool) -> Vec<String> {
    let out = TempDir::new().unwrap();
    let site = out.path().join("site");
    let typed = fs::read_to_string(case.join("args")).unwrap_or_default();
    let mut args = vec!["build", "--verbose", "--out", site.to_str().unwrap()];
    args.extend(typed.split_whitespace());
    let run = Run::of(program(case, &args));
    let files = if site.exists() { files_in(&site) } else { Files::new() };
    let mut differences = Vec::new();
    let said = format!("{}exit code: {}\n", without_counts(&run.stderr), run.code);
    expect(&case.join("diagnostics.txt"), &said, update, &mut differences);
    for path in expected_pages(case) {
        let file = case.join("expected").join(&path);
        match files.get(&path) {
            Some(bytes) => {
                let main = format!("{}\n", main_of(std::str::from_utf8(bytes).unwrap()));
                expect(&file, &main, update, &mut differences);
            }
            None => differences.push(format!("{}: the site has no such page", file.display())),
        }
    }
    let name = case.file_name().unwrap().display();
    for (path, bytes) in files.iter().filter(|(path, _)| path.ends_with(".html")) {
        let faults = faults(std::str::from_utf8(bytes).unwrap());
        differences.extend(faults.into_iter().map(|fault| format!("{name}: {path}: {fault}")));
    }
    differences.extend(broken_links(&files).into_iter().map(|broken| format!("{name}: {broken}")));
    differences
}

/// How many files a theme has is nothing that a case is about.
fn without_counts(stderr: &str) -> String {
    let lines = stderr.lines().filter(|line| !line.starts_with("wrote ") && !line.starts_with("read "));
    lines.map(|line| format!("{line}\n")).collect()
}

fn expected_pages(case: &Path) -> Vec<String> {
    let folder = case.join("expected");
    if folder.exists() { files_in(&folder).into_keys().collect() } else { Vec::new() }
}

fn expect(file: &Path, actual: &str, update: bool, differences: &mut Vec<String>) {
    let expected = fs::read_to_string(file).unwrap_or_default();
    if expected == actual {
        return;
    }
    if update {
        fs::write(file, actual).unwrap();
        return;
    }
    let shown = file.strip_prefix(folder()).unwrap().display();
    let line = expected.lines().zip(actual.lines()).take_while(|(one, other)| one == other).count();
    let rest = |text: &str| text.lines().skip(line).take(6).map(|line| format!("    {line}\n")).collect::<String>();
    differences.push(format!(
        "{shown}: differs from line {}\n  expected\n{}  found\n{}",
        line + 1,
        rest(&expected),
        rest(actual)
    ));
}
