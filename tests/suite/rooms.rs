//! The rooms of the source know each other as ARCHITECTURE.md says, and no further.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

type Rooms = BTreeMap<String, BTreeSet<String>>;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The names in backticks.
fn names(cell: &str) -> BTreeSet<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn drawn() -> Rooms {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let table = text.split_once("| room | knows |").unwrap().1.split_once("\n\n").unwrap().0;
    let rows = table.lines().filter(|line| line.starts_with("| `"));
    rows.flat_map(|row| {
        let cells: Vec<&str> = row.split('|').collect();
        let known = names(cells[2]);
        names(cells[1]).into_iter().map(move |room| (room, known.clone()))
    })
    .collect()
}

fn built() -> Rooms {
    let mut rooms = Rooms::new();
    for file in files(&root().join("src")) {
        let inside = file.strip_prefix(root().join("src")).unwrap();
        let room = inside.components().next().unwrap().as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned();
        if ["main", "lib"].contains(&room.as_str()) {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
        let known = lines.flat_map(|line| line.split("crate::").skip(1)).map(|path| {
            path.split(|one: char| !one.is_alphanumeric() && one != '_').next().unwrap_or_default().to_owned()
        });
        let of_room = rooms.entry(room.clone()).or_default();
        of_room.extend(known.filter(|other| *other != room));
    }
    rooms
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() && !["tests", "conformance"].contains(&name.as_str()) {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|kind| kind == "rs") && name != "tests.rs" {
            found.push(path);
        }
    }
    found
}

#[test]
fn the_rooms_know_each_other_as_the_architecture_says() {
    let (drawn, built) = (drawn(), built());
    assert!(built.len() > 10, "{built:?}");
    assert_eq!(drawn, built);
}

#[test]
fn nothing_below_the_command_line_knows_the_terminal() {
    for (room, known) in built() {
        assert!(room == "cli" || !known.contains("ui"), "{room} knows ui");
    }
}
