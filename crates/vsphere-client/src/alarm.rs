//! `AlarmManager`: alarms, which are defined on an entity and apply to it and to what is below it.
//!
//! An alarm has parts that [`Alarm`] cannot express: conditions inside of conditions, and actions of further types. A
//! change of an alarm keeps them, and also its system name and settings.

use std::mem::discriminant;

use vim_types::methods::{CreateAlarm, GetAlarm, ReconfigureAlarm, RemoveAlarm};
use vim_types::types::{
    ActionKind, AlarmActionKind, AlarmExpressionKind, AlarmInfo, AlarmSetting, AlarmSpec,
    AlarmTriggeringAction, AlarmTriggeringActionTransitionSpec, AndAlarmExpression, EventAlarmExpression,
    EventAlarmExpressionComparison, GroupAlarmAction, MethodAction, MethodActionArgument,
    MetricAlarmExpression, OrAlarmExpression, PerfMetricId, RunScriptAction, SendEmailAction, SendSNMPAction,
    StateAlarmExpression,
};
use vim_types::xml::{Any, MoRef};

use crate::client::Client;
use crate::error::Result;

crate::properties! {
    struct Whole of "Alarm" {
        info: AlarmInfo = "info",
    }
}

crate::properties! {
    struct Named of "Alarm" {
        name: String = "info.name",
    }
}

/// What an alarm is triggered by, and what it does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alarm {
    /// The name, which is unique in a vCenter.
    pub name: String,
    /// The description.
    pub description: String,
    /// Whether it is enabled.
    pub enabled: bool,
    /// Whether all conditions must be met; otherwise one of them.
    pub all: bool,
    /// The conditions.
    pub conditions: Vec<Condition>,
    /// The actions, one for each transition.
    pub actions: Vec<Action>,
}

/// A condition of an alarm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// An event has occurred.
    Event(EventCondition),
    /// A property has a value.
    State(StateCondition),
    /// A metric is beyond a threshold.
    Metric(MetricCondition),
}

/// A condition: an event has occurred.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventCondition {
    /// The type of the event, such as `EventEx`.
    pub event_type: String,
    /// The ID of the event, such as `esx.problem.net.connectivity.lost`; may be empty.
    pub event_type_id: String,
    /// The type of the object of the event; may be empty.
    pub object_type: String,
    /// The status of the alarm after the event; may be empty.
    pub status: String,
    /// What the attributes of the event must be.
    pub comparisons: Vec<Comparison>,
}

/// What an attribute of an event must be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// The name of the attribute.
    pub attribute: String,
    /// The operator, such as `equals`.
    pub operator: String,
    /// What it is compared with.
    pub value: String,
}

/// A condition: a property has a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StateCondition {
    /// `isEqual` or `isUnequal`.
    pub operator: String,
    /// The type of the objects.
    pub object_type: String,
    /// The path of the property.
    pub path: String,
    /// The value for the status yellow; may be empty.
    pub yellow: String,
    /// The value for the status red; may be empty.
    pub red: String,
}

/// A condition: a metric is beyond a threshold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MetricCondition {
    /// `isAbove` or `isBelow`.
    pub operator: String,
    /// The type of the objects.
    pub object_type: String,
    /// The ID of the performance counter.
    pub counter: i32,
    /// The instance of the counter; empty for the aggregate.
    pub instance: String,
    /// The threshold for the status yellow.
    pub yellow: Option<i32>,
    /// The number of seconds beyond it before the status changes.
    pub yellow_interval: Option<i32>,
    /// The threshold for the status red.
    pub red: Option<i32>,
    /// The number of seconds beyond it before the status changes.
    pub red_interval: Option<i32>,
}

/// What an alarm does when its status changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// The status before: `green`, `yellow`, `red` or `gray`.
    pub from: String,
    /// The status after.
    pub to: String,
    /// Whether it is repeated while the status stays.
    pub repeats: bool,
    /// What it does.
    pub effect: Effect,
}

/// What an action does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Sends an email.
    Email(Email),
    /// Sends an SNMP trap.
    Trap,
    /// Calls a method of the object, such as `EnterMaintenanceMode_Task`.
    Method(String),
    /// Runs a script on the vCenter.
    Script(String),
}

/// An email.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Email {
    /// The recipients.
    pub to: String,
    /// The recipients of a copy.
    pub cc: String,
    /// The subject.
    pub subject: String,
    /// The text.
    pub body: String,
}

