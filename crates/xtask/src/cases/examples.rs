//! The examples, as users will copy them: each that is included in a page is applied, planned again, imported as its
//! `import.sh` says, and destroyed. Whole modules, which cases apply, and the HCL of README and guides are validated.
use super::{Bench, declares, name_of, provider_files, sorted};
use crate::cli::Workdir;
use crate::report::{Outcome, Tier};
use crate::root;
use crate::sim::{Sim, words};
use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// `acceptance-tests/examples.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Inventory {
    /// Parts of an inventory: govc commands.
    parts: BTreeMap<String, Vec<String>>,
    /// By folder below `examples/`.
    examples: BTreeMap<String, Example>,
}

/// What an example needs.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Example {
    /// The parts that must be there.
    needs: Vec<String>,
    /// Files beside the configuration, and where they are in the repository.
    files: BTreeMap<String, String>,
    /// Parts of an import id, and the `address.attribute` that has the real one.
    import: BTreeMap<String, String>,
    /// Why the first plan after an import has an update: it writes what only the configuration has.
    import_updates: Option<String>,
    /// Why it is validated instead of applied.
    only_validated: Option<String>,
}

/// Something to try.
enum Try {
    /// A folder that is applied.
    Apply(PathBuf),
    /// A folder that is validated.
    Validate(PathBuf),
    /// A text that is validated.
    Snippet(String),
}

impl Bench {
    /// Runs them side by side, each on a vCenter of its own.
    pub(crate) fn examples(&self, tier: &mut Tier) -> Result<()> {
        let inventory = Inventory::load()?;
        let mut tests = vec![];
        for (name, dir) in folders()? {
            // An example on a page is the only file of its folder; everything else is a module.
            let page = ["resource.tf", "data-source.tf", "function.tf"].iter().any(|f| dir.join(f).is_file());
            let applied = inventory.examples.get(&name).is_none_or(|e| e.only_validated.is_none());
            tests.push((name, if page && applied { Try::Apply(dir) } else { Try::Validate(dir) }));
        }
        for file in texts()? {
            let text = std::fs::read_to_string(&file)?;
            let shown = root::shown(&file).replace('/', "-");
            for (line, text) in snippets(&text) {
                tests.push((format!("{shown}-line-{line}"), Try::Snippet(text)));
            }
        }
        tests.iter_mut().for_each(|(name, _)| *name = format!("examples/{name}"));
        tests.retain(|(name, _)| self.wants(name));
        self.each(tier, &tests, |name, what, doing| {
            let run = || -> Result<()> {
                // Modules may be nested: each folder is handled separately, because it is removed when it is done.
                let dir = self.fresh(&format!("examples/{}", name.replace('/', "-")))?;
                match what {
                    Try::Apply(from) => self.apply(&inventory, name, from, &dir, doing)?,
                    Try::Validate(from) => self.validate_module(from, &dir)?,
                    Try::Snippet(text) => {
                        std::fs::write(dir.join("main.tf"), text)?;
                        self.validate(&dir, text)?;
                    }
                }
                // Only a failure is worth looking at again.
                Ok(std::fs::remove_dir_all(&dir)?)
            };
            match run() {
                Ok(()) => Outcome::Passed,
                Err(e) => Outcome::Failed(format!("{e:#}")),
            }
        });
        Ok(())
    }

