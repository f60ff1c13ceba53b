//! The simulated vCenter, as a process, and govc beside it.
use crate::root::Tools;
use crate::servers;
use anyhow::{Context, Result, bail, ensure};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// The administrator of every simulated vCenter.
pub(crate) const USER: &str = "administrator@vsphere.local";
/// With every character that a careless encoder gets wrong, and one that no log contains by accident.
pub(crate) const PASSWORD: &str = "S3cret-&<bench>'%41";

/// A running simulator.
pub(crate) struct Sim {
    child: Child,
    log: PathBuf,
    calls: PathBuf,
    govc: PathBuf,
    /// Its address, `host:port`.
    pub(crate) address: String,
}

impl Sim {
    /// Starts one on a free port. Its logs go to `dir`, as `<name>.log` and `<name>-calls.jsonl`.
    ///
    /// Flags are read relative to `home`.
    pub(crate) fn start(
        tools: &Tools,
        dir: &Path,
        name: &str,
        home: &Path,
        flags: &[impl AsRef<OsStr>],
    ) -> Result<Self> {
        let (log, calls) = (dir.join(format!("{name}.log")), dir.join(format!("{name}-calls.jsonl")));
        // It is killed, and would leave the files of its datastores behind.
        let files = dir.join(format!("{name}-files"));
        std::fs::create_dir_all(&files)?;
        let mut child = Command::new(&tools.sim)
            .env("TMPDIR", &files)
            .args(["-l", "127.0.0.1:0", "-username", USER, "-password", PASSWORD, "-call-log"])
            .arg(&calls)
            .args(flags)
            .current_dir(home)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(&log)?)
            .spawn()
            .context("cannot start the simulated vCenter")?;
        let mut url = String::new();
        if let Some(out) = child.stdout.take() {
            let mut out = BufReader::new(out);
            out.read_line(&mut url)?;
            // Keep reading, or the simulator would block once the pipe is full.
            std::thread::spawn(move || std::io::copy(&mut out, &mut std::io::sink()));
        }
        let sim = Self { child, address: host_port(&url), log, calls, govc: tools.govc.clone() };
        if sim.address.is_empty() {
            bail!("the simulated vCenter did not start:\n{}", tail(&sim.log, 20));
        }
        Ok(sim)
    }

    /// A govc command on this vCenter, ready to run.
    pub(crate) fn govc_command<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Command {
        let mut c = Command::new(&self.govc);
        c.args(args)
            .env("GOVC_URL", format!("https://{}/sdk", self.address))
            .env("GOVC_USERNAME", USER)
            .env("GOVC_PASSWORD", PASSWORD)
            .env("GOVC_INSECURE", "true")
            // Its sessions would be among those that are counted.
            .env("GOVC_PERSIST_SESSION", "false")
            // `alarm.create` and `alarm.rm` are among these.
            .env("GOVC_SHOW_UNRELEASED", "true")
            .env_remove("GOVC_DATACENTER")
            .stdin(Stdio::null());
        c
    }

    /// A script that is govc on this vCenter, for a provisioner: only the file contains the password.
    pub(crate) fn govc_script(&self) -> Result<PathBuf> {
        let command = self.govc_command::<&str>([]);
        let quoted = |text: &str| format!("'{}'", text.replace('\'', r"'\''"));
        let set: String = command
            .get_envs()
            .filter_map(|(k, v)| Some(format!("export {}={}\n", k.to_str()?, quoted(v?.to_str()?))))
            .collect();
        let path = self.log.with_extension("govc.sh");
        let govc = quoted(&self.govc.display().to_string());
        std::fs::write(&path, format!("{set}exec {govc} \"$@\"\n"))?;
        Ok(path)
    }

    /// What govc says, or why it failed.
    pub(crate) fn govc(&self, line: &str) -> Result<String> {
        self.govc_args(&words(line)?)
    }

    fn govc_args(&self, words: &[String]) -> Result<String> {
        let out = self.govc_command(words).output().context("cannot start govc")?;
        let text = String::from_utf8_lossy(&out.stdout).into_owned();
        let err = String::from_utf8_lossy(&out.stderr);
        ensure!(out.status.success(), "govc {}: {}{}", words.join(" "), err.trim(), text.trim());
        Ok(text)
    }

    /// The managed object id of what is at an inventory path.
    pub(crate) fn moid(&self, path: &str) -> Result<String> {
        let found = self.govc_args(&["find", "-i", path, "-maxdepth", "0"].map(str::to_owned))?;
        let (_, id) = found.trim().split_once(':').with_context(|| format!("there is nothing at {path}"))?;
        Ok(id.to_owned())
    }

    /// Asks one of the simulator's own pages.
    pub(crate) fn admin(&self, method: &str, path: &str, body: &str) -> Result<Json> {
        let text = servers::https(&self.address, method, path, body)?;
        if text.trim().is_empty() {
            return Ok(Json::Null);
        }
        serde_json::from_str(&text).with_context(|| format!("{path} answered {text}"))
    }

    /// The sessions that are open now.
    pub(crate) fn sessions(&self) -> Result<BTreeSet<String>> {
        fn collect(v: &Json, out: &mut BTreeSet<String>) {
            match v {
                Json::Array(all) => all.iter().for_each(|v| collect(v, out)),
                Json::Object(o) if o.values().any(Json::is_array) => o.values().for_each(|v| collect(v, out)),
                Json::Object(o) => {
                    let part = |k: &str| o.get(k).and_then(Json::as_str).unwrap_or_default();
                    out.insert(format!("{} session {} of {}", part("kind"), part("id"), part("user")));
                }
                _ => {}
            }
        }
        let mut out = BTreeSet::new();
        collect(&self.admin("GET", "/sim/sessions", "")?, &mut out);
        Ok(out)
    }

    /// The calls so far, one JSON line each, without those to the simulator's own pages.
    pub(crate) fn calls(&self) -> Vec<Json> {
        // A line is written after its answer was sent.
        std::thread::sleep(Duration::from_millis(30));
        let text = std::fs::read_to_string(&self.calls).unwrap_or_default();
        let calls = text.lines().filter_map(|l| serde_json::from_str::<Json>(l).ok());
        calls.filter(|c| !c["path"].as_str().unwrap_or_default().starts_with("/sim/")).collect()
    }

    /// The last calls, in words.
    pub(crate) fn last_calls(&self, n: usize) -> String {
        let mut calls = self.calls();
        // govc calls too, more than any other client.
        calls.retain(|c| !c["ua"].as_str().unwrap_or_default().starts_with("govc"));
        let mut out = String::new();
        for c in calls.iter().skip(calls.len().saturating_sub(n)) {
            let text = |k: &str| c[k].as_str().unwrap_or_default();
            let what = match text("soap") {
                "" => format!("{} {}", text("http"), text("path")),
                soap => format!("{soap} {} {}", text("this"), text("props")),
            };
            out.push_str(&format!("  {} {} {}\n", c["status"], what.trim(), text("fault")));
        }
        out
    }

    /// What is in the vCenter, as far as a provider could leave something behind.
    pub(crate) fn snapshot(&self) -> Result<BTreeMap<&'static str, BTreeSet<String>>> {
        // Columns are as wide as what else is in them.
        let one = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
        let lines = |text: String| text.lines().map(one).collect::<BTreeSet<_>>();
        let mut all = BTreeMap::new();
        for (what, line) in [
            ("object", "find -l /"),
            ("role", "role.ls"),
            ("tag category", "tags.category.ls"),
            ("tag", "tags.ls"),
            ("custom attribute", "fields.ls"),
            ("SSO user", "sso.user.ls"),
            ("SSO group", "sso.group.ls"),
        ] {
            all.insert(what, lines(self.govc(line)?));
        }
        // Each object's own permissions: the witness shows those of the root folder only, unless asked.
        let mut args = vec!["permissions.ls".to_owned(), "-i=false".to_owned()];
        args.extend(all["object"].iter().filter_map(|l| Some(l.split_once(' ')?.1.to_owned())));
        all.insert("permission", lines(self.govc_args(&args)?));
        Ok(all)
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        // It keeps nothing that would have to be saved.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn host_port(url: &str) -> String {
    let rest = url.trim().split("://").nth(1).unwrap_or_default();
    let host = rest.split('/').next().unwrap_or_default();
    host.rsplit('@').next().unwrap_or_default().to_owned()
}

/// The last lines of a file.
pub(crate) fn tail(file: &Path, n: usize) -> String {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(n)..].join("\n")
}

/// The words of a command line: blanks separate, quotes of both kinds keep together.
pub(crate) fn words(line: &str) -> Result<Vec<String>> {
    let mut out = vec![];
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in line.chars() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, c) if c.is_whitespace() => out.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    ensure!(quote.is_none(), "a quote is not closed: {line}");
    out.extend(word);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_is_split_into_words() {
        assert_eq!(words(r#"a "b c" 'd "e"' f=""  "#).unwrap(), ["a", "b c", "d \"e\"", "f="]);
        assert!(words("a 'b").is_err());
    }

    #[test]
    fn the_address_is_in_the_url() {
        assert_eq!(host_port("https://user:p%40ss@127.0.0.1:40123/sdk\n"), "127.0.0.1:40123");
        assert_eq!(host_port(""), "");
    }
}
