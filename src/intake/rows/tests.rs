//! Whole files, as spreadsheets, help desks and strangers write them.

use std::io::{Cursor, Read};
use std::os::unix::fs::PermissionsExt as _;

use secrecy::ExposeSecret as _;

use super::*;
use crate::intake::{PastedMetadata, SecretSource};

fn rows_of(input: impl Read + Send + 'static, folder: &std::path::Path) -> Result<Vec<Row>, RowsError> {
    let mut rows = Rows::open(Box::new(input), folder.to_owned())?;
    let mut all = Vec::new();
    while let Some(row) = rows.next_row()? {
        all.push(row);
    }
    Ok(all)
}

fn read(text: impl Into<Vec<u8>>) -> Result<Vec<Row>, RowsError> {
    rows_of(Cursor::new(text.into()), std::path::Path::new("."))
}

fn refused(text: &str) -> String {
    let error = read(text).unwrap_err();
    format!("{error}; {}", error.next())
}

fn codes_of(findings: &[Finding]) -> Vec<&'static str> {
    findings.iter().map(|finding| finding.code).collect()
}

/// Line, owner and secret of each row, or its codes.
fn seen(rows: &[Row]) -> Vec<(u64, String)> {
    let words = |row: &Row| match &row.content {
        Ok(row) if !row.draft.noted.is_empty() => codes_of(&row.draft.noted).join(" "),
        Ok(row) => {
            let secret = row.draft.client_secret.as_ref().map(|secret| secret.text.expose_secret().to_owned());
            format!("{} {}", row.draft.owner.clone().unwrap_or_default(), secret.unwrap_or_default())
        }
        Err(findings) => codes_of(findings).join(" "),
    };
    rows.iter().map(|row| (row.line, words(row))).collect()
}

const HEADER: &str = "owner,issuer,client_id,client_secret\n";

fn one(line: u64, words: &str) -> (u64, String) {
    (line, words.to_owned())
}

#[test]
fn columns_stand_in_any_order_under_any_of_their_names() {
    let text = "Client ID;Client Secret;Issuer URL;Owner E-Mail\n0oa1;s3;https://a.example;jane@acme.example\n";
    let rows = read(text).unwrap();
    assert_eq!(seen(&rows), [one(2, "jane@acme.example s3")]);
    let draft = &rows[0].content.as_ref().unwrap().draft;
    assert_eq!((draft.issuer.as_deref(), draft.client_id.as_deref()), (Some("https://a.example"), Some("0oa1")));
}

#[test]
fn every_delimiter_that_spreadsheets_use_is_recognised() {
    for delimiter in [",", ";", "\t", "|"] {
        let text = format!("{HEADER}a@x.example,https://a.example,0oa1,s\r\n").replace(',', delimiter);
        assert_eq!(seen(&read(text).unwrap()), [one(2, "a@x.example s")], "{delimiter:?}");
    }
    // A delimiter inside quotes decides nothing.
    let text = "\"owner\";\"issuer\";\"client_id\";\"client_secret\"\n\"a,b,c,d,e,f\";x;y;z\n";
    assert_eq!(seen(&read(text).unwrap()), [one(2, "a,b,c,d,e,f z")]);
}

#[test]
fn a_first_line_that_names_the_separator_is_followed() {
    // csv-010
    let text = format!("sep=;\r\n{}a@x.example;i;c;s\n", HEADER.replace(',', ";"));
    assert_eq!(seen(&read(text).unwrap()), [one(3, "a@x.example s")]);
}

#[test]
fn a_separator_is_followed_as_spreadsheets_leave_it_behind() {
    let rows = format!("{}a@x.example;i;c;s\n", HEADER.replace(',', ";"));
    for first in ["SEP=;", "\"sep=;\"", "sep=;;;", "sep=; ", "\"sep=;\";;;", "Sep=,;;;", "\"sep=,\";;"] {
        for end in ["\n", "\r\n", "\r"] {
            let text = format!("# a remark\n{first}\n\n# another\n;;;\n{rows}").replace('\n', end);
            assert_eq!(seen(&read(text).unwrap()), [one(7, "a@x.example s")], "{first:?} {end:?}");
        }
    }
    for first in ["sep=:", "sep=;owner"] {
        assert!(refused(&format!("{first}\n{rows}")).contains("`sep=…`, names another separator"), "{first}");
    }
}

