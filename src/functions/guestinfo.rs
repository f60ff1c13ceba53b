//! The functions `guestinfo_encode` and `guestinfo_decode`.
use super::{parameter, text, wrong};
use crate::common::guestinfo::{Encoding, encode};
use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::GeneralPurpose;
use base64::engine::general_purpose::GeneralPurposeConfig;
use flate2::read::MultiGzDecoder;
use std::io::Read;
use tf_framework::server::{FunctionError, Signature};
use tf_framework::{Dynamic, Function, Type};

/// The most that is unpacked: a short text can expand to a very long one.
const MOST: u64 = 64 << 20;

/// Padding may be left out, as some tools do.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The encoding of that name, as cloud-init and Ignition write it.
fn encoding(name: &str) -> Result<Encoding, FunctionError> {
    Encoding::parse(name).ok_or_else(|| {
        wrong(1, format!("{name:?} is not an encoding. Expected \"plain\", \"base64\" or \"gzip+base64\"."))
    })
}

fn decode(text: &str, encoding: Encoding) -> Result<String, String> {
    let bytes = || {
        // Tools break long lines.
        let joined: String = text.split_ascii_whitespace().collect();
        LENIENT.decode(joined).map_err(|e| format!("It is not base64: {e}."))
    };
    let utf8 = |bytes: Vec<u8>| {
        String::from_utf8(bytes).map_err(|_| {
            "The decoded bytes are not UTF-8 text. If they are compressed, the encoding is \"gzip+base64\".".to_owned()
        })
    };
    match encoding {
        Encoding::Plain => Ok(text.to_owned()),
        Encoding::Base64 => utf8(bytes()?),
        Encoding::GzipBase64 => {
            let (packed, mut out) = (bytes()?, vec![]);
            let read = MultiGzDecoder::new(packed.as_slice()).take(MOST + 1).read_to_end(&mut out);
            read.map_err(|e| format!("It is not compressed with gzip: {e}."))?;
            if out.len() as u64 > MOST {
                return Err(format!("It stands for more than {} MiB.", MOST >> 20));
            }
            utf8(out)
        }
    }
}

const ENCODINGS: &str = "The encoding: `plain`, `base64` or `gzip+base64`.";

/// `guestinfo_encode(text, encoding)`
#[derive(Debug, Default)]
pub struct GuestinfoEncode;

impl Function for GuestinfoEncode {
    fn signature(&self) -> Signature {
        Signature {
            name: "guestinfo_encode",
            summary: "Encodes a text for a `guestinfo.*` key",
            doc: "Returns the text in the encoding `plain`, `base64` or `gzip+base64`. Unless the encoding is `plain`, \
                  set it in `guestinfo.userdata.encoding`, `guestinfo.metadata.encoding` or \
                  `guestinfo.ignition.config.data.encoding` as well. The result for the same text is identical on all \
                  platforms, so it does not cause a difference in a plan.",
            parameters: vec![
                parameter("text", Type::String, "The text to encode, such as cloud-init user data."),
                parameter("encoding", Type::String, ENCODINGS),
            ],
            variadic: None,
            returns: Type::String,
        }
    }

    fn call(&self, arguments: &[Dynamic]) -> Result<Dynamic, FunctionError> {
        let encoding = encoding(text(arguments, 1))?;
        let out = encode(text(arguments, 0), encoding).map_err(|e| wrong(0, e.to_string()))?;
        Ok(out.into())
    }
}

/// `guestinfo_decode(text, encoding)`
#[derive(Debug, Default)]
pub struct GuestinfoDecode;

impl Function for GuestinfoDecode {
    fn signature(&self) -> Signature {
        Signature {
            name: "guestinfo_decode",
            summary: "Decodes the text of a `guestinfo.*` key",
            doc: "Decodes text that was encoded as `plain`, `base64` or `gzip+base64`, for example by `guestinfo_encode`. In \
                  Base64, line breaks are ignored and padding can be omitted.",
            parameters: vec![
                parameter("text", Type::String, "The encoded text."),
                parameter("encoding", Type::String, ENCODINGS),
            ],
            variadic: None,
            returns: Type::String,
        }
    }

    fn call(&self, arguments: &[Dynamic]) -> Result<Dynamic, FunctionError> {
        let encoding = encoding(text(arguments, 1))?;
        decode(text(arguments, 0), encoding).map(Dynamic::String).map_err(|why| wrong(0, why))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [&str; 3] = ["plain", "base64", "gzip+base64"];

    #[test]
    fn a_text_comes_back() {
        for name in ALL {
            for text in ["", "#cloud-config\n", "ä€😀", &"x".repeat(100_000)] {
                let packed = GuestinfoEncode.call(&[text.into(), name.into()]).unwrap();
                assert_eq!(GuestinfoDecode.call(&[packed, name.into()]).unwrap(), text.into(), "{name}");
            }
        }
    }

    #[test]
    fn an_encoding_is_the_same_everywhere() {
        let of = |name: &str| encode("#cloud-config\n", encoding(name).unwrap()).unwrap();
        assert_eq!(of("base64"), "I2Nsb3VkLWNvbmZpZwo=");
        let packed = base64::engine::general_purpose::STANDARD.decode(of("gz+b64")).unwrap();
        // Magic, deflate, no flags, no time, best compression, unknown system.
        assert_eq!(packed[..10], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255]);
        assert_eq!(of("gzip+base64"), of("gz+b64"));
    }

    #[test]
    fn what_tools_write_is_read() {
        let b64 = encoding("b64").unwrap();
        assert_eq!(decode("I2Nsb3Vk\n  LWNvbmZpZwo", b64).unwrap(), "#cloud-config\n");
        assert!(decode("I2Ns!", b64).unwrap_err().contains("not base64"));
        let packed = encode("x", encoding("gzip+base64").unwrap()).unwrap();
        assert!(decode(&packed, b64).unwrap_err().contains("gzip+base64"));
        assert!(decode("eA==", encoding("gzip+base64").unwrap()).unwrap_err().contains("not compressed"));
        assert!(encoding("zip").is_err());
    }
}
