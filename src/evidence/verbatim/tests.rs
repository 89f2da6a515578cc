//! The rules of the comparison, one by one.

use super::*;
use crate::evidence::{Block, BlockKind, Document, Normalisation, Normalisations};

pub(super) fn document(paragraphs: &[&str]) -> Document {
    let mut document = Document::default();
    for paragraph in paragraphs {
        if !document.text.is_empty() {
            document.text.push_str("\n\n");
        }
        let start = document.text.len();
        document.text.push_str(paragraph);
        document.blocks.push(Block { text: start..document.text.len(), kind: BlockKind::Paragraph });
    }
    document
}

pub(super) fn look(source: &str, quotation: &str) -> Option<Found> {
    find(&Haystack::new(&document(&[source])), &wording(&[quotation]), &Surroundings::default())
}

fn exact(source: &str, quotation: &str) {
    normalised(source, quotation, &[]);
}

#[track_caller]
fn normalised(source: &str, quotation: &str, expected: &[Normalisation]) {
    let found = look(source, quotation);
    let expected: Normalisations = expected.iter().copied().collect();
    assert_eq!(found.map(|found| found.normalisations), Some(expected), "{quotation:?} in {source:?}");
}

#[track_caller]
fn absent(source: &str, quotation: &str) {
    assert_eq!(look(source, quotation), None, "{quotation:?} in {source:?}");
}

#[test]
fn the_same_words_are_exact() {
    exact("We did not open the gate before six.", "We did not open the gate before six.");
    exact("We did not open the gate before six.", "open the gate");
}

#[test]
fn another_word_is_another_text() {
    let source = "He said nothing when the 12 guards did not open the gate. We re-sign on Monday, and they don't.";
    for other in [
        "He said no",
        "the 13 guards did not open",
        "the 12 guards did open",
        "the 12 guards not did open",
        "the 12 guards did not opened",
        "the 12 guards did not open the the gate",
        "the 12 Guards did not open",
        "We resign on Monday",
        "We re sign on Monday",
        "sign on Monday",
        "and they dont",
        "on Monday and they",
        "The 12 guards",
        "the 12 gu\u{430}rds",
        "the ¹² guards",
        "the １３ guards",
    ] {
        absent(source, other);
    }
}

#[test]
fn quotation_marks_may_be_of_another_style_and_no_others() {
    use Normalisation::{QuotationMarks, WhiteSpace};
    normalised("They don’t “say ‘go’ twice” here", "They don't \"say 'go' twice\" here", &[QuotationMarks]);
    normalised("il a dit « non » hier", "il a dit \"non\" hier", &[QuotationMarks, WhiteSpace]);
    normalised("er sagte »nein« und", "er sagte „nein“ und", &[QuotationMarks]);
    normalised("他说“不好”就走", "他说「不好」就走", &[QuotationMarks]);
    normalised("we left early", "“we left early”", &[QuotationMarks]);
    exact("so “we left early” he said", "“we left early”");
    normalised("He said “go” and left", "He said ‘go’ and left", &[QuotationMarks]);
    absent("He said “go” and left", "He said go and left");
    absent("He said go and left", "He said “go” and left");
    absent("the workers’ rights", "the workers rights");
    normalised("п'ять років", "пʼять років", &[QuotationMarks]);
}

#[test]
fn a_dash_separates_however_it_is_written() {
    use Normalisation::{Dashes, WhiteSpace};
    normalised("we stand united—not divided", "we stand united - not divided", &[Dashes, WhiteSpace]);
    normalised("we stand united – not divided", "we stand united -- not divided", &[Dashes]);
    normalised("on pages 10–12 of it", "on pages 10-12 of it", &[Dashes]);
    normalised("a well‑known man", "a well-known man", &[Dashes]);
    exact("it was -5 degrees", "-5 degrees");
    normalised("it was −5 degrees", "was -5 degrees", &[Dashes]);
    for (source, other) in [
        ("it was -5 degrees", "5 degrees"),
        ("it was -5 degrees", "was 5 degrees"),
        ("it was 5 degrees", "was -5 degrees"),
        ("a man-eating shark", "a man - eating shark"),
        ("a man—eating shark", "a man-eating shark"),
        ("a non-violent protest", "violent protest"),
        ("a protest, non-violent", "a protest, non"),
        ("10-12 people", "12 people"),
    ] {
        absent(source, other);
    }
    exact("in pre- and post-war days", "and post-war days");
    exact("in pre- and post-war days", "in pre-");
}

