//! Records as templates see them: by name, in lists, and as the subject of a page.

use std::ops::Range;

use tera::Value;

use super::view::{View, html, text, view};
use super::{Depth, Renderer, direction};
use crate::edtf::{Edtf, Precision};
use crate::model::{
    Actor, Attribution, Citation, Event, Fields, Id, Kind, Line, Mode, Participant, Place, Quote, Source, Speaker,
    Status,
};
use crate::plan::path_of_record;
use crate::redact::{EdgePlace, Found, Mark, Number, Prose, PublicLink, PublicRecord, Role, Run, Slot};
use crate::text::escape_html;

/// How much of a quote's words stands for it where it has no title.
const WORDS_IN_TITLE: usize = 56;

impl Renderer {
    /// The title of a record; a quote without one is called by its speaker and first words.
    pub(super) fn title(&self, record: &PublicRecord) -> String {
        match (&*record.fields, record.fields.title()) {
            (_, Some(title)) => title.as_str().to_owned(),
            (Fields::Quote(quote), None) => {
                let words = record
                    .texts
                    .get(Slot::Text)
                    .map(|prose| self.plain(record, Slot::Text, prose, 0..prose.plain.text.len()));
                let words = words.unwrap_or_default();
                format!("{}: “{}”", self.speaker_name(quote), shorten(&words, WORDS_IN_TITLE))
            }
            (_, None) => record.id.as_str().to_owned(),
        }
    }

    fn speaker_name(&self, quote: &Quote) -> String {
        match &quote.speaker {
            Speaker::Actor(id) => match self.site.dossier.find(id) {
                Found::Record(number) => self.title(self.site.record(number)),
                Found::Protected(protected) => self.display(&protected.display),
                Found::Nothing => self.theme.words.word("unknown"),
            },
            Speaker::Unknown => self.theme.words.word("unknown"),
            Speaker::Unnamed => self.theme.words.word("unnamed"),
            Speaker::Withheld => self.theme.words.word("withheld"),
        }
    }

    /// What stands for somebody protected.
    fn display(&self, text: &str) -> String {
        if text.is_empty() { self.theme.words.word("withheld") } else { text.to_owned() }
    }

    /// The language of a record's text.
    fn lang<'a>(&'a self, record: &'a PublicRecord) -> &'a str {
        record.fields.common().lang.map_or_else(|| self.site.dossier.settings.lang(), |lang| lang.as_str())
    }

    pub(super) fn href(&self, record: &PublicRecord, depth: Depth) -> String {
        format!("{}{}", depth.prefix(), path_of_record(record))
    }

    pub(super) fn make_reference(&self, number: Number, depth: Depth) -> Value {
        let record = self.site.record(number);
        let lang = self.lang(record);
        view! {
            title: self.title(record),
            href: self.href(record, depth),
            kind: record.kind().word(),
            lang: lang,
            dir: direction(lang),
        }
        .value()
    }

    /// A name without a page.
    fn named(&self, title: &str, kind: &str) -> Value {
        let lang = self.site.dossier.settings.lang();
        view! { title: title, href: "", kind: kind, lang: lang, dir: direction(lang) }.value()
    }

    /// What a field's id leads to, by name.
    fn reference_of(&self, id: &Id, depth: Depth) -> Value {
        match self.site.dossier.find(id) {
            Found::Record(number) => self.reference(number, depth),
            Found::Protected(protected) => self.named(&self.display(&protected.display), "actor"),
            Found::Nothing => self.named(&self.theme.words.word("unknown"), ""),
        }
    }

    /// A field's text that may be the id of an actor.
    fn reference_or_text(&self, line: &Line, depth: Depth) -> Value {
        match self.site.dossier.find_text(line.as_str()) {
            Some(number) => self.reference(number, depth),
            None => self.named(line.as_str(), ""),
        }
    }

    fn optional_reference(&self, id: Option<&Id>, depth: Depth) -> Value {
        id.map_or_else(Value::none, |id| self.reference_of(id, depth))
    }

