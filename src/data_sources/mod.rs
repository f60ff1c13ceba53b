//! Data sources: one file each.
mod custom_attribute;
mod tag;
mod tag_category;

pub use custom_attribute::CustomAttribute;
pub use tag::Tag;
pub use tag_category::TagCategory;