#[test]
fn white_space_counts_where_it_stands_and_not_how_much_it_is() {
    use Normalisation::WhiteSpace;
    normalised("We did not\n open\u{a0}it", "We did not open it", &[WhiteSpace]);
    absent("no thing", "nothing");
    absent("nothing", "no thing");
    normalised("他们没有\n打开大门", "他们没有打开大门", &[WhiteSpace]);
    normalised("他们在 London 打开", "他们在London打开", &[WhiteSpace]);
    normalised("Quoi\u{202f}? Rien", "Quoi? Rien", &[WhiteSpace]);
    absent("ตาก ลม", "ตากลม");
    normalised("ตาก\nลม", "ตากลม", &[WhiteSpace]);
}

#[test]
fn what_is_not_seen_is_not_compared() {
    use Normalisation::{SoftHyphens, ZeroWidth};
    normalised("the co\u{ad}operation", "the cooperation", &[SoftHyphens]);
    normalised("the co\u{200b}operation", "the cooperation", &[ZeroWidth]);
    normalised("می‌خواهم بروم", "میخواهم بروم", &[ZeroWidth]);
    normalised("क्\u{200d}ष है", "क्ष है", &[ZeroWidth]);
    normalised("\u{200f}قال نعم", "قال نعم", &[]);
}

#[test]
fn a_hyphen_at_the_end_of_a_line_may_be_any() {
    use Normalisation::{LineHyphens, WhiteSpace};
    normalised("they co-\noperate now", "they cooperate now", &[LineHyphens]);
    normalised("they co-\noperate now", "they co-operate now", &[LineHyphens]);
    normalised("they co\u{ad}\noperate now", "they cooperate now", &[LineHyphens]);
    normalised("the pre-\nand post-war days", "the pre- and post-war days", &[WhiteSpace]);
    exact("they co-\noperate now", "they co-\noperate now");
    absent("pages 10-\n12 of", "pages 1012 of");
    absent("pages 10-\n12 of", "pages 10 12 of");
    normalised("pages 10-\n12 of", "pages 10-12 of", &[LineHyphens]);
    normalised("pages 10-\n12 of", "pages 10- 12 of", &[WhiteSpace]);
    normalised("when Covid-\n19 came", "when Covid-19 came", &[LineHyphens]);
    absent("when Covid-\n19 came", "when Covid19 came");
    absent("they co operate", "they co-operate");
}

#[test]
fn letters_may_be_written_in_other_forms_and_stay_the_same() {
    use Normalisation::{CompatibleForms, Ligatures, UnicodeForm};
    normalised("the ﬁrst oﬃce", "the first office", &[Ligatures]);
    normalised("the cafe\u{301} is", "the café is", &[UnicodeForm]);
    normalised("ＡＢＣ，１２", "ABC,12", &[CompatibleForms]);
    normalised("ｶﾞｽ会社", "ガス会社", &[CompatibleForms]);
    normalised("ﺳﻼﻡ", "سلام", &[CompatibleForms]);
    normalised("\u{958}लम", "क\u{93c}लम", &[UnicodeForm]);
    normalised("so a ≠ b", "a =\u{338} b", &[UnicodeForm]);
    normalised("각", "\u{1100}\u{1161}\u{11a8}", &[UnicodeForm]);
    for (source, other) in [
        ("x² is", "x2 is"),
        ("½ of", "1/2 of"),
        ("①", "1"),
        ("æther", "aether"),
        ("é", "e"),
        ("cafe\u{301}", "cafe"),
        ("m³", "m3"),
    ] {
        absent(source, other);
    }
}

