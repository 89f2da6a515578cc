//! Noninterference: whatever is withheld could be anything else, or not be there at all, and readers would get the same bytes.
//!
//! Dossiers are made at random from what authors can write. Each is told several times: with some private values, with others in
//! their place, with an overlay and without it, and as readers may know it, with nothing private in it.

use std::collections::{BTreeMap, BTreeSet};

use dossier::leak::Stage;
use dossier::plan::Route;
use proptest::prelude::*;

use crate::html::{main_of, text};
use crate::input::{Dossier, Files, assert_same, lines, png, render};

/// Which private values a dossier is told with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Telling {
    /// Some.
    First,
    /// Others: other names, dates, words, files, ids and places.
    Other,
    /// None. What is private was never written, and what readers find in its place is written there.
    Nothing,
}

/// What stands in each private word, number of a year, and address of the first telling, and in nothing that is public.
const FIRST: [&str; 2] = ["qxv", "1811"];

/// The same of the other telling.
const OTHER: [&str; 2] = ["jzw", "1866"];

/// Why readers do not see a record, or how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Shown,
    Unlisted,
    Draft,
    Embargoed,
    Internal,
    Sealed,
    /// Withdrawn, with a page that says so.
    Withdrawn,
    WithdrawnSilently,
    /// In an overlay.
    Outside,
    /// A person of whom readers see at most a display text, by number of the way in which.
    Protected(usize),
    /// The same of somebody who is a draft as well.
    ProtectedDraft,
    /// A person who was taken down.
    Anonymised,
}

const FATES: [Fate; 18] = [
    Fate::Shown,
    Fate::Shown,
    Fate::Shown,
    Fate::Unlisted,
    Fate::Draft,
    Fate::Embargoed,
    Fate::Internal,
    Fate::Sealed,
    Fate::Withdrawn,
    Fate::WithdrawnSilently,
    Fate::Outside,
    Fate::Protected(0),
    Fate::Protected(1),
    Fate::Protected(2),
    Fate::Protected(3),
    Fate::Protected(4),
    Fate::ProtectedDraft,
    Fate::Anonymised,
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Actor,
    Event,
    Quote,
    Source,
    Place,
    Page,
}

const KINDS: [Kind; 8] =
    [Kind::Actor, Kind::Actor, Kind::Event, Kind::Quote, Kind::Quote, Kind::Source, Kind::Place, Kind::Page];

/// A record before anything is written: its kind, its fate, and what is in it, each with the number of a record that it is about.
#[derive(Clone, Debug)]
struct Outline {
    kind: Kind,
    fate: Fate,
    parts: Vec<(usize, usize)>,
}

/// A dossier before anything is written.
#[derive(Clone, Debug)]
struct Shape {
    is_default: bool,
    is_public: bool,
    records: Vec<Outline>,
    /// What the settings name and say.
    settings: Vec<(usize, usize)>,
}

fn shapes() -> impl Strategy<Value = Shape> {
    let parts = || proptest::collection::vec((0..PARTS, 0..64_usize), 0..9);
    let record = (proptest::sample::select(&KINDS[..]), proptest::sample::select(&FATES[..]), parts());
    let record = record.prop_map(|(kind, fate, parts)| {
        let is_of_person = matches!(fate, Fate::Protected(_) | Fate::ProtectedDraft | Fate::Anonymised);
        Outline { kind: if is_of_person { Kind::Actor } else { kind }, fate, parts }
    });
    (
        proptest::collection::vec(record, 1..12),
        any::<(bool, bool)>(),
        proptest::collection::vec((0..14_usize, 0..64_usize), 0..4),
    )
        .prop_map(|(records, (is_default, is_public), settings)| Shape {
            is_default,
            is_public,
            records,
            settings,
        })
}

/// The files that each dossier has.
const BASE: [&str; 7] = ["keeper.md", "office.md", "opening.md", "paper.md", "harbour.md", "tower.md", "method.md"];

/// How many kinds of parts there are.
const PARTS: usize = 44;

/// What a record is known by.
#[derive(Clone, Debug)]
struct Known {
    id: String,
    name: String,
    /// The path of its file below the folder of records, without what ends it.
    path: String,
    /// Another name, of an actor.
    other: String,
}

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }
}

/// A dossier in the writing.
struct Writer<'a> {
    shape: &'a Shape,
    telling: Telling,
    known: Vec<Known>,
    dice: Dice,
    /// How many words were made up.
    said: usize,
}

impl Fate {
    /// Whether readers see the record.
    fn is_seen(self) -> bool {
        matches!(self, Fate::Shown | Fate::Unlisted)
    }

    /// Whether nothing of the record stands anywhere.
    fn is_hidden(self) -> bool {
        !self.is_seen() && !self.is_protected()
    }

    /// Whether bare names are replaced.
    fn is_protected(self) -> bool {
        matches!(self, Fate::Protected(_) | Fate::ProtectedDraft | Fate::Anonymised)
    }

