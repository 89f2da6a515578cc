//! A theme made ready: templates parsed, strings laid over each other, options settled.

use std::collections::BTreeMap;
use std::sync::Arc;

use tera::value::Key;
use tera::{Kwargs, Map, State, StringInput, Tera, TeraResult, Value};

use super::words::Words;
use crate::config::Settings;
use crate::diagnostic::{Code, Diagnostic};
use crate::media::{self, Window};
use crate::theme::{API, ThemeFiles, ThemeManifest};

/// A theme that can render.
pub struct Theme {
    pub(super) tera: Tera,
    pub(super) words: Arc<Words>,
    /// The static files by their path below `static/`.
    pub(super) assets: BTreeMap<String, Vec<u8>>,
}

impl std::fmt::Debug for Theme {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Theme").field("assets", &self.assets.keys()).finish_non_exhaustive()
    }
}

impl Theme {
    /// Makes a theme ready: `chain` begins with the theme itself and ends with the one that it all extends; `own` are
    /// the dossier's templates and files, which come before all of them.
    pub fn new(
        chain: &[(ThemeFiles, ThemeManifest)],
        own: &ThemeFiles,
        settings: &Settings,
    ) -> (Option<Theme>, Vec<Diagnostic>) {
        let mut findings = Vec::new();
        for (theme, manifest) in chain {
            if manifest.api != API {
                findings.push(
                    Diagnostic::new(
                        Code::BadTheme,
                        format!(
                            "the theme `{}` is written for theme API `{}`; this program offers `{API}`",
                            theme.name, manifest.api
                        ),
                    )
                    .hint("use a version of the theme that says `api: \"1\"`"),
                );
            }
        }
        let options = options(chain, settings, &mut findings);
        let layers: Vec<&ThemeFiles> = chain.iter().rev().map(|(files, _)| files).chain([own]).collect();
        let words = Arc::new(Words::new(&layers, settings.lang(), &mut findings));
        let assets = assets(&layers, &mut findings);
        let tera = templates(chain, own, &words, &mut findings);
        let theme = tera.map(|mut tera| {
            tera.global_context().insert_value("options", options);
            tera.global_context().insert_value("t", words.strings());
            Theme { tera, words, assets }
        });
        (theme, findings)
    }

    /// The static files, by their paths below `static/`.
    pub fn assets(&self) -> &BTreeMap<String, Vec<u8>> {
        &self.assets
    }

    /// The paths of the static files, below `static/`.
    pub fn asset_paths(&self) -> Vec<String> {
        self.assets.keys().cloned().collect()
    }
}

/// The static files, each from the uppermost layer that has it; pictures without what they carry beside what they show.
fn assets(layers: &[&ThemeFiles], findings: &mut Vec<Diagnostic>) -> BTreeMap<String, Vec<u8>> {
    let mut uppermost: BTreeMap<&str, (&str, &[u8])> = BTreeMap::new();
    for layer in layers {
        uppermost.extend(layer.below("static").map(|(path, bytes)| (path, (layer.name.as_str(), bytes))));
    }
    let mut assets = BTreeMap::new();
    for (path, (theme, bytes)) in uppermost {
        let shown: Arc<str> = match theme {
            "" => format!("static/{path}").into(),
            theme => format!("themes/{theme}/static/{path}").into(),
        };
        findings.extend(media::look(path, Window::whole(bytes)).finding(&shown).map(|found| found.at(&shown, 0..0)));
        // One that cannot be read has been told of, as an error, and nothing is rendered.
        if let Ok(stripped) = media::strip(path, bytes) {
            assets.insert(path.to_owned(), stripped.unwrap_or_else(|| bytes.to_vec()));
        }
    }
    assets
}

/// The theme's options under the dossier's; an option that no theme has is a finding.
fn options(chain: &[(ThemeFiles, ThemeManifest)], settings: &Settings, findings: &mut Vec<Diagnostic>) -> Value {
    let mut options = Map::new();
    for (_, manifest) in chain.iter().rev() {
        for (key, value) in &manifest.options {
            options.insert(key.clone().into(), Value::from_serializable(value));
        }
    }
    for (key, value) in &settings.options {
        if !options.contains_key(&Key::from(key.clone())) {
            let known: Vec<&str> = options.keys().filter_map(Key::as_str).collect();
            let near = crate::text::nearest(key, known.iter().copied());
            let hint = match near.first() {
                Some(near) => format!("did you mean `{near}`?"),
                None if known.is_empty() => "the theme has no options".to_owned(),
                None => format!("it has {}", crate::text::alternatives(&known).replace(" or ", " and ")),
            };
            findings.push(
                Diagnostic::new(
                    Code::BadSetting,
                    format!("the theme has no option `{}`", crate::text::excerpt(key, 60)),
                )
                .hint(hint),
            );
        }
        options.insert(key.clone().into(), Value::from_serializable(value));
    }
    Value::from(options)
}

