//! What an OVF descriptor says, as far as it has to be known before a server has seen it.

use vim_types::xml::{self, Reader};

use crate::error::{Error, Result};

/// The descriptor of a package.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Descriptor {
    /// The whole text.
    pub text: String,
    /// The names that the package has for networks.
    pub networks: Vec<String>,
    /// The deployment options.
    pub options: Vec<DeploymentOption>,
    /// The properties.
    pub properties: Vec<Property>,
    /// The files beside the descriptor.
    pub files: Vec<File>,
}

/// A size or shape in which a package can be deployed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeploymentOption {
    /// What it is asked for by.
    pub id: String,
    /// Whether it is the one that is taken when none is asked for.
    pub default: bool,
}

/// A property that a package has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Property {
    /// The class of its product; empty where there is none.
    pub class: String,
    /// The key in its product.
    pub id: String,
    /// The instance of its product; empty where there is none.
    pub instance: String,
    /// Whether a user is meant to set it.
    pub user_configurable: bool,
}

impl Property {
    /// The name that no other property of the package has: class, key and instance.
    pub fn key(&self) -> String {
        let parts = [&self.class, &self.id, &self.instance];
        parts.into_iter().filter(|p| !p.is_empty()).map(String::as_str).collect::<Vec<_>>().join(".")
    }
}

/// A file of a package.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct File {
    /// Its name, as a relative URL.
    pub href: String,
    /// Its size in bytes, if the package has it.
    pub size: Option<u64>,
}

impl Descriptor {
    /// Reads a descriptor.
    ///
    /// # Errors
    /// [`Error::Package`] if it is not an OVF descriptor.
    pub fn parse(bytes: Vec<u8>) -> Result<Descriptor> {
        let text = String::from_utf8(bytes)
            .map_err(|_| Error::Package("the OVF descriptor is not UTF-8 text".to_owned()))?;
        let text = text.trim_start_matches('\u{feff}').to_owned();
        if !text.trim_start().starts_with('<') {
            return Err(Error::Package("this is not an OVF descriptor: it is not XML".to_owned()));
        }
        let mut out = Descriptor::default();
        let read = out.envelope(&text);
        let sound = read.map_err(|e| Error::Package(format!("the OVF descriptor cannot be read: {e}")))?;
        if !sound {
            return Err(Error::Package(
                "this is not an OVF descriptor: it does not have an Envelope element".to_owned(),
            ));
        }
        out.text = text;
        Ok(out)
    }

    fn envelope(&mut self, text: &str) -> Result<bool, xml::Error> {
        let mut reader = Reader::new(text);
        if !reader.next_child()? || reader.name() != "Envelope" {
            return Ok(false);
        }
        self.sections(&mut reader)?;
        Ok(true)
    }

    /// The sections of an envelope, a system or a collection of systems.
    fn sections(&mut self, reader: &mut Reader<'_>) -> Result<(), xml::Error> {
        while reader.next_child()? {
            // OVF 0.9 has one element for all sections, distinguished by type.
            let kind = match reader.name() {
                "Section" | "Content" => reader.xsi_type().trim_end_matches("_Type").to_owned(),
                name => name.to_owned(),
            };
            match kind.as_str() {
                "VirtualSystem" | "VirtualSystemCollection" => self.sections(reader)?,
                "References" => {
                    each(reader, "File", |r| {
                        let href = r.local_attribute("href").unwrap_or_default();
                        let size = r.local_attribute("size").and_then(|s| s.trim().parse().ok());
                        self.files.push(File { href, size });
                    })?;
                }
                "NetworkSection" => {
                    each(reader, "Network", |r| self.networks.extend(r.local_attribute("name")))?;
                }
                "DeploymentOptionSection" => {
                    each(reader, "Configuration", |r| {
                        let id = r.local_attribute("id").unwrap_or_default();
                        self.options.push(DeploymentOption { id, default: is_true(r, "default") });
                    })?;
                }
                "ProductSection" => {
                    let part = |name| reader.local_attribute(name).unwrap_or_default();
                    let (class, instance) = (part("class"), part("instance"));
                    each(reader, "Property", |r| {
                        self.properties.push(Property {
                            class: class.clone(),
                            id: r.local_attribute("key").unwrap_or_default(),
                            instance: instance.clone(),
                            user_configurable: is_true(r, "userConfigurable"),
                        });
                    })?;
                }
                _ => reader.skip()?,
            }
        }
        Ok(())
    }
}

