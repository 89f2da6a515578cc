//! The texts that fields hold, each with what may be done to it. A field that is not named here does not compile.

use crate::model::{
    Actor, Capture, Citation, Correction, Count, Event, Fields, Line, Many, Markdown, Name, Original, Page,
    Participant, Place, Quote, Relation, Reply, Role, Source, Status, Takedown, Translation, Update, Via,
};
use crate::parse::Step;

/// A text in a field.
#[derive(Debug)]
pub enum Part<'a> {
    /// A line in the authors' words, which may be changed.
    Line(&'a mut Line),
    /// A line in the words of others: a change to it is bracketed.
    Quoted(&'a mut Line),
    /// A name of the record itself.
    Name(&'a mut Line),
    /// Prose in Markdown, which is also read as such.
    Prose(&'a mut Markdown),
    /// What must stay as it is: ids, addresses, names of files, words of a vocabulary, exact words of a source.
    Fixed(&'a str),
}

/// Who looks at the texts of fields: with the way to each.
type See<'s> = dyn FnMut(&[Step<'static>], Part<'_>) + 's;

/// Shows the texts of a record's fields, but for references to records, which [`each_reference`](super::each_reference) shows,
/// and what is for the authors only.
pub fn each_part(fields: &mut Fields, see: &mut See<'_>) {
    match fields {
        Fields::Actor(actor) => of_actor(actor, see),
        Fields::Event(event) => of_event(event, see),
        Fields::Quote(quote) => of_quote(quote, see),
        Fields::Source(source) => of_source(source, see),
        Fields::Place(place) => of_place(place, see),
        Fields::Page(page) => of_page(page, see),
    }
}

const fn key(key: &'static str) -> Step<'static> {
    Step::Key(key)
}

fn line(see: &mut See<'_>, path: &[Step<'static>], line: &mut Option<Line>) {
    if let Some(line) = line {
        see(path, Part::Line(line));
    }
}

fn fixed<T: AsStr>(see: &mut See<'_>, path: &[Step<'static>], value: Option<&T>) {
    if let Some(value) = value {
        see(path, Part::Fixed(value.text()));
    }
}

/// A value that is a text.
trait AsStr {
    fn text(&self) -> &str;
}

macro_rules! texts {
    ($($name:ty),*) => { $( impl AsStr for $name { fn text(&self) -> &str { self.as_str() } } )* };
}
texts!(Line, crate::model::Id, crate::model::Word, crate::model::Url);

/// Takes a record apart, so that none of its fields is forgotten, and shows those that all kinds have.
macro_rules! take_apart {
    ($record:ident, $see:ident, $kind:ident { $($own:ident $(: $unseen:tt)?),* $(,)? }) => {
        let $kind {
            $($own $(: $unseen)?,)*
            id, record_type: _, aliases, summary, tags, lang: _, visibility: _, draft: _, publish_at: _, status, sources,
            corrections, replies, sensitivity, takedown, allow: _, not_secret: _, notes_internal: _, body,
        } = $record;
        fixed($see, &[key("id")], id.as_ref());
        for (index, alias) in aliases.iter().enumerate() {
            fixed($see, &[key("aliases"), Step::Index(index)], Some(alias));
        }
        line($see, &[key("summary")], summary);
        for (index, tag) in tags.iter().enumerate() {
            fixed($see, &[key("tags"), Step::Index(index)], Some(tag));
        }
        for (index, word) in sensitivity.iter().enumerate() {
            fixed($see, &[key("sensitivity"), Step::Index(index)], Some(word));
        }
        if let Some(Status { is: _, by, on: _, method, review_by: _ }) = status {
            line($see, &[key("status"), key("by")], by);
            line($see, &[key("status"), key("method")], method);
        }
        citations($see, &[key("sources")], sources);
        for (index, correction) in corrections.iter_mut().enumerate() {
            let Correction { on: _, kind: _, field, was, now, why } = correction;
            let path = |last| [key("corrections"), Step::Index(index), key(last)];
            line($see, &path("field"), field);
            line($see, &path("was"), was);
            line($see, &path("now"), now);
            $see(&path("why"), Part::Line(why));
        }
        for reply in replies.iter() {
            let Reply { from: _, asked_on: _, deadline: _, outcome: _, quote: _ } = reply;
        }
        if let Some(Takedown { done: _, on: _, reason: _, note, silent: _ }) = takedown {
            line($see, &[key("takedown"), key("note")], note);
        }
        if let Some(body) = body {
            $see(&[key("body")], Part::Prose(body));
        }
    };
}

fn citations(see: &mut See<'_>, path: &[Step<'static>], citations: &mut Many<Citation>) {
    for (index, citation) in citations.iter_mut().enumerate() {
        let Citation { source: _, locator, exact, prefix, suffix, accessed: _, stance, note } = citation;
        let at = |last| [path, &[Step::Index(index), key(last)]].concat();
        line(see, &at("locator"), locator);
        fixed(see, &at("exact"), exact.as_ref());
        for (last, words) in [("prefix", prefix), ("suffix", suffix)] {
            if let Some(words) = words {
                see(&at(last), Part::Quoted(words));
            }
        }
        fixed(see, &at("stance"), stance.as_ref());
        line(see, &at("note"), note);
    }
}

fn of_actor(actor: &mut Actor, see: &mut See<'_>) {
    take_apart!(
        actor,
        see,
        Actor {
            name,
            kind: _,
            names,
            sort_name,
            role,
            roles,
            country: _,
            ids,
            born: _,
            died: _,
            image,
            relations,
            not_same_as: _,
            privacy: _,
            display: _,
            pseudonym,
        }
    );
    see(&[key("name")], Part::Name(name));
    for (index, Name { text, lang: _, kind }) in names.iter_mut().enumerate() {
        see(&[key("names"), Step::Index(index), key("text")], Part::Name(text));
        fixed(see, &[key("names"), Step::Index(index), key("kind")], kind.as_ref());
    }
    if let Some(name) = sort_name {
        see(&[key("sort_name")], Part::Name(name));
    }
    line(see, &[key("role")], role);
    for (index, Role { title, at, from: _, until: _ }) in roles.iter_mut().enumerate() {
        see(&[key("roles"), Step::Index(index), key("title")], Part::Line(title));
        line(see, &[key("roles"), Step::Index(index), key("at")], at);
    }
    for (collection, id) in ids.iter() {
        fixed(see, &[key("ids")], Some(collection));
        fixed(see, &[key("ids")], Some(id));
    }
    fixed(see, &[key("image")], image.as_ref());
    for (index, relation) in relations.iter_mut().enumerate() {
        let Relation { kind, to: _, role, from: _, until: _, sources } = relation;
        let at = |last| [key("relations"), Step::Index(index), key(last)];
        fixed(see, &at("kind"), Some(&*kind));
        line(see, &at("role"), role);
        citations(see, &at("sources"), sources);
    }
    line(see, &[key("pseudonym")], pseudonym);
}

fn of_event(event: &mut Event, see: &mut See<'_>) {
    take_apart!(
        event,
        see,
        Event { title, date: _, time: _, tz, place: _, actors, category, part_of: _, follows: _, counts, updates }
    );
    see(&[key("title")], Part::Line(title));
    fixed(see, &[key("tz")], tz.as_ref());
    for (index, participant) in actors.iter_mut().enumerate() {
        let Participant { actor: _, role, alleged: _, sources } = participant;
        fixed(see, &[key("actors"), Step::Index(index), key("role")], role.as_ref());
        citations(see, &[key("actors"), Step::Index(index), key("sources")], sources);
    }
    fixed(see, &[key("category")], category.as_ref());
    for (index, count) in counts.iter_mut().enumerate() {
        let Count { what, low: _, best: _, high: _, by } = count;
        see(&[key("counts"), Step::Index(index), key("what")], Part::Line(what));
        line(see, &[key("counts"), Step::Index(index), key("by")], by);
    }
    for (index, Update { date: _, text }) in updates.iter_mut().enumerate() {
        see(&[key("updates"), Step::Index(index), key("text")], Part::Prose(text));
    }
}

fn of_quote(quote: &mut Quote, see: &mut See<'_>) {
    take_apart!(
        quote,
        see,
        Quote {
            text,
            speaker: _,
            date: _,
            title,
            capacity,
            to: _,
            about: _,
            event: _,
            place: _,
            medium,
            mode: _,
            stance,
            attribution: _,
            via,
            context_before,
            context_after,
            in_reply_to: _,
            translation,
            original,
        }
    );
    see(&[key("text")], Part::Prose(text.markdown_mut()));
    line(see, &[key("title")], title);
    line(see, &[key("as")], capacity);
    line(see, &[key("medium")], medium);
    fixed(see, &[key("stance")], stance.as_ref());
    for (index, Via { actor: _, verb, source: _, date: _ }) in via.iter().enumerate() {
        fixed(see, &[key("via"), Step::Index(index), key("verb")], verb.as_ref());
    }
    for (last, text) in [("context_before", context_before), ("context_after", context_after)] {
        if let Some(text) = text {
            see(&[key(last)], Part::Prose(text));
        }
    }
    if let Some(Translation { from: _, of: _, method, by }) = translation {
        fixed(see, &[key("translation"), key("method")], method.as_ref());
        line(see, &[key("translation"), key("by")], by);
    }
    if let Some(Original { lang: _, text }) = original {
        see(&[key("original"), key("text")], Part::Prose(text));
    }
}

fn of_source(source: &mut Source, see: &mut See<'_>) {
    take_apart!(
        source,
        see,
        Source {
            title,
            kind: _,
            url,
            publisher,
            authors,
            published: _,
            accessed: _,
            archived,
            syndicated_from: _,
            access,
            licence,
            captures,
        }
    );
    see(&[key("title")], Part::Line(title));
    fixed(see, &[key("url")], url.as_ref());
    line(see, &[key("publisher")], publisher);
    for (index, author) in authors.iter_mut().enumerate() {
        see(&[key("authors"), Step::Index(index)], Part::Line(author));
    }
    for (index, copy) in archived.iter().enumerate() {
        fixed(see, &[key("archived"), Step::Index(index)], Some(copy));
    }
    fixed(see, &[key("access")], access.as_ref());
    line(see, &[key("licence")], licence);
    for (index, capture) in captures.iter_mut().enumerate() {
        let Capture { file, at: _, by, method, sha256: _, bytes: _, media_type } = capture;
        fixed(see, &[key("captures"), Step::Index(index), key("file")], Some(&*file));
        line(see, &[key("captures"), Step::Index(index), key("by")], by);
        fixed(see, &[key("captures"), Step::Index(index), key("method")], method.as_ref());
        fixed(see, &[key("captures"), Step::Index(index), key("media_type")], media_type.as_ref());
    }
}

fn of_place(place: &mut Place, see: &mut See<'_>) {
    take_apart!(place, see, Place { name, country: _, lat: _, lon: _, precision, obscured: _ });
    see(&[key("name")], Part::Name(name));
    fixed(see, &[key("precision")], precision.as_ref());
}

fn of_page(page: &mut Page, see: &mut See<'_>) {
    take_apart!(page, see, Page { title, order: _, template });
    see(&[key("title")], Part::Line(title));
    fixed(see, &[key("template")], template.as_ref());
}
