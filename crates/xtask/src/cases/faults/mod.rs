//! `cargo xtask test --only faults`: what an interrupted, cut or disturbed run leaves, for each request of each kind of
//! resource. `docs/reliability.md` has the table and how to read it.
mod proxy;

use super::{Bench, fill, provider_files, sorted};
use crate::cli::{Ran, Workdir};
use crate::report::{Outcome, Tier};
use crate::root;
use crate::sim::Sim;
use anyhow::{Context, Result, bail, ensure};
use proxy::{Fault, Proxy, Request};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// How many runs a sample has; with the runs that list the requests, about a minute on two cores.
const SAMPLE: usize = 16;
/// How often a run is tried that was not valid.
const ATTEMPTS: usize = 4;
/// How long a task takes where tasks are slow.
const TASK: &str = "1.5s";

/// `scenario.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Spec {
    #[allow(dead_code, reason = "for people")]
    summary: String,
    /// govc commands before anything else.
    setup: Vec<String>,
    /// govc commands that show what a search of the inventory does not.
    witness: Vec<String>,
    /// What stays when all is destroyed: parts of lines of the witness.
    leaves: Vec<String>,
    /// Whether its changes are tasks, so that it is run with slow ones too.
    tasks: bool,
    /// Whether an update makes nothing that only a state could know: then every other one that was killed is followed by a
    /// destruction instead of an apply.
    whole: bool,
}

/// What is done when the fault happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Doing {
    Create,
    Update,
    Destroy,
}

impl Doing {
    fn name(self) -> &'static str {
        match self {
            Doing::Create => "create",
            Doing::Update => "update",
            Doing::Destroy => "destroy",
        }
    }
}

struct Scenario {
    name: String,
    dir: PathBuf,
    spec: Spec,
    doing: Doing,
    slow: bool,
}

impl Scenario {
    fn title(&self) -> String {
        let slow = if self.slow { "/slow" } else { "" };
        format!("{}/{}{slow}", self.name, self.doing.name())
    }
}

/// What a fault-free run comes to: the requests, and what is there afterwards.
struct Clean {
    requests: Vec<Request>,
    made: BTreeSet<String>,
}

/// One run.
struct Run<'a> {
    scenario: &'a Scenario,
    clean: &'a Clean,
    request: Request,
    fault: Fault,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    /// The next apply, or this very one, has done what was asked for.
    Survived,
    /// Something has to be imported; the message has the command.
    ByHand,
    Broken,
}

/// Runs a sample, or all of it.
pub(crate) fn run(bench: &Bench, tier: &mut Tier, all: bool) -> Result<()> {
    let scenarios = discover()?;
    // A filter is words of a title: the scenario, and then, if wanted, the fault and the request. A word can have
    // alternatives: `folder|role lost|503-after Create`.
    let wanted = |s: &Scenario| {
        let first = bench.filter.as_deref().and_then(|f| f.split(' ').next());
        first.is_none_or(|word| has(&s.title(), word))
    };
    let scenarios: Vec<_> = scenarios.into_iter().filter(wanted).collect();
    let listed = Mutex::new(BTreeMap::new());
    let named: Vec<_> = scenarios.iter().map(|s| (format!("{} without a fault", s.title()), s)).collect();
    bench.each(tier, &named, |name, scenario, doing| {
        doing("listing its requests");
        let ran = bench.fresh(&folder(name)).and_then(|dir| {
            let clean =
                undisturbed(bench, scenario, &dir).with_context(|| format!("kept: {}", root::shown(&dir)))?;
            std::fs::remove_dir_all(&dir)?;
            Ok(clean)
        });
        match ran {
            Ok(clean) => {
                listed.lock().unwrap_or_else(|e| e.into_inner()).insert(scenario.title(), clean);
                Outcome::Passed
            }
            Err(e) => Outcome::Failed(format!("{e:#}")),
        }
    });
    let listed = listed.into_inner().unwrap_or_else(|e| e.into_inner());
    let mut runs = vec![];
    for scenario in &scenarios {
        let Some(clean) = listed.get(&scenario.title()) else { continue };
        for request in clean.requests.iter().filter(|r| worth(r)) {
            for (fault, name) in Fault::ALL {
                let title = format!("{} {name} {}#{}", scenario.title(), request.0, request.1);
                let wanted = bench.filter.as_ref().is_none_or(|f| f.split(' ').all(|word| has(&title, word)));
                if wanted {
                    runs.push((title, Run { scenario, clean, request: request.clone(), fault }));
                }
            }
        }
    }
    if !all && runs.len() > SAMPLE {
        runs = sample(runs);
    }
    let table = Table::new(bench.work.join("faults.md"))?;
    bench.each(tier, &runs, |name, run, doing| {
        doing("running");
        let once = || {
            let dir = bench.fresh(&folder(name))?;
            let ran = disturbed(bench, run, &dir);
            if ran.is_ok() {
                std::fs::remove_dir_all(&dir)?;
            }
            ran.with_context(|| format!("kept: {}", root::shown(&dir)))
        };
        let ran = until_valid(once);
        let ran = match ran {
            Ok(None) => return Outcome::Skipped("Terraform was killed while it wrote its state".to_owned()),
            Ok(Some(verdict)) => Ok(verdict),
            Err(e) => Err(e),
        };
        let verdict = ran.as_ref().map_or(Verdict::Broken, |v| *v);
        let recorded = table.record(run.scenario.title(), run.fault, name, verdict);
        match ran.and_then(|verdict| recorded.map(|()| verdict)) {
            Ok(Verdict::ByHand) if run.fault != Fault::Kill || run.scenario.doing != Doing::Create => {
                Outcome::Failed("something has to be imported by hand".to_owned())
            }
            Ok(_) => Outcome::Passed,
            Err(e) => Outcome::Failed(format!("{e:#}")),
        }
    });
    if all {
        println!("{}", std::fs::read_to_string(&table.file)?);
    }
    println!("The table of this run: {}", root::shown(&table.file));
    Ok(())
}

