//! References and links: what they lead to, and what the record that is referred to says of it.

use crate::html::{links, main_of, text};
use crate::input::Dossier;

const PERSON: &str = "kind: person\n---\n";

/// A dossier in the default theme, whose pages show everything that refers to a record.
fn shown(dossier: Dossier) -> Dossier {
    dossier.settings("title: A dossier\n")
}

fn words(dossier: &Dossier, page: &str) -> String {
    text(main_of(&dossier.page(page)))
}

#[track_caller]
fn assert_links(dossier: &Dossier, page: &str, href: &str, label: &str) {
    let html = dossier.page(page);
    let links = links(main_of(&html));
    let wanted = (href.to_owned(), label.to_owned());
    assert!(links.contains(&wanted), "{page} has no {wanted:?} among {links:#?}");
}

fn page_with(body: &str) -> Dossier {
    Dossier::small().record("pages/p.md", format!("---\ntitle: P\n---\n{body}\n"))
}

#[test]
fn a_wiki_link_leads_to_a_record_by_its_id() {
    assert_links(&page_with("[[jane-doe]]"), "p.html", "actors/jane-doe.html", "Jane Doe");
    assert_links(&page_with("[[jane-doe|the *keeper*]]"), "p.html", "actors/jane-doe.html", "the keeper");
    assert_links(&page_with("[[methodology#how]]"), "p.html", "methodology.html#how", "Method");
}

#[test]
fn a_wiki_link_leads_to_a_record_by_its_name_however_it_is_written() {
    assert_links(&page_with("[[Jane Doe]]"), "p.html", "actors/jane-doe.html", "Jane Doe");
    assert_links(&page_with("[[jane  DOE|her]]"), "p.html", "actors/jane-doe.html", "her");
    assert_links(&page_with("[[The gate is opened]]"), "p.html", "events/gate-opened.html", "The gate is opened");
}

#[test]
fn a_name_of_several_records_lists_them() {
    let dossier = page_with("[[Jane Doe]]")
        .record("actors/other.md", format!("---\nname: jane doe\nnot_same_as: jane-doe\n{PERSON}"));
    let (compiled, _) = dossier.compile();
    let finding = &compiled.findings[0];
    assert_eq!(finding.message, "2 records have the name `Jane Doe`");
    assert_eq!(finding.hint.as_deref(), Some("write `jane-doe` or `other`"));
}

#[test]
fn a_relative_link_leads_to_the_record_of_a_file() {
    assert_links(&page_with("[her](../actors/jane-doe.md)"), "p.html", "actors/jane-doe.html", "her");
    assert_links(&page_with("[how](./methodology.md#how)"), "p.html", "methodology.html#how", "how");
    assert_links(&page_with("## Here\n\n[up](#here)"), "p.html", "#here", "up");
    let accents =
        page_with("[x](../actors/j%C3%A9.md)").record("actors/jé.md", format!("---\nid: je\nname: Jé\n{PERSON}"));
    assert_links(&accents, "p.html", "actors/je.html", "x");
}

#[test]
fn links_on_a_page_in_a_folder_lead_up_first() {
    let dossier =
        Dossier::small().record("actors/x.md", format!("---\nname: X\n{PERSON}[[jane-doe]] [[methodology#how]]"));
    assert_links(&dossier, "actors/x.html", "../actors/jane-doe.html", "Jane Doe");
    assert_links(&dossier, "actors/x.html", "../methodology.html#how", "Method");
}

#[test]
fn an_old_id_still_answers_and_is_noted_where_it_is_used() {
    let dossier = Dossier::small()
        .record("actors/old.md", format!("---\nname: New\naliases: [was-old, older]\n{PERSON}"))
        .record("pages/p.md", "---\ntitle: P\n---\n[[older]]\n");
    assert_links(&dossier, "p.html", "actors/old.html", "New");
    assert_eq!(dossier.findings(), "content/pages/p.md:4:1 old-id `older` is an old id of `old`\n");
    for redirect in ["actors/was-old.html", "actors/older.html"] {
        let page = dossier.page(redirect);
        assert!(page.contains("content=\"0; url=../actors/old.html\""), "{page}");
        assert!(page.contains("<a href=\"../actors/old.html\">New</a>"), "{page}");
        assert!(page.contains("noindex"), "{page}");
    }
    let page = Dossier::small().record("pages/p.md", "---\ntitle: P\naliases: q\n---\n");
    assert!(page.page("q.html").contains("url=p.html"));
}

