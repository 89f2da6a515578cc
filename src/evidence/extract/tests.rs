//! What holds for all formats.

use std::io::{Cursor, Write as _};

use proptest::prelude::*;

use super::super::document::How;
use super::*;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(bytes).expect("memory can be written");
    packed.finish().expect("memory can be written")
}

fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ::zip::write::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, ::zip::write::SimpleFileOptions::default()).expect("memory can be written");
        zip.write_all(bytes).expect("memory can be written");
    }
    zip.finish().expect("memory can be written").into_inner()
}

/// A small file of each format.
fn seeds() -> Vec<(Format, Vec<u8>)> {
    let page = "<!doctype html><html lang=en><meta charset=utf-8><title>A &amp; b</title><p>We did <b>not</b> open&nbsp;it<br>\
                before six.<table><tr><td hidden>no<td>yes</table><ruby>漢<rt>かん</rt></ruby><pre> x\r\n</pre><script>1</script>";
    let http = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{page}\r\n0\r\n\r\n",
        page.len()
    );
    let warc = format!(
        "WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: https://a.example/\r\nWARC-Date: 2026-01-02T03:04:05Z\r\nContent-Type: \
         application/http\r\nContent-Length: {}\r\n\r\n{http}\r\n\r\n",
        http.len()
    );
    let packed = gzip(warc.as_bytes());
    let digest: String =
        <sha2::Sha256 as sha2::Digest>::digest(&packed).iter().map(|byte| format!("{byte:02x}")).collect();
    let package = format!(r#"{{"resources": [{{"path": "archive/a.warc.gz", "hash": "sha256:{digest}"}}]}}"#);
    let pages = br#"{"url": "https://a.example/", "title": "A"}"#;
    let wacz =
        zip(&[("datapackage.json", package.as_bytes()), ("archive/a.warc.gz", &packed), ("pages/pages.jsonl", pages)]);
    vec![
        (Format::Text, "One\ntwo\r\n\r\nthree é".as_bytes().to_vec()),
        (Format::Text, b"\xff\xfeO\0n\0\n\0\xe9\0".to_vec()),
        (Format::Html, page.as_bytes().to_vec()),
        (Format::Html, b"<meta charset=shift_jis><p>\x93\xfa\x96{</p>".to_vec()),
        (Format::Pdf, pdf::example()),
        (Format::Warc, warc.into_bytes()),
        (Format::Warc, packed),
        (Format::Wacz, wacz),
        (
            Format::Srt,
            b"1\n00:00:01,000 --> 00:00:02,000\n<i>We</i> did &amp; will\nnot\n\n2\n00:00:03,000 --> 00:00:04,000\nso"
                .to_vec(),
        ),
        (Format::Vtt, b"WEBVTT\n\nNOTE a\n\n00:01.000 --> 00:02.000\n<v Jane>We &lt; did\n".to_vec()),
    ]
}

fn read(format: Format, bytes: &[u8]) -> (Vec<Document>, Result<(), Fault>) {
    let limits = Limits { document: 1 << 20, text: 1 << 20, total: 4 << 20, parts: 100 };
    let mut documents = Vec::new();
    let read = extract(&mut Cursor::new(bytes), "a", format, &limits, &mut |document| documents.push(document));
    (documents, read)
}

/// Fails unless a document is sound in itself.
fn check_document(document: &Document) {
    assert!(document.anchors.first().is_none_or(|anchor| anchor.text == 0));
    assert!(document.anchors.windows(2).all(|pair| pair[0].text < pair[1].text));
    assert!(
        document
            .anchors
            .iter()
            .all(|anchor| document.text.is_char_boundary(anchor.text) && anchor.text < document.text.len())
    );
    assert!(
        document
            .anchors
            .iter()
            .all(|anchor| anchor.how != How::Literal || anchor.bytes.as_ref().is_some_and(|bytes| !bytes.is_empty()))
    );
    let mut end = 0;
    for block in &document.blocks {
        let between = &document.text[end..block.text.start];
        assert_eq!(between, if end == 0 { "" } else { "\n\n" });
        assert!(!document.text[block.text.clone()].is_empty());
        end = block.text.end;
        let _ = document.locate(block.text.clone());
    }
    assert_eq!(end, document.text.len());
}

#[test]
fn each_format_is_known_and_read() {
    for (format, bytes) in seeds() {
        let name = match format {
            Format::Srt => "a.srt",
            Format::Vtt
            | Format::Text
            | Format::Html
            | Format::Pdf
            | Format::Warc
            | Format::Wacz
            | Format::Wordless => "a",
        };
        assert_eq!(detect(name, &bytes), format);
        let (documents, read) = read(format, &bytes);
        assert!(
            read.is_ok() && documents.len() == 1 && !documents[0].blocks.is_empty(),
            "{format:?}: {documents:?} {read:?}"
        );
        documents.iter().for_each(check_document);
    }
}

/// A change of a file at a place, both as parts of what there is.
#[derive(Clone, Debug)]
enum Change {
    Set(u16, u8),
    Flip(u16, u8),
    Cut(u16, u8),
    Double(u16, u8, u16),
    End(u16),
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let change = prop_oneof![
        (any::<u16>(), any::<u8>()).prop_map(|(at, byte)| Change::Set(at, byte)),
        (any::<u16>(), 0..8_u8).prop_map(|(at, bit)| Change::Flip(at, bit)),
        (any::<u16>(), 1..40_u8).prop_map(|(at, length)| Change::Cut(at, length)),
        (any::<u16>(), 1..60_u8, any::<u16>()).prop_map(|(at, length, to)| Change::Double(at, length, to)),
        any::<u16>().prop_map(Change::End),
    ];
    proptest::collection::vec(change, 1..8)
}

fn changed(mut bytes: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    for change in changes {
        let place = |at: u16| usize::from(at) * bytes.len() / 65536;
        match *change {
            _ if bytes.is_empty() => {}
            Change::Set(at, byte) => {
                let at = place(at);
                bytes[at] = byte;
            }
            Change::Flip(at, bit) => {
                let at = place(at);
                bytes[at] ^= 1 << bit;
            }
            Change::Cut(at, length) => {
                let at = place(at);
                bytes.drain(at..(at + usize::from(length)).min(bytes.len()));
            }
            Change::Double(at, length, to) => {
                let (at, to) = (place(at), place(to));
                let piece = bytes[at..(at + usize::from(length)).min(bytes.len())].to_vec();
                bytes.splice(to..to, piece);
            }
            Change::End(at) => bytes.truncate(place(at)),
        }
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn damaged_files_are_read_or_refused(changes in changes()) {
        for (format, bytes) in seeds() {
            let bytes = changed(bytes, &changes);
            let (documents, read) = read(format, &bytes);
            documents.iter().for_each(check_document);
            if let Err(fault) = read {
                prop_assert!(!fault.to_string().is_empty());
            }
            // What a file says of itself is not always so.
            let _ = detect("a", &bytes);
        }
    }
}
