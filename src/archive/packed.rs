//! Looking into files that hold others or whose words are packed: gzip, Zstandard, zip (and with it WACZ, packets and office files), tar, WARC
//! and PDF.

use std::io::{self, Cursor, Read};

use flate2::read::MultiGzDecoder;
use tar::Archive;
use zip::ZipArchive;

use crate::evidence::extract::{self, Format, Limits, extract};
use crate::packet::shown;

/// The longest file that is looked into, and how much is unpacked of it in all, in bytes.
pub(super) const LARGEST: u64 = 256 << 20;

/// How many times something packed may be packed again.
const DEEPEST: u32 = 4;

/// How a file is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Packing {
    Gzip,
    Zstandard,
    Zip,
    Tar,
    Document(Format),
}

/// What is looked for: in the names of what is packed along, and in bytes.
pub(super) trait Wanted {
    /// Whether a name says it.
    fn in_name(&self, name: &str) -> bool;
    /// Whether some bytes say it.
    fn in_bytes(&self, bytes: &[u8]) -> bool;
}

/// Whether a file holds others or has its words packed, by its first bytes.
pub(super) fn is_packed(head: &[u8]) -> bool {
    packing(head).is_some()
}

/// Whether what is packed in a file says what is wanted; the error says what could not be looked into, where the rest does not say it.
pub(super) fn says(bytes: &[u8], wanted: &dyn Wanted) -> Result<bool, String> {
    let mut look = Look { wanted, left: LARGEST, unseen: None };
    match look.file("", bytes, DEEPEST) {
        true => Ok(true),
        false => look.unseen.map_or(Ok(false), Err),
    }
}

/// Whether a file is a picture, a recording or another one whose words, if it has any, are not to be had from its bytes.
pub(super) fn is_closed(head: &[u8]) -> bool {
    let is_font = [&b"wOFF"[..], b"wOF2", b"OTTO", b"\0\x01\0\0"].iter().any(|mark| head.starts_with(mark));
    let cut = head.len().saturating_sub(3);
    let is_text = std::str::from_utf8(head).map_or_else(|error| error.valid_up_to() >= cut, |_| true);
    !is_font && (head.contains(&0) || !is_text)
}

fn packing(head: &[u8]) -> Option<Packing> {
    Some(match head {
        [0x1f, 0x8b, ..] => Packing::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Packing::Zstandard,
        [b'P', b'K', 3 | 5, 4 | 6, ..] => Packing::Zip,
        _ if head.get(257..262) == Some(b"ustar") => Packing::Tar,
        _ => match extract::detect("", &head[..head.len().min(extract::HEAD)]) {
            format @ (Format::Pdf | Format::Warc) => Packing::Document(format),
            _ => return None,
        },
    })
}

struct Look<'a> {
    wanted: &'a dyn Wanted,
    /// How much may still be unpacked.
    left: u64,
    /// The first thing that could not be looked into.
    unseen: Option<String>,
}

