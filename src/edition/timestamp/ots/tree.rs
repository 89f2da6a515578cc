//! The tree of operations in a proof. Its limits are those of the program `ots`, and one for the number of its steps.

use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use ripemd::{Digest, Ripemd160};

use crate::text::hexadecimal;

/// The longest message between two operations, in bytes.
const LONGEST_MESSAGE: usize = 4096;

/// The longest content of an attestation, and of the address of a calendar.
const LONGEST_ATTESTATION: usize = 8192;
const LONGEST_CALENDAR: usize = 1000;

/// How many operations may follow each other.
const DEEPEST: usize = 256;

/// How many operations and attestations a proof may have.
const MOST: usize = 10_000;

/// What stands before all branches but the last.
const BRANCH: u8 = 0xff;

/// What stands before an attestation.
const ATTESTATION: u8 = 0x00;

const PENDING: [u8; 8] = [0x83, 0xdf, 0xe3, 0x0d, 0x2e, 0xf9, 0x0c, 0x8e];
const BITCOIN: [u8; 8] = [0x05, 0x88, 0x96, 0x0d, 0x73, 0xd7, 0x19, 0x01];

/// What is known of a message, and what its operations lead to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tree {
    attestations: Vec<Attestation>,
    branches: Vec<(Op, Tree)>,
}

/// Who attests a message.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Attestation {
    /// A block of Bitcoin, by its number.
    Bitcoin(u64),
    /// A calendar, by its address.
    Pending(String),
    /// Somebody who is not known here.
    Other([u8; 8], Vec<u8>),
}

/// An operation: the byte that names it, and what it takes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Op {
    name: u8,
    taken: Vec<u8>,
}

const APPEND: u8 = 0xf0;
const PREPEND: u8 = 0xf1;
const REVERSE: u8 = 0xf2;
const HEXLIFY: u8 = 0xf3;
const BY_SHA256: u8 = 0x08;
const BY_SHA1: u8 = 0x02;
const BY_RIPEMD160: u8 = 0x03;
const BY_KECCAK256: u8 = 0x67;

/// Who is told of an attestation, with the message that it is for or why that is not known.
type Tell<'a> = dyn FnMut(Result<&[u8], &'static str>, &Attestation) + 'a;

impl Op {
    pub(super) const SHA256: Op = Op { name: BY_SHA256, taken: Vec::new() };

    pub(super) fn append(taken: &[u8]) -> Op {
        Op { name: APPEND, taken: taken.to_vec() }
    }

    /// What it makes of a message.
    fn apply(&self, message: &[u8]) -> Result<Vec<u8>, &'static str> {
        let made = match self.name {
            APPEND => [message, &self.taken].concat(),
            PREPEND => [&self.taken, message].concat(),
            REVERSE => message.iter().rev().copied().collect(),
            HEXLIFY => hexadecimal(message).into_bytes(),
            BY_SHA256 => digest(&SHA256, message).as_ref().to_vec(),
            BY_SHA1 => digest(&SHA1_FOR_LEGACY_USE_ONLY, message).as_ref().to_vec(),
            BY_RIPEMD160 => ripemd160(message),
            _ => return Err("it goes over Keccak-256, which is not supported"),
        };
        if made.len() > LONGEST_MESSAGE { Err("one of its steps makes more than 4096 bytes") } else { Ok(made) }
    }
}

pub(super) fn ripemd160(message: &[u8]) -> Vec<u8> {
    Ripemd160::digest(message).to_vec()
}

impl Tree {
    pub(super) fn of(op: Op, tree: Tree) -> Tree {
        Tree { attestations: Vec::new(), branches: vec![(op, tree)] }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.attestations.is_empty() && self.branches.is_empty()
    }

    /// Takes in what another tree knows of the same message.
    pub(super) fn merge(&mut self, other: Tree) {
        self.attestations.extend(other.attestations);
        self.attestations.sort();
        self.attestations.dedup();
        for (op, tree) in other.branches {
            match self.branches.iter_mut().find(|(own, _)| *own == op) {
                Some((_, own)) => own.merge(tree),
                None => self.branches.push((op, tree)),
            }
        }
        self.branches.sort_by(|(one, _), (other, _)| one.cmp(other));
    }

    /// Tells of each attestation, with the message that it is for or why that is not known.
    pub(super) fn walk(&self, message: &[u8], tell: &mut Tell<'_>) {
        self.attestations.iter().for_each(|attestation| tell(Ok(message), attestation));
        for (op, tree) in &self.branches {
            match op.apply(message) {
                Ok(message) => tree.walk(&message, tell),
                Err(why) => tree.walk_in_vain(why, tell),
            }
        }
    }

    fn walk_in_vain(&self, why: &'static str, tell: &mut Tell<'_>) {
        self.attestations.iter().for_each(|attestation| tell(Err(why), attestation));
        self.branches.iter().for_each(|(_, tree)| tree.walk_in_vain(why, tell));
    }