#[test]
fn a_header_that_begins_like_a_remark_is_one_where_no_other_follows() {
    for (text, expected) in [
        ("# owner,issuer,client_id,client_secret\na,i,c,s\n", one(2, "a s")),
        ("#ticket,owner,issuer,client_id,client_secret\n#1,a,i,c,s\n", one(2, "a s")),
        ("# remark\n# owner;issuer;client_id;client_secret\r\na;i;c;s\n", one(3, "a s")),
        ("# owner,issuer,client_id,client_secret\nowner,issuer,client_id,client_secret\na,i,c,s\n", one(3, "a s")),
        ("# owner, issuer, client_id\n# as sent\nowner,issuer,client_id,client_secret\na,i,c,s\n", one(4, "a s")),
        ("# owner, issuer, client_id\n{\"owner\":\"a\",\"client_secret\":\"s\"}\n", one(2, "a s")),
    ] {
        assert_eq!(seen(&read(text).unwrap()), [expected], "{text:?}");
    }
    assert!(read("# owner,issuer,client_id,client_secret\n").unwrap().is_empty());
    assert!(refused("# owner,issuer,client_id,client_secert\na,i,c,s\n").contains("did you mean `client_secret`?"));
    assert!(refused("#,owner,issuer,client_id,client_secret\n1,a,i,c,s\n").contains("there is no column `#`"));
}

#[test]
fn a_header_with_line_breaks_and_characters_that_nobody_sees_is_read() {
    let text = "\"Owner\nE-Mail\";\"Issuer \r\n URL\";Client\u{a0}ID ;\u{200b}Client Secret\u{feff}\na;i;c;s\n";
    assert_eq!(seen(&read(text).unwrap()), [one(4, "a s")]);
    let text = format!("# a remark\n\u{feff}{HEADER}a,i,c,s\n");
    assert_eq!(seen(&read(text).unwrap()), [one(3, "a s")]);
    let said = refused("owner,issuer,client_id,client_secret,sh\u{200b}oe\u{a0}size\n");
    assert!(said.contains("there is no column `sh\\u{200b}oe"), "{said}");
}

#[test]
fn quotes_commas_and_line_breaks_stay_inside_their_value_and_lines_are_counted_on() {
    // csv-011
    let text = format!("{HEADER}a@x.example,i,c,\"CAN,ARY\"\"1\nline2\"\r\n\r\n\nb@x.example,i,c,s\n");
    assert_eq!(seen(&read(text).unwrap()), [one(2, "a@x.example CAN,ARY\"1\nline2"), one(6, "b@x.example s")]);
}

#[test]
fn line_ends_of_every_kind_are_counted() {
    for end in ["\n", "\r\n", "\r"] {
        let text = format!("{HEADER}a,i,c,1\nb,i,c,2\n").replace('\n', end);
        assert_eq!(seen(&read(text).unwrap()), [one(2, "a 1"), one(3, "b 2")], "{end:?}");
    }
}

#[test]
fn marks_and_utf_16_are_read() {
    let text = format!("\u{feff}{HEADER}jane@bücher.example,i,c,s\n");
    assert_eq!(seen(&read(text.clone()).unwrap()), [one(2, "jane@bücher.example s")]);
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(seen(&read(wide).unwrap()), [one(2, "jane@bücher.example s")]);
}

#[test]
fn remarks_stand_above_the_header_and_a_number_sign_further_down_is_a_value() {
    let text = "# a remark, with a \"quote\n\n# another\nticket,owner,issuer,client_id,client_secret\n#1,a,i,c,s\n";
    let rows = read(text).unwrap();
    assert_eq!(seen(&rows), [one(5, "a s")]);
    assert_eq!(rows[0].content.as_ref().unwrap().draft.ticket.as_deref(), Some("#1"));
}

#[test]
fn rows_without_values_are_passed_over_and_missing_ends_of_rows_are_empty() {
    let text = "owner,issuer,client_id,client_secret,ticket\n,,,,\n  ,,,,\na,i,c,s\nb,i,c,s,,,\n";
    assert_eq!(seen(&read(text).unwrap()), [one(4, "a s"), one(5, "b s")]);
}

