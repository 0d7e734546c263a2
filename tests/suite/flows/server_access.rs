//! Whom a PostgreSQL server lets in, and whom we trust to be one: passwords, and TLS with as much asked of the certificate as
//! `sslmode` says.

use std::os::unix::fs::PermissionsExt as _;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

use crate::support::postgres::{Cluster, query};
use crate::support::world::{Run, World};

/// An authority's certificate, and a certificate of its for `name` with the key, in PEM form.
fn certificate_for(name: &str) -> [String; 3] {
    let authority_key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.distinguished_name.push(DnType::CommonName, "test authority");
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    let root = authority.self_signed(&authority_key).unwrap().pem();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec![name.to_owned()]).unwrap();
    let certificate = leaf.signed_by(&key, &Issuer::new(authority, authority_key)).unwrap();
    [root, certificate.pem(), key.serialize_pem()]
}

#[test]
fn each_sslmode_asks_as_much_of_the_servers_certificate_as_libpqs() {
    let [root, certificate, key] = certificate_for("localhost");
    let [foreign, ..] = certificate_for("localhost");
    let cluster = Cluster::with_tls(&certificate, &key);
    let world = World::empty();
    world.write("root.pem", root);
    world.write("foreign.pem", foreign);
    world.write("empty.pem", "no certificate");
    let migrate = |host: &str, query: &str| -> Run {
        let url = format!("postgres://postgres@{host}:{}/postgres?{query}", cluster.port());
        world.ssoctl(["--database", &url, "db", "migrate"])
    };
    let root = format!("sslrootcert={}", world.path("root.pem").display());
    let foreign = format!("sslrootcert={}", world.path("foreign.pem").display());
    // The certificate is made out to `localhost`, and not to its address.
    for (host, query) in [
        ("localhost", format!("sslmode=verify-full&{root}")),
        ("127.0.0.1", format!("sslmode=verify-ca&{root}")),
        ("localhost", format!("sslmode=require&{root}")),
        ("127.0.0.1", "sslmode=require".to_owned()),
        ("127.0.0.1", "sslmode=prefer".to_owned()),
        ("127.0.0.1", String::new()),
    ] {
        migrate(host, &query).expect_code(0);
    }
    for (host, query, said) in [
        ("127.0.0.1", format!("sslmode=verify-full&{root}"), "not valid for name"),
        ("localhost", format!("sslmode=verify-full&{foreign}"), "TLS: invalid peer certificate"),
        ("localhost", format!("sslmode=verify-ca&{foreign}"), "TLS: invalid peer certificate"),
        // As libpq has it: who names an authority means it.
        ("localhost", format!("sslmode=require&{foreign}"), "TLS: invalid peer certificate"),
        ("localhost", "sslmode=verify-full&sslrootcert=system".to_owned(), "TLS: invalid peer certificate"),
        (
            "localhost",
            format!("sslmode=verify-full&sslrootcert={}", world.path("empty.pem").display()),
            "no certificate",
        ),
        ("localhost", format!("sslmode=verify-full&sslrootcert={}", world.path("none.pem").display()), "none.pem"),
        ("127.0.0.1", "sslmode=disable".to_owned(), "no encryption"),
    ] {
        let run = migrate(host, &query).expect_code(70);
        assert!(run.stderr.contains(said), "{query}: {}", run.stderr);
        assert!(run.stderr.contains("sslmode") || run.stderr.contains("sslrootcert"), "no way on: {}", run.stderr);
    }
}

#[test]
fn a_server_without_tls_is_refused_where_tls_is_asked_for() {
    let cluster = Cluster::start(&["ssl=off"]);
    let world = World::empty();
    let migrate = |mode: &str| {
        let url = format!("{}?sslmode={mode}", cluster.url());
        world.ssoctl(["--database", &url, "db", "migrate"])
    };
    for mode in ["require", "verify-ca", "verify-full"] {
        let run = migrate(mode).expect_code(70);
        assert!(run.stderr.contains("TLS") && run.stderr.contains("sslmode"), "{mode}: {}", run.stderr);
    }
    for mode in ["prefer", "disable"] {
        migrate(mode).expect_code(0);
    }
}

#[test]
fn everything_that_onboards_goes_over_tls_too() {
    let [root, certificate, key] = certificate_for("localhost");
    let cluster = Cluster::with_tls(&certificate, &key);
    let world = World::empty();
    world.write("root.pem", root);
    let url = format!(
        "postgres://postgres@localhost:{}/postgres?sslmode=verify-full&sslrootcert={}",
        cluster.port(),
        world.path("root.pem").display()
    );
    world.configure(&format!("url = \"{url}\""));
    world.ssoctl(["init", "--sample-data"]).expect_code(0);
    let desk = crate::support::desk::Desk::within(world, crate::support::provider::Provider::new());
    desk.onboard(&[]).expect_code(0);
    desk.world.ssoctl(["audit", "verify"]).expect_code(0);
    desk.world.ssoctl(["doctor", "--offline"]).expect_code(0);
}

#[test]
fn a_password_comes_by_variable_or_by_a_file_that_nobody_else_can_read() {
    let cluster = Cluster::start(&["fsync=off"]);
    query(&cluster.url(), "CREATE ROLE bob LOGIN SUPERUSER PASSWORD 'hunter2'");
    cluster.admit("host all all 127.0.0.1/32 scram-sha-256");
    let world = World::empty();
    let url = format!("postgres://bob@127.0.0.1:{}/postgres", cluster.port());
    let words = ["--database", &url, "db", "migrate"];
    let run = world.ssoctl(words).expect_code(70);
    assert!(run.stderr.contains("PGPASSWORD, ~/.pgpass"), "{}", run.stderr);
    world.with_env("PGPASSWORD", "wrong").ssoctl(words).expect_code(70);
    world.with_env("PGPASSWORD", "hunter2").ssoctl(words).expect_code(0);
    let file = world.write(".pgpass", format!("127.0.0.1:{}:*:bob:hunter2\n", cluster.port()));
    let set_mode = |mode| std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
    for (mode, code) in [(0o644, 70), (0o640, 70), (0o600, 0)] {
        set_mode(mode);
        let run = world.ssoctl(words).expect_code(code);
        assert_eq!(run.stderr.contains("chmod 600"), code == 70, "{mode:o}: {}", run.stderr);
        assert!(!run.everything().contains("hunter2"));
    }
}
