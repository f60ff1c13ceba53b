data "vsphere_datacenter" "dc" {
  name = "DC0"
}
data "vsphere_tag_category" "os" {
  name = "os"
}
data "vsphere_tag" "linux" {
  name        = "linux"
  category_id = data.vsphere_tag_category.os.id
}
data "vsphere_custom_attribute" "owner" {
  name = "owner"
}
data "vsphere_virtual_machine_template" "name" {
  name = "ubuntu-2"
}
data "vsphere_virtual_machine_template" "path" {
  name = "/DC0/vm/templates/ubuntu-1"
}
data "vsphere_virtual_machine_template" "newest" {
  name_regex  = "^ubuntu-"
  most_recent = true
}
data "vsphere_virtual_machine_template" "tag" {
  tags = [data.vsphere_tag.linux.id]
}
data "vsphere_virtual_machine_template" "attribute" {
  custom_attributes = {
    (data.vsphere_custom_attribute.owner.id) = "kubernetes"
  }
}
data "vsphere_virtual_machine_templates" "all" {}
data "vsphere_virtual_machine_templates" "folder" {
  folder        = "templates"
  datacenter_id = data.vsphere_datacenter.dc.id
}
data "vsphere_virtual_machine_templates" "regex" {
  name_regex = "-2$"
}
data "vsphere_virtual_machine_templates" "none" {
  name_regex = "^windows"
}
locals {
  one = data.vsphere_virtual_machine_template.name
}
output "moid" {
  value = local.one.moid
}
output "newest" {
  value = data.vsphere_virtual_machine_template.newest.moid
}
output "all" {
  value = data.vsphere_virtual_machine_templates.all.templates[*].path
  precondition {
    condition     = join(" ", data.vsphere_virtual_machine_templates.all.templates[*].path) == "/DC0/vm/templates/ubuntu-1 /DC0/vm/ubuntu-2"
    error_message = "all templates"
  }
}
output "folder" {
  value = join(",", data.vsphere_virtual_machine_templates.folder.templates[*].moid)
}
output "uuid" {
  value = local.one.id
}
output "checks" {
  value = join(" ", [
    local.one.guest_id,
    local.one.scsi_type,
    local.one.disks[0].size,
    local.one.network_interface_types[0],
    local.one.has_snapshot,
    data.vsphere_virtual_machine_template.path.has_snapshot,
    data.vsphere_virtual_machine_template.tag.name,
    data.vsphere_virtual_machine_template.attribute.name,
    length(data.vsphere_virtual_machine_templates.regex.templates),
    length(data.vsphere_virtual_machine_templates.none.templates),
  ])
  precondition {
    condition     = local.one.guest_id == "ubuntu64Guest" && local.one.scsi_type == "pvscsi" && local.one.disks[0].size == 3 && local.one.network_interface_types[0] == "vmxnet3"
    error_message = "hardware"
  }
  precondition {
    condition     = local.one.has_snapshot && !data.vsphere_virtual_machine_template.path.has_snapshot
    error_message = "snapshots"
  }
  precondition {
    condition     = data.vsphere_virtual_machine_template.tag.path == "/DC0/vm/templates/ubuntu-1" && data.vsphere_virtual_machine_template.attribute.path == "/DC0/vm/ubuntu-2"
    error_message = "tags and attributes"
  }
  precondition {
    condition     = length(data.vsphere_virtual_machine_templates.regex.templates) == 1 && length(data.vsphere_virtual_machine_templates.none.templates) == 0
    error_message = "lists"
  }
}
