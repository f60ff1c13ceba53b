//! Network I/O Control of a distributed switch: shares, limits and reservations of the classes of traffic of its hosts.
use tf_framework::{Field, Model, Plan, Value};
use vsphere_client::vim::types::{
    DvsHostInfrastructureTrafficResource, DvsHostInfrastructureTrafficResourceAllocation, SharesInfo,
    SharesLevel,
};

/// The values of `<class>_share_level`.
const LEVELS: &[&str] = &["low", "normal", "high", "custom"];

/// The classes of traffic. Flatten it into the model of a switch.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct TrafficClasses {
    /// The share level for management traffic: `low`, `normal`, `high` or `custom`.
    #[tf(optional, computed, one_of_in = LEVELS)]
    pub management_share_level: Value<String>,
    /// The number of shares for management traffic. Used only if `management_share_level` is `custom`.
    #[tf(optional, computed, at_least = 0, level = "management_share_level")]
    pub management_share_count: Value<i64>,
    /// The bandwidth limit for management traffic, in Mbit/s. Set to `-1` for no limit.
    #[tf(optional, computed, at_least = -1)]
    pub management_maximum_mbit: Value<i64>,
    /// The bandwidth to reserve for management traffic, in Mbit/s.
    #[tf(optional, computed, at_least = -1)]
    pub management_reservation_mbit: Value<i64>,
    /// The share level for Fault Tolerance traffic: `low`, `normal`, `high` or `custom`.
    #[tf(optional, computed, one_of_in = LEVELS)]
    pub faulttolerance_share_level: Value<String>,
    /// The number of shares for Fault Tolerance traffic. Used only if `faulttolerance_share_level` is `custom`.
    #[tf(optional, computed, at_least = 0, level = "faulttolerance_share_level")]
    pub faulttolerance_share_count: Value<i64>,
    /// The bandwidth limit for Fault Tolerance traffic, in Mbit/s. Set to `-1` for no limit.
    #[tf(optional, computed, at_least = -1)]
    pub faulttolerance_maximum_mbit: Value<i64>,
    /// The bandwidth to reserve for Fault Tolerance traffic, in Mbit/s.
    #[tf(optional, computed, at_least = -1)]
    pub faulttolerance_reservation_mbit: Value<i64>,
    /// The share level for vMotion traffic: `low`, `normal`, `high` or `custom`.
    #[tf(optional, computed, one_of_in = LEVELS)]
    pub vmotion_share_level: Value<String>,
    /// The number of shares for vMotion traffic. Used only if `vmotion_share_level` is `custom`.
    #[tf(optional, computed, at_least = 0, level = "vmotion_share_level")]
    pub vmotion_share_count: Value<i64>,
    /// The bandwidth limit for vMotion traffic, in Mbit/s. Set to `-1` for no limit.
    #[tf(optional, computed, at_least = -1)]
    pub vmotion_maximum_mbit: Value<i64>,
    /// The bandwidth to reserve for vMotion traffic, in Mbit/s.
    #[tf(optional, computed, at_least = -1)]
    pub vmotion_reservation_mbit: Value<i64>,
    /// The share level for virtual machine traffic: `low`, `normal`, `high` or `custom`.
    #[tf(optional, computed, one_of_in = LEVELS)]
    pub virtualmachine_share_level: Value<String>,
    /// The number of shares for virtual machine traffic. Used only if `virtualmachine_share_level` is `custom`.
    #[tf(optional, computed, at_least = 0, level = "virtualmachine_share_level")]
    pub virtualmachine_share_count: Value<i64>,
    /// The bandwidth limit for virtual machine traffic, in Mbit/s. Set to `-1` for no limit.
    #[tf(optional, computed, at_least = -1)]
    pub virtualmachine_maximum_mbit: Value<i64>,
    /// The bandwidth to reserve for virtual machine traffic, in Mbit/s.
    #[tf(optional, computed, at_least = -1)]
    pub virtualmachine_reservation_mbit: Value<i64>,
    /// The share level for iSCSI traffic: `low`, `normal`, `high` or `custom`.
    #[tf(optional, computed, one_of_in = LEVELS)]
    pub iscsi_share_level: Value<String>,
    /// The number of shares for iSCSI traffic. Used only if `iscsi_share_level` is `custom`.
    #[tf(optional, computed, at_least = 0, level = "iscsi_share_level")]
    pub iscsi_share_count: Value<i64>,
    /// The bandwidth limit for iSCSI traffic, in Mbit/s. Set to `-1` for no limit.
    #[tf(optional, computed, at_least = -1)]
    pub iscsi_maximum_mbit: Value<i64>,
    /// The bandwidth to reserve for iSCSI traffic, in Mbit/s.
    #[tf(optional, computed, at_least = -1)]
    pub iscsi_reservation_mbit: Value<i64>,
    /// The share level for NFS traffic: `low`, `normal`, `high` or `custom`.
    #[tf(optional, computed, one_of_in = LEVELS)]
    pub nfs_share_level: Value<String>,
    /// The number of shares for NFS traffic. Used only if `nfs_share_level` is `custom`.
    #[tf(optional, computed, at_least = 0, level = "nfs_share_level")]
    pub nfs_share_count: Value<i64>,
    /// The bandwidth limit for NFS traffic, in Mbit/s. Set to `-1` for no limit.
    #[tf(optional, computed, at_least = -1)]
    pub nfs_maximum_mbit: Value<i64>,
    /// The bandwidth to reserve for NFS traffic, in Mbit/s.
    #[tf(optional, computed, at_least = -1)]
    pub nfs_reservation_mbit: Value<i64>,
    /// The share level for vSphere Replication traffic: `low`, `normal`, `high` or `custom`.
    #[tf(optional, computed, one_of_in = LEVELS)]
    pub hbr_share_level: Value<String>,
    /// The number of shares for vSphere Replication traffic. Used only if `hbr_share_level` is `custom`.
    #[tf(optional, computed, at_least = 0, level = "hbr_share_level")]
    pub hbr_share_count: Value<i64>,
    /// The bandwidth limit for vSphere Replication traffic, in Mbit/s. Set to `-1` for no limit.
    #[tf(optional, computed, at_least = -1)]
    pub hbr_maximum_mbit: Value<i64>,
    /// The bandwidth to reserve for vSphere Replication traffic, in Mbit/s.
    #[tf(optional, computed, at_least = -1)]
    pub hbr_reservation_mbit: Value<i64>,
    /// The share level for vSAN traffic: `low`, `normal`, `high` or `custom`.
    #[tf(optional, computed, one_of_in = LEVELS)]
    pub vsan_share_level: Value<String>,
    /// The number of shares for vSAN traffic. Used only if `vsan_share_level` is `custom`.
    #[tf(optional, computed, at_least = 0, level = "vsan_share_level")]
    pub vsan_share_count: Value<i64>,
    /// The bandwidth limit for vSAN traffic, in Mbit/s. Set to `-1` for no limit.
    #[tf(optional, computed, at_least = -1)]
    pub vsan_maximum_mbit: Value<i64>,
    /// The bandwidth to reserve for vSAN traffic, in Mbit/s.
    #[tf(optional, computed, at_least = -1)]
    pub vsan_reservation_mbit: Value<i64>,
    /// The share level for vSphere Data Protection traffic: `low`, `normal`, `high` or `custom`.
    #[tf(optional, computed, one_of_in = LEVELS)]
    pub vdp_share_level: Value<String>,
    /// The number of shares for vSphere Data Protection traffic. Used only if `vdp_share_level` is `custom`.
    #[tf(optional, computed, at_least = 0, level = "vdp_share_level")]
    pub vdp_share_count: Value<i64>,
    /// The bandwidth limit for vSphere Data Protection traffic, in Mbit/s. Set to `-1` for no limit.
    #[tf(optional, computed, at_least = -1)]
    pub vdp_maximum_mbit: Value<i64>,
    /// The bandwidth to reserve for vSphere Data Protection traffic, in Mbit/s.
    #[tf(optional, computed, at_least = -1)]
    pub vdp_reservation_mbit: Value<i64>,
    /// The share level for backup NFC traffic: `low`, `normal`, `high` or `custom`.
    #[tf(optional, computed, one_of_in = LEVELS)]
    pub backupnfc_share_level: Value<String>,
    /// The number of shares for backup NFC traffic. Used only if `backupnfc_share_level` is `custom`.
    #[tf(optional, computed, at_least = 0, level = "backupnfc_share_level")]
    pub backupnfc_share_count: Value<i64>,
    /// The bandwidth limit for backup NFC traffic, in Mbit/s. Set to `-1` for no limit.
    #[tf(optional, computed, at_least = -1)]
    pub backupnfc_maximum_mbit: Value<i64>,
    /// The bandwidth to reserve for backup NFC traffic, in Mbit/s.
    #[tf(optional, computed, at_least = -1)]
    pub backupnfc_reservation_mbit: Value<i64>,
}

