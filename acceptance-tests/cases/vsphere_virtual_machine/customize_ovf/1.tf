resource "vsphere_virtual_machine" "v" {
  name             = "packaged"
  resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id     = "{{moid /DC0/datastore/LocalDS_0}}"
  host_system_id   = "{{moid /DC0/host/DC0_C0/DC0_C0_H0}}"
  guest_id         = "otherLinuxGuest"
  num_cpus         = 2
  memory           = 128

  ovf_deploy {
    local_ovf_path    = "files/small.ova"
    disk_provisioning = "thin"
    ovf_network_map = {
      nat = "{{moid /DC0/network/DC0_DVPG0}}"
    }
  }

  customize {
    timeout         = 1
    dns_server_list = ["10.0.0.2"]
    linux_options {
      host_name = "web-1"
      domain    = "example.com"
    }
    network_interface {
      ipv4_address = "10.0.0.11"
      ipv4_netmask = 24
      ipv4_gateway = "10.0.0.1"
    }
  }
}
