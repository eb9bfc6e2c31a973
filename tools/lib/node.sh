# shellcheck shell=sh
# Puts the Node that this checkout runs on first in PATH: the checkout's own, where tools/bootstrap has brought one, or the folder that
# KATAVM_NODE names. Needs root= (the checkout). Starts no process: this runs at every start of katavm.
node_folder=${KATAVM_NODE:-${root:?}/.tools/node}
if [ -x "$node_folder/bin/node" ]; then PATH=$node_folder/bin:$PATH; fi
