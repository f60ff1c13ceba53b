//! A small provider in memory behind the boundary: what the wire sees of typed resources.
#![allow(clippy::unwrap_used, reason = "a test may panic")]
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tf_framework::server::{ApplyRequest, MoveRequest, PlanRequest, ProviderServer};
use tf_framework::{
    AttributePath, Cx, DataCx, DataSource, DestroyCx, Diagnostics, Dynamic, Ephemeral, Lease, Model, Object,
    Plan, PlanCx, Provider, Resource, Result, Secret, Server, Timeouts, Value,
};

/// The provider.
#[derive(Debug, Clone, Default, Model)]
struct Config {
    /// Where.
    #[tf(optional)]
    url: Value<String>,
}

#[derive(Default)]
struct World {
    things: Mutex<BTreeMap<String, ThingModel>>,
    log: Mutex<Vec<String>>,
}

struct Fake(Arc<World>);

impl Provider for Fake {
    type Model = Config;
    type Client = Arc<World>;
    async fn configure(&self, config: Config, _: &str) -> Result<(Arc<World>, Diagnostics)> {
        if config.url.as_str() == "wrong" {
            return Err(Diagnostics::error(Config::URL, "no such place", ""));
        }
        Ok((self.0.clone(), Diagnostics::default()))
    }
    async fn shutdown(&self, client: &Arc<World>) {
        client.log.lock().unwrap().push("shutdown".into());
    }
}

/// A thing.
#[derive(Debug, Clone, Default, PartialEq, Model)]
#[tf(type_name = "fake_thing", version = 2)]
struct ThingModel {
    /// Id.
    #[tf(computed)]
    id: Value<String>,
    /// Name.
    #[tf(required)]
    name: Value<String>,
    /// Size.
    #[tf(optional, default = 1)]
    size: Value<i64>,
    /// Where.
    #[tf(optional, form = place)]
    place: Value<String>,
    /// What is different after each change.
    #[tf(computed, volatile)]
    version: Value<i64>,
    /// Words.
    #[tf(optional)]
    words: Value<Vec<String>>,
    /// Password.
    #[tf(optional, write_only, sensitive)]
    password: Value<Secret>,
    /// Times.
    #[tf(block, single)]
    timeouts: Value<Timeouts>,
}

fn place(v: &Dynamic) -> std::result::Result<(), String> {
    if v.as_str().is_some_and(|s| s.starts_with("place-")) { Ok(()) } else { Err("no id of a place".into()) }
}

struct Thing;

