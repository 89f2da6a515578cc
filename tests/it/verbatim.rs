//! The verbatim check over texts in five scripts: no edit of a word passes, what changes no word passes and is named, and whatever
//! stands in a text is found there. The edits are random, from fixed seeds.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use dossier::evidence::verbatim::{Crossing, Found, Haystack, Side, Surroundings, Tells, find, nearest, wording};
use dossier::evidence::{Anchor, Block, BlockKind, Document, How, Normalisation, Normalisations};
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

/// A text, and what an edit of one of its words can be.
struct Text {
    name: &'static str,
    text: &'static str,
    /// What stands between two words.
    space: &'static str,
    negations: &'static [&'static str],
    names: &'static [&'static str],
    /// Forms of the same word, of which one stands in the text.
    tenses: &'static [(&'static str, &'static str)],
    /// Letters, and those of other scripts that look like them.
    twins: &'static [(char, char)],
}

const TEXTS: [Text; 5] = [
    Text {
        name: "latin",
        text: include_str!("../fixtures/verbatim/latin.txt"),
        space: " ",
        negations: &["not", "never", "no"],
        names: &["Lindqvist", "Okafor", "Santos", "Brandt", "Anna", "Peter", "Maria", "Thomas"],
        tenses: &[
            ("was", "is"),
            ("were", "are"),
            ("said", "says"),
            ("had", "has"),
            ("asked", "asks"),
            ("opened", "open"),
            ("must", "may"),
            ("thought", "thinks"),
            ("gates", "gate"),
            ("would", "will"),
            ("is", "was"),
            ("called", "call"),
        ],
        twins: &[('a', 'а'), ('e', 'е'), ('o', 'о'), ('p', 'р'), ('c', 'с'), ('i', 'і'), ('o', 'ο'), ('x', 'х')],
    },
    Text {
        name: "devanagari",
        text: include_str!("../fixtures/verbatim/devanagari.txt"),
        space: " ",
        negations: &["नहीं", "न", "मत"],
        names: &["वर्मा", "मेहता", "जोशी", "त्यागी", "अनीता", "प्रकाश", "मीरा", "सुरेश"],
        tenses: &[
            ("था", "है"),
            ("थी", "है"),
            ("थे", "हैं"),
            ("है", "था"),
            ("हैं", "थे"),
            ("कहा", "कहेंगे"),
            ("खोला", "खोलेंगे"),
            ("बताया", "बताएँगे"),
        ],
        twins: &[('ग', 'ਗ'), ('ट', 'ਟ'), ('ठ', 'ਠ'), ('ा', 'ਾ'), ('े', 'ੇ'), ('र', 'ર'), ('क', 'ક')],
    },
    Text {
        name: "arabic",
        text: include_str!("../fixtures/verbatim/arabic.txt"),
        space: " ",
        negations: &["لا", "لم", "ليس"],
        names: &["الخطيب", "الحداد", "الصالح", "منصور", "سعاد", "يوسف", "مريم", "طارق"],
        tenses: &[
            ("قال", "يقول"),
            ("قالت", "تقول"),
            ("كان", "يكون"),
            ("كانت", "تكون"),
            ("تقول", "قالت"),
            ("فتحنا", "نفتح"),
            ("رن", "يرن"),
        ],
        twins: &[('ي', 'ی'), ('ك', 'ک'), ('ه', 'ہ'), ('و', 'ۅ'), ('ا', '\u{5d5}')],
    },
    Text {
        name: "cyrillic",
        text: include_str!("../fixtures/verbatim/cyrillic.txt"),
        space: " ",
        negations: &["не", "никогда", "нет"],
        names: &["Соколова", "Новиков", "Орлова", "Крылов", "Анна", "Пётр", "Мария", "Фёдор"],
        tenses: &[
            ("сказал", "говорит"),
            ("сказала", "говорит"),
            ("был", "есть"),
            ("была", "будет"),
            ("стоял", "стоит"),
            ("открыли", "откроем"),
            ("было", "будет"),
            ("говорит", "сказала"),
            ("они", "она"),
        ],
        twins: &[('а', 'a'), ('е', 'e'), ('о', 'o'), ('р', 'p'), ('с', 'c'), ('у', 'y'), ('х', 'x')],
    },
    Text {
        name: "han",
        text: include_str!("../fixtures/verbatim/han.txt"),
        space: "",
        negations: &["不", "没", "未"],
        names: &["林", "陈", "马", "唐", "强", "华", "明"],
        tenses: &[("了", "过"), ("着", "了"), ("过", "了"), ("会", "曾"), ("在", "曾")],
        twins: &[
            ('一', 'ー'),
            ('二', 'ニ'),
            ('口', 'ロ'),
            ('力', 'カ'),
            ('工', 'エ'),
            ('八', 'ハ'),
            ('了', '孑'),
            ('人', '入'),
        ],
    },
];

