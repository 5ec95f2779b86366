//! Municipalities that one server answers for: each a tenant of the database, found by the host that was asked.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use ayumi_protocol::municipal::feed::MunicipalityName;

/// A municipality, as a database keeps it apart from all others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tenant(MunicipalityName);

impl Tenant {
    /// Returns its name: small letters, digits, dots and hyphens, and therefore safe in the name of a file.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Returns its name as it stands in signed forms.
    pub const fn name(&self) -> &MunicipalityName {
        &self.0
    }
}

impl From<MunicipalityName> for Tenant {
    fn from(name: MunicipalityName) -> Self {
        Self(name)
    }
}

impl fmt::Display for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A host for which no municipality answers here: 421, never the first one there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no municipality answers for this host here")]
pub struct UnknownHost;

/// Which host is which municipality's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hosts(BTreeMap<String, Tenant>);

impl Hosts {
    /// Takes pairs of host and municipality.
    ///
    /// # Errors
    /// [`UnknownHost`] if a host is empty, or two municipalities' own.
    pub fn new(pairs: impl IntoIterator<Item = (String, Tenant)>) -> Result<Self, UnknownHost> {
        let mut hosts = BTreeMap::new();
        for (host, tenant) in pairs {
            let host = plain(&host).ok_or(UnknownHost)?;
            if hosts.insert(host, tenant.clone()).is_some_and(|other| other != tenant) {
                return Err(UnknownHost);
            }
        }
        Ok(Self(hosts))
    }

    /// Returns whose a host is. A port behind it counts for nothing.
    ///
    /// # Errors
    /// [`UnknownHost`], also where there is one municipality only.
    pub fn tenant(&self, host: &str) -> Result<&Tenant, UnknownHost> {
        plain(host).and_then(|host| self.0.get(&host)).ok_or(UnknownHost)
    }

    /// Returns all municipalities, each once: background work opens one transaction for each of them.
    pub fn tenants(&self) -> BTreeSet<&Tenant> {
        self.0.values().collect()
    }
}

/// A host without port, final dot and capitals.
fn plain(host: &str) -> Option<String> {
    let port = |(_, port): &(&str, &str)| port.bytes().all(|digit| digit.is_ascii_digit());
    let name = match host.strip_prefix('[') {
        Some(address) => address.split_once(']')?.0,
        None => host.rsplit_once(':').filter(port).map_or(host, |(name, _)| name),
    };
    let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant(name: &str) -> Tenant {
        Tenant::from(name.parse::<MunicipalityName>().unwrap())
    }

    #[test]
    fn an_unknown_host_gets_no_municipality_even_if_there_is_only_one() {
        let hosts = Hosts::new([("soudan.example.jp".to_owned(), tenant("jp.131130"))]).unwrap();
        for host in ["soudan.example.jp", "Soudan.Example.JP", "soudan.example.jp.", "soudan.example.jp:8443"] {
            assert_eq!(hosts.tenant(host), Ok(&tenant("jp.131130")), "{host}");
        }
        for host in ["example.jp", "soudan.example.jp.evil.example", "", ":443", "192.0.2.1", "soudan.example.jp:x"] {
            assert_eq!(hosts.tenant(host), Err(UnknownHost), "{host}");
        }
    }

    #[test]
    fn one_host_is_not_two_municipalities() {
        let pair = |name: &str| ("a.example".to_owned(), tenant(name));
        assert_eq!(Hosts::new([pair("jp.131130"), pair("jp.131121")]), Err(UnknownHost));
        assert_eq!(Hosts::new([pair("jp.131130"), pair("jp.131130")]).unwrap().tenants().len(), 1);
        let v6 = Hosts::new([("[::1]".to_owned(), tenant("jp.131130"))]).unwrap();
        assert!(v6.tenant("[::1]:8443").is_ok());
    }
}
