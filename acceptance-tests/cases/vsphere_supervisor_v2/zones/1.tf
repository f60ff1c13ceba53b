resource "vsphere_compute_cluster" "more" {
  for_each      = toset(["c2", "c3"])
  name          = each.key
  datacenter_id = "{{moid /DC0}}"
}

resource "vsphere_zone" "z" {
  for_each = {
    zone-1 = "{{moid /DC0/host/DC0_C0}}"
    zone-2 = vsphere_compute_cluster.more["c2"].id
    zone-3 = vsphere_compute_cluster.more["c3"].id
  }
  name        = each.key
  cluster_ids = [each.value]
}

data "vsphere_distributed_virtual_switch" "dvs" {
  name          = "DVS0"
  datacenter_id = "{{moid /DC0}}"
}

resource "vsphere_supervisor_v2" "s" {
  zones = [vsphere_zone.z["zone-1"].id, vsphere_zone.z["zone-2"].id, vsphere_zone.z["zone-3"].id]
  name  = "three-zones"

  control_plane {
    network {
      backing {
        segments = ["network-7", "{{moid /DC0/network/DC0_DVPG0}}"]
      }
    }
  }

  workloads {
    network {
      nsx {
        dvs                     = data.vsphere_distributed_virtual_switch.dvs.id
        namespace_subnet_prefix = 28
      }
    }

    edge {
      nsx {
        edge_cluster = "edge-1"
        t0_gateway   = "t0"
        routing_mode = "NAT"

        egress_ip_range {
          address = "10.10.11.0"
          count   = 256
        }
      }
    }

    kube_api_server_options {}
  }
}
