//! What `dossier explain` and the page `docs/findings.md` say of each code.

use std::fs;
use std::path::Path;

use dossier::diagnostic::{Code, Line, lines, reference};
use expect_test::expect;

use crate::input::{Folder, Run};

const HEADINGS: [&str; 4] = ["What it means", "Why it matters", "Example", "What to do"];

#[test]
fn each_explanation_has_its_four_headings_and_something_under_each() {
    let mut wrong = Vec::new();
    for code in Code::ALL {
        let mut headings = Vec::new();
        let mut sections: Vec<usize> = Vec::new();
        for line in lines(code.explanation()) {
            match line {
                Line::Heading(heading) => {
                    headings.push(heading);
                    sections.push(0);
                }
                Line::Fence(_) => {}
                Line::Prose(text) | Line::Snippet(text) => match sections.last_mut() {
                    Some(letters) => *letters += text.trim().len(),
                    None => wrong.push(format!("`{code}` says something before its first heading")),
                },
            }
        }
        let is_other_heading =
            |line| matches!(line, Line::Prose(text) if text.starts_with('#') || text.starts_with("    "));
        if headings != HEADINGS || lines(code.explanation()).any(is_other_heading) {
            wrong.push(format!("`{code}` has the headings {headings:?}"));
        }
        if sections.iter().any(|letters| *letters < 20) {
            wrong.push(format!("`{code}` says nothing under a heading"));
        }
        let fences = lines(code.explanation()).filter(|line| matches!(line, Line::Fence(_))).count();
        if fences == 0 || fences % 2 == 1 {
            wrong.push(format!("`{code}` has no example, or one without an end"));
        }
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn all_codes_are_listed() {
    let run = Folder::empty().run(&["explain"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let listed: Vec<&str> = run.stdout.lines().filter_map(|line| line.split_whitespace().next()).collect();
    let all: Vec<&str> = Code::ALL.iter().map(|code| code.name()).collect();
    assert_eq!(listed, all);
    assert!(run.stdout.contains("  error    A quote or an event has no source.\n"), "{}", run.stdout);
}

#[test]
fn codes_are_explained_in_the_order_in_which_they_are_asked_for() {
    let run = Folder::empty().run(&["explain", "orphan", "no-source"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let headings: Vec<&str> = run.stdout.lines().filter(|line| line.ends_with(']') && !line.starts_with(' ')).collect();
    assert_eq!(headings, ["warning[orphan]", "error[no-source]"]);
    assert!(run.stdout.contains("allow: [{code: orphan,"), "{}", run.stdout);
    assert!(run.stdout.contains("It cannot be allowed: it is to be mended."), "{}", run.stdout);
    assert!(!run.stdout.trim_start().replace("\n\n\nerror[", "").contains("\n\n\n"), "{}", run.stdout);
    assert!(!run.stdout.contains("```") && !run.stdout.contains("## ") && !run.stdout.contains('\u{1b}'));
}

#[test]
fn headings_are_bold_where_that_is_wanted() {
    let folder = Folder::empty();
    let mut command = folder.command(&["explain", "orphan"]);
    command.env_remove("NO_COLOR").env("CLICOLOR_FORCE", "1");
    assert!(Run::of(command).stdout.contains("\u{1b}[1mWhat to do\u{1b}[0m\n"));
}

#[test]
fn an_unknown_code_is_an_error_with_a_way_out() {
    let run = Folder::empty().run(&["explain", "orphan", "no-sorce"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    expect![[r#"
        error: no finding has the code `no-sorce`
        hint: did you mean `no-source`?
    "#]]
    .assert_eq(&run.stderr);
}

#[test]
fn the_page_of_all_findings_is_what_the_program_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/findings.md");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, reference()).unwrap();
    }
    let page = fs::read_to_string(&path).unwrap_or_default();
    assert!(page == reference(), "`UPDATE_EXPECT=1 cargo test --test it explaining` writes `docs/findings.md` anew");
}
