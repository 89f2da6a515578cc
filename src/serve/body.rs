//! The body of an answer: bytes that are there, or bytes that come one piece after the other.

use std::io::{self, SeekFrom};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio::sync::mpsc;

use super::response::Payload;

/// How much of a file is read at once.
const PIECE: usize = 64 * 1024;

/// The body of an answer.
pub(super) enum Body {
    /// All of it, until it has been taken.
    Whole(Option<Bytes>),
    /// Pieces as they come, and how many bytes are still to come when that is known.
    Pieces(mpsc::Receiver<io::Result<Bytes>>, Option<u64>),
}

impl Body {
    /// Turns what an answer holds into bytes.
    pub(super) fn of(payload: Payload) -> Self {
        match payload {
            // A file is sent from where it was opened.
            Payload::Empty | Payload::File { .. } => Body::Whole(None),
            Payload::Bytes(bytes) => Body::Whole(Some(bytes)),
        }
    }

    /// A part of an open file, read piece by piece as the client takes them.
    pub(super) fn file(file: std::fs::File, start: u64, length: u64) -> Self {
        let (sender, receiver) = mpsc::channel(2);
        tokio::spawn(async move {
            if let Err(error) = read(file.into(), start, length, &sender).await {
                // The length was announced, so the client sees that the rest is missing.
                drop(sender.send(Err(error)).await);
            }
        });
        Body::Pieces(receiver, Some(length))
    }
}

async fn read(mut file: File, start: u64, mut left: u64, sender: &mpsc::Sender<io::Result<Bytes>>) -> io::Result<()> {
    file.seek(SeekFrom::Start(start)).await?;
    while left > 0 {
        let mut piece = vec![0; PIECE.min(usize::try_from(left).unwrap_or(PIECE))];
        let read = file.read(&mut piece).await?;
        if read == 0 {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof));
        }
        piece.truncate(read);
        left -= read as u64;
        if sender.send(Ok(Bytes::from(piece))).await.is_err() {
            // The client has gone.
            return Ok(());
        }
    }
    Ok(())
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        match &mut *self {
            Body::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Body::Pieces(pieces, left) => pieces.poll_recv(context).map(|piece| {
                piece.map(|piece| {
                    piece.map(|piece| {
                        if let Some(left) = left {
                            *left = left.saturating_sub(piece.len() as u64);
                        }
                        Frame::data(piece)
                    })
                })
            }),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Body::Whole(bytes) => bytes.is_none(),
            Body::Pieces(_, left) => *left == Some(0),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Body::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Body::Pieces(_, Some(left)) => SizeHint::with_exact(*left),
            Body::Pieces(_, None) => SizeHint::default(),
        }
    }
}
