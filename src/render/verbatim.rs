//! What readers are told of the words of a quotation beside the copies of its sources.
//!
//! What came of comparing is a value of [`redact`](crate::redact) by now. Here it is put in words, set at the marks of omission, and made
//! into links that lead to the words. Nothing of a copy is shown but the few words that were kept of it, and never where it lies.

use tera::Value;

use super::view::{View, html, text, view};
use super::{Depth, Renderer, direction};
use crate::model::{Citation, Fields, Kind, Mode, Quote, Source};
use crate::redact::{
    Comparison, ExaminedQuotation, Found, Normalisation, Number, Omitted, PlaceInCapture, PublicRecord, Role, Slot,
    WordsVerdict,
};

/// How many characters of a checksum stand together, as people read it out.
const GROUP: usize = 8;

/// How a quotation stands to the copies of its sources, and why when there is nothing to compare.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Standing {
    verdict: WordsVerdict,
    /// Why it was not compared, as the end of a key of strings; empty when it was.
    why: &'static str,
}

/// How many quotations are shown, how many of them were compared, and how many of these stand in a copy.
#[derive(Clone, Copy, Default)]
pub(super) struct Totals {
    quotes: usize,
    compared: usize,
    hold: usize,
}

impl Renderer {
    /// What came of a quotation, for its page and for lists.
    pub(super) fn verbatim(&self, number: Number, record: &PublicRecord, quote: &Quote, depth: Depth) -> Value {
        let examined = self.site.dossier.evidence(number);
        let standing = self.standing(examined.map(|examined| &**examined), quote);
        let best = examined.and_then(|examined| best(examined));
        let omissions = best.map_or(&[][..], |best| &best.omissions);
        let mut view = self.standing_view(standing, best);
        view.set("omissions", self.omissions(omissions));
        view.set("marked", compared_slot(quote).is_some_and(|slot| self.are_marked(record, slot, omissions, depth)));
        let cited = examined.into_iter().flat_map(|examined| quote.sources.iter().zip(&examined.sources));
        let sources = cited.filter_map(|(citation, found)| self.compared(citation, found.as_ref().ok()?, depth));
        view.set("sources", sources.collect::<Vec<_>>());
        view.set("about", self.about_comparing(depth));
        view.value()
    }

    /// The words of a quotation, with what was left out told at the marks of omission.
    pub(super) fn quoted_html(&self, number: Number, record: &PublicRecord, slot: Slot, depth: Depth) -> Value {
        let Fields::Quote(quote) = &*record.fields else { return self.html_of(record, slot, depth) };
        let unmarked = match slot {
            Slot::Text => self.words_html(record, quote, depth),
            _ => self.html_of(record, slot, depth),
        };
        let best = self.site.dossier.evidence(number).and_then(|examined| best(examined));
        let Some(best) = best.filter(|best| !best.omissions.is_empty() && compared_slot(quote) == Some(slot)) else {
            return unmarked;
        };
        let labels: Vec<String> =
            best.omissions.iter().filter(|omitted| !omitted.brackets).map(|omitted| self.left_out(omitted)).collect();
        let lang = if slot == Slot::Original { "" } else { self.lang(record) };
        let site = self.site.dossier.settings.lang();
        let open = if lang == site {
            "<small>".to_owned()
        } else {
            format!("<small lang=\"{site}\" dir=\"{}\">", direction(site))
        };
        match unmarked.as_str().and_then(|words| with_marks(words, &open, &labels)) {
            Some(marked) => html(&marked),
            None => unmarked,
        }
    }

    /// What came of each quotation that cites a source, with the quotation.
    pub(super) fn compared_with(&self, number: Number, depth: Depth) -> Value {
        let mut quotes = self.referrers(number, |role| role == Role::Cited);
        quotes.retain(|from| self.site.record(*from).kind() == Kind::Quote);
        let views = quotes.into_iter().filter_map(|from| {
            let Fields::Quote(quote) = &*self.site.record(from).fields else { return None };
            let found = self.comparisons(from, number).min_by_key(|(_, found)| found.result);
            let mut view = match found.and_then(|(citation, found)| self.compared(citation, found, depth)) {
                Some(compared) => View::of(&compared),
                None => {
                    let standing = self.standing(None, quote);
                    self.standing_view(standing, None)
                }
            };
            view.set("quote", self.record(from, depth));
            Some(view.value())
        });
        Value::from(views.collect::<Vec<_>>())
    }

