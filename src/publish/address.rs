//! Where a site is published, as it is typed: `file:///folder`, `s3://bucket/prefix`, `gs://bucket/prefix` or `az://container/prefix`.
//!
//! An address that holds a name, a password or a signature is refused, and what is said of it repeats nothing of it.

use std::fmt;
use std::path::PathBuf;

use percent_encoding::percent_decode_str;
use url::Url;

/// Where a site is published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// A folder of this machine.
    Folder(PathBuf),
    /// A place in the storage of a service.
    Bucket {
        /// Whose storage it is, or works like.
        service: Service,
        /// The bucket or container.
        bucket: String,
        /// Under what the site stands there, without `/` at either end; empty for the whole bucket.
        prefix: String,
    },
}

/// The storage services, by the way in which they are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// Amazon S3, and all that answers as it does.
    S3,
    /// Google Cloud Storage.
    Google,
    /// Azure Blob Storage.
    Azure,
}

/// What stands before the paths of a site under a prefix, in bytes.
pub(super) fn before(prefix: &str) -> usize {
    if prefix.is_empty() { 0 } else { prefix.len() + 1 }
}

/// Why an address is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressError {
    /// It is no address at all.
    NoAddress,
    /// It begins with another scheme.
    Scheme,
    /// It holds a name or a password.
    Login,
    /// It has a question mark or a hash.
    Query,
    /// It names no bucket.
    NoBucket,
    /// It names a folder, but not by its whole path.
    NotAbsolute,
    /// What it names after the bucket has an empty part, or one of dots.
    Prefix,
}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            AddressError::NoAddress => "that is no address",
            AddressError::Scheme => "a site cannot be published to an address of that kind",
            AddressError::Login => "the address has a name or a password in it",
            AddressError::Query => "the address has a `?` or a `#` in it",
            AddressError::NoBucket => "the address names no bucket",
            AddressError::NotAbsolute => "the address does not name a folder by its whole path",
            AddressError::Prefix => "the address has an empty part, or a part of dots",
        })
    }
}

impl AddressError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            AddressError::Login => {
                "credentials come from the environment, as the tools of the service read them; who can list processes sees what is typed"
            }
            AddressError::Query => {
                "an address names a place and nothing else; write `%3F` or `%23` where a name has one of them"
            }
            AddressError::NotAbsolute if cfg!(windows) => {
                "write three slashes and a drive, as in `file:///C:/www/dossier`"
            }
            AddressError::NotAbsolute => "write three slashes, as in `file:///srv/www/dossier`",
            AddressError::Prefix => "write it as in `s3://bucket/dossier/2025`",
            _ => "write `file:///folder`, `s3://bucket/prefix`, `gs://bucket/prefix` or `az://container/prefix`",
        }
    }
}

impl Address {
    /// Reads an address.
    pub fn parse(typed: &str) -> Result<Address, AddressError> {
        let url = Url::parse(typed).map_err(|_| AddressError::NoAddress)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(AddressError::Login);
        }
        let service = match url.scheme() {
            "file" => None,
            "s3" => Some(Service::S3),
            "gs" => Some(Service::Google),
            "az" => Some(Service::Azure),
            _ => return Err(AddressError::Scheme),
        };
        if url.query().is_some() || url.fragment().is_some() {
            return Err(AddressError::Query);
        }
        let Some(service) = service else {
            let begins = typed.get(.."file:///".len()).is_some_and(|start| start.eq_ignore_ascii_case("file:///"));
            let folder = url.to_file_path().ok().filter(|_| begins);
            return folder.map(Address::Folder).ok_or(AddressError::NotAbsolute);
        };
        let bucket = url.host_str().filter(|host| !host.is_empty()).ok_or(AddressError::NoBucket)?;
        if url.port().is_some() {
            return Err(AddressError::NoBucket);
        }
        let written = percent_decode_str(url.path()).decode_utf8().map_err(|_| AddressError::NoAddress)?;
        let prefix = written.strip_prefix('/').unwrap_or(&written);
        let prefix = prefix.strip_suffix('/').unwrap_or(prefix);
        let is_part = |part: &str| !part.is_empty() && part != "." && part != ".." && !part.contains(char::is_control);
        if !prefix.is_empty() && !prefix.split('/').all(is_part) {
            return Err(AddressError::Prefix);
        }
        Ok(Address::Bucket { service, bucket: bucket.to_owned(), prefix: prefix.to_owned() })
    }

    /// Whether this program was made for places of that kind.
    pub fn is_supported(&self) -> bool {
        cfg!(feature = "cloud") || matches!(self, Address::Folder(_))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Address::Folder(folder) => write!(f, "{}", folder.display()),
            Address::Bucket { service, bucket, prefix } => {
                let scheme = match service {
                    Service::S3 => "s3",
                    Service::Google => "gs",
                    Service::Azure => "az",
                };
                let slash = if prefix.is_empty() { "" } else { "/" };
                write!(f, "{scheme}://{bucket}{slash}{prefix}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(typed: &str, expected: &str) {
        let told = Address::parse(typed).map_or_else(|error| error.to_string(), |address| address.to_string());
        assert_eq!(told, expected, "{typed}");
    }

    #[test]
    fn places_are_named_as_other_tools_name_them() {
        check("s3://dossiers", "s3://dossiers");
        check("s3://dossiers/", "s3://dossiers");
        check("s3://dossiers/2025/may/", "s3://dossiers/2025/may");
        check("gs://dossiers/caf%C3%A9%20no%201", "gs://dossiers/café no 1");
        check("az://site/x", "az://site/x");
        #[cfg(unix)]
        check("file:///srv/www/my%20site/", "/srv/www/my site/");
        #[cfg(windows)]
        check("file:///C:/www/my%20site/", "C:\\www\\my site\\");
    }

    #[test]
    fn what_is_no_place_is_refused() {
        check("public", "that is no address");
        check("/srv/www", "that is no address");
        check("https://example.org/", "a site cannot be published to an address of that kind");
        check("file://srv/www", "the address does not name a folder by its whole path");
        check("file:srv/www", "the address does not name a folder by its whole path");
        check("s3:///prefix", "the address names no bucket");
        check("s3://dossiers//x", "the address has an empty part, or a part of dots");
        check("s3://dossiers/a%2F%2Fx", "the address has an empty part, or a part of dots");
        check("s3://dossiers/?x", "the address has a `?` or a `#` in it");
    }

    #[test]
    fn an_address_with_a_secret_is_refused_without_its_words() {
        for typed in
            ["s3://key:sesame@dossiers/x", "s3://sesame@dossiers", "az://site/x?sig=sesame", "ftp://a:sesame@b"]
        {
            let error = Address::parse(typed).unwrap_err();
            assert!(!format!("{error:?}{error}{}", error.hint()).contains("sesame"), "{typed}");
        }
    }
}
