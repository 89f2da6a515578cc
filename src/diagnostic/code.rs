//! The codes of findings: stable names that settings, scripts and reports may refer to.

use std::fmt;

use crate::text;

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// A build writes nothing while one stands.
    Error,
    /// Probably a mistake.
    Warning,
    /// Worth knowing.
    Note,
}

impl Severity {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

macro_rules! codes {
    // Whether somebody must judge what such a finding says.
    (@judged) => { false };
    (@judged judged) => { true };
    ($( #[doc = $title:literal] $variant:ident = $name:literal, $severity:ident $($judged:ident)?; )+) => {
        /// What a finding is about; the name is stable.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $( #[doc = $title] $variant, )+ }

        impl Code {
            /// All codes.
            pub const ALL: &[Code] = &[ $( Code::$variant, )+ ];

            /// The stable name.
            pub fn name(self) -> &'static str {
                match self { $( Code::$variant => $name, )+ }
            }

            /// What it says of a dossier, in one sentence.
            pub fn title(self) -> &'static str {
                match self { $( Code::$variant => $title.trim_ascii(), )+ }
            }

            /// What it means, why it matters, an example, and what to do: Markdown with these four headings. A code without such a
            /// file does not compile.
            pub fn explanation(self) -> &'static str {
                match self { $( Code::$variant => include_str!(concat!("codes/", $name, ".md")), )+ }
            }

            /// Whether an author may allow it for a record, with a reason, or the settings for all: it says what is likely to be
            /// a mistake, and nothing else depends on it.
            pub fn can_be_allowed(self) -> bool {
                match self { $( Code::$variant => codes!(@judged $($judged)?), )+ }
            }

            /// Whether the settings may allow it for all records, which they do without a reason.
            pub fn can_be_allowed_for_all(self) -> bool {
                self.can_be_allowed() && !matches!(self, Code::ProtectedName | Code::PublishedCapture)
            }

            /// Whether the words at the place of such a finding may be shown with it.
            pub fn shows_words(self) -> bool {
                self != Code::Leak
            }

            /// How grave it is unless the settings say otherwise.
            pub fn severity(self) -> Severity {
                match self { $( Code::$variant => Severity::$severity, )+ }
            }
        }
    };
}

