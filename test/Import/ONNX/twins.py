"""Compares the xf of ONNX graphs with that of Hugging Face folders of the same models.

    twins.py REFERENCE COUNT_FILE        the pairs of the reference data
    twins.py --pair GRAPH TWIN           one pair

Prints `NAME: same as TWIN`, or what the graph has and its twin has not; exit code 1 if one differs. Values are compared as
expressions, whatever their order: ops with their attributes, operands, and the types of weights, whose names are each
ecosystem's own. A graph that scores tokens has become what continues a text, with a cache, as its twin is; results that the
graph doesn't give don't count.
"""

import pathlib
import re
import subprocess
import sys

# Those that an exporter wrote of a model that is also there as a folder.
PAIRS = {
    "bert.dynamo-18": "bert", "bert.torchscript-17": "bert", "gpt-neox.dynamo-18": "gpt-neox", "gpt2.dynamo-18": "gpt2", "llama.dynamo-18": "llama",
    "qwen3.dynamo-18": "qwen3", "vit.dynamo-18": "vit", "vit.torchscript-17": "vit",
}  # fmt: skip
NAMES = {"input_ids": "tokens"}
VALUE = re.compile(r"%\w+(?:#\d+)?")


class Expressions:
    """Numbers for expressions: equal ones have one number."""

    def __init__(self):
        self.numbers = {}

    def number(self, *parts):
        return self.numbers.setdefault(parts, len(self.numbers))


class Reader:
    def __init__(self, expressions, text):
        self.number = expressions.number
        self.made = []  # the expression of each op, as text
        self.values, self.loops = {}, []
        self.indices = set()  # constants
        self.weights = {}
        whole = []  # of an op with a body that isn't read
        for line in text.splitlines():
            line = line.strip()
            if whole or (line.endswith("{") and re.match(r"%\w+ = linalg\.", line)):
                whole.append(line)
                line = " ".join(whole)
                if not whole[-1].startswith("}"):
                    continue
                whole = []
            self.line(line)

    def of(self, value):
        # What is not known is local to a body.
        return self.values.get(value, value)

    def give(self, names, count, *parts):
        self.made.append((self.number(*parts), parts[0]))
        for i in range(count):
            self.values[f"{names}#{i}" if count > 1 else names] = self.number(*parts, i) if count > 1 else self.number(*parts)

    def line(self, line):
        if found := re.match(r'xf\.weight @("[^"]*"|\S+) : (.*?)(?: sources.*)?$', line):
            self.weights[found[1]] = found[2]
        elif line.startswith("func.func"):
            self.isForward = "@forward(" in line
            for name, what in re.findall(r'(%arg\d+): [^{]*\{xf\.name = "(\w+)"\}', line):
                self.values[name] = self.number("argument", NAMES.get(what, what))
        elif line.startswith("return") and self.isForward:
            self.results = [self.of(value) for value in VALUE.findall(line)]
        elif found := re.match(r"(%\w+)(?::\d+)? = xf\.repeat (%\w+) = (\d+) iter\((.*?)\) : .* \{$", line):
            pairs = [pair.split(" = ") for pair in found[4].split(", ")]
            self.loops.append((found[1], found[3], [self.of(init) for _, init in pairs]))
            self.values[found[2]] = self.number("layer", len(self.loops))
            for i, (inside, _) in enumerate(pairs):
                self.values[inside] = self.number("carried", len(self.loops), i)
        elif line.startswith("xf.yield"):
            name, times, inits = self.loops.pop()
            yielded = VALUE.findall(line.split(" : ")[0])
            whole = ("repeat", times, tuple(inits), tuple(map(self.of, yielded)))
            for i in range(len(inits)):
                self.values[f"{name}#{i}" if len(inits) > 1 else name] = self.number(*whole, i)
        elif found := re.match(r"(%\w+)(?::(\d+))? = (.*)$", line):
            self.op(found[1], int(found[2] or 1), found[3])

    def op(self, name, count, text):
        text = text if text.startswith("arith.constant") else text.split(" : ")[0]
        operands = VALUE.findall(text)
        if found := re.match(r'xf\.load_weight @("[^"]*"|[^\[ ]+)', text):
            kind, layer = self.weights[found[1]], self.of(operands[0]) if operands else None
            if layer in self.indices:
                # Which of a stack's it is, is a name too.
                kind, layer = re.sub(r"^tensor<\d+x(.*) stacked$", r"tensor<\1", kind), None
            self.values[name] = self.number("weight", kind, layer)
            return
        if re.match(r"arith\.constant \d+ : index", text):
            self.indices.add(self.number(text))
        self.give(name, count, VALUE.sub(lambda value: f"<{self.of(value[0])}>", text))


def emit(model):
    return subprocess.run(["phc", "--emit=xf", model, "-o", "-"], check=True, capture_output=True, text=True).stdout


def compare(graph, twin):
    """Whether both give the same; prints what they are called, and how they differ."""
    expressions = Expressions()
    ours, wanted = Reader(expressions, emit(graph)), Reader(expressions, emit(twin))
    if all(mine == other for mine, other in zip(ours.results, wanted.results)):
        print(f"{graph.stem}: same as {twin.stem}")
        return True
    print(f"{graph.stem}: different from {twin.stem}")
    for title, mine, others in (("only the graph has", ours, wanted), ("only the twin has", wanted, ours)):
        known = {number for number, _ in others.made}
        for number, text in [each for each in mine.made if each[0] not in known][:6]:
            print(f"  {title} <{number}> {text}")
    return False


def main():
    if sys.argv[1] == "--pair":
        sys.exit(0 if compare(*map(pathlib.Path, sys.argv[2:4])) else 1)
    reference, counts = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    same = sum(compare(reference / "onnx" / f"{graph}.onnx", reference / "models" / twin) for graph, twin in PAIRS.items())
    counts.parent.mkdir(parents=True, exist_ok=True)
    counts.write_text(f"{same} of {len(PAIRS)} graphs give the xf of their twins\n")
    sys.exit(0 if same == len(PAIRS) else 1)


if __name__ == "__main__":
    main()
