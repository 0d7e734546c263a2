//! The transcripts of the documents are what the program prints: commands are run again in an order in which they make sense,
//! and their output is held against the page line by line. What differs from run to run - ids, times, ports - is masked on both
//! sides, and a line `…` stands for any number of lines.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use ssoctl::practice::PracticeProvider;
use tokio::runtime::{Builder, Runtime};

use crate::documents::{code_blocks_of, commands_of_line};
use crate::support::postgres::Database;
use crate::support::saml_provider::SamlProvider;
use crate::support::world::{BINARY, World};

/// A command as the page has it, and what the page says that it prints.
struct Step {
    command: String,
    printed: Vec<String>,
}

/// Every command of a page's transcripts, in its order, from the heading `section` on.
fn steps(page: &str, section: &str) -> Vec<Step> {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(page)).unwrap();
    let (_, text) = text.split_once(&format!("\n{section}")).unwrap();
    let mut steps: Vec<Step> = Vec::new();
    for block in code_blocks_of(text, "console") {
        for line in block.replace("\\\n", " ").lines() {
            match (line.strip_prefix("$ "), steps.last_mut()) {
                (Some(command), _) => steps.push(Step { command: command.to_owned(), printed: Vec::new() }),
                (None, Some(step)) => step.printed.push(line.to_owned()),
                (None, None) => panic!("{page} begins a transcript without a command: {line}"),
            }
        }
    }
    steps
}

/// A page being read, and the installation that its commands are run in.
struct Reading {
    page: &'static str,
    /// The heading from which on it is read; empty for the whole page.
    section: &'static str,
    world: World,
    provider: PracticeProvider,
    /// What the provider runs on.
    _runtime: Runtime,
}

impl Reading {
    /// An installation like the one that the page's transcripts come from; its product is reached under `public_url`.
    fn of(page: &'static str, public_url: &str) -> Self {
        let world = World::empty();
        fs::remove_file(world.config()).unwrap();
        Self::within(world, page, public_url)
    }

    /// The same in a world that is there already.
    fn within(world: World, page: &'static str, public_url: &str) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let provider = runtime.block_on(PracticeProvider::start()).unwrap();
        provider.register_redirect_uri(&format!("{public_url}/sso/oidc/callback"));
        world.write("practice-ca.pem", provider.ca_pem());
        let secret = provider.client_secret();
        for (name, secret) in [("secret.txt", secret), ("cut.txt", &secret[..secret.len() - 4])] {
            let path = world.write(name, secret);
            fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
        }
        Self { page, section: "", world, provider, _runtime: runtime }
    }

    /// Lets the installation reach the provider, as the page says: in the configuration.
    fn reach_the_provider(&self) {
        let text = fs::read_to_string(self.world.config()).unwrap();
        let origin = self.provider.origin();
        let reached = format!("[network]\nallow_origins = [\"{origin}\"]\nca_certs = [\"practice-ca.pem\"]\n");
        self.world.write("ssoctl.toml", text.replace("[network]\n", &reached));
    }

    /// Saves the metadata of the SAML provider that the pages have.
    fn save_metadata(&self) {
        self.world.write("metadata.xml", SamlProvider::new("http://www.okta.com/exk4f0hb2LqVx0WkN5d7").metadata());
    }

    /// Runs a command that the page does not show.
    fn run(&self, command: &str) -> String {
        let [words] = commands_of_line(command).try_into().unwrap();
        let words = words.iter().skip(1).map(|word| self.ours(word));
        let run = self.world.call().with_env("SSOCTL_ACTOR", "amy").program(BINARY, words);
        let printed = format!("{}{}", run.stderr, run.stdout);
        if self.world.is_on_postgres() {
            let url = self.world.server().url();
            let (_, address) = url.rsplit_once('@').unwrap();
            return printed.replace(address.split('?').next().unwrap(), "127.0.0.1:5432/shop");
        }
        printed
    }

    /// The page's value, or the provider's of this run.
    fn ours(&self, word: &str) -> String {
        match word.split_once("https://localhost:") {
            Some((before, address)) => {
                let path = address.trim_start_matches(|one: char| one.is_ascii_digit());
                format!("{before}{}{path}", self.provider.origin())
            }
            None if word.starts_with("0oa") => self.provider.client_id().to_owned(),
            None => word.to_owned(),
        }
    }

    /// The lines that the page shows of the first command that has all of `words` in it, with the values of this run.
    #[track_caller]
    fn shown(&self, words: &[&str]) -> String {
        let values = |line: &String| line.split(',').map(|value| self.ours(value)).collect::<Vec<_>>().join(",") + "\n";
        self.step(words).printed.iter().map(values).collect()
    }

    #[track_caller]
    fn step(&self, words: &[&str]) -> Step {
        let mut steps = steps(self.page, self.section).into_iter();
        let found = steps.find(|step| words.iter().all(|word| step.command.contains(word)));
        found.unwrap_or_else(|| panic!("{} has no transcript of {words:?}", self.page))
    }

