resource "vsphere_alarm" "state" {
  name        = "Host disconnected"
  description = "a host is disconnected"
  entity_type = "datacenter"
  entity_id   = "{{moid /DC0}}"

  state_expression {
    operator    = "isEqual"
    state_path  = "runtime.connectionState"
    object_type = "HostSystem"
    yellow      = "disconnected"
  }

  email_action {
    to          = "ops@example.com"
    cc          = "team@example.com"
    subject     = "Host disconnected"
    body        = "See the vSphere Client."
    start_state = "green"
    final_state = "yellow"
    repeat      = true
  }

  snmp_action {
    start_state = "green"
    final_state = "yellow"
  }
}

resource "vsphere_alarm" "metric" {
  name                = "Host CPU usage"
  description         = "a host is busy"
  enabled             = false
  entity_type         = "ClusterComputeResource"
  entity_id           = "{{moid /DC0/host/DC0_C0}}"
  expression_operator = "and"

  metric_expression {
    metric_counter_id = 2
    operator          = "isAbove"
    object_type       = "HostSystem"
    yellow            = 9000
    red               = 9500
    red_interval      = 300
  }

  metric_expression {
    metric_counter_id = 125
    metric_instance   = "vmnic0"
    operator          = "isBelow"
    object_type       = "HostSystem"
    red               = 100000
  }

  script_action {
    script      = "/opt/busy.sh -v"
    start_state = "yellow"
    final_state = "red"
  }
}

resource "vsphere_alarm" "event" {
  name        = "LACP: down"
  description = "a link aggregation group is down"
  entity_type = "Folder"
  entity_id   = "{{moid /}}"

  event_expression {
    event_type_id = "esx.problem.net.lacp.lag.transition.down"
    object_type   = "hostSystem"
    status        = "red"

    comparison {
      attribute_name = "lag"
      operator       = "startsWith"
      value          = "lag1"
    }
  }

  event_expression {
    event_type    = "eventEx"
    event_type_id = "esx.problem.net.lacp.lag.transition.up"
    object_type   = "HostSystem"
    status        = "green"
  }

  advanced_action {
    start_state = "green"
    final_state = "red"
    name        = "EnterMaintenanceMode_Task"
  }

  advanced_action {
    start_state = "red"
    final_state = "green"
    name        = "ExitMaintenanceMode_Task"
  }
}
