//! A dossier that is edited: after each edit, what was taken over from before and what was made anew is together what a
//! fresh look at the folder gives, to the byte, findings included.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use dossier::compile::{Compiled, Stages, compile};
use dossier::diagnostic::{Color, Diagnostic, to_text};
use dossier::edtf::Day;
use dossier::read::{Changes, Sources};
use dossier::redact::{Audience, Policy};
use dossier::workspace::{Overrides, Workspace};

use crate::editions::kept;
use crate::input::{Dossier, Files, Folder, assert_same, png, render};

/// A workspace with what was compiled last, as the preview keeps it.
struct Desk {
    workspace: Workspace,
    stages: Option<Stages>,
    policy: Policy,
}

/// A site, when there is one, and the findings as they are printed, with all the places that they point to.
type Seen = (Option<Files>, String);

impl Desk {
    fn new(folder: &Folder, audience: Audience) -> Self {
        let policy = Policy { today: Day::new(2025, 6, 1).unwrap(), audience };
        Desk { workspace: open(folder.path("dossier.yaml").as_path()), stages: None, policy }
    }

    /// Looks at what changed as the preview does: what makes no difference is not compiled again.
    fn refresh(&mut self, changed: &BTreeSet<PathBuf>, seen: &mut Seen) {
        if self.workspace.refresh(changed).unwrap() != Changes::default() {
            *seen = self.look();
        }
    }

    fn look(&mut self) -> Seen {
        let Some(inputs) = self.workspace.inputs() else {
            return (None, said(&self.workspace.findings(), self.workspace.sources()));
        };
        let findings = self.workspace.findings();
        let Compiled { renderer, findings, stages } =
            compile(inputs, findings, self.policy, self.stages.as_ref(), &mut |_| {});
        self.stages = Some(stages);
        (renderer.map(|renderer| render(&renderer)), said(&findings, &inputs.sources))
    }
}

fn said(findings: &[Diagnostic], sources: &Sources) -> String {
    to_text(findings, sources, Color::Never, usize::MAX)
}

fn open(config: &Path) -> Workspace {
    Workspace::open(config, Overrides::default()).unwrap()
}

#[track_caller]
fn assert_seen(kept: &Seen, fresh: &Seen, edit: &str) {
    assert_eq!(kept.1, fresh.1, "after {edit}");
    match (&kept.0, &fresh.0) {
        (Some(kept), Some(fresh)) => assert_same(kept, fresh),
        (kept, fresh) => assert_eq!(kept.is_some(), fresh.is_some(), "after {edit}"),
    }
}

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.roll(of.len())]
    }
}

const RECORDS: [(&str, &str); 13] = [
    (
        "actors/jane-doe.md",
        "---\nname: Jane Doe\nkind: person\nprivacy: public-figure\nrelations: {kind: works-for, to: authority}\n---\nShe works for the [[authority]].\n\n## Years\n\nMany[^1].\n\n[^1]: Or few.\n",
    ),
    ("actors/authority.md", "---\nname: Harbour Authority\nkind: organisation\naliases: old-authority\n---\n"),
    (
        "actors/hidden.md",
        "---\nname: Zelda Quux\nkind: person\nprivacy: private\ndisplay: role-only\nrole: A witness\n---\n",
    ),
    (
        "actors/other.md",
        "---\nname: Other\nkind: person\nprivacy: limited\nnot_same_as: jane-doe\n---\nSee [[Jane Doe]] and [[jane-doe#years]].\n",
    ),
    (
        "events/gate.md",
        "---\ntitle: The gate is opened\ndate: 2023-06-21\nactors: [jane-doe, {actor: hidden, role: witness}]\nsource: daily\ntags: [gates, Harbour]\n---\nSee [her words](../quotes/six.md) and ![a picture](gate.png).\n",
    ),
    (
        "events/later.md",
        "---\ntitle: Later\ndate: 2023-07\nfollows: gate\nsource: daily\n---\n```rust\nfn main() {}\n```\n",
    ),
    (
        "quotes/six.md",
        "---\nspeaker: jane-doe\ndate: 2023-06-21\ntext: We did not open the gate before six.\nabout: [gate, authority]\nto: authority\nsource: daily\n---\n",
    ),
    (
        "quotes/seven.md",
        "---\nspeaker: hidden\ndate: 2023-06-22?\ntext: It was [...] seven, said [[hidden]].\nabout: jane-doe\nsource: daily\nattribution: disputed\n---\n",
    ),
    ("sources/daily.md", "---\ntitle: Keeper denies\nkind: article\npublished: 2023-06-24\n---\n"),
    ("sources/copy.txt", "We did not open the gate."),
    ("places/harbour.md", "---\nname: East Harbour\ncountry: NL\n---\n"),
    (
        "pages/method.md",
        "---\ntitle: Method\norder: 1\n---\n## How\n\nBy hand, as [[seven|one]] and [[six|another]] show.\n",
    ),
    (
        "quotes/many.yaml",
        "---\nid: one\nspeaker: other\ndate: 2023-06-23\ntext: One.\nsource: daily\n---\nid: two\nspeaker: other\ndate: 2023-06-24\ntext: Two.\nin_reply_to: one\nsource: daily\n",
    ),
];