    /// The front matter that says so. Nothing of it may differ between tellings, but for the day of an embargo.
    fn lines(self, telling: Telling) -> String {
        let years = if telling == Telling::Other { 2048 } else { 2031 };
        match self {
            Fate::Shown | Fate::Outside => String::new(),
            Fate::Unlisted => "visibility: unlisted\n".to_owned(),
            Fate::Draft => "draft: true\n".to_owned(),
            Fate::Embargoed => format!("publish_at: {years}-01-01\n"),
            Fate::Internal => "visibility: internal\n".to_owned(),
            Fate::Sealed => "visibility: sealed\n".to_owned(),
            Fate::Withdrawn => "takedown: {as: withdraw, on: 2025-02-02, reason: legal}\n".to_owned(),
            Fate::WithdrawnSilently => {
                "takedown: {as: withdraw, on: 2025-02-02, reason: legal, silent: true}\n".to_owned()
            }
            Fate::Protected(0) => "privacy: victim\n".to_owned(),
            Fate::Protected(1) => "privacy: private\ndisplay: role-only\nrole: a neighbour\n".to_owned(),
            Fate::Protected(2) => "privacy: protected-source\ndisplay: pseudonym\npseudonym: Aurora\n".to_owned(),
            Fate::Protected(3) => "privacy: minor\ndisplay: initials\n".to_owned(),
            Fate::Protected(_) => "privacy: public-figure\ndisplay: omit\n".to_owned(),
            Fate::ProtectedDraft => "privacy: victim\ndisplay: role-only\nrole: a passer-by\ndraft: true\n".to_owned(),
            Fate::Anonymised => {
                "privacy: private\ndisplay: role-only\nrole: a bystander\ntakedown: {as: anonymise, on: 2025-02-02, reason: safety}\n"
                    .to_owned()
            }
        }
    }
}

impl Kind {
    fn folder(self) -> &'static str {
        match self {
            Kind::Actor => "actors",
            Kind::Event => "events",
            Kind::Quote => "quotes",
            Kind::Source => "sources",
            Kind::Place => "places",
            Kind::Page => "pages",
        }
    }
}

/// The front matter of a record, its prose, and the files beside it.
#[derive(Default)]
struct Draft {
    single: BTreeMap<&'static str, String>,
    claimed: BTreeSet<&'static str>,
    lists: BTreeMap<&'static str, Vec<String>>,
    body: String,
    files: Vec<(String, Vec<u8>)>,
}

impl Draft {
    /// Says something once; what was said first stays.
    fn set(&mut self, key: &'static str, value: impl Into<String>) {
        self.claim(key, Some(value.into()));
    }

    /// The same of what may be nothing, in the place of which there is nothing then.
    fn claim(&mut self, key: &'static str, value: Option<String>) {
        if self.claimed.insert(key) {
            self.single.extend(value.map(|value| (key, value)));
        }
    }

    fn add(&mut self, key: &'static str, value: impl Into<String>) {
        let (list, value) = (self.lists.entry(key).or_default(), value.into());
        if !list.contains(&value) {
            list.push(value);
        }
    }

    fn written(&self, head: &str) -> String {
        let single = self.single.iter().map(|(key, value)| format!("{key}: {value}\n"));
        let lists = self.lists.iter().map(|(key, values)| format!("{key}: [{}]\n", values.join(", ")));
        format!("---\n{}{head}---\n{}", single.chain(lists).collect::<String>(), self.body)
    }
}

