//! What happens to sessions and connections over several commands, and in the middle of one: no folder of steps could
//! say it.
use super::{Bench, Test, provider_files};
use crate::cli::{Ran, Workdir};
use crate::root;
use crate::sim::{PASSWORD, Sim, USER};
use anyhow::{Context, Result, ensure};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// Tasks take their time, as those of a vCenter do.
const SLOW: &[&str] = &["-task-time", "1.5s"];

/// SOAP and REST, reads and writes.
const CONFIGURATION: &str = r#"
data "vsphere_datacenter" "d" {
  name = "DC0"
}
resource "vsphere_tag_category" "c" {
  name             = "sessions"
  cardinality      = "SINGLE"
  associable_types = ["Folder"]
}
resource "vsphere_tag" "t" {
  name        = "sessions"
  category_id = vsphere_tag_category.c.id
}
resource "vsphere_folder" "f" {
  path          = "sessions"
  type          = "vm"
  datacenter_id = data.vsphere_datacenter.d.id
  tags          = [vsphere_tag.t.id]
}
"#;

/// All of them, the longest first. Those of the client come last: cargo lets them wait for the draft.
pub(super) const ALL: [(&str, Test); 18] = [
    ("sessions/two_runs_slow", |bench, dir| two_runs(bench, dir, SLOW)),
    ("sessions/two_runs", |bench, dir| two_runs(bench, dir, &[])),
    ("scaffold/compiles", |_, dir| crate::scaffold::check(dir)),
    ("sessions/kept", kept),
    ("sessions/lost", lost),
    ("sessions/disturbed", disturbed),
    ("sessions/ended", |bench, dir| ended(bench, dir, &[])),
    ("sessions/ended_slow", |bench, dir| ended(bench, dir, SLOW)),
    ("sessions/unheard", |bench, dir| unheard(bench, dir, &[])),
    ("sessions/unheard_slow", |bench, dir| unheard(bench, dir, SLOW)),
    ("sessions/together", together),
    ("sessions/unheard_machine", |bench, dir| unheard_machine(bench, dir, &[])),
    ("sessions/unheard_machine_slow", |bench, dir| unheard_machine(bench, dir, SLOW)),
    ("sessions/destroy_past_an_error", destroy_past_an_error),
    ("sessions/upload_cut", upload_cut),
    ("client/simulator", |bench, dir| client(bench, dir, "simulator", &[])),
    ("client/ovf", |bench, dir| client(bench, dir, "ovf", &[])),
    ("client/virtual_machines", |bench, dir| {
        client(bench, dir, "virtual_machines", &["-pod", "1", "-ds", "2"])
    }),
];

fn start(bench: &Bench, dir: &Path, flags: &[&str]) -> Result<(Sim, Workdir)> {
    let sim = Sim::start(&bench.tools, dir, "vcenter", dir, flags)?;
    let w = bench.cli.in_dir(&dir.join("main"));
    std::fs::create_dir_all(&w.dir)?;
    std::fs::write(w.dir.join("main.tf"), CONFIGURATION)?;
    provider_files(&w.dir, CONFIGURATION, "vsphere-rs/vsphere", &sim.address)?;
    Ok((sim, w))
}

pub(super) fn apply(w: &Workdir) -> Result<Ran> {
    w.run(&["apply", "-no-color", "-auto-approve"])?.ok()
}

pub(super) fn empty_plan(w: &Workdir) -> Result<Ran> {
    w.run(&["plan", "-no-color", "-detailed-exitcode"])?.ok()
}

pub(super) fn destroy(w: &Workdir) -> Result<Ran> {
    w.run(&["destroy", "-no-color", "-auto-approve"])?.ok()
}

