//! Which of the files beside the records are captures, and of which sources.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Number;
use crate::config::Settings;
use crate::model::Fields;
use crate::parse::Record;
use crate::read::folder_of;

/// The captures among the files beside the records: what sources name, and what lies in the folders of their ids.
#[derive(Clone, Debug, Default)]
pub struct Captured {
    /// By path in the folder of records; that of a folder ends with `/`.
    paths: BTreeMap<String, BTreeSet<Number>>,
}

impl Captured {
    pub(super) fn new(records: &[Arc<Record>], settings: &Settings) -> Captured {
        let outside = inside_of_records(settings);
        let mut paths: BTreeMap<String, BTreeSet<Number>> = BTreeMap::new();
        for (number, record) in (0..).zip(records) {
            let Fields::Source(source) = &*record.fields else { continue };
            if record.origin.is_outside {
                continue;
            }
            let (beside, id) = (folder_of(&record.origin.inner), &record.id);
            let mut add = |path: String| {
                paths.entry(path).or_default().insert(number);
            };
            add(format!("{beside}{id}/"));
            for file in source.captures.iter().map(|capture| &capture.file) {
                add(format!("{beside}{file}"));
                if let Some(outside) = &outside {
                    add(format!("{outside}{file}"));
                    add(format!("{outside}{id}/{file}"));
                }
            }
        }
        Captured { paths }
    }

    /// The sources that have a file as a capture.
    pub fn of(&self, path: &str) -> BTreeSet<Number> {
        let folders = path.match_indices('/').map(|(at, _)| &path[..=at]);
        std::iter::once(path).chain(folders).filter_map(|path| self.paths.get(path)).flatten().copied().collect()
    }
}

/// The folder of captures as a path in the folder of records, when it lies there.
fn inside_of_records(settings: &Settings) -> Option<String> {
    let folder = settings.captures.as_ref()?.as_str().trim_start_matches("./").trim_end_matches('/');
    let inner = match settings.content() {
        "." => folder,
        content => folder.strip_prefix(content)?.strip_prefix('/')?,
    };
    Some(format!("{inner}/"))
}
