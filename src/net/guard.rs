//! Which addresses may be called: globally routable unicast, and nothing else.
//!
//! Computed from the IANA special-purpose registries rather than from a list of bad examples (rule R-42). Blocks that
//! the registries call globally reachable but that no identity provider lives in (anycast relays, AS112) are refused
//! as well; the one exception is the well-known NAT64 prefix, since behind DNS64 every IPv4 server has such an address.
//!
//! Sources: IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890 and updates), IANA IPv6 Global Unicast
//! Address Assignments, and the cloud providers' documentation of their metadata services.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Why an address is not called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unfit {
    /// What kind of address, with its article.
    pub(super) kind: &'static str,
    /// Whether an allow-listed origin may have it all the same.
    pub(super) may_be_allowed: bool,
}

/// One block of a registry.
struct Block<A> {
    first: A,
    length: u32,
    unfit: Unfit,
}

const fn never(kind: &'static str) -> Unfit {
    Unfit { kind, may_be_allowed: false }
}

/// A block that a company may run servers in.
const fn internal(kind: &'static str) -> Unfit {
    Unfit { kind, may_be_allowed: true }
}

const fn v4(first: [u8; 4], length: u32, unfit: Unfit) -> Block<u32> {
    Block { first: u32::from_be_bytes(first), length, unfit }
}

/// `high` and `low` are the two halves of the block's first address.
const fn v6(high: u128, low: u128, length: u32, unfit: Unfit) -> Block<u128> {
    Block { first: high << 64 | low, length, unfit }
}

const METADATA: Unfit = never("a cloud metadata address");
const LINK_LOCAL: Unfit = never("a link-local address");
const DOCUMENTATION: Unfit = never("a documentation address");
const AS112: Unfit = never("an AS112 address");

/// First match counts: single addresses stand before the blocks around them.
const V4: &[Block<u32>] = &[
    v4([169, 254, 169, 254], 32, METADATA), // most clouds
    v4([169, 254, 170, 2], 32, METADATA),   // AWS ECS task role
    v4([169, 254, 0, 23], 32, METADATA),    // Tencent
    v4([100, 100, 100, 200], 32, METADATA), // Alibaba
    v4([168, 63, 129, 16], 32, METADATA),   // Azure wire server: a public address, and never on the internet
    v4([192, 0, 0, 192], 32, METADATA),     // Oracle
    v4([0, 0, 0, 0], 32, never("the unspecified address")),
    v4([0, 0, 0, 0], 8, never("an address of \"this network\" (RFC 791)")),
    v4([10, 0, 0, 0], 8, internal("a private address (RFC 1918)")),
    v4([100, 64, 0, 0], 10, internal("a carrier-grade NAT address (RFC 6598)")),
    v4([127, 0, 0, 0], 8, internal("a loopback address")),
    v4([169, 254, 0, 0], 16, LINK_LOCAL),
    v4([172, 16, 0, 0], 12, internal("a private address (RFC 1918)")),
    v4([192, 0, 0, 0], 24, never("an address for protocol assignments (RFC 6890)")),
    v4([192, 0, 2, 0], 24, DOCUMENTATION),
    v4([192, 31, 196, 0], 24, AS112),
    v4([192, 52, 193, 0], 24, never("a multicast tunnelling address (RFC 7450)")),
    v4([192, 88, 99, 0], 24, never("a 6to4 relay address")),
    v4([192, 168, 0, 0], 16, internal("a private address (RFC 1918)")),
    v4([192, 175, 48, 0], 24, AS112),
    v4([198, 18, 0, 0], 15, internal("a benchmarking address (RFC 2544)")),
    v4([198, 51, 100, 0], 24, DOCUMENTATION),
    v4([203, 0, 113, 0], 24, DOCUMENTATION),
    v4([224, 0, 0, 0], 4, never("a multicast address")),
    v4([255, 255, 255, 255], 32, never("the broadcast address")),
    v4([240, 0, 0, 0], 4, never("a reserved address (RFC 1112)")),
];

