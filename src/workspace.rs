//! A dossier on the disk: where it lies, all that was read of it, and looking again at what may have changed.
//!
//! Looking again gives what reading afresh would give, and says whether anything differs. Not for watching the disk.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use crate::compile::{Inputs, Look};
use crate::config::{self, Level, Settings};
use crate::diagnostic::{Code, Diagnostic};
use crate::evidence::lock::FILE as LOCK;
use crate::model::{Line, Many, Url, Word};
use crate::parse::{parse_mapping, parse_settings};
use crate::read::{self, Captures, Changes, EDITIONS, Editions, Failure, Folder, SourceFile, Sources, Stamp};
use crate::text;
use crate::theme::{ThemeFiles, ThemeManifest};

/// What stands over the settings of the dossier.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// The address at which the site will stand.
    pub base_url: Option<Url>,
    /// The folder into which the site is written.
    pub out: Option<Line>,
    /// The theme.
    pub theme: Option<Word>,
    /// How strict the checks are.
    pub level: Option<Level>,
    /// Codes of findings that are not wanted.
    pub allow: Vec<Code>,
    /// Codes of findings that are errors.
    pub deny: Vec<Code>,
    /// The folder of what readers never see.
    pub overlay: Option<PathBuf>,
    /// The folder of captured sources.
    pub captures: Option<PathBuf>,
    /// The edition that is being made: what is kept of it already, and of those after it, is not its past.
    pub edition: Option<String>,
}

/// A dossier on the disk.
#[derive(Debug)]
pub struct Workspace {
    /// The folder of the dossier.
    root: PathBuf,
    /// The settings file.
    config: PathBuf,
    overrides: Overrides,
    settings: SettingsRead,
    /// What was read by settings that could be used; kept while they cannot.
    loaded: Option<Loaded>,
}

/// The settings file as it was read last.
#[derive(Debug)]
struct SettingsRead {
    /// The file alone, for findings when there is nothing else.
    only: Sources,
    /// `None` when they cannot be used.
    settings: Option<Arc<Settings>>,
    findings: Vec<Diagnostic>,
}

#[derive(Debug)]
struct Loaded {
    folder: Folder,
    /// What lies outside of the dossier and readers never see.
    overlay: Option<Overlay>,
    /// Why there is none where the settings ask for one.
    absent: Option<Diagnostic>,
    /// What lies in the folder of captures.
    captures: BTreeMap<PathBuf, Stamp>,
    /// Why what is locked cannot be read.
    unlocked: Vec<Diagnostic>,
    inputs: Inputs,
    /// What is wrong with the themes.
    findings: Vec<Diagnostic>,
}

impl Loaded {
    /// Looks whether captures may have changed, beside the records or in their folder; says whether one in the folder has. Which of the
    /// files beside the records are captures is not known here.
    fn look_at_captures(&mut self, paths: &BTreeSet<PathBuf>, changes: &Changes) -> bool {
        let outside = self.inputs.captures.outside();
        let is_outside =
            outside.is_some_and(|outside| paths.is_empty() || paths.iter().any(|path| path.starts_with(outside)));
        let mut differs = false;
        if is_outside {
            let listing = self.inputs.captures.listing();
            let is_still =
                |(path, stamp): (&PathBuf, &Stamp)| self.captures.get(path).is_some_and(|then| stamp.is_still(then));
            differs = listing.len() != self.captures.len() || !listing.iter().all(is_still);
            self.captures = listing;
        }
        if differs || !changes.attachments.is_empty() || changes.attachment_list {
            // Another pointer says that none of what was read is known to stand.
            self.inputs.captures = Arc::new((*self.inputs.captures).clone());
        }
        differs
    }
}

/// The folder of what readers never see, and what was read there.
#[derive(Debug)]
struct Overlay {
    folder: Folder,
    sources: Sources,
}

