//! The invariants of ARCHITECTURE.md, as far as the sources themselves show whether they hold. The numbers are those of
//! its list. The others are kept elsewhere: 9 by the derive, 10 and 12 by the tests of the framework and the wire,
//! 13 by `tests/layers.rs` of the client.
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A source: its path below the root, and its lines without comments and without the tests at its end.
struct Source {
    path: String,
    code: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All files below a folder, or the file itself; what tools leave in a clone is not looked at.
fn files(at: &str) -> Vec<PathBuf> {
    let at = root().join(at);
    if at.is_file() {
        return vec![at];
    }
    let mut found = vec![];
    let mut folders = vec![at];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for e in entries.filter_map(Result::ok) {
            let name = e.file_name().to_string_lossy().into_owned();
            if !e.path().is_dir() {
                found.push(e.path());
            } else if ![".git", "target", ".terraform", "node_modules"].contains(&name.as_str()) {
                folders.push(e.path());
            }
        }
    }
    found.sort();
    found
}

fn shown(file: &Path) -> String {
    file.strip_prefix(root()).unwrap_or(file).display().to_string().replace('\\', "/")
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|e| panic!("cannot read {}: {e}", shown(file)))
}

fn code(text: &str) -> String {
    // Tests in the same file are at its end; those in a file of their own are one line somewhere.
    let tests = "\n#[cfg(test)]\nmod ";
    let inline = text.match_indices(tests).find(|(at, _)| {
        let rest = &text[at + tests.len()..];
        rest.find(['{', ';']).is_some_and(|i| rest[i..].starts_with('{'))
    });
    let text = &text[..inline.map_or(text.len(), |(at, _)| at)];
    let lines = text.lines().filter(|l| !l.trim_start().starts_with("//"));
    lines.flat_map(|l| [l, "\n"]).collect()
}

fn sources(at: &str) -> Vec<Source> {
    let rust = files(at).into_iter().filter(|f| f.extension().is_some_and(|e| e == "rs"));
    let all: Vec<_> = rust.map(|f| Source { path: shown(&f), code: code(&read(&f)) }).collect();
    assert!(!all.is_empty(), "there are no sources in {at}");
    all
}

/// No source has one of the texts, but for those that may.
fn nowhere(number: u32, at: &[&str], texts: &[&str], may: &[&str]) {
    let mut wrong = vec![];
    for s in at.iter().flat_map(|at| sources(at)) {
        if may.iter().any(|m| s.path.starts_with(m)) {
            continue;
        }
        for (n, line) in s.code.lines().enumerate() {
            if let Some(text) = texts.iter().find(|t| line.contains(**t)) {
                // Comments are left out, and so lines have other numbers.
                wrong.push(format!("{} has `{text}` (line of code {}): {}", s.path, n + 1, line.trim()));
            }
        }
    }
    for m in may {
        assert!(root().join(m).exists(), "{m} may have it, and is not there");
    }
    assert!(wrong.is_empty(), "invariant {number} of ARCHITECTURE.md does not hold:\n{}", wrong.join("\n"));
}

/// The names of what a crate depends on, those for its tests left out.
fn dependencies(manifest: &str) -> Vec<String> {
    let text = read(&root().join(manifest));
    let mut inside = false;
    let mut names = vec![];
    for line in text.lines() {
        if line.starts_with('[') {
            inside = line == "[dependencies]";
        } else if let Some(name) = line.split(['.', '=', ' ']).next().filter(|n| inside && !n.is_empty()) {
            names.push(name.to_owned());
        }
    }
    assert!(!names.is_empty(), "{manifest} has no dependencies");
    names
}

#[test]
fn i01_the_protocol_is_named_in_the_wire_alone() {
    nowhere(1, &["src", "crates/tf-framework", "crates/vsphere-client"], &["prost", "tonic"], &["src/wire/"]);
}

#[test]
fn i02_the_framework_has_neither_wire_nor_client_and_does_no_io() {
    let forbidden = ["tonic", "prost", "vsphere-client", "vim-types", "reqwest", "rustls", "tokio"];
    let names = dependencies("crates/tf-framework/Cargo.toml");
    assert!(!names.iter().any(|n| forbidden.contains(&n.as_str())), "invariant 2: {names:?}");
    let io = ["std::fs", "std::net", "std::process", "std::env", "tokio::", "vsphere_client"];
    nowhere(2, &["crates/tf-framework/src"], &io, &[]);
}

