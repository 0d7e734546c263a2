//! One `ssoctl check` of a test provider, and what its JSON report says.

use std::fmt::Write as _;

use serde_json::Value;

use super::provider::RunningProvider;
use super::world::{Run, World};

/// A `check` about to run. It needs no database as long as it names no owner.
pub struct Question<'a> {
    world: Option<&'a World>,
    issuer: String,
    arguments: Vec<String>,
    secret: Option<Vec<u8>>,
    variables: Vec<(String, String)>,
}

impl<'a> Question<'a> {
    /// Asks `provider` by its own issuer, with its origin allowed and its authority trusted.
    pub fn to(provider: &RunningProvider) -> Self {
        Self::about(provider.issuer()).with(&provider.access())
    }

    /// Asks about an issuer, with nothing allowed.
    pub fn about(issuer: &str) -> Self {
        Self { world: None, issuer: issuer.to_owned(), arguments: Vec::new(), secret: None, variables: Vec::new() }
    }

    /// Another issuer than the provider's own.
    pub fn issuer(mut self, issuer: &str) -> Self {
        issuer.clone_into(&mut self.issuer);
        self
    }

    /// Further arguments.
    pub fn with<A: AsRef<str>>(mut self, arguments: &[A]) -> Self {
        self.arguments.extend(arguments.iter().map(|argument| argument.as_ref().to_owned()));
        self
    }

    /// A client id, and the secret on standard input.
    pub fn client(mut self, id: &str, secret: &str) -> Self {
        self.secret = Some(secret.as_bytes().to_vec());
        self.with(&["--client-id", id, "--client-secret-stdin"])
    }

    /// A variable of the environment.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Runs in a world that is there already.
    pub fn inside(mut self, world: &'a World) -> Self {
        self.world = Some(world);
        self
    }

    /// Runs it as people do, for people.
    pub fn shown(self) -> Run {
        self.run(&[])
    }

    /// Runs it for a script.
    pub fn ask(self) -> Verdicts {
        let run = self.run(&["--output", "json"]);
        let report = run.json();
        Verdicts { run, report }
    }

    fn run(self, form: &[&str]) -> Run {
        let own = self.world.is_none().then(World::empty);
        let world = self.world.or(own.as_ref()).unwrap();
        let mut call = world.call().with_stdin(self.secret.unwrap_or_default());
        for (name, value) in &self.variables {
            call = call.with_env(name, value);
        }
        let mut arguments = vec!["check".to_owned(), "--issuer".to_owned(), self.issuer];
        arguments.extend(self.arguments);
        arguments.extend(form.iter().map(|&word| word.to_owned()));
        call.ssoctl(arguments)
    }
}

/// What a report says.
pub struct Verdicts {
    pub run: Run,
    pub report: Value,
}

impl Verdicts {
    /// Takes the report that a command printed.
    pub fn of(run: Run) -> Self {
        let report = run.json();
        Self { run, report }
    }

    /// The exit status.
    pub fn code(&self) -> Option<i32> {
        self.run.code
    }

    /// One check, whole.
    #[track_caller]
    pub fn check(&self, id: &str) -> &Value {
        let checks = self.report["checks"].as_array().unwrap_or_else(|| panic!("no checks in {:?}", self.run));
        checks.iter().find(|check| check["id"] == id).unwrap_or_else(|| panic!("no {id} in {:?}", self.run))
    }

    /// The verdict of one check.
    #[track_caller]
    pub fn verdict(&self, id: &str) -> &str {
        self.check(id)["verdict"].as_str().unwrap()
    }

    /// One line of one check.
    #[track_caller]
    pub fn summary(&self, id: &str) -> &str {
        self.check(id)["summary"].as_str().unwrap()
    }

    /// The reason codes of one check, worst first.
    #[track_caller]
    pub fn reasons(&self, id: &str) -> Vec<&str> {
        let findings = self.check(id)["findings"].as_array().unwrap();
        findings.iter().map(|finding| finding["code"].as_str().unwrap()).collect()
    }

    /// Verdict and worst reason of one check; `-` where there is nothing to say.
    #[track_caller]
    pub fn outcome(&self, id: &str) -> (&str, &str) {
        (self.verdict(id), self.reasons(id).first().copied().unwrap_or("-"))
    }

    /// What the interview came to.
    #[track_caller]
    pub fn classification(&self) -> &str {
        self.check("oidc-credentials")["details"]["classification"].as_str().unwrap_or("not asked")
    }

    /// The value of an evidence line anywhere in one check.
    #[track_caller]
    pub fn evidence(&self, id: &str, label: &str) -> Option<&str> {
        let findings = self.check(id)["findings"].as_array().unwrap();
        let lines = findings.iter().filter_map(|finding| finding["evidence"].as_array()).flatten();
        lines.filter(|line| line["label"] == label).find_map(|line| line["value"].as_str())
    }

    /// What intake or the document changed `field` to.
    pub fn changed_to(&self, field: &str) -> Option<&str> {
        let changed = self.report["request"]["changed"].as_array()?;
        changed.iter().rev().find(|change| change["field"] == field)?["to"].as_str()
    }

    /// Whether any check gave this reason.
    pub fn says(&self, code: &str) -> bool {
        let checks = self.report["checks"].as_array().into_iter().flatten();
        let findings = checks.filter_map(|check| check["findings"].as_array()).flatten();
        findings.into_iter().any(|finding| finding["code"] == code)
    }

    /// Every check with verdict and reasons: what a failing test shows.
    pub fn table(&self) -> String {
        let mut table = format!("exit {:?}, {}\n", self.run.code, self.report["outcome"]);
        for check in self.report["checks"].as_array().into_iter().flatten() {
            let id = check["id"].as_str().unwrap_or_default();
            let _ = writeln!(table, "{id}: {} {:?} {}", check["verdict"], self.reasons(id), check["summary"]);
        }
        table + &self.run.stderr
    }
}

/// Text from outside is printed without anything that a terminal would obey.
#[track_caller]
pub fn assert_printable(run: &Run) {
    let obeyed =
        |one: char| one != '\n' && one.is_control() || matches!(one, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let found: Vec<char> = run.everything().chars().filter(|one| obeyed(*one)).collect();
    assert!(found.is_empty(), "{found:?} in {}", run.everything());
}
