locals {
  interfaces = 9
}
