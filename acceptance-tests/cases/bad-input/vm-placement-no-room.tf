# A disk that fits nowhere
# command: apply
resource "vsphere_virtual_machine" "vm" {
  name     = "web"
  guest_id = "ubuntu64Guest"
  placement {
    compute_cluster_ids = ["{{moid /DC0/host/DC0_C0}}"]
  }
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  disk {
    label = "disk0"
    size  = 60000
  }
}
