# A path with a mistake.
import {
  to = vsphere_alarm.a
  id = "/DC1:Host error"
}

resource "vsphere_alarm" "a" {
  name        = "Host error"
  description = "b"
  entity_id   = "{{moid /}}"
  entity_type = "Folder"

  event_expression {
    event_type_id = "a.b"
    object_type   = "HostSystem"
    status        = "red"
  }
}
