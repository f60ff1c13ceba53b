# All hosts to choose from have the virtual machine that the new one must be apart from.
data "vsphere_virtual_machine_placement" "p" {
  name                              = "web-2"
  compute_cluster_ids               = ["{{moid /DC0/host/DC0_C0}}"]
  host_system_ids                   = [data.vsphere_virtual_machine.web.host_system_id]
  anti_affinity_virtual_machine_ids = [data.vsphere_virtual_machine.web.id]
  disk_sizes                        = [20]
}
data "vsphere_virtual_machine" "web" {
  name = "DC0_C0_RP0_VM0"
}
