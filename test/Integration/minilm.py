"""all-MiniLM-L6-v2 by `ph embed`: the token ids and vectors that transformers recorded, and onnxruntime's vectors.

minilm.py RECORDED COUNTS
"""

import json
import pathlib
import random
import sys
import tempfile

import numpy
import onnxruntime
from tools import run, succeed

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "benchmarks"), str(ROOT / "test/Tokenizer")]
from bert_onnx import graph
from peer import minilm


def embed(artifact, texts, *flags):
    """Vectors by ph embed, and how many tokens each text had."""
    flags = [part for text in texts for part in ("-p", text)] + list(flags)
    lines = [json.loads(line) for line in succeed("ph", "embed", artifact, "--json", *flags).out.splitlines()]
    assert len(lines) == len(texts)
    return numpy.array([line["embedding"] for line in lines]), [line["tokens"] for line in lines]


def cosines(a, b):
    return (a * b).sum(1) / numpy.linalg.norm(a, axis=1) / numpy.linalg.norm(b, axis=1)


def theirs(folder, ids):
    """Means of the last hidden states of all texts in one padded batch, of unit length."""
    session = onnxruntime.InferenceSession(graph(folder).SerializeToString(), providers=["CPUExecutionProvider"])
    width = max(map(len, ids))
    batch = numpy.array([row + [0] * (width - len(row)) for row in ids], numpy.int64)
    mask = numpy.array([[1] * len(row) + [0] * (width - len(row)) for row in ids], numpy.int64)
    states = session.run(None, {"input_ids": batch, "attention_mask": mask})[0].astype(numpy.float64)
    means = (states * mask[..., None]).sum(1) / mask.sum(1)[:, None]
    return means / numpy.linalg.norm(means, axis=1)[:, None]


def sentences():
    words = "the a cat house runs over compile attention river 東京 naïve 42 !? quickly model of and".split()
    chance = random.Random(5)
    return [" ".join(chance.choices(words, k=length)) for length in (1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 90, 91, 120)]


def main():
    recorded, counts = map(pathlib.Path, sys.argv[1:3])
    folder = minilm()
    with tempfile.TemporaryDirectory() as temporary:
        artifact = pathlib.Path(temporary) / "minilm.phx"
        succeed("phc", folder, "-o", artifact)
        texts = sentences()
        smallest = 1.0
        if recorded.exists():
            known = json.loads(recorded.read_text())
            texts += [entry["text"] for entry in known]
            ours, tokens = embed(artifact, [entry["text"] for entry in known])
            assert tokens == [len(entry["ids"]) for entry in known], tokens
            for entry in known:
                ids = json.loads(succeed("ph", "tokenize", artifact, "-p", entry["text"], "--json").out)
                assert ids == entry["ids"], entry["text"]
            expected = numpy.array([entry["embedding"] for entry in known])
            assert numpy.abs(ours - expected).max() < 2e-6, numpy.abs(ours - expected).max()
            smallest = cosines(ours, expected).min()
        else:
            print(f"REFERENCE DATA MISSING: no {recorded}; only onnxruntime is compared with")
        ours, tokens = embed(artifact, texts)
        ids = [json.loads(succeed("ph", "tokenize", artifact, "-p", text, "--json").out) for text in texts]
        assert tokens == [len(row) for row in ids]
        smallest = min(smallest, cosines(ours, theirs(folder, ids)).min())
        assert smallest >= 0.99999, smallest
        # A vector doesn't depend on its company, nor on threads.
        alone, _ = embed(artifact, texts[4:5], "-t", "1")
        assert (alone[0] == ours[4]).all(), numpy.abs(alone[0] - ours[4]).max()
        # Pooling and length as asked for; a text beyond 256 tokens is cut, as sentence_bert_config.json says.
        first, _ = embed(artifact, texts[:1], "--pooling", "cls", "--no-normalize")
        assert abs(numpy.linalg.norm(first[0]) - 1) > 0.1
        (_, (length,)) = embed(artifact, ["word " * 400])
        assert length == 256, length
        assert "1 of 1 texts were longer" in run("ph", "embed", artifact, "-p", "word " * 400).err
        # Lines of a file, one vector each.
        file = pathlib.Path(temporary) / "lines.txt"
        file.write_text("".join(text + "\n" for text in texts[:3]))
        lines = succeed("ph", "embed", artifact, "-f", file).out.splitlines()
        assert numpy.array_equal([[float(x) for x in line.split()] for line in lines], ours[:3])
    counts.parent.mkdir(parents=True, exist_ok=True)
    counts.write_text(f"{len(texts)} embeddings of MiniLM, cosine with onnxruntime and transformers at least {smallest:.9f}\n")


if __name__ == "__main__":
    main()
