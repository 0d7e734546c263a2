//! Everything that is to be known of a SAML request from its metadata, wherever that is: asked for, opened, or already
//! here. A failed read is recorded, not raised.

use std::io::{self, Read};
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

use super::certificate::{Certificate, Strength};
use super::endpoint::{self, Fitness};
use super::metadata::{self, DOCUMENT, NotMetadata, Reading};
use crate::exchange::{FetchFault, document_of};
use crate::net::shelf::{Fetched, Shelf, good_until};
use crate::net::{HttpClient, Origin};
use crate::product::connection::{Endpoint, SamlSettings, SigningCertificate};
use crate::request::saml_names::{EntityId, MetadataUrl};
use crate::request::{MetadataSource, SamlRequest};

/// What a request's metadata says.
#[derive(Debug, Clone, Default)]
pub struct SamlFacts {
    /// The metadata; `None` where the request names none.
    pub metadata: Option<Metadata>,
    /// When it was judged: validity is a question of time.
    pub now: Timestamp,
}

/// A metadata document that was looked for.
#[derive(Debug, Clone)]
pub struct Metadata {
    /// What to call it: the URL, the path, where it came from. As it came: not yet printable.
    pub name: String,
    /// Where it was asked for, where that was an address.
    pub url: Option<MetadataUrl>,
    /// What came of it.
    pub outcome: Result<Reading, ReadFault>,
    /// How long that took.
    pub elapsed: Duration,
}

/// Why there is no metadata to judge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadFault {
    /// The address gave none, or it is none.
    Fetch(FetchFault<NotMetadata>),
    /// The file could not be read: in words.
    File(String),
}

impl From<NotMetadata> for ReadFault {
    fn from(not: NotMetadata) -> Self {
        match not {
            NotMetadata::Io(words) => Self::File(words),
            not => Self::Fetch(FetchFault::Content(not)),
        }
    }
}

impl Metadata {
    /// What is said of bytes that are already here.
    #[must_use]
    pub fn of_bytes(name: &str, bytes: &[u8], chosen: Option<&EntityId>, allowed_http: &[Origin]) -> Self {
        let started = Instant::now();
        let outcome = read(bytes, chosen, allowed_http);
        Self { name: name.to_owned(), url: None, outcome, elapsed: started.elapsed() }
    }
}

impl SamlFacts {
    /// The metadata, where it could be read.
    #[must_use]
    pub fn reading(&self) -> Option<&Reading> {
        self.metadata.as_ref()?.outcome.as_ref().ok()
    }

    /// The provider's name, as the metadata has it.
    #[must_use]
    pub fn entity_id(&self) -> Option<EntityId> {
        EntityId::parse(&self.reading()?.entity_id)
    }

    /// What is to be stored: endpoints that a browser can be sent to, and every certificate that may sign now or later.
    /// `None` without metadata, or where its entity ID is none.
    #[must_use]
    pub fn settings(&self, url: Option<&MetadataUrl>) -> Option<SamlSettings> {
        let reading = self.reading()?;
        let provider = &reading.provider;
        Some(SamlSettings {
            entity_id: self.entity_id()?,
            // Nothing is answered where people sign in.
            sso: usable(&provider.sso, |_| None),
            slo: usable(&provider.slo, |one| one.response_location.clone()),
            name_id_formats: provider.name_id_formats.clone(),
            certificates: self.certificates().map(stored).collect(),
            want_authn_requests_signed: provider.want_authn_requests_signed,
            metadata_url: url.cloned(),
            metadata_sha256: reading.sha256.clone(),
        })
    }

    /// The signing certificates that may be in use now or later, in the order of the document, none twice.
    fn certificates(&self) -> impl Iterator<Item = &Certificate> {
        let all = self.reading().into_iter().flat_map(|reading| reading.provider.signing_certificates());
        all.filter(|one| !one.is_over(self.now) && matches!(one.key.strength(), Strength::Good | Strength::Unusual))
    }
}

