//! What a theme is made of: its files and what `theme.yaml` says of them.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

/// The version of the theme API that this program offers; see `docs/theme-api.md`.
pub const API: &str = "1";

/// The files of one theme, by their path in it, such as `templates/actor.html`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ThemeFiles {
    /// The name of the theme's folder; empty for the dossier's own overrides.
    pub name: String,
    /// The files.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl ThemeFiles {
    /// The files below a folder of the theme, by their path in it.
    pub fn below<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = (&'a str, &'a [u8])> {
        self.files.iter().filter_map(move |(path, bytes)| {
            let inner = path.strip_prefix(folder)?.strip_prefix('/')?;
            Some((inner, bytes.as_slice()))
        })
    }
}

/// What `theme.yaml` says.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ThemeManifest {
    /// The name of the theme.
    #[serde(default)]
    pub name: String,
    /// Its version.
    #[serde(default)]
    pub version: String,
    /// The version of the theme API that it is written for.
    #[serde(default)]
    pub api: String,
    /// What it is like.
    #[serde(default)]
    pub description: String,
    /// The theme whose templates, strings and files stand in where this one has none.
    #[serde(default)]
    pub extends: Option<String>,
    /// What a dossier may set, with what holds when it does not.
    #[serde(default)]
    pub options: IndexMap<String, serde_json::Value>,
}