    pub(super) fn date(&self, date: &Edtf, depth: Depth) -> Value {
        let certainty = match (date.is_uncertain(), date.is_approximate(), date.precision()) {
            (true, _, _) => "uncertain",
            (false, true, _) => "approximate",
            (false, false, Precision::Unknown) => "unknown",
            (false, false, Precision::Set) if date.as_str().starts_with('[') => "uncertain",
            _ => "certain",
        };
        let shape = match date.precision() {
            Precision::Day => "day",
            Precision::Month => "month",
            Precision::Year => "year",
            Precision::Interval if date.earliest().is_some() && date.latest().is_some() => "span",
            Precision::Interval => "open",
            Precision::Set => "one-of",
            Precision::Season | Precision::Decade | Precision::Century | Precision::Millennium | Precision::Unknown => {
                "other"
            }
        };
        let (earliest, latest) = (date.earliest(), date.latest());
        let machine = match date.precision() {
            Precision::Day => earliest.map(|day| day.to_string()),
            Precision::Month => earliest.map(|day| day.to_string()[..day.to_string().len() - 3].to_owned()),
            Precision::Year => {
                earliest.filter(|day| (1..=9999).contains(&day.year())).map(|day| format!("{:04}", day.year()))
            }
            _ => None,
        };
        view! {
            text: self.format.display(date),
            edtf: date.as_str(),
            datetime: machine.unwrap_or_default(),
            href: self.date_href(date, depth),
            certainty: certainty,
            shape: shape,
            year: earliest.or(latest).map(|day| i64::from(day.year())),
        }
        .value()
    }

    /// The page of a date: of the day it states, else of its month or year.
    fn date_href(&self, date: &Edtf, depth: Depth) -> String {
        let Some(first) = date.earliest().or(date.latest()) else { return String::new() };
        let day = self.day_href(first, depth);
        let states_days = matches!(date.precision(), Precision::Day | Precision::Interval | Precision::Set);
        if states_days && !day.is_empty() {
            return day;
        }
        let last = date.latest().unwrap_or(first);
        let same_month = (first.year(), first.month()) == (last.year(), last.month());
        if same_month && self.site.dates.months.contains_key(&(first.year(), first.month())) {
            return format!(
                "{}{}",
                depth.prefix(),
                crate::plan::Route::Month(first.year(), first.month()).path(&self.site)
            );
        }
        if first.year() == last.year() && self.site.dates.years.contains_key(&first.year()) {
            return format!("{}{}", depth.prefix(), crate::plan::Route::Year(first.year()).path(&self.site));
        }
        String::new()
    }

    pub(super) fn optional_date(&self, date: Option<&Edtf>, depth: Depth) -> Value {
        date.map_or_else(Value::none, |date| self.date(date, depth))
    }

    fn status(&self, status: Option<&Status>, depth: Depth) -> Value {
        status.map_or_else(Value::none, |status| {
            view! {
                is: status.is.word(),
                by: text(status.by.as_ref()),
                on: self.optional_date(status.on.as_ref(), depth),
                method: text(status.method.as_ref()),
                review_by: self.optional_date(status.review_by.as_ref(), depth),
            }
            .value()
        })
    }

    fn citations(&self, citations: &[Citation], depth: Depth) -> Value {
        let views: Vec<Value> = citations.iter().filter_map(|citation| self.citation(citation, depth)).collect();
        Value::from(views)
    }

    fn citation(&self, citation: &Citation, depth: Depth) -> Option<Value> {
        let Found::Record(number) = self.site.dossier.find(&citation.source) else { return None };
        let Fields::Source(source) = &*self.site.record(number).fields else { return None };
        let archived: Vec<Value> = source.archived.iter().map(|url| Value::from(url.as_str())).collect();
        Some(
            view! {
                source: self.reference(number, depth),
                publisher: source.publisher.as_ref().map(|publisher| self.text_of(publisher)).unwrap_or_default(),
                published: self.optional_date(source.published.as_ref(), depth),
                url: text(source.url.as_ref()),
                locator: text(citation.locator.as_ref()),
                exact: text(citation.exact.as_ref()),
                note: text(citation.note.as_ref()),
                stance: text(citation.stance.as_ref()),
                accessed: self.optional_date(citation.accessed.as_ref().or(source.accessed.as_ref()), depth),
                archived: archived,
                syndicated_from: self.optional_reference(source.syndicated_from.as_ref(), depth),
                kind: source.kind.map_or("", |kind| kind.word()),
            }
            .value(),
        )
    }

    /// A text, or the name of the record whose id it is.
    fn text_of(&self, line: &Line) -> String {
        match self.site.dossier.find_text(line.as_str()) {
            Some(number) => self.title(self.site.record(number)),
            None => line.as_str().to_owned(),
        }
    }

