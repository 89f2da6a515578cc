//! Every file of the site and what it will hold.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::outline::Outline;
use super::{Plan, Site, collision};
use crate::config::{Hosting, Settings};
use crate::diagnostic::Diagnostic;
use crate::edtf::Day;
use crate::model::{Id, Kind};
use crate::redact::{Number, PublicDossier, PublicRecord};

/// The most addresses that one sitemap may hold, by the protocol of sitemaps.org.
pub(crate) const SITEMAP_LIMIT: usize = 50_000;

/// How many records stand in one file of records.
pub const RECORDS_PER_FILE: usize = 5_000;

/// What a file of the site holds. Pages of an index count from 1.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Route {
    /// The incident at a glance.
    Home,
    /// A record of any kind.
    Record(Number),
    /// The records of a kind.
    Index(Kind, usize),
    /// All years and months.
    Dates,
    /// A year.
    Year(i16),
    /// A month of a year.
    Month(i16, u8),
    /// A day.
    Day(Day),
    /// The records of a tag, by its place in the list of tags.
    Tag(usize, usize),
    /// All tags.
    Tags(usize),
    /// Everything in time order.
    Timeline(usize),
    /// Who spoke about whom.
    Network(usize),
    /// What was changed after publication.
    Corrections(usize),
    /// The past editions.
    Editions(usize),
    /// An address of a past edition at which nothing stands any more, by its place among those.
    Gone(u32),
    /// What a host shows for an address that is not there.
    NotFound,
    /// An old id of a record.
    Redirect(Number),
    /// What stands in place of a record that was taken down, by its place among those, and by that of the id.
    Tombstone(usize, usize),
    /// A static file of the theme or the dossier, by its path below `static/`.
    Asset(String),
    /// The colours of highlighted code.
    HighlightStyle,
    /// A file beside the records, by its place among the public attachments.
    Attachment(u32),
    /// The list of pages for search engines: 0 is the whole or the list of its parts, the others are the parts.
    Sitemap(usize),
    /// What robots may read.
    Robots,
    /// The listed records as data.
    Records(usize),
    /// What the host of the site is to be told.
    Host(HostFile),
}

/// A file that is for the host of a site, and for nobody who reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HostFile {
    /// That GitHub is not to make pages of the pages.
    NoJekyll,
    /// The domain of a site at GitHub Pages.
    Cname,
    /// What is sent with each file.
    Headers,
    /// Which addresses lead elsewhere.
    Redirects,
    /// The website configuration of a bucket.
    BucketWebsite,
    /// The policy of response headers of a distribution before a bucket.
    CloudFrontHeaders,
    /// A snippet for nginx.
    Nginx,
    /// A snippet for Apache.
    Apache,
}

impl HostFile {
    /// The files that a host needs.
    pub fn of(settings: &Settings) -> Vec<HostFile> {
        match settings.hosting {
            Hosting::Plain => Vec::new(),
            Hosting::GithubPages if settings.own_domain().is_some() => vec![HostFile::NoJekyll, HostFile::Cname],
            Hosting::GithubPages => vec![HostFile::NoJekyll],
            Hosting::GitlabPages => vec![HostFile::Redirects],
            Hosting::Netlify | Hosting::CloudflarePages => vec![HostFile::Headers, HostFile::Redirects],
            Hosting::S3 => vec![HostFile::BucketWebsite, HostFile::CloudFrontHeaders],
            Hosting::Nginx => vec![HostFile::Nginx],
            Hosting::Apache => vec![HostFile::Apache],
        }
    }

    /// Its path from the root of the site. What a host does not look for by a name of its own lies in a folder that is not served.
    pub fn path(self) -> &'static str {
        match self {
            HostFile::NoJekyll => ".nojekyll",
            HostFile::Cname => "CNAME",
            HostFile::Headers => "_headers",
            HostFile::Redirects => "_redirects",
            HostFile::BucketWebsite => ".hosting/s3-website.json",
            HostFile::CloudFrontHeaders => ".hosting/cloudfront-headers.json",
            HostFile::Nginx => ".hosting/nginx.conf",
            HostFile::Apache => ".htaccess",
        }
    }
}

impl Route {
    /// Whether it is a page that people read, made from a template.
    pub fn is_page(&self) -> bool {
        !matches!(
            self,
            Route::Asset(_)
                | Route::HighlightStyle
                | Route::Attachment(_)
                | Route::Sitemap(_)
                | Route::Robots
                | Route::Records(_)
                | Route::Host(_)
        )
    }

