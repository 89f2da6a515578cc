//! What stands around the subject of a page: title, navigation, breadcrumbs, citation, metadata for machines.

use serde_json::json;
use tera::Value;

use super::parts::shorten;
use super::view::{View, text, view};
use super::{Depth, Renderer, direction};
use crate::model::{ActorKind, Fields, Kind};
use crate::plan::Route;
use crate::redact::{Number, PublicRecord, Slot};

/// The length of a description for search engines and previews.
const DESCRIPTION: usize = 200;

/// How many free pages stand in the navigation of every page.
const PAGES_IN_NAVIGATION: usize = 12;

impl Renderer {
    /// The page as such.
    pub(super) fn page_view(&self, path: &str, route: &Route, depth: Depth) -> View {
        let lang = self.site.dossier.settings.lang();
        let (previous, next) = self.around(route, depth);
        let record = match route {
            Route::Record(number) => Some(self.site.record(*number)),
            _ => None,
        };
        // The address of what was taken down or is gone may be a name, so the page does not say it.
        let is_gone = matches!(route, Route::Tombstone(..) | Route::Gone(_));
        let path = if is_gone { "" } else { path };
        let base_url = self.site.dossier.settings.base_url().filter(|_| !is_gone);
        let url = base_url.map(|base| match path {
            "index.html" => base,
            path => format!("{base}{path}"),
        });
        view! {
            title: self.page_title(route),
            description: self.description(route),
            kind: kind_of(route, record),
            path: path,
            root: depth.prefix(),
            url: url.as_deref().unwrap_or_default(),
            lang: lang,
            dir: direction(lang),
            og_type: if record.is_some() { "article" } else { "website" },
            json_ld: record.map(|record| self.json_ld(record, url.as_deref())).unwrap_or_default(),
            noindex: record.is_some_and(|record| !record.listed) || is_gone || matches!(route, Route::NotFound | Route::Redirect(_)),
            notice: record.and_then(|record| self.notice(record, depth)),
            has_code: record.is_some_and(|record| record.texts.iter().any(|(_, prose)| prose.has_code)),
            breadcrumbs: self.breadcrumbs(route, depth),
            nav: self.navigation(route, depth),
            pages: self.free_pages(route, depth),
            previous: previous,
            next: next,
        }
    }

    /// What readers are told of a record that somebody objected to.
    fn notice(&self, record: &PublicRecord, depth: Depth) -> Option<Value> {
        let takedown = record.fields.common().takedown?;
        let notice = view! {
            on: self.date(&takedown.on, depth),
            reason: takedown.reason.word(),
            note: text(takedown.note.as_ref()),
        };
        Some(notice.value())
    }

    pub(super) fn page_title(&self, route: &Route) -> String {
        let words = &self.theme.words;
        let paged = |title: String, page: usize| if page > 1 { format!("{title} ({page})") } else { title };
        match route {
            Route::Home => self.site.dossier.settings.title.as_str().to_owned(),
            Route::Record(number) | Route::Redirect(number) => self.title(self.site.record(*number)),
            Route::Index(kind, page) => paged(words.string(kind.folder()), *page),
            Route::Dates => words.string("dates"),
            Route::Year(year) => self.format.year(*year),
            Route::Month(year, month) => self.format.month(*year, *month),
            Route::Day(day) => self.format.day_long(*day),
            Route::Tag(tag, page) => paged(self.site.plan.tags[*tag].name.clone(), *page),
            Route::Tags(page) => paged(words.string("tags"), *page),
            Route::Timeline(page) => paged(words.string("timeline"), *page),
            Route::Network(page) => paged(words.string("network"), *page),
            Route::Corrections(page) => paged(words.string("corrections"), *page),
            Route::Editions(page) => paged(words.string("editions"), *page),
            Route::Gone(_) => words.string("gone"),
            Route::Tombstone(..) => words.string("tombstone"),
            _ => words.string("not_found"),
        }
    }

    fn description(&self, route: &Route) -> String {
        match route {
            Route::Record(number) => self.describe(self.site.record(*number)),
            Route::Home => shorten(&self.settings_summary(), DESCRIPTION),
            _ => String::new(),
        }
    }

    /// A record in one or two sentences: its summary, its words, or the beginning of its prose.
    fn describe(&self, record: &PublicRecord) -> String {
        if let Some(summary) = record.fields.common().summary {
            return summary.as_str().to_owned();
        }
        let slot = if record.kind() == Kind::Quote { Slot::Text } else { Slot::Body };
        let Some(prose) = record.texts.get(slot) else { return String::new() };
        let end = prose.plain.text.floor_char_boundary(4 * DESCRIPTION);
        shorten(&self.plain(record, slot, prose, 0..end), DESCRIPTION)
    }

