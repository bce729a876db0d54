"""Known ways to break a tree. Each gives what to write, and the statements to ask Python about.

Two sorts: `OF_TREES` change a module that others import, one at a time; `OF_STATEMENTS` spell one
statement wrong, many files at a time.
"""

import ast
import dataclasses
import string

# How many of the statements that a change concerns are asked about.
MOST_ASKED = 12


@dataclasses.dataclass
class Breakage:
    """One change of a tree: path → new text, `None` where the file goes; and who may notice."""

    what: str
    files: dict
    asked: list


def sample(random, things, most):
    things = sorted(things, key=repr)
    return things if len(things) <= most else random.sample(things, most)


def concerned(tree, random, names, files):
    """Returns some of the statements outside `files` that ask for one of these names."""
    found = {it for name in names for it in tree.asked.get(name, ()) if it.file not in files}
    return sample(random, found, MOST_ASKED)


def below(tree, module):
    return [it for it in tree.asked if it == module or it.startswith(f"{module}.")]


def pick_module(tree, random, package=None):
    """Returns name and path of a module that somebody else imports."""
    names = sorted(tree.modules)
    while True:
        name = random.choice(names)
        path = tree.modules[name]
        is_package = path.endswith("/__init__.py")
        if (package is None or package == is_package) and tree.asked.get(name):
            return name, path


def module_deleted(tree, random):
    name, path = pick_module(tree, random, package=False)
    return Breakage(name, {path: None}, concerned(tree, random, below(tree, name), {path}))


def module_renamed(tree, random):
    name, path = pick_module(tree, random, package=False)
    new = path.removesuffix(".py") + "_renamed.py"
    files = {path: None, new: tree.read(path)}
    return Breakage(name, files, concerned(tree, random, below(tree, name), files))


def module_moved(tree, random):
    name, path = pick_module(tree, random, package=False)
    _, other = pick_module(tree, random, package=True)
    new = other.removesuffix("__init__.py") + "moved_" + path.rpartition("/")[2]
    files = {path: None, new: tree.read(path)}
    return Breakage(name, files, concerned(tree, random, below(tree, name), files))


def package_deleted(tree, random):
    name, path = pick_module(tree, random, package=True)
    folder = path.removesuffix("__init__.py")
    files = {it: None for it in tree.files if it.startswith(folder)}
    return Breakage(name, files, concerned(tree, random, below(tree, name), files))


def init_deleted(tree, random):
    name, path = pick_module(tree, random, package=True)
    return Breakage(name, {path: None}, concerned(tree, random, below(tree, name), {path}))


def defined(node):
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return node.name
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        return getattr(node.targets[0], "id", None)
    return None


def pick_symbol(tree, random):
    """Returns a module and a definition at its top level that somebody takes from it."""
    while True:
        name, path = pick_module(tree, random)
        nodes = [it for it in ast.parse(tree.read(path)).body if defined(it)]
        nodes = [it for it in nodes if tree.asked.get(f"{name}.{defined(it)}")]
        if nodes:
            return name, path, random.choice(nodes)


def symbol_changed(tree, random, change):
    name, path, node = pick_symbol(tree, random)
    first = min([node.lineno, *(it.lineno for it in getattr(node, "decorator_list", []))])
    lines = tree.read(path).splitlines(keepends=True)
    lines[first - 1 : node.end_lineno] = change(lines[first - 1 : node.end_lineno], defined(node))
    symbol = defined(node)
    names = [it for it in tree.asked if it.endswith(f".{symbol}")]
    asked = concerned(tree, random, names, {path})
    return Breakage(f"{name}:{symbol}", {path: "".join(lines)}, asked)


def symbol_deleted(tree, random):
    return symbol_changed(tree, random, lambda lines, name: [])


def symbol_renamed(tree, random):
    def change(lines, name):
        return "".join(lines).replace(name, f"{name}_renamed", 1).splitlines(keepends=True)

    return symbol_changed(tree, random, change)


def misspelt(random, word):
    """Makes one slip of the finger in a word."""
    while True:
        at = random.randrange(len(word))
        slips = [
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :],
            word[:at] + random.choice(string.ascii_lowercase) + word[at + 1 :],
        ]
        new = random.choice(slips)
        if new != word and new.isidentifier():
            return new


def spell(level, module, names):
    if level or names:
        return f"from {'.' * level}{module} import {', '.join(names) or '*'}"
    return f"import {module}"


def parts_of(statement):
    star = statement.text.endswith("import *")
    return statement.level, statement.module, list(statement.names), star


def level_changed(statement, random):
    level, module, names, star = parts_of(statement)
    if not (level or names):
        return None
    new = random.choice([it for it in range(4) if it != level])
    if not (new or module):
        return None
    return spell(new, module, names)


def module_misspelt(statement, random):
    """In any part but the first of an absolute name."""
    level, module, names, star = parts_of(statement)
    parts = module.split(".")
    places = range(0 if level else 1, len(parts))
    if not module or not places:
        return None
    at = random.choice(places)
    parts[at] = misspelt(random, parts[at])
    return spell(level, ".".join(parts), names)


def top_misspelt(statement, random):
    """In the first part of an absolute name: nobody can know whose module that is."""
    level, module, names, star = parts_of(statement)
    top, dot, rest = module.partition(".")
    return None if level else spell(0, misspelt(random, top) + dot + rest, names)


def name_misspelt(statement, random):
    level, module, names, star = parts_of(statement)
    if not names:
        return None
    at = random.randrange(len(names))
    names[at] = misspelt(random, names[at])
    return spell(level, module, names)


def any_slip(statement, random):
    slips = [level_changed, module_misspelt, name_misspelt]
    return random.choice(slips)(statement, random)


def call_misspelt(statement, random):
    text = module_misspelt(statement, random)
    if text is None or statement.level:
        return None
    return f"importlib.import_module({text.split()[1]!r})"


def in_place(source, statement, text):
    """Returns the new source, and the line on which the statement stands."""
    lines = source.splitlines(keepends=True)
    lines[statement.line - 1 : statement.last] = [text + "\n"]
    return "".join(lines), statement.line


def at_the_end(before):
    def place(source, statement, text):
        source = source + ("" if source.endswith("\n") else "\n") + before
        return f"{source}    {text}\n", source.count("\n") + 1

    return place


IN_FUNCTION = at_the_end("\n\ndef broken_here():\n")
IN_METHOD = at_the_end("\n\nclass Broken:\n    x = 1\n\n    def here(self):\n    ")
CHECKING = at_the_end("\n\nimport typing\nif typing.TYPE_CHECKING:\n")
CALLED = at_the_end("\n\nimport importlib\n\n\ndef broken_here():\n")

OF_TREES = {
    "module deleted": module_deleted,
    "module renamed": module_renamed,
    "module moved": module_moved,
    "package deleted": package_deleted,
    "`__init__` deleted": init_deleted,
    "symbol deleted": symbol_deleted,
    "symbol renamed": symbol_renamed,
}

# Which slip, and where the misspelt statement is put.
OF_STATEMENTS = {
    "relative level changed": (level_changed, in_place),
    "module misspelt": (module_misspelt, in_place),
    "name misspelt": (name_misspelt, in_place),
    "top module misspelt": (top_misspelt, in_place),
    "inside a function": (any_slip, IN_FUNCTION),
    "inside a method": (any_slip, IN_METHOD),
    "under `TYPE_CHECKING`": (any_slip, CHECKING),
    "literal `import_module`": (call_misspelt, CALLED),
}