#[test]
fn i03_the_client_does_not_mention_terraform() {
    let words = ["terraform", "opentofu", "tf-framework", "tf_framework", "hashicorp"];
    let all = ["crates/vsphere-client", "crates/vim-types"].iter().flat_map(|c| files(c));
    for f in all.filter(|f| f.extension().is_some_and(|e| e == "rs" || e == "toml")) {
        // Comments too: the client is documented without it.
        let text = read(&f).to_lowercase();
        if let Some(word) = words.iter().find(|w| text.contains(**w)) {
            panic!("invariant 3: {} has the word {word}", shown(&f));
        }
    }
}

/// The families of types. Each may use what is below all of them, and none may use another.
const FAMILIES: [&str; 9] = [
    "src/access",
    "src/cluster",
    "src/content",
    "src/host",
    "src/inventory",
    "src/network",
    "src/storage",
    "src/supervisor",
    "src/vm",
];

/// What all families share, from the bottom up.
const SHARED: [&str; 6] = [
    "src/nearest.rs",
    "src/plan_registry.rs",
    "src/run_notes.rs",
    "src/vsphere.rs",
    "src/fault.rs",
    "src/common",
];

fn types() -> Vec<&'static str> {
    FAMILIES.into_iter().chain(["src/functions", "src/common"]).collect()
}

