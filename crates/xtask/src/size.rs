//! `cargo xtask size`: where the bytes of a release build are, against a budget.
//!
//! The functions and tables of the binary are counted by what they belong to. What is generic belongs to the type that it
//! was made for: `drop_in_place::<inventory::tag::…>` counts for `inventory::tag`.
use crate::root;
use anyhow::{Context, Result};
use object::{Object, ObjectSection, ObjectSymbol, SectionFlags, SymbolKind};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

/// What is loaded of a release build, without symbols: what a stripped file has, but for its headers.
const TOTAL: u64 = 22 * MIB;
/// What a resource or data source may have by itself.
const TYPE: u64 = 80 * KIB;
/// Those that are more than a simple type, with what they may have. Make them smaller before you make a number bigger.
const LARGER: [(&str, u64); 13] = [
    ("access::entity_permissions", 100 * KIB),
    // 82 and 100 attributes, and vSAN with its disks, fault domains and witness host.
    ("cluster::compute_cluster", 272 * KIB),
    // A host is added, moved, connected, and has services, a license and a lockdown mode.
    ("host::host", 128 * KIB),
    // Seven kinds of blocks.
    ("inventory::alarm", 104 * KIB),
    ("network::distributed_virtual_switch", 168 * KIB),
    ("storage::nas_datastore", 96 * KIB),
    ("storage::vmfs_datastore", 104 * KIB),
    // Seven kinds of blocks.
    ("supervisor::supervisor", 112 * KIB),
    // 48 blocks of 30 kinds.
    ("supervisor::supervisor_v2", 224 * KIB),
    ("vm::virtual_machine", 1664 * KIB),
    ("vm::virtual_machine::data_source", 120 * KIB),
    // Four sources: a package, a virtual machine, an item of a library, a disk image.
    // Groups in groups, waves of power operations, and what each member has.
    ("vm::virtual_machine_group", 176 * KIB),
    ("vm::virtual_machine_template", 200 * KIB),
];

const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;
/// The crates that are ours, innermost last: what mentions several belongs to the first.
const OURS: [&str; 4] = ["provider_vsphere", "vsphere_client", "tf_framework", "vim_types"];
/// The families of types.
const FAMILIES: [&str; 9] =
    ["access", "cluster", "content", "host", "inventory", "network", "storage", "supervisor", "vm"];
/// What types of a family share.
const SHARED: [&str; 12] = [
    "access::grants",
    "access::permissions",
    "access::sso",
    "cluster::common",
    "content::libraries",
    "inventory::pools",
    "network::common",
    "storage::common",
    "storage::mounted",
    "storage::place",
    "supervisor::common",
    "vm::customization",
];
/// Other folders of the provider of which each member is counted by itself.
const PARTS: [&str; 2] = ["functions", "common"];

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Count this binary, which still has its symbols, instead of building one
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
    /// Fail where a budget is exceeded
    #[arg(long)]
    check: bool,
    /// How many lines to show
    #[arg(long, value_name = "N", default_value_t = 60)]
    top: usize,
    /// Show the largest functions whose name contains this, instead of the table
    #[arg(long, value_name = "TEXT")]
    functions: Option<String>,
}

/// Counts, and shows.
pub(crate) fn run(args: &Args) -> Result<bool> {
    let binary = match &args.binary {
        Some(file) => file.clone(),
        None => build()?,
    };
    let bytes = std::fs::read(&binary).with_context(|| format!("cannot read {}", binary.display()))?;
    let sizes = Sizes::of(&bytes).with_context(|| binary.display().to_string())?;
    if let Some(text) = &args.functions {
        print!("{}", sizes.largest(text, args.top));
        return Ok(true);
    }
    print!("{}", sizes.table(args.top));
    let over = sizes.over();
    for line in &over {
        println!("over budget: {line}");
    }
    Ok(!args.check || over.is_empty())
}

