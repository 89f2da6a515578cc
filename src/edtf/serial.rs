//! A date in front matter and data files: a string, or the integer that YAML makes of a bare year.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Edtf;

impl Serialize for Edtf {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Edtf {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EdtfVisitor)
    }
}

struct EdtfVisitor;

impl Visitor<'_> for EdtfVisitor {
    type Value = Edtf;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an EDTF date such as `2025-05-11`")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Edtf, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_i64<E: de::Error>(self, year: i64) -> Result<Edtf, E> {
        self.visit_str(&year.to_string())
    }

    fn visit_u64<E: de::Error>(self, year: u64) -> Result<Edtf, E> {
        self.visit_str(&year.to_string())
    }
}

impl JsonSchema for Edtf {
    fn schema_name() -> Cow<'static, str> {
        "Edtf".into()
    }

    fn schema_id() -> Cow<'static, str> {
        concat!(module_path!(), "::Edtf").into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["string", "integer"],
            "format": "edtf",
            "description": "A date in EDTF (ISO 8601-2): `2025-05-11`, `2025-05`, `2025`, `2025-05-11?` (uncertain), \
                `2025~` (approximate), `2025-05-XX` (day not known), `2025-05-10/2025-05-11` (from, to), \
                `../2025` (open), `[2025-05-10,2025-05-11]` (one of these).",
            "examples": ["2025-05-11", "2025-05", "2025~", "2025-05-XX", "2025-05-10/2025-05-11"],
        })
    }
}
