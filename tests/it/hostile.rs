//! No input makes the program panic, hang, or write a page that a browser would take for a program.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use crate::html::{broken_links, faults};
use crate::input::{Dossier, lines, render};

/// Runs everything over a dossier, in both themes: whatever is said of it, what is rendered is sound.
#[track_caller]
fn survive(what: &str, dossier: Dossier) {
    let start = Instant::now();
    for dossier in [dossier.clone().set("theme: plain"), dossier] {
        let (compiled, sources) = dossier.compile();
        let said = lines(&compiled.findings, &sources);
        let Some(renderer) = compiled.renderer else { continue };
        let site = render(&renderer);
        for (path, bytes) in site.iter().filter(|(path, _)| path.ends_with(".html")) {
            let page = std::str::from_utf8(bytes).unwrap_or_else(|_| panic!("{what}: {path} is not UTF-8"));
            let faults = faults(page);
            assert!(faults.is_empty(), "{what}: {path}: {faults:?}");
        }
        // An open `<script>` takes what stands after it with it, notes too.
        if !said.contains("unsafe-html") {
            let broken = broken_links(&site);
            assert!(broken.is_empty(), "{what}: {broken:?}");
        }
    }
    assert!(start.elapsed() < Duration::from_secs(60), "{what} takes {:?}", start.elapsed());
}

/// The small dossier in the default theme.
fn small() -> Dossier {
    Dossier::small().settings("title: T\n")
}

fn body(markdown: impl AsRef<str>) -> Dossier {
    Dossier::new().settings("title: T\n").record("pages/p.md", format!("---\ntitle: P\n---\n{}\n", markdown.as_ref()))
}

#[test]
fn markdown_without_measure_does_no_harm() {
    let table =
        format!("|{}\n|{}\n", "a|".repeat(300), "-|".repeat(300)) + &format!("|{}\n", "b|".repeat(300)).repeat(300);
    let notes: String = (0..3_000)
        .map(|number| format!("[^{number}] "))
        .chain((0..3_000).map(|number| format!("\n\n[^{number}]: n")))
        .collect();
    let headings: String = (0..5_000).map(|_| "# same\n\n").collect();
    let links = "[[p]] [[p|x]] [y](p.md) ".repeat(3_000);
    for (what, markdown) in [
        ("open brackets", "[".repeat(100_000)),
        ("pairs of open brackets", "[[".repeat(50_000)),
        ("open pictures", "![".repeat(50_000)),
        ("closed brackets", "]".repeat(100_000)),
        ("brackets in brackets", format!("{}{}", "[".repeat(10_000), "]".repeat(10_000))),
        ("quotes in quotes", "> ".repeat(20_000) + "a"),
        ("lists in lists", "- ".repeat(5_000) + "a"),
        ("lists by indentation", (0..500).map(|depth| format!("{}- a\n", "  ".repeat(depth))).collect()),
        ("stars", "*a ".repeat(50_000)),
        ("stars and underlines", "*a _b **c __d ".repeat(10_000)),
        ("ticks", (1..300).map(|n| format!("{} ", "`".repeat(n))).collect()),
        ("angles", "<".repeat(100_000)),
        ("open tags", "<div>".repeat(5_000)),
        ("open inline tags", "a <b>".repeat(2_000)),
        ("closed tags", "</div>".repeat(20_000)),
        ("comments", "<!-- ".repeat(20_000)),
        ("entities", "&#x41;&amp;&lt;&bogus;".repeat(20_000)),
        ("a wide table", table),
        ("notes", notes),
        ("headings", headings),
        ("links", links),
        ("one long word", "x".repeat(1_000_000)),
        ("many lines", "\n".repeat(1_000_000)),
        ("a long fence", format!("```rust\n{}\n", "fn a() {}\n".repeat(2_000))),
        ("an open fence in a language", "```html\n<script>alert(1)</script>".to_owned()),
        ("backslashes", "\\".repeat(100_000)),
        ("tildes", "~~a ".repeat(30_000)),
        ("definitions", "a\n: b\n\n".repeat(3_000)),
        ("link definitions", (0..5_000).map(|n| format!("[a{n}]: https://example.org/{n}\n")).collect()),
    ] {
        survive(what, body(markdown));
    }
}

