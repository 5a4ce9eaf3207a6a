#!/usr/bin/env python3
"""Seconds that onnxruntime needs for a BERT of the Hugging Face hub in f32: the median of each kind of graph.

    measure_onnxruntime.py FOLDER -t THREADS [--length N] [--sequences N] [-r N]

Prints one JSON object: `plain` (torch's export, optimized by onnxruntime as it loads it), `fused` (with onnxruntime's
own operators), and `seconds`, the smaller of the two.
"""

import argparse
import json
import statistics
import time

import numpy
import onnxruntime

from bert_onnx import graph


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder")
    parser.add_argument("-t", "--threads", type=int, default=1)
    parser.add_argument("--length", type=int, default=128)
    parser.add_argument("--sequences", type=int, default=1)
    parser.add_argument("-r", "--repetitions", type=int, default=5)
    options = parser.parse_args()
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = options.threads
    settings.inter_op_num_threads = 1
    settings.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    count = options.length * options.sequences
    ids = ((100 + numpy.arange(count, dtype=numpy.int64) * 7919) % 30522).reshape(options.sequences, options.length)
    feeds = {"input_ids": ids, "attention_mask": numpy.ones_like(ids)}
    result = {}
    for name, fused in (("plain", False), ("fused", True)):
        session = onnxruntime.InferenceSession(graph(options.folder, fused).SerializeToString(), settings,
                                               providers=["CPUExecutionProvider"])
        times = []
        for _ in range(options.repetitions + 1):  # the first one warms up
            began = time.perf_counter()
            session.run(None, feeds)
            times.append(time.perf_counter() - began)
        result[name] = statistics.median(times[1:])
    result["seconds"] = min(result.values())
    print(json.dumps(result))


if __name__ == "__main__":
    main()