    /// A record as it stands in lists.
    pub(super) fn make_record(&self, number: Number, depth: Depth) -> Value {
        let record = self.site.record(number);
        let common = record.fields.common();
        let lang = self.lang(record);
        let mut view = view! {
            kind: record.kind().word(),
            id: record.id.as_str(),
            title: self.title(record),
            href: self.href(record, depth),
            summary: text(common.summary),
            lang: lang,
            dir: direction(lang),
            date: self.optional_date(record.fields.date(), depth),
            status: self.status(common.status, depth),
            sources: self.citations(common.sources, depth),
            unlisted: !record.listed,
        };
        match &*record.fields {
            Fields::Actor(actor) => self.actor_in_list(&mut view, number, actor),
            Fields::Event(event) => self.event_in_list(&mut view, event, depth),
            Fields::Quote(quote) => self.quote_in_list(&mut view, record, quote, depth),
            Fields::Source(source) => self.source_in_list(&mut view, number, source, depth),
            Fields::Place(place) => self.place_in_list(&mut view, place),
            Fields::Page(_) => {}
        }
        view.value()
    }

    fn actor_in_list(&self, view: &mut View, number: Number, actor: &Actor) {
        let activity = self.site.activity.get(&number).copied().unwrap_or_default();
        view.set("role", text(actor.role.as_ref()));
        view.set("actor_kind", actor.kind.word());
        view.set("quotes", activity.quotes);
        view.set("events", activity.events);
    }

    fn event_in_list(&self, view: &mut View, event: &Event, depth: Depth) {
        let actors: Vec<Value> = event.actors.iter().map(|participant| self.participant(participant, depth)).collect();
        view.set("actors", actors);
        view.set("place", self.optional_reference(event.place.as_ref(), depth));
        view.set("time", text(event.time.as_ref()));
        view.set("tz", text(event.tz.as_ref()));
        view.set("category", text(event.category.as_ref()));
    }

    fn participant(&self, participant: &Participant, depth: Depth) -> Value {
        view! {
            actor: self.reference_of(&participant.actor, depth),
            role: text(participant.role.as_ref()),
            alleged: participant.alleged,
            sources: self.citations(&participant.sources, depth),
        }
        .value()
    }

    fn quote_in_list(&self, view: &mut View, record: &PublicRecord, quote: &Quote, depth: Depth) {
        let (speaker, kind) = match &quote.speaker {
            Speaker::Actor(id) => (self.reference_of(id, depth), "actor"),
            Speaker::Unknown => (self.named(&self.speaker_name(quote), "actor"), "unknown"),
            Speaker::Unnamed => (self.named(&self.speaker_name(quote), "actor"), "unnamed"),
            Speaker::Withheld => (self.named(&self.speaker_name(quote), "actor"), "withheld"),
        };
        let references = |ids: &[Id]| -> Vec<Value> { ids.iter().map(|id| self.reference_of(id, depth)).collect() };
        view.set("speaker", speaker);
        view.set("speaker_kind", kind);
        view.set("capacity", text(quote.capacity.as_ref()));
        view.set("to", references(&quote.to));
        view.set("about", references(&quote.about));
        view.set("medium", text(quote.medium.as_ref()));
        view.set("mode", quote.mode.unwrap_or(Mode::Direct).word());
        view.set("stance", text(quote.stance.as_ref()));
        view.set("attribution", quote.attribution.unwrap_or(Attribution::Sourced).word());
        view.set("html", self.html_of(record, Slot::Text, depth));
        view.set("event", self.optional_reference(quote.event.as_ref(), depth));
        let translation = quote.translation.as_ref().map(|translation| {
            view! {
                from: translation.from.as_str(),
                from_name: self.language_name(translation.from.as_str()),
                method: text(translation.method.as_ref()),
                by: text(translation.by.as_ref()),
            }
            .value()
        });
        view.set("translation", translation);
        let original = quote.original.as_ref().map(|original| {
            let lang = original.lang.as_str();
            view! { lang: lang, dir: direction(lang), html: self.html_of(record, Slot::Original, depth) }.value()
        });
        view.set("original", original);
        let via: Vec<Value> = quote
            .via
            .iter()
            .map(|via| {
                view! {
                    actor: self.reference_of(&via.actor, depth),
                    verb: text(via.verb.as_ref()),
                    source: self.optional_reference(via.source.as_ref(), depth),
                    date: self.optional_date(via.date.as_ref(), depth),
                }
                .value()
            })
            .collect();
        view.set("via", via);
        // What comes of comparing the words with a capture is not known yet; themes have their place for it.
        view.set("verbatim", "");
    }

