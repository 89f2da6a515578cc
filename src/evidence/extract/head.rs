//! Named fields, as answers of web servers (RFC 9112) and records of WARC (ISO 28500) begin with them, read by `httparse`.

use httparse::{EMPTY_HEADER, ParserConfig, Response, Status};

/// What comes of lines that are no fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Others {
    /// They are passed over, as browsers do.
    PassOver,
    /// There is no head with such a line.
    Refuse,
}

/// The fields of a head in their order, with names in small letters; `None` when it is none. `lines` are those after the first, without the
/// empty one at their end. A field that goes on in the next line, as was once allowed, is put together.
pub(super) fn fields(lines: &[u8], others: Others) -> Option<Vec<(String, String)>> {
    // The library reads fields that go on, or are no fields, in answers alone.
    let head = [b"HTTP/1.1 200 OK\r\n", lines, b"\r\n"].concat();
    let most = memchr::memchr_iter(b'\n', lines).count() + 1;
    let mut headers = vec![EMPTY_HEADER; most];
    let mut config = ParserConfig::default();
    config
        .allow_obsolete_multiline_headers_in_responses(true)
        .allow_spaces_after_header_name_in_responses(true)
        .ignore_invalid_headers_in_responses(others == Others::PassOver);
    let mut response = Response::new(&mut headers);
    match config.parse_response(&mut response, &head) {
        Ok(Status::Complete(_)) => {}
        Ok(Status::Partial) | Err(_) => return None,
    }
    let field = |header: &httparse::Header<'_>| {
        let value = String::from_utf8_lossy(header.value);
        let value = value.lines().map(str::trim).collect::<Vec<_>>().join(" ");
        (header.name.to_ascii_lowercase(), value.trim().to_owned())
    };
    Some(response.headers.iter().map(field).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(lines: &str, others: Others, expected: Option<&[(&str, &str)]>) {
        let found = fields(lines.as_bytes(), others);
        let found: Option<Vec<(&str, &str)>> =
            found.as_ref().map(|found| found.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect());
        assert_eq!(found.as_deref(), expected, "{lines:?}");
    }

    #[test]
    fn fields_are_read_as_old_and_careless_tools_write_them() {
        check("", Others::Refuse, Some(&[]));
        check(
            "WARC-Type: response\r\nContent-Length:5 \r\n",
            Others::Refuse,
            Some(&[("warc-type", "response"), ("content-length", "5")]),
        );
        check("A: one\n  two\n\tthree\nB: é\n", Others::Refuse, Some(&[("a", "one two three"), ("b", "é")]));
        check("A : one\r\nA: two\r\nEmpty:\r\n", Others::Refuse, Some(&[("a", "one"), ("a", "two"), ("empty", "")]));
    }

    #[test]
    fn a_line_that_is_no_field_is_passed_over_or_refused() {
        check("A: one\r\nno field\r\nB: two\r\n", Others::PassOver, Some(&[("a", "one"), ("b", "two")]));
        check("A: one\r\nno field\r\nB: two\r\n", Others::Refuse, None);
    }
}