/// What is done to a line or a file; each is something that authors do, well or badly.
const PHRASES: [&str; 25] = [
    "takedown: {as: withdraw, on: 2025-05-01, reason: legal}\n",
    "takedown: {as: annotate, on: 2025-05-01, reason: error, note: As said.}\n",
    "died: 2022\n",
    "born: 2024~\n",
    "allow: {code: untidy-tags, why: They are known by this order.}\n",
    "draft: true\n",
    "visibility: internal\n",
    "visibility: unlisted\n",
    "publish_at: 2030-01-01\n",
    "notes_internal: Not for print.\n",
    "tags: [gates, new]\n",
    "aliases: once-was\n",
    "source: nothing-like-it\n",
    "corrections: {on: 2024-01-01, why: It was wrong}\n",
    "status: {is: disputed, by: hidden}\n",
    "lang: fr\n",
    "colour: red\n",
    "# a comment\n",
    "summary: In short.\n",
    "id: renamed\n",
    "x_own: {a: 1}\n",
    "names: [Wanda Xu, Harbour]\n",
    "privacy: victim\n",
    "not_same_as: hidden\n",
    "captures: {file: copy.txt}\n",
];

const PROSE: [&str; 14] = [
    "\nMore words.\n",
    "\n## A heading\n\nBelow it.\n",
    "\nSee [[authority]] or [[authority|them]].\n",
    "\nSee [[nobody-at-all]].\n",
    "\nSee [[old-authority]], [[hidden]] and [[hidden|Zelda]].\n",
    "\n```\ncode\n```\n",
    "\nSee [[jane-doe#years]] and [[jane-doe#none]].\n",
    "\n![gate](../events/gate.png)\n",
    "\nA note[^a].\n\n[^a]: Here.\n",
    "\nSee [[gate]] and [[Later]].\n",
    "\n## Of Zelda Quux\n\nWanda *Xu*, Zelda Quux and Jane Doe, in the Harbour.\n",
    "\nSee [[other#of-zelda-quux]].\n",
    "\nSee `Wanda Xu` in the Harbour, Zelda Quuxs.\n",
    "\nSee [the copy](../sources/copy.txt).\n",
];

