//! The text layer of PDF.
//!
//! A PDF draws glyphs at places; what stands for a word, a line or a paragraph is not written in it. Glyphs are taken in the order in which they
//! are drawn. A gap makes a space, a lower place makes a line, and a wider distance than between the lines before makes a paragraph, as does
//! a new column. A hyphen at the end of a line stays. What a glyph stands for is taken from the file (`ToUnicode`, `ActualText`, names of glyphs);
//! one of which the file does not tell it is U+FFFD, so that no word with it is ever found. Text that is drawn invisibly over a scan is text.
//! A line in a script that runs from right to left is turned when it was drawn from left to right, as many programs do.
//!
//! `hayro-syntax` reads the objects. It unpacks what a file is made of without a bound, so bombs are looked for before it sees the file.

mod font;
mod layout;

use std::collections::BTreeMap;
use std::io;
use std::io::Read as _;
use std::rc::Rc;

use flate2::read::ZlibDecoder;
use hayro_syntax::content::UntypedIter;
use hayro_syntax::object::{Array, Dict, Name, Object, Stream};
use hayro_syntax::page::{Page, Resources};
use hayro_syntax::{Filter, LoadPdfError, Pdf};

use super::super::document::Document;
use super::{Fault, Limits};
use font::Font;
use layout::{Glyph, Layout};

/// How deep drawings may lie in each other.
const DEEPEST: usize = 12;
/// How many operators a document may have, and how many bytes of them.
const MOST_OPERATORS: u64 = 20_000_000;

/// How many arrays, dictionaries and procedures a file or a stream in it may open, since they may lie in each other.
const MOST_OPENED: usize = 300_000;
/// How many nodes the tree of pages may have, since it may be a chain.
const MOST_NODES: usize = 5_000;
/// How many dictionaries one object may open.
const MOST_IN_OBJECT: usize = 20_000;
/// What reading so many things that lie in each other takes of the stack. Memory is used only as far as they do.
const STACK: usize = 1 << 30;

/// Reads the text layer of a PDF into a document. A PDF without text is one without blocks.
pub(super) fn read(bytes: &[u8], limits: &Limits, document: Document) -> Result<Document, Fault> {
    find_bombs(bytes, limits)?;
    std::thread::scope(|scope| {
        let reading =
            std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, || draw(bytes, limits, document))?;
        reading
            .join()
            .unwrap_or_else(|_| Err(Fault::Malformed("it is damaged in a way that cannot be read".to_owned())))
    })
}

fn draw(bytes: &[u8], limits: &Limits, document: Document) -> Result<Document, Fault> {
    let pdf = Pdf::new(bytes.to_vec()).map_err(|error| {
        Fault::Malformed(match error {
            LoadPdfError::Decryption(_) => ENCRYPTED.to_owned(),
            LoadPdfError::Invalid => "it is damaged so badly that no page of it is found".to_owned(),
        })
    })?;
    let pages = pdf.pages();
    if pages.len() > limits.parts {
        return Err(Fault::Refused(format!(
            "it has more than {} pages, which is the most for one capture",
            limits.parts
        )));
    }
    let mut drawing =
        Drawing { layout: Layout::new(document), fonts: BTreeMap::new(), operators: 0, limits, fault: None };
    for (number, page) in pages.iter().enumerate() {
        let number = u32::try_from(number + 1).unwrap_or(u32::MAX);
        drawing.page(number, page);
        if let Some(what) = drawing.fault.take() {
            return Err(Fault::Refused(format!("page {number} {what}")));
        }
    }
    Ok(drawing.layout.finish())
}

const ENCRYPTED: &str = "it is encrypted, even if it opens without a password, and cannot be looked through before it is read; \
                         a copy that is saved without encryption can be captured beside it";