/// `persist_session`: runs share a session, and with govc, in both directions.
fn kept(bench: &Bench, dir: &Path) -> Result<()> {
    let (sim, mut w) = start(bench, dir, &[])?;
    w.env.push(("VSPHERE_PERSIST_SESSION".into(), "true".into()));
    let at = |w: &mut Workdir, home: &Path| {
        w.env.retain(|(k, _)| k != "HOME");
        w.env.push(("HOME".into(), home.display().to_string()));
    };
    let govc = |home: &Path| -> Result<()> {
        for args in [["about"].as_slice(), &["tags.ls"], &["ls", "/DC0/vm"]] {
            let mut c = sim.govc_command(args);
            c.env("HOME", home)
                .env("GOVMOMI_HOME", home.join(".govmomi"))
                .env("GOVC_PERSIST_SESSION", "true");
            let out = c.output()?;
            ensure!(out.status.success(), "govc: {}", String::from_utf8_lossy(&out.stderr));
        }
        Ok(())
    };
    let expect = |what: &str, sessions: &BTreeSet<String>| -> Result<()> {
        let now = sim.sessions()?;
        ensure!(now == *sessions, "{what}: expected {sessions:?}, and there is {now:?}");
        Ok(())
    };

    let ours = dir.join("ours");
    at(&mut w, &ours);
    apply(&w)?;
    let sessions = sim.sessions()?;
    ensure!(sessions.len() == 2, "one SOAP and one REST session are to be kept: {sessions:?}");
    private(&ours)?;
    empty_plan(&w)?;
    expect("the second run", &sessions)?;
    govc(&ours)?;
    expect("govc after us", &sessions)?;

    let theirs = dir.join("theirs");
    std::fs::create_dir_all(&theirs)?;
    govc(&theirs)?;
    let sessions = sim.sessions()?;
    ensure!(sessions.len() == 4, "govc was to keep two sessions more: {sessions:?}");
    at(&mut w, &theirs);
    empty_plan(&w)?;
    expect("we after govc", &sessions)?;

    // A session that has ended is replaced.
    sim.admin("POST", "/sim/expire", "")?;
    empty_plan(&w)?;
    let renewed = sim.sessions()?;
    ensure!(renewed.len() == 2 && renewed.is_disjoint(&sessions), "two new sessions: {renewed:?}");
    govc(&theirs)?;
    expect("govc with the new ones", &renewed)?;
    destroy(&w)?;
    Ok(())
}

/// Every file below is for its owner alone, and holds no password.
fn private(folder: &Path) -> Result<()> {
    for file in files(folder)? {
        let text = std::fs::read_to_string(&file)?;
        ensure!(!text.contains(PASSWORD), "the password is in {}", file.display());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(&file)?.permissions().mode();
            ensure!(mode & 0o077 == 0, "{} has mode {mode:o}", file.display());
        }
    }
    Ok(())
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut all = vec![];
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            all.extend(files(&path)?);
        } else {
            all.push(path);
        }
    }
    Ok(all)
}

/// Both sessions end in the middle of an apply, and of a plan.
fn lost(bench: &Bench, dir: &Path) -> Result<()> {
    let (sim, w) = start(bench, dir, &["-session-idle", "1"])?;
    let lost = |from: usize| {
        let calls = sim.calls();
        let seen = |f: &dyn Fn(&Json) -> bool| calls.iter().skip(from).any(f);
        let logins = calls.iter().skip(from).filter(|c| c["soap"] == "Login").count();
        (logins, seen(&|c| c["status"] == 401 && c["path"].as_str().is_some_and(|p| p.contains("tagging"))))
    };
    fault(&sim, &json!({ "method": "CreateFolder", "delay_ms": 2500 }))?;
    apply(&w)?;
    let (logins, rest) = lost(0);
    // One for the plan and one for the apply, were it not for what is tested.
    ensure!(logins > 2 && rest, "the sessions were not lost in the apply: {logins} logins, REST {rest}");
    struck(&sim)?;
    let before = sim.calls().len();
    // What comes after the session was looked at for the first time.
    fault(&sim, &json!({ "method": "RetrievePropertiesEx", "match": "customValue", "delay_ms": 2500 }))?;
    empty_plan(&w)?;
    let (logins, _) = lost(before);
    ensure!(logins > 1, "the session was not lost in the plan");
    struck(&sim)?;
    destroy(&w)?;
    Ok(())
}

