resource "vsphere_virtual_machine" "vm" {
  clone {
    template_uuid = "{{moid /DC0/vm/tpl}}"
    customize {
      timeout = 1
      cloudinit_options {
        metadata            = jsonencode({ instance-id = "web-1", local-hostname = "web-1" })
        userdata_wo         = join("", ["#cloud-config\npassword: hunter2-", "hunter2\n"])
        userdata_wo_version = 1
      }
    }
  }
}
