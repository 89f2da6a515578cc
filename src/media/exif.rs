//! The one thing in EXIF that decides what is seen: which side of a picture is up. It is read, and written anew by itself.
//!
//! The format is that of TIFF 6.0: a header, and a table of fields of twelve bytes each.

/// The field.
const ORIENTATION: u16 = 0x0112;

/// Its type, a number of two bytes. Browsers take no other.
const SHORT: u16 = 3;

/// How a picture is turned or mirrored when it is shown, from 2 to 8; `None` where it is shown as it is.
pub(super) fn orientation(tiff: &[u8]) -> Option<u8> {
    let is_little = match tiff.get(..4)? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return None,
    };
    let two = |at: usize| -> Option<u16> {
        let bytes: [u8; 2] = tiff.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if is_little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    };
    let four = |at: usize| -> Option<usize> {
        let bytes: [u8; 4] = tiff.get(at..at.checked_add(4)?)?.try_into().ok()?;
        usize::try_from(if is_little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) }).ok()
    };
    let table = four(4)?;
    let count = usize::from(two(table)?);
    let fields = table.checked_add(2)?;
    let field =
        (0..count).map_while(|number| fields.checked_add(number * 12)).find(|at| two(*at) == Some(ORIENTATION))?;
    if two(field + 2)? != SHORT || four(field + 4)? != 1 {
        return None;
    }
    u8::try_from(two(field + 8)?).ok().filter(|turned| (2..=8).contains(turned))
}

/// EXIF that says nothing but how a picture is shown.
pub(super) fn with_orientation(turned: u8) -> [u8; 26] {
    #[rustfmt::skip]
    let tiff = [
        // The header, and where the table is.
        b'I', b'I', b'*', 0, 8, 0, 0, 0,
        // One field: its number, its type, how many values, the value.
        1, 0,
        0x12, 0x01, 3, 0, 1, 0, 0, 0, turned, 0, 0, 0,
        // No other table.
        0, 0, 0, 0,
    ];
    tiff
}
