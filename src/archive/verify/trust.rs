//! What lies beside a seal: who signed it, and since when it has been there, as somebody says who trusts certain keys and authorities.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::SEAL;
use crate::edition::signature::{self, minisign, ssh};
use crate::edition::timestamp::{ots, tsp};
use crate::packet::{Check, Held, shown};
use crate::text::excerpt;

/// The endings of signatures and timestamps.
const ENDINGS: [&str; 5] = ["sig", "minisig", "ots", "tsq", "tsr"];

/// The longest name of a signature or a timestamp.
const LONGEST: usize = 40;

/// How many things are told to which a timestamp leads.
const MOST_STANDINGS: usize = 20;

/// The longest that is said of one of them, in characters.
const LONGEST_SAID: usize = 2000;

/// Whom and what a reader trusts. What is `Some` or not empty is asked for: without anything that holds by it, the edition does not.
#[derive(Debug, Default)]
pub struct Trusted {
    /// The time at which signers have to be allowed.
    pub at: Timestamp,
    /// Whose SSH keys count.
    pub signers: Option<ssh::AllowedSigners>,
    /// Whose minisign keys count.
    pub minisign: Vec<minisign::PublicKey>,
    /// Who names authorities for timestamps.
    pub roots: Vec<tsp::Root>,
    /// Headers of blocks of Bitcoin, by their numbers.
    pub headers: BTreeMap<u64, [u8; ots::HEADER]>,
}

impl Trusted {
    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        self.signers.is_none() && self.minisign.is_empty() && self.roots.is_empty() && self.headers.is_empty()
    }
}

/// The path of a signature or a timestamp in an edition; the name is for those of which there are several of a kind.
pub fn beside_path(name: Option<&str>, ending: &str) -> String {
    match name {
        Some(name) => format!("{SEAL}.{name}.{ending}"),
        None => format!("{SEAL}.{ending}"),
    }
}

/// Whether a signature or a timestamp can be named so.
pub fn is_beside_name(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !name.is_empty() && name.len() <= LONGEST && name.chars().all(is_plain) && !ENDINGS.contains(&name)
}

/// The ending of a path, when a signature or a timestamp of an edition can lie there.
pub(super) fn ending(path: &str) -> Option<&str> {
    let rest = path.strip_prefix(SEAL)?.strip_prefix('.')?;
    let (name, ending) = match rest.split_once('.') {
        Some((name, ending)) => (Some(name), ending),
        None => (None, rest),
    };
    (ENDINGS.contains(&ending) && name.is_none_or(is_beside_name)).then_some(ending)
}

