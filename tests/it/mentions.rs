//! Names of protected people that stand as bare text: readers see the display text, or the author is asked.

use dossier::redact::Audience;

use crate::html::{faults, main_of, text};
use crate::input::{Dossier, lines};
use crate::privacy::assert_absent;

/// A dossier with a protected person, whose record has these fields beside.
fn protecting(fields: &str) -> Dossier {
    Dossier::small().record("actors/zelda-quux.md", format!("---\nkind: person\nprivacy: victim\n{fields}---\n"))
}

fn neighbour() -> Dossier {
    protecting(
        "name: Zelda Quux\ndisplay: role-only\nrole: a neighbour\nsort_name: \"Quux, Zelda\"\nnames: Zelly\naliases: zelda-was\n",
    )
}

fn page(dossier: Dossier, prose: &str) -> String {
    let dossier = dossier.record("pages/p.md", format!("---\ntitle: P\n---\n{prose}\n"));
    let page = dossier.page("p.html");
    assert_eq!(faults(&page), [""; 0], "{page}");
    let shown = text(main_of(&page));
    shown.strip_prefix("P ").unwrap_or(&shown).trim().to_owned()
}

#[track_caller]
fn check(fields: &str, prose: &str, expected: &str) {
    assert_eq!(page(protecting(fields), prose), expected, "{prose}");
}

/// The findings about names, without their words that are the same each time.
#[track_caller]
fn complain(dossier: &Dossier, expected: &[&str]) {
    let (made, sources) = dossier.compile();
    let of_names =
        made.findings.iter().filter(|finding| matches!(finding.code.name(), "protected-name" | "doubtful-mention"));
    let findings: Vec<_> = of_names.cloned().collect();
    let said = lines(&findings, &sources);
    assert_eq!(said.lines().collect::<Vec<_>>(), expected);
}

const WITNESS: &str = "name: May Quux\ndisplay: role-only\nrole: a witness\n";

#[test]
fn a_bare_name_shows_the_display_text() {
    check(WITNESS, "Then May Quux left.", "Then a witness left.");
    check(WITNESS, "MAY QUUX's house, may  quux’s dog", "a witness's house, a witness’s dog");
    check(WITNESS, "May\nQuux, May\u{a0}Quux, M\u{ad}ay Qu\u{200b}ux", "a witness, a witness, a witness");
    check(WITNESS, "Quux, May and QUUX May", "a witness and a witness");
    check(
        "name: Zoe Quux\nprivacy: private\ndisplay: initials\n".replace("privacy: private\n", "").as_str(),
        "Zoé Quux and Zoe\u{308} Quux",
        "Z. Q. and Z. Q.",
    );
    check("name: May Quux\ndisplay: pseudonym\npseudonym: Aurora\n", "Then May Quux left.", "Then Aurora left.");
    check("name: May Quux\n", "Then May Quux left.", "Then withheld left.");
    check(
        "name: May Quux\nnames: [{text: Maisie, kind: short}]\naliases: mq\n",
        "Maisie and mq",
        "withheld and withheld",
    );
    check(WITNESS, "An old id is zelda-quux, or Zelda Quux.", "An old id is a witness, or a witness.");
}

#[test]
fn the_rest_of_a_name_beside_a_part_of_it_is_not_left_standing() {
    const BOTH: &str = "name: Zelda van Quux\nnames: Zelly\ndisplay: role-only\nrole: a witness\n";
    check(
        BOTH,
        "Then Zelly Quux left, and *Zelly* B. Quux, and Zelly van Quux.",
        "Then a witness left, and a witness, and a witness.",
    );
    check(
        BOTH,
        "Quux, Zelly; Zelly\nQuux’s dog; ZELLY QUUX; zelly-quux",
        "a witness; a witness’s dog; a witness; a witness",
    );
    check(BOTH, "Zelly Quuxs Haus", "a witness Haus");
    check(BOTH, "Zelly and Quux. Zelly van Dyke.", "a witness and Quux. a witness van Dyke.");
    const FAMILY: &str = "name: Anna Maria May\nnames: Anna\n";
    check(FAMILY, "Anna B. May may come, and Anna may.", "withheld may come, and withheld may.");
    check("name: राम कुमार\nnames: राम\n", "राम कुमार, राम सिंह और राम।", "withheld, withheld सिंह और withheld।");
}

