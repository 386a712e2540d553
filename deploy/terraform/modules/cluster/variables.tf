variable "name" {
  description = "What the cluster is called."
  type        = string
}

variable "region" {
  description = "Where it stands."
  type        = string
}

variable "vpc_id" {
  description = "The private network of the PoP."
  type        = string
}

variable "version_prefix" {
  description = "A release of Kubernetes, with its last dot; 1.27 to 1.36 are those that the manifests are held against."
  type        = string
}

variable "ha" {
  description = "Whether the control plane outlives the loss of a machine."
  type        = bool
}

variable "operators" {
  description = "Addresses that may reach the control plane; all where it is empty."
  type        = list(string)
}

variable "pools" {
  description = "Pools of nodes for edges by name. dedicated ones take nothing but edges (taint eddy/edges-only)."
  type = map(object({
    size      = string
    min_nodes = number
    max_nodes = number
    dedicated = bool
  }))
}

variable "registry" {
  description = "Whether nodes may pull from the account's own registry."
  type        = bool
}
