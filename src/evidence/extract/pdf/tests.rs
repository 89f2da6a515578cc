use expect_test::{Expect, expect};

use super::super::shown::words;
use super::*;

/// A PDF whose pages are drawn by some content each. `/F` is a font with the encoding of Windows, `/M` one with a map to Unicode.
fn pdf(pages: &[&str]) -> Vec<u8> {
    let map =
        "1 begincodespacerange <0000> <ffff> endcodespacerange 2 beginbfchar <0001> <0915094D> <0002> <0041> endbfchar";
    let kids: String = (0..pages.len()).map(|number| format!("{} 0 R ", 5 + 2 * number)).collect();
    let mut objects = vec![
        "<</Type /Catalog /Pages 2 0 R>>".to_owned(),
        format!(
            "<</Type /Pages /Kids [{kids}] /Count {} /MediaBox [0 0 600 800] /Resources <</Font <</F 3 0 R /M \
             <</Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H /ToUnicode 4 0 R /DescendantFonts \
             [<</Type /Font /Subtype /CIDFontType2 /BaseFont /X /DW 500 /W [1 [600]]>>]>>>>>>>>",
            pages.len()
        ),
        "<</Type /Font /Subtype /Type1 /BaseFont /Helvetica /FirstChar 32 /Widths [250] /Encoding \
         <</BaseEncoding /WinAnsiEncoding /Differences [1 /fi /eacute /uni0935 /unknown]>>>>"
            .to_owned(),
        format!("<</Length {}>>\nstream\n{map}\nendstream", map.len()),
    ];
    for (number, content) in pages.iter().enumerate() {
        objects.push(format!("<</Type /Page /Parent 2 0 R /Contents {} 0 R>>", 6 + 2 * number));
        objects.push(format!("<</Length {}>>\nstream\n{content}\nendstream", content.len()));
    }
    let mut bytes = "%PDF-1.7\n".to_owned();
    let mut places = Vec::new();
    for (number, object) in objects.iter().enumerate() {
        places.push(bytes.len());
        bytes += &format!("{} 0 obj\n{object}\nendobj\n", number + 1);
    }
    let start = bytes.len();
    bytes += &format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    bytes.extend(places.iter().map(|place| format!("{place:010} 00000 n \n")));
    bytes += &format!("trailer\n<</Size {} /Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n", objects.len() + 1);
    bytes.into_bytes()
}

/// A small PDF, for tests of all formats.
pub(in super::super) fn example() -> Vec<u8> {
    pdf(&[
        "BT /F 12 Tf 14 TL 50 700 Td (We did) Tj T* [(not) -300 (open)] TJ /M 10 Tf <00010002> Tj ET",
        "q 1 0 0 1 2 3 cm Q",
    ])
}

fn check(pages: &[&str], expect: &Expect) {
    let shown = match read(&pdf(pages), &Limits::default(), Document::default()) {
        Ok(document) => words(&document),
        Err(fault) => format!("fault: {fault}\n"),
    };
    expect.assert_eq(&shown);
}

