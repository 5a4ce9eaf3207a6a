"""Reads a graph in graphviz's language as its grammar says, and says what is in it.

usage: read_dot.py FILE

Fails if it doesn't parse, if an edge goes to a node that isn't there, or if an op is there twice. Prints ops, edges and the labels of
clusters.
"""

import re
import sys

TOKEN = re.compile(r'\s*(?:("(?:[^"\\]|\\.)*")|(->|[{}\[\];=,])|([A-Za-z_0-9.]+))')


class Parser:
    def __init__(self, text):
        self.tokens, at = [], 0
        text = text.rstrip()
        while at < len(text):
            found = TOKEN.match(text, at)
            if not found:
                sys.exit(f"no token of graphviz at: {text[at:at + 40]!r}")
            self.tokens.append(found[0].strip())
            at = found.end()
        self.at, self.nodes, self.edges, self.clusters = 0, [], [], []

    def take(self, wanted=None):
        token = self.tokens[self.at]
        if wanted and token != wanted:
            sys.exit(f"expects {wanted!r}, but got {token!r} after {self.tokens[self.at - 3:self.at]}")
        self.at += 1
        return token

    def peek(self):
        return self.tokens[self.at]

    def attributes(self):
        values = {}
        self.take("[")
        while self.peek() != "]":
            name = self.take()
            self.take("=")
            values[name] = self.take().strip('"')
            if self.peek() == ",":
                self.take()
        self.take("]")
        return values

    def block(self):
        self.take("{")
        while self.peek() != "}":
            name = self.take()
            if name == "subgraph":
                self.take()
                self.block()
                continue
            if self.peek() == "=":
                self.take()
                value = self.take()
                if name == "label":
                    self.clusters.append(value.strip('"'))
            elif self.peek() == "->":
                self.take()
                self.edges.append((name, self.take(), self.attributes() if self.peek() == "[" else {}))
            elif self.peek() == "[":
                values = self.attributes()
                if name not in ("node", "edge"):
                    self.nodes.append((name, values))
            self.take(";") if self.peek() == ";" else None
        self.take("}")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        parser = Parser(file.read())
    parser.take("digraph")
    parser.take()
    parser.block()
    names = [name for name, _ in parser.nodes]
    if len(set(names)) != len(names):
        sys.exit(f"twice: {sorted(name for name in set(names) if names.count(name) > 1)}")
    for start, end, _ in parser.edges:
        if start not in names or end not in names:
            sys.exit(f"an edge between {start} and {end}, which are no nodes both")
    ops = sorted(int(name[2:]) for name in names if re.fullmatch(r"op\d+", name))
    if ops != list(range(len(ops))):
        sys.exit(f"ops are not numbered from 0: {ops}")
    print(f"{len(ops)} ops, {len(parser.edges)} edges")
    for label in parser.clusters:
        print("cluster", label)


main()