    /// Its path from the root of the site.
    pub fn path(&self, site: &Site) -> String {
        self.path_in(&site.dossier, &site.plan)
    }

    pub(super) fn path_in(&self, dossier: &PublicDossier, plan: &Plan) -> String {
        let record = |number: Number| path_of_record(&dossier.records[number as usize]);
        match self {
            Route::Home => "index.html".to_owned(),
            Route::Record(number) | Route::Redirect(number) => record(*number),
            Route::Tombstone(at, id) => {
                let tombstone = &dossier.tombstones[*at];
                path_of_id(tombstone.kind, &tombstone.ids[*id])
            }
            Route::Index(kind, page) => format!("{}/{}", kind.folder(), numbered("index", *page)),
            Route::Dates => "dates/index.html".to_owned(),
            Route::Year(year) => format!("dates/{}.html", year_name(*year)),
            Route::Month(year, month) => format!("dates/{}-{month:02}.html", year_name(*year)),
            Route::Day(day) => format!("dates/{day}.html"),
            Route::Tag(tag, page) => format!("tags/{}", numbered(&plan.tags[*tag].slug, *page)),
            Route::Tags(page) => format!("tags/{}", numbered("index", *page)),
            Route::Timeline(page) => numbered("timeline", *page),
            Route::Network(page) => numbered("network", *page),
            Route::Corrections(page) => numbered("corrections", *page),
            Route::Editions(page) => numbered("editions", *page),
            Route::Gone(at) => plan.gone[*at as usize].path.clone(),
            Route::NotFound => "404.html".to_owned(),
            Route::Asset(path) => path_of_asset(path),
            Route::HighlightStyle => "static/highlight.css".to_owned(),
            Route::Attachment(at) => format!("files/{}", dossier.attachments[*at as usize].inner),
            Route::Sitemap(0) => "sitemap.xml".to_owned(),
            Route::Sitemap(part) => format!("sitemap-{part}.xml"),
            Route::Robots => "robots.txt".to_owned(),
            Route::Records(1) => "data/records.jsonl".to_owned(),
            Route::Records(part) => format!("data/records-{part}.jsonl"),
            Route::Host(file) => file.path().to_owned(),
        }
    }

    /// How it is called in a message.
    fn describe(&self, dossier: &PublicDossier, plan: &Plan) -> String {
        let record = |number: Number| &dossier.records[number as usize];
        match self {
            Route::Record(number) => format!("the {} `{}`", record(*number).kind(), record(*number).id),
            Route::Redirect(number) => format!("an old id of `{}`", record(*number).id),
            Route::Tombstone(..) => "the address of what was taken down".to_owned(),
            Route::Tag(tag, _) => format!("the tag `{}`", plan.tags[*tag].name),
            Route::Asset(path) => format!("the static file `{path}`"),
            Route::Attachment(at) => format!("the file `{}`", dossier.attachments[*at as usize].inner),
            other => format!("the page `{}`", other.path_in(dossier, plan)),
        }
    }
}

/// The path of a record's page. Free pages stand at the root, all else in the folder of its kind.
pub fn path_of_record(record: &PublicRecord) -> String {
    path_of_id(record.kind(), &record.id)
}

/// The path of a static file. What hosts read of a site's own wishes must stand at its root.
pub fn path_of_asset(path: &str) -> String {
    match path {
        "_headers" | "_redirects" | "CNAME" => path.to_owned(),
        _ => format!("static/{path}"),
    }
}

/// The path of the page of a record by its kind and id.
pub fn path_of_id(kind: Kind, id: &Id) -> String {
    match kind {
        Kind::Page => format!("{id}.html"),
        _ => format!("{}/{id}.html", kind.folder()),
    }
}

fn numbered(name: &str, page: usize) -> String {
    if page <= 1 { format!("{name}.html") } else { format!("{name}-{page}.html") }
}

fn year_name(year: i16) -> String {
    if year < 0 { format!("-{:04}", year.unsigned_abs()) } else { format!("{year:04}") }
}

/// How many pages a list takes; an empty one takes one.
pub(crate) fn pages(records: usize, size: usize) -> usize {
    records.div_ceil(size.max(1)).max(1)
}