impl Overlay {
    /// Reads the overlay of a dossier; a finding says why there is none where the settings ask for one.
    fn read(
        root: &Path,
        settings: &Settings,
        typed: Option<&Path>,
    ) -> Result<(Option<Overlay>, Option<Diagnostic>), Failure> {
        let (path, name) = match (typed, &settings.overlay) {
            (Some(typed), _) => (typed.to_owned(), typed.display().to_string()),
            (None, Some(set)) => (root.join(set.as_str()), set.as_str().to_owned()),
            (None, None) => return Ok((None, None)),
        };
        let Ok(real) = path.canonicalize() else {
            if typed.is_some() {
                let cause = io::Error::from(io::ErrorKind::NotFound);
                return Err(Failure::new(format!("cannot read the overlay `{name}`"), cause)
                    .hint("name the folder of what readers never see with `--overlay DIR`"));
            }
            let message = format!("the overlay `{}` is not on this machine", text::excerpt(&name, 80));
            let finding = Diagnostic::new(Code::OverlayAbsent, message).hint(
                "what readers see is the same without it; only what is sealed there is not looked for in the site",
            );
            return Ok((None, Some(finding)));
        };
        // In the folder of the dossier it would be shared with it sooner or later.
        if root.canonicalize().is_ok_and(|root| real.starts_with(&root) || root.starts_with(&real)) {
            let cause =
                io::Error::new(io::ErrorKind::InvalidInput, "it lies in the folder of the dossier, or around it");
            return Err(Failure::new(format!("cannot use the overlay `{name}`"), cause)
                .hint("move it to a folder of its own, which is not shared with the dossier"));
        }
        let (folder, sources) = Folder::read(&path, &name)?;
        Ok((Some(Overlay { folder, sources }), None))
    }
}

/// The settings of a dossier, read alone.
#[derive(Debug)]
pub struct SettingsAlone {
    /// What they say; `None` when they cannot be used.
    pub settings: Option<Arc<Settings>>,
    /// What is wrong with them.
    pub findings: Vec<Diagnostic>,
    /// Their text, for findings.
    pub sources: Sources,
}

impl SettingsAlone {
    /// Reads a settings file and nothing else of its dossier.
    pub fn read(config: &Path, overrides: &Overrides) -> Result<SettingsAlone, Failure> {
        let SettingsRead { only, settings, findings } = SettingsRead::read(config, overrides, None)?;
        Ok(SettingsAlone { settings, findings, sources: only })
    }
}

/// A folder or file to watch for changes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Watched {
    /// Where it is, free of symbolic links.
    pub path: PathBuf,
    /// Whether what lies deeper in it counts too.
    pub whole: bool,
}

impl Workspace {
    /// Reads the dossier of a settings file.
    pub fn open(config: &Path, overrides: Overrides) -> Result<Workspace, Failure> {
        let root = config.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned();
        let settings = SettingsRead::read(config, &overrides, None)?;
        let mut workspace = Workspace { root, config: config.to_owned(), overrides, settings, loaded: None };
        workspace.load()?;
        workspace.load_lock()?;
        workspace.load_editions()?;
        Ok(workspace)
    }

    /// The folder of the dossier.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// All that the stages need; `None` when the settings cannot be used.
    pub fn inputs(&self) -> Option<&Inputs> {
        self.settings.settings.as_ref().and(self.loaded.as_ref()).map(|loaded| &loaded.inputs)
    }

    /// What reading found.
    pub fn findings(&self) -> Vec<Diagnostic> {
        let mut findings = self.settings.findings.clone();
        if let Some(loaded) = self.loaded.as_ref().filter(|_| self.settings.settings.is_some()) {
            findings.extend(loaded.folder.findings().cloned());
            findings.extend(loaded.absent.iter().cloned());
            findings.extend(loaded.overlay.iter().flat_map(|overlay| overlay.folder.findings()).cloned());
            findings.extend(loaded.findings.iter().cloned());
            findings.extend(loaded.unlocked.iter().cloned());
        }
        findings
    }

    /// The text of all files, for findings.
    pub fn sources(&self) -> &Sources {
        self.inputs().map_or(&self.settings.only, |inputs| &inputs.sources)
    }