#[test]
fn vowel_points_may_be_left_out_and_not_changed() {
    use Normalisation::Points;
    normalised("كَتَبَ الولد", "كتب الولد", &[Points]);
    normalised("كتب الولد", "كَتَبَ الولد", &[Points]);
    normalised("كتـــاب جديد", "كتاب جديد", &[Points]);
    normalised("שָׁלוֹם לכם", "שלום לכם", &[Points]);
    absent("كَتَبَ الولد", "كُتِبَ الولد");
    absent("דָּבָר", "דֶּבֶר");
}

#[test]
fn the_last_mark_may_be_the_sentence_of_the_quotation_and_no_question() {
    use Normalisation::FinalMark;
    normalised("We left, and came back", "We left.", &[FinalMark]);
    normalised("We left and came back", "We left.", &[FinalMark]);
    exact("We left. They came", "We left.");
    exact("We left, they", "We left");
    absent("Did we leave? No", "Did we leave.");
    absent("We left.", "We left?");
    absent("We left, and", "We left!");
    absent("We paid 1.5 million", "We paid 1.");
}

#[test]
fn ends_of_a_quotation_are_ends_of_words() {
    exact("l’homme est venu", "est venu");
    absent("they can't", "they can");
    absent("nothing", "thing");
    absent("किताब", "कि\u{200d}");
    absent("की", "क");
    exact("他们没有打开大门", "没有打开");
    absent("नमस्ते", "नमस");
    exact("เขาไม่ได้เปิด", "ไม่ได้");
    exact("The U.S. said so", "U.S. said");
    absent("at 1.5 percent", "5 percent");
}

#[test]
fn no_word_is_cut_within_a_syllable_where_words_are_not_spaced() {
    absent("เขาไม่ได้เปิดประตู", "ม่ได้เปิด");
    absent("เด็กๆ กลับบ้าน", "เด็ก");
    absent("コーヒーを飲む", "コーヒ");
    absent("きょうは行く", "き");
    absent("人々が来た", "人");
    exact("もう行くって言った", "もう行く");
    exact("コーヒーを飲む", "コーヒー");
    exact("เขาไม่ได้เปิดประตู", "เขา");
}

#[test]
fn a_number_is_not_cut_from_its_sign() {
    for (source, quotation) in [
        ("Up by 5% this year", "Up by 5"),
        ("Up by 5 % this year", "Up by 5"),
        ("It cost $100 for us", "100 for us"),
        ("It cost € 100 for us", "100 for us"),
        ("It cost 100 € for us", "It cost 100"),
        ("an area of 10² of them", "an area of 10"),
        ("for 2½ years", "for 2"),
        ("We paid 5/6 of it", "We paid 5"),
        ("We paid 5/6 of it", "6 of it"),
        ("at 12:30 then", "at 12"),
        ("by 1\u{202f}000 men", "by 1"),
        ("by 1\u{202f}000 men", "000 men"),
        ("It was ±5 here", "5 here"),
        ("It was >5 here", "5 here"),
        ("Up by 5% this year", "Up by 5."),
    ] {
        absent(source, quotation);
    }
    exact("We paid in 2023 $5 million", "We paid in 2023");
    exact("We paid 100 € 50 times", "50 times");
    exact("Up by 5% this year", "Up by 5%");
    exact("It cost $100 for us", "$100 for us");
    exact("in 2023: five of 7, (8)", "in 2023");
    exact("in 2023/24 and 5/6", "2023/24 and 5/6");
}

fn omissions(paragraphs: &[&str], quotation: &str) -> Option<Vec<(usize, Vec<Tells>, Crossing)>> {
    let found = find(&Haystack::new(&document(paragraphs)), &wording(&[quotation]), &Surroundings::default())?;
    let told = |omission: Omission| (omission.words, omission.tells.into_iter().collect(), omission.crosses);
    Some(found.omissions.into_iter().map(told).collect())
}

