//! Text in, mentions out: one row for each way to name something.

use std::fmt::Write as _;

use super::*;
use crate::facts::{Memo, Settings};
use crate::tree::Memory;

/// Finds the mentions of `subjects`, one a line, in a repository written as `//- path` and text:
/// each as `file:line form place «text» → subject`.
#[track_caller]
fn check(repository: &str, subjects: &[&str], expected: &str) {
    let files: Vec<(String, String)> = repository
        .split("//- ")
        .skip(1)
        .map(|it| {
            let (path, text) = it.split_once('\n').unwrap();
            (path.to_owned(), text.to_owned())
        })
        .collect();
    let texts = files.iter().map(|(path, text)| (path.as_str(), text.as_str()));
    let tree = Tree::new(Memory::texts(texts).unwrap());
    let facts = Facts::index(&tree, &Settings::default(), &Memo::default()).unwrap();
    let paths: Vec<RepoPath> = subjects.iter().map(|it| RepoPath::new(it).unwrap()).collect();
    let mut looked_for = Subjects::new(&facts, &paths);
    looked_for.look_for_words(|name, _| name == "pk");
    let found = mentions(&tree, &facts, &looked_for).unwrap();
    let mut shown = String::new();
    for it in found {
        let Mention { file, line, form, place, text, subject, sure, .. } = it;
        let sure = if sure { " sure" } else { "" };
        writeln!(shown, "{file}:{line} {form:?} {place:?}{sure} «{text}» → {subject}").unwrap();
    }
    assert_eq!(shown, expected);
}

#[test]
fn whole_dotted_names() {
    check(
        "//- a/__init__.py\n//- a/b.py\n//- a/bc.py\n//- run.sh\n\
         python -m a.b\npython -m a.bc\npython -m xa.b\ncelery a.b.app\na-a.b a.b-c\n",
        &["a/b.py"],
        "run.sh:1 Dotted Text sure «a.b» → a/b.py\nrun.sh:4 Dotted Text sure «a.b» → a/b.py\n",
    );
}

#[test]
fn whole_paths() {
    check(
        "//- a/b.py\n//- other/a/b.py\n//- run.sh\n\
         python a/b.py\npython ./a/b.py\npython other/a/b.py\npython xa/b.py\npython a/b.pyc\n\
         python /app/a/b.py, a/b.py.\npython $HOME/a/b.py\n",
        &["a/b.py"],
        "run.sh:1 Path Text sure «a/b.py» → a/b.py\n\
         run.sh:2 RelativePath Text sure «./a/b.py» → a/b.py\n\
         run.sh:6 Path Text sure «a/b.py» → a/b.py\n\
         run.sh:6 Path Text sure «a/b.py» → a/b.py\n\
         run.sh:7 Path Text «a/b.py» → a/b.py\n",
    );
}

#[test]
fn paths_within_a_folder_that_is_named() {
    check(
        "//- services/up/main.py\n//- services/up/Dockerfile\n//- services/vol/main.py\n\
         //- services/modd/main.py\n//- compose.yml\n\
         context: ./services\ndockerfile: up/Dockerfile\ncommand: python vol/main.py\n\
         command: python -m modd.main\ncommand: python other/main.py\n\
         # was: services/up\ncommand: main.py\n",
        &["services/up", "services/vol/main.py", "services/modd/main.py"],
        "compose.yml:2 Within Text «up» → services/up\n\
         compose.yml:3 Within Text «vol/main.py» → services/vol/main.py\n\
         compose.yml:4 Within Text «modd.main» → services/modd/main.py\n\
         compose.yml:6 Path Comment «services/up» → services/up\n",
    );
}

#[test]
fn paths_from_the_mentioning_file() {
    check(
        "//- svc/gate/main.py\n//- svc/gate/Dockerfile\nCOPY main.py .\nCOPY ../x.py .\n\
         //- svc/x.py\n//- main.py\n//- deploy/compose.yml\nbuild: ../svc/gate\n",
        &["svc/gate/main.py", "svc/x.py", "svc/gate"],
        "deploy/compose.yml:1 RelativePath Text sure «../svc/gate» → svc/gate\n\
         svc/gate/Dockerfile:1 RelativePath Text sure «main.py» → svc/gate/main.py\n\
         svc/gate/Dockerfile:2 RelativePath Text sure «../x.py» → svc/x.py\n",
    );
}