    /// Looks again at paths that may have changed, and says what makes a difference, be it to findings alone.
    /// Everything is looked at again when no path is given.
    ///
    /// A failure is told again until it is mended.
    pub fn refresh(&mut self, paths: &BTreeSet<PathBuf>) -> Result<Changes, Failure> {
        let mut changes = Changes::default();
        // A folder that cannot be looked at any more is read anew, or is the failure that is told.
        let looked = self.loaded.as_mut().and_then(|Loaded { folder, overlay, inputs, .. }| {
            let look = |folder: &mut Folder, sources: &mut Sources| {
                if paths.is_empty() { folder.rescan(sources, &BTreeSet::new()) } else { folder.update(sources, paths) }
            };
            changes = look(folder, &mut inputs.sources).ok()?;
            if let Some(Overlay { folder, sources }) = overlay {
                let Changes { records, .. } = look(folder, sources).ok()?;
                changes.records |= records;
                inputs.sources.overlay.clone_from(&sources.files);
            }
            Some(())
        });
        if looked.is_none() {
            self.loaded = None;
        }
        if let Some(loaded) = &mut self.loaded {
            changes.captures |= loaded.look_at_captures(paths, &changes);
        }
        if !paths.is_empty() && self.are_only_records(paths) {
            return Ok(changes);
        }
        let settings = SettingsRead::read(&self.config, &self.overrides, Some(&self.settings))?;
        changes.look |= settings.file() != self.settings.file() || settings.findings != self.settings.findings;
        self.settings = settings;
        changes.look |= self.load()?;
        changes.captures |= self.load_lock()?;
        changes.look |= self.load_editions()?;
        Ok(changes)
    }

    /// Whether paths are those of records and attachments, and can be nothing else.
    fn are_only_records(&self, paths: &BTreeSet<PathBuf>) -> bool {
        let Some(loaded) = &self.loaded else { return false };
        let content = loaded.folder.root();
        // The folder of records may be that of the dossier itself, or be shared by a link, and then holds more.
        let others =
            ["", "themes", "templates", "static", "i18n", EDITIONS].map(|other| self.root.join(other).canonicalize());
        paths.iter().all(|path| path.starts_with(content) && path != content)
            && !others.into_iter().flatten().any(|other| other.starts_with(content))
    }

    /// What must be watched to know of every change.
    pub fn watched(&self) -> BTreeSet<Watched> {
        let mut watched = BTreeSet::new();
        let mut add = |path: &Path, whole: bool| {
            if let Ok(path) = path.canonicalize() {
                watched.insert(Watched { path, whole });
            }
        };
        add(&self.root, false);
        // The settings may be a link to a file elsewhere.
        if let Some(parent) = self.config.canonicalize().ok().as_deref().and_then(Path::parent) {
            add(parent, false);
        }
        for folder in ["themes", "templates", "static", "i18n", EDITIONS] {
            add(&self.root.join(folder), true);
        }
        for theme in read::linked_themes(&self.root) {
            add(&theme, true);
        }
        if let Some(settings) = &self.settings.settings {
            // A folder on the way to the records may be exchanged, and they with it.
            let content = Path::new(settings.content());
            for way in content.ancestors().skip(1).filter(|way| !way.as_os_str().is_empty()) {
                add(&self.root.join(way), false);
            }
        }
        if let Some(loaded) = &self.loaded {
            add(loaded.folder.root(), true);
            loaded.overlay.iter().for_each(|overlay| add(overlay.folder.root(), true));
            loaded.inputs.captures.outside().into_iter().for_each(|outside| add(outside, true));
        }
        // What lies in another folder is watched with it, and must not be let go of by itself.
        let is_inside = |inner: &Watched| {
            watched.iter().any(|outer| outer.whole && *outer != *inner && inner.path.starts_with(&outer.path))
        };
        watched.iter().filter(|watched| !is_inside(watched)).cloned().collect()
    }

