# With the module kkp-images: its template and snippet, a datastore cluster, and an ISO image.
module "images" {
  source = "{{root}}/examples/kkp-images"

  datacenter       = "DC0"
  compute_cluster  = "DC0_C0"
  datastore        = "LocalDS_0"
  network          = "VM Network"
  names            = ["ubuntu-22.04"]
  enable_disk_uuid = true

  overrides = {
    "ubuntu-22.04" = { source = "files/cloud-image.ova" }
  }
}

module "cluster" {
  source = "{{root}}/examples/kkp-user-cluster"

  name              = "blue"
  tags              = ["team-blue"]
  datacenter        = "DC0"
  compute_cluster   = "DC0_C0"
  network           = "VM Network"
  datastore_cluster = "DC0_POD0"
  template          = module.images.templates["ubuntu-22.04"]

  pools = {
    general = { num_cpus = 1, memory = 512 }
  }
  bootstrap          = "iso"
  iso_datastore      = "LocalDS_0"
  vendor_data        = module.images.vmxnet3_cloud_config
  ssh_public_keys    = ["ssh-ed25519 AAAA admin@example.com"]
  bootstrap_commands = ["kubeadm join 10.0.10.2:6443 --token kkp-secret-token"]
}

output "snippet" {
  value = module.cluster.cluster_snippet
}
