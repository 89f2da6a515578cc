//! The past editions, and what is said at an address of one of them at which nothing stands any more.
//!
//! Of what an edition said nothing is told here: something of it may be withheld by now. There is its name, its day, how many records it had and
//! how many of them were changed, and the number by which it is known.

use tera::Value;

use super::view::{View, view};
use super::{Depth, Renderer};
use crate::data;
use crate::edtf::Edtf;
use crate::plan::Route;
use crate::redact::Number;

impl Renderer {
    /// A page of the list of past editions, newest first, and the way to the others.
    pub(super) fn editions(&self, page: usize) -> (Value, Value) {
        let depth = Depth::Root;
        let newest: Vec<usize> = self.site.plan.past.public().rev().collect();
        let (editions, pager) = self.paged(&newest, page, self.site.page_size(), depth, Route::Editions);
        let views = editions.iter().map(|at| self.edition(*at, depth));
        (Value::from(views.collect::<Vec<_>>()), pager)
    }

    fn edition(&self, at: usize, depth: Depth) -> Value {
        let edition = &self.site.plan.past.editions[at];
        let header = &edition.header;
        let done = edition.done.map(|done| {
            view! { new: done.new, corrected: done.corrected, changed: done.changed, withdrawn: done.withdrawn }.value()
        });
        view! {
            name: header.edition.as_str(),
            anchor: anchor(at),
            date: header.date.parse::<Edtf>().map_or_else(|_| Value::none(), |date| self.date(&date, depth)),
            records: edition.records,
            done: done.unwrap_or_else(Value::none),
            seal: header.seal.as_deref().unwrap_or_default(),
        }
        .value()
    }

    /// The past edition since which a correction stands; none where none has it yet.
    pub(super) fn edition_of(&self, number: Number, at: usize, depth: Depth) -> Value {
        let past = &self.site.plan.past;
        if past.is_empty() {
            return Value::none();
        }
        let record = self.site.record(number);
        let mut fields = data::fields(&self.site.dossier, number);
        let correction =
            fields.get_mut("corrections").and_then(|corrections| corrections.get_mut(at)).map(serde_json::Value::take);
        let Some(correction) = correction else { return Value::none() };
        let ids = std::iter::once(&record.id).chain(record.fields.common().aliases);
        let Some(at) = ids.filter_map(|id| past.since(record.kind().word(), id.as_str(), &correction)).min() else {
            return Value::none();
        };
        let newer = past.public().filter(|other| *other > at).count();
        let page = newer / self.site.page_size().max(1) + 1;
        let mut link = View::of(&self.link_to(&past.editions[at].header.edition, &Route::Editions(page), depth));
        link.set("href", format!("{}{}#{}", depth.prefix(), Route::Editions(page).path(&self.site), anchor(at)));
        link.value()
    }

    /// What is said at an address at which nothing stands any more, or where it leads.
    pub(super) fn gone(&self, at: u32, depth: Depth) -> (&'static str, &'static str, View) {
        let gone = &self.site.plan.gone[at as usize];
        let link = match self.site.plan.routes.get(&gone.instead) {
            Some(route) => self.link_to(&self.page_title(route), route, depth),
            None => self.link_to(&self.page_title(&Route::Home), &Route::Home, depth),
        };
        match gone.is_moved {
            true => ("redirect.html", "target", View::of(&link)),
            false => ("gone.html", "gone", view! { instead: link }),
        }
    }
}

/// Where on the list an edition stands; names can be any text, so it is their number.
fn anchor(at: usize) -> String {
    format!("_edition-{}", at + 1)
}
