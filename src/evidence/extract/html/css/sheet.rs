//! What the sheets of a page and an element's own style come to.

use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;

use cssparser::{
    AtRuleParser, CowRcStr, DeclarationParser, ParseError, Parser, ParserState, QualifiedRuleParser,
    RuleBodyItemParser, RuleBodyParser, StyleSheetParser,
};

use super::super::look::Look;
use super::declaration::{self, Declaration, P, Property, Value};
use super::selector::{self, Key, List, Matching, Place};
use super::{Truth, media};

/// How many comparisons of an element with a part of a selector a page may need. An article needs some thousands.
const MOST_COMPARISONS: u64 = 50_000_000;
/// How many rules may have a say.
const MOST_RULES: usize = 250_000;

/// The sheets of a page.
pub(in super::super) struct Sheet {
    rules: Vec<Rule>,
    /// The rules, by what an element must have for them to hold; what is compared without regard to capitals is in small letters here.
    by_key: HashMap<String, Vec<usize>>,
    for_all: Vec<usize>,
    matching: Matching,
}

/// One selector and what it declares.
struct Rule {
    list: List,
    /// Which of the list.
    number: usize,
    declarations: Rc<[Declaration]>,
    truth: Truth,
    layer: u16,
    order: usize,
}

/// What holds for an element, with whether its own style says so.
#[derive(Clone, Copy)]
pub(in super::super) struct Holding {
    slots: [Option<(Weight, Value)>; Property::COUNT],
}

/// Which of two declarations holds.
type Weight = (bool, bool, u16, selector::Specificity, usize);

/// The layer of what is in none.
const NO_LAYER: u16 = u16::MAX;

impl Sheet {
    /// Reads sheets, each with the media that it is for; none if they have no say in what is seen. `own` is what the elements' own styles declare.
    pub(in super::super) fn new(
        sheets: &[(String, String)],
        is_quirky: bool,
        own: impl Iterator<Item = Declaration>,
    ) -> Option<Sheet> {
        if sheets.is_empty() {
            return None;
        }
        let mut reader = Reader::default();
        for (text, for_media) in sheets {
            let truth = media::read(&mut Parser::new(for_media));
            if truth != Truth::No {
                reader.context = Context { truth, ..Context::default() };
                let mut input = Parser::new(text);
                StyleSheetParser::new(&mut input, &mut reader).for_each(drop);
            }
        }
        let hides =
            |declaration: Declaration| if declaration.value == Value::Hides { declaration.property.bit() } else { 0 };
        let declared = reader.rules.iter().flat_map(|rule| rule.declarations.iter().copied());
        let needed = needed(declared.chain(own).map(hides).fold(P::Display.bit(), |all, bit| all | bit));
        let mut sheet = Sheet {
            rules: reader.rules,
            by_key: HashMap::new(),
            for_all: Vec::new(),
            matching: Matching { is_quirky, left: Cell::new(if reader.is_exceeded { 0 } else { MOST_COMPARISONS }) },
        };
        sheet.rules.retain(|rule| {
            let says = |declaration: &Declaration| declaration.property.bit() & needed != 0;
            rule.declarations.iter().any(says) && rule.list[rule.number].is_ever()
        });
        for (at, rule) in sheet.rules.iter().enumerate() {
            let key = match rule.list[rule.number].key() {
                Key::Id(id) => format!("#{}", id.to_ascii_lowercase()),
                Key::Class(class) => format!(".{}", class.to_ascii_lowercase()),
                Key::Attribute(name) => format!("[{name}"),
                Key::Name(name) => name.to_owned(),
                Key::All => {
                    sheet.for_all.push(at);
                    continue;
                }
            };
            sheet.by_key.entry(key).or_default().push(at);
        }
        (!sheet.rules.is_empty() || sheet.is_exceeded()).then_some(sheet)
    }

    /// Whether there is more to read or compare than may be.
    pub(in super::super) fn is_exceeded(&self) -> bool {
        self.matching.left.get() == 0
    }

