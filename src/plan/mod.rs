//! What the site will be: every output path, every order and every index, before a byte is rendered.
//!
//! A [`Site`] is a value. `build` writes it, the preview answers from it, an archive packs it. Collisions of paths are
//! found here; nothing later decides what exists.

mod dates;
mod network;
mod routes;
mod tags;

use std::cmp::Ordering;
use std::collections::BTreeMap;

use icu_collator::{Collator, CollatorBorrowed, options::CollatorOptions};
use icu_locale::Locale;

use crate::diagnostic::{Code, Diagnostic};
use crate::edtf::SortKey;
use crate::model::{Attribution, Fields, Kind, StatusWord};
use crate::redact::{Number, PublicDossier, PublicRecord, Role};

pub use dates::{DateIndex, DayIndex, MonthIndex, YearIndex};
pub use network::{Row, Tie};
pub use routes::{Route, path_of_record};
pub(crate) use routes::{SITEMAP_LIMIT, pages};
pub use tags::Tag;

/// The site: a public dossier with every page it will have.
#[derive(Debug)]
pub struct Site {
    /// The records.
    pub dossier: PublicDossier,
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
    /// Corrections, newest first: the record and the place in its list.
    pub corrections: Vec<(Number, usize)>,
    /// Who spoke about or to whom, and who is tied to whom.
    pub network: Vec<Row>,
    /// How many listed quotes each actor spoke and events each took part in.
    pub activity: BTreeMap<Number, Activity>,
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
pub fn plan(dossier: PublicDossier, assets: &[String]) -> (Site, Vec<Diagnostic>) {
    let order = Order::new(dossier.settings.lang());
    let rank = rank(&dossier.records);
    let listed = listed(&dossier, &order, &rank);
    let mut position = vec![0; dossier.records.len()];
    for records in listed.values() {
        for (place, number) in (0..).zip(records) {
            position[*number as usize] = place;
        }
    }
    let dates = DateIndex::new(&dossier, &rank);
    let (tags, mut findings) = tags::collect(&dossier, &order, &rank);
    let tags_of = tags::of_records(&tags);
    let timeline = timeline(&dossier, &rank);
    let disputed = disputed(&timeline, &dossier);
    let timeline_years = years_of(&timeline, &dossier);
    let corrections = corrections(&dossier);
    let network = network::rows(&dossier, &position);
    let activity = activity(&dossier);
    let mut site = Site {
        dossier,
        routes: BTreeMap::new(),
        listed,
        rank,
        position,
        dates,
        tags,
        tags_of,
        timeline,
        timeline_years,
        disputed,
        corrections,
        network,
        activity,
    };
    let (routes, collisions) = routes::collect(&site, assets);
    site.routes = routes;
    findings.extend(collisions);
    (site, findings)
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
        self.listed.get(&kind).map(Vec::as_slice).unwrap_or_default()
    }

