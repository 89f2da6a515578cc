use std::cell::Cell;

use cssparser::Parser;

use super::super::super::super::document::{Document, HiddenBy};
use super::super::look::Look;
use super::super::read;
use super::declaration::{self, P, Property, Value};
use super::selector::{self, Matching, Place};

fn page(html: &str) -> Document {
    read(html.as_bytes(), None, Document::default()).expect("the page is small")
}

/// Whether `not` is seen in a page with a style sheet.
fn is_seen(sheet: &str, body: &str) -> bool {
    let document = page(&format!("<!doctype html><style>{sheet}</style><body><p>We did {body} open"));
    let is_hidden = document.hidden.iter().any(|hidden| hidden.text.contains("not") && hidden.by != HiddenBy::Style);
    assert_ne!(document.text.contains("not"), is_hidden, "{sheet} {body}: {document:?}");
    !is_hidden
}

#[track_caller]
fn hides(sheet: &str) {
    assert!(!is_seen(sheet, "<span class=x id=i lang=en>not</span>"), "{sheet}");
}

#[track_caller]
fn shows(sheet: &str) {
    assert!(is_seen(sheet, "<span class=x id=i lang=en>not</span>"), "{sheet}");
}

#[test]
fn words_that_a_sheet_hides_are_no_part_of_the_text() {
    let document = page("<style>.x{display:none}</style><p>We did <span class=x>not</span> open");
    assert_eq!(document.text, "We did open");
    assert_eq!(document.hidden[1].by, HiddenBy::StyleSheet);
}

#[test]
fn what_takes_words_out_of_sight_is_known() {
    hides(".x{visibility:hidden}");
    hides(".x{visibility:collapse}");
    hides(".x{opacity:0}");
    hides(".x{opacity:0%}");
    hides(".x{font-size:0}");
    hides(".x{font:0/0 a}");
    hides(".x{position:absolute;left:-9999px}");
    hides(".x{position:fixed;inset:-9999px auto auto 0}");
    hides(".x{position:relative;left:-999em}");
    hides(".x{position:absolute;clip:rect(0 0 0 0)}");
    hides(".x{position:absolute!important;clip:rect(1px, 1px, 1px, 1px)}");
    hides(".x{clip-path:inset(50%)}");
    hides(".x{clip-path:circle(0)}");
    hides(".x{clip-path:polygon(0 0, 0 0, 0 0)}");
    hides(".x{display:inline-block;width:0;height:0;overflow:hidden}");
    hides(".x{display:block;max-height:0;overflow-y:hidden}");
    hides(".x{position:absolute;width:1px;height:1px;overflow:hidden}");
    hides(".x{display:block;content-visibility:hidden}");
}

#[test]
fn what_only_looks_so_hides_nothing() {
    shows(".x{opacity:0.01}");
    shows(".x{left:-9999px}");
    shows(".x{position:absolute;left:-20px}");
    shows(".x{position:absolute;right:-9999px}");
    shows(".x{clip:rect(0 0 0 0)}");
    shows(".x{clip-path:inset(10%)}");
    shows(".x{width:0;height:0;overflow:hidden}");
    shows(".x{display:block;width:0;height:0}");
    shows(".x{display:block;height:0;overflow:hidden;padding-bottom:56.25%}");
    shows(".x{display:block;width:0;overflow:hidden;flex:1}");
    shows(".x{display:block;height:0;min-height:2em;overflow:hidden}");
    shows(".x{display:contents;opacity:0}");
    shows(".x{content-visibility:hidden}");
    shows(".x{font-size:1px}");
    shows(".x{display:none;display:block}");
    shows(".x{display:bogus}");
    shows(".x{display:var(--y)}");
}

#[test]
fn sheets_are_read_as_browsers_read_them() {
    hides(".x{dis\\70lay:n\\6fne}");
    hides(".\\78 {DISPLAY : NONE}");
    hides("<!-- .x{display:none} -->");
    hides(".x{color:red;;bogus;display:none}");
    hides("a{/* } */} .x{/**/display/**/:/**/none}");
    hides(".x{display:none");
    hides("@charset 'x'; @import url(y.css); @bogus {.x{display:block}} .x{display:none}");
    shows("/* .x{display:none} */");
    shows(".x{background:url(a;display:none)}");
    shows(".x{content:'display:none'}");
    shows(".x{display:none!bogus}");
    shows("@keyframes x{from{visibility:hidden}}");
}

