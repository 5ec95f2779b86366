//! Where a server can be dialled. A session is opened for one of these places only.

use ayumi_protocol::key::Hash;

/// The places at which a server is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origins {
    /// No network: the same process.
    Nearby,
    /// Another device, over a connection that this handshake sealed.
    Beside(Hash),
    /// Only this very computer, at any port: for trying out.
    Loopback,
    /// These, as `https://host:port`.
    Listed(Vec<String>),
}

impl Origins {
    /// Whether a device that dialled this origin meant this server.
    pub fn contain(&self, origin: &str) -> bool {
        match self {
            Self::Nearby | Self::Beside(_) => origin.is_empty(),
            Self::Listed(known) => known.iter().any(|known| known == origin),
            Self::Loopback => {
                let host = origin.split_once("://").and_then(|(_, rest)| rest.rsplit_once(':')).map(|(host, _)| host);
                matches!(host, Some("localhost" | "127.0.0.1" | "[::1]"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_this_servers_or_not() {
        let listed = Origins::Listed(vec!["https://ayumi.city.example:443".into()]);
        for (origins, origin, expected) in [
            (&Origins::Nearby, "", true),
            (&Origins::Nearby, "http://127.0.0.1:1", false),
            (&Origins::Loopback, "http://127.0.0.1:8787", true),
            (&Origins::Loopback, "https://localhost:443", true),
            (&Origins::Loopback, "http://[::1]:9", true),
            (&Origins::Loopback, "https://127.0.0.1.example:443", false),
            (&Origins::Loopback, "", false),
            (&listed, "https://ayumi.city.example:443", true),
            (&listed, "https://ayumi.city.example:8443", false),
            (&listed, "http://127.0.0.1:8787", false),
            (&listed, "", false),
        ] {
            assert_eq!(origins.contain(origin), expected, "{origins:?} {origin}");
        }
    }
}
