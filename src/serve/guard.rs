//! Who may be answered: only a browser that was pointed at the preview itself.
//!
//! Any page on the web can make a browser send requests to this machine, under a name of its own that it has resolve to
//! here (DNS rebinding) or across sites. Both show in the head of the request. This is no protection against programs on
//! this machine, nor against those who can reach an address that was bound for them.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use http::header::{HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN};
use http::header::{REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS};
use http::uri::Scheme;
use http::{Method, StatusCode, Uri};

/// The methods that are answered, for the `Allow` of a refusal with 405.
pub(crate) const ALLOW: &str = "GET, HEAD";

/// The addresses under which the preview answers.
#[derive(Clone, Debug)]
pub(crate) struct Guard {
    reach: Reach,
    port: u16,
    /// Where to point a browser instead.
    address: String,
}

/// Why a request is not answered. Its text holds nothing of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It wants more than to read; the answer owes an `Allow` with [`ALLOW`].
    Method,
    /// It names no host, several, or something that is none.
    NoHost,
    /// Its target and its `Host` name different hosts.
    TwoHosts,
    /// A header that decides holds characters that are not visible ASCII.
    Unreadable,
    /// It asks for an address with another scheme than `http`.
    Scheme,
    /// It was sent to a name that is not the preview's.
    OtherHost {
        /// The address of the preview.
        open: String,
    },
    /// A page of another site sent it.
    OtherSite {
        /// The address of the preview.
        open: String,
    },
}

/// From where the preview can be reached.
#[derive(Clone, Debug)]
enum Reach {
    /// From this machine.
    Loopback,
    /// From the network, perhaps under a name.
    Network { name: Option<Host> },
}

/// A host without its port.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Host {
    Ip(IpAddr),
    /// In lower case and without a dot at its end.
    Name(String),
}

impl Guard {
    /// Guards the address that is bound; `typed` is the host that was asked for, when one was.
    pub(crate) fn new(bound: IpAddr, port: u16, typed: Option<&str>) -> Self {
        let name = typed.and_then(Host::parse).filter(|host| matches!(host, Host::Name(_)));
        let address = match &name {
            Some(Host::Name(name)) if !bound.is_loopback() => format!("http://{name}:{port}/"),
            // `0.0.0.0` is where to listen and not where to go.
            _ if bound.is_unspecified() => format!("http://localhost:{port}/"),
            _ => format!("http://{}/", SocketAddr::new(bound, port)),
        };
        let reach = if bound.is_loopback() { Reach::Loopback } else { Reach::Network { name } };
        Guard { reach, port, address }
    }

    /// Whether a request may be answered.
    pub(crate) fn check(&self, method: &Method, headers: &HeaderMap, uri: &Uri) -> Result<(), Refusal> {
        if method != Method::GET && method != Method::HEAD {
            return Err(Refusal::Method);
        }
        if uri.scheme().is_some_and(|scheme| *scheme != Scheme::HTTP) {
            return Err(Refusal::Scheme);
        }
        let written = self.check_host(headers, uri)?;
        self.check_origin(headers, written)?;
        self.check_fetch(headers)
    }

    /// Checks the host, and gives it as it was written.
    fn check_host<'a>(&self, headers: &'a HeaderMap, uri: &'a Uri) -> Result<&'a str, Refusal> {
        let in_header = only(headers, &HOST, Refusal::NoHost)?;
        let in_target = uri.authority().map(http::uri::Authority::as_str);
        let written = in_header.or(in_target).ok_or(Refusal::NoHost)?;
        let (host, port) = split(written).ok_or(Refusal::NoHost)?;
        if in_target.is_some_and(|target| split(target).as_ref() != Some(&(host.clone(), port))) {
            return Err(Refusal::TwoHosts);
        }
        if port != self.port || !self.reach.includes(&host) {
            return Err(Refusal::OtherHost { open: self.address.clone() });
        }
        Ok(written)
    }

    fn check_origin(&self, headers: &HeaderMap, host: &str) -> Result<(), Refusal> {
        match only(headers, &ORIGIN, self.other_site())? {
            Some(origin) if origin.strip_prefix("http://") != Some(host) => Err(self.other_site()),
            _ => Ok(()),
        }
    }

