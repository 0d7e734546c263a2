//! What is no XML is not read, and nothing grows without end (rules ).

use super::super::xml::{ATTRIBUTES, DEPTH, Fault, FaultKind, NAMESPACES, Node, Reader};

fn nodes(text: &str) -> Result<Vec<Node>, Fault> {
    let mut reader = Reader::new(text.as_bytes(), 1 << 20);
    let mut nodes = Vec::new();
    loop {
        match reader.next()? {
            Node::Finish => return Ok(nodes),
            node => nodes.push(node),
        }
    }
}

fn skipped(text: &str) -> Result<(), Fault> {
    let mut reader = Reader::new(text.as_bytes(), 1 << 20);
    reader.next()?;
    reader.skip()?;
    while !matches!(reader.next()?, Node::Finish) {}
    Ok(())
}

fn text_of(text: &str) -> String {
    let parts = nodes(text).unwrap().into_iter();
    parts.filter_map(|node| if let Node::Text(part) = node { Some(part) } else { None }).collect()
}

#[test]
fn what_is_not_well_formed_is_refused_whether_it_is_kept_or_passed_over() {
    for text in [
        "",
        "   ",
        "words",
        "<a>",
        "<a></b>",
        "<a></a></a>",
        "</a>",
        "<a/><b/>",
        "<a/>words",
        "<a/>&amp;",
        "<a/><![CDATA[x]]>",
        "<a><b></a></b>",
        "<a b/>",
        "<a b=c/>",
        "<a b=\"1\"c=\"2\"/>",
        "<a b=\"1\" b=\"2\"/>",
        "<a b=\"<\"/>",
        "<a b=\"&\"/>",
        "<a b=\"&amp\"/>",
        "<a>&</a>",
        "<a>& b</a>",
        "<a>&nbsp;</a>",
        "<a b='&nbsp;'/>",
        "<a>&#0;</a>",
        "<a>&#x1F;</a>",
        "<a>&#xD800;</a>",
        "<a>&#xFFFE;</a>",
        "<a>\u{1}</a>",
        "<a b='\u{1}'/>",
        "<a>]]></a>",
        "<a><!-- -- --></a>",
        "<a><!-- </a>",
        "<a><?xml version='1.0'?></a>",
        "<a><?XML x?></a>",
        "<a><?1 x?></a>",
        " <?xml version='1.0'?><a/>",
        "<!-- x --><?xml version='1.0'?><a/>",
        "<?xml version='1.1'?><a/>",
        "<?xml encoding='UTF-8'?><a/>",
        "<?xml version='1.0'?><?xml version='1.0'?><a/>",
        "<?xml version='1.0' standalone='maybe'?><a/>",
        "<?xml version='1.0' standalone='yes' encoding='UTF-8'?><a/>",
        "<?xml version='1.0' foo='bar'?><a/>",
        "<?xml version='1.0' version='1.0'?><a/>",
        "<?xml version='1.0'encoding='UTF-8'?><a/>",
        "<?xml version='1.0' encoding=' UTF-8 '?><a/>",
        "<a><!-- \u{1} --></a>",
        "<a><?b \u{1} ?></a>",
        "<a xmlns='http://www.w3.org/2000/xmlns/'/>",
        "<a xmlns='http://www.w3.org/XML/1998/namespace'/>",
        "<!DOCTYPE a><a/>",
        "<!doctype a><a/>",
        "<a><!DOCTYPE b></a>",
        "<!ENTITY x 'y'><a/>",
        "<1/>",
        "<a:b:c xmlns:a='x'/>",
        "<:a/>",
        "<a:/>",
        "<a/ >",
        "< a/>",
        "<p:a/>",
        "<a p:b='1'/>",
        "<a><b xmlns:p='urn:p'/><p:c/></a>",
        "<a xmlns:p=''/>",
        "<a xmlns:p='urn:&#112;'/>",
        "<a xmlns:xml='urn:x'/>",
        "<a xmlns:xmlns='urn:x'/>",
        "<a xmlns:p='http://www.w3.org/XML/1998/namespace'/>",
        "<a xmlns:p='urn:x' xmlns:q='urn:x' p:b='1' q:b='2'/>",
        "<a \u{201c}b\u{201d}='1'/>",
        "<a b=\u{201c}1\u{201d}/>",
    ] {
        assert!(nodes(text).is_err(), "{text} was read");
        assert!(skipped(text).is_err(), "{text} was passed over");
    }
}

