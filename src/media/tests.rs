#![allow(clippy::unwrap_used)]

use std::io::Write;

use proptest::prelude::*;

use super::*;

/// What must not be left anywhere.
const SEEDED: &[u8] = b"Zelda Quux, 12 Elm Street";

/// EXIF with an orientation and a name.
fn exif(turned: u8, is_little: bool) -> Vec<u8> {
    let two = |number: u16| if is_little { number.to_le_bytes() } else { number.to_be_bytes() };
    let four = |number: u32| if is_little { number.to_le_bytes() } else { number.to_be_bytes() };
    let mut tiff = if is_little { b"II*\0".to_vec() } else { b"MM\0*".to_vec() };
    tiff.extend(four(8));
    tiff.extend(two(2));
    // The name, which stands behind the table.
    tiff.extend([two(0x013b), two(2)].concat());
    tiff.extend([four(SEEDED.len() as u32), four(38)].concat());
    tiff.extend([two(0x0112), two(3)].concat());
    tiff.extend([&four(1)[..], &two(u16::from(turned)), &two(0)].concat());
    tiff.extend(four(0));
    tiff.extend(SEEDED);
    tiff
}

/// EXIF that says nothing but an orientation, as the documents have it.
fn only(turned: u8) -> Vec<u8> {
    let mut tiff = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    tiff.extend([turned, 0, 0, 0, 0, 0, 0, 0]);
    tiff
}

fn segment(marker: u8, body: &[&[u8]]) -> Vec<u8> {
    let body = body.concat();
    let mut out = vec![0xff, marker];
    out.extend((body.len() as u16 + 2).to_be_bytes());
    out.extend(body);
    out
}

const JFIF: &[u8] = b"JFIF\0\x01\x02\0\0\x01\0\x01";

/// A JPEG of two scans with some segments before the picture and some between its scans.
fn jpeg(before: &[Vec<u8>], between: &[Vec<u8>]) -> Vec<u8> {
    let mut out = vec![0xff, 0xd8];
    out.extend(before.concat());
    out.extend(segment(0xdb, &[&[0; 65]]));
    out.extend(segment(0xc2, &[&[8, 0, 1, 0, 1, 1, 1, 0x11, 0]]));
    out.extend(segment(0xc4, &[&[0; 17]]));
    out.extend(segment(0xda, &[&[1, 1, 0, 0, 0, 0]]));
    // A coded 0xff, and the mark of a restart.
    out.extend(b"\x12\xff\x00\x34\xff\xd0\x56");
    out.extend(between.concat());
    out.extend(segment(0xda, &[&[1, 1, 0, 1, 63, 0]]));
    out.extend(b"\x78\x9a\xff\xd9");
    out
}

fn chunk(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let mut crc = flate2::Crc::new();
    crc.update(name);
    crc.update(body);
    [&(body.len() as u32).to_be_bytes()[..], name, body, &crc.sum().to_be_bytes()].concat()
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A PNG of one grey point with some chunks before the picture and some after it.
fn png(before: &[Vec<u8>], after: &[Vec<u8>]) -> Vec<u8> {
    let mut out = png::BEGINNING.to_vec();
    out.extend(chunk(b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]));
    out.extend(before.concat());
    out.extend(chunk(b"IDAT", &packed(&[0, 127])));
    out.extend(after.concat());
    out.extend(chunk(b"IEND", &[]));
    out
}

fn riff(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let fill: &[u8] = if body.len() % 2 == 1 { &[0] } else { &[] };
    [name, &(body.len() as u32).to_le_bytes()[..], body, fill].concat()
}

fn webp(chunks: &[Vec<u8>]) -> Vec<u8> {
    riff(b"RIFF", &[b"WEBP".to_vec(), chunks.concat()].concat())
}

fn vp8x(flags: u8) -> Vec<u8> {
    riff(b"VP8X", &[flags, 0, 0, 0, 0, 0, 0, 0, 0, 0])
}

fn picture() -> Vec<u8> {
    riff(b"VP8L", b"\x2f\x00\x00\x00\x00coded")
}

fn holds(bytes: &[u8], word: &[u8]) -> bool {
    memchr::memmem::find(bytes, word).is_some()
}

#[track_caller]
fn stripped(path: &str, bytes: &[u8]) -> Vec<u8> {
    strip(path, bytes).unwrap().unwrap()
}