    fn link(&self, title: &str, route: &Route, depth: Depth, current: bool) -> Value {
        let href = format!("{}{}", depth.prefix(), route.path(&self.site));
        view! { title: title, href: href, current: current }.value()
    }

    pub(super) fn link_to(&self, title: &str, route: &Route, depth: Depth) -> Value {
        self.link(title, route, depth, false)
    }

    pub(super) fn link_to_record(&self, number: Number, depth: Depth) -> Value {
        let record = self.site.record(number);
        view! { title: self.title(record), href: self.href(record, depth), current: false }.value()
    }

    /// Breadcrumbs: home, the index the page belongs to, and the page itself without a link.
    fn breadcrumbs(&self, route: &Route, depth: Depth) -> Vec<Value> {
        let words = &self.theme.words;
        let mut crumbs = vec![self.link_to(self.site.dossier.settings.title.as_str(), &Route::Home, depth)];
        let here = |title: String| view! { title: title, href: "", current: true }.value();
        let index = |kind: Kind| self.link_to(&words.string(kind.folder()), &Route::Index(kind, 1), depth);
        match route {
            Route::Home => return Vec::new(),
            Route::Record(number) => {
                let kind = self.site.record(*number).kind();
                if kind != Kind::Page {
                    crumbs.push(index(kind));
                }
            }
            Route::Year(_) => crumbs.push(self.link_to(&words.string("dates"), &Route::Dates, depth)),
            Route::Month(year, _) => {
                crumbs.push(self.link_to(&words.string("dates"), &Route::Dates, depth));
                crumbs.push(self.link_to(&self.format.year(*year), &Route::Year(*year), depth));
            }
            Route::Day(day) => {
                crumbs.push(self.link_to(&words.string("dates"), &Route::Dates, depth));
                crumbs.push(self.link_to(&self.format.year(day.year()), &Route::Year(day.year()), depth));
                let month = Route::Month(day.year(), day.month());
                crumbs.push(self.link_to(&self.format.month(day.year(), day.month()), &month, depth));
            }
            Route::Tag(..) => crumbs.push(self.link_to(&words.string("tags"), &Route::Tags(1), depth)),
            _ => {}
        }
        let last = match route {
            Route::Day(day) => self.format.day(*day),
            Route::Record(number) => shorten(&self.title(self.site.record(*number)), 60),
            other => self.page_title(other),
        };
        crumbs.push(here(last));
        crumbs
    }

    /// The main navigation: the sections that have something in them.
    fn navigation(&self, route: &Route, depth: Depth) -> Vec<Value> {
        let words = &self.theme.words;
        let kind = match route {
            Route::Record(number) => Some(self.site.record(*number).kind()),
            Route::Index(kind, _) => Some(*kind),
            _ => None,
        };
        let mut links = Vec::new();
        if !self.site.plan.timeline.is_empty() {
            let current =
                matches!(route, Route::Timeline(_) | Route::Dates | Route::Year(_) | Route::Month(..) | Route::Day(_))
                    || kind == Some(Kind::Event);
            links.push(self.link(&words.string("timeline"), &Route::Timeline(1), depth, current));
        }
        for section in [Kind::Actor, Kind::Quote, Kind::Source] {
            if !self.site.of_kind(section).is_empty() {
                let title = words.string(section.folder());
                links.push(self.link(&title, &Route::Index(section, 1), depth, kind == Some(section)));
            }
        }
        links
    }

    /// The first free pages, in their order.
    fn free_pages(&self, route: &Route, depth: Depth) -> Vec<Value> {
        let pages = self.site.of_kind(Kind::Page).iter().take(PAGES_IN_NAVIGATION);
        pages
            .map(|number| {
                let title = self.title(self.site.record(*number));
                self.link(&title, &Route::Record(*number), depth, *route == Route::Record(*number))
            })
            .collect()
    }

