//! XML from strangers, pulled node by node without forgiveness.
//!
//! quick-xml splits the text; what it leaves to its caller is done here, so that every reader above sees well-formed,
//! namespace-resolved XML or nothing: one root to the very end, no document type, no entity but the five of XML, no
//! attribute twice, no undeclared prefix, and limits on everything that could grow (rules ). Memory
//! stays at one node, however long the document is.

mod fault;
mod tag;

use std::io::{self, BufRead};

use quick_xml::events::{BytesRef, Event};
use quick_xml::reader::NsReader;

pub(super) use fault::{Fault, FaultKind};
use fault::{of_error, syntax};
use tag::is_name;
pub(super) use tag::{METADATA, Ns, SIGNATURE, Tag};

/// Most attributes of one element.
pub(super) const ATTRIBUTES: usize = 256;
/// Most namespace declarations in scope at once.
pub(super) const NAMESPACES: usize = 256;
/// Deepest nesting of elements.
pub(super) const DEPTH: usize = 64;

/// What comes next in a document.
#[derive(Debug, Clone)]
pub(super) enum Node {
    Start(Tag),
    End,
    /// Character data, references resolved. A text may come in several parts.
    Text(String),
    Comment,
    Instruction,
    /// The root has ended, and nothing but comments and white space came after it.
    Finish,
}

/// What a document asks of whoever holds it as a tree and signs or verifies it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Load {
    /// Elements, attributes, texts, comments and instructions.
    pub(super) nodes: u64,
    /// Elements, each counted once for every namespace in scope: the canonical form looks each of them up.
    pub(super) namespaces: u64,
}

/// Lets no node grow beyond `limit` bytes.
struct Metered<R> {
    inner: R,
    limit: usize,
    taken: usize,
    exceeded: bool,
}

impl<R: BufRead> io::Read for Metered<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let count = available.len().min(out.len());
        let (from, into) = (available.get(..count), out.get_mut(..count));
        if let (Some(from), Some(into)) = (from, into) {
            into.copy_from_slice(from);
        }
        self.consume(count);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Metered<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.taken > self.limit {
            self.exceeded = true;
            return Err(io::Error::other("too long"));
        }
        self.inner.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.taken = self.taken.saturating_add(count);
        self.inner.consume(count);
    }
}

/// The pull reader.
pub(super) struct Reader<R> {
    inner: NsReader<Metered<R>>,
    buffer: Vec<u8>,
    depth: usize,
    /// Namespaces in scope in each of the open elements.
    scopes: Vec<u64>,
    load: Load,
    /// Elements so far that have `xml:base`.
    bases: usize,
    /// Anything at all has been read.
    begun: bool,
    root: Root,
    /// No byte from here on may be read.
    end: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Root {
    Awaited,
    Open,
    Closed,
}

impl<R: BufRead> Reader<R> {
    /// Reads UTF-8 text without byte order mark; no node may be longer than `limit` bytes.
    pub(super) fn new(text: R, limit: usize) -> Self {
        let mut inner = NsReader::from_reader(Metered { inner: text, limit, taken: 0, exceeded: false });
        let config = inner.config_mut();
        config.check_comments = true;
        config.expand_empty_elements = true;
        inner.resolver_mut().set_max_namespace_bindings(NAMESPACES);
        Self {
            inner,
            buffer: Vec::new(),
            depth: 0,
            scopes: Vec::new(),
            load: Load::default(),
            bases: 0,
            begun: false,
            root: Root::Awaited,
            end: u64::MAX,
        }
    }

    /// What was read so far.
    pub(super) fn load(&self) -> Load {
        self.load
    }

    /// How many elements so far have `xml:base`.
    pub(super) fn bases(&self) -> usize {
        self.bases
    }

    /// Bytes read so far.
    pub(super) fn position(&self) -> u64 {
        self.inner.buffer_position()
    }

    /// The next node.
    ///
    /// # Errors
    ///
    /// [`Fault`], after which nothing more is to be read.
    pub(super) fn next(&mut self) -> Result<Node, Fault> {
        self.pull(true)
    }

