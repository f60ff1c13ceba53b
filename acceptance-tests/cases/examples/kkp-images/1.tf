module "images" {
  source = "{{root}}/examples/kkp-images"

  datacenter      = "DC0"
  compute_cluster = "DC0_C0"
  datastore       = "LocalDS_0"
  network         = "VM Network"
  snapshot_name   = "base"

  overrides = {
    "centos-7" = {
      source    = "files/cloud-image.qcow2"
      checksum  = "sha256:5876dab2bc303577e24762392d4fd2e853436e22b0a70b7465d130836e74e421"
      disk_size = 2
      num_cpus  = 2
      memory    = 512
    }
    "flatcar"      = { source = "files/cloud-image.ova" }
    "ubuntu-20.04" = { source = "files/cloud-image.ova" }
    "ubuntu-22.04" = { source = "files/cloud-image.ova", disk_size = 2 }
  }
}

output "seed_templates" {
  value = module.images.seed_templates
}