/// An existing alarm.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The entity that it is defined on.
    pub entity: MoRef,
    /// What it is.
    pub alarm: Alarm,
}

/// Alarms; from [`Client::alarms`].
pub struct Alarms<'a> {
    client: &'a Client,
}

impl Client {
    /// Alarms.
    pub fn alarms(&self) -> Alarms<'_> {
        Alarms { client: self }
    }
}

impl Alarms<'_> {
    fn this(&self) -> Result<MoRef> {
        self.client.manager(&self.client.service_content().alarm_manager, "AlarmManager")
    }

    /// The alarms that are defined on an entity itself, with their names.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn of(&self, entity: &MoRef) -> Result<Vec<(MoRef, String)>> {
        let request = GetAlarm { this: self.this()?, entity: Some(entity.clone()) };
        let all = self.client.call(&request).await?;
        let names = all.iter().map(|alarm| self.name(alarm));
        let names = futures_util::future::join_all(names).await;
        let mut named = vec![];
        for (alarm, name) in all.into_iter().zip(names) {
            match name {
                // Another client has removed it in the meantime.
                Err(e) if e.is_not_found() => {}
                name => named.push((alarm, name?)),
            }
        }
        Ok(named)
    }

    /// The name of an alarm.
    ///
    /// # Errors
    /// `ManagedObjectNotFound`, and those of any call.
    pub async fn name(&self, alarm: &MoRef) -> Result<String> {
        Ok(self.client.properties().get::<Named>(alarm).await?.name)
    }

    /// An alarm.
    ///
    /// # Errors
    /// `ManagedObjectNotFound`, and those of any call.
    pub async fn get(&self, alarm: &MoRef) -> Result<Found> {
        let info = self.info(alarm).await?;
        Ok(Found { entity: info.entity.clone(), alarm: shown(&info) })
    }

    async fn info(&self, alarm: &MoRef) -> Result<AlarmInfo> {
        Ok(self.client.properties().get::<Whole>(alarm).await?.info)
    }

    /// Defines an alarm on an entity. Needs `Alarm.Create` on it.
    ///
    /// # Errors
    /// `DuplicateName`, `InvalidName`, and those of any call.
    pub async fn create(&self, entity: &MoRef, alarm: &Alarm) -> Result<MoRef> {
        let spec = spec(alarm, None).into();
        self.client.call(&CreateAlarm { this: self.this()?, entity: entity.clone(), spec }).await
    }

    /// Changes an alarm, and keeps what [`Alarm`] cannot express. Returns the types of these conditions and actions.
    /// Needs `Alarm.Edit` on its entity.
    ///
    /// # Errors
    /// `DuplicateName`, `InvalidName`, and those of any call.
    pub async fn reconfigure(&self, object: &MoRef, alarm: &Alarm) -> Result<Vec<String>> {
        let now = self.info(object).await?.base;
        let kept = not_shown(&now);
        let spec = spec(alarm, Some(now)).into();
        self.client.call(&ReconfigureAlarm { this: object.clone(), spec }).await?;
        Ok(kept)
    }

    /// Removes an alarm. Needs `Alarm.Delete` on its entity.
    ///
    /// # Errors
    /// `ManagedObjectNotFound`, and those of any call.
    pub async fn remove(&self, alarm: &MoRef) -> Result<()> {
        self.client.call(&RemoveAlarm { this: alarm.clone() }).await
    }
}

/// What is shown of an alarm.
fn shown(spec: &AlarmSpec) -> Alarm {
    let (all, expressions) = expressions(&spec.expression);
    let actions = actions(spec.action.as_deref());
    Alarm {
        name: spec.name.clone(),
        description: spec.description.clone(),
        enabled: spec.enabled,
        all,
        conditions: expressions.iter().filter_map(condition).collect(),
        actions: actions.iter().filter_map(by_transition).flatten().collect(),
    }
}

