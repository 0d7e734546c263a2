//! Documents too long to be held in memory.

use std::io::{self, Read};

use super::super::metadata::{self, DOCUMENT, NotMetadata, Reading};
use super::super::signature::Outcome;
use super::{collection, entity};

/// A collection of `count` identity providers, piece by piece: it is nowhere as a whole.
fn long(count: usize) -> impl Read {
    let start = "<md:EntitiesDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\">".to_owned();
    let entities = (0..count).map(|number| entity(&format!("https://idp{number}.example")));
    pieces(std::iter::once(start).chain(entities).chain(["</md:EntitiesDescriptor>".to_owned()]))
}

fn pieces(mut texts: impl Iterator<Item = String>) -> impl Read {
    struct Pieces<F>(F, io::Cursor<String>);
    impl<F: FnMut() -> Option<String>> Read for Pieces<F> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            loop {
                let count = self.1.read(out)?;
                if count > 0 {
                    return Ok(count);
                }
                match (self.0)() {
                    Some(text) => self.1 = io::Cursor::new(text),
                    None => return Ok(0),
                }
            }
        }
    }
    Pieces(move || texts.next(), io::Cursor::new(String::new()))
}

fn chosen(source: impl Read, id: &str) -> Result<Reading, NotMetadata> {
    metadata::read(source, Some(id), &|_| false)
}

/// More entities than fit into memory's limit.
fn enough() -> usize {
    DOCUMENT / entity("https://idp0.example").len() + 10
}

#[test]
fn an_entity_of_a_long_collection_is_read_as_one_of_a_short_one() {
    let last = format!("https://idp{}.example", enough() - 1);
    let reading = chosen(long(enough()), &last).unwrap();
    let short = chosen(collection(&entity(&last)).as_bytes(), &last).unwrap();
    assert_eq!((reading.entities, reading.providers), (enough(), None));
    assert!(reading.bytes > DOCUMENT as u64);
    assert_eq!(reading.entity_id, short.entity_id);
    assert_eq!(format!("{:?}", reading.provider), format!("{:?}", short.provider));
}

#[test]
fn the_digest_of_a_long_document_is_that_of_its_bytes() {
    let mut whole = Vec::new();
    long(enough()).read_to_end(&mut whole).unwrap();
    let reading = chosen(long(enough()), "https://idp0.example").unwrap();
    assert_eq!(reading.sha256, super::super::certificate::sha256(&whole));
    assert_eq!(reading.bytes, whole.len() as u64);
}

#[test]
fn without_a_choice_all_of_them_are_counted_and_the_first_are_listed() {
    let Err(NotMetadata::Ambiguous { providers, first }) = metadata::read(long(enough()), None, &|_| false) else {
        panic!()
    };
    assert_eq!((providers, first.len()), (enough(), metadata::LISTED));
    let missing = chosen(long(enough()), "https://nobody.example").unwrap_err();
    assert_eq!(missing.code(), "entity_not_found");
}

#[test]
fn a_fault_at_the_end_of_a_long_document_is_a_fault() {
    let cut = long(enough()).take(DOCUMENT as u64 + 5000);
    assert_eq!(chosen(cut, "https://idp0.example").unwrap_err(), NotMetadata::Truncated);
    let garbage = long(enough()).chain("<more/>".as_bytes());
    assert_eq!(chosen(garbage, "https://idp0.example").unwrap_err().code(), "xml_syntax");
    let doctype = "<!DOCTYPE x>".as_bytes().chain(long(enough()));
    assert_eq!(chosen(doctype, "https://idp0.example").unwrap_err(), NotMetadata::Doctype);
}

#[test]
fn one_text_of_fifty_megabytes_is_too_large_wherever_it_stands() {
    let filler = || io::repeat(b'x').take(50 * 1024 * 1024);
    let text = entity("https://idp.example");
    let (before, after) = text.split_once("</md:IDPSSODescriptor>").unwrap();
    let too_large = NotMetadata::TooLarge(DOCUMENT as u64);
    for (start, end) in [
        (format!("{before}<md:NameIDFormat>"), format!("</md:NameIDFormat>{after}")),
        (format!("{before}<md:Extensions>"), format!("</md:Extensions>{after}")),
        ("<!-- ".to_owned(), format!(" -->{text}")),
    ] {
        let source = start.as_bytes().chain(filler()).chain(end.as_bytes());
        assert_eq!(metadata::read(source, None, &|_| false).unwrap_err(), too_large, "{}", start.len());
    }
}

#[test]
fn one_entity_of_more_than_the_limit_is_too_large_whether_it_was_chosen_or_not() {
    let small = format!("<md:Extensions>{}</md:Extensions>", "<md:Note>a</md:Note>".repeat(DOCUMENT / 20 + 10));
    let big = entity("https://big.example").replace("</md:IDPSSODescriptor>", &(small + "</md:IDPSSODescriptor>"));
    let text = collection(&(big + &entity("https://small.example")));
    let too_large = NotMetadata::TooLarge(DOCUMENT as u64);
    assert_eq!(chosen(text.as_bytes(), "https://big.example").unwrap_err(), too_large);
    assert_eq!(chosen(text.as_bytes(), "https://small.example").unwrap_err(), too_large);
}

#[test]
fn a_signature_over_a_long_collection_is_said_not_to_have_been_verified() {
    let signature = "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"/>".to_owned();
    let start = "<md:EntitiesDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\">".to_owned();
    let entities = (0..enough()).map(|number| entity(&format!("https://idp{number}.example")));
    let texts = [start, signature].into_iter().chain(entities).chain(["</md:EntitiesDescriptor>".to_owned()]);
    let reading = chosen(pieces(texts), "https://idp7.example").unwrap();
    assert!(matches!(reading.signatures.first().unwrap().outcome, Outcome::NotVerified(_)));
}

#[test]
fn a_long_document_in_another_encoding_is_read_too() {
    let mut whole = String::new();
    long(enough()).read_to_string(&mut whole).unwrap();
    let wide: Vec<u8> = std::iter::once(0xFEFF).chain(whole.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let reading = chosen(wide.as_slice(), "https://idp3.example").unwrap();
    assert_eq!((reading.charset, reading.entities), ("UTF-16LE", enough()));
}

#[test]
fn a_source_that_breaks_off_is_no_verdict_about_the_document() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is gone"))
        }
    }
    assert_eq!(chosen(Broken, "x").unwrap_err(), NotMetadata::Io("the disk is gone".to_owned()));
    assert!(matches!(chosen(long(enough()).take(DOCUMENT as u64 + 9).chain(Broken), "x"), Err(NotMetadata::Io(_))));
}