/// The pictures of this module with everything in them that can be, and as they are without.
fn loaded() -> [(Vec<u8>, Vec<u8>); 4] {
    let xmp = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>";
    let before = [
        segment(0xe0, &[JFIF, &[1, 1, 1, 2, 3]]),
        segment(0xe0, &[b"JFXX\0\x10", SEEDED]),
        segment(0xe1, &[b"Exif\0\0", &exif(1, true)]),
        segment(0xe1, &[xmp, SEEDED]),
        segment(0xe1, &[b"http://ns.adobe.com/xmp/extension/\0", SEEDED]),
        segment(0xe2, &[b"MPF\0", SEEDED]),
        segment(0xe2, &[b"FPXR\0", SEEDED]),
        segment(0xed, &[b"Photoshop 3.0\x008BIM\x04\x04", SEEDED]),
        segment(0xeb, &[b"JP\0\0", SEEDED]),
        segment(0xfe, &[SEEDED]),
        segment(0xee, &[b"Adobe\0\x64\0\0\0\0\x01", SEEDED]),
        b"\0\0Zelda Quux".to_vec(),
    ];
    let between = [segment(0xfe, &[SEEDED]), segment(0xe1, &[b"Exif\0\0", &exif(6, true)])];
    let clean = [segment(0xe0, &[JFIF, &[0, 0]]), segment(0xee, &[b"Adobe\0\x64\0\0\0\0\x01"])];
    let another = jpeg(&[segment(0xe1, &[SEEDED])], &[]);
    let loaded_jpeg = [jpeg(&before, &between), another, b"ftypmp42".to_vec(), SEEDED.to_vec()].concat();

    let named = [b"Author\0".as_slice(), SEEDED].concat();
    let kept = [chunk(b"gAMA", &[0, 0, 0, 1]), chunk(b"pHYs", &[0; 9]), chunk(b"tRNS", &[0, 1])];
    let texts = [
        chunk(b"tEXt", &named),
        chunk(b"zTXt", &[b"Raw profile type exif\0\0".as_slice(), &packed(SEEDED)].concat()),
        chunk(b"iTXt", &[b"XML:com.adobe.xmp\0\x01\0\0\0".as_slice(), &packed(SEEDED)].concat()),
        chunk(b"eXIf", &exif(1, false)),
        chunk(b"tIME", &[7, 230, 1, 1, 1, 1, 1]),
        chunk(b"caBX", SEEDED),
        chunk(b"sPLT", SEEDED),
        // Known, but with more in it than it should have.
        chunk(b"sRGB", SEEDED),
    ];
    let before: Vec<Vec<u8>> = kept.iter().chain(&texts).cloned().collect();
    let loaded_png = [png(&before, &texts), SEEDED.to_vec(), png(&[], &[])].concat();

    let seeded = [riff(b"EXIF", &exif(1, true)), riff(b"XMP ", SEEDED), riff(b"ABCD", SEEDED)].concat();
    let frame = |more: &[u8]| riff(b"ANMF", &[&[0; 16], picture().as_slice(), more].concat());
    let layered = [riff(b"ALPH", b"odd"), riff(b"VP8 ", b"coded")].concat();
    let loaded_webp = [webp(&[vp8x(0x3e), layered.clone(), seeded.clone()]), SEEDED.to_vec()].concat();
    let anim = riff(b"ANIM", &[0; 6]);
    [
        (loaded_jpeg, jpeg(&clean, &[])),
        (loaded_png, png(&kept, &[])),
        (loaded_webp, webp(&[vp8x(0x12), layered])),
        (
            webp(&[vp8x(0x0e), anim.clone(), frame(&seeded), frame(&[]), seeded]),
            webp(&[vp8x(0x02), anim, frame(&[]), frame(&[])]),
        ),
    ]
}

#[test]
fn nothing_hides_behind_the_pixels_of_a_png() {
    let behind = [packed(&[0, 127]), SEEDED.to_vec()].concat();
    let picture = |first: &[u8], second: &[u8]| {
        let header = chunk(b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]);
        let chunks = [header, chunk(b"IDAT", first), chunk(b"IDAT", second), chunk(b"IEND", &[])].concat();
        [&png::BEGINNING[..], &chunks].concat()
    };
    let holds = |bytes: &[u8]| memchr::memmem::find(bytes, SEEDED).is_some();
    for (first, second) in [(&behind[..], &b""[..]), (&behind[..5], &behind[5..]), (&packed(&[0, 127])[..], SEEDED)] {
        let stripped = png::strip(&picture(first, second)).unwrap();
        assert!(!holds(&stripped));
        let pixels = packed(&[0, 127]);
        let left = stripped.windows(4).filter(|name| name == b"IDAT").count();
        assert!(left > 0 && stripped.len() >= pixels.len());
    }
    // Nor behind those of a frame.
    let header = chunk(b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]);
    let moving = [
        png::BEGINNING.to_vec(),
        header,
        chunk(b"acTL", &[0, 0, 0, 1, 0, 0, 0, 0]),
        chunk(b"IDAT", &packed(&[0, 127])),
        chunk(b"fcTL", &[0; 26]),
        chunk(b"fdAT", &[&[0, 0, 0, 1][..], &behind].concat()),
        chunk(b"IEND", &[]),
    ];
    let stripped = png::strip(&moving.concat()).unwrap();
    assert!(!holds(&stripped) && memchr::memmem::find(&stripped, b"fdAT").is_some());
}

