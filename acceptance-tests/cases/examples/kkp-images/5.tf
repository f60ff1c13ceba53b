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
      checksum  = "sha256:5876dab2bc303577e24762392d4fd2e853436e22b0a70b7465d130836e74e421"
    }
  }

  clusters = {
    blue = { network = "DC0_DVPG0" }
  }
}
