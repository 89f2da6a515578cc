//! What has to be changed where the site stands, and in which order.
//!
//! A reader who comes in by the home page and follows links meets no missing part, wherever the order is broken off. Between two
//! [phases](Phase) all that was begun comes to its end; within one, the order is nobody's. Each kind of link holds for a reason of its own:
//!
//! * *From what is new to what is new.* Nothing leads to a new page before the phases of new files and new pages are over, so nobody is there to
//!   follow its links.
//! * *From what changed to what is new, or is as it was.* Changed pages come after all that is new.
//! * *From what changed to what changed.* Both are there before and after.
//! * *From what is as it was to what is deleted.* A page that is as it was in the new site links to nothing that the new site does not have.
//!   One that is still the old one may, and so deletions come when no old page is left.
//! * *From what is deleted to what is deleted.* No page of the new site leads there. Who has such a page open may meet a missing part; pages go
//!   before other files, so that at least no page loses its looks.
//! * *From lists for machines to pages.* The data, the sitemap and redirects name pages that no other page need lead to. New ones
//!   are files as all others, since pages lead to them; changed ones come after the pages, as do a new sitemap and what leads to it.
//!
//! What a publish that was broken off left behind is in part unknown ([`Cut`]). What counts is whether anything leads to a file. Nothing does to a
//! new one until the phases of what is new are over, nor to one that is to be deleted once all else is done. Such a file may lead to what is
//! missing, so it is new again for whoever comes next, also if it is there. To all others something may lead, and what they lead to is there,
//! whichever of two versions they have; they are replaced among those that change.
//!
//! A plan is a [list](super::list): what it says stands in the order of the paths, and each phase is a walk through it. So no part of it need be in memory.

use std::iter::Peekable;

use super::list::{Entry, List, Writer};
use super::state::{Change, Sent, There};
use super::store::StoreError;

/// The phases, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    NewFiles,
    ChangedFiles,
    NewPages,
    ChangedPages,
    ChangedData,
    /// The pages that stand for a folder.
    Folders,
    SitemapParts,
    Sitemap,
    /// What robots and hosts read of the site's own wishes.
    Signs,
    Home,
    DeletedSigns,
    DeletedSitemap,
    DeletedSitemapParts,
    DeletedPages,
    DeletedFiles,
}

impl Phase {
    const ALL: [Phase; 15] = [
        Phase::NewFiles,
        Phase::ChangedFiles,
        Phase::NewPages,
        Phase::ChangedPages,
        Phase::ChangedData,
        Phase::Folders,
        Phase::SitemapParts,
        Phase::Sitemap,
        Phase::Signs,
        Phase::Home,
        Phase::DeletedSigns,
        Phase::DeletedSitemap,
        Phase::DeletedSitemapParts,
        Phase::DeletedPages,
        Phase::DeletedFiles,
    ];
}

/// What a file is to those who follow links.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Home,
    Folder,
    Page,
    Data,
    SitemapPart,
    Sitemap,
    Sign,
    File,
}

/// What leads from what is there to what is wanted.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) list: List,
    pub(super) tally: Tally,
}

/// How much a plan comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// How many steps each phase has.
    steps: [usize; Phase::ALL.len()],
    /// How many files are put where nothing of ours is.
    pub(super) new: usize,
    /// Of how many paths it says what is there, which the list of what was published does not.
    pub(super) left: usize,
    /// How many bytes the files have that are sent.
    pub(super) bytes: u64,
}

/// Steps that may be done in any order. They are counted through all phases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    phase: Phase,
    pub(super) from: usize,
    pub(super) end: usize,
}

/// One change of one path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) path: String,
    pub(super) change: Change,
}

impl Tally {
    fn count(&mut self, Entry { path, there, change }: &Entry) {
        self.left += usize::from(there.is_some());
        if let Some(change) = change {
            self.steps[phase(path, change) as usize] += 1;
            self.new += usize::from(matches!(change, Change::New(_)));
            self.bytes = self.bytes.saturating_add(change.sent().map_or(0, |sent| sent.sum.length));
        }
    }

    /// How many steps there are.
    pub(super) fn all(&self) -> usize {
        self.steps.iter().sum()
    }

