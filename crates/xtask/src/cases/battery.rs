//! What every case goes through: apply, empty plan, updates, import, drift and repair, destroy, nothing left.
use super::{
    Bench, Case, Check, Counts, Drift, FailsAt, Step, diagnostics, fill, hcl, name_of, provider_files, sorted,
};
use crate::cli::{Ran, State, Workdir};
use crate::report::Outcome;
use crate::root;
use crate::sim::{PASSWORD, Sim, USER};
use anyhow::{Context, Result, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fmt::Write;
use std::path::Path;

/// Runs one case in a folder of its own, which stays if the case fails.
pub(super) fn run(bench: &Bench, name: &str, case: &Case, doing: &dyn Fn(&str)) -> Outcome {
    let dir = match bench.fresh(name) {
        Ok(d) => d,
        Err(e) => return Outcome::Failed(format!("{e:#}")),
    };
    let sims = match start(bench, case, &dir) {
        Ok(s) => s,
        Err(e) => return Outcome::Failed(format!("{e:#}")),
    };
    let run = Run { case, sims: &sims, main: workdir(bench, case, &dir.join("main")), bench, dir: &dir };
    match run.battery(doing) {
        Ok(()) => {
            // Only a failure is worth looking at again.
            drop(std::fs::remove_dir_all(&dir));
            Outcome::Passed
        }
        Err(e) => {
            let mut why = format!("{e:#}\n");
            for s in &sims {
                let _ = write!(why, "last calls:\n{}", s.last_calls(15));
            }
            let _ = write!(why, "kept: {}", root::shown(&dir));
            Outcome::Failed(why)
        }
    }
}

fn start(bench: &Bench, case: &Case, dir: &Path) -> Result<Vec<Sim>> {
    let n = case.spec.sims.unwrap_or(1);
    // Files are those of the case, or of its base.
    let flag =
        |f: &String| Some(case.file(f)).filter(|p| p.is_file()).map_or_else(|| f.into(), OsString::from);
    let flags: Vec<OsString> = case.spec.sim.iter().map(flag).collect();
    (1..=n).map(|i| Sim::start(&bench.tools, dir, &format!("vcenter-{i}"), case.dir(), &flags)).collect()
}

fn workdir(bench: &Bench, case: &Case, dir: &Path) -> Workdir {
    let mut w = bench.cli.in_dir(dir);
    w.env.extend(case.spec.env.clone());
    w
}

struct Run<'a> {
    bench: &'a Bench,
    case: &'a Case,
    sims: &'a [Sim],
    main: Workdir,
    dir: &'a Path,
}