/// Refuses a file that would take more memory or stack than it may: by a stream that unpacks to more than a document, unless it is a
/// picture, which is never unpacked; by things that lie in each other more deeply than any program writes them.
fn find_bombs(bytes: &[u8], limits: &Limits) -> Result<(), Fault> {
    let mut total = 0_u64;
    let mut nodes = check_nesting(bytes, 0)?;
    for at in memchr::memmem::find_iter(bytes, b"stream") {
        let begin = at + "stream".len();
        let data = match bytes.get(begin..) {
            Some([b'\r', b'\n', rest @ ..]) => rest,
            Some([b'\n' | b'\r', rest @ ..]) => rest,
            _ => continue,
        };
        let before = &bytes[at.saturating_sub(1024)..at];
        let dict = &before[memchr::memmem::rfind(before, b"obj").unwrap_or(0)..];
        check_container(dict, begin)?;
        let looks_packed = data.len() > 2 && data[0] & 15 == 8 && u16::from_be_bytes([data[0], data[1]]) % 31 == 0;
        if !looks_packed || bytes[..at].ends_with(b"end") || is_picture(dict) {
            continue;
        }
        let mut unpacked = Vec::new();
        // What is damaged counts as far as it could be unpacked.
        let _ = ZlibDecoder::new(data).take(limits.document.saturating_add(1)).read_to_end(&mut unpacked);
        total = total.saturating_add(unpacked.len() as u64);
        if unpacked.len() as u64 > limits.document || total > limits.total {
            return Err(Fault::Refused(format!(
                "the part of it from byte {begin} unpacks to more than {} bytes, which is the most for one document",
                limits.document
            )));
        }
        nodes = check_nesting(&unpacked, nodes)?;
    }
    Ok(())
}

/// Refuses a file or a stream that opens so much that it could lie in each other too deeply; counts the nodes of the tree of pages.
fn check_nesting(bytes: &[u8], nodes: usize) -> Result<usize, Fault> {
    let nodes = nodes + memchr::memmem::find_iter(bytes, b"Kids").count();
    if !is_shallow(bytes) || nodes > MOST_NODES {
        return Err(Fault::Refused(
            "it opens more arrays and dictionaries in each other than any program writes".to_owned(),
        ));
    }
    // Keys that matter here can be written with codes for their letters, which no program does.
    for at in memchr::memchr_iter(b'#', bytes) {
        let start = bytes[at.saturating_sub(30)..at]
            .iter()
            .rposition(|byte| *byte == b'/')
            .map(|back| at.saturating_sub(30) + back + 1);
        let Some(name) = start.and_then(|start| bytes.get(start..(start + 30).min(bytes.len()))) else { continue };
        let name = without_codes(name);
        if [&b"Kids"[..], b"Encrypt", b"ObjStm", b"XRef"].iter().any(|key| name.starts_with(key)) {
            return Err(Fault::Refused("it writes its keys so that they are not recognised".to_owned()));
        }
    }
    if memchr::memmem::find(bytes, b"/Encrypt").is_some() {
        return Err(Fault::Malformed(ENCRYPTED.to_owned()));
    }
    Ok(nodes)
}

fn is_shallow(bytes: &[u8]) -> bool {
    let opened = memchr::memchr2_iter(b'[', b'{', bytes).count() + memchr::memmem::find_iter(bytes, b"<<").count();
    let mut start = 0;
    let ends = memchr::memmem::find_iter(bytes, b"obj").chain([bytes.len()]);
    let mut objects = ends.map(|end| &bytes[std::mem::replace(&mut start, end)..end]);
    opened <= MOST_OPENED && objects.all(|object| memchr::memmem::find_iter(object, b"<<").count() <= MOST_IN_OBJECT)
}

/// The letters of a name in which some may be written by their codes.
fn without_codes(name: &[u8]) -> Vec<u8> {
    let mut letters = Vec::new();
    let mut rest = name;
    while let [first, after @ ..] = rest {
        let code = after.get(..2).and_then(|code| u8::from_str_radix(std::str::from_utf8(code).ok()?, 16).ok());
        match (first, code) {
            (b'#', Some(code)) => {
                letters.push(code);
                rest = &after[2..];
            }
            _ => {
                letters.push(*first);
                rest = after;
            }
        }
    }
    letters
}

