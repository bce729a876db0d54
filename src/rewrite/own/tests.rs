//! Text in, text out: what a moved file computes from its own place.

use super::*;
use crate::facts::{Memo, Settings};
use crate::rewrite::tests::{moves, tree};

/// Moves `t/s.py` (and `more`) in a small repository; `%` stands for the lines that are doubted.
#[track_caller]
fn check_moves(more: &str, source: &str, expected: &str) {
    let others = ["data/x.csv", "libs/helper.py", "t/near.json", "t/lib/deep.py", "t/beside.py"];
    let mut text: String = others.iter().map(|it| format!("//- {it}\n")).collect();
    text.push_str(&format!("//- t/s.py\n{source}"));
    let before = tree(&text);
    let moves = moves(&before, more);
    let mut after = before.clone();
    for (from, to) in &moves.paths {
        after.rename(from, to.clone());
    }
    let facts = Facts::index(&before, &Settings::default(), &Memo::default()).unwrap();
    let followed = own_places((&before, &facts), &after, &moves, &|_| true).unwrap();
    let edits = followed.files.iter().flat_map(|it| &it.edits).map(|it| it.edit.clone());
    let edited = apply(source, &edits.collect::<Vec<_>>()).unwrap();
    let doubts: Vec<u32> = followed.findings.iter().filter_map(|it| it.line).collect();
    let shown = edited.split_inclusive('\n').enumerate().map(|(at, line)| {
        let doubted = doubts.contains(&u32::try_from(at + 1).unwrap());
        format!("{}{line}", if doubted { "% " } else { "" })
    });
    assert_eq!(shown.collect::<String>(), expected);
}

/// Moves `t/s.py` a folder down.
#[track_caller]
fn check(source: &str, expected: &str) {
    check_moves("t/s.py -> t/down/s.py", &format!("{source}\n"), &format!("{expected}\n"));
}

#[test]
fn strings_go_further_up() {
    check(
        "open(dirname(__file__) + '/../data/x.csv')",
        "open(dirname(__file__) + '/../../data/x.csv')",
    );
    check(
        "os.path.join(os.path.dirname(__file__), '..', 'data')",
        "os.path.join(os.path.dirname(__file__), '..', '..', 'data')",
    );
    check("join(dirname(__file__), \"../data\")", "join(dirname(__file__), \"../../data\")");
    check("dirname(dirname(abspath(__file__)))", "dirname(dirname(dirname(abspath(__file__))))");
    check(
        "os.path.abspath(join(dirname(__file__), os.pardir, 'data', 'x.csv'))",
        "os.path.abspath(join(dirname(dirname(__file__)), os.pardir, 'data', 'x.csv'))",
    );
    check("f\"{dirname(__file__)}/near.json\"", "f\"{dirname(dirname(__file__))}/near.json\"");
    check(
        "join(os.path.split(__file__)[0], 'near.json')",
        "join(os.path.split(__file__)[0], '../near.json')",
    );
}

#[test]
fn objects_go_further_up() {
    check("Path(__file__).parent / 'near.json'", "Path(__file__).parent.parent / 'near.json'");
    check(
        "Path(__file__).resolve().parents[1] / 'data'",
        "Path(__file__).resolve().parents[2] / 'data'",
    );
    check("Path(__file__).parent / '..' / 'data'", "Path(__file__).parent / '..' / '..' / 'data'");
    check("Path(__file__, '..', 'near.json')", "Path(__file__, '..', '..', 'near.json')");
    check(
        "Path(__file__).joinpath('..', 'lib/deep.py').read_text()",
        "Path(__file__).joinpath('..', '..', 'lib/deep.py').read_text()",
    );
    check("str(Path(__file__).parent.parent)", "str(Path(__file__).parent.parent.parent)");
}

#[test]
fn a_file_that_moves_up_takes_steps_away() {
    let up = |source: &str, expected: &str| {
        check_moves("t/s.py -> s.py", &format!("{source}\n"), &format!("{expected}\n"));
    };
    up("join(dirname(__file__), '..', 'data')", "join(dirname(__file__), 'data')");
    up("join(dirname(__file__), '../data')", "join(dirname(__file__), 'data')");
    up("dirname(dirname(__file__))", "dirname(__file__)");
    up("Path(__file__).parents[1]", "Path(__file__).parents[0]");
    up("Path(__file__).parent.parent / 'data'", "Path(__file__).parent / 'data'");
    up("Path(__file__).parent / '..' / 'data'", "Path(__file__).parent / 'data'");
    up("Path(__file__).parent / 'near.json'", "Path(__file__).parent / 't/near.json'");
    up("x = Path(__file__).parent.joinpath('..')", "x = Path(__file__).parent");
}

