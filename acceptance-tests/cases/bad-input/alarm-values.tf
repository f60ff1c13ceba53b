# Values of another alarm system, an inventory path in the place of an ID, and numbers that vSphere cannot store.
resource "vsphere_alarm" "a" {
  name                = "a"
  description         = "b"
  entity_id           = "/DC0"
  entity_type         = "Datacenter"
  expression_operator = "xor"

  event_expression {
    event_type_id = "a.b"
    object_type   = "HostSystem"
    status        = "orange"

    comparison {
      attribute_name = "name"
      operator       = "contains"
      value          = "x"
    }
  }

  state_expression {
    operator    = "equals"
    object_type = "HostSystem"
    state_path  = "runtime.connectionState"
    red         = "disconnected"
  }

  metric_expression {
    operator          = ">"
    object_type       = "HostSystem"
    metric_counter_id = 2
    red               = -1
  }

  snmp_action {
    start_state = "normal"
    final_state = "red"
  }
}
