//! Words that point to one person: offices that one holds at a time, and ties of a family; by language: data, for readers of these
//! languages to correct.

use unicode_normalization::char::is_combining_mark;

use crate::model::{Place, Word};
use crate::text;

/// The words of a language.
struct Language {
    code: &'static str,
    /// Offices that one person holds at a time, in small letters.
    offices: &'static [&'static str],
    /// Words that may come after an office; with any other it is a part of something else, as in `head nurse`. Empty where what follows
    /// makes no difference.
    after: &'static [&'static str],
    /// Words that say, before an office or a role, that others hold it too.
    others: &'static [&'static str],
    /// The nearest relatives.
    relatives: &'static [&'static str],
    /// What may be written in one with a word.
    prefixes: &'static [&'static str],
}

const LANGUAGES: &[Language] = &[
    Language {
        code: "en",
        offices: &[
            "head",
            "director",
            "director-general",
            "director general",
            "managing director",
            "president",
            "chair",
            "chairman",
            "chairwoman",
            "chairperson",
            "chief executive",
            "ceo",
            "governor",
            "mayor",
            "minister",
            "prime minister",
            "secretary",
            "secretary-general",
            "secretary general",
            "principal",
            "headmaster",
            "headmistress",
            "headteacher",
            "head teacher",
            "rector",
            "dean",
            "chancellor",
            "vice-chancellor",
            "editor-in-chief",
            "police chief",
            "commander",
            "ambassador",
            "bishop",
            "sarpanch",
            "postmaster",
        ],
        after: &["of", "at", "for", "in", "to", "and", "on"],
        others: &["a", "an", "one", "some", "another", "any", "deputy", "assistant", "associate", "vice", "joint"],
        relatives: &[
            "wife",
            "husband",
            "spouse",
            "mother",
            "father",
            "parents",
            "son",
            "daughter",
            "brother",
            "sister",
            "widow",
            "widower",
            "grandmother",
            "grandfather",
            "uncle",
            "aunt",
            "nephew",
            "niece",
            "fiancé",
            "fiancée",
        ],
        prefixes: &[""],
    },
    Language {
        code: "hi",
        offices: &[
            "निदेशक",
            "महानिदेशक",
            "अध्यक्ष",
            "प्रधानाचार्य",
            "प्रधानमंत्री",
            "मुख्यमंत्री",
            "राज्यपाल",
            "महापौर",
            "सरपंच",
            "सचिव",
            "मंत्री",
            "प्रमुख",
            "कुलपति",
        ],
        after: &[],
        others: &["एक", "उप", "सहायक", "संयुक्त"],
        relatives: &[
            "पत्नी",
            "पति",
            "माता",
            "माँ",
            "मां",
            "पिता",
            "पुत्र",
            "पुत्री",
            "बेटा",
            "बेटे",
            "बेटी",
            "भाई",
            "बहन",
            "विधवा",
        ],
        prefixes: &[""],
    },
    Language {
        code: "ar",
        offices: &["مدير", "مديرة", "رئيس", "رئيسة", "وزير", "وزيرة", "محافظ", "عمدة", "أمين عام", "سفير", "سفيرة"],
        after: &[],
        others: &["أحد", "إحدى", "نائب", "نائبة", "مساعد", "مساعدة"],
        relatives: &["زوجة", "زوج", "أم", "والدة", "أب", "والد", "ابن", "ابنة", "أخ", "أخت", "شقيق", "شقيقة", "أرملة"],
        prefixes: &["", "ال"],
    },
    Language {
        code: "es",
        offices: &[
            "director",
            "directora",
            "presidente",
            "presidenta",
            "alcalde",
            "alcaldesa",
            "gobernador",
            "gobernadora",
            "jefe",
            "jefa",
            "ministro",
            "ministra",
            "secretario general",
            "secretaria general",
            "rector",
            "rectora",
            "decano",
            "decana",
            "obispo",
            "embajador",
            "embajadora",
        ],
        after: &[],
        others: &["un", "una", "uno", "otro", "otra", "algún", "alguna"],
        relatives: &[
            "esposa", "esposo", "mujer", "marido", "madre", "padre", "hijo", "hija", "hermano", "hermana", "viuda",
            "viudo", "abuela", "abuelo", "tía", "tío", "sobrina", "sobrino",
        ],
        prefixes: &[""],
    },
    Language {
        code: "fr",
        offices: &[
            "directeur",
            "directrice",
            "président",
            "présidente",
            "maire",
            "préfet",
            "préfète",
            "gouverneur",
            "gouverneure",
            "ministre",
            "secrétaire général",
            "secrétaire générale",
            "recteur",
            "rectrice",
            "doyen",
            "doyenne",
            "proviseur",
            "proviseure",
            "évêque",
            "ambassadeur",
            "ambassadrice",
        ],
        after: &[],
        others: &["un", "une", "autre", "vice", "sous"],
        relatives: &[
            "épouse", "époux", "femme", "mari", "mère", "père", "fils", "fille", "frère", "sœur", "soeur", "veuve",
            "veuf", "tante", "oncle", "nièce", "neveu",
        ],
        prefixes: &[""],
    },
];

