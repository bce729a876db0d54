//! Python's `packaging` says of pairs of version specifiers what we say of them.

use overhaul::text::requirement::Versions;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

const OPERATORS: [&str; 8] = ["==", "!=", ">=", "<=", ">", "<", "~=", "==="];
const VERSIONS: [&str; 20] = [
    "1",
    "1.0",
    "1.1",
    "1.1.0",
    "2",
    "1.0a1",
    "1.0b1",
    "1.0rc1",
    "1.0.dev1",
    "1.0.post1",
    "1.0rc1.post1",
    "1.1.dev1",
    "1.0+x",
    "1.1+x",
    "0.9",
    "1.0.1",
    "1!1.0",
    "1.0a1.dev1",
    "2.0.0",
    "1.0.post1.dev1",
];

#[test]
fn packaging_says_the_same_of_pairs() {
    let mut runner = TestRunner::deterministic();
    let operator = prop::sample::select(&OPERATORS[..]);
    let one = (operator, prop::sample::select(&VERSIONS[..]), prop::bool::weighted(0.2));
    let text = |(operator, version, star): (&str, &str, bool)| {
        let star = if star && matches!(operator, "==" | "!=") { ".*" } else { "" };
        format!("{operator}{version}{star}")
    };
    let pair = prop::collection::vec(one.prop_map(text), 2..5);
    let pairs: Vec<(String, String)> = (0..800)
        .map(|_| {
            let mut all = pair.new_tree(&mut runner).unwrap().current();
            let second = all.split_off(all.len() / 2);
            (all.join(","), second.join(","))
        })
        .collect();
    let input: String = pairs.iter().map(|(one, two)| format!("{one}\t{two}\n")).collect();
    let mut differences = Vec::new();
    for ((one, two), answer) in pairs.iter().zip(super::ask("versions.py", &input)) {
        let [Some(first), Some(second)] = [one, two].map(|it| Versions::parse(it)) else {
            continue;
        };
        if answer.is_null() {
            continue;
        }
        let ours = (Versions::can_be(&[&first, &second]), first.is_within(&second));
        let theirs = (answer["can_be"] == true, answer["within"] == true);
        if ours != theirs {
            differences.push(format!("{one}  {two}: {ours:?}, packaging: {theirs:?}"));
        }
    }
    super::report(&differences);
}
