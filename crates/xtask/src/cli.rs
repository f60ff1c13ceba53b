//! Terraform or OpenTofu, in a folder of its own.
use crate::root;
use anyhow::{Context, Result, bail};
use serde_json::Value as Json;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Longer than anything takes here, and short enough that something stuck is noticed.
const LIMIT: Duration = Duration::from_secs(600);

/// The client that runs the provider.
#[derive(Clone)]
pub(crate) struct Cli {
    path: PathBuf,
    /// The configuration of the client: where the provider is.
    config: PathBuf,
    /// Whether this is OpenTofu.
    pub(crate) tofu: bool,
    /// What it calls itself.
    pub(crate) version: String,
}

impl Cli {
    /// Terraform from the PATH, or OpenTofu: from the PATH, or else built.
    pub(crate) fn find(tofu: bool, provider: &Path) -> Result<Self> {
        let terraform = if tofu { None } else { root::find("terraform") };
        let (path, tofu) = match terraform {
            Some(p) => (p, false),
            None => {
                if !tofu {
                    println!("There is no `terraform` on the PATH: OpenTofu is used.");
                }
                let known = if tofu { None } else { root::find("tofu") };
                (known.map_or_else(root::tofu, Ok)?, true)
            }
        };
        let bin = root::target()?.join("acceptance/.bin");
        let config = write_config(provider, &bin)?;
        let out = Command::new(&path)
            .arg("version")
            .env("TF_CLI_CONFIG_FILE", &config)
            .env("CHECKPOINT_DISABLE", "1")
            .output();
        let out = out.with_context(|| format!("cannot start {}", path.display()))?;
        let version = String::from_utf8_lossy(&out.stdout).lines().next().unwrap_or_default().to_owned();
        Ok(Self { path, config, tofu, version })
    }

    /// The client in a folder.
    pub(crate) fn in_dir(&self, dir: &Path) -> Workdir {
        Workdir { cli: self.clone(), dir: dir.to_owned(), env: vec![], without: vec![] }
    }
}

/// A folder with nothing but the provider, and a client configuration that takes it from there.
fn write_config(provider: &Path, bin: &Path) -> Result<PathBuf> {
    std::fs::create_dir_all(bin)?;
    let to = bin.join(format!("{}{}", root::PROVIDER, std::env::consts::EXE_SUFFIX));
    // A copy: the original may be built again while clients run this one.
    std::fs::copy(provider, &to).with_context(|| format!("cannot copy {}", provider.display()))?;
    let mut text = String::from("provider_installation {\n  dev_overrides {\n");
    for address in [
        "vsphere-rs/vsphere",
        "registry.terraform.io/vmware/vsphere",
        "registry.terraform.io/hashicorp/vsphere",
    ] {
        text.push_str(&format!("    {} = {}\n", Json::from(address), Json::from(bin.display().to_string())));
    }
    text.push_str("  }\n  direct {}\n}\n");
    let config = bin.join("cli.tfrc");
    std::fs::write(&config, text)?;
    Ok(config)
}

/// How a command ended.
#[derive(Debug, Clone)]
pub(crate) struct Ran {
    /// The exit code; -1 after a signal or the time limit.
    pub(crate) code: i32,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
    /// The command, for messages.
    pub(crate) said: String,
}

impl Ran {
    /// Both outputs, with the command.
    pub(crate) fn all(&self) -> String {
        format!("$ {}   (exit {})\n{}{}", self.said, self.code, self.out, self.err)
    }

    /// An error unless it succeeded.
    pub(crate) fn ok(self) -> Result<Self> {
        if self.code != 0 {
            bail!("{}", self.all());
        }
        Ok(self)
    }

    /// Standard output as JSON.
    pub(crate) fn json(&self) -> Result<Json> {
        serde_json::from_str(&self.out).with_context(|| format!("no JSON: {}", self.all()))
    }
}

/// A folder with a configuration and a state.
pub(crate) struct Workdir {
    cli: Cli,
    /// Where it is.
    pub(crate) dir: PathBuf,
    /// Further variables of the environment.
    pub(crate) env: Vec<(String, String)>,
    /// Variables of this machine's environment that do not reach it, besides those of Terraform and vSphere.
    pub(crate) without: Vec<String>,
}

