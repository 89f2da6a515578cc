//! How words stand: said on record, reported to have been said, or contested. Lists keep these apart, and readers are told which
//! they look at.
//!
//! It is decided by what a record says, and by what is public of it:
//!
//! 1. Contested is what is in dispute, is said to be somebody else's, or is denied (`attribution`).
//! 2. Reported is what others say that somebody said (`attribution: attributed`), what stands in the words of another (`mode:
//!    indirect` or `paraphrase`), and what went through the hands of somebody who told of it (`via`).
//! 3. On record is all else: words from the speaker, in a source that has them.
//!
//! A hand that only carried the words, as a platform or a broadcaster does, tells of nothing: its verb is one of [`CARRYING`], or
//! it has none and is a platform. Any other hand is taken for one that told of them.

use super::{Found, PublicDossier};
use crate::model::{ActorKind, Attribution, Fields, Mode, Quote, Via};

/// The verbs of those through whose hands words go as they are.
const CARRYING: [&str; 14] = [
    "aired",
    "broadcast",
    "broadcasted",
    "carried",
    "delivered",
    "hosted",
    "issued",
    "posted",
    "printed",
    "published",
    "published-by",
    "recorded",
    "released",
    "streamed",
];

/// How words stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// The speaker said them, and a source has them from the speaker.
    OnRecord,
    /// Somebody reports that the speaker said them.
    Reported,
    /// Whether the speaker said them is in dispute, denied, or known to be false.
    Contested,
}

impl Standing {
    /// The word for it in data and in themes.
    pub fn word(self) -> &'static str {
        match self {
            Standing::OnRecord => "on-record",
            Standing::Reported => "reported",
            Standing::Contested => "contested",
        }
    }
}

impl PublicDossier {
    /// How the words of a quote stand.
    pub fn standing(&self, quote: &Quote) -> Standing {
        let is_platform = |hand: &Via| {
            let Found::Record(number) = self.find(&hand.actor) else { return false };
            matches!(&*self.records[number as usize].fields, Fields::Actor(actor) if actor.kind == ActorKind::Platform)
        };
        standing(quote, &is_platform)
    }
}

fn standing(quote: &Quote, is_platform: &dyn Fn(&Via) -> bool) -> Standing {
    let attribution = quote.attribution.unwrap_or(Attribution::Sourced);
    let has_told = |hand: &Via| match &hand.verb {
        Some(verb) => !CARRYING.contains(&verb.as_str()),
        None => !is_platform(hand),
    };
    match (attribution, quote.mode.unwrap_or(Mode::Direct)) {
        (Attribution::Disputed | Attribution::Misattributed | Attribution::Denied, _) => Standing::Contested,
        (Attribution::Attributed, _) | (_, Mode::Indirect | Mode::Paraphrase) => Standing::Reported,
        (Attribution::Sourced, Mode::Direct | Mode::Mixed) if quote.via.iter().any(has_told) => Standing::Reported,
        (Attribution::Sourced, Mode::Direct | Mode::Mixed) => Standing::OnRecord,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How a quote with these fields stands; `x` is a platform.
    fn check(fields: &str, expected: &str) {
        let yaml = format!("{{text: a, speaker: b, date: 2023, {fields}}}");
        let quote: Quote = serde_yaml::from_str(&yaml).unwrap();
        assert_eq!(standing(&quote, &|hand| hand.actor.as_str() == "x").word(), expected, "{fields}");
    }

    #[test]
    fn words_from_the_speaker_are_on_record_and_also_when_somebody_carried_them() {
        check("", "on-record");
        check("mode: mixed, attribution: sourced", "on-record");
        check("via: x", "on-record");
        check("via: {actor: x, verb: carried}", "on-record");
        check("via: {actor: daily, verb: printed}", "on-record");
    }

    #[test]
    fn what_somebody_tells_of_is_reported() {
        check("attribution: attributed", "reported");
        check("mode: indirect", "reported");
        check("mode: paraphrase", "reported");
        check("via: daily", "reported");
        for verb in ["reported", "quoted", "relayed", "translated", "told", "गवाह"] {
            check(&format!("via: {{actor: x, verb: {verb}}}"), "reported");
        }
        check("via: [{actor: x, verb: carried}, {actor: daily, verb: quoted}]", "reported");
    }

    #[test]
    fn what_may_not_have_been_said_stands_apart_whatever_else_is_known() {
        check("attribution: disputed", "contested");
        check("attribution: denied, mode: paraphrase", "contested");
        check("attribution: misattributed, via: daily", "contested");
    }
}
