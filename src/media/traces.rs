//! What other files than pictures carry, told in kind and never in words: "an author's name", not the name.
//!
//! Files are not read to the last byte but looked at: by their first bytes it is known what they are, and then the marks are looked
//! for by which their formats tell of authors, places and days. So what is found is there, and what is not found may
//! be there all the same: packed, or in a part that was not read. Where that is likely, it is said.

use std::fmt;

use memchr::memmem;

use super::Window;

/// A kind of thing that a file tells beside what it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trace {
    /// Who made it.
    Author,
    /// Where.
    Position,
    /// With which camera or telephone.
    Device,
    /// Titles, keywords, comments.
    Words,
    /// What it was called on somebody's machine.
    Path,
    /// A form with properties, most of which name an author.
    Properties,
    /// A small picture, which may be older than the large one.
    Preview,
    /// Who changed what.
    Changes,
    /// When.
    Date,
    /// With which program.
    Program,
    /// Files in it, which are not looked into.
    Inner,
    /// Parts that are packed or locked, or were not read.
    Unseen,
}

impl Trace {
    const ALL: [Trace; 12] = [
        Trace::Author,
        Trace::Position,
        Trace::Device,
        Trace::Words,
        Trace::Path,
        Trace::Properties,
        Trace::Preview,
        Trace::Changes,
        Trace::Date,
        Trace::Program,
        Trace::Inner,
        Trace::Unseen,
    ];

    fn words(self) -> &'static str {
        match self {
            Trace::Author => "an author's name",
            Trace::Position => "a position",
            Trace::Device => "the name of a device",
            Trace::Words => "a title, keywords or a comment",
            Trace::Path => "a path on somebody's machine",
            Trace::Properties => "properties such as the author's name",
            Trace::Preview => "a preview picture",
            Trace::Changes => "remarks or changes with the names of those who made them",
            Trace::Date => "a date",
            Trace::Program => "the name of a program",
            Trace::Inner => "files within it that were not looked into",
            Trace::Unseen => "parts that were not looked into",
        }
    }
}

/// What was found in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traces(u16);

impl Traces {
    fn add(&mut self, trace: Trace) {
        self.0 |= 1 << trace as u16;
    }

    fn has(self, trace: Trace) -> bool {
        self.0 & (1 << trace as u16) != 0
    }

    fn iter(self) -> impl Iterator<Item = Trace> {
        Trace::ALL.into_iter().filter(move |trace| self.has(*trace))
    }

    /// Whether nothing was found.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether something was found that is likely to tell of somebody, rather than of a day or a program.
    pub fn tell_of_somebody(self) -> bool {
        self.iter().any(|trace| trace < Trace::Date)
    }

    /// Whether it is only known that something may be there.
    pub(super) fn are_all_hidden(self) -> bool {
        self.iter().all(|trace| trace >= Trace::Inner)
    }
}

/// As a list for a sentence: "an author's name and a date".
impl fmt::Display for Traces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<&str> = self.iter().map(Trace::words).collect();
        match words.as_slice() {
            [] => Ok(()),
            [only] => f.write_str(only),
            [all @ .., last] => write!(f, "{} and {last}", all.join(", ")),
        }
    }
}

/// The marks of a format, and what they tell.
type Marks = &'static [(&'static [u8], Trace)];

/// XMP, which is a text in many formats.
const XMP: Marks = &[
    (b"dc:creator", Trace::Author),
    (b"photoshop:AuthorsPosition", Trace::Author),
    (b"exif:GPSL", Trace::Position),
    (b"photoshop:City", Trace::Position),
    (b"tiff:Model", Trace::Device),
    (b"aux:SerialNumber", Trace::Device),
    (b"dc:title", Trace::Words),
    (b"dc:description", Trace::Words),
    (b"dc:subject", Trace::Words),
    (b"xmp:CreateDate", Trace::Date),
    (b"xmp:ModifyDate", Trace::Date),
    (b"xmp:CreatorTool", Trace::Program),
    (b"xmpMM:History", Trace::Changes),
    (b"xmp:Thumbnails", Trace::Preview),
];

