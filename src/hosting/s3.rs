//! What a bucket and the distribution before it are to be told, as the tools of Amazon take it.
//!
//! A bucket by itself sends no headers of ours and leads on by at most 50 rules; the rest is done by pages that lead on. It cannot say that
//! something is gone.

use serde_json::{Value, json};

use super::wishes::Wishes;
use crate::config::Settings;
use crate::text;

/// How many rules the website of a bucket takes.
const RULES: usize = 50;

/// The website configuration of the bucket, and how many rules had no room.
pub(super) fn website(wishes: &Wishes, settings: &Settings) -> (String, usize) {
    let prefix = text::decoded_path(wishes.base.trim_start_matches('/'));
    let address = settings.base_url().and_then(|url| url::Url::parse(&url).ok());
    let rules: Vec<Value> = wishes
        .moved
        .iter()
        .take(RULES)
        .map(|(from, to)| {
            let mut redirect = json!({ "ReplaceKeyWith": format!("{prefix}{to}"), "HttpRedirectCode": "301" });
            // Else readers would be led to the address of the bucket.
            if let Some(address) = address.as_ref().filter(|address| address.host_str().is_some()) {
                let port = address.port().map(|port| format!(":{port}")).unwrap_or_default();
                redirect["HostName"] = json!(format!("{}{port}", address.host_str().unwrap_or_default()));
                redirect["Protocol"] = json!(address.scheme());
            }
            json!({ "Condition": { "KeyPrefixEquals": format!("{prefix}{from}") }, "Redirect": redirect })
        })
        .collect();
    let mut website =
        json!({ "IndexDocument": { "Suffix": "index.html" }, "ErrorDocument": { "Key": format!("{prefix}404.html") } });
    // An empty list is refused.
    if !rules.is_empty() {
        website["RoutingRules"] = Value::from(rules);
    }
    (pretty(&website), wishes.moved.len().saturating_sub(RULES))
}

/// The policy of response headers of a CloudFront distribution.
pub(super) fn response_headers(wishes: &Wishes) -> String {
    let mut security = json!({});
    let mut custom = Vec::new();
    for (name, value) in &wishes.headers {
        match *name {
            "Content-Security-Policy" => {
                security["ContentSecurityPolicy"] = json!({ "Override": true, "ContentSecurityPolicy": value });
            }
            "X-Content-Type-Options" => security["ContentTypeOptions"] = json!({ "Override": true }),
            "X-Frame-Options" => security["FrameOptions"] = json!({ "Override": true, "FrameOption": value }),
            "Referrer-Policy" => security["ReferrerPolicy"] = json!({ "Override": true, "ReferrerPolicy": value }),
            "Strict-Transport-Security" => {
                security["StrictTransportSecurity"] = json!({
                    "Override": true,
                    "AccessControlMaxAgeSec": 31_536_000,
                    "IncludeSubdomains": false,
                    "Preload": false,
                });
            }
            name => custom.push(json!({ "Header": name, "Value": value, "Override": true })),
        }
    }
    pretty(&json!({
        "Name": "dossier",
        "Comment": "What is sent with every file of the site",
        "SecurityHeadersConfig": security,
        "CustomHeadersConfig": { "Quantity": custom.len(), "Items": custom },
    }))
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}
