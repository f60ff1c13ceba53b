//! `cargo xtask demo`: the provider's main job, on a simulated vCenter, with a witness.
use crate::cli::{Cli, Ran, Workdir};
use crate::root;
use crate::sim::{PASSWORD, Sim, USER};
use anyhow::{Context, Result, ensure};
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Instant;

/// The module that is shown.
const MODULE: &str = "examples/kkp-permissions";
/// The configuration that uses it, below.
const EXAMPLE: &str = "demo";

/// How many lines of one kind are shown.
const MOST: usize = 40;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Use OpenTofu, built from source as a Go tool the first time
    #[arg(long)]
    tofu: bool,
}

/// Shows it; an error if anything is not as it should be.
pub(crate) fn run(args: &Args) -> Result<bool> {
    let from = root::dir().join(MODULE);
    ensure!(from.join(EXAMPLE).is_dir(), "{MODULE}/{EXAMPLE} is not there: it is what this demo applies");

    say("Building the provider, the simulated vCenter and govc");
    println!(
        "   The first time everything is compiled: about ten minutes on two cores, and some 5 GB in the target folder. \
         After that it takes seconds."
    );
    let provider = root::provider(root::Profile::Dev)?;
    let tools = root::tools()?;
    let cli = Cli::find(args.tofu, &provider)?;
    println!("   {}", cli.version);

    let dir = root::target()?.join("demo");
    if dir.exists() {
        std::fs::remove_dir_all(&dir)?;
    }
    // State and lock files stay out of the examples.
    copy(&from, &dir.join(MODULE))?;
    // The technical users exist, as they would in a vCenter, and what they may do is checked.
    let directory = format!("{MODULE}/{EXAMPLE}/directory.json");
    let flags = ["-enforce", "-directory", directory.as_str()];
    let sim = Sim::start(&tools, &dir, "vcenter", &dir, &flags)?;
    say(&format!("A vCenter is simulated at https://{}", sim.address));
    let about = sim.govc("about")?;
    about
        .lines()
        .filter(|l| ["Name:", "Version:"].iter().any(|p| l.starts_with(p)))
        .for_each(|l| println!("   {l}"));
    let before = sim.snapshot()?;

    let mut w = cli.in_dir(&dir.join(MODULE).join(EXAMPLE));
    for (k, v) in [
        ("VSPHERE_SERVER", sim.address.as_str()),
        ("VSPHERE_USER", USER),
        ("VSPHERE_PASSWORD", PASSWORD),
        ("VSPHERE_ALLOW_UNVERIFIED_SSL", "true"),
    ] {
        w.env.push((k.to_owned(), v.to_owned()));
    }
    w.run(&["get", "-no-color"])?.ok()?;

    say(&format!("Applying {MODULE}/{EXAMPLE}: the roles, grants, tags and folders of a team"));
    let ran = timed(&w, &["apply", "-no-color", "-auto-approve"])?;
    tell(&ran, &["Plan:", "Apply complete"]);

    say("What govc sees now, which is not ours (proof that it is really there)");
    let after = sim.snapshot()?;
    for what in ["role", "permission", "object", "tag category", "tag", "custom attribute"] {
        let new: Vec<_> = after[what].difference(&before[what]).collect();
        if new.is_empty() {
            continue;
        }
        println!("   {} new: {}", plural(what), new.len());
        new.iter().take(MOST).for_each(|l| println!("     {}", short(l)));
        if new.len() > MOST {
            println!("     … and {} more", new.len() - MOST);
        }
    }
    ensure!(after != before, "nothing was made");

    say("Planning again: the same configuration must ask for nothing");
    let calls = sim.calls().len();
    let ran = timed(&w, &["plan", "-no-color", "-detailed-exitcode"])?;
    tell(&ran, &["No changes"]);
    println!("   It took {} requests.", sim.calls().len() - calls);

    say("Destroying it all: nothing may be left, not even a session");
    let ran = timed(&w, &["destroy", "-no-color", "-auto-approve"])?;
    tell(&ran, &["Destroy complete"]);
    let left = sim.snapshot()?;
    ensure!(
        left == before,
        "objects were left behind, or existing ones are missing:\n{}",
        difference(&before, &left)
    );
    let sessions = sim.sessions()?;
    ensure!(sessions.is_empty(), "sessions were left open: {sessions:?}");
    println!("   The vCenter is as it was before.");
    println!("\nThat was all. The configuration is in {MODULE}; the transcript in {}.", root::shown(&w.dir));
    Ok(true)
}

fn say(what: &str) {
    println!("\n=> {what}");
}

fn timed(w: &Workdir, args: &[&str]) -> Result<Ran> {
    let start = Instant::now();
    println!(
        "   $ terraform {}",
        args.iter().filter(|a| **a != "-no-color").copied().collect::<Vec<_>>().join(" ")
    );
    let ran = w.run(args)?.ok().context("this is not as it should be")?;
    println!("   {:.1} s", start.elapsed().as_secs_f64());
    Ok(ran)
}

fn tell(ran: &Ran, begins: &[&str]) {
    let lines = ran.out.lines().map(str::trim);
    lines.filter(|l| begins.iter().any(|b| l.starts_with(b))).for_each(|l| println!("   {l}"));
}

fn plural(what: &str) -> String {
    match what.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None => format!("{what}s"),
    }
}

fn short(line: &str) -> String {
    let line = line.split_whitespace().collect::<Vec<_>>().join("  ");
    if line.chars().count() <= 100 { line } else { line.chars().take(97).chain("...".chars()).collect() }
}

type Snapshot = std::collections::BTreeMap<&'static str, BTreeSet<String>>;

fn difference(before: &Snapshot, after: &Snapshot) -> String {
    let mut out = String::new();
    for (what, after) in after {
        let before = &before[what];
        after.difference(before).for_each(|l| out.push_str(&format!("+ {what} {l}\n")));
        before.difference(after).for_each(|l| out.push_str(&format!("- {what} {l}\n")));
    }
    out
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for e in std::fs::read_dir(from)? {
        let e = e?;
        let name = e.file_name();
        let hidden = name.to_string_lossy().starts_with('.') || name.to_string_lossy().contains(".tfstate");
        if e.path().is_dir() && !hidden {
            copy(&e.path(), &to.join(&name))?;
        } else if !hidden {
            std::fs::copy(e.path(), to.join(&name))?;
        }
    }
    Ok(())
}
