//! From a request to an answer: what static hosts do with a site, on the site of this moment.

use std::io::{self, Seek, SeekFrom};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use hyper::header::{HeaderValue, LOCATION};
use hyper::{Method, Request, Response, StatusCode};

use super::body::Body;
use super::desk::{Desk, Page};
use super::guard::{ALLOW, Guard, security_headers};
use super::path::{Found, decode, encode, find};
use super::response::{Content, Payload, Source, respond};
use super::rules::Redirected;
use super::sent::Opened;
use super::snapshot::{Good, Snapshot, printed, short_hash};
use super::{insert, live};
use crate::leak::Stage;
use crate::plan::Route;
use crate::read::identity;
use crate::redact::{Attachment, Copied};
use crate::render;
use crate::text::media_type;

/// The folder, below the base path, of what belongs to the preview and not to the site.
const OWN: &str = "_dossier/";

/// The page for what is not there.
const NOT_FOUND: &str = "404.html";

const SCRIPT: &str = include_str!("client/preview.js");
const STYLE: &str = include_str!("client/preview.css");

/// Answers a request.
pub(super) async fn answer<B>(desk: &Arc<Desk>, guard: &Guard, request: &Request<B>) -> Response<Body> {
    let mut response = match guard.check(request.method(), request.headers(), request.uri()) {
        Err(refusal) => plain(request, refusal.status(), &refusal.to_string()),
        Ok(()) => match decode(request.uri().path()) {
            Err(bad) => plain(request, StatusCode::BAD_REQUEST, &format!("this address cannot be: {bad}")),
            Ok(path) => route(desk, request, &path).await,
        },
    };
    for (name, value) in security_headers() {
        response.headers_mut().entry(name).or_insert(value);
    }
    if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        response.headers_mut().insert(hyper::header::ALLOW, HeaderValue::from_static(ALLOW));
    }
    response
}

async fn route<B>(desk: &Arc<Desk>, request: &Request<B>, path: &str) -> Response<Body> {
    let Some(below) = path.strip_prefix(desk.base_path.as_str()) else {
        if path == "/" || format!("{path}/") == desk.base_path {
            return moved(request, StatusCode::FOUND, &desk.base_path);
        }
        let message = format!("the site stands below {}", desk.base_path);
        return plain(request, StatusCode::NOT_FOUND, &message);
    };
    let host = request.headers().get(hyper::header::HOST).and_then(|host| host.to_str().ok());
    let host = host.or_else(|| request.uri().authority().map(|authority| authority.as_str())).unwrap_or_default();
    let base = format!("http://{host}{}", desk.base_path);
    if let Some(own) = below.strip_prefix(OWN) {
        return own_answer(desk, request, own, &base).await;
    }
    let snapshot = desk.now().await;
    let visit = Visit { desk, request, snapshot: &snapshot, base: &base };
    match snapshot.site.as_deref() {
        Some(good) => visit.look_up(good, below),
        None => visit.no_site(below),
    }
}

/// What belongs to the preview itself.
async fn own_answer<B>(desk: &Arc<Desk>, request: &Request<B>, own: &str, base: &str) -> Response<Body> {
    let own_file = |text: &'static str, name: &str| {
        content(request, StatusCode::OK, Bytes::from_static(text.as_bytes()), &media_type(name), &short_hash(text))
    };
    let page = || query(request.uri().query().unwrap_or_default(), "path").unwrap_or_default();
    match own {
        "preview.js" => own_file(SCRIPT, own),
        "preview.css" => own_file(STYLE, own),
        "events" if request.method() == Method::GET => {
            let body = live::events(Arc::clone(desk), page(), base.to_owned());
            let mut response = Response::new(body);
            let headers = response.headers_mut();
            headers.insert(hyper::header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
            headers.insert(hyper::header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            response
        }
        "block" => {
            let snapshot = desk.now().await;
            let path = page();
            let began = Instant::now();
            let page = Page::look(&snapshot, &path);
            let took = began.elapsed();
            let html = page.block(desk, &snapshot, base).html(Some(took));
            content(request, StatusCode::OK, Bytes::from(html.clone()), &media_type("x.html"), &short_hash(&html))
        }
        _ => plain(request, StatusCode::NOT_FOUND, "the preview has nothing of this name"),
    }
}

/// A request for something of the site, and the moment that it is answered from.
struct Visit<'a, B> {
    desk: &'a Desk,
    request: &'a Request<B>,
    snapshot: &'a Snapshot,
    /// The address of the site in this preview.
    base: &'a str,
}