#[test]
fn what_is_left_out_is_counted_and_told() {
    use Crossing::{Nothing, Paragraph, Quotation, Speaker};
    let source = "We did not open the gate, if I may say so, before six.";
    assert_eq!(omissions(&[source], "We [...] open the gate"), Some(vec![(2, vec![Tells::Negation], Nothing)]));
    for mark in ["[…]", "...", "…", "(...)", "(…)", "[. . .]", "[ ... ]", ". . ."] {
        let quotation = format!("open the gate {mark} before six.");
        assert_eq!(
            omissions(&[source], &quotation),
            Some(vec![(5, vec![Tells::Condition, Tells::Attribution], Nothing)]),
            "{mark}"
        );
    }
    assert_eq!(omissions(&[source], "… open the gate [...]"), Some(vec![]));
    assert_eq!(omissions(&[source], "before six [...] open the gate"), None);
    assert_eq!(omissions(&["We left.", "They came."], "We left. [...] They came."), Some(vec![(0, vec![], Paragraph)]));
    assert_eq!(
        omissions(&["“We left,” she said. “They came.”"], "We left … They came"),
        Some(vec![(2, vec![Tells::Attribution], Quotation)])
    );
    assert_eq!(
        omissions(&["“We left,” she said.", "“They came,” he said."], "We left … They came"),
        Some(vec![(2, vec![Tells::Attribution], Speaker)])
    );
    assert_eq!(
        omissions(&["“We left.", "“It rained.", "“They came,” he said."], "We left … They came"),
        Some(vec![(2, vec![], Paragraph)])
    );
}

#[test]
fn an_ellipsis_of_the_source_is_found_as_it_is() {
    normalised("I was … well, I left", "I was ... well, I left", &[Normalisation::Ellipsis]);
    assert_eq!(omissions(&["I was … well, I left"], "I was ... well, I left"), Some(vec![]));
    assert_eq!(
        omissions(&["I was […] well, and I left"], "I was […] well, … I left"),
        Some(vec![(1, vec![], Crossing::Nothing)])
    );
    exact("[applause] Thank you [laughs] all", "[applause] Thank you [laughs] all");
    exact("He wrote “[T]he end”", "[T]he end");
}

#[test]
fn the_tightest_place_is_taken() {
    let source = "We came. We saw them, and then we came. We saw nothing and left.";
    let document = document(&[source]);
    let found = find(&Haystack::new(&document), &wording(&["We saw … left"]), &Surroundings::default()).unwrap();
    assert_eq!((found.omissions[0].words, found.places), (2, 1));
}

#[test]
fn too_much_left_out_is_no_passage() {
    let long = |words: usize| format!("begin {}end", "word ".repeat(words));
    assert_eq!(omissions(&[&long(MOST_HIDDEN)], "begin … end"), Some(vec![(MOST_HIDDEN, vec![], Crossing::Nothing)]));
    assert_eq!(omissions(&[&long(MOST_HIDDEN + 1)], "begin … end"), None);
}

#[test]
fn words_in_brackets_stand_for_few_words_or_none() {
    let look = |source: &str, quotation: &str| {
        look(source, quotation).map(|found| {
            let of = found.omissions.iter().map(|omission| &source[omission.text.clone()]).map(str::trim);
            (found.insertions, of.collect::<Vec<_>>().join("|"))
        })
    };
    let some = |count: usize, text: &str| Some((count, text.to_owned()));
    assert_eq!(look("and he said it twice", "he [Mr Doe] said it"), some(1, ""));
    assert_eq!(look("and the man did not say it", "and [Mr Doe] did not say"), some(1, "the man"));
    assert_eq!(look("and he did not say it", "and he [did] say it"), some(1, "did not"));
    assert_eq!(look("Nobody did sign it.", "[The minister] did sign it."), some(1, "Nobody"));
    assert_eq!(look("one two three four five six", "one [x] six"), some(1, "two three four five"));
    assert_eq!(look("one two three four five six seven", "one [x] seven"), None);
    assert_eq!(look("They wants to walk home", "They want[ed] to walk"), some(1, "s"));
    assert_eq!(look("They want to walk home", "They want[ed] to walk"), some(1, ""));
    assert_eq!(look("They wish to walk home", "They want[ed] to walk"), None);
    assert_eq!(look("so happy then", "so [un]happy then"), some(1, ""));
    assert_eq!(look("so a man came", "so [A] man came"), some(0, ""));
    assert_eq!(look("and then they all at once wants", "they all at once want[ed]"), some(1, "s"));
    assert_eq!(look("they will surely and now design it", "[re]sign it"), some(1, "de"));
}

