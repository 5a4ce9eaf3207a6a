"""The live line of a training: on a terminal it shows where the training is, and is gone at the end; elsewhere there is
none.

    status_line.py CONFIG COMMAND...
"""

import fcntl
import os
import re
import struct
import subprocess
import sys
import termios
import threading


def run(config, command, columns, **environment):
    """What the training wrote to a terminal that wide as its stderr."""
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    written = []

    def read():
        try:
            while part := os.read(ours, 4096):
                written.append(part)
        except OSError:  # the other end is closed
            pass

    child = subprocess.Popen([*command, config], stderr=theirs, env={**os.environ, "TERM": "xterm", **environment})
    os.close(theirs)
    reader = threading.Thread(target=read)
    reader.start()
    assert child.wait() == 0
    reader.join()
    os.close(ours)
    return b"".join(written).decode()


def main():
    config, command = sys.argv[1], sys.argv[2:]
    state = r"step \d+/56{}  loss \d\.\d{{4}}(  eval \d\.\d+)?  lr \d\.\d\de-0\d  \d+ tok/s  [\d.]+ MB  0:\d\d left"
    subprocess.run(["rm", "-rf", os.path.join(os.path.dirname(config), "model-out")], check=True)
    text = run(config, command, 120)
    found = re.findall(state.format(r"\x1b\[0m"), text)
    assert len(found) >= 3, text
    assert re.search(r"eval \d", text), text
    assert re.search(r" +\r56 steps, loss [^\r\n]*\r\n$", text), repr(text[-200:])  # nothing is left of it

    subprocess.run(["rm", "-rf", os.path.join(os.path.dirname(config), "model-out")], check=True)
    plain = run(config, command, 40, NO_COLOR="1")
    assert "\x1b" not in plain, plain
    lines = [part for part in re.split(r"[\r\n]", plain) if part.startswith("step ")]
    assert lines and all(len(line) < 40 for line in lines), lines

    subprocess.run(["rm", "-rf", os.path.join(os.path.dirname(config), "model-out")], check=True)
    silent = subprocess.run([*command, config], stderr=subprocess.PIPE, check=True).stderr
    assert not re.search(rb"step \d+/|\r", silent), silent


if __name__ == "__main__":
    main()