impl<B> Visit<'_, B> {
    /// Finds the file for a path below that of the site, as hosts do.
    fn look_up(&self, good: &Good, below: &str) -> Response<Body> {
        let routes = &good.renderer.site().plan.routes;
        let exists = |path: &str| routes.contains_key(path);
        let stands = |path: &str| matches!(find(path.trim_start_matches('/'), exists), Found::File(_));
        if let Some(Redirected { to, status }) = good.redirects.find(&format!("/{below}"), stands) {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::FOUND);
            match to.strip_prefix('/') {
                Some(inner) if status.is_redirection() => {
                    return moved(self.request, status, &format!("{}{inner}", self.desk.base_path));
                }
                None if status.is_redirection() => return moved(self.request, status, &to),
                _ => {
                    let target = to.split(['?', '#']).next().unwrap_or_default();
                    let inner = decode(target).map(|path| path.trim_start_matches('/').to_owned());
                    if let Some(Found::File(file)) = inner.ok().map(|inner| find(&inner, exists)) {
                        return with_headers(self.file(good, &file, status), good, below);
                    }
                }
            }
        }
        let response = match find(below, exists) {
            Found::File(file) => self.file(good, &file, StatusCode::OK),
            Found::MoveTo(to) => {
                let to = format!("{}{}", self.desk.base_path, encode(&to));
                moved(self.request, StatusCode::MOVED_PERMANENTLY, &to)
            }
            Found::Missing => self.missing(good, below),
        };
        with_headers(response, good, below)
    }

    /// A file of the site.
    fn file(&self, good: &Good, path: &str, status: StatusCode) -> Response<Body> {
        let site = good.renderer.site();
        let Some(route) = site.plan.routes.get(path) else { return self.missing(good, path) };
        match route {
            Route::Attachment(at) => self.attachment(good, &site.dossier.attachments[*at as usize], path),
            _ if path.ends_with(".html") => self.page(path, status),
            _ => match good.renderer.render(path, route) {
                Ok(render::Page::Bytes(bytes)) => {
                    if let Some(finding) = good.leak(path, route, &bytes, self.snapshot) {
                        return plain(
                            self.request,
                            StatusCode::INTERNAL_SERVER_ERROR,
                            &printed(&finding, self.snapshot),
                        );
                    }
                    let hash = short_hash(&bytes);
                    content(self.request, status, Bytes::from(bytes), &media_type(path), &hash)
                }
                Ok(render::Page::Copy(_)) => plain(self.request, StatusCode::NOT_FOUND, "there is no such file"),
                Err(finding) => plain(self.request, StatusCode::INTERNAL_SERVER_ERROR, &finding.message),
            },
        }
    }

    /// A file beside the records, which is copied by a build and read as it is wanted here.
    fn attachment(&self, good: &Good, attachment: &Attachment, path: &str) -> Response<Body> {
        let request = self.request;
        // The disk may be slow, as on a network; others are answered meanwhile.
        let looked_through: io::Result<_> = tokio::task::block_in_place(|| {
            let opened = self.desk.sent.open(attachment)?;
            let mut leaks = good.scan.paths(std::iter::once(path));
            match &opened.copied {
                Copied::Picture(bytes) => leaks.extend(good.scan.bytes(path, Stage::Attachment, bytes)),
                Copied::File(file, _) => {
                    // It has been read through to know its content.
                    let mut file = file;
                    file.seek(SeekFrom::Start(0))?;
                    leaks.extend(good.scan.file(path, Stage::Attachment, file)?);
                }
                Copied::Refused(_) => {}
            }
            Ok((opened, leaks))
        });
        let opened = match looked_through {
            Ok((opened, leaks)) => match good.told(&leaks, self.snapshot) {
                None => Ok(opened),
                Some(finding) => {
                    return plain(request, StatusCode::INTERNAL_SERVER_ERROR, &printed(&finding, self.snapshot));
                }
            },
            Err(error) => Err(error),
        };
        match opened {
            Ok(Opened { copied: Copied::Picture(bytes), hash }) => {
                content(request, StatusCode::OK, Bytes::from(bytes), &media_type(path), &short_hash(&(path, hash)))
            }
            Ok(Opened { copied: Copied::Refused(fault), .. }) => {
                plain(request, StatusCode::INTERNAL_SERVER_ERROR, &format!("this file {fault}, and is not published"))
            }
            Ok(Opened { copied: Copied::File(file, metadata), hash }) => {
                let etag = hash.map_or_else(
                    || short_hash(&(path, metadata.len(), metadata.modified().ok(), identity(&metadata))),
                    |hash| short_hash(&(path, hash)),
                );
                let source = Source::File { path: attachment.on_disk.clone(), length: metadata.len() };
                let content = Content { source, media_type: media_type(path), etag };
                let response = respond(request.method(), request.headers(), StatusCode::OK, &content);
                // What was looked at is what is sent, even if another file has that path by now.
                response.map(|payload| match payload {
                    Payload::File { start, length, .. } => Body::file(file, start, length),
                    other => Body::of(other),
                })
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                plain(request, StatusCode::NOT_FOUND, "this file has just gone")
            }
            Err(error) => {
                plain(request, StatusCode::INTERNAL_SERVER_ERROR, &format!("this file cannot be read: {error}"))
            }
        }
    }

    /// A page of the site; the last good one when it cannot be rendered now.
    fn page(&self, path: &str, status: StatusCode) -> Response<Body> {
        let began = Instant::now();
        let page = Page::look(self.snapshot, path);
        let took = began.elapsed();
        match &page.bytes {
            Ok(bytes) => {
                self.desk.last_good.keep(path, self.snapshot.revision, bytes);
                self.with_block(&page, bytes, status, took)
            }
            // What may have been shown then need not be what may be shown now.
            Err(_) => match self.desk.last_good.get(path).filter(|bytes| self.may_show(path, bytes)) {
                Some(bytes) => self.with_block(&page, &bytes, status, took),
                None => {
                    let bytes = bare_page("This page cannot be rendered");
                    self.with_block(&page, &bytes, StatusCode::INTERNAL_SERVER_ERROR, took)
                }
            },
        }
    }

    /// Whether a page that was shown before gives nothing away.
    fn may_show(&self, path: &str, bytes: &[u8]) -> bool {
        let good = self.snapshot.site.as_deref();
        good.is_some_and(|good| good.leak(path, &Route::NotFound, bytes, self.snapshot).is_none())
    }

    /// The page for what is not there, as hosts show it.
    fn missing(&self, good: &Good, path: &str) -> Response<Body> {
        let began = Instant::now();
        let site = good.renderer.site();
        let route = site.plan.routes.get(NOT_FOUND);
        let rendered = route.map(|route| good.renderer.render(NOT_FOUND, route));
        let took = began.elapsed();
        let bytes = match rendered {
            Some(Ok(render::Page::Bytes(bytes))) => Some(bytes),
            _ => None,
        };
        let Some(bytes) = bytes.filter(|bytes| self.may_show(NOT_FOUND, bytes)) else {
            let message = "there is no such page, and the page that says so cannot be rendered";
            return plain(self.request, StatusCode::NOT_FOUND, message);
        };
        // Such a page can stand at any depth, so it names the address of the site; here that is this preview.
        let bytes = match site.dossier.settings.base_url() {
            Some(url) => {
                let (from, to) = (format!("<base href=\"{url}\">"), format!("<base href=\"{}\">", self.base));
                String::from_utf8_lossy(&bytes).replacen(&from, &to, 1).into_bytes()
            }
            None => bytes,
        };
        self.with_block(&Page::none(path), &bytes, StatusCode::NOT_FOUND, took)
    }

    /// What is shown while there has been no site without errors yet.
    fn no_site(&self, path: &str) -> Response<Body> {
        let bytes = bare_page("There is no page to show yet");
        self.with_block(&Page::none(path), &bytes, StatusCode::SERVICE_UNAVAILABLE, Duration::ZERO)
    }

    /// Answers with a page and the preview's block in it.
    fn with_block(&self, page: &Page<'_>, bytes: &[u8], status: StatusCode, took: Duration) -> Response<Body> {
        let block = page.block(self.desk, self.snapshot, self.base);
        let inner = block.whole(self.snapshot, page.about(), &self.desk.viewer(self.base), took);
        let whole = insert::insert(bytes, &inner);
        // The time that it took has no part in the name: the same page is the same, however long it took.
        let hash = short_hash(&(bytes, &page.hash, self.snapshot.revision, &self.desk.run, block.hash(), self.base));
        content(self.request, status, Bytes::from(whole), &media_type("x.html"), &hash)
    }
}

