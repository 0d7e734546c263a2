//! The product that the case list speaks of: teams that are ready, and one for each thing that can be in the way.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::OnceLock;

use super::provider::RunningProvider;
use super::world::{Run, World};

/// A world with the product of the case list, and nothing else in it.
///
/// Made once a process, and copied from then on.
pub fn acme_corp() -> World {
    static MADE: OnceLock<[(&str, Vec<u8>); 2]> = OnceLock::new();
    let files = MADE.get_or_init(|| {
        let world = World::empty();
        world.ssoctl(["init"]).expect_code(0);
        for statement in PRODUCT {
            world.sql(statement);
        }
        assert!(!world.path("ssoctl.db-wal").exists(), "the file alone would not be the whole database");
        ["ssoctl.db", "ssoctl.key"].map(|name| (name, std::fs::read(world.path(name)).unwrap()))
    });
    let world = World::empty();
    for (name, content) in files {
        let path = world.write(name, content);
        std::fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
    }
    world
}

/// `onboard` for `owner` at `provider`, as a script would: JSON, no questions.
pub fn onboard(world: &World, provider: &RunningProvider, owner: &str, further: &[&str]) -> Run {
    let mut arguments: Vec<String> =
        ["onboard", "--yes", "--output", "json", "--owner", owner, "--issuer", provider.issuer()]
            .map(str::to_owned)
            .to_vec();
    arguments.extend(["--client-id", provider.client_id(), "--client-secret-stdin"].map(str::to_owned));
    arguments.extend(provider.access());
    arguments.extend(further.iter().map(|&word| word.to_owned()));
    world.with_stdin(provider.client_secret()).ssoctl(arguments)
}

/// How many connections are switched on, and what the audit log says was done, oldest first.
pub fn written(world: &World) -> (usize, Vec<String>) {
    let active = world.sql("SELECT id FROM sso_connections WHERE status = 'active'").len();
    let actions = world.sql("SELECT action FROM sso_audit_log ORDER BY seq").concat();
    (active, actions)
}

const PRODUCT: [&str; 4] = [
    "INSERT INTO product_users (id, email, name, active) VALUES
        ('u1', 'owner@acme-corp.com', 'Olga Owner', 1),
        ('u2', 'member@acme-corp.com', 'Max Member', 1),
        ('u3', 'owner@beta-corp.com', 'Bea Owner', 1),
        ('u4', 'owner@rival.com', 'Rita Rival', 1),
        ('u5', 'two@twoteams.com', 'Tom Twoteams', 1),
        ('u6', 'gone@inactive.com', 'Gil Gone', 0),
        ('u7', 'owner@small.com', 'Sam Small', 1),
        ('u8', 'boss@gmail.com', 'Boss One', 1),
        ('u9', 'boss@mailinator.com', 'Boss Two', 1),
        ('u10', 'inhaber@müller-gmbh.de', 'Ina Haber', 1)",
    "INSERT INTO product_teams (id, name, owner_id, plan, management_enabled) VALUES
        ('team_acme', 'Acme', 'u1', 'Scale Plus', 1),
        ('team_beta', 'Beta', 'u3', 'Scale Plus', 1),
        ('team_rival', 'Rival', 'u4', 'Scale Plus', 1),
        ('team_one', 'One of two', 'u5', 'Scale Plus', 1),
        ('team_two', 'Two of two', 'u5', 'Scale Plus', 1),
        ('team_gone', 'Gone', 'u6', 'Scale Plus', 1),
        ('team_small', 'Small', 'u7', 'Starter', 1),
        ('team_gmail', 'Gmail', 'u8', 'Scale Plus', 1),
        ('team_mailinator', 'Mailinator', 'u9', 'Scale Plus', 1),
        ('team_mueller', 'Müller', 'u10', 'Scale Plus', 1)",
    "INSERT INTO product_memberships (user_id, team_id, role, since)
        SELECT owner_id, id, 'owner', '2024-01-01' FROM product_teams",
    "INSERT INTO product_memberships (user_id, team_id, role, since) VALUES
        ('u2', 'team_acme', 'member', '2024-03-01')",
];