#[test]
fn a_reference_in_every_field_is_resolved() {
    let small = || shown(Dossier::small());
    let quote = |field: &str| {
        small().record("quotes/q.md", format!("---\ntext: Q\nspeaker: unknown\ndate: 2023\n{field}\n---\n"))
    };
    for (field, href, label) in [
        ("speaker: jane-doe", "../actors/jane-doe.html", "Jane Doe"),
        ("to: jane-doe", "../actors/jane-doe.html", "Jane Doe"),
        ("about: jane-doe", "../actors/jane-doe.html", "Jane Doe"),
        ("about: gate-opened", "../events/gate-opened.html", "The gate is opened"),
        ("event: gate-opened", "../events/gate-opened.html", "The gate is opened"),
        ("place: harbour", "../places/harbour.html", "East Harbour"),
        ("via: jane-doe", "../actors/jane-doe.html", "Jane Doe"),
        ("via: {actor: jane-doe, source: daily}", "../sources/daily.html", "Keeper denies"),
        ("source: daily", "../sources/daily.html", "Keeper denies"),
        ("replies: {from: jane-doe, outcome: declined}", "../actors/jane-doe.html", "Jane Doe"),
    ] {
        let dossier = if field.starts_with("speaker") {
            small().record("quotes/q.md", format!("---\ntext: Q\ndate: 2023\n{field}\n---\n"))
        } else {
            quote(field)
        };
        assert_links(&dossier, "quotes/q.html", href, label);
    }
    assert_links(
        &quote("in_reply_to: not-before-six"),
        "quotes/q.html",
        "../quotes/not-before-six.html",
        "Jane Doe: “We did not open the gate before six.”",
    );
    let event = |field: &str| small().record("events/e.md", format!("---\ntitle: E\ndate: 2023\n{field}\n---\n"));
    for (field, href, label) in [
        ("actors: jane-doe", "../actors/jane-doe.html", "Jane Doe"),
        ("place: harbour", "../places/harbour.html", "East Harbour"),
        ("part_of: gate-opened", "../events/gate-opened.html", "The gate is opened"),
        ("follows: gate-opened", "../events/gate-opened.html", "The gate is opened"),
        ("source: daily", "../sources/daily.html", "Keeper denies"),
        ("counts: {what: gates, best: 1, by: authority}", "../actors/authority.html", "Harbour Authority"),
        ("counts: {what: gates, best: 1, by: daily}", "../sources/daily.html", "Keeper denies"),
    ] {
        assert_links(&event(field), "events/e.html", href, label);
    }
    let actor = |field: &str| small().record("actors/x.md", format!("---\nname: X\n{field}\n{PERSON}"));
    for field in
        ["relations: {kind: knows, to: jane-doe}", "not_same_as: jane-doe", "roles: {title: Aide, at: jane-doe}"]
    {
        assert_links(&actor(field), "actors/x.html", "../actors/jane-doe.html", "Jane Doe");
    }
    let source = |field: &str| small().record("sources/s.md", format!("---\ntitle: S\n{field}\n---\n"));
    assert_links(
        &source("authors: [jane-doe, Somebody Else]"),
        "sources/s.html",
        "../actors/jane-doe.html",
        "Jane Doe",
    );
    assert_links(&source("syndicated_from: daily"), "sources/s.html", "../sources/daily.html", "Keeper denies");
    assert!(words(&source("publisher: authority"), "sources/s.html").contains("Harbour Authority"));
    assert!(words(&source("publisher: The Daily"), "sources/s.html").contains("The Daily"));
}

#[test]
fn a_record_names_who_refers_to_it_and_as_what() {
    let dossier = shown(Dossier::small());
    let jane = words(&dossier, "actors/jane-doe.html");
    assert!(jane.contains("Took part in 21 June 2023 The gate is opened"), "{jane}");
    assert!(jane.contains("We did not open the gate before six."), "{jane}");
    let authority = dossier.page("actors/authority.html");
    assert!(text(main_of(&authority)).contains("in charge"), "{authority}");
    assert!(text(main_of(&authority)).to_lowercase().contains("alleged"), "{authority}");
    assert_links(
        &dossier,
        "actors/authority.html",
        "../quotes/not-before-six.html",
        "Jane Doe: “We did not open the gate before six.”",
    );
    assert_links(&dossier, "sources/daily.html", "../events/gate-opened.html", "The gate is opened");
    assert_links(&dossier, "places/harbour.html", "../events/gate-opened.html", "The gate is opened");
}

