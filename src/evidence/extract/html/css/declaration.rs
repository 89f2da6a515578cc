//! What a declaration of CSS says of whether words are seen.

use cssparser::{
    AtRuleParser, CowRcStr, DeclarationParser, ParseError, Parser, ParserState, QualifiedRuleParser,
    RuleBodyItemParser, RuleBodyParser, Token,
};

/// How far to the left of where it belongs a box must be put so that nothing of it is seen, in pixels.
const FAR_LEFT: f32 = -999.0;
/// How far it must be put to other sides, where more of a page may lie.
const FAR: f32 = 5000.0;
/// The most that is read of a value.
const MOST_TERMS: usize = 64;

/// What has a say in whether words are seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Property {
    Display,
    /// What kind of box `display` makes.
    Kind,
    ContentVisibility,
    Visibility,
    Opacity,
    FontSize,
    Position,
    Float,
    Left,
    Right,
    Top,
    Bottom,
    Clip,
    ClipPath,
    Width,
    MaxWidth,
    MinWidth,
    Height,
    MaxHeight,
    MinHeight,
    OverflowX,
    OverflowY,
    PaddingLeft,
    PaddingRight,
    PaddingTop,
    PaddingBottom,
    Flex,
}

pub(in super::super) use Property as P;

impl Property {
    pub(super) const COUNT: usize = Property::Flex as usize + 1;

    /// The set that holds it alone.
    pub(super) fn bit(self) -> u32 {
        1 << self as u32
    }
}

/// What a value says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Value {
    /// It hides words, by itself or with others.
    Hides,
    /// It does not.
    Shows,
    /// What holds outside of the element holds in it.
    Inherits,
    /// What holds without any style.
    Reverts,
    /// `display`: a box that can have a size.
    Boxed,
    /// `display`: no box at all, though what is in it has some.
    Boxless,
    /// `position`: where it belongs, or moved from there.
    Relative,
}

/// One declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Declaration {
    pub(in super::super) property: Property,
    pub(in super::super) value: Value,
    pub(in super::super) is_important: bool,
}

/// Reads a `style` attribute.
pub(in super::super) fn of_attribute(style: &str) -> Vec<Declaration> {
    let mut input = Parser::new(style);
    let mut attribute = Attribute;
    RuleBodyParser::new(&mut input, &mut attribute).filter_map(Result::ok).flatten().collect()
}

struct Attribute;

impl<'i> DeclarationParser<'i> for Attribute {
    type Declaration = Vec<Declaration>;
    type Error = ();

    fn parse_value(
        &mut self,
        name: CowRcStr<'i>,
        input: &mut Parser<'i>,
        _: &ParserState,
    ) -> Result<Self::Declaration, ParseError<()>> {
        read(&name, input)
    }
}

impl AtRuleParser<'_> for Attribute {
    type Prelude = ();
    type AtRule = Vec<Declaration>;
    type Error = ();
}

impl QualifiedRuleParser<'_> for Attribute {
    type Prelude = ();
    type QualifiedRule = Vec<Declaration>;
    type Error = ();
}

impl RuleBodyItemParser<'_, Vec<Declaration>, ()> for Attribute {
    fn parse_declarations(&self) -> bool {
        true
    }

    fn parse_qualified(&self) -> bool {
        false
    }
}

/// Reads the value of a declaration; what a browser passes over comes to nothing.
pub(super) fn read(name: &str, input: &mut Parser<'_>) -> Result<Vec<Declaration>, ParseError<()>> {
    let name = name.to_ascii_lowercase();
    if !is_of_interest(&name) {
        return Err(ParseError::unexpected_token());
    }
    let (terms, is_important) = terms(input, name.starts_with("font"))?;
    let said = of_value(&name, &terms).ok_or_else(ParseError::unexpected_token)?;
    Ok(said.into_iter().map(|(property, value)| Declaration { property, value, is_important }).collect())
}

