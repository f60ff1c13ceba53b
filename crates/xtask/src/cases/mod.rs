//! Acceptance cases: a case is a folder of `.tf` steps. The format is described in `acceptance-tests/README.md`.
pub(crate) mod adoption;
pub(crate) mod bad_input;
mod battery;
mod connections;
pub(crate) mod examples;
pub(crate) mod faults;
pub(crate) mod privileges;
mod recorded;
mod sessions;
mod strangers;

use crate::cli::Cli;
use crate::report::{Outcome, Progress, Tier};
use crate::root::{self, Tools};
use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

/// A test that no folder of steps can express, with a folder of its own.
type Test = fn(&Bench, &Path) -> Result<()>;

/// One of the tests that run side by side.
enum Job {
    Test(Test),
    Case(Box<Case>),
}

/// How many cases of one type are a large sweep.
const MANY: usize = 20;

/// A part of a large sweep. Successive commits run different parts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    /// Which one, from 0 on.
    pub(crate) number: usize,
}

impl Part {
    /// How many there are.
    pub(crate) const ALL: usize = 3;

    /// The members of the part.
    fn of<T>(self, all: Vec<T>) -> Vec<T> {
        let in_part = |(i, one)| (i % Self::ALL == self.number).then_some(one);
        all.into_iter().enumerate().filter_map(in_part).collect()
    }
}

/// What every group of cases needs.
pub(crate) struct Bench {
    /// The client.
    pub(crate) cli: Cli,
    /// The simulator and govc.
    pub(crate) tools: Tools,
    /// Where the folders of the runs are.
    pub(crate) work: PathBuf,
    /// How many cases run at a time.
    pub(crate) jobs: usize,
    /// Only tests whose name contains this.
    pub(crate) filter: Option<String>,
    /// Only one case of each type.
    pub(crate) sample: bool,
    /// Of a large sweep, the part to run.
    pub(crate) part: Option<Part>,
    /// What cases have asked for so far.
    pub(crate) asked: privileges::Seen,
}

impl Bench {
    fn wants(&self, name: &str) -> bool {
        self.filter.as_ref().is_none_or(|f| name.contains(f.as_str()))
    }

    /// An empty folder for one test.
    fn fresh(&self, name: &str) -> Result<PathBuf> {
        let dir = self.work.join(name);
        if dir.exists() {
            std::fs::remove_dir_all(&dir)?;
        }
        std::fs::create_dir_all(&dir)?;
        Ok(dir)
    }

    /// Runs tests side by side; `run` gives the outcome of one.
    fn each<T: Sync>(
        &self,
        tier: &mut Tier,
        tests: &[(String, T)],
        run: impl Fn(&str, &T, &dyn Fn(&str)) -> Outcome + Sync,
    ) {
        let progress = Progress::new(&tier.name, tests.len());
        let next = AtomicUsize::new(0);
        let tier = Mutex::new(tier);
        std::thread::scope(|s| {
            for _ in 0..self.jobs.clamp(1, tests.len().max(1)) {
                s.spawn(|| {
                    while let Some((name, test)) = tests.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let start = Instant::now();
                        let outcome = run(name, test, &|what| progress.doing(&format!("{name}: {what}")));
                        progress.done(name, &outcome, start.elapsed());
                        if let Ok(mut tier) = tier.lock() {
                            tier.add(name, outcome);
                        }
                    }
                });
            }
        });
    }

    /// Runs the cases.
    pub(crate) fn cases(&self, tier: &mut Tier) -> Result<()> {
        let mut cases = discover()?;
        cases.retain(|(name, _)| self.wants(name));
        if self.sample {
            cases = one_of_each(cases);
        }
        if let Some(part) = self.part {
            cases = without_the_rest(cases, part);
        }
        // The longest first: at the end, none runs alone.
        let tests = sessions::ALL.iter().chain(&connections::ALL);
        let tests = tests.filter(|(name, _)| self.wants(name));
        let jobs = tests.map(|(name, test)| ((*name).to_owned(), Job::Test(*test)));
        let jobs: Vec<_> =
            jobs.chain(cases.into_iter().map(|(name, case)| (name, Job::Case(Box::new(case))))).collect();
        self.each(tier, &jobs, |name, job, doing| match job {
            Job::Case(case) => match &case.spec.skip {
                Some(why) => Outcome::Skipped(why.clone()),
                None => battery::run(self, name, case, doing),
            },
            Job::Test(test) => {
                doing("running");
                self.test(name, *test)
            }
        });
        // Only all cases together show that one of the table is never asked for.
        let all = self.filter.is_none() && !self.sample && self.part.is_none();
        if all && tier.failures.is_empty() {
            let never = self.asked.never()?;
            tier.add(
                "privileges/never",
                match never.as_slice() {
                    [] => Outcome::Passed,
                    some => Outcome::Skipped(format!("no case asks for {}", some.join("; "))),
                },
            );
        }
        strangers::run(self, tier);
        Ok(())
    }

    fn test(&self, name: &str, test: Test) -> Outcome {
        let ran = self.fresh(name).and_then(|dir| {
            test(self, &dir).with_context(|| format!("kept: {}", root::shown(&dir)))?;
            Ok(std::fs::remove_dir_all(&dir)?)
        });
        ran.map_or_else(|e| Outcome::Failed(format!("{e:#}")), |()| Outcome::Passed)
    }
}