fn is_true(reader: &Reader<'_>, attribute: &str) -> bool {
    reader.local_attribute(attribute).is_some_and(|v| matches!(v.trim(), "true" | "1"))
}

/// Visits the children of that name.
fn each(reader: &mut Reader<'_>, name: &str, mut visit: impl FnMut(&Reader<'_>)) -> Result<(), xml::Error> {
    while reader.next_child()? {
        if reader.name() == name {
            visit(reader);
        }
        reader.skip()?;
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;

    const PACKAGE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<o:Envelope xmlns:o="http://schemas.dmtf.org/ovf/envelope/1" xmlns="http://schemas.dmtf.org/ovf/envelope/1">
  <References><File o:id="f1" o:href="a%20disk.vmdk" o:size="12"/><File o:href="b.iso"/></References>
  <NetworkSection><Info>n</Info><Network o:name="A &amp; B"><Description>x</Description></Network></NetworkSection>
  <DeploymentOptionSection><Configuration o:id="small" o:default="true"><Label>S</Label></Configuration>
    <Configuration o:id="big"/></DeploymentOptionSection>
  <VirtualSystem o:id="vm"><Info/>
    <ProductSection o:class="com.acme" o:instance="2"><Category>c</Category>
      <Property o:key="host" o:type="string" o:userConfigurable="true"><Label/></Property><Property o:key="secret"/>
    </ProductSection>
    <ProductSection><Property o:key="plain" o:userConfigurable="true"/></ProductSection>
  </VirtualSystem>
</o:Envelope>"#;

    #[test]
    fn networks_options_properties_and_files_are_parsed() {
        let d = Descriptor::parse(format!("\u{feff}{PACKAGE}").into_bytes()).unwrap();
        assert_eq!(d.text, PACKAGE);
        assert_eq!(d.networks, ["A & B"]);
        let option = |id: &str, default| DeploymentOption { id: id.to_owned(), default };
        assert_eq!(d.options, [option("small", true), option("big", false)]);
        let keys: Vec<_> = d.properties.iter().map(|p| (p.key(), p.user_configurable)).collect();
        let expected = [("com.acme.host.2", true), ("com.acme.secret.2", false), ("plain", true)];
        assert_eq!(keys, expected.map(|(k, u)| (k.to_owned(), u)));
        let files: Vec<_> = d.files.iter().map(|f| (f.href.as_str(), f.size)).collect();
        assert_eq!(files, [("a%20disk.vmdk", Some(12)), ("b.iso", None)]);
    }

    #[test]
    fn sections_of_version_0_9_are_read() {
        let old = r#"<ovf:Envelope xmlns:ovf="http://www.vmware.com/schema/ovf/1/envelope" xmlns:xsi="x">
  <References><File ovf:href="d.vmdk"/></References>
  <Section xsi:type="ovf:NetworkSection_Type"><Info>n</Info><Network ovf:name="bridged"/></Section>
  <Content ovf:id="vm" xsi:type="ovf:VirtualSystem_Type"><Info/>
    <Section xsi:type="ovf:ProductSection_Type"><Property ovf:key="k" ovf:userConfigurable="true"/></Section>
  </Content></ovf:Envelope>"#;
        let d = Descriptor::parse(old.into()).unwrap();
        assert_eq!((d.networks, d.properties.len(), d.files.len()), (vec!["bridged".to_owned()], 1, 1));
    }

    #[test]
    fn an_invalid_descriptor_is_rejected() {
        for bad in
            ["", "<html></html>", "hello", "<Envelope><References>", "\u{1}x<?xml?><Envelope></Envelope>"]
        {
            assert!(matches!(Descriptor::parse(bad.into()), Err(Error::Package(_))), "{bad:?}");
        }
        assert!(matches!(Descriptor::parse(vec![0xff, 0xfe, 0x3c]), Err(Error::Package(_))));
    }
}