#[test]
fn a_row_with_more_values_than_columns_is_refused_alone() {
    let text = format!("{HEADER}a,i,c,s,extra\nb,i,c,s\n");
    assert_eq!(seen(&read(text).unwrap()), [one(2, "row_syntax"), one(3, "b s")]);
}

#[test]
fn a_quote_that_is_never_closed_is_said_and_not_taken_for_a_value() {
    let text = format!("{HEADER}a,i,c,s\nb,i,c,\"s\nc,i,c,s\nd,i,c,s\n");
    assert_eq!(seen(&read(text).unwrap()), [one(2, "a s"), one(3, "row_syntax")]);
}

#[test]
fn bytes_that_are_no_text_refuse_their_row_alone() {
    let mut text = format!("{HEADER}a,i,c,s\n").into_bytes();
    text.extend(b"b\xFCrger@x.example,i,c,s\nc,i,c,s\n");
    assert_eq!(seen(&read(text).unwrap()), [one(2, "a s"), one(3, "row_encoding"), one(4, "c s")]);
}

#[test]
fn an_endless_row_is_refused_and_the_next_one_read() {
    // csv-043
    let endless = format!("a,i,c,{}\n", "x".repeat(3 * ROW_BYTES));
    let text = format!("{HEADER}{endless}b,i,c,s\n");
    assert_eq!(seen(&read(text).unwrap()), [one(2, "input_too_long"), one(3, "b s")]);
    let objects =
        format!("{{\"owner\":\"a\"}}\n{{\"owner\":\"{}\"}}\n{{\"owner\":\"b\"}}\n", "x".repeat(3 * ROW_BYTES));
    assert_eq!(seen(&read(objects).unwrap()), [one(1, "a "), one(2, "input_too_long"), one(3, "b ")]);
}

#[test]
fn a_row_of_just_under_the_limit_is_read() {
    let secret = "x".repeat(ROW_BYTES - 20);
    let text = format!("{HEADER}a,i,c,{secret}\nb,i,c,s\n");
    let rows = read(text).unwrap();
    assert_eq!(seen(&rows), [one(2, &format!("a {secret}")), one(3, "b s")]);
}

#[test]
fn unknown_columns_are_refused_by_name_with_the_nearest_known_one() {
    // csv-018
    let said = refused("team,owner_email,issuer,client_id,client_secert,shoe size\n");
    assert!(said.contains("`client_secert` (did you mean `client_secret`?)") && said.contains("`shoe size`"), "{said}");
}

#[test]
fn a_missing_column_and_one_that_is_there_twice_are_refused() {
    // csv-014, csv-016
    assert!(refused("team,owner_email,issuer,client_id\nx,y,z,1\n").contains("the column `client_secret` is missing"));
    assert!(refused("team,issuer\n").contains("`owner`, `client_id`, `client_secret` are missing"));
    assert!(
        refused("team,Team ID,owner,issuer,client_id,secret\n")
            .contains("two columns are `team`: `team` and `Team ID`")
    );
}

#[test]
fn a_table_without_a_header_is_refused_without_repeating_its_values() {
    let said = refused("jane@acme.example,https://a.example,0oa1,CANARY-secret\n");
    assert!(said.contains("does not name the columns") && !said.contains("CANARY"), "{said}");
}

#[test]
fn a_header_with_a_row_glued_to_it_is_refused_without_repeating_its_values() {
    for line in [
        "team,owner,issuer,client_id,client_secret team_acme,jane@acme.example,https://a.example,0oa1,CANARY-secret\n",
        "owner,issuer,client_id,client_secret: CANARY-secret\n",
    ] {
        let said = refused(line);
        assert!(said.contains("values beside names of columns") && !said.contains("CANARY"), "{said}");
    }
}

