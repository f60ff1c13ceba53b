module "control_plane" {
  source     = "{{root}}/examples/capv-parity//ha-control-plane"
  name       = "shop"
  replicas   = 2
  template   = { id = "", guest_id = "", firmware = "" }
  placements = { a = { resource_pool_id = "", datastore_id = "", network_id = "", compute_cluster_id = "" } }
}

module "addresses" {
  source       = "{{root}}/examples/capv-parity//static-ipam"
  subnet       = "10.0.10.0/24"
  gateway      = "10.0.10.1"
  range        = { first = 11, last = 50 }
  reservations = { shop-0 = 11, shop-1 = 11 }
}

module "proxy" {
  source     = "{{root}}/examples/capv-parity//http-proxy"
  http_proxy = "proxy.example.com:3128"
}
