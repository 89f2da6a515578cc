//! What went wrong between us and a service, and what people are told of it.

use std::error::Error as _;
use std::fmt;
use std::io;
use std::time::Duration;

use object_store::Error;
use object_store::path::Path;

use super::super::address::Service;
use super::super::store::StoreError;
use crate::text::excerpt;

/// How much of what a service says is repeated.
const SAID: usize = 200;

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The service said no.
    Answer {
        /// Who said so.
        host: String,
        status: u16,
        /// What it calls the reason.
        code: String,
        /// What it says to people.
        said: String,
        /// For how long it wants to be left alone.
        wait: Option<Duration>,
    },
    /// No answer came.
    Silence { host: String, silence: Silence },
    /// The claim was not good any more.
    Lapsed,
}

/// Why no answer came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Silence {
    NoSuchHost,
    Unreachable(String),
    TooSlow,
    BrokenOff,
    Untrusted(String),
    Other(String),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trouble::Answer { status, code, said, .. } => {
                write!(f, "{status}")?;
                if !code.is_empty() {
                    write!(f, " {code}")?;
                }
                if said.is_empty() { Ok(()) } else { write!(f, ": {said}") }
            }
            Trouble::Silence { host, silence } => match silence {
                Silence::NoSuchHost => write!(f, "no host is known as `{host}`"),
                Silence::Unreachable(why) => write!(f, "`{host}` cannot be reached: {why}"),
                Silence::TooSlow => write!(f, "`{host}` took too long to answer"),
                Silence::BrokenOff => write!(f, "`{host}` broke the connection off"),
                Silence::Untrusted(why) => write!(f, "`{host}` cannot show that it is who it says: {why}"),
                Silence::Other(why) => write!(f, "`{host}` did not answer: {why}"),
            },
            Trouble::Lapsed => f.write_str("the claim lapsed"),
        }
    }
}

impl std::error::Error for Trouble {}

impl Trouble {
    /// What is behind an error of the store.
    pub(super) fn of(error: &Error) -> Option<&Trouble> {
        let mut source: Option<&(dyn std::error::Error + 'static)> = error.source();
        while let Some(error) = source {
            if let Some(trouble) = error.downcast_ref() {
                return Some(trouble);
            }
            source = error.source();
        }
        None
    }

    /// What an answer says that is no success. Nothing is taken from it but what services call the reason, and what they say to people.
    pub(super) fn answer(host: &str, status: u16, code: Option<&str>, body: &str, wait: Option<Duration>) -> Trouble {
        let of_tag = |tag: &str| {
            let (_, rest) = body.split_once(&format!("<{tag}>"))?;
            Some(rest.split('<').next().unwrap_or_default())
        };
        let of_json = |field: &str| {
            let (_, rest) = body.split_once(&format!("\"{field}\""))?;
            rest.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?.split('"').next()
        };
        let code = code.or_else(|| of_tag("Code")).or_else(|| of_json("error")).unwrap_or_default();
        let said = of_tag("Message").or_else(|| of_json("error_description")).or_else(|| of_json("message"));
        let said = said.unwrap_or_default().lines().next().unwrap_or_default();
        let (code, said) = (excerpt(code.trim(), 60), excerpt(said.trim(), SAID));
        Trouble::Answer { host: host.to_owned(), status, code, said, wait }
    }

    /// Why nothing came of a request.
    pub(super) fn silence(host: &str, error: &ureq::Error) -> Trouble {
        let of_io = |error: &io::Error| match error.kind() {
            io::ErrorKind::ConnectionRefused
            | io::ErrorKind::NetworkUnreachable
            | io::ErrorKind::HostUnreachable
            | io::ErrorKind::AddrNotAvailable => Silence::Unreachable(excerpt(&error.to_string(), SAID)),
            io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => Silence::TooSlow,
            io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::NotConnected
            | io::ErrorKind::UnexpectedEof => Silence::BrokenOff,
            io::ErrorKind::InvalidData => Silence::Untrusted(excerpt(&error.to_string(), SAID)),
            _ => Silence::Other(excerpt(&error.to_string(), SAID)),
        };
        let silence = match error {
            ureq::Error::Io(error) if error.get_ref().is_some_and(|inner| inner.is::<Trouble>()) => {
                return Trouble::Lapsed;
            }
            ureq::Error::HostNotFound => Silence::NoSuchHost,
            ureq::Error::Timeout(_) => Silence::TooSlow,
            // The system has no kind of its own for this.
            ureq::Error::Io(error) if error.to_string().contains("lookup address") => Silence::NoSuchHost,
            ureq::Error::Io(error) => of_io(error),
            ureq::Error::Rustls(error) => Silence::Untrusted(excerpt(&error.to_string(), SAID)),
            ureq::Error::ConnectionFailed => Silence::Unreachable("no connection could be made".to_owned()),
            other => Silence::Other(excerpt(&other.to_string(), SAID)),
        };
        Trouble::Silence { host: host.to_owned(), silence }
    }

    /// Whether the service has answered.
    pub(super) fn is_answer(&self) -> bool {
        matches!(self, Trouble::Answer { .. })
    }

    /// Whether the same may go well a little later.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Trouble::Answer { status, code, .. } => {
                matches!(status, 408 | 429 | 500 | 502 | 503 | 504)
                    || matches!(
                        &**code,
                        "SlowDown"
                            | "RequestTimeout"
                            | "InternalError"
                            | "ServerBusy"
                            | "OperationTimedOut"
                            | "OperationAborted"
                            | "ConditionalRequestConflict"
                    )
            }
            Trouble::Silence { silence, .. } => !matches!(silence, Silence::Untrusted(_)),
            Trouble::Lapsed => true,
        }
    }

    /// For how long the service wants to be left alone.
    pub(super) fn wait(&self) -> Option<Duration> {
        match self {
            Trouble::Answer { wait, .. } => *wait,
            _ => None,
        }
    }
}