    fn source_in_list(&self, view: &mut View, number: Number, source: &Source, depth: Depth) {
        let authors: Vec<Value> = source.authors.iter().map(|author| self.reference_or_text(author, depth)).collect();
        view.set("source_kind", source.kind.map_or("", |kind| kind.word()));
        view.set("publisher", source.publisher.as_ref().map(|publisher| self.text_of(publisher)).unwrap_or_default());
        view.set("authors", authors);
        view.set("url", text(source.url.as_ref()));
        view.set("cited", self.referrers(number, |role| role == Role::Cited).len());
    }

    fn place_in_list(&self, view: &mut View, place: &Place) {
        let country = place.country.as_ref().map(|country| country.as_str()).unwrap_or_default();
        view.set("country", country);
        view.set("country_name", self.country_name(country));
        view.set("precision", text(place.precision.as_ref()));
    }

    /// The name of a language in the site's language, or its code.
    fn language_name(&self, code: &str) -> String {
        self.theme.words.known_word(&format!("lang-{code}")).unwrap_or(code).to_owned()
    }

    /// The name of a country in the site's language, or its code.
    fn country_name(&self, code: &str) -> String {
        self.theme.words.known_word(&format!("country-{}", code.to_lowercase())).unwrap_or(code).to_owned()
    }

    // Who refers to a record.

    /// The records that refer to one in a role, in time order, each once.
    pub(super) fn referrers(&self, number: Number, is_wanted: impl Fn(Role) -> bool) -> Vec<Number> {
        let edges = self.site.dossier.edges_to(number);
        let mut found: Vec<Number> = edges.iter().filter(|edge| is_wanted(edge.role)).map(|edge| edge.from).collect();
        found.sort_unstable_by_key(|from| self.site.rank[*from as usize]);
        found.dedup();
        found
    }

    fn records(&self, numbers: &[Number], depth: Depth) -> Value {
        Value::from(numbers.iter().map(|number| self.record(*number, depth)).collect::<Vec<_>>())
    }

    fn referring(&self, number: Number, kind: Kind, roles: &[Role], depth: Depth) -> Value {
        let mut found = self.referrers(number, |role| roles.contains(&role));
        found.retain(|from| self.site.record(*from).kind() == kind);
        self.records(&found, depth)
    }

    /// The records that mention one in prose, each once, with the sentence of the first mention.
    fn mentions(&self, number: Number, depth: Depth) -> Value {
        let edges = self.site.dossier.edges_to(number);
        let mut found: Vec<(u32, Number, EdgePlace)> = edges
            .iter()
            .filter(|edge| edge.role == Role::Mentioned)
            .map(|edge| (self.site.rank[edge.from as usize], edge.from, edge.place))
            .collect();
        found.sort_unstable();
        found.dedup_by_key(|(_, from, _)| *from);
        let entries: Vec<Value> = found
            .into_iter()
            .map(|(_, from, place)| {
                let sentence = match place {
                    EdgePlace::Prose(slot, index) => self.sentence(from, slot, index),
                    EdgePlace::Field(_) => String::new(),
                };
                self.entry(from, "mentioned", false, &sentence, depth)
            })
            .collect();
        Value::from(entries)
    }

    fn sentence(&self, number: Number, slot: Slot, index: u32) -> String {
        let record = self.site.record(number);
        let Some(prose) = record.texts.get(slot) else { return String::new() };
        let Some(link) = prose.links.get(index as usize) else { return String::new() };
        self.plain(record, slot, prose, link.sentence.clone()).trim().to_owned()
    }

    pub(super) fn entry(&self, number: Number, role: &str, alleged: bool, sentence: &str, depth: Depth) -> Value {
        let record = self.site.record(number);
        view! {
            date: self.optional_date(record.fields.date(), depth),
            record: self.record(number, depth),
            role: role,
            alleged: alleged,
            sentence: sentence,
        }
        .value()
    }

    // Prose.

    /// The HTML of a text, with its links for a page at this depth.
    pub(super) fn html_of(&self, record: &PublicRecord, slot: Slot, depth: Depth) -> Value {
        record
            .texts
            .get(slot)
            .map_or_else(|| Value::from(""), |prose| html(&self.fill(prose, record.links(slot), depth)))
    }

