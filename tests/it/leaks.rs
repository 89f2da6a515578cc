//! The last look before writing: what is withheld is found in whatever way it would get out, and then nothing is written.

use std::collections::BTreeSet;
use std::fs;

use dossier::diagnostic::{Code, Color, Diagnostic, to_github, to_json, to_junit, to_sarif, to_text};
use dossier::leak::{Leak, Reader, Stage};
use dossier::output::{WriteError, write_site};

use crate::input::{Dossier, Folder, Run, files_in, lines, png_with};

const WITNESS: &str = "---\nname: Renée Quux\nkind: person\nprivacy: private\ndisplay: role-only\nrole: a neighbour\nsort_name: Quux, Renée\nnames: [Zelly Vanderholt, Рената Кукс, 王小明]\naliases: witness-seven\nids: {wikidata: Q7712345}\nsummary: She lived above the bakery of her aunt for many years.\nnotes_internal: The neighbour called the desk twice on Tuesday night.\n---\nShe keeps the spare key of the old lighthouse. Few knew.\n";

/// Somebody whom readers do not see, and whose name nothing replaces.
const INSIDER: &str = "---\nname: Nadia Verloren\nkind: person\nprivacy: public-figure\nvisibility: internal\n---\n";

/// A dossier with one person of whom readers see the role, and one of whom they see nothing.
fn withholding() -> Dossier {
    Dossier::small()
        .record("actors/insider-x.md", INSIDER)
        .record("actors/renee-quux.md", WITNESS)
        .record("pages/p.md", "---\ntitle: P\n---\nSeen by [[renee-quux]].\n")
        .record(
            "quotes/held.md",
            "---\nspeaker: jane-doe\ndate: 2023-06-21\nvisibility: sealed\ntext: We sold the harbour to a friend of the mayor in March.\nsource: daily\n---\n",
        )
}

/// What is found in some bytes of an attachment, as fields.
fn found_by(dossier: &Dossier, bytes: &[u8]) -> Vec<Diagnostic> {
    let (made, sources) = dossier.compile();
    let scan = made.scan.unwrap();
    let leaks: Vec<Leak> = scan.bytes("files/x", Stage::Attachment, bytes);
    scan.findings(&leaks, Reader::Author, &sources)
}

fn found(bytes: impl AsRef<[u8]>) -> bool {
    !found_by(&withholding(), bytes.as_ref()).is_empty()
}

#[track_caller]
fn assert_found(text: impl AsRef<[u8]>) {
    assert!(found(text.as_ref()), "not found in {:?}", String::from_utf8_lossy(text.as_ref()));
}

#[track_caller]
fn assert_not_found(text: impl AsRef<[u8]>) {
    let all = found_by(&withholding(), text.as_ref());
    assert_eq!(all, [], "found in {:?}", String::from_utf8_lossy(text.as_ref()));
}

/// Standard base64, by hand, so that the test does not rest on what it tests.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let bits = three.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for digit in 0..4 {
            let is_there = digit <= three.len();
            text.push(if is_there { char::from(DIGITS[(bits >> (18 - 6 * digit) & 63) as usize]) } else { '=' });
        }
    }
    text
}

#[test]
fn nothing_is_found_where_there_is_nothing() {
    assert_not_found("");
    assert_not_found("Seen by a neighbour. The sea was calm, said Jane Doe.");
    let folder = withholding().on_disk();
    folder.build();
}

#[test]
fn case_accents_and_spaces_make_no_difference() {
    for text in [
        "Renée Quux",
        "RENÉE QUUX",
        "renee quux",
        "Rene\u{301}e Quux",
        "<p>Rene&eacute; and Ren&eacute;e Quux</p>",
        "Renée\nQuux",
        "Renée\r\n    Quux",
        "Renée\u{a0}Quux",
        "Renée&nbsp;Quux",
        "Renée&#160;Quux",
        "Ren\u{ad}ée Qu\u{200b}ux",
        "Renée Qu&shy;ux",
        "Ｒｅｎｅｅ Ｑｕｕｘ",
        "Renée’s Quux",
    ] {
        if text.contains('’') { assert_found(text.replace("’s", "")) } else { assert_found(text) }
    }
}

#[test]
fn escapes_are_read() {
    for text in [
        "a href=\"x?who=Ren%C3%A9e%20Quux\"",
        "a href=\"x?who=Ren%c3%a9e+Quux\"",
        "Ren%E9e%20Quux",
        "&#82;en&#xE9;e &#x51;uux",
        "&#82;&#101;&#110;&#233;&#101;&#32;&#81;&#117;&#117;&#120;",
        "{\"name\": \"Ren\\u00e9e Quux\"}",
        "{\"name\": \"\\u0052\\u0065\\u006e\\u00e9\\u0065\\u0020\\u0051\\u0075\\u0075\\u0078\"}",
        "Ren&amp;eacute;e Quux",
        "content: \"Ren\\0000e9 e Quux\"",
        "Ren%25C3%25A9e%2520Quux",
    ] {
        assert_found(text);
    }
}

#[test]
fn slugs_and_names_written_as_one_word_are_found() {
    for text in ["renee-quux.html", "photos/Renee_Quux.jpg", "renee.quux@example.org", "#ReneeQuux", "quuxrenee"] {
        assert_found(text);
    }
}

#[test]
fn names_are_found_in_another_order_and_through_tags() {
    for text in [
        "Quux, Renée",
        "Quux Renée",
        "QUUX Renee",
        "<b>Renée</b> <i class=\"family\">Quux</i>",
        "<td>Renée</td><td>Quux</td>",
        "<img alt=\"Renée Quux\">",
    ] {
        assert_found(text);
    }
}

#[test]
fn a_name_of_two_words_is_found_turned() {
    // Neither a field for sorting nor a family name says the one behind the other.
    let dossier = withholding_name("Nadia Verloren");
    for text in ["Verloren, Nadia", "VERLOREN Nadia", "verloren-nadia", "VerlorenNadia", "Verloren%2C%20Nadia"] {
        assert_ne!(found_by(&dossier, text.as_bytes()), [], "{text}");
    }
    assert_eq!(found_by(&dossier, b"Verloren was there, and Nadia."), []);
}

#[test]
fn a_family_name_is_a_secret_by_itself() {
    assert_found("Ms Quux was there.");
    let namesake =
        withholding().record("actors/tom-quux.md", "---\nname: Tom Quux\nkind: person\nprivacy: public-figure\n---\n");
    assert_eq!(found_by(&namesake, b"Tom Quux was there."), []);
    assert!(!found_by(&namesake, b"Renee Quux was there.").is_empty());
}

#[test]
fn other_names_ids_and_old_ids_are_found() {
    for text in
        ["Zelly Vanderholt", "Vanderholt, Zelly", "witness-seven", "Witness seven", "https://w.example/Q7712345"]
    {
        assert_found(text);
    }
}

