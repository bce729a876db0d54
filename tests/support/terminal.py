"""Runs a program on a terminal of its own, and answers each of its questions in turn.

Takes the answers as one JSON list, then the program and its arguments; prints what the terminal
showed, and ends as the program did.
"""

import json
import os
import pty
import sys

answers = json.loads(sys.argv[1])
child, terminal = pty.fork()
if child == 0:
    os.execv(sys.argv[2], sys.argv[2:])
shown = b""
while True:
    try:
        chunk = os.read(terminal, 65536)
    except OSError:  # Linux says so when the program is gone.
        break
    if not chunk:
        break
    shown += chunk
    if answers and shown.endswith(b"[y/N] "):
        os.write(terminal, answers.pop(0).encode())
status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
sys.stdout.buffer.write(shown.replace(b"\r\n", b"\n"))
sys.exit(status if status >= 0 else 128 - status)