#[test]
fn what_compose_starts() {
    check(
        "//- services/gateway/main.py\n//- services/worker/main.py\n//- docker-compose.yml\n\
         services:\n  gateway:\n    build: ./services/gateway\n    command: python services/worker/main.py\n\
         \x20   # python services/worker/main.py\n    volumes: ['./services/gateway/data:/data']\n",
        &["services/gateway", "services/worker"],
        "docker-compose.yml:3 RelativePath Text sure «./services/gateway» → services/gateway\n\
         docker-compose.yml:4 Path Text sure «services/worker» → services/worker\n\
         docker-compose.yml:5 Path Comment «services/worker» → services/worker\n\
         docker-compose.yml:6 RelativePath Text sure «./services/gateway» → services/gateway\n",
    );
}

#[test]
fn one_word_is_too_little() {
    check(
        "//- agent.py\n//- integrations/__init__.py\n//- notes.txt\nagent integrations\n\
         integrations/ ./integrations agent.py\n//- Dockerfile\nCOPY integrations /app\nRUN integrations\n\
         CMD [\"python\", \"-m\", \"agent\"]\nCMD uvicorn agent:app\nFROM agent:latest\n",
        &["agent.py", "integrations"],
        "Dockerfile:1 Path Text sure «integrations» → integrations\n\
         Dockerfile:3 Dotted Text sure «agent» → agent.py\n\
         Dockerfile:4 Dotted Text sure «agent» → agent.py\n\
         notes.txt:2 Path Text «integrations» → integrations\n\
         notes.txt:2 RelativePath Text «./integrations» → integrations\n\
         notes.txt:2 Path Text «agent.py» → agent.py\n",
    );
}

#[test]
fn talk_is_no_use() {
    check(
        "//- a/b.py\n//- README.md\nsee a/b.py\n//- CHANGELOG\na.b\n//- LICENSE\na/b.py\n\
         //- use.py\n'''Talks of a.b.'''\nX = 'runs a.b'  # a.b\nY = f\"{a.b}: a/b.py\"\na.b\n",
        &["a/b.py"],
        "CHANGELOG:1 Dotted Documentation «a.b» → a/b.py\n\
         LICENSE:1 Path Documentation «a/b.py» → a/b.py\n\
         README.md:1 Path Documentation «a/b.py» → a/b.py\n\
         use.py:1 Dotted Docstring «a.b» → a/b.py\n\
         use.py:2 Dotted PythonString «a.b» → a/b.py\n\
         use.py:2 Dotted Comment «a.b» → a/b.py\n\
         use.py:3 Path PythonString «a/b.py» → a/b.py\n",
    );
}

#[test]
fn strings_of_python_code() {
    #[track_caller]
    fn strings(source: &str, expected: &[&str]) {
        let found = python_strings::regions(source);
        let shown: Vec<String> = found
            .into_iter()
            .filter(|(span, _)| !span.is_empty())
            .map(|(span, place)| {
                let mark = match place {
                    Place::PythonString => 's',
                    Place::Comment => 'c',
                    Place::Docstring => 'd',
                    Place::Documentation | Place::Text => '?',
                };
                format!("{mark}:{}", &source[span])
            })
            .collect();
        assert_eq!(shown, expected, "{source}");
    }
    strings("'doc'\nx = 'a' 'b'\n", &["d:doc", "s:a", "s:b"]);
    strings("x = (\n'a'\n)\n'''d\n'''  # c\n", &["s:a", "d:d\n", "c:# c"]);
    strings("rb'\\'' + x\n'a'.b\n", &["s:\\'", "s:a"]);
    strings("y(f'a{b[\"c\"]!r:>{w}}d{{e}}')\n", &["s:a", "s:c", "s:d{{e}}"]);
    strings("y = f'{x['k']}' 'z'\n", &["s:k", "s:z"]);
    strings("z = f'{x' + 'a'\ny = 'b'", &["s:a", "s:b"]);
    strings("x = 'open\ny = '''never\nclosed", &["s:open", "s:never\nclosed"]);
    strings("é = 'ü\\é'\\\n'w'", &["s:ü\\é", "s:w"]);
}