    /// Lets other sites link to the preview, and not embed, fetch or prefetch it.
    fn check_fetch(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let value = |name| only(headers, &HeaderName::from_static(name), self.other_site());
        let (site, mode, dest) = (value("sec-fetch-site")?, value("sec-fetch-mode")?, value("sec-fetch-dest")?);
        match (site, mode, dest) {
            (None | Some("none" | "same-origin"), _, _) | (_, Some("navigate"), Some("document")) => Ok(()),
            _ => Err(self.other_site()),
        }
    }

    fn other_site(&self) -> Refusal {
        Refusal::OtherSite { open: self.address.clone() }
    }
}

/// The headers that every answer carries, so that other sites cannot read, embed or reinterpret it.
pub(crate) fn security_headers() -> [(HeaderName, HeaderValue); 5] {
    [
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
        (X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN")),
        (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
        (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    ]
}

impl Refusal {
    /// The status of the answer.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Refusal::Method => StatusCode::METHOD_NOT_ALLOWED,
            Refusal::NoHost | Refusal::TwoHosts | Refusal::Unreadable => StatusCode::BAD_REQUEST,
            Refusal::Scheme => StatusCode::MISDIRECTED_REQUEST,
            Refusal::OtherHost { .. } | Refusal::OtherSite { .. } => StatusCode::FORBIDDEN,
        }
    }
}

impl Reach {
    fn includes(&self, host: &Host) -> bool {
        match (host, self) {
            // Nobody else can have these names resolve to here: they never leave the machine.
            (Host::Name(name), _) if name == "localhost" || name.ends_with(".localhost") => true,
            (Host::Ip(ip), Reach::Loopback) => ip.to_canonical().is_loopback(),
            // A number needs no resolving, and so cannot be rebound.
            (Host::Ip(_), Reach::Network { .. }) => true,
            (Host::Name(_), Reach::Loopback) => false,
            (Host::Name(_), Reach::Network { name }) => name.as_ref() == Some(host),
        }
    }
}

impl Host {
    fn parse(text: &str) -> Option<Self> {
        let bracketed = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
        if let Some(ip) = bracketed.and_then(|text| text.parse::<Ipv6Addr>().ok()) {
            return Some(Host::Ip(ip.into()));
        }
        let name = text.strip_suffix('.').unwrap_or(text);
        if let Ok(ip) = name.parse() {
            return Some(Host::Ip(IpAddr::V4(ip)));
        }
        let is_label = |label: &str| {
            !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        };
        name.split('.').all(is_label).then(|| Host::Name(name.to_ascii_lowercase()))
    }
}

/// The host and the port of an authority without user; 80 is the port that need not be written.
fn split(authority: &str) -> Option<(Host, u16)> {
    let after_brackets = authority.rfind(']').map_or(0, |end| end + 1);
    match authority[after_brackets..].find(':') {
        None => Some((Host::parse(authority)?, 80)),
        Some(colon) => {
            let (host, port) = authority.split_at(after_brackets + colon);
            let digits = port[1..].bytes().all(|byte| byte.is_ascii_digit()).then_some(&port[1..])?;
            Some((Host::parse(host)?, digits.parse().ok()?))
        }
    }
}

/// The value of a header that may stand there once; `twice` when it stands there again.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName, twice: Refusal) -> Result<Option<&'a str>, Refusal> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().map(|value| value.to_str().map_err(|_| Refusal::Unreadable)).transpose()?;
    if values.next().is_some() { Err(twice) } else { Ok(value) }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Method => f.write_str("the preview only shows pages; ask with `GET` or `HEAD`"),
            Refusal::NoHost => f.write_str("the request does not name one host; send one `Host` header"),
            Refusal::TwoHosts => {
                f.write_str("the request names two hosts; name the same one in its target and in `Host`")
            }
            Refusal::Unreadable => f.write_str("a header holds characters that are not visible ASCII; leave them out"),
            Refusal::Scheme => f.write_str("the preview speaks plain HTTP only; open its address with `http://`"),
            Refusal::OtherHost { open } => {
                write!(f, "the preview answers only under its own address; open {open}")
            }
            Refusal::OtherSite { open } => {
                write!(f, "the preview does not answer pages of other sites; open {open}")
            }
        }
    }
}

