# only warns
# Conditions without a threshold, and actions that do nothing.
resource "vsphere_alarm" "a" {
  name        = "a"
  description = "b"
  entity_id   = "{{moid /DC0}}"
  entity_type = "Datacenter"

  state_expression {
    operator    = "isEqual"
    object_type = "HostSystem"
    state_path  = "runtime.connectionState"
  }

  metric_expression {
    operator          = "isAbove"
    object_type       = "HostSystem"
    metric_counter_id = 2
    red_interval      = 60
  }

  email_action {
    subject     = "x"
    start_state = "green"
    final_state = "red"
  }

  advanced_action {
    start_state = "green"
    final_state = "red"
  }

  advanced_action {
    name        = "EnterMaintenanceMode"
    start_state = "green"
    final_state = "red"
  }
}