#[test]
fn a_name_of_which_a_part_stands_in_a_link_is_for_the_author_to_mend() {
    for words in [
        "Then Zelda [[zelda-quux|Quux]] left.",
        "Then [[zelda-quux|Zelda]] Quux left.",
        "Then *Zelda [a](../actors/zelda-quux.md)* and Zelly [Quux](../actors/zelda-quux.md).",
        "Then [[zelda-quux]] Quux left.",
    ] {
        let said = neighbour().record("pages/p.md", format!("---\ntitle: P\n---\n{words}\n")).findings();
        assert!(said.contains("protected-name") && said.contains("partly in a link"), "{words}: {said}");
    }
    let said = neighbour().set("summary: \"Of Zelda [[zelda-quux|Quux]].\"").findings();
    assert!(said.contains("protected-name"), "{said}");
    assert_eq!(
        page(neighbour(), "[[zelda-quux|Zelda Quux]], [[zelda-quux|the old Zelda Quux]] and Zelda [[authority|Quux]]."),
        "a neighbour, a neighbour and a neighbour."
    );
}

#[test]
fn a_part_of_a_name_beside_a_link_of_other_words_is_for_the_author_to_mend() {
    let person = "---\nname: Yelda Quux\nkind: person\nprivacy: victim\ndisplay: role-only\nrole: a neighbour\n---\n";
    let dossier = || Dossier::small().record("actors/yq.md", person);
    let with = |words: &str| dossier().record("pages/p.md", format!("---\ntitle: P\n---\n{words}\n"));
    for words in [
        "Then [[yq]] Quux left.",
        "Then [[yq]] B. *Quux* left.",
        "Then Yelda [[yq]] left.",
        "Quux, [[yq|she]], left.",
        "Then [the keeper](../actors/yq.md) Quux left.",
        "* [[yq]] Quuxs Haus",
    ] {
        let said = with(words).findings();
        assert!(said.contains("protected-name") && said.contains("partly in a link"), "{words}: {said}");
    }
    let said = dossier().set("summary: \"Of [[yq]] Quux.\"").findings();
    assert!(said.contains("protected-name"), "{said}");
    for words in
        ["Then [[yq]] left. Quux is a word.", "[[yq]], Roe and [[yq]] quuxes", "[[yq]]\n\nQuux", "[[authority]] Quux"]
    {
        assert_eq!(with(words).findings(), "", "{words}");
    }
}

#[test]
fn somebody_listed_behind_a_name_keeps_theirs() {
    check(WITNESS, "May Quux, May Roe and others", "a witness, May Roe and others");
    let two = neighbour().record(
        "actors/zelda-roe.md",
        "---\nname: Zelda Roe\nkind: person\nprivacy: private\ndisplay: role-only\nrole: a nurse\n---\n",
    );
    for (words, shown) in [
        ("Zelda Quux, Zelda Roe", "a neighbour, a nurse"),
        ("Zelda Roe, Zelda Quux, Zelda Roe", "a nurse, a neighbour, a nurse"),
        ("Quux, Zelda, Roe, Zelda", "a neighbour, a nurse"),
        ("[[zelda-quux]], Zelda Roe, [[zelda-roe]]", "a neighbour, a nurse, a nurse"),
    ] {
        assert_eq!(page(two.clone(), words), shown, "{words}");
    }
}

#[test]
fn a_name_with_marks_of_markdown_that_mark_nothing_is_found() {
    let names = [("_Zelda* Quux", "_a neighbour"), ("Zelda* *Quux", "a neighbour"), ("Zelda _Quux*", "a neighbour*")];
    for (words, shown) in names {
        assert_eq!(page(neighbour(), words), shown, "{words}");
    }
}

