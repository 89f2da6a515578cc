//! The strings and numbers of SSH (RFC 4251, section 5).

/// What is left to read.
pub(super) struct Wire<'a>(&'a [u8]);

impl<'a> Wire<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Wire(bytes)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.0
    }

    pub(super) fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    pub(super) fn number(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    pub(super) fn string(&mut self) -> Option<&'a [u8]> {
        let length = self.number()?;
        self.take(usize::try_from(length).ok()?)
    }

    /// A number of any length that is not negative, without zeros before it.
    pub(super) fn big(&mut self) -> Option<&'a [u8]> {
        let digits = self.string()?;
        match digits {
            [0, next, ..] if *next >= 0x80 => Some(&digits[1..]),
            [0, ..] => None,
            [first, ..] if *first >= 0x80 => None,
            _ => Some(digits),
        }
    }
}

/// Writes a string behind others.
pub(super) fn put(out: &mut Vec<u8>, string: &[u8]) {
    let length = u32::try_from(string.len()).expect("keys and signatures are far shorter than 4 GiB");
    out.extend(length.to_be_bytes());
    out.extend(string);
}
