#!/usr/bin/env python3
"""Writes those seeds of the template fuzz target that ask for more than anyone has: each way known of making a template engine use
up time, memory or the stack. (The others are pieces of the tests.)

    make_corpus.py [OUTDIR]        (default: ../corpus/template beside this folder)
"""

import pathlib
import sys

NS = "{% set ns = namespace(v=START) %}{% for i in range(64) %}{% set ns.v = STEP %}{% endfor %}{{ ns.v|length }}"


def grown(start, step):
    return NS.replace("START", start).replace("STEP", step)


def seeds():
    yield "range-huge", "{% for i in range(9223372036854775807) %}x{% endfor %}"
    yield "range-wraps", "{{ range(-9223372036854775807, 9223372036854775807)|length }}"
    yield "range-step", "{{ range(0, 9223372036854775807, -1)|list }}{{ range(9, 0, 0)|list }}"
    yield "range-back", "{{ range(9223372036854775807, -9223372036854775807, -9223372036854775807)|list }}"
    yield "loops-in-loops", "{% for a in range(999) %}" * 9 + "x" + "{% endfor %}" * 9
    yield "macro-itself", "{% macro m(x) %}{{ m(x) }}{% endmacro %}{{ m(1) }}"
    yield "macros-each-other", "{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{{ a() }}{% endmacro %}{{ a() }}"
    yield "macro-as-default", "{% macro m(x=m()) %}{{ x }}{% endmacro %}{{ m() }}"
    yield "macro-twice", "{% macro m(n) %}{% if n > 0 %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(60) }}"
    yield "caller-itself", "{% macro m() %}{{ caller() }}{% call m() %}{{ caller() }}{% endcall %}{% endmacro %}{% call m() %}x{% endcall %}"
    yield "loop-itself", "{% for m in messages recursive %}{{ loop(messages) }}{% endfor %}"
    yield "deep-parentheses", "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}"
    yield "deep-lists", "{{ " + "[" * 5000 + "]" * 5000 + " }}"
    yield "deep-minus", "{{ " + "-" * 5000 + "1 }}"
    yield "deep-not", "{{ " + "not " * 5000 + "1 }}"
    yield "deep-attributes", "{{ d" + ".a" * 5000 + " }}"
    yield "deep-calls", "{{ d" + "()" * 5000 + " }}"
    yield "deep-filters", "{{ 1" + "|string" * 5000 + " }}"
    yield "deep-conditions", "{{ " + "1 if 0 else " * 5000 + "2 }}"
    yield "deep-blocks", "{% if true %}" * 5000 + "{% endif %}" * 5000
    yield "deep-powers", "{{ " + "2 ** " * 5000 + "2 }}"
    yield "power-huge", "{{ 2 ** 9223372036854775807 }}{{ 10 ** 10 ** 10 }}"
    yield "shortest-number", "{{ -9223372036854775808 // -1 }}{{ (-9223372036854775807 - 1) % -1 }}"
    yield "text-times", "{{ 'abcdefgh' * 9223372036854775807 }}"
    yield "list-times", "{{ [1, 2, 3] * 4611686018427387904 }}"
    yield "text-doubled", grown("'x'", "ns.v + ns.v")
    yield "text-joined", grown("'x'", "[ns.v, ns.v]|join(ns.v)")
    yield "text-replaced", grown("'x'", "ns.v|replace('x', 'xx')")
    yield "text-formatted", grown("'x'", "'%s%s'|format(ns.v, ns.v)")
    yield "list-doubled", grown("[1]", "ns.v + ns.v")
    yield "list-in-list", grown("[1]", "[ns.v, ns.v]") + "{{ ns.v|tojson|length }}{{ ns.v == ns.v }}"
    yield "list-in-itself", grown("[]", "[ns.v]") + "{{ ns }}"
    yield "wide-format", "{{ '%9999999999d'|format(1) }}{{ '%.9999999999f'|format(1.0) }}"
    yield "wide-indent", "{{ messages|tojson(indent=999999999) }}{{ 'a\\nb'|indent(999999999) }}"
    yield "wide-center", "{{ 'a'.center(9223372036854775807) }}{{ 'a'.ljust(9223372036854775807) }}"
    yield "slice-ends", "{{ 'abc'[-9223372036854775808:9223372036854775807:9223372036854775807] }}{{ 'abc'[::-9223372036854775807] }}"
    yield "strip-many", "{{ ('a' * 60000).strip('a' * 60000) }}"
    yield "split-many", "{{ ('a' * 60000).split('')|length }}{{ ('a,' * 30000).split(',')|length }}"


def main():
    here = pathlib.Path(__file__).resolve().parent
    out = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else here.parent / "corpus" / "template"
    out.mkdir(parents=True, exist_ok=True)
    for name, text in seeds():
        (out / name).write_text(text)


if __name__ == "__main__":
    main()