/// What people are told of an error.
pub(super) fn refused(error: &Error, service: Service, bucket: &str, attempt: &str, key: &Path) -> StoreError {
    let what = if key.as_ref().is_empty() { format!("`{bucket}`") } else { format!("`{key}` in `{bucket}`") };
    let told = |message: String, hint: &str| StoreError::Refused { message, hint: hint.to_owned() };
    let Some(trouble) = Trouble::of(error) else {
        let (message, hint) = without_answer(error, service);
        return told(format!("cannot {attempt} {what}: {message}"), hint);
    };
    if *trouble == Trouble::Lapsed {
        return StoreError::Lost;
    }
    let (why, hint) = reason(trouble, service, bucket);
    told(format!("cannot {attempt} {what}: {why}"), hint)
}

/// Of an error that the store itself found, before or after asking.
fn without_answer(error: &Error, service: Service) -> (String, &'static str) {
    let hint = match service {
        Service::S3 => "docs/publishing.md says from where credentials, region and endpoint are read",
        Service::Google => "docs/publishing.md says from where credentials are read",
        Service::Azure => "docs/publishing.md says from where the account and its credentials are read",
    };
    match error {
        Error::NotImplemented { .. } | Error::NotSupported { .. } => {
            ("the storage cannot do what is asked".to_owned(), hint)
        }
        // The innermost reason: what is around it may hold addresses with signatures.
        other => {
            let mut inner: &dyn std::error::Error = other;
            while let Some(source) = inner.source() {
                inner = source;
            }
            (excerpt(&inner.to_string(), SAID), hint)
        }
    }
}