impl std::error::Error for Refusal {}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn map(headers: &[(&'static str, &str)]) -> HeaderMap {
        let value = |text: &str| HeaderValue::from_bytes(text.as_bytes()).unwrap();
        headers.iter().map(|(name, text)| (HeaderName::from_static(name), value(text))).collect()
    }

    /// The status of the answer to a request for `/`, 200 when it is not refused.
    fn status(guard: &Guard, headers: &[(&'static str, &str)]) -> u16 {
        let checked = guard.check(&Method::GET, &map(headers), &Uri::from_static("/"));
        checked.map_or_else(|refusal| refusal.status().as_u16(), |()| 200)
    }

    fn guard(bound: &str, port: u16, typed: Option<&str>) -> Guard {
        Guard::new(bound.parse().unwrap(), port, typed)
    }

    fn local() -> Guard {
        guard("127.0.0.1", 4000, None)
    }

    #[test]
    fn on_loopback_only_names_of_this_machine_are_answered() {
        for (host, expected) in [
            ("localhost:4000", 200),
            ("LocalHost.:4000", 200),
            ("my.localhost:4000", 200),
            ("127.0.0.1:4000", 200),
            ("127.8.9.1:4000", 200),
            ("[::1]:4000", 200),
            ("[::ffff:127.0.0.1]:4000", 200),
            ("localhost", 403),
            ("localhost:4001", 403),
            ("evil.example:4000", 403),
            ("localhost.evil.example:4000", 403),
            ("notlocalhost:4000", 403),
            ("192.168.1.7:4000", 403),
            ("0.0.0.0:4000", 403),
            ("127.1:4000", 403),
            ("2130706433:4000", 403),
            ("[::2]:4000", 403),
            ("", 400),
            (".localhost:4000", 400),
            ("localhost..:4000", 400),
            ("localhost:", 400),
            ("localhost:+4000", 400),
            ("localhost:99999", 400),
            ("user@localhost:4000", 400),
            ("localhost:4000/", 400),
            ("[::1:4000", 400),
            ("[::1]x:4000", 400),
            ("]:4000", 400),
            ("localhost:4000, localhost:4000", 400),
            ("l\u{f6}calhost:4000", 400),
        ] {
            assert_eq!(status(&local(), &[("host", host)]), expected, "{host}");
        }
    }

    #[test]
    fn on_the_network_numbers_and_the_typed_name_are_answered_too() {
        for (typed, host, expected) in [
            (None, "192.168.1.7:4000", 200),
            (None, "[fe80::1]:4000", 200),
            (None, "localhost:4000", 200),
            (None, "desk.example:4000", 403),
            (Some("Desk.Example."), "desk.example:4000", 200),
            (Some("desk.example"), "DESK.example.:4000", 200),
            (Some("desk.example"), "a.desk.example:4000", 403),
            (Some("192.168.1.7"), "desk.example:4000", 403),
            (Some("not a name"), "not:4000", 403),
        ] {
            assert_eq!(status(&guard("0.0.0.0", 4000, typed), &[("host", host)]), expected, "{typed:?} {host}");
        }
    }

    #[test]
    fn only_port_80_need_not_be_written() {
        for (host, expected) in [("localhost", 200), ("localhost:80", 200), ("localhost:4000", 403)] {
            assert_eq!(status(&guard("::1", 80, None), &[("host", host)]), expected, "{host}");
        }
    }

    #[test]
    fn the_host_is_named_once() {
        assert_eq!(status(&local(), &[]), 400);
        assert_eq!(status(&local(), &[("host", "localhost:4000"), ("host", "localhost:4000")]), 400);
    }

    #[test]
    fn a_target_with_a_host_agrees_with_the_header() {
        for (target, headers, expected) in [
            ("http://localhost:4000/", vec![], Ok(())),
            ("http://LOCALHOST:4000/", vec![("host", "localhost:4000")], Ok(())),
            ("http://127.0.0.1:4000/", vec![("host", "localhost:4000")], Err(400)),
            ("http://localhost:4001/", vec![("host", "localhost:4000")], Err(400)),
            ("http://a@localhost:4000/", vec![("host", "localhost:4000")], Err(400)),
            ("http://evil.example:4000/", vec![], Err(403)),
            ("https://localhost:4000/", vec![("host", "localhost:4000")], Err(421)),
        ] {
            let checked = local().check(&Method::GET, &map(&headers), &target.parse().unwrap());
            assert_eq!(checked.map_err(|refusal| refusal.status().as_u16()), expected, "{target}");
        }
    }

    #[test]
    fn the_preview_is_only_read() {
        for (method, allowed) in
            [(Method::GET, true), (Method::HEAD, true), (Method::POST, false), (Method::OPTIONS, false)]
        {
            let checked = local().check(&method, &map(&[("host", "localhost:4000")]), &Uri::from_static("/"));
            assert_eq!(checked, if allowed { Ok(()) } else { Err(Refusal::Method) }, "{method}");
        }
    }

    #[test]
    fn an_origin_is_the_preview_itself() {
        for (origin, expected) in [
            ("http://localhost:4000", 200),
            ("https://localhost:4000", 403),
            ("http://localhost:4000/", 403),
            ("http://127.0.0.1:4000", 403),
            ("http://localhost", 403),
            ("null", 403),
            ("", 403),
            ("http://\u{e9}.example", 400),
        ] {
            assert_eq!(status(&local(), &[("host", "localhost:4000"), ("origin", origin)]), expected, "{origin}");
        }
        let twice = [("host", "localhost:4000"), ("origin", "http://localhost:4000"), ("origin", "null")];
        assert_eq!(status(&local(), &twice), 403);
    }

    #[test]
    fn other_sites_may_link_and_nothing_else() {
        for (site, mode, dest, expected) in [
            ("none", "navigate", "document", 200),
            ("same-origin", "cors", "empty", 200),
            ("cross-site", "navigate", "document", 200),
            ("same-site", "navigate", "document", 200),
            ("cross-site", "navigate", "iframe", 403),
            ("cross-site", "no-cors", "image", 403),
            ("same-site", "cors", "empty", 403),
            ("cross-site", "cors", "document", 403),
            ("something-new", "cors", "empty", 403),
            ("\u{e9}", "navigate", "document", 400),
        ] {
            let headers = [
                ("host", "localhost:4000"),
                ("sec-fetch-site", site),
                ("sec-fetch-mode", mode),
                ("sec-fetch-dest", dest),
            ];
            assert_eq!(status(&local(), &headers), expected, "{site} {mode} {dest}");
        }
        assert_eq!(status(&local(), &[("host", "localhost:4000"), ("sec-fetch-site", "cross-site")]), 403);
    }

    #[test]
    fn a_refusal_says_where_to_go() {
        for (bound, typed, open) in [
            ("127.0.0.1", None, "http://127.0.0.1:4000/"),
            ("127.0.0.1", Some("localhost"), "http://127.0.0.1:4000/"),
            ("::1", None, "http://[::1]:4000/"),
            ("0.0.0.0", None, "http://localhost:4000/"),
            ("192.168.1.7", Some("desk.example"), "http://desk.example:4000/"),
        ] {
            let headers = map(&[("host", "evil.example:4000")]);
            let refusal = guard(bound, 4000, typed).check(&Method::GET, &headers, &Uri::from_static("/")).unwrap_err();
            let text = format!("the preview answers only under its own address; open {open}");
            assert_eq!(refusal.to_string(), text);
        }
    }

    #[test]
    fn every_answer_forbids_other_sites_to_use_it() {
        let headers = HeaderMap::from_iter(security_headers());
        assert_eq!(headers.len(), 5);
        assert_eq!(headers["cross-origin-resource-policy"], "same-origin");
    }
}
