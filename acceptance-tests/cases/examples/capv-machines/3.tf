module "nodes" {
  new_template = data.vsphere_virtual_machine_template.kubernetes["1.33"]
  upgraded     = 3
}
