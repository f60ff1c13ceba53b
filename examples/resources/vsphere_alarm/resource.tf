data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

# Sends an email when a host is disconnected, and repeated emails while it does not respond.
resource "vsphere_alarm" "host_connection" {
  name        = "Host connection lost"
  description = "A host is disconnected or not responding."
  entity_type = "Datacenter"
  entity_id   = data.vsphere_datacenter.dc1.id

  state_expression {
    operator    = "isEqual"
    object_type = "HostSystem"
    state_path  = "runtime.connectionState"
    yellow      = "disconnected"
    red         = "notResponding"
  }

  email_action {
    to          = "ops@example.com"
    subject     = "Host disconnected"
    start_state = "green"
    final_state = "yellow"
  }

  email_action {
    to          = "ops@example.com"
    subject     = "Host not responding"
    start_state = "yellow"
    final_state = "red"
    repeat      = true
  }
}

# Puts a host into maintenance mode while one of its link aggregation groups is down.
resource "vsphere_alarm" "lacp_down" {
  name        = "LACP down on host"
  description = "A link aggregation group on a host is down."
  entity_type = "Datacenter"
  entity_id   = data.vsphere_datacenter.dc1.id

  event_expression {
    event_type    = "EventEx"
    event_type_id = "esx.problem.net.lacp.lag.transition.down"
    object_type   = "HostSystem"
    status        = "red"
  }

  event_expression {
    event_type    = "EventEx"
    event_type_id = "esx.clear.net.lacp.lag.transition.up"
    object_type   = "HostSystem"
    status        = "green"
  }

  advanced_action {
    name        = "EnterMaintenanceMode_Task"
    start_state = "green"
    final_state = "red"
  }

  advanced_action {
    name        = "ExitMaintenanceMode_Task"
    start_state = "red"
    final_state = "green"
  }
}