#[test]
fn parts_change_only_where_they_must() {
    let aside = |source: &str, expected: &str| {
        check_moves("t/s.py -> u/s.py", &format!("{source}\n"), &format!("{expected}\n"));
    };
    aside("Path(__file__).parent.parent / 'data'", "Path(__file__).parent.parent / 'data'");
    aside("dirname(dirname(__file__))", "dirname(dirname(__file__))");
    aside("Path(__file__).parent / 'near.json'", "Path(__file__).parent.parent / 't/near.json'");
    aside(
        "join(dirname(__file__), 'lib', 'deep.py')",
        "join(dirname(dirname(__file__)), 't/lib', 'deep.py')",
    );
    check_moves(
        "t/s.py -> data/s.py",
        "join(dirname(__file__), '..', 'data', 'x.csv')\n",
        "join(dirname(__file__), '..', 'data', 'x.csv')\n",
    );
    // What moves, too, is reached where it is.
    check_moves(
        "t/s.py -> u/s.py\nt/near.json -> u/near.json",
        "Path(__file__).parent / 'near.json'\n",
        "Path(__file__).parent / 'near.json'\n",
    );
    check_moves(
        "t/s.py -> u/s.py\nt/near.json -> u/v/far.json",
        "Path(__file__).parent / 'near.json'\n",
        "Path(__file__).parent / 'v/far.json'\n",
    );
}

#[test]
fn a_name_stands_for_what_serves_its_uses() {
    // The definition, where it means a place that stays.
    check(
        "ROOT = Path(__file__).parent.parent\nopen(ROOT / 'data/x.csv')\nprint(ROOT)",
        "ROOT = Path(__file__).parent.parent.parent\nopen(ROOT / 'data/x.csv')\nprint(ROOT)",
    );
    // The own folder stays what it is, and the one use is led on.
    check(
        "HERE = Path(__file__).parent\nopen(HERE / 'near.json')",
        "HERE = Path(__file__).parent\nopen(HERE.parent / 'near.json')",
    );
    check(
        "here = dirname(__file__)\nopen(join(here, 'near.json'))",
        "here = dirname(__file__)\nopen(join(here, '../near.json'))",
    );
    // Two uses want one place.
    check(
        "HERE = Path(__file__).parent\na = HERE / 'near.json'\nb = HERE / 'lib/deep.py'\nc = HERE / '../data'",
        "HERE = Path(__file__).parent.parent\na = HERE / 'near.json'\nb = HERE / 'lib/deep.py'\nc = HERE / '../data'",
    );
    check_moves(
        "t/s.py -> u/s.py",
        "here = os.path.dirname(__file__)\na = open(here + '/near.json')\nb = open(here + '/lib/deep.py')\n",
        "here = os.path.join(os.path.dirname(os.path.dirname(__file__)), 't')\na = open(here + '/near.json')\nb = open(here + '/lib/deep.py')\n",
    );
    check_moves(
        "t/s.py -> u/s.py",
        "HERE = Path(__file__).parent\na = HERE / 'near.json'\nb = HERE / 'lib'\n",
        "HERE = Path(__file__).parent.parent / 't'\na = HERE / 'near.json'\nb = HERE / 'lib'\n",
    );
    // All in a function.
    check(
        "def f():\n    here = dirname(__file__)\n    return join(dirname(here), 'data')",
        "def f():\n    here = dirname(__file__)\n    return join(dirname(dirname(here)), 'data')",
    );
}

