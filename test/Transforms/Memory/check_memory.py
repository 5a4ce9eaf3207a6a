"""Recomputes what certificates of xf-plan-memory claim, from nothing but their tables.

usage: check_memory.py < CERTIFICATES

Buffers whose lives meet must not overlap; the arena must end where the last buffer does; the peak must be the most that is
alive at an event, and its holders exactly those that are alive then. A call must have what the function's certificate for the same sizes says, and threads
each what theirs does. Prints how many certificates hold.
"""

import re
import sys


def read(text):
    """(title, buffers, arena, (peak, event), holders) of each certificate; a buffer is (first, last, bytes, offset, holder)."""
    for part in re.split(r"^(?=memory of @)", text, flags=re.M)[1:]:
        title = part.splitlines()[0]
        buffers, holders, seen_peak = {}, [], False
        arena = int(re.search(r"^arena (\d+) bytes$", part, re.M)[1])
        peak = re.search(r"^peak (\d+) bytes at event (\d+) \(.*\), held by$", part, re.M)
        for line in part.splitlines():
            if line.startswith("peak"):
                seen_peak = True
            elif row := re.match(r" *(\d+) +(\d+) +(\d+) +(\d+) +(\d+)  (\S+)$", line):
                number, *values = row.groups()
                buffers[int(number)] = (*map(int, values[:4]), values[4])
            elif seen_peak and (row := re.match(r" *(\d+) +(\d+)  (\S+)$", line)):
                holders.append((int(row[1]), int(row[2]), row[3]))
        yield title, buffers, arena, (int(peak[1]), int(peak[2])), holders


def objections(buffers, arena, peak, holders):
    for a, (first, last, size, offset, _) in buffers.items():
        if first > last or offset % 64:
            yield f"buffer {a} ends before it begins, or is not aligned"
        for b, (other_first, other_last, other_size, other_offset, _) in buffers.items():
            together = a < b and first <= other_last and other_first <= last
            if together and offset < other_offset + other_size and other_offset < offset + size:
                yield f"buffers {a} and {b} overlap"
    if arena != max((offset + size for _, _, size, offset, _ in buffers.values()), default=0):
        yield "the arena does not end where the last buffer does"
    events = {first for first, *_ in buffers.values()}
    alive = {event: [n for n, b in buffers.items() if b[0] <= event <= b[1]] for event in events | {peak[1]}}
    if peak[0] != max(sum(buffers[n][2] for n in numbers) for numbers in alive.values()):
        yield "the peak is not the most that is alive"
    if sorted(holders) != sorted((n, buffers[n][2], buffers[n][4]) for n in alive[peak[1]]):
        yield "the holders are not those that are alive at the peak"
    if sum(size for _, size, _ in holders) != peak[0]:
        yield "the holders do not make up the peak"


def nested_objections(title, buffers, arenas):
    """Where a buffer is the memory of a function or of threads, what differs from the certificate of these."""
    name, sizes = re.match(r"memory of (.*) for (batch=.*)", title).groups()
    for number, (_, _, size, _, holder) in buffers.items():
        if holder.startswith("@") and size != arenas[holder, sizes]:
            yield f"buffer {number} is not what {holder} needs"
        threads = int(sizes.rpartition("=")[2])
        if holder == "scf.forall" and (thread := arenas.get((f"{name}, a thread of buffer {number}", sizes))) is not None:
            if size != threads * thread:
                yield f"buffer {number} is not what its threads need"


def main():
    certificates, wrong = 0, False
    all_certificates = list(read(sys.stdin.read()))
    arenas = {re.match(r"memory of (.*) for (batch=.*)", title).groups(): arena for title, _, arena, *_ in all_certificates}
    for title, *certificate in all_certificates:
        certificates += 1
        for objection in [*objections(*certificate), *nested_objections(title, certificate[0], arenas)]:
            wrong = True
            print(f"{title}: {objection}")
    print(f"{certificates} certificates {'do not all' if wrong else ''}hold".replace("  ", " "))
    return wrong or not certificates


sys.exit(main())
