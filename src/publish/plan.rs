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
//! What a publish that was broken off left behind is in part unknown ([`left_after`]). What counts is whether anything leads to a file. Nothing does to a
//! new one until the phases of what is new are over, nor to one that is to be deleted once all else is done. Such a file may lead to what is
//! missing, so it is new again for whoever comes next, also if it is there. To all others something may lead, and what they lead to is there,
//! whichever of two versions they have; they are replaced among those that change.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::state::{Known, Plan, Sent, There};

/// A file as it shall stand there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) path: Arc<str>,
    pub(super) sent: Sent,
}

/// One change of one path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) path: Arc<str>,
    pub(super) change: Change,
}

/// What is done to a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// A file is put where nothing of ours is.
    New(Sent),
    /// A file is put where nothing is, or a file of ours that nothing leads to.
    Again(Sent),
    /// A file of ours is replaced.
    Changed(Sent),
    /// A file of ours is deleted.
    Deleted,
}

impl Change {
    /// The file that is put there, if one is.
    pub(super) fn sent(&self) -> Option<&Sent> {
        match self {
            Change::New(sent) | Change::Again(sent) | Change::Changed(sent) => Some(sent),
            Change::Deleted => None,
        }
    }
}

/// The phases, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
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

/// Steps in the order in which they are done, and where among them each phase ends.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Steps {
    pub(super) steps: Vec<Step>,
    pub(super) phases: Vec<usize>,
    /// How many of the steps send something; the others delete, and come after all of these.
    pub(super) sending: usize,
}

/// What leads from what is there to what is wanted, which comes in the order of its paths.
pub(super) fn steps(wanted: &[Wanted], known: &Known) -> Steps {
    let mut steps: Vec<(Phase, Step)> = Vec::new();
    for file in wanted {
        let sent = file.sent.clone();
        let change = match known.get(&file.path) {
            Some(There::Known(there) | There::Hidden(there)) if *there == file.sent => continue,
            Some(There::Known(_) | There::Unknown) => Change::Changed(sent),
            Some(There::Hidden(_) | There::Perhaps) => Change::Again(sent),
            Some(There::Nothing) | None => Change::New(sent),
        };
        steps.push((phase(&file.path, &change), Step { path: file.path.clone(), change }));
    }
    for (path, there) in known {
        let is_wanted = wanted.binary_search_by(|file| file.path.cmp(path)).is_ok();
        if !is_wanted && *there != There::Nothing {
            steps.push((phase(path, &Change::Deleted), Step { path: path.clone(), change: Change::Deleted }));
        }
    }
    // Within a phase the paths stay in their order.
    steps.sort_by_key(|(phase, _)| *phase);
    let phases = steps.chunk_by(|(one, _), (other, _)| one == other).map(<[_]>::len);
    let phases = phases.scan(0, |end, length| {
        *end += length;
        Some(*end)
    });
    let phases = phases.collect();
    let sending = steps.iter().filter(|(_, step)| step.change != Change::Deleted).count();
    Steps { steps: steps.into_iter().map(|(_, step)| step).collect(), phases, sending }
}

