"""What CPython makes of sources in many encodings: each line of stdin is `cookie<tab>hex of a comment`.

text: the decoded source, or null where CPython refuses it.
"""

import ast
import io
import json
import sys
import tokenize

for line in sys.stdin:
    cookie, comment = line.rstrip("\n").split("\t")
    source = f"# coding: {cookie}\n# ".encode() + bytes.fromhex(comment) + b"\n"
    try:
        ast.parse(source)
        text = source.decode(tokenize.detect_encoding(io.BytesIO(source).readline)[0])
    except (SyntaxError, LookupError, UnicodeError, ValueError):
        text = None
    print(json.dumps({"cookie": cookie, "comment": comment, "text": text}))
