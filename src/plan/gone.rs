//! The addresses of past editions at which nothing stands any more, and what answers there.
//!
//! A page that was about many records, such as a day, a subject or the ninth page of a list, may be empty now. Whoever comes by an old link is
//! told so, or is led to where the list ends now. The page of a record is no such page: its author decides what becomes of it, and a
//! finding asks for that decision.

use std::collections::BTreeMap;

use super::routes::Route;
use crate::edition::Past;
use crate::model::Kind;

/// An address at which nothing stands any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gone {
    /// The path from the root of the site.
    pub path: String,
    /// The path of the page that comes closest.
    pub instead: String,
    /// Whether that page is what this one has become.
    pub is_moved: bool,
}

/// The pages at the root that go on in others.
const AT_ROOT: [&str; 4] = ["timeline", "network", "corrections", "editions"];

/// What answers at the paths of past editions that have no route.
pub(super) fn collect(past: &Past, routes: &BTreeMap<String, Route>) -> (Vec<Gone>, Vec<Route>) {
    let (mut gone, mut data) = (Vec::new(), Vec::new());
    for path in past.paths.keys().filter(|path| !routes.contains_key(*path)) {
        if let Some(part) = part_of_data(path) {
            // A list of no records is true, and whoever reads one part after the other finds the end.
            data.push(Route::Records(part));
            continue;
        }
        gone.extend(instead(path, routes).map(|(instead, is_moved)| Gone { path: path.clone(), instead, is_moved }));
    }
    (gone, data)
}

fn part_of_data(path: &str) -> Option<usize> {
    let part = path.strip_prefix("data/records-")?.strip_suffix(".jsonl")?;
    part.parse().ok().filter(|part| *part > 1)
}

/// The page that comes closest to one that is gone, and whether it is what that one has become; none for what is decided otherwise.
fn instead(path: &str, routes: &BTreeMap<String, Route>) -> Option<(String, bool)> {
    let name = path.strip_suffix(".html")?;
    let is_there = |path: &String| routes.contains_key(path);
    let Some((folder, name)) = name.split_once('/') else {
        let (list, _) = numbered(name)?;
        return AT_ROOT.contains(&list).then(|| last_of(list, routes)).flatten().map(|last| (last, true));
    };
    match folder {
        "dates" => {
            let wider = wider(name).into_iter().map(|name| format!("dates/{name}.html"));
            Some((wider.chain(["dates/index.html".to_owned()]).find(is_there)?, false))
        }
        "tags" => {
            let last = numbered(name).and_then(|(tag, _)| last_of(&format!("tags/{tag}"), routes));
            match last {
                Some(last) => Some((last, true)),
                None => Some("tags/index.html".to_owned()).filter(is_there).map(|all| (all, false)),
            }
        }
        folder if Kind::ALL.iter().any(|kind| kind.folder() == folder) => {
            let (list, _) = numbered(name).filter(|(list, _)| *list == "index")?;
            last_of(&format!("{folder}/{list}"), routes).map(|last| (last, true))
        }
        _ => None,
    }
}

/// The name of a page that goes on in others, and which of them it is, counted from 2.
fn numbered(name: &str) -> Option<(&str, usize)> {
    let (list, page) = name.rsplit_once('-')?;
    page.parse().ok().filter(|page| *page > 1).map(|page| (list, page))
}

/// The last page of a list that there is.
fn last_of(list: &str, routes: &BTreeMap<String, Route>) -> Option<String> {
    let first = format!("{list}.html");
    if !routes.contains_key(&first) {
        return None;
    }
    let page = |page: usize| format!("{list}-{page}.html");
    let more = (2..).map(page).take_while(|path| routes.contains_key(path)).last();
    Some(more.unwrap_or(first))
}

/// The names of the month and the year in which a day falls, or of the year of a month.
fn wider(name: &str) -> Vec<String> {
    let is_day = name.trim_start_matches('-').matches('-').count() == 2;
    let month = name.rsplit_once('-').map(|(month, _)| month).filter(|month| !month.is_empty());
    let year =
        month.filter(|_| is_day).and_then(|month| Some(month.rsplit_once('-')?.0)).filter(|year| !year.is_empty());
    month.into_iter().chain(year).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, there: &[&str], expected: Option<(&str, bool)>) {
        let routes = there.iter().map(|path| ((*path).to_owned(), Route::Home)).collect();
        assert_eq!(instead(path, &routes), expected.map(|(path, is_moved)| (path.to_owned(), is_moved)), "{path}");
    }

    #[test]
    fn a_day_is_answered_by_its_month_its_year_or_all_dates() {
        let day = "dates/2024-05-11.html";
        check(day, &["dates/2024-05.html", "dates/2024.html", "dates/index.html"], Some(("dates/2024-05.html", false)));
        check(day, &["dates/2024.html", "dates/index.html"], Some(("dates/2024.html", false)));
        check(day, &["dates/index.html"], Some(("dates/index.html", false)));
        check("dates/2024-05.html", &["dates/2024.html", "dates/index.html"], Some(("dates/2024.html", false)));
        check("dates/-0044-03-15.html", &["dates/-0044.html", "dates/index.html"], Some(("dates/-0044.html", false)));
        check("dates/-0044.html", &["dates/index.html"], Some(("dates/index.html", false)));
    }

    #[test]
    fn a_page_beyond_the_end_of_a_list_leads_to_its_last() {
        check(
            "actors/index-9.html",
            &["actors/index.html", "actors/index-2.html"],
            Some(("actors/index-2.html", true)),
        );
        check("timeline-3.html", &["timeline.html"], Some(("timeline.html", true)));
        check("tags/gates-2.html", &["tags/gates.html", "tags/index.html"], Some(("tags/gates.html", true)));
    }

    #[test]
    fn a_subject_that_nobody_has_any_more_is_answered_by_all_subjects() {
        check("tags/gates.html", &["tags/index.html"], Some(("tags/index.html", false)));
        check("tags/gates-2.html", &["tags/index.html"], Some(("tags/index.html", false)));
    }

    #[test]
    fn what_becomes_of_a_record_or_a_file_is_not_decided_here() {
        for path in [
            "actors/jane-doe.html",
            "about-2.html",
            "methodology.html",
            "files/a.jpg",
            "static/style.css",
            "data/x.json",
        ] {
            check(path, &["actors/index.html", "about.html"], None);
        }
    }
}
