"""The small changes of the package that a test should notice.

A change replaces the text of one expression or statement; the rest of the file keeps its comments. Left alone is what
no behaviour follows from (annotations, docstrings, protocols), and prose: a text with a space in it is for people, and
other tests compare whole outputs.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

OPERATORS: dict[type[ast.AST], tuple[type[ast.AST], ...]] = {
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,), ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,), ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt), ast.Add: (ast.Sub,), ast.Sub: (ast.Add,), ast.Mult: (ast.Add,), ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Mult,), ast.Mod: (ast.Mult,), ast.BitOr: (ast.BitAnd,), ast.BitAnd: (ast.BitOr,),
    ast.BitXor: (ast.BitOr,), ast.LShift: (ast.RShift,), ast.RShift: (ast.LShift,), ast.And: (ast.Or,),
    ast.Or: (ast.And,),
}  # fmt: skip


@dataclass(frozen=True)
class Change:
    """Another text for some bytes of a file, what is said of it, and the lines of the statement around.

    They are all lines of the file, from 0, for a statement that runs once, when the file is imported.
    """

    file: str
    line: int
    start: int
    end: int
    text: str
    what: str
    lines: range

    def apply(self, source: bytes) -> bytes:
        return source[: self.start] + self.text.encode() + source[self.end :]


def changes(root: Path, part: str = "") -> Iterator[Change]:
    """Every change of the package, of a room or of a file."""
    place = root / "mockserver" / part
    for path in [place] if place.is_file() else sorted(place.rglob("*.py")):
        source = path.read_bytes()
        offsets = [0, *accumulate(map(len, source.splitlines(keepends=True)))]
        yield from _below(ast.parse(source), str(path.relative_to(root)), offsets, range(len(offsets)))


def _below(parent: ast.AST, file: str, offsets: list[int], lines: range) -> Iterator[Change]:
    for node in ast.iter_child_nodes(parent):
        if _silent(node, parent):
            continue
        around = lines
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or (isinstance(node, ast.stmt) and lines.start):
            first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", ()))])
            around = range(first, (node.end_lineno or first) + 1)
        if isinstance(node, ast.stmt | ast.expr):
            start = offsets[node.lineno - 1] + node.col_offset
            end = offsets[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)
            for text, what in _variants(node, parent):
                # Brackets keep the order of operators.
                whole = text if isinstance(node, ast.stmt | ast.Constant) else f"({text})"
                yield Change(file, node.lineno, start, end, whole, what, around)
        yield from _below(node, file, offsets, around)


def _variants(node: ast.AST, parent: ast.AST) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.Call):
        for name in ("keywords", "args"):
            given = getattr(node, name)
            for dropped in given if name == "keywords" else given[1:][-1:]:
                yield _but(node, name, [each for each in given if each is not dropped]), f"{_short(dropped)} dropped"
    else:
        for text in _others(node):
            yield text, f"{_short(node)} becomes {text}"
    if node is getattr(parent, "test", None) or node in getattr(parent, "ifs", ()):
        yield f"not ({ast.unparse(node)})", f"{_short(node)} negated"


def _others(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Compare(ops=[operator]):
            yield from (_but(node, "ops", [other()]) for other in OPERATORS[type(operator)])
        case ast.BinOp(op=operator) | ast.BoolOp(op=operator):
            yield from (_but(node, "op", other()) for other in OPERATORS.get(type(operator), ()))
        case ast.UnaryOp(op=ast.Not()):
            yield ast.unparse(node.operand)
        case ast.Constant(value=bool() | int() | float() as value):
            # One more than a huge float is that float.
            more = value + 1 if value + 1 != value else value / 2
            yield repr(not value if isinstance(value, bool) else more)
        case ast.Constant(value=str() | bytes() as value) if " " not in str(value):
            yield repr(value + "_" if isinstance(value, str) else value + b"_")
        case ast.Return(value=ast.expr() as value) if ast.unparse(value) != "None":
            yield "return None"
        case ast.Expr() | ast.Raise() | ast.AugAssign() | ast.Continue() | ast.Break() | ast.Delete():
            yield "pass"
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]):
            yield "pass"


def _but(node: ast.AST, name: str, value: object) -> str:
    return ast.unparse(type(node)(**dict(ast.iter_fields(node)) | {name: value}))


def _short(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 60 else f"{text[:57]}..."


def _silent(node: ast.AST, parent: ast.AST) -> bool:
    """Whether no run can show a change of this. (In Python 3.11 the places within an f-string are wrong.)"""
    if node in (getattr(parent, "annotation", None), getattr(parent, "returns", None)):
        return True
    match node:
        case ast.Expr(value=ast.Constant()) | ast.JoinedStr() | ast.Import() | ast.ImportFrom() | ast.Assert():
            return True
        case ast.ClassDef():
            # asyncio has protocols too, and those do something.
            return any(ast.unparse(base).partition("[")[0] == "Protocol" for base in node.bases)
        case ast.If():
            return ast.unparse(node.test) == "TYPE_CHECKING"
        case ast.FunctionDef():
            return any(ast.unparse(each) == "overload" for each in node.decorator_list)
        case ast.Constant():
            # The type of a cast; a millisecond more between two steps of generated traffic.
            name = ast.unparse(parent.func) if isinstance(parent, ast.Call) else ""
            return name.endswith(".pause") or (name == "cast" and node is getattr(parent, "args", [None])[0])
    return False
