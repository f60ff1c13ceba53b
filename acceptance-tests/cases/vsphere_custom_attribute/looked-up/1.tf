data "vsphere_custom_attribute" "rack" {
  name = "rack"
}

data "vsphere_custom_attribute" "owner" {
  name = "owner"
}

resource "vsphere_custom_attribute" "a" {
  name = join(" ", [
    for a in [data.vsphere_custom_attribute.rack, data.vsphere_custom_attribute.owner] : "${a.name}=${a.managed_object_type}"
  ])
}