/// The results so far. The file is written after each run: a sweep takes hours, and the results of one that is stopped
/// count as well.
struct Table {
    file: PathBuf,
    results: Mutex<Results>,
}

#[derive(Default)]
struct Results {
    verdicts: BTreeMap<(String, Fault), BTreeMap<Verdict, usize>>,
    /// Titles of the runs that did not survive, with their verdicts.
    others: BTreeMap<String, Verdict>,
}

impl Table {
    /// An empty one; the table of an earlier sweep is replaced.
    fn new(file: PathBuf) -> Result<Self> {
        let table = Table { file, results: Mutex::default() };
        std::fs::write(&table.file, matrix(&Results::default()))?;
        Ok(table)
    }

    /// Adds a run and writes the file.
    fn record(&self, scenario: String, fault: Fault, title: &str, verdict: Verdict) -> Result<()> {
        let mut results = self.results.lock().unwrap_or_else(|e| e.into_inner());
        *results.verdicts.entry((scenario, fault)).or_default().entry(verdict).or_default() += 1;
        if verdict != Verdict::Survived {
            results.others.insert(title.to_owned(), verdict);
        }
        // Within the lock, so that an older table never replaces a newer one.
        std::fs::write(&self.file, matrix(&results)).context("cannot write the table")
    }
}

/// Repeats a run that was not valid.
fn until_valid(run: impl Fn() -> Result<Option<Verdict>>) -> Result<Option<Verdict>> {
    for _ in 1..ATTEMPTS {
        if let Some(verdict) = run()? {
            return Ok(Some(verdict));
        }
    }
    run()
}

/// Whether a title has a word of a filter, or one of its alternatives.
fn has(title: &str, word: &str) -> bool {
    word.split('|').any(|alternative| title.contains(alternative))
}

/// A name as a folder.
fn folder(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "-_#/".contains(c) { c } else { '_' };
    format!("faults/{}", name.chars().map(plain).collect::<String>().replace('/', "+"))
}

fn discover() -> Result<Vec<Scenario>> {
    let mut all = vec![];
    for dir in sorted(&root::dir().join("acceptance-tests/faults"))?.into_iter().filter(|d| d.is_dir()) {
        let name = super::name_of(&dir);
        let read = |slow, doing| -> Result<Scenario> {
            let spec = toml::from_str(&std::fs::read_to_string(dir.join("scenario.toml"))?)
                .with_context(|| format!("scenario {name}"))?;
            Ok(Scenario { name: name.clone(), dir: dir.clone(), spec, doing, slow })
        };
        for doing in [Doing::Create, Doing::Update, Doing::Destroy] {
            if doing == Doing::Update && !dir.join("2.tf").is_file() {
                continue;
            }
            let usual = read(false, doing)?;
            let tasks = usual.spec.tasks;
            all.push(usual);
            if tasks {
                all.push(read(true, doing)?);
            }
        }
    }
    Ok(all)
}

