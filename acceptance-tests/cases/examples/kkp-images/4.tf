module "images" {
  source = "{{root}}/examples/kkp-images"

  kkp_doc         = "kkp-002"
  datacenter      = "DC0"
  compute_cluster = "DC0_C0"
  datastore       = "LocalDS_0"
  network         = "VM Network"

  more_images = {
    "rocky-9" = {
      os        = "rockylinux"
      format    = "qcow2"
      source    = "files/cloud-image.qcow2"
      guest_id  = "rockylinux_64Guest"
      scsi_type = "lsilogic"
    }
  }
}