fn edit(folder: &Folder, dice: &mut Dice, step: usize) -> (String, BTreeSet<PathBuf>) {
    let content = folder.path("content").canonicalize().unwrap();
    let root = content.parent().unwrap().to_owned();
    let mut files: Vec<PathBuf> = walkdir::WalkDir::new(&content)
        .sort_by_file_name()
        .into_iter()
        .map(Result::unwrap)
        .filter(|entry| entry.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
        .collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "md" || ending == "yaml"));
    let file = dice.pick(&files).clone();
    let read = |file: &Path| fs::read_to_string(file).unwrap();
    let mut changed = BTreeSet::from([file.clone()]);
    let what = match dice.roll(18) {
        0..=2 => {
            let phrase = dice.pick(&PHRASES);
            fs::write(&file, read(&file).replacen("---\n", &format!("---\n{phrase}"), 1)).unwrap();
            format!("adding `{}` to {}", phrase.trim(), file.display())
        }
        3..=5 => {
            let prose = dice.pick(&PROSE);
            fs::write(&file, read(&file) + prose).unwrap();
            format!("writing `{}` at the end of {}", prose.trim(), file.display())
        }
        6 => {
            let words = [
                ("2023-06-2", "2023-05-1"),
                ("Jane Doe", "Joan Doe"),
                ("title: ", "title: The "),
                ("## ", "## On "),
                ("six", "five"),
                ("public-figure", "limited"),
                ("public-figure", "private"),
                ("Zelda Quux", "Wanda Xu"),
                ("A witness", "A neighbour"),
            ];
            let (from, to) = dice.pick(&words);
            fs::write(&file, read(&file).replace(from, to)).unwrap();
            format!("`{to}` for `{from}` in {}", file.display())
        }
        7 => {
            fs::remove_file(&file).unwrap();
            format!("deleting {}", file.display())
        }
        8 => {
            let to = file.with_file_name(format!("renamed-{step}.md"));
            fs::rename(&file, &to).unwrap();
            changed.insert(to);
            format!("renaming {}", file.display())
        }
        9 => {
            let (path, text) = dice.pick(&RECORDS);
            folder.write(&format!("content/{path}"), text);
            changed = BTreeSet::from([content.join(path)]);
            format!("writing {path} as it was")
        }
        10 => {
            let moved = file.with_extension("txt");
            fs::rename(&file, &moved).unwrap();
            changed.insert(moved);
            format!("making {} no record", file.display())
        }
        11 => {
            folder.write(
                &format!("content/quotes/new-{step}.md"),
                format!(
                    "---\nspeaker: jane-doe\ndate: 2023-06-{:02}\ntext: New {step}.\nsource: daily\n---\n",
                    1 + dice.roll(30)
                ),
            );
            changed = BTreeSet::from([content.join(format!("quotes/new-{step}.md"))]);
            "a new quote".to_owned()
        }
        12 => {
            let settings = [
                "title: A dossier\ntheme: plain\n",
                "title: Another\ntheme: plain\nlevel: public\n",
                "title: A dossier\ntheme: plain\nlang: fr\nbase_url: https://example.org/\nsummary: About [[jane-doe]].\nkey_actors: [jane-doe, hidden]\n",
                "title: A dossier\ntheme: plain\npaginate: 10\n",
                "title: [\n",
                "title: A\ntheme: nowhere\n",
            ];
            folder.write("dossier.yaml", dice.pick(&settings));
            changed = BTreeSet::from([root.join("dossier.yaml")]);
            "other settings".to_owned()
        }
        13 if step.is_multiple_of(3) => {
            let (first, other) =
                (EDITION.as_str(), EDITION.replace("We did not", "We did").replace("\"first\"", "\"other\""));
            let files = [("first", first), ("first", "{}\n"), ("other", &other), ("other", first)];
            let (name, text) = dice.pick(&files);
            let path = format!("editions/{name}.jsonl");
            folder.write(&path, text);
            changed = BTreeSet::from([root.join(&path)]);
            format!("writing {path}")
        }
        13 => {
            let files = [
                ("static/style.css", "p { color: red }"),
                ("static/more.txt", "more"),
                (
                    "templates/page.html",
                    "{% extends \"base.html\" %}{% block main %}<h1>{{ free.title }}</h1>{% endblock %}",
                ),
                ("templates/page.html", "{% broken"),
                ("i18n/en.yaml", "home: Start\n"),
            ];
            let (path, text) = dice.pick(&files);
            folder.write(path, text);
            changed = BTreeSet::from([root.join(path)]);
            format!("writing {path}")
        }
        14 if step.is_multiple_of(2) => {
            let files = [
                ("themes/mine/theme.yaml", "name: mine\napi: \"1\"\nextends: plain\n"),
                ("themes/mine/theme.yaml", "nme: mine\n"),
                ("themes/mine/static/style.css", "p { color: blue }"),
                ("dossier.yaml", "title: A dossier\ntheme: mine\n"),
            ];
            let (path, text) = dice.pick(&files);
            folder.write(path, text);
            changed = BTreeSet::from([root.join(path)]);
            format!("writing {path}")
        }
        14 => {
            for own in ["static", "templates", "i18n"] {
                drop(fs::remove_dir_all(folder.path(own)));
                changed.insert(root.join(own));
            }
            "no own templates and files".to_owned()
        }
        15 if step.is_multiple_of(2) => {
            let link = content.join(format!("quotes/link-{step}.md"));
            let targets = ["one.md", "../quotes/six.md", "../../dossier.yaml", "../pages", ".hidden.md"];
            std::os::unix::fs::symlink(dice.pick(&targets), &link).unwrap();
            changed = BTreeSet::from([link]);
            "a link".to_owned()
        }
        15 => {
            let bytes = if step.is_multiple_of(10) { b"no picture".to_vec() } else { png(&format!("picture {step}")) };
            folder.write("content/events/gate.png", bytes);
            changed = BTreeSet::from([content.join("events/gate.png")]);
            "another picture".to_owned()
        }
        16 => {
            drop(fs::remove_file(content.join("events/gate.png")));
            changed = BTreeSet::from([content.join("events/gate.png")]);
            "no picture".to_owned()
        }
        _ => {
            let from = content.join("quotes");
            let to = content.join(format!("quotes/sub-{step}"));
            fs::create_dir_all(&to).unwrap();
            fs::rename(&file, to.join(file.file_name().unwrap())).unwrap();
            changed.insert(to);
            format!("moving {} below {}", file.display(), from.display())
        }
    };
    (what, changed)
}

