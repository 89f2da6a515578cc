//! Which findings count: what records and settings allow, and what the settings make an error.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;
use std::sync::Arc;

use super::is_looked_for;
use crate::config::{FILE, Settings};
use crate::diagnostic::{Code, Diagnostic, Severity, SourceText, UnknownCode};
use crate::link::Dossier;
use crate::model::{Many, Word};
use crate::parse::{Record, Step, locate};
use crate::read::Sources;

/// Takes away what is allowed, makes an error of what is denied, and says which allowances are wrong or not needed.
///
/// A record's allowance stands above the settings: it has a reason.
pub fn settle(findings: Vec<Diagnostic>, dossier: &Dossier, sources: &Sources) -> Vec<Diagnostic> {
    let mut allowances = Allowances::new(dossier);
    let wanted = Wanted::new(&dossier.settings);
    let mut settled: Vec<Diagnostic> = findings
        .into_iter()
        .filter(|finding| !allowances.take(finding))
        .filter_map(|finding| wanted.take(finding))
        .collect();
    let said = allowances.findings(&dossier.settings, sources);
    settled.extend(said.into_iter().filter_map(|finding| wanted.take(finding)));
    settled.extend(of_settings(&dossier.settings, sources));
    settled
}

/// The same for findings that come after all others, since other hosts had to be asked for them. What is said of the
/// allowances themselves has been said by then.
pub fn settle_asked(findings: Vec<Diagnostic>, dossier: &Dossier) -> Vec<Diagnostic> {
    let mut allowances = Allowances::new(dossier);
    let wanted = Wanted::new(&dossier.settings);
    let left = findings.into_iter().filter(|finding| !allowances.take(finding));
    left.filter_map(|finding| wanted.take(finding)).collect()
}

/// The allowances of all records, by file, and which of them were needed.
struct Allowances<'a> {
    by_file: BTreeMap<&'a str, Vec<&'a Arc<Record>>>,
    /// The records, by where they stand, with the numbers of their allowances that were needed.
    needed: BTreeSet<(&'a str, usize, usize)>,
}

impl<'a> Allowances<'a> {
    fn new(dossier: &'a Dossier) -> Self {
        let mut by_file: BTreeMap<&str, Vec<&Arc<Record>>> = BTreeMap::new();
        let guarded = dossier.guarded.iter().map(|number| &dossier.records[*number as usize]);
        for record in guarded.filter(|record| !record.fields.common().allow.is_empty()) {
            by_file.entry(&record.origin.file).or_default().push(record);
        }
        Allowances { by_file, needed: BTreeSet::new() }
    }

    /// Whether the record that a finding is about allows it.
    fn take(&mut self, finding: &Diagnostic) -> bool {
        let Some(place) = finding.place.as_ref().filter(|_| finding.code.can_be_allowed()) else { return false };
        let mut records = self.by_file.get(&*place.file).into_iter().flatten();
        let Some(record) = records.find(|record| record.origin.holds(place)) else { return false };
        let allow = record.fields.common().allow;
        let mut is_allowed = false;
        for (number, _) in
            allow.iter().enumerate().filter(|(_, allowance)| allowance.code.as_str() == finding.code.name())
        {
            self.needed.insert((&record.origin.file, record.origin.yaml.start, number));
            is_allowed = true;
        }
        is_allowed
    }

    /// What is wrong with the allowances themselves.
    fn findings(&self, settings: &Settings, sources: &Sources) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        for record in self.by_file.values().flatten() {
            for (number, allowance) in record.fields.common().allow.iter().enumerate() {
                let needed = self.needed.contains(&(&*record.origin.file, record.origin.yaml.start, number));
                let finding = match Code::from_str(allowance.code.as_str()) {
                    Err(unknown) => not_a_code(&unknown),
                    Ok(code) if !code.can_be_allowed() => not_allowable(code),
                    // Of what nobody looked for it is not known whether it is there.
                    Ok(code) if needed || !is_looked_for(code, settings.level) => continue,
                    Ok(code) => Diagnostic::new(
                        Code::UnneededAllowance,
                        format!("`{}` allows `{code}`, of which there is none", record.id),
                    )
                    .hint("take the allowance out; what it was for has been mended"),
                };
                let text = sources.text(&record.origin.file).unwrap_or_default();
                let path = [Step::Key("allow"), Step::Index(number), Step::Key("code")];
                found.push(finding.at(&record.origin.file, record.origin.field(text, &path)));
            }
        }
        found
    }
}

