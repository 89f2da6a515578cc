//! Which licences let a copy of a source be passed on, word for word, by whoever has it.
//!
//! The list is closed: what is not in it counts as a no, also where a lawyer might come to a yes. `docs/evidence-packets.md` has it too, and a
//! test holds the two together.

/// The SPDX ids of these licences, in lower case.
const LICENCES: [&str; 25] = [
    "cc-by-2.0",
    "cc-by-2.5",
    "cc-by-3.0",
    "cc-by-3.0-igo",
    "cc-by-4.0",
    "cc-by-sa-2.0",
    "cc-by-sa-2.5",
    "cc-by-sa-3.0",
    "cc-by-sa-3.0-igo",
    "cc-by-sa-4.0",
    "cc-pddc",
    "cc-pdm-1.0",
    "cc0-1.0",
    "dl-de-by-2.0",
    "dl-de-zero-2.0",
    "etalab-2.0",
    "odbl-1.0",
    "odc-by-1.0",
    "ogl-canada-2.0",
    "ogl-uk-1.0",
    "ogl-uk-2.0",
    "ogl-uk-3.0",
    "pddl-1.0",
    "public-domain",
    "us-pd",
];

/// Addresses of licences, and what they are called in the list; the version follows.
const ADDRESSES: [(&str, &str); 4] = [
    ("creativecommons.org/licenses/by/", "cc-by-"),
    ("creativecommons.org/licenses/by-sa/", "cc-by-sa-"),
    ("creativecommons.org/publicdomain/zero/", "cc0-"),
    ("creativecommons.org/publicdomain/mark/", "cc-pdm-"),
];

/// Whether the licence of a source lets copies of it be passed on.
pub fn lets_pass_on(licence: &str) -> bool {
    let written = licence.trim().to_lowercase();
    let name = written.split([' ', '_']).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-");
    let address =
        name.strip_prefix("https://").or(name.strip_prefix("http://")).map(|rest| rest.trim_start_matches("www."));
    let name = match address {
        None => name,
        Some(address) => {
            let known = ADDRESSES.into_iter().find_map(|(start, id)| Some((id, address.strip_prefix(start)?)));
            let Some((id, rest)) = known else { return false };
            // What names the language of the page is no part of the licence.
            let rest = rest.trim_end_matches('/').trim_end_matches("/deed.en").trim_end_matches("/legalcode");
            format!("{id}{}", rest.replace('/', "-"))
        }
    };
    match name.as_str() {
        "cc0" | "pddl" => true,
        name => LICENCES.binary_search(&name).is_ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_told_to_authors() {
        assert!(LICENCES.is_sorted());
        let docs = include_str!("../../docs/evidence-packets.md").to_lowercase();
        let untold: Vec<&str> = LICENCES.into_iter().filter(|id| !docs.contains(&format!("`{id}`"))).collect();
        assert_eq!(untold, [""; 0]);
    }

    #[test]
    fn a_licence_is_known_by_its_id_its_name_and_its_address() {
        for yes in [
            "CC-BY-4.0",
            "CC BY 4.0",
            "cc by-sa 3.0",
            "CC0",
            "CC0-1.0",
            "PDDL",
            "Public domain",
            "OGL-UK-3.0",
            "https://creativecommons.org/licenses/by/4.0/",
            "http://www.creativecommons.org/licenses/by-sa/4.0/deed.en",
            "https://creativecommons.org/licenses/by/3.0/igo/",
            "https://creativecommons.org/publicdomain/zero/1.0/",
        ] {
            assert!(lets_pass_on(yes), "{yes}");
        }
    }

    #[test]
    fn anything_else_is_a_no() {
        for no in [
            "",
            "CC-BY",
            "CC BY-NC 4.0",
            "CC-BY-ND-4.0",
            "CC-BY-NC-SA-4.0",
            "CC-BY-4.0 for the text, all rights reserved for the pictures",
            "not public domain",
            "all rights reserved",
            "fair use",
            "https://example.org/creativecommons.org/licenses/by/4.0/",
            "https://creativecommons.org/licenses/by-nc/4.0/",
        ] {
            assert!(!lets_pass_on(no), "{no}");
        }
    }
}