#[test]
fn a_png_whose_packed_pixels_are_damaged_or_have_no_end_is_refused() {
    let pixels = packed(&[0, 127]);
    let picture = |data: &[&[u8]]| {
        let mut out = [png::BEGINNING.to_vec(), chunk(b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0])].concat();
        out.extend(data.iter().flat_map(|data| chunk(b"IDAT", data)));
        out.extend(chunk(b"IEND", &[]));
        out
    };
    let (start, end) = pixels.split_at(pixels.len() - 5);
    assert!(strip("a.png", &picture(&[start, end])).is_ok());
    let wrong_sum = [&pixels[..pixels.len() - 1], b"!"].concat();
    // A block that is stored as it is may promise more than ever comes, or hold words and be followed by no other.
    let stored = [&b"\x78\x01\x00\x19\x00\xe6\xff"[..], SEEDED].concat();
    let endless = [&b"\x78\x01\x00\x99\x00\x66\xff"[..], SEEDED].concat();
    for data in [&[start][..], &[SEEDED], &[start, SEEDED], &[b""], &[&wrong_sum], &[&stored], &[&endless]] {
        assert!(strip("a.png", &picture(data)).is_err(), "{data:?}");
    }
    // Nor is one of which a frame, or what stands before a frame, is so.
    let count = chunk(b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0]);
    let frame = |data: &[u8]| [chunk(b"fcTL", &[1; 26]), chunk(b"fdAT", &[b"\0\0\0\x01", data].concat())].concat();
    let moving =
        |frames: &[&[u8]]| png(std::slice::from_ref(&count), &[frames.iter().flat_map(|data| frame(data)).collect()]);
    assert!(strip("a.png", &moving(&[&pixels, &pixels])).is_ok());
    for frames in [[start, &pixels], [&pixels, start], [SEEDED, &pixels]] {
        assert!(strip("a.png", &moving(&frames)).is_err());
    }
    // What belongs to the picture that stands does not come after a frame.
    let late = png(std::slice::from_ref(&count), &[frame(&pixels), chunk(b"IDAT", SEEDED)]);
    assert_eq!(stripped("a.png", &late), moving(&[&pixels]));
}

#[test]
fn of_a_picture_only_what_is_seen_is_left() {
    for (loaded, clean) in loaded() {
        assert!(holds(&loaded, SEEDED));
        let left = stripped("a.jpg", &loaded);
        assert!(left == clean, "{}", String::from_utf8_lossy(&left));
        assert!(stripped("a.jpg", &clean) == clean, "a clean picture is not changed");
    }
    let simple = webp(&[picture(), riff(b"EXIF", SEEDED)]);
    assert_eq!(stripped("a.webp", &simple), webp(&[picture()]));
}

/// A PNG of a depth and type of colours, with some chunks before the picture and some after it.
fn png_of(depth: u8, colours: u8, before: &[Vec<u8>], after: &[Vec<u8>]) -> Vec<u8> {
    let mut out = png::BEGINNING.to_vec();
    out.extend(chunk(b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, depth, colours, 0, 0, 0]));
    out.extend([before.concat(), chunk(b"IDAT", &packed(&[0, 127])), after.concat(), chunk(b"IEND", &[])].concat());
    out
}