#[test]
fn rules_hold_for_the_elements_that_they_select() {
    for selector in [
        "span",
        "SPAN",
        ".x",
        "#i",
        "*",
        "[class]",
        "[class=x]",
        "[lang=EN]",
        "[class~=x]",
        "[id^=i]",
        "p span",
        "p > .x",
        "body p > span.x#i",
        "html .x",
        "a, .x",
        ":is(a, .x)",
        ":where(.x)",
        ".x:not(.y)",
        ":root .x",
        ".x:not(.y .x)",
        "p{.x",
        "p{& > .x",
        "p{> .x",
        "body{p{& .x",
    ] {
        hides(&format!("{selector}{{display:none}}"));
    }
    for selector in [
        ".X",
        "#I",
        "i",
        "b .x",
        "body > .x",
        ".x .x",
        "[class=X]",
        "[hidden]",
        "[lang=e]",
        "[class^='']",
        ".x:hover",
        ".x::before",
        ".x:before",
        "a:hover .x",
        ".x:not(span)",
        ".x:first-child",
        ".x:nth-child(n)",
        "p:has(.x) .x",
        "a + .x",
        ".x, .y:bogus",
        ".x, ..y",
        ".x >",
        "> .x",
        "p{a",
        ".x:is(.y)",
        "|span",
    ] {
        shows(&format!("{selector}{{display:none}}"));
    }
    let old = |class| page(&format!("<style>.X{{display:none}}</style><p class={class}>not")).text.is_empty();
    assert!(old("x"), "pages without a doctype do not tell capitals apart");
}

#[test]
fn the_rule_that_says_more_or_comes_later_holds() {
    shows(".x{display:none} .x{display:inline}");
    hides(".x{display:none} span{display:inline}");
    hides("#i{display:none} span.x{display:inline}");
    hides(".x{display:none!important} #i{display:inline}");
    shows(".x{display:none!important} #i{display:inline!important}");
    hides(".x{display:none} :where(#i){display:inline}");
    shows(".x{display:none} :is(#i,a){display:inline}");
    hides("@layer a, b; @layer b{.x{display:none}} @layer a{#i{display:inline}}");
    shows("@layer a{#i{display:none}} .x{display:inline}");
    hides("@layer a{.x{display:none!important}} #i{display:inline!important}");
    shows("p{.x{display:inline}} .x{display:none}");
    let own = |sheet, style| is_seen(sheet, &format!("<span class=x style='{style}'>not</span>"));
    assert!(own("#i,.x{display:none}", "display:inline"));
    assert!(!own(".x{display:none!important}", "display:inline"));
    assert!(own(".x{display:none!important}", "display:inline!important"));
    assert!(own(".x{display:inline!important}", "display:none"));
    assert!(is_seen("[hidden]{display:inline}", "<span hidden>not</span>"));
}

#[test]
fn what_is_not_sure_to_hold_shows_and_never_hides() {
    shows("@media print{.x{display:none}}");
    shows("@media (max-width:600px){.x{display:none}}");
    shows(".x{display:none} @media (min-width:600px){.x{display:inline}}");
    hides(".x{display:none} @media print{.x{display:inline}}");
    hides("@media screen, print{.x{display:none}}");
    hides("@media not print{.x{display:none}}");
    hides("@supports (display:grid){.x{display:none}}");
    shows("@supports not (display:grid){.x{display:none}}");
    shows("@supports (-moz-appearance:none){.x{display:none}}");
    shows("@container (width > 1px){.x{display:none}}");
    shows(".x{display:none} .x:nth-child(1){display:inline}");
    hides(".x{display:none} p:hover .x{display:inline}");
    let sheet = |attributes, body| page(&format!("<style {attributes}>.x{{display:none}}</style>{body}")).text;
    assert_eq!(sheet("media=print", "<p class=x>not"), "not");
    assert_eq!(sheet("type=text/less", "<p class=x>not"), "not");
    assert_eq!(sheet("type=text/css media=screen", "<p class=x>not"), "");
    assert_eq!(
        page("<div><template shadowrootmode=open><style>.x{display:none}</style></template></div><p class=x>not").text,
        "not"
    );
    assert_eq!(page("<template><style>.x{display:none}</style></template><p class=x>not").text, "not");
}

