//! The preview: a server on this machine that answers with pages of the dossier as it is now, and tells browsers of changes.
//!
//! One thread, the engine, looks at the disk and compiles. Every request asks it for the dossier of that
//! moment and renders the one page that is wanted, by the same function as a build. Nothing is served that the site does
//! not hold: a path is looked up among its routes, and never on the disk.
//!
//! The preview is for the person at this machine. It answers under its own address only, and to no other site's pages.

mod answer;
mod bell;
mod body;
mod desk;
mod engine;
mod guard;
mod insert;
mod live;
mod panel;
mod path;
mod pattern;
mod response;
mod rules;
mod sent;
mod snapshot;
mod wants;
mod watch;

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::sync::{Semaphore, watch as channel};
use tokio_io_timeout::TimeoutStream;

use crate::diagnostic::Diagnostic;
use crate::read::{Failure, Sources};
use crate::redact::Policy;
use crate::workspace::Workspace;
use desk::{Desk, LastGood};
use engine::{Event, Start};
use guard::Guard;
use snapshot::Snapshot;

/// How many connections are served at once. The rest is told so at once, and does not wait behind slow ones.
const CONNECTIONS: usize = 500;

/// The largest head of a request.
const HEAD: usize = 32 * 1024;

/// How long a client may take to send the head of a request, and how long it may refuse to take bytes.
const PATIENCE: Duration = Duration::from_secs(20);

/// How many ports after a taken one are tried.
const PORTS: u16 = 100;

/// How changes on the disk are noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watching {
    /// The system gives signs.
    Signs,
    /// By looking every so often, for folders on a network.
    Looking(Duration),
}

/// What a preview is asked to do.
#[derive(Clone, Debug)]
pub struct Options {
    /// The address to listen on.
    pub address: IpAddr,
    /// The name that was typed for it, when it was a name.
    pub host: Option<String>,
    /// The port; the next free one is taken when it is not free. 0 is any.
    pub port: u16,
    /// The path below which the site stands, with `/` at both ends.
    pub base_path: String,
    /// How changes are noticed.
    pub watching: Watching,
    /// The address that opens a file in an editor, with `{file}`, `{line}` and `{column}` in it.
    pub editor: String,
    /// For whom the site is, and on which day.
    pub policy: Policy,
}

/// What a preview has to say while it runs.
pub enum Told<'a> {
    /// It listens, at this address.
    Listening(&'a str),
    /// The dossier was compiled.
    Compiled {
        /// How many times something has changed.
        revision: u64,
        /// All findings.
        findings: &'a [Diagnostic],
        /// The text of the files that they name.
        sources: &'a Sources,
        /// From the first look at the disk to the site.
        took: Duration,
    },
    /// Something else.
    Say(String),
}

