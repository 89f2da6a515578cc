//! The page that tells a person what an edition is and how to check it without this program.

use super::For;
use super::archive::About;
use crate::text::page::Page;

/// Comes to the root again, from the manifest and from the files, with nothing but Python's standard library.
const SCRIPT: &str = r#"python3 - <<'END'
import hashlib, json, os
root, entries, wrong, listed, taken = hashlib.sha256(), 0, [], set(), 0
with open("edition/manifest.jsonl", "rb") as manifest:
    header = json.loads(next(manifest))
    for line in manifest:
        line = line.rstrip(b"\n")
        entry = json.loads(line)
        if isinstance(entry, list):
            commitment = hashlib.sha256(line).hexdigest()
            file = entry[2:5] if entry[1] == "file" else None
        else:
            commitment = entry.get("removed")
            file = None if commitment else [entry["notice"], entry["bytes"], entry["sha256"]]
            taken += 1 if commitment else 0
            if file:
                print("not sealed, since something was taken out there: " + file[0])
        if commitment:
            root.update(commitment.encode() + b"\n")
            entries += 1
        if file:
            path, length, digest = file
            listed.add(path)
            found = hashlib.sha256()
            try:
                with open(path, "rb") as opened:
                    for chunk in iter(lambda: opened.read(1 << 20), b""):
                        found.update(chunk)
            except OSError:
                found = None
            if found is None or found.hexdigest() != digest:
                wrong.append("missing or changed: " + path)
for folder, _, names in os.walk("data"):
    for name in names:
        path = os.path.join(folder, name).replace(os.sep, "/")
        if path not in listed:
            wrong.append("added: " + path)
before = header["previous"]
before = before["seal"] + " " + before["edition"] if before else "none"
seal = ["dossier edition seal 1", "title: " + header["title"], "edition: " + header["edition"],
    "date: " + header["date"], "audience: " + header["audience"], "previous: " + before,
    "entries: %d" % entries, "root: " + root.hexdigest(), ""]
if open("edition/seal.txt", "rb").read() != "\n".join(seal).encode():
    wrong.append("the manifest is not the one that was sealed")
if taken:
    print("%d entries were taken out; no seal and no signature says by whom" % taken)
print("\n".join(wrong) if wrong else "OK: the files and the manifest are those of edition/seal.txt")
END
"#;

