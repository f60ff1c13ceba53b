# Flatcar: an Ignition configuration in the extra config.
module "cluster" {
  source = "{{root}}/examples/kkp-user-cluster"

  name            = "flatcar"
  datacenter      = "DC0"
  compute_cluster = "DC0_C0"
  network         = "VM Network"
  datastore       = "LocalDS_0"
  parent_folder   = "kubernetes"
  template_path   = "/DC0/vm/tpl"
  bootstrap       = "ignition"

  pools = {
    general = { num_cpus = 1, memory = 512, addresses = ["10.0.10.21/24"] }
  }
  gateway            = "10.0.10.1"
  dns_servers        = ["10.0.0.2"]
  ssh_public_keys    = ["ssh-ed25519 AAAA admin@example.com"]
  bootstrap_commands = ["kubeadm join 10.0.10.2:6443 --token kkp-secret-token"]
}
