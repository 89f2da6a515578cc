//! The same input gives the same bytes: in any folder, time zone and language, with any number of threads.

use crate::input::{Dossier, Files, Run, assert_same};

fn incident() -> Dossier {
    let mut dossier = Dossier::small().settings("title: A dossier\nbase_url: https://example.org\npaginate: 10\n");
    for number in 0..60 {
        let (year, day) = (2000 + number % 7, 1 + number % 28);
        dossier = dossier
            .record(&format!("events/e-{number}.md"), format!("---\ntitle: Event {}\ndate: {year}-03-{day:02}\nactors: [jane-doe, a-{}]\ntags: [tag {}, Tag {}]\nsource: daily\n---\n[[e-{}]] and [[jane-doe]]\n", number % 5, number % 9, number % 4, number % 3, (number * 7) % 60))
            .record(&format!("quotes/q-{number}.md"), format!("---\nspeaker: a-{}\nabout: [jane-doe, a-{}]\ndate: {year}\ntext: Words {}\nevent: e-{}\n---\n", number % 9, (number + 1) % 9, number % 3, number));
    }
    for number in 0..9 {
        dossier = dossier.record(
            &format!("actors/a-{number}.md"),
            format!(
                "---\nname: Zoë Élan {}\nkind: person\nrelations: {{kind: knows, to: jane-doe}}\n---\n",
                number % 3
            ),
        );
    }
    dossier
}

fn build(dossier: &Dossier, environment: &[(&str, &str)]) -> Files {
    let folder = dossier.on_disk();
    let mut command = folder.command(&["build"]);
    command.envs(environment.iter().copied());
    let run = Run::of(command);
    assert_eq!(run.code, 0, "{}", run.stderr);
    folder.site()
}

#[test]
fn two_folders_and_two_processes_give_the_same_bytes() {
    let dossier = incident();
    assert_same(&build(&dossier, &[]), &build(&dossier, &[]));
}

#[test]
fn the_number_of_threads_makes_no_difference() {
    let dossier = incident();
    let one = build(&dossier, &[("RAYON_NUM_THREADS", "1")]);
    assert_same(&one, &build(&dossier, &[("RAYON_NUM_THREADS", "8")]));
    assert_same(&one, &build(&dossier, &[("RAYON_NUM_THREADS", "3")]));
}

#[test]
fn the_time_zone_makes_no_difference() {
    let dossier = incident();
    let there = build(&dossier, &[("TZ", "Pacific/Kiritimati")]);
    assert_same(&there, &build(&dossier, &[("TZ", "Pacific/Pago_Pago")]));
    assert_same(&there, &build(&dossier, &[("TZ", "No/Such_Zone")]));
}

#[test]
fn the_language_of_the_machine_makes_no_difference() {
    let dossier = incident();
    let plain = build(&dossier, &[("LC_ALL", "C"), ("LANG", "C")]);
    assert_same(&plain, &build(&dossier, &[("LC_ALL", "tr_TR.UTF-8"), ("LANG", "hi_IN.UTF-8")]));
}

#[test]
fn the_day_of_the_build_is_printed_nowhere() {
    let folder = incident().on_disk();
    let on = |date: &str| {
        let run = folder.run(&["build", "--date", date]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        folder.site()
    };
    assert_same(&on("2019-01-01"), &on("2031-12-31"));
}

#[test]
fn the_order_in_which_files_were_made_makes_no_difference() {
    let dossier = incident();
    let folder = dossier.on_disk();
    let paths: Vec<String> = crate::input::files_in(&folder.path("content")).into_keys().rev().collect();
    for path in paths {
        let path = format!("content/{path}");
        let bytes = std::fs::read(folder.path(&path)).unwrap();
        folder.remove(&path);
        folder.write(&path, bytes);
    }
    folder.build();
    assert_same(&build(&dossier, &[]), &folder.site());
}

#[test]
fn where_the_program_is_started_makes_no_difference() {
    let folder = incident().on_disk();
    folder.build();
    let inside = folder.site();
    std::fs::remove_dir_all(folder.path("public")).unwrap();
    let config = folder.path("dossier.yaml");
    let command = crate::input::program(std::path::Path::new("/"), &["build", "--config", config.to_str().unwrap()]);
    assert_eq!(Run::of(command).code, 0);
    assert_same(&inside, &folder.site());
}
