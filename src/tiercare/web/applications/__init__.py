"""变更申请: a consortium office proposes a change of the network, the health commission decides."""