impl Run<'_> {
    fn battery(&self, doing: &dyn Fn(&str)) -> Result<()> {
        let spec = &self.case.spec;
        let nothing = State::default();
        doing("setup");
        for line in &spec.setup {
            self.govc(line, 1, &nothing)?;
        }
        let before = self.snapshots()?;
        let begins = self.case.file("begin.tfstate");
        if begins.is_file() {
            // A state that another provider wrote, or an earlier version of this one.
            let state = fill(&std::fs::read_to_string(&begins)?, |name| self.place(name))?;
            std::fs::create_dir_all(&self.main.dir)?;
            std::fs::write(self.main.dir.join("terraform.tfstate"), state)?;
        }
        let default = Step::default();
        for (i, name) in self.case.steps.iter().enumerate() {
            doing(&format!("step {name}"));
            let step = spec.steps.get(name).unwrap_or(&default);
            self.step(name, step, i == 0).with_context(|| format!("step {name}"))?;
        }
        if spec.skip_import.is_none() {
            doing("import");
            self.import().context("import")?;
            doing("generate");
            self.generate().context("generate")?;
        }
        for d in &spec.drift {
            doing(&d.name);
            self.drift(d).with_context(|| format!("drift: {}", d.name))?;
        }
        doing("destroy");
        self.destroy(before).context("destroy")?;
        // Modules from outside have resources that the case does not show.
        if name_of(self.case.dir().parent().unwrap_or(self.case.dir())) == "examples" {
            return Ok(());
        }
        self.bench.asked.check(self.case, self.sims)
    }

    /// The configuration of a step, in a folder: files of earlier steps leave it.
    fn write(&self, w: &Workdir, step: &str) -> Result<()> {
        std::fs::create_dir_all(&w.dir)?;
        for p in sorted(&w.dir)?.iter().filter(|p| p.extension().is_some_and(|e| e == "tf")) {
            std::fs::remove_file(p)?;
        }
        let mut all = String::new();
        for (to, from) in self.case.configuration(step)? {
            if from.is_dir() {
                // A module of the case.
                copy(&from, &w.dir.join(to))?;
                continue;
            }
            let text = fill(&std::fs::read_to_string(&from)?, |name| self.place(name).map(|v| hcl(&v)))?;
            std::fs::write(w.dir.join(to), &text)?;
            all.push_str(&text);
        }
        let extra = self.case.file("files");
        if extra.is_dir() {
            copy(&extra, &w.dir.join("files"))?;
        }
        provider_files(&w.dir, &all, "vsphere-rs/vsphere", &self.sims[0].address)?;
        if all.lines().any(|l| l.trim_start().starts_with("module ")) {
            // Installs the modules without asking where providers come from.
            w.run(&["get", "-no-color"])?.ok()?;
        }
        Ok(())
    }

    /// The placeholders in double braces that are available everywhere.
    fn place(&self, name: &str) -> Option<String> {
        if let Some(n) = name.strip_prefix("server") {
            let n = if n.is_empty() { 1 } else { n.parse().ok()? };
            return Some(self.sims.get(n - 1)?.address.clone());
        }
        if let Some(path) = name.strip_prefix("moid ") {
            return self.sims[0].moid(path.trim()).ok();
        }
        match name {
            "user" => Some(USER.to_owned()),
            "password" => Some(PASSWORD.to_owned()),
            "govc" => self.sims[0].govc_script().ok().map(|p| format!("sh {}", p.display())),
            "root" => Some(root::dir().display().to_string()),
            "case" => Some(self.case.dir().display().to_string()),
            _ => None,
        }
    }

    /// Also what is in the state: `output.<name>` and `state.<address>.<attribute>`.
    fn place_with(&self, name: &str, state: &State) -> Option<String> {
        fn text(v: &Json) -> Option<String> {
            match v {
                Json::Null => None,
                Json::String(s) => Some(s.clone()),
                v => Some(v.to_string()),
            }
        }
        if let Some(output) = name.strip_prefix("output.") {
            let (output, at) = output.split_once('.').unwrap_or((output, ""));
            let v = &state.outputs[output]["value"];
            return text(v.pointer(&pointer(at))?);
        }
        if let Some(rest) = name.strip_prefix("state.") {
            return state.managed.iter().find_map(|(address, values)| {
                let at = rest.strip_prefix(address.as_str())?.strip_prefix('.')?;
                text(values.pointer(&pointer(at))?)
            });
        }
        self.place(name)
    }

    /// Runs the client, and looks for sessions that it left open.
    fn run(&self, w: &Workdir, args: &[&str]) -> Result<Ran> {
        self.run_with(w, args, &[])
    }

    fn run_with(&self, w: &Workdir, args: &[&str], env: &[(&str, &str)]) -> Result<Ran> {
        let sessions = || self.sims.iter().map(Sim::sessions).collect::<Result<Vec<_>>>();
        let before = sessions()?;
        let ran = w.run_with(args, env)?;
        for (before, after) in before.iter().zip(sessions()?) {
            let left: Vec<_> = after.difference(before).cloned().collect();
            ensure!(left.is_empty(), "{}\nsessions were left open: {}", ran.all(), left.join(", "));
        }
        Ok(ran)
    }

    /// A plan into a file; its exit code is 0 without changes, 2 with.
    fn plan(&self, w: &Workdir) -> Result<Ran> {
        let ran = self.run(w, &["plan", "-no-color", "-detailed-exitcode", "-out=plan.bin"])?;
        if ran.code != 0 && ran.code != 2 {
            bail!("{}", ran.all());
        }
        Ok(ran)
    }

    /// Plans and applies in one run of the client.
    fn apply(&self, env: &[(&str, &str)]) -> Result<Ran> {
        self.run_with(&self.main, &["apply", "-no-color", "-auto-approve"], env)?.ok()
    }

    fn empty_plan(&self, w: &Workdir) -> Result<Ran> {
        let ran = self.plan(w)?;
        ensure!(ran.code == 0, "the plan is not empty\n{}", ran.all());
        Ok(ran)
    }

    fn step(&self, name: &str, step: &Step, first: bool) -> Result<()> {
        self.write(&self.main, name)?;
        if !step.before.is_empty() {
            let state = self.main.state().unwrap_or_default();
            for line in &step.before {
                self.govc(line, 1, &state)?;
            }
        }
        if !step.expect_error.is_empty() {
            return self.failing(step);
        }
        let trace = self.dir.join("trace.log");
        // One command of every case runs with everything logged: the one that creates, secrets included.
        let log = trace.display().to_string();
        let env: &[_] = if first { &[("TF_LOG", "TRACE"), ("TF_LOG_PATH", log.as_str())] } else { &[] };
        self.nothing_planned()?;
        let applied = self.apply(env)?;
        self.expect_plan(&applied, step.plan, &step.actions)?;
        contains(&applied.all(), &step.expect_warning)?;
        if first {
            self.no_secrets(&trace)?;
        }
        self.nothing_stored()?;
        let calls = self.count();
        self.empty_plan(&self.main).context("the plan after the apply")?;
        let calls = self.count() - calls;
        if let Some(most) = step.max_requests {
            ensure!(
                calls <= most,
                "the plan without changes took {calls} requests, at most {most} are allowed"
            );
        }
        self.checks(&step.checks)
    }

    fn failing(&self, step: &Step) -> Result<()> {
        let args: &[&str] = match step.fails_at {
            FailsAt::Plan => &["plan", "-no-color", "-json"],
            FailsAt::Apply => &["apply", "-no-color", "-auto-approve", "-json"],
        };
        if step.fails_at == FailsAt::Apply {
            self.plan(&self.main).context("only the apply must fail")?;
        }
        let ran = self.run(&self.main, args)?;
        ensure!(ran.code != 0, "this had to fail\n{}", ran.all());
        let said: String = diagnostics(&ran.out).into_iter().map(|(_, text)| text).collect();
        contains(&said, &step.expect_error)?;
        self.checks(&step.checks)
    }

    fn expect_plan(
        &self,
        ran: &Ran,
        counts: Option<Counts>,
        actions: &BTreeMap<String, String>,
    ) -> Result<()> {
        let (is, each) = printed(&ran.out);
        if let Some(expected) = counts {
            ensure!(is == expected, "expected {expected:?}, and the plan is {is:?}\n{}", ran.all());
        }
        if actions.is_empty() {
            return Ok(());
        }
        let state = self.main.state()?;
        for (address, expected) in actions {
            let is = match each.get(address) {
                Some(action) => action,
                None if state.has(address) => "no-op",
                None => "nothing",
            };
            ensure!(is == expected, "expected {expected} of {address}, and the plan is {is}\n{}", ran.all());
        }
        Ok(())
    }

    fn count(&self) -> usize {
        self.sims.iter().map(|s| s.calls().len()).sum()
    }

    fn no_secrets(&self, trace: &Path) -> Result<()> {
        let text = std::fs::read(trace).map(|b| String::from_utf8_lossy(&b).into_owned()).unwrap_or_default();
        ensure!(!text.is_empty(), "no trace was written");
        let basic = STANDARD.encode(format!("{USER}:{PASSWORD}"));
        let own = self.case.spec.secrets.iter().cloned();
        for secret in [PASSWORD.to_owned(), xml(PASSWORD), basic].into_iter().chain(own) {
            let Some(line) = text.lines().find(|l| l.contains(&secret)) else { continue };
            bail!("the secret {secret:?} is in the trace: {line}");
        }
        Ok(())
    }

    /// What is write-only is not in the plan of a step, before it is applied.
    fn nothing_planned(&self) -> Result<()> {
        if self.case.spec.unstored.is_empty() {
            return Ok(());
        }
        let said = self.plan(&self.main)?;
        let saved = self.run(&self.main, &["show", "-json", "plan.bin"])?.ok()?;
        self.lacks_unstored("the output", &said.all())?;
        self.lacks_unstored("the plan", &saved.all())
    }

    /// What is write-only is not in the state.
    fn nothing_stored(&self) -> Result<()> {
        if self.case.spec.unstored.is_empty() {
            return Ok(());
        }
        let state = std::fs::read_to_string(self.main.dir.join("terraform.tfstate"))?;
        self.lacks_unstored("the state", &state)
    }

    fn lacks_unstored(&self, what: &str, text: &str) -> Result<()> {
        let mut all = self.case.spec.unstored.iter();
        all.find(|u| text.contains(*u)).map_or(Ok(()), |u| bail!("{u:?} is in {what}"))
    }

    fn govc(&self, line: &str, sim: usize, state: &State) -> Result<String> {
        let line = fill(line, |name| self.place_with(name, state))?;
        self.sims.get(sim - 1).with_context(|| format!("there is no vCenter {sim}"))?.govc(&line)
    }

    fn checks(&self, checks: &[Check]) -> Result<()> {
        if checks.is_empty() {
            return Ok(());
        }
        let state = self.main.state()?;
        checks
            .iter()
            .try_for_each(|c| self.check(c, &state).with_context(|| format!("check: govc {}", c.govc)))
    }

    fn check(&self, c: &Check, state: &State) -> Result<()> {
        let fill = |text: &str| fill(text, |name| self.place_with(name, state));
        let all = |texts: &[String]| texts.iter().map(|t| fill(t)).collect::<Result<Vec<_>>>();
        let out = match (self.govc(&c.govc, c.sim.unwrap_or(1), state), c.fails) {
            (Ok(out), false) => out,
            (Ok(out), true) => bail!("this had to fail:\n{out}"),
            (Err(e), true) => format!("{e:#}"),
            (Err(e), false) => return Err(e),
        };
        if let Some(expected) = &c.equals {
            let expected = fill(expected)?;
            ensure!(out.trim() == expected.trim(), "expected\n{expected}\nand it is\n{out}");
        }
        let one = |l: &str| l.split_whitespace().collect::<Vec<_>>().join(" ");
        let lines: BTreeSet<_> = out.lines().map(one).collect();
        for line in all(&c.lines)? {
            ensure!(lines.contains(&one(&line)), "expected the line\n{line}\nin\n{out}");
        }
        contains(&out, &all(&c.contains)?)?;
        for text in all(&c.lacks)? {
            ensure!(!out.contains(&text), "{text:?} must not be in\n{out}");
        }
        if !c.json.is_empty() {
            let v: Json = serde_json::from_str(&out).with_context(|| format!("no JSON: {out}"))?;
            for (at, expected) in &c.json {
                let expected = match serde_json::to_value(expected)? {
                    Json::String(s) => Json::String(fill(&s)?),
                    v => v,
                };
                let is = v.pointer(at).cloned().unwrap_or_default();
                // govc leaves out what is empty.
                ensure!(
                    is == expected || (is.is_null() && blank(&expected)),
                    "expected {expected} at {at}, and it is {is} in\n{out}"
                );
            }
        }
        Ok(())
    }

    /// Takes everything into a new state, and compares.
    fn import(&self) -> Result<()> {
        let state = self.main.state()?;
        let w = workdir(self.bench, self.case, &self.dir.join("import"));
        let Some(last) = self.last_good() else { return Ok(()) };
        self.write(&w, last)?;
        let mut blocks = String::new();
        let mut taken = vec![];
        for (address, values) in state.managed.clone() {
            let id = match self.case.spec.import.get(&address) {
                Some(id) => fill(id, |name| self.place_with(name, &state))?,
                None => values["id"].as_str().unwrap_or_default().to_owned(),
            };
            if !id.is_empty() {
                let _ = writeln!(blocks, "import {{\n  to = {address}\n  id = \"{}\"\n}}", hcl(&id));
                taken.push((address, values));
            }
        }
        ensure!(!taken.is_empty(), "nothing can be imported; say why in skip_import");
        std::fs::write(w.dir.join("imports.tf"), blocks)?;
        let ran = self.plan(&w)?;
        let (counts, _) = printed(&ran.out);
        // What an import writes is looked up only where it writes something.
        let written = if counts == Counts::default() {
            BTreeMap::new()
        } else {
            written(&w.run(&["show", "-json", "plan.bin"])?.ok()?.json()?)
        };
        let expected = Counts { change: written.len(), ..Counts::default() };
        ensure!(counts == expected, "the plan after the import is not empty\n{}", ran.all());
        let names: BTreeSet<String> = written.into_values().flatten().collect();
        ensure!(
            names == self.case.spec.import_writes,
            "the plan after the import changes {names:?}\n{}",
            ran.all()
        );
        let before = if names.is_empty() { vec![] } else { self.snapshots()? };
        self.run(&w, &["apply", "-no-color", "-input=false", "plan.bin"])?.ok()?;
        let different = self.differences(before)?;
        ensure!(different.is_empty(), "the import has changed the vCenter: {}", different.join("\n"));
        self.empty_plan(&w)?;
        let imported: BTreeMap<_, _> = w.state()?.managed.into_iter().collect();
        let mut different = vec![];
        for (address, values) in taken {
            for (name, was) in values.as_object().into_iter().flatten() {
                let full = format!("{address}.{name}");
                let is = &imported.get(&address).context("not imported")?[name];
                // Nothing, empty and zero mean the same to the provider, and so may an order: the plan above would
                // tell otherwise.
                let same = is == was || reordered(is, was) || (blank(is) && blank(was));
                // What a guest reports of its network and of its tools is in two attributes each.
                let named = match name.as_str() {
                    "guest_networks" => format!("{address}.guest_ip_addresses"),
                    "conditions" => format!("{address}.vmware_tools_status"),
                    _ => full.clone(),
                };
                if !same && !self.case.spec.import_ignore.iter().any(|i| is_meant(i, &named)) {
                    different.push(format!("{full}: {was} was imported as {is}"));
                }
            }
        }
        ensure!(different.is_empty(), "{}", different.join("\n"));
        Ok(())
    }

    /// What the client writes as the configuration of what is there must plan nothing: with the import, and after it.
    fn generate(&self) -> Result<()> {
        if self.sims.len() > 1 {
            return Ok(()); // A configuration is written for one provider.
        }
        let state = self.main.state()?;
        let w = workdir(self.bench, self.case, &self.dir.join("generate"));
        let Some(last) = self.last_good() else { return Ok(()) };
        self.write(&w, last)?;
        let mut blocks = String::new();
        for (n, (address, values)) in state.managed.iter().enumerate() {
            let id = match self.case.spec.import.get(address) {
                Some(id) => fill(id, |name| self.place_with(name, &state))?,
                None => values["id"].as_str().unwrap_or_default().to_owned(),
            };
            // A configuration can be written for single resources of the root module alone.
            let ty = type_of(address);
            if !id.is_empty() && !self.case.spec.skip_generate.contains_key(address) {
                let _ = writeln!(blocks, "import {{\n  to = {ty}.r{n}\n  id = \"{}\"\n}}", hcl(&id));
            }
        }
        if blocks.is_empty() {
            return Ok(());
        }
        for p in sorted(&w.dir)?.iter().filter(|p| p.extension().is_some_and(|e| e == "tf")) {
            std::fs::remove_file(p)?;
        }
        std::fs::write(w.dir.join("imports.tf"), blocks)?;
        provider_files(&w.dir, "", "vsphere-rs/vsphere", &self.sims[0].address)?;
        let out = "-generate-config-out=generated.tf";
        let args = ["plan", "-no-color", "-detailed-exitcode"];
        let report = |ran: &Ran| {
            let text = std::fs::read_to_string(w.dir.join("generated.tf")).unwrap_or_default();
            format!("{}\n{text}", ran.all())
        };
        for more in [&[out][..], &[]] {
            let ran = self.run(&w, &[&args[..], more].concat())?;
            ensure!(ran.code == 0 || ran.code == 2, "{}", report(&ran));
            let (counts, _) = printed(&ran.out);
            ensure!(
                counts == Counts::default(),
                "the generated configuration does not match the existing objects\n{}",
                report(&ran)
            );
        }
        Ok(())
    }

    /// The last step that does not end in an error: its configuration is what there is.
    fn last_good(&self) -> Option<&str> {
        let fails = |s: &String| self.case.spec.steps.get(s).is_some_and(|s| !s.expect_error.is_empty());
        self.case.steps.iter().rev().find(|s| !fails(s)).map(String::as_str)
    }

    fn drift(&self, d: &Drift) -> Result<()> {
        if let Some(last) = self.last_good() {
            self.write(&self.main, last)?;
        }
        let state = self.main.state()?;
        for line in &d.govc {
            self.govc(line, 1, &state)?;
        }
        let ran = if d.ignored { self.plan(&self.main)? } else { self.apply(&[])? };
        if d.ignored {
            ensure!(ran.code == 0, "this is not ours, and yet\n{}", ran.all());
        } else {
            ensure!(!ran.out.contains(NO_CHANGES), "the drift was not seen\n{}", ran.all());
        }
        contains(&ran.all(), &d.expect_warning)?;
        self.expect_plan(&ran, d.plan, &BTreeMap::new())?;
        if !d.ignored {
            self.empty_plan(&self.main).context("the plan after the repair")?;
        }
        self.checks(&d.checks)?;
        let state = self.main.state()?;
        d.after.iter().try_for_each(|line| self.govc(line, 1, &state).map(drop))
    }

    fn destroy(&self, before: Vec<Snapshot>) -> Result<()> {
        if let Some(last) = self.last_good() {
            self.write(&self.main, last)?;
        }
        self.run(&self.main, &["destroy", "-no-color", "-auto-approve"])?.ok()?;
        if self.case.spec.leaves_behind.is_some() {
            return Ok(());
        }
        let different = self.differences(before)?;
        ensure!(different.is_empty(), "{}", different.join("\n"));
        Ok(())
    }

    /// What is in the vCenters now and was not, and the other way round.
    fn differences(&self, before: Vec<Snapshot>) -> Result<Vec<String>> {
        let mut different = vec![];
        let after = if before.is_empty() { vec![] } else { self.snapshots()? };
        for (before, after) in before.into_iter().zip(after) {
            for (what, after) in &after {
                let before = &before[what];
                different.extend(after.difference(before).map(|l| format!("{what} left behind: {l}")));
                different.extend(before.difference(after).map(|l| format!("{what} missing: {l}")));
            }
        }
        Ok(different)
    }

    fn snapshots(&self) -> Result<Vec<Snapshot>> {
        self.sims.iter().map(Sim::snapshot).collect()
    }
}

