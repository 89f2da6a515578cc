//! The forms in which a withheld value is looked for.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use unicode_normalization::UnicodeNormalization;

use super::index::{Longer, Manner, Pattern};
use crate::redact::{Secret, Secrets, Sort};
use crate::text::names::{before_in_word, family_at, is_hangul, is_unspaced, joined_parts};
use crate::text::{folded_words, slug};

/// The fewest bytes of a name of one word.
const SHORTEST: usize = 3;

/// The fewest bytes of a name without spaces.
const JOINED: usize = 8;

/// The most words of a name of which the order may be another.
const TURNED: usize = 12;

/// The most signs of a name without spaces that may be parted anywhere.
const SIGNS: usize = 6;

/// The most umlauts of a name of which some may be written with two letters and some not.
const UMLAUTS: usize = 4;

/// Names that readers see.
pub(super) struct Public<'a> {
    secrets: &'a Secrets,
    /// The words of which names of actors are made.
    pub(super) words: BTreeSet<Box<str>>,
    /// The names of persons and places of several words, by each of their words; made when the first is asked for.
    holding: OnceCell<BTreeMap<Box<str>, Vec<&'a str>>>,
}

impl<'a> Public<'a> {
    pub(super) fn new(secrets: &'a Secrets) -> Self {
        let words = secrets.names().iter().flat_map(|name| words_of(&folded_words(name))).collect();
        Public { secrets, words, holding: OnceCell::new() }
    }

    /// The longer names in which some words stand and give nothing away: a single word in the name of a person or place, and any
    /// in that of somebody of whom it is said that they are somebody else.
    fn longer(&self, words: &str, secret: &Secret) -> Vec<Longer> {
        let is_person = matches!(secret.sort, Sort::Person | Sort::Name | Sort::PersonId);
        if !is_person {
            return Vec::new();
        }
        let apart = secret.shown.apart.iter().map(String::as_str);
        let holding = (!words.contains(' ')).then(|| self.holding().get(words)).flatten();
        let names: BTreeSet<&str> = apart.chain(holding.into_iter().flatten().copied()).collect();
        let mut longer = BTreeSet::new();
        for spelling in names.into_iter().flat_map(spellings) {
            let own: Vec<&str> = spelling.split(' ').collect();
            let wanted: Vec<&str> = words.split(' ').collect();
            for order in orders(&own, true).into_iter().filter(|order| order.len() > wanted.len()) {
                let places = order.windows(wanted.len()).enumerate().filter(|(_, some)| *some == wanted);
                longer
                    .extend(places.map(|(before, _)| Longer { before: before as u32, words: order.join(" ").into() }));
            }
        }
        longer.into_iter().collect()
    }

    fn holding(&self) -> &BTreeMap<Box<str>, Vec<&'a str>> {
        self.holding.get_or_init(|| {
            let mut holding: BTreeMap<Box<str>, Vec<&str>> = BTreeMap::new();
            for name in self.secrets.holding() {
                let spelled = if name.is_ascii() { BTreeSet::from([folded_words(name)]) } else { spellings(name) };
                for word in spelled.iter().filter(|words| words.contains(' ')).flat_map(|words| words_of(words)) {
                    holding.entry(word).or_default().push(name);
                }
            }
            holding
        })
    }
}

fn words_of(folded: &str) -> Vec<Box<str>> {
    folded.split(' ').map(Box::from).collect()
}

