locals {
  addresses = 50
}
