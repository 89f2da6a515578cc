//! What the site will be: every output path, every order and every index, before a byte is rendered.
//!
//! A [`Site`] is a value. `build` writes it, the preview answers from it, an archive packs it. Collisions of paths are
//! found here; nothing later decides what exists.
//!
//! A [`Plan`] is made from the outlines of the records and from who refers to whom, and from nothing else. While those are
//! the same, it is the same plan.

mod dates;
mod gone;
mod network;
mod outline;
mod routes;
mod tags;

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use icu_collator::{Collator, CollatorBorrowed, options::CollatorOptions};
use icu_locale::Locale;
use rayon::prelude::*;

use crate::diagnostic::{Code, Diagnostic};
use crate::edition::Past;
use crate::edtf::SortKey;
use crate::model::{Attribution, Kind, StatusWord};
use crate::redact::{Edge, Number, PublicDossier, PublicRecord, Role};
use outline::Outline;

pub use dates::{DateIndex, DayIndex, MonthIndex, YearIndex};
pub use gone::Gone;
pub use network::{Row, Tie};
pub use routes::{HostFile, RECORDS_PER_FILE, Route, path_of_asset, path_of_id, path_of_record};
pub(crate) use routes::{SITEMAP_LIMIT, pages};
pub use tags::Tag;

/// The site: a public dossier with every page it will have.
#[derive(Clone, Debug)]
pub struct Site {
    /// The records.
    pub dossier: Arc<PublicDossier>,
    /// What pages there are and what stands on them.
    pub plan: Arc<Plan>,
}

/// What pages a site has, and in which order records stand on them.
#[derive(Debug)]
pub struct Plan {
    /// Every file of the site by its path from the site's root.
    pub routes: BTreeMap<String, Route>,
    /// The listed records of each kind, in the order of their index: names by the language's collation, else by date.
    pub listed: BTreeMap<Kind, Vec<Number>>,
    /// The place of each record in time among all records; lists are sorted by it.
    pub rank: Vec<u32>,
    /// The place of each record in the list of its kind.
    pub position: Vec<u32>,
    /// Which records fall on which day, month and year.
    pub dates: DateIndex,
    /// The tags, in the language's order.
    pub tags: Vec<Tag>,
    /// The tags of each record, as places in that list.
    pub tags_of: BTreeMap<Number, Vec<usize>>,
    /// Events, and quotes that belong to none, in time order.
    pub timeline: Vec<Number>,
    /// The place in the timeline at which each year begins.
    pub timeline_years: Vec<(i16, usize)>,
    /// What is disputed, refuted, retracted or denied, in time order.
    pub disputed: Vec<Number>,
    /// Corrections that are more than minor, newest first: the record and the place in its list.
    pub corrections: Vec<(Number, usize)>,
    /// Who spoke about or to whom, and who is tied to whom.
    pub network: Vec<Row>,
    /// How many listed quotes each actor spoke and events each took part in.
    pub activity: BTreeMap<Number, Activity>,
    /// The past editions.
    pub past: Arc<Past>,
    /// Their addresses at which nothing stands any more, in the order of their paths.
    pub gone: Vec<Gone>,
    /// What was found on the way.
    findings: Vec<Diagnostic>,
    assets: Vec<String>,
}

/// How much an actor did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Activity {
    /// Quotes spoken.
    pub quotes: u32,
    /// Events taken part in.
    pub events: u32,
}

/// Plans the site. `assets` are the paths of the theme's static files, below `static/`.
pub fn plan(
    dossier: Arc<PublicDossier>,
    assets: Vec<String>,
    past: &Arc<Past>,
    before: Option<&Site>,
) -> (Site, Vec<Diagnostic>) {
    let is_planned = |before: &&Site| {
        before.plan.assets == assets && Arc::ptr_eq(&before.plan.past, past) && is_same(&before.dossier, &dossier)
    };
    let plan = match before.filter(is_planned) {
        Some(before) => Arc::clone(&before.plan),
        None => Arc::new(make(&dossier, assets, past)),
    };
    let findings = plan.findings.clone();
    (Site { dossier, plan }, findings)
}

/// Whether two dossiers have the same plan.
fn is_same(before: &PublicDossier, now: &PublicDossier) -> bool {
    let (old, new) = (&before.settings, &now.settings);
    let is_set_alike = old.lang() == new.lang()
        && old.paginate() == new.paginate()
        && old.base_url.is_some() == new.base_url.is_some()
        && HostFile::of(old) == HostFile::of(new);
    is_set_alike
        && (Arc::ptr_eq(&before.edges, &now.edges) || planned(&before.edges).eq(planned(&now.edges)))
        && before.attachments == now.attachments
        && before.tombstones == now.tombstones
        && before.records.len() == now.records.len()
        && before
            .records
            .iter()
            .zip(&now.records)
            .all(|(old, new)| Arc::ptr_eq(old, new) || Outline::of(old) == Outline::of(new))
}

