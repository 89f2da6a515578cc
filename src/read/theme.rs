//! Reading themes: the embedded ones, those in `themes/`, and a dossier's own `templates/`, `static/` and `i18n/`.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};
use walkdir::WalkDir;

use super::Failure;
use crate::theme::ThemeFiles;

static EMBEDDED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/themes");

/// The names of the themes that are part of the program.
pub fn embedded_theme_names() -> Vec<&'static str> {
    EMBEDDED.dirs().filter_map(|dir| dir.path().to_str()).collect()
}

/// The words of the embedded themes that stand on pages whatever a dossier says: what their templates say, their strings in all
/// languages, and what the templates are called.
pub fn embedded_words() -> impl Iterator<Item = &'static str> {
    let files = EMBEDDED.dirs().flat_map(|theme| {
        let below = |folder: &str| EMBEDDED.get_dir(theme.path().join(folder)).into_iter().flat_map(Dir::files);
        below("i18n").chain(below("templates")).chain(below("templates/parts"))
    });
    files.flat_map(|file| {
        let name = file.path().file_stem().and_then(|name| name.to_str());
        let text = file.contents_utf8().unwrap_or_default();
        let is_strings = file.path().extension().is_some_and(|ending| ending == "yaml");
        let strings = text.lines().filter(move |_| is_strings).filter_map(|line| Some(line.split_once(": ")?.1));
        let values = text.split(['<', '>', '"', '{', '}', '\'']).filter(move |_| !is_strings);
        name.into_iter().chain(strings.chain(values).map(|text| text.trim().trim_matches('"')))
    })
}

/// Reads the theme `name`: from `themes/` beside `dossier.yaml`, else the embedded one; `None` when there is neither.
pub fn read_theme(root: &Path, name: &str) -> Result<Option<ThemeFiles>, Failure> {
    let folder = root.join("themes").join(name);
    if folder.join("theme.yaml").is_file() {
        return Ok(Some(ThemeFiles { name: name.to_owned(), files: read_folder(&folder)? }));
    }
    let Some(dir) = EMBEDDED.get_dir(name) else { return Ok(None) };
    let mut files = BTreeMap::new();
    collect(dir, name, &mut files);
    Ok(Some(ThemeFiles { name: name.to_owned(), files }))
}

/// The folders in `themes/` that are symbolic links, whose files lie elsewhere.
pub fn linked_themes(root: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(root.join("themes")).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.is_symlink()).collect()
}

/// Reads a dossier's own `templates/`, `static/` and `i18n/`, which stand before those of the theme.
pub fn read_overrides(root: &Path) -> Result<ThemeFiles, Failure> {
    let mut files = BTreeMap::new();
    for part in ["templates", "static", "i18n"] {
        let folder = root.join(part);
        if folder.is_dir() {
            files.extend(read_folder(&folder)?.into_iter().map(|(path, bytes)| (format!("{part}/{path}"), bytes)));
        }
    }
    Ok(ThemeFiles { name: String::new(), files })
}

fn collect(dir: &Dir<'_>, name: &str, files: &mut BTreeMap<String, Vec<u8>>) {
    for file in dir.files() {
        let inner = file.path().strip_prefix(name).unwrap_or(file.path());
        let parts: Vec<_> = inner.components().map(|part| part.as_os_str().to_string_lossy()).collect();
        files.insert(parts.join("/"), file.contents().to_vec());
    }
    for inner in dir.dirs() {
        collect(inner, name, files);
    }
}

fn read_folder(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>, Failure> {
    let mut files = BTreeMap::new();
    // What is hidden is no part of a site: the folders of version control, the leavings of editors.
    let is_shown = |entry: &walkdir::DirEntry| {
        entry.depth() == 0 || !super::folder::is_hidden(&entry.file_name().to_string_lossy())
    };
    for entry in WalkDir::new(folder).sort_by_file_name().into_iter().filter_entry(is_shown) {
        let entry = entry.map_err(|error| {
            let cause = error.into_io_error().unwrap_or_else(|| io::Error::other("the folder cannot be walked"));
            Failure::new(format!("cannot read `{}`", folder.display()), cause)
        })?;
        if !entry.file_type().is_file() {
            continue;
        }
        let bytes = fs::read(entry.path())
            .map_err(|error| Failure::new(format!("cannot read `{}`", entry.path().display()), error))?;
        files.insert(super::folder::inner_path(entry.path(), folder), bytes);
    }
    Ok(files)
}
