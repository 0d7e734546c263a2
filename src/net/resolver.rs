//! Names to addresses: once per run, judged as a whole, and pinned.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;
use url::Host;

use super::guard;
use crate::exchange::{Forbidden, Problem};

/// Whose addresses a connection may go to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reach {
    /// The public internet.
    Public,
    /// The public internet, and private or loopback addresses: for an allow-listed origin.
    Internal,
    /// The proxy's, whatever they are, and nobody else's.
    Proxy(String),
}

/// Refuses `host` unless every one of `addresses` is within `reach`.
pub(super) fn permit(host: &str, addresses: &[IpAddr], reach: &Reach) -> Result<(), Problem> {
    for &address in addresses {
        let is_spelled_out = host.trim_matches(['[', ']']).parse() == Ok(address);
        if let Err(unfit) = if is_spelled_out { guard::judge_spelled_out(address) } else { guard::judge(address) } {
            if *reach == Reach::Internal && unfit.may_be_allowed {
                continue;
            }
            let guard::Unfit { kind, may_be_allowed } = unfit;
            let host = host.to_owned();
            return Err(Problem::Forbidden(Forbidden::Address { host, address, kind, may_be_allowed }));
        }
    }
    Ok(())
}

/// The address that a host gives away by its very spelling: a literal, or loopback for `localhost` and every name below
/// it, which no name server is to be asked for.
///
/// Source: RFC 6761, section 6.3.
pub(super) fn spelled_out(host: &Host<&str>) -> Option<IpAddr> {
    match host {
        Host::Ipv4(address) => Some(IpAddr::V4(*address)),
        Host::Ipv6(address) => Some(IpAddr::V6(*address)),
        Host::Domain(name) => {
            let name = name.strip_suffix('.').unwrap_or(name);
            (name == "localhost" || name.ends_with(".localhost")).then_some(IpAddr::V4(Ipv4Addr::LOCALHOST))
        }
    }
}

/// Whether the public DNS never has `name`: one without a dot, or one below a zone that is kept out of it.
/// What a name server of this machine's network says of it is not the customer's to learn.
///
/// Source: RFC 6762 section 3 and appendix G, RFC 7686 section 2, RFC 8375 section 3; `internal` by ICANN's resolution of
/// 2024-07-29, `corp` and `home` by that of 2018-02-04; `localdomain` is what systems call themselves that have no name.
/// Names below `test` and `invalid` (RFC 6761) are asked for like any other: that there are none is for the DNS to say.
pub(super) fn is_internal(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    let zones =
        ["internal", "local", "home.arpa", "onion", "corp", "home", "intranet", "lan", "localdomain", "private"];
    let is_below = |zone: &str| name.strip_suffix(zone).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    !name.contains('.') || zones.into_iter().any(is_below)
}

/// A name's addresses: filled in by whoever asks first, while the others wait.
type Entry = Arc<OnceCell<Arc<[IpAddr]>>>;

/// Names that are remembered before those that nobody is using are forgotten: a run over very many hosts stays small.
const REMEMBERED: usize = 8192;

/// Every name of this run and its addresses. A name that failed is asked again.
#[derive(Default)]
pub(super) struct AddressBook {
    names: Mutex<HashMap<String, Entry>>,
}

impl AddressBook {
    /// The addresses of `name`: at least one, the same ones throughout the run, not yet judged.
    pub(super) async fn addresses(&self, name: &str) -> Result<Arc<[IpAddr]>, Problem> {
        let entry = {
            let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
            if names.len() >= REMEMBERED && !names.contains_key(name) {
                names.retain(|_, entry| Arc::strong_count(entry) > 1);
            }
            Arc::clone(names.entry(name.to_owned()).or_default())
        };
        entry.get_or_try_init(|| look_up(name)).await.cloned()
    }

    /// As if `name` had been looked up, with this result.
    #[cfg(test)]
    pub(super) fn learn(&self, name: &str, addresses: &[IpAddr]) {
        let entry = Arc::new(OnceCell::from(Arc::from(addresses)));
        self.names.lock().unwrap().insert(name.to_owned(), entry);
    }
}

