//! What browsers were sent of the files beside the records. By it a file that was only touched is known from one that differs.
//!
//! Only those that a browser has asked for are read here.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hasher};
use std::io::{self, Read};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::redact::{Attachment, Copied};

/// Files that are longer are not read through only to know them again; each touch counts as a change.
const LONGEST: u64 = 64 * 1024 * 1024;

/// How much is read at once.
const PIECE: usize = 64 * 1024;

/// What was sent of each file, by its path in the folder of records.
#[derive(Default)]
pub(super) struct Sent(Mutex<HashMap<String, Copies>>);

/// What browsers may have of a file.
#[derive(Default)]
struct Copies {
    /// How many answers are being made, of which it is not known yet what they hold.
    underway: u32,
    content: Known,
}

/// A name for the content that all browsers have.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Known {
    #[default]
    Nothing,
    /// All were sent the content with this hash.
    One(u64),
    /// They were sent different ones, or one that was not read through.
    Several,
}

/// A file that is about to be sent.
pub(super) struct Opened {
    /// What is sent of it; a file is at any place of it.
    pub(super) copied: Copied,
    /// A name for its content; `None` of a very long file.
    pub(super) hash: Option<u64>,
}

impl Sent {
    /// Opens a file to send it.
    pub(super) fn open(&self, attachment: &Attachment) -> io::Result<Opened> {
        self.lock().entry(attachment.inner.clone()).or_default().underway += 1;
        let opened = open(attachment);
        let mut all = self.lock();
        let copies = all.entry(attachment.inner.clone()).or_default();
        copies.underway -= 1;
        if let Ok(opened) = &opened {
            copies.content = match (copies.content, opened.hash) {
                (Known::Nothing, Some(hash)) => Known::One(hash),
                (Known::One(before), Some(hash)) if before == hash => Known::One(hash),
                _ => Known::Several,
            };
        }
        opened
    }

    /// Whether a file is what all browsers that asked for it were sent. Of one for which none has asked that is not known.
    /// When it is not so, they are to be told, and from then on are taken to have what it holds now.
    pub(super) fn is_known(&self, attachment: &Attachment) -> bool {
        let is_sent = self.lock().get(&attachment.inner).is_some_and(|copies| copies.content != Known::Nothing);
        let hash = if is_sent { open(attachment).ok().and_then(|opened| opened.hash) } else { None };
        let mut all = self.lock();
        let Some(copies) = all.get_mut(&attachment.inner) else { return false };
        let now = hash.map_or(Known::Several, Known::One);
        let is_known = copies.underway == 0 && copies.content == now && now != Known::Several;
        if !is_known && is_sent {
            copies.content = now;
        }
        is_known
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Copies>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn open(attachment: &Attachment) -> io::Result<Opened> {
    let mut copied = attachment.copied()?;
    let hash = match &mut copied {
        Copied::File(_, metadata) if metadata.len() > LONGEST => None,
        Copied::File(file, metadata) => Some(hash(file.take(metadata.len()))?),
        Copied::Picture(bytes) => Some(hash(bytes.as_slice())?),
        Copied::Refused(_) => None,
    };
    Ok(Opened { copied, hash })
}

/// A name for some content; not meant to hold against malice.
fn hash(mut content: impl Read) -> io::Result<u64> {
    let mut hasher = DefaultHasher::new();
    let mut piece = vec![0; PIECE];
    loop {
        match content.read(&mut piece) {
            Ok(0) => return Ok(hasher.finish()),
            Ok(read) => hasher.write(&piece[..read]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