impl Resource for Thing {
    type Model = ThingModel;
    type Client = Arc<World>;

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, ThingModel>) -> Result<()> {
        if cx.config.name.as_str() == "panic in plan" {
            panic!("plan");
        }
        if cx.config.name.as_str() == "unwanted" {
            return Err(Diagnostics::error(ThingModel::NAME, "unwanted", ""));
        }
        // A thing stays where it is.
        if let Some(prior) = cx.prior.filter(|_| planned.place.is_null()) {
            planned.copy_from(prior, &[ThingModel::PLACE]);
        }
        if planned.name.as_str() == "restless" {
            planned.unknown(ThingModel::VERSION);
        }
        if cx.prior.is_some_and(|p| p.name != planned.name) {
            cx.warn(ThingModel::NAME, "renamed", "");
        }
        Ok(())
    }

    async fn plan_destroy(&self, _: &DestroyCx<'_, Arc<World>>, state: &ThingModel) -> Result<Diagnostics> {
        if state.name.as_str() == "protected" {
            return Err(Diagnostics::error(AttributePath::root(), "it is protected", ""));
        }
        Ok(Diagnostics::default())
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: ThingModel) -> Result<ThingModel> {
        let password = cx.config().and_then(|c| c.password.known().map(|p| p.expose().to_owned()));
        let note = format!("create in {:?} with {password:?}", cx.timeout(Duration::from_secs(5)));
        cx.client().log.lock().unwrap().push(note);
        let made = ThingModel { id: "1".into(), ..plan };
        if made.name.as_str() != "nothing made" {
            cx.client().things.lock().unwrap().insert("1".into(), made.clone());
            cx.checkpoint(&made);
        }
        match made.name.as_str() {
            "half made" | "nothing made" => {
                Err(Diagnostics::error(AttributePath::root(), "the second step failed", ""))
            }
            "panic" => panic!("create"),
            "wait" => {
                cx.cancel().cancelled().await;
                Err(Diagnostics::error(AttributePath::root(), "cancelled", ""))
            }
            _ => {
                cx.set_private("made", json!(true));
                Ok(made)
            }
        }
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: ThingModel) -> Result<Option<ThingModel>> {
        let found = cx.client().things.lock().unwrap().get(state.id.as_str()).cloned();
        let version = 7.into();
        Ok(found.map(|m| ThingModel { timeouts: state.timeouts, password: Value::Null, version, ..m }))
    }

    async fn update(&self, cx: &Cx<'_, Self>, prior: ThingModel, plan: ThingModel) -> Result<ThingModel> {
        if plan.name.as_str() == "refused" {
            return Err(Diagnostics::error(ThingModel::NAME, "refused", ""));
        }
        if plan.name.as_str() == "half done" {
            let now = ThingModel { name: plan.name.clone(), ..prior.clone() };
            cx.client().things.lock().unwrap().insert(prior.id.get(), now);
            return Err(Diagnostics::error(ThingModel::SIZE, "the second step failed", ""));
        }
        if plan.name.as_str() == "vanishes" {
            cx.client().things.lock().unwrap().clear();
            return Err(Diagnostics::error(ThingModel::NAME, "it is not there", ""));
        }
        cx.client().things.lock().unwrap().insert(prior.id.get(), plan.clone());
        Ok(plan)
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: ThingModel) -> Result<()> {
        if state.name.as_str() == "half deleted" {
            cx.checkpoint(&ThingModel { size: 1.into(), ..state });
            return Err(Diagnostics::error(AttributePath::root(), "the rest is in use", ""));
        }
        cx.client().things.lock().unwrap().remove(state.id.as_str());
        Ok(())
    }

    async fn import(&self, _: &Cx<'_, Self>, id: &str) -> Result<ThingModel> {
        Ok(ThingModel { id: id.into(), ..ThingModel::default() })
    }

    fn upgrade(&self, version: i64, mut state: Json) -> Result<Json> {
        if version < 2 {
            state["name"] = state["title"].take();
        }
        Ok(state)
    }

    fn move_from(&self, source: &str, state: &Json) -> Option<Json> {
        (source == "other_thing").then(|| json!({ "id": state["key"], "name": state["label"] }))
    }
}

/// A look.
#[derive(Debug, Clone, Default, PartialEq, Model)]
#[tf(type_name = "fake_look")]
struct LookModel {
    /// Name.
    #[tf(required)]
    name: Value<String>,
    /// Size.
    #[tf(optional, computed)]
    size: Value<i64>,
}

struct Look;

impl DataSource for Look {
    type Model = LookModel;
    type Client = Arc<World>;
    async fn read(&self, cx: &DataCx<'_, Arc<World>>, _: LookModel) -> Result<LookModel> {
        cx.warn(LookModel::NAME, "looked", "");
        Ok(LookModel { name: "SPELLED OTHERWISE".into(), size: 7.into() })
    }
}

/// A token.
#[derive(Debug, Clone, Default, PartialEq, Model)]
#[tf(type_name = "fake_token")]
struct TokenModel {
    /// Token.
    #[tf(computed, sensitive)]
    token: Value<Secret>,
}

struct Token;

impl Ephemeral for Token {
    type Model = TokenModel;
    type Client = Arc<World>;
    async fn open(&self, _: &Arc<World>, _: TokenModel) -> Result<Lease<TokenModel>> {
        let model = TokenModel { token: Value::Known("t".into()) };
        Ok(Lease { model, private: json!({ "n": 1 }), renew_at: Some(60) })
    }
    async fn renew(&self, _: &Arc<World>, private: Json) -> Result<Option<i64>> {
        Ok(private["n"].as_i64().map(|n| n + 100))
    }
    async fn close(&self, client: &Arc<World>, private: Json) -> Result<()> {
        client.log.lock().unwrap().push(format!("closed {private}"));
        Ok(())
    }
}

fn map<const N: usize>(x: [(&str, Dynamic); N]) -> Dynamic {
    Dynamic::Map(x.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())
}

