//! How texts are written in `guestinfo.*` keys.
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::{Compression, GzBuilder};
use std::io::Write;

/// How a text is written in `guestinfo.*`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Plain,
    Base64,
    GzipBase64,
}

impl Encoding {
    /// The encoding of that name, as cloud-init and Ignition write it.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        match name {
            "" | "plain" => Some(Self::Plain),
            "base64" | "b64" => Some(Self::Base64),
            "gzip+base64" | "gz+b64" => Some(Self::GzipBase64),
            _ => None,
        }
    }
}

/// The text in an encoding.
///
/// # Errors
/// It cannot be compressed.
pub(crate) fn encode(text: &str, encoding: Encoding) -> std::io::Result<String> {
    Ok(match encoding {
        Encoding::Plain => text.to_owned(),
        Encoding::Base64 => STANDARD.encode(text),
        Encoding::GzipBase64 => {
            // No time and no operating system in the header: one text has one encoding, wherever it is made.
            let gzip = GzBuilder::new().mtime(0).operating_system(255);
            let mut gzip = gzip.write(vec![], Compression::best());
            gzip.write_all(text.as_bytes())?;
            STANDARD.encode(gzip.finish()?)
        }
    })
}