/// All forms of a value.
pub(super) fn patterns(secret: &Secret, public: &Public<'_>, add: &mut impl FnMut(Pattern)) {
    let folded = folded_words(&secret.value);
    let words: Vec<&str> = folded.split(' ').filter(|word| !word.is_empty()).collect();
    // A single sign is a word, and one or two letters are too much else.
    let is_long = |words: &str| words.len() >= SHORTEST && words.chars().count() > 1;
    let mut put = |words: String, manner: Manner| {
        if !words.is_empty() && is_long(&words) && !is_shown(&words, secret) {
            let longer = public.longer(&words, secret).into();
            add(Pattern { words: words.into(), manner, secret: secret.from, longer });
        }
    };
    match secret.sort {
        Sort::Person | Sort::Name => {
            if secret.sort == Sort::Person {
                turned_signs(&secret.value).into_iter().for_each(|name| put(name, Manner::Name));
            }
            let shorter = if secret.sort == Sort::Person { shortened(&secret.value) } else { Vec::new() };
            let names = [secret.value.clone()].into_iter().chain(shorter).flat_map(|name| joined_parts(&name));
            for spelling in names.flat_map(|name| spellings(&name)).collect::<BTreeSet<_>>() {
                let words: Vec<&str> = spelling.split(' ').collect();
                for order in orders(&words, secret.sort == Sort::Person) {
                    let joined = order.concat();
                    if order.len() > 1 && joined.len() >= JOINED {
                        put(joined, Manner::Words);
                    }
                    let name = order.join(" ");
                    before_in_word(&name).iter().for_each(|before| put(format!("{before}{name}"), Manner::Name));
                    put(name, Manner::Name);
                }
            }
        }
        Sort::Family if words.iter().all(|word| public.words.contains(*word)) => {}
        Sort::Family => spellings(&secret.value).into_iter().for_each(|words| put(words, Manner::Name)),
        // A headline of a word or two is what others say too.
        Sort::Title if words.len() < 3 => put(folded, Manner::Whole),
        Sort::Title => put(folded, Manner::Words),
        // A word of a name that readers see stands in running text as well.
        Sort::PersonId if words.len() < 2 && public.words.contains(&*folded) => put(folded, Manner::Written),
        Sort::PersonId => put(folded, Manner::Words),
        Sort::Id if words.len() < 2 => put(folded, Manner::Whole),
        Sort::Id => put(folded, Manner::Literal),
        // A number alone is that of much else.
        Sort::Code if folded.len() < 4 || folded.bytes().all(|byte| byte.is_ascii_digit()) && folded.len() < 6 => {}
        Sort::Code => put(folded, Manner::Words),
        Sort::Address => {
            let bare = secret.value.split_once("://").map_or(secret.value.as_str(), |(_, rest)| rest);
            let bare = bare.strip_prefix("www.").unwrap_or(bare).trim_end_matches('/');
            // A host alone is where much else is published.
            if bare.contains(['/', '?']) {
                put(folded_words(bare), Manner::Words);
            }
        }
        Sort::Text => put(folded, Manner::Words),
    }
}

/// Whether readers may see some words: they are a part of what is shown in place of the name, or are excepted.
fn is_shown(words: &str, secret: &Secret) -> bool {
    let is_excepted = |excepted: &String| {
        let words_of = |order: Vec<&str>| order.join(" ") == words || order.concat() == words;
        orders(&excepted.split(' ').collect::<Vec<_>>(), true).into_iter().any(words_of)
    };
    let shown = &secret.shown;
    format!(" {} ", shown.display).contains(&format!(" {words} ")) || shown.excepted.iter().any(is_excepted)
}

/// The folded words of a name, and those in Latin letters when it is written in others, or with two letters for an umlaut.
fn spellings(name: &str) -> BTreeSet<String> {
    let plain = folded_words(name);
    let latin = slug(name).map(|slug| slug.replace('-', " "));
    let given = latin.as_deref().and_then(|latin| with_given_name(name, latin));
    let all = [Some(plain), latin, given].into_iter().flatten().chain(in_two_letters(name));
    all.filter(|words| !words.is_empty()).collect()
}

/// A name with two letters for each umlaut, and of a few umlauts for any of them.
fn in_two_letters(name: &str) -> Vec<String> {
    let lower: Vec<char> = name.nfc().flat_map(char::to_lowercase).collect();
    let umlauts: Vec<usize> = (0..lower.len()).filter(|at| two_letters(lower[*at]).is_some()).collect();
    let any = if umlauts.len() <= UMLAUTS { 1..1 << umlauts.len() } else { 1..2 };
    let written = |set: usize| {
        let letters = lower.iter().enumerate().map(|(at, c)| {
            let place = umlauts.iter().position(|umlaut| *umlaut == at);
            let is_meant = place.is_some_and(|place| umlauts.len() > UMLAUTS || set >> place & 1 == 1);
            two_letters(*c).filter(|_| is_meant).map_or_else(|| c.to_string(), str::to_owned)
        });
        folded_words(&letters.collect::<String>())
    };
    any.map(written).collect()
}