#[test]
fn a_first_line_that_is_no_object_is_a_bad_row_like_any_other() {
    let object = r#"{"owner":"a@x.example","issuer":"https://a.example","client_id":"c","client_secret":"s"}"#;
    for first in ["// a remark", "null", "\"text\"", "wner\":\"cut in front\"}", "42"] {
        let rows = read(format!("{first}\n{object}\n")).unwrap();
        assert_eq!(rows.len(), 2, "{first}");
        let fault = rows[0].content.as_ref().unwrap_err();
        assert_eq!((rows[0].line, fault[0].code), (1, "row_syntax"), "{first}");
        assert_eq!(seen(&rows[1..]), [one(2, "a@x.example s")], "{first}");
    }
    assert!(refused("// a remark\n{\n\"owner\": \"a@x.example\"\n}\n").contains("does not name the columns"));
}

#[test]
fn remarks_without_end_take_no_time() {
    let started = std::time::Instant::now();
    for remark in ["#\n", "# a, b\n"] {
        let rows = read(remark.repeat(100_000) + HEADER + "a@x.example,https://a.example,c,s\n").unwrap();
        assert_eq!(seen(&rows), [one(100_002, "a@x.example s")]);
    }
    assert!(started.elapsed() < std::time::Duration::from_secs(10), "{:?}", started.elapsed());
}

#[test]
fn files_of_another_kind_are_recognised() {
    for (text, words) in [
        ("", "empty"),
        ("\n\n", "empty"),
        ("# only a remark\n", "empty"),
        ("PK\u{3}\u{4}xx", "workbook"),
        ("[{\"owner\":\"a\"}]", "jq -c"),
        ("<html>", "XML or HTML"),
        ("%PDF-1.7", "PDF"),
        ("{\\rtf1\\ansi owner,issuer\\par\n}", "RTF"),
        ("PK\u{5}\u{6}", "archive"),
        ("[\n  {\n    \"owner\": \"a\"\n  }\n]\n", "jq -c '.[]'"),
        ("{\n  \"owner\": \"a\",\n  \"issuer\": \"b\"\n}\n", "JSON over several lines"),
        ("# a remark\n{\r\n\r\n  \"owner\": \"a\"\r\n}\r\n", "jq -c . FILE"),
        ("{\"owner\": \"a\",\n\"issuer\": \"b\"}\n{\"owner\": \"c\",\n\"issuer\": \"d\"}\n", "JSON over several lines"),
    ] {
        assert!(refused(text).contains(words), "{text:?}: {}", refused(text));
    }
}

#[test]
fn a_header_alone_is_a_list_of_nobody() {
    assert!(read(HEADER).unwrap().is_empty());
}

#[test]
fn objects_are_read_with_their_lines_and_remarks_passed_over() {
    // jsl-003
    let text = "\u{feff}# a remark\r\n{\"owner_email\":\"a\",\"client_secret\":\"s\"}\r\n\r\n  {\"owner\":\"b\"}\nnonsense\n{\"owner\":\"c\"}";
    assert_eq!(seen(&read(text).unwrap()), [one(2, "a s"), one(4, "b "), one(5, "row_syntax"), one(6, "c ")]);
}

#[test]
fn nul_bytes_are_refused_where_they_stand() {
    let rows = read(format!("{HEADER}a\0@x.example,https://a.example,c,s\n")).unwrap();
    let (request, _) = rows.into_iter().next().unwrap().normalise(50, &[]);
    assert!(request.findings.iter().any(|finding| finding.code == "control_character"), "{:?}", request.findings);
    assert_eq!(seen(&read("{\"owner\":\"a\0\"}").unwrap()), [one(1, "row_syntax")]);
}

#[test]
fn an_object_without_values_is_a_request_that_lacks_them_all() {
    for empty in ["{}", r#"{"owner": null, "ticket": " "}"#] {
        let mut rows = read(format!("{{\"owner\":\"a@x.example\"}}\n{empty}\n")).unwrap();
        assert_eq!(rows.len(), 2, "{empty}");
        assert_eq!(rows[1].line, 2, "{empty}");
        let (request, _) = rows.remove(1).normalise(50, &[]);
        assert!(request.findings.iter().all(|finding| finding.code == "value_missing"), "{:?}", request.findings);
        assert!(!request.findings.is_empty(), "{empty}");
    }
}

#[test]
fn a_secret_comes_by_one_way_only() {
    let text = "owner,issuer,client_id,client_secret,client_secret_env\na,i,c,s,HOME\n";
    assert_eq!(seen(&read(text).unwrap()), [one(2, "secret_twice")]);
}

