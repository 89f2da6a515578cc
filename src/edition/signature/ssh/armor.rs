//! The lines around keys and signatures of OpenSSH: base64 between a line that begins and one that ends it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// The length of lines, as `ssh-keygen` writes them in signatures.
const LINE: usize = 70;

pub(super) fn write(label: &str, bytes: &[u8]) -> String {
    let digits = STANDARD.encode(bytes);
    let mut text = format!("-----BEGIN {label}-----\n");
    let mut rest = digits.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(LINE));
        text.push_str(line);
        text.push('\n');
        rest = after;
    }
    text + &format!("-----END {label}-----\n")
}

/// The bytes between both lines. They may be secret, and so nothing of them is left behind.
pub(super) fn read(label: &str, text: &str) -> Result<Zeroizing<Vec<u8>>, String> {
    let (begin, end) = (format!("-----BEGIN {label}-----"), format!("-----END {label}-----"));
    let inner = text.trim().strip_prefix(&begin).and_then(|text| text.strip_suffix(&end));
    let inner = inner.ok_or_else(|| format!("it does not stand between `{begin}` and `{end}`"))?;
    let mut digits = Zeroizing::new(Vec::with_capacity(inner.len()));
    digits.extend(inner.bytes().filter(|byte| !byte.is_ascii_whitespace()));
    // With its full length from the beginning the vector is never moved.
    let mut bytes = Zeroizing::new(vec![0; digits.len()]);
    let length = STANDARD.decode_slice(&*digits, &mut bytes).map_err(|_| "it is no base64".to_owned())?;
    bytes.truncate(length);
    Ok(bytes)
}