#[test]
fn a_mention_brings_the_sentence_around_it() {
    let dossier = shown(page_with(
        "First things first. Then [[jane-doe|the keeper]] came to [[harbour]]. Nobody saw it.\n\nAnother.",
    ));
    let jane = words(&dossier, "actors/jane-doe.html");
    assert!(jane.contains("Mentioned in P page Then the keeper came to East Harbour. "), "{jane}");
    assert!(!jane.contains("First things"), "{jane}");
    assert!(!jane.contains("Nobody saw it"), "{jane}");
}

#[test]
fn who_mentions_a_record_twice_is_named_once() {
    let dossier = shown(page_with("One [[jane-doe]]. Two [[jane-doe]]."));
    assert_eq!(words(&dossier, "actors/jane-doe.html").matches(" page One").count(), 1);
    assert!(!words(&dossier, "actors/jane-doe.html").contains("Two"));
}

#[test]
fn each_actor_has_a_page_with_what_they_said_and_did_in_time_order() {
    let quote = |day: u8, text: &str| format!("---\nspeaker: jane-doe\ndate: 2024-01-{day:02}\ntext: {text}\n---\n");
    let dossier = shown(Dossier::small())
        .record("quotes/late.md", quote(9, "Third."))
        .record("quotes/early.md", quote(2, "First."))
        .record("quotes/middle.md", quote(5, "Second."));
    let jane = words(&dossier, "actors/jane-doe.html");
    let places: Vec<_> = ["before six.", "First.", "Second.", "Third."].map(|words| jane.find(words)).into();
    assert!(places.is_sorted() && places[0].is_some(), "{places:?} in {jane}");
}

#[test]
fn each_date_has_a_page_that_keeps_what_is_certain_apart_from_what_is_possible() {
    let event = |title: &str, date: &str| format!("---\ntitle: {title}\ndate: {date}\n---\n");
    let dossier = shown(Dossier::small())
        .record("events/sure.md", event("Sure thing", "2025-05-11"))
        .record("events/unsure.md", event("Unsure thing", "2025-05-10/2025-05-12"))
        .record("events/one-of.md", event("One of two", "\"[2025-05-11, 2025-05-12]\"").replace(", ", ","))
        .record("events/month.md", event("In May", "2025-05"))
        .record("events/year.md", event("In that year", "2025"));
    let day = words(&dossier, "dates/2025-05-11.html");
    for title in ["Sure thing", "Unsure thing", "One of two", "In May"] {
        assert!(day.contains(title), "{title} in {day}");
    }
    let possible = day.find("What may have happened").unwrap_or_else(|| panic!("nothing is only possible in {day}"));
    assert!(day.find("Sure thing").unwrap() < possible, "{day}");
    assert!(day.find("One of two").unwrap() > possible, "{day}");
    assert!(day.find("In May").unwrap() > possible, "{day}");
    assert!(words(&dossier, "dates/2025-05.html").contains("In May"));
    assert!(words(&dossier, "dates/2025.html").contains("In that year"));
    assert!(!dossier.site().contains_key("dates/2025-06-01.html"));
}

#[test]
fn what_comes_before_and_after_is_linked() {
    let dossier = shown(Dossier::small())
        .record("events/a.md", "---\ntitle: Before\ndate: 2023-01-01\n---\n")
        .record("events/z.md", "---\ntitle: After\ndate: 2024-03-01\n---\n");
    let turns = |page: &str| -> Vec<(String, String)> {
        let html = dossier.page(page);
        let start = html.find("<nav class=\"turn\"").expect("the page has a way on");
        links(&html[start..start + html[start..].find("</nav>").unwrap()])
    };
    let pair = |href: &str, label: &str| (href.to_owned(), label.to_owned());
    assert_eq!(
        turns("events/gate-opened.html"),
        [pair("../events/a.html", "Before Before"), pair("../events/z.html", "After After")]
    );
    assert_eq!(turns("events/a.html"), [pair("../events/gate-opened.html", "After The gate is opened")]);
    assert_eq!(
        turns("dates/2023-06-21.html"),
        [
            pair("../dates/2023-01-01.html", "Before 1 January 2023"),
            pair("../dates/2023-06-22.html", "After 22 June 2023")
        ]
    );
    assert_eq!(turns("dates/2023.html"), [pair("../dates/2024.html", "After 2024")]);
    assert_eq!(
        turns("dates/2023-06.html"),
        [pair("../dates/2023-01.html", "Before January 2023"), pair("../dates/2024-03.html", "After March 2024")]
    );
}

