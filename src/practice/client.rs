//! The registered client: its id, its secret, where people are sent back to, and how it proves who it is.

use std::collections::BTreeSet;
use std::io;
use std::sync::{Mutex, PoisonError};

use aws_lc_rs::{constant_time, rand};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

const LETTERS_AND_DIGITS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/// The letters of base64url: what client secrets and key ids are made of.
pub(super) const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// A confidential client, with values in the shape that Okta gives them.
pub(super) struct Client {
    id: String,
    secret: SecretString,
    redirect_uris: Mutex<BTreeSet<String>>,
}

/// Why a request is not the client's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stranger {
    /// Credentials twice, or a form that cannot be read: `invalid_request`.
    Muddled,
    /// No credentials at all.
    Anonymous,
    /// A client that is not registered here; true when it used HTTP Basic.
    Unknown(bool),
    /// The registered client with another secret.
    WrongSecret,
}

impl Client {
    /// A new client with a random id and secret.
    pub(super) fn register() -> io::Result<Self> {
        Ok(Self {
            id: format!("0oa{}", random_text(17, LETTERS_AND_DIGITS)?),
            secret: SecretString::from(random_text(64, URL_SAFE)?),
            redirect_uris: Mutex::default(),
        })
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn secret(&self) -> &str {
        self.secret.expose_secret()
    }

    pub(super) fn register_redirect_uri(&self, uri: &str) {
        self.redirect_uris.lock().unwrap_or_else(PoisonError::into_inner).insert(uri.to_owned());
    }

    /// Whether `uri` was registered, letter for letter (RFC 9700 section 2.1).
    pub(super) fn may_return_to(&self, uri: &str) -> bool {
        self.redirect_uris.lock().unwrap_or_else(PoisonError::into_inner).contains(uri)
    }

    /// Authenticates a request by HTTP Basic or by the form, never by both.
    ///
    /// Source: RFC 6749, section 2.3.1 (id and secret are form-encoded before Basic) and section 2.3 (one method).
    pub(super) fn authenticate(&self, authorization: Option<&str>, form: &Form) -> Result<(), Stranger> {
        let in_form = form.one("client_secret")?;
        let named = form.one("client_id")?;
        if let Some(header) = authorization {
            if in_form.is_some() {
                return Err(Stranger::Muddled);
            }
            let (id, secret) = basic(header).ok_or(Stranger::Anonymous)?;
            if named.is_some_and(|named| named != id) {
                return Err(Stranger::Muddled);
            }
            return self.recognise(&id, &secret, true);
        }
        match (named, in_form) {
            (Some(id), Some(secret)) => self.recognise(id, secret, false),
            (Some(id), None) if id != self.id => Err(Stranger::Unknown(false)),
            _ => Err(Stranger::Anonymous),
        }
    }

    fn recognise(&self, id: &str, secret: &str, by_basic: bool) -> Result<(), Stranger> {
        if id != self.id {
            return Err(Stranger::Unknown(by_basic));
        }
        constant_time::verify_slices_are_equal(secret.as_bytes(), self.secret().as_bytes())
            .map_err(|_| Stranger::WrongSecret)
    }
}

/// The parameters of a request: what a query string or a form holds.
pub(super) struct Form(Zeroizing<Vec<(String, String)>>);

impl Form {
    pub(super) fn read(encoded: &[u8]) -> Self {
        Self(Zeroizing::new(url::form_urlencoded::parse(encoded).into_owned().collect()))
    }

    /// The value of `name`; an empty one counts as absent (RFC 6749 section 3.1).
    ///
    /// # Errors
    ///
    /// [`Stranger::Muddled`] when it is there more than once.
    pub(super) fn one(&self, name: &str) -> Result<Option<&str>, Stranger> {
        let mut values = self.0.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let value = values.next();
        if values.next().is_some() {
            return Err(Stranger::Muddled);
        }
        Ok(value.filter(|value| !value.is_empty()))
    }
}

/// Id and secret of an `Authorization: Basic` header, form-decoded; `None` when it is not one.
fn basic(header: &str) -> Option<(String, Zeroizing<String>)> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = Zeroizing::new(STANDARD.decode(encoded.trim()).ok()?);
    let text = std::str::from_utf8(&decoded).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((form_decoded(id), Zeroizing::new(form_decoded(secret))))
}

/// `text` as it was before form encoding. A raw `&` or `=`, which encoding would have replaced, stands for itself.
fn form_decoded(text: &str) -> String {
    let escaped = text.replace('&', "%26").replace('=', "%3D");
    url::form_urlencoded::parse(escaped.as_bytes()).next().map(|(text, _)| text.into_owned()).unwrap_or_default()
}

/// `length` characters of `alphabet`, each as likely as the others.
pub(super) fn random_text(length: usize, alphabet: &[u8]) -> io::Result<String> {
    let mut text = String::with_capacity(length);
    // The largest multiple of the alphabet's size that a byte can hold: what lies above would favour the first letters.
    let fair = 256 - 256 % alphabet.len();
    let mut batch = Zeroizing::new([0_u8; 64]);
    while text.len() < length {
        rand::fill(batch.as_mut_slice()).map_err(|_| io::Error::other("the system gave no randomness"))?;
        let letters = batch
            .iter()
            .map(|&byte| usize::from(byte))
            .filter(|&byte| byte < fair)
            .filter_map(|byte| alphabet.get(byte % alphabet.len()))
            .map(|&letter| char::from(letter));
        let missing = length - text.len();
        text.extend(letters.take(missing));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(id: &str, secret: &str) -> String {
        format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
    }

    #[test]
    fn the_right_secret_is_accepted_by_basic_and_by_form() {
        let client = Client::register().unwrap();
        let by_basic = client.authenticate(Some(&header(client.id(), client.secret())), &Form::read(b""));
        assert_eq!(by_basic, Ok(()));
        let form = format!("client_id={}&client_secret={}", client.id(), client.secret());
        assert_eq!(client.authenticate(None, &Form::read(form.as_bytes())), Ok(()));
    }

    #[test]
    fn basic_credentials_are_form_decoded() {
        let mut client = Client::register().unwrap();
        client.id = "app:one%2".to_owned();
        client.secret = SecretString::from("p+ss wörd:%/=");
        let encoded = header("app%3Aone%252", "p%2Bss+w%C3%B6rd%3A%25%2F%3D");
        assert_eq!(client.authenticate(Some(&encoded), &Form::read(b"")), Ok(()));
        let raw = header("app%3Aone%252", "p+ss wörd:%/=");
        assert_eq!(client.authenticate(Some(&raw), &Form::read(b"")), Err(Stranger::WrongSecret));
    }

    #[test]
    fn two_methods_at_once_are_refused() {
        let client = Client::register().unwrap();
        let form = format!("client_secret={}", client.secret());
        let answer = client.authenticate(Some(&header(client.id(), client.secret())), &Form::read(form.as_bytes()));
        assert_eq!(answer, Err(Stranger::Muddled));
    }

    #[test]
    fn a_repeated_parameter_is_refused() {
        assert_eq!(Form::read(b"code=a&code=b").one("code"), Err(Stranger::Muddled));
    }

    #[test]
    fn no_two_clients_are_alike() {
        let (one, other) = (Client::register().unwrap(), Client::register().unwrap());
        assert_eq!((one.id().len(), one.secret().len()), (20, 64));
        assert_ne!(one.id(), other.id());
        assert_ne!(one.secret(), other.secret());
    }
}
