//! `vsphere_alarm`
pub mod data_source;
use crate::common::adopt::create_or_adopt_named;
use crate::common::{entity, lookup};
use crate::fault::{Doing, or_absent};
use crate::vsphere::Vsphere;
use tf_framework::{
    AttributePath, Cx, Diagnostics, Dynamic, Field, Model, Plan, PlanCx, Resource, Result, Value,
};
use vsphere_client::alarm::{
    Action, Alarm as Definition, Comparison as Compared, Condition, Effect, Email, EventCondition, Found,
    MetricCondition, StateCondition,
};
use vsphere_client::{FaultKind, MoRef};

/// Manages an alarm, which consists of conditions and of the actions that vCenter performs when the alarm status
/// changes.
///
/// An alarm is defined on an entity, and monitors that entity and the objects below it that have the object type of a
/// condition. Conditions and actions that the arguments cannot express, such as nested conditions, are kept when the
/// alarm is updated. The system name of a predefined alarm, the arguments of its actions and its reporting frequency
/// are also kept.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_alarm", category = "Inventory", version = 1)]
pub struct AlarmModel {
    /// The managed object ID of the alarm, such as `alarm-42`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name of the alarm, which must be unique in vCenter. Changing this renames the alarm.
    #[tf(required)]
    pub name: Value<String>,
    /// The description of the alarm.
    #[tf(required)]
    pub description: Value<String>,
    /// Whether to enable the alarm.
    #[tf(optional, default = true)]
    pub enabled: Value<bool>,
    /// The managed object ID of the entity on which to define the alarm, such as `datacenter-3`.
    #[tf(required, force_new, form = entity::id)]
    pub entity_id: Value<String>,
    /// The managed object type of the entity, such as `Datacenter` or `Folder`.
    #[tf(required, force_new, check = not_blank, same = same_type)]
    pub entity_type: Value<String>,
    /// The logical operator that combines the conditions: `or` (at least one condition must be met) or `and` (all
    /// conditions must be met).
    #[tf(optional, default = OR, one_of("or", "and"))]
    pub expression_operator: Value<String>,
    /// A condition that is met when an event occurs.
    #[tf(block)]
    pub event_expression: Value<Vec<EventExpression>>,
    /// A condition that compares a property of an object with a value.
    #[tf(block)]
    pub state_expression: Value<Vec<StateExpression>>,
    /// A condition that compares a performance metric of an object with a threshold.
    #[tf(block)]
    pub metric_expression: Value<Vec<MetricExpression>>,
    /// An SNMP trap to send when the alarm status changes.
    #[tf(block)]
    pub snmp_action: Value<Vec<Transition>>,
    /// An email to send when the alarm status changes.
    #[tf(block)]
    pub email_action: Value<Vec<EmailAction>>,
    /// A vSphere API method to call on the object when the alarm status changes.
    #[tf(block)]
    pub advanced_action: Value<Vec<AdvancedAction>>,
    /// A script to run on the vCenter server when the alarm status changes. Requires the `Global.ScriptAction`
    /// privilege.
    #[tf(block)]
    pub script_action: Value<Vec<ScriptAction>>,
}

/// A condition that is met when an event occurs.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct EventExpression {
    /// The event type, such as `EventEx` or `VmPoweredOffEvent`.
    #[tf(optional, default = EVENT, same = same_type)]
    pub event_type: Value<String>,
    /// The event type ID, such as `esx.problem.net.connectivity.lost` or `vim.event.VmPoweredOffEvent`. If empty, all
    /// events of type `event_type` match.
    #[tf(required)]
    pub event_type_id: Value<String>,
    /// The managed object type to which the event applies, such as `HostSystem`.
    #[tf(required, same = same_type)]
    pub object_type: Value<String>,
    /// The alarm status after the event: `red`, `yellow`, `green` or `gray`. If empty, the event does not change the
    /// alarm status.
    #[tf(required, one_of("red", "yellow", "green", "gray", ""))]
    pub status: Value<String>,
    /// A comparison of an event attribute with a value, which restricts the events that match.
    #[tf(block)]
    pub comparison: Value<Vec<Comparison>>,
}

