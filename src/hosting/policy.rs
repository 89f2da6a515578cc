//! What is sent with every file: what browsers may do with a page, and what a page tells others of its readers.
//!
//! The pages of the program load style sheets and pictures of the site itself, and nothing else. What the static files of a theme or of the dossier
//! are tells whether more has to be allowed; nothing is ever allowed that comes from elsewhere.

use super::Assets;
use crate::plan::{Route, Site};
use crate::text::ending;

/// The headers, names and values.
pub(super) fn headers(site: &Site, assets: &Assets) -> Vec<(&'static str, String)> {
    let is_https = site.dossier.settings.is_https();
    let mut headers = vec![
        ("Content-Security-Policy", content_security_policy(site, assets)),
        ("X-Content-Type-Options", "nosniff".to_owned()),
        // For browsers that do not know `frame-ancestors`.
        ("X-Frame-Options", "DENY".to_owned()),
        // Whoever is linked to does not learn which record somebody has read.
        ("Referrer-Policy", "no-referrer".to_owned()),
        ("Permissions-Policy", NOTHING_OF_THE_DEVICE.to_owned()),
        ("Cross-Origin-Opener-Policy", "same-origin".to_owned()),
        ("Cross-Origin-Resource-Policy", "same-origin".to_owned()),
    ];
    if is_https {
        // Of this name alone: what stands at names below it is not known here.
        headers.push(("Strict-Transport-Security", "max-age=31536000".to_owned()));
    }
    headers
}

/// No page asks for any of this.
const NOTHING_OF_THE_DEVICE: &str = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), \
    magnetometer=(), microphone=(), midi=(), payment=(), usb=()";

/// What a page may load: nothing, and upward from there what the site has.
fn content_security_policy(site: &Site, assets: &Assets) -> String {
    let has = |endings: &[&str]| {
        site.plan.routes.keys().any(|path| ending(path).is_some_and(|ending| endings.contains(&ending.as_str())))
    };
    let has_script = site.plan.routes.iter().any(|(path, route)| {
        matches!(route, Route::Asset(_)) && ending(path).is_some_and(|ending| matches!(ending.as_str(), "js" | "mjs"))
    });
    let in_styles = |start: &str| {
        let mut styles = assets.iter().filter(|(path, _)| ending(path).as_deref() == Some("css"));
        styles.any(|(_, bytes)| memchr::memmem::find(bytes, start.as_bytes()).is_some())
    };
    let mut policy = String::from("default-src 'none'; style-src 'self'; img-src 'self'");
    if in_styles("data:image/") {
        policy.push_str(" data:");
    }
    let embeds_fonts = in_styles("data:font/") || in_styles("data:application/");
    if embeds_fonts || has(&["woff2", "woff", "ttf", "otf"]) {
        policy.push_str("; font-src 'self'");
    }
    if embeds_fonts {
        policy.push_str(" data:");
    }
    if has(&["mp4", "webm", "ogv", "mov", "m4v", "mp3", "ogg", "oga", "opus", "m4a", "wav", "flac", "vtt"]) {
        policy.push_str("; media-src 'self'");
    }
    if has(&["webmanifest"]) {
        policy.push_str("; manifest-src 'self'");
    }
    policy.push_str(if has_script {
        "; script-src 'self'; connect-src 'self'; form-action 'self'"
    } else {
        "; form-action 'none'"
    });
    // The page for addresses that are not there says where the site begins, when that is known.
    policy.push_str(if site.dossier.settings.base_url.is_some() { "; base-uri 'self'" } else { "; base-uri 'none'" });
    policy.push_str("; frame-ancestors 'none'");
    if site.dossier.settings.is_https() {
        policy.push_str("; upgrade-insecure-requests");
    }
    policy
}
