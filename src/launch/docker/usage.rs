//! What a container uses, as the daemon tells it about once a second while it runs.

use super::container::Container;
use crate::launch::Resources;
use crate::launch::watch::Pulse;
use bollard::models::{ContainerMemoryStats, ContainerNetworkStats, ContainerStatsResponse};
use bollard::query_parameters::StatsOptionsBuilder;
use futures_util::StreamExt;
use std::time::Duration;

impl Container {
    /// Watches what it uses, as long as the daemon tells it. Never returns: that it can't be told is no trouble.
    pub async fn watch_usage(&self, used: &mut Resources, pulse: &Pulse) {
        let options = StatsOptionsBuilder::new().stream(true).build();
        let mut told = std::pin::pin!(self.daemon.docker.stats(&self.name, Some(options)));
        while let Some(Ok(stats)) = told.next().await {
            absorb(used, &stats, pulse.elapsed());
        }
        std::future::pending().await
    }
}

/// Takes one more look into account. One at a container that has just ended shows nothing.
fn absorb(used: &mut Resources, stats: &ContainerStatsResponse, at: Duration) {
    const NANOSECONDS: f64 = 1e9;
    let memory = stats.memory_stats.as_ref().and_then(memory).filter(|bytes| *bytes > 0);
    used.peak_memory = used.peak_memory.max(memory);
    if let Some(bytes) = memory {
        used.memory.see(at, bytes);
    }
    let cpu = stats.cpu_stats.as_ref().and_then(|cpu| cpu.cpu_usage.as_ref()?.total_usage).filter(|time| *time > 0);
    if let Some(cpu) = cpu {
        used.cpu = Some((cpu as f64 / NANOSECONDS).max(used.cpu.unwrap_or_default()));
    }
    used.received = used.received.max(over_networks(stats, |network| network.rx_bytes));
    used.sent = used.sent.max(over_networks(stats, |network| network.tx_bytes));
}

/// The bytes that went one way over all networks; none where nothing did, or there is no network.
fn over_networks(stats: &ContainerStatsResponse, way: fn(&ContainerNetworkStats) -> Option<u64>) -> Option<u64> {
    let bytes = stats.networks.as_ref()?.values().filter_map(way).fold(0, u64::saturating_add);
    Some(bytes).filter(|bytes| *bytes > 0)
}

/// The memory in use, without the cache of files that nobody has touched lately, as `docker stats` counts it: in bytes.
fn memory(stats: &ContainerMemoryStats) -> Option<u64> {
    let detail = |name: &str| stats.stats.as_ref()?.get(name).copied();
    // The second is what control groups of version 1 call it.
    let cache = detail("inactive_file").or_else(|| detail("total_inactive_file")).unwrap_or_default();
    Some(stats.usage?.saturating_sub(cache))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bollard::models::{ContainerCpuStats, ContainerCpuUsage};

    fn stats(usage: u64, cache: (&str, u64), cpu: u64) -> ContainerStatsResponse {
        let usage_of_cpu = ContainerCpuUsage { total_usage: Some(cpu), ..ContainerCpuUsage::default() };
        ContainerStatsResponse {
            memory_stats: Some(ContainerMemoryStats {
                usage: Some(usage),
                stats: Some([(cache.0.to_owned(), cache.1)].into()),
                ..ContainerMemoryStats::default()
            }),
            cpu_stats: Some(ContainerCpuStats { cpu_usage: Some(usage_of_cpu), ..ContainerCpuStats::default() }),
            ..ContainerStatsResponse::default()
        }
    }

    #[test]
    fn the_most_is_kept_and_nothing_is_nothing() {
        let mut used = Resources::default();
        absorb(&mut used, &stats(0, ("inactive_file", 0), 0), Duration::ZERO);
        absorb(&mut used, &ContainerStatsResponse::default(), Duration::ZERO);
        assert_eq!(used, Resources::default());
        absorb(&mut used, &stats(100, ("inactive_file", 30), 1_500_000_000), Duration::ZERO);
        absorb(&mut used, &stats(100, ("total_inactive_file", 20), 2_500_000_000), Duration::ZERO);
        absorb(&mut used, &stats(0, ("inactive_file", 0), 0), Duration::ZERO);
        assert_eq!((used.peak_memory, used.cpu, used.memory.looks().len()), (Some(80), Some(2.5), 2));
    }

    #[test]
    fn traffic_is_that_of_all_networks() {
        let network = |received, sent| ContainerNetworkStats {
            rx_bytes: Some(received),
            tx_bytes: Some(sent),
            ..ContainerNetworkStats::default()
        };
        let stats = |networks: &[(u64, u64)]| {
            let named = networks.iter().enumerate().map(|(at, way)| (format!("eth{at}"), network(way.0, way.1)));
            ContainerStatsResponse { networks: Some(named.collect()), ..ContainerStatsResponse::default() }
        };
        let mut used = Resources::default();
        absorb(&mut used, &stats(&[(0, 0)]), Duration::ZERO);
        assert_eq!(used, Resources::default());
        absorb(&mut used, &stats(&[(1000, 20), (500, 1)]), Duration::ZERO);
        // One that has just ended has no network any more.
        absorb(&mut used, &stats(&[]), Duration::ZERO);
        assert_eq!((used.received, used.sent), (Some(1500), Some(21)));
    }
}