type Snapshot = BTreeMap<&'static str, BTreeSet<String>>;

/// What a plan updates, by address: the attributes as `address.attribute`.
fn written(plan: &Json) -> BTreeMap<String, Vec<String>> {
    let updates = |r: &&Json| r["change"]["actions"] == serde_json::json!(["update"]);
    (plan["resource_changes"].as_array().into_iter().flatten().filter(updates))
        .map(|r| {
            let address = r["address"].as_str().unwrap_or_default();
            let (before, after) = (&r["change"]["before"], &r["change"]["after"]);
            let open = &r["change"]["after_unknown"];
            let differs = |name: &&String| before[name.as_str()] != after[name.as_str()];
            let names = [before, after, open].into_iter().filter_map(Json::as_object).flat_map(|o| o.keys());
            let names: BTreeSet<&String> = names.filter(differs).collect();
            (address.to_owned(), names.into_iter().map(|name| format!("{address}.{name}")).collect())
        })
        .collect()
}

/// How a plan begins that changes nothing.
const NO_CHANGES: &str = "No changes.";

/// What a plan comes to as the client prints it, and what it does to each resource that it changes.
fn printed(out: &str) -> (Counts, BTreeMap<String, String>) {
    let mut counts = Counts::default();
    let mut each = BTreeMap::new();
    for line in out.lines() {
        if let Some(all) = line.strip_prefix("Plan: ") {
            for part in all.trim_end_matches('.').split(", ") {
                let (n, what) = part.split_once(' ').unwrap_or_default();
                let n = n.parse().unwrap_or_default();
                match what {
                    "to add" => counts.add = n,
                    "to change" => counts.change = n,
                    "to destroy" => counts.destroy = n,
                    _ => {}
                }
            }
        }
        // Deeper ones are remarks inside of blocks.
        let Some(said) = line.strip_prefix("  # ") else { continue };
        let actions = [
            (" will be created", "create"),
            (" will be updated in-place", "update"),
            (" will be destroyed", "delete"),
            (" is tainted, so must be replaced", "replace"),
            (" must be replaced", "replace"),
            (" will be replaced", "replace"),
        ];
        if let Some((address, action)) =
            actions.into_iter().find_map(|(words, action)| Some((said.split_once(words)?.0, action)))
        {
            each.insert(address.to_owned(), action.to_owned());
        }
    }
    (counts, each)
}