#[test]
fn names_in_other_scripts_are_found_with_endings_and_in_latin_letters() {
    for text in [
        "Рената Кукс",
        "с Ренатой Кукс".replace("Ренатой", "Ренатаой").as_str(),
        "renata-kuks",
        "记者王小明说",
        "王 小 明",
    ] {
        assert_found(text);
    }
}

#[test]
fn base64_is_read_at_any_place_of_its_bytes() {
    for before in ["", "x", "xy", "the name is "] {
        let bytes = format!("{before}Renée Quux and more");
        let text = base64(bytes.as_bytes());
        assert_found(format!("<img src=\"data:text/plain;base64,{text}\">"));
        assert_found(text.replace('+', "-").replace('/', "_").trim_end_matches('='));
    }
    assert_found(base64(base64(b"so Renee Quux said").as_bytes()));
}

#[test]
fn base64_in_lines_and_with_escapes_is_read() {
    let lead = "!".repeat(60);
    for before in 0..9 {
        let digits = base64(format!("{}Renée Quux", &lead[before..]).as_bytes());
        for end in ["\n", "\n      ", "\r\n\t", "\\n", "&#10;", "%0A", "\\\n"] {
            for width in [20, 40, 76] {
                let lines: Vec<&str> =
                    (0..digits.len()).step_by(width).map(|at| &digits[at..digits.len().min(at + width)]).collect();
                assert_found(format!("\"{}\"", lines.join(end)));
            }
        }
    }
    let hindi = withholding_name("रमेश कुमार");
    for before in ["", "a ", "ab "] {
        let digits = base64(format!("{before}रमेश कुमार").as_bytes());
        for slash in ["\\/", "%2F", "%252F", "&#47;", "&#x2f;", "\\u002f"] {
            let written = digits.replace('/', slash).replace('+', "%2B");
            assert_ne!(found_by(&hindi, written.as_bytes()), [], "{written}");
        }
    }
}

#[test]
fn base64_of_utf_16_is_read() {
    let digits =
        |text: &str, order: fn(u16) -> [u8; 2]| base64(&text.encode_utf16().flat_map(order).collect::<Vec<u8>>());
    for before in ["", "a ", "ab ", "abc "] {
        for order in [u16::to_le_bytes, u16::to_be_bytes] {
            assert_found(format!("x={}", digits(&format!("{before}Renée Quux"), order)));
            let chinese = withholding_name("王小明太郎");
            assert_ne!(found_by(&chinese, digits(&format!("{before}王小明太郎"), order).as_bytes()), []);
        }
    }
}

#[test]
fn base64_is_found_behind_a_digit_that_is_none_and_in_small_letters_only() {
    let short = base64("Renée Quux".as_bytes());
    for text in [&short, &base64(b"renee quux"), &base64(b"RENEE QUUX"), &base64(b"a Quux, Renee")] {
        for before in ["/", "-", "x/", "files-", "/a/b-", "//"] {
            assert_found(format!("<a href=\"{before}{text}\">"));
        }
    }
    // Its second to eighth letters are small: the first look passes over it.
    let dossier = withholding().record("actors/other.md", INSIDER.replace("Nadia Verloren", "Bigrim Jonas"));
    for text in ["QmlncmltIEpvbmFz", "/QmlncmltIEpvbmFz", "/QmlncmltIEpvbmFz-said"] {
        assert!(!found_by(&dossier, text.as_bytes()).is_empty(), "{text}");
    }
    // The name goes on: another one.
    assert_not_found(base64(b"Renee Quuxembourg"));
    assert_not_found(base64(b"A calm sea, and some words on Renee and the others"));
}

/// Somebody whom readers do not see, of some name.
fn withholding_name(name: &str) -> Dossier {
    Dossier::small().record("actors/x1.md", INSIDER.replace("Nadia Verloren", name))
}

#[test]
fn long_names_and_those_without_spaces_are_found_turned() {
    for (name, text) in [
        ("Renée Ana Bella Cira Dona Quux", "Quux, Renée Ana Bella Cira Dona"),
        ("สมชาย ใจดี", "ใจดี สมชาย"),
        ("欧阳小明", "小明欧阳"),
        ("欧阳小明", "小明 欧阳"),
    ] {
        assert!(!found_by(&withholding_name(name), text.as_bytes()).is_empty(), "{text}");
    }
    assert_eq!(found_by(&withholding_name("欧阳小明"), "小明去欧阳".as_bytes()), []);
}

#[test]
fn a_name_is_found_without_those_in_its_middle_and_with_its_parts_joined() {
    for (name, texts) in [
        ("Jan van der Berg", &["jan.vanderberg@example.org", "VANDERBERG Jan", "Berg, Jan"][..]),
        ("Anna Maria Kowalska-Nowak", &["Anna Kowalska-Nowak", "Kowalska-Nowak, Anna", "annakowalskanowak"]),
        ("Jean-Luc Marie Godefroy", &["Jean-Luc Godefroy", "Godefroy, Jean-Luc", "JeanLuc Godefroy"]),
        ("Mohammed bin Salman al-Sabbagh", &["Mohammed al-Sabbagh", "al-Sabbagh Mohammed", "Mohammed Alsabbagh"]),
        ("María José García López", &["María García López", "García López, María", "María José García López"]),
        ("Seán O’Connor", &["Sean OConnor", "oconnor-sean", "Seán O\u{2bc}Connor", "Seán O\u{2bb}Connor"]),
        (
            "王小明",
            &["Wang Xiaoming", "XIAOMING Wang", "王・小明", "<ruby>王<rt>おう</rt>小明<rt>しょうめい</rt></ruby>"],
        ),
        ("김민수", &["민수 김", "민수김"]),
        ("Björn Ångström", &["Bjoern Angstroem", "Bjoern Aangstroem"]),
        ("Björn Weißmüller", &["björn weissmueller", "bjoern weissmuller", "Weissmueller, Björn", "BjörnWeissmueller"]),
        ("Äöüå Äöüå", &["Aeoeueaa Aeoeueaa"]),
        (
            "田中太郎",
            &["田中(たなか)太郎", "田中（たなか）太郎（たろう）", "田中 (Tanaka) 太郎", "<b>田中(タナカ)</b>太郎"],
        ),
    ] {
        let dossier = withholding_name(name);
        for text in texts {
            assert_ne!(found_by(&dossier, text.as_bytes()), [], "{text}");
        }
    }
    // A name and the one in its middle may be those of others.
    assert_eq!(found_by(&withholding_name("Anna Maria Kowalska"), b"Anna Maria was there, Maria too."), []);
    // What stands in brackets is more than a reading.
    assert_eq!(found_by(&withholding_name("田中太郎"), "田中(1990年)太郎".as_bytes()), []);
}