/// What the guide of permissions says of a plan error that prevents a destroy: without a refresh there is no
/// such plan.
fn destroy_past_an_error(bench: &Bench, dir: &Path) -> Result<()> {
    let (sim, w) = start(bench, dir, &[])?;
    let before = sim.snapshot()?;
    apply(&w)?;
    let wrong = "\nresource \"vsphere_role\" \"wrong\" {\n  name            = \"wrong\"\n  role_privileges = [\"No.Such\"]\n}\n";
    std::fs::write(w.dir.join("main.tf"), format!("{CONFIGURATION}{wrong}"))?;
    let stopped = w.run(&["destroy", "-no-color", "-auto-approve"])?;
    ensure!(
        stopped.code != 0 && stopped.all().contains("No.Such"),
        "the plan error is not there\n{}",
        stopped.all()
    );
    let target = ["destroy", "-no-color", "-auto-approve", "-refresh=false", "-target=vsphere_folder.f"];
    let one = w.run(&target)?.ok()?;
    ensure!(one.all().contains("1 destroyed"), "the folder is not destroyed by itself\n{}", one.all());
    let rest = w.run(&["destroy", "-no-color", "-auto-approve", "-refresh=false"])?.ok()?;
    ensure!(rest.all().contains("2 destroyed"), "the rest is not destroyed\n{}", rest.all());
    ensure!(before == sim.snapshot()?, "something is left in the vCenter");
    Ok(())
}