#[test]
fn what_programs_write_for_nothing_is_nothing() {
    let text = r#"{"owner":"a","issuer":"i","client_id":"c","client_secret":"s","client_secret_file":"","client_secret_env":" ","team":"","ticket":"","domains":"","vouch_domains":["", " "],"requested_by":"","metadata":"","entity_id":null}"#;
    let row = read(text).unwrap().remove(0).content.unwrap();
    assert_eq!(
        (row.team, row.draft.ticket, row.draft.domains.len(), row.draft.vouched_domains.len()),
        (None, None, 0, 0)
    );
    assert!(row.draft.client_secret.is_some() && row.draft.metadata.is_none() && row.draft.requested_by.is_none());
}

#[test]
fn a_secret_comes_from_a_file_in_the_folder_and_from_no_other() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("list")).unwrap();
    let list = folder.path().join("list");
    std::fs::write(list.join("mine.txt"), "s3cret\n").unwrap();
    std::fs::set_permissions(list.join("mine.txt"), std::fs::Permissions::from_mode(0o644)).unwrap();
    std::fs::write(folder.path().join("other.txt"), "CANARY").unwrap();
    std::os::unix::fs::symlink("../other.txt", list.join("link.txt")).unwrap();
    let absolute = list.join("mine.txt").display().to_string();
    let read = |value: &str| {
        let text = format!("owner,issuer,client_id,client_secret_file\na,i,c,{value}\n");
        rows_of(Cursor::new(text), &list).unwrap().remove(0)
    };
    for value in ["mine.txt", "./mine.txt", &absolute] {
        let row = read(value).content.unwrap();
        let secret = row.draft.client_secret.unwrap();
        assert_eq!(secret.text.expose_secret(), "s3cret\n", "{value}");
        assert_eq!(secret.source, SecretSource::File { world_readable: true });
    }
    for value in ["../other.txt", "link.txt", "/etc/passwd", "missing.txt", ".", "/dev/zero"] {
        let findings = read(value).content.unwrap().draft.noted;
        assert_eq!(codes_of(&findings), ["secret_unreadable"], "{value}");
        assert!(!format!("{findings:?}").contains("CANARY") && !findings[0].fact.contains("other.txt"), "{findings:?}");
    }
}

