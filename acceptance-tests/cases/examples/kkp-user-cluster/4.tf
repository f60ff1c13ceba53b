# Of two sources of the template, one must be chosen.
module "cluster" {
  source = "{{root}}/examples/kkp-user-cluster"

  name            = "blue"
  datacenter      = "DC0"
  compute_cluster = "DC0_C0"
  network         = "VM Network"
  datastore       = "LocalDS_0"
  template_path   = "/DC0/vm/tpl"
  ova             = { source = "files/cloud-image.ova" }
}
