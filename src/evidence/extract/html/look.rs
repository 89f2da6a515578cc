//! What the attributes of an element say about whether and how it is seen.

use std::borrow::Cow;

use super::css::declaration::{self, Declaration};

/// What is known of an element from its attributes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Look {
    /// Whether it has the attribute `hidden`.
    pub(super) hidden: bool,
    /// Whether it has the attribute `open`.
    pub(super) open: bool,
    /// Its own style.
    pub(super) style: Option<Vec<Declaration>>,
    /// Its language.
    pub(super) lang: Option<String>,
    /// Words in attributes that are told of an element but are not in the page.
    pub(super) told: Vec<String>,
    /// Whether it is a link to a place in a page.
    pub(super) is_anchor: bool,
    /// For `meta`: whether its content is the language of the page.
    pub(super) is_language: bool,
    /// All its attributes, in a page whose style sheets may ask for them.
    kept: Vec<(Box<str>, Box<str>)>,
}

impl Look {
    /// Takes an attribute in. Of two with the same name the first holds.
    pub(super) fn attribute<'a>(&mut self, element: &str, name: &[u8], value: impl FnOnce() -> Cow<'a, str>) {
        match name {
            b"hidden" => self.hidden = true,
            // Shown only while somebody has opened it, as a `dialog` is.
            b"popover" => self.hidden = true,
            b"open" => self.open = true,
            b"style" if self.style.is_none() => self.style = Some(declaration::of_attribute(&value())),
            b"lang" | b"xml:lang" if self.lang.is_none() => self.lang = Some(value().trim().to_owned()),
            b"href" if element == "a" => self.is_anchor = value().contains('#'),
            b"http-equiv" if element == "meta" => self.is_language = value().eq_ignore_ascii_case("content-language"),
            b"content" if element == "meta" => self.tell(&value()),
            b"alt" | b"title" | b"aria-label" | b"aria-description" | b"placeholder" => self.tell(&value()),
            _ => {}
        }
    }

    /// Keeps an attribute for style sheets.
    pub(super) fn keep(&mut self, name: &[u8], value: &str) {
        let name = String::from_utf8_lossy(name);
        if self.of(&name).is_none() {
            self.kept.push((name.into(), value.into()));
        }
    }

    /// The value of an attribute that was kept.
    pub(super) fn of(&self, name: &str) -> Option<&str> {
        self.kept.iter().find(|(own, _)| **own == *name).map(|(_, value)| &**value)
    }

    /// The names of the attributes that were kept.
    pub(super) fn attribute_names(&self) -> impl Iterator<Item = &str> {
        self.kept.iter().map(|(name, _)| &**name)
    }

    /// The classes, where they were kept.
    pub(super) fn classes(&self) -> impl Iterator<Item = &str> {
        self.of("class").unwrap_or_default().split_ascii_whitespace()
    }

    fn tell(&mut self, words: &str) {
        let words = words.trim();
        if !words.is_empty() {
            self.told.push(words.to_owned());
        }
    }

    /// Whether anything here differs from an element without attributes.
    pub(super) fn is_of_interest(&self) -> bool {
        *self != Look::default()
    }

    /// What is said here, and what is said only there.
    pub(super) fn or(self, other: Look) -> Look {
        Look {
            hidden: self.hidden || other.hidden,
            open: self.open || other.open,
            style: self.style.or(other.style),
            lang: self.lang.or(other.lang),
            told: [self.told, other.told].concat(),
            is_anchor: self.is_anchor || other.is_anchor,
            is_language: self.is_language || other.is_language,
            kept: {
                let own = self.kept.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
                let more = other.kept.into_iter().filter(|(name, _)| !own.contains(name));
                self.kept.into_iter().chain(more).collect()
            },
        }
    }
}
