# A new host has a certificate that it has signed itself: compare the thumbprint with the one on its console.
data "vsphere_host_thumbprint" "esx1" {
  address  = "esx1.example.com"
  insecure = true
}

output "thumbprint" {
  value = data.vsphere_host_thumbprint.esx1.id
}