/// Words of a kind of relation that say that two are of one family, before or after words such as `of`.
const FAMILY: &[&str] = &[
    "spouse",
    "wife",
    "husband",
    "partner",
    "married",
    "fiance",
    "fiancee",
    "widow",
    "widower",
    "parent",
    "parents",
    "mother",
    "father",
    "child",
    "children",
    "son",
    "daughter",
    "sibling",
    "brother",
    "sister",
    "relative",
    "relatives",
    "family",
    "kin",
    "guardian",
    "ward",
    "grandparent",
    "grandmother",
    "grandfather",
    "grandchild",
    "grandson",
    "granddaughter",
    "uncle",
    "aunt",
    "cousin",
    "nephew",
    "niece",
    "stepmother",
    "stepfather",
    "stepson",
    "stepdaughter",
    "stepchild",
    "pariente",
    "familiar",
    "esposa",
    "esposo",
    "marido",
    "madre",
    "padre",
    "hijo",
    "hija",
    "hermano",
    "hermana",
    "mere",
    "pere",
    "fils",
    "fille",
    "frere",
    "soeur",
    "epouse",
    "epoux",
    "mari",
    "conjoint",
    "conjointe",
    "conyuge",
    "famille",
    "familia",
    "mère",
    "père",
    "frère",
    "sœur",
    "épouse",
    "époux",
    "cónyuge",
];

/// Words that make of a tie one that is no family's.
const OTHER_TIES: &[&str] =
    &["business", "trade", "coalition", "organisation", "organization", "company", "party", "firm", "council"];

/// Whether a kind of relation says that two are of one family.
pub(super) fn is_family(kind: &Word) -> bool {
    let mut words = kind.as_str().split('-');
    words.clone().any(|word| FAMILY.contains(&word)) && !words.any(|word| OTHER_TIES.contains(&word))
}

/// The office, held by one person at a time, that some words name, unless they say that there are others.
pub(super) fn sole_office(words: &str, lang: &str) -> Option<&'static str> {
    let language = language(lang)?;
    let clauses: Vec<Vec<String>> = words.split([',', ';', ':', '(', ')', '/', '،']).map(self::words).collect();
    let found = |office: &&&str| clauses.iter().any(|words| names_office(language, words, office));
    // The longest says best what was meant.
    language.offices.iter().filter(found).max_by_key(|office| office.len()).copied()
}

fn names_office(language: &Language, words: &[String], office: &str) -> bool {
    let office: Vec<&str> = office.split(' ').collect();
    let is_it = |run: &[String]| {
        let (Some((first, rest)), Some((wanted, others))) = (run.split_first(), office.split_first()) else {
            return false;
        };
        is_word(language, first, wanted) && rest.iter().eq(others.iter())
    };
    let is_whole = |next: Option<&String>| {
        language.after.is_empty() || next.is_none_or(|next| language.after.contains(&next.as_str()))
    };
    let are_others = |before: &[String]| before.iter().any(|word| language.others.contains(&word.as_str()));
    let runs = words.windows(office.len()).enumerate();
    runs.filter(|(_, run)| is_it(run))
        .any(|(at, _)| is_whole(words.get(at + office.len())) && !are_others(&words[..at]))
}

/// Whether some words say of a role that others have it too, as `a guard` does.
pub(super) fn are_others_said(role: &str, lang: &str) -> bool {
    let others = language(lang).map(|language| language.others).unwrap_or_default();
    words(role).first().is_some_and(|word| others.contains(&word.as_str()))
}

