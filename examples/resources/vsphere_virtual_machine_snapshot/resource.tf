data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_virtual_machine" "web" {
  name          = "web-1"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

# Changing the name for the next upgrade replaces the snapshot with a new one.
resource "vsphere_virtual_machine_snapshot" "before_upgrade" {
  virtual_machine_uuid = data.vsphere_virtual_machine.web.id
  snapshot_name        = "before 2.4"
  description          = "Taken before the upgrade"
  memory               = true
  quiesce              = false
}
