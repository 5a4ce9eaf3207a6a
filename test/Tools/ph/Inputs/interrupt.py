"""Sends SIGINT to `ph run` and `ph chat` while they write, and sees how they end. interrupt.py ARTIFACT"""

import os
import select
import signal
import subprocess
import sys

# Hot sampling of the toy model writes some hundred bytes until it happens upon the end: most seeds are over before the signal comes.
SAMPLING = ["--temp", "50", "-c", "4000000", "-n", "3000000"]


def start(*command):
    # A test runner may ignore SIGINT, which a child would inherit.
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


def read_some(child):
    """The first 20 bytes of an answer, or all of one that is shorter."""
    text = b""
    while len(text) < 20 and select.select([child.stdout], [], [], 5)[0]:
        part = os.read(child.stdout.fileno(), 1000)
        if not part:
            break
        text += part
    return text


def run(path):
    for seed in range(400):
        child = start("ph", "run", path, "--raw", "-p", "a", "--seed", str(seed), *SAMPLING)
        read_some(child)
        child.send_signal(signal.SIGINT)
        output, errors = child.communicate(timeout=60)
        if child.returncode == 0:
            continue  # it ended by itself just before; another seed
        assert child.returncode == 130, (child.returncode, errors)
        assert output.endswith(b"\n") and b"error" not in errors, (output[-20:], errors)
        return
    raise AssertionError("no run was interrupted")


def chat(path):
    for seed in range(400):
        child = start("ph", "chat", path, "--seed", str(seed), *SAMPLING)
        child.stdin.write(b"a\n")
        child.stdin.flush()
        said = read_some(child)
        child.send_signal(signal.SIGINT)
        # The chat goes on: the next turn is answered, and the end of input ends it well.
        output, errors = child.communicate(b"/clear\n/exit\n", timeout=60)
        if child.returncode == 130:
            continue  # the answer ended by itself just before, and between answers the signal ends the chat
        assert child.returncode == 0, (child.returncode, errors)
        assert (said + output).endswith(b"\n"), (said[-20:], output[-20:])
        return
    raise AssertionError("no answer was interrupted")


if __name__ == "__main__":
    run(sys.argv[1])
    chat(sys.argv[1])
