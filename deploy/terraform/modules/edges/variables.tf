variable "name" {
  description = "What edges are called by, with a number behind."
  type        = string
}

variable "pop" {
  description = "The point of presence, in figures and in the name that all its edges share."
  type        = string
}

variable "region" {
  description = "Where they stand."
  type        = string
}

variable "vpc_id" {
  description = "The private network of the PoP."
  type        = string
}

variable "vpc_range" {
  description = "Its range: who may reach the listeners that are closed to the world."
  type        = string
}

variable "edge_count" {
  description = "How many edges."
  type        = number
}

variable "size" {
  description = "The size of a Droplet, such as c-8 or s-4vcpu-8gb."
  type        = string
}

variable "image" {
  description = "Eddy's image with its version."
  type        = string
}

variable "cache_memory" {
  description = "About half of the Droplet's memory, such as 8GiB."
  type        = string
}

variable "cache_disk" {
  description = "Most of the Droplet's disk, such as 80GiB."
  type        = string
}

variable "load_balancer" {
  description = "Whether a balancer stands in front, which speaks the PROXY protocol to edges."
  type        = bool
}

variable "domain" {
  description = "The domain that names are made in."
  type        = string
}

variable "operators" {
  description = "Addresses that may use SSH."
  type        = list(string)
}

variable "ssh_key_names" {
  description = "Keys of the account that are put on the edges."
  type        = list(string)
}

variable "origin_url" {
  description = "Where videos are."
  type        = string
}

variable "s3_endpoint" {
  description = "Where the bucket is reached by S3."
  type        = string
}

variable "s3_region" {
  description = "The bucket's region."
  type        = string
}

variable "access_key" {
  description = "May read the bucket."
  type        = string
}

variable "secret_key" {
  description = "May read the bucket."
  type        = string
  sensitive   = true
}