/// A configuration: every attribute is there, null where it is not set.
fn config<const N: usize>(x: [(&str, Dynamic); N]) -> Dynamic {
    let Dynamic::Map(mut all) = Model::write(&ThingModel::default()) else { unreachable!() };
    all.extend(x.into_iter().map(|(k, v)| (k.to_owned(), v)));
    Dynamic::Map(all)
}

async fn provider() -> (Server<Fake>, Arc<World>) {
    let world = Arc::new(World::default());
    let server = Server::new(Fake(world.clone())).resource(Thing).data_source(Look).ephemeral(Token);
    assert!(server.configure("1.11.4", map([("url", Dynamic::Null)])).await.is_empty());
    (server, world)
}

async fn plan(s: &Server<Fake>, prior: &Dynamic, config: &Dynamic) -> tf_framework::server::PlanAnswer {
    let (prior, config) = (prior.clone(), config.clone());
    let request = PlanRequest {
        type_name: "fake_thing".into(),
        prior,
        proposed: config.clone(),
        config,
        private: vec![],
    };
    s.plan_resource(request).await
}

async fn apply(s: &Server<Fake>, prior: Dynamic, config: Dynamic) -> tf_framework::server::Answer {
    let planned = if config.is_null() { Dynamic::Null } else { plan(s, &prior, &config).await.planned };
    let request = ApplyRequest { type_name: "fake_thing".into(), prior, planned, config, private: vec![] };
    s.apply_resource(request).await
}

#[tokio::test]
async fn a_life() {
    let (s, world) = provider().await;
    let first = config([("name", "a".into()), ("password", "hunter2".into())]);
    let planned = plan(&s, &Dynamic::Null, &first).await;
    assert!(planned.diagnostics.is_empty());
    assert_eq!(planned.planned.get("id"), &Dynamic::Unknown);
    assert_eq!(planned.planned.get("size"), &Dynamic::Int(1));
    assert_eq!(planned.planned.get("password"), &Dynamic::Null);

    let made = apply(&s, Dynamic::Null, first.clone()).await;
    assert!(made.diagnostics.is_empty(), "{}", made.diagnostics);
    assert_eq!(made.value.get("id"), &"1".into());
    assert_eq!(made.value.get("password"), &Dynamic::Null, "a write-only value reaches no state");
    assert!(String::from_utf8(made.private.clone()).unwrap().contains("made"));
    assert_eq!(world.log.lock().unwrap()[0], "create in 5s with Some(\"hunter2\")");

    let same = plan(&s, &made.value, &first).await;
    assert_eq!(same.planned, made.value);

    let second = config([("name", "b".into()), ("size", Dynamic::Int(3))]);
    let change = plan(&s, &made.value, &second).await;
    assert_eq!(change.diagnostics.0[0].summary, "renamed");
    assert_eq!(change.planned.get("id"), &"1".into());
    let changed = apply(&s, made.value, second).await;
    assert_eq!(changed.value.get("name"), &"b".into());

    world.things.lock().unwrap().get_mut("1").unwrap().size = 9.into();
    let read = s.read_resource("fake_thing", changed.value.clone(), b"null".to_vec()).await;
    assert_eq!(read.value.get("size"), &Dynamic::Int(9));
    assert_eq!(read.private, b"null");

    let deleted = apply(&s, changed.value.clone(), Dynamic::Null).await;
    assert!(deleted.value.is_null() && deleted.diagnostics.is_empty());
    assert!(s.read_resource("fake_thing", changed.value, vec![]).await.value.is_null());
}

#[tokio::test]
async fn a_change_that_is_taken_back_is_none() {
    let (s, _) = provider().await;
    for (name, version) in [("a", Dynamic::Int(7)), ("restless", Dynamic::Unknown)] {
        let there = config([("name", name.into()), ("place", "place-1".into())]);
        let made = apply(&s, Dynamic::Null, there).await;
        let planned = plan(&s, &made.value, &config([("name", name.into())])).await;
        let place: Dynamic = "place-1".into();
        assert_eq!(
            (planned.planned.get("place"), planned.planned.get("version")),
            (&place, &version),
            "{name}"
        );
    }
    let moved = config([("name", "a".into()), ("place", "place-1".into())]);
    let made = apply(&s, Dynamic::Null, moved).await;
    let larger = config([("name", "a".into()), ("size", Dynamic::Int(3))]);
    assert_eq!(plan(&s, &made.value, &larger).await.planned.get("version"), &Dynamic::Unknown);
}