/// Why, in plain words, with what to do.
fn reason(trouble: &Trouble, service: Service, bucket: &str) -> (String, &'static str) {
    let (status, code) = match trouble {
        Trouble::Answer { host, .. } | Trouble::Silence { host, .. } if is_metadata(host) => {
            let why =
                "there are no credentials in the environment, and this machine is none of a service that gives some";
            return (why.to_owned(), "docs/publishing.md says from where credentials are read");
        }
        Trouble::Answer { status, code, .. } => (status, code),
        Trouble::Silence { silence: Silence::Untrusted(_), .. } => {
            return (trouble.to_string(), "check the endpoint and the clock of this machine");
        }
        Trouble::Silence { silence: Silence::NoSuchHost, .. } => {
            let hint =
                "check the endpoint, the region and the network, and publish again; what was sent is not sent again";
            return (trouble.to_string(), hint);
        }
        _ => return (trouble.to_string(), "check the network, and publish again; what was sent is not sent again"),
    };
    let noun = if service == Service::Azure { "container" } else { "bucket" };
    let code = match trouble {
        // Stand-ins for Azure say so in words alone.
        Trouble::Answer { said, .. } if said.contains("failed to authenticate") => "AuthenticationFailed",
        _ => code.as_str(),
    };
    let plain: (String, &'static str) = match code {
        "SignatureDoesNotMatch" | "AuthenticationFailed" => (
            "the secret key is not the one that belongs to the key".to_owned(),
            "check the credentials in the environment",
        ),
        "InvalidAccessKeyId" | "InvalidClientTokenId" | "NotSignedUp" => {
            ("nobody is known by the access key".to_owned(), "check the credentials in the environment")
        }
        "ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired" | "InvalidToken" => (
            "the credentials have expired".to_owned(),
            "get new ones, and publish again; what was sent is not sent again",
        ),
        "invalid_grant" | "invalid_client" | "unauthorized_client" => {
            ("the credentials are not accepted".to_owned(), "check the credentials in the environment, or get new ones")
        }
        "RequestTimeTooSkewed" | "RequestExpired" => (
            "the clock of this machine is too far from that of the service".to_owned(),
            "set the clock, and publish again",
        ),
        "NoSuchBucket" | "ContainerNotFound" => (
            format!("there is no {noun} `{bucket}`"),
            "make it with the tools of the service, or check its name, the region and the endpoint",
        ),
        "PermanentRedirect" | "AuthorizationHeaderMalformed" | "IllegalLocationConstraintException" => {
            ("the bucket is in another region".to_owned(), "name its region in AWS_REGION")
        }
        "NotImplemented" => (
            "the storage does not know conditional writes".to_owned(),
            "without them two publishers could mix their sites; docs/publishing.md names storage that has them",
        ),
        "QuotaExceeded" | "InsufficientStorage" | "StorageFull" | "XMinioStorageFull" => {
            ("the storage is full".to_owned(), "make room there, and publish again; what was sent is not sent again")
        }
        "KeyTooLongError" => ("the name is too long".to_owned(), "shorten the id of the record or the address"),
        "AccountProblem" | "AccountIsDisabled" | "AllAccessDisabled" => {
            ("the account is disabled".to_owned(), "ask the service")
        }
        _ => match status {
            401 => (
                "the credentials are not accepted".to_owned(),
                "check the credentials in the environment, or get new ones",
            ),
            403 => (
                "the credentials do not allow it".to_owned(),
                match service {
                    Service::S3 => {
                        "they need s3:GetObject, s3:PutObject, s3:DeleteObject, and s3:ListBucket on the bucket"
                    }
                    Service::Google => "they need the role `Storage Object User` on the bucket",
                    Service::Azure => "they need the role `Storage Blob Data Contributor` on the container",
                },
            ),
            404 => ("there is nothing of that name".to_owned(), "check the bucket, the region and the endpoint"),
            301 | 307 | 308 => ("the bucket is in another region".to_owned(), "name its region in AWS_REGION"),
            507 => (
                "the storage is full".to_owned(),
                "make room there, and publish again; what was sent is not sent again",
            ),
            429 | 503 => ("the service is too busy".to_owned(), "publish again later; what was sent is not sent again"),
            500.. => (
                "the service has a fault of its own".to_owned(),
                "publish again later; what was sent is not sent again",
            ),
            _ => {
                return (
                    format!("the service answers {trouble}"),
                    "docs/publishing.md says what the service must know",
                );
            }
        },
    };
    (format!("{} (the service answers {trouble})", plain.0), plain.1)
}

/// Whether a host tells machines of a service who they are.
fn is_metadata(host: &str) -> bool {
    matches!(host, "169.254.169.254" | "metadata" | "metadata.google.internal")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_an_answer_the_reason_is_kept_and_nothing_else() {
        let body = "<?xml version=\"1.0\"?><Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message>\
                    <Token-0>sesame</Token-0><AWSAccessKeyId>AKIA</AWSAccessKeyId></Error>";
        let trouble = Trouble::answer("s3", 400, None, body, None);
        assert_eq!(trouble.to_string(), "400 ExpiredToken: The provided token has expired.");
        let (why, _) = reason(&trouble, Service::S3, "b");
        assert_eq!(
            why,
            "the credentials have expired (the service answers 400 ExpiredToken: The provided token has expired.)"
        );
        let body = r#"{"error": "invalid_grant", "error_description": "Bad Request", "id_token": "sesame"}"#;
        assert_eq!(Trouble::answer("s3", 400, None, body, None).to_string(), "400 invalid_grant: Bad Request");
        assert_eq!(
            Trouble::answer("s3", 403, Some("AuthenticationFailed"), "", None).to_string(),
            "403 AuthenticationFailed"
        );
    }

    #[test]
    fn what_may_pass_is_asked_again() {
        let answer = |status, code: &str| Trouble::answer("s3", status, Some(code), "", None);
        assert!(answer(503, "SlowDown").may_pass() && answer(429, "").may_pass());
        assert!(answer(409, "ConditionalRequestConflict").may_pass());
        assert!(!answer(403, "AccessDenied").may_pass() && !answer(400, "ExpiredToken").may_pass());
        assert!(!answer(501, "NotImplemented").may_pass() && !answer(507, "").may_pass());
    }
}