fn templates(
    chain: &[(ThemeFiles, ThemeManifest)],
    own: &ThemeFiles,
    words: &Arc<Words>,
    findings: &mut Vec<Diagnostic>,
) -> Option<Tera> {
    let mut tera = Tera::new();
    register(&mut tera, words);
    let prefixes: Vec<String> = chain.iter().map(|(theme, _)| format!("{}/", theme.name)).collect();
    if let Err(error) = tera.set_fallback_prefixes(prefixes) {
        findings.push(Diagnostic::new(Code::BadTheme, error.to_string()));
        return None;
    }
    let mut sources = Vec::new();
    let named = chain.iter().map(|(theme, _)| (format!("{}/", theme.name), theme)).chain([(String::new(), own)]);
    for (prefix, theme) in named {
        for (path, bytes) in theme.below("templates") {
            match std::str::from_utf8(bytes) {
                Ok(text) => sources.push((format!("{prefix}{path}"), text.to_owned())),
                Err(_) => findings.push(
                    Diagnostic::new(Code::BadTheme, format!("the template `{prefix}{path}` is not UTF-8"))
                        .hint("save the file with the encoding UTF-8"),
                ),
            }
        }
    }
    match tera.add_raw_templates(sources) {
        Ok(()) => Some(tera),
        Err(error) => {
            findings.push(
                Diagnostic::new(Code::BadTheme, format!("a template cannot be read: {error}"))
                    .hint("mend the template; `docs/theme-api.md` says what templates see"),
            );
            None
        }
    }
}

/// The functions and filters of the theme API, and none that could make two builds differ.
fn register(tera: &mut Tera, words: &Arc<Words>) {
    let for_word = Arc::clone(words);
    tera.register_function("word", move |kwargs: Kwargs, _: &State| -> TeraResult<Value> {
        Ok(Value::normal_string(&for_word.word(kwargs.must_get::<&str>("of")?)))
    });
    let for_count = Arc::clone(words);
    tera.register_function("count", move |kwargs: Kwargs, _: &State| -> TeraResult<Value> {
        Ok(Value::normal_string(&for_count.count(kwargs.must_get::<&str>("of")?, kwargs.must_get::<i64>("n")?)))
    });
    tera.register_function("number", |kwargs: Kwargs, _: &State| -> TeraResult<Value> {
        Ok(Value::from(kwargs.must_get::<i64>("n")?))
    });
    tera.register_function("asset", |kwargs: Kwargs, state: &State| -> TeraResult<Value> {
        let root = state.get::<String>("root")?.unwrap_or_default();
        Ok(Value::normal_string(&format!("{root}static/{}", kwargs.must_get::<&str>("path")?)))
    });
    tera.register_filter("safe_url", |url: StringInput, _: Kwargs, _: &State| -> String {
        let url = url.as_str();
        let lower = url.trim_start().to_ascii_lowercase();
        let has_scheme = lower.find(':').is_some_and(|colon| !lower[..colon].contains(['/', '?', '#']));
        let is_safe = ["https:", "http:", "mailto:", "ftp:", "tel:"].iter().any(|scheme| lower.starts_with(scheme));
        if has_scheme && !is_safe { "#".to_owned() } else { url.to_owned() }
    });
    // Tera's own walks a hash map, so two builds would differ.
    tera.register_filter("group_by", |values: Vec<Value>, kwargs: Kwargs, _: &State| -> TeraResult<Value> {
        let attribute = kwargs.must_get::<&str>("attribute")?;
        let mut groups: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for value in values {
            let key = value.get_from_path(attribute).map(ToString::to_string).unwrap_or_default();
            groups.entry(key).or_default().push(value);
        }
        Ok(Value::from(groups))
    });
}
