//! Disks are attached outside Terraform at any time: while the virtual machine is created, changed, moved and destroyed.
//! Whatever comes of the run, the disks and their files are there afterwards.
use super::{Bench, fill, provider_files};
use crate::cli::Workdir;
use crate::report::{Outcome, Tier};
use crate::root;
use crate::sim::Sim;
use anyhow::{Context, Result, ensure};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

/// The machine, but for what is in the steps.
const MACHINE: &str = r#"
resource "vsphere_virtual_machine" "vm" {
  name                       = "web"
  resource_pool_id           = "{{moid /DC0/host/DC0_C0/Resources}}"
  guest_id                   = "ubuntu64Guest"
  wait_for_guest_net_timeout = 0
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
"#;
const HERE: &str = r#"  datastore_id = "{{moid /DC0/datastore/LocalDS_0}}"
"#;
const THERE: &str = r#"  datastore_id = "{{moid /DC0/datastore/LocalDS_1}}"
"#;
const DISK: &str = r#"  disk {
    label = "system"
    size  = 2
  }
"#;
const MORE: &str = r#"  disk {
    label       = "data"
    size        = 1
    unit_number = 1
  }
"#;
const CLONE: &str = r#"  clone {
    template_uuid = "{{moid /DC0/vm/tpl}}"
  }
"#;
const END: &str = "}\n";

/// What is before, and what is disturbed; nothing is a destruction.
const SCENARIOS: [Scenario; 7] = [
    ("create", None, Some(&[HERE, DISK, MORE])),
    ("clone", None, Some(&[HERE, CLONE, DISK, MORE])),
    ("clone_undeclared", None, Some(&[HERE, CLONE])),
    ("update", Some(&[HERE, DISK]), Some(&[HERE, DISK, MORE])),
    ("removal", Some(&[HERE, DISK, MORE]), Some(&[HERE, DISK])),
    ("migration", Some(&[HERE, DISK, MORE]), Some(&[THERE, DISK, MORE])),
    ("destroy", Some(&[HERE, DISK, MORE]), None),
];
/// How many requests of each are tried unless these tests are selected.
const SAMPLE: usize = 3;