fn is_of_interest(name: &str) -> bool {
    matches!(
        name,
        "all"
            | "display"
            | "content-visibility"
            | "visibility"
            | "opacity"
            | "font-size"
            | "font"
            | "position"
            | "float"
    ) || matches!(name, "left" | "right" | "top" | "bottom" | "inset" | "clip" | "clip-path" | "-webkit-clip-path")
        || matches!(name, "width" | "max-width" | "min-width" | "height" | "max-height" | "min-height")
        || matches!(name, "overflow" | "overflow-x" | "overflow-y" | "flex" | "flex-grow" | "flex-basis")
        || name.starts_with("padding") && !name.ends_with('-')
}

/// A part of a value.
#[derive(Debug)]
enum Term {
    /// A word, in lower case.
    Word(String),
    Number(f32),
    /// A length in pixels, as far as it can be told without a window and letters.
    Length(f32),
    /// A hundredth of something is 0.01.
    Share(f32),
    Function(String, Vec<Term>),
    Comma,
    Other,
}

/// The terms of a value, and whether it is important. For the size of letters, what is measured in letters is a share of those around.
fn terms(input: &mut Parser<'_>, is_font: bool) -> Result<(Vec<Term>, bool), ParseError<()>> {
    let mut terms = Vec::new();
    while let Ok(token) = input.next() {
        let term = match token {
            Token::Delim('!') => {
                input.expect_ident_matching("important")?;
                input.expect_exhausted()?;
                return Ok((terms, true));
            }
            Token::Ident(word) => Term::Word(word.to_ascii_lowercase()),
            Token::Number { value, .. } => Term::Number(*value),
            Token::Percentage { unit_value, .. } => Term::Share(*unit_value),
            Token::Dimension { value, unit, .. } if is_font && is_of_letters(unit) => Term::Share(*value),
            Token::Dimension { value, unit, .. } => pixels(unit).map_or(Term::Other, |each| Term::Length(value * each)),
            Token::Function(name) => {
                let name = name.to_ascii_lowercase();
                Term::Function(name, input.parse_nested_block(|input| Ok(self::terms(input, is_font)?.0))?)
            }
            Token::Comma => Term::Comma,
            token if token.is_parse_error() => return Err(ParseError::unexpected_token()),
            _ => Term::Other,
        };
        if terms.len() < MOST_TERMS {
            terms.push(term);
        }
    }
    Ok((terms, false))
}

/// Whether a unit is measured by the letters around.
fn is_of_letters(unit: &str) -> bool {
    ["em", "ex", "ch", "ic", "cap", "lh"].iter().any(|of_letters| unit.eq_ignore_ascii_case(of_letters))
}

/// How many pixels a unit of length has, in a usual window and with letters of a usual size.
fn pixels(unit: &str) -> Option<f32> {
    Some(match &*unit.to_ascii_lowercase() {
        "px" => 1.0,
        "em" | "rem" | "ic" | "lh" | "rlh" => 16.0,
        "ex" | "ch" | "cap" | "rex" | "rch" => 8.0,
        "pt" => 96.0 / 72.0,
        "pc" => 16.0,
        "in" => 96.0,
        "cm" => 96.0 / 2.54,
        "mm" => 9.6 / 2.54,
        "q" => 2.4 / 2.54,
        "vw" | "vi" | "svw" | "lvw" | "dvw" | "vmax" => 12.8,
        "vh" | "vb" | "svh" | "lvh" | "dvh" | "vmin" => 7.2,
        _ => return None,
    })
}

/// What a value says of each property that it is about; none when it is no value of that property.
fn of_value(name: &str, terms: &[Term]) -> Option<Vec<(Property, Value)>> {
    if let Some(all) = of_every_property(name, terms) {
        return Some(all);
    }
    let one = |property, value| Some(vec![(property, value)]);
    match (name, terms) {
        ("all", _) => None,
        ("display", terms) => display(terms),
        ("padding", terms) => {
            let sides = sides(terms)?.map(|size| is_size(size).then(|| size_of(size, 0.0)));
            let properties = [P::PaddingTop, P::PaddingRight, P::PaddingBottom, P::PaddingLeft];
            properties.into_iter().zip(sides).map(|(property, value)| Some((property, value?))).collect()
        }
        ("inset", terms) => {
            let properties = [P::Top, P::Right, P::Bottom, P::Left];
            let sides = properties.into_iter().zip(sides(terms)?);
            sides.map(|(property, term)| Some((property, offset(property, term)?))).collect()
        }
        ("overflow", [x]) => Some(vec![(P::OverflowX, overflow(x)?), (P::OverflowY, overflow(x)?)]),
        ("overflow", [x, y]) => Some(vec![(P::OverflowX, overflow(x)?), (P::OverflowY, overflow(y)?)]),
        ("font", terms) => one(P::FontSize, font(terms)?),
        ("clip", [term]) => one(P::Clip, clip(term)?),
        ("clip-path" | "-webkit-clip-path", terms) => one(P::ClipPath, clip_path(terms)),
        ("flex", terms) => one(P::Flex, if is_stiff(terms) { Value::Hides } else { Value::Shows }),
        (_, [term]) => {
            let property = properties(name).into_iter().next()?;
            one(property, of_term(property, term)?)
        }
        _ => None,
    }
}

