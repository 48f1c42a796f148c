"""Computers with Linux as boards: in qemu-user for their bytes, by ssh for their time as well."""