#[test]
fn a_part_of_a_png_is_kept_only_where_it_belongs() {
    let palette = |colours: usize| chunk(b"PLTE", &vec![7; colours * 3]);
    let clear = |length: usize| chunk(b"tRNS", &vec![9; length]);
    let nothing: &[Vec<u8>] = &[];
    for (depth, colours, before, left) in [
        (8, 4, vec![clear(2)], vec![]),
        (8, 6, vec![palette(2), clear(6)], vec![]),
        (8, 2, vec![palette(2), clear(6)], vec![clear(6)]),
        (8, 2, vec![clear(7)], vec![]),
        (8, 0, vec![palette(1), clear(3)], vec![]),
        (8, 0, vec![clear(2), clear(2)], vec![clear(2)]),
        (1, 3, vec![palette(9), clear(2)], vec![palette(2), clear(2)]),
        (8, 3, vec![palette(3), palette(3), clear(4)], vec![palette(3)]),
        (8, 0, vec![chunk(b"bKGD", &[1; 6]), chunk(b"sBIT", &[1; 4])], vec![]),
        (8, 0, vec![chunk(b"pHYs", &[1; 9]), chunk(b"pHYs", &[2; 9])], vec![chunk(b"pHYs", &[1; 9])]),
    ] {
        let clean = png_of(depth, colours, &left, nothing);
        assert!(stripped("a.png", &png_of(depth, colours, &before, &before)) == clean, "{depth} {colours} {before:?}");
        assert!(stripped("a.png", &clean) == clean);
    }
    assert!(strip("a.png", &png_of(3, 0, nothing, nothing)).is_err());
    assert!(strip("a.png", &png_of(8, 1, nothing, nothing)).is_err());
}

#[test]
fn of_a_png_that_moves_only_the_announced_pictures_are_kept() {
    let count = |frames: u8| chunk(b"acTL", &[0, 0, 0, frames, 0, 0, 0, 0]);
    let (control, data) =
        (chunk(b"fcTL", &[1; 26]), chunk(b"fdAT", &[b"\0\0\0\x01", packed(&[0, 127]).as_slice()].concat()));
    let seeded = chunk(b"fdAT", &[b"\0\0\0\x02", SEEDED].concat());
    let moving = [control.clone(), data.clone()];
    let all = [seeded.clone(), control.clone(), data, control.clone(), seeded.clone()];
    assert_eq!(stripped("a.png", &png(std::slice::from_ref(&control), &all)), png(&[], &[]));
    let before = [count(2), control.clone(), seeded, control.clone()];
    assert_eq!(stripped("a.png", &png(&before, &all)), png(&[count(2), control], &moving));
    let clean = png(&[count(1)], &moving);
    assert_eq!(stripped("a.png", &png(&[count(1)], &all)), clean);
    assert_eq!(stripped("a.png", &clean), clean);
}

#[test]
fn of_a_jpeg_what_no_browser_decodes_goes_or_is_refused() {
    for marker in [0xdc, 0xde, 0xdf] {
        let seeded = segment(marker, &[SEEDED]);
        assert_eq!(
            stripped("a.jpg", &jpeg(std::slice::from_ref(&seeded), std::slice::from_ref(&seeded))),
            jpeg(&[], &[])
        );
    }
    let conditions = segment(0xcc, &[&[0x10, 5]]);
    assert_eq!(
        stripped("a.jpg", &jpeg(std::slice::from_ref(&conditions), std::slice::from_ref(&conditions))),
        jpeg(&[], &[])
    );
    let arithmetic = |before: &[Vec<u8>], behind: &[Vec<u8>]| {
        let frame = segment(0xc9, &[&[8, 0, 1, 0, 1, 1, 1, 0x11, 0]]);
        let scan = segment(0xda, &[&[1, 1, 0, 0, 63, 0]]);
        [&[0xff, 0xd8], &before.concat()[..], &frame, &behind.concat(), &scan, b"\x12\xff\xd9"].concat()
    };
    let behind = arithmetic(&[], std::slice::from_ref(&conditions));
    assert_eq!(stripped("a.jpg", &arithmetic(&[conditions], &[])), behind);
    assert_eq!(stripped("a.jpg", &behind), behind);
    let unknown = (0xf0..=0xfd).chain([0xc5, 0xc6, 0xc7, 0xc8, 0xcb, 0xcd, 0xce, 0xcf, 0x02, 0xbf]);
    for marker in unknown {
        assert!(strip("a.jpg", &jpeg(&[segment(marker, &[SEEDED])], &[])).is_err(), "{marker:x}");
    }
}

