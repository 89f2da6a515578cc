//! From the planned site to bytes: one pure function of the site and a route.
//!
//! `build` maps it over all routes, the preview calls it for the one that is asked for. Nothing here reads a file or a
//! clock. A record as it stands in lists is made once and shared by pointer among all pages that show it.

mod editions;
mod lists;
mod meta;
mod pages;
mod parts;
mod prose;
mod records;
mod sitemap;
mod theme;
mod verbatim;
mod view;
mod words;

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use tera::{Context, Value};

pub use theme::Theme;

use crate::data;
use crate::diagnostic::{Code, Diagnostic};
use crate::edtf::{DateFormat, Day};
use crate::hosting;
use crate::model::Kind;
use crate::plan::{Route, Site};
use crate::redact::Number;
use view::{View, view};

/// Where a page stands, which decides how its links begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Depth {
    /// At the root of the site.
    Root,
    /// In one of its folders.
    Folder,
}

impl Depth {
    fn of(path: &str) -> Depth {
        if path.contains('/') { Depth::Folder } else { Depth::Root }
    }

    fn prefix(self) -> &'static str {
        match self {
            Depth::Root => "",
            Depth::Folder => "../",
        }
    }
}

/// What a route comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Page {
    /// Bytes.
    Bytes(Vec<u8>),
    /// A copy of an attachment, by its place among the public attachments.
    Copy(u32),
}

/// The site with its theme, ready to render any route.
pub struct Renderer {
    site: Site,
    theme: Arc<Theme>,
    format: DateFormat,
    /// Each record as it stands in lists on a page in a folder, which nearly all pages are; made when it is first asked for.
    shared: Vec<OnceLock<Value>>,
    /// Each record by name, likewise.
    shared_refs: Vec<OnceLock<Value>>,
    /// How many quotations stand in copies of their sources; counted when it is first asked for.
    totals: OnceLock<verbatim::Totals>,
    /// The site as every page sees it.
    common: Value,
}

impl std::fmt::Debug for Renderer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Renderer").field("site", &self.site).field("theme", &self.theme).finish_non_exhaustive()
    }
}

impl Renderer {
    /// Makes ready what all pages share.
    pub fn new(site: Site, theme: Arc<Theme>) -> Self {
        let format = DateFormat::new(site.dossier.settings.lang());
        let slots = || (0..site.dossier.records.len()).map(|_| OnceLock::new()).collect();
        let (shared, shared_refs) = (slots(), slots());
        let mut renderer =
            Renderer { site, theme, format, shared, shared_refs, totals: OnceLock::new(), common: Value::none() };
        renderer.common = renderer.site_view();
        renderer
    }

    /// The planned site.
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// The paths in the site of static files that are not the same in another site, or not in it.
    pub fn assets_that_differ(&self, other: &Renderer) -> Vec<String> {
        if Arc::ptr_eq(&self.theme, &other.theme) {
            return Vec::new();
        }
        let (ours, theirs) = (&self.theme.assets, &other.theme.assets);
        let paths: std::collections::BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
        let differing = paths.into_iter().filter(|path| ours.get(*path) != theirs.get(*path));
        differing.map(|path| crate::plan::path_of_asset(path)).collect()
    }

    /// Renders a route.
    pub fn render(&self, path: &str, route: &Route) -> Result<Page, Box<Diagnostic>> {
        Ok(Page::Bytes(match route {
            Route::Attachment(at) => return Ok(Page::Copy(*at)),
            Route::Asset(path) => self.theme.assets.get(path).cloned().unwrap_or_default(),
            Route::HighlightStyle => HIGHLIGHT_STYLE.as_bytes().to_vec(),
            Route::Sitemap(part) => self.sitemap(*part).into_bytes(),
            Route::Robots => self.robots().into_bytes(),
            Route::Records(part) => data::records(&self.site, *part),
            Route::Host(file) => hosting::text(&self.site, &self.theme.assets, *file).into_bytes(),
            _ => self.page(path, route)?,
        }))
    }