/// One class of traffic in a model.
struct Class<'a> {
    /// What the API calls it.
    key: &'static str,
    /// The attribute of the number of shares.
    count: Field,
    level: &'a mut Value<String>,
    shares: &'a mut Value<i64>,
    maximum: &'a mut Value<i64>,
    reservation: &'a mut Value<i64>,
}

impl TrafficClasses {
    fn classes(&mut self) -> [Class<'_>; 10] {
        [
            Class {
                key: "management",
                count: Self::MANAGEMENT_SHARE_COUNT,
                level: &mut self.management_share_level,
                shares: &mut self.management_share_count,
                maximum: &mut self.management_maximum_mbit,
                reservation: &mut self.management_reservation_mbit,
            },
            Class {
                key: "faultTolerance",
                count: Self::FAULTTOLERANCE_SHARE_COUNT,
                level: &mut self.faulttolerance_share_level,
                shares: &mut self.faulttolerance_share_count,
                maximum: &mut self.faulttolerance_maximum_mbit,
                reservation: &mut self.faulttolerance_reservation_mbit,
            },
            Class {
                key: "vmotion",
                count: Self::VMOTION_SHARE_COUNT,
                level: &mut self.vmotion_share_level,
                shares: &mut self.vmotion_share_count,
                maximum: &mut self.vmotion_maximum_mbit,
                reservation: &mut self.vmotion_reservation_mbit,
            },
            Class {
                key: "virtualMachine",
                count: Self::VIRTUALMACHINE_SHARE_COUNT,
                level: &mut self.virtualmachine_share_level,
                shares: &mut self.virtualmachine_share_count,
                maximum: &mut self.virtualmachine_maximum_mbit,
                reservation: &mut self.virtualmachine_reservation_mbit,
            },
            Class {
                key: "iSCSI",
                count: Self::ISCSI_SHARE_COUNT,
                level: &mut self.iscsi_share_level,
                shares: &mut self.iscsi_share_count,
                maximum: &mut self.iscsi_maximum_mbit,
                reservation: &mut self.iscsi_reservation_mbit,
            },
            Class {
                key: "nfs",
                count: Self::NFS_SHARE_COUNT,
                level: &mut self.nfs_share_level,
                shares: &mut self.nfs_share_count,
                maximum: &mut self.nfs_maximum_mbit,
                reservation: &mut self.nfs_reservation_mbit,
            },
            Class {
                key: "hbr",
                count: Self::HBR_SHARE_COUNT,
                level: &mut self.hbr_share_level,
                shares: &mut self.hbr_share_count,
                maximum: &mut self.hbr_maximum_mbit,
                reservation: &mut self.hbr_reservation_mbit,
            },
            Class {
                key: "vsan",
                count: Self::VSAN_SHARE_COUNT,
                level: &mut self.vsan_share_level,
                shares: &mut self.vsan_share_count,
                maximum: &mut self.vsan_maximum_mbit,
                reservation: &mut self.vsan_reservation_mbit,
            },
            Class {
                key: "vdp",
                count: Self::VDP_SHARE_COUNT,
                level: &mut self.vdp_share_level,
                shares: &mut self.vdp_share_count,
                maximum: &mut self.vdp_maximum_mbit,
                reservation: &mut self.vdp_reservation_mbit,
            },
            Class {
                key: "backupNfc",
                count: Self::BACKUPNFC_SHARE_COUNT,
                level: &mut self.backupnfc_share_level,
                shares: &mut self.backupnfc_share_count,
                maximum: &mut self.backupnfc_maximum_mbit,
                reservation: &mut self.backupnfc_reservation_mbit,
            },
        ]
    }

