"""Reads a page strictly and says what is in it.

usage: read_html.py FILE

Fails if a tag is not closed where it should be, if something comes from elsewhere, or if an op is there twice. Prints how many ops
there are, and the text of headings, summaries and labels.
"""

import html.parser
import sys

VOID = {"meta", "input", "br", "hr", "img", "link"}


class Reader(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.ops, self.said, self.text = [], [], [], None

    def handle_starttag(self, tag, attributes, closed=False):
        values = dict(attributes)
        if len(values) != len(attributes):
            sys.exit(f"{tag} at {self.getpos()} has an attribute twice")
        for name in ("src", "href", "action"):
            if name in values:
                sys.exit(f"{tag} at {self.getpos()} fetches {values[name]}")
        if "data-op" in values:
            self.ops.append(int(values["data-op"]))
        classes = (values.get("class") or "").split()
        if tag in ("h1", "h2", "summary") or "groupname" in classes or "boxname" in classes or "kind" in classes:
            self.text = []
        if tag not in VOID and not closed:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes, closed=True)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            sys.exit(f"</{tag}> at {self.getpos()} closes nothing")
        if self.text is not None and tag in ("h1", "h2", "summary", "text", "span") and (tag != "span" or "summary" not in self.open):
            self.said.append(" ".join("".join(self.text).split()))
            self.text = None

    def handle_data(self, data):
        if self.text is not None:
            self.text.append(data + " ")
        if self.open and self.open[-1] in ("style", "script") and ("http:" in data or "https:" in data or "@import" in data):
            sys.exit(f"a {self.open[-1]} fetches something")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        text = file.read()
    if not text.startswith("<!doctype html>"):
        sys.exit("no doctype")
    reader = Reader()
    reader.feed(text)
    reader.close()
    if reader.open:
        sys.exit(f"never closed: {reader.open}")
    if len(set(reader.ops)) != len(reader.ops):
        sys.exit(f"twice: {sorted(op for op in set(reader.ops) if reader.ops.count(op) > 1)}")
    if sorted(reader.ops) != list(range(len(reader.ops))):
        sys.exit(f"ops are not numbered from 0: {sorted(reader.ops)}")
    print(f"{len(reader.ops)} ops")
    for line in reader.said:
        print(line)


main()
