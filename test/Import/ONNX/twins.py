"""Compares the xf of ONNX graphs with that of Hugging Face folders of the same models.

    twins.py REFERENCE COUNT_FILE        the pairs of the reference data
    twins.py --pair GRAPH TWIN           one pair
    twins.py --graphs GRAPHS COUNT_FILE MODELS...   the graphs of a folder, and their twins in one of others, by name

Prints `NAME: same as TWIN`, or what the graph has and its twin has not; exit code 1 if one differs. Values are compared as
expressions, whatever their order: ops with their attributes, operands, and the types of weights, whose names are each
ecosystem's own. Rotations are compared by their angles, which different parameters may give, and a norm's weight of 1 + w may be
one that has the 1 already. A graph that scores tokens has become what continues a text, with a cache, as its twin is; results
that the graph doesn't give don't count, nor do a twin's functions beside the one that it is.
"""

import math
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


ROPE = re.compile(r"#xf\.rope<([^>]*)>")


def frequencies(options, length):
    """The angles that a token's position is multiplied with, as the documentation of #xf.rope has them."""
    number = lambda name, other=0.0: float(options.get(name, other))
    dim, base, factor, original = int(options["dim"]), number("base"), number("factor", 1), number("original")
    theta = [base ** (-2 * i / dim) for i in range(dim // 2)]
    kind = options.get("scaling", "none")
    if kind == "linear":
        return [t / factor for t in theta]
    if kind == "llama3":
        low, high = number("low_freq_factor"), number("high_freq_factor")
        smooth = [min(max((original * t / (2 * math.pi) - low) / (high - low), 0), 1) for t in theta]
        return [(1 - s) * t / factor + s * t for s, t in zip(smooth, theta)]
    if kind == "longrope":
        given = options["long_factor" if length > original else "short_factor"]
        return [t / float(each) for t, each in zip(theta, given.strip("[]").split(","))]
    if kind == "yarn":
        pair = lambda turns: dim * math.log(original / (turns * 2 * math.pi)) / (2 * math.log(base))
        low, high = pair(number("beta_fast", 32)), pair(number("beta_slow", 1))
        if options.get("truncate") != "false":
            low, high = math.floor(low), math.ceil(high)
        low, high = max(low, 0), min(high, dim - 1)
        high += 0.001 if low == high else 0
        ramp = [min(max((i - low) / (high - low), 0), 1) for i in range(dim // 2)]
        return [(1 - g) * t + g * t / factor for g, t in zip(ramp, theta)]
    return theta if kind == "none" else None


def angles(found):
    """A rotation as its numbers, where it has a scaling whose parameters may be others."""
    options = {key: value for key, value in re.findall(r"(\w+) = (\[[^\]]*\]|[^,]+)", found[1])}
    kind, factor = options.get("scaling", "none"), float(options.get("factor", 1))
    if kind not in ("linear", "llama3", "longrope", "yarn"):
        return found[0]
    attention = {"yarn": 0.1 * math.log(factor) + 1}.get(kind, 1)
    if kind == "longrope":
        attention = math.sqrt(1 + math.log(factor) / math.log(float(options["original"])))
    if "mscale" in options:
        magnitude = lambda name: 0.1 * float(options[name]) * math.log(factor) + 1
        attention = magnitude("mscale") / magnitude("mscale_all_dim")
    attention = float(options.get("attention_factor", attention))
    lengths = [1, 1 << 40] if kind == "longrope" else [1]
    numbers = [f"{each:.9g}" for length in lengths for each in [*frequencies(options, length), attention]]
    return f"angles({options['dim']} {options['style']} {options.get('original') if kind == 'longrope' else ''} {numbers})"


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
        self.indices = {}  # numbers of layers, and the loop that they depend on
        self.weights, self.results = {}, {}
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
            self.function = re.search(r"@(\w+)\(", line)[1]
            for name, what in re.findall(r'(%arg\d+): [^{]*\{xf\.name = "(\w+)"\}', line):
                self.values[name] = self.number("argument", NAMES.get(what, what))
        elif line.startswith("return"):
            self.results[self.function] = [self.of(value) for value in VALUE.findall(line.split(" : ")[0])]
        elif found := re.match(r"(%\w+)(?::\d+)? = xf\.repeat (%\w+) = (\d+) iter\((.*?)\) : .* \{$", line):
            pairs = [pair.split(" = ") for pair in found[4].split(", ")]
            self.loops.append((found[1], found[3], [self.of(init) for _, init in pairs]))
            self.values[found[2]] = self.number("layer", len(self.loops))
            self.indices[self.values[found[2]]] = len(self.loops)
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
                # Which of a stack's it is, is a name too, but for the loop: layers 0, 2, … may be a stack of their own.
                kind, layer = re.sub(r"^tensor<\d+x(.*) stacked$", r"tensor<\1", kind), self.indices[layer]
            if not kind.endswith("stacked"):
                # Leading dimensions of size 1 are broadcast the same where they aren't stored.
                kind = re.sub(r"^tensor<(1x)+(?=\d)", "tensor<", kind)
            self.values[name] = self.number("weight", kind, layer)
            return
        text = ROPE.sub(angles, text)
        if text.startswith("xf.rms_norm"):
            text = re.sub(r" offset = 1\.0+e\+00", "", text)
        if re.match(r"arith\.constant \d+ : index", text):
            self.indices[self.number(text)] = None
        elif re.match(r"arith\.(addi|muli) ", text) and all(self.of(each) in self.indices for each in operands):
            self.values[name] = self.number("index", VALUE.sub(lambda value: f"<{self.of(value[0])}>", text))
            self.indices[self.values[name]] = max((self.indices[self.of(each)] for each in operands), key=lambda loop: loop or 0)
            return
        self.give(name, count, VALUE.sub(lambda value: f"<{self.of(value[0])}>", text))


def emit(model):
    return subprocess.run(["phc", "--emit=xf", model, "-o", "-"], check=True, capture_output=True, text=True).stdout


def compare(graph, twin):
    """Whether both give the same; prints what they are called, and how they differ."""
    expressions = Expressions()
    ours, wanted = Reader(expressions, emit(graph)), Reader(expressions, emit(twin))
    mine = ours.results["forward"]
    if any(all(a == b for a, b in zip(mine, each)) for each in wanted.results.values()):
        print(f"{graph.stem}: same as {twin.stem}")
        return True
    print(f"{graph.stem}: different from {twin.stem}")
    for title, mine, others in (("only the graph has", ours, wanted), ("only the twin has", wanted, ours)):
        known = {number for number, _ in others.made}
        for number, text in [each for each in mine.made if each[0] not in known][:6]:
            print(f"  {title} <{number}> {text}")
    return False


def compare_folder(graphs, counts, *models):
    """What exports have as twins, NAME of NAME.EXPORTER.onnx; those whose folder isn't here are said and left out."""
    same = count = 0
    for graph in sorted(graphs.glob("*.onnx")):
        name = graph.name.split(".")[0]
        twins = [each / name for each in models if any((each / name).glob("model*"))]
        if not twins:
            print(f"{graph.stem}: no folder of {name} is here")
            continue
        count += 1
        same += compare(graph, twins[0])
    counts.parent.mkdir(parents=True, exist_ok=True)
    counts.write_text(f"{same} of {count} exported graphs give the xf of their twins\n")
    sys.exit(0 if same == count else 1)


def main():
    if sys.argv[1] == "--pair":
        sys.exit(0 if compare(*map(pathlib.Path, sys.argv[2:4])) else 1)
    if sys.argv[1] == "--graphs":
        return compare_folder(*map(pathlib.Path, sys.argv[2:]))
    reference, counts = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    same = sum(compare(reference / "onnx" / f"{graph}.onnx", reference / "models" / twin) for graph, twin in PAIRS.items())
    counts.parent.mkdir(parents=True, exist_ok=True)
    counts.write_text(f"{same} of {len(PAIRS)} graphs give the xf of their twins\n")
    sys.exit(0 if same == len(PAIRS) else 1)


if __name__ == "__main__":
    main()
