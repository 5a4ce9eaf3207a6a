"""Whether each op that can be differentiated has a rule, and each rule a test of each thing that it can be asked.

usage: rules.py PH_OPT FOLDER DIALECTS COUNTS

FOLDER has the tests of rules, DIALECTS the descriptions of ops. Every op of xf and train has a rule, or stands below with the reason why not. Each op with a rule is in a
function of FOLDER, with each of its attributes and optional operands, but for those below; and each word of the enumerations below. Then the functions are
checked, and the counts of all of them are the last line printed, which is written to the file COUNTS.
"""

import collections
import pathlib
import re
import subprocess
import sys

INTEGERS = "what it gives are integers or truth"
CACHES = "caches are for inference: xf-remove-cache makes keys and values tensors"
OPTIMIZER = "what an optimizer does, or is made of rewards before, is not differentiated"
BACKWARD = "a derivative itself: second derivatives are not made"
EXPANDED = "train-expand makes primitives of it before (losses.mlir)"
WITHOUT = {
    "xf.argmax": INTEGERS, "xf.compare": INTEGERS, "xf.iota": INTEGERS, "xf.positions": INTEGERS, "xf.masked_positions": INTEGERS,
    "xf.sample": INTEGERS, "xf.logits_argmax": INTEGERS, "xf.logits_sample": INTEGERS, "xf.sort_by_expert": INTEGERS, "xf.dim": INTEGERS,
    "xf.scalar": INTEGERS,
    "xf.cache_append": CACHES, "xf.cache_keys": CACHES, "xf.cache_values": CACHES,
    "xf.encode": "activations are encoded after differentiation",
    "xf.weight": "weights that are trained are arguments", "xf.load_weight": "weights that are trained are arguments",
    "xf.repeat": "the engine reverses loops itself", "xf.yield": "the engine reverses loops itself",
    "xf.attention_backward": BACKWARD, "train.token_logp_backward": BACKWARD, "train.token_kl_backward": BACKWARD, "train.expert_outer_add": BACKWARD,
    **dict.fromkeys(["train.adamw", "train.adamw8", "train.adafactor", "train.lion", "train.sgd", "train.global_norm", "train.all_finite",
                     "train.clip_factor", "train.loss_scale", "train.whiten", "train.kl_rewards", "train.kto_baseline"], OPTIMIZER),
    **dict.fromkeys(["train.lm_loss", "train.distill_loss", "train.classification_loss", "train.multi_label_loss", "train.regression_loss",
                     "train.sequence_logp", "train.reward_loss", "train.dpo_loss", "train.ipo_loss", "train.simpo_loss", "train.orpo_loss",
                     "train.kto_loss", "train.ppo_loss", "train.value_loss"], EXPANDED),
}
# Their derivatives are not those of differences.
STOPPED = {"train.stop_gradient", "train.gae", "train.round", "train.round_gradient"}
# Attributes and operands that a derivative can't depend on, or not where it is made.
NOT_ASKED = {
    ("xf.attention", "operand 3"): CACHES, ("xf.attention", "operand 4"): CACHES, ("xf.attention", "operand 5"): CACHES,
}
ENUMERATIONS = ["Activation", "UnaryKind", "ReduceKind", "BinaryKind", "Scoring", "Pooling", "Mask"]
# Of truth.
WORDS = {"and", "or", "not"}
OP = re.compile(r'"((?:xf|train)\.\w+)"\([^)]*\)(?: <\{(.*?)\}>)?(?: \(\{|(?: \{.*\})? :)')
COUNTED = re.compile(r"functions: (\d+) comparisons at (\d+) points .*largest error (\S+)$")


def used(tool, file):
    """The ops of a file, each with names of its attributes and operands and the words in attributes."""
    text = subprocess.run([tool, file, "--mlir-print-op-generic"], capture_output=True, text=True, check=True).stdout
    for name, attributes in OP.findall(text):
        seen = set(re.findall(r"(?:^|, )(\w+)(?= = |,|$)", attributes))
        words = set(re.findall(r"#xf(?:\.\w+)?<(?:\w+ )?(\w+)>", attributes))
        segments = re.search(r"operandSegmentSizes = array<i32: ([\d, ]+)>", attributes)
        given = [i for i, size in enumerate(segments[1].split(", ")) if size != "0"] if segments else []
        yield name, seen | {f"operand {i}" for i in given}, words, len(segments[1].split(", ")) if segments else 0


def words_of(dialects):
    """The words of the enumerations."""
    text = "".join(file.read_text() for file in sorted(dialects.rglob("*.td")))
    for name in ENUMERATIONS:
        found = re.search(rf'Enum(?:Attr)?<"{name}", "[^"]*", \[(.*?)\]>', text, re.S)
        yield name, set(re.findall(r'Case<"\w+", \d+, "(\w+)">', found[1])) - WORDS


def main():
    tool, folder, dialects, counts = sys.argv[1], *map(pathlib.Path, sys.argv[2:])
    listed = subprocess.run([tool, "--list-derivatives"], capture_output=True, text=True, check=True).stdout
    ops = {name: (rule == "rule", attributes) for name, rule, *attributes in map(str.split, listed.splitlines())}
    wrong = [f"{name} has no derivative rule, and no reason for it" for name, (rule, _) in ops.items() if not rule and name not in WITHOUT]
    wrong += [f"{name} has a derivative rule, or is no op, but is listed as without" for name in WITHOUT if ops.get(name, (True, 0))[0]]

    files = sorted(folder.glob("*.mlir"))
    asked, words, segments = collections.defaultdict(set), set(), collections.Counter()
    for file in files:
        for name, seen, said, count in used(tool, file):
            asked[name] |= seen
            words |= said
            segments[name] = count
    for name, (rule, attributes) in ops.items():
        if not rule or name in STOPPED:
            continue
        if name not in asked:
            wrong.append(f"{name} has a derivative rule, but no test in {folder}")
            continue
        wanted = set(attributes) | {f"operand {i}" for i in range(segments[name])}
        wrong += [f"{name} is never tested with {what}" for what in sorted(wanted - asked[name]) if (name, what) not in NOT_ASKED]
    for name, all_words in words_of(dialects):
        wrong += [f"{name} {word} is in no test" for word in sorted(all_words - words)]

    functions = comparisons = points = 0
    largest = 0.0
    for file in files:
        run = subprocess.run([tool, file, "--check-derivatives"], capture_output=True, text=True)
        found = COUNTED.search(run.stdout.strip())
        if run.returncode or not found:
            wrong.append(f"{file.name}: {run.stderr}")
            continue
        functions += len(re.findall("^@", run.stdout, re.M))
        comparisons += int(found[1])
        points += int(found[2])
        largest = max(largest, float(found[3]))
    rules = sum(rule for rule, _ in ops.values())
    for each in wrong:
        print(f"error: {each}")
    line = (f"{rules} derivative rules of {len(ops)} ops, {functions} functions at {points} points, {comparisons} comparisons, "
            f"largest error {largest:.1e}, {len(wrong)} wrong")
    print(line)
    counts.parent.mkdir(parents=True, exist_ok=True)
    counts.write_text(line + "\n")


main()