#[test]
fn a_name_may_be_annotated_or_bound_to_one_place_twice() {
    check(
        "HERE: Final[Path] = Path(__file__).parent\nopen(HERE / '..' / 'data' / 'x.csv')",
        "HERE: Final[Path] = Path(__file__).parent\nopen(HERE / '..' / '..' / 'data' / 'x.csv')",
    );
    check(
        "if a:\n    root = dirname(dirname(__file__))\nelse:\n    root = abspath(join(dirname(__file__), '..'))\n\
         open(root + '/data/x.csv')",
        "if a:\n    root = dirname(dirname(dirname(__file__)))\nelse:\n    root = abspath(join(dirname(__file__), '..', '..'))\n\
         open(root + '/data/x.csv')",
    );
    check(
        "if a:\n    here = dirname(__file__)\nelse:\n    here = dirname(abspath(__file__))\n\
         open(join(here, 'near.json'))\nopen(join(here, 'beside.py'))",
        "if a:\n    here = dirname(dirname(__file__))\nelse:\n    here = dirname(dirname(abspath(__file__)))\n\
         open(join(here, 'near.json'))\nopen(join(here, 'beside.py'))",
    );
    // One of the two cannot be written otherwise, so none is.
    check(
        "if a:\n    here = dirname(__file__)\nelse:\n    here = os.path.split(__file__)[0]\n\
         open(join(here, 'near.json'))\nopen(join(here, 'beside.py'))",
        "if a:\n%     here = dirname(__file__)\nelse:\n%     here = os.path.split(__file__)[0]\n\
         % open(join(here, 'near.json'))\n% open(join(here, 'beside.py'))",
    );
    check(
        "if a:\n    here = dirname(__file__)\nelse:\n    here = dirname(sys.executable)\n\
         open(join(here, 'near.json'))",
        "if a:\n%     here = dirname(__file__)\nelse:\n    here = dirname(sys.executable)\n\
         open(join(here, 'near.json'))",
    );
}

#[test]
fn what_a_file_means_by_its_own_folder_is_not_known() {
    for unknown in [
        "os.listdir(dirname(__file__))",
        "HERE = Path(__file__).parent",
        "load(__file__)",
        "x = Path(__file__).with_suffix('.json')",
        "open(Path(__file__).parent / 'out.log')",
        "x = Path(__file__).with_name('near.json')",
        "x = join(dirname(__file__), 'lib', '..', 'near.json')",
        "x = dirname(__file__) or '.'",
    ] {
        check(unknown, &format!("% {unknown}"));
    }
    for fine in ["basename(__file__)", "open(__file__)", "Path(__file__).name", "os.__file__"] {
        check(fine, fine);
    }
    // Loose uses: the name is not only this.
    check(
        "HERE = Path(__file__).parent\nopen(HERE / 'near.json')\nHERE = HERE / 'x'\nopen(HERE)",
        "% HERE = Path(__file__).parent\nopen(HERE.parent / 'near.json')\nHERE = HERE / 'x'\nopen(HERE)",
    );
    // The whole folder goes.
    check_moves(
        "t/ -> u/v/",
        "os.listdir(dirname(__file__))\nopen(dirname(__file__) + '/near.json')\n",
        "os.listdir(dirname(__file__))\nopen(dirname(__file__) + '/near.json')\n",
    );
}

#[test]
fn untracked_places_stay_where_they_are() {
    check(
        "open(Path(__file__).parents[1] / 'logs/x.log')",
        "open(Path(__file__).parents[2] / 'logs/x.log')",
    );
    check("open(Path(__file__).parents[3] / 'x.log')", "open(Path(__file__).parents[4] / 'x.log')");
    check(
        "open(dirname(__file__) + '/../out/x.log')",
        "open(dirname(__file__) + '/../../out/x.log')",
    );
}

#[test]
fn what_goes_on_the_path_is_where_the_imports_are() {
    let insert = "sys.path.insert(0, join(dirname(__file__), '..', 'libs'))\nimport helper";
    check(
        &format!("import sys\n{insert}"),
        "import sys\nsys.path.insert(0, join(dirname(__file__), '..', '..', 'libs'))\nimport helper",
    );
    let own = "import sys\nsys.path.insert(0, dirname(__file__))\nimport beside\n";
    check(
        own.trim_end(),
        own.replace("dirname(__file__)", "dirname(dirname(__file__))").trim_end(),
    );
    check_moves("t/s.py -> u/s.py\nt/beside.py -> u/beside.py", own, own);
    check_moves(
        "t/s.py -> u/s.py\nt/beside.py -> u/beside.py",
        &format!("{own}import lib.deep\n"),
        &format!("{own}import lib.deep\n").replace("sys.path", "% sys.path"),
    );
}

#[test]
fn quotes_and_prefixes_stay() {
    check("Path(__file__).parent / r'near.json'", "Path(__file__).parent.parent / r'near.json'");
    check("join(dirname(__file__), u'../data')", "join(dirname(__file__), u'../../data')");
    check(
        "join(dirname(__file__), '\\x2e./data')",
        "join(dirname(dirname(__file__)), '\\x2e./data')",
    );
    check("(Path(__file__)\n .parent) / 'lib/'", "(Path(__file__)\n .parent.parent) / 'lib/'");
}