/// A comparison of an event attribute with a value.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct Comparison {
    /// The name of the event attribute.
    #[tf(required)]
    pub attribute_name: Value<String>,
    /// The comparison operator: `equals`, `notEqualTo`, `startsWith`, `doesNotStartWith`, `endsWith` or
    /// `doesNotEndWith`.
    #[tf(
        required,
        one_of("equals", "notEqualTo", "startsWith", "doesNotStartWith", "endsWith", "doesNotEndWith")
    )]
    pub operator: Value<String>,
    /// The value to compare the event attribute with.
    #[tf(required)]
    pub value: Value<String>,
}

/// A condition that compares a property of an object with a value.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct StateExpression {
    /// The comparison operator: `isEqual` or `isUnequal`.
    #[tf(required, one_of("isEqual", "isUnequal"))]
    pub operator: Value<String>,
    /// The managed object type, such as `HostSystem`.
    #[tf(required)]
    pub object_type: Value<String>,
    /// The path of the property, such as `runtime.connectionState`.
    #[tf(required)]
    pub state_path: Value<String>,
    /// The property value to compare with for the status yellow, such as `disconnected`.
    #[tf(optional)]
    pub yellow: Value<String>,
    /// The property value to compare with for the status red, such as `notResponding`.
    #[tf(optional)]
    pub red: Value<String>,
}

/// A condition that compares a performance metric of an object with a threshold.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct MetricExpression {
    /// The comparison operator: `isAbove` or `isBelow`.
    #[tf(required, one_of("isAbove", "isBelow"))]
    pub operator: Value<String>,
    /// The managed object type, such as `HostSystem`.
    #[tf(required)]
    pub object_type: Value<String>,
    /// The ID of the performance counter, such as `2` for CPU usage.
    #[tf(required, range(MIN, MAX))]
    pub metric_counter_id: Value<i64>,
    /// The instance of the performance counter, such as a device. If omitted, the aggregate of all instances is used.
    #[tf(optional)]
    pub metric_instance: Value<String>,
    /// The threshold for the status yellow, in the unit of the performance counter. Percentages are in hundredths of a
    /// percent: `9500` is 95%. `0` has the same effect as omitting the argument.
    #[tf(optional, range(0, MAX))]
    pub yellow: Value<i64>,
    /// The threshold for the status red, in the unit of the performance counter. Percentages are in hundredths of a
    /// percent: `9500` is 95%. `0` has the same effect as omitting the argument.
    #[tf(optional, range(0, MAX))]
    pub red: Value<i64>,
    /// The number of seconds for which the metric must be beyond the `yellow` threshold before the status changes to
    /// yellow.
    #[tf(optional, range(0, MAX))]
    pub yellow_interval: Value<i64>,
    /// The number of seconds for which the metric must be beyond the `red` threshold before the status changes to red.
    #[tf(optional, range(0, MAX))]
    pub red_interval: Value<i64>,
}

/// The transition of the alarm status that an action follows: all that there is of an SNMP trap.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct Transition {
    /// The alarm status before the transition: `red`, `yellow`, `green` or `gray`.
    #[tf(required, one_of_in = STATUSES)]
    pub start_state: Value<String>,
    /// The alarm status after the transition: `red`, `yellow`, `green` or `gray`.
    #[tf(required, one_of_in = STATUSES)]
    pub final_state: Value<String>,
    /// Whether to repeat the action while the alarm remains in the `final_state` status.
    #[tf(optional, default = false)]
    pub repeat: Value<bool>,
}

/// An email to send when the alarm status changes.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct EmailAction {
    #[tf(flatten)]
    #[allow(missing_docs, reason = "its attributes are documented where they are defined")]
    pub transition: Transition,
    /// The email addresses of the recipients, separated by commas.
    #[tf(optional)]
    pub to: Value<String>,
    /// The email addresses of the CC recipients, separated by commas.
    #[tf(optional)]
    pub cc: Value<String>,
    /// The subject of the email.
    #[tf(optional)]
    pub subject: Value<String>,
    /// The text of the email. vCenter adds the details of the alarm.
    #[tf(optional)]
    pub body: Value<String>,
}

