//! The video card.
use tf_framework::{Model, Value};

/// The video card.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct VideoCardModel {
    /// The number of displays.
    #[tf(required, range(1, 10))]
    pub num_displays: Value<i64>,
    /// The total video memory, in MiB.
    #[tf(required, at_least = 1)]
    pub total_video_memory: Value<i64>,
    /// The 3D graphics settings. If the block is omitted, 3D support is disabled.
    #[tf(block)]
    pub graphics_3d: Value<Vec<Graphics3dModel>>,
    /// The device key in the virtual machine.
    #[tf(computed)]
    pub key: Value<i64>,
    /// The address of the video card.
    #[tf(computed)]
    pub device_address: Value<String>,
}

/// The 3D graphics settings.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct Graphics3dModel {
    /// The 3D renderer: `automatic`, `hardware` or `software`.
    #[tf(optional, one_of("automatic", "hardware", "software"))]
    pub renderer: Value<String>,
    /// The graphics memory, in MiB.
    #[tf(optional, at_least = 0)]
    pub memory: Value<i64>,
}