/// Whether faults of a request are tried: of reads that come again and again, the first three are enough.
fn worth((name, n): &Request) -> bool {
    let reads =
        ["RetrieveProperties", "WaitForUpdates", "GET ", "Find", "Query", "Search", "ContinueRetrieve"];
    *n < 3 || !reads.iter().any(|r| name.starts_with(r))
}

/// Some of all, always the same: as many faults and scenarios as possible, and changes rather than reads.
fn sample<'a>(mut runs: Vec<(String, Run<'a>)>) -> Vec<(String, Run<'a>)> {
    let changes = |r: &Request| {
        let name = r.0.as_str();
        name.ends_with("_Task")
            || ["Create", "Add", "Update", "Rename", "Set", "POST /api/cis", "POST /rest/com"]
                .iter()
                .any(|p| name.starts_with(p))
                && !name.contains("ropert")
    };
    runs.retain(|(_, run)| changes(&run.request) && run.fault != Fault::Delay);
    let step = (runs.len() / SAMPLE).max(1) | 1;
    runs.into_iter().step_by(step).collect()
}

/// A vCenter with a proxy in front, and a folder for Terraform.
struct Stage<'a> {
    scenario: &'a Scenario,
    sim: Sim,
    proxy: Proxy,
    w: Workdir,
}

impl<'a> Stage<'a> {
    fn new(bench: &Bench, scenario: &'a Scenario, dir: &Path) -> Result<Self> {
        let flags: &[&str] = if scenario.slow { &["-task-time", TASK] } else { &[] };
        let sim = Sim::start(&bench.tools, dir, "vcenter", dir, flags)?;
        let proxy = Proxy::start(&sim.address)?;
        for line in &scenario.spec.setup {
            sim.govc(line)?;
        }
        let mut w = bench.cli.in_dir(&dir.join("main"));
        w.env.push(("TF_LOG_PROVIDER".into(), "WARN".into()));
        w.env.push(("TF_LOG_PATH".into(), dir.join("provider.log").display().to_string()));
        std::fs::create_dir_all(&w.dir)?;
        Ok(Stage { scenario, sim, proxy, w })
    }

    /// Takes a step of the configuration.
    fn configure(&self, step: &str) -> Result<()> {
        let text = std::fs::read_to_string(self.scenario.dir.join(step))?;
        let text = fill(&text, |name| match name.split_once(' ') {
            Some(("moid", path)) => self.sim.moid(path).ok(),
            None if name == "root" => Some(root::dir().display().to_string()),
            _ => None,
        })?;
        std::fs::write(self.w.dir.join("main.tf"), &text)?;
        provider_files(&self.w.dir, &text, "vsphere-rs/vsphere", &self.proxy.address)
    }

    fn apply(&self) -> Result<Ran> {
        self.w.run(&["apply", "-no-color", "-auto-approve", "-lock=false"])
    }

    fn destroy(&self) -> Result<Ran> {
        self.w.run(&["destroy", "-no-color", "-auto-approve", "-lock=false"])
    }

    /// What the witness sees, line by line; of what is there several times, how often.
    fn there(&self) -> Result<BTreeSet<String>> {
        let mut lines = BTreeMap::<String, usize>::new();
        for (what, found) in self.sim.snapshot()? {
            for line in found {
                // Ids differ from run to run, names do not.
                let words = line.split_whitespace().filter(|w| !is_id(w));
                *lines.entry(format!("{what}: {}", words.collect::<Vec<_>>().join(" "))).or_default() += 1;
            }
        }
        for line in &self.scenario.spec.witness {
            let said = self.sim.govc(line).unwrap_or_else(|_| "nothing\n".to_owned());
            // On which host a virtual machine is, the cluster decides; it differs from run to run.
            for said in said.lines().filter(|l| !l.trim_start().starts_with("Host:")) {
                let words = said.split_whitespace().filter(|w| !is_id(w));
                *lines.entry(format!("{line}: {}", words.collect::<Vec<_>>().join(" "))).or_default() += 1;
            }
        }
        Ok(lines
            .into_iter()
            .map(|(line, n)| if n == 1 { line } else { format!("{line} ({n} times)") })
            .collect())
    }

