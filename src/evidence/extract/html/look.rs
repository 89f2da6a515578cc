//! What the attributes of an element say about whether and how it is seen.

use std::borrow::Cow;

/// What is known of an element from its attributes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Look {
    /// Whether it has the attribute `hidden`.
    pub(super) hidden: bool,
    /// Whether it has the attribute `open`.
    pub(super) open: bool,
    /// Whether its own style takes it out of the page (`display: none`), or puts it in although it is `hidden`.
    pub(super) display: Option<Shown>,
    /// Whether its own style makes it invisible or visible, by whatever property.
    pub(super) visibility: Option<Shown>,
    /// Its language.
    pub(super) lang: Option<String>,
    /// Words in attributes that are told of an element but are not in the page.
    pub(super) told: Vec<String>,
    /// Whether it is a link to a place in a page.
    pub(super) is_anchor: bool,
    /// For `meta`: whether its content is the language of the page.
    pub(super) is_language: bool,
}

/// Whether something is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    Yes,
    No,
}

impl Look {
    /// Takes an attribute in. Of two with the same name the first holds.
    pub(super) fn attribute<'a>(&mut self, element: &str, name: &[u8], value: impl FnOnce() -> Cow<'a, str>) {
        match name {
            b"hidden" => self.hidden = true,
            // Shown only while somebody has opened it, as a `dialog` is.
            b"popover" => self.hidden = true,
            b"open" => self.open = true,
            b"style" if self.display.is_none() && self.visibility.is_none() => {
                (self.display, self.visibility) = of_style(&value());
            }
            b"lang" | b"xml:lang" if self.lang.is_none() => self.lang = Some(value().trim().to_owned()),
            b"href" if element == "a" => self.is_anchor = value().contains('#'),
            b"http-equiv" if element == "meta" => self.is_language = value().eq_ignore_ascii_case("content-language"),
            b"content" if element == "meta" => self.tell(&value()),
            b"alt" | b"title" | b"aria-label" | b"aria-description" | b"placeholder" => self.tell(&value()),
            _ => {}
        }
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
            display: self.display.or(other.display),
            visibility: self.visibility.or(other.visibility),
            lang: self.lang.or(other.lang),
            told: [self.told, other.told].concat(),
            is_anchor: self.is_anchor || other.is_anchor,
            is_language: self.is_language || other.is_language,
        }
    }
}

/// What a `style` attribute says of `display` and of whether words are visible. The last declaration holds, or the last important one.
///
/// Letters without size or drawn with no colour at all are invisible; unlike `visibility`, what is transparent stays so within itself, which
/// nobody makes use of.
fn of_style(style: &str) -> (Option<Shown>, Option<Shown>) {
    let mut display: Option<(Shown, bool)> = None;
    let mut visibility: Option<(Shown, bool)> = None;
    // Letters that have a size again are seen within what had none, unless something else hides them.
    let mut size: Option<(Shown, bool)> = None;
    let style = without_comments(style);
    for declaration in style.split(';') {
        let Some((property, value)) = declaration.split_once(':') else { continue };
        let property = property.trim();
        let value = value.trim().to_ascii_lowercase();
        let (value, is_important) = match value.split_once('!') {
            Some((value, mark)) => (value.trim_end(), mark.trim() == "important"),
            None => (&*value, false),
        };
        let (slot, shown) = match (&*property.to_ascii_lowercase(), value) {
            ("display", "none") => (&mut display, Shown::No),
            ("display", value) if is_display(value) => (&mut display, Shown::Yes),
            ("content-visibility", "hidden") => (&mut display, Shown::No),
            ("visibility", "hidden" | "collapse") => (&mut visibility, Shown::No),
            ("visibility", "visible") => (&mut visibility, Shown::Yes),
            ("font-size" | "opacity", value) => match amount(value) {
                Some(0.0) => (&mut visibility, Shown::No),
                Some(_) if property.eq_ignore_ascii_case("font-size") => (&mut size, Shown::Yes),
                Some(_) | None => continue,
            },
            _ => continue,
        };
        if is_important || slot.is_none_or(|(_, was_important)| !was_important) {
            *slot = Some((shown, is_important));
        }
    }
    (display.map(|(shown, _)| shown), visibility.or(size).map(|(shown, _)| shown))
}

/// Whether a value of `display` is one that browsers know; they pass over others.
fn is_display(value: &str) -> bool {
    !value.is_empty()
        && value.split_ascii_whitespace().all(|word| {
            let known = [
                "block",
                "inline",
                "flow",
                "flow-root",
                "flex",
                "grid",
                "table",
                "list-item",
                "contents",
                "ruby",
                "inline-block",
                "inline-flex",
                "inline-grid",
                "inline-table",
                "math",
                "initial",
                "inherit",
                "unset",
                "revert",
                "revert-layer",
            ];
            known.contains(&word)
                || ["table-", "ruby-", "-webkit-", "-ms-", "-moz-", "var("]
                    .iter()
                    .any(|begins| word.starts_with(begins))
        })
}

/// The number at the beginning of a value, such as that of `0px`.
fn amount(value: &str) -> Option<f64> {
    let end = value.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(value.len());
    value[..end].parse().ok()
}

fn without_comments(style: &str) -> Cow<'_, str> {
    if !style.contains("/*") {
        return Cow::Borrowed(style);
    }
    let mut kept = String::new();
    let mut rest = style;
    while let Some((before, after)) = rest.split_once("/*") {
        kept.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    kept.push_str(rest);
    Cow::Owned(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(style: &str, display: Option<Shown>, visibility: Option<Shown>) {
        assert_eq!(of_style(style), (display, visibility), "{style}");
    }

    #[test]
    fn styles_are_read_as_browsers_read_them() {
        check("display:none", Some(Shown::No), None);
        check("color: red; DISPLAY : NONE !important", Some(Shown::No), None);
        check("display: none; display: block", Some(Shown::Yes), None);
        check("display: none !important; display: block", Some(Shown::No), None);
        check("/* display: none; */ visibility: hidden", None, Some(Shown::No));
        check("visibility: inherit; background: url(display:none)", None, None);
        check("display", None, None);
        check("display: none; display: bogus", Some(Shown::No), None);
        check("display: none; display: inline-block", Some(Shown::Yes), None);
        check("content-visibility: hidden", Some(Shown::No), None);
        check("font-size: 0", None, Some(Shown::No));
        check("FONT-SIZE: 0.0em; color: red", None, Some(Shown::No));
        check("font-size: 16px", None, Some(Shown::Yes));
        check("font-size: 16px; visibility: hidden", None, Some(Shown::No));
        check("font-size: small; opacity: 0.5", None, None);
        check("opacity: 0", None, Some(Shown::No));
    }
}