#[test]
fn codes_in_names_of_xml_are_read() {
    for text in [
        "<g id=\"Renee_x0020_Quux\"/>",
        "<g id=\"Quux_x2C__x20_Renee\"/>",
        "<g id=\"Ren_x00E9_e_Quux\"/>",
        "<g id=\"_x0052_enee_Quux\"/>",
    ] {
        assert_found(text);
    }
    assert_not_found("<g id=\"Renee_x0041_Quux\"/>");
}

#[test]
fn what_a_gif_says_is_read_over_the_ends_of_its_blocks() {
    let gif = |kind: u8, text: &[u8]| {
        let mut bytes = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\x04\0\0\0\0\0!".to_vec();
        bytes.push(kind);
        for block in text.chunks(255) {
            bytes.push(block.len() as u8);
            bytes.extend_from_slice(block);
        }
        bytes.extend_from_slice(b"\0,\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0;");
        bytes
    };
    for at in 246..=255 {
        let text = format!("{}Renee Quux was here", "- ".repeat(at).split_at(at).0);
        assert_found(gif(0xfe, text.as_bytes()));
        assert_found(gif(0xff, text.as_bytes()));
    }
    assert_not_found(gif(0xfe, &[b'-'; 600]));
}

#[test]
fn readings_and_plain_text_of_xml_are_no_words_between() {
    for text in [
        "<ruby>Renée<rp>(</rp><rt>rone</rt><rp>)</rp> Quux<rt>kukusu</rt></ruby>",
        "<ruby>x<rt>Renée Quux</rt></ruby>",
        "<ruby>Renée<rt>Quux</rt></ruby>",
        "<text>Renée <![CDATA[Quux]]></text>",
        "<text><![CDATA[Renée]]> <![CDATA[Quux]]></text>",
        "<![CDATA[<b>Renée</b> Quux]]>",
    ] {
        assert_found(text);
    }
}

#[test]
fn a_withheld_capacity_that_others_are_seen_in_is_no_secret() {
    let dossier = Dossier::small()
        .record("actors/a1.md", "---\nname: Ada Poe\nkind: person\nprivacy: public-figure\nrole: mayor\n---\n")
        .record(
            "quotes/q9.md",
            "---\nspeaker: jane-doe\ndate: 2023\ntext: So it was.\nsource: daily\nas: {value: mayor, visibility: internal}\n---\n",
        )
        .record(
            "quotes/q8.md",
            "---\nspeaker: jane-doe\ndate: 2023\ntext: So it is.\nsource: daily\nas: {value: informer, visibility: internal}\n---\n",
        );
    assert_eq!(found_by(&dossier, b"<p>mayor</p>"), []);
    assert_ne!(found_by(&dossier, b"<p>informer</p>"), []);
}

#[test]
fn names_of_scripts_without_zero_bytes_are_found_in_utf_16() {
    for order in [u16::to_le_bytes, u16::to_be_bytes] {
        for (name, text) in [("欧阳小明", "说欧阳小明是"), ("欧阳小明", "说小明欧阳是"), ("김민수", "그김민수는")]
        {
            let bytes: Vec<u8> = text.encode_utf16().flat_map(order).collect();
            assert!(!found_by(&withholding_name(name), &bytes).is_empty(), "{text}");
        }
        let other: Vec<u8> = "说王小明是".encode_utf16().flat_map(order).collect();
        assert_eq!(found_by(&withholding_name("欧阳小明"), &other), []);
    }
}

#[test]
fn names_of_two_signs_are_found_in_utf_16_within_text_and_not_by_chance() {
    for order in [u16::to_le_bytes, u16::to_be_bytes] {
        let wide = |text: &str| text.encode_utf16().flat_map(order).collect::<Vec<u8>>();
        for name in ["王明", "김민"] {
            let dossier = withholding_name(name);
            let assert = |is_found: bool, bytes: Vec<u8>| {
                assert_eq!(!found_by(&dossier, &bytes).is_empty(), is_found, "{bytes:x?}");
            };
            let coded = [0x89, 0xf3, 0x91, 0xdb, 0xe8, 0x08, 0xff, 0x1f].repeat(9);
            assert(true, wide(&format!("昨天{name}对记者说他不知道")));
            assert(true, wide(&format!("\u{feff}{name}")));
            assert(true, [&coded, &wide(&format!("\u{feff}记者{name}"))[..], &coded].concat());
            assert(true, [&coded, &wide(&format!("The witness {name} said"))[..], &coded].concat());
            assert(true, [&coded, &wide(&format!("\0{name}\0"))[..], &coded].concat());
            assert(false, [&coded, &wide(name)[..], &coded].concat());
            assert(false, [&coded, &wide(&format!("明{name}"))[..], &coded].concat());
        }
    }
}

#[test]
fn a_raised_number_within_a_name_is_no_word_of_it() {
    assert_found("<p>Nadia<sup>2</sup> Verloren</p>");
    assert_not_found("<p>Nadia<sup>and</sup> Verloren</p>");
}

#[test]
fn files_that_are_no_text_are_looked_through() {
    let around = |name: &[u8]| [b"\x89PNG\r\n\x1a\n\0\0\0\x13tEXtAuthor\0", name, b"k\xe2\x90\x03\xff\0\x01"].concat();
    assert_found(around("Renée Quux".as_bytes()));
    assert_found(around(b"RENEE QUUX"));
    assert_found(around(b"Renee_Quux"));
    let utf16 = |order: fn(u16) -> [u8; 2]| "by Renée Quux".encode_utf16().flat_map(order).collect::<Vec<u8>>();
    assert_found(around(&utf16(u16::to_le_bytes)));
    assert_found(around(&utf16(u16::to_be_bytes)));
    assert_found(utf16(u16::to_le_bytes));
    assert_found([&[0xff, 0xfe][..], &utf16(u16::to_le_bytes)].concat());
    assert_found(b"Ren\xe9e Quux");
    assert_not_found(around(b"somebody else"));
}

#[test]
fn notes_and_prose_are_found_by_sentence() {
    for text in [
        "<p>The neighbour called the desk <em>twice</em> on Tuesday night.</p>",
        "the neighbour called the desk twice on tuesday night",
        "She lived above the bakery of her aunt for many years.",
        "She keeps the spare key of the old lighthouse.",
        "“We sold the harbour to a friend of the mayor in March.”",
    ] {
        assert_found(text);
    }
    // Too short to be nobody else's.
    assert_not_found("Few knew.");
}

#[test]
fn a_long_sentence_is_found_by_a_part_of_it() {
    let long = "One two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen.";
    let dossier = Dossier::small().record("pages/m.md", format!("---\ntitle: M\nnotes_internal: {long}\n---\n"));
    assert!(!found_by(&dossier, b"nine ten eleven twelve thirteen fourteen fifteen sixteen").is_empty());
    assert_eq!(found_by(&dossier, b"five six seven eight nine ten eleven twelve"), []);
}

