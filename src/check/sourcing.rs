//! What records rest on, and how well.

use super::{Rule, Scope};
use crate::diagnostic::{Code, Diagnostic};
use crate::link::Number;
use crate::parse::Step;

pub(super) const RULES: &[Rule] = &[Rule::record(&[Code::ReviewOverdue], verification_is_looked_at_again)];

fn verification_is_looked_at_again(scope: &Scope<'_>, number: Number, found: &mut Vec<Diagnostic>) {
    let record = scope.record(number);
    let Some(review_by) = record.fields.common().status.and_then(|status| status.review_by.as_ref()) else { return };
    if review_by.latest().is_some_and(|day| day < scope.today) {
        let message = format!("the status of `{}` was to be looked at again by {review_by}", record.id);
        found.push(
            scope
                .finding(Code::ReviewOverdue, record, &[Step::Key("status"), Step::Key("review_by")], message)
                .hint("look whether it still holds, and set `on` and `review_by` anew"),
        );
    }
}
