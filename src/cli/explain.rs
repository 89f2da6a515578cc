//! `dossier explain`.

use clap::Args;

use super::terminal::{color, result};
use super::{CannotRun, Outcome};
use crate::diagnostic::{Code, Color, Line, UnknownCode, allowing, lines};

/// How wide prose is on a terminal.
const WIDTH: usize = 80;

/// Explain findings: what they mean, why they matter, and what to do
///
/// Without a code, all codes are listed.
#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// The codes of findings, as they stand in brackets: `no-source`
    #[arg(value_name = "CODE")]
    codes: Vec<String>,
}

pub(super) fn run(args: &ExplainArgs) -> Result<Outcome, CannotRun> {
    if args.codes.is_empty() {
        result(list().trim_end());
        return Ok(Outcome::Fine);
    }
    let unknown = |error: UnknownCode| CannotRun::new(error.to_string()).hint(error.hint());
    // Nothing is printed when one of them is misspelt.
    let codes: Vec<Code> =
        args.codes.iter().map(|name| name.parse().map_err(unknown)).collect::<Result<_, CannotRun>>()?;
    let color = color(&std::io::stdout());
    let texts: Vec<String> = codes.into_iter().map(|code| explained(code, color)).collect();
    result(texts.join("\n\n").trim_end());
    Ok(Outcome::Fine)
}

/// All codes, one a line.
fn list() -> String {
    let width = Code::ALL.iter().map(|code| code.name().len()).max().unwrap_or(0);
    let line = |code: &Code| format!("{:width$}  {:7}  {}\n", code.name(), code.severity().word(), code.title());
    Code::ALL.iter().map(line).collect()
}

fn explained(code: Code, color: Color) -> String {
    let mut text = format!("{}\n\n", bold(&format!("{}[{code}]", code.severity().word()), color));
    text.push_str(&filled(code.title()));
    for line in lines(code.explanation()) {
        match line {
            Line::Heading(heading) => text.push_str(&headed(&text, heading, color)),
            Line::Prose("") | Line::Fence(_) => {
                if !text.ends_with("\n\n") {
                    text.push('\n');
                }
            }
            Line::Prose(prose) => text.push_str(&filled(prose)),
            Line::Snippet(snippet) => text.push_str(format!("    {snippet}").trim_end()),
        }
        if !text.ends_with('\n') {
            text.push('\n');
        }
    }
    text.push_str(&headed(&text, "Allowing it", color));
    text.push_str(&format!("\n{}", filled(&allowing(code))));
    text
}

/// A heading, one empty line under the text before it.
fn headed(before: &str, heading: &str, color: Color) -> String {
    let space = if before.ends_with("\n\n") { "" } else { "\n" };
    format!("{space}{}\n", bold(heading, color))
}

fn bold(text: &str, color: Color) -> String {
    match color {
        Color::Always => format!("\u{1b}[1m{text}\u{1b}[0m"),
        Color::Never => text.to_owned(),
    }
}

/// A paragraph in lines that fit a terminal, broken between words.
fn filled(paragraph: &str) -> String {
    let mut text = String::new();
    let mut width = 0;
    for word in paragraph.split_whitespace() {
        let count = word.chars().count();
        if width > 0 && width + 1 + count > WIDTH {
            text.push('\n');
            width = 0;
        } else if width > 0 {
            text.push(' ');
            width += 1;
        }
        text.push_str(word);
        width += count;
    }
    text.push('\n');
    text
}