    /// Where captures lie.
    fn captures(&self, settings: &Settings, content: &Path) -> Result<Captures, Failure> {
        let typed = self.overrides.captures.as_deref();
        if let Some(typed) = typed.filter(|typed| !typed.is_dir()) {
            let cause = io::Error::from(io::ErrorKind::NotFound);
            return Err(Failure::new(format!("cannot read the captures in `{}`", typed.display()), cause)
                .hint("name the folder in which the copies of sources lie with `--captures DIR`"));
        }
        let set = settings.captures.as_ref().map(|set| self.root.join(set.as_str()));
        Ok(Captures::new(content, typed.or(set.as_deref())))
    }

    /// Reads what is locked; says whether it is another file.
    fn load_lock(&mut self) -> Result<bool, Failure> {
        let Some(loaded) = &mut self.loaded else { return Ok(false) };
        let (file, findings) = read::read_settings(&self.root.join(LOCK), LOCK)?;
        let known = &mut loaded.inputs.sources.lock;
        let differs = *known != file || loaded.unlocked != findings;
        if *known != file {
            *known = file;
        }
        loaded.unlocked = findings;
        Ok(differs)
    }

    /// Reads what is kept of past editions; says whether any of it is another file.
    fn load_editions(&mut self) -> Result<bool, Failure> {
        let Some(loaded) = &mut self.loaded else { return Ok(false) };
        let known = &mut loaded.inputs.sources.editions;
        let editions = Editions::read(&self.root, self.overrides.edition.as_deref(), Some(known))?;
        let differs = !Arc::ptr_eq(known, &editions);
        *known = editions;
        Ok(differs)
    }

    /// Reads what the settings name, as far as it is not known yet; says whether anything differs.
    fn load(&mut self) -> Result<bool, Failure> {
        let Some(settings) = &self.settings.settings else { return Ok(false) };
        let file = self.settings.only.settings.clone();
        let mut findings = Vec::new();
        let look =
            Look { themes: themes(&self.root, settings, &mut findings)?, overrides: read::read_overrides(&self.root)? };
        let known = self.loaded.take();
        let content = self.root.join(settings.content()).canonicalize().ok();
        let is_same_folder = |known: &Loaded| {
            known.inputs.settings.content() == settings.content()
                && content.as_deref() == Some(known.folder.root())
                && known.inputs.settings.overlay == settings.overlay
                && known.inputs.settings.captures == settings.captures
        };
        let Some(mut known) = known.filter(is_same_folder) else {
            let (folder, mut sources) = Folder::read(&self.root.join(settings.content()), settings.content())?;
            sources.settings = file;
            let (overlay, absent) = Overlay::read(&self.root, settings, self.overrides.overlay.as_deref())?;
            sources.overlay = overlay.as_ref().map(|overlay| overlay.sources.files.clone()).unwrap_or_default();
            let captures = self.captures(settings, folder.root())?;
            let listing = captures.listing();
            let captures = Arc::new(captures);
            let inputs = Inputs { settings: Arc::clone(settings), sources, look: Arc::new(look), captures };
            self.loaded =
                Some(Loaded { folder, overlay, absent, captures: listing, unlocked: Vec::new(), inputs, findings });
            return Ok(true);
        };
        let inputs = &mut known.inputs;
        let mut differs = !Arc::ptr_eq(&inputs.settings, settings) || known.findings != findings;
        inputs.settings = Arc::clone(settings);
        inputs.sources.settings = file;
        if *inputs.look != look {
            inputs.look = Arc::new(look);
            differs = true;
        }
        known.findings = findings;
        self.loaded = Some(known);
        Ok(differs)
    }
}