fn contains(text: &str, all: &[String]) -> Result<()> {
    // Terraform breaks lines and draws boxes: blanks and frames do not count.
    let flat = |t: &str| t.replace(['│', '╷', '╵'], " ").split_whitespace().collect::<Vec<_>>().join(" ");
    let is = flat(text);
    match all.iter().find(|t| !is.contains(&flat(t))) {
        Some(missing) => bail!("expected {missing:?} in\n{text}"),
        None => Ok(()),
    }
}

/// The resource type in an address, whose keys may hold anything.
fn type_of(address: &str) -> String {
    let (mut plain, mut depth) = (String::new(), 0_usize);
    for c in address.chars() {
        match c {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            c if depth == 0 => plain.push(c),
            _ => {}
        }
    }
    plain.rsplit('.').nth(1).unwrap_or_default().to_owned()
}

/// Whether an attribute is the one that is named; a star at the beginning stands for any address.
fn is_meant(name: &str, full: &str) -> bool {
    name.strip_prefix('*').map_or(name == full, |end| full.ends_with(end))
}

fn blank(v: &Json) -> bool {
    match v {
        Json::Null => true,
        Json::Bool(b) => !b,
        Json::Number(n) => n.as_f64() == Some(0.0),
        Json::String(s) => s.is_empty(),
        Json::Array(a) => a.is_empty(),
        Json::Object(o) => o.values().all(blank),
    }
}

