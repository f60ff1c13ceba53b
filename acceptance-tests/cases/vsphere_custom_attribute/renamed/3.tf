resource "vsphere_custom_attribute" "a" {
  name                = "owner"
  managed_object_type = "HostSystem"
}

resource "vsphere_custom_attribute" "b" {
  name = "cost-${vsphere_custom_attribute.a.managed_object_type}-"
}
