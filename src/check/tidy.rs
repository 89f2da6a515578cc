//! What is not wrong, and is easier to read when it is in order.

use super::{Rule, Scope};
use crate::diagnostic::{Code, Diagnostic};
use crate::link::Number;
use crate::parse::{Record, Step};
use crate::text;

pub(super) const RULES: &[Rule] = &[Rule::record(&[Code::UntidyTags], tags_are_sorted_and_stand_once)];

fn tags_are_sorted_and_stand_once(scope: &Scope<'_>, number: Number, found: &mut Vec<Diagnostic>) {
    let record = scope.record(number);
    let tags = record.fields.common().tags;
    if tags.len() < 2 {
        return;
    }
    let keys: Vec<String> = tags.iter().map(|tag| text::normal_form(tag.as_str())).collect();
    if keys.is_sorted_by(|a, b| a < b) {
        return;
    }
    let mut sorted: Vec<(&String, usize)> = keys.iter().zip(0..).collect();
    sorted.sort();
    let repeated = sorted.windows(2).find(|pair| pair[0].0 == pair[1].0).map(|pair| &tags[pair[1].1]);
    let message = match repeated {
        Some(tag) => format!("the tag `{}` stands twice", text::excerpt(tag.as_str(), 60)),
        None => "the tags are not in the order of the alphabet".to_owned(),
    };
    sorted.dedup_by_key(|(key, _)| *key);
    let order: Vec<usize> = sorted.into_iter().map(|(_, at)| at).collect();
    let finding = scope
        .finding(Code::UntidyTags, record, &[Step::Key("tags")], message)
        .hint("`dossier check --fix` puts them in order");
    found.push(with_order(finding, scope, record, &order));
}

/// Lets the tags stand in another order, each as it is written, in the places where they stand now. Where a remark stands
/// between them, or one of them has a name for other places, there is no fix.
fn with_order(finding: Diagnostic, scope: &Scope<'_>, record: &Record, order: &[usize]) -> Diagnostic {
    let text = scope.text(record);
    let count = record.fields.common().tags.len();
    let places: Vec<_> = (0..count).map(|at| scope.place(record, &[Step::Key("tags"), Step::Index(at)])).collect();
    let end = places.last().map_or(0, |place| place.end);
    // A remark behind the last one is about it, too; what has a name may be meant elsewhere by it; and a block has its sign
    // in another place than its text.
    let list = scope.place(record, &[Step::Key("tags")]).start..end;
    let rest = text.get(end..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    // A name before the list is that of the whole of it.
    let line = text.get(..list.start).and_then(|before| before.rsplit('\n').next()).unwrap_or_default();
    let is_plain = !line.contains(['&', '!']) && places.iter().all(|place| !text[place.clone()].contains('\n'));
    let is_in_order = places.windows(2).all(|pair| pair[0].end <= pair[1].start);
    if !is_plain
        || !is_in_order
        || text.get(list).is_none_or(|list| list.contains(['#', '&', '*', '!', '|', '>']))
        || rest.contains('#')
    {
        return Diagnostic {
            hint: Some("put them in order by hand, with the remarks that belong to them".to_owned()),
            ..finding
        };
    }
    let file = &record.origin.file;
    let mut fixed = finding;
    for (place, from) in places.iter().zip(order) {
        fixed = fixed.fix(file, place.clone(), &text[places[*from].clone()]);
    }
    if let (Some(last), true) = (order.len().checked_sub(1), order.len() < count) {
        // What stands between one tag and the next goes with the one that is left out.
        fixed = fixed.fix(file, places[last].end..places[count - 1].end, "");
    }
    fixed
}
