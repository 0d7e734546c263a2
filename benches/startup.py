#!/usr/bin/env python3
"""`ssoctl --version` against `/bin/true`, taking turns. Goal: at most 1.6 times as long (p50)."""

import sys

import measure

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 300

binary = measure.ssoctl()
runs = {"true": ["/bin/true"], "version": [binary, "--version"], "help": [binary, "--help"]}
times = {name: [] for name in runs}
for round_ in range(ROUNDS + 20):
    for name, words in runs.items():
        spent, _ = measure.spawn(words, env={})
        if round_ >= 20:
            times[name].append(spent)
p50 = {name: measure.p50(spent) for name, spent in times.items()}
print(f"p50 of {ROUNDS}: /bin/true {measure.ms(p50['true'])}, --version {measure.ms(p50['version'])}, "
      f"--help {measure.ms(p50['help'])}")
print(f"ratio --version / true: {p50['version'] / p50['true']:.2f} (goal 1.6); --help / true: {p50['help'] / p50['true']:.2f}")
