//! What `docs/privacy-proof.md` says of tests is so.

use std::path::Path;

#[test]
fn each_test_and_each_part_that_the_proof_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap_or_else(|_| panic!("there is no `{path}`"));
    let page = read("docs/privacy-proof.md");
    let rows = page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| Promise"));
    let mut tests = 0;
    for row in rows {
        let [_, _, kept, shown, ..] = row.split('|').collect::<Vec<_>>()[..] else { panic!("{row}") };
        let named = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
        for part in named(kept) {
            let is_there = root.join("src").join(&part).exists() || root.join(format!("src/{part}.rs")).exists();
            assert!(is_there, "there is no part `{part}`: {row}");
        }
        for test in named(shown) {
            let Some((module, name)) = test.split_once("::") else {
                assert!(root.join(&test).exists(), "there is no `{test}`");
                continue;
            };
            let source = read(&format!("tests/it/{module}.rs"));
            assert!(source.contains(&format!("fn {name}(")), "there is no test `{test}`");
            tests += 1;
        }
    }
    assert!(tests > 60, "the proof names {tests} tests");
}
