//! One record: its fields, its prose, and where it stands.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::str::FromStr;
use std::sync::{Arc, LazyLock, OnceLock};

use indexmap::IndexMap;
use rayon::prelude::*;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

use super::front::{self, Document, FrontError, YAML_LIMIT};
use super::minors::{coarsen, is_about_minor};
use super::open::{Private, missing_in_public, opened, take_out, uncover};
use super::overlay::{self, OverlayFile};
use super::problem::Problem;
use super::prose::{Extent, Prose, read_prose};
use super::tree::{self, Node, NodeValue, Step};
use super::validate::{validate, validate_record};
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::model::{self, Fields, Id, Kind, Markdown, Quote};
use crate::read::{Form, SourceFile, Sources};
use crate::text::{self, hexadecimal};

/// Where a record stands in its file.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The path of the file, relative to the dossier.
    pub file: Arc<str>,
    /// The path of the file, relative to the folder of records.
    pub inner: Arc<str>,
    /// The bytes of its YAML.
    pub yaml: Range<usize>,
    /// The bytes of the prose under the front matter; `None` in a record file.
    pub body: Option<Range<usize>>,
    /// Whether it lies outside of the dossier, in an overlay.
    pub is_outside: bool,
    places: Places,
}

/// The places of a record's YAML, read when the first of them is asked for: a record with a thousand mistakes is read once
/// more, not a thousand times. It is what reading the text again would give, and a record without mistakes has none.
#[derive(Clone, Debug, Default)]
struct Places(OnceLock<Option<tree::Node>>);

impl Origin {
    /// The bytes of a field in the file, or of the record's first line when the field is not written there.
    pub fn field(&self, text: &str, path: &[Step<'_>]) -> Range<usize> {
        let tree = self.places.0.get_or_init(|| tree::read_tree(&text[self.yaml.clone()]).root);
        match tree.as_ref().and_then(|root| root.at(path)).map(|node| node.span.clone()) {
            Some(span) => self.yaml.start + span.start..self.yaml.start + span.end,
            None => self.start(text),
        }
    }

    /// Whether a place is in the record, and not in another one of the same file.
    pub fn holds(&self, place: &Place) -> bool {
        let end = self.body.as_ref().map_or(self.yaml.end, |body| body.end);
        place.file == self.file && (self.yaml.start..=end).contains(&place.span.start)
    }

    /// The first words of the record.
    pub fn start(&self, text: &str) -> Range<usize> {
        let yaml = &text[self.yaml.clone()];
        let start = self.yaml.start + (yaml.len() - yaml.trim_start().len());
        let length = text[start..self.yaml.end.max(start)].find(['\n', '\r']).unwrap_or(0);
        start..start + length
    }
}

/// Which text of a record some prose is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Slot {
    /// The prose under the front matter.
    Body,
    /// The words of a quote.
    Text,
    /// What came before them.
    Before,
    /// What came after them.
    After,
    /// The words in their own language.
    Original,
    /// The text of an update.
    Update(u32),
}

/// The prose of a record, by slot; only what is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts(Vec<(Slot, Prose)>);

impl Texts {
    /// The prose of a slot.
    pub fn get(&self, slot: Slot) -> Option<&Prose> {
        self.0.iter().find(|(other, _)| *other == slot).map(|(_, prose)| prose)
    }

    /// All prose, in the order of its slots.
    pub fn iter(&self) -> impl Iterator<Item = (Slot, &Prose)> {
        self.0.iter().map(|(slot, prose)| (*slot, prose))
    }
}

impl FromIterator<(Slot, Prose)> for Texts {
    fn from_iter<I: IntoIterator<Item = (Slot, Prose)>>(texts: I) -> Self {
        Texts(texts.into_iter().collect())
    }
}

/// A record as it was read, with an id and a kind.
#[derive(Clone, Debug)]
pub struct Record {
    /// Its id.
    pub id: Id,
    /// Its front matter.
    pub fields: Arc<Fields>,
    /// The keys that begin with `x_`.
    pub extra: IndexMap<String, serde_json::Value>,
    /// Its prose.
    pub texts: Arc<Texts>,
    /// Where it stands.
    pub origin: Origin,
    /// The fields of which readers are told that they are withheld.
    pub withheld: Vec<Box<str>>,
    /// What of it readers do not see by its own word; most records have nothing of the kind.
    pub closed: Option<Box<Closed>>,
}

