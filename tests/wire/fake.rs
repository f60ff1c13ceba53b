//! A small provider for real Terraform to talk to: one resource, one function, and some bad habits.
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tf_framework::server::{
    Answer, ApplyRequest, Catalog, FunctionError, Imported, MoveRequest, Opened, Parameter, PlanAnswer,
    PlanRequest, Private, ProviderServer, Signature,
};
use tf_framework::{
    Attribute, AttributePath, Block, Diagnostics, Dynamic, NestedBlock, Nesting, Object, Schema, Type,
};
use tokio::sync::watch;

/// What is kept beside every state: no UTF-8, and a zero.
pub(crate) const PRIVATE: &[u8] = b"{\"kept\":true}\x00\xff";

/// Writes down what happens to it, so that a test sees it from outside.
pub(crate) struct Fake {
    catalog: Catalog,
    log: PathBuf,
    stopped: watch::Sender<bool>,
}

impl Fake {
    /// A provider that writes to that file.
    pub(crate) fn new(log: &Path) -> Self {
        let attribute = |name, ty| Attribute { name, ty, ..Default::default() };
        let rules = Block {
            attributes: vec![
                Attribute { required: true, ..attribute("name", Type::String) },
                Attribute { computed: true, ..attribute("out", Type::String) },
            ],
            blocks: vec![],
        };
        let block = Block {
            attributes: vec![
                Attribute { computed: true, ..attribute("id", Type::String) },
                Attribute { required: true, ..attribute("mode", Type::String) },
                Attribute { optional: true, ..attribute("note", Type::String) },
                Attribute { optional: true, ..attribute("size", Type::Number) },
                Attribute { optional: true, ..attribute("tags", Type::map(Type::String)) },
            ],
            blocks: vec![NestedBlock {
                name: "rule",
                nesting: Nesting::Set,
                block: rules,
                ..Default::default()
            }],
        };
        let any = Parameter { name: "value", ty: Type::Any, doc: "Anything.", allow_null: true };
        let echo = Signature {
            name: "echo",
            summary: "Gives back what it gets.",
            doc: "Gives back what it gets.",
            parameters: vec![any],
            variadic: None,
            returns: Type::Any,
        };
        let catalog = Catalog {
            resources: [("fake_thing", Schema { type_name: "fake_thing", block, ..Default::default() })]
                .into(),
            functions: [("echo", echo)].into(),
            ..Default::default()
        };
        Self { catalog, log: log.to_owned(), stopped: watch::Sender::new(false) }
    }

    fn note(&self, event: &str) {
        let file = std::fs::OpenOptions::new().create(true).append(true).open(&self.log);
        file.and_then(|mut f| writeln!(f, "{event}")).expect("the log can be written");
    }
}

fn fill(m: &mut Object, name: &str, value: impl Into<Dynamic>) {
    let slot = m.entry(name.to_owned()).or_default();
    if matches!(slot, Dynamic::Null | Dynamic::Unknown) {
        *slot = value.into();
    }
}

/// Gives every rule its result.
fn rules(m: &mut Object, out: impl Fn(&str) -> Dynamic) {
    if let Some(Dynamic::List(rules)) = m.get_mut("rule") {
        for rule in rules {
            let out = out(rule.get("name").as_str().unwrap_or_default());
            if let Dynamic::Map(rule) = rule {
                fill(rule, "out", out);
            }
        }
    }
}

#[async_trait]
impl ProviderServer for Fake {
    fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    async fn validate_provider(&self, _: Dynamic) -> Diagnostics {
        Diagnostics::default()
    }

    async fn configure(&self, terraform_version: &str, _: Dynamic) -> Diagnostics {
        self.note(&format!("configure {terraform_version}"));
        self.note(&format!("pid {}", std::process::id()));
        Diagnostics::default()
    }

    async fn validate_resource(&self, _: &str, config: Dynamic) -> Diagnostics {
        match config.get("mode").as_str() {
            Some("warn") => {
                let at = AttributePath::root().name("mode");
                Diagnostics::warning(at, "A strange mode", "It works all the same.")
            }
            Some("invalid") => {
                let at = AttributePath::root().name("mode");
                Diagnostics::error(at, "An invalid mode", "Choose another.")
            }
            _ => Diagnostics::default(),
        }
    }