    /// Comes to the point at which the fault is to happen.
    fn prepare(&self) -> Result<()> {
        self.configure("1.tf")?;
        if self.scenario.doing != Doing::Create {
            self.apply()?.ok()?;
        }
        if self.scenario.doing == Doing::Update {
            self.configure("2.tf")?;
        }
        Ok(())
    }

    /// What is tried.
    fn act(&self) -> Result<Ran> {
        let command = if self.scenario.doing == Doing::Destroy { "destroy" } else { "apply" };
        self.w.run_group(&[command, "-no-color", "-auto-approve", "-lock=false"], |group| {
            self.proxy.group(group)
        })
    }

    /// All is destroyed, and only what was there at the beginning is there.
    fn clean_up(&self, before: &BTreeSet<String>) -> Result<()> {
        self.destroy()?.ok().context("destroying everything")?;
        let after = self.there()?;
        let kept = |line: &&String| !self.scenario.spec.leaves.iter().any(|l| line.contains(l.as_str()));
        let left: Vec<_> = after.difference(before).filter(kept).collect();
        let missing: Vec<_> = before.difference(&after).filter(kept).collect();
        ensure!(left.is_empty() && missing.is_empty(), "after destroy: left {left:#?}, missing {missing:#?}");
        Ok(())
    }

