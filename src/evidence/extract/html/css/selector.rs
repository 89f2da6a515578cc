//! For which elements a rule holds.
//!
//! Names, classes, ids, attributes, and these within or directly below others are understood, also in `:is`, `:where` and `:not` and nested
//! in other rules. What depends on what a reader does with the mouse or keyboard does not hold, since nobody does it when a page is opened.
//! For all else it is not known here whether it holds: siblings, `:has`, `:nth-child`, `:checked`.

use std::cell::Cell;
use std::rc::Rc;

use cssparser::{ParseError, Parser, Token};

use super::super::look::Look;
use super::Truth;

/// How many parts the selectors of one rule may have; a longer rule is passed over.
const LONGEST: usize = 20_000;

/// An element in its page, as selectors see it.
#[derive(Clone, Copy)]
pub(in super::super) struct Place<'a> {
    pub(in super::super) name: &'a str,
    pub(in super::super) look: &'a Look,
}

/// What is true of all comparisons in a page.
pub(super) struct Matching {
    /// Whether classes and ids are the same in capitals, as in pages older than the standard.
    pub(super) is_quirky: bool,
    /// How many comparisons may still be made.
    pub(super) left: Cell<u64>,
}

/// Selectors of which one must hold.
pub(super) type List = Rc<[Selector]>;

/// A selector: what an element must be, then what must be around it, from the inside.
#[derive(Debug)]
pub(super) struct Selector {
    subject: Vec<Simple>,
    around: Vec<(Combinator, Vec<Simple>)>,
    pub(super) specificity: Specificity,
}

/// How much a selector says: ids, then classes, attributes and the like, then names.
pub(super) type Specificity = [u8; 3];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Combinator {
    Within,
    DirectlyBelow,
    /// Beside something.
    Beside,
}

#[derive(Debug)]
enum Simple {
    All,
    Name(String),
    Id(String),
    Class(String),
    Attribute { name: String, test: Test, value: String, ignores_case: bool },
    Any(List),
    Not(List),
    Root,
    Link,
    Never,
    Unknown,
}

#[derive(Clone, Copy, Debug)]
enum Test {
    Has,
    Is,
    HasWord,
    IsOrBeginsWithDash,
    Begins,
    Ends,
    Contains,
}