/// A vSphere API method to call on the object when the alarm status changes.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct AdvancedAction {
    #[tf(flatten)]
    #[allow(missing_docs, reason = "its attributes are documented where they are defined")]
    pub transition: Transition,
    /// The name of the method: `EnterMaintenanceMode_Task`, `ExitMaintenanceMode_Task`, `PowerDownHostToStandBy_Task`,
    /// `PowerUpHostFromStandBy_Task`, `RebootHost_Task` or `ShutdownHost_Task`. Any other method is called without
    /// arguments, unless the alarm already contains arguments for it.
    #[tf(
        optional,
        expected(
            "EnterMaintenanceMode_Task",
            "ExitMaintenanceMode_Task",
            "PowerDownHostToStandBy_Task",
            "PowerUpHostFromStandBy_Task",
            "RebootHost_Task",
            "ShutdownHost_Task"
        )
    )]
    pub name: Value<String>,
}

/// A script to run on the vCenter server when the alarm status changes.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct ScriptAction {
    #[tf(flatten)]
    #[allow(missing_docs, reason = "its attributes are documented where they are defined")]
    pub transition: Transition,
    /// The command to run: the path of the script on the vCenter server, and its arguments.
    #[tf(required)]
    pub script: Value<String>,
}

/// The resource.
#[derive(Debug, Default)]
pub struct Alarm;

type M = AlarmModel;

const ALARM: &str = "Alarm";
const EVENT: &str = "Event";
const OR: &str = "or";
const STATUSES: &[&str] = &["red", "yellow", "green", "gray"];
/// What an `int` of the API can be.
const MIN: i64 = i32::MIN as i64;
const MAX: i64 = i32::MAX as i64;

fn not_blank(v: &Dynamic) -> std::result::Result<(), String> {
    match v.as_str().unwrap_or_default().trim() {
        "" => Err("It is empty. Expected a type of managed object, such as \"Datacenter\".".to_owned()),
        _ => Ok(()),
    }
}

/// Two spellings of one type: `HostSystem`, `hostSystem` and `vim.HostSystem`.
fn same_type(a: &Dynamic, b: &Dynamic) -> bool {
    matches!((a, b), (Dynamic::String(a), Dynamic::String(b)) if type_name(a) == type_name(b))
}

/// The name of a type in the API: without a namespace, and with a capital letter at the beginning.
fn type_name(text: &str) -> String {
    let plain = text.strip_prefix("vim.event.").or_else(|| text.strip_prefix("vim."));
    crate::fault::capital(plain.unwrap_or(text))
}

/// A number of the API; 0 is not set.
fn number(value: &Value<i64>) -> Option<i32> {
    i32::try_from(value.get()).ok().filter(|n| *n != 0)
}

/// A text of the API; an empty one is not set.
fn text(value: &str) -> Value<String> {
    if value.is_empty() { Value::Null } else { value.into() }
}

impl Transition {
    fn action(&self, effect: Effect) -> Action {
        let (from, to) = (self.start_state.get(), self.final_state.get());
        Action { from, to, repeats: self.repeat.get(), effect }
    }
}

impl From<&EventExpression> for Condition {
    fn from(e: &EventExpression) -> Self {
        let compared = |c: Comparison| Compared {
            attribute: c.attribute_name.get(),
            operator: c.operator.get(),
            value: c.value.get(),
        };
        Condition::Event(EventCondition {
            event_type: type_name(e.event_type.as_str()),
            event_type_id: e.event_type_id.get(),
            object_type: type_name(e.object_type.as_str()),
            status: e.status.get(),
            comparisons: e.comparison.get().into_iter().map(compared).collect(),
        })
    }
}

impl From<&EventCondition> for EventExpression {
    fn from(e: &EventCondition) -> Self {
        let compared = |c: &Compared| Comparison {
            attribute_name: c.attribute.clone().into(),
            operator: c.operator.clone().into(),
            value: c.value.clone().into(),
        };
        Self {
            event_type: e.event_type.clone().into(),
            event_type_id: e.event_type_id.clone().into(),
            object_type: e.object_type.clone().into(),
            status: e.status.clone().into(),
            comparison: e.comparisons.iter().map(compared).collect::<Vec<_>>().into(),
        }
    }
}

