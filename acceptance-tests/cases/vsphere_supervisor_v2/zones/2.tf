resource "vsphere_supervisor_v2" "s" {
  zones = [vsphere_zone.z["zone-3"].id, vsphere_zone.z["zone-2"].id, vsphere_zone.z["zone-1"].id]
}