/// As [`V4`]. What is in none of these and outside `2000::/3` is refused too.
const V6: &[Block<u128>] = &[
    v6(0xfd00_0ec2_0000_0000, 0, 32, METADATA),      // AWS: metadata, DNS and time
    v6(0xfd20_00ce_0000_0000, 0x254, 128, METADATA), // Google
    v6(0xfd00_0042_0000_0000, 0x42, 128, METADATA),  // Scaleway
    v6(0, 0, 128, never("the unspecified address")),
    v6(0, 1, 128, internal("a loopback address")),
    v6(0x0100_0000_0000_0000, 0, 64, never("a discard-only address (RFC 6666)")),
    v6(0x0100_0000_0000_0001, 0, 64, never("a dummy address (RFC 9780)")),
    v6(0x2001_0002_0000_0000, 0, 48, internal("a benchmarking address (RFC 5180)")),
    v6(0x2001_0000_0000_0000, 0, 23, never("an address for protocol assignments (RFC 2928)")),
    v6(0x2001_0db8_0000_0000, 0, 32, DOCUMENTATION),
    v6(0x2620_004f_8000_0000, 0, 48, AS112),
    v6(0x3fff_0000_0000_0000, 0, 20, DOCUMENTATION),
    v6(0x5f00_0000_0000_0000, 0, 16, never("a segment routing address (RFC 9602)")),
    v6(0xfc00_0000_0000_0000, 0, 7, internal("a unique local address (RFC 4193)")),
    v6(0xfe80_0000_0000_0000, 0, 10, LINK_LOCAL),
    v6(0xfec0_0000_0000_0000, 0, 10, never("a site-local address (RFC 3879)")),
    v6(0xff00_0000_0000_0000, 0, 8, never("a multicast address")),
];

/// As [`judge`], of an address that a URL spells out: nobody is given one that leads through this network's own gateway.
///
/// # Errors
///
/// [`Unfit`]: what kind of address it is instead.
pub(super) fn judge_spelled_out(address: IpAddr) -> Result<(), Unfit> {
    judge(address)?;
    match address {
        IpAddr::V6(address) if is_well_known_nat64(address) => Err(never("an address of a NAT64 gateway (RFC 6052)")),
        _ => Ok(()),
    }
}

/// Whether `address` is on the public internet.
///
/// # Errors
///
/// [`Unfit`]: what kind of address it is instead.
pub(super) fn judge(address: IpAddr) -> Result<(), Unfit> {
    match address {
        IpAddr::V4(address) => judge_v4(address),
        IpAddr::V6(address) => judge_v6(address),
    }
}

fn judge_v4(address: Ipv4Addr) -> Result<(), Unfit> {
    let bits = address.to_bits();
    match V4.iter().find(|block| shares_prefix(bits.into(), block.first.into(), block.length, 32)) {
        Some(block) => Err(block.unfit),
        None => Ok(()),
    }
}

fn judge_v6(address: Ipv6Addr) -> Result<(), Unfit> {
    judge_embedded(address)?;
    let bits = address.to_bits();
    match V6.iter().find(|block| shares_prefix(bits, block.first, block.length, 128)) {
        Some(block) => Err(block.unfit),
        None if bits >> 125 == 0b001 => Ok(()),
        None if is_well_known_nat64(address) => Ok(()),
        None => Err(never("an address outside the global unicast range (2000::/3)")),
    }
}

/// Judges the IPv4 address within an IPv6 address, by every way of putting one there.
fn judge_embedded(address: Ipv6Addr) -> Result<(), Unfit> {
    let last = |bits: u128| Ipv4Addr::from_bits(u32::try_from(bits & 0xffff_ffff).unwrap_or_default());
    let bits = address.to_bits();
    match address.segments() {
        // The operating system connects to the IPv4 address: its judgement counts, and nobody publishes this form.
        [0, 0, 0, 0, 0, 0xffff, ..] => {
            judge_v4(last(bits))?;
            Err(never("an IPv4-mapped address"))
        }
        [0, 0, 0, 0, 0, 0, ..] if bits > 1 => {
            judge_v4(last(bits))?;
            Err(never("an IPv4-compatible address"))
        }
        [0x64, 0xff9b, 1, ..] => Err(never("an address of a local NAT64 (RFC 8215)")),
        [0x2002, ..] => Err(tunnelled(last(bits >> 80), "a 6to4 address")),
        [0x2001, 0, ..] => Err(tunnelled(last(!bits), "a Teredo address")),
        // The well-known NAT64 prefix (RFC 6052); and ISATAP, an interface identifier under any prefix (RFC 5214,
        // section 6.1).
        [0x64, 0xff9b, 0, 0, 0, 0, ..] | [_, _, _, _, 0 | 0x0200, 0x5efe, ..] => judge_v4(last(bits)),
        _ => Ok(()),
    }
}

/// A tunnel's address: refused whatever it leads to, and named after a metadata service where it leads to one.
fn tunnelled(inner: Ipv4Addr, kind: &'static str) -> Unfit {
    if judge_v4(inner) == Err(METADATA) { METADATA } else { never(kind) }
}