/// What is kept of the dossier before all edits.
static EDITION: LazyLock<String> = LazyLock::new(|| {
    let dossier = RECORDS.iter().fold(Dossier::new(), |dossier, (path, text)| dossier.record(path, text));
    kept(&dossier.record("events/gate.png", png("picture")).site(), "first", "2025-05-11", None).0
});

/// Puts everything back, as a checkout does.
fn mend(folder: &Folder) -> (String, BTreeSet<PathBuf>) {
    let root = folder.path("").canonicalize().unwrap();
    for part in ["content", "static", "templates", "i18n", "themes", "editions"] {
        drop(fs::remove_dir_all(folder.path(part)));
    }
    for (path, text) in RECORDS {
        folder.write(&format!("content/{path}"), text);
    }
    folder.write("content/events/gate.png", png("picture"));
    folder.write("dossier.yaml", "title: A dossier\ntheme: plain\n");
    folder.write("editions/first.jsonl", &*EDITION);
    let parts = ["content", "static", "templates", "i18n", "themes", "editions", "dossier.yaml"];
    let changed = parts.map(|part| root.join(part));
    ("putting everything back".to_owned(), BTreeSet::from(changed))
}

fn walk(seed: u64, edits: usize, audience: Audience) {
    let folder = Folder::empty();
    mend(&folder);
    let mut dice = Dice(seed);
    let mut kept = Desk::new(&folder, audience);
    let mut seen = kept.look();
    let (mut sites, mut broken) = (0, 0);
    for step in 0..edits {
        // Most of what is to be seen is seen of a dossier without errors.
        let (what, changed) = if broken > 2 { mend(&folder) } else { edit(&folder, &mut dice, step) };
        let what = format!("seed {seed}, edit {step}: {what}");
        kept.refresh(&changed, &mut seen);
        let fresh = Desk::new(&folder, audience).look();
        assert_seen(&seen, &fresh, &what);
        broken = if fresh.0.is_some() { 0 } else { broken + 1 };
        sites += usize::from(fresh.0.is_some());
    }
    assert!(sites * 3 > edits, "seed {seed}: only {sites} of {edits} edits left a site to compare");
}