    /// Runs the first command of the page that has all of `words` in it, and holds its output against the page.
    #[track_caller]
    fn expect(&self, words: &[&str]) {
        let step = self.step(words);
        let printed = self.run(&step.command);
        let (wanted, found) = (masked_lines(step.printed.iter().map(String::as_str)), masked_lines(printed.lines()));
        assert!(
            matches(&wanted, &found),
            "{}: {}\n--- the page\n{}\n--- the program\n{}\n",
            self.page,
            step.command,
            wanted.join("\n"),
            found.join("\n")
        );
    }
}

/// Whether `found` are the lines `wanted`, of which `…` is any number.
fn matches(wanted: &[String], found: &[String]) -> bool {
    match (wanted.split_first(), found.split_first()) {
        (None, None) => true,
        (Some((line, rest)), _) if line == "…" => {
            matches(rest, found) || found.split_first().is_some_and(|(_, left)| matches(wanted, left))
        }
        (None, Some(_)) | (Some(_), None) => false,
        (Some((line, rest)), Some((printed, left))) => {
            let is_same = match line.strip_suffix('…') {
                // A token that the page does not show whole.
                Some(begun) => printed.starts_with(begun.rsplit_once(' ').map_or("", |(before, _)| before)),
                None => line == printed,
            };
            is_same && matches(rest, left)
        }
    }
}

/// Lines without what differs from run to run; blank ones at the end do not count.
fn masked_lines<'l>(lines: impl Iterator<Item = &'l str>) -> Vec<String> {
    let mut lines: Vec<String> = lines.map(masked).collect();
    lines.truncate(lines.iter().rposition(|line| !line.is_empty()).map_or(0, |last| last + 1));
    lines
}

fn masked(line: &str) -> String {
    if let Some((_, words)) = line.split_once(" rows/s: ") {
        return format!("<pace>: {words}");
    }
    let mut out = String::new();
    let mut word = String::new();
    for one in line.chars().chain(['\n']) {
        if one.is_ascii_alphanumeric() || ['-', '_'].contains(&one) {
            word.push(one);
        } else {
            let is_port = out.ends_with("localhost:");
            out.push_str(if is_port { "<port>" } else { masked_word(&word) });
            word.clear();
            out.push(one);
        }
    }
    // Columns are as wide as the longest time in them.
    let mut words: Vec<&str> = Vec::new();
    for word in out.trim_end().split(' ') {
        match (words.last().copied(), word) {
            (Some(""), "") if words.len() > 1 => {}
            (Some(_), "ms") => {
                words.pop();
                words.extend(["<time>", "ms"]);
            }
            _ => words.push(word),
        }
    }
    // Keys on paper are made in no time.
    words.join(" ").replace("EC P-256", "RSA <number>")
}

/// Dates, times, ids, tokens and sums. A single digit is a count, and has to be right; so have tickets and teams.
fn masked_word(word: &str) -> &str {
    let is_number = word.len() > 1 && word.chars().all(|one| one.is_ascii_digit() || one == '-');
    let is_made = word.len() >= 20 && word.chars().any(|one| one.is_ascii_digit() || one.is_ascii_uppercase());
    let is_named = word.len() >= 4 && (word.starts_with("482") || word.starts_with("104"));
    match word {
        _ if is_made => "<made>",
        // A rule is no number.
        _ if is_number && !is_named && !word.starts_with("--") => "<number>",
        _ => word,
    }
}

#[test]
fn the_readme_shows_what_a_ticket_and_its_record_look_like() {
    let readme = Reading::of("README.md", "https://app.acme.example");
    readme.expect(&["ssoctl init", "--sample-data"]);
    readme.expect(&["ssoctl doctor --offline"]);
    readme.reach_the_provider();
    readme.expect(&["ssoctl prepare --ticket 48213 --owner"]);
    readme.expect(&["ssoctl onboard --ticket 48214", "--yes"]);
    readme.expect(&["ssoctl check --ticket 48213", "cut.txt"]);
    readme.expect(&["ssoctl onboard --ticket 48213", "--dry-run"]);
    readme.expect(&["ssoctl onboard --ticket 48213", "--yes"]);
    readme.expect(&["ssoctl connection suspend --team 1042"]);
    readme.expect(&["ssoctl connection list"]);
    readme.run("ssoctl connection activate --team 1042 --ticket 48213 --yes");
    readme.expect(&["ssoctl audit list"]);
    readme.expect(&["ssoctl audit verify"]);
}

#[test]
fn the_readme_shows_what_a_saml_customer_and_their_tokens_look_like() {
    let readme = Reading::of("README.md", "https://app.acme.example");
    readme.run("ssoctl init --public-url https://app.acme.example --sample-data");
    readme.expect(&["ssoctl prepare --ticket 48213 --protocol saml"]);
    readme.expect(&["ssoctl prepare --protocol saml", "--sp-metadata -"]);
    readme.save_metadata();
    readme.run("ssoctl onboard --owner jane@acme.example --metadata metadata.xml --no-scim --yes");
    readme.expect(&["ssoctl scim issue --team 1042"]);
    readme.expect(&["ssoctl scim rotate --team 1042"]);
    readme.expect(&["ssoctl scim list"]);
    readme.expect(&["ssoctl scim promote --team 1042"]);
}

