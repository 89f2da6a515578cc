//! Names of those who are protected: where they stand and cannot be replaced, and where what is replaced may not be meant.
//!
//! That a name is replaced is the work of `redact`, with the same matches. Messages never say the name.

use std::ops::Range;

use pulldown_cmark::{Event, LinkType, Parser, Tag, TagEnd};

use super::passage::{finding_at, options, passages, prose_place};
use super::prose::MOST;
use super::references::is_held_back;
use super::{Rule, Scope};
use crate::config::FILE;
use crate::diagnostic::{Code, Diagnostic};
use crate::link::{LinkTo, Number, Part, display_text, each_part};
use crate::model::{Actor, Display, Fields};
use crate::parse::{Mark, Prose, Record, Run, Slot, Step, locate};
use crate::text::names::{Form, LineBreaks, Mention, Names, Reading, parts_of, with_parts_beside};

pub(super) const RULES: &[Rule] = &[
    Rule::record(&[Code::ProtectedName, Code::DoubtfulMention], names_of_the_protected_can_be_replaced),
    Rule::record(&[Code::ProtectedName], no_part_of_a_name_is_left_beside_a_link),
    Rule::whole(&[Code::ProtectedName], &[], |_, _| true, settings_name_nobody_protected),
];

fn names_of_the_protected_can_be_replaced(scope: &Scope<'_>, number: Number, found: &mut Vec<Diagnostic>) {
    let Some(names) = scope.dossier.mentions.of(number) else { return };
    let record = scope.record(number);
    if let Fields::Actor(actor) = &*record.fields
        && let Some(display) = display_text(actor)
    {
        if !names.mentions(&Reading::of(&display, LineBreaks::AreSpaces)).is_empty() {
            let field = match actor.display {
                Some(Display::Pseudonym) => "pseudonym",
                Some(Display::RoleOnly) => "role",
                Some(Display::Full | Display::Initials | Display::Omit) | None => "display",
            };
            let message = "what is to stand in place of a name says a name of somebody protected";
            let hint = "until it says something else, readers are told that the name is withheld";
            found.push(scope.finding(Code::ProtectedName, record, &[Step::Key(field)], message).hint(hint));
        }
        return;
    }
    if is_held_back(scope, record) {
        return;
    }
    let look = Look { scope, record, number, names };
    look.at_fields(found);
    look.at_extra(found);
    look.at_files(found);
    for (slot, prose) in record.texts.iter() {
        look.at_prose(slot, prose, found);
    }
}

/// A record that is looked at.
struct Look<'a> {
    scope: &'a Scope<'a>,
    record: &'a Record,
    number: Number,
    names: &'a Names,
}

