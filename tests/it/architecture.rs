//! The architecture as the code has it: who uses whom, who prints, and what stands nowhere.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// A source file without its comments, texts and tests.
struct Source {
    /// Its path below `src/`.
    path: String,
    /// The module at the top of the crate that it belongs to.
    module: String,
    /// The whole text.
    text: String,
    /// The text without comments, literals and tests.
    code: String,
}

fn src() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The modules in the order in which the crate names them.
fn modules() -> Vec<String> {
    let lib = fs::read_to_string(src().join("lib.rs")).unwrap();
    let modules = lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    let modules: Vec<String> = modules.map(str::to_owned).collect();
    assert!(modules.len() > 10, "{modules:?}");
    modules
}

fn sources() -> Vec<Source> {
    let mut sources = Vec::new();
    let mut tests = BTreeSet::new();
    for entry in walkdir::WalkDir::new(src()).sort_by_file_name() {
        let entry = entry.unwrap();
        if entry.path().extension().is_none_or(|ending| ending != "rs") {
            continue;
        }
        let path = crate::input::slashed(entry.path().strip_prefix(src()).unwrap());
        let text = fs::read_to_string(entry.path()).unwrap();
        let module = path.split('/').next().unwrap().trim_end_matches(".rs").to_owned();
        let stripped = strip(&text);
        let (code, modules_of_tests) = without_tests(&stripped);
        let folder = match path.strip_suffix("/mod.rs") {
            Some(folder) => folder,
            None => path.trim_end_matches(".rs"),
        };
        tests.extend(modules_of_tests.iter().map(|name| format!("{folder}/{name}.rs")));
        sources.push(Source { path, module, text, code });
    }
    sources.retain(|source| !tests.contains(&source.path));
    assert!(sources.len() > 30, "{} sources", sources.len());
    sources
}

/// Takes comments out, and what stands in quotation marks.
fn strip(text: &str) -> String {
    let bytes: Vec<char> = text.chars().collect();
    let mut code = String::with_capacity(text.len());
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let starts = |start: &str| start.chars().zip(rest).filter(|(one, other)| one == *other).count() == start.len();
        if starts("//") {
            at += rest.iter().position(|c| *c == '\n').unwrap_or(rest.len());
        } else if starts("/*") {
            let end = rest.windows(2).position(|two| two == ['*', '/']).unwrap_or(rest.len());
            at += end + 2;
        } else if starts("r\"") || starts("r#") {
            let marks = rest[1..].iter().take_while(|c| **c == '#').count();
            if rest.get(1 + marks) != Some(&'"') {
                code.push(bytes[at]);
                at += 1;
                continue;
            }
            let closing: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', marks)).collect();
            let inner = &rest[2 + marks..];
            let end = inner.windows(closing.len()).position(|some| some == closing).unwrap_or(inner.len());
            code.push_str("\"\"");
            at += 2 + marks + end + closing.len();
        } else if bytes[at] == '"' {
            let mut end = at + 1;
            while end < bytes.len() && bytes[end] != '"' {
                end += if bytes[end] == '\\' { 2 } else { 1 };
            }
            code.push_str("\"\"");
            at = end + 1;
        } else if bytes[at] == '\'' && (rest.get(1) == Some(&'\\') || rest.get(2) == Some(&'\'')) {
            let from = if rest.get(1) == Some(&'\\') { 3 } else { 2 };
            let end = rest[from..].iter().position(|c| *c == '\'').unwrap_or(0);
            code.push_str("' '");
            at += from + end + 1;
        } else {
            code.push(bytes[at]);
            at += 1;
        }
    }
    code
}

/// The code without what is compiled for tests only, and the names of the modules of tests in files of their own.
fn without_tests(code: &str) -> (String, Vec<String>) {
    let mut kept = String::new();
    let mut modules = Vec::new();
    let mut rest = code;
    while let Some(at) = rest.find("#[cfg(test)]") {
        kept.push_str(&rest[..at]);
        rest = &rest[at..];
        let open = rest.find('{').unwrap_or(rest.len());
        let semicolon = rest.find(';').unwrap_or(rest.len());
        if semicolon < open {
            let item = &rest[..semicolon];
            modules.extend(item.split_once("mod ").map(|(_, name)| name.trim().to_owned()));
            rest = &rest[(semicolon + 1).min(rest.len())..];
            continue;
        }
        let mut depth = 0;
        let end = rest[open..].char_indices().find_map(|(at, c)| {
            depth += i32::from(c == '{') - i32::from(c == '}');
            (depth == 0).then_some(open + at + 1)
        });
        rest = &rest[end.unwrap_or(rest.len())..];
    }
    (kept + rest, modules)
}

