#!/usr/bin/env python3
"""Many requests in one run, beside what the same machine needs for less: `ssoctl bulk` and its floors take turns, and
every figure is a ratio of medians of the same run.

    benches/bulk.py [origins] [shared] [slow] [hung] [saml] [jackson] [commits] [million] [scan] [again] [rounds=5]
                    [rows=1000] [jackson=FOLDER]

origins   1,000 rows, 1,000 issuers on 1,000 origins, every check and the commits, beside `curl -Z` fetching the 1,000
          discovery documents alone: at most 0.6
shared    1,000 issuers on one origin, beside `curl -Z` fetching the same documents: at most 1.5
slow      every answer takes 200 ms: at most 1.1 x ceil(rows / concurrency) x 2 round trips x 200 ms, and at least twice as
          fast as `curl -Z --parallel-max 32`, which makes one round trip
hung      the same with one issuer that never answers: no more than its own 10 s on top
saml      1,000 metadata files: at most 5 x (`xmllint --noout` over the files + one SQLite transaction of the same rows)
jackson   the same work by the npm library @boxyhq/saml-jackson 26.2.0 with openid-client, 32 rows in flight: at least 10 x
          on PostgreSQL, 25 x on SQLite; SAML at least 30 x on PostgreSQL. Installed by name into FOLDER, never into this tree
commits   at most one commit for 50 rows, and no row waits more than 100 ms for its group: what the program says with -v, and
          with strace how often the kernel was asked to write through
million   1,000,000 rows, --dry-run --skip-idp, on a product of 1,000,000 users: at least 20,000 rows/s in 64 MiB
scan      1,000 rows, --dry-run --skip-idp, on PostgreSQL with 1,000,000 users and no index by domain: at most 1.5 x one
          query that reads them all
again     100,000 rows that are there already: at least 10,000 rows/s

SSOCTL_BENCH_POSTGRES names a server whose user may create databases (default postgres://postgres@127.0.0.1:5432)."""

import csv
import json
import math
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import measure

PARTS = ["origins", "shared", "slow", "hung", "saml", "jackson", "commits", "million", "scan", "again"]
POSTGRES = os.environ.get("SSOCTL_BENCH_POSTGRES", "postgres://postgres@127.0.0.1:5432")
LIBRARY = "@boxyhq/saml-jackson@26.2.0"
LATENCY = 0.2
DEFAULT_CONCURRENCY = 160


def options():
    global library
    rounds, rows, parts = 5, 1000, []
    for word in sys.argv[1:]:
        if word.startswith("rounds="):
            rounds = int(word[7:])
        elif word.startswith("rows="):
            rows = int(word[5:])
        elif word.startswith("jackson="):
            library = word[8:]
        elif word in PARTS:
            parts.append(word)
        else:
            sys.exit(__doc__)
    return parts or PARTS, rounds, rows


library = None


class Product:
    """An installation whose product has one team, owned by its one user, for each number: `owner@team-N.example`."""

    def __init__(self, folder, binary, teams, config=""):
        self.folder, self.binary = Path(folder), binary
        self.call("init", "--public-url", "https://app.example.com")
        configure(self.folder / "ssoctl.toml", config)
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

    where = []

    def bulk(self, file, *more, stdout=os.devnull, code=0):
        words = [self.binary, "--config", "ssoctl.toml", *self.where, "bulk", file, "--yes", "-q", *more]
        return measure.spawn(words, env=measure.environment(self.folder), cwd=self.folder, stdout=stdout, code=code)

    def sql(self, statement):
        database = sqlite3.connect(self.folder / "ssoctl.db")
        try:
            return database.execute(statement).fetchall()
        finally:
            database.close()


def psql(database, statement):
    words = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", statement, f"{POSTGRES}/{database}"]
    env = os.environ | {"PGOPTIONS": "-c client_min_messages=warning"}
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True, env=env).stdout.strip()


