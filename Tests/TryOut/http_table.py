"""The cases of `http_requests.txt`: which bytes a client sends, and what it is answered."""

import os
import re

PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "http_requests.txt")
ESCAPES = {"r": "\r", "n": "\n", "t": "\t", "0": "\0", "\\": "\\"}


def cases():
    """The title, the statuses and the bytes of each case, in order."""
    found = []
    with open(PATH, encoding="ascii") as file:
        for line in file.read().splitlines():
            if line.startswith("    "):
                found[-1][2] += line[4:]
            elif re.match(r"\d", line):
                statuses, title = re.match(r"((?:\d{3} )+)(.+)", line).groups()
                found.append([title, [int(status) for status in statuses.split()], ""])
    return [(title, statuses, decoded(text)) for title, statuses, text in found]


def decoded(text):
    """The bytes that a text stands for: first the escapes, then the repetitions."""
    text = re.sub(
        r"\\(x[0-9A-F]{2}|.)",
        lambda m: chr(int(m[1][1:], 16)) if m[1][0] == "x" else ESCAPES[m[1]],
        text,
    )
    text = re.sub(r"\{(\d+)\*([^}]*)\}", lambda m: m[2] * int(m[1]), text)
    return text.encode("latin-1")
