#!/usr/bin/env python3
"""Many requests in one run, beside what the same machine needs for less: `ssoctl bulk` and its floors take turns, and
every figure is a ratio of medians of the same run.

    benches/bulk.py [origins] [shared] [slow] [hung] [groups] [million] [again] [rounds=5] [rows=1000]

origins   1,000 rows, 1,000 issuers on 1,000 origins, every check and the commits, beside `curl -Z` fetching the 1,000
          discovery documents alone: at most 0.6
shared    1,000 issuers on one origin, beside `curl -Z` fetching the same documents: at most 1.5
slow      every answer takes 200 ms: at most 1.1 x ceil(rows / concurrency) x 2 round trips x 200 ms, and at least twice as
          fast as `curl -Z --parallel-max 32`, which makes one round trip
hung      the same with one issuer that never answers: no more than its own 10 s on top
million   1,000,000 rows, --dry-run --skip-idp, on a product of 1,000,000 users: at least 20,000 rows/s in 64 MiB
again     100,000 rows that are there already: at least 10,000 rows/s"""

import csv
import json
import math
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import measure

PARTS = ["origins", "shared", "slow", "hung", "million", "again"]
LATENCY = 0.2
DEFAULT_CONCURRENCY = 160


def options():
    rounds, rows, parts = 5, 1000, []
    for word in sys.argv[1:]:
        if word.startswith("rounds="):
            rounds = int(word[7:])
        elif word.startswith("rows="):
            rows = int(word[5:])
        elif word in PARTS:
            parts.append(word)
        else:
            sys.exit(__doc__)
    return parts or PARTS, rounds, rows


class Product:
    """An installation whose product has one team, owned by its one user, for each number: `owner@team-N.example`."""

    def __init__(self, folder, binary, teams, config=""):
        self.folder, self.binary = Path(folder), binary
        self.call("init", "--public-url", "https://app.example.com")
        path = self.folder / "ssoctl.toml"
        path.write_text(path.read_text() + config)
        database = sqlite3.connect(self.folder / "ssoctl.db")
        database.execute("PRAGMA synchronous = OFF")
        with database:
            database.executemany(
                "INSERT INTO product_users (id, email, name, active) VALUES (?, ?, 'Olga Owner', 1)",
                ((f"u{n}", f"owner@team-{n}.example") for n in range(teams)))
            database.executemany(
                "INSERT INTO product_teams (id, name, owner_id, plan, management_enabled) VALUES (?, ?, ?, 'Enterprise', 1)",
                ((f"t{n}", f"Team {n}", f"u{n}") for n in range(teams)))
            database.executemany(
                "INSERT INTO product_memberships (user_id, team_id, role, since) VALUES (?, ?, 'owner', '2024-01-01')",
                ((f"u{n}", f"t{n}") for n in range(teams)))
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.close()
        self.pristine = tempfile.mkdtemp(dir=self.folder)
        shutil.copy(self.folder / "ssoctl.db", self.pristine)

    def call(self, *words):
        subprocess.run([self.binary, "--config", "ssoctl.toml", *words] if words[0] != "init" else [self.binary, *words],
                       cwd=self.folder, env=measure.environment(self.folder), check=True, stdout=subprocess.DEVNULL)

    def reset(self):
        for file in self.folder.glob("ssoctl.db*"):
            file.unlink()
        shutil.copy(Path(self.pristine) / "ssoctl.db", self.folder)

    def bulk(self, file, *more, stdout=os.devnull, code=0):
        words = [self.binary, "--config", "ssoctl.toml", "bulk", file, "--yes", "-q", *more]
        return measure.spawn(words, env=measure.environment(self.folder), cwd=self.folder, stdout=stdout, code=code)

    def sql(self, statement):
        database = sqlite3.connect(self.folder / "ssoctl.db")
        try:
            return database.execute(statement).fetchall()
        finally:
            database.close()


def write_rows(path, rows):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["owner", "issuer", "client_id", "client_secret", "ticket"])
        writer.writerows(rows)
    os.chmod(path, 0o600)


def requests(provider, issuers):
    return ((f"owner@team-{n}.example", issuer, provider["client_id"], provider["client_secret"], f"T-{n}")
            for n, issuer in enumerate(issuers))


def allowing(origins, ca_file):
    listed = ", ".join(json.dumps(origin) for origin in origins)
    return f"\n[network]\nallow_origins = [{listed}]\nca_certs = [{json.dumps(str(ca_file))}]\n"


def curl(folder, provider, issuers):
    """Seconds for `curl -Z` to fetch the discovery documents, and nothing else."""
    config = Path(folder) / "curl.txt"
    config.write_text("".join(
        f'url = "{issuer}/.well-known/openid-configuration"\noutput = /dev/null\n' for issuer in issuers))
    words = [shutil.which("curl"), "-sS", "--fail", "-Z", "--parallel-max", "32", "--cacert", provider["ca_file"], "-K",
             str(config)]
    return measure.spawn(words)[0]