#[test]
fn what_is_in_a_hidden_element_is_hidden_unless_it_can_be_seen_again() {
    let seen = |sheet: &str| is_seen(&format!("{sheet} .x{{display:inline-block}}"), "<b><i class=x>not</i></b>");
    assert!(!seen("b{display:none}"));
    assert!(!seen("b{opacity:0} .x{opacity:1}"));
    assert!(!seen("b{visibility:hidden}"));
    assert!(seen("b{visibility:hidden} .x{visibility:visible}"));
    assert!(!seen("b{font-size:0}"));
    assert!(!seen("b{font-size:0} .x{font-size:2em}"));
    assert!(seen("b{font-size:0} .x{font-size:1rem}"));
    assert!(!seen("b{display:block;height:0;overflow:hidden}"));
    assert!(seen("b{display:block;height:0;overflow:hidden} .x{position:absolute}"));
    assert!(!seen("b{display:block;height:0;overflow:hidden;position:relative} .x{position:absolute}"));
}

#[test]
fn a_page_that_hides_itself_is_one_that_a_script_shows() {
    for page_of in
        ["<style>html{visibility:hidden} body{opacity:0;display:none!important}</style>", "<body style=display:none>"]
    {
        assert_eq!(page(&format!("{page_of}<p>seen")).text, "seen");
    }
}

#[test]
fn what_is_hidden_out_of_the_flow_breaks_no_paragraph() {
    let text = |style| page(&format!("<style>div div{{{style}}}</style><div>We did <div>not</div> open</div>")).text;
    assert_eq!(text("position:absolute;left:-9999px"), "We did open");
    assert_eq!(text("opacity:0"), "We did\n\nopen");
}

#[test]
fn style_attributes_are_read_as_browsers_read_them() {
    let check = |style: &str, property: Property, value: Option<Value>| {
        let of_property = |declaration: &&declaration::Declaration| declaration.property == property;
        let mut all = declaration::of_attribute(style);
        all.sort_by_key(|declaration| declaration.is_important);
        assert_eq!(all.iter().rfind(of_property).map(|declaration| declaration.value), value, "{style}");
    };
    check("display:none", P::Display, Some(Value::Hides));
    check("color: red; DISPLAY : NONE !important", P::Display, Some(Value::Hides));
    check("display: none !important; display: block", P::Display, Some(Value::Hides));
    check("/* display: none; */ visibility: hidden", P::Display, None);
    check("visibility: inherit; background: url(display:none)", P::Visibility, Some(Value::Inherits));
    check("display", P::Display, None);
    check("display: none; display: bogus", P::Display, Some(Value::Hides));
    check("display: none; display: inline-block", P::Display, Some(Value::Shows));
    check("FONT-SIZE: 0.0em; color: red", P::FontSize, Some(Value::Hides));
    check("font: bold 12px/1 serif", P::FontSize, Some(Value::Shows));
    check("all: unset", P::Visibility, Some(Value::Inherits));
    check("left: calc(1px - 9999px)", P::Left, Some(Value::Shows));
}

#[test]
fn a_page_with_more_rules_than_can_be_read_is_refused() {
    let rules = format!("<style>{}</style><p>seen", "a{top:0}".repeat(250_001));
    assert!(read(rules.as_bytes(), None, Document::default()).is_err());
}

#[test]
fn comparing_ends_when_too_much_would_have_to_be_compared() {
    let matching = Matching { is_quirky: false, left: Cell::new(10_000) };
    let mut list = None;
    for _ in 0..40 {
        list = Some(selector::read(&mut Parser::new("div, div"), list.as_ref()).expect("it is a selector"));
    }
    let look = Look::default();
    let path = [Place { name: "div", look: &look }; 40];
    matching.holds(&list.expect("there is one")[0], &path);
    assert_eq!(matching.left.get(), 0);
}