#[test]
fn parts_of_words_are_not_found() {
    let dossier = Dossier::small()
        .record("actors/w.md", "---\nname: Theresa May\nkind: person\nprivacy: victim\nsort_name: May, Theresa\n---\n");
    for text in ["The Mayor said so.", "dismay", "Maya", "may_be_not".trim_start_matches("may_")] {
        assert_eq!(found_by(&dossier, text.as_bytes()), [], "{text}");
    }
    assert!(!found_by(&dossier, b"On 3 May 2023").is_empty());
}

#[test]
fn a_common_word_is_excepted_with_a_reason() {
    let person = "---\nname: Theresa May\nkind: person\nprivacy: victim\nsort_name: May, Theresa\nnot_secret: {text: May, why: The month is meant in the dates.}\n---\n";
    let dossier = Dossier::small().record("actors/w.md", person);
    assert_eq!(found_by(&dossier, b"On 3 May 2023"), []);
    assert!(!found_by(&dossier, b"Theresa May").is_empty());
    assert!(!found_by(&dossier, b"May, Theresa").is_empty());
    assert!(!found_by(&dossier, b"The month is meant in the dates.").is_empty());
}

#[test]
fn a_whole_name_is_excepted_in_any_order() {
    let person = "---\nname: John Smith\nkind: person\nprivacy: private\nnot_secret: {text: John Smith, why: Another John Smith is public.}\n---\n";
    let dossier = Dossier::small().record("actors/w-1.md", person).record(
        "actors/john-smith.md",
        "---\nname: John Smith\nkind: person\nprivacy: public-figure\nnot_same_as: w-1\n---\n",
    );
    assert_eq!(found_by(&dossier, b"John Smith and Smith, John and johnsmith"), []);
    assert!(!found_by(&dossier, b"w-1").is_empty());
}

#[test]
fn an_exception_that_excepts_nothing_is_said() {
    let say = |person: &str| {
        let all = Dossier::small().record("actors/w.md", format!("---\nkind: person\n{person}\n---\n")).findings();
        all.lines()
            .filter(|line| line.contains("unneeded-exception"))
            .map(|line| format!("{line}\n"))
            .collect::<String>()
    };
    assert_eq!(
        say("name: Theresa May\nprivacy: private\nnot_secret: {text: Mai, why: No.}"),
        "content/actors/w.md:5:20 unneeded-exception nothing that `w` withholds is said in these words\n"
    );
    assert_eq!(say("name: Theresa May\nprivacy: private\nnot_secret: {text: may, why: No.}"), "");
    assert_ne!(say("name: Theresa May\nprivacy: public-figure\nnot_secret: {text: May, why: No.}"), "");
}

#[test]
fn what_is_shown_in_place_of_a_name_is_no_secret() {
    let check = |fields: &str, text: &str, is_found: bool| {
        let person = format!("---\nname: Anna Bell\nkind: person\nprivacy: private\n{fields}\n---\n");
        let found = found_by(&Dossier::small().record("actors/w-1.md", person), text.as_bytes());
        assert_eq!(!found.is_empty(), is_found, "{fields}: {text}");
    };
    check("display: pseudonym\npseudonym: Mira Olden", "Mira Olden", false);
    check("display: omit\npseudonym: Mira Olden", "Mira Olden", true);
    check("display: initials", "A. B.", false);
    check("display: role-only\nrole: a nurse\nnames: nurse", "a nurse", false);
    check("display: role-only\nrole: a nurse\nnames: nurse", "Anna Bell", true);
}

#[test]
fn ids_that_are_common_words_are_looked_for_where_ids_stand() {
    let dossier = Dossier::small().record(
        "events/collapse.md",
        "---\ntitle: A collapse\ndate: 2023-06-21\nvisibility: internal\nsource: daily\n---\n",
    );
    for text in
        ["events/collapse.html", "{\"id\":\"collapse\"}", "<a href=\"#collapse\">", "href=\"../events/collapse\""]
    {
        assert!(!found_by(&dossier, text.as_bytes()).is_empty(), "{text}");
    }
    for text in ["the collapse of the roof", "<p class=\"collapse\">", "{\"collapse\": 1}"] {
        assert_eq!(found_by(&dossier, text.as_bytes()), [], "{text}");
    }
    let dossier = Dossier::small().record(
        "events/roof-collapse.md",
        "---\ntitle: A collapse\ndate: 2023-06-21\nvisibility: internal\nsource: daily\n---\n",
    );
    assert!(!found_by(&dossier, b"see roof-collapse for").is_empty());
    assert_eq!(found_by(&dossier, b"the roof collapse"), []);
}

#[test]
fn a_withheld_word_by_which_others_are_sorted_is_no_secret() {
    let private = |value: &str| format!("{{value: {value}, visibility: internal}}");
    let withheld = format!(
        "---\ntitle: E\ndate: 2023-06-21\nsource: daily\nstatus: {}\ntags: [{}, {}]\nactors: [{}]\n---\n",
        private("disputed"),
        private("hidden-subject"),
        private("gates"),
        private("{actor: jane-doe, role: bystander}"),
    );
    let shown = "---\ntitle: F\ndate: 2023-06-21\nsource: daily\nstatus: disputed\nactors: {actor: authority, role: bystander}\n---\n";
    let dossier =
        Dossier::small().settings("title: A dossier\n").record("events/e.md", withheld).record("events/f.md", shown);
    dossier.on_disk().build();
    // What nobody else is sorted by is.
    assert!(!found_by(&dossier, b"<b>hidden-subject</b>").is_empty());
}

/// A dossier that withholds somebody and shows others of whom one has a name with the same word in it.
fn withholding_a_word(withheld: &str, id: &str) -> Dossier {
    let shown = |name: &str| format!("---\nname: {name}\nkind: person\nprivacy: public-figure\n---\n");
    Dossier::small()
        .record(&format!("actors/{id}.md"), withheld)
        .record("actors/mg.md", shown("Maria Elena González").replacen("kind", "sort_name: González, Maria\nkind", 1))
        .record("actors/oi.md", shown("Жанна Петрова"))
        .record("actors/fund.md", "---\nname: Justice for Maria\nkind: organisation\n---\n")
        .record("places/santa.md", "---\nname: Santa Maria\n---\n")
}