/// The types of the conditions and actions that are not shown.
fn not_shown(spec: &AlarmSpec) -> Vec<String> {
    let (_, expressions) = expressions(&spec.expression);
    let hidden = expressions.iter().filter(|e| condition(e).is_none()).map(|e| match e {
        AlarmExpressionKind::AndAlarmExpression(_) => "AndAlarmExpression".to_owned(),
        AlarmExpressionKind::OrAlarmExpression(_) => "OrAlarmExpression".to_owned(),
        AlarmExpressionKind::Unknown(tree) => tree.type_name.to_string(),
        _ => "AlarmExpression".to_owned(),
    });
    let actions = actions(spec.action.as_deref());
    let others = actions.iter().filter(|a| by_transition(a).is_none()).map(|a| match a {
        AlarmActionKind::AlarmTriggeringAction(t) => match &t.action {
            ActionKind::Unknown(tree) => tree.type_name.to_string(),
            _ => "AlarmTriggeringAction".to_owned(),
        },
        AlarmActionKind::GroupAlarmAction(_) => "GroupAlarmAction".to_owned(),
        AlarmActionKind::Unknown(tree) => tree.type_name.to_string(),
        _ => "AlarmAction".to_owned(),
    });
    hidden.chain(others).collect()
}

/// The specification of an alarm. What the present one has beyond `wanted` is kept, and so is the present form of what
/// does not change.
fn spec(wanted: &Alarm, now: Option<AlarmSpec>) -> AlarmSpec {
    let is_new = now.is_none();
    let now = now.unwrap_or_default();
    AlarmSpec {
        name: wanted.name.clone(),
        description: wanted.description.clone(),
        enabled: wanted.enabled,
        expression: if is_new {
            expression(wanted, vec![])
        } else {
            changed_expression(wanted, &now.expression)
        },
        action: changed_action(wanted, now.action.as_deref()).map(Box::new),
        // What the vSphere Client sends: reports at most every 5 minutes.
        setting: if is_new {
            Some(Box::new(AlarmSetting { tolerance_range: 0, reporting_frequency: 300 }))
        } else {
            now.setting
        },
        ..now
    }
}

/// The parts of an expression, and whether all of them must be true.
fn expressions(whole: &AlarmExpressionKind) -> (bool, &[AlarmExpressionKind]) {
    match whole {
        AlarmExpressionKind::AndAlarmExpression(and) => (true, &and.expression),
        AlarmExpressionKind::OrAlarmExpression(or) => (false, &or.expression),
        other => (false, std::slice::from_ref(other)),
    }
}

fn changed_expression(wanted: &Alarm, now: &AlarmExpressionKind) -> AlarmExpressionKind {
    let (all, parts) = expressions(now);
    let shown: Vec<Condition> = parts.iter().filter_map(condition).collect();
    if all == wanted.all && by_type(&shown) == by_type(&wanted.conditions) {
        return now.clone();
    }
    expression(wanted, parts.iter().filter(|e| condition(e).is_none()).cloned().collect())
}

/// Conditions in the order of their types; those of one type stay in order.
fn by_type(conditions: &[Condition]) -> Vec<&Condition> {
    let mut sorted: Vec<&Condition> = conditions.iter().collect();
    sorted.sort_by_key(|c| match c {
        Condition::Event(_) => 0,
        Condition::State(_) => 1,
        Condition::Metric(_) => 2,
    });
    sorted
}

fn expression(wanted: &Alarm, others: Vec<AlarmExpressionKind>) -> AlarmExpressionKind {
    let expression: Vec<_> = wanted.conditions.iter().map(part).chain(others).collect();
    if wanted.all {
        AndAlarmExpression { expression, ..Default::default() }.into()
    } else {
        OrAlarmExpression { expression, ..Default::default() }.into()
    }
}

/// A condition, if the expression is one that can be shown.
fn condition(expression: &AlarmExpressionKind) -> Option<Condition> {
    let text = |v: &Option<String>| v.clone().unwrap_or_default();
    Some(match expression {
        AlarmExpressionKind::EventAlarmExpression(e) => Condition::Event(EventCondition {
            event_type: e.event_type.clone(),
            event_type_id: text(&e.event_type_id),
            object_type: text(&e.object_type),
            status: e.status.as_ref().map(|s| s.as_str().to_owned()).unwrap_or_default(),
            comparisons: (e.comparisons.iter())
                .map(|c| Comparison {
                    attribute: c.attribute_name.clone(),
                    operator: c.operator.clone(),
                    value: c.value.clone(),
                })
                .collect(),
        }),
        AlarmExpressionKind::StateAlarmExpression(s) => Condition::State(StateCondition {
            operator: s.operator.as_str().to_owned(),
            object_type: s.r#type.clone(),
            path: s.state_path.clone(),
            yellow: text(&s.yellow),
            red: text(&s.red),
        }),
        AlarmExpressionKind::MetricAlarmExpression(m) => Condition::Metric(MetricCondition {
            operator: m.operator.as_str().to_owned(),
            object_type: m.r#type.clone(),
            counter: m.metric.counter_id,
            instance: m.metric.instance.clone(),
            yellow: m.yellow,
            yellow_interval: m.yellow_interval,
            red: m.red,
            red_interval: m.red_interval,
        }),
        _ => return None,
    })
}