/// `case.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Spec {
    /// Another case, whose steps, files and settings this one takes as far as it has none of its own.
    #[allow(dead_code, reason = "read before the rest")]
    base: Option<String>,
    /// What the case shows.
    #[allow(dead_code, reason = "for people")]
    summary: String,
    /// Why the case is not run.
    skip: Option<String>,
    /// Flags of the simulator; paths are relative to the case.
    sim: Vec<String>,
    /// How many simulated vCenters there are.
    sims: Option<usize>,
    /// Variables of the environment of the client.
    env: BTreeMap<String, String>,
    /// What must not occur in a trace, besides the password.
    secrets: Vec<String>,
    /// What must not occur in a state or a saved plan.
    unstored: Vec<String>,
    /// govc commands before anything else.
    setup: Vec<String>,
    /// Why the case is not imported.
    skip_import: Option<String>,
    /// Import ids by address, where it is not the attribute `id`; "" leaves the resource out.
    import: BTreeMap<String, String>,
    /// Why no configuration is generated for a resource, by its address.
    skip_generate: BTreeMap<String, String>,
    /// Attributes, as `address.attribute` or `*.attribute`, that need not be equal after the import.
    import_ignore: Vec<String>,
    /// Attributes, as `address.attribute`, that the plan after the import changes: what a destruction needs and no vCenter
    /// keeps has to be written into the state.
    import_writes: BTreeSet<String>,
    /// Why things are left behind after the destruction.
    leaves_behind: Option<String>,
    /// What is special about a step.
    steps: BTreeMap<String, Step>,
    /// Changes by hand, and what comes of them.
    drift: Vec<Drift>,
}

/// One step of a case.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Step {
    /// The step whose configuration this one has: one before it, such as "2", or one of another case, such as
    /// "../minimal/1". A file of its own is put over it.
    like: Option<String>,
    /// govc commands before the step.
    before: Vec<String>,
    /// What the plan must come to.
    plan: Option<Counts>,
    /// What the plan must do to single resources: create, update, delete, replace, no-op, read.
    actions: BTreeMap<String, String>,
    /// Texts of the error that the step must end with.
    expect_error: Vec<String>,
    /// The command that must fail: plan, or apply.
    fails_at: FailsAt,
    /// Texts of the warnings of the plan.
    expect_warning: Vec<String>,
    /// Most requests that the plan without changes may take.
    max_requests: Option<usize>,
    /// Looks of the witness afterwards.
    checks: Vec<Check>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum FailsAt {
    #[default]
    Plan,
    Apply,
}

/// What a plan comes to.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Counts {
    add: usize,
    change: usize,
    destroy: usize,
}

/// A change by hand.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Drift {
    /// What happened, in words.
    name: String,
    /// The govc commands of it.
    govc: Vec<String>,
    /// Whether the plan is to repair something, and what.
    #[serde(default)]
    plan: Option<Counts>,
    /// The plan must be empty: what was changed is not ours.
    #[serde(default)]
    ignored: bool,
    /// Texts of the warnings of the plan.
    #[serde(default)]
    expect_warning: Vec<String>,
    /// Looks of the witness after the repair.
    #[serde(default)]
    checks: Vec<Check>,
    /// govc commands that clean up afterwards.
    #[serde(default)]
    after: Vec<String>,
}

