//! `dossier.yaml`: the settings of a dossier over their defaults.
//!
//! The struct below is read like any record, so unknown keys and wrong values are findings with their place.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de};

use crate::model::{Id, Lang, Line, Many, Url, Word};

/// The name of the settings file at the root of a dossier.
pub const FILE: &str = "dossier.yaml";

/// How strict the checks are. It never decides what is withheld.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// While the dossier is being made.
    #[default]
    Internal,
    /// When it is ready for readers.
    Public,
}

impl Level {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Level::Internal => "internal",
            Level::Public => "public",
        }
    }
}

/// Where the site will stand, which decides what a build writes beside it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Hosting {
    /// Anywhere: nothing beside the site.
    #[default]
    Plain,
    /// GitHub Pages: `.nojekyll` and `CNAME`.
    GithubPages,
    /// GitLab Pages: `_redirects`.
    GitlabPages,
    /// Netlify: `_headers` and `_redirects`.
    Netlify,
    /// Cloudflare Pages: `_headers` and `_redirects`.
    CloudflarePages,
    /// Amazon S3, maybe behind CloudFront: what the bucket and the distribution are to be told.
    S3,
    /// A server of one's own with nginx: a snippet to include.
    Nginx,
    /// A server with Apache: `.htaccess`.
    Apache,
}

impl Hosting {
    /// The name of the host in a message.
    pub fn name(self) -> &'static str {
        match self {
            Hosting::Plain => "a plain host",
            Hosting::GithubPages => "GitHub Pages",
            Hosting::GitlabPages => "GitLab Pages",
            Hosting::Netlify => "Netlify",
            Hosting::CloudflarePages => "Cloudflare Pages",
            Hosting::S3 => "S3",
            Hosting::Nginx => "nginx",
            Hosting::Apache => "Apache",
        }
    }
}

/// What `dossier.yaml` holds.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The title of the dossier.
    pub title: Line,
    /// The incident in about three sentences, in Markdown.
    #[serde(default)]
    pub summary: Option<crate::model::Markdown>,
    /// The address at which the site will stand; with it come canonical links, `sitemap.xml` and `robots.txt`.
    #[serde(default)]
    pub base_url: Option<Url>,
    /// Where the site will stand; with it a build writes what that host needs: redirects, security headers, types of files.
    #[serde(default)]
    pub hosting: Hosting,
    /// The language of the site.
    #[serde(default)]
    pub lang: Option<Lang>,
    /// How strict the checks are: `internal` while the dossier is being made, `public` when it is ready.
    #[serde(default)]
    pub level: Level,
    /// Codes of findings that are not wanted, in the whole dossier.
    #[serde(default)]
    pub allow: Many<Word>,
    /// Codes of findings that are errors here, in the whole dossier.
    #[serde(default)]
    pub deny: Many<Word>,
    /// The theme: `default`, `plain`, or the name of a folder in `themes/`.
    #[serde(default)]
    pub theme: Option<Word>,
    /// Options of the theme.
    #[serde(default)]
    pub options: IndexMap<String, serde_json::Value>,
    /// The folder of records.
    #[serde(default)]
    pub content: Option<Line>,
    /// The folder into which the site is written.
    #[serde(default)]
    pub out: Option<Line>,
    /// The folder of captured sources, which may lie outside the dossier.
    #[serde(default)]
    pub captures: Option<Line>,
    /// A folder outside of the dossier with what readers never see: sealed records, and private fields of other records.
    #[serde(default)]
    pub overlay: Option<Line>,
    /// How many records stand on one page of an index.
    #[serde(default, deserialize_with = "page_length")]
    #[schemars(range(min = 10, max = 1000))]
    pub paginate: Option<u16>,
    /// Who publishes the dossier.
    #[serde(default)]
    pub publisher: Option<Line>,
    /// How to reach whoever publishes it.
    #[serde(default)]
    pub contact: Option<Line>,
    /// The licence of the dossier's own words.
    #[serde(default)]
    pub licence: Option<Line>,
    /// The few actors that the incident turns on, in the order in which the home page shows them.
    #[serde(default)]
    pub key_actors: Many<Id>,
    /// The few events that the incident turns on.
    #[serde(default)]
    pub key_events: Many<Id>,
}

/// serde knows no limits of numbers; without them it would take what the schema refuses.
fn page_length<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u16>, D::Error> {
    match Option::<u16>::deserialize(deserializer)? {
        Some(length) if !(10..=1000).contains(&length) => Err(de::Error::custom("a page has 10 to 1000 records")),
        length => Ok(length),
    }
}

impl Settings {
    /// The language of the site; English when none is set.
    pub fn lang(&self) -> &str {
        self.lang.as_ref().map_or("en", Lang::as_str)
    }

    /// The folder of records, relative to the dossier.
    pub fn content(&self) -> &str {
        let written = self.content.as_ref().map_or("content", Line::as_str);
        // `./content` is the same folder, and no path of a file of it should begin otherwise.
        Some(written.trim_start_matches("./")).filter(|folder| !folder.is_empty()).unwrap_or(".")
    }

    /// The folder of the site, relative to the dossier.
    pub fn out(&self) -> &str {
        self.out.as_ref().map_or("public", Line::as_str)
    }

    /// The name of the theme.
    pub fn theme(&self) -> &str {
        self.theme.as_ref().map_or("default", Word::as_str)
    }

    /// How many records stand on one page of an index; at least 10.
    pub fn paginate(&self) -> usize {
        usize::from(self.paginate.unwrap_or(100)).max(10)
    }

    /// The address of the site with a slash at its end.
    pub fn base_url(&self) -> Option<String> {
        self.base_url.as_ref().map(|url| format!("{}/", url.as_str().trim_end_matches('/')))
    }

    /// The path of the site at its address, with a slash at both ends, percent-encoded; `/` as long as no address is known.
    pub fn base_path(&self) -> String {
        let address = self.base_url().and_then(|url| url::Url::parse(&url).ok());
        address.map_or_else(|| "/".to_owned(), |address| address.path().to_owned())
    }

    /// Whether the address of the site says that it is reached through TLS.
    pub fn is_https(&self) -> bool {
        self.base_url().is_some_and(|url| url.starts_with("https://"))
    }

    /// The domain of a site that stands at the root of one of its own, in ASCII.
    pub fn own_domain(&self) -> Option<String> {
        let address = url::Url::parse(&self.base_url()?).ok()?;
        let domain = address.domain()?.to_owned();
        let is_githubs = domain == "github.io" || domain.ends_with(".github.io");
        (address.path() == "/" && address.port().is_none() && !is_githubs).then_some(domain)
    }
}