#[test]
fn a_segment_of_a_jpeg_with_more_than_it_should_hold_is_refused() {
    let said = "is not a JPEG picture as it should be: a part of it holds more or less than it should";
    let table = [&[0x11, 2][..], &[0; 15], &[1, 2]].concat();
    assert!(strip("a.jpg", &jpeg(&[segment(0xc4, &[&table, &table]), segment(0xdd, &[&[0, 4]])], &[])).is_ok());
    for before in [
        segment(0xc4, &[&table, SEEDED]),
        segment(0xc4, &[&[0xff; 17]]),
        segment(0xdb, &[&[0; 65], SEEDED]),
        segment(0xdb, &[&[0x21; 65]]),
        segment(0xdd, &[&[0, 4], SEEDED]),
        segment(0xcc, &[&[0x10]]),
        segment(0xc0, &[&[8, 0, 1, 0, 1, 1, 1, 0x11, 0], SEEDED]),
    ] {
        assert_eq!(
            strip("a.jpg", &jpeg(std::slice::from_ref(&before), &[])).unwrap_err().to_string(),
            said,
            "{before:?}"
        );
    }
    let scan = segment(0xda, &[&[1, 1, 0, 1, 63, 0], SEEDED]);
    assert_eq!(strip("a.jpg", &jpeg(&[], &[scan])).unwrap_err().to_string(), said);
    let again = segment(0xc2, &[&[8, 0, 1, 0, 1, 1, 1, 0x11, 0]]);
    assert!(strip("a.jpg", &jpeg(&[again], &[])).is_err());
}

#[test]
fn a_webp_has_one_picture_and_one_layer_or_frames() {
    let (layer, lossy) = (riff(b"ALPH", b"layer"), riff(b"VP8 ", b"coded"));
    let seeded = [riff(b"ALPH", SEEDED), riff(b"VP8 ", SEEDED), riff(b"VP8L", SEEDED)].concat();
    let layered = [layer, lossy].concat();
    let with = |chunks: &[u8]| webp(&[vp8x(0x10), chunks.to_vec()]);
    assert_eq!(stripped("a.webp", &with(&[&layered[..], &seeded].concat())), with(&layered));
    assert_eq!(stripped("a.webp", &with(&[riff(b"ALPH", SEEDED), picture()].concat())), with(&picture()));
    let frame = |chunks: &[u8]| riff(b"ANMF", &[&[0; 16], chunks].concat());
    let moving = |chunks: &[Vec<u8>]| webp(&[vp8x(0x02), riff(b"ANIM", &[0; 6]), chunks.concat()]);
    let clean = moving(&[frame(&layered), frame(&picture())]);
    let loaded = [
        frame(&[&layered[..], &seeded].concat()),
        frame(&[riff(b"ALPH", SEEDED), picture()].concat()),
        seeded,
        riff(b"ANIM", &[1; 6]),
    ];
    assert_eq!(stripped("a.webp", &moving(&loaded)), clean);
    assert_eq!(stripped("a.webp", &clean), clean);
    assert_eq!(stripped("a.webp", &with(&[frame(&layered), picture()].concat())), with(&picture()));
}

#[test]
fn a_picture_stays_the_way_up_that_it_was() {
    for (turned, is_little) in [(2, true), (3, false), (6, true), (8, false)] {
        let tiff = exif(turned, is_little);
        let jpeg_with = |tiff: &[u8]| jpeg(&[segment(0xe1, &[b"Exif\0\0", tiff])], &[]);
        assert_eq!(stripped("a.jpg", &jpeg_with(&tiff)), jpeg_with(&only(turned)));
        let png_with = |tiff: &[u8]| chunk(b"eXIf", tiff);
        assert_eq!(stripped("a.png", &png(&[png_with(&tiff)], &[])), png(&[png_with(&only(turned))], &[]));
        assert_eq!(stripped("a.png", &png(&[], &[png_with(&tiff)])), png(&[], &[png_with(&only(turned))]));
        let webp_with = |tiff: &[u8]| webp(&[vp8x(0x08), picture(), riff(b"EXIF", tiff)]);
        assert_eq!(stripped("a.webp", &webp_with(&tiff)), webp_with(&only(turned)));
        let as_in_jpeg = [b"Exif\0\0".as_slice(), &tiff].concat();
        assert_eq!(stripped("a.webp", &webp_with(&as_in_jpeg)), webp_with(&only(turned)));
    }
    for (turned, is_little) in [(0, true), (1, false), (9, true)] {
        let tiff = exif(turned, is_little);
        assert_eq!(stripped("a.jpg", &jpeg(&[segment(0xe1, &[b"Exif\0\0", &tiff])], &[])), jpeg(&[], &[]));
    }
}