    async fn upgrade_resource_state(&self, name: &str, _: i64, json: &[u8]) -> Answer {
        let json = serde_json::from_slice(json).expect("the state is JSON");
        let value = tf_framework::json::decode(&self.catalog.resources[name].block.ty(), &json);
        Answer { value: value.expect("the state fits"), ..Default::default() }
    }

    async fn read_resource(&self, _: &str, value: Dynamic, private: Private) -> Answer {
        let diagnostics = if private == PRIVATE {
            Diagnostics::default()
        } else {
            Diagnostics::error(AttributePath::root(), "The private bytes are lost", format!("{private:?}"))
        };
        Answer { value, private, diagnostics }
    }

    async fn plan_resource(&self, request: PlanRequest) -> PlanAnswer {
        let mut planned = request.proposed;
        if let Dynamic::Map(m) = &mut planned {
            if request.prior.is_null() {
                fill(m, "id", Dynamic::Unknown);
            }
            rules(m, |_| Dynamic::Unknown);
        }
        let renamed = request.prior.get("note") != planned.get("note");
        let replace = !request.prior.is_null() && !planned.is_null() && renamed;
        PlanAnswer {
            requires_replace: if replace { vec![AttributePath::root().name("note")] } else { vec![] },
            planned,
            private: PRIVATE.to_vec(),
            ..Default::default()
        }
    }

    async fn apply_resource(&self, request: ApplyRequest) -> Answer {
        assert_eq!(request.private, PRIVATE, "the bytes of the plan");
        let Dynamic::Map(mut m) = request.planned else {
            self.note("destroyed");
            return Answer::default();
        };
        let mode = m["mode"].as_str().unwrap_or_default().to_owned();
        assert!(mode != "panic", "a bug in apply");
        let mut diagnostics = Diagnostics::default();
        if mode == "slow" {
            self.note("applying");
            let mut stopped = self.stopped.subscribe();
            let _ = tokio::time::timeout(Duration::from_secs(20), stopped.wait_for(|s| *s)).await;
            diagnostics = Diagnostics::error(AttributePath::root(), "Interrupted", "Half of it is there.");
            self.note("applied in part");
        }
        fill(&mut m, "id", format!("id-of-{mode}"));
        rules(&mut m, |name| format!("out-of-{name}").into());
        Answer { value: Dynamic::Map(m), private: request.private, diagnostics }
    }

    async fn import_resource(&self, name: &str, id: &str) -> (Vec<Imported>, Diagnostics) {
        let mut state = BTreeMap::new();
        fill(&mut state, "id", id);
        fill(&mut state, "mode", "imported");
        fill(&mut state, "rule", vec![]);
        let found =
            Imported { type_name: name.to_owned(), state: Dynamic::Map(state), private: PRIVATE.to_vec() };
        (vec![found], Diagnostics::default())
    }

    async fn move_resource(&self, _: MoveRequest) -> Answer {
        Answer::default()
    }

    async fn validate_data_source(&self, _: &str, _: Dynamic) -> Diagnostics {
        Diagnostics::default()
    }

    async fn read_data_source(&self, _: &str, value: Dynamic) -> Answer {
        Answer { value, ..Default::default() }
    }

    async fn call_function(&self, _: &str, arguments: Vec<Dynamic>) -> Result<Dynamic, FunctionError> {
        let value = arguments.into_iter().next().unwrap_or_default();
        match value.as_str() {
            Some("wrong") => {
                Err(FunctionError { text: "That is the wrong argument.".to_owned(), argument: Some(0) })
            }
            Some("panic") => panic!("a bug in a function"),
            _ => Ok(value),
        }
    }

    async fn validate_ephemeral(&self, _: &str, _: Dynamic) -> Diagnostics {
        Diagnostics::default()
    }

    async fn open_ephemeral(&self, _: &str, _: Dynamic) -> Opened {
        Opened::default()
    }

    async fn renew_ephemeral(&self, _: &str, _: Private) -> Opened {
        Opened::default()
    }

    async fn close_ephemeral(&self, _: &str, _: Private) -> Diagnostics {
        Diagnostics::default()
    }

    fn stop(&self) {
        self.note("stop");
        self.stopped.send_replace(true);
    }

    async fn shutdown(&self) {
        self.note("shutdown");
    }
}
