//! Wrong configurations and wrong servers, each with the error that the user sees, kept beside it.
use super::{Bench, diagnostics, fill, hcl, name_of, provider_files, sorted};
use crate::report::{Outcome, Tier};
use crate::root::{self, Tools};
use crate::servers;
use crate::sim::{PASSWORD, Sim, USER};
use anyhow::{Result, bail, ensure};
use similar::TextDiff;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Set to 1, details are written instead of compared, and files that do not exist yet. The summary and the attribute of an
/// existing file are pinned: they are edited in the file, or written with `all`.
const UPDATE: &str = "UPDATE_SNAPSHOTS";
/// How the simulated vCenters are started.
const FLAGS: &[&str] = &["-any-principal=false"];

impl Bench {
    /// Runs the wrong configurations, on one simulated vCenter.
    pub(crate) fn bad_input(&self, tier: &mut Tier) -> Result<()> {
        let mut inputs: Vec<(String, PathBuf)> = vec![];
        for p in sorted(&root::dir().join("acceptance-tests/cases/bad-input"))? {
            let name = name_of(&p);
            if let Some(name) = name.strip_suffix(".tf").map(|n| format!("bad-input/{n}"))
                && self.wants(&name)
            {
                inputs.push((name, p));
            }
        }
        if inputs.is_empty() {
            return Ok(());
        }
        let dir = self.fresh("bad-input")?;
        let home = root::dir();
        let sim = Sim::start(&self.tools, &dir, "vcenter", &home, FLAGS)?;
        let mut places: BTreeMap<&str, String> = servers::wrong_servers()?;
        places.insert("server", sim.address.clone());
        places.insert("user", USER.to_owned());
        places.insert("password", PASSWORD.to_owned());
        self.each(tier, &inputs, |name, file, _| {
            match self.wrong(&self.work.join(name), file, &sim, &places) {
                Ok(()) => Outcome::Passed,
                Err(e) => Outcome::Failed(format!("{e:#}")),
            }
        });
        Ok(())
    }

    fn wrong(&self, dir: &Path, file: &Path, sim: &Sim, places: &BTreeMap<&str, String>) -> Result<()> {
        let text = std::fs::read_to_string(file)?;
        let input = Input::read(&text)?;
        std::fs::create_dir_all(dir)?;
        for file in &input.files {
            std::fs::copy(root::dir().join(file), dir.join(name_of(Path::new(file))))?;
        }
        let (own, mut places) = (input.own_sim(&self.tools, dir)?, places.clone());
        let sim = own.as_ref().unwrap_or(sim);
        places.insert("server", sim.address.clone());
        let places = &places;
        let main = fill(&text, |name| match name.strip_prefix("moid ") {
            Some(path) => sim.moid(path.trim()).ok(),
            None => places.get(name).map(|v| hcl(v)),
        })?;
        std::fs::write(dir.join("main.tf"), &main)?;
        provider_files(dir, &main, "vsphere-rs/vsphere", &places["server"])?;
        let mut w = self.cli.in_dir(dir);
        for (k, v) in input.env {
            w.env.push((k, fill(&v, |name| places.get(name).cloned())?));
        }
        let args: &[&str] = match input.command.as_str() {
            "plan" => &["plan", "-no-color", "-json"],
            "validate" => &["validate", "-no-color", "-json"],
            "apply" => &["apply", "-no-color", "-auto-approve", "-json"],
            "destroy" => {
                w.run(&["apply", "-no-color", "-auto-approve"])?.ok()?;
                &["destroy", "-no-color", "-auto-approve", "-json"]
            }
            other => bail!("there is no command {other}"),
        };
        let ran = w.run(args)?;
        // `validate -json` is one value over many lines.
        let out = match ran.json() {
            Ok(v) => v.to_string(),
            Err(_) => ran.out.clone(),
        };
        let mut reported: Vec<String> = diagnostics(&out).into_iter().map(|(_, text)| text).collect();
        ensure!(!reported.is_empty(), "the wrong configuration was accepted\n{}", ran.all());
        ensure!(ran.code != 0 || input.warns, "there were only warnings\n{}", ran.all());
        // Resources are visited in any order.
        reported.sort();
        reported.dedup();
        let reported = normal(&reported.join("\n"), places, dir);
        let kept = file.with_extension("txt");
        let (update, expected) = (std::env::var(UPDATE), std::fs::read_to_string(&kept));
        let may_write = match (update.as_deref(), &expected) {
            (Ok("all"), _) | (Ok("1"), Err(_)) => true,
            (Ok("1"), Ok(expected)) => heads(expected) == heads(&reported),
            _ => false,
        };
        if may_write {
            std::fs::write(&kept, reported)?;
            return Ok(());
        }
        let Ok(expected) = expected else {
            bail!(
                "there is no {} yet: look at this, and run with {UPDATE}=1\n{reported}",
                root::shown(&kept)
            );
        };
        if expected != reported {
            let diff =
                TextDiff::from_lines(&expected, &reported).unified_diff().header("kept", "now").to_string();
            bail!(
                "another error than the one kept in {} ({UPDATE}=1 keeps this detail, {UPDATE}=all also this summary and \
                 attribute)\n{diff}",
                root::shown(&kept)
            );
        }
        Ok(())
    }
}

/// What the comments at the top of an input ask for: `# command: validate`, `# env: NAME=value`, `# only warns`,
/// `# setup: COMMAND OF GOVC`, `# file: PATH IN THE REPOSITORY` (which is copied next to the configuration).
struct Input {
    command: String,
    env: Vec<(String, String)>,
    warns: bool,
    setup: Vec<String>,
    files: Vec<String>,
}

