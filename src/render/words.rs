//! The interface's words in the site's language, from a theme's `i18n/*.yaml`.

use std::collections::BTreeMap;

use icu_locale::Locale;
use icu_plurals::{PluralCategory, PluralRules};
use tera::{Map, Value};

use crate::diagnostic::{Code, Diagnostic};
use crate::theme::ThemeFiles;

/// Strings, words of vocabularies, and phrases that count.
pub(super) struct Words {
    strings: BTreeMap<String, String>,
    words: BTreeMap<String, String>,
    counts: BTreeMap<String, BTreeMap<String, String>>,
    plurals: Option<PluralRules>,
}

/// What a file of strings holds: strings by key, and two mappings.
#[derive(serde::Deserialize, Default)]
struct File {
    #[serde(default)]
    words: BTreeMap<String, String>,
    #[serde(default)]
    counts: BTreeMap<String, BTreeMap<String, String>>,
    #[serde(flatten)]
    strings: BTreeMap<String, String>,
}

impl Words {
    /// Lays the strings of `themes`, base first, over each other: English first, then the language of the site.
    pub(super) fn new(themes: &[&ThemeFiles], lang: &str, findings: &mut Vec<Diagnostic>) -> Self {
        let locale: Locale = lang.parse().unwrap_or(Locale::UNKNOWN);
        let plurals = PluralRules::try_new_cardinal(locale.into()).ok();
        let mut words = Words { strings: BTreeMap::new(), words: BTreeMap::new(), counts: BTreeMap::new(), plurals };
        let language = lang.split('-').next().unwrap_or(lang);
        let mut names = vec!["en", language, lang];
        names.dedup();
        for name in names {
            for theme in themes {
                words.lay(theme, name, findings);
            }
        }
        words
    }

    fn lay(&mut self, theme: &ThemeFiles, name: &str, findings: &mut Vec<Diagnostic>) {
        let path = format!("i18n/{name}.yaml");
        let Some(bytes) = theme.files.get(&path) else { return };
        match serde_yaml::from_slice::<File>(bytes) {
            Ok(file) => {
                self.strings.extend(file.strings);
                self.words.extend(file.words);
                self.counts.extend(file.counts);
            }
            Err(error) => findings.push(
                Diagnostic::new(
                    Code::BadTheme,
                    format!("`{path}` of the theme `{}` cannot be read: {error}", theme.name),
                )
                .hint("each line is `key: text`; put a text with a colon in quotation marks"),
            ),
        }
    }

    /// The strings as templates see them.
    pub(super) fn strings(&self) -> Value {
        let mut map = Map::new();
        for (key, text) in &self.strings {
            map.insert(key.clone().into(), Value::normal_string(text));
        }
        Value::from(map)
    }

    /// A string of the interface; its key when there is none.
    pub(super) fn string(&self, key: &str) -> String {
        self.strings.get(key).cloned().unwrap_or_else(|| key.replace('_', " "))
    }

    /// The word for a value of a vocabulary; the value itself, with spaces, when there is none.
    pub(super) fn word(&self, of: &str) -> String {
        self.words.get(of).cloned().unwrap_or_else(|| of.replace('-', " "))
    }

    /// The word for a value of a vocabulary, when the theme has one.
    pub(super) fn known_word(&self, of: &str) -> Option<&str> {
        self.words.get(of).map(String::as_str)
    }

    /// What somebody did who passed words on, with `{who}` for them, such as "quoted by {who}".
    pub(super) fn passed_on(&self, verb: Option<&str>) -> String {
        let known = verb.and_then(|verb| self.strings.get(&format!("via_{}", verb.replace('-', "_"))));
        match (known, verb) {
            (Some(phrase), _) => phrase.clone(),
            (None, Some(verb)) => self.string("via_verb").replace("{verb}", &self.word(verb)),
            (None, None) => self.string("via_hand"),
        }
    }

    /// A phrase that counts, such as "3 quotes".
    pub(super) fn count(&self, of: &str, n: i64) -> String {
        let category = match self.plurals.as_ref().map(|rules| rules.category_for(n)) {
            Some(PluralCategory::Zero) => "zero",
            Some(PluralCategory::One) => "one",
            Some(PluralCategory::Two) => "two",
            Some(PluralCategory::Few) => "few",
            Some(PluralCategory::Many) => "many",
            Some(PluralCategory::Other) | None => "other",
        };
        let phrases = self.counts.get(of);
        let phrase = phrases.and_then(|phrases| phrases.get(category).or_else(|| phrases.get("other")));
        match phrase {
            Some(phrase) => phrase.replace("{n}", &n.to_string()),
            None => format!("{n} {}", of.replace('_', " ")),
        }
    }
}
