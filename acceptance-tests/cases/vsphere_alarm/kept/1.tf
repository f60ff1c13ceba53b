# An alarm that vCenter has defined: it has a system name, and events without an ID and a status.
import {
  to = vsphere_alarm.host
  id = "/:Host error"
}

resource "vsphere_alarm" "host" {
  name        = "Host error"
  description = "Default alarm to monitor host error and warning events"
  entity_type = "Folder"
  entity_id   = "{{moid /}}"

  event_expression {
    event_type    = "GeneralHostErrorEvent"
    event_type_id = ""
    object_type   = "HostSystem"
    status        = ""
  }

  event_expression {
    event_type    = "GeneralHostWarningEvent"
    event_type_id = ""
    object_type   = "HostSystem"
    status        = ""
  }

  snmp_action {
    start_state = "yellow"
    final_state = "red"
    repeat      = true
  }
}
