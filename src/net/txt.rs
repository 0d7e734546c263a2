//! DNS TXT records: how a customer proves that a further domain is theirs.

use std::net::SocketAddr;
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{NameServerConfig, ResolveHosts, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RData};

use crate::exchange::Problem;
use crate::foreign;

/// How long one name server has for one try.
const TRY: Duration = Duration::from_secs(2);

/// A resolver that asks `servers`, or the system's where there are none.
pub(super) fn resolver(servers: &[SocketAddr]) -> Result<TokioResolver, NetError> {
    let mut builder = if servers.is_empty() {
        TokioResolver::builder_tokio()?
    } else {
        let servers = servers.iter().map(name_server).collect();
        let config = ResolverConfig::from_parts(None, Vec::new(), servers);
        TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
    };
    let options = builder.options_mut();
    options.timeout = TRY;
    options.attempts = 1;
    options.use_hosts_file = ResolveHosts::Never;
    builder.build()
}

fn name_server(address: &SocketAddr) -> NameServerConfig {
    let mut server = NameServerConfig::udp_and_tcp(address.ip());
    for connection in &mut server.connections {
        connection.port = address.port();
    }
    server
}

/// The TXT records of `name`, each with its character-strings joined (RFC 7208, section 3.3); none where the name or
/// its records do not exist.
pub(super) async fn records(resolver: &TokioResolver, name: &str) -> Result<Vec<String>, Problem> {
    let failed = |exists_not| Problem::Dns { host: foreign::shown(name), exists_not };
    // The final dot keeps the system's search list out of it. A text that is no DNS name has no records.
    let relative = name.strip_suffix('.').unwrap_or(name);
    let absolute = Name::from_ascii(format!("{relative}.")).map_err(|_| failed(true))?;
    if absolute.is_root() {
        return Err(failed(true));
    }
    match resolver.txt_lookup(absolute).await {
        Ok(found) => Ok(found
            .answers()
            .iter()
            .filter_map(|record| match &record.data {
                RData::TXT(txt) => Some(String::from_utf8_lossy(&txt.txt_data.concat()).into_owned()),
                _ => None,
            })
            .collect()),
        Err(NetError::Dns(DnsError::NoRecordsFound(none)))
            if matches!(none.response_code, ResponseCode::NXDomain | ResponseCode::NoError) =>
        {
            Ok(Vec::new())
        }
        Err(_) => Err(failed(false)),
    }
}