    /// How many steps come before this phase.
    fn before(&self, phase: Phase) -> usize {
        self.steps[..phase as usize].iter().sum()
    }

    /// How many of the steps send something; the others delete, and come after all of these.
    pub(super) fn sending(&self) -> usize {
        self.before(Phase::DeletedSigns)
    }

    /// The phases in which something is done.
    pub(super) fn runs(&self) -> Vec<Run> {
        let run = |phase| Run { phase, from: self.before(phase), end: self.before(phase) + self.steps[phase as usize] };
        Phase::ALL.map(run).into_iter().filter(|run| run.from < run.end).collect()
    }
}

impl Plan {
    /// Makes a plan of what is wanted, what the last publish put there, and what is known to differ from that.
    pub(super) fn make(
        wanted: impl Iterator<Item = Result<Entry, StoreError>>,
        published: impl Iterator<Item = Result<Entry, StoreError>>,
        left: impl Iterator<Item = Result<Entry, StoreError>>,
    ) -> Result<Plan, StoreError> {
        let mut writer = Writer::new()?;
        let mut tally = Tally::default();
        for entry in planned(wanted, published, left) {
            let entry = entry?;
            tally.count(&entry);
            writer.add(&entry)?;
        }
        Ok(Plan { list: writer.end()?, tally })
    }

    /// Takes a list for a plan.
    pub(super) fn of(mut list: List) -> Result<Plan, StoreError> {
        let mut tally = Tally::default();
        for entry in list.entries()? {
            tally.count(&entry?);
        }
        Ok(Plan { list, tally })
    }

    /// The steps of a phase, in the order of their paths.
    pub(super) fn steps(
        &mut self,
        run: Run,
    ) -> Result<impl Iterator<Item = Result<Step, StoreError>> + Send, StoreError> {
        let step = move |entry: Result<Entry, StoreError>| match entry {
            Ok(Entry { path, change: Some(change), .. }) if phase(&path, &change) == run.phase => {
                Some(Ok(Step { path, change }))
            }
            Ok(_) => None,
            Err(error) => Some(Err(error)),
        };
        Ok(self.list.entries()?.filter_map(step))
    }

    /// The paths of files that are put where nothing of ours is.
    pub(super) fn new_paths(&mut self) -> Result<impl Iterator<Item = Result<String, StoreError>>, StoreError> {
        let path = |entry: Result<Entry, StoreError>| match entry {
            Ok(Entry { path, change: Some(Change::New(_)), .. }) => Some(Ok(path)),
            Ok(_) => None,
            Err(error) => Some(Err(error)),
        };
        Ok(self.list.entries()?.filter_map(path))
    }

    /// What is known to differ from what was published before, once all steps before `done` are done, and none from `open` on was begun.
    pub(super) fn left_after(
        &mut self,
        done: usize,
        open: usize,
    ) -> Result<impl Iterator<Item = Result<Entry, StoreError>>, StoreError> {
        let mut cut = Cut::new(self.tally, done, open);
        Ok(self.list.entries()?.filter_map(move |entry| entry.map(|entry| cut.left(entry)).transpose()))
    }
}

/// What a plan says of each path, in their order, where it says anything. All that it is made of comes in this order too.
fn planned(
    wanted: impl Iterator<Item = Result<Entry, StoreError>>,
    published: impl Iterator<Item = Result<Entry, StoreError>>,
    left: impl Iterator<Item = Result<Entry, StoreError>>,
) -> impl Iterator<Item = Result<Entry, StoreError>> {
    let (mut wanted, mut published, mut left) = (wanted.peekable(), published.peekable(), left.peekable());
    let mut next = move || -> Result<Option<Entry>, StoreError> {
        loop {
            let first = [head(&mut wanted)?, head(&mut published)?, head(&mut left)?].into_iter().flatten().min();
            let Some(path) = first.map(str::to_owned) else { return Ok(None) };
            let wanted = there(&mut wanted, &path);
            let published = there(&mut published, &path);
            let left = there(&mut left, &path);
            let change = change(left.as_ref().or(published.as_ref()), wanted.as_ref().and_then(There::sent));
            if left.is_some() || change.is_some() {
                return Ok(Some(Entry { path, there: left, change }));
            }
        }
    };
    std::iter::from_fn(move || next().transpose())
}