const PDF: Marks = &[
    (b"/Author", Trace::Author),
    (b"/Title", Trace::Words),
    (b"/Subject", Trace::Words),
    (b"/Keywords", Trace::Words),
    (b"/CreationDate", Trace::Date),
    (b"/ModDate", Trace::Date),
    (b"/Creator", Trace::Program),
    (b"/Producer", Trace::Program),
];

const SVG: Marks = &[
    (b"<metadata", Trace::Properties),
    (b"rdf:RDF", Trace::Properties),
    (b"dc:creator", Trace::Author),
    (b"sodipodi:docname", Trace::Path),
    (b"export-filename", Trace::Path),
    (b"sodipodi:absref", Trace::Path),
    (b"<!--", Trace::Words),
    (b"inkscape:version", Trace::Program),
    (b"data:image/", Trace::Inner),
];

/// MP4, QuickTime and their kin.
const FILM: Marks = &[
    (b"\xa9ART", Trace::Author),
    (b"aART", Trace::Author),
    (b"\xa9aut", Trace::Author),
    (b"\xa9wrt", Trace::Author),
    (b"quicktime.author", Trace::Author),
    (b"quicktime.artist", Trace::Author),
    (b"\xa9xyz", Trace::Position),
    (b"loci", Trace::Position),
    (b"quicktime.location", Trace::Position),
    (b"\xa9mak", Trace::Device),
    (b"\xa9mod", Trace::Device),
    (b"quicktime.make", Trace::Device),
    (b"quicktime.model", Trace::Device),
    (b"\xa9nam", Trace::Words),
    (b"\xa9cmt", Trace::Words),
    (b"\xa9des", Trace::Words),
    (b"\xa9day", Trace::Date),
    (b"quicktime.creationdate", Trace::Date),
    (b"\xa9too", Trace::Program),
    (b"\xa9swr", Trace::Program),
    (b"quicktime.software", Trace::Program),
    (b"covr", Trace::Preview),
];

/// HEIC and AVIF; the word stands in the list of what is in the file.
const STILL: Marks = &[(b"Exif\0", Trace::Properties), (b"application/rdf+xml", Trace::Properties)];

/// MP3 and others with ID3.
const ID3: Marks = &[
    (b"TPE1", Trace::Author),
    (b"TCOM", Trace::Author),
    (b"TPE2", Trace::Author),
    (b"TOWN", Trace::Author),
    (b"TIT2", Trace::Words),
    (b"COMM", Trace::Words),
    (b"TXXX", Trace::Words),
    (b"TDRC", Trace::Date),
    (b"TYER", Trace::Date),
    (b"TSSE", Trace::Program),
    (b"TENC", Trace::Author),
    (b"APIC", Trace::Preview),
];

/// FLAC, Ogg, Opus.
const VORBIS: Marks = &[
    (b"ARTIST=", Trace::Author),
    (b"artist=", Trace::Author),
    (b"PERFORMER=", Trace::Author),
    (b"TITLE=", Trace::Words),
    (b"title=", Trace::Words),
    (b"COMMENT=", Trace::Words),
    (b"comment=", Trace::Words),
    (b"DESCRIPTION=", Trace::Words),
    (b"LOCATION=", Trace::Position),
    (b"DATE=", Trace::Date),
    (b"date=", Trace::Date),
    (b"encoder=", Trace::Program),
    (b"ENCODER=", Trace::Program),
];

/// WAV and AVI.
const RIFF: Marks = &[
    (b"IART", Trace::Author),
    (b"bext", Trace::Author),
    (b"INAM", Trace::Words),
    (b"ICMT", Trace::Words),
    (b"iXML", Trace::Words),
    (b"ICRD", Trace::Date),
    (b"ISFT", Trace::Program),
    (b"id3 ", Trace::Properties),
    (b"ID3 ", Trace::Properties),
];