/// Some text for each of many numbers.
fn many(count: usize, text: impl Fn(usize) -> String) -> String {
    (0..count).map(text).collect()
}

#[test]
fn links_without_number_that_lead_nowhere_do_no_harm() {
    let text = many(15_000, |n| format!("[[n{n}]] "));
    let quote = format!("---\nspeaker: unknown\ndate: 2023\ntext: '{text}'\n---\n");
    for (what, count, dossier) in [
        ("wiki links in one line", 40_000, body(many(40_000, |n| format!("[[nope-{n}]] ")))),
        ("files in one line", 10_000, body(many(5_000, |n| format!("[x](nope-{n}.md) ![x](nope-{n}.jpg) ")))),
        ("links to other headings", 5_000, body(many(5_000, |n| format!("# h{n}\n\n[x](#nope-{n})\n\n")))),
        ("links in a quote", 15_000, small().record("quotes/q.md", quote)),
    ] {
        let start = Instant::now();
        let (compiled, _) = dossier.compile();
        assert!(compiled.findings.len() >= count, "{what}");
        assert!(start.elapsed() < Duration::from_secs(60), "{what} takes {:?}", start.elapsed());
    }
}

#[test]
fn markdown_that_is_broken_does_no_harm() {
    for markdown in [
        "[^a] without a note",
        "[^a]: without a use",
        "[^a] [^a]\n\n[^a]: note [^a] of itself\n",
        "[^a]: note [^b]\n\n    [^b]: inner\n\ntext[^a][^b]\n",
        "> [^a]: in a quote\n\n[^a]",
        "- [^a]: in a list\n\n[^a]",
        "[^a]: # a heading\n\n[^a]",
        "[^a]: | a |\n    |---|\n    | [[p]] |\n\n[^a] [[p]]",
        "[[p|[[p]]]]",
        "[[p|[x](p.md)]]",
        "[[p|![x](p.gif)]]",
        "![a [[p]]](p.gif)",
        "[![a](p.gif)](p.md)",
        "[a [b](p.md) c](p.md)",
        "[[p]](p.md)",
        "[[p][x]]",
        "[[p|a]b]]",
        "[[p\n|a]]",
        "[[p|a\n\nb]]",
        "**[[p|a** b]]",
        "~~[[p|a~~ b]]",
        "`[[p]]` and [[p|`[[p]]`]]",
        "[[p|<b>a]] b</b>",
        "[[p|</a><script>alert(1)</script>]]",
        "[[p|<a href=\"https://e.org\">a</a>]]",
        "<a href=\"https://e.org\">[[p]]</a>",
        "<a href=\"https://e.org\">[[p]]",
        "[[p|a<p>b]] c",
        "<table><tr><td>[[p]]</table> [[p]]",
        "<p>[[p]]<p>[[p|x]]",
        "<details><summary>[[p]]\n\n# a\n\n</details>",
        "<h1 id=\"main\">a</h1>\n\n# a {#main}\n\n# b {#main}",
        "# [[p]]\n\n## [[p|a *b*]]\n\n### ![x](p.gif)\n\n#### `c`",
        "# a {#b .c d=e onclick=\"x\"}",
        "#\n\n##\n\n# #",
        "|a|\n|-|\n|[[p\\|x]]|\n",
        "|a|\n|-|\n|[[p|x]]|\n",
        "- [ ] [[p]]\n- [x] <input type=text onfocus=alert(1)>",
        "<img src=\"dossier:0\"> [[p]]",
        "<a href=\"DOSSIER:0\">x</a> [[p]]",
        "<img src=x onerror=alert(1)//",
        "<a href='x' href=\"javascript:alert(1)\">x</a>",
        "<a\thref=\"java\tscript:alert(1)\">x</a>",
        "<svg/onload=alert(1)>",
        "<math><mi xlink:href=\"data:x,<script>alert(1)</script>\">",
        "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
        "<div class=\"a\" style=\"x\" id=\"main\" data-x=\"y\">z</div>",
        "<style>*{}</style><link rel=stylesheet href=x><meta http-equiv=refresh content=0><base href=x>",
        "<b>\n\n[[p]]\n\n</b>\n\n<i>",
        "```<script>\nx\n```",
        "```\"><script>alert(1)</script>\nx\n```",
        "```rust,ignore {a=b}\nlet x = \"</code></pre><script>\";\n```",
        "nul \0 here, [[p|\0]], [\0](p.md)",
        "\u{202e}[[p]]\u{202c} \u{200f}🙂 \u{feff}[[p|\u{200b}]]",
        "[x](https://e.org \"a\\\" onclick=\\\"x\")",
        "[x](<https://e.org/\" onclick=\"y>)",
        "<https://e.org/\"><script>>",
        "[x](mailto:a@e.org?subject=<b>) <a@e.org>",
        "[x](https://e.org/?a=1&b=2&copy=3)",
        "Term\n: [[p]]\n: ```\n  x\n  ```\n",
        "> [!NOTE]\n> [[p]]\n\n> [!WARNING] x",
        "$a$ $$b$$ ^c^ ~d~",
        "&lt;script&gt; &#60;script&#62; &#x3c;script&#x3e; \\<script\\>",
        "---\n---\n...\n---",
    ] {
        survive(markdown, body(markdown).record("pages/p.gif", "p"));
    }
}