/// What is said when a value is one that every property can have, or one that is not known before others are.
fn of_every_property(name: &str, terms: &[Term]) -> Option<Vec<(Property, Value)>> {
    let word = match terms {
        [Term::Word(word)] => &**word,
        _ if terms.iter().any(is_open) => "var",
        _ => return None,
    };
    let of = |property| {
        Some(match (word, property) {
            ("inherit", P::Visibility | P::FontSize) => Value::Inherits,
            ("unset" | "revert", P::Visibility | P::FontSize) => Value::Inherits,
            ("revert", _) => Value::Reverts,
            ("initial" | "inherit" | "unset" | "revert-layer" | "var", _) => Value::Shows,
            _ => return None,
        })
    };
    properties(name).into_iter().map(|property| Some((property, of(property)?))).collect()
}

/// Whether it is known only when other values are.
fn is_open(term: &Term) -> bool {
    match term {
        Term::Function(name, inner) => {
            matches!(&**name, "var" | "env" | "attr" | "if" | "calc" | "min" | "max" | "clamp")
                || inner.iter().any(is_open)
        }
        _ => false,
    }
}

fn properties(name: &str) -> Vec<Property> {
    vec![match name {
        "all" => {
            let mut all: Vec<Property> =
                ["display", "inset", "padding", "overflow"].into_iter().flat_map(properties).collect();
            all.extend([P::ContentVisibility, P::Visibility, P::Opacity, P::FontSize, P::Position, P::Float, P::Clip]);
            all.extend([
                P::ClipPath,
                P::Width,
                P::MaxWidth,
                P::MinWidth,
                P::Height,
                P::MaxHeight,
                P::MinHeight,
                P::Flex,
            ]);
            return all;
        }
        "display" => return vec![P::Display, P::Kind],
        "inset" => return vec![P::Top, P::Right, P::Bottom, P::Left],
        "padding" => return vec![P::PaddingTop, P::PaddingRight, P::PaddingBottom, P::PaddingLeft],
        "overflow" => return vec![P::OverflowX, P::OverflowY],
        "content-visibility" => P::ContentVisibility,
        "visibility" => P::Visibility,
        "opacity" => P::Opacity,
        "font-size" | "font" => P::FontSize,
        "position" => P::Position,
        "float" => P::Float,
        "left" => P::Left,
        "right" => P::Right,
        "top" => P::Top,
        "bottom" => P::Bottom,
        "clip" => P::Clip,
        "clip-path" | "-webkit-clip-path" => P::ClipPath,
        "width" => P::Width,
        "max-width" => P::MaxWidth,
        "min-width" => P::MinWidth,
        "height" => P::Height,
        "max-height" => P::MaxHeight,
        "min-height" => P::MinHeight,
        "overflow-x" => P::OverflowX,
        "overflow-y" => P::OverflowY,
        "padding-left" | "padding-inline-start" => P::PaddingLeft,
        "padding-right" | "padding-inline-end" => P::PaddingRight,
        "padding-top" | "padding-block-start" => P::PaddingTop,
        "padding-bottom" | "padding-block-end" => P::PaddingBottom,
        "flex" | "flex-grow" | "flex-basis" => P::Flex,
        _ => return Vec::new(),
    }]
}