/// Overload, broken connections and busy objects, in a plan, an apply and a destroy; and the record of the calls.
fn disturbed(bench: &Bench, dir: &Path) -> Result<()> {
    let (sim, mut w) = start(bench, dir, &[])?;
    let debug = dir.join("calls");
    w.env.push(("VSPHERE_CLIENT_DEBUG".into(), "true".into()));
    w.env.push(("VSPHERE_CLIENT_DEBUG_PATH".into(), debug.display().to_string()));
    w.env.push(("VSPHERE_CLIENT_DEBUG_PATH_RUN".into(), "one".into()));
    for f in [
        json!({ "method": "Login", "status": 503 }),
        json!({ "method": "CreateFolder", "fault": "TaskInProgress", "count": 2 }),
        json!({ "http": "POST /api/cis/tagging/category", "status": 503, "body": r#"{"error_type":"SERVICE_UNAVAILABLE","messages":[]}"# }),
    ] {
        fault(&sim, &f)?;
    }
    apply(&w)?;
    struck(&sim)?;
    for f in [
        json!({ "method": "RetrievePropertiesEx", "drop": true }),
        json!({ "method": "RetrievePropertiesEx", "status": 503 }),
        json!({ "method": "RetrievePropertiesEx", "status": 502 }),
        json!({ "http": "POST /api/session", "status": 503 }),
        json!({ "http": "GET /api/cis/tagging/tag/", "drop": true }),
    ] {
        fault(&sim, &f)?;
    }
    empty_plan(&w)?;
    struck(&sim)?;
    fault(&sim, &json!({ "method": "Destroy_Task", "fault": "TaskInProgress" }))?;
    destroy(&w)?;
    struck(&sim)?;
    let left = sim.sessions()?;
    ensure!(left.is_empty(), "sessions were left open: {left:?}");

    private(&debug)?;
    let mut seen = BTreeSet::new();
    for file in files(&debug.join("debug/one"))? {
        for line in std::fs::read_to_string(&file)?.lines() {
            let call: Json = serde_json::from_str(line).with_context(|| line.to_owned())?;
            seen.insert(call["method"].as_str().unwrap_or_default().to_owned());
        }
    }
    ensure!(seen.contains("CreateFolder") && seen.contains("Logout"), "what was recorded: {seen:?}");
    Ok(())
}

/// Terraform is interrupted, and killed, in the middle of a call: the call ends, and so do the sessions.
fn ended(bench: &Bench, dir: &Path, flags: &[&str]) -> Result<()> {
    let (sim, w) = start(bench, dir, flags)?;
    for signal in ["-INT", "-KILL"] {
        fault(&sim, &json!({ "method": "CreateFolder", "delay_ms": 1000 }))?;
        let out = File::create(dir.join(format!("apply{signal}.txt")))?;
        let mut c = w.command(&["apply", "-no-color", "-auto-approve", "-lock=false"]);
        let mut terraform = c.stdout(out.try_clone()?).stderr(out).spawn()?;
        let begun = eventually(|| Ok(sim.admin("GET", "/sim/fault", "")?[0]["hits"] == 1));
        let killed = Command::new("kill").args([signal, &terraform.id().to_string()]).status();
        terraform.wait()?;
        ensure!(begun? && killed?.success(), "the apply did not come to the folder");
        ensure!(eventually(|| Ok(sim.sessions()?.is_empty()))?, "{signal}: left open: {:?}", sim.sessions()?);
        struck(&sim)?;
        if signal == "-INT" {
            let state = w.state()?;
            ensure!(state.has("vsphere_folder.f"), "what was created is not in the state: {state:?}");
            destroy(&w)?;
        }
    }
    Ok(())
}

/// Groups and rules of a cluster.
const CLUSTER: &str = r#"
data "vsphere_compute_cluster" "c" {
  name = "DC0_C0"
}
data "vsphere_virtual_machine" "vm" {
  count = 2
  name  = "/DC0/vm/DC0_C0_RP0_VM${count.index}"
}
resource "vsphere_compute_cluster_vm_group" "g" {
  name                = "group"
  compute_cluster_id  = data.vsphere_compute_cluster.c.id
  virtual_machine_ids = data.vsphere_virtual_machine.vm[*].id
}
resource "vsphere_compute_cluster_vm_anti_affinity_rule" "r" {
  name                = "rule"
  compute_cluster_id  = data.vsphere_compute_cluster.c.id
  virtual_machine_ids = data.vsphere_virtual_machine.vm[*].id
}
"#;

/// The answer to a change that was made is lost: its task is found again, and the apply goes on.
fn unheard(bench: &Bench, dir: &Path, flags: &[&str]) -> Result<()> {
    let (sim, w) = start(bench, dir, flags)?;
    std::fs::write(w.dir.join("main.tf"), CLUSTER)?;
    provider_files(&w.dir, CLUSTER, "vsphere-rs/vsphere", &sim.address)?;
    fault(
        &sim,
        &json!({ "method": "ReconfigureComputeResource_Task", "drop": true, "after": true, "count": 2 }),
    )?;
    apply(&w)?;
    struck(&sim)?;
    let names =
        sim.govc("cluster.rule.ls -cluster DC0_C0")? + &sim.govc("cluster.group.ls -cluster DC0_C0")?;
    ensure!(names.contains("rule") && names.contains("group"), "{names}");
    empty_plan(&w)?;
    destroy(&w)?;
    let left =
        sim.govc("cluster.rule.ls -cluster DC0_C0")? + &sim.govc("cluster.group.ls -cluster DC0_C0")?;
    ensure!(left.trim().is_empty(), "{left}");
    Ok(())
}

/// The response to the creation of a virtual machine is lost: the state has it all the same, and no second one is created.
fn unheard_machine(bench: &Bench, dir: &Path, flags: &[&str]) -> Result<()> {
    let (sim, w) = start(bench, dir, flags)?;
    let id = |path: &str| -> Result<String> {
        let listed = sim.govc(&format!("find -i {path}"))?;
        listed.trim().split(':').nth(1).map(str::to_owned).with_context(|| format!("there is no {path}"))
    };
    let configuration = format!(
        r#"resource "vsphere_virtual_machine" "vm" {{
  name             = "web"
  resource_pool_id = "{}"
  datastore_id     = "{}"
  guest_id         = "ubuntu64Guest"

  wait_for_guest_net_timeout = 0

  disk {{
    label = "disk0"
    size  = 1
  }}
}}
"#,
        id("/DC0/host/DC0_C0 -type p -name Resources")?,
        id("/DC0/datastore -type s -name LocalDS_0")?
    );
    std::fs::write(w.dir.join("main.tf"), &configuration)?;
    provider_files(&w.dir, &configuration, "vsphere-rs/vsphere", &sim.address)?;
    fault(&sim, &json!({ "method": "CreateVM_Task", "drop": true, "after": true }))?;
    apply(&w)?;
    struck(&sim)?;
    let of_name = || -> Result<usize> { Ok(sim.govc("find /DC0/vm -type m -name web")?.lines().count()) };
    ensure!(of_name()? == 1, "{} machines", of_name()?);
    empty_plan(&w)?;
    ensure!(of_name()? == 1, "{} machines", of_name()?);
    destroy(&w)?;
    ensure!(of_name()? == 0, "a machine is left");
    Ok(())
}

