//! What leads to somebody whose name is not shown. Cases that a person can read lie in `tests/cases/rules-reidentification`; here is what
//! depends on the level, the language and the one record beside.

use expect_test::{Expect, expect};

use crate::input::{Dossier, lines};

const PROTECTED: &str = "---\nname: Zelda Quux\nkind: person\nprivacy: victim\n---\n";

/// The findings of this kind in the small dossier with some records.
fn check(records: &[(&str, &str)], expected: &Expect) {
    let mut dossier = Dossier::small().set("level: public").record("actors/quux.md", PROTECTED);
    for (path, text) in records {
        dossier = dossier.record(path, text);
    }
    let (made, sources) = dossier.compile();
    let codes =
        ["traceable-quotation", "unique-role", "exact-time-and-place", "named-relative", "protected-name", "day-in-id"];
    let findings: Vec<_> = made.findings.into_iter().filter(|found| codes.contains(&found.code.name())).collect();
    expected.assert_eq(&lines(&findings, &sources));
}

#[test]
fn at_level_internal_they_are_notes_and_a_name_in_an_address_is_an_error_all_the_same() {
    let severities = |level: &str| {
        let dossier = Dossier::small()
            .set(&format!("level: {level}"))
            .record("actors/quux.md", PROTECTED)
            .record("sources/s.md", "---\ntitle: S\nurl: https://example.org\n---\n")
            .record("quotes/zelda-quux-says.md", "---\nspeaker: quux\ndate: 2024\ntext: No.\nsource: s\n---\n");
        let found = dossier.compile().0.findings;
        let of = |code: &str| found.iter().find(|finding| finding.code.name() == code).unwrap().severity.word();
        [of("traceable-quotation"), of("protected-name")]
    };
    assert_eq!(severities("public"), ["warning", "error"]);
    assert_eq!(severities("internal"), ["note", "error"]);
}