/// A profile with colours and with everything else that screens have.
fn profile(version: u8) -> Vec<u8> {
    let mut header = vec![0; 128];
    header[4..8].copy_from_slice(b"appl");
    header[8] = version;
    header[12..24].copy_from_slice(b"mntrRGB XYZ ");
    header[24..36].copy_from_slice(&[7, 231, 0, 9, 0, 9, 0, 9, 0, 9, 0, 9]);
    header[36..40].copy_from_slice(b"acsp");
    header[48..56].copy_from_slice(b"ZeldQuux");
    header[84..100].fill(7);
    let point = b"XYZ \0\0\0\0\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c".as_slice();
    let curve = b"curv\0\0\0\0\0\0\0\x01\x02\x33".as_slice();
    let seeded = [b"text\0\0\0\0".as_slice(), SEEDED].concat();
    let parts: Vec<(&[u8; 4], &[u8])> = vec![
        (b"desc", &seeded),
        (b"rXYZ", point),
        (b"gXYZ", point),
        (b"bXYZ", point),
        (b"rTRC", curve),
        (b"gTRC", curve),
        (b"bTRC", curve),
        (b"mmod", &seeded),
        (b"vcgt", &seeded),
        (b"meta", &seeded),
        (b"wtpt", &seeded),
    ];
    let mut table = (parts.len() as u32).to_be_bytes().to_vec();
    let mut body = Vec::new();
    for (name, part) in &parts {
        let start = 132 + parts.len() * 12 + body.len();
        table.extend([name.as_slice(), &(start as u32).to_be_bytes(), &(part.len() as u32).to_be_bytes()].concat());
        body.extend_from_slice(part);
    }
    [header, table, body].concat()
}

#[test]
fn a_colour_profile_keeps_its_colours_and_names_no_screen() {
    for version in [2, 4] {
        let clean = icc::only_colours(&profile(version)).unwrap();
        for word in [SEEDED, b"Zeld", b"appl", b"mmod", b"vcgt", b"meta"] {
            assert!(!holds(&clean, word), "{version}: {}", String::from_utf8_lossy(word));
        }
        for part in [b"rXYZ", b"gXYZ", b"bXYZ", b"rTRC", b"gTRC", b"bTRC", b"desc", b"cprt"] {
            assert!(holds(&clean, part));
        }
        assert!(holds(&clean, b"\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c") && holds(&clean, b"\x02\x33"));
        assert_eq!(icc::only_colours(&clean).as_ref(), Some(&clean));
        assert_eq!(be32(&clean, 0), Some(clean.len()));

        let (first, second) = clean.split_at(100);
        let whole = segment(0xe2, &[b"ICC_PROFILE\0\x01\x01", &clean]);
        let in_two = |profile: &[u8]| {
            let (first, second) = profile.split_at(100);
            // The order of the pieces is said by their numbers.
            jpeg(
                &[
                    segment(0xe2, &[b"ICC_PROFILE\0\x02\x02", second]),
                    segment(0xe2, &[b"ICC_PROFILE\0\x01\x02", first]),
                ],
                &[],
            )
        };
        assert_eq!(stripped("a.jpg", &in_two(&profile(version))), jpeg(&[whole], &[]));
        let one_lacks = jpeg(&[segment(0xe2, &[b"ICC_PROFILE\0\x02\x02", [first, second].concat().as_slice()])], &[]);
        assert_eq!(stripped("a.jpg", &one_lacks), jpeg(&[], &[]));

        let iccp = |name: &[u8], profile: &[u8]| chunk(b"iCCP", &[name, b"\0\0", &packed(profile)].concat());
        let seeded = png(&[iccp(SEEDED, &profile(version))], &[]);
        assert_eq!(stripped("a.png", &seeded), png(&[iccp(b"icc", &clean)], &[]));
        let with = |profile: &[u8]| webp(&[vp8x(0x20), riff(b"ICCP", profile), picture()]);
        assert_eq!(stripped("a.webp", &with(&profile(version))), with(&clean));
        assert_eq!(stripped("a.webp", &with(SEEDED)), webp(&[vp8x(0), picture()]));
    }
}

#[test]
fn the_bytes_decide_what_a_file_is_and_not_its_name() {
    for name in ["a.png", "a.webp", "a.txt", "a"] {
        assert_eq!(stripped(name, &jpeg(&[segment(0xfe, &[SEEDED])], &[])), jpeg(&[], &[]), "{name}");
    }
    for (name, bytes, said) in [
        ("a.jpg", b"GIF89a".as_slice(), "is named as a JPEG picture and is none"),
        ("A.JPEG", b"", "is named as a JPEG picture and is none"),
        ("a.png", b"<svg/>", "is named as a PNG picture and is none"),
        ("a.WebP", b"RIFF\0\0\0\0WAVE", "is named as a WebP picture and is none"),
    ] {
        assert_eq!(strip(name, bytes).unwrap_err().to_string(), said, "{name}");
    }
    assert_eq!(strip("a.txt", b"words"), Ok(None));
}