#[test]
fn fields_that_hold_html_stay_text() {
    let evil = "</title></script><script>alert(1)</script><img src=x onerror=alert(1)>\\\" onclick=\\\"x' {{ 1 }} {% raw %} --> ]]>";
    let line = format!("\"{evil}\"");
    let dossier = small()
        .settings(&format!("title: {line}\nsummary: {line}\npublisher: {line}\ncontact: {line}\nlicence: {line}\nbase_url: \"https://example.org/'><script>\"\n"))
        .record("actors/x.md", format!("---\nname: {line}\nkind: person\nnames: [{{text: {line}, lang: en}}]\nsort_name: {line}\nrole: {line}\nroles: {{title: {line}, at: {line}}}\nids: {{x: {line}}}\nsummary: {line}\ntags: [{line}]\nrelations: {{kind: knows, to: jane-doe, role: {line}}}\ncorrections: {{on: 2024, why: {line}, was: {line}, now: {line}, field: {line}}}\nstatus: {{is: verified, by: {line}, method: {line}}}\n---\n"))
        .record("events/x-event.md", format!("---\ntitle: {line}\ndate: 2023\ntz: {line}\ncounts: {{what: {line}, by: {line}}}\nactors: x\nsources: {{source: daily, locator: {line}, note: {line}, exact: {line}}}\nupdates: {{date: 2024, text: {line}}}\n---\n[[x]] [[x|{evil}]]\n"))
        .record("quotes/x-quote.md", format!("---\ntext: {line}\nspeaker: x\ndate: 2023\nas: {line}\nmedium: {line}\ncontext_before: {line}\ncontext_after: {line}\noriginal: {{lang: ar, text: {line}}}\ntranslation: {{from: ar, by: {line}}}\nevent: x-event\n---\n"))
        .record("sources/x-source.md", format!("---\ntitle: {line}\npublisher: {line}\nauthors: {line}\nurl: \"https://example.org/'><script>alert(1)</script>\"\narchived: \"https://example.org/'><img>\"\nlicence: {line}\n---\n"))
        .record("places/x-place.md", format!("---\nname: {line}\n---\n"));
    survive("evil lines", dossier.clone());
    for (path, bytes) in dossier.site() {
        let page = String::from_utf8_lossy(&bytes).into_owned();
        for word in ["<script>alert", "<img src=x", "{{ 1 }}<"] {
            assert!(!page.contains(word), "{path} has {word}");
        }
    }
}