/// How many walks; `DOSSIER_WALKS` asks for more than the few of every day.
fn walks() -> u64 {
    std::env::var("DOSSIER_WALKS").ok().and_then(|walks| walks.parse().ok()).unwrap_or(6)
}

#[test]
fn after_random_edits_a_kept_dossier_is_what_a_fresh_look_gives_to_readers() {
    for seed in 0..walks() {
        walk(seed, 60, Audience::Readers);
    }
}

#[test]
fn after_random_edits_a_kept_dossier_is_what_a_fresh_look_gives_to_its_authors() {
    for seed in 1000..1000 + walks() {
        walk(seed, 60, Audience::Authors);
    }
}

/// Edits a dossier step by step and compares after each; a step writes files, or deletes those with no text.
#[track_caller]
fn steps(dossier: &Dossier, steps: &[&[(&str, &str)]]) {
    let folder = dossier.on_disk();
    let root = folder.path("").canonicalize().unwrap();
    let mut kept = Desk::new(&folder, Audience::Authors);
    let mut seen = kept.look();
    for (number, files) in steps.iter().enumerate() {
        for (path, text) in *files {
            if text.is_empty() { folder.remove(path) } else { folder.write(path, text) }
        }
        let changed = files.iter().map(|(path, _)| root.join(path)).collect();
        kept.refresh(&changed, &mut seen);
        assert_seen(&seen, &Desk::new(&folder, Audience::Authors).look(), &format!("step {number}"));
    }
}

const LINKING: &str = "---\ntitle: Linking\n---\nSee [[Jane Doe]], [[method#how]] and [[authority]].\n";

fn linking() -> Dossier {
    Dossier::small()
        .record("pages/linking.md", LINKING)
        .record("pages/method.md", "---\ntitle: Method\n---\n## How\n\nBy hand[^1].\n\n[^1]: Mostly.\n")
}

#[test]
fn a_link_by_name_follows_the_name() {
    let named = |name: &str| format!("---\nname: {name}\nkind: person\nprivacy: limited\n---\n");
    let (joan, jane) = (named("Joan Doe"), named("Jane Doe"));
    let path = "content/actors/jane-doe.md";
    steps(&linking(), &[&[(path, &joan)], &[(path, &jane)], &[("content/actors/second.md", &jane)]]);
}

#[test]
fn a_link_to_a_heading_follows_the_heading() {
    let path = "content/pages/method.md";
    let plain = "---\ntitle: Method\n---\n## How\n\nBy hand.\n";
    steps(&linking().record("pages/method.md", plain), &[&[(path, &plain.replace("How", "Why"))], &[(path, plain)]]);
    let other = "---\ntitle: Method\n---\n## Why\n\nBy hand.\n";
    let note = "content/pages/linking.md";
    steps(
        &linking(),
        &[
            &[(path, other)],
            &[(path, "---\ntitle: Method\n---\n## How\n\nBy hand[^1].\n\n[^1]: Mostly.\n")],
            &[(note, "---\ntitle: Linking\n---\n[[method#fn-1]]\n")],
            &[(path, "---\ntitle: Method\n---\n## How\n\nBy hand.\n")],
        ],
    );
}

#[test]
fn a_name_follows_those_who_are_protected() {
    let person = |fields: &str| format!("---\nname: Zelda Quux\nkind: person\n{fields}---\n");
    let (path, other) = ("content/actors/zelda-quux.md", "content/actors/other.md");
    let dossier = linking()
        .record("actors/zelda-quux.md", person("privacy: limited\n"))
        .record("pages/names.md", "---\ntitle: Zelda Quux\n---\n## Of Zelda Quux\n\nWanda *Xu* and Zelda Quux.\n")
        .record("pages/more.md", "---\ntitle: More\n---\n[[names#of-zelda-quux]]\n");
    steps(
        &dossier,
        &[
            &[(path, &person("privacy: victim\n"))],
            &[(path, &person("privacy: victim\nnames: Wanda Xu\n"))],
            &[(path, &person("privacy: victim\nnames: Wanda Xu\ndisplay: role-only\nrole: a neighbour\n"))],
            &[(other, "---\nname: Wanda Xu\nkind: person\nprivacy: limited\n---\n")],
            &[(other, "---\nname: Wanda Xu\nkind: person\nprivacy: limited\nnot_same_as: zelda-quux\n---\n")],
            &[(other, "")],
            &[(path, &person("privacy: victim\nvisibility: sealed\n"))],
            &[(path, "")],
        ],
    );
}

