# Two sources of the template, an address without a gateway, and an ISO image without a datastore.
module "cluster" {
  source = "{{root}}/examples/kkp-user-cluster"

  name              = "blue"
  datacenter        = "DC0"
  compute_cluster   = "DC0_C0"
  network           = "VM Network"
  datastore_cluster = "DC0_POD0"
  template_path     = "/DC0/vm/tpl"
  ova               = { source = "files/cloud-image.ova" }
  bootstrap         = "iso"

  pools = {
    static = { addresses = ["10.0.10.11/24"] }
  }
}
