//! `-v` says what was asked of whom, on standard error, and gives nothing away.

use crate::support::provider::Provider;
use crate::support::world::World;

#[test]
fn verbose_names_every_request_and_its_status_but_no_secret_and_no_query() {
    let (world, provider) = (World::new(), Provider::new().start());
    for verbosity in ["-v", "-vv", "-vvv"] {
        let mut arguments = provider.access();
        let request = ["check", verbosity, "--issuer", provider.issuer(), "--client-id", provider.client_id()];
        arguments.extend(request.map(str::to_owned));
        arguments.push("--client-secret-stdin".to_owned());
        let run = world.with_stdin(provider.client_secret()).ssoctl(arguments).expect_code(0);
        let discovery = format!("GET {}/.well-known/openid-configuration: status 200 in ", provider.issuer());
        assert!(run.stderr.contains(&discovery), "{}", run.stderr);
        let mut lines = run.stderr.lines().filter(|line| line.contains("GET ") || line.contains("POST "));
        assert!(
            lines.all(|line| line.contains(": status ")),
            "each request has one line, its answer's: {}",
            run.stderr
        );
        assert!(run.stderr.contains("POST ") && run.stderr.contains("/token: status 4"), "{}", run.stderr);
        assert!(!run.everything().contains(provider.client_secret()), "{verbosity}");
        assert!(!run.stderr.contains("redirect_uri="), "{}", run.stderr);
    }
}

#[test]
fn without_verbose_nothing_is_logged() {
    let (world, provider) = (World::new(), Provider::new().start());
    let mut arguments = provider.access();
    arguments.extend(["check", "--issuer", provider.issuer()].map(str::to_owned));
    assert_eq!(world.ssoctl(arguments).expect_code(0).stderr, "");
}