/// A look of the witness: a govc command, and what it must say.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Check {
    /// The command.
    govc: String,
    /// The whole output, but for blanks around it.
    equals: Option<String>,
    /// Lines that must be there, blanks in them counted as one.
    lines: Vec<String>,
    /// Texts that must be there.
    contains: Vec<String>,
    /// Texts that must not be there.
    lacks: Vec<String>,
    /// JSON pointers into the output, and the values there; null for nothing there.
    json: BTreeMap<String, toml::Value>,
    /// The command itself must fail, and say one of `contains`.
    fails: bool,
    /// Which vCenter is asked, where there are several: 1, 2, …
    sim: Option<usize>,
}

/// A case that was found.
pub(crate) struct Case {
    /// Its folder, and then those of the cases that it is based on.
    dirs: Vec<PathBuf>,
    spec: Spec,
    /// The names of the steps, in order.
    steps: Vec<String>,
}

impl Case {
    fn dir(&self) -> &Path {
        &self.dirs[0]
    }

    /// A file or folder of the case, or of the one that it is based on.
    fn file(&self, name: &str) -> PathBuf {
        let mut all = self.dirs.iter().map(|d| d.join(name));
        all.find(|p| p.exists()).unwrap_or_else(|| self.dir().join(name))
    }

    /// The files and modules of a step, by what they are called where Terraform runs.
    fn configuration(&self, step: &str) -> Result<BTreeMap<String, PathBuf>> {
        let like = self.spec.steps.get(step).and_then(|s| s.like.as_deref());
        let mut files = match like.map(|l| (l, l.rsplit_once('/'))) {
            None => BTreeMap::new(),
            Some((_, Some((other, step)))) => whole(&self.dir().join(other), step)?,
            Some((other, None)) => {
                let number = |s: &str| s.parse::<u32>().unwrap_or_default();
                ensure!(number(other) < number(step), "step {step} can be like one before it, not {other}");
                self.configuration(other)?
            }
        };
        let Some(dir) = self.dirs.iter().find(|d| is_step(d, step)) else {
            ensure!(!files.is_empty(), "there is no step {step}");
            return Ok(files);
        };
        let mut own = whole(dir, step)?;
        // Terraform merges a file of this name into the others.
        if like.is_some()
            && !dir.join(step).is_dir()
            && let Some(file) = own.remove(MAIN)
        {
            own.insert(format!("{step}_override.tf"), file);
        }
        files.extend(own);
        Ok(files)
    }
}

/// What the only file of a step is called.
const MAIN: &str = "main.tf";

fn is_step(dir: &Path, step: &str) -> bool {
    dir.join(step).is_dir() || dir.join(format!("{step}.tf")).is_file()
}

/// What a folder has for a step.
fn whole(dir: &Path, step: &str) -> Result<BTreeMap<String, PathBuf>> {
    ensure!(is_step(dir, step), "{} has no step {step}", root::shown(dir));
    let folder = dir.join(step);
    if folder.is_dir() {
        return Ok(sorted(&folder)?.into_iter().map(|p| (name_of(&p), p)).collect());
    }
    Ok(BTreeMap::from([(MAIN.to_owned(), dir.join(format!("{step}.tf")))]))
}