    fn apply(
        &self,
        inventory: &Inventory,
        name: &str,
        from: &Path,
        dir: &Path,
        doing: &dyn Fn(&str),
    ) -> Result<()> {
        let default = Example::default();
        let example = inventory.examples.get(name.trim_start_matches("examples/")).unwrap_or(&default);
        let flags = ["-any-principal=false", "-directory", "examples.directory.json"];
        let sim = Sim::start(&self.tools, dir, "vcenter", &root::dir().join("acceptance-tests"), &flags)?;
        doing("setup");
        for part in &example.needs {
            let lines = inventory.parts.get(part).with_context(|| format!("there is no part {part}"))?;
            lines.iter().try_for_each(|l| sim.govc(l).map(drop))?;
        }
        let before = sim.snapshot()?;
        let w = self.cli.in_dir(&dir.join("main"));
        let text = copy(from, &w.dir)?;
        for (to, from) in &example.files {
            std::fs::copy(root::dir().join(from), w.dir.join(to)).with_context(|| from.clone())?;
        }
        provider_files(&w.dir, &text, "vsphere-rs/vsphere", &sim.address)?;
        doing("apply");
        w.run(&["apply", "-no-color", "-auto-approve"])?.ok()?;
        empty_plan(&w)?;
        let script = from.join("import.sh");
        if script.is_file() {
            doing("import");
            // What was imported is not always the resource's to destroy.
            let state = std::fs::read(w.dir.join("terraform.tfstate"))?;
            for (address, id) in imports(&std::fs::read_to_string(&script)?)? {
                import(&w, example, &address, &id)
                    .with_context(|| format!("{}: {address} {id}", root::shown(&script)))?;
            }
            std::fs::write(w.dir.join("terraform.tfstate"), state)?;
        }
        doing("destroy");
        w.run(&["destroy", "-no-color", "-auto-approve"])?.ok()?;
        ensure!(before == sim.snapshot()?, "the vCenter is not as it was before");
        Ok(())
    }

    /// A module, with those that it uses: they may be beside it.
    fn validate_module(&self, from: &Path, dir: &Path) -> Result<()> {
        let examples = root::dir().join("examples");
        let below = from.strip_prefix(&examples)?;
        let whole = below.components().next().context("no folder")?;
        copy_all(&examples.join(whole), &dir.join(whole))?;
        let dir = dir.join(below);
        self.cli.in_dir(&dir).run(&["get", "-no-color"])?.ok()?;
        self.cli.in_dir(&dir).run(&["validate", "-no-color"])?.ok()?;
        Ok(())
    }

    fn validate(&self, dir: &Path, text: &str) -> Result<()> {
        if !text.contains("required_providers") {
            provider_files(dir, text, "vsphere-rs/vsphere", "vcenter.example.com")?;
        }
        self.cli.in_dir(dir).run(&["validate", "-no-color"])?.ok()?;
        Ok(())
    }
}

impl Inventory {
    fn load() -> Result<Self> {
        let file = root::dir().join("acceptance-tests/examples.toml");
        let all: Self = toml::from_str(&std::fs::read_to_string(&file)?)?;
        if let Some(missing) = all.examples.keys().find(|n| !root::dir().join("examples").join(n).is_dir()) {
            bail!("{} lists {missing}, and there is no such example", root::shown(&file));
        }
        Ok(all)
    }
}

/// All folders below `examples/` with a configuration.
fn folders() -> Result<Vec<(String, PathBuf)>> {
    fn walk(dir: &Path, name: &str, found: &mut Vec<(String, PathBuf)>) -> Result<()> {
        let all = sorted(dir)?;
        if all.iter().any(|p| p.extension().is_some_and(|e| e == "tf")) {
            found.push((name.trim_start_matches('/').to_owned(), dir.to_owned()));
        }
        for p in all.iter().filter(|p| p.is_dir() && !name_of(p).starts_with('.')) {
            walk(p, &format!("{name}/{}", name_of(p)), found)?;
        }
        Ok(())
    }
    let mut found = vec![];
    walk(&root::dir().join("examples"), "", &mut found)?;
    Ok(found)
}

/// The pages that are written by hand and show configurations.
fn texts() -> Result<Vec<PathBuf>> {
    let mut all = sorted(&root::dir().join("docs/guides"))?;
    all.push(root::dir().join("README.md"));
    Ok(all)
}

/// Copies the configuration of an example; gives its text.
fn copy(from: &Path, to: &Path) -> Result<String> {
    std::fs::create_dir_all(to)?;
    let mut all = String::new();
    for p in sorted(from)?.iter().filter(|p| p.extension().is_some_and(|e| e == "tf")) {
        let text = std::fs::read_to_string(p)?;
        std::fs::write(to.join(name_of(p)), &text)?;
        all.push_str(&text);
    }
    Ok(all)
}