/// Two runs change one cluster at the same time: members of one group, which vCenter writes as a whole, and rules and
/// overrides, which it writes one by one. Nothing that a run has added is lost, and nothing that it has removed comes back:
/// while both add, while both remove, and while one adds and the other removes.
fn two_runs(bench: &Bench, dir: &Path, flags: &[&str]) -> Result<()> {
    let flags: Vec<&str> = flags.iter().copied().chain(["-vm", "6"]).collect();
    let (sim, owner) = start(bench, dir, &flags)?;
    let cluster = sim.moid("/DC0/host/DC0_C0")?;
    let group = format!(
        "resource \"vsphere_compute_cluster_vm_group\" \"g\" {{\n  name               = \"shared\"\n  compute_cluster_id = \
         \"{cluster}\"\n}}\n"
    );
    std::fs::write(owner.dir.join("main.tf"), &group)?;
    apply(&owner)?;
    let run = |name: &str, first: usize| -> Result<Workdir> {
        let w = bench.cli.in_dir(&dir.join(name));
        std::fs::create_dir_all(&w.dir)?;
        let configuration = format!(
            r#"
data "vsphere_virtual_machine" "vm" {{
  count = 3
  name  = "/DC0/vm/DC0_C0_RP0_VM${{count.index + {first}}}"
}}
resource "vsphere_compute_cluster_vm_group_member" "m" {{
  count              = 3
  compute_cluster_id = "{cluster}"
  vm_group_name      = "shared"
  virtual_machine_id = data.vsphere_virtual_machine.vm[count.index].id
}}
resource "vsphere_compute_cluster_vm_anti_affinity_rule" "r" {{
  count               = 2
  name                = "{name}-${{count.index}}"
  compute_cluster_id  = "{cluster}"
  virtual_machine_ids = slice(data.vsphere_virtual_machine.vm[*].id, count.index, count.index + 2)
}}
resource "vsphere_drs_vm_override" "d" {{
  count              = 3
  compute_cluster_id = "{cluster}"
  virtual_machine_id = data.vsphere_virtual_machine.vm[count.index].id
  drs_enabled        = false
}}
resource "vsphere_ha_vm_override" "h" {{
  count                  = 3
  compute_cluster_id     = "{cluster}"
  virtual_machine_id     = data.vsphere_virtual_machine.vm[count.index].id
  ha_vm_restart_priority = "high"
}}
"#
        );
        std::fs::write(w.dir.join("main.tf"), &configuration)?;
        provider_files(&w.dir, &configuration, "vsphere-rs/vsphere", &sim.address)?;
        Ok(w)
    };
    let (one, other) = (run("one", 0)?, run("other", 3)?);
    type Work = fn(&Workdir) -> Result<Ran>;
    let together = |work: Work, meanwhile: Work| -> Result<()> {
        std::thread::scope(|s| {
            let first = s.spawn(|| work(&one));
            let second = meanwhile(&other);
            first.join().map_err(|_| anyhow::anyhow!("a run panicked"))??;
            second.map(drop)
        })
    };
    // The numbers of the virtual machines that are in the group, and that have each kind of override; and the rules.
    let numbers = |listed: &str| -> Vec<String> {
        let lines = listed.lines().filter_map(|l| l.split_once("DC0_C0_RP0_VM"));
        lines.map(|(_, n)| n.trim().to_owned()).collect()
    };
    let check = |round: &str, expected: &[usize], rules: &[&str]| -> Result<()> {
        let expected: Vec<String> = expected.iter().map(ToString::to_string).collect();
        let mut members = numbers(&sim.govc("cluster.group.ls -cluster DC0_C0 -name shared")?);
        members.sort();
        ensure!(members == expected, "{round}: members {members:?} instead of {expected:?}");
        let overrides: Json =
            serde_json::from_str(&sim.govc("cluster.override.info -cluster DC0_C0 -json")?)?;
        for (kind, setting) in [("DRS", "/drs/enabled"), ("HA", "/das/dasSettings/restartPriority")] {
            let all = overrides["overrides"].as_object().into_iter().flatten();
            let mut with: Vec<String> = all
                .filter(|(_, o)| o.pointer(setting).is_some_and(|v| !v.is_null()))
                .flat_map(|(name, o)| numbers(o["name"].as_str().unwrap_or(name)))
                .collect();
            with.sort();
            ensure!(
                with == expected,
                "{round}: overrides of {kind} {with:?} instead of {expected:?}: {overrides}"
            );
        }
        let listed = sim.govc("cluster.rule.ls -cluster DC0_C0")?;
        let mut there: Vec<&str> = listed.lines().collect();
        there.sort_unstable();
        ensure!(there == rules, "{round}: rules {there:?} instead of {rules:?}");
        Ok(())
    };
    let (ones, others) = (["one-0", "one-1"], ["other-0", "other-1"]);
    let all = [ones, others].concat();
    for round in 0..2 {
        together(apply, apply)?;
        check(&format!("round {round}, both have added"), &[0, 1, 2, 3, 4, 5], &all)?;
        together(empty_plan, empty_plan)?;
        together(destroy, destroy)?;
        check(&format!("round {round}, both have removed"), &[], &[])?;
        apply(&one)?;
        together(destroy, apply)?;
        check(&format!("round {round}, the other one has added"), &[3, 4, 5], &others)?;
        together(apply, destroy)?;
        check(&format!("round {round}, the first one has added"), &[0, 1, 2], &ones)?;
        together(empty_plan, destroy)?;
        destroy(&one)?;
    }
    check("at the end", &[], &[])?;
    destroy(&owner)?;
    Ok(())
}

