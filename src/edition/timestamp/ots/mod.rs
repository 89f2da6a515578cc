//! OpenTimestamps: what is sent to a calendar, and proofs as the program `ots` reads and writes them.
//!
//! A proof is a tree of operations that lead from the digest of a file to what a block of Bitcoin holds. Alone it shows nothing: who checks it
//! needs the header of that block, and has to know that the header is Bitcoin's.

mod block;
mod tree;

use std::collections::BTreeMap;
use std::fmt;

use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use serde::Serialize;

pub use block::HEADER;
use tree::{Op, Reader, Tree};

use crate::text::hexadecimal;

/// What a proof begins with.
const MAGIC: &[u8] = b"\x00OpenTimestamps\x00\x00Proof\x00\xbf\x89\xe2\xe8\x84\xe8\x92\x94\x01";

/// The longest proof that is read, in bytes; ordinary ones have some thousand.
const LONGEST: usize = 1 << 20;

/// The hashes of files, by the bytes that name them.
const OF_SHA256: u8 = 0x08;
const OF_SHA1: u8 = 0x02;
const OF_RIPEMD160: u8 = 0x03;

/// What is sent to a calendar for a message. The calendar learns a digest that says nothing of the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    digest: Vec<u8>,
    nonce: [u8; 16],
}

impl Request {
    /// A request. Whoever has the message and the nonce makes the same one again; the nonce is to be kept until the answer is there.
    pub fn new(message: &[u8], nonce: [u8; 16]) -> Request {
        Request { digest: digest(&SHA256, message).as_ref().to_vec(), nonce }
    }

    /// The 32 bytes to be sent to the address `/digest` of a calendar, as the body of a POST.
    pub fn to_send(&self) -> Vec<u8> {
        let mut nonced = self.digest.clone();
        nonced.extend(self.nonce);
        digest(&SHA256, &nonced).as_ref().to_vec()
    }

    /// The proof that comes of what calendars answered to this.
    pub fn answered(&self, answers: &[&[u8]]) -> Result<Proof, String> {
        let mut answered = Tree::default();
        for answer in answers {
            answered.merge(read_answer(answer)?);
        }
        if answered.is_empty() {
            return Err("there is no answer of a calendar".to_owned());
        }
        let hashed = Tree::of(Op::SHA256, answered);
        let tree = Tree::of(Op::append(&self.nonce), hashed);
        Ok(Proof { kind: OF_SHA256, digest: self.digest.clone(), tree })
    }
}

/// Reads what a calendar sent.
fn read_answer(answer: &[u8]) -> Result<Tree, String> {
    if answer.len() > LONGEST {
        return Err(format!("the answer has more than {LONGEST} bytes"));
    }
    let mut reader = Reader::new(answer);
    let tree = reader.tree().map_err(|why| format!("this is no answer of a calendar: {why}"))?;
    if reader.is_empty() { Ok(tree) } else { Err("something follows the answer of the calendar".to_owned()) }
}

/// A proof, as a file that ends with `.ots` has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    kind: u8,
    digest: Vec<u8>,
    tree: Tree,
}

/// One of the things that a proof leads to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "standing", rename_all = "kebab-case")]
pub enum Standing {
    /// The bytes existed when this block was made, if its header is of Bitcoin's chain.
    Confirmed {
        /// The number of the block.
        height: u64,
        /// The time in its header, in seconds since 1970. It may be some two hours off.
        time: u32,
        /// The hash of the block, as explorers show it.
        block: String,
    },
    /// It says that a block confirms it, and the header of that block is not at hand. This shows nothing yet.
    Unverifiable {
        /// The number of the block.
        height: u64,
        /// What the header must have as its Merkle root, as explorers show it.
        root: String,
    },
    /// A calendar has promised to have it confirmed. This shows nothing.
    Pending {
        /// The address of the calendar.
        calendar: String,
        /// What to ask the calendar for, in hexadecimal digits.
        commitment: String,
    },
    /// It leads to something, or over something, that is not supported. This shows nothing.
    Unsupported {
        /// What that is.
        why: String,
    },
    /// It does not hold.
    Wrong {
        /// What does not agree.
        why: String,
    },
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Standing::Confirmed { height, time, block } => {
                let time = jiff::Timestamp::from_second(i64::from(*time)).unwrap_or_default();
                write!(f, "confirmed by block {height} of Bitcoin, made about {time}, with the hash {block}")
            }
            Standing::Unverifiable { height, root } => write!(
                f,
                "not verified: it names block {height} of Bitcoin; hint: the header of that block is needed, and must have the Merkle root {root}"
            ),
            Standing::Pending { calendar, commitment } => write!(
                f,
                "pending: `{calendar}` has promised it, and nothing is shown yet; hint: in some hours, get `{calendar}/timestamp/{commitment}`"
            ),
            Standing::Unsupported { why } => write!(f, "not verified: {why}"),
            Standing::Wrong { why } => write!(f, "wrong: {why}"),
        }
    }
}