#[test]
fn names_of_files_and_links_that_are_no_names_do_no_harm() {
    for name in [
        "..",
        "../../etc/passwd",
        "/",
        "//",
        "",
        " ",
        "#",
        "#x",
        "p#",
        "p#x#y",
        "p#%00",
        "p#<b>",
        "p|",
        "|p",
        "||",
        "p\\",
        "con",
        "index",
        "~0",
        "~1",
        "dossier:0",
        "\u{202e}p",
        "🙂",
        "p?x=1",
        "p%00",
        "p\0",
        "P",
        " p ",
        "actors/p",
    ] {
        survive(name, body(format!("[[{name}]] [[{name}|x]] [x]({name}) [y](<{name}.md>) ![z](<{name}>)")));
        survive(name, body("x").record(&format!("pages/{name}.md"), "---\ntitle: N\n---\n[[p]]\n"));
        survive(name, body(format!("[x](<{name}.bin>)")).record(&format!("pages/{name}.bin"), "x"));
    }
    survive("a long name", body(format!("[[{}]]", "x".repeat(300))));
}

#[test]
fn dates_at_the_ends_of_time_do_no_harm() {
    for date in [
        "-9999",
        "-9999-01-01",
        "9999-12-31",
        "0000",
        "0000-01-01",
        "-0001-12",
        "Y-20000",
        "Y170000002",
        "XXXX",
        "XXXX-12-XX",
        "19XX",
        "1X25-05",
        "2023-02-2X",
        "../2025",
        "2025/..",
        "/2025",
        "2025/",
        "-9999/9999",
        "0000-01-01/9999-12-31",
        "2025-05-10/2025-05-11",
        "2025-21",
        "2025-33",
        "[1667,1668,1670..1672]",
        "[..1760-12-03]",
        "[1760-12..]",
        "{1960,1961-12}",
        "{1667..1680-05-XX}",
        "2004-06-~01/2004-06-~20",
        "2025~",
        "2025?-05-11",
        "%2025-05",
        "1984-06-02?/2004-08-08~",
        "2004-XX-01/2004-XX-03",
        "0999-12-31",
        "-0044-03-15",
        "2024-02-29",
        "9999-12-31/9999-12-31",
    ] {
        let dossier = small()
            .record("events/e.md", format!("---\ntitle: E\ndate: \"{date}\"\nactors: jane-doe\npublish_at: 2020\ncorrections: {{on: \"{date}\", why: x}}\nstatus: {{is: verified, on: \"{date}\"}}\n---\n"))
            .record("events/f.md", format!("---\ntitle: F\ndate: 2024-02-29\nupdates: {{date: \"{date}\", text: x}}\nfollows: e\n---\n"))
            .record("sources/s.md", format!("---\ntitle: S\npublished: \"{date}\"\naccessed: \"{date}\"\n---\n"));
        survive(date, dossier);
    }
}

#[test]
fn any_language_of_the_site_does_no_harm() {
    for lang in [
        "en",
        "hi",
        "ar",
        "es",
        "fr",
        "zz",
        "zh-Hant",
        "en-x-private",
        "und",
        "sr-Latn-RS",
        "he",
        "tlh",
        "en-u-ca-buddhist",
        "ar-Latn",
        "qaa-0000",
    ] {
        survive(lang, small().settings(&format!("title: T\nlang: {lang}\n")));
    }
}

#[test]
fn a_ring_of_records_is_no_endless_loop() {
    let dossier = small()
        .record("events/a.md", "---\ntitle: A\ndate: 2023\npart_of: b\nfollows: [b, a]\n---\n[[a]] [[b]]\n")
        .record("events/b.md", "---\ntitle: B\ndate: 2023\npart_of: a\nfollows: a\n---\n[[a]]\n")
        .record("sources/s.md", "---\ntitle: S\nsyndicated_from: s\nsource: s\n---\n")
        .record("quotes/q.md", "---\ntext: \"[[q]] [[q]]\"\nspeaker: jane-doe\nto: jane-doe\nabout: [q, jane-doe]\ndate: 2023\nin_reply_to: q\n---\n")
        .record("actors/x.md", "---\nname: X\nkind: person\nrelations: {kind: knows, to: x}\nnot_same_as: x\n---\n[[x]]\n");
    survive("a ring", dossier);
}

