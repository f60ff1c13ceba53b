# A new host has a self-signed certificate: compare the thumbprint with the one on the host console.
data "vsphere_host_thumbprint" "esx1" {
  address  = "esx1.example.com"
  insecure = true
}

output "thumbprint" {
  value = data.vsphere_host_thumbprint.esx1.id
}
