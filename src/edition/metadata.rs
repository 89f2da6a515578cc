//! What an edition says of itself to catalogues: RO-Crate 1.2, a JSON-LD file at the top of the payload.
//!
//! It names the parts of the payload and not each of their files, which the lists of the bag do.

use serde_json::{Value, json};

use super::{About, For};

/// Its path in the payload.
pub const FILE: &str = "ro-crate-metadata.json";

/// A part of the payload: its path below the payload, with a slash at the end where it is a folder, and what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its path below the payload.
    pub path: &'static str,
    /// What it is called.
    pub name: &'static str,
    /// What it holds.
    pub description: &'static str,
    /// The media type of a file.
    pub media_type: Option<&'static str>,
}

/// The parts of every edition.
pub const SITE: [Part; 2] = [
    Part {
        path: "site/",
        name: "The website",
        description: "The website as readers have it. It opens in any browser without a network.",
        media_type: None,
    },
    Part {
        path: "site/index.html",
        name: "The home page of the website",
        description: "Where reading begins.",
        media_type: Some("text/html"),
    },
];

/// The records of the dossier, in an edition for those who keep it.
pub const CONTENT: Part = Part {
    path: "content/",
    name: "The records",
    description: "The records of the dossier as their authors wrote them, with the files beside them.",
    media_type: None,
};

/// The captured copies of sources.
pub const CAPTURES: Part = Part {
    path: "captures/",
    name: "The captured copies of sources",
    description: "Copies of the sources as they were captured, each with the SHA-256 that its record tells.",
    media_type: None,
};

/// The settings.
pub const SETTINGS: Part = Part {
    path: "dossier.yaml",
    name: "The settings",
    description: "The settings with which the website was made.",
    media_type: Some("application/yaml"),
};

/// What came of looking for quotations in captures.
pub const LOCK: Part = Part {
    path: "evidence.lock",
    name: "What came of looking for quotations",
    description: "Of each quotation: whether its words stand in the captured copy of its source.",
    media_type: Some("application/yaml"),
};

/// The text of the file.
pub fn ro_crate(about: &About, parts: &[Part]) -> String {
    let header = &about.header;
    let whom = match header.audience {
        For::Public => "as its readers have it",
        For::Sealed => "with the records and captures that it was made from, for those who keep it",
    };
    let description =
        format!("The dossier “{}” as it stood on {}, edition {}, {whom}.", header.title, header.date, header.edition);
    let licence = match &about.licence {
        Some(licence) => licence.as_str(),
        None => "No licence is given. Whoever wants to use more of it than the law allows has to ask.",
    };
    let licence_id = if is_address(licence) { licence } else { "#licence" };
    let mut root = json!({
        "@id": "./",
        "@type": "Dataset",
        "name": format!("{}, edition {}", header.title, header.edition),
        "description": description,
        "datePublished": header.date,
        "version": header.edition,
        "inLanguage": about.lang,
        "license": { "@id": licence_id },
        "hasPart": parts.iter().map(|part| json!({ "@id": part.path })).collect::<Vec<_>>(),
    });
    let mut more = vec![json!({
        "@id": licence_id,
        "@type": "CreativeWork",
        "name": licence,
        "description": "The licence of the dossier's own words.",
    })];
    if let Some(publisher) = &about.publisher {
        root["publisher"] = json!({ "@id": "#publisher" });
        more.push(json!({ "@id": "#publisher", "@type": "Organization", "name": publisher }));
    }
    if let Some(url) = &about.base_url {
        root["url"] = json!(url);
    }
    let descriptor = json!({
        "@id": FILE,
        "@type": "CreativeWork",
        "about": { "@id": "./" },
        "conformsTo": { "@id": "https://w3id.org/ro/crate/1.2" },
    });
    let entities = parts.iter().map(|part| entity(part, parts));
    let graph: Vec<Value> = [descriptor, root].into_iter().chain(entities).chain(more).collect();
    let whole = json!({ "@context": "https://w3id.org/ro/crate/1.2/context", "@graph": graph });
    format!("{whole:#}\n")
}

fn entity(part: &Part, parts: &[Part]) -> Value {
    let is_folder = part.path.ends_with('/');
    let sort = if is_folder { "Dataset" } else { "File" };
    let mut entity = json!({ "@id": part.path, "@type": sort, "name": part.name, "description": part.description });
    let inner = parts.iter().filter(|inner| is_folder && inner.path != part.path && inner.path.starts_with(part.path));
    let inner: Vec<Value> = inner.map(|inner| json!({ "@id": inner.path })).collect();
    if !inner.is_empty() {
        entity["hasPart"] = json!(inner);
    }
    if let Some(media_type) = part.media_type {
        entity["encodingFormat"] = json!(media_type);
    }
    entity
}

fn is_address(licence: &str) -> bool {
    url::Url::parse(licence).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edition::archive::tests::about;

    #[test]
    fn the_root_has_what_every_crate_must_have() {
        let text = ro_crate(&about(), &SITE);
        let value: Value = serde_json::from_str(&text).unwrap();
        let root = value["@graph"].as_array().unwrap().iter().find(|entity| entity["@id"] == "./").unwrap();
        assert_eq!(root["name"], "The gate, edition first");
        assert_eq!(root["datePublished"], "2025-05-11");
        assert_eq!(root["hasPart"], json!([{ "@id": "site/" }, { "@id": "site/index.html" }]));
        assert_eq!(root["license"], json!({ "@id": "#licence" }));
        assert_eq!(text, ro_crate(&about(), &SITE));
    }

    #[test]
    fn a_licence_with_an_address_is_known_by_it() {
        let licence = "https://creativecommons.org/licenses/by/4.0/";
        let about = About { licence: Some(licence.to_owned()), ..about() };
        let value: Value = serde_json::from_str(&ro_crate(&about, &SITE)).unwrap();
        assert_eq!(value["@graph"][1]["license"], json!({ "@id": licence }));
        assert!(value["@graph"].as_array().unwrap().iter().any(|entity| entity["@id"] == licence));
    }
}
