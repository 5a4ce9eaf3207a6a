"""ph embed, ph classify and ph run of tiny encoders, encoder-decoders and models that see, beside what transformers
recorded for the same ids.

encoders.py REFERENCE_MODELS COUNTS

A tokenizer whose words are ids ("w7" is 7) makes texts of the recorded ids. Images are prepared here once more, in
Python, and `ph verify` judges whether the commands gave what the model gives for those values.
"""

import json
import math
import pathlib
import struct
import sys
import tempfile
import unittest
import zlib

from tools import DATA, run, succeed

VOCABULARY = 320
REFERENCE = pathlib.Path(sys.argv[1])
FORMATS = {"F32": "f", "I64": "q"}


def read(path):
    """The tensors of a safetensors file: {name: (shape, values)}."""
    data = path.read_bytes()
    (length,) = struct.unpack_from("<Q", data)
    tensors = {}
    for name, entry in json.loads(data[8 : 8 + length]).items():
        if name != "__metadata__":
            begin, end = (8 + length + offset for offset in entry["data_offsets"])
            form = FORMATS[entry["dtype"]]
            count = (end - begin) // struct.calcsize(form)
            tensors[name] = entry["shape"], struct.unpack(f"<{count}{form}", data[begin:end])
    return tensors


def write(path, tensors):
    header, data = {}, b""
    for name, (kind, shape, values) in tensors.items():
        raw = struct.pack(f"<{len(values)}{FORMATS[kind]}", *values)
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def tokenizer(mask=None):
    words = {f"w{i}": i for i in range(VOCABULARY - 1)} | {"<image>": VOCABULARY - 1}
    added = [{"id": 319, "content": "<image>", "special": True}, {"id": mask, "content": f"w{mask}", "special": True}]
    return {
        "version": "1.0",
        "added_tokens": [token for token in added if token["id"] is not None],
        "pre_tokenizer": {"type": "Whitespace"},
        "model": {"type": "WordPiece", "unk_token": "w3", "vocab": words, "max_input_chars_per_word": 100,
                  "continuing_subword_prefix": "##"},
    }  # fmt: skip


def text_of(ids):
    return " ".join(f"w{i}" for i in ids)


PIXELS = [[[(x * 7 + y * 3 + c * 50) % 256 for c in range(3)] for x in range(32)] for y in range(32)]
PREPROCESSOR = {"do_resize": False, "do_rescale": True, "rescale_factor": 1 / 255, "do_normalize": True,
                "image_mean": [0.5, 0.4, 0.3], "image_std": [0.5, 0.25, 0.2]}  # fmt: skip


def png():
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = b"".join(b"\0" + bytes(value for pixel in row for value in pixel) for row in PIXELS)
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 32, 32, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def pixel_values():
    mean, std = PREPROCESSOR["image_mean"], PREPROCESSOR["image_std"]
    return [(PIXELS[y][x][c] / 255 - mean[c]) / std[c] for c in range(3) for y in range(32) for x in range(32)]