#[test]
fn the_first_letter_in_brackets_may_have_the_other_case() {
    normalised("and the gate", "[T]he gate", &[Normalisation::FirstLetter]);
    normalised("It ended. The gate", "[t]he gate", &[Normalisation::FirstLetter]);
    normalised("un État français", "[é]tat français", &[Normalisation::FirstLetter]);
    absent("and he gate", "[T]he gate");
    absent("and the gate", "[S]he gate");
}

#[test]
fn somebody_elses_words_stand_between_two_parts() {
    let look = |source: &str, parts: &[&str]| {
        find(&Haystack::new(&document(&[source])), &wording(parts), &Surroundings::default())
            .map(|found| found.pieces.len())
    };
    assert_eq!(look("“We left,” he said, “before six.”", &["We left,", "before six."]), Some(2));
    assert_eq!(look("“We left,” he said, “before six.”", &["We left", "before six"]), Some(2));
    assert_eq!(look("«Мы, — сказал он, — не уйдём»", &["Мы", "не уйдём"]), Some(2));
    assert_eq!(look("“We left and then came before six.”", &["We left", "before six."]), None);
    assert_eq!(look("“We left,” he said. “No.” She said “before six.”", &["We left,", "before six."]), None);
    assert_eq!(look("“We left,” he said.\n\n“before six.”", &["We left,", "before six."]), None);
}

#[test]
fn words_of_two_people_are_not_parts_of_one_quotation() {
    let look = |source: &str| {
        let parts = wording(&["We did not", "open it"]);
        find(&Haystack::new(&document(&[source])), &parts, &Surroundings::default()).is_some()
    };
    assert!(look("“We did not,” said Mr. Doe, the keeper, “open it.”"));
    assert!(look("“We did not,” Bob said. “open it.”"));
    assert!(!look("“We did not,” Bob said. Ann said, “open it.”"));
}

#[test]
fn a_label_at_the_beginning_of_a_line_says_who_speaks() {
    let crosses = |source: &str, quotation: &str| {
        let paragraphs: Vec<&str> = source.split("\n\n").collect();
        omissions(&paragraphs, quotation).map(|all| all.iter().any(|(.., crossing)| *crossing == Crossing::Speaker))
    };
    let (yes, no) = (Some(true), Some(false));
    assert_eq!(crosses("ANN: I did it.\nBOB: Not me.", "I did it … Not me"), yes);
    assert_eq!(crosses("Jane Doe: I did it.\n\nJohn Roe: Not me.", "I did it … Not me"), yes);
    assert_eq!(crosses("Q. Did you?\nA. I did.", "Did you? … I did"), yes);
    assert_eq!(crosses("记者：你去了吗？\n\n林先生：我没有去。", "你去了吗？ … 我没有去"), yes);
    assert_eq!(crosses("— Tu viens ?\n\n— Non, jamais.", "Tu viens ? … Non, jamais"), yes);
    assert_eq!(crosses("ANN: I did it.\nANN: And we left.", "I did it … And we left"), no);
    assert_eq!(crosses("We left.\n\nThen this: we came.", "We left. … we came"), no);
    assert_eq!(crosses("We left.\n\nMonday: we came.", "We left. … we came"), no);
}

fn cautions(source: &Document, parts: &[&str]) -> Vec<Caution> {
    let found = find(&Haystack::new(source), &wording(parts), &Surroundings::default());
    found.unwrap().cautions.into_iter().collect()
}

#[test]
fn a_negation_that_the_editor_puts_in_is_told() {
    let source = document(&["We did open the gate. Bob left, and nobody came."]);
    let told = |quotation: &str| !cautions(&source, &[quotation]).is_empty();
    assert!(told("We did [not] open the gate"));
    assert!(told("[Nobody said:] We did open the gate"));
    assert!(told("Bob left, [denied] and nobody came"));
    assert!(told("Bob left [without] … nobody came"));
    assert!(!told("We did [indeed] open the gate"));
    assert!(!told("Bob left, and [no one] came"));
    assert!(!told("Bob left, and [nobody] came"));
}

