resource "vsphere_alarm" "host" {
  name        = "Host error"
  description = "errors and warnings of hosts"
  entity_type = "Folder"
  entity_id   = "{{moid /}}"

  event_expression {
    event_type    = "GeneralHostErrorEvent"
    event_type_id = ""
    object_type   = "HostSystem"
    status        = "red"
  }

  email_action {
    to          = "ops@example.com"
    start_state = "yellow"
    final_state = "red"
  }
}
