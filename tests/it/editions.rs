//! Past editions: the page that lists them, what they ask of the next one, and that each of their addresses keeps answering.

use std::collections::BTreeMap;

use dossier::edition::{For, Header, Previous, Writer};
use expect_test::{Expect, expect};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::html::{broken_links, faults, main_of, text};
use crate::input::{Dossier, Files};

/// What is kept of an edition of a site, without its salts, and the seal of it.
pub(crate) fn kept(site: &Files, name: &str, date: &str, previous: Option<&Previous>) -> (String, Previous) {
    let header = |seal: Option<String>| Header {
        title: "A dossier".to_owned(),
        edition: name.to_owned(),
        date: date.to_owned(),
        audience: For::Public,
        previous: previous.cloned(),
        seal,
    };
    let write = |seal: Option<String>| {
        let mut writer = Writer::new(Vec::new(), header(seal), None).unwrap();
        for (path, bytes) in site.iter().filter(|(path, _)| !path.starts_with('.')) {
            let sha256 = dossier::text::hexadecimal(&Sha256::digest(bytes));
            writer.file(&format!("data/site/{path}"), bytes.len() as u64, &sha256).unwrap();
        }
        let parts = site.iter().filter(|(path, _)| path.starts_with("data/records"));
        for line in parts.flat_map(|(_, bytes)| std::str::from_utf8(bytes).unwrap().lines()) {
            let record: Value = serde_json::from_str(line).unwrap();
            let word = |key: &str| record[key].as_str().unwrap();
            for (key, value) in record["fields"].as_object().unwrap() {
                writer.field(word("kind"), word("id"), key, value).unwrap();
            }
        }
        writer.finish().unwrap()
    };
    let seal = write(None).1;
    let text = String::from_utf8(write(Some(seal.sha256())).0).unwrap();
    (text, seal.as_previous())
}

/// A dossier that keeps an edition of what another one says.
fn after(dossier: Dossier, before: &Dossier) -> Dossier {
    dossier.file("editions/first.jsonl", kept(&before.site(), "first", "2025-05-11", None).0)
}

/// What is found when one dossier comes after an edition of another.
#[track_caller]
fn check(before: &Dossier, now: Dossier, expected: &Expect) {
    let said = after(now, before).findings();
    expected.assert_eq(&said);
}

const QUOTE: &str = "quotes/not-before-six.md";

/// The small dossier with other words in its quote, and more front matter.
fn saying(words: &str, more: &str) -> Dossier {
    Dossier::small().record(
        QUOTE,
        format!("---\nspeaker: jane-doe\ndate: 2023-06-21\ntext: {words}\nabout: gate-opened\nevent: gate-opened\nto: authority\nsource: {{source: daily, locator: p. 3}}\n{more}---\n"),
    )
}

fn same() -> Dossier {
    saying("We did not open the gate before six.", "")
}

#[test]
fn without_editions_there_is_no_page_of_them() {
    let site = same().site();
    assert!(!site.contains_key("editions.html"));
    assert!(!site.values().any(|page| String::from_utf8_lossy(page).contains("editions.html")));
}

#[test]
fn the_page_tells_days_and_numbers_and_how_to_cite_newest_first() {
    for theme in ["plain", "default"] {
        let dossier = |dossier: Dossier| {
            dossier.settings(&format!("title: A dossier\ntheme: {theme}\nbase_url: https://example.org\n"))
        };
        let (first, seal) = kept(&dossier(same()).site(), "2025-05-11", "2025-05-11", None);
        let changed =
            dossier(saying("We opened it at five.", "corrections: {on: 2025-05-20, field: text, why: Misheard.}\n"));
        let (second, last) = kept(&changed.site(), "court & copy", "2025-06-01", Some(&seal));
        let now = changed.file("editions/a.jsonl", second).file("editions/b.jsonl", first);
        assert_eq!(now.findings(), "");
        let site = now.site();
        assert_eq!(broken_links(&site), [""; 0]);
        let page = String::from_utf8(site["editions.html"].clone()).unwrap();
        assert_eq!(faults(&page), [""; 0]);
        let words = text(main_of(&page));
        let places: Vec<usize> =
            ["court & copy", "1 corrected", &last.seal, "2025-05-11", "the first edition", &seal.seal]
                .iter()
                .map(|word| words.find(word).unwrap_or_else(|| panic!("{word} in {words}")))
                .collect();
        assert!(places.is_sorted(), "{words}");
        assert!(words.contains("7 records") && words.contains("https://example.org/"), "{words}");
        assert!(!page.contains("gate") && !page.contains("Misheard"), "{page}");
        let home = String::from_utf8(site["index.html"].clone()).unwrap();
        assert!(home.contains("href=\"editions.html\""), "{home}");
    }
}