#[test]
fn a_negation_between_two_parts_is_told() {
    let told = |source: &str| cautions(&document(&[source]), &["We were there", "and saw it"]);
    assert_eq!(told("“We were there,” he denied saying, “and saw it.”"), [Caution::TellingAside]);
    assert_eq!(told("“We were there,” he said, “and saw it.”"), []);
}

#[test]
fn words_of_a_heading_and_a_paragraph_are_not_one_sentence() {
    let mut source = document(&["Gate closed", "Nobody came.", "It rained."]);
    source.blocks[0].kind = BlockKind::Heading;
    assert_eq!(cautions(&source, &["Gate closed Nobody came."]), [Caution::AcrossBlocks]);
    assert_eq!(cautions(&source, &["Gate closed … Nobody came."]), []);
    assert_eq!(cautions(&source, &["Nobody came. It rained."]), []);
}

#[test]
fn surroundings_choose_the_place() {
    let document = document(&["First we left. Then we left. Last we left."]);
    let hay = Haystack::new(&document);
    let near = |prefix, suffix| find(&hay, &wording(&["we left"]), &Surroundings { prefix, suffix }).unwrap();
    assert_eq!(near(None, None).pieces[0].start, 6);
    assert_eq!(near(Some("Then "), None).pieces[0].start, 20);
    assert_eq!(near(None, Some(". Last")).pieces[0].start, 20);
    let found = near(Some("Never "), None);
    assert_eq!((found.places, found.surroundings_met.is_met()), (3, false));
}

#[test]
fn what_one_person_says_goes_on_from_cue_to_cue() {
    let mut document = document(&["We did not", "open the gate", "before six."]);
    for block in &mut document.blocks {
        block.kind = BlockKind::Cue { from: 0, until: 1, speaker: Some("one".to_owned()) };
    }
    let hay = Haystack::new(&document);
    let found = find(&hay, &wording(&["We did […] before six."]), &Surroundings::default()).unwrap();
    assert_eq!((found.omissions[0].words, found.omissions[0].crosses), (4, Crossing::Nothing));
}

#[test]
fn words_of_two_speakers_are_not_one_quotation() {
    let mut document = document(&["I did not", "sign it."]);
    for (number, block) in document.blocks.iter_mut().enumerate() {
        let speaker = Some(format!("speaker {number}"));
        block.kind = BlockKind::Cue { from: 0, until: 1, speaker };
    }
    let look =
        |document: &Document, words: &str| find(&Haystack::new(document), &wording(&[words]), &Surroundings::default());
    assert_eq!(look(&document, "I did not sign it."), None);
    let found = look(&document, "I did not [...] sign it.").unwrap();
    assert_eq!(found.omissions[0].crosses, Crossing::Speaker);
    for block in &mut document.blocks {
        block.kind = BlockKind::Cue { from: 0, until: 1, speaker: Some("one".to_owned()) };
    }
    assert!(look(&document, "I did not sign it.").is_some());
}

#[test]
fn paragraphs_of_one_quotation_may_each_open_it() {
    let document = document(&["“We left early.", "“They came late.”"]);
    let found =
        find(&Haystack::new(&document), &wording(&["We left early. They came late."]), &Surroundings::default());
    let expected = Normalisations::from([Normalisation::QuotationMarks, Normalisation::WhiteSpace]);
    assert_eq!(found.map(|found| found.normalisations), Some(expected));
}

