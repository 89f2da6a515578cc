//! From single records to a dossier: ids, references, wiki links, and who refers to whom.
//!
//! Each record gets a number, its place in path order. A reference is resolved once; backlinks are one sorted list.
//! An id that names nothing, or a name that several records have, is a finding with candidates.

mod captured;
mod ids;
mod index;
mod origins;
mod parts;
mod protected;
mod references;

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;

use crate::config::{self, Settings};
use crate::diagnostic::{Code, Diagnostic, SourceText};
use crate::model::{Id, Kind};
use crate::parse::{Extent, Prose, Record, Records, Slot, Step, Target, read_prose};
use crate::read::Sources;
use crate::text;

pub use captured::Captured;
pub use ids::Ids;
pub use index::Index;
pub use origins::{LookUp, origins};
pub use parts::{Part, each_part};
pub use protected::{Mentions, display_text};
pub use references::{Path, Reference, Role, each_reference};

/// The number of a record: its place in path order.
pub type Number = u32;

/// One record refers to another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// The record that is referred to.
    pub to: Number,
    /// The record that refers.
    pub from: Number,
    /// As what.
    pub role: Role,
    /// Which of the referring field's values, or which link of the prose.
    pub place: EdgePlace,
}

/// Where in the referring record an edge stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EdgePlace {
    /// In a field; the number is that of the value in its list.
    Field(u32),
    /// In prose; the number is that of the link.
    Prose(Slot, u32),
}

/// What a link or picture of prose leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkTo {
    /// A record, at a heading or, when that is empty, at its beginning.
    Record(Number, Box<str>),
    /// A heading of the same record.
    Here(Box<str>),
    /// An attachment, by its place in [`Sources::attachments`].
    Attachment(u32),
    /// Nothing; there is a finding.
    Nothing,
}

/// What the links of one text lead to, in their order.
pub type LinkTargets = Vec<(Slot, Vec<LinkTo>)>;

/// A dossier whose references are resolved.
#[derive(Clone, Debug)]
pub struct Dossier {
    /// The settings.
    pub settings: Arc<Settings>,
    /// All records, in path order.
    pub records: Vec<Arc<Record>>,
    /// What records are known by.
    pub index: Arc<Index>,
    /// What each record refers to.
    pub outgoing: Vec<Arc<Outgoing>>,
    /// Every reference from one record to another, sorted by the record that is referred to.
    pub edges: Arc<Vec<Edge>>,
    /// The summary of the settings, and what its links lead to.
    pub summary: Option<(Prose, Vec<LinkTo>)>,
    /// The names of those who are protected, and which records may say one.
    pub mentions: Mentions,
    /// The records that hold something which readers never see, or that were taken down, in their order. Most hold nothing of
    /// the kind, and so whoever looks for it need not look at all of them after each edit.
    pub guarded: Vec<Number>,
}

/// What one record refers to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outgoing {
    /// What the links of its prose lead to.
    pub targets: LinkTargets,
    /// Its references to other records, in the order of its fields and links.
    pub edges: Vec<Edge>,
    /// Its picture, as a place in [`Sources::attachments`].
    pub image: Option<u32>,
    /// What is wrong with its references.
    findings: Vec<Diagnostic>,
}

/// How many unknown names get a "did you mean"; each costs a look at all ids, or at all headings of a record.
const SUGGESTIONS: usize = 200;

