//! How requests reach a service: over the client that the program asks other hosts with.
//!
//! A request is made on the thread that waits for it. What is no success is turned into a [`Trouble`] here, but for the answers that
//! the store must understand by itself: nothing there, something there, not what was expected.

use std::io::{self, Read};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http_body_util::BodyExt;
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService,
};
use ureq::config::AutoHeaderValue;
use ureq::http::header::{CONTENT_LENGTH, RETRY_AFTER};
use ureq::http::{Method, Request, Response};
use ureq::{Agent, Body, Proxy, SendBody};

use super::super::lease::Lease;
use super::trouble::Trouble;
use crate::external::tls;

const USER_AGENT: &str = concat!("dossier/", env!("CARGO_PKG_VERSION"));

/// How much of what comes and of what goes each connection keeps, in bytes.
const BUFFER: usize = 32 << 10;

/// How long connecting may take, and to what tells machines of a service who they are, which is near or not there at all.
const CONNECT: Duration = Duration::from_secs(10);
const CONNECT_NEARBY: Duration = Duration::from_secs(1);
/// How long an answer may take beside the time for the body.
const ANSWER: Duration = Duration::from_secs(20);
/// The slowest line on which a body still arrives, in bytes per second.
const SLOWEST: u64 = 32 << 10;
/// How much of an answer is read that is no success.
const SAID: u64 = 16 << 10;
/// The longest answer of all: the list of some million files, from a service that gives no part of it.
const LONGEST: u64 = 1 << 30;
/// The longest pause that a service may ask for.
const LONGEST_WAIT: u64 = 30;

/// Makes connections to services.
#[derive(Clone, Debug)]
pub(super) struct Wire {
    /// For what is encrypted, and for what is not, which may go through different proxies.
    secure: Agent,
    plain: Agent,
}