fn copy_all(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for p in sorted(from)?.iter().filter(|p| !name_of(p).starts_with('.')) {
        let to = to.join(name_of(p));
        if p.is_dir() { copy_all(p, &to)? } else { std::fs::copy(p, &to).map(drop)? }
    }
    Ok(())
}

fn empty_plan(w: &Workdir) -> Result<()> {
    let ran = w.run(&["plan", "-no-color", "-detailed-exitcode"])?;
    ensure!(ran.code == 0, "the plan is not empty\n{}", ran.all());
    Ok(())
}

/// Takes a resource out of the state, and imports it as the example says.
fn import(w: &Workdir, example: &Example, address: &str, id: &str) -> Result<()> {
    let state = w.state()?.managed;
    let mut id = id.to_owned();
    for (part, from) in &example.import {
        let value = state.iter().find_map(|(address, values)| {
            let name = from.strip_prefix(address.as_str())?.strip_prefix('.')?;
            values[name].as_str()
        });
        id = id.replace(part, value.with_context(|| format!("the state has no {from}"))?);
    }
    w.run(&["state", "rm", address])?.ok()?;
    w.run(&["import", "-no-color", address, &id])?.ok()?;
    if example.import_updates.is_some() {
        let ran = w.run(&["apply", "-no-color", "-auto-approve"])?.ok()?;
        ensure!(ran.out.contains(" 0 added, ") && ran.out.contains(" 0 destroyed"), "{}", ran.all());
    }
    empty_plan(w)
}

/// Addresses and ids of the commands in an `import.sh`.
fn imports(script: &str) -> Result<Vec<(String, String)>> {
    let lines = script.lines().filter(|l| !l.trim().is_empty() && !l.starts_with('#'));
    let all = lines.map(|l| match words(l)?.as_slice() {
        [terraform, import, address, id] if terraform == "terraform" && import == "import" => {
            Ok((address.clone(), id.clone()))
        }
        _ => bail!("this is not `terraform import ADDRESS ID`: {l}"),
    });
    let all = all.collect::<Result<Vec<_>>>()?;
    ensure!(!all.is_empty(), "there is no import in it");
    Ok(all)
}

/// The configurations in a text, with the lines where they begin. Those that need another provider, or that are about
/// the client or its tests, are left out.
fn snippets(text: &str) -> Vec<(usize, String)> {
    let mut found = vec![];
    let mut open: Option<(usize, String)> = None;
    for (i, line) in text.lines().enumerate() {
        match (&mut open, line.trim()) {
            (None, "```hcl") => open = Some((i + 2, String::new())),
            (Some(_), "```") => found.extend(open.take()),
            (Some((_, text)), _) => {
                text.push_str(line);
                text.push('\n');
            }
            _ => {}
        }
    }
    // `terraform validate` does not read the blocks of test files.
    let of_a_test = |t: &str| declares(t, "mock_provider") || t.lines().any(|l| l.starts_with("run \""));
    found.retain(|(_, t)| {
        !t.contains("vmware/vsphere") && !declares(t, "provider_installation") && !of_a_test(t)
    });
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_are_read() {
        let script = "# By id.\nterraform import 'a.b[\"c\"]' '{\"x\": 1}'\n";
        assert_eq!(imports(script).unwrap(), [("a.b[\"c\"]".to_owned(), "{\"x\": 1}".to_owned())]);
        assert!(imports("# nothing\n").is_err());
        assert!(imports("tofu import a b").is_err());
    }

    #[test]
    fn configurations_are_found_in_a_text() {
        let text = "a\n```hcl\nx = 1\n```\n```sh\nls\n```\n```hcl\nprovider_installation {\n}\n```\n";
        assert_eq!(snippets(text), [(3, "x = 1\n".to_owned())]);
    }

    #[test]
    fn every_example_with_needs_is_there() {
        let all = Inventory::load().unwrap();
        let known = |p: &String| all.parts.contains_key(p);
        assert!(all.examples.values().all(|e| e.needs.iter().all(known)));
        assert!(folders().unwrap().len() > all.examples.len());
    }
}