fn sorted(dir: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(dir).with_context(|| format!("cannot list {}", root::shown(dir)))?;
    let mut all = entries.map(|e| Ok(e?.path())).collect::<Result<Vec<_>>>()?;
    all.sort();
    Ok(all)
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The first case of each type, which comes in their order.
fn one_of_each<T>(mut cases: Vec<(String, T)>) -> Vec<(String, T)> {
    cases.dedup_by(|(next, _), (kept, _)| next.split('/').next() == kept.split('/').next());
    cases
}

/// Of the types with many cases, only those of a part.
fn without_the_rest<T>(cases: Vec<(String, T)>, part: Part) -> Vec<(String, T)> {
    let mut types: Vec<Vec<(String, T)>> = vec![];
    for case in cases {
        let kind = |name: &str| name.split('/').next().unwrap_or_default().to_owned();
        match types.last_mut() {
            Some(of_type) if kind(&of_type[0].0) == kind(&case.0) => of_type.push(case),
            _ => types.push(vec![case]),
        }
    }
    types.into_iter().flat_map(|t| if t.len() > MANY { part.of(t) } else { t }).collect()
}

/// All cases, `<type>/<case>`.
fn discover() -> Result<Vec<(String, Case)>> {
    let mut found = vec![];
    for kind in sorted(&root::dir().join("acceptance-tests/cases"))? {
        if !kind.is_dir() || name_of(&kind) == "bad-input" {
            continue;
        }
        for dir in sorted(&kind)?.into_iter().filter(|d| d.is_dir()) {
            let name = format!("{}/{}", name_of(&kind), name_of(&dir));
            let case = load(dir).with_context(|| format!("case {name}"))?;
            found.push((name, case));
        }
    }
    Ok(found)
}

/// `case.toml` of a folder, on top of that of its base; adds the folders in which files are looked for.
fn settings(dir: PathBuf, dirs: &mut Vec<PathBuf>) -> Result<toml::Table> {
    let file = dir.join("case.toml");
    let own: toml::Table =
        if file.is_file() { toml::from_str(&std::fs::read_to_string(&file)?)? } else { toml::Table::new() };
    let base = own.get("base").map(|b| b.as_str().map(|b| dir.join(b)).context("`base` is to be a folder"));
    dirs.push(dir);
    let Some(base) = base.transpose()? else { return Ok(own) };
    let base = base.canonicalize().with_context(|| format!("the base {}", root::shown(&base)))?;
    ensure!(!dirs.contains(&base), "{} is based on itself", root::shown(&base));
    Ok(over(settings(base, dirs)?, own))
}

/// Settings with others on top: tables are merged, and everything else is replaced.
fn over(mut below: toml::Table, above: toml::Table) -> toml::Table {
    for (key, value) in above {
        let value = match (below.remove(&key), value) {
            (Some(toml::Value::Table(a)), toml::Value::Table(b)) => toml::Value::Table(over(a, b)),
            (_, value) => value,
        };
        below.insert(key, value);
    }
    below
}

fn load(dir: PathBuf) -> Result<Case> {
    let mut dirs = vec![];
    let spec: Spec = settings(dir, &mut dirs)?.try_into()?;
    let mut steps = BTreeSet::new();
    for p in dirs.iter().map(|d| sorted(d)).collect::<Result<Vec<_>>>()?.concat() {
        let name = name_of(&p);
        let step = if p.is_dir() { Some(name.as_str()) } else { name.strip_suffix(".tf") };
        steps.extend(step.and_then(|s| s.parse::<u32>().ok()));
    }
    let like = spec.steps.iter().filter(|(_, s)| s.like.is_some());
    steps.extend(like.filter_map(|(name, _)| name.parse::<u32>().ok()));
    ensure!(!steps.is_empty(), "there is neither 1.tf nor a folder 1");
    let steps: Vec<_> = steps.iter().map(u32::to_string).collect();
    if let Some(s) = spec.steps.keys().find(|s| !steps.contains(s)) {
        bail!("case.toml speaks of step {s}, and there is no {s}.tf");
    }
    let case = Case { dirs, spec, steps };
    case.steps.iter().try_for_each(|s| case.configuration(s).map(drop))?;
    Ok(case)
}

/// Replaces `{{name}}` in a text.
fn fill(text: &str, value: impl Fn(&str) -> Option<String>) -> Result<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) =
            after.split_once("}}").with_context(|| format!("`{{{{` is not closed in {text}"))?;
        out.push_str(before);
        let name = name.trim();
        out.push_str(&value(name).with_context(|| format!("there is no {{{{{name}}}}}"))?);
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

/// A string, escaped for quotes in HCL.
fn hcl(s: &str) -> String {
    let quoted = Json::from(s).to_string();
    quoted.trim_matches('"').replace("${", "$${").replace("%{", "%%{")
}

fn declares(text: &str, block: &str) -> bool {
    text.lines().any(|l| {
        let mut words = l.split_whitespace();
        words.next() == Some(block)
            && words.next().is_some_and(|w| w == "{" || w.trim_end_matches('{') == "\"vsphere\"")
    })
}