impl Wire {
    /// `at_once` is how many requests are made at a time.
    pub(super) fn new(at_once: usize) -> Wire {
        let agent = |proxies: &[&str]| {
            let config = Agent::config_builder()
                .tls_config(tls())
                .proxy(proxy(proxies, &|name| std::env::var(name).ok()))
                .user_agent(USER_AGENT)
                .accept_encoding(AutoHeaderValue::None)
                .http_status_as_error(false)
                .allow_non_standard_methods(true)
                .max_redirects(0)
                .max_redirects_will_error(false)
                .max_idle_connections(at_once)
                .max_idle_connections_per_host(at_once)
                .input_buffer_size(BUFFER)
                .output_buffer_size(BUFFER)
                .build();
            Agent::new_with_config(config)
        };
        Wire {
            secure: agent(&["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]),
            plain: agent(&["http_proxy", "ALL_PROXY", "all_proxy"]),
        }
    }

    fn ask(&self, request: Request<Bytes>, lease: Option<Arc<Lease>>) -> Result<Response<Bytes>, Trouble> {
        let host = request.uri().host().unwrap_or_default().to_owned();
        let agent = if request.uri().scheme_str() == Some("http") { &self.plain } else { &self.secure };
        let is_nearby = host.starts_with("169.254.") || host == "metadata";
        let (parts, bytes) = request.into_parts();
        let is_head = parts.method == Method::HEAD;
        let length = bytes.len() as u64;
        let body = match bytes.is_empty() && !matches!(parts.method, Method::PUT | Method::POST) {
            true => SendBody::none(),
            false => SendBody::from_owned_reader(Sending { bytes, lease }),
        };
        let mut request = Request::from_parts(parts, body);
        if matches!(*request.method(), Method::PUT | Method::POST) {
            // Else it would be sent in pieces, which not every service takes.
            request.headers_mut().entry(CONTENT_LENGTH).or_insert(length.into());
        }
        let request = agent
            .configure_request(request)
            .timeout_connect(Some(if is_nearby { CONNECT_NEARBY } else { CONNECT }))
            .timeout_recv_response(Some(ANSWER))
            .timeout_global(Some(ANSWER + CONNECT + Duration::from_secs(length / SLOWEST)))
            .build();
        let silent = |error: &ureq::Error| Trouble::silence(&host, error);
        let answer = agent.run(request).map_err(|error| silent(&error))?;
        let status = answer.status().as_u16();
        if answer.status().is_success() {
            let (mut parts, mut body) = answer.into_parts();
            let bytes = if is_head { Vec::new() } else { read(&mut body, LONGEST).map_err(|error| silent(&error))? };
            if !is_head {
                // It is not told of an answer that came in pieces, or was unpacked on its way, and the store asks for it.
                parts.headers.entry(CONTENT_LENGTH).or_insert(bytes.len().into());
            }
            return Ok(Response::from_parts(parts, bytes.into()));
        }
        let header = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let code = header("x-ms-error-code");
        let wait = header(RETRY_AFTER.as_str()).and_then(|seconds| seconds.trim().parse::<u64>().ok());
        let wait = wait.map(|seconds| Duration::from_secs(seconds.min(LONGEST_WAIT)));
        let (parts, mut body) = answer.into_parts();
        // What is said beside the number is not needed to know that it failed.
        let said = if is_head { Vec::new() } else { read(&mut body, SAID).unwrap_or_default() };
        let trouble = Trouble::answer(&host, status, code.as_deref(), &String::from_utf8_lossy(&said), wait);
        let is_no_bucket =
            matches!(&trouble, Trouble::Answer { code, .. } if code == "NoSuchBucket" || code == "ContainerNotFound");
        match status {
            304 | 404 | 412 if !is_no_bucket => Ok(Response::from_parts(parts, said.into())),
            409 if !is_no_bucket && !trouble.may_pass() => Ok(Response::from_parts(parts, said.into())),
            _ => Err(trouble),
        }
    }
}

/// The proxy that the first of these names in the environment, as other programs read it, but for the hosts that it is not for.
fn proxy(names: &[&str], environment: &dyn Fn(&str) -> Option<String>) -> Option<Proxy> {
    let set = |name: &&str| environment(name).filter(|value| !value.is_empty());
    let named = Proxy::new(&names.iter().find_map(set)?).ok()?;
    let mut proxy = Proxy::builder(named.protocol()).host(named.host()).port(named.port());
    if let Some(user) = named.username() {
        proxy = proxy.username(user);
    }
    if let Some(password) = named.password() {
        proxy = proxy.password(password);
    }
    let not_for = ["NO_PROXY", "no_proxy"].iter().find_map(set).unwrap_or_default();
    not_for.split(',').fold(proxy, |proxy, host| proxy.no_proxy(host.trim())).build().ok()
}

fn read(body: &mut Body, limit: u64) -> Result<Vec<u8>, ureq::Error> {
    let mut bytes = Vec::new();
    body.as_reader().take(limit).read_to_end(&mut bytes).map_err(ureq::Error::from)?;
    Ok(bytes)
}

/// A body that is sent for as long as the claim is good.
struct Sending {
    bytes: Bytes,
    lease: Option<Arc<Lease>>,
}

impl Read for Sending {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.lease.as_ref().is_some_and(|lease| !lease.is_good()) {
            return Err(io::Error::other(Trouble::Lapsed));
        }
        let count = self.bytes.len().min(buffer.len());
        buffer[..count].copy_from_slice(&self.bytes.split_to(count));
        Ok(count)
    }
}

impl HttpConnector for Wire {
    fn connect(&self, _options: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

#[async_trait]
impl HttpService for Wire {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let (parts, body) = request.into_parts();
        let lease = parts.extensions.get::<Arc<Lease>>().cloned();
        let bytes = body.collect().await?.to_bytes();
        let answer = self.ask(Request::from_parts(parts, bytes), lease).map_err(|trouble| {
            // The kind tells whether the store may ask again by itself.
            let kind = if trouble.may_pass() { HttpErrorKind::Connect } else { HttpErrorKind::Unknown };
            HttpError::new(kind, trouble)
        })?;
        Ok(answer.map(Into::into))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_address_has_the_proxy_that_is_set_for_it() {
        let environment = |name: &str| {
            let value = match name {
                "HTTPS_PROXY" => "http://somebody:pass%40word@secure.example:3128",
                "http_proxy" => "plain.example:8080",
                "NO_PROXY" => "localhost, .internal.example",
                _ => return None,
            };
            Some(value.to_owned())
        };
        let secure = proxy(&["HTTPS_PROXY", "ALL_PROXY"], &environment).unwrap();
        assert_eq!((secure.host(), secure.port()), ("secure.example", 3128));
        assert_eq!((secure.username(), secure.password()), (Some("somebody"), Some("pass@word")));
        let plain = proxy(&["http_proxy", "ALL_PROXY"], &environment).unwrap();
        assert_eq!((plain.host(), plain.port()), ("plain.example", 8080));
        for (address, is_direct) in
            [("https://a.internal.example/", true), ("https://localhost/", true), ("https://a.example/", false)]
        {
            assert_eq!(secure.is_no_proxy(&address.parse().unwrap()), is_direct, "{address}");
        }
        assert_eq!(proxy(&["ALL_PROXY"], &environment), None);
    }
}