#[test]
fn the_readme_shows_what_metadata_that_comes_back_leads_to() {
    let readme = Reading::of("README.md", "https://app.example.net");
    readme.run("ssoctl init --public-url https://app.example.net --sample-data");
    readme.run("ssoctl prepare --protocol saml --idp okta --owner jane@acme.example");
    readme.save_metadata();
    readme.expect(&["ssoctl onboard --ticket 48220", "metadata.xml"]);
}

#[test]
fn the_page_on_saml_shows_the_whole_correspondence() {
    let page = Reading::of("docs/saml.md", "https://app.example.net");
    page.run("ssoctl init --public-url https://app.example.net --sample-data");
    page.expect(&["ssoctl prepare --protocol saml", "--sp-metadata ours.xml"]);
    page.expect(&["ssoctl check --ticket 48220", "ours.xml"]);
    page.save_metadata();
    page.expect(&["ssoctl onboard --ticket 48220"]);
    page.expect(&["ssoctl scim rotate --team 1042"]);
    page.expect(&["ssoctl scim promote --team 1042"]);
    page.expect(&["ssoctl audit list"]);
}

#[test]
fn the_readme_shows_what_a_mail_is_read_as_and_what_becomes_of_a_list() {
    let readme = Reading::of("README.md", "https://app.acme.example");
    readme.run("ssoctl init --public-url https://app.acme.example --sample-data");
    readme.reach_the_provider();
    let text = fs::read_to_string(readme.world.config()).unwrap();
    let trusting = "[ticket]\ntrusted_authserv_id = \"mx.example.com\"\n";
    readme.world.write("ssoctl.toml", text.replace("[ticket]\n", trusting));
    let (issuer, id, secret) = (readme.provider.issuer(), readme.provider.client_id(), readme.provider.client_secret());
    let mail = format!(
        "Authentication-Results: mx.example.com; dmarc=pass header.from=acme.example\r\n\
         From: Jane Doe <jane@acme.example>\r\nTo: support@example.com\r\nSubject: Single sign-on [#48213]\r\n\
         Content-Type: text/html; charset=utf-8\r\n\r\n\
         <p>Hello,<br>we are ready:<br>Client ID: {id}<br>Client secret: {secret}<br>\
         Issuer: {issuer}/.well-known/openid-configuration<br><br>\
         owner: jane@acme.example</p>\r\n"
    );
    readme.world.write("request.eml", mail);
    readme.expect(&["ssoctl ticket --check request.eml"]);

    fs::create_dir(readme.world.path("secrets")).unwrap();
    for (from, to) in [("secret.txt", "secrets/acme.txt"), ("cut.txt", "secrets/cut.txt")] {
        fs::copy(readme.world.path(from), readme.world.path(to)).unwrap();
    }
    readme.world.write("requests.csv", readme.shown(&["cat requests.csv"]));
    readme.expect(&["ssoctl bulk requests.csv --dry-run"]);
}

#[test]
fn the_readme_shows_what_a_product_of_ones_own_looks_like() {
    let database = Database::new();
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/schemas/accounts_users.sql");
    database.sql(&fs::read_to_string(schema).unwrap());
    let world = World::over(database);
    let public_url = "https://app.shop.example";
    let connection = format!("[database]\nurl = \"{}\"\nschema = \"sso\"\n", world.server().url());
    world.write("ssoctl.toml", format!("public_url = \"{public_url}\"\n\n{connection}"));
    let mut readme = Reading::within(world, "README.md", public_url);
    readme.section = "## Point it at your product in ten minutes";
    readme.expect(&["ssoctl init"]);
    readme.expect(&["ssoctl doctor --offline"]);
    let text = fs::read_to_string(readme.world.config()).unwrap();
    readme.world.write("ssoctl.toml", text + "\n[network]\n");
    readme.reach_the_provider();
    readme.expect(&["ssoctl onboard --ticket 48213"]);
}

#[test]
fn a_line_is_held_against_the_page_but_for_what_differs_from_run_to_run() {
    let lines = |text: &str| masked_lines(text.lines());
    let page = lines(
        "a 2026-11-21 23:27:25\n…\ntoken ssoctl_scim_be4d…\n pass  x      4 ms\nid 01a2006f-a1a9-750b-b2a0-9ba241c74573",
    );
    let found = "a 2026-11-28 03:07:05\nb\nc\ntoken ssoctl_scim_Qq\n pass  x  104 ms\nid 01a2006f-a1a9-750b-b2a0-000000000000\n\n";
    assert!(matches(&page, &lines(found)));
    assert!(!matches(&page, &lines(&found.replace("pass", "fail"))));
    assert!(!matches(&page, &lines(&format!("{found}more"))));
    assert_eq!(masked("ticket 48213 team 1042"), "ticket 48213 team 1042");
}