/// Resolves all references. Those of records that are the same as `before` are taken over, as long as all that they could
/// refer to is still known by the same ids, names and headings.
pub fn link(
    settings: Arc<Settings>,
    records: Records,
    sources: &Sources,
    before: Option<&Dossier>,
) -> (Dossier, Vec<Diagnostic>) {
    let Records { whole: records, broken } = records;
    let known = before.filter(|before| before.index.holds(&before.records, &records, &broken, sources));
    let index = match known {
        Some(known) => Arc::clone(&known.index),
        None => Arc::new(Index::new(&records, broken, sources)),
    };
    let linker = |suggestions| Linker {
        sources,
        records: &records,
        index: &index,
        suggestions,
        findings: Vec::new(),
        edges: Vec::new(),
    };
    let mut outgoing: Vec<Arc<Outgoing>> = records
        .par_iter()
        .zip(0..records.len() as Number)
        .map(|(record, number)| match known.filter(|known| Arc::ptr_eq(&known.records[number as usize], record)) {
            Some(known) => Arc::clone(&known.outgoing[number as usize]),
            None => Arc::new(linker(0).outgoing(number, record).0),
        })
        .collect();
    // Findings are made anew: they point to other records, which may have moved in their files. What names are near is looked
    // up in the order of the records, so that it does not matter which of them was linked first.
    let mut findings = index.findings.clone();
    let mut suggestions = SUGGESTIONS;
    for (number, outgoing) in (0..).zip(&mut outgoing).filter(|(_, outgoing)| !outgoing.findings.is_empty()) {
        let (again, left) = linker(suggestions).outgoing(number, &records[number as usize]);
        suggestions = left;
        findings.extend(again.findings.iter().cloned());
        *outgoing = Arc::new(again);
    }
    let edges = match known {
        Some(known) => edges_after(known, &outgoing),
        None => {
            let mut edges: Vec<Edge> = outgoing.iter().flat_map(|outgoing| outgoing.edges.iter().cloned()).collect();
            edges.par_sort_unstable();
            Arc::new(edges)
        }
    };
    let mut linker = linker(suggestions);
    linker.settings(&settings);
    let summary = linker.summary(&settings);
    findings.extend(linker.findings);
    findings.sort();
    let alike = known.filter(|known| known.settings.level == settings.level);
    let alike = alike.map(|known| (&known.mentions, known.records.as_slice()));
    let mentions = Mentions::new(&records, &index, settings.level, alike);
    let guarded = guarded(&records, before);
    (Dossier { settings, records, index, outgoing, edges, summary, mentions, guarded }, findings)
}

fn guarded(records: &[Arc<Record>], before: Option<&Dossier>) -> Vec<Number> {
    let guards = |record: &Record| {
        let common = record.fields.common();
        common.notes_internal.is_some()
            || !common.allow.is_empty()
            || !common.not_secret.is_empty()
            || common.takedown.is_some()
            || record.closed.is_some()
            || record.origin.is_outside
    };
    let numbers = 0..records.len() as Number;
    match before.filter(|before| before.records.len() == records.len()) {
        Some(before) => {
            let mut known = before.guarded.iter().peekable();
            let is_guarded = |number: &Number| {
                let was = known.next_if_eq(&number).is_some();
                let record = &records[*number as usize];
                if Arc::ptr_eq(record, &before.records[*number as usize]) { was } else { guards(record) }
            };
            numbers.filter(is_guarded).collect()
        }
        None => numbers.into_par_iter().filter(|number| guards(&records[*number as usize])).collect(),
    }
}

/// All edges, when few records refer to something else than before.
fn edges_after(before: &Dossier, outgoing: &[Arc<Outgoing>]) -> Arc<Vec<Edge>> {
    let pairs = before.outgoing.iter().zip(outgoing).zip(0..);
    let changed = pairs.filter(|((old, new), _)| !Arc::ptr_eq(old, new) && old.edges != new.edges);
    let changed: BTreeSet<Number> = changed.map(|(_, number)| number).collect();
    if changed.is_empty() {
        return Arc::clone(&before.edges);
    }
    let mut edges: Vec<Edge> = before.edges.iter().filter(|edge| !changed.contains(&edge.from)).cloned().collect();
    edges.extend(changed.iter().flat_map(|number| outgoing[*number as usize].edges.iter().cloned()));
    // All but the last are in order, which this sort makes use of.
    edges.sort();
    Arc::new(edges)
}

impl Dossier {
    /// The edges that lead to a record.
    pub fn edges_to(&self, number: Number) -> &[Edge] {
        slice_to(&self.edges, number)
    }

