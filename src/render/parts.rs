//! The parts that views are made of: names, dates, statuses, citations.

use tera::Value;

use super::view::{text, view};
use super::{Depth, Renderer, direction};
use crate::edtf::{Edtf, Precision};
use crate::model::{Citation, Fields, Id, Line, Quote, Speaker, Status};
use crate::plan::{Route, path_of_record};
use crate::redact::{Found, Number, PublicRecord};

impl Renderer {
    /// The title of a record; a quote without one is called by its speaker and first words.
    pub(super) fn title(&self, record: &PublicRecord) -> String {
        let title = self.plain_title(record);
        match record.mark {
            // In the title, so that no theme can leave it out and no list shows such a record as any other.
            Some(reason) => format!("[{}] {title}", self.theme.words.word(reason.word())),
            None => title,
        }
    }

    fn plain_title(&self, record: &PublicRecord) -> String {
        match (&*record.fields, record.fields.title()) {
            (_, Some(title)) => title.as_str().to_owned(),
            (Fields::Quote(quote), None) => {
                format!("{}: “{}”", self.speaker_name(quote), shorten(&self.words(record), WORDS_IN_TITLE))
            }
            (_, None) => record.id.as_str().to_owned(),
        }
    }

    pub(super) fn speaker_name(&self, quote: &Quote) -> String {
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
    pub(super) fn display(&self, text: &str) -> String {
        if text.is_empty() { self.theme.words.word("withheld") } else { text.to_owned() }
    }

    /// The language of a record's text.
    pub(super) fn lang<'a>(&'a self, record: &'a PublicRecord) -> &'a str {
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
    pub(super) fn named(&self, title: &str, kind: &str) -> Value {
        let lang = self.site.dossier.settings.lang();
        view! { title: title, href: "", kind: kind, lang: lang, dir: direction(lang) }.value()
    }

    /// What a field's id leads to, by name.
    pub(super) fn reference_of(&self, id: &Id, depth: Depth) -> Value {
        match self.site.dossier.find(id) {
            Found::Record(number) => self.reference(number, depth),
            Found::Protected(protected) => self.named(&self.display(&protected.display), "actor"),
            Found::Nothing => self.named(&self.theme.words.word("unknown"), ""),
        }
    }

    /// A field's text that may be the id of an actor.
    pub(super) fn reference_or_text(&self, line: &Line, depth: Depth) -> Value {
        match self.site.dossier.find_text(line.as_str()) {
            Some(number) => self.reference(number, depth),
            None => self.named(line.as_str(), ""),
        }
    }

    pub(super) fn optional_reference(&self, id: Option<&Id>, depth: Depth) -> Value {
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
    pub(super) fn date_href(&self, date: &Edtf, depth: Depth) -> String {
        let Some(first) = date.earliest().or(date.latest()) else { return String::new() };
        let day = self.day_href(first, depth);
        let states_days = matches!(date.precision(), Precision::Day | Precision::Interval | Precision::Set);
        if states_days && !day.is_empty() {
            return day;
        }
        let last = date.latest().unwrap_or(first);
        let same_month = (first.year(), first.month()) == (last.year(), last.month());
        if same_month && self.site.plan.dates.months.contains_key(&(first.year(), first.month())) {
            return format!("{}{}", depth.prefix(), Route::Month(first.year(), first.month()).path(&self.site));
        }
        if first.year() == last.year() && self.site.plan.dates.years.contains_key(&first.year()) {
            return format!("{}{}", depth.prefix(), Route::Year(first.year()).path(&self.site));
        }
        String::new()
    }

    pub(super) fn optional_date(&self, date: Option<&Edtf>, depth: Depth) -> Value {
        date.map_or_else(Value::none, |date| self.date(date, depth))
    }

    pub(super) fn status(&self, status: Option<&Status>, depth: Depth) -> Value {
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

    pub(super) fn citations(&self, citations: &[Citation], depth: Depth) -> Value {
        let views: Vec<Value> = citations.iter().filter_map(|citation| self.citation(citation, depth)).collect();
        Value::from(views)
    }

    pub(super) fn citation(&self, citation: &Citation, depth: Depth) -> Option<Value> {
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
    pub(super) fn text_of(&self, line: &Line) -> String {
        match self.site.dossier.find_text(line.as_str()) {
            Some(number) => self.title(self.site.record(number)),
            None => line.as_str().to_owned(),
        }
    }

    /// The name of a language in the site's language, or its code.
    pub(super) fn language_name(&self, code: &str) -> String {
        self.theme.words.known_word(&format!("lang-{code}")).unwrap_or(code).to_owned()
    }

    /// The name of a country in the site's language, or its code.
    pub(super) fn country_name(&self, code: &str) -> String {
        self.theme.words.known_word(&format!("country-{}", code.to_lowercase())).unwrap_or(code).to_owned()
    }
}

/// How much of a quote's words stands for it where it has no title.
const WORDS_IN_TITLE: usize = 56;

/// The beginning of a text, cut between words.
pub(super) fn shorten(text: &str, limit: usize) -> String {
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let Some((end, _)) = flat.char_indices().nth(limit) else { return flat };
    let cut = flat[..end].rfind(' ').filter(|space| *space > end / 2).unwrap_or(end);
    format!("{}…", flat[..cut].trim_end_matches([',', ';', ':', '.', ' ', '—', '–']))
}