impl Workdir {
    /// A command of the client, ready to run; nothing of this machine's own settings reaches it.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut c = Command::new(&self.cli.path);
        for (k, _) in std::env::vars_os() {
            let name = k.to_string_lossy();
            let foreign = ["TF_", "VSPHERE_", "GOVC_", "VIM_"].iter().any(|p| name.starts_with(p));
            if foreign || self.without.iter().any(|n| *n == name) {
                c.env_remove(&k);
            }
        }
        c.args(args)
            .current_dir(&self.dir)
            .env("TF_CLI_CONFIG_FILE", &self.cli.config)
            .env("CHECKPOINT_DISABLE", "1")
            .env("TF_IN_AUTOMATION", "1")
            .env("TF_INPUT", "0")
            .env("NO_COLOR", "1")
            // It runs for a second: collecting garbage takes longer than it saves.
            .env("GOGC", "off")
            .envs(self.env.iter().map(|(k, v)| (k, v)))
            .stdin(Stdio::null());
        c
    }

    /// Runs a command of the client, whatever its exit code.
    pub(crate) fn run(&self, args: &[&str]) -> Result<Ran> {
        self.run_with(args, &[])
    }

    /// Runs a command of the client, with further variables.
    pub(crate) fn run_with(&self, args: &[&str], env: &[(&str, &str)]) -> Result<Ran> {
        let mut c = self.command(args);
        c.envs(env.iter().copied());
        self.wait(args, c, |_| {})
    }

    /// Runs a command of the client in a process group of its own, whose number is handed out first: for signals.
    pub(crate) fn run_group(&self, args: &[&str], group: impl FnOnce(u32)) -> Result<Ran> {
        let mut c = self.command(args);
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut c, 0);
        self.wait(args, c, group)
    }

    fn wait(&self, args: &[&str], mut c: Command, started: impl FnOnce(u32)) -> Result<Ran> {
        std::fs::create_dir_all(&self.dir)?;
        // Files instead of pipes: nothing can block, and they can be read afterwards.
        let (out, err) = (self.dir.join(".stdout"), self.dir.join(".stderr"));
        c.stdout(File::create(&out)?).stderr(File::create(&err)?);
        let start = Instant::now();
        let mut child = c.spawn().with_context(|| format!("cannot start {}", self.cli.path.display()))?;
        started(child.id());
        let mut late = "";
        let code = loop {
            if let Some(status) = child.try_wait()? {
                break status.code().unwrap_or(-1);
            }
            if start.elapsed() > LIMIT {
                drop(child.kill());
                drop(child.wait());
                late = "\n(ended by the bench: it took too long)\n";
                break -1;
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        let name = if self.cli.tofu { "tofu" } else { "terraform" };
        let ran = Ran {
            code,
            out: without_overrides(&read(&out)),
            err: read(&err) + late,
            said: format!("{name} {}", args.join(" ")),
        };
        let mut transcript =
            File::options().create(true).append(true).open(self.dir.join("transcript.txt"))?;
        writeln!(transcript, "{}   ({:.2} s)\n", ran.all().trim_end(), start.elapsed().as_secs_f64())?;
        Ok(ran)
    }

    /// The state. It is read from its file, as a start of the client takes longer.
    pub(crate) fn state(&self) -> Result<State> {
        let at = self.dir.join("terraform.tfstate");
        if !at.is_file() {
            return Ok(State::default());
        }
        let file = serde_json::from_str(&std::fs::read_to_string(&at)?);
        Ok(State::of(&file.with_context(|| format!("no JSON: {}", at.display()))?))
    }
}

/// What a state has.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// The outputs, by name, each with its `value`.
    pub(crate) outputs: Json,
    /// The managed resources of all modules: address and attributes, by address.
    pub(crate) managed: Vec<(String, Json)>,
}

impl State {
    /// From a state file of version 4.
    fn of(file: &Json) -> Self {
        let mut managed = vec![];
        let all = file["resources"].as_array().into_iter().flatten();
        for r in all.filter(|r| r["mode"] == "managed") {
            let text = |name: &str| r[name].as_str().unwrap_or_default();
            let module = r["module"].as_str().map(|m| format!("{m}.")).unwrap_or_default();
            for i in r["instances"].as_array().into_iter().flatten().filter(|i| i.get("deposed").is_none()) {
                let key = i.get("index_key").map(|k| format!("[{k}]")).unwrap_or_default();
                let address = format!("{module}{}.{}{key}", text("type"), text("name"));
                managed.push((address, i["attributes"].clone()));
            }
        }
        managed.sort_by(|a, b| a.0.cmp(&b.0));
        Self { outputs: file["outputs"].clone(), managed }
    }

    /// Whether it has a managed resource of that address.
    pub(crate) fn has(&self, address: &str) -> bool {
        self.managed.iter().any(|(a, _)| a == address)
    }
}

/// Without the warning about how the bench lets the client find the provider: no user sees it.
fn without_overrides(text: &str) -> String {
    let Some(start) = text.find("Warning: Provider development overrides") else { return text.to_owned() };
    let Some(end) = text[start..].find("releases.\n").filter(|_| !text.starts_with('{')) else {
        return text.to_owned();
    };
    let before = text[..start].trim_end_matches(['╷', '│', ' ', '\n']);
    format!(
        "{before}{}",
        text[start + end..].trim_start_matches("releases.\n").trim_start_matches(['╵', '\n'])
    )
}

fn read(file: &Path) -> String {
    std::fs::read(file).map(|b| String::from_utf8_lossy(&b).into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_state_file_is_read() {
        let file = json!({
            "outputs": { "o": { "value": 1 } },
            "resources": [
                { "mode": "managed", "type": "t", "name": "b", "instances": [
                    { "index_key": "k", "attributes": { "id": "1" } }, { "deposed": "x", "attributes": {} }
                ] },
                { "module": "module.m[0]", "mode": "data", "type": "t", "name": "a", "instances": [{ "attributes": {} }] },
                { "module": "module.m[0]", "mode": "managed", "type": "t", "name": "c", "instances": [{ "attributes": {} }] }
            ]
        });
        let state = State::of(&file);
        let addresses: Vec<_> = state.managed.iter().map(|(address, _)| address.as_str()).collect();
        assert_eq!(addresses, ["module.m[0].t.c", "t.b[\"k\"]"]);
        assert_eq!((&state.managed[1].1["id"], &state.outputs["o"]["value"]), (&json!("1"), &json!(1)));
        assert!(state.has("t.b[\"k\"]") && !state.has("t.b"));
    }

    #[test]
    fn the_warning_about_the_bench_is_taken_out() {
        let text = "\nWarning: Provider development overrides are in effect\n\nmay differ from\nreleases.\n\nError: x\n";
        assert_eq!(without_overrides(text), "Error: x\n");
        assert_eq!(without_overrides("{ releases.\n"), "{ releases.\n");
    }
}