    /// The captures among the files beside the records.
    pub fn captured(&self) -> Captured {
        Captured::new(&self.records, &self.settings)
    }
}

/// The edges that lead to a record, of a list that is sorted.
pub fn slice_to(edges: &[Edge], number: Number) -> &[Edge] {
    let start = edges.partition_point(|edge| edge.to < number);
    let length = edges[start..].partition_point(|edge| edge.to == number);
    &edges[start..start + length]
}

/// Where an id stands in what is written at its place: alone, in quotation marks, or as the beginning of a link. Other words that hold the
/// same letters are somebody's own.
fn place_of_id(written: &str, id: &str) -> Option<usize> {
    let bare = written.trim_matches(['"', '\'']);
    if bare == id {
        return written.find(id);
    }
    let is_link = |at: &usize| written[at + 2 + id.len()..].starts_with([']', '|', '#']);
    written.match_indices(&format!("[[{id}")).map(|(at, _)| at).find(is_link).map(|at| at + 2)
}

fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// Resolves the references of one record, or of the settings.
struct Linker<'a> {
    sources: &'a Sources,
    records: &'a [Arc<Record>],
    index: &'a Index,
    /// How many unknown names may still get a "did you mean".
    suggestions: usize,
    findings: Vec<Diagnostic>,
    edges: Vec<Edge>,
}