/// By what rules are looked up that could hold for an element.
#[derive(Debug)]
pub(super) enum Key<'a> {
    Id(&'a str),
    Class(&'a str),
    Attribute(&'a str),
    Name(&'a str),
    All,
}

impl Selector {
    /// The most telling of what the element itself must have.
    pub(super) fn key(&self) -> Key<'_> {
        let keys = self.subject.iter().map(|simple| match simple {
            Simple::Id(id) => (0, Key::Id(id)),
            Simple::Class(class) => (1, Key::Class(class)),
            Simple::Attribute { name, .. } => (2, Key::Attribute(name)),
            Simple::Name(name) => (3, Key::Name(name)),
            _ => (4, Key::All),
        });
        keys.min_by_key(|(rank, _)| *rank).map_or(Key::All, |(_, key)| key)
    }

    /// Whether it can hold for any element.
    pub(super) fn is_ever(&self) -> bool {
        !self.subject.iter().any(|simple| matches!(simple, Simple::Never))
    }
}

impl Matching {
    /// Whether a selector holds for the last of these elements, each of which lies in the one before.
    pub(super) fn holds(&self, selector: &Selector, path: &[Place<'_>]) -> Truth {
        let Some((element, outer)) = path.split_last() else { return Truth::No };
        let mut best = self.all(&selector.subject, element, outer);
        if best == Truth::No || selector.around.is_empty() {
            return best;
        }
        self.spend(path.len());
        // For each of the elements around, whether the selector holds up to here when that one is the last that was compared.
        let mut reached = vec![Truth::No; path.len()];
        reached[outer.len()] = best;
        for (combinator, compound) in &selector.around {
            if *combinator == Combinator::Beside {
                return best.min(Truth::Perhaps);
            }
            let mut next = vec![Truth::No; path.len()];
            let mut inside = Truth::No;
            best = Truth::No;
            for at in (0..outer.len()).rev() {
                inside = inside.max(reached[at + 1]);
                let so_far = if *combinator == Combinator::Within { inside } else { reached[at + 1] };
                if so_far > Truth::No {
                    next[at] = so_far.min(self.all(compound, &path[at], &path[..at]));
                    best = best.max(next[at]);
                }
            }
            if best == Truth::No {
                return Truth::No;
            }
            reached = next;
        }
        best
    }

    fn spend(&self, comparisons: usize) {
        self.left.set(self.left.get().saturating_sub(comparisons as u64));
    }

    fn any(&self, list: &[Selector], element: &Place<'_>, outer: &[Place<'_>]) -> Truth {
        let mut path = None;
        let each = list.iter().map(|selector| {
            if selector.around.is_empty() {
                return self.all(&selector.subject, element, outer);
            }
            self.holds(selector, path.get_or_insert_with(|| [outer, &[*element]].concat()))
        });
        each.max().unwrap_or(Truth::No)
    }

    fn all(&self, compound: &[Simple], element: &Place<'_>, outer: &[Place<'_>]) -> Truth {
        let mut all = Truth::Yes;
        for simple in compound {
            all = all.min(self.simple(simple, element, outer));
            if all == Truth::No {
                break;
            }
        }
        all
    }

    fn simple(&self, simple: &Simple, element: &Place<'_>, outer: &[Place<'_>]) -> Truth {
        self.spend(1);
        if self.left.get() == 0 {
            return Truth::No;
        }
        let is_same = |one: &str, other: &str| one == other || self.is_quirky && one.eq_ignore_ascii_case(other);
        let look = element.look;
        match simple {
            Simple::Name(name) => element.name.eq_ignore_ascii_case(name).into(),
            Simple::Id(id) => look.of("id").is_some_and(|own| is_same(own, id)).into(),
            Simple::Class(class) => look.classes().any(|own| is_same(own, class)).into(),
            Simple::Attribute { name, test, value, ignores_case } => {
                look.of(name).is_some_and(|own| test.holds(own, value, *ignores_case)).into()
            }
            Simple::Any(list) => self.any(list, element, outer),
            Simple::Not(list) => self.any(list, element, outer).not(),
            Simple::Root => outer.is_empty().into(),
            Simple::Link => (matches!(element.name, "a" | "area") && look.of("href").is_some()).into(),
            Simple::All => Truth::Yes,
            Simple::Never => Truth::No,
            Simple::Unknown => Truth::Perhaps,
        }
    }
}

impl Test {
    fn holds(self, own: &str, value: &str, ignores_case: bool) -> bool {
        if ignores_case {
            return self.holds(&own.to_ascii_lowercase(), &value.to_ascii_lowercase(), false);
        }
        match self {
            Test::Has => true,
            Test::Is => own == value,
            Test::HasWord => !value.is_empty() && own.split_ascii_whitespace().any(|word| word == value),
            Test::IsOrBeginsWithDash => {
                own.strip_prefix(value).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
            }
            Test::Begins => !value.is_empty() && own.starts_with(value),
            Test::Ends => !value.is_empty() && own.ends_with(value),
            Test::Contains => !value.is_empty() && own.contains(value),
        }
    }
}

/// Reads the selectors of a rule, which may stand in the rule of others.
pub(super) fn read(input: &mut Parser<'_>, outer: Option<&List>) -> Result<List, ParseError<()>> {
    let reader = Reader { outer, is_doubtful: Cell::new(false), length: Cell::new(0) };
    let mut list = input.parse_comma_separated(|input| reader.selector(input, outer.is_some()))?;
    if reader.is_doubtful.get() {
        // A browser that does not know one of the selectors passes over the whole rule.
        list.iter_mut().for_each(|selector| selector.subject.push(Simple::Unknown));
    }
    Ok(list.into())
}

struct Reader<'a> {
    /// What `&` stands for.
    outer: Option<&'a List>,
    is_doubtful: Cell<bool>,
    /// Of how many parts it is so far.
    length: Cell<usize>,
}