fn usable(endpoints: &[endpoint::Endpoint], answers: impl Fn(&endpoint::Endpoint) -> Option<String>) -> Vec<Endpoint> {
    let mut kept: Vec<Endpoint> = Vec::new();
    for one in endpoints.iter().filter(|one| one.fitness == Fitness::Usable) {
        let endpoint =
            Endpoint { binding: one.binding.clone(), location: one.location.clone(), response_location: answers(one) };
        if !kept.contains(&endpoint) {
            kept.push(endpoint);
        }
    }
    kept
}

fn stored(certificate: &Certificate) -> SigningCertificate {
    SigningCertificate {
        sha256: certificate.sha256.clone(),
        not_before: certificate.not_before,
        not_after: certificate.not_after,
        key: certificate.key.to_string(),
        der: STANDARD.encode(&certificate.der),
    }
}

/// Metadata of a run over many requests, by its address.
pub type Documents = Shelf<Result<Arc<[u8]>, FetchFault<NotMetadata>>>;

/// SHA-256 of metadata that is on this machine already, lower-case hexadecimal; `None` where it has to be asked for, or
/// cannot be read.
#[must_use]
pub fn sha256_at_hand(source: &MetadataSource) -> Option<String> {
    let mut context = digest::Context::new(&digest::SHA256);
    match source {
        MetadataSource::Url(_) | MetadataSource::StandardInput => return None,
        MetadataSource::Given { bytes, .. } => context.update(bytes),
        MetadataSource::File(path) => {
            let mut file = open(path).ok()?;
            let mut buffer = vec![0; 64 * 1024];
            loop {
                match file.read(&mut buffer).ok()? {
                    0 => break,
                    read => context.update(buffer.get(..read)?),
                }
            }
        }
    }
    Some(crate::hex::encode(context.finish()))
}

/// So much of a document is looked at for the entity that it begins with.
const FRONT: u64 = 16 * 1024;

/// Which entity a request is about, as far as that is known before its metadata is read: the one it chooses, or the first one
/// in metadata that is on this machine already.
#[must_use]
pub fn entity_at_hand(asked: &SamlRequest) -> Option<EntityId> {
    if let Some(chosen) = &asked.entity_id {
        return Some(chosen.clone());
    }
    let mut front = Vec::new();
    match asked.metadata.as_ref()? {
        MetadataSource::Url(_) | MetadataSource::StandardInput => return None,
        MetadataSource::Given { bytes, .. } => bytes.take(FRONT).read_to_end(&mut front).ok()?,
        MetadataSource::File(path) => open(path).ok()?.take(FRONT).read_to_end(&mut front).ok()?,
    };
    EntityId::parse(&metadata::first_entity(&front)?)
}

/// Gets and reads the metadata that `asked` names. What is asked for on behalf of several requests is taken from
/// `documents`. `allowed_http` are the origins for which the configuration permits
/// plain http; `tell` hears of it as soon as it is there.
pub async fn gather(
    http: &HttpClient,
    documents: Option<&Documents>,
    asked: &SamlRequest,
    now: Timestamp,
    allowed_http: &[Origin],
    tell: &(dyn Fn(&SamlFacts) + Sync),
) -> SamlFacts {
    let Some(source) = &asked.metadata else { return SamlFacts { metadata: None, now } };
    let started = Instant::now();
    let outcome = match take(http, documents, source).await {
        Ok(taken) => {
            if taken.is_small() {
                taken.read(asked.entity_id.as_ref(), allowed_http)
            } else {
                let (chosen, allowed) = (asked.entity_id.clone(), allowed_http.to_vec());
                // Standard input blocks, and reading megabytes takes its time.
                let reading = tokio::task::spawn_blocking(move || taken.read(chosen.as_ref(), &allowed));
                reading.await.unwrap_or_else(|_| Err(ReadFault::File("reading it was interrupted".to_owned())))
            }
        }
        Err(fault) => Err(fault),
    };
    let url = match source {
        MetadataSource::Url(url) => Some(url.clone()),
        _ => None,
    };
    let metadata = Metadata { name: source.name(), url, outcome, elapsed: started.elapsed() };
    let facts = SamlFacts { metadata: Some(metadata), now };
    tell(&facts);
    facts
}

