"""What Python, a project's own suite, and a plain search say of a checkout of that project."""

import ast
import json
import os
import re
import shutil
import xml.etree.ElementTree

from archives import WORK, Failed, run

# Nothing is compiled into a checkout.
BYTECODE = WORK / "bytecode"

# Imports each module of its arguments in a process of its own; prints those that work, each with the
# import statements of its file, also those in functions, that do not. What many need is loaded before.
IMPORTER = """
import ast, asyncio, dataclasses, decimal, email.message, http.server, importlib.metadata, inspect
import logging.config, os, sys, tempfile, typing, unittest.mock, urllib.request, xml.etree.ElementTree
sys.path.insert(0, os.getcwd())
for name in sys.argv[1:]:
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        continue
    said = os.dup(1)
    quiet = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(quiet, stream)
    sys.stdout = sys.stderr = open(os.devnull, "w")
    sys.argv = [name]
    try:
        __import__(name)
        module = sys.modules[name]
        with open(module.__file__, "rb") as source:
            tree = ast.parse(source.read())
        words = [name]
        for statement in ast.walk(tree):
            if not isinstance(statement, (ast.Import, ast.ImportFrom)):
                continue
            if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
                continue
            try:
                code = compile(ast.Module([statement], []), name, "exec")
                exec(code, {"__name__": name, "__package__": module.__package__})
            except BaseException:
                words.append("".join(ast.unparse(statement).split()))
        os.write(said, (" ".join(words) + "\\n").encode())
    except BaseException:
        pass
    os._exit(0)
"""

# Exits with 0 where `from module import name` works (`import module` without a name).
PROBE = """
import importlib, sys
module = importlib.import_module(sys.argv[1])
for name in sys.argv[2:]:
    if not hasattr(module, name):
        importlib.import_module(f"{sys.argv[1]}.{name}")
"""

# What `unittest` says of a test: `test_x (module.Class.test_x) ... ok`, its summary on a line between.
OUTCOME = re.compile(r"^\w+ \(([\w.]+)\)(?:\n.*)? \.\.\. (ok|FAIL|ERROR|skipped|expected failure)", re.M)

# History, which no move follows.
HISTORY = re.compile(r"(^|/)(changes|changelog|history|news|release|whats_?new|authors)", re.I)


