//! A tar that came from anybody, plain or packed with Zstandard or gzip, read in one go from its beginning.
//!
//! Where it is packed in many frames of Zstandard, as editions are, reading goes on behind one that is damaged, with the next that begins with a file.
//!
//! Names may stand in the header, in the long form of GNU, or in that of pax; nothing else of these is used. What is neither file nor
//! folder is refused.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

use flate2::read::MultiGzDecoder;

use super::frames::{self, Frames};
use super::heads::{BLOCK, Head, head, padding};
use super::names::Names;
use super::zip::Open;
use super::{Bag, Refused, Visit, copy};
use crate::edition::container::{self, Tar as Writer};
use crate::edtf::Day;
use crate::packet::{Against, is_of_content, shown};
use crate::read::in_words;

/// How many files a tar may have whatever its length, and how many bytes of the packed tar there are at the least for each more: more than
/// that of any honest file are its sums.
const ALWAYS: u64 = 100_000;
const LEAST: u64 = 32;

/// How many damaged parts are passed over before the rest is given up.
const MOST_DAMAGES: usize = 100;

/// How many places behind what is damaged are tried, at which a frame seems to begin: one for each of the frames of the longest file.
const MOST_TRIED: usize = 20_000;

/// Of how many files it is kept where they begin.
const MOST_PLACES: usize = 64;

/// How a tar is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    Plain,
    Zstandard,
    Gzip,
}

/// A tar.
pub(super) struct Tar<'a, R> {
    open: Open<'a, R>,
    packing: Packing,
    length: u64,
    /// Whether reading goes on behind what is damaged.
    is_tolerant: bool,
    /// What was found when all of it was read.
    found: RefCell<State>,
}

/// What was found in a tar.
#[derive(Default)]
struct State {
    /// What is wrong at the end, behind all files, which could be read.
    fault: Option<String>,
    damages: Vec<Damage>,
    /// Where the frame begins that a file begins with, of files beside the payload.
    places: BTreeMap<String, u64>,
}

/// A part of a tar that cannot be read, or is not as it was packed.
#[derive(Clone, Debug)]
pub(super) struct Damage {
    /// Where in the archive it begins, and where the next part begins that can be read.
    pub(super) begin: u64,
    pub(super) end: u64,
    /// What is wrong.
    pub(super) why: String,
    /// The file with which it begins, where that could be read.
    pub(super) first: Option<String>,
    /// The last file before what is lost, and the first behind it.
    pub(super) after: Option<String>,
    pub(super) before: Option<String>,
}

impl Damage {
    /// Whether a file that is missing may have lain here; payload lies before what is none, and both are sorted.
    pub(super) fn holds(&self, path: &str) -> bool {
        let place = |path: &str| (!is_payload(path), path.to_owned());
        self.after.as_ref().is_none_or(|after| place(after) < place(path))
            && self.before.as_ref().is_none_or(|before| place(path) < place(before))
    }
}

fn is_payload(path: &str) -> bool {
    path.split_once('/').is_some_and(|(_, inner)| inner.starts_with(super::bagit::PAYLOAD))
}

/// What of a tar is shown.
enum Part<'a> {
    /// A file, and where the frame begins in which its content begins.
    File(&'a Head, u64, &'a mut dyn Read),
    /// One that was shown and cannot be read to its end.
    Broken(&'a Head, &'a str),
}

/// A tar as it is unpacked.
struct Unpacked<R> {
    from: Source<R>,
    /// How much may still come.
    left: u64,
    /// Whether what is packed could not be unpacked.
    is_damaged: bool,
}

enum Source<R> {
    Plain(BufReader<R>),
    Zstandard(Frames<R>),
    Gzip(Box<MultiGzDecoder<BufReader<R>>>),
}

impl<R: Read + Seek> Unpacked<R> {
    /// Reads what is left of the frame at hand, to see whether it is damaged; one that is too long to be read to its end counts as whole.
    fn end_frame(&mut self) -> io::Result<()> {
        let Source::Zstandard(frames) = &mut self.from else { return Ok(()) };
        let mut chunk = vec![0; super::CHUNK];
        loop {
            let read = frames.within(&mut chunk)? as u64;
            if read == 0 || read > self.left {
                return Ok(());
            }
            self.left -= read;
        }
    }

    /// Where the frame begins of which something was read last, where there are frames.
    fn frame(&self) -> u64 {
        if let Source::Zstandard(frames) = &self.from { frames.begin } else { 0 }
    }