/// What is asked for: SAML's own type first, since some registries answer nothing else with it.
const MEDIA_TYPES: &str = "application/samlmetadata+xml, application/xml, text/xml, */*;q=0.5";

/// Bytes of the metadata of one provider, and of several certificates.
const SMALL: u64 = 64 * 1024;

/// Metadata that is at hand, or can be opened.
enum Taken {
    Bytes(Arc<[u8]>),
    File(PathBuf),
    StandardInput,
}

async fn take(http: &HttpClient, documents: Option<&Documents>, source: &MetadataSource) -> Result<Taken, ReadFault> {
    Ok(match source {
        MetadataSource::Url(url) => {
            let fetched = match documents {
                Some(documents) => Box::pin(documents.get(url.as_str(), || fetch(http, url))).await,
                None => Box::pin(fetch(http, url)).await.document,
            };
            Taken::Bytes(fetched.map_err(ReadFault::Fetch)?)
        }
        MetadataSource::File(path) => Taken::File(path.clone()),
        MetadataSource::StandardInput => Taken::StandardInput,
        MetadataSource::Given { bytes, .. } => Taken::Bytes(Arc::clone(bytes)),
    })
}

async fn fetch(http: &HttpClient, url: &MetadataUrl) -> Fetched<Result<Arc<[u8]>, FetchFault<NotMetadata>>> {
    let answer = http.get_document(url.as_str(), DOCUMENT, MEDIA_TYPES).await;
    let document = document_of(answer).map(Arc::from);
    let bytes = document.as_ref().map_or(0, |bytes: &Arc<[u8]>| bytes.len());
    let good_until = good_until(&document, http.rests_until(url.as_str()));
    Fetched { document, bytes, good_until }
}

impl Taken {
    /// Whether it is read where it is asked for, sooner than another thread would be awake for it.
    fn is_small(&self) -> bool {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64 <= SMALL,
            Self::File(path) => path.metadata().is_ok_and(|file| file.is_file() && file.len() <= SMALL),
            Self::StandardInput => false,
        }
    }

    fn read(&self, chosen: Option<&EntityId>, allowed_http: &[Origin]) -> Result<Reading, ReadFault> {
        match self {
            Self::Bytes(bytes) => read(bytes.as_ref(), chosen, allowed_http),
            Self::File(path) => read(open(path)?, chosen, allowed_http),
            Self::StandardInput => read(io::stdin().lock(), chosen, allowed_http),
        }
    }
}

fn read(source: impl Read, chosen: Option<&EntityId>, allowed_http: &[Origin]) -> Result<Reading, ReadFault> {
    let allowed = |url: &url::Url| Origin::of(url).is_some_and(|origin| allowed_http.contains(&origin));
    Ok(metadata::read(source, chosen.map(EntityId::as_str), &allowed)?)
}

/// Opens a regular file. A pipe is opened without waiting for its other end, and then refused like any other thing that
/// has no end.
fn open(path: &Path) -> Result<std::fs::File, ReadFault> {
    let fault = |error: io::Error| {
        ReadFault::File(match error.kind() {
            io::ErrorKind::NotFound => "there is no such file".to_owned(),
            io::ErrorKind::PermissionDenied => "it must not be read by this user".to_owned(),
            _ => error.to_string(),
        })
    };
    let file = crate::files::open_without_waiting(path).map_err(fault)?;
    let kind = file.metadata().map_err(fault)?.file_type();
    if kind.is_file() {
        return Ok(file);
    }
    let what = match () {
        () if kind.is_dir() => "a folder",
        () if kind.is_fifo() => "a pipe",
        () if kind.is_char_device() || kind.is_block_device() => "a device",
        () => "no regular file",
    };
    Err(ReadFault::File(format!("it is {what}: only regular files are read (a pipe goes in by `--metadata -`)")))
}
