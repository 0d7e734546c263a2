use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;

use super::*;

#[derive(Default)]
struct Around(BTreeMap<&'static str, String>);

impl Surroundings for Around {
    fn variable(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned()
    }

    fn user(&self) -> Option<String> {
        Some("amy".to_owned())
    }
}

fn around<const N: usize>(variables: [(&'static str, &str); N]) -> Around {
    Around(variables.map(|(name, value)| (name, value.to_owned())).into())
}

fn read(url: &str, around: &Around) -> Settings {
    Settings::read(url, around).map_err(|error| error.to_string()).unwrap()
}

#[test]
fn the_url_comes_first_and_the_environment_fills_the_gaps() {
    let variables = around([
        ("PGHOST", "db.example"),
        ("PGPORT", "6543"),
        ("PGUSER", "bob"),
        ("PGDATABASE", "shop"),
        ("PGPASSWORD", "hunter2"),
    ]);
    let bare = read("postgres://", &variables);
    assert_eq!(bare.place, "postgres://db.example:6543/shop");
    assert_eq!((bare.config.get_user(), bare.config.get_password()), (Some("bob"), Some(&b"hunter2"[..])));
    let full = read("postgresql://eve:p%40ss@other.example:5432/sales", &variables);
    assert_eq!(full.place, "postgres://other.example:5432/sales");
    assert_eq!((full.config.get_user(), full.config.get_password()), (Some("eve"), Some(&b"p@ss"[..])));
    for password in ["p?a:ss", "p/a#ss"] {
        let bare = read(&format!("postgres://eve:{password}@other.example/sales"), &variables);
        assert_eq!(bare.place, "postgres://other.example:6543/sales");
        assert_eq!(bare.config.get_password(), Some(password.as_bytes()));
    }
    let no_port = read("postgres://other.example/sales", &variables);
    assert_eq!(no_port.place, "postgres://other.example:6543/sales");
    let two = read("postgres://one.example:1,[::1]:2/sales", &Around::default());
    assert_eq!(two.place, "postgres://one.example:1,[::1]:2/sales");
    let alone = read("postgres://db.example", &Around::default());
    assert_eq!((alone.config.get_user(), alone.config.get_dbname()), (Some("amy"), Some("amy")));
    let socket = read("postgres://%2Frun%2Fpg/shop", &Around::default());
    assert_eq!(socket.place, "postgres:///run/pg/.s.PGSQL.5432/shop");
}

#[test]
fn how_much_is_asked_of_the_certificate_is_as_libpq_has_it() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().to_str().unwrap();
    let mode = |query: &str, variables: &Around| {
        let settings = read(&format!("postgres://u@localhost/d{query}"), variables);
        (settings.ssl_mode, settings.roots)
    };
    assert_eq!(mode("", &Around::default()), (SslMode::Prefer, Roots::System));
    assert_eq!(mode("?sslmode=disable", &Around::default()).0, SslMode::Disable);
    assert_eq!(mode("?sslmode=verify-full", &around([("PGSSLMODE", "disable")])).0, SslMode::VerifyFull);
    assert_eq!(mode("", &around([("PGSSLMODE", "verify-ca")])).0, SslMode::VerifyCa);
    assert_eq!(mode("?sslmode=require", &around([("HOME", home)])), (SslMode::Require, Roots::System));
    let named = mode("?sslmode=require&sslrootcert=%2Fa%20b.pem", &Around::default());
    assert_eq!(named, (SslMode::VerifyCa, Roots::File("/a b.pem".into())));
    std::fs::create_dir(folder.path().join(".postgresql")).unwrap();
    let usual = folder.path().join(".postgresql/root.crt");
    std::fs::write(&usual, "").unwrap();
    assert_eq!(mode("?sslmode=verify-full", &around([("HOME", home)])).1, Roots::File(usual));
    assert_eq!(mode("?sslrootcert=system", &around([("HOME", home)])).1, Roots::System);
}

#[test]
fn nothing_goes_to_another_machine_in_the_clear_on_purpose() {
    // db-035
    for host in ["db.acme.example", "10.0.0.7", "localhost,db.acme.example"] {
        let url = format!("postgres://u:hunter2@{host}/d?sslmode=disable");
        let refused = Settings::read(&url, &Around::default()).map(|_| ()).unwrap_err().to_string();
        assert!(refused.contains("in the clear") && !refused.contains("hunter2"), "{refused}");
    }
    for host in ["localhost", "127.0.0.1", "[::1]", "%2Frun%2Fpg"] {
        assert_eq!(
            read(&format!("postgres://u@{host}/d?sslmode=disable"), &Around::default()).ssl_mode,
            SslMode::Disable
        );
    }
}

#[test]
fn what_cannot_be_read_is_refused_without_repeating_a_password() {
    for (url, about) in [
        ("postgres://u:hunter2@h/d?sslmode=allow", "sslmode"),
        ("postgres://u:hunter2@h/d?sslcert=a.pem", "sslcert"),
        ("postgres://u:hunter2@h:port/d", "port"),
        ("postgres://u:hunter2@h/d?no_such=1", "no_such"),
        ("postgres://u:hunter2@h/d?connect_timeout=soon", "connect_timeout"),
        ("postgres://u:p@hunter2@h/d", "%40"),
        ("postgres://u:p@x/hunter2@h/d", "%40"),
        ("postgres://u:p@x?hunter2@h/d", "%40"),
        ("postgres://u:p?/hunter2@h/d", "%40"),
    ] {
        let error = Settings::read(url, &Around::default()).map(|_| ()).unwrap_err().to_string();
        assert!(error.contains(about) && !error.contains("hunter2"), "{error}");
    }
}

#[test]
fn a_password_file_is_read_by_host_port_database_and_user_and_only_when_it_is_private() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(".pgpass");
    std::fs::write(
        &file,
        "# comment\nother.example:5432:*:*:no\ndb.example:*:shop:bob:a\\:b\\\\c\n*:*:*:*:any\nlocalhost:*:*:*:local\n",
    )
    .unwrap();
    let set_mode = |mode| std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
    set_mode(0o600);
    let variables = around([("HOME", folder.path().to_str().unwrap())]);
    let password = |url: &str| read(url, &variables).config.get_password().map(<[u8]>::to_vec);
    assert_eq!(password("postgres://bob@db.example/shop").as_deref(), Some(&b"a:b\\c"[..]));
    assert_eq!(password("postgres://eve@db.example/shop").as_deref(), Some(&b"any"[..]));
    assert_eq!(password("postgres://eve:own@db.example/shop").as_deref(), Some(&b"own"[..]));
    set_mode(0o640);
    let settings = read("postgres://bob@db.example/shop", &variables);
    assert_eq!(settings.config.get_password(), None);
    let note = settings.password_note.unwrap();
    assert!(note.contains(".pgpass") && note.contains("chmod 600"), "{note}");
    let elsewhere = read(&format!("postgres://bob@db.example/shop?passfile={}", file.display()), &Around::default());
    assert!(elsewhere.password_note.is_some());
}
