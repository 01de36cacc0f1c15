//! long_networks