impl Reader<'_> {
    fn selector(&self, input: &mut Parser<'_>, is_nested: bool) -> Result<Selector, ParseError<()>> {
        let mut compounds: Vec<(Combinator, Vec<Simple>)> = Vec::new();
        let mut specificity = [0; 3];
        let mut says_outer = false;
        let mut pending = Some(Combinator::Within);
        while let Ok(token) = input.next_including_whitespace().cloned() {
            let found = match token {
                Token::WhiteSpace(_) => Some(Combinator::Within),
                Token::Delim('>') => Some(Combinator::DirectlyBelow),
                Token::Delim('+' | '~') => Some(Combinator::Beside),
                _ => None,
            };
            pending = match (pending, found) {
                (None | Some(Combinator::Within), Some(found)) => Some(found),
                (pending, Some(Combinator::Within)) => pending,
                // Two in a row.
                (Some(_), Some(_)) => return Err(ParseError::unexpected_token()),
                (pending, None) => {
                    if let Some(combinator) = pending {
                        compounds.push((combinator, Vec::new()));
                    }
                    says_outer |= token == Token::Delim('&');
                    let simple = self.simple(token, input, &mut specificity)?;
                    compounds.last_mut().ok_or_else(ParseError::unexpected_token)?.1.push(simple);
                    None
                }
            };
        }
        if pending.is_some_and(|pending| pending != Combinator::Within) {
            return Err(ParseError::unexpected_token());
        }
        let begins_with_combinator = compounds.first().is_some_and(|(first, _)| *first != Combinator::Within);
        match self.outer.filter(|_| is_nested) {
            Some(outer) if begins_with_combinator || !says_outer => {
                compounds.insert(0, (Combinator::Within, vec![any(Rc::clone(outer), &mut specificity)]));
            }
            None if begins_with_combinator => return Err(ParseError::unexpected_token()),
            _ => {}
        }
        let (mut combinator, subject) = compounds.pop().ok_or_else(ParseError::unexpected_token)?;
        let mut around = Vec::new();
        for (outer, compound) in compounds.into_iter().rev() {
            around.push((combinator, compound));
            combinator = outer;
        }
        Ok(Selector { subject, around, specificity })
    }

    fn simple(
        &self,
        token: Token<'_>,
        input: &mut Parser<'_>,
        specificity: &mut Specificity,
    ) -> Result<Simple, ParseError<()>> {
        self.length.set(self.length.get() + 1);
        if self.length.get() > LONGEST {
            return Err(ParseError::unexpected_token());
        }
        Ok(match token {
            Token::Delim('*') => Simple::All,
            Token::Delim('&') => match self.outer {
                Some(outer) => any(Rc::clone(outer), specificity),
                None => Simple::Root,
            },
            Token::Ident(name) => {
                add(specificity, [0, 0, 1]);
                Simple::Name(name.to_ascii_lowercase())
            }
            Token::IDHash(id) => {
                add(specificity, [1, 0, 0]);
                Simple::Id(id.to_string())
            }
            Token::Delim('.') => match input.next_including_whitespace()? {
                Token::Ident(class) => {
                    add(specificity, [0, 1, 0]);
                    Simple::Class(class.to_string())
                }
                _ => return Err(ParseError::unexpected_token()),
            },
            Token::SquareBracketBlock => {
                add(specificity, [0, 1, 0]);
                input.parse_nested_block(attribute)?
            }
            Token::Colon => match input.next_including_whitespace()?.clone() {
                Token::Colon => self.part(input)?,
                Token::Ident(name) => self.state(&name.to_ascii_lowercase(), specificity),
                Token::Function(name) => self.function(&name.to_ascii_lowercase(), input, specificity)?,
                _ => return Err(ParseError::unexpected_token()),
            },
            _ => return Err(ParseError::unexpected_token()),
        })
    }

    /// What is no element of the page, such as `::before`.
    fn part(&self, input: &mut Parser<'_>) -> Result<Simple, ParseError<()>> {
        let name = match input.next_including_whitespace()?.clone() {
            Token::Ident(name) => name.to_ascii_lowercase(),
            Token::Function(name) => {
                input.parse_nested_block(pass)?;
                name.to_ascii_lowercase()
            }
            _ => return Err(ParseError::unexpected_token()),
        };
        let known = [
            "before",
            "after",
            "first-line",
            "first-letter",
            "selection",
            "placeholder",
            "marker",
            "backdrop",
            "cue",
            "part",
            "slotted",
            "file-selector-button",
            "target-text",
            "highlight",
            "details-content",
        ];
        if !known.contains(&&*name) && !name.starts_with("-webkit-") {
            self.is_doubtful.set(true);
        }
        Ok(Simple::Never)
    }

    fn state(&self, name: &str, specificity: &mut Specificity) -> Simple {
        add(specificity, [0, 1, 0]);
        match name {
            "before" | "after" | "first-line" | "first-letter" => Simple::Never,
            "hover" | "active" | "focus" | "focus-within" | "focus-visible" | "target" | "visited" | "fullscreen" => {
                Simple::Never
            }
            "root" => Simple::Root,
            "link" | "any-link" => Simple::Link,
            "checked" | "disabled" | "enabled" | "empty" | "first-child" | "last-child" | "only-child"
            | "first-of-type" | "last-of-type" | "only-of-type" | "required" | "optional" | "valid" | "invalid"
            | "default" | "read-only" | "read-write" | "in-range" | "out-of-range" | "indeterminate"
            | "placeholder-shown" | "defined" | "scope" | "host" | "open" | "modal" | "popover-open"
            | "target-within" | "autofill" | "user-valid" | "user-invalid" | "-webkit-autofill" | "playing"
            | "paused" => Simple::Unknown,
            _ => {
                self.is_doubtful.set(true);
                Simple::Unknown
            }
        }
    }

    fn function(
        &self,
        name: &str,
        input: &mut Parser<'_>,
        specificity: &mut Specificity,
    ) -> Result<Simple, ParseError<()>> {
        match name {
            "is" | "where" | "matches" | "-webkit-any" => {
                let list: List = input.parse_nested_block(|input| {
                    Ok(input.parse_comma_separated_ignoring_errors(|input| self.selector(input, false)).into())
                })?;
                Ok(if name == "where" { Simple::Any(list) } else { any(list, specificity) })
            }
            "not" => {
                let list: List = input.parse_nested_block(|input| {
                    Ok(input.parse_comma_separated(|input| self.selector(input, false))?.into())
                })?;
                add(specificity, highest(&list));
                Ok(Simple::Not(list))
            }
            _ => {
                input.parse_nested_block(pass)?;
                add(specificity, [0, 1, 0]);
                if !matches!(name, "has" | "lang" | "dir" | "host" | "host-context" | "state")
                    && !name.starts_with("nth-")
                {
                    self.is_doubtful.set(true);
                }
                Ok(Simple::Unknown)
            }
        }
    }
}

