//! What a person can say to the program. Terraform says nothing: it sets the environment.
use lexopt::prelude::*;
use std::ffi::OsString;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The source under which the provider is published.
const ADDRESS: &str = "registry.terraform.io/vsphere-rs/vsphere";

/// What there is to say.
pub(super) const USAGE: &str = "\
Usage: terraform-provider-vsphere [COMMAND | OPTIONS]

Commands:
  version                       Print the version, with commit, date and platform.

Options:
  --debug                       Serve until Ctrl-C, and print how Terraform finds this process.
  --provider-address <SOURCE>   With --debug: the source in required_providers,
                                registry.terraform.io/vsphere-rs/vsphere unless given.
  -h, --help                    Print this.

Without arguments it is a plugin, which Terraform or OpenTofu starts.
";

/// What is to be done.
#[derive(Debug, PartialEq)]
pub(super) enum Command {
    /// Serve the Terraform process that started us.
    Plugin,
    /// Serve any client that attaches.
    Debug {
        /// The source of the provider.
        address: String,
    },
    /// Print that, and end.
    Print(String),
}

/// Reads the arguments; the first is the name of the program.
pub(super) fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Command, lexopt::Error> {
    let mut parser = lexopt::Parser::from_iter(args);
    let (mut debug, mut address) = (false, None);
    while let Some(argument) = parser.next()? {
        match argument {
            Long("debug") => debug = true,
            Long("provider-address") => address = Some(parser.value()?.string()?),
            Long("help") | Short('h') => return Ok(Command::Print(USAGE.to_owned())),
            Long("version") | Short('V') => return Ok(Command::Print(version())),
            Value(word) if word == "version" => return Ok(Command::Print(version())),
            other => return Err(other.unexpected()),
        }
    }
    match (debug, address) {
        (true, address) => Ok(Command::Debug { address: address.unwrap_or_else(|| ADDRESS.to_owned()) }),
        (false, None) => Ok(Command::Plugin),
        (false, Some(_)) => Err("--provider-address goes with --debug".into()),
    }
}

fn version() -> String {
    let of = |what: Option<&str>| what.unwrap_or("unknown").to_owned();
    format!(
        "terraform-provider-vsphere {VERSION} (plugin protocol 6)\ncommit {}, {}, {}\n",
        of(option_env!("BUILD_COMMIT")),
        of(option_env!("BUILD_DATE")),
        of(option_env!("BUILD_TARGET")),
    )
}

/// For a user who starts the program directly.
pub(super) fn by_hand() -> String {
    format!(
        r#"This is the vSphere provider {VERSION} for Terraform and OpenTofu. It is a plugin: not started by hand,
but by `terraform`, for a configuration like this one.

    terraform {{
      required_providers {{
        vsphere = {{
          source = "vsphere-rs/vsphere"
        }}
      }}
    }}

    provider "vsphere" {{
      vsphere_server = "vcenter.example.com"
      user           = "administrator@vsphere.local"
      # The password comes from VSPHERE_PASSWORD.
    }}

`--help` says what else there is, `--debug` how to attach Terraform to a running provider."#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(args: &[&str]) -> Result<Command, lexopt::Error> {
        parse(std::iter::once("program").chain(args.iter().copied()).map(OsString::from))
    }

    #[test]
    fn arguments() {
        assert_eq!(parsed(&[]).unwrap(), Command::Plugin);
        assert_eq!(parsed(&["--debug"]).unwrap(), Command::Debug { address: ADDRESS.to_owned() });
        let other = ["--provider-address", "registry.terraform.io/vmware/vsphere", "--debug"];
        let address = "registry.terraform.io/vmware/vsphere".to_owned();
        assert_eq!(parsed(&other).unwrap(), Command::Debug { address });
        let Command::Print(version) = parsed(&["version"]).unwrap() else { panic!("nothing is printed") };
        assert!(version.contains(VERSION) && version.contains(std::env::consts::ARCH), "{version}");
        assert!(matches!(parsed(&["--help"]).unwrap(), Command::Print(v) if v == USAGE));
        assert!(USAGE.contains(ADDRESS));
        assert!(parsed(&["serve"]).is_err() && parsed(&["--provider-address", "x"]).is_err());
    }
}