#[test]
fn hostile_texts_stay_cheap() {
    let many = "a ".repeat(500_000);
    let source = document(&[&many]);
    let hay = Haystack::new(&source);
    let all_but_one = format!("{}a-a", "a ".repeat(1_000));
    assert_eq!(find(&hay, &wording(&[&all_but_one]), &Surroundings::default()), None);
    assert!(find(&hay, &wording(&["a a a"]), &Surroundings::default()).is_some());
    let ellipses = "a … ".repeat(1_000) + "b";
    assert_eq!(find(&hay, &wording(&[&ellipses]), &Surroundings::default()), None);
    let ellipses = "a … ".repeat(90) + "b";
    assert_eq!(find(&hay, &wording(&[&ellipses]), &Surroundings::default()), None);
    let marks = document(&[&format!("e{} a", "\u{301}".repeat(500_000))]);
    assert!(find(&Haystack::new(&marks), &wording(&["a"]), &Surroundings::default()).is_some());
    wording(&[&"[".repeat(1_000_000)]);
    wording(&[&". ".repeat(1_000_000)]);
}

fn edits(source: &str, quotation: &str) -> Option<String> {
    let document = document(&[source]);
    let near = nearest(&Haystack::new(&document), &wording(&[quotation]))?;
    let shown = near.edits.iter().map(|edit| match edit.of {
        Side::Both => edit.words.clone(),
        Side::Quotation => format!("+{}+", edit.words),
        Side::Source => format!("-{}-", edit.words),
        Side::LeftOut => format!("({})", edit.words),
    });
    Some(shown.collect::<Vec<_>>().join(" "))
}

#[test]
fn the_nearest_passage_tells_the_words_that_differ() {
    let source = "The rain had stopped. We did not open the gate before six, she said, and nobody asked us to.";
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(edits(source, "We did open the gate before six"), some("We did -not- open the gate before six"));
    assert_eq!(
        edits(source, "We did not open the door before six"),
        some("We did not open the -gate- +door+ before six")
    );
    assert_eq!(edits(source, "We did not [...] before seven"), some("We did not (open the gate) before -six- +seven+"));
    assert_eq!(edits(source, "the gate before six she said"), some("the gate before six -,- she said"));
    assert_eq!(edits(source, "[N]obody asked you to"), some("nobody asked -us- +you+ to"));
    assert_eq!(edits(source, "I shall never know why the sun shone"), None);
    assert_eq!(edits("他们没有在六点之前打开大门", "他们在六点之前打开大门"), some("他们 -没有- 在六点之前打开大门"));
}

#[test]
fn letters_of_another_script_are_told() {
    let source = document(&["We did not open the gate before six."]);
    let strangers = |words: &str| {
        let near = nearest(&Haystack::new(&source), &wording(&[words])).unwrap();
        near.strangers.into_iter().map(|one| (one.letter, one.script, one.word)).collect::<Vec<_>>()
    };
    assert_eq!(
        strangers("We did not open the g\u{430}te before six."),
        [('\u{430}', "Cyrillic".to_owned(), "g\u{430}te".to_owned())]
    );
    assert_eq!(strangers("We did not open the door before six."), []);
}

#[test]
fn words_that_only_a_program_sees_are_told() {
    use crate::evidence::{Hidden, HiddenBy};
    let mut document = document(&["We left."]);
    document.hidden = vec![
        Hidden { by: HiddenBy::Comment, text: "nothing".to_owned() },
        Hidden { by: HiddenBy::Attribute, text: "They came late".to_owned() },
    ];
    assert_eq!(hidden(&document, &wording(&["They came"])), Some(HiddenBy::Attribute));
    assert_eq!(hidden(&document, &wording(&["They went"])), None);
}

#[test]
fn what_the_file_has_otherwise_is_named() {
    use crate::evidence::{Anchor, How};
    let anchor = |text, bytes, how| Anchor { text, bytes: Some(bytes), how };
    let mut source = document(&["We did not & left"]);
    source.anchors = vec![
        anchor(0, 10..13, How::Literal),
        anchor(3, 16..19, How::Literal),
        anchor(6, 19..24, How::Space),
        anchor(7, 24..28, How::Literal),
        anchor(11, 28..33, How::Entity),
        anchor(12, 33..38, How::Literal),
    ];
    let named = |words: &str| {
        find(&Haystack::new(&source), &wording(&[words]), &Surroundings::default()).unwrap().normalisations
    };
    assert_eq!(named("We"), Normalisations::new());
    assert_eq!(named("We did"), Normalisations::from([Normalisation::Tags]));
    assert_eq!(named("did not"), Normalisations::from([Normalisation::WhiteSpace]));
    assert_eq!(named("not & left"), Normalisations::from([Normalisation::Entities]));
}