#[test]
fn backlinks_follow_the_text() {
    let path = "content/pages/linking.md";
    let fewer = LINKING.replace(" and [[authority]]", "");
    let more = LINKING.replace("[[authority]]", "[[authority]] and [[gate-opened|the gate]], [[authority]] again");
    steps(&linking(), &[&[(path, &fewer)], &[(path, LINKING)], &[(path, &more)], &[(path, "")]]);
}

#[test]
fn a_finding_that_points_to_another_record_follows_it() {
    let wrong = "---\ntitle: E\ndate: 2023-06-21\nactors: daily\nsource: daily\n---\n";
    let moved = "---\n# A comment above the title.\ntitle: Keeper denies\nkind: article\npublished: 2023-06-22\n---\n";
    steps(&linking(), &[&[("content/events/e.md", wrong)], &[("content/sources/daily.md", moved)]]);
    let twice = "---\nid: daily\ntitle: Again\n---\n";
    steps(&linking(), &[&[("content/sources/other.md", twice)], &[("content/sources/daily.md", moved)]]);
}

#[test]
fn pictures_keep_their_places_when_others_come_and_go() {
    let page = |picture: &str| format!("---\ntitle: P\n---\n![p]({picture})\n");
    let (a, b, c) = (page("a.gif"), page("b.gif"), page("c.gif"));
    let dossier = linking().record("pages/one.md", &b).record("pages/b.gif", "b").record("pages/c.gif", "c");
    let (one, two) = ("content/pages/one.md", "content/pages/two.md");
    steps(
        &dossier,
        &[
            &[("content/pages/a.gif", "a")],
            &[(two, &a)],
            &[(two, &c)],
            &[("content/pages/a.gif", "")],
            &[(one, &c)],
            &[("content/pages/b.gif", ""), ("content/pages/d.gif", "d")],
        ],
    );
}

#[test]
fn what_a_plan_depends_on_changes_it() {
    let quote = |more: &str| {
        format!(
            "---\nspeaker: jane-doe\ndate: 2023-06-21\ntext: We did not open the gate before six.\nabout: gate-opened\nevent: gate-opened\nto: authority\nsource: {{source: daily, locator: p. 3}}\n{more}---\n"
        )
    };
    let path = "content/quotes/not-before-six.md";
    let variants = [
        "",
        "tags: gates\n",
        "tags: [gates, more]\n",
        "aliases: was\n",
        "attribution: denied\n",
        "status: disputed\n",
        "visibility: unlisted\n",
        "visibility: internal\n",
        "draft: true\n",
        "corrections: {on: 2024-01-01, why: w}\n",
        "corrections: {on: 2024-01-02, why: w}\n",
        "title: Titled\n",
    ];
    let mut texts: Vec<String> = variants.iter().map(|more| quote(more)).collect();
    texts.push(quote("").replace("2023-06-21", "2023-06"));
    texts.push(quote("").replace("speaker: jane-doe", "speaker: authority"));
    texts.push(quote("").replace("about: gate-opened", "about: [authority, harbour]"));
    texts.push(quote("") + "```\ncode\n```\n");
    let edits: Vec<[(&str, &str); 1]> = texts.iter().map(|text| [(path, text.as_str())]).collect();
    let edits: Vec<&[(&str, &str)]> = edits.iter().map(<[_; 1]>::as_slice).collect();
    steps(&linking(), &edits);
}

