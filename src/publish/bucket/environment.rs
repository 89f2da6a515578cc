//! Credentials, region and endpoint, from where the tools of each service read them.
//!
//! What is read here goes to the store and nowhere else: into no message, and into nothing that could be printed.

use std::env;
use std::fs;
use std::path::PathBuf;

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::client::ClientOptions;
use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};
use object_store::{BackoffConfig, Error, ObjectStore, RetryConfig};

use super::super::address::Service;
use super::super::store::StoreError;
use super::trouble::refused;
use super::wire::Wire;
use super::{LATER, LONGEST_PAUSE, PAUSE};

/// How many requests are made at a time.
pub(in crate::publish) const AT_ONCE: usize = 16;

/// Two stores of the same bucket: one makes each request once, the other again when that may help.
pub(super) fn stores(service: Service, bucket: &str) -> Result<[Box<dyn ObjectStore>; 2], StoreError> {
    let wire = Wire::new(AT_ONCE);
    let once = RetryConfig { max_retries: 0, ..RetryConfig::default() };
    let backoff = BackoffConfig { init_backoff: PAUSE, max_backoff: LONGEST_PAUSE, base: 2.0 };
    let again = RetryConfig { backoff, max_retries: 20, retry_timeout: LATER };
    let store = |retry: RetryConfig| -> Result<Box<dyn ObjectStore>, StoreError> {
        let store = match service {
            Service::S3 => s3(bucket, retry, &wire)?,
            Service::Google => google(bucket, retry, &wire),
            Service::Azure => azure(bucket, retry, &wire)?,
        };
        store.map_err(|error| refused(&error, service, bucket, "use", &object_store::path::Path::ROOT))
    };
    Ok([store(once)?, store(again)?])
}

type Made = Result<Box<dyn ObjectStore>, Error>;

fn s3(bucket: &str, retry: RetryConfig, wire: &Wire) -> Result<Made, StoreError> {
    let mut builder = AmazonS3Builder::from_env();
    let is_set = |builder: &AmazonS3Builder, key| builder.get_config_value(&key).is_some_and(|value| !value.is_empty());
    let has_keys = is_set(&builder, AmazonS3ConfigKey::AccessKeyId);
    let profile = Profile::read(has_keys)?;
    for (key, value) in
        [(AmazonS3ConfigKey::Region, profile.get("region")), (AmazonS3ConfigKey::Endpoint, profile.get("endpoint_url"))]
    {
        if let Some(value) = value
            && !is_set(&builder, key)
        {
            builder = builder.with_config(key, value);
        }
    }
    // Keys in the environment are meant, and no part of them is mixed with those of a profile.
    if !has_keys {
        for (key, name) in [
            (AmazonS3ConfigKey::AccessKeyId, "aws_access_key_id"),
            (AmazonS3ConfigKey::SecretAccessKey, "aws_secret_access_key"),
            (AmazonS3ConfigKey::Token, "aws_session_token"),
            (AmazonS3ConfigKey::WebIdentityTokenFile, "web_identity_token_file"),
            (AmazonS3ConfigKey::RoleArn, "role_arn"),
        ] {
            if let Some(value) = profile.get(name)
                && !is_set(&builder, key)
            {
                builder = builder.with_config(key, value);
            }
        }
    }
    let store = builder
        .with_bucket_name(bucket)
        .with_retry(retry)
        .with_client_options(ClientOptions::new())
        .with_http_connector(wire.clone())
        .with_conditional_put(object_store::aws::S3ConditionalPut::ETagMatch)
        .with_disable_bulk_delete(true)
        .build();
    Ok(store.map(|store| Box::new(store) as _))
}

/// What the files of the AWS tools say of the profile that is meant.
struct Profile(Vec<(String, String)>);

impl Profile {
    fn read(has_keys: bool) -> Result<Profile, StoreError> {
        let named = env::var("AWS_PROFILE").ok().filter(|name| !name.is_empty());
        let name = named.as_deref().unwrap_or("default");
        let file = |variable: &str, usual: &str| -> Option<PathBuf> {
            match env::var_os(variable).filter(|path| !path.is_empty()) {
                Some(path) => Some(path.into()),
                None => Some(env::home_dir()?.join(".aws").join(usual)),
            }
        };
        let text = |path: Option<PathBuf>| path.and_then(|path| fs::read_to_string(path).ok()).unwrap_or_default();
        let credentials = text(file("AWS_SHARED_CREDENTIALS_FILE", "credentials"));
        let config = text(file("AWS_CONFIG_FILE", "config"));
        let section = if name == "default" { "default".to_owned() } else { format!("profile {name}") };
        let found: Vec<_> =
            [section_of(&credentials, name), section_of(&config, &section)].into_iter().flatten().collect();
        if found.is_empty() && named.is_some() {
            return Err(StoreError::Refused {
                message: format!("no profile is named `{name}` in the files of the AWS tools"),
                hint: "check AWS_PROFILE, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY".to_owned(),
            });
        }
        let profile = Profile(found.into_iter().flatten().collect());
        let by_others = ["sso_session", "sso_start_url", "credential_process", "source_profile"];
        if !has_keys
            && profile.get("aws_access_key_id").is_none()
            && by_others.iter().any(|key| profile.get(key).is_some())
        {
            return Err(StoreError::Refused {
                message: format!("the AWS profile `{name}` gets its credentials in a way that only the AWS tools know"),
                hint: "run `eval \"$(aws configure export-credentials --format env)\"` before".to_owned(),
            });
        }
        Ok(profile)
    }

    fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }
}

/// What a section of such a file says; `None` when there is no such section.
fn section_of(text: &str, section: &str) -> Option<Vec<(String, String)>> {
    let mut found = None;
    let mut is_in = false;
    for line in text.lines() {
        // What is indented belongs to a setting of several lines, of which none is needed.
        if line.starts_with(char::is_whitespace) || line.starts_with(['#', ';']) {
            continue;
        }
        let line = line.trim();
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            is_in = name.split_whitespace().eq(section.split_whitespace());
            if is_in {
                found.get_or_insert_with(Vec::new);
            }
        } else if is_in
            && let Some((key, value)) = line.split_once('=')
            && let Some(found) = &mut found
        {
            found.push((key.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    found
}

fn google(bucket: &str, retry: RetryConfig, wire: &Wire) -> Made {
    let mut builder = GoogleCloudStorageBuilder::from_env();
    // As the libraries of the service read the address of a stand-in for it.
    if let Some(host) = env::var("STORAGE_EMULATOR_HOST").ok().filter(|host| !host.is_empty()) {
        let address = if host.contains("://") { host } else { format!("http://{host}") };
        // A write asks for credentials also where none are sent; no real ones go to a stand-in.
        builder = builder.with_config(GoogleConfigKey::BaseUrl, address).with_bearer_token("none");
    }
    let store = builder
        .with_bucket_name(bucket)
        .with_retry(retry)
        .with_client_options(ClientOptions::new())
        .with_http_connector(wire.clone())
        .build()?;
    Ok(Box::new(store))
}

fn azure(container: &str, retry: RetryConfig, wire: &Wire) -> Result<Made, StoreError> {
    let mut builder = MicrosoftAzureBuilder::from_env();
    let is_set = |builder: &MicrosoftAzureBuilder, key| builder.get_config_value(&key).is_some();
    // The names that the command line of the service reads, and what its connection strings say.
    let connection = env::var("AZURE_STORAGE_CONNECTION_STRING").unwrap_or_default();
    let part = |name: &str| {
        let parts = connection.split(';').filter_map(|part| part.split_once('='));
        parts.into_iter().find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
    };
    for (key, value) in [
        (AzureConfigKey::AccountName, env::var("AZURE_STORAGE_ACCOUNT").ok().or_else(|| part("AccountName"))),
        (AzureConfigKey::AccessKey, env::var("AZURE_STORAGE_KEY").ok().or_else(|| part("AccountKey"))),
        (AzureConfigKey::SasKey, part("SharedAccessSignature")),
        (AzureConfigKey::Endpoint, part("BlobEndpoint")),
    ] {
        if let Some(value) = value
            && !is_set(&builder, key)
        {
            builder = builder.with_config(key, value);
        }
    }
    if !is_set(&builder, AzureConfigKey::AccountName) {
        return Err(StoreError::Refused {
            message: "nothing says in which storage account the container is".to_owned(),
            hint: "set AZURE_STORAGE_ACCOUNT".to_owned(),
        });
    }
    let store = builder
        .with_container_name(container)
        .with_retry(retry)
        .with_client_options(ClientOptions::new())
        .with_http_connector(wire.clone())
        .build();
    Ok(store.map(|store| Box::new(store) as _))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_of_the_files_of_the_aws_tools_is_read_as_they_read_it() {
        let text = "[default]\naws_access_key_id = A\n# x\n[profile ci]\nregion=eu-west-1\ns3 =\n  endpoint_url = http://x\n[profile  ci]\nrole_arn = r\n";
        let told = |section| section_of(text, section).map(|found| format!("{found:?}"));
        assert_eq!(told("default").unwrap(), r#"[("aws_access_key_id", "A")]"#);
        assert_eq!(told("profile ci").unwrap(), r#"[("region", "eu-west-1"), ("s3", ""), ("role_arn", "r")]"#);
        assert_eq!(told("ci"), None);
    }
}