/// What of a record readers do not see.
#[derive(Clone, Debug)]
pub struct Closed {
    /// The record without that, as if it had never been there.
    pub open: Arc<Record>,
    /// The values.
    pub private: Vec<Private>,
}

impl Record {
    /// The record as its readers have it.
    pub fn open(self: &Arc<Self>) -> &Arc<Record> {
        self.closed.as_ref().map_or(self, |closed| &closed.open)
    }

    /// The values that readers do not see.
    pub fn private(&self) -> &[Private] {
        self.closed.as_ref().map_or(&[], |closed| &closed.private)
    }

    /// Its kind.
    pub fn kind(&self) -> Kind {
        self.fields.kind()
    }

    /// The Markdown of one of its texts, which its prose was read from; empty when there is none. `file` is the text of its file.
    pub(crate) fn markdown<'a>(&'a self, slot: Slot, file: &'a str) -> Cow<'a, str> {
        match slot {
            Slot::Text | Slot::Original => with_marks_of_omission(self.written(slot, file)),
            Slot::Body | Slot::Before | Slot::After | Slot::Update(_) => self.written(slot, file).into(),
        }
    }

    /// What is quoted, as plain text: the words of each part of a quote, where others' words stand between, and else one. None of a
    /// record of another kind.
    pub fn quoted_parts(&self) -> Vec<String> {
        match &*self.fields {
            Fields::Quote(quote) if quote.text.are_several() => quote.text.parts().map(plain_words).collect(),
            _ => self.texts.get(Slot::Text).map(|prose| in_one_line(&prose.plain.text)).into_iter().collect(),
        }
    }

    /// The words that are compared with a source, part by part: the original ones where they are given. They have what a page shows
    /// beside words, such as numbers of lists.
    pub(crate) fn compared_parts(&self) -> Vec<String> {
        let Fields::Quote(quote) = &*self.fields else { return Vec::new() };
        let (markdown, plain) = match &quote.original {
            Some(original) => (vec![original.text.as_str()], self.original_words().into_iter().collect()),
            None if quote.text.are_several() => (quote.text.parts().collect(), self.quoted_parts()),
            None => (vec![quote.text.as_str()], self.quoted_parts()),
        };
        if !markdown.iter().any(|markdown| shows_more(markdown)) {
            return plain;
        }
        markdown.into_iter().map(|markdown| plain_text(markdown, Extent::Compared)).collect()
    }

    /// The words of a quote as they were said, as plain text, where they are given in their own language.
    pub fn original_words(&self) -> Option<String> {
        self.texts.get(Slot::Original).map(|prose| in_one_line(&prose.plain.text))
    }

    /// The SHA-256 of these words in Unicode's form NFC, which says whether a translation is of them.
    pub fn original_digest(&self) -> Option<String> {
        let words: String = self.original_words()?.nfc().collect();
        Some(hexadecimal(&Sha256::digest(words.as_bytes())))
    }

    /// One of its texts as its author wrote it.
    fn written<'a>(&'a self, slot: Slot, file: &'a str) -> &'a str {
        let of_field = |field: Option<&'a Markdown>| field.map_or("", Markdown::as_str);
        match (slot, &*self.fields) {
            (Slot::Body, fields) => match &self.origin.body {
                Some(body) => file.get(body.clone()).unwrap_or_default(),
                None => of_field(fields.common().body),
            },
            (Slot::Text, Fields::Quote(quote)) => quote.text.as_str(),
            (Slot::Original, Fields::Quote(Quote { original: Some(original), .. })) => original.text.as_str(),
            (Slot::Before, Fields::Quote(quote)) => of_field(quote.context_before.as_ref()),
            (Slot::After, Fields::Quote(quote)) => of_field(quote.context_after.as_ref()),
            (Slot::Update(number), Fields::Event(event)) => {
                event.updates.get(number as usize).map_or("", |update| update.text.as_str())
            }
            _ => "",
        }
    }

