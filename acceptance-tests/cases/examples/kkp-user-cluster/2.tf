# One worker node more, and a tag less.
module "cluster" {
  source = "{{root}}/examples/kkp-user-cluster"

  name            = "blue"
  tags            = ["team-blue"]
  datacenter      = "DC0"
  compute_cluster = "DC0_C0"
  network         = "VM Network"
  datastore       = "LocalDS_0"
  ova             = { source = "files/cloud-image.ova" }

  pools = {
    general = { replicas = 3, num_cpus = 1, memory = 512 }
    static  = { num_cpus = 1, memory = 256, disk_size = 2, addresses = ["10.0.10.11/24"] }
  }
  gateway            = "10.0.10.1"
  dns_servers        = ["10.0.0.2"]
  ssh_public_keys    = ["ssh-ed25519 AAAA admin@example.com"]
  bootstrap_commands = ["kubeadm join 10.0.10.2:6443 --token kkp-secret-token"]
}