impl Look<'_> {
    fn file(&mut self, name: &str, bytes: &[u8], depth: u32) -> bool {
        let Some(packing) = packing(bytes) else { return false };
        let Some(depth) = depth.checked_sub(1) else {
            self.miss(name, "it is packed too many times");
            return false;
        };
        let found = match packing {
            Packing::Gzip => self.unpacked(name, &mut MultiGzDecoder::new(bytes), depth),
            Packing::Zstandard => {
                zstd::Decoder::with_buffer(bytes).and_then(|mut from| self.unpacked(name, &mut from, depth))
            }
            Packing::Zip => self.zip(bytes, depth),
            Packing::Tar => self.tar(bytes, depth),
            Packing::Document(format) => return self.document(name, bytes, format),
        };
        found.unwrap_or_else(|error| {
            self.miss(name, &crate::read::in_words(&error));
            false
        })
    }

    /// Looks at bytes that were packed, and into what is packed in them.
    fn unpacked(&mut self, name: &str, from: &mut dyn Read, depth: u32) -> io::Result<bool> {
        let mut bytes = Vec::new();
        let ended = from.take(self.left + 1).read_to_end(&mut bytes);
        self.left = self.left.saturating_sub(bytes.len() as u64);
        // What came before a fault was there.
        if self.wanted.in_bytes(&bytes) || self.file(name, &bytes, depth) {
            return Ok(true);
        }
        ended?;
        if self.left == 0 {
            self.miss(name, "more is packed in it than is looked at");
        }
        Ok(false)
    }

    fn zip(&mut self, bytes: &[u8], depth: u32) -> io::Result<bool> {
        let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(io::Error::other)?;
        for at in 0..archive.len() {
            let mut file = match archive.by_index(at) {
                Ok(file) => file,
                Err(error) => {
                    self.miss(&format!("file {}", at + 1), &error.to_string());
                    continue;
                }
            };
            let name = String::from_utf8_lossy(file.name_raw()).into_owned();
            if self.wanted.in_name(&name) {
                return Ok(true);
            }
            match self.unpacked(&name, &mut file, depth) {
                Ok(true) => return Ok(true),
                Ok(false) => {}
                Err(error) => self.miss(&name, &crate::read::in_words(&error)),
            }
        }
        Ok(self.wanted.in_bytes(archive.comment()))
    }

    fn tar(&mut self, bytes: &[u8], depth: u32) -> io::Result<bool> {
        for entry in Archive::new(bytes).entries()? {
            let mut entry = entry?;
            let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            if self.wanted.in_name(&name) || self.unpacked(&name, &mut entry, depth)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn document(&mut self, name: &str, bytes: &[u8], format: Format) -> bool {
        let mut found = false;
        let (mut unread, wanted) = (None, self.wanted);
        let read = extract(&mut Cursor::new(bytes), name, format, &Limits::default(), &mut |document| {
            let texts = [document.title.as_deref().unwrap_or_default(), &document.text];
            let hidden = document.hidden.iter().map(|hidden| hidden.text.as_str());
            found = found || texts.into_iter().chain(hidden).any(|text| wanted.in_bytes(text.as_bytes()));
            unread = unread.take().or(document.unread);
        });
        if let Some(why) = read.err().map(|fault| fault.to_string()).or(unread) {
            self.miss(name, &why);
        }
        found
    }

    fn miss(&mut self, name: &str, why: &str) {
        self.unseen.get_or_insert_with(|| match name {
            "" => why.to_owned(),
            name => format!("`{}` in it: {why}", shown(name)),
        });
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    struct Word(&'static [u8]);

    impl Wanted for Word {
        fn in_name(&self, name: &str) -> bool {
            self.in_bytes(name.as_bytes())
        }

        fn in_bytes(&self, bytes: &[u8]) -> bool {
            bytes.windows(self.0.len()).any(|some| some == self.0)
        }
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut to = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        to.write_all(bytes).unwrap();
        to.finish().unwrap()
    }

    fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in files {
            zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    #[test]
    fn what_is_packed_is_found_however_it_is_packed() {
        let text = b"Here stands Ilse Brandt, who left. Here stands nothing else of the kind, and that is all.";
        let check = |bytes: Vec<u8>| {
            assert!(is_packed(&bytes));
            assert!(!Word(b"Brandt").in_bytes(&bytes), "it stands there open");
            assert_eq!(says(&bytes, &Word(b"Brandt")), Ok(true));
            assert_eq!(says(&bytes, &Word(b"Nobody")), Ok(false));
        };
        check(gzip(text));
        check(zstd::encode_all(&[&text[..], text].concat()[..], 19).unwrap().to_vec());
        check(zip(&[("a.txt", b"nothing"), ("b.txt.gz", &gzip(text))]));
        check(gzip(&zip(&[("a/b.txt", text)])));
        assert_eq!(says(&zip(&[("Brandt.txt", b"")]), &Word(b"Brandt")), Ok(true));
    }

    #[test]
    fn what_cannot_be_looked_into_is_told() {
        let nested = (0..9).fold(b"Brandt".to_vec(), |inner, _| gzip(&inner));
        assert_eq!(says(&nested, &Word(b"Brandt")), Err("it is packed too many times".to_owned()));
        let cut = gzip(b"nothing at all");
        assert!(says(&cut[..cut.len() - 4], &Word(b"Brandt")).is_err());
        assert!(is_closed(b"\x89PNG\r\n\x1a\n\0\0") && !is_closed("Übung".as_bytes()) && !is_closed(b"wOF2\0"));
    }
}
