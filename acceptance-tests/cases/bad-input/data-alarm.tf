# A name with a mistake, and an entity that does not have alarms.
data "vsphere_alarm" "near" {
  name        = "Host eror"
  entity_type = "Folder"
  entity_id   = "{{moid /}}"
}

data "vsphere_alarm" "elsewhere" {
  name        = "Host error"
  entity_type = "Datacenter"
  entity_id   = "{{moid /DC0}}"
}