/// Writes what the configuration of a step leaves out: where the provider comes from, and the provider block.
fn provider_files(dir: &Path, text: &str, source: &str, address: &str) -> Result<()> {
    let mut out = String::new();
    if !text.contains("required_providers") {
        out.push_str(&format!(
            "terraform {{\n  required_providers {{\n    vsphere = {{ source = \"{source}\" }}\n  }}\n}}\n"
        ));
    }
    if !declares(text, "provider") {
        out.push_str(&format!(
            "provider \"vsphere\" {{\n  vsphere_server       = \"{}\"\n  user                 = \"{}\"\n  \
             password             = \"{}\"\n  allow_unverified_ssl = true\n}}\n",
            hcl(address),
            hcl(crate::sim::USER),
            hcl(crate::sim::PASSWORD)
        ));
    }
    std::fs::write(dir.join("provider.tf"), out)?;
    Ok(())
}

/// Errors and warnings of a run with `-json`, as a person would see them but for boxes and line breaks.
fn diagnostics(out: &str) -> Vec<(String, String)> {
    let mut all = vec![];
    for line in out.lines() {
        let Ok(v) = serde_json::from_str::<Json>(line) else { continue };
        let several = v["diagnostics"].as_array();
        for d in several.into_iter().flatten().chain(v.get("diagnostic")) {
            // How the bench lets the client find the provider, which no user sees.
            if d["summary"] == "Provider development overrides are in effect" {
                continue;
            }
            all.push((d["severity"].as_str().unwrap_or_default().to_owned(), diagnostic(d)));
        }
    }
    all
}