class OnPostgres(Product):
    """The same on a server, in a database of its own."""

    def __init__(self, folder, binary, teams, config=""):
        self.folder, self.binary = Path(folder), binary
        self.name = f"ssoctl_bench_bulk_{os.getpid()}"
        self.where = ["--database", f"{POSTGRES}/{self.name}"]
        self.call("init", "--public-url", "https://app.example.com")
        configure(self.folder / "ssoctl.toml", config)
        psql("postgres", f"CREATE DATABASE {self.name}_pristine")
        subprocess.run([binary, "--config", "ssoctl.toml", "--database", f"{POSTGRES}/{self.name}_pristine", "db", "migrate"],
                       cwd=folder, env=measure.environment(folder), check=True, stdout=subprocess.DEVNULL)
        n = f"FROM generate_series(0, {teams - 1}) AS n"
        psql(f"{self.name}_pristine", f"""
            INSERT INTO product_users (id, email, name, active)
                SELECT 'u' || n, 'owner@team-' || n || '.example', 'Olga Owner', true {n};
            INSERT INTO product_teams (id, name, owner_id, plan, management_enabled)
                SELECT 't' || n, 'Team ' || n, 'u' || n, 'Enterprise', true {n};
            INSERT INTO product_memberships (user_id, team_id, role, since)
                SELECT 'u' || n, 't' || n, 'owner', '2024-01-01' {n}""")
        psql(f"{self.name}_pristine", "VACUUM ANALYZE")
        self.reset()

    def reset(self):
        psql("postgres", f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")
        psql("postgres", f"CREATE DATABASE {self.name} TEMPLATE {self.name}_pristine")
        psql("postgres", "CHECKPOINT")

    def drop(self):
        for name in (self.name, f"{self.name}_pristine"):
            psql("postgres", f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def sql(self, statement):
        return [tuple(line.split("|")) for line in psql(self.name, statement).splitlines()]


def write_rows(path, rows, header=("owner", "issuer", "client_id", "client_secret", "ticket")):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
    os.chmod(path, 0o600)


def requests(provider, issuers):
    return ((f"owner@team-{n}.example", issuer, provider["client_id"], provider["client_secret"], f"T-{n}")
            for n, issuer in enumerate(issuers))


def allowing(origins, ca_file):
    listed = ", ".join(json.dumps(origin) for origin in origins)
    return f"[network]\nallow_origins = [{listed}]\nca_certs = [{json.dumps(str(ca_file))}]\n"


def configure(path, section):
    """Puts a section in the place of the one that `init` wrote."""
    if section:
        name = section.splitlines()[0]
        kept, _, rest = path.read_text().partition(f"{name}\n")
        _, bracket, others = rest.partition("\n[")
        path.write_text(kept + section + bracket + others)


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


METADATA = """<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.team-{number}.example/saml">
  <IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>
{certificate}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>
    <SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.team-{number}.example/slo"/>
    <NameIDFormat>urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress</NameIDFormat>
    <SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://idp.team-{number}.example/sso"/>
    <SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.team-{number}.example/sso"/>
  </IDPSSODescriptor>
</EntityDescriptor>
"""


def write_metadata(folder, rows):
    """One file for every team, and the list that names them."""
    certificate = (measure.ROOT / "fixtures/metadata/certificates/rsa2048.b64").read_text()
    (folder / "idp").mkdir()
    names = [f"idp/{n}.xml" for n in range(rows)]
    for n, name in enumerate(names):
        (folder / name).write_text(METADATA.format(number=n, certificate=certificate))
    write_rows(folder / "rows.csv", ((f"owner@team-{n}.example", name, f"T-{n}") for n, name in enumerate(names)),
               header=("owner", "metadata", "ticket"))
    return names


def same_rows(folder):
    """Seconds for one durable transaction of everything that the run left behind, into a database as it was before."""
    done, copy = folder / "ssoctl.db", folder / "floor.db"
    copy.unlink(missing_ok=True)
    shutil.copy(folder / "pristine.db", copy)
    database = sqlite3.connect(copy, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("PRAGMA foreign_keys = ON")
    # To the SQLite of some Pythons NULL is no valid JSON.
    database.execute("PRAGMA ignore_check_constraints = ON")
    tables = ["sso_audit_log", "sso_connections", "sso_domains"]
    rows = {}
    with sqlite3.connect(done) as source:
        for table in tables:
            found = source.execute(f"SELECT * FROM {table}")
            columns = [one[0] for one in found.description]
            rows[table] = (columns, found.fetchall())
    started = time.perf_counter()
    database.execute("BEGIN IMMEDIATE")
    for table, (columns, values) in rows.items():
        marks = ", ".join("?" * len(columns))
        database.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", values)
    database.execute("COMMIT")
    spent = time.perf_counter() - started
    database.close()
    return spent


def saml(binary, rounds, rows):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        product = Product(folder, binary, rows)
        shutil.copy(Path(product.pristine) / "ssoctl.db", folder / "pristine.db")
        names = write_metadata(folder, rows)
        times = {"xmllint": [], "transaction": [], "bulk": []}
        for round_ in range(-1, rounds):
            product.reset()
            bulk, _ = product.bulk("rows.csv")
            xmllint, _ = measure.spawn([shutil.which("xmllint"), "--noout", *names], cwd=folder)
            transaction = same_rows(folder)
            if round_ >= 0:
                for what, spent in zip(times, (xmllint, transaction, bulk)):
                    times[what].append(spent)
        written = product.sql("SELECT count(*) FROM sso_connections WHERE protocol = 'saml' AND status = 'active'")[0][0]
        if written != rows:
            sys.exit(f"saml: {written} connections and not {rows}")
        p50 = {what: measure.p50(spent) for what, spent in times.items()}
        floor = p50["xmllint"] + p50["transaction"]
        print(f"SAML: {rows} metadata files, p50 of {rounds}: xmllint {measure.ms(p50['xmllint'])}, one transaction of the same "
              f"rows {measure.ms(p50['transaction'])}, bulk {measure.ms(p50['bulk'])}, ratio {p50['bulk'] / floor:.2f} (goal 5)")


def jackson_bulk(folder, rows, engine, url, provider=None):
    """Seconds for the library to do the same work; the whole process, as for ours."""
    (folder / "list.json").write_text(json.dumps(rows))
    words = [shutil.which("node"), str(Path(__file__).with_name("bulk_jackson.cjs")), str(Path(library).resolve()),
             "list.json", engine, url, "32"]
    env = measure.environment(folder) | {"DO_NOT_TRACK": "1"}
    if provider:
        env["NODE_EXTRA_CA_CERTS"] = provider["ca_file"]
    return measure.spawn(words, env=env, cwd=folder)[0]


def jackson(binary, rounds, rows):
    global library
    library = library or tempfile.mkdtemp(prefix="ssoctl-bench-jackson-")
    if not (Path(library) / "node_modules" / "@boxyhq" / "saml-jackson").exists():
        subprocess.run(["npm", "install", "--prefix", library, "--no-save", "--no-audit", "--no-fund", LIBRARY],
                       check=True, stdout=sys.stderr)
    rounds = min(rounds, 3)
    for kind, on, goal in (("OIDC", OnPostgres, 10), ("OIDC", Product, 25), ("SAML", OnPostgres, 30)):
        with tempfile.TemporaryDirectory() as name, Provider(name, 0, ["--origins", str(rows)]) as provider:
            folder = Path(name)
            config = allowing(provider["origins"], provider["ca_file"]) if kind == "OIDC" else ""
            product = on(folder, binary, rows, config)
            if kind == "OIDC":
                write_rows(folder / "rows.csv", requests(provider, own_origins(provider)))
                theirs = [{"tenant": f"team-{n}.example", "issuer": issuer, "client_id": provider["client_id"],
                           "client_secret": provider["client_secret"]} for n, issuer in enumerate(own_origins(provider))]
            else:
                theirs = [{"tenant": f"team-{n}.example", "metadata": name}
                          for n, name in enumerate(write_metadata(folder, rows))]
            times = {"bulk": [], "library": []}
            for round_ in range(-1, rounds):
                product.reset()
                spent, _ = product.bulk("rows.csv")
                if on is Product:
                    engine, url = "sqlite", str(folder / "library.sqlite")
                    for left in folder.glob("library.sqlite*"):
                        left.unlink()
                else:
                    engine, other = "postgres", f"{product.name}_library"
                    psql("postgres", f"DROP DATABASE IF EXISTS {other} WITH (FORCE)")
                    psql("postgres", f"CREATE DATABASE {other}")
                    psql("postgres", "CHECKPOINT")
                    url = f"{POSTGRES}/{other}"
                took = jackson_bulk(folder, theirs, engine, url, provider)
                if round_ >= 0:
                    times["bulk"].append(spent)
                    times["library"].append(took)
            written = int(product.sql("SELECT count(*) FROM sso_connections")[0][0])
            if on is OnPostgres:
                psql("postgres", f"DROP DATABASE IF EXISTS {product.name}_library WITH (FORCE)")
                product.drop()
            if written != rows:
                sys.exit(f"jackson: {written} connections and not {rows}")
            p50 = {what: measure.p50(spent) for what, spent in times.items()}
            print(f"{LIBRARY}, {kind} on {engine}: {rows} rows, p50 of {rounds}: library {measure.ms(p50['library'])}, "
                  f"bulk {measure.ms(p50['bulk'])}, {p50['library'] / p50['bulk']:.1f} times sooner (goal {goal})", flush=True)


def commits(binary, rounds, rows):
    with tempfile.TemporaryDirectory() as folder, Provider(folder, 0, ["--origins", str(rows)]) as provider:
        product = Product(folder, binary, rows, allowing(provider["origins"], provider["ca_file"]))
        write_rows(product.folder / "rows.csv", requests(provider, own_origins(provider)))
        most, longest = 0, 0
        for _ in range(rounds):
            product.reset()
            words = [binary, "--config", "ssoctl.toml", "bulk", "rows.csv", "--yes", "-v"]
            told = subprocess.run(words, cwd=folder, env=measure.environment(folder), check=True, stderr=subprocess.PIPE,
                                  stdout=subprocess.DEVNULL, text=True).stderr
            groups = re.findall(r"wrote a group of (\d+) rows: (\d+) ms for further ones, (\d+) ms to the commit", told)
            if sum(int(size) for size, *_ in groups) != rows:
                sys.exit(f"commits: {groups}")
            most = max(most, len(groups))
            longest = max(longest, *(int(open_for) for _, open_for, _ in groups))
        print(f"commits: {rows} rows, most of {rounds} runs: {most} commits, {rows / most:.0f} rows each (goal 50); a row waited "
              f"at most {longest} ms for its group (goal 100)")
        if shutil.which("strace"):
            product.reset()
            trace = product.folder / "trace"
            subprocess.run(["strace", "-f", "-qq", "-e", "trace=fsync,fdatasync", "-o", str(trace), *words], cwd=folder,
                           env=measure.environment(folder), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            print(f"  under strace: {len(re.findall('sync[(]', trace.read_text()))} fsync and fdatasync in all")


def scan(binary, rounds, rows):
    count = 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        product = OnPostgres(folder, binary, count)
        try:
            index = psql(product.name, "SELECT indexdef FROM pg_indexes WHERE indexname = 'product_users_by_domain'")
            domain = re.search(r"\((rtrim.*?), lower\(btrim", index).group(1)
            psql(product.name, "DROP INDEX product_users_by_domain")
            psql(product.name, "VACUUM ANALYZE product_users")
            write_rows(product.folder / "rows.csv", (
                (f"owner@team-{n * 7919 % count}.example", f"https://idp.team-{n}.example", f"client-{n}",
                 f"a-secret-for-measuring-{n}", f"T-{n}") for n in range(rows)))
            statement = f"SET jit = off; SELECT count(*) FROM product_users WHERE {domain} = 'team-5.example'"
            times = {"query": [], "bulk": []}
            for round_ in range(-1, rounds):
                started = time.perf_counter()
                psql(product.name, statement)
                query = time.perf_counter() - started
                spent, _ = product.bulk("rows.csv", "--dry-run", "--skip-idp")
                if round_ >= 0:
                    times["query"].append(query)
                    times["bulk"].append(spent)
            p50 = {what: measure.p50(spent) for what, spent in times.items()}
            print(f"no index by domain: {rows} rows on {count} users, p50 of {rounds}: one query {measure.ms(p50['query'])}, "
                  f"bulk {measure.ms(p50['bulk'])}, ratio {p50['bulk'] / p50['query']:.2f} (goal 1.5)")
        finally:
            product.drop()


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


if __name__ == "__main__":
    main()