impl Proof {
    /// Reads a file.
    pub fn read(bytes: &[u8]) -> Result<Proof, String> {
        if bytes.len() > LONGEST {
            return Err(format!("it has more than {LONGEST} bytes"));
        }
        let rest = bytes.strip_prefix(MAGIC).ok_or("it is no proof of OpenTimestamps, or of another version than 1")?;
        let mut reader = Reader::new(rest);
        let kind = reader.byte()?;
        let length = match kind {
            OF_SHA256 => 32,
            OF_SHA1 | OF_RIPEMD160 => 20,
            _ => return Err("it is for a digest of a kind that is not supported".to_owned()),
        };
        let digest = reader.take(length)?.to_vec();
        let tree = reader.tree()?;
        if !reader.is_empty() {
            return Err("something follows at its end".to_owned());
        }
        Ok(Proof { kind, digest, tree })
    }

    /// The bytes of the file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.push(self.kind);
        bytes.extend(&self.digest);
        self.tree.write(&mut bytes);
        bytes
    }

    /// Whether it is for a message.
    pub fn is_for(&self, message: &[u8]) -> bool {
        let digest = match self.kind {
            OF_SHA256 => digest(&SHA256, message).as_ref().to_vec(),
            OF_SHA1 => digest(&SHA1_FOR_LEGACY_USE_ONLY, message).as_ref().to_vec(),
            _ => tree::ripemd160(message),
        };
        digest == self.digest
    }

    /// All that it leads to for a message, with the headers of blocks that are at hand, by the number of the block.
    pub fn check(&self, message: &[u8], headers: &BTreeMap<u64, [u8; HEADER]>) -> Vec<Standing> {
        if !self.is_for(message) {
            return vec![Standing::Wrong { why: "it was made for other bytes; one of both was changed".to_owned() }];
        }
        let mut standings = Vec::new();
        self.tree.walk(&self.digest, &mut |message, attestation| {
            let standing = match (message, attestation) {
                (Ok(message), tree::Attestation::Pending(calendar)) => {
                    Standing::Pending { calendar: calendar.clone(), commitment: hexadecimal(message) }
                }
                (Ok(message), tree::Attestation::Bitcoin(height)) => {
                    block::check(*height, message, headers.get(height))
                }
                (Ok(_), tree::Attestation::Other(tag, _)) => Standing::Unsupported {
                    why: format!("what it leads to is of a kind that is not supported ({})", hexadecimal(tag)),
                },
                (Err(why), _) => Standing::Unsupported { why: why.to_owned() },
            };
            standings.push(standing);
        });
        standings
    }

    /// Takes in what a calendar answers later to what was [pending](Standing::Pending), with the commitment that it was asked for. Whether it
    /// belongs to this proof is told.
    pub fn upgrade(&mut self, commitment: &str, answer: &[u8]) -> Result<bool, String> {
        let answer = read_answer(answer)?;
        let upgraded = self.tree.upgrade(&self.digest, &|message| hexadecimal(message) == commitment, &answer);
        Ok(upgraded)
    }
}

/// What counts of all that a proof leads to: what is wrong before what is confirmed, and that before what is open.
pub fn summary(standings: &[Standing]) -> Option<&Standing> {
    standings.iter().min_by_key(|standing| match standing {
        Standing::Wrong { .. } => (0, 0),
        Standing::Confirmed { time, .. } => (1, *time),
        Standing::Unverifiable { .. } => (2, 0),
        Standing::Pending { .. } => (3, 0),
        Standing::Unsupported { .. } => (4, 0),
    })
}
