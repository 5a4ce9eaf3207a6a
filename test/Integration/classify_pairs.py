"""A classifier with a tokenizer of letters, and what transformers says of two texts.

    classify_pairs.py folder MODEL FOLDER       MODEL with a tokenizer.json
    classify_pairs.py without-pairs FOLDER      its template of two texts is taken out
    classify_pairs.py check ARTIFACT            exit code 1 if probabilities differ
"""

import json
import math
import pathlib
import shutil
import subprocess
import sys

# transformers 5.23 in f32 on the ids 1, "itrains", 2, "thestreetiswet", 2, where a is 10; types are 1 from "the" on, or 0.
LOGITS = [-0.9431265592575073, 0.09805163741111755, -0.24864788353443146]
LOGITS_OF_ONE_TYPE = [0.4453137516975403, -0.3488101363182068, 0.10107633471488953]
TEXTS = ("itrains", "thestreetiswet")


def softmax(logits):
    powers = [math.exp(x) for x in logits]
    return [x / sum(powers) for x in powers]


def write_folder(model, folder):
    shutil.copytree(model, folder)
    vocabulary = {f"<{i}>": i for i in range(320)}
    for i in range(26):
        del vocabulary[f"<{10 + i}>"]
        vocabulary[chr(97 + i)] = 10 + i
    special = {"<1>": {"id": "<1>", "ids": [1], "tokens": ["<1>"]}, "<2>": {"id": "<2>", "ids": [2], "tokens": ["<2>"]}}

    def token(name, kind):
        return {"SpecialToken": {"id": name, "type_id": kind}}

    def text(name, kind):
        return {"Sequence": {"id": name, "type_id": kind}}

    single = [token("<1>", 0), text("A", 0), token("<2>", 0)]
    tokenizer = {
        "version": "1.0", "added_tokens": [{"id": 2, "content": "<2>", "special": True}], "model": {"type": "BPE", "vocab": vocabulary, "merges": []},
        "post_processor": {"type": "TemplateProcessing", "single": single,
                           "pair": [*single, text("B", 1), token("<2>", 1)], "special_tokens": special},
    }  # fmt: skip
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))


def check(artifact):
    def probabilities(*texts):
        done = subprocess.run(["ph", "classify", artifact, "--json", *texts], capture_output=True, text=True, check=True)
        labels = json.loads(done.stdout)["labels"]
        return [label["score"] for label in sorted(labels, key=lambda label: label["label"])]

    for texts, logits in (
        (["-p", TEXTS[0], "--pair", TEXTS[1]], LOGITS),
        (["-p", f"{TEXTS[0]}<2>{TEXTS[1]}"], LOGITS_OF_ONE_TYPE),
    ):
        got, wanted = probabilities(*texts), softmax(logits)
        # Probabilities are printed with all digits; logits are within 1e-4 of the reference.
        if any(abs(x - y) > 1e-4 for x, y in zip(got, wanted, strict=True)):
            sys.exit(f"{texts}: {got}, expected {wanted}")


def main():
    if sys.argv[1] == "folder":
        write_folder(pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]))
    elif sys.argv[1] == "without-pairs":
        path = pathlib.Path(sys.argv[2]) / "tokenizer.json"
        tokenizer = json.loads(path.read_text())
        del tokenizer["post_processor"]["pair"]
        path.write_text(json.dumps(tokenizer))
    else:
        check(sys.argv[2])


if __name__ == "__main__":
    main()