#[test]
fn an_id_that_is_its_pseudonym_or_says_nothing_is_no_name() {
    check(
        &[
            (
                "actors/aurora.md",
                "---\nname: Mira Blom\nkind: person\nprivacy: private\ndisplay: pseudonym\npseudonym: Aurora\n---\n",
            ),
            ("actors/witness-1.md", "---\nname: Otto Reyes\nkind: person\nprivacy: private\n---\n"),
            ("actors/relatives.md", "---\nname: The relatives (not named)\nkind: unnamed\nprivacy: private\n---\n"),
            ("pages/aurora-speaks.md", "---\ntitle: A\n---\n"),
            ("pages/what-witness-1-saw.md", "---\ntitle: A\n---\n"),
            ("pages/on-the-relatives.md", "---\ntitle: A\n---\n"),
            ("pages/aurora-mira-blom.md", "---\ntitle: A\n---\n"),
        ],
        &expect![[r#"
            content/pages/aurora-mira-blom.md:2:1 protected-name a name of somebody protected stands in the id of this record, where nothing can be put in its place
            content/pages/what-witness-1-saw.md:2:1 protected-name a name of somebody protected stands in the id of this record, where nothing can be put in its place
        "#]],
    );
}

#[test]
fn names_are_found_in_other_scripts_spellings_and_orders() {
    check(
        &[
            (
                "actors/w.md",
                "---\nname: Зельда Квукс\nkind: person\nprivacy: private\nnames: [Renée de la Tour]\nsort_name: Kvuks, Zel'da\n---\n",
            ),
            ("pages/zel-da-kvuks.md", "---\ntitle: A\n---\n"),
            ("pages/renee-tour.md", "---\ntitle: A\n---\n"),
            ("pages/renee-de-la-tour-again.md", "---\ntitle: A\n---\n"),
            ("pages/tour-de-la-renee.md", "---\ntitle: A\n---\n"),
            ("pages/tour.md", "---\ntitle: A\n---\n"),
        ],
        &expect![[r#"
            content/pages/renee-de-la-tour-again.md:2:1 protected-name a name of somebody protected stands in the id of this record, where nothing can be put in its place
            content/pages/renee-tour.md:2:1 protected-name the id `renee-tour` holds the name or id of `w`, whose name is not shown; an id is an address
            content/pages/zel-da-kvuks.md:2:1 protected-name a name of somebody protected stands in the id of this record, where nothing can be put in its place
        "#]],
    );
}

#[test]
fn a_part_of_a_name_counts_where_the_record_is_about_the_person_and_no_relative_bears_it() {
    check(
        &[
            ("actors/w-9.md", "---\nname: Mira Blom\nkind: person\nprivacy: private\n---\n"),
            ("actors/blom-senior.md", "---\nname: Anton Blom\nkind: person\nprivacy: public-figure\n---\n"),
            ("quotes/blom-denies.md", "---\nspeaker: w-9\nto: authority\ndate: 2023\ntext: No.\nsource: daily\n---\n"),
            (
                "quotes/blom-answers.md",
                "---\nspeaker: w-9\nto: blom-senior\ndate: 2023\ntext: Never.\nsource: daily\n---\n",
            ),
            ("quotes/miras-word.md", "---\nspeaker: w-9\ndate: 2023\ntext: Not ever.\nsource: daily\n---\n"),
            ("pages/mira-street.md", "---\ntitle: A\n---\n"),
        ],
        &expect![[r#"
            content/quotes/blom-denies.md:2:1 protected-name the id `blom-denies` holds `blom`, a part of the name of `w-9`, whose name is not shown; an id is an address
        "#]],
    );
}

#[test]
fn an_id_of_one_word_is_no_leak_where_somebody_who_is_named_bears_it() {
    check(
        &[
            ("actors/quux-senior.md", "---\nname: Anton Quux\nkind: person\nprivacy: public-figure\n---\n"),
            ("quotes/quux-denies.md", "---\nspeaker: quux-senior\ndate: 2023\ntext: No.\nsource: daily\n---\n"),
            ("pages/on-quux.md", "---\ntitle: A\n---\n"),
        ],
        &expect![[r#"
            content/pages/on-quux.md:2:1 protected-name the id `on-quux` holds the name or id of `quux`, whose name is not shown; an id is an address
        "#]],
    );
}

#[test]
fn a_record_that_is_kept_from_readers_has_no_name_to_show_either() {
    check(
        &[
            (
                "actors/inside.md",
                "---\nname: Otto Reyes\nkind: person\nprivacy: public-figure\nvisibility: internal\n---\n",
            ),
            ("actors/body.md", "---\nname: East Harbour\nkind: organisation\nvisibility: internal\n---\n"),
            ("pages/otto-reyes.md", "---\ntitle: A\n---\n"),
            ("pages/east-harbour.md", "---\ntitle: A\n---\n"),
        ],
        &expect![[r#"
            content/pages/otto-reyes.md:2:1 protected-name the id `otto-reyes` holds the name or id of `inside`, whose name is not shown; an id is an address
        "#]],
    );
}

#[test]
fn roles_are_looked_at_in_the_language_of_the_record() {
    let by_role = |lang: &str, role: &str| {
        format!(
            "---\nname: Otto Reyes\nkind: person\nprivacy: private\ndisplay: role-only\nrole: {role}\nlang: {lang}\n---\n"
        )
    };
    check(
        &[
            ("actors/a.md", &by_role("fr", "la directrice de l’école")),
            ("actors/b.md", &by_role("fr", "une directrice d’école")),
            ("actors/c.md", &by_role("hi", "विद्यालय के प्रधानाचार्य")),
            ("actors/d.md", &by_role("de", "Direktorin")),
            ("actors/e.md", &by_role("es", "la hermana de Jane Doe")),
        ],
        &expect![[r#"
            content/actors/a.md:6:7 unique-role `a` is shown by role, and the role is one that one person holds: `directrice`
            content/actors/c.md:6:7 unique-role `c` is shown by role, and the role is one that one person holds: `प्रधानाचार्य`
            content/actors/e.md:6:7 named-relative `e` is shown by role, and the role says whose relative it is: `hermana`
        "#]],
    );
}

#[test]
fn places_are_small_by_what_is_said_of_them() {
    let event = |place: &str| {
        format!("---\ntitle: At {place}\ndate: 2024-05-05\nactors: quux\nplace: {place}\nsource: daily\n---\n")
    };
    let place = |more: &str| format!("---\nname: Somewhere {}\n{more}---\n", more.len());
    check(
        &[
            ("places/p1.md", &place("precision: village\n")),
            ("places/p2.md", &place("precision: 50m\n")),
            ("places/p3.md", &place("precision: 50km\n")),
            ("places/p4.md", &place("lat: 52.372\nlon: 4.899\n")),
            ("places/p5.md", &place("lat: 52.37\nlon: 4.89\n")),
            ("places/p6.md", &place("precision: city\nlat: 52.37215\nlon: 4.89999\n")),
            ("places/p7.md", &place("precision: building\nobscured: true\n")),
            ("places/p8.md", &place("visibility: internal\nprecision: building\n")),
            ("events/e1.md", &event("p1")),
            ("events/e2.md", &event("p2")),
            ("events/e3.md", &event("p3")),
            ("events/e4.md", &event("p4")),
            ("events/e5.md", &event("p5")),
            ("events/e6.md", &event("p6")),
            ("events/e7.md", &event("p7")),
            ("events/e8.md", &event("p8")),
        ],
        &expect![[r#"
            content/events/e1.md:3:7 exact-time-and-place somebody whose name is not shown took part in `e1`, which has both its day and a small place, `p1`
            content/events/e2.md:3:7 exact-time-and-place somebody whose name is not shown took part in `e2`, which has both its day and a small place, `p2`
            content/events/e4.md:3:7 exact-time-and-place somebody whose name is not shown took part in `e4`, which has both its day and a small place, `p4`
        "#]],
    );
}

#[test]
fn shared_logs_tell_that_there_is_something_and_not_where() {
    let folder = Dossier::small()
        .set("level: public\nallow: [missing-page, orphan, unused-source]")
        .record(
            "actors/h-7.md",
            "---\nname: Zelda Quux\nkind: person\nprivacy: victim\ndisplay: role-only\nrole: Mayor\n---\n",
        )
        .record(
            "actors/kin.md",
            "---\nname: Anton Roe\nkind: person\nprivacy: limited\nrelations: {kind: sister, to: h-7}\n---\n",
        )
        .record("places/hut.md", "---\nname: The hut\nprecision: building\n---\n")
        .record("sources/s.md", "---\ntitle: S\nurl: https://example.org/found-here\nauthors: Zelda Quux\n---\n")
        .record(
            "quotes/said.md",
            "---\nspeaker: h-7\nas: Mayor\ndate: 2024-05-05\nplace: hut\ntext: No.\nsource: s\n---\n",
        )
        .record("quotes/quux-denies.md", "---\nspeaker: h-7\ndate: 2025\ntext: Never.\nsource: daily\n---\n")
        .record(
            "events/at-school-2024-05-06.md",
            "---\ntitle: At school\ndate: 2024-05-06\nsensitivity: minor\nsource: daily\n---\n",
        )
        .on_disk();
    let open = folder.run(&["check", "--format", "json"]).stdout;
    for format in ["github", "sarif"] {
        let run = folder.run(&["check", "--format", format]);
        let said = format!("{}{}", run.stdout, run.stderr).to_lowercase();
        let codes = [
            "traceable-quotation",
            "unique-role",
            "exact-time-and-place",
            "named-relative",
            "protected-name",
            "day-in-id",
        ];
        for code in codes {
            assert!(open.contains(code), "`{code}` is not found");
            assert!(said.contains(code), "{format} does not say that there is `{code}`:\n{said}");
        }
        for secret in ["zelda", "quux", "h-7", "kin.md", "anton", "hut", "said.md", "found-here", "2024-05"] {
            assert!(!said.contains(secret), "{format} says `{secret}`:\n{said}");
        }
    }
}