#[test]
fn keys_say_that_a_word_is_a_module() {
    check(
        "//- pk/__init__.py\n//- pyproject.toml\n[project]\nname = \"pk\"\ndependencies = [\"pk\"]\n\
         [project.scripts]\npk = \"pk:main\"\n[tool.setuptools]\npackages = [\"pk\", 'other']\n\
         [tool.setuptools.package-data]\npk = [\"x\"]\n\
         [tool.setuptools.exclude-package-data]\n\"pk\" = [] # pk\n\
         [tool.pytest.ini_options]\naddopts = \"-q --cov=pk\"\n[tool.x]\nwhat = \"pk\"\n",
        &["pk"],
        "pyproject.toml:5 Dotted Text sure «pk» → pk\n\
         pyproject.toml:7 Dotted Text sure «pk» → pk\n\
         pyproject.toml:9 Key Text sure «pk» → pk\n\
         pyproject.toml:11 Dotted Text sure «pk» → pk\n\
         pyproject.toml:13 Dotted Text sure «pk» → pk\n\
         pyproject.toml:15 Word Text «pk» → pk\n",
    );
    check(
        "//- pk/__init__.py\n//- pyproject.toml\n\
         [tool.setuptools.packages.find]\ninclude = [\"pk*\", \"pk.*\"]\n",
        &["pk"],
        "pyproject.toml:2 Dotted Text sure «pk» → pk\n\
         pyproject.toml:2 Dotted Text sure «pk» → pk\n",
    );
    check(
        "//- pk/__init__.py\n//- pk_more/__init__.py\n//- pyproject.toml\n\
         [tool.setuptools.packages.find]\ninclude = [\"pk*\"]\n",
        &["pk"],
        "pyproject.toml:2 Dotted Text «pk» → pk\n",
    );
    check(
        "//- pk/__init__.py\n//- pk/cli.py\n//- setup.cfg\n[metadata]\nname = pk\nversion = attr: pk.VERSION\n\
         [options]\npackages = pk\ninstall_requires =\n    pk\n[options.package_data]\npk = *.txt\n\
         [options.entry_points]\nconsole_scripts =\n    pk = pk.cli:pk\n[mypy-pk.*]\nx = y\n[mypy-pkx.*]\n",
        &["pk"],
        "setup.cfg:3 Dotted Text sure «pk» → pk\n\
         setup.cfg:5 Dotted Text sure «pk» → pk\n\
         setup.cfg:9 Dotted Text sure «pk» → pk\n\
         setup.cfg:12 Dotted Text sure «pk» → pk\n\
         setup.cfg:13 Dotted Text sure «pk» → pk\n",
    );
    check(
        "//- pk/__init__.py\n//- .coveragerc\n[run]\nsource =\n    pk\n    tests\n",
        &["pk"],
        ".coveragerc:3 Dotted Text sure «pk» → pk\n",
    );
}

#[test]
fn names_in_regular_expressions() {
    check(
        "//- a/__init__.py\n//- a/b.py\n//- .pre-commit-config.yaml\nexclude: ^a/b\\.py$|x\\.a\\.b\n\
         //- x.toml\nx = \"a\\\\.b\\\\..*\"\ny = 'a\\.bc'\nz = 'a\\.b|b\\.a'\n//- m.py\nx = r'^a\\.b\\.f$'\n",
        &["a/b.py"],
        ".pre-commit-config.yaml:1 Path Text sure «a/b.py» → a/b.py\n\
         m.py:1 Dotted PythonString «a.b» → a/b.py\n\
         x.toml:1 Dotted Text «a.b» → a/b.py\n\
         x.toml:3 Dotted Text «a.b» → a/b.py\n",
    );
}

#[test]
fn options_and_calls_say_that_a_word_is_a_module() {
    check(
        "//- pk/__init__.py\n//- run.sh\npytest --cov=pk --cov pk --covx=pk\nmypy -p pk\ndocker -p pk\nls pk-x\n\
         //- requirements.txt\npk\n//- use.py\nlog = getLogger('pk')\nsys.modules['pk'] = 1\nx = 'pk', 'pk '\n",
        &["pk"],
        "run.sh:1 Dotted Text sure «pk» → pk\n\
         run.sh:1 Dotted Text sure «pk» → pk\n\
         run.sh:1 Word Text «pk» → pk\n\
         run.sh:2 Dotted Text sure «pk» → pk\n\
         run.sh:3 Word Text «pk» → pk\n\
         use.py:1 Dotted PythonString sure «pk» → pk\n\
         use.py:2 Dotted PythonString sure «pk» → pk\n\
         use.py:3 Word PythonString «pk» → pk\n",
    );
}

#[test]
fn lists_of_what_is_left_alone() {
    let lines = "a/b.py\n!/a/b.py  \n# a/b.py\na\na/\n*.pyc\n";
    let found = |file: &str| {
        format!(
            "{file}:1 Path Text sure «a/b.py» → a/b.py\n{file}:2 Path Text sure «a/b.py» → a/b.py\n\
             {file}:3 Path Comment «a/b.py» → a/b.py\n"
        )
    };
    let files = format!(
        "//- a/b.py\n//- .gitignore\n{lines}//- .dockerignore\n{lines}//- c/.gitignore\n{lines}"
    );
    let below = found("c/.gitignore").replace(" sure", "");
    let expected = found(".dockerignore") + &found(".gitignore") + &below;
    check(&files, &["a/b.py"], &expected);
}

