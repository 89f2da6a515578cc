//! Front matter that YAML makes something else of, or too much of. What fits into a folder is a case; here is the rest.

use std::time::{Duration, Instant};

use expect_test::expect;

use crate::html::{main_of, text};
use crate::input::Dossier;

fn page(front: &str) -> Dossier {
    Dossier::new().record("pages/a.md", format!("---\n{front}\n---\n"))
}

#[test]
fn nesting_without_end_is_a_finding_and_no_overflow() {
    let deep = |open: &str, close: &str| {
        page(&format!("title: A\nx_deep: {}{}", open.repeat(10_000), close.repeat(10_000))).findings()
    };
    for said in [deep("[", "]"), deep("[", ""), deep("{a: ", "}")] {
        assert!(said.ends_with("yaml-too-complex lists and mappings are nested more than 64 levels deep\n"), "{said}");
    }
    assert!(deep("- ", "").contains("yaml-"), "{}", deep("- ", ""));
    let ladder: String = (0..4_000).map(|depth| format!("{}a:\n", " ".repeat(depth % 100))).collect();
    let said = page(&format!("title: A\nx_deep:\n{ladder}")).findings();
    assert!(said.contains("yaml-"), "{said}");
}

#[test]
fn aliases_that_grow_without_end_are_a_finding_and_take_no_time() {
    let mut front = String::from("title: A\nx_a0: &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha, ha]\n");
    for level in 1..30 {
        let alias = format!("*a{}, ", level - 1);
        front.push_str(&format!("x_a{level}: &a{level} [{}]\n", alias.repeat(10)));
    }
    let start = Instant::now();
    let said = page(&front).findings();
    assert_eq!(
        said,
        "content/pages/a.md:6:11 yaml-too-complex with this value the front matter has more than 20000 values\n"
    );
    assert!(start.elapsed() < Duration::from_secs(30), "it took {:?}", start.elapsed());
}

#[test]
fn a_mapping_of_many_keys_takes_no_time() {
    let front: String = (0..5_000).map(|number| format!("k{number}: 1\n")).collect();
    let start = Instant::now();
    let said = page(&front).findings();
    assert_eq!(said.lines().filter(|line| line.contains("unknown-key")).count(), 5_000);
    assert!(start.elapsed() < Duration::from_secs(30), "it took {:?}", start.elapsed());
}

#[test]
fn no_is_norway() {
    let dossier = Dossier::new()
        .settings("title: T\n")
        .record("actors/norway.md", "---\nname: Norway\nkind: government\ncountry: NO\n---\n");
    let page = dossier.page("actors/norway.html");
    assert!(text(main_of(&page)).contains("Country Norway"), "{page}");
}

#[test]
fn dates_and_times_stay_as_they_were_written() {
    let dossier = Dossier::new().settings("title: T\n").record(
        "events/e.md",
        "---\ntitle: E\ndate: 2023-06-21\ntime: 06:10\ntz: Europe/Amsterdam\npublish_at: 2023-07-01\n---\n",
    );
    let page = dossier.page("events/e.html");
    assert!(page.contains("06:10"), "{page}");
    assert!(page.contains("<time datetime=\"2023-06-21\">21 June 2023</time>"), "{page}");
}

#[test]
fn each_mistake_of_a_file_has_its_line_and_column() {
    let said = page("titel: A\nlang: English\n\ndraft: yes # not yet\ntags: [a, 2023, \"\"]\nstatus: {is: sure}\nsources:\n  - {sorce: a}\ncorrections: {on: yesterday}")
        .findings();
    expect![[r#"
        content/pages/a.md:2:1 unknown-key unknown key `titel`
        content/pages/a.md:3:7 bad-value `English` is not a language tag
        content/pages/a.md:5:8 wrong-type `draft` is either `true` or `false`
        content/pages/a.md:6:11 wrong-type `tags` is text, and YAML reads `2023` as a number
        content/pages/a.md:6:17 bad-value the text is empty
        content/pages/a.md:7:14 unknown-word `sure` is not a word that `is` may have
        content/pages/a.md:9:6 unknown-key unknown key `sorce` in `sources`
        content/pages/a.md:10:14 missing-key `why` is missing
        content/pages/a.md:10:19 bad-date `yesterday` is not an EDTF date
    "#]]
    .assert_eq(&said);
}

#[test]
fn a_broken_document_of_a_file_does_not_hide_the_others() {
    let dossier = Dossier::new().record(
        "quotes/daily.yaml",
        "id: one\nspeaker: unknown\ndate: 2023\ntext: One.\n---\nid: [\n---\nid: three\nspeaker: unknown\ndate: 2023\ntext: Three.\n---\nid: four\nspeaker: unknown\ntext: Four.\n",
    );
    let records = dossier::parse::parse(&dossier.compile().1, None).records();
    let ids: Vec<&str> = records.whole.iter().map(|record| record.id.as_str()).collect();
    assert_eq!(ids, ["one", "three"]);
    expect![[r#"
        content/quotes/daily.yaml:6:5 yaml-syntax a list in brackets is not closed
        content/quotes/daily.yaml:13:1 missing-key `date` is missing
    "#]]
    .assert_eq(&dossier.findings());
}

#[test]
fn an_id_that_is_written_stands_even_while_the_record_has_other_mistakes() {
    let dossier = Dossier::new().record("pages/Not An Id.md", "---\nid: good\ntitel: A\n---\n");
    let said = dossier.findings();
    assert!(!said.contains("bad-id"), "{said}");
}

#[test]
fn long_and_short_forms_are_the_same() {
    let site = |front: &str| {
        Dossier::small()
            .record("quotes/q.md", format!("---\ntext: A\nspeaker: jane-doe\ndate: 2023\n{front}---\n"))
            .site()
    };
    let long = site("sources: [{source: daily}]\nto: [authority]\nstatus: {is: verified}\ntags: [gate]\n");
    let short = site("source: daily\nto: authority\nstatus: verified\ntags: gate\n");
    crate::input::assert_same(&long, &short);
}
