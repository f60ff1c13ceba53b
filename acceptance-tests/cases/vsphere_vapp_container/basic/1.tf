resource "vsphere_vapp_container" "a" {
  name                    = "shop"
  parent_resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
}

# In another vApp: it has no folder.
resource "vsphere_vapp_container" "inner" {
  name                    = "database"
  parent_resource_pool_id = vsphere_vapp_container.a.id
}

data "vsphere_vapp_container" "by_name" {
  name          = vsphere_vapp_container.a.name
  datacenter_id = "{{moid /DC0}}"
}

data "vsphere_vapp_container" "by_path" {
  name          = "/DC0/vm/${vsphere_vapp_container.a.name}/${vsphere_vapp_container.inner.name}"
  datacenter_id = "{{moid /DC0}}"

  lifecycle {
    postcondition {
      condition     = self.id == vsphere_vapp_container.inner.id && data.vsphere_vapp_container.by_name.id == vsphere_vapp_container.a.id
      error_message = "another vApp was found"
    }
  }
}
