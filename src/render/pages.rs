//! The pages that are about no single record: home, dates, indexes, timeline, network, corrections.

use std::collections::BTreeMap;

use tera::Value;

use super::view::{View, html, view};
use super::{Depth, Renderer};
use crate::edtf::{Answer, Day};
use crate::model::Kind;
use crate::plan::{DayIndex, MonthIndex, Route, Tie};
use crate::redact::{Number, Role};

/// How many of an actor's acts the home page shows.
const ACTS_OF_KEY_ACTOR: usize = 3;

/// How many key actors, events and disputed records the home page shows when the settings name none.
const KEY: usize = 6;

/// How many of the latest records the home page shows.
const LATEST: usize = 10;

impl Renderer {
    pub(super) fn home(&self) -> View {
        let depth = Depth::Root;
        let counts = view! {
            actors: self.site.of_kind(Kind::Actor).len(),
            events: self.site.of_kind(Kind::Event).len(),
            quotes: self.site.of_kind(Kind::Quote).len(),
            sources: self.site.of_kind(Kind::Source).len(),
            places: self.site.of_kind(Kind::Place).len(),
            dates: self.site.plan.dates.days.len(),
        };
        let key_actors = self.key_actors().into_iter().map(|number| self.key_actor(number, depth)).collect::<Vec<_>>();
        let key_events = self.key_events().iter().map(|number| self.record(*number, depth)).collect::<Vec<_>>();
        let latest = self.site.plan.timeline.iter().rev().take(LATEST).map(|number| self.record(*number, depth));
        let days = self.site.plan.dates.days.iter().map(|(day, index)| self.day_view(*day, index, depth));
        let disputed = self.site.plan.disputed.iter().take(KEY).map(|number| self.record(*number, depth));
        let corrections =
            self.site.plan.corrections.iter().take(KEY).map(|(number, at)| self.correction(*number, *at, depth));
        let dated = |number: Option<&Number>| {
            number.map_or_else(Value::none, |number| self.optional_date(self.site.record(*number).fields.date(), depth))
        };
        let events = self.site.of_kind(Kind::Event);
        view! {
            html: self.summary_html(depth),
            key_actors: key_actors,
            key_events: key_events,
            latest: latest.collect::<Vec<_>>(),
            days: days.take(400).collect::<Vec<_>>(),
            disputed: disputed.collect::<Vec<_>>(),
            corrections: corrections.collect::<Vec<_>>(),
            counts: counts,
            first: dated(events.first()),
            last: dated(events.last()),
            methodology: self.methodology().map_or_else(Value::none, |number| self.link_to_record(number, depth)),
        }
    }

    /// The page that says how the dossier was made.
    pub(super) fn methodology(&self) -> Option<Number> {
        let is_listed_page = |number: &Number| {
            let record = self.site.record(*number);
            record.kind() == Kind::Page && record.listed
        };
        self.site.dossier.find_text("methodology").filter(is_listed_page)
    }

    /// The incident in about three sentences; its title when the settings have no summary.
    fn summary_html(&self, depth: Depth) -> Value {
        match &self.site.dossier.summary {
            Some((prose, links)) => html(&self.fill(prose, links, depth)),
            None => Value::from(self.site.dossier.settings.title.as_str()),
        }
    }

    /// The actors that the settings name, or those who said and did most.
    fn key_actors(&self) -> Vec<Number> {
        let named = &self.site.dossier.settings.key_actors;
        if !named.is_empty() {
            return named.iter().filter_map(|id| self.site.dossier.find_text(id.as_str())).collect();
        }
        let mut actors: Vec<Number> = self.site.plan.activity.keys().copied().collect();
        actors.retain(|number| self.site.record(*number).listed);
        actors.sort_by_key(|number| {
            let activity = self.site.plan.activity[number];
            (std::cmp::Reverse(activity.quotes + activity.events), self.site.plan.position[*number as usize])
        });
        actors.truncate(KEY);
        actors
    }

    fn key_events(&self) -> Vec<Number> {
        let named = &self.site.dossier.settings.key_events;
        if !named.is_empty() {
            return named.iter().filter_map(|id| self.site.dossier.find_text(id.as_str())).collect();
        }
        self.site.of_kind(Kind::Event).iter().copied().take(KEY).collect()
    }