#[test]
fn what_cannot_be_had_of_a_row_leaves_the_rest_to_be_judged() {
    for (object, codes) in [
        (r#""issuer":"https://a.example","client_id":"0oa1","client_secret_file":"nowhere.txt""#, "secret_unreadable"),
        (
            r#""issuer":"https://a.example","client_id":"0oa1","client_secret":"s","client_secret_env":"X""#,
            "secret_twice",
        ),
        (r#""issuer":"https://a.example","client_id":7,"client_secret":"v3ry-l0ng-s3cret-w0rd""#, "row_field_type"),
        (r#""issuer":"a","issuer":"b","client_id":"0oa1","client_secret":"v3ry-l0ng-s3cret-w0rd""#, "row_field_twice"),
        (r#""metadata":"nowhere.xml""#, "metadata_unreadable"),
        (
            r#""metadata":"nowhere.xml","colour":"red","domains":["bad!domain"]"#,
            "row_field_unknown metadata_unreadable domain_syntax",
        ),
    ] {
        let text = format!("{{\"ticket\":\"4711\",\"team\":\"t1\",\"owner\":\"jane@acme.example\",{object}}}");
        let (request, team) = read(text).unwrap().remove(0).normalise(50, &[]);
        assert_eq!(request.ticket.as_ref().map(ToString::to_string).as_deref(), Some("4711"), "{object}");
        assert_eq!(request.owner.as_ref().map(ToString::to_string).as_deref(), Some("jane@acme.example"), "{object}");
        assert_eq!(team.as_deref(), Some("t1"), "{object}");
        let failed: Vec<Finding> =
            request.findings.iter().filter(|one| one.level == crate::finding::Verdict::Fail).cloned().collect();
        assert_eq!(codes_of(&failed).join(" "), codes, "{object}");
        assert_eq!(request.saml().is_some(), object.contains("metadata"), "{object}");
    }
}

#[test]
fn what_the_installation_keeps_for_itself_is_no_rows_secret_under_any_name() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for name in ["list.csv", "ssoctl.toml", "mine.txt"] {
        std::fs::write(at(name), "CANARY").unwrap();
    }
    std::fs::hard_link(at("ssoctl.toml"), at("linked.txt")).unwrap();
    let read = |object: String| {
        let rows = Rows::open(Box::new(Cursor::new(object)), folder.path().to_owned()).unwrap();
        // PATH is there whatever runs this.
        let mut rows = rows.keeping(vec![at("list.csv"), at("ssoctl.toml"), at("nowhere")], vec!["PATH".to_owned()]);
        rows.next_row().unwrap().unwrap().normalise(50, &[]).0
    };
    let codes = |column: &str, value: &str| {
        let request = read(format!("{{\"owner\":\"a@acme.example\",\"{column}\":\"{value}\"}}"));
        request.findings.iter().map(|finding| finding.code).collect::<Vec<_>>()
    };
    for (column, value, code) in [
        ("client_secret_file", "list.csv", "secret_unreadable"),
        ("client_secret_file", "./ssoctl.toml", "secret_unreadable"),
        ("client_secret_file", "linked.txt", "secret_unreadable"),
        ("client_secret_env", "PATH", "secret_unreadable"),
        ("metadata", "ssoctl.toml", "metadata_unreadable"),
    ] {
        assert!(codes(column, value).contains(&code), "{column} {value}: {:?}", codes(column, value));
    }
    assert!(!codes("client_secret_file", "mine.txt").contains(&"secret_unreadable"));
}

#[test]
fn metadata_is_a_file_of_the_folder_an_address_or_the_document_itself() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("idp.xml"), "<x/>").unwrap();
    let read = |value: &str| {
        let text = format!("owner,metadata\na,\"{}\"\n", value.replace('"', "\"\""));
        rows_of(Cursor::new(text), folder.path()).unwrap().remove(0).content
    };
    let given = |value: &str| read(value).unwrap().draft.metadata.unwrap();
    let path = std::fs::canonicalize(folder.path().join("idp.xml")).unwrap().display().to_string();
    assert_eq!(given("idp.xml"), PastedMetadata::Word(path));
    let url = "https://idp.example/metadata?a=b";
    assert_eq!(given(url), PastedMetadata::Word(url.to_owned()));
    assert_eq!(given("idp.example/metadata?a=b"), PastedMetadata::Word(url.to_owned()));
    let document = "\n<?xml version=\"1.0\"?>\n<x/>";
    let content =
        PastedMetadata::Content { name: "line 2".to_owned(), bytes: std::sync::Arc::from(document.as_bytes()) };
    assert_eq!(given(document), content);
    for value in ["missing.xml", "../idp.xml", "/etc/passwd", "-"] {
        assert_eq!(codes_of(&read(value).unwrap().draft.noted), ["metadata_unreadable"], "{value}");
    }
}

#[test]
fn a_secret_comes_from_the_environment_but_not_from_this_programs_own_settings() {
    let read = |value: &str| {
        let text = format!("{{\"owner\":\"a\",\"client_secret_env\":\"{value}\"}}");
        self::read(text).unwrap().remove(0).content
    };
    // PATH is there whatever runs this.
    assert_eq!(read("PATH").unwrap().draft.client_secret.unwrap().source, SecretSource::Environment);
    for value in ["SSOCTL_DATABASE", "PGPASSWORD", "NO_SUCH_VARIABLE_HERE", "not a name"] {
        assert_eq!(codes_of(&read(value).unwrap().draft.noted), ["secret_unreadable"], "{value}");
    }
}

#[test]
fn the_templates_are_files_that_are_read() {
    for template in [CSV_TEMPLATE, JSONL_TEMPLATE] {
        let rows = read(template).unwrap();
        // The files that the examples name are not there.
        let codes: Vec<String> = seen(&rows).into_iter().map(|(_, codes)| codes).collect();
        assert_eq!(codes, ["secret_unreadable", "metadata_unreadable"]);
    }
}

#[test]
fn the_schema_of_a_request_names_every_column() {
    let schema: serde_json::Value = serde_json::from_str(REQUEST_SCHEMA).unwrap();
    let mut named: Vec<&str> = schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
    let mut known = columns::known();
    named.sort_unstable();
    known.sort_unstable();
    assert_eq!(named, known);
}

#[test]
fn a_stream_that_breaks_is_an_error_after_the_rows_before_it() {
    struct Breaking(Cursor<Vec<u8>>);
    impl Read for Breaking {
        fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
            match self.0.read(out)? {
                0 => Err(std::io::Error::other("the disk went away")),
                read => Ok(read),
            }
        }
    }
    let input = Breaking(Cursor::new(format!("{HEADER}a,i,c,s\n").into_bytes()));
    let mut rows = Rows::open(Box::new(input), std::path::PathBuf::from(".")).unwrap();
    assert!(rows.next_row().unwrap().is_some());
    assert!(matches!(rows.next_row(), Err(RowsError::Io(_))));
}