type Scenario = (&'static str, Option<&'static [&'static str]>, Option<&'static [&'static str]>);
/// A method, and how many calls of it come before.
type Moment = (String, usize);

/// Runs some, or all where they are named by the filter.
pub(super) fn run(bench: &Bench, tier: &mut Tier) {
    let wanted: Vec<(String, Scenario)> = SCENARIOS
        .into_iter()
        .map(|s| (format!("strangers/{}", s.0), s))
        .filter(|(name, _)| bench.wants(name))
        .collect();
    let every = bench.filter.as_deref().is_some_and(|f| f.starts_with("strangers"));
    let listed = Mutex::new(BTreeMap::new());
    bench.each(tier, &wanted, |name, scenario, doing| {
        doing("listing its requests");
        conclude(bench, name, |dir| {
            let moments = moments(&Stage::new(bench, dir)?, scenario)?;
            listed.lock().unwrap_or_else(|e| e.into_inner()).insert(scenario.0, moments);
            Ok(())
        })
    });
    let listed = listed.into_inner().unwrap_or_else(|e| e.into_inner());
    let mut runs = vec![];
    for (name, scenario) in &wanted {
        let moments = listed.get(scenario.0).map_or(&[][..], Vec::as_slice);
        let step = if every { 1 } else { moments.len().div_ceil(SAMPLE).max(1) };
        for moment in moments.iter().rev().step_by(step) {
            runs.push((format!("{name} at {}#{}", moment.0, moment.1), (*scenario, moment.clone())));
        }
    }
    bench.each(tier, &runs, |name, (scenario, moment), doing| {
        doing("running");
        conclude(bench, name, |dir| Stage::new(bench, dir)?.disturbed(scenario, moment))
    });
}

fn conclude(bench: &Bench, name: &str, test: impl Fn(&Path) -> Result<()>) -> Outcome {
    let folder = name.replace([' ', '#', '/'], "-");
    let ran = bench.fresh(&folder).and_then(|dir| {
        test(&dir).with_context(|| format!("kept: {}", root::shown(&dir)))?;
        Ok(std::fs::remove_dir_all(&dir)?)
    });
    ran.map_or_else(|e| Outcome::Failed(format!("{e:#}")), |()| Outcome::Passed)
}

struct Stage {
    sim: Sim,
    w: Workdir,
}

impl Stage {
    fn new(bench: &Bench, dir: &Path) -> Result<Self> {
        let sim = Sim::start(&bench.tools, dir, "vcenter", dir, &["-ds", "2"])?;
        let w = bench.cli.in_dir(&dir.join("main"));
        std::fs::create_dir_all(&w.dir)?;
        let machine = "vm.create -ds LocalDS_0 -pool /DC0/host/DC0_C0/Resources -net 'VM Network' \
                       -net.adapter vmxnet3 -disk.controller pvscsi -g ubuntu64Guest -on=false";
        sim.govc(&format!("{machine} -disk 1GB -link=false tpl"))?;
        sim.govc(&format!("{machine} -disk 3GB backup"))?;
        Ok(Self { sim, w })
    }

    fn configure(&self, parts: &[&str]) -> Result<()> {
        let text = [&[MACHINE], parts, &[END]].concat().concat();
        let text = fill(&text, |name| match name.split_once(' ') {
            Some(("moid", path)) => self.sim.moid(path).ok(),
            _ => None,
        })?;
        std::fs::write(self.w.dir.join("main.tf"), &text)?;
        provider_files(&self.w.dir, &text, "vsphere-rs/vsphere", &self.sim.address)
    }

    fn terraform(&self, command: &str) -> Result<crate::cli::Ran> {
        self.w.run(&[command, "-no-color", "-auto-approve"])
    }

    /// Comes to the point that is disturbed.
    fn prepare(&self, scenario: &Scenario) -> Result<()> {
        if let Some(before) = scenario.1 {
            self.configure(before)?;
            self.terraform("apply")?.ok()?;
        }
        if let Some(then) = scenario.2 {
            self.configure(then)?;
        }
        Ok(())
    }

    fn act(&self, scenario: &Scenario) -> Result<crate::cli::Ran> {
        self.terraform(if scenario.2.is_some() { "apply" } else { "destroy" })
    }

    fn disturbed(&self, scenario: &Scenario, moment: &Moment) -> Result<()> {
        self.prepare(scenario)?;
        // A backup's disk, and one that is made by hand in the machine's own folder.
        let govc = self.sim.govc_script()?.display().to_string();
        let run = format!(
            "sh '{govc}' vm.disk.attach -vm web -ds LocalDS_0 -disk backup/backup.vmdk -link=false && \
             sh '{govc}' vm.disk.create -vm web -ds LocalDS_0 -name web/by-hand -size 1G"
        );
        let rule = json!({ "method": moment.0, "skip": moment.1, "run": run });
        self.sim.admin("POST", "/sim/fault", &rule.to_string())?;
        let first = self.act(scenario)?;
        self.sim.admin("DELETE", "/sim/fault", "")?;
        // Before the virtual machine exists, and after it is deleted, nothing can be attached.
        let attached =
            self.sim.govc("datastore.ls -ds LocalDS_0 web").is_ok_and(|l| l.contains("by-hand.vmdk"));
        if scenario.2.is_some() && first.code != 0 {
            // The address was in use. It is free after the other disk is detached, and the next apply continues.
            let said = first.all();
            ensure!(!said.contains("panicked"), "{said}");
        }
        self.terraform("destroy")?.ok().with_context(|| format!("after\n{}", first.all()))?;
        let there = self.sim.govc("datastore.ls -ds LocalDS_0 backup").unwrap_or_default();
        ensure!(
            there.lines().any(|l| l.trim() == "backup.vmdk"),
            "the disk of another machine was deleted: {there}\n{}",
            first.all()
        );
        if attached {
            let there = self.sim.govc("datastore.ls -ds LocalDS_0 web").unwrap_or_default();
            ensure!(there.contains("by-hand.vmdk"), "a disk made by hand was deleted\n{}", first.all());
        }
        // And nothing of ours is left.
        for (datastore, file) in [("LocalDS_0", "web/web.vmdk"), ("LocalDS_1", "web/web.vmdk")] {
            let left = self.sim.govc(&format!("datastore.ls -ds {datastore} {file}"));
            ensure!(left.is_err(), "[{datastore}] {file} is left behind\n{}", first.all());
        }
        Ok(())
    }
}

/// The requests that an undisturbed run makes; of reads that come again and again, the first three.
fn moments(stage: &Stage, scenario: &Scenario) -> Result<Vec<Moment>> {
    stage.prepare(scenario)?;
    let before = stage.sim.calls().len();
    stage.act(scenario)?.ok()?;
    let mut seen = BTreeMap::<String, usize>::new();
    let mut out = vec![];
    for call in stage.sim.calls().into_iter().skip(before) {
        let Some(method) = call["soap"].as_str().filter(|m| !m.is_empty()) else { continue };
        if call["ua"].as_str().is_some_and(|ua| ua.starts_with("govc")) {
            continue;
        }
        let n = seen.entry(method.to_owned()).or_default();
        // Neither call can be made to depend on what the machine has by then: between the last look and these, nothing helps.
        if ["Destroy_Task", "RelocateVM_Task"].contains(&method) {
            continue;
        }
        if *n < 6 || method.ends_with("_Task") {
            out.push((method.to_owned(), *n));
        }
        *n += 1;
    }
    Ok(out)
}