impl From<&StateExpression> for Condition {
    fn from(s: &StateExpression) -> Self {
        Condition::State(StateCondition {
            operator: s.operator.get(),
            object_type: s.object_type.get(),
            path: s.state_path.get(),
            yellow: s.yellow.get(),
            red: s.red.get(),
        })
    }
}

impl From<&StateCondition> for StateExpression {
    fn from(s: &StateCondition) -> Self {
        Self {
            operator: s.operator.clone().into(),
            object_type: s.object_type.clone().into(),
            state_path: s.path.clone().into(),
            yellow: text(&s.yellow),
            red: text(&s.red),
        }
    }
}

impl From<&MetricExpression> for Condition {
    fn from(m: &MetricExpression) -> Self {
        Condition::Metric(MetricCondition {
            operator: m.operator.get(),
            object_type: m.object_type.get(),
            counter: i32::try_from(m.metric_counter_id.get()).unwrap_or_default(),
            instance: m.metric_instance.get(),
            yellow: number(&m.yellow),
            yellow_interval: number(&m.yellow_interval),
            red: number(&m.red),
            red_interval: number(&m.red_interval),
        })
    }
}

impl From<&MetricCondition> for MetricExpression {
    fn from(m: &MetricCondition) -> Self {
        let number = |n: Option<i32>| n.map(i64::from).into();
        Self {
            operator: m.operator.clone().into(),
            object_type: m.object_type.clone().into(),
            metric_counter_id: i64::from(m.counter).into(),
            metric_instance: text(&m.instance),
            yellow: number(m.yellow),
            red: number(m.red),
            yellow_interval: number(m.yellow_interval),
            red_interval: number(m.red_interval),
        }
    }
}

impl M {
    fn object(&self) -> MoRef {
        MoRef::new(ALARM, self.id.as_str())
    }

    fn entity(&self) -> MoRef {
        MoRef::new(type_name(self.entity_type.as_str()), self.entity_id.as_str())
    }

    /// A sentence part.
    fn title(&self) -> String {
        format!("the alarm {:?}", self.name.as_str())
    }

    /// Whether it has a condition, or may have one: unknown blocks count.
    fn has_condition(&self) -> bool {
        fn any<T>(blocks: &Value<Vec<T>>) -> bool {
            blocks.is_unknown() || blocks.known().is_some_and(|b| !b.is_empty())
        }
        any(&self.event_expression) || any(&self.state_expression) || any(&self.metric_expression)
    }

    fn definition(&self) -> Definition {
        let (events, states) = (self.event_expression.get(), self.state_expression.get());
        let metrics = self.metric_expression.get();
        let emails = self.email_action.get().into_iter().map(|a| {
            let email = Effect::Email(Email {
                to: a.to.get(),
                cc: a.cc.get(),
                subject: a.subject.get(),
                body: a.body.get(),
            });
            a.transition.action(email)
        });
        let traps = self.snmp_action.get().into_iter().map(|t| t.action(Effect::Trap));
        let methods = self.advanced_action.get().into_iter();
        let methods = methods.map(|a| a.transition.action(Effect::Method(a.name.get())));
        let scripts = self.script_action.get().into_iter();
        let scripts = scripts.map(|a| a.transition.action(Effect::Script(a.script.get())));
        Definition {
            name: self.name.get(),
            description: self.description.get(),
            enabled: self.enabled.get(),
            all: self.expression_operator.as_str() == "and",
            conditions: (events.iter().map(Condition::from))
                .chain(states.iter().map(Condition::from))
                .chain(metrics.iter().map(Condition::from))
                .collect(),
            actions: emails.chain(traps).chain(methods).chain(scripts).collect(),
        }
    }

