//! What is asked of the certificate of an authority beside its chain: who it is, and that it is for timestamps and for nothing else.

use super::der::{self, BOOLEAN, INTEGER, OBJECT, OCTETS, SEQUENCE, SET, Values, field};
use crate::text::excerpt;

/// Keys for timestamps, as the list of usages names it.
pub(super) const FOR_TIMESTAMPS: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 8];

const EXTENDED_USAGE: &[u8] = &[0x55, 0x1d, 0x25];
const USAGE: &[u8] = &[0x55, 0x1d, 0x0f];
const KEY_ID: &[u8] = &[0x55, 0x1d, 0x0e];

/// A certificate, in parts.
pub(super) struct Certificate<'a> {
    pub(super) written: &'a [u8],
    pub(super) serial: &'a [u8],
    /// As it was written.
    pub(super) issuer: &'a [u8],
    pub(super) subject: &'a [u8],
    pub(super) key_id: Option<&'a [u8]>,
    /// What its key is for, and whether that must be heeded.
    extended: Option<(bool, &'a [u8])>,
    usage: Option<&'a [u8]>,
}

impl<'a> Certificate<'a> {
    pub(super) fn read(written: &'a [u8]) -> Option<Certificate<'a>> {
        let mut parts = der::only(written, SEQUENCE)?.enter(SEQUENCE)?;
        parts.next(field(0));
        let serial = parts.next(INTEGER)?.content;
        parts.next(SEQUENCE)?;
        let issuer = parts.next(SEQUENCE)?.written;
        parts.next(SEQUENCE)?;
        let subject = parts.next(SEQUENCE)?.written;
        parts.next(SEQUENCE)?;
        let mut certificate =
            Certificate { written, serial, issuer, subject, key_id: None, extended: None, usage: None };
        while let Some(part) = parts.any() {
            if part.tag == field(3) {
                certificate.take(der::only(part.content, SEQUENCE)?)?;
            }
        }
        Some(certificate)
    }

    fn take(&mut self, mut extensions: Values<'a>) -> Option<()> {
        while !extensions.is_empty() {
            let mut extension = extensions.enter(SEQUENCE)?;
            let name = extension.next(OBJECT)?.content;
            let is_critical = extension.next(BOOLEAN).is_some_and(|value| value.content == [0xff]);
            let value = extension.next(OCTETS)?.content;
            match name {
                EXTENDED_USAGE => self.extended = Some((is_critical, value)),
                USAGE => self.usage = Some(value),
                KEY_ID => self.key_id = Some(Values::new(value).next(OCTETS)?.content),
                _ => {}
            }
        }
        Some(())
    }

    /// Why its key is not for timestamps alone, as RFC 3161 asks for.
    pub(super) fn refuse(&self) -> Option<&'static str> {
        let is_for_timestamps = self.extended.is_some_and(|(is_critical, value)| {
            let mut usages = der::only(value, SEQUENCE);
            let first = usages.as_mut().and_then(|usages| usages.next(OBJECT)).map(|usage| usage.content);
            is_critical && first == Some(FOR_TIMESTAMPS) && usages.is_some_and(|usages| usages.is_empty())
        });
        if !is_for_timestamps {
            return Some("the certificate of its signer is not for timestamps alone");
        }
        // The first two bits are for signatures and against denial; no other may be set.
        let is_for_signatures = |value| match Values::new(value).next(der::BIT_STRING).map(|bits| bits.content) {
            Some([_, first, rest @ ..]) => first & 0xc0 != 0 && first & 0x3f == 0 && rest.iter().all(|bits| *bits == 0),
            _ => false,
        };
        let is_refused = self.usage.is_some_and(|value| !is_for_signatures(value));
        is_refused.then_some("the certificate of its signer is not for signatures")
    }
}

/// A name as a person reads it: `CN=…, O=…, C=…`.
pub(super) fn name(written: &[u8]) -> String {
    let mut parts = Vec::new();
    let mut sets = der::only(written, SEQUENCE).unwrap_or(Values::new(b""));
    while let Some(mut set) = sets.enter(SET) {
        while let Some(mut pair) = set.enter(SEQUENCE) {
            let Some((kind, value)) = pair.next(OBJECT).zip(pair.any()) else { continue };
            let kind = match kind.content {
                [0x55, 4, 3] => "CN",
                [0x55, 4, 6] => "C",
                [0x55, 4, 7] => "L",
                [0x55, 4, 8] => "ST",
                [0x55, 4, 10] => "O",
                [0x55, 4, 11] => "OU",
                _ => continue,
            };
            parts.push(format!("{kind}={}", String::from_utf8_lossy(value.content)));
        }
    }
    // What is nearest comes first.
    parts.reverse();
    excerpt(&parts.join(", "), 200)
}