    /// Plans the numbers of shares: another level brings another number.
    pub fn plan<T: Model>(config: &Self, prior: Option<&Self>, planned: &mut Plan<'_, T>, to: &Self) {
        let Some(prior) = prior else { return };
        let (mut config, mut was, mut to) = (config.clone(), prior.clone(), to.clone());
        for ((config, was), to) in config.classes().into_iter().zip(was.classes()).zip(to.classes()) {
            let level = to.level.known().map(String::as_str);
            if config.shares.is_null() && *was.level != *to.level && level != Some("custom") {
                planned.unknown(to.count);
            }
        }
    }

    /// The classes for the API that differ from those of `prior`, or that are set, for a new switch. What is not set has the
    /// value of the switch, `now`.
    pub fn changed(
        &self,
        prior: Option<&Self>,
        now: &[DvsHostInfrastructureTrafficResource],
    ) -> Vec<DvsHostInfrastructureTrafficResource> {
        let (mut planned, mut before) = (self.clone(), prior.cloned().unwrap_or_default());
        let mut out = vec![];
        for (class, was) in planned.classes().into_iter().zip(before.classes()) {
            let same = (&*class.level, &*class.shares, &*class.maximum, &*class.reservation)
                == (&*was.level, &*was.shares, &*was.maximum, &*was.reservation);
            let set = class.level.known().is_some()
                || [&*class.shares, &*class.maximum, &*class.reservation].iter().any(|v| v.known().is_some());
            if same || !set {
                continue;
            }
            let mut resource = now.iter().find(|r| r.key == class.key).cloned().unwrap_or_default();
            resource.key = class.key.to_owned();
            let DvsHostInfrastructureTrafficResourceAllocation { limit, reservation, shares } =
                &mut resource.allocation_info;
            *limit = class.maximum.known().copied().or(*limit);
            *reservation = class.reservation.known().copied().or(*reservation);
            if let Some(level) = class.level.known() {
                let level = match level.as_str() {
                    "low" => SharesLevel::Low,
                    "high" => SharesLevel::High,
                    "custom" => SharesLevel::Custom,
                    _ => SharesLevel::Normal,
                };
                let count = class.shares.known().copied().unwrap_or_default();
                let count = i32::try_from(count).unwrap_or_default();
                *shares = Some(Box::new(SharesInfo { shares: count, level }));
            }
            out.push(resource);
        }
        out
    }