    /// The pages before and after, by name.
    fn around(&self, route: &Route, depth: Depth) -> (Value, Value) {
        let records = |(before, after): (Option<Number>, Option<Number>)| {
            let link =
                |number: Option<Number>| number.map_or_else(Value::none, |number| self.link_to_record(number, depth));
            (link(before), link(after))
        };
        match route {
            Route::Record(number) if self.site.record(*number).kind() != Kind::Page => {
                records(self.site.neighbours(*number))
            }
            Route::Day(day) => {
                let days = &self.site.plan.dates.days;
                let link = |day: Option<(&crate::edtf::Day, _)>| {
                    day.map_or_else(Value::none, |(day, _): (_, &crate::plan::DayIndex)| {
                        self.link_to(&self.format.day(*day), &Route::Day(*day), depth)
                    })
                };
                let after = day.next().and_then(|next| days.range(next..).next());
                (link(days.range(..*day).next_back()), link(after))
            }
            Route::Month(year, month) => {
                let months = &self.site.plan.dates.months;
                let link = |found: Option<&(i16, u8)>| {
                    found.map_or_else(Value::none, |(year, month)| {
                        self.link_to(&self.format.month(*year, *month), &Route::Month(*year, *month), depth)
                    })
                };
                let this = (*year, *month);
                let before = months.range(..this).next_back().map(|(month, _)| month);
                let after = months.range((*year, *month + 1)..).next().map(|(month, _)| month);
                (link(before), link(after))
            }
            Route::Year(year) => {
                let years = &self.site.plan.dates.years;
                let link = |found: Option<&i16>| {
                    found.map_or_else(Value::none, |year| {
                        self.link_to(&self.format.year(*year), &Route::Year(*year), depth)
                    })
                };
                let after = year.checked_add(1).and_then(|next| years.range(next..).next());
                (link(years.range(..*year).next_back().map(|(year, _)| year)), link(after.map(|(year, _)| year)))
            }
            _ => (Value::none(), Value::none()),
        }
    }

    pub(super) fn tag_links(&self, number: Number, depth: Depth) -> Vec<Value> {
        let tags = self.site.plan.tags_of.get(&number).map(Vec::as_slice).unwrap_or_default();
        tags.iter().map(|at| self.link_to(&self.site.plan.tags[*at].name, &Route::Tag(*at, 1), depth)).collect()
    }

    /// How to cite a page of the dossier, or, for a source, the source itself.
    pub(super) fn cite(&self, record: &PublicRecord) -> Value {
        let settings = &self.site.dossier.settings;
        let title = self.title(record);
        let path = crate::plan::path_of_record(record);
        let own_url = settings.base_url().map(|base| format!("{base}{path}"));
        let mut parts = Vec::new();
        let mut fields: Vec<(&str, String)> = Vec::new();
        if let Fields::Source(source) = &*record.fields {
            let authors: Vec<String> = source.authors.iter().map(|author| self.text_of(author)).collect();
            if !authors.is_empty() {
                parts.push(authors.join(", "));
                fields.push(("author", authors.join(" and ")));
            }
            parts.push(title.clone());
            fields.push(("title", title));
            if let Some(publisher) = &source.publisher {
                parts.push(self.text_of(publisher));
                fields.push(("publisher", self.text_of(publisher)));
            }
            if let Some(published) = &source.published {
                parts.push(self.format.display(published));
                fields.push(("date", published.as_str().to_owned()));
            }
            if let Some(url) = &source.url {
                parts.push(url.as_str().to_owned());
                fields.push(("url", url.as_str().to_owned()));
            }
        } else {
            if let Fields::Quote(quote) = &*record.fields {
                let speaker = self.speaker_name(quote);
                parts.push(speaker.clone());
                fields.push(("author", speaker));
            }
            parts.push(title.clone());
            fields.push(("title", title));
            if let Some(date) = record.fields.date() {
                parts.push(self.format.display(date));
                fields.push(("date", date.as_str().to_owned()));
            }
            parts.push(settings.title.as_str().to_owned());
            fields.push(("howpublished", settings.title.as_str().to_owned()));
            if let Some(publisher) = &settings.publisher {
                parts.push(publisher.as_str().to_owned());
                fields.push(("publisher", publisher.as_str().to_owned()));
            }
            if let Some(url) = own_url {
                parts.push(url.clone());
                fields.push(("url", url));
            }
        }
        let mut text = parts.iter().map(|part| part.trim_end_matches('.')).collect::<Vec<_>>().join(". ");
        text.push('.');
        if let Some(day) = record.fields.date().and_then(|date| date.earliest()) {
            fields.push(("year", day.year().to_string()));
        }
        let line = |(key, value): &(&str, String)| match *key {
            // An address is taken as it is; in it no character is TeX's.
            "url" => format!("  url = {{{}}}", value.replace('{', "%7B").replace('}', "%7D")),
            // Braces keep a name of several words, such as that of a body, in one piece.
            "author" => format!("  author = {{{{{}}}}}", bibtex(value)),
            key => format!("  {key} = {{{}}}", bibtex(value)),
        };
        let lines: Vec<String> = fields.iter().map(line).collect();
        let entry = format!("@misc{{{},\n{}\n}}", record.id, lines.join(",\n"));
        view! { text: text, bibtex: entry, id: record.id.as_str() }.value()
    }

