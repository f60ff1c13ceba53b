resource "vsphere_virtual_machine" "vm" {
  name                       = "web"
  resource_pool_id           = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id               = "{{moid /DC0/datastore/LocalDS_0}}"
  guest_id                   = "ubuntu64Guest"
  wait_for_guest_net_timeout = 0
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  disk {
    label = "disk0"
    size  = 1
  }
  num_cpus            = 4
  memory              = 2048
  memory_reservation  = 2048
  cpu_hot_add_enabled = true
  annotation          = "resized later"
  video_card {
    num_displays       = 2
    total_video_memory = 16
  }
  resize_policy = "next_power_off"
}
