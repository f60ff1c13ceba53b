locals {
  names = ["b", "c"]
}