/// Changes of one cluster go together; where one call for all is refused, each is made by itself.
fn together(bench: &Bench, dir: &Path) -> Result<()> {
    let (sim, w) = start(bench, dir, &[])?;
    let configuration = format!(
        r#"{CLUSTER}
resource "vsphere_compute_cluster_vm_group" "more" {{
  count              = 7
  name               = "more-${{count.index}}"
  compute_cluster_id = data.vsphere_compute_cluster.c.id
}}
"#
    );
    std::fs::write(w.dir.join("main.tf"), &configuration)?;
    provider_files(&w.dir, &configuration, "vsphere-rs/vsphere", &sim.address)?;
    let calls = || {
        let of = |c: &&Json| c["soap"] == "ReconfigureComputeResource_Task";
        sim.calls().iter().filter(of).count()
    };
    let method = "ReconfigureComputeResource_Task";
    // While the first is under way, the others come.
    fault(&sim, &json!({ "method": method, "delay_ms": 2000 }))?;
    apply(&w)?;
    struck(&sim)?;
    let made = calls();
    ensure!((2..=4).contains(&made), "{made} calls made nine things");
    // Who wait for the first look at the cluster go with it.
    fault(
        &sim,
        &json!({ "method": "RetrievePropertiesEx", "match": "configurationEx", "skip": 1, "delay_ms": 1000 }),
    )?;
    fault(&sim, &json!({ "method": method, "fault": "InvalidArgument" }))?;
    destroy(&w)?;
    struck(&sim)?;
    let removed = calls() - made;
    ensure!(removed > 8, "{removed} calls removed nine things, though some were refused");
    Ok(())
}