    /// Takes in what is known of a message wherever it stands and somebody attests it; whether it stands anywhere.
    pub(super) fn upgrade(&mut self, message: &[u8], is_meant: &dyn Fn(&[u8]) -> bool, known: &Tree) -> bool {
        let mut is_there = false;
        for (op, tree) in &mut self.branches {
            if let Ok(message) = op.apply(message) {
                is_there |= tree.upgrade(&message, is_meant, known);
            }
        }
        if !self.attestations.is_empty() && is_meant(message) {
            self.merge(known.clone());
            is_there = true;
        }
        is_there
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let count = self.attestations.len() + self.branches.len();
        let mut at = 0;
        let mut mark = |out: &mut Vec<u8>| {
            at += 1;
            if at < count {
                out.push(BRANCH);
            }
        };
        for attestation in &self.attestations {
            mark(out);
            out.push(ATTESTATION);
            attestation.write(out);
        }
        for (op, tree) in &self.branches {
            mark(out);
            out.push(op.name);
            if matches!(op.name, APPEND | PREPEND) {
                put_bytes(out, &op.taken);
            }
            tree.write(out);
        }
    }
}

impl Attestation {
    fn write(&self, out: &mut Vec<u8>) {
        let mut content = Vec::new();
        let tag = match self {
            Attestation::Bitcoin(height) => {
                put_number(&mut content, *height);
                &BITCOIN
            }
            Attestation::Pending(calendar) => {
                put_bytes(&mut content, calendar.as_bytes());
                &PENDING
            }
            Attestation::Other(tag, other) => {
                content.extend(other);
                tag
            }
        };
        out.extend(tag);
        put_bytes(out, &content);
    }

    fn read(tag: [u8; 8], content: &[u8]) -> Result<Attestation, String> {
        let mut reader = Reader::new(content);
        let attestation = match tag {
            BITCOIN => Attestation::Bitcoin(reader.number()?),
            PENDING => {
                let calendar = reader.bytes(LONGEST_CALENDAR)?;
                let is_fit = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-/:".contains(byte);
                let calendar =
                    std::str::from_utf8(calendar).ok().filter(|calendar| calendar.as_bytes().iter().all(is_fit));
                Attestation::Pending(
                    calendar.ok_or("the address of a calendar has letters that it must not have")?.to_owned(),
                )
            }
            _ => return Ok(Attestation::Other(tag, content.to_vec())),
        };
        if reader.is_empty() { Ok(attestation) } else { Err("an attestation is longer than what it says".to_owned()) }
    }
}

fn put_number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(u8::try_from(number & 0x7f).expect("seven bits are a byte") | 0x80);
        number >>= 7;
    }
    out.push(u8::try_from(number).expect("seven bits are a byte"));
}

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_number(out, bytes.len() as u64);
    out.extend(bytes);
}

/// What is left to read of a proof.
pub(super) struct Reader<'a> {
    rest: &'a [u8],
    /// How many operations and attestations may still come.
    left: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Reader { rest: bytes, left: MOST }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn take(&mut self, length: usize) -> Result<&'a [u8], String> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or("it is cut off")?;
        self.rest = rest;
        Ok(taken)
    }

    pub(super) fn byte(&mut self) -> Result<u8, String> {
        Ok(self.take(1)?[0])
    }

    fn number(&mut self) -> Result<u64, String> {
        let mut number = 0;
        for shift in (0..63).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err("a number in it is too large".to_owned())
    }

    fn bytes(&mut self, most: usize) -> Result<&'a [u8], String> {
        let length = usize::try_from(self.number()?).ok().filter(|length| *length <= most);
        self.take(length.ok_or_else(|| format!("a part of it has more than {most} bytes"))?)
    }

    pub(super) fn tree(&mut self) -> Result<Tree, String> {
        self.tree_below(DEEPEST)
    }

    fn tree_below(&mut self, depth: usize) -> Result<Tree, String> {
        let depth =
            depth.checked_sub(1).ok_or_else(|| format!("more than {DEEPEST} of its steps follow each other"))?;
        let mut tree = Tree::default();
        loop {
            self.left = self.left.checked_sub(1).ok_or_else(|| format!("it has more than {MOST} steps"))?;
            let (is_last, name) = match self.byte()? {
                BRANCH => (false, self.byte()?),
                name => (true, name),
            };
            match name {
                ATTESTATION => {
                    let tag = self.take(8)?.try_into().map_err(|_| "it is cut off")?;
                    tree.attestations.push(Attestation::read(tag, self.bytes(LONGEST_ATTESTATION)?)?);
                }
                APPEND | PREPEND => {
                    let taken = self.bytes(LONGEST_MESSAGE)?.to_vec();
                    if taken.is_empty() {
                        return Err("one of its steps adds nothing".to_owned());
                    }
                    tree.branches.push((Op { name, taken }, self.tree_below(depth)?));
                }
                REVERSE | HEXLIFY | BY_SHA256 | BY_SHA1 | BY_RIPEMD160 | BY_KECCAK256 => {
                    tree.branches.push((Op { name, taken: Vec::new() }, self.tree_below(depth)?));
                }
                _ => return Err(format!("it has a step of the kind {name:02x}, which is not known")),
            }
            if is_last {
                return Ok(tree);
            }
        }
    }
}
