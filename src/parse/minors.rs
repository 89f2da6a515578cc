//! Records about minors: readers are told neither the day nor the place.

use crate::edtf::{Day, Edtf};
use crate::model::{Fields, Id, Word};
use crate::text;

/// Whether the dates and places of a record tell more than readers may know, since it is about a minor. Who does not say what
/// needs care may mean that, and so may who misspells it.
pub(super) fn is_about_minor(fields: &Fields) -> bool {
    let means_minor = |word: &Word| {
        let word = word.as_str();
        matches!(word, "minor" | "minors" | "child" | "children" | "under-age" | "underage" | "withheld")
            || !text::nearest(word, ["minor"]).is_empty()
    };
    !matches!(fields, Fields::Page(_)) && fields.common().sensitivity.iter().any(means_minor)
}

/// Takes from a record about a minor what says where and on which day: dates become months, places and times of day go.
pub(super) fn coarsen(fields: &mut Fields, keeps_place: bool) {
    macro_rules! in_common {
        ($record:expr, $place:expr) => {{
            let place: Option<String> = $place;
            let is_place = |text: &str| place.as_deref() == Some(text);
            for correction in $record.corrections.iter_mut() {
                correction.was = None;
                correction.now = None;
            }
            if let Some(status) = &mut $record.status {
                status.on.iter_mut().for_each(coarsen_date);
                status.by = status.by.take().filter(|by| !is_place(by.as_str()));
            }
        }};
    }
    match fields {
        Fields::Event(event) => {
            coarsen_date(&mut event.date);
            event.time = None;
            event.tz = None;
            let place = event.place.take_if(|_| !keeps_place).map(|place| place.to_string());
            for count in event.counts.iter_mut() {
                count.by = count.by.take().filter(|by| place.as_deref() != Some(by.as_str()));
            }
            event.updates.iter_mut().for_each(|update| coarsen_date(&mut update.date));
            in_common!(event, place);
        }
        Fields::Quote(quote) => {
            coarsen_date(&mut quote.date);
            let place = quote.place.take_if(|_| !keeps_place).map(|place| place.to_string());
            let is_other = |id: &&Id| place.as_deref() != Some(id.as_str());
            quote.about = quote.about.iter().filter(is_other).cloned().collect();
            quote.via.iter_mut().for_each(|via| via.date.iter_mut().for_each(coarsen_date));
            in_common!(quote, place);
        }
        Fields::Actor(actor) => {
            for date in [&mut actor.born, &mut actor.died] {
                date.iter_mut().for_each(coarsen_to_year);
            }
            in_common!(actor, None);
        }
        Fields::Source(source) => {
            source.published.iter_mut().for_each(coarsen_date);
            in_common!(source, None);
        }
        Fields::Place(place) => {
            place.lat = None;
            place.lon = None;
            in_common!(place, None);
        }
        Fields::Page(_) => {}
    }
}

/// The year of a date, with the doubt that it has.
fn coarsen_to_year(date: &mut Edtf) {
    coarsen_date(date);
    let year = |day: Option<Day>| day.map_or("..".to_owned(), |day| format!("{:04}", day.year()));
    let (first, last) = (year(date.earliest()), year(date.latest()));
    let doubt = if date.is_uncertain() || date.is_approximate() { "?" } else { "" };
    let coarse = if first == last { format!("{first}{doubt}").parse() } else { format!("{first}/{last}").parse() };
    if let Ok(coarse) = coarse {
        *date = coarse;
    }
}

/// The months in which a date falls, with the doubt that it has.
fn coarsen_date(date: &mut Edtf) {
    // A year, a month or a season has no day to hide.
    if date.as_str().len() <= 7 {
        return;
    }
    let doubt = match (date.is_uncertain(), date.is_approximate()) {
        (true, true) => "%",
        (true, false) => "?",
        (false, true) => "~",
        (false, false) => "",
    };
    let month = |day: Day| {
        let day = day.to_string();
        format!("{}{doubt}", day.rsplit_once('-').map_or("", |(month, _)| month))
    };
    let end = |day: Option<Day>| day.map_or("..".to_owned(), month);
    let (first, last) = (end(date.earliest()), end(date.latest()));
    let coarse = if first == last { first.parse() } else { format!("{first}/{last}").parse() };
    if let Ok(coarse) = coarse {
        *date = coarse;
    }
}