#[test]
fn a_tag_has_one_page_however_it_is_written() {
    let tagged = |tag: &str| format!("---\ntitle: P\ntags: {tag}\n---\n");
    let dossier = shown(Dossier::small())
        .record("pages/one.md", tagged("Flood Gates"))
        .record("pages/two.md", tagged("flood gates"))
        .record("pages/three.md", tagged("Index"));
    let site = dossier.site();
    let tags: Vec<&String> = site.keys().filter(|path| path.starts_with("tags/")).collect();
    assert_eq!(tags, ["tags/flood-gates.html", "tags/gates.html", "tags/index.html", "tags/tag-index.html"]);
    assert_eq!(crate::html::broken_links(&site), [""; 0]);
}

#[test]
fn a_long_list_is_parted_into_pages_that_lead_to_each_other() {
    let mut dossier = shown(Dossier::small()).set("paginate: 10");
    for number in 0..35 {
        dossier = dossier.record(
            &format!("quotes/q-{number}.md"),
            format!("---\nspeaker: jane-doe\ndate: 2023-06-21\ntext: Words {number}.\nsource: daily\n---\n"),
        );
    }
    let site = dossier.site();
    for page in ["quotes/index-2.html", "quotes/index-4.html", "timeline-4.html"] {
        assert!(site.contains_key(page), "there is no {page}");
    }
    assert!(!site.contains_key("quotes/index-5.html"));
    assert_eq!(crate::html::broken_links(&site), [""; 0]);
    for (path, bytes) in site.iter().filter(|(path, _)| path.ends_with(".html")) {
        let faults = crate::html::faults(std::str::from_utf8(bytes).unwrap());
        assert_eq!(faults, [""; 0], "{path}");
    }
}

#[test]
fn a_heading_of_the_author_does_not_take_an_id_of_the_page() {
    let body = "## Main\n\n## About\n\n## Said\n\n## Part\n\n## Mentions\n\n## To\n\n## Relations\n\n## Published\n\n[a](#about) [m](#main)\n";
    let dossier = shown(Dossier::small())
        .record("actors/jane-doe.md", format!("---\nname: Jane Doe\n{PERSON}{body}"))
        .record("quotes/q.md", "---\ntext: Q\nspeaker: jane-doe\nabout: jane-doe\nto: jane-doe\ndate: 2023\n---\n")
        .record("pages/p.md", "---\ntitle: P\n---\n[[jane-doe]]\n");
    let page = dossier.page("actors/jane-doe.html");
    assert_eq!(crate::html::repeated_ids(&page), [""; 0]);
}

#[test]
fn a_link_to_a_note_leads_to_one_that_is_there() {
    assert_links(&page_with("One[^a]. [x](#fn-1) [[p#fnref-1|y]]\n\n[^a]: Note.\n"), "p.html", "#fn-1", "x");
    assert_eq!(
        page_with("One[^a]. [x](#fn-2)\n\n[^a]: Note.\n").findings(),
        "content/pages/p.md:4:10 unknown-anchor `p` has no heading `fn-2`\n"
    );
}

#[test]
fn notes_are_numbered_as_a_reader_meets_them_and_none_leads_nowhere() {
    let dossier = page_with(
        "One[^b] two[^a] three[^b].\n\n[^a]: Of a[^c].\n\n[^b]: Of b.\n\n[^c]: Of c[^b].\n\n[^unused]: Not used[^lost].\n\n[^lost]: Lost.\n",
    );
    let page = dossier.page("p.html");
    let words = text(main_of(&page));
    assert!(
        words.contains("One1 two2 three1. Of b.") && words.contains("Of a3.") && words.contains("Of c1."),
        "{words}"
    );
    assert!(!words.contains("Lost"), "{words}");
    assert_eq!(crate::html::broken_links(&dossier.site()), [""; 0]);
    assert_eq!(crate::html::repeated_ids(&page), [""; 0]);
}