    /// With what vCenter has.
    fn observed(self, found: Found) -> Self {
        let Found { entity, alarm } = found;
        let mut seen = Self {
            name: alarm.name.into(),
            description: alarm.description.into(),
            enabled: alarm.enabled.into(),
            expression_operator: if alarm.all { "and".into() } else { OR.into() },
            // The entity of an alarm does not change, and a configuration may have a base type of its type.
            entity_type: match self.entity_type {
                Value::Known(ty) if self.entity_id.as_str() == &*entity.id => ty.into(),
                _ => entity.ty.to_string().into(),
            },
            entity_id: entity.id.to_string().into(),
            id: self.id,
            ..Self::default()
        };
        let (mut events, mut states, mut metrics) = (vec![], vec![], vec![]);
        for condition in &alarm.conditions {
            match condition {
                Condition::Event(e) => events.push(EventExpression::from(e)),
                Condition::State(s) => states.push(StateExpression::from(s)),
                Condition::Metric(m) => metrics.push(MetricExpression::from(m)),
            }
        }
        let (mut emails, mut traps, mut methods, mut scripts) = (vec![], vec![], vec![], vec![]);
        for Action { from, to, repeats, effect } in alarm.actions {
            let transition =
                Transition { start_state: from.into(), final_state: to.into(), repeat: repeats.into() };
            match effect {
                Effect::Email(email) => emails.push(EmailAction {
                    transition,
                    to: text(&email.to),
                    cc: text(&email.cc),
                    subject: text(&email.subject),
                    body: text(&email.body),
                }),
                Effect::Trap => traps.push(transition),
                Effect::Method(name) => {
                    methods.push(AdvancedAction { transition, name: text(&name) });
                }
                Effect::Script(script) => {
                    scripts.push(ScriptAction { transition, script: script.into() });
                }
            }
        }
        seen.event_expression = events.into();
        seen.state_expression = states.into();
        seen.metric_expression = metrics.into();
        seen.email_action = emails.into();
        seen.snmp_action = traps.into();
        seen.advanced_action = methods.into();
        seen.script_action = scripts.into();
        seen
    }
}

/// Warns of conditions that are never met, and of actions that are never carried out.
fn check(config: &M) -> Diagnostics {
    let mut out = Diagnostics::default();
    let unset = |v: &Value<String>| !v.is_unknown() && v.as_str().is_empty();
    let zero = |v: &Value<i64>| !v.is_unknown() && v.get() == 0;
    let mut idle = |block: Field, n: usize| {
        let detail = "The condition has neither `yellow` nor `red`, and is never met. Set one of them.";
        let at = block.index(n).name(StateExpression::YELLOW.0);
        out.merge(Diagnostics::warning(at, "Missing threshold", detail));
    };
    for (n, s) in config.state_expression.get().iter().enumerate() {
        if unset(&s.yellow) && unset(&s.red) {
            idle(M::STATE_EXPRESSION, n);
        }
    }
    for (n, m) in config.metric_expression.get().iter().enumerate() {
        if zero(&m.yellow) && zero(&m.red) {
            idle(M::METRIC_EXPRESSION, n);
        }
    }
    for (n, a) in config.email_action.get().iter().enumerate() {
        if unset(&a.to) && unset(&a.cc) {
            let detail = "The email has neither `to` nor `cc`, and is not sent. Set `to`, such as \"ops@example.com\".";
            let at = M::EMAIL_ACTION.index(n).name(EmailAction::TO.0);
            out.merge(Diagnostics::warning(at, "Missing recipient", detail));
        }
    }
    for (n, a) in config.advanced_action.get().iter().enumerate() {
        if unset(&a.name) {
            let detail = "The action does not have the name of a method, and does nothing. Set `name`, such as \
                          \"EnterMaintenanceMode_Task\".";
            let at = M::ADVANCED_ACTION.index(n).name(AdvancedAction::NAME.0);
            out.merge(Diagnostics::warning(at, "Missing method", detail));
        }
    }
    out
}

fn blame(fault: &FaultKind) -> Option<Field> {
    match fault {
        FaultKind::DuplicateName { .. } | FaultKind::InvalidName { .. } => Some(M::NAME),
        FaultKind::ManagedObjectNotFound { .. } => Some(M::ENTITY_ID),
        _ => None,
    }
}

impl Resource for Alarm {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str = "the managed object ID, such as alarm-42, or by the inventory path of the entity and the name, such \
                                  as /dc1:Host disconnected; the path of the root folder is /";

