//! Reading `dossier.yaml` and other single mappings, with the same care for places as records.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use super::problem::Problem;
use super::record::read_with_places;
use crate::config::Settings;
use crate::diagnostic::{Code, Diagnostic};
use crate::read::SourceFile;

/// Reads the settings of a dossier.
pub fn parse_settings(file: &SourceFile) -> (Option<Settings>, Vec<Diagnostic>) {
    if !file.usable {
        return (None, Vec::new());
    }
    parse_mapping(&file.path, &file.text)
}

/// Reads a single YAML mapping into a struct; unknown keys and wrong values are findings.
pub fn parse_mapping<T: DeserializeOwned + JsonSchema>(path: &Arc<str>, yaml: &str) -> (Option<T>, Vec<Diagnostic>) {
    if let Ok(value) = serde_yaml::from_str(yaml) {
        return (Some(value), Vec::new());
    }
    let mut problems: Vec<Problem> = Vec::new();
    let schema = serde_json::Value::from(schemars::schema_for!(T));
    let read: Option<T> = read_with_places(yaml, &schema, &mut problems);
    let findings = problems.into_iter().map(|problem| Problem { code: setting_code(problem.code), ..problem });
    (read, findings.map(|problem| problem.into_diagnostic(path, 0)).collect())
}

/// A wrong value of a setting is reported as a setting; mistakes of YAML keep their own codes.
fn setting_code(code: Code) -> Code {
    match code {
        Code::WrongType | Code::UnknownWord | Code::BadValue | Code::BadDate => Code::BadSetting,
        other => other,
    }
}