/// Refuses a stream of objects that is packed otherwise than by Flate, since it is unpacked before anybody can look into it.
fn check_container(dict: &[u8], begin: usize) -> Result<(), Fault> {
    let has = |name: &[u8]| memchr::memmem::find(dict, name).is_some();
    if !has(b"ObjStm") && !has(b"XRef") {
        return Ok(());
    }
    let filters: Vec<&[u8]> =
        memchr::memmem::find_iter(dict, b"/Filter").map(|at| dict[at + "/Filter".len()..].trim_ascii_start()).collect();
    let is_flate = |filter: &&[u8]| {
        let filter = filter.strip_prefix(b"[").unwrap_or(filter).trim_ascii_start();
        let rest = filter.strip_prefix(b"/FlateDecode").map(<[u8]>::trim_ascii_start);
        rest.is_some_and(|rest| {
            rest.starts_with(b"]")
                || !filter.is_empty()
                    && !rest.starts_with(b"/A")
                    && !rest.starts_with(b"/L")
                    && !rest.starts_with(b"/R")
                    && !rest.starts_with(b"/FlateDecode")
        })
    };
    if filters.iter().all(is_flate) {
        return Ok(());
    }
    Err(Fault::Refused(format!(
        "the part of it from byte {begin} is packed in a way that is not read, since it may be a bomb"
    )))
}

/// How long a packed stream is when it is unpacked, up to one byte more than the most.
fn unpacked_length(data: &[u8], most: u64) -> u64 {
    let mut unpacked = ZlibDecoder::new(data).take(most.saturating_add(1));
    // What is damaged counts as far as it could be unpacked.
    let _ = io::copy(&mut unpacked, &mut io::sink());
    most.saturating_add(1) - unpacked.limit()
}

/// Whether the dictionary before a stream says plainly that it is a picture.
fn is_picture(dict: &[u8]) -> bool {
    let has = |name: &[u8]| memchr::memmem::find(dict, name).is_some();
    has(b"/Image") && !has(b"#") && !has(b"/ObjStm") && !has(b"/XRef")
}

/// A stream without its filters; nothing when it would be longer than a document may be, or is packed twice over.
fn decoded(stream: &Stream<'_>, limits: &Limits) -> Option<Vec<u8>> {
    let filters = stream.filters();
    let packings = filters.iter().filter(|filter| !matches!(filter, Filter::AsciiHexDecode | Filter::Ascii85Decode));
    let raw = stream.raw_data();
    let is_small = match filters.first() {
        _ if packings.count() > 1 => false,
        Some(Filter::FlateDecode) => unpacked_length(&raw, limits.document) <= limits.document,
        // What else there is grows by some thousand times at the most.
        Some(_) => (raw.len() as u64).saturating_mul(1500) <= limits.document,
        None => true,
    };
    let decoded = is_small.then(|| stream.decoded().ok()).flatten()?;
    is_shallow(&decoded).then(|| decoded.into_owned())
}

/// A PDF that is being drawn.
struct Drawing<'l> {
    layout: Layout,
    /// Fonts by where their dictionaries stand in the file.
    fonts: BTreeMap<(usize, usize), Rc<Font>>,
    operators: u64,
    limits: &'l Limits,
    fault: Option<&'static str>,
}

/// A change of coordinates.
#[derive(Clone, Copy, Debug)]
pub(super) struct Matrix([f64; 6]);