fn is_well_known_nat64(address: Ipv6Addr) -> bool {
    matches!(address.segments(), [0x64, 0xff9b, 0, 0, 0, 0, ..])
}

/// Whether the first `length` of `width` bits are the same.
const fn shares_prefix(one: u128, other: u128, length: u32, width: u32) -> bool {
    (one ^ other) >> (width - length) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(text: &str) -> Result<(), Unfit> {
        judge(text.parse().unwrap())
    }

    /// Every block: the address before it, its first, its last, the address after it, and a word of its kind. A `+`
    /// marks a neighbour that is on the public internet; the others are in a block of their own.
    #[rustfmt::skip]
    const BLOCKS: &[(&str, &str, &str, &str, &str)] = &[
        ("", "0.0.0.0", "0.255.255.255", "+1.0.0.0", "th"),
        ("+9.255.255.255", "10.0.0.0", "10.255.255.255", "+11.0.0.0", "private"),
        ("+100.63.255.255", "100.64.0.0", "100.127.255.255", "+100.128.0.0", "carrier-grade NAT"),
        ("+126.255.255.255", "127.0.0.0", "127.255.255.255", "+128.0.0.0", "loopback"),
        ("+169.253.255.255", "169.254.0.0", "169.254.255.255", "+169.255.0.0", "link-local"),
        ("+172.15.255.255", "172.16.0.0", "172.31.255.255", "+172.32.0.0", "private"),
        ("+191.255.255.255", "192.0.0.0", "192.0.0.255", "+192.0.1.0", "protocol assignments"),
        ("+192.0.1.255", "192.0.2.0", "192.0.2.255", "+192.0.3.0", "documentation"),
        ("+192.31.195.255", "192.31.196.0", "192.31.196.255", "+192.31.197.0", "AS112"),
        ("+192.52.192.255", "192.52.193.0", "192.52.193.255", "+192.52.194.0", "multicast tunnelling"),
        ("+192.88.98.255", "192.88.99.0", "192.88.99.255", "+192.88.100.0", "6to4 relay"),
        ("+192.167.255.255", "192.168.0.0", "192.168.255.255", "+192.169.0.0", "private"),
        ("+192.175.47.255", "192.175.48.0", "192.175.48.255", "+192.175.49.0", "AS112"),
        ("+198.17.255.255", "198.18.0.0", "198.19.255.255", "+198.20.0.0", "benchmarking"),
        ("+198.51.99.255", "198.51.100.0", "198.51.100.255", "+198.51.101.0", "documentation"),
        ("+203.0.112.255", "203.0.113.0", "203.0.113.255", "+203.0.114.0", "documentation"),
        ("+223.255.255.255", "224.0.0.0", "239.255.255.255", "240.0.0.0", "multicast"),
        ("239.255.255.255", "240.0.0.0", "255.255.255.254", "255.255.255.255", "reserved"),
        ("255.255.255.254", "255.255.255.255", "255.255.255.255", "", "broadcast"),
        ("", "::", "::", "::1", "unspecified"),
        ("::", "::1", "::1", "::2", "loopback"),
        ("::fffe:ffff:ffff", "::ffff:0.0.0.0", "::ffff:255.255.255.255", "::1:0:0:0", "th"),
        ("64:ff9b:0:ffff:ffff:ffff:ffff:ffff", "64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", "64:ff9b:2::", "local NAT64"),
        ("ff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "100::", "100::ffff:ffff:ffff:ffff", "100:0:0:1::", "discard"),
        ("100::ffff:ffff:ffff:ffff", "100:0:0:1::", "100::1:ffff:ffff:ffff:ffff", "100:0:0:2::", "dummy"),
        ("1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001::", "2001:0:ffff:ffff:ffff:ffff:ffff:ffff", "2001:1::", "Teredo"),
        ("2001:0:ffff:ffff:ffff:ffff:ffff:ffff", "2001:1::", "2001:1:ffff:ffff:ffff:ffff:ffff:ffff", "2001:2::", "protocol assignments"),
        ("2001:1:ffff:ffff:ffff:ffff:ffff:ffff", "2001:2::", "2001:2:0:ffff:ffff:ffff:ffff:ffff", "2001:2:1::", "benchmarking"),
        ("2001:2:ffff::", "2001:3::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "+2001:200::", "protocol assignments"),
        ("+2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "+2001:db9::", "documentation"),
        ("+2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "+2003::", "a 6to4"),
        ("+2620:4f:7fff:ffff:ffff:ffff:ffff:ffff", "2620:4f:8000::", "2620:4f:8000:ffff:ffff:ffff:ffff:ffff", "+2620:4f:8001::", "AS112"),
        ("+3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "+3fff:1000::", "documentation"),
        ("+3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "4000::", "5eff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "5f00::", "outside the global unicast"),
        ("5eff::", "5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "5f01::", "segment routing"),
        ("fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fe00::", "unique local"),
        ("fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fec0::", "link-local"),
        ("febf::", "fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ff00::", "site-local"),
        ("feff::", "ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "", "multicast"),
    ];

    #[test]
    fn every_special_purpose_block_is_refused_from_its_first_to_its_last_address() {
        for (_, first, last, _, kinds) in BLOCKS {
            for address in [first, last] {
                let kind = judged(address).expect_err(address).kind;
                assert!(kinds.split('|').any(|word| kind.contains(word)), "{address}: {kind}");
            }
        }
    }

    #[test]
    fn the_neighbours_of_a_block_are_not_taken_for_it() {
        for (before, _, _, after, kind) in BLOCKS {
            for neighbour in [before, after].into_iter().filter(|text| !text.is_empty()) {
                match neighbour.strip_prefix('+') {
                    Some(public) => assert_eq!(judged(public), Ok(()), "{public}"),
                    None => assert!(judged(neighbour).expect_err(neighbour).kind != *kind, "{neighbour}"),
                }
            }
        }
    }

    #[test]
    fn servers_on_the_internet_are_called() {
        for address in ["8.8.8.8", "1.1.1.1", "104.18.0.1", "2606:4700::1111", "2a00:1450:4001:80b::200e"] {
            assert_eq!(judged(address), Ok(()), "{address}");
        }
    }

    #[test]
    fn metadata_services_are_named_and_never_allowed() {
        for address in [
            "169.254.169.254",
            "169.254.170.2",
            "100.100.100.200",
            "168.63.129.16",
            "192.0.0.192",
            "fd00:ec2::254",
            "fd20:ce::254",
            "::ffff:169.254.169.254",
            "64:ff9b::169.254.169.254",
            "2002:a9fe:a9fe::1",
            "2001::5601:5601", // Teredo writes it inverted
            "2a00:1450::5efe:169.254.169.254",
        ] {
            assert_eq!(judged(address), Err(METADATA), "{address}");
        }
    }

    #[test]
    fn an_embedded_address_is_judged_by_what_it_leads_to() {
        for (address, kind) in [
            ("::ffff:127.0.0.1", "a loopback address"),
            ("::ffff:8.8.8.8", "an IPv4-mapped address"),
            ("::10.0.0.1", "a private address (RFC 1918)"),
            ("::8.8.8.8", "an IPv4-compatible address"),
            ("64:ff9b::10.0.0.1", "a private address (RFC 1918)"),
            ("64:ff9b::127.0.0.1", "a loopback address"),
            ("64:ff9b:1::8.8.8.8", "an address of a local NAT64 (RFC 8215)"),
            ("2002:7f00:1::", "a 6to4 address"),
            ("2002:808:808::", "a 6to4 address"),
            ("2001:0:4136:e378:8000:63bf:3fff:fdd2", "a Teredo address"),
            ("2a00:1450::5efe:10.0.0.1", "a private address (RFC 1918)"),
            ("2a00:1450::200:5efe:10.0.0.1", "a private address (RFC 1918)"),
        ] {
            assert_eq!(judged(address).expect_err(address).kind, kind, "{address}");
        }
    }

    #[test]
    fn a_nat64_address_that_a_url_spells_out_is_refused() {
        for address in ["64:ff9b::8.8.8.8", "64:ff9b::127.0.0.1"] {
            assert!(judge_spelled_out(address.parse().unwrap()).is_err(), "{address}");
        }
        assert_eq!(judge_spelled_out("8.8.8.8".parse().unwrap()), Ok(()));
    }

    #[test]
    fn a_server_behind_the_well_known_nat64_prefix_is_called() {
        assert_eq!(judged("64:ff9b::8.8.8.8"), Ok(()));
        assert_eq!(judged("2a00:1450::5efe:8.8.8.8"), Ok(()));
    }

    #[test]
    fn only_what_a_company_runs_servers_in_can_be_allowed() {
        for address in ["127.0.0.1", "::1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "fc00::1"] {
            assert!(judged(address).expect_err(address).may_be_allowed, "{address}");
        }
        for address in ["0.0.0.0", "169.254.1.1", "fe80::1", "224.0.0.1", "255.255.255.255", "192.0.2.1", "::"] {
            assert!(!judged(address).expect_err(address).may_be_allowed, "{address}");
        }
    }
}