/// What a value of one term says.
fn of_term(property: Property, term: &Term) -> Option<Value> {
    let word = match term {
        Term::Word(word) => &**word,
        _ => "",
    };
    Some(match property {
        P::ContentVisibility => match word {
            "hidden" => Value::Hides,
            "visible" | "auto" => Value::Shows,
            _ => return None,
        },
        P::Visibility => match word {
            "hidden" | "collapse" => Value::Hides,
            "visible" => Value::Shows,
            _ => return None,
        },
        P::Opacity => match term {
            Term::Number(amount) | Term::Share(amount) if *amount <= 0.0 => Value::Hides,
            Term::Number(_) | Term::Share(_) => Value::Shows,
            _ => return None,
        },
        P::FontSize => font_size(term)?,
        P::Position => match word {
            "absolute" | "fixed" => Value::Hides,
            "relative" => Value::Relative,
            "static" | "sticky" | "-webkit-sticky" => Value::Shows,
            _ => return None,
        },
        P::Float => match word {
            "left" | "right" | "inline-start" | "inline-end" => Value::Hides,
            "none" => Value::Shows,
            _ => return None,
        },
        P::Left | P::Right | P::Top | P::Bottom => offset(property, term)?,
        P::Width | P::MaxWidth | P::Height | P::MaxHeight => match term {
            _ if is_size(term) => size_of(term, 1.0),
            Term::Word(_) | Term::Function(..) => Value::Shows,
            _ => return None,
        },
        P::MinWidth | P::MinHeight => match term {
            _ if is_size(term) => size_of(term, 1.0),
            Term::Word(word) if word == "auto" => Value::Hides,
            Term::Word(_) | Term::Function(..) => Value::Shows,
            _ => return None,
        },
        P::OverflowX | P::OverflowY => overflow(term)?,
        P::PaddingLeft | P::PaddingRight | P::PaddingTop | P::PaddingBottom => {
            is_size(term).then(|| size_of(term, 0.0))?
        }
        P::Flex => {
            if is_stiff(std::slice::from_ref(term)) {
                Value::Hides
            } else {
                Value::Shows
            }
        }
        P::Display | P::Kind | P::Clip | P::ClipPath => return None,
    })
}

/// The values of `display` that browsers know; they pass over others.
fn display(terms: &[Term]) -> Option<Vec<(Property, Value)>> {
    let mut kind = Value::Shows;
    for term in terms {
        let Term::Word(word) = term else { return None };
        kind = match &**word {
            "none" if terms.len() == 1 => return Some(vec![(P::Display, Value::Hides), (P::Kind, Value::Shows)]),
            "contents" if terms.len() == 1 => Value::Boxless,
            "block"
            | "flow-root"
            | "flex"
            | "grid"
            | "list-item"
            | "inline-block"
            | "inline-flex"
            | "inline-grid"
            | "-webkit-box"
            | "-webkit-flex"
            | "-webkit-inline-box"
            | "-webkit-inline-flex" => Value::Boxed,
            "inline" | "flow" | "table" | "inline-table" | "ruby" | "ruby-text" | "math" | "table-row-group"
            | "table-header-group" | "table-footer-group" | "table-row" | "table-cell" | "table-column-group"
            | "table-column" | "table-caption" => kind,
            _ => return None,
        };
    }
    (!terms.is_empty()).then(|| vec![(P::Display, Value::Shows), (P::Kind, kind)])
}

fn font_size(term: &Term) -> Option<Value> {
    Some(match term {
        Term::Number(0.0) => Value::Hides,
        Term::Length(size) | Term::Share(size) if *size == 0.0 => Value::Hides,
        Term::Length(size) if *size > 0.0 => Value::Shows,
        // Nothing times something is nothing.
        Term::Share(size) if *size > 0.0 => Value::Inherits,
        Term::Word(word) => match &**word {
            "smaller" | "larger" => Value::Inherits,
            "xx-small" | "x-small" | "small" | "medium" | "large" | "x-large" | "xx-large" | "xxx-large" | "math" => {
                Value::Shows
            }
            _ => return None,
        },
        _ => return None,
    })
}

/// The size in `font`, which stands before the names of fonts.
fn font(terms: &[Term]) -> Option<Value> {
    if let [Term::Word(_)] = terms {
        return Some(Value::Shows);
    }
    terms.iter().find_map(font_size)
}