impl Writer<'_> {
    fn new(shape: &Shape, telling: Telling) -> Writer<'_> {
        let seed = if telling == Telling::Other { 7_919 } else { 17 };
        let mut writer = Writer { shape, telling, known: Vec::new(), dice: Dice(seed), said: 0 };
        writer.known = (0..).zip(&shape.records).map(|(number, record)| writer.known(number, record)).collect();
        writer
    }

    /// A word of any length that stands in nothing public, and nowhere else.
    fn word(&mut self) -> String {
        self.said += 1;
        let marker: String = if self.telling == Telling::Other { "jzw" } else { "qxv" }.to_owned();
        let letter = |at: usize| char::from(b'a' + (self.said / at % 20) as u8);
        let marker: String = marker.chars().chain([400, 20, 1].map(letter)).collect();
        let more = ["a", "otu", "ibelo", "umanira", "ekodorapi", "ysu"];
        let count = 1 + self.dice.roll(3);
        (0..count).fold(marker, |word, _| word + more[self.dice.roll(more.len())])
    }

    fn capital(&mut self) -> String {
        let word = self.word();
        word[..1].to_uppercase() + &word[1..]
    }

    fn words(&mut self) -> String {
        let count = 1 + self.dice.roll(9);
        (0..count).map(|_| self.word()).collect::<Vec<_>>().join(" ")
    }

    fn day(&mut self) -> String {
        let year = if self.telling == Telling::Other { 1866 } else { 1811 };
        format!("{year}-{:02}-{:02}", 1 + self.dice.roll(12), 1 + self.dice.roll(28))
    }

    fn known(&mut self, number: usize, record: &Outline) -> Known {
        let folder = record.kind.folder();
        if record.fate.is_seen() {
            let id = format!("shown-{number}");
            let path = format!("{folder}/{id}");
            return Known { id, name: format!("Shown {number}"), path, other: format!("Seen {number}") };
        }
        // Only the first letters of some are shown.
        let start = |word: String| if record.fate == Fate::Protected(3) { format!("A{word}") } else { word };
        let name = match self.dice.roll(3) {
            _ if record.fate == Fate::Protected(3) => format!("{} {}", start(self.word()), start(self.word())),
            0 => self.capital(),
            1 => format!("{} {}", self.capital(), self.capital()),
            _ => format!("{} {} {}", self.capital(), self.capital(), self.capital()),
        };
        let id = match record.fate {
            // Where a page says that something was taken down, its address stays.
            Fate::Withdrawn | Fate::Anonymised => format!("gone-{number}"),
            _ if self.dice.roll(2) == 0 => name.to_lowercase().replace(' ', "-"),
            _ => format!("{}-{number}", self.word()),
        };
        let path = match self.dice.roll(3) {
            0 => format!("{folder}/{}-{number}", self.word()),
            _ => format!("{folder}/{id}"),
        };
        let other = format!("{} {}", self.capital(), self.capital());
        Known { id, name, path, other }
    }

    /// A record of one of some kinds; `None` where readers could not be told of it, or nothing may be.
    fn target(&self, kinds: &[Kind], at: usize, before: usize) -> Option<usize> {
        let all: Vec<usize> = (0..before.min(self.shape.records.len()))
            .filter(|number| kinds.contains(&self.shape.records[*number].kind))
            .filter(|number| self.shape.records[*number].fate != Fate::Outside)
            .collect();
        let number = *all.get(at % all.len().max(1))?;
        let is_said = self.telling != Telling::Nothing || !self.shape.records[number].fate.is_hidden();
        is_said.then_some(number)
    }

    fn id(&self, kinds: &[Kind], at: usize, before: usize) -> Option<String> {
        self.target(kinds, at, before).map(|number| self.known[number].id.clone())
    }

    /// A value that readers do not see; `None` where it was never written.
    fn private(&self, value: &str) -> Option<String> {
        (self.telling != Telling::Nothing).then(|| format!("{{value: {value}, visibility: internal}}"))
    }

    /// A value in place of which readers see another.
    fn instead(&self, value: &str, public: &str) -> String {
        match self.telling {
            Telling::Nothing => public.to_owned(),
            Telling::First | Telling::Other => format!("{{value: {value}, visibility: sealed, public: {public}}}"),
        }
    }

    /// One of two that readers see: to which a private value refers is private too.
    fn one_of(&self, first: &'static str, other: &'static str) -> &'static str {
        if self.telling == Telling::Other { other } else { first }
    }

    /// A piece of prose about a record; as it stands in the words of others, where changes are bracketed.
    fn piece(&self, sort: usize, at: usize, is_quoted: bool) -> String {
        let all = self.shape.records.len();
        let kinds = [Kind::Actor, Kind::Event, Kind::Quote, Kind::Source, Kind::Place, Kind::Page];
        let Some(number) = (0..all).cycle().skip(at).take(all).find(|at| self.shape.records[*at].fate != Fate::Outside)
        else {
            return "Nobody.".to_owned();
        };
        let (record, known) = (&self.shape.records[number], &self.known[number]);
        debug_assert!(kinds.contains(&record.kind));
        let is_gone = self.telling == Telling::Nothing && record.fate.is_hidden();
        let left_out = if is_quoted { "[...]" } else { "…" };
        let has_name = record.kind != Kind::Quote;
        match sort % 10 {
            0 if is_gone => format!("So was {left_out} here."),
            0 => format!("So was [[{}]] here.", known.id),
            1 if is_gone => "So was *somebody else* here.".to_owned(),
            1 => format!("So was [[{}|*somebody else*]] here.", known.id),
            2 if is_gone && has_name => format!("As with {left_out}, before noon."),
            2 if has_name => format!("As with [[{}]], before noon.", known.name),
            3 if is_gone => "See that one.".to_owned(),
            3 => format!("See [that one](../{}.md).", known.path),
            // Where no link is: the names of whoever is protected.
            4..=6 if record.fate.is_protected() => {
                let name = [&known.name, &known.other, &known.id][sort % 3];
                let name = if name.contains(['-', ' ']) { name.as_str() } else { &known.name };
                match sort % 10 {
                    4 => format!("In bare words {name} left, and {} came.", name.to_uppercase()),
                    5 => format!(
                        "They say *{}* was with [the keeper, {name}](https://example.org/a).",
                        name.replace(' ', "* _") + if name.contains(' ') { "_" } else { "" }
                    )
                    .replace("_* ", "_ "),
                    _ => format!("{name}’s house[^1].\n\n[^1]: {name} is meant."),
                }
            }
            7 if is_quoted => "Nothing.".to_owned(),
            7 if is_gone => "| a | b |\n|---|---|\n| … | x |\n".to_owned(),
            7 => format!("| a | b |\n|---|---|\n| [[{}]] | x |\n", known.id),
            _ => "Nothing of note.".to_owned(),
        }
    }

    /// The same in a record. A withheld one says it in sentences of its own, or they would be found where others say them.
    fn own_piece(&mut self, outline: &Outline, sort: usize, at: usize, is_quoted: bool) -> String {
        let piece = self.piece(sort, at, is_quoted);
        if outline.fate.is_seen() { piece } else { format!("{} {piece}", self.word()) }
    }

    /// Prose of a withheld record, which refers to whatever there is.
    fn private_prose(&mut self, at: usize) -> String {
        let words = self.words();
        format!("{words} {} {words}. [[keeper]] and [[harbour|{}]].", self.piece(at, at / 7, false), self.word())
    }

    fn dossier(&mut self, has_overlay: bool) -> Dossier {
        let theme = if self.shape.is_default { "default" } else { "plain" };
        let level = if self.shape.is_public { "public" } else { "internal" };
        let mut dossier = Dossier::new()
            .record(
                "actors/keeper.md",
                "---\nname: The Keeper\nkind: person\nprivacy: public-figure\nsource: paper\n---\n",
            )
            .record("actors/office.md", "---\nname: The Office\nkind: organisation\nsource: paper\n---\n")
            .record(
                "events/opening.md",
                "---\ntitle: The opening\ndate: 2023-06-20\nsource: paper\nactors: keeper\n---\n",
            )
            .record("sources/paper.md", "---\ntitle: The paper\nkind: article\npublished: 2024-06-22\n---\n")
            .record("places/harbour.md", "---\nname: The Harbour\ncountry: NL\n---\n")
            .record("places/tower.md", "---\nname: The Tower\ncountry: NL\n---\n")
            .record("pages/method.md", "---\ntitle: Method\n---\n## How\n\nBy hand.\n");
        let mut settings = Draft::default();
        settings.set("title", "A dossier");
        settings.set("theme", theme);
        settings.set("level", level);
        settings.set("base_url", "https://example.org");
        settings.set("allow", "[impossible-order]");
        let all = self.shape.records.len();
        for (sort, at) in self.shape.settings.clone() {
            match sort {
                0..=2 => self.id(&[Kind::Actor], at, all).into_iter().for_each(|id| settings.add("key_actors", id)),
                3..=5 => self.id(&[Kind::Event], at, all).into_iter().for_each(|id| settings.add("key_events", id)),
                _ => {
                    let piece = self.piece([0, 1, 2, 4, 5, 0, 1, 2][sort - 6], at, false);
                    settings.set("summary", format!("{piece:?}"));
                }
            }
        }
        dossier = dossier.settings(settings.written("").trim_matches(['-', '\n']));
        for number in 0..all {
            let outline = self.shape.records[number].clone();
            let is_kept = outline.fate.is_seen() || outline.fate.is_protected() || outline.fate == Fate::Withdrawn;
            let path = self.known[number].path.clone();
            // What the dice show does not depend on what is told with the overlay.
            let draft = self.draft(number, &outline);
            let addition = self.addition(number, &outline);
            if self.telling == Telling::Nothing && !is_kept {
                continue;
            }
            let text = draft.written(&outline.fate.lines(self.telling));
            if outline.fate == Fate::Outside {
                if has_overlay {
                    dossier = dossier.sealed(&format!("{path}.md"), text);
                }
                continue;
            }
            dossier = dossier.record(&format!("{path}.md"), text);
            for (file, bytes) in draft.files {
                dossier = dossier.record(&file, bytes);
            }
            if has_overlay && let Some(addition) = addition {
                let folder = outline.kind.folder();
                dossier = dossier.sealed(&format!("{folder}/{}.md", self.known[number].id), addition);
            }
        }
        dossier
    }

    /// A record as it is written.
    fn draft(&mut self, number: usize, outline: &Outline) -> Draft {
        let mut draft = Draft::default();
        let known = self.known[number].clone();
        let is_seen = outline.fate.is_seen();
        let name = format!("{:?}", known.name);
        let date = if is_seen { format!("2023-06-{:02}", 1 + number) } else { self.day() };
        if !known.path.ends_with(&known.id) {
            draft.set("id", known.id.as_str());
        }
        match outline.kind {
            Kind::Actor => {
                draft.set("kind", if is_seen && number.is_multiple_of(2) { "organisation" } else { "person" });
                if !outline.fate.is_protected() {
                    draft.set("privacy", "limited");
                }
            }
            Kind::Source => draft.set("kind", "article"),
            Kind::Event | Kind::Quote | Kind::Place | Kind::Page => {}
        }
        // What hides the name of a record hides it in the place of all that says it, so parts come before what must be there.
        for (sort, at) in &outline.parts {
            self.part(&mut draft, number, outline, *sort, *at);
        }
        match outline.kind {
            Kind::Actor | Kind::Place => draft.set("name", name),
            Kind::Event | Kind::Source | Kind::Page => draft.set("title", name),
            Kind::Quote => {}
        }
        match outline.kind {
            Kind::Event => draft.set("date", date),
            Kind::Quote => {
                draft.set("date", date);
                draft.set("speaker", "keeper");
                let words = if is_seen { format!("Words of {number}.") } else { self.words() };
                draft.set("text", words);
            }
            Kind::Source => draft.set("published", if is_seen { "2024-06-22".to_owned() } else { date }),
            Kind::Actor | Kind::Place | Kind::Page => {}
        }
        draft.add("sources", "paper");
        // Under what is shown of a person, other names are as private as the name.
        if outline.kind == Kind::Actor {
            draft.add("names", format!("{:?}", known.other));
        }
        if !is_seen && self.telling != Telling::Nothing {
            draft.add("tags", self.word());
            let summary = self.words();
            draft.set("summary", summary);
            let prose = self.private_prose(number * 5);
            draft.body.push_str(&prose);
        }
        draft
    }

    /// One thing that a record says, in a way that its kind has.
    fn part(&mut self, draft: &mut Draft, number: usize, outline: &Outline, sort: usize, at: usize) {
        use Kind::{Actor, Event, Place, Quote, Source};
        let (all, kind, is_seen) = (self.shape.records.len(), outline.kind, outline.fate.is_seen());
        // What is private of a withheld record is all of it, and was never written.
        if self.telling == Telling::Nothing && !is_seen {
            return;
        }
        // An overlay holds records alone, and no files beside them.
        if outline.fate == Fate::Outside && matches!(sort, 28 | 40) {
            return;
        }
        let name_key = if matches!(kind, Actor | Place) { "name" } else { "title" };
        match (sort, kind) {
            // Prose.
            (0..=8, _) => {
                let piece = self.own_piece(outline, sort, at, false);
                // A note is defined once.
                if !(piece.contains("[^1]") && draft.body.contains("[^1]")) {
                    draft.body.push_str(&format!("\n{piece}\n"));
                }
            }
            (9, Quote) => {
                let piece = self.own_piece(outline, at, at / 3, true).replace("[^1]", "").replace("\n\n: ", " ");
                let text = if at.is_multiple_of(2) { format!("{piece:?}") } else { format!("[They said, {piece:?}]") };
                draft.set("text", text);
            }
            (10, Quote) => {
                let piece = self.own_piece(outline, at, at / 3, false);
                draft.set("context_before", format!("{piece:?}"));
            }
            (11, Event) => {
                let piece = self.own_piece(outline, at, at / 3, false);
                draft.add("updates", format!("{{date: 2024-06-22, text: {piece:?}}}"));
            }
            // What readers see refers to whatever there is.
            (12, Actor) => {
                let to = self.id(&[Actor], at, number);
                to.into_iter().for_each(|id| draft.add("relations", format!("{{kind: knows, to: {id}}}")));
            }
            (13, Actor) => {
                let to = self.target(&[Actor], at, number);
                let to = to.filter(|to| self.telling != Telling::Nothing || self.shape.records[*to].fate.is_seen());
                let place = to.map(|to| format!(", at: {}", self.known[to].id)).unwrap_or_default();
                let count = draft.lists.get("roles").map_or(0, Vec::len);
                draft.add("roles", format!("{{title: Aide {count}{place}}}"));
            }
            (14, Actor) => {
                let to = self.id(&[Actor], at, number);
                to.into_iter().for_each(|id| draft.add("not_same_as", id));
            }
            (12 | 13, Event) => {
                let to = self.id(&[Actor], at, all);
                to.into_iter().for_each(|id| draft.add("actors", format!("{{actor: {id}, role: witness}}")));
            }
            (14, Event) => {
                let to = self.id(&[Event], at, number);
                to.into_iter().for_each(|id| draft.add("follows", id));
            }
            (15, Event) => {
                let to = self.id(&[Event], at, number);
                draft.claim("part_of", to);
            }
            (16, Event | Quote) => {
                let to = self.id(&[Place], at, all);
                draft.claim("place", to);
            }
            (12, Quote) => {
                let to = self.id(&[Actor], at, all);
                draft.set("speaker", to.unwrap_or_else(|| "withheld".to_owned()));
            }
            (13, Quote) => {
                let to = self.id(&[Actor], at, all);
                to.into_iter().for_each(|id| draft.add("to", id));
            }
            (14, Quote) => {
                let to = self.id(&[Actor, Event, Place], at, all);
                to.into_iter().for_each(|id| draft.add("about", id));
            }
            (15, Quote) => {
                let to = self.id(&[Event], at, all);
                draft.claim("event", to);
            }
            (17, Quote) => {
                let to = self.id(&[Quote], at, number);
                draft.claim("in_reply_to", to);
            }
            (18, Quote) => {
                let to = self.id(&[Actor], at, all);
                to.into_iter().for_each(|id| draft.add("via", id));
            }
            (12, Source) => {
                let to = self.id(&[Source], at, number);
                draft.claim("syndicated_from", to);
            }
            (19, _) => {
                let to = self.id(&[Source], at, if kind == Source { number } else { all });
                to.into_iter().for_each(|id| draft.add("sources", id));
            }
            (20, _) => {
                let to = self.id(&[Actor], at, if kind == Actor { number } else { all });
                to.into_iter().for_each(|id| draft.add("replies", format!("{{from: {id}, outcome: declined}}")));
            }
            // Single values that readers do not see.
            (21, _) => {
                let value = self.capital();
                let public = format!("Shown {number}");
                if is_seen {
                    draft.set(name_key, self.instead(&value, &public));
                }
            }
            (22, _) => {
                let words = self.words();
                draft.claim("summary", self.private(&words));
            }
            (23, Actor) => {
                let day = self.day();
                draft.claim("born", self.private(&day));
            }
            (23, Event | Quote) if is_seen => {
                let day = self.day();
                draft.set("date", self.instead(&day, "2023-05"));
            }
            (24, Quote) => {
                let value = self.private(self.one_of("keeper", "office"));
                draft.set("speaker", value.unwrap_or_else(|| "withheld".to_owned()));
            }
            (24, Event | Actor) => {
                let to = self.one_of("keeper", "office");
                let (key, item) = match kind {
                    Event => ("actors", to.to_owned()),
                    _ => ("relations", format!("{{kind: knows, to: {to}}}")),
                };
                self.private(&item).into_iter().for_each(|value| draft.add(key, value));
            }
            (25, Event | Quote) => {
                draft.claim("place", self.private(self.one_of("harbour", "tower")));
            }
            (26, _) => {
                let word = self.word();
                self.private(&word).into_iter().for_each(|value| draft.add("tags", value));
            }
            (27, _) => {
                let words = self.words();
                let box_of = |value| format!("{{shelf: 7, paper: {value}}}");
                draft.set("x_box", self.private(&words).map_or("{shelf: 7}".to_owned(), box_of));
            }
            (28, Actor) => {
                let (file, words) = (self.word(), self.words());
                draft.claim("image", self.private(&format!("{file}.png")));
                if self.telling != Telling::Nothing {
                    draft.files.push((format!("actors/{file}.png"), png(&words)));
                }
            }
            (29, Actor) => {
                let name = format!("{} {}", self.capital(), self.capital());
                self.private(&name).into_iter().for_each(|value| draft.add("names", value));
            }
            (30, Event) => {
                let text = format!("\"{} [[{}]] and [[method]].\"", self.words(), self.one_of("keeper", "office"));
                let update = format!("{{date: {}, text: {text}}}", self.day());
                self.private(&update).into_iter().for_each(|value| draft.add("updates", value));
            }
            (31, _) => {
                let was = self.words();
                let was = self.private(&was).map(|value| format!(", was: {value}")).unwrap_or_default();
                let count = draft.lists.get("corrections").map_or(0, Vec::len);
                draft.add("corrections", format!("{{on: 2024-02-02, field: title, why: It was wrong {count}{was}}}"));
            }
            (32, Source) => {
                let address = format!("https://{}.example/{}", self.word(), self.word());
                draft.claim("url", self.private(&address));
            }
            (33, _) => {
                let by = self.one_of("keeper", "office");
                let by = self.private(by).map(|value| format!(", by: {value}")).unwrap_or_default();
                draft.set("status", format!("{{is: reported{by}}}"));
            }
            (34, _) => {
                let alias = format!("{}-{number}", self.word());
                self.private(&alias).into_iter().for_each(|value| draft.add("aliases", value));
            }
            (35, Quote) => {
                let text = format!("{:?}", self.private_prose(at));
                let part = self.private(&text).unwrap_or_else(|| "\"[...]\"".to_owned());
                let in_parts = format!("[They said, {part}, something.]");
                let whole = self.instead(&text, "They said something.");
                draft.set("text", if at.is_multiple_of(2) { whole } else { in_parts });
            }
            (36, Quote) => {
                let text = format!("{{lang: nl, text: {:?}}}", self.private_prose(at));
                draft.claim("original", self.private(&text));
                draft.claim("translation", Some("{from: nl, of: \"0123456789ab\"}".to_owned()));
            }
            // What is never published.
            (37, _) if self.telling != Telling::Nothing => {
                let notes = self.private_prose(at);
                draft.set("notes_internal", format!("{notes:?}"));
            }
            (38, _) if self.telling != Telling::Nothing => {
                let why = self.words();
                draft.add("allow", format!("{{code: untidy-tags, why: {why}}}"));
            }
            (39, _) if self.telling != Telling::Nothing => {
                let (text, why) = (self.word(), self.words());
                draft.add("not_secret", format!("{{text: {text}, why: {why}}}"));
            }
            // A file beside the record.
            (40, _) if !is_seen => {
                let (file, words) = (self.word(), self.words());
                let folder = self.known[number].path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
                draft.files.push((format!("{folder}/{file}.png"), png(&words)));
                draft.body.push_str(&format!("\n![{words}]({file}.png)\n"));
            }
            (40, _) => {
                draft.files.push((format!("{}/gate-{number}.png", kind.folder()), png("a gate")));
                draft.body.push_str(&format!("\n![a gate](gate-{number}.png)\n"));
            }
            // What would tell where and when a child was.
            (41 | 42, Event) if is_seen => {
                draft.add("sensitivity", "minor");
                // The last of it stands, so that no day is told that another part tells.
                draft.single.insert("date", format!("2022-03-{}", self.one_of("11", "28")));
                draft.single.insert("place", self.one_of("harbour", "tower").to_owned());
                draft.single.insert("time", format!("\"{}\"", self.one_of("08:15", "21:40")));
            }
            (43, Actor) if !is_seen => {
                let day = self.day();
                draft.set("born", day);
                draft.set("country", self.one_of("NL", "FR"));
                draft.add(
                    "roles",
                    format!("{{title: {}, at: {}}}", self.one_of("Aide", "Cook"), self.one_of("keeper", "office")),
                );
            }
            _ => {}
        }
    }

    /// What an overlay adds to a record.
    fn addition(&mut self, number: usize, outline: &Outline) -> Option<String> {
        let (sort, at) = *outline.parts.first()?;
        let wanted = sort % 3 == 0 && self.telling != Telling::Nothing && outline.fate != Fate::Outside;
        let mut draft = Draft::default();
        match outline.kind {
            Kind::Actor => {
                draft.set("name", self.capital());
                draft.add("names", self.capital());
                draft.set("born", self.day());
                draft.add("relations", format!("{{kind: knows, to: {}}}", self.one_of("keeper", "office")));
            }
            Kind::Event | Kind::Quote => {
                draft.set("date", self.day());
                draft.set("place", self.one_of("harbour", "tower"));
            }
            Kind::Source => draft.set("url", format!("https://{}.example/a", self.word())),
            Kind::Place => draft.set("name", self.capital()),
            Kind::Page => draft.set("title", self.capital()),
        }
        draft.add("tags", self.word());
        draft.set("summary", self.words());
        draft.set("x_file", self.words());
        draft.set("notes_internal", self.words());
        draft.body = self.private_prose(at + number);
        wanted.then(|| draft.written(""))
    }
}