impl<'a> Linker<'a> {
    fn text(&self, file: &str) -> &'a str {
        self.sources.text(file).unwrap_or_default()
    }

    /// What a record refers to, and how many suggestions are left.
    fn outgoing(mut self, number: Number, record: &Record) -> (Outgoing, usize) {
        self.fields(number, record);
        let targets = self.prose(number, record);
        let image = self.image(record);
        let Linker { mut edges, findings, suggestions, .. } = self;
        edges.shrink_to_fit();
        (Outgoing { targets, edges, image, findings }, suggestions)
    }

    fn fields(&mut self, number: Number, record: &Record) {
        each_reference(&record.fields, &mut |reference| {
            let Some(to) = self.index.ids.find(reference.id) else {
                if !reference.optional {
                    let span = record.origin.field(self.text(&record.origin.file), &reference.path.steps());
                    self.unknown(reference.id, &reference, &record.origin.file, span);
                }
                return;
            };
            let kind = self.records[to as usize].kind();
            if !reference.kinds.contains(&kind) {
                if !reference.optional {
                    let span = record.origin.field(self.text(&record.origin.file), &reference.path.steps());
                    let wanted: Vec<_> = reference.kinds.iter().map(|kind| kind.word()).collect();
                    self.findings.push(
                        Diagnostic::new(
                            Code::WrongKindOfReference,
                            format!("`{}` is {}, not {}", reference.id, with_article(kind.word()), either(&wanted)),
                        )
                        .at(&record.origin.file, span)
                        .related_record(self, to)
                        .hint(format!(
                            "`{}` takes the id of {}",
                            reference.path,
                            either(&wanted)
                        )),
                    );
                }
                return;
            }
            if self.index.ids.is_old(reference.id) {
                let span = record.origin.field(self.text(&record.origin.file), &reference.path.steps());
                self.old_id(reference.id, to, &record.origin.file, span);
            }
            self.edges.push(Edge { to, from: number, role: reference.role, place: EdgePlace::Field(reference.index) });
        });
    }

    fn old_id(&mut self, id: &str, to: Number, file: &Arc<str>, span: Range<usize>) {
        let now = &self.records[to as usize].id;
        let finding = Diagnostic::new(Code::OldId, format!("`{id}` is an old id of `{now}`"))
            .at(file, span.clone())
            .hint(format!("write `{now}`"));
        let written = self.text(file).get(span.clone()).unwrap_or_default();
        self.findings.push(match place_of_id(written, id).map(|at| span.start + at) {
            Some(at) => finding.fix(file, at..at + id.len(), now.as_str()),
            None => finding,
        });
    }

    fn unknown(&mut self, written: &str, reference: &Reference<'_>, file: &Arc<str>, span: Range<usize>) {
        if self.index.broken.contains(written) {
            return;
        }
        let shown = text::excerpt(written, 60);
        let what = match reference.kinds {
            [only] => only.word(),
            _ => "record",
        };
        let kind = reference.kinds.first().map_or("page", |kind| kind.word());
        let mut finding =
            Diagnostic::new(Code::UnknownReference, format!("no {what} has the id `{shown}`")).at(file, span);
        finding.hint = Some(match self.nearest(written, reference.kinds) {
            Some(hint) => hint,
            None => {
                format!("write {} with `dossier new {kind} {shown}`, or name one that is there", with_article(kind))
            }
        });
        self.findings.push(finding);
    }

    /// "did you mean", from the ids of the right kinds.
    fn nearest(&mut self, written: &str, kinds: &[Kind]) -> Option<String> {
        let slug = text::slug(written).unwrap_or_default();
        let records = self.records;
        let fitting = records.iter().filter(|record| kinds.contains(&record.kind()));
        let near = self.nearest_of(&slug, fitting.map(|record| record.id.as_str()));
        (!near.is_empty()).then(|| format!("did you mean {}?", text::alternatives(&near)))
    }

    /// The names that are near to what was written; none when that was asked too often already.
    fn nearest_of<'n>(&mut self, written: &str, names: impl Iterator<Item = &'n str>) -> Vec<&'n str> {
        let Some(left) = self.suggestions.checked_sub(1) else { return Vec::new() };
        self.suggestions = left;
        text::nearest(written, names)
    }

    fn prose(&mut self, number: Number, record: &Record) -> LinkTargets {
        let mut targets = LinkTargets::new();
        for (slot, prose) in record.texts.iter() {
            if prose.links.is_empty() {
                continue;
            }
            let mut found = Vec::with_capacity(prose.links.len());
            for index in 0..prose.links.len() {
                let to = self.prose_link(record, slot, prose, index);
                if let LinkTo::Record(to, _) = &to
                    && *to != number
                {
                    let place = EdgePlace::Prose(slot, index as u32);
                    self.edges.push(Edge { to: *to, from: number, role: Role::Mentioned, place });
                }
                found.push(to);
            }
            targets.push((slot, found));
        }
        targets
    }

    fn prose_link(&mut self, record: &Record, slot: Slot, prose: &Prose, index: usize) -> LinkTo {
        let link = &prose.links[index];
        let sources = self.sources;
        // Looked up only for findings, since nearly all links have none.
        let place = || record.link_place(slot, index, sources.text(&record.origin.file).unwrap_or_default());
        let file = &record.origin.file;
        match &link.target {
            Target::Anchor(anchor) => {
                self.anchor(record, anchor, file, place);
                LinkTo::Here(anchor.clone())
            }
            Target::Wiki { name, anchor } => {
                let found = match self.index.ids.find(name) {
                    Some(found) => Some(found),
                    None => {
                        let span = place();
                        self.by_name(name, file, span)
                    }
                };
                let Some(to) = found else { return LinkTo::Nothing };
                if self.index.ids.is_old(name) {
                    let span = place();
                    self.old_id(name, to, file, span);
                }
                if !anchor.is_empty() {
                    self.anchor(&self.records[to as usize], anchor, file, place);
                }
                LinkTo::Record(to, anchor.clone())
            }
            Target::File { path, anchor } => {
                let Some(inner) = join(&record.origin.inner, path) else {
                    let span = place();
                    self.missing_file(path, file, span, "the path leads out of the folder of records");
                    return LinkTo::Nothing;
                };
                if link.is_picture && self.index.paths.contains_key(inner.as_str()) {
                    let span = place();
                    self.missing_file(path, file, span, "a record is no picture; link to it without the `!`");
                    return LinkTo::Nothing;
                }
                if let Some(&to) = self.index.paths.get(inner.as_str()) {
                    if !anchor.is_empty() {
                        self.anchor(&self.records[to as usize], anchor, file, place);
                    }
                    return LinkTo::Record(to, anchor.clone());
                }
                let attachments = &self.sources.attachments;
                if let Ok(at) = attachments.binary_search_by(|attachment| attachment.inner.as_str().cmp(&inner)) {
                    return LinkTo::Attachment(at as u32);
                }
                // Its file is there and cannot be read, which has been said.
                if path.ends_with(".md") && self.index.broken.contains(stem(path)) {
                    return LinkTo::Nothing;
                }
                let span = place();
                let hint = match self.index.ids.find(stem(path)) {
                    Some(to) if path.ends_with(".md") => {
                        format!(
                            "the record lies in `{}`; or write `[[{}]]`",
                            self.records[to as usize].origin.file,
                            stem(path)
                        )
                    }
                    _ => "check the path; it is relative to the file that it stands in".to_owned(),
                };
                self.missing_file(path, file, span, &hint);
                LinkTo::Nothing
            }
        }
    }

    fn missing_file(&mut self, path: &str, file: &Arc<str>, span: Range<usize>, hint: &str) {
        let shown = text::excerpt(path, 80);
        self.findings
            .push(Diagnostic::new(Code::MissingFile, format!("there is no file `{shown}`")).at(file, span).hint(hint));
    }

    /// Looks a link up by name when it is no id.
    fn by_name(&mut self, name: &str, file: &Arc<str>, span: Range<usize>) -> Option<Number> {
        let records = self.records;
        let candidates = self.index.named(name, records);
        let shown = text::excerpt(name, 60);
        match candidates.as_slice() {
            [only] => Some(*only),
            [] if self.index.broken.contains(name) => None,
            [] => {
                let mut finding =
                    Diagnostic::new(Code::UnknownReference, format!("no record has the id or name `{shown}`"))
                        .at(file, span);
                finding.hint = Some(self.nearest(name, &Kind::ALL).unwrap_or_else(|| {
                    "link to the id of a record, as in `[[jane-doe]]` or `[[jane-doe|her]]`".to_owned()
                }));
                self.findings.push(finding);
                None
            }
            several => {
                let ids: Vec<&Id> = several.iter().map(|number| &records[*number as usize].id).collect();
                let ids: Vec<&str> = ids.into_iter().map(Id::as_str).collect();
                let mut finding = Diagnostic::new(
                    Code::AmbiguousReference,
                    format!("{} records have the name `{shown}`", several.len()),
                )
                .at(file, span)
                .hint(format!("write {}", text::alternatives(&ids)));
                for number in several.iter().take(5) {
                    finding = finding.related_record(self, *number);
                }
                self.findings.push(finding);
                None
            }
        }
    }

    fn anchor(&mut self, record: &Record, anchor: &str, file: &Arc<str>, place: impl FnOnce() -> Range<usize>) {
        let body = record.texts.get(Slot::Body);
        let headings = body.map(|prose| prose.headings.as_slice()).unwrap_or_default();
        let anchors = body.map(|prose| &*prose.anchors).unwrap_or_default();
        if anchors.binary_search_by(|known| (**known).cmp(anchor)).is_ok() {
            return;
        }
        let near = self.nearest_of(anchor, headings.iter().map(|heading| heading.id.as_str()));
        let hint = if !near.is_empty() {
            format!("did you mean {}?", text::alternatives(&near))
        } else if headings.is_empty() {
            "that record has no headings; leave the part after `#` out".to_owned()
        } else {
            let all: Vec<&str> = headings.iter().map(|heading| heading.id.as_str()).take(8).collect();
            format!("there are {}", text::alternatives(&all).replace(" or ", " and "))
        };
        self.findings.push(
            Diagnostic::new(
                Code::UnknownAnchor,
                format!("`{}` has no heading `{}`", record.id, text::excerpt(anchor, 60)),
            )
            .at(file, place())
            .hint(hint),
        );
    }

    fn image(&mut self, record: &Record) -> Option<u32> {
        let crate::model::Fields::Actor(actor) = &*record.fields else { return None };
        let image = actor.image.as_ref()?;
        let found = join(&record.origin.inner, image.as_str()).and_then(|inner| {
            self.sources.attachments.binary_search_by(|attachment| attachment.inner.as_str().cmp(&inner)).ok()
        });
        if found.is_none() {
            let span = record.origin.field(self.text(&record.origin.file), &[Step::Key("image")]);
            self.missing_file(
                image.as_str(),
                &record.origin.file,
                span,
                "put the picture beside the record and name it by its path from there",
            );
        }
        found.map(|at| at as u32)
    }

    fn settings(&mut self, settings: &Settings) {
        let file: Arc<str> =
            self.sources.settings.as_ref().map_or_else(|| config::FILE.into(), |file| Arc::clone(&file.path));
        let text = self.text(&file);
        let lists =
            [("key_actors", &settings.key_actors, Kind::Actor), ("key_events", &settings.key_events, Kind::Event)];
        for (key, ids, kind) in lists {
            for (index, id) in ids.iter().enumerate() {
                let found = self.index.ids.find(id.as_str()).map(|number| self.records[number as usize].kind());
                if found == Some(kind) {
                    continue;
                }
                let span = crate::parse::locate(text, &[Step::Key(key), Step::Index(index)]).unwrap_or(0..0);
                let kinds = [kind];
                let reference = Reference {
                    id: id.as_str(),
                    role: Role::Mentioned,
                    path: Path::default(),
                    kinds: &kinds,
                    index: 0,
                    optional: false,
                };
                self.unknown(id.as_str(), &reference, &file, span);
            }
        }
    }
}