#[tokio::test]
async fn a_failure_loses_nothing_that_exists() {
    let (s, _) = provider().await;
    for name in ["half made", "panic"] {
        let a = apply(&s, Dynamic::Null, config([("name", name.into())])).await;
        assert!(a.diagnostics.has_errors());
        assert_eq!(a.value.get("id"), &"1".into(), "{name}: what was made is in the state");
        assert!(!a.value.has_unknown());
    }
    let a = apply(&s, Dynamic::Null, config([("name", "nothing made".into())])).await;
    assert!(a.diagnostics.has_errors() && a.value.is_null());

    let made = apply(&s, Dynamic::Null, config([("name", "a".into())])).await.value;
    let a = apply(&s, made.clone(), config([("name", "refused".into())])).await;
    assert_eq!(a.value, made, "an update that did nothing leaves the state as it was");

    // A step of it was done: the state has that one, and the next plan has the other.
    let wanted = config([("name", "half done".into()), ("size", Dynamic::Int(8))]);
    let a = apply(&s, made.clone(), wanted.clone()).await;
    assert_eq!((a.value.get("name"), a.value.get("size")), (&"half done".into(), &Dynamic::Int(1)));
    assert_eq!(plan(&s, &a.value, &wanted).await.planned.get("size"), &Dynamic::Int(8));
    let a = apply(&s, made, config([("name", "vanishes".into())])).await;
    assert!(a.diagnostics.has_errors() && a.value.is_null(), "what is not there any more leaves the state");

    let made = apply(&s, Dynamic::Null, config([("name", "half deleted".into())])).await.value;
    let a = apply(&s, made, Dynamic::Null).await;
    assert!(a.diagnostics.has_errors());
    assert_eq!(a.value.get("size"), &Dynamic::Int(1), "what a destruction left is in the state");
}

#[tokio::test]
async fn a_panic_in_a_plan_is_a_diagnostic() {
    let (s, _) = provider().await;
    let p = plan(&s, &Dynamic::Null, &config([("name", "panic in plan".into())])).await;
    assert!(p.diagnostics.0[0].summary.contains("crashed while planning"));
}

#[tokio::test]
async fn what_has_not_changed_is_never_refused() {
    let (s, _) = provider().await;
    let unwanted = config([("name", "unwanted".into()), ("size", Dynamic::Int(2))]);
    let p = plan(&s, &Dynamic::Null, &unwanted).await;
    assert!(p.diagnostics.has_errors());
    let state =
        |size: i64| config([("id", "1".into()), ("name", "unwanted".into()), ("size", Dynamic::Int(size))]);
    assert!(plan(&s, &state(1), &unwanted).await.diagnostics.has_errors());
    let p = plan(&s, &state(2), &unwanted).await;
    assert!(!p.diagnostics.has_errors() && p.planned == state(2));
    assert_eq!(p.diagnostics.0[0].summary, "unwanted", "it is a warning");
}

#[tokio::test]
async fn the_form_of_an_id_is_an_error_only_where_it_is_used_and_new() {
    let (s, world) = provider().await;
    let c = config([("name", "a".into()), ("place", "d04mist3".into()), ("size", Dynamic::Int(1))]);
    let said = s.validate_resource("fake_thing", c.clone()).await;
    assert!(!said.has_errors() && said.0[0].at.to_string() == "place", "{said}");
    assert!(plan(&s, &Dynamic::Null, &c).await.diagnostics.has_errors());
    let state = config([
        ("id", "1".into()),
        ("name", "a".into()),
        ("place", "d04mist3".into()),
        ("size", Dynamic::Int(1)),
    ]);
    assert!(plan(&s, &state, &c).await.diagnostics.is_empty(), "the state has it already");
    let unconnected = Server::new(Fake(world)).resource(Thing);
    assert!(plan(&unconnected, &Dynamic::Null, &c).await.diagnostics.is_empty());
}

#[tokio::test]
async fn a_destruction_can_be_refused_while_planning() {
    let (s, _) = provider().await;
    let p = plan(&s, &config([("id", "1".into()), ("name", "protected".into())]), &Dynamic::Null).await;
    assert!(p.diagnostics.has_errors());
}