#[test]
fn what_is_well_formed_is_read() {
    for text in [
        "<a/>",
        "\n <a/> \n",
        "<?xml version='1.0' encoding=\"UTF-8\" standalone='yes'?>\n<a/>",
        "<!-- x --><?style x?><a/><!-- y --><?z?>",
        "<a b='1' c=\"2\"\n d = '3'></a >",
        "<?xml  version = '1.0'\nencoding='utf-8' ?><a/>",
        "<?xml version='1.0' standalone='no'?><a xmlns:xml='http://www.w3.org/XML/1998/namespace'/>",
        "<a xmlns:p='urn:x' xmlns:q='urn:y' p:b='1' q:b='2' b='3'/>",
        "<a b='>'>></a>",
        "<é:ä xmlns:é='urn:é' é:ö='ü'/>",
        "<a xmlns='urn:a'><b xmlns=''/></a>",
        "<p:a xmlns:p='urn:p'><p:b xmlns:p='urn:q'/></p:a>",
    ] {
        assert!(nodes(text).is_ok(), "{text}: {:?}", nodes(text));
        assert!(nodes(text).is_ok() && skipped(text).is_ok() || text.starts_with(['\n', '<']), "{text}");
    }
}

#[test]
fn a_second_parser_of_another_make_never_reads_what_is_refused_here_as_metadata_should_be() {
    // The library that verifies signatures has a parser of its own: where this one refuses, it may be as lenient as it
    // likes, since nothing is read from it. The other way round would matter.
    for text in ["<a/>", "<p:a xmlns:p='urn:p' p:b='&lt;'>x<![CDATA[y]]>&#65;</p:a>"] {
        assert!(nodes(text).is_ok() && uppsala::parse(text).is_ok(), "{text}");
    }
}

#[test]
fn references_and_cdata_are_text() {
    assert_eq!(text_of("<a>1&lt;&#65;&#x42;<![CDATA[<&amp;]]>\r\n2</a>"), "1<AB<&amp;\n2");
}

#[test]
fn attributes_are_normalised_and_a_line_break_is_remembered() {
    let all = nodes("<a b='1&#10;2' c=' x\n y '/>").unwrap();
    let Some(Node::Start(tag)) = all.first() else { panic!("{all:?}") };
    let found: Vec<(&str, &str, bool)> =
        tag.attributes.iter().map(|one| (one.local.as_str(), one.value.as_str(), one.broken)).collect();
    assert_eq!(found, [("b", "1\n2", false), ("c", " x  y ", true)]);
}

#[test]
fn nesting_attributes_and_namespaces_have_limits() {
    let nested = |depth: usize| "<a>".repeat(depth) + &"</a>".repeat(depth);
    assert!(nodes(&nested(DEPTH)).is_ok());
    assert_eq!(nodes(&nested(DEPTH + 1)).unwrap_err().kind, FaultKind::TooDeep);
    assert_eq!(skipped(&nested(100_000)).unwrap_err().kind, FaultKind::TooDeep);
    let with = |count: usize, prefix: &str| {
        let attributes: String = (0..count).map(|number| format!(" {prefix}a{number}='urn:{number}'")).collect();
        format!("<a{attributes}/>")
    };
    assert!(nodes(&with(ATTRIBUTES, "")).is_ok());
    assert_eq!(nodes(&with(ATTRIBUTES + 1, "")).unwrap_err().kind, FaultKind::TooMany("attributes"));
    assert!(nodes(&with(NAMESPACES, "xmlns:")).is_ok());
    assert_eq!(nodes(&with(NAMESPACES + 1, "xmlns:")).unwrap_err().kind, FaultKind::TooMany("namespaces"));
}

#[test]
fn no_node_is_longer_than_its_limit() {
    for long in ["<a>", "<a b='", "<!-- ", "<?p ", "<a><![CDATA["] {
        let text = long.to_owned() + &"x".repeat(4096);
        let mut reader = Reader::new(std::io::BufReader::with_capacity(64, text.as_bytes()), 1000);
        let mut outcome = reader.next();
        while outcome.is_ok() {
            outcome = reader.next();
        }
        assert_eq!(outcome.unwrap_err().kind, FaultKind::TooLong, "{long}");
    }
}

#[test]
fn faults_name_the_byte_before_which_all_was_well() {
    assert_eq!(nodes("<a>\n<b></c></a>").unwrap_err().at, 7);
    assert_eq!(nodes("<a/><b/>").unwrap_err().at, 4);
}
