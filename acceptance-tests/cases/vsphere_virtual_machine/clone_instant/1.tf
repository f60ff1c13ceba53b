resource "vsphere_folder" "team" {
  path          = "team"
  type          = "vm"
  datacenter_id = "{{moid /DC0}}"
}
resource "vsphere_virtual_machine" "vm" {
  name                       = "web"
  folder                     = vsphere_folder.team.path
  resource_pool_id           = "{{moid /DC0/host/DC0_C0/Resources}}"
  guest_id                   = "ubuntu64Guest"
  bios_uuid                  = "4231b6c2-7a3f-4d0e-9c59-0f6d2a1b8e47"
  num_cpus                   = 2
  memory                     = 2048
  cpu_hot_add_enabled        = true
  annotation                 = "an instant clone"
  wait_for_guest_net_timeout = 0
  extra_config = {
    "guestinfo.ipaddress" = "192.0.2.7"
  }
  clone {
    template_uuid = "{{moid /DC0/vm/src}}"
    instant_clone = true
  }
  network_interface {
    network_id = "{{moid /DC0/network/DC0_DVPG0}}"
  }
  disk {
    label = "disk0"
    size  = 1
  }
}
