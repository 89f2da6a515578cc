//! What a packet states, for programs: `evidence.json`. Its form is described in `docs/evidence-packets.md` and is a promise.

use serde::{Deserialize, Serialize};

use crate::evidence::{Comparison, Verdict};

/// What such a file calls itself.
const FORMAT: &str = "dossier-evidence-packet";

/// The version of its form.
const VERSION: u32 = 1;

/// All that a packet states of the words and of the copies in which they were looked for.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    format: String,
    version: u32,
    /// The program that made it, with its version.
    pub program: String,
    /// For whom it is.
    pub audience: For,
    /// The title of the dossier.
    pub dossier: String,
    /// What it is about.
    pub subject: Subject,
    /// The quotations, and what came of looking for them.
    pub quotations: Vec<Quotation>,
    /// The copies of the sources.
    pub captures: Vec<Capture>,
}

/// For whom a packet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum For {
    /// It holds what readers of the dossier have.
    Readers,
    /// It holds what only its authors see, and must not be passed on.
    Internal,
}

/// The record that a packet is about.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// Its id.
    pub id: String,
    /// Its kind: `quote` or `event`.
    pub kind: String,
    /// What it is called.
    pub title: String,
}

/// A quotation.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Quotation {
    /// The id of its record.
    pub id: String,
    /// The words that were looked for: one text, or the parts between which somebody else speaks.
    pub words: Vec<String>,
    /// What came of it, for each of its citations in their order.
    pub sources: Vec<Cited>,
}

/// A citation, and what came of looking in the copies of its source.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Cited {
    /// The id of the source.
    pub source: String,
    /// The place that the citation names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locator: Option<String>,
    /// The words that it says stand before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// The words that it says stand after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suffix: Option<String>,
    /// The result.
    pub result: Verdict,
    /// How the result came about, where a copy was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comparison: Option<Comparison>,
}

/// A copy of a source.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Capture {
    /// The id of the source.
    pub source: String,
    /// The title of the source.
    pub title: String,
    /// The address of the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The licence of the source, as its record has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
    /// Its SHA-256, in hexadecimal digits; absent when neither it was recorded nor the file is at hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Its length in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Its media type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// When it was made, as an EDTF date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// Who made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// How it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Whether it is in the packet, and why.
    pub passed: Passed,
    /// Its path in the packet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}

/// Whether a copy is passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Passed {
    /// It is, since the licence of its source lets everybody do so.
    ByLicence,
    /// It is, since the author of the packet chose to, for those alone who get the packet.
    ByAuthor,
    /// It is not.
    No,
}

impl Statement {
    pub(super) fn new(audience: For, dossier: String, subject: Subject) -> Self {
        Statement {
            format: FORMAT.to_owned(),
            version: VERSION,
            program: concat!("dossier ", env!("CARGO_PKG_VERSION")).to_owned(),
            audience,
            dossier,
            subject,
            quotations: Vec::new(),
            captures: Vec::new(),
        }
    }

    /// Reads the file; an error says in words why it cannot be used.
    pub(super) fn read(bytes: &[u8]) -> Result<Statement, String> {
        #[derive(Deserialize)]
        struct Head {
            format: String,
            version: u32,
        }
        let head: Head = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        if head.format != FORMAT {
            return Err("it does not call itself an evidence packet".to_owned());
        }
        if head.version != VERSION {
            return Err(format!("it has the form {}, and this program knows {VERSION}", head.version));
        }
        serde_json::from_slice(bytes).map_err(|error| error.to_string())
    }

    /// The text of the file.
    pub(super) fn to_text(&self) -> String {
        to_json(self)
    }

    /// The copy in which something was found.
    pub(super) fn capture(&self, comparison: &Comparison) -> Option<&Capture> {
        self.captures.iter().find(|capture| {
            capture.source == comparison.source && capture.sha256.as_deref() == Some(comparison.capture.as_str())
        })
    }
}

/// JSON with a line for each value.
pub(super) fn to_json(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).expect("a tree of strings and numbers can be written as JSON") + "\n"
}
