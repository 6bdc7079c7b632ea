"""Generated from proto/nil/v1 (generate.sh)."""