    fn is_between_frames(&self) -> bool {
        matches!(&self.from, Source::Zstandard(frames) if !frames.is_inside)
    }
}

impl<R: Read + Seek> Read for Unpacked<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).map_or(bytes.len(), |left| left.min(bytes.len()));
        if most == 0 && !bytes.is_empty() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, BOMB));
        }
        let read = match &mut self.from {
            Source::Plain(file) => file.read(&mut bytes[..most]),
            Source::Zstandard(frames) => {
                let read = frames.read(&mut bytes[..most]);
                self.is_damaged |= read.as_ref().is_err_and(is_of_content);
                read
            }
            Source::Gzip(gzip) => gzip.read(&mut bytes[..most]),
        }?;
        self.left -= read as u64;
        Ok(read)
    }
}

const BOMB: &str = "more would be unpacked than the archive can honestly hold";

impl<'a, R: Read + Seek> Tar<'a, R> {
    pub(super) fn open(open: Open<'a, R>, packing: Packing) -> io::Result<Self> {
        let length = open()?.seek(SeekFrom::End(0))?;
        Ok(Tar { open, packing, length, is_tolerant: false, found: RefCell::default() })
    }

    /// The same tar, of which all is shown that can be read, whatever is damaged.
    pub(super) fn tolerant(self) -> Self {
        Tar { is_tolerant: true, ..self }
    }

    fn unpacked(&self, at: u64) -> io::Result<Unpacked<R>> {
        let file = (self.open)()?;
        let buffered = |file| BufReader::with_capacity(super::CHUNK, file);
        let from = match self.packing {
            Packing::Plain => Source::Plain(buffered(file)),
            Packing::Zstandard => Source::Zstandard(Frames::new(file, at)?),
            Packing::Gzip => Source::Gzip(Box::new(MultiGzDecoder::new(buffered(file)))),
        };
        Ok(Unpacked { from, left: super::most(self.length), is_damaged: false })
    }