impl Look<'_> {
    fn at_fields(&self, found: &mut Vec<Diagnostic>) {
        let record = self.record;
        if self.is_named_in(record.id.as_str()) {
            found.push(self.fixed(&[Step::Key("id")], "the id of this record", ID));
        }
        let mut fields = (*record.fields).clone();
        each_part(&mut fields, &mut |path, part| match part {
            Part::Fixed(text) => {
                let is_id = matches!(path, [Step::Key("id")] | [Step::Key("aliases"), _]);
                let is_said = path != [Step::Key("id")] && self.is_said_in(text, is_id);
                if is_said {
                    let field = path.iter().rev().find_map(|step| match step {
                        Step::Key(key) => Some(*key),
                        Step::Index(_) => None,
                    });
                    found.push(self.fixed(path, &format!("`{}`", field.unwrap_or_default()), FIELD));
                }
            }
            Part::Line(line) | Part::Quoted(line) => self.at_line(path, line.as_str(), false, found),
            Part::Name(line) => self.at_line(path, line.as_str(), true, found),
            Part::Prose(_) => {}
        });
    }

    /// Whether an id or file name of the record names somebody; its own name is its own.
    fn is_named_in(&self, text: &str) -> bool {
        self.is_said_in(text, true)
    }

    fn is_said_in(&self, text: &str, may_be_own: bool) -> bool {
        let reading = Reading::of(text, LineBreaks::AreSpaces);
        let mentions = self.names.mentions(&reading);
        mentions.iter().any(|mention| !(may_be_own && mention.meaning.told_apart.contains(&self.number)))
    }

    fn at_line(&self, path: &[Step<'static>], text: &str, is_own_name: bool, found: &mut Vec<Diagnostic>) {
        // What is an id is no text.
        if self.scope.dossier.index.ids.find(text).is_some() {
            return;
        }
        let reading = Reading::of(text, LineBreaks::AreSpaces);
        for mention in self.names.mentions(&reading).into_iter().take(MOST) {
            if is_own_name && mention.meaning.told_apart.contains(&self.number) {
                continue;
            }
            let place = || self.scope.place(self.record, path);
            found.extend(self.doubt(&mention, text, place));
        }
    }

    /// What is to be said of a name that stands in text.
    fn doubt(&self, mention: &Mention<'_>, text: &str, place: impl FnOnce() -> Range<usize>) -> Option<Diagnostic> {
        let finding = |code, place, message: &str| finding_at(code, self.record, place, message);
        if mention.form == Form::Inflected {
            let message = "a name of somebody protected seems to stand here with an ending, and is not replaced";
            return Some(finding(Code::ProtectedName, place(), message).hint(
                "write a link to whom you mean, as in `[[id|words]]`, or say it in another way; when it is somebody else, allow it with your reason",
            ));
        }
        let is_shared =
            mention.within.is_some() || !mention.meaning.others.is_empty() || !mention.meaning.told_apart.is_empty();
        if is_shared {
            let message = "a name of somebody protected, which others have too or have in theirs, is replaced here";
            return Some(finding(Code::DoubtfulMention, place(), message).hint(
                "when the other one is meant, tell the two apart with `not_same_as` in one of their records, and link to the other one: `[[id|name]]`",
            ));
        }
        let is_small = text[mention.span.clone()].chars().next().is_some_and(char::is_lowercase);
        if is_small && mention.meaning.is_capital_word {
            let message = "a word that is also a name of somebody protected is replaced here";
            return Some(finding(Code::DoubtfulMention, place(), message).hint(
                "when the word is no name, say it in another way; or write the name of the person with more words",
            ));
        }
        None
    }

    fn fixed(&self, path: &[Step<'_>], what: &str, hint: &str) -> Diagnostic {
        let message = format!("a name of somebody protected stands in {what}, where nothing can be put in its place");
        self.scope.finding(Code::ProtectedName, self.record, path, message).hint(hint)
    }

    fn at_extra(&self, found: &mut Vec<Diagnostic>) {
        let record = self.record;
        for (key, value) in &record.extra {
            let mut keys = vec![key.as_str()];
            each_key(value, &mut |key| keys.push(key));
            if keys.iter().any(|key| self.is_said_in(key, false)) {
                found.push(self.fixed(&[Step::Key(key)], "the key of a field", FIELD));
            }
            each_text(value, &mut |text| {
                let mentions = self.names.mentions(&Reading::of(text, LineBreaks::AreSpaces));
                let place = || self.scope.place(record, &[Step::Key(key)]);
                found.extend(mentions.iter().take(MOST).filter_map(|mention| self.doubt(mention, text, place)));
            });
        }
    }

    /// Files that are copied to the site under their own names.
    fn at_files(&self, found: &mut Vec<Diagnostic>) {
        let dossier = self.scope.dossier;
        let outgoing = &dossier.outgoing[self.number as usize];
        let is_named = |at: u32| dossier.index.attachment(at).is_some_and(|path| self.is_named_in(path));
        let written = match &*self.record.fields {
            Fields::Actor(actor) => actor.image.as_ref(),
            _ => None,
        };
        // What is written in the field itself has been told.
        let is_told = written.is_some_and(|path| self.is_said_in(path.as_str(), false));
        if outgoing.image.is_some_and(is_named) && !is_told {
            found.push(self.fixed(&[Step::Key("image")], "the path of a file", FILE_NAME));
        }
        for (slot, links) in &outgoing.targets {
            for (index, link) in links.iter().enumerate() {
                if matches!(link, LinkTo::Attachment(at) if is_named(*at)) {
                    let place = self.scope.link_place(self.record, *slot, index);
                    found.push(stands_in(self.record, place, "the path of a file", FILE_NAME));
                }
            }
        }
    }

    fn at_prose(&self, slot: Slot, prose: &Prose, found: &mut Vec<Diagnostic>) {
        let shown = prose.html.shown(true);
        let is_fixed = !self.names.mentions(&shown.fixed).is_empty();
        let in_words = self.names.mentions(&shown.words);
        if !is_fixed && in_words.is_empty() {
            return;
        }
        let file = self.scope.text(self.record);
        let written = self.record.markdown(slot, file);
        let place = |span: Range<usize>| prose_place(self.record, slot, file, &written, span);
        let before = found.len();
        if is_fixed {
            let told = fixed_parts(self.names, &written, slot == Slot::Body);
            for (span, what, hint) in told.into_iter().take(MOST) {
                found.push(stands_in(self.record, place(span), what, hint));
            }
            // What was found in the page and not in the Markdown is told of as well.
            if found.len() == before {
                found.push(stands_in(self.record, place(0..0), "what is not shown of this text", REWRITE));
            }
        }
        let targets = &self.scope.dossier.outgoing[self.number as usize].targets;
        let links = targets.iter().find(|(other, _)| *other == slot).map(|(_, links)| links.as_slice());
        for number in cut_by_links(self.scope, &prose.html, links.unwrap_or_default(), &in_words).into_iter().take(MOST)
        {
            let span = self.scope.link_place(self.record, slot, number);
            found.push(finding_at(Code::ProtectedName, self.record, span, CUT).hint(WHOLE));
        }
        let mut sees_form = false;
        let most = found.len() + MOST;
        for passage in passages(&written, slot == Slot::Body) {
            let reading = Reading::of(&passage.text, LineBreaks::AreSpaces);
            for mention in self.names.mentions(&reading) {
                if found.len() >= most {
                    return;
                }
                let span = passage.span(mention.span.clone());
                sees_form |= mention.form == Form::Inflected;
                if !self.is_told_by_link(slot, prose, &span, &mention) {
                    found.extend(self.doubt(&mention, &passage.text, || place(span)));
                }
            }
        }
        let form = in_words.iter().find(|mention| mention.form == Form::Inflected && !sees_form);
        found.extend(form.and_then(|mention| self.doubt(mention, "", || place(0..0))));
    }

    /// Whether a link says whose name stands in its label: that of somebody protected, whose label is replaced as a whole, or
    /// that of somebody who is told apart from them.
    fn is_told_by_link(&self, slot: Slot, prose: &Prose, span: &Range<usize>, mention: &Mention<'_>) -> bool {
        let targets = &self.scope.dossier.outgoing[self.number as usize].targets;
        let links = targets.iter().find(|(other, _)| *other == slot).map(|(_, links)| links.as_slice());
        // Links stand in their order, and few of them in others.
        let until = prose.links.partition_point(|link| link.span.start <= span.start);
        let pairs = prose.links.iter().zip(links.unwrap_or_default()).take(until);
        pairs.rev().take(8).any(|(link, to)| {
            let is_in = link.span.start <= span.start && span.end <= link.span.end;
            let Mention { meaning, .. } = mention;
            let is_meant = |to: &Number| meaning.told_apart.contains(to) || meaning.protected.contains(to);
            is_in && matches!(to, LinkTo::Record(to, _) if is_meant(to))
        })
    }
}

/// A link says who is meant in whatever words, and these go; a part of the name beside it would stay.
fn no_part_of_a_name_is_left_beside_a_link(scope: &Scope<'_>, number: Number, found: &mut Vec<Diagnostic>) {
    let record = scope.record(number);
    let is_protected = matches!(&*record.fields, Fields::Actor(actor) if display_text(actor).is_some());
    if is_protected || is_held_back(scope, record) {
        return;
    }
    for (slot, links) in &scope.dossier.outgoing[number as usize].targets {
        let Some(prose) = record.texts.get(*slot) else { continue };
        for link in left_beside_links(scope, &prose.html, links).into_iter().take(MOST) {
            let span = scope.link_place(record, *slot, link);
            found.push(finding_at(Code::ProtectedName, record, span, CUT).hint(WHOLE));
        }
    }
}

/// The links to somebody protected beside which a part of a name of theirs stands.
fn left_beside_links(scope: &Scope<'_>, run: &Run, links: &[LinkTo]) -> Vec<usize> {
    let protected = |number: usize| match links.get(number)? {
        LinkTo::Record(to, _) => match &*scope.record(*to).fields {
            Fields::Actor(actor) => display_text(actor).map(|_| actor),
            _ => None,
        },
        LinkTo::Here(_) | LinkTo::Attachment(_) | LinkTo::Nothing => None,
    };
    if !(0..links.len()).any(|number| protected(number).is_some()) {
        return Vec::new();
    }
    let words = run.shown(true).words;
    let labels: Vec<_> =
        labels_of(run).into_iter().filter_map(|(at, label)| Some((at, label, protected(at)?))).collect();
    // What stands in another such link, or is a name by itself, goes as well.
    let mut gone: Vec<Range<usize>> = labels.iter().map(|(_, label, _)| label.clone()).collect();
    let mentions = scope.dossier.mentions.names().map(|names| names.mentions(&words)).unwrap_or_default();
    gone.extend(mentions.into_iter().filter(|mention| mention.form == Form::Whole).map(|mention| mention.span));
    let is_left = |label: &Range<usize>, actor: &Actor| {
        let beside = with_parts_beside(&words, label, &parts_of(actor.known_as()));
        beside.is_some_and(|beside| letters(run, &beside).any(|at| !gone.iter().any(|gone| gone.contains(&at))))
    };
    labels.iter().filter(|(_, label, actor)| is_left(label, actor)).map(|(at, ..)| *at).collect()
}

/// Where letters stand in a stretch of HTML that are no part of a tag.
fn letters<'a>(run: &'a Run, span: &Range<usize>) -> impl Iterator<Item = usize> + use<'a> {
    let (start, mut is_in_tag) = (span.start, false);
    let letters = run.text[span.clone()].char_indices().filter(move |(_, c)| {
        is_in_tag = *c == '<' || is_in_tag && *c != '>';
        !is_in_tag && c.is_alphanumeric()
    });
    letters.map(move |(at, _)| start + at)
}