def against_curl(name, binary, rounds, rows, issuers_of, latency_ms=0, origins=1, hung=0, goal=None):
    with tempfile.TemporaryDirectory() as folder:
        words = ["--origins", str(origins), "--hung", str(hung)]
        with Provider(folder, latency_ms, words) as provider:
            issuers = issuers_of(provider)
            product = Product(folder, binary, rows,
                              allowing(provider["origins"] + provider["hung"], provider["ca_file"]))
            write_rows(product.folder / "rows.csv", requests(provider, issuers))
            answering = [issuer for issuer in issuers if not any(issuer.startswith(one) for one in provider["hung"])]
            times = {"curl": [], "bulk": []}
            for round_ in range(-1, rounds):
                product.reset()
                floor = curl(folder, provider, answering)
                spent, _ = product.bulk("rows.csv", code=3 if hung else 0)
                if round_ >= 0:
                    times["curl"].append(floor)
                    times["bulk"].append(spent)
            written = product.sql("SELECT count(*) FROM sso_connections")[0][0]
            if written != len(answering):
                sys.exit(f"{name}: {written} connections and not {len(answering)}")
            p50 = {part: measure.p50(values) for part, values in times.items()}
            print(f"{name}: {rows} rows, p50 of {rounds}: curl -Z 32 {measure.ms(p50['curl'])}, "
                  f"bulk {measure.ms(p50['bulk'])}, ratio {p50['bulk'] / p50['curl']:.2f}"
                  + (f" (goal {goal})" if goal else ""))
            return p50


class Provider(measure.Provider):
    def __init__(self, folder, latency_ms, more):
        super().__init__(folder, latency_ms)
        self.words += more


def own_origins(provider):
    return [f"{origin}/oauth2/acme" for origin in provider["origins"]]


def origins(binary, rounds, rows):
    against_curl("own origins", binary, rounds, rows, own_origins, origins=rows, goal="0.6, never above 1.0")


def shared(binary, rounds, rows):
    one = lambda provider: [f"{provider['origin']}/oauth2/t{n}" for n in range(rows)]
    against_curl("one shared origin", binary, rounds, rows, one, goal="1.5")


def slow(binary, rounds, rows, hung=0):
    issuers = lambda provider: own_origins(provider) + [f"{origin}/oauth2/acme" for origin in provider["hung"]]
    name = "answers after 200 ms" + (", one issuer hung" if hung else "")
    p50 = against_curl(name, binary, rounds, rows, issuers, latency_ms=200, origins=rows - hung, hung=hung)
    floor = math.ceil(rows / DEFAULT_CONCURRENCY) * 2 * LATENCY
    spent = p50["bulk"] - (10 if hung else 0)
    print(f"  ceil(rows / {DEFAULT_CONCURRENCY}) x 2 x 200 ms = {measure.ms(floor)}; ratio "
          f"{'less 10 s ' if hung else ''}{spent / floor:.2f} (goal 1.1); "
          f"curl / bulk {p50['curl'] / p50['bulk']:.2f}" + ("" if hung else " (goal 2)"))


def hung(binary, rounds, rows):
    slow(binary, min(rounds, 3), rows, hung=1)


def million(binary, rounds, rows):
    count = 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        product = Product(folder, binary, count)
        rows_ = ((f"owner@team-{n * 7919 % count}.example", f"https://idp.team-{n * 7919 % count}.example", f"client-{n}",
                  f"a-secret-for-measuring-{n}", f"T-{n}") for n in range(count))
        write_rows(product.folder / "rows.csv", rows_)
        spent = [product.bulk("rows.csv", "--dry-run", "--skip-idp") for _ in range(min(rounds, 3))]
        seconds, peak = measure.p50([one for one, _ in spent]), max(kib for _, kib in spent)
        print(f"{count} rows, --dry-run --skip-idp: {seconds:.1f} s, {count / seconds:.0f} rows/s (goal 20000), "
              f"peak memory {peak / 1024:.1f} MiB (goal 64)")


def again(binary, rounds, rows):
    count = 100_000
    with tempfile.TemporaryDirectory() as folder, Provider(folder, 0, []) as provider:
        product = Product(folder, binary, count, allowing(provider["origins"], provider["ca_file"]))
        write_rows(product.folder / "rows.csv",
                   requests(provider, (f"{provider['origin']}/oauth2/t{n}" for n in range(count))))
        first, _ = product.bulk("rows.csv")
        spent = [product.bulk("rows.csv") for _ in range(rounds)]
        seconds, peak = measure.p50([one for one, _ in spent]), max(kib for _, kib in spent)
        print(f"{count} rows: {first:.1f} s the first time, {seconds:.1f} s again: {count / seconds:.0f} rows/s "
              f"(goal 10000), peak memory {peak / 1024:.1f} MiB")


def main():
    parts, rounds, rows = options()
    binary = measure.ssoctl()
    for part in parts:
        globals()[part](binary, rounds, rows)


main()