impl Linker<'_> {
    /// Reads the summary of the settings, which may link to records by id or name.
    fn summary(&mut self, settings: &Settings) -> Option<(Prose, Vec<LinkTo>)> {
        let file: Arc<str> =
            self.sources.settings.as_ref().map_or_else(|| config::FILE.into(), |file| Arc::clone(&file.path));
        let span = crate::parse::locate(self.text(&file), &[Step::Key("summary")]).unwrap_or(0..0);
        let (prose, problems) = read_prose(settings.summary.as_ref()?.as_str(), Extent::Passage);
        for problem in problems {
            self.findings
                .push(Diagnostic::new(problem.code, problem.message).at(&file, span.clone()).hint(problem.hint));
        }
        let mut links = Vec::with_capacity(prose.links.len());
        for link in &prose.links {
            links.push(match &link.target {
                Target::Wiki { name, anchor } => {
                    match self.index.ids.find(name).or_else(|| self.by_name(name, &file, span.clone())) {
                        Some(to) => LinkTo::Record(to, anchor.clone()),
                        None => LinkTo::Nothing,
                    }
                }
                Target::File { path, .. } => {
                    self.missing_file(path, &file, span.clone(), "link to a record by its id, as in `[[jane-doe]]`");
                    LinkTo::Nothing
                }
                Target::Anchor(_) => LinkTo::Nothing,
            });
        }
        Some((prose, links))
    }
}

impl Diagnostic {
    /// Points to a record.
    fn related_record(self, linker: &Linker<'_>, number: Number) -> Self {
        let record = &linker.records[number as usize];
        let key = match record.kind() {
            Kind::Actor | Kind::Place => "name",
            Kind::Event | Kind::Quote | Kind::Source | Kind::Page => "title",
        };
        let span = record.origin.field(linker.text(&record.origin.file), &[Step::Key(key)]);
        self.related(&record.origin.file, span, format!("`{}` is written here", record.id))
    }
}

/// Joins a relative path to the folder of a file; `None` when it leads out of the folder of records.
fn join(file: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn with_article(word: &str) -> String {
    let article = if word.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {word}")
}

fn either(words: &[&str]) -> String {
    let with_articles: Vec<String> = words.iter().map(|word| with_article(word)).collect();
    with_articles.join(" or ")
}