fn part(condition: &Condition) -> AlarmExpressionKind {
    let set = |text: &String| (!text.is_empty()).then(|| text.clone());
    match condition {
        Condition::Event(e) => EventAlarmExpression {
            event_type: e.event_type.clone(),
            event_type_id: set(&e.event_type_id),
            object_type: set(&e.object_type),
            status: set(&e.status).map(|s| s.as_str().into()),
            comparisons: (e.comparisons.iter())
                .map(|c| EventAlarmExpressionComparison {
                    attribute_name: c.attribute.clone(),
                    operator: c.operator.clone(),
                    value: c.value.clone(),
                })
                .collect(),
            ..Default::default()
        }
        .into(),
        Condition::State(s) => StateAlarmExpression {
            operator: s.operator.as_str().into(),
            r#type: s.object_type.clone(),
            state_path: s.path.clone(),
            yellow: set(&s.yellow),
            red: set(&s.red),
            ..Default::default()
        }
        .into(),
        Condition::Metric(m) => MetricAlarmExpression {
            operator: m.operator.as_str().into(),
            r#type: m.object_type.clone(),
            metric: PerfMetricId { counter_id: m.counter, instance: m.instance.clone() },
            yellow: m.yellow,
            yellow_interval: m.yellow_interval,
            red: m.red,
            red_interval: m.red_interval,
            ..Default::default()
        }
        .into(),
    }
}

/// The parts of an action.
fn actions(whole: Option<&AlarmActionKind>) -> &[AlarmActionKind] {
    match whole {
        None => &[],
        Some(AlarmActionKind::GroupAlarmAction(group)) => &group.action,
        Some(other) => std::slice::from_ref(other),
    }
}

/// An action, once for each of its transitions, if it is one that can be shown.
fn by_transition(action: &AlarmActionKind) -> Option<Vec<Action>> {
    let AlarmActionKind::AlarmTriggeringAction(triggered) = action else { return None };
    let effect = match &triggered.action {
        ActionKind::SendEmailAction(mail) => Effect::Email(Email {
            to: mail.to_list.clone(),
            cc: mail.cc_list.clone(),
            subject: mail.subject.clone(),
            body: mail.body.clone(),
        }),
        ActionKind::SendSNMPAction(_) => Effect::Trap,
        ActionKind::MethodAction(method) => Effect::Method(method.name.clone()),
        ActionKind::RunScriptAction(run) => Effect::Script(run.script.clone()),
        _ => return None,
    };
    let specs = triggered.transition_specs.iter().map(|t| Action {
        from: t.start_state.as_str().to_owned(),
        to: t.final_state.as_str().to_owned(),
        repeats: t.repeats,
        effect: effect.clone(),
    });
    let all: Vec<Action> = specs.collect();
    (!all.is_empty()).then_some(all)
}

fn changed_action(wanted: &Alarm, now: Option<&AlarmActionKind>) -> Option<AlarmActionKind> {
    let present = actions(now);
    let (mut list, mut changed) = (vec![], false);
    let kinds = [
        Effect::Email(Email::default()),
        Effect::Trap,
        Effect::Method(String::new()),
        Effect::Script(String::new()),
    ];
    for kind in kinds {
        let is = |a: &Action| discriminant(&a.effect) == discriminant(&kind);
        let of: Vec<_> =
            present.iter().filter(|a| by_transition(a).is_some_and(|t| t.iter().any(is))).collect();
        let shown: Vec<Action> = of.iter().filter_map(|a| by_transition(a)).flatten().collect();
        let wanted: Vec<&Action> = wanted.actions.iter().filter(|a| is(a)).collect();
        if wanted.iter().copied().eq(&shown) {
            list.extend(of.into_iter().cloned());
        } else {
            changed = true;
            list.extend(wanted.into_iter().map(|a| triggered(a, present)));
        }
    }
    if !changed {
        return now.cloned();
    }
    list.extend(present.iter().filter(|a| by_transition(a).is_none()).cloned());
    (!list.is_empty()).then(|| GroupAlarmAction { action: list, ..Default::default() }.into())
}