class Checkout:
    """A checkout of a project, seen by the Python of its environment."""

    def __init__(self, folder, project, python):
        self.folder = folder
        self.project = project
        self.python = python
        roots = [folder / root for root in project["roots"]] + [folder]
        self.path = os.pathsep.join(str(root) for root in roots)
        # What was compiled of another checkout in this place does not count.
        shutil.rmtree(BYTECODE / folder.relative_to("/"), ignore_errors=True)

    def run_python(self, *arguments, expect=None, talk=False):
        settings = {"PYTHONPATH": self.path, "PYTHONPYCACHEPREFIX": str(BYTECODE), "PYTHONHASHSEED": "0"}
        return run(self.python, *arguments, cwd=self.folder, expect=expect, talk=talk, **settings)

    def module(self, path):
        """Returns the dotted name of a file, as the project's roots make it."""
        for root in sorted(self.project["roots"], key=len, reverse=True):
            if path.startswith(f"{root}/"):
                path = path.removeprefix(f"{root}/")
                break
        return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def importable(self, expected=()):
        """Returns the files that Python imports as modules, each with the imports in it that fail.

        These are the files of the project's packages, or what it says, and those that are expected.
        """
        below = tuple(self.project.get("imported", self.project["packages"]))
        paths = run("git", "ls-files", "*.py", cwd=self.folder).splitlines()
        paths = [path for path in paths if path.startswith(below) or path in expected]
        modules = {self.module(path): path for path in paths}
        lines = self.run_python("-c", IMPORTER, *modules, expect=0).splitlines()
        return {modules[name]: failing for name, *failing in map(str.split, lines)}

    def suite(self, paths):
        """Returns the outcomes of every test, by its name: the dotted path of its file and more."""
        if "runner" in self.project:
            talk = self.run_python(*self.project["runner"], *paths, talk=True)
            return {name: [outcome] for name, outcome in OUTCOME.findall(talk)}
        report = WORK / "suite.xml"
        report.unlink(missing_ok=True)
        options = ["-q", "-p", "no:cacheprovider", "--continue-on-collection-errors"]
        options += [f"--junitxml={report}", *self.project.get("options", [])]
        talk = self.run_python("-m", "pytest", *options, *paths)
        if not report.exists():
            raise Failed(f"the suite does not run\n{talk[-4000:]}")
        outcomes = {}
        for case in xml.etree.ElementTree.parse(report).iter("testcase"):
            name, place = case.get("name"), case.get("classname")
            # The name of a doctest begins with its module already.
            name = name if name.startswith(f"{place}.") else f"{place}::{name}"
            tags = [part.tag for part in case if part.tag in ("failure", "error", "skipped")]
            outcomes.setdefault(name, []).extend(tags or ["ok"])
        return {name: sorted(found) for name, found in outcomes.items()}

    def disagreements(self, overhaul):
        """Returns the findings of `verify` that Python does not confirm."""
        report = json.loads(run(overhaul, "verify", "--format", "json", cwd=self.folder, expect=None))
        return [
            f"{it['path']}:{it['line']} {it['module']} {it['name'] or ''}"
            for it in report["unresolved"]
            if it["kind"] != "undeclared" and self.resolves(it)
        ]

    def resolves(self, finding):
        """Tells whether Python finds what a finding says is missing."""
        module = finding["module"]
        level = len(module) - len(module.lstrip("."))
        if level:
            parts = self.module(finding["path"]).split(".")
            inside = not finding["path"].endswith("/__init__.py")
            package = parts[: len(parts) - level + 1 - inside]
            module = ".".join([*package, *filter(None, [module.lstrip(".")])])
        names = [finding["name"]] if finding["name"] else []
        try:
            self.run_python("-c", PROBE, module, *names, expect=0)
        except Failed:
            return False
        return True

    def stale(self, move):
        """Returns the lines that still name what moved by its old path, or its old dotted path."""
        dotted = self.module(move["from"])
        names = [f"{dotted}.{move['symbol']}"] if "symbol" in move else [dotted, move["from"]]
        # One word may mean anything; what a new path ends with is no old one.
        names = [re.escape(name) for name in names if re.search("[./]", name)]
        old = re.compile(rf"(?<![\w./-])({'|'.join(names)})(?![\w-]|\.py\b|\.egg)".encode())
        lines = []
        for path in run("git", "ls-files", "-z", cwd=self.folder).split("\0")[:-1]:
            data = (self.folder / path).read_bytes() if names and not HISTORY.search(path) else b""
            if b"\0" not in data and old.search(data):
                found = enumerate(data.splitlines(), 1)
                lines += [f"{path}:{number}" for number, line in found if old.search(line)]
        return lines


def moved_path(path, move):
    """Returns a path as it is after a move."""
    if "symbol" in move or not f"{path}/".startswith(f"{move['from']}/"):
        return path
    return move["to"] + path.removeprefix(move["from"])


def moved_name(name, before, move):
    """Returns the name of a test as it is after a move: what it says of modules follows."""
    pairs = [(before.module(move["from"]), before.module(move["to"]))]
    if "symbol" in move:
        pairs = [(f"{old}.{move['symbol']}", f"{new}.{move['symbol']}") for old, new in pairs]
    else:
        plain = [move[key].removesuffix(".py").replace("/", ".") for key in ("from", "to")]
        pairs.append(tuple(plain))
    for old, new in dict.fromkeys(pairs):
        changed = re.sub(rf"(?<![\w.]){re.escape(old)}(?=[.:]|$)", new, name)
        if changed != name:
            return changed
    return name


def offset_of(path, symbol):
    """Returns where the name of a definition stands in a file, in characters."""
    text = path.read_text()
    lines = text.splitlines(keepends=True)
    for statement in ast.parse(text).body:
        name = getattr(statement, "name", None) or getattr(
            getattr(statement, "targets", [None])[0], "id", None
        )
        if name == symbol:
            start = sum(map(len, lines[: statement.lineno - 1])) + statement.col_offset
            return text.index(symbol, start)
    raise Failed(f"`{path}` does not define `{symbol}`")