    /// The bytes in its file of a link or picture of its prose.
    pub(crate) fn link_place(&self, slot: Slot, index: usize, file: &str) -> Range<usize> {
        let link = self.texts.get(slot).and_then(|prose| prose.links.get(index));
        // Its bytes are the same where marks of omission were put in, which are as long as the three dots.
        place_in(file, &self.origin, slot, self.written(slot, file), link.map_or(0..0, |link| link.span.clone()))
    }
}

/// What came of reading the files of records: all of them, each file by itself.
#[derive(Clone, Debug, Default)]
pub struct Parsed {
    files: Vec<Arc<ParsedFile>>,
    overlay: Vec<Arc<OverlayFile>>,
}

/// The records of one file and what is wrong with it.
#[derive(Debug)]
struct ParsedFile {
    file: Arc<SourceFile>,
    whole: Vec<Arc<Record>>,
    broken: BTreeSet<String>,
    findings: Vec<Diagnostic>,
}

/// The records of a dossier.
#[derive(Clone, Debug, Default)]
pub struct Records {
    /// The records that could be read, in the order of their paths and places. A record whose file did not change is the
    /// same pointer as before.
    pub whole: Vec<Arc<Record>>,
    /// The ids of those that could not, as far as they are known. They are there, so a reference to one is no mistake.
    pub broken: BTreeSet<String>,
}

impl Parsed {
    /// The records of all files.
    pub fn records(&self) -> Records {
        let mut records = Records::default();
        records.whole.reserve_exact(self.files.iter().map(|file| file.whole.len()).sum());
        for file in &self.files {
            records.whole.extend(file.whole.iter().cloned());
            records.broken.extend(file.broken.iter().cloned());
        }
        if self.overlay.is_empty() {
            return records;
        }
        let added: BTreeMap<*const Record, &Arc<Record>> = self
            .overlay
            .iter()
            .flat_map(|file| &file.added)
            .map(|(record, made)| (Arc::as_ptr(record), made))
            .collect();
        for record in &mut records.whole {
            if let Some(made) = added.get(&Arc::as_ptr(record)) {
                *record = Arc::clone(made);
            }
        }
        // What lies outside comes last, so that all others have the numbers that they have without it.
        records.whole.extend(self.overlay.iter().flat_map(|file| &file.sealed).cloned());
        records
    }

    /// The text of a file of records.
    pub fn text(&self, path: &str) -> Option<&str> {
        match self.files.binary_search_by(|file| (*file.file.path).cmp(path)) {
            Ok(at) => Some(&self.files[at].file.text),
            Err(_) => self.overlay.iter().find(|file| *file.file.path == *path).map(|file| &*file.file.text),
        }
    }

    /// What is wrong with single files.
    pub fn findings(&self) -> impl Iterator<Item = &Diagnostic> {
        self.files.iter().flat_map(|file| &file.findings).chain(self.overlay.iter().flat_map(|file| &file.findings))
    }
}

/// Reads the records of all files. Files that are the same as `before` are not read again.
pub fn parse(sources: &Sources, before: Option<&Parsed>) -> Parsed {
    let known = before.map(|before| before.files.as_slice()).unwrap_or_default();
    let files = sources.files.par_iter().enumerate().map(|(at, file)| {
        // In nearly all cases a file stands where it stood.
        let same = known.get(at).filter(|known| Arc::ptr_eq(&known.file, file));
        let moved = || known.binary_search_by(|known| known.file.path.cmp(&file.path)).ok().map(|at| &known[at]);
        match same.or_else(|| moved().filter(|known| Arc::ptr_eq(&known.file, file))) {
            Some(known) => Arc::clone(known),
            None => Arc::new(parse_file(file)),
        }
    });
    let files: Vec<Arc<ParsedFile>> = files.collect();
    let overlay = read_overlay(sources, &files, before);
    Parsed { files, overlay }
}

