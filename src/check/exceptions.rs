//! Exceptions from what a build looks for in what it writes: whether they except anything.

use super::references::is_held_back;
use super::{Rule, Scope};
use crate::diagnostic::{Code, Diagnostic};
use crate::link::Number;
use crate::model::{Display, Fields};
use crate::parse::{Record, Step};
use crate::text::folded_words;

pub(super) const RULES: &[Rule] = &[Rule::record(&[Code::UnneededException], exceptions_name_what_is_withheld)];

fn exceptions_name_what_is_withheld(scope: &Scope<'_>, number: Number, found: &mut Vec<Diagnostic>) {
    let record = scope.record(number);
    let exceptions = record.fields.common().not_secret;
    if exceptions.is_empty() {
        return;
    }
    let withheld = withheld_words(scope, record);
    for (index, exception) in exceptions.iter().enumerate() {
        let words = format!(" {} ", folded_words(exception.text.as_str()));
        if words.trim().is_empty() || !withheld.iter().any(|withheld| withheld.contains(&words)) {
            let field = [Step::Key("not_secret"), Step::Index(index), Step::Key("text")];
            found.push(
                scope
                    .finding(
                        Code::UnneededException,
                        record,
                        &field,
                        format!("nothing that `{}` withholds is said in these words", record.id),
                    )
                    .hint("write them as they stand in the record, or take the exception out"),
            );
        }
    }
}

/// What readers do not see of a record, in folded words with a space on both sides.
fn withheld_words(scope: &Scope<'_>, record: &Record) -> Vec<String> {
    let common = record.fields.common();
    let mut values: Vec<&str> = common.notes_internal.iter().map(|notes| notes.as_str()).collect();
    values.extend(common.allow.iter().map(|allowance| allowance.why.as_str()));
    if is_held_back(scope, record) || is_somebody_withheld(scope, record) {
        values.push(record.id.as_str());
        values.extend(common.aliases.iter().map(|alias| alias.as_str()));
        values.extend(record.fields.title().map(|title| title.as_str()));
        values.extend(common.summary.map(|summary| summary.as_str()));
        values.extend(record.texts.iter().map(|(_, prose)| &*prose.plain.text));
        for correction in common.corrections {
            values.extend(correction.was.iter().chain(&correction.now).map(|line| line.as_str()));
            values.push(correction.why.as_str());
        }
        match &*record.fields {
            Fields::Actor(actor) => {
                values.extend(actor.names.iter().map(|name| name.text.as_str()));
                let lines = actor.sort_name.iter().chain(&actor.pseudonym).chain(&actor.role).chain(actor.ids.values());
                values.extend(lines.map(|line| line.as_str()));
            }
            Fields::Source(source) => values.extend(source.url.iter().chain(&source.archived).map(|url| url.as_str())),
            _ => {}
        }
    }
    values.into_iter().map(|value| format!(" {} ", folded_words(value))).collect()
}

/// Whether a record is of somebody who is not shown by name, or not shown at all for want of a privacy class.
fn is_somebody_withheld(scope: &Scope<'_>, record: &Record) -> bool {
    let Fields::Actor(actor) = &*record.fields else { return false };
    let is_shown = matches!(actor.display, None | Some(Display::Full));
    let is_classified = actor.privacy.is_some() || scope.level < crate::config::Level::Public;
    !is_shown || !is_classified || actor.privacy.is_some_and(|privacy| privacy.is_protected())
}
