variable "name" {
  description = "The bucket's name, unique in its region."
  type        = string
}

variable "region" {
  description = "A region that has Spaces."
  type        = string
}

variable "cors_origins" {
  description = "Origins of pages that may read the bucket itself."
  type        = list(string)
}
