//! Tags: the records of each subject, under one slug however it was capitalised.

use std::collections::BTreeMap;

use super::Order;
use super::outline::Outline;
use crate::diagnostic::{Code, Diagnostic};
use crate::redact::Number;
use crate::text;

/// A subject and the listed records that have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// The name of its page.
    pub slug: String,
    /// As it was first written, in path order.
    pub name: String,
    /// The records, by date.
    pub records: Vec<Number>,
}

pub(super) fn collect(outlines: &[Outline<'_>], order: &Order, rank: &[u32]) -> (Vec<Tag>, Vec<Diagnostic>) {
    let mut tags: BTreeMap<String, Tag> = BTreeMap::new();
    let mut findings = Vec::new();
    for (number, outline) in (0..).zip(outlines) {
        if !outline.listed {
            continue;
        }
        for name in outline.tags {
            let Some(slug) = text::slug(name.as_str()).filter(|slug| slug.len() <= 100) else {
                findings.push(
                    Diagnostic::new(
                        Code::BadValue,
                        format!(
                            "the tag `{}` of `{}` cannot be the name of a page",
                            text::excerpt(name.as_str(), 60),
                            outline.id
                        ),
                    )
                    .hint("use a tag with letters or digits, at most 100 of them"),
                );
                continue;
            };
            // `index` is the page of all tags.
            let slug = if slug == "index" || slug.starts_with("index-") { format!("tag-{slug}") } else { slug };
            let tag = tags.entry(slug.clone()).or_insert_with(|| Tag {
                slug,
                name: name.as_str().to_owned(),
                records: Vec::new(),
            });
            if tag.records.last() != Some(&number) {
                tag.records.push(number);
            }
        }
    }
    let mut tags: Vec<Tag> = tags.into_values().collect();
    for tag in &mut tags {
        tag.records.sort_unstable_by_key(|number| rank[*number as usize]);
    }
    tags.sort_by(|a, b| order.compare(&a.name, &b.name).then_with(|| a.slug.cmp(&b.slug)));
    (tags, findings)
}

/// The tags of each record.
pub(super) fn of_records(tags: &[Tag]) -> BTreeMap<Number, Vec<usize>> {
    let mut of_records: BTreeMap<Number, Vec<usize>> = BTreeMap::new();
    for (at, tag) in tags.iter().enumerate() {
        for number in &tag.records {
            of_records.entry(*number).or_default().push(at);
        }
    }
    of_records
}
