resource "vsphere_guest_os_customization" "write_only" {
  spec {
    cloudinit_options {
      metadata            = jsonencode({ local-hostname = "db" })
      userdata_wo         = join("", ["#cloud-config\npassword: hunter3-", "hunter4\n"])
      userdata_wo_version = 2
    }
  }
}
