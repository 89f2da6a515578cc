//! `dossier schema`: what is printed and written, what `init` makes of it, and the page of all fields.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::input::{Dossier, Folder, files_in};

const SUBJECTS: [(&str, &str); 8] = [
    ("actor", "actor.schema.json"),
    ("event", "event.schema.json"),
    ("quote", "quote.schema.json"),
    ("source", "source.schema.json"),
    ("place", "place.schema.json"),
    ("page", "page.schema.json"),
    ("record", "record.schema.json"),
    ("settings", "dossier.schema.json"),
];

#[test]
fn what_is_printed_is_what_is_written_each_time() {
    let folder = Folder::empty();
    folder.write("schemas/actor.schema.json", "an older one");
    let run = folder.run(&["schema", "--out", "schemas"]);
    assert_eq!((run.code, run.stderr.as_str(), run.stdout.lines().count()), (0, "", 8));
    let files = files_in(&folder.path("schemas"));
    assert_eq!(files.len(), SUBJECTS.len());
    for (subject, file) in SUBJECTS {
        let run = folder.run(&["schema", subject]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""));
        assert_eq!(run.stdout.as_bytes(), files[file], "{subject}");
        let schema: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    }
}

#[test]
fn what_there_is_no_schema_of_ends_with_2() {
    let folder = Folder::empty();
    for args in [
        &["schema", "pamphlet"][..],
        &["schema", "--format", "xml"],
        &["schema", "actor", "--out", "schemas"],
        &["schema", "--format", "markdown", "--out", "schemas"],
    ] {
        let run = folder.run(args);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{args:?}");
    }
    folder.write("file", "mine");
    let run = folder.run(&["schema", "--out", "file"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.starts_with("error: cannot make the folder `file`"), "{}", run.stderr);
}

#[test]
fn a_new_dossier_has_the_schemas_that_its_settings_name() {
    let folder = Folder::empty();
    assert_eq!(folder.run(&["init", "d"]).code, 0);
    folder.run(&["schema", "--out", "fresh"]);
    assert_eq!(files_in(&folder.path("d/.dossier/schemas")), files_in(&folder.path("fresh")));
    let settings = fs::read_to_string(folder.path("d/dossier.yaml")).unwrap();
    let named = settings.lines().next().and_then(|line| line.strip_prefix("# yaml-language-server: $schema=")).unwrap();
    assert!(folder.path("d").join(named).is_file(), "{named}");
    let editor = fs::read(folder.path("d/.vscode/settings.json")).unwrap();
    let editor: serde_json::Value = serde_json::from_slice(&editor).unwrap();
    let schemas = editor["yaml.schemas"].as_object().unwrap();
    assert_eq!(schemas.len(), SUBJECTS.len());
    for path in schemas.keys() {
        assert!(folder.path("d").join(path).is_file(), "{path}");
    }
}

#[test]
fn init_leaves_the_settings_of_an_editor_as_they_are() {
    let folder = Folder::empty();
    folder.write("d/.vscode/settings.json", "{}");
    let run = folder.run(&["init", "d"]);
    assert_eq!(run.code, 0);
    assert!(run.stderr.starts_with("`d/.vscode/settings.json` is there and stays as it is"), "{}", run.stderr);
    assert_eq!(fs::read(folder.path("d/.vscode/settings.json")).unwrap(), b"{}");
    assert!(folder.path("d/dossier.yaml").exists());
}

#[test]
fn a_page_of_an_index_is_never_shorter_or_longer_than_the_schema_says() {
    for (length, is_right) in [(9, false), (10, true), (1000, true), (1001, false)] {
        let findings = Dossier::small().set(&format!("paginate: {length}")).findings();
        assert_eq!(!findings.contains("bad-setting"), is_right, "{length}: {findings}");
    }
}

#[test]
fn the_page_of_all_fields_is_the_one_that_is_checked_in() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/fields.md");
    let run = Folder::empty().run(&["schema", "--format", "markdown"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        return fs::write(path, run.stdout).unwrap();
    }
    let committed = fs::read_to_string(path).unwrap_or_default();
    let differing = committed.lines().zip(run.stdout.lines()).find(|(committed, now)| committed != now);
    assert_eq!(differing, None, "the first line that differs, as it is checked in and as it would be now");
    assert!(committed == run.stdout, "`UPDATE_EXPECT=1 cargo test --test it schema` writes docs/fields.md");
}

#[test]
fn each_link_on_the_page_of_all_fields_leads_to_one_place() {
    let page = Folder::empty().run(&["schema", "--format", "markdown"]).stdout;
    let mut places = BTreeSet::new();
    let headings =
        page.lines().filter_map(|line| line.strip_prefix('#').map(|rest| rest.trim_start_matches('#').trim()));
    let headings = headings.map(|heading| heading.to_lowercase().replace(' ', "-"));
    let ids = page.split("<a id=\"").skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned);
    for place in headings.chain(ids) {
        assert!(places.insert(place.clone()), "`#{place}` is there twice");
    }
    let targets: BTreeSet<&str> = page.split("](#").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    assert!(targets.len() > 20);
    for target in targets {
        assert!(places.contains(target), "there is no `#{target}`");
    }
}
