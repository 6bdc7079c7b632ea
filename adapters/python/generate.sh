#!/bin/sh
# Writes nil_runtime/gen/*_pb2.py and .pyi from proto/nil/v1: pip install grpcio-tools==1.75.1, then sh adapters/python/generate.sh.
# That version's code runs with protobuf 6.31 and later; the files are committed.
set -e
cd "$(dirname "$0")"
"${PYTHON:-python3}" -m grpc_tools.protoc "-Inil_runtime/gen=../../proto/nil/v1" --python_out=. --pyi_out=. \
  nil_runtime/gen/graph.proto nil_runtime/gen/control.proto