/// Reads what lies outside of the dossier, beside the records that it adds to.
fn read_overlay(sources: &Sources, files: &[Arc<ParsedFile>], before: Option<&Parsed>) -> Vec<Arc<OverlayFile>> {
    if sources.overlay.is_empty() {
        return Vec::new();
    }
    let records = files.iter().flat_map(|file| file.whole.iter().map(|record| (record, &*file.file)));
    let mut known = overlay::Known::new();
    for (record, file) in records {
        // Of two records with one id only the first is anybody's.
        known.entry(record.id.as_str()).or_insert((record, file));
    }
    let before = before.map(|before| before.overlay.as_slice()).unwrap_or_default();
    let read = |file: &Arc<SourceFile>| match before.iter().find(|before| before.is_still(file, &known)) {
        Some(before) => Arc::clone(before),
        None => Arc::new(OverlayFile::read(file, &known)),
    };
    sources.overlay.iter().map(read).collect()
}

fn parse_file(file: &Arc<SourceFile>) -> ParsedFile {
    let (records, findings) = read_records(file);
    ParsedFile { file: Arc::clone(file), whole: records.whole, broken: records.broken, findings }
}

fn read_records(file: &SourceFile) -> (Records, Vec<Diagnostic>) {
    let mut records = Records::default();
    let mut findings = Vec::new();
    let stem = file.inner.rsplit('/').next().and_then(|name| name.split('.').next()).unwrap_or_default();
    if !file.usable {
        records.broken.insert(stem.to_owned());
        return (records, findings);
    }
    match front::split(file) {
        Ok(documents) if documents.is_empty() => findings.push(
            Diagnostic::new(Code::EmptyFile, format!("`{}` has no record in it", file.path))
                .at(&file.path, 0..0)
                .hint("write a record, or delete the file"),
        ),
        Ok(documents) => {
            let alone = documents.len() == 1;
            for document in documents {
                let yaml = document.yaml.clone();
                match parse_document(file, document, alone, &mut findings) {
                    Some(record) => records.whole.push(Arc::new(record)),
                    None => {
                        records.broken.insert(written_id(&file.text[yaml]).unwrap_or(stem).to_owned());
                    }
                }
            }
        }
        Err(FrontError::Missing) => {
            let end = file.text.find(['\n', '\r']).unwrap_or(file.text.len());
            let end = file.text.floor_char_boundary(end.min(120));
            findings.push(
                Diagnostic::new(Code::NoFrontMatter, format!("`{}` does not start with front matter", file.path))
                    .at(&file.path, 0..end)
                    .hint("put the fields between two lines `---` at the top of the file; `dossier new KIND ID` writes such a file"),
            );
        }
        Err(FrontError::Unclosed(opening)) => findings.push(
            Diagnostic::new(Code::UnclosedFrontMatter, "the front matter has no end")
                .at(&file.path, opening)
                .label("it begins here")
                .hint("put a line `---` after the last field"),
        ),
    }
    if records.whole.is_empty() && records.broken.is_empty() {
        records.broken.insert(stem.to_owned());
    }
    (records, findings)
}

/// The id that a record gives itself, read without understanding the rest.
pub(super) fn written_id(yaml: &str) -> Option<&str> {
    let line = yaml.lines().find_map(|line| line.strip_prefix("id:"))?;
    let id = line.split(" #").next().unwrap_or_default().trim().trim_matches(['"', '\'']);
    (!id.is_empty()).then_some(id)
}