    /// Adds what the sheets say of the last of these elements, each of which lies in the one before.
    fn tell(&self, path: &[Place<'_>], holding: &mut Holding) {
        let Some(element) = path.last() else { return };
        self.hear(&self.for_all, path, holding);
        if self.by_key.is_empty() {
            return;
        }
        let mut ask = |key: &str| {
            if let Some(rules) = self.by_key.get(key) {
                self.hear(rules, path, holding);
            }
        };
        ask(&element.name.to_ascii_lowercase());
        let look = element.look;
        if let Some(id) = look.of("id") {
            ask(&format!("#{}", id.to_ascii_lowercase()));
        }
        for class in look.classes() {
            ask(&format!(".{}", class.to_ascii_lowercase()));
        }
        for name in look.attribute_names() {
            ask(&format!("[{name}"));
        }
    }

    fn hear(&self, rules: &[usize], path: &[Place<'_>], holding: &mut Holding) {
        for rule in rules.iter().map(|rule| &self.rules[*rule]) {
            let selector = &rule.list[rule.number];
            let truth = rule.truth.min(self.matching.holds(selector, path));
            if truth == Truth::No {
                continue;
            }
            for declaration in rule.declarations.iter() {
                let layer = if declaration.is_important { NO_LAYER - rule.layer } else { rule.layer };
                let weight = (declaration.is_important, false, layer, selector.specificity, rule.order);
                match (truth, declaration.value) {
                    (Truth::Yes, value) => holding.hear(declaration.property, weight, value),
                    (_, Value::Shows) => holding.hear(declaration.property, weight, Value::Shows),
                    (_, Value::Relative) => holding.hear(declaration.property, weight, Value::Shows),
                    _ => {}
                }
            }
        }
    }
}

/// Everything that decides whether what is hidden by some properties is hidden.
fn needed(hides: u32) -> u32 {
    let set = |properties: &[Property]| properties.iter().fold(0, |all, property| all | property.bit());
    let alone = set(&[P::Display, P::Visibility, P::Opacity, P::FontSize, P::ContentVisibility, P::ClipPath]);
    let moved = set(&[P::Left, P::Right, P::Top, P::Bottom, P::Clip]);
    let small = set(&[P::Width, P::MaxWidth, P::Height, P::MaxHeight]);
    let mut needed = hides & (alone | moved | small);
    if needed != 0 {
        needed |= set(&[P::Display, P::Kind, P::Position]);
    }
    if hides & small != 0 {
        needed |= set(&[P::Float, P::MinWidth, P::MinHeight, P::OverflowX, P::OverflowY, P::Flex]);
        needed |= set(&[P::PaddingLeft, P::PaddingRight, P::PaddingTop, P::PaddingBottom]);
    }
    needed
}

impl Holding {
    /// What holds for the last of these elements, each of which lies in the one before; none if nothing is said of it.
    pub(in super::super) fn of(sheet: Option<&Sheet>, path: &[Place<'_>], look: &Look) -> Option<Holding> {
        let own = look.style.as_deref().unwrap_or_default();
        if sheet.is_none() && own.is_empty() {
            return None;
        }
        let mut holding = Holding { slots: [None; Property::COUNT] };
        for (order, declaration) in own.iter().enumerate() {
            holding.hear(declaration.property, (declaration.is_important, true, 0, [0; 3], order), declaration.value);
        }
        if let Some(sheet) = sheet {
            sheet.tell(path, &mut holding);
        }
        Some(holding)
    }

    fn hear(&mut self, property: Property, weight: Weight, value: Value) {
        let slot = &mut self.slots[property as usize];
        if slot.is_none_or(|(held, _)| held <= weight) {
            *slot = Some((weight, value));
        }
    }

    /// What holds of a property, if anything is said of it.
    pub(in super::super) fn value(&self, property: Property) -> Option<Value> {
        self.slots[property as usize].map(|(_, value)| value).filter(|value| *value != Value::Reverts)
    }

    /// Whether a property hides, and if it does, whether a sheet says so.
    pub(in super::super) fn hides(&self, property: Property) -> Option<bool> {
        let (weight, value) = self.slots[property as usize]?;
        (value == Value::Hides).then_some(!weight.1)
    }
}

/// Where in a sheet a rule stands.
#[derive(Clone)]
struct Context {
    truth: Truth,
    layer: u16,
    outer: Option<List>,
}

impl Default for Context {
    fn default() -> Self {
        Context { truth: Truth::Yes, layer: NO_LAYER, outer: None }
    }
}

#[derive(Default)]
struct Reader {
    rules: Vec<Rule>,
    layers: HashMap<String, u16>,
    context: Context,
    order: usize,
    is_exceeded: bool,
}

/// What follows the name of a rule with `@`.
enum At {
    /// Its rules hold if this does.
    If(Truth),
    Layers(Vec<String>),
}

impl Reader {
    fn layer(&mut self, name: &str) -> u16 {
        let next = u16::try_from(self.layers.len()).unwrap_or(NO_LAYER).min(NO_LAYER - 1);
        *self.layers.entry(name.to_owned()).or_insert(next)
    }

    /// Reads what is in the block of a rule, in which other rules may stand.
    fn body(&mut self, input: &mut Parser<'_>) {
        // Before the rules that stand in it.
        let order = self.order;
        let mut declarations = Vec::new();
        for declared in RuleBodyParser::new(input, self).flatten() {
            declarations.extend(declared);
        }
        let Some(list) = self.context.outer.clone().filter(|_| !declarations.is_empty()) else { return };
        let declarations: Rc<[Declaration]> = declarations.into();
        let (truth, layer) = (self.context.truth, self.context.layer);
        if self.rules.len() + list.len() > MOST_RULES {
            self.is_exceeded = true;
            return;
        }
        self.rules.extend((0..list.len()).map(|number| Rule {
            list: Rc::clone(&list),
            number,
            declarations: Rc::clone(&declarations),
            truth,
            layer,
            order,
        }));
    }

    /// Does something where this holds as well.
    fn within<T>(&mut self, context: Context, act: impl FnOnce(&mut Self) -> T) -> T {
        let outer = std::mem::replace(&mut self.context, context);
        let done = act(self);
        self.context = outer;
        done
    }
}

impl<'i> QualifiedRuleParser<'i> for Reader {
    type Prelude = List;
    type QualifiedRule = Vec<Declaration>;
    type Error = ();

    fn parse_prelude(&mut self, input: &mut Parser<'i>) -> Result<List, ParseError<()>> {
        selector::read(input, self.context.outer.as_ref())
    }

    fn parse_block(
        &mut self,
        list: List,
        _: &ParserState,
        input: &mut Parser<'i>,
    ) -> Result<Vec<Declaration>, ParseError<()>> {
        self.order += 1;
        let context = Context { outer: Some(list), ..self.context.clone() };
        self.within(context, |reader| reader.body(input));
        Ok(Vec::new())
    }
}

impl<'i> AtRuleParser<'i> for Reader {
    type Prelude = At;
    type AtRule = Vec<Declaration>;
    type Error = ();

    fn parse_prelude(&mut self, name: CowRcStr<'i>, input: &mut Parser<'i>) -> Result<At, ParseError<()>> {
        Ok(match &*name.to_ascii_lowercase() {
            "media" => At::If(media::read(input)),
            "supports" => At::If(media::supports(input)),
            "container" => {
                while input.next().is_ok() {}
                At::If(Truth::Perhaps)
            }
            "layer" if input.is_exhausted() => At::Layers(Vec::new()),
            "layer" => At::Layers(input.parse_comma_separated(|input| {
                let name = input.expect_ident()?.to_string();
                // A layer in a layer counts as that one.
                while input.next().is_ok() {}
                Ok::<_, ParseError<()>>(name)
            })?),
            _ => return Err(ParseError::unexpected_token()),
        })
    }

    fn rule_without_block(&mut self, prelude: At, _: &ParserState) -> Result<Vec<Declaration>, ()> {
        let At::Layers(names) = prelude else { return Err(()) };
        for name in names {
            self.layer(&name);
        }
        Ok(Vec::new())
    }

    fn parse_block(
        &mut self,
        prelude: At,
        _: &ParserState,
        input: &mut Parser<'i>,
    ) -> Result<Vec<Declaration>, ParseError<()>> {
        let mut context = self.context.clone();
        match prelude {
            At::If(truth) => context.truth = context.truth.min(truth),
            At::Layers(names) if context.layer == NO_LAYER => {
                let unnamed = format!(" {}", self.layers.len());
                context.layer = self.layer(names.first().unwrap_or(&unnamed));
            }
            At::Layers(_) => {}
        }
        if context.truth == Truth::No {
            return Err(ParseError::unexpected_token());
        }
        let is_in_rule = context.outer.is_some();
        self.within(context, |reader| {
            if is_in_rule {
                reader.order += 1;
                reader.body(input);
            } else {
                StyleSheetParser::new(input, reader).for_each(drop);
            }
        });
        Ok(Vec::new())
    }
}

impl<'i> DeclarationParser<'i> for Reader {
    type Declaration = Vec<Declaration>;
    type Error = ();

    fn parse_value(
        &mut self,
        name: CowRcStr<'i>,
        input: &mut Parser<'i>,
        _: &ParserState,
    ) -> Result<Vec<Declaration>, ParseError<()>> {
        declaration::read(&name, input)
    }
}

impl RuleBodyItemParser<'_, Vec<Declaration>, ()> for Reader {
    fn parse_declarations(&self) -> bool {
        self.context.outer.is_some()
    }

    fn parse_qualified(&self) -> bool {
        true
    }
}