/// The path that comes next.
fn head(entries: &mut Peekable<impl Iterator<Item = Result<Entry, StoreError>>>) -> Result<Option<&str>, StoreError> {
    if let Some(Err(error)) = entries.next_if(Result::is_err) {
        return Err(error);
    }
    Ok(entries.peek().and_then(|entry| entry.as_ref().ok()).map(|entry| &*entry.path))
}

/// What the next entry says to be there, if it is of this path; it is gone then.
fn there(entries: &mut Peekable<impl Iterator<Item = Result<Entry, StoreError>>>, path: &str) -> Option<There> {
    let entry = entries.next_if(|entry| entry.as_ref().is_ok_and(|entry| entry.path == path));
    entry?.ok()?.there
}

/// What is to be done to a path, by what is there and what is wanted there.
fn change(there: Option<&There>, wanted: Option<&Sent>) -> Option<Change> {
    match (there, wanted) {
        (Some(There::Known(there) | There::Hidden(there)), Some(wanted)) if there == wanted => None,
        (Some(There::Known(_) | There::Unknown), Some(wanted)) => Some(Change::Changed(wanted.clone())),
        (Some(There::Hidden(_) | There::Perhaps), Some(wanted)) => Some(Change::Again(wanted.clone())),
        (Some(There::Nothing) | None, Some(wanted)) => Some(Change::New(wanted.clone())),
        (Some(There::Nothing) | None, None) => None,
        (Some(There::Known(_) | There::Unknown | There::Hidden(_) | There::Perhaps), None) => Some(Change::Deleted),
    }
}

/// Where the following of a plan was broken off, and what that left of each path.
struct Cut {
    tally: Tally,
    done: usize,
    open: usize,
    /// The last phase that was begun; none when no step was.
    begun: Option<Phase>,
    /// How many steps of each phase were passed.
    passed: [usize; Phase::ALL.len()],
}

impl Cut {
    fn new(tally: Tally, done: usize, open: usize) -> Cut {
        let last = open.min(tally.all()).checked_sub(1);
        let begun = last.and_then(|last| tally.runs().into_iter().find(|run| last < run.end)).map(|run| run.phase);
        Cut { tally, done, open, begun, passed: [0; Phase::ALL.len()] }
    }

    /// What is left of a path by now, if the list of what was published does not say it. Paths come in the order of the plan.
    fn left(&mut self, Entry { path, there, change }: Entry) -> Option<Entry> {
        let there = self.there(&path, there, change);
        there.map(|there| Entry { path, there: Some(there), change: None })
    }

    fn there(&mut self, path: &str, there: Option<There>, change: Option<Change>) -> Option<There> {
        let is_led_to = self.begun.is_some_and(|begun| match role(path) {
            Role::File => begun > Phase::NewFiles,
            _ => begun > Phase::NewPages,
        });
        let Some(change) = change else {
            // What is left of earlier publishes and needs no step is part of the site that was planned.
            return match there {
                Some(There::Hidden(sent)) if is_led_to => Some(There::Known(sent)),
                other => other,
            };
        };
        let phase = phase(path, &change);
        let number = self.tally.before(phase) + self.passed[phase as usize];
        self.passed[phase as usize] += 1;
        let &mut Cut { tally, done, open, .. } = self;
        match change {
            Change::Deleted if number < done => Some(There::Nothing),
            Change::Deleted if done < tally.sending() => there,
            // From here on what was published may not name it, also when nothing had to be sent. An old sitemap may lead to it until that is deleted.
            Change::Deleted if number < open || done >= tally.before(Phase::DeletedPages) => Some(There::Perhaps),
            Change::Deleted => match there {
                Some(There::Hidden(_) | There::Perhaps) => there,
                _ => Some(There::Unknown),
            },
            Change::New(sent) | Change::Again(sent) if number < done && !is_led_to => Some(There::Hidden(sent)),
            Change::New(sent) | Change::Again(sent) | Change::Changed(sent) if number < done => {
                Some(There::Known(sent))
            }
            Change::New(_) | Change::Again(_) if number < open => Some(There::Perhaps),
            Change::Changed(_) if number < open => Some(There::Unknown),
            Change::New(_) | Change::Again(_) | Change::Changed(_) => there,
        }
    }
}

