# A template from an OVA, a datastore, and cloud-init data in the extra config.
module "cluster" {
  source = "{{root}}/examples/kkp-user-cluster"

  name            = "blue"
  tags            = ["team-blue", "production"]
  datacenter      = "DC0"
  compute_cluster = "DC0_C0"
  network         = "VM Network"
  datastore       = "LocalDS_0"
  ova             = { source = "files/cloud-image.ova" }

  pools = {
    general = { replicas = 2, num_cpus = 1, memory = 512 }
    static  = { num_cpus = 1, memory = 256, disk_size = 2, addresses = ["10.0.10.11/24"] }
  }
  gateway            = "10.0.10.1"
  dns_servers        = ["10.0.0.2"]
  ssh_public_keys    = ["ssh-ed25519 AAAA admin@example.com"]
  bootstrap_commands = ["kubeadm join 10.0.10.2:6443 --token kkp-secret-token"]
}

output "snippet" {
  value = module.cluster.cluster_snippet
}

output "workers" {
  value = module.cluster.workers
}