/// Matroska and WebM.
const MATROSKA: Marks = &[(b"\x7b\xa9", Trace::Words), (b"\x44\x61\x88", Trace::Date), (b"\x57\x41", Trace::Program)];

/// What lies in the archives that documents are.
const OFFICE: Marks = &[
    (b"docProps/core.xml", Trace::Properties),
    (b"docProps/custom.xml", Trace::Properties),
    (b"docProps/thumbnail", Trace::Preview),
    (b"Thumbnails/thumbnail", Trace::Preview),
    (b"word/comments", Trace::Changes),
    (b"word/people.xml", Trace::Changes),
    (b"xl/comments", Trace::Changes),
    (b"xl/persons", Trace::Changes),
    (b"ppt/comments", Trace::Changes),
    (b"ppt/commentAuthors", Trace::Changes),
    (b"word/media/", Trace::Inner),
    (b"xl/media/", Trace::Inner),
    (b"ppt/media/", Trace::Inner),
    (b"Pictures/", Trace::Inner),
];

const RICH_TEXT: Marks = &[
    (b"\\author", Trace::Author),
    (b"\\operator", Trace::Author),
    (b"\\company", Trace::Author),
    (b"\\title", Trace::Words),
    (b"\\creatim", Trace::Date),
    (b"\\revtim", Trace::Date),
    (b"\\generator", Trace::Program),
];

const POSTSCRIPT: Marks = &[
    (b"%%For:", Trace::Author),
    (b"%%Title:", Trace::Words),
    (b"%%CreationDate:", Trace::Date),
    (b"%%Creator:", Trace::Program),
];

const WEB_PAGE: Marks =
    &[(b"name=\"author\"", Trace::Author), (b"name=\"generator\"", Trace::Program), (b"saved from url=", Trace::Words)];

/// The fields of TIFF that tell something.
const TIFF: &[(u16, Trace)] = &[
    (0x010d, Trace::Path),
    (0x010e, Trace::Words),
    (0x010f, Trace::Device),
    (0x0110, Trace::Device),
    (0x0131, Trace::Program),
    (0x0132, Trace::Date),
    (0x013b, Trace::Author),
    (0x013c, Trace::Device),
    (0x02bc, Trace::Properties),
    (0x8298, Trace::Author),
    (0x83bb, Trace::Properties),
    (0x8649, Trace::Properties),
    (0x8769, Trace::Properties),
    (0x8825, Trace::Position),
    (0x9c9d, Trace::Author),
];

