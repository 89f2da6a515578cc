//! Each code of a finding is produced by some input: by a case, or by one that is made here.

use std::collections::BTreeSet;
use std::fs;

use dossier::diagnostic::Code;

use crate::cases;
use crate::drift;
use crate::external;
use crate::input::Dossier;
use crate::overlay;
use crate::reading;

/// Makes the program say something, and gives what it said.
type Say = fn() -> String;

/// What makes the program say a code, for inputs that editors or version control would not keep as they are.
const MADE: &[(Code, Say)] = &[
    (Code::UnreadableFile, reading::say_of_a_link_to_nothing),
    (Code::FileTooLarge, reading::say_of_a_huge_file),
    (Code::LinkLeavesFolder, reading::say_of_a_link_out_of_the_tree),
    (Code::NotUtf8, reading::say_of_bytes_that_are_no_text),
    (Code::EmptyFile, reading::say_of_a_file_without_a_byte),
    (Code::FrontMatterTooLarge, say_of_huge_front_matter),
    (Code::IdDiffersInCase, reading::say_of_names_that_differ_in_case),
    (Code::DeadLink, external::say_of_a_dead_link),
    (Code::MovedLink, external::say_of_a_moved_link),
    (Code::UnreachableLink, external::say_of_an_unreachable_link),
    (Code::DeadLinkAnchor, external::say_of_a_dead_anchor),
    (Code::UncheckedLink, external::say_of_an_unchecked_link),
    (Code::DriftedQuotation, drift::say_of_edited_words),
    (Code::GoneQuotation, drift::say_of_a_page_that_is_gone),
    (Code::MovedSource, drift::say_of_a_page_that_moved),
    (Code::PaywalledSource, drift::say_of_a_paywall),
    (Code::UndecidedDrift, drift::say_of_what_nobody_knows),
    (Code::OverlayAbsent, overlay::say_of_an_absent_overlay),
];

fn say_of_huge_front_matter() -> String {
    let summary = "x ".repeat(150 * 1024);
    Dossier::new().record("pages/a.md", format!("---\ntitle: A\nsummary: {summary}\n---\n")).findings()
}

#[test]
fn front_matter_of_more_than_256_kib_is_refused() {
    assert_eq!(
        say_of_huge_front_matter(),
        "content/pages/a.md:2:1 front-matter-too-large this YAML is 300 KiB; at most 256 KiB are read\n"
    );
}

#[test]
fn each_code_is_produced_by_some_input() {
    let mut produced = BTreeSet::new();
    for case in cases::all() {
        let said = fs::read_to_string(case.join("diagnostics.txt")).unwrap();
        let is_said = |code: &Code| said.contains(&format!("[{}]", code.name()));
        produced.extend(Code::ALL.iter().copied().filter(is_said));
    }
    for (code, say) in MADE {
        let said = say();
        assert!(said.contains(code.name()), "what should produce `{code}` says:\n{said}");
        produced.insert(*code);
    }
    let missing: Vec<_> = Code::ALL.iter().filter(|code| !produced.contains(code)).map(|code| code.name()).collect();
    assert_eq!(missing, [""; 0], "nothing produces these; a code that no input can produce is to be removed");
}