pub(super) fn parse_document(
    file: &SourceFile,
    document: Document,
    alone: bool,
    findings: &mut Vec<Diagnostic>,
) -> Option<Record> {
    let Document { yaml: range, body } = document;
    let yaml = &file.text[range.clone()];
    let origin = Origin {
        file: Arc::clone(&file.path),
        inner: file.inner.as_str().into(),
        yaml: range.clone(),
        body: body.clone(),
        is_outside: false,
        places: Places::default(),
    };
    if yaml.len() > YAML_LIMIT {
        findings.push(
            Diagnostic::new(
                Code::FrontMatterTooLarge,
                format!("this YAML is {} KiB; at most 256 KiB are read", yaml.len() / 1024),
            )
            .at(&file.path, origin.start(&file.text))
            .hint("move long text under the front matter, or split the record"),
        );
        return None;
    }
    if let Some(problem) = list_of_records(file, yaml) {
        findings.push(problem.into_diagnostic(&file.path, range.start));
        return None;
    }
    let kind = match kind_of(file, yaml) {
        Ok(kind) => kind,
        Err(problem) => {
            findings.push(problem.into_diagnostic(&file.path, range.start));
            return None;
        }
    };
    let mut problems = Vec::new();
    let read = read_fields(yaml, kind, &mut problems);
    let findable = |problem: Problem| problem.unless_tagged(yaml).into_diagnostic(&file.path, range.start);
    findings.extend(problems.into_iter().map(findable));
    // Where the id is written and the record has mistakes, the file's name is none of them.
    let id = match &read {
        None if written_id(yaml).is_some() => None,
        _ => id_of(file, read.as_ref().map(|read| &read.all.fields), &origin, alone, findings),
    };
    let Read { all, open, private } = read?;
    let fields = &all.fields;
    if body.is_some() && fields.common().body.is_some() {
        findings.push(
            Diagnostic::new(Code::UnknownKey, "`body` stands under the front matter of a Markdown file, not in it")
                .at(&file.path, origin.field(&file.text, &[Step::Key("body")]))
                .hint("move the text below the second `---`"),
        );
    }
    let id = id?;
    let form = |form: Readable, findings: &mut Vec<Diagnostic>| {
        let Readable { fields, extra, withheld } = form;
        let texts = read_texts(file, &fields, &origin, findings);
        let origin = origin.clone();
        Record {
            id: id.clone(),
            fields: Arc::new(fields),
            extra,
            texts: Arc::new(texts),
            origin,
            withheld,
            closed: None,
        }
    };
    let mut record = form(all, findings);
    if let Some(open) = open {
        // What is wrong with its texts was found in the whole record.
        let open = Arc::new(form(open, &mut Vec::new()));
        let moved = |private: Private| Private {
            file: Arc::clone(&file.path),
            span: private.span.start + range.start..private.span.end + range.start,
            ..private
        };
        record.closed = Some(Box::new(Closed { open, private: private.into_iter().map(moved).collect() }));
    }
    Some(record)
}

/// What is wrong with a record file whose records stand in a list.
fn list_of_records(file: &SourceFile, yaml: &str) -> Option<Problem> {
    let is_said = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    let line = yaml.lines().find(is_said).filter(|_| file.form == Form::Yaml)?;
    let start = line.as_ptr() as usize - yaml.as_ptr() as usize + (line.len() - line.trim_start().len());
    let line = line.trim();
    (line == "-" || line.starts_with("- ")).then(|| {
        Problem::new(Code::WrongType, start..start + 1, "the records stand in a list").label("a list begins here").hint(
            "each record is a document of its own, without `- ` and with its keys at the beginning of the line; a line \
                 `---` parts it from the next: `id: first`, its other keys, `---`, `id: second`, its other keys",
        )
    })
}

/// The kind of a record: from its `type`, else from the folder its file lies in.
pub(super) fn kind_of(file: &SourceFile, yaml: &str) -> Result<Kind, Box<Problem>> {
    let mut at = 0;
    for line in yaml.split_inclusive('\n') {
        if let Some(rest) = line.strip_prefix("type:") {
            let rest = rest.split(" #").next().unwrap_or_default();
            let word = rest.trim().trim_matches(['"', '\'']);
            let start = at + 5 + (rest.len() - rest.trim_start().len());
            let problem = |hint: String| {
                Box::new(Problem {
                    code: Code::UnknownKind,
                    span: start..start + rest.trim().len(),
                    message: format!("`{}` is not a kind of record", text::excerpt(word, 40)),
                    label: String::new(),
                    related: Vec::new(),
                    hint: Some(hint),
                    fix: None,
                })
            };
            return Kind::from_str(word).ok().filter(|kind| kind.word() == word).ok_or_else(|| {
                match text::nearest(word, Kind::ALL.map(Kind::word)).first() {
                    Some(near) => problem(format!("did you mean `{near}`?")),
                    None => problem("there are `actor`, `event`, `quote`, `source`, `place` and `page`".to_owned()),
                }
            });
        }
        at += line.len();
    }
    let folder = file.inner.split_once('/').map(|(folder, _)| folder);
    folder.and_then(Kind::of_folder).ok_or_else(|| Box::new(Problem {
        code: Code::UnknownKind,
        span: 0..0,
        message: "nothing says what kind of record this is".to_owned(),
        label: String::new(),
        related: Vec::new(),
        hint: Some(
            "put the file into `actors`, `events`, `quotes`, `sources`, `places` or `pages`, or write `type: event` in it"
                .to_owned(),
        ),
        fix: None,
    }))
}

