//! Where things stand, and what is too much.

use super::*;

/// Shows each key and value by the bytes that it is said to have, in the order of the tree.
fn check(yaml: &str, expected: &str) {
    fn show(node: &Node, yaml: &str, shown: &mut Vec<String>) {
        shown.push(yaml[node.span.clone()].replace('\n', "\\n").replace('\r', "\\r"));
        match &node.value {
            NodeValue::Scalar { .. } => {}
            NodeValue::List(items) => items.iter().for_each(|item| show(item, yaml, shown)),
            NodeValue::Map(entries) => entries.iter().for_each(|entry| {
                shown.push(format!("{}=", &yaml[entry.key_span.clone()]));
                show(&entry.value, yaml, shown);
            }),
        }
    }
    let tree = read_tree(yaml);
    let mut shown = Vec::new();
    tree.root.iter().for_each(|root| show(root, yaml, &mut shown));
    assert_eq!(shown.join(" | "), expected, "{:?}", tree.problems);
}

#[test]
fn keys_and_values_know_their_bytes() {
    check("a: b\nc: d\n", "a: b\\nc: d | a= | b | c= | d");
    check("é: ü\u{1f469}\r\nx: \u{928}\u{92e}\u{938}\r\n", "é: ü👩\\r\\nx: नमस | é= | ü👩 | x= | नमस");
    check(
        "a: [b, 'c d' , \"e\\\"f\"] # end",
        "a: [b, 'c d' , \"e\\\"f\"] | a= | [b, 'c d' , \"e\\\"f\"] | b | 'c d' | \"e\\\"f\"",
    );
    check("a: 'it''s'   # so\nb: c", "a: 'it''s'   # so\\nb: c | a= | 'it''s' | b= | c");
    check("a: {b: c, d: }\n", "a: {b: c, d: } | a= | {b: c, d: } | b= | c | d= | ");
    check(
        "a:\n  - b\n  - c: d\n    e: f\n\n# end\n",
        "a:\\n  - b\\n  - c: d\\n    e: f | a= | - b\\n  - c: d\\n    e: f | b | c: d\\n    e: f | c= | d | e= | f",
    );
    check("a:\n- b\nc: d", "a:\\n- b\\nc: d | a= | - b | b | c= | d");
    check(
        "a: |\n  one\n\n  two\nb: >-\n  three\n",
        "a: |\\n  one\\n\\n  two\\nb: >-\\n  three | a= | one\\n\\n  two | b= | three",
    );
    check(
        "a: &x b\nc: *x\nd: &y\n  e: f\n",
        "a: &x b\\nc: *x\\nd: &y\\n  e: f | a= | b | c= | *x | d= | e: f | e= | f",
    );
    check("a: one\n  two\n", "a: one\\n  two | a= | one\\n  two");
    check("\"a b\" : \"c\"\n", "\"a b\" : \"c\" | \"a b\"= | \"c\"");
}

#[test]
fn a_missing_value_stands_behind_its_colon() {
    let check = |yaml, at| {
        let span = locate(yaml, &[Step::Key("a")]);
        assert_eq!(span, Some(at..at), "{yaml:?}");
    };
    check("a:\nb: c", 2);
    check("a:   \nb: c", 2);
    check("a : # none\nb: c", 3);
    check("{a: , b: c}", 3);
    check("b: c\na:", 7);
    check("? a\nb: c", 3);
}

#[test]
fn paths_lead_into_short_forms_as_into_long_ones() {
    let yaml = "to: jane\nsource: {source: daily, locator: p. 3}\nvia: [a, {actor: b}]\n";
    let check = |path: &[Step<'_>], expected: Option<&str>| {
        let shown = |span: Option<Range<usize>>| span.map(|span| &yaml[span]);
        assert_eq!(shown(locate(yaml, path)), expected, "{path:?}");
    };
    check(&[Step::Key("to")], Some("jane"));
    check(&[Step::Key("to"), Step::Index(0)], Some("jane"));
    check(&[Step::Key("to"), Step::Index(0), Step::Key("actor")], Some("jane"));
    check(&[Step::Key("to"), Step::Index(1)], None);
    check(&[Step::Key("sources"), Step::Index(0), Step::Key("source")], Some("daily"));
    check(&[Step::Key("via"), Step::Index(0), Step::Key("actor")], Some("a"));
    check(&[Step::Key("via"), Step::Index(1), Step::Key("actor")], Some("b"));
    check(&[Step::Key("via"), Step::Key("actor")], None);
    check(&[Step::Key("nothing")], None);
}

#[test]
fn depth_is_refused_before_it_costs_anything() {
    let check = |yaml: &str| {
        let tree = read_tree(yaml);
        assert_eq!(tree.root, None);
        let codes: Vec<Code> = tree.problems.iter().map(|problem| problem.code).collect();
        assert_eq!(codes, [Code::YamlTooComplex], "{:?}", &yaml[..10]);
    };
    check(&"[".repeat(100_000));
    check(&"{".repeat(100_000));
    check(&"{a: ".repeat(60_000));
    check(&"- ".repeat(100_000));
    check(&"? ".repeat(100_000));
    check(&(0..500).map(|level| format!("{}a:\n", " ".repeat(level))).collect::<String>());
    let just_right = format!("a: {}{}", "[".repeat(63), "]".repeat(63));
    assert_eq!(read_tree(&just_right).problems, []);
    check(&format!("a: {}{}", "[".repeat(64), "]".repeat(64)));
}

#[test]
fn aliases_cannot_grow_without_end() {
    let check = |yaml: &str, place: &str| {
        let tree = read_tree(yaml);
        assert_eq!(tree.root, None);
        let spans: Vec<&str> = tree.problems.iter().map(|problem| &yaml[problem.span.clone()]).collect();
        assert_eq!(spans, [place], "{:?}", tree.problems);
    };
    let nine = |name: &str| format!("[{}]", vec![format!("*{name}"); 9].join(", "));
    let bomb: Vec<String> =
        ('b'..='i').zip('a'..).map(|(b, a)| format!("{b}: &{b} {}", nine(&a.to_string()))).collect();
    check(&format!("a: &a [x, x, x, x, x, x, x, x, x]\n{}", bomb.join("\n")), "*d");
    let chain: String = (1..200).map(|at| format!("- &a{at} [*a{}]\n", at - 1)).collect();
    check(&format!("- &a0 x\n{chain}"), "*a63");
    let anchors: String = (0..60).map(|at| format!("&a{at} [")).collect();
    check(&format!("a: {anchors}{}{}", "x, ".repeat(1_000), "]".repeat(60)), "");
}

#[test]
fn scalars_are_read_as_serde_yaml_reads_them() {
    let yaml =
        "a: 1\nb: 1.5\nc: true\nd: ~\ne:\nf: 007\ng: '1'\nh: no\ni: 18:05\nj: 0x10\nk: .inf\nl: --- x\nm: [-1, +2]\n";
    let root = read_tree(yaml).root.unwrap();
    assert_eq!(to_value(&root), serde_yaml::from_str::<serde_yaml::Value>(yaml).unwrap());
}

#[test]
fn keys_of_ones_own_are_left_out_at_the_top_alone() {
    let root = read_tree("x_a: 1\nb: {x_c: 2}\n").root.unwrap();
    assert_eq!(to_value(&root), serde_yaml::from_str::<serde_yaml::Value>("b: {x_c: 2}").unwrap());
}