    /// With what the switch reports.
    #[must_use]
    pub fn observed(mut self, now: &[DvsHostInfrastructureTrafficResource]) -> Self {
        for class in self.classes() {
            let Some(resource) = now.iter().find(|r| r.key == class.key) else { continue };
            let allocation = &resource.allocation_info;
            *class.maximum = allocation.limit.into();
            *class.reservation = allocation.reservation.into();
            if let Some(shares) = &allocation.shares {
                *class.level = shares.level.as_str().into();
                *class.shares = i64::from(shares.shares).into();
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_classes_that_change_are_sent() {
        let prior = TrafficClasses {
            vmotion_share_level: "normal".into(),
            vmotion_share_count: 50.into(),
            nfs_share_level: "low".into(),
            nfs_share_count: 25.into(),
            ..TrafficClasses::default()
        };
        assert_eq!(prior.changed(Some(&prior), &[]), []);
        let plan = TrafficClasses { vmotion_maximum_mbit: 1000.into(), ..prior.clone() };
        let sent = plan.changed(Some(&prior), &[]);
        assert_eq!(sent.len(), 1);
        assert_eq!((sent[0].key.as_str(), sent[0].allocation_info.limit), ("vmotion", Some(1000)));
        assert_eq!(TrafficClasses::default().observed(&sent).vmotion_maximum_mbit, 1000.into());
        // A new switch: what is unknown is left to vCenter.
        let new = TrafficClasses { nfs_share_level: Value::Unknown, ..plan };
        assert_eq!(new.changed(None, &[]).len(), 2);
    }
}
