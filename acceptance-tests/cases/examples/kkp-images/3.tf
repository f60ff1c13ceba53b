module "images" {
  source = "{{root}}/examples/kkp-images"

  kkp_doc         = "kkp-002"
  datacenter      = "DC0"
  compute_cluster = "DC0_C0"
  datastore       = "LocalDS_0"
  network         = "VM Network"
}