#[test]
fn a_web_address_is_no_path_but_where_a_forge_shows_one() {
    check(
        "//- a/b.py\n//- run.sh\n# https://x.io/a/b.py (http://localhost:80/a/b.py) <ftp://x/y/a/b.py>\n\
         # https://forge.io/me/it/blob/main/a/b.py, see https://x.io/docs a/b.py, s3://x/a/b.py\n",
        &["a/b.py"],
        "run.sh:2 Path Comment «a/b.py» → a/b.py\n\
         run.sh:2 Path Comment «a/b.py» → a/b.py\n\
         run.sh:2 Path Comment «a/b.py» → a/b.py\n",
    );
}

#[test]
fn commands_that_other_folders_could_mean() {
    check(
        "//- main.py\n//- back/main.py\n//- a/b.py\n//- Makefile\nrun:\n\tpython main.py\n\tpython a/b.py\n\
         go:\n\tcd back && python main.py\n//- one.sh\npython main.py ${X}/a/b.py $HOME/a/b.py\n\
         (cd x; python a/b.py)\n//- ci.yml\nworking-directory: back\nrun: |\n  # a/b.py\n  python main.py\n\
         \x20 python ../a/b.py a/b.py x/a/b.py https://a/b.py\n",
        &["main.py", "a/b.py"],
        "Makefile:2 Path Text «main.py» → main.py\n\
         Makefile:3 Path Text sure «a/b.py» → a/b.py\n\
         Makefile:5 Path Text «main.py» → main.py\n\
         ci.yml:3 Path Comment «a/b.py» → a/b.py\n\
         ci.yml:4 Path Text «main.py» → main.py\n\
         ci.yml:5 Path Text sure «a/b.py» → a/b.py\n\
         ci.yml:5 Path Text sure «a/b.py» → a/b.py\n\
         ci.yml:5 Path Text «a/b.py» → a/b.py\n\
         one.sh:1 Path Text sure «main.py» → main.py\n\
         one.sh:1 Path Text sure «a/b.py» → a/b.py\n\
         one.sh:1 Path Text «a/b.py» → a/b.py\n\
         one.sh:2 Path Text «a/b.py» → a/b.py\n",
    );
}

#[test]
fn scalars_of_yaml_and_json() {
    check(
        "//- a/__init__.py\n//- a/b.py\n//- x.yml\n# a.b\nclass: a.b.C\nname: a.b\nsay: uses a.b\n\
         volumes: [./a/b.py:/app/a/b.py]\na/b.py: 1\nargs: [--app, 'a.b:app']\nrun: >\n  x\n  -m a.b; echo a.b\n\
         command: [\"-m\", \"a\"]\n//- bad.yml\nx: [\nrun: python -m a.b\n\
         //- package.json\n{\"scripts\": {\"go\": \"python a/b.py\"}, \"main\": \"a/b.py\", \"say\": \"a b a/b.py\"}\n",
        &["a/b.py", "a"],
        "bad.yml:2 Dotted Text «a.b» → a/b.py\n\
         package.json:1 Path Text sure «a/b.py» → a/b.py\n\
         package.json:1 Path Text sure «a/b.py» → a/b.py\n\
         package.json:1 Path Text «a/b.py» → a/b.py\n\
         x.yml:1 Dotted Comment «a.b» → a/b.py\n\
         x.yml:2 Dotted Text sure «a.b» → a/b.py\n\
         x.yml:3 Dotted Text «a.b» → a/b.py\n\
         x.yml:4 Dotted Text «a.b» → a/b.py\n\
         x.yml:5 RelativePath Text sure «./a/b.py» → a/b.py\n\
         x.yml:5 Path Text sure «a/b.py» → a/b.py\n\
         x.yml:6 Path Text sure «a/b.py» → a/b.py\n\
         x.yml:7 Dotted Text sure «a.b» → a/b.py\n\
         x.yml:10 Dotted Text sure «a.b» → a/b.py\n\
         x.yml:10 Dotted Text sure «a.b» → a/b.py\n\
         x.yml:11 Dotted Text sure «a» → a\n",
    );
}