/// A release build whose symbols say for which types something generic was made. It has a folder of its own: the flag
/// makes all of it another build.
fn build() -> Result<PathBuf> {
    let target = root::target()?.join("size");
    let mut c = root::cargo();
    c.args(["build", "--release", "--bin", root::PROVIDER]).env("CARGO_TARGET_DIR", &target);
    root::run(c.env("RUSTFLAGS", "-Csymbol-mangling-version=v0"))?;
    Ok(target.join("release").join(format!("{}{}", root::PROVIDER, std::env::consts::EXE_SUFFIX)))
}

/// What is in a binary.
struct Sizes {
    /// Loaded bytes.
    total: u64,
    /// Demangled name, and bytes.
    symbols: Vec<(String, u64)>,
}

impl Sizes {
    fn of(bytes: &[u8]) -> Result<Self> {
        let file = object::File::parse(bytes)?;
        let loaded = |s: &object::Section<'_, '_>| match s.flags() {
            SectionFlags::Elf { sh_flags } => sh_flags & u64::from(object::elf::SHF_ALLOC) != 0,
            _ => !matches!(s.kind(), object::SectionKind::Debug | object::SectionKind::Metadata),
        };
        let total = file.sections().filter(loaded).filter_map(|s| s.file_range()).map(|(_, size)| size).sum();
        let mut found: Vec<(u64, u64, &str)> = file
            .symbols()
            .filter(|s| matches!(s.kind(), SymbolKind::Text | SymbolKind::Data) && !s.is_undefined())
            .filter_map(|s| Some((s.address(), s.size(), s.name().ok()?)))
            .collect();
        found.sort_unstable();
        // Functions with the same code are one, under several names.
        found.dedup_by_key(|(address, ..)| *address);
        anyhow::ensure!(!found.is_empty(), "it has no symbols");
        let next = |i: usize| found.get(i + 1).map_or(0, |(address, ..)| *address);
        let symbols = found
            .iter()
            .enumerate()
            .map(|(i, (address, size, name))| {
                // Only ELF says how large something is; what has no size there is a place, and no thing.
                let size = match file.format() {
                    object::BinaryFormat::Elf => *size,
                    _ => next(i).saturating_sub(*address),
                };
                (format!("{:#}", rustc_demangle::demangle(name)), size)
            })
            .collect();
        Ok(Self { total, symbols })
    }

    fn groups(&self) -> BTreeMap<String, (u64, usize)> {
        let mut out = BTreeMap::<String, (u64, usize)>::new();
        for (name, size) in &self.symbols {
            let group = out.entry(group(name)).or_default();
            group.0 += size;
            group.1 += 1;
        }
        out
    }

    fn table(&self, top: usize) -> String {
        let mut groups: Vec<_> = self.groups().into_iter().collect();
        groups.sort_by_key(|(_, (size, _))| std::cmp::Reverse(*size));
        let mut out = format!("{:>9} KiB loaded, of at most {} KiB\n\n", self.total / KIB, TOTAL / KIB);
        for (name, (size, count)) in groups.iter().take(top) {
            let _ = writeln!(out, "{:>9.1} KiB {count:>6} symbols  {name}", *size as f64 / KIB as f64);
        }
        out
    }

    fn largest(&self, text: &str, top: usize) -> String {
        let mut found: Vec<_> = self.symbols.iter().filter(|(name, _)| name.contains(text)).collect();
        found.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
        found.iter().take(top).map(|(name, size)| format!("{size:>9} {name}\n")).collect()
    }

    /// What is over budget.
    fn over(&self) -> Vec<String> {
        let mut out = vec![];
        if self.total > TOTAL {
            out.push(format!("the binary has {} KiB, and may have {}", self.total / KIB, TOTAL / KIB));
        }
        for (name, (size, _)) in self.groups() {
            let limit = LARGER.iter().find(|(n, _)| *n == name).map_or(TYPE, |(_, limit)| *limit);
            if is_type(&name) && size > limit {
                out.push(format!("{name} has {} KiB, and may have {}", size / KIB, limit / KIB));
            }
        }
        out
    }
}

