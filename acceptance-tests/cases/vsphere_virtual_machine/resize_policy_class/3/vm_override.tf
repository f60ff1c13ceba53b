resource "vsphere_virtual_machine" "vm" {
  class_name    = vsphere_virtual_machine_class.large.id
  resize_policy = "next_power_off"
  annotation    = "off"
}