/// The site that readers get of a shape.
fn told(shape: &Shape, telling: Telling, has_overlay: bool) -> Files {
    let dossier = Writer::new(shape, telling).dossier(has_overlay);
    let (made, sources) = dossier.compile();
    let Some(renderer) = made.renderer else {
        let generated = sources
            .files
            .iter()
            .chain(&sources.overlay)
            .filter(|file| !BASE.iter().any(|name| file.inner.ends_with(name)));
        let files: Vec<String> = generated.map(|file| format!("== {}\n{}", file.inner, file.text)).collect();
        panic!("{telling:?} has errors:\n{}\n{}", lines(&made.findings, &sources), files.join("\n"))
    };
    let site = render(&renderer);
    let scan = made.scan.unwrap();
    let routes = &renderer.site().plan.routes;
    // The address of what was taken down stays, and its id with it.
    let told = routes.iter().filter(|(_, route)| !matches!(route, Route::Tombstone(..)));
    let mut leaks = scan.paths(told.map(|(path, _)| path.as_str()));
    leaks.extend(site.iter().flat_map(|(path, bytes)| scan.bytes(path, Stage::Page, bytes)));
    assert!(leaks.is_empty(), "{telling:?}: {leaks:?}");
    site
}

/// Asserts that no path and no byte of a site holds any of some words.
#[track_caller]
fn assert_without(site: &Files, words: &[&str]) {
    for (path, bytes) in site {
        let text = format!("{path}\n{}", String::from_utf8_lossy(bytes)).to_lowercase();
        for word in words {
            let found =
                text.find(word).map(|at| &text[text.floor_char_boundary(at.saturating_sub(60))..at + word.len()]);
            assert_eq!(found, None, "`{word}` is in {path}");
        }
    }
}

