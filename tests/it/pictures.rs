//! What pictures and other files carry beside what they show: none of it is published, or it is told.

use std::fs;
use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;

use crate::input::{Dossier, Folder, files_in, png, png_with};

/// What is seeded; no byte of a site may hold one of these.
const SEEDS: [&str; 4] = ["Zelda Quux", "52.370216", "Camera 9000", "12 Elm Street"];

fn seeds() -> Vec<u8> {
    SEEDS.join("|").into_bytes()
}

fn segment(marker: u8, body: &[&[u8]]) -> Vec<u8> {
    let body = body.concat();
    [&[0xff, marker], &(body.len() as u16 + 2).to_be_bytes()[..], &body].concat()
}

/// A JPEG with some segments before the picture.
fn jpeg(before: &[Vec<u8>]) -> Vec<u8> {
    let frame = segment(0xc0, &[&[8, 0, 1, 0, 1, 1, 1, 0x11, 0]]);
    let scan = segment(0xda, &[&[1, 1, 0, 0, 63, 0]]);
    [&[0xff, 0xd8], &before.concat()[..], &frame, &scan, b"\x12\xff\x00\x34", &[0xff, 0xd9]].concat()
}

fn loaded_jpeg() -> Vec<u8> {
    let seeds = seeds();
    let segments = [
        segment(0xe1, &[b"Exif\0\0II*\0\x08\0\0\0\0\0", &seeds]),
        segment(0xe1, &[b"http://ns.adobe.com/xap/1.0/\0", &seeds]),
        segment(0xe2, &[b"MPF\0", &seeds]),
        segment(0xed, &[b"Photoshop 3.0\0", &seeds]),
        segment(0xfe, &[&seeds]),
    ];
    // Behind the end a film, as telephones put it there.
    [jpeg(&segments), seeds].concat()
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn loaded_png() -> Vec<u8> {
    let text = [b"Comment\0", seeds().as_slice()].concat();
    let hidden = [b"Comment\0\0", packed(&seeds()).as_slice()].concat();
    [png_with("gate", &[(b"tEXt", &text), (b"zTXt", &hidden), (b"eXIf", &text)]), seeds()].concat()
}

fn riff(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let fill: &[u8] = if body.len() % 2 == 1 { &[0] } else { &[] };
    [name, &(body.len() as u32).to_le_bytes()[..], body, fill].concat()
}

fn webp(flags: u8, more: &[Vec<u8>]) -> Vec<u8> {
    let header = riff(b"VP8X", &[flags, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    let picture = riff(b"VP8L", b"\x2f\0\0\0\0coded");
    riff(b"RIFF", &[b"WEBP".to_vec(), header, picture, more.concat()].concat())
}

fn loaded_webp() -> Vec<u8> {
    [webp(0x0c, &[riff(b"EXIF", &seeds()), riff(b"XMP ", &seeds())]), seeds()].concat()
}

/// A page that uses some files, which lie beside it.
fn using(names: &[&str]) -> String {
    let links: String = names.iter().map(|name| format!("![x]({name})\n")).collect();
    format!("---\ntitle: P\n---\n{links}")
}

#[test]
fn no_byte_of_the_site_tells_what_pictures_carried() {
    let (jpg, png_bytes, webp_bytes) = (loaded_jpeg(), loaded_png(), loaded_webp());
    let folder = Dossier::small()
        .record("pages/p.md", using(&["a.jpg", "b.png", "c.webp", "really-a-jpeg.png"]))
        .record("pages/a.jpg", &jpg)
        .record("pages/b.png", &png_bytes)
        .record("pages/c.webp", &webp_bytes)
        .record("pages/really-a-jpeg.png", &jpg)
        .record(
            "actors/jane-doe.md",
            "---\nname: Jane Doe\nkind: person\nprivacy: public-figure\nimage: face.jpg\n---\n",
        )
        .record("actors/face.jpg", &jpg)
        .file("static/logo.png", &png_bytes)
        .file("static/deep/er/photo.JPG", &jpg)
        .on_disk();
    folder.build();
    let site = folder.site();
    let expected = [
        ("files/pages/a.jpg", jpeg(&[])),
        ("files/pages/b.png", png("gate")),
        ("files/pages/c.webp", webp(0, &[])),
        ("files/pages/really-a-jpeg.png", jpeg(&[])),
        ("files/actors/face.jpg", jpeg(&[])),
        ("static/logo.png", png("gate")),
        ("static/deep/er/photo.JPG", jpeg(&[])),
    ];
    for (path, clean) in expected {
        assert!(site[path] == clean, "{path}: {}", String::from_utf8_lossy(&site[path]));
    }
    for (path, bytes) in &site {
        for seed in SEEDS {
            assert!(!bytes.windows(seed.len()).any(|part| part == seed.as_bytes()), "`{seed}` is in {path}");
        }
        assert!(!bytes.windows(4).any(|part| part == b"zTXt"), "{path}");
    }
}

/// A JPEG that is longer than what is looked at before it is copied, and has no end.
fn long_and_cut_short(folder: &Folder) {
    let mut bytes = jpeg(&[]);
    bytes.truncate(bytes.len() - 2);
    bytes.resize(2 * 1024 * 1024, 7);
    folder.write("content/pages/long.jpg", bytes);
}

#[test]
fn a_picture_that_cannot_be_read_ends_the_build_before_anything_is_written() {
    let folder =
        Dossier::small().record("pages/p.md", using(&["long.jpg"])).record("pages/long.jpg", jpeg(&[])).on_disk();
    folder.build();
    let before = folder.site();
    long_and_cut_short(&folder);
    folder.write("content/pages/other.md", "---\ntitle: Other\n---\n");
    let run = folder.run(&["build"]);
    assert_eq!(run.code, 1);
    let said = "error[unreadable-picture]: `content/pages/long.jpg` is a JPEG picture of which the end is missing";
    assert!(run.stderr.contains(said), "{}", run.stderr);
    assert!(run.stderr.contains("save it anew"), "{}", run.stderr);
    assert!(folder.site() == before);
    fs::remove_dir_all(folder.path("public")).unwrap();
    assert_eq!(folder.run(&["build"]).code, 1);
    assert!(files_in(&folder.path("")).keys().all(|path| !path.starts_with("public")));
}

#[test]
fn what_a_file_carries_is_told_once_where_a_record_first_uses_it() {
    let report = "%PDF-1.4\n<< /Author (Zelda Quux) >>";
    let page = "---\ntitle: P\n---\n\n[one](report.pdf) [two](report.pdf)\n";
    let dossier = Dossier::small()
        .record("pages/report.pdf", report)
        .record("pages/unused.pdf", report)
        .record("pages/p.md", page)
        .record(
            "pages/q.md",
            page.replacen("title: P", "title: Q\nallow: {code: metadata-kept, why: The court published it so.}", 1),
        )
        .record("pages/r.md", "---\ntitle: R\nallow: {code: metadata-kept, why: There was something.}\n---\n");
    assert_eq!(
        dossier.findings(),
        "content/pages/p.md:5:1 metadata-kept `content/pages/report.pdf` is copied as it is, and carries an author's name\n\
         content/pages/r.md:3:15 unneeded-allowance `r` allows `metadata-kept`, of which there is none\n"
    );
}

#[test]
fn what_a_static_file_carries_is_told_and_can_be_let_pass_by_the_settings() {
    let dossier = Dossier::small().file("static/logo.svg", "<svg><metadata/></svg>");
    assert_eq!(
        dossier.findings(),
        "static/logo.svg:1:1 metadata-kept `static/logo.svg` is copied as it is, and carries properties such as the author's name\n"
    );
    assert_eq!(dossier.set("allow: metadata-kept").findings(), "");
    assert_eq!(
        Dossier::small().file("static/logo.png", "<svg/>").findings(),
        "static/logo.png:1:1 unreadable-picture `static/logo.png` is named as a PNG picture and is none\n"
    );
}

#[test]
fn the_themes_of_the_program_carry_nothing() {
    for theme in ["plain", "default"] {
        assert_eq!(Dossier::small().settings(&format!("title: A dossier\ntheme: {theme}\n")).findings(), "", "{theme}");
    }
}
