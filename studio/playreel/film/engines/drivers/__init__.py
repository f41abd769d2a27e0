"""Drivers: one for each family of diffusers pipelines."""
