data "vsphere_alarm" "metric" {
  name        = "Host CPU usage"
  entity_type = "ClusterComputeResource"
  entity_id   = "{{moid /DC0/host/DC0_C0}}"

  lifecycle {
    postcondition {
      condition = (self.id == vsphere_alarm.metric.id && !self.enabled && self.expression_operator == "and"
        && self.metric_expression[1].metric_instance == "vmnic0" && self.metric_expression[0].red == 9500
      && self.script_action[0].script == "/opt/busy.sh -v")
      error_message = "the alarm differs"
    }
  }
}

data "vsphere_alarm" "event" {
  name        = "LACP: down"
  entity_type = "folder"
  entity_id   = "{{moid /}}"

  lifecycle {
    postcondition {
      condition = (self.event_expression[0].comparison[0].value == "lag1" && self.event_expression[1].event_type == "EventEx"
      && self.advanced_action[1].name == "ExitMaintenanceMode_Task" && length(self.email_action) == 0)
      error_message = "the alarm differs"
    }
  }
}