#[tokio::test]
async fn stop_cancels_and_the_next_run_starts_again() {
    let (s, _) = provider().await;
    let s = Arc::new(s);
    let other = s.clone();
    let stop = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(20)).await;
        other.stop();
    });
    let a = apply(&s, Dynamic::Null, config([("name", "wait".into())])).await;
    stop.await.unwrap();
    assert!(a.diagnostics.has_errors());
    assert_eq!(a.value.get("id"), &"1".into());
    s.configure("1.11.4", map([("url", Dynamic::Null)])).await;
    let again = apply(&s, Dynamic::Null, config([("name", "a".into())])).await;
    assert!(again.diagnostics.is_empty());
}

#[tokio::test]
async fn timeouts_come_from_the_block() {
    let (s, world) = provider().await;
    let times = map([
        ("create", "1h30m".into()),
        ("read", Dynamic::Null),
        ("update", Dynamic::Null),
        ("delete", Dynamic::Null),
    ]);
    let made = apply(&s, Dynamic::Null, config([("name", "a".into()), ("timeouts", times.clone())])).await;
    assert!(made.diagnostics.is_empty(), "{}", made.diagnostics);
    assert_eq!(made.value.get("timeouts"), &times);
    assert!(world.log.lock().unwrap()[0].starts_with("create in 5400s"));
}