/// The labels of links, each with the number of its link.
fn labels_of(run: &Run) -> Vec<(usize, Range<usize>)> {
    let mut open: Vec<(usize, usize)> = Vec::new();
    let mut labels = Vec::new();
    for (at, mark) in &run.marks {
        match mark {
            Mark::Open(number) => open.push((*number as usize, *at)),
            Mark::Close(_) => labels.extend(open.pop().map(|(number, start)| (number, start..*at))),
            Mark::Address(_) => {}
        }
    }
    labels
}

/// The links to somebody protected in which only a part of a name stands: the label is replaced as a whole, and the rest of the
/// name would be left beside it.
fn cut_by_links(scope: &Scope<'_>, run: &Run, links: &[LinkTo], mentions: &[Mention<'_>]) -> Vec<usize> {
    // What stands in a link to somebody else is said of them.
    let to_record = |number: usize| match links.get(number)? {
        LinkTo::Record(to, _) => Some(scope.record(*to)),
        LinkTo::Here(_) | LinkTo::Attachment(_) | LinkTo::Nothing => None,
    };
    let is_protected = |number: usize| {
        let fields = to_record(number).map(|record| &*record.fields);
        matches!(fields, Some(Fields::Actor(actor)) if display_text(actor).is_some())
    };
    let labels: Vec<_> = labels_of(run).into_iter().filter(|(number, _)| to_record(*number).is_some()).collect();
    let is_left = |mention: &Mention<'_>| {
        letters(run, &mention.span).any(|at| !labels.iter().any(|(_, label)| label.contains(&at)))
    };
    let cut = mentions.iter().filter(|mention| is_left(mention));
    let spans: Vec<&Range<usize>> = cut.map(|mention| &mention.span).collect();
    let is_cut = |label: &Range<usize>| spans.iter().any(|span| span.start < label.end && label.start < span.end);
    labels.iter().filter(|(number, label)| is_protected(*number) && is_cut(label)).map(|(number, _)| *number).collect()
}