#[test]
fn a_word_in_the_whole_name_of_somebody_whom_readers_see_gives_nobody_away() {
    let sealed = |name: &str| INSIDER.replace("Nadia Verloren", name);
    let dossier = withholding_a_word(&sealed("Maria"), "insider-x");
    for text in [
        "Then Maria Elena González left.",
        "Maria González",
        "<b>Maria</b> <i>Gonzalez</i>",
        "<a href=\"actors/maria-elena-gonzalez.html\" title=\"González, Maria\">",
        "{\"name\": \"Mar\\u00eda Gonz\\u00e1lez\"}",
        "GONZALEZ MARIA",
        "the church of Santa Maria",
    ] {
        assert_eq!(found_by(&dossier, text.as_bytes()), [], "{text}");
    }
    let pdf = [b"%PDF-1.4\n\xe2\xe3\0(", "by Maria Gonzalez".as_bytes(), b")\xff\0"].concat();
    assert_eq!(found_by(&dossier, &pdf), []);
    for text in [
        "Then Maria left.",
        "Maria said that Maria Elena González left.",
        "Maria Elena left.",
        "maria.html",
        // What is called after somebody may well be called after her.
        "Justice for Maria",
    ] {
        assert!(!found_by(&dossier, text.as_bytes()).is_empty(), "{text}");
    }
    // In other letters too, and with their endings.
    let dossier = withholding_a_word(&sealed("Жанна"), "insider-x");
    for text in ["Жанна Петрова", "Жанна Петроваю", "zhanna-petrova"] {
        assert_eq!(found_by(&dossier, text.as_bytes()), [], "{text}");
    }
    for text in ["Жанна была", "zhanna"] {
        assert!(!found_by(&dossier, text.as_bytes()).is_empty(), "{text}");
    }
}

#[test]
fn an_id_that_is_a_word_of_a_name_that_readers_see_is_looked_for_where_ids_stand() {
    let victim = "---\nname: Maria Quux\nkind: person\nprivacy: victim\n---\n";
    let dossier = withholding_a_word(victim, "maria");
    for text in ["Maria said", "<b>Maria</b>", "Maria González", "the Justice for Maria fund"] {
        assert_eq!(found_by(&dossier, text.as_bytes()), [], "{text}");
    }
    for text in ["<a href=\"actors/maria.html\">", "{\"id\":\"maria\"}", "<code>maria</code>", "maria quux"] {
        assert!(!found_by(&dossier, text.as_bytes()).is_empty(), "{text}");
    }
    let with_template = dossier.record("pages/p.md", "---\ntitle: P\n---\nMaria Elena González spoke.\n");
    with_template.on_disk().build();
    // Where nobody whom readers see is called so, the word tells of her.
    let alone = Dossier::small().record("actors/maria.md", victim);
    let found = found_by(&alone, b"Maria said");
    assert_eq!(found.len(), 1);
    assert!(found[0].hint.as_deref().is_some_and(|hint| hint.contains("give the person one of several words")));
}

#[test]
fn a_longer_name_is_no_leak_where_it_is_said_to_be_somebody_elses() {
    let victim = "---\nname: Maria Quux\nkind: person\nprivacy: victim\n---\n";
    let fund = "---\nname: Maria Quux Fund\nkind: organisation\nnot_same_as: victim-a\n---\n";
    let dossier = Dossier::small()
        .record("actors/victim-a.md", victim)
        .record("actors/fund.md", fund)
        .record("pages/p.md", "---\ntitle: P\n---\nThe Maria Quux Fund and [[fund]].\n");
    dossier.on_disk().build();
    assert!(dossier.page("p.html").contains("The Maria Quux Fund"));
    assert!(!found_by(&dossier, b"The fund of Maria Quux").is_empty());
    // Of a name that is in no other way kept from readers, the longer one tells all of it.
    let held = INSIDER.replace("Nadia Verloren", "Maria Quux");
    let dossier = dossier
        .record("actors/victim-a.md", held)
        .record("actors/fund.md", fund.replace("not_same_as: victim-a\n", ""));
    assert!(!found_by(&dossier, b"The Maria Quux Fund").is_empty());
}

#[test]
fn what_every_site_says_is_no_secret_of_a_record_that_is_called_so() {
    let dossier = with_every_page();
    let site = dossier.site();
    let pages = site.iter().filter(|(path, _)| path.ends_with(".html"));
    let written: String = pages.map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned()).collect();
    // All that stands as a whole value, and is said by no record.
    let values = written.split(['<', '>', '"']).map(str::trim).filter(|value| value.len() > 2);
    let is_said = |value: &str| dossier.files().values().any(|text| String::from_utf8_lossy(text).contains(value));
    // These are what a record says with a number and with two letters.
    let is_of_record = |value: &str| ["June", "Netherlands"].contains(&value);
    let is_class = |value: &str| value.contains(' ') && value.starts_with(|c: char| c.is_lowercase());
    let is_word = |value: &str| value.chars().all(|c| c.is_alphabetic() || c == ' ' || c == '-');
    let is_plain = |value: &str| is_word(value) && !is_class(value) && !is_of_record(value);
    let values: BTreeSet<&str> = values.filter(|value| is_plain(value) && !is_said(value)).collect();
    assert!(["Timeline", "People", "About this dossier"].iter().all(|word| values.contains(word)), "{values:?}");
    let mut drafting = dossier;
    for (number, value) in values.iter().enumerate() {
        let is_id = value.bytes().all(|byte| byte.is_ascii_lowercase());
        let id = if is_id && *value != "index" { (*value).to_owned() } else { format!("draft-{number}") };
        drafting = drafting.record(&format!("pages/{id}.md"), format!("---\ntitle: \"{value}\"\ndraft: true\n---\n"));
    }
    let (made, sources) = drafting.compile();
    let scan = made.scan.unwrap();
    let leaks = site.iter().flat_map(|(path, bytes)| scan.bytes(path, Stage::Page, bytes));
    let leaks: Vec<Leak> = leaks.chain(scan.paths(site.keys().map(String::as_str))).collect();
    assert_eq!(lines(&scan.findings(&leaks, Reader::Author, &sources), &sources), "");
}

#[test]
fn by_which_template_a_page_is_made_is_no_secret() {
    let page = "---\ntitle: P\ntemplate: {value: leaflet, visibility: internal}\nx_plan: {value: brochure, visibility: internal}\n---\n";
    let dossier = Dossier::small().record("pages/p.md", page);
    assert_eq!(found_by(&dossier, b"<b>leaflet</b> \"leaflet\""), []);
    assert!(!found_by(&dossier, b"<b>brochure</b>").is_empty());
}