#[test]
fn a_correction_tells_since_which_edition_it_stands() {
    let corrected = saying("We opened it.", "corrections: {on: 2025-05-20, field: text, why: Misheard.}\n");
    let now = after(corrected.clone(), &corrected);
    let page = now.page("corrections.html");
    assert!(text(main_of(&page)).contains("Since the edition first"), "{page}");
    assert!(page.contains("href=\"editions.html#_edition-1\""), "{page}");
    let page = after(corrected, &same()).page("corrections.html");
    assert!(!page.contains("Since the edition"), "{page}");
}

#[test]
fn a_changed_field_needs_a_correction_that_names_it_or_none() {
    check(
        &same(),
        saying("We did open the gate.", ""),
        &expect![
            "content/quotes/not-before-six.md:4:7 undeclared-change `text` of `not-before-six` is not what it was in the edition `first`, and no correction tells of it\n"
        ],
    );
    for correction in ["field: text", "kind: correction", "field: text, kind: minor"] {
        let more = format!("corrections: {{on: 2025-05-20, why: Misheard., {correction}}}\n");
        check(&same(), saying("We did open the gate.", &more), &expect![""]);
    }
    let of_another = saying("We did open the gate.", "corrections: {on: 2025-05-20, why: Wrong day., field: date}\n");
    assert!(after(of_another.clone(), &same()).findings().contains("undeclared-change `text`"));
    // One that was there before tells of nothing since.
    let again = saying("We did not.", "corrections: {on: 2025-05-20, why: Wrong day., field: date}\n");
    assert!(after(again, &of_another).findings().contains("undeclared-change `text`"));
}

#[test]
fn what_was_added_or_has_its_own_place_needs_none() {
    check(
        &same(),
        saying("We did not open the gate before six.", "tags: [gates]\nsummary: More.\nstatus: disputed\n"),
        &expect![""],
    );
    let one = saying("We did not open the gate before six.", "tags: [one]\nstatus: disputed\n");
    let two = saying("We did not open the gate before six.", "tags: [two]\nstatus: refuted\n");
    check(&one, two, &expect![""]);
}

#[test]
fn an_allowance_stands_for_a_correction() {
    let allowed = saying("We opened.", "allow: {code: undeclared-change, why: Nobody had read it.}\n");
    check(&same(), allowed, &expect![""]);
}

#[test]
fn a_renamed_record_and_those_that_name_it_need_none() {
    let renamed = "actors/jane.md";
    let jane = "---\nname: Jane Doe\nkind: person\nprivacy: public-figure\nrole: Keeper\naliases: jane-doe\nrelations: {kind: works-for, to: authority}\n---\nShe works for the [[authority]].\n";
    let now = Dossier::new().record(renamed, jane);
    let now = ["actors/authority.md", "sources/daily.md", "places/harbour.md", "pages/methodology.md"]
        .iter()
        .fold(now, |now, path| now.record(path, Dossier::small().bytes(&format!("content/{path}"))));
    let now = now
        .record(QUOTE, "---\nspeaker: jane\ndate: 2023-06-21\ntext: We did not open the gate before six.\nabout: gate-opened\nevent: gate-opened\nto: authority\nsource: {source: daily, locator: p. 3}\n---\n")
        .record("events/gate-opened.md", "---\ntitle: The gate is opened\ndate: 2023-06-21\nplace: harbour\nactors: [jane, {actor: authority, role: in-charge, alleged: true}]\nsource: daily\ntags: gates\n---\nSee [her words](../quotes/not-before-six.md).\n");
    check(&same(), now, &expect![""]);
}

/// The small dossier with another record, which nothing refers to.
fn with(more: &str) -> Dossier {
    same().record("pages/notes.md", format!("---\ntitle: Notes\n{more}---\nText.\n"))
}