/// How many dossiers; `DOSSIER_WALKS` asks for more than the few of every day.
fn cases() -> u32 {
    std::env::var("DOSSIER_WALKS").ok().and_then(|cases| cases.parse().ok()).unwrap_or(48)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_byte_depends_on_what_is_withheld(shape in shapes()) {
        let first = told(&shape, Telling::First, true);
        assert_without(&first, &FIRST);
        assert_same(&first, &told(&shape, Telling::First, false));
        let other = told(&shape, Telling::Other, true);
        assert_without(&other, &OTHER);
        assert_same(&first, &other);
        assert_same(&first, &told(&shape, Telling::Nothing, false));
    }
}

/// The public part of some dossiers here, in the theme that counts and draws.
fn shown() -> Dossier {
    Dossier::small().settings("title: A dossier\nbase_url: https://example.org\nkey_actors: jane-doe\n").record(
        "quotes/other.md",
        "---\nspeaker: jane-doe\ndate: 2023-06-22\ntext: Nor after.\nabout: gate-opened\nsource: daily\ntags: gates\n---\n",
    )
}

/// The same with a record of each kind that is tied to all that is shown.
fn with_ties(line: &str) -> Dossier {
    shown()
        .record("actors/quiet-one.md", format!("---\nname: Quiet One\nkind: organisation\nrelations: [{{kind: knows, to: jane-doe}}, {{kind: owns, to: authority}}]\nsource: daily\ntags: gates\n{line}---\n[[authority]]\n"))
        .record("events/quiet-event.md", format!("---\ntitle: Quiet event\ndate: 2023-06-21\nplace: harbour\nactors: [jane-doe, authority, quiet-one]\nfollows: gate-opened\npart_of: gate-opened\nsource: daily\ntags: [gates, hush]\ncorrections: {{on: 2024-02-02, why: It was wrong.}}\n{line}---\n[[jane-doe]]\n"))
        .record("quotes/quiet-words.md", format!("---\nspeaker: jane-doe\nto: authority\nabout: [gate-opened, jane-doe]\nevent: gate-opened\nplace: harbour\ndate: 2023-06-22\ntext: Hush.\nin_reply_to: not-before-six\nvia: authority\nsource: daily\ntags: gates\n{line}---\n"))
        .record("sources/quiet-source.md", format!("---\ntitle: Quiet source\nkind: article\npublisher: authority\nauthors: jane-doe\npublished: 2023-07-01\nsyndicated_from: daily\n{line}---\n"))
        .record("places/quiet-place.md", format!("---\nname: Quiet place\ncountry: NL\nsource: daily\n{line}---\n"))
        .record("pages/quiet-page.md", format!("---\ntitle: Quiet page\norder: 1\nsource: daily\n{line}---\n[[jane-doe]], [[gate-opened]] and [[methodology]]\n"))
}