/// Whether a group is a resource or a data source.
fn is_type(group: &str) -> bool {
    group.split("::").next().is_some_and(|family| FAMILIES.contains(&family)) && !SHARED.contains(&group)
}

/// The types, and what families share, that a symbol names.
fn of_families(name: &str) -> Vec<String> {
    let paths = name.match_indices("provider_vsphere::").map(|(at, prefix)| &name[at + prefix.len()..]);
    let found = paths.filter_map(|path| {
        let mut words = path.split("::").map(|w| w.split(|c| !is_word(c)).next().unwrap_or_default());
        let (family, ty, part) = (words.next()?, words.next()?, words.next());
        let source = if part == Some("data_source") { "::data_source" } else { "" };
        FAMILIES.contains(&family).then(|| format!("{family}::{ty}{source}"))
    });
    found.collect()
}

/// What a symbol belongs to: a type of the provider, a folder of it, or a crate.
fn group(name: &str) -> String {
    let Some((_, rest)) = OURS.iter().find_map(|c| {
        let at = name.match_indices(c).find(|(at, _)| !name[..*at].ends_with(is_word))?.0;
        Some((c, &name[at..]))
    }) else {
        let path = name.trim_start_matches(|c: char| !is_word(c));
        let path = path.strip_prefix("dyn ").unwrap_or(path);
        return path.split(|c| !is_word(c)).next().unwrap_or_default().to_owned();
    };
    // Of several modules, a type counts first: what is common works for it.
    let named = of_families(name);
    if let Some(found) = named.iter().find(|g| is_type(g)).or(named.first()) {
        return found.clone();
    }
    let parts = |part: &str| {
        let of = name.split_once(&format!("provider_vsphere::{part}::"))?.1;
        Some(format!("{part}::{}", of.split(|c| !is_word(c)).next().unwrap_or_default()))
    };
    if let Some(found) = PARTS.iter().find_map(|p| parts(p)) {
        return found;
    }
    let mut words = rest.split("::");
    let (krate, module) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let module = module.split(|c| !is_word(c)).next().unwrap_or_default();
    match krate {
        "provider_vsphere" if !module.is_empty() => format!("provider_vsphere::{module}"),
        _ => krate.split(|c| !is_word(c)).next().unwrap_or_default().to_owned(),
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_belong_to_the_type_they_were_made_for() {
        for (name, owner) in [
            (
                "<provider_vsphere::inventory::tag::Tag as tf_framework::Resource>::create::{closure#0}",
                "inventory::tag",
            ),
            ("core::ptr::drop_in_place::<provider_vsphere::inventory::tag::TagModel>", "inventory::tag"),
            (
                "<provider_vsphere::cluster::common::rules::Rule<provider_vsphere::cluster::rule::M>>::put",
                "cluster::rule",
            ),
            (
                "<tf_framework::erased::Erased<provider_vsphere::inventory::tag::data_source::Tag>>::read",
                "inventory::tag::data_source",
            ),
            ("provider_vsphere::wire::rpc::Rpc::call", "provider_vsphere::wire"),
            ("<alloc::vec::Vec<vim_types::types::Event> as Clone>::clone", "vim_types"),
            (
                "tf_framework::pipeline::apply::<provider_vsphere::vsphere::Vsphere>",
                "provider_vsphere::vsphere",
            ),
            ("<core::str::Chars>::count", "core"),
            ("memcpy", "memcpy"),
        ] {
            assert_eq!(group(name), owner, "{name}");
        }
    }

    #[test]
    fn this_program_can_be_counted() {
        let own = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let sizes = Sizes::of(&own).unwrap();
        assert!(sizes.total > 100 * KIB);
        assert!(sizes.symbols.iter().any(|(name, _)| name.contains("xtask::size")));
    }
}
