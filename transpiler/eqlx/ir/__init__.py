"""The backend-neutral meaning of an EQL query: two-valued conditions over leaves (spec §5)."""
