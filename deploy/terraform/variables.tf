variable "name" {
  description = "What everything is called by, such as eddy or acme-video."
  type        = string
  default     = "eddy"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,24}$", var.name))
    error_message = "name is 2 to 25 of a-z, 0-9 and hyphen, and begins with a letter."
  }
}

variable "bucket_region" {
  description = "Where the bucket of all videos lies."
  type        = string
  default     = "fra1"
}

variable "cors_origins" {
  description = "Pages that may read the bucket itself; viewers go to edges and need none."
  type        = list(string)
  default     = []
}

variable "domain" {
  description = "A domain that DigitalOcean's name servers answer for; edges get names below it."
  type        = string
}

variable "pops" {
  description = "Points of presence by name: the region, its private range, and what stands there: a cluster, Droplets, or both."
  type = map(object({
    region   = string
    ip_range = string
    cluster = optional(object({
      version_prefix = optional(string, "1.33.")
      ha             = optional(bool, true)
      operators      = optional(list(string), [])
      pools = map(object({
        size      = string
        min_nodes = number
        max_nodes = number
        dedicated = optional(bool, false)
      }))
    }))
    droplets = optional(object({
      count         = number
      size          = string
      image_tag     = string
      cache_memory  = string
      cache_disk    = string
      load_balancer = optional(bool, false)
    }))
  }))

  validation {
    condition     = alltrue([for pop in var.pops : can(cidrhost(pop.ip_range, 0))])
    error_message = "ip_range of each PoP is a range such as 10.20.0.0/20; no two PoPs share one."
  }
}

variable "image_repository" {
  description = "Where Droplets get Eddy's image, without its tag."
  type        = string
  default     = "ghcr.io/example/eddy"
}

variable "operators" {
  description = "Addresses that may use SSH and read metrics of Droplets. Nobody where it is empty."
  type        = list(string)
  default     = []
}

variable "ssh_key_names" {
  description = "Keys of the account that are put on Droplets."
  type        = list(string)
  default     = []
}

variable "registry_tier" {
  description = "A container registry of your own: starter, basic or professional; empty makes none."
  type        = string
  default     = ""
}
