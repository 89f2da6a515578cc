//! A build that is killed at any moment leaves of each file the whole old or the whole new one, and the next one mends
//! everything.
//!
//! `DOSSIER_KILLS=300` kills more often than the few times of an ordinary run; see `tests/acceptance/kill.sh`.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::input::{Dossier, Files, Folder, Run, assert_same, files_in};

/// How many builds are killed, of each of the two sorts.
fn kills() -> u32 {
    let typed = std::env::var("DOSSIER_KILLS").ok();
    typed.map_or(10, |number| number.parse().expect("DOSSIER_KILLS is a number"))
}

/// Numbers without an order that anybody sees (xorshift), the same in each run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit.max(1)
    }
}

/// One of two states of a dossier of some hundred records: most pages differ, and some stand in one of them only.
fn incident(state: &str) -> Dossier {
    let mut dossier = Dossier::small().settings(&format!("title: State {state}\n"));
    for number in 0..150 {
        dossier = dossier
            .record(
                &format!("quotes/q-{number}.md"),
                format!(
                    "---\nspeaker: jane-doe\ndate: 2023-01-{:02}\ntext: Words {number}.\nsource: daily\n---\n",
                    1 + number % 28
                ),
            )
            .record(
                &format!("events/{state}-{number}.md"),
                format!(
                    "---\ntitle: Event {number}\ndate: 2023-02-{:02}\nactors: jane-doe\ntags: {state} {}\n---\n",
                    1 + number % 28,
                    number % 9
                ),
            );
    }
    dossier
        .record(&format!("pages/{state}.gif"), state.repeat(100_000))
        .record("pages/p.md", format!("---\ntitle: P\n---\n![x]({state}.gif)\n"))
}

/// Two states of one dossier, and what each of them comes to when nothing disturbs the build.
struct States {
    folders: [Folder; 2],
    sites: [Files; 2],
    /// How long a build takes from the start of the process to its end.
    duration: Duration,
}

impl States {
    fn new() -> States {
        let folders = ["one", "two"].map(|state| incident(state).on_disk());
        let start = Instant::now();
        folders.iter().for_each(|folder| drop(folder.build()));
        let duration = start.elapsed() / 2;
        let sites = [folders[0].site(), folders[1].site()];
        States { folders, sites, duration }
    }

    fn command(&self, state: usize, out: &Folder) -> Command {
        self.folders[state].command(&["build", "--out", out.path("site").to_str().unwrap()])
    }

    /// Starts to build a state and kills the program at some moment, if it has not ended by then.
    fn kill(&self, state: usize, out: &Folder, dice: &mut Dice) {
        let mut command = self.command(state, out);
        let mut child: Child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let moment = dice.below(u64::try_from(self.duration.as_micros()).unwrap() * 5 / 4);
        std::thread::sleep(Duration::from_micros(moment));
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Builds a state to its end, and expects that nothing is left of what was before.
    #[track_caller]
    fn mend(&self, state: usize, out: &Folder) {
        let run = Run::of(self.command(state, out));
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert_same(&self.sites[state], &files_in(&out.path("site")));
        let beside: Vec<_> = std::fs::read_dir(out.path("")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(beside, ["site"]);
    }

    /// Expects that each file is the whole one of either state.
    #[track_caller]
    fn assert_whole(&self, out: &Folder) {
        for (path, bytes) in files_in(&out.path("site")) {
            if path.ends_with(".dossier-tmp") || path == ".dossier-manifest" {
                continue;
            }
            let is_whole = self.sites.iter().any(|site| site.get(&path) == Some(&bytes));
            assert!(is_whole, "`{path}` is neither the old nor the new one");
        }
    }
}

#[test]
fn a_first_build_that_is_killed_leaves_the_whole_site_or_none() {
    let states = States::new();
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let (mut number, mut begun) = (0, 0);
    while number < kills() || (begun == 0 && number < 50 * kills()) {
        number += 1;
        let out = Folder::empty();
        states.kill(0, &out, &mut dice);
        begun += u32::from(std::fs::read_dir(out.path("")).unwrap().next().is_some());
        let site = out.path("site");
        if site.exists() {
            assert_same(&states.sites[0], &files_in(&site));
        }
        // What comes after need not be what was begun.
        states.mend(number as usize % 2, &out);
    }
    assert!(begun > 0, "no build was killed while it wrote");
}

#[test]
fn an_update_that_is_killed_leaves_each_file_old_or_new() {
    let states = States::new();
    let mut dice = Dice(0x2545_f491_4f6c_dd1d);
    let out = Folder::empty();
    states.mend(0, &out);
    let (mut state, mut number, mut begun) = (0, 0, 0);
    while number < kills() || (begun == 0 && number < 50 * kills()) {
        number += 1;
        state = 1 - state;
        states.kill(state, &out, &mut dice);
        states.assert_whole(&out);
        begun += u32::from(states.sites.iter().all(|site| *site != files_in(&out.path("site"))));
        // Sometimes two builds in a row are killed.
        if number % 3 != 0 {
            state = dice.below(2) as usize;
            states.mend(state, &out);
        }
    }
    states.mend(0, &out);
    assert!(begun > 0, "no build was killed while it wrote");
}
