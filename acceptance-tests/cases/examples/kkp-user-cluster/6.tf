# An existing template, and the folder and tag category of another configuration.
resource "vsphere_folder" "green" {
  path          = "kubernetes/green"
  type          = "vm"
  datacenter_id = "{{moid /DC0}}"
}

resource "vsphere_tag_category" "green" {
  name             = "green"
  cardinality      = "MULTIPLE"
  associable_types = ["Folder", "VirtualMachine"]
}

module "cluster" {
  source = "{{root}}/examples/kkp-user-cluster"

  name            = "green"
  tags            = ["team-green"]
  tag_category    = vsphere_tag_category.green
  datacenter      = "DC0"
  compute_cluster = "DC0_C0"
  network         = "VM Network"
  datastore       = "LocalDS_0"
  folder          = vsphere_folder.green.path
  template_path   = "/DC0/vm/tpl"

  pools = {
    general = { num_cpus = 1, memory = 512 }
  }
  wait_for_guest_net_timeout = 0
}
