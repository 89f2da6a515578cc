//! `data/records.jsonl` says what pages say, field by field, and nothing more.

use serde_json::Value;

use crate::input::{Dossier, Files};
use crate::privacy::assert_absent;

/// A small picture.
const PICTURE: &[u8] = b"GIF89a\x01\0\x01\0\0\0\0;";

/// A dossier in which nearly each field of each kind has words of its own; those that begin with `zz` readers do not see.
fn with_every_field() -> Dossier {
    let common = |name: &str| {
        format!(
            "summary: Summary{name}.\ntags: [tag-{name}]\nstatus: {{is: verified, by: Checker{name}, on: 2024-02-03, method: Method{name}, review_by: 2030-04-05}}\nsources: [{{source: daily, locator: Locator{name}, exact: Exact{name}, prefix: zzprefix{name}, suffix: zzsuffix{name}, accessed: 2024-03-04, note: Note{name}}}, {{source: zz-source, note: zznote{name}}}, {{value: {{source: daily, locator: zzlocator{name}}}, visibility: internal}}]\ncorrections: [{{on: 2024-05-06, kind: correction, field: summary, was: Was{name}, now: Now{name}, why: Why{name}}}, {{on: 2024-05-07, was: {{value: zzwas{name}, visibility: internal}}, why: Whynot{name}}}]\nnotes_internal: zznotes{name}\nallow: [{{code: same-name, why: zzallow{name}}}]\nx_own: Own{name}\nx_closed: {{value: zzclosed{name}, visibility: internal}}\n"
        )
    };
    let actor = format!(
        "---\nname: Olga Open\nkind: person\nprivacy: public-figure\nnames: [{{text: Olenka, lang: uk, kind: birth}}, {{value: zzother, visibility: internal}}]\nsort_name: zzsorted\nrole: Aide\nroles: [{{title: Chair, at: authority, from: 2001, until: 2002}}, {{title: Member, at: zz-hidden}}, {{title: Trustee, at: zz-victim}}]\ncountry: NL\nids: {{wikidata: Q424242}}\nborn: {{value: 1977-07-07, visibility: internal, public: 1977}}\ndied: withheld\nimage: olga.gif\nrelations: [{{kind: knows, to: jane-doe, role: Friendship, from: 2003}}, {{kind: knows, to: zz-victim}}, {{kind: knows, to: zz-hidden, role: zzrole}}]\nnot_same_as: [jane-doe, zz-victim]\nreplies: [{{from: jane-doe, asked_on: 2024-07-08, deadline: 2024-07-09, outcome: declined}}, {{from: zz-victim, outcome: none}}, {{from: zz-hidden, asked_on: 2024-07-10, outcome: none}}]\n{}---\nOf her and Zzeta Zzquux, and [[zz-hidden|somebody]], and [[zz-victim]].\n",
        common("actor")
    );
    let event = format!(
        "---\ntitle: Titleevent\ndate: 2023-06-21\ntime: \"07:08\"\ntz: Europe/Amsterdam\nplace: quay\nactors: [{{actor: olga-open, role: witness, alleged: true}}, {{actor: zz-victim, role: victim}}, {{actor: zz-hidden, role: guest}}]\ncategory: protest\npart_of: gate-opened\nfollows: [zz-event, gate-opened]\ncounts: [{{what: Counted, low: 3331, best: 3332, high: 3333, by: Counter}}, {{what: Others, best: 3334, by: zz-victim}}]\nupdates: {{date: 2023-07-04, text: Updated words of Zzeta Zzquux.}}\n{}---\nBodyevent.\n",
        common("event")
    );
    let quote = format!(
        "---\nspeaker: zz-victim\ndate: 2023-06-21\ntitle: Titlequote\ntext: Spoken words to Zzeta Zzquux.\nas: Capacity\nto: [jane-doe, zz-hidden]\nabout: [titleevent, zz-event, zz-victim]\nevent: titleevent\nplace: quay\nmedium: Mediumquote\nmode: direct\nstance: supports\nattribution: sourced\nvia: [{{actor: jane-doe, verb: told, date: 2023-06-25}}, {{actor: zz-victim, verb: wrote}}]\ncontext_before: Before words.\ncontext_after: After words of Zzeta Zzquux.\nin_reply_to: not-before-six\ntranslation: {{from: fr, method: by-hand, by: Translator}}\noriginal: {{lang: fr, text: Paroles de Zzeta Zzquux.}}\n{}---\nBodyquote.\n",
        common("quote")
    );
    let source = format!(
        "---\ntitle: Titlesource\nkind: article\nurl: https://example.org/titlesource\npublisher: Publishing\nauthors: [Writing, zz-victim, zz-hidden]\npublished: 2023-07-03\naccessed: 2023-07-04\narchived: https://example.org/archived-copy\nsyndicated_from: daily\naccess: open\nlicence: Licensed\ncaptures: {{file: zzcopy.html, at: 2023-07-05, by: Capturer, method: browser}}\n{}---\nBodysource.\n",
        common("source")
    );
    let minor = "---\ntitle: Of a child\ndate: 2021-06-17\ntime: \"16:17\"\ntz: Asia/Tokyo\nplace: quay\nsensitivity: minor\ncounts: {what: Hurt, best: 1, by: quay}\nupdates: {date: 2021-07-18, text: Later.}\ncorrections: {on: 2024-01-01, field: date, was: 2021-06-15, now: 2021-06-17, why: Mended.}\nstatus: {is: verified, on: 2021-06-19, method: Asked, by: Asker}\nsource: daily\n---\n";
    let minor_quote = "---\nspeaker: jane-doe\ndate: 2021-06-17\ntext: The child spoke.\nplace: quay\nabout: [quay, of-a-child]\nvia: {actor: authority, verb: told, date: 2021-06-18}\nsensitivity: minor\nsource: daily\n---\n";
    let place = "---\nname: Quay\ncountry: NL\nlat: 52.5\nlon: 4.25\nprecision: city\nobscured: true\nsummary: Summaryplace.\n---\nBodyplace.\n";
    let minor_place = "---\nname: Home\ncountry: NL\nlat: 51.123456\nlon: 5.654321\nsensitivity: minor\n---\n";
    Dossier::small()
        .settings("title: A dossier\n")
        .record("actors/zz-victim.md", "---\nname: Zzeta Zzquux\nkind: person\nprivacy: victim\ndisplay: role-only\nrole: a neighbour\nborn: 1988-08-08\n---\n")
        .record("actors/zz-hidden.md", "---\nname: Zzhidden\nkind: organisation\nvisibility: internal\n---\n")
        .record("sources/zz-source.md", "---\ntitle: Zzsource\nvisibility: sealed\n---\n")
        .record("events/zz-event.md", "---\ntitle: Zzevent\ndate: 2021\npublish_at: 2030-01-01\n---\n")
        .record("events/hushed.md", "---\ntitle: Zzunlisted\ndate: 2021\nvisibility: unlisted\nsource: daily\n---\n")
        .record("actors/olga-open.md", actor)
        .record("actors/olga.gif", PICTURE)
        .record("events/titleevent.md", event)
        .record("events/of-a-child.md", minor)
        .record("quotes/spoken.md", quote)
        .record("quotes/child-spoke.md", minor_quote)
        .record("sources/titlesource.md", source)
        .record("places/quay.md", place)
        .record("places/home.md", minor_place)
}

