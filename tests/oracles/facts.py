"""What CPython's own `ast` and `symtable` say of the files named on stdin, one JSON line for each.

imports: every import statement, in source order: [line, column, level, module, names], where names is
         null for `import module`, "*", or [name, asname, line, column] for each name.
names:   what the module scope binds, `global` included. A name that a handler (`except … as`) binds
         or that a `del` of the module takes away is in `unsure`: symtable does not follow those. So
         are the targets of comprehensions from 3.12 on, which it counts as the module's.
uses:    [name, line, column] of each name that is read and belongs to a scope where an import binds it.
         In `unsure_uses`: names that a class both binds and reads, which depend on order.
strings: [line, column, last line, last column] of strings that may hold such names as annotations.

Lines and columns count from 1, columns in characters.
"""

import ast
import io
import json
import re
import symtable
import sys
import tokenize

SCOPES = {
    ast.FunctionDef: None,
    ast.AsyncFunctionDef: None,
    ast.ClassDef: None,
    ast.Lambda: "lambda",
    ast.ListComp: "listcomp",
    ast.SetComp: "setcomp",
    ast.DictComp: "dictcomp",
    ast.GeneratorExp: "genexpr",
}


class Columns:
    """Characters for the byte offsets that `ast` gives."""

    def __init__(self, text):
        self.lines = [line.encode() for line in re.split(r"\r\n|\r|\n", text)]

    def of(self, node):
        line = self.lines[node.lineno - 1]
        return len(line[: node.col_offset].decode()) + 1


def imports(tree, columns):
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                found.append((alias, [node.lineno, columns.of(node), 0, alias.name, None]))
        elif isinstance(node, ast.ImportFrom):
            names = [[a.name, a.asname, a.lineno, columns.of(a)] for a in node.names]
            names = "*" if node.names[0].name == "*" else names
            found.append((node, [node.lineno, columns.of(node), node.level, node.module or "", names]))
    found.sort(key=lambda it: (it[0].lineno, it[0].col_offset))
    return [it[1] for it in found]


def tables(table):
    yield table
    for child in table.get_children():
        yield from tables(child)


def names(top):
    bound = {it.get_name() for it in top.get_symbols() if it.is_assigned() or it.is_imported()}
    for table in tables(top):
        for it in table.get_symbols():
            if it.is_declared_global() and (it.is_assigned() or it.is_imported()):
                bound.add(it.get_name())
    return bound


def unsure(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and node.name:
            yield node.name
        elif isinstance(node, ast.Delete):
            yield from (it.id for it in ast.walk(node) if isinstance(it, ast.Name))
        elif isinstance(node, ast.ClassDef):
            # `global __name` in a class sends `_Class__name` to the module.
            sent = [it.names for it in ast.walk(node) if isinstance(it, ast.Global)]
            private = [it for it in sum(sent, []) if it.startswith("__")]
            yield from (*private, *(f"_{node.name}{it}" for it in private))
        elif isinstance(node, ast.comprehension) and sys.version_info >= (3, 12):
            yield from (it.id for it in ast.walk(node.target) if isinstance(it, ast.Name))


class Uses(ast.NodeVisitor):
    """Walks `ast` and `symtable` side by side."""

    def __init__(self, top, columns):
        self.top = top
        self.columns = columns
        self.outer = []
        self.found = []
        self.unsure = []
        self.strings = []
        self.imported = set()
        self.sent = set()
        for table in tables(top):
            for symbol in table.get_symbols():
                if symbol.is_imported():
                    self.imported.add(symbol.get_name())
                    if symbol.is_declared_global():
                        self.sent.add(symbol.get_name())
        self.enter(top)

    def enter(self, table):
        self.table = table
        self.children = {}
        for child in table.get_children():
            key = (child.get_name(), child.get_lineno())
            self.children.setdefault(key, []).append(child)

    def inside(self, node, name, parts):
        children = self.children[name, node.lineno]
        self.outer.append((self.table, self.children))
        self.enter(children.pop(0))
        for part in parts:
            self.visit(part)
        self.table, self.children = self.outer.pop()

    def visit_all(self, nodes):
        for node in nodes:
            if node is not None:
                self.visit(node)

    def arguments(self, it):
        self.visit_all(it.defaults)
        self.visit_all(it.kw_defaults)
        for argument in [*it.posonlyargs, *it.args, it.vararg, *it.kwonlyargs, it.kwarg]:
            if argument is not None:
                self.visit_all([argument.annotation])

    def visit_FunctionDef(self, node):
        self.arguments(node.args)
        self.visit_all([node.returns])
        self.visit_all(node.decorator_list)
        self.inside(node, node.name, node.body)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_ClassDef(self, node):
        self.visit_all(node.bases)
        self.visit_all(node.keywords)
        self.visit_all(node.decorator_list)
        self.inside(node, node.name, node.body)

    def visit_Lambda(self, node):
        self.arguments(node.args)
        self.inside(node, "lambda", [node.body])

    def comprehension(self, node):
        first, *others = node.generators
        self.visit(first.iter)
        results = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        parts = [first.target, *first.ifs, *others, *results]
        self.inside(node, SCOPES[type(node)], parts)

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = comprehension

    def visit_JoinedStr(self, node):
        self.visit_all(it for it in node.values if not isinstance(it, ast.Constant))

    def visit_Constant(self, node):
        if isinstance(node.value, str) and any(it in node.value for it in self.imported):
            last = ast.Constant(0, lineno=node.end_lineno, col_offset=node.end_col_offset)
            start = [node.lineno, self.columns.of(node)]
            self.strings.append([*start, last.lineno, self.columns.of(last)])

    def visit_Name(self, node):
        if isinstance(node.ctx, ast.Load) and node.id in self.imported:
            use = [node.id, node.lineno, self.columns.of(node)]
            table = self.table
            if table.get_type() == "class" and node.id in table.get_identifiers():
                symbol = table.lookup(node.id)
                if symbol.is_assigned() or symbol.is_imported():
                    self.unsure.append(use)
                    return
            if self.of_import(node.id):
                self.found.append(use)

    def of_import(self, name):
        """Tells whether the scope that the name belongs to imports it."""
        for table in [self.table, *(it for it, _ in reversed(self.outer))]:
            if table is not self.table and table.get_type() == "class":
                continue
            # Under `from __future__ import annotations` a table lacks what only annotations name.
            if name in table.get_identifiers():
                symbol = table.lookup(name)
                if symbol.is_declared_global():
                    break
                if symbol.is_local():
                    return symbol.is_imported() or (table is self.top and name in self.sent)
        symbols = self.top.get_identifiers()
        return name in self.sent or (name in symbols and self.top.lookup(name).is_imported())


def facts(path):
    with open(path, "rb") as file:
        source = file.read()
    try:
        tree = ast.parse(source)
        encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
        text = source.decode(encoding)
        top = symtable.symtable(text, path, "exec")
    except (SyntaxError, ValueError, UnicodeDecodeError) as error:
        return {"error": str(error)}
    columns = Columns(text)
    found = {"imports": imports(tree, columns), "names": sorted(names(top))}
    found["unsure"] = sorted(set(unsure(tree)))
    if sys.version_info < (3, 12):
        uses = Uses(top, columns)
        uses.visit(tree)
        found["uses"] = sorted(uses.found)
        found["unsure_uses"] = uses.unsure
        found["strings"] = uses.strings
    return found


sys.setrecursionlimit(10_000)
for line in sys.stdin:
    path = line.rstrip("\n")
    print(json.dumps({"path": path, **facts(path)}))
