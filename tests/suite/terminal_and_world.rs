//! The terminal and the world do what they say, shown with a shell in the binary's place.

use crate::support::tty::Terminal;
use crate::support::world::World;

#[test]
fn a_program_on_the_terminal_sees_a_terminal_of_the_promised_size() {
    let ended = Terminal::of("sh", ["-c", "test -t 0 && test -t 1 && test -t 2 && stty size"]).finish();
    assert_eq!((ended.code, ended.text().trim()), (Some(0), "40 120"));
}

#[test]
fn a_line_is_typed_at_a_prompt_and_everything_is_captured() {
    let mut terminal = Terminal::of("sh", ["-c", "printf 'name? '; read name; echo \"hello $name\"; exit 7"]);
    terminal.expect("name? ").send_line("Jane").expect("hello Jane");
    let ended = terminal.finish();
    assert_eq!((ended.code, ended.text().as_str()), (Some(7), "name? Jane\nhello Jane\n"));
}

#[test]
fn a_hidden_answer_is_not_on_the_screen_and_a_shown_one_is() {
    let script = "stty -echo; printf 'secret? '; read secret; stty echo; printf '\\nname? '; read name; echo ok";
    let mut terminal = Terminal::of("sh", ["-c", script]);
    terminal.expect("secret? ").send_line("CANARY-hidden").expect("name? ").send_line("CANARY-shown").expect("ok");
    let screen = terminal.finish().screen;
    assert!(!screen.contains("CANARY-hidden") && screen.contains("CANARY-shown"), "{screen}");
}

#[test]
fn an_interrupt_reaches_the_program() {
    let mut terminal =
        Terminal::of("sh", ["-c", "trap 'echo caught; exit 130' INT; echo ready; while :; do sleep 0.05; done"]);
    terminal.expect("ready").interrupt().expect("caught");
    assert_eq!(terminal.finish().code, Some(130));
}

#[test]
fn a_program_ended_by_a_signal_has_no_exit_status() {
    let ended = Terminal::of("sh", ["-c", "kill -9 $$"]).finish();
    assert_eq!(ended.code, None);
}

#[test]
fn the_window_can_change_its_size() {
    let mut terminal = Terminal::of("sh", ["-c", "echo ready; read line; stty size"]);
    terminal.expect("ready").resize(60, 20).send_line("").expect("20 60");
    assert_eq!(terminal.finish().code, Some(0));
}

#[test]
#[should_panic(expected = "did not appear")]
fn text_that_never_comes_fails_the_test() {
    Terminal::of("sh", ["-c", "echo something else"]).expect("ready");
}

#[test]
fn a_world_passes_on_nothing_but_a_path_a_home_and_a_language() {
    let world = World::empty();
    let run = world.with_env("SSOCTL_TEST", "1").program("env", [""; 0]).expect_code(0);
    let mut names: Vec<&str> = run.stdout.lines().filter_map(|line| Some(line.split_once('=')?.0)).collect();
    names.sort_unstable();
    assert_eq!(names, ["HOME", "LC_ALL", "PATH", "SSOCTL_TEST"]);
    assert!(run.stdout.contains(&format!("HOME={}", world.folder().display())));
}

#[test]
fn a_world_keeps_streams_status_and_input_apart() {
    let run = World::empty().with_stdin("in").program("sh", ["-c", "cat; echo err >&2; exit 3"]);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str(), run.code), ("in", "err\n", Some(3)));
}

#[test]
fn a_world_reads_and_writes_its_database_file() {
    let world = World::empty();
    world.sql("CREATE TABLE teams (id INTEGER, name TEXT)");
    world.sql("INSERT INTO teams VALUES (1, 'Acme'), (2, NULL)");
    assert_eq!(world.sql("SELECT id, name FROM teams ORDER BY id"), [["1", "Acme"], ["2", "NULL"]]);
}

#[test]
fn a_world_finds_the_files_that_a_secret_leaked_into() {
    let world = World::empty();
    assert!(world.files_containing("CANARY").is_empty());
    std::fs::create_dir(world.path("logs")).unwrap();
    let leak = world.write("logs/log.txt", b"\xff\x00CANARY\x00");
    assert_eq!(world.files_containing("CANARY"), [leak]);
}

#[test]
fn a_world_has_a_configuration_that_the_product_can_read() {
    let config = ssoctl::config::Config::find(Some(&World::empty().config())).unwrap();
    assert_eq!(config.public_url, "https://app.example.com");
}