/// Who is told.
pub type Tell = Arc<dyn Fn(Told<'_>) + Send + Sync>;

/// Serves until the process is asked to end.
pub fn serve(workspace: Workspace, options: Options, tell: &Tell) -> Result<(), Failure> {
    let (listener, address) = listen(&options)?;
    let failed = |attempt: &str| {
        let attempt = attempt.to_owned();
        move |cause: io::Error| Failure::new(attempt, cause)
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_all()
        .build()
        .map_err(failed("cannot start the threads of the server"))?;
    let (asks, events) = mpsc::channel();
    let (published, moments) = channel::channel(Arc::new(Snapshot::nothing()));
    let root = workspace.root().canonicalize().unwrap_or_else(|_| workspace.root().to_owned());
    let start = Start {
        workspace,
        policy: options.policy,
        watching: options.watching,
        events: (asks.clone(), events),
        published,
        sent: Arc::default(),
        tell: Arc::clone(tell),
    };
    let sent = Arc::clone(&start.sent);
    let (runs, stopped) = mpsc::channel::<()>();
    std::thread::Builder::new()
        .name("engine".to_owned())
        .spawn(move || {
            engine::run(start);
            drop(runs);
        })
        .map_err(failed("cannot start the thread that compiles"))?;
    // Where to listen is not always where to go.
    let here = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => SocketAddr::from((Ipv4Addr::LOCALHOST, address.port())),
        IpAddr::V6(ip) if ip.is_unspecified() => SocketAddr::from((Ipv6Addr::LOCALHOST, address.port())),
        _ => address,
    };
    let url = format!("http://{here}{}", options.base_path);
    let guard = Guard::new(address.ip(), address.port(), options.host.as_deref());
    let desk = Arc::new(Desk {
        asks: asks.clone(),
        moments,
        base_path: options.base_path,
        audience: options.policy.audience,
        policy: options.policy,
        editor: panel::Editor { template: options.editor, root },
        run: snapshot::short_hash(&(std::process::id(), std::time::SystemTime::now())),
        last_good: LastGood::default(),
        sent,
    });
    let ended = runtime.block_on(async {
        // Whoever reads the address may ask the process to end from then on.
        let end = end()?;
        tell(Told::Listening(&url));
        accept(listener, desk, guard, end).await
    });
    // Connections that are open, such as those that wait for changes, end with the process.
    runtime.shutdown_timeout(Duration::from_millis(200));
    // The engine may be gone already. It tidies up behind itself; while it is busy, the end does not wait for it.
    drop(asks.send(Event::Stop));
    let _ = stopped.recv_timeout(Duration::from_millis(300));
    ended.map_err(failed("cannot listen for the end"))
}

/// Takes the port that is wanted, or the next one that is free.
fn listen(options: &Options) -> Result<(TcpListener, SocketAddr), Failure> {
    let mut ports = (options.port..=options.port.saturating_add(PORTS)).peekable();
    while let Some(port) = ports.next() {
        let bound = TcpListener::bind((options.address, port)).and_then(|listener| {
            listener.set_nonblocking(true)?;
            let address = listener.local_addr()?;
            Ok((listener, address))
        });
        match bound {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && ports.peek().is_some() => {}
            other => {
                return other.map_err(|cause| {
                    let attempt = format!("cannot listen on {}", SocketAddr::new(options.address, port));
                    Failure::new(attempt, cause)
                        .hint("choose another port with `--port`, or another address with `--host`")
                });
            }
        }
    }
    let cause = io::Error::from(io::ErrorKind::AddrInUse);
    Err(Failure::new(format!("cannot listen on {}", options.address), cause).hint("choose another port with `--port`"))
}

async fn accept(
    listener: TcpListener,
    desk: Arc<Desk>,
    guard: Guard,
    end: impl Future<Output = io::Result<()>>,
) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let guard = Arc::new(guard);
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let mut end = Box::pin(end);
    let mut moments = desk.moments.clone();
    let mut engine = Box::pin(moments.wait_for(|_| false));
    loop {
        let accepted = tokio::select! {
            ended = &mut end => return ended,
            // It publishes as long as it lives. Without it every answer would be an old one.
            _ = &mut engine => return Err(io::Error::other("the thread that compiles has ended")),
            accepted = listener.accept() => accepted,
        };
        // A connection that failed before it was taken, or too many open files: neither is a reason to stop.
        let Ok((stream, _)) = accepted else {
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        let Ok(place) = Arc::clone(&room).try_acquire_owned() else {
            // A full house is said without waiting for anything of the client.
            drop(
                stream.try_write(b"HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"),
            );
            continue;
        };
        // Without this a small answer may wait for the client's acknowledgement of the one before.
        drop(stream.set_nodelay(true));
        let (desk, guard) = (Arc::clone(&desk), Arc::clone(&guard));
        tokio::spawn(async move {
            let mut stream = TimeoutStream::new(stream);
            stream.set_write_timeout(Some(PATIENCE));
            let service = service_fn(|request| {
                let (desk, guard) = (Arc::clone(&desk), Arc::clone(&guard));
                async move { Ok::<_, std::convert::Infallible>(answer::answer(&desk, &guard, &request).await) }
            });
            let served = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(PATIENCE)
                .max_buf_size(HEAD)
                .serve_connection(TokioIo::new(Box::pin(stream)), service)
                .await;
            // What a client does wrong on its connection ends that connection and concerns nobody else.
            drop(served);
            drop(place);
        });
    }
}

/// From now on hears when the process is asked to end; what it gives waits for that.
fn end() -> io::Result<impl Future<Output = io::Result<()>>> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let mut hang_up = signal(SignalKind::hangup())?;
        Ok(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hang_up.recv() => {}
            }
            Ok(())
        })
    }
    #[cfg(not(unix))]
    Ok(tokio::signal::ctrl_c())
}
