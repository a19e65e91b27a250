"""What is known of fields: the ECS catalogue, users' lists, data's own columns."""
