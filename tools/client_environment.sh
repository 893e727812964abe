#!/bin/bash
# Makes what one of the clients of the tests needs, once, and prints its folder.
# usage: client_environment.sh mcp-2|mcp-1|fastmcp|typescript
. "$(dirname "$0")/lib.sh"
cd "$ATONCE_ROOT"

case ${1:-} in
  mcp-2) exec tools/python_packages.sh mcp-2-client mcp==2.3.0 ;;
  mcp-1) exec tools/python_packages.sh mcp-1-client mcp==1.30.0 ;;
  fastmcp) exec tools/python_packages.sh fastmcp-client fastmcp==4.2.3 ;;
  typescript) exec tools/node_packages.sh typescript-client @modelcontextprotocol/client@2.4.0 ;;
  *) fail "unknown client '${1:-}'" "client_environment.sh mcp-2|mcp-1|fastmcp|typescript" ;;
esac
