# No name, a pattern that is not one, and a folder without a datacenter
# command: validate
data "vsphere_virtual_machine_template" "none" {
}
data "vsphere_virtual_machine_template" "pattern" {
  name_regex = "ubuntu-("
}
data "vsphere_virtual_machine_templates" "folder" {
  folder = "templates"
}