#[test]
fn lines_and_paragraphs_are_known_by_their_distance() {
    check(
        &[
            "BT /F 12 Tf 14 TL 50 700 Td (We did not open the ga-) Tj T* (te before six.) Tj 0 -30 Td (Second) Tj 40 0 Td (word) Tj ET",
            "BT /F 20 Tf 50 700 Td (Heading) Tj /F 12 Tf 0 -25 Td (body) Tj 300 25 Td (another column) Tj ET",
        ],
        &expect![[r#"
            OfPage(1) "We did not open the ga-\nte before six."
            OfPage(1) "Second word"
            OfPage(2) "Heading"
            OfPage(2) "body"
            OfPage(2) "another column"
        "#]],
    );
}

#[test]
fn a_gap_is_a_space_and_a_small_one_is_none() {
    check(
        &["BT /F 10 Tf 50 700 Td [(W) 60 (e) -300 (did) -20 (n't)] TJ 0 Tc ( open) Tj ET"],
        &expect![[r#"
        OfPage(1) "We didn't open"
    "#]],
    );
}

#[test]
fn glyphs_stand_for_what_the_file_says() {
    check(
        &["BT /F 10 Tf 50 700 Td <01020304> Tj (\\223a\\224) Tj ET"],
        &expect![[r#"
        OfPage(1) "ﬁéव�“a”"
    "#]],
    );
    check(
        &["BT /M 10 Tf 50 700 Td <000100020003> Tj ET"],
        &expect![[r#"
        OfPage(1) "क\u{94d}A�"
    "#]],
    );
    check(
        &["BT /F 10 Tf 50 700 Td /Span <</ActualText (\\376\\377\\011\\006)>> BDC (xy) Tj EMC (z) Tj ET"],
        &expect![[r#"
            OfPage(1) "आz"
        "#]],
    );
}

#[test]
fn a_page_without_text_has_no_blocks() {
    check(&["0 0 m 100 100 l S"], &expect![[r#""#]]);
    check(&[], &expect![[r#""#]]);
}

#[test]
fn what_is_no_pdf_is_said_to_be_none() {
    let read = read(b"%PDF-1.7\nwords", &Limits::default(), Document::default());
    expect!["it is damaged so badly that no page of it is found"]
        .assert_eq(&read.expect_err("it has no pages").to_string());
}

#[test]
fn a_stream_that_unpacks_to_more_than_a_document_is_refused() {
    use std::io::Write as _;
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(&[b' '; 1_000_000]).expect("memory can be written");
    let packed = packed.finish().expect("memory can be written");
    let head = format!("%PDF-1.7\n1 0 obj\n<</Filter /FlateDecode /Length {}>>\nstream\n", packed.len());
    let bytes = [head.as_bytes(), &packed, b"\nendstream\nendobj\n"].concat();
    let limits = Limits { document: 1000, ..Limits::default() };
    let read = read(&bytes, &limits, Document::default());
    expect!["the part of it from byte 60 unpacks to more than 1000 bytes, which is the most for one document"]
        .assert_eq(&read.expect_err("it is a bomb").to_string());
}

#[test]
fn drawings_that_draw_themselves_end() {
    let content = "/Self Do BT /F 10 Tf 50 700 Td (a) Tj ET";
    let page = pdf(&[content]);
    let form = "/XObject <</Self 6 0 R>> /Font <<";
    let page = String::from_utf8(page)
        .expect("it is text")
        .replace("/Font <<", form)
        .replace("<</Length 41>>", "<</Length 41 /Type /XObject /Subtype /Form>>");
    let document = read(page.as_bytes(), &Limits::default(), Document::default()).expect("it ends");
    assert!(document.text.contains('a'));
}

#[test]
fn what_lies_in_itself_too_deeply_is_refused() {
    for page in ["<</A ".repeat(30_000), "[".repeat(400_000), "/K#69ds".to_owned()] {
        let bytes = [b"%PDF-1.7\ntrailer\n<</Root ", page.as_bytes()].concat();
        assert!(
            matches!(read(&bytes, &Limits::default(), Document::default()), Err(Fault::Refused(_))),
            "{}",
            &page[..6]
        );
    }
    // As deep as is allowed, it is read without an end of the stack.
    let deep = format!("BT /F 10 Tf 50 700 Td (a) Tj {} TJ ET", "[".repeat(100_000));
    assert!(read(&pdf(&[&deep]), &Limits::default(), Document::default()).is_ok());
}

#[test]
fn an_encrypted_file_says_what_to_do() {
    let bytes = String::from_utf8(pdf(&["BT ET"])).expect("it is text").replace("/Root", "/Encrypt 1 0 R /Root");
    let fault = read(bytes.as_bytes(), &Limits::default(), Document::default()).expect_err("it is encrypted");
    assert!(fault.to_string().starts_with("it is encrypted, even if it opens without a password"));
}