/// The modules of the crate that some code names.
fn used(code: &str) -> BTreeSet<String> {
    named(code, "crate::")
}

/// What some code names after the beginning of a path, one by one or in a list.
fn named(code: &str, start: &str) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for (at, _) in code.match_indices(start) {
        let rest = &code[at + start.len()..];
        let names: Vec<&str> = match rest.strip_prefix('{') {
            Some(list) => list
                [..list.find("}").filter(|_| start != "crate::").or(list.find("};")).unwrap_or(list.len())]
                .split(',')
                .collect(),
            None => vec![rest],
        };
        for name in names {
            let name = name.trim_start();
            let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(name.len());
            used.insert(name[..end].to_owned());
        }
    }
    used.remove("");
    used
}

#[test]
fn each_module_uses_only_those_before_it() {
    let modules = modules();
    let place = |name: &str| modules.iter().position(|module| module == name);
    let mut wrong = Vec::new();
    for source in sources() {
        let Some(own) = place(&source.module) else { continue };
        for name in used(&source.code) {
            match place(&name) {
                Some(other) if other > own => {
                    wrong.push(format!("{} uses `{name}`, which stands after it", source.path));
                }
                Some(_) => {}
                None => wrong.push(format!("{} uses `{name}`, which is no module of the crate", source.path)),
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
}

/// The modules that know nothing but what the border lets through.
const BEHIND: [&str; 4] = ["leak", "plan", "render", "output"];

#[test]
fn what_comes_after_redaction_cannot_name_what_comes_before() {
    let mut wrong = Vec::new();
    let sources = sources();
    for after in BEHIND {
        assert!(sources.iter().any(|source| source.module == after), "there is no module `{after}`");
    }
    // Those that run the stages hold the full dossier as well.
    let full = ["read", "parse", "schema", "link", "check", "compile", "workspace", "external", "serve", "cli"];
    for source in sources.iter().filter(|source| BEHIND.contains(&source.module.as_str())) {
        for name in full {
            if used(&source.code).contains(name) {
                wrong.push(format!("{} uses `{name}`", source.path));
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
}

/// What is re-exported of the stages before the border, by stage.
const LET_THROUGH: [(&str, &[&str]); 4] = [
    ("evidence", &["Comparison", "Examined", "Normalisation", "Omitted", "Place", "Verdict"]),
    ("link", &["Edge", "EdgePlace", "Number", "Role"]),
    ("parse", &["Mark", "Prose", "Run", "Slot", "Texts"]),
    ("read", &["Attachment", "Copied"]),
];

#[test]
fn the_border_lets_through_what_it_says_and_nothing_else() {
    let mut found: Vec<(String, BTreeSet<String>)> = Vec::new();
    for source in sources().iter().filter(|source| ["redact", "leak"].contains(&source.module.as_str())) {
        for line in source.code.split(';').map(str::trim) {
            let Some((_, rest)) = line.split_once("pub use ").or_else(|| line.split_once("pub(crate) use ")) else {
                continue;
            };
            assert!(source.path == "redact/mod.rs", "{} re-exports `{rest}`", source.path);
            if let Some((stage, _)) = rest.strip_prefix("crate::").and_then(|rest| rest.split_once("::")) {
                found.push((stage.to_owned(), named(rest, &format!("crate::{stage}::"))));
            }
        }
    }
    let expected = LET_THROUGH.map(|(stage, names)| {
        (stage.to_owned(), names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<String>>())
    });
    assert_eq!(found, expected);
}

#[test]
fn pages_and_files_are_made_from_the_public_dossier_alone() {
    let own = [
        "Audience",
        "Found",
        "Protected",
        "PublicDossier",
        "PublicLink",
        "PublicRecord",
        "Reason",
        "Standing",
        "Tombstone",
    ];
    // What would be called as something else is called by another name behind the border.
    let renamed = ["ExaminedQuotation", "PlaceInCapture", "WordsVerdict"];
    let own = own.into_iter().chain(renamed);
    let may: BTreeSet<&str> = own.chain(LET_THROUGH.into_iter().flat_map(|(_, names)| names.iter().copied())).collect();
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| ["plan", "render", "output"].contains(&source.module.as_str())) {
        let names = named(&source.code, "crate::redact::");
        wrong.extend(
            names
                .iter()
                .filter(|name| !may.contains(name.as_str()))
                .map(|name| format!("{} uses `{name}`", source.path)),
        );
        // Whoever names the module by itself could name all that is in it.
        let all = source.code.matches("redact").count();
        if all != source.code.matches("crate::redact::").count() {
            wrong.push(format!("{} names `redact` and not what it uses of it", source.path));
        }
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn the_preview_looks_at_the_full_dossier_in_the_panel_for_authors_alone() {
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| source.module == "serve" && source.path != "serve/panel.rs") {
        for name in ["parse", "link", "check"] {
            if used(&source.code).contains(name) {
                wrong.push(format!("{} uses `{name}`", source.path));
            }
        }
        let names = named(&source.code, "crate::redact::");
        wrong.extend(
            ["Secrets", "secrets", "left_out", "withheld_from_readers", "redact"]
                .iter()
                .filter(|name| names.contains(**name))
                .map(|name| format!("{} uses `{name}`", source.path)),
        );
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn nobody_leaves_a_module_by_the_back_door() {
    // As many `super` as a module lies deep are the crate itself.
    let mut wrong = Vec::new();
    for source in sources() {
        let depth = source.path.trim_end_matches("/mod.rs").split('/').count();
        let out = "super::".repeat(depth);
        let other = ["crate::*", "crate as ", "extern crate", "dossier::"];
        for way in std::iter::once(out.as_str()).chain(other) {
            let is_main = source.module == "main";
            if !is_main
                && source
                    .code
                    .match_indices(way)
                    .any(|(at, _)| !source.code[..at].ends_with(|c: char| c == '_' || c.is_alphanumeric()))
            {
                wrong.push(format!("{} says `{way}`", source.path));
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn withheld_values_are_told_to_the_scan_alone() {
    let may = ["redact", "leak", "compile"];
    assert_nowhere(&["Secret", "Secrets", "secrets"], |source| !may.contains(&source.module.as_str()));
    // Between the two, they are handed on and not looked at.
    assert_nowhere(&["Secret", "Secrets", "values"], |source| source.module == "compile");
}

fn assert_nowhere(words: &[&str], is_meant: impl Fn(&Source) -> bool) {
    let mut found = Vec::new();
    for source in sources().iter().filter(|source| is_meant(source)) {
        for (number, line) in source.code.lines().enumerate() {
            let hits = words.iter().filter(|word| is_word(line, word));
            found.extend(hits.map(|word| format!("{}: line {} of its code has `{word}`", source.path, number + 1)));
        }
    }
    assert_eq!(found, [""; 0]);
}

/// Whether a line has a word that is no part of a longer one.
fn is_word(line: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back().is_some_and(is_part);
        let after = line[at + word.len()..].chars().next().is_some_and(is_part);
        let is_name = word.starts_with(is_part);
        !(is_name && before || word.ends_with(is_part) && after)
    })
}

#[test]
fn only_the_command_line_prints() {
    let printing = ["println!", "eprintln!", "print!", "eprint!", "dbg!", "stdout", "stderr"];
    assert_nowhere(&printing, |source| source.module != "cli");
}

#[test]
fn only_reading_writing_and_the_command_line_touch_the_disk() {
    let world = ["std::fs", "std::env", "std::net", "std::process", "std::time", "SystemTime", "Instant", "fs::File"];
    let outside = ["read", "external", "output", "publish", "serve", "cli", "main"];
    assert_nowhere(&world, |source| !outside.contains(&source.module.as_str()));
}

#[test]
fn nothing_is_unwrapped_or_unsafe_or_left_to_do() {
    assert_nowhere(&[".unwrap()", "unsafe", "todo!", "unimplemented!"], |_| true);
}

#[test]
fn each_file_says_what_it_is_for() {
    let silent: Vec<String> = sources()
        .into_iter()
        .filter(|source| !source.text.starts_with("//! ") && !source.text.starts_with("#![doc = include_str!("))
        .map(|source| source.path)
        .collect();
    assert_eq!(silent, [""; 0]);
}

#[test]
fn the_reader_of_code_reads_code() {
    let code = "use crate::a; // crate::b\nlet x = \"crate::c\"; let y = '\"'; crate::d::e(r#\"crate::f\"#); /* crate::g */\n#[cfg(test)]\nmod tests { use crate::h; }\nuse crate::{i::J, k};\n#[cfg(test)]\nmod own;\n";
    let (code, modules) = without_tests(&strip(code));
    assert_eq!(used(&code).into_iter().collect::<Vec<_>>(), ["a", "d", "i", "k"]);
    assert_eq!(modules, ["own"]);
    assert!(
        is_word("x.unwrap() y", ".unwrap()") && !is_word("is_unsafe_here", "unsafe") && is_word("unsafe {", "unsafe")
    );
}
