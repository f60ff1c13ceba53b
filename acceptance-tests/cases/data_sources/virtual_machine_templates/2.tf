data "vsphere_virtual_machine_template" "several" {
  name_regex = "^ubuntu-"
}
