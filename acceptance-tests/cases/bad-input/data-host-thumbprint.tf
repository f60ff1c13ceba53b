# Addresses that are none
data "vsphere_host_thumbprint" "url" {
  address = "https://esx1.example.com"
}

data "vsphere_host_thumbprint" "port" {
  address = "esx1.example.com:443"
}

data "vsphere_host_thumbprint" "no_port" {
  address = "esx1.example.com"
  port    = "70000"
}