    fn validate(&self, config: &M) -> Diagnostics {
        check(config)
    }

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        // An imported alarm may have conditions that the configuration cannot express.
        if !planned.has_condition() && cx.prior.is_none_or(M::has_condition) {
            let detail = "An alarm must have a condition. Add a block `event_expression`, `state_expression` or \
                          `metric_expression`.";
            return Err(Diagnostics::error(AttributePath::root(), "Missing condition", detail));
        }
        let Some(vsphere) = cx.client else { return Ok(()) };
        let is_known = planned.entity_id.known().is_some() && planned.entity_type.known().is_some();
        if is_known && (cx.prior.is_none() || cx.is_replacement()) {
            return lookup::exists(vsphere, &planned.entity(), M::ENTITY_ID).await;
        }
        Ok(())
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        let api = &cx.client().api;
        let (entity, definition) = (plan.entity(), plan.definition());
        let look = || async {
            let all = api.alarms().of(&entity).await?;
            Ok(all.into_iter().find(|(_, name)| *name == definition.name).map(|(alarm, _)| alarm))
        };
        let make = async { api.alarms().create(&entity, &definition).await };
        let made = create_or_adopt_named(cx, &plan.title(), look, make).await;
        let made = made.doing_to(format!("create {} on {entity}", plan.title()), blame)?;
        Ok(M { id: made.id.to_string().into(), ..plan })
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        match cx.client().api.alarms().get(&state.object()).await {
            Err(e) if e.is_not_found() => Ok(None),
            found => Ok(Some(found.doing(format!("read {}", state.title())).map(|f| state.observed(f))?)),
        }
    }

    async fn update(&self, cx: &Cx<'_, Self>, prior: M, plan: M) -> Result<M> {
        let done = cx.client().api.alarms().reconfigure(&plan.object(), &plan.definition()).await;
        let kept = done.doing_to(format!("change {}", prior.title()), blame)?;
        if !kept.is_empty() {
            let detail = format!(
                "The alarm has conditions or actions that `vsphere_alarm` cannot express: {}. They apply as before, in \
                 addition to those of the configuration.",
                kept.join(", ")
            );
            cx.warn(AttributePath::root(), "Conditions and actions are kept", detail);
        }
        Ok(plan)
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        let done = cx.client().api.alarms().remove(&state.object()).await;
        or_absent(done).doing(format!("delete {}", state.title()))
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let vsphere = cx.client();
        let object = if id.starts_with('/') {
            by_path(vsphere, id).await?
        } else {
            let object = MoRef::new(ALARM, id.strip_prefix("Alarm:").unwrap_or(id));
            match vsphere.api.alarms().name(&object).await {
                Err(e) if e.is_not_found() => {
                    let detail = "vCenter does not have an alarm of this managed object ID, or the user lacks `System.View` \
                                  on its entity.";
                    let summary = format!("Alarm {id:?} not found");
                    return Err(Diagnostics::error(AttributePath::root(), summary, detail));
                }
                name => name.doing(format!("read the alarm {id:?}"))?,
            };
            object
        };
        Ok(M { id: object.id.to_string().into(), ..M::default() })
    }
}

/// The alarm of an entity's inventory path and a name, joined by a colon. Both may have colons.
async fn by_path(vsphere: &Vsphere, id: &str) -> Result<MoRef> {
    for (at, _) in id.match_indices(':') {
        let (path, name) = (&id[..at], &id[at + 1..]);
        if let Some(entity) = lookup::at_path(vsphere, path).await? {
            return named(vsphere, &entity, name, AttributePath::root()).await;
        }
    }
    let summary = format!("Invalid import ID {id:?}");
    let detail = match id.split_once(':') {
        Some((path, _)) => lookup::missing_part(vsphere, path).await,
        None => "It does not consist of an inventory path and a name, joined by a colon.".to_owned(),
    };
    Err(Diagnostics::error(AttributePath::root(), summary, detail.trim_end()))
}