#[test]
fn a_name_around_a_raised_number_is_in_no_text_for_machines() {
    let text = "Then Zelda<sup>2</sup> Quux left 5 km<sup>2</sup> of land.";
    let dossier = neighbour().settings("title: A dossier\n");
    let page = dossier.record("pages/p.md", format!("---\ntitle: P\n---\n{text}\n")).page("p.html");
    assert!(!page.contains("Zelda") && !page.contains("Quux"), "{page}");
    assert!(page.contains("content=\"Then a neighbour left 5 km² of land.\""), "{page}");
}

#[test]
fn a_heading_whose_own_id_is_a_name_gets_another_one() {
    let dossier = neighbour()
        .record("pages/p.md", "---\ntitle: P\n---\n## A visit {#zelda-quux}\n\nSee [above](#zelda-quux).\n")
        .record("pages/q.md", "---\ntitle: Q\n---\nSee [it](p.md#zelda-quux).\n");
    let page = dossier.page("p.html");
    assert!(page.contains("<h2 id=\"a-visit\">A visit</h2>") && page.contains("<a href=\"#a-visit\">"), "{page}");
    assert!(dossier.page("q.html").contains("<a href=\"p.html#a-visit\">"));
}

#[test]
fn what_only_looks_like_a_name_is_left_alone() {
    for prose in
        ["The Mayor quuxed.", "Mary-May Quuxington", "Maytime. Quux came.", "May! Quux!", "She is Quux, as may be."]
    {
        check(WITNESS, prose, prose);
    }
    check(WITNESS, "May\n\nQuux", "May Quux");
    check(WITNESS, "* May\n* Quux", "May Quux");
}

#[test]
fn names_of_each_language_are_found_by_its_borders() {
    let with = |name: &str| format!("name: Zelda\nnames: [{{text: \"{name}\"}}]\ndisplay: role-only\nrole: X\n");
    check(&with("राम कुमार"), "फिर राम कुमार ने कहा। रमा कुमार", "फिर X ने कहा। रमा कुमार");
    check(&with("علي حسن"), "قال علي حسن وعلي حسن", "قال X وX");
    check(&with("张三"), "昨天张三说了", "昨天X说了");
    check(&with("김철수"), "김철수는 왔다", "X는 왔다");
    check(&with("Jörg Weiß"), "Jörg Weiß, JORG WEISS, Jo\u{308}rg Weiß", "X, X, X");
}

#[test]
fn a_name_that_is_split_by_markup_is_found() {
    check(WITNESS, "Then May *Quux* left.", "Then a witness left.");
    check(WITNESS, "**May** _**Quux**_ left.", "a witness left.");
    check(WITNESS, "M*ay Qu*ux left.", "a witness left.");
    check(WITNESS, "May [Quux](https://example.org/x) left.", "a witness left.");
    check(WITNESS, "May [[authority|Quux]] left.", "a witness left.");
    check(WITNESS, "[[authority|May]] Quux left.", "a witness left.");
    check(WITNESS, "[May Quux](https://example.org/x) left.", "a witness left.");
    check(WITNESS, "<b>May</b> <i>Quux</i> left.", "a witness left.");
    check(WITNESS, "<div>\nMay Quux left.\n</div>", "a witness left.");
    check(WITNESS, "May[^1] Quux left.\n\n[^1]: May Quux is meant.", "a witness1 left. a witness is meant. ↩");
    check(WITNESS, "Then May<sup>2</sup> Quux left.", "Then a witness2 left.");
    check(WITNESS, "May&nbsp;Quux and &#77;ay Quux left.", "a witness and a witness left.");
    check(WITNESS, "May  \nQuux left.", "a witness left.");
    check(WITNESS, "| a |\n|---|\n| May Quux |", "a a witness");
}

#[test]
fn what_stands_for_a_name_is_marked_as_what_a_link_shows() {
    let page = |prose: &str| {
        main_of(&neighbour().record("pages/p.md", format!("---\ntitle: P\n---\n{prose}\n")).page("p.html")).to_owned()
    };
    assert_eq!(page("See Zelda *Quux*."), page("See [[zelda-quux]]."));
    assert!(page("See Zelda Quux.").contains("See <span class=\"withheld\">a neighbour</span>."));
    // An element that is empty then is not kept.
    assert!(!page("See Zelda *Quux*.").contains("<em>"));
    assert!(!page("See Zelda [Quux](https://example.org/).").contains("<a href=\"https://example.org/\""));
}