#[test]
fn a_record_that_is_gone_leaves_a_tombstone_or_is_told_of() {
    check(
        &with(""),
        same(),
        &expect![
            "editions/first.jsonl:1:1 vanished-record the page `notes` of the edition `first` is gone, and nothing answers at `notes.html`\n"
        ],
    );
    check(
        &with(""),
        with("visibility: internal\n"),
        &expect![
            "content/pages/notes.md:2:1 vanished-record readers had `notes` in the edition `first`, and now nothing answers at its address\n"
        ],
    );
    check(&with(""), with("visibility: unlisted\n"), &expect![""]);
    for more in [
        "takedown: {as: withdraw, on: 2025-06-01, reason: error}\n",
        "takedown: {as: withdraw, on: 2025-06-01, reason: error, silent: true}\n",
    ] {
        check(&with(""), with(more), &expect![""]);
    }
}

#[test]
fn an_old_id_that_leads_nowhere_any_more_is_told_of() {
    check(
        &with("aliases: older\n"),
        with(""),
        &expect![
            "editions/first.jsonl:1:1 lost-address nothing answers at `older.html`, which was an address of the edition `first`\n"
        ],
    );
}

#[test]
fn a_file_that_nothing_links_to_any_more_is_told_of() {
    let linked = |text: &str| {
        same().record("pages/notes.md", format!("---\ntitle: Notes\n---\n{text}\n")).record("pages/gate.txt", "A list.")
    };
    check(
        &linked("See [it](gate.txt)."),
        linked("Nothing.").set("allow: [undeclared-change]"),
        &expect![
            "editions/first.jsonl:1:1 lost-address nothing answers at `files/pages/gate.txt`, which was an address of the edition `first`\n"
        ],
    );
}

#[test]
fn at_level_public_a_vanished_record_is_an_error() {
    let set = |dossier: Dossier| {
        dossier.set("level: public\ncontact: a@example.org\nallow: [missing-page, orphan, one-origin]")
    };
    let (made, _) = after(set(same()), &with("")).compile();
    let found = made.findings.iter().find(|finding| finding.code.name() == "vanished-record").unwrap();
    assert_eq!(found.severity.word(), "error");
    assert!(made.renderer.is_none());
}

#[test]
fn who_is_protected_now_makes_no_corrections_and_is_in_no_byte() {
    let witness = |more: &str| {
        same()
            .record("actors/witness-3.md", format!("---\nname: Zelda Quux\nkind: person\nprivacy: {more}\nrole: A neighbour\n---\n"))
            .record("quotes/saw.md", "---\nspeaker: witness-3\ndate: 2023-06-21\ntext: I, Zelda Quux, saw it.\nabout: authority\nsource: daily\n---\n")
    };
    let before = witness("limited");
    let now = witness(
        "private\ndisplay: role-only\ntakedown: {as: anonymise, on: 2025-06-01, reason: safety}\ncorrections: {on: 2025-06-01, kind: removal, why: For safety.}",
    );
    let now = after(now, &before);
    let said: Vec<String> = now
        .findings()
        .lines()
        .filter(|line| line.contains("undeclared-change") || line.contains("vanished"))
        .map(str::to_owned)
        .collect();
    assert_eq!(said, [""; 0]);
    let (made, _) = now.compile();
    let (site, scan) = (now.site(), made.scan.unwrap());
    for (path, bytes) in &site {
        assert!(!String::from_utf8_lossy(bytes).contains("Quux"), "{path}");
        assert!(scan.bytes(path, dossier::leak::Stage::Page, bytes).is_empty(), "{path}");
    }
}

#[test]
fn with_past_editions_no_byte_depends_on_what_is_withheld() {
    let before = same()
        .record("events/gone.md", "---\ntitle: Gone\ndate: 2024-01-02\nsource: daily\ntags: [gone]\n---\n")
        .record("actors/witness-3.md", "---\nname: Known Once\nkind: person\nprivacy: limited\n---\n");
    let now = |private: Option<(&str, &str)>| {
        let shown = same().set("allow: [vanished-record]");
        let dossier = match private {
            None => shown,
            Some((name, day)) => shown
                .record("actors/witness-3.md", format!("---\nname: {name}\nkind: person\nvisibility: internal\n---\n"))
                .record("actors/other-4.md", format!("---\nname: {name}son\nkind: person\nprivacy: private\ndisplay: omit\n---\n"))
                .record("events/plan-5.md", format!("---\ntitle: With {name}\ndate: {day}\ndraft: true\ntags: [{name}]\nactors: [witness-3, other-4]\n---\n{name} was there.\n")),
        };
        after(dossier, &before).site()
    };
    let site = now(None);
    assert!(site.contains_key("editions.html") && site.contains_key("tags/gone.html"));
    for private in [("Zelda Quux", "2024-01-02"), ("Ilse Brandt", "2022-12-24")] {
        let other = now(Some(private));
        assert_eq!(site.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>(), "{private:?}");
        for (path, bytes) in &site {
            assert!(other[path] == *bytes, "{path} tells of {private:?}");
        }
    }
}