    /// The copies of a source, with what was compared with each.
    pub(super) fn captures(&self, number: Number, source: &Source, depth: Depth) -> Value {
        let quotes = self.referrers(number, |role| role == Role::Cited);
        let found: Vec<&Comparison> =
            quotes.iter().flat_map(|from| self.comparisons(*from, number).map(|(_, found)| found)).collect();
        let captures = source.captures.iter().map(|capture| {
            let sha256 = capture.sha256.as_ref().map(|sha256| sha256.as_str().to_ascii_lowercase()).unwrap_or_default();
            let with_it = || found.iter().filter(|found| !sha256.is_empty() && found.capture == sha256);
            view! {
                at: self.optional_date(capture.at.as_ref(), depth),
                by: capture.by.as_ref().map(|by| self.text_of(by)).unwrap_or_default(),
                method: text(capture.method.as_ref()),
                sha256_groups: groups(&sha256),
                compared: with_it().count(),
                hold: with_it().filter(|found| found.result.holds()).count(),
                bytes: capture.bytes,
                media_type: text(capture.media_type.as_ref()),
                sha256: sha256,
            }
            .value()
        });
        Value::from(captures.collect::<Vec<_>>())
    }

    /// The totals of the index of quotations; nothing when none was compared.
    pub(super) fn totals_view(&self) -> Value {
        let Totals { quotes, compared, hold } = *self.totals.get_or_init(|| self.count());
        match compared {
            0 => Value::none(),
            _ => view! { quotes: quotes, compared: compared, hold: hold }.value(),
        }
    }

    /// Whether anything came of comparing, of what is shown in lists.
    pub(super) fn has_compared(&self) -> bool {
        self.site.of_kind(Kind::Quote).iter().any(|number| self.site.dossier.evidence(*number).is_some())
    }

    fn count(&self) -> Totals {
        let quotes = self.site.of_kind(Kind::Quote);
        let verdicts =
            quotes.iter().filter_map(|number| self.site.dossier.evidence(*number)).map(|found| found.verdict());
        verdicts.fold(Totals { quotes: quotes.len(), ..Totals::default() }, |totals, verdict| Totals {
            compared: totals.compared + 1,
            hold: totals.hold + usize::from(verdict.holds()),
            ..totals
        })
    }

    /// What came of a quotation in the copies of one source; a source may be cited twice.
    fn comparisons(&self, quote: Number, source: Number) -> impl Iterator<Item = (&Citation, &Comparison)> {
        let examined = self.site.dossier.evidence(quote);
        let cited = &self.site.record(quote).fields.common().sources;
        let both = examined.into_iter().flat_map(|examined| cited.iter().zip(&examined.sources));
        both.filter(move |(citation, _)| self.site.dossier.find(&citation.source) == Found::Record(source))
            .filter_map(|(citation, found)| Some((citation, found.as_ref().ok()?)))
    }

    fn standing(&self, examined: Option<&ExaminedQuotation>, quote: &Quote) -> Standing {
        let has_copy = || {
            quote.sources.iter().any(|citation| match self.site.dossier.find(&citation.source) {
                Found::Record(number) => {
                    matches!(&*self.site.record(number).fields, Fields::Source(source) if !source.captures.is_empty())
                }
                Found::Protected(_) | Found::Nothing => false,
            })
        };
        let not = |verdict, why| Standing { verdict, why };
        match (examined, quote.mode) {
            (Some(examined), _) => not(examined.verdict(), ""),
            (None, Some(Mode::Indirect | Mode::Paraphrase)) => not(WordsVerdict::NotCheckable, "paraphrase"),
            (None, _) if !has_copy() => not(WordsVerdict::NoCapture, "no-capture"),
            (None, _) if quote.translation.is_some() && quote.original.is_none() => {
                not(WordsVerdict::NotCheckable, "translated")
            }
            (None, _) => not(WordsVerdict::NotCheckable, "not-checkable"),
        }
    }

    /// A result, and what it is in words: a few for a list, a sentence, and what that means.
    fn standing_view(&self, Standing { verdict, why }: Standing, comparison: Option<&Comparison>) -> View {
        let words = &self.theme.words;
        let key = if why.is_empty() { verdict.word() } else { why };
        let names = comparison.map_or(&[][..], |found| &found.normalisations);
        let names: Vec<(&str, String)> = names
            .iter()
            .map(|name| (word_of(*name), words.word(&format!("normalisation-{}", word_of(*name)))))
            .collect();
        let label = match names.is_empty() {
            true => words.string(&format!("verbatim_{key}")),
            false => {
                let named: Vec<&str> = names.iter().map(|(_, name)| name.as_str()).collect();
                words.string("verbatim_apart_from").replace("{what}", &named.join(&words.string("comma")))
            }
        };
        let named = names.iter().map(|(word, name)| view! { word: *word, label: name.as_str() }.value());
        view! {
            result: verdict.word(),
            why: why,
            holds: verdict.holds(),
            label: label,
            short: words.word(&format!("verbatim-{key}")),
            meaning: words.string(&format!("verbatim_meaning_{key}")),
            normalisations: named.collect::<Vec<_>>(),
        }
    }

