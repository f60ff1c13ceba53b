resource "vsphere_virtual_machine" "vm" {
  cloud_init {
    user_data_wo         = join("", ["#cloud-config\npassword: hunt", "er3\n"])
    user_data_wo_version = 1
    encoding             = "base64"
  }
}
