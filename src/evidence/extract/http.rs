//! A captured answer of a web server: its media type, and its body without transfer and content encodings.

use std::borrow::Cow;
use std::io::Read;

use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

use super::head::{self, Others};

/// An answer of a web server.
pub(super) struct Response<'a> {
    headers: Vec<(String, String)>,
    /// The body as it lies in the capture.
    pub(super) body: &'a [u8],
}

impl<'a> Response<'a> {
    /// Splits an answer into headers and body; `None` when it does not begin as one.
    pub(super) fn parse(block: &'a [u8]) -> Option<Self> {
        if !block.starts_with(b"HTTP/") {
            return None;
        }
        let lines = &block[memchr::memchr(b'\n', block)? + 1..];
        let mut end = 0;
        loop {
            let length = memchr::memchr(b'\n', &lines[end..])? + 1;
            let line = &lines[end..end + length];
            if matches!(line, b"\n" | b"\r\n") {
                let headers = head::fields(&lines[..end], Others::PassOver)?;
                return Some(Response { headers, body: &lines[end + length..] });
            }
            end += length;
        }
    }

    /// The value of a header, by its name in small letters.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| &**value)
    }

    /// The body without the chunks that it was sent in. Many tools take these off and leave the header.
    pub(super) fn unchunked(&self) -> Cow<'a, [u8]> {
        let is_chunked =
            self.header("transfer-encoding").is_some_and(|value| value.to_ascii_lowercase().contains("chunked"));
        match is_chunked.then(|| joined(self.body)).flatten() {
            Some(body) => Cow::Owned(body),
            None => Cow::Borrowed(self.body),
        }
    }

    /// The body as it was meant, at most so many bytes of it.
    ///
    /// # Errors
    ///
    /// Why it cannot be read.
    pub(super) fn decoded(&self, most: u64) -> Result<Cow<'a, [u8]>, String> {
        let mut body = self.unchunked();
        let encodings = self.header("content-encoding").unwrap_or_default().to_ascii_lowercase();
        for encoding in encodings.split(',').map(str::trim).rev() {
            body = match encoding {
                "" | "identity" | "none" | "utf-8" => body,
                "gzip" | "x-gzip" if body.starts_with(b"\x1f\x8b") => {
                    Cow::Owned(unpacked(MultiGzDecoder::new(&*body), most, "gzip")?)
                }
                // Some servers send the bare stream, most the one with a header.
                "deflate" => match unpacked(ZlibDecoder::new(&*body), most, "deflate") {
                    Ok(unpacked) => Cow::Owned(unpacked),
                    Err(fault) => match unpacked(DeflateDecoder::new(&*body), most, "deflate") {
                        Ok(unpacked) => Cow::Owned(unpacked),
                        Err(_) if is_text(&body) => body,
                        Err(_) => return Err(fault),
                    },
                },
                "br" => match unpacked(brotli_decompressor::Decompressor::new(&*body, 4096), most, "Brotli") {
                    Ok(unpacked) => Cow::Owned(unpacked),
                    Err(_) if is_text(&body) => body,
                    Err(fault) => return Err(fault),
                },
                // Tools that unpack a body often leave the header.
                _ if is_text(&body) => body,
                other => return Err(format!("it is compressed in a way that is not read here, `{other}`")),
            };
        }
        Ok(body)
    }
}

/// The chunks of a body put together; `None` if it has none. Of a body that is cut off, what came of it, as a browser shows it; that it came
/// in chunks is then known from a whole one at its beginning.
fn joined(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::with_capacity(rest.len());
    loop {
        let Some(end) = memchr::memchr(b'\n', rest) else {
            return (!body.is_empty() && rest.iter().all(|byte| byte.is_ascii_hexdigit() || *byte == b'\r'))
                .then_some(body);
        };
        let line = std::str::from_utf8(&rest[..end]).ok()?;
        let size = usize::from_str_radix(line.split(';').next()?.trim(), 16).ok()?;
        rest = &rest[end + 1..];
        if size == 0 {
            return Some(body);
        }
        if rest.len() < size && !body.is_empty() {
            body.extend_from_slice(rest);
            return Some(body);
        }
        body.extend_from_slice(rest.get(..size)?);
        rest = &rest[size..];
        if rest.is_empty() && body.len() > size {
            return Some(body);
        }
        rest = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n"))?;
    }
}