/// What pages are made by beside what they show: where a record stands in a list, and how exact a position is that they show.
const OF_THE_FORM: [&str; 2] = ["page.order", "place.precision"];

/// The values of a record, each with the keys that lead to it.
fn values<'a>(key: &str, value: &'a Value, see: &mut dyn FnMut(&str, &'a Value)) {
    match value {
        Value::Object(entries) => {
            entries.iter().for_each(|(inner, value)| values(&format!("{key}.{inner}"), value, see));
        }
        Value::Array(items) => items.iter().for_each(|value| values(key, value, see)),
        value => see(key, value),
    }
}

fn records(site: &Files) -> Vec<Value> {
    let text = std::str::from_utf8(&site["data/records.jsonl"]).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// All that a page says, with its tags and without them, and no white space.
fn said(page: &[u8]) -> String {
    let escapes = [
        ("\\n", " "),
        ("\\\"", "\""),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&#x2F;", "/"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ];
    let page = std::str::from_utf8(page).unwrap().to_owned();
    let page = escapes.iter().fold(page, |page, (escape, letter)| page.replace(escape, letter));
    let mut text = String::new();
    let mut rest = page.as_str();
    while let Some((before, behind)) = rest.split_once('<') {
        text.push_str(before);
        rest = behind.split_once('>').map_or("", |(_, rest)| rest);
    }
    without_spaces(&format!("{page}\0{text}{rest}"))
}

fn without_spaces(text: &str) -> String {
    text.split_whitespace().collect()
}

/// A dossier of which each page of a record says all that a template is given of it, whatever a theme makes of that.
fn telling_all(dossier: Dossier) -> Dossier {
    let kinds = ["actor", "event", "quote", "source", "place"];
    let dossier = dossier.file("templates/page.html", "{{ free }}{{ page }}");
    kinds.into_iter().fold(dossier, |dossier, kind| {
        dossier.file(&format!("templates/{kind}.html"), format!("{{{{ {kind} }}}}{{{{ page }}}}"))
    })
}

/// The values of the data that a template of their record's page is not given.
fn beyond_pages(dossier: Dossier) -> Vec<String> {
    let site = telling_all(dossier).site();
    let mut beyond = Vec::new();
    for record in records(&site) {
        let [kind, url] = ["kind", "url"].map(|key| record[key].as_str().unwrap());
        let page = said(&site[url]);
        values(kind, &record["fields"], &mut |key, value| {
            if OF_THE_FORM.contains(&key) {
                return;
            }
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            // A link without words of its own is the title of a record on its page.
            let parts = value.split("[[").map(|part| part.split_once("]]").map_or(part, |(_, rest)| rest));
            if !parts.map(without_spaces).all(|part| page.contains(&part)) {
                beyond.push(format!("{url}: {key}: {value}"));
            }
        });
    }
    beyond
}

#[test]
fn data_says_nothing_of_a_record_that_its_page_is_not_given() {
    assert_eq!(beyond_pages(with_every_field()), [""; 0]);
}

#[test]
fn data_has_the_fields_of_which_this_is_asked() {
    let site = with_every_field().site();
    let data = String::from_utf8(site["data/records.jsonl"].clone()).unwrap();
    for name in ["actor", "event", "quote", "source"] {
        for word in ["Summary", "Checker", "Method", "Locator", "Exact", "Note", "Was", "Now", "Why", "Whynot"] {
            assert!(data.contains(&format!("{word}{name}")), "`{word}{name}` is not in the data");
        }
    }
    for word in [
        "olga.gif",
        "Q424242",
        "\"born\":\"1977\"",
        "Updated words of",
        "\"date\":\"2021-06\"",
        "\"date\":\"2021-07\"",
        "Before words",
        "Capturer",
    ] {
        assert!(data.contains(word), "`{word}` is not in the data:\n{data}");
    }
}

#[test]
fn data_says_nothing_that_is_withheld() {
    let site = with_every_field().site();
    let data = Files::from([("data".to_owned(), site["data/records.jsonl"].to_ascii_lowercase())]);
    assert_absent(
        &data,
        &[
            "zz",
            "1977-07-07",
            "1988-08-08",
            "own",
            "~0",
            "2021-06-1",
            "2021-07-18",
            "16:17",
            "tokyo",
            "51.1",
            "5.65",
            "hushed",
        ],
    );
}

#[test]
fn who_is_protected_is_in_data_what_they_are_on_pages() {
    let site = with_every_field().site();
    let records = records(&site);
    let of = |id: &str| &records.iter().find(|record| record["id"] == id).unwrap()["fields"];
    let shown = serde_json::json!({ "display": "a neighbour" });
    assert_eq!(of("spoken")["speaker"], shown);
    assert_eq!(of("spoken")["text"], "Spoken words to [a neighbour].");
    assert_eq!(of("spoken")["original"]["text"], "Paroles de [a neighbour].");
    assert_eq!(of("spoken")["to"], serde_json::json!(["jane-doe"]));
    assert_eq!(of("olga-open")["relations"][1]["to"], shown);
    assert_eq!(of("olga-open")["relations"].as_array().map(Vec::len), Some(2));
    assert_eq!(of("olga-open")["body"], "Of her and a neighbour, and somebody, and a neighbour.");
    assert_eq!(of("olga-open")["withheld"], serde_json::json!(["died"]));
    assert_eq!(of("olga-open")["roles"][1], serde_json::json!({ "title": "Member" }));
    assert_eq!(of("titleevent")["actors"][1]["actor"], shown);
    assert_eq!(of("of-a-child").get("place"), None);
    assert_eq!(of("child-spoke").get("place"), None);
    assert_eq!(of("child-spoke")["about"], serde_json::json!(["of-a-child"]));
}