    fn key_actor(&self, number: Number, depth: Depth) -> Value {
        let mut view = View::of(&self.record(number, depth));
        let acts = self.referrers(number, |role| matches!(role, Role::Spoke | Role::TookPart));
        let entries = acts.iter().take(ACTS_OF_KEY_ACTOR).map(|act| {
            let role = match self.site.record(*act).kind() {
                Kind::Quote => "spoke",
                _ => "took-part",
            };
            self.entry(*act, role, false, "", depth)
        });
        view.set("entries", entries.collect::<Vec<_>>());
        view.value()
    }

    fn day_view(&self, day: Day, index: &DayIndex, depth: Depth) -> View {
        let count = |kind: Kind| {
            let all = index.certain.iter().chain(&index.possible);
            all.filter(|number| self.site.record(**number).kind() == kind).count()
        };
        view! {
            date: self.date(&day.into(), depth),
            href: self.day_href(day, depth),
            title: self.format.day(day),
            events: count(Kind::Event),
            quotes: count(Kind::Quote),
            certain: !index.certain.is_empty(),
        }
    }

    /// The days on which records fall, for the strip of an actor.
    pub(super) fn days_of(&self, records: &[Number], depth: Depth) -> Value {
        let mut days: BTreeMap<Day, DayIndex> = BTreeMap::new();
        for number in records {
            let Some(date) = self.site.record(*number).fields.date() else { continue };
            for day in date.stated_days(31) {
                let entry = days.entry(day).or_default();
                match date.falls_on(day, day) {
                    Answer::Yes => entry.certain.push(*number),
                    Answer::Possibly => entry.possible.push(*number),
                    Answer::No => {}
                }
            }
        }
        Value::from(days.iter().map(|(day, index)| self.day_view(*day, index, depth).value()).collect::<Vec<_>>())
    }

    fn of_kind(&self, numbers: &[Number], kind: Kind, depth: Depth) -> Value {
        let found = numbers.iter().filter(|number| self.site.record(**number).kind() == kind);
        Value::from(found.map(|number| self.record(*number, depth)).collect::<Vec<_>>())
    }

    fn all(&self, numbers: &[Number], depth: Depth) -> Value {
        Value::from(numbers.iter().map(|number| self.record(*number, depth)).collect::<Vec<_>>())
    }

    pub(super) fn day(&self, day: Day) -> View {
        let depth = Depth::Folder;
        let empty = DayIndex::default();
        let index = self.site.plan.dates.days.get(&day).unwrap_or(&empty);
        let (year, month) = (day.year(), day.month());
        view! {
            date: self.date(&day.into(), depth),
            title: self.format.day_long(day),
            year: self.link_to(&self.format.year(year), &Route::Year(year), depth),
            month: self.link_to(&self.format.month(year, month), &Route::Month(year, month), depth),
            events: self.of_kind(&index.certain, Kind::Event, depth),
            quotes: self.of_kind(&index.certain, Kind::Quote, depth),
            sources: self.of_kind(&index.certain, Kind::Source, depth),
            possible_events: self.of_kind(&index.possible, Kind::Event, depth),
            possible_quotes: self.of_kind(&index.possible, Kind::Quote, depth),
            possible_sources: self.of_kind(&index.possible, Kind::Source, depth),
            broader: self.broader(Some((year, month)), year, depth),
        }
    }

    /// How many records are dated only by the month or the year, with links to where they stand.
    fn broader(&self, month: Option<(i16, u8)>, year: i16, depth: Depth) -> Vec<Value> {
        let mut broader = Vec::new();
        let mut add = |title: String, route: Route, n: usize| {
            if n > 0 {
                let mut view = View::of(&self.link_to(&title, &route, depth));
                view.set("n", n);
                broader.push(view.value());
            }
        };
        if let Some((year, month)) = month
            && let Some(index) = self.site.plan.dates.months.get(&(year, month))
        {
            let n = index.certain.len() + index.possible.len();
            add(self.format.month(year, month), Route::Month(year, month), n);
        }
        if let Some(index) = self.site.plan.dates.years.get(&year) {
            add(self.format.year(year), Route::Year(year), index.certain.len() + index.possible.len());
        }
        broader
    }