fn offset(property: Property, term: &Term) -> Option<Value> {
    let size = match term {
        Term::Length(size) => *size,
        Term::Number(0.0) => 0.0,
        Term::Share(_) | Term::Function(..) => return Some(Value::Shows),
        Term::Word(word) if word == "auto" => return Some(Value::Shows),
        _ => return None,
    };
    let is_far = match property {
        P::Left => size <= FAR_LEFT,
        P::Top => size <= -FAR,
        _ => size >= FAR,
    };
    Some(if is_far { Value::Hides } else { Value::Shows })
}

fn overflow(term: &Term) -> Option<Value> {
    let Term::Word(word) = term else { return None };
    match &**word {
        "hidden" | "clip" => Some(Value::Hides),
        "visible" | "auto" | "scroll" | "overlay" => Some(Value::Shows),
        _ => None,
    }
}

/// Whether a term is a size that a box can have.
fn is_size(term: &Term) -> bool {
    match term {
        Term::Number(size) => *size == 0.0,
        Term::Length(size) | Term::Share(size) => *size >= 0.0,
        _ => false,
    }
}

fn size_of(term: &Term, most: f32) -> Value {
    match term {
        Term::Length(size) | Term::Number(size) if *size <= most => Value::Hides,
        Term::Share(0.0) => Value::Hides,
        _ => Value::Shows,
    }
}

/// One to four terms as top, right, bottom and left.
fn sides(terms: &[Term]) -> Option<[&Term; 4]> {
    match terms {
        [all] => Some([all; 4]),
        [y, x] => Some([y, x, y, x]),
        [top, x, bottom] => Some([top, x, bottom, x]),
        [top, right, bottom, left] => Some([top, right, bottom, left]),
        _ => None,
    }
}

/// Whether `flex` lets nothing grow.
fn is_stiff(terms: &[Term]) -> bool {
    match terms.first() {
        Some(Term::Word(word)) => word == "none",
        Some(Term::Number(grow)) => *grow == 0.0 && terms.len() < 3,
        _ => false,
    }
}

/// `clip: rect(…)`, of which nothing is left where two sides meet.
fn clip(term: &Term) -> Option<Value> {
    match term {
        Term::Word(word) if word == "auto" => Some(Value::Shows),
        Term::Function(name, sides) if name == "rect" => {
            let sides: Vec<&Term> = sides.iter().filter(|term| !matches!(term, Term::Comma)).collect();
            let [top, right, bottom, left] = sides[..] else { return None };
            let length = |term: &Term| match term {
                Term::Number(0.0) => Some(Some(0.0)),
                Term::Length(length) => Some(Some(*length)),
                Term::Word(word) if word == "auto" => Some(None),
                _ => None,
            };
            let is_gone = |from: Option<f32>, until: Option<f32>| matches!((from.unwrap_or(0.0), until), (from, Some(until)) if until - from <= 1.0);
            let is_gone = is_gone(length(top)?, length(bottom)?) || is_gone(length(left)?, length(right)?);
            Some(if is_gone { Value::Hides } else { Value::Shows })
        }
        _ => None,
    }
}

/// The shapes that leave nothing, as they are usually written.
fn clip_path(terms: &[Term]) -> Value {
    let [Term::Function(name, shape)] = terms else { return Value::Shows };
    let until_word = shape.iter().position(|term| matches!(term, Term::Word(_))).unwrap_or(shape.len());
    let is_nothing = |term: &Term| matches!(term, Term::Number(0.0) | Term::Length(0.0) | Term::Share(0.0));
    let is_gone = match &**name {
        "inset" => sides(&shape[..until_word]).is_some_and(|[top, right, bottom, left]| {
            let share = |term: &Term| match term {
                Term::Share(share) => *share,
                _ => 0.0,
            };
            share(top) + share(bottom) >= 1.0 || share(left) + share(right) >= 1.0
        }),
        "circle" | "ellipse" => shape[..until_word].iter().any(is_nothing),
        "polygon" => {
            until_word == shape.len() && shape.iter().all(|term| matches!(term, Term::Comma) || is_nothing(term))
        }
        _ => false,
    };
    if is_gone { Value::Hides } else { Value::Shows }
}