#[test]
fn a_quoted_value_that_goes_on_behind_its_quote_is_refused_and_not_mended() {
    for secret in ["\"CAN\"ARY1\"", "\"CAN\"ARY1", "\"CAN\\\"ARY1\"", "\"CANARY1\" "] {
        let text =
            format!("{HEADER}a@x.example,https://a.example,0oa1,{secret}\nb@x.example,https://b.example,0oa2,s\n");
        assert_eq!(seen(&read(text).unwrap()), [one(2, "row_syntax"), one(3, "b@x.example s")], "{secret}");
    }
    // RFC 4180 has no such value; what it says is plain all the same, with or without a line end behind it.
    for end in ["\n", ""] {
        let text = format!("{HEADER}a@x.example,https://a.example,0oa1,CAN\"ARY{end}");
        assert_eq!(seen(&read(text).unwrap()), [one(2, "a@x.example CAN\"ARY")]);
    }
}

#[test]
fn what_is_no_utf_16_is_one_rows_fault() {
    let utf_16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let mut bytes = utf_16(&format!("\u{feff}{HEADER}a@x.example,https://a.example,0oa1,CANARY"));
    bytes.extend([0x00, 0xD8]);
    bytes.extend(utf_16("\nb@x.example,https://b.example,0oa2,s\n"));
    assert_eq!(seen(&read(bytes).unwrap()), [one(2, "row_encoding"), one(3, "b@x.example s")]);
}

#[test]
fn a_team_that_is_the_secret_is_not_repeated() {
    let text = "team,owner,issuer,client_id,client_secret\nCANARY-1,a@acme.example,https://a.example,0oa1,CANARY-1\n";
    let (request, team) = read(text).unwrap().remove(0).normalise(50, &[]);
    assert_eq!(team, None);
    assert!(request.findings.iter().any(|finding| finding.code == "secret_elsewhere"));
}

#[test]
fn of_very_many_unknown_columns_a_few_are_named() {
    let names: String = (0..100_000).map(|number| format!(",x{number}")).collect();
    let said = refused(&format!("owner,issuer,client_id,client_secret{names}\n"));
    assert!(said.contains("`x7` and 99992 more") && said.len() < 1000, "{said}");
}

#[test]
fn a_number_that_a_spreadsheet_has_shortened_is_refused_as_that() {
    for number in ["1.23457E+15", "1,23457E+15", " 9E+99 ", "4.8E+105"] {
        let text = format!(
            "{HEADER}a@x.example,https://a.example,0oa1,\"{number}\"\nb@x.example,https://b.example,\"{number}\",s\n"
        );
        let rows = read(text).unwrap();
        assert_eq!(seen(&rows), [one(2, "row_number"), one(3, "row_number")], "{number}");
        let notes = format!("{:?}", rows[0].content.as_ref().unwrap().draft.noted);
        assert!(!notes.contains(number.trim()), "{notes}");
    }
    // None of these is one.
    for id in ["1.23457E15", "12.3E+15", "1.2.3E+15", "E+15", "1E+1", "aE+15", "1.E+15", "1E+15x", "0oa1E+15"] {
        let text = format!("{HEADER}a,i,{id},s\n");
        assert_eq!(seen(&read(text).unwrap()), [one(2, "a s")], "{id}");
    }
}