#[test]
fn days_subjects_and_pages_of_lists_that_are_empty_now_say_so_or_lead_on() {
    let many = |count: usize| {
        (0..count).fold(same().set("paginate: 10"), |dossier, at| {
            dossier.record(
                &format!("events/e{at}.md"),
                format!(
                    "---\ntitle: E {at}\ndate: 2024-0{}-1{}\nsource: daily\ntags: [many, only-{at}]\n---\n",
                    1 + at / 5,
                    at % 10
                ),
            )
        })
    };
    let now = after(many(2).set("allow: [vanished-record]\nbase_url: https://example.org"), &many(14));
    assert_eq!(now.findings(), "");
    let site = now.site();
    let page = |path: &str| String::from_utf8(site[path].clone()).unwrap();
    let day = page("dates/2024-01-14.html");
    assert_eq!(faults(&day), [""; 0]);
    assert!(text(main_of(&day)).contains("Nothing stands here any more"), "{day}");
    assert!(
        day.contains("href=\"../dates/2024-01.html\"") && day.contains("noindex") && !day.contains("canonical"),
        "{day}"
    );
    assert!(page("dates/2024-02-16.html").contains("href=\"../dates/2024.html\""));
    assert!(page("tags/only-7.html").contains("href=\"../tags/index.html\""));
    assert!(page("tags/many-2.html").contains("url=../tags/many.html"));
    assert!(page("timeline-2.html").contains("url=timeline.html"));
    assert!(page("events/index-2.html").contains("url=../events/index.html"));
    let sitemap = page("sitemap.xml");
    assert!(
        !sitemap.contains("2024-01-14") && !sitemap.contains("only-7") && sitemap.contains("editions.html"),
        "{sitemap}"
    );
    assert_eq!(broken_links(&site), [""; 0]);
}

#[test]
fn an_address_that_says_what_is_withheld_now_does_not_answer() {
    let person = |more: &str| {
        same().record(
            "actors/witness-3.md",
            format!("---\nname: Zelda Quuxian\nkind: person\n{more}role: A neighbour\ntags: [quuxian]\n---\n"),
        )
    };
    let now = after(
        person("privacy: private\ndisplay: omit\ntakedown: {as: anonymise, on: 2025-06-01, reason: safety}\n"),
        &person("privacy: limited\n"),
    );
    let folder = now.on_disk();
    folder.build();
    assert!(!folder.path("public/tags/quuxian.html").exists());
    assert!(folder.path("public/actors/witness-3.html").exists());
}

#[test]
fn what_cannot_be_used_is_told_with_its_line_and_a_broken_chain_with_what_breaks_it() {
    let site = same().site();
    let (first, seal) = kept(&site, "first", "2025-05-11", None);
    let (second, _) = kept(&site, "second", "2025-05-12", Some(&seal));
    let (third, _) = kept(&site, "third", "2025-05-13", Some(&seal));
    let third_line = first.lines().count() - 1;
    let broken: String = first
        .lines()
        .enumerate()
        .map(|(at, line)| if at == third_line { "<<<<<<<\n".to_owned() } else { format!("{line}\n") })
        .collect();
    let check = |files: &[(&str, &str)], expected: &str| {
        let dossier =
            files.iter().fold(same(), |dossier, (name, text)| dossier.file(&format!("editions/{name}.jsonl"), text));
        assert_eq!(dossier.findings(), expected);
    };
    check(&[("a", &first), ("b", &second)], "");
    check(
        &[("b", &second)],
        "editions/b.jsonl:1:1 broken-chain the edition `second` comes after `first`, which is not there\n",
    );
    check(
        &[("a", &first), ("b", &second), ("c", &third)],
        "editions/c.jsonl:1:1 broken-chain the editions `second` and `third` both come after the same one\n",
    );
    check(&[("a", &first), ("b", &first)], "editions/b.jsonl:1:1 broken-chain the edition `first` is there twice\n");
    check(
        &[("a", "{}\n")],
        "editions/a.jsonl:1:1 bad-edition `editions/a.jsonl` cannot be used: line 1 is not the header of an edition: missing field `format` at line 1 column 2\n",
    );
    check(
        &[("a", &broken)],
        &format!(
            "editions/a.jsonl:{0}:1 bad-edition `editions/a.jsonl` cannot be used: line {0} is no JSON: expected value at line 1 column 1\n",
            third_line + 1
        ),
    );
}

