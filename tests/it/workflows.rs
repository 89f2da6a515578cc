//! `dossier init --ci`: what it writes, and what it leaves alone. `tests/acceptance/ci-steps.py` runs the steps.

use std::collections::BTreeSet;
use std::fs;

use expect_test::{Expect, expect};

use crate::input::{Dossier, Folder, files_in};

const SCRIPT: &str = ".dossier/ci.sh";
const HOSTS: [(&str, &str); 3] = [
    ("github", ".github/workflows/dossier.yml"),
    ("gitlab", ".gitlab-ci.yml"),
    ("forgejo", ".forgejo/workflows/dossier.yml"),
];

fn refused(folder: &Folder, args: &[&str], stderr: &Expect) {
    let before = files_in(&folder.path(""));
    let run = folder.run(args);
    stderr.assert_eq(&run.stderr);
    assert_eq!(run.code, 2);
    assert_eq!(files_in(&folder.path("")), before, "something was written");
}

fn read(folder: &Folder, path: &str) -> String {
    fs::read_to_string(folder.path(path)).unwrap()
}

/// The steps that a workflow calls, in its order.
fn steps(workflow: &str) -> Vec<&str> {
    workflow.lines().filter_map(|line| Some(line.split_once("sh .dossier/ci.sh ")?.1)).collect()
}