fn diagnostic(d: &Json) -> String {
    let text = |v: &Json| v.as_str().unwrap_or_default().to_owned();
    let title = if d["severity"] == "warning" { "Warning" } else { "Error" };
    let mut out = format!("{title}: {}\n", text(&d["summary"]));
    if let Some(address) = d["address"].as_str() {
        out.push_str(&format!("  with {address}\n"));
    }
    if let Some(code) = d["snippet"]["code"].as_str() {
        let line = &d["range"]["start"]["line"];
        for (i, code) in code.lines().enumerate() {
            let n = line.as_u64().unwrap_or_default() + i as u64;
            out.push_str(&format!("  {} line {n}: {}\n", text(&d["range"]["filename"]), code.trim()));
        }
    }
    let detail = text(&d["detail"]);
    if !detail.is_empty() {
        out.push_str(&format!("\n{}\n", detail.trim_end()));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled() {
        let f = |n: &str| (n == "a.b").then(|| "x".to_owned());
        assert_eq!(fill("1 {{a.b}} {{ a.b }}", f).unwrap(), "1 x x");
        assert!(fill("{{c}}", f).is_err());
        assert!(fill("{{c", f).is_err());
    }

    #[test]
    fn a_string_is_quoted_for_hcl() {
        assert_eq!(hcl("a\"b\\${x}%{y}"), "a\\\"b\\\\$${x}%%{y}");
    }

    #[test]
    fn a_provider_block_is_seen() {
        assert!(declares("a\nprovider \"vsphere\" {\n", "provider"));
        assert!(!declares("# provider \"vsphere\" {\n", "provider"));
    }

    #[test]
    fn parts_of_large_types_are_all_cases_together() {
        let cases = || -> Vec<(String, ())> {
            let many = (0..50).map(|n| (format!("many/{n:02}"), ()));
            many.chain([("few/a".to_owned(), ()), ("few/b".to_owned(), ())]).collect()
        };
        let mut seen = BTreeSet::new();
        for number in 0..Part::ALL {
            let part = without_the_rest(cases(), Part { number });
            assert!((18..=19).contains(&part.len()), "{} cases", part.len());
            assert!(part.iter().any(|(name, ())| name == "few/b"));
            seen.extend(part.into_iter().map(|(name, ())| name));
        }
        assert_eq!(seen.len(), 52);
    }

    #[test]
    fn sample_has_one_case_of_each_type() {
        let cases = ["folder/a", "folder/b", "role/a", "tag/x", "tag/y", "tag/z"];
        let sample = one_of_each(cases.map(|name| (name.to_owned(), ())).into());
        let names: Vec<_> = sample.iter().map(|(name, ())| name.as_str()).collect();
        assert_eq!(names, ["folder/a", "role/a", "tag/x"]);
    }

    #[test]
    fn every_case_can_be_read() {
        discover().unwrap();
    }

    #[test]
    fn settings_are_put_on_top() {
        let table = |text: &str| toml::from_str::<toml::Table>(text).unwrap();
        let below = table(
            "sim = ['a']\nskip = 'x'\n[steps.1]\nmax_requests = 1\nbefore = ['b']\n[steps.2]\nlike = '1'",
        );
        let above = table("sim = ['c', 'd']\n[steps.1]\nmax_requests = 2");
        let both = table(
            "sim = ['c', 'd']\nskip = 'x'\n[steps.1]\nmax_requests = 2\nbefore = ['b']\n[steps.2]\nlike = '1'",
        );
        assert_eq!(over(below, above), both);
    }

    /// The cases below a folder of a test, with a file for each name.
    fn cases(files: &[(&str, &str)]) -> PathBuf {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let dir = std::env::temp_dir().join(format!("xtask-cases-{}-{number}", std::process::id()));
        for (name, text) in files {
            let file = dir.join(name);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        }
        dir.canonicalize().unwrap()
    }

    #[test]
    fn a_configuration_is_written_once() {
        let dir = cases(&[
            ("a/1.tf", "a1"),
            ("a/2/main.tf", "a2"),
            ("a/2/more.tf", "more"),
            ("a/3.tf", "over"),
            ("a/4/extra.tf", "extra"),
            ("a/begin.tfstate", "state"),
            (
                "a/case.toml",
                "summary = 'a'\n[steps.3]\nlike = '2'\n[steps.4]\nlike = '3'\n[steps.5]\nlike = '1'",
            ),
            ("b/1.tf", "b1"),
            ("b/case.toml", "base = '../a'\nskip = 'y'\n[steps.6]\nlike = '../a/2'"),
        ]);
        let shown = |case: &Case| {
            let files = |step: &String| {
                let all = case.configuration(step).unwrap().into_iter();
                all.map(|(to, from)| format!("{to}={}", std::fs::read_to_string(from).unwrap()))
                    .collect::<Vec<_>>()
            };
            case.steps.iter().map(|s| files(s).join(" ")).collect::<Vec<_>>()
        };
        let (a, b) = (load(dir.join("a")).unwrap(), load(dir.join("b")).unwrap());
        let like_2 = "main.tf=a2 more.tf=more";
        let (third, fourth) = ("3_override.tf=over", "3_override.tf=over extra.tf=extra");
        let of_a = [
            "main.tf=a1".to_owned(),
            like_2.to_owned(),
            format!("{third} {like_2}"),
            format!("{fourth} {like_2}"),
            "main.tf=a1".to_owned(),
        ];
        assert_eq!(shown(&a), of_a);
        let mut of_b = of_a.to_vec();
        (of_b[0], of_b[4]) = ("main.tf=b1".to_owned(), "main.tf=b1".to_owned());
        of_b.push(like_2.to_owned());
        assert_eq!(shown(&b), of_b);
        assert_eq!((b.spec.summary.as_str(), b.spec.skip.as_deref()), ("a", Some("y")));
        assert_eq!(b.file("begin.tfstate"), dir.join("a/begin.tfstate"));
        std::fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn what_a_case_refers_to_is_there() {
        for (settings, why) in [
            ("base = '../a'", "based on itself"),
            ("base = '../x'", "the base"),
            ("base = 1", "a folder"),
            ("[steps.2]\nlike = '2'", "before it"),
            ("[steps.2]\nlike = '../x/1'", "has no step 1"),
            ("[steps.3]\nlike = '2'", "no step 2"),
            ("[steps.3]\nbefore = []", "there is no 3.tf"),
        ] {
            let dir = cases(&[("a/1.tf", ""), ("a/case.toml", settings)]);
            let error = format!("{:#}", load(dir.join("a")).err().unwrap());
            assert!(error.contains(why), "{settings}: {error}");
            std::fs::remove_dir_all(dir).unwrap();
        }
    }

    #[test]
    fn diagnostics_are_read_from_the_json_of_plan_and_validate() {
        let d = r#"{"severity":"error","summary":"Bad","detail":"Because.","address":"a.b",
            "range":{"filename":"main.tf","start":{"line":3}},"snippet":{"code":"  x = 1"}}"#
            .replace('\n', "");
        let shown = "Error: Bad\n  with a.b\n  main.tf line 3: x = 1\n\nBecause.\n";
        for out in [format!("{{\"diagnostic\":{d}}}\nnoise"), format!("{{\"diagnostics\":[{d}]}}")] {
            assert_eq!(diagnostics(&out), [("error".to_owned(), shown.to_owned())]);
        }
    }
}