#[test]
fn unlisted_records_change_no_page_but_their_own() {
    let mut site = with_ties("visibility: unlisted\n").site();
    let own: Vec<String> = site.keys().filter(|path| path.contains("quiet-")).cloned().collect();
    assert_eq!(
        own,
        [
            "actors/quiet-one.html",
            "events/quiet-event.html",
            "places/quiet-place.html",
            "quiet-page.html",
            "quotes/quiet-words.html",
            "sources/quiet-source.html"
        ]
    );
    site.retain(|path, _| !own.contains(path));
    assert_same(&site, &shown().site());
}

#[test]
fn withheld_records_change_no_page() {
    for line in [
        "visibility: internal\n",
        "visibility: sealed\n",
        "draft: true\n",
        "publish_at: 2031\n",
        "takedown: {as: withdraw, on: 2025-01-01, reason: legal, silent: true}\n",
    ] {
        assert_same(&with_ties(line).site(), &shown().site());
    }
}

#[test]
fn counts_count_what_is_shown() {
    let check = |line: &str, expected: &str| {
        let home = text(main_of(&with_ties(line).page("index.html")));
        assert!(home.contains(expected), "{line}: {home}");
    };
    check("", "3 people and bodies, 2 events, 3 quotations, 2 sources, 2 places, 3 days");
    for line in ["visibility: unlisted\n", "visibility: internal\n", "draft: true\n"] {
        check(line, "2 people and bodies, 1 event, 2 quotations, 1 source, 1 place, 2 days");
    }
}

