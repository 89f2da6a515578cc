use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::super::shown::{show, words};
use super::*;

fn document(html: &str) -> Document {
    read(html.as_bytes(), None, Document::default()).expect("the page is small")
}

fn check(html: &str, expect: &Expect) {
    expect.assert_eq(&words(&document(html)));
}

fn check_places(html: &str, expect: &Expect) {
    expect.assert_eq(&show(&document(html), html.as_bytes()));
}

#[test]
fn each_word_has_its_bytes() {
    check_places(
        "<!doctype html><html lang=en><title>A &amp; b</title>\
         <p>We did <b>not</b> open&nbsp;the\n gate &mdash; before<br> six.<p>Next",
        &expect![[r#"
            title "A & b"
            lang "en"
            Paragraph "We did not open\u{a0}the gate — before\nsix."
            Paragraph "Next"
            0 Literal 56..63 "We did "
            7 Literal 66..69 "not"
            10 Literal 73..78 " open"
            15 Entity 78..84 "&nbsp;"
            17 Literal 84..87 "the"
            20 Space 87..89 "\n "
            21 Literal 89..94 "gate "
            26 Entity 94..101 "&mdash;"
            29 Literal 101..108 " before"
            36 Space 108..112 "<br>"
            37 Literal 113..117 "six."
            41 Space -
            43 Literal 120..124 "Next"
        "#]],
    );
}

#[test]
fn references_are_read_as_browsers_read_them() {
    check_places(
        "&lt;b&gt; &#8217;&#x2019 AT&T &ampamp; &notit; &semi;&fjlig;&bogus; &",
        &expect![[r#"
            Paragraph "<b> ’’ AT&T &amp; ¬it; ;fj&bogus; &"
            0 Entity 0..4 "&lt;"
            1 Literal 4..5 "b"
            2 Entity 5..9 "&gt;"
            3 Literal 9..10 " "
            4 Entity 10..17 "&#8217;"
            7 Entity 17..24 "&#x2019"
            10 Literal 24..30 " AT&T "
            16 Entity 30..34 "&amp"
            17 Literal 34..39 "amp; "
            22 Entity 39..43 "&not"
            24 Literal 43..47 "it; "
            28 Entity 47..53 "&semi;"
            29 Entity 53..60 "&fjlig;"
            31 Literal 60..69 "&bogus; &"
        "#]],
    );
}

#[test]
fn white_space_collapses_across_tags_but_not_in_pre() {
    check(
        "<div> a <b> b</b>\n<i> </i>c\u{a0} d </div> <pre>\n x  y\n\n z \n</pre><textarea>\n k\tl</textarea>",
        &expect![[r#"
            Paragraph "a b c\u{a0} d"
            Paragraph " x  y\n\n z"
            Paragraph " k\tl"
        "#]],
    );
}

#[test]
fn elements_make_blocks_and_two_line_breaks_make_one() {
    check(
        "<h2>Head <span>line</span></h2>bare<ul><li>one<li><p>two</p> three</ul><table><tr><td>a<td>b</table>\
         first<br><br><br>second<hr>third<div></div>fourth",
        &expect![[r#"
            Heading "Head line"
            Paragraph "bare"
            Other "one"
            Paragraph "two"
            Other "three"
            Other "a"
            Other "b"
            Paragraph "first"
            Paragraph "second"
            Paragraph "third"
            Paragraph "fourth"
        "#]],
    );
}

#[test]
fn what_is_not_seen_is_told_apart() {
    check(
        "<head><meta name=description content='A description'><style>p { color: red }</style></head><!-- said -->\
         <p>seen<script>var a = '<b>x</b>';</script><noscript><img alt='not loaded'>Turn it <b>on</b></noscript>\
         <img alt='A gate' title=Gate><span hidden>one</span><span style='display:none'>two</span>\
         <span hidden style='display:inline'>three</span><template>four</template>\
         <div style='visibility:hidden'>five <b style='visibility: visible'>six</b></div>\
         <dialog>seven</dialog><dialog open>eight</dialog><details><summary>More</summary>nine</details>\
         <span aria-hidden=true>ten</span><video>eleven</video><svg><title>twelve</title><text>thirteen</text></svg>",
        &expect![[r#"
            Paragraph "seenthree"
            Paragraph "six"
            Paragraph "eight"
            Other "More"
            Paragraph "nine"
            Paragraph "ten"
            Other "thirteen"
            hidden by Attribute "A description"
            hidden by Style "p { color: red }"
            hidden by Comment "said"
            hidden by Script "var a = '<b>x</b>';"
            hidden by NotShown "not loaded Turn it on"
            hidden by Attribute "A gate"
            hidden by Attribute "Gate"
            hidden by NotShown "one"
            hidden by NotShown "two"
            hidden by NotShown "four"
            hidden by NotShown "five"
            hidden by NotShown "seven"
            hidden by NotShown "eleven"
            hidden by NotShown "twelve"
        "#]],
    );
}

#[test]
fn only_a_hidden_alternate_is_the_page_in_another_language() {
    check(
        "<html lang=en-GB><p>He said <q lang=fr>non</q>.<div lang=hi hidden>उसने कहा</div>\
         <div hidden>also hidden<p lang=fr>Il a dit</p></div><div lang=en-US hidden>color</div>",
        &expect![[r#"
            Paragraph "He said non."
            hidden by OtherLanguage "उसन\u{947} कहा"
            hidden by NotShown "also hidden"
            hidden by OtherLanguage "Il a dit"
            hidden by NotShown "color"
        "#]],
    );
}

#[test]
fn readings_follow_the_words_that_they_stand_over() {
    check(
        "<p><ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp>字<rp>(</rp><rt>じ</rt><rp>)</rp></ruby>です。<p>次",
        &expect![[r#"
        Paragraph "漢字です。"
        Other "かん じ"
        Paragraph "次"
        hidden by NotShown "("
        hidden by NotShown ")"
        hidden by NotShown "("
        hidden by NotShown ")"
    "#]],
    );
}

#[test]
fn what_is_misplaced_is_read_where_a_browser_shows_it() {
    check(
        "<table>before<tr><td>cell</table><p hidden>no<p>yes<b hidden>x<p>y</b>z",
        &expect![[r#"
        Paragraph "before"
        Other "cell"
        Paragraph "yes"
        Paragraph "z"
        hidden by NotShown "no"
        hidden by NotShown "x"
        hidden by NotShown "y"
    "#]],
    );
}

#[test]
fn a_shadow_root_is_seen() {
    check(
        "<div><template shadowrootmode=open><p>in the shade</p></template>light</div>",
        &expect![[r#"
        Paragraph "in the shade"
        Paragraph "light"
    "#]],
    );
}

#[test]
fn nesting_without_end_is_refused() {
    for page in ["<div>".repeat(5000), "<template>".repeat(5000), "<b>".repeat(5000), "<svg><g>".repeat(5000)] {
        let read = read(page.as_bytes(), None, Document::default());
        assert!(matches!(read, Err(Fault::Refused(_))), "{}", &page[..10]);
    }
}

#[test]
fn elements_that_are_opened_again_and_again_are_refused() {
    let page = (0..3000).map(|number| format!("<p><b title={number}>")).collect::<String>() + &"<p>x".repeat(3000);
    assert!(matches!(read(page.as_bytes(), None, Document::default()), Err(Fault::Refused(_))));
}

/// The characters of a piece of a page, by another tokenizer than the one that is tested.
fn decoded(written: &[u8]) -> String {
    use html5ever::tokenizer::{BufferQueue, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
    #[derive(Default)]
    struct Words(std::cell::RefCell<String>);
    impl TokenSink for Words {
        type Handle = ();
        fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
            if let Token::CharacterTokens(text) = token {
                self.0.borrow_mut().push_str(&text);
            }
            TokenSinkResult::Continue
        }
    }
    let queue = BufferQueue::default();
    queue.push_back(String::from_utf8_lossy(written).as_ref().into());
    let tokenizer = Tokenizer::new(Words::default(), TokenizerOpts::default());
    let _ = tokenizer.feed(&queue);
    tokenizer.end();
    tokenizer.sink.0.into_inner()
}

/// Fails unless each character of a document is what is written in the bytes of its anchor.
fn check_anchors(document: &Document, bytes: &[u8]) {
    let anchors = &document.anchors;
    assert_eq!(anchors.is_empty(), document.text.is_empty());
    assert!(anchors.first().is_none_or(|anchor| anchor.text == 0));
    assert!(anchors.windows(2).all(|pair| pair[0].text < pair[1].text));
    for (number, anchor) in anchors.iter().enumerate() {
        let end = anchors.get(number + 1).map_or(document.text.len(), |next| next.text);
        let text = &document.text[anchor.text..end];
        let written = anchor.bytes.clone().map(|place| &bytes[place.start as usize..place.end as usize]);
        match (anchor.how, written) {
            (How::Literal, Some(written)) => assert_eq!(text.as_bytes(), written),
            // A character that no text may have.
            (How::Entity, Some(b"\0")) => assert_eq!(text, "\u{fffd}"),
            (How::Entity, Some(written)) if text == " " => assert!(decoded(written).bytes().all(is_white)),
            (How::Entity, Some(written)) => assert_eq!(text, decoded(written)),
            (How::Space, None) => assert!(matches!(text, "\n\n" | " "), "{text:?}"),
            (How::Space, Some(written)) if text == "\n" && written.starts_with(b"<") => {}
            (How::Space, Some(written)) => {
                assert!(matches!(text, " " | "\n"), "{text:?}");
                assert!(decoded(written).bytes().all(is_white), "{written:?}");
            }
            (how, written) => panic!("{text:?} {how:?} {written:?}"),
        }
    }
    let mut end = None;
    for block in &document.blocks {
        assert!(!block.text.is_empty());
        match end {
            None => assert_eq!(block.text.start, 0),
            Some(end) => assert_eq!(&document.text[end..block.text.start], "\n\n"),
        }
        end = Some(block.text.end);
    }
    assert_eq!(end.unwrap_or(0), document.text.len());
}

/// What matters to the rules.
const PIECES: &[&str] = &[
    "a",
    "word",
    " ",
    "  ",
    "\n",
    "\r\n",
    "\r",
    "\t",
    "é",
    "日本",
    "\u{a0}",
    "\0",
    "&amp;",
    "&lt",
    "&#8217;",
    "&#x41",
    "&semi;",
    "&#13;",
    "&#32;",
    "&notin;",
    "&noti",
    "&",
    "&;",
    "<",
    "<p>",
    "</p>",
    "<div>",
    "</div>",
    "<b>",
    "</b>",
    "<i title='x &amp; y'>",
    "</i>",
    "<br>",
    "<br/>",
    "</br>",
    "<pre>",
    "<pre>\n",
    "</pre>",
    "<table>",
    "<tr>",
    "<td>",
    "</td>",
    "</table>",
    "<ul>",
    "<li>",
    "</ul>",
    "<span hidden>",
    "</span>",
    "<script>",
    "</script>",
    "<style>",
    "</style>",
    "<title>",
    "</title>",
    "<textarea>",
    "</textarea>",
    "<!-- c -->",
    "<!--",
    "-->",
    "<!",
    "</",
    "<template>",
    "</template>",
    "<svg>",
    "</svg>",
    "<![CDATA[x]]>",
    "<math>",
    "<mi>",
    "</math>",
    "<ruby>",
    "<rt>",
    "</ruby>",
    "<select>",
    "<option>",
    "</select>",
    "<h1>",
    "</h1>",
    "<body>",
    "<head>",
    "</head>",
    "</body>",
    "</html>",
    "<html lang=en>",
    "<div lang=fr hidden>",
    "<noscript>",
    "</noscript>",
    "<plaintext>",
    "<frameset>",
    "<a href=x>",
    "</a>",
    "<button>",
    "<form>",
    "</form>",
    "<p style='display:none'>",
    "<iframe>",
    "</iframe>",
    "<foreignObject>",
    "<caption>",
    "<col>",
    "<x-y>",
    "<nobr>",
    "<em",
    ">",
    "'",
    "\"",
    "=",
    "/",
];

/// Pages of pieces that matter to the rules.
fn pages() -> impl Strategy<Value = String> {
    proptest::collection::vec(proptest::sample::select(PIECES), 0..40).prop_map(|pieces| pieces.concat())
}

/// The tree of a page, as one string.
fn tree(page: &str) -> String {
    let tree = Tree::new(page).ok().expect("the page is small");
    let mut shown = String::new();
    tree.walk(|step| match step {
        Step::Enter(element, _) => shown.push_str(&format!("<{}>", element.name.local)),
        Step::Leave => shown.push_str("</>"),
        Step::Text(text) => shown.push_str(&tree.text[text]),
        Step::Comment(comment) => shown.push_str(&format!("<!--{comment}-->")),
    });
    shown
}

/// The tree of a page as another program makes it.
fn tree_by_reference(page: &str) -> String {
    use html5ever::tendril::TendrilSink as _;
    use markup5ever_rcdom::{Node, NodeData, RcDom};
    fn show(node: &Node, shown: &mut String) {
        let mut end = "";
        match &node.data {
            NodeData::Document | NodeData::Doctype { .. } | NodeData::ProcessingInstruction { .. } => {}
            NodeData::Text { contents } => shown.push_str(&contents.borrow()),
            NodeData::Comment { contents } => shown.push_str(&format!("<!--{contents}-->")),
            NodeData::Element { name, template_contents, .. } => {
                shown.push_str(&format!("<{}>", name.local));
                end = "</>";
                if let Some(contents) = &*template_contents.borrow() {
                    show(contents, shown);
                }
            }
        }
        for child in &*node.children.borrow() {
            show(child, shown);
        }
        shown.push_str(end);
    }
    let mut shown = String::new();
    show(&html5ever::parse_document(RcDom::default(), html5ever::ParseOpts::default()).one(page).document, &mut shown);
    shown
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn each_character_is_what_its_bytes_say(page in pages()) {
        check_anchors(&document(&page), page.as_bytes());
    }

    #[test]
    fn the_tree_is_that_of_another_reader(page in pages()) {
        // What is put for a NUL in drawings stands nowhere in the source.
        let page = page.replace('\0', "");
        prop_assert_eq!(tree(&page), tree_by_reference(&page));
    }
}

#[test]
fn raised_digits_are_no_digits_of_the_number_before_them() {
    check(
        "<p>10<sup>2</sup> and 10<sup>-5</sup> on the 1<sup>st</sup> of H<sub>2</sub>O",
        &expect![[r#"
        Paragraph "10² and 10⁻⁵ on the 1st of H2O"
    "#]],
    );
    check_places(
        "<p>is 10<sup>2</sup>.",
        &expect![[r#"
        Paragraph "is 10²."
        0 Literal 3..8 "is 10"
        5 Entity 13..14 "2"
        7 Literal 20..21 "."
    "#]],
    );
}

#[test]
fn numbers_of_notes_are_no_part_of_the_words() {
    check(
        "<p>We left<sup><a href=#n1>[1]</a></sup> and came<a href=x.html#n2><sup>2</sup></a> back",
        &expect![[r#"
            Paragraph "We left and came back"
            hidden by Note "[1]"
            hidden by Note "2"
        "#]],
    );
}