/// A quote with these words, as its page shows them.
fn quoted(words: &str) -> String {
    let dossier = neighbour().record(
        "quotes/q.md",
        format!("---\nspeaker: jane-doe\ndate: 2023-06-21\ntext: \"{words}\"\nsource: daily\noriginal: {{lang: fr, text: Vu par Zelda Quux.}}\n---\n"),
    );
    let page = dossier.page("quotes/q.html");
    assert_eq!(faults(&page), [""; 0], "{page}");
    assert_absent(&dossier.site(), &["Zelda", "Quux"]);
    text(main_of(&page))
}

#[test]
fn in_a_quotation_the_change_is_bracketed() {
    let check = |words: &str, expected: &str| {
        let page = quoted(words);
        assert!(page.contains(expected), "{page}");
    };
    check("I saw Zelda Quux there.", "I saw [a neighbour] there.");
    check("I saw [[zelda-quux]] there.", "I saw [a neighbour] there.");
    check("I saw [[zelda-quux|Zelda]] there.", "I saw [a neighbour] there.");
    check("I saw [my friend Zelda Quux] there.", "I saw [my friend a neighbour] there.");
    let omitted = protecting("name: Zelda Quux\n").record(
        "quotes/q.md",
        "---\nspeaker: jane-doe\ndate: 2023-06-21\ntext: I saw Zelda Quux and [[zelda-quux]].\n---\n",
    );
    let page = text(main_of(&omitted.page("quotes/q.html")));
    assert!(page.contains("I saw […] and […]."), "{page}");
}

#[test]
fn no_field_and_no_text_of_a_public_record_says_the_name() {
    let dossier = neighbour()
        .settings("title: About Zelda Quux\nsummary: \"It began with **Zelda** Quux.\"\npublisher: Friends of Zelda Quux\ncontact: Ask Zelda Quux\nlicence: Zelda Quux only\nbase_url: https://example.org\n")
        .record("actors/friend.md", "---\nname: Friend of Zelda Quux\nsummary: Knows Zelda Quux\nkind: person\nprivacy: limited\nnames: Zelda Quux’s friend\nsort_name: Zelda Quux’s\nrole: Zelda Quux’s friend\nroles: {title: Aide to Zelda Quux, at: Zelda Quux Ltd}\nrelations: {kind: knows, to: zelda-quux, role: Zelda Quux’s friend}\nx_more: {a: [Zelda Quux]}\nallow: {code: doubtful-mention, why: It is a friend.}\n---\nKnows Zelda Quux.\n")
        .record("events/e.md", "---\ntitle: Zelda Quux goes\ndate: 2023-06-21\nsummary: Zelda Quux went\nactors: zelda-quux\ncounts: {what: friends of Zelda Quux, best: 1, by: Zelda Quux}\nstatus: {is: reported, by: Zelda Quux, method: asking Zelda Quux}\nsource: {source: daily, locator: on Zelda Quux, prefix: Zelda Quux said, suffix: to Zelda Quux, note: as Zelda Quux}\ncorrections: {on: 2024-01-01, field: Zelda Quux, was: Zelda Quux, now: Zelly, why: Zelda Quux asked}\nupdates: {date: 2023-06-22, text: Zelda Quux came back.}\n---\n## When Zelda Quux went\n\n[there](#when-zelda-quux-went)\n")
        .record("quotes/q.md", "---\nspeaker: zelda-quux\ndate: 2023-06-21\ntitle: Zelda Quux speaks\ntext: I am Zelda Quux.\nas: Zelda Quux herself\nmedium: the phone of Zelda Quux\ncontext_before: Zelda Quux was asked.\ncontext_after: Zelda Quux left.\ntranslation: {from: fr, by: Zelda Quux}\nsource: daily\n---\n")
        .record("sources/s.md", "---\ntitle: The story of Zelda Quux\npublisher: Zelda Quux Press\nauthors: [Zelda Quux]\nlicence: Zelda Quux\ncaptures: {file: copy.txt, by: Zelda Quux}\n---\n")
        .record("places/house.md", "---\nname: House of Zelda Quux\nallow: {code: doubtful-mention, why: It is hers.}\n---\n")
        .record("pages/p.md", "---\ntitle: On Zelda Quux\n---\n## Zelda Quux\n\n### Zelda Quux\n\nSee [her](../events/e.md#when-zelda-quux-went) and [[e#when-zelda-quux-went]], Zelly, zelda-was.\n");
    let site = dossier.site();
    assert_absent(&site, &["Zelda", "Quux", "Zelly", "zelda-was"]);
    let event = dossier.page("events/e.html");
    assert!(event.contains("<h2 id=\"when-a-neighbour-went\">"), "{event}");
    assert!(event.contains("href=\"#when-a-neighbour-went\""), "{event}");
    let page = dossier.page("p.html");
    assert!(page.contains("href=\"events/e.html#when-a-neighbour-went\""), "{page}");
    assert!(page.contains("<h2 id=\"a-neighbour\">") && page.contains("<h3 id=\"a-neighbour-1\">"), "{page}");
    for (path, bytes) in site.iter().filter(|(path, _)| path.ends_with(".html")) {
        assert_eq!(faults(std::str::from_utf8(bytes).unwrap()), [""; 0], "{path}");
    }
    let omitted =
        protecting("name: Zelda Quux\n").record("events/e.md", "---\ntitle: Zelda Quux goes\ndate: 2023-06-21\n---\n");
    let page = text(main_of(&omitted.page("events/e.html")));
    assert!(page.contains("[…] goes"), "{page}");
}

