"""Writes cases.json: what Jinja2 makes of these templates, set up as transformers sets it up.

    python make_cases.py          (needs: jinja2 3.1)
"""
import json, os
from jinja2.ext import Extension
from jinja2.sandbox import ImmutableSandboxedEnvironment


class Generation(Extension):
    tags = {"generation"}

    def parse(self, parser):
        parser.stream.skip(1)
        return parser.parse_statements(["name:endgeneration"], drop_needle=True)


def fail(message):
    raise ValueError(message)


env = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols", Generation])
env.filters["tojson"] = lambda x, ensure_ascii=False, indent=None, separators=None, sort_keys=False: json.dumps(
    x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)
env.globals.update(raise_exception=fail)
variables = {
    "messages": [{"role": "system", "content": " Be brief. "}, {"role": "user", "content": "Hi\n"}],
    "d": {"a": 1, "b": [1, 2], "n": {"m": [5, 6]}},
    "add_generation_prompt": True, "bos_token": "<s>", "eos_token": "</s>", "tools": None,
}
templates = [
    'a{{ 1 + 2 * 3 }}b{{ 7 // 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 7 % -3 }} {{ 2 ** 10 }} {{ 7 / 2 }} {{ 1e3 }} {{ 1.5e-7 }} {{ 1e16 }} {{ 123456789012.5 }} {{ 0.1 + 0.2 }}',
    "{{ -2 ** 2 }} {{ 2 ** -1 }} {{ 2 ** 3 ** 2 }} {{ 10 - 2 - 3 }} {{ 'a' ~ 1 ~ none ~ true ~ 1.0 }}",
    "{{ 1 < 2 < 3 }} {{ 1 < 2 > 3 }} {{ not true == false }} {{ 1 == 1.0 }} {{ true == 1 }} {{ '1' == 1 }} {{ 'b' > 'a' }} {{ [1,2] < [1,3] }}",
    "{{ 'x' if true }}|{{ 'x' if false }}|{{ 'x' if false else 'y' }}|{{ 1 if 0 else 2 if 0 else 3 }}",
    "{{ [1, 'a', none, true, 1.0, {'k': 'v'}, (1,), (1, 2), []] }}",
    '{{ "it\'s" }} {{ ["it\'s", \'q"\', "both\'\\"", "\\n\\t\\\\", "é", "\\x00\\x7f"] }}',
    "{{ {'a': 1, 2: 'b', none: [1]} }}",
    "{{ 'abcdef'[1:3] }} {{ 'abcdef'[::-1] }} {{ 'abcdef'[-2:] }} {{ 'abcdef'[10:] }}|{{ 'abcdef'[:-10] }}|{{ 'abcdef'[4:1:-1] }} {{ [1,2,3,4][::2] }} {{ [1,2,3][-1] }} {{ 'aé你🙂'[2] }} {{ 'aé你🙂'[::-1] }} {{ 'aé你🙂'|length }}",
    "{{ undefinedvar }}|{{ undefinedvar is defined }}|{{ undefinedvar|default('d') }}|{{ none|default('d') }}|{{ ''|default('d', true) }}|{{ undefinedvar == undefinedvar2 }}|{{ undefinedvar|length }}|{% for x in undefinedvar %}x{% else %}e{% endfor %}",
    "{{ d.a }}|{{ d['b'] }}|{{ d.zz }}|{{ d.zz is defined }}|{{ d.get('a') }}|{{ d.get('q') }}|{{ d.get('q', 5) }}|{{ 'a' in d }}|{{ 'q' not in d }}|{{ d.items() | list }}|{{ d.keys() | list }}|{{ d.values() | list }}|{{ d | length }}",
    '{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %} {% for k in d %}{{ k }}{% endfor %} {% for k, v in d | dictsort %}{{ k }}{% endfor %} {% for k, v in d|items %}{{k}}{% endfor %}',
    "{% for x in [1,2,3] %}{{ loop.index }}/{{ loop.index0 }}/{{ loop.revindex }}/{{ loop.revindex0 }}/{{ loop.first }}/{{ loop.last }}/{{ loop.length }}/{{ loop.cycle('a','b') }}/{{ loop.previtem }}/{{ loop.nextitem }};{% endfor %}",
    '{% for x in range(10) if x % 2 %}{{ loop.length }}{{ x }}{% if x == 5 %}{% continue %}{% endif %},{% if x > 6 %}{% break %}{% endif %}{% endfor %}',
    '{% set x = 1 %}{% for i in [1,2] %}{{ x }}{% set x = i + 10 %}{{ x }};{% endfor %}{{ x }}',
    "{% set ns = namespace(n=0, s='') %}{% for i in [1,2,3] %}{% set ns.n = ns.n + i %}{% set ns.s = ns.s ~ i %}{% endfor %}{{ ns.n }}{{ ns.s }}{{ ns.q is defined }}",
    '{% if 1 %}{% set y = 5 %}{% endif %}{{ y }}',
    '{% set a, b = 1, 2 %}{{ a }}{{ b }}{% set t = 1, %}{{ t }}{% set (p, q) = [3, 4] %}{{ p }}{{ q }}',
    '{% set z %}  block {{ 1 }} {% endset %}[{{ z }}]{% set z2 | upper | trim %} abc {% endset %}[{{ z2 }}]',
    "{% macro m(a, b=2, c='x') %}<{{ a }},{{ b }},{{ c }}>{% endmacro %}{{ m(1) }}{{ m(1, 3) }}{{ m(c=5, a=0) }}{{ m() }}",
    '{% macro v(a) %}{{ a }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ v(1, 2, 3, k=4) }}',
    '{% macro outer(x) %}{{ caller() }}[{{ x }}]{{ caller() }}{% endmacro %}{% call outer(5) %}in{% endcall %}',
    '{% macro o2() %}{{ caller(1, b=2) }}{% endmacro %}{% call(a, b) o2() %}{{ a }}-{{ b }}{% endcall %}',
    '{% macro r(n) %}{{ n }}{% if n %}{{ r(n - 1) }}{% endif %}{% endmacro %}{{ r(5) }}',
    '{% set late = 1 %}{% macro uses() %}{{ late }}{% endmacro %}{% set late = 2 %}{{ uses() }}',
    "{% filter upper %}abc {{ 'd' }}{% endfilter %} {% filter replace('a', 'b') | trim %} aaa {% endfilter %}",
    '{% with a = 1, b = 2 %}{{ a + b }}{% endwith %}{{ a is defined }}',
    "{{ '  a b  c '.split() }} {{ 'a,b,,c'.split(',') }} {{ 'a,b,c'.split(',', 1) }} {{ 'a b c'.rsplit(' ', 1) }} {{ ' a b c '.rsplit(none, 1) }} {{ ' a b c '.split(none, 1) }} {{ 'a\\nb\\r\\nc\\n'.splitlines() }}",
    "{{ '  x '.strip() }}|{{ 'xxaxx'.strip('x') }}|{{ 'xxaxx'.lstrip('x') }}|{{ 'xxaxx'.rstrip('x') }}|{{ 'abcba'.strip('ab') }}",
    '{{ \'Hello World\'.upper() }} {{ \'ÀÉßé\'.lower() }} {{ \'straẞe éà\'.capitalize() }} {{ \'hello wORLD it\\\'s\'.title() }} {{ "hello wORLD it\'s a-b (c"|title }} {{ \'hELLO\'|capitalize }} {{ \'aBc\'.swapcase() }}',
    "{{ 'abc'.startswith('ab') }} {{ 'abc'.endswith(('x', 'c')) }} {{ 'abc'.find('c') }} {{ 'abc'.find('z') }} {{ 'abcabc'.rfind('b') }} {{ 'éabc'.find('b') }} {{ 'aXbX'.count('X') }} {{ 'abc'.startswith('b', 1) }}",
    "{{ 'aXbXc'.replace('X', '--') }} {{ 'aXbXc'.replace('X', '-', 1) }} {{ 'abc'.replace('', '.') }} {{ 'aXbXc'|replace('X', 'y') }} {{ 5|replace(5, 6) }}",
    "{{ '-'.join(['a', 'b']) }} {{ [1, 2]|join(', ') }} {{ [1,2]|join }} {{ [d, d]|join('+', attribute='a') }}",
    '{{ \'a{}b{}\'.format(1, \'x\') }} {{ \'{1}{0}{k}{{}}\'.format(1, 2, k=3) }} {{ \'%s-%d-%5.2f-%x-%%\' % (\'a\', 5, 3.14159, 255) }} {{ \'%s\' % \'x\' }} {{ \'%05d|%-5s|%+d\' % (42, \'ab\', 3) }} {{ \'%(a)s\' % {\'a\': 7} }} {{ "%s, %s!"|format(\'a\', \'b\') }}',
    "{{ 'abc'.removeprefix('a') }} {{ 'abc'.removesuffix('c') }} {{ 'a=b=c'.partition('=') }} {{ 'a=b=c'.rpartition('=') }} {{ '7'.zfill(3) }} {{ 'a'.ljust(3) }}|{{ 'a'.rjust(3, '.') }}|{{ 'ab'.center(5, '*') }}|{{ 'abc'.center(6, '*') }}",
    "{{ '12'.isdigit() }} {{ 'ab'.isalpha() }} {{ 'a1'.isalnum() }} {{ ' '.isspace() }} {{ 'AB'.isupper() }} {{ 'ab'.islower() }} {{ ''.isdigit() }}",
    "{{ [3, 1, 2]|sort }} {{ ['b', 'A', 'c']|sort }} {{ ['b', 'A', 'c']|sort(reverse=true) }} {{ ['b', 'A']|sort(case_sensitive=true) }} {{ [{'n': 2}, {'n': 1}]|sort(attribute='n') }}",
    "{{ ['a', 'A', 'b', 'a']|unique|list }} {{ [1, 2, 3]|first }} {{ [1, 2, 3]|last }} {{ 'abc'|first }} {{ [1,2,3]|reverse|list }} {{ 'abc'|reverse }} {{ [1, 5, 3]|max }} {{ [4, 2]|min }} {{ [1, 2, 3]|sum }} {{ [{'n': 2}, {'n': 1}]|sum(attribute='n') }} {{ 'abc'|list }}",
    "{{ ['a', 'b']|map('upper')|list }} {{ [{'n': 2}, {'m': 1}]|map(attribute='n', default=0)|list }} {{ [1, 2, 3, 4]|select('even')|list }} {{ [1, 2, 3]|reject('gt', 1)|list }} {{ [0, 1, '', 'a']|select|list }} {{ [{'r': 'u'}, {'r': 'a'}]|selectattr('r', 'equalto', 'u')|list }} {{ [{'r': 'u'}, {}]|selectattr('r')|list }} {{ [{'r': 'u'}, {}]|rejectattr('r', 'defined')|list }} {{ ['ab', 'c']|map('length')|list }} {{ ['a-b']|map('replace', '-', '+')|list }}",
    "{% for g, l in [{'t': 'b', 'n': 1}, {'t': 'a', 'n': 2}, {'t': 'b', 'n': 3}]|groupby('t') %}{{ g }}:{{ l|map(attribute='n')|list }};{% endfor %} {{ [1,2,3,4,5]|batch(2)|list }} {{ [1,2,3]|batch(2, 0)|list }}",
    '{{ d|tojson }} {{ [1, 2.0, none, true, \'é"\\n\\\\/<&>\\u0001\']|tojson }} {{ d|tojson(indent=2) }} {{ {}|tojson(indent=2) }} {{ \'é🙂\'|tojson(ensure_ascii=true) }} {{ {\'b\': 1, \'a\': 2}|tojson(sort_keys=true) }} {{ [1, {\'a\': 2}]|tojson(separators=(\',\', \':\')) }} {{ 1e22|tojson }} {{ {1: 2, none: 3, true: 4, 1.5: 6}|tojson }} {{ [[], {}, [1]]|tojson(indent=1) }}',
    "{{ 'a\\nb\\n\\nc'|indent }}|{{ 'a\\nb'|indent(2, true) }}|{{ 'a\\n\\nb'|indent(width=2, blank=true) }}|{{ 'a\\nb\\n'|indent(1) }}|{{ 'a\\nb'|indent('> ') }}",
    "{{ '42'|int }} {{ '4.7'|int }} {{ 'x'|int }} {{ 'x'|int(9) }} {{ 3.9|int }} {{ 'ff'|int(base=16) }} {{ '1.5'|float }} {{ 'q'|float }} {{ 3|float }} {{ -5|abs }} {{ 2.567|round(2) }} {{ 2.5|round }} {{ 2.1|round(0, 'ceil') }} {{ 1234|round(-2) }} {{ true + 1 }}",
    '{{ \'<a href="x">&\\\'</a>\'|escape }} {{ (\'<\'|safe) ~ \'<\' }} {{ \'<b>\'|safe }} {{ (\'<\'|safe) + \'<\' }} {{ \'a b/c?é\'|urlencode }} {{ \'hello big world\'|truncate(9) }} {{ \'hello big world\'|truncate(10, true, \'\', 0) }} {{ \'a b c\'|wordcount }} {{ \'ab\'|center(6) }}|',
    "{{ 1 is number }} {{ 1.5 is float }} {{ 1 is integer }} {{ true is integer }} {{ true is boolean }} {{ 'a' is string }} {{ [] is iterable }} {{ {} is mapping }} {{ [] is sequence }} {{ {} is sequence }} {{ 'a' is sequence }} {{ 1 is iterable }} {{ none is none }} {{ 1 is not none }} {{ 4 is divisibleby 2 }} {{ 3 is odd }} {{ 3 is even }} {{ 1 is eq(1) }} {{ 1 is in [1, 2] }} {{ 'A' is upper }} {{ 'a' is lower }} {{ range is callable }} {{ 1 is sameas 1 }} {{ false is false }} {{ 0 is false }} {{ uu is sequence }} {{ uu is iterable }}",
    "{{ 1 in [1, 2] }} {{ 'b' in 'abc' }} {{ 3 not in [1] }} {{ 'x' in undefinedvar }} {{ 1 in (1, 2) }} {{ not 1 in [2] }}",
    "{{ range(3)|list }} {{ range(1, 4)|list }} {{ range(5, 0, -2)|list }} {{ range(0)|list }} {{ dict(a=1, b=2) }} {{ dict({'x': 1}, y=2) }}",
    "a {# comment #} b {#- c -#}   c {#\nmulti #}\nd\n{% raw %}{{ x }} {% if %}{% endraw %} e {%- raw -%}  {{ y }}  {%- endraw -%}   f\n{% if true %}\n    yes\n{% endif %}\n  {% if true %}\n    indented {{ 1 }}\n  {% endif %}\ntext  {% if true %} x {% endif %} y\n  {%+ if true %}plus{% endif %}\n  {%- if true -%}   stripped   {%- endif -%}   z\n{{ 1 -}}   tail\n{{- 2 }}\n  {{ 3 }}\n   {#- c #}\n   {# c #}\nend\n{%- for m in messages %}\n{{ '<' + m.role + '>' }}{{ m['content'] | trim }}\n{%- endfor %}\n",
    '{{ "a" "b" \'c\' }} {{ \'a\\x41\\u00e9\\U0001F642\\101\\q\\\'\' }} {{ 0x1F }} {{ 0b101 }} {{ 0o17 }} {{ 1_000 }} {{ 1.5 }} {{ [1,2,3,] }} {{ {\'a\':1,} }} {{ {\'a\': {\'b\': {}}} }}',
    "{{ d.n.m.0 }} {{ d['n']['m'][1] }} {{ (1, 2)[0] }} {{ [[1, 2], [3]][0][1] }} {{ -d.a }} {{ 5|string|length }} {{ (3 - 5)|abs }} {{ -3|abs }}",
    "{{ 'a' * 3 }} {{ [0] * 2 }} {{ 3 * 'ab' }} {{ [1] + [2] }} {{ (1,) + (2,) }} {{ 'x' + 'y' }}",
    '{{ none }} {{ true }} {{ True }} {{ None }} {{ namespace(a=1).a }}',
    '{% for a, (b, c) in [(1, (2, 3))] %}{{ a }}{% endfor %}',
    "{% for a in [1,2] %}{% for b in 'xy' %}{{ loop.index }}{{ loop.depth }}{{ a }}{{ b }} {% endfor %}{{ loop.index }}{% endfor %}",
    '{% for i in [1, 1, 2] %}{% if loop.changed(i) %}{{ i }}{% endif %}{% endfor %}',
    "{{ messages[-1].content }} {{ messages[1:]|length }} {{ (messages|selectattr('role', 'equalto', 'user')|list)[0].content }} {{ messages|map(attribute='role')|join(',') }}",
    '{% set x = namespace() %}{% set x.a = [1] %}{% set x.a = x.a + [2] %}{{ x.a }}',
    '{{ "%.3f" % 2 }} {{ \'%c%c\' % (\'a\', 66) }} {{ \'%r\' % \'a\' }} {{ \'%o\' % 8 }} {{ \'%e\' % 12345.678 }} {{ \'%g\' % 0.0001 }} {{ \'%5s|%-5d|\' % (\'a\', 3) }}',
    '{% generation %}marked{% endgeneration %}',
    'a\r\nb\rc\n',
    '{{ 1 }}\n',
    '\n{{ 1 }}\n\n',
    '{% if true %}\n\nx\n{% endif %}\n\ny',
    '{%- set x = 1 %}\n  {{- x }}',
    '  {% set x = 1 %}  \nb',
    'a\n  {#- c -#}  \nb',
    "{% set ns = namespace(found=false) %}{% for m in messages %}{% if m.role == 'user' and not ns.found %}{% set ns.found = true %}{{ m.content }}{% endif %}{% endfor %}{{ ns.found }}",
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nDefault<|im_end|>\n' }}{% endif %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}",
    "{% for a in [1, 2] %}{% for a in 'xy' %}{{ a }}{% endfor %}{{ a }}{% endfor %}{{ a is defined }}",
    '{% macro f() %}{% set inner = 1 %}{{ inner }}{% endmacro %}{{ f() }}{{ inner is defined }}{% for i in [1] %}{% macro g() %}{{ i }}{% endmacro %}{% set h = g() %}{{ h }}{% endfor %}',
    "{{ '%s' % d.zz }}|{{ d.zz ~ 'x' }}|{{ [d.zz] }}|{{ d.zz|string|length }}|{{ d.zz|trim }}|{{ none|trim }}|{{ none|length if none else 0 }}|{{ tools|selectattr('x')|list }}",
    "{{ 1 if messages is iterable and messages is not mapping and messages[0].content is string }}|{{ 'a' if not tools else 'b' }}|{{ tools is none or undefinedvar.x }}",
    '{{- bos_token -}}\n{%- for m in messages -%}\n  [{{ m.role|upper }}] {{ m.content|trim }}\n{%- endfor -%}\n',
    '{{ ((((1)))) }}{{ [[[[]]]] }}',
    "{{ 'a' in ['a', 'b'] and 'c' not in 'ab' or false }}",
    '{{ x }}{% set x %}a{% endset %}{{ x }}',
    '{{ 7 % 0 }}',
    '{{ 7 / 0 }}',
    '{{ {[]: 1} }}',
    "{% if false %}{{ 'a'|nofilter }}{% endif %}x",
    '{{ d|items|list }}',
    "{{ {'a': 1}.update({'b': 2}) }}",
    '{{ a.b.c }}',
    '{{ a.b }}',
    '{{ d.zz.y }}',
    '{{ none.x.y }}',
    "{{ 1 + 'a' }}",
    "{{ 'a' + 1 }}",
    '{{ [] + 1 }}',
    "{{ 1 < 'a' }}",
    '{{ a + 1 }}',
    '{{ a() }}',
    '{{ d() }}',
    '{{ 5|length }}',
    '{% for x in 5 %}{% endfor %}',
    '{% for x in none %}{% endfor %}',
    '{{ 1 // 0 }}',
    "{{ raise_exception('my words') }}",
    '{{ d.nope() }}',
    '{{ [1].append(2) }}',
    '{{ [1][5].x }}',
    "{{ 'a'|int + a }}",
    "{{ 'x' in 5 }}",
    "{{ 'x' in none }}",
    "{{ {'a': a.b.c} }}",
    '{{ [][0] + 1 }}',
    '{% set a, b = [1] %}',
    "{{ ''.join([1]) }}",
    "{{ 'a'.split('') }}",
    '{{ d|tojson(indent=2) ~ undefinedvar.x }}',
    "{{ '%d' % 'x' }}",
    "{{ '%s %s' % 'x' }}",
    "{{ '%s' % (1, 2) }}",
    "{{ 'abc'.index('z') }}",
    '{{ undefinedvar|tojson }}',
    "{{ [3, 'a']|sort }}",
    "{{ -'a' }}",
    '{{ d.x = 5 }}',
    '{% if %}',
    '{% endif %}',
    '{{ 1 + }}',
    '{% foo %}',
    '{% for x in y %}',
    "{{ 'abc }}",
    '{{ (1 }}',
    '{# unclosed',
    '{% break %}',
    '{% set d.x = 1 %}',
    "{{ 1 ** 'a' }}",
    '{{ undefinedvar[0] }}',
]
cases = []
for template in templates:
    case = {"template": template}
    try:
        compiled = env.from_string(template)
        try:
            case["rendered"] = compiled.render(**variables)
        except Exception as error:
            case["error"] = str(error)
    except Exception:
        case["syntax"] = True  # each engine has its own words for these
    cases.append(case)
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "cases.json"), "w") as file:
    json.dump({"variables": variables, "cases": cases}, file, ensure_ascii=True, indent=0)
    file.write("\n")