/// The page.
pub(crate) fn page(about: &About) -> String {
    let header = &about.header;
    let mut page = Page::default();
    page.heading(&format!("{}: edition {}", header.title, header.edition), '=');
    page.paragraph(&format!(
        "This is the dossier “{}” as it stood on {}. Everything in it can be checked with ordinary tools, offline, without the program that \
         made it and without trusting whoever gave it to you.",
        header.title, header.date
    ));
    if header.audience == For::Sealed {
        page.paragraph(
            "*** NOT FOR PUBLICATION: it holds the records as they were written, also what readers do not see of them, and copies of \
             sources that are somebody else's work. ***",
        );
    }
    page.heading("What is in it", '-');
    page.item("data/site/index.html", "the website; open this in any browser, no network is needed");
    if header.audience == For::Sealed {
        page.item("data/content/", "the records as their authors wrote them");
        page.item("data/captures/", "copies of sources that were kept outside of the records, if there are any");
        page.item("data/dossier.yaml", "the settings with which the website was made");
        page.item("data/evidence.lock", "whether the quoted words stand in the copies of their sources");
    }
    page.item("data/ro-crate-metadata.json", "what this is, for catalogues (RO-Crate 1.2)");
    page.item("edition/manifest.jsonl", "every file, and every field of every record, one on each line");
    page.item("edition/seal.txt", "a few lines that stand for all of it; this is what is signed");
    page.item("edition/seal.txt.*", "signatures and timestamps of the seal, if there are any");
    page.item("edition/removed.txt", "what was taken out later and why, if anything was");
    page.item("manifest-sha256.txt", "the SHA-256 of each file in data/");
    page.item("tagmanifest-sha256.txt", "the SHA-256 of each other file");
    page.item("bagit.txt, bag-info.txt", "say that this folder is a bag by BagIt 1.0 (RFC 8493)");
    page.blank();
    page.paragraph("All commands below are typed in a terminal that is open in the folder of this page.");
    page.heading("1. Is every file as it was?", '-');
    page.paragraph("On Linux:");
    page.command("sha256sum --quiet -c manifest-sha256.txt tagmanifest-sha256.txt");
    page.paragraph("on macOS:");
    page.command("shasum -a 256 --quiet -c manifest-sha256.txt tagmanifest-sha256.txt");
    page.paragraph(
        "Nothing but the prompt comes back when every file is as it was. On Windows, in PowerShell, this gives the sum of one file; compare \
         it with its line:",
    );
    page.command("Get-FileHash -Algorithm SHA256 data/site/index.html");
    page.paragraph(
        "These look at the files that are listed. To be told of files that were added as well, use the next section, or the program of the \
         Library of Congress, which `pip install bagit` brings:",
    );
    page.command("bagit.py --validate .");
    page.heading("2. Are these the files that were sealed?", '-');
    page.paragraph(
        "Whoever changes a file can write new lists of sums as well. The seal holds it all together: its last line, the root, is made from \
         every line of the manifest. Python 3 comes to it again, and compares every file on the way. Copy all of this into the terminal; where that does not \
         take it, save what stands between the first line and the last as a file, and run that:",
    );
    page.line(SCRIPT.trim_end());
    page.paragraph(
        "How it is done: each line of edition/manifest.jsonl after the first, without its line break, is hashed with SHA-256; of a line that \
         says `removed`, the number that stands there is taken; lines that say `notice` are passed over. The root is the SHA-256 of all these \
         numbers in their order, each as 64 hexadecimal digits and a line break. The first part of a line is its salt: it is there so that \
         nobody can guess what was taken out by trying.",
    );
    page.paragraph(
        "If something was taken out, the seal holds for all that is left. Nothing holds for who took it out, or why: whoever has an edition \
         can do that, and edition/removed.txt is no more than a word of theirs. What stands at an address of a line that says `notice` is not \
         sealed either: it must say that something was taken out, and nothing else. Ask the publisher whether it was they.",
    );
    page.heading("3. Who sealed it?", '-');
    page.paragraph(
        "The seal alone says nothing of who made it. If there is an edition/seal.txt.sig, and you have the signer's public key from a source \
         that you trust, in a file `signers` with a line such as `editor@example.org ssh-ed25519 AAAA…`:",
    );
    page.command("ssh-keygen -Y verify -f signers -I editor@example.org -n dossier \\");
    page.command("    -s edition/seal.txt.sig < edition/seal.txt");
    page.paragraph("If there is an edition/seal.txt.minisig, with the signer's public key in place of RW…:");
    page.command("minisign -V -P RW… -m edition/seal.txt -x edition/seal.txt.minisig");
    page.paragraph(
        "If there is neither, compare the SHA-256 of edition/seal.txt with the one that its maker tells you in another way, such as in print \
         or on a page of theirs:",
    );
    page.command("sha256sum edition/seal.txt");
    page.heading("4. Since when is it there?", '-');
    page.paragraph(
        "If there is an edition/seal.txt.ots, the programs of opentimestamps.org tell before which block of the Bitcoin chain the seal was \
         there:",
    );
    page.command("ots verify edition/seal.txt.ots");
    page.paragraph(
        "If there is an edition/seal.txt.tsr, a timestamp authority has signed the time (RFC 3161). With the certificates of the authority, \
         from a source that you trust, in a file `roots.pem`:",
    );
    page.command("openssl ts -verify -data edition/seal.txt -in edition/seal.txt.tsr \\");
    page.command("    -CAfile roots.pem");
    page.heading("5. What was there before?", '-');
    match &header.previous {
        Some(previous) => {
            page.paragraph(&format!(
                "This edition follows `{}`. The line `previous:` of edition/seal.txt is the SHA-256 of the edition/seal.txt of that one: if \
                 you have it, compare. So no edition before this one can be changed without its showing.",
                previous.edition
            ));
        }
        None => page.paragraph("This edition names none before it."),
    }
    page.heading("What this proves, and what it does not", '-');
    page.paragraph(
        "If 1 and 2 agree, no file was changed, added or taken away since the seal was made. If 3 agrees as well, whoever has that key made \
         the seal. If 4 agrees, the seal was there at that time at the latest. It does not prove that what the dossier says is true, nor that \
         its date is right where there is no timestamp, nor that no other edition was made and not shown. Without a signature or a number \
         that came to you in another way, somebody may have made all of it anew.",
    );
    page.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edition::archive::tests::about;

    #[test]
    fn only_an_edition_for_those_who_keep_it_says_that_it_is_not_for_publication() {
        let mut about = about();
        assert!(!page(&about).contains("NOT FOR PUBLICATION"));
        about.header.audience = For::Sealed;
        assert!(page(&about).contains("NOT FOR PUBLICATION"));
    }

    #[test]
    fn every_line_is_short_enough_for_a_terminal() {
        let long: Vec<String> =
            page(&about()).lines().filter(|line| line.chars().count() > 110).map(str::to_owned).collect();
        assert_eq!(long, [""; 0]);
    }
}
