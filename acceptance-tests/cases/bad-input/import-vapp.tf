# Paths and IDs of other objects
import {
  to = vsphere_vapp_container.v
  id = "/DC0/host/DC0_C0/Resources"
}

import {
  to = vsphere_vapp_entity.e
  id = "vm-12"
}

resource "vsphere_vapp_container" "v" {
  name                    = "shop"
  parent_resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
}

resource "vsphere_vapp_entity" "e" {
  target_id    = "vm-12"
  container_id = "resgroup-v8"
}