/// Numbers that look random, the same at every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % bound.max(1) as u64).unwrap()
    }

    fn of<'a, T>(&mut self, some: &'a [T]) -> &'a T {
        &some[self.below(some.len())]
    }
}

/// A document with paragraphs as the text has them.
fn document(text: &str) -> Document {
    let mut document = Document { text: text.trim_end().to_owned(), ..Document::default() };
    let mut start = 0;
    for paragraph in document.text.split("\n\n") {
        document.blocks.push(Block { text: start..start + paragraph.len(), kind: BlockKind::Paragraph });
        start += paragraph.len() + 2;
    }
    document
}

fn look(hay: &Haystack<'_>, quotation: &str) -> Option<Found> {
    find(hay, &wording(&[quotation]), &Surroundings::default())
}

impl Text {
    /// The words of a text, with the marks that are written in one with them; of Chinese, the characters and numbers.
    fn words<'t>(&self, text: &'t str) -> Vec<&'t str> {
        if self.space.is_empty() { text.split_word_bounds().collect() } else { text.split_whitespace().collect() }
    }

    /// Some words in a row of one paragraph.
    fn quotation(&self, chance: &mut Chance) -> Vec<String> {
        let paragraphs: Vec<&str> = self.text.trim_end().split("\n\n").collect();
        let words = self.words(paragraphs[chance.below(paragraphs.len())]);
        let length = 5 + chance.below(20);
        let start = chance.below(words.len().saturating_sub(length));
        words[start..(start + length).min(words.len())].iter().map(|word| (*word).to_owned()).collect()
    }
}