#[test]
fn a_dossier_that_is_there_gets_the_workflow_and_nothing_else() {
    for (host, path) in HOSTS {
        let folder = Dossier::small().on_disk();
        let before = files_in(&folder.path(""));
        let run = folder.run(&["init", "--ci", host]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert_eq!(
            run.stdout,
            format!("the workflow is in `.dossier/ci.sh` and `{path}`; docs/ci.md says what to tell the host\n")
        );
        let mut after = files_in(&folder.path(""));
        assert!(after.remove(SCRIPT).is_some() && after.remove(path).is_some());
        assert_eq!(after, before);
    }
}

#[test]
fn a_new_dossier_comes_with_its_workflow() {
    let folder = Folder::empty();
    let run = folder.run(&["init", "new", "--ci", "github"]);
    assert_eq!(run.code, 0);
    expect![[r#"
        the workflow does not know yet where to get this program: write the address of its release archive and the SHA-256 of that into `new/.dossier/ci.sh`
    "#]]
    .assert_eq(&run.stderr);
    assert!(folder.path("new/dossier.yaml").exists() && folder.path("new/.github/workflows/dossier.yml").exists());
}

#[test]
fn no_file_is_overwritten() {
    let folder = Dossier::small().on_disk();
    folder.write(".gitlab-ci.yml", "mine");
    refused(
        &folder,
        &["init", "--ci", "gitlab"],
        &expect![[r#"
            error: there is already `.gitlab-ci.yml`
            hint: put it somewhere else first, and take over from it what you want; nothing was written
        "#]],
    );
}

#[test]
fn the_script_of_another_host_stays_as_it_is() {
    let folder = Dossier::small().on_disk();
    folder.run(&["init", "--ci", "github"]);
    folder.write(SCRIPT, "mine");
    let run = folder.run(&["init", "--ci", "forgejo"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, "`.dossier/ci.sh` is there and stays as it is\n"));
    assert_eq!(read(&folder, SCRIPT), "mine");
}

#[test]
fn without_a_folder_a_dossier_must_be_there() {
    refused(
        &Folder::empty(),
        &["init", "--ci", "github"],
        &expect![[r#"
            error: there is no `dossier.yaml` here, to which a workflow could be added
            hint: name the folder: `dossier init DIR --ci HOST` makes a dossier with its workflow
        "#]],
    );
}

#[test]
fn the_program_is_named_by_address_and_hash() {
    let folder = Dossier::small().on_disk();
    let hash = "AB".repeat(32);
    let run =
        folder.run(&["init", "--ci", "github", "--program", "https://example.org/d.tar.gz", "--program-sha256", &hash]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let script = read(&folder, SCRIPT);
    assert!(script.contains("\naddress='https://example.org/d.tar.gz'\n"), "{script}");
    assert!(script.contains(&format!("\nsha256='{}'\n", "ab".repeat(32))), "{script}");
}

#[test]
fn an_address_or_hash_that_is_none_is_refused() {
    let folder = Dossier::small().on_disk();
    let (hash, address) = ("0".repeat(64), "https://example.org/a");
    for wrong in ["d.tar.gz", "http://example.org/d", "https://me:secret@example.org/d", "https://example.org/'$(id)'"]
    {
        let run = folder.run(&["init", "--ci", "github", "--program", wrong, "--program-sha256", &hash]);
        assert_eq!(run.code, 2, "`{wrong}` is taken");
    }
    for wrong in ["", "00", &format!("{}'", &hash[1..])] {
        let run = folder.run(&["init", "--ci", "github", "--program", address, "--program-sha256", wrong]);
        assert_eq!(run.code, 2, "`{wrong}` is taken");
    }
    assert_eq!(folder.run(&["init", "--ci", "github", "--program", address]).code, 2);
    assert!(!folder.path(SCRIPT).exists());
}

#[test]
fn the_folder_of_the_site_is_that_of_the_settings() {
    let folder = Dossier::small().set("out: pages/site").on_disk();
    assert_eq!(folder.run(&["init", "--ci", "gitlab"]).code, 0);
    assert!(read(&folder, SCRIPT).contains("\nsite='pages/site'\n"));
}

#[test]
fn a_folder_that_a_script_could_misread_is_refused() {
    let folder = Dossier::small().set("out: \"a'; id; '\"").on_disk();
    assert_eq!(folder.run(&["init", "--ci", "github"]).code, 2);
    assert!(!folder.path(SCRIPT).exists());
}

#[test]
fn all_hosts_take_the_same_steps_and_nothing_is_left_to_fill_in() {
    let mut seen = BTreeSet::new();
    for (host, path) in HOSTS {
        let folder = Dossier::small().on_disk();
        folder.run(&["init", "--ci", host]);
        let (script, workflow) = (read(&folder, SCRIPT), read(&folder, path));
        for text in [&script, &workflow] {
            let is_left = text.split('@').skip(1).any(|rest| {
                ["SITE", "SHA256"].iter().any(|name| rest.starts_with(name)) || rest.starts_with("ADDRESS")
            });
            assert!(!is_left, "{text}");
        }
        let steps = steps(&workflow);
        for step in &steps {
            let name = step.split_whitespace().next().unwrap();
            assert!(
                script.contains(&format!("\n#   sh .dossier/ci.sh {name} ")),
                "the script does not tell of `{name}`"
            );
        }
        let build = &steps[..4];
        assert_eq!([build[0], build[2], build[3]], ["install", "build", "compare"]);
        assert!(build[1].starts_with("check "));
        seen.insert(script);
    }
    assert_eq!(seen.len(), 1);
}

#[test]
fn no_event_text_stands_in_a_line_that_a_shell_runs() {
    for (host, path) in HOSTS {
        let folder = Dossier::small().on_disk();
        folder.run(&["init", "--ci", host]);
        let workflow = read(&folder, path);
        for step in steps(&workflow) {
            assert!(!step.contains("${{"), "{step}");
        }
    }
}

#[test]
fn the_folder_of_editions_stands_for_the_last_of_them() {
    let folder = Dossier::small().on_disk();
    folder.build();
    let archive = |name: &str, day: &str, previous: &[&str]| {
        let out = format!("{name}.zip");
        let args = ["archive", "--built", "--out", &out, "--edition", name, "--date", day];
        let run = folder.run(&[&args, previous].concat());
        assert_eq!(run.code, 0, "{}", run.stderr);
    };
    archive("v9", "2025-01-01", &[]);
    // By its name it would stand before the other.
    archive("v10", "2025-01-01", &["--previous", "editions"]);
    archive("v11", "2025-02-01", &["--previous", "editions"]);
    let header = |name: &str| read(&folder, &format!("editions/{name}.jsonl")).lines().next().unwrap().to_owned();
    assert!(header("v10").contains(r#""previous":{"edition":"v9","#), "{}", header("v10"));
    assert!(header("v11").contains(r#""previous":{"edition":"v10","#), "{}", header("v11"));
    let run = folder.run(&["diff", "editions", "public"]);
    assert!(run.stdout.starts_with("from v11 to public: "), "{}", run.stdout);
    // Made again, an edition follows the one that it followed.
    fs::remove_file(folder.path("v10.zip")).unwrap();
    archive("v10", "2025-01-01", &["--previous", "editions"]);
}

#[test]
fn an_empty_folder_of_editions_has_no_last_one() {
    let folder = Dossier::small().on_disk();
    folder.build();
    fs::create_dir(folder.path("editions")).unwrap();
    refused(
        &folder,
        &["archive", "--built", "--out", "a.zip", "--previous", "editions"],
        &expect![[r#"
            error: no edition for readers is kept in `editions`
            hint: `dossier archive` keeps what each edition says there
        "#]],
    );
}