class Encoders(unittest.TestCase):
    done = 0

    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.temporary.name)
        (self.folder / "picture.png").write_bytes(png())

    def tearDown(self):
        self.temporary.cleanup()

    def prepare(self, source, mask=None, config={}, preprocessor=PREPROCESSOR):
        """A folder with the model, a tokenizer and settings for images, and what was recorded for it; compiles it."""
        if not source.exists():
            self.skipTest(f"REFERENCE DATA MISSING: no {source}")
        self.model = self.folder / source.name
        self.model.mkdir()
        (self.model / "model.safetensors").symlink_to(source / "model.safetensors")
        self.config = {**json.loads((source / "config.json").read_text()), **config}
        (self.model / "config.json").write_text(json.dumps(self.config))
        (self.model / "tokenizer.json").write_text(json.dumps(tokenizer(mask)))
        if mask:
            (self.model / "tokenizer_config.json").write_text(json.dumps({"mask_token": f"w{mask}"}))
        if preprocessor:
            (self.model / "preprocessor_config.json").write_text(json.dumps(preprocessor))
        self.artifact = self.folder / (source.name + ".phx")
        succeed("phc", self.model, "-o", self.artifact)
        return read(source / "expected.safetensors")

    def ph(self, command, *flags):
        return [json.loads(line) for line in succeed("ph", command, self.artifact, "--json", *flags).out.splitlines()]

    def verify(self, tensors):
        """That the model gives these results for these inputs."""
        write(self.folder / "expected.safetensors", tensors)
        succeed("ph", "verify", self.artifact, self.folder / "expected.safetensors")
        Encoders.done += 1

    def near(self, ours, theirs, tolerance=1e-5):
        self.assertEqual(len(ours), len(theirs))
        self.assertLessEqual(max(abs(a - b) for a, b in zip(ours, theirs)), tolerance)
        Encoders.done += 1

    def test_encoder_decoders_continue_as_recorded(self):
        for name in ("bart", "t5"):
            with self.subTest(name):
                expected = self.prepare(DATA / "models" / name)
                width = expected["input_ids"][0][1]
                prompt = text_of(expected["input_ids"][1][:width])
                start, *greedy = expected["greedy"][1]
                (answer,) = self.ph("run", "-p", prompt, "-n", "16")
                self.assertEqual(start, self.config["decoder_start_token_id"])
                self.assertEqual(answer["tokens"], greedy[: len(answer["tokens"])])
                self.assertEqual((answer["stop"], len(answer["tokens"])), ("length", 16))
                self.assertEqual(answer["text"].split(), text_of(greedy).split())
                self.assertIn("reads no images", run("ph", "run", self.artifact, "-p", "w1", "--image", "x.png").err)
                Encoders.done += 1

    def test_the_end_stops_an_answer(self):
        # The model of the previous test says 68 again and again.
        expected = self.prepare(DATA / "models/bart", config={"eos_token_id": 68})
        (answer,) = self.ph("run", "-p", text_of(expected["input_ids"][1][:12]), "-n", "16")
        self.assertEqual((answer["stop"], answer["tokens"]), ("end", [68]))

    def test_a_start_outside_of_the_vocabulary(self):
        self.prepare(DATA / "models/bart", config={"decoder_start_token_id": 4000})
        done = run("ph", "run", self.artifact, "-p", "w5")
        self.assertEqual(done.code, 3)
        self.assertIn("'decoder_start_token_id' is outside of the vocabulary", done.err)

    def test_clip_embeds_texts_and_images(self):
        expected = self.prepare(DATA / "models/clip")
        (_, length), ids = expected["input_ids"]
        (_, width), texts = expected["text_embeds"]
        (ours,) = self.ph("embed", "-p", text_of(ids[:length]))
        self.near(ours["embedding"], texts[:width])
        (image,) = self.ph("embed", "--image", self.folder / "picture.png")
        self.verify({"pixel_values": ("F32", [1, 3, 32, 32], pixel_values()), "input_ids": ("I64", [1, length], ids[:length]),
                     "image_embeds": ("F32", [1, width], image["embedding"])})  # fmt: skip

    def test_llava_answers_about_an_image(self):
        self.prepare(DATA / "models/llava")
        for prompt in ([264, 162, 319, 251], [264, 162]):
            text = text_of(prompt).replace("w319", "<image>")
            (answer,) = self.ph("run", "-p", text, "--image", self.folder / "picture.png", "-n", "8", "--raw")
            whole = prompt if 319 in prompt else [319, *prompt]
            ids = [i for token in whole for i in ([319] * 16 if token == 319 else [token])]
            greedy = ids + answer["tokens"]
            self.verify({"pixel_values": ("F32", [1, 3, 32, 32], pixel_values()), "input_ids": ("I64", [1, len(ids)], ids),
                         "greedy": ("I64", [len(greedy)], greedy)})  # fmt: skip
        done = run("ph", "run", self.artifact, "-p", "w5")
        self.assertEqual(done.code, 2)
        self.assertIn("give one with --image", done.err)
        self.assertIn("2 places for the one image",
                      run("ph", "run", self.artifact, "--raw", "-p", "<image> <image>", "--image", self.folder / "picture.png").err)

    def test_images_need_their_settings(self):
        self.prepare(DATA / "models/clip", preprocessor=None)
        done = run("ph", "embed", self.artifact, "--image", self.folder / "picture.png")
        self.assertEqual(done.code, 3)
        self.assertIn("put the model's preprocessor_config.json into its folder", done.err)

    def test_an_image_of_another_size(self):
        self.prepare(DATA / "models/siglip-vision", preprocessor={"size": {"height": 16, "width": 16}})
        done = run("ph", "embed", self.artifact, "--image", self.folder / "picture.png")
        self.assertEqual(done.code, 2)
        self.assertIn("becomes 16 x 16 pixels, but the model takes 32 x 32", done.err)
        (self.folder / "bad.png").write_bytes(png()[:200])
        done = run("ph", "embed", self.artifact, "--image", self.folder / "bad.png")
        self.assertEqual(done.code, 3)
        self.assertIn("bad.png: is a damaged PNG", done.err)

    def test_labels_of_texts(self):
        expected = self.prepare(REFERENCE / "bert-classifier", config={"id2label": {"0": "no", "1": "perhaps", "2": "yes"}})
        (_, length), ids = expected["input_ids"]
        logits = expected["logits"][1][:3]
        (result,) = self.ph("classify", "-p", text_of(ids[:length]))
        scores = {label["label"]: label["score"] for label in result["labels"]}
        powers = [math.exp(logit) for logit in logits]
        self.near([scores[name] for name in ("no", "perhaps", "yes")], [power / sum(powers) for power in powers])
        self.assertEqual([label["score"] for label in result["labels"]], sorted(scores.values(), reverse=True))
        self.assertIn("classifies texts", run("ph", "classify", self.artifact, "--image", "x.png").err)

    def test_words_for_masks(self):
        known = read(REFERENCE / "bert-mlm/expected.safetensors") if REFERENCE.exists() else None
        place = 4
        expected = self.prepare(REFERENCE / "bert-mlm", mask=known and known["input_ids"][1][place])
        (_, length), ids = expected["input_ids"]
        logits = expected["logits"][1][place * VOCABULARY : (place + 1) * VOCABULARY]
        results = self.ph("classify", "-p", text_of(ids[:length]), "--top", "3")
        result = results[list(i for i in ids[:length] if i == ids[place]).index(ids[place])]
        best = sorted(range(VOCABULARY), key=lambda i: -logits[i])[:3]
        self.assertEqual([label["label"] for label in result["labels"]], [f"w{i}" for i in best])
        total = sum(math.exp(logit - logits[best[0]]) for logit in logits)
        self.near([label["score"] for label in result["labels"]], [math.exp(logits[i] - logits[best[0]]) / total for i in best])
        self.assertIn("no token to fill in", run("ph", "classify", self.artifact, "-p", "w5").err)

    def test_labels_of_images(self):
        # An image classifier of the encoder alone: its first row, times a matrix made here.
        source = REFERENCE / "vit"
        if not source.exists():
            self.skipTest(f"REFERENCE DATA MISSING: no {source}")
        made = self.folder / "made/classifier"
        made.mkdir(parents=True)
        tensors = {"vit." + name: ("F32", shape, values) for name, (shape, values) in read(source / "model.safetensors").items()
                   if not name.startswith("pooler")}  # fmt: skip
        tensors["classifier.weight"] = "F32", [2, 64], [math.sin(i) for i in range(128)]
        tensors["classifier.bias"] = "F32", [2], [0.25, -0.5]
        write(made / "model.safetensors", tensors)
        write(made / "expected.safetensors", {})
        config = {**json.loads((source / "config.json").read_text()), "architectures": ["ViTForImageClassification"]}
        (made / "config.json").write_text(json.dumps(config))
        # Of independent labels the probabilities say what the logits were.
        self.prepare(made, config={"id2label": {"0": "cat", "1": "dog"}, "problem_type": "multi_label_classification"})
        (result,) = self.ph("classify", "--image", self.folder / "picture.png")
        scores = {label["label"]: label["score"] for label in result["labels"]}
        logits = [math.log(scores[name] / (1 - scores[name])) for name in ("cat", "dog")]
        self.verify({"pixel_values": ("F32", [1, 3, 32, 32], pixel_values()), "logits": ("F32", [1, 2], logits)})
        text = succeed("ph", "classify", self.artifact, "--image", self.folder / "picture.png", "--top", "1").out
        self.assertRegex(text, r"^ *[01]\.\d{6}  (cat|dog)\n$")


if __name__ == "__main__":
    counts = pathlib.Path(sys.argv[2])
    program = unittest.main(argv=sys.argv[:1], exit=False)
    counts.parent.mkdir(parents=True, exist_ok=True)
    counts.write_text(f"{Encoders.done} results of ph embed, ph classify and ph run with tiny encoders and images\n")
    sys.exit(not program.result.wasSuccessful())
