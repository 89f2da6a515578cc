//! `dossier serve`.

use std::net::{IpAddr, Ipv4Addr, ToSocketAddrs};
use std::path::Path;
use std::str::FromStr;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::session::{DossierArgs, Typed, policy};
use super::terminal::{Shown, findings_text, open_in_browser, result, say};
use super::{CannotRun, Outcome};
use crate::diagnostic::Diagnostic;
use crate::read::in_words;
use crate::redact::Audience;
use crate::serve::{Options, Tell, Told, Watching, serve};
use crate::text;

/// Show the site on this machine, as it is at every moment
///
/// A page is rendered when a browser asks for it, from the files as they are then; open pages follow every change. Nothing is
/// written. The preview listens on 127.0.0.1 and ends with Ctrl-C.
#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    #[command(flatten)]
    dossier: DossierArgs,
    /// The port; the next free one is taken when it is not free, and 0 is any
    #[arg(long, short, value_name = "PORT", default_value_t = 4000)]
    port: u16,
    /// The address or name to listen on; any other than this machine's own lets others read what you see
    #[arg(long, value_name = "HOST", default_value = "127.0.0.1")]
    host: String,
    /// Who the site is shown for
    #[arg(long = "as", value_name = "VIEW", value_enum, default_value_t = View::Internal)]
    view: View,
    /// The path below which the site stands, to try a site that will not stand at the root of its host
    #[arg(long, value_name = "PATH", default_value = "/")]
    base_path: String,
    /// The theme to use
    #[arg(long, value_name = "NAME")]
    theme: Option<String>,
    /// The day for embargoes; else SOURCE_DATE_EPOCH, else today in universal time
    #[arg(long, value_name = "YYYY-MM-DD")]
    date: Option<String>,
    /// Look at the files every so many milliseconds instead of waiting for signs, for folders on a network
    #[arg(long, value_name = "MS", num_args = 0..=1, default_missing_value = "500")]
    poll: Option<u64>,
    /// The address that opens a file in your editor, with `{file}`, `{line}` and `{column}`; or `vscode`, `zed`, `idea`
    #[arg(long, value_name = "URL", env = "DOSSIER_EDITOR", default_value = EDITOR)]
    editor: String,
    /// Open the home page in a browser
    #[arg(long)]
    open: bool,
}

const EDITOR: &str = "editor://open?file={file}&line={line}&column={column}";

/// Who a preview is shown for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum View {
    /// Authors: drafts, embargoed and internal records too, each marked
    Internal,
    /// Readers: what a build gives
    Public,
}

pub(super) fn run(args: &ServeArgs) -> Result<Outcome, CannotRun> {
    let audience = match args.view {
        View::Internal => Audience::Authors,
        View::Public => Audience::Readers,
    };
    let policy = policy(args.date.as_deref(), audience)?;
    let (address, host) = address(&args.host)?;
    let options = Options {
        address,
        host,
        port: args.port,
        base_path: base_path(&args.base_path)?,
        watching: args.poll.map_or(Watching::Signs, |every| Watching::Looking(Duration::from_millis(every.max(10)))),
        editor: editor(&args.editor)?,
        policy,
    };
    if !address.is_loopback() {
        say(&format!(
            "warning: everybody who can reach {address} can read this preview{}",
            match args.view {
                View::Internal => ", drafts and internal records included",
                View::Public => ", mistakes with the lines that they stand in included",
            }
        ));
        say("hint: leave `--host` out, and only this machine can");
    }
    let typed = Typed { theme: args.theme.as_deref(), ..Typed::default() };
    let workspace = args.dossier.open(&typed)?;
    let open = args.open;
    let said: Mutex<Option<Vec<Diagnostic>>> = Mutex::new(None);
    let say = speaker();
    let tell = move |told: Told<'_>| match told {
        Told::Listening(url) => {
            result(url);
            say("the preview ends with Ctrl-C".to_owned());
            if open {
                open_in_browser(Path::new(url));
            }
        }
        Told::Say(line) => say(line),
        Told::Compiled { revision, findings, sources, took } => {
            let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
            // What was said already is not said again; that all is well is, when it was not.
            if said.as_deref() != Some(findings) {
                let text = findings_text(findings, sources, Shown::Warnings);
                let is_well = findings.is_empty() && said.is_some();
                text.or_else(|| is_well.then(|| "no findings".to_owned())).map(&say);
                *said = Some(findings.to_vec());
            }
            let what = if revision == 1 { "read" } else { "changed" };
            say(format!("{what} in {:.1} ms", took.as_secs_f64() * 1e3));
        }
    };
    let tell: Tell = Arc::new(tell);
    serve(workspace, options, &tell)?;
    Ok(Outcome::Fine)
}

/// Says things from a thread of its own, so that a terminal that is held, or a pipe that nobody reads, holds up no page. What
/// cannot be said for long is left out.
fn speaker() -> impl Fn(String) + Send + Sync {
    let (sender, receiver) = sync_channel::<String>(100);
    std::thread::spawn(move || receiver.into_iter().for_each(|line| say(&line)));
    move |line| drop(sender.try_send(line))
}

/// The address of a host, and its name when it was given by one.
fn address(typed: &str) -> Result<(IpAddr, Option<String>), CannotRun> {
    let bare = typed.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = IpAddr::from_str(bare) {
        return Ok((address, None));
    }
    if typed == "localhost" {
        return Ok((IpAddr::V4(Ipv4Addr::LOCALHOST), None));
    }
    let shown = text::excerpt(typed, 100);
    let mut found = (typed, 0).to_socket_addrs().map_err(|error| {
        CannotRun::new(format!("`--host`: cannot find the address of `{shown}`: {}", in_words(&error)))
    })?;
    let first = found.next().ok_or_else(|| CannotRun::new(format!("`--host`: `{shown}` has no address")))?;
    Ok((first.ip(), Some(typed.to_owned())))
}

/// A path with `/` at both ends, of names that need no escapes.
fn base_path(typed: &str) -> Result<String, CannotRun> {
    let inner = typed.trim_matches('/');
    let is_plain = |name: &str| {
        !name.is_empty()
            && !name.starts_with('.')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~'))
    };
    if inner.is_empty() {
        return Ok("/".to_owned());
    }
    if !inner.split('/').all(is_plain) {
        return Err(CannotRun::new(format!("`--base-path`: `{}` is no path", text::excerpt(typed, 100)))
            .hint("write it as `/dossiers/harbour/`, with letters, digits, `-`, `_`, `.` and `~`"));
    }
    Ok(format!("/{inner}/"))
}

fn editor(typed: &str) -> Result<String, CannotRun> {
    let template = match typed {
        "vscode" => "vscode://file{file}:{line}:{column}",
        "zed" => "zed://file{file}:{line}:{column}",
        "idea" => "idea://open?file={file}&line={line}&column={column}",
        other => other,
    };
    let scheme = template.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase()).unwrap_or_default();
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    if !template.contains("{file}") || !is_scheme || ["javascript", "data", "vbscript"].contains(&scheme.as_str()) {
        return Err(CannotRun::new(format!("`--editor`: `{}` opens no file", text::excerpt(typed, 100))).hint(
            format!("write an address with `{{file}}` in it, such as `{EDITOR}`, or `vscode`, `zed` or `idea`"),
        ));
    }
    Ok(template.to_owned())
}