#[test]
fn a_minor_change_stands_on_its_record_and_not_among_the_corrections() {
    let dossier = saying("We did not.", "corrections: {on: 2025-05-20, kind: minor, why: A comma.}\n");
    let dossier = dossier.settings("title: A dossier\n");
    let words = text(main_of(&dossier.page("quotes/not-before-six.html")));
    assert!(words.contains("minor change") && words.contains("A comma."), "{words}");
    assert!(!dossier.page("corrections.html").contains("A comma."));
    assert!(!dossier.page("index.html").contains("A comma."));
}

/// Numbers that look like chance and are the same each time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % end
    }
}

/// A record that is edited from edition to edition.
#[derive(Clone)]
struct Event {
    id: String,
    aliases: Vec<String>,
    date: String,
    tags: Vec<usize>,
    is_down: bool,
    corrections: usize,
}

impl Event {
    fn text(&self) -> String {
        let tags: Vec<String> = self.tags.iter().map(|tag| format!("subject-{tag}")).collect();
        let mut text = format!(
            "---\ntitle: Event {}\ndate: {}\nsource: daily\naliases: [{}]\ntags: [{}]\n",
            self.id.split('-').next().unwrap(),
            self.date,
            self.aliases.join(", "),
            tags.join(", ")
        );
        let corrections: Vec<String> =
            (0..self.corrections).map(|at| format!("{{on: 2025-01-01, field: date, why: \"No. {at}\"}}")).collect();
        text.push_str(&format!("corrections: [{}]\n", corrections.join(", ")));
        if self.is_down {
            text.push_str("takedown: {as: withdraw, on: 2025-06-01, reason: error}\n");
        }
        text + "---\n"
    }
}

#[test]
fn every_address_of_ten_editions_answers_in_the_newest_site() {
    for seed in 1..=4 {
        let mut chance = Chance(seed);
        let mut events: Vec<Event> = Vec::new();
        let mut editions: BTreeMap<String, String> = BTreeMap::new();
        let mut addresses: BTreeMap<String, String> = BTreeMap::new();
        let mut previous = None;
        let mut dates = move || format!("20{}-0{}-1{}", 20 + chance.below(3), 1 + chance.below(4), chance.below(10));
        let mut chance = Chance(seed * 77);
        for number in 1..=10 {
            for at in 0..6 {
                let id = format!("e{number}x{at}");
                let tags = vec![chance.below(6), 6 + chance.below(4)];
                events.push(Event { id, aliases: Vec::new(), date: dates(), tags, is_down: false, corrections: 0 });
            }
            for _ in 0..8 {
                let at = chance.below(events.len());
                let event = &mut events[at];
                match chance.below(4) {
                    0 => {
                        event.aliases.push(event.id.clone());
                        event.id = format!("{}-r{number}n{}", event.id.split('-').next().unwrap(), event.aliases.len());
                    }
                    1 => {
                        event.date = dates();
                        event.corrections += 1;
                    }
                    2 => event.tags = vec![10 + chance.below(5)],
                    _ => event.is_down = true,
                }
            }
            let dossier = Dossier::small().settings("title: A dossier\ntheme: plain\npaginate: 10\nlevel: internal\n");
            let dossier = events
                .iter()
                .fold(dossier, |dossier, event| dossier.record(&format!("events/{}.md", event.id), event.text()));
            let dossier = editions
                .iter()
                .fold(dossier, |dossier, (name, text)| dossier.file(&format!("editions/{name}.jsonl"), text));
            assert_eq!(dossier.findings(), "", "edition {number} of {seed}");
            let site = dossier.site();
            for (path, edition) in &addresses {
                assert!(site.contains_key(path), "`{path}` of {edition} does not answer in edition {number} of {seed}");
            }
            assert_eq!(broken_links(&site), [""; 0]);
            let name = format!("e{number:02}");
            let (text, seal) = kept(&site, &name, &format!("2025-01-{number:02}"), previous.as_ref());
            addresses.extend(site.keys().map(|path| (path.clone(), name.clone())));
            editions.insert(name, text);
            previous = Some(seal);
        }
        assert!(addresses.len() > 150, "{}", addresses.len());
    }
}
