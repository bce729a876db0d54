//! Python itself judges what a moved file computes from its own place: every way to write a path, to
//! places near and far, from wherever the file goes, leads where the place is now.

use overhaul::facts::{Facts, Memo, Settings};
use overhaul::path::RepoPath;
use overhaul::rewrite::{Moves, own_places};
use overhaul::text::{TextEdit, apply};
use overhaul::tree::{Memory, Tree};
use serde_json::json;

const FILES: [&str; 5] =
    ["a/t/near.json", "a/t/lib/deep.py", "a/above.txt", "data/x.csv", "data/more/y.csv"];

/// Places by how far up they are from `a/t/s.py`, and the parts down from there.
const PLACES: [(usize, &[&str]); 9] = [
    (1, &["near.json"]),
    (1, &["lib", "deep.py"]),
    (1, &["lib"]),
    (2, &["above.txt"]),
    (3, &["data", "x.csv"]),
    (3, &["data"]),
    (3, &[]),
    (3, &["logs", "new", "x.log"]),
    (5, &["elsewhere"]),
];

/// Where the file goes, and what goes along.
const MOVES: [&[(&str, &str)]; 7] = [
    &[("a/t/s.py", "s.py")],
    &[("a/t/s.py", "a/t/down/there/s.py")],
    &[("a/t/s.py", "b/u/s.py")],
    &[("a/t/s.py", "data/s.py")],
    &[("a/t/s.py", "a/t/lib/other.py")],
    &[("a/t/s.py", "b/s.py"), ("a/t/near.json", "b/near.json"), ("data/x.csv", "b/far/z.csv")],
    &[("a/t/s.py", "b/s.py"), ("a/t/near.json", "c/z.json"), ("a/t/lib/deep.py", "b/lib/deep.py")],
];

/// Returns the ways to write one place: statements of which the last one puts it into `out`.
fn ways(ups: usize, downs: &[&str]) -> Vec<String> {
    let quoted = |parts: &[&str]| parts.iter().map(|it| format!(", \"{it}\"")).collect::<String>();
    let below = downs.join("/");
    let dots = vec![".."; ups - 1];
    let all: Vec<&str> = dots.iter().copied().chain(downs.iter().copied()).collect();
    let slashes: String = all.iter().map(|it| format!("/{it}")).collect();
    let divided: String = all.iter().map(|it| format!(" / '{it}'")).collect();
    let folders = format!("{}__file__{}", "os.path.dirname(".repeat(ups), ")".repeat(ups));
    let parents = format!("Path(__file__){}", ".parent".repeat(ups));
    let mut ways = vec![
        format!("put(os.path.join({folders}{}))", quoted(downs)),
        format!("put(os.path.join({folders}, '{below}'))"),
        format!("put(join(dirname(__file__){}))", quoted(&all)),
        format!("put(join(dirname(__file__), '{}'))", all.join("/")),
        format!("put(os.path.abspath(os.path.join(__file__, '..'{})))", quoted(&all)),
        format!("put(dirname(abspath(__file__)) + '{slashes}')"),
        format!("put(f\"{{dirname(__file__)}}{slashes}\")"),
        format!(
            "put({parents}{})",
            downs.iter().map(|it| format!(" / r'{it}'")).collect::<String>()
        ),
        format!("put(str(Path(__file__).parent{divided}))"),
        format!("put(Path(__file__).resolve().parents[{}].joinpath('{below}'))", ups - 1),
        format!("put(Path(__file__, '..'{}))", quoted(&all)),
        format!("here = dirname(__file__)\nput(join(here{}))", quoted(&all)),
        format!("HERE = Path(__file__).absolute().parent\nput(HERE{divided})"),
        format!("HERE: 'Path' = {parents}\nput(HERE.joinpath('{below}'))"),
        format!(
            "if out:\n    here = dirname(__file__)\nelse:\n    here = dirname(abspath(__file__))\nput(join(here{}))",
            quoted(&all)
        ),
        format!("def f():\n    here = os.path.dirname(__file__)\n    put(here + '{slashes}')\nf()"),
    ];
    if ups > 1 {
        let root = format!("ROOT = {parents}\nBELOW = ROOT / '{below}'\nput(BELOW)");
        ways.extend([root, format!("top = {folders}\nput(top + '/{below}')")]);
    }
    ways
}

fn path(text: &str) -> RepoPath {
    RepoPath::new(text).unwrap()
}

/// Follows the paths of `source`; returns it edited, and how many lines are doubted.
fn followed(source: &str, moves: &[(&str, &str)]) -> (String, usize) {
    let files = FILES.iter().map(|it| (*it, "")).chain([("a/t/s.py", source)]);
    let before = Tree::new(Memory::texts(files).unwrap());
    let mut after = before.clone();
    let mut map = Moves::default();
    for (from, to) in moves {
        after.rename(&path(from), path(to));
        map.paths.insert(path(from), path(to));
    }
    let facts = Facts::index(&before, &Settings::default(), &Memo::default()).unwrap();
    let found = own_places((&before, &facts), &after, &map, &|_| true).unwrap();
    let edits = found.files.iter().flat_map(|it| &it.edits).map(|it| it.edit.clone());
    (apply(source, &edits.collect::<Vec<TextEdit>>()).unwrap(), found.findings.len())
}

#[test]
fn paths_lead_where_they_led() {
    let head = "import os\nfrom os.path import *\nfrom pathlib import Path\nput = out.append\n";
    let (mut cases, mut input) = (Vec::new(), String::new());
    let mut differences = Vec::new();
    for moves in MOVES {
        for (ups, downs) in PLACES {
            for way in ways(ups, downs) {
                let source = format!("{head}{way}\n");
                let (edited, doubts) = followed(&source, moves);
                if doubts > 0 {
                    differences.push(format!("doubted for {}:\n{edited}", moves[0].1));
                    continue;
                }
                for row in [("a/t/s.py", &source), (moves[0].1, &edited)] {
                    input += &format!("{}\n", json!(row));
                }
                cases.push((moves, edited));
            }
        }
    }
    let answers = super::ask("own.py", &input);
    assert_eq!(answers.len(), 2 * cases.len());
    for ((moves, edited), answers) in cases.iter().zip(answers.chunks(2)) {
        let place = |at: usize| answers[at][0].as_str().unwrap().to_owned();
        let was = place(0);
        let moved = moves.iter().find(|(from, _)| *from == was);
        let gone = was == "a/t/lib" && moves.iter().any(|(from, _)| *from == "a/t/lib/deep.py");
        let wanted = match moved {
            Some((_, to)) => (*to).to_owned(),
            None if gone => "b/lib".to_owned(),
            None => was.clone(),
        };
        if place(1) != wanted {
            differences.push(format!("{was} → {} for {}:\n{edited}", place(1), moves[0].1));
        }
    }
    super::report(&differences);
}
