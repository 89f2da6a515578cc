//! What came of asking, said at each place where the address stands. None of it is an error: a host that sleeps is no fault
//! of a dossier.

use super::{Checked, Outcome};
use crate::diagnostic::{Code, Diagnostic, Related};
use crate::text;

/// How many other places of an address are shown with each.
const RELATED: usize = 3;

/// What is to be said of links that were checked, sorted by place.
pub fn findings(checked: &[Checked]) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for Checked { link, outcome } in checked {
        let Some((code, message, hint)) = said(&link.address, outcome) else { continue };
        for place in &link.places {
            let others = link.places.iter().filter(|other| *other != place).take(RELATED);
            let related = others.map(|other| Related { place: other.clone(), label: "the same address".to_owned() });
            let finding = Diagnostic::new(code, message.clone()).hint(hint.clone());
            findings.push(Diagnostic { place: Some(place.clone()), related: related.collect(), ..finding });
        }
    }
    findings.sort();
    findings
}

/// Code, message and hint; none when all is well.
fn said(address: &str, outcome: &Outcome) -> Option<(Code, String, String)> {
    let shown = text::excerpt(address, 120);
    Some(match outcome {
        Outcome::Good => return None,
        Outcome::Moved { to } => (
            Code::MovedLink,
            format!("`{shown}` has moved for good"),
            format!("open `{}`; if it is the same page, write that address", text::excerpt(to, 300)),
        ),
        Outcome::Dead { status } => (
            Code::DeadLink,
            format!("`{shown}` is not there any more; the host answers {status}"),
            "look for the page at its publisher, or in a web archive, and write the address that you find".to_owned(),
        ),
        Outcome::NoAnchor { anchor } => (
            Code::DeadLinkAnchor,
            format!("the page has no part `#{}` any more", text::excerpt(anchor, 80)),
            "open the page; if its script shows the part, allow this with that reason, else link to the page or another part of it"
                .to_owned(),
        ),
        Outcome::Unreachable { why } => (
            Code::UnreachableLink,
            format!("`{shown}` cannot be reached: {why}"),
            "open it in a browser; if it stays away for days, look for the page elsewhere or in a web archive".to_owned(),
        ),
        Outcome::Unchecked { why } | Outcome::NotAsked { why } => (
            Code::UncheckedLink,
            format!("`{shown}` was not checked: {why}"),
            "open it in a browser to see whether it is there".to_owned(),
        ),
    })
}