#[test]
fn what_the_level_withholds_comes_back_with_the_level() {
    let dossier = linking().record("actors/unclear.md", "---\nname: Unclear\nkind: person\n---\n");
    let level = |level: &str| format!("title: A dossier\ntheme: plain\nlevel: {level}\n");
    let (public, internal) = (level("public"), level("internal"));
    let change = |settings: &[&str]| {
        let edits: Vec<[(&str, &str); 1]> =
            settings[1..].iter().map(|settings| [("dossier.yaml", *settings)]).collect();
        let edits: Vec<&[(&str, &str)]> = edits.iter().map(<[_; 1]>::as_slice).collect();
        steps(&dossier.clone().settings(settings[0]), &edits);
    };
    change(&[&public, &internal, &public]);
    change(&[&internal, &public, &internal]);
}

#[test]
fn touching_a_file_makes_no_difference() {
    let folder = Dossier::small().on_disk();
    let mut workspace = open(&folder.path("dossier.yaml"));
    let file = folder.path("content/quotes/not-before-six.md").canonicalize().unwrap();
    let text = fs::read(&file).unwrap();
    fs::write(&file, &text).unwrap();
    assert_eq!(workspace.refresh(&BTreeSet::from([file.clone()])).unwrap(), Changes::default());
    assert_eq!(workspace.refresh(&BTreeSet::new()).unwrap(), Changes::default());
    fs::write(&file, [&text[..], b"More.\n"].concat()).unwrap();
    assert!(workspace.refresh(&BTreeSet::from([file])).unwrap().records);
}

#[test]
fn a_file_seen_through_a_link_is_read_again_with_what_it_leads_to() {
    let folder = Dossier::small().record("pages/real.md", "---\ntitle: One\n---\n").on_disk();
    std::os::unix::fs::symlink("real.md", folder.path("content/pages/same.md")).unwrap();
    let mut kept = Desk::new(&folder, Audience::Readers);
    let mut seen = kept.look();
    let real = folder.path("content/pages/real.md").canonicalize().unwrap();
    fs::write(&real, "---\ntitle: Other\n---\n").unwrap();
    kept.refresh(&BTreeSet::from([real]), &mut seen);
    assert_seen(&seen, &Desk::new(&folder, Audience::Readers).look(), "an edit behind a link");
    assert!(String::from_utf8(seen.0.unwrap()["same.html"].clone()).unwrap().contains("Other"));
}

#[test]
fn the_first_link_the_first_unreadable_name_and_what_is_hidden() {
    use std::os::unix::ffi::OsStrExt;
    let folder = Dossier::small().record("pages/.draft.md", "---\ntitle: One\n---\n").on_disk();
    let content = folder.path("content").canonicalize().unwrap();
    let mut kept = Desk::new(&folder, Audience::Readers);
    let mut seen = kept.look();
    let mut check = |changed: PathBuf, what: &str| {
        kept.refresh(&BTreeSet::from([changed]), &mut seen);
        assert_seen(&seen, &Desk::new(&folder, Audience::Readers).look(), what);
    };
    let link = |target: &str, path: &Path| std::os::unix::fs::symlink(target, path).unwrap();
    // Editors lock a file by a hidden link that leads nowhere.
    let lock = content.join("pages/.#methodology.md");
    link("somebody@somewhere.1234", &lock);
    check(content.join("pages"), "a lock");
    let shown = content.join("pages/shown.md");
    link(".draft.md", &shown);
    check(shown, "the first link");
    let hidden = content.join("pages/.draft.md");
    fs::write(&hidden, "---\ntitle: Other\n---\n").unwrap();
    check(hidden, "an edit behind a link to what is hidden");
    let strange = content.join(std::ffi::OsStr::from_bytes(b"pages/\xff.md"));
    fs::write(&strange, "---\ntitle: X\n---\n").unwrap();
    check(strange, "a name that is not UTF-8");
}

#[test]
fn a_folder_of_records_that_is_a_link_follows_it() {
    let folder = Dossier::small().on_disk();
    fs::rename(folder.path("content"), folder.path("v1")).unwrap();
    folder.write("v2/pages/other.md", "---\ntitle: Other\n---\n");
    let link = folder.path("").canonicalize().unwrap().join("content");
    std::os::unix::fs::symlink("v1", &link).unwrap();
    let mut kept = Desk::new(&folder, Audience::Readers);
    let mut seen = kept.look();
    fs::remove_file(&link).unwrap();
    std::os::unix::fs::symlink("v2", &link).unwrap();
    kept.refresh(&BTreeSet::from([link]), &mut seen);
    assert_seen(&seen, &Desk::new(&folder, Audience::Readers).look(), "another folder behind the link");
}