#[test]
fn families_import_only_what_is_below_them() {
    let name = |path: &str| path.trim_start_matches("src/").trim_end_matches(".rs").to_owned();
    let imports = |code: &str, module: &str| {
        let path = format!("crate::{module}");
        code.match_indices(&path)
            .any(|(at, _)| !code[at + path.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_'))
    };
    let mut wrong = vec![];
    for (n, room) in SHARED.iter().chain(&FAMILIES).enumerate() {
        let above: Vec<String> = match n < SHARED.len() {
            true => SHARED[n + 1..].iter().chain(&FAMILIES).map(|m| name(m)).collect(),
            false => FAMILIES.iter().filter(|f| *f != room).map(|m| name(m)).collect(),
        };
        for s in sources(room) {
            let found = above.iter().filter(|m| imports(&s.code, m));
            wrong.extend(found.map(|m| format!("{} imports crate::{m}", s.path)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The blocks of a virtual machine are below its device families, which all import them.
#[test]
fn models_of_the_virtual_machine_import_no_device_family() {
    let above = ["super::super::", "use crate::vm::virtual_machine", "(in crate::vm) use super::"];
    let mut wrong = vec![];
    for s in sources("src/vm/virtual_machine/model") {
        let own = s.path.ends_with("/mod.rs").then_some("use super::");
        let found = above.into_iter().chain(own).filter(|text| s.code.contains(text));
        wrong.extend(found.map(|text| format!("{} has `{text}`", s.path)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn i04_no_resource_builds_xml_or_json_for_the_vcenter() {
    nowhere(4, &["src"], &["quick_xml", "vim_types::", "reqwest"], &[]);
    let may = [
        "src/common/cluster_config/import_id.rs", // import ids
        "src/access/entity_permission.rs",        // private data
        "src/access/entity_permissions/",         // private data
        "src/access/global_permission.rs",        // private data
        "src/inventory/folder/",                  // state of version 0
        "src/inventory/tag/mod.rs",               // import id
        "src/storage/virtual_disk.rs",            // import id
        "src/vm/virtual_disk_attachment/",        // private data
        "src/vm/virtual_machine/",                // private data, and states of older versions
        "src/vm/virtual_machine_template/",       // private data
        "src/functions/cloud_init.rs",            // metadata for guests
        "src/functions/role_preset.rs",           // data
        "src/vm/virtual_machine_group/mod.rs",    // what is kept beside the state
    ];
    nowhere(4, &types(), &["serde_json"], &may);
}

#[test]
fn i05_planners_are_pure() {
    let planners = [
        "src/common/cluster_config/import_id.rs",
        "src/access/entity_permissions/grants.rs",
        "src/cluster/compute_cluster/vsan/planner.rs",
        "src/cluster/compute_policy/plan.rs",
        "src/inventory/folder/path.rs",
        "src/host/host/changes.rs",
        "src/inventory/license/labels.rs",
        "src/inventory/vapp_entity/members.rs",
        "src/access/role/privileges.rs",
        "src/access/key_provider/plan.rs",
        "src/access/sso_group/members.rs",
        "src/network/common/host_policy.rs",
        "src/network/ip_pool/ranges.rs",
        "src/network/distributed_virtual_switch/hosts.rs",
        "src/network/distributed_virtual_switch/lags.rs",
        "src/network/vnic/addresses.rs",
        "src/vm/virtual_machine/bootstrap/keys.rs",
        "src/vm/virtual_machine/cdrom/plan.rs",
        "src/vm/virtual_machine/class/plan.rs",
        "src/vm/virtual_machine/disks/controllers.rs",
        "src/vm/virtual_machine/disks/planner.rs",
        "src/vm/virtual_machine/encryption/plan.rs",
        "src/vm/virtual_machine/matching.rs",
        "src/vm/virtual_machine/network/plan.rs",
        "src/vm/virtual_machine/pci/plan.rs",
        "src/vm/virtual_disk_attachment/address.rs",
        "src/vm/virtual_machine_group/steps.rs",
        "src/vm/virtual_machine_group/tree.rs",
        "src/vm/virtual_machine_template/snapshot.rs",
        "src/vm/virtual_machine/place/moves.rs",
        "src/vm/virtual_machine/settings/plan.rs",
        "src/storage/cloud_init_iso/iso.rs",
        "src/vm/virtual_machine/transition.rs",
        "src/storage/vmfs_datastore/disks.rs",
        "src/nearest.rs",
    ];
    // The settings of a cluster, by service, and the moves of its hosts.
    let of_a_cluster = ["drs", "ha", "hosts", "image", "proactive_ha", "tests", "vsan/change", "vsan/checks"]
        .map(|name| format!("src/cluster/compute_cluster/{name}.rs"));
    let impure = ["Client", "Vsphere", "Value<", "vim_types", "async ", "Cx<"];
    nowhere(5, &planners, &impure, &[]);
    // A file beside a `mod.rs` is one of them; among the many of a virtual machine, those that are called so.
    for f in FAMILIES.iter().flat_map(|f| files(f)).map(|f| shown(&f)) {
        let named = !f.starts_with("src/vm/virtual_machine/") || f.ends_with("/plan.rs");
        let other = f.contains("/data_source")
            || f.starts_with("src/cluster/common/")
            || of_a_cluster.contains(&f)
            || f.starts_with("src/network/common/")
            || f.starts_with("src/supervisor/supervisor_v2/")
            || f.starts_with("src/vm/customization/")
            || (f.starts_with("src/vm/virtual_machine_template/") && !f.ends_with("/snapshot.rs"));
        let in_folder = f.matches('/').count() > 2 && !f.ends_with("/mod.rs") && named && !other;
        assert!(!in_folder || planners.contains(&f.as_str()), "invariant 5: is {f} a planner?");
    }
}

#[test]
fn i06_a_plan_asks_the_vcenter_only_where_it_must() {
    let may = [
        "src/cluster/common/groups.rs",       // are the cluster and the members there?
        "src/cluster/compute_cluster/mod.rs", // are the datacenter, the tags and attributes there?
        "src/cluster/compute_cluster_vm_group_member.rs", // are the cluster and the members there?
        "src/cluster/compute_policy/mod.rs",  // are the capability and the tags of a new one there?
        "src/common/cluster_config/overrides.rs", // are the cluster and the members there?
        "src/common/cluster_config/rules.rs", // the same
        "src/common/cluster_config/vm_rules.rs", // the same
        "src/content/content_library/mod.rs", // do the datastores of a new one exist?
        "src/content/content_library_item/mod.rs", // do the library and the virtual machine of a new one exist?
        "src/host/host_configuration.rs",          // are the advanced settings there, and of which type?
        "src/host/host/mod.rs", // are its cluster and datacenter there, and where? are the tags and attributes there?
        "src/inventory/alarm/mod.rs", // does the entity of a new one exist?
        "src/inventory/datacenter/mod.rs", // are the tags and attributes there?
        "src/access/entity_permission.rs", // principals and roles on an entity, the last administrator
        "src/access/entity_permissions/mod.rs", // the same
        "src/access/global_permission.rs", // the same
        "src/inventory/folder/mod.rs", // are the datacenter, the tags and attributes there?
        "src/inventory/resource_pool/mod.rs", // are the tags and attributes there?
        "src/inventory/vapp_container/mod.rs", // the same
        "src/access/role/mod.rs", // privileges
        "src/access/sso_group/mod.rs", // which is the local domain?
        "src/access/sso_group_member.rs", // the same
        "src/access/sso_user/mod.rs", // the same
        "src/inventory/tag/mod.rs", // is the category of a new tag there?
        "src/inventory/tag_attachment.rs", // is the tag there?
        "src/network/distributed_port_group.rs", // is the switch there?
        "src/network/distributed_virtual_switch/mod.rs", // is the datacenter there? do hosts lose their management network?
        "src/network/distributed_virtual_switch_pvlan_mapping.rs", // is the switch there?
        "src/network/vnic/mod.rs", // is the host there? does it lose its management network?
        "src/network/host_port_group.rs", // is the host there? does it lose its management network?
        "src/network/host_virtual_switch.rs", // the same
        "src/storage/datastore_cluster/mod.rs", // are the datacenter, the tags and attributes there?
        "src/storage/nas_datastore.rs", // are the hosts, the datastore cluster, the tags and attributes there?
        "src/storage/vmfs_datastore/mod.rs", // are the host, the datastore cluster, the tags and attributes there? are the disks empty?
        "src/cluster/dpm_host_override.rs",  // is the cluster there?
        "src/storage/file.rs",               // are the datacenter and the datastore there?
        "src/storage/virtual_disk.rs",       // the same
        "src/storage/first_class_disk/mod.rs", // is the datastore there?
        "src/storage/virtual_disk_image.rs", // the same; is the local image usable?
        "src/storage/cloud_init_iso/mod.rs", // are the datacenter and the datastore there?
        "src/vm/virtual_disk_attachment/mod.rs", // another word for the same virtual machine?
        "src/vm/virtual_machine/mod.rs",     // is everything there that a new one refers to?
        "src/vm/virtual_machine_group/mod.rs", // are new members there, and what sets their power state?
        "src/vm/virtual_machine_snapshot.rs", // another word for the same virtual machine?
        "src/vm/virtual_machine_template/mod.rs", // is everything there that a new one refers to?
    ];
    let all: Vec<_> = types().into_iter().flat_map(sources).collect();
    for s in all.iter().filter(|s| !may.contains(&s.path.as_str())) {
        let Some((_, plan)) = s.code.split_once("    async fn plan(") else { continue };
        let plan = plan.split("\n    }\n").next().unwrap_or_default();
        assert!(
            !plan.contains("client()") && !plan.contains(".await"),
            "invariant 6: the plan in {}",
            s.path
        );
    }
}

#[test]
fn i07_nothing_is_written_to_standard_output_after_the_handshake() {
    let write = ["println!", "print!(", "stdout()"];
    // `eprintln!` has the first one in it, and is not better: standard error is for the log.
    nowhere(
        7,
        &["src", "crates/tf-framework/src", "crates/vsphere-client/src"],
        &write,
        &["src/wire/mod.rs"],
    );
}

#[test]
fn i08_what_terraform_sees_is_ordered() {
    let may = ["src/access/grants.rs", "src/plan_registry.rs"]; // are looked up in, never listed
    nowhere(8, &["src", "crates/tf-framework/src"], &["HashMap", "HashSet"], &may);
}

#[test]
fn i11_resources_do_not_wait() {
    nowhere(11, &types(), &["tokio::time", "sleep(", "thread::"], &[]);
}

/// Not in the list, and true all the same: a clone says nothing of the machine that it was written on.
/// The errors of an import end with what an id may be.
#[test]
fn every_import_says_what_an_id_may_be() {
    let has = |s: &Source, text: &str| s.code.contains(text);
    let silent: Vec<String> = types()
        .into_iter()
        .flat_map(sources)
        .filter(|s| has(s, "async fn import(") && !has(s, "const IMPORT: "))
        .map(|s| s.path)
        .collect();
    assert!(silent.is_empty(), "without `IMPORT`: {silent:?}");
}

#[test]
fn no_file_names_a_machine() {
    let text =
        ["rs", "go", "toml", "md", "tf", "sh", "json", "txt", "mod", "lock", "proto", "yml", "yaml", ""];
    let homes = ["/home/", "/Users/", "/root/", "\\Users\\"];
    let named = |line: &str| {
        homes.iter().any(|h| {
            let after = line.split(h).nth(1);
            after.and_then(|a| a.chars().next()).is_some_and(|c| c.is_ascii_alphabetic())
        })
    };
    for f in files("") {
        let ending = f.extension().map_or(String::new(), |e| e.to_string_lossy().into_owned());
        let own = shown(&f) == "tests/invariants.rs";
        let Ok(all) = fs::read_to_string(&f) else { continue };
        if own || !text.contains(&ending.as_str()) {
            continue;
        }
        if let Some(line) = all.lines().find(|l| named(l)) {
            panic!("{} names a user's folder: {line}", shown(&f));
        }
    }
    let lock = read(&root().join("Cargo.lock"));
    let sources: BTreeSet<&str> = lock.lines().filter(|l| l.starts_with("source = ")).collect();
    let one = sources.len() == 1 && sources.iter().all(|s| s.starts_with("source = \"registry+"));
    assert!(one, "Cargo.lock has crates from elsewhere than the usual registry: {sources:?}");
    let cargo = fs::read_to_string(root().join(".cargo/config.toml")).unwrap_or_default();
    assert!(
        !cargo.contains("replace-with") && !cargo.contains("[registr"),
        ".cargo/config.toml names a registry"
    );
}