    /// The HTML of prose with its links filled in.
    pub(super) fn fill(&self, prose: &Prose, links: &[PublicLink], depth: Depth) -> String {
        let Run { text: source, marks } = &prose.html;
        let mut filled = String::with_capacity(source.len() + 48 * marks.len());
        let mut done = 0;
        let mut ends: Vec<&'static str> = Vec::new();
        let mut skip: Option<u32> = None;
        for (at, mark) in marks {
            if let Some(closing) = skip {
                if *mark == Mark::Close(closing) {
                    skip = None;
                    done = *at;
                } else {
                    continue;
                }
            }
            filled.push_str(&source[done..*at]);
            done = *at;
            match mark {
                Mark::Open(index) => {
                    let labelled = prose.links.get(*index as usize).is_none_or(|link| link.labelled);
                    let link = links.get(*index as usize).unwrap_or(&PublicLink::Nothing);
                    let title = self.open_link(link, depth, &mut filled, &mut ends);
                    if matches!(link, PublicLink::Protected) && is_label_empty(&prose.html, *index) {
                        filled.push_str(&escape_html(&self.theme.words.word("withheld")));
                    }
                    if let (Some(title), false) = (title, labelled) {
                        filled.push_str(&escape_html(&title));
                        skip = Some(*index);
                    }
                }
                Mark::Close(_) => filled.push_str(ends.pop().unwrap_or_default()),
                Mark::Address(index) => {
                    if let Some(PublicLink::Attachment(at)) = links.get(*index as usize) {
                        filled.push_str(&escape_html(&self.attachment_href(*at, depth)));
                    }
                }
            }
        }
        filled.push_str(&source[done..]);
        filled
    }

    /// Writes the beginning of a link and returns the title that stands for a label.
    fn open_link(
        &self,
        link: &PublicLink,
        depth: Depth,
        filled: &mut String,
        ends: &mut Vec<&'static str>,
    ) -> Option<String> {
        let mut anchor = |href: &str| {
            filled.push_str("<a href=\"");
            filled.push_str(&escape_html(href));
            filled.push_str("\">");
            ends.push("</a>");
        };
        match link {
            PublicLink::Record(number, heading) => {
                let target = self.site.record(*number);
                let href = self.href(target, depth);
                anchor(&if heading.is_empty() { href } else { format!("{href}#{heading}") });
                Some(self.title(target))
            }
            PublicLink::Here(heading) => {
                anchor(&format!("#{heading}"));
                None
            }
            PublicLink::Attachment(at) => {
                anchor(&self.attachment_href(*at, depth));
                None
            }
            PublicLink::Protected => {
                filled.push_str("<span class=\"withheld\">");
                ends.push("</span>");
                None
            }
            PublicLink::Nothing => {
                ends.push("");
                None
            }
        }
    }