fn unpacked(decoder: impl Read, most: u64, encoding: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = decoder.take(most.saturating_add(1)).read_to_end(&mut bytes);
    if bytes.len() as u64 > most {
        return Err(format!("it is longer than {most} bytes when it is unpacked, which is the most for one document"));
    }
    match read {
        Ok(_) => Ok(bytes),
        Err(error) => Err(format!("it says that it is compressed by {encoding} and cannot be unpacked: {error}")),
    }
}

/// Whether bytes look like text that is not compressed.
fn is_text(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(512)];
    head.iter().all(|byte| *byte >= b' ' || byte.is_ascii_whitespace())
        && (std::str::from_utf8(head).is_ok_and(|_| true)
            || head.iter().filter(|byte| byte.is_ascii()).count() * 2 > head.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(block: &[u8]) -> Result<String, String> {
        let response = Response::parse(block).expect("it is an answer");
        response.decoded(1000).map(|body| String::from_utf8_lossy(&body).into_owned())
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        use std::io::Write as _;
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        packed.write_all(bytes).expect("memory can be written");
        packed.finish().expect("memory can be written")
    }

    #[test]
    fn transfer_and_content_encodings_are_taken_off() {
        assert_eq!(decoded(b"HTTP/1.1 200 OK\r\n\r\nwords").as_deref(), Ok("words"));
        assert_eq!(
            decoded(b"HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nwor\r\n2\r\nds\r\n0\r\n\r\n")
                .as_deref(),
            Ok("words")
        );
        let packed = [b"HTTP/1.1 200 OK\nContent-Encoding: gzip\n\n".to_vec(), gzip(b"words")].concat();
        assert_eq!(decoded(&packed).as_deref(), Ok("words"));
        for (cut, shown) in
            [("3\r\nwor\r\n5\r\nds", "words"), ("3\r\nwor\r\n2\r\nds", "words"), ("3\r\nwor\r\n2", "wor")]
        {
            let cut = format!("HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n{cut}");
            assert_eq!(decoded(cut.as_bytes()).as_deref(), Ok(shown));
        }
        // `printf words | brotli`
        let brotli = b"\x0b\x02\x80words\x03";
        assert_eq!(
            decoded(&[b"HTTP/2 200\r\ncontent-encoding: br\r\n\r\n", &brotli[..]].concat()).as_deref(),
            Ok("words")
        );
    }

    #[test]
    fn what_was_unpacked_before_is_left_as_it_is() {
        assert_eq!(decoded(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nwords").as_deref(), Ok("words"));
        assert_eq!(
            decoded(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nAdd\nwords").as_deref(),
            Ok("Add\nwords")
        );
        assert_eq!(decoded(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nwords").as_deref(), Ok("words"));
        assert_eq!(decoded(b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\n<p>words").as_deref(), Ok("<p>words"));
    }

    #[test]
    fn what_cannot_be_unpacked_says_why() {
        let packed = [b"HTTP/1.1 200 OK\nContent-Encoding: gzip\n\n".to_vec(), gzip(&[b' '; 5000])].concat();
        assert_eq!(
            decoded(&packed).unwrap_err(),
            "it is longer than 1000 bytes when it is unpacked, which is the most for one document"
        );
        let other = decoded(b"HTTP/1.1 200 OK\r\nContent-Encoding: zstd\r\n\r\n\x28\xb5\x2f\xfd\0\0");
        assert_eq!(other.unwrap_err(), "it is compressed in a way that is not read here, `zstd`");
    }
}
