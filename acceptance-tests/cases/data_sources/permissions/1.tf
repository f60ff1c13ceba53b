data "vsphere_about" "a" {}
data "vsphere_privileges" "snapshots" {
  group = "VirtualMachine.State"
}
data "vsphere_privileges" "browse" {
  name_regex = "^Datastore\\.B"
}
resource "vsphere_role" "r" {
  name            = "bench"
  role_privileges = data.vsphere_privileges.snapshots.ids
}
resource "vsphere_entity_permission" "p" {
  entity_id     = "{{moid /DC0}}"
  user_or_group = "devs@vsphere.local"
  is_group      = true
  role_id       = vsphere_role.r.id
}
data "vsphere_entity_permissions" "e" {
  entity_id  = "{{moid /DC0/vm}}"
  depends_on = [vsphere_entity_permission.p]
}
data "vsphere_user_privileges" "ann" {
  user       = "ann@vsphere.local"
  privileges = ["VirtualMachine.State.CreateSnapshot", "Datastore.Browse"]
  entity {
    entity_id = "{{moid /DC0/vm}}"
  }
  entity {
    entity_id = "root"
  }
  depends_on = [vsphere_entity_permission.p]
}
locals {
  inherited = [for p in data.vsphere_entity_permissions.e.permissions : p if p.role_name == "bench"]
}
output "proof" {
  value = "kept"
  precondition {
    condition     = data.vsphere_about.a.product_line == "vpx" && length(data.vsphere_about.a.instance_uuid) == 36
    error_message = "about: ${jsonencode(data.vsphere_about.a)}"
  }
  precondition {
    condition     = data.vsphere_privileges.browse.ids == tolist(["Datastore.Browse"])
    error_message = "browse: ${jsonencode(data.vsphere_privileges.browse.ids)}"
  }
  precondition {
    condition     = length(local.inherited) == 1 && local.inherited[0].inherited && local.inherited[0].entity_id == "{{moid /DC0}}"
    error_message = "effective: ${jsonencode(data.vsphere_entity_permissions.e.permissions)}"
  }
  precondition {
    condition     = data.vsphere_user_privileges.ann.missing["{{moid /DC0/vm}}"] == tolist(["Datastore.Browse"])
    error_message = "missing: ${jsonencode(data.vsphere_user_privileges.ann.missing)}"
  }
  precondition {
    condition     = length(data.vsphere_user_privileges.ann.missing["root"]) == 2 && !data.vsphere_user_privileges.ann.complete
    error_message = "missing on root: ${jsonencode(data.vsphere_user_privileges.ann.missing)}"
  }
}