#[test]
fn a_picture_that_lies_about_itself_is_refused() {
    let long = [&[0xff, 0xd8][..], &[0xff, 0xe1, 0xff, 0xff], SEEDED].concat();
    let no_size = [&[0xff, 0xd8][..], &[0xff, 0xda, 0, 2, 1, 2, 0xff, 0xd9]].concat();
    let empty = [png::BEGINNING.to_vec(), chunk(b"IEND", &[])].concat();
    let unpainted = png(&[], &[]).replacen_idat();
    for (bytes, said) in [
        (long, "is a JPEG picture of which the end is missing"),
        (
            vec![0xff, 0xd8, 0xff, 0xe1, 0, 1, 0xff, 0xd9],
            "is not a JPEG picture as it should be: the length of a part cannot be",
        ),
        (no_size, "is not a JPEG picture as it should be: it begins without saying how large it is"),
        (vec![0xff, 0xd8, 0xff, 0xd9], "is not a JPEG picture as it should be: there is no picture in it"),
        (empty, "is not a PNG picture as it should be: it begins without saying how large it is"),
        (unpainted, "is not a PNG picture as it should be: there is no picture in it"),
        (
            png(&[chunk(b"CgBI", &[0; 4])], &[]),
            "is not a PNG picture as it should be: it has a part that no browser knows",
        ),
        (webp(&[vp8x(0)]), "is not a WebP picture as it should be: there is no picture in it"),
        (
            webp(&[riff(b"EXIF", SEEDED)]),
            "is not a WebP picture as it should be: it has no picture where that should be",
        ),
        (webp(&[]), "is a WebP picture of which the end is missing"),
    ] {
        assert_eq!(strip("a", &bytes).unwrap_err().to_string(), said, "{}", String::from_utf8_lossy(&bytes));
    }
}

trait WithoutPixels {
    fn replacen_idat(self) -> Vec<u8>;
}

impl WithoutPixels for Vec<u8> {
    /// The picture under a name by which it is passed over.
    fn replacen_idat(mut self) -> Vec<u8> {
        let at = memchr::memmem::find(&self, b"IDAT").unwrap();
        self[at..at + 4].copy_from_slice(b"iDAT");
        self
    }
}

#[test]
fn a_picture_that_is_cut_short_anywhere_is_refused() {
    for (_, clean) in loaded() {
        for length in 12..clean.len() {
            assert!(strip("a", &clean[..length]).is_err(), "{length} of {clean:?}");
        }
    }
}

proptest! {
    /// Whatever stands in a file: it is refused, or what is left of it stays what it is.
    #[test]
    fn no_file_makes_it_panic(which in 0..4_usize, edits in prop::collection::vec((0..4096_usize, any::<u8>(), 0..3_u8), 0..24)) {
        let (mut bytes, _) = loaded()[which].clone();
        for (at, byte, how) in edits {
            let at = at % bytes.len();
            match how {
                0 => bytes[at] = byte,
                1 => bytes.truncate(at.max(1)),
                _ => bytes.insert(at, byte),
            }
        }
        if let Ok(Some(once)) = strip("a.png", &bytes) {
            prop_assert_eq!(strip("a.png", &once), Ok(Some(once)));
        }
        look("a", Window::whole(&bytes));
        icc::only_colours(&bytes);
        exif::orientation(&bytes);
    }

    #[test]
    fn no_look_into_a_file_makes_it_panic(which in 0..BEGINNINGS.len(), rest in prop::collection::vec(any::<u8>(), 0..600)) {
        let bytes = [BEGINNINGS[which], &rest].concat();
        look("a", Window::whole(&bytes));
        look("a", Window { head: &bytes, tail: &rest, is_whole: false });
        icc::only_colours(&rest);
        exif::orientation(&bytes);
    }
}

/// How files of many formats begin.
const BEGINNINGS: &[&[u8]] = &[
    b"",
    b"%PDF-1.7\n/Author",
    b"GIF89a",
    b"II*\0",
    b"MM\0*",
    b"\0\0\0\x18ftypheic",
    b"\0\0\0\x18ftypmp42",
    b"ID3\x04",
    b"fLaC",
    b"RIFF",
    b"PK\x03\x04",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    b"{\\rtf1",
    b"<svg",
    b"<?xml",
    b"\x1a\x45\xdf\xa3",
];