#[test]
fn a_name_that_cannot_be_replaced_is_an_error_where_it_stands() {
    let one = |prose: &str, expected: &[&str]| {
        complain(&neighbour().record("pages/p.md", format!("---\ntitle: P\n---\n{prose}\n")), expected);
    };
    let fault = |place: &str, what: &str| {
        format!(
            "content/pages/p.md:{place} protected-name a name of somebody protected stands in {what}, where nothing can be put in its place"
        )
    };
    one("[a](https://example.org/zelda-quux)", &[&fault("4:1", "an address")]);
    one("<https://example.org/Zelda%20Quux>", &[&fault("4:1", "an address")]);
    one("<zelda.quux@example.org>", &[&fault("4:1", "an address")]);
    one("[a](https://example.org \"Zelda Quux\")", &[&fault("4:1", "the title of a link")]);
    one("Here `Zelda Quux` is.", &[&fault("4:6", "code")]);
    one("```\nZelda Quux\n```", &[&fault("4:1", "code")]);
    one(
        "![Zelda Quux](gate.png)",
        &[
            "content/pages/p.md:4:1 protected-name a name of somebody protected stands in the description of a picture, where nothing can be put in its place",
        ],
    );
    one("<span title=\"Zelda Quux\">a</span>", &[&fault("4:1", "an attribute of HTML")]);
    one("[[zelda-quux|Zelda Quuxs]]", &[]);
    one("<div\ntitle=\"Zelda\nQuux\">a</div>", &[&fault("4:1", "what is not shown of this text")]);
    one(
        "Anna met Zelda Quuxs dog.",
        &[
            "content/pages/p.md:4:10 protected-name a name of somebody protected seems to stand here with an ending, and is not replaced",
        ],
    );
}

