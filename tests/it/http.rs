//! A preview that runs, and a client that speaks HTTP to it over a real socket and hides nothing of what comes back.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::input::program;

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(20);

/// A preview of a folder; it is ended when it is dropped.
pub(crate) struct Preview {
    pub(crate) child: Child,
    /// The address of the site, as the preview says it.
    pub(crate) url: String,
    /// Where it may put what it needs while it runs.
    temporary: TempDir,
}

/// An answer as it came.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Preview {
    /// Starts a preview on any free port.
    pub(crate) fn start(folder: &Path, args: &[&str]) -> Self {
        let args: Vec<&str> = ["serve", "--port", "0", "--date", "2025-06-01"].iter().chain(args).copied().collect();
        Preview::of(program(folder, &args))
    }

    /// Starts a command that is a preview.
    pub(crate) fn of(mut command: Command) -> Self {
        command.stderr(Stdio::null());
        Preview::with_talk(command)
    }

    /// Starts a command that is a preview, whose talk goes where it says.
    pub(crate) fn with_talk(mut command: Command) -> Self {
        let temporary = TempDir::new().unwrap();
        let mut child = command.env("TMPDIR", temporary.path()).stdout(Stdio::piped()).spawn().unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        assert!(url.starts_with("http://"), "the preview says `{url}`");
        Preview { child, url: url.trim().to_owned(), temporary }
    }

    /// The host and port.
    pub(crate) fn authority(&self) -> &str {
        self.url["http://".len()..].split('/').next().unwrap()
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.authority()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// Sends bytes as they are, and reads the answer.
    pub(crate) fn send(&self, request: &str) -> Answer {
        let mut stream = self.connect();
        stream.write_all(request.as_bytes()).unwrap();
        let is_head = request.starts_with("HEAD");
        Answer::read(&mut BufReader::new(stream), is_head)
    }

    /// Asks for a path, with more headers.
    pub(crate) fn ask(&self, method: &str, path: &str, headers: &[&str]) -> Answer {
        let more: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
        self.send(&format!("{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{more}\r\n", self.authority()))
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[])
    }

    /// A page's text; it must be there.
    pub(crate) fn page(&self, path: &str) -> String {
        let answer = self.get(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.text()
    }

    /// Asks for a page until it is as it must be in the end.
    #[track_caller]
    pub(crate) fn until(&self, path: &str, is_so: impl Fn(&Answer) -> bool) -> Answer {
        let began = Instant::now();
        loop {
            let answer = self.get(path);
            if is_so(&answer) {
                return answer;
            }
            assert!(began.elapsed() < PATIENCE, "{path} stays {}:\n{}", answer.status, answer.text());
        }
    }

    /// Sends a signal, and waits for the end; gives the exit code.
    pub(crate) fn end(mut self, signal: &str) -> Option<i32> {
        Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap();
        let code = self.child.wait().unwrap().code();
        assert_eq!(std::fs::read_dir(self.temporary.path()).unwrap().count(), 0, "the preview leaves something behind");
        code
    }
}

impl Drop for Preview {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Answer {
    pub(crate) fn read(stream: &mut impl BufRead, is_head: bool) -> Self {
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.unwrap_or_else(|| panic!("`{line}` is no status line"));
        let mut headers = BTreeMap::new();
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).unwrap();
            let Some((name, value)) = line.trim_end().split_once(": ") else { break };
            headers.insert(name.to_ascii_lowercase(), value.to_owned());
        }
        let mut body = Vec::new();
        let length = headers.get("content-length").map(|length| length.parse().unwrap());
        match length {
            _ if is_head || status == 304 => {}
            Some(length) => {
                body = vec![0; length];
                stream.read_exact(&mut body).unwrap();
            }
            None => {
                stream.read_to_end(&mut body).unwrap();
            }
        }
        Answer { status, headers, body }
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(String::as_str).unwrap_or_default()
    }
}

/// A page without what the preview puts into it.
pub(crate) fn without_block(page: &[u8]) -> Vec<u8> {
    let find = |wanted: &[u8]| page.windows(wanted.len()).position(|some| some == wanted);
    match (find(b"<!--dossier-preview-->"), find(b"<!--/dossier-preview-->")) {
        (Some(start), Some(end)) => [&page[..start], &page[end + "<!--/dossier-preview-->".len()..]].concat(),
        _ => page.to_vec(),
    }
}

/// The stream of events of an open page.
pub(crate) struct Events {
    stream: BufReader<TcpStream>,
}

impl Events {
    pub(crate) fn open(preview: &Preview, path: &str) -> Self {
        let mut stream = preview.connect();
        let base = preview.url.splitn(4, '/').nth(3).unwrap();
        let request =
            format!("GET /{base}_dossier/events?path={path} HTTP/1.1\r\nHost: {}\r\n\r\n", preview.authority());
        stream.write_all(request.as_bytes()).unwrap();
        Events { stream: BufReader::new(stream) }
    }

    /// The next state that is told.
    pub(crate) fn next(&mut self) -> serde_json::Value {
        loop {
            let mut line = String::new();
            assert!(self.stream.read_line(&mut line).unwrap() > 0, "the stream ends");
            if let Some(state) = line.strip_prefix("data: ") {
                return serde_json::from_str(state).unwrap();
            }
        }
    }
}
