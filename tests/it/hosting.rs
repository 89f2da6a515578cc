//! What a build writes for the host of a site. `tests/acceptance/hosts.py` holds it against the hosts themselves.

use dossier::plan::Route;

use crate::input::{Dossier, Files};

/// A made-up incident with an old id and a page that was taken down, for a host.
fn hosted(host: &str, base_url: &str) -> Dossier {
    Dossier::small()
        .settings(&format!("title: A dossier\ntheme: plain\nhosting: {host}\nbase_url: {base_url}\n"))
        .record("actors/new.md", "---\nname: A body\nkind: organisation\naliases: old\n---\n")
        .record(
            "pages/leaflet.md",
            "---\ntitle: Zelda Quux\ntakedown: {as: withdraw, on: 2024-01-01, reason: legal}\n---\n",
        )
}

fn text(site: &Files, path: &str) -> String {
    let bytes = site.get(path).unwrap_or_else(|| panic!("there is no `{path}`"));
    String::from_utf8(bytes.clone()).unwrap()
}

/// The paths of what is written for a host alone.
fn for_the_host(dossier: &Dossier) -> Vec<String> {
    let (made, _) = dossier.compile();
    let renderer = made.renderer.unwrap();
    let routes = renderer.site().plan.routes.iter();
    routes.filter(|(_, route)| matches!(route, Route::Host(_))).map(|(path, _)| path.clone()).collect()
}

#[test]
fn each_host_gets_the_files_that_it_looks_for() {
    let files = |host| for_the_host(&hosted(host, "https://dossier.example/")).join(" ");
    assert_eq!(files("plain"), "");
    assert_eq!(files("github-pages"), ".nojekyll CNAME");
    assert_eq!(files("gitlab-pages"), "_redirects");
    assert_eq!(files("netlify"), "_headers _redirects");
    assert_eq!(files("cloudflare-pages"), "_headers _redirects");
    assert_eq!(files("s3"), ".hosting/cloudfront-headers.json .hosting/s3-website.json");
    assert_eq!(files("nginx"), ".hosting/nginx.conf");
    assert_eq!(files("apache"), ".htaccess");
    assert_eq!(for_the_host(&Dossier::small()), [""; 0]);
}

#[test]
fn only_a_site_at_the_root_of_a_domain_of_its_own_has_its_domain_written_down() {
    let domain = |base_url| hosted("github-pages", base_url).site().get("CNAME").cloned();
    assert_eq!(domain("https://dossier.example").as_deref(), Some(b"dossier.example\n".as_slice()));
    assert_eq!(domain("https://bücher.example/").as_deref(), Some(b"xn--bcher-kva.example\n".as_slice()));
    for other in [
        "https://someone.github.io/",
        "https://dossier.example/below/",
        "https://dossier.example:8443/",
        "https://192.0.2.1/",
    ] {
        assert_eq!(domain(other), None, "{other}");
    }
}

#[test]
fn old_ids_are_led_on_by_the_host_and_their_pages_stay() {
    for (host, path, rule) in [
        ("netlify", "_redirects", "/actors/old.html /actors/new.html 301!\n"),
        ("cloudflare-pages", "_redirects", "/actors/old.html /actors/new 301\n"),
        ("gitlab-pages", "_redirects", "/actors/old.html /actors/new.html 301\n"),
        ("nginx", ".hosting/nginx.conf", "location = \"/actors/old.html\" { return 301 \"/actors/new.html\"; }\n"),
        ("apache", ".htaccess", "Redirect 301 \"/actors/old.html\" \"/actors/new.html\"\n"),
        ("s3", ".hosting/s3-website.json", "\"KeyPrefixEquals\": \"actors/old.html\""),
    ] {
        let site = hosted(host, "https://dossier.example/").site();
        assert!(text(&site, path).contains(rule), "{host}: {}", text(&site, path));
        assert!(site.contains_key("actors/old.html"), "{host}");
    }
}

#[test]
fn what_was_taken_down_is_told_to_the_host_by_its_address_and_is_no_leak() {
    for host in ["netlify", "nginx", "apache"] {
        let folder = hosted(host, "https://dossier.example/").on_disk();
        folder.build();
        let site = folder.site();
        let told: Vec<&str> = site
            .iter()
            .filter(|(path, bytes)| {
                let text = String::from_utf8_lossy(bytes);
                path.as_str() != ".dossier-manifest" && text.to_lowercase().contains("leaflet")
            })
            .map(|(path, _)| path.as_str())
            .collect();
        assert_eq!(told.len(), 1, "{host}: {told:?}");
    }
    let folder = hosted("cloudflare-pages", "https://dossier.example/").on_disk();
    folder.build();
    assert!(!text(&folder.site(), "_redirects").contains("leaflet"), "it cannot say that something is gone");
}

#[test]
fn a_policy_allows_what_the_site_has_and_nothing_from_elsewhere() {
    let policy = |dossier: Dossier| {
        let headers = text(&dossier.site(), "_headers");
        let line = headers.lines().find(|line| line.contains("Content-Security-Policy")).unwrap();
        line.trim().trim_start_matches("Content-Security-Policy: ").to_owned()
    };
    let bare = || hosted("netlify", "http://dossier.example/");
    assert_eq!(
        policy(bare()),
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; base-uri 'self'; frame-ancestors 'none'"
    );
    assert!(policy(hosted("netlify", "https://dossier.example/")).ends_with("; upgrade-insecure-requests"));
    for (file, bytes, part) in [
        ("static/find.js", "find()", "; script-src 'self'; connect-src 'self'; form-action 'self';"),
        ("static/sans.woff2", "font", "; font-src 'self';"),
        ("static/own.css", "a{background:url(data:image/svg+xml,x)}", "; img-src 'self' data:;"),
        ("static/own.css", "@font-face{src:url(data:font/woff2;base64,x)}", "; font-src 'self' data:;"),
        ("static/talk.mp3", "sound", "; media-src 'self';"),
        ("static/app.webmanifest", "{}", "; manifest-src 'self';"),
    ] {
        let policy = policy(bare().file(file, bytes));
        assert!(policy.contains(part), "{file}: {policy}");
        assert!(policy.starts_with("default-src 'none'; ") && !policy.contains("unsafe"), "{file}: {policy}");
    }
}

#[test]
fn tls_is_asked_for_only_where_the_address_says_that_it_is_spoken() {
    let headers = |base_url| text(&hosted("netlify", base_url).site(), "_headers");
    assert!(headers("https://dossier.example/").contains("  Strict-Transport-Security: max-age=31536000\n"));
    let plain = headers("http://dossier.example/");
    assert!(!plain.contains("Strict-Transport-Security") && !plain.contains("upgrade-insecure-requests"), "{plain}");
}

#[test]
fn a_file_of_ones_own_is_taken_as_it_is_and_that_is_said() {
    let own = "/*\n  X-Own: yes\n";
    let dossier = hosted("netlify", "https://dossier.example/").file("static/_headers", own);
    assert_eq!(text(&dossier.site(), "_headers"), own);
    assert_eq!(for_the_host(&dossier), ["_redirects"]);
    assert_eq!(
        dossier.findings(),
        "own-host-file `static/_headers` stands in place of what a build writes for Netlify\n"
    );
    // To another host such a file says nothing.
    let elsewhere = hosted("apache", "https://dossier.example/").file("static/_headers", own);
    assert_eq!(elsewhere.findings(), "");
}