#[test]
fn ids_tags_files_and_exact_words_are_for_the_author_to_mend() {
    let dossier = neighbour()
        .record("events/zelda-quux-goes.md", "---\ntitle: E\ndate: 2023-06-21\naliases: zelda-quux-went\ntags: [Zelda Quux]\nsource: {source: daily, exact: Zelda Quux went}\nx_zelda_quux: 1\n---\n")
        .record("sources/s.md", "---\ntitle: S\nurl: https://example.org/zelda-quux\ncaptures: {file: zelda-quux.txt}\n---\n")
        .record("pages/zelda-quux.png", "picture")
        .record("pages/p.md", "---\ntitle: P\n---\n![her](zelda-quux.png)\n")
        .set("base_url: https://zelda-quux.example.org\noptions: {motto: For Zelda Quux}");
    let (made, sources) = dossier.compile();
    assert!(made.renderer.is_none());
    let said = lines(&made.findings, &sources);
    let of_names: Vec<&str> = said.lines().filter(|line| line.contains("protected-name")).collect();
    let expected = [
        ("events/zelda-quux-goes.md:2:1", "the id of this record"),
        ("events/zelda-quux-goes.md:4:10", "`aliases`"),
        ("events/zelda-quux-goes.md:5:8", "`tags`"),
        ("events/zelda-quux-goes.md:6:32", "`exact`"),
        ("events/zelda-quux-goes.md:7:15", "the key of a field"),
        ("pages/p.md:4:1", "the path of a file"),
        ("sources/s.md:3:6", "`url`"),
        ("sources/s.md:4:18", "`file`"),
    ];
    for (place, what) in expected {
        let line = format!(
            "content/{place} protected-name a name of somebody protected stands in {what}, where nothing can be put in its place"
        );
        assert!(of_names.contains(&line.as_str()), "{line}\n{said}");
    }
    for key in ["base_url", "options"] {
        assert!(of_names.iter().any(|line| line.starts_with("dossier.yaml:") && line.contains(key)), "{said}");
    }
    assert_eq!(of_names.len(), expected.len() + 2, "{said}");
}

#[test]
fn a_record_that_readers_do_not_see_may_say_the_name() {
    complain(
        &neighbour().record(
            "events/zelda-quux-goes.md",
            "---\ntitle: E\ndate: 2023-06-21\nvisibility: internal\n---\n`Zelda Quux`\n",
        ),
        &[],
    );
}

#[test]
fn a_display_text_that_says_a_name_is_not_shown() {
    let dossier = protecting("name: Zelda Quux\ndisplay: role-only\nrole: the aunt of Bo Quux\n")
        .record("actors/bo.md", "---\nname: Bo Quux\nkind: person\nprivacy: minor\n---\n")
        .record("pages/p.md", "---\ntitle: P\n---\n[[zelda-quux]]\n");
    complain(
        &dossier,
        &[
            "content/actors/zelda-quux.md:6:7 protected-name what is to stand in place of a name says a name of somebody protected",
        ],
    );
    let allowed = "name: Zelda Quux\ndisplay: role-only\nrole: the aunt of Zelda\nnames: Zelda\nallow: {code: protected-name, why: As a test.}\n";
    check(allowed, "By [[zelda-quux]] and Zelda.", "By withheld and withheld.");
}

#[test]
fn of_two_with_one_name_neither_is_told() {
    let dossier = neighbour().record(
        "actors/other.md",
        "---\nname: Zelda Quux\nkind: person\nprivacy: minor\ndisplay: role-only\nrole: a pupil\nnot_same_as: zelda-quux\n---\n",
    );
    assert_eq!(page(dossier, "Zelda Quux, [[other]]"), "withheld, a pupil");
}

#[test]
fn a_name_that_others_have_too_is_replaced_and_told_of() {
    let doubt =
        "doubtful-mention a name of somebody protected, which others have too or have in theirs, is replaced here";
    let prose = "---\ntitle: P\n---\nThe Zelda Quux Fund and Zelda Quux paid.\n";
    let alone = neighbour()
        .record("actors/fund.md", "---\nname: Zelda Quux Fund\nkind: organisation\n---\n")
        .record("pages/p.md", prose);
    complain(&alone, &[&format!("content/actors/fund.md:2:7 {doubt}"), &format!("content/pages/p.md:4:5 {doubt}")]);
    assert!(text(main_of(&alone.page("p.html"))).contains("The a neighbour Fund and a neighbour paid."));
    // Who is told apart keeps the longer name everywhere.
    let apart = neighbour()
        .record(
            "actors/zelda-quux-fund.md",
            "---\nname: Zelda Quux Fund\nkind: organisation\nnot_same_as: zelda-quux\n---\n",
        )
        .record("pages/p.md", prose);
    complain(&apart, &[]);
    assert!(text(main_of(&apart.page("p.html"))).contains("The Zelda Quux Fund and a neighbour paid."));
}