/// What is found in a text of a dossier in which a person, a source and an event that readers see withhold single values.
fn found_with_private(text: &str) -> bool {
    let private = |value: &str| format!("{{value: \"{value}\", visibility: internal}}");
    let instead = |value: &str| format!("{{value: \"{value}\", visibility: internal, public: Witness B}}");
    let person = |lines: &str| format!("---\nkind: person\nprivacy: public-figure\n{lines}---\n");
    let dossier = Dossier::small()
        .record(
            "actors/witness-a.md",
            person(&format!(
                "name: Witness A\nsort_name: {}\nids: {{site: {}}}\naliases: [{}]\nx_phone: {}\nx_home: {}\nx_name: {}\nx_friend: {}\n",
                private("Quuxley, Zelda"),
                private("shadowfoxy"),
                private("zelda-was"),
                private("0151 23456789"),
                private("Elmstraße 5"),
                private("Blythe Heronson"),
                private("Jane Doe"),
            )),
        )
        .record("actors/witness-b.md", person(&format!("name: {}\n", instead("Abd al Qux ibn Zed"))))
        .record(
            "sources/own.md",
            format!(
                "---\ntitle: Own\nkind: article\nauthors: [{}, {}]\npublisher: {}\nx_plan: {}\n---\n",
                private("Olga Verloren"),
                private("The Morning Paper"),
                private("Harbour Authority"),
                private("Go in. Get it. Run. Be still."),
            ),
        )
        .record("sources/other.md", "---\ntitle: Other\nkind: article\npublisher: The Morning Paper\n---\n");
    !found_by(&dossier, text.as_bytes()).is_empty()
}

#[test]
fn a_value_that_is_withheld_by_itself_is_looked_for_in_running_text() {
    for text in [
        "She is called Quuxley here.",
        "Zelda Quuxley",
        "See https://example.org/u/shadowfoxy/about.",
        "It was zelda-was.html before.",
        "Call 0151-23456789 now.",
        "She lives at Elmstrasse 5 today.",
        "His name is Abd al Qux ibn Zed, they say.",
        "Written by Olga Verloren and others.",
        "Verloren, Olga",
        "That is Blythe Heronson over there.",
        "Go in. Get it. Run. Be still.",
    ] {
        assert!(found_with_private(text), "not found in {text:?}");
    }
}

#[test]
fn what_readers_see_of_others_is_no_secret_where_it_is_withheld() {
    // Somebody whom readers see, and a publisher whom they see elsewhere.
    for text in
        ["By Jane Doe.", "Printed in The Morning Paper of today.", "The Harbour Authority", "Witness A and Witness B"]
    {
        assert!(!found_with_private(text), "found in {text:?}");
    }
}

#[test]
fn an_address_within_an_address_is_read() {
    assert_found(
        "https://example.org/save?url=https%3A%2F%2Fexample.org%2F%25D0%25A0%25D0%25B5%25D0%25BD%25D0%25B0%25D1%2582%25D0%25B0_%25D0%259A%25D1%2583%25D0%25BA%25D1%2581",
    );
    assert_found("?q=Ren%25C3%25A9e%2520Quux");
}

#[test]
fn arabic_and_hebrew_names_are_found_behind_short_words_and_from_other_keyboards() {
    let dossier = Dossier::small()
        .record("actors/p-1.md", "---\nname: أحمد علي\nkind: person\nprivacy: victim\n---\n")
        .record("actors/p-2.md", "---\nname: דוד כהן\nkind: person\nprivacy: victim\n---\n");
    for text in ["وأحمد علي", "احمد علي", "أحمد على", "أحمد علی", "وقال لأحمد علي", "ודוד כהן", "ושדוד כהן"]
    {
        assert!(!found_by(&dossier, text.as_bytes()).is_empty(), "not found in {text}");
    }
    assert!(found_by(&dossier, "محمد علي".as_bytes()).is_empty());
}

#[test]
fn the_log_of_a_build_names_no_folder_of_records_and_no_file_of_an_overlay() {
    let told = |dossier: Dossier, bytes: &[u8]| {
        let (made, sources) = dossier.compile();
        let scan = made.scan.unwrap();
        let findings = scan.findings(&scan.bytes("a.html", Stage::Page, bytes), Reader::Anybody, &sources);
        assert!(!findings.is_empty());
        to_text(&findings, &sources, Color::Never, 10)
    };
    let deep = Dossier::small().record("actors/verloren-family/x-1.md", INSIDER);
    let said = told(deep, b"Nadia Verloren");
    assert!(said.contains("one actor in `content/actors`:") && !said.contains("family"), "{said}");
    let overlay = Dossier::small().sealed("actors/of-the-baker.md", "---\nid: jane-doe\nnames: Nadia Verloren\n---\n");
    let said = told(overlay, b"Nadia Verloren");
    assert!(said.contains("`names` of one actor") && !said.contains("baker"), "{said}");
}

#[test]
fn long_files_are_looked_through_from_end_to_end() {
    for at in [0, 1 << 20, (1 << 20) - 5, (1 << 21) - 3, 2_500_000] {
        let mut text = "lorem ipsum ".repeat(260_000).into_bytes();
        text.splice(at..at, b" Renee Quux ".iter().copied());
        assert_found(&text);
        let mut joined = vec![b'-'; 3_000_000];
        joined.splice(at..at, b" Renee Quux ".iter().copied());
        assert_found(&joined);
    }
}

/// Builds, and expects that something is found and that nothing is written.
#[track_caller]
fn refused(folder: &Folder) -> Run {
    let before = files_in(&folder.path(""));
    let run = folder.run(&["build"]);
    assert_eq!(run.code, 1, "{}{}", run.stdout, run.stderr);
    assert!(run.stderr.contains("error[leak]"), "{}", run.stderr);
    assert!(run.stderr.ends_with("nothing was written\n"), "{}", run.stderr);
    assert!(before == files_in(&folder.path("")), "something was written");
    let said = run.stderr.to_lowercase();
    for word in ["quux", "renée", "renee", "vanderholt", "lighthouse", "witness-seven", "bakery"] {
        assert!(!said.contains(word), "`{word}` is said: {said}");
    }
    assert_eq!(folder.run(&["build", "--dry-run"]).code, 1);
    run
}

/// Puts one file into a dossier, builds it where there is a site and where there is none.
#[track_caller]
fn refused_with(path: &str, bytes: impl AsRef<[u8]>) -> String {
    let fresh = withholding().file(path, &bytes).on_disk();
    let run = refused(&fresh);
    assert!(!fresh.path("public").exists());
    let folder = withholding().on_disk();
    folder.build();
    folder.write(path, bytes);
    assert_eq!(refused(&folder).stderr, run.stderr);
    run.stderr
}

#[test]
fn a_theme_that_says_a_name_is_refused() {
    let said = refused_with("templates/404.html", "<p>Not here: <b>Ren&eacute;e</b> <b>Quux</b></p>");
    assert!(said.contains("the page `404.html` gives away"), "{said}");
    assert!(said.contains("take it out of the template"), "{said}");
}

#[test]
fn a_theme_that_quotes_a_note_is_refused() {
    let said = refused_with("templates/404.html", "<p>The neighbour called the desk twice on Tuesday night.</p>");
    assert!(said.contains("`notes_internal` of one actor in `content/actors`: the field is never published"), "{said}");
}