#[track_caller]
fn found(name: &str, bytes: &[u8], expected: &str) {
    let finding = look(name, Window::whole(bytes)).finding(name);
    let said = finding.map(|finding| format!("{}: {}", finding.severity.word(), finding.message)).unwrap_or_default();
    assert_eq!(said, expected, "{name}");
    assert!(!said.contains("Zelda"));
}

#[test]
fn what_other_files_carry_is_told_in_kind() {
    found(
        "a.pdf",
        b"%PDF-1.4\n<< /Author (Zelda) /CreationDate (D:2024) /Title () >>",
        "warning: `a.pdf` is copied as it is, and carries an author's name and a date",
    );
    found(
        "b.pdf",
        b"%PDF-1.4\n<< /Producer 7 0 R >>",
        "note: `b.pdf` is copied as it is, and carries the name of a program",
    );
    found(
        "c.pdf",
        b"%PDF-1.5\n<< /Type /ObjStm >>",
        "note: `c.pdf` is copied as it is, with parts that were not looked into",
    );
    found("d.pdf", b"%PDF-1.4\n<< /Length 2 >>", "");
    found(
        "a.svg",
        b"<?xml version='1.0'?><svg sodipodi:docname='/home/zelda/a.svg'/>",
        "warning: `a.svg` is copied as it is, and carries a path on somebody's machine",
    );
    found("b.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><path/></svg>", "");
    let gif = |block: &[u8]| {
        [b"GIF89a\x01\0\x01\0\x80\0\0", [0; 6].as_slice(), block, b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0;"]
            .concat()
    };
    found(
        "a.gif",
        &gif(b"\x21\xfe\x05Zelda\0"),
        "warning: `a.gif` is copied as it is, and carries a title, keywords or a comment",
    );
    found("b.gif", &gif(b"\x21\xf9\x04\0\0\0\0\0"), "");
    found("a.tif", &exif(1, false), "warning: `a.tif` is copied as it is, and carries an author's name");
    found(
        "a.heic",
        b"\0\0\0\x18ftypheic\0\0\0\0infe\0\0Exif\0",
        "warning: `a.heic` is copied as it is, and carries properties such as the author's name",
    );
    found(
        "a.mov",
        b"\0\0\0\x14ftypqt  moovudta\xa9xyz+52.1\xa9mod",
        "warning: `a.mov` is copied as it is, and carries a position and the name of a device",
    );
    found("a.mp3", b"ID3\x03\0\0\0TPE1Zelda", "warning: `a.mp3` is copied as it is, and carries an author's name");
    found("a.flac", b"fLaC ARTIST=Zelda", "warning: `a.flac` is copied as it is, and carries an author's name");
    found(
        "a.docx",
        b"PK\x03\x04 docProps/core.xml word/comments.xml",
        "warning: `a.docx` is copied as it is, and carries properties such as the author's name and remarks or changes with the names of those who made them",
    );
    found(
        "a.odt",
        b"PK\x03\x04 mimetypeapplication/vnd.oasis.opendocument.text meta.xml",
        "warning: `a.odt` is copied as it is, and carries properties such as the author's name",
    );
    found(
        "a.zip",
        b"PK\x03\x04 a.txt",
        "note: `a.zip` is copied as it is, with files within it that were not looked into",
    );
    found(
        "a.doc",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "warning: `a.doc` is copied as it is, and carries properties such as the author's name",
    );
    found(
        "a.rtf",
        b"{\\rtf1{\\info{\\author Zelda}}}",
        "warning: `a.rtf` is copied as it is, and carries an author's name",
    );
    found("a.txt", b"/Author Zelda dc:creator", "");
    found("a.csv", b"name,age\n", "");
}

#[test]
fn of_a_long_file_the_beginning_and_the_end_are_looked_at() {
    let window = |tail: &'static [u8]| Window { head: b"%PDF-1.4\n", tail, is_whole: false };
    let said = |window| look("a.pdf", window).finding("a.pdf").unwrap().message;
    assert_eq!(said(window(b"/Author (Zelda)")), "`a.pdf` is copied as it is, and carries an author's name");
    assert_eq!(said(window(b"%%EOF")), "`a.pdf` is copied as it is, with parts that were not looked into");
    let picture = Window { head: &jpeg(&[], &[])[..30], tail: b"", is_whole: false };
    assert_eq!(look("a.jpg", picture), Look::default());
    let fault = look("a.jpg", window(b"")).finding("a.jpg").unwrap();
    assert_eq!(fault.message, "`a.jpg` is named as a JPEG picture and is none");
}
