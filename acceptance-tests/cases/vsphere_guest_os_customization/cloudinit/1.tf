resource "vsphere_guest_os_customization" "plain" {
  name = "plain"
  type = "Linux"
  spec {
    cloudinit_options {
      metadata = jsonencode({ local-hostname = "web" })
      userdata = join("", ["#cloud-config\npassword: hunter2-", "hunter2\n"])
    }
  }
}
resource "vsphere_guest_os_customization" "write_only" {
  name = "write-only"
  type = "Linux"
  spec {
    cloudinit_options {
      metadata            = jsonencode({ local-hostname = "db" })
      userdata_wo         = join("", ["#cloud-config\npassword: hunter3-", "hunter3\n"])
      userdata_wo_version = 1
    }
  }
}