const CUT: &str =
    "a name of somebody protected stands partly in a link to them and partly beside it, where it would be left";
const WHOLE: &str = "write the whole name into the link, as in `[[id|name]]`, or say it without the link";
const ID: &str = "give the record another id: it is a part of addresses that readers see";
const FIELD: &str = "write it without the name, or leave it out";
const FILE_NAME: &str = "rename the file: its path is a part of addresses that readers see";
const REWRITE: &str = "write it without the name";

fn stands_in(record: &Record, place: Range<usize>, what: &str, hint: &str) -> Diagnostic {
    let message = format!("a name of somebody protected stands in {what}, where nothing can be put in its place");
    finding_at(Code::ProtectedName, record, place, message).hint(hint)
}

/// A part of Markdown in which a name stands fast: its bytes, what it is, and what to do.
type FixedPart = (Range<usize>, &'static str, &'static str);

/// The parts of Markdown that name somebody and are not words of the text.
fn fixed_parts(names: &Names, markdown: &str, is_body: bool) -> Vec<FixedPart> {
    let says = |text: &str| !names.mentions(&Reading::of(text, LineBreaks::AreSpaces)).is_empty();
    let mut parts: Vec<FixedPart> = Vec::new();
    let mut code: Option<(Range<usize>, String)> = None;
    let mut image: Option<(Range<usize>, String)> = None;
    for (event, span) in Parser::new_ext(markdown, options(is_body)).into_offset_iter() {
        match event {
            Event::Start(Tag::Link { link_type, dest_url, title, .. }) => {
                let is_wiki = matches!(link_type, LinkType::WikiLink { .. });
                if !is_wiki && is_outward(&dest_url) && says_address(names, &dest_url) {
                    parts.push((
                        span.clone(),
                        "an address",
                        "link to another page that says the same, or leave the link out",
                    ));
                }
                if says(&title) {
                    parts.push((span, "the title of a link", REWRITE));
                }
            }
            Event::Start(Tag::Image { title, .. }) => {
                if says(&title) {
                    parts.push((span.clone(), "the title of a picture", REWRITE));
                }
                image = Some((span, String::new()));
            }
            Event::End(TagEnd::Image) => {
                if let Some((span, alt)) = image.take().filter(|(_, alt)| says(alt)) {
                    let _ = alt;
                    parts.push((span, "the description of a picture", REWRITE));
                }
            }
            Event::Start(Tag::CodeBlock(_)) => code = Some((span, String::new())),
            Event::End(TagEnd::CodeBlock) => {
                if let Some((span, _)) = code.take().filter(|(_, text)| says(text)) {
                    parts.push((span, "code", REWRITE));
                }
            }
            Event::Text(words) if image.is_some() || code.is_some() => {
                for (_, text) in image.iter_mut().chain(&mut code) {
                    text.push_str(&words);
                }
            }
            Event::Code(words) => match &mut image {
                Some((_, alt)) => alt.push_str(&words),
                None if says(&words) => parts.push((span, "code", REWRITE)),
                None => {}
            },
            Event::SoftBreak | Event::HardBreak => {
                if let Some((_, alt)) = &mut image {
                    alt.push(' ');
                }
            }
            Event::Html(raw) | Event::InlineHtml(raw) => {
                let run = Run { text: (&*raw).into(), marks: Box::default() };
                if !names.mentions(&run.shown(true).fixed).is_empty() {
                    parts.push((span, "an attribute of HTML", REWRITE));
                }
            }
            _ => {}
        }
    }
    parts
}