/// The two letters that are written for an umlaut where there is none.
fn two_letters(c: char) -> Option<&'static str> {
    match c {
        'ä' | 'æ' => Some("ae"),
        'ö' | 'ø' => Some("oe"),
        'ü' => Some("ue"),
        'å' => Some("aa"),
        _ => None,
    }
}

/// A Chinese name in Latin letters with its given name in one word, as `Wang Xiaoming`.
fn with_given_name(name: &str, latin: &str) -> Option<String> {
    let signs = latin.split(' ').collect::<Vec<_>>();
    let family = match signs.len() {
        3 => 1,
        4 => 2,
        _ => return None,
    };
    name.chars().all(is_unspaced).then(|| format!("{} {}", signs[..family].concat(), signs[family..].concat()))
}

/// A name of a person without some of those in its middle: its first and its family name, both whole, as in `Jean-Luc van Roe`; and
/// where three are left, any others.
fn shortened(name: &str) -> Vec<String> {
    let name = match name.split_once(',') {
        Some((family, rest)) => format!("{rest} {family}"),
        None => name.to_owned(),
    };
    let words: Vec<&str> = name.split_whitespace().collect();
    if !(3..=TURNED).contains(&words.len()) {
        return Vec::new();
    }
    let (given, family) = words.split_at(family_at(&words));
    let family = family.join(" ");
    let turned = |given: &[&str], family: &str| {
        [format!("{} {family}", given.join(" ")), format!("{family} {}", given.join(" "))]
    };
    let mut names = Vec::new();
    if given.len() > 1 {
        names.extend(turned(&given[..1], &family));
    }
    if given.len() > 2 {
        for left_out in 1..given.len() {
            let rest: Vec<&str> = (0..given.len()).filter(|at| *at != left_out).map(|at| given[at]).collect();
            names.extend(turned(&rest, &family));
        }
        names.push(given.join(" "));
    }
    names
}

/// A name of a script without spaces with its parts turned: those between which something stands, or, of a few signs, any two.
fn turned_signs(name: &str) -> Vec<String> {
    if !name.contains(|c| is_unspaced(c) || is_hangul(c)) {
        return Vec::new();
    }
    let parts: Vec<String> = name.split(|c: char| !c.is_alphanumeric() && !is_unspaced(c)).map(folded_words).collect();
    let mut parts: Vec<&str> = parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
    let signs: Vec<String> = name.nfc().map(String::from).map(|sign| folded_words(&sign)).collect();
    if parts.len() == 1 {
        parts = signs.iter().map(String::as_str).filter(|sign| !sign.is_empty()).collect();
        if parts.len() > SIGNS {
            return Vec::new();
        }
    }
    let turned = |by: usize| [&parts[by..], &parts[..by]].concat().join(" ");
    (1..parts.len()).map(turned).collect()
}

/// The orders in which the words of a name may stand; of a person the first and the last may stand alone.
fn orders<'a>(words: &[&'a str], is_person: bool) -> Vec<Vec<&'a str>> {
    let mut orders = vec![words.to_vec()];
    if is_person && (2..=TURNED).contains(&words.len()) {
        let turn = |by: usize| {
            let mut turned = words.to_vec();
            turned.rotate_left(by);
            turned
        };
        orders.extend([turn(1), turn(words.len() - 1)]);
        let (first, last) = (words[0], words[words.len() - 1]);
        let is_word = |word: &str| word.chars().count() >= SHORTEST;
        if words.len() > 2 && is_word(first) && is_word(last) {
            orders.extend([vec![first, last], vec![last, first]]);
        }
    }
    orders.sort();
    orders.dedup();
    orders
}
