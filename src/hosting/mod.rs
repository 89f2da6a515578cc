//! What the host of a site is to be told: which addresses lead elsewhere, what is sent with each file, and of what type it is.
//!
//! Each host has its own syntax and its own limits; what is said in them is the same, and is gathered once as a `Wishes`. Old ids are led
//! on by the host, which is better for readers and search engines than a page that leads on; the page stays, for whoever opens the
//! folder from disk or moves it. `docs/hosting.md` says for authors what each host gets.
//!
//! Not for sending anything anywhere.

mod apache;
mod flat;
mod nginx;
mod policy;
mod s3;
mod wishes;

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::config::Hosting;
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::{HostFile, Route, Site, path_of_asset};
pub use wishes::has_content_hash;
use wishes::{Addresses, Wishes};
pub(crate) use wishes::{FOR_EVER, UNTIL_ASKED};

/// The static files of a site by their paths below `static/`.
type Assets = BTreeMap<String, Vec<u8>>;

/// The text of a file for the host.
pub fn text(site: &Site, assets: &Assets, file: HostFile) -> String {
    write(site, assets, file, Addresses::All).0
}

/// What of such a file is to be looked through for what is withheld: all but the addresses of what was taken down, which is the one thing that
/// stays of it, and which the path of its page says as well.
pub fn looked_through<'a>(site: &Site, assets: &Assets, route: &Route, bytes: &'a [u8]) -> Cow<'a, [u8]> {
    match route {
        Route::Host(file) if !site.dossier.tombstones.is_empty() => {
            Cow::Owned(write(site, assets, *file, Addresses::WithoutTombstones).0.into_bytes())
        }
        _ => Cow::Borrowed(bytes),
    }
}

/// What the author should know of the files for the host: which of them their own files replace, and what the host has no room for.
pub fn check(site: &Site, assets: &Assets) -> Vec<Diagnostic> {
    let settings = &site.dossier.settings;
    let host = settings.hosting.name();
    let mut findings = Vec::new();
    for file in HostFile::of(settings) {
        let path = file.path();
        if assets.keys().any(|asset| path_of_asset(asset) == path) {
            findings.push(
                Diagnostic::new(
                    Code::OwnHostFile,
                    format!("`static/{path}` stands in place of what a build writes for {host}"),
                )
                .hint("it is taken as it is; look at `docs/hosting.md` for what it has to say by itself, or remove it"),
            );
            continue;
        }
        // A preview asks after each edit; hosts without limits have room for all.
        if !has_limits(settings.hosting) {
            continue;
        }
        let left_out = write(site, assets, file, Addresses::All).1;
        if left_out > 0 {
            let message = format!("{host} has no room for {left_out} of the rules that `{path}` would have");
            findings.push(
                Diagnostic::new(Code::HostLimit, message)
                    .hint("old addresses without a rule keep their pages, which lead on; files without one are sent as the host thinks best"),
            );
        }
    }
    findings
}

/// Writes a file, and says how many rules had no room in it.
fn write(site: &Site, assets: &Assets, file: HostFile, addresses: Addresses) -> (String, usize) {
    let wishes = || Wishes::of(site, assets, addresses);
    let domain = || site.dossier.settings.own_domain().unwrap_or_default();
    match file {
        HostFile::NoJekyll => (String::new(), 0),
        HostFile::Cname => (format!("{}\n", domain()), 0),
        HostFile::Headers => flat::headers(&wishes(), site.dossier.settings.hosting),
        HostFile::Redirects => flat::redirects(&wishes(), site.dossier.settings.hosting),
        HostFile::BucketWebsite => s3::website(&wishes(), &site.dossier.settings),
        HostFile::CloudFrontHeaders => (s3::response_headers(&wishes()), 0),
        HostFile::Nginx => (nginx::snippet(&wishes()), 0),
        HostFile::Apache => (apache::htaccess(&wishes()), 0),
    }
}

/// Whether a host takes so many rules and no more.
fn has_limits(hosting: Hosting) -> bool {
    matches!(hosting, Hosting::CloudflarePages | Hosting::GitlabPages | Hosting::S3)
}

/// Whether a host can say that something is gone for good.
fn can_say_gone(hosting: Hosting) -> bool {
    matches!(hosting, Hosting::Netlify | Hosting::Nginx | Hosting::Apache)
}