fn pass(input: &mut Parser<'_>) -> Result<(), ParseError<()>> {
    while input.next().is_ok() {}
    Ok(())
}

/// One of a list, which says as much as the most telling of it.
fn any(list: List, specificity: &mut Specificity) -> Simple {
    add(specificity, highest(&list));
    Simple::Any(list)
}

fn highest(list: &[Selector]) -> Specificity {
    list.iter().map(|selector| selector.specificity).max().unwrap_or_default()
}

fn add(specificity: &mut Specificity, more: Specificity) {
    for (all, more) in specificity.iter_mut().zip(more) {
        *all = all.saturating_add(more);
    }
}

fn attribute(input: &mut Parser<'_>) -> Result<Simple, ParseError<()>> {
    let name = input.expect_ident()?.to_ascii_lowercase();
    let test = match input.next() {
        Err(_) => return Ok(Simple::Attribute { name, test: Test::Has, value: String::new(), ignores_case: false }),
        Ok(Token::Delim('=')) => Test::Is,
        Ok(Token::IncludeMatch) => Test::HasWord,
        Ok(Token::DashMatch) => Test::IsOrBeginsWithDash,
        Ok(Token::PrefixMatch) => Test::Begins,
        Ok(Token::SuffixMatch) => Test::Ends,
        Ok(Token::SubstringMatch) => Test::Contains,
        Ok(_) => return Err(ParseError::unexpected_token()),
    };
    let value = input.expect_ident_or_string()?.to_string();
    let flag = input.try_parse(|input| input.expect_ident_cloned()).ok();
    let ignores_case = match flag {
        Some(flag) if flag.eq_ignore_ascii_case("i") => true,
        Some(flag) if flag.eq_ignore_ascii_case("s") => false,
        Some(_) => return Err(ParseError::unexpected_token()),
        None => matches!(&*name, "type" | "lang" | "dir" | "align" | "rel" | "media"),
    };
    Ok(Simple::Attribute { name, test, value, ignores_case })
}