/// An action on one transition. The arguments of a method are those that it has among `present`.
fn triggered(action: &Action, present: &[AlarmActionKind]) -> AlarmActionKind {
    let transition = AlarmTriggeringActionTransitionSpec {
        start_state: action.from.as_str().into(),
        final_state: action.to.as_str().into(),
        repeats: action.repeats,
    };
    let effect: ActionKind = match &action.effect {
        Effect::Email(mail) => SendEmailAction {
            to_list: mail.to.clone(),
            cc_list: mail.cc.clone(),
            subject: mail.subject.clone(),
            body: mail.body.clone(),
            ..Default::default()
        }
        .into(),
        Effect::Trap => SendSNMPAction::default().into(),
        Effect::Method(name) => MethodAction {
            name: name.clone(),
            argument: arguments_of(name, present).unwrap_or_else(|| arguments(name)),
            ..Default::default()
        }
        .into(),
        Effect::Script(script) => RunScriptAction { script: script.clone(), ..Default::default() }.into(),
    };
    AlarmTriggeringAction { action: effect, transition_specs: vec![transition], ..Default::default() }.into()
}

/// The arguments that a method has in an alarm.
fn arguments_of(name: &str, present: &[AlarmActionKind]) -> Option<Vec<MethodActionArgument>> {
    present.iter().find_map(|a| match a {
        AlarmActionKind::AlarmTriggeringAction(t) => match &t.action {
            ActionKind::MethodAction(m) if m.name == name => Some(m.argument.clone()),
            _ => None,
        },
        _ => None,
    })
}