fn not_a_code(unknown: &UnknownCode) -> Diagnostic {
    Diagnostic::new(Code::UnknownWord, unknown.to_string()).hint(unknown.hint())
}

fn not_allowable(code: Code) -> Diagnostic {
    Diagnostic::new(Code::CannotBeAllowed, format!("`{code}` cannot be allowed: {}", lower_first(code.title())))
        .hint(format!("mend what it says; `dossier explain {code}` tells how"))
}

/// A sentence as a part of another.
fn lower_first(sentence: &str) -> String {
    let mut letters = sentence.trim_end_matches('.').chars();
    letters.next().map(|first| first.to_lowercase().collect::<String>() + letters.as_str()).unwrap_or_default()
}

/// What the settings want to hear of.
struct Wanted {
    allow: BTreeSet<Code>,
    deny: BTreeSet<Code>,
}

impl Wanted {
    fn new(settings: &Settings) -> Self {
        let codes = |words: &Many<Word>| words.iter().filter_map(|word| Code::from_str(word.as_str()).ok()).collect();
        let mut allow: BTreeSet<Code> = codes(&settings.allow);
        allow.retain(|code| code.can_be_allowed());
        Wanted { allow, deny: codes(&settings.deny) }
    }

    fn take(&self, finding: Diagnostic) -> Option<Diagnostic> {
        if self.deny.contains(&finding.code) {
            return Some(Diagnostic { severity: Severity::Error, ..finding });
        }
        let is_in_record = finding.place.as_ref().is_some_and(|place| place.file.contains('/'));
        let is_allowed = self.allow.contains(&finding.code) && (finding.code.can_be_allowed_for_all() || !is_in_record);
        (!is_allowed).then_some(finding)
    }
}

/// What is wrong with the codes that the settings name.
fn of_settings(settings: &Settings, sources: &Sources) -> Vec<Diagnostic> {
    let file = sources.settings.as_ref().map_or_else(|| FILE.into(), |file| Arc::clone(&file.path));
    let text = sources.text(&file).unwrap_or_default();
    let mut found = Vec::new();
    for (number, denied) in settings.deny.iter().enumerate() {
        let Some(allowed) = settings.allow.iter().position(|word| word == denied) else { continue };
        let place = |key, number| locate(text, &[Step::Key(key), Step::Index(number)]).unwrap_or(0..0);
        found.push(
            Diagnostic::new(Code::BadSetting, format!("`{denied}` stands under `allow` and under `deny`"))
                .at(&file, place("deny", number))
                .label("denied here")
                .related(&file, place("allow", allowed), "allowed here")
                .hint("take it out of one of them; until then it counts as denied"),
        );
    }
    for (key, words) in [("allow", &settings.allow), ("deny", &settings.deny)] {
        for (number, word) in words.iter().enumerate() {
            let finding = match Code::from_str(word.as_str()) {
                Err(unknown) => Diagnostic { code: Code::BadSetting, ..not_a_code(&unknown) },
                Ok(code) if key == "allow" && !code.can_be_allowed() => not_allowable(code),
                Ok(_) => continue,
            };
            let place = locate(text, &[Step::Key(key), Step::Index(number)]);
            // What was typed on the command line stands in no file.
            let is_written = place.clone().is_some_and(|place| text[place].contains(word.as_str()));
            found.push(match place.filter(|_| is_written) {
                Some(place) => finding.at(&file, place),
                None => finding,
            });
        }
    }
    found
}