impl SettingsRead {
    fn read(config: &Path, overrides: &Overrides, before: Option<&SettingsRead>) -> Result<Self, Failure> {
        let name =
            config.file_name().map_or_else(|| config::FILE.to_owned(), |name| name.to_string_lossy().into_owned());
        let (file, mut findings) = read::read_settings(config, &name)?;
        let Some(file) = file else {
            if findings.is_empty() {
                let cause = io::Error::new(io::ErrorKind::NotFound, format!("`{}` does not exist", config.display()));
                return Err(Failure::new("there is no dossier here", cause).hint(
                    "go to the folder of a dossier, name its settings with `--config`, or make one with `dossier init DIR`",
                ));
            }
            return Ok(SettingsRead { only: Sources::default(), settings: None, findings });
        };
        // Of a file that is not text, equal words do not mean equal bytes.
        let is_known = |before: &&SettingsRead| before.only.settings.as_ref() == Some(&file) && file.usable;
        if let Some(before) = before.filter(is_known) {
            return Ok(SettingsRead {
                only: before.only.clone(),
                settings: before.settings.clone(),
                findings: before.findings.clone(),
            });
        }
        let (settings, found) = parse_settings(&file);
        findings.extend(found);
        let settings = settings.map(|settings| with_overrides(settings, overrides));
        let base_url = settings.as_ref().and_then(Settings::base_url);
        if let Some(url) = base_url.filter(|url| !is_site_address(url)) {
            findings.push(
                Diagnostic::new(
                    Code::BadSetting,
                    format!("`{}` cannot be the address of a site", text::excerpt(&url, 80)),
                )
                .hint("write it as `https://example.org/` or `https://example.org/dossier/`, without `?` and `#`"),
            );
        }
        let only = Sources { settings: Some(file), ..Sources::default() };
        Ok(SettingsRead { only, settings: settings.map(Arc::new), findings })
    }

    fn file(&self) -> Option<&Arc<SourceFile>> {
        self.only.settings.as_ref()
    }
}

fn with_overrides(settings: Settings, overrides: &Overrides) -> Settings {
    let Overrides { base_url, out, theme, level, allow, deny, overlay: _, captures: _, edition: _ } = overrides.clone();
    // What is typed takes a code back from the other list.
    let codes = |set: &Many<Word>, typed: &[Code], other: &[Code]| -> Many<Word> {
        let is_other = |word: &&Word| !other.iter().any(|code| code.name() == word.as_str());
        let typed = typed.iter().filter_map(|code| Word::from_str(code.name()).ok());
        set.iter().filter(is_other).cloned().chain(typed).collect()
    };
    Settings {
        level: level.unwrap_or(settings.level),
        allow: codes(&settings.allow, &allow, &deny),
        deny: codes(&settings.deny, &deny, &allow),
        base_url: base_url.or(settings.base_url),
        out: out.or(settings.out),
        theme: theme.or(settings.theme),
        ..settings
    }
}

/// Whether pages could stand below an address.
fn is_site_address(url: &str) -> bool {
    (url.starts_with("https://") || url.starts_with("http://")) && !url.contains(['?', '#', '"', '<', '>'])
}

/// The theme and those that it extends.
fn themes(
    root: &Path,
    settings: &Settings,
    findings: &mut Vec<Diagnostic>,
) -> Result<Vec<(ThemeFiles, ThemeManifest)>, Failure> {
    let mut chain = Vec::new();
    let mut seen = BTreeSet::new();
    let mut wanted = Some(settings.theme().to_owned());
    while let Some(name) = wanted.take() {
        if !seen.insert(name.clone()) {
            findings.push(Diagnostic::new(Code::BadTheme, format!("the theme `{name}` extends itself")));
            break;
        }
        let Some(files) = read::read_theme(root, &name)? else {
            let known = read::embedded_theme_names();
            let near = text::nearest(&name, known.iter().copied());
            let hint = match near.first() {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!(
                    "there are {}, and what lies in `themes/`",
                    text::alternatives(&known).replace(" or ", " and ")
                ),
            };
            findings.push(
                Diagnostic::new(Code::BadTheme, format!("there is no theme `{}`", text::excerpt(&name, 60))).hint(hint),
            );
            break;
        };
        let path: Arc<str> = format!("themes/{name}/theme.yaml").into();
        let yaml =
            files.files.get("theme.yaml").map(|bytes| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default();
        let (manifest, found) = parse_mapping::<ThemeManifest>(&path, &yaml);
        findings.extend(found);
        let Some(manifest) = manifest else { break };
        wanted.clone_from(&manifest.extends);
        chain.push((files, manifest));
    }
    Ok(chain)
}
