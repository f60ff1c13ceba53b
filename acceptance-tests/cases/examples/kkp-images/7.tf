module "images" {
  source = "{{root}}/examples/kkp-images"

  datacenter       = "DC0"
  compute_cluster  = "DC0_C0"
  datastore        = "LocalDS_0"
  network          = "VM Network"
  name_prefix      = "kkp-"
  names            = ["ubuntu-22.04"]
  enable_disk_uuid = true
  snapshot_name    = "base"

  overrides = {
    "ubuntu-22.04" = { source = "files/cloud-image.ova" }
  }
}
