//! A connection between two devices under a code that the screen of one of them shows: Noise, pattern `NNpsk0`.
//!
//! Who does not know the code gets no byte that it can read and none that it can send: the first message is sealed under the code
//! already. A part on the wire has at most 65,535 bytes, and a message never more than its reader says, so a stranger fills nobody's
//! memory. What one side signs inside names the handshake ([`Sealed::handshake`]), so even who knows the code cannot stand between.

use ayumi_protocol::purpose;
use snow::{Builder, HandshakeState, TransportState};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::meeting::MeetingCode;

/// How long a handshake, or one message, may take.
const TIME: std::time::Duration = std::time::Duration::from_secs(30);
const PATTERN: &str = "Noise_NNpsk0_25519_ChaChaPoly_SHA256";
const PROLOGUE: &[u8] = purpose::NEARBY.as_bytes();
/// Bytes of one part on the wire.
const PART: usize = 65_535;
/// Bytes that a part has besides what it carries.
const TAG: usize = 16;
/// Before a message: its length.
const LENGTH: usize = 4;

/// The connection ended, or is none of this kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the connection ended")]
pub struct Ended;

impl From<snow::Error> for Ended {
    fn from(_: snow::Error) -> Self {
        Self
    }
}

impl From<std::io::Error> for Ended {
    fn from(_: std::io::Error) -> Self {
        Self
    }
}

/// A connection on which both sides have shown that they know the code.
pub struct Sealed {
    stream: TcpStream,
    noise: TransportState,
    handshake: [u8; 32],
}

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealed(…)")
    }
}

impl Sealed {
    /// Dials: sends the first message.
    ///
    /// # Errors
    /// [`Ended`], also if the other side waits under another code.
    pub async fn dial(stream: TcpStream, code: &MeetingCode) -> Result<Self, Ended> {
        let key = code.key();
        let noise = builder(&key)?.build_initiator()?;
        timeout(TIME, shake(stream, noise)).await.map_err(|_| Ended)?
    }

    /// Waits for the first message.
    ///
    /// # Errors
    /// [`Ended`], also if the other side dialled under another code; nothing was sent then.
    pub async fn accept(stream: TcpStream, code: &MeetingCode) -> Result<Self, Ended> {
        let key = code.key();
        let noise = builder(&key)?.build_responder()?;
        timeout(TIME, shake(stream, noise)).await.map_err(|_| Ended)?
    }

    /// Returns the handshake's hash: both sides have the same one, and nobody else on any other connection.
    pub const fn handshake(&self) -> [u8; 32] {
        self.handshake
    }

    /// Sends a message.
    ///
    /// # Errors
    /// [`Ended`].
    pub async fn send(&mut self, message: &[u8]) -> Result<(), Ended> {
        let length = u32::try_from(message.len()).map_err(|_| Ended)?;
        let whole = [&length.to_be_bytes()[..], message].concat();
        let sending = async {
            for part in whole.chunks(PART - TAG) {
                let mut sealed = vec![0; part.len() + TAG];
                self.noise.write_message(part, &mut sealed)?;
                write_part(&mut self.stream, &sealed).await?;
            }
            Ok(())
        };
        timeout(TIME, sending).await.map_err(|_| Ended)?
    }

    /// Receives a message of at most so many bytes. Room is made as bytes come, not as they are promised.
    ///
    /// # Errors
    /// [`Ended`], also for a longer one.
    pub async fn receive(&mut self, most: usize) -> Result<Vec<u8>, Ended> {
        let receiving = async {
            let first = self.part().await?;
            let (length, first) = first.split_first_chunk::<LENGTH>().ok_or(Ended)?;
            let length = u32::from_be_bytes(*length) as usize;
            let mut message = first.to_vec();
            while message.len() < length && length <= most {
                let part = self.part().await?;
                // Empty parts would go on for ever.
                if part.is_empty() {
                    return Err(Ended);
                }
                message.extend_from_slice(&part);
            }
            if message.len() == length && length <= most { Ok(message) } else { Err(Ended) }
        };
        timeout(TIME, receiving).await.map_err(|_| Ended)?
    }

    async fn part(&mut self) -> Result<Vec<u8>, Ended> {
        let sealed = read_part(&mut self.stream).await?;
        let mut part = vec![0; sealed.len()];
        let length = self.noise.read_message(&sealed, &mut part)?;
        part.truncate(length);
        Ok(part)
    }
}

fn builder(key: &[u8; 32]) -> Result<Builder<'_>, Ended> {
    Ok(Builder::new(PATTERN.parse()?).prologue(PROLOGUE)?.psk(0, key)?)
}

/// The two messages of the pattern, in whichever part this side has.
async fn shake(mut stream: TcpStream, mut noise: HandshakeState) -> Result<Sealed, Ended> {
    // Small messages go at once.
    stream.set_nodelay(true)?;
    while !noise.is_handshake_finished() {
        let mut buffer = vec![0; PART];
        if noise.is_my_turn() {
            let length = noise.write_message(&[], &mut buffer)?;
            write_part(&mut stream, buffer.get(..length).ok_or(Ended)?).await?;
        } else {
            noise.read_message(&read_part(&mut stream).await?, &mut buffer)?;
        }
    }
    let handshake = noise.get_handshake_hash().try_into().map_err(|_| Ended)?;
    Ok(Sealed { stream, noise: noise.into_transport_mode()?, handshake })
}

async fn write_part(stream: &mut TcpStream, part: &[u8]) -> Result<(), Ended> {
    let length = u16::try_from(part.len()).map_err(|_| Ended)?;
    stream.write_all(&[&length.to_be_bytes()[..], part].concat()).await?;
    Ok(())
}

async fn read_part(stream: &mut TcpStream) -> Result<Vec<u8>, Ended> {
    let mut part = vec![0; stream.read_u16().await?.into()];
    stream.read_exact(&mut part).await?;
    Ok(part)
}
