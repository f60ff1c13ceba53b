resource "vsphere_alarm" "state" {
  name        = "Host not responding"
  description = "a host does not respond"
  entity_type = "Datacenter"
  entity_id   = "{{moid /DC0}}"

  state_expression {
    operator    = "isEqual"
    state_path  = "runtime.connectionState"
    object_type = "HostSystem"
    yellow      = "disconnected"
    red         = "notResponding"
  }

  email_action {
    to          = "ops@example.com"
    start_state = "yellow"
    final_state = "red"
  }
}

resource "vsphere_alarm" "metric" {
  name        = "Host CPU usage"
  description = "a host is busy"
  entity_type = "ClusterComputeResource"
  entity_id   = "{{moid /DC0/host/DC0_C0}}"

  metric_expression {
    metric_counter_id = 2
    operator          = "isAbove"
    object_type       = "HostSystem"
    red               = 9500
  }
}

resource "vsphere_alarm" "event" {
  name        = "LACP: down"
  description = "a link aggregation group is down"
  entity_type = "Datacenter"
  entity_id   = "{{moid /DC0}}"

  event_expression {
    event_type_id = "esx.problem.net.lacp.lag.transition.down"
    object_type   = "HostSystem"
    status        = "red"
  }
}