/// Asks for up to fifteen seconds until it is so.
fn eventually(so: impl Fn() -> Result<bool>) -> Result<bool> {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(15) {
        if so()? {
            return Ok(true);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(false)
}

fn fault(sim: &Sim, fault: &Json) -> Result<()> {
    sim.admin("POST", "/sim/fault", &fault.to_string()).map(drop)
}

/// An upload of a disk image breaks at each tenth of it, and the datastore is full: nothing is left in vCenter, and the next
/// apply succeeds.
fn upload_cut(bench: &Bench, dir: &Path) -> Result<()> {
    const CONFIGURATION: &str = r#"
resource "vsphere_virtual_disk_image" "d" {
  datacenter = "DC0"
  datastore  = "LocalDS_0"
  vmdk_path  = "cut.vmdk"
  source     = "cut.img"
}
"#;
    /// What cannot be compressed is as long as it was.
    const LENGTH: u64 = 3 << 20;
    let (sim, w) = start(bench, dir, &[])?;
    std::fs::write(w.dir.join("main.tf"), CONFIGURATION)?;
    provider_files(&w.dir, CONFIGURATION, "vsphere-rs/vsphere", &sim.address)?;
    let mut random = crate::bench::random();
    std::fs::write(w.dir.join("cut.img"), (0..LENGTH).map(|_| random() as u8).collect::<Vec<u8>>())?;
    let nothing_is_left = |when: &str| -> Result<()> {
        let left =
            sim.govc("find / -type m -name terraform-image*")? + &sim.govc("datastore.ls -ds LocalDS_0")?;
        let is_ours = |l: &&str| ["terraform-image", "cut", ".upload"].iter().any(|part| l.contains(part));
        let left: Vec<_> = left.lines().filter(is_ours).collect();
        ensure!(left.is_empty(), "{when}: {left:?}");
        Ok(())
    };
    for tenth in 0..10_u64 {
        let read = LENGTH * tenth / 10;
        fault(&sim, &json!({ "http": "POST /nfc/", "read": read, "drop": true, "count": 1 }))?;
        let broken = w.run(&["apply", "-no-color", "-auto-approve"])?;
        ensure!(broken.code != 0, "an upload that is cut at {read} bytes succeeds");
        struck(&sim)?;
        nothing_is_left(&format!("cut at {read} bytes"))?;
    }
    fault(&sim, &json!({ "http": "POST /nfc/", "read": LENGTH / 2, "status": 500, "count": 1 }))?;
    let full = w.run(&["apply", "-no-color", "-auto-approve"])?;
    ensure!(full.code != 0 && full.err.contains("HTTP 500"), "{}", full.err);
    struck(&sim)?;
    nothing_is_left("refused at a half")?;
    apply(&w)?;
    empty_plan(&w)?;
    destroy(&w)?;
    nothing_is_left("destroyed")
}

/// All faults were met; then there are none.
fn struck(sim: &Sim) -> Result<()> {
    let faults = sim.admin("GET", "/sim/fault", "")?;
    for f in faults.as_array().into_iter().flatten() {
        ensure!(f["hits"].as_u64().unwrap_or_default() > 0, "this was never met: {f}");
    }
    sim.admin("DELETE", "/sim/fault", "").map(drop)
}

/// The client's own tests that need a server, with a simulator.
fn client(bench: &Bench, dir: &Path, test: &str, flags: &[&str]) -> Result<()> {
    let sim = Sim::start(&bench.tools, dir, "vcenter", dir, flags)?;
    let out = root::cargo()
        .args(["test", "--workspace", "--test", test, "--", "--include-ignored"])
        .env("VCENTER_SIM_URL", format!("https://{USER}:{PASSWORD}@{}", sim.address))
        .output()?;
    let said = String::from_utf8_lossy(&out.stdout);
    ensure!(out.status.success(), "{said}{}", String::from_utf8_lossy(&out.stderr));
    ensure!(said.contains("test result: ok"), "nothing was tested: {said}");
    Ok(())
}