/// The arguments of a method: without a timeout, and without what is optional.
fn arguments(name: &str) -> Vec<MethodActionArgument> {
    let values = match name {
        // The timeout; whether virtual machines that are powered off are moved.
        "EnterMaintenanceMode_Task" | "PowerDownHostToStandBy_Task" => vec![Any::Int(0), Any::Bool(false)],
        // The timeout.
        "ExitMaintenanceMode_Task" | "PowerUpHostFromStandBy_Task" => vec![Any::Int(0)],
        // Whether it is forced.
        "RebootHost_Task" | "ShutdownHost_Task" => vec![Any::Bool(false)],
        _ => vec![],
    };
    values.into_iter().map(|value| MethodActionArgument { value: Some(value) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use vim_types::xml::Dyn;

    fn event(id: &str) -> Condition {
        Condition::Event(EventCondition {
            event_type: "EventEx".to_owned(),
            event_type_id: id.to_owned(),
            object_type: "HostSystem".to_owned(),
            status: "red".to_owned(),
            comparisons: vec![Comparison {
                attribute: "name".to_owned(),
                operator: "equals".to_owned(),
                value: "x".to_owned(),
            }],
        })
    }

    fn metric(red: i32) -> Condition {
        Condition::Metric(MetricCondition {
            operator: "isAbove".to_owned(),
            object_type: "HostSystem".to_owned(),
            counter: 2,
            red: Some(red),
            red_interval: Some(300),
            ..MetricCondition::default()
        })
    }

    fn on(from: &str, to: &str, effect: Effect) -> Action {
        Action { from: from.to_owned(), to: to.to_owned(), repeats: false, effect }
    }

    fn mail(to: &str) -> Effect {
        Effect::Email(Email { to: to.to_owned(), ..Email::default() })
    }

    fn asked() -> Alarm {
        Alarm {
            name: "a".to_owned(),
            description: "b".to_owned(),
            enabled: true,
            all: true,
            conditions: vec![
                event("lost"),
                Condition::State(StateCondition {
                    operator: "isEqual".to_owned(),
                    object_type: "HostSystem".to_owned(),
                    path: "runtime.connectionState".to_owned(),
                    yellow: "disconnected".to_owned(),
                    red: String::new(),
                }),
                metric(9500),
            ],
            actions: vec![
                on("green", "red", mail("a@example.com")),
                on("green", "yellow", Effect::Trap),
                on("green", "red", Effect::Method("EnterMaintenanceMode_Task".to_owned())),
                on("green", "red", Effect::Script("/opt/run.sh".to_owned())),
            ],
        }
    }

    /// An alarm with a system name, a condition and an action of unknown types, and an action on two transitions.
    fn present() -> AlarmSpec {
        let mut spec = spec(&asked(), None);
        spec.system_name = Some("alarm.HostErrorAlarm".to_owned());
        spec.action_frequency = Some(60);
        let dynamic = |name: &str| Box::new(Dyn { type_name: name.into(), ..Dyn::default() });
        if let AlarmExpressionKind::AndAlarmExpression(and) = &mut spec.expression {
            and.expression.insert(0, AlarmExpressionKind::Unknown(dynamic("NewAlarmExpression")));
            and.expression.push(OrAlarmExpression::default().into());
        }
        if let Some(AlarmActionKind::GroupAlarmAction(group)) = spec.action.as_deref_mut() {
            if let Some(AlarmActionKind::AlarmTriggeringAction(first)) = group.action.first_mut() {
                first.transition_specs.push(AlarmTriggeringActionTransitionSpec {
                    start_state: "red".into(),
                    final_state: "green".into(),
                    repeats: true,
                });
            }
            group.action.push(
                AlarmTriggeringAction {
                    action: ActionKind::Unknown(dynamic("CreateTaskAction")),
                    ..Default::default()
                }
                .into(),
            );
        }
        spec
    }

    #[test]
    fn alarm_is_shown_as_it_was_asked_for() {
        let spec = spec(&asked(), None);
        assert_eq!(shown(&spec), asked());
        assert_eq!(not_shown(&spec), [""; 0]);
        let bare = Alarm { conditions: vec![metric(1)], actions: vec![], all: false, ..asked() };
        let spec = super::spec(&bare, None);
        assert_eq!((shown(&spec), spec.action), (bare, None));
    }

    #[test]
    fn action_on_two_transitions_is_shown_for_each() {
        let actions = shown(&present()).actions;
        assert_eq!(actions.len(), 5);
        assert_eq!(
            (actions[1].from.as_str(), actions[1].repeats, &actions[1].effect),
            ("red", true, &mail("a@example.com"))
        );
    }

    #[test]
    fn unchanged_parts_keep_their_form() {
        let now = present();
        let wanted = Alarm { name: "other".to_owned(), ..shown(&now) };
        let expected = AlarmSpec { name: "other".to_owned(), ..now.clone() };
        assert_eq!(spec(&wanted, Some(now)), expected);
    }

    #[test]
    fn what_is_not_shown_is_kept() {
        let now = present();
        let hidden = not_shown(&now);
        assert_eq!(hidden, ["NewAlarmExpression", "OrAlarmExpression", "CreateTaskAction"]);
        let wanted = Alarm {
            all: false,
            conditions: vec![metric(1)],
            actions: vec![on("red", "green", Effect::Trap)],
            ..asked()
        };
        let after = spec(&wanted, Some(now.clone()));
        assert_eq!(shown(&after), wanted);
        assert_eq!(not_shown(&after), hidden);
        assert_eq!(
            (after.system_name, after.action_frequency, after.setting),
            (now.system_name, Some(60), now.setting)
        );
        let without = Alarm { actions: vec![], ..wanted };
        assert_eq!(not_shown(&spec(&without, Some(present()))), hidden);
    }

    #[test]
    fn arguments_of_a_method_are_kept() {
        let mut now = present();
        if let Some(AlarmActionKind::GroupAlarmAction(group)) = now.action.as_deref_mut() {
            for action in &mut group.action {
                if let AlarmActionKind::AlarmTriggeringAction(t) = action
                    && let ActionKind::MethodAction(m) = &mut t.action
                {
                    m.argument = vec![MethodActionArgument { value: Some(Any::Int(600)) }];
                }
            }
        }
        let method = |name: &str, to: &str| on("green", to, Effect::Method(name.to_owned()));
        let wanted = Alarm {
            actions: vec![method("EnterMaintenanceMode_Task", "yellow"), method("RebootHost_Task", "red")],
            ..asked()
        };
        let after = spec(&wanted, Some(now));
        let arguments = |name: &str| {
            let all = arguments_of(name, actions(after.action.as_deref())).unwrap_or_default();
            all.into_iter().filter_map(|a| a.value).collect::<Vec<_>>()
        };
        assert_eq!(arguments("EnterMaintenanceMode_Task"), [Any::Int(600)]);
        assert_eq!(arguments("RebootHost_Task"), [Any::Bool(false)]);
    }

    #[test]
    fn single_expressions_and_actions_are_shown_too() {
        let spec = AlarmSpec {
            expression: part(&metric(5)),
            action: Some(Box::new(triggered(&on("green", "red", Effect::Trap), &[]))),
            ..AlarmSpec::default()
        };
        let alarm = shown(&spec);
        assert_eq!((alarm.all, alarm.conditions.len(), alarm.actions.len()), (false, 1, 1));
        assert_eq!(super::spec(&alarm, Some(spec.clone())), spec);
    }
}