/// The letters of each word, without any mark: by these the tests know whether an edit is one.
fn bare(text: &str) -> Vec<String> {
    let words = text.unicode_words().flat_map(|word| {
        word.split(|c: char| {
            !c.is_alphanumeric()
                && unicode_normalization::char::canonical_combining_class(c) == 0
                && c != '\u{93e}'
                && !('\u{900}'..'\u{980}').contains(&c)
        })
    });
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// The word in what is written in one with its marks.
fn core(word: &str) -> &str {
    word.trim_matches(|c: char| !c.is_alphanumeric() && !('\u{900}'..'\u{964}').contains(&c))
}

/// An edit of one word, if the quotation has a word for it; what kind it is, for the message.
fn edit(text: &Text, words: &[String], chance: &mut Chance) -> Option<(&'static str, String)> {
    let mut words = words.to_vec();
    let last = words.len() - 1;
    let inner = 1 + chance.below(last - 1);
    let replace = |words: &mut Vec<String>, chance: &mut Chance, pairs: &[(&str, &str)]| {
        let mut places: Vec<(usize, (&str, &str))> = Vec::new();
        for (at, word) in words.iter().enumerate() {
            places.extend(pairs.iter().filter(|(from, _)| core(word) == *from).map(|pair| (at, *pair)));
        }
        let (at, (from, to)) = if places.is_empty() { return None } else { *chance.of(&places) };
        words[at] = words[at].replacen(from, to, 1);
        Some(())
    };
    let kind = match chance.below(10) {
        0 => {
            words.remove(inner);
            "drop"
        }
        1 => {
            let all = text.words(text.text);
            let added: &&str = chance.of(&all);
            words.insert(inner, core(added).to_owned());
            "add"
        }
        2 => {
            words.swap(inner, inner - 1);
            "swap"
        }
        3 => {
            match words.iter().position(|word| text.negations.contains(&core(word))).filter(|at| *at > 0 && *at < last)
            {
                Some(at) => drop(words.remove(at)),
                None => words.insert(inner, (*chance.of(text.negations)).to_owned()),
            }
            "negate"
        }
        4 => {
            let at = words.iter().position(|word| word.contains(|c: char| c.is_ascii_digit()))?;
            let digit = words[at].find(|c: char| c.is_ascii_digit())?;
            let other = (words[at].as_bytes()[digit] - b'0' + 1 + u8::try_from(chance.below(9)).unwrap()) % 10;
            words[at].replace_range(digit..=digit, &other.to_string());
            "number"
        }
        5 => {
            replace(&mut words, chance, text.tenses)?;
            "tense"
        }
        6 => {
            let pairs: Vec<(&str, &str)> = text.names.iter().map(|name| (*name, *chance.of(text.names))).collect();
            replace(&mut words, chance, &pairs)?;
            "name"
        }
        7 => {
            let is_twin = |word: &String| text.twins.iter().find(|(letter, _)| word.contains(*letter));
            let places: Vec<usize> = (0..words.len()).filter(|at| is_twin(&words[*at]).is_some()).collect();
            let at = if places.is_empty() { return None } else { *chance.of(&places) };
            let (letter, twin) = is_twin(&words[at])?;
            words[at] = words[at].replacen(*letter, &twin.to_string(), 1);
            "look-alike"
        }
        8 => {
            // A letter less, or one more: the ending of another number, case or person.
            let core = core(&words[inner]).to_owned();
            let last = core.chars().next_back()?;
            let other = match chance.below(2) {
                0 if core.chars().count() > 1 => core[..core.len() - last.len_utf8()].to_owned(),
                _ => format!("{core}{last}"),
            };
            words[inner] = words[inner].replacen(&core, &other, 1);
            "ending"
        }
        _ => {
            let word = words.remove(inner);
            let at = 1 + chance.below(words.len() - 1);
            words.insert(at, word);
            "move"
        }
    };
    Some((kind, words.join(text.space)))
}

#[test]
fn no_edit_of_a_word_passes() {
    let mut chance = Chance(1);
    let (mut tried, mut same) = (0, 0);
    for text in &TEXTS {
        let document = document(text.text);
        let hay = Haystack::new(&document);
        let all = format!("\u{1f}{}\u{1f}", bare(&document.text).join("\u{1f}"));
        let mut of_text = 0;
        while of_text < 2_500 {
            let words = text.quotation(&mut chance);
            let quotation = words.join(text.space);
            let Some((kind, edited)) = edit(text, &words, &mut chance) else { continue };
            // Two equal words that changed places, or a name in place of itself.
            if all.contains(&format!("\u{1f}{}\u{1f}", bare(&edited).join("\u{1f}"))) {
                same += 1;
                continue;
            }
            of_text += 1;
            let found = look(&hay, &edited);
            assert_eq!(found, None, "{}: {kind} made\n{edited}\nof\n{quotation}", text.name);
        }
        tried += of_text;
    }
    assert!(tried >= 10_000, "{tried} edits");
    assert!(same * 20 < tried, "{same} of {tried} edits were none");
}

#[test]
fn an_edited_quotation_is_near_to_the_passage_that_it_was_made_of() {
    let mut chance = Chance(7);
    for text in &TEXTS {
        let document = document(text.text);
        let hay = Haystack::new(&document);
        let mut tried = 0;
        while tried < 15 {
            let words = text.quotation(&mut chance);
            let quotation = words.join(text.space);
            let Some((kind, edited)) = edit(text, &words, &mut chance).filter(|_| words.len() > 8) else { continue };
            let (Some(start), None) = (document.text.find(&quotation), look(&hay, &edited)) else { continue };
            tried += 1;
            let near = nearest(&hay, &wording(&[&edited]));
            let near = near.unwrap_or_else(|| panic!("{kind}: nothing is near to {edited}"));
            let is_there = near.text.start < start + quotation.len() && start < near.text.end;
            assert!(is_there && near.edits.iter().any(|edit| edit.of != Side::Both), "{kind}: {edited}\n{near:?}");
        }
    }
}

#[test]
fn whatever_stands_in_a_text_is_found_there_exactly() {
    let mut chance = Chance(2);
    for text in &TEXTS {
        let document = document(text.text);
        let hay = Haystack::new(&document);
        let all = &document.text;
        let words: Vec<(usize, &str)> = all.unicode_word_indices().collect();
        let is_joined = |c: Option<char>| matches!(c, Some('-'));
        let mut tried = 0;
        while tried < 1_000 {
            let first = chance.below(words.len());
            let last = (first + chance.below(60)).min(words.len() - 1);
            let (start, end) = (words[first].0, words[last].0 + words[last].1.len());
            // A part of a compound such as `non-violent` is no word.
            if is_joined(all[..start].chars().next_back()) || is_joined(all[end..].chars().next()) {
                continue;
            }
            tried += 1;
            let found = look(&hay, &all[start..end]);
            let found = found.unwrap_or_else(|| panic!("{}: {}", text.name, &all[start..end]));
            assert_eq!(found.normalisations, Normalisations::new(), "{}", &all[start..end]);
            assert!(
                found.places > 1 || found.pieces.first() == Some(&(start..end)),
                "{:?} for {:?}",
                found.pieces,
                start..end
            );
        }
    }
}

#[test]
fn a_mark_within_a_quotation_counts() {
    let mut chance = Chance(3);
    for text in &TEXTS {
        let document = document(text.text);
        let hay = Haystack::new(&document);
        let mut tried = 0;
        while tried < 300 {
            let quotation = text.quotation(&mut chance).join(text.space);
            let start = quotation.find(char::is_alphanumeric).unwrap_or(0);
            let end = quotation.rfind(char::is_alphanumeric).unwrap_or(0);
            let marks = quotation
                .char_indices()
                .filter(|(at, c)| (start..end).contains(at) && ",;:“”«»，。；：।،؛".contains(*c));
            let marks: Vec<(usize, char)> = marks.collect();
            let other = if marks.is_empty() {
                continue;
            } else {
                let (at, mark) = *chance.of(&marks);
                let other = if chance.below(2) == 0 { "" } else { "!" };
                format!("{}{other}{}", &quotation[..at], &quotation[at + mark.len_utf8()..])
            };
            tried += 1;
            assert_eq!(look(&hay, &other), None, "{other}\nof\n{quotation}");
        }
    }
}

/// A quotation and its source that say the same, and what makes them differ.
type Variant = (Normalisation, String, String);

/// Puts something between two letters of each longer word.
fn within_words(text: &str, what: &str) -> String {
    let mut out = String::new();
    for word in text.split_word_bounds() {
        let letters: Vec<&str> = word.graphemes(true).collect();
        let is_word = letters.len() > 4 && word.chars().all(char::is_alphabetic);
        for (number, letter) in letters.iter().enumerate() {
            if is_word && number == 2 {
                out.push_str(what);
            }
            out.push_str(letter);
        }
    }
    out
}

/// The same text with the letters of Arabic in the form that they have by themselves.
fn presented(text: &str) -> String {
    static FORMS: LazyLock<BTreeMap<char, char>> = LazyLock::new(|| {
        let forms = ('\u{fe80}'..='\u{fef4}').rev().map(|form| (form.nfkc().collect::<String>(), form));
        forms.filter_map(|(letters, form)| Some((letters.parse().ok()?, form))).collect()
    });
    text.chars().map(|c| FORMS.get(&c).copied().unwrap_or(c)).collect()
}

/// What can be made of a quotation and its source without changing a word.
fn variants(quotation: &str, source: &str, chance: &mut Chance) -> Vec<Variant> {
    let wide = |c: char| match c {
        '!'..='~' => char::from_u32(c as u32 + 0xfee0).unwrap_or(c),
        _ => c,
    };
    let dash = *chance.of(&["—", " - ", " -- ", " — "]);
    let space = *chance.of(&["  ", "\u{a0}", "\n", "\u{202f}", " \t"]);
    let zero = *chance.of(&["\u{200b}", "\u{200d}", "\u{200c}", "\u{2060}"]);
    let marks = *chance.of(&[["\"", "\""], ["«", "»"], ["‘", "’"], ["„", "“"], ["「", "」"]]);
    let restyled = |text: &str| {
        text.replace(['“', '«'], "\u{1}")
            .replace(['”', '»'], "\u{2}")
            .replace('\u{1}', marks[0])
            .replace('\u{2}', marks[1])
    };
    let of_quotation = |named, quotation: String| (named, quotation, source.to_owned());
    let of_source = |named, source: String| (named, quotation.to_owned(), source);
    let nukta = |text: &str| {
        let composed = [
            ("क\u{93c}", "\u{958}"),
            ("ख\u{93c}", "\u{959}"),
            ("ज\u{93c}", "\u{95b}"),
            ("ड\u{93c}", "\u{95c}"),
            ("ढ\u{93c}", "\u{95d}"),
            ("फ\u{93c}", "\u{95e}"),
        ];
        composed.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
    };
    let is_han = source.contains('的');
    let mut all = vec![
        of_quotation(Normalisation::QuotationMarks, restyled(quotation)),
        of_quotation(Normalisation::QuotationMarks, quotation.replace('\'', "’")),
        of_quotation(Normalisation::WhiteSpace, quotation.replacen(' ', space, 1)),
        of_source(Normalisation::SoftHyphens, within_words(source, "\u{ad}")),
        of_source(Normalisation::ZeroWidth, within_words(source, zero)),
        of_source(
            Normalisation::Ligatures,
            source.replace("ffi", "ﬃ").replace("fi", "ﬁ").replace("fl", "ﬂ").replace("ff", "ﬀ"),
        ),
        of_source(Normalisation::UnicodeForm, source.nfd().collect()),
        of_quotation(Normalisation::UnicodeForm, quotation.nfd().collect()),
        of_source(Normalisation::UnicodeForm, nukta(source)),
        of_source(Normalisation::CompatibleForms, presented(source)),
        of_quotation(
            Normalisation::CompatibleForms,
            quotation.chars().map(|c| if c.is_ascii_alphanumeric() { wide(c) } else { c }).collect(),
        ),
    ];
    if source.contains('،') {
        all.push(of_source(Normalisation::Points, within_words(source, "\u{64e}")));
        all.push(of_quotation(Normalisation::Points, within_words(quotation, "\u{651}\u{650}")));
        all.push(of_source(Normalisation::Points, within_words(source, "ـ")));
    }
    if is_han {
        all.push(of_source(Normalisation::WhiteSpace, source.replace('的', "的\n").replace('，', "， ")));
    }
    if !is_han && !source.contains('ा') && !source.contains('،') {
        all.push(of_source(Normalisation::LineHyphens, within_words(source, "-\n")));
        let first = quotation.chars().next().filter(|c| c.is_alphabetic());
        if let Some(first) = first.filter(|_| quotation.chars().nth(1).is_some_and(char::is_alphabetic)) {
            let other: String =
                if first.is_lowercase() { first.to_uppercase().collect() } else { first.to_lowercase().collect() };
            all.push(of_quotation(Normalisation::FirstLetter, format!("[{other}]{}", &quotation[first.len_utf8()..])));
        }
    }
    if quotation.trim_matches(|c: char| !c.is_alphanumeric()).contains(" – ") {
        all.push(of_quotation(Normalisation::Dashes, quotation.replace(" – ", dash)));
    }
    if quotation.ends_with(char::is_alphabetic)
        && !source[source.find(quotation).unwrap() + quotation.len()..].starts_with(['.', '-'])
    {
        all.push(of_quotation(Normalisation::FinalMark, format!("{quotation}.")));
    }
    all
}

#[test]
fn what_changes_no_word_passes_and_is_named() {
    let mut chance = Chance(4);
    let (mut tried, mut failed) = (0, Vec::new());
    let mut seen = Normalisations::new();
    for text in &TEXTS {
        for _ in 0..80 {
            let quotation = text.quotation(&mut chance).join(text.space);
            let paragraph = text.text.split("\n\n").find(|paragraph| paragraph.contains(&quotation)).unwrap();
            for (named, ours, theirs) in variants(&quotation, paragraph.trim_end(), &mut chance) {
                // Nothing of the sort stands in this quotation.
                if theirs.contains(&ours) {
                    continue;
                }
                tried += 1;
                let document = document(&theirs);
                let found = look(&Haystack::new(&document), &ours).map(|found| found.normalisations);
                let is_named = found.as_ref().is_some_and(|found| {
                    // Spaces around dashes come and go with them.
                    let spaces = [Normalisation::WhiteSpace].into_iter().filter(|_| named == Normalisation::Dashes);
                    found.contains(&named)
                        && found.iter().all(|one| *one == named || spaces.clone().any(|space| space == *one))
                });
                seen.insert(named);
                if !is_named {
                    failed.push(format!("{}: {named:?}, found {found:?}\n{ours}\nin\n{theirs}\n", text.name));
                }
            }
        }
    }
    assert!(tried > 1_500, "{tried} variants");
    assert_eq!(seen.len(), 12, "{seen:?}");
    assert!(failed.len() * 100 <= tried, "{} of {tried} variants failed\n{}", failed.len(), failed.join("\n"));
}

/// A paragraph as an extractor makes it of a file in which something stands before each word but the first: its text, and anchors.
fn in_file(words: &[&str], before: fn(usize) -> (&'static str, How, u64)) -> Document {
    let mut document = Document::default();
    let mut bytes = 0;
    for (number, word) in words.iter().enumerate() {
        if number > 0 {
            let (space, how, length) = before(number);
            if !space.is_empty() {
                document.anchors.push(Anchor { text: document.text.len(), bytes: Some(bytes..bytes + length), how });
            }
            document.text.push_str(space);
            bytes += length;
        }
        let end = bytes + word.len() as u64;
        document.anchors.push(Anchor { text: document.text.len(), bytes: Some(bytes..end), how: How::Literal });
        document.text.push_str(word);
        bytes = end;
    }
    document.blocks.push(Block { text: 0..document.text.len(), kind: BlockKind::Paragraph });
    document
}

#[test]
fn tags_breaks_and_references_of_a_file_are_named() {
    for text in TEXTS.iter().filter(|text| !text.space.is_empty()) {
        let mut chance = Chance(5);
        for _ in 0..50 {
            let words = text.quotation(&mut chance);
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let quotation = words.join(" ");
            let named =
                |document: &Document| look(&Haystack::new(document), &quotation).map(|found| found.normalisations);
            let breaks =
                in_file(&words, |number| if number == 2 { ("\n", How::Space, 4) } else { (" ", How::Literal, 1) });
            assert_eq!(named(&breaks), Some([Normalisation::WhiteSpace].into()), "{quotation}");
            let entities =
                in_file(&words, |number| if number == 2 { ("\u{a0}", How::Entity, 6) } else { (" ", How::Literal, 1) });
            assert_eq!(
                named(&entities),
                Some([Normalisation::WhiteSpace, Normalisation::Entities].into()),
                "{quotation}"
            );
            let spaced: Vec<String> = words.iter().map(|word| format!("{word} ")).collect();
            let spaced: Vec<&str> = spaced.iter().map(String::as_str).collect();
            let tags = in_file(&spaced, |number| ("", How::Literal, if number == 2 { 3 } else { 0 }));
            assert_eq!(named(&tags), Some([Normalisation::Tags].into()), "{quotation}");
            let nothing = in_file(&spaced, |_| ("", How::Literal, 0));
            assert_eq!(named(&nothing), Some(Normalisations::new()), "{quotation}");
        }
    }
}

#[test]
fn pieces_stand_in_order_and_in_one_document() {
    let mut chance = Chance(6);
    for text in &TEXTS {
        let document = document(text.text);
        let hay = Haystack::new(&document);
        let all = format!("\u{1f}{}\u{1f}", bare(&document.text).join("\u{1f}"));
        let other = &TEXTS[if text.name == "latin" { 3 } else { 0 }];
        for _ in 0..200 {
            let words = text.quotation(&mut chance);
            let cut = 2 + chance.below(words.len() - 4);
            let (first, last) = (words[..cut - 1].join(text.space), words[cut..].join(text.space));
            // A piece without a letter is none.
            if bare(&first).len() < 2 || bare(&last).len() < 2 {
                continue;
            }
            let found = look(&hay, &format!("{first} [...] {last}"));
            let found = found.unwrap_or_else(|| panic!("{first} [...] {last}"));
            assert!(found.omissions.len() == 1 && found.omissions[0].words <= 2, "{first} [...] {last}: {found:?}");
            let count = |words: &str| all.matches(&format!("\u{1f}{}\u{1f}", bare(words).join("\u{1f}"))).count();
            let is_twice = count(&first) > 1 || count(&last) > 1;
            if !is_twice {
                assert_eq!(look(&hay, &format!("{last} [...] {first}")), None, "{last} [...] {first}");
            }
            let foreign = other.quotation(&mut chance).join(other.space);
            assert_eq!(look(&hay, &format!("{first} … {foreign}")), None);
        }
    }
}

#[track_caller]
fn left_out(source: &str, quotation: &str, words: usize, tells: &[Tells]) {
    let document = document(source);
    let found = look(&Haystack::new(&document), quotation).unwrap();
    let omission = &found.omissions[0];
    let told: Vec<Tells> = omission.tells.iter().copied().collect();
    assert_eq!((omission.words, told.as_slice(), omission.crosses), (words, tells, Crossing::Nothing), "{quotation}");
}

#[test]
fn a_negation_a_condition_and_an_attribution_that_are_left_out_are_told() {
    use Tells::{Attribution, Condition, Negation};
    let latin = TEXTS[0].text;
    left_out(latin, "We did […] open the western one", 1, &[Negation]);
    left_out(latin, "they […] would not comment on the work", 4, &[Negation]);
    left_out("The guards will shoot if attacked at night.", "The guards will shoot [...] at night.", 2, &[Condition]);
    left_out("He signed, the minister said, the whole paper.", "He signed … the whole paper.", 3, &[Attribution]);
    left_out("They didn’t open it.", "They … open it.", 1, &[Negation]);
    left_out(TEXTS[1].text, "पश्चिमी फाटक हमने […] खोला", 1, &[Negation]);
    left_out("لم يوقع الوزير ولم يقرأ النص.", "الوزير […] النص", 2, &[Negation]);
    left_out(TEXTS[3].text, "Западный мы […] открывали", 1, &[Negation]);
    left_out(TEXTS[4].text, "西闸我们 […] 打开", 2, &[Negation]);
    left_out("Dijo que no firmó el acta.", "Dijo que […] firmó el acta.", 1, &[Negation]);
    left_out("Il n’a pas signé la lettre.", "Il […] signé la lettre.", 2, &[Negation]);
    left_out("Er hat den Brief, falls nötig, unterschrieben.", "Er hat den Brief […] unterschrieben.", 2, &[Condition]);
}
