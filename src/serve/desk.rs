//! What requests share, and the page that one of them is about.

use std::collections::BTreeMap;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{oneshot, watch};

use super::engine::Event;
use super::panel::{About, Block, Editor, Viewer};
use super::path::{Found, find};
use super::sent::Sent;
use super::snapshot::{Good, Snapshot, short_hash};
use crate::diagnostic::Diagnostic;
use crate::plan::Route;
use crate::redact::{Audience, Policy};
use crate::render;

/// What all requests share.
pub(super) struct Desk {
    pub(super) asks: Sender<Event>,
    pub(super) moments: watch::Receiver<Arc<Snapshot>>,
    pub(super) base_path: String,
    pub(super) audience: Audience,
    pub(super) policy: Policy,
    pub(super) editor: Editor,
    /// The name of this run of the preview.
    pub(super) run: String,
    pub(super) last_good: LastGood,
    pub(super) sent: Arc<Sent>,
}

/// Pages as they were when they could be rendered last, for those whose template is broken now. Only what people looked at,
/// and only the newest of that.
#[derive(Default)]
pub(super) struct LastGood(Mutex<BTreeMap<String, (u64, Vec<u8>)>>);

impl LastGood {
    const MOST: usize = 64;

    pub(super) fn keep(&self, path: &str, revision: u64, bytes: &[u8]) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= Self::MOST && !kept.contains_key(path) {
            let oldest = kept.iter().min_by_key(|(_, (revision, _))| *revision).map(|(path, _)| path.clone());
            oldest.and_then(|path| kept.remove(&path));
        }
        kept.insert(path.to_owned(), (revision, bytes.to_vec()));
    }

    pub(super) fn get(&self, path: &str) -> Option<Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(path).map(|(_, bytes)| bytes.clone())
    }
}

/// A page of the site as it stands at a moment.
pub(super) struct Page<'a> {
    path: &'a str,
    route: Option<&'a Route>,
    /// What it holds; the finding says why it cannot be rendered, and there is none when it is no page.
    pub(super) bytes: Result<Vec<u8>, Option<Box<Diagnostic>>>,
    /// A name for its bytes; empty when there is no such page.
    pub(super) hash: String,
}

impl<'a> Page<'a> {
    /// A page that is not there.
    pub(super) fn none(path: &'a str) -> Self {
        Page { path, route: None, bytes: Err(None), hash: String::new() }
    }

    /// Renders the page of a path, by the same function as a build.
    pub(super) fn look(snapshot: &'a Snapshot, path: &'a str) -> Self {
        let Some((file, route, good)) = file_of(snapshot, path) else {
            return Page::none(path);
        };
        let bytes = match good.renderer.render(file, route) {
            Ok(render::Page::Bytes(bytes)) => match good.leak(file, route, &bytes, snapshot) {
                None => Ok(bytes),
                finding => Err(finding),
            },
            Ok(render::Page::Copy(_)) => Err(None),
            Err(finding) => Err(Some(finding)),
        };
        let hash = bytes.as_ref().map(short_hash).unwrap_or_default();
        Page { path, route: Some(route), bytes, hash }
    }

    pub(super) fn about(&self) -> About<'_> {
        let broken = self.bytes.as_ref().err().and_then(|finding| finding.as_deref());
        About { path: self.path, route: self.route, page: &self.hash, broken }
    }

    pub(super) fn block(&self, desk: &Desk, snapshot: &Snapshot, base: &str) -> Block {
        Block::new(snapshot, self.about(), &desk.viewer(base))
    }
}

/// The file that hosts show for a path, when there is one.
fn file_of<'a>(snapshot: &'a Snapshot, path: &str) -> Option<(&'a String, &'a Route, &'a Good)> {
    let good = snapshot.site.as_deref()?;
    let routes = &good.renderer.site().plan.routes;
    let exists = |path: &str| routes.contains_key(path);
    let file = match find(path, exists) {
        Found::File(file) => file,
        Found::MoveTo(to) => match find(&to, exists) {
            Found::File(file) => file,
            Found::MoveTo(_) | Found::Missing => return None,
        },
        Found::Missing => return None,
    };
    let (file, route) = routes.get_key_value(&file)?;
    Some((file, route, good))
}

impl Desk {
    pub(super) fn viewer<'a>(&'a self, base: &'a str) -> Viewer<'a> {
        Viewer { audience: self.audience, policy: self.policy, editor: &self.editor, base, run: &self.run }
    }

    /// The dossier as it is now.
    pub(super) async fn now(&self) -> Arc<Snapshot> {
        let (sender, receiver) = oneshot::channel();
        if self.asks.send(Event::Ask(sender)).is_ok()
            && let Ok(snapshot) = receiver.await
        {
            return snapshot;
        }
        // The engine has ended, and the preview is about to.
        Arc::clone(&self.moments.borrow())
    }
}