#[tokio::test]
async fn states_of_other_versions_types_and_providers_are_read() {
    let (s, _) = provider().await;
    let old = s
        .upgrade_resource_state("fake_thing", 1, br#"{"id":"1","title":"a","size":"4","removed":true}"#)
        .await;
    assert_eq!(old.value.get("name"), &"a".into());
    assert_eq!(old.value.get("size"), &Dynamic::Int(4));
    let same = s.upgrade_resource_state("fake_thing", 2, br#"{"id":"1","name":"a"}"#).await;
    assert_eq!(same.value.get("name"), &"a".into());
    let move_ = |ty: &str, json: &[u8]| MoveRequest {
        source_provider: "registry.example.com/acme/vsphere".into(),
        source_type: ty.into(),
        source_version: 2,
        source_json: json.to_vec(),
        source_private: b"{}".to_vec(),
        target_type: "fake_thing".into(),
    };
    let moved = s.move_resource(move_("other_thing", br#"{"key":"7","label":"x"}"#)).await;
    assert_eq!((moved.value.get("id"), moved.value.get("name")), (&"7".into(), &"x".into()));
    let kept = s.move_resource(move_("fake_thing", br#"{"id":"8","name":"y"}"#)).await;
    assert_eq!(kept.value.get("id"), &"8".into());
    assert_eq!(kept.private, b"{}", "what was kept beside it goes with it");
    assert!(moved.private.is_empty());
    assert!(s.move_resource(move_("strange", b"{}")).await.diagnostics.has_errors());
    assert!(s.upgrade_resource_state("fake_thing", 2, b"{").await.diagnostics.has_errors());
}

#[tokio::test]
async fn unstored_attributes_are_not_a_change_after_import() {
    let (s, world) = provider().await;
    let thing = ThingModel { id: "5".into(), name: "a".into(), size: 1.into(), ..ThingModel::default() };
    world.things.lock().unwrap().insert("5".into(), thing);
    let (found, _) = s.import_resource("fake_thing", "5").await;
    let read = s.read_resource("fake_thing", found[0].state.clone(), found[0].private.clone()).await;
    // The state and what is kept beside it survive any number of reads.
    let read = s.read_resource("fake_thing", read.value, read.private).await;
    let plan = |config: &Dynamic, private: &[u8]| {
        let (prior, config) = (read.value.clone(), config.clone());
        let (type_name, private) = ("fake_thing".to_owned(), private.to_vec());
        s.plan_resource(PlanRequest { type_name, prior, proposed: config.clone(), config, private })
    };
    let text = |v: &str| Dynamic::from(v);
    let times = |create: Dynamic, delete: Dynamic| {
        let null = Dynamic::Null;
        map([("create", create), ("read", null.clone()), ("update", null), ("delete", delete)])
    };
    let config_of = |size: i64, times: Dynamic| {
        config([("name", "a".into()), ("size", Dynamic::Int(size)), ("timeouts", times)])
    };

    let words = config_of(1, times(text("9m"), Dynamic::Null));
    let rests = plan(&words, &read.private).await;
    assert!(rests.planned == read.value && rests.legacy_type_system, "{}", rests.diagnostics);
    // Where nothing was imported it is a change like any other.
    let made = plan(&words, b"null").await;
    assert!(made.planned.get("timeouts").get("create") == &text("9m") && !made.legacy_type_system);

    // What a destruction needs has to be in the state, and then all is.
    let deletion = plan(&config_of(1, times(text("9m"), text("1h"))), &read.private).await;
    assert_eq!(deletion.planned.get("timeouts"), &times(text("9m"), text("1h")));
    assert!(!deletion.legacy_type_system && deletion.diagnostics.is_empty());

    // A change takes the words along, and from then on they are in the state.
    let config = config_of(2, times(text("9m"), Dynamic::Null));
    let change = plan(&config, &read.private).await;
    assert_eq!(change.planned.get("timeouts").get("create"), &text("9m"));
    assert!(!change.legacy_type_system);
    let (prior, planned, private) = (read.value.clone(), change.planned, change.private);
    let type_name = "fake_thing".to_owned();
    let applied = s.apply_resource(ApplyRequest { type_name, prior, planned, config, private }).await;
    assert!(applied.diagnostics.is_empty(), "{}", applied.diagnostics);
    assert!(!String::from_utf8(applied.private).unwrap().contains("unsaid"));
}

#[tokio::test]
async fn an_import_takes_everything_as_it_is() {
    let (s, world) = provider().await;
    let thing = ThingModel { id: "5".into(), name: "a".into(), size: 0.into(), ..ThingModel::default() };
    world.things.lock().unwrap().insert("5".into(), thing);
    let (found, diagnostics) = s.import_resource("fake_thing", "5").await;
    assert!(diagnostics.is_empty());
    let read = s.read_resource("fake_thing", found[0].state.clone(), found[0].private.clone()).await;
    assert_eq!(read.value.get("size"), &Dynamic::Int(0), "a zero that was read is not null");
}

#[tokio::test]
async fn a_data_source_keeps_the_words_of_the_configuration() {
    let (s, _) = provider().await;
    let a = s.read_data_source("fake_look", map([("name", "a".into()), ("size", Dynamic::Null)])).await;
    assert_eq!((a.value.get("name"), a.value.get("size")), (&"a".into(), &Dynamic::Int(7)));
    assert_eq!(a.diagnostics.0[0].summary, "looked");
}

#[tokio::test]
async fn an_ephemeral_resource_is_opened_renewed_and_closed() {
    let (s, world) = provider().await;
    let o = s.open_ephemeral("fake_token", map([("token", Dynamic::Null)])).await;
    assert_eq!((o.result.get("token"), o.renew_at), (&"t".into(), Some(60)));
    assert_eq!(s.renew_ephemeral("fake_token", o.private.clone()).await.renew_at, Some(101));
    assert!(s.close_ephemeral("fake_token", o.private).await.is_empty());
    assert_eq!(*world.log.lock().unwrap(), ["closed {\"n\":1}"]);
}

#[tokio::test]
async fn without_a_connection_plans_go_on_and_reads_say_why_not() {
    let world = Arc::new(World::default());
    let s = Server::new(Fake(world)).resource(Thing).data_source(Look);
    assert!(s.configure("1.11.4", map([("url", Dynamic::Unknown)])).await.is_empty());
    assert!(plan(&s, &Dynamic::Null, &config([("name", "a".into())])).await.diagnostics.is_empty());
    let a = s.read_data_source("fake_look", Dynamic::Map(Object::new())).await;
    assert_eq!(a.diagnostics.0[0].summary, "The provider is not configured yet");
    let reported = s.configure("1.11.4", map([("url", "wrong".into())])).await;
    assert_eq!(reported.0[0].at.to_string(), "url");
}

#[tokio::test]
async fn provider_is_notified_of_the_end() {
    let (s, world) = provider().await;
    s.shutdown().await;
    assert_eq!(*world.log.lock().unwrap(), ["shutdown"]);
}