#[test]
fn a_namesake_who_is_told_apart_is_named_where_a_link_says_so() {
    let dossier = neighbour()
        .record("actors/minister.md", "---\nname: Zelda Quux\nkind: person\nprivacy: public-figure\nnot_same_as: zelda-quux\n---\n")
        .record("pages/p.md", "---\ntitle: P\n---\n[[minister]], [[minister|Zelda Quux]], [[minister|Minister *Zelda* Quux]]; [[zelda-quux|Zelda Quux]], Zelda Quux.\n");
    let page = text(main_of(&dossier.page("p.html")));
    assert!(page.contains("Zelda Quux, Zelda Quux, Minister Zelda Quux; a neighbour, a neighbour."), "{page}");
    complain(
        &dossier,
        &[
            "content/pages/p.md:4:103 doubtful-mention a name of somebody protected, which others have too or have in theirs, is replaced here",
        ],
    );
}

#[test]
fn only_a_namesake_whom_readers_see_keeps_the_name() {
    let said = |fields: &str| {
        let dossier = neighbour()
            .record("actors/fund.md", format!("---\nname: Zelda Quux Fund\nnot_same_as: zelda-quux\n{fields}\n---\n"));
        page(dossier, "The Zelda Quux Fund paid.")
    };
    assert_eq!(said("kind: organisation"), "The Zelda Quux Fund paid.");
    assert_eq!(said("kind: organisation\nvisibility: unlisted"), "The Zelda Quux Fund paid.");
    for fields in [
        "kind: organisation\ndraft: true",
        "kind: organisation\npublish_at: 2030-01-01",
        "kind: organisation\nvisibility: internal",
        "kind: organisation\nvisibility: sealed",
        "kind: organisation\ntakedown: {as: withdraw, on: 2024-01-01, reason: privacy}",
        "kind: person\nprivacy: minor",
    ] {
        let shown = said(fields);
        assert!(!shown.contains("Zelda") && !shown.contains("Quux"), "{fields}: {shown}");
    }
    // Whoever was not asked about is shown while the dossier is being made, and not when it is ready.
    let unclassified = neighbour()
        .set("level: public")
        .record("actors/fund.md", "---\nname: Zelda Quux Fund\nnot_same_as: zelda-quux\nkind: person\n---\n")
        .record("pages/p.md", "---\ntitle: P\n---\nThe Zelda Quux Fund paid.\n");
    let (made, sources) = unclassified.compile();
    assert!(lines(&made.findings, &sources).contains("content/pages/p.md:4:5 doubtful-mention"));
}

#[test]
fn a_name_in_percent_codes_or_with_figures_is_still_the_name() {
    let fault = |place: &str, what: &str| {
        format!(
            "content/{place} protected-name a name of somebody protected stands in {what}, where nothing can be put in its place"
        )
    };
    let prose = |prose: &str, expected: &[&str]| {
        complain(&neighbour().record("pages/p.md", format!("---\ntitle: P\n---\n{prose}\n")), expected);
    };
    for address in
        ["Zelda%20Quux.html", "zelda%2520quux", "zelda%2Equux", "zelda%5Fquux", "zeldaquux1970", "@zeldaquux70"]
    {
        prose(&format!("[a](https://example.org/{address})"), &[&fault("pages/p.md:4:1", "an address")]);
        let source = format!(
            "---\ntitle: S\nurl: https://example.org/{address}\narchived: https://archive.example/{address}\ntags: [x/{address}]\n---\n"
        );
        complain(
            &neighbour().record("sources/s.md", source),
            &[
                &fault("sources/s.md:3:6", "`url`"),
                &fault("sources/s.md:4:11", "`archived`"),
                &fault("sources/s.md:5:8", "`tags`"),
            ],
        );
    }
    let file = |name: &str| {
        neighbour()
            .record(&format!("pages/{name}"), "picture")
            .record("pages/p.md", format!("---\ntitle: P\n---\n![her]({name})\n"))
    };
    for name in ["zelda-quux1.gif", "IMG_zeldaquux2.gif"] {
        complain(&file(name), &[&fault("pages/p.md:4:1", "the path of a file")]);
    }
    check(WITNESS, "Then May Quux1 and mayquux70 left.", "Then a witness1 and a witness70 left.");
    check(WITNESS, "Look at example.org/May%20Quux there.", "Look at example.org/a witness there.");
    let licensed =
        neighbour().record("sources/s.md", "---\ntitle: S\nlicence: https://example.org/Zelda%20Quux.html\n---\n");
    assert_absent(&licensed.site(), &["Zelda", "Quux"]);
}