/// Checks all that lies beside a seal, by the paths in the edition.
pub fn check_beside(seal: &[u8], files: &BTreeMap<String, Vec<u8>>, trusted: &Trusted) -> Vec<Check> {
    let mut checks = Vec::new();
    let mut held = BTreeSet::new();
    let nobody = ssh::AllowedSigners::default();
    let signers = trusted.signers.as_ref().unwrap_or(&nobody);
    for (path, bytes) in files {
        let Some(ending) = ending(path) else { continue };
        let text = String::from_utf8_lossy(bytes);
        let mut say = |about: &'static str, is: Held, says: String| {
            if is == Held::Yes {
                held.insert(ending);
            }
            checks.push(Check { about, held: is, says: excerpt(&says, LONGEST_SAID), file: Some(shown(path)) });
        };
        match ending {
            "sig" => {
                let outcome = ssh::verify(&text, seal, signers, trusted.at);
                let says = match &outcome {
                    signature::Outcome::Stranger { key, .. } if trusted.signers.is_none() => format!(
                        "the signature fits, and whose key it is was not looked at: anybody can make such a one. `--signers` says whose keys \
                         count; its key is {key}"
                    ),
                    outcome => outcome.to_string(),
                };
                say("signature", of_signature(&outcome), says);
            }
            "minisig" => {
                let outcome = minisign::verify(&text, seal, &trusted.minisign);
                say("signature", of_signature(&outcome), outcome.to_string());
            }
            "tsr" => {
                let request = format!("{}tsq", path.strip_suffix("tsr").unwrap_or(path));
                let request = files.get(&request).map(Vec::as_slice);
                let outcome = tsp::verify(bytes, seal, request, &trusted.roots);
                say("timestamp", of_time(&outcome), outcome.to_string());
            }
            "ots" => match ots::Proof::read(bytes) {
                Ok(proof) => {
                    let mut standings = proof.check(seal, &trusted.headers);
                    let mut seen = BTreeSet::new();
                    standings.retain(|standing| seen.insert(standing.to_string()));
                    // What differs or holds is told first, so that it is among those that are told.
                    standings.sort_by_key(|standing| match of_block(standing) {
                        Held::No => 0,
                        Held::Yes => 1,
                        Held::Open => 2,
                    });
                    for standing in standings.iter().take(MOST_STANDINGS) {
                        say("timestamp", of_block(standing), standing.to_string());
                    }
                    if standings.len() > MOST_STANDINGS {
                        let more = standings.len() - MOST_STANDINGS;
                        say("timestamp", Held::Open, format!("it leads to {more} more, which were not looked at"));
                    }
                    if standings.is_empty() {
                        say("timestamp", Held::Open, "not verified: it leads to nothing".to_owned());
                    }
                }
                Err(why) => say("timestamp", Held::Open, format!("the timestamp cannot be read: {why}")),
            },
            _ => {
                let answer = format!("{}tsr", path.strip_suffix("tsq").unwrap_or(path));
                if !files.contains_key(&answer) {
                    say("timestamp", Held::Open, "it asks for a timestamp, and the answer is not here".to_owned());
                }
            }
        }
    }
    let asked = [
        (trusted.signers.is_some(), "sig", "signature", "no SSH signature holds by the list of signers that was given"),
        (
            !trusted.minisign.is_empty(),
            "minisig",
            "signature",
            "no signature of minisign holds by the keys that were given",
        ),
        (
            !trusted.roots.is_empty(),
            "tsr",
            "timestamp",
            "no timestamp of an authority holds by the roots that were given",
        ),
        (
            !trusted.headers.is_empty(),
            "ots",
            "timestamp",
            "no timestamp in Bitcoin holds by the headers that were given",
        ),
    ];
    for (is_asked, ending, about, says) in asked {
        if is_asked && !held.contains(ending) {
            checks.push(Check { about, held: Held::No, says: says.to_owned(), file: None });
        }
    }
    checks
}

fn of_signature(outcome: &signature::Outcome) -> Held {
    match outcome {
        signature::Outcome::Good { .. } => Held::Yes,
        signature::Outcome::Wrong { .. } => Held::No,
        signature::Outcome::Stranger { .. }
        | signature::Outcome::NoKey { .. }
        | signature::Outcome::Unreadable { .. } => Held::Open,
    }
}

fn of_time(outcome: &tsp::Outcome) -> Held {
    match outcome {
        tsp::Outcome::Confirmed { .. } => Held::Yes,
        tsp::Outcome::Wrong { .. } => Held::No,
        tsp::Outcome::Unverifiable { .. } | tsp::Outcome::Rejected { .. } | tsp::Outcome::Unreadable { .. } => {
            Held::Open
        }
    }
}

fn of_block(standing: &ots::Standing) -> Held {
    match standing {
        ots::Standing::Confirmed { .. } => Held::Yes,
        ots::Standing::Wrong { .. } => Held::No,
        ots::Standing::Unverifiable { .. } | ots::Standing::Pending { .. } | ots::Standing::Unsupported { .. } => {
            Held::Open
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_lie_beside_a_seal_is_taken_for_it() {
        for (path, expected) in [
            ("edition/seal.txt.sig", Some("sig")),
            ("edition/seal.txt.desk-2.tsr", Some("tsr")),
            ("edition/seal.txt", None),
            ("edition/seal.txt.exe", None),
            ("edition/seal.txt..sig", None),
            ("edition/seal.txt.Desk.sig", None),
            ("edition/seal.txt.a.b.sig", None),
            ("edition/seal.txt.sig.sig", None),
            ("edition/other.txt.sig", None),
        ] {
            assert_eq!(ending(path), expected, "{path}");
        }
    }
}