    /// The record as schema.org knows it, as JSON that is safe inside of a `script` element.
    fn json_ld(&self, record: &PublicRecord, url: Option<&str>) -> String {
        let mut data = serde_json::Map::new();
        data.insert("@context".to_owned(), json!("https://schema.org"));
        let kind = match &*record.fields {
            Fields::Actor(actor) => match actor.kind {
                ActorKind::Person | ActorKind::Unnamed => "Person",
                ActorKind::Government => "GovernmentOrganization",
                ActorKind::Party => "PoliticalParty",
                ActorKind::Media => "NewsMediaOrganization",
                ActorKind::Organisation | ActorKind::Platform | ActorKind::Group => "Organization",
            },
            Fields::Event(_) => "Event",
            Fields::Quote(_) => "Quotation",
            Fields::Source(source) => match source.kind {
                Some(crate::model::SourceKind::Article) => "NewsArticle",
                Some(crate::model::SourceKind::Post) => "SocialMediaPosting",
                Some(crate::model::SourceKind::Dataset) => "Dataset",
                Some(crate::model::SourceKind::Report) => "Report",
                _ => "CreativeWork",
            },
            Fields::Place(_) => "Place",
            Fields::Page(_) => "WebPage",
        };
        data.insert("@type".to_owned(), json!(kind));
        data.insert("name".to_owned(), json!(self.title(record)));
        if let Some(url) = url {
            data.insert("url".to_owned(), json!(url));
        }
        let description = self.describe(record);
        if !description.is_empty() {
            data.insert("description".to_owned(), json!(description));
        }
        data.insert(
            "inLanguage".to_owned(),
            json!(record.fields.common().lang.map_or_else(|| self.site.dossier.settings.lang(), |lang| lang.as_str())),
        );
        match &*record.fields {
            Fields::Event(event) => {
                if let Some(day) = event.date.earliest() {
                    data.insert("startDate".to_owned(), json!(day.to_string()));
                }
                if let Some(day) = event.date.latest() {
                    data.insert("endDate".to_owned(), json!(day.to_string()));
                }
            }
            Fields::Quote(quote) => {
                let words = record
                    .texts
                    .get(Slot::Text)
                    .map(|prose| self.plain(record, Slot::Text, prose, 0..prose.plain.text.len()));
                data.insert("text".to_owned(), json!(words.unwrap_or_default().trim()));
                if let Some(crate::redact::Found::Record(speaker)) =
                    quote.speaker.actor().map(|id| self.site.dossier.find(id))
                {
                    data.insert("creator".to_owned(), json!({ "name": self.title(self.site.record(speaker)) }));
                }
                if let Some(day) = quote.date.earliest().filter(|day| quote.date.latest() == Some(*day)) {
                    data.insert("dateCreated".to_owned(), json!(day.to_string()));
                }
            }
            Fields::Source(source) => {
                if let Some(day) = source.published.as_ref().and_then(|date| date.earliest()) {
                    data.insert("datePublished".to_owned(), json!(day.to_string()));
                }
            }
            _ => {}
        }
        // `<` could end the script element; JSON may write any character by its number.
        serde_json::Value::Object(data)
            .to_string()
            .replace('<', "\\u003c")
            .replace('>', "\\u003e")
            .replace('&', "\\u0026")
    }

    /// The settings' summary as plain text.
    pub(super) fn settings_summary(&self) -> String {
        let summary = self.site.dossier.summary.as_ref();
        summary
            .map(|(prose, links)| self.plain_of(prose, links, 0..prose.plain.text.len()).trim().to_owned())
            .unwrap_or_default()
    }
}

/// The kind of a page, as templates name it.
fn kind_of(route: &Route, record: Option<&PublicRecord>) -> &'static str {
    match route {
        Route::Home => "home",
        Route::Record(_) => record.map_or("", |record| record.kind().word()),
        Route::Index(kind, _) => kind.folder(),
        Route::Dates => "dates",
        Route::Year(_) => "year",
        Route::Month(..) => "month",
        Route::Day(_) => "date",
        Route::Tag(..) => "tag",
        Route::Tags(_) => "tags",
        Route::Timeline(_) => "timeline",
        Route::Network(_) => "network",
        Route::Corrections(_) => "corrections",
        Route::Editions(_) => "editions",
        Route::Gone(_) => "gone",
        Route::Redirect(_) => "redirect",
        Route::Tombstone(..) => "tombstone",
        _ => "not-found",
    }
}

/// Text inside of a BibTeX value.
fn bibtex(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '~' => escaped.push_str("\\textasciitilde{}"),
            '^' => escaped.push_str("\\textasciicircum{}"),
            '{' | '}' | '%' | '&' | '#' | '$' | '_' => {
                escaped.push('\\');
                escaped.push(c);
            }
            '\\' => escaped.push_str("\\textbackslash{}"),
            '\n' | '\r' => escaped.push(' '),
            _ => escaped.push(c),
        }
    }
    escaped
}