#[test]
fn what_a_spreadsheet_shows_for_a_formula_without_a_result_is_refused_as_that() {
    for fault in
        ["#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#WERT!", " #NULL! ", "#NV", "#BEZUG!", "#SPILL!", "Err:502"]
    {
        let text =
            format!("{HEADER}a@x.example,https://a.example,0oa1,{fault}\nb@x.example,https://b.example,{fault},s\n");
        assert_eq!(seen(&read(text).unwrap()), [one(2, "row_formula"), one(3, "row_formula")], "{fault}");
    }
    let (request, _) =
        read("{\"owner\":\"#N/A\",\"domains\":[\"a.example\",\"#REF!\"]}").unwrap().remove(0).normalise(50, &[]);
    let fault = |column| format!("`{column}` is `{}`", if column == "owner" { "#N/A" } else { "#REF!" });
    for column in ["owner", "domains"] {
        assert!(request.findings.iter().any(|finding| finding.fact.contains(&fault(column))), "{:?}", request.findings);
    }
    assert!(request.domains.is_empty());
    let text = format!("vouch_domains,client_secret_file,{HEADER}").replace(",client_secret\n", "\n")
        + "a.example #N/A,#REF!,a,i,c\n";
    assert_eq!(seen(&read(text).unwrap()), [one(2, "row_formula row_formula")]);
    let text = "owner,issuer,client_id,client_secret\n#¡REF!,i,c,s\n#¿NOMBRE?,i,c,s\n#PŘETEČENÍ!,i,c,s\n";
    assert!(seen(&read(text).unwrap()).iter().all(|(_, codes)| codes == "row_formula"));
    for written in ["=\"\"0oa1\"\"", "=HYPERLINK(\"\"https://a.example\"\")", "0oa1_x000D_", "_x000D_0oa1"] {
        for row in [format!("b@x.example,https://b.example,\"{written}\",s"), format!("b@x.example,i,c,\"{written}\"")]
        {
            assert_eq!(seen(&read(format!("{HEADER}{row}\n")).unwrap()), [one(2, "row_formula")], "{row}");
        }
    }
    // None of these is one.
    for secret in [
        "=s3cret",
        "=",
        "x000D",
        "#s3cret!",
        "#Password!",
        "#PASSWORD!",
        "#Abc",
        "a#N/A",
        "#N/A!x",
        "https://x.example/#N",
    ] {
        assert_eq!(seen(&read(format!("{HEADER}a,i,c,{secret}\n")).unwrap()), [one(2, &format!("a {secret}"))]);
    }
}

#[test]
fn one_object_that_is_cut_short_is_its_lines_fault_alone() {
    let text = "{\"owner\":\"a\",\n{\"owner\":\"b\"}\n";
    assert_eq!(seen(&read(text).unwrap()), [one(1, "row_syntax"), one(2, "b ")]);
    assert_eq!(seen(&read("{\"owner\":\"a\",\n\n").unwrap()), [one(1, "row_syntax")]);
}

#[test]
fn the_mark_by_which_dos_ends_a_text_is_no_row() {
    struct Dribble(Cursor<Vec<u8>>);
    impl Read for Dribble {
        fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
            let room = out.len().min(1);
            self.0.read(&mut out[..room])
        }
    }
    for (text, expected) in [
        (format!("{HEADER}a,i,c,s\r\n\u{1a}"), vec![one(2, "a s")]),
        (format!("{HEADER}a,i,c,s\u{1a}"), vec![one(2, "a s")]),
        ("{\"owner\":\"a\"}\r\n\u{1a}".to_owned(), vec![one(1, "a ")]),
        // Anywhere else it is part of what it stands in.
        (format!("{HEADER}a,i,c,s\u{1a}\u{1a}t\n"), vec![one(2, "a s\u{1a}\u{1a}t")]),
    ] {
        let wide: Vec<u8> = format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(seen(&read(text.clone()).unwrap()), expected, "{text:?}");
        assert_eq!(seen(&read(wide).unwrap()), expected, "{text:?}");
        let slowly = rows_of(Dribble(Cursor::new(text.clone().into_bytes())), std::path::Path::new("."));
        assert_eq!(seen(&slowly.unwrap()), expected, "{text:?}");
    }
}