#[test]
fn a_broken_file_that_comes_to_differ_only_in_case_is_found() {
    let broken = "---\nid: x\n---\n";
    let dossier = Dossier::small().record("pages/b.md", broken);
    steps(&dossier, &[&[("content/pages/b.md", ""), ("content/pages/Methodology.md", broken)]]);
}

#[test]
fn a_folder_of_records_that_goes_is_a_failure_and_comes_back() {
    let folder = Dossier::small().on_disk();
    let mut kept = Desk::new(&folder, Audience::Readers);
    let before = kept.look();
    let content = folder.path("content").canonicalize().unwrap();
    fs::rename(&content, folder.path("away")).unwrap();
    let gone = kept.workspace.refresh(&BTreeSet::from([content.clone()])).unwrap_err();
    assert!(gone.to_string().starts_with("there are no records here: the folder `"), "{gone}");
    // Under another name, which the settings then say.
    fs::rename(folder.path("away"), folder.path("records")).unwrap();
    let settings = fs::read_to_string(folder.path("dossier.yaml")).unwrap();
    folder.write("dossier.yaml", format!("{settings}content: records\n"));
    let config = folder.path("dossier.yaml").canonicalize().unwrap();
    kept.workspace.refresh(&BTreeSet::from([config.clone()])).unwrap();
    assert_seen(&kept.look(), &before, "another name");
    fs::rename(folder.path("records"), &content).unwrap();
    folder.write("dossier.yaml", settings);
    kept.workspace.refresh(&BTreeSet::from([config, content])).unwrap();
    assert_seen(&kept.look(), &before, "coming back");
}

#[test]
fn what_leads_to_somebody_follows_the_person_the_words_and_the_source() {
    let person = |more: &str| format!("---\nname: Zelda Quux\nkind: person\n{more}---\n");
    let (shown, hidden) = (person("privacy: limited\n"), person("privacy: victim\n"));
    let by_role = person("privacy: victim\ndisplay: role-only\nrole: Keeper\nroles: {title: Keeper, at: authority}\n");
    let renamed = hidden.replace("Zelda", "Tilda");
    let quote = |mode: &str| {
        format!("---\nspeaker: w\ndate: 2024-05-05\nplace: harbour\ntext: No.\nsource: paper\nmode: {mode}\n---\n")
    };
    let source = |more: &str| format!("---\ntitle: P\nauthors: [Zelda Quux]\n{more}---\n");
    let other = "---\nname: Other\nkind: person\nprivacy: limited\nroles: {title: Keeper, at: authority}\nrelations: {kind: sister, to: w}\n---\n";
    let place = |more: &str| format!("---\nname: East Harbour\ncountry: NL\n{more}---\n");
    let dossier = linking()
        .record("actors/w.md", &shown)
        .record("quotes/zelda-quux-says.md", quote("direct"))
        .record("sources/paper.md", source("url: https://example.org\n"));
    let (w, said, paper) = ("content/actors/w.md", "content/quotes/zelda-quux-says.md", "content/sources/paper.md");
    steps(
        &dossier,
        &[
            &[(w, &hidden)],
            &[(paper, &source(""))],
            &[(paper, &source("url: https://example.org\n")), (said, &quote("paraphrase"))],
            &[("content/places/harbour.md", &place("precision: building\n"))],
            &[(w, &by_role)],
            &[("content/actors/other.md", other)],
            &[(w, &renamed)],
            &[("content/pages/tagged.md", "---\ntitle: T\ntags: Tilda Quux\n---\n")],
            &[("content/places/harbour.md", &place("")), (said, &quote("direct"))],
            &[(w, &shown)],
        ],
    );
}