/// What a file carries, as far as a look at it tells.
pub(super) fn traces(window: Window<'_>) -> Traces {
    let mut found = Traces::default();
    let head = window.head;
    let starts = |with: &[u8]| head.starts_with(with);
    let brand = head.get(8..12).unwrap_or_default();
    // Of some formats nothing can be said from a part that has none of their marks.
    let mut is_told = true;
    if head.get(..1024.min(head.len())).is_some_and(|head| memmem::find(head, b"%PDF-").is_some()) {
        pdf(window, &mut found);
    } else if starts(b"GIF8") {
        gif(head, &mut found);
    } else if starts(b"II*\0") || starts(b"MM\0*") || starts(b"II+\0") || starts(b"MM\0+") {
        is_told = tiff(head, &mut found);
    } else if head.get(4..8) == Some(b"ftyp") {
        let still: [&[u8]; 8] = [b"heic", b"heix", b"mif1", b"msf1", b"avif", b"avis", b"hevc", b"heim"];
        search(window, if still.contains(&brand) { STILL } else { FILM }, &mut found);
        search(window, XMP, &mut found);
    } else if starts(b"moov")
        || head.get(4..8).is_some_and(|name| name == b"moov" || name == b"mdat" || name == b"wide")
    {
        search(window, FILM, &mut found);
    } else if starts(b"ID3") || window_end(window).starts_with(b"TAG") || starts(b"\xff\xfb") {
        search(window, ID3, &mut found);
        if window_end(window).starts_with(b"TAG") {
            found.add(Trace::Words);
        }
    } else if starts(b"fLaC") || starts(b"OggS") {
        search(window, VORBIS, &mut found);
    } else if starts(b"RIFF") || starts(b"RF64") || starts(b"FORM") {
        search(window, RIFF, &mut found);
        search(window, XMP, &mut found);
    } else if starts(b"\x1a\x45\xdf\xa3") {
        // Its marks are short, and further on stand for something else.
        search(Window::whole(&head[..head.len().min(4096)]), MATROSKA, &mut found);
        search(window, &[(b"\x12\x54\xc3\x67", Trace::Words)], &mut found);
    } else if starts(b"PK\x03\x04") || starts(b"PK\x05\x06") {
        archive(window, &mut found);
    } else if starts(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        // The documents of older office programs, and letters; each has a form with properties.
        found.add(Trace::Properties);
    } else if starts(b"{\\rtf") {
        search(window, RICH_TEXT, &mut found);
    } else if starts(b"%!PS") || starts(b"\xc5\xd0\xd3\xc6") {
        search(window, POSTSCRIPT, &mut found);
        search(window, XMP, &mut found);
    } else if starts(b"8BPS") || starts(b"gimp xcf") {
        found.add(Trace::Properties);
    } else if starts(b"\0\0\0\x0cJXL ") || starts(b"\0\0\0\x0cjP  ") || starts(b"\xff\x0a") {
        search(window, &[(b"Exif", Trace::Properties), (b"<x:xmpmeta", Trace::Properties)], &mut found);
        search(window, XMP, &mut found);
    } else if starts(b"\x1f\x8b")
        || starts(b"7z\xbc\xaf\x27\x1c")
        || starts(b"Rar!")
        || starts(b"BZh")
        || starts(b"\xfd7zXZ")
        || starts(b"\x28\xb5\x2f\xfd")
        || head.get(257..262) == Some(b"ustar")
    {
        found.add(Trace::Inner);
        return found;
    } else if let Some(marks) = markup(head) {
        search(window, marks, &mut found);
        if marks.len() == SVG.len() {
            search(window, XMP, &mut found);
        }
    } else {
        return found;
    }
    if !(found.tell_of_somebody() || is_told && window.is_whole) {
        found.add(Trace::Unseen);
    }
    found
}

fn search(window: Window<'_>, marks: Marks, found: &mut Traces) {
    for (mark, trace) in marks {
        if !found.has(*trace) && [window.head, window.tail].iter().any(|part| memmem::find(part, mark).is_some()) {
            found.add(*trace);
        }
    }
}

/// The last 128 bytes, where the older ID3 stands.
fn window_end(window: Window<'_>) -> &[u8] {
    let end = if window.is_whole { window.head } else { window.tail };
    end.len().checked_sub(128).map(|start| &end[start..]).unwrap_or_default()
}

fn pdf(window: Window<'_>, found: &mut Traces) {
    for part in [window.head, window.tail] {
        for (mark, trace) in PDF {
            if !found.has(*trace) && memmem::find_iter(part, mark).any(|at| has_value(&part[at + mark.len()..])) {
                found.add(*trace);
            }
        }
    }
    search(window, XMP, found);
    search(
        window,
        &[(b"/EmbeddedFile", Trace::Inner), (b"/ObjStm", Trace::Unseen), (b"/Encrypt", Trace::Unseen)],
        found,
    );
}

/// Whether a value that is not empty follows on a name: a text, a text in hex, or the number of an object.
fn has_value(rest: &[u8]) -> bool {
    let rest = rest.trim_ascii_start();
    match rest {
        [b'(', inside @ ..] => inside.trim_ascii_start().first().is_some_and(|byte| *byte != b')'),
        [b'<', inside @ ..] => inside.first().is_some_and(u8::is_ascii_hexdigit),
        [first, ..] => first.is_ascii_digit(),
        [] => false,
    }
}

