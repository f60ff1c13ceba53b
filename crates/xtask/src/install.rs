//! `cargo xtask install`: a release build, where a configuration finds it.
use crate::root;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// What an address without a host belongs to: for Terraform, and for OpenTofu.
const HOSTS: [&str; 2] = ["registry.terraform.io", "registry.opentofu.org"];
/// The provider's own address.
const OWN: &str = "vsphere-rs/vsphere";
/// The addresses of the official provider: the present one, and the one before.
const OFFICIAL: [&str; 2] = ["vmware/vsphere", "hashicorp/vsphere"];
/// Later than every official version, so that constraints like `>= 2.0` take it.
const OFFICIAL_VERSION: &str = "99.0.0";

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The mirror to install into
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Also take the place of the official provider
    #[arg(long)]
    as_official: bool,
}

/// Installs it and says how to use it.
pub(crate) fn run(args: &Args) -> Result<bool> {
    let binary = root::provider(root::Profile::Dist)?;
    let (mirror, usual) = match &args.dir {
        Some(d) => (std::path::absolute(d)?, false),
        // Terraform looks here by default.
        None => {
            (home()?.join(if cfg!(windows) { "terraform.d/plugins" } else { ".terraform.d/plugins" }), true)
        }
    };
    let version = env!("CARGO_PKG_VERSION");
    let mut replaced = vec![];
    if put(&binary, &mirror, OWN, version)? {
        replaced.push(OWN);
    }
    if args.as_official {
        for address in OFFICIAL {
            if put(&binary, &mirror, address, OFFICIAL_VERSION)? {
                replaced.push(address);
            }
        }
    }
    if !replaced.is_empty() {
        println!(
            "\nIt replaces another build of the same version. A configuration that has used that one holds its checksum"
        );
        println!(
            "in .terraform.lock.hcl, and `terraform init` rejects this one until you run in that folder:\n"
        );
        for address in replaced {
            println!("  terraform providers lock -fs-mirror={:?} {address}", mirror.display().to_string());
        }
        println!("\nand then `terraform init`.");
    }
    println!("\nIn the configuration:\n");
    println!("  terraform {{\n    required_providers {{\n      vsphere = {{");
    println!(
        "        source  = \"vsphere-rs/vsphere\"\n        version = \"{version}\"\n      }}\n    }}\n  }}"
    );
    let addresses: Vec<_> =
        if args.as_official { [OWN].into_iter().chain(OFFICIAL).collect() } else { vec![OWN] };
    if usual {
        println!("\nTerraform finds it in {} without further settings.", mirror.display());
        println!("OpenTofu, and a client that already has a provider_installation block, need this in");
    } else {
        println!("\nThis goes into");
    }
    println!("~/.terraformrc (~/.tofurc, %APPDATA%\\terraform.rc):\n");
    let list = addresses.iter().map(|a| format!("\"{a}\"")).collect::<Vec<_>>().join(", ");
    println!(
        "  provider_installation {{\n    filesystem_mirror {{\n      path    = {:?}",
        mirror.display().to_string()
    );
    println!("      include = [{list}]\n    }}\n    direct {{\n      exclude = [{list}]\n    }}\n  }}");
    if args.as_official {
        println!("\nTo switch without touching source or state, only the version changes:\n");
        println!(
            "  vsphere = {{\n    source  = \"vmware/vsphere\"\n    version = \"{OFFICIAL_VERSION}\"\n  }}\n"
        );
        println!(
            "and `terraform init -upgrade` takes this provider: state, addresses and ids stay as they are."
        );
        println!("To go back, delete these folders, write the old version, and run it again:\n");
        for host in HOSTS {
            OFFICIAL.iter().for_each(|a| println!("  {}", mirror.join(host).join(a).display()));
        }
        println!(
            "\nWhile they are there, or in `exclude` above, Terraform looks for official versions nowhere else."
        );
    } else {
        println!("\nTo move a state of the official provider over, once:\n");
        println!("  terraform state replace-provider vmware/vsphere vsphere-rs/vsphere");
        println!("\n(or install with --as-official, and only the version changes).");
    }
    Ok(true)
}

/// Copies it; true when it takes the place of another build.
fn put(binary: &Path, mirror: &Path, address: &str, version: &str) -> Result<bool> {
    let mut replaced = false;
    let os = match std::env::consts::OS {
        "macos" => "darwin",
        other => other,
    };
    let arch = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "x86" => "386",
        other => other,
    };
    for host in HOSTS {
        let dir = mirror.join(host).join(address).join(version).join(format!("{os}_{arch}"));
        std::fs::create_dir_all(&dir)?;
        let to = dir.join(format!("{}_v{version}{}", root::PROVIDER, std::env::consts::EXE_SUFFIX));
        if to.exists() {
            replaced |= std::fs::read(&to)? != std::fs::read(binary)?;
            // It may be running: a new file takes the name, the old one stays until its process ends.
            std::fs::remove_file(&to)?;
        }
        std::fs::copy(binary, &to).with_context(|| format!("cannot write {}", to.display()))?;
        println!("installed {}", to.display());
    }
    Ok(replaced)
}

fn home() -> Result<PathBuf> {
    let name = if cfg!(windows) { "APPDATA" } else { "HOME" };
    Ok(std::env::var_os(name).with_context(|| format!("{name} is not set: give --dir"))?.into())
}