/// Whether two lists have the same elements.
fn reordered(a: &Json, b: &Json) -> bool {
    let sorted = |v: &Json| {
        let mut all: Vec<_> = v.as_array()?.iter().map(Json::to_string).collect();
        all.sort();
        Some(all)
    };
    sorted(a).is_some_and(|a| Some(a) == sorted(b))
}

/// `a.0.b` as a JSON pointer.
fn pointer(at: &str) -> String {
    if at.is_empty() { String::new() } else { format!("/{}", at.replace('.', "/")) }
}

fn xml(s: &str) -> String {
    s.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for p in sorted(from)? {
        let to = to.join(name_of(&p));
        if p.is_dir() { copy(&p, &to)? } else { std::fs::copy(&p, &to).map(drop)? }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_printed_plan_is_summed_up() {
        let out = "  # a.b will be created\n  + resource {\n      # (1 unchanged attribute hidden)\n  # c.d[\"x y\"] must be \
                   replaced\n  # i.j is tainted, so must be replaced\n  # e.f will be updated in-place\n  # (imported from \"1\")\n  # data.g.h will be read during \
                   apply\n\nPlan: 1 to import, 2 to add, 1 to change, 1 to destroy.\n";
        let (counts, each) = printed(out);
        assert_eq!(counts, Counts { add: 2, change: 1, destroy: 1 });
        let expected =
            [("a.b", "create"), ("c.d[\"x y\"]", "replace"), ("e.f", "update"), ("i.j", "replace")];
        assert_eq!(each, expected.map(|(a, b)| (a.to_owned(), b.to_owned())).into());
        assert_eq!(
            printed("No changes. Your infrastructure matches the configuration.").0,
            Counts::default()
        );
    }

    #[test]
    fn what_a_plan_writes_is_named() {
        let change =
            json!({ "actions": ["update"], "before": { "a": 1, "b": 2 }, "after": { "a": 1, "b": 3 } });
        let plan = json!({ "resource_changes": [{ "address": "x.y", "change": change }, { "change": { "actions": ["no-op"] } }] });
        assert_eq!(written(&plan)["x.y"], ["x.y.b"]);
        assert_eq!(written(&plan).len(), 1);
    }

    #[test]
    fn a_type_is_read_off_an_address() {
        for address in ["vsphere_tag.t", "module.m[\"a.b\"].vsphere_tag.t[\"x.y\"]"] {
            assert_eq!(type_of(address), "vsphere_tag");
        }
    }

    #[test]
    fn a_star_stands_for_any_address() {
        assert!(is_meant("a.b.c", "a.b.c") && is_meant("*.c", "m.a[\"x.y\"].c"));
        assert!(!is_meant("a.b.c", "m.a.b.c") && !is_meant("*.c", "a.bc"));
    }

    #[test]
    fn frames_and_line_breaks_do_not_count() {
        contains("│ one\n│ two  three", &["one two".into()]).unwrap();
        assert!(contains("one", &["two".into()]).is_err());
    }
}