/// What a GIF carries beside what it shows.
fn gif(head: &[u8], found: &mut Traces) {
    let end = each_extension(head, &mut |kind, at| match kind {
        0xfe | 0x01 => found.add(Trace::Words),
        0xff if head.get(at + 1..at + 9) == Some(b"XMP Data") => found.add(Trace::Properties),
        _ => {}
    });
    if end.is_some_and(|end| head.len() > end + 1) {
        found.add(Trace::Unseen);
    }
}

/// Walks over the blocks of a GIF, and tells the kind of each extension and where its blocks begin; gives the place of the byte that
/// begins no block, when there is one.
fn each_extension(head: &[u8], see: &mut dyn FnMut(u8, usize)) -> Option<usize> {
    let colours = |flags: u8| if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) };
    let mut at = 13 + colours(*head.get(10)?);
    loop {
        match head.get(at)? {
            0x21 => {
                see(*head.get(at + 1)?, at + 2);
                at = after_blocks(head, at + 2);
            }
            0x2c => at = after_blocks(head, at + 11 + colours(*head.get(at + 9)?)),
            _ => return Some(at),
        }
    }
}

/// What the extensions of a GIF say, each in one piece: it stands there in blocks of up to 255 bytes.
pub fn gif_texts(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut texts = Vec::new();
    if bytes.starts_with(b"GIF8") {
        each_extension(bytes, &mut |_, at| texts.push(joined_blocks(bytes, at)));
    }
    texts
}

/// What stands in blocks that each say how long they are.
fn joined_blocks(bytes: &[u8], mut at: usize) -> Vec<u8> {
    let mut joined = Vec::new();
    while let Some(length) = bytes.get(at).filter(|length| **length > 0) {
        let end = bytes.len().min(at + 1 + usize::from(*length));
        joined.extend_from_slice(&bytes[at + 1..end]);
        at = end;
    }
    joined
}

/// The place behind blocks that each say how long they are.
fn after_blocks(head: &[u8], mut at: usize) -> usize {
    while let Some(length) = head.get(at) {
        at += 1 + usize::from(*length);
        if *length == 0 {
            break;
        }
    }
    at
}

/// Looks through the first table of a TIFF file; whether it lies in the part that was read.
fn tiff(head: &[u8], found: &mut Traces) -> bool {
    let is_little = head.starts_with(b"II");
    let two = |at: usize| -> Option<u16> {
        let bytes: [u8; 2] = head.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if is_little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    };
    let (Some(low), Some(high)) = (two(if is_little { 4 } else { 6 }), two(if is_little { 6 } else { 4 })) else {
        return false;
    };
    // Of the longer form of the format the table is not looked for.
    let table = usize::from(high) << 16 | usize::from(low);
    let Some(count) = two(table).filter(|_| head[2] == b'*' || head[3] == b'*') else { return false };
    for number in 0..usize::from(count) {
        let Some(field) = two(table + 2 + number * 12) else { return false };
        for (_, trace) in TIFF.iter().filter(|(known, _)| *known == field) {
            found.add(*trace);
        }
    }
    true
}

fn archive(window: Window<'_>, found: &mut Traces) {
    let before = *found;
    search(window, OFFICE, found);
    // The name by itself would be found in many an archive; documents of this sort begin with what they are.
    let beginning = &window.head[..window.head.len().min(200)];
    if memmem::find(beginning, b"mimetypeapplication/").is_some() {
        found.add(Trace::Properties);
    }
    if *found == before {
        found.add(Trace::Inner);
    }
}

/// The marks of a text in SVG or HTML.
fn markup(head: &[u8]) -> Option<Marks> {
    let beginning = &head[..head.len().min(4096)];
    let text = String::from_utf8_lossy(beginning).trim_start_matches('\u{feff}').trim_start().to_ascii_lowercase();
    if !text.starts_with('<') {
        return None;
    }
    if text.starts_with("<!doctype html") || text.starts_with("<html") {
        return Some(WEB_PAGE);
    }
    (text.starts_with("<svg") || text.contains("<svg")).then_some(SVG)
}