/// The near relative that some words name.
pub(super) fn near_relative(role: &str, lang: &str) -> Option<&'static str> {
    let language = language(lang)?;
    let words = words(role);
    let is_said = |relative: &&&str| words.iter().any(|word| is_word(language, word, relative));
    language.relatives.iter().find(is_said).copied()
}

/// Whether some words stand in others, in their order and next to each other.
pub(super) fn holds(text: &str, part: &str) -> bool {
    let (text, part) = (words(text), words(part));
    !part.is_empty() && text.windows(part.len()).any(|run| run == part)
}

/// Whether few people can be at a place.
pub(super) fn is_small(place: &Place) -> bool {
    if place.obscured {
        return false;
    }
    match &place.precision {
        Some(precision) => precision.as_str().split('-').any(|word| SMALL.contains(&word) || is_metres(word)),
        // Where nothing says how exact a position is, its digits do: the third after the point is a hundred metres.
        None => [place.lat, place.lon].iter().all(|degrees| degrees.is_some_and(|degrees| decimals(degrees) >= 3)),
    }
}

const SMALL: &[&str] = &[
    "building",
    "house",
    "home",
    "address",
    "street",
    "road",
    "village",
    "hamlet",
    "neighbourhood",
    "neighborhood",
    "block",
    "room",
    "flat",
    "apartment",
    "farm",
    "school",
    "shop",
    "site",
    "spot",
    "point",
    "exact",
    "precise",
    "rooftop",
    "parcel",
    "doorstep",
    "gps",
];

/// A word such as `100m`.
fn is_metres(word: &str) -> bool {
    word.strip_suffix('m').is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

fn decimals(degrees: f64) -> usize {
    degrees.to_string().split_once('.').map_or(0, |(_, decimals)| decimals.len())
}

fn language(tag: &str) -> Option<&'static Language> {
    let code = tag.split('-').next().unwrap_or_default();
    LANGUAGES.iter().find(|language| language.code.eq_ignore_ascii_case(code))
}

fn is_word(language: &Language, written: &str, word: &str) -> bool {
    language.prefixes.iter().any(|prefix| written.strip_prefix(prefix) == Some(word))
}

/// The words of a text in normal form; what a hyphen joins is one word.
fn words(text: &str) -> Vec<String> {
    let joins = |c: char| c.is_alphanumeric() || is_combining_mark(c) || matches!(c, '-' | '\u{200c}' | '\u{200d}');
    let normal = text::normal_form(text);
    normal.split(|c| !joins(c)).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use super::*;

    #[track_caller]
    fn office(lang: &str, words: &str, expected: Option<&str>) {
        assert_eq!(sole_office(words, lang), expected, "{words}");
    }

    #[test]
    fn an_office_that_one_person_holds_is_known_in_each_language() {
        office("en", "Head of the harbour authority", Some("head"));
        office("en-GB", "Foreign Secretary", Some("secretary"));
        office("en", "Director General, Harbour Authority", Some("director general"));
        office("hi", "विद्यालय के प्रधानाचार्य", Some("प्रधानाचार्य"));
        office("ar", "مدير الميناء", Some("مدير"));
        office("ar", "المدير", Some("مدير"));
        office("es", "Alcaldesa de la villa", Some("alcaldesa"));
        office("fr", "le secrétaire général", Some("secrétaire général"));
    }

    #[test]
    fn an_office_that_several_hold_is_left_alone() {
        for words in [
            "a director of the authority",
            "one of the directors",
            "a regional director",
            "head nurse",
            "deputy head",
            "vice-president",
            "secretary staff",
            "family members",
            "a guard",
        ] {
            office("en", words, None);
        }
        office("es", "un director", None);
        office("fr", "une directrice d’école", None);
        office("hi", "एक मंत्री", None);
        office("ar", "أحد وزير", None);
        office("de", "Direktor", None);
    }

    #[test]
    fn ties_of_a_family_are_told_from_others() {
        let is_family = |kind: &str| super::is_family(&Word::from_str(kind).unwrap());
        for kind in ["spouse", "mother-of", "sister-in-law", "relative", "child-of", "married-to"] {
            assert!(is_family(kind), "{kind}");
        }
        for kind in ["works-for", "leads", "member-of", "business-partner", "parent-organisation", "parent-company"] {
            assert!(!is_family(kind), "{kind}");
        }
    }
}