    /// Reads all of it, and shows each file.
    fn read(&self, see: &mut dyn FnMut(Part<'_>) -> Result<(), Refused>) -> Result<u64, Refused> {
        let mut from = self.unpacked(0)?;
        let mut reading = Reading::default();
        let mut next = None;
        let mut count = 0;
        loop {
            let result = match next.take() {
                Some(head) => Ok(Some(head)),
                None => reading.head(&mut from),
            };
            let result = match result {
                Ok(None) => break,
                Ok(Some(head)) => {
                    count += 1;
                    match count > ALWAYS + self.length / LEAST {
                        true => {
                            let why = "with it, the tar has more files than it can honestly hold";
                            Err(Refused::Unsafe(Some(head.path), why.to_owned()))
                        }
                        false => reading.file(&head, &mut from, see),
                    }
                }
                Err(refused) => Err(refused),
            };
            if let Err(refused) = result {
                match self.go_on(&mut from, &mut reading, refused)? {
                    Some(head) => next = Some(head),
                    None if reading.is_at_end => break,
                    None => {
                        self.keep(reading, None);
                        return Ok(0);
                    }
                }
            }
        }
        let mut rest = Rest { length: BLOCK as u64, is_empty: true };
        let fault = match io::copy(&mut from, &mut rest) {
            Err(error) if is_of_content(&error) => {
                Some(format!("the end of the tar is damaged, or something stands after it: {}", in_words(&error)))
            }
            Err(error) => return Err(Refused::Io(error)),
            Ok(_) if !rest.is_empty => Some("something stands after the end of the tar".to_owned()),
            Ok(_) if rest.length < 2 * BLOCK as u64 || !rest.length.is_multiple_of(BLOCK as u64) => {
                Some("the end of the tar is cut off".to_owned())
            }
            // What is damaged is told of as such, and nothing can be said of its frames.
            Ok(_) if self.packing == Packing::Zstandard && reading.damages.is_empty() => {
                frames::fault((self.open)()?)?.map(str::to_owned)
            }
            Ok(_) => None,
        };
        self.keep(reading, fault);
        Ok(rest.length)
    }

    fn keep(&self, reading: Reading, fault: Option<String>) {
        *self.found.borrow_mut() = State { fault, damages: reading.damages, places: reading.places };
    }

    /// Where something is damaged, goes to the next frame that begins with a file; `None` says that there is none. What is not damaged and yet
    /// wrong is refused.
    fn go_on(&self, from: &mut Unpacked<R>, reading: &mut Reading, refused: Refused) -> Result<Option<Head>, Refused> {
        let Refused::Unsafe(_, why) = &refused else { return Err(refused) };
        if !self.is_tolerant || reading.damages.len() >= MOST_DAMAGES {
            return Err(refused);
        }
        let mut why = why.clone();
        let mut is_first = true;
        let mut damage = None;
        loop {
            let begin = from.frame();
            // What a frame unpacks to may be nonsense before its end tells that it is damaged.
            let is_damaged = from.is_damaged
                || match from.end_frame() {
                    Ok(()) => false,
                    Err(error) if is_of_content(&error) => {
                        why = in_words(&error);
                        true
                    }
                    Err(error) => return Err(Refused::Io(error)),
                };
            if is_first && !is_damaged {
                return Err(refused);
            }
            let damage = damage.get_or_insert_with(|| Damage {
                begin,
                end: 0,
                why: why.clone(),
                first: reading.first.take().filter(|(at, _)| *at == begin).map(|(_, path)| path),
                after: reading.last.clone(),
                before: None,
            });
            is_first = false;
            let Source::Zstandard(frames) = &mut from.from else { return Err(refused) };
            damage.end = frames.go_on()?;
            reading.tried += 1;
            if reading.tried > MOST_TRIED {
                return Err(Refused::Unsafe(
                    None,
                    "what is damaged is too long to look for what lies behind it".to_owned(),
                ));
            }
            from.is_damaged = false;
            if damage.end >= self.length {
                reading.damages.push(damage.clone());
                return Ok(None);
            }
            match head(from, None) {
                Ok(None) => {
                    reading.is_at_end = true;
                    reading.damages.push(damage.clone());
                    return Ok(None);
                }
                Ok(Some(head)) if head.path.starts_with(&reading.top) => {
                    damage.before = Some(head.path.clone());
                    reading.damages.push(damage.clone());
                    reading.note(&head, from.frame(), true);
                    return Ok(Some(head));
                }
                // In the midst of a long file, of which the beginning is lost.
                Ok(Some(_)) | Err(Refused::Unsafe(None, _)) => {}
                Err(Refused::Unsafe(Some(path), _)) if !path.starts_with(&reading.top) => {}
                Err(refused) => return Err(refused),
            }
        }
    }

    /// What was found to be wrong behind all files when they were read.
    pub(super) fn fault(&self) -> Option<String> {
        self.found.borrow().fault.clone()
    }

    /// What was found to be damaged.
    pub(super) fn damages(&self) -> Vec<Damage> {
        self.found.borrow().damages.clone()
    }

    /// Where the archive first differs from what is written of its files by this program, and in which of them.
    pub(super) fn frame(&self, day: Day) -> Result<Option<(Option<u64>, String)>, Refused> {
        let mut place = None;
        let mut frames: Vec<(u64, String)> = Vec::new();
        let mut writer = Writer::new(Against::new((self.open)()?), day);
        let end = self.read(&mut |part| {
            let (head, frame, from) = match part {
                Part::File(head, frame, from) => (head, frame, from),
                Part::Broken(head, why) => return Err(Refused::Unsafe(Some(head.path.clone()), why.to_owned())),
            };
            if frames.last().is_none_or(|(at, _)| *at < frame) {
                frames.push((frame, head.path.clone()));
            }
            if place.is_none() && container::head(&head.path, head.length, day)? != head.raw {
                place = Some(format!("in the header of `{}`", shown(&head.path)));
            }
            writer.file(&head.path, head.length, from)?;
            Ok(())
        })?;
        let against = writer.finish()?;
        if let Some(place) = place {
            return Ok(Some((None, place)));
        }
        if end != 2 * BLOCK as u64 {
            return Ok(Some((None, "at the end of the tar".to_owned())));
        }
        let Some(at) = against.first_difference(self.length) else { return Ok(None) };
        let place = match frames.iter().rev().find(|(begin, _)| *begin <= at) {
            Some((_, first)) => format!(
                "in how `{}` and what lies behind it up to the next frame is packed; no file differs",
                shown(first)
            ),
            None => "in how the files are packed, and none of them differs".to_owned(),
        };
        Ok(Some((Some(at), place)))
    }

    /// Whether it is packed as editions are.
    pub(super) fn is_zstandard(&self) -> bool {
        self.packing == Packing::Zstandard
    }
}

/// What is known while a tar is read.
#[derive(Default)]
struct Reading {
    names: Names,
    /// The folder of the first file, with a slash at its end.
    top: String,
    /// The last file.
    last: Option<String>,
    /// The first file of the frame at hand, and where that begins.
    first: Option<(u64, String)>,
    places: BTreeMap<String, u64>,
    damages: Vec<Damage>,
    /// How many places were tried behind what is damaged.
    tried: usize,
    /// Whether the end of the tar was come to behind what is damaged.
    is_at_end: bool,
}

impl Reading {
    /// The next header; `None` at the end.
    fn head<R: Read + Seek>(&mut self, from: &mut Unpacked<R>) -> Result<Option<Head>, Refused> {
        let is_first = from.is_between_frames();
        let head = head(from, self.last.as_deref())?;
        if let Some(head) = &head {
            self.note(head, from.frame(), is_first);
        }
        Ok(head)
    }

