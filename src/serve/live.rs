//! Telling browsers of changes: a stream of server-sent events, as the HTML standard has them, one for each page that is open.
//!
//! Each event says how the page and the files stand now. The browser compares that with what it has, so one that was away
//! for a while catches up with the first event it gets.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::json;
use tokio::sync::mpsc;

use super::body::Body;
use super::desk::{Desk, Page};
use super::snapshot::Snapshot;

/// How often a sign of life is sent, which also finds out who has gone.
const ALIVE: Duration = Duration::from_secs(15);

/// The stream of events for an open page.
pub(super) fn events(desk: Arc<Desk>, path: String, base: String) -> Body {
    let (sender, receiver) = mpsc::channel(4);
    tokio::spawn(async move {
        let mut moments = desk.moments.clone();
        // A preview that has just started has not looked at anything yet, and has nothing to tell.
        if moments.wait_for(|moment| moment.revision > 0).await.is_err() {
            return;
        }
        // When the connection is lost the browser tries again after this many milliseconds.
        let mut event = "retry: 400\n".to_owned();
        loop {
            let snapshot = Arc::clone(&moments.borrow_and_update());
            event.push_str(&state(&desk, &snapshot, &path, &base));
            if !send(&sender, &event).await {
                return;
            }
            event.clear();
            loop {
                match tokio::time::timeout(ALIVE, moments.changed()).await {
                    Ok(Ok(())) => break,
                    // The engine has ended, and the preview with it.
                    Ok(Err(_)) => return,
                    Err(_) if send(&sender, ": still here\n\n").await => {}
                    Err(_) => return,
                }
            }
        }
    });
    Body::Pieces(receiver, None)
}

async fn send(sender: &mpsc::Sender<io::Result<Bytes>>, text: &str) -> bool {
    sender.send(Ok(Bytes::copy_from_slice(text.as_bytes()))).await.is_ok()
}

/// How a page and the files stand at a moment.
fn state(desk: &Desk, snapshot: &Snapshot, path: &str, base: &str) -> String {
    let page = Page::look(snapshot, path);
    let block = page.block(desk, snapshot, base);
    let state = json!({
        "run": desk.run,
        "revision": snapshot.revision,
        "page": page.hash,
        "files": snapshot.files,
        "panel": block.hash(),
        "findings": block.trouble(),
    });
    format!("event: state\ndata: {state}\n\n")
}