    /// Reads to the end of the element whose start was the last node; everything in it is checked, and nothing kept.
    pub(super) fn skip(&mut self) -> Result<(), Fault> {
        self.skip_within(u64::MAX)
    }

    /// As [`Self::skip`]; the element may not be longer than `limit` bytes.
    pub(super) fn skip_within(&mut self, limit: u64) -> Result<(), Fault> {
        let outside = self.depth.saturating_sub(1);
        let end = self.bound(self.position().saturating_add(limit).min(self.end));
        while self.depth > outside {
            self.pull(false)?;
        }
        self.bound(end);
        Ok(())
    }

    /// A fault at the place that has been reached.
    pub(super) fn fault(&self, kind: FaultKind) -> Fault {
        Fault { kind, at: self.position() }
    }

    /// From now on nothing may be read beyond byte `end`; says what the bound was before.
    pub(super) fn bound(&mut self, end: u64) -> u64 {
        std::mem::replace(&mut self.end, end)
    }

    fn pull(&mut self, keep: bool) -> Result<Node, Fault> {
        loop {
            self.buffer.clear();
            let meter = self.inner.get_mut();
            meter.taken = 0;
            let before = self.inner.buffer_position();
            let fault = |kind| Fault { kind, at: before };
            if before > self.end {
                return Err(fault(FaultKind::TooLong));
            }
            let event = match self.inner.read_event_into(&mut self.buffer) {
                Ok(event) => event,
                Err(error) => {
                    let exceeded = self.inner.get_ref().exceeded;
                    let kind = if exceeded { FaultKind::TooLong } else { of_error(&error) };
                    return Err(Fault { kind, at: self.inner.error_position().max(before) });
                }
            };
            self.load.nodes += 1;
            let first = !std::mem::replace(&mut self.begun, true);
            let inside = self.depth > 0;
            match event {
                Event::Start(start) => {
                    if self.root == Root::Closed {
                        return Err(fault(syntax("a second root element follows the first")));
                    }
                    self.root = Root::Open;
                    self.depth += 1;
                    if self.depth > DEPTH {
                        return Err(fault(FaultKind::TooDeep));
                    }
                    let tag = tag::read(&start, self.inner.resolver(), keep).map_err(fault)?;
                    let in_scope = self.scopes.last().copied().unwrap_or_default() + tag.declared as u64;
                    self.scopes.push(in_scope);
                    self.load.nodes += tag.given as u64;
                    self.load.namespaces += in_scope;
                    self.bases += usize::from(tag.moves_base);
                    return Ok(Node::Start(tag));
                }
                Event::End(_) => {
                    self.depth = self.depth.saturating_sub(1);
                    self.scopes.pop();
                    if self.depth == 0 {
                        self.root = Root::Closed;
                    }
                    return Ok(Node::End);
                }
                Event::Text(text) => {
                    let raw: &str = &text;
                    if !inside {
                        if raw.bytes().all(is_space) {
                            continue;
                        }
                        let place = if self.root == Root::Closed { "after" } else { "before" };
                        return Err(fault(syntax(&format!("there is text {place} the root element"))));
                    }
                    if raw.contains("]]>") {
                        return Err(fault(syntax("`]]>` stands in a text")));
                    }
                    legal(raw).map_err(fault)?;
                    return Ok(Node::Text(if keep { text.xml10_content().into_owned() } else { String::new() }));
                }
                Event::CData(data) => {
                    if !inside {
                        return Err(fault(syntax("there is text outside the root element")));
                    }
                    legal(&data).map_err(fault)?;
                    return Ok(Node::Text(if keep { data.xml10_content().into_owned() } else { String::new() }));
                }
                Event::GeneralRef(reference) => {
                    if !inside {
                        return Err(fault(syntax("there is text outside the root element")));
                    }
                    let character = resolve(&reference).map_err(fault)?;
                    return Ok(Node::Text(if keep { character.into() } else { String::new() }));
                }
                Event::Comment(comment) => {
                    legal(&comment).map_err(fault)?;
                    return Ok(Node::Comment);
                }
                Event::PI(instruction) => {
                    let target = instruction.target();
                    if target.eq_ignore_ascii_case("xml") || !is_name(target) {
                        return Err(fault(syntax("a processing instruction has a name that is not allowed")));
                    }
                    legal(&instruction).map_err(fault)?;
                    return Ok(Node::Instruction);
                }
                Event::Decl(declaration) => {
                    if !first {
                        return Err(fault(FaultKind::LateDeclaration));
                    }
                    version(&declaration).map_err(fault)?;
                }
                // Empty elements come as a start and an end.
                Event::Empty(_) => return Err(fault(syntax("an element is neither open nor closed"))),
                Event::DocType(_) => return Err(fault(FaultKind::Doctype)),
                Event::Eof => {
                    return match self.root {
                        Root::Closed => Ok(Node::Finish),
                        Root::Open => Err(fault(FaultKind::Truncated)),
                        Root::Awaited => Err(fault(syntax("there is no element in it"))),
                    };
                }
            }
        }
    }
}

/// White space of XML.
const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// Refuses characters that XML has no place for. Source: XML 1.0, section 2.2.
fn legal(text: &str) -> Result<(), FaultKind> {
    let bad = text.bytes().any(|byte| byte < 0x20 && !is_space(byte))
        || text.contains('\u{fffe}')
        || text.contains('\u{ffff}');
    if bad { Err(syntax("there is a control character in it")) } else { Ok(()) }
}

fn resolve(reference: &BytesRef<'_>) -> Result<char, FaultKind> {
    if let Some(character) = reference.resolve_char_ref().map_err(|_| syntax("a character reference makes no sense"))? {
        legal(character.encode_utf8(&mut [0; 4]))?;
        return Ok(character);
    }
    let name: &str = reference;
    match name {
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "amp" => Ok('&'),
        "apos" => Ok('\''),
        "quot" => Ok('"'),
        other => Err(FaultKind::Entity(other.to_owned())),
    }
}

/// Holds the XML declaration, from its `xml` on, to its grammar. Source: XML 1.0, sections 2.8, 2.9 and 4.3.3.
fn version(declaration: &str) -> Result<(), FaultKind> {
    let wrong = || syntax("the XML declaration cannot be read");
    let mut rest = declaration.strip_prefix("xml").ok_or_else(wrong)?;
    let version = pseudo_attribute(&mut rest, "version").ok_or_else(wrong)?;
    if version != "1.0" {
        return Err(syntax("the XML declaration asks for another version than 1.0"));
    }
    let encoding = pseudo_attribute(&mut rest, "encoding");
    let standalone = pseudo_attribute(&mut rest, "standalone");
    let is_label = |label: &str| {
        label.starts_with(|one: char| one.is_ascii_alphabetic())
            && label.bytes().all(|one| one.is_ascii_alphanumeric() || matches!(one, b'.' | b'_' | b'-'))
    };
    let is_whole = encoding.is_none_or(is_label)
        && standalone.is_none_or(|word| matches!(word, "yes" | "no"))
        && rest.bytes().all(is_space);
    if is_whole { Ok(()) } else { Err(wrong()) }
}

/// Takes ` name = "value"` off the beginning of `rest`, where it stands there.
fn pseudo_attribute<'d>(rest: &mut &'d str, name: &str) -> Option<&'d str> {
    let blank = |one: char| u8::try_from(one).is_ok_and(is_space);
    let spaced = rest.strip_prefix(blank)?.trim_start_matches(blank);
    let value = spaced.strip_prefix(name)?.trim_start_matches(blank).strip_prefix('=')?.trim_start_matches(blank);
    let quote = value.chars().next().filter(|one| matches!(one, '"' | '\''))?;
    let (value, behind) = value.get(1..)?.split_once(quote)?;
    *rest = behind;
    Some(value)
}