    pub(super) fn month(&self, year: i16, month: u8) -> View {
        let depth = Depth::Folder;
        let days = self.site.plan.dates.days_of(year, month).map(|(day, index)| {
            let mut view = self.day_view(*day, index, depth);
            view.set("records", self.all(&index.certain, depth));
            view.set("possible", self.all(&index.possible, depth));
            view.value()
        });
        let days: Vec<Value> = days.collect();
        let MonthIndex { mut certain, mut possible, between } =
            self.site.plan.dates.months.get(&(year, month)).cloned().unwrap_or_default();
        for number in between {
            match self.falls_in_month(number, year, month) {
                Answer::Yes => certain.push(number),
                Answer::Possibly => possible.push(number),
                Answer::No => {}
            }
        }
        view! {
            title: self.format.month(year, month),
            year: self.link_to(&self.format.year(year), &Route::Year(year), depth),
            days: days,
            events: self.of_kind(&certain, Kind::Event, depth),
            quotes: self.of_kind(&certain, Kind::Quote, depth),
            sources: self.of_kind(&certain, Kind::Source, depth),
            possible: self.all(&possible, depth),
            broader: self.broader(None, year, depth),
        }
    }

    /// Whether a record falls in a month.
    fn falls_in_month(&self, number: Number, year: i16, month: u8) -> Answer {
        let date = self.site.record(number).fields.date();
        match (date, Day::new(year, month, 1)) {
            (Some(date), Some(first)) => date.falls_on(first, first.last_of_month()),
            _ => Answer::No,
        }
    }

    pub(super) fn year(&self, year: i16) -> View {
        let depth = Depth::Folder;
        let months = self.site.plan.dates.months_of(year).map(|(month, index)| {
            let days: Vec<View> = self
                .site
                .plan
                .dates
                .days_of(year, month)
                .map(|(day, index)| self.day_view(*day, index, depth))
                .collect();
            let (events, quotes) = self.count_month(year, month);
            let mut view = View::of(&self.link_to(&self.format.month_name(month), &Route::Month(year, month), depth));
            view.set("events", events);
            view.set("quotes", quotes);
            view.set("only_month", index.certain.len() + index.possible.len());
            view.set("days", days);
            view.value()
        });
        let months: Vec<Value> = months.collect();
        let index = self.site.plan.dates.years.get(&year).cloned().unwrap_or_default();
        view! {
            title: self.format.year(year),
            months: months,
            records: self.all(&index.certain, depth),
            possible: self.all(&index.possible, depth),
        }
    }

    /// How many events and quotes fall in a month, certainly or possibly, each counted once.
    fn count_month(&self, year: i16, month: u8) -> (usize, usize) {
        let mut numbers: Vec<Number> = Vec::new();
        for (_, index) in self.site.plan.dates.days_of(year, month) {
            numbers.extend(index.certain.iter().chain(&index.possible));
        }
        if let Some(index) = self.site.plan.dates.months.get(&(year, month)) {
            numbers.extend(index.certain.iter().chain(&index.possible));
        }
        numbers.sort_unstable();
        numbers.dedup();
        let count = |kind: Kind| numbers.iter().filter(|number| self.site.record(**number).kind() == kind).count();
        (count(Kind::Event), count(Kind::Quote))
    }

    pub(super) fn dates(&self) -> View {
        let depth = Depth::Folder;
        let years = self.site.plan.dates.years.keys().map(|year| {
            let (mut events, mut quotes) = (0, 0);
            let months: Vec<Value> = self
                .site
                .plan
                .dates
                .months_of(*year)
                .map(|(month, _)| {
                    let (of_events, of_quotes) = self.count_month(*year, month);
                    events += of_events;
                    quotes += of_quotes;
                    let title = self.format.month_name(month);
                    let mut view = View::of(&self.link_to(&title, &Route::Month(*year, month), depth));
                    view.set("n", of_events + of_quotes);
                    view.value()
                })
                .collect();
            let mut view = View::of(&self.link_to(&self.format.year(*year), &Route::Year(*year), depth));
            view.set("events", events);
            view.set("quotes", quotes);
            view.set("months", months);
            view.value()
        });
        let years: Vec<Value> = years.collect();
        view! { years: years, undated: self.site.plan.dates.elsewhere }
    }

    pub(super) fn index(&self, kind: Kind, page: usize, depth: Depth) -> View {
        let all = self.site.of_kind(kind);
        let (records, pager) = self.paged(all, page, self.site.page_size(), depth, |page| Route::Index(kind, page));
        let mut view = view! { kind: kind.word(), records: self.all(records, depth), pager: pager };
        if kind == Kind::Quote {
            view.set("verbatim", self.totals_view());
        }
        view
    }