#[test]
fn what_dockerfiles_copy_and_start() {
    check(
        "//- a/b.py\n//- main.py\n//- job.py\n//- Dockerfile\nCOPY a/b.py /app/a/b.py\n\
         COPY --chown=x main.py \\\n  job.py ./\nCOPY --from=y /a/b.py /z\nADD [\"job.py\", \"/app/job.py\"]\n\
         # CMD a/b.py\nRUN python a/b.py && \\\n  python /app/a/b.py\nCMD [\"python\", \"main.py\"]\nENV X=a.b\n",
        &["a/b.py", "main.py", "job.py"],
        "Dockerfile:1 Path Text sure «a/b.py» → a/b.py\n\
         Dockerfile:1 Path Text sure «a/b.py» → a/b.py\n\
         Dockerfile:2 Path Text sure «main.py» → main.py\n\
         Dockerfile:3 Path Text sure «job.py» → job.py\n\
         Dockerfile:4 Path Text «a/b.py» → a/b.py\n\
         Dockerfile:5 Path Text sure «job.py» → job.py\n\
         Dockerfile:5 Path Text «job.py» → job.py\n\
         Dockerfile:6 Path Comment «a/b.py» → a/b.py\n\
         Dockerfile:7 Path Text sure «a/b.py» → a/b.py\n\
         Dockerfile:8 Path Text sure «a/b.py» → a/b.py\n\
         Dockerfile:9 Path Text «main.py» → main.py\n\
         Dockerfile:10 Dotted Text «a.b» → a/b.py\n",
    );
}

#[test]
fn links_of_documents() {
    check(
        "//- a/b.py\n//- docs/a.md\n[x](../a/b.py#L1) a/b.py [y]: z\n[y]: ../a/b.py\n![](<../a/b.py> 't')\n\
         ::: a.b\n`a.b` [z](https://x/a/b.py)\n//- docs/a.rst\n.. automodule:: a.b\n\
         .. literalinclude:: ../a/b.py\n.. note:: a.b\n:func:`~a.b.f` ``a.b`` `l <../a/b.py>`_ :doc:`a.b x`\n\
         .. _x: ../a/b.py\n.. _autosummary: a\n",
        &["a/b.py"],
        "docs/a.md:1 RelativePath Documentation sure «../a/b.py» → a/b.py\n\
         docs/a.md:1 Path Documentation «a/b.py» → a/b.py\n\
         docs/a.md:2 RelativePath Documentation sure «../a/b.py» → a/b.py\n\
         docs/a.md:3 RelativePath Documentation sure «../a/b.py» → a/b.py\n\
         docs/a.md:4 Dotted Documentation sure «a.b» → a/b.py\n\
         docs/a.md:5 Dotted Documentation «a.b» → a/b.py\n\
         docs/a.rst:1 Dotted Documentation sure «a.b» → a/b.py\n\
         docs/a.rst:2 RelativePath Documentation sure «../a/b.py» → a/b.py\n\
         docs/a.rst:3 Dotted Documentation «a.b» → a/b.py\n\
         docs/a.rst:4 Dotted Documentation sure «a.b» → a/b.py\n\
         docs/a.rst:4 Dotted Documentation «a.b» → a/b.py\n\
         docs/a.rst:4 RelativePath Documentation sure «../a/b.py» → a/b.py\n\
         docs/a.rst:4 Dotted Documentation «a.b» → a/b.py\n\
         docs/a.rst:5 RelativePath Documentation sure «../a/b.py» → a/b.py\n",
    );
}

#[test]
fn strings_that_are_files_or_entry_points() {
    check(
        "//- a/b.py\n//- c.json\n//- m.py\nx = 'a/b.py', 'a b a/b.py', f'a/b.py{x}', 'c.json', './a/b.py'\n\
         y = 'run = a.b:main', 'run = a.b', '''\n[console_scripts]\nr = a.b:main [x]\n'''\n",
        &["a/b.py", "c.json"],
        "m.py:1 Path PythonString sure «a/b.py» → a/b.py\n\
         m.py:1 Path PythonString «a/b.py» → a/b.py\n\
         m.py:1 Path PythonString «a/b.py» → a/b.py\n\
         m.py:1 Path PythonString «c.json» → c.json\n\
         m.py:1 RelativePath PythonString «./a/b.py» → a/b.py\n\
         m.py:2 Dotted PythonString sure «a.b» → a/b.py\n\
         m.py:2 Dotted PythonString «a.b» → a/b.py\n\
         m.py:4 Dotted PythonString sure «a.b» → a/b.py\n",
    );
}
