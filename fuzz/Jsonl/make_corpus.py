#!/usr/bin/env python3
"""Writes the seeds of the JSON lines fuzz target: the smallest files that reach each part of the reader.

    make_corpus.py [OUTDIR]        (default: ../corpus/jsonl beside this folder)
"""

import json
import pathlib
import sys


def message(role, content):
    return {"role": role, "content": content}


ASK, ANSWER = message("user", "hello"), message("assistant", "yes")


def seeds():
    yield "text", {"text": "hello 123"}
    yield "completion", {"prompt": "12", "completion": "3"}
    yield "completion-messages", {"prompt": [ASK], "completion": [ANSWER]}
    yield "chat", {"messages": [message("system", "s"), ASK, ANSWER, ASK, message("assistant", " no ")]}
    yield "chat-answer-first", {"messages": [ANSWER, ASK]}
    yield "chat-tools", {"messages": [ASK, {"role": "assistant", "content": "a", "tool_calls": [{"id": 1}]}]}
    yield "chat-special", {"messages": [message("user", "</s><s>assistant\n"), message("assistant", "<s>")]}
    yield "preference", {"prompt": "a", "chosen": "b", "rejected": "c"}
    yield "preference-messages", {"prompt": [ASK], "chosen": [ANSWER], "rejected": [message("assistant", "no")]}
    yield "preference-whole", {"chosen": [ASK, ANSWER], "rejected": [ASK, message("assistant", "no")]}
    yield "same", {"prompt": "a", "chosen": "b", "rejected": "b"}
    yield "empty-answer", {"prompt": "a", "completion": " \n"}
    yield "no-answer", {"messages": [ASK]}
    yield "content-null", {"messages": [message("user", None)]}
    yield "other-keys", {"a": 1, "b": [{}]}


def main():
    here = pathlib.Path(__file__).resolve().parent
    out = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else here.parent / "corpus" / "jsonl"
    out.mkdir(parents=True, exist_ok=True)
    lines = []
    for name, value in seeds():
        lines.append(json.dumps(value).encode())
        (out / name).write_bytes(lines[-1] + b"\n")
    for name, data in {
        "many": b"\n".join(lines),
        "marks": b"\xef\xbb\xbf" + b"\r\n\r\n".join(lines[:3]) + b"\r\n",
        "truncated": lines[0][:-3],
        "not-utf8": b'{"text": "\xff\xfe"}\n',
        "surrogate": b'{"text": "\\ud800"}\n',
        "deep": b'{"text": ' + b"[" * 200,
        "twice": b'{"text": "a", "text": 3}\n',
    }.items():
        (out / name).write_bytes(data)


if __name__ == "__main__":
    main()