#[test]
fn a_title_that_quotes_itself_stays_short() {
    let dossier = small()
        .record("quotes/q.md", "---\ntext: \"[[r]] said\"\nspeaker: jane-doe\ndate: 2023\n---\n")
        .record("quotes/r.md", "---\ntext: \"[[q]] said\"\nspeaker: jane-doe\ndate: 2023\n---\n");
    survive("two quotes that name each other", dossier);
}

/// Pieces that records are made of, and pieces that they should not be made of.
const PIECES: [&str; 44] = [
    "---\n",
    "...\n",
    "\n",
    "\n\n",
    "  ",
    "- ",
    "# ",
    "> ",
    "| a | b |\n|---|---|\n",
    "```\n",
    "[[",
    "]]",
    "|",
    "](",
    "[",
    "]",
    ")",
    "![",
    "jane-doe",
    "p",
    "Jane Doe",
    "#how",
    "[^1]",
    "[^1]: ",
    "<b>",
    "</b>",
    "<a href=\"x\">",
    "</a>",
    "<script>",
    "<p onclick=\"x\">",
    "javascript:alert(1)",
    "*",
    "**",
    "`",
    "&amp;",
    "\\",
    "\0",
    "\u{202e}",
    "🙂",
    "é",
    "title: x\n",
    "text: \"[[p]]\"\n",
    "{",
    "}",
];

fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        8 => proptest::sample::select(&PIECES[..]).prop_map(str::to_owned),
        1 => any::<char>().prop_map(|c| c.to_string()),
        1 => "[a-z ]{1,8}",
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// A valid record with some of its bytes replaced, taken out, or put in.
fn mutated() -> impl Strategy<Value = String> {
    let valid = "---\nspeaker: jane-doe\ndate: 2023-06-21\ntext: We [did not] open [...] the [[gate-opened|gate]].\nabout: [gate-opened, authority]\nvia: [{actor: jane-doe, verb: told}]\nsource: {source: daily, locator: p. 3}\nstatus: {is: verified, on: 2023-07-01}\noriginal: {lang: nl, text: Wij *deden*}\n---\nProse with [[jane-doe]], [x](../pages/methodology.md#how) and[^1] more.\n\n[^1]: A note.\n";
    let edit = (any::<proptest::sample::Index>(), 0..6_usize, proptest::sample::select(&PIECES[..]));
    proptest::collection::vec(edit, 1..5).prop_map(move |edits| {
        let mut text: Vec<char> = valid.chars().collect();
        for (at, length, piece) in edits {
            let at = at.index(text.len().max(1));
            let end = (at + length).min(text.len());
            text.splice(at.min(end)..end, piece.chars());
        }
        text.into_iter().collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_of_a_page_does_harm(markdown in pieces()) {
        survive(&markdown, small().record("pages/p.md", format!("---\ntitle: P\n---\n{markdown}")));
    }

    #[test]
    fn no_change_of_a_valid_record_does_harm(record in mutated()) {
        survive(&record, small().record("quotes/q.md", &record));
    }

    #[test]
    fn no_file_does_harm(text in pieces()) {
        survive(&text, small().record("quotes/q.md", &text).record("quotes/q.yaml", &text));
    }

    #[test]
    fn no_bytes_do_harm(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let folder = crate::input::Folder::empty();
        folder.write("content/pages/p.md", [b"---\ntitle: P\n---\n", bytes.as_slice()].concat());
        folder.write("content/pages/q.md", &bytes);
        folder.write("content/quotes/r.yaml", &bytes);
        let (_, sources) = dossier::read::Folder::read(&folder.path("content"), "content").unwrap();
        let findings: Vec<_> = dossier::parse::parse(&sources, None).findings().cloned().collect();
        lines(&findings, &sources);
        dossier::diagnostic::to_text(&findings, &sources, dossier::diagnostic::Color::Never, 100);
    }

    #[test]
    fn no_settings_do_harm(yaml in pieces()) {
        small().settings(&yaml).findings();
        small().set(&yaml).findings();
    }
}