fn is_outward(address: &str) -> bool {
    let scheme = address.split(':').next().unwrap_or_default();
    scheme.len() < address.len() && !scheme.contains(['/', '#', '?', '.']) || address.contains('@')
}

/// Whether an address names somebody, as it is written or with its percent signs undone.
fn says_address(names: &Names, address: &str) -> bool {
    let run = Run { text: format!("<a href=\"{}\">", crate::text::escape_html(address)).into(), marks: Box::default() };
    !names.mentions(&run.shown(true).fixed).is_empty()
}

fn each_key<'a>(value: &'a serde_json::Value, see: &mut dyn FnMut(&'a str)) {
    match value {
        serde_json::Value::Array(values) => values.iter().for_each(|value| each_key(value, see)),
        serde_json::Value::Object(entries) => entries.iter().for_each(|(key, value)| {
            see(key);
            each_key(value, see);
        }),
        _ => {}
    }
}

fn each_text(value: &serde_json::Value, see: &mut dyn FnMut(&str)) {
    match value {
        serde_json::Value::String(text) => see(text),
        serde_json::Value::Array(values) => values.iter().for_each(|value| each_text(value, see)),
        serde_json::Value::Object(entries) => entries.values().for_each(|value| each_text(value, see)),
        _ => {}
    }
}

fn settings_name_nobody_protected(scope: &Scope<'_>, found: &mut Vec<Diagnostic>) {
    let Some(names) = scope.dossier.mentions.names() else { return };
    let settings = &scope.dossier.settings;
    let says = |text: &str| !names.mentions(&Reading::of(text, LineBreaks::AreSpaces)).is_empty();
    let mut keys: Vec<&str> = Vec::new();
    keys.extend(settings.base_url.as_ref().filter(|url| says_address(names, url.as_str())).map(|_| "base_url"));
    let mut is_said = settings.options.keys().any(|key| says(key));
    for value in settings.options.values() {
        each_text(value, &mut |text| is_said |= says(text));
        each_key(value, &mut |key| is_said |= says(key));
    }
    keys.extend(is_said.then_some("options"));
    if let Some((prose, links)) = &scope.dossier.summary {
        let shown = prose.html.shown(true);
        let in_words = names.mentions(&shown.words);
        let is_form = |mention: &Mention<'_>| mention.form == Form::Inflected;
        let is_said = !names.mentions(&shown.fixed).is_empty()
            || in_words.iter().any(is_form)
            || !cut_by_links(scope, &prose.html, links, &in_words).is_empty()
            || !left_beside_links(scope, &prose.html, links).is_empty();
        keys.extend(is_said.then_some("summary"));
    }
    for key in keys {
        let message = format!("a name of somebody protected stands in `{key}`, where nothing can be put in its place");
        let finding = Diagnostic::new(Code::ProtectedName, message).hint(FIELD);
        let place = scope.sources.text(FILE).and_then(|text| locate(text, &[Step::Key(key)]));
        found.push(match place {
            Some(place) => finding.at(&FILE.into(), place),
            None => finding,
        });
    }
}