/// A page that refers by name to somebody who has another name for the authors.
fn by_name(dossier: Dossier) -> Dossier {
    dossier.record("pages/p.md", "---\ntitle: P\n---\nSeen by [[Witness A]].\n")
}

#[test]
fn a_link_by_the_name_that_readers_see_stands_whatever_the_authors_know() {
    let witness = |name: &str| format!("---\nname: {name}\nkind: person\nprivacy: public-figure\n---\n");
    let plain = by_name(Dossier::small().record("actors/witness.md", witness("Witness A")));
    let covered = witness("{value: Zelda Quux, visibility: internal, public: Witness A}");
    let others = [
        plain.clone().sealed("actors/witness.md", "---\nname: Zelda Quux\n---\n"),
        plain.clone().sealed("actors/other.md", "---\nname: Witness A\nkind: person\n---\n"),
        plain.clone().sealed("actors/jane-doe.md", "---\nnames: Witness A\n---\n"),
        by_name(Dossier::small().record("actors/witness.md", covered)),
    ];
    for other in others {
        assert_same(&plain.site(), &other.site());
    }
    assert!(plain.page("p.html").contains("actors/witness.html"));
}

#[test]
fn a_link_by_a_name_that_is_withheld_is_a_mistake() {
    let witness = "---\nname: {value: Zelda Quux, visibility: internal, public: Witness A}\nkind: person\nprivacy: public-figure\n---\n";
    let page = "---\ntitle: P\n---\nSeen by [[Zelda Quux]].\n";
    let said = Dossier::small().record("actors/witness.md", witness).record("pages/p.md", page).findings();
    assert!(said.contains("content/pages/p.md:4:9 unknown-reference"), "{said}");
}