impl Matrix {
    const IDENTITY: Matrix = Matrix([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);

    /// This, then the other.
    fn then(self, other: Matrix) -> Matrix {
        let (Matrix([a, b, c, d, e, f]), Matrix([g, h, i, j, k, l])) = (self, other);
        Matrix([a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + l])
    }

    fn moved(self, x: f64, y: f64) -> Matrix {
        Matrix([1.0, 0.0, 0.0, 1.0, x, y]).then(self)
    }

    fn point(self, x: f64, y: f64) -> (f64, f64) {
        let Matrix([a, b, c, d, e, f]) = self;
        (a * x + c * y + e, b * x + d * y + f)
    }

    fn vector(self, x: f64, y: f64) -> (f64, f64) {
        let Matrix([a, b, c, d, _, _]) = self;
        (a * x + c * y, b * x + d * y)
    }
}

/// What holds while glyphs are drawn.
#[derive(Clone)]
struct State {
    place: Matrix,
    font: Option<Rc<Font>>,
    size: f64,
    letter_space: f64,
    word_space: f64,
    stretch: f64,
    leading: f64,
    rise: f64,
}

/// What a part of a page stands for, by its `ActualText`.
struct Actual {
    depth: usize,
    text: Option<String>,
}

impl Drawing<'_> {
    fn page(&mut self, number: u32, page: &Page<'_>) {
        self.layout.page(number);
        let raw = page.raw();
        let streams = match raw.get::<Stream<'_>>("Contents") {
            Some(stream) => vec![stream],
            None => {
                raw.get::<Array<'_>>("Contents").map(|array| array.iter::<Stream<'_>>().collect()).unwrap_or_default()
            }
        };
        let mut content = Vec::new();
        for stream in &streams {
            content.extend(decoded(stream, self.limits).unwrap_or_default());
            content.push(b' ');
            if content.len() as u64 > self.limits.document {
                self.fault = Some("is longer than a document may be");
                return;
            }
        }
        self.content(&content, page.resources(), Matrix::IDENTITY, 0);
    }

    fn content(&mut self, content: &[u8], resources: &Resources<'_>, place: Matrix, depth: usize) {
        let new = State {
            place,
            font: None,
            size: 0.0,
            letter_space: 0.0,
            word_space: 0.0,
            stretch: 1.0,
            leading: 0.0,
            rise: 0.0,
        };
        let mut state = new.clone();
        let mut saved: Vec<State> = Vec::new();
        let (mut text, mut line) = (Matrix::IDENTITY, Matrix::IDENTITY);
        let mut marked = 0_usize;
        let mut actual: Option<Actual> = None;
        let mut operations = UntypedIter::new(content);
        while let Some(operation) = operations.next() {
            self.operators += 1;
            if self.operators > MOST_OPERATORS {
                self.fault = Some("is drawn with more steps than a document may have");
            }
            if self.fault.is_some() {
                return;
            }
            let operands: Vec<&Object<'_>> = operation.operands().collect();
            let number = |at: usize| match operands.get(at) {
                Some(Object::Number(number)) => number.as_f64(),
                _ => 0.0,
            };
            let matrix = || Matrix([number(0), number(1), number(2), number(3), number(4), number(5)]);
            match &**operation.operator {
                b"q" if saved.len() < 256 => saved.push(state.clone()),
                b"Q" => state = saved.pop().unwrap_or_else(|| new.clone()),
                b"cm" => state.place = matrix().then(state.place),
                b"BT" => (text, line) = (Matrix::IDENTITY, Matrix::IDENTITY),
                b"Tf" => {
                    if let Some(Object::Name(name)) = operands.first() {
                        state.font = self.font(name, resources);
                    }
                    state.size = number(1);
                }
                b"Tc" => state.letter_space = number(0),
                b"Tw" => state.word_space = number(0),
                b"Tz" => state.stretch = number(0) / 100.0,
                b"TL" => state.leading = number(0),
                b"Ts" => state.rise = number(0),
                b"Tm" => (text, line) = (matrix(), matrix()),
                b"Td" | b"TD" => {
                    if &**operation.operator == b"TD" {
                        state.leading = -number(1);
                    }
                    line = line.moved(number(0), number(1));
                    text = line;
                }
                b"T*" => {
                    line = line.moved(0.0, -state.leading);
                    text = line;
                }
                b"Tj" | b"TJ" => {
                    for operand in &operands {
                        self.show(operand, &state, &mut text, &mut actual);
                    }
                }
                b"'" | b"\"" => {
                    if &**operation.operator == b"\"" {
                        (state.word_space, state.letter_space) = (number(0), number(1));
                    }
                    line = line.moved(0.0, -state.leading);
                    text = line;
                    if let Some(operand) = operands.last() {
                        self.show(operand, &state, &mut text, &mut actual);
                    }
                }
                b"BMC" => marked += 1,
                b"BDC" => {
                    marked += 1;
                    if actual.is_none() {
                        let text = operands.get(1).and_then(|properties| actual_text(properties, resources));
                        actual = text.map(|text| Actual { depth: marked, text: Some(text) });
                    }
                }
                b"EMC" => {
                    if actual.as_ref().is_some_and(|actual| actual.depth >= marked) {
                        actual = None;
                    }
                    marked = marked.saturating_sub(1);
                }
                b"Do" if depth < DEEPEST => {
                    if let Some(Object::Name(name)) = operands.first() {
                        self.form(name, resources, state.place, depth);
                    }
                }
                _ => {}
            }
        }
    }

    /// A drawing that a page uses.
    fn form(&mut self, name: &Name<'_>, resources: &Resources<'_>, place: Matrix, depth: usize) {
        let Some(form) = resources.get_x_object(name) else { return };
        if form.dict().get::<Name<'_>>("Subtype").is_none_or(|kind| &*kind != b"Form") {
            return;
        }
        let Some(content) = decoded(&form, self.limits) else { return };
        // A drawing that is used a thousand times is read a thousand times.
        self.operators = self.operators.saturating_add(content.len() as u64 / 8);
        let own = form.dict().get::<Dict<'_>>("Resources").map(|own| Resources::from_parent(own, resources.clone()));
        let matrix = form.dict().get::<Array<'_>>("Matrix").map(|matrix| {
            let mut numbers = matrix.iter::<f32>().map(f64::from);
            Matrix(std::array::from_fn(|at| numbers.next().unwrap_or(Matrix::IDENTITY.0[at])))
        });
        let place = matrix.unwrap_or(Matrix::IDENTITY).then(place);
        self.content(&content, own.as_ref().unwrap_or(resources), place, depth + 1);
    }

    fn font(&mut self, name: &Name<'_>, resources: &Resources<'_>) -> Option<Rc<Font>> {
        let dict = resources.get_font(name)?;
        let data = dict.data();
        let key = (data.as_ptr() as usize, data.len());
        if let Some(font) = self.fonts.get(&key) {
            return Some(Rc::clone(font));
        }
        let font = Rc::new(Font::new(&dict, self.limits));
        self.fonts.insert(key, Rc::clone(&font));
        Some(font)
    }

    /// Draws a string, or strings with moves between them.
    fn show(&mut self, shown: &Object<'_>, state: &State, text: &mut Matrix, actual: &mut Option<Actual>) {
        match shown {
            Object::String(string) => self.string(string.as_bytes(), state, text, actual),
            Object::Array(array) => {
                for element in array.iter::<Object<'_>>() {
                    match element {
                        Object::String(string) => self.string(string.as_bytes(), state, text, actual),
                        Object::Number(number) => {
                            let back = number.as_f64() / 1000.0 * state.size * state.stretch;
                            *text = text.moved(-back, 0.0);
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }

    fn string(&mut self, bytes: &[u8], state: &State, text: &mut Matrix, actual: &mut Option<Actual>) {
        let Some(font) = &state.font else { return };
        self.operators = self.operators.saturating_add(bytes.len() as u64 / 8);
        for (code, length) in font.codes(bytes) {
            let place = text.then(state.place);
            let width = font.width(code) * state.size * state.stretch;
            let characters = match actual {
                Some(actual) => actual.text.take().unwrap_or_default(),
                None => font.text(code),
            };
            self.layout.glyph(&Glyph {
                text: &characters,
                at: place.point(0.0, state.rise),
                advance: place.vector(width, 0.0),
                direction: place.vector(1.0, 0.0),
                size: {
                    let (x, y) = place.vector(0.0, state.size);
                    x.hypot(y)
                },
            });
            let word_space = if length == 1 && code == 32 { state.word_space } else { 0.0 };
            *text = text.moved(width + (state.letter_space + word_space) * state.stretch, 0.0);
        }
    }
}

/// What a marked part stands for.
fn actual_text(properties: &Object<'_>, resources: &Resources<'_>) -> Option<String> {
    let dict = match properties {
        Object::Dict(dict) => dict.clone(),
        Object::Name(name) => resources.properties.get::<Dict<'_>>(&**name)?,
        _ => return None,
    };
    let text = dict.get::<hayro_syntax::object::String<'_>>("ActualText")?;
    Some(font::text_string(text.as_bytes()))
}

#[cfg(test)]
pub(super) use tests::example;

#[cfg(test)]
mod tests;