/// The edges that a plan looks at. Who is only mentioned, or where something stands, makes no difference to it.
fn planned(edges: &[Edge]) -> impl Iterator<Item = &Edge> {
    edges
        .iter()
        .filter(|edge| matches!(edge.role, Role::About | Role::To | Role::Relation | Role::Spoke | Role::TookPart))
}

fn make(dossier: &PublicDossier, assets: Vec<String>, past: &Arc<Past>) -> Plan {
    let order = Order::new(dossier.settings.lang());
    let outlines: Vec<Outline<'_>> = dossier.records.iter().map(|record| Outline::of(record)).collect();
    let rank = rank(&outlines);
    let listed = listed(&outlines, &order, &rank);
    let mut position = vec![0; outlines.len()];
    for records in listed.values() {
        for (place, number) in (0..).zip(records) {
            position[*number as usize] = place;
        }
    }
    let dates = DateIndex::new(&outlines, &rank);
    let (tags, mut findings) = tags::collect(&outlines, &order, &rank);
    let tags_of = tags::of_records(&tags);
    let timeline = timeline(&outlines, &rank);
    let network = network::rows(dossier, &outlines, &position);
    let mut plan = Plan {
        routes: BTreeMap::new(),
        rank,
        position,
        dates,
        tags,
        tags_of,
        disputed: disputed(&timeline, &outlines),
        timeline_years: years_of(&timeline, &outlines),
        timeline,
        corrections: corrections(&outlines),
        network,
        activity: activity(dossier),
        past: Arc::clone(past),
        gone: Vec::new(),
        listed,
        findings: Vec::new(),
        assets: Vec::new(),
    };
    let (mut routes, collisions) = routes::collect(dossier, &outlines, &plan, &assets);
    findings.extend(collisions);
    let (gone, data) = gone::collect(past, &routes);
    let gone_routes = (0..).zip(&gone).map(|(at, gone)| (gone.path.clone(), Route::Gone(at)));
    routes.extend(gone_routes);
    routes.extend(data.into_iter().map(|route| (route.path_in(dossier, &plan), route)));
    plan.routes = routes;
    plan.gone = gone;
    plan.findings = findings;
    plan.assets = assets;
    plan
}

impl Site {
    /// A record.
    pub fn record(&self, number: Number) -> &PublicRecord {
        &self.dossier.records[number as usize]
    }

    /// How many records stand on one page of an index.
    pub fn page_size(&self) -> usize {
        self.dossier.settings.paginate()
    }

    /// The listed records of a kind.
    pub fn of_kind(&self, kind: Kind) -> &[Number] {
        self.plan.listed.get(&kind).map(Vec::as_slice).unwrap_or_default()
    }

    /// The listed records before and after one, in the order of its index.
    pub fn neighbours(&self, number: Number) -> (Option<Number>, Option<Number>) {
        let record = self.record(number);
        if !record.listed {
            return (None, None);
        }
        let list = self.of_kind(record.kind());
        let at = self.plan.position[number as usize] as usize;
        (at.checked_sub(1).and_then(|before| list.get(before)).copied(), list.get(at + 1).copied())
    }
}

/// How names are sorted in the site's language.
pub(crate) struct Order {
    collator: Option<CollatorBorrowed<'static>>,
}

impl Order {
    fn new(lang: &str) -> Self {
        let locale: Locale = lang.parse().unwrap_or(Locale::UNKNOWN);
        Order { collator: Collator::try_new((&locale).into(), CollatorOptions::default()).ok() }
    }

    /// Compares two names; equal ones are told apart by their characters, so that the order is always the same.
    pub(crate) fn compare(&self, a: &str, b: &str) -> Ordering {
        let by_language = self.collator.as_ref().map_or(Ordering::Equal, |collator| collator.compare(a, b));
        by_language.then_with(|| a.cmp(b))
    }
}