codes! {
    /// A file cannot be read from the disk.
    UnreadableFile = "unreadable-file", Error;
    /// A file is larger than a record can be.
    FileTooLarge = "file-too-large", Error;
    /// The folder of what readers never see is not on this machine.
    OverlayAbsent = "overlay-absent", Note judged;
    /// A symbolic link leads out of the folder of records.
    LinkLeavesFolder = "link-leaves-folder", Error;
    /// A file is not UTF-8.
    NotUtf8 = "not-utf8", Error;
    /// A file has nothing in it.
    EmptyFile = "empty-file", Error;
    /// A Markdown file does not start with front matter.
    NoFrontMatter = "no-front-matter", Error;
    /// The front matter has a beginning and no end.
    UnclosedFrontMatter = "unclosed-front-matter", Error;
    /// The front matter is larger than front matter can be.
    FrontMatterTooLarge = "front-matter-too-large", Error;
    /// The front matter is not YAML.
    YamlSyntax = "yaml-syntax", Error;
    /// The front matter is nested too deeply or grows too much by aliases.
    YamlTooComplex = "yaml-too-complex", Error;
    /// A key stands twice in one mapping.
    DuplicateKey = "duplicate-key", Error;
    /// A key that this kind of record does not have.
    UnknownKey = "unknown-key", Error;
    /// A key that this kind of record must have is missing.
    MissingKey = "missing-key", Error;
    /// Something is withheld that readers cannot do without.
    CannotWithhold = "cannot-withhold", Error;
    /// A value is of another type than the field.
    WrongType = "wrong-type", Error;
    /// A value is not one of the words that the field allows.
    UnknownWord = "unknown-word", Error;
    /// A value does not have the form that the field asks for.
    BadValue = "bad-value", Error;
    /// A date is not an EDTF date.
    BadDate = "bad-date", Error;
    /// An embargo has no certain end.
    UncertainEmbargo = "uncertain-embargo", Error;
    /// Nothing says of what kind a record is.
    UnknownKind = "unknown-kind", Error;
    /// A file's name is not an id.
    BadId = "bad-id", Error;
    /// Two records have one id.
    DuplicateId = "duplicate-id", Error;
    /// Two ids differ only in upper and lower case.
    IdDiffersInCase = "id-differs-in-case", Error;
    /// A reference names no record.
    UnknownReference = "unknown-reference", Error;
    /// A reference names several records.
    AmbiguousReference = "ambiguous-reference", Error;
    /// A reference names a record of a kind that cannot stand there.
    WrongKindOfReference = "wrong-kind-of-reference", Error;
    /// A reference uses an old id.
    OldId = "old-id", Note judged;
    /// `[[` stands where Markdown does not take it for the beginning of a link.
    BrokenLink = "broken-link", Error;
    /// A link names a heading that the record does not have.
    UnknownAnchor = "unknown-anchor", Error;
    /// A link or picture names a file that is not there.
    MissingFile = "missing-file", Error;
    /// A picture cannot be freed of what it carries beside what it shows.
    UnreadablePicture = "unreadable-picture", Error;
    /// A file that is copied carries more than it shows.
    MetadataKept = "metadata-kept", Warning judged;
    /// A link publishes a capture, which is kept for the authors.
    PublishedCapture = "published-capture", Error judged;
    /// An address is of a scheme that could run a program.
    UnsafeAddress = "unsafe-address", Error;
    /// Raw HTML was removed because it could run a program or load from elsewhere.
    UnsafeHtml = "unsafe-html", Warning judged;
    /// Two pages would be written to one file.
    RouteCollision = "route-collision", Error;
    /// A file of the dossier's own stands in place of one that a build writes for the host.
    OwnHostFile = "own-host-file", Note judged;
    /// The host takes fewer rules than a build would write for it.
    HostLimit = "host-limit", Note judged;
    /// A setting of `dossier.yaml` is wrong.
    BadSetting = "bad-setting", Error;
    /// A theme or template is missing or wrong.
    BadTheme = "bad-theme", Error;
    /// A person has no privacy class.
    NoPrivacyClass = "no-privacy-class", Error;
    /// Somebody who is under age is shown to readers with their name.
    ChildNamed = "child-named", Warning judged;
    /// A quote or an event has no source.
    NoSource = "no-source", Error;
    /// A `verified` says neither how nor when.
    VerifiedWithoutMethod = "verified-without-method", Error;
    /// Nothing tells readers how the dossier was made, how it is corrected, or whom to write to.
    MissingPage = "missing-page", Warning judged;
    /// A verification was to be looked at again by a day that has passed.
    ReviewOverdue = "review-overdue", Warning judged;
    /// A record that readers see refers to one that they do not see.
    WithheldReference = "withheld-reference", Warning judged;
    /// A record rests on one that was retracted.
    RetractedReference = "retracted-reference", Warning judged;
    /// A record refers to itself.
    SelfReference = "self-reference", Error;
    /// Records refer to each other in a circle where one must come first.
    ReferenceLoop = "reference-loop", Error;
    /// A record refers to nothing, and nothing refers to it.
    Orphan = "orphan", Warning judged;
    /// Nothing rests on a source.
    UnusedSource = "unused-source", Warning judged;
    /// Words that went through other hands have no source in which they were said first.
    NoPrimarySource = "no-primary-source", Warning judged;
    /// Nothing says where a source can be found.
    UntraceableSource = "untraceable-source", Warning judged;
    /// A copy of a source has other bytes than those that were recorded.
    CaptureChanged = "capture-changed", Error;
    /// A copy of a source is not where copies lie.
    CaptureMissing = "capture-missing", Warning judged;
    /// Copies of sources are not on this machine.
    CapturesAbsent = "captures-absent", Note judged;
    /// A copy of a source cannot be read.
    UnreadableCapture = "unreadable-capture", Error judged;
    /// Nothing says what bytes a copy of a source had when it was made.
    UnhashedCapture = "unhashed-capture", Warning judged;
    /// The words of a quotation do not stand in the copy of its source; words much like them do.
    AlteredQuotation = "altered-quotation", Error judged;
    /// The words of a quotation do not stand in the copy of its source.
    QuotationNotFound = "quotation-not-found", Error judged;
    /// A mark of omission hides words that change what the rest says.
    TellingOmission = "telling-omission", Warning judged;
    /// A mark of omission goes from the words of one to the words of another.
    OmissionAcrossSpeakers = "omission-across-speakers", Warning judged;
    /// Words in brackets, or those of somebody else between two parts, turn the sense of a quotation.
    TellingInsertion = "telling-insertion", Warning judged;
    /// The words of a quotation go on from a heading, an item, a cell or a caption into what stands beside it.
    QuotationAcrossBlocks = "quotation-across-blocks", Warning judged;
    /// The words of a quotation stand more than once in the copy of its source, and nothing says which place is meant.
    AmbiguousPassage = "ambiguous-passage", Note judged;
    /// The words that a citation names do not stand in the copy of its source.
    CitedWordsNotFound = "cited-words-not-found", Warning judged;
    /// `evidence.lock` cannot be read.
    BadLock = "bad-lock", Error;
    /// What is locked of a quotation is not what is there.
    LockDiffers = "lock-differs", Error;
    /// A quotation was looked for in a copy of its source, and that is not locked.
    UnlockedQuotation = "unlocked-quotation", Warning judged;
    /// What is said to be corroborated rests on one source, or on several that repeat one.
    OneOrigin = "one-origin", Warning judged;
    /// Two dates stand in an order in which they cannot have been.
    ImpossibleOrder = "impossible-order", Error judged;
    /// Two dates stand in an order in which they are not likely to have been.
    DoubtfulOrder = "doubtful-order", Warning judged;
    /// Something is said to have been done on a day that has not come.
    FutureDate = "future-date", Warning judged;
    /// Of the numbers that were given for something, a lower one is above a higher one.
    ImpossibleCount = "impossible-count", Error;
    /// Two fields of a record contradict each other.
    Contradiction = "contradiction", Warning judged;
    /// Two actors have one name, and nothing says that they are two.
    SameName = "same-name", Warning judged;
    /// Two records seem to be of the same thing.
    DuplicateRecord = "duplicate-record", Warning judged;
    /// Two entries of one list say the same.
    RepeatedEntry = "repeated-entry", Warning judged;
    /// A living person is spoken against, and nothing says whether they were asked for a reply.
    NoReply = "no-reply", Warning judged;
    /// A word says what only a court can find, and no court is cited.
    WordBeforeVerdict = "word-before-verdict", Warning judged;
    /// A word judges what it should only report.
    LoadedWord = "loaded-word", Warning judged;
    /// Words were translated, and nothing says so.
    UnsaidTranslation = "unsaid-translation", Warning judged;
    /// The original was changed after it was translated.
    StaleTranslation = "stale-translation", Warning judged;
    /// Nothing says of which original a translation was made.
    UnpinnedTranslation = "unpinned-translation", Note judged;
    /// A name of somebody protected is replaced where it may be that of somebody else, or an ordinary word.
    DoubtfulMention = "doubtful-mention", Warning judged;
    /// A quotation mark has no partner.
    UnbalancedQuotation = "unbalanced-quotation", Warning judged;
    /// A mark that is not seen changes the direction of writing.
    HiddenDirection = "hidden-direction", Warning judged;
    /// What is shown beside words written from right to left may be in another order than it was written.
    MixedDirection = "mixed-direction", Note judged;
    /// A word has letters of two scripts that look alike.
    LookAlikeLetters = "look-alike-letters", Warning judged;
    /// A heading is more than one level below the heading above it.
    SkippedHeading = "skipped-heading", Note judged;
    /// A picture has no text for those who do not see it.
    ImageWithoutText = "image-without-text", Warning judged;
    /// The tags of a record are not in order, or one stands twice.
    UntidyTags = "untidy-tags", Note judged;
    /// Words of somebody whose name is not shown can be searched for, and a source with an address says where.
    TraceableQuotation = "traceable-quotation", Warning judged;
    /// Somebody whose name is not shown has a role that one person holds.
    UniqueRole = "unique-role", Warning judged;
    /// A day and a small place tell where somebody was whose name is not shown.
    ExactTimeAndPlace = "exact-time-and-place", Warning judged;
    /// Somebody whose name is not shown is said to be a relative of somebody who is named.
    NamedRelative = "named-relative", Warning judged;
    /// The name of somebody who is not to be named stands where nothing can be put in its place.
    ProtectedName = "protected-name", Error judged;
    /// An id holds a day that is not shown, for the sake of a child.
    DayInId = "day-in-id", Warning judged;
    /// A page that is linked to is no longer there.
    DeadLink = "dead-link", Warning judged;
    /// A page that is linked to has moved for good.
    MovedLink = "moved-link", Note judged;
    /// The host of a link could not be reached, or failed each time.
    UnreachableLink = "unreachable-link", Warning judged;
    /// A page that is linked to no longer has the part that the link names.
    DeadLinkAnchor = "dead-link-anchor", Warning judged;
    /// A link could not be checked, or was not to be.
    UncheckedLink = "unchecked-link", Note judged;
    /// The page of a source now has other words than those that are quoted.
    DriftedQuotation = "drifted-quotation", Warning judged;
    /// The page of a source, or what is quoted of it, is no longer there.
    GoneQuotation = "gone-quotation", Warning judged;
    /// The address of a source leads to another page now.
    MovedSource = "moved-source", Note judged;
    /// The page of a source, from which words are quoted, is for subscribers now.
    PaywalledSource = "paywalled-source", Note judged;
    /// Nobody knows whether the page of a source still has the words that are quoted.
    UndecidedDrift = "undecided-drift", Note judged;
    /// What is kept of a past edition cannot be read.
    BadEdition = "bad-edition", Error;
    /// The past editions do not follow one from another.
    BrokenChain = "broken-chain", Warning judged;
    /// A field is not what it was in the last edition, and no correction tells of it.
    UndeclaredChange = "undeclared-change", Warning judged;
    /// A record of the last edition is no longer there, and nothing at its address says so.
    VanishedRecord = "vanished-record", Error judged;
    /// Nothing answers at an address of a past edition.
    LostAddress = "lost-address", Warning judged;
    /// A file of the site would give away what is withheld.
    Leak = "leak", Error;
    /// An exception from what is looked for names nothing that is withheld.
    UnneededException = "unneeded-exception", Warning;
    /// A finding that cannot be allowed is allowed.
    CannotBeAllowed = "cannot-be-allowed", Error;
    /// An allowance allows nothing any more.
    UnneededAllowance = "unneeded-allowance", Warning;
}

impl std::str::FromStr for Code {
    type Err = UnknownCode;

    fn from_str(name: &str) -> Result<Self, UnknownCode> {
        let found = Code::ALL.iter().find(|code| code.name() == name);
        found.copied().ok_or_else(|| UnknownCode { name: text::excerpt(name, 60) })
    }
}

/// A name that no finding has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownCode {
    name: String,
}

impl UnknownCode {
    /// What to write instead.
    pub fn hint(&self) -> String {
        match text::nearest(&self.name, Code::ALL.iter().map(|code| code.name())).first() {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`dossier explain` lists all codes".to_owned(),
        }
    }
}

impl fmt::Display for UnknownCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no finding has the code `{}`", self.name)
    }
}

impl std::error::Error for UnknownCode {}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