/// An answer with the headers that the dossier wants for the path that was asked for.
fn with_headers(mut response: Response<Body>, good: &Good, below: &str) -> Response<Body> {
    for (name, value) in good.headers.for_path(&format!("/{below}")) {
        // Cookies are the one header whose values stand apart.
        if name == hyper::header::SET_COOKIE {
            response.headers_mut().append(name, value);
        } else {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

fn bare_page(title: &str) -> Vec<u8> {
    format!("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n</head>\n<body>\n<h1>{title}</h1>\n</body>\n</html>\n").into_bytes()
}

fn content<B>(request: &Request<B>, status: StatusCode, bytes: Bytes, media_type: &str, hash: &str) -> Response<Body> {
    let content = Content { source: Source::Memory(bytes), media_type: media_type.to_owned(), etag: hash.to_owned() };
    answer_with(request, status, &content)
}

fn answer_with<B>(request: &Request<B>, status: StatusCode, content: &Content) -> Response<Body> {
    respond(request.method(), request.headers(), status, content).map(Body::of)
}

fn moved<B>(request: &Request<B>, status: StatusCode, to: &str) -> Response<Body> {
    let mut response = plain(request, status, "this page has moved");
    match HeaderValue::from_str(to) {
        Ok(to) => {
            response.headers_mut().insert(LOCATION, to);
            response
        }
        Err(_) => plain(request, StatusCode::INTERNAL_SERVER_ERROR, "the address to go to cannot be written"),
    }
}

fn plain<B>(request: &Request<B>, status: StatusCode, message: &str) -> Response<Body> {
    let bytes = Bytes::from(format!("{message}\n"));
    let content = Content { source: Source::Memory(bytes), media_type: media_type("x.txt"), etag: short_hash(message) };
    let mut response = answer_with(request, status, &content);
    response.headers_mut().insert(hyper::header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A value of a query.
fn query(query: &str, name: &str) -> Option<String> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.into_iter().find(|(key, _)| *key == name)?;
    let value = value.replace('+', " ");
    Some(percent_encoding::percent_decode_str(&value).decode_utf8_lossy().into_owned())
}