    fn note(&mut self, head: &Head, frame: u64, is_first: bool) {
        if self.top.is_empty() {
            self.top = head.path.split_inclusive('/').next().unwrap_or_default().to_owned();
        }
        if is_first {
            self.first = Some((frame, head.path.clone()));
            if !is_payload(&head.path) && self.places.len() < MOST_PLACES {
                self.places.insert(head.path.clone(), frame);
            }
        }
    }

    /// Shows a file, and reads to its end.
    fn file<R: Read + Seek>(
        &mut self,
        head: &Head,
        from: &mut Unpacked<R>,
        see: &mut dyn FnMut(Part<'_>) -> Result<(), Refused>,
    ) -> Result<(), Refused> {
        let frame = from.frame();
        let refuse = |why: String| Refused::Unsafe(Some(head.path.clone()), why);
        self.names.add(&head.path).map_err(|why| refuse(why.to_owned()))?;
        if head.length > from.left {
            return Err(refuse(format!("with it, {BOMB}")));
        }
        let failed = |error: io::Error| match is_of_content(&error) {
            true => refuse(format!("the archive cannot be unpacked from here on: {}", in_words(&error))),
            false => Refused::Io(error),
        };
        let mut content = from.by_ref().take(head.length);
        let seen = see(Part::File(head, frame, &mut content))
            .and_then(|()| Ok(copy(&mut content, &mut io::sink())?))
            .and_then(|()| match content.limit() {
                0 => Ok(()),
                _ => Err(refuse("it is cut off".to_owned())),
            });
        self.last = Some(head.path.clone());
        match seen {
            Err(Refused::Io(error)) => {
                let refused = failed(error);
                if let Refused::Unsafe(_, why) = &refused {
                    see(Part::Broken(head, why))?;
                }
                return Err(refused);
            }
            Err(refused) => return Err(refused),
            Ok(()) => {}
        }
        let mut padding = vec![0; padding(head.length)];
        from.read_exact(&mut padding).map_err(failed)?;
        if padding.iter().any(|byte| *byte != 0) {
            return Err(refuse("something stands behind it where nothing should".to_owned()));
        }
        Ok(())
    }
}

impl<R: Read + Seek> Bag for Tar<'_, R> {
    fn each(&self, visit: &mut dyn Visit) -> Result<(), Refused> {
        self.read(&mut |part| {
            match part {
                Part::File(head, ..) if head.path.ends_with('/') => visit.folder(&head.path),
                Part::File(head, _, from) => visit.file(&head.path, head.length, from)?,
                Part::Broken(head, why) => visit.broken(&head.path, why),
            }
            Ok(())
        })
        .map(drop)
    }

    fn one(&self, path: &str, see: &mut dyn FnMut(&mut dyn Read) -> io::Result<()>) -> Result<(), Refused> {
        let place = self.found.borrow().places.get(path).copied();
        if let Some(at) = place {
            let mut from = self.unpacked(at)?;
            let mut reading = Reading::default();
            if let Some(head) = reading.head(&mut from)? {
                return reading.file(&head, &mut from, &mut |part| match part {
                    Part::File(.., from) => Ok(see(from)?),
                    Part::Broken(..) => Ok(()),
                });
            }
        }
        self.read(&mut |part| match part {
            Part::File(head, _, from) if head.path == path => Ok(see(from)?),
            _ => Ok(()),
        })
        .map(drop)
    }
}

/// What stands behind the files.
struct Rest {
    length: u64,
    is_empty: bool,
}

impl io::Write for Rest {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.is_empty &= bytes.iter().all(|byte| *byte == 0);
        self.length += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