/// What was read of a record.
struct Read {
    /// All of it.
    all: Readable,
    /// What readers see of it, when that is less.
    open: Option<Readable>,
    /// The values that readers do not see.
    private: Vec<Private>,
}

/// Front matter that could be read.
struct Readable {
    fields: Fields,
    extra: IndexMap<String, serde_json::Value>,
    withheld: Vec<Box<str>>,
}

fn read_fields(yaml: &str, kind: Kind, problems: &mut Vec<Problem>) -> Option<Read> {
    match kind {
        Kind::Actor => read_as(yaml, kind, problems, Fields::Actor),
        Kind::Event => read_as(yaml, kind, problems, Fields::Event),
        Kind::Quote => read_as(yaml, kind, problems, Fields::Quote),
        Kind::Source => read_as(yaml, kind, problems, Fields::Source),
        Kind::Place => read_as(yaml, kind, problems, Fields::Place),
        Kind::Page => read_as(yaml, kind, problems, Fields::Page),
    }
}

fn read_as<T: DeserializeOwned>(
    yaml: &str,
    kind: Kind,
    problems: &mut Vec<Problem>,
    wrap: fn(T) -> Fields,
) -> Option<Read> {
    if let Ok(fields) = serde_yaml::from_str::<T>(yaml).map(wrap) {
        // serde keeps the last of two equal keys of a free mapping and says nothing.
        let may_hide_duplicates = matches!(&fields, Fields::Actor(actor) if !actor.ids.is_empty());
        // The word may stand in place of a value, and is an id or a text to serde.
        let may_withhold = memchr::memmem::find(yaml.as_bytes(), b"withheld").is_some();
        if !may_hide_duplicates && !may_withhold && !is_about_minor(&fields) {
            let all = Readable { fields, extra: IndexMap::new(), withheld: Vec::new() };
            return Some(Read { all, open: None, private: Vec::new() });
        }
    }
    read_forms(yaml, kind, problems, wrap)
}

/// Reads a record by way of the tree with positions: all of it, and what readers see of it.
fn read_forms<T: DeserializeOwned>(
    yaml: &str,
    kind: Kind,
    problems: &mut Vec<Problem>,
    wrap: fn(T) -> Fields,
) -> Option<Read> {
    let schema = schema(kind);
    let tree = tree::read_tree(yaml);
    problems.extend(tree.problems);
    let written = tree.root?;
    let mut root = written.clone();
    let private = uncover(&mut root, problems);
    let (found, words) = validate_record(&root, schema);
    problems.extend(found);
    if !problems.is_empty() {
        return None;
    }
    let withheld = take_out(&mut root, &words);
    let (fields, extra) = read_valid::<T>(&root, problems)?;
    let all = Readable { fields: wrap(fields), extra, withheld };
    let is_about_minor = is_about_minor(&all.fields);
    if private.is_empty() && !is_about_minor {
        return Some(Read { all, open: None, private });
    }
    let mut root = opened(&written);
    let mut withheld = take_out(&mut root, &words);
    let places: Vec<_> = private.iter().map(|private| (private.field.clone(), private.span.clone())).collect();
    let (found, words) = validate_record(&root, schema);
    problems.extend(found.into_iter().map(|problem| missing_in_public(problem, &places)));
    if !problems.is_empty() {
        return None;
    }
    withheld.extend(take_out(&mut root, &words));
    let (fields, extra) = read_valid::<T>(&root, problems)?;
    let mut open = Readable { fields: wrap(fields), extra, withheld };
    let is_of_original = |field: &str| field == "original" || field.starts_with("original.");
    if let Fields::Quote(Quote { translation: Some(translation), .. }) = &mut open.fields
        && places.iter().any(|(field, _)| is_of_original(field))
    {
        // What readers have in its place is not what was translated, and the digest of what they do not have would tell of it.
        translation.of = None;
    }
    if is_about_minor {
        // A place that the author chose for readers is meant for them.
        coarsen(&mut open.fields, places.iter().any(|(field, _)| field == "place"));
    }
    Some(Read { all, open: Some(open), private })
}

