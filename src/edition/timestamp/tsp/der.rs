//! The distinguished encoding of ASN.1 (X.690), read strictly: lengths are known and as short as they can be. What was read stays as it was
//! written, since signatures are over that.

pub(super) const BOOLEAN: u8 = 0x01;
pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTETS: u8 = 0x04;
pub(super) const OBJECT: u8 = 0x06;
pub(super) const UTF8: u8 = 0x0c;
pub(super) const TIME: u8 = 0x18;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;

/// A tag of a field that its place alone explains, when it holds others.
pub(super) const fn field(number: u8) -> u8 {
    0xa0 | number
}

/// A value: its tag, its content, and both as they were written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Value<'a> {
    pub(super) tag: u8,
    pub(super) content: &'a [u8],
    pub(super) written: &'a [u8],
}

/// What is left to read of a list of values.
#[derive(Clone, Copy)]
pub(super) struct Values<'a>(&'a [u8]);

impl<'a> Values<'a> {
    pub(super) fn new(content: &'a [u8]) -> Self {
        Values(content)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next value, whatever it is.
    pub(super) fn any(&mut self) -> Option<Value<'a>> {
        let [tag, short, rest @ ..] = self.0 else { return None };
        // Tags of more than one byte are nowhere in what we read.
        if tag & 0x1f == 0x1f {
            return None;
        }
        let (length, rest) = match short {
            0..=0x7f => (usize::from(*short), rest),
            0x81..=0x84 => {
                let (digits, rest) = rest.split_at_checked(usize::from(short & 0x7f))?;
                let length = digits.iter().fold(0, |sum, digit| sum << 8 | usize::from(*digit));
                let is_short = digits[0] == 0 || length < 0x80;
                (Some(length).filter(|_| !is_short)?, rest)
            }
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(length)?;
        let written = &self.0[..self.0.len() - rest.len()];
        self.0 = rest;
        Some(Value { tag: *tag, content, written })
    }

    /// The next value, when it has this tag; else nothing is read.
    pub(super) fn next(&mut self, tag: u8) -> Option<Value<'a>> {
        let before = *self;
        let value = self.any().filter(|value| value.tag == tag);
        if value.is_none() {
            *self = before;
        }
        value
    }

    /// The values in the next value.
    pub(super) fn enter(&mut self, tag: u8) -> Option<Values<'a>> {
        Some(Values(self.next(tag)?.content))
    }
}

/// The only value of some bytes, entered.
pub(super) fn only<'a>(bytes: &'a [u8], tag: u8) -> Option<Values<'a>> {
    let mut values = Values(bytes);
    let inner = values.enter(tag)?;
    values.is_empty().then_some(inner)
}

/// Writes a value.
pub(super) fn put(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut written = vec![tag];
    let length = content.len().to_be_bytes();
    let digits = &length[length.iter().position(|digit| *digit != 0).unwrap_or(length.len() - 1)..];
    if content.len() >= 0x80 {
        written.push(0x80 | u8::try_from(digits.len()).expect("a length has eight bytes at most"));
    }
    written.extend(digits);
    written.extend(content);
    written
}

/// Writes a number that is not negative, from its bytes.
pub(super) fn put_number(number: &[u8]) -> Vec<u8> {
    let digits = &number[number.iter().position(|digit| *digit != 0).unwrap_or(number.len())..];
    let zero: &[u8] = if digits.first().is_none_or(|digit| *digit >= 0x80) { &[0] } else { &[] };
    put(INTEGER, &[zero, digits].concat())
}