pub(super) fn collect(
    dossier: &PublicDossier,
    outlines: &[Outline<'_>],
    plan: &Plan,
    assets: &[String],
) -> (BTreeMap<String, Route>, Vec<Diagnostic>) {
    let mut routes = Routes { dossier, plan, routes: BTreeMap::new(), findings: Vec::new() };
    let size = dossier.settings.paginate();
    let of_kind = |kind: Kind| plan.listed.get(&kind).map_or(0, Vec::len);
    routes.add(Route::Home);
    routes.add(Route::NotFound);
    for number in 0..outlines.len() as Number {
        routes.add(Route::Record(number));
    }
    for kind in [Kind::Actor, Kind::Event, Kind::Quote, Kind::Source, Kind::Place] {
        routes.add_pages(pages(of_kind(kind), size), |page| Route::Index(kind, page));
    }
    routes.add(Route::Dates);
    for year in plan.dates.years.keys() {
        routes.add(Route::Year(*year));
    }
    for (year, month) in plan.dates.months.keys() {
        routes.add(Route::Month(*year, *month));
    }
    for day in plan.dates.days.keys() {
        routes.add(Route::Day(*day));
    }
    for (at, tag) in plan.tags.iter().enumerate() {
        routes.add_pages(pages(tag.records.len(), size), |page| Route::Tag(at, page));
    }
    // One more than all records can stand on a page of names alone.
    routes.add_pages(pages(plan.tags.len(), 10 * size), Route::Tags);
    routes.add_pages(pages(plan.timeline.len(), size), Route::Timeline);
    routes.add_pages(pages(plan.network.len(), size), Route::Network);
    routes.add_pages(pages(plan.corrections.len(), size), Route::Corrections);
    let editions = plan.past.public().count();
    if editions > 0 {
        routes.add_pages(pages(editions, size), Route::Editions);
    }
    for (number, outline) in (0..).zip(outlines) {
        for alias in outline.aliases {
            routes.add_at(path_of_id(outline.kind, alias), Route::Redirect(number));
        }
    }
    for (at, tombstone) in dossier.tombstones.iter().enumerate() {
        for id in 0..tombstone.ids.len() {
            routes.add(Route::Tombstone(at, id));
        }
    }
    for path in assets {
        routes.add(Route::Asset(path.clone()));
    }
    if !assets.iter().any(|path| path == "highlight.css") && outlines.iter().any(|outline| outline.has_code) {
        routes.add(Route::HighlightStyle);
    }
    for at in 0..dossier.attachments.len() as u32 {
        routes.add(Route::Attachment(at));
    }
    for file in HostFile::of(&dossier.settings) {
        // What the dossier has of its own stands in place of what would be written; a finding says so.
        if !assets.iter().any(|asset| path_of_asset(asset) == file.path()) {
            routes.add(Route::Host(file));
        }
    }
    let listed = outlines.iter().filter(|outline| outline.listed).count();
    routes.add_pages(listed.div_ceil(RECORDS_PER_FILE).max(1), Route::Records);
    if dossier.settings.base_url.is_some() {
        routes.add(Route::Robots);
        let parts = pages(routes.routes.values().filter(|route| route.is_page()).count(), SITEMAP_LIMIT);
        routes.add(Route::Sitemap(0));
        for part in (1..=parts).filter(|_| parts > 1) {
            routes.add(Route::Sitemap(part));
        }
    }
    (routes.routes, routes.findings)
}

struct Routes<'a> {
    dossier: &'a PublicDossier,
    plan: &'a Plan,
    routes: BTreeMap<String, Route>,
    findings: Vec<Diagnostic>,
}

impl Routes<'_> {
    fn add(&mut self, route: Route) {
        self.add_at(route.path_in(self.dossier, self.plan), route);
    }

    fn add_pages(&mut self, pages: usize, route: impl Fn(usize) -> Route) {
        for page in 1..=pages {
            self.add(route(page));
        }
    }

    fn add_at(&mut self, path: String, route: Route) {
        match self.routes.entry(path) {
            Entry::Vacant(vacant) => {
                vacant.insert(route);
            }
            Entry::Occupied(taken) => {
                let (one, other) =
                    (taken.get().describe(self.dossier, self.plan), route.describe(self.dossier, self.plan));
                self.findings.push(collision(taken.key(), &one, &other));
            }
        }
    }
}