/// Reads a mapping by way of the tree with positions, which finds every mistake.
pub(super) fn read_with_places<T: DeserializeOwned>(
    yaml: &str,
    schema: &serde_json::Value,
    problems: &mut Vec<Problem>,
) -> Option<T> {
    let tree = tree::read_tree(yaml);
    problems.extend(tree.problems);
    let root = tree.root?;
    problems.extend(validate(&root, schema));
    if !problems.is_empty() {
        return None;
    }
    read_valid(&root, problems).map(|(read, _)| read)
}

/// Reads a mapping that its schema allows, and beside it the keys that are the author's own.
pub(super) fn read_valid<T: DeserializeOwned>(
    root: &Node,
    problems: &mut Vec<Problem>,
) -> Option<(T, IndexMap<String, serde_json::Value>)> {
    let mut extra = IndexMap::new();
    if let NodeValue::Map(entries) = &root.value {
        for entry in entries.iter().filter(|entry| entry.key.starts_with("x_")) {
            let value = serde_json::to_value(tree::to_value(&entry.value)).unwrap_or_default();
            extra.insert(entry.key.clone(), value);
        }
    }
    match serde_yaml::from_value(tree::to_value(root)) {
        Ok(fields) => Some((fields, extra)),
        Err(error) => {
            problems.push(Problem {
                code: Code::BadValue,
                span: 0..0,
                message: text::excerpt(&error.to_string(), 300),
                label: String::new(),
                related: Vec::new(),
                hint: None,
                fix: None,
            });
            None
        }
    }
}

/// The JSON Schema of a kind's front matter, made from its struct.
pub fn schema(kind: Kind) -> &'static serde_json::Value {
    static SCHEMAS: LazyLock<[serde_json::Value; 6]> = LazyLock::new(|| {
        [
            schemars::schema_for!(model::Actor).into(),
            schemars::schema_for!(model::Event).into(),
            schemars::schema_for!(model::Quote).into(),
            schemars::schema_for!(model::Source).into(),
            schemars::schema_for!(model::Place).into(),
            schemars::schema_for!(model::Page).into(),
        ]
    });
    &SCHEMAS[kind as usize]
}

/// The record's id: written, or the name of its file.
fn id_of(
    file: &SourceFile,
    fields: Option<&Fields>,
    origin: &Origin,
    alone: bool,
    findings: &mut Vec<Diagnostic>,
) -> Option<Id> {
    if let Some(id) = fields.and_then(|fields| fields.common().id) {
        return Some(id.clone());
    }
    if file.form == Form::Yaml && !alone {
        if fields.is_some() {
            findings.push(
                Diagnostic::new(Code::MissingKey, "`id` is missing")
                    .at(&file.path, origin.start(&file.text))
                    .hint("a file with several records gives each of them an `id:`"),
            );
        }
        return None;
    }
    let name = file.inner.rsplit('/').next().unwrap_or_default();
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    match Id::from_str(stem) {
        Ok(id) => Some(id),
        Err(error) => {
            let mut finding = Diagnostic::new(Code::BadId, format!("the name of the file is not an id: {error}"))
                .at(&file.path, 0..0);
            let way_out = error.way_out().map(|hint| hint.replacen("write", "rename the file to", 1));
            finding.hint = Some(way_out.unwrap_or_else(|| "rename the file, or write `id:` in it".to_owned()));
            findings.push(finding);
            None
        }
    }
}

pub(super) fn read_texts(file: &SourceFile, fields: &Fields, origin: &Origin, findings: &mut Vec<Diagnostic>) -> Texts {
    let mut texts = Vec::new();
    each_text(&file.text, fields, origin, &mut |slot, markdown, extent| {
        let (prose, problems) = read_prose(markdown, extent);
        for problem in problems {
            let span = place_in(&file.text, origin, slot, markdown, problem.span);
            findings.push(Diagnostic::new(problem.code, problem.message).at(&file.path, span).hint(problem.hint));
        }
        texts.push((slot, prose));
    });
    texts.shrink_to_fit();
    Texts(texts)
}