/// Asks the system's resolver, so that `/etc/hosts` counts as it does for every other program.
async fn look_up(name: &str) -> Result<Arc<[IpAddr]>, Problem> {
    let failed = |exists_not| Problem::Dns { host: name.to_owned(), exists_not };
    let found = tokio::net::lookup_host((name, 0)).await.map_err(|error| failed(says_no_such_name(&error)))?;
    let mut addresses: Vec<IpAddr> = Vec::new();
    for address in found.map(|found| found.ip()) {
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    if addresses.is_empty() { Err(failed(true)) } else { Ok(addresses.into()) }
}

/// Whether the system says that the name does not exist. Its code is lost on the way here, only its words are left
/// (glibc twice, musl, the BSDs); what is not recognised counts as a failure that may pass.
fn says_no_such_name(error: &std::io::Error) -> bool {
    const WORDS: [&str; 4] = [
        "Name or service not known",
        "No address associated with hostname",
        "Name does not resolve",
        "nodename nor servname provided",
    ];
    let text = error.to_string();
    WORDS.iter().any(|words| text.contains(words))
}

/// The address book as the HTTP client's connector asks it: the guard stands here, too, so that no way of sending a
/// request leads around it (rule R-38).
pub(super) struct GuardedResolver {
    pub(super) book: Arc<AddressBook>,
    pub(super) reach: Reach,
}

impl reqwest::dns::Resolve for GuardedResolver {
    fn resolve(&self, name: reqwest::dns::Name) -> reqwest::dns::Resolving {
        let (book, reach) = (Arc::clone(&self.book), self.reach.clone());
        Box::pin(async move {
            let name = name.as_str();
            let addresses = book.addresses(name).await?;
            match &reach {
                Reach::Proxy(proxy) if proxy == name => {}
                Reach::Proxy(_) => return Err(Box::<dyn std::error::Error + Send + Sync>::from("not the proxy")),
                Reach::Public | Reach::Internal => permit(name, &addresses, &reach)?,
            }
            let addresses: Vec<SocketAddr> = addresses.iter().map(|&address| SocketAddr::new(address, 0)).collect();
            Ok(Box::new(addresses.into_iter()) as reqwest::dns::Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use reqwest::dns::Resolve as _;

    use super::*;

    async fn connectable(name: &str, known: &[&str], reach: Reach) -> bool {
        let book = Arc::new(AddressBook::default());
        let known: Vec<IpAddr> = known.iter().map(|text| text.parse().unwrap()).collect();
        if !known.is_empty() {
            book.learn(name, &known);
        }
        let addresses = GuardedResolver { book, reach }.resolve(name.parse().unwrap()).await;
        addresses.is_ok_and(|addresses| known.is_empty() || addresses.map(|address| address.ip()).eq(known))
    }

    #[tokio::test]
    async fn the_connector_itself_refuses_what_the_guard_refuses() {
        assert!(connectable("idp.acme.example", &["8.8.8.8", "2606:4700::1"], Reach::Public).await);
        assert!(!connectable("localhost", &[], Reach::Public).await);
        assert!(connectable("localhost", &[], Reach::Internal).await);
        assert!(!connectable("idp.acme.example", &["169.254.169.254"], Reach::Internal).await);
    }

    #[tokio::test]
    async fn one_inner_address_among_public_ones_refuses_the_name() {
        for known in [["8.8.8.8", "10.0.0.1"], ["10.0.0.1", "8.8.8.8"], ["2606:4700::1", "::1"]] {
            assert!(!connectable("idp.acme.example", &known, Reach::Public).await, "{known:?}");
        }
    }

    #[tokio::test]
    async fn behind_a_proxy_the_connector_knows_the_proxy_alone() {
        let reach = || Reach::Proxy("proxy.acme.example".to_owned());
        assert!(connectable("proxy.acme.example", &["10.0.0.1"], reach()).await);
        assert!(!connectable("idp.acme.example", &["8.8.8.8"], reach()).await);
    }

    #[test]
    fn every_name_below_localhost_is_loopback_by_its_spelling() {
        let spelled = |text: &str| spelled_out(&url::Url::parse(text).unwrap().host().unwrap());
        for text in ["https://localhost", "https://idp.localhost/x", "https://a.b.localhost.:8443", "https://127.0.0.1"]
        {
            assert_eq!(spelled(text), Some(IpAddr::V4(Ipv4Addr::LOCALHOST)), "{text}");
        }
        for text in ["https://notlocalhost", "https://localhost.acme.example"] {
            assert_eq!(spelled(text), None, "{text}");
        }
    }

    #[test]
    fn a_failure_that_may_pass_is_not_taken_for_a_missing_name() {
        let said = |text: &str| says_no_such_name(&std::io::Error::other(text));
        assert!(said("failed to lookup address information: Name or service not known"));
        assert!(!said("failed to lookup address information: Temporary failure in name resolution"));
    }
}