    /// The listed records before and after one, in the order of its index.
    pub fn neighbours(&self, number: Number) -> (Option<Number>, Option<Number>) {
        let record = self.record(number);
        if !record.listed {
            return (None, None);
        }
        let list = self.of_kind(record.kind());
        let at = self.position[number as usize] as usize;
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
fn rank(records: &[PublicRecord]) -> Vec<u32> {
    let mut order: Vec<(Option<SortKey>, &str, usize)> = records
        .iter()
        .enumerate()
        .map(|(number, record)| (record.fields.date().map(|date| date.sort_key()), record.id.as_str(), number))
        .collect();
    order.sort_unstable_by(|a, b| a.0.is_none().cmp(&b.0.is_none()).then(a.0.cmp(&b.0)).then(a.1.cmp(b.1)));
    let mut rank = vec![0; records.len()];
    for (place, (_, _, number)) in (0..).zip(order) {
        rank[number] = place;
    }
    rank
}

fn listed(dossier: &PublicDossier, order: &Order, rank: &[u32]) -> BTreeMap<Kind, Vec<Number>> {
    let mut listed: BTreeMap<Kind, Vec<Number>> = BTreeMap::new();
    for (number, record) in (0..).zip(&dossier.records) {
        if record.listed {
            listed.entry(record.kind()).or_default().push(number);
        }
    }
    let record = |number: &Number| &dossier.records[*number as usize];
    for (kind, numbers) in &mut listed {
        match kind {
            Kind::Actor | Kind::Place => {
                numbers.sort_by(|a, b| {
                    let (a, b) = (record(a), record(b));
                    order.compare(sort_name(a), sort_name(b)).then_with(|| a.id.cmp(&b.id))
                });
            }
            Kind::Page => numbers.sort_by_key(|number| (page_order(record(number)), record(number).id.clone())),
            Kind::Event | Kind::Quote | Kind::Source => numbers.sort_by_key(|number| rank[*number as usize]),
        }
    }
    listed
}

fn sort_name(record: &PublicRecord) -> &str {
    match &*record.fields {
        Fields::Actor(actor) => actor.sort_name.as_ref().unwrap_or(&actor.name).as_str(),
        Fields::Place(place) => place.name.as_str(),
        Fields::Event(_) | Fields::Quote(_) | Fields::Source(_) | Fields::Page(_) => "",
    }
}

/// Pages without a place of their own come after those that have one.
fn page_order(record: &PublicRecord) -> i64 {
    match &*record.fields {
        Fields::Page(page) => page.order.unwrap_or(i64::MAX),
        _ => i64::MAX,
    }
}

fn timeline(dossier: &PublicDossier, rank: &[u32]) -> Vec<Number> {
    let mut timeline: Vec<Number> = (0..)
        .zip(&dossier.records)
        .filter(|(_, record)| record.listed && matches!(record.kind(), Kind::Event | Kind::Quote))
        .map(|(number, _)| number)
        .collect();
    timeline.sort_unstable_by_key(|number| rank[*number as usize]);
    timeline
}

/// The records whose truth or whose attribution is in dispute.
fn disputed(timeline: &[Number], dossier: &PublicDossier) -> Vec<Number> {
    let is_disputed = |number: &Number| {
        let fields = &dossier.records[*number as usize].fields;
        let status = fields.common().status.map(|status| status.is);
        let attribution = match &**fields {
            Fields::Quote(quote) => quote.attribution,
            _ => None,
        };
        matches!(status, Some(StatusWord::Disputed | StatusWord::Refuted | StatusWord::Retracted))
            || matches!(attribution, Some(Attribution::Disputed | Attribution::Denied | Attribution::Misattributed))
    };
    timeline.iter().copied().filter(is_disputed).collect()
}

/// Where each year begins; a year that comes up again, after a date with an open start, is named once.
fn years_of(timeline: &[Number], dossier: &PublicDossier) -> Vec<(i16, usize)> {
    let mut years: BTreeMap<i16, usize> = BTreeMap::new();
    for (at, number) in timeline.iter().enumerate() {
        let date = dossier.records[*number as usize].fields.date();
        if let Some(day) = date.and_then(|date| date.earliest().or(date.latest())) {
            years.entry(day.year()).or_insert(at);
        }
    }
    years.into_iter().collect()
}

fn corrections(dossier: &PublicDossier) -> Vec<(Number, usize)> {
    let mut corrections: Vec<(Number, usize)> = (0..)
        .zip(&dossier.records)
        .filter(|(_, record)| record.listed)
        .flat_map(|(number, record)| (0..record.fields.common().corrections.len()).map(move |at| (number, at)))
        .collect();
    corrections.sort_by(|a, b| {
        let on = |(number, at): &(Number, usize)| {
            dossier.records[*number as usize].fields.common().corrections[*at].on.sort_key()
        };
        on(b).cmp(&on(a)).then(a.cmp(b))
    });
    corrections
}

fn activity(dossier: &PublicDossier) -> BTreeMap<Number, Activity> {
    let mut activity: BTreeMap<Number, Activity> = BTreeMap::new();
    let mut last = None;
    for edge in &dossier.edges {
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