/// Goes through the Markdown of a record, in the order of its slots.
pub(crate) fn each_text(file: &str, fields: &Fields, origin: &Origin, add: &mut impl FnMut(Slot, &str, Extent)) {
    let extent = if fields.kind() == Kind::Quote { Extent::Notes } else { Extent::Body };
    if let Some(range) = &origin.body {
        let body = &file[range.clone()];
        if !body.trim().is_empty() {
            add(Slot::Body, body, extent);
        }
    } else if let Some(body) = fields.common().body {
        add(Slot::Body, body.as_str(), extent);
    }
    match fields {
        Fields::Quote(quote) => {
            add(Slot::Text, &with_marks_of_omission(quote.text.as_str()), Extent::Words);
            if let Some(before) = &quote.context_before {
                add(Slot::Before, before.as_str(), Extent::Passage);
            }
            if let Some(after) = &quote.context_after {
                add(Slot::After, after.as_str(), Extent::Passage);
            }
            if let Some(original) = &quote.original {
                add(Slot::Original, &with_marks_of_omission(original.text.as_str()), Extent::Words);
            }
        }
        Fields::Event(event) => {
            for (number, update) in (0..).zip(&event.updates) {
                add(Slot::Update(number), update.text.as_str(), Extent::Passage);
            }
        }
        Fields::Actor(_) | Fields::Source(_) | Fields::Place(_) | Fields::Page(_) => {}
    }
}

/// Quoted Markdown as plain text.
fn plain_words(markdown: &str) -> String {
    plain_text(markdown, Extent::Words)
}

fn plain_text(markdown: &str, extent: Extent) -> String {
    let (prose, _) = read_prose(&with_marks_of_omission(markdown), extent);
    in_one_line(&prose.plain.text)
}

/// Whether a page may show more of quoted Markdown than its words.
fn shows_more(markdown: &str) -> bool {
    let begins_with_number =
        |line: &str| line.trim_start_matches([' ', '>', '-', '*', '+']).starts_with(|c: char| c.is_ascii_digit());
    markdown.contains(['~', '<']) || markdown.lines().any(begins_with_number)
}

fn in_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The words of a quote with one mark for what was left out of them, which may be written with three dots.
fn with_marks_of_omission(written: &str) -> Cow<'_, str> {
    if written.contains("[...]") { written.replace("[...]", "[…]").into() } else { written.into() }
}

/// The bytes in the file of a part of some prose.
///
/// Prose under the front matter stands in the file as it is. A YAML value may be quoted or folded, so there the part
/// is looked for by its own words, and the whole value is named when they cannot be found.
pub(crate) fn place_in(file: &str, origin: &Origin, slot: Slot, markdown: &str, span: Range<usize>) -> Range<usize> {
    if let (Slot::Body, Some(body)) = (slot, &origin.body) {
        return body.start + span.start..body.start + span.end;
    }
    let whole = match slot {
        Slot::Body => origin.field(file, &[Step::Key("body")]),
        Slot::Text => origin.field(file, &[Step::Key("text")]),
        Slot::Before => origin.field(file, &[Step::Key("context_before")]),
        Slot::After => origin.field(file, &[Step::Key("context_after")]),
        Slot::Original => origin.field(file, &[Step::Key("original"), Step::Key("text")]),
        Slot::Update(number) => {
            origin.field(file, &[Step::Key("updates"), Step::Index(number as usize), Step::Key("text")])
        }
    };
    let words = markdown.get(span.clone()).unwrap_or_default();
    // Quotation marks and indentation only ever move words back, so they are mostly found right behind where they stand in the
    // Markdown; an escape that is shorter than its character is all that can move them forward.
    let expected = file.floor_char_boundary((whole.start + span.start).min(whole.end));
    let found = [expected, whole.start].into_iter().find_map(|from| Some(from + file[from..whole.end].find(words)?));
    match found {
        Some(at) if !words.is_empty() => at..at + words.len(),
        _ => whole,
    }
}