    /// Percent-encodes what may stand in a file's name and not in an address.
    fn attachment_href(&self, at: u32, depth: Depth) -> String {
        let inner = &self.site.dossier.attachments[at as usize].inner;
        let mut href = format!("{}files/", depth.prefix());
        for byte in inner.bytes() {
            if byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte) {
                href.push(char::from(byte));
            } else {
                href.push_str(&format!("%{byte:02X}"));
            }
        }
        href
    }

    /// Some of a text as plain text, with titles in place of ids.
    pub(super) fn plain(&self, record: &PublicRecord, slot: Slot, prose: &Prose, range: Range<usize>) -> String {
        self.plain_of(prose, record.links(slot), range)
    }

    pub(super) fn plain_of(&self, prose: &Prose, links: &[PublicLink], range: Range<usize>) -> String {
        if prose.plain.marks.is_empty() {
            return prose.plain.text[range].to_owned();
        }
        prose.plain.fill_plain(range, &|index| {
            let labelled = prose.links.get(index as usize).is_none_or(|link| link.labelled);
            match links.get(index as usize) {
                Some(PublicLink::Record(number, _)) if !labelled => Some(self.title(self.site.record(*number))),
                Some(PublicLink::Protected) if is_label_empty(&prose.plain, index) => {
                    Some(self.theme.words.word("withheld"))
                }
                _ => None,
            }
        })
    }

    // The pages of records.

    /// The template of a record's page, and what it sees.
    pub(super) fn record_page(&self, number: Number, depth: Depth) -> (String, &'static str, Value) {
        let record = self.site.record(number);
        let mut view = View::of(&self.record(number, depth));
        let common = record.fields.common();
        let corrections: Vec<Value> =
            (0..common.corrections.len()).map(|at| self.correction(number, at, depth)).collect();
        view.set("corrections", corrections);
        view.set("replies", self.replies(record, depth));
        view.set("mentions", self.mentions(number, depth));
        view.set("cite", self.cite(record));
        view.set("tags", self.tag_links(record, depth));
        view.set("sensitivity", common.sensitivity.iter().map(|word| Value::from(word.as_str())).collect::<Vec<_>>());
        let extra: Vec<(String, Value)> =
            record.extra.iter().map(|(key, value)| (key.clone(), Value::from_serializable(value))).collect();
        view.set("extra", Value::from(extra.into_iter().collect::<std::collections::BTreeMap<_, _>>()));
        let (template, subject) = match &*record.fields {
            Fields::Actor(actor) => {
                self.actor_page(&mut view, number, record, actor, depth);
                ("actor.html".to_owned(), "actor")
            }
            Fields::Event(event) => {
                self.event_page(&mut view, number, record, event, depth);
                ("event.html".to_owned(), "event")
            }
            Fields::Quote(quote) => {
                self.quote_page(&mut view, number, record, quote, depth);
                ("quote.html".to_owned(), "quote")
            }
            Fields::Source(source) => {
                self.source_page(&mut view, number, record, source, depth);
                ("source.html".to_owned(), "source")
            }
            Fields::Place(place) => {
                self.place_page(&mut view, number, record, place, depth);
                ("place.html".to_owned(), "place")
            }
            Fields::Page(page) => {
                view.set("html", self.html_of(record, Slot::Body, depth));
                let template = page.template.as_ref().map_or("page", |template| template.as_str());
                (format!("{template}.html"), "free")
            }
        };
        (template, subject, view.value())
    }

    fn actor_page(&self, view: &mut View, number: Number, record: &PublicRecord, actor: &Actor, depth: Depth) {
        view.set("html", self.html_of(record, Slot::Body, depth));
        let names = actor.names.iter().map(|name| {
            let lang = name.lang.as_ref().map(|lang| lang.as_str()).unwrap_or_default();
            let kind = text(name.kind.as_ref());
            view! { text: name.text.as_str(), lang: lang, dir: direction(lang), kind: kind }.value()
        });
        view.set("names", names.collect::<Vec<_>>());
        let roles = actor.roles.iter().map(|role| {
            view! {
                title: role.title.as_str(),
                at: role.at.as_ref().map(|at| self.reference_or_text(at, depth)),
                from: self.optional_date(role.from.as_ref(), depth),
                until: self.optional_date(role.until.as_ref(), depth),
            }
            .value()
        });
        view.set("roles", roles.collect::<Vec<_>>());
        let country = actor.country.as_ref().map(|country| country.as_str()).unwrap_or_default();
        view.set("country", country);
        view.set("country_name", self.country_name(country));
        let ids = actor.ids.iter().map(|(name, value)| view! { name: name.as_str(), value: value.as_str() }.value());
        view.set("ids", ids.collect::<Vec<_>>());
        view.set("born", self.optional_date(actor.born.as_ref(), depth));
        view.set("died", self.optional_date(actor.died.as_ref(), depth));
        view.set("image", record.image.map(|at| view! { href: self.attachment_href(at, depth) }.value()));
        view.set("relations", self.relations(number, actor, depth));
        let others = actor.not_same_as.iter().map(|id| self.reference_of(id, depth)).collect::<Vec<_>>();
        view.set("not_same_as", others);
        view.set("quotes_by", self.referring(number, Kind::Quote, &[Role::Spoke], depth));
        view.set("quotes_about", self.referring(number, Kind::Quote, &[Role::About], depth));
        view.set("quotes_to", self.referring(number, Kind::Quote, &[Role::To], depth));
        let events = self.events_of(number);
        let entries: Vec<Value> =
            events.iter().map(|(event, role, alleged)| self.entry(*event, role, *alleged, "", depth)).collect();
        view.set("events_in", entries);
        let timeline = self.actor_timeline(number, &events);
        let seen: Vec<Number> = timeline.iter().map(|(record, _, _)| *record).collect();
        let entries: Vec<Value> =
            timeline.iter().map(|(record, role, alleged)| self.entry(*record, role, *alleged, "", depth)).collect();
        view.set("timeline", entries);
        view.set("days", self.days_of(&seen, depth));
        let published = self.referring(number, Kind::Source, &[Role::Published, Role::Wrote], depth);
        view.set("published", published);
    }

    /// The events that an actor took part in, with the role and whether it is alleged.
    fn events_of(&self, number: Number) -> Vec<(Number, String, bool)> {
        let mut events: Vec<(Number, String, bool)> = Vec::new();
        for event in self.referrers(number, |role| role == Role::TookPart) {
            let Fields::Event(fields) = &*self.site.record(event).fields else { continue };
            for participant in fields.actors.iter() {
                if self.site.dossier.find(&participant.actor) == Found::Record(number) {
                    let role = participant.role.as_ref().map_or("took-part", |role| role.as_str());
                    events.push((event, role.to_owned(), participant.alleged));
                }
            }
        }
        events
    }

    /// What an actor said and took part in, in time order.
    fn actor_timeline(&self, number: Number, events: &[(Number, String, bool)]) -> Vec<(Number, String, bool)> {
        let spoken = self.referrers(number, |role| role == Role::Spoke);
        let mut timeline: Vec<(Number, String, bool)> =
            spoken.into_iter().map(|quote| (quote, "spoke".to_owned(), false)).chain(events.iter().cloned()).collect();
        timeline.sort_by_key(|(record, _, _)| self.site.rank[*record as usize]);
        timeline
    }

    fn relations(&self, number: Number, actor: &Actor, depth: Depth) -> Value {
        let relation = |relation: &crate::model::Relation, other: Value, incoming: bool| {
            view! {
                kind: relation.kind.as_str(),
                other: other,
                role: text(relation.role.as_ref()),
                from: self.optional_date(relation.from.as_ref(), depth),
                until: self.optional_date(relation.until.as_ref(), depth),
                incoming: incoming,
                sources: self.citations(&relation.sources, depth),
            }
            .value()
        };
        let own = actor.relations.iter().map(|own| relation(own, self.reference_of(&own.to, depth), false));
        let mut all: Vec<Value> = own.collect();
        for other in self.referrers(number, |role| role == Role::Relation) {
            let Fields::Actor(fields) = &*self.site.record(other).fields else { continue };
            for theirs in
                fields.relations.iter().filter(|theirs| self.site.dossier.find(&theirs.to) == Found::Record(number))
            {
                all.push(relation(theirs, self.reference(other, depth), true));
            }
        }
        Value::from(all)
    }

    fn event_page(&self, view: &mut View, number: Number, record: &PublicRecord, event: &Event, depth: Depth) {
        view.set("html", self.html_of(record, Slot::Body, depth));
        view.set("part_of", self.optional_reference(event.part_of.as_ref(), depth));
        view.set("parts", self.referring(number, Kind::Event, &[Role::PartOf], depth));
        view.set("follows", event.follows.iter().map(|id| self.reference_of(id, depth)).collect::<Vec<_>>());
        view.set("followed_by", self.referring(number, Kind::Event, &[Role::Follows], depth));
        let counts = event.counts.iter().map(|count| {
            view! {
                what: count.what.as_str(),
                low: count.low,
                best: count.best,
                high: count.high,
                by: count.by.as_ref().map(|by| self.reference_or_text(by, depth)),
            }
            .value()
        });
        view.set("counts", counts.collect::<Vec<_>>());
        let updates = (0..).zip(&event.updates).map(|(at, update)| {
            view! { date: self.date(&update.date, depth), html: self.html_of(record, Slot::Update(at), depth) }.value()
        });
        view.set("updates", updates.collect::<Vec<_>>());
        view.set("quotes", self.referring(number, Kind::Quote, &[Role::AtEvent, Role::About], depth));
    }

    fn quote_page(&self, view: &mut View, number: Number, record: &PublicRecord, quote: &Quote, depth: Depth) {
        view.set("body", self.html_of(record, Slot::Body, depth));
        view.set("context_before", self.html_of(record, Slot::Before, depth));
        view.set("context_after", self.html_of(record, Slot::After, depth));
        let answered = quote.in_reply_to.as_ref().map(|id| self.site.dossier.find(id));
        let answered = match answered {
            Some(Found::Record(answered)) => self.record(answered, depth),
            Some(Found::Protected(_) | Found::Nothing) | None => Value::none(),
        };
        view.set("in_reply_to", answered);
        view.set("answers", self.referring(number, Kind::Quote, &[Role::Answers], depth));
        view.set("place", self.optional_reference(quote.place.as_ref(), depth));
        let speaker = match quote.speaker.actor().map(|id| self.site.dossier.find(id)) {
            Some(Found::Record(speaker)) => self.record(speaker, depth),
            Some(Found::Protected(_) | Found::Nothing) | None => Value::none(),
        };
        view.set("speaker_record", speaker);
    }

    fn source_page(&self, view: &mut View, number: Number, record: &PublicRecord, source: &Source, depth: Depth) {
        view.set("html", self.html_of(record, Slot::Body, depth));
        view.set("archived", source.archived.iter().map(|url| Value::from(url.as_str())).collect::<Vec<_>>());
        view.set("accessed", self.optional_date(source.accessed.as_ref(), depth));
        view.set("access", text(source.access.as_ref()));
        view.set("licence", text(source.licence.as_ref()));
        view.set("syndicated_from", self.optional_reference(source.syndicated_from.as_ref(), depth));
        view.set("repeated_by", self.referring(number, Kind::Source, &[Role::Repeats], depth));
        view.set("quotes", self.referring(number, Kind::Quote, &[Role::Cited], depth));
        view.set("events", self.referring(number, Kind::Event, &[Role::Cited], depth));
        let mut others = self.referrers(number, |role| role == Role::Cited);
        others.retain(|from| !matches!(self.site.record(*from).kind(), Kind::Quote | Kind::Event));
        view.set("others", self.records(&others, depth));
        let captures = source.captures.iter().map(|capture| {
            view! {
                at: self.optional_date(capture.at.as_ref(), depth),
                by: text(capture.by.as_ref()),
                method: text(capture.method.as_ref()),
                sha256: text(capture.sha256.as_ref()),
            }
            .value()
        });
        view.set("captures", captures.collect::<Vec<_>>());
    }

    fn place_page(&self, view: &mut View, number: Number, record: &PublicRecord, place: &Place, depth: Depth) {
        view.set("html", self.html_of(record, Slot::Body, depth));
        view.set("lat", text(place.lat.as_ref()));
        view.set("lon", text(place.lon.as_ref()));
        view.set("obscured", place.obscured);
        view.set("events", self.referring(number, Kind::Event, &[Role::Place], depth));
        view.set("quotes", self.referring(number, Kind::Quote, &[Role::Place, Role::About], depth));
    }

    pub(super) fn correction(&self, number: Number, at: usize, depth: Depth) -> Value {
        let correction = &self.site.record(number).fields.common().corrections[at];
        view! {
            on: self.date(&correction.on, depth),
            kind: correction.kind.map_or("correction", |kind| kind.word()),
            field: text(correction.field.as_ref()),
            was: text(correction.was.as_ref()),
            now: text(correction.now.as_ref()),
            why: correction.why.as_str(),
            record: self.reference(number, depth),
        }
        .value()
    }

    fn replies(&self, record: &PublicRecord, depth: Depth) -> Value {
        let replies = record.fields.common().replies.iter().map(|reply| {
            view! {
                from: self.reference_of(&reply.from, depth),
                asked_on: self.optional_date(reply.asked_on.as_ref(), depth),
                deadline: self.optional_date(reply.deadline.as_ref(), depth),
                outcome: reply.outcome.word(),
                quote: self.optional_reference(reply.quote.as_ref(), depth),
            }
            .value()
        });
        Value::from(replies.collect::<Vec<_>>())
    }
}

/// Whether the label of a link has nothing in it.
fn is_label_empty(run: &Run, index: u32) -> bool {
    let place = |wanted: Mark| run.marks.iter().find(|(_, mark)| *mark == wanted).map(|(at, _)| *at);
    place(Mark::Open(index)) == place(Mark::Close(index))
}

/// The beginning of a text, cut between words.
pub(super) fn shorten(text: &str, limit: usize) -> String {
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let Some((end, _)) = flat.char_indices().nth(limit) else { return flat };
    let cut = flat[..end].rfind(' ').filter(|space| *space > end / 2).unwrap_or(end);
    format!("{}…", flat[..cut].trim_end_matches([',', ';', ':', '.', ' ', '—', '–']))
}
