//! `data.vsphere_alarm`
use super::{AdvancedAction, EmailAction, EventExpression, MetricExpression, ScriptAction, named, type_name};
use super::{AlarmModel, StateExpression, Transition};
use crate::common::entity;
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use tf_framework::{DataCx, DataSource, Model, Result, Value};
use vsphere_client::MoRef;

/// Finds an alarm by its name and the entity on which it is defined.
///
/// The predefined alarms of vCenter are defined on the root folder. Conditions and actions that the attributes cannot
/// express, such as nested conditions, are not returned.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_alarm", category = "Inventory")]
pub struct AlarmData {
    /// The managed object ID of the alarm, such as `alarm-42`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name of the alarm.
    #[tf(required)]
    pub name: Value<String>,
    /// The managed object type of the entity, such as `Datacenter` or `Folder`.
    #[tf(required)]
    pub entity_type: Value<String>,
    /// The managed object ID of the entity on which the alarm is defined, such as `datacenter-3`.
    #[tf(required, form = entity::id)]
    pub entity_id: Value<String>,
    /// The description of the alarm.
    #[tf(computed)]
    pub description: Value<String>,
    /// Whether the alarm is enabled.
    #[tf(computed)]
    pub enabled: Value<bool>,
    /// The logical operator that combines the conditions: `or` (at least one condition must be met) or `and` (all
    /// conditions must be met).
    #[tf(computed)]
    pub expression_operator: Value<String>,
    /// The conditions that are met when an event occurs.
    #[tf(computed)]
    pub event_expression: Value<Vec<EventExpression>>,
    /// A condition that compares a property of an object with a value.
    #[tf(block)]
    pub state_expression: Value<Vec<StateData>>,
    /// A condition that compares a performance metric of an object with a threshold.
    #[tf(block)]
    pub metric_expression: Value<Vec<MetricData>>,
    /// An SNMP trap that vCenter sends when the alarm status changes.
    #[tf(block)]
    pub snmp_action: Value<Vec<SnmpData>>,
    /// The emails that vCenter sends when the alarm status changes.
    #[tf(computed)]
    pub email_action: Value<Vec<EmailAction>>,
    /// The vSphere API methods that vCenter calls on the object when the alarm status changes.
    #[tf(computed)]
    pub advanced_action: Value<Vec<AdvancedAction>>,
    /// The scripts that vCenter runs when the alarm status changes.
    #[tf(computed)]
    pub script_action: Value<Vec<ScriptAction>>,
}

/// A condition that compares a property of an object with a value.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct StateData {
    /// The comparison operator: `isEqual` or `isUnequal`.
    #[tf(computed)]
    pub operator: Value<String>,
    /// The managed object type.
    #[tf(computed)]
    pub object_type: Value<String>,
    /// The path of the property.
    #[tf(computed)]
    pub state_path: Value<String>,
    /// The property value to compare with for the status yellow.
    #[tf(computed)]
    pub yellow: Value<String>,
    /// The property value to compare with for the status red.
    #[tf(computed)]
    pub red: Value<String>,
}

/// A condition that compares a performance metric of an object with a threshold.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct MetricData {
    /// The comparison operator: `isAbove` or `isBelow`.
    #[tf(computed)]
    pub operator: Value<String>,
    /// The managed object type.
    #[tf(computed)]
    pub object_type: Value<String>,
    /// The ID of the performance counter.
    #[tf(computed)]
    pub metric_counter_id: Value<i64>,
    /// The instance of the performance counter. If empty, the aggregate of all instances is used.
    #[tf(computed)]
    pub metric_instance: Value<String>,
    /// The threshold for the status yellow, in the unit of the performance counter. `0` if there is no threshold.
    #[tf(computed)]
    pub yellow: Value<i64>,
    /// The threshold for the status red, in the unit of the performance counter. `0` if there is no threshold.
    #[tf(computed)]
    pub red: Value<i64>,
    /// The number of seconds for which the metric must be beyond the `yellow` threshold before the status changes to
    /// yellow.
    #[tf(computed)]
    pub yellow_interval: Value<i64>,
    /// The number of seconds for which the metric must be beyond the `red` threshold before the status changes to red.
    #[tf(computed)]
    pub red_interval: Value<i64>,
}

/// An SNMP trap that vCenter sends when the alarm status changes.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct SnmpData {
    /// The alarm status before the transition.
    #[tf(computed)]
    pub start_state: Value<String>,
    /// The alarm status after the transition.
    #[tf(computed)]
    pub final_state: Value<String>,
    /// Whether the action is repeated while the alarm remains in the `final_state` status.
    #[tf(computed)]
    pub repeat: Value<bool>,
}

/// The data source.
#[derive(Debug, Default)]
pub struct Alarm;

type M = AlarmData;

impl From<StateExpression> for StateData {
    fn from(s: StateExpression) -> Self {
        let StateExpression { operator, object_type, state_path, yellow, red } = s;
        Self { operator, object_type, state_path, yellow: filled(&yellow), red: filled(&red) }
    }
}

impl From<MetricExpression> for MetricData {
    fn from(m: MetricExpression) -> Self {
        Self {
            operator: m.operator,
            object_type: m.object_type,
            metric_counter_id: m.metric_counter_id,
            metric_instance: filled(&m.metric_instance),
            yellow: filled(&m.yellow),
            red: filled(&m.red),
            yellow_interval: filled(&m.yellow_interval),
            red_interval: filled(&m.red_interval),
        }
    }
}

impl From<Transition> for SnmpData {
    fn from(a: Transition) -> Self {
        let Transition { start_state, final_state, repeat } = a;
        Self { start_state, final_state, repeat }
    }
}

/// A value that is not set, as the official provider has it in data sources.
fn filled<T: Clone + Default>(value: &Value<T>) -> Value<T> {
    Value::Known(value.get())
}

fn with_texts(email: EmailAction) -> EmailAction {
    let (to, cc) = (filled(&email.to), filled(&email.cc));
    EmailAction { to, cc, subject: filled(&email.subject), body: filled(&email.body), ..email }
}

fn each<T: Into<U>, U>(blocks: Value<Vec<T>>) -> Value<Vec<U>> {
    blocks.map(|all| all.into_iter().map(Into::into).collect())
}

impl DataSource for Alarm {
    type Model = M;
    type Client = Vsphere;

    async fn read(&self, cx: &DataCx<'_, Vsphere>, config: M) -> Result<M> {
        let name = config.name.as_str();
        let entity = MoRef::new(type_name(config.entity_type.as_str()), config.entity_id.as_str());
        let object = named(cx.client, &entity, name, M::NAME).await?;
        let found = cx.client.api.alarms().get(&object).await.doing(format!("read the alarm {name:?}"))?;
        let seen = AlarmModel::default().observed(found);
        Ok(M {
            id: object.id.to_string().into(),
            description: seen.description,
            enabled: seen.enabled,
            expression_operator: seen.expression_operator,
            event_expression: seen.event_expression,
            state_expression: each(seen.state_expression),
            metric_expression: each(seen.metric_expression),
            snmp_action: each(seen.snmp_action),
            email_action: seen.email_action.map(|all| all.into_iter().map(with_texts).collect()),
            advanced_action: seen.advanced_action,
            script_action: seen.script_action,
            ..config
        })
    }
}