    pub(super) fn tag(&self, at: usize, page: usize) -> View {
        let depth = Depth::Folder;
        let tag = &self.site.plan.tags[at];
        let (records, pager) =
            self.paged(&tag.records, page, self.site.page_size(), depth, |page| Route::Tag(at, page));
        view! { name: tag.name.as_str(), records: self.all(records, depth), pager: pager }
    }

    pub(super) fn tags(&self, page: usize) -> View {
        let depth = Depth::Folder;
        let all: Vec<usize> = (0..self.site.plan.tags.len()).collect();
        let (tags, pager) = self.paged(&all, page, 10 * self.site.page_size(), depth, Route::Tags);
        let links = tags.iter().map(|at| {
            let tag = &self.site.plan.tags[*at];
            let mut view = View::of(&self.link_to(&tag.name, &Route::Tag(*at, 1), depth));
            view.set("n", tag.records.len());
            view.value()
        });
        view! { tags: links.collect::<Vec<_>>(), pager: pager }
    }

    pub(super) fn timeline(&self, page: usize) -> View {
        let depth = Depth::Root;
        let size = self.site.page_size();
        let (records, pager) = self.paged(&self.site.plan.timeline, page, size, depth, Route::Timeline);
        let entries = records.iter().map(|number| {
            let role = match self.site.record(*number).kind() {
                Kind::Quote => "spoke",
                _ => "event",
            };
            self.entry(*number, role, false, "", depth)
        });
        view! { entries: entries.collect::<Vec<_>>(), pager: pager, years: self.timeline_years(depth) }
    }

    /// The page of the timeline on which each year begins.
    fn timeline_years(&self, depth: Depth) -> Vec<Value> {
        let size = self.site.page_size();
        let years = self.site.plan.timeline_years.iter();
        years.map(|(year, at)| self.link_to(&self.format.year(*year), &Route::Timeline(at / size + 1), depth)).collect()
    }

    pub(super) fn network(&self, page: usize) -> View {
        let depth = Depth::Root;
        let (rows, pager) = self.paged(&self.site.plan.network, page, self.site.page_size(), depth, Route::Network);
        let mut actors = BTreeMap::new();
        let views = rows.iter().map(|row| {
            for number in [row.from, row.to] {
                actors.insert(self.site.plan.position[number as usize], number);
            }
            let (kind, n) = match &row.tie {
                Tie::About => ("about", row.quotes.len()),
                Tie::To => ("to", row.quotes.len()),
                Tie::Relation(kind) => (kind.as_str(), 1),
            };
            view! {
                from: self.reference(row.from, depth),
                to: self.reference(row.to, depth),
                kind: kind,
                n: n,
                records: row.quotes.iter().map(|number| self.reference(*number, depth)).collect::<Vec<_>>(),
            }
            .value()
        });
        let views: Vec<Value> = views.collect();
        let actors: Vec<Value> = actors.values().map(|number| self.record(*number, depth)).collect();
        view! { rows: views, actors: actors, pager: pager }
    }

    pub(super) fn corrections(&self, page: usize) -> (Value, Value) {
        let depth = Depth::Root;
        let (corrections, pager) =
            self.paged(&self.site.plan.corrections, page, self.site.page_size(), depth, Route::Corrections);
        let views = corrections.iter().map(|(number, at)| self.correction(*number, *at, depth));
        (Value::from(views.collect::<Vec<_>>()), pager)
    }

    /// One page of a list, and the way to the others.
    pub(super) fn paged<'a, T>(
        &self,
        all: &'a [T],
        page: usize,
        size: usize,
        depth: Depth,
        route: impl Fn(usize) -> Route,
    ) -> (&'a [T], Value) {
        let of = crate::plan::pages(all.len(), size);
        let start = (page.saturating_sub(1) * size).min(all.len());
        let records = &all[start..(start + size).min(all.len())];
        let link = |number: usize| {
            let mut view = View::of(&self.link_to(&number.to_string(), &route(number), depth));
            view.set("current", number == page);
            view.value()
        };
        let optional =
            |number: usize| if number != page && (1..=of).contains(&number) { link(number) } else { Value::none() };
        // The first, the last, and those around this one; a long list has too many to name them all.
        let near = (1..=of).filter(|number| *number == 1 || *number == of || number.abs_diff(page) <= 3);
        let pager = view! {
            number: page,
            of: of,
            first: optional(1),
            previous: optional(page.wrapping_sub(1)),
            next: optional(page + 1),
            last: optional(of),
            pages: near.map(link).collect::<Vec<_>>(),
            total: all.len(),
        };
        (records, pager.value())
    }
}