    /// What came of one source, with the ways to the words; none when the source is not shown.
    fn compared(&self, citation: &Citation, found: &Comparison, depth: Depth) -> Option<Value> {
        let Found::Record(number) = self.site.dossier.find(&citation.source) else { return None };
        let record = self.site.record(number);
        let Fields::Source(source) = &*record.fields else { return None };
        let lang = self.lang(record);
        let mut view = self.standing_view(Standing { verdict: found.result, why: "" }, Some(found));
        let lead = |url: &str| found.fragment.as_ref().and_then(|fragment| with_fragment(url, fragment));
        let archived: Vec<Value> =
            source.archived.iter().filter_map(|url| lead(url.as_str())).map(Value::from).collect();
        view.set("source", self.reference(number, depth));
        view.set("lang", lang);
        view.set("dir", direction(lang));
        // The citation may count paragraphs by another rule, and two numbers for one place would be a riddle.
        let paragraph = found.place.paragraph.filter(|_| citation.locator.is_none());
        view.set("place", self.place_in_words(&PlaceInCapture { paragraph, ..found.place.clone() }));
        view.set("capture", found.capture.as_str());
        view.set("capture_groups", groups(&found.capture));
        view.set("places", found.places);
        view.set("ambiguous", found.ambiguous);
        view.set("omissions", self.omissions(&found.omissions));
        view.set("before", with_space_after(&found.before));
        view.set("after", with_space_before(&found.after));
        view.set("live", source.url.as_ref().and_then(|url| lead(url.as_str())).unwrap_or_default());
        view.set("archived", archived);
        Some(view.value())
    }

    /// Where the words stand, as one would tell a person who looks for them.
    fn place_in_words(&self, place: &PlaceInCapture) -> String {
        let words = &self.theme.words;
        let nth = |key: &str, n: u32| words.string(key).replace("{n}", &n.to_string());
        let page = place.page.map(|page| nth("place_page", page));
        let paragraph = place.paragraph.map(|paragraph| nth("place_paragraph", paragraph));
        let time = place.time.map(|(from, until)| {
            words.string("place_time").replace("{from}", &clock(from)).replace("{until}", &clock(until))
        });
        let told: Vec<String> = [time, page, paragraph].into_iter().flatten().collect();
        told.join(&words.string("comma"))
    }

    fn omissions(&self, omissions: &[Omitted]) -> Value {
        let views = omissions.iter().map(|omitted| {
            view! {
                words: omitted.words,
                negation: omitted.negation,
                condition: omitted.condition,
                attribution: omitted.attribution,
                paragraph: omitted.paragraph,
                speaker: omitted.speaker,
                label: self.left_out(omitted),
            }
            .value()
        });
        Value::from(views.collect::<Vec<_>>())
    }

    /// How many words a mark of omission hides, and which of them a reader would want to know of.
    fn left_out(&self, omitted: &Omitted) -> String {
        let words = &self.theme.words;
        let n = i64::try_from(omitted.words).unwrap_or(i64::MAX);
        let telling = [
            (omitted.negation, "left-out-negation"),
            (omitted.condition, "left-out-condition"),
            (omitted.attribution, "left-out-attribution"),
            (omitted.speaker, "left-out-speaker"),
        ];
        let telling = telling.into_iter().filter(|(is_there, _)| *is_there).map(|(_, word)| words.word(word));
        let telling: Vec<String> = telling.collect();
        let count = words.count("words_left_out", n);
        match telling.is_empty() {
            true => count,
            false => {
                let what = telling.join(&words.string("comma"));
                words.string("left_out_with").replace("{count}", &count).replace("{what}", &what)
            }
        }
    }

    /// Whether each of these has a mark in the words of the quotation.
    fn are_marked(&self, record: &PublicRecord, slot: Slot, omissions: &[Omitted], depth: Depth) -> bool {
        if omissions.is_empty() {
            return true;
        }
        let words = self.html_of(record, slot, depth);
        words.as_str().is_some_and(|words| inner_marks(words).len() == omissions.len())
    }