fn phase(path: &str, change: &Change) -> Phase {
    match (role(path), change) {
        (Role::Sign, Change::Deleted) => Phase::DeletedSigns,
        (Role::Sitemap, Change::Deleted) => Phase::DeletedSitemap,
        (Role::SitemapPart, Change::Deleted) => Phase::DeletedSitemapParts,
        (Role::Home | Role::Folder | Role::Page, Change::Deleted) => Phase::DeletedPages,
        (_, Change::Deleted) => Phase::DeletedFiles,
        (Role::Home, _) => Phase::Home,
        (Role::Sign, _) => Phase::Signs,
        (Role::Sitemap, _) => Phase::Sitemap,
        (Role::SitemapPart, _) => Phase::SitemapParts,
        (Role::File | Role::Data, Change::New(_) | Change::Again(_)) => Phase::NewFiles,
        (Role::File, Change::Changed(_)) => Phase::ChangedFiles,
        (Role::Folder | Role::Page, Change::New(_) | Change::Again(_)) => Phase::NewPages,
        (Role::Page, Change::Changed(_)) => Phase::ChangedPages,
        (Role::Data, Change::Changed(_)) => Phase::ChangedData,
        (Role::Folder, Change::Changed(_)) => Phase::Folders,
    }
}

/// A packed copy of a file plays the role of the file.
fn role(path: &str) -> Role {
    let path = path.strip_suffix(".gz").unwrap_or(path);
    let in_root = !path.contains('/');
    match path.rsplit_once('.') {
        _ if path == "index.html" => Role::Home,
        _ if path.ends_with("/index.html") => Role::Folder,
        Some((_, "html")) => Role::Page,
        _ if path == "sitemap.xml" => Role::Sitemap,
        Some((name, "xml")) if in_root && name.starts_with("sitemap-") => Role::SitemapPart,
        _ if matches!(path, "robots.txt" | "_redirects" | "_headers") => Role::Sign,
        Some((name, "xml" | "json" | "atom" | "rss")) if in_root && !name.is_empty() => Role::Data,
        _ if path.starts_with("data/") => Role::Data,
        _ => Role::File,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::sync::Arc;

    use super::super::list::tests::{entry, list};
    use super::*;
    use crate::output::Sum;
    use crate::publish::headers::{Headers, headers};

    fn sent(version: u8) -> Sent {
        Sent { sum: Sum { sha256: [version; 32], length: 1 }, headers: Arc::new(headers("x", None)) }
    }

    /// What a list says of some files, which stand there or shall.
    fn files(files: &[(&str, u8)]) -> Vec<Entry> {
        let known = |(path, version): &(&str, u8)| entry(path, Some(There::Known(sent(*version))), None);
        let mut entries: Vec<Entry> = files.iter().map(known).collect();
        entries.sort_by(|one, other| one.path.cmp(&other.path));
        entries
    }

    fn read(entries: &[Entry]) -> impl Iterator<Item = Result<Entry, StoreError>> {
        entries.iter().cloned().map(Ok)
    }

    fn plan(wanted: &[Entry], published: &[Entry], left: &[Entry]) -> Plan {
        Plan::make(read(wanted), read(published), read(left)).unwrap()
    }

    /// The steps as a person would tell them: phases are parted by a bar.
    fn told(mut plan: Plan) -> String {
        let step = |Step { path, change }: Step| match change {
            Change::New(_) | Change::Again(_) => format!("+{path}"),
            Change::Changed(_) => format!("~{path}"),
            Change::Deleted => format!("-{path}"),
        };
        let mut told = Vec::new();
        for run in plan.tally.runs() {
            let steps: Vec<String> = plan.steps(run).unwrap().map(|found| step(found.unwrap())).collect();
            assert_eq!(steps.len(), run.end - run.from);
            told.push(steps.join(" "));
        }
        told.join(" | ")
    }

    #[test]
    fn a_first_publish_sends_all_files_then_pages_and_the_home_page_last() {
        let wanted = files(&[
            ("index.html", 1),
            ("404.html", 1),
            ("actors/index.html", 1),
            ("actors/a.html", 1),
            ("data/records.jsonl", 1),
            ("static/style.css", 1),
            ("sitemap.xml", 1),
            ("sitemap-1.xml", 1),
            ("robots.txt", 1),
        ]);
        assert_eq!(
            told(plan(&wanted, &[], &[])),
            "+data/records.jsonl +static/style.css | +404.html +actors/a.html +actors/index.html | +sitemap-1.xml | +sitemap.xml | +robots.txt | +index.html"
        );
    }

    #[test]
    fn what_is_as_it_was_is_not_sent_again() {
        let files = files(&[("index.html", 1), ("a.html", 1)]);
        assert_eq!(told(plan(&files, &files, &[])), "");
    }

    #[test]
    fn what_is_new_comes_before_what_leads_to_it_and_deletions_come_last() {
        let old = files(&[
            ("index.html", 1),
            ("a.html", 1),
            ("old.html", 1),
            ("files/old.png", 1),
            ("dates/index.html", 1),
            ("data/records.jsonl", 1),
            ("static/style.css", 1),
            ("same.html", 1),
        ]);
        let new = files(&[
            ("index.html", 2),
            ("a.html", 2),
            ("new.html", 2),
            ("files/new.png", 2),
            ("dates/index.html", 2),
            ("data/records.jsonl", 2),
            ("static/style.css", 2),
            ("tags/index.html", 2),
            ("same.html", 1),
        ]);
        assert_eq!(
            told(plan(&new, &old, &[])),
            "+files/new.png | ~static/style.css | +new.html +tags/index.html | ~a.html | ~data/records.jsonl | ~dates/index.html | ~index.html | -old.html | -files/old.png"
        );
    }

    #[test]
    fn other_headers_are_another_file() {
        let old = files(&[("a.html", 1)]);
        let mut new = files(&[("a.html", 1)]);
        let headers = Arc::new(headers("x", Some(super::super::headers::Encoding::Gzip)));
        new[0].there = Some(There::Known(Sent { headers, ..sent(1) }));
        assert_eq!(told(plan(&new, &old, &[])), "~a.html");
    }

    #[test]
    fn what_may_be_there_is_new_and_what_is_there_with_unknown_bytes_changed() {
        let left = [
            entry("a.html", Some(There::Perhaps), None),
            entry("b.html", Some(There::Unknown), None),
            entry("c.html", Some(There::Perhaps), None),
            entry("d.html", Some(There::Unknown), None),
            entry("e.html", Some(There::Nothing), None),
        ];
        assert_eq!(
            told(plan(&files(&[("a.html", 1), ("b.html", 1)]), &[], &left)),
            "+a.html | ~b.html | -c.html -d.html"
        );
    }

    #[test]
    fn how_far_a_plan_was_followed_tells_what_is_there() {
        let entries = [
            entry("a.html", None, Some(Change::Changed(sent(4)))),
            entry("index.html", None, Some(Change::Changed(sent(5)))),
            entry("new.css", None, Some(Change::New(sent(2)))),
            entry("new.html", None, Some(Change::New(sent(3)))),
            entry("old.html", Some(There::Perhaps), Some(Change::Deleted)),
            entry("older.html", None, Some(Change::Deleted)),
            entry("same.html", Some(There::Hidden(sent(9))), None),
        ];
        let mut plan = Plan::of(list(&entries)).unwrap();
        let mut told = |done, open| {
            let told = |Entry { path, there, change }: Entry| {
                assert_eq!(change, None);
                match there.unwrap() {
                    There::Known(sent) => format!("{path} {}", sent.sum.sha256[0]),
                    There::Hidden(sent) => format!("{path} ({})", sent.sum.sha256[0]),
                    There::Unknown => format!("{path} ?"),
                    There::Perhaps => format!("{path} (?)"),
                    There::Nothing => format!("{path} -"),
                }
            };
            plan.left_after(done, open).unwrap().map(|left| told(left.unwrap())).collect::<Vec<_>>().join(", ")
        };
        assert_eq!(told(0, 0), "old.html (?), same.html (9)");
        assert_eq!(told(0, 1), "new.css (?), old.html (?), same.html (9)");
        assert_eq!(told(1, 2), "new.css 2, new.html (?), old.html (?), same.html (9)");
        assert_eq!(told(2, 2), "new.css 2, new.html (3), old.html (?), same.html (9)");
        assert_eq!(told(2, 3), "a.html ?, new.css 2, new.html 3, old.html (?), same.html 9");
        assert_eq!(
            told(4, 4),
            "a.html 4, index.html 5, new.css 2, new.html 3, old.html (?), older.html (?), same.html 9"
        );
        assert_eq!(
            told(5, 6),
            "a.html 4, index.html 5, new.css 2, new.html 3, old.html -, older.html (?), same.html 9"
        );
    }

    #[test]
    fn what_is_only_to_be_deleted_is_not_forgotten_before_it_was_begun() {
        let (old, new) = (files(&[("a.html", 1), ("a.html.gz", 1), ("x.css", 1)]), files(&[("a.html", 1)]));
        let mut plan = plan(&new, &old, &[]);
        assert_eq!(plan.tally.sending(), 0);
        let left: Vec<Entry> = plan.left_after(0, 0).unwrap().map(Result::unwrap).collect();
        // By now the new list holds, which does not name them.
        assert_eq!(told(self::plan(&new, &new, &left)), "-a.html.gz | -x.css");
    }

    /// Numbers without an order that anybody sees (xorshift), the same in each run.
    struct Dice(u64);

    impl Dice {
        fn below(&mut self, limit: usize) -> usize {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            usize::try_from(self.0 % limit.max(1) as u64).unwrap()
        }
    }

    /// A site: what each file leads to, and of which version it is.
    type Site = BTreeMap<Arc<str>, (u64, BTreeSet<Arc<str>>)>;

    const NAMES: [&str; 18] = [
        "index.html",
        "404.html",
        "a.html",
        "b.html",
        "c.html",
        "d.html",
        "actors/index.html",
        "actors/a.html",
        "actors/b.html",
        "dates/index.html",
        "dates/a.html",
        "static/style.css",
        "static/a.png",
        "files/b.png",
        "data/records.jsonl",
        "sitemap.xml",
        "sitemap-1.xml",
        "robots.txt",
    ];

    /// Pages lead to pages and files, styles to pictures, lists to pages, robots to the sitemap.
    fn random_site(dice: &mut Dice, version: u64) -> Site {
        let mut names: BTreeSet<&str> = NAMES.into_iter().filter(|_| dice.below(3) > 0).collect();
        names.insert("index.html");
        let links = |dice: &mut Dice, from: &str| -> BTreeSet<Arc<str>> {
            let may = |to: &str| match role(from) {
                Role::Home | Role::Folder | Role::Page => {
                    !matches!(role(to), Role::Sitemap | Role::SitemapPart | Role::Sign)
                }
                Role::File => from.ends_with(".css") && to.ends_with(".png"),
                Role::Data | Role::SitemapPart => to.ends_with(".html"),
                Role::Sitemap => matches!(role(to), Role::SitemapPart),
                Role::Sign => matches!(role(to), Role::Sitemap),
            };
            names.iter().filter(|to| may(to) && dice.below(2) > 0).map(|to| (*to).into()).collect()
        };
        // One link set for each version, and few versions, so that many files stay as they were.
        names
            .iter()
            .map(|name| {
                let version = if dice.below(2) > 0 { version } else { 0 };
                ((*name).into(), (version, links(dice, name)))
            })
            .collect()
    }

    /// Files with the same links are the same file.
    fn wanted(site: &Site, headers: &Arc<Headers>) -> Vec<Entry> {
        let known = |path: &str, version: u64, links: &BTreeSet<Arc<str>>| {
            let sum = Sum::of(format!("{version} {links:?}").as_bytes());
            entry(path, Some(There::Known(Sent { sum, headers: Arc::clone(headers) })), None)
        };
        site.iter().map(|(path, (version, links))| known(path, *version, links)).collect()
    }

    /// What nobody finds who follows links from where readers and robots come in. Nobody does while there is no home page.
    fn missing(bucket: &Site) -> Vec<String> {
        if !bucket.contains_key("index.html") {
            return Vec::new();
        }
        let mut missing = Vec::new();
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let mut open: Vec<&str> = ["index.html", "robots.txt", "sitemap.xml"]
            .into_iter()
            .filter(|start| bucket.contains_key(*start))
            .collect();
        while let Some(path) = open.pop() {
            if !seen.insert(path) {
                continue;
            }
            match bucket.get(path) {
                Some((_, links)) => open.extend(links.iter().map(|link| &**link)),
                None => missing.push(path.to_owned()),
            }
        }
        missing
    }

    fn apply(bucket: &mut Site, step: &Step, site: &Site) {
        match step.change {
            Change::New(_) | Change::Again(_) | Change::Changed(_) => {
                bucket.insert((*step.path).into(), site[&*step.path].clone())
            }
            Change::Deleted => bucket.remove(&*step.path),
        };
    }

    /// Publishes some random sites one after the other, each broken off anywhere, and looks at what readers have after every step.
    fn walk(seed: u64) {
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let headers = Arc::new(headers("x", None));
        let mut bucket = Site::new();
        let mut published: Vec<Entry> = Vec::new();
        let mut left: Vec<Entry> = Vec::new();
        for version in 1..=6 {
            let site = random_site(&mut dice, version);
            let wanted = wanted(&site, &headers);
            let known: BTreeMap<&str, &There> =
                published.iter().chain(&left).filter_map(|entry| Some((&*entry.path, entry.there.as_ref()?))).collect();
            for (path, there) in known {
                let expected = match there {
                    There::Known(_) | There::Unknown | There::Hidden(_) => Some(true),
                    There::Nothing => Some(false),
                    There::Perhaps => None,
                };
                assert!(
                    expected.is_none_or(|is_there| bucket.contains_key(path) == is_there),
                    "{path}: {there:?}, seed {seed}"
                );
            }
            let entries: Vec<Entry> =
                planned(read(&wanted), read(&published), read(&left)).collect::<Result<_, _>>().unwrap();
            let mut tally = Tally::default();
            entries.iter().for_each(|entry| tally.count(entry));
            let mut steps: Vec<Step> = entries
                .iter()
                .filter_map(|entry| Some(Step { path: entry.path.clone(), change: entry.change.clone()? }))
                .collect();
            steps.sort_by_key(|step| phase(&step.path, &step.change));
            let sending = tally.sending();
            assert!(steps[..sending].iter().all(|step| step.change != Change::Deleted));
            let cut = if dice.below(3) == 0 { usize::MAX } else { dice.below(steps.len() + 1) };
            let (mut done, mut open, mut from) = (0, 0, 0);
            // It may be cut off before it is written down that anything was begun.
            let is_begun = cut > 0 || dice.below(2) == 0;
            if sending == 0 && (is_begun || dice.below(2) == 0) {
                published.clone_from(&wanted);
            }
            for Run { end, .. } in tally.runs().into_iter().filter(|_| is_begun) {
                // Of a phase any steps may be done at a time; the written mark lags behind.
                (done, open) = (from, end);
                let mut order: Vec<usize> = (from..end).collect();
                for at in (1..order.len()).rev() {
                    order.swap(at, dice.below(at + 1));
                }
                for (count, at) in order.iter().enumerate() {
                    if from + count >= cut {
                        break;
                    }
                    apply(&mut bucket, &steps[*at], &site);
                    assert_eq!(missing(&bucket), [""; 0], "seed {seed}, version {version}, {:?}", steps[*at]);
                }
                // What was done to the end of a phase may have been written down by then, or not.
                if cut < end || cut == end && dice.below(2) == 0 {
                    break;
                }
                (done, open, from) = (end, end, end);
                if from == sending {
                    published.clone_from(&wanted);
                }
                if cut == end {
                    break;
                }
            }
            if cut == usize::MAX {
                let now = self::wanted(&bucket, &headers);
                assert_eq!(now, wanted, "seed {seed}");
                published = wanted;
                left = Vec::new();
            } else {
                let mut cut = Cut::new(tally, done, open);
                left = entries.into_iter().filter_map(|entry| cut.left(entry)).collect();
            }
        }
    }

    #[test]
    fn readers_meet_no_missing_part_after_any_step_of_any_publish_that_was_broken_off() {
        for seed in 1..=3000 {
            walk(seed);
        }
    }
}