    /// No session is left.
    fn no_sessions(&self) -> Result<()> {
        let end = Instant::now() + Duration::from_secs(5);
        loop {
            let left = self.sim.sessions()?;
            if left.is_empty() {
                return Ok(());
            }
            ensure!(Instant::now() < end, "sessions are left: {left:?}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

/// Ids that are new in each run.
fn is_id(word: &str) -> bool {
    let long = word.len() >= 32 && word.contains('-');
    let moid = word.rsplit_once('-').is_some_and(|(kind, n)| {
        let kinds = ["group", "vm", "resgroup", "domain", "datacenter", "host", "snapshot", "datastore"];
        kinds.contains(&kind)
            && n.trim_start_matches(['v', 'h', 's', 'n', 'd', 'p']).bytes().all(|b| b.is_ascii_digit())
    });
    let number =
        word.bytes().all(|b| b.is_ascii_digit() || matches!(b, b':' | b'.' | b'-' | b'+' | b'T' | b'Z'));
    long || moid || number || word.starts_with("urn:")
}

fn undisturbed(bench: &Bench, scenario: &Scenario, dir: &Path) -> Result<Clean> {
    let stage = Stage::new(bench, scenario, dir)?;
    let before = stage.there()?;
    stage.prepare()?;
    stage.proxy.aim(None);
    stage.act()?.ok()?;
    let mut seen = BTreeSet::new();
    let mut requests = stage.proxy.seen();
    requests.retain(|r| seen.insert(r.clone()));
    let made = stage.there()?;
    if scenario.doing != Doing::Destroy {
        stage.w.run(&["plan", "-no-color", "-detailed-exitcode", "-lock=false"])?.ok()?;
    }
    stage.clean_up(&before)?;
    stage.no_sessions()?;
    Ok(Clean { requests, made })
}

/// What comes of a fault; nothing where Terraform was killed while it wrote its state. It empties the file before it writes
/// it, and the objects of the run are then in no state, whatever the provider does.
fn disturbed(bench: &Bench, run: &Run<'_>, dir: &Path) -> Result<Option<Verdict>> {
    let scenario = run.scenario;
    let stage = Stage::new(bench, scenario, dir)?;
    let before = stage.there()?;
    stage.prepare()?;
    stage.proxy.aim(Some((run.request.clone(), run.fault)));
    let ran = stage.act()?;
    let struck = stage.proxy.struck();
    stage.proxy.aim(None);
    calm(&ran)?;
    let state = stage.w.dir.join("terraform.tfstate");
    let emptied = || state.metadata().is_ok_and(|file| file.len() == 0);
    if run.fault == Fault::Kill && scenario.doing != Doing::Create && emptied() {
        return Ok(None);
    }
    // Another order of requests, or one less: nothing happened, and nothing is learned.
    ensure!(struck || ran.code == 0, "the fault did not happen, and yet: {}", ran.all());
    // A login whose response was lost cannot end its session, because its ID is unknown.
    let login =
        ["Login", "POST /api/session", "POST /rest/com/vmware/cis/session"].contains(&&*run.request.0);
    let unheard = matches!(run.fault, Fault::Lost | Fault::LostUnavailable | Fault::Truncated);
    let sessions = run.fault != Fault::Kill && !(login && unheard);
    if sessions {
        stage.no_sessions()?;
    }
    if matches!(run.fault, Fault::Delay | Fault::Session) || !struck {
        ran.clone().ok().context("a run that was only delayed, or lost its session")?;
    }
    let mut verdict = Verdict::Survived;
    if run.fault == Fault::Kill {
        // What is under way goes on without us.
        std::thread::sleep(Duration::from_millis(if scenario.slow { 2500 } else { 300 }));
    }
    let destroyed = scenario.spec.whole
        && scenario.doing == Doing::Update
        && run.fault == Fault::Kill
        && run.request.1 % 2 == 1;
    if scenario.doing == Doing::Destroy || destroyed {
        stage.clean_up(&before)?;
        return Ok(Some(verdict));
    }
    let mut next = stage.apply()?;
    calm(&next)?;
    for _ in 0..4 {
        let Some((address, id)) = import_command(&next) else { break };
        verdict = Verdict::ByHand;
        let imported = stage.w.run(&["import", "-no-color", "-lock=false", &address, &id])?;
        imported.ok().context("the import that the message named")?;
        next = stage.apply()?;
    }
    next.ok().with_context(|| format!("the apply after it; the one before:\n{}", ran.all()))?;
    let plan = stage.w.run(&["plan", "-no-color", "-detailed-exitcode", "-lock=false"])?;
    plan.ok().with_context(|| format!("the plan after it; the one before:\n{}", ran.all()))?;
    let made = stage.there()?;
    let more: Vec<_> = made.difference(&run.clean.made).collect();
    // A virtual machine that was imported stays off if it was off.
    let off = |line: &&String| verdict == Verdict::ByHand && line.contains("poweredOn");
    let less: Vec<_> = run.clean.made.difference(&made).filter(|line| !off(line)).collect();
    ensure!(
        more.is_empty() && less.is_empty(),
        "not what an undisturbed run makes: more {more:#?}, less {less:#?}\n{}",
        ran.all()
    );
    stage.clean_up(&before)?;
    if sessions {
        stage.no_sessions()?;
    }
    Ok(Some(verdict))
}

/// No panic, and no provider that just went away.
fn calm(ran: &Ran) -> Result<()> {
    let all = ran.all();
    for sign in ["panicked", "Plugin did not respond", "plugin crashed", "This is a bug"] {
        if all.contains(sign) && ran.code != -1 {
            bail!("{sign}: {all}");
        }
    }
    Ok(())
}

/// The command that an error names: `terraform import ADDRESS ID`.
fn import_command(ran: &Ran) -> Option<(String, String)> {
    if ran.code == 0 {
        return None;
    }
    let all: String = ran.all().chars().map(|c| if "│╷╵\n".contains(c) { ' ' } else { c }).collect();
    let (before, command) = all.split_once("terraform import ")?;
    let words = crate::sim::words(command.split('`').next()?).ok()?;
    let [address, id, ..] = words.as_slice() else { return None };
    let address = match address.as_str() {
        // The message does not contain what Terraform prints above it: "with ADDRESS,".
        "<address>" => {
            before.rsplit(" with ").find(|rest| rest.starts_with("vsphere_"))?.split(',').next()?
        }
        own => own,
    };
    Some((address.to_owned(), id.trim_end_matches(['.', ')']).to_owned()))
}

/// The table: scenarios down, faults across; survived, by hand, broken. Below it, the runs that did not survive.
fn matrix(Results { verdicts, others }: &Results) -> String {
    let mut out = String::from("| scenario |");
    for (_, name) in Fault::ALL {
        let _ = write!(out, " {name} |");
    }
    let _ = writeln!(out, "\n|---|{}", "---|".repeat(Fault::ALL.len()));
    let rows: BTreeSet<_> = verdicts.keys().map(|(scenario, _)| scenario).collect();
    for row in rows {
        let _ = write!(out, "| {row} |");
        for (fault, _) in Fault::ALL {
            let cell = verdicts.get(&(row.clone(), fault));
            let n = |v| cell.and_then(|c| c.get(&v)).copied().unwrap_or(0);
            let mut text = n(Verdict::Survived).to_string();
            if n(Verdict::ByHand) > 0 {
                let _ = write!(text, ", {} by hand", n(Verdict::ByHand));
            }
            if n(Verdict::Broken) > 0 {
                let _ = write!(text, ", **{} broken**", n(Verdict::Broken));
            }
            let _ = write!(out, " {} |", if cell.is_some() { text } else { "–".to_owned() });
        }
        out.push('\n');
    }
    if !others.is_empty() {
        out.push('\n');
    }
    for (title, verdict) in others {
        let verdict = if *verdict == Verdict::ByHand { "by hand" } else { "broken" };
        let _ = writeln!(out, "- {title}: {verdict}");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scenario_can_be_read() {
        assert!(discover().unwrap().len() > 20);
    }

    #[test]
    fn table_is_written_after_each_run() {
        let file = std::env::temp_dir().join(format!("xtask-faults-{}.md", std::process::id()));
        let table = Table::new(file.clone()).unwrap();
        let written = || std::fs::read_to_string(&file).unwrap();
        let record = |fault, title, verdict| {
            table.record("folder/create".to_owned(), fault, title, verdict).unwrap();
        };
        record(Fault::Reset, "folder/create reset Login#0", Verdict::Survived);
        assert!(
            written().ends_with("| folder/create | 1 | – | – | – | – | – | – | – | – |\n"),
            "{}",
            written()
        );
        record(Fault::Reset, "folder/create reset CreateFolder#0", Verdict::Survived);
        record(Fault::Kill, "folder/create sigkill CreateFolder#0", Verdict::ByHand);
        record(Fault::Kill, "folder/create sigkill CreateFolder#1", Verdict::Broken);
        assert!(
            written().ends_with(
                "| folder/create | 2 | – | – | – | – | – | – | – | 0, 1 by hand, **1 broken** |\n\n\
                 - folder/create sigkill CreateFolder#0: by hand\n\
                 - folder/create sigkill CreateFolder#1: broken\n"
            ),
            "{}",
            written()
        );
        std::fs::remove_file(file).unwrap();
    }

    #[test]
    fn runs_are_repeated_until_one_is_valid() {
        let count = std::cell::Cell::new(0);
        let run = |valid_from: usize| {
            count.set(0);
            until_valid(|| {
                count.set(count.get() + 1);
                Ok((count.get() >= valid_from).then_some(Verdict::Survived))
            })
        };
        assert_eq!((run(1).unwrap(), count.get()), (Some(Verdict::Survived), 1));
        assert_eq!((run(3).unwrap(), count.get()), (Some(Verdict::Survived), 3));
        assert_eq!((run(100).unwrap(), count.get()), (None, ATTEMPTS));
    }

    #[test]
    fn filter_words_can_have_alternatives() {
        for (word, expected) in [("folder", true), ("role|folder", true), ("role|tag", false), ("", true)] {
            assert_eq!(has("folder/create lost CreateFolder#0", word), expected, "{word}");
        }
    }

    #[test]
    fn ids_are_distinguished_from_names() {
        for id in
            ["vm-42", "group-v3", "5025b8ee-0b0c-4c3f-9d9f-0a4cdd9c1d3a", "urn:vmomi:Tag:1", "2026-01-01"]
        {
            assert!(is_id(id), "{id}");
        }
        for name in ["web-2", "/DC0/vm/web-2", "DC0_C0", "disk0"] {
            assert!(!is_id(name), "{name}");
        }
    }

    #[test]
    fn the_import_command_of_a_message_is_found() {
        let out = "│ Import it:\n│ `terraform import 'vsphere_folder.f[0]' \"/DC0/vm/a b\"` and\n".to_owned();
        let ran = Ran { code: 1, out, err: String::new(), said: String::new() };
        assert_eq!(
            import_command(&ran).unwrap(),
            ("vsphere_folder.f[0]".to_owned(), "/DC0/vm/a b".to_owned())
        );
        let out = "│ Error: x\n│\n│   with vsphere_tag.t[1],\n│   on main.tf\n│ one with the name x already. (terraform import <address> 'a b').\n".to_owned();
        let ran = Ran { code: 1, out, err: String::new(), said: String::new() };
        assert_eq!(import_command(&ran).unwrap(), ("vsphere_tag.t[1]".to_owned(), "a b".to_owned()));
    }
}
