//! The video card.
use tf_framework::{Model, Value};

/// The video card.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct VideoCardModel {
    /// The number of displays.
    #[tf(required, range(1, 10))]
    pub num_displays: Value<i64>,
    /// The video memory, in MiB.
    #[tf(required, at_least = 1)]
    pub total_video_memory: Value<i64>,
    /// The three-dimensional graphics; without the block there are none.
    #[tf(block)]
    pub graphics_3d: Value<Vec<Graphics3dModel>>,
    /// The key of the device in its machine.
    #[tf(computed)]
    pub key: Value<i64>,
    /// Where it hangs.
    #[tf(computed)]
    pub device_address: Value<String>,
}

/// Three-dimensional graphics.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct Graphics3dModel {
    /// What draws: `automatic`, `hardware` or `software`.
    #[tf(optional, one_of("automatic", "hardware", "software"))]
    pub renderer: Value<String>,
    /// The memory for it, in MiB.
    #[tf(optional, at_least = 0)]
    pub memory: Value<i64>,
}
