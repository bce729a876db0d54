"""Every import statement of a tree, read with Python's own `ast`: independent of what is tested."""

import ast
import dataclasses
import pathlib
import warnings

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
EXPECTING = {"suppress", "raises", "assertRaises", "assertRaisesRegex"}
# Branches that ask for these run on some machines only.
MACHINE = {"platform", "name", "version_info", "implementation", "find_spec"}


@dataclasses.dataclass(frozen=True)
class Statement:
    """One import statement, where it stands and what it asks for."""

    file: str
    line: int
    last: int
    level: int
    module: str
    names: tuple
    text: str
    name: str
    package: str
    alone: bool  # at the top of the module, on lines of its own
    guarded: bool  # somebody may catch its failure, or it may not run here

    def absolute(self):
        """Returns the dotted names that it asks for."""
        if not self.level:
            base = self.module
        else:
            above = self.package.split(".")
            kept = len(above) - self.level + 1
            if kept < 1 or not self.package:
                return set()
            base = ".".join([*above[:kept], *filter(None, [self.module])])
        return {base, *(f"{base}.{name}" for name in self.names if base)}

    def request(self, text=None):
        """Returns what `truth.py` is to be asked."""
        fields = {key: getattr(self, key) for key in ("file", "line", "text", "name", "package")}
        return {"how": "statement", **fields, **({"text": text} if text else {})}


def module_of(path, roots):
    """Returns dotted name and package of a file, as the nearest root makes them."""
    for root in sorted(roots, key=len, reverse=True):
        if root != "." and path.startswith(f"{root}/"):
            path = path.removeprefix(f"{root}/")
            break
    parts = path.removesuffix(".py").split("/")
    if parts[-1] == "__init__":
        return ".".join(parts[:-1]), ".".join(parts[:-1])
    return ".".join(parts), ".".join(parts[:-1])


def guarded(node):
    if isinstance(node, (ast.Try, ast.TryStar)):
        return bool(node.handlers)
    if isinstance(node, ast.If):
        return any(getattr(it, "attr", None) in MACHINE for it in ast.walk(node.test))
    if isinstance(node, ast.With):
        calls = [it.context_expr.func for it in node.items if isinstance(it.context_expr, ast.Call)]
        return any(getattr(it, "attr", getattr(it, "id", "")) in EXPECTING for it in calls)
    return False


def statements(folder, path, roots):
    """Returns the import statements of one file; none where Python does not read it."""
    try:
        source = (pathlib.Path(folder) / path).read_bytes().decode()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return []
    lines = source.splitlines(keepends=True)
    name, package = module_of(path, roots)
    found = []

    def visit(node, caught):
        caught = caught or guarded(node)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, (ast.Import, ast.ImportFrom)):
                add(child, caught, node)
            else:
                visit(child, caught and not isinstance(child, FUNCTIONS))

    def add(node, caught, parent):
        place = (path, node.lineno, node.end_lineno)
        whole = lines[node.lineno - 1 : node.end_lineno]
        before = whole[0].encode()[: node.col_offset].strip()
        after = whole[-1].encode()[node.end_col_offset :].split(b"#")[0].strip()
        alone = isinstance(parent, ast.Module) and not before and not after
        text = ast.unparse(node)
        if isinstance(node, ast.Import):
            # One that names several is one statement for each.
            for alias in node.names:
                told = (0, alias.name, (), f"import {alias.name}")
                here = alone and len(node.names) == 1
                found.append(Statement(*place, *told, name, package, here, caught))
        else:
            names = tuple(alias.name for alias in node.names if alias.name != "*")
            told = (node.level, node.module or "", names, text)
            found.append(Statement(*place, *told, name, package, alone, caught))

    visit(tree, False)
    return found