    /// The page that says how the dossier was made, where it speaks of quotations if it has such a heading.
    fn about_comparing(&self, depth: Depth) -> Value {
        let Some(number) = self.methodology() else { return Value::none() };
        let mut view = View::of(&self.link_to_record(number, depth));
        let record = self.site.record(number);
        let headings = record.texts.get(Slot::Body).map_or(&[][..], |body| &body.headings);
        if headings.iter().any(|heading| heading.id == "quotations") {
            view.set("href", format!("{}#quotations", self.href(record, depth)));
        }
        view.value()
    }
}

/// What came of the source that speaks best for a quotation.
fn best(examined: &ExaminedQuotation) -> Option<&Comparison> {
    examined.sources.iter().flatten().min_by_key(|found| found.result)
}

/// The word for what had to be overlooked.
fn word_of(normalisation: Normalisation) -> &'static str {
    match normalisation {
        Normalisation::UnicodeForm => "unicode-form",
        Normalisation::CompatibleForms => "compatible-forms",
        Normalisation::Ligatures => "ligatures",
        Normalisation::WhiteSpace => "white-space",
        Normalisation::QuotationMarks => "quotation-marks",
        Normalisation::Dashes => "dashes",
        Normalisation::Ellipsis => "ellipsis",
        Normalisation::SoftHyphens => "soft-hyphens",
        Normalisation::ZeroWidth => "zero-width",
        Normalisation::LineHyphens => "line-hyphens",
        Normalisation::Points => "points",
        Normalisation::Entities => "entities",
        Normalisation::Tags => "tags",
        Normalisation::FirstLetter => "first-letter",
        Normalisation::FinalMark => "final-mark",
    }
}

/// Which of a quotation's texts is compared; none when it is words that a citation names.
fn compared_slot(quote: &Quote) -> Option<Slot> {
    match (&quote.original, &quote.translation) {
        (Some(_), _) => Some(Slot::Original),
        (None, Some(_)) => None,
        (None, None) => Some(Slot::Text),
    }
}

const OMITTED: &str = "<span class=\"omitted\">";
const INSERTED: &str = "<span class=\"inserted\">";

/// The places within the marks of omission that stand between quoted words, before the closing bracket.
fn inner_marks(html: &str) -> Vec<usize> {
    let (mut inner, mut waiting) = (Vec::new(), Vec::new());
    let mut has_begun = false;
    let mut at = 0;
    while at < html.len() {
        let rest = &html[at..];
        let end = rest.find('<').unwrap_or(rest.len());
        if has_words(&rest[..end]) {
            has_begun = true;
            inner.append(&mut waiting);
        }
        let tag = &rest[end..];
        let is_mark = tag.starts_with(OMITTED);
        let close = if is_mark || tag.starts_with(INSERTED) { "</span>" } else { ">" };
        let length = tag.find(close).unwrap_or(tag.len());
        if let (true, true, Some(bracket)) = (is_mark, has_begun, tag[..length].rfind(']')) {
            waiting.push(at + end + bracket);
        }
        at += end + (length + close.len()).min(tag.len());
    }
    inner
}

/// Whether there is a letter or digit in some text of HTML.
fn has_words(text: &str) -> bool {
    let pieces = text.split('&').enumerate();
    let mut after = pieces
        .map(|(nth, piece)| if nth == 0 { piece } else { piece.split_once(';').map_or(piece, |(_, after)| after) });
    after.any(|piece| piece.contains(char::is_alphanumeric))
}

/// The words with a label at each mark of omission between them; none when there are not as many marks as labels.
fn with_marks(html: &str, open: &str, labels: &[String]) -> Option<String> {
    let marks = inner_marks(html);
    if marks.len() != labels.len() {
        return None;
    }
    let mut marked = String::with_capacity(html.len() + 64 * labels.len());
    let mut done = 0;
    for (at, label) in marks.into_iter().zip(labels) {
        marked.push_str(&html[done..at]);
        marked.push_str(&format!(" {open}{}</small>", crate::text::escape_html(label)));
        done = at;
    }
    marked.push_str(&html[done..]);
    Some(marked)
}

/// Words of a copy with the space that parts them from what follows, unless their script or their last mark has none.
fn with_space_after(before: &str) -> String {
    let last = before.chars().next_back();
    let has_space = last.is_some_and(|c| !has_no_spaces(c) && !"“‘„‚«‹([{—–¿¡「『（《〈【".contains(c));
    if has_space { format!("{before} ") } else { before.to_owned() }
}

/// The same with the space that parts them from what stands before.
fn with_space_before(after: &str) -> String {
    let first = after.chars().next();
    let has_space =
        first.is_some_and(|c| !has_no_spaces(c) && !"”’»›)]}—–.,;:!?…،؛؟।。，、；：！？」』）》〉】".contains(c));
    if has_space { format!(" {after}") } else { after.to_owned() }
}