impl Input {
    fn read(text: &str) -> Result<Self> {
        let mut input =
            Self { command: "plan".to_owned(), env: vec![], warns: false, setup: vec![], files: vec![] };
        for line in text.lines().map_while(|l| l.strip_prefix('#')).map(str::trim) {
            if let Some(c) = line.strip_prefix("command:") {
                input.command = c.trim().to_owned();
            } else if let Some(e) = line.strip_prefix("env:") {
                let Some((k, v)) = e.trim().split_once('=') else { bail!("`# env:` needs NAME=value") };
                input.env.push((k.to_owned(), v.to_owned()));
            } else if let Some(file) = line.strip_prefix("file:") {
                input.files.push(file.trim().to_owned());
            } else if let Some(s) = line.strip_prefix("setup:") {
                input.setup.push(s.trim().to_owned());
            } else if line == "only warns" {
                input.warns = true;
            }
        }
        Ok(input)
    }

    /// A vCenter of its own, set up as the input asks; nothing where it neither asks for that nor makes anything.
    fn own_sim(&self, tools: &Tools, dir: &Path) -> Result<Option<Sim>> {
        // Created objects are not shared with other cases, and have the same ID in every run.
        if self.setup.is_empty() && !["apply", "destroy"].contains(&self.command.as_str()) {
            return Ok(None);
        }
        let sim = Sim::start(tools, dir, "vcenter", &root::dir(), FLAGS)?;
        self.setup.iter().try_for_each(|line| sim.govc(line).map(drop))?;
        Ok(Some(sim))
    }
}

/// The diagnostics of a file without their details: severity, summary, address and attribute.
fn heads(text: &str) -> Vec<&str> {
    let is_head = |line: &&str| ["Error: ", "Warning: "].iter().any(|start| line.starts_with(start));
    let mut out = vec![];
    let mut in_head = false;
    for line in text.lines() {
        in_head = is_head(&line) || in_head && !line.is_empty();
        if in_head {
            out.push(line);
        }
    }
    out
}

/// Without what is different in every run.
fn normal(text: &str, places: &BTreeMap<&str, String>, dir: &Path) -> String {
    let mut out = text.replace(&dir.display().to_string(), "<dir>").replace("OpenTofu", "Terraform");
    for (name, value) in places {
        // Also where only the port is shown; the same digits may be part of a value.
        out = out.replace(value.as_str(), &format!("<{name}>"));
        if let Some((_, port)) = value.rsplit_once(':').filter(|(host, _)| *host == "127.0.0.1") {
            out = out.replace(&format!("port {port}"), &format!("port <port of {name}>"));
        }
    }
    let home = root::dir().display().to_string();
    without_times(&without_thumbprints(&out.replace(&home, "<root>")))
}

/// Events have their times, to the nanosecond.
fn without_times(text: &str) -> String {
    let word = |w: &str| {
        let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit() || b".:-".contains(&b));
        let is = w
            .strip_suffix('Z')
            .and_then(|w| w.split_once('T'))
            .is_some_and(|(d, t)| d.len() == 10 && t.len() >= 8 && digits(d) && digits(t));
        if is { "<time>".to_owned() } else { w.to_owned() }
    };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// Certificates are new in every run: 20 or 32 pairs of digits with colons between. So are the users of vCenter's own
/// services, whose names end in 32 digits.
fn without_thumbprints(text: &str) -> String {
    let part = |c: char| c == ':' || c.is_ascii_hexdigit();
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(part) {
        let end = rest[start..].find(|c| !part(c)).map_or(rest.len(), |n| start + n);
        let word = &rest[start..end];
        let is = [59, 95].contains(&word.len()) && word.split(':').all(|p| p.len() == 2);
        out.push_str(&rest[..start]);
        let id = word.len() == 32 && !word.contains(':');
        out.push_str(match (is, id) {
            (true, _) => "<thumbprint>",
            (_, true) => "<id>",
            _ => word,
        });
        rest = &rest[end..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_at_the_top_say_how_to_run() {
        let i = Input::read("# A title\n# command: validate\n# env: A=b=c\nx\n# command: apply\n").unwrap();
        assert_eq!((i.command.as_str(), i.env), ("validate", vec![("A".to_owned(), "b=c".to_owned())]));
    }

    #[test]
    fn heads_have_no_details() {
        let text = "Error: Bad\n  with a.b\n  main.tf line 3: x = 1\n\nBecause.\n  - of this\nWarning: Odd\n\nWhy.\n";
        assert_eq!(heads(text), ["Error: Bad", "  with a.b", "  main.tf line 3: x = 1", "Warning: Odd"]);
        assert_eq!(heads(text), heads(&text.replace("Because", "For another reason")));
        assert_ne!(heads(text), heads(&text.replace("line 3", "line 4")));
    }

    #[test]
    fn addresses_are_taken_out() {
        let places = BTreeMap::from([("server", "127.0.0.1:4711".to_owned())]);
        let text = normal("dial 127.0.0.1:4711, port 4711, /d/x", &places, Path::new("/d"));
        assert_eq!(text, "dial <server>, port <port of server>, <dir>/x");
        assert_eq!(normal("key 0A0A0-4711", &places, Path::new("/d")), "key 0A0A0-4711");
        let print = vec!["AB"; 32].join(":");
        assert_eq!(normal(&format!("a: \"{print}\"."), &places, Path::new("/d")), "a: \"<thumbprint>\".");
        let event = normal("  2026-11-21T07:26:54.239686739Z TEST on it", &places, Path::new("/d"));
        assert_eq!(event, "  <time> TEST on it");
    }
}