/// The order of time among all records: by date, then by id; what has no date comes last.
fn rank(outlines: &[Outline<'_>]) -> Vec<u32> {
    let mut order: Vec<(Option<SortKey>, &str, usize)> = outlines
        .iter()
        .enumerate()
        .map(|(number, outline)| (outline.date.map(|date| date.sort_key()), outline.id.as_str(), number))
        .collect();
    order.par_sort_unstable_by(|a, b| a.0.is_none().cmp(&b.0.is_none()).then(a.0.cmp(&b.0)).then(a.1.cmp(b.1)));
    let mut rank = vec![0; outlines.len()];
    for (place, (_, _, number)) in (0..).zip(order) {
        rank[number] = place;
    }
    rank
}

fn listed(outlines: &[Outline<'_>], order: &Order, rank: &[u32]) -> BTreeMap<Kind, Vec<Number>> {
    let mut listed: BTreeMap<Kind, Vec<Number>> = BTreeMap::new();
    for (number, outline) in (0..).zip(outlines) {
        if outline.listed {
            listed.entry(outline.kind).or_default().push(number);
        }
    }
    let outline = |number: &Number| &outlines[*number as usize];
    for (kind, numbers) in &mut listed {
        match kind {
            Kind::Actor | Kind::Place => {
                numbers.par_sort_by(|a, b| {
                    let (a, b) = (outline(a), outline(b));
                    order.compare(a.sort_name, b.sort_name).then_with(|| a.id.cmp(b.id))
                });
            }
            // Pages without a place of their own come after those that have one.
            Kind::Page => {
                numbers.sort_by_key(|number| (outline(number).order.unwrap_or(i64::MAX), outline(number).id));
            }
            Kind::Event | Kind::Quote | Kind::Source => numbers.sort_unstable_by_key(|number| rank[*number as usize]),
        }
    }
    listed
}

fn timeline(outlines: &[Outline<'_>], rank: &[u32]) -> Vec<Number> {
    let mut timeline: Vec<Number> = (0..)
        .zip(outlines)
        .filter(|(_, outline)| outline.listed && matches!(outline.kind, Kind::Event | Kind::Quote))
        .map(|(number, _)| number)
        .collect();
    timeline.sort_unstable_by_key(|number| rank[*number as usize]);
    timeline
}

/// The records whose truth or whose attribution is in dispute.
fn disputed(timeline: &[Number], outlines: &[Outline<'_>]) -> Vec<Number> {
    let is_disputed = |number: &Number| {
        let outline = &outlines[*number as usize];
        matches!(outline.status, Some(StatusWord::Disputed | StatusWord::Refuted | StatusWord::Retracted))
            || matches!(
                outline.attribution,
                Some(Attribution::Disputed | Attribution::Denied | Attribution::Misattributed)
            )
    };
    timeline.iter().copied().filter(is_disputed).collect()
}

/// Where each year begins; a year that comes up again, after a date with an open start, is named once.
fn years_of(timeline: &[Number], outlines: &[Outline<'_>]) -> Vec<(i16, usize)> {
    let mut years: BTreeMap<i16, usize> = BTreeMap::new();
    for (at, number) in timeline.iter().enumerate() {
        let date = outlines[*number as usize].date;
        if let Some(day) = date.and_then(|date| date.earliest().or(date.latest())) {
            years.entry(day.year()).or_insert(at);
        }
    }
    years.into_iter().collect()
}

fn corrections(outlines: &[Outline<'_>]) -> Vec<(Number, usize)> {
    let mut corrections: Vec<(Number, usize)> = (0..)
        .zip(outlines)
        .filter(|(_, outline)| outline.listed)
        .flat_map(|(number, outline)| {
            (0..).zip(&outline.corrections).map(move |(at, correction)| (number, at, correction))
        })
        .filter(|(_, _, correction)| !correction.is_minor)
        .map(|(number, at, _)| (number, at))
        .collect();
    corrections.sort_by(|a, b| {
        let on = |(number, at): &(Number, usize)| outlines[*number as usize].corrections[*at].on.sort_key();
        on(b).cmp(&on(a)).then(a.cmp(b))
    });
    corrections
}

fn activity(dossier: &PublicDossier) -> BTreeMap<Number, Activity> {
    let mut activity: BTreeMap<Number, Activity> = BTreeMap::new();
    let mut last = None;
    for edge in planned(&dossier.edges) {
        // Who takes part in an event in two roles takes part once.
        let this = (edge.to, edge.from, edge.role);
        if last.replace(this) == Some(this) {
            continue;
        }
        match edge.role {
            Role::Spoke => activity.entry(edge.to).or_default().quotes += 1,
            Role::TookPart => activity.entry(edge.to).or_default().events += 1,
            _ => {}
        }
    }
    activity
}

/// A finding about two things that would be written to one path.
fn collision(path: &str, one: &str, other: &str) -> Diagnostic {
    Diagnostic::new(Code::RouteCollision, format!("{one} and {other} would both be written to `{path}`"))
        .hint("give one of them another id or name")
}