/// Whether a script writes its words without spaces.
fn has_no_spaces(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{2e80}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}' | '\u{ff00}'..='\u{ff9f}')
}

/// An address that leads to words in its page; none when it is not of the web.
fn with_fragment(url: &str, fragment: &str) -> Option<String> {
    let scheme = url.split_once(':')?.0;
    if !["http", "https"].iter().any(|web| scheme.eq_ignore_ascii_case(web)) {
        return None;
    }
    // What its author wants to be highlighted gives way to the words of the quotation.
    let url = url.split_once(":~:").map_or(url, |(url, _)| url);
    let hash = if url.contains('#') { "" } else { "#" };
    Some(format!("{url}{hash}:~:{fragment}"))
}

/// A checksum in pieces that can be compared by eye.
fn groups(sha256: &str) -> Vec<Value> {
    sha256.as_bytes().chunks(GROUP).map(|group| Value::from(String::from_utf8_lossy(group).into_owned())).collect()
}

/// A time in a recording as its players show it.
fn clock(milliseconds: u64) -> String {
    let seconds = milliseconds / 1000;
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_marks(html: &str, labels: &[&str], expected: Option<&str>) {
        let html = html.replace("[…]", "<span class=\"omitted\">[…]</span>");
        let html = html.replace("[b]", "<span class=\"inserted\">[b]</span>");
        let labels: Vec<String> = labels.iter().map(|label| (*label).to_owned()).collect();
        let marked = with_marks(&html, "<small>", &labels);
        let plain = marked.map(|marked| {
            let plain = marked.replace("<small>", "").replace("</small>", "");
            plain
                .replace("<span class=\"omitted\">", "")
                .replace("<span class=\"inserted\">", "")
                .replace("</span>", "")
        });
        assert_eq!(plain.as_deref(), expected, "{html}");
    }

    #[test]
    fn each_mark_between_words_has_its_label() {
        check_marks("<p>A […] c […] d</p>", &["one", "two"], Some("<p>A [… one] c [… two] d</p>"));
        check_marks("<p>A.</p>\n<p>[…]</p>\n<p>c</p>", &["one"], Some("<p>A.</p>\n<p>[… one]</p>\n<p>c</p>"));
        check_marks("<p>A […] c</p>", &["a < b"], Some("<p>A [… a &lt; b] c</p>"));
    }

    #[test]
    fn marks_at_either_end_hide_nothing_that_was_counted() {
        check_marks("<p>[…] a […] c […]</p>", &["one"], Some("<p>[…] a [… one] c […]</p>"));
        check_marks(
            "<p>&quot;[…] [b] a […] c&quot; […] [b]</p>",
            &["one"],
            Some("<p>&quot;[…] [b] a [… one] c&quot; […] [b]</p>"),
        );
    }

    #[test]
    fn where_marks_and_counts_are_not_as_many_none_is_told_at_the_marks() {
        check_marks("<p>A […] c</p>", &[], None);
        check_marks("<p>A … c</p>", &["one"], None);
        check_marks("<p>A […] [b] […] c</p>", &["one"], None);
    }

    #[test]
    fn an_address_keeps_its_own_fragment_before_the_words() {
        let lead = |url: &str| with_fragment(url, "text=a").unwrap_or_default();
        assert_eq!(lead("https://example.org/a?b=c"), "https://example.org/a?b=c#:~:text=a");
        assert_eq!(lead("HTTP://example.org/#part"), "HTTP://example.org/#part:~:text=a");
        assert_eq!(lead("https://example.org/#:~:text=z"), "https://example.org/#:~:text=a");
        assert_eq!(lead("https://example.org/#part:~:text=z"), "https://example.org/#part:~:text=a");
        assert_eq!(lead("mailto:a@example.org"), "");
    }

    #[test]
    fn words_around_stand_as_their_script_has_them() {
        assert_eq!(with_space_after("reached a “"), "reached a “");
        assert_eq!(with_space_after("he said:"), "he said: ");
        assert_eq!(with_space_after("他说"), "他说");
        assert_eq!(with_space_before("” on Sunday"), "” on Sunday");
        assert_eq!(with_space_before("on Sunday"), " on Sunday");
        assert_eq!((with_space_before(""), with_space_after("")), (String::new(), String::new()));
    }

    #[test]
    fn times_in_recordings_are_hours_minutes_and_seconds() {
        assert_eq!(clock(723_999), "00:12:03");
        assert_eq!(clock(36_000_000), "10:00:00");
    }
}
