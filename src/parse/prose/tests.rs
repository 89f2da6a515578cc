//! How Markdown is read, case by case.

use super::*;

/// The HTML with marks shown as `{0` … `}`.
fn shown(run: &Run) -> String {
    let mut text = String::new();
    let mut done = 0;
    for (at, mark) in &run.marks {
        text.push_str(&run.text[done..*at]);
        done = *at;
        match mark {
            Mark::Open(number) => text.push_str(&format!("{{{number}:")),
            Mark::Close(_) => text.push('}'),
            Mark::Address(number) => text.push_str(&format!("{{@{number}}}")),
        }
    }
    text + &run.text[done..]
}

fn check(markdown: &str, expected: &str) {
    let (prose, problems) = read_prose(markdown, Extent::Body);
    assert_eq!(problems, [], "{markdown:?}");
    assert_eq!(shown(&prose.html).trim_end(), expected, "{markdown:?}");
}

fn complain(markdown: &str, message: &str, html: &str) {
    let (prose, problems) = read_prose(markdown, Extent::Body);
    let messages: Vec<_> = problems.iter().map(|problem| problem.message.as_str()).collect();
    assert_eq!(messages, [message], "{markdown:?}");
    assert_eq!(shown(&prose.html).trim_end(), html, "{markdown:?}");
}

#[test]
fn links_into_the_dossier_stay_open() {
    check("a [[jane]] b", "<p>a {0:jane} b</p>");
    check("[[jane|Ms *Doe*]]", "<p>{0:Ms <em>Doe</em>}</p>");
    check("[x](../a.md#b) [y](#c)", "<p>{0:x} {1:y}</p>");
    check("![a *b*](p.jpg)", "<p><img alt=\"a b\" loading=\"lazy\" src=\"{@0}\"></p>");
    check("[![a](p.jpg)](q.md)", "<p>{0:<img alt=\"a\" loading=\"lazy\" src=\"{@1}\">}</p>");
}

#[test]
fn links_out_of_the_dossier_are_marked() {
    check(
        "<https://e.org/?a&b>",
        "<p><a href=\"https://e.org/?a&amp;b\" class=\"external\" rel=\"noopener noreferrer\">https://e.org/?a&amp;b</a></p>",
    );
}

#[test]
fn tables_have_classes_and_no_styles() {
    check(
        "|a|b|\n|:-|-:|\n|1|2|",
        "<table><thead><tr><th scope=\"col\" class=\"align-left\">a</th><th scope=\"col\" class=\"align-right\">b</th></tr></thead><tbody>\n\
         <tr><td class=\"align-left\">1</td><td class=\"align-right\">2</td></tr>\n</tbody></table>",
    );
}

#[test]
fn what_an_editor_did_to_quoted_words_is_marked() {
    let (prose, _) = read_prose("A [b] *c* […] d [[x]] [", Extent::Words);
    assert_eq!(
        shown(&prose.html).trim_end(),
        "<p>A <span class=\"inserted\">[b]</span> <em>c</em> <span class=\"omitted\">[…]</span> d {0:x} [</p>"
    );
}

#[test]
fn headings_have_ids_of_their_own() {
    check("## A b\n## A b\n#### x {#own}", "<h2 id=\"a-b\">A b</h2>\n<h2 id=\"a-b-1\">A b</h2>\n<h3 id=\"own\">x</h3>");
    check("# अ", "<h2 id=\"a\">अ</h2>");
    check("# Of [[jane]] and [x](y.md) now", "<h2 id=\"of-and-now\">Of {0:jane} and {1:x} now</h2>");
    check("# [[jane]]", "<h2 id=\"section\">{0:jane}</h2>");
}

#[test]
fn footnotes_stand_after_the_prose_in_order_of_use() {
    check(
        "x[^b]\n\n[^b]: note",
        "<p>x<sup class=\"footnote-ref\"><a id=\"fnref-1\" href=\"#fn-1\">1</a></sup></p>\n\
         <section class=\"footnotes\"><ol>\n<li id=\"fn-1\"><p>note</p>\n<a class=\"footnote-back\" href=\"#fnref-1\">↩</a></li>\n</ol></section>",
    );
}

#[test]
fn raw_html_is_sanitised_and_said_so() {
    check("a <b>c</b> [[x]]", "<p>a <b>c</b> {0:x}</p>");
    complain(
        "a <img src=\"https://e.org/a.png\">",
        "a picture that is not written in Markdown is removed from the page",
        "<p>a <img></p>",
    );
    complain("a <script>alert(1)</script>", "`<script>` is removed from the page", "<p>a </p>");
    complain("<p onclick=\"x()\">a</p>", "the attribute `onclick` is removed from the page", "<p>a</p>");
    complain(
        "<img src=\"https://e.org/a.png\" style=\"x\">",
        "the attribute `style` is removed from the page",
        "<img>",
    );
    complain(
        "<a href=\"dossier:0\">a</a>",
        "this HTML uses an address that stands for something else here",
        "<p>a</p>",
    );
}

#[test]
fn addresses_that_run_programs_are_refused() {
    complain("[x](javascript:alert(1))", "the address `javascript:alert(1)` is not allowed in a page", "<p>x</p>");
    complain("[x](dossier:0)", "the address `dossier:0` is not allowed in a page", "<p>x</p>");
    complain("[x](/etc/passwd)", "the address `/etc/passwd` is not allowed in a page", "<p>x</p>");
    complain("[x](data:text/html,a)", "the address `data:text/html,a` is not allowed in a page", "<p>x</p>");
}

#[test]
fn a_link_knows_its_sentence() {
    let (prose, _) = read_prose("First. Then [[jane]] went.\nLast one.\n\nOther.", Extent::Body);
    assert_eq!(&prose.plain.text[prose.links[0].sentence.clone()], "Then jane went.");
}

#[test]
fn many_open_brackets_take_no_time_and_do_no_harm() {
    let (prose, _) = read_prose(&"[".repeat(100_000), Extent::Body);
    assert!(prose.html.text.len() > 100_000);
    read_prose(&"[[".repeat(50_000), Extent::Body);
    read_prose(&"> ".repeat(50_000), Extent::Body);
    read_prose(&"*a _b ".repeat(20_000), Extent::Body);
}