mod any_text {
    use proptest::prelude::*;

    use unicode_normalization::char::is_combining_mark;

    use super::super::border::is_word_border;
    use super::super::character::{Class, class};
    use super::*;

    fn text() -> impl Strategy<Value = String> {
        let parts = [
            "a",
            "B",
            "word",
            "é",
            "e\u{301}",
            "\u{301}",
            "-",
            "–",
            "—",
            "--",
            " ",
            " ",
            " ",
            "\n",
            "\n\n",
            "\"",
            "'",
            "“",
            "”",
            "«",
            "»",
            "…",
            "...",
            ".",
            ",",
            "?",
            "[",
            "]",
            "(",
            ")",
            "[...]",
            "[x]",
            "\u{ad}",
            "\u{200d}",
            "\u{200b}",
            "ك",
            "\u{64e}",
            "\u{651}",
            "ـ",
            "中",
            "，",
            "「",
            "Ａ",
            "ﬁ",
            "ｶ",
            "ﾞ",
            "क",
            "\u{94d}",
            "\u{93c}",
            "\u{958}",
            "1",
            "5",
            "ก",
            "\u{e33}",
            "👍",
            "\u{fe0f}",
            "\u{1e}",
            "\u{37e}",
            "각",
            "\u{1112}\u{1161}",
            "\u{11ab}",
            "\u{fa1f}",
            "\u{f9}",
        ];
        prop_oneof![
            4 => proptest::collection::vec(proptest::sample::select(parts.to_vec()), 0..24).prop_map(|parts| parts.concat()),
            1 => ".{0,40}",
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1_000) })]

        #[test]
        fn stands_in_itself(text in text()) {
            // What belongs to a letter may stand where there is none; there no word begins.
            let begins = text.find(|c| class(c) == Class::Letter);
            let is_word = |at: usize| is_word_border(&text, at) && !text[at..].starts_with(is_combining_mark);
            let wording = wording(&[&text]);
            let document = document(&[&text]);
            let found = find(&Haystack::new(&document), &wording, &Surroundings::default());
            if !wording.is_empty() && begins.is_some_and(is_word) {
                prop_assert!(found.as_ref().is_some_and(|found| found.normalisations.is_empty()), "{found:?}");
            }
        }

        #[test]
        fn stands_in_itself_composed_otherwise(text in text()) {
            use unicode_normalization::UnicodeNormalization;
            let (composed, decomposed): (String, String) = (text.nfc().collect(), text.nfd().collect());
            for (ours, theirs) in [(&composed, &decomposed), (&decomposed, &composed), (&text, &composed)] {
                let begins = theirs.find(|c| class(c) == Class::Letter);
                let is_word = |at: usize| is_word_border(theirs, at) && !theirs[at..].starts_with(is_combining_mark);
                let wording = wording(&[ours]);
                let document = document(&[theirs]);
                let found = find(&Haystack::new(&document), &wording, &Surroundings::default());
                if !wording.is_empty() && begins.is_some_and(is_word) {
                    prop_assert!(found.is_some(), "{ours:?} in {theirs:?}");
                }
            }
        }

        #[test]
        fn is_looked_for_in_any_other(one in text(), other in text(), third in text()) {
            let document = document(&[&one, &other]);
            let hay = Haystack::new(&document);
            let wording = wording(&[&third, &other]);
            let near = Surroundings { prefix: Some(&one), suffix: Some(&third) };
            if let Some(found) = find(&hay, &wording, &near) {
                for piece in found.pieces.iter().chain(found.omissions.iter().map(|omission| &omission.text)) {
                    prop_assert!(document.text.get(piece.clone()).is_some());
                }
            }
            if let Some(near) = nearest(&hay, &wording) {
                prop_assert!(document.text.get(near.text).is_some());
            }
            prop_assert_eq!(hidden(&document, &wording), None);
        }
    }
}