    /// What of the bytes of a route is to be looked through for what is withheld: all, but for addresses that a host has to be told.
    pub fn looked_through<'a>(&self, route: &Route, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        hosting::looked_through(&self.site, &self.theme.assets, route, bytes)
    }

    fn page(&self, path: &str, route: &Route) -> Result<Vec<u8>, Box<Diagnostic>> {
        let depth = Depth::of(path);
        let (template, content) = self.content(route, depth);
        let mut context = Context::new();
        context.insert_value("site", self.common.clone());
        context.insert_value("page", self.page_view(path, route, depth).value());
        context.insert_value("root", Value::from(depth.prefix()));
        for (name, value) in content {
            context.insert_value(name, value);
        }
        let mut bytes = Vec::with_capacity(8 * 1024);
        self.theme.tera.render_to(&template, &context, &mut bytes).map_err(|error| {
            Box::new(
                Diagnostic::new(Code::BadTheme, format!("the page `{path}` cannot be rendered: {error}"))
                    .hint(format!("mend the template `{template}`; `docs/theme-api.md` says what it sees")),
            )
        })?;
        Ok(bytes)
    }

    /// The template of a route, and what it sees beside what all pages see.
    fn content(&self, route: &Route, depth: Depth) -> (String, Vec<(&'static str, Value)>) {
        let (template, subject, view): (&str, &'static str, View) = match route {
            Route::Home => ("home.html", "home", self.home()),
            Route::Record(number) => {
                let (template, subject, value) = self.record_page(*number, depth);
                return (template, vec![(subject, value)]);
            }
            Route::Index(kind, page) => {
                return (format!("{}.html", kind.folder()), vec![("index", self.index(*kind, *page, depth).value())]);
            }
            Route::Dates => ("dates.html", "dates", self.dates()),
            Route::Year(year) => ("year.html", "year", self.year(*year)),
            Route::Month(year, month) => ("month.html", "month", self.month(*year, *month)),
            Route::Day(day) => ("date.html", "day", self.day(*day)),
            Route::Tag(tag, page) => ("tag.html", "tag", self.tag(*tag, *page)),
            Route::Tags(page) => ("tags.html", "index", self.tags(*page)),
            Route::Timeline(page) => ("timeline.html", "timeline", self.timeline(*page)),
            Route::Network(page) => ("network.html", "network", self.network(*page)),
            Route::Corrections(page) => {
                let (corrections, pager) = self.corrections(*page);
                return ("corrections.html".to_owned(), vec![("corrections", corrections), ("pager", pager)]);
            }
            Route::Editions(page) => {
                let (editions, pager) = self.editions(*page);
                return ("editions.html".to_owned(), vec![("editions", editions), ("pager", pager)]);
            }
            Route::Gone(at) => self.gone(*at, depth),
            Route::Redirect(number) => ("redirect.html", "target", View::of(&self.link_to_record(*number, depth))),
            Route::Tombstone(at, _) => ("tombstone.html", "tombstone", self.tombstone(*at, depth)),
            Route::NotFound
            | Route::Asset(_)
            | Route::HighlightStyle
            | Route::Attachment(_)
            | Route::Sitemap(_)
            | Route::Robots
            | Route::Records(_)
            | Route::Host(_) => return ("404.html".to_owned(), Vec::new()),
        };
        (template.to_owned(), vec![(subject, view.value())])
    }

    /// All that is told of what was taken down. What it was called and where it stood is not among it.
    fn tombstone(&self, at: usize, depth: Depth) -> View {
        let tombstone = &self.site.dossier.tombstones[at];
        view! { on: self.date(&tombstone.on, depth), reason: tombstone.reason.word() }
    }

    fn site_view(&self) -> Value {
        let settings = &self.site.dossier.settings;
        let any = |kind: Kind| !self.site.of_kind(kind).is_empty();
        let has = view! {
            actors: any(Kind::Actor),
            events: any(Kind::Event),
            quotes: any(Kind::Quote),
            sources: any(Kind::Source),
            places: any(Kind::Place),
            tags: !self.site.plan.tags.is_empty(),
            dates: !self.site.plan.dates.years.is_empty(),
            corrections: !self.site.plan.corrections.is_empty(),
            editions: self.site.plan.past.public().next().is_some(),
            network: !self.site.plan.network.is_empty(),
            compared: self.has_compared(),
        };
        view! {
            title: settings.title.as_str(),
            summary: self.settings_summary(),
            lang: settings.lang(),
            dir: direction(settings.lang()),
            licence: view::text(settings.licence.as_ref()),
            publisher: view::text(settings.publisher.as_ref()),
            contact: view::text(settings.contact.as_ref()),
            base_url: settings.base_url().unwrap_or_default(),
            has: has,
        }
        .value()
    }

    /// A record in lists.
    fn record(&self, number: Number, depth: Depth) -> Value {
        match depth {
            Depth::Folder => self.shared[number as usize].get_or_init(|| self.make_record(number, depth)).clone(),
            Depth::Root => self.make_record(number, depth),
        }
    }

    /// A record by name.
    fn reference(&self, number: Number, depth: Depth) -> Value {
        match depth {
            Depth::Folder => {
                self.shared_refs[number as usize].get_or_init(|| self.make_reference(number, depth)).clone()
            }
            Depth::Root => self.make_reference(number, depth),
        }
    }

    fn day_href(&self, day: Day, depth: Depth) -> String {
        if self.site.plan.dates.days.contains_key(&day) {
            format!("{}dates/{day}.html", depth.prefix())
        } else {
            String::new()
        }
    }
}

/// The direction in which a language is written.
fn direction(lang: &str) -> &'static str {
    let mut parts = lang.split('-');
    let language = parts.next().unwrap_or_default();
    let script = parts.find(|part| part.len() == 4).unwrap_or_default();
    match (language, script) {
        (_, "Arab" | "Hebr" | "Thaa" | "Syrc" | "Nkoo") => "rtl",
        ("ar" | "he" | "fa" | "ur" | "ps" | "sd" | "ug" | "yi" | "dv" | "ckb" | "syr", "") => "rtl",
        _ => "ltr",
    }
}

/// Colours for highlighted code, for a theme that brings none of its own; twelve classes, light and dark.
const HIGHLIGHT_STYLE: &str = include_str!("highlight.css");