#[test]
fn a_static_file_that_says_a_name_is_refused() {
    let said = refused_with("static/app.js", "const who = \"Ren\\u00e9e Quux\";");
    assert!(said.contains("the static file `static/app.js` gives away what is withheld by `name` of one actor in `content/actors`: the record is protected"), "{said}");
}

#[test]
fn a_page_that_says_a_name_is_refused() {
    let said = refused_with("content/pages/q.md", "---\ntitle: Q\n---\nNadia Verloren was there.\n");
    assert!(said.contains("the page `q.html` gives away"), "{said}");
}

#[test]
fn a_picture_that_says_a_name_is_refused() {
    let picture = b"GIF89a\x01\0\x01\0\0\0\0!\xfe\x0aRenee Quux\0\xe2\x90\x03\xff;";
    let dossier = withholding().record("pages/q.md", "---\ntitle: Q\n---\n![a gate](gate.gif)\n");
    let folder = dossier.on_disk();
    folder.write("content/pages/gate.gif", b"GIF89a\x01\0\x01\0\0\0\0;");
    folder.build();
    folder.write("content/pages/gate.gif", picture);
    let said = refused(&folder).stderr;
    assert!(said.contains("the attachment `files/pages/gate.gif` gives away"), "{said}");
    folder.remove("content/pages/gate.gif");
    folder.write("content/pages/q.md", "---\ntitle: Q\n---\n![a gate](gate.svg)\n");
    folder
        .write("content/pages/gate.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"><title>Quux, Renée</title></svg>");
    let said = refused(&folder).stderr;
    assert!(said.contains("the attachment `files/pages/gate.svg` gives away"), "{said}");
}

/// A dossier with a page of each kind that the default theme has, which withholds the same as the others.
fn with_every_page() -> Dossier {
    withholding()
        .settings("title: A dossier\nbase_url: https://example.org\n")
        .record(
            "pages/was.md",
            "---\ntitle: Was\naliases: once\ncorrections: {on: 2024-01-01, why: It was wrong.}\n---\n",
        )
        .record("pages/leaflet.md", "---\ntitle: Taken\ntakedown: {as: withdraw, on: 2024-01-01, reason: legal}\n---\n")
        .file("editions/first.jsonl", format!(
            "{{\"format\":\"dossier-edition\",\"version\":1,\"title\":\"T\",\"edition\":\"first\",\"date\":\"2025-05-11\",\"audience\":\"public\",\"previous\":null,\"seal\":\"{0}\"}}\n\
             [null,\"file\",\"data/site/dates/1999-05-11.html\",1,\"{0}\"]\n",
            "1".repeat(64)
        ))
}

/// The templates of the default theme that are pages by themselves, each with a page that it makes.
const TEMPLATES: [(&str, &str); 26] = [
    ("404", "404.html"),
    ("actor", "actors/jane-doe.html"),
    ("actors", "actors/index.html"),
    ("base", "index.html"),
    ("corrections", "corrections.html"),
    ("date", "dates/2023-06-21.html"),
    ("dates", "dates/index.html"),
    ("editions", "editions.html"),
    ("event", "events/gate-opened.html"),
    ("events", "events/index.html"),
    ("gone", "dates/1999-05-11.html"),
    ("home", "index.html"),
    ("month", "dates/2023-06.html"),
    ("network", "network.html"),
    ("page", "methodology.html"),
    ("place", "places/harbour.html"),
    ("places", "places/index.html"),
    ("quote", "quotes/not-before-six.html"),
    ("quotes", "quotes/index.html"),
    ("redirect", "once.html"),
    ("source", "sources/daily.html"),
    ("sources", "sources/index.html"),
    ("tag", "tags/gates.html"),
    ("tags", "tags/index.html"),
    ("timeline", "timeline.html"),
    // That something withheld stood there, its own page alone tells.
    ("tombstone", "…"),
];

#[test]
fn no_template_can_say_a_name() {
    let own = ["year"].into_iter().chain(TEMPLATES.map(|(template, _)| template));
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("themes/default/templates");
    let names = fs::read_dir(&folder).unwrap().filter_map(|entry| entry.unwrap().file_name().into_string().ok());
    let templates: BTreeSet<String> = names.filter_map(|name| Some(name.strip_suffix(".html")?.to_owned())).collect();
    assert_eq!(own.map(str::to_owned).collect::<BTreeSet<_>>(), templates, "a template has no page here");
    for (template, page) in TEMPLATES.into_iter().chain([("year", "dates/2023.html")]) {
        // All others stand in the frame that this one is.
        let frame = fs::read_to_string(folder.join("base.html")).unwrap();
        let text = "<!doctype html><title>Made by Ren&eacute;e Quux</title>";
        let text = if template == "base" { frame + text } else { text.to_owned() };
        let dossier = with_every_page().file(&format!("templates/{template}.html"), text);
        let (made, sources) = dossier.compile();
        let renderer = made.renderer.unwrap_or_else(|| panic!("{template}: {}", lines(&made.findings, &sources)));
        let out = tempfile::TempDir::new().unwrap();
        let scan = made.scan.unwrap();
        let written = write_site(&renderer, &scan, &out.path().join("site"), &|| {});
        let Err(WriteError::Leaks(leaks)) = written else { panic!("{template}: {written:?}") };
        let said = lines(&scan.findings(&leaks, Reader::Author, &sources), &sources);
        assert!(
            said.contains(&format!("leak the page `{page}` gives away what is withheld by `name`")),
            "{template}: {said}"
        );
        assert_eq!(fs::read_dir(out.path()).unwrap().count(), 0, "{template}");
    }
}

#[test]
fn files_for_machines_that_say_a_name_are_refused() {
    let dossier = withholding().set("base_url: https://nadia-verloren.example");
    let said = refused(&dossier.on_disk()).stderr;
    assert!(said.contains("the file `sitemap.xml` gives away"), "{said}");
    assert!(said.contains("the file `robots.txt` gives away"), "{said}");
}

#[test]
fn static_files_of_each_kind_that_say_a_name_are_refused() {
    let blob = format!("a {{ background: url(data:image/svg+xml;base64,{}) }}", base64(b"<title>Renee Quux</title>"));
    for (path, text, site) in [
        ("static/style.css", "/* by Renee Quux */", "static/style.css"),
        ("static/more.css", blob.as_str(), "static/more.css"),
        ("static/_headers", "/*\n  X-Author: Renee Quux\n", "_headers"),
        ("static/_redirects", "/renee-quux /actors/ 301\n", "_redirects"),
        (
            "static/mark.svg",
            "<svg xmlns=\"http://www.w3.org/2000/svg\"><desc>Ren&#233;e Quux</desc></svg>",
            "static/mark.svg",
        ),
    ] {
        let said = refused(&withholding().file(path, text).on_disk()).stderr;
        assert!(said.contains(&format!("the static file `{site}` gives away what is withheld by")), "{said}");
    }
}

#[test]
fn an_attached_document_that_says_a_name_is_refused() {
    let page = "---\ntitle: Q\n---\n[the ruling](ruling.pdf)\n";
    let dossier = withholding().record("pages/q.md", page);
    let pdf = b"%PDF-1.4\n1 0 obj\n<< /Author (Renee Quux) >>\nendobj\n%%EOF\n";
    let said = refused(&dossier.record("pages/ruling.pdf", pdf).on_disk()).stderr;
    assert!(said.contains("the attachment `files/pages/ruling.pdf` gives away"), "{said}");
    let named = withholding().record("pages/q.md", page.replace("ruling.pdf", "nadia-verloren.pdf"));
    let said = refused(&named.record("pages/nadia-verloren.pdf", "a ruling").on_disk()).stderr;
    assert!(said.contains("the path `files/pages/…` gives away"), "{said}");
}

#[test]
fn a_picture_is_freed_of_a_name_that_it_carries_and_is_written() {
    let carries: [(&[u8; 4], &[u8]); 2] = [(b"tEXt", b"Author\0Renee Quux"), (b"eXIf", b"II*\0\x08\0\0\0Renee Quux")];
    let dossier = withholding().record("pages/q.md", "---\ntitle: Q\n---\n![a gate](gate.png)\n");
    let folder = dossier.record("pages/gate.png", png_with("a gate", &carries)).on_disk();
    folder.build();
    assert!(folder.site()["files/pages/gate.png"] == png_with("a gate", &[]));
}

#[test]
fn a_path_that_says_a_name_is_refused_and_is_not_told() {
    let said = refused_with("static/renee-quux.css", "a {}");
    assert!(said.contains("the path `static/…` gives away"), "{said}");
    // Where no name of the path gives it away alone, the whole path does.
    let said = refused_with("static/zelly/vanderholt.css", "a {}");
    assert!(said.contains("the path `…` gives away"), "{said}");
}

#[test]
fn a_tag_that_says_a_name_is_refused() {
    let said = refused_with("content/pages/q.md", "---\ntitle: Q\ntags: Nadia Verloren\n---\n");
    assert!(said.contains("the path `tags/…` gives away"), "{said}");
}

#[test]
fn settings_that_say_a_sealed_sentence_are_refused() {
    let folder = withholding().set("summary: We sold the harbour to a friend of the mayor in March.").on_disk();
    let said = refused(&folder).stderr;
    assert!(
        said.contains("gives away what is withheld by `text` of one quote in `content/quotes`: the record is sealed"),
        "{said}"
    );
}

#[test]
fn an_alias_that_would_answer_is_refused() {
    refused_with("content/pages/q.md", "---\ntitle: Q\naliases: nadia-verloren\n---\n");
}

#[test]
fn authors_are_told_where_and_never_what() {
    let (made, sources) = withholding().compile();
    let scan = made.scan.unwrap();
    let leaks = scan.bytes("a.html", Stage::Page, "Renée Quux, Zelly Vanderholt".as_bytes());
    let findings = scan.findings(&leaks, Reader::Author, &sources);
    assert!(findings.iter().all(|finding| finding.code == Code::Leak && finding.place.is_some()));
    let text = to_text(&findings, &sources, Color::Never, 10);
    assert!(text.contains("content/actors/renee-quux.md:2:7"), "{text}");
    let all = [
        text,
        to_json(&findings, &sources),
        to_sarif(&findings, &sources),
        to_github(&findings, &sources),
        to_junit(&findings, &sources),
    ];
    for said in all {
        let said = said.to_lowercase().replace("content/actors/renee-quux.md", "");
        for word in ["renée", "quux", "vanderholt"] {
            assert!(!said.contains(word), "{said}");
        }
    }
    let findings = scan.findings(&leaks, Reader::Anybody, &sources);
    assert!(findings.iter().all(|finding| finding.place.is_none()));
}

#[test]
fn findings_are_bounded() {
    let (made, sources) = withholding().compile();
    let scan = made.scan.unwrap();
    let leaks: Vec<Leak> =
        (0..300).flat_map(|number| scan.bytes(&format!("{number}.html"), Stage::Page, b"Renee Quux")).collect();
    assert_eq!(scan.findings(&leaks, Reader::Author, &sources).len(), 100);
}

#[test]
fn nobody_sees_values_by_looking_at_a_scan() {
    let (made, _) = withholding().compile();
    let shown = format!("{:?}", made.scan.unwrap()).to_lowercase();
    assert!(!shown.contains("quux") && shown.starts_with("a scan for "), "{shown}");
}

#[test]
fn drafts_that_are_shown_are_no_secret() {
    let dossier =
        Dossier::small().record("pages/q.md", "---\ntitle: The other gate is open\ndraft: true\n---\n").on_disk();
    let page = dossier.path("content/pages/r.md");
    fs::write(page, "---\ntitle: R\n---\nThe other gate is open.\n").unwrap();
    assert_eq!(dossier.run(&["build"]).code, 1);
    assert_eq!(dossier.run(&["build", "--drafts"]).code, 0);
}

#[test]
fn an_escaped_space_between_two_words_is_read() {
    for text in [
        "https://x.org/Nadia%20Verloren.html",
        "nadia%2Everloren-bio",
        "Nadia%2520Verloren x",
        "https://x.org/Nadia%5FVerloren",
        "{\"text\":\"Nadia\\nVerloren came\"}",
        "Nadia&#32Verloren",
        "Nadia\\u0020Verloren was",
        "static/Nadia%20Verloren.txt",
    ] {
        assert_found(text);
    }
}

#[test]
fn numbers_behind_a_name_and_long_tags_within_make_no_difference() {
    let class = "text-sm ".repeat(30);
    assert_found(format!("<td>Nadia</td><td class=\"{class}\">Verloren</td>"));
    assert_found(format!("Nadia{}Verloren", "&nbsp;".repeat(60)));
    for text in ["nadia-verloren1.gif", "nadiaverloren1970", "@nadiaverloren70", "Nadia Verloren1 came"] {
        assert_found(text);
    }
    assert_not_found("Nadia Verloren12345 and nadiav1");
}

#[test]
fn what_would_stand_in_place_of_a_name_is_looked_for_where_nobody_sees_the_record() {
    let person = |hold: &str| {
        format!(
            "---\nname: Jo Xu\nkind: person\nprivacy: victim\ndisplay: pseudonym\npseudonym: Mia Bloomfield\n{hold}---\n"
        )
    };
    for (hold, is_found) in [("", false), ("draft: true\n", true), ("visibility: internal\n", true)] {
        let dossier = Dossier::small().record("actors/x-y.md", person(hold));
        assert_eq!(!found_by(&dossier, b"by Mia Bloomfield.").is_empty(), is_found, "{hold}");
    }
}