#[test]
fn a_word_that_may_be_none_of_the_names_is_replaced_and_told_of() {
    let dossier = protecting("name: May\ndisplay: role-only\nrole: X\n")
        .record("pages/p.md", "---\ntitle: P\n---\nMay came. It may rain. The Mayor did not.\n");
    complain(
        &dossier,
        &["content/pages/p.md:4:14 doubtful-mention a word that is also a name of somebody protected is replaced here"],
    );
    assert!(text(main_of(&dossier.page("p.html"))).contains("X came. It X rain. The Mayor did not."));
}

#[test]
fn whoever_is_protected_and_held_back_is_named_nowhere() {
    for hold in ["draft: true", "visibility: sealed", "visibility: internal", "publish_at: 2030-01-01"] {
        let dossier = protecting(&format!("name: Zelda Quux\ndisplay: role-only\nrole: a neighbour\n{hold}\n"));
        assert_eq!(page(dossier, "By Zelda Quux."), "By withheld.");
    }
}

#[test]
fn authors_see_no_more_of_the_protected_than_readers() {
    let dossier = neighbour().record("pages/p.md", "---\ntitle: P\ndraft: true\n---\nBy Zelda Quux.\n");
    let (made, _) = dossier.compile_for(Audience::Authors);
    assert_absent(&crate::input::render(&made.renderer.unwrap()), &["Zelda", "Quux"]);
}

#[test]
fn a_shared_log_says_neither_where_nor_whom() {
    let dossier = neighbour().record("actors/fund.md", "---\nname: Zelda Quux Fund\nkind: organisation\n---\n").record(
        "pages/p.md",
        "---\ntitle: P\n---\n[a](https://example.org/zelda-quux) Zelda Quuxs, `Zelly` and the Zelda Quux Fund.\n",
    );
    let folder = dossier.on_disk();
    let run = crate::input::Run::of(folder.command(&["check", "--format", "github"]));
    let said = format!("{}{}", run.stdout, run.stderr).to_lowercase();
    assert!(said.contains("protected-name") && said.contains("doubtful-mention"), "{said}");
    // Beside the name of somebody else it would be said whose name it is.
    for word in ["zelda", "quux", "zelly", "fund.md", "p.md"] {
        assert!(!said.contains(word), "{said}");
    }
}

#[test]
fn the_settings_allow_a_name_where_they_say_it_and_in_no_record() {
    let dossier = neighbour()
        .record("pages/p.md", "---\ntitle: P\n---\n`Zelda Quux`\n")
        .set("base_url: https://zelda-quux.example.org\nallow: protected-name");
    complain(
        &dossier,
        &[
            "content/pages/p.md:4:1 protected-name a name of somebody protected stands in code, where nothing can be put in its place",
        ],
    );
    let allowed = neighbour().record(
        "pages/p.md",
        "---\ntitle: P\nallow: {code: protected-name, why: It is a test.}\n---\n`Zelda Quux` and Zelda Quux\n",
    );
    assert_eq!(text(main_of(&allowed.page("p.html"))).trim(), "P Zelda Quux and a neighbour");
}
