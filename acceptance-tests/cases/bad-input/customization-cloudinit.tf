# Cloud-init data beside Linux options, without metadata, and write-only without a version.
# command: validate
resource "vsphere_guest_os_customization" "s" {
  name = "web"
  type = "Linux"
  spec {
    linux_options {
      domain    = "example.com"
      host_name = "web"
    }
    cloudinit_options {
      metadata    = ""
      userdata_wo = "#cloud-config"
    }
  }
}