/// What is known to differ from `published.json` once all steps before `done` are done, and none from `open` on was begun.
pub(super) fn left_after(plan: Plan, done: usize, open: usize) -> Known {
    let Plan { mut left, steps } = plan;
    let Some(last) = open.min(steps.len()).checked_sub(1) else { return left };
    let begun = phase(&steps[last].path, &steps[last].change);
    let sending = steps.iter().take_while(|step| step.change != Change::Deleted).count();
    let is_list = |step: &&Step| phase(&step.path, &step.change) < Phase::DeletedPages;
    let lists = steps.iter().take_while(is_list).count();
    let is_led_to = |path: &str| match role(path) {
        Role::File => begun > Phase::NewFiles,
        _ => begun > Phase::NewPages,
    };
    // What is left of earlier publishes and needs no step is part of the site that was planned.
    let touched: BTreeSet<&str> = steps.iter().map(|step| &*step.path).collect();
    for (path, there) in &mut left {
        if let There::Hidden(sent) = there
            && !touched.contains(&**path)
            && is_led_to(path)
        {
            *there = There::Known(sent.clone());
        }
    }
    for (number, step) in steps.into_iter().enumerate() {
        let there = match step.change {
            Change::Deleted if number < done => There::Nothing,
            Change::Deleted if done < sending => continue,
            // From here on `published.json` may not name it. An old sitemap may lead to it until that is deleted.
            Change::Deleted if number < open || done >= lists => There::Perhaps,
            Change::Deleted => match left.get(&step.path) {
                Some(There::Hidden(_) | There::Perhaps) => continue,
                _ => There::Unknown,
            },
            Change::New(sent) | Change::Again(sent) if number < done && !is_led_to(&step.path) => There::Hidden(sent),
            Change::New(sent) | Change::Again(sent) | Change::Changed(sent) if number < done => There::Known(sent),
            Change::New(_) | Change::Again(_) if number < open => There::Perhaps,
            Change::Changed(_) if number < open => There::Unknown,
            Change::New(_) | Change::Again(_) | Change::Changed(_) => continue,
        };
        left.insert(step.path, there);
    }
    left
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

    use super::super::state::{Plan, Published};
    use super::*;
    use crate::output::Sum;
    use crate::publish::headers::headers;

    fn sent(version: u64) -> Sent {
        let mut sha256 = [0; 32];
        sha256[..8].copy_from_slice(&version.to_le_bytes());
        Sent { sha256, headers: Arc::new(headers("x", None)) }
    }

    fn site(files: &[(&str, u64)]) -> Vec<Wanted> {
        let mut wanted: Vec<_> =
            files.iter().map(|(path, version)| Wanted { path: (*path).into(), sent: sent(*version) }).collect();
        wanted.sort_by(|a, b| a.path.cmp(&b.path));
        wanted
    }

    fn known(files: &[(&str, u64)]) -> Known {
        files.iter().map(|(path, version)| ((*path).into(), There::Known(sent(*version)))).collect()
    }

    /// The steps as a person would tell them: phases are parted by a bar.
    fn told(steps: &Steps) -> String {
        let mut told = Vec::new();
        let mut from = 0;
        for end in &steps.phases {
            let step = |step: &Step| match step.change {
                Change::New(_) | Change::Again(_) => format!("+{}", step.path),
                Change::Changed(_) => format!("~{}", step.path),
                Change::Deleted => format!("-{}", step.path),
            };
            told.push(steps.steps[from..*end].iter().map(step).collect::<Vec<_>>().join(" "));
            from = *end;
        }
        told.join(" | ")
    }

    #[test]
    fn a_first_publish_sends_all_files_then_pages_and_the_home_page_last() {
        let files = [
            ("index.html", 1),
            ("404.html", 1),
            ("actors/index.html", 1),
            ("actors/a.html", 1),
            ("data/records.jsonl", 1),
            ("static/style.css", 1),
            ("sitemap.xml", 1),
            ("sitemap-1.xml", 1),
            ("robots.txt", 1),
        ];
        assert_eq!(
            told(&steps(&site(&files), &Known::new())),
            "+data/records.jsonl +static/style.css | +404.html +actors/a.html +actors/index.html | +sitemap-1.xml | +sitemap.xml | +robots.txt | +index.html"
        );
    }

    #[test]
    fn what_is_as_it_was_is_not_sent_again() {
        let files = [("index.html", 1), ("a.html", 1)];
        assert_eq!(told(&steps(&site(&files), &known(&files))), "");
    }

    #[test]
    fn what_is_new_comes_before_what_leads_to_it_and_deletions_come_last() {
        let old = known(&[
            ("index.html", 1),
            ("a.html", 1),
            ("old.html", 1),
            ("files/old.png", 1),
            ("dates/index.html", 1),
            ("data/records.jsonl", 1),
            ("static/style.css", 1),
            ("same.html", 1),
        ]);
        let new = site(&[
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
            told(&steps(&new, &old)),
            "+files/new.png | ~static/style.css | +new.html +tags/index.html | ~a.html | ~data/records.jsonl | ~dates/index.html | ~index.html | -old.html | -files/old.png"
        );
    }

    #[test]
    fn other_headers_are_another_file() {
        let old = known(&[("a.html", 1)]);
        let mut new = site(&[("a.html", 1)]);
        new[0].sent.headers = Arc::new(headers("x", Some(super::super::headers::Encoding::Gzip)));
        assert_eq!(told(&steps(&new, &old)), "~a.html");
    }

    #[test]
    fn what_may_be_there_is_new_and_what_is_there_with_unknown_bytes_changed() {
        let there: Known = [
            ("a.html".into(), There::Perhaps),
            ("b.html".into(), There::Unknown),
            ("c.html".into(), There::Perhaps),
            ("d.html".into(), There::Unknown),
            ("e.html".into(), There::Nothing),
        ]
        .into();
        assert_eq!(told(&steps(&site(&[("a.html", 1), ("b.html", 1)]), &there)), "+a.html | ~b.html | -c.html -d.html");
    }

    #[test]
    fn how_far_a_plan_was_followed_tells_what_is_there() {
        let step = |path: &str, change| Step { path: path.into(), change };
        let plan = || Plan {
            left: [("old.html".into(), There::Perhaps), ("same.html".into(), There::Hidden(sent(9)))].into(),
            steps: vec![
                step("new.css", Change::New(sent(2))),
                step("new.html", Change::New(sent(3))),
                step("a.html", Change::Changed(sent(4))),
                step("index.html", Change::Changed(sent(5))),
                step("old.html", Change::Deleted),
                step("older.html", Change::Deleted),
            ],
        };
        let told = |done, open| {
            let left = left_after(plan(), done, open);
            let told = |path: &str, there: &There| match there {
                There::Known(sent) => format!("{path} {}", sent.sha256[0]),
                There::Hidden(sent) => format!("{path} ({})", sent.sha256[0]),
                There::Unknown => format!("{path} ?"),
                There::Perhaps => format!("{path} (?)"),
                There::Nothing => format!("{path} -"),
            };
            left.iter().map(|(path, there)| told(path, there)).collect::<Vec<_>>().join(", ")
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
    fn wanted(site: &Site) -> Vec<Wanted> {
        let sum = |path: &str, version: u64, links: &BTreeSet<Arc<str>>| {
            let text = format!("{version} {links:?}");
            let sha256 = Sum::of(text.as_bytes()).sha256;
            Wanted { path: path.into(), sent: Sent { sha256, headers: Arc::new(headers("x", None)) } }
        };
        site.iter().map(|(path, (version, links))| sum(path, *version, links)).collect()
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
                bucket.insert(step.path.clone(), site[&step.path].clone())
            }
            Change::Deleted => bucket.remove(&step.path),
        };
    }

    /// Publishes some random sites one after the other, each broken off anywhere, and looks at what readers have after every step.
    fn walk(seed: u64) {
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let mut bucket = Site::new();
        let mut published = Published::new();
        let mut left = Known::new();
        for version in 1..=6 {
            let site = random_site(&mut dice, version);
            let wanted = wanted(&site);
            let mut known: Known =
                published.iter().map(|(path, sent)| (path.clone(), There::Known(sent.clone()))).collect();
            known.extend(left.iter().map(|(path, there)| (path.clone(), there.clone())));
            for (path, there) in &known {
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
            let Steps { steps, phases, sending } = steps(&wanted, &known);
            assert!(steps[..sending].iter().all(|step| step.change != Change::Deleted));
            let cut = if dice.below(3) == 0 { usize::MAX } else { dice.below(steps.len() + 1) };
            let (mut done, mut open, mut from) = (0, 0, 0);
            for end in &phases {
                // Of a phase any steps may be done at a time; the written mark lags behind.
                (done, open) = (from, *end);
                let mut order: Vec<usize> = (from..*end).collect();
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
                if cut < *end || cut == *end && dice.below(2) == 0 {
                    break;
                }
                (done, open, from) = (*end, *end, *end);
                if from == sending {
                    published = wanted.iter().map(|file| (file.path.clone(), file.sent.clone())).collect();
                }
                if cut == *end {
                    break;
                }
            }
            if cut == usize::MAX {
                let now = self::wanted(&bucket);
                assert_eq!(now, wanted, "seed {seed}");
                published = wanted.into_iter().map(|file| (file.path, file.sent)).collect();
                left = Known::new();
            } else {
                left = left_after(Plan { left, steps }, done, open);
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