/// The alarm of a name that is defined on an entity.
///
/// # Errors
/// There is none, or the alarms cannot be read.
async fn named(vsphere: &Vsphere, entity: &MoRef, name: &str, at: impl Into<AttributePath>) -> Result<MoRef> {
    let all = vsphere.api.alarms().of(entity).await;
    let all = all.doing_to(format!("list the alarms of {entity}"), blame)?;
    if let Some((alarm, _)) = all.iter().find(|(_, n)| n == name) {
        return Ok(alarm.clone());
    }
    let existing = match all.len() {
        0 => "No alarm is defined on it.".to_owned(),
        _ => {
            let names = all.into_iter().map(|(_, name)| name).collect();
            format!("The alarms on it: {}", crate::nearest::listed(names, name))
        }
    };
    let detail = format!(
        "{entity} does not have an alarm of this name. {existing} vCenter defines its own alarms on the root folder."
    );
    Err(Diagnostics::error(at, format!("Alarm {name:?} not found"), detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked() -> M {
        let event = EventExpression {
            event_type: EVENT.into(),
            event_type_id: "esx.problem.net.connectivity.lost".into(),
            object_type: "HostSystem".into(),
            status: "red".into(),
            comparison: vec![Comparison {
                attribute_name: "name".into(),
                operator: "equals".into(),
                value: "x".into(),
            }]
            .into(),
        };
        let state = StateExpression {
            operator: "isEqual".into(),
            object_type: "HostSystem".into(),
            state_path: "runtime.connectionState".into(),
            yellow: "disconnected".into(),
            red: Value::Null,
        };
        let metric = MetricExpression {
            operator: "isAbove".into(),
            object_type: "HostSystem".into(),
            metric_counter_id: 2.into(),
            red: 9500.into(),
            red_interval: 300.into(),
            ..MetricExpression::default()
        };
        let transition = |repeat: bool| Transition {
            start_state: "green".into(),
            final_state: "red".into(),
            repeat: repeat.into(),
        };
        M {
            id: "alarm-42".into(),
            name: "a".into(),
            description: "b".into(),
            enabled: false.into(),
            entity_id: "datacenter-3".into(),
            entity_type: "Datacenter".into(),
            expression_operator: "and".into(),
            event_expression: vec![event].into(),
            state_expression: vec![state].into(),
            metric_expression: vec![metric].into(),
            snmp_action: vec![transition(true)].into(),
            email_action: vec![EmailAction {
                transition: transition(false),
                to: "a@example.com".into(),
                ..EmailAction::default()
            }]
            .into(),
            advanced_action: vec![AdvancedAction {
                transition: transition(false),
                name: "EnterMaintenanceMode_Task".into(),
            }]
            .into(),
            script_action: vec![ScriptAction { transition: transition(false), script: "/opt/run.sh".into() }]
                .into(),
        }
    }

    #[test]
    fn alarm_is_read_as_it_was_written() {
        let asked = asked();
        let found = Found { entity: asked.entity(), alarm: asked.definition() };
        let bare = M { id: asked.id.clone(), ..M::default() };
        assert_eq!(bare.observed(found), asked);
    }

    #[test]
    fn spelling_of_the_entity_type_is_kept() {
        let asked = M { entity_type: "datacenter".into(), ..asked() };
        let found = Found { entity: asked.entity(), alarm: asked.definition() };
        assert_eq!(asked.entity().to_string(), "Datacenter:datacenter-3");
        assert_eq!(asked.clone().observed(found).entity_type, asked.entity_type);
    }

    #[test]
    fn types_have_several_spellings() {
        for (a, b, same) in [
            ("HostSystem", "hostSystem", true),
            ("vim.HostSystem", "HostSystem", true),
            ("vim.event.EventEx", "EventEx", true),
            ("HostSystem", "Hostsystem", false),
        ] {
            assert_eq!(same_type(&a.into(), &b.into()), same, "{a} {b}");
        }
    }

    #[test]
    fn zero_is_not_a_threshold() {
        let metric = MetricExpression { yellow: 0.into(), red: 10.into(), ..MetricExpression::default() };
        let Condition::Metric(m) = Condition::from(&metric) else { panic!("not a metric") };
        assert_eq!((m.yellow, m.red, m.yellow_interval), (None, Some(10), None));
    }

    #[test]
    fn idle_parts_are_warnings() {
        assert!(check(&asked()).is_empty());
        let idle = M {
            state_expression: vec![StateExpression::default()].into(),
            metric_expression: vec![MetricExpression { red: Value::Unknown, ..MetricExpression::default() }]
                .into(),
            email_action: vec![EmailAction::default()].into(),
            advanced_action: vec![AdvancedAction::default()].into(),
            ..M::default()
        };
        let found = check(&idle);
        assert_eq!((found.0.len(), found.has_errors()), (3, false), "{found}");
        assert!(idle.has_condition() && !M::default().has_condition());
    }
}
